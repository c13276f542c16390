from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, UsageError, read, write
from converters.formats import formats

RECORD = {
    "id": "a",
    "tokenized_text": ["University", "of", "Rome", "'s", "rector", "."],
    "ner": [[0, 2, "organization"], [2, 2, "capital city"]],
    "ner_negatives": ["animal"],
    "meta": {"page": 3},
}


def parse(path: Path, *records: object, report: Report | None = None, **options: object) -> list[Document]:
    lines = (record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records)
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(read(path, format="gliner", report=report or Report(), options=ReadOptions(**options)))  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_record_is_read_and_written_back_field_for_field(tmp_path: Path, suffix: str) -> None:
    report = Report()
    [document] = parse(tmp_path / f"a{suffix}", RECORD, report=report)
    assert document.text == "University of Rome's rector."
    assert document.spans == ((0, 18, "organization"), (14, 18, "capital city"))
    assert [(repair.name, repair.text) for repair in report.repairs] == [("spacing", "reconstructed")]
    assert document.meta == {"source": f"a{suffix}", "page": 3, "__record__": {"ner_negatives": ["animal"]}}
    write([document, replace(document, id="b")], tmp_path / f"b{suffix}", format="gliner")
    text = (tmp_path / f"b{suffix}").read_text(encoding="utf-8")
    record = RECORD | {"meta": {"source": f"a{suffix}", "page": 3}}
    found = json.loads(text) if suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    assert found == [record, record | {"id": "b"}]
    back = list(read(tmp_path / f"b{suffix}", report=report))
    assert back == [document] * 2
    assert [(d.id, d.meta) for d in back] == [("a", document.meta), ("b", document.meta)]


@given(document=documents(), more=st.booleans())
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, document: Document, more: bool) -> None:
    path = tmp_path_factory.mktemp("gliner") / "a.jsonl"
    assert document.tokens is not None
    if more and document.tokens:  # entities may overlap
        whole = Span(document.tokens.starts[0], document.tokens.ends[-1], "ALL OF IT")
        document = replace(document, spans=(*document.spans, whole))
    assert document.tokens is not None
    report = Report()
    write([document], path, format="gliner", report=report)
    [back] = read(path, report=Report())
    assert (back.words, back.id) == (document.words, document.id)
    assert [back.token_span(s) for s in back.spans] == [document.token_span(s) for s in document.spans]
    assert [loss.kind for loss in report.lost] == ["field"] * (len(document.tokens.sentences or ()) > 1)


def test_tokens_of_white_space_are_none_and_that_is_told(tmp_path: Path) -> None:
    report = Report()
    ner = [[0, 1, "X"], [1, 1, "Y"], [2, 2, "Z"]]
    [document] = parse(tmp_path / "a.json", {"tokenized_text": ["a", "\n", " b "], "ner": ner}, report=report)
    assert (document.words, document.spans) == (["a", "b"], ((0, 1, "X"), (2, 3, "Z")))
    assert [(loss.kind, loss.text, loss.reason) for loss in report.lost] == [
        ("token", "\n", "it is white space alone"),
        ("span", "\n", "it is white space alone"),
    ]


