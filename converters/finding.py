"""Which files to read: those that paths, folders and patterns name, and what names tell of their formats."""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from . import names
from .balance import Report
from .errors import DataError, Place, UsageError, refuse, system_errors
from .formats import Format, by_suffix, formats, named
from .new_files import real
from .source import Source, as_text, stem

STANDARD = "-"

UNMARKED = "brackets"
"""The format of text that bears no format's mark."""
HTML = f"no known suffix; HTML with entities in brackets is read with --from {UNMARKED}"
"""Why a folder's HTML is not read: pages are no data more often than not."""


class Input(NamedTuple):
    """A file to read: its name (``-``: standard input), its path below the folder that was asked for, and the name of
    its format, None where only its content tells. An archive has very many, so there is no more to one than that.
    """

    file: str
    origin: str
    format: str | None

    @property
    def path(self) -> Path | None:
        """Its path, None for standard input."""
        return None if self.file == STANDARD else Path(self.file)

    @property
    def paths(self) -> list[Path]:
        """Its path and that of the text that it is about, where that is in a file of its own (brat)."""
        if self.path is None:
            return []
        return [self.path, Path(f"{stem(self.file)}.txt")] if self.file.lower().endswith(".ann") else [self.path]

    @property
    def source(self) -> Source:
        """How readers and messages name it. Its path below the folder, without the last suffix, is the id."""
        if self.file == STANDARD:
            return Source(STANDARD, "stdin", STANDARD)
        return Source.make(self.file, stem(self.origin), self.origin)


def find_inputs(
    paths: Sequence[str | Path], *, format: str | None = None, report: Report, leave_out: Path | None = None
) -> list[Input]:
    """The files that `paths` name, in the order they will be read. `leave_out`: the output, which is no input."""
    forced = named(format) if format else None
    if forced and forced.reader is None:
        raise UsageError(f"{forced.name} cannot be read", f"these can: {', '.join(_readable())}")
    found: list[Input] = []
    asked = {Path(path) for path in paths}
    for path in map(str, paths):
        if path == STANDARD:
            found.append(Input(STANDARD, STANDARD, forced and forced.name))
            continue
        if not path:
            raise DataError("an input has no name", "name a file, a folder, a pattern, or -")
        with system_errors("read", path):
            found += _find(path, forced, report, leave_out, asked)
    return found


def _find(
    path: str, forced: Format | None, report: Report, leave_out: Path | None, asked: Collection[Path]
) -> list[Input]:
    out = real(leave_out) if leave_out else None
    places = [Path(path)]
    is_pattern = not os.path.lexists(path) and glob.has_magic(path)
    if is_pattern:
        places = [Path(place) for place in sorted(glob.glob(path, recursive=True))]
        if not places:
            todo = "look at the spelling, and at the folder that you are in"
            raise DataError("no file matches this pattern", todo, Place(path))
        if out in (resolved := [real(place) for place in places]):
            report.skipped.append((str(leave_out), "it is the output"))
            places = [place for place, known in zip(places, resolved, strict=True) if known != out]
        asked = set(places)
    found: list[Input] = []
    for place in places:
        if place.is_dir():
            found += _walk(place, forced, report, out)
        elif is_pattern and not forced and _is_other(by_suffix(place.name), place):
            report.skipped.append((str(place), "no known suffix"))
        elif forced or place.suffix.lower() != ".txt" or place.with_suffix(".ann") not in asked:
            found.append(single(place, forced))  # else, as a shell makes it of brat/*, it is read with the .ann file
    if is_pattern and not found:
        raise DataError("no file that matches this pattern can be read", "name their format with --from", Place(path))
    return found


def _is_other(format: Format | None, path: Path) -> bool:
    """Whether a file has its suffix with many others in common, and does not begin as files of the format do."""
    return bool(format and format.is_shy and not _knows(format, path))


class Kept:
    """The files that no output may take the place of: those that documents and originals are read from."""

    def __init__(self, items: Iterable[Input], originals: Iterable[Path] = ()) -> None:
        self.items, self.originals = items, originals

    @cached_property
    def paths(self) -> frozenset[str]:
        """Where they are in truth. Nobody need ask as long as outputs are new."""
        read = (path for item in self.items for path in item.paths)
        return frozenset(os.path.realpath(path) for path in chain(read, self.originals))

    def check(self, path: Path) -> None:
        """Raise `DataError` for an output that is one of them."""
        if os.path.lexists(path) and os.path.realpath(path) in self.paths:
            raise DataError("this input is one of the outputs", "write to another place", Place(str(path)))


def _readable() -> list[str]:
    return [name for name, format in formats().items() if format.reader]


def _by_name(format: Format | None) -> str | None:
    """The format, or None where its suffix (``.txt``, ``.json``) is not its alone, so that the content must tell."""
    if format is None or format.name == UNMARKED:
        return None
    others = [other for other in formats().values() if other.name != format.name]
    return None if any(set(other.suffixes) & set(format.suffixes) for other in others) else format.name


