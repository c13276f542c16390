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
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, NamedTuple

from . import __version__, names
from .balance import Report
from .errors import DataError, Place
from .formats import Format, named
from .inputs import Ids, Input, Step, Taken, changed, ids_in, read_steps
from .names import JOURNAL, MANIFEST
from .new_files import SUFFIX as TEMPORARY
from .new_files import whole_file
from .options import Changes, ReadOptions, WriteOptions
from .outputs import outputs_in, written
from .source import as_path, as_text

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
    steps = read_steps(_watched(task, at), settings.read, keep_going=settings.keep_going)
    steps = islice(steps, task.skip, None if task.limit is None else task.skip + task.limit)
    ids = Ids(task.taken)
    for number in count(task.first) if task.shards is None else range(task.first, task.first + task.shards):
        shard = _write(settings, number, islice(steps, settings.size), ids)
        if shard is None:
            return
        yield shard


def _watched(task: Task, at: At | None) -> Iterator[Input]:
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


# The plan


def scan(settings: Settings, task: Task, at: At | None = None) -> Iterator[list[str]]:
    """The ids of the documents of each input of a task. Raises `DataError`."""
    for item in _watched(task, at):
        yield ids_in(item, settings.read, keep_going=settings.keep_going)


class Planned(NamedTuple):
    """A shard that is to be made: of which inputs, by number, the documents `first` to `stop`; and which of their ids
    earlier shards have taken.
    """

    pieces: list[tuple[int, int, int]]
    met: Mapping[str, Taken]


def plan(settings: Settings, found: Iterable[Sequence[str]]) -> list[Planned]:
    """The shards to make, by the ids of the documents of each input."""
    shards: list[Planned] = []
    ids, position = Ids(), 0
    for place, own_ids in enumerate(found):
        for number, own in enumerate(own_ids):
            if position % settings.size == 0:
                ids.begin(len(shards))
                shards.append(Planned([], ids.met))
            pieces = shards[-1].pieces
            if pieces and pieces[-1][0] == place:
                pieces[-1] = (place, pieces[-1][1], number + 1)
            else:
                pieces.append((place, number, number + 1))
            ids.new(own)
            position += 1
    return shards


def tasks_of(shards: Sequence[Planned], wanted: Iterable[int], items: Sequence[Input]) -> Iterator[Task]:
    """Tasks for the wanted shards, by number, ascending.

    A shard is a task, unless it begins in the middle of a file, which has to be read up to there. Then it goes with the
    one before it, until these have twice as many documents as would be read in vain. So no more than one and a half
    times as many are read as there are.
    """
    group: list[int] = []
    documents = 0
    for number in wanted:
        _, first, _ = shards[number].pieces[0]
        if group and (number != group[-1] + 1 or documents >= 2 * first):
            yield _task(shards, group, items)
            group, documents = [], 0
        group.append(number)
        documents += sum(stop - first for _, first, stop in shards[number].pieces)
    if group:
        yield _task(shards, group, items)


def _task(shards: Sequence[Planned], group: Sequence[int], items: Sequence[Input]) -> Task:
    first, last = shards[group[0]], shards[group[-1]]
    # of those that several of them meet, as they were when the first one did
    met = (item for number in reversed(group) for item in shards[number].met.items())
    taken = {id: known for id, known in met if known[0] < group[0]}
    own = items[first.pieces[0][0] : last.pieces[-1][0] + 1]
    return Task(group[0], own, first.pieces[0][1], len(group), taken)


# What a folder of shards tells of itself


