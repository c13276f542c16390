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
SPANS = (Span(2, 6, "PER"), Span(11, 14, "ORG"))
CONFIG = """<View><Labels name="label" toName="text"><Label value="PER"/><Label value="ORG"/></Labels>
<Text name="text" value="$text"/></View>"""


def region(start: int, end: int, text: str | None, *labels: str, **more: Any) -> dict[str, Any]:
    said = {} if text is None else {"text": text}
    return {
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        **more,
        "value": {"start": start, "end": end, **said, "labels": list(labels)},
    }


def task(*regions: object, text: str = TEXT, **fields: Any) -> dict[str, Any]:
    return {"id": 7, "data": {"text": text}, "annotations": [{"result": list(regions)}], **fields}


def parse(path: Path, *tasks: object, report: Report | None = None, **options: Any) -> list[Document]:
    path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
    return list(read(path, format="label-studio", report=report or Report(), options=ReadOptions(**options)))


def put(path: Path, *made: Document, **options: Any) -> tuple[list[Any], Report]:
    report = Report()
    write(made, path, format="label-studio", options=WriteOptions(**options), report=report)
    return json.loads(path.read_text(encoding="utf-8")), report


TASK = {
    "id": 7,
    "data": {"text": TEXT, "source": "mail.txt", "page": 3},
    "annotations": [
        {
            "id": 12,
            "completed_by": {"email": "a@b.c"},
            "was_cancelled": False,
            "result": [
                region(3, 7, "Anna", "NAME", "PER", id="r1", origin="manual"),
                region(12, 15, "IBM", "ORG", id="r2"),
            ],
        }
    ],
    "drafts": [],
    "inner_id": 1,
    "meta": {"x": None},
}


def test_a_task_is_read_and_written_back_field_for_field(tmp_path: Path) -> None:
    [document] = parse(tmp_path / "a.json", TASK)
    assert (document.text, document.id) == (TEXT, "7")
    assert document.spans == (Span(2, 6, "NAME"), *SPANS)
    assert document.attributes[SPANS[0]] == {"id": "r1", "origin": "manual"}
    assert document.attributes[SPANS[1]] == {"id": "r2"}
    assert document.meta == {
        "source": "mail.txt",
        "page": 3,
        "__task__": {"drafts": [], "inner_id": 1, "meta": {"x": None}},
        "__annotation__": {"id": 12, "completed_by": {"email": "a@b.c"}, "was_cancelled": False},
    }
    report = Report()
    write([document], tmp_path / "b.json", format="label-studio", report=report)
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8")) == [TASK]
    assert not report.lost
    [back] = read(tmp_path / "b.json")
    assert (back, back.meta) == (document, document.meta)


def test_a_task_is_written_as_label_studio_writes_it(tmp_path: Path) -> None:
    document = Document("😀 x", (Span(2, 3, "X"),), id="b/c")
    write([document], tmp_path / "a.jsonl", format="label-studio")
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == (
        '{"id": "b/c", "data": {"text": "😀 x", "id": "b/c"}, "annotations": [{"result": [{"from_name": "label", '
        '"to_name": "text", "type": "labels", "value": {"start": 3, "end": 4, "text": "x", "labels": ["X"]}}]}]}\n'
    )
    [found], _ = put(tmp_path / "a.json", document, offset_unit="char")
    assert found["annotations"][0]["result"][0]["value"] == {"start": 2, "end": 3, "text": "x", "labels": ["X"]}


