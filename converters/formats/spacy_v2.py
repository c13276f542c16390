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
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from ..align import report_unheld
from ..balance import Repair, Report
from ..document import Document, Span
from ..errors import DataError, Place
from ..options import ReadOptions, WriteOptions
from ..records import RecordsWriter, expect, from_utf16, get, json_records, offsets, to_utf16
from ..source import Source, with_ids
from . import Format

FIELDS = ("text", "entities", "meta")
EXTRA = "__record__"
"""The name in a document's metadata of the further fields of its record."""


class SpacyV2Writer:
    """A text and its annotations a document."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.records = RecordsWriter(file, as_array=options.as_array)
        self.in_utf16 = options.offset_unit == "utf16"
        self.report = report

    def write(self, document: Document) -> None:
        """Write the document's record."""
        meta = dict(document.meta)
        extra = meta.pop(EXTRA, None)
        extra = extra if isinstance(extra, Mapping) else {}
        taken = {name: value for name, value in extra.items() if name in FIELDS}
        report_unheld(replace(document, meta=taken), "spacy-v2", self.report)
        edges = [offset for span in document.spans for offset in span[:2]]
        counted = iter(to_utf16(document.text, edges) if self.in_utf16 else edges)
        annotations: dict[str, Any] = {
            "entities": [[next(counted), next(counted), span.label] for span in document.spans]
        }
        annotations |= {name: value for name, value in extra.items() if name not in FIELDS}
        if document.id is not None:
            meta = {"id": document.id} | meta
        self.records.put([document.text, annotations | ({"meta": meta} if meta else {})])

    def close(self) -> None:
        """End the file."""
        self.records.close()


def read_spacy_v2(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a file of spaCy v2's training data."""
    for id, (place, record) in with_ids(json_records(file, source, options.encoding), source.id):
        try:
            document = _document(record, place, id, source, options, report)
        except DataError as error:
            report.fail(error)
            continue
        yield document


def _document(record: Any, place: Place, id: str, source: Source, options: ReadOptions, report: Report) -> Document:
    if isinstance(record, list) and len(record) == 2:
        text, annotations = record
    elif isinstance(record, dict):
        text, annotations = record.get("text"), record
    else:
        what = "a record is neither a text with its annotations nor an object"
        raise DataError(what, 'it should look like ["text", {"entities": [[0, 4, "LABEL"]]}]', place)
    text = expect(text, str, "the text", place)
    annotations = expect(annotations, dict, "what follows the text", place)
    spans: list[Span] = []
    for number, item in enumerate(expect(get(annotations, "entities", []), list, "the field entities", place)):
        span = _span(text, item, f"entity {number}", place, options, report)
        if span in spans:
            report.repairs.append(Repair("merge twins", str(place), text[span.start : span.end]))
        spans.append(span)
    meta = dict(expect(get(annotations, "meta", {}), dict, "the field meta", place))
    if extra := {name: value for name, value in annotations.items() if name not in FIELDS}:
        meta[EXTRA] = extra
    own = meta.pop("id", None)
    meta.setdefault("source", source.origin)
    return Document(text, tuple(spans), id=id if own is None else str(own), source=place, meta=meta)


def _span(text: str, item: Any, what: str, place: Place, options: ReadOptions, report: Report) -> Span:
    item = expect(item, list, what, place)
    if len(item) != 3:
        raise DataError(f"{what} has {len(item)} parts", "it should be [start, end, label]", place)
    edges = [expect(item[0], int, f"the start of {what}", place), expect(item[1], int, f"the end of {what}", place)]
    if options.offset_unit == "utf16":
        counted = from_utf16(text, edges)
        if counted is None:
            found = "{}:{}".format(*edges)
            raise DataError(f"{what} at {found} cuts a character or is outside the text", "is it UTF-16 units?", place)
        edges = counted
    start, end = offsets(text, {"start": edges[0], "end": edges[1]}, what, place)
    label = expect(item[2], str, f"the label of {what}", place)
    mention = text[start:end]
    if mention != mention.strip() and mention.strip():
        report.repairs.append(Repair("trim white space", str(place), mention))
        start += len(mention) - len(mention.lstrip())
        end -= len(mention) - len(mention.rstrip())
    return Span(start, end, label)


BEGINS = rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?"
PAIR = re.compile(BEGINS + rb'\[\s*"(?:[^"\\]|\\.)*(?:"\s*,\s*\{|\Z)', re.DOTALL)
OBJECT = re.compile(BEGINS + rb'\{.*?"entities"\s*:\s*\[\s*(?:\[\s*\d|\])', re.DOTALL)
OTHERS = re.compile(rb'"(?:relations|spans|annotations|tokens)"\s*:')


def is_spacy_v2(beginning: bytes) -> bool:
    """Whether a file begins with a pair of a text and its annotations, or an object whose entities are triples."""
    if found := PAIR.match(beginning):
        return found.group().endswith(b"{") or len(beginning) >= 1 << 12  # else it was cut inside the text
    return bool(OBJECT.match(beginning)) and not OTHERS.search(beginning)


FORMATS = [Format("spacy-v2", (".json", ".jsonl"), read_spacy_v2, SpacyV2Writer, sniff=is_spacy_v2, has_tokens=False)]
