r"""Bad input: every fault in every format that can have it. And good input that looks odd, which must come through.

A row of `FAULTS` is a document, or several, of the format that it is listed under. What is at fault stands between «
and »: the message must name a line and a column in there. Between ‹ and › the line is enough, where a document as a
whole is at fault. Bytes that are no UTF-8 stand as `surrogateescape` has them: ``\udce9`` is the byte E9. To add a
case, add a row. Left out is what a format cannot have: offsets where there are tags, ids in markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from pyarrow import parquet as pq
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab
from typer.main import get_command

from converters import Document, ReadOptions, Report, Span, Tokens, read, write
from converters.cli import app
from converters.formats import formats

# Documents by hand: what a good file of each format looks like


class Sample(NamedTuple):
    """The words of a text, with one space between, and which of them are its only entity."""

    words: tuple[str, ...]
    first: int
    stop: int

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def mention(self) -> str:
        return " ".join(self.words[self.first : self.stop])

    @property
    def span(self) -> Span:
        start = len(" ".join([*self.words[: self.first], ""]))
        return Span(start, start + len(self.mention), "PER")

    @property
    def utf16(self) -> tuple[int, int]:
        """The offsets of the entity in UTF-16 units."""
        start, end = (len(self.text[:at].encode("utf-16-le", "surrogatepass")) // 2 for at in self.span[:2])
        return start, end

    def offsets(self, unit: str) -> tuple[int, int]:
        return self.utf16 if unit == "utf16" else self.span[:2]

    def tags(self, letters: str = "BIIB") -> list[str]:
        """A tag a word; `letters`: of the first, inner, last and only word of an entity."""
        size = self.stop - self.first
        inside = letters[3] if size == 1 else letters[0] + letters[1] * (size - 2) + letters[2]
        tags = ["O"] * self.first + [f"{letter}-PER" for letter in inside]
        return tags + ["O"] * (len(self.words) - self.stop)

    def marked(self, before: str, after: str) -> str:
        """The text with something before and after the entity."""
        return self.text[: self.span.start] + before + self.mention + after + self.text[self.span.end :]


def conll(letters: str) -> Callable[[Sample], str]:
    def made(sample: Sample) -> str:
        rows = zip(sample.words, sample.tags(letters), strict=True)
        return "-DOCSTART- -X- O O\n\n" + "".join(f"{word}\t{tag}\n" for word, tag in rows) + "\n"

    return made


def cogcomp(sample: Sample) -> str:
    rows = enumerate(zip(sample.words, sample.tags(), strict=True))
    lines = [f"{tag}\t0\t{number}\tO\tNN\t{word}\tx\tx\t0\n" for number, (word, tag) in rows]
    return "O\t0\t0\tO\t-X-\t-DOCSTART-\tx\tx\t0\n\n" + "".join(lines) + "\n"


def conllu(sample: Sample) -> str:
    rows = enumerate(zip(sample.words, sample.tags(), strict=True), 1)
    lines = [f"{number}\t{word}" + "\t_" * 7 + f"\tname={tag}\n" for number, (word, tag) in rows]
    return f"# newdoc\n# text = {sample.text}\n" + "".join(lines) + "\n"


def record(made: Callable[[Sample, str], Any], *, unit: str = "char") -> Callable[..., str]:
    """A format of JSON Lines: a line a document."""

    def line(sample: Sample, unit: str = unit, *, ascii: bool = False) -> str:
        return json.dumps(made(sample, unit), ensure_ascii=ascii) + "\n"

    return line


def prodigy(sample: Sample, unit: str) -> dict[str, Any]:
    ends = [Sample(sample.words, number, number + 1).offsets(unit) for number in range(len(sample.words))]
    tokens = [{"text": word, "start": s, "end": e} for word, (s, e) in zip(sample.words, ends, strict=True)]
    start, end = sample.offsets(unit)
    return {"text": sample.text, "tokens": tokens, "spans": [{"start": start, "end": end, "label": "PER"}]}


def label_studio(sample: Sample, unit: str) -> dict[str, Any]:
    start, end = sample.offsets(unit)
    value = {"start": start, "end": end, "text": sample.mention, "labels": ["PER"]}
    result = {"from_name": "label", "to_name": "text", "type": "labels", "value": value}
    return {"data": {"text": sample.text}, "annotations": [{"result": [result]}]}


def rasa(sample: Sample) -> str:
    text = json.dumps(sample.marked("[", "](PER)"), ensure_ascii=False)
    # what YAML takes for a line break, or does not allow
    text = re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", text)
    return f"- intent: x\n  examples:\n  - text: {text}\n"


def docbin(sample: Sample, *data: dict[str, Any]) -> bytes:
    """The sample as a DocBin, once for each of `data`, which goes into the user data."""
    made = DocBin(store_user_data=True)
    for user_data in data or ({},):
        doc = Doc(Vocab(), list(sample.words), [True] * (len(sample.words) - 1) + [False], ents=sample.tags())
        doc.user_data.update(user_data)
        made.add(doc)
    return made.to_bytes()


def parquet(*rows: dict[str, Any]) -> bytes:
    file = BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), file)
    return file.getvalue()


TEXT: dict[str, Callable[..., str]] = {
    "conll": conll("BIIB"),
    "conll-iob1": conll("IIII"),
    "conll-io": conll("IIII"),
    "conll-bioes": conll("BIES"),
    "conll-bilou": conll("BILU"),
    "cogcomp-columns": cogcomp,
    "conllu": conllu,
    "jsonl": record(prodigy),
    "doccano": record(lambda sample, unit: {"text": sample.text, "label": [[*sample.offsets(unit), "PER"]]}),
    "label-studio": record(label_studio, unit="utf16"),
    "spacy-v2": record(lambda sample, unit: [sample.text, {"entities": [[*sample.offsets(unit), "PER"]]}]),
    "huggingface": record(lambda sample, _: {"tokens": sample.words, "ner_tags": sample.tags()}),
    "gliner": record(lambda s, _: {"tokenized_text": s.words, "ner": [[s.first, s.stop - 1, "PER"]]}),
    "rasa": rasa,
    "brackets": lambda sample: sample.marked("[PER ", "  ]") + " \n",
    "brackets-line": lambda sample: sample.marked("[PER ", "]") + "\n",
    "brackets-inline": lambda sample: sample.marked("[PER ", " ] ") + "\n",
    "brat": lambda sample, unit="char": "T1\tPER {} {}\t{}\n".format(*sample.offsets(unit), sample.mention),
    "xml": lambda sample: sample.marked("<PER>", "</PER>"),
    "enamex": lambda sample: sample.marked('<ENAMEX TYPE="PER">', "</ENAMEX>"),
}
BINARY: dict[str, Callable[[Sample], bytes]] = {
    "spacy": docbin,
    "parquet": lambda s: parquet({"text": s.text, "tokens": s.words, "ner_tags": s.tags()}),
}
"""A document in each format, by hand or by the format's own tool: none of it has come from our own writers."""

