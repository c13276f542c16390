from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, UsageError, WriteOptions, read, write
from converters.balance import Count
from converters.formats import by_content, by_suffix, named
from converters.source import Source

NAME = "cogcomp-columns"
START = "O\t0\t0\tO\t-X-\t-DOCSTART-\tx\tx\t0\n\n"
TEXT = (
    START
    + "B-LOC\t0\t0\tO\tNNP\tVenezuela\tx\tx\t0\nO\t0\t1\tO\tPOS\t's\tx\tx\t0\n\nO\t0\t0\tI-NP\tO\tBye\tx\tx\t0\n\n"
)


def parse(text: str, report: Report | None = None, **options: object) -> list[Document]:
    reader = named(NAME).reader
    assert reader is not None
    source = Source("x.col", "x", "x.col")
    return list(reader(BytesIO(text.encode()), source, ReadOptions(**options), report or Report()))  # type: ignore[arg-type]


def written(*documents: Document, report: Report | None = None) -> str:
    maker = named(NAME).writer
    assert maker is not None
    file = BytesIO()
    report = report or Report()
    report.written[NAME] = Count()
    writer = maker(file, WriteOptions(), report)
    for document in documents:
        writer.write(document)
    writer.close()
    return file.getvalue().decode()


def row(tag: str, word: str, index: int = 0, pos: str = "O", chunk: str = "O") -> str:
    return f"{tag}\t0\t{index}\t{chunk}\t{pos}\t{word}\tx\tx\t0\n"


def test_what_a_file_looks_like() -> None:
    report = Report()
    [document] = parse(TEXT, report)
    assert document.text == "Venezuela's Bye"
    assert document.spans == (Span(0, 9, "LOC"),)
    assert list(document.sentence_ranges()) == [(0, 2), (2, 3)]
    assert document.tokens is not None
    assert document.tokens.columns == {"chunk": ("O", "O", "I-NP"), "pos": ("NNP", "POS", None)}
    assert [(repair.name, repair.place, repair.text) for repair in report.repairs] == [
        ("spacing", "x.col:3", "reconstructed")
    ]
    assert not report.lost
    assert written(document) == TEXT
    assert written(Document("", (), Tokens.make([], []))) == START


def test_the_format_is_told_by_name_and_by_content(tmp_path: Path) -> None:
    assert by_suffix("a.col") == by_content(TEXT.encode()) == named(NAME)
    assert by_content(row("B-PER", "x").encode()) == named(NAME)
    path = tmp_path / "a.col"
    path.write_text(TEXT, encoding="utf-8")
    assert [document.id for document in read(path, report=Report())] == ["a"]


@given(corpora())
def test_what_is_written_is_read_back(made: list[Document]) -> None:
    report = Report()
    back = parse(written(*made, report=report), report)
    assert not report.lost
    for one, other in zip(back, made, strict=True):
        assert one.words == other.words
        assert [one.token_span(s) for s in one.spans] == [other.token_span(s) for s in other.spans]
        assert list(one.sentence_ranges()) == list(other.sentence_ranges())


def test_documents_byte_order_marks_and_line_ends() -> None:
    found = parse("\ufeff" + (row("O", "a") + "\n" + START + row("O", "b") + START).replace("\n", "\r\n"))
    assert [(document.id, document.words) for document in found] == [("x#1", ["a"]), ("x#2", ["b"]), ("x#3", [])]
    assert parse("") == []


