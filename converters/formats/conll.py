"""CoNLL columns: a token a line, its tag in the last column, an empty line after each sentence.

    -DOCSTART- -X- O O

    Venezuela	B-LOC
    's	O
    ties	O

**Tags.** ``conll`` writes BIO, and the others what their names say:

    conll          BIO      B-PER I-PER O B-LOC B-LOC    B- begins an entity, I- continues it, O is outside
    conll-iob1     IOB1     I-PER I-PER O I-LOC B-LOC    B- only where an entity touches one of its label before it
    conll-io       IO       I-PER I-PER O I-LOC I-LOC    no B-: such entities run together
    conll-bioes    BIOES    B-PER E-PER O S-LOC S-LOC    E- the last token of several, S- the only one
    conll-bilou    BILOU    B-PER L-PER O U-LOC U-LOC    the same with L- and U-

On reading, ``conll`` finds out which of them it is from the first document that has entities, and that holds for
the whole file; the other names want theirs, but ``conll-io`` reads documents with labels alone as well, ``PER PER O
LOC LOC``, as Stanford NER's and Few-NERD's are. Tags that are not valid are an error. With ``--repair-tags`` an ``I-``
that continues nothing begins an entity (``conlleval``) or is none (``discard``), and under the name ``conll`` tags of
B, I and O alone are BIO then: IOB1 is full of such tags, and they are none of its faults.

**Columns** are separated by one tab, on reading by a tab where the line has one, else by spaces; a no-break space
is part of a word. All lines have as many. Without ``--in-columns`` the first is the word and the last the tag; the
middle one of three is ``space`` where it looks like it (see below), the middle ones of four are ``pos`` and
``chunk``, as in CoNLL-2003, others ``column1``, ``column2`` and so on, but ``space`` where one alone looks like it and
has a ``+``. ``--columns word,pos,ner`` writes such columns, ``_`` where a token has no value.

**Documents** begin with the line ``-DOCSTART- -X- O O`` and an empty one; on reading, any of ``-X-`` and ``O`` may
follow the first word, or nothing. A line before the first token of a sentence that begins with ``#`` and a space
and has no tab is a comment, and ``# id = x`` before the first token of a document, or above its first line, is its
id. But where tokens have no tabs either, such a line is a token if it has as many columns as the others (the first
of all: two or more) and ends in a tag, unless it reads ``# name = ...``. Comments are not written.

**Text.** With the column ``space`` (``--columns word,space,ner``) it survives to the letter: it says what white
space follows the token, ``+`` for one space, ``-`` for none, else spelled out as in CoNLL-U: ``\\s`` space, ``\\n``,
``\\r``, ``\\t``, any other ``\\uXXXX``. Without it the text is made anew, as a person would have written it.

Cannot hold: overlapping entities, ids, metadata, attributes of entities, a label with white space in it, a word
``-DOCSTART-`` or one with a tab or line break in it; IO: where one entity ends and the next of its label begins.

Sources: Tjong Kim Sang and De Meulder, Introduction to the CoNLL-2003 Shared Task;
https://universaldependencies.org/misc.html#spacesafter; https://github.com/bltlab/seqscore (comments, repair)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple

import regex

from ..align import fit_to_tokens
from ..balance import Repair, Report
from ..detokenize import respaced
from ..document import Document, Span, Tokens, TokenSpan
from ..errors import DataError, Place, Places, UsageError, did_you_mean, shorten
from ..holding import tell_remade
from ..options import ReadOptions, WriteOptions
from ..reading import read_each
from ..schemes import SCHEMES, Scheme, TagError, by_sentence, detect, encode, from_bare, is_bare, read_tags
from ..source import Source, lines
from . import Format

DOCSTART = "-DOCSTART-"
DOCUMENT_LINE = f"{DOCSTART} -X- O O"
COLUMNS = ("word", "space", "ner")
NO_VALUE = "_"
ESCAPES = {" ": "\\s", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
UNESCAPES = {escaped: space for space, escaped in ESCAPES.items()}
ESCAPED = regex.compile(r"\\[snrt]|\\u[0-9A-F]{4}")
ESCAPE = regex.compile(r"\\[snrt]|\\u[0-9A-F]{4}")
TAG = regex.compile(r"O|[BIESLU]-.+")
NO_SPACES = re.compile("[^ ]+")
KEYED_COMMENT = regex.compile(r"#\s+(\S+)\s+=\s+(.*)")


@lru_cache
def _escape(space: str) -> str:
    if space in ("", " "):
        return "+" if space else "-"
    return "".join(ESCAPES.get(c) or f"\\u{ord(c):04X}" for c in space)


def _unescape(escaped: str) -> str:
    if escaped in ("+", "-"):
        return " " if escaped == "+" else ""
    return "".join(UNESCAPES.get(part) or chr(int(part[2:], 16)) for part in ESCAPED.findall(escaped))


def _check_names(names: Sequence[str]) -> None:
    if not {"word", "ner"} <= set(names) or len(set(names)) < len(names):
        raise UsageError(f"columns {','.join(names)}", "word and ner must be among them, and none comes twice")


class ConllWriter:
    """A line a token."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report, *, name: str, scheme: Scheme) -> None:
        self.file = file
        self.columns = options.columns
        self.comments = options.comments
        self.report = report
        self.name = name
        self.scheme = scheme
        if self.columns[:1] != ("word",) or self.columns[-1] != "ner" or len(set(self.columns)) < len(self.columns):
            what = f"--columns {','.join(self.columns)}: the first is called word, the last ner, and none comes twice"
            raise UsageError(what, "for example word,ner")
        self.further = [column for column in self.columns if column not in COLUMNS]
        self.known: dict[str, None] = dict.fromkeys(COLUMNS)  # those that a document so far has had
        self.is_empty = True

    def write(self, document: Document) -> None:
        """Write the document's lines."""
        spans = fit_to_tokens(document, self.name)
        assert document.tokens is not None
        words = document.words
        further = {name: self._values(document, name) for name in self.further}
        self._check(document, words, further)
        self._tell_unwritten(document)
        lines = [DOCUMENT_LINE, "", *self._comments(document), ""]
        known = further | ({"space": self._spaces(document)} if "space" in self.columns else {})
        tags: list[str] = []
        ends = ["\n"] * len(words)
        for first, stop, found in by_sentence(document, spans, self.name, self.report):
            tags += encode(found, stop - first, self.scheme)
            ends[stop - 1] = "\n\n"
            if self.scheme.marked == "never":
                self._report_merges(document, first, found)
        columns = [words, *(known[name] for name in self.columns[1:-1]), tags]
        pieces = ["\t"] * (2 * len(columns) * len(words))
        for number, column in enumerate(columns):
            pieces[2 * number :: 2 * len(columns)] = column
        pieces[2 * len(columns) - 1 :: 2 * len(columns)] = ends
        self.file.write("".join(["\n".join(lines), *pieces]).encode())
        self.known |= dict.fromkeys(document.tokens.columns)
        self.is_empty = False

    def close(self) -> None:
        """Raise `UsageError` for a column that no document has had."""
        unknown = [name for name in self.further if name not in self.known]
        if unknown and not self.is_empty:
            raise UsageError(f"unknown column {unknown[0]!r}", did_you_mean(unknown[0], self.known))

    def _tell_unwritten(self, document: Document) -> None:
        if document.tokens and (left := [name for name in document.tokens.columns if name not in self.further]):
            reason = f"--columns is {','.join(self.columns)}"
            self.report.lose("field", document.source, ", ".join(left), reason, output=self.name)
        if document.id is not None and document.has_own_id and not self.comments:
            tell_remade("ids", document, self.name, self.report)

    def _comments(self, document: Document) -> list[str]:
        """The lines that tell the document's id, if they are asked for."""
        if not self.comments or document.id is None:
            return []
        line = f"# id = {document.id}"
        found = KEYED_COMMENT.fullmatch(line)
        if not found or found[2].strip() != document.id or any(c in line for c in "\t\n\r"):
            todo = "give the document another id, or leave --comments off"
            raise DataError(f"{self.name} cannot hold the id {document.id!r}", todo, document.source)
        return [line]

    def _values(self, document: Document, name: str) -> list[str]:
        assert document.tokens is not None
        values: Sequence[Any] = document.tokens.columns.get(name) or [None] * len(document.tokens)
        return [
            NO_VALUE
            if value is None or value == ""
            else value
            if isinstance(value, str)
            else json.dumps(value, ensure_ascii=False, default=str)
            for value in values
        ]

    def _check(self, document: Document, words: Sequence[str], further: dict[str, list[str]]) -> None:
        for label in dict.fromkeys(label for _, _, label in document.spans):
            if regex.search(r"\s", label):
                what = f"{self.name} cannot hold the label {label!r}, which has a space"
                raise DataError(what, "rename it with --map, or convert to jsonl", document.source)
        together = "".join(words)
        for word in words if DOCSTART in together or any(c in together for c in "\t\n\r") else ():
            if word == DOCSTART or any(c in word for c in "\t\n\r"):
                todo = "mend the source, or convert to jsonl"
                raise DataError(f"{self.name} cannot hold the word {word!r}", todo, document.source)
        for name, values in further.items():
            for value in values:
                if any(c in value for c in "\t\n\r"):
                    what = f"{self.name} cannot hold {value!r} in the column {name}"
                    raise DataError(what, "leave the column out", document.source)

    def _spaces(self, document: Document) -> list[str]:
        if not document.tokens:
            return []
        text, tokens = document.text, document.tokens
        if tokens.starts[0]:
            reason = "white space before the first word has no place"
            self.report.lose("field", document.source, text[: tokens.starts[0]], reason, output=self.name)
        until = [*tokens.starts[1:], len(text)]
        return [_escape(text[a:b]) for a, b in zip(tokens.ends, until, strict=True)]

    def _report_merges(self, document: Document, first: int, spans: Sequence[TokenSpan]) -> None:
        """Tell of each entity of the sentence that begins at token `first` which runs on from the one before it."""
        assert document.tokens is not None
        for one, other in pairwise(spans):
            if one.stop == other.first and one.label == other.label:
                start, end = document.tokens.starts[first + other.first], document.tokens.ends[first + other.stop - 1]
                reason = "it touches an entity of its label, and IO has no mark between them"
                self.report.lose(
                    "span", document.source, document.text[start:end], reason, label=other.label, output=self.name
                )


