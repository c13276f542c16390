"""Scores without a value, and how sure a score is, against plain loops."""

from __future__ import annotations

import json
import math
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from converters.document import Document, Span
from converters.evaluation import Average, Score, evaluate, resampling
from converters.evaluation.evaluation import Settings
from converters.evaluation.resampling import f1, interval, p_value, resampled
from converters.evaluation.scores import SemEval, as_dict, average

Ints = NDArray[np.int64]
COUNT = st.integers(0, 6)
ROWS = st.lists(st.tuples(COUNT, COUNT, COUNT), min_size=1, max_size=12)
UNDEFINED = pytest.mark.parametrize(("undefined", "number"), [("omit", None), ("zero", 0.0), ("one", 1.0)])
Undefined = Literal["omit", "zero", "one"]


def column(rows: list[tuple[int, int, int]]) -> Ints:
    return np.array(rows, np.int64).reshape(-1, 3)


def random_counts(size: int, seed: int, right: float) -> Ints:
    """Five gold entities a document, so many of them right, and a spurious one now and then."""
    random = np.random.default_rng(seed)
    tp = random.binomial(5, right, size)
    return np.stack([tp, random.integers(0, 2, size), 5 - tp], axis=-1)


# Scores


@given(COUNT, COUNT, COUNT)
def test_a_score_is_derived_from_its_counts(tp: int, fp: int, fn: int) -> None:
    score = Score(tp, fp, fn)
    assert score.support == tp + fn
    assert score.precision == (tp / (tp + fp) if tp + fp else None)
    assert score.recall == (tp / (tp + fn) if tp + fn else None)
    p, r = score.precision, score.recall
    if p and r:
        assert score.f1 == pytest.approx(2 * p * r / (p + r), abs=1e-12)
    else:
        assert score.f1 == (0 if tp + fp + fn else None)


@given(st.tuples(COUNT, COUNT, COUNT, COUNT, COUNT))
def test_a_semeval_score_is_derived_from_its_counts(counts: tuple[int, int, int, int, int]) -> None:
    correct, incorrect, partial, missed, spurious = counts
    score = SemEval(*counts)
    paired = correct + incorrect + partial
    right = correct + 0.5 * partial
    assert score.precision == (right / (paired + spurious) if paired + spurious else None)
    assert score.recall == (right / (paired + missed) if paired + missed else None)
    p, r = score.precision, score.recall
    if p and r:
        assert score.f1 == pytest.approx(2 * p * r / (p + r), abs=1e-12)
    else:
        assert score.f1 == (0 if paired + missed + spurious else None)


@UNDEFINED
def test_what_a_score_without_a_value_counts(undefined: Undefined, number: float | None) -> None:
    never_predicted, only_predicted = Score(0, 0, 3), Score(0, 1, 0)
    scores = [Score(1, 1, 0), never_predicted, only_predicted]
    macro = average(scores, None, undefined)
    weighted = average(scores, [score.support for score in scores], undefined)
    if number is None:
        assert macro == pytest.approx(Average((0.5 + 0) / 2, (1 + 0) / 2, (2 / 3) / 3))
        assert weighted == pytest.approx(Average(0.5, 1 / 4, (2 / 3) / 4))
    else:
        assert macro == pytest.approx(Average((0.5 + number + 0) / 3, (1 + 0 + number) / 3, (2 / 3) / 3))
        assert weighted == pytest.approx(Average((0.5 + 3 * number) / 4, 1 / 4, (2 / 3) / 4))
    assert average([], None, undefined) == (number, number, number)
    assert average([only_predicted], [0], undefined) == (number, number, number)


@UNDEFINED
def test_a_score_without_a_value_in_json(undefined: Undefined, number: float | None) -> None:
    found = json.loads(json.dumps(as_dict(Score(0, 0, 3), undefined, (0.0, 0.5))))
    counts = {"tp": 0, "fp": 0, "fn": 3, "support": 3}
    assert found == counts | {"precision": number, "recall": 0, "f1": 0, "interval": [0, 0.5]}
    found = as_dict(Average(None, 0.25, None), undefined)
    nothing = dict.fromkeys(("tp", "fp", "fn", "support", "interval"))
    assert found == nothing | {"precision": number, "recall": 0.25, "f1": number}
    assert as_dict(None, undefined) is None


