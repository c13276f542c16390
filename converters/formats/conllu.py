r"""CoNLL-U, the columns of Universal Dependencies, with entities in MISC, the tenth of them.

    # newdoc id = a
    # sent_id = a-1
    # text = Rome's mayor
    1	Rome	Rome	PROPN	NNP	Number=Sing	_	_	_	SpaceAfter=No|name=B-LOC
    2	's	's	PART	POS	_	_	_	_	name=O
    3	mayor	mayor	NOUN	NN	_	_	_	_	SpaceAfter=No|name=O

Entities are tags, ``name=`` (also ``NE=``, ``NER=``, ``ner=`` on reading; BIO, BILOU or BIOES, found out from the tags;
a word without one is ``O``), or brackets as GUM and CorefUD have them: ``Entity=(e1-person-1(e2-place)``, later
``Entity=e1)``. ``# global.Entity = eid-etype-head`` names the fields of these, the label is `etype`, the others become
attributes of the span (`identity` as `kb_id`); without that line they are read as ``(e1-person-...`` or as
``(person-1-...``. Brackets may nest, cross, and run across sentences; one in parts, ``(e1[1/2]-person``, is an error,
or an entity a part (``--discontinuous split``), or one from the first to the last (``cover``). Where a document has
tags, these are its entities, and its brackets stay in the column `misc`. Tags are written, in BIO.

One space follows a token unless MISC says ``SpaceAfter=No`` or ``SpacesAfter=``, with the escapes ``\s`` space, ``\t``,
``\n``, ``\r``, ``\p`` pipe, ``\\`` backslash; ``SpacesBefore=`` comes on top. ``# newpar`` makes a paragraph break
where no ``SpacesAfter=`` says another thing. ``# text`` is checked against the tokens, any white space as one space.

A multiword token (``1-2``) is one token, its form and spacing are the range's own; its words are in the column
`words`, a line each, their tabs included, without their numbers. An entity on some of its words is one on the whole
token. The other columns are `lemma`, `pos` (UPOS), `tag` (XPOS), `morph` (FEATS), `head`, `dep` (DEPREL), `deps`,
`misc` (what else is in MISC); a value is None for ``_``. All of them are written back, the three of syntax where the
sentences are still those whose words the heads count. ``# newdoc`` begins a document, with its id; ``# meta::x = ...``
is metadatum `x`; ``# sent_id`` is kept as `sent_ids`, a list in the metadata, unless it is what would be written
without: ``id-1``, ``id-2``.

Cannot hold: overlapping entities (but reads them), attributes of a span, other columns, metadata that are no text
of one line, a label with a ``|``, a word with a tab or line break, white space in a document without tokens. Not
read: empty nodes (``1.1``), other comments.

Sources: https://universaldependencies.org/format.html; https://universaldependencies.org/misc.html;
https://ufal.mff.cuni.cz/udpipe/1/users-manual#run_udpipe_tokenizer_spaces; https://ufal.mff.cuni.cz/corefud;
https://github.com/UniversalDependencies/UD_English-GUM
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, BinaryIO, NamedTuple

import regex

from ..align import fit_to_tokens
from ..balance import Repair, Report
from ..document import LABEL_TODO, Document, Span, Tokens, TokenSpan, is_label
from ..errors import DataError, Place, Places, shorten
from ..holding import tell_remade, tell_unheld
from ..offsets import add_entity
from ..options import ReadOptions, WriteOptions
from ..reading import read_each
from ..schemes import OTHERS, SCHEMES, Scheme, TagError, by_sentence, detect, encode, read_tags
from ..source import Source, lines
from . import Format

NAME = "conllu"
COLUMNS = ("lemma", "pos", "tag", "morph", "head", "dep", "deps")
"""The names here of the columns between FORM and MISC."""
SYNTAX = ("head", "dep", "deps")
TAG, BRACKETS = "name", "Entity"
TAGS = (TAG, "NE", "NER", "ner")
SPACING = ("SpaceAfter", "SpacesAfter", "SpacesBefore")
META = "meta::"
SENT_IDS = "sent_ids"
"""The name in a document's metadata of the ids of its sentences."""

