"""What the formats of JSON records have in common: a record is a document, on a line or in an array."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from .balance import Report
from .document import Document
from .errors import DataError, NerconvError
from .offsets import Unit, span_offsets
from .options import ReadOptions, WriteOptions
from .reading import read_each
from .records import At, Record, json_records, place_of_id
from .source import Source

ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def records_reader(make: Callable[[Record, ReadOptions, Report], Document]) -> Callable[..., Iterator[Document]]:
    """The reader of a format of records, of each of which `make` makes a document."""

    def read(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
        records = json_records(file, source, options.encoding)
        return read_each(
            records,
            source,
            report,
            lambda record: make(record, options, report),
            lambda record: place_of_id(At(record)),
        )

    return read


class RecordsWriter:
    """A record a document, one a line or all in one array; UTF-8, nothing escaped that need not be.

    What a record looks like is the formats' own: each overrides `record`. `unit`: what its offsets count.
    """

    unit: Unit = "char"

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.file = file
        self.options = options
        self.report = report
        self.before = b"[\n" if options.as_array else b""

    def record(self, document: Document) -> Any:
        """The document as JSON has it."""
        raise NotImplementedError

    def offsets(self, document: Document) -> list[tuple[int, int]]:
        """The starts and ends of the entities, in the unit that was asked for, else the format's own."""
        return span_offsets(document.text, document.spans, self.options.offset_unit or self.unit)

    def encoded(self, record: Any) -> bytes:
        """A record as JSON. Raises what `json.dumps` raises."""
        return ENCODER.encode(record).encode()

    def write(self, document: Document) -> None:
        """Write the document's record. Raises `DataError` where JSON cannot hold it."""
        try:
            line = self.encoded(self.record(document))
        except NerconvError:
            raise
        except (TypeError, ValueError, RecursionError) as error:
            what = f"JSON cannot hold what is known of this document: {error}"
            raise DataError(what, "take it out, or convert to another format", document.source) from None
        self.file.write(self.before + line)
        self.before = b",\n" if self.options.as_array else b""
        if not self.options.as_array:
            self.file.write(b"\n")

    def close(self) -> None:
        """End the array, if it is one."""
        if self.options.as_array:
            self.file.write(b"[]\n" if self.before == b"[\n" else b"\n]\n")
