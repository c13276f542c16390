from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example, offsets_to_biluo_tags
from strategies import documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, WriteOptions, read, write
from converters.formats import formats

ANNOTATIONS = {
    "entities": [[0, 4, "LOC"], [9, 17, "BIG CITY"]],
    "cats": {"x": 1.0},
    "meta": {"id": "a", "source": "s.txt", "page": 3},
}
RECORD = ["Rome’s 😀 New York", ANNOTATIONS]


def parse(path: Path, *records: object, report: Report | None = None, **options: object) -> list[Document]:
    lines = (record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records)
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(read(path, format="spacy-v2", report=report or Report(), options=ReadOptions(**options)))  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_record_is_read_and_written_back_field_for_field(tmp_path: Path, suffix: str) -> None:
    [document] = parse(tmp_path / f"a{suffix}", RECORD)
    assert document.spans == ((0, 4, "LOC"), (9, 17, "BIG CITY"))
    assert (document.id, document.tokens, document.meta["page"]) == ("a", None, 3)
    write([document, replace(document, id="b")], tmp_path / f"b{suffix}", format="spacy-v2")
    text = (tmp_path / f"b{suffix}").read_text(encoding="utf-8")
    found = json.loads(text) if suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    assert found == [RECORD, [RECORD[0], ANNOTATIONS | {"meta": {"id": "b", "source": "s.txt", "page": 3}}]]
    back = list(read(tmp_path / f"b{suffix}"))
    assert back == [document, document]
    assert [(d.id, d.meta) for d in back] == [("a", document.meta), ("b", document.meta)]


def test_objects_are_read_as_well(tmp_path: Path) -> None:
    [document] = parse(tmp_path / "a.jsonl", {"text": "in Rome", "entities": [[3, 7, "LOC"]], "k": 1})
    assert (document.text, document.spans, document.id) == ("in Rome", ((3, 7, "LOC"),), "a")
    write([document], tmp_path / "b.jsonl", format="spacy-v2")
    assert json.loads((tmp_path / "b.jsonl").read_text(encoding="utf-8")) == [
        "in Rome",
        {"entities": [[3, 7, "LOC"]], "k": 1, "meta": {"id": "a", "source": "a.jsonl"}},
    ]


@given(document=documents(), unit=st.sampled_from(["char", "utf16"]), more=st.booleans())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, document: Document, unit: str, more: bool
) -> None:
    path = tmp_path_factory.mktemp("spacy-v2") / "a.jsonl"
    if more and document.text.strip():  # entities may overlap
        whole = document.text.strip()
        start = document.text.index(whole)
        document = replace(document, spans=(*document.spans, Span(start, start + len(whole), "ALL")))
    report = Report()
    write([document], path, format="spacy-v2", options=WriteOptions(offset_unit=unit), report=report)  # type: ignore[arg-type]
    [back] = read(path, options=ReadOptions(offset_unit=unit))  # type: ignore[arg-type]
    assert (back.text, back.spans, back.id) == (document.text, document.spans, document.id)
    assert document.tokens is not None
    sentences, tokens = len(document.tokens.sentences or ()), len(document.tokens)
    assert [(loss.kind, loss.reason, loss.count) for loss in report.lost] == [
        *[("field", "spacy-v2: it holds no sentences", 1)] * (sentences > 1),
        *[("token", "spacy-v2: it holds no tokens", tokens)] * (tokens > 0),
    ]


def test_utf16_offsets_are_turned_into_characters(tmp_path: Path) -> None:
    record = ["😀 Rome", {"entities": [[3, 7, "LOC"]]}]
    [document] = parse(tmp_path / "a.json", record, offset_unit="utf16")
    assert document.spans == ((2, 6, "LOC"),)
    write([document], tmp_path / "b.json", format="spacy-v2", options=WriteOptions(offset_unit="utf16"))
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))[0][1]["entities"] == [[3, 7, "LOC"]]


