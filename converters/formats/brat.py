"""brat's standoff: the text in one file, ``a.txt``, and what is annotated in another beside it, ``a.ann``.

    T1	ORG 0 4	Sony
    N1	Reference T1 Wikidata:Q41187	Sony
    A1	Confidence T1 High
    T2	PER 31 35;36 41	Anna Meyer

A line of tab-separated fields an annotation. ``T``: an entity, with its label, its offsets and its mention. Offsets
count characters (Unicode code points) of the ``.txt`` file as it is stored, line ends and a byte order mark
included, half-open. An entity may lie in several pieces, ``31 35;36 41``. brat itself cuts entities at line breaks:
pieces with white space between them that has a line break in it are one entity, and one that runs across lines is
written in such pieces. What is otherwise in several pieces is an error, or becomes an entity a piece
(``--discontinuous split``) or one from the first to the last (``cover``). The mention is checked against the
offsets; white space in it may be any other white space.

Of an entity, its id (``T1``) is kept as the attribute `id`, its ``A`` and ``M`` lines under their names, with their
values or True, and its ``N`` line as `kb_id` and `kb_text`. The triggers of events are ``T`` lines as all others. On
writing an id is kept where it is of this form and comes once; the others get the free numbers, in order.

Cannot hold: tokens, sentences, metadata, a label with white space in it, two entities in the same place with the
same label, attributes that are neither True nor a string in one line. Not read: relations (``R``), events (``E``),
equivalences (``*``) and notes (``#``).

Source: https://brat.nlplab.org/standoff.html
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ..balance import Repair, Report
from ..document import Document, Span, quoted
from ..errors import DataError, Lines, Place, Places, shorten
from ..holding import tell_unheld
from ..offsets import stripped, to_utf16
from ..options import ReadOptions, WriteOptions
from ..reading import read_each
from ..source import Source, decode, lines, stem, unpacked, whole
from . import Format

BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
BREAK = re.compile(f"[{''.join(BREAKS)}]")
"""Where one line or another ends, as `str.splitlines` has it: brat's own reading of lines goes by that."""

MARK = "\ufeff"
SPACES = re.compile(r"\s+")  # `re` and not `regex`: its \s is exactly str.isspace
TEXT_BOUND = re.compile(r"(\S+) +([0-9]{1,15} [0-9]{1,15}(?:;[0-9]{1,15} [0-9]{1,15})*) *")
ATTRIBUTE = re.compile(r"(\S+) (\S+)(?: (.*\S))?\s*")
NORMALIZATION = re.compile(r"Reference (\S+) (\S+)\s*")
KB_ID = re.compile(r"\S[^\s:]*:\S+")  # brat refuses others, though bconv, for one, writes them
ID = re.compile(r"T[0-9]{1,15}")
Piece = tuple[int, int]
"""A stretch of the stored text, half-open."""

UNREAD = {"R": "relations", "E": "events", "*": "equivalences", "#": "notes"}
OF_ENTITIES = {"A": "attributes of other things than entities", "N": "normalizations of other things than entities"}
AGAIN = "second values of what an entity has already"


# Writing


class BratWriter:
    """The ``.ann`` file of one document. Its ``.txt`` file, which belongs beside it, is in `beside`, by suffix."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.file = file
        self.report = report
        self.in_utf16 = options.offset_unit == "utf16"
        self.beside: dict[str, bytes] = {}

    def write(self, document: Document) -> None:
        """Write the document's entities, and hold its text ready."""
        _check_labels(document)
        mark = MARK if document.text.startswith(MARK) else ""  # else the text's own would be taken for the file's
        stored = mark + document.text
        breaks = [found.start() for found in BREAK.finditer(stored)]
        cut = [_pieces(stored, breaks, span.start + len(mark), span.end + len(mark)) for span in document.spans]
        flat = [offset for pieces in cut for piece in pieces for offset in piece]
        counted = iter(to_utf16(stored, flat) if self.in_utf16 else flat)
        entities: list[str] = []
        notes: list[tuple[str, str]] = []
        left: dict[Span, Mapping[str, Any]] = {}
        for span, id, pieces in zip(document.spans, _ids(document), cut, strict=True):
            offsets = ";".join(f"{next(counted)} {next(counted)}" for _ in pieces)
            mention = " ".join(stored[start:end] for start, end in pieces)
            entities.append(f"{id}\t{span.label} {offsets}\t{mention}\n")
            known = dict(document.attributes.get(span, {}))
            if known.get("id") == id:
                del known["id"]
            found, left[span] = _notes(id, known)
            notes += found
        numbers = {"A": 0, "N": 0}
        for letter, note in notes:
            numbers[letter] += 1
            entities.append(f"{letter}{numbers[letter]}\t{note}\n")
        tell_unheld(document, sorted({name for values in left.values() for name in values}), "brat", self.report)
        self.file.write("".join(entities).encode())
        self.beside = {".txt": stored.encode()}

    def close(self) -> None:
        """Nothing is left to be written."""


