"""Gold and predicted entities of a whole corpus as columns, with offsets that count through all its texts.

Documents of two sides are paired, and the offsets of predictions are brought onto the gold text where the two differ in
white space alone. Every document begins behind the one before it, with a character between, so that no two entities of
different documents touch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..document import Document, quoted
from ..errors import DataError, Place, counted, shorten

Ints = NDArray[np.int64]
Pairing = Literal["id", "order"]


class Mentions(NamedTuple):
    """Entities as columns, in the order of their starts: offsets in the corpus, half-open, and numbers of labels."""

    starts: Ints
    ends: Ints
    labels: Ints

    @classmethod
    def make(cls, starts: Iterable[int], ends: Iterable[int], labels: Iterable[int]) -> Mentions:
        """Mentions of any iterables of numbers."""
        return cls(*(np.fromiter(values, np.int64) for values in (starts, ends, labels)))


@dataclass(frozen=True)
class Corpus:
    """Documents with gold entities and those of each system.

    `bases`: where each document begins in the corpus. `tokens`: starts and ends of the gold tokens in the corpus, None
    where a document has none. `has_tokens`: whether all documents of a system have tokens; `same_tokens`: whether they
    are the gold ones.
    """

    ids: Sequence[str]
    bases: Ints
    labels: Sequence[str]
    names: Sequence[str]
    gold: Mentions
    systems: Sequence[Mentions]
    tokens: tuple[Ints, Ints] | None
    has_tokens: Sequence[bool]
    same_tokens: Sequence[bool]
    texts: Sequence[str] | None = None
    places: Sequence[Place | None] = ()
    pairing: Pairing = "order"
    right_tags: Sequence[int] | None = None
    """Where tags were given: how many of each system are those of the gold side, to the letter."""

    def __repr__(self) -> str:
        return f"<Corpus of {counted(len(self.ids), 'document')}, {', '.join(self.names)}>"

    def document_of(self, starts: Ints) -> Ints:
        """The numbers of the documents that offsets are in."""
        return np.searchsorted(self.bases, starts, side="right") - 1

    def by_document(self, mentions: Mentions) -> list[list[tuple[int, int, str]]]:
        """The entities of each document, with offsets in its text."""
        found: list[list[tuple[int, int, str]]] = [[] for _ in self.ids]
        documents = self.document_of(mentions.starts)
        bases = self.bases[documents]
        columns = documents, mentions.starts - bases, mentions.ends - bases, mentions.labels
        for number, start, end, label in zip(*(column.tolist() for column in columns), strict=True):
            found[number].append((start, end, self.labels[label]))
        return found

    def token_labels(self, mentions: Mentions) -> Ints:
        """The tokens that share a character with an entity, each with the entity's label, ascending and without twins.

        A token and a label are one number: that of the token times how many labels there are, plus that of the label.
        """
        assert self.tokens is not None
        starts, ends = self.tokens
        first = np.searchsorted(ends, mentions.starts, side="right")
        stop = np.maximum(np.searchsorted(starts, mentions.ends, side="left"), first)
        # those of a label that touch are made one, or many of them would be counted over the same tokens
        room = len(starts) + 1
        first, stop = first + mentions.labels * room, stop + mentions.labels * room
        order = np.argsort(first, kind="stable")
        first, reach = first[order], np.maximum.accumulate(stop[order])
        begins = np.flatnonzero(np.concatenate((first[:1] == first[:1], first[1:] > reach[:-1])))
        first, stop = first[begins], reach[np.append(begins[1:], len(reach)) - 1] if len(begins) else begins
        sizes = stop - first
        offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        labels, tokens = np.divmod(np.repeat(first, sizes) + offsets, room)
        found: Ints = np.sort(tokens * max(len(self.labels), 1) + labels)
        return found

    def text(self, start: int, end: int) -> str:
        """The text of a stretch of one document, of a very long one its two ends; empty where texts are not kept."""
        if self.texts is None:
            return ""
        number = int(np.searchsorted(self.bases, start, side="right")) - 1
        base = int(self.bases[number])
        return quoted(self.texts[number], start - base, end - base)


def paired(gold: Sequence[Document], predicted: Sequence[Document], name: str) -> tuple[list[Document], Pairing]:
    """The predicted documents in the order of the gold ones, and how they were paired.

    By id where every document on both sides has one of its own, or where ids are made from the names of files and some
    are the same on both; else by order. Raises `DataError` for one that is left over.
    """
    ids = [[document.id for document in side] for side in (gold, predicted)]
    are_own = all(document.has_own_id and document.id is not None for document in chain(gold, predicted))
    are_unique = all(None not in side and len({*side}) == len(side) for side in ids)
    if are_own or (are_unique and not {*ids[0]}.isdisjoint(ids[1])):
        todo = f"the two sides are paired by id{', which files without ids have by their names' * (not are_own)}"
        by_id(gold, "gold documents")
        left = by_id(predicted, f"documents of {name}")
        found = []
        for document in gold:
            if document.id not in left:
                what = f"{name} has no prediction for document {document.id!r}"
                raise DataError(what, todo, document.source)
            found.append(left.pop(document.id))
        for document in left.values():
            what = f"there is no gold document {document.id!r}"
            raise DataError(what, todo, document.source)
        return found, "id"
    if len(gold) != len(predicted):
        longer, there = (gold, name) if len(gold) > len(predicted) else (predicted, "the gold side")
        extra = longer[min(len(gold), len(predicted))]
        first = counted(len(gold), "gold document")
        what = f"{first}, but {len(predicted):,} of {name}; nothing in {there} pairs with {extra.id!r}"
        raise DataError(what, "without ids of their own they are paired by order", extra.source)
    return list(predicted), "order"


def by_id(documents: Iterable[Document], whose: str) -> dict[str | None, Document]:
    """The documents of one side by their ids. Raises `DataError` where two have one; `whose` says for the message what
    they are.
    """
    found: dict[str | None, Document] = {}
    for document in documents:
        if document.id in found:
            what = f"two {whose} have the id {document.id!r}"
            raise DataError(what, "the two sides are paired by id", document.source)
        found[document.id] = document
    return found


def gather(gold: Sequence[Document], systems: Sequence[tuple[str, Sequence[Document]]]) -> Corpus:
    """The corpus of gold documents and each system's predictions for them. Raises `DataError` for other texts."""
    sides: list[Sequence[Document]] = []
    pairings: set[Pairing] = set()
    for name, predicted in systems:
        found, pairing = paired(gold, predicted, name)
        sides.append(found)
        pairings.add(pairing)
    return side_by_side(gold, [name for name, _ in systems], sides, "id" if pairings == {"id"} else "order")