def test_spacy_reads_what_we_write_and_we_read_what_it_gives(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    text = "Shaka Khan saw 😀 in New York."
    document = Document(text, (Span(0, 10, "PERSON"), Span(20, 28, "LOC")), id="a")
    write([document], tmp_path / "a.json", format="spacy-v2")
    [[read_text, annotations]] = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    example = Example.from_dict(nlp.make_doc(read_text), {"entities": annotations["entities"]})
    assert [(e.start_char, e.end_char, e.label_) for e in example.reference.ents] == list(document.spans)
    tags = offsets_to_biluo_tags(nlp.make_doc(read_text), [tuple(e) for e in annotations["entities"]])
    assert tags == ["B-PERSON", "L-PERSON", "O", "O", "O", "B-LOC", "L-LOC", "O"]
    doc = example.reference
    theirs = [doc.text, {"entities": [(e.start_char, e.end_char, e.label_) for e in doc.ents]}]
    [back] = parse(tmp_path / "b.jsonl", theirs)
    assert back == document


def test_losses_and_repairs_are_told(tmp_path: Path) -> None:
    report = Report()
    entities = [[0, 3, "X"], [1, 2, "X"]]
    [document] = parse(tmp_path / "a.json", [" a ", {"entities": entities}], report=report)
    assert document.spans == ((1, 2, "X"),)
    assert [repair.name for repair in report.repairs] == ["trim white space", "merge twins"]
    span = Span(0, 1, "X")
    tokens = Tokens.make([0, 2], [1, 3], [0, 1], {"pos": ["A", "B"]})
    document = Document("a b", (span,), tokens, {span: {"kb_id": "Q1"}}, meta={"__record__": {"text": "no", "k": 1}})
    write([document], tmp_path / "b.json", format="spacy-v2", report=report)
    assert [(loss.kind, loss.text, loss.reason, loss.count) for loss in report.lost] == [
        ("field", "pos", "spacy-v2: it holds no columns of tokens", 1),
        ("field", "2 sentences", "spacy-v2: it holds no sentences", 1),
        ("token", "a b", "spacy-v2: it holds no tokens", 2),
        ("field", "kb_id", "spacy-v2: it holds no attributes of entities", 1),
        ("field", "text", "spacy-v2: no place for it", 1),
    ]
    assert report.written["spacy-v2"].tokens == 0


LOOKS = '(it should look like ["text", {"entities": [[0, 4, "LABEL"]]}])'


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("7", f"a.jsonl:1:1: a record is neither a text with its annotations nor an object {LOOKS}"),
        ('["a"]', f"a.jsonl:1:1: a record is neither a text with its annotations nor an object {LOOKS}"),
        ("{}", "a.jsonl:1:1: text should be a string and is missing"),
        (["a", 1], "a.jsonl:1:7: [1] should be an object and is 1"),
        ("[[1, {}]]", "a.jsonl:1:3: [0] should be a string and is 1"),
        (["a", {"entities": {}}], "a.jsonl:1:20: [1].entities should be an array and is {}"),
        (["a", {"entities": ["O"]}], 'a.jsonl:1:21: [1].entities[0] should be an array and is "O"'),
        (["a", {"entities": [[0, 1]]}], "a.jsonl:1:21: [1].entities[0] has 2 parts (it should be [start, end, label])"),
        (
            ["a", {"entities": [[0, "1", "X"]]}],
            'a.jsonl:1:25: [1].entities[0][1] should be a whole number and is "1"',
        ),
        ({"text": "a", "entities": [[0, 1, 5]]}, "a.jsonl:1:35: entities[0][2] should be a string and is 5"),
        (
            ["a", {"entities": [[0, 2, "X"]]}],
            "a.jsonl:1:21: [1].entities[0] at 0:2 is empty, or outside the text of 1 characters "
            "(offsets count characters from 0, and the end is the first one outside)",
        ),
        (
            ["😀 Rome", {"entities": [[4, 8, "LOC"]]}],
            "a.jsonl:1:26: [1].entities[0] at 4:8 is empty, or outside the text of 6 characters "
            "(offsets count characters from 0, and the end is the first one outside)",
        ),
        (
            ["😀 Rome", {"entities": [[3, 7, "LOC"]]}],
            "a.jsonl:1:26: [1].entities[0] at 3:7 is empty, or outside the text of 6 characters "
            "(in UTF-16 units it would fit: --in-offset-unit utf16)",
        ),
        (["a", {"entities": [[0, 1, ""]]}], "a.jsonl:1:28: '' is no label"),
        (
            [" ", {"entities": [[0, 1, "X"]]}],
            "a.jsonl:1:21: [1].entities[0] at 0:1 is white space alone (take it out)",
        ),
        (["a", {"meta": 1}], "a.jsonl:1:16: [1].meta should be an object and is 1"),
        (
            ["a", {"meta": {"id": 1.5}}],
            "a.jsonl:1:23: [1].meta.id should be a string or a whole number and is 1.5",
        ),
        (
            ["a", {"label": [[0, 1, "X"]]}],
            "a.jsonl:1:17: [1].label has entities as another format has them "
            "(is the file of several formats? divide it, and name each with --from)",
        ),
        (
            '["a", {"entities": [[0, 1,',
            "a.jsonl:1:27: this is no JSON: Expecting value (a line holds one record, whole)",
        ),
        ('["\\ud83d", {}]', "a.jsonl:1:3: a string holds U+D83D, half of a surrogate pair"),
        (
            '["a", {"meta": {"id": "x"}}]\n["b", {"meta": {"id": "x"}}]',
            "a.jsonl:2:23: a second document with the id 'x', the first is in line 1 (give each its own, or none)",
        ),
    ],
)
def test_what_is_wrong_with_a_record_is_told(tmp_path: Path, record: object, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.jsonl", record)
    assert str(error.value).removeprefix(f"{tmp_path}/").startswith(message)


def test_offsets_inside_a_character_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.json", ["😀", {"entities": [[1, 2, "X"]]}], offset_unit="utf16")
    assert str(error.value).removeprefix(f"{tmp_path}/") == (
        "a.json:1:21: [1].entities[0] at 1:2 is empty, inside a character, or outside the text of 2 UTF-16 units "
        "(offsets count UTF-16 units from 0, and the end is the first one outside)"
    )


@pytest.mark.parametrize(
    ("beginning", "is_ours"),
    [
        ('["a \\" b", {"entities": []}]', True),
        ('[["a", {"entities": []}]]', True),
        ('\ufeff[\n  [\n    "a",\n    {"entities": []}]]', True),
        ('["' + "a" * 4094, True),
        ('{"text": "a", "entities": [[0, 1, "X"]]}', True),
        ('{"text": "a", "entities": []}', True),
        ('["a', False),
        ('["a", "b"]', False),
        ('{"id": 1, "text": "a", "entities": [{"id": 1, "start_offset": 0}], "relations": []}', False),
        ('{"id": 1, "text": "a", "entities": [], "relations": []}', False),
        ('{"text": "a", "label": [[0, 1, "X"]]}', False),
        ('{"text": "a", "tokens": [], "spans": []}', False),
        ('[{"data": {"text": "a"}, "annotations": []}]', False),
        ('{"tokens": ["a"], "ner_tags": ["O"]}', False),
    ],
)
def test_it_is_known_by_its_beginning(beginning: str, is_ours: bool) -> None:
    sniff = formats()["spacy-v2"].sniff
    assert sniff is not None
    assert sniff(beginning.encode()) is is_ours


def test_with_keep_going_the_rest_is_read(tmp_path: Path) -> None:
    report = Report(keep_going=True)
    assert [d.text for d in parse(tmp_path / "a.jsonl", ["a", {}], ["b", 1], ["c", {}], report=report)] == ["a", "c"]
    assert len(report.failures) == 1
