"""What spaCy's `DocBin` keeps of a document, made from columns, without a `Doc`.

A DocBin holds a row of numbers for each token (hashes of its text and norm, its entity, whether a sentence begins),
and the set of all strings. `Doc` and `DocBin.add` make these a token at a time; here words are looked up once, and the
rest is arrays. Only documents whose tokens have no columns of their own and whose entities have no attributes are made
so, and only where a probe of both ways gives the same bytes: another spaCy may keep something else.
Source: https://github.com/explosion/spaCy/blob/v3.8.0/spacy/tokens/_serialize.py
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDS
from spacy.strings import get_string_id
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab
from srsly import msgpack_dumps as dumps  # type: ignore[attr-defined]  # its stubs lack it

from .document import Document, Span, Tokens
from .tokenize import pipeline

Numbers = NDArray[np.uint64]
OUTSIDE, INSIDE, BEGIN = 2, 1, 3
"""Of ``ENT_IOB``."""
NO_START = (1 << 64) - 1
"""Of ``SENT_START``: -1, no sentence begins."""


class Words(dict[str, int]):
    """The number of each word in `orths` and `norms`, which hold the hashes of its text and of its norm."""

    def __init__(self, vocab: Vocab) -> None:
        super().__init__()
        self.vocab = vocab
        self.texts: list[tuple[str, str]] = []
        self.hashes: Numbers = np.zeros((2, 1024), np.uint64)

    def __missing__(self, word: str) -> int:
        number = len(self.texts)
        if number == self.hashes.shape[1]:
            self.hashes = np.concatenate([self.hashes, np.zeros_like(self.hashes)], axis=1)
        lexeme: Any = self.vocab[word]
        self.hashes[:, number] = lexeme.orth, lexeme.norm
        self.texts.append((word, lexeme.norm_))
        self[word] = number
        return number


class ColumnBin:
    """A `DocBin` that takes documents."""

    def __init__(self, vocab: Vocab) -> None:
        self.bin = DocBin(store_user_data=True)
        self.words = Words(vocab)
        self.seen: set[int] = set()  # of these words
        self.place = {
            name: self.bin.attrs.index(IDS[name]) for name in ("ORTH", "NORM", "ENT_IOB", "ENT_TYPE", "SENT_START")
        }
        self.no_spans = Doc(vocab).spans.to_bytes()

    def takes(self, document: Document) -> bool:
        """Whether a document is of the kind that is made from columns."""
        tokens = document.tokens
        return bool(tokens) and not tokens.columns and not document.attributes and is_as_expected()  # type: ignore[union-attr]

    def add(self, document: Document) -> None:
        """Take a document that is flat, and whose entities begin and end with tokens."""
        assert document.tokens is not None
        words, _, spaces, numbers = document.spaced()
        ids = np.fromiter(map(self.words.__getitem__, words), np.int64, len(words))
        rows = np.zeros((len(words), len(self.bin.attrs)), np.uint64)
        rows[:, self.place["ORTH"]], rows[:, self.place["NORM"]] = self.words.hashes[:, ids]
        iob, kind = rows[:, self.place["ENT_IOB"]], rows[:, self.place["ENT_TYPE"]]
        iob[:] = OUTSIDE
        for span in document.spans:
            found = document.token_span(span)
            assert found is not None
            first, last = numbers[found.first], numbers[found.stop - 1]
            iob[first : last + 1], iob[first] = INSIDE, BEGIN
            kind[first : last + 1] = get_string_id(span.label)
            self.bin.strings.add(span.label)
        begins = rows[:, self.place["SENT_START"]]
        begins[0] = 1
        if document.tokens.sentences is not None:
            begins[:] = NO_START
            begins[[numbers[number] if number else 0 for number in document.tokens.sentences]] = 1
        self.seen.update(ids.tolist())
        data = ({} if document.id is None else {"id": document.id}) | dict(document.meta)
        self.bin.user_data.append(dumps(data))
        self.bin.tokens.append(rows)
        self.bin.spaces.append(np.array(spaces, bool).reshape(-1, 1))
        self.bin.flags.append({"has_unknown_spaces": False})
        self.bin.cats.append({})
        self.bin.span_groups.append(self.no_spans)

    def add_doc(self, doc: Doc) -> None:
        """Take any other document, the ordinary way."""
        self.bin.add(doc)

    def to_bytes(self) -> bytes:
        """The DocBin, with the strings of all words."""
        for number in self.seen:
            self.bin.strings.update(self.words.texts[number])
        if self.seen:
            self.bin.strings.add("")
        return self.bin.to_bytes()


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
            direct.add(document)
        same = ordinary.to_bytes() == direct.to_bytes()
    except Exception:  # whatever another spaCy may do
        same = False
    if not same:
        warnings.warn("this spaCy keeps documents in another way; DocBins are made the slow way", stacklevel=2)
    return same
