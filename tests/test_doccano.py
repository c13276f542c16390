from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, WriteOptions, read, write
from converters.dialects import dialect_of

TEXT = "😀 Anna met IBM"
RECORD = {"id": 7, "text": TEXT, "label": [[2, 6, "PER"], [11, 14, "ORG"]], "source": "mail.txt", "page": 3}
OBJECTS = [
    {"id": 4, "label": "PER", "start_offset": 2, "end_offset": 6},
    {"id": 5, "label": "ORG", "start_offset": 11, "end_offset": 14},
]
SPANS = (Span(2, 6, "PER"), Span(11, 14, "ORG"))


def parse(path: Path, *records: object, report: Report | None = None, **options: Any) -> list[Document]:
    lines = (record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records)
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(read(path, format="doccano", report=report or Report(), options=ReadOptions(**options)))


def put(path: Path, *made: Document, **options: Any) -> tuple[list[Any], Report]:
    report = Report()
    write(made, path, format="doccano", options=WriteOptions(**options), report=report)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()], report


def test_a_record_is_read_and_written_back_field_for_field(tmp_path: Path) -> None:
    [document] = parse(tmp_path / "a.jsonl", RECORD)
    assert (document.text, document.spans, document.id) == (TEXT, SPANS, "7")
    assert document.meta == {"source": "mail.txt", "page": 3}
    assert document.tokens is None
    write([document], tmp_path / "b.jsonl", format="doccano")
    line = (tmp_path / "b.jsonl").read_text(encoding="utf-8")
    assert line == json.dumps(RECORD, ensure_ascii=False) + "\n"
    [back] = read(tmp_path / "b.jsonl")
    assert back == document


def test_every_age_is_read(tmp_path: Path) -> None:
    triples = RECORD["label"]
    ages: list[dict[str, Any]] = [
        {"text": TEXT, "label": triples},
        {"id": 1, "text": TEXT, "meta": {"page": 3}, "annotation_approver": None, "labels": triples},
        {"id": 1, "text": TEXT, "entities": OBJECTS, "relations": []},
        {"text": TEXT, "cats": ["Meeting"], "entities": triples},
        {"text": TEXT, "label": OBJECTS},
    ]
    for record in ages:
        report = Report()
        [document] = parse(tmp_path / "a.jsonl", record, report=report)
        assert document.spans == SPANS
        assert not report.lost
        [found] = read(tmp_path / "a.jsonl")  # the content tells what it is
        assert found == document
    [document] = parse(tmp_path / "a.jsonl", ages[1])
    assert document.meta == {"source": "a.jsonl", "meta": {"page": 3}, "annotation_approver": None}


def test_relations_are_reported_and_ids_of_entities_kept(tmp_path: Path) -> None:
    relations = [{"id": 1, "from_id": 4, "to_id": 5, "type": "met"}, {"id": 2, "from_id": 5, "to_id": 4, "type": "x"}]
    report = Report()
    record = {"text": TEXT, "entities": OBJECTS, "relations": relations}
    [document] = parse(tmp_path / "a.jsonl", record, report=report)
    assert document.attributes == {SPANS[0]: {"id": 4}, SPANS[1]: {"id": 5}}
    [loss] = report.lost
    assert (loss.kind, loss.text, loss.reason) == ("field", "relations", "relations are not read (2)")
    [written], report = put(tmp_path / "b.jsonl", document)
    assert written["label"] == RECORD["label"]
    assert [(loss.kind, loss.text, loss.reason) for loss in report.lost] == [
        ("field", "id", "doccano: it holds no attributes of entities")
    ]


def test_what_has_no_place_is_reported_once(tmp_path: Path) -> None:
    tokens = Tokens.make([0, 2], [1, 3], None, {"pos": ["X", "Y"]})
    span = Span(0, 1, "X")
    meta = {"source": "a", "label": 3, "entities": []}
    document = Document("a b", (span,), tokens, {span: {"kb_id": "Q1"}}, "doc", None, meta)
    [record], report = put(tmp_path / "a.jsonl", document)
    assert record == {"id": "doc", "text": "a b", "label": [[0, 1, "X"]], "source": "a"}
    assert [(loss.text, loss.reason) for loss in report.lost] == [
        ("pos", "doccano: it holds no columns of tokens"),
        ("a b", "doccano: it holds no tokens"),
        ("kb_id", "doccano: it holds no attributes of entities"),
        ("label, entities", "doccano: no place for it"),
    ]
    assert report.written["doccano"].tokens == 0


