"""JSON records: reading them from lines or an array, writing them as either, and checking what is in them."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, BinaryIO

from .errors import DataError, Lines, Place
from .source import Source, lines

SPACE = re.compile(r"[ \t\r\n]*")


class RecordsWriter:
    """Records into a file, one a line or as one array; UTF-8, nothing escaped that need not be."""

    def __init__(self, file: BinaryIO, *, as_array: bool) -> None:
        self.file = file
        self.as_array = as_array
        self.before = b"[\n" if as_array else b""

    def put(self, record: Any) -> None:
        """Write one record."""
        try:
            line = json.dumps(record, ensure_ascii=False).encode()
        except (TypeError, ValueError) as error:
            raise DataError(f"JSON cannot hold this document's metadata: {error}") from None
        self.file.write(self.before + line)
        self.before = b",\n" if self.as_array else b""
        if not self.as_array:
            self.file.write(b"\n")

    def close(self) -> None:
        """End the array, if it is one."""
        if self.as_array:
            self.file.write(b"[]\n" if self.before == b"[\n" else b"\n]\n")


HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""The escape of half a surrogate pair; in JSON two of them are a character, and one alone is none."""


def json_records(file: BinaryIO, source: Source, encoding: str) -> Iterator[tuple[Place, Any]]:
    """The records of a JSON file and their places: of an array its items, else those of its lines.

    An array is read whole. Raises `DataError` with line and column for what is no JSON.
    """
    rest = lines(file, source, encoding)
    before = []
    for line in rest:
        before.append(line)
        if line.strip():
            break
    if before and before[-1].lstrip().startswith("[") and not _begins_with_string(before[-1]):
        yield from _array("\n".join([*before, *rest]), source)
    else:
        yield from _lines(chain(before, rest), source)


def _begins_with_string(line: str) -> bool:
    """Whether a line is an array of its own that begins with a string, as records of spaCy v2 do."""
    return bool(re.match(r'\s*\[\s*"', line))


def _array(text: str, source: Source) -> Iterator[tuple[Place, Any]]:
    """The items of a JSON array, each with the line that it begins on."""
    decoder = json.JSONDecoder(parse_constant=_refuse)
    places = Lines(text, source.file)
    at = SPACE.match(text, text.index("[") + 1).end()  # type: ignore[union-attr]
    try:
        while not text.startswith("]", at):
            value, end = decoder.raw_decode(text, at)
            if HALF.search(text, at, end):
                json.dumps(value, ensure_ascii=False).encode()
            yield places.place(at), value
            at = SPACE.match(text, end).end()  # type: ignore[union-attr]
            if text.startswith(",", at):
                at = SPACE.match(text, at + 1).end()  # type: ignore[union-attr]
            elif not text.startswith("]", at):
                raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
        if text[at + 1 :].strip():
            raise json.JSONDecodeError("Extra data", text, at + 1)
    except json.JSONDecodeError as error:
        todo = "the file is cut short, or no JSON"
        raise DataError(f"this is no JSON: {error.msg}", todo, places.place(error.pos)) from None
    except UnicodeEncodeError as error:
        raise _half(error, places.place(at)) from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"this is no JSON: {error}", "", places.place(at)) from None


def _lines(found: Iterable[str], source: Source) -> Iterator[tuple[Place, Any]]:
    for number, line in enumerate(found, 1):
        place = Place(source.file, number)
        try:
            if line.strip():
                record = json.loads(line, parse_constant=_refuse)
                if HALF.search(line):
                    json.dumps(record, ensure_ascii=False).encode()
                yield place, record
        except json.JSONDecodeError as error:
            column = place._replace(column=error.colno)
            raise DataError(f"this is no JSON: {error.msg}", "a line holds one record, whole", column) from None
        except UnicodeEncodeError as error:
            raise _half(error, place) from None
        except (ValueError, RecursionError) as error:
            raise DataError(f"this is no JSON: {error}", "a line holds one record, whole", place) from None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _half(error: UnicodeEncodeError, place: Place) -> DataError:
    what = f"a string holds U+{ord(error.object[error.start]):04X}, half of a surrogate pair"
    return DataError(what, "it is no character and no file can hold it; mend the text", place)


def offsets(text: str, item: Mapping[str, Any], what: str, place: Place) -> tuple[int, int]:
    """The ``start`` and ``end`` of a JSON object, half-open characters. Raises `DataError` where they are none."""
    start, end = (expect(item.get(name), int, f"the {name} of {what}", place) for name in ("start", "end"))
    if not 0 <= start < end <= len(text):
        raise DataError(
            f"{what} at {start}:{end} is empty or outside the text of {len(text)} characters",
            "offsets count characters from 0, and the end is the first one outside",
            place,
        )
    return start, end


def get(record: Mapping[str, Any], name: str, default: Any) -> Any:
    """A field of a record; null is as good as missing."""
    return default if record.get(name) is None else record[name]


def expect(value: Any, kind: type, what: str, place: Place) -> Any:
    """The value. Raises `DataError` where it is not of that kind (dict, list, str or int)."""
    if not isinstance(value, kind) or isinstance(value, bool):
        found = "missing" if value is None else f"{json.dumps(value, ensure_ascii=False)[:40]}"
        names = {dict: "an object", list: "an array", str: "a string", int: "a whole number"}
        raise DataError(f"{what} should be {names[kind]} and is {found}", "", place)
    return value


def to_utf16(text: str, offsets: Sequence[int]) -> list[int]:
    """Offsets in characters as offsets in UTF-16 units, where a character above U+FFFF counts two."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return list(offsets)
    wide = [at for at, character in enumerate(text) if character > "\uffff"]
    return [offset + bisect_left(wide, offset) for offset in offsets]


def from_utf16(text: str, offsets: Sequence[int]) -> list[int] | None:
    """Offsets in UTF-16 units as offsets in characters, or None where one is inside a character or outside the text."""
    wide = [] if text.isascii() else [at for at, character in enumerate(text) if character > "\uffff"]
    units = [at + number for number, at in enumerate(wide)]  # where each wide character begins, in units
    found = []
    for offset in offsets:
        before = bisect_left(units, offset)
        if before and units[before - 1] + 1 == offset:
            return None
        found.append(offset - before)
    return found if all(0 <= offset <= len(text) for offset in found) else None


HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{")
TOKEN = re.compile(rb'"((?:[^"\\]|\\(?:.|\Z))*)(?:"(\s*:)?|\Z)|[\[\]{}]', re.DOTALL)


def first_fields(beginning: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The names of the first record's own fields, and the bytes from their values on. Both may be cut off."""
    head = HEAD.match(beginning)
    depth = 1
    for token in TOKEN.finditer(beginning, head.end()) if head else ():
        if token[0] in (b"{", b"["):
            depth += 1
        elif token[0] in (b"}", b"]"):
            depth -= 1
            if not depth:
                return
        elif depth == 1 and token[2]:
            yield token[1], beginning[token.end() :]
