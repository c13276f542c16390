"""The inputs that are kept for each target, a line each in ``corpus/TARGET.jsonl``, and those to begin with.

A line has the input as `text`, where it is text (bytes that are no UTF-8 as Python's ``surrogateescape`` has them), or
as `base64`. One that was a finding has a name in `was`, which says what was wrong, and is kept for ever; the others
reach what no other reaches.
"""

from __future__ import annotations

import ast
import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

CORPUS = Path(__file__).parent / "corpus"
TESTS = Path(__file__).parents[1]
DATA = TESTS.parent / "data"
LARGEST = 4096
"""Bytes of an input."""
MOST_FILES = 60
MOST_BYTES = 50_000
"""Of the inputs that are kept for a target, besides findings."""


class Input(NamedTuple):
    """An input, and what was wrong with it, if it was a finding."""

    data: bytes
    was: str = ""


def load(target: str) -> list[Input]:
    """The inputs that are kept for a target."""
    path = CORPUS / f"{target}.jsonl"
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if "text" in record:
            data = record["text"].encode("utf-8", "surrogateescape")
        else:
            data = base64.b64decode(record["base64"])
        found.append(Input(data, record.get("was", "")))
    return found


def save(target: str, inputs: Iterable[Input]) -> None:
    """Keep these inputs for a target: the findings first, then the short ones."""
    CORPUS.mkdir(exist_ok=True)
    lines = []
    for data, was in sorted(set(inputs), key=lambda item: (not item.was, item.was, len(item.data), item.data)):
        text = data.decode("utf-8", "surrogateescape")
        odd = sum("\udc80" <= character <= "\udcff" or character < "\t" for character in text)
        record = {"text": text} if odd < max(len(data) // 8, 12) else {"base64": base64.b64encode(data).decode()}
        lines.append(json.dumps({"was": was} | record if was else record) + "\n")
    (CORPUS / f"{target}.jsonl").write_text("".join(lines), encoding="utf-8")


# To begin with

TEST_OF = {
    "brackets": ("brackets", "bulk", "detokenize", "bracket_writers"),
    "into": ("into", "brackets", "bulk"),
    "source": ("originals", "anchor", "html"),
    "html": ("html", "brackets"),
    "files": ("formats", "reading", "records", "conll", "xml"),
    "labels": ("labels",),
    "schemes": ("schemes", "evaluation_tags"),
    "evaluate": ("evaluation", "agreement"),
    "reports": ("check", "check_mentions", "check_texts", "view", "statistics"),
    "round-trip": ("pairs", "view", "conllu"),
}
"""The tests whose strings are inputs to begin with, where they are not called as the target is."""


def strings(name: str) -> Iterator[str]:
    """The strings in a test."""
    path = TESTS / f"test_{name}.py"
    if path.exists():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 3:
                yield node.value


def of_bad_input(target: str) -> Iterator[bytes]:
    """The documents of each fault in `test_bad_input`, of those formats that are called like the target, or all."""
    import sys

    sys.path.insert(0, str(TESTS))
    import test_bad_input as cases

    def is_wanted(name: str) -> bool:
        return (
            target == "files" or name == target or name.startswith(f"{target}-") or (target, name) == ("xml", "enamex")
        )

    for case in cases.CASES:
        if is_wanted(case.format) and case.format != "parquet":
            data = cases.unmarked(cases.HEADERS.get(case.format, "") + case.data)[0]
            yield data + b"\0Anna met IBM" if target == "brat" else data
    for name, made in cases.TEXT.items():
        if is_wanted(name):
            for what in ("plain", "no-break space", "astral letters", "Hebrew", "zero-width joiner"):
                sample = cases.odd(cases.ODD[what])
                data = (cases.HEADERS.get(name, "") + made(sample)).encode()
                yield data + b"\0" + sample.text.encode() if target == "brat" else data
    if target in ("spacy", "files"):
        import zlib

        for user_data in ({}, {"id": "a"}, {"id": [1]}, {"score": float("nan"), "k": {"a": [1, None]}}):
            whole = cases.docbin(cases.GOOD, user_data)
            yield zlib.decompress(whole) if target == "spacy" else whole
    if target == "parquet":
        for rows in cases.ROWS.values():
            for row in rows:
                yield (json.dumps(cases.ROW) + "\n" + json.dumps(cases.ROW | row) + "\n").encode()
        for row in cases.COLUMNS:
            yield json.dumps(row, default=str).encode() + b"\n"
    if target in ("parquet", "files"):
        yield cases.parquet(cases.ROW, cases.ROW)[:LARGEST]


def contents(target: str) -> Iterator[bytes]:
    """Inputs without their heads, from the data and the tests."""
    from converters import read

    yield b""
    for name in TEST_OF.get(target, (target.replace("-", "_"),)):
        for text in strings(name):
            yield text.encode("utf-8", "surrogatepass")[:LARGEST]
    yield from of_bad_input(target)
    cable = next((DATA / "cables").glob("*.txt"))
    paragraphs = cable.read_text(encoding="utf-8").split("\n")
    if target in ("brackets", "into", "html", "detokenize", "files"):
        for first in range(0, 24, 3):
            yield "\n".join(paragraphs[first : first + 3]).encode()[:1500]
    if target in ("anchor", "source"):
        for paragraph in paragraphs[:12]:
            document = next(read_text(paragraph))
            if target == "source":
                yield f"{paragraph}\0{document}".encode()[:LARGEST]
            yield f"{' '.join(document.split())}\0{document}".encode()[:LARGEST]
    if target == "detokenize":
        for line in (TESTS / "cases" / "detokenize.jsonl").read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["markup"].encode()
    if target == "schemes":
        for path in sorted((TESTS / "cases" / "conlleval").glob("*.txt")):
            rows = [line.split() for line in path.read_text(encoding="utf-8").split("\n")]
            gold, predicted = (" ".join(row[at] if row else "\n" for row in rows) for at in (-2, -1))
            yield f"{gold}\0{predicted}".replace(" \n ", "\n").encode()[:LARGEST]
    if target in ("evaluate", "reports", "round-trip"):
        from targets import spelled

        document = next(iter(read(cable)))
        yield spelled([document])[:LARGEST]
        text = "Anna met IBM. (S/NF) The New York Times, \u201cX\u201d\n\nSaid Anna"
        some = f"{text}\x1f0 3 PER\x1f9 2 ORG\x1f25 7 LOC\x1f25 13 ORG"
        yield some.encode()
        yield f"{some}\x1e{some}\x1f0 7 ORG\x1e{some}\x1f9 30 Größe".encode()


def read_text(markup: str) -> Iterator[str]:
    from converters import NerconvError, Report, from_brackets

    try:
        yield from_brackets(markup, report=Report()).text
    except NerconvError:
        yield markup


HEADS = (
    bytes(8),
    b"\x01" + bytes(7),
    bytes([0x55] * 8),
    bytes([0xAA] * 8),
    bytes([0x1F] * 8),
    bytes([0, 2, 8, 32, 128, 7, 9, 3]),
)
"""What choose the options of inputs to begin with, in turn."""


def seeds(target: str) -> set[bytes]:
    """Inputs to begin with: those that are kept, the data, and the cases of the tests."""
    from targets import HEAD

    found = {item.data for item in load(target)}
    for number, content in enumerate(contents(target)):
        found.add(HEADS[0][:HEAD] + content)
        found.add(HEADS[number % len(HEADS)][:HEAD] + content)
    return {data[:LARGEST] for data in found}


JSON = ("jsonl", "doccano", "label-studio", "spacy-v2", "huggingface", "gliner", "parquet", "files")


def dictionary(target: str) -> str:
    """The tokens of a target's format, as libFuzzer reads them."""
    tokens = json.loads((Path(__file__).parent / "tokens.json").read_text(encoding="utf-8"))
    words = {*tokens.get(target, ()), *(tokens["json"] if target in JSON else ())}
    spelled = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in sorted(words))
    return "".join(f'"{word}"\n' for word in spelled)
