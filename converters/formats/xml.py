"""Tags around entities in plain text, one document a file: inline XML (`xml`) and MUC's elements (`enamex`).

    xml       <PER>Anna Meyer</PER> of <ORG kb_id="Q41187">Sony</ORG> got &lt; 5 %.
    enamex    <ENAMEX TYPE="PERSON">Anna Meyer</ENAMEX> got <NUMEX TYPE="PERCENT">5 %</NUMEX>.

Everything that is no tag is the text, white space and line ends included. ``&lt; &gt; &amp; &quot; &apos;`` and
numeric references (``&#233;``, ``&#xE9;``) stand for their characters; any other ``&`` is itself, and so is a ``<``
before anything but a letter, ``_``, ``:``, ``/``, ``!`` or ``?``. Tags may nest; those that cross, close nothing, are
not closed or hold nothing are errors. Further attributes of a tag are attributes of its entity. Comments,
processing instructions and a document type without declarations of its own are left out, and told as a repair;
``<![CDATA[...]]>`` is text.

In `xml` an element's name is the label. One element around everything that is called ``doc``, ``document``,
``text`` or ``root`` is none, and is dropped with the white space outside it. One is written where a label is such a
name, so that it stays one. In `enamex`, ``ENAMEX``, ``NUMEX`` and ``TIMEX`` (upper or lower case) are entities,
their ``TYPE`` is the label, and other tags are dropped. On writing, PERCENT and MONEY are ``NUMEX``, DATE and TIME
``TIMEX``, all others ``ENAMEX``. A carriage return and other control characters are written as references.

Cannot hold: tokens, sentences, metadata, entities that cross, attributes that are no strings or whose name is no
XML name; `xml`: a label that is no XML name; `enamex`: an attribute ``type``.

Sources: https://www.w3.org/TR/xml/;
https://www-nlpir.nist.gov/related_projects/muc/proceedings/ne_task.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from typing import BinaryIO, NamedTuple

import regex

from ..balance import Repair, Report
from ..document import Document, Span, quoted
from ..errors import DataError, Lines, Place, Places, shorten
from ..holding import Aspect, tell_unheld
from ..offsets import stripped
from ..options import ReadOptions, WriteOptions
from ..reading import read_each
from ..source import Source, decode
from . import Format

START = (
    r":A-Z_a-z\xC0-\xD6\xD8-\xF6\xF8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F\u2C00-\u2FEF"
    r"\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
NAME_PATTERN = rf"[{START}][{START}\-.0-9\xB7\u0300-\u036F\u203F\u2040]*+"
SPACE = r"[ \t\r\n]"
NAME = regex.compile(NAME_PATTERN)

# No part of a tag can hold "<", and nothing is given back once taken: so scanning is linear in the text.
ATTRIBUTE = regex.compile(
    rf"""{SPACE}++({NAME_PATTERN}){SPACE}*+={SPACE}*+(?:"([^"<]*+)"|'([^'<]*+)'|([^\s"'<>=/]++))"""
)
TAG = regex.compile(rf"<(/?)({NAME_PATTERN})")
TAG_END = regex.compile(rf"{SPACE}*+(/?)>")
OPENING = regex.compile(rf"<(?=[{START}/!?])")
DOCTYPE = regex.compile(r"<!DOCTYPE[^<>\[\]]*+>", regex.IGNORECASE)
REFERENCE = regex.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]++)|#x([0-9A-Fa-f]++));")
LINE_OR_REFERENCE = regex.compile(rf"\n|{REFERENCE.pattern}")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
PROLOG_SPACE = regex.compile(r"[ \t]*+\r?\n?")

CONTROLS = r"\x00-\x08\x0b-\x1f\x7f\x85\u2028\ufeff"
SPECIAL = regex.compile(rf"[&<>{CONTROLS}]")
SPECIAL_IN_VALUE = regex.compile(rf"""[&<>"\t\n{CONTROLS}]""")
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}

ROOTS = frozenset(["doc", "document", "text", "root"])
CLASSES = {"PERCENT": "NUMEX", "MONEY": "NUMEX", "DATE": "TIMEX", "TIME": "TIMEX"}
ELEMENTS = frozenset(["ENAMEX", "NUMEX", "TIMEX"])
NO_LABEL = regex.compile(r"[\p{Cc}\p{Zl}\p{Zp}]")