def test_the_minimal_form_is_read(tmp_path: Path) -> None:
    values = [
        {"start": 3, "end": 7, "text": "Anna", "labels": ["PER"]},
        {"start": 12, "end": 15, "text": "IBM", "labels": ["ORG"]},
    ]
    record = {"body": TEXT, "id": 3, "ner": values, "sentiment": "Positive", "annotator": 1, "created_at": "2024"}
    with pytest.raises(DataError, match=r"the text may be any of body, sentiment \(keep one string in data, or name"):
        parse(tmp_path / "a.json", record)
    del record["sentiment"]
    [document] = parse(tmp_path / "a.json", record)
    assert (document.text, document.spans, document.id) == (TEXT, SPANS, "3")
    assert document.attributes[SPANS[0]] == {"from_name": "ner"}
    assert document.meta == {"source": "a.json", "annotator": 1, "created_at": "2024", "__text__": "body"}
    write([document], tmp_path / "b.json", format="label-studio")
    [back] = read(tmp_path / "b.json")
    assert (back, back.id, back.meta) == (document, document.id, document.meta)
    assert parse(tmp_path / "c.json", {"text": "x"})[0].spans == ()


def test_one_annotation_is_read_and_the_others_are_reported(tmp_path: Path) -> None:
    first, second = region(3, 7, "Anna", "PER"), region(12, 15, "IBM", "ORG")
    annotations = [
        {"id": 1, "was_cancelled": True, "result": [second]},
        {"id": 2, "result": [first]},
        {"result": [second]},
    ]
    report = Report()
    found = parse(
        tmp_path / "a.json",
        {"data": {"text": TEXT}, "annotations": annotations, "predictions": [{"result": [second]}, 4]},
        {"data": {"text": TEXT}, "completions": [{"skipped": True, "result": [second]}, {"result": [first]}]},
        {"data": {"text": TEXT}, "annotations": [], "predictions": [{"result": [first]}]},
        {"data": {"text": TEXT}, "annotations": annotations[:1]},
        {"data": {"text": TEXT}, "annotations": []},
        report=report,
    )
    assert [document.spans for document in found] == [SPANS[:1]] * 3 + [()] * 2
    reason = "the first annotation that is not cancelled is read, and nothing else"
    assert [(loss.text, loss.reason) for loss in report.lost] == [
        ("annotation 1, annotation 2, 2 predictions", reason),
        ("annotation 0", reason),
        ("annotation 1", reason),
    ]
    assert [(repair.name, repair.text) for repair in report.repairs] == [
        ("predictions", "read as annotations, of which there are none")
    ]
    assert [json.loads(line)["annotations"] for line in _written(tmp_path / "b.jsonl", found[4])] == [[]]


def _written(path: Path, *made: Document) -> list[str]:
    write(made, path, format="label-studio")
    return path.read_text(encoding="utf-8").splitlines()