ESCAPES = {" ": "\\s", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
UNESCAPES = {"s": " ", "n": "\n", "r": "\r", "t": "\t", "p": "|", "\\": "\\"}
WORD = regex.compile(r"[1-9][0-9]{0,8}")
RANGE = regex.compile(r"([1-9][0-9]{0,8})-([1-9][0-9]{0,8})")
EMPTY = regex.compile(r"([0-9]{1,9})\.[1-9][0-9]{0,8}")
ROW = regex.compile(r"[^\t\n\r]+(?:\t[^\t\n\r]+){8}")
SURROGATE = regex.compile(r"[\uD800-\uDFFF]")
BRACKET = regex.compile(r"\((?P<opens>[^()]+)(?P<alone>\))?|(?P<closes>[^()]+)\)")
PART = regex.compile(r"(.+)\[([1-9][0-9]{0,8})/([1-9][0-9]{0,8})\]")
NUMBERED = regex.compile(r"[A-Za-z]*[0-9]+(?:\[[0-9]+/[0-9]+\])?")


class Comment(NamedTuple):
    """A comment line: what stands before the first ``=``, and what after it."""

    key: str
    value: str | None
    line: int

    @classmethod
    def parse(cls, line: str, number: int = 0) -> Comment:
        """The comment in a line that begins with ``#``."""
        key, equals, value = line[1:].partition("=")
        return cls(key.strip(), value.strip() if equals else None, number)

    @property
    def begins_document(self) -> bool:
        """Whether it is ``# newdoc``, with an id or without."""
        return self.key.split(" ")[0] == "newdoc"

    @property
    def begins_paragraph(self) -> bool:
        """Whether it is ``# newpar``, with an id or without."""
        return self.key.split(" ")[0] == "newpar"


def _key(part: str) -> str:
    """The name of one item of MISC."""
    return part.partition("=")[0]


def _words(cell: str) -> Iterator[tuple[list[str], list[str]]]:
    """The words of a multiword token as the column `words` holds them: the columns before MISC, and MISC in parts."""
    for line in cell.split("\n"):
        *fields, misc = line.split("\t")
        yield fields, [] if misc == "_" else misc.split("|")


# Writing


class ConlluWriter:
    """A line a word."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.file = file
        self.report = report

    def write(self, document: Document) -> None:
        """Write the document's lines."""
        spans = fit_to_tokens(document, NAME)
        _check(document)
        lost: dict[str, None] = {}
        sentences = list(by_sentence(document, spans, NAME, self.report))
        rows = _Rows(document, sentences, lost)
        ids = _sentence_ids(document, len(sentences), lost)
        out = [*_document_comments(document, lost)]
        for (first, stop, found), id in zip(sentences, ids, strict=True):
            if first and document.text[rows.ends[first - 1] : rows.starts[first]].count("\n") > 1:
                out.append("# newpar")
            if id is not None:
                out.append(f"# sent_id = {id}")
            out += [f"# text = {rows.text(first, stop)}", *rows.lines(first, stop, found), ""]
        tell_unheld(document, lost, NAME, self.report)
        if document.text and not document.tokens:  # white space is told beside a token
            tell_remade("spacing", document, NAME, self.report)
        self.file.write("\n".join([*out, ""]).encode())

    def close(self) -> None:
        """Nothing is left to be written."""


def _check(document: Document) -> None:
    for span in document.spans:
        if "|" in span.label:
            todo = "rename it with --map, or convert to jsonl"
            raise DataError(f"{NAME} cannot hold the label {span.label!r}, which has a |", todo, document.source)
    for word in document.words:
        if any(c in word for c in "\t\n\r"):
            raise DataError(
                f"{NAME} cannot hold the word {word!r}", "mend the source, or convert to jsonl", document.source
            )


def _comment(key: str, value: Any) -> str | None:
    """The comment line that says so, or None where it would not be read as that."""
    line = f"# {key} = {value}"
    held = isinstance(value, str) and value and _fits(line)
    return line if held and Comment.parse(line) == (key, value, 0) else None


def _fits(text: str, without: str = "\n\r") -> bool:
    """Whether a line can hold the text: without line breaks, and all of it characters."""
    return set(without).isdisjoint(text) and not SURROGATE.search(text)


def _document_comments(document: Document, lost: dict[str, None]) -> Iterator[str]:
    """The comments at the beginning of a document."""
    line = None if document.id is None else _comment("newdoc id", document.id)
    if document.id is not None and line is None:
        lost["id"] = None
    yield line or "# newdoc"
    for name, value in document.meta.items():
        if name != SENT_IDS:
            line = _comment(f"{META}{name}", value)
            if line is None:
                lost[str(name)] = None
            else:
                yield line
    if not document.tokens and document.text:
        lost["white space"] = None


def _sentence_ids(document: Document, count: int, lost: dict[str, None]) -> Sequence[str | None]:
    """The ids of the sentences: their own where they have some, else numbers."""
    own = document.meta.get(SENT_IDS)
    if own is None:
        return _numbered(document.id, count)
    if not isinstance(own, Sequence) or isinstance(own, str) or len(own) != count:
        lost[SENT_IDS] = None
        return _numbered(document.id, count)
    ids = [id if _comment("sent_id", id) else None for id in own]
    if ids != list(own):
        lost[SENT_IDS] = None
    return ids


def _numbered(id: str | None, count: int) -> list[str | None]:
    numbers = [str(number) for number in range(1, count + 1)]
    return [number if id is None or _comment("newdoc id", id) is None else f"{id}-{number}" for number in numbers]


class _Rows:
    """What the lines of a document are made of. What of it has no place is told to `lost`."""

    def __init__(
        self, document: Document, sentences: Sequence[tuple[int, int, list[TokenSpan]]], lost: dict[str, None]
    ) -> None:
        tokens = document.tokens
        assert tokens is not None
        self.forms = document.words
        self.starts, self.ends = tokens.starts, tokens.ends
        self.spaces = self._spaces(document.text)
        columns = tokens.columns
        self.words = [self._cell("words", value, lost) for value in columns.get("words", [None] * len(tokens))]
        self.misc = [self._cell("misc", value, lost) for value in columns.get("misc", [None] * len(tokens))]
        self.cells = {
            name: [self._cell(name, value, lost) for value in values]
            for name, values in columns.items()
            if name in COLUMNS
        }
        lost |= dict.fromkeys(name for name in columns if name not in (*COLUMNS, "words", "misc"))
        self.is_parsed = tokens.sentences is not None and len(sentences) == len(tokens.sentences)
        self.is_parsed = self.is_parsed and all(self._heads_fit(first, stop) for first, stop, _ in sentences)
        if not self.is_parsed:
            lost |= dict.fromkeys(name for name in SYNTAX if any(self.cells.get(name, ())))
            if any(line for line in self.words if line and any(f[5:] != ["_"] * 3 for f, _ in _words(line))):
                lost["syntax of words"] = None

    def _spaces(self, text: str) -> list[list[str]]:
        """The items of MISC that say which white space is around each token."""
        spaces = []
        until = [*self.starts[1:], len(text)] if self.starts else []
        for start, stop in zip(self.ends, until, strict=True):
            space = text[start:stop]
            escaped = "".join(ESCAPES.get(c, c) for c in space)
            is_usual = space == " " and stop < len(text)
            spaces.append(["SpaceAfter=No"] if not space else [] if is_usual else [f"SpacesAfter={escaped}"])
        if self.starts and self.starts[0]:
            spaces[0].append("SpacesBefore=" + "".join(ESCAPES.get(c, c) for c in text[: self.starts[0]]))
        return spaces

    @staticmethod
    def _cell(name: str, value: Any, lost: dict[str, None]) -> str | None:
        """A value as the file can hold it, None where it cannot."""
        held: str | None = value
        if not isinstance(value, str) or value in ("", "_"):
            held = None
        elif name == "words":
            held = value if all(map(ROW.fullmatch, value.split("\n"))) and _fits(value, "") else None
            if held and {_key(part) for _, parts in _words(held) for part in parts} & {*TAGS}:
                held = None
        elif not _fits(value, "\t\n\r"):
            held = None
        elif name == "misc":
            held = "|".join(part for part in value.split("|") if _key(part) not in (*TAGS, *SPACING)) or None
        if held != value:
            lost[name] = None
        return held

    def _heads_fit(self, first: int, stop: int) -> bool:
        """Whether the heads of a sentence are numbers of words in it."""
        heads = self.cells["head"][first:stop] if "head" in self.cells else []
        words = [fields for line in self.words[first:stop] if line for fields, _ in _words(line)]
        size = stop - first + len(words) - sum(line is not None for line in self.words[first:stop])
        heads += [None if fields[5] == "_" else fields[5] for fields in words]
        return all(head is None or head == "0" or (WORD.fullmatch(head) and int(head) <= size) for head in heads)

    def text(self, first: int, stop: int) -> str:
        """The text of a sentence, on one line."""
        follows = [" " if self.ends[k] < self.starts[k + 1] else "" for k in range(first, stop - 1)]
        return "".join(chain(*zip(self.forms[first:stop], [*follows, ""], strict=True)))

    def lines(self, first: int, stop: int, found: Iterable[TokenSpan]) -> Iterator[str]:
        """The lines of a sentence."""
        tags = encode(found, stop - first, SCHEMES["BIO"])
        number = 0
        for token, tag in zip(range(first, stop), tags, strict=True):
            cells = {name: values[token] for name, values in self.cells.items()}
            if not self.is_parsed:
                cells = {name: cell for name, cell in cells.items() if name not in SYNTAX}
            misc = self.misc[token]
            parts = [*self.spaces[token], *([] if misc is None else [misc])]
            fields = [self.forms[token], *(cells.get(name) or "_" for name in COLUMNS)]
            words = [*_words(self.words[token] or "")] if self.words[token] else []
            if not words:
                number += 1
                yield _line(str(number), fields, [*parts, f"{TAG}={tag}"])
                continue
            # a tag stands on the words, where readers look for it
            yield _line(f"{number + 1}-{number + len(words)}", fields, parts)
            for inner, items in words:
                number += 1
                columns = inner if self.is_parsed else [*inner[:5], "_", "_", "_"]
                yield _line(str(number), columns, [*items, f"{TAG}={tag}"])
                tag = f"I{tag[1:]}" if tag != "O" else tag


def _line(id: str, fields: Iterable[str], parts: Iterable[str]) -> str:
    # the tag is last, so that no white space is: some readers take that off
    return "\t".join([id, *fields, "|".join(parts) or "_"])


# Reading


class Row(NamedTuple):
    """A line with its columns, and those of the items of MISC that are there."""

    line: int
    fields: list[str]
    parts: list[str]


class Block(NamedTuple):
    """A sentence: the comments before it, and its lines."""

    comments: list[Comment]
    rows: list[Row]


def read_conllu(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a CoNLL-U file; one without ``# newdoc`` is one document."""
    shown = _Shown()

    def make(blocks: Sequence[Block]) -> Document:
        return _Reading(source, options, report, shown).document(blocks)

    return read_each(_documents(file, source, options), source, report, make)


@dataclass
class _Shown:
    """What the documents of a file so far have shown, which goes for all of it."""

    names: Sequence[str] = ()
    """Of the fields of brackets."""
    key: str = ""
    """The one that tags have."""
    scheme: Scheme | None = None
    """That of the tags."""
    line: int = 0
    """Where the document begins that showed it."""


def _documents(file: BinaryIO, source: Source, options: ReadOptions) -> Iterator[list[Block] | DataError]:
    """The sentences of each document in turn, or what is wrong with its lines. The last may be comments alone."""
    blocks: list[Block] = []
    block = Block([], [])
    failure: DataError | None = None
    for number, line in enumerate(lines(file, source, options.encoding), 1):
        place = Place(source.file, number, 1)
        if isinstance(line, DataError):
            failure = failure or line
        elif line.startswith("#"):
            comment = Comment.parse(line, number)
            if block.rows:
                failure = failure or DataError("a comment inside a sentence", "an empty line ends a sentence", place)
                blocks.append(block)
                block = Block([], [])
            if comment.begins_document:
                if any(other.begins_document for other in block.comments):
                    blocks.append(block)
                    block = Block([], [])
                if blocks or failure:
                    yield failure or blocks
                blocks, failure = [], None
            block.comments.append(comment)
        elif line.strip():
            row = _row(line, place)
            if isinstance(row, DataError):
                failure = failure or row
            else:
                block.rows.append(row)
        elif block.rows:
            blocks.append(block)
            block = Block([], [])
    if block.rows or any(comment.begins_document for comment in block.comments) or (blocks and block.comments):
        blocks.append(block)
    if blocks or failure:
        yield failure or blocks


def _row(line: str, place: Place) -> Row | DataError:
    fields = line.split("\t")
    if len(fields) != 10:
        todo = "they are separated by tabs; is it really conllu?"
        return DataError(f"{len(fields)} columns, where CoNLL-U has 10: {shorten(line)!r}", todo, place)
    if "" in fields:
        column = len("\t".join(fields[: fields.index("")])) + 2
        return DataError("an empty column", "one that has no value is _", place._replace(column=column))
    return Row(place.line or 0, fields, [] if fields[9] == "_" else fields[9].split("|"))


class _Unit(NamedTuple):
    """What one tag stands on: words, half-open; and where it is, a row and the number of an item of MISC."""

    first: int
    stop: int
    tag: str
    row: Row
    part: int


class _Mention(NamedTuple):
    """An entity in brackets, in words; and what the bracket that opens it says."""

    first: int
    stop: int
    says: str
    values: Mapping[str, str]
    place: Place

    @property
    def id(self) -> str:
        """The id of what it mentions."""
        return self.values.get("eid") or self.values.get("GRP") or ""


class _Opened:
    """Entities that brackets have opened and not closed yet. Which one another closes takes no search among them."""

    def __init__(self) -> None:
        self.mentions: dict[int, _Mention] = {}  # by number, in their order
        self.count = 0
        self.named: dict[str, list[int]] = {}  # by all that they say, and by id
        self.nodes: dict[tuple[int, str], int] = {}  # a tree of the fields that they begin with
        self.begun: list[list[int]] = [[]]  # by its nodes

    def add(self, mention: _Mention) -> None:
        """One more."""
        number = self.count = self.count + 1
        self.mentions[number] = mention
        for name in {mention.says, mention.id or mention.says}:
            self.named.setdefault(name, []).append(number)
        node = 0
        for field in mention.says.split("-")[:-1]:
            node = self.nodes.setdefault((node, field), len(self.begun))
            if node == len(self.begun):
                self.begun.append([])
            self.begun[node].append(number)

    def close(self, says: str) -> _Mention | None:
        """The innermost one of that name, or else the innermost that begins with it and a dash."""
        node: int | None = 0
        for field in says.split("-"):
            node = None if node is None else self.nodes.get((node, field))
        for numbers in (self.named.get(says, []), [] if node is None else self.begun[node]):
            while numbers:
                if mention := self.mentions.pop(numbers.pop(), None):
                    return mention
        return None


def _brackets(value: str) -> list[regex.Match[str]]:
    """The brackets of which a value consists; none where it has anything else in it."""
    found: list[regex.Match[str]] = []
    at = 0
    while at < len(value):
        bracket = BRACKET.match(value, at)
        if not bracket:
            return []
        found.append(bracket)
        at = bracket.end()
    return found


class _Reading:
    """A document on its way."""

    def __init__(self, source: Source, options: ReadOptions, report: Report, shown: _Shown) -> None:
        self.source = source
        self.options = options
        self.report = report
        self.shown = shown
        self.rows: list[Row] = []  # of the tokens
        self.before: list[str] = []
        self.after: list[str | None] = []  # None where nothing says which white space follows
        self.inner: list[list[Row]] = []  # the words of multiword tokens
        self.owners: list[int] = []  # of each word the token that it is in
        self.sentences: list[int] = []
        self.sent_ids: list[str | None] = []
        self.units: list[list[_Unit]] = []
        self.key = ""  # the one that tags have
        self.brackets: list[tuple[int, int, str, Place]] = []  # those of a line, and where one opens and one closes
        self.empty: list[Row] = []
        self.unread: dict[str, None] = {}
        self.own: str | None = None
        self.meta: dict[str, Any] = {}

    def document(self, blocks: Sequence[Block]) -> Document:
        """The document that the blocks make."""
        first = chain((row.line for block in blocks for row in block.rows), (c.line for c in blocks[0].comments))
        place = Place(self.source.file, next(first, None))
        for block in blocks:
            self._sentence(block)
        if self.unread:
            self.report.lose("field", place, ", ".join(self.unread), "these comments are not read")
        if self.empty:
            words, where = shorten(" ".join(row.fields[1] for row in self.empty)), self._place(self.empty[0])
            self.report.lose("token", where, words, "empty nodes are not in the text", count=len(self.empty))
        text, starts, ends = self._text()
        columns = self._columns()
        attributes: dict[Span, Mapping[str, str]] = {}
        for mention in self._tagged() if self.key else self._bracketed():
            span = self._span(mention, text, starts, ends)
            known = {"kb_id" if name == "identity" else name: value for name, value in mention.values.items() if value}
            known = {name: value for name, value in known.items() if name not in ("etype", "entity")}
            add_entity(attributes, span, known, text, mention.place, self.report)
        ids = _numbered(self.own, len(self.sent_ids))
        if any(self.sent_ids) and self.sent_ids != ids:
            self.meta[SENT_IDS] = self.sent_ids
        tokens = Tokens.make(starts, ends, self.sentences, columns)
        places = self._places(starts) if self.options.places else None
        return Document(text, tuple(attributes), tokens, attributes, self.own, place, self.meta, places=places)

    def _place(self, row: Row, column: int = 0, part: int | None = None) -> Place:
        """The place of a column of a row, or of an item of MISC."""
        at = sum(len(field) + 1 for field in row.fields[: 9 if part is not None else column])
        return Place(self.source.file, row.line, at + sum(len(item) + 1 for item in row.parts[: part or 0]) + 1)

    def _sentence(self, block: Block) -> None:
        text, id, is_paragraph = self._comments(block.comments)
        if not block.rows:
            return
        begins = len(self.rows)
        self.units.append([])
        number = until = 0  # the last word, and the last of the range that is open
        tagged = False  # whether that range has a tag of its own
        for row in block.rows:
            if EMPTY.fullmatch(row.fields[0]) and int(row.fields[0].partition(".")[0]) == number:
                self.empty.append(row)
                self._bracket(row, len(self.owners), len(self.owners))
            elif (found := RANGE.fullmatch(row.fields[0])) and until <= number == int(found[1]) - 1 < int(found[2]):
                until = int(found[2])
                self._token(row)
                tagged = self._tag(row, len(self.owners), len(self.owners) + until - number)
                if BRACKETS in map(_key, row.parts):
                    todo = "it belongs to the words"
                    raise DataError(f"{BRACKETS}= on a multiword token", todo, self._place(row, 9))
            elif WORD.fullmatch(row.fields[0]) and int(row.fields[0]) == number + 1:
                number += 1
                if number > until:
                    self._token(row)
                    tagged = False
                else:
                    self.inner[-1].append(row)
                word = len(self.owners)
                self.owners.append(len(self.rows) - 1)
                if self._tag(row, word, word + 1, due=not tagged) and tagged:
                    raise DataError("a tag on a multiword token and on a word of it", "", self._place(row, 9))
                self._bracket(row, word, word + 1)
            else:
                todo = f"after word {number} the next is {number + 1}"
                raise DataError(f"the number {row.fields[0]!r} is out of order", todo, self._place(row))
        if number < until:
            what = f"the sentence ends at word {number}, inside a multiword token that goes to {until}"
            raise DataError(what, "", self._place(block.rows[-1]))
        if begins == len(self.rows):
            return
        if text is not None:
            self._check_text(begins, text)
        if begins and is_paragraph and not self.after[begins - 1]:
            self.after[begins - 1] = "\n\n"
        elif begins and self.after[begins - 1] is None and self.options.layout == "sentences":
            self.after[begins - 1] = "\n"
        self.sentences.append(begins)
        self.sent_ids.append(id)

    def _comments(self, comments: Sequence[Comment]) -> tuple[Comment | None, str | None, bool]:
        """What the comments say of the sentence: its text, its id, and whether it begins a paragraph."""
        text, id, is_paragraph = None, None, False
        for comment in comments:
            key, value, _ = comment
            if key == "text" and value is not None:
                text = comment
            elif key == "sent_id" and value:
                id = value
            elif comment.begins_paragraph:
                is_paragraph = True
                if value:
                    self.unread["newpar id" if key == "newpar id" else "newpar"] = None
            elif comment.begins_document:
                self.own = value or None
            elif key == "global.Entity" and value:
                self.shown.names = value.split("-")
            elif key.startswith(META) and value and key not in (META, f"{META}id"):
                self.meta[key.removeprefix(META)] = value
            else:
                self.unread[shorten(key)] = None
        return text, id, is_paragraph

    def _token(self, row: Row) -> None:
        form = row.fields[1]
        if form != form.strip():
            todo = "it is no token, or it does not belong to it"
            raise DataError(f"the word {form!r} begins or ends in white space", todo, self._place(row, 1))
        before, after = "", None
        for number, part in enumerate(row.parts):
            key = _key(part)
            if key not in SPACING:
                continue
            space = "" if part == "SpaceAfter=No" else " " if part == "SpaceAfter=Yes" else self._unescape(row, number)
            if key == "SpacesBefore":
                before = space
            elif after is not None and after != space:
                todo = "leave out the one that is wrong"
                raise DataError(f"two items say what follows the word {form!r}", todo, self._place(row, part=number))
            else:
                after = space
        self.rows.append(row)
        self.before.append(before)
        self.after.append(after)
        self.inner.append([])

    def _unescape(self, row: Row, number: int) -> str:
        part = row.parts[number]
        space = regex.sub(r"\\(.)", lambda found: UNESCAPES.get(found[1], found[0]), part.partition("=")[2])
        if not space or space.strip():
            todo = "\\s, \\t, \\n and \\r stand for it" if "SpaceAfter" not in part else "it can be No"
            raise DataError(f"{part!r} is no white space", todo, self._place(row, part=number))
        return space

    def _tag(self, row: Row, first: int, stop: int, *, due: bool = False) -> bool:
        """Note the tag of a row, or where one is `due` that there is none. Whether there is one."""
        found = False
        for number, part in enumerate(row.parts):
            key, _, tag = part.partition("=")
            if key in TAGS:
                if found or (self.shown.key and key != self.shown.key):
                    before = f"the tag {part!r}, where before there is {self.shown.key}="
                    what = f"a second tag, {part!r}" if found else before
                    raise DataError(what, "choose one", self._place(row, part=number))
                self.key = self.shown.key = key
                found = True
                self.units[-1].append(_Unit(first, stop, tag, row, number))
        if due and not found:
            self.units[-1].append(_Unit(first, stop, "O", row, 0))
        return found

    def _place_of_tag(self, units: Sequence[_Unit], number: int) -> Place:
        return self._tag_place(units[number])

    def _tag_place(self, unit: _Unit) -> Place:
        place = self._place(unit.row, part=unit.part)
        if not any(_key(part) == self.key for part in unit.row.parts[unit.part : unit.part + 1]):
            return place  # it has none, which is as good as O
        return place._replace(column=(place.column or 1) + len(self.key) + 1)

    def _bracket(self, row: Row, first: int, stop: int) -> None:
        """Note the brackets of a row: where an entity begins that opens there, and where one ends."""
        if not any(_key(part) == BRACKETS for part in row.parts):
            return
        place = self._place(row, 9)
        at = place.column or 1
        for part in row.parts:
            if _key(part) == BRACKETS:
                self.brackets.append((first, stop, part.partition("=")[2], place._replace(column=at)))
            at += len(part) + 1

    def _check_text(self, begins: int, said: Comment) -> None:
        rows, after = self.rows[begins:], self.after[begins:]
        spaces = [" " if space is None else space for space in after]
        pieces = zip(self.before[begins:], (row.fields[1] for row in rows), spaces, strict=True)
        found = " ".join("".join(chain(*pieces)).split())
        wanted = " ".join((said.value or "").split())
        if found != wanted:
            at = next((k for k, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), None)
            at = min(len(found), len(wanted)) if at is None else at
            raise DataError(
                f"# text has {wanted[at : at + 20]!r} where the tokens have {found[at : at + 20]!r}, at character {at}",
                "look at the words and at SpaceAfter=No",
                Place(self.source.file, said.line),
            )

    def _text(self) -> tuple[str, list[int], list[int]]:
        """The text, and where the tokens begin and end in it."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        if self.after and self.after[-1] is None:
            self.after[-1] = ""
        for row, before, after in zip(self.rows, self.before, self.after, strict=True):
            space = " " if after is None else after
            starts.append(at + len(before))
            ends.append(starts[-1] + len(row.fields[1]))
            at = ends[-1] + len(space)
            pieces += (before, row.fields[1], space)
        return "".join(pieces), starts, ends

    def _places(self, starts: Sequence[int]) -> Places:
        """Where the tokens stand, which begin at `starts` in the text."""
        forms = ((row.line, self._place(row, 1).column or 1) for row in self.rows)
        return Places.make(self.source.file, starts, forms)

    def _columns(self) -> dict[str, list[str | None]]:
        columns: dict[str, list[str | None]] = {}
        for number, name in enumerate(COLUMNS, 2):
            columns[name] = [None if row.fields[number] == "_" else row.fields[number] for row in self.rows]
        columns["misc"] = [self._misc(row, SPACING) or None for row in self.rows]
        columns["words"] = [
            "\n".join("\t".join([*row.fields[1:9], self._misc(row) or "_"]) for row in rows) or None
            for rows in self.inner
        ]
        return {name: values for name, values in columns.items() if any(values)}

    def _misc(self, row: Row, without: Sequence[str] = ()) -> str:
        """What is in MISC that is neither spacing nor an entity."""
        without = (*without, *TAGS, *([] if self.key else [BRACKETS]))
        return "|".join(part for part in row.parts if _key(part) not in without)

    def _span(self, mention: _Mention, text: str, starts: Sequence[int], ends: Sequence[int]) -> Span:
        """An entity on words as one on the tokens that they are in."""
        first, last = self.owners[mention.first], self.owners[mention.stop - 1]
        label = mention.values.get("etype") or mention.values.get("entity") or ""
        span = Span(starts[first], ends[last], label)
        starts_inside = mention.first and self.owners[mention.first - 1] == first
        if starts_inside or self.owners[mention.stop : mention.stop + 1] == [last]:
            name = text[span.start : span.end]
            self.report.repairs.append(Repair("widen to the multiword token", str(mention.place), name))
        return span

    def _tagged(self) -> Iterator[_Mention]:
        """The entities that tags tell of."""
        scheme = self.shown.scheme
        if scheme is None:
            scheme = detect([tag for units in self.units for tag in [*(unit.tag for unit in units), "O"]])
            if not scheme.has_end:
                scheme = SCHEMES["BIO"]
        method = self.options.repair_tags
        for units in self.units:
            tags = [unit.tag for unit in units]
            try:
                found = read_tags(tags, scheme, method, partial(self._place_of_tag, units), self.report)
            except TagError as error:
                if error.todo.endswith(OTHERS):
                    error.todo = "BIO, BILOU and BIOES are read"
                if self.shown.scheme:
                    error.add_todo(
                        f"the document at line {self.shown.line} shows that the tags of this file are {scheme.name}"
                    )
                raise
            for first, stop, label in found:
                unit = units[first]
                yield _Mention(unit.first, units[stop - 1].stop, "", {"etype": label}, self._tag_place(unit))
                if not self.shown.scheme:
                    self.shown.scheme, self.shown.line = scheme, self.rows[0].line

    def _bracketed(self) -> Iterator[_Mention]:
        """The entities that brackets tell of, in the order of their ends."""
        opened = _Opened()
        parts: dict[str, list[_Mention]] = {}
        for first, stop, value, place in self.brackets:
            brackets = _brackets(value)
            if not brackets:
                raise DataError(f"{BRACKETS}={value} are no brackets", "(e1-person opens one, e1) closes it", place)
            for found in brackets:
                if found["opens"]:
                    mention = _Mention(first, first, found["opens"], self._values(found["opens"]), place)
                    if not found["alone"]:
                        opened.add(mention)
                        continue
                elif (closed := opened.close(found["closes"])) is None:
                    what = f"{found['closes']}) closes no entity that is open"
                    raise DataError(what, f"({found['closes']}-... opens one", place)
                else:
                    mention = closed
                yield from self._whole(mention._replace(stop=stop), parts)
        for mention in opened.mentions.values():
            raise DataError(f"the entity ({mention.says} is not closed", "in the same document", mention.place)
        for mention, *_ in parts.values():
            raise DataError(f"the entity ({mention.says} has not all its parts", "", mention.place)

    def _values(self, says: str) -> Mapping[str, str]:
        """The fields of an opening bracket, by name."""
        names = self.shown.names
        if not names:
            first, second, *_ = [*says.split("-"), ""]
            names = ["etype", "identity"]
            if NUMBERED.fullmatch(first):
                names = ["eid", "etype", "other"]
            elif NUMBERED.fullmatch(second):
                names = ["etype", "eid", "other"]
        return dict(zip(names, says.split("-", len(names) - 1), strict=False))

    def _whole(self, mention: _Mention, parts: dict[str, list[_Mention]]) -> Iterator[_Mention]:
        """The entity, if it can be one; of one in parts what is asked for, with the last of them."""
        part = PART.fullmatch(mention.id)
        if part is None:
            yield from self._checked(mention)
            return
        if self.options.discontinuous == "error":
            todo = "say what becomes of it: --discontinuous split, or --discontinuous cover"
            raise DataError(f"the entity ({mention.says} is in parts", todo, mention.place)
        known = parts.setdefault(part[1], [])
        known.append(mention)
        if len(known) < int(part[3]):
            return
        del parts[part[1]]
        values = {name: part[1] if value == known[0].id else value for name, value in known[0].values.items()}
        if self.options.discontinuous == "cover":
            known = [mention._replace(first=known[0].first)]
        words = " ".join(self.rows[self.owners[piece.first]].fields[1] for piece in known if piece.first < piece.stop)
        self.report.repairs.append(Repair(f"discontinuous {self.options.discontinuous}", str(mention.place), words))
        for piece in known:
            yield from self._checked(piece._replace(values=values))

    def _checked(self, mention: _Mention) -> Iterator[_Mention]:
        label = mention.values.get("etype") or mention.values.get("entity")
        if mention.first >= mention.stop:
            self.report.lose("span", mention.place, mention.says, "it is on empty nodes alone", label=label)
        elif not label:
            self.report.lose("span", mention.place, mention.says, "it has no type, which would be its label")
        elif not is_label(label):
            raise DataError(f"{label!r} is no label", LABEL_TODO, mention.place)
        else:
            yield mention


START = regex.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:#[^\n]*\n)*(?:1(?:-[0-9]+)?|0\.1)\t[^\t\n]+(?:\t[^\t\n]+){8}(?:\n|$)",
)

FORMATS = [
    Format(
        NAME,
        (".conllu",),
        read_conllu,
        ConlluWriter,
        summary="CoNLL-U: entities in MISC as tags (`name=`, `NE=`, `NER=`) or `Entity=` brackets, with exact spacing",
        sniff=lambda data: bool(START.match(data)),
        holds=frozenset({"spacing", "tokens", "sentences", "ids", "metadata", "columns"}),
    )
]
