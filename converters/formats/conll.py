"""CoNLL columns: a token a line, its tag in the last column, an empty line after each sentence.

    -DOCSTART- -X- O O

    Venezuela	B-LOC
    's	O
    ties	O

Tags are BIO: ``B-`` begins an entity, ``I-`` continues it, ``O`` is outside. Columns are separated by one tab, on
reading by a tab where the line has one, else by spaces; a no-break space is part of a word. Every document
begins with the line ``-DOCSTART- -X- O O`` and an empty one. With the column ``space`` (``--columns
word,space,ner``) the text survives to the letter: it says what white space follows the token, ``+`` for one
space, ``-`` for none, else spelled out as in CoNLL-U: ``\\s`` space, ``\\n``, ``\\r``, ``\\t``, any other ``\\uXXXX``.
Without it the text is made anew on reading, as a person would have written it.

Cannot hold: overlapping entities, ids, metadata, a word ``-DOCSTART-`` or one with a tab or line break in it.

Sources: Tjong Kim Sang and De Meulder, Introduction to the CoNLL-2003 Shared Task;
https://universaldependencies.org/misc.html#spacesafter
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import regex

from ..align import fit_to_tokens, report_unheld
from ..balance import Repair, Report
from ..detokenize import assemble
from ..document import Document, Span, Tokens, TokenSpan
from ..errors import DataError, Place, UsageError, shorten
from ..gaps import Gap, detect_profile
from ..options import ReadOptions, WriteOptions
from ..schemes import SCHEMES, TagError, decode, encode
from ..source import Source, lines, with_ids
from . import Format

DOCSTART = "-DOCSTART-"
DOCUMENT_LINE = f"{DOCSTART} -X- O O"
COLUMNS = ("word", "space", "ner")
ESCAPES = {" ": "\\s", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
UNESCAPES = {escaped: space for space, escaped in ESCAPES.items()}
ESCAPED = regex.compile(r"\\[snrt]|\\u[0-9A-F]{4}")
SPACE = regex.compile(r"[+-]|(?:\\[snrt]|\\u[0-9A-F]{4})+")


def _escape(space: str) -> str:
    if space in ("", " "):
        return "+" if space else "-"
    return "".join(ESCAPES.get(c) or f"\\u{ord(c):04X}" for c in space)


def _unescape(escaped: str) -> str:
    if escaped in ("+", "-"):
        return " " if escaped == "+" else ""
    return "".join(UNESCAPES.get(part) or chr(int(part[2:], 16)) for part in ESCAPED.findall(escaped))


class ConllWriter:
    """A line a token."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.file = file
        self.columns = options.columns
        self.report = report
        if unknown := [name for name in self.columns if name not in COLUMNS]:
            raise UsageError(f"unknown column {unknown[0]!r}", f"there are {', '.join(COLUMNS)}")
        if self.columns[:1] != ("word",) or self.columns[-1] != "ner" or len(set(self.columns)) < len(self.columns):
            raise UsageError(
                f"columns {','.join(self.columns)}", "the first is word, the last is ner, and none comes twice"
            )

    def write(self, document: Document) -> None:
        """Write the document's lines."""
        document, spans = fit_to_tokens(document, "conll", self.report)
        report_unheld(document, "conll", self.report)
        words = document.words
        self._check(document, words)
        tags = encode(spans, len(words), SCHEMES["BIO"])
        columns = {"word": words, "ner": tags, "space": self._spaces(document)}
        rows = ["\t".join(row) for row in zip(*(columns[name] for name in self.columns), strict=True)]
        out = [DOCUMENT_LINE, ""]
        for first, stop in self._sentences(document, spans):
            out += [*rows[first:stop], ""]
        self.file.write("\n".join([*out, ""]).encode())

    def close(self) -> None:
        """Nothing is left to be written."""

    def _check(self, document: Document, words: Sequence[str]) -> None:
        for span in document.spans:
            if regex.search(r"\s", span.label):
                todo = "rename it with --map, or convert to jsonl"
                raise DataError(f"conll cannot hold the label {span.label!r}, which has a space", todo, document.source)
        for word in words:
            if word == DOCSTART or any(c in word for c in "\t\n\r"):
                todo = "mend the source, or convert to jsonl"
                raise DataError(f"conll cannot hold the word {word!r}", todo, document.source)

    def _spaces(self, document: Document) -> list[str]:
        if "space" not in self.columns or not document.tokens:
            return document.words
        text, tokens = document.text, document.tokens
        if tokens.starts[0]:
            reason = "white space before the first word has no place"
            self.report.lose("field", document.source, text[: tokens.starts[0]], reason, output="conll")
        until = [*tokens.starts[1:], len(text)]
        return [_escape(text[a:b]) for a, b in zip(tokens.ends, until, strict=True)]

    def _sentences(self, document: Document, spans: Sequence[TokenSpan]) -> Iterator[tuple[int, int]]:
        """The sentences, those run together that an entity lies across."""
        inside = {number for span in spans for number in range(span.first + 1, span.stop)}
        first = 0
        for start, stop in document.sentence_ranges():
            if start in inside:
                place, word = document.source, document.words[start]
                self.report.lose("field", place, word, "a sentence begins inside an entity", output="conll")
            if stop not in inside:
                yield first, stop
                first = stop


