r"""Rasa's NLU training data: the examples of each intent, with entities marked in their text.

    version: "3.1"
    nlu:
    - intent: inform
      examples: |
        - from [Berlin](city) to [NYC]{"entity": "city", "role": "to", "value": "New York"}

The older Markdown is read as well:

    ## intent:inform
    - from [Berlin](city) to [NYC](city:New York)

An example is a document, its intent is in the metadata (`intent`), and `role`, `group` and `value` of an entity are
attributes. What is written is YAML in its longer form, which has room for ids and other metadata:

    - intent: inform
      examples:
      - text: "from [Berlin](city)"
        metadata: {"id": "a", "source": "a.txt"}

Examples of one intent that follow each other are one group; a document without an intent has the intent `nerconv`.
There is no escape for a bracket: a text that would be read as another one is an error. Synonyms, regular expressions,
lookup tables, metadata of a whole intent, and what else is beside the examples is not carried.

Cannot hold: overlapping entities, tokens and their columns, sentences, white space at the ends of a text, a mention
with `]` in it, attributes that are objects.

Sources: https://rasa.com/docs/rasa/training-data-format; in https://github.com/RasaHQ/rasa,
rasa/shared/nlu/training_data/entities_parser.py and formats/rasa_yaml.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise, repeat
from typing import Any, BinaryIO, NamedTuple

from ..ahead import Ahead
from ..balance import Report
from ..document import Document, Span
from ..errors import DataError, Lines, NerconvError, Place, Places, shorten
from ..holding import tell_unheld
from ..offsets import add_entity, stripped
from ..options import ReadOptions, WriteOptions
from ..reading import read_each
from ..records import Record, distinct, string_places
from ..source import Source, decode
from . import Format

CLOSING, BRACKET, BRACE, LINE_END = (re.compile(re.escape(sign)) for sign in "])}\n")
LABEL_END = re.compile("[:)]")
LIST_BEGIN, LIST_END = re.compile(r"\[\s*(?=\{)"), re.compile(r"\}\s*\]")

DEFAULT_INTENT = "nerconv"
ENDS = "\n\r "
"""What Rasa takes off both ends of an example."""


class Example(NamedTuple):
    """The text of an example, where it was read, its metadata, its intent, and where its characters stand, if that
    was asked for and is known."""

    place: Place
    markup: str
    metadata: Mapping[str, Any]
    intent: str
    places: Places | None = None


class Parsed(NamedTuple):
    """The text without markup, and its entities with their attributes, in the order of the text."""

    text: str
    entities: list[tuple[Span, dict[str, Any]]]


class _Marked(NamedTuple):
    """An entity in an example, from `start` to `end`, and where its text ends, which begins behind a bracket; then its
    label and value, or an object without its braces, or several objects (Rasa 3).
    """

    start: int
    stop: int
    end: int
    label: str | None = None
    value: str | None = None
    fields: str | None = None
    several: str | None = None


def _marked(markup: str) -> Iterator[_Marked]:
    r"""The entities that Rasa's own pattern finds, in time linear in the markup:
    ``\[([^\]]+?)\](?:\(([^:)]+?)(?::([^)]+))?\)|\{([^}]+?)\}|\[\s*(\{.*?\})\s*\])``

    The pattern goes from every bracket to the end of the text where nothing closes it.
    """
    closing, bracket, brace, label_end, list_end, line_end = (
        Ahead(markup, pattern) for pattern in (CLOSING, BRACKET, BRACE, LABEL_END, LIST_END, LINE_END)
    )
    at = 0
    while (start := markup.find("[", at)) >= 0 and (stop := closing.after(start + 1)) < len(markup):
        at = start + 1
        if stop == at:
            continue
        at = stop  # a bracket before that has the same end, and after it the same
        found = None
        inner = stop + 2
        follows = markup[stop + 1 : inner]
        if follows == "(" and inner < (end := label_end.after(inner)) < len(markup):
            label = markup[inner:end]
            if markup[end] == ")":
                found = _Marked(start, stop, end + 1, label)
            elif end + 1 < (last := bracket.after(end + 1)) < len(markup):
                found = _Marked(start, stop, last + 1, label, markup[end + 1 : last])
        elif follows == "{" and inner < (end := brace.after(inner)) < len(markup):
            found = _Marked(start, stop, end + 1, fields=markup[inner:end])
        elif follows == "[" and (begin := LIST_BEGIN.match(markup, stop + 1)):
            first = begin.end()
            if (end := list_end.after(first + 1)) < line_end.after(first):
                found = _Marked(start, stop, markup.index("]", end) + 1, several=markup[first : end + 1])
        if found:
            at = found.end
            yield found


def parse_example(markup: str, place: Place | None = None) -> Parsed:
    """An example as text and entities, by Rasa's own pattern. Raises `DataError` for an object that is none."""
    pieces: list[str] = []
    entities: list[tuple[Span, dict[str, Any]]] = []
    at = size = 0
    for begin, stop, end, label, value, fields, several in _marked(markup):
        mention = markup[begin + 1 : stop]
        pieces += (markup[at:begin], mention)
        start = size + begin - at
        at, size = end, start + len(mention)
        if label is not None:
            entities.append((Span(start, size, label), {} if value is None else {"value": value}))
            continue
        found = _objects(f"[{several}]" if fields is None else f"[{{{fields}}}]", place)
        entities += [(Span(start, size, attributes.pop("entity")), attributes) for attributes in found]
    return Parsed("".join([*pieces, markup[at:]]), entities)


