"""Where the sentences of a document are, and a document of each."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .document import Document, Span, Tokens

ENDS = re.compile(r"(?<=[.!?])\s+(?=[\"'“‘(]?[A-Z])|\n+")
"""Where a sentence ends, for texts whose sentences are not known."""


def sentences(document: Document) -> Iterator[tuple[int, int]]:
    """Where the sentences are, half-open, in characters; where they are not known, by full stops and line ends.

    None is empty, and none begins or ends in white space.
    """
    tokens, text = document.tokens, document.text
    if tokens is not None and tokens.sentences is not None:
        for first, stop in document.sentence_ranges():
            yield tokens.starts[first], tokens.ends[stop - 1]
        return
    at = 0
    for end in (*(found.start() for found in ENDS.finditer(text)), len(text)):
        piece = text[at:end]
        if piece.strip():
            yield at + len(piece) - len(piece.lstrip()), at + len(piece.rstrip())
        at = end


def by_sentence(document: Document) -> Iterator[Document]:
    """A document of each sentence, with all that is known of it. Sentences that an entity joins stay together.

    Ids are the document's with ``#s1``, ``#s2`` and so on. One without text is a sentence, too.
    """
    ranges: list[tuple[int, int]] = []
    reach = 0
    spans = iter((*document.spans, None))
    span = next(spans)
    for start, end in _whole(sentences(document), document.tokens):
        if ranges and start < reach:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
        while span is not None and span.start < end:
            reach = max(reach, span.end)
            span = next(spans)
    if not ranges:
        yield replace(document, id=f"{document.id}#s1")
    at = 0
    for number, (start, end) in enumerate(ranges, 1):
        inside: list[Span] = []
        while at < len(document.spans) and document.spans[at].start < end:
            inside.append(document.spans[at])
            at += 1
        yield _piece(document, start, end, inside, number)


def _whole(found: Iterable[tuple[int, int]], tokens: Tokens | None) -> Iterator[tuple[int, int]]:
    """The sentences, of which those that divide a token (it may hold white space) are one."""
    begin: int | None = None
    for start, end in found:
        begin = start if begin is None else begin
        if tokens is not None and (number := bisect_left(tokens.starts, end)) and tokens.ends[number - 1] > end:
            continue
        yield begin, end
        begin = None


def _piece(document: Document, start: int, end: int, inside: list[Span], number: int) -> Document:
    moved = {span: Span(span.start - start, span.end - start, span.label) for span in inside}
    return replace(
        document,
        text=document.text[start:end],
        spans=tuple(moved.values()),
        tokens=None if document.tokens is None else _tokens(document.tokens, start, end),
        attributes={moved[span]: document.attributes[span] for span in inside if span in document.attributes},
        id=f"{document.id}#s{number}",
        places=None if document.places is None else document.places.part(start, end),
    )


def _tokens(tokens: Tokens, start: int, end: int) -> Tokens:
    first, stop = bisect_left(tokens.starts, start), bisect_left(tokens.starts, end)
    sentences = None
    if tokens.sentences is not None:
        begin, until = bisect_left(tokens.sentences, first), bisect_left(tokens.sentences, stop)
        sentences = [number - first for number in tokens.sentences[begin:until]]
    return Tokens.make(
        (at - start for at in tokens.starts[first:stop]),
        (at - start for at in tokens.ends[first:stop]),
        sentences,
        {name: values[first:stop] for name, values in tokens.columns.items()},
    )
