"""GLiNER's training records: the tokens of a text, and its entities as numbers of tokens.

    {"id": "a", "tokenized_text": ["Rome", "'s", "mayor"], "ner": [[0, 0, "city"]]}

The numbers are those of an entity's first and last token, both of them inside. Entities may overlap and nest, and a
label may hold spaces. A record is a document, and its text is made anew, as a person would have written it. Metadata
are in `meta`; further fields, such as `ner_negatives`, are kept and written back. `relations` are not carried, since
they count entities by their place in the list.

Cannot hold: entities that do not begin and end with a token, sentences, white space, further attributes of a span,
token columns.

Source: https://github.com/urchade/GLiNER, docs/training.md
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

from ..align import fit_to_tokens
from ..balance import Report
from ..detokenize import respaced
from ..dialects import RecordsWriter, records_reader, told_as
from ..document import Document, Span, Tokens
from ..holding import tell_unheld
from ..offsets import add_entity
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
    places_of_words,
    with_extra,
    without_place,
)
from . import Format

FIELDS = ("id", "tokenized_text", "ner", "relations", "meta")


class GlinerWriter(RecordsWriter):
    """A record a document."""

    def record(self, document: Document) -> dict[str, Any]:
        """The document's record."""
        spans = fit_to_tokens(document, "gliner", overlaps=True)
        meta, extra = parted(document.meta)
        unheld = without_place(extra, FIELDS)
        tell_unheld(document, unheld, "gliner", self.report)
        record: dict[str, Any] = {} if document.id is None else {"id": document.id}
        record["tokenized_text"] = document.words
        record["ner"] = [[first, stop - 1, label] for first, stop, label in spans]
        record |= {name: value for name, value in extra.items() if name not in unheld}
        return record | ({"meta": meta} if meta else {})


def _document(record: Record, options: ReadOptions, report: Report) -> Document:
    at, place = At(record), record.place
    value = expect(record.value, dict, at)
    words = field(value, "tokenized_text", list, at)
    number_of: dict[int, int] = {}  # of each token that is not white space, its number among those
    for number, word in enumerate(words):
        if field(words, number, str, at / "tokenized_text").strip():
            number_of[number] = len(number_of)
        else:
            report.lose("token", place, word, "it is white space alone")
    kept = [words[number].strip() for number in number_of]
    text, tokens = respaced(kept, options, place, report)
    numbers = list(number_of)
    spans: dict[Span, Any] = {}
    for count, item in enumerate(field(value, "ner", list, at, [])):
        here = at / "ner" / count
        first, last, label = _entity(item, len(words), here)
        begin, stop = bisect_left(numbers, first), bisect_right(numbers, last)
        if begin < stop:
            span = Span(tokens.starts[begin], tokens.ends[stop - 1], label)
            add_entity(spans, span, {}, text, place, report)
        else:
            report.lose("span", place, "".join(words[first : last + 1]), "it is white space alone", label=label)
    if value.get("relations"):
        report.lose("field", place, "relations", "they count entities by their place in the list")
    meta = with_extra(field(value, "meta", dict, at, {}), further_fields(value, FIELDS, at))
    known = Tokens.make(tokens.starts, tokens.ends)  # nothing is known of its sentences
    places = None
    if options.places:
        places = places_of_words(words, dict(zip(number_of, known.starts, strict=True)), at / "tokenized_text")
    return Document(text, tuple(spans), known, id=identifier(value, at), source=place, meta=meta, places=places)


def _entity(item: Any, size: int, at: At) -> tuple[int, int, str]:
    item = expect(item, list, at)
    if len(item) != 3:
        raise at.error(f"{at} has {len(item)} parts", "it should be [first, last, label]")
    first, last, label = field(item, 0, int, at), field(item, 1, int, at), label_of(item, 2, at)
    if not 0 <= first <= last < size:
        what = f"{at} at tokens {first} to {last} is empty or outside the {size} tokens"
        raise at.error(what, "tokens count from 0, and the last is inside")
    return first, last, label


FORMATS = [
    Format(
        "gliner",
        (".json", ".jsonl"),
        records_reader(_document),
        GlinerWriter,
        summary="GLiNER's training records: tokens and entities as token numbers",
        sniff=told_as("gliner"),
        variant_of="jsonl",
        holds=frozenset({"tokens", "ids", "metadata", "nested", "overlapping"}),
    )
]