def test_losses_and_repairs_are_told(tmp_path: Path) -> None:
    report = Report()
    ner = [[0, 0, "X"], [0, 0, "X"]]
    record = {"tokenized_text": ["a"], "ner": ner, "relations": [[0, 1, "r"]]}
    [document] = parse(tmp_path / "a.json", record, report=report)
    assert document.spans == ((0, 1, "X"),)
    assert [repair.name for repair in report.repairs] == ["spacing", "merge twins"]
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", "relations")]
    report = Report()
    tokens = Tokens.make([0, 2], [1, 4], [0, 1], {"pos": ["A", "B"]})
    spans = (Span(0, 4, "X"), Span(0, 1, "X"), Span(2, 3, "Y"))
    meta = {"source": "s", "__record__": {"ner": 1}}
    document = Document("a bc", spans, tokens, {spans[0]: {"kb_id": "Q1"}}, meta=meta)
    write([document], tmp_path / "b.json", format="gliner", report=report)
    assert [(loss.kind, loss.text) for loss in report.lost] == [
        ("span", "b"),
        ("field", "pos"),
        ("field", "2 sentences"),
        ("field", "kb_id"),
        ("field", "ner"),
    ]
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8")) == [
        {"tokenized_text": ["a", "bc"], "ner": [[0, 1, "X"], [0, 0, "X"]], "meta": {"source": "s"}}
    ]
    with pytest.raises(UsageError, match="gliner needs tokens, and this document has none"):
        write([Document("a")], tmp_path / "b.json", format="gliner", report=report)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("7", "a.json:1:1: the record should be an object and is 7"),
        ({}, "a.json:1:1: tokenized_text should be an array and is missing"),
        ({"tokenized_text": [1]}, "a.json:1:21: tokenized_text[0] should be a string and is 1"),
        ({"tokenized_text": ["a", None]}, "a.json:1:26: tokenized_text[1] should be a string and is missing"),
        ({"tokenized_text": ["a"], "ner": {}}, "a.json:1:34: ner should be an array and is {}"),
        ({"tokenized_text": ["a"], "ner": [1]}, "a.json:1:35: ner[0] should be an array and is 1"),
        (
            {"tokenized_text": ["a"], "ner": [[0]]},
            "a.json:1:35: ner[0] has 1 parts (it should be [first, last, label])",
        ),
        (
            {"tokenized_text": ["a"], "ner": [[0, 1, "X"]]},
            "a.json:1:35: ner[0] at tokens 0 to 1 is empty or outside the 1 tokens "
            "(tokens count from 0, and the last is inside)",
        ),
        (
            {"tokenized_text": ["a", "b"], "ner": [[1, 0, "X"]]},
            "a.json:1:40: ner[0] at tokens 1 to 0 is empty or outside the 2 tokens",
        ),
        (
            {"tokenized_text": ["a"], "ner": [[0, 0.5, "X"]]},
            "a.json:1:39: ner[0][1] should be a whole number and is 0.5",
        ),
        (
            {"tokenized_text": ["a"], "ner": [[0, 0, None]]},
            "a.json:1:42: ner[0][2] should be a string and is missing",
        ),
        ({"tokenized_text": ["a"], "ner": [[0, 0, ""]]}, "a.json:1:42: '' is no label"),
        ({"tokenized_text": ["a"], "meta": 1}, "a.json:1:35: meta should be an object and is 1"),
        ({"tokenized_text": ["a"], "id": {}}, "a.json:1:33: id should be a string or a whole number and is {}"),
        (
            {"tokenized_text": ["a"], "ner": [], "spans": [{"start": 0, "end": 1}]},
            "a.json:1:47: spans has entities as another format has them "
            "(is the file of several formats? divide it, and name each with --from)",
        ),
        (
            '[{"id": 1, "tokenized_text": ["a"]},\n {"tokenized_text": ["b"], "id": "1"}]',
            "a.json:2:34: a second document with the id '1', the first is in line 1 (give each its own, or none)",
        ),
    ],
)
def test_what_is_wrong_with_a_record_is_told(tmp_path: Path, record: object, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.json", record)
    assert str(error.value).removeprefix(f"{tmp_path}/").startswith(message)


@pytest.mark.parametrize(
    ("beginning", "is_ours"),
    [
        ('{"tokenized_text": ["a"], "ner": []}', True),
        ('[\n{"id": 1, "tokenized_text": [', True),
        ('{"tokens": ["a"], "ner_tags": ["O"]}', False),
        ('{"text": "\\"tokenized_text\\": [", "label": []}', False),
        ('["a", {"entities": []}]', False),
    ],
)
def test_it_is_known_by_its_beginning(beginning: str, is_ours: bool) -> None:
    sniff = formats()["gliner"].sniff
    assert sniff is not None
    assert sniff(beginning.encode()) is is_ours


def test_with_keep_going_the_rest_is_read(tmp_path: Path) -> None:
    report = Report(keep_going=True)
    good = {"tokenized_text": ["a"], "ner": []}
    assert len(parse(tmp_path / "a.jsonl", good, {}, good, report=report)) == 2
    assert len(report.failures) == 1
