"""Entities and tokens: what a writer whose entities sit on tokens can hold, and what to do about the rest."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from .balance import Repair, Report
from .document import Document, Span, TokenSpan, quoted
from .errors import DataError, Place, UsageError, shorten
from .offsets import add_entity


def fit_to_tokens(document: Document, output: str, *, overlaps: bool = False) -> list[TokenSpan]:
    """The entities of a document in tokens, as the format `output` needs them.

    Raises `UsageError` where there are no tokens, and `DataError` where an entity does not begin and end with one, or
    where entities overlap, unless the format holds `overlaps`.
    """
    if document.tokens is None:
        raise UsageError(
            f"{output} needs tokens, and this document has none",
            "choose a tokenizer with --tokenizer, for example --tokenizer en",
            document.source or (Place(document.id) if document.id else None),
        )
    if not overlaps and (clash := document.overlap()):
        one, other = (f"{span.label} {shorten(document.text[span.start : span.end])!r}" for span in clash)
        raise DataError(
            f"entities {one} and {other} overlap, and {output} can hold only one of them",
            "choose one with --on-overlap longest or first, or convert to a format that holds both",
            document.source,
        )
    places = document.token_spans()
    found = [place for place in places if place]
    if len(found) < len(places):
        raise misfit(document, document.spans[places.index(None)])
    return found


def misfit(document: Document, span: Span) -> DataError:
    """The error for an entity that does not begin and end with a token."""
    mention = document.text[span.start : span.end]
    return DataError(f"entity {span.label} {mention!r}: {why(document, span)}", "", document.source)


def why(document: Document, span: Span) -> str:
    """Why a span does not sit on tokens: the tokens it touches, and the offsets that would fit."""
    outer = fitted(document, span, "expand")
    if outer is None:
        return f"{span.start}:{span.end} touches no token"
    around = shorten(quoted(document.text, outer.start, outer.end))
    fits = f"{outer.start}:{outer.end}"
    if inner := fitted(document, span, "contract"):
        fits = f"{inner.start}:{inner.end} or {fits}"
    return f"{span.start}:{span.end} does not begin and end with a token; it is in {around!r}, and {fits} would fit"


def fitted(document: Document, span: Span, how: Literal["expand", "contract"]) -> Span | None:
    """`span` moved to the edges of tokens: outwards to all that it touches, or inwards to all that are whole in it.

    None where it touches no token, or holds none.
    """
    assert document.tokens is not None
    starts, ends = document.tokens.starts, document.tokens.ends
    if how == "expand":
        first, stop = bisect_right(ends, span.start), bisect_left(starts, span.end)
    else:
        first, stop = bisect_left(starts, span.start), bisect_right(ends, span.end)
    return Span(starts[first], ends[stop - 1], span.label) if first < stop else None


Misaligned = Literal["report", "drop", "expand", "contract", "error"]
Overlap = Literal["error", "longest", "first", "keep"]


def align(document: Document, how: Misaligned, report: Report) -> tuple[Document, list[Span]]:
    """The document with all entities on tokens, treated as was asked for, and those that are left for a report.

    ``report`` leaves out those that do not sit on tokens, ``drop`` as well, ``expand`` and ``contract`` move them to
    the edges of tokens; what was dropped or moved is counted among the repairs. ``error`` raises `DataError`.
    """
    if document.tokens is None or None not in (places := document.token_spans()):
        return document, []
    attributes: dict[Span, Mapping[str, Any]] = {}
    left: list[Span] = []
    for span, place in zip(document.spans, places, strict=True):
        new: Span | None = span
        if place is None:
            mention = quoted(document.text, span.start, span.end)
            if how == "error":
                raise misfit(document, span)
            new = fitted(document, span, how) if how in ("expand", "contract") else None
            if how == "report":
                left.append(span)
            else:
                name = "misaligned dropped" if new is None else f"misaligned {how}ed"
                report.repairs.append(Repair(name, str(document.source or ""), mention))
        if new is not None:
            add_entity(attributes, new, document.attributes.get(span, {}), document.text, document.source, report)
    return _with_spans(document, attributes), left


def flatten(document: Document, how: Overlap, report: Report, *, may_nest: bool = False) -> Document:
    """The document with no two entities sharing a character, as was asked for.

    ``longest``: of two that overlap the longer stays, of equal ones the first; ``first``: the one that begins first, of
    those the longest. What is left out is counted among the repairs. ``error`` and ``keep`` leave all as it is, for
    the writer to refuse. With `may_nest` only those overlap that cross: neither is inside the other.
    """
    if how in ("error", "keep") or document.is_flat:
        return document
    size = len(document.text)
    order: Sequence[Span] = document.spans
    takes: Callable[[Span], bool]
    if how == "longest":
        order = sorted(order, key=lambda s: (s.start - s.end, s.start))
        takes = _LongestNested(size).takes if may_nest else _Longest(size).takes
    else:
        takes = partial(_takes_in_order, [], may_nest)
    taken: set[Span] = set()
    for span in order:
        if takes(span):
            taken.add(span)
        else:
            mention = quoted(document.text, span.start, span.end)
            report.repairs.append(Repair(f"overlap {how}", str(document.source or ""), f"{span.label} {mention}"))
    return _with_spans(document, {s: document.attributes.get(s, {}) for s in document.spans if s in taken})


def _takes_in_order(ends: list[int], may_nest: bool, span: Span) -> bool:
    """Whether a span clashes with none of those that began before; `ends`: where those end that it may be in."""
    while ends and ends[-1] <= span.start:
        ends.pop()
    if ends and (not may_nest or ends[-1] < span.end):
        return False
    ends.append(span.end)
    return True


class _Longest:
    """Takes spans that share no character, none of which is longer than one before it."""

    def __init__(self, size: int) -> None:
        self.covered = bytearray(size)

    def takes(self, span: Span) -> bool:
        """Whether it shares a character with none; one that is as long or longer would be at one of its ends."""
        if self.covered[span.start] or self.covered[span.end - 1]:
            return False
        self.covered[span.start : span.end] = b"\1" * (span.end - span.start)
        return True


class _LongestNested:
    """Takes spans that do not cross, none of which is longer than one before it.

    `edges`: how many begin or end at each place, as a tree of sums (Fenwick 1994, A new data structure for cumulative
    frequency tables).
    """

    def __init__(self, size: int) -> None:
        self.edges = [0] * (size + 1)

    def takes(self, span: Span) -> bool:
        """Whether it crosses none; one that is as long or longer would begin or end inside it."""
        if self._before(span.end) > self._before(span.start + 1):
            return False
        for at in span[:2]:
            while at < len(self.edges):
                self.edges[at] += 1
                at |= at + 1
        return True

    def _before(self, at: int) -> int:
        count = 0
        while at:
            count += self.edges[at - 1]
            at &= at - 1
        return count


def _with_spans(document: Document, attributes: Mapping[Span, Mapping[str, Any]]) -> Document:
    known = {span: values for span, values in attributes.items() if values}
    return replace(document, spans=tuple(attributes), attributes=known)