def _escape(text: str, special: regex.Pattern[str] = SPECIAL) -> str:
    return special.sub(lambda match: ESCAPES.get(match[0]) or f"&#{ord(match[0])};", text)


# Writing


class InlineWriter:
    """The text of one document with tags in it. How a tag is made is the formats' own."""

    name = ""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.file = file
        self.report = report

    def write(self, document: Document) -> None:
        """Write the document. Raises `DataError` where entities cross or a label cannot be held."""
        parts: list[str] = []
        unclosed: list[Span] = []
        held: dict[Span, dict[str, str]] = {span: self.held(values) for span, values in document.attributes.items()}
        at = 0

        def close(until: int) -> None:
            nonlocal at
            while unclosed and unclosed[-1].end <= until:
                span = unclosed.pop()
                parts.append(_escape(document.text[at : span.end]) + f"</{self.tag(span.label)[0]}>")
                at = span.end

        for span in document.spans:
            close(span.start)
            if unclosed and unclosed[-1].end < span.end:
                raise self.crossing(document, unclosed[-1], span)
            name, attributes = self.tag(span.label, document.source)
            attributes = {**attributes, **held.get(span, {})}
            pairs = "".join(f' {key}="{_escape(value, SPECIAL_IN_VALUE)}"' for key, value in attributes.items())
            parts.append(f"{_escape(document.text[at : span.start])}<{name}{pairs}>")
            at = span.start
            unclosed.append(span)
        close(len(document.text))
        parts.append(_escape(document.text[at:]))
        self.tell(document, held)
        self.file.write(self.whole("".join(parts), document).encode())

    def close(self) -> None:
        """Nothing is left to be written."""

    def tag(self, label: str, place: Place | None = None) -> tuple[str, dict[str, str]]:
        """The name of an entity's element, and the attributes that tell its label."""
        raise NotImplementedError

    def whole(self, marked: str, document: Document) -> str:
        """What is written, of the text with its tags."""
        return marked

    def held(self, values: Mapping[str, object]) -> dict[str, str]:
        """Those of an entity's attributes that a tag can hold."""
        return {name: value for name, value in values.items() if isinstance(value, str) and _holds(name, value)}

    def crossing(self, document: Document, one: Span, other: Span) -> DataError:
        """The error for two entities of which neither is inside the other."""
        names = [f"{span.label} {shorten(document.text[span.start : span.end])!r}" for span in (one, other)]
        what = f"entities {names[0]} and {names[1]} cross, and {self.name} can hold only one of them"
        todo = "choose one with --on-overlap longest or first, or convert to jsonl"
        return DataError(what, todo, document.source)

    def tell(self, document: Document, held: Mapping[Span, Mapping[str, str]]) -> None:
        """Report what of the document is not written."""
        left = {name for span, values in document.attributes.items() for name in values if name not in held[span]}
        tell_unheld(document, sorted(left), self.name, self.report)


