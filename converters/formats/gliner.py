"""GLiNER's training records: the tokens of a text, and its entities as numbers of tokens.

    {"id": "a", "tokenized_text": ["Rome", "'s", "mayor"], "ner": [[0, 0, "city"]]}

The numbers are those of an entity's first and last token, both of them inside. Entities may overlap and nest, and a
label may hold spaces. A record is a document, and its text is made anew, as a person would have written it. Metadata
are in `meta`, where there are any beside the name of the source; further fields, such as `ner_negatives`, are kept and
written back. `relations` are not carried, since they count entities by their place in the list.

Cannot hold: entities that do not begin and end with a token, sentences, white space, further attributes of a span,
token columns.

Source: https://github.com/urchade/GLiNER, docs/training.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from ..align import fit_to_tokens, report_unheld
from ..balance import Repair, Report
from ..detokenize import assemble
from ..document import Document, Span, Tokens
from ..errors import DataError, Place
from ..gaps import Gap, detect_profile
from ..options import ReadOptions, WriteOptions
from ..records import RecordsWriter, expect, get, json_records
from ..source import Source, with_ids
from . import Format

FIELDS = ("id", "tokenized_text", "ner", "relations", "meta")
EXTRA = "__record__"
"""The name in a document's metadata of the further fields of its record."""


class GlinerWriter:
    """A record a document."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.records = RecordsWriter(file, as_array=options.as_array)
        self.report = report

    def write(self, document: Document) -> None:
        """Write the document's record."""
        document, spans = fit_to_tokens(document, "gliner", self.report, overlaps=True)
        found = document.meta.get(EXTRA)
        extra = found if isinstance(found, Mapping) else {}
        taken = {name: value for name, value in extra.items() if name in FIELDS}
        report_unheld(replace(document, meta=taken), "gliner", self.report)
        if document.tokens and document.tokens.sentences is not None and len(document.tokens.sentences) > 1:
            lost = f"{len(document.tokens.sentences)} sentences"
            self.report.lose("field", document.source, lost, "no place for it", output="gliner")
        record: dict[str, Any] = {} if document.id is None else {"id": document.id}
        record["tokenized_text"] = document.words
        record["ner"] = [[first, stop - 1, label] for first, stop, label in spans]
        meta = {name: value for name, value in document.meta.items() if name not in ("source", EXTRA)}
        record |= {name: value for name, value in extra.items() if name not in FIELDS}
        self.records.put(record | ({"meta": meta} if meta else {}))

    def close(self) -> None:
        """End the file."""
        self.records.close()


def read_gliner(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a file of GLiNER's training data."""
    for id, (place, record) in with_ids(json_records(file, source, options.encoding), source.id):
        try:
            document = _document(record, place, id, source, options, report)
        except DataError as error:
            report.fail(error)
            continue
        yield document


def _document(record: Any, place: Place, id: str, source: Source, options: ReadOptions, report: Report) -> Document:
    record = expect(record, dict, "a record", place)
    words = expect(record.get("tokenized_text"), list, "the field tokenized_text", place)
    number_of: dict[int, int] = {}  # of each token that is not white space, its number among those
    for number, word in enumerate(words):
        if expect(word, str, f"token {number}", place).strip():
            number_of[number] = len(number_of)
        else:
            report.lose("token", place, word, "it is white space alone")
    kept = [words[number].strip() for number in number_of]
    profile = options.profile or detect_profile(kept)
    text, tokens, _ = assemble(kept, [Gap.SPACE] * len(kept), profile=profile, layout=options.layout)
    report.repairs.append(Repair("spacing", str(place), "reconstructed"))
    spans: list[Span] = []
    for count, item in enumerate(expect(get(record, "ner", []), list, "the field ner", place)):
        first, last, label = _entity(item, f"entity {count}", len(words), place)
        inside = [number_of[number] for number in range(first, last + 1) if number in number_of]
        if not inside:
            report.lose("span", place, "".join(words[first : last + 1]), "it is white space alone", label=label)
            continue
        span = Span(tokens.starts[inside[0]], tokens.ends[inside[-1]], label)
        if span in spans:
            report.repairs.append(Repair("merge twins", str(place), text[span.start : span.end]))
        spans.append(span)
    if record.get("relations"):
        report.lose("field", place, "relations", "they count entities by their place in the list")
    meta = dict(expect(get(record, "meta", {}), dict, "the field meta", place))
    meta.setdefault("source", source.origin)
    if extra := {name: value for name, value in record.items() if name not in FIELDS}:
        meta[EXTRA] = extra
    own = record.get("id")
    known = Tokens.make(tokens.starts, tokens.ends)  # nothing is known of its sentences
    return Document(text, tuple(spans), known, id=id if own is None else str(own), source=place, meta=meta)


def _entity(item: Any, what: str, size: int, place: Place) -> tuple[int, int, str]:
    item = expect(item, list, what, place)
    if len(item) != 3:
        raise DataError(f"{what} has {len(item)} parts", "it should be [first, last, label]", place)
    first = expect(item[0], int, f"the first token of {what}", place)
    last = expect(item[1], int, f"the last token of {what}", place)
    if not 0 <= first <= last < size:
        raise DataError(
            f"{what} at tokens {first} to {last} is empty or outside the {size} tokens",
            "tokens count from 0, and the last is inside",
            place,
        )
    return first, last, expect(item[2], str, f"the label of {what}", place)


OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{")
OWN_FIELD = re.compile(rb'"tokenized_text"\s*:\s*\[')

FORMATS = [
    Format(
        "gliner",
        (".json", ".jsonl"),
        read_gliner,
        GlinerWriter,
        sniff=lambda data: bool(OBJECT.match(data) and OWN_FIELD.search(data)),
        on_tokens=True,
    )
]
