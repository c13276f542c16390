"""doccano's records, one a line or all in one array: a text and its entities as character offsets.

    {"id": 7, "text": "Anna met IBM", "label": [[0, 4, "PER"], [9, 12, "ORG"]], "page": 3}

This is what a project exports today, and what is written. Two others are read: ``labels`` in the place of ``label``
(older exports), and the objects of a project with relations:

    {"id": 7, "text": "Anna met IBM", "relations": [{"id": 1, "from_id": 4, "to_id": 5, "type": "met"}],
     "entities": [{"id": 4, "label": "PER", "start_offset": 0, "end_offset": 4},
                  {"id": 5, "label": "ORG", "start_offset": 9, "end_offset": 12}]}

Offsets count characters (Unicode code points), half-open, unless another unit is asked for; entities may overlap.
Every other field is metadata and is kept and written back. What an entity has beside label and offsets, such as
its id, is kept as an attribute.

Cannot hold: tokens, sentences, attributes of entities, relations, metadata of the names above.

Source: https://github.com/doccano/doccano, ``backend/data_export/pipeline`` (writes) and
``backend/data_import/pipeline/labels.py`` (reads)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from ..balance import Repair, Report
from ..document import Document, Span
from ..errors import DataError, Place
from ..options import ReadOptions, WriteOptions
from ..records import RecordsWriter, expect, first_fields, get, json_records, to_utf16
from ..source import Source, with_ids
from . import Format

ENTITIES = ("label", "labels", "entities")
"""The fields that hold entities, a name an age; a record has one of them."""
FIELDS = ("id", "text", *ENTITIES, "relations")
ENTITY_FIELDS = ("label", "start_offset", "end_offset")
NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
"""An id that doccano would have given, which is a number there."""


class DoccanoWriter:
    """A record a document."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.records = RecordsWriter(file, as_array=options.as_array)
        self.unit = options.offset_unit or "char"
        self.report = report

    def write(self, document: Document) -> None:
        """Write the document's record."""
        record: dict[str, Any] = {}
        if document.id is not None:
            record["id"] = int(document.id) if NUMBER.fullmatch(document.id) else document.id
        offsets = [offset for span in document.spans for offset in span[:2]]
        if self.unit == "utf16":
            offsets = to_utf16(document.text, offsets)
        pairs = zip(offsets[::2], offsets[1::2], document.spans, strict=True)
        record |= {"text": document.text, "label": [[start, end, span.label] for start, end, span in pairs]}
        record |= {name: value for name, value in document.meta.items() if name not in FIELDS}
        self.records.put(record)
        self._report_unheld(document)

    def close(self) -> None:
        """End the file."""
        self.records.close()

    def _report_unheld(self, document: Document) -> None:
        names = sorted({name for values in document.attributes.values() for name in values})
        names += [name for name in document.meta if name in FIELDS]
        if names:
            self.report.lose("field", document.source, ", ".join(names), "no place for it", output="doccano")


