"""Documents of sentences: all of the text but the space between, with all that is known of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from strategies import documents

from converters import Document, ReadOptions, Span, Tokens, read
from converters.sentences import by_sentence, sentences


@given(documents())
def test_the_pieces_are_the_document(document: Document) -> None:
    assert document.tokens is not None
    columns = {"pos": tuple(f"T{n}" for n in range(len(document.tokens)))}
    attributes = {span: {"kb_id": str(n)} for n, span in enumerate(document.spans)}
    document = replace(document, tokens=replace(document.tokens, columns=columns), attributes=attributes)
    pieces = list(by_sentence(document))
    at = 0
    tokens: list[tuple[int, int]] = []
    spans: list[Span] = []
    known = {}
    values: list[str] = []
    for number, piece in enumerate(pieces, 1):
        start = document.text.index(piece.text, at)
        assert not document.text[at:start].strip()
        at = start + len(piece.text)
        assert piece.tokens is not None
        tokens += [(start + a, start + b) for a, b in zip(piece.tokens.starts, piece.tokens.ends, strict=True)]
        values += piece.tokens.columns.get("pos", ())
        moved = {span: Span(start + span.start, start + span.end, span.label) for span in piece.spans}
        spans += moved.values()
        known |= {moved[span]: value for span, value in piece.attributes.items()}
        assert piece.id == f"{document.id}#s{number}"
    assert not document.text[at:].strip()
    assert tokens == list(zip(document.tokens.starts, document.tokens.ends, strict=True))
    assert values == list(columns["pos"])
    assert tuple(spans) == document.spans
    assert known == document.attributes
    assert len(pieces) == max(1, len(document.tokens.sentences or ()))


def test_sentences_that_an_entity_joins_stay_together() -> None:
    text = "One. Two. Three. Four."
    starts, ends = [0, 5, 10, 17], [4, 9, 16, 22]
    document = Document(
        text, (Span(0, 9, "A"), Span(5, 7, "B"), Span(17, 21, "C")), Tokens.make(starts, ends, range(4))
    )
    pieces = list(by_sentence(document))
    assert [piece.text for piece in pieces] == ["One. Two.", "Three.", "Four."]
    assert pieces[0].spans == (Span(0, 9, "A"), Span(5, 7, "B"))
    assert list(pieces[0].tokens.sentences or ()) == [0, 1]  # type: ignore[union-attr]
    long = Document(text, (Span(0, 22, "A"), Span(5, 7, "B")), Tokens.make(starts, ends, range(4)))
    assert [piece.text for piece in by_sentence(long)] == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He came. She went.\n\nThey \n stayed", ["He came.", "She went.", "They", "stayed"]),
        ("  \n One! “Two?” he said. ", ["One!", "“Two?” he said."]),
        ("approx. 3 a.m. it was", ["approx. 3 a.m. it was"]),
        (" \n ", []),
        ("", []),
    ],
)
def test_without_marks_full_stops_and_lines_tell(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(Document(text))] == expected
    assert [piece.text for piece in by_sentence(Document(text))] == (expected or [text])


def test_places_are_those_in_the_file(cables: Path) -> None:
    [document] = read(cables, options=ReadOptions(places=True))
    [file] = cables.iterdir()
    lines = file.read_text(encoding="utf-8").split("\n")
    pieces = list(by_sentence(document))
    assert len(pieces) == 72
    for piece in pieces:
        for span in piece.spans:
            place = piece.place(span.start)
            assert place is not None
            assert place.line is not None
            assert place.column is not None
            word = piece.text[span.start : span.end].split()[0]
            assert lines[place.line - 1][place.column - 1 :].startswith(word[:3])


def test_a_document_without_text_is_not_lost() -> None:
    [empty] = by_sentence(Document("", id="a"))
    assert (empty.text, empty.id) == ("", "a#s1")


def test_no_token_is_divided() -> None:
    """A token may hold what looks like the end of a sentence, and white space in it."""
    document = Document("In St.\u00a0Louis. She", (Span(3, 12, "LOC"),), Tokens.make([0, 3, 12, 14], [2, 12, 13, 17]))
    pieces = list(by_sentence(document))
    assert [piece.words for piece in pieces] == [["In", "St.\u00a0Louis", "."], ["She"]]
    alone = Document("St.\u00a0Louis", (), Tokens.make([0], [9]))
    assert [piece.words for piece in by_sentence(alone)] == [["St.\u00a0Louis"]]
