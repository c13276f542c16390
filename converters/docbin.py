"""What spaCy's `DocBin` keeps of a document, made from columns, without a `Doc`.

A DocBin holds a row of numbers for each token (hashes of its text and norm, its entity, whether a sentence begins),
and the set of all strings. `Doc` and `DocBin.add` make these a token at a time, some 100 bytes each, and
`DocBin.to_bytes` copies them three times. Here words are looked up once, some ten bytes are kept of a token, and the
rows are made and compressed a block at a time. Only documents whose tokens have no columns of their own and whose
entities have no attributes are made so, and only where a probe of both ways gives the same bytes: another spaCy may
keep something else. Source: https://github.com/explosion/spaCy/blob/v3.8.0/spacy/tokens/_serialize.py
"""

from __future__ import annotations

import warnings
import zlib
from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from struct import pack
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDS
from spacy.strings import get_string_id
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab
from srsly.msgpack import Packer

from .align import fit_to_tokens
from .document import Document, Span, Tokens, TokenSpan
from .errors import DataError, FullError, counted
from .tokenize import pipeline

Numbers = NDArray[np.uint64]
OUTSIDE, INSIDE, BEGIN = 2, 1, 3
"""Of ``ENT_IOB``."""
UNKNOWN, STARTS, GOES_ON = 0, 1, 2
"""What is kept of a token and its sentence."""
SENT_START: Numbers = np.array([0, 1, (1 << 64) - 1], np.uint64)
"""What a DocBin has for these; the last is -1."""
MOST_TOKENS = 10_000_000
"""In a DocBin. It could not hold five times as many: its table of tokens ends at 4 GB."""
BLOCK = 1 << 13
"""Rows that are made at once: less than a megabyte of them."""


class Words(dict[str, int]):
    """The number of each word in `orths` and `norms`, the hashes of its text and norm; `strings` takes both."""

    def __init__(self, vocab: Vocab, strings: set[str]) -> None:
        super().__init__()
        self.vocab = vocab
        self.strings = strings
        self.orths, self.norms = array("Q"), array("Q")

    def __missing__(self, word: str) -> int:
        lexeme: Any = self.vocab[word]
        self.orths.append(lexeme.orth)
        self.norms.append(lexeme.norm)
        self.strings.update((word, lexeme.norm_))
        number = self[word] = len(self)
        return number


