"""How long a check takes as a corpus grows: python tests/benchmarks/check.py

Three corpora of documents of about 250 words: random ones, random ones with near duplicates among them, and ones made
of one template, which differ in their names. Time that is linear doubles with the documents. Reading is left out.
"""

from __future__ import annotations

import argparse
import platform
import random
import time
from collections.abc import Callable, Iterator

from converters import Document, Span
from converters.check import check
from converters.duplicates import groups

WORDS = 250
LABELS = "PER LOC ORG MISC".split()
SYLLABLES = "ba den ko li mar no pre sta tu ver".split()


def vocabulary(chance: random.Random, size: int) -> list[str]:
    """Words that are made up."""
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(size)]


def document(number: int, words: list[str], names: dict[int, str]) -> Document:
    """A document of these words, of which those at `names` are entities with the labels given."""
    spans, at = [], 0
    for k, word in enumerate(words):
        if k in names:
            spans.append(Span(at, at + len(word.rstrip(".")), names[k]))
        at += len(word) + 1
    return Document(" ".join(words), tuple(spans), id=str(number))


def random_words(chance: random.Random, known: list[str]) -> tuple[list[str], dict[int, str]]:
    """Words by Zipf's law, as texts have them, a tenth of them names, in sentences of twenty words."""
    words = [known[min(int(chance.paretovariate(0.7)), len(known)) - 1] for _ in range(WORDS)]
    names = {k: chance.choice(LABELS) for k in range(WORDS) if chance.random() < 0.1}
    for k in names:
        words[k] = chance.choice(known).capitalize()
    for k in range(19, WORDS, 20):
        words[k] += "."
    return words, names


def unlike(count: int) -> Iterator[Document]:
    """Random documents."""
    chance = random.Random(0)
    known = vocabulary(chance, 20_000)
    for number in range(count):
        yield document(number, *random_words(chance, known))


def with_near_duplicates(count: int) -> Iterator[Document]:
    """Random documents, half of which come again with a few other words."""
    chance = random.Random(0)
    known = vocabulary(chance, 20_000)
    words, names = random_words(chance, known)
    for number in range(count):
        if chance.random() < 0.5:
            words = [chance.choice(known) if chance.random() < 0.01 else word for word in words]
        else:
            words, names = random_words(chance, known)
        yield document(number, words, names)


def of_one_template(count: int) -> Iterator[Document]:
    """One text with other names in each document: alike, and just not near duplicates."""
    chance = random.Random(0)
    known = vocabulary(chance, 20_000)
    frame, names = random_words(chance, known)
    for number in range(count):
        words = [chance.choice(known).capitalize() if k in names else word for k, word in enumerate(frame)]
        yield document(number, words, names)


CORPORA: dict[str, Callable[[int], Iterator[Document]]] = {
    "random": unlike,
    "with near duplicates": with_near_duplicates,
    "of one template": of_one_template,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="*", default=[5_000, 10_000, 20_000])
    sizes = parser.parse_args().documents
    print(f"{platform.machine()}, Python {platform.python_version()}; documents of {WORDS} words, one core")
    check(list(unlike(1)))  # spaCy is imported
    for name, make in CORPORA.items():
        before: tuple[float, float] | None = None
        for size in sizes:
            documents = list(make(size))
            begin = time.perf_counter()
            found = check(documents)
            whole = time.perf_counter() - begin
            begin = time.perf_counter()
            clusters = len(set(groups([d.text for d in documents])))
            near = time.perf_counter() - begin
            times = f"check {whole:7.1f} s, of which near duplicates {near:7.1f} s"
            ratio = f"   ratio {whole / before[0]:.2f} and {near / before[1]:.2f}" if before else ""
            print(f"{name:20} {size:6,}   {times}   {len(found):9,} findings, {clusters:6,} clusters{ratio}")
            before = whole, near


if __name__ == "__main__":
    main()
