from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from strategies import documents

from converters import DataError, Document, ReadOptions, Report, Span, Tokens, UsageError, WriteOptions, read, write
from converters.formats import named
from converters.source import Source


def parse(text: str, **options: object) -> list[Document]:
    reader = named("conll").reader
    assert reader is not None
    source = Source("x.conll", "x", "x.conll")
    return list(reader(BytesIO(text.encode()), source, ReadOptions(**options), Report()))  # type: ignore[arg-type]


def written(document: Document, columns: str = "word,ner", report: Report | None = None) -> str:
    maker = named("conll").writer
    assert maker is not None
    file = BytesIO()
    report = report or Report()
    report.written["conll"] = __import__("converters.balance").balance.Count()
    maker(file, WriteOptions(columns=tuple(columns.split(","))), report).write(document)
    return file.getvalue().decode()


DOCUMENT = Document(
    "Rome's  New\u00a0York.\n\nBye",
    (Span(0, 4, "LOC"), Span(8, 16, "LOC")),
    Tokens.make([0, 4, 8, 16, 19], [4, 6, 16, 17, 22], [0, 4]),
)


def test_what_a_file_looks_like() -> None:
    assert written(DOCUMENT) == ("-DOCSTART- -X- O O\n\nRome\tB-LOC\n's\tO\nNew\u00a0York\tB-LOC\n.\tO\n\nBye\tO\n\n")
    assert written(DOCUMENT, "word,space,ner").splitlines()[2:] == [
        "Rome\t-\tB-LOC",
        "'s\t\\s\\s\tO",
        "New\u00a0York\t-\tB-LOC",
        ".\t\\n\\n\tO",
        "",
        "Bye\t-\tO",
        "",
    ]
    assert written(Document("", (), Tokens.make([], []))) == "-DOCSTART- -X- O O\n\n"


@given(documents())
def test_with_the_space_column_the_text_comes_back(document: Document) -> None:
    [back] = parse(written(document, "word,space,ner"))
    assert back == document or not document.text


@given(documents())
def test_without_it_the_tokens_and_entities_do(document: Document) -> None:
    [back] = parse(written(document))
    assert back.words == document.words
    assert [back.token_span(s) for s in back.spans] == [document.token_span(s) for s in document.spans]
    assert list(back.sentence_ranges()) == list(document.sentence_ranges())


@pytest.mark.parametrize(
    "line", ["-DOCSTART- -X- O O", "-DOCSTART- -X- -X- O", "-DOCSTART- -X- O", "-DOCSTART- O", "-DOCSTART-"]
)
@pytest.mark.parametrize("empty", ["\n\n", "\n"])
def test_every_kind_of_document_line(line: str, empty: str) -> None:
    found = parse(f"{line}{empty}a O\n\nb O\n\n{line}{empty}c O\n")
    assert [document.words for document in found] == [["a", "b"], ["c"]]
    assert [document.id for document in found] == ["x#1", "x#2"]


def test_columns_split_on_tabs_or_spaces_but_never_on_a_no_break_space() -> None:
    [document] = parse("New\u00a0York NNP I-NP B-LOC\nis VBZ I-VP O\n")
    assert document.words == ["New\u00a0York", "is"]
    assert document.spans == ((0, 8, "LOC"),)
    assert document.tokens is not None
    assert document.tokens.columns == {"column1": ("NNP", "VBZ"), "column2": ("I-NP", "I-VP")}
    [document] = parse("a b\tO\n")
    assert document.words == ["a b"]


def test_mark_of_byte_order_and_windows_line_ends_are_taken_in_stride() -> None:
    [document] = parse("\ufeffRome\tB-LOC\r\n\r\nBye\tO\r\n")
    assert document.words == ["Rome", "Bye"]
    assert document.id == "x"