def test_other_results_are_reported_once(tmp_path: Path) -> None:
    relation = {"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "right"}
    choices = {"type": "choices", "from_name": "s", "to_name": "text", "value": {"choices": ["Good"]}}
    report = Report()
    results = [region(3, 7, "Anna", "PER"), relation, relation, choices, region(12, 15, "IBM")]
    [document] = parse(tmp_path / "a.json", task(*results), report=report)
    assert document.spans == SPANS[:1]
    assert [(loss.kind, loss.text, loss.reason) for loss in report.lost] == [
        ("field", "relation (2), choices (1)", "results that are no labels of text are not read"),
        ("span", "IBM", "the region annotations[0].result[4].value has no label"),
    ]


@pytest.mark.parametrize(
    ("data", "more", "key"),
    [
        ({"text": "Anna", "title": "x"}, {}, "text"),
        ({"article": "Anna", "page": 1, "source": "x"}, {}, "article"),
        ({"body": "Anna", "title": "x"}, {"to_name": "body"}, "body"),
        ({"body": "Anna", "text": "x"}, {"source": "$body"}, "body"),
        ({"source": "Anna"}, {}, "source"),
    ],
)
def test_the_text_may_have_another_name(tmp_path: Path, data: dict[str, Any], more: Any, key: str) -> None:
    record = {"id": 1, "data": data, "annotations": [{"result": [region(0, 4, "Anna", "PER", **more)]}]}
    [document] = parse(tmp_path / "a.json", record)
    assert (document.text, document.meta.get("__text__", "text")) == ("Anna", key)
    write([document], tmp_path / "b.json", format="label-studio", report=Report())
    [back] = read(tmp_path / "b.json")
    assert back == document
    bare = replace(document, spans=(), attributes={})
    write([bare], tmp_path / "b.json", format="label-studio", report=Report())
    [back] = read(tmp_path / "b.json")
    assert back == bare


@pytest.mark.parametrize(
    ("text", "start", "end", "mention", "at", "unit"),
    [
        (TEXT, 2, 6, "Anna", 2, "characters"),
        (TEXT, 3, 7, "Anna", 2, None),
        ("😀😀 a\nb", 3, 6, "a\\nb", 3, "characters"),
        ("😀😀 a \n b", 5, 10, "a b", 3, None),
        ("Anna met IBM", 0, 4, "Anna", 0, None),
    ],
)
def test_offsets_count_what_the_mentions_say(
    tmp_path: Path, text: str, start: int, end: int, mention: str, at: int, unit: str | None
) -> None:
    report = Report()
    [document] = parse(tmp_path / "a.json", task(region(start, end, mention, "X"), text=text), report=report)
    assert document.spans[0].start == at
    said = [("offset unit", f"{tmp_path}/a.json:1:2", f"{unit}, as the mentions show")] if unit else []
    assert [tuple(vars(repair).values()) for repair in report.repairs] == said


def test_where_no_mention_tells_it_is_said(tmp_path: Path) -> None:
    report = Report()
    [document] = parse(tmp_path / "a.json", task(region(3, 7, None, "PER")), report=report)
    assert document.spans == SPANS[:1]
    said = [("offset unit", "UTF-16 units taken, the text does not tell")]
    assert [(repair.name, repair.text) for repair in report.repairs] == said
    [document] = parse(tmp_path / "a.json", task(region(2, 6, None, "PER")), report=report, offset_unit="char")
    assert document.spans == SPANS[:1]
    assert len(report.repairs) == 1


def test_touching_overlapping_and_equal_entities_are_all_kept(tmp_path: Path) -> None:
    spans = (Span(0, 3, "A"), Span(0, 3, "B"), Span(0, 2, "A"), Span(2, 3, "A"), Span(3, 4, "A"))
    made = [Document("abcd", spans, id="x"), Document("abc"), Document("", id="007")]
    write(made, tmp_path / "a.json", format="label-studio")
    back = list(read(tmp_path / "a.json"))
    assert back == made
    assert [document.id for document in back] == ["x", "a#2", "007"]


def test_the_number_of_a_task_without_an_id_is_no_others(tmp_path: Path) -> None:
    made = [Document("a"), Document("b", id="3"), Document("c"), Document("d", id="1")]
    write(made, tmp_path / "a.json", format="label-studio")
    back = list(read(tmp_path / "a.json"))
    assert back == made
    assert (back[1].id, back[3].id) == ("3", "1")


def test_what_has_no_place_is_reported_once(tmp_path: Path) -> None:
    spans = (Span(0, 1, "X"), Span(2, 3, "X"))
    attributes: dict[Span, dict[str, Any]] = {
        spans[0]: {"id": "r", "type": 1},
        spans[1]: {"id": "r", "value": {"end": 3}},
    }
    tokens = Tokens.make([0, 2], [1, 3], None, {"pos": ["X", "Y"]})
    meta = {"text": 3, "id": 4, "__task__": {"data": 1}, "__annotation__": 5}
    [found], report = put(tmp_path / "a.json", Document("a b", spans, tokens, attributes, "doc", None, meta))
    assert [result.get("id") for result in found["annotations"][0]["result"]] == ["r", None]
    assert found["data"] == {"text": "a b", "id": "doc"}
    assert [(loss.text, loss.reason) for loss in report.lost] == [
        ("pos", "label-studio: it holds no columns of tokens"),
        ("a b", "label-studio: it holds no tokens"),
        ("id", "label-studio: the document's own id is doc"),
        ("__annotation__, text, type, id, value, data", "label-studio: no place for it"),
    ]


def test_repairs_are_told(tmp_path: Path) -> None:
    report = Report()
    regions = [region(0, 3, " a ", "X", id="r1"), region(1, 2, "a", "X", id="r2")]
    [document] = parse(tmp_path / "a.json", task(*regions, text=" a "), report=report)
    assert document.attributes == {Span(1, 2, "X"): {"id": "r1"}}
    assert [repair.name for repair in report.repairs] == ["trim white space", "merge twins"]
    assert [loss.text for loss in report.lost] == ["id"]


def test_ids_come_back(tmp_path: Path) -> None:
    tasks = [
        {"id": 17, "data": {"text": "x", "id": "mail"}, "annotations": [{"result": []}]},
        {"id": 5, "data": {"text": "x", "id": 5}, "annotations": [{"result": []}]},
        {"id": 6, "data": {"text": "x"}, "annotations": [{"result": []}]},
    ]
    found = parse(tmp_path / "a.json", *tasks)
    assert [document.id for document in found] == ["mail", "5", "6"]
    written, _ = put(tmp_path / "b.json", *found)
    assert [(item["id"], item["data"].get("id")) for item in written] == [(17, "mail"), (5, "5"), (6, None)]


@given(made=corpora(), unit=st.sampled_from([None, "char", "utf16"]), suffix=st.booleans())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, made: list[Document], unit: Any, suffix: bool
) -> None:
    path = tmp_path_factory.mktemp("ls") / ("a.json" if suffix else "a.jsonl")
    made = [
        replace(
            document,
            attributes={span: {"id": str(k), "kb_id": "Q1"} for k, span in enumerate(document.spans)},
            meta={"n": [number, None], "title": "x"},
        )
        for number, document in enumerate(made)
    ]
    write(made, path, format="label-studio", options=WriteOptions(offset_unit=unit))
    back = list(read(path, format="label-studio", options=ReadOptions(offset_unit=unit)))
    assert [(d.text, d.spans, d.id) for d in back] == [(d.text, d.spans, d.id) for d in made]
    assert [d.attributes for d in back] == [d.attributes for d in made]
    assert [d.meta for d in back] == [{"source": path.name, **d.meta} for d in made]
    assert (dialect_of(path.read_bytes()[:4096]) == "label-studio") is bool(made)