GOOD = Sample(("Anna", "met", "Bob", "Dylan"), 2, 4)
HEADERS = {"rasa": 'version: "3.1"\nnlu:\n'}
"""What stands at the top of a file, before all documents."""

ONE_EACH = [name for name in TEXT if formats()[name].one_each]
SEVERAL = [name for name in TEXT if name not in ONE_EACH]
JSON = ["jsonl", "doccano", "label-studio", "spacy-v2", "huggingface", "gliner"]
CONLL = "conll conll-iob1 conll-io conll-bioes conll-bilou"


def test_no_format_is_left_out() -> None:
    assert {*TEXT, *BINARY} == set(formats())


# Faults

Table = dict[str, dict[str, list[str]]]
"""By fault and format (or several that are alike, with spaces between): documents with what is at fault marked."""

SAYS = {
    "ragged line": r"column|carriage return|parts|tags for|values|no line of brat|should be|offsets|neither",
    "tag without a label": r"label|should be a string|not one of|no tag|no TYPE|no entity|closed here",
    "offsets": r"outside|empty|offsets|overlap|whole number|clos",
    "mention": r"Berta?\b|no white space",
    "duplicate id": r"second|twice|again",
    "cut short": r"JSON|YAML|clos|no tag|multiword|columns?|offsets",
    "mixed dialects": "",
    "NaN": "NaN|Infinity|nan|inf|JSON",
    "lone surrogate": "surrogate|no character|no label|no white space",
    "wrong type": "should be|is no|neither|has no|but no|missing|null|name",
    "markup": r"cross|clos|nothing|order|second|no JSON|empty|unknown|bracket|inside|example|section|not in the file",
    "not UTF-8": "byte 0x.. is not UTF-8",
}
"""What a message says of a fault, so that none is told for another reason; of mixed dialects the place is enough."""

DOCSTART = "-DOCSTART-\n\n"
NO_LABEL = ("B-", "B", "-PER", "PER", "O-PER", "-", "_")
NO_LABELS = ("\a", "P\u2028R")
"""Strings that are no labels."""
OWN = Sample(("Eve", "left"), 0, 1)
"""A good document that stands in a row beside the one at fault."""


def nine(*rows: str) -> str:
    """A document of the tagger's nine columns, each row given by its tag and word."""
    lines = ["{}\t0\t0\tO\tNN\t{}\tx\tx\t0\n".format(*row.split(" ")) for row in rows]
    return "O\t0\t0\tO\t-X-\t-DOCSTART-\tx\tx\t0\n\n" + "".join(lines)


def ud(*rows: str, top: str = "") -> str:
    """A document of CoNLL-U, each row given by its number, word and MISC."""
    lines = ["{}\t{}{}\t{}\n".format(*row.split(" ")[:2], "\t_" * 7, row.split(" ")[2]) for row in rows]
    return "".join([f"# newdoc{top}\n", *lines])


def tagged(*tags: str) -> str:
    """A record of Hugging Face's with those tags."""
    return json.dumps({"tokens": ["a"] * len(tags), "ner_tags": tags}, ensure_ascii=False) + "\n"


def yml(*examples: str) -> str:
    return "".join(["- intent: x\n  examples:\n", *(f"  - text: {example}\n" for example in examples)])


