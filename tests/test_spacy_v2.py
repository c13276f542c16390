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
    write([document, document], tmp_path / f"b{suffix}", format="spacy-v2")
    text = (tmp_path / f"b{suffix}").read_text(encoding="utf-8")
    found = json.loads(text) if suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    assert found == [RECORD, RECORD]
    assert list(read(tmp_path / f"b{suffix}")) == [document, document]


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
    assert not report.lost


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
        ("field", "pos", "spacy-v2: it holds no tokens", 1),
        ("field", "kb_id, text", "spacy-v2: no place for it", 1),
    ]
    assert report.written["spacy-v2"].tokens == 0


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("7", "a.jsonl:1: a record is neither a text with its annotations nor an object (it should look like"),
        ('["a"]', "a.jsonl:1: a record is neither a text with its annotations nor an object"),
        ("{}", "a.jsonl:1: the text should be a string and is missing"),
        (["a", 1], "a.jsonl:1: what follows the text should be an object and is 1"),
        (["a", {"entities": {}}], "a.jsonl:1: the field entities should be an array and is {}"),
        (["a", {"entities": ["O"]}], 'a.jsonl:1: entity 0 should be an array and is "O"'),
        (["a", {"entities": [[0, 1]]}], "a.jsonl:1: entity 0 has 2 parts (it should be [start, end, label])"),
        (["a", {"entities": [[0, "1", "X"]]}], 'a.jsonl:1: the end of entity 0 should be a whole number and is "1"'),
        (
            ["a", {"entities": [[0, 2, "X"]]}],
            "a.jsonl:1: entity 0 at 0:2 is empty or outside the text of 1 characters "
            "(offsets count characters from 0, and the end is the first one outside)",
        ),
        (["a", {"entities": [[0, 1, ""]]}], "a.jsonl:1: '' is no label"),
        ([" ", {"entities": [[0, 1, "X"]]}], "a.jsonl:1: entity X at 0:1 begins or ends in whitespace"),
        (["a", {"meta": 1}], "a.jsonl:1: the field meta should be an object and is 1"),
        ('["a", {"entities": [[0, 1,', "a.jsonl:1:27: this is no JSON"),
        ('["\\ud83d", {}]', "a.jsonl:1: a string holds U+D83D, half of a surrogate pair"),
    ],
)
def test_what_is_wrong_with_a_record_is_told(tmp_path: Path, record: object, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.jsonl", record)
    assert str(error.value).removeprefix(f"{tmp_path}/").startswith(message)


def test_offsets_inside_a_character_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"entity 0 at 1:2 cuts a character or is outside the text \(is it UTF-16"):
        parse(tmp_path / "a.json", ["😀", {"entities": [[1, 2, "X"]]}], offset_unit="utf16")


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
