"""What big inputs cost: python tests/benchmarks/big.py [PART...] [--scale 0.01]

A row is a whole command over an input that is made for it. What it says is looked at: so many documents and entities,
or a short error. Exits with 1 where it is neither, a fault, say, or an error as long as the input. The parts are

gigabyte  files of 1 GB, of many documents and of a single one
line      lines of 100 MB: a document in one, one long token, and what is none of the format's
entities  a document of 1,000,000 entities, written and read in each format, and given to the other commands
files     a folder of 100,000 files

`--scale` makes all of them larger or smaller. Memory is that of the process that took most; `silent` is the longest
time in which the command told nothing on standard error.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from watched import Watched, watched

from converters.formats import formats

MARKUP = "The [ORG U.S. Navy  ] sails to [LOC Venezuela  ] , said [PER Mark McGwire  ] of Riga in a long letter . "
PLAIN = "The U.S. Navy sails to Venezuela, said Mark McGwire of Riga in a long letter."
SPANS = [(4, 13, "ORG"), (23, 32, "LOC"), (39, 51, "PER")]
TAGS = "O B-ORG I-ORG O O B-LOC O O B-PER I-PER O O O O O O O".split()
WORDS = re.findall(r"U\.S\.|\w+|[^\w\s]", PLAIN)
EACH = 20
"""Sentences of a document, where there are many documents."""

MOST_TOLD = 20_000
"""Characters that standard error is told, at most."""

Judge = Callable[[Watched], str]
"""What came of a command, as words. Raises `AssertionError` where that is not as it should be."""


class Table:
    """Runs commands in a folder, and prints a row for each."""

    def __init__(self, folder: Path, most: float, only: str) -> None:
        self.folder = folder
        self.most = most
        self.only = only
        self.faults: list[str] = []
        print(f"{'':50} {'size':>17} {'CPU s':>7} {'s':>7} {'':>15} {'MB':>6} {'silent':>7}  result")

    def row(self, name: str, size: float, unit: str, judge: Judge, *arguments: str | Path) -> None:
        """A command over an input of so many of a unit."""
        if not re.search(self.only, name):
            return
        run = watched(*map(str, arguments), out=self.folder / "told", most=self.most)
        try:
            assert "Traceback" not in run.told, run.told[-2000:]
            assert "fault of nerconv" not in run.told, run.told[-2000:]
            result = judge(run)
        except AssertionError as error:
            self.faults.append(name)
            result = f"<-- status {run.status}: {(str(error) or run.told)[-300:]}"
        amount = f"{size / 1e6:,.1f} MB" if unit == "MB" else f"{size:,.0f} {unit}"
        rate = f"{size / 1e6 / run.cpu:.2f} MB/s" if unit == "MB" else f"{run.cpu / size * 1e6:,.0f} µs each"
        print(
            f"{name:50} {amount:>17} {run.cpu:7.1f} {run.seconds:7.1f} {rate:>15} {run.memory:6,.0f} {run.silence:7.1f}"
            f"  {result}",
            flush=True,
        )

    def convert(
        self, name: str, size: float, unit: str, source: Path, out: Path, *options: str, counts: tuple[int, int]
    ) -> None:
        """A conversion, of which so many documents and entities come out."""
        report = self.folder / "report.json"

        def judge(run: Watched) -> str:
            assert run.status == 0
            assert len(run.told) < MOST_TOLD, f"{len(run.told):,} characters told: {run.told[:100]}"
            written = json.loads(report.read_text())["out"]
            for format, found in written.items():
                assert (found["documents"], found["spans"]) == counts, f"{format}: {found}"
            return counted(*counts)

        self.row(name, size, unit, judge, "convert", source, "-o", out, *options, "--report", report)

    def refused(self, name: str, source: Path, *options: str) -> None:
        """A conversion of what cannot be read: the error is a short line."""
        out = self.folder / "out.jsonl"

        def judge(run: Watched) -> str:
            lines = [line for line in run.told.splitlines() if "MB/s" not in line]
            assert run.status == 1
            assert len(lines) == 1
            assert lines[0].startswith(f"{source}:")
            assert len(lines[0]) < 1500, f"{len(lines[0]):,} characters of error: {lines[0][-100:]}"
            return lines[0].removeprefix(f"{source}:")[:110]

        self.row(name, source.stat().st_size, "MB", judge, "convert", source, "-o", out, "--no-tokens", *options)

    def answered(self, run: Watched) -> str:
        """What a command told of an input that is in order, or what it found."""
        told = (self.folder / "told").stat().st_size
        assert run.status == 0 or (run.status == 1 and told)  # a check that found errors tells them
        return f"{told / 1e6:,.2f} MB told"


def counted(documents: int, entities: int) -> str:
    return f"{documents:,} documents, {entities:,} entities"


def file_of(path: Path, piece: str, size: float, begin: str = "", end: str = "") -> int:
    """Write a piece again and again until a file is that large; how often it is there."""
    times = max(round((size - len(begin) - len(end)) / len(piece.encode())), 1)
    block = 1 + (1 << 20) // len(piece)
    with path.open("w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(begin)
        for written in range(0, times, block):
            file.write(piece * min(block, times - written))
        file.write(end)
    return times


# Records of a document of some sentences


def spans(sentences: int) -> Iterable[tuple[int, int, str]]:
    for at in range(0, sentences * (len(PLAIN) + 1), len(PLAIN) + 1):
        for start, end, label in SPANS:
            yield at + start, at + end, label


def record(sentences: int) -> dict[str, Any]:
    return {
        "text": " ".join([PLAIN] * sentences),
        "spans": [{"start": start, "end": end, "label": label} for start, end, label in spans(sentences)],
    }


def with_tokens(sentences: int) -> dict[str, Any]:
    made, at, tokens = record(sentences), 0, []
    for number, word in enumerate(WORDS * sentences):
        start = made["text"].index(word, at)
        at = start + len(word)
        tokens.append({"text": word, "start": start, "end": at, "id": number, "ws": made["text"][at : at + 1] == " "})
    return {"text": made["text"], "tokens": tokens, "spans": made["spans"]}


def task(sentences: int) -> dict[str, Any]:
    text = " ".join([PLAIN] * sentences)
    regions = [
        {
            "id": str(number),
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {"start": start, "end": end, "text": text[start:end], "labels": [label]},
        }
        for number, (start, end, label) in enumerate(spans(sentences))
    ]
    return {"data": {"text": text}, "annotations": [{"result": regions}]}


# The parts


def gigabyte(table: Table, scale: float) -> None:
    """Files of 1 GB."""
    size, folder = 1e9 * scale, table.folder
    source, out = folder / "in", folder / "out"
    a_line = json.dumps({"markup": (MARKUP + "\n") * EACH}) + "\n"
    tokens, plain = json.dumps(with_tokens(EACH)) + "\n", json.dumps(record(EACH)) + "\n"
    columns = "".join(f"{word}\t{tag}\n" for word, tag in zip(WORDS, TAGS, strict=True))
    many = {
        "markup in JSON Lines to JSONL": (a_line, "", "", ".jsonl", ".jsonl", ["--text-field", "markup"]),
        "JSONL with tokens to CoNLL": (tokens, "", "", ".jsonl", ".conll", []),
        "JSONL without tokens to doccano": (plain, "", "", ".jsonl", ".jsonl", ["--to", "doccano"]),
        "CoNLL to JSONL": (f"-DOCSTART- O\n\n{(columns + chr(10)) * EACH}", "", "", ".conll", ".jsonl", []),
        "CoNLL to DocBin": (f"-DOCSTART- O\n\n{(columns + chr(10)) * EACH}", "", "", ".conll", "", ["--to", "spacy"]),
        "Label Studio, an array, to JSONL": (json.dumps(task(EACH)) + ",\n", "[", "{}]", ".json", ".jsonl", []),
    }
    for name, (piece, begin, end, suffix, to, options) in many.items():
        path = source.with_suffix(suffix)
        if not re.search(table.only, name):
            continue
        if end:  # a last one without a comma after it
            end = piece.rstrip(",\n") + "]"
        documents = file_of(path, piece, size, begin, end) + bool(end)
        counts = documents, documents * EACH * len(SPANS)
        table.convert(name, path.stat().st_size, "MB", path, Path(f"{out}{to}"), *options, counts=counts)
        empty(folder)
    single = {
        "markup, one document, to JSONL": (MARKUP + "\n", ".txt", []),
        "CoNLL, one document, to JSONL": (columns + "\n", ".conll", []),
    }
    for name, (piece, suffix, options) in single.items():
        if not re.search(table.only, name):
            continue
        path = source.with_suffix(suffix)
        times = file_of(path, piece, size)
        counts = 1, times * len(SPANS)
        options += ["--no-tokens"]
        table.convert(name, path.stat().st_size, "MB", path, out.with_suffix(".jsonl"), *options, counts=counts)
        empty(folder)
    name, path = "JSONL, one document without entities, to brat", source.with_suffix(".jsonl")
    if re.search(table.only, name):
        file_of(path, PLAIN + " ", size, '{"text": "', '"}')
        table.convert(name, path.stat().st_size, "MB", path, out / "", "--to", "brat", counts=(1, 0))
        empty(folder)


def line(table: Table, scale: float) -> None:
    """Lines of 100 MB."""
    size, folder = 1e8 * scale, table.folder
    source = folder / "in.txt"
    for format in formats().values():
        if not format.is_text or format.name.startswith(TOKEN_A_LINE):
            continue
        name = f"{format.name}, a document in a line"
        if not re.search(table.only, name):
            continue
        path = folder / f"line{format.suffixes[0]}"
        wanted = 1e5
        for _ in range(2):  # a little of it, to see how large the whole must be
            times = file_of(source, MARKUP, wanted)
            run = watched("convert", str(source), "-o", str(path), "--to", format.name, "-q", most=table.most)
            assert run.status == 0, run.told
            own = sum(file.stat().st_size for file in folder.glob("line*"))
            wanted *= size / own
        out = folder / "out.jsonl"
        counts = 1, times * len(SPANS)
        table.convert(name, own, "MB", path, out, "--no-tokens", "--from", format.name, counts=counts)
        empty(folder)
    for name, (suffix, begin, piece, end) in LONG_TOKENS.items():
        path = folder / f"in{suffix}"
        file_of(path, piece, size, begin, end)
        table.convert(name, path.stat().st_size, "MB", path, folder / "out.jsonl", "--no-tokens", counts=(1, 1))
        empty(folder)
    for name, (suffix, begin, piece, end, options) in REFUSED.items():
        path = folder / f"in{suffix}"
        path.with_suffix(".txt").write_text("Rome")  # of brat's
        file_of(path, piece, size, begin, end)
        table.refused(name, path, *options)
        empty(folder)


TOKEN_A_LINE = ("conll", "cogcomp-columns")
LONG_TOKENS = {
    "conll, a long token": (".conll", "", "a", "\tB-A\n"),
    "conll, a long label": (".conll", "a\tB-", "A", "\n"),
    "conll, a long column": (".conll", "a\t", "x", "\tB-A\n"),
    "conll, a long comment": (".conll", "# ", "x", "\na\tB-A\n"),
    "conllu, a long token": (".conllu", "1\t", "a", "\t_\t_\t_\t_\t_\t_\t_\tname=B-A\n"),
    "conllu, a long feature": (".conllu", "1\ta\t_\t_\t_\t", "a", "\t_\t_\t_\tname=B-A\n"),
    "cogcomp-columns, a long token": (".col", "B-A\t0\t0\tO\tO\t", "a", "\tx\tx\t0\n"),
    "brackets, a long word": (".txt", "[LOC ", "a", "  ]\n"),
    "brackets, a tag that does not end": (".txt", "[LOC a  ] <a ", "b=c ", "\n"),
    "brackets, a tag with a long attribute": (".txt", "[LOC a  ] <a href='' ", "x", ">b</a>\n"),
    "brackets, a tag of quotes": (".txt", "[LOC a  ] <a ", "'' ", ">\n"),
    "brackets, a host of labels": (".txt", "[LOC a  ] ", "a.", " ? b=c\n"),
    "brackets, spaces": (".txt", "[LOC a", " ", "  ]\n"),
    "jsonl, a long label": (".jsonl", '{"text": "a", "spans": [{"start": 0, "end": 1, "label": "', "A", '"}]}'),
    "jsonl, a long id": (
        ".jsonl",
        '{"text": "a", "spans": [{"start": 0, "end": 1, "label": "A"}], "meta": {"id": "',
        "a",
        '"}}',
    ),
    "xml, a long word": (".xml", "<PER>", "a", "</PER>"),
    "xml, a long attribute": (".xml", '<PER a="', "a", '">a</PER>'),
    "rasa, a long word": (".yml", "nlu:\n- intent: a\n  examples: |\n    - [", "a", "](A)\n"),
}
"""Documents with one entity: of a file the suffix, how it begins, what comes again and again, and the end."""
REFUSED: dict[str, tuple[str, str, str, str, list[str]]] = {
    "jsonl, no JSON": (".jsonl", '{"', "a", "", []),
    "jsonl, a string that does not end": (".jsonl", '{"text": "', "a", "\n", []),
    "jsonl, a string for a record": (".jsonl", '"', "a", '"\n', ["--from", "jsonl"]),
    "jsonl, a long text that is none": (".jsonl", '{"text": ["', "a", '"]}\n', []),
    "jsonl, a long field that comes twice": (".jsonl", '{"text": "a", "b": 1, "b": "', "a", '"}\n', []),
    "jsonl, offsets outside": (
        ".jsonl",
        '{"spans": [{"start": 0, "end": 1e9, "label": "A"}], "text": "',
        "a",
        '"}',
        [],
    ),
    "jsonl, a number that is too large": (".jsonl", '{"text": "', "a", '", "b": 1e400}', []),
    "jsonl, half a surrogate pair": (".jsonl", '{"text": "', "\\u00e9", '\\ud800"}', []),
    "jsonl, another mention": (
        ".jsonl",
        '{"text": "b", "spans": [{"start": 0, "end": 1, "label": "A", "text": "',
        "a",
        '"}]}',
        [],
    ),
    "conll, no tag": (".conll", "", "a", "\n", []),
    "conll, a long tag": (".conll", "a\t", "x", "\n", []),
    "conll, a long tag that continues nothing": (".conll", "a\tB-B\nb\tI-", "x", "\n", []),
    "conllu, no columns": (".conllu", "", "a", "\n", []),
    "conllu, a long number": (".conllu", "", "1", "\ta\t_\t_\t_\t_\t_\t_\t_\t_\n", []),
    "conllu, a long tag": (".conllu", "1\ta\t_\t_\t_\t_\t_\t_\t_\tname=", "x", "\n", []),
    "conllu, a long bracket": (".conllu", "1\ta\t_\t_\t_\t_\t_\t_\t_\tEntity=(", "x", "\n", []),
    "cogcomp-columns, no columns": (".col", "", "a", "\n", []),
    "brackets, a long label": (".txt", "[LOC a  ] [", "A", " a  ]\n", []),
    "brackets, a long mention that is not closed": (".txt", "[LOC a  ] [LOC ", "a", "\n", []),
    "brackets, a byte that is none": (".txt", "[LOC a  ]", " a", "\udc80", []),
    "brat, no annotation": (".ann", "T1", "a", "\n", []),
    "brat, another mention": (".ann", "T1\tA 0 4\t", "a", "\n", []),
    "doccano, a long label": (".jsonl", '{"text": "a", "label": [[0, 7, "', "A", '"]]}', ["--from", "doccano"]),
    "spacy-v2, a long label": (".json", '[["a", {"entities": [[0, 7, "', "A", '"]]}]]', ["--from", "spacy-v2"]),
    "gliner, a long label": (".json", '[{"tokenized_text": ["a"], "ner": [[0, 7, "', "A", '"]]}]', []),
    "huggingface, a long tag": (".jsonl", '{"tokens": ["a"], "ner_tags": ["', "x", '"]}', []),
    "label-studio, a long label": (
        ".json",
        '[{"data": {"text": "a"}, "annotations": [{"result": [{"type": "labels", "from_name": "a", "to_name": "text", '
        '"value": {"start": 0, "end": 7, "text": "a", "labels": ["',
        "A",
        '"]}}]}]}]',
        [],
    ),
    "xml, a long tag that does not end": (".xml", "<PER>a</PER><", "a", "", []),
    "xml, a tag of attributes that does not end": (".xml", "<PER>a</PER><a ", "b=c ", "", []),
    "xml, an element that does not end": (".xml", "<PER>a</PER><", "A", ">", []),
    "rasa, no examples": (".yml", "nlu: ", "a", "\n", []),
    "rasa, a long key": (".yml", "nlu:\n- intent: a\n  examples: |\n    - a\n  ", "a", "\n", []),
}
"""Files with an error in a long line: the same, and options."""


def entities(table: Table, scale: float) -> None:
    """A document of 1,000,000 entities."""
    folder = table.folder
    source, out = folder / "in.txt", folder / "out.jsonl"
    times = file_of(source, f"{MARKUP}\n", round(1e6 * scale / len(SPANS)) * (len(MARKUP) + 1))
    n = times * len(SPANS)
    for format in formats().values():
        path = folder / f"made{format.suffixes[0]}"
        to, back = ["--to", format.name], ["--from", format.name]
        table.convert(f"{format.name}, written", n, "entities", source, path, *to, counts=(1, n))
        if path.exists():
            table.convert(f"{format.name}, read", n, "entities", path, out, *back, counts=(1, n))
        for file in folder.glob("made*"):
            file.unlink()
    commands(table, "apart", source, n)
    source.unlink()
    n = round(1e6 * scale)
    for name, place in {
        "nested": lambda k, n: f'[{k}, {2 * n - k - 1}, "A"]',
        "crossing": lambda k, n: f'[{k}, {n + k}, "A"]',
        "in one place": lambda k, n: f'[0, 1, "L{k}"]',
    }.items():
        source = overlapping(folder / "in.json", n, place)
        few = overlapping(folder / "few.json", n // 100, place)
        for format in formats().values():
            if "overlapping" not in format.holds and not ("nested" in format.holds and name == "nested"):
                continue
            path = folder / f"made{format.suffixes[0]}"
            to, back = ["--to", format.name], ["--from", format.name]
            given, size = (few, n // 100) if format.name in HOLD_MENTIONS else (source, n)
            table.convert(f"{name}, {format.name}, written", size, "entities", given, path, *to, counts=(1, size))
            if path.exists():
                table.convert(f"{name}, {format.name}, read", size, "entities", path, out, *back, counts=(1, size))
            for file in folder.glob("made*"):
                file.unlink()
        for how in ("longest", "first"):
            options = ["--on-overlap", how]
            table.convert(f"{name}, {how}", n, "entities", source, folder / "made.conll", *options, counts=(1, 1))
        commands(table, name, source, n)
    empty(folder)


HOLD_MENTIONS = ("brat", "label-studio")
"""Formats that have the text of each entity, so that entities over others make files as large as their square."""


def overlapping(path: Path, n: int, place: Callable[[int, int], str]) -> Path:
    """A file of a document of 2n words with n entities, as GLiNER has it."""
    words, ner = ", ".join(['"x"'] * 2 * n), ", ".join(place(k, n) for k in range(n))
    path.write_text(f'[{{"tokenized_text": [{words}], "ner": [{ner}]}}]')
    return path


def commands(table: Table, kind: str, source: Path, size: int, unit: str = "entities") -> None:
    """The commands that look at documents and write none."""
    page, parts = str(table.folder / "page.html"), str(table.folder / "parts")
    for name, arguments in {
        "stats": ["stats", source],
        "stats --html": ["stats", source, "--html", page],
        "check": ["check", source],
        "check --json": ["check", source, "--json"],
        "evaluate": ["evaluate", source, source],
        "evaluate --html": ["evaluate", source, source, "--html", page],
        "agree": ["agree", source, source],
        "view": ["view", source],
        "view --html": ["view", source, "--html", page],
        "split": ["split", source, "-o", parts],
    }.items():
        if name != "split" or unit == "files":
            table.row(f"{kind}, {name}", size, unit, table.answered, *arguments)
    shutil.rmtree(parts, ignore_errors=True)


def files(table: Table, scale: float) -> None:
    """A folder of 100,000 files."""
    folder, n = table.folder, round(1e5 * scale)
    source, counts = folder / "in", (n, n * len(SPANS))
    source.mkdir()
    for number in range(n):
        (source / f"{number:06}.txt").write_text(
            f"{MARKUP}\n" + f"A letter of {number} pages , {number * 7919} words . \n"
        )
    for name, out, *options in (
        ("into a file", "out.jsonl"),
        ("into three", "out"),
        ("into a folder, a file each", "out", "--to", "brackets"),
        ("into a folder, brat", "out", "--to", "brat"),
        ("into shards", "out", "-j", "2", "--to", "jsonl"),
        ("into shards again", "out", "-j", "2", "--to", "jsonl", "--resume"),
    ):
        if not options or options[-1] != "--resume":
            shutil.rmtree(folder / "out", ignore_errors=True)
        table.convert(f"files, {name}", n, "files", source, folder / out, *options, counts=counts)
    commands(table, "files", source, n, "files")
    empty(folder)


def empty(folder: Path) -> None:
    """Take away what is in a folder."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


PARTS = {"gigabyte": gigabyte, "line": line, "entities": entities, "files": files}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="which to measure, all where none is named")
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes (1)")
    parser.add_argument("--only", default="", help="rows whose names match this pattern")
    parser.add_argument("--most", type=float, default=0, help="gigabytes of memory that a process may have (any)")
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}; {options.scale:g} of the size")
    with tempfile.TemporaryDirectory() as folder:
        table = Table(Path(folder), options.most, options.only)
        for name in options.parts or PARTS:
            PARTS[name](table, options.scale)
    print(f"{len(table.faults)} are not as they should be" if table.faults else "all are as they should be")
    return 1 if table.faults else 0


if __name__ == "__main__":
    sys.exit(main())