ANNA = region(3, 7, "Anna", "PER", id="r1")


@pytest.mark.parametrize(
    ("record", "options", "message"),
    [
        (3, {}, "2: the record should be an object and is 3"),
        ({}, {}, "2: the task has no text (its data should have a string, for example under the name text)"),
        (
            {"data": {"a": 1}},
            {},
            "11: the task has no text (its data should have a string, for example under the name text)",
        ),
        (task(id=[1]), {}, "9: id should be a string or a whole number and is [1]"),
        (
            {"data": {"text": "x", "id": [1]}},
            {},
            "31: data.id should be a string or a whole number and is [1]",
        ),
        (
            {"data": {"a": "x", "b": "y"}},
            {},
            "11: the text may be any of a, b (keep one string in data, or name it text)",
        ),
        (
            {"a": "x", "b": "y"},
            {},
            "2: the text may be any of a, b (keep one string in data, or name it text)",
        ),
        (task(annotations={}), {}, "63: annotations should be an array and is {}"),
        (task(annotations=[7]), {}, "64: annotations[0] should be an object and is 7"),
        (task(annotations=[{"result": 7}]), {}, "75: annotations[0].result should be an array and is 7"),
        (task(7), {}, "76: annotations[0].result[0] should be an object and is 7"),
        (
            task({"id": "r", "type": "labels"}),
            {},
            "76: annotations[0].result[0].value should be an object and is missing",
        ),
        (
            task({"value": {"start": "/p[1]", "end": 2}}),
            {},
            '96: annotations[0].result[0].value.start should be a whole number and is "/p[1]"',
        ),
        (
            task({"value": {"start": 0, "end": 1, "labels": [1]}}),
            {},
            "120: annotations[0].result[0].value.labels[0] should be a string and is 1",
        ),
        (
            task({"value": {"start": 0, "end": 1, "labels": [""]}}, text="x"),
            {},
            "107: '' is no label (a label is not empty and has no control characters or line breaks)",
        ),
        (
            {"text": "x", "ner": [{"start": 0, "end": 1, "labels": ["X"]}, {"start": 0, "end": None}]},
            {},
            "85: ner[1].end should be a whole number and is missing (there is start)",
        ),
        (
            {"data": {"text": "x"}, "predictions": [{"result": [{"value": {"start": 0}}]}]},
            {},
            "64: predictions[0].result[0].value.end should be a whole number and is missing (there is start)",
        ),
        (
            task(region(4, 8, "Anna", "PER", id="r1")),
            {},
            "157: annotations[0].result[0].value is 'Anna', but 4:8 of the text is 'nna ' (offsets count UTF-16 units; "
            "mend the offsets or the text)",
        ),
        (
            task(ANNA),
            {"offset_unit": "char"},
            "157: annotations[0].result[0].value is 'Anna', but 3:7 of the text is 'nna ' (in UTF-16 units it would "
            "fit: --in-offset-unit utf16)",
        ),
        (
            task(ANNA, region(11, 14, "IBM", "ORG", id="r2")),
            {},
            "298: annotations[0].result[1].value is 'IBM', but 11:14 of the text is ' IB' (in characters it would fit, "
            "but others would not; mend the offsets)",
        ),
        (
            task(region(1, 99, None, "X")),
            {},
            "145: annotations[0].result[0].value at 1:99 is empty, inside a character, or outside the text of 15 "
            "UTF-16 units (offsets count UTF-16 units from 0, and the end is the first one outside)",
        ),
        (
            task(region(0, 1, None, "X"), text=" "),
            {},
            "132: annotations[0].result[0].value at 0:1 is white space alone (take it out)",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, record: object, options: Any, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.json", record, **options)
    assert str(error.value).removeprefix(f"{tmp_path}/") == f"a.json:1:{message}"


def test_two_tasks_of_one_id_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"id": 1, "text": "x"},\n {"text": "x", "id": "1"}]', encoding="utf-8")
    with pytest.raises(DataError) as error:
        list(read(tmp_path / "a.json", format="label-studio"))
    assert str(error.value).removeprefix(f"{tmp_path}/") == (
        "a.json:2:22: a second document with the id '1', the first is in line 1 (give each its own, or none)"
    )


def test_the_rest_is_read_where_that_is_asked_for(tmp_path: Path) -> None:
    report = Report(keep_going=True)
    [document] = parse(tmp_path / "a.json", {}, TASK, task(region(4, 8, "Anna", "X")), 3, report=report)
    assert document.id == "7"
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    columns = [2, text.index('{"start": 4') + 1, len(text) - 1]
    places = [f"{tmp_path}/a.json:1:{column}" for column in columns]
    assert [str(failure.place) for failure in report.failures] == places


@pytest.mark.parametrize(
    ("beginning", "is_label_studio"),
    [
        ('[{"id": 1, "data": {"text": "x', True),
        ('[{"id":1,"annotations":[{"id":9,"completed_by":{"id":1},"result":[{"value', True),
        ('[\n  {\n "text": "x",\n "ner": [{"start": 0, "end": 1, "text": "{", "labels": ["X"]}, {', True),
        ('{"data": "x", "label": [{"start": 0, "end": 1, "text": "x", "labels": ["X"]}]}', True),
        ('{"text": "x", "data": {"a": 1}, "spans": []}', False),
        ('{"text": "x", "tokens": [{"text": "x", "start": 0, "end": 1}], "spans": [{"start": 0, "end": 1, "l', False),
        ('{"text": "x", "label": [[0, 1, "X"]]}', False),
        ('{"images": [], "annotations": [{"id": 1, "bbox": []}]}', False),
        ('["x", {"entities": [[0, 1, "X"]]}]', False),
        ('{"id": "0", "tokens": ["x"], "ner_tags": [0]}', False),
        ('{"tokenized_text": ["x"], "ner": [[0, 0, "X"]]}', False),
        ('{"version": "1", "data": [{"title": "x"}]}', False),
        ('{"rasa_nlu_data": {"common_examples": []}}', False),
        ("", False),
    ],
)
def test_its_tasks_are_told_from_others(beginning: str, is_label_studio: bool) -> None:
    assert (dialect_of(beginning.encode()) == "label-studio") is is_label_studio


def test_the_sdk_reads_what_is_written_and_what_it_writes_is_read(tmp_path: Path) -> None:
    sdk = pytest.importorskip("label_studio_sdk.converter")
    spans = (Span(0, 4, "PER"), Span(9, 12, "ORG"))
    documents = [Document("Anna met IBM", spans, id="a"), Document("Nobody", id="9")]
    write(documents, tmp_path / "a.json", format="label-studio", options=WriteOptions(offset_unit="char"))
    converter = sdk.Converter(CONFIG, str(tmp_path), download_resources=False)

    converter.convert(str(tmp_path / "a.json"), str(tmp_path / "conll"), "CONLL2003", is_dir=False)
    rows = (tmp_path / "conll" / "result.conll").read_text(encoding="utf-8").split("\n")
    assert rows[1:6] == ["Anna -X- _ B-PER", "met -X- _ O", "IBM -X- _ B-ORG", "", "Nobody -X- _ O"]

    converter.convert(str(tmp_path / "a.json"), str(tmp_path / "min"), "JSON_MIN", is_dir=False)
    back = list(read(tmp_path / "min" / "result.json"))
    assert back == documents
    assert [document.id for document in back] == ["a", "9"]

    converter.convert(str(tmp_path / "a.json"), str(tmp_path / "json"), "JSON", is_dir=False)
    assert list(read(tmp_path / "json" / "result.json")) == documents


def test_the_sdk_drops_the_second_of_two_touching_entities_and_this_does_not(tmp_path: Path) -> None:
    sdk = pytest.importorskip("label_studio_sdk.converter")
    document = Document("ab cd", (Span(0, 1, "PER"), Span(1, 2, "ORG"), Span(3, 5, "ORG")), id="a")
    write([document], tmp_path / "a.json", format="label-studio")
    converter = sdk.Converter(CONFIG, str(tmp_path), download_resources=False)
    converter.convert(str(tmp_path / "a.json"), str(tmp_path / "conll"), "CONLL2003", is_dir=False)
    assert "ab -X- _ B-PER\ncd" in (tmp_path / "conll" / "result.conll").read_text(encoding="utf-8")
    assert list(read(tmp_path / "a.json")) == [document]


@pytest.mark.parametrize(
    ("attributes", "kept"),
    [({"source": "$title"}, {}), ({"source": "wiki"}, {}), ({"to_name": "title"}, {"to_name": "title"})],
)
@pytest.mark.parametrize("name", ["text", "body"])
def test_no_attribute_makes_another_field_the_text(
    name: str, attributes: dict[str, Any], kept: dict[str, Any], tmp_path: Path
) -> None:
    entity = Span(0, 4, "PER")
    meta = {"title": "Hello", **({} if name == "text" else {"__text__": name})}
    _, report = put(tmp_path / "a.json", Document("Anna", (entity,), None, {entity: attributes}, meta=meta))
    assert [loss.text for loss in report.lost] == [key for key in attributes if key not in kept]
    [back] = read(tmp_path / "a.json", report=Report())
    assert (back.text, dict(back.attributes)) == ("Anna", {entity: kept} if kept else {})