def _objects(text: str, place: Place | None) -> list[dict[str, Any]]:
    """The entities that a JSON array of objects describes."""
    try:
        found = json.loads(text, object_pairs_hook=distinct)
    except (ValueError, RecursionError) as error:
        what = f"the entity {shorten(text[1:-1])} is no JSON: {getattr(error, 'msg', error)}"
        raise DataError(what, 'it should look like {"entity": "city", "role": "to"}', place) from None
    for fields in found:
        if not isinstance(fields, dict) or not isinstance(fields.get("entity"), str):
            what = f"the entity {shorten(json.dumps(fields, ensure_ascii=False))} has no label"
            raise DataError(what, 'the field "entity" holds it', place)
    return list(found)


# Reading


def read_rasa(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of a file of Rasa's training data, in YAML or Markdown."""
    text = decode(file.read(), source, options.encoding).replace("\r\n", "\n")
    if re.search(r"^##\s*(?:intent|synonym|regex|lookup)\s*:", text, re.MULTILINE):
        examples = _markdown(text, source, options, report)
    else:
        examples = _yaml(text, source, options, report)
    return read_each(examples, source, report, partial(_document, report=report))


def _document(example: Example, report: Report) -> Document:
    place = example.place
    text, entities = parse_example(example.markup, place)
    spans: dict[Span, Mapping[str, Any]] = {}
    for span, attributes in entities:
        inner = stripped(text, span.start, span.end, place, report)
        if inner is None:
            report.lose("span", place, text[span.start : span.end], "it is white space alone", label=span.label)
            continue
        add_entity(spans, Span(*inner, span.label), attributes, text, place, report)
    meta = dict(example.metadata)
    own = meta.pop("id", None)
    if own is not None and (not isinstance(own, str | int) or isinstance(own, bool) or own == ""):
        raise DataError(f"the id {own!r} is no string or whole number", "mend it in the metadata", place)
    if example.intent != DEFAULT_INTENT:
        if meta.setdefault("intent", example.intent) != example.intent:
            report.lose("field", place, "intent", f"the example is one of {example.intent}")
        meta["intent"] = example.intent
    id = None if own is None else str(own)
    places = None if example.places is None else _places(example.markup, example.places)
    return Document(text, tuple(spans), None, spans, id, place, meta, places=places)


def _places(markup: str, stands: Places) -> Places:
    """Where the characters of an example's text stand, of which those of its markup do at `stands`."""
    kept: list[int] = []
    at = 0
    for found in _marked(markup):
        kept += [*range(at, found.start), *range(found.start + 1, found.stop)]
        at = found.end
    stood = map(stands.at, [*kept, *range(at, len(markup))])
    known = [(place.line or 1, place.column or 1) for place in stood]
    return Places.make(stands.file, range(len(known)), known)


def _stands(value: str, place: Place, line: str) -> Places | None:
    """Where the characters of an example stand, with which and the white space before it a piece of a line begins.

    None where it is there neither letter by letter nor as a string of JSON: YAML has other forms.
    """
    markup = value.strip(ENDS)
    if line.startswith('"'):
        try:
            if json.JSONDecoder().raw_decode(line)[0] == value:
                return string_places(place.file, [(Record(value, place, line, 0), 0, markup)])
        except ValueError:
            pass  # not JSON's escapes
    if not line.startswith(value):
        return None
    return Places.make(place.file, [0], [(place.line or 1, (place.column or 1) + value.index(markup))])


def _markdown(text: str, source: Source, options: ReadOptions, report: Report) -> Iterator[Example | DataError]:
    """The examples of Markdown; comments are blanked out so that lines keep their numbers."""
    kind = name = ""
    whole = text.split("\n")
    text = _without_comments(text)
    for number, line in enumerate(text.split("\n"), 1):
        place = Place(source.file, number)
        if heading := re.match(r"##\s*(\w+)\s*:(.*)", line):
            kind, name = heading[1], heading[2].strip()
            if kind not in ("intent", "synonym", "regex", "lookup"):
                yield DataError(f"unknown section {kind!r}", "there are intent, synonym, regex, lookup", place)
            elif kind != "intent":
                report.lose("field", place, f"{kind} {name}", "it is no example and is not carried")
        elif re.match("#(?!#)", line):
            continue  # a comment, or the title of the whole
        elif kind == "intent" and line.strip():
            item = re.match(r"\s*[-*+]\s*(.*)", line)
            if item:
                places = None
                if options.places and whole[number - 1] == line:  # it has no comment
                    places = _stands(item[1], place._replace(column=item.start(1) + 1), item[1])
                yield Example(place, item[1].strip(ENDS), {}, name, places)
            else:
                yield DataError(f"{shorten(line)!r} is no example", 'an example begins with "- "', place)
        elif line.strip() and not kind:
            yield DataError(f"{shorten(line)!r} is in no section", "a section begins with ## intent:NAME", place)


def _without_comments(text: str) -> str:
    """Markdown without its comments, but with the line ends in them."""
    pieces, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        pieces += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    return "".join([*pieces, text[at:]])


BLOCK_END = re.compile("[\n\r\x85]")
"""What ends a line of a block in YAML."""


class _YamlLines(Lines):
    """The lines of a file, and those that YAML counts, where a carriage return alone ends one as well."""

    def __init__(self, text: str, file: str, *, places: bool) -> None:
        super().__init__(text, file)
        self.text = text
        self.places = places
        self.counted = [0, *(end.end() for end in re.finditer("[\n\r]", text))] if "\r" in text else self.starts

    def offset(self, stand: Sequence[int]) -> int:
        """Which character is in a line and column of YAML's, both from 0."""
        line, column = stand
        return self.counted[line] + column

    def line(self, offset: int) -> Place:
        """The line of a character."""
        return self.place(offset)._replace(column=None)

    def stands(self, value: str, offset: int) -> Places | None:
        """Where the characters of an example stand that begins at `offset`, if that is asked for and known."""
        if not self.places:
            return None
        return _stands(value, self.place(offset), self.text[offset : _end(BLOCK_END, self.text, offset)])

    def block(self, items: Sequence[str], offset: int) -> Iterator[int]:
        """Where the lines of a literal block begin, behind their indentation; its head is at `offset`."""
        end = _end(BLOCK_END, self.text, self.text.find("|", offset))
        for item in items:
            begin, end = end + 1, _end(BLOCK_END, self.text, end + 1)
            yield end - len(item) if self.text.endswith(item, begin, end) else min(begin, len(self.text))


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.search(text, start)
    return found.start() if found else len(text)


def _yaml(text: str, source: Source, options: ReadOptions, report: Report) -> Iterator[Example | DataError]:
    """The examples of YAML."""
    from srsly.ruamel_yaml import YAML

    file = Place(source.file)
    lines = _YamlLines(text, source.file, places=options.places)
    data: Any
    try:
        data = YAML().load(text)  # its maps know their lines
    except Exception as error:  # YAML's own, and whatever Python makes of odd numbers, dates and keys
        mark = getattr(error, "problem_mark", None)
        place = file if mark is None else lines.place(mark.index)
        problem = getattr(error, "problem", None) or type(error).__name__
        yield DataError(f"this is no YAML: {problem}", "is it Rasa's training data?", place)
        return
    if not isinstance(data, dict) or not isinstance(data.get("nlu"), list):
        is_there = isinstance(data, dict) and "nlu" in data
        place = lines.line(lines.offset(data.lc.value("nlu"))) if is_there else file
        yield DataError("this is no training data of Rasa", "it has a list nlu: or sections ## intent:NAME", place)
        return
    if _size(data["nlu"], {}) > MOST_METADATA + MOST_ALIASES * len(text):
        what = f"aliases make more than {MOST_ALIASES} times of this file what it is"
        yield DataError(what, "write out what is meant, in several files", file)
        return
    if left := [str(name) for name in data if name not in ("version", "nlu")]:
        report.lose("field", file, ", ".join(left), "it is no example and is not carried")
    for number, group in enumerate(data["nlu"]):
        place = lines.line(lines.offset(data["nlu"].lc.item(number)))
        if not isinstance(group, dict):
            yield DataError(f"item {number} of nlu is no object", "it begins with - intent: NAME", place)
            continue
        if "intent" not in group:
            kind = str(next(iter(group), "nothing"))
            lost = f"{kind} {group.get(kind)}"
            report.lose("field", place, shorten(lost), "it is no example and is not carried")
            continue
        if more := [str(name) for name in group if name not in ("intent", "examples")]:
            report.lose("field", place, ", ".join(more), "it belongs to a whole intent and is not carried")
        yield from _group(group, place, lines, report)


MOST_ALIASES = 100
"""How many times as large as it is aliases may make a file: a few lines of them make as many examples as they like."""


def _size(value: Any, known: dict[int, int]) -> int:
    """How large a value of YAML is where each alias is written out. `known`: the sizes of those that have been met."""
    if not isinstance(value, dict | list):
        return len(value) if isinstance(value, str) else 1
    if id(value) not in known:
        known[id(value)] = 0  # of one that is in itself
        known[id(value)] = 1 + sum(_size(v, known) for v in (value.values() if isinstance(value, dict) else value))
    return known[id(value)]


def _group(group: Any, place: Place, lines: _YamlLines, report: Report) -> Iterator[Example | DataError]:
    """The examples of an intent, from either of the forms that they have."""
    if group["intent"] in (None, ""):
        yield DataError("an intent has no name", "it begins with - intent: NAME", place)
        return
    try:
        intent = str(_plain(group["intent"], place))
    except DataError as error:
        yield error
        return
    examples: Any = group.get("examples")
    if isinstance(examples, str):
        items = examples.split("\n")
        head = _stand(group, "examples", lines)
        first = place if head is None else lines.line(head)
        begins: Iterable[int | None] = repeat(None, len(items))
        if head is not None and type(examples).__name__ == "LiteralScalarString":
            begins = lines.block(items, head)
        for item, begin in zip(items, begins, strict=True):
            at = first if begin is None else lines.line(begin)
            if item.strip() and not item.startswith("-"):
                yield DataError(f"{shorten(item)!r} is no example", 'an example begins with "- "', at)
            elif item.strip():
                places = None if begin is None else lines.stands(item[1:], begin + 1)
                yield Example(at, item[1:].strip(ENDS), {}, intent, places)
    elif isinstance(examples, list):
        for number, item in enumerate(examples):
            begin = lines.offset(group["examples"].lc.item(number))
            is_short = isinstance(item, str)
            fields = {"text": item} if is_short else item
            try:
                example = _example(fields, number, intent, lines.line(begin), lines, report)
                stand = begin if is_short else _stand(item, "text", lines)
                places = None if stand is None else lines.stands(str(fields["text"]), stand)
                yield example._replace(places=places)
            except DataError as error:
                yield error
    elif examples is not None:
        yield DataError(f"the examples of intent {intent} are neither a block nor a list", "begin them with - ", place)


def _example(fields: Any, number: int, intent: str, place: Place, lines: _YamlLines, report: Report) -> Example:
    """An example of the longer form."""
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        raise DataError(f"example {number} of intent {intent} has no text", "it has a field text:", place)
    key = _stand(fields, "metadata", lines, "key")
    metadata = _plain(fields.get("metadata"), place if key is None else lines.line(key))
    more = _plain({name: fields[name] for name in fields if name not in ("text", "metadata")}, place)
    known = metadata if isinstance(metadata, dict) else {} if metadata is None else {"metadata": metadata}
    if clash := [name for name, value in more.items() if known.get(name, value) != value]:
        report.lose("field", place, ", ".join(clash), "the metadata has another value of that name")
    return Example(place, str(fields["text"]).strip(ENDS), more | known, intent)


def _stand(holder: Any, name: str, lines: _YamlLines, part: str = "value") -> int | None:
    """Which character a field's value begins with, or its key; None where a merge key brings it in (``<<``).

    https://yaml.org/type/merge.html
    """
    try:
        return lines.offset(getattr(holder.lc, part)(name))
    except (KeyError, AttributeError, TypeError):
        return None


MOST_METADATA = 1_000_000
"""Characters that metadata may have as JSON: aliases of aliases of aliases make more of a few lines."""


def _plain(value: Any, place: Place) -> Any:
    """What was read from YAML as JSON has it, dates as strings."""
    encoder = json.JSONEncoder(default=str, allow_nan=False, ensure_ascii=False)
    pieces: list[str] = []
    size = 0
    try:
        for piece in encoder.iterencode(value):
            pieces.append(piece)
            size += len(piece)
            if size > MOST_METADATA:
                raise ValueError(f"they would have more than {MOST_METADATA:,} characters")
        plain = "".join(pieces)
        plain.encode()
        return json.loads(plain, object_pairs_hook=distinct)  # in YAML 1 and "1" are two names
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"metadata that JSON cannot hold: {error}", "", place) from None