FAULTS: Table = {
    "ragged line": {
        CONLL: [f"{DOCSTART}a\tO\n«{row}»\n" for row in ("b\tNN\tO", "b", "b O O")] + [f"{DOCSTART}«a\tO\rb\tO\r»\n"],
        "cogcomp-columns": [
            f"{nine('O a')}«{row}»\n"
            for row in ("O\t0\t1\tO\tNN\tb\tx\tx", "O\t0\t1\tO\tNN\tb\tx\tx\t0\t0", "O 0 1 O NN b x x 0", "b\tO")
        ],
        "conllu": [
            f"{ud('1 a _')}{row}\n"
            for row in ("«2»\tb" + "\t_" * 7, "«2»\tb" + "\t_" * 9, "2\tb\t«»" + "\t_" * 7, "«2» b" + " _" * 8)
        ],
        "doccano": [f'{{"text": "Anna", "label": [«{item}»]}}\n' for item in ("[0, 4]", '[0, 4, "PER", 1]')],
        "spacy-v2": ['«["Anna"]»\n', '["Anna", {"entities": [«[0, 4]»]}]\n'],
        "gliner": ['{"tokenized_text": ["Anna"], "ner": [«[0, 0]»]}\n'],
        "huggingface": [
            '{"tokens": ["a", "b"], "ner_tags": «["O"]»}\n',
            '{"tokens": ["a"], "ner_tags": «["O", "O"]»}\n',
            '{"tokens": ["a"], "ner_tags": ["O"], "spaces": «[]»}\n',
            '{"tokens": ["a", "b"], "ner_tags": ["O", "O"], "pos_tags": «["NN"]»}\n',
        ],
        "brat": ["«T1»\n", "«T1 PER 0 4 Anna»\n", "«Anna»\n", "T1\t«PER 0»\tAnna\n", "T1\t«PER 0 4 8»\tAnna\n"],
    },
    "tag without a label": {
        CONLL: [f"{DOCSTART}a\tO\nb\t«{tag}»\n" for tag in NO_LABEL if tag != "PER"],
        "conll conll-iob1 conll-bioes conll-bilou": [f"{DOCSTART}a\tO\nb\t«PER»\n"],  # in IO it is a label
        "conll": [f"{DOCSTART}a\tO\nb\t«B-{label}»\n" for label in NO_LABELS],
        "conll-iob1 conll-io": [f"{DOCSTART}a\tO\nb\t«I-{label}»\n" for label in ("", *NO_LABELS)],
        "conll-bioes": [f"{DOCSTART}a\tO\nb\t«{tag}»\n" for tag in ("E-", "S", *(f"S-{x}" for x in ("", *NO_LABELS)))],
        "conll-bilou": [f"{DOCSTART}a\tO\nb\t«{tag}»\n" for tag in ("L-", "U", *(f"U-{x}" for x in ("", *NO_LABELS)))],
        "cogcomp-columns": [nine("O a", f"«{tag}» b") for tag in (*NO_LABEL, *(f"B-{label}" for label in NO_LABELS))],
        "conllu": [
            ud("1 a name=O", f"2 b name=«{tag}»") for tag in (*NO_LABEL, *(f"B-{label}" for label in NO_LABELS))
        ],
        "huggingface": [re.sub(r'("[^"]*")\]\}', r"«\1»]}", tagged("O", tag)) for tag in (*NO_LABEL, "B-\a")],
        "brat": ["T1\t« 0 4»\tAnna\n", "T1\t«0 4»\tAnna\n"],
        "xml": ["a\n<>Anna«</>» left"],
        "enamex": [f"a\n«<ENAMEX{type}>»Anna</ENAMEX>" for type in ("", ' TYPE=""', " TYPE", ' TYPE="&#7;"')],
        "brackets": ["In [LOC Rome  ] and [per Anna  «]» left . \n"],
        "rasa": [yml("a", f"‹'{text}'›") for text in ('[A]{"role": "x"}', '[A]{"entity": ""}', '[A]{"entity": null}')],
    },
    "offsets": {
        "brat": [f"T1\tPER «{offsets}»\tAnna\n" for offsets in ("0 99", "99 103", "4 4", "4 0", "0 4;9 99", "0 4;4 4")]
        + ["T1\tPER «0 4;2 6»\tAnna na m\n"]
        + [f"T1\t«PER {offsets}»\tAnna\n" for offsets in ("-1 4", "0 4.0", "0 NaN", "0 true", "0 ²")],
        "conllu": [ud("1 a «Entity=e1)»"), ud("1 a «Entity=(e1-person»", "2 b _")],
    },
    "mention": {
        "jsonl": [
            '{"text": "Anna", "tokens": [«{"text": "Bert", "start": 0, "end": 4}»]}\n',
            '{"text": "Anna", "spans": [«{"text": "Bert", "start": 0, "end": 4, "label": "PER"}»]}\n',
        ],
        "label-studio": [TEXT["label-studio"](GOOD).replace('{"from', '«{"from').replace('"Bob D', '»"Bert D')],
        "huggingface": ['{"tokens": [«"Anna"], "ner_tags": ["O"], "text": "Bert"»}\n'],
        "brat": ["T1\tPER 0 4\t«Bert»\n", "T1\tPER 0 4;9 12\t«Anna Bert»\n"],
        "conllu": ["# newdoc\n‹# text = Bert left›\n" + ud("1 Anna _", "2 left _").removeprefix("# newdoc\n")],
    },
    "duplicate id": {
        CONLL: [f"{DOCSTART}# id = d1\na\tO\n\n{DOCSTART}‹# id = d1\nb\tO›\n"],
        "conllu": [ud("1 a _", top=" id = d1") + "\n‹" + ud("1 b _", top=" id = d1") + "›"],
        "jsonl": [
            '{"text": "a", "meta": {"id": "d1"}}\n‹{"text": "b", "meta": {"id": "d1"}}›\n',
            '{"text": "a", "meta": {"id": "9"}}\n‹{"text": "b", "meta": {"id": 9}}›\n',
        ],
        "doccano": ['{"id": 1, "text": "a", "label": []}\n‹{"id": 1, "text": "b", "label": []}›\n'],
        "label-studio": ['{"id": 1, "data": {"text": "a"}}\n‹{"id": 1, "data": {"text": "b"}}›\n'],
        "spacy-v2": ['["a", {"entities": [], "meta": {"id": 1}}]\n‹["b", {"entities": [], "meta": {"id": 1}}]›\n'],
        "huggingface": [tagged("O").replace("}", ', "id": "1"}') + "‹" + tagged("O").replace("}", ', "id": "1"}›')],
        "gliner": ['{"id": 1, "tokenized_text": ["a"], "ner": []}\n‹{"id": 1, "tokenized_text": ["b"], "ner": []}›\n'],
        "rasa": [yml("a\n    metadata: {id: d1}", "‹b\n    metadata: {id: d1}›")],
        "brat": ["T1\tPER 0 4\tAnna\n«T1»\tORG 9 12\tIBM\n"],
    },
    "cut short": {
        CONLL: [f"{DOCSTART}a\tO\n\n«b»\n"],
        "cogcomp-columns": [nine("O a") + "«O\t0\t1\tO\tNN\tb»\n"],
        "conllu": [ud("1 a _", "«2-3 bc _", "2 b _»"), ud("1 a _") + "«2\tb\t_»\n"],
        "xml": [
            "a «<PER>»Bob",
            "a «<PER»",
            "a <PER>Bob«</PER»",
            "a «<!--» Bob",
            "a «<![CDATA[» Bob",
            "a «<PER n='1>»Bob</PER>",
        ],
        "enamex": ['a «<ENAMEX TYPE="PER">»Bob', 'a «<ENAMEX TYPE="PE»', 'a <ENAMEX TYPE="PER">Bob«</ENAMEX»'],
        "brackets": ["In [LOC Rome  ] and «[»PER Bo", "In «[»LOC Rome  \n"],
        "brackets-line": ["In [LOC Rome] and «[»PER Bo"],
        "brackets-inline": ["In [LOC Rome ]  and «[»PER Bo"],
        "brat": ["T1\tPER 0 4\tAnna\nT2\t«OR»\n"],
    },
    "mixed dialects": {
        "conll": [
            f"{DOCSTART}a\tB-X\nb\tI-X\nc\t«S-X»\n",
            f"{DOCSTART}a\tB-X\nb\tI-X\n\n{DOCSTART}c\t«S-X»\n",
            f"{DOCSTART}a\tB-X\nb\tI-X\n\n{DOCSTART}c\t«I-X»\n",
            f"{DOCSTART}a\tO\n\n{DOCSTART}«b»\tNN\tI-NP\tO\n",
        ],
        "conll-iob1": [f"{DOCSTART}a\t«B-X»\n", f"{DOCSTART}a\t«S-X»\n"],
        "conll-io": [f"{DOCSTART}a\t«B-X»\n"],
        "conll-bioes": [f"{DOCSTART}a\tB-X\nb\tI-X\nc\t«O»\n", f"{DOCSTART}a\t«U-X»\n"],
        "conll-bilou": [f"{DOCSTART}a\tB-X\nb\tI-X\nc\t«O»\n", f"{DOCSTART}a\t«S-X»\n"],
        "cogcomp-columns": [nine("«S-X» a"), nine("«I-X» a"), nine("O a") + "\n«-DOCSTART-» -X- O O\n\nb\tO\n"],
        "conllu": [
            ud("1 a name=B-X", "2 b «NE=B-X»"),
            ud("1 a name=B-X", "2 b name=I-X", "3 c name=«O", "4 d name=U-X»"),
            ud("1 a name=B-X") + "\n" + ud("1 b «NE=B-X»"),
            ud("1 a name=B-X", "2 b name=I-X") + "\n" + ud("1 c name=«S-X»"),
        ],
        "huggingface": [
            tagged("B-X", "I-X") + '{"tokens": [«"c"], "ner_tags": ["S-X"»]}\n',
            tagged("B-X", "I-X") + '{"tokens": [«"c"], "ner_tags": ["I-X"»]}\n',
        ],
        "doccano": ['«{"text": "Anna", "label": [[0, 4, "PER"]], "entities": [[0, 4, "PER"]]}»\n'],
        "brackets": ["In [LOC Rome  ] and «[PER Anna]» left . \n"],
        "brackets-line": ["In [LOC Rome] and «[PER Anna  ]» left .\n"],
        "brackets-inline": ["In [LOC Rome ]  and «[PER Anna]» left.\n"],
        "xml": ['<PER>Anna</PER> met «<ENAMEX TYPE="ORG">»IBM</ENAMEX>'],
    },
    "NaN": {"rasa": [yml("a\n    ‹metadata: {score: .nan}›"), yml("a\n    ‹metadata: {score: .inf}›")]},
    "lone surrogate": {
        "xml": ["a\n<PER>Bo«&#xD83D;»</PER>", 'a\n<PER n="«&#55357;»">Bo</PER>', "a\n«&#x110000;»"],
        "enamex": ['a\n<ENAMEX TYPE="PER">Bo«&#xD83D;»</ENAMEX>', 'a\n<ENAMEX TYPE="«&#55357;»">Bo</ENAMEX>'],
        "rasa": [
            *(yml("a", text) for text in (r'‹"Bo\ud83d"›', r'‹"[Bo](P\ud83d)"›')),
            yml('a\n    ‹metadata: {id: "\\ud83d"}›'),
            '‹- intent: "\\ud83d"›\n  examples:\n  - text: a\n',
        ],
        "jsonl": [
            r'«{"text": "a", "meta": {"k": "\ud83d"}}»' + "\n",
            r'«{"text": "a", "meta": {"\ude00\ud83d": 1}}»' + "\n",
        ],
    },
    "wrong type": {
        "jsonl": [
            '{"text": «null»}\n',
            '«{"spans": []}»\n',
            '{"text": «7»}\n',
            '{"text": "a", "spans": «{}»}\n',
            '{"text": "a", "spans": [«7»]}\n',
            '{"text": "a", "tokens": «"a"»}\n',
            '{"text": "a", "tokens": [«"a"»]}\n',
            '{"text": "a", "tokens": [«{"text": "a", "start": "0", "end": 1}»]}\n',
            '{"text": "a", "tokens": [«{"text": 7, "start": 0, "end": 1}»]}\n',
            '{"text": "a", "meta": «[]»}\n',
            '{"text": "a", "meta": «{"id": [1]}»}\n',
            '{"text": "a", "meta": «{"id": true}»}\n',
        ],
        "doccano": [
            '{"text": «null»}\n',
            '«{"label": []}»\n',
            '{"text": "a", "label": «{}»}\n',
            '{"text": "a", "label": «"PER"»}\n',
            '{"text": "a", "label": [«"PER"»]}\n',
            '{"id": «[1]», "text": "a"}\n',
            '{"id": «true», "text": "a"}\n',
        ],
        "label-studio": [
            '«{"data": {"text": 7}}»\n',
            '«{"data": {}}»\n',
            '{"data": {"text": "a"}, "annotations": «{}»}\n',
            '{"data": {"text": "a"}, "annotations": [«7»]}\n',
            '{"data": {"text": "a"}, "annotations": [{"result": «{}»}]}\n',
            '{"data": {"text": "a"}, "annotations": [{"result": [«7»]}]}\n',
            '{"data": {"text": "a"}, "annotations": [{"result": [«{"type": "labels", "value": null}»]}]}\n',
            '{"data": {"t": "a"}, "annotations": [{"result": [{"value": {"start": 0, "end": 1, "labels": «7»}}]}]}\n',
            '{"id": «true», "data": {"text": "a"}}\n',
        ],
        "spacy-v2": [
            '[«null», {"entities": []}]\n',
            '["a", «7»]\n',
            '["a", {"entities": «{}»}]\n',
            '["a", {"entities": [«7»]}]\n',
            '["a", {"entities": [], "meta": «7»}]\n',
            '["a", {"entities": [], "meta": «{"id": [1]}»}]\n',
        ],
        "huggingface": [
            '{"tokens": «"a"», "ner_tags": ["O"]}\n',
            '{"tokens": [«7»], "ner_tags": ["O"]}\n',
            '«{"tokens": ["a"]}»\n',
            '{"tokens": ["a"], "ner_tags": «"O"»}\n',
            '{"tokens": ["a"], "ner_tags": [«null»]}\n',
            '{"tokens": ["a"], "ner_tags": [«true»]}\n',
            '{"tokens": ["a"], "ner_tags": [«0»]}\n',
            '{"tokens": ["a"], "ner_tags": [«1.0»], "ner_tag_names": ["O", "B-X"]}\n',
            '{"tokens": ["a"], "ner_tags": [«2»], "ner_tag_names": ["O", "B-X"]}\n',
            '{"tokens": ["a"], "ner_tags": ["O"], "text": «7»}\n',
            '{"tokens": ["a"], "ner_tags": ["O"], "spaces": «[»"no"]}\n',
            '{"tokens": ["a"], "ner_tags": ["O"], "meta": «7»}\n',
            '{"tokens": ["a"], "ner_tags": ["O"], "id": «[1]»}\n',
        ],
        "gliner": [
            '{"tokenized_text": «"a"»}\n',
            '{"tokenized_text": [«7»]}\n',
            '{"tokenized_text": ["a"], "ner": «{}»}\n',
            '{"tokenized_text": ["a"], "ner": [«7»]}\n',
            '{"tokenized_text": ["a"], "meta": «7»}\n',
            '{"tokenized_text": ["a"], "id": «[1]»}\n',
        ],
        "rasa": ["‹- 7›\n", yml("a", "‹7›"), "‹- intent: x\n  examples: 7›\n", "‹- intent:\n  examples: []›\n"],
    },
    "markup": {
        "xml": [
            "a\n<X>b <Y>c«</X>» d</Y>",
            "a\nb«</X>»",
            "a\n«<X/>»",
            "a\n«<X> </X>»",
            "a\n<X n='1' «n»='2'>b</X>",
        ],
        "enamex": ['a\n<ENAMEX TYPE="X">b <NUMEX TYPE="Y">c«</ENAMEX>» d</NUMEX>', "a\nb«</ENAMEX>»"],
        "brackets": ["a . \nIn «[»XYZ Rome  ] . \n", "a . \n[LOC Rome «[»PER Anna  ]  ] . \n", "a . \n«[»LOC   ] . \n"],
        "brackets-line": ["a .\nIn «[»XYZ Rome] .\n", "a .\n[LOC Rome «[»PER Anna]] .\n"],
        "brackets-inline": ["a.\n[LOC Rome «[»PER Anna ] ] .\n", "a.\n«[»LOC  ]  left.\n"],
        "brat": ["T1\tPER 0 4\tAnna\nA1\t«Sure T2»\n", "T1\tPER 0 4\tAnna\nN1\t«Reference T2 a:b»\tc\n"],
        "conllu": [ud("1 a _", "«3» b _"), ud("«x» a _"), ud("1 a _") + "‹# late›\n", ud("1 a «Entity=x»")],
        "rasa": [yml("a", "‹'[A]{\"entity\": }'›"), "- intent: x\n  examples: |\n    - a\n    ‹b›\n"],
    },
}