def read_conll(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a CoNLL file; one without ``-DOCSTART-`` is one document."""
    for id, section in with_ids(_sections(file, source, options), source.id):
        yield _document(section, id, source, options, report)


Row = tuple[int, list[str]]
"""A token's line number and its columns."""


def _sections(file: BinaryIO, source: Source, options: ReadOptions) -> Iterator[list[list[Row]]]:
    """The sentences of each document in turn."""
    sentences: list[list[Row]] = [[]]
    started = False
    width = 0
    for number, line in enumerate(lines(file, source, options.encoding), 1):
        fields = line.split("\t") if "\t" in line else line.split(" ")
        if not line.strip():
            if sentences[-1]:
                sentences.append([])
        elif not sentences[-1] and fields[0] == DOCSTART and set(fields[1:]) <= {"-X-", "O"}:
            if started:
                yield [sentence for sentence in sentences if sentence]
            sentences, started = [[]], True
        else:
            fields = [field for field in fields if field] if "\t" not in line else fields
            width = width or len(fields)
            if not fields[0].strip():
                raise DataError("the word is white space", "it is no token", Place(source.file, number, 1))
            if len(fields) < 2 or len(fields) != width:
                what = f"{len(fields)} columns, where the lines before have {width}" if width > 1 else "one column"
                todo = "a line has a word, a tag, and tabs or single spaces between; is it really conll?"
                raise DataError(f"{what}: {shorten(line)!r}", todo, Place(source.file, number, 1))
            sentences[-1].append((number, fields))
            started = True
    if started:
        yield [sentence for sentence in sentences if sentence]


def _document(
    sentences: Sequence[Sequence[Row]], id: str, source: Source, options: ReadOptions, report: Report
) -> Document:
    spans: list[TokenSpan] = []
    words: list[str] = []
    gaps: list[Gap] = []
    rows = [row for sentence in sentences for row in sentence]
    names = options.columns or _columns(rows)
    if rows and len(names) != len(rows[0][1]):
        what = f"{len(rows[0][1])} columns, where {len(names)} are named: {','.join(names)}"
        raise DataError(what, "name them all", Place(source.file, rows[0][0], 1))
    for sentence in sentences:
        tags = [fields[names.index("ner")] for _, fields in sentence]
        try:
            found = decode(tags, SCHEMES["BIO"])
        except TagError as error:
            number = min(error.number, len(sentence) - 1)
            column = len("\t".join(sentence[number][1][:-1])) + 2
            error.place = Place(source.file, sentence[number][0], column)
            raise
        spans += [TokenSpan(first + len(words), stop + len(words), label) for first, stop, label in found]
        gaps += [Gap.LINE if words else Gap.SPACE, *[Gap.SPACE] * (len(sentence) - 1)]
        words += [fields[names.index("word")].strip() for _, fields in sentence]
    place = Place(source.file, rows[0][0] if rows else None)
    starts = [number for number, gap in enumerate(gaps) if gap == Gap.LINE or number == 0]
    if "space" in names:
        text, tokens = _spell_out(words, [_unescape(fields[names.index("space")]) for _, fields in rows])
    else:
        profile = options.profile or detect_profile(words)
        text, tokens, _ = assemble(words, gaps, profile=profile, layout=options.layout)
        report.repairs.append(Repair("spacing", str(place), "reconstructed"))
    more = {name: [fields[k] for _, fields in rows] for k, name in enumerate(names) if name not in COLUMNS}
    tokens = Tokens.make(tokens.starts, tokens.ends, starts, more)
    placed = tuple(Span(tokens.starts[a], tokens.ends[b - 1], label) for a, b, label in spans)
    return Document(text, placed, tokens, id=id, source=place, meta={"source": source.origin})


def _columns(rows: Sequence[Row]) -> tuple[str, ...]:
    """The names of the columns: the first is the word, the last the tag, and white space is known by its look."""
    width = len(rows[0][1]) if rows else 2
    middle = ["space" if all(SPACE.fullmatch(row[1][k]) for row in rows) else f"column{k}" for k in range(1, width - 1)]
    return ("word", *middle, "ner")


def _spell_out(words: Sequence[str], spaces: Sequence[str]) -> tuple[str, Tokens]:
    starts, ends, at = [], [], 0
    for word, space in zip(words, spaces, strict=True):
        starts.append(at)
        ends.append(at + len(word))
        at += len(word) + len(space)
    text = "".join(word + space for word, space in zip(words, spaces, strict=True))
    return text, Tokens.make(starts, ends)


BEGINNING = regex.compile(rb"(?:\xef\xbb\xbf)?-DOCSTART-(?:[ \t]+(?:-X-|O))*[ \t]*\r?(?:\n|$)")

FORMATS = [
    Format(
        "conll",
        (".conll", ".bio", ".iob", ".tsv"),
        read_conll,
        ConllWriter,
        sniff=lambda data: bool(BEGINNING.match(data)),
        is_flat=True,
        on_tokens=True,
    )
]
