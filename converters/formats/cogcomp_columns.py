"""The nine columns that the CogComp (Illinois) NER tagger is trained on: a token a line, tabs between.

    O	0	0	O	-X-	-DOCSTART-	x	x	0

    B-LOC	0	0	O	NNP	Venezuela	x	x	0
    O	0	1	O	POS	's	x	x	0

They are: the tag (BIO), 0 or the number of the sentence, the token's number in the sentence from 0, its chunk, its
part of speech, the word, and ``x x 0``. The chunk and the part of speech are the columns ``chunk`` and ``pos`` of
the tokens; ``O`` stands for a part of speech that is not known, and where all are ``O`` there is no such column. An
empty line ends a sentence. The line with the word ``-DOCSTART-`` and an empty one begin a document; a file without
is one document. Text is made anew on reading, as a person would have written it. With ``--repair-tags`` an ``I-``
that continues nothing begins an entity (``conlleval``) or is none (``discard``).

Cannot hold: overlapping entities, the white space between tokens, ids, metadata, attributes of entities, further
columns, the part of speech ``-X-``, which the tagger skips, a label with white space in it, a word ``-DOCSTART-`` or
one with a tab or line break in it.

Source: ``ColumnFileReader`` and ``CoNLL2002Writer`` in https://github.com/CogComp/cogcomp-nlp
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO, NamedTuple

import regex

from ..align import fit_to_tokens
from ..balance import Repair, Report
from ..detokenize import respaced
from ..document import Document, Span, Tokens, TokenSpan
from ..errors import DataError, Place, Places, shorten
from ..holding import tell_unheld
from ..options import ReadOptions, WriteOptions
from ..reading import read_each
from ..schemes import SCHEMES, by_sentence, encode, read_tags
from ..source import Source, lines
from . import Format

DOCSTART = "-DOCSTART-"
NO_POS = "-X-"
DOCUMENT_LINE = f"O\t0\t0\tO\t{NO_POS}\t{DOCSTART}\tx\tx\t0"
WIDTH = 9
TAG, INDEX, CHUNK, POS, WORD, REST = 0, 2, 3, 4, 5, slice(6, 9)
HELD = {"chunk": CHUNK, "pos": POS}
UNKNOWN = "O"
BIO = SCHEMES["BIO"]


class CogcompColumnsWriter:
    """A line a token."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.file = file
        self.report = report

    def write(self, document: Document) -> None:
        """Write the document's lines."""
        spans = fit_to_tokens(document, "cogcomp-columns")
        assert document.tokens is not None
        columns = document.tokens.columns
        words = document.words
        chunks, pos = (_values(columns.get(name), len(words)) for name in ("chunk", "pos"))
        _check(document, words, [*chunks, *pos], pos)
        tell_unheld(document, [name for name in columns if name not in HELD], "cogcomp-columns", self.report)
        out = [DOCUMENT_LINE, ""]
        for first, stop, found in by_sentence(document, spans, "cogcomp-columns", self.report):
            tags = encode(found, stop - first, BIO)
            for index, (tag, number) in enumerate(zip(tags, range(first, stop), strict=True)):
                out.append(f"{tag}\t0\t{index}\t{chunks[number]}\t{pos[number]}\t{words[number]}\tx\tx\t0")
            out.append("")
        self.file.write("\n".join([*out, ""]).encode())

    def close(self) -> None:
        """Nothing is left to be written."""


def _values(values: Sequence[Any] | None, size: int) -> list[str]:
    return [UNKNOWN if value is None or value == "" else str(value) for value in values or [None] * size]


def _check(document: Document, words: Sequence[str], values: Sequence[str], pos: Sequence[str]) -> None:
    todo = "mend the source, or convert to jsonl"
    for span in document.spans:
        if regex.search(r"\s", span.label):
            what = f"cogcomp-columns cannot hold the label {span.label!r}, which has a space"
            raise DataError(what, "rename it with --map, or convert to jsonl", document.source)
    for word in words:
        if word == DOCSTART or any(c in word for c in "\t\n\r"):
            raise DataError(f"cogcomp-columns cannot hold the word {word!r}", todo, document.source)
    for value in values:
        if any(c in value for c in "\t\n\r"):
            raise DataError(f"cogcomp-columns cannot hold the value {value!r}", todo, document.source)
    if NO_POS in pos:
        what = f"cogcomp-columns cannot hold the part of speech {NO_POS!r}"
        raise DataError(what, "the tagger skips such tokens; " + todo, document.source)


class Row(NamedTuple):
    """A token's line number and its columns."""

    number: int
    fields: list[str]

    def place(self, source: Source, field: int = 0) -> Place:
        """Where one of the columns begins."""
        return Place(source.file, self.number, 1 + sum(len(before) + 1 for before in self.fields[:field]))


