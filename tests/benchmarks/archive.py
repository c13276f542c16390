"""How long an archive takes, beside the peers: python tests/benchmarks/archive.py [PART...]

The archive is made from the document in data/: cables of other lengths, begun at other lines, with a third of their
plain words replaced by made-up ones in the proportions of Zipf's law. Those that are compared take turns, so that a
busy machine slows all of them alike, and ratios are the medians of those of each turn. The parts are

speed      in one process: megabytes of markup a second, and how many times as long as `str.split`; the first turn, with
           caches that are empty, by itself
commands   whole commands, with the start of Python
growth     time and peak memory of twice and ten times the documents
processes  one process, two, and a Dask cluster of two on this machine, 5,000 documents
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any
from unittest.mock import patch

import spacy
import srsly
from spacy.tokens import DocBin
from spacy.training.converters import conll_ner_to_docs
from watched import ROOT, watched

from converters import Document, Report, WriteOptions, bulk, read
from converters.balance import Count
from converters.evaluation import evaluate
from converters.formats import named
from converters.formats.brackets import from_brackets

SEED = next((ROOT / "data" / "cables").glob("*.txt"))
SYLLABLES = "ka lo mi ra tu ve no pi sa den ber lin gor mal tis kov ren dal".split()


def archive(documents: int) -> list[str]:
    """Texts of markup."""
    chance = random.Random(0)
    lines = [line for line in SEED.read_text(encoding="utf-8").split("\n") if line.strip()]
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(30_000)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))

    def other(found: re.Match[str]) -> str:
        return chance.choices(words, cum_weights=weights)[0] if chance.random() < 0.35 else found.group()

    def varied(line: str) -> str:
        return re.sub(r"(?<![\w/='<#.-])[a-z]{4,}(?![\w/='>.:-])", other, line)

    made = []
    for _ in range(documents):
        first, size = chance.randrange(len(lines)), int(min(chance.lognormvariate(3.8, 0.6), 400))
        made.append("\n".join(varied(lines[(first + k) % len(lines)]) for k in range(size)) + "\n")
    return made


def put(texts: list[str], folder: Path) -> Path:
    """A file for each text, a thousand a folder."""
    for number, text in enumerate(texts):
        path = folder / f"{number // 1000:03}" / f"{number:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


# In one process


def write(documents: Iterable[Document], name: str, **options: Any) -> bytes:
    """The bytes of a format."""
    file, report = io.BytesIO(), Report()
    report.written[name] = Count()
    writer_of = named(name).writer
    assert writer_of is not None
    writer = writer_of(file, WriteOptions(**options), report)
    for document in documents:
        writer.write(document)
    writer.close()
    return file.getvalue()


def records(documents: Iterable[Document]) -> list[dict[str, Any]]:
    """JSON records through dictionaries, a dictionary a token."""
    made = []
    for document in documents:
        words, starts, spaces, _ = document.spaced()
        tokens = [
            {"text": word, "start": start, "end": start + len(word), "id": number, "ws": space}
            for number, (word, start, space) in enumerate(zip(words, starts, spaces, strict=True))
        ]
        spans = [{"start": start, "end": end, "label": label} for start, end, label in document.spans]
        made.append({"text": document.text, "tokens": tokens, "spans": spans})
    return made


def by_docs(documents: Iterable[Document]) -> bytes:
    """The ordinary way to a DocBin: a Doc for each."""
    vocab = spacy.blank("en").vocab
    return DocBin(docs=[document.to_spacy(vocab) for document in documents], store_user_data=True).to_bytes()


def in_turns(peers: Mapping[str, Callable[[], Any]], turns: int) -> dict[str, list[float]]:
    """The seconds of each, turn by turn."""
    times: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(turns):
        for name, work in peers.items():
            begin = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - begin)
    return times


def ratio(times: Mapping[str, list[float]], slow: str, fast: str) -> float:
    """How many times as long the one took as the other."""
    return statistics.median(a / b for a, b in zip(times[slow], times[fast], strict=True))


def speed(documents: int) -> None:
    """Markup to all formats, text to text, evaluation."""
    texts = archive(documents)
    size = sum(len(text.encode()) for text in texts) / 1e6

    def reading() -> Iterator[Document]:
        report = Report()
        return (from_brackets(text, report=report) for text in texts)

    def plainly() -> Iterator[Document]:
        with patch.object(bulk, "read", return_value=None):
            yield from reading()

    made = list(reading())
    columns = [write([document], "conll").decode() for document in made]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("conll", "jsonl"):
            (Path(folder) / f"a.{name}").write_bytes(write([d.identified(str(n)) for n, d in enumerate(made)], name))

        def of(name: str) -> Iterator[Document]:
            return read(Path(folder) / f"a.{name}", report=Report())

        peers: dict[str, Callable[[], Any]] = {
            "str.split": lambda: [text.split() for text in texts],
            "markup to documents": lambda: list(reading()),
            "the same, the plain way": lambda: list(plainly()),
            "markup to JSONL, no tokens": lambda: write(reading(), "jsonl", tokens=False),
            "markup to JSONL": lambda: write(reading(), "jsonl"),
            "the plain way, dictionaries, json": lambda: [
                json.dumps(r, ensure_ascii=False) for r in records(plainly())
            ],
            "the plain way, dictionaries, srsly": lambda: [srsly.json_dumps(r) for r in records(plainly())],
            "markup to CoNLL": lambda: write(reading(), "conll"),
            "markup to DocBin": lambda: write(reading(), "spacy"),
            "the plain way, Docs, DocBin": lambda: by_docs(plainly()),
            "CoNLL to JSONL": lambda: write(of("conll"), "jsonl"),
            "JSONL to CoNLL": lambda: write(of("jsonl"), "conll"),
            "evaluation of the documents": lambda: evaluate(made, made).as_dict(),
            "spacy convert -c ner": lambda: [
                DocBin(docs=conll_ner_to_docs(text, no_print=True)).to_bytes() for text in columns
            ],
        }
        times = in_turns(peers, 5)
    print(f"{len(texts):,} cables, {size:.1f} MB of markup\n")
    print(f"{'':36}{'MB/s':>8}{'first':>8}{'times str.split':>18}")
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        print(f"{name:36}{size / middle:8.2f}{size / seconds[0]:8.2f}{ratio(times, name, 'str.split'):18.1f}")
    print()
    for slow, fast, bar in (
        ("markup to JSONL, no tokens", "str.split", "at most 9"),
        ("the plain way, dictionaries, json", "markup to JSONL", "at least 5"),
        ("the plain way, Docs, DocBin", "markup to DocBin", "at least 3.5"),
        ("spacy convert -c ner", "markup to DocBin", "at least 20"),
        ("the same, the plain way", "markup to documents", "at least 2.5"),
    ):
        print(f"{slow} / {fast}: {ratio(times, slow, fast):.2f} ({bar})")


# Whole commands


def nerconv(*arguments: str) -> tuple[float, float]:
    """Seconds, and megabytes of memory at most, of a whole command with its processes."""
    run = watched(*arguments)
    assert run.status == 0, run.told
    return run.seconds, run.memory


def commands(documents: int) -> None:
    """One small file, beside --help; and the archive, beside spacy convert with the start of both taken away."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.txt").write_text(archive(1)[0], encoding="utf-8")
        runs = {
            "nerconv --help": ["--help"],
            "one small file to JSONL": ["convert", f"{folder}/a.txt", "-o", f"{folder}/a.jsonl"],
            "one small file to CoNLL": ["convert", f"{folder}/a.txt", "-o", f"{folder}/a.conll"],
        }
        times = in_turns({name: lambda call=call: nerconv(*call) for name, call in runs.items()}, 11)  # type: ignore[misc]
    for name, seconds in times.items():
        print(f"{name:36}{statistics.median(seconds):8.3f} s {ratio(times, name, 'nerconv --help'):6.2f} times --help")