class ColumnBin:
    """A `DocBin` that takes documents."""

    def __init__(self, vocab: Vocab) -> None:
        self.bin = DocBin(store_user_data=True)  # its tokens and spaces are only of documents made the ordinary way
        self.words = Words(vocab, self.bin.strings)
        self.labels = {"": 0}
        self.pack = Packer(use_bin_type=True).pack  # kept, as it is slow to make
        self.lengths = array("i")
        self.ids = array("i")  # of each token the number of its word,
        self.tags = array("i")  # twice the number of its entity's label, and one more where the entity begins,
        self.begins = bytearray()  # whether it begins a sentence,
        self.spaces = bytearray()  # and whether a space follows it
        self.made: list[tuple[int, Numbers]] = []  # the rows of documents made the ordinary way, and where they belong
        self.no_spans = Doc(vocab).spans.to_bytes()

    def takes(self, document: Document) -> bool:
        """Whether a document is of the kind that is made from columns."""
        tokens = document.tokens
        return bool(tokens) and not tokens.columns and not document.attributes and is_as_expected()  # type: ignore[union-attr]

    def add(self, document: Document, spans: Sequence[TokenSpan]) -> None:
        """Take a document that is flat; `spans` are its entities in tokens. Raises `FullError`."""
        assert document.tokens is not None
        data = self.pack(({} if document.id is None else {"id": document.id}) | dict(document.meta))
        words, _, spaces, numbers = document.spaced()
        size = len(words)
        self._check_room(size, document)
        tags = [0] * size
        for first, stop, label in spans:
            first, stop = numbers[first], numbers[stop - 1] + 1
            tag = 2 * self.labels.setdefault(label, len(self.labels))
            tags[first:stop] = [tag] * (stop - first)
            tags[first] = tag + 1
        begins = bytearray(size)
        if document.tokens.sentences is not None:
            begins = bytearray([GOES_ON]) * size
            for number in document.tokens.sentences:
                begins[numbers[number] if number else 0] = STARTS
        begins[0] = STARTS
        self.ids.fromlist(list(map(self.words.__getitem__, words)))
        self.tags.fromlist(tags)
        self.begins += begins
        self.spaces += bytes(spaces)
        self.lengths.append(size)
        self.bin.user_data.append(data)
        self.bin.flags.append({"has_unknown_spaces": False})
        self.bin.cats.append({})
        self.bin.span_groups.append(self.no_spans)

    def _check_room(self, size: int, document: Document) -> None:
        if len(self.ids) + size > MOST_TOKENS:
            what = f"with this document the file would hold more than {counted(MOST_TOKENS, 'token')}"
            todo = "write to a folder, which is divided, or fewer documents a shard with --shard-size"
            raise FullError(what, todo, document.source)

    def add_doc(self, doc: Doc, document: Document) -> None:
        """Take any other document, the ordinary way."""
        self._check_room(len(doc), document)
        one = DocBin(store_user_data=True, docs=[doc])
        [rows], size = one.tokens, len(doc)
        self.bin.merge(one)
        self.made.append((len(self.ids), rows))
        self.lengths.append(size)
        for column in (self.ids, self.tags, self.begins):
            column.extend([0] * size)
        self.spaces += one.spaces[0].tobytes()

    def to_bytes(self) -> bytes:
        """What `DocBin.to_bytes` makes of all of them."""
        if len(self.bin) == len(self.lengths):  # none is made from columns
            return self.bin.to_bytes()
        self.bin.strings.update(["", *self.labels])
        packed = zlib.compressobj()
        return b"".join([*map(packed.compress, self._message()), packed.flush()])

    def _message(self) -> Iterator[bytes]:
        """The map that a DocBin is, in msgpack, piece by piece."""
        attrs = self.bin.attrs
        fields = {
            "version": self.pack(self.bin.version),
            "attrs": self.pack(attrs),
            "tokens": head(len(self.ids) * len(attrs) * SENT_START.itemsize),
            "spaces": self.pack(bytes(self.spaces)),
            "lengths": self.pack(self.lengths.tobytes()),
            "strings": self.pack(sorted(self.bin.strings)),
            "cats": self.pack(self.bin.cats),
            "flags": self.pack(self.bin.flags),
            "span_groups": self.pack(self.bin.span_groups),
            "user_data": self.pack(self.bin.user_data),
        }
        yield bytes([0x80 + len(fields)])
        for name, value in fields.items():
            yield self.pack(name)
            yield value
            if name == "tokens":
                yield from (rows.tobytes() for rows in self._rows())

    def _rows(self) -> Iterator[Numbers]:
        """The rows of all tokens, block by block."""
        orth, norm, iob, kind, start = (
            self.bin.attrs.index(IDS[name]) for name in ("ORTH", "NORM", "ENT_IOB", "ENT_TYPE", "SENT_START")
        )
        kinds = np.array([get_string_id(label) for label in self.labels], np.uint64).repeat(2)
        iobs = np.array([INSIDE, BEGIN] * len(self.labels), np.uint64)
        iobs[0] = OUTSIDE
        orths, norms = np.frombuffer(self.words.orths, np.uint64), np.frombuffer(self.words.norms, np.uint64)
        ids, tags = np.frombuffer(self.ids, np.intc), np.frombuffer(self.tags, np.intc)
        begins = np.frombuffer(self.begins, np.uint8)
        at = 0
        for begin, made in [*self.made, (len(ids), np.zeros((0, len(self.bin.attrs)), np.uint64))]:
            for first in range(at, begin, BLOCK):
                block = slice(first, min(first + BLOCK, begin))
                rows = np.zeros((block.stop - first, len(self.bin.attrs)), np.uint64)
                rows[:, orth], rows[:, norm] = orths[ids[block]], norms[ids[block]]
                rows[:, iob], rows[:, kind] = iobs[tags[block]], kinds[tags[block]]
                rows[:, start] = SENT_START[begins[block]]
                yield rows
            yield made
            at = begin + len(made)


def head(size: int) -> bytes:
    """What stands before so many bytes in msgpack. Raises `DataError` where they are more than it can hold."""
    if size >= 1 << 32:
        raise DataError("a DocBin cannot hold more than 4 GB of tokens", "divide the documents among several files")
    if size < 1 << 8:
        return pack(">BB", 0xC4, size)
    return pack(">BH", 0xC5, size) if size < 1 << 16 else pack(">BI", 0xC6, size)


@cache
def is_as_expected() -> bool:
    """Whether this spaCy keeps of a document what is made here: both ways are tried, on a small one."""
    text = "  The U.S. said\n\n cats. N'est-ce  PAS?"
    starts, ends = [2, 6, 11, 18, 22, 24, 34, 37], [5, 10, 15, 22, 23, 32, 37, 38]
    spans = (Span(2, 10, "LOC"), Span(18, 22, "NORM"), Span(34, 38, "X-Y"))
    with_sentences = Document(text, spans, Tokens.make(starts, ends, [0, 3, 5]), id="a", meta={"b": [1]})
    without = Document(text, (), Tokens.make(starts, ends))
    try:
        vocab = pipeline("en").vocab
        ordinary, direct = DocBin(store_user_data=True), ColumnBin(vocab)
        for document in (with_sentences, without):
            ordinary.add(document.to_spacy(vocab))
            direct.add(document, fit_to_tokens(document, "spacy"))
        same = ordinary.to_bytes() == direct.to_bytes()
    except Exception:  # whatever another spaCy may do
        same = False
    if not same:
        warnings.warn("this spaCy keeps documents in another way; DocBins are made the slow way", stacklevel=2)
    return same