def single(path: Path, forced: Format | None) -> Input:
    """The file, of that format if one is given. Raises `DataError` where there is none, or it is half of another."""
    if not path.exists():
        raise DataError("there is no such file", _instead(path), Place(str(path)))
    annotations = path.with_suffix(".ann")
    if not forced and path.suffix.lower() == ".txt" and annotations.exists():
        what = f"this is the text of {annotations.name}, which has the annotations"
        raise DataError(what, f"name that, or the folder, or say --from {UNMARKED}", Place(str(path)))
    return Input(str(path), path.name, forced.name if forced else _by_name(by_suffix(path.name)))


def _instead(path: Path) -> str:
    """What to do where there is no file of that name: what it may be misspelt for, or a part of."""
    try:
        known = sorted(os.listdir(path.parent))
    except OSError:
        return "look at the spelling"
    if longer := next((name for name in known if name.startswith(f"{path.name} ")), None):
        return f"put quotes around a name with spaces: '{path.with_name(longer)}'"
    if path.name not in known and (near := get_close_matches(path.name, known, 1)):  # else it is a link to nothing
        return f"did you mean {path.with_name(near[0])}?"
    is_label = path.name == str(path) and path.name.isupper() and path.name.isalpha()
    return "look at the spelling" + "; between labels there are commas and no spaces" * is_label


def _walk(folder: Path, forced: Format | None, report: Report, out: Path | None) -> list[Input]:
    found: list[Input] = []
    skipped: list[tuple[str, str]] = []
    is_out = out is not None and real(folder) == out

    kinds: dict[str, str | None] = {}  # what the suffix of a format tells by itself

    for parent, folders, files in os.walk(folder, onerror=refuse):
        is_brat = any(name.lower().endswith(".ann") for name in files)
        at = os.path.realpath(parent) if out else ""
        below = os.path.relpath(parent, folder).replace(os.sep, "/")
        prefix = "" if below == "." else f"{below}/"
        inner = set(folders)
        twins = _twins(files, forced)
        left_out: set[str] = set()
        for name in [*folders, *files]:
            path = os.path.join(parent, name)
            if is_brat and name.lower().endswith(".txt") and (not forced or ".ann" in forced.suffixes):
                continue  # the text of the .ann file beside it
            format = forced or by_suffix(name)
            if format and not forced and name not in inner and _is_other(format, Path(path)):
                format = None
            if format and format.name not in kinds:
                kinds[format.name] = _by_name(format)
            if name in names.HIDDEN:
                continue
            if name.startswith("."):
                skipped.append((path, "hidden"))
            elif out and (_is_file(path, at, name, out) or (is_out and not prefix and _is_output(name))):
                skipped.append((path, "it is the output"))
            elif name in inner and os.path.islink(path):
                skipped.append((path, "a link to a folder"))
            elif name in inner:
                continue
            elif format is None or format.reader is None:
                skipped.append((path, HTML if name.lower().endswith((".html", ".htm")) else "no known suffix"))
            elif name in twins:
                skipped.append((path, f"the same documents as {twins[name]}"))
            elif not os.path.isfile(path) and os.path.exists(path):
                skipped.append((path, "a pipe or a device"))  # whoever opens one may wait for ever
            else:
                found.append(Input(path, prefix + name, forced.name if forced else kinds[format.name]))
                continue
            left_out.add(name)
        folders[:] = [name for name in folders if name not in left_out]
    report.skipped += sorted((as_text(path), reason) for path, reason in skipped)
    if not found:
        reasons = ", ".join(sorted({reason for _, reason in skipped}))
        what = (
            f"nothing to read in this folder: {len(skipped)} skipped, {reasons}" if skipped else "the folder is empty"
        )
        raise DataError(what, "name their format with --from" if skipped else "", Place(str(folder)))
    return sorted(found, key=lambda item: item.origin)


def _twins(files: Sequence[str], forced: Format | None) -> dict[str, str]:
    """Of outputs of a conversion to several formats, ``corpus.conll`` and ``corpus.jsonl`` say, those that are not read
    when a folder is, and the one that is: of the format that was asked for, or of the one that holds most.
    """
    families: dict[str, dict[str, list[str]]] = {}
    for name in files:
        first = name.partition(".")[0]
        if names.WRITTEN.fullmatch(first) and (format := by_suffix(name)) and format.reader:
            families.setdefault(first.partition("-")[0], {}).setdefault(format.name, []).append(name)
    found: dict[str, str] = {}
    for family in families.values():
        best = max(family, key=lambda name: (forced is not None and name == forced.name, len(named(name).holds)))
        found |= {name: min(family[best]) for other, own in family.items() if other != best for name in own}
    return found


def _is_file(path: str, parent: str, name: str, file: Path) -> bool:
    """Whether a path, of that name in a folder that is at `parent` in truth, leads to the file."""
    return os.path.realpath(path) == str(file) if os.path.islink(path) else os.path.join(parent, name) == str(file)


def _is_output(name: str) -> bool:
    """Whether a file or folder in OUT is called what outputs there are called."""
    first, dot, suffix = name.partition(".")
    if not names.WRITTEN.fullmatch(first):
        return False
    return not dot or any(f".{suffix}".endswith(own) for format in formats().values() for own in format.suffixes)


def _knows(format: Format, path: Path) -> bool:
    """Whether a file begins as files of the format do."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return bool(format.sniff and format.sniff(file.read(1 << 12)))
    except OSError:
        return True  # whoever reads it will tell
