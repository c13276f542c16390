"""Texts that are the same, and texts that are nearly the same, found in linear time.

Two texts are nearly the same where their sets of three-word sequences have a Jaccard similarity of `NEAR` or more.
Candidates are found by MinHash and banding (Broder, On the resemblance and containment of documents, 1997; Leskovec,
Rajaraman and Ullman, Mining of Massive Datasets, chapter 3), and each is then compared exactly. With 25 bands of 5
rows a pair at 0.8 is found with a probability of 0.99995. In its bucket a text is compared with a few, so time stays
linear where all texts are made of one template; among those a pair that is only just near may be missed.

Nothing depends on the order of the texts, on the machine or on a hash seed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .document import normalised
from .scripts import WORD

NEAR = 0.8
"""From which similarity on two texts are near duplicates. Source: Lee et al., https://aclanthology.org/2022.acl-long.577"""

WORDS_EACH = 3
BANDS, ROWS = 25, 5
LEAST_ALIKE = int((NEAR - 0.143) * BANDS * ROWS)
"""From how many equal numbers in their signatures on two texts are compared exactly: four standard errors below what is
expected of near duplicates, so that of 30,000 pairs one is missed."""
STANDING, RECENT = 8, 8
"""With how many texts of its bucket one is compared: unlike ones that stand for it, and those just before."""

Hashes = NDArray[np.uint64]


def groups(texts: Sequence[str]) -> list[int]:
    """For each text the number of the first one that it is the same or nearly the same as, directly or by others.

    White space makes no difference. A text without any word stands alone.
    """
    first: dict[bytes, int] = {}
    same = [first.setdefault(key, number) for number, key in enumerate(map(_key, texts))]
    unique = [number for _, number in sorted(first.items())]  # in an order that the texts alone determine
    parent = list(range(len(unique)))
    for one, other in _near(unique, texts, lambda one, other: _root(parent, one) == _root(parent, other)):
        one, other = _root(parent, one), _root(parent, other)
        parent[max(one, other)] = min(one, other)
    leader: dict[int, int] = {}
    for place, number in enumerate(unique):
        root = _root(parent, place)
        leader[root] = min(number, leader.get(root, number))
    group = {number: leader[_root(parent, place)] for place, number in enumerate(unique)}
    return [group[number] for number in same]


class Compared:
    """A text that others are compared with, which is looked at once for all of them."""

    def __init__(self, text: str) -> None:
        self.key, self.shingles = _key(text), _shingles(text)

    def is_same(self, other: str) -> bool:
        """Whether the texts differ in white space alone."""
        return self.key == _key(other)

    def similarity(self, other: str) -> float:
        """The Jaccard similarity of the texts' three-word sequences; 1 where they differ in white space alone."""
        return 1.0 if self.is_same(other) else _jaccard(self.shingles, _shingles(other))


def joined(*groupings: Sequence[int]) -> list[int]:
    """Groups of items that are in one group by any of the groupings, directly or by others: the first item of each."""
    parent = list(range(len(groupings[0])))
    for grouping in groupings:
        first: dict[int, int] = {}
        for number, group in enumerate(grouping):
            one, other = _root(parent, first.setdefault(group, number)), _root(parent, number)
            parent[max(one, other)] = min(one, other)
    return [_root(parent, number) for number in range(len(parent))]


def _root(parent: list[int], item: int) -> int:
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item


def _key(text: str) -> bytes:
    return blake2b(normalised(text).encode(), digest_size=16).digest()


def _near(
    unique: Sequence[int], texts: Sequence[str], are_joined: Callable[[int, int], bool]
) -> Iterator[tuple[int, int]]:
    """Pairs of places in `unique` whose texts are nearly the same, enough to join all of a cluster."""
    signatures = np.zeros((len(unique), BANDS * ROWS), np.uint64)
    has_words = np.zeros(len(unique), bool)
    for place, number in enumerate(unique):
        shingles = _shingles(texts[number])
        has_words[place] = len(shingles) > 0
        signatures[place] = _signature(shingles)

    @lru_cache(maxsize=1024)
    def shingles_of(place: int) -> Hashes:
        return _shingles(texts[unique[place]])

    short = signatures.astype(np.uint16)  # all that it takes to count equal ones
    unlike: set[tuple[int, int]] = set()

    def are_near(one: int, other: int) -> bool:
        if (one, other) in unlike:
            return False
        if _jaccard(shingles_of(one), shingles_of(other)) >= NEAR:
            return True
        unlike.add((one, other))
        return False

    for band in range(BANDS):
        rows = signatures[:, band * ROWS : (band + 1) * ROWS]
        keys: Hashes = np.zeros(len(unique), np.uint64)
        for row in rows.T:
            keys = _mixed(keys ^ row)
        for bucket in _buckets(keys, has_words):
            standing: list[int] = []
            recent: deque[int] = deque(maxlen=RECENT)
            for place in bucket:
                others = [*standing, *recent]
                alike = np.count_nonzero(short[others] == short[place], axis=1) if others else np.zeros(0)
                is_alone = True
                for at in np.flatnonzero(alike >= LEAST_ALIKE).tolist():
                    other = others[at]
                    if not are_joined(other, place) and are_near(other, place):
                        yield other, place
                    is_alone = is_alone and not are_joined(other, place)
                if is_alone and len(standing) < STANDING:
                    standing.append(place)
                recent.append(place)


def _buckets(keys: Hashes, has_words: NDArray[np.bool_]) -> Iterable[list[int]]:
    """The places that have a key in common, ascending, of those that have words."""
    places = np.flatnonzero(has_words)
    order = places[np.argsort(keys[places], kind="stable")]
    ordered = keys[order]
    edges = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
    for start, end in pairwise(edges):
        if end - start > 1:
            yield order[start:end].tolist()


def _shingles(text: str) -> Hashes:
    """The hashes of all sequences of three words in a text, each once, ascending; of a shorter text that of all."""
    words = np.fromiter((_hash(word) for word in WORD.findall(text.lower())), np.uint64)
    if not len(words):
        return words
    size = min(WORDS_EACH, len(words))
    hashes: Hashes = np.zeros(len(words) - size + 1, np.uint64)
    for shift in range(size):
        hashes = _mixed(hashes ^ words[shift : shift + len(hashes)])
    return np.unique(hashes)


@lru_cache(maxsize=1 << 18)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def _mixed(values: Hashes) -> Hashes:
    """Numbers whose every bit depends on every bit of `values` and of the step (SplitMix64, Steele et al. 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_SALTS = _mixed(np.arange(1, BANDS * ROWS + 1, dtype=np.uint64))
_FACTORS = _mixed(_SALTS) | np.uint64(1)


def _signature(shingles: Hashes) -> Hashes:
    """The least value of each hash function over the shingles."""
    least = np.full(BANDS * ROWS, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(shingles), 4096):
        piece = shingles[start : start + 4096, None]
        least = np.minimum(least, ((piece ^ _SALTS) * _FACTORS).min(0))
    return least


def _jaccard(one: Hashes, other: Hashes) -> float:
    if not len(one) or not len(other):
        return 0.0
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