class Folder:
    """A folder of shards, its journal and its manifest. Reports, which may be long, are in the journal alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path = settings.out
        self.journal = self.path / JOURNAL
        self.begun, self.kept = False, frozenset[int]()
        self.shards: dict[int, Shard] = {}
        self.places: dict[int, int] = {}  # of their lines in the journal, in bytes

    def read(self) -> None:
        """Read the journal of an earlier run. A line that was cut off is left out."""
        try:
            file = self.journal.open("rb")
        except FileNotFoundError:
            return
        with file:
            at = len(file.readline())
            for line in file:
                try:
                    record = json.loads(line)
                    files = {name: (size, digest) for name, (size, digest) in record["files"].items()}
                    shard = Shard(record["shard"], record["key"], files, Report(), record["size"])
                    Report.of_record(record["report"])
                    self.shards[shard.number], self.places[shard.number] = shard, at
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                    pass
                at += len(line)

    def report_of(self, number: int) -> Report:
        """The report of a shard, from the journal."""
        with self.journal.open("rb") as file:
            file.seek(self.places[number])
            return Report.of_record(json.loads(file.readline())["report"], keep_going=self.settings.keep_going)

    def is_whole(self, shard: Shard) -> bool:
        """Whether all files of a shard are there, as they were written."""
        try:
            return all(checksum(self.path / as_path(name)) == known for name, known in shard.files.items())
        except OSError:
            return False

    def check(self) -> None:
        """Raise `DataError` where the folder holds what would be read as a shard of this run and is none of ours."""
        if not self.path.exists():
            return
        is_ours = self.journal.exists()
        suffixes = tuple(format.suffixes[0] for format in self.settings.rows if not format.one_each)
        for path in sorted(self.path.iterdir()):
            part = names.SHARD.fullmatch(path.name)
            if part and is_ours:
                continue
            if (suffixes and path.name.endswith(suffixes) and not path.name.startswith(".")) or part:
                what = "this is no shard of an earlier conversion, and whoever reads the folder would read it too"
                raise DataError(what, "name another folder, or take it away", Place(str(path)))

    def begin(self, kept: Collection[int] = ()) -> None:
        """Take away what earlier runs have left, but for the shards that are kept, and begin the journal anew."""
        self.begun, self.kept = True, frozenset(kept)
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / MANIFEST).unlink(missing_ok=True)
        self._write_journal(kept)
        self.clear()

    def _write_journal(self, kept: Iterable[int]) -> None:
        """Write the journal anew, with the lines of the shards that are kept."""
        places: dict[int, int] = {}
        with whole_file(self.journal) as file, ExitStack() as stack:
            earlier = stack.enter_context(self.journal.open("rb")) if self.places else None
            header = {"nerconv": __version__, "formats": self.settings.formats, "shard_size": self.settings.size}
            file.write(_line(header))
            for number in kept:
                assert earlier
                earlier.seek(self.places[number])
                places[number] = file.tell()
                file.write(earlier.readline())
        self.shards = {number: self.shards[number] for number in places}
        self.places = places

    def add(self, shard: Shard) -> None:
        """Write down that a shard is whole."""
        self.shards[shard.number] = shard._replace(report=Report())
        record = shard._asdict() | {"report": shard.report.as_record()}
        with self.journal.open("ab") as file:
            self.places[shard.number] = file.tell()
            file.write(_line({"shard": record.pop("number"), **record}))

    def clear(self) -> None:
        """Take away the files of shards that the journal does not tell of, and those that were never whole."""
        known = {name for shard in self.shards.values() for name in shard.files}
        for path in list(self.path.glob(f".{names.PART}-*{TEMPORARY}")):
            path.unlink(missing_ok=True)
        for path in list(self.path.iterdir()):
            if not names.SHARD.fullmatch(path.name):
                continue
            if path.is_dir() and not path.is_symlink():
                for inner in sorted(path.rglob("*"), reverse=True):
                    if inner.is_dir():
                        _remove_if_empty(inner)
                    elif as_text(str(inner.relative_to(self.path))) not in known:
                        inner.unlink()
                _remove_if_empty(path)
            elif path.name not in known:
                path.unlink()

    def abandon(self, *, entirely: bool) -> None:
        """Leave the shards that the journal tells of, or nothing."""
        if not self.begun:
            return
        if entirely:
            self.begin()
            self.journal.unlink()
            _remove_if_empty(self.path)
        else:
            self.clear()

    def end(self, report: Report) -> None:
        """Write the manifest, and bring the journal into order."""
        self.clear()
        if list(self.places) != sorted(self.places):
            self._write_journal(sorted(self.places))
        shards = []
        for number, shard in sorted(self.shards.items()):
            files = {name: {"bytes": size, "sha256": sum} for name, (size, sum) in shard.files.items()}
            shards.append({"shard": names.shard(number), "key": shard.key, "files": files})
        manifest = {
            "nerconv": __version__,
            "formats": self.settings.formats,
            "shard_size": self.settings.size,
            "in": report.read.as_dict(),
            "out": {name: count.as_dict() for name, count in report.written.items()},
            "shards": shards,
        }
        with whole_file(self.path / MANIFEST) as file:
            file.write(json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n")


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=True).encode() + b"\n"


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
