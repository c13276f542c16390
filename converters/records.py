"""JSON records: reading them from lines or an array, checking what is in them, and saying where a mistake is."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from math import inf
from typing import Any, BinaryIO, NamedTuple

from .document import LABEL_TODO, is_label
from .errors import DataError, Lines, Place, Places, shorten
from .source import Source, lines, whole

SPACE = re.compile(r"[ \t\r\n]*")
EXTRA = "__record__"
"""The name in a document's metadata of those fields of its record that its format does not know."""


# Metadata that were fields


def parted(meta: Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Metadata, and the fields of the record that no format knew, which were among them."""
    extra = meta.get(EXTRA)
    if not isinstance(extra, Mapping):
        return dict(meta), {}
    return {name: value for name, value in meta.items() if name != EXTRA}, extra


def without_place(fields: Mapping[str, Any], own: Collection[str]) -> list[str]:
    """The names of those fields that cannot stand in a record beside its `own`: reading it would take them for its."""
    return [name for name, value in fields.items() if name in own or are_entities(name, value)]


# Reading


class Record(NamedTuple):
    """A value that is a document, and where it was read: the text that it stands in and its first character there."""

    value: Any
    place: Place
    text: str = ""
    begin: int = 0


class At(NamedTuple):
    """A place inside a record: the names and numbers that lead to it."""

    record: Record
    path: tuple[str | int, ...] = ()

    def __truediv__(self, step: str | int) -> At:
        return At(self.record, (*self.path, step))

    def __str__(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return "".join(steps).removeprefix(".") or "the record"

    @property
    def place(self) -> Place:
        """Where the value stands; it is looked for in the record's text only now."""
        return self.alone(None).place if self.record.text else self.record.place

    def alone(self, value: Any) -> Record:
        """The value that is there, as a record of its own."""
        _, place, text, begin = self.record
        at = _locate(text, begin, self.path)
        return Record(value, _finder(text).moved(place, begin, at), text, at)

    def error(self, what: str, todo: str = "") -> DataError:
        """An error in the value that is there."""
        return DataError(what, todo, self.place)

    @contextmanager
    def checked(self) -> Iterator[None]:
        """Errors that know no more than where the record is are told of this value."""
        try:
            yield
        except DataError as error:
            if error.place == self.record.place:
                error.place = self.place
            raise


def _skip(text: str, at: int) -> int:
    """Where white space ends that may be there."""
    return SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere


class _Finder:
    """Finds values in a JSON text by the names and numbers that lead to them.

    It keeps where it has been, so that all values of a text are found in time linear in it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Lines(text, "")
        self.decoder = json.JSONDecoder()
        self.fields: dict[int, dict[str, int]] = {}  # of the object that begins there: where its values do
        self.items: dict[int, list[int]] = {}  # of the array that begins there: where its first items do

    def find(self, at: int, path: Iterable[str | int]) -> int:
        """Where the value is that a path leads to from the value at `at`, or the last one on the way."""
        for step in path:
            opening, found = self.text[at : at + 1], None
            if opening == "{" and isinstance(step, str):
                found = self._fields(at).get(step)
            elif opening == "[" and isinstance(step, int) and step >= 0:
                found = self._item(at, step)
            if found is None:
                return at
            at = found
        return at

    def _fields(self, at: int) -> dict[str, int]:
        known = self.fields.get(at)
        if known is None:
            known = self.fields[at] = {}
            inner = _skip(self.text, at + 1)
            while self.text[inner] != "}":
                name, inner = self.decoder.raw_decode(self.text, inner)
                inner = _skip(self.text, _skip(self.text, inner) + 1)
                known[name] = inner  # of a field that comes twice the last is the one that was read
                inner = self._end(inner)
                inner = _skip(self.text, inner + 1) if self.text[inner] == "," else inner
        return known

    def _item(self, at: int, number: int) -> int | None:
        known = self.items.setdefault(at, [_skip(self.text, at + 1)])
        if self.text[known[0]] == "]":
            return None
        while len(known) <= number:
            end = self._end(known[-1])
            if self.text[end] != ",":
                return None
            known.append(_skip(self.text, end + 1))
        return known[number]

    def _end(self, at: int) -> int:
        """What comes after the value there."""
        return _skip(self.text, self.decoder.raw_decode(self.text, at)[1])

    def moved(self, place: Place, here: int, there: int) -> Place:
        """The place of the character `there`, where that of an earlier one, `here`, is known.

        If that has no column, it is in the first line of the text.
        """
        line, column = place.line or 1, place.column or here + 1
        starts = self.lines.starts
        first, last = bisect_right(starts, here), bisect_right(starts, there)
        if first == last:
            return place._replace(line=line, column=column + there - here)
        return place._replace(line=line + last - first, column=there - starts[last - 1] + 1)


_finder = lru_cache(maxsize=1)(_Finder)
"""That of the text in which a value was looked for last: who looks for one, mostly looks for another."""


def _locate(text: str, at: int, path: tuple[str | int, ...]) -> int:
    """Where in a JSON text the value is that a path leads to from the value at `at`, or the last one on the way."""
    return _finder(text).find(at, path)


def items(array: Sequence[Any], at: At) -> Iterator[Record]:
    """The items of the array that is there, each as a record of its own. The record's text is gone through once."""
    decoder = json.JSONDecoder()
    _, place, text, here = at.alone(array)
    finder = _finder(text)
    there = _skip(text, here + 1)
    for item in array:
        place, here = finder.moved(place, here, there), there
        yield Record(item, place, text, here)
        there = _skip(text, _skip(text, decoder.raw_decode(text, here)[1]) + 1)


def places_of_text(text: str, at: At) -> Places:
    """Where the characters of a text stand that is the string there."""
    return string_places(at.record.place.file, [(at.alone(text), 0, text)])


def places_of_words(words: Sequence[str], starts: Mapping[int, int], at: At) -> Places:
    """Where words stand that are the strings of the array there.

    `starts`: where in the text a word begins, the white space around it left out, by number and ascending. Words that
    are not in it are not in the text.
    """
    found = ((item, starts[n], item.value.strip()) for n, item in enumerate(items(words, at)) if n in starts)
    return string_places(at.record.place.file, found)


def string_places(file: str, strings: Iterable[tuple[Record, int, str]]) -> Places:
    """The places of a text in which strings of JSON are: each comes with where it begins there, and what of it does.

    What is escaped in a string (``\\n``, ``\\u00e9``, two halves of a surrogate pair) is one character of it, and
    several of the file, so that there is an anchor after it.
    """
    anchors: dict[int, tuple[int, int]] = {}
    for (value, place, text, begin), start, part in strings:
        if not part:
            continue
        first, longer = value.index(part), 1  # by how much it is longer in the file so far: the quote
        line, column = place.line or 1, place.column or begin + 1
        anchors[start] = line, column + longer + first
        for escape in ESCAPE.finditer(text, begin + 1, json.JSONDecoder().raw_decode(text, begin)[1]):
            longer += len(escape[0]) - 1
            number = max(escape.end() - begin - longer, first)
            if number >= first + len(part):
                break
            anchors[start + number - first] = line, column + longer + number
    return Places.make(file, anchors, anchors.values())


def json_records(file: BinaryIO, source: Source, encoding: str) -> Iterator[Record | DataError]:
    """The records of a JSON file: of an array its items, else those of its lines.

    An array is read whole. Where a line is no JSON, or the rest of an array, the error stands in its place.
    """
    rest = lines(file, source, encoding)
    before: list[str | DataError] = []
    for line in rest:
        before.append(line)
        if isinstance(line, DataError) or line.strip():
            break
    if before and isinstance(before[-1], str) and ARRAY.match(before[-1]):
        try:
            yield from _array("\n".join(whole(chain(before, rest))), source)
        except DataError as error:
            yield error
    else:
        yield from _lines(chain(before, rest), source)


ARRAY = re.compile(r'\s*\[\s*(?![\s"])')
"""How an array of records begins; a line that begins with a string is a record of spaCy v2."""


def _value(decoder: json.JSONDecoder, text: str, begin: int, places: Lines, todo: str) -> tuple[Any, int]:
    """The JSON value that begins at a character of the text, or what is wrong in it, and where it ends.

    Raises `DataError` where it is none and nothing can be read after it.
    """
    try:
        value, end = decoder.raw_decode(text, begin)
        if ESCAPED_HALF.search(text, begin, end):
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise DataError(f"this is no JSON: {error.msg}", todo, places.place(error.pos)) from None
    except UnicodeEncodeError as error:
        what = f"a string holds U+{ord(error.object[error.start]):04X}, half of a surrogate pair"
        half = next(found.start() for found in ESCAPE.finditer(text, begin) if found.lastgroup)
        value = DataError(what, "it is no character and no file can hold it; mend the text", places.place(half))
        return value, decoder.raw_decode(text, begin)[1]
    except (ValueError, RecursionError) as error:  # what the hooks say, numbers of thousands of digits, deep nesting
        try:
            end = json.JSONDecoder().raw_decode(text, begin)[1]
        except (ValueError, RecursionError):
            raise DataError(f"this is no JSON: {error}", todo, places.place(begin)) from None
        if isinstance(error, _Twice):
            what, at = str(error), _second(text, begin, end)
        else:
            what, at = f"this is no JSON: {error}", _odd_number(text, begin, end, str(error))
        return DataError(what, "" if at is not None else todo, places.place(begin if at is None else at)), end
    return value, end


ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""The escape of half a surrogate pair; in JSON two of them are a character, and one alone is none."""
ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|u.{4}|.)"
    "|(?P<bare>[\ud800-\udfff])"
)
"""The escape of a character, or of half of one; or the half itself, which decoders as UTF-7's let pass."""
CONSTANT = re.compile(r'"|-?(?:NaN|Infinity|\d[\d.eE+-]*)')
"""What may be none of JSON's numbers, and where strings begin."""
SYNTAX = re.compile(r'["\[\]{}]')
"""What strings, objects and arrays begin and end with."""
COLON = re.compile(r"\s*:")


def _tokens(pattern: re.Pattern[str], text: str, begin: int, stop: int) -> Iterator[tuple[str, int, int]]:
    """What a pattern finds in a JSON value, and where that begins and ends; a string is whole, in its quotes.

    No pattern finds a string whole, as `re` would remember each character of one.
    """
    decoder, at = json.JSONDecoder(), begin
    while found := pattern.search(text, at, stop):
        at = decoder.raw_decode(text, found.start())[1] if found[0] == '"' else found.end()
        yield text[found.start() : at], found.start(), at


def _odd_number(text: str, begin: int, stop: int, error: str) -> int | None:
    """Where the number stands with which an error begins."""
    number = error.split(" ")[0]
    return next((start for token, start, _ in _tokens(CONSTANT, text, begin, stop) if token == number), None)


def _second(text: str, begin: int, stop: int) -> int | None:
    """Where a key stands that its object has already."""
    keys: list[set[str]] = []
    for token, start, end in _tokens(SYNTAX, text, begin, stop):
        if token in ("{", "["):
            keys.append(set())
        elif token in ("}", "]"):
            keys.pop()
        elif COLON.match(text, end):
            key = json.loads(token)
            if key in keys[-1]:
                return start
            keys[-1].add(key)
    return None


def _decoder() -> json.JSONDecoder:
    """A decoder that takes JSON and no more, and no object of which a field would be lost."""
    return json.JSONDecoder(parse_constant=_refuse, parse_float=_finite, object_pairs_hook=distinct)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (inf, -inf):
        raise ValueError(f"{digits} is too large for a number")
    return number


class _Twice(ValueError):
    """A field that comes twice, of which one would be lost."""


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises `ValueError` for a field that comes twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        times = Counter(name for name, _ in pairs)
        raise _Twice(f"the field {next(name for name, n in times.items() if n > 1)!r} comes twice")
    return made


def _array(text: str, source: Source) -> Iterator[Record | DataError]:
    """The items of a JSON array. Raises `DataError` where it is none."""
    decoder = _decoder()
    places = Lines(text, source.file)
    todo = "the file is cut short, or no JSON"

    def broken(what: str, at: int) -> DataError:
        return DataError(f"this is no JSON: {what}", todo, places.place(at))

    at = _skip(text, text.index("[") + 1)
    while not text.startswith("]", at):
        value, end = _value(decoder, text, at, places, todo)
        yield value if isinstance(value, DataError) else Record(value, places.place(at), text, at)
        at = _skip(text, end)
        if text.startswith(",", at):
            at = _skip(text, at + 1)
        elif not text.startswith("]", at):
            raise broken("Expecting ',' delimiter", at)
    if text[at + 1 :].strip():
        raise broken("Extra data", _skip(text, at + 1))


def _lines(found: Iterable[str | DataError], source: Source) -> Iterator[Record | DataError]:
    """A record a line."""
    decoder = _decoder()
    todo = "a line holds one record, whole"
    for number, line in enumerate(found, 1):
        if isinstance(line, DataError):
            yield line
            continue
        if not line.strip():
            continue
        begin = _skip(line, 0)
        places = Lines(line, source.file, number)
        try:
            value, end = _value(decoder, line, begin, places, todo)
            if line[end:].strip():
                raise DataError("this is no JSON: Extra data", todo, places.place(_skip(line, end)))
        except DataError as error:
            yield error
        else:
            record = Record(value, Place(source.file, number), line, begin)
            yield value if isinstance(value, DataError) else record


KINDS: Mapping[type, str] = {dict: "an object", list: "an array", str: "a string", int: "a whole number"}
REQUIRED = object()


def expect(value: Any, kind: type, at: At, todo: str = "") -> Any:
    """The value. Raises `DataError` where it is not of that kind (dict, list, str or int)."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise at.error(f"{at} should be {KINDS[kind]} and is {'missing' if value is None else shown(value)}", todo)
    return value


def shown(value: Any) -> str:
    """A value as a message shows it."""
    return json.dumps(value, ensure_ascii=False, default=str)[:40]


def get(record: Mapping[str, Any], name: str, default: Any) -> Any:
    """A field of a record; null is as good as missing."""
    return default if record.get(name) is None else record[name]


def field(holder: Any, key: str | int, kind: type, at: At, default: Any = REQUIRED) -> Any:
    """What a record has in a field, or a list at a number; null is as good as missing.

    Raises `DataError` where it is not of that kind, or missing and there is no default.
    """
    value = holder.get(key) if isinstance(holder, dict) else holder[key]
    if value is None and default is not REQUIRED:
        return default
    if not isinstance(value, kind) or isinstance(value, bool):
        others = [str(name) for name in holder if name != key] if isinstance(holder, dict) and value is None else []
        expect(value, kind, at / key, f"there is {shorten(', '.join(others))}" if others else "")
    return value


def label_of(holder: Any, key: str | int, at: At) -> str:
    """The label in a field of an entity, or in a list at a number. Raises `DataError` where it can be none."""
    label: str = field(holder, key, str, at)
    if not is_label(label):
        raise (at / key).error(f"{label!r} is no label", LABEL_TODO)
    return label


def identifier(holder: Mapping[str, Any], at: At, key: str = "id") -> str | None:
    """The id in a field of a record, None where there is none. Raises `DataError` for what can be none."""
    value = holder.get(key)
    if value is None:
        return None
    if value == "":
        raise (at / key).error(f"{at / key} is empty")
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise (at / key).error(f"{at / key} should be a string or a whole number and is {shown(value)}")
    return str(value)


def further_fields(record: Mapping[str, Any], known: Collection[str], at: At) -> dict[str, Any]:
    """The fields of a record that its format does not know.

    Raises `DataError` where one holds entities as another format has them: they would be lost as metadata.
    """
    extra = {name: value for name, value in record.items() if name not in known}
    for name, value in extra.items():
        if are_entities(name, value):
            todo = "is the file of several formats? divide it, and name each with --from"
            raise (at / name).error(f"{at / name} has entities as another format has them", todo)
    return extra


ENTITY_FIELDS = frozenset("annotations entities ents label labels ner spans".split())
"""The names that formats have for a list of entities."""


def are_entities(name: str, value: Any) -> bool:
    """Whether a field has entities as one or another format has them."""
    return name in ENTITY_FIELDS and isinstance(value, list) and any(map(_is_entity, value))


def _is_entity(item: Any) -> bool:
    """Whether this is an entity as one or another format has it."""
    if isinstance(item, list) and len(item) == 3:
        return isinstance(item[0], int) and isinstance(item[1], int) and isinstance(item[2], str)
    return isinstance(item, dict) and any({f"start{x}", f"end{x}"} <= item.keys() for x in ("", "_offset", "_char"))


def with_extra(meta: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata, and among them the further fields of a record."""
    held = meta.get(EXTRA)
    extra = {**held, **extra} if isinstance(held, Mapping) else extra
    return {**meta, EXTRA: extra} if extra else dict(meta)


def place_of_id(at: At) -> Place:
    """Where the id stands in a record of any of the formats."""
    value = at.record.value
    for step in at.path:
        value = value[step]
    for path in (("id",), ("meta", "id"), ("data", "id"), (1, "meta", "id")):
        found, here = value, at
        for step in path:
            is_there = (isinstance(found, dict) and step in found) or (isinstance(found, list) and step == 1)
            if not is_there:
                break
            found, here = found[step], here / step
        else:
            return here.place
    return at.place


# Finding out the format

HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{")
TOKEN = re.compile(rb'"((?:[^"\\]|\\(?:.|\Z))*)(?:"(\s*:)?|\Z)|[\[\]{}]', re.DOTALL)


def first_fields(beginning: bytes, at: int = 0) -> Iterator[tuple[bytes, int]]:
    """The names of the first record's own fields, and where their values begin. The last may be cut off.

    `at`: where the record is, or the array of which it is the first item.
    """
    head = HEAD.match(beginning, at)
    depth = 1
    for token in TOKEN.finditer(beginning, head.end()) if head else ():
        if token[0] in (b"{", b"["):
            depth += 1
        elif token[0] in (b"}", b"]"):
            depth -= 1
            if not depth:
                return
        elif depth == 1 and token[2]:
            yield token[1], token.end()