class Row(NamedTuple):
    """A token's line, its number, and its columns."""

    number: int
    line: str
    fields: list[str]

    def place(self, source: Source, field: int = 0) -> Place:
        """Where one of the columns begins."""
        return Place(source.file, self.number, self._begin(field) + 1)

    def stands(self, field: int) -> tuple[int, int]:
        """The line and column, from 1, in which the word stands that is in one of the columns."""
        given = self.fields[field]
        return self.number, self._begin(field) + len(given) - len(given.lstrip()) + 1

    def _begin(self, field: int) -> int:
        if "\t" in self.line:
            return sum(len(before) + 1 for before in self.fields[:field])
        return [found.start() for found in NO_SPACES.finditer(self.line)][field]


@dataclass
class Section:
    """A document as it is read: its sentences, its id where it has its own, the comments in it."""

    sentences: list[list[Row]] = field(default_factory=lambda: [[]])
    id: str | None = None
    comments: list[str] = field(default_factory=list)
    has_begun: bool = False
    """Whether its first line, or a token, has been read."""
    failure: DataError | None = None
    """What is wrong with its lines."""

    @property
    def rows(self) -> list[Row]:
        """The tokens of all sentences."""
        return [row for sentence in self.sentences for row in sentence]

    def take(self, comments: Iterable[str]) -> None:
        """Take comment lines that belong to it; the first of an id that comes before any token is its own."""
        for comment in comments:
            found = KEYED_COMMENT.fullmatch(comment)
            if found and found[1] == "id" and found[2].strip() and self.id is None and not self.sentences[0]:
                self.id = found[2].strip()
            else:
                self.comments.append(comment)


