from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import padded, spaced
from strategies import documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, WriteOptions, read, write
from converters.formats import jsonl
from converters.formats.jsonl import JsonlWriter
from converters.offsets import to_utf16

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


@given(document=documents(), unit=st.sampled_from([None, "char", "utf16"]), is_asked=st.booleans())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, document: Document, unit: Any, is_asked: bool
) -> None:
    path = tmp_path_factory.mktemp("jsonl") / "a.jsonl"
    write([document], path, options=WriteOptions(offset_unit=unit))
    [back] = read(path, options=ReadOptions(offset_unit=unit if is_asked else None))  # the tokens tell the unit
    assert (back.text, back.spans, back.words, back.id) == (document.text, document.spans, document.words, document.id)
    assert back == document
    record = json.loads(path.read_text(encoding="utf-8"))
    assert "".join(token["text"] + " " * token["ws"] for token in record["tokens"]) == document.text
    for span in record["spans"]:
        inside = record["tokens"][span["token_start"] : span["token_end"] + 1]
        assert (inside[0]["start"], inside[-1]["end"]) == (span["start"], span["end"])


def test_sentences_are_written_and_read_where_they_are_known(tmp_path: Path) -> None:
    tokens = Tokens.make([0, 2, 4, 8], [1, 3, 6, 9], [0, 2])
    write([Document("😀 a b.  c", (), tokens)], tmp_path / "a.jsonl")
    record = json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8"))
    assert record["sents"] == [{"start": 0, "end": 3}, {"start": 4, "end": 9}]
    [back] = read(tmp_path / "a.jsonl")
    assert back.tokens == tokens
    write([back], tmp_path / "b.jsonl", options=WriteOptions(offset_unit="utf16"))
    record = json.loads((tmp_path / "b.jsonl").read_text(encoding="utf-8"))
    assert record["sents"] == [{"start": 0, "end": 4}, {"start": 5, "end": 10}]
    [back] = read(tmp_path / "b.jsonl")
    assert back.tokens == tokens
    write([Document("a b", (), Tokens.make([0, 2], [1, 3]))], tmp_path / "c.jsonl")
    assert "sents" not in json.loads((tmp_path / "c.jsonl").read_text(encoding="utf-8"))
    [back] = read(tmp_path / "c.jsonl")
    assert back.tokens is not None
    assert back.tokens.sentences is None


@pytest.mark.parametrize(
    "sents",
    [
        [{"start": 0, "end": 2}, {"start": 4, "end": 5}],  # which begins inside a token
        [{"start": 0, "end": 2, "label": "x"}, {"start": 3, "end": 5}],
        [{"start": 3, "end": 5}],
        [{"start": 3, "end": 5}, {"start": 0, "end": 2}],
        [{"start": 0, "end": 2}, {"start": 0, "end": 5}],
        [{"start": 0, "end": 2}, {"start": 3, "end": 5}, {"start": 5, "end": 5}],
        [{"start": 0}, {"start": 99}],
        [{"start": True}],
        [0, 1],
        ["ab", "cd."],
        "ab cd",
        {"start": 0},
        [],
    ],
)
def test_other_sentences_are_kept_as_they_are(tmp_path: Path, sents: object) -> None:
    tokens = [{"text": "ab", "start": 0, "end": 2}, {"text": "cd", "start": 3, "end": 5}]
    report = Report()
    [document] = parse(tmp_path / "a.jsonl", {"text": "ab cd", "tokens": tokens, "sents": sents}, report=report)
    assert document.tokens is not None
    assert document.tokens.sentences is None
    write([document], tmp_path / "b.jsonl", report=report)
    assert json.loads((tmp_path / "b.jsonl").read_text(encoding="utf-8"))["sents"] == sents
    assert not report.lost


def test_sentences_without_tokens_are_kept_as_they_are(tmp_path: Path) -> None:
    sents = [{"start": 0, "end": 2}, {"start": 3, "end": 5}]
    report = Report()
    [document] = parse(tmp_path / "a.jsonl", {"text": "ab cd", "sents": sents}, report=report)
    write([document], tmp_path / "b.jsonl", report=report)
    assert json.loads((tmp_path / "b.jsonl").read_text(encoding="utf-8"))["sents"] == sents
    assert not report.lost