def _holds(name: str, value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return NAME.fullmatch(name) is not None


class XmlWriter(InlineWriter):
    """Elements named by the labels."""

    name = "xml"

    def tag(self, label: str, place: Place | None = None) -> tuple[str, dict[str, str]]:
        """The label is the element's name. Raises `DataError` where it is none."""
        if not NAME.fullmatch(label):
            what = f"xml cannot hold the label {label!r}, which is no XML name"
            raise DataError(what, "rename it with --map, or convert to jsonl", place)
        return label, {}

    def whole(self, marked: str, document: Document) -> str:
        """What is written: in an element of its own where an entity could be taken for that."""
        is_root = any(span.label.lower() in ROOTS for span in document.spans)
        return f"<doc>{marked}</doc>" if is_root else marked


class EnamexWriter(InlineWriter):
    """MUC's three elements, with the labels as their types."""

    name = "enamex"

    def tag(self, label: str, place: Place | None = None) -> tuple[str, dict[str, str]]:
        """The element of MUC that has entities of that label, and its TYPE."""
        return CLASSES.get(label, "ENAMEX"), {"TYPE": label}

    def held(self, values: Mapping[str, object]) -> dict[str, str]:
        """Those of an entity's attributes that a tag can hold beside its TYPE; their case tells nothing apart."""
        found: dict[str, str] = {}
        for name, value in super().held(values).items():
            if name.upper() not in {"TYPE", *map(str.upper, found)}:
                found[name] = value
        return found


# Reading


class _Element(NamedTuple):
    """An element: its name, where in the file it opens, where in the text it begins and ends, and its attributes."""

    name: str
    place: int
    start: int
    attributes: dict[str, str]
    end: int = -1


class _Tag(NamedTuple):
    """A tag: its name, where in the file it begins and ends, and its attributes as they are found there."""

    name: str
    start: int
    end: int
    closes: bool
    is_empty: bool
    attributes: list[regex.Match[str]]


class _Inline:
    """A file as far as it is read. Which elements are entities, and what their labels are, is the formats' own."""

    def __init__(self, data: str, source: Source, report: Report, *, places: bool = False) -> None:
        self.data = data
        self.lines = Lines(data, source.file)
        self.source = source
        self.report = report
        self.parts: list[str] = []
        self.stands: dict[int, int] | None = {} if places else None  # characters of the text, and of the file
        self.size = 0
        self.is_blank = True
        self.unclosed: list[_Element] = []
        self.elements: list[_Element] = []
        self.root: _Element | None = None
        self.dropped: Counter[str] = Counter()
        self.lost: dict[str, None] = {}

    def read(self) -> Document:
        """The document in the file."""
        data, at = self.data, 0
        while opening := OPENING.search(data, at):
            self.put(self.unescape(at, opening.start()), at, opening.start())
            at = self.markup(opening.start())
        self.put(self.unescape(at, len(data)), at, len(data))
        if self.unclosed:
            last = self.unclosed[-1]
            todo = f"write </{last.name}> where it ends, or &lt; where it is no tag"
            raise self.error(last.place, f"<{last.name}> is never closed", todo)
        text = "".join(self.parts)
        first, stop = 0, len(text)
        if self.root:
            if self.is_around(self.root, text):
                first, stop = self.root.start, self.root.end
                self.drop(self.root)
            else:
                self.elements.append(self.root)
        attributes: dict[Span, dict[str, str]] = {}
        for element in sorted(self.elements, key=lambda element: element.place):
            self.entity(element, text, first, attributes)
        place = Place(self.source.file)
        if self.dropped:
            what = ", ".join(f"{name} {count}" for name, count in sorted(self.dropped.items()))
            self.report.repairs.append(Repair("drop markup", str(place), what))
        if self.lost:
            self.report.lose("field", place, ", ".join(self.lost), "attributes of tags that are no entities")
        places = None if self.stands is None else self.places(self.stands, first, stop)
        return Document(text[first:stop], tuple(attributes), None, attributes, source=place, places=places)

    def places(self, stands: Mapping[int, int], first: int, stop: int) -> Places:
        """Where the text from `first` to `stop` stands."""
        inside = {at - first: self.lines.place(offset) for at, offset in stands.items() if first <= at < stop}
        found = ((place.line or 1, place.column or 1) for place in inside.values())
        return Places.make(self.source.file, inside, found)

    def error(self, offset: int, what: str, todo: str) -> DataError:
        """An error at a character of the file."""
        return DataError(what, todo, self.lines.place(offset))

    def put(self, text: str, start: int, end: int) -> None:
        """More text, which the file has from `start` to `end`."""
        if self.stands is not None:
            self.stands[self.size] = start
            less = 0  # by how much the text is shorter so far
            for found in LINE_OR_REFERENCE.finditer(self.data, start, end):
                if found[0] == "\n" or len(text) < end - start:  # in CDATA there are no references
                    less += len(found[0]) - 1
                    self.stands[self.size + found.end() - start - less] = found.end()
        self.parts.append(text)
        self.size += len(text)
        self.is_blank = self.is_blank and not text.strip()

    def unescape(self, start: int, end: int) -> str:
        """The characters of the file from `start` to `end`, references decoded."""

        def character(match: regex.Match[str]) -> str:
            if match[1]:
                return NAMED[match[1]]
            digits = (match[2] or match[3]).lstrip("0")
            code = int(digits or "0", 10 if match[2] else 16) if len(digits) < 9 else 0x110000
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                what = f"{shorten(match[0])} is no character"
                raise self.error(start + match.start(), what, "write &amp; for & that begins no reference")
            return chr(code)

        return REFERENCE.sub(character, self.data[start:end])

    def markup(self, at: int) -> int:
        """Take what begins with the ``<`` at that place of the file, and say where it ends."""
        data = self.data
        if data.startswith("<!--", at):
            self.dropped["comments"] += 1
            return self.find("-->", at, 4, "this comment is not closed")
        if data.startswith("<![CDATA[", at):
            end = self.find("]]>", at, 9, "this CDATA section is not closed")
            self.put(data[at + 9 : end - 3], at + 9, end - 3)
            return end
        if data.startswith("<?", at):
            if not data.startswith("<?xml", at):
                self.dropped["processing instructions"] += 1
            return self.after_prolog(self.find("?>", at, 2, "this processing instruction is not closed"))
        if doctype := DOCTYPE.match(data, at):
            self.dropped["document types"] += 1
            return self.after_prolog(doctype.end())
        tag = self.tag(at)
        if tag is None:
            what = f"this < begins no tag: {shorten(data[at : at + 40])!r}"
            raise self.error(at, what, "write &lt; for a < that belongs to the text, and mend the tag if it is one")
        if not self.is_entity(tag.name):
            self.drop(_Element(tag.name, at, 0, self.attributes(tag)))
        elif tag.closes:
            self.close(tag)
        elif tag.is_empty:
            raise self.error(at, f"<{tag.name}/> holds nothing", "take it out, or put its entity between two tags")
        else:
            element = _Element(tag.name, at, self.size, self.attributes(tag))
            self.label(element)
            self.unclosed.append(element)
        return tag.end

    def tag(self, at: int) -> _Tag | None:
        """The tag that begins there, if one does."""
        begin = TAG.match(self.data, at)
        if begin is None:
            return None
        attributes, end = [], begin.end()
        stop = self.data.find("<", end)  # regex looks for "=" as far as it may
        while found := ATTRIBUTE.match(self.data, end, stop if stop >= 0 else len(self.data)):
            attributes.append(found)
            end = found.end()
        last = TAG_END.match(self.data, end)
        return _Tag(begin[2], at, last.end(), bool(begin[1]), bool(last[1]), attributes) if last else None

    def find(self, end: str, at: int, skip: int, what: str) -> int:
        """Where what begins at that place of the file ends."""
        found = self.data.find(end, at + skip)
        if found < 0:
            raise self.error(at, what, f"write {end} where it ends, or &lt; where it is text")
        return found + len(end)

    def after_prolog(self, at: int) -> int:
        """The end of the line, where nothing but white space stands before."""
        end = PROLOG_SPACE.match(self.data, at)
        return end.end() if end and self.is_blank and not self.unclosed else at

    def attributes(self, tag: _Tag) -> dict[str, str]:
        """The attributes of a tag. Raises `DataError` for one that comes twice."""
        found: dict[str, str] = {}
        for match in tag.attributes:
            if match[1] in found:
                raise self.error(match.start(1), f"a second attribute {match[1]} in one tag", "take one of them out")
            group = next(number for number in (2, 3, 4) if match[number] is not None)
            found[match[1]] = self.unescape(*match.span(group))
        return found

    def close(self, tag: _Tag) -> None:
        """End the element that is open."""
        name, at = tag.name, tag.start
        if tag.attributes or tag.is_empty:
            raise self.error(at, f"this end tag of {name} has more than its name", f"write </{name}>")
        if not any(self.same(element.name, name) for element in reversed(self.unclosed)):
            raise self.error(at, f"</{name}> closes nothing", f"write <{name}> where it begins, or take it out")
        element = self.unclosed.pop()
        if not self.same(element.name, name):
            what = f"</{name}> crosses <{element.name}> at {self.lines.place(element.place)}"
            raise self.error(at, what, "tags may nest but not cross: close the inner one first")
        element = element._replace(end=self.size)
        is_first = not self.elements or self.elements[0].place > element.place
        if is_first and not self.unclosed and self.root is None and self.is_root(name):
            self.root = element
        elif element.start == self.size:
            raise self.nothing(element)
        else:
            self.elements.append(element)

    def nothing(self, element: _Element) -> DataError:
        """The error for an element without text."""
        return self.error(element.place, f"<{element.name}> holds nothing but white space", "take its tags out")

    def drop(self, element: _Element) -> None:
        """Leave out a tag that is no entity's."""
        self.dropped[f"<{element.name}>"] += 1
        self.lost.update((f"{element.name} {name}", None) for name in element.attributes)

    def entity(self, element: _Element, text: str, first: int, attributes: dict[Span, dict[str, str]]) -> None:
        """Put an element among the entities, without its outer white space."""
        place = self.lines.place(element.place)
        inner = stripped(text, element.start, element.end, place, self.report)
        if inner is None:
            raise self.nothing(element)
        start, end = inner
        label, values = self.label(element)
        span = Span(start - first, end - first, label)
        twin = attributes.get(span)
        if twin is None:
            attributes[span] = values
            return
        self.report.repairs.append(Repair("merge twins", str(place), quoted(text, start, end)))
        clash = [name for name, value in values.items() if twin.get(name, value) != value]
        if clash:
            self.report.lose("field", place, ", ".join(clash), "the same entity has others already")
        attributes[span] = {**values, **twin}

    def is_entity(self, name: str) -> bool:
        """Whether elements of that name are entities; else their tags are dropped."""
        return True

    def is_root(self, name: str) -> bool:
        """Whether an element of that name is no entity where it is around everything."""
        return name.lower() in ROOTS

    def is_around(self, element: _Element, text: str) -> bool:
        """Whether there is nothing but white space outside the element."""
        return not text[: element.start].strip() and not text[element.end :].strip()

    def same(self, one: str, other: str) -> bool:
        """Whether two names are of one element."""
        return one == other

    def label(self, element: _Element) -> tuple[str, dict[str, str]]:
        """The label of an element, and its further attributes."""
        if element.name.upper() in ELEMENTS and any(name.upper() == "TYPE" for name in element.attributes):
            what = f"<{element.name}> has its label in TYPE, as MUC's texts have it"
            raise self.error(element.place, what, "read it with --from enamex")
        return element.name, element.attributes


class _Enamex(_Inline):
    """MUC's elements, and tags around them that are dropped."""

    def is_entity(self, name: str) -> bool:
        """Whether it is one of MUC's three."""
        return name.upper() in ELEMENTS

    def is_root(self, name: str) -> bool:
        """None is: what is no entity is dropped at once."""
        return False

    def same(self, one: str, other: str) -> bool:
        """SGML's names are the same in upper and lower case."""
        return one.upper() == other.upper()

    def label(self, element: _Element) -> tuple[str, dict[str, str]]:
        """The label is the TYPE."""
        types = [name for name in element.attributes if name.upper() == "TYPE"]
        label = element.attributes[types[0]] if len(types) == 1 else ""
        if not label or NO_LABEL.search(label):
            what = f"<{element.name}> has no TYPE that is a label" if types else f"<{element.name}> has no TYPE"
            todo = f'write it as <{element.name} TYPE="PERSON">, with the label that is meant'
            raise self.error(element.place, what, todo)
        if element.end >= 0 and element.name.upper() != CLASSES.get(label, "ENAMEX"):
            place = str(self.lines.place(element.place))
            self.report.repairs.append(Repair("element by type", place, f"{element.name} {label}"))
        return label, {name: value for name, value in element.attributes.items() if name not in types}


def read_xml(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The document in a file of text with elements named by labels."""
    return read_each([file], source, report, partial(_document, _Inline, source, options, report))


def read_enamex(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The document in a file of text with MUC's elements."""
    return read_each([file], source, report, partial(_document, _Enamex, source, options, report))


def _document(reading: type[_Inline], source: Source, options: ReadOptions, report: Report, file: BinaryIO) -> Document:
    data = decode(file.read(), source, options.encoding)
    return reading(data, source, report, places=options.places).read()


HOLDS: frozenset[Aspect] = frozenset({"spacing", "ids", "attributes", "nested", "misaligned"})

FORMATS = [
    Format(
        "xml",
        (".xml",),
        read_xml,
        XmlWriter,
        summary="text with inline tags, `<PER>John</PER>`",
        one_each=True,
        holds=HOLDS,
    ),
    Format(
        "enamex",
        (".sgm", ".sgml"),
        read_enamex,
        EnamexWriter,
        summary='text with MUC\'s tags, `<ENAMEX TYPE="PERSON">John</ENAMEX>`',
        one_each=True,
        holds=HOLDS,
    ),
]
