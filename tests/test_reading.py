"""What all readers do with each document: ids, the name of the source, and those that fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import DataError, Document, Report, Span, Tokens, read, write
from converters.errors import Place
from converters.reading import read_each
from converters.source import Source

SOURCE = Source("in/b/a.jsonl", "b/a", "b/a.jsonl")


def document(id: str | None, line: int | None = None, **meta: object) -> Document:
    return Document("x", id=id, source=Place(SOURCE.file, line) if line else None, meta=meta)


def made(*documents: Document | None, report: Report | None = None) -> list[Document]:
    """The documents that come of documents; of None none can be made."""

    def make(item: Document | None) -> Document:
        if item is None:
            raise DataError("nothing", "", Place(SOURCE.file, 9))
        return item

    return list(read_each(documents, SOURCE, report or Report(), make))


def test_a_document_without_an_id_has_the_files() -> None:
    [found] = made(document(None))
    assert (found.id, found.has_own_id) == ("b/a", False)
    found_ones = made(document(None), document("7"), document(None))
    assert [(d.id, d.has_own_id) for d in found_ones] == [("b/a#1", False), ("7", True), ("b/a#3", False)]
    assert made() == []


def test_an_id_of_its_own_stays() -> None:
    [found] = made(document("b/a"))
    assert (found.id, found.has_own_id) == ("b/a", True)


def test_the_source_is_the_files_unless_an_earlier_reader_has_set_it() -> None:
    one, other, third = made(document("1"), document("2", source="mail.txt", page=3), document("3", page=3))
    assert one.meta == {"source": "b/a.jsonl"}
    assert other.meta == {"source": "mail.txt", "page": 3}
    assert third.meta == {"source": "b/a.jsonl", "page": 3}
    assert [list(d.meta) for d in (other, third)] == [["source", "page"]] * 2


def test_all_else_of_a_document_stays() -> None:
    span = Span(0, 1, "X")
    whole = Document("x", (span,), Tokens.make([0], [1]), {span: {"a": 1}}, None, Place("f", 3, 4), {"k": [1]})
    [found] = made(whole)
    assert found == whole
    assert (found.source, found.attributes) == (whole.source, whole.attributes)
    assert (whole.id, whole.meta, whole.has_own_id) == (None, {"k": [1]}, True)


def test_one_that_fails_is_told_and_keeps_its_number() -> None:
    report = Report(keep_going=True)
    found = made(document(None), None, document(None), None, report=report)
    assert [d.id for d in found] == ["b/a#1", "b/a#3"]
    assert [str(failure) for failure in report.failures] == ["in/b/a.jsonl:9: nothing"] * 2
    assert [(loss.kind, loss.place, loss.reason) for loss in report.lost] == [
        ("document", "in/b/a.jsonl:9", "nothing")
    ] * 2
    with pytest.raises(DataError, match=r"^in/b/a\.jsonl:9: nothing$"):
        made(document(None), None)


def test_an_error_stands_for_an_item_that_could_not_be_read() -> None:
    broken = DataError("broken", "mend it", Place(SOURCE.file, 2, 3))
    items = [document(None), broken, document(None)]
    report = Report(keep_going=True)
    found = list(read_each(items, SOURCE, report, lambda item: item))
    assert [d.id for d in found] == ["b/a#1", "b/a#3"]
    assert report.failures == [broken]
    with pytest.raises(DataError, match=r"^in/b/a\.jsonl:2:3: broken \(mend it\)$"):
        list(read_each(items, SOURCE, Report(), lambda item: item))
    assert [d.id for d in read_each([broken, document(None)], SOURCE, report, lambda item: item)] == ["b/a#2"]


def test_documents_come_one_by_one() -> None:
    seen: list[int] = []

    def make(number: int) -> Document:
        seen.append(number)
        return Document("x", id=str(number))

    found = read_each(range(5), SOURCE, Report(), make)
    assert [next(found).id, next(found).id] == ["0", "1"]
    assert seen == [0, 1]


def test_an_error_that_is_not_the_datas_is_no_failure() -> None:
    def make(item: int) -> Document:
        raise KeyError(item)

    with pytest.raises(KeyError):
        list(read_each([1], SOURCE, Report(keep_going=True), make))


def test_two_of_one_id_are_an_error() -> None:
    with pytest.raises(DataError) as error:
        made(document("x", 2), document("y", 3), document("x", 5))
    assert str(error.value) == (
        "in/b/a.jsonl:5: a second document with the id 'x', the first is in line 2 (give each its own, or none)"
    )
    with pytest.raises(DataError) as error:
        made(document("x"), document("x"))
    assert str(error.value) == "in/b/a.jsonl: a second document with the id 'x' (give each its own, or none)"


def test_of_several_of_one_id_the_first_is_read_where_that_is_asked_for() -> None:
    report = Report(keep_going=True)
    found = made(document("x", 1), document("x", 2), None, document(None, 4), document("x", 5), report=report)
    assert [(d.id, str(d.source)) for d in found] == [("x", "in/b/a.jsonl:1"), ("b/a#4", "in/b/a.jsonl:4")]
    assert [str(failure) for failure in report.failures] == [
        "in/b/a.jsonl:2: a second document with the id 'x', the first is in line 1 (give each its own, or none)",
        "in/b/a.jsonl:9: nothing",
        "in/b/a.jsonl:5: a second document with the id 'x', the first is in line 1 (give each its own, or none)",
    ]


def test_the_id_of_one_that_failed_is_free() -> None:
    report = Report(keep_going=True)

    def make(item: tuple[str, bool]) -> Document:
        if not item[1]:
            raise DataError("nothing")
        return Document("x", id=item[0])

    assert [d.id for d in read_each([("x", False), ("x", True)], SOURCE, report, make)] == ["x"]
    assert len(report.failures) == 1


@given(st.lists(st.sampled_from([None, "x", "b/a", "b/a#1", "b/a#2", "b/a#3"]), max_size=4))
def test_no_two_documents_of_a_file_have_one_id(ids: list[str | None]) -> None:
    report = Report(keep_going=True)
    found = made(*map(document, ids), report=report)
    assert len({d.id for d in found}) == len(found)
    own = [id for id in ids if id is not None]
    made_up = {d.id for d in found if not d.has_own_id}  # an own one that comes after one of these is refused
    assert [d.id for d in found if d.has_own_id] == [id for id in dict.fromkeys(own) if id not in made_up]


def test_failures_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": 1}\n{"text"\n{"text": 3}\n{"text": "x"}\n[', encoding="utf-8")
    report = Report(keep_going=True)
    assert [d.text for d in read(tmp_path / "a.jsonl", report=report)] == ["x"]
    assert [failure.place and failure.place.line for failure in report.failures] == [1, 2, 3, 5]


def test_a_document_is_given_before_the_next_line_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "x"}\n{"text": "y"}\n{"text": "z"}\n[', encoding="utf-8")
    found: Iterator[Document] = read(tmp_path / "a.jsonl")
    assert [next(found).text for _ in "xyz"] == ["x", "y", "z"]
    with pytest.raises(DataError, match=r"a\.jsonl:4:2: this is no JSON: Expecting value"):
        next(found)


MANY = ["conllu", "doccano", "gliner", "huggingface", "jsonl", "label-studio", "parquet", "rasa", "spacy", "spacy-v2"]
"""The formats that hold several documents a file, and their ids."""


@pytest.mark.parametrize("format", MANY)
def test_every_format_tells_of_two_documents_of_one_id(tmp_path: Path, format: str) -> None:
    suffix = {"conllu": "conllu", "parquet": "parquet", "rasa": "yml", "spacy": "spacy"}.get(format, "jsonl")
    path = tmp_path / f"a.{suffix}"
    same = Document("x", (Span(0, 1, "X"),), Tokens.make([0], [1]), id="7", meta={"source": "s"})
    write([same, Document("y", (), Tokens.make([0], [1])), same], path, format=format, report=Report())
    with pytest.raises(DataError, match=r"a\.[a-z]*(:\d+)*: a second document with the id '7'"):
        list(read(path, format=format, report=Report()))
    report = Report(keep_going=True)
    found = list(read(path, format=format, report=report))
    assert [(d.id, d.text) for d in found if d.has_own_id] == [("7", "x")]
    assert found[0].meta["source"] == "s"
    assert len(report.failures) == 1


@pytest.mark.parametrize("format", ["gliner", "huggingface", "jsonl", "spacy-v2"])
def test_the_source_and_further_fields_go_through_all_json_formats(tmp_path: Path, format: str) -> None:
    record = {"text": "x", "spans": [], "meta": {"id": "i", "source": "mail.txt", "page": 3}, "k": [1]}
    record["tokens"] = [{"text": "x", "start": 0, "end": 1, "id": 0, "ws": False}]
    (tmp_path / "a.jsonl").write_text(json.dumps(record), encoding="utf-8")
    [first] = read(tmp_path / "a.jsonl")
    assert first.meta == {"source": "mail.txt", "page": 3, "__record__": {"k": [1]}}
    write([first], tmp_path / "b.jsonl", format=format, report=Report())
    [second] = read(tmp_path / "b.jsonl", format=format, report=Report())
    assert (second.id, second.meta) == ("i", first.meta)
