"""Entities from lists of tags, all sentences of a corpus at once, in columns.

What is read is what `schemes.decode` reads of each sentence, and a property test holds it to that. `lenient` is how
the conlleval script and seqeval's default read any tags: an entity begins wherever one cannot go on.
Sources: https://www.clips.uantwerpen.be/conll2000/chunking/output.html; https://github.com/chakki-works/seqeval
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError
from ..schemes import Scheme, TagError, decode, detect_pairs, mend
from .corpus import Mentions

TagReading = Literal["strict", "conlleval", "discard", "lenient"]
"""How tags that are not valid are read: as an error, mended as ``--repair-tags`` says, or as conlleval does.

With ``discard``, what is no whole entity of BIOES or BILOU is none.
"""

LETTERS = {letter: number for number, letter in enumerate("OBIESLU")}
Mask = NDArray[np.bool_]


class Numbering(dict[str, int]):
    """The numbers of tags, in the order in which they are first asked for; and `labels`, those of labels."""

    def __init__(self) -> None:
        super().__init__({"O": 0})
        self.letters = [LETTERS["O"]]
        self.of_labels = [-1]
        self.labels: dict[str, int] = {}
        self.refused = ""

    def __missing__(self, tag: str) -> int:
        letter, _, label = tag.partition("-")
        if letter not in LETTERS or letter == "O" or not label:  # O alone has its number
            self.refused = tag
            raise DataError(f"tag {tag!r} is no tag", "a tag is O, or a letter, a dash and a label, as B-PER")
        self[tag] = number = len(self)
        self.letters.append(LETTERS[letter])
        self.of_labels.append(self.labels.setdefault(label, len(self.labels)))
        return number


class Tags(NamedTuple):
    """The tags of all sentences as columns, with an ``O`` that is no token's after each sentence.

    `numbers`: of the tags; `letters` and `labels`: what each is made of, a label being -1 for ``O``.
    """

    numbers: NDArray[np.int32]
    letters: NDArray[np.int8]
    labels: NDArray[np.int32]

    @classmethod
    def make(cls, sentences: Sequence[Sequence[str]], is_token: Mask, numbering: Numbering) -> Tags:
        """The columns of sentences of tags. `is_token`: which places are those of tokens."""
        numbers = np.zeros(len(is_token), np.int32)

        def flat() -> Iterator[int]:
            return map(numbering.__getitem__, chain.from_iterable(sentences))

        try:
            numbers[is_token] = np.frombuffer(bytes(flat()), np.uint8)  # twice as quick as the general way
        except DataError as error:
            raise _placed(error, numbering.refused, sentences) from None
        except ValueError:  # more than 256 tags
            try:
                numbers[is_token] = np.fromiter(flat(), np.int32)
            except DataError as error:
                raise _placed(error, numbering.refused, sentences) from None
        letters, labels = np.array(numbering.letters, np.int8), np.array(numbering.of_labels, np.int32)
        return cls(numbers, letters[numbers], labels[numbers])

    def mentions(self, starts: Mask, ends: Mask) -> Mentions:
        """The entities that begin and end (with their last token) where the masks say."""
        first = np.flatnonzero(starts)
        return Mentions(first, np.flatnonzero(ends) + 1, self.labels[first].astype(np.int64))


def _placed(error: DataError, tag: str, sentences: Sequence[Sequence[str]]) -> DataError:
    """The error with the sentence and the token that the tag is of."""
    number = next(number for number, tags in enumerate(sentences) if tag in tags)
    error.what = f"sentence {number + 1}, token {list(sentences[number]).index(tag) + 1}: {error.what}"
    return error


def scheme_of(tags: Tags, numbering: Numbering) -> Scheme:
    """The scheme that tags are in, or look like most."""
    names, size = list(numbering), len(numbering)
    before = np.zeros(len(tags.numbers), np.int64)
    before[1:] = tags.numbers[:-1]
    pairs = before * size + tags.numbers
    there = np.flatnonzero(np.bincount(pairs)) if size < 1000 else np.unique(pairs)
    return detect_pairs({(names[pair // size], names[pair % size]) for pair in there.tolist()})


def read(tags: Tags, scheme: Scheme, reading: TagReading, sentences: Sequence[Sequence[str]]) -> Mentions:
    """The entities of all sentences, offsets counting tokens, and one more after each sentence.

    Raises `TagError` for the first tag that the scheme does not allow, unless the `reading` takes it.
    """
    if reading == "lenient":
        return _lenient(tags)
    is_in = tags.labels >= 0
    begins = tags.letters == LETTERS[scheme.first]
    inner = (tags.letters == LETTERS[scheme.inner]) & is_in
    last = (tags.letters == LETTERS[scheme.last]) & is_in
    only = (tags.letters == LETTERS[scheme.only]) & is_in
    goes_on = np.zeros(len(is_in), bool)  # the label is that of the token before
    goes_on[1:] = is_in[1:] & (tags.labels[1:] == tags.labels[:-1])
    if scheme.has_end:
        open_before = np.zeros(len(is_in), bool)  # the token before leaves an entity open
        open_before[1:] = (begins | inner)[:-1]
        if reading == "discard":  # what is not whole is none
            linked = open_before & (inner | last) & goes_on
            runs = np.maximum.accumulate(np.where(linked, 0, np.arange(len(linked))))
            stops = np.flatnonzero((last & linked & begins[runs]) | only)
            return Mentions(runs[stops], stops + 1, tags.labels[stops].astype(np.int64))
        fine = np.where(open_before, (inner | last) & goes_on, ~is_in | begins | only)
        _refuse(fine, scheme, reading, sentences)
        return tags.mentions(begins | only, last | only)
    if scheme.marked == "always":
        stray = inner & ~goes_on
        is_known = ~is_in | begins | inner
        if reading == "discard":
            _refuse(is_known, scheme, reading, sentences)
            runs = np.maximum.accumulate(np.where(begins | stray | ~is_in, np.arange(len(is_in)), 0))
            is_in = is_in & ~stray[runs]  # a whole run goes with the tag that it begins with
            starts = begins
        else:
            _refuse(is_known & ~stray if reading == "strict" else is_known, scheme, reading, sentences)
            starts = begins | stray
    elif scheme.marked == "adjacent":
        lone = begins & ~goes_on
        starts = (inner & ~goes_on) | begins
        is_known = ~is_in | begins | inner
        _refuse(is_known if reading == "conlleval" else is_known & ~lone, scheme, reading, sentences)
    else:
        starts = inner & ~goes_on
        _refuse(~is_in | inner, scheme, reading, sentences)
    ends = np.zeros(len(is_in), bool)
    ends[:-1] = is_in[:-1] & (starts | ~is_in)[1:]
    return tags.mentions(starts, ends)


def _lenient(tags: Tags) -> Mentions:
    """The chunks of the conlleval script: one ends after E, L, S, U, before B, S, U, O, and where the label changes.

    A token that is in one after such an end, or after none, begins the next.
    """
    is_in = tags.labels >= 0
    closes = np.isin(tags.letters, [LETTERS[letter] for letter in "ESLU"])
    opens = np.isin(tags.letters, [LETTERS[letter] for letter in "BSU"])
    cut = opens.copy()
    cut[:1] = True
    cut[1:] |= (tags.labels[1:] != tags.labels[:-1]) | closes[:-1]
    starts = is_in & cut
    ends = np.zeros(len(is_in), bool)
    ends[:-1] = is_in[:-1] & cut[1:]
    return tags.mentions(starts, ends)


def _refuse(fine: Mask, scheme: Scheme, reading: TagReading, sentences: Sequence[Sequence[str]]) -> None:
    """Raise the error of the first sentence in which not all is fine."""
    if fine.all():
        return
    at = int(np.argmin(fine))
    for number, tags in enumerate(sentences, 1):
        if at <= len(tags):
            try:
                decode(mend(tags, scheme, reading) if reading in ("conlleval", "discard") else tags, scheme)
            except TagError as error:
                error.what = f"sentence {number}, token {error.number + 1}: {error.what}"
                raise
        at -= len(tags) + 1
    raise AssertionError("a sentence that the columns refuse is refused")  # a property test shows that this is not met
