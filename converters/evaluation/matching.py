"""Which predicted entities go with which gold ones: equal numbers, and the schemas of SemEval-2013 task 9.1.

Source: Segura-Bedmar, Martínez, Herrero-Zazo, https://aclanthology.org/S13-2056; counted as nervaluate does, but by
half-open offsets, and in the order of the text whatever the order of the lists.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    first = np.searchsorted(np.maximum.accumulate(other.ends), one.starts, side="right")
    return first, np.maximum(np.searchsorted(other.starts, one.ends, side="left"), first)


def _without(size: int, numbers: Ints) -> list[int]:
    """The numbers below a size that are not among those."""
    is_left = np.ones(size, bool)
    is_left[numbers] = False
    left: list[int] = np.flatnonzero(is_left).tolist()
    return left


def _greedy(gold: Sequence[Span3], predicted: Sequence[Span3], schema: str) -> tuple[int, int]:
    """How many predicted entities are right by a schema, and how many go with a gold one and are not."""
    left: dict[int, Span3] = dict(enumerate(gold))
    waiting: list[Span3] = []
    right = wrong = 0
    places: dict[tuple[int, ...], list[int]] = {}
    width = {"strict": 3, "exact": 2, "type": 0}[schema]
    for number, span in left.items() if width else ():
        places.setdefault(span[:width], []).append(number)
    for span in predicted:
        same = places.get(span[:width])
        if same:
            del left[same.pop(0)]
            right += 1
        else:
            waiting.append(span)
    numbers = list(left)
    at = 0
    for span in waiting:
        while at < len(numbers) and (numbers[at] not in left or left[numbers[at]][1] <= span[0]):
            at += 1
        candidates = []
        for place in range(at, len(numbers)):
            known = left.get(numbers[place])
            if known is None:
                continue
            if known[0] >= span[1]:
                break
            if known[1] > span[0]:
                candidates.append(numbers[place])
                if schema != "type":
                    break
        own = [number for number in candidates if left[number][2] == span[2]]
        if own and schema == "type":
            del left[min(own, key=lambda n: abs(left[n][0] - span[0]) + abs(left[n][1] - span[1]))]
            right += 1
        elif candidates:
            del left[candidates[0]]
            wrong += 1
    return right, wrong


def members(one: Ints, other: Ints) -> Mask:
    """Which numbers of one are among those of the other. Quick where both are nearly in order."""
    if not len(other):
        return np.zeros(len(one), bool)
    known = np.sort(other, kind="stable")
    found: Mask = known[np.minimum(np.searchsorted(known, one), len(known) - 1)] == one
    return found
