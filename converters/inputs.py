"""Files to documents: finding the inputs, telling their formats, reading them."""

from __future__ import annotations

import glob
import gzip
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from .balance import Repair, Report
from .document import Document
from .errors import DataError, Place, UsageError
from .formats import DEFAULTS, Format, by_content, by_suffix, default_formats, formats, named
from .labels import relabel
from .options import Changes, ReadOptions
from .source import Source, decode, stem
from .tokenize import with_tokens

STANDARD = "-"
FOLDER_STEM = "corpus"
"""What files are called that hold all documents of a folder."""

UNMARKED = "brackets"
"""The format of text that bears no format's mark."""


class Input(NamedTuple):
    """A file to read (None: standard input), how it is named, and its format, None where only its content tells."""

    path: Path | None
    source: Source
    format: Format | None


def read(
    path: str | Path,
    *,
    format: str | None = None,
    options: ReadOptions | None = None,
    report: Report | None = None,
) -> Iterator[Document]:
    """The documents of a file, a folder, a glob pattern, or standard input (``-``).

    Folders are walked and their files read in the order of their paths. `format` is found out from the
    file's name or content where it is not given. Without a `report` the first thing that is lost is an error.
    Raises `DataError` for data that cannot be read, `UsageError` for a format that does not exist.
    """
    report = Report(raises=True) if report is None else report
    for source in find_inputs([path], format=format, report=report):
        yield from read_input(source, options or ReadOptions(), report)


def find_inputs(
    paths: Sequence[str | Path], *, format: str | None = None, report: Report, leave_out: Path | None = None
) -> list[Input]:
    """The files that `paths` name, in the order they will be read. `leave_out`: the output, which is no input."""
    forced = named(format) if format else None
    if forced and forced.reader is None:
        raise UsageError(f"{forced.name} cannot be read", f"these can: {', '.join(_readable())}")
    found: list[Input] = []
    out = leave_out.resolve() if leave_out else None
    for path in map(str, paths):
        if path == STANDARD:
            found.append(Input(None, Source(STANDARD, "stdin", STANDARD), forced))
            continue
        if not path:
            raise DataError("an input has no name", "name a file, a folder, a pattern, or -")
        places = [Path(path)]
        if not os.path.lexists(path) and glob.has_magic(path):
            places = [Path(place) for place in sorted(glob.glob(path, recursive=True))]
            if not places:
                raise DataError("no file matches this pattern", "quote it, or look at the spelling", Place(path))
            if out in (resolved := [place.resolve() for place in places]):
                report.skipped.append((str(leave_out), "it is the output"))
                places = [place for place, known in zip(places, resolved, strict=True) if known != out]
        for place in places:
            found += _walk(place, forced, report, out) if place.is_dir() else [_single(place, forced)]
    return found


def _readable() -> list[str]:
    return [name for name, format in formats().items() if format.reader]


def _by_name(format: Format | None) -> Format | None:
    """The format, or None where its suffix (``.txt``, ``.json``) is not its alone, so that the content must tell."""
    if format is None or format.name == UNMARKED:
        return None
    others = [other for other in formats().values() if other.name != format.name]
    return None if any(set(other.suffixes) & set(format.suffixes) for other in others) else format


def _single(path: Path, forced: Format | None) -> Input:
    if not path.exists():
        raise DataError("there is no such file", "look at the spelling", Place(str(path)))
    return Input(path, Source.make(str(path), stem(path.name), path.name), forced or _by_name(by_suffix(path.name)))


def _walk(folder: Path, forced: Format | None, report: Report, out: Path | None) -> list[Input]:
    found: list[Input] = []
    skipped: list[tuple[str, str]] = []
    is_out = folder.resolve() == out
    known = formats().values() if is_out else ()
    earlier = {f"{FOLDER_STEM}{suffix}" for format in known for suffix in format.suffixes}

    def refuse(error: OSError) -> None:
        raise DataError(f"cannot be read: {error.strerror}", "", Place(str(error.filename)))

    for parent, folders, names in os.walk(folder, onerror=refuse):
        is_brat = any(name.lower().endswith(".ann") for name in names)
        for name in [*folders, *names]:
            path = Path(parent, name)
            if is_brat and name.lower().endswith(".txt") and (not forced or ".ann" in forced.suffixes):
                continue  # the text of the .ann file beside it
            format = forced or by_suffix(name)
            if format and format.is_shy and not forced and name in names and not _knows(format, path):
                format = None
            if name.startswith("."):
                skipped.append((str(path), "hidden"))
            elif path.resolve() == out or (is_out and Path(parent) == folder and name in earlier):
                skipped.append((str(path), "it is the output"))
            elif name in folders and path.is_symlink():
                skipped.append((str(path), "a link to a folder"))
            elif name in folders:
                continue
            elif format is None or format.reader is None:
                skipped.append((str(path), "no known suffix"))
            else:
                origin = path.relative_to(folder).as_posix()
                found.append(Input(path, Source.make(str(path), stem(origin), origin), forced or _by_name(format)))
                continue
            if name in folders:
                folders.remove(name)
    report.skipped += sorted(skipped)
    if not found:
        reasons = ", ".join(sorted({reason for _, reason in skipped}))
        what = (
            f"nothing to read in this folder: {len(skipped)} skipped ({reasons})" if skipped else "the folder is empty"
        )
        raise DataError(what, "name their format with --from" if skipped else "", Place(str(folder)))
    return sorted(found, key=lambda item: item.source.origin)