def test_the_taggers_own_spacing_is_undone() -> None:
    words = 'He said , " no " ( twice ) .'.split()
    [document] = parse("".join(row("O", word, number) for number, word in enumerate(words)))
    assert document.text == 'He said, "no" (twice).'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tO\n", "x.col:1:1: 2 columns, where the tagger has 9: 'a O' (one tab stands between columns; conll has"),
        (row("O", "a") + "O\n", "x.col:2:1: 1 columns, where the tagger has 9: 'O'"),
        (row("O", "\u00a0"), "x.col:1:11: the word is white space"),
        (row("B-X", "a") + "\n" + row("I-X", "b"), "x.col:3:1: tag 'I-X' continues nothing (in BIO"),
        (row("U-X", "a"), "x.col:1:1: tag 'U-X' is not one of BIO"),
        (row("B-", "a"), "x.col:1:1: tag 'B-' has no label"),
    ],
)
def test_bad_input(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(text)
    assert str(error.value).startswith(message)


def test_repair() -> None:
    text = row("O", "a") + row("I-X", "b", 1)
    for method, count, new in (("conlleval", 1, "B-X"), ("discard", 0, "O")):
        report = Report()
        [document] = parse(text, report, repair_tags=method)
        assert len(document.spans) == count
        assert (f"tags {method}", "x.col:2:1", f"I-X is {new}") in {(r.name, r.place, r.text) for r in report.repairs}


def test_with_keep_going_the_rest_is_read() -> None:
    report = Report(keep_going=True)
    text = START + "a\tO\n\n" + START + row("O", "b") + "\n" + START + row("I-X", "c")
    assert [document.words for document in parse(text, report)] == [["b"]]
    assert [str(error.place) for error in report.failures] == ["x.col:3:1", "x.col:11:1"]


def test_columns_that_say_more_than_usual_are_told() -> None:
    report = Report()
    parse("O\t7\t5\tO\tO\ta\ty\tx\t0\nO\t7\t6\tO\tO\tb\tx\tx\t0\n", report)
    assert [(loss.kind, loss.text, loss.reason) for loss in report.lost] == [
        (
            "field",
            "index in the sentence, last three",
            "columns that are not as the tagger writes them are not carried",
        )
    ]


def test_losses_are_told(tmp_path: Path) -> None:
    columns = {"pos": ["A", "", None], "lemma": ["a", "b", "c"]}
    tokens = Tokens.make([0, 2, 4], [1, 3, 5], [0, 1], columns)
    span = Span(0, 3, "X")
    document = Document("a b c", (span,), tokens, {span: {"kb_id": "Q1"}}, meta={"topic": 1})
    report = Report()
    write([document], tmp_path / "a.col", format=NAME, report=report)
    text = (tmp_path / "a.col").read_text(encoding="utf-8")
    assert [(loss.kind, loss.text, loss.reason) for loss in report.lost] == [
        ("field", "kb_id", f"{NAME}: it holds no attributes of entities"),
        ("field", "topic", f"{NAME}: it holds no metadata"),
        ("field", "lemma", f"{NAME}: no place for it"),
        ("field", "b", f"{NAME}: a sentence begins inside an entity"),
    ]
    assert text == START + row("B-X", "a", 0, "A") + row("I-X", "b", 1) + row("O", "c", 2) + "\n"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (Document("a", (Span(0, 1, "A B"),), Tokens.make([0], [1])), f"{NAME} cannot hold the label 'A B'"),
        (Document("-DOCSTART-", (), Tokens.make([0], [10])), f"{NAME} cannot hold the word '-DOCSTART-'"),
        (Document("a\tb", (), Tokens.make([0], [3])), rf"{NAME} cannot hold the word 'a\\tb'"),
        (
            Document("a", (), Tokens.make([0], [1], None, {"pos": ["-X-"]})),
            f"{NAME} cannot hold the part of speech '-X-'",
        ),
        (
            Document("a", (), Tokens.make([0], [1], None, {"chunk": ["\n"]})),
            rf"{NAME} cannot hold the value '\\n'",
        ),
        (
            Document("a b", (Span(0, 3, "X"), Span(0, 1, "Y")), Tokens.make([0, 2], [1, 3])),
            f"entities X 'a b' and Y 'a' overlap, and {NAME} can hold only one",
        ),
    ],
)
def test_what_it_cannot_hold_is_an_error(document: Document, message: str) -> None:
    with pytest.raises(DataError, match=message):
        written(document)


def test_a_document_without_tokens_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match=f"{NAME} needs tokens"):
        written(replace(Document("a"), id="a"))


@given(st.text("ab\t\n -OBIX0x\u00a0", max_size=40), st.lists(st.sampled_from(["B-X", "I-X", "O", ""]), max_size=3))
def test_nothing_but_data_errors_leaves(text: str, tags: list[str]) -> None:
    report = Report(keep_going=True)
    parse("".join(row(tag, "a") for tag in tags) + text, report)
    assert all(re.match(r"x\.col:\d+", str(error)) for error in report.failures)
