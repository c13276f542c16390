"""Mentions compared over the whole corpus: other labels elsewhere, annotated here and not there, other boundaries.

Every text is looked through once for all mentions that are annotated anywhere, by their words (a hash table from the
first word to the mentions that begin with it), so time is linear in the text. Mentions of more than `LONGEST` words are
compared by label alone, and those of more than `ENDLESS` characters, which may lie over one another by the thousand,
not at all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import regex

from ..document import Document, Span, normalised
from ..errors import counted
from ..scripts import WORD_OR_SIGN
from .findings import Finding, quoted

LONGEST = 12
"""Words of the longest mention that texts are looked through for."""
ENDLESS = 2_000
"""Characters of the longest mention that is looked at: no name is so long."""
SHOWN = 3
"""How many places a message names."""
LABELS = 10
"""And how many labels."""

IN_ADDRESS = regex.compile(r"\w[@._](?=\w)")
"""What joins the pieces of an address or a number, of which none is a mention: a.org, 3.5."""


class Where(NamedTuple):
    """A stretch of a document's text, half-open, in characters."""

    document: Document
    start: int
    end: int

    def __str__(self) -> str:
        return str(self.document.place(self.start) or self.document.id)


class Mention:
    """A mention: by which labels it is annotated and where, and where its text stands that is annotated otherwise."""

    def __init__(self) -> None:
        self.n = 0
        self.labels: Counter[str] = Counter()
        self.first: dict[str, list[Where]] = {}
        self.plain: list[Where] = []
        self.n_plain = 0
        self.pieces: list[tuple[Where, list[Span]]] = []
        self.n_pieces = 0

    @property
    def label(self) -> str:
        """The label that it has most often; of equals the first in the alphabet."""
        return min(self.labels, key=lambda label: (-self.labels[label], label))

    def add(self, label: str, where: Where) -> None:
        """Count an annotation."""
        self.n += 1
        self.labels[label] += 1
        places = self.first.setdefault(label, [])
        if len(places) < SHOWN:
            places.append(where)


def gather(documents: Iterable[Document]) -> dict[str, Mention]:
    """All that is annotated, by its text with single spaces."""
    mentions: dict[str, Mention] = {}
    for document in documents:
        for start, end, label in document.spans:
            if end - start > ENDLESS:
                continue
            mention = mentions.setdefault(normalised(document.text[start:end]), Mention())
            mention.add(label, Where(document, start, end))
    return mentions


def conflicts(mentions: dict[str, Mention]) -> Iterator[Finding]:
    """Mentions with several labels: a finding for each label but the most frequent."""
    for mention in mentions.values():
        if len(mention.labels) < 2:
            continue
        main = mention.label
        labels = sorted(mention.labels.items(), key=lambda item: (-item[1], item[0]))
        told = [f"{label} {counted(n, 'time')} ({_places(mention.first[label], n)})" for label, n in labels[:LABELS]]
        more = f" and {len(labels) - LABELS:,} labels more" if len(labels) > LABELS else ""
        message = f"is {', '.join(told)}{more}"
        for label in mention.labels:
            if label != main:
                document, start, end = mention.first[label][0]
                fix = Span(start, end, main) if mention.labels[main] > mention.labels[label] else None
                yield Finding("label-conflict", document, (start, end), label, message, fix)


Words = dict[str, dict[int, set[tuple[str, ...]]]]
"""The words of mentions, by the first of them and by how many they are."""


def looked_for(documents: Sequence[Document], mentions: dict[str, Mention]) -> Iterator[Finding]:
    """Where the texts of mentions stand without an annotation, or with one that has other boundaries."""
    by_first: Words = {}
    for text in mentions:
        words = tuple(WORD_OR_SIGN.findall(text))
        if words and len(words) <= LONGEST:
            by_first.setdefault(words[0], {}).setdefault(len(words), set()).add(words)
    for document in documents:
        _look(document, by_first, mentions)
    for mention in mentions.values():
        yield from _unannotated(mention, mention.n)
        yield from _pieces(mention, mention.n)


