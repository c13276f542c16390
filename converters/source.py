"""Where bytes come from, and how they become text: decoding that names the byte it cannot read."""

from __future__ import annotations

import codecs
import gzip
import os
import stat
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar, cast

from .errors import DataError, Place, UsageError, system_errors

T = TypeVar("T")


class Source(NamedTuple):
    """An input as a reader meets it.

    `file`: its name in messages. `id`: of the document in it, or of the first part of those of several.
    `origin`: its path below the folder that was asked for, which goes into the metadata. `path`: the file's name as the
    system has it.
    """

    file: str
    id: str
    origin: str
    path: str = ""

    @classmethod
    def make(cls, file: str, id: str, origin: str) -> Source:
        """A source whose names are text."""
        return cls(as_text(file), as_text(id), as_text(origin), file)


def as_text(path: str) -> str:
    """A path as text, the same in every locale and on every system: its bytes as UTF-8, those replaced that are none,
    and ``/`` between its parts.
    """
    return os.fsencode(path).decode("utf-8", "replace").replace(os.sep, "/")


def as_path(text: str) -> str:
    """The path that a text names: that of its bytes in UTF-8, whatever the locale's encoding is."""
    return os.fsdecode(text.encode())


@contextmanager
def unpacked(path: Path, name: str) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked; `name` is what messages call it.

    Raises `DataError` for what the system or gzip refuses, and at the end for a file that was written to meanwhile.
    """
    place = Place(name)
    with system_errors("read", name), ExitStack() as stack:
        file: BinaryIO = stack.enter_context(path.open("rb"))
        packed = file
        if path.name.lower().endswith(".gz"):
            file = cast(BinaryIO, stack.enter_context(gzip.open(packed)))
        before = _state(packed)
        try:
            yield file
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DataError(f"this is no whole gzip file: {error}", "pack it again", place) from None
        if _state(packed) != before:
            raise DataError("this file was changed while it was read", "wait until it is whole, or copy it", place)


def _state(file: BinaryIO) -> tuple[int, int] | None:
    """The size (bytes) and the time of a file as it is now; None for a pipe, whose time is that of reading."""
    status = os.fstat(file.fileno())
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def with_ids(items: Iterable[T], stem: str) -> Iterator[tuple[str, T]]:
    """Each item and its id: the stem where there is one item, else ``stem#1``, ``stem#2``.

    The items are an iterator that does not raise: the second is asked for before the first is handed on.
    """
    rest = iter(items)
    waiting = list(islice(rest, 2))
    alone = len(waiting) == 1
    for number, item in enumerate(chain(waiting, rest), 1):
        yield stem if alone else f"{stem}#{number}", item


def stem(name: str) -> str:
    """A file's path without ``.gz`` and then without its last suffix: the id of the document in it."""
    name = name[:-3] if name.lower().endswith(".gz") else name
    folder, slash, last = name.rpartition("/")
    first, dot, _ = last.rpartition(".")
    return folder + slash + (first if first and dot else last)


def decode(data: bytes, source: Source, encoding: str, *, keep_mark: bool = False) -> str:
    """The bytes of a whole file as text, a byte order mark taken off unless `keep_mark`.

    Raises `DataError` with line and column (in characters) for a byte that is not of the encoding, and
    `UsageError` for an encoding that does not exist.
    """
    try:
        text = data.decode(encoding)
        return text if keep_mark else text.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        data = error.object  # without a mark, where the encoding takes that off
        before = data[: error.start].decode(encoding, "replace")
        raise _undecodable(
            data[error.start], encoding, source, before.count("\n") + 1, len(before) - before.rfind("\n")
        ) from None
    except (LookupError, ValueError):  # idna and its like are codecs, but of no files
        raise UsageError(f"unknown encoding {encoding!r}", "for example utf-8, latin-1, utf-16") from None


def lines(file: BinaryIO, source: Source, encoding: str) -> Iterator[str | DataError]:
    """The lines of a text file, one by one, without their ends (``\\n`` or ``\\r\\n``).

    In the place of a line that is not of the encoding, or has another carriage return in it, stands the error, so that
    the lines after it can be read. Raises `UsageError` for an encoding that does not exist.
    """
    try:
        streams = "\n".encode(encoding) == b"\n"
    except (LookupError, ValueError):
        raise UsageError(f"unknown encoding {encoding!r}", "for example utf-8, latin-1, utf-16") from None
    if not streams:  # in UTF-16 a byte 0A is not always a line end
        try:
            text = decode(file.read(), source, encoding)
        except DataError as error:
            yield error
            return
        for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
            yield _checked(line.removesuffix("\r"), number, source)
        return
    for number, data in enumerate(file, 1):
        if number == 1:
            data = data.removeprefix(codecs.BOM_UTF8)
        try:
            yield _checked(data.removesuffix(b"\n").removesuffix(b"\r").decode(encoding), number, source)
        except UnicodeDecodeError as error:
            data = error.object
            column = len(data[: error.start].decode(encoding, "replace")) + 1
            yield _undecodable(data[error.start], encoding, source, number, column)


def _checked(line: str, number: int, source: Source) -> str | DataError:
    at = line.find("\r")
    if at < 0:
        return line
    todo = "end lines with a line feed, or with both"
    return DataError("a carriage return inside the line", todo, Place(source.file, number, at + 1))


def whole(found: Iterable[T | DataError]) -> Iterator[T]:
    """The lines or records of a file of which none may be wrong. Raises the first error."""
    for item in found:
        if isinstance(item, DataError):
            raise item
        yield item


def _undecodable(byte: int, encoding: str, source: Source, line: int, column: int) -> DataError:
    is_mark = (line, column) == (1, 1) and byte in (0xFE, 0xFF)  # with which UTF-16 begins
    return DataError(
        f"byte 0x{byte:02X} is not {encoding.upper()}",
        f"name the file's encoding with --encoding, for example --encoding {'utf-16' if is_mark else 'latin-1'}",
        Place(source.file, line, column),
    )