def _knows(format: Format, path: Path) -> bool:
    """Whether a file begins as files of the format do."""
    with path.open("rb") as file:
        return bool(format.sniff and format.sniff(file.read(1 << 12)))


def read_input(item: Input, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of one file, counted in the report."""
    with opened(item) as file:
        format = item.format
        variants = _variants(format) if format else {}
        if format and variants:
            file, beginning = _peek(file)
            format = by_content(beginning, variants) or format
        elif format is None:
            file, beginning = _peek(file)
            named_by = by_suffix(item.source.origin)
            is_plain = named_by is not None and named_by.name == UNMARKED  # a .txt is markup, or a default in disguise
            format = by_content(beginning, default_formats() if is_plain else None) or named_by or named(UNMARKED)
        if options.text_field and not format.is_markup:
            format = named(UNMARKED)
        if not format.is_markup and (options.repairs or options.originals):
            asked = "--repair" if options.repairs else "--source"
            raise UsageError(f"{asked} is for bracketed markup, and {item.source.file} is {format.name}", "")
        if options.originals and options.originals.path is None and not options.text_field:
            raise UsageError("--source-field alone names a field beside the markup's", "name that with --text-field")
        assert format.reader is not None
        report.formats.add(format.name)
        for document in format.reader(file, item.source, options, report):
            report.read.add(document)
            yield document


def read_all(
    items: Iterable[Input], options: ReadOptions, report: Report, changes: Changes | None = None
) -> Iterator[Document]:
    """The documents of all inputs, each under an id of its own, with the labels and tokens that were asked for.

    A file that cannot be read is a failure for the report.
    """
    changes = changes or Changes()
    relabels = bool(changes.labels) or changes.keep is not None or changes.drop is not None
    ids: set[str] = set()
    for item in items:
        try:
            for document in read_input(item, options, report):
                document = _with_new_id(document, ids, report)
                if relabels:
                    document = relabel(document, changes.labels, changes.keep, changes.drop, report)
                yield with_tokens(document, changes.tokenizer) if changes.tokenizer else document
        except DataError as error:
            report.fail(error)


def _with_new_id(document: Document, ids: set[str], report: Report) -> Document:
    """The document, under another id where one of another file has its own, as those of two exports may."""
    old = id = document.id or ""
    number = 1
    while id in ids:
        number += 1
        id = f"{old}#{number}"
    ids.add(id)
    if id == old:
        return document
    report.repairs.append(Repair("id made unique", str(document.source or ""), f"{old} is {id}"))
    return document.identified(id, is_own=document.has_own_id)


def _variants(format: Format) -> dict[str, Format]:
    """The formats that are read under the name of this one too."""
    if format.name not in DEFAULTS:
        return {}
    return {name: other for name, other in formats().items() if other.variant_of == format.name}


@contextmanager
def opened(item: Input) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked. Errors of the system and of gzip become `DataError`."""
    place = Place(item.source.file)
    try:
        if item.path is None:
            yield sys.stdin.buffer
        else:
            with ExitStack() as stack:
                file: BinaryIO = stack.enter_context(item.path.open("rb"))
                if item.path.name.lower().endswith(".gz"):
                    file = cast(BinaryIO, stack.enter_context(gzip.open(file)))
                yield file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"this is no whole gzip file: {error}", "pack it again", place) from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", "", place) from None


def _peek(file: BinaryIO) -> tuple[BinaryIO, bytes]:
    """The file from its beginning, and its first bytes."""
    beginning = file.read(1 << 20)  # the first record of most JSON files, whole
    if file.seekable():
        file.seek(0)
        return file, beginning
    return BytesIO(beginning + file.read()), beginning


def read_text(path: Path, encoding: str) -> str:
    """The text of one file. Raises `DataError` where there is none or it is of another encoding."""
    item = _single(path, named(UNMARKED))
    with opened(item) as file:
        return decode(file.read(), item.source, encoding)
