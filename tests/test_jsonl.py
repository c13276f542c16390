from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from strategies import documents

from converters import DataError, Document, Report, Span, Tokens, WriteOptions, read, write

RECORD = {
    "text": "Rome’s  end\n\n😀 New York",
    "tokens": [
        {"text": "Rome", "start": 0, "end": 4, "id": 0, "ws": False, "pos": "N"},
        {"text": "’s", "start": 4, "end": 6, "id": 1, "ws": True},
        {"text": " ", "start": 7, "end": 8, "id": 2, "ws": False},
        {"text": "end", "start": 8, "end": 11, "id": 3, "ws": False},
        {"text": "\n\n", "start": 11, "end": 13, "id": 4, "ws": False},
        {"text": "😀", "start": 13, "end": 14, "id": 5, "ws": True},
        {"text": "New", "start": 15, "end": 18, "id": 6, "ws": True},
        {"text": "York", "start": 19, "end": 23, "id": 7, "ws": False},
    ],
    "spans": [
        {"start": 0, "end": 4, "token_start": 0, "token_end": 0, "label": "LOC", "kb_id": "Q220"},
        {"start": 15, "end": 23, "token_start": 6, "token_end": 7, "label": "LOC"},
    ],
    "answer": "accept",
    "meta": {"id": "a", "source": "a.txt", "page": 3},
}


def parse(path: Path, *records: object, report: Report | None = None) -> list[Document]:
    lines = (record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records)
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(read(path, report=report or Report()))


def test_a_record_is_read_and_written_back_field_for_field(tmp_path: Path) -> None:
    [document] = parse(tmp_path / "a.jsonl", RECORD)
    assert document.words == ["Rome", "’s", "end", "😀", "New", "York"]
    assert document.id == "a"
    assert document.tokens is not None
    assert document.tokens.columns == {"pos": ("N", None, None, None, None, None)}
    write([document], tmp_path / "b.jsonl")
    line = (tmp_path / "b.jsonl").read_text(encoding="utf-8")
    assert json.loads(line) == RECORD
    assert line.startswith('{"text": "Rome’s  end\\n\\n😀 New York", "tokens": [{"text": "Rome", "start": 0, ')


def test_tokens_can_be_left_out(tmp_path: Path) -> None:
    [document] = parse(tmp_path / "a.jsonl", RECORD)
    write([document], tmp_path / "b.jsonl", options=WriteOptions(tokens=False))
    record = json.loads((tmp_path / "b.jsonl").read_text(encoding="utf-8"))
    assert "tokens" not in record
    assert record["spans"][1] == {"start": 15, "end": 23, "label": "LOC"}
    [back] = read(tmp_path / "b.jsonl")
    assert back.tokens is None
    assert back.spans == document.spans


def test_a_span_off_the_tokens_has_no_token_numbers(tmp_path: Path) -> None:
    write([Document("ab", (Span(0, 1, "X"),), Tokens.make([0], [2]))], tmp_path / "a.jsonl")
    record = json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8"))
    assert record["spans"] == [{"start": 0, "end": 1, "label": "X"}]


@given(document=documents())
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, document: Document) -> None:
    path = tmp_path_factory.mktemp("jsonl") / "a.jsonl"
    write([document], path)
    [back] = read(path)
    assert (back.text, back.spans, back.words, back.id) == (document.text, document.spans, document.words, document.id)
    record = json.loads(path.read_text(encoding="utf-8"))
    assert "".join(token["text"] + " " * token["ws"] for token in record["tokens"]) == document.text
    for span in record["spans"]:
        inside = record["tokens"][span["token_start"] : span["token_end"] + 1]
        assert (inside[0]["start"], inside[-1]["end"]) == (span["start"], span["end"])


def test_ids_are_made_where_there_are_none(tmp_path: Path) -> None:
    assert [d.id for d in parse(tmp_path / "a.jsonl", {"text": "x"})] == ["a"]
    found = parse(tmp_path / "a.jsonl", {"text": "x"}, "", {"text": "y", "meta": {"id": 7}}, {"text": "z"})
    assert [d.id for d in found] == ["a#1", "7", "a#3"]
    assert [d.meta for d in found] == [{"source": "a.jsonl"}] * 3


