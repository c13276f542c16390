"""How long scoring takes beside seqeval and nervaluate, in one process: python tests/benchmarks/evaluation.py

Reading is left out: all take lists of tag strings in memory. Times are the least of three runs of ours, one of theirs.
"""

from __future__ import annotations

import argparse
import platform
import random
import time
from collections.abc import Callable
from typing import Any

from nervaluate import Evaluator
from seqeval.metrics import classification_report

from converters import Document, Span
from converters.evaluation import Evaluation, evaluate, evaluate_tags
from converters.evaluation.evaluation import Settings

LABELS = "PER ORG LOC MISC DATE EVENT LAW TIME".split()


def sentence(chance: random.Random, tokens: int) -> list[str]:
    """Valid BIO tags, a fifth of them beginning an entity."""
    tags: list[str] = []
    while len(tags) < tokens:
        if chance.random() < 0.2:
            label = chance.choice(LABELS)
            tags += [f"B-{label}", *[f"I-{label}"] * chance.randint(0, 2)]
        else:
            tags.append("O")
    return tags[:tokens]


def corpus(sentences: int, tokens: int = 20) -> tuple[list[list[str]], list[list[str]]]:
    """Gold tags, and predicted ones of which a fifth of the sentences are others."""
    chance = random.Random(0)
    gold = [sentence(chance, tokens) for _ in range(sentences)]
    return gold, [sentence(chance, tokens) if chance.random() < 0.2 else list(tags) for tags in gold]


def least(work: Callable[[], Any], runs: int = 3) -> float:
    """Seconds of the quickest run."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def table(result: Evaluation) -> object:
    """What seqeval's report has."""
    system = result.systems[0]
    return system.labels, system.micro, system.macro, system.weighted


def documents(count: int) -> tuple[list[Document], list[Document]]:
    """Documents of ten words, and predictions for them."""
    chance = random.Random(0)
    text = " ".join(["word"] * 10)

    def one() -> Document:
        spans = {Span(5 * n, 5 * n + 4, chance.choice(LABELS)) for n in range(10) if chance.random() < 0.3}
        return Document(text, tuple(spans))

    gold = [one() for _ in range(count)]
    return gold, [one() if chance.random() < 0.3 else document for document in gold]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=100_000)
    sentences = parser.parse_args().sentences
    gold, predicted = corpus(sentences)
    print(f"{platform.machine()}, Python {platform.python_version()}; {sentences:,} sentences of 20 tokens")

    ours = least(lambda: table(evaluate_tags(gold, predicted)))
    theirs = least(lambda: classification_report(gold, predicted, zero_division=0), 1)
    print(
        f"the table of seqeval's report   ours {ours:8.3f} s   seqeval    {theirs:8.3f} s   {theirs / ours:6.1f} times"
    )

    ours = least(lambda: evaluate_tags(gold, predicted).systems[0].semeval)
    theirs = least(lambda: Evaluator(gold, predicted, tags=LABELS, loader="list").evaluate(), 1)
    print(
        f"SemEval's four schemas          ours {ours:8.3f} s   nervaluate {theirs:8.3f} s   {theirs / ours:6.1f} times"
    )

    sides = documents(5000)
    result = evaluate(*sides, settings=Settings(samples=1000))
    table(result)
    whole = least(lambda: table(evaluate(*sides)))
    begin = time.perf_counter()
    _ = result.systems[0].intervals
    samples = time.perf_counter() - begin
    one_by_one = sum(least(lambda g=g, p=p: table(evaluate([g], [p])), 1) for g, p in zip(*sides, strict=True))
    print(f"5,000 documents: 1,000 bootstrap samples of all scores {samples:.3f} s; scored at once {whole:.3f} s")
    print(f"                 scored one by one {one_by_one:.3f} s, 20 times that {20 * one_by_one:.1f} s")


if __name__ == "__main__":
    main()
