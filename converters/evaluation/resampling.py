"""How sure a score is: documents drawn again and again, and predictions exchanged between systems.

Intervals are percentiles of the bootstrap over documents (Efron and Tibshirani, An Introduction to the Bootstrap,
1993); p-values are from paired approximate randomization (Noreen, Computer-Intensive Methods for Testing Hypotheses,
1989; Yeh, https://aclanthology.org/C00-2137). The same seed draws the same documents on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .corpus import Ints
from .scores import Interval

Floats = NDArray[np.float64]
LEVEL = (2.5, 97.5)
"""Percentiles: the intervals are of 95%."""
BATCH = 1 << 22
"""How many draws are held at once."""


def f1(counts: Floats) -> Floats:
    """F1 of counts ``(..., 3)``: tp, fp, fn. NaN where there is none."""
    tp, fp, fn = counts[..., 0], counts[..., 1], counts[..., 2]
    with np.errstate(invalid="ignore"):
        found: Floats = 2 * tp / (2 * tp + fp + fn)
    return found


def resampled(counts: Ints, samples: int, seed: int) -> Floats:
    """Sums of counts ``(documents, ...)`` over documents drawn with replacement: ``(samples, ...)``."""
    size = len(counts)
    flat = counts.reshape(size, -1).astype(np.float64)
    random = np.random.default_rng(seed)
    sums = [weights @ flat for weights in _weights(random, samples, size)]
    return np.concatenate(sums).reshape(samples, *counts.shape[1:])


def _weights(random: np.random.Generator, samples: int, size: int) -> Iterator[Floats]:
    """How often each document was drawn, a batch of samples at a time."""
    for first in range(0, samples, max(BATCH // size, 1)):
        n = min(max(BATCH // size, 1), samples - first)
        drawn = random.integers(0, size, (n, size)) + size * np.arange(n)[:, None]
        yield np.bincount(drawn.ravel(), minlength=n * size).reshape(n, size).astype(np.float64)


def interval(values: Floats) -> Interval | None:
    """The interval that 95% of the samples with a value are in; None where none has one."""
    found = values[~np.isnan(values)]
    if not len(found):
        return None
    low, high = np.percentile(found, LEVEL)
    return float(low), float(high)


def p_value(one: Ints, other: Ints, samples: int, seed: int) -> float:
    """How often two systems' F1 differ as much as they do where each document's predictions are exchanged by chance.

    `one`, `other`: counts ``(documents, 3)``. The observed difference counts as one sample: it is never 0.
    """
    difference = (other - one).astype(np.float64)
    totals = one.sum(0), other.sum(0)
    observed = abs(_less(f1(totals[0].astype(float)), f1(totals[1].astype(float))))
    random = np.random.default_rng(seed)
    size, more, n = len(one), 0, 0
    while n < samples:
        batch = min(max(BATCH // max(size, 1), 1), samples - n)
        moved = (random.random((batch, size)) < 0.5).astype(np.float64) @ difference
        more += int((np.abs(_less(f1(totals[0] + moved), f1(totals[1] - moved))) >= observed - 1e-12).sum())
        n += batch
    return (more + 1) / (samples + 1)


def _less(one: Floats, other: Floats) -> Floats:
    """The difference; a score without a value is as good as none found."""
    found: Floats = np.nan_to_num(one) - np.nan_to_num(other)
    return found