def _check_labels(document: Document) -> None:
    for span in document.spans:
        if any(c.isspace() for c in span.label):
            todo = "rename it with --map, or convert to jsonl"
            raise DataError(f"brat cannot hold the label {span.label!r}, which has a space", todo, document.source)


def _ids(document: Document) -> Iterator[str]:
    """An id for each entity: its own where that is one of brat's and comes once, else the next that is free."""
    taken: set[str] = set()
    kept: list[str | None] = []
    for span in document.spans:
        id = document.attributes.get(span, {}).get("id")
        if isinstance(id, str) and ID.fullmatch(id) and id not in taken:
            taken.add(id)
            kept.append(id)
        else:
            kept.append(None)
    number = 0
    for known in kept:
        if known is None:
            number += 1
            while f"T{number}" in taken:
                number += 1
        yield known or f"T{number}"


def _pieces(text: str, breaks: Sequence[int], start: int, end: int) -> list[Piece]:
    """A stretch of text cut at line breaks, which are at `breaks`, the white space around them left out."""
    first = bisect_left(breaks, start)
    if first == len(breaks) or breaks[first] >= end:
        return [(start, end)]
    pieces = []
    for space in SPACES.finditer(text, start, end):
        if not BREAKS.isdisjoint(space.group()):
            pieces.append((start, space.start()))
            start = space.end()
    return [*pieces, (start, end)]


def _notes(id: str, known: Mapping[str, Any]) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """The lines that hold the attributes of an entity, each with its letter, and those that no line can hold."""
    notes, left = [], dict(known)
    if _is_line(known.get("kb_id")) and KB_ID.fullmatch(known["kb_id"]):
        del left["kb_id"]
        text = left.pop("kb_text") if _is_line(left.get("kb_text")) else ""
        notes.append(("N", f"Reference {id} {known['kb_id']}\t{text}"))
    for name, value in list(left.items()):
        holds = _is_line(name) and " " not in name and name not in ("id", "kb_text")
        if holds and (value is True or _is_line(value)):
            notes.append(("A", f"{name} {id}" if value is True else f"{name} {id} {value}"))
            del left[name]
    return notes, left


def _is_line(value: object) -> bool:
    """Whether this is a string that a field can hold and give back as it was."""
    return isinstance(value, str) and value != "" and value.isprintable() and value == value.strip()


# Reading


class _Line(NamedTuple):
    """A line of the file: its id, the field after it, the rest, and where it is."""

    id: str
    data: str
    rest: str | None
    place: Place

    def error(self, what: str, todo: str, *, column: int | None = None) -> DataError:
        """An error in the line, by default in its second field."""
        return DataError(what, todo, self.place._replace(column=column or len(self.id) + 2))


@dataclass
class _Entity:
    """A ``T`` line as read: where it lies, and what other lines say of it."""

    spans: list[Span]
    known: dict[str, Any]
    line: _Line


@dataclass
class _Unread:
    """Lines that are not carried, by what they are."""

    places: dict[str, list[_Line]] = field(default_factory=dict)

    def add(self, what: str, line: _Line) -> None:
        """One line more."""
        self.places.setdefault(what, []).append(line)

    def tell(self, report: Report) -> None:
        """Say once for each kind how many there are, and where."""
        for what, found in self.places.items():
            names = ", ".join(line.id for line in found[:10])
            numbers = ", ".join(str(line.place.line) for line in found[:10])
            more = f" and {len(found) - 10} more" if len(found) > 10 else ""
            reason = f"{what} are not carried (line{'s' * (len(found) > 1)} {numbers}{more})"
            report.lose("field", found[0].place, names + more, reason, count=len(found))


