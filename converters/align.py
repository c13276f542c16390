"""Entities and tokens: what a writer whose entities sit on tokens can hold."""

from __future__ import annotations

from dataclasses import replace

from .balance import Report
from .document import Document, TokenSpan
from .errors import DataError, UsageError, shorten


def fit_to_tokens(document: Document, output: str, report: Report) -> tuple[Document, list[TokenSpan]]:
    """What of the document the format `output` can hold, and its entities in tokens.

    An entity that does not begin and end with a token is left out and reported. Raises `UsageError` where
    there are no tokens, and `DataError` where entities overlap.
    """
    if document.tokens is None:
        raise UsageError(
            f"{document.source or document.id}: {output} needs tokens, and this document has none",
            "convert it from a source that has tokens, or to jsonl",
        )
    if clash := document.overlap():
        one, other = (f"{span.label} {shorten(document.text[span.start : span.end])!r}" for span in clash)
        raise DataError(
            f"entities {one} and {other} overlap, and {output} can hold only one of them",
            "take one of them out, or convert to jsonl",
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
            reason = f"{span.start}:{span.end} does not begin and end with a token"
            report.lose("span", document.source, mention, reason, label=span.label, output=output)
    if len(kept) < len(document.spans):
        known = {span: values for span, values in document.attributes.items() if span in set(kept)}
        document = replace(document, spans=tuple(kept), attributes=known)
    return document, found


def report_unheld(document: Document, output: str, report: Report) -> None:
    """Say once a document which of its columns, attributes and metadata a format of plain tokens has no place for."""
    names = list(document.tokens.columns if document.tokens else ())
    names += sorted({name for values in document.attributes.values() for name in values})
    names += [name for name in document.meta if name != "source"]
    if names:
        report.lose("field", document.source, ", ".join(names), "no place for it", output=output)
