"""Every error that may leave the library, each saying where, what, and what to do about it.

A message reads ``file:line:column: what is wrong (what to do)``. Lines and columns count from 1,
columns in characters. The command line turns `DataError` into exit status 1 and `UsageError` into 2.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple


class Place(NamedTuple):
    """Where something was read: a file (or ``-``) and, as far as they are known, line and column from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in self if part is not None)


class NerconvError(Exception):
    """The base of all errors of this library.

    `what` says what is wrong, `todo` what to do about it (it may be empty), `place` where it was read. Either is cut in
    the middle where it is longer than `LONGEST`, as it is when it quotes a word of the data that is.
    """

    def __init__(self, what: str, todo: str = "", place: Place | None = None) -> None:
        self.what = what if len(what) <= LONGEST else shorten(what, LONGEST)
        self.todo = todo if len(todo) <= LONGEST else shorten(todo, LONGEST)
        self.place = place
        super().__init__(self.what, self.todo, place)

    def add_todo(self, more: str) -> None:
        """Say something more of what to do."""
        self.todo = f"{self.todo}; {more}" if self.todo else more

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return where + self.what + (f" ({self.todo})" if self.todo else "")


LONGEST = 500
"""Characters of a message that a person will read."""


class DataError(NerconvError, ValueError):
    """The data is at fault: exit status 1."""


class UsageError(NerconvError, ValueError):
    """The call is at fault (an unknown format, options that exclude each other): exit status 2."""


class ClosedError(DataError):
    """Whoever read what is written has gone: the end of a pipe, as in ``| head``."""


class FullError(NerconvError):
    """A file would hold more than a file of its format may: exit status 1. Nothing of the document has been taken."""


@contextmanager
def system_errors(what: str, file: str | os.PathLike[str]) -> Iterator[None]:
    """Errors of the system in the block as `DataError`: ``FILE: cannot be WHAT: No space left on device``.

    The file is the one that the error names, and else `file`. Standard output (``-``) that is a pipe which nobody reads
    any more is a `ClosedError`.
    """
    try:
        yield
    except OSError as error:
        kind = ClosedError if isinstance(error, BrokenPipeError) and file == "-" else DataError
        where = Place(str(error.filename or file))
        raise kind(f"cannot be {what}: {error.strerror or error}", "", where) from None


def refuse(error: OSError) -> None:
    """Raise an error, as who walks a folder (`os.walk`) should for one that cannot be read."""
    raise error


class Lines:
    """Where the lines of a text begin, for finding many places in it. `first` is the number of its first line."""

    def __init__(self, text: str, file: str, first: int = 1) -> None:
        self.file = file
        self.first = first
        self.starts = [0]
        at = text.find("\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = text.find("\n", at + 1)

    def place(self, offset: int) -> Place:
        """The place of a character of the text."""
        line = bisect_right(self.starts, offset)
        return Place(self.file, line + self.first - 1, offset - self.starts[line - 1] + 1)


def column(numbers: Iterable[int]) -> memoryview:
    """A read-only column of 64-bit integers (a `memoryview`, so NumPy takes it without a copy)."""
    return memoryview(array("q", numbers)).toreadonly()


@dataclass(frozen=True, slots=True)
class Places:
    """Where the characters of a text stand in the file that it was read from, as columns.

    From character ``offsets[i]`` of the text on (ascending), it stands in the file from line ``lines[i]`` and column
    ``columns[i]`` on, both from 1, up to the next offset.
    """

    file: str
    offsets: memoryview
    lines: memoryview
    columns: memoryview

    @classmethod
    def make(cls, file: str, offsets: Iterable[int], places: Iterable[tuple[int, int]]) -> Places:
        """The places of a text; `places` are lines and columns, a pair for each offset."""
        pairs = list(places)
        return cls(file, column(offsets), column(line for line, _ in pairs), column(at for _, at in pairs))

    def __reduce__(self) -> tuple[Any, ...]:
        return Places.make, (self.file, list(self.offsets), list(zip(self.lines, self.columns, strict=True)))

    def part(self, start: int, end: int) -> Places:
        """The places of a piece of the text, from `start` to `end`, half-open."""
        first, stop = max(bisect_right(self.offsets, start) - 1, 0), bisect_left(self.offsets, end)
        offsets = column(offset - start for offset in self.offsets[first:stop])
        return Places(self.file, offsets, self.lines[first:stop], self.columns[first:stop])

    def at(self, offset: int) -> Place:
        """The place of a character of the text."""
        number = bisect_right(self.offsets, offset) - 1
        if number < 0:
            return Place(self.file)
        return Place(self.file, self.lines[number], self.columns[number] + offset - self.offsets[number])


MOST_NAMES = 8
"""How many names a message lists beside the nearest one."""


def did_you_mean(name: str, known: Iterable[str], listed: str = "") -> str:
    """What to do where a name is none of the known ones: ``did you mean conll? there are brackets, brat, conll``.

    `listed` says where very many are listed, which a message then does not.
    """
    names = list(known)
    by_case = {own.casefold(): own for own in names}
    near = [by_case[found] for found in get_close_matches(name.casefold(), by_case, 1)]
    others = listed or (f"there are {', '.join(names)}" if not near or len(names) <= MOST_NAMES else "")
    return f"did you mean {near[0]}? {others}".rstrip() if near else others


def shorten(text: str, width: int = 60) -> str:
    """`text` on one line, as a message shows it: cut in the middle when it is longer than `width` characters."""
    line = " ".join(text.split())
    if len(line) > width:
        half = (width - 3) // 2
        line = f"{line[:half]}...{line[-half:]}"
    return line


def counted(n: int, thing: str) -> str:
    """``1 time``, ``3 times``."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"