def test_no_metadata_can_take_the_place_of_a_field(tmp_path: Path) -> None:
    for meta in ({"record": {"text": "no"}}, {"__record__": {"text": "no"}}, {"__record__": 3}):
        [document] = parse(tmp_path / "a.jsonl", {"text": "yes", "meta": meta})
        write([document], tmp_path / "b.jsonl")
        assert json.loads((tmp_path / "b.jsonl").read_text(encoding="utf-8"))["text"] == "yes"


def test_repairs_are_told(tmp_path: Path) -> None:
    report = Report()
    spans = [{"start": 0, "end": 3, "label": "X"}, {"start": 1, "end": 2, "label": "X"}]
    [document] = parse(tmp_path / "a.jsonl", {"text": " a ", "spans": spans}, report=report)
    assert document.spans == ((1, 2, "X"),)
    assert [repair.name for repair in report.repairs] == ["trim white space", "merge twins"]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ('{"text": "x"', "a.jsonl:1:13: this is no JSON: Expecting ',' delimiter (a line holds one"),
        ('{"text": NaN}', "a.jsonl:1: this is no JSON: NaN is not a JSON value"),
        ("[1]", "a.jsonl:1:2: a record should be an object and is 1"),
        ('[{"text": "x"}, 7]', "a.jsonl:1:17: a record should be an object and is 7"),
        ('[{"text": "x"}', "a.jsonl:1:15: this is no JSON: Expecting ',' delimiter (the file is cut short"),
        ('[{"text": "x"}] 3', "a.jsonl:1:16: this is no JSON: Extra data"),
        ("[\n{},\n{}]", "a.jsonl:2:1: the field text should be a string and is missing"),
        ('[{"text": "\\udc00"}]', "a.jsonl:1:2: a string holds U+DC00, half of a surrogate pair"),
        ("[NaN]", "a.jsonl:1:2: this is no JSON: NaN is not a JSON value"),
        ("{}", "a.jsonl:1: the field text should be a string and is missing"),
        ({"text": 1}, "a.jsonl:1: the field text should be a string and is 1"),
        ({"text": "x", "spans": {}}, "a.jsonl:1: the field spans should be an array"),
        ({"text": "x", "spans": [1]}, "a.jsonl:1: span 0 should be an object and is 1"),
        ({"text": "x", "spans": [{}]}, "a.jsonl:1: the start of span 0 should be a whole number and is missing"),
        ({"text": "x", "spans": [{"start": True, "end": 1}]}, "a.jsonl:1: the start of span 0 should be a whole"),
        (
            {"text": "x", "spans": [{"start": 0, "end": 2, "label": "X"}]},
            "a.jsonl:1: span 0 at 0:2 is empty or outside",
        ),
        ({"text": "x", "spans": [{"start": 0, "end": 1}]}, "a.jsonl:1: the label of span 0 should be a string"),
        ({"text": "x", "spans": [{"start": 0, "end": 1, "label": ""}]}, "a.jsonl:1: '' is no label"),
        (
            {"text": " ", "spans": [{"start": 0, "end": 1, "label": "X"}]},
            "a.jsonl:1: entity X at 0:1 begins or ends",
        ),
        ({"text": "x", "tokens": [{"start": 0, "end": 1, "text": "y"}]}, "a.jsonl:1: token 0 is 'y', but 0:1 of the"),
        ({"text": "x y", "tokens": [{"start": 0, "end": 1}]}, "a.jsonl:1: no token covers 'y' at 1:3"),
        ('{"text": "\\ud83d"}', "a.jsonl:1: a string holds U+D83D, half of a surrogate pair"),
    ],
)
def test_what_is_wrong_with_a_record_is_told(tmp_path: Path, record: object, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.jsonl", record)
    assert str(error.value).removeprefix(f"{tmp_path}/").startswith(message)


def test_records_may_be_one_array(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(f"\n[\n {json.dumps(RECORD)},\n{json.dumps(RECORD)}\n]\n", encoding="utf-8")
    documents = list(read(tmp_path / "a.json"))
    assert [d.id for d in documents] == ["a", "a"]
    assert [str(d.source) for d in documents] == [f"{tmp_path}/a.json:3:2", f"{tmp_path}/a.json:4:1"]
    write(documents, tmp_path / "b.json")
    text = (tmp_path / "b.json").read_text(encoding="utf-8")
    assert json.loads(text) == [RECORD, RECORD]
    assert text.splitlines()[0] == "["
    write([], tmp_path / "c.json")
    assert (tmp_path / "c.json").read_text(encoding="utf-8") == "[]\n"
    assert list(read(tmp_path / "c.json", format="jsonl")) == []