def test_the_unit_of_offsets_is_found_out_where_mentions_tell(tmp_path: Path) -> None:
    told = ("offset unit", f"{tmp_path}/a.jsonl:1", "UTF-16 units, as the mentions show")
    text, spans = "😀 Anna", [{"start": 3, "end": 7, "label": "PER"}]
    tokens = [{"text": "😀", "start": 0, "end": 2}, {"text": "Anna", "start": 3, "end": 7}]
    for record in ({"text": text, "spans": [{**spans[0], "text": "Anna"}]}, {"text": text, "tokens": tokens}):
        report = Report()
        [document] = parse(tmp_path / "a.jsonl", {"spans": spans, **record}, report=report)
        assert document.spans == ((2, 6, "PER"),)
        assert [tuple(vars(repair).values()) for repair in report.repairs] == [told]
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.jsonl", {"text": text, "spans": spans})
    assert str(error.value).removeprefix(f"{tmp_path}/") == (
        "a.jsonl:1:30: spans[0] at 3:7 is empty, or outside the text of 6 characters "
        "(in UTF-16 units it would fit: --in-offset-unit utf16)"
    )
    report = Report()
    [document] = read(tmp_path / "a.jsonl", report=report, options=ReadOptions(offset_unit="utf16"))
    assert document.spans == ((2, 6, "PER"),)
    assert report.repairs == []


def test_a_broken_line_does_not_end_the_file(tmp_path: Path) -> None:
    report = Report(keep_going=True)
    lines = ['{"text": "a"}', '{"text": "b"', '{"text": 7}', '{"text": "d", "meta": {"id": "d"}}', "nonsense"]
    found = parse(tmp_path / "a.jsonl", *lines, '{"text": "f"}', report=report)
    assert [document.text for document in found] == ["a", "d", "f"]
    assert [str(failure).removeprefix(f"{tmp_path}/") for failure in report.failures] == [
        "a.jsonl:2:13: this is no JSON: Expecting ',' delimiter (a line holds one record, whole)",
        "a.jsonl:3:10: text should be a string and is 7",
        "a.jsonl:5:1: this is no JSON: Expecting value (a line holds one record, whole)",
    ]
    assert report.read.documents == 6


def test_ids_are_made_where_there_are_none(tmp_path: Path) -> None:
    assert [d.id for d in parse(tmp_path / "a.jsonl", {"text": "x"})] == ["a"]
    found = parse(tmp_path / "a.jsonl", {"text": "x"}, "", {"text": "y", "meta": {"id": 7}}, {"text": "z"})
    assert [d.id for d in found] == ["a#1", "7", "a#3"]
    assert [d.meta for d in found] == [{"source": "a.jsonl"}] * 3


def test_no_metadata_can_take_the_place_of_a_field(tmp_path: Path) -> None:
    for meta in ({"record": {"text": "no"}}, {"__record__": {"text": "no"}}, {"__record__": 3}):
        [document] = parse(tmp_path / "a.jsonl", {"text": "yes", "meta": meta})
        write([document], tmp_path / "b.jsonl", report=(report := Report()))
        assert json.loads((tmp_path / "b.jsonl").read_text(encoding="utf-8"))["text"] == "yes"
        assert [loss.text for loss in report.lost] == ["text"] * (meta == {"__record__": {"text": "no"}})


def test_no_attribute_and_no_column_can_take_the_place_of_a_field(tmp_path: Path) -> None:
    span = Span(0, 4, "LOC")
    tokens = Tokens.make([0], [4], None, {"start": ["9"], "pos": ["N"]})
    known = {span: {"end": "9", "label": "X", "kb_id": "Q220"}}
    document = Document("Rome", (span,), tokens, known, "a", meta={"__record__": {"spans": [1], "k": 2}})
    report = Report()
    write([document], tmp_path / "a.jsonl", report=report)
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", "spans, end, label, start")]
    [back] = read(tmp_path / "a.jsonl")
    assert (back.spans, back.attributes, back.meta["__record__"]) == ((span,), {span: {"kb_id": "Q220"}}, {"k": 2})
    assert back.tokens is not None
    assert back.tokens.columns == {"pos": ("N",)}
    report = Report()
    document = Document("Rome", id="a", meta={"__record__": {"tokens": [{"text": "Rome", "start": 0, "end": 4}]}})
    write([document], tmp_path / "a.jsonl", report=report)  # which has none, but a field of that name
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", "tokens")]
    [back] = read(tmp_path / "a.jsonl")
    assert back.tokens is None


def test_repairs_are_told(tmp_path: Path) -> None:
    report = Report()
    spans = [{"start": 0, "end": 3, "label": "X"}, {"start": 1, "end": 2, "label": "X"}]
    [document] = parse(tmp_path / "a.jsonl", {"text": " a ", "spans": spans}, report=report)
    assert document.spans == ((1, 2, "X"),)
    assert [repair.name for repair in report.repairs] == ["trim white space", "merge twins"]