SPANS = {
    "jsonl": ('{"text": "Anna met IBM", "spans": [#]}\n', '{"start": #, "end": #, "label": #}'),
    "doccano": ('{"text": "Anna met IBM", "label": [#]}\n', "[#, #, #]"),
    "doccano ": (
        '{"text": "Anna met IBM", "entities": [#]}\n',
        '{"id": 7, "start_offset": #, "end_offset": #, "label": #}',
    ),
    "label-studio": (
        '{"data": {"text": "Anna met IBM"}, "annotations": [{"result": [#]}]}\n',
        '{"type": "labels", "value": {"start": #, "end": #, "labels": [#]}}',
    ),
    "label-studio ": (
        '{"text": "Anna met IBM", "label": [{"start": 0, "end": 4, "labels": ["PER"]}, #]}\n',
        '{"start": #, "end": #, "labels": [#]}',
    ),
    "spacy-v2": ('["Anna met IBM", {"entities": [#]}]\n', "[#, #, #]"),
    "gliner": ('{"tokenized_text": ["Anna", "met", "IBM"], "ner": [#]}\n', "[#, #, #]"),
}
"""The JSON formats that give an entity by its offsets: a record, and an entity in it."""

ENTITIES = {
    "offsets": ["0 99 'X'", "99 103 'X'", "-4 -1 'X'", "9 9 'X'", "2 0 'X'", "0 1000000000000000000000 'X'"],
    "NaN": ["NaN 2 'X'", "0 Infinity 'X'", "-Infinity 2 'X'", "0 1e400 'X'"],
    "wrong type": ["'0' 2 'X'", "null 2 'X'", "true 2 'X'", "0 [2] 'X'", "0 2.0 'X'", "0 2 7", "0 2 true"],
    "tag without a label": ["0 2 null", "0 2 ''", r"0 2 '\u0007'", r"0 2 'a\n'"],
    "lone surrogate": [r"0 2 '\ud83d'", r"0 2 '\ude00\ud83d'"],
}
"""Entities that are wrong: start, end, and label."""


