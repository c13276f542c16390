"""What a format can hold of a document, and what becomes of the rest: it is taken out, and the balance tells of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Literal

from .balance import Repair, Report
from .document import Document
from .errors import DataError, shorten

Aspect = Literal[
    "spacing", "tokens", "sentences", "ids", "metadata", "columns", "attributes", "nested", "overlapping", "misaligned"
]
"""What one format holds and another does not."""

ASPECTS: Mapping[Aspect, str] = {
    "spacing": "white space to the letter",
    "tokens": "tokens",
    "sentences": "sentences",
    "ids": "ids",
    "metadata": "metadata",
    "columns": "further columns of tokens",
    "attributes": "attributes of entities",
    "nested": "entities in entities",
    "overlapping": "entities that overlap",
    "misaligned": "entities that do not begin and end with a token",
}
"""All of them, in words."""

EVERYTHING = frozenset(ASPECTS)


def hold(document: Document, holds: Collection[Aspect], output: str, report: Report) -> Document:
    """The document as the format `output` holds it, tokens, ids, metadata and all; entities are left as they are.

    What is taken out is a loss. Not so white space, which is made anew on reading, and the balance of that tells of it;
    and ids, which are too, but told among the repairs here, if they are not made from the name of a file. Raises
    `DataError` for two names in one object of metadata that are the same as text, as ``1`` and ``"1"`` are.
    """
    tokens, attributes, meta = document.tokens, document.attributes, document.meta

    def lose(what: str, why: str, *, by_nature: bool = False) -> None:
        report.lose("field", document.source, what, f"it holds no {why}", output=output, by_nature=by_nature)

    if "ids" not in holds and document.id is not None and document.has_own_id:
        tell_remade("ids", document, output, report)
    if tokens is not None and tokens.columns and "columns" not in holds:
        lose(", ".join(tokens.columns), "columns of tokens")
        tokens = replace(tokens, columns={})
    if tokens is not None and tokens.sentences is not None and "sentences" not in holds:
        if len(tokens.sentences) > 1:
            lose(f"{len(tokens.sentences)} sentences", "sentences", by_nature=True)
        tokens = replace(tokens, sentences=None)
    if tokens is not None and "tokens" not in holds:
        if tokens:
            words, n = shorten(document.text), len(tokens)
            report.lose("token", document.source, words, "it holds no tokens", count=n, output=output, by_nature=True)
        tokens = None
    if attributes and "attributes" not in holds:
        lose(
            ", ".join(sorted({str(name) for values in attributes.values() for name in values})),
            "attributes of entities",
        )
        attributes = {}
    if "id" in meta and document.id is not None:  # a format has one place for both
        if str(meta["id"]) != document.id:
            report.lose("field", document.source, "id", f"the document's own id is {document.id}", output=output)
        meta = {name: value for name, value in meta.items() if name != "id"}
    if "metadata" not in holds:
        if further := [name for name in _plain(document, meta) if name != "source"]:
            lose(", ".join(further), "metadata")
        meta = {}
    columns = tokens.columns.values() if tokens is not None else ()
    with suppress(RecursionError):  # the writer will say what it makes of that
        if (twin := _twin([meta, *attributes.values(), *columns])) is not None:
            what = f"what is known of this document has two names that both are {twin!r} as text"
            raise DataError(what, "rename one of the two", document.source)
    if any(not isinstance(name, str) for name in meta):
        meta = {_spelled(name): value for name, value in meta.items()}
    if (tokens, attributes, meta) == (document.tokens, document.attributes, document.meta):
        return document
    return document.reduced(tokens, attributes, meta)


PLAIN = frozenset((str, int, float, bool, type(None)))


def _twin(value: Any) -> str | None:
    """The name that an object has twice when all are text, as they are in files; None where there is none."""
    if isinstance(value, Mapping):
        if any(not isinstance(name, str) for name in value):
            times = Counter(map(_spelled, value))
            if twins := [name for name, n in times.items() if n > 1]:
                return str(twins[0])
        value = value.values()
    if PLAIN.issuperset(map(type, value)):
        return None
    inner = (item for item in value if isinstance(item, list | tuple | Mapping))
    return next((found for item in inner if (found := _twin(item)) is not None), None)


def _spelled(name: Any) -> Any:
    """A name as JSON has it; one that JSON has not stays, and the writer says so."""
    return json.dumps(name) if isinstance(name, int | float | None) else name


def tell_remade(what: str, document: Document, output: str, report: Report) -> None:
    """Say that the document's spacing or id does not go into the output, and will be made anew on reading it."""
    report.repairs.append(Repair(what, str(document.source or ""), f"not kept by {output}"))


def tell_unheld(document: Document, names: Iterable[str], output: str, report: Report) -> None:
    """Say once a document what of it a format has no place for, by the names of its fields."""
    if found := ", ".join(dict.fromkeys(_plain(document, names))):
        report.lose("field", document.source, found, "no place for it", output=output)


def _plain(document: Document, names: Iterable[str]) -> Iterator[str]:
    """Names of metadata as a person knows them: ``__record__`` and the like hold the fields of a format's own."""
    for name in names:
        held = document.meta.get(name)
        if isinstance(held, Mapping) and str(name).startswith("__"):
            yield from map(str, held)
        else:
            yield str(name)