NO_LABEL = "'' is no label (a label is not empty and has no control characters or line breaks)"
OUTSIDE = "(offsets count characters from 0, and the end is the first one outside)"
MEND = "(offsets count characters; mend the offsets or the text)"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ('{"text": "x"', "a.jsonl:1:13: this is no JSON: Expecting ',' delimiter (a line holds one record, whole)"),
        ('{"text": NaN}', "a.jsonl:1:10: this is no JSON: NaN is not a JSON value"),
        ("[1]", "a.jsonl:1:2: the record should be an object and is 1"),
        ('[{"text": "x"}, 7]', "a.jsonl:1:17: the record should be an object and is 7"),
        ('[{"text": "x"}', "a.jsonl:1:15: this is no JSON: Expecting ',' delimiter (the file is cut short"),
        ('[{"text": "x"}] 3', "a.jsonl:1:17: this is no JSON: Extra data"),
        ('{"text": "x"} 3', "a.jsonl:1:15: this is no JSON: Extra data"),
        (
            '{"sentence": "x", "ents": 1}',
            "a.jsonl:1:1: text should be a string and is missing (there is sentence, ents)",
        ),
        ("[\n{},\n{}]", "a.jsonl:2:1: text should be a string and is missing"),
        ('[\n{"text":\n"x", "spans":\n [1]}]', "a.jsonl:4:3: spans[0] should be an object and is 1"),
        ('[{"text": "\\udc00"}]', "a.jsonl:1:12: a string holds U+DC00, half of a surrogate pair"),
        ("[NaN]", "a.jsonl:1:2: this is no JSON: NaN is not a JSON value"),
        ('[{"text": "x"}, {"text": NaN}]', "a.jsonl:1:26: this is no JSON: NaN is not a JSON value"),
        ("{}", "a.jsonl:1:1: text should be a string and is missing"),
        (" {}", "a.jsonl:1:2: text should be a string and is missing"),
        ({"text": 1}, "a.jsonl:1:10: text should be a string and is 1"),
        ({"text": None}, "a.jsonl:1:10: text should be a string and is missing"),
        ({"text": "x", "spans": {}}, "a.jsonl:1:24: spans should be an array and is {}"),
        ({"text": "x", "spans": [1]}, "a.jsonl:1:25: spans[0] should be an object and is 1"),
        ({"text": "x", "spans": [{}]}, "a.jsonl:1:25: spans[0].start should be a whole number and is missing"),
        (
            {"text": "x", "spans": [{"start": True, "end": 1}]},
            "a.jsonl:1:35: spans[0].start should be a whole number and is true",
        ),
        (
            {"text": "x", "spans": [{"start": 0, "end": 1.0}]},
            "a.jsonl:1:45: spans[0].end should be a whole number and is 1.0",
        ),
        (
            {"text": "x", "spans": [{"start": 0, "end": 2, "label": "X"}]},
            f"a.jsonl:1:25: spans[0] at 0:2 is empty, or outside the text of 1 characters {OUTSIDE}",
        ),
        (
            {"text": "x", "spans": [{"start": 0, "end": 1}]},
            "a.jsonl:1:25: spans[0].label should be a string and is missing",
        ),
        ({"text": "x", "spans": [{"start": 0, "end": 1, "label": ""}]}, f"a.jsonl:1:57: {NO_LABEL}"),
        (
            {"text": "x", "spans": [{"start": 0, "end": 1, "label": "X", "text": 3}]},
            "a.jsonl:1:70: spans[0].text should be a string and is 3",
        ),
        (
            {"text": "x", "spans": [{"start": 0, "end": 1, "label": "X", "text": "y"}]},
            f"a.jsonl:1:25: spans[0] is 'y', but 0:1 of the text is 'x' {MEND}",
        ),
        (
            {"text": " ", "spans": [{"start": 0, "end": 1, "label": "X"}]},
            "a.jsonl:1:25: spans[0] at 0:1 is white space alone (take it out)",
        ),
        ({"text": "x", "tokens": {}}, "a.jsonl:1:25: tokens should be an array and is {}"),
        (
            {"text": "x", "tokens": [{"start": 0}]},
            "a.jsonl:1:26: tokens[0].end should be a whole number and is missing",
        ),
        (
            {"text": "x", "tokens": [{"start": 0, "end": 1, "text": "y"}]},
            f"a.jsonl:1:26: tokens[0] is 'y', but 0:1 of the text is 'x' {MEND}",
        ),
        ({"text": "x y", "tokens": [{"start": 0, "end": 1}]}, "a.jsonl:1:27: no token covers 'y' at 1:3"),
        ({"text": "x", "meta": []}, "a.jsonl:1:23: meta should be an object and is []"),
        (
            {"text": "x", "meta": {"id": [1]}},
            "a.jsonl:1:30: meta.id should be a string or a whole number and is [1]",
        ),
        (
            {"text": "x", "meta": {"id": True}},
            "a.jsonl:1:30: meta.id should be a string or a whole number and is true",
        ),
        ({"text": "x", "meta": {"id": ""}}, "a.jsonl:1:30: meta.id is empty"),
        (
            {"text": "x", "spans": [], "label": [[0, 1, "X"]]},
            "a.jsonl:1:37: label has entities as another format has them "
            "(is the file of several formats? divide it, and name each with --from)",
        ),
        ('{"text": "\\ud83d"}', "a.jsonl:1:11: a string holds U+D83D, half of a surrogate pair"),
        (
            '{"a": "\\ud83d\\ude00", "b": "\\\\ud83d", "text": "x\\ud83d"}',
            "a.jsonl:1:49: a string holds U+D83D, half of a surrogate pair",
        ),
        (
            '{"text": "x", "meta": {"id": "a"}}\n{"text": "x", "meta": {"id": "a"}}',
            "a.jsonl:2:30: a second document with the id 'a', the first is in line 1 (give each its own, or none)",
        ),
    ],
)
def test_what_is_wrong_with_a_record_is_told(tmp_path: Path, record: object, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(tmp_path / "a.jsonl", record)
    assert str(error.value).removeprefix(f"{tmp_path}/").startswith(message)


def test_records_may_be_one_array(tmp_path: Path) -> None:
    records = [RECORD, {**RECORD, "meta": {"id": "b", "source": "a.txt", "page": 3}}]
    one, other = map(json.dumps, records)
    (tmp_path / "a.json").write_text(f"\n[\n {one},\n{other}\n]\n", encoding="utf-8")
    documents = list(read(tmp_path / "a.json"))
    assert [d.id for d in documents] == ["a", "b"]
    assert [str(d.source) for d in documents] == [f"{tmp_path}/a.json:3:2", f"{tmp_path}/a.json:4:1"]
    write(documents, tmp_path / "b.json")
    text = (tmp_path / "b.json").read_text(encoding="utf-8")
    assert json.loads(text) == records
    assert text.splitlines()[0] == "["
    write([], tmp_path / "c.json")
    assert (tmp_path / "c.json").read_text(encoding="utf-8") == "[]\n"
    assert list(read(tmp_path / "c.json", format="jsonl")) == []


@given(documents(), st.sampled_from([None, "utf16"]))
def test_tokens_written_as_text_are_those_of_dictionaries(document: Document, unit: Any) -> None:
    document = replace(document, meta={"tokens": [], "text": '"tokens": []', "a": {"tokens": []}})
    file = BytesIO()
    writer = JsonlWriter(file, WriteOptions(offset_unit=unit), Report())
    writer.write(document)
    writer.write(replace(document, tokens=None))
    first, second, _ = file.getvalue().decode().split("\n")
    assert first == json.dumps(json.loads(first), ensure_ascii=False)  # as json writes it
    assert "tokens" not in json.loads(second)
    assert json.loads(second)["meta"] == json.loads(first)["meta"] == {"id": document.id, **document.meta}
    words, _, spaces, _ = document.spaced()
    found = json.loads(first)["tokens"]
    assert [(t["text"], t["ws"], t["id"]) for t in found] == list(zip(words, spaces, range(len(words)), strict=True))
    assert document.tokens is not None
    columns = {"pos": ["X"] * len(document.tokens)}
    file = BytesIO()
    JsonlWriter(file, WriteOptions(offset_unit=unit), Report()).write(
        replace(document, tokens=replace(document.tokens, columns={k: tuple(v) for k, v in columns.items()}))
    )
    by_dictionaries = json.loads(file.getvalue())["tokens"]
    assert [{k: v for k, v in token.items() if k != "pos"} for token in by_dictionaries] == found


def plain_record(document: Document, tokens: bool, unit: str | None) -> dict[str, Any]:
    """The record of a document whose tokens have no columns."""

    def edges(start: int, end: int) -> dict[str, Any]:
        start, end = to_utf16(document.text, [start, end]) if unit == "utf16" else [start, end]
        return {"start": start, "end": end}

    record: dict[str, Any] = {"text": document.text}
    if tokens and document.tokens is not None:
        words, starts, spaces, numbers = spaced(document)
        record["tokens"] = [
            {"text": word, **edges(start, start + len(word)), "id": number, "ws": space}
            for number, (word, start, space) in enumerate(zip(words, starts, spaces, strict=True))
        ]
    record["spans"] = []
    for span in document.spans:
        fields = edges(span.start, span.end)
        if tokens and (place := document.token_span(span)):
            fields |= {"token_start": numbers[place.first], "token_end": numbers[place.stop - 1]}
        record["spans"].append(fields | {"label": span.label} | dict(document.attributes.get(span, {})))
    if tokens and document.tokens is not None and document.tokens.sentences is not None:
        offsets = document.tokens
        record["sents"] = [
            edges(offsets.starts[first], offsets.ends[stop - 1]) for first, stop in document.sentence_ranges()
        ]
    return record | {"meta": {"id": document.id}}


@given(
    st.lists(documents().flatmap(padded), max_size=4),
    st.lists(st.sampled_from(["no tokens", "no sentences", "attributes", ""]), min_size=4),
    st.booleans(),
    st.sampled_from([None, "utf16"]),
    st.integers(1, 30),
)
def test_records_are_those_of_dictionaries(
    corpus: list[Document], lacks: list[str], tokens: bool, unit: Any, kept: int
) -> None:
    """Whatever is known of a document, and however few words and numbers are kept."""
    file, made = BytesIO(), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "KEPT_WORDS", kept)
        patch.setattr(jsonl, "KEPT_NUMBERS", kept)
        patch.setattr(jsonl, "WORDS", jsonl.Words(', "start": '))
        patch.setattr(jsonl, "LABELS", jsonl.Words())
        patch.setattr(jsonl, "_digits", [])
        writer = JsonlWriter(file, WriteOptions(offset_unit=unit, tokens=tokens), Report())
        for document, what in zip(corpus, lacks, strict=False):
            assert document.tokens is not None
            if what == "no tokens":
                document = replace(document, tokens=None)
            elif what == "no sentences":
                document = replace(document, tokens=replace(document.tokens, sentences=None))
            elif what == "attributes":
                document = replace(document, attributes={span: {"id": "Q1"} for span in document.spans[::2]})
            writer.write(document)
            made.append(plain_record(document, tokens, unit))
        assert max(map(len, (writer.words, writer.labels, jsonl._digits))) <= kept
    assert file.getvalue().decode() == "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in made)