def read_brat(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The document that an ``.ann`` file and the ``.txt`` file beside it are."""
    return read_each([file], source, report, partial(_document, source=source, options=options, report=report))


def _document(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Document:
    stored, text_file = _text(source, options.encoding)
    found: dict[str, _Line] = {}
    unread = _Unread()
    for line in _lines(file, source, options.encoding):
        if line.id[0] in UNREAD:
            unread.add(UNREAD[line.id[0]], line)
        if line.id in found and line.id != "*":
            what = f"a second {line.id}, the first is in line {found[line.id].place.line}"
            raise line.error(what, "an id comes once", column=1)
        found[line.id] = line
    units = _Units(stored) if options.offset_unit == "utf16" else None
    entities = {id: _entity(line, stored, units, options, report) for id, line in found.items() if id[0] == "T"}
    for line in found.values():
        if line.id[0] in "AMN":
            _note(line, entities, found, unread)
    unread.tell(report)
    shift = stored.startswith(MARK)
    attributes: dict[Span, dict[str, Any]] = {}
    for entity in entities.values():
        for span in entity.spans:
            moved = Span(max(span.start - shift, 0), span.end - shift, span.label)
            _merge(attributes, moved, entity, report)
    text, places = stored[shift:], None
    if options.places:
        starts = Lines(text, text_file).starts
        places = Places.make(text_file, starts, ((number, 1) for number in range(1, len(starts) + 1)))
    return Document(text, tuple(attributes), None, attributes, source=Place(source.file), places=places)


def _text(source: Source, encoding: str) -> tuple[str, str]:
    """The text beside the annotations, as it is stored, and the name of its file."""
    if source.file == "-":
        what = "brat's text is in a file beside the annotations, and standard input has none"
        raise DataError(what, "name the .ann file, with its .txt file beside it", Place(source.file))
    name = f"{stem(source.file)}.txt"
    try:
        with unpacked(Path(f"{stem(source.path or source.file)}.txt"), name) as file:
            data = file.read()
    except DataError as error:
        what = f"the text of these annotations, {name}, {error.what}"
        raise DataError(what, "put it beside the .ann file", Place(source.file)) from None
    return decode(data, source._replace(file=name), encoding, keep_mark=True), name


def _lines(file: BinaryIO, source: Source, encoding: str) -> Iterator[_Line]:
    for number, text in enumerate(whole(lines(file, source, encoding)), 1):
        if not text.strip():
            continue
        id, *fields = text.split("\t", 2)
        place = Place(source.file, number)
        if not re.fullmatch(r"[TAMNRE#][0-9]+\S*|\*", id) or not fields:
            what = f"this is no line of brat's standoff: {shorten(text)!r}"
            todo = "a line has an id as T1, a tab, and what it says: T1, tab, ORG 0 4, tab, Sony"
            raise DataError(what, todo, place._replace(column=1))
        yield _Line(id, fields[0], fields[1] if len(fields) > 1 else None, place)


class _Units:
    """Offsets in UTF-16 units, where a character above U+FFFF counts two."""

    def __init__(self, text: str) -> None:
        wide = [] if text.isascii() else [at for at, character in enumerate(text) if character > "\uffff"]
        self.wide = [at + number for number, at in enumerate(wide)]  # where each wide character begins, in units

    def characters(self, pieces: Sequence[Piece]) -> list[Piece] | None:
        """The offsets in characters, None where one is inside a character."""
        found = []
        for offset in (offset for piece in pieces for offset in piece):
            before = bisect_left(self.wide, offset)
            if before and self.wide[before - 1] + 1 == offset:
                return None
            found.append(offset - before)
        return list(zip(found[::2], found[1::2], strict=True))


def _entity(line: _Line, stored: str, units: _Units | None, options: ReadOptions, report: Report) -> _Entity:
    parsed = TEXT_BOUND.fullmatch(line.data)
    if not parsed:
        todo = "a label without spaces, a space, and the offsets: ORG 0 4, or ORG 0 4;9 12"
        raise line.error(f"this is no label with offsets: {shorten(line.data)!r}", todo)
    label, pairs = parsed.groups()
    column = len(line.id) + 2 + parsed.start(2)
    given = [(int(start), int(end)) for start, end in (pair.split() for pair in pairs.split(";"))]
    pieces = units.characters(given) if units else given
    unit = "UTF-16 units" if units else "characters"
    if pieces is None or not _inside(stored, pieces):
        what = f"{line.id} at {pairs} is empty or outside the text of {len(stored)} characters"
        todo = f"offsets are half-open and count {unit} of the .txt file" + _hint(stored, given, units, line)
        raise line.error(what, todo, column=column)
    mention = " ".join(quoted(stored, start, end) for start, end in pieces)
    if line.rest is None or not line.rest.strip():
        report.repairs.append(Repair("mention filled in", str(line.place), mention))
    elif not _fits(stored, pieces, line.rest):
        what = f"{line.id} is {shorten(line.rest)!r}, but {pairs} of the text is {shorten(mention)!r}"
        todo = f"offsets count {unit} of the .txt file as it is stored" + _hint(stored, given, units, line)
        raise line.error(what, todo, column=len(line.id) + len(line.data) + 3)
    elif not _fits(stored, pieces, line.rest, comment=False):
        comment = line.rest.partition("\t")[2]
        report.lose("field", line.place, comment, f"a comment on {line.id} is not carried")
    ordered = sorted(pieces)
    if any(one[1] > other[0] for one, other in pairwise(ordered)):
        raise line.error(f"the pieces of {line.id}, {pairs}, overlap", "mend the offsets", column=column)
    joined = _joined(stored, ordered)
    if len(joined) > 1:
        if options.discontinuous == "error":
            todo = "say what becomes of it: --discontinuous split, or --discontinuous cover"
            raise line.error(f"{line.id}, {shorten(mention)!r}, is in pieces: {pairs}", todo, column=column)
        report.repairs.append(Repair(f"discontinuous {options.discontinuous}", str(line.place), mention))
        if options.discontinuous == "cover":
            joined = [(joined[0][0], joined[-1][1])]
    trimmed = [_trimmed(stored, piece, line, column, report) for piece in joined]
    return _Entity([Span(start, end, label) for start, end in trimmed], {"id": line.id}, line)


def _inside(stored: str, pieces: Sequence[Piece]) -> bool:
    return all(0 <= start < end <= len(stored) for start, end in pieces)


def _fits(stored: str, pieces: Sequence[Piece], rest: str, *, comment: bool = True) -> bool:
    """Whether a mention is what the text has there. A comment may follow it, after a tab."""
    found = [stored[start:end] for start, end in pieces]
    wanted = [" ".join(between.join(found).split()) for between in (" ", "")]
    parts = [rest, rest.partition("\t")[0]] if comment else [rest]
    return any(" ".join(part.split()) in wanted for part in parts)


def _hint(stored: str, given: Sequence[Piece], units: _Units | None, line: _Line) -> str:
    """What to say where the mention shows that the offsets count UTF-16 units instead of characters, or the reverse."""
    other = given if units else _Units(stored).characters(given)
    if other is None or not line.rest or not _inside(stored, other) or not _fits(stored, other, line.rest):
        return ""
    return f"; they fit as {'characters' if units else 'UTF-16 units'}: --in-offset-unit {'char' if units else 'utf16'}"


def _joined(stored: str, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, those made one between which there is a line break and else only white space."""
    joined = [pieces[0]]
    for start, end in pieces[1:]:
        gap = stored[joined[-1][1] : start]
        if gap.isspace() and not BREAKS.isdisjoint(gap):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def _trimmed(stored: str, piece: Piece, line: _Line, column: int, report: Report) -> Piece:
    inner = stripped(stored, *piece, line.place, report)
    if inner is None:
        raise line.error(f"{line.id} at {piece[0]} {piece[1]} is white space alone", "mend the offsets", column=column)
    return inner


def _note(line: _Line, entities: Mapping[str, _Entity], found: Mapping[str, _Line], unread: _Unread) -> None:
    """What a line says of an entity, put where the entity's attributes are."""
    letter = "N" if line.id[0] == "N" else "A"
    parsed = (NORMALIZATION if letter == "N" else ATTRIBUTE).fullmatch(line.data)
    if not parsed:
        forms = {
            "A": "a name, the id of an entity, and perhaps a value",
            "N": "Reference, the id of an entity, and Source:Number",
        }
        raise line.error(f"{line.id} says {shorten(line.data)!r}", f"it should say: {forms[letter]}")
    target, name = (parsed[1], "kb_id") if letter == "N" else (parsed[2], parsed[1])
    if target not in found:
        raise line.error(f"{line.id} is about {target}, which is not in the file", "take it out, or mend the id")
    if target not in entities:
        unread.add(OF_ENTITIES[letter], line)
        return
    known = entities[target].known
    if name in known or (letter == "A" and name == "kb_text"):
        unread.add(AGAIN, line)
    elif letter == "N":
        known[name] = parsed[2]
        if line.rest and line.rest.strip():
            known["kb_text"] = line.rest.strip()
    else:
        known[name] = True if parsed[3] is None else parsed[3]


def _merge(attributes: dict[Span, dict[str, Any]], span: Span, entity: _Entity, report: Report) -> None:
    """Put the entity among the others, or make it one with its twin, whose attributes come first."""
    place = entity.line.place
    twin = attributes.get(span)
    if twin is None:
        attributes[span] = dict(entity.known)
        return
    report.repairs.append(Repair("merge twins", str(place), f"{entity.line.id} is {twin['id']}"))
    clash = [name for name, value in entity.known.items() if name != "id" and twin.get(name, value) != value]
    if clash:
        report.lose("field", place, ", ".join(clash), f"{entity.line.id} is {twin['id']}, which has others")
    attributes[span] = {**entity.known, **twin}


BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?T[0-9]+\t\S+ [0-9]+ [0-9]+[;\t]")

FORMATS = [
    Format(
        "brat",
        (".ann",),
        read_brat,
        BratWriter,
        summary="brat's standoff: `.ann` beside the text in `.txt`",
        sniff=lambda data: bool(BEGINNING.match(data)),
        one_each=True,
        holds=frozenset({"spacing", "ids", "attributes", "nested", "overlapping", "misaligned"}),
    )
]
