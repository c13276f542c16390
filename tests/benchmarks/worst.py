"""What the worst inputs cost as they grow: python tests/benchmarks/worst.py [FILTER]

A row is an attack on one regular expression or loop: an input of size n that would take n squared steps, if anything
did. CPU time is measured at n and 2n, where n is large enough to take a fifth of a second, or the row's cap. Linear
time doubles, sorting is a little above that, and a square is 4. Exits with 1 where a growth is above 2.8 twice.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from converters import DataError, Document, Report, Span, Tokens
from converters.align import align, flatten
from converters.anchor import anchor
from converters.check import check
from converters.check.parts import parts_of
from converters.duplicates import groups
from converters.errors import Place
from converters.evaluation import evaluate, evaluate_tags
from converters.evaluation.agreement import agree
from converters.finding import find_inputs
from converters.formats import by_content, named
from converters.formats.brackets import from_brackets, into
from converters.formats.rasa import parse_example
from converters.html import cuts
from converters.inputs import Ids
from converters.labels import relabel
from converters.new_files import NewFiles
from converters.options import Changes, ReadOptions, WriteOptions
from converters.outputs import Output, written
from converters.sentences import by_sentence
from converters.source import Source
from converters.statistics import statistics, tables
from converters.tokenize import pipeline
from converters.training.prepare import _unmet
from converters.training.split import assign
from converters.view import Colours, lines, page


class Row(NamedTuple):
    """A worst case: what it attacks, how an input of a size is made, and what is done with it.

    `size`: one that takes some milliseconds; `most`: the largest that is tried.
    """

    attacks: str
    name: str
    size: int
    make: Callable[[int], Any]
    run: Callable[[Any], object]
    most: int = 1 << 20


# What is done


def reads(format: str, *, keep_going: bool = False, **options: Any) -> Callable[[bytes], object]:
    """Reads a file of a format; what is wrong in it may be told."""

    def run(data: bytes) -> object:
        reader = named(format).reader
        assert reader is not None
        report = Report(keep_going=keep_going)
        try:
            return list(reader(BytesIO(data), Source("x", "x", "x"), ReadOptions(**options), report))
        except DataError as error:
            return str(error)

    return run


def writes(format: str, *, keep_going: bool = False, **changes: Any) -> Callable[[Sequence[Document]], object]:
    """Writes documents in a format."""

    def run(documents: Sequence[Document]) -> object:
        report = Report(keep_going=keep_going)
        with tempfile.TemporaryDirectory() as folder:
            output = Output(Path(folder, "out" + named(format).suffixes[0]), named(format))
            try:
                with written([output], WriteOptions(), report, Changes(**changes)) as put:
                    for document in documents:
                        put(document)
            except DataError as error:
                return str(error)
        return report

    return run


def sniffs(data: bytes) -> object:
    """Tells the format of a file by its beginning."""
    return by_content(data)


# Texts and entities


def text_of(make: Callable[[int], str]) -> Callable[[int], bytes]:
    return lambda n: make(n).encode()


def words(n: int, spans: Iterable[tuple[int, int, str]] = (), *, sentences: int = 20, **known: Any) -> Document:
    """A document of n words of one letter, with entities from one word to another, half-open."""
    starts = range(0, 2 * n, 2)
    tokens = Tokens.make(starts, range(1, 2 * n, 2), range(0, n, sentences))
    placed = tuple(Span(2 * first, 2 * stop - 1, label) for first, stop, label in spans)
    return Document(" ".join("x" * n), placed, tokens, **known)


def covered(n: int) -> list[tuple[int, int, str]]:
    """One entity over all others."""
    return [(0, n, "COVER"), *((k, k + 1, "A") for k in range(n))]


def nested(n: int) -> list[tuple[int, int, str]]:
    """Each entity inside the one before it."""
    return [(k, 2 * n - k, "A") for k in range(n)]


def crossing(n: int) -> list[tuple[int, int, str]]:
    """All entities cross all others."""
    return [(k, n + k, "A") for k in range(n)]


def flat(n: int, label: Callable[[int], str] = lambda k: "A") -> list[tuple[int, int, str]]:
    return [(k, k + 1, label(k)) for k in range(0, n, 2)]


def in_place(n: int) -> list[tuple[int, int, str]]:
    """All entities in one place, with another label each."""
    return [(0, 1, f"L{k}") for k in range(n)]


def labelled(n: int) -> list[tuple[int, int, str]]:
    return flat(n, lambda k: f"L{k}")


def one(spans: Callable[[int], Iterable[tuple[int, int, str]]], size: int = 1) -> Callable[[int], list[Document]]:
    """One document of `size` times n words with such entities."""
    return lambda n: [words(size * n, spans(n), id="a")]


def pair(
    gold: Callable[[int], Iterable[tuple[int, int, str]]], predicted: Callable[[int], Any], size: int = 1
) -> Callable[[int], tuple[Document, Document]]:
    return lambda n: (words(size * n, gold(n), id="a"), words(size * n, predicted(n), id="a"))


def scores(sides: tuple[Document, Document]) -> object:
    system = evaluate([sides[0]], [sides[1]]).systems[0]
    return system.semeval, system.kinds(), system.boundary, system.token, system.errors, system.by


def records(*items: Any) -> bytes:
    return b"\n".join(json.dumps(item).encode() for item in items)


def repeated(n: int, piece: str) -> str:
    return piece * (n // len(piece) + 1)


def documents(n: int, text: Callable[[int], str], *spans: Span, **known: Any) -> list[Document]:
    return [Document(text(k), spans, id=str(k), **known) for k in range(n)]


def placed(n: int) -> tuple[list[Document], list[str]]:
    names = [f"folder/{k}.jsonl" for k in range(n)]
    return [Document("x", id=name, source=Place(name)) for name in names], names


def put_in_place(files: int) -> object:
    with tempfile.TemporaryDirectory() as folder, NewFiles() as new:
        for number in range(files):
            new.open(Path(folder, str(number))).close()
        new.put_in_place()
    return files


def hidden_folders(n: int) -> Path:
    folder = Path(tempfile.mkdtemp())
    (folder / "a.jsonl").write_text('{"text": "x"}\n')
    for k in range(n):
        (folder / f".{k}").mkdir()
    return folder


def checks(documents: Sequence[Document]) -> object:
    tokenizer: Any = pipeline("en").tokenizer
    tokenizer.rules = tokenizer.rules  # forgets the words that it has met
    return check(documents)


HIDDEN: dict[int, Path] = {}


def walk(folder: Path) -> object:
    return find_inputs([folder], report=Report())


def ids(own: Sequence[str]) -> object:
    known = Ids()
    return [known.new(id) for id in own]


def markup_of(n: int) -> tuple[Document, str]:
    text = " ".join(f"w{k} [LOC X{k}  ]" for k in range(n))
    return from_brackets(text), text


def conllu(rows: Iterable[tuple[str, str]]) -> bytes:
    """Words with what is in their column MISC."""
    return "".join(f"{k}\t{word}\t_\t_\t_\t_\t_\t_\t_\t{misc}\n" for k, (word, misc) in enumerate(rows, 1)).encode()


def laughs(n: int) -> bytes:
    """Aliases of aliases: two to the power of n values."""
    depth = max(n.bit_length(), 2)
    lines = ["nlu:", "- intent: x", "  examples:", "  - text: hello", "    metadata:", "      a0: &a0 [x, x]"]
    lines += [f"      a{k}: &a{k} [*a{k - 1}, *a{k - 1}]" for k in range(1, depth)]
    return "\n".join(lines).encode()


def tagger_words(n: int, other: Callable[[int], str]) -> tuple[list[str], str]:
    return [f"w{k}" for k in range(n)], " ".join(map(other, range(n)))


def align_words(sides: tuple[list[str], str]) -> object:
    return anchor(*sides)


ROWS: list[Row] = []


def row(
    attacks: str, name: str, size: int, make: Callable[[int], Any], run: Callable[[Any], object], most: int = 1 << 20
) -> None:
    ROWS.append(Row(attacks, name, size, make, run, most))


# Markup

for form in (
    "[LOC ",
    "[",
    "]",
    "[LOC x ",
    "[LOC x ] ",
    "[LOC x] ",
    "[LOC [LOC x  ] ] ",
    "( ",
    '" ',
    "' ",
    "'s ",
    "`` ",
):
    row(
        "markup", f"brackets, {form!r} n times", 1_000, text_of(lambda n, f=form: repeated(8 * n, f)), reads("brackets")
    )
for form in ("<", "<!--", "<b", "<b ", "<a '", "&", "&#", "&amp;", "&lt ;", "<script>", "<b></b>", "¶", "¶&amp;"):
    row("html.cuts", f"HTML, {form!r} n times", 2_000, text_of(lambda n, f=form: repeated(8 * n, f)), reads("brackets"))
row(
    "html.cuts",
    "HTML, scripts and half an end tag",
    2_000,
    lambda n: "<script>" * n + "</script",
    lambda t: list(cuts(t)),
)
row(
    "html.cuts",
    "HTML, comments that do not end",
    4_000,
    lambda n: "<!-- <![CDATA[ <!DOCTYPE" * n,
    lambda t: list(cuts(t)),
)
row("html.TAG", "HTML, a tag of one long line", 100_000, lambda n: "<a " + "x='y\" " * n, lambda t: list(cuts(t)))
row("html.ATTRIBUTE", "HTML, a tag of spaces", 200_000, lambda n: "<a" + " " * n + "1>", lambda t: list(cuts(t)))
row("markup", "brackets, one long word", 400_000, text_of(lambda n: "a" * n), reads("brackets"))
row("markup", "brackets, spaces", 200_000, text_of(lambda n: "a" + " " * n + "b ."), reads("brackets"))
row("markup", "brackets, white space of all kinds", 20_000, text_of(lambda n: "a" + " \t\r\n" * n), reads("brackets"))
row("markup", "brackets, combining marks", 100_000, text_of(lambda n: "a" + "\u0301" * n + " ."), reads("brackets"))
row(
    "markup._range",
    "brackets, a word of pilcrows and references",
    2_000,
    text_of(lambda n: "&amp;¶" * n),
    reads("brackets"),
)
row(
    "markup",
    "brackets, a known label each",
    1_000,
    text_of(lambda n: " ".join(f"[L{k} x  ]" for k in range(n))),
    lambda d: from_brackets(d.decode(), options=ReadOptions(labels=tuple(f"L{k}" for k in range(len(d) // 8)))),
)
row("markup", "brackets, an unknown label each", 500, lambda n: " ".join(f"[L{k} x ]" for k in range(n)), from_brackets)
row("markup", "brackets, unknown labels in one another", 4_000, lambda n: "[XX x " * n + "] " * n, from_brackets)
row(
    "rules._HOST", "a long word before a ? and a field", 4_000, text_of(lambda n: "a" * n + " ? b=c"), reads("brackets")
)
row(
    "rules._HOST",
    "a long host before a ? and a field",
    4_000,
    text_of(lambda n: "a." * n + " ? b=c"),
    reads("brackets"),
)
row("gaps", "one paragraph of quotes", 2_000, text_of(lambda n: '" a " , ' * n), reads("brackets"))
row(
    "gaps",
    "quotes, repairs",
    500,
    text_of(lambda n: "I ? s non- state http://a.b/c - x.html " * n),
    reads("brackets", repairs=("apostrophe", "url", "hyphen")),
)
row("formats.brackets", "written, many entities", 2_000, one(flat), writes("brackets"))
row("formats.brackets", "written, a label each", 2_000, one(labelled), writes("brackets"))
row("formats.brackets", "written inline, many entities", 2_000, one(flat), writes("brackets-inline"))
row(
    "formats.brackets",
    "entities back into the markup",
    500,
    markup_of,
    lambda m: into(m[0], m[1], options=ReadOptions(), file="x", report=Report()),
)

# Originals

row("anchor", "originals, nothing matches", 3_000, lambda n: tagger_words(n, lambda k: f"v{k}"), align_words)
row("anchor", "originals, all words are the same", 5_000, lambda n: (["a"] * n, " ".join("a" * (n + 1))), align_words)
row(
    "anchor",
    "originals, all the same and one missing",
    3_000,
    lambda n: (["a", "b"] * n, " ".join("a b c" for _ in range(n))),
    align_words,
)
row(
    "anchor",
    "originals, every other word is another",
    3_000,
    lambda n: tagger_words(n, lambda k: f"w{k}" if k % 2 else "v"),
    align_words,
)
row("anchor", "originals, reversed", 3_000, lambda n: tagger_words(n, lambda k: f"w{n - k}"), align_words)
row("anchor", "originals, one long word", 20_000, lambda n: (["a" * n], "a" * (n + 1)), align_words)
row("anchor", "originals, half words", 3_000, lambda n: (["ab"] * n, "aba" * n), align_words)
row(
    "anchor",
    "originals, tags between all letters",
    1_000,
    lambda n: (["x" * n, *["y"] * n], "<b>x</b>" * n + " z" * n),
    align_words,
)
row(
    "anchor._leave_tags_whole",
    "originals, a word over many tags",
    1_000,
    lambda n: (["<i>x</i>" * n, *["y"] * n, "z"], "<i>x</i>" * n + " w z"),
    align_words,
)
row(
    "anchor._place_unseen",
    "originals, words that nobody sees",
    2_000,
    lambda n: (["a", *["\u200b"] * n, "b"], "a" + " " * n + "b c"),
    align_words,
)
row("anchor", "originals, question marks", 3_000, lambda n: (["?"] * n, "é" * n), align_words)
row("anchor", "originals, dashes", 1_000, lambda n: (["--"] * n, "— - " * n), align_words)

# JSON

row("records", "JSON, an open array n deep", 100_000, text_of(lambda n: "[" * n), reads("jsonl"))
row("records", "JSON, objects n deep", 100_000, text_of(lambda n: '{"text": ' * n), reads("jsonl"))
row("records", "JSON, one long string", 1_000_000, lambda n: records({"text": "a" * n}), reads("jsonl"), 1 << 22)
row(
    "records",
    "JSON, a string of escapes",
    20_000,
    text_of(lambda n: '{"text": "' + "\\u00e9" * n + '"}'),
    reads("jsonl", places=True),
)
row(
    "records",
    "JSON, a string that does not end",
    1_000_000,
    text_of(lambda n: '{"text": "' + '\\"' * n),
    reads("jsonl"),
    1 << 22,
)
row(
    "records",
    "JSON, half a surrogate pair at the end",
    100_000,
    text_of(lambda n: '{"text": "' + "\\u00e9" * n + '\\ud800"}'),
    reads("jsonl"),
)
row(
    "records",
    "JSON, a whole number of n digits",
    1_000_000,
    text_of(lambda n: '{"text": ' + "9" * n + "}"),
    reads("jsonl"),
    1 << 22,
)
row(
    "records",
    "JSON, a fraction of n digits",
    1_000_000,
    text_of(lambda n: '{"text": 0.' + "3" * n + "}"),
    reads("jsonl"),
    1 << 22,
)
row(
    "records._odd_number",
    "JSON, numbers that are too large",
    2_000,
    text_of(lambda n: "[" + '{"text": 1e400}, ' * n + "1]"),
    reads("jsonl", keep_going=True),
)
row(
    "records._object",
    "JSON, a field that comes twice, the last",
    4_000,
    text_of(lambda n: "{" + ", ".join(f'"{k}": 1' for k in [*range(n), n - 1]) + "}"),
    reads("jsonl"),
)
row(
    "records",
    "JSON, white space",
    200_000,
    text_of(lambda n: "[" + " " * n + '{"text": "a"}' + "\n" * n + "]"),
    reads("jsonl"),
    1 << 22,
)
row(
    "records",
    "JSON, lines that are no records",
    10_000,
    text_of(lambda n: "[]\n{}\n" * n),
    reads("jsonl", keep_going=True),
)
row(
    "records.At",
    "JSONL, errors in an array",
    4_000,
    text_of(lambda n: "[" + '{"text": 1}, ' * n + "1]"),
    reads("jsonl", keep_going=True),
)
row(
    "offsets",
    "JSONL, entities over all others",
    5_000,
    lambda n: records(
        {"text": "x " * n, "spans": [{"start": k, "end": 2 * n - 1, "label": "A"} for k in range(0, n, 2)]}
    ),
    reads("jsonl"),
)
row(
    "offsets.trimmed",
    "JSONL, entities in white space",
    2_000,
    lambda n: records(
        {"text": " " * n + "x", "spans": [{"start": k, "end": n + 1, "label": f"L{k}"} for k in range(n)]}
    ),
    reads("jsonl"),
)
row(
    "offsets.fits",
    "JSONL, mentions with other white space",
    2_000,
    lambda n: records(
        {
            "text": "a" + " " * n + "b",
            "spans": [{"start": 0, "end": n + 2, "label": f"L{k}", "text": "a b"} for k in range(n)],
        }
    ),
    reads("jsonl"),
)
row(
    "offsets.add_entity",
    "JSONL, n twins of n characters",
    5_000,
    lambda n: records({"text": "x" * n, "spans": [{"start": 0, "end": n, "label": "A"}] * n}),
    reads("jsonl"),
)
row(
    "offsets.positions",
    "Label Studio, regions without labels",
    1_000,
    lambda n: records(
        {
            "id": 1,
            "data": {"text": "\U0001f600" * n},
            "annotations": [{"result": [{"value": {"start": 0, "end": 2, "text": "\U0001f600", "labels": []}}] * n}],
        }
    ),
    reads("label-studio"),
)
row(
    "records._locate",
    "Hugging Face, tags to repair",
    1_000,
    lambda n: records({"tokens": ["a"] * n, "ner_tags": ["I-A", "O"] * (n // 2)}),
    reads("huggingface", repair_tags="conlleval"),
)
row(
    "records._locate",
    "Hugging Face, errors in a wrapper",
    1_000,
    lambda n: records({"features": {}, "data": [{"tokens": 1}] * n}),
    reads("huggingface", keep_going=True),
)
row(
    "formats.gliner",
    "GLiNER, each entity in another",
    2_000,
    lambda n: records({"tokenized_text": ["x"] * 2 * n, "ner": [[k, 2 * n - 1 - k, "A"] for k in range(n)]}),
    reads("gliner"),
)
for kind, beginning in {
    "label studio": '{"annotations": [{}], ',
    "regions": '{"a": [{}], ',
    "spacy v2": '["a", ',
    "entities": '{"entities": [ ',
    "quotes": '"',
    "open": "[{",
    "spaces": " ",
    "lines": "\n",
    "conllu": "#\n",
    "xml": "<",
    "rasa": "nlu:\n",
    "rasa markdown": "##\n",
    "brat": "T1\t",
    "docstart": "-DOCSTART- ",
    "doccano": '{"label":[{"',
    "keys": '{"a": 1, "label": [',
}.items():
    whole = {"label studio": '"annotations": [{}], ', "regions": '"a": [{}], '}.get(kind, beginning)
    row(
        "sniff",
        f"what a file is, {kind}",
        20_000,
        text_of(lambda n, b=beginning, w=whole: b + repeated(4 * n, w)),
        sniffs,
        1 << 18,
    )

# Columns

row("formats.conll", "CoNLL, one long token", 1_000_000, text_of(lambda n: "a" * n + "\tO\n"), reads("conll"), 1 << 22)
row(
    "formats.conll",
    "CoNLL, one long sentence",
    1_000,
    text_of(lambda n: "a\tB-A\nb\tI-A\n" * n),
    reads("conll", places=True),
)
row(
    "formats.conll",
    "CoNLL, tags to repair",
    1_000,
    text_of(lambda n: "a\tI-A\nb\tO\n" * n),
    reads("conll", repair_tags="conlleval"),
)
row(
    "formats.conll",
    "CoNLL, many columns",
    10_000,
    text_of(lambda n: "\t".join("a" * n) + "\tO\n"),
    reads("conll", places=True),
)
row(
    "formats.conll",
    "CoNLL, columns of spaces",
    50_000,
    text_of(lambda n: "a" + " " * n + "O\n"),
    reads("conll", places=True),
)
row("formats.conll", "CoNLL, comments", 20_000, text_of(lambda n: "# a\n" * n + "a\tO\n"), reads("conll"))
row(
    "formats.conll",
    "CoNLL, a comment of spaces",
    200_000,
    text_of(lambda n: "# a" + " " * n + "b\n" + "a\tO\n"),
    reads("conll"),
)
row(
    "formats.conll",
    "CoNLL, documents in error",
    5_000,
    text_of(lambda n: "-DOCSTART-\n\na\tO\nb\n\n" * n),
    reads("conll", keep_going=True),
)
row(
    "formats.conll", "CoNLL written, many sentences", 5_000, lambda n: [words(n, flat(n), sentences=1)], writes("conll")
)
row(
    "formats.cogcomp_columns",
    "columns of the tagger, tags to repair",
    1_000,
    text_of(lambda n: "I-A\t0\t0\tO\tO\ta\tx\tx\t0\nO\t0\t1\tO\tO\ta\tx\tx\t0\n" * n),
    reads("cogcomp-columns", repair_tags="discard"),
)
row(
    "formats.conllu.BRACKET",
    "CoNLL-U, brackets that are none",
    4_000,
    lambda n: conllu([("a", "Entity=" + "a" * n)]),
    reads("conllu"),
)
row(
    "formats.conllu._place",
    "CoNLL-U, many items with brackets",
    1_000,
    lambda n: conllu([("a", "|".join(["Entity=(a-b)"] * n))]),
    reads("conllu"),
)
row(
    "formats.conllu._closed",
    "CoNLL-U, brackets that all cross",
    1_000,
    lambda n: conllu([*(("a", f"Entity=(e{k}-person") for k in range(n)), *(("b", f"Entity=e{k})") for k in range(n))]),
    reads("conllu"),
)
row(
    "formats.conllu._closed",
    "CoNLL-U, brackets with many fields",
    1_000,
    lambda n: conllu(
        [("a", "Entity=(" + "a-" * n + "b"), *(("b", "Entity=(c-d)") for _ in range(n)), ("z", "Entity=a)")]
    ),
    reads("conllu"),
)
row(
    "formats.conllu",
    "CoNLL-U, an entity in n parts",
    1_000,
    lambda n: (
        b"# global.Entity = eid-etype\n" + conllu([("a", f"Entity=(e[{k}/{n}]-person)") for k in range(1, n + 1)])
    ),
    reads("conllu", discontinuous="split"),
)
row(
    "formats.conllu.PART",
    "CoNLL-U, an id of brackets",
    20_000,
    lambda n: conllu([("a", "Entity=(" + "[1/2" * n + "-person)")]),
    reads("conllu", discontinuous="split"),
)
row(
    "formats.conllu",
    "CoNLL-U, many comments",
    10_000,
    text_of(lambda n: "# newdoc\n# a\n# newpar\n" * n),
    reads("conllu"),
)
row(
    "formats.conllu._heads_fit",
    "CoNLL-U written, many sentences",
    3_000,
    lambda n: [words(n, sentences=1)],
    writes("conllu"),
)

# Tags and Rasa

row("formats.xml", "XML, tags that do not end", 3_000, text_of(lambda n: "<a>" * n), reads("xml"))
row(
    "formats.xml",
    "XML, a tag of attributes that does not end",
    50_000,
    text_of(lambda n: "<a " + "b=c " * n),
    reads("xml"),
)
row("formats.xml", "XML, elements n deep", 1_000, text_of(lambda n: "<a>x" * n + "</a>" * n), reads("xml"))
row(
    "formats.xml",
    "XML, elements n deep around white space",
    1_000,
    text_of(lambda n: "<a>" * n + " " * n + "x" + "</a>" * n),
    reads("xml"),
)
row("formats.xml", "XML, tags with a space", 20_000, text_of(lambda n: "<a >x</a >" * n), reads("xml"))
row("formats.xml", "XML, references", 5_000, text_of(lambda n: "&lt;&#60;&" * n), reads("xml", places=True))
row(
    "formats.xml",
    "XML, a reference of n digits",
    1_000_000,
    text_of(lambda n: "&#" + "0" * n + "65;"),
    reads("xml"),
    1 << 22,
)
row(
    "formats.xml",
    "XML, a document type of its own",
    50_000,
    text_of(lambda n: "<!DOCTYPE a [" + '<!ENTITY a "b">' * n + "]><a>&a;</a>"),
    reads("xml"),
)
row("formats.xml", "XML, comments", 20_000, text_of(lambda n: "<!-- a -->" * n), reads("xml"))
row("formats.xml", "XML written, each entity in another", 2_000, one(nested, 2), writes("xml"))
row(
    "formats.xml",
    "ENAMEX, many types",
    1_000,
    text_of(lambda n: "".join(f'<ENAMEX TYPE="L{k}">x</ENAMEX>' for k in range(n))),
    reads("enamex"),
)
for form in (
    "[",
    "[a]",
    "[a](",
    "[a](b:",
    "[a]{",
    "[a][",
    "[a][{",
    "[a][{}",
    "[a][{} ",
    "[]",
    "[a](b)",
    '[a]{"entity": "b"}',
):
    row(
        "formats.rasa.ENTITY",
        f"Rasa, {form!r} n times",
        1_000,
        lambda n, f=form: repeated(8 * n, f),
        lambda t: _parsed(t),
    )
row(
    "formats.rasa.SEVERAL",
    "Rasa written, brackets that do not close",
    1_000,
    lambda n: [Document("[" * 4 * n, id="a")],
    writes("rasa"),
)
row(
    "formats.rasa.SEVERAL",
    "Rasa written, lists that do not close",
    1_000,
    lambda n: [Document("[a][" * n, id="a")],
    writes("rasa"),
)
row(
    "formats.rasa._markdown",
    "Rasa, comments that do not end",
    2_000,
    text_of(lambda n: "## intent:a\n" + "<!--" * n),
    reads("rasa"),
)
row(
    "formats.rasa._markdown",
    "Rasa, a heading of spaces",
    4_000,
    text_of(lambda n: "## intent:a" + " " * n + "b\n- c\n"),
    reads("rasa"),
)
row(
    "formats.rasa._markdown",
    "Rasa, examples",
    1_000,
    text_of(lambda n: "## intent:a\n" + "- [a](b) c\n" * n),
    reads("rasa", places=True),
)
row(
    "formats.rasa._yaml",
    "Rasa, examples in a block",
    1_000,
    text_of(lambda n: "nlu:\n- intent: a\n  examples: |\n" + "    - [a](b) c\n" * n),
    reads("rasa", places=True),
)
row(
    "formats.rasa._yaml",
    "Rasa, examples in a list",
    100,
    text_of(lambda n: "nlu:\n- intent: a\n  examples:\n" + "  - text: a\n" * n),
    reads("rasa"),
)
row("formats.rasa._yaml", "Rasa, lists in lists", 100, text_of(lambda n: "nlu: " + "[" * n), reads("rasa"))
row("formats.rasa._yaml", "Rasa, aliases of aliases", 1_000, laughs, reads("rasa"))
row(
    "formats.rasa._yaml",
    "Rasa, one alias again and again",
    8_000,
    text_of(
        lambda n: (
            "nlu:\n- intent: a\n  examples:\n  - text: a\n    metadata: {b: &b ["
            + "x, " * n
            + "]}\n"
            + "  - text: a\n    metadata: {b: *b}\n" * n
        )
    ),
    reads("rasa"),
)

# brat

row(
    "formats.brat.KB_ID",
    "brat written, an id of colons",
    4_000,
    lambda n: [words(1, [(0, 1, "A")], attributes={Span(0, 1, "A"): {"kb_id": ":" * n + " x"}})],
    writes("brat"),
)
row("formats.brat", "brat written, all entities in one place", 2_000, one(in_place), writes("brat"))

# Entities on tokens

row("document.token_spans", "JSONL written, each entity in another", 2_000, one(nested, 2), writes("jsonl"))
row("document.token_spans", "GLiNER written, each entity in another", 2_000, one(nested, 2), writes("gliner"))
row(
    "document.token_spans",
    "JSONL written, entities that are on no tokens",
    5_000,
    lambda n: [
        Document(
            "xy " * n,
            [Span(3 * k, 3 * k + 1, "A") for k in range(n)],
            Tokens.make(range(0, 3 * n, 3), range(2, 3 * n, 3)),
        )
    ],
    writes("jsonl"),
)
row(
    "outputs",
    "CoNLL written, entities on no tokens, each in another",
    1_000,
    lambda n: [
        Document(
            "xy " * n,
            [Span(3 * k, 3 * n - 2, "A") for k in range(n)],
            Tokens.make(range(0, 3 * n, 3), range(2, 3 * n, 3)),
        )
    ],
    writes("conll"),
)
row(
    "align.align",
    "entities moved to tokens, each in another",
    1_000,
    lambda n: Document(
        "xy " * n,
        [Span(3 * k + 1, 3 * n - 2, "A") for k in range(n - 1)],
        Tokens.make(range(0, 3 * n, 3), range(2, 3 * n, 3)),
    ),
    lambda d: align(d, "expand", Report()),
)
for how in ("longest", "first"):
    for kind, spans, size in (
        ("one over all", covered, 1),
        ("each in another", nested, 2),
        ("all cross", crossing, 2),
        ("all in one place", in_place, 1),
    ):
        for may_nest in (False, True):
            row(
                "align.flatten",
                f"overlap {how}{', may nest' * may_nest}, {kind}",
                1_000,
                lambda n, s=spans, z=size: words(z * n, s(n)),
                lambda d, h=how, m=may_nest: flatten(d, h, Report(), may_nest=m),
            )
row(
    "labels.relabel",
    "all labels become one",
    5_000,
    one(in_place),
    lambda d: relabel(d[0], {f"L{k}": "A" for k in range(len(d[0].spans))}, None, None, Report()),
)
row(
    "outputs._Put",
    "documents, a label each, with --keep-going",
    300,
    lambda n: [words(1, [(0, 1, f"L{k}")], id=str(k)) for k in range(n)],
    writes("jsonl", keep_going=True),
)
row(
    "docbin", "DocBin written, each entity in another", 300, one(nested, 2), writes("spacy", on_overlap="keep"), 1 << 13
)
row("formats.parquet", "Parquet written, all entities in one place", 2_000, one(in_place), writes("parquet"))
row(
    "sentences",
    "a document for each sentence",
    3_000,
    lambda n: words(n, covered(n), sentences=1),
    lambda d: list(by_sentence(d)),
)
row("inputs.Ids", "documents with one id", 2_000, lambda n: ["a"] * n, ids)
row("new_files", "files that take their names together", 300, lambda n: n, put_in_place, 1 << 13)
row(
    "inputs._walk",
    "hidden folders",
    500,
    lambda n: HIDDEN.get(n) or HIDDEN.setdefault(n, hidden_folders(n)),
    walk,
    1 << 14,
)

# Evaluating

for kind, gold, predicted, size in (
    ("gold covered by one", covered, lambda n: [(k, k + 1, "B") for k in range(n)], 1),
    ("one over all predictions", lambda n: [(k, k + 1, "B") for k in range(n)], covered, 1),
    ("each in another", nested, lambda n: [(k, 2 * n - k, "B") for k in range(n)], 2),
    ("all cross", crossing, lambda n: [(k, n + k, "B") for k in range(n)], 2),
    ("all in one place", in_place, lambda n: [(0, 1, f"M{k}") for k in range(n)], 1),
    ("nothing found", flat, lambda n: [(k + 1, k + 2, "A") for k in range(0, n, 2)], 2),
):
    row("evaluation.matching", f"evaluate, {kind}", 600, pair(gold, predicted, size), scores)
row(
    "evaluation.evaluate_tags",
    "tags of n labels",
    3_000,
    lambda n: [[f"B-{k}" for k in range(n)]],
    lambda t: evaluate_tags(t, t).systems[0].micro,
)
row(
    "evaluation.agreement",
    "agree, each entity in another",
    300,
    pair(nested, nested, 2),
    lambda s: agree({"a": [s[0]], "b": [s[1]]}).as_dict(),
    1 << 16,
)

# Checking and counting

row("check", "check, one entity over all", 300, one(covered), checks)
row("check", "check, each entity in another", 300, one(nested, 2), checks)
row("check", "check, all entities cross", 300, one(crossing, 2), checks)
row("check.mentions", "check, a mention with n labels", 300, one(in_place), checks)
row("check.mentions", "check, n labels of a mention that is plain as well", 300, one(labelled), checks)
row("check.labels", "check, n labels", 300, one(labelled), checks)
row(
    "check.form",
    "check, a mention of classification marks",
    1_000,
    lambda n: [Document("a S" + "/REL TO S" * n + "(", [Span(0, 9 * n + 4, "A")], id="a")],
    checks,
)
row(
    "check.form",
    "check, a mention of punctuation",
    500,
    lambda n: [Document("(" * n + "a" + ")" * n, [Span(0, 2 * n + 1, "A")], id="a")],
    checks,
)
row("check", "check, lines of signs", 2_000, lambda n: [Document("a " + "-_=" * n, [Span(0, 1, "A")], id="a")], checks)
row(
    "check.texts",
    "check, one text n times, the first with white space",
    300,
    lambda n: [Document("a b c d" + " \n" * 10 * n + "e f g h", id="0"), *documents(n, lambda k: "a b c d e f g h")],
    checks,
)
row("check.parts", "parts of n inputs", 200, placed, lambda p: parts_of(*p))
row(
    "duplicates",
    "near duplicates of one template",
    300,
    lambda n: [" ".join(f"w{j}" if j % 10 else f"n{k}x{j}" for j in range(60)) for k in range(n)],
    groups,
)
row(
    "duplicates",
    "texts in a chain, each near the next",
    100,
    lambda n: [" ".join(f"w{k + j}" for j in range(60)) for k in range(n)],
    groups,
)
row("statistics", "statistics, each entity in another", 1_000, one(nested, 2), lambda d: list(tables(statistics(d))))
row(
    "statistics",
    "statistics, n mentions of n labels, all told",
    1_000,
    lambda n: [
        Document(" ".join(f"w{k:09}" for k in range(n)), [Span(11 * k, 11 * k + 10, f"L{k}") for k in range(n)])
    ],
    lambda d: statistics(d).as_dict(len(d[0].spans)),
)
row(
    "training.prepare",
    "prepare, n labels in each document",
    500,
    lambda n: [words(n, ((k, k + 1, f"L{k}") for k in range(n)))] * 3,
    lambda d: list(_unmet(d, d)),
)
row(
    "training.split",
    "split, n groups of a label each",
    500,
    lambda n: [{"": 1, f"L{k}": 1} for k in range(n)],
    lambda g: assign(g, [80, 10, 10]),
)

# Looking

for kind, spans, size in (
    ("one over all", covered, 1),
    ("each in another", nested, 2),
    ("all cross", crossing, 2),
    ("all in one place", in_place, 1),
):
    row("view", f"view, entities {kind}", 1_000, one(spans, size), lambda d: list(lines(d[0], width=80)))
row("view", "view in colours, n labels", 1_000, one(labelled), lambda d: list(lines(d[0], width=80, colours=Colours())))
row("view", "view, one long word", 4_000, lambda n: Document("é" * n), lambda d: list(lines(d, width=80)))
for kind, spans, size in (("one over all", covered, 1), ("each in another", nested, 2), ("all cross", crossing, 2)):
    row("view", f"view as HTML, {kind}", 300, one(spans, size), lambda d: list(page(d)), 1 << 14)


def _parsed(text: str) -> object:
    try:
        return parse_example(text)
    except DataError as error:
        return str(error)


# Measuring


def cpu(row: Row, sizes: Sequence[int], times: int) -> list[float]:
    """The least CPU time of several at each size, in turns, so that a busy machine slows all of them alike."""
    best = [float("inf")] * len(sizes)
    inputs = [row.make(size) for size in sizes]
    for _ in range(times):
        for number, given in enumerate(inputs):
            gc.disable()
            begin = time.process_time()
            row.run(given)
            best[number] = min(best[number], time.process_time() - begin)
            gc.enable()
    return best


def measured(row: Row, factor: int = 2, enough: float = 0.2, times: int = 3) -> tuple[int, list[float]]:
    """A size that takes long enough, and the times there and at `factor` times that."""
    size = row.size
    cpu(row, [size], 1)  # imports what it needs
    while size < row.most and cpu(row, [size], 1)[0] < enough:
        size *= 2
    return size, cpu(row, [size, size * factor], times)


LIMIT = 2.8
NOTHING = 0.05
"""Seconds at 2n below which a growth says nothing: the row's cap is too small for more."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("filter", nargs="?", default="")
    parser.add_argument("--enough", type=float, default=0.2)
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}; CPU seconds")
    print(f"{'attacks':26} {'':58} {'n':>9} {'n':>7} {'2n':>7}  growth")
    worse = []
    for row in ROWS:
        if options.filter not in f"{row.attacks}: {row.name}":
            continue
        size, (small, large) = measured(row, enough=options.enough)
        if large > max(LIMIT * small, NOTHING):
            again = cpu(row, [size, 2 * size], 5)
            small, large = min((small, large), tuple(again), key=lambda pair: pair[1] / pair[0])
        growth = large / max(small, 1e-9)
        is_worse = large > max(LIMIT * small, NOTHING)
        worse += [row.name] * is_worse
        mark = " <--" * is_worse
        print(f"{row.attacks:26} {row.name:58} {size:9,} {small:7.3f} {large:7.3f}  {growth:5.2f}{mark}", flush=True)
    print(f"{len(worse)} of them are worse than linear" if worse else "all are linear")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