def read_doccano(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a doccano export of any age."""
    for id, (place, record) in with_ids(json_records(file, source, options.encoding), source.id):
        try:
            document = _document(expect(record, dict, "a record", place), place, id, source, options, report)
        except DataError as error:
            report.fail(error)
            continue
        yield document


def _document(
    record: Mapping[str, Any], place: Place, id: str, source: Source, options: ReadOptions, report: Report
) -> Document:
    text = expect(record.get("text"), str, "the field text", place)
    unit = options.offset_unit or "char"
    at: Mapping[int, int] | range = range(len(text) + 1)
    if unit == "utf16":
        at = {offset: character for character, offset in enumerate(to_utf16(text, range(len(text) + 1)))}
    attributes: dict[Span, dict[str, Any]] = {}
    for what, item in _entities(record, place):
        start, end, label, values = _entity(item, what, place)
        if start not in at or end not in at or start >= end:
            raise _misplaced(text, start, end, what, unit, place)
        start, end = at[start], at[end]
        span = Span(*_trimmed(text, start, end, place, report), label)
        if span in attributes:
            report.repairs.append(Repair("merge twins", str(place), text[span.start : span.end]))
            clash = [name for name, value in values.items() if attributes[span].get(name, value) != value]
            if clash:
                report.lose("field", place, ", ".join(clash), "two entities that are the same have another each")
        attributes[span] = values | attributes.get(span, {})
    if relations := get(record, "relations", []):
        count = len(relations) if isinstance(relations, list) else 1
        report.lose("field", place, "relations", f"relations are not read ({count})")
    own = record.get("id")
    if own is not None and (not isinstance(own, str | int) or isinstance(own, bool)):
        shown = json.dumps(own, ensure_ascii=False)[:40]
        raise DataError(f"the field id should be a string or a whole number and is {shown}", "", place)
    return Document(
        text,
        tuple(attributes),
        None,
        {span: values for span, values in attributes.items() if values},
        id if own is None else str(own),
        place,
        {"source": source.origin} | {name: value for name, value in record.items() if name not in FIELDS},
    )


def _entities(record: Mapping[str, Any], place: Place) -> Iterator[tuple[str, Any]]:
    """The entities of a record as they stand there, each with a name for messages."""
    names = [name for name in ENTITIES if record.get(name) is not None]
    if len(names) > 1:
        raise DataError(
            f"the record has {' and '.join(names)}", "entities are in one of them; take out the rest", place
        )
    if not names and isinstance(record.get("annotations"), list):
        what = "the field annotations names labels by their numbers, and the names are not in the file"
        raise DataError(what, "export as JSONL with text labels", place)
    for name in names:
        for number, item in enumerate(expect(record[name], list, f"the field {name}", place)):
            yield f"{name} {number}", item


def _entity(item: Any, what: str, place: Place) -> tuple[int, int, str, dict[str, Any]]:
    """An entity's offsets as they are written, its label, and what else is known of it."""
    if isinstance(item, list) and len(item) == 3:
        item = dict(zip(("start_offset", "end_offset", "label"), item, strict=True))
    if not isinstance(item, dict):
        shown = json.dumps(item, ensure_ascii=False)[:40]
        todo = "this reads named entities; labels of whole texts are no entities" if isinstance(item, str) else ""
        raise DataError(f"{what} should be [start, end, label] and is {shown}", todo, place)
    start = expect(item.get("start_offset"), int, f"the start of {what}", place)
    end = expect(item.get("end_offset"), int, f"the end of {what}", place)
    label = expect(item.get("label"), str, f"the label of {what}", place)
    return start, end, label, {name: value for name, value in item.items() if name not in ENTITY_FIELDS}


def _misplaced(text: str, start: int, end: int, what: str, unit: str, place: Place) -> DataError:
    size, split = f"{len(text)} characters", ""
    if unit == "utf16":
        size, split = f"{to_utf16(text, [len(text)])[0]} UTF-16 units", ", splits a character"
    todo = f"offsets count {size.split(' ', 1)[1]} from 0, and the end is the first one outside"
    return DataError(f"{what} at {start}:{end} is empty{split} or outside the text of {size}", todo, place)


def _trimmed(text: str, start: int, end: int, place: Place, report: Report) -> tuple[int, int]:
    """The offsets without white space at the edges, of which none is left out unsaid."""
    mention = text[start:end]
    if mention == mention.strip() or not mention.strip():
        return start, end
    report.repairs.append(Repair("trim white space", str(place), mention))
    return start + len(mention) - len(mention.lstrip()), end - len(mention) + len(mention.rstrip())


FILLED = re.compile(rb'\s*\[\s*(?:\[\s*-?\d+\s*,\s*-?\d+\s*,\s*"|\{[^{}]*"(?:start|end)_offset"\s*:)')
EMPTY = re.compile(rb"\s*\[\s*\]")
OTHERS = (b"spans", b"tokens", b"tokenized_text", b"data")
"""Fields that other formats have in the place of doccano's."""


def sniff(beginning: bytes) -> bool:
    """Whether the first record's own fields, as far as they are there, are doccano's."""
    names = set()
    for name, value in first_fields(beginning):
        names.add(name)
        if name in OTHERS:
            return False
        if name in (b"label", b"labels", b"entities") and FILLED.match(value):
            return True
        if (name in (b"label", b"labels") and EMPTY.match(value)) or names >= {b"entities", b"relations"}:
            return b"text" in names
    return False


FORMATS = [Format("doccano", (".jsonl", ".json"), read_doccano, DoccanoWriter, sniff=sniff, has_tokens=False)]
