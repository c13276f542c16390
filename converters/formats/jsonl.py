"""JSON Lines as Prodigy reads and writes it: a document a line, UTF-8, nothing escaped that need not be.

    {"text": "Moscow's", "tokens": [{"text": "Moscow", "start": 0, "end": 6, "id": 0, "ws": false}, ...],
     "spans": [{"start": 0, "end": 6, "token_start": 0, "token_end": 0, "label": "LOC"}],
     "meta": {"id": "a", "source": "a.txt"}}

Offsets count characters (Unicode code points), half-open; `token_end` is inclusive. `ws` says whether one space
follows a token that belongs to it; white space beyond that is a token of its own, as spaCy's tokenizer makes it,
so texts and spaces of the tokens spell out the text. A record without `tokens` is a document without tokens.
Further fields, of the record, of a token or of a span, are kept and written back.

Cannot hold: sentences.

Source: https://prodi.gy/docs/api-interfaces#ner_manual
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from ..balance import Repair, Report
from ..document import Document, Span, Tokens
from ..errors import DataError, Place
from ..options import ReadOptions, WriteOptions
from ..records import RecordsWriter, expect, get, json_records, offsets
from ..source import Source, with_ids
from . import Format

RECORD_FIELDS = ("text", "tokens", "spans", "meta")
TOKEN_FIELDS = ("text", "start", "end", "id", "ws")
SPAN_FIELDS = ("start", "end", "token_start", "token_end", "label")
EXTRA = "__record__"
"""The name in a document's metadata of the further fields of its record."""


class JsonlWriter:
    """A record a document."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.records = RecordsWriter(file, as_array=options.as_array)
        self.tokens = options.tokens

    def write(self, document: Document) -> None:
        """Write the document's record."""
        self.records.put(self.record(document))

    def close(self) -> None:
        """End the file."""
        self.records.close()

    def record(self, document: Document) -> dict[str, Any]:
        """The document as a record."""
        record: dict[str, Any] = {"text": document.text}
        numbers: list[int] = []
        if self.tokens and document.tokens is not None:
            record["tokens"], numbers = _tokens(document, document.tokens)
        spans = record["spans"] = []
        for span in document.spans:
            fields: dict[str, Any] = {"start": span.start, "end": span.end}
            if numbers and (place := document.token_span(span)):
                fields |= {"token_start": numbers[place.first], "token_end": numbers[place.stop - 1]}
            spans.append(fields | {"label": span.label} | dict(document.attributes.get(span, {})))
        meta = dict(document.meta)
        extra = meta.pop(EXTRA, None)
        if isinstance(extra, Mapping):
            record |= {name: value for name, value in extra.items() if name not in RECORD_FIELDS}
        record["meta"] = ({} if document.id is None else {"id": document.id}) | meta
        return record


def _tokens(document: Document, tokens: Tokens) -> tuple[list[dict[str, Any]], list[int]]:
    """The tokens as records, whitespace tokens among them, and the number that each token proper has there."""
    words, starts, spaces, numbers = document.spaced()
    records = [
        {"text": word, "start": start, "end": start + len(word), "id": number, "ws": space}
        for number, (word, start, space) in enumerate(zip(words, starts, spaces, strict=True))
    ]
    for name, values in tokens.columns.items():
        for number, value in zip(numbers, values, strict=True):
            if value is not None:
                records[number][name] = value
    return records, numbers


def read_jsonl(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a JSON Lines file."""
    for id, (place, record) in with_ids(json_records(file, source, options.encoding), source.id):
        try:
            document = _document(record, place, id, source, report)
        except DataError as error:
            report.fail(error)
            continue
        yield document


def _document(record: Any, place: Place, id: str, source: Source, report: Report) -> Document:
    record = expect(record, dict, "a record", place)
    text = expect(record.get("text"), str, "the field text", place)
    meta = dict(expect(get(record, "meta", {}), dict, "the field meta", place))
    attributes: dict[Span, Mapping[str, Any]] = {}
    for number, item in enumerate(expect(get(record, "spans", []), list, "the field spans", place)):
        span = _span(text, item, number, place, report)
        if span in attributes:
            report.repairs.append(Repair("merge twins", str(place), text[span.start : span.end]))
        attributes[span] = {name: value for name, value in item.items() if name not in SPAN_FIELDS}
    extra = {name: value for name, value in record.items() if name not in RECORD_FIELDS}
    if extra:
        meta[EXTRA] = extra
    own = meta.pop("id", None)
    meta.setdefault("source", source.origin)
    return Document(
        text,
        tuple(attributes),
        None if record.get("tokens") is None else _read_tokens(text, record["tokens"], place),
        {span: values for span, values in attributes.items() if values},
        id if own is None else str(own),
        place,
        meta,
    )


def _span(text: str, item: Any, number: int, place: Place, report: Report) -> Span:
    what = f"span {number}"
    item = expect(item, dict, what, place)
    start, end = offsets(text, item, what, place)
    label = expect(item.get("label"), str, f"the label of {what}", place)
    mention = text[start:end]
    if mention != mention.strip() and mention.strip():
        report.repairs.append(Repair("trim white space", str(place), mention))
        start += len(mention) - len(mention.lstrip())
        end -= len(mention) - len(mention.rstrip())
    return Span(start, end, label)


def _read_tokens(text: str, items: Any, place: Place) -> Tokens:
    kept = []
    names: dict[str, None] = {}
    for number, item in enumerate(expect(items, list, "the field tokens", place)):
        what = f"token {number}"
        item = expect(item, dict, what, place)
        start, end = offsets(text, item, what, place)
        word = text[start:end]
        if item.get("text", word) != word:
            raise DataError(f"{what} is {item['text']!r}, but {start}:{end} of the text is {word!r}", "", place)
        if word.strip():
            start += len(word) - len(word.lstrip())
            kept.append((start, start + len(word.strip()), item))
            names.update((name, None) for name in item if name not in TOKEN_FIELDS)
    columns = {name: [item.get(name) for _, _, item in kept] for name in names}
    return Tokens.make([start for start, _, _ in kept], [end for _, end, _ in kept], None, columns)


RECORD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*\"")

FORMATS = [
    Format("jsonl", (".jsonl", ".json"), read_jsonl, JsonlWriter, sniff=lambda data: bool(RECORD.match(data))),
]