def growth(documents: int) -> None:
    """Twice and ten times the documents."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = archive(10 * documents)
        few = 20  # the start with all imports, which is taken away
        folders = {n: put(texts[:n], folder / f"in{n}") for n in (few, documents, 2 * documents, 10 * documents)}
        sizes = {n: sum(len(text.encode()) for text in texts[:n]) for n in folders}
        for to in ("spacy", "jsonl", "conll"):
            runs: dict[int, list[tuple[float, float]]] = {n: [] for n in folders}
            for turn in range(3):
                for n, source in folders.items():
                    out = folder / f"out{to}{n}{turn}"
                    runs[n].append(nerconv("convert", str(source), "-o", str(out), "--to", to, "--shard-size", "100"))
            start = statistics.median(s for s, _ in runs[few])
            seconds = {n: statistics.median(s for s, _ in runs[n]) - start for n in folders}
            memory = {n: statistics.median(m for _, m in runs[n]) for n in folders}
            for n in list(folders)[1:]:
                by_size = seconds[n] / seconds[documents] / ((sizes[n] - sizes[few]) / (sizes[documents] - sizes[few]))
                print(
                    f"{to:6}{n:7,} documents{sizes[n] / 1e6:8.1f} MB{seconds[n]:8.2f} s ({by_size:.2f} a byte)"
                    f"{memory[n]:8.0f} MB of memory ({memory[n] / memory[documents]:.2f})"
                )


def processes(documents: int) -> None:
    """One process, two, and a cluster."""
    with tempfile.TemporaryDirectory() as name:
        source = put(archive(documents), Path(name) / "in")
        ways = {"one process": ["-j", "1"], "two": ["-j", "2"], "Dask, two": ["--dask", "local", "-j", "2"]}
        for to in ("spacy", "jsonl"):
            times: dict[str, list[float]] = {way: [] for way in ways}
            for turn in range(2):
                for way, more in ways.items():
                    out = str(Path(name) / f"out{to}{way}{turn}")
                    times[way].append(nerconv("convert", str(source), "-o", out, "--to", to, *more)[0])
            print(f"{documents:,} documents to {to}")
            for way, seconds in times.items():
                print(f"  {way:14}{statistics.median(seconds):8.2f} s")
            print(f"  one process / two: {ratio(times, 'one process', 'two'):.2f} (at least 1.6)")
            print(f"  Dask / two: {ratio(times, 'Dask, two', 'two'):.2f} (at most 1.3)")


def main() -> None:
    """Measure and print."""
    parts = {"speed": (speed, 200), "commands": (commands, 1), "growth": (growth, 400), "processes": (processes, 5000)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="which to measure, all where none is named")
    parser.add_argument("--documents", type=int, help="how many, in place of those of each part")
    given = parser.parse_args()
    if unknown := [name for name in given.parts if name not in parts]:
        parser.error(f"no part {', '.join(unknown)}: there are {', '.join(parts)}")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, spaCy {spacy.__version__}\n"
    )
    for name in given.parts or parts:
        measure, size = parts[name]
        measure(given.documents or size)
        print()


if __name__ == "__main__":
    main()
