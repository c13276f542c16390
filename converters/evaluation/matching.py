"""Which predicted entities go with which gold ones: equal numbers, and the schemas of SemEval-2013 task 9.1.

Source: Segura-Bedmar, Martínez, Herrero-Zazo, https://aclanthology.org/S13-2056; counted as nervaluate does, but by
half-open offsets, and in the order of the text whatever the order of the lists.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from math import inf

import numpy as np

from .corpus import Ints, Mentions
from .scores import SemEval
from .tags import Mask

SCHEMAS = ("strict", "exact", "partial", "type")
Span3 = tuple[int, int, int]
"""Start, end and number of the label."""


def semeval(gold: Mentions, predicted: Mentions) -> dict[str, SemEval]:
    """The counts of the four schemas: each predicted entity goes with one gold one at the most.

    With an equal one first (*strict*: the label too, *exact* and *partial*: the same boundaries), then in the order of
    the text with the first that it overlaps and that is left; for *type*, which has no first step, with the nearest of
    its label if it overlaps one.
    """
    ours, theirs = _touching(gold, predicted), _touching(predicted, gold)
    alone = np.flatnonzero(theirs[1] - theirs[0] == 1)  # the predicted ones that touch one gold one, which
    partners = theirs[0][alone]  # touches no other
    is_alone = ours[1][partners] - ours[0][partners] == 1
    alone, partners = alone[is_alone], partners[is_alone]
    bounds = (gold.starts[partners] == predicted.starts[alone]) & (gold.ends[partners] == predicted.ends[alone])
    labels = gold.labels[partners] == predicted.labels[alone]
    rest = [_without(len(m.starts), known) for m, known in ((gold, partners), (predicted, alone))]
    one, other = (
        [(int(m.starts[n]), int(m.ends[n]), int(m.labels[n])) for n in numbers]
        for m, numbers in zip((gold, predicted), rest, strict=True)
    )
    right = {"strict": bounds & labels, "exact": bounds, "partial": bounds, "type": labels}
    others = {"strict": _greedy(one, other, "strict"), "type": _greedy(one, other, "type")}
    # where no two of a side overlap, those with the same boundaries touch nothing else, and are not among these
    is_flat = all((m.starts[1:] >= m.ends[:-1]).all() for m in (gold, predicted))
    others["exact"] = others["partial"] = others["strict"] if is_flat else _greedy(one, other, "exact")
    found = {}
    for schema in SCHEMAS:
        more, worse = others[schema]
        correct = int(right[schema].sum()) + more
        wrong = len(alone) - int(right[schema].sum()) + worse
        missed, spurious = (len(m.starts) - correct - wrong for m in (gold, predicted))
        parts = (0, wrong) if schema == "partial" else (wrong, 0)
        found[schema] = SemEval(correct, *parts, missed, spurious)
    return found


def _touching(one: Mentions, other: Mentions) -> tuple[Ints, Ints]:
    """For each of one side the range of those of the other that may share a character with it; of one alone it does."""
    reach = np.maximum.accumulate(other.ends) if len(other.ends) else other.ends
    first = np.searchsorted(reach, one.starts, side="right")
    return first, np.maximum(np.searchsorted(other.starts, one.ends, side="left"), first)


def _without(size: int, numbers: Ints) -> list[int]:
    """The numbers below a size that are not among those."""
    is_left = np.ones(size, bool)
    is_left[numbers] = False
    left: list[int] = np.flatnonzero(is_left).tolist()
    return left


class _Left:
    """Entities in the order of their starts, of which some are taken away: those that reach beyond a place are found
    in a tree of the farthest ends.
    """

    def __init__(self, spans: Sequence[Span3]) -> None:
        self.spans = spans
        self.size = 1 << max(len(spans) - 1, 0).bit_length()
        self.ends = [GONE] * self.size + [end for _, end, _ in spans] + [GONE] * (self.size - len(spans))
        for node in range(self.size - 1, 0, -1):
            self.ends[node] = max(self.ends[2 * node], self.ends[2 * node + 1])

    def take(self, number: int) -> None:
        """Take one away."""
        node = number + self.size
        self.ends[node] = GONE
        while node := node >> 1:
            self.ends[node] = max(self.ends[2 * node], self.ends[2 * node + 1])

    def beyond(self, place: int, number: int, step: int = 1) -> int:
        """The first from a number on, or with the step -1 back from it, that ends beyond a place; -1 for none."""
        if not 0 <= number < len(self.spans):
            return -1
        node = number + self.size
        while self.ends[node] <= place:
            while node and node & 1 == (step > 0):  # nothing is on that side of it in the same part of the tree
                node >>= 1
            if node <= 1:
                return -1
            node += step
        while node < self.size:
            node = 2 * node + (step < 0)
            if self.ends[node] <= place:
                node += step
        return node - self.size

    def touching(self, span: Span3) -> int:
        """The first that shares a character with a span, -1 where there is none."""
        found = self.beyond(span[0], 0)
        return found if found >= 0 and self.spans[found][0] < span[1] else -1

    def nearest(self, span: Span3) -> int:
        """That of those which share a character with a span whose edges are nearest, the first of equal ones.

        No more than `MOST` are looked at that begin before it, and as many that begin inside it.
        """
        best, most = -1, inf
        begin = bisect_left(self.spans, (span[0],))
        for number, step in ((begin - 1, -1), (begin, 1)):
            for _ in range(MOST):
                number = self.beyond(span[0], number, step)
                if number < 0 or self.spans[number][0] >= span[1]:
                    break
                start, end, _ = self.spans[number]
                if (far := abs(start - span[0])) > most or (far == most and step > 0):
                    break
                if (far := far + abs(end - span[1])) < most or (far == most and number < best):
                    best, most = number, far
                number += step
        return best


GONE = -1
MOST = 100
"""How many entities over one place are looked at for the nearest, or for those that share most. No text has so many."""


def _greedy(gold: Sequence[Span3], predicted: Sequence[Span3], schema: str) -> tuple[int, int]:
    """How many predicted entities are right by a schema, and how many go with a gold one and are not."""
    left = _Left(gold)
    own: dict[int, tuple[_Left, list[int]]] = {}  # those of each label, and their numbers
    ranks: list[int] = []  # of each its number among those of its label
    waiting: list[Span3] = []
    right = wrong = 0
    width = {"strict": 3, "exact": 2, "type": 0}[schema]
    if width:
        places: dict[tuple[int, ...], deque[int]] = {}
        for number, span in enumerate(gold):
            places.setdefault(span[:width], deque()).append(number)
        for span in predicted:
            if same := places.get(span[:width]):
                left.take(same.popleft())
                right += 1
            else:
                waiting.append(span)
    else:
        waiting += predicted
        numbers: dict[int, list[int]] = {}
        for number, span in enumerate(gold):
            those = numbers.setdefault(span[2], [])
            ranks.append(len(those))
            those.append(number)
        own = {label: (_Left([gold[n] for n in those]), those) for label, those in numbers.items()}
    for span in waiting:
        if span[2] in own:
            mine, those = own[span[2]]
            if (found := mine.nearest(span)) >= 0:
                mine.take(found)
                left.take(those[found])
                right += 1
                continue
        if (found := left.touching(span)) >= 0:
            left.take(found)
            if own:
                own[gold[found][2]][0].take(ranks[found])
            wrong += 1
    return right, wrong


def members(one: Ints, other: Ints) -> Mask:
    """Which numbers of one are among those of the other. Quick where both are nearly in order."""
    if not len(other):
        return np.zeros(len(one), bool)
    known = np.sort(other, kind="stable")
    found: Mask = known[np.minimum(np.searchsorted(known, one), len(known) - 1)] == one
    return found
