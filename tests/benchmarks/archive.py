"""How long an archive takes, beside the peers, in one process: python tests/benchmarks/archive.py

The archive is made from the document in data/: cables of other lengths, begun at other lines, with a third of their
plain words replaced by made-up ones in the proportions of Zipf's law. Every figure is the median of three runs, in
megabytes of markup a second, and times are compared with those of the same run.
"""

from __future__ import annotations

import argparse
import io
import json
import platform
import random
import re
import statistics
import time
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any
from unittest.mock import patch

import spacy
import srsly
from spacy.tokens import DocBin
from spacy.training.converters import conll_ner_to_docs

from converters import Document, Report, WriteOptions, bulk
from converters.balance import Count
from converters.formats import named
from converters.formats.brackets import from_brackets

SEED = next((Path(__file__).parent.parent.parent / "data" / "cables").glob("*.txt"))
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


def write(documents: list[Document], name: str, **options: Any) -> bytes:
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


def records(documents: list[Document]) -> list[dict[str, Any]]:
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


def by_docs(documents: list[Document]) -> bytes:
    """The ordinary way to a DocBin: a Doc for each."""
    vocab = spacy.blank("en").vocab
    return DocBin(docs=[document.to_spacy(vocab) for document in documents], store_user_data=True).to_bytes()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=int, nargs="?", default=300)
    texts = archive(parser.parse_args().documents)
    size = sum(len(text.encode()) for text in texts) / 1e6
    report = Report()

    def read() -> list[Document]:
        return [from_brackets(text, report=report) for text in texts]

    def plainly() -> list[Document]:
        with patch.object(bulk, "read", return_value=None):
            return read()

    documents = read()
    columns = [write([document], "conll").decode() for document in documents]
    peers: dict[str, Callable[[], Any]] = {
        "str.split": lambda: [text.split() for text in texts],
        "markup to documents": read,
        "the same, the plain way": plainly,
        "markup to JSONL, no tokens": lambda: write(read(), "jsonl", tokens=False),
        "markup to JSONL": lambda: write(read(), "jsonl"),
        "the plain way, dictionaries, json": lambda: [json.dumps(r, ensure_ascii=False) for r in records(plainly())],
        "the plain way, dictionaries, srsly": lambda: [srsly.json_dumps(r) for r in records(plainly())],
        "markup to CoNLL": lambda: write(read(), "conll"),
        "markup to DocBin": lambda: write(read(), "spacy"),
        "the plain way, Docs, DocBin": lambda: by_docs(plainly()),
        "spacy convert -c ner": lambda: [
            DocBin(docs=conll_ner_to_docs(text, no_print=True)).to_bytes() for text in columns
        ],
    }
    times = {name: median(work) for name, work in peers.items()}
    print(f"{platform.machine()}, Python {platform.python_version()}, {len(texts):,} cables, {size:.1f} MB of markup\n")
    for name, seconds in times.items():
        print(
            f"{name:36}{seconds:8.2f} s {size / seconds:8.2f} MB/s {seconds / times['str.split']:8.1f} times str.split"
        )


def median(work: Callable[[], Any]) -> float:
    """Seconds of the run in the middle of three."""
    found = []
    for _ in range(3):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


if __name__ == "__main__":
    main()
