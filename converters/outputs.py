"""Documents to files: what an OUT stands for, and files that appear under their names only when they are whole."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from . import names
from .align import align, flatten, why
from .balance import Count, Report
from .document import Document, Span, quoted
from .errors import DataError, FullError, Place, UsageError, system_errors
from .finding import STANDARD, Kept
from .formats import INSTEAD, Format, Writer, by_suffix, formats, named
from .holding import hold
from .ledger import Ledger
from .new_files import NewFiles, whole_file
from .options import Changes, WriteOptions, given, refuse_one
from .source import as_path

DEFAULT_FORMATS = ("spacy", "conll", "jsonl")

SUFFIX = re.compile(r"(?i)\.(?=[a-z0-9]*[a-z])(?!v[0-9])[a-z0-9]{1,5}")
"""What ends the name of a file and not that of a folder: .csv and .docx, but neither .2003 nor .v2."""

LONGEST = 230
"""The bytes that an id may have as a name: most systems allow 255, with the suffix."""


class Output(NamedTuple):
    """A file to write (None: standard output) and its format. `divides`: several files take its place when a file of
    the format is full. `is_folder`: it is a folder, with a file for each document.
    """

    path: Path | None
    format: Format
    divides: bool = False
    is_folder: bool = False


def plan_outputs(out: str | Path, to: Sequence[str] | None = None) -> list[Output]:
    """The files that an OUT and a ``--to`` stand for. Raises `UsageError` where the two do not fit together."""
    chosen = writable(to or ())
    if str(out) == STANDARD:
        if len(chosen) != 1 or not chosen[0].is_text:
            raise UsageError("standard output takes one text format", "for example --to jsonl or --to conll")
        return [Output(None, chosen[0])]
    if not str(out):
        raise UsageError("the output has no name", "name a file with a known suffix, a folder, or -")
    with system_errors("written", out):
        return _planned(out, Path(out), chosen)


def refuse_packed(out: str | Path) -> None:
    """Raise `UsageError` for an output that would have the name of a compressed file, and would be none."""
    if Path(out).name.lower().endswith(".gz"):
        raise UsageError(f"{out}: compressed files are read, not written", "leave .gz off and pack it afterwards")


def _planned(out: str | Path, path: Path, chosen: Sequence[Format]) -> list[Output]:
    refuse_packed(out)
    is_slashed = str(out).endswith(("/", os.sep))
    suffixed = None if path.is_dir() or is_slashed else by_suffix(path.name)
    if suffixed is None:
        if path.exists() and not path.is_dir():
            raise UsageError(f"{out} is a file whose suffix is of no format", "name a folder, or a file with a suffix")
        if SUFFIX.fullmatch(path.suffix) and not is_slashed and not path.exists():
            meant = _meant(path.suffix)
            other = INSTEAD.get(path.suffix[1:].lower(), "take a known one, nerconv formats lists them")
            first = f"did you mean {path.stem}{meant}?" if meant else f"{other};"
            todo = f"{first} where it is to be a folder, end its name with /"
            raise UsageError(f"{out}: no format has the suffix {path.suffix}", todo)
        rows = chosen or [named(name) for name in DEFAULT_FORMATS]
        found = outputs_in(path, names.WHOLE, rows)
        return [o._replace(path=path) if o.is_folder else o._replace(divides=o.format.is_limited) for o in found]
    if len(chosen) > 1 or (chosen and not path.name.lower().endswith(chosen[0].suffixes)):
        asked = ",".join(format.name for format in chosen)
        raise UsageError(f"{out} is a name for {suffixed.name}, but --to says {asked}", "change one of the two")
    format = chosen[0] if chosen else suffixed
    if format.writer is None:
        raise UsageError(f"{format.name} cannot be written, and {out} is a name for it", "choose another suffix")
    return [Output(path, format)]


def _meant(suffix: str) -> str | None:
    """The suffix of a format that this one is misspelt for."""
    known = {known for format in formats().values() for known in format.suffixes}
    return next(iter(get_close_matches(suffix.lower(), sorted(known), 1, 0.7)), None)


def writable(asked: Iterable[str]) -> list[Format]:
    """The formats of these names, each once. Raises `UsageError` for one that is not known or cannot be written."""
    chosen = [named(name) for name in dict.fromkeys(asked)]
    for format in chosen:
        if format.writer is None:
            can = ", ".join(name for name, f in formats().items() if f.writer)
            raise UsageError(f"{format.name} cannot be written", f"these can: {can}")
    return chosen


def outputs_in(folder: Path, stem: str, rows: Sequence[Format]) -> list[Output]:
    """The files in a folder that some documents go to, called `stem`; a folder of that name for one document a file.

    Where two formats have the same suffix, their names stand before it.
    """
    suffixes = [format.suffixes[0] for format in rows if not format.one_each]
    stems = {f: f"{stem}.{f.name}" if suffixes.count(f.suffixes[0]) > 1 else stem for f in rows}
    return [Output(folder / (stem if f.one_each else stems[f] + f.suffixes[0]), f, is_folder=f.one_each) for f in rows]


def write(
    documents: Iterable[Document],
    path: str | Path,
    *,
    format: str | None = None,
    options: WriteOptions | None = None,
    report: Report | None = None,
) -> None:
    """Write documents to a file, or to ``corpus.*`` in a folder, as `plan_outputs` says.

    An existing file is replaced when the new one is whole, and left as it was where something goes wrong.
    Without a `report` the first thing that a format cannot hold is an error. Documents are written as they are: what
    an error would change by an option of the command line, as ``--tokenizer`` or ``--on-overlap``, is a field of
    `WriteOptions`, or of the `Changes` that `convert` takes.
    """
    refuse_one("documents", documents)
    if isinstance(documents, Document):
        raise TypeError("documents: several are asked for, as in [document], and this is one")
    options = given(options, WriteOptions)
    report = Report(raises=True) if report is None else report
    outputs = plan_outputs(path, [format] if format else None)
    with written(outputs, options, report) as put:
        for document in documents:
            put(document)


class _OneEach:
    """The writer of a format that holds one document a file: OUT itself, or a file in it for each, named by its id."""

    def __init__(self, output: Output, options: WriteOptions, report: Report, files: NewFiles) -> None:
        assert output.path is not None
        self.path, self.format, self.is_folder = output.path, output.format, output.is_folder
        self.options, self.report, self.files = options, report, files
        self.names: set[Path] = set()

    def write(self, document: Document) -> None:
        """Write the document into a file of its own."""
        path = self.path
        if self.is_folder:
            path = self.path.joinpath(*_parts(document)).with_name(_parts(document)[-1] + self.format.suffixes[0])
        if path in self.names:
            what = (
                f"two documents for {path.name}" if self.is_folder else f"{self.format.name} holds one document a file"
            )
            raise DataError(what, "write to a folder, and give each its own id", document.source)
        self.names.add(path)
        assert self.format.writer is not None
        try:
            with self.files.open(path) as file:
                writer = self.format.writer(file, self.options, self.report)
                writer.write(document)
                writer.close()
        except DataError:
            self.files.forget(path)
            raise
        # a format of two files a document (brat) hands over what goes into the other one
        for suffix, content in getattr(writer, "beside", {}).items():
            other = path.with_name(path.name.removesuffix(path.suffix) + suffix)
            if other.exists() and not path.exists():
                what = f"this file is there already, and would be replaced by the text of {path.name}"
                raise DataError(what, "write to another place", Place(str(other)))
            with self.files.open(other) as file:
                file.write(content)

    def close(self) -> None:
        """All files are written already."""


class _Divided:
    """The writer of a format whose files are full at some size: ``corpus.spacy``, or, where that would be too large,
    ``corpus-00000.spacy`` and so on. Together they take the place of what another conversion has written so.
    """

    def __init__(
        self, output: Output, options: WriteOptions, report: Report, files: NewFiles, stack: ExitStack
    ) -> None:
        assert output.path is not None
        self.path, self.format = output.path, output.format
        self.options, self.report, self.files, self.stack = options, report, files, stack
        self.paths: list[Path] = []
        self._begin()

    def _begin(self) -> None:
        assert self.format.writer is not None
        self.paths.append(self.path.with_name(names.division(self.path.stem, len(self.paths)) + self.path.suffix))
        self.file = self.stack.enter_context(self.files.open(self.paths[-1]))
        self.writer = self.format.writer(self.file, self.options, self.report)
        self.is_empty = True

    def write(self, document: Document) -> None:
        """Write the document into the file that has room for it."""
        try:
            self.writer.write(document)
        except FullError:
            if self.is_empty:
                raise
            self._end()
            self._begin()
            self.writer.write(document)
        self.is_empty = False

    def _end(self) -> None:
        self.writer.close()
        self.file.close()

    def close(self) -> None:
        """End the last file. One alone gets its own name."""
        self._end()
        if len(self.paths) == 1:
            self.files.rename(self.paths[0], self.path)
            self.paths = [self.path]

    def clear(self) -> None:
        """Take away the other files that have such names, which were those of an earlier conversion."""
        earlier = names.divisions(self.path.stem, self.path.suffix)
        for path in list(self.path.parent.iterdir()):
            if path not in self.paths and earlier.fullmatch(path.name):
                path.unlink()


def _parts(document: Document) -> list[str]:
    """The document's id as parts of a path. Raises `DataError` for one that would lead out of the folder, or is no name
    for another reason.
    """
    parts = (document.id or "").split("/")
    if not all(map(_is_name, parts)):
        what = f"the id {document.id!r} is no name for a file"
        raise DataError(
            what, "give the document another id, or write to a format with all in one file", document.source
        )
    return [as_path(part) for part in parts]


RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]|con(in|out)\$) *(\..*)?|.*[. ]", re.IGNORECASE | re.DOTALL)
"""What is no name on Windows: devices, with or without a suffix, and what ends so that Windows would cut it off.

