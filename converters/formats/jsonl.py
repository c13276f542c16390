"""JSON Lines as Prodigy reads and writes it: a document a line, UTF-8, nothing escaped that need not be.

    {"text": "Moscow's", "tokens": [{"text": "Moscow", "start": 0, "end": 6, "id": 0, "ws": false}, ...],
     "spans": [{"start": 0, "end": 6, "token_start": 0, "token_end": 0, "label": "LOC"}],
     "meta": {"id": "a", "source": "a.txt"}}

Offsets count characters (Unicode code points), half-open, or UTF-16 units where ``--offset-unit`` says so; on reading
the unit is found out where the texts of tokens or spans tell. `token_end` is inclusive. `ws` says whether one space
follows a token that belongs to it; white space beyond that is a token of its own, as spaCy's tokenizer makes it,
so texts and spaces of the tokens spell out the text. A record without `tokens` is a document without tokens.
`sents` has the sentences, where they are known. Further fields, of the record, of a token or of a span, are kept and
written back; a span's `text` is checked.

Cannot hold: sentences of a document without tokens.

Source: https://prodi.gy/docs/api-interfaces#ner_manual
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from json.encoder import encode_basestring
from operator import itemgetter, sub
from typing import Any, BinaryIO, NamedTuple, TypeVar

from ..balance import Repair, Report
from ..dialects import RecordsWriter, records_reader
from ..document import Document, Tokens
from ..holding import tell_unheld
from ..offsets import Positions, Told, check, choose_unit, entities, positions, to_utf16
from ..options import ReadOptions, WriteOptions
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

OWN_FIELDS = ("text", "tokens", "spans", "meta")
RECORD_FIELDS = (*OWN_FIELDS, "sents")
TOKEN_FIELDS = ("text", "start", "end", "id", "ws")
SPAN_FIELDS = ("start", "end", "token_start", "token_end", "label", "text")


T = TypeVar("T")
KEPT_WORDS, KEPT_NUMBERS = 1 << 15, 1 << 16
"""So many are kept as JSON has them, at most: some megabytes of each."""


BLOCK = 1 << 14
"""Tokens that are made JSON at once."""


class Written(NamedTuple):
    """A value of a record that is JSON already."""

    json: bytes


class Words(dict[str, bytes]):
    """Words as JSON has them, with what always follows them: most words of a text have been in it before."""

    def __init__(self, after: str = "") -> None:
        super().__init__()
        self.after = after

    def __missing__(self, word: str) -> bytes:
        if len(self) >= KEPT_WORDS:
            self.clear()
        made = (encode_basestring(word) + self.after).encode()
        if len(word) < 32:
            self[word] = made
        return made


WORDS, LABELS = Words(', "start": '), Words()
_digits: list[bytes] = []


def digits(numbers: Sequence[int]) -> Sequence[bytes]:
    """Numbers from 0 on in digits."""
    global _digits
    if not numbers:
        return []
    known = _digits
    try:
        if isinstance(numbers, range) and numbers[-1] < len(known):
            return known[numbers[0] : numbers[-1] + 1]
        return picked(known, numbers)
    except IndexError:
        most = max(numbers)
    if most >= KEPT_NUMBERS:
        return list(map(b"%d".__mod__, numbers))
    # a new list, as another thread may be looking at this one, or making it longer
    known = _digits = list(map(b"%d".__mod__, range(min(2 * most + 2, KEPT_NUMBERS))))
    return picked(known, numbers)


def listed(form: str, *columns: Sequence[bytes]) -> Written:
    """A list of records that have the same form: what stands in each column comes in turn where that has ``%b``."""
    first, *between, last = form.encode().split(b"%b")
    if not columns[0]:
        return Written(b"[]")
    row = [last + b", " + first, b""]
    places = [1]  # of the columns in a row
    for text in between:
        row += [text, b""] if text else [b""]
        places.append(len(row) - 1)
    pieces = row * len(columns[0])
    for place, column in zip(places, columns, strict=True):
        pieces[place :: len(row)] = column
    pieces[0] = b"[" + first
    pieces.append(last + b"]")
    return Written(b"".join(pieces))


def picked(values: Sequence[T], places: Sequence[int]) -> list[T]:
    """The values at these places, fetched all at once."""
    return list(itemgetter(*places)(values)) if len(places) > 1 else [values[place] for place in places]


class JsonlWriter(RecordsWriter):
    """A record a document.

    Nearly all of a record is its tokens, its entities and its sentences. Where nothing further is known of them they
    are put together from columns of text, many times as fast as by dictionaries and json.
    """

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        super().__init__(file, options, report)
        self.words, self.labels = WORDS, LABELS

    def encoded(self, record: Mapping[str, Any]) -> bytes:
        """A record as JSON, with what is JSON already."""
        pieces: list[bytes] = []
        for name, value in record.items():
            if isinstance(value, Written):
                pieces += (b', "%b": ' % name.encode(), value.json)
            else:
                pieces += (b", ", super().encoded({name: value})[1:-1])
        pieces[0] = b"{"
        return b"".join([*pieces, b"}"])

    def record(self, document: Document) -> dict[str, Any]:
        """The document as a record, parts of which are JSON already."""
        record: dict[str, Any] = {"text": document.text}
        numbers: list[int] = []
        sentences: Written | None = None
        if document.tokens is None:
            self.report.repairs.append(
                Repair("written without tokens", str(document.source or ""), "the document has none")
            )
        elif self.options.tokens:
            record["tokens"], numbers = self._tokens(document, document.tokens)
            sentences = self._sentences(document, document.tokens)
        record["spans"] = self._spans(document, numbers)
        if sentences is not None:
            record["sents"] = sentences
        meta, extra = parted(document.meta)
        unheld = without_place(extra, {*record, *OWN_FIELDS})
        if extra or document.attributes or (document.tokens and document.tokens.columns):
            self._tell_names(document, unheld)
        record |= {name: value for name, value in extra.items() if name not in unheld}
        record["meta"] = ({} if document.id is None else {"id": document.id}) | meta
        return record

    def _tell_names(self, document: Document, unheld: Iterable[str]) -> None:
        """Say which attributes and columns are called as fields that spans and tokens have, besides the `unheld`."""
        names = [name for values in document.attributes.values() for name in values if name in SPAN_FIELDS]
        if document.tokens and self.options.tokens:
            names += [name for name in document.tokens.columns if name in TOKEN_FIELDS]
        tell_unheld(document, [*unheld, *names], "jsonl", self.report)

    def _counted(self, text: str, offsets: list[int]) -> list[int]:
        return to_utf16(text, offsets) if self.options.offset_unit == "utf16" else offsets

    def _tokens(self, document: Document, tokens: Tokens) -> tuple[list[dict[str, Any]] | Written, list[int]]:
        """The tokens as records, whitespace tokens among them, and the number that each token proper has there."""
        words, starts, spaces, numbers = document.spaced()
        # words and spaces spell out the text
        ends = self._counted(document.text, list(map(sub, [*starts[1:], len(document.text)], spaces)))
        starts = self._counted(document.text, starts)
        if not tokens.columns:
            blocks = (range(first, min(first + BLOCK, len(words))) for first in range(0, len(words), BLOCK))
            made = [self._block(words, starts, ends, spaces, block).json[1:-1] for block in blocks] or [b""]
            made[0] = b"[" + made[0]
            made[-1] += b"]"
            return Written(b", ".join(made)), numbers
        records = [
            {"text": word, "start": start, "end": end, "id": number, "ws": space}
            for number, (word, start, end, space) in enumerate(zip(words, starts, ends, spaces, strict=True))
        ]
        for name, values in tokens.columns.items():
            if name in TOKEN_FIELDS:
                continue
            for number, value in zip(numbers, values, strict=True):
                if value is not None:
                    records[number][name] = value
        return records, numbers

    def _block(
        self, words: Sequence[str], starts: Sequence[int], ends: Sequence[int], spaces: Sequence[bool], block: range
    ) -> Written:
        """Some of the tokens: of a document of millions the pieces of all would take many times its size."""
        some = slice(block.start, block.stop)
        columns = (
            list(map(self.words.__getitem__, words[some])),
            digits(starts[some]),
            digits(ends[some]),
            digits(block),
            picked((b', "ws": false', b', "ws": true'), spaces[some]),
        )
        # as few pieces as can be, which is a sixth of the time: names stand in the columns
        return listed('{"text": %b%b, "end": %b, "id": %b%b}', *columns)

    def _spans(self, document: Document, numbers: Sequence[int]) -> list[dict[str, Any]] | Written:
        """The entities as records, with their tokens where these are written, and `numbers` are theirs."""
        places = document.token_spans() if numbers else []
        starts, ends = (self._counted(document.text, list(map(itemgetter(edge), document.spans))) for edge in (0, 1))
        if not document.attributes and all(places):
            form, columns = '{"start": %b, "end": %b', [starts, ends]
            if places:
                form += ', "token_start": %b, "token_end": %b'
                firsts, stops, _ = zip(*filter(None, places), strict=True)
                columns += [picked(numbers, firsts), picked(numbers, [stop - 1 for stop in stops])]
            labels = [self.labels[label] for _, _, label in document.spans]
            return listed(form + ', "label": %b}', *map(digits, columns), labels)
        spans = []
        for number, (span, start, end) in enumerate(zip(document.spans, starts, ends, strict=True)):
            fields: dict[str, Any] = {"start": start, "end": end}
            if numbers and (place := places[number]):
                fields |= {"token_start": numbers[place.first], "token_end": numbers[place.stop - 1]}
            known = document.attributes.get(span, {})
            further = {name: value for name, value in known.items() if name not in SPAN_FIELDS}
            spans.append(fields | {"label": span.label} | further)
        return spans

    def _sentences(self, document: Document, tokens: Tokens) -> Written | None:
        """Where the sentences begin and end; None where that is not known."""
        if tokens.sentences is None:
            return None
        ranges = list(document.sentence_ranges())
        starts = self._counted(document.text, [tokens.starts[first] for first, _ in ranges])
        ends = self._counted(document.text, [tokens.ends[stop - 1] for _, stop in ranges])
        return listed('{"start": %b, "end": %b}', digits(starts), digits(ends))


def _document(record: Record, options: ReadOptions, report: Report) -> Document:
    at = At(record)
    value = expect(record.value, dict, at)
    text = field(value, "text", str, at)
    told = [_span(item, at / "spans" / n) for n, item in enumerate(field(value, "spans", list, at, []))]
    items = field(value, "tokens", list, at, ()) if value.get("tokens") is not None else None
    places = [_token(item, at / "tokens" / n) for n, item in enumerate(items or ())]
    unit = choose_unit(text, [*places, *told], options.offset_unit, report)
    found = check(text, [*places, *told], unit)
    attributes = entities(text, told, unit, report)
    tokens = None
    extra = further_fields(value, RECORD_FIELDS, at)
    if items is not None:
        tokens = _read_tokens(text, items, found[: len(places)])
    if value.get("sents") is not None:
        begins = None if tokens is None else _sentences(value["sents"], tokens, positions(text, unit))
        if tokens is None or begins is None:
            extra["sents"] = value["sents"]  # another tool's, or without tokens to stand on
        else:
            tokens = Tokens.make(tokens.starts, tokens.ends, begins, tokens.columns)
    meta = dict(field(value, "meta", dict, at, {}))
    id = identifier(meta, at / "meta")
    meta.pop("id", None)
    meta = with_extra(meta, extra)
    stands = places_of_text(text, at / "text") if options.places else None
    with (at / "tokens").checked():
        return Document(text, tuple(attributes), tokens, attributes, id, record.place, meta, places=stands)


def _span(item: Any, at: At) -> Told:
    item = expect(item, dict, at)
    start, end, label = field(item, "start", int, at), field(item, "end", int, at), label_of(item, "label", at)
    further = {name: value for name, value in item.items() if name not in SPAN_FIELDS}
    return Told(at, start, end, field(item, "text", str, at, None), label, further)


def _token(item: Any, at: At) -> Told:
    item = expect(item, dict, at)
    return Told(at, field(item, "start", int, at), field(item, "end", int, at), field(item, "text", str, at, None))


def _sentences(items: Any, tokens: Tokens, known: Positions) -> list[int] | None:
    """The tokens that begin the sentences, None where these are not what we write."""
    items = items if isinstance(items, list) else [None]
    starts = [item["start"] if isinstance(item, dict) and item.keys() == {"start", "end"} else None for item in items]
    begins = [bisect_left(tokens.starts, known[start]) for start in starts if isinstance(start, int) and start in known]
    ascend = all(one < other for one, other in pairwise([*begins, len(tokens)]))
    return begins if len(begins) == len(items) and ascend and begins[:1] == [0] * bool(tokens) else None


def _read_tokens(text: str, items: list[Any], places: list[tuple[int, int]]) -> Tokens:
    starts, ends, kept = [], [], []
    names: dict[str, None] = {}
    for item, (start, end) in zip(items, places, strict=True):
        word = text[start:end]
        if word.strip():
            starts.append(start + len(word) - len(word.lstrip()))
            ends.append(starts[-1] + len(word.strip()))
            kept.append(item)
            names.update((name, None) for name in item if name not in TOKEN_FIELDS)
    return Tokens.make(starts, ends, None, {name: [item.get(name) for item in kept] for name in names})


RECORD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*\"")

FORMATS = [
    Format(
        "jsonl",
        (".jsonl", ".json"),
        records_reader(_document),
        JsonlWriter,
        summary="a record a line, as Prodigy has it",
        sniff=lambda data: bool(RECORD.match(data)),
    )
]
