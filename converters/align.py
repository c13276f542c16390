"""Entities and tokens: what a writer whose entities sit on tokens can hold, and what to do about the rest."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from .balance import Repair, Report
from .document import Document, Span, TokenSpan
from .errors import DataError, UsageError, shorten


def fit_to_tokens(
    document: Document, output: str, report: Report, *, overlaps: bool = False
) -> tuple[Document, list[TokenSpan]]:
    """What of the document the format `output` can hold, and its entities in tokens.

    An entity that does not begin and end with a token is left out and reported. Raises `UsageError` where
    there are no tokens, and `DataError` where entities overlap, unless the format holds `overlaps`.
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
    kept, found = [], []
    for span in document.spans:
        place = document.token_span(span)
        if place:
            kept.append(span)
            found.append(place)
        else:
            mention = document.text[span.start : span.end]
            reason = _why(document, span)
            report.lose("span", document.source, mention, reason, label=span.label, output=output)
    if len(kept) < len(document.spans):
        known = {span: values for span, values in document.attributes.items() if span in set(kept)}
        document = replace(document, spans=tuple(kept), attributes=known)
    return document, found


def _why(document: Document, span: Span) -> str:
    """Why a span does not sit on tokens: the tokens it touches, and the offsets that would fit."""
    outer = fitted(document, span, "expand")
    if outer is None:
        return f"{span.start}:{span.end} touches no token"
    around = shorten(document.text[outer.start : outer.end])
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


def align(document: Document, how: Misaligned, report: Report) -> Document:
    """The document with the entities that do not sit on tokens treated as was asked for.

    ``report`` leaves them for the writer to report, ``drop`` leaves them out, ``expand`` and ``contract`` move them to
    the edges of tokens; what was dropped or moved is counted among the repairs. ``error`` raises `DataError`.
    """
    if how == "report" or document.tokens is None:
        return document
    attributes: dict[Span, Mapping[str, Any]] = {}
    for span in document.spans:
        new: Span | None = span
        if document.token_span(span) is None:
            mention = document.text[span.start : span.end]
            if how == "error":
                raise DataError(f"entity {span.label} {mention!r}: {_why(document, span)}", "", document.source)
            new = None if how == "drop" else fitted(document, span, how)
            name = "misaligned dropped" if new is None else f"misaligned {how}ed"
            report.repairs.append(Repair(name, str(document.source or ""), mention))
        if new is not None:
            attributes[new] = {**attributes.get(new, {}), **document.attributes.get(span, {})}
    return _with_spans(document, attributes)


def flatten(document: Document, how: Overlap, report: Report) -> Document:
    """The document with no two entities sharing a character, as was asked for.

    ``longest``: of two that overlap the longer stays, of equal ones the first; ``first``: the one that begins first, of
    those the longest. What is left out is counted among the repairs. ``error`` and ``keep`` leave all as it is, for
    the writer to refuse.
    """
    if how in ("error", "keep") or document.is_flat:
        return document
    order = sorted(document.spans, key=lambda s: (s.start - s.end, s.start)) if how == "longest" else document.spans
    taken: list[Span] = []
    for span in order:
        at = bisect_left(taken, span)
        before, after = taken[at - 1] if at else None, taken[at] if at < len(taken) else None
        if (before is None or before.end <= span.start) and (after is None or after.start >= span.end):
            insort(taken, span)
        else:
            mention = document.text[span.start : span.end]
            report.repairs.append(Repair(f"overlap {how}", str(document.source or ""), f"{span.label} {mention}"))
    return _with_spans(document, {span: document.attributes.get(span, {}) for span in taken})


def _with_spans(document: Document, attributes: Mapping[Span, Mapping[str, Any]]) -> Document:
    known = {span: values for span, values in attributes.items() if values}
    return replace(document, spans=tuple(attributes), attributes=known)


def report_unheld(document: Document, output: str, report: Report) -> None:
    """Say once a document which of its columns, attributes and metadata a format of plain tokens has no place for."""
    names = list(document.tokens.columns if document.tokens else ())
    names += sorted({name for values in document.attributes.values() for name in values})
    names += [name for name in document.meta if name != "source"]
    if names:
        report.lose("field", document.source, ", ".join(names), "no place for it", output=output)