def fill(pattern: str, *values: str) -> str:
    for value in values:
        pattern = pattern.replace("#", value, 1)
    return pattern


def with_field(line: str, field: str) -> str:
    """A record with one field more."""
    return re.sub(r"\}(\]?)\n", rf", {field}}}\1\n", line)


def generated() -> Iterator[tuple[str, str, str]]:
    """Faults that all of several formats can have: the fault, the format, and a document."""
    lines = {name: TEXT[name](OWN) for name in JSON}
    for name, (record, entity) in SPANS.items():
        good = fill(entity, "0", "2", '"X"')
        for fault, items in ENTITIES.items():
            for item in items:
                bad = fill(entity, *item.replace("'", '"').split(" "))
                yield fault, name.strip(), fill(record, f"{good}, «{bad}»")
    for name, line in lines.items():
        for value in ("NaN", "-Infinity", "1e400"):
            yield "NaN", name, "«" + with_field(line, f'"score": {value}').replace("\n", "»\n")
        for word in (r"Bo\ud83d", r"\ude00\ud83d", r"Bo\ud83dx"):
            yield "lone surrogate", name, "«" + line.replace("left", word).replace("\n", "»\n")
        for value in ("null", "7", '"x"', "true", "[]"):
            yield "wrong type", name, f"{line}«{value}»\n"
        for size in (1, len(line) // 2, len(line) - 2):
            yield "cut short", name, f"«{line[:size]}»\n"
        yield "cut short", name, line.replace("\n", "«}»\n")
    for one, other in permutations(lines, 2):
        yield "mixed dialects", one, lines[one] + "«" + lines[other].replace("\n", "»\n")
    for name in TEXT:
        for word in ("Ann\udce9", "Ann\udced\udca0\udcbd", "An\udcc3"):  # Latin-1, half a surrogate pair, half a letter
            line = TEXT[name](Sample(("met", word), 1, 2))
            yield "not UTF-8", name, re.sub("([\udc80-\udcff])", r"«\1»", line, count=1)


class Case(NamedTuple):
    """A row of the table."""

    format: str
    fault: str
    data: str


def cases(table: Table) -> Iterator[Case]:
    for fault, rows in table.items():
        for names, documents in rows.items():
            yield from (Case(name, fault, data) for name in names.split() for data in documents)


NOT_ALONE = {"rasa": ("not UTF-8",)}
"""Faults after which no other document of a file can be read, by format."""

CASES = [*cases(FAULTS), *(Case(format, fault, data) for fault, format, data in generated())]
AMONG_OTHERS = [case for case in CASES if case.fault not in NOT_ALONE.get(case.format, ())]


def table_of(rows: Iterable[Case]) -> pytest.MarkDecorator:
    """The rows as parameters of a test."""
    numbers: dict[str, int] = {}
    made = []
    for case in rows:
        name = f"{case.format}-{case.fault}"
        numbers[name] = numbers.get(name, 0) + 1
        made.append(pytest.param(case, id=f"{name}-{numbers[name]}"))
    return pytest.mark.parametrize("case", made)


# What is said of them


class Stretch(NamedTuple):
    """Where what is at fault begins and ends, each a line and a column, and whether the line is enough."""

    first: tuple[int, int]
    last: tuple[int, int]
    is_line: bool


def unmarked(data: str) -> tuple[bytes, list[Stretch]]:
    """The bytes of a file without the marks, and what they marked."""
    text, begins, found = "", (0, 0), []
    for piece in re.split("([«»‹›])", data):
        here = text.count("\n") + 1, len(text) - text.rfind("\n")
        if piece in ("«", "‹"):
            begins = here
        elif piece in ("»", "›"):
            found.append(Stretch(begins, here, piece == "›"))
        else:
            text += piece
    return text.encode("utf-8", "surrogateescape"), found


def check(message: str, path: Path, stretch: Stretch, fault: str) -> None:
    """That a message tells the fault and points to it."""
    place = re.match(re.escape(str(path)) + r"(?::(\d+))?(?::(\d+))?: (.+)", message)
    assert place, message
    line, column = (None if number is None else int(number) for number in place.groups()[:2])
    assert line is not None, f"no line: {message}"
    assert stretch.first[0] <= line <= stretch.last[0], f"another line than {stretch}: {message}"
    if not stretch.is_line:
        assert column is not None, f"no column: {message}"
        assert stretch.first <= (line, column) <= stretch.last, f"another place than {stretch}: {message}"
    assert re.search(SAYS[fault], place[3]), f"not what is wrong: {message}"


COMMAND = get_command(app)


def convert(*arguments: object, code: int) -> list[str]:
    """Run the command; the lines that it writes to stderr. What is no message but a traceback is raised."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as errors:
        status = COMMAND.main(["convert", "-q", *map(str, arguments)], "nerconv", standalone_mode=False)
    assert (status or 0) == code, errors.getvalue() or "nothing is told"
    assert not out.getvalue()
    return errors.getvalue().removesuffix("\n").split("\n")


def put(folder: Path, name: str, data: str | bytes, stem: str = "a") -> Path:
    """A file of a format, with a text beside it where the format has one."""
    path = folder / f"{stem}{formats()[name].suffixes[0]}"
    path.write_bytes(data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data)
    if name == "brat":
        path.with_suffix(".txt").write_text("Anna met IBM" if stem == "bad" else GOOD.text, encoding="utf-8")
    return path


def texts(path: Path) -> list[str]:
    """The texts of the documents in a JSON Lines file. It is JSON to the letter."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    lines = path.read_text(encoding="utf-8").split("\n")  # `splitlines` would cut at U+2028
    return [json.loads(line, parse_constant=refuse)["text"] for line in lines if line]


def refused(path: Path, name: str, *options: str) -> str:
    """The message with which a file is refused, and OUT left as it was."""
    out = path.parent / "out.jsonl"
    out.write_text("as it was", encoding="utf-8")
    before = sorted(path.parent.iterdir())
    [message] = convert(path, "-o", out, "--from", name, *options, code=1)
    assert out.read_text(encoding="utf-8") == "as it was"
    assert sorted(path.parent.iterdir()) == before
    return message


@table_of(CASES)
def test_a_fault_is_told_with_its_place_and_nothing_is_written(tmp_path: Path, case: Case) -> None:
    data, [stretch, *_] = unmarked(HEADERS.get(case.format, "") + case.data)
    path = put(tmp_path, case.format, data, "bad")
    check(refused(path, case.format), path, stretch, case.fault)


@table_of(case for case in AMONG_OTHERS if case.format in SEVERAL)
def test_the_documents_around_it_are_converted(tmp_path: Path, case: Case) -> None:
    around(tmp_path, case.format, [case], [True, True])


@pytest.mark.parametrize("bad_first", [True, False])
@pytest.mark.parametrize("name", SEVERAL)
def test_all_faults_of_a_file_are_told(tmp_path: Path, name: str, bad_first: bool) -> None:
    rows = [case for case in AMONG_OTHERS if case.format == name]
    around(tmp_path, name, rows, [not bad_first, *[True] * (len(rows) - 1), not bad_first])


def around(folder: Path, name: str, rows: list[Case], good: list[bool]) -> None:
    """Convert a file of good documents and bad rows in turn, and check what is told and what is converted."""
    documents = [TEXT[name](GOOD) if is_good else "" for is_good in good]
    pieces = [HEADERS.get(name, ""), documents[0]]
    for row, document in zip(rows, documents[1:], strict=True):
        pieces += [row.data, "\n" * (name not in (*JSON, "rasa")), document]
    data, stretches = unmarked("".join(pieces))
    path = put(folder, name, data)
    out = folder / "out.jsonl"
    messages = convert(path, "-o", out, "--from", name, "--keep-going", code=1)
    assert len(messages) == len(rows), messages
    for message, row, stretch in zip(messages, rows, stretches, strict=True):
        check(message, path, stretch, row.fault)
    assert texts(out).count(GOOD.text) == sum(good)


@table_of(case for case in CASES if case.format in ONE_EACH)
def test_the_files_around_it_are_converted(tmp_path: Path, case: Case) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    data, [stretch] = unmarked(case.data)
    path = put(folder, case.format, data, "bad")
    for stem in ("a", "c"):
        put(folder, case.format, TEXT[case.format](GOOD), stem)
    asked = ["--from", case.format] if case.format.startswith("brackets") else []  # the others' suffixes are their own
    [message] = convert(folder, "-o", tmp_path / "out.jsonl", *asked, "--keep-going", code=1)
    check(message, path, stretch, case.fault)
    assert texts(tmp_path / "out.jsonl") == [GOOD.text] * 2


# Faults of a whole file, after which nothing of it can be read, and those that need another file around them

WHOLE: Table = {
    "cut short": {
        name: [
            f"[{line[:-1]},\n«{line[:-1]}»",
            f"[{line[:-1]},\n«{line[: len(line) // 2]}»",
            f"[{line[:-1]},«»",
            f"[{line[:-1]}«»",
            f"[{line[:-1]}\n«»{line[:-1]}]",
            f"[{line[:-1]}]\n«{line[:-1]}»",
        ]
        for name, line in ((name, TEXT[name](OWN)) for name in JSON)
    }
    | {"rasa": ['nlu:\n- intent: x\n  examples:\n  - text: "a«»', "nlu:\n- intent: x\n  examples:\n  - {text: a«»"]},
    "wrong type": {"rasa": ["nlu: ‹7›\n"]},
    "markup": {"rasa": ["## intent:x\n- a\n‹b›\n", "## intent:x\n- a\n‹## no:x›\n", "‹- a›\n## intent:x\n"]},
    "lone surrogate": {CONLL: ["-DOCSTART-\n\na\t+\tO\nb\t«\\uD83D»\tO\n"]},
    "mention": {CONLL: ["-DOCSTART-\n\na\t+\tO\nb\t«\\u0041»\tO\n"]},
    "not UTF-8": {name: [f"«\udcff»\udcfe{TEXT[name](GOOD)}"] for name in TEXT},
}


@table_of(cases(WHOLE))
def test_a_fault_of_the_whole_file_is_told(tmp_path: Path, case: Case) -> None:
    data, [stretch] = unmarked(case.data)
    path = put(tmp_path, case.format, data)
    check(refused(path, case.format), path, stretch, case.fault)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("name", JSON)
def test_a_record_that_is_cut_ends_no_file(tmp_path: Path, name: str, number: int) -> None:
    lines = [TEXT[name](GOOD)] * 3
    lines[number - 1] = f"{lines[0][:20]}\n"
    path = put(tmp_path, name, "".join(lines))
    out = tmp_path / "out.jsonl"
    for message in (refused(path, name), *convert(path, "-o", out, "--from", name, "--keep-going", code=1)):
        check(message, path, Stretch((number, 1), (number, 21), False), "cut short")
    assert texts(out) == [GOOD.text] * 2


@pytest.mark.parametrize("name", JSON)
def test_the_records_before_the_cut_are_converted(tmp_path: Path, name: str) -> None:
    line = TEXT[name](GOOD)[:-1]
    path = put(tmp_path, name, f"[{line},\n{line},\n{line[:-5]}")
    [message] = convert(path, "-o", tmp_path / "out.jsonl", "--from", name, "--keep-going", code=1)
    assert message.startswith(f"{path}:3:")
    assert texts(tmp_path / "out.jsonl") == [GOOD.text] * 2


@pytest.mark.parametrize(("one", "other"), list(permutations(JSON, 2)))
def test_a_second_dialect_is_refused_where_the_first_record_says_what_the_file_is(
    tmp_path: Path, one: str, other: str
) -> None:
    data = TEXT[one](GOOD) + TEXT[other](GOOD)
    path = tmp_path / "a.jsonl"
    path.write_text(data, encoding="utf-8")
    [message] = convert(path, "-o", tmp_path / "out.jsonl", code=1)
    assert message.startswith(f"{path}:2:")


def test_the_text_of_a_brat_folder_is_checked_too(tmp_path: Path) -> None:
    path = put(tmp_path, "brat", "T1\tPER 0 4\tAnna\n")
    text = path.with_suffix(".txt")
    text.write_bytes(b"Anna\nmet \xe9")
    check(refused(path, "brat"), text, Stretch((2, 5), (2, 5), False), "not UTF-8")
    text.unlink()
    assert refused(path, "brat").startswith(f"{path}: the text of these annotations, {text}, cannot be read")


# Binary files have no columns, and DocBin no lines; in Parquet the line is the number of the row

ROW: dict[str, Any] = {
    "id": None,
    "text": "Anna met IBM",
    "tokens": ["Anna", "met", "IBM"],
    "ner_tags": ["B-PER", "O", "O"],
    "spans": [{"start": 0, "end": 4, "label": "PER", "text": "Anna"}],
    "meta": None,
}


def spans(**changes: Any) -> dict[str, Any]:
    return {"ner_tags": None, "spans": [ROW["spans"][0] | {"text": None} | changes]}


ROWS: dict[str, list[dict[str, Any]]] = {
    "ragged line": [{"ner_tags": ["B-PER"]}, {"ner_tags": [*ROW["ner_tags"], "O"]}],
    "tag without a label": [
        *({"spans": None, "ner_tags": ["O", tag, "O"]} for tag in (*NO_LABEL, "B-\a")),
        *(spans(label=label) for label in (None, "", "\a")),
    ],
    "offsets": [spans(start=a, end=b) for a, b in ((0, 99), (99, 103), (-4, -1), (5, 5), (4, 0))],
    "mention": [{"tokens": ["Bert", "met", "IBM"]}, {"spans": [ROW["spans"][0] | {"text": "Bert"}]}],
    "duplicate id": [{"id": "a"}],
    "mixed dialects": [{"ner_tags": ["O", "O", "B-PER"]}, {"spans": None, "ner_tags": ["O", "O", "I-PER"]}],
    "NaN": [{"meta": '{"score": NaN}'}, {"meta": '{"score": -Infinity}'}, {"meta": '{"score": 1e400}'}],
    "lone surrogate": [{"meta": '{"k": "\\ud83d"}'}],
    "wrong type": [
        {"meta": "{"},
        {"tokens": None},
        {"tokens": ["Anna", None, "IBM"]},
        {"ner_tags": ["O", None, "O"], "spans": None},
        {"text": None, "tokens": None, "ner_tags": None, "spans": None},
    ],
}
"""What is at fault in a row of a Parquet file, by fault."""

PARQUET = [pytest.param(fault, row, id=f"{fault}-{n}") for fault, rows in ROWS.items() for n, row in enumerate(rows, 1)]


@pytest.mark.parametrize(("fault", "changes"), PARQUET)
def test_a_fault_in_a_row_is_told_and_the_others_are_converted(
    tmp_path: Path, fault: str, changes: dict[str, Any]
) -> None:
    bad = ROW | changes
    path = put(tmp_path, "parquet", parquet(ROW | {"id": "a"}, bad, ROW | {"id": "b"}))
    stretch = Stretch((2, 0), (2, 0), True)
    check(refused(path, "parquet"), path, stretch, fault)
    out = tmp_path / "out.jsonl"
    [message] = convert(path, "-o", out, "--keep-going", code=1)
    check(message, path, stretch, fault)
    assert texts(out) == [ROW["text"]] * 2


def test_all_faults_of_a_parquet_file_are_told(tmp_path: Path) -> None:
    faults = [(fault, changes) for fault, rows in ROWS.items() for changes in rows]
    rows = [row for _, changes in faults for row in (ROW | changes, ROW)]
    path = put(tmp_path, "parquet", parquet(ROW | {"id": "a"}, *rows))
    messages = convert(path, "-o", tmp_path / "out.jsonl", "--keep-going", code=1)
    assert texts(tmp_path / "out.jsonl") == [ROW["text"]] * (len(faults) + 1)
    for number, (message, (fault, _)) in enumerate(zip(messages, faults, strict=True), 1):
        check(message, path, Stretch((2 * number, 0), (2 * number, 0), True), fault)


COLUMNS: list[dict[str, Any]] = [
    {"text": 7},
    {"no": "text"},
    {"ner_tags": ["O"]},
    {"tokens": [7], "ner_tags": ["O"]},
    {"tokens": ["a"], "ner_tags": [0]},
    {"tokens": ["a"], "ner_tags": [0.0]},
    {"tokens": ["a"], "ner_tags": [True]},
    {"tokens": ["a"], "ner_tags": "O"},
    *({"text": "a", "spans": [{"start": value, "end": 1, "label": "X"}]} for value in ("0", 0.0, False, None)),
    {"text": "a", "spans": [{"start": 0, "end": 1, "label": 7}]},
    {"text": "a", "spans": [{"start": 0, "end": 1}]},
    {"text": "a", "spans": [[0, 1]]},
    {"text": "a", "spans": "0 1 X"},
]
"""Parquet files of columns of other types than they should have, each given by its only row."""


@pytest.mark.parametrize("row", COLUMNS, ids=str)
def test_columns_of_other_types_are_refused(tmp_path: Path, row: dict[str, Any]) -> None:
    path = put(tmp_path, "parquet", parquet(row))
    assert re.match(rf"{re.escape(str(path))}(:1)?: ", refused(path, "parquet"))


@pytest.mark.parametrize("name", BINARY)
def test_a_binary_file_that_is_cut_or_is_none_is_told_and_the_others_are_converted(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    whole = BINARY[name](GOOD)
    sizes = {0, 1, 4, len(whole) // 2, len(whole) - 9, len(whole) - 1}
    put(folder, name, whole, "a")
    put(folder, name, whole, "c")
    for data in (*(whole[:size] for size in sizes), whole[1:], b"no such file\n" * 9, b" \n", b"\xff" * 99):
        path = put(folder, name, data, "b")
        alone = put(tmp_path, name, data)
        assert re.match(rf"{re.escape(str(alone))}(:1)?: ", refused(alone, name))
        out = tmp_path / "out.jsonl"
        [message] = convert(folder, "-o", out, "--keep-going", code=1)
        assert re.match(rf"{re.escape(str(path))}(:1)?: ", message)
        assert texts(out) == [GOOD.text] * 2


@pytest.mark.parametrize(
    ("fault", "data"),
    [
        ("duplicate id", docbin(GOOD, {"id": "a"}, {"id": "a"}, {})),
        ("NaN", docbin(GOOD, {}, {"score": float("nan")}, {})),
        ("wrong type", docbin(GOOD, {}, {"id": [1]}, {})),
    ],
)
def test_a_fault_in_a_docbin_is_told_and_the_other_documents_are_converted(
    tmp_path: Path, fault: str, data: bytes
) -> None:
    path = put(tmp_path, "spacy", data)
    for message in (refused(path, "spacy"), *convert(path, "-o", tmp_path / "out.jsonl", "--keep-going", code=1)):
        assert message.startswith(f"{path}: ")
        assert re.search(SAYS[fault], message)
    assert texts(tmp_path / "out.jsonl") == [GOOD.text] * 2


# Files with nothing in them

EMPTY = {name: 1 if name in ONE_EACH else 0 for name in TEXT} | {"rasa": None}
"""How many documents an empty file is, None where it is none of the format. Ours of no documents are empty, too."""

NOTHING = {
    "nothing": "",
    "line end": "\n",
    "white space": " \n\t\r\n\n",
    "mark": "\ufeff",
    "mark and line end": "\ufeff\n",
}


@pytest.mark.parametrize("data", NOTHING.values(), ids=NOTHING)
@pytest.mark.parametrize("name", EMPTY)
def test_a_file_with_nothing_in_it_has_no_documents_or_an_empty_one(tmp_path: Path, name: str, data: str) -> None:
    path = put(tmp_path, name, data)
    if name == "brat":
        path.with_suffix(".txt").write_text(data, encoding="utf-8")
    if EMPTY[name] is None:
        assert refused(path, name).startswith(f"{path}:")
    else:
        out = tmp_path / "out.jsonl"
        convert(path, "-o", out, "--from", name, code=0)
        assert [text.strip() for text in texts(out)] == [""] * (EMPTY[name] or 0)


# Good input that looks odd

ODD = {
    "plain": "Anna",
    "no-break space": "New\u00a0York",
    "thin space": "10\u2009000",
    "narrow no-break space": "10\u202f000",
    "figure space": "10\u2007000",
    "ideographic space": "東京\u3000都",
    "ogham space": "ᚑᚌᚐᚋ\u1680ᚁᚔ",
    "zero-width space": "Wal\u200bMart",
    "zero-width space at the edges": "\u200bWalMart\u200b",
    "zero-width joiner": "क्\u200dष",
    "zero-width non-joiner": "می\u200cخواهم",
    "byte order mark inside": "Wal\ufeffMart",
    "byte order mark at the edges": "\ufeffWalMart\ufeff",
    "word joiner": "Wal\u2060Mart",
    "soft hyphen": "Wal\u00admart",
    "decomposed": "Andre\u0301 Bjo\u0308rk",
    "composed": "André Björk",
    "compatibility": "ﬁnance Ⅳ K Å ①",
    "Hangul, decomposed": "\u1112\u1161\u11ab",
    "combining mark alone": "\u0301 a",
    "emoji with joiners": "👩\u200d👩\u200d👧 👩🏽\u200d💻",
    "flags": "🇩🇪🇫🇷",
    "variation selector": "❤\ufe0f ❤",
    "astral letters": "𝔘𝔫𝔦 𠮷野家",
    "Hebrew": "יְרוּשָׁלַיִם שלום",
    "Arabic with marks": "\u200fالقدس\u200e",
    "bidirectional controls": "\u202eabc\u202c \u2067x\u2069",
    "private use and unassigned": "\ue000 \U000e0100 \U0010fffd",
    "no characters": "\ufffe\uffff \ufdd0",
    "replacement character": "Caf\ufffd",
}
"""Mentions that readers are known to trip over. A space divides words."""

BREAKS = {
    "line separator": "New\u2028York",
    "paragraph separator": "New\u2029York",
    "next line": "New\x85York",
    "vertical tab": "New\x0bYork",
    "form feed": "New\x0cYork",
    "unit separator": "New\x1fYork",
}
"""What Python's `str.splitlines` takes for the end of a line, and no file format does."""


def odd(mention: str) -> Sample:
    """A text in which a mention comes twice, and is an entity the second time."""
    words = mention.split(" ")
    return Sample(("then", *words, "met", *words, "today"), len(words) + 2, 2 * len(words) + 2)


def read_back(path: Path, name: str | None, sample: Sample, unit: Any = None) -> None:
    """Read a file of the sample alone, and compare text, offsets and words to the letter."""
    report = Report()
    [document] = read(path, format=name, report=report, options=ReadOptions(offset_unit=unit))
    assert document.text == sample.text
    assert document.spans == (sample.span,)
    if document.tokens is not None:
        assert document.words == list(sample.words)
    assert not report.lost


NO_WORDS = {name: ("vertical tab", "form feed") for name in ONE_EACH if name.startswith("brackets")}
"""What divides words in a format, and so cannot be in one."""

ODD_CASES = [
    pytest.param(name, odd(mention), id=f"{name}-{what}")
    for name in (*TEXT, *BINARY)
    for what, mention in (ODD | BREAKS).items()
    if what not in NO_WORDS.get(name, ())
]


def put_good(
    folder: Path, name: str, sample: Sample, *, before: bytes = b"", crlf: bool = False, **options: Any
) -> Path:
    """A file with a document that was written by hand."""
    data = BINARY[name](sample) if name in BINARY else (HEADERS.get(name, "") + TEXT[name](sample, **options)).encode()
    path = put(folder, name, before + (data.replace(b"\n", b"\r\n") if crlf else data))
    if name == "brat":
        path.with_suffix(".txt").write_bytes(sample.text.encode())
    return path


@pytest.mark.parametrize(("name", "sample"), ODD_CASES)
def test_odd_text_is_read_to_the_letter(tmp_path: Path, name: str, sample: Sample) -> None:
    read_back(put_good(tmp_path, name, sample), name, sample)


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        *ODD_CASES,
        *(
            pytest.param(name, Sample(("\ufeffA", "b"), 1, 2), id=f"{name}-mark at the start")
            for name in (*TEXT, *BINARY)
        ),
    ],
)
def test_odd_text_is_written_and_read_back(tmp_path: Path, name: str, sample: Sample) -> None:
    ends = [len(" ".join(sample.words[: number + 1])) for number in range(len(sample.words))]
    starts = [end - len(word) for end, word in zip(ends, sample.words, strict=True)]
    document = Document(sample.text, (sample.span,), Tokens.make(starts, ends), id="a")
    path = tmp_path / f"a{formats()[name].suffixes[0]}"
    write([document], path, format=name, report=Report())
    read_back(path, name, sample)


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize("what", ODD)
def test_escaped_characters_are_the_same(tmp_path: Path, name: str, what: str) -> None:
    sample = odd(ODD[what])
    read_back(put_good(tmp_path, name, sample, ascii=True), name, sample)


@pytest.mark.parametrize("name", ["jsonl", "doccano", "label-studio", "spacy-v2", "brat"])
@pytest.mark.parametrize("unit", ["char", "utf16"])
def test_offsets_in_either_unit(tmp_path: Path, name: str, unit: str) -> None:
    sample = odd(ODD["astral letters"])
    read_back(put_good(tmp_path, name, sample, unit=unit), name, sample, unit)


@pytest.mark.parametrize("what", ["plain", "no-break space", "emoji with joiners", "Hebrew"])
@pytest.mark.parametrize("crlf", [False, True])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", TEXT)
def test_marks_of_byte_order_and_windows_line_ends_are_no_text(
    tmp_path: Path, name: str, before: bytes, crlf: bool, what: str
) -> None:
    path = put_good(tmp_path, name, odd(ODD[what]), before=before, crlf=crlf)
    read_back(path, name, odd(ODD[what]))
    if not name.startswith(("conll-", "brackets-")):  # which only their names tell
        read_back(path, None, odd(ODD[what]))


@pytest.mark.parametrize("name", ["xml", "enamex", "brat"])
def test_line_ends_are_kept_where_they_are_text(tmp_path: Path, name: str) -> None:
    sample = Sample(("A\r\nB", "met", "C\r\nD"), 2, 3)
    path = put_good(tmp_path, name, sample)
    if name == "brat":
        path.write_text("T1\tPER 9 10;12 13\tC D\n", encoding="utf-8")
    read_back(path, name, sample)