def test_overlapping_entities_and_documents_without_any(tmp_path: Path) -> None:
    spans = (Span(0, 3, "A"), Span(0, 3, "B"), Span(0, 1, "A"), Span(1, 3, "A"))
    made = [Document("abc", spans, id="x"), Document("abc"), Document("")]
    write(made, tmp_path / "a.json", format="doccano")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))[1:] == [
        {"text": "abc", "label": []},
        {"text": "", "label": []},
    ]
    back = list(read(tmp_path / "a.json"))
    assert back == made
    assert [document.id for document in back] == ["x", "a#2", "a#3"]


def test_offsets_count_what_is_asked_for(tmp_path: Path) -> None:
    record = {"text": TEXT, "label": [[3, 7, "PER"], [12, 15, "ORG"]]}
    [document] = parse(tmp_path / "a.jsonl", record, offset_unit="utf16")
    assert document.spans == SPANS
    assert put(tmp_path / "b.jsonl", document, offset_unit="utf16")[0][0]["label"] == record["label"]


def test_offsets_that_fit_in_the_other_unit_alone_are_an_error_with_a_hint(tmp_path: Path) -> None:
    record = {"text": TEXT, "label": [[3, 7, "PER"], [12, 15, "ORG"]]}  # no mention tells that this is meant
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.jsonl", record)
    assert str(error.value).removeprefix(f"{tmp_path}/") == (
        "a.jsonl:1:53: label[1] at 12:15 is empty, or outside the text of 14 characters "
        "(in UTF-16 units it would fit: --in-offset-unit utf16)"
    )


def test_repairs_are_told(tmp_path: Path) -> None:
    report = Report()
    entities = [
        {"id": 1, "label": "X", "start_offset": 0, "end_offset": 3},
        {"id": 2, "label": "X", "start_offset": 1, "end_offset": 2, "by": "me"},
    ]
    [document] = parse(tmp_path / "a.jsonl", {"text": " a ", "entities": entities}, report=report)
    assert document.attributes == {Span(1, 2, "X"): {"id": 1, "by": "me"}}
    assert [repair.name for repair in report.repairs] == ["trim white space", "merge twins"]
    assert [loss.text for loss in report.lost] == ["id"]


@given(made=corpora(), unit=st.sampled_from([None, "char", "utf16"]), suffix=st.booleans())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, made: list[Document], unit: Any, suffix: bool
) -> None:
    path = tmp_path_factory.mktemp("doccano") / ("a.json" if suffix else "a.jsonl")
    made = [replace(document, meta={"n": [number, None]}) for number, document in enumerate(made)]
    write(made, path, format="doccano", options=WriteOptions(offset_unit=unit))
    back = list(read(path, format="doccano", options=ReadOptions(offset_unit=unit)))
    assert [(d.text, d.spans, d.id) for d in back] == [(d.text, d.spans, d.id) for d in made]
    assert [d.meta for d in back] == [{"source": path.name, **d.meta} for d in made]
    if made:
        assert dialect_of(path.read_bytes()[:4096]) == "doccano" or len(made[0].text) > 1000


