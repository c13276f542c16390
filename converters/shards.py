"""An archive in shards: files of so many documents each, every one made apart from the others.

Shard number k holds the documents ``k * size`` to ``(k + 1) * size``, half-open, in the order of the inputs, where a
file without a document (one that cannot be read) counts as one. So a shard depends on the inputs alone, and whoever
makes it, and when, makes the same bytes. Its files get their names when they are whole, and a line in a journal
(``.shards.jsonl``) then tells what is in them, with checksums and with all that was lost and repaired: where a run was
stopped, another goes on after reading it. At the end a manifest (``.manifest.json``) tells counts and checksums. The
names of both begin with a dot, because `datasets` reads all other files of a folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, count, islice
from pathlib import Path
from typing import NamedTuple

from . import __version__, names
from .balance import Report
from .finding import Input
from .formats import Format, named
from .inputs import Ids, Step, Taken, changed, read_steps
from .options import Changes, ReadOptions, WriteOptions
from .outputs import outputs_in, written
from .source import as_text

At = Callable[[int], None]
"""Is told the number of the input of a task that is being read."""


class Settings(NamedTuple):
    """What all shards of a run have in common. `out`: an absolute path. `size`: documents a shard."""

    out: Path
    formats: tuple[str, ...]
    size: int
    read: ReadOptions
    write: WriteOptions
    changes: Changes
    keep_going: bool = False
    strict: bool = False

    @property
    def rows(self) -> list[Format]:
        """The formats."""
        return [named(name) for name in self.formats]

    def digest(self) -> list[str]:
        """What of this tells on the bytes of a shard."""
        read = {name: getattr(self.read, name) for name in self.read.__slots__ if name != "originals"}
        originals = self.read.originals
        source = (
            None if originals is None else (str(originals.path), originals.field, originals.encoding, originals.state)
        )
        return [repr(part) for part in (self.formats, self.size, read, source, self.write, self.changes)]


class Task(NamedTuple):
    """Shards that follow one another: the number of the first, and how many `shards` (None: as many as there are).

    `items`: the inputs that they are read from; `skip`: how many documents of the first one belong to earlier shards.
    `taken`: those ids of earlier shards that documents of these have too. `limit`: of documents.
    """

    first: int
    items: Sequence[Input]
    skip: int = 0
    shards: int | None = None
    taken: Mapping[str, Taken] = {}
    limit: int | None = None


class Piece(NamedTuple):
    """The documents `first` to `stop`, half-open, of a file; it is known by its size (bytes) and time."""

    file: str
    size: int
    time: int
    first: int
    stop: int


def state_of(item: Input) -> tuple[int, int]:
    """The size (bytes) of a file, and of what is read with it, and the time of the later one, as they are now.

    Zeros where nobody can tell.
    """
    size = time = 0
    for path in item.paths:
        with suppress(OSError):
            status = path.stat()
            size, time = size + status.st_size, max(time, status.st_mtime_ns)
    return size, time


class Shard(NamedTuple):
    """A shard that is whole: its number, a key for all that it was made from, its files with their sizes (bytes) and
    SHA-256, by name below OUT, the report, and how many bytes of inputs were begun with it.
    """

    number: int
    key: str
    files: Mapping[str, tuple[int, str]]
    report: Report
    size: int = 0


def key_of(settings: Settings, pieces: Sequence[Piece], met: Mapping[str, Taken]) -> str:
    """The same for shards with the same bytes; another one where the settings or an input have changed."""
    found = [(os.fsencode(piece.file).hex(), *piece[1:]) for piece in pieces]  # which is the same in every locale
    parts = [__version__, settings.digest(), found, sorted((id, number) for id, (_, number) in met.items())]
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()


def write_shards(settings: Settings, task: Task, at: At | None = None) -> Iterator[Shard]:
    """Write the shards of a task. Raises `DataError`; then the shards before have been written."""
    steps = read_steps(watched(task, at), settings.read, keep_going=settings.keep_going)
    steps = islice(steps, task.skip, None if task.limit is None else task.skip + task.limit)
    ids = Ids(task.taken)
    for number in count(task.first) if task.shards is None else range(task.first, task.first + task.shards):
        shard = _write(settings, number, islice(steps, settings.size), ids)
        if shard is None:
            return
        yield shard


def watched(task: Task, at: At | None) -> Iterator[Input]:
    """The inputs of a task; `at` is told of each before it is read."""
    for number, item in enumerate(task.items):
        if at:
            at(number)
        yield item


def _write(settings: Settings, number: int, steps: Iterator[Step], ids: Ids) -> Shard | None:
    beginning = next(steps, None)
    if beginning is None:
        return None
    ids.begin(number)
    report = Report(keep_going=settings.keep_going)
    pieces: list[Piece] = []
    outputs = outputs_in(settings.out, names.shard(number), settings.rows)
    with written(outputs, settings.write, report, settings.changes) as put:
        for step in chain([beginning], steps):
            if pieces and pieces[-1].file == step.item.file and step.number:
                pieces[-1] = pieces[-1]._replace(stop=step.number + 1)
            else:
                pieces.append(Piece(step.item.file, *state_of(step.item), step.number, step.number + 1))
            report.merge(step.report)
            if step.document is None:
                ids.new(step.item.source.id)
            else:
                document = changed(step.document, ids, settings.changes, report)
                if document is not None:
                    put(document)
        if settings.strict:
            report.refuse_losses()
    files = {as_text(str(path.relative_to(settings.out))): checksum(path) for path in sorted(put.placed)}
    size = sum(piece.size for piece in pieces if not piece.first)
    return Shard(number, key_of(settings, pieces, ids.met), files, report, size)


def checksum(path: Path) -> tuple[int, str]:
    """The size of a file in bytes, and its SHA-256."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            found.update(data)
            size += len(data)
    return size, found.hexdigest()