class _Shown(NamedTuple):
    """The scheme that a file's tags have shown, and the line of the document that did."""

    scheme: Scheme
    line: int


def read_conll(
    file: BinaryIO, source: Source, options: ReadOptions, report: Report, scheme: Scheme | None = None
) -> Iterator[Document]:
    """The documents of a CoNLL file; one without ``-DOCSTART-`` is one document. `scheme`: None to find it out."""
    if options.columns:
        _check_names(options.columns)
    shown: _Shown | None = None  # the scheme that this file's tags have shown

    def make(section: Section) -> Document:
        nonlocal shown
        if section.failure:
            raise section.failure
        names = options.columns or _columns(section.rows)
        ner = names.index("ner")
        own = scheme or (shown.scheme if shown else _detect(section, ner, options))
        try:
            spans = _spans(section, ner, own, source, options, report)
        except TagError as error:
            if shown:
                error.add_todo(f"the document at line {shown.line} shows that the tags of this file are {own.name}")
            raise
        document = _document(section, names, spans, source, options, report)
        if spans and not scheme and not shown:
            shown = _Shown(own, section.rows[0].number)
        return document

    return read_each(_sections(file, source, options), source, report, make)


def _detect(section: Section, ner: int, options: ReadOptions) -> Scheme:
    found = detect([tag for sentence in section.sentences for tag in [*(row.fields[ner] for row in sentence), "O"]])
    # a repair is asked for because an I- is at fault that continues nothing; in IOB1 none is
    return SCHEMES["BIO"] if options.repair_tags and found.name == "IOB1" else found