@pytest.mark.parametrize("tokens", [True, False])
def test_fields_of_another_format_that_are_called_as_its_own_are_told(tokens: bool, tmp_path: Path) -> None:
    record = {"tokenized_text": ["Bo", "met"], "ner": [[0, 0, "PER"]], "text": "Bo  met", "tokens": [1], "kept": 2}
    (tmp_path / "a.json").write_text(json.dumps(record))
    [document] = read(tmp_path / "a.json", report=Report())
    report = Report()
    write([document], tmp_path / "b.jsonl", options=WriteOptions(tokens=tokens), report=report)
    assert [(loss.kind, loss.text) for loss in report.lost if loss.kind == "field"] == [("field", "text, tokens")]
    [back] = read(tmp_path / "b.jsonl", report=Report())
    assert (back.text, back.spans, back.meta["__record__"]) == ("Bo met", document.spans, {"kept": 2})


def test_an_attribute_labels_makes_no_other_format_of_it(tmp_path: Path) -> None:
    entity = Span(0, 2, "PER")
    write([Document("Bo", (entity,), None, {entity: {"labels": ["x"]}})], tmp_path / "a.jsonl", report=Report())
    [back] = read(tmp_path / "a.jsonl", report=Report())
    assert dict(back.attributes) == {entity: {"labels": ["x"]}}


@pytest.mark.parametrize("size", [1, 2, 5])
def test_tokens_that_are_written_in_blocks_are_those_of_one(seed: Document, size: int, tmp_path: Path) -> None:
    write([seed], tmp_path / "whole.jsonl")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "BLOCK", size)
        write([seed, Document("", (), Tokens.make((), ()))], tmp_path / "blocks.jsonl")
    whole, blocks = ((tmp_path / name).read_text(encoding="utf-8") for name in ("whole.jsonl", "blocks.jsonl"))
    assert blocks.startswith(whole)
    assert json.loads(blocks.splitlines()[1])["tokens"] == []
