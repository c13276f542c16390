"""Scores as counts, and what is derived from them. A score without a value is None, never 0 in silence.

Precision is tp / (tp + fp), recall tp / (tp + fn), and F1 their harmonic mean, 2 tp / (2 tp + fp + fn). Where nothing
was predicted there is no precision, where nothing is gold no recall, and where there is neither, no F1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

Undefined = Literal["omit", "zero", "one"]
"""What a score without a value counts: nothing, it is left out of averages; or a number."""
NUMBERS: dict[Undefined, float | None] = {"omit": None, "zero": 0.0, "one": 1.0}

Interval = tuple[float, float]


def ratio(part: float, whole: float) -> float | None:
    """The ratio, None where there is no whole."""
    return part / whole if whole else None


class Derived(Protocol):
    """Three scores, each of which may have no value."""

    @property
    def precision(self) -> float | None:
        """Of what was predicted the share that is right."""

    @property
    def recall(self) -> float | None:
        """Of what is gold the share that was found."""

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both."""


class Score(NamedTuple):
    """Counts: right, spurious, missed."""

    tp: int
    fp: int
    fn: int

    @property
    def support(self) -> int:
        """How many are gold."""
        return self.tp + self.fn

    @property
    def precision(self) -> float | None:
        """tp / (tp + fp)."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """tp / (tp + fn)."""
        return ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """2 tp / (2 tp + fp + fn)."""
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)


class Average(NamedTuple):
    """Averages of scores; they have no counts."""

    precision: float | None
    recall: float | None
    f1: float | None


def average(scores: Sequence[Score], weights: Sequence[int] | None, undefined: Undefined) -> Average:
    """The mean of each score, weighted where weights are given; those without a value count what `undefined` says."""
    number = NUMBERS[undefined]

    def mean(value: Callable[[Score], float | None]) -> float | None:
        total = size = 0.0
        for place, score in enumerate(scores):
            found = value(score)
            found = number if found is None else found
            weight = 1 if weights is None else weights[place]
            if found is not None:
                total += found * weight
                size += weight
        found = ratio(total, size)
        return number if found is None else found

    return Average(mean(lambda s: s.precision), mean(lambda s: s.recall), mean(lambda s: s.f1))


class SemEval(NamedTuple):
    """The counts of one of the schemas of SemEval-2013 task 9.1: strict, exact, partial or type.

    Source: Segura-Bedmar, Martínez, Herrero-Zazo, SemEval-2013 Task 9, https://aclanthology.org/S13-2056
    """

    correct: int
    incorrect: int
    partial: int
    missed: int
    spurious: int

    @property
    def precision(self) -> float | None:
        """(correct + 0.5 partial) / what was predicted."""
        predicted = self.correct + self.incorrect + self.partial + self.spurious
        return ratio(self.correct + 0.5 * self.partial, predicted)

    @property
    def recall(self) -> float | None:
        """(correct + 0.5 partial) / what is possible."""
        possible = self.correct + self.incorrect + self.partial + self.missed
        return ratio(self.correct + 0.5 * self.partial, possible)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        both = 2 * self.correct + self.partial
        sizes = 2 * (self.correct + self.incorrect + self.partial) + self.missed + self.spurious
        return ratio(both, sizes)


def derived(score: Derived, undefined: Undefined) -> dict[str, Any]:
    """Precision, recall and F1 by name."""
    number = NUMBERS[undefined]
    values = {"precision": score.precision, "recall": score.recall, "f1": score.f1}
    return {name: number if value is None else value for name, value in values.items()}


def as_dict(score: Score | Average | None, undefined: Undefined, interval: Interval | None = None) -> Any:
    """A score as JSON has it."""
    if score is None:
        return None
    counts: dict[str, Any] = dict.fromkeys(("tp", "fp", "fn", "support"))
    if isinstance(score, Score):
        counts = {"tp": score.tp, "fp": score.fp, "fn": score.fn, "support": score.support}
    return counts | derived(score, undefined) | {"interval": None if interval is None else list(interval)}