def _sections(file: BinaryIO, source: Source, options: ReadOptions) -> Iterator[Section]:
    """Each document in turn."""
    section = Section()
    comments: list[str] = []  # those of which it is still open whether they belong to this document or the next
    width, has_tabs = len(options.columns or ()), False
    for number, line in enumerate(lines(file, source, options.encoding), 1):
        if isinstance(line, DataError):
            section.has_begun = True
            section.failure = section.failure or line
            continue
        fields = line.split("\t") if "\t" in line else NO_SPACES.findall(line)
        is_between = not section.sentences[-1]
        if not line.strip(" \t"):
            if not is_between:
                section.sentences.append([])
            elif section.has_begun and not section.sentences[0]:
                section.take(comments)
                comments = []
        elif fields[0] == DOCSTART and set(fields[1:]) <= {"-X-", "O"}:
            if section.has_begun:
                yield section
            section = Section(has_begun=True)
            section.take(comments)
            comments = []
        elif is_between and _is_comment(line, fields, width, has_tabs):
            comments.append(line)
        else:
            section.take(comments)
            comments = []
            section.has_begun = True
            row = Row(number, line, fields)
            section.failure = section.failure or _wrong_row(row, width, source, options)
            if not section.failure:
                width, has_tabs = len(fields), has_tabs or "\t" in line
                section.sentences[-1].append(row)
    section.take(comments)
    if section.has_begun or section.comments:
        yield section


def _is_comment(line: str, fields: Sequence[str], width: int, has_tabs: bool) -> bool:
    """Whether a line between sentences is a comment, not a token ``#``, in a file of so many columns."""
    if fields[0] != "#" or not line.startswith("#") or "\t" in line:
        return False
    is_row = len(fields) == width or (not width and len(fields) > 1)
    return has_tabs or bool(KEYED_COMMENT.fullmatch(line)) or not is_row or not TAG.fullmatch(fields[-1])


def _wrong_row(row: Row, width: int, source: Source, options: ReadOptions) -> DataError | None:
    """What is wrong with a row of a file of so many columns, 0 if it is the first."""
    count = len(row.fields)
    if not row.fields[0].strip():
        return DataError("the word is white space", "it is no token", Place(source.file, row.number, 1))
    if options.columns and count != width:
        what = f"{count} columns, where {width} are named: {','.join(options.columns)}"
        return DataError(what, "name them all", Place(source.file, row.number, 1))
    if count < 2 or (width and count != width):
        what = (
            f"{count} column{'s' * (count != 1)}, where the lines before have {width}" if width else "only one column"
        )
        todo = "a line has a word, a tag, and tabs or single spaces between; is it really conll?"
        return DataError(f"{what}: {shorten(row.line)!r}", todo, Place(source.file, row.number, 1))
    return None


def _columns(rows: Sequence[Row]) -> tuple[str, ...]:
    """The names of the columns, by their number and by the look of the one that says what white space follows."""
    width = len(rows[0].fields) if rows else 2
    looks = [k for k in range(1, width - 1) if all(_is_space(row.fields[k]) for row in rows)]
    # beyond three columns one of "-" alone is more likely to be empty
    if len(looks) == 1 and (width == 3 or any(row.fields[looks[0]] == "+" for row in rows)):
        return ("word", *("space" if k in looks else f"column{k}" for k in range(1, width - 1)), "ner")
    if width == 4:
        return ("word", "pos", "chunk", "ner")
    return ("word", *(f"column{k}" for k in range(1, width - 1)), "ner")


def _spans(
    section: Section, ner: int, scheme: Scheme, source: Source, options: ReadOptions, report: Report
) -> list[TokenSpan]:
    """The entities of a document, in tokens."""
    spans: list[TokenSpan] = []
    before = 0
    bare = scheme.marked == "never" and is_bare(row.fields[ner] for row in section.rows)
    for sentence in section.sentences:
        tags = [row.fields[ner] for row in sentence]
        tags = from_bare(tags) if bare else tags
        place = partial(_place_of_tag, sentence, source, ner)
        found = read_tags(tags, scheme, options.repair_tags, place, report)
        spans += [TokenSpan(first + before, stop + before, label) for first, stop, label in found]
        before += len(sentence)
    return spans


