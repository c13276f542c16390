"""doccano's records, one a line or all in one array: a text and its entities as character offsets.

    {"id": 7, "text": "Anna met IBM", "label": [[0, 4, "PER"], [9, 12, "ORG"]], "page": 3}

This is what a project exports today, and what is written. Two others are read: ``labels`` in the place of ``label``
(older exports), and the objects of a project with relations:

    {"id": 7, "text": "Anna met IBM", "relations": [{"id": 1, "from_id": 4, "to_id": 5, "type": "met"}],
     "entities": [{"id": 4, "label": "PER", "start_offset": 0, "end_offset": 4},
                  {"id": 5, "label": "ORG", "start_offset": 9, "end_offset": 12}]}

Offsets count characters (Unicode code points), half-open, unless another unit is asked for (``--in-offset-unit``,
``--offset-unit``); entities may overlap. Every other field is metadata and is kept and written back. What an entity
has beside label and offsets, such as its id, is kept as an attribute.

Cannot hold: tokens, sentences, attributes of entities, relations, metadata of the names above.

Source: https://github.com/doccano/doccano, ``backend/data_export/pipeline`` (writes) and
``backend/data_import/pipeline/labels.py`` (reads)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..balance import Report
from ..dialects import RecordsWriter, records_reader, told_as
from ..document import Document
from ..holding import tell_unheld
from ..offsets import Told, choose_unit, entities
from ..options import ReadOptions
from ..records import (
    At,
    Record,
    expect,
    field,
    further_fields,
    get,
    identifier,
    label_of,
    places_of_text,
    shown,
    without_place,
)
from . import Format

ENTITIES = ("label", "labels", "entities")
"""The fields that hold entities, a name an age; a record has one of them."""
FIELDS = ("id", "text", *ENTITIES, "relations")
ENTITY_FIELDS = ("label", "start_offset", "end_offset")
NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
"""An id that doccano would have given, which is a number there."""


class DoccanoWriter(RecordsWriter):
    """A record a document."""

    def record(self, document: Document) -> dict[str, Any]:
        """The document's record."""
        record: dict[str, Any] = {}
        if document.id is not None:
            record["id"] = int(document.id) if NUMBER.fullmatch(document.id) else document.id
        pairs = zip(self.offsets(document), document.spans, strict=True)
        record |= {"text": document.text, "label": [[start, end, span.label] for (start, end), span in pairs]}
        unheld = without_place(document.meta, FIELDS)
        tell_unheld(document, unheld, "doccano", self.report)
        return record | {name: value for name, value in document.meta.items() if name not in unheld}


def _document(record: Record, options: ReadOptions, report: Report) -> Document:
    at = At(record)
    value = expect(record.value, dict, at)
    text = field(value, "text", str, at)
    told = [_told(item, here) for here, item in _entities(value, at)]
    attributes = entities(text, told, choose_unit(text, told, options.offset_unit, report), report)
    if relations := get(value, "relations", []):
        count = len(relations) if isinstance(relations, list) else 1
        report.lose("field", record.place, "relations", f"relations are not read ({count})")
    meta = further_fields(value, FIELDS, at)
    id, places = identifier(value, at), places_of_text(text, at / "text") if options.places else None
    return Document(text, tuple(attributes), None, attributes, id, record.place, meta, places=places)


def _entities(value: Mapping[str, Any], at: At) -> Iterator[tuple[At, Any]]:
    """The entities of a record as they stand there, and where."""
    names = [name for name in ENTITIES if value.get(name) is not None]
    if len(names) > 1:
        raise at.error(f"the record has {' and '.join(names)}", "entities are in one of them; take out the rest")
    if not names and isinstance(value.get("annotations"), list):
        what = "the field annotations names labels by their numbers, and the names are not in the file"
        raise (at / "annotations").error(what, "export as JSONL with text labels")
    for name in names:
        for number, item in enumerate(field(value, name, list, at)):
            yield at / name / number, item


def _told(item: Any, at: At) -> Told:
    """An entity, and what else is known of it."""
    if isinstance(item, list) and len(item) == 3:
        return Told(at, field(item, 0, int, at), field(item, 1, int, at), None, label_of(item, 2, at))
    if not isinstance(item, dict):
        todo = "this reads named entities; labels of whole texts are no entities" if isinstance(item, str) else ""
        raise at.error(f"{at} should be [start, end, label] and is {shown(item)}", todo)
    start, end = field(item, "start_offset", int, at), field(item, "end_offset", int, at)
    further = {name: value for name, value in item.items() if name not in ENTITY_FIELDS}
    return Told(at, start, end, None, label_of(item, "label", at), further)


FORMATS = [
    Format(
        "doccano",
        (".jsonl", ".json"),
        records_reader(_document),
        DoccanoWriter,
        summary="doccano's records: text and character offsets; its three ages are read",
        sniff=told_as("doccano"),
        variant_of="jsonl",
        holds=frozenset({"spacing", "ids", "metadata", "nested", "overlapping", "misaligned"}),
    )
]
