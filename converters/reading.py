"""What all readers do with each document: give it an id and the name of its source, and tell of one that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from .balance import Report
from .document import Document
from .errors import DataError, Place
from .source import Source, with_ids

T = TypeVar("T")


def read_each(
    items: Iterable[T | DataError],
    source: Source,
    report: Report,
    make: Callable[[T], Document],
    place_of_id: Callable[[T], Place | None] = lambda item: None,
) -> Iterator[Document]:
    """The document that `make` makes of each item of a file. Where an item could not be read, the error stands for it.

    One without an id of its own gets the file's, with a number where there are several items. `meta["source"]` is the
    file's name, unless an earlier reader has set it. An item of which no document can be made (`DataError`), or whose
    id another one in the file has, is a failure for the report.
    """
    lines: dict[str, int | None] = {}  # of the ids so far
    for id, item in with_ids(items, source.id):
        try:
            if isinstance(item, DataError):
                raise item
            document = make(item)
            own = document.id
            if own is None:
                while id in lines:
                    id += "#"
            elif own in lines:
                first = f", the first is in line {lines[own]}" if lines[own] else ""
                what, todo = f"a second document with the id {own!r}{first}", "give each its own, or none"
                raise DataError(what, todo, place_of_id(item) or document.source or Place(source.file))
        except DataError as error:
            report.fail(error)
            continue
        given = id if own is None else own
        lines[given] = document.source.line if document.source else None
        meta = document.meta if "source" in document.meta else {"source": source.origin, **document.meta}
        yield document.identified(given, is_own=own is not None, meta=meta)