# Writing


class RasaWriter:
    """An example a document."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.file = file
        self.report = report
        self.intent: str | None = None
        self.file.write(b'version: "3.1"\nnlu:')

    def write(self, document: Document) -> None:
        """Write the document's example."""
        try:
            self._write(self._held(document))
        except (TypeError, ValueError, RecursionError) as error:  # what JSON makes of odd metadata
            if isinstance(error, NerconvError):
                raise
            raise DataError(f"rasa cannot hold this document: {error}", "", document.source) from None

    def _write(self, document: Document) -> None:
        meta = dict(document.meta)
        intent = meta.pop("intent", DEFAULT_INTENT)
        if not isinstance(intent, str) or not intent:
            meta["intent"], intent = intent, DEFAULT_INTENT
        if document.id is not None:
            meta = {"id": document.id} | meta
        lines = [""] if self.intent is None else []
        if intent != self.intent:
            lines += [f"- intent: {_quoted(intent)}", "  examples:"]
        lines.append(f"  - text: {_quoted(_markup(document))}")
        if meta:
            lines.append(f"    metadata: {_quoted(meta)}")
        written = "\n".join([*lines, ""]).encode()
        self.intent = intent
        self.file.write(written)

    def close(self) -> None:
        """End the list, if nothing is in it."""
        if self.intent is None:
            self.file.write(b" []\n")

    def _held(self, document: Document) -> Document:
        """What of the document there is a place for; the rest is reported."""
        if clash := document.overlap():
            one, other = (f"{span.label} {shorten(document.text[span.start : span.end])!r}" for span in clash)
            raise DataError(
                f"entities {one} and {other} overlap, and rasa can hold only one of them",
                "choose one with --on-overlap longest or first, or convert to a format that holds both",
                document.source,
            )
        held: dict[Span, Mapping[str, Any]] = {}
        left: dict[Span, Mapping[str, Any]] = {}
        for span, values in document.attributes.items():
            held[span] = {n: v for n, v in values.items() if n != "entity" and "{" not in _without_strings(v)}
            left[span] = {n: v for n, v in values.items() if n not in held[span]}
        tell_unheld(document, sorted({name for values in left.values() for name in values}), "rasa", self.report)
        text = document.text.strip(ENDS)
        if text == document.text:
            return replace(document, attributes=held)
        cut = len(document.text) - len(document.text.lstrip(ENDS))
        self.report.lose("field", document.source, "white space at the ends", "no place for it", output="rasa")
        moved = {span: Span(span.start - cut, span.end - cut, span.label) for span in document.spans}
        known = {moved[span]: values for span, values in held.items()}
        return replace(document, text=text, tokens=None, spans=tuple(moved.values()), attributes=known)