def _place_of_tag(sentence: Sequence[Row], source: Source, ner: int, number: int) -> Place:
    return sentence[number].place(source, ner)


def _document(
    section: Section,
    names: Sequence[str],
    spans: Sequence[TokenSpan],
    source: Source,
    options: ReadOptions,
    report: Report,
) -> Document:
    rows = section.rows
    place = Place(source.file, rows[0].number if rows else None)
    words = []
    at = names.index("word")
    for row in rows:
        given = row.fields[at]
        word = given.strip()
        if not word:
            raise DataError("the word is white space", "it is no token", row.place(source, at))
        if word != given:
            report.repairs.append(Repair("trim white space", str(row.place(source, at)), given))
        words.append(word)
    starts = [0]
    for sentence in section.sentences:
        starts.append(starts[-1] + len(sentence))
    begins = set(starts[:-1])
    if "space" in names:
        text, tokens = _spell_out(words, [_space(row, names.index("space"), source) for row in rows])
    else:
        text, tokens = respaced(words, options, place, report, begins=begins - {len(words)})
    more = {
        name: [None if row.fields[k] == NO_VALUE else row.fields[k] for row in rows]
        for k, name in enumerate(names)
        if name not in COLUMNS
    }
    tokens = Tokens.make(tokens.starts, tokens.ends, sorted(begins - {len(words)}), more)
    placed = tuple(Span(tokens.starts[a], tokens.ends[b - 1], label) for a, b, label in spans)
    if section.comments:
        count = len(section.comments)
        report.lose("field", place, shorten("; ".join(section.comments)), "comment lines are not carried", count=count)
    places = Places.make(source.file, tokens.starts, (row.stands(at) for row in rows)) if options.places else None
    return Document(text, placed, tokens, id=section.id, source=place, places=places)


def _is_space(value: str) -> bool:
    return value in ("+", "-") or (value != "" and not ESCAPE.sub("", value))


def _space(row: Row, column: int, source: Source) -> str:
    value = row.fields[column]
    if not _is_space(value) or _unescape(value).strip():
        todo = "+ is one space, - none, and others are spelled out, as \\s or \\n"
        raise DataError(f"{value!r} is no white space", todo, row.place(source, column))
    return _unescape(value)


def _spell_out(words: Sequence[str], spaces: Sequence[str]) -> tuple[str, Tokens]:
    starts, ends, at = [], [], 0
    for word, space in zip(words, spaces, strict=True):
        starts.append(at)
        ends.append(at + len(word))
        at += len(word) + len(space)
    text = "".join(word + space for word, space in zip(words, spaces, strict=True))
    return text, Tokens.make(starts, ends)


BEGINNING = regex.compile(rb"(?:\xef\xbb\xbf)?-DOCSTART-(?:[ \t]+(?:-X-|O))*[ \t]*\r?(?:\n|$)")
SUFFIXES = (".conll", ".bio", ".iob", ".tsv")


def _format(name: str, scheme: Scheme, summary: str, *, is_fixed: bool = True) -> Format:
    return Format(
        name,
        SUFFIXES,
        partial(read_conll, scheme=scheme if is_fixed else None),
        partial(ConllWriter, name=name, scheme=scheme),
        summary=summary,
        sniff=None if is_fixed else lambda data: bool(BEGINNING.match(data)),
        holds=frozenset({"spacing", "tokens", "sentences", "ids", "columns"}),
    )


FORMATS = [
    _format(
        "conll",
        SCHEMES["BIO"],
        "a token a line, BIO tags (IOB2); on reading the scheme is found out from the tags",
        is_fixed=False,
    ),
    _format("conll-iob1", SCHEMES["IOB1"], "a token a line, IOB1 tags, as CoNLL-2003 was released"),
    _format("conll-io", SCHEMES["IO"], "a token a line, IO tags, or labels alone"),
    _format("conll-bioes", SCHEMES["BIOES"], "a token a line, BIOES tags (IOBES)"),
    _format("conll-bilou", SCHEMES["BILOU"], "a token a line, BILOU tags"),
]