NO_LABEL = "'' is no label (a label is not empty and has no control characters or line breaks)"
OUTSIDE = "(offsets count characters from 0, and the end is the first one outside)"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ('{"text": "x"', "a.jsonl:1:13: this is no JSON: Expecting ',' delimiter (a line holds one record, whole)"),
        ("[1]", "a.jsonl:1:2: the record should be an object and is 1"),
        ({"label": []}, "a.jsonl:1:1: text should be a string and is missing (there is label)"),
        ({"text": "x", "id": [1]}, "a.jsonl:1:21: id should be a string or a whole number and is [1]"),
        ({"text": "x", "id": ""}, "a.jsonl:1:21: id is empty"),
        ({"text": "x", "label": {}}, "a.jsonl:1:24: label should be an array and is {}"),
        (
            {"text": "x", "label": ["POSITIVE"]},
            'a.jsonl:1:25: label[0] should be [start, end, label] and is "POSITIVE" '
            "(this reads named entities; labels of whole texts are no entities)",
        ),
        ({"text": "x", "label": [[0, 1]]}, "a.jsonl:1:25: label[0] should be [start, end, label] and is [0, 1]"),
        ({"text": "x", "labels": [[0, 1, 2]]}, "a.jsonl:1:33: labels[0][2] should be a string and is 2"),
        ({"text": "x", "labels": [[0, 1, None]]}, "a.jsonl:1:33: labels[0][2] should be a string and is missing"),
        ({"text": "x", "label": [["0", 1, "X"]]}, 'a.jsonl:1:26: label[0][0] should be a whole number and is "0"'),
        (
            {"text": "x", "entities": [{"start_offset": 0, "end_offset": "1", "label": "X"}]},
            'a.jsonl:1:62: entities[0].end_offset should be a whole number and is "1"',
        ),
        (
            {"text": "x", "entities": [{"start_offset": 0, "end_offset": 1}]},
            "a.jsonl:1:28: entities[0].label should be a string and is missing (there is start_offset, end_offset)",
        ),
        (
            {"text": "x", "label": [[0, 2, "X"]]},
            f"a.jsonl:1:25: label[0] at 0:2 is empty, or outside the text of 1 characters {OUTSIDE}",
        ),
        ({"text": " ", "label": [[0, 1, "X"]]}, "a.jsonl:1:25: label[0] at 0:1 is white space alone (take it out)"),
        ({"text": "x", "label": [[0, 1, ""]]}, f"a.jsonl:1:32: {NO_LABEL}"),
        (
            {"text": "x", "label": [], "entities": []},
            "a.jsonl:1:1: the record has label and entities (entities are in one of them; take out the rest)",
        ),
        (
            {"text": "x", "annotations": [{"label": 2, "start_offset": 0, "end_offset": 1}]},
            "a.jsonl:1:30: the field annotations names labels by their numbers, and the names are not in the file "
            "(export as JSONL with text labels)",
        ),
        (
            {"text": "x", "label": [], "spans": [{"start": 0, "end": 1, "label": "X"}]},
            "a.jsonl:1:37: spans has entities as another format has them "
            "(is the file of several formats? divide it, and name each with --from)",
        ),
        (
            '{"id": 1, "text": "x"}\n{"id": "1", "text": "y"}',
            "a.jsonl:2:8: a second document with the id '1', the first is in line 1 (give each its own, or none)",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, record: object, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.jsonl", record)
    assert str(error.value).removeprefix(f"{tmp_path}/") == message


def test_the_rest_is_read_where_that_is_asked_for(tmp_path: Path) -> None:
    report = Report(keep_going=True)
    [document] = parse(tmp_path / "a.jsonl", {"label": []}, RECORD, 3, report=report)
    assert document.id == "7"
    assert [str(error.place) for error in report.failures] == [f"{tmp_path}/a.jsonl:1:1", f"{tmp_path}/a.jsonl:3:1"]


def test_an_offset_inside_a_character_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.jsonl", {"text": TEXT, "label": [[1, 7, "X"]]}, offset_unit="utf16")
    assert str(error.value).removeprefix(f"{tmp_path}/") == (
        "a.jsonl:1:38: label[0] at 1:7 is empty, inside a character, or outside the text of 15 UTF-16 units "
        "(in characters it would fit: --in-offset-unit char)"
    )


@pytest.mark.parametrize(
    ("beginning", "is_doccano"),
    [
        ('{"id": 1, "text": "x", "label": [[0, 1, "X"]]}', True),
        ('\ufeff [ {"text": "a\\"b{", "meta": {"a": [1]}, "labels" : [ [0,1,"', True),
        ('{"id": 1, "text": "x", "label": []}', True),
        ('{"text": "x", "entities": [{"id": 0, "start_offset": 0, "e', True),
        ('{"text": "x", "entities": [], "relations": [', True),
        ('{"text": "x", "entities": []}', False),
        ('{"text": "x", "label": "POSITIVE"}', False),
        ('{"text": "x", "label": ["POSITIVE"]}', False),
        ('{"text": "x", "label": [{"start": 0, "end": 1, "text": "x", "labels": ["X"]}]}', False),
        ('{"id": 1, "data": {"text": "x", "label": [[0, 1, "X"]]}}', False),
        ('{"text": "x", "tokens": [], "spans": [], "label": []}', False),
        ('{"text": "x", "meta": {"label": [[0, 1, "X"]]}}', False),
        ('["x", {"entities": [[0, 1, "X"]]}]', False),
        ('{"id": "0", "tokens": ["x"], "ner_tags": [0]}', False),
        ('{"tokenized_text": ["x"], "ner": [[0, 0, "X"]]}', False),
        ('{"rasa_nlu_data": {"common_examples": [{"text": "x", "entities": []}]}}', False),
        ('{"id": 1, "text": "cut short \\', False),
        ("", False),
    ],
)
def test_its_records_are_told_from_others(beginning: str, is_doccano: bool) -> None:
    assert (dialect_of(beginning.encode()) == "doccano") is is_doccano