def side_by_side(
    gold: Sequence[Document], names: Sequence[str], sides: Sequence[Sequence[Document | None]], pairing: Pairing
) -> Corpus:
    """The corpus of gold documents and those that each system has in their place, None for one that it lacks.

    Raises `DataError` for a text that differs from the gold one in more than white space.
    """
    bases = [0, *accumulate(len(document.text) + 1 for document in gold)]
    labels = sorted({span.label for side in (gold, *sides) for document in side if document for span in document.spans})
    number_of = {label: number for number, label in enumerate(labels)}
    columns: list[Mentions] = []
    for side in (gold, *sides):
        starts, ends, codes = [], [], []
        for base, ours, document in zip(bases, gold, side, strict=False):
            if document is None:
                continue
            spans = document.spans if ours.text == document.text else _moved(ours, document)
            starts += [base + span[0] for span in spans]
            ends += [base + span[1] for span in spans]
            codes += [number_of[span[2]] for span in spans]
        columns.append(Mentions.make(starts, ends, codes))
    tokens = None
    if all(document.tokens is not None for document in gold):
        pairs = [(base, document.tokens) for base, document in zip(bases, gold, strict=False) if document.tokens]
        tokens = (
            np.concatenate([np.zeros(0, np.int64), *(np.asarray(t.starts) + base for base, t in pairs)]),
            np.concatenate([np.zeros(0, np.int64), *(np.asarray(t.ends) + base for base, t in pairs)]),
        )
    return Corpus(
        [document.id or str(number) for number, document in enumerate(gold, 1)],
        np.asarray(bases[:-1], np.int64),
        labels,
        names,
        columns[0],
        columns[1:],
        tokens,
        [all(document is not None and document.tokens is not None for document in side) for side in sides],
        [all(map(_same_tokens, gold, side)) for side in sides],
        [document.text for document in gold],
        [document.source for document in gold],
        pairing,
    )


def _moved(gold: Document, predicted: Document) -> list[tuple[int, int, str]]:
    """The entities of a predicted document, offsets moved to the gold text, which differs in white space."""
    here, there = _letters(gold.text), _letters(predicted.text)
    if len(here) != len(there) or any(gold.text[a] != predicted.text[b] for a, b in zip(here, there, strict=True)):
        raise _differ(gold, predicted, here, there)
    number_of = {offset: number for number, offset in enumerate(there)}
    found = [(here[number_of[span.start]], here[number_of[span.end - 1]] + 1, span.label) for span in predicted.spans]
    return sorted(found, key=lambda span: (span[0], -span[1], span[2]))


def _same_tokens(gold: Document, predicted: Document | None) -> bool:
    if predicted is None or gold.tokens is None or predicted.tokens is None:
        return False
    if gold.text == predicted.text:
        return gold.tokens.starts == predicted.tokens.starts and gold.tokens.ends == predicted.tokens.ends
    return gold.words == predicted.words


def _letters(text: str) -> list[int]:
    """Where the characters are that are no white space."""
    return [at for at, character in enumerate(text) if not character.isspace()]


def _differ(gold: Document, predicted: Document, here: Sequence[int], there: Sequence[int]) -> DataError:
    pairs = zip(here, there, strict=False)
    same = next((n for n, (a, b) in enumerate(pairs) if gold.text[a] != predicted.text[b]), min(len(here), len(there)))
    a = here[same] if same < len(here) else len(gold.text)
    b = there[same] if same < len(there) else len(predicted.text)
    ours, theirs = (shorten(text[max(at - 10, 0) : at + 20]) for text, at in ((gold.text, a), (predicted.text, b)))
    other = gold.source.file if gold.source else "the other side"
    what = f"the text of document {gold.id!r} is another one: {theirs!r} at character {b}, where {other} has {ours!r}"
    return DataError(what, "both sides must be of the same text, white space apart", predicted.source or gold.source)