@UNDEFINED
def test_a_score_without_a_value_in_an_evaluation(undefined: Undefined, number: float | None) -> None:
    gold = [Document("Bo", (Span(0, 2, "PER"),)), Document("Rome")]
    predicted = [Document("Bo"), Document("Rome")]
    found = evaluate(gold, predicted, settings=Settings(undefined=undefined)).as_dict()["systems"][0]
    assert [found["exact"]["micro"][name] for name in ("precision", "recall", "f1")] == [number, 0, 0]
    assert [found["exact"]["macro"][name] for name in ("precision", "recall", "f1")] == [number, 0, 0]
    assert [document["exact"]["f1"] for document in found["per_document"]] == [0, number]
    assert found["semeval"]["type"]["precision"] == number
    assert (found["exact"]["labels"]["PER"]["precision"], found["boundary"]["precision"]) == (number, number)


# Intervals


def test_sums_are_those_of_a_plain_loop_over_the_same_draws() -> None:
    for size, samples in ((1, 3), (7, 20), (3000, 3000)):  # the last goes in several batches
        counts = np.random.default_rng(1).integers(0, 5, (size, 2, 3))
        drawn = np.random.default_rng(5).integers(0, size, (samples, size))
        plain = np.array([counts[documents].sum(0) for documents in drawn])
        assert np.array_equal(resampled(counts, samples, 5), plain)


def test_more_documents_than_draws_that_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = random_counts(30, 0, 0.7), random_counts(30, 1, 0.7)
    sums, chance = resampled(one, 7, 3), p_value(one, other, 7, 3)
    monkeypatch.setattr(resampling, "BATCH", 10)
    assert np.array_equal(resampled(one, 7, 3), sums)
    assert p_value(one, other, 7, 3) == chance


def test_the_seed_decides() -> None:
    counts = random_counts(50, 0, 0.7)
    assert np.array_equal(resampled(counts, 30, 4), resampled(counts, 30, 4))
    assert not np.array_equal(resampled(counts, 30, 4), resampled(counts, 30, 5))


@given(ROWS)
def test_f1_of_columns_is_that_of_scores(rows: list[tuple[int, int, int]]) -> None:
    found = [None if math.isnan(value) else value for value in f1(column(rows).astype(float)).tolist()]
    assert found == [Score(*row).f1 for row in rows]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_an_interval_holds_95_percent(values: list[float]) -> None:
    found = interval(np.array([*values, np.nan]))
    assert found is not None
    low, high = found
    assert min(values) <= low <= high <= max(values)
    assert sum(low <= value <= high for value in values) >= 0.95 * len(values) - 2


def test_the_percentiles_of_an_interval() -> None:
    assert interval(np.arange(1001, dtype=np.float64)) == (25, 975)
    assert interval(np.array([np.nan] * 3)) is None


@pytest.mark.parametrize("seed", range(5))
def test_intervals_hold_the_score(seed: int) -> None:
    """And about 95 of 100 samples from the same source have a true score in theirs."""
    counts = random_counts(80, seed, 0.7)
    found = interval(f1(resampled(counts, 400, seed)))
    assert found is not None
    score = Score(*counts.sum(0).tolist()).f1
    assert score is not None
    assert found[0] < score < found[1]
    assert found[1] - found[0] < 0.15


def labelled(right: str, *labels: str) -> Document:
    spans = [Span(2 * n, 2 * n + 1, label) for n, label in enumerate(labels)]
    return Document("x " * len(labels), tuple(span for span, ok in zip(spans, right, strict=True) if ok == "+"))


