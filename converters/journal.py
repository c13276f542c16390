"""What a folder of shards tells of itself: a journal as they are made, and a manifest at the end."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from . import __version__, names
from .balance import Report
from .errors import DataError, Place
from .names import JOURNAL, MANIFEST
from .new_files import SUFFIX as TEMPORARY
from .new_files import whole_file
from .shards import Settings, Shard, checksum
from .source import as_path, as_text


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