Sentences = list[list[Row]]


def read_cogcomp_columns(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a file of nine columns."""
    make = partial(_document, source=source, options=options, report=report)
    return read_each(_sections(file, source, options), source, report, make)


def _sections(file: BinaryIO, source: Source, options: ReadOptions) -> Iterator[Sentences | DataError]:
    """The sentences of each document in turn."""
    sentences: Sentences = [[]]
    failure: DataError | None = None
    has_begun = False
    for number, line in enumerate(lines(file, source, options.encoding), 1):
        if isinstance(line, DataError):
            failure, has_begun = failure or line, True
            continue
        if not line.strip(" \t"):
            if sentences[-1]:
                sentences.append([])
            continue
        row = Row(number, line.split("\t"))
        if row.fields[WORD : WORD + 1] == [DOCSTART]:
            if has_begun:
                yield failure or sentences
            sentences, failure = [[]], None
        else:
            sentences[-1].append(row)
        has_begun = True
    if has_begun:
        yield failure or sentences


def _document(sentences: Sentences, source: Source, options: ReadOptions, report: Report) -> Document:
    rows = [row for sentence in sentences for row in sentence]
    place = Place(source.file, rows[0].number if rows else None)
    for row in rows:
        if len(row.fields) != WIDTH:
            what = f"{len(row.fields)} columns, where the tagger has {WIDTH}: {shorten(' '.join(row.fields))!r}"
            raise DataError(what, "one tab stands between columns; conll has the word first", row.place(source))
    words: list[str] = []
    spans: list[TokenSpan] = []
    begins: list[int] = []
    for sentence in sentences:
        if sentence:
            begins.append(len(words))
        found = _spans(sentence, source, options, report)
        spans += [TokenSpan(first + len(words), stop + len(words), label) for first, stop, label in found]
        words += [_word(row, source, report) for row in sentence]
    text, tokens = respaced(words, options, place, report, begins=begins, profile="cogcomp")
    _report_unread(sentences, place, report)
    columns = {
        name: [None if name == "pos" and row.fields[at] == UNKNOWN else row.fields[at] for row in rows]
        for name, at in HELD.items()
        if any(row.fields[at] != UNKNOWN for row in rows)
    }
    tokens = Tokens.make(tokens.starts, tokens.ends, begins, columns)
    placed = tuple(Span(tokens.starts[a], tokens.ends[b - 1], label) for a, b, label in spans)
    places = Places.make(source.file, tokens.starts, map(_stands, rows)) if options.places else None
    return Document(text, placed, tokens, source=place, places=places)


def _spans(sentence: Sequence[Row], source: Source, options: ReadOptions, report: Report) -> list[TokenSpan]:
    """The entities of a sentence, in tokens."""
    tags = [row.fields[TAG] for row in sentence]
    return read_tags(tags, BIO, options.repair_tags, lambda number: sentence[number].place(source, TAG), report)


def _word(row: Row, source: Source, report: Report) -> str:
    given = row.fields[WORD]
    if not given.strip():
        raise DataError("the word is white space", "it is no token", row.place(source, WORD))
    if given != given.strip():
        report.repairs.append(Repair("trim white space", str(row.place(source, WORD)), given))
    return given.strip()


def _stands(row: Row) -> tuple[int, int]:
    """The line and column, from 1, in which the word stands."""
    given = row.fields[WORD]
    before = sum(len(field) + 1 for field in row.fields[:WORD])
    return row.number, before + len(given) - len(given.lstrip()) + 1


def _report_unread(sentences: Sentences, place: Place, report: Report) -> None:
    """Say once a document which of the columns that say nothing by themselves say something after all."""
    names: dict[str, None] = {}
    for sentence in sentences:
        for index, row in enumerate(sentence):
            if row.fields[INDEX] not in (str(index), "0"):
                names["index in the sentence"] = None
            if row.fields[REST] != ["x", "x", "0"]:
                names["last three"] = None
    if names:
        report.lose("field", place, ", ".join(names), "columns that are not as the tagger writes them are not carried")


BEGINNING = regex.compile(
    rb"(?:\xef\xbb\xbf)?(?:O|[BI]-[^\t\r\n]+)\t\d+\t\d+\t[^\t\r\n]+\t[^\t\r\n]+\t[^\t\r\n]+\tx\tx\t"
)

FORMATS = [
    Format(
        "cogcomp-columns",
        (".col",),
        read_cogcomp_columns,
        CogcompColumnsWriter,
        summary="the nine columns that the CogComp tagger is trained on",
        sniff=lambda data: bool(BEGINNING.match(data)),
        variant_of="conll",
        holds=frozenset({"tokens", "sentences", "columns"}),
    )
]
