"""Entities and tokens: what a writer whose entities sit on tokens can hold, and what to do about the rest."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from .balance import Repair, Report
from .document import Document, Span, TokenSpan, quoted
from .errors import DataError, UsageError, shorten
from .offsets import add_entity


def fit_to_tokens(document: Document, output: str, *, overlaps: bool = False) -> list[TokenSpan]:
    """The entities of a document in tokens, as the format `output` needs them.

    Raises `UsageError` where there are no tokens, and `DataError` where an entity does not begin and end with one, or
    where entities overlap, unless the format holds `overlaps`.
    """
    if document.tokens is None:
        raise UsageError(
            f"{document.source or document.id}: {output} needs tokens, and this document has none",
            "choose a tokenizer with --tokenizer, for example --tokenizer en",
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
    order = sorted(document.spans, key=lambda s: (s.start - s.end, s.start)) if how == "longest" else document.spans
    taken: list[Span] = []
    widest = 0
    for span in order:
        # those that begin early enough to be over by then are not asked
        near = range(bisect_left(taken, (span.start - widest,)), bisect_left(taken, (span.end,)))
        if not any(_clash(span, taken[at], may_nest) for at in near):
            insort(taken, span)
            widest = max(widest, span.end - span.start)
        else:
            mention = quoted(document.text, span.start, span.end)
            report.repairs.append(Repair(f"overlap {how}", str(document.source or ""), f"{span.label} {mention}"))
    return _with_spans(document, {span: document.attributes.get(span, {}) for span in taken})


def _clash(one: Span, other: Span, may_nest: bool) -> bool:
    if one.end <= other.start or other.end <= one.start:
        return False
    is_inside = (one.start >= other.start and one.end <= other.end) or (
        other.start >= one.start and other.end <= one.end
    )
    return not (may_nest and is_inside)


def _with_spans(document: Document, attributes: Mapping[Span, Mapping[str, Any]]) -> Document:
    known = {span: values for span, values in attributes.items() if values}
    return replace(document, spans=tuple(attributes), attributes=known)