Source: https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
"""


def _is_name(part: str, *, is_windows: bool = os.name == "nt") -> bool:
    if is_windows and RESERVED.fullmatch(part):
        return False
    try:
        size = len(part.encode())
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return size <= LONGEST and part not in ("", ".", "..") and not any(c in part for c in "\0\\:")


class _Put(NamedTuple):
    """Documents to all outputs, each with what it can hold."""

    writers: list[tuple[Writer, Format]]
    changes: Changes
    report: Report
    placed: list[Path]
    """The files that have their names, once the block has ended."""

    def __call__(self, document: Document) -> None:
        for writer, format in self.writers:
            before = self.report.written[format.name]
            # where the document may fail, what is told of it is counted by itself
            count = self.report.written[format.name] = Count() if self.report.keep_going else before
            own = document
            left: list[Span] = []
            try:
                if "misaligned" not in format.holds:
                    own, left = align(own, self.changes.on_misaligned, self.report)
                if "overlapping" not in format.holds:
                    own = flatten(own, self.changes.on_overlap, self.report, may_nest="nested" in format.holds)
                count.add(own)
                for span in left:
                    count.add_span(span)
                    mention, reason = quoted(document.text, span.start, span.end), why(document, span)
                    self.report.lose("span", own.source, mention, reason, label=span.label, output=format.name)
                writer.write(hold(own, format.holds, format.name, self.report))
                if count is not before:
                    before.merge(count)
                    self.report.written[format.name] = before
            except DataError as error:
                before.documents += before is not count  # the loss takes it away again
                self.report.written[format.name] = before
                self.report.fail(error, format.name)


@contextmanager
def written(
    outputs: Sequence[Output],
    options: WriteOptions,
    report: Report,
    changes: Changes | None = None,
    kept: Kept | None = None,
) -> Iterator[_Put]:
    """Writers for all outputs; their files take their names together, when the block ends well.

    `kept`: files whose place none of them may take.
    """
    with written_sets([outputs], options, report, changes, kept) as [put]:
        yield put


@contextmanager
def written_sets(
    sets: Sequence[Sequence[Output]],
    options: WriteOptions,
    report: Report,
    changes: Changes | None = None,
    kept: Kept | None = None,
) -> Iterator[list[_Put]]:
    """The same for several sets of outputs, each with documents of its own. The report counts what all of them hold."""
    if changes is not None:
        options = replace(options, overlaps=changes.on_overlap == "keep")
    changes = changes or Changes()

    def writer_of(output: Output, files: NewFiles, stack: ExitStack) -> Writer:
        path, format = output.path, output.format
        assert format.writer is not None
        report.written.setdefault(format.name, Count())
        if path is None:
            return format.writer(sys.stdout.buffer, options, report)
        if format.one_each:
            return _OneEach(output, options, report, files)
        if output.divides:
            return _Divided(output, options, report, files, stack)
        own = replace(options, as_array=path.suffix.lower() == ".json")
        return format.writer(stack.enter_context(files.open(path)), own, report)

    where = sets[0][0].path or STANDARD
    with report.uncounted(), system_errors("written", where), NewFiles(kept.check if kept else None) as files:
        with ExitStack() as stack:
            made = [[(writer_of(output, files, stack), output.format) for output in outputs] for outputs in sets]
            puts = [_Put(writers, changes, report, files.placed) for writers in made]
            yield puts
            for writer, _ in chain(*made):
                writer.close()
        files.put_in_place()
        report.files += files.placed
        for writer, _ in chain(*made):
            if isinstance(writer, _Divided):
                writer.clear()


def write_report(report: Report, path: Path) -> None:
    """Write the balance as JSON, whole or not at all. Raises `DataError` where it cannot be written.

    Half of a surrogate pair, as a file's name or what was lost may have it, is escaped as JSON has it.
    """
    with whole_file(path) as file:
        for number, (name, value) in enumerate(report.sections().items()):
            file.write(f"{',' if number else '{'}\n  {json.dumps(name)}: ".encode())
            if isinstance(value, Ledger):
                file.write(b"[")
                for place, entry in enumerate(value):
                    file.write(b",\n    " if place else b"\n    ")
                    file.write(_indented(vars(entry), 4))
                file.write(b"\n  ]" if value else b"]")
            else:
                file.write(_indented(value, 2))
        file.write(b"\n}\n")


def _indented(value: Any, by: int) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n" + " " * by)
    return text.encode("utf-8", "backslashreplace")
