"""Lists that an archive may make very long: beyond some entries they are kept in a file, so that memory stays flat."""

from __future__ import annotations

import json
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import eq
from typing import IO, Any, Generic, TypeVar, overload

Entry = TypeVar("Entry")


class Ledger(Generic[Entry]):
    """Entries in the order in which they came. They can be added, counted, gone through and looked up, and no more.

    `kind`: the dataclass that they are of, whose fields are strings and numbers. When more than `most` are in memory
    all of these go into a temporary file, which the system takes away when the ledger is gone.
    """

    most = 20_000

    def __init__(self, kind: Callable[..., Entry], entries: Iterable[Entry] = ()) -> None:
        self.kind = kind
        self.kept: list[Entry] = []
        self.filed = 0
        self.file: IO[bytes] | None = None
        self.extend(entries)

    def append(self, entry: Entry) -> None:
        """Add one entry."""
        self.kept.append(entry)
        if len(self.kept) > self.most:
            self._put_away()

    def extend(self, entries: Iterable[Entry]) -> None:
        """Add entries."""
        for entry in entries:
            self.append(entry)

    def _put_away(self) -> None:
        if self.file is None:
            self.file = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the ledger
            weakref.finalize(self, self.file.close)
        self.file.seek(0, 2)
        self.file.writelines(b"%b\n" % json.dumps(list(vars(entry).values())).encode() for entry in self.kept)
        self.filed += len(self.kept)
        self.kept.clear()

    def __iter__(self) -> Iterator[Entry]:
        at = 0
        for _ in range(self.filed):
            assert self.file
            self.file.seek(at)  # others may be going through the ledger, too
            line = self.file.readline()
            at += len(line)
            yield self.kind(*json.loads(line))
        yield from self.kept

    def __len__(self) -> int:
        return self.filed + len(self.kept)

    @overload
    def __getitem__(self, at: int) -> Entry: ...

    @overload
    def __getitem__(self, at: slice) -> list[Entry]: ...

    def __getitem__(self, at: int | slice) -> Entry | list[Entry]:
        numbers = range(len(self))[at]  # from the end, out of range, and with steps as in a list
        if isinstance(numbers, int):
            return next(islice(self, numbers, None))
        wanted = sorted(numbers)
        found = list(islice(self, wanted[0], wanted[-1] + 1, abs(numbers.step))) if wanted else []
        return found if numbers.step > 0 else found[::-1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ledger | list) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __reduce__(self) -> tuple[Any, ...]:
        return Ledger, (self.kind, list(self))

    def __repr__(self) -> str:
        return repr(list(self))
