"""What the formats of JSON records have in common: a record is a document, on a line or in an array.

Which of them a file is, is told by the fields of its first record that belong together. A record may have further
fields, called as those of another format are, so that none tells by itself: the format whose fields are together first
is the one, as who writes a record puts what the format has before what he was given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

from .balance import Report
from .document import Document
from .errors import DataError, NerconvError
from .offsets import Unit, span_offsets
from .options import ReadOptions, WriteOptions
from .reading import read_each
from .records import At, Record, first_fields, json_records, place_of_id
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


# Telling them apart

Shape = Callable[[bytes, int], bool]
"""Whether the value that begins there, in the beginning of a file, is as a dialect has it in a field."""


def _like(pattern: bytes) -> Shape:
    matches = re.compile(rb"\s*" + pattern).match
    return lambda beginning, at: bool(matches(beginning, at))


def _first_has(*names: bytes, but: Sequence[bytes] = ()) -> Shape:
    """A list of objects of which the first has these fields, and not those."""

    def is_so(beginning: bytes, at: int) -> bool:
        found = {name for name, _ in first_fields(beginning, at)} if OBJECTS(beginning, at) else set()
        return found.issuperset(names) and found.isdisjoint(but)

    return is_so


ANY, LIST, EMPTY, OBJECT, OBJECTS = map(_like, (rb"", rb"\[", rb"\[\s*\]", rb"\{", rb"\[\s*\{"))
WORDS = _like(rb'\[\s*(?:"|\]|\Z)')
TRIPLES = _like(rb'\[\s*\[\s*-?\d+\s*,\s*-?\d+\s*,\s*"')
OFFSETS, RESULTS = _first_has(b"start_offset"), _first_has(b"result")
REGIONS = _first_has(b"start", b"end", b"labels", but=(b"label", b"ws"))
"""Those of JSON-MIN; entities and tokens of JSONL may have a further field that is called labels."""


def _any_of(*shapes: Shape) -> Shape:
    return lambda beginning, at: any(shape(beginning, at) for shape in shapes)


def _spans(beginning: bytes, at: int) -> bool:
    return EMPTY(beginning, at) or (OBJECTS(beginning, at) and not REGIONS(beginning, at))


class Signs(NamedTuple):
    """Fields that tell a dialect, where none of `before` comes before all of them are there."""

    dialect: str
    fields: Mapping[bytes, Shape]
    before: Sequence[bytes] = ()


NO_TASK = (b"text", b"spans", b"tokens", b"tokenized_text")
"""Fields that records have, and tasks of Label Studio do not."""
MADE = (b"annotations", b"completions", b"predictions")
"""Fields of tasks that hold entities."""
TOGETHER = (
    Signs("jsonl", {b"text": ANY, b"spans": _spans}),
    Signs("jsonl", {b"text": ANY, b"tokens": OBJECTS}),
    *(Signs("doccano", {b"text": ANY, name: _any_of(EMPTY, TRIPLES, OFFSETS)}) for name in (b"label", b"labels")),
    Signs("doccano", {b"text": ANY, b"entities": OFFSETS}),
    Signs("doccano", {b"text": ANY, b"entities": EMPTY, b"relations": ANY}),
    Signs("doccano", {b"id": ANY, b"text": ANY, b"entities": TRIPLES}),  # and no id is beside those of spaCy's
    *(Signs("label-studio", {b"data": OBJECT, name: LIST}, NO_TASK) for name in MADE),
    Signs("huggingface", {b"tokens": WORDS, b"ner_tags": ANY}),
    Signs("huggingface", {b"data": _first_has(b"tokens")}),  # the object around all records
    Signs("gliner", {b"tokenized_text": ANY, b"ner": LIST}),
    Signs("spacy-v2", {b"text": ANY, b"entities": TRIPLES}),
)
ALONE = (
    Signs("label-studio", {b"data": OBJECT}, NO_TASK),
    *(Signs("label-studio", {name: RESULTS}, NO_TASK) for name in MADE),
    Signs("huggingface", {b"tokens": WORDS}, (b"text", b"spans", b"annotations")),
    Signs("huggingface", {b"ner_tags": ANY}, (b"spans", b"annotations")),
    Signs("gliner", {b"tokenized_text": ANY}, (b"text",)),
    Signs("spacy-v2", {b"text": ANY, b"entities": EMPTY}, (b"spans", b"annotations")),
)
"""What tells a dialect where the fields of none are together: the record lacks some, or is cut off."""


@lru_cache(maxsize=1)
def dialect_of(beginning: bytes) -> str | None:
    """The dialect of a file by its beginning, or None where nothing tells."""
    return _first(TOGETHER, beginning) or _first(ALONE, beginning)


def _first(signs: Sequence[Signs], beginning: bytes) -> str | None:
    met: list[int] = [0] * len(signs)
    names: set[bytes] = set()
    for name, at in first_fields(beginning):
        if name in names:
            continue
        names.add(name)
        if REGIONS(beginning, at):  # in JSON-MIN, which calls a field as the project calls its labels
            return "label-studio"
        for number, (dialect, fields, before) in enumerate(signs):
            if name in fields and fields[name](beginning, at):
                met[number] += 1
                if met[number] == len(fields) and names.isdisjoint(before):
                    return dialect
    return None


def told_as(dialect: str) -> Callable[[bytes], bool]:
    """Whether the beginning of a file tells that it is of this dialect."""
    return lambda beginning: dialect_of(beginning) == dialect