def test_an_empty_file_has_no_documents_and_an_empty_document_is_one() -> None:
    assert parse("") == []
    assert [document.words for document in parse("-DOCSTART- O\n\n-DOCSTART- O\n\na O\n")] == [[], ["a"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tO\nb\tX\tO\n", "x.conll:2:1: 3 columns, where the lines before have 2: 'b X O'"),
        ("just words\nof text here\n", "x.conll:2:1: 3 columns, where the lines before have 2"),
        ("word\n", "x.conll:1:1: one column: 'word'"),
        ("\u00a0\tO\n", "x.conll:1:1: the word is white space"),
        ("a\tO\nb\tI-LOC\n", "x.conll:2:3: tag 'I-LOC' continues nothing (in BIO an entity begins with B-)"),
        ("a\tB-LOC\n\nb\tI-LOC\n", "x.conll:3:3: tag 'I-LOC' continues nothing"),
        ("a\tB-\n", "x.conll:1:3: tag 'B-' has no label"),
        ("a\tnoun\n", "x.conll:1:3: tag 'noun' is not one of BIO"),
    ],
)
def test_what_is_not_conll_is_an_error_with_its_place(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse(text)
    assert str(error.value).startswith(message)


def test_named_columns_must_be_as_many() -> None:
    with pytest.raises(DataError, match=r"x.conll:1:1: 2 columns, where 3 are named: word,space,ner"):
        parse("a\tO\n", columns=("word", "space", "ner"))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (Document("a", (Span(0, 1, "A B"),), Tokens.make([0], [1])), "conll cannot hold the label 'A B'"),
        (Document("-DOCSTART-", (), Tokens.make([0], [10])), "conll cannot hold the word '-DOCSTART-'"),
        (Document("a\tb", (), Tokens.make([0], [3])), r"conll cannot hold the word 'a\\tb'"),
        (
            Document("a b", (Span(0, 3, "X"), Span(0, 1, "Y")), Tokens.make([0, 2], [1, 3])),
            "entities X 'a b' and Y 'a' overlap, and conll can hold only one",
        ),
    ],
)
def test_what_it_cannot_hold_is_an_error(document: Document, message: str) -> None:
    with pytest.raises(DataError, match=message):
        written(document)


def test_a_document_without_tokens_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match="conll needs tokens, and this document has none"):
        written(Document("a"))


@pytest.mark.parametrize("columns", ["word,pos,ner", "ner,word", "word", "word,ner,ner", ""])
def test_columns_that_there_are_not(columns: str) -> None:
    with pytest.raises(UsageError):
        written(DOCUMENT, columns)


def test_losses_are_told(tmp_path: Path) -> None:
    report = Report()
    span = Span(0, 4, "LOC")
    tokens = Tokens.make([1, 5, 8], [4, 7, 9], [0, 1, 2], {"pos": ["A", "B", "C"]})
    document = Document(
        " Rom es x", (Span(1, 2, "X"), Span(1, 7, "Y")), tokens, {Span(1, 7, "Y"): {"kb_id": "Q1"}}, meta={"topic": 1}
    )
    with pytest.raises(DataError):
        written(document, "word,space,ner", report)
    document = Document(" Rom es x", (Span(1, 7, "Y"),), tokens, {Span(1, 7, "Y"): {"kb_id": "Q1"}}, meta={"topic": 1})
    text = written(document, "word,space,ner", report)
    assert [(loss.kind, loss.text, loss.reason) for loss in report.lost] == [
        ("field", "pos, kb_id, topic", "conll: no place for it"),
        ("field", " ", "conll: white space before the first word has no place"),
        ("field", "es", "conll: a sentence begins inside an entity"),
    ]
    assert text.splitlines()[2:] == ["Rom\t+\tB-Y", "es\t+\tI-Y", "", "x\t-\tO", ""]
    report = Report()
    written(Document("ab", (Span(0, 1, "X"),), Tokens.make([0], [2])), report=report)
    assert [(loss.kind, loss.text) for loss in report.lost] == [("span", "a")]
    assert report.written["conll"].spans == -1  # the caller counts the document before it is written
    del span, tmp_path


def test_spacing_is_said_to_be_reconstructed(tmp_path: Path) -> None:
    write([DOCUMENT], tmp_path / "a.conll", report=Report())
    report = Report()
    [document] = read(tmp_path / "a.conll", report=report)
    assert document.text == "Rome's New\u00a0York. Bye"
    assert [(repair.name, repair.text) for repair in report.repairs] == [("spacing", "reconstructed")]