def _unannotated(mention: Mention, n: int) -> Iterator[Finding]:
    if not mention.n_plain:
        return
    label = mention.label
    document, start, end = mention.first[label][0]
    if n >= mention.n_plain:
        told = f"is annotated {counted(n, 'time')} elsewhere ({_places(mention.first[label], n)}), and not here"
        for where in mention.plain:
            fix = Span(where.start, where.end, label)
            yield Finding("unannotated", where.document, (where.start, where.end), label, told, fix)
    else:
        told = f"annotated {counted(n, 'time')}, and not {counted(mention.n_plain, 'time')}"
        message = f"is {told} ({_places(mention.plain, mention.n_plain)})"
        yield Finding("rarely-annotated", document, (start, end), label, message)


def _pieces(mention: Mention, n: int) -> Iterator[Finding]:
    if not mention.n_pieces:
        return
    label = mention.label
    first = mention.first[label][0]
    if n >= mention.n_pieces:
        told = f"is one entity {counted(n, 'time')} elsewhere ({_places(mention.first[label], n)})"
        for where, spans in mention.pieces:
            shown = _shown(where.document, spans)
            fix = Span(where.start, where.end, label)
            is_whole = (spans[0].start, spans[-1].end) == (where.start, where.end) and len(spans) > 1
            name = "split-mention" if is_whole else "boundary-conflict"
            if is_whole:
                span, message = (where.start, where.end), f"{told}, and here {shown}"
            else:
                span = (spans[0].start, spans[0].end)
                message = f"is a piece of {quoted(*where)}, which {told}"
            yield Finding(name, where.document, span, spans[0].label, message, fix)
    else:
        places = _places([where for where, _ in mention.pieces], mention.n_pieces)
        spans = mention.pieces[0][1]
        shown = _shown(mention.pieces[0][0].document, spans)
        told = f"one entity here, and otherwise annotated {counted(mention.n_pieces, 'time')} ({places}), as {shown}"
        name = "split-mention" if len(spans) > 1 else "boundary-conflict"
        yield Finding(name, first.document, (first.start, first.end), label, f"is {told}")


def _shown(document: Document, spans: Sequence[Span]) -> str:
    return ", ".join(f"{span.label} {quoted(document, span.start, span.end)}" for span in spans)


def _places(places: Sequence[Where], n: int) -> str:
    shown = ", ".join(map(str, places[:SHOWN]))
    return f"{shown} and {n - SHOWN:,} more" if n > SHOWN else shown


def _look(document: Document, by_first: Words, mentions: dict[str, Mention]) -> None:
    """Look through one text, and note at the mentions where theirs stands otherwise than they are annotated."""
    text, spans = document.text, document.spans
    words, starts, ends = [], [], []
    for found in WORD_OR_SIGN.finditer(text):
        words.append(found.group())
        starts.append(found.start())
        ends.append(found.end())
    span_starts = [span.start for span in spans]
    widest = list(accumulate(spans, _wider))
    plain_until = 0
    for at, word in enumerate(words):
        sizes = by_first.get(word)
        if not sizes:
            continue
        for size in sorted(sizes, reverse=True):
            if tuple(words[at : at + size]) not in sizes[size]:
                continue
            start, end = starts[at], ends[at + size - 1]
            mention = mentions.get(normalised(text[start:end]))
            if mention is None:
                continue  # the same words, with other spaces
            touching = _touching(spans, span_starts, widest, start, end)
            if any(span.start <= start and span.end >= end for span in touching):
                continue
            if IN_ADDRESS.match(text, max(start - 2, 0), start + 1) or IN_ADDRESS.match(text, end - 1):
                continue
            where = Where(document, start, end)
            most = max(mention.n, SHOWN)
            if touching:
                mention.n_pieces += 1
                if len(mention.pieces) < most:
                    mention.pieces.append((where, touching))
            elif end > plain_until:  # of mentions inside one another the longest is told
                mention.n_plain += 1
                plain_until = end
                if len(mention.plain) < most:
                    mention.plain.append(where)


def _wider(one: Span, other: Span) -> Span:
    return other if other.end > one.end else one


def _touching(
    spans: Sequence[Span], span_starts: Sequence[int], widest: Sequence[Span], start: int, end: int
) -> list[Span]:
    """The entities that share text with a stretch, in order; of those that begin before it the one that reaches
    farthest, `widest`, for all.
    """
    first, stop = bisect_left(span_starts, start), bisect_left(span_starts, end)
    before = [widest[first - 1]] if first and widest[first - 1].end > start else []
    return before + list(spans[first:stop])