@pytest.mark.parametrize("undefined", ["omit", "zero", "one"])
def test_intervals_of_averages_are_those_of_a_plain_loop(undefined: Undefined) -> None:
    labels = [("A", "B"), ("A", "A"), ("C",), ("B", "C"), ("A",)]
    gold = [labelled("+" * len(of), *of) for of in labels]
    predicted = [labelled(right, *of) for right, of in zip(["+-", "++", "-", "-+", "+"], labels, strict=True)]
    settings = Settings(samples=60, seed=3, undefined=undefined)
    found = evaluate(gold, predicted, settings=settings).as_dict()["systems"][0]["exact"]
    names = ("micro", "macro", "weighted")
    values: dict[str, list[float]] = {name: [] for name in (*names, "A", "B", "C")}
    for drawn in np.random.default_rng(3).integers(0, 5, (60, 5)):
        system = evaluate([gold[n] for n in drawn], [predicted[n] for n in drawn]).systems[0]
        scores = {label: system.labels.get(label, Score(0, 0, 0)) for label in "ABC"}
        weights = [score.support for score in scores.values()]
        scored: dict[str, Any] = {
            **scores,
            "micro": system.micro,
            "macro": average(list(scores.values()), None, undefined),
            "weighted": average(list(scores.values()), weights, undefined),
        }
        for name, score in scored.items():
            value = {"omit": None, "zero": 0.0, "one": 1.0}[undefined] if score.f1 is None else score.f1
            values[name] += [] if value is None else [value]
    for name in names:
        assert found[name]["interval"] == pytest.approx(np.percentile(values[name], [2.5, 97.5]).tolist()), name
    for name in "ABC":
        assert found["labels"][name]["interval"] == pytest.approx(np.percentile(values[name], [2.5, 97.5]).tolist())


def test_a_label_that_no_drawn_document_has_is_left_out_of_averages() -> None:
    gold = [labelled("+", "A"), labelled("+", "B")]
    system = evaluate(gold, gold).systems[0]
    sums = np.array([[[1, 0, 0], [0, 0, 0]], [[1, 0, 1], [1, 0, 0]], [[0, 0, 0], [0, 0, 0]]], dtype=np.float64)
    averages = system._averaged(sums)
    assert averages["macro"].tolist()[:2] == pytest.approx([1, (2 / 3 + 1) / 2])
    assert averages["weighted"].tolist()[:2] == pytest.approx([1, (2 / 3 * 2 + 1) / 3])
    assert all(np.isnan(values[2]) for values in averages.values())


def test_intervals_of_an_evaluation_are_the_same_for_the_same_seed() -> None:
    gold = [labelled("+" * 3, "A", "B", "A") for _ in range(8)]
    predicted = [labelled(right, "A", "B", "A") for right in "+++ ++- +-+ --- --+ +++ -++ +--".split()]

    def found(seed: int) -> Any:
        return evaluate(gold, predicted, settings=Settings(samples=100, seed=seed)).as_dict()

    assert found(0) == found(0)
    assert found(0) == evaluate(gold, predicted, settings=Settings(samples=100)).as_dict()
    assert found(0)["systems"][0]["exact"]["micro"]["interval"] != found(1)["systems"][0]["exact"]["micro"]["interval"]


# p-values


def plain_p_value(one: Ints, other: Ints, samples: int, seed: int) -> float:
    def difference(a: Ints, b: Ints) -> float:
        scores = [Score(*side.sum(0).tolist()).f1 or 0.0 for side in (a, b)]
        return abs(scores[0] - scores[1])

    observed, more = difference(one, other), 0
    for swaps in np.random.default_rng(seed).random((samples, len(one))) < 0.5:
        mask = swaps[:, None]
        more += difference(np.where(mask, other, one), np.where(mask, one, other)) >= observed - 1e-12
    return (more + 1) / (samples + 1)


@given(ROWS, st.data(), st.integers(0, 3))
def test_the_p_value_is_that_of_a_plain_loop(rows: list[tuple[int, int, int]], data: st.DataObject, seed: int) -> None:
    one = column(rows)
    other = column(data.draw(st.lists(st.tuples(COUNT, COUNT, COUNT), min_size=len(rows), max_size=len(rows))))
    assert p_value(one, other, 40, seed) == plain_p_value(one, other, 40, seed)
    assert p_value(one, other, 40, seed) == p_value(other, one, 40, seed)


def test_the_p_value_in_batches_is_that_of_a_plain_loop() -> None:
    one, other = random_counts(3000, 0, 0.7), random_counts(3000, 1, 0.705)
    assert p_value(one, other, 1500, 2) == plain_p_value(one, other, 1500, 2)


def test_identical_systems_do_not_differ() -> None:
    counts = random_counts(30, 0, 0.7)
    assert p_value(counts, counts, 200, 0) == 1.0


def test_very_different_systems_differ() -> None:
    one, other = random_counts(60, 0, 0.5), random_counts(60, 1, 0.9)
    assert p_value(one, other, 999, 0) == 1 / 1000
    close = random_counts(60, 2, 0.5)
    assert p_value(one, close, 999, 0) > 0.05
