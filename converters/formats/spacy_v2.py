"""spaCy v2's training data as JSON: a text and its entities, a line or an item of an array each.

    ["Who is Shaka Khan?", {"entities": [[7, 17, "PERSON"]], "meta": {"id": "a", "source": "a.txt"}}]

Offsets count characters (Unicode code points), half-open; ``--in-offset-unit`` and ``--offset-unit`` choose UTF-16
units instead. Objects ``{"text": ..., "entities": [[7, 17, "PERSON"]]}`` are read as well. Further fields beside
`entities`, such as `cats`, are kept and written back; id and metadata are in `meta`, where there are any, and spaCy's
own functions want the annotations without it: ``Example.from_dict(doc, {"entities": annotations["entities"]})``.
Entities may overlap here, but not in a spaCy `Doc`.

Cannot hold: tokens and their columns, sentences, further attributes of a span.

Source: https://v2.spacy.io/usage/training#training-simple-style
"""

from __future__ import annotations

import re
from typing import Any

from ..balance import Report
from ..dialects import RecordsWriter, dialect_of, records_reader
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
    identifier,
    label_of,
    parted,
    places_of_text,
    with_extra,
    without_place,
)
from . import Format

FIELDS = ("text", "entities", "meta")


class SpacyV2Writer(RecordsWriter):
    """A text and its annotations a document."""

    def record(self, document: Document) -> list[Any]:
        """The document's record."""
        meta, extra = parted(document.meta)
        unheld = without_place(extra, FIELDS)
        tell_unheld(document, unheld, "spacy-v2", self.report)
        pairs = zip(self.offsets(document), document.spans, strict=True)
        annotations: dict[str, Any] = {"entities": [[start, end, span.label] for (start, end), span in pairs]}
        annotations |= {name: value for name, value in extra.items() if name not in unheld}
        if document.id is not None:
            meta = {"id": document.id} | meta
        return [document.text, annotations | ({"meta": meta} if meta else {})]


def _document(record: Record, options: ReadOptions, report: Report) -> Document:
    at, value = At(record), record.value
    if isinstance(value, list) and len(value) == 2:
        text, annotations, inner = field(value, 0, str, at), field(value, 1, dict, at), at / 1
    elif isinstance(value, dict):
        text, annotations, inner = field(value, "text", str, at), value, at
    else:
        what = "a record is neither a text with its annotations nor an object"
        raise at.error(what, 'it should look like ["text", {"entities": [[0, 4, "LABEL"]]}]')
    items = field(annotations, "entities", list, inner, [])
    told = [_told(item, inner / "entities" / number) for number, item in enumerate(items)]
    attributes = entities(text, told, choose_unit(text, told, options.offset_unit, report), report)
    meta = dict(field(annotations, "meta", dict, inner, {}))
    id = identifier(meta, inner / "meta")
    meta.pop("id", None)
    meta = with_extra(meta, further_fields(annotations, FIELDS, inner))
    places = places_of_text(text, at / (0 if isinstance(value, list) else "text")) if options.places else None
    return Document(text, tuple(attributes), id=id, source=record.place, meta=meta, places=places)


def _told(item: Any, at: At) -> Told:
    item = expect(item, list, at)
    if len(item) != 3:
        raise at.error(f"{at} has {len(item)} parts", "it should be [start, end, label]")
    return Told(at, field(item, 0, int, at), field(item, 1, int, at), None, label_of(item, 2, at))


BEGINS = rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?"
PAIR = re.compile(BEGINS + rb'\[\s*"(?:[^"\\]|\\.)*(?:"\s*,\s*\{|\Z)', re.DOTALL)


def is_spacy_v2(beginning: bytes) -> bool:
    """Whether a file begins with a pair of a text and its annotations, or an object whose entities are triples."""
    if found := PAIR.match(beginning):
        return found.group().endswith(b"{") or len(beginning) >= 1 << 12  # else it was cut inside the text
    return dialect_of(beginning) == "spacy-v2"


FORMATS = [
    Format(
        "spacy-v2",
        (".json", ".jsonl"),
        records_reader(_document),
        SpacyV2Writer,
        summary="spaCy v2's training data: a text and its entities as offsets",
        sniff=is_spacy_v2,
        variant_of="jsonl",
        holds=frozenset({"spacing", "ids", "metadata", "nested", "overlapping", "misaligned"}),
    )
]