def _without_strings(value: Any) -> str:
    return re.sub(r'"[^"\\]*(?:\\.[^"\\]*)*"', "", json.dumps(value))


def _markup(document: Document) -> str:
    """The text with its entities marked. Raises `DataError` where Rasa would read another text or other entities."""
    pieces, at = [], 0
    for span in document.spans:
        attributes = document.attributes.get(span, {})
        label = f"({span.label})"
        if attributes or ":" in span.label or ")" in span.label:
            fields = json.dumps({"entity": span.label} | dict(attributes), ensure_ascii=False)[1:-1]
            label = "{" + fields.replace("}", "\\u007d") + "}"  # Rasa looks for the first one
        pieces += [document.text[at : span.start], "[", document.text[span.start : span.end], "]", label]
        at = span.end
    markup = "".join([*pieces, document.text[at:]])
    expected = [(span, dict(document.attributes.get(span, {}))) for span in document.spans]
    try:
        found: Parsed | None = parse_example(markup)
    except DataError:
        found = None
    if found != (document.text, expected) or _seems_several(markup):
        what = f"rasa cannot hold the text {shorten(document.text)!r}: its brackets would be read as other entities"
        raise DataError(what, "it has no escape for them; convert to another format", document.source)
    return markup


def _seems_several(markup: str) -> bool:
    r"""Whether Rasa 3 finds what it takes for an entity with several objects, whatever these are:
    ``\[[^\]]+?\]\[.*?\]``
    """
    parts = markup.split("]")[:-1]
    pairs = pairwise(parts)
    return any("[" in one[:-1] and other.startswith("[") and "\n" not in other for one, other in pairs)


UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that YAML takes for line breaks or does not allow."""


def _quoted(value: Any) -> str:
    """A value in JSON, which YAML reads."""
    return UNPRINTABLE.sub(
        lambda found: f"\\u{ord(found.group()):04x}", json.dumps(value, ensure_ascii=False, allow_nan=False)
    )


MARK = re.compile(
    rb"^(?:nlu:[ \t]*(?:#.*)?\r?\n\s*-\s+(?:intent|synonym|regex|lookup)[ \t]*:|##\s*(?:intent|synonym|regex|lookup):)",
    re.MULTILINE,
)

FORMATS = [
    Format(
        "rasa",
        (".yml", ".md"),
        read_rasa,
        RasaWriter,
        summary="Rasa's NLU training data: `[Barack Obama](PER)`; YAML or Markdown in, YAML out",
        sniff=lambda data: bool(MARK.search(data)),
        holds=frozenset({"spacing", "ids", "metadata", "attributes", "misaligned"}),
        is_shy=True,
    )
]
