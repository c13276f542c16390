"""Files to files: finding the inputs, choosing formats, and outputs that appear only when they are whole."""

from __future__ import annotations

import copy
import glob
import gzip
import json
import os
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from errno import EISDIR
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from .align import align, flatten
from .balance import Count, Report, Unforgiving
from .document import Document
from .errors import DataError, Place, UsageError
from .formats import Format, Writer, by_content, by_suffix, formats, named
from .labels import relabel
from .options import Changes, ReadOptions, WriteOptions
from .source import Source, decode, stem
from .tokenize import with_tokens

STANDARD = "-"
DEFAULT_FORMATS = ("spacy", "conll", "jsonl")
FOLDER_STEM = "corpus"
UNMARKED = "brackets"
"""The format of text that bears no format's mark."""


# Reading


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
    report = Unforgiving() if report is None else report
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
    shared = format and any(
        set(other.suffixes) & set(format.suffixes) for other in formats().values() if other != format
    )
    return None if shared else format


def _single(path: Path, forced: Format | None) -> Input:
    if not path.exists():
        raise DataError("there is no such file", "look at the spelling", Place(str(path)))
    return Input(path, Source.make(str(path), stem(path.name), path.name), forced or _by_name(by_suffix(path.name)))


def _walk(folder: Path, forced: Format | None, report: Report, out: Path | None) -> list[Input]:
    found: list[Input] = []
    skipped: list[tuple[str, str]] = []
    earlier = {f"{FOLDER_STEM}{suffix}" for format in formats().values() for suffix in format.suffixes}
    is_out = folder.resolve() == out

    def refuse(error: OSError) -> None:
        raise DataError(f"cannot be read: {error.strerror}", "", Place(str(error.filename)))

    for parent, folders, names in os.walk(folder, onerror=refuse):
        for name in [*folders, *names]:
            path = Path(parent, name)
            format = forced or by_suffix(name)
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


def read_input(item: Input, options: ReadOptions, report: Report) -> Iterator[Document]:
    """The documents of one file, counted in the report."""
    with _open(item) as file:
        format = item.format
        if format is None:
            file, beginning = _peek(file)
            format = by_content(beginning) or by_suffix(item.source.origin) or named(UNMARKED)
        if options.text_field and not format.is_markup:
            format = named(UNMARKED)
        if not format.is_markup and (options.repairs or options.originals):
            asked = "--repair" if options.repairs else "--source"
            raise UsageError(f"{asked} is for bracketed markup, and {item.source.file} is {format.name}", "")
        if options.originals and options.originals.path is None and not options.text_field:
            raise UsageError("--source-field alone names a field beside the markup's", "name that with --text-field")
        assert format.reader is not None
        for document in format.reader(file, item.source, options, report):
            report.read.add(document)
            yield document


@contextmanager
def _open(item: Input) -> Iterator[BinaryIO]:
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
    beginning = file.read(1 << 12)
    if file.seekable():
        file.seek(0)
        return file, beginning
    return BytesIO(beginning + file.read()), beginning


def read_text(path: Path, encoding: str) -> str:
    """The text of one file. Raises `DataError` where there is none or it is of another encoding."""
    item = _single(path, named(UNMARKED))
    with _open(item) as file:
        return decode(file.read(), item.source, encoding)


# Writing


class Output(NamedTuple):
    """A file to write (None: standard output) and its format."""

    path: Path | None
    format: Format


def plan_outputs(out: str | Path, to: Sequence[str] | None = None) -> list[Output]:
    """The files that an OUT and a ``--to`` stand for. Raises `UsageError` where the two do not fit together."""
    chosen = [named(name) for name in dict.fromkeys(to or ())]
    for format in chosen:
        if format.writer is None:
            can = ", ".join(name for name, f in formats().items() if f.writer)
            raise UsageError(f"{format.name} cannot be written", f"these can: {can}")
    if str(out) == STANDARD:
        if len(chosen) != 1 or not chosen[0].is_text:
            raise UsageError("standard output takes one text format", "for example --to jsonl or --to conll")
        return [Output(None, chosen[0])]
    path = Path(out)
    if not str(out):
        raise UsageError("the output has no name", "name a file with a known suffix, a folder, or -")
    if path.name.lower().endswith(".gz"):
        raise UsageError(f"{out}: compressed files are read, not written", "leave .gz off and pack it afterwards")
    suffixed = None if path.is_dir() or str(out).endswith(("/", os.sep)) else by_suffix(path.name)
    if suffixed is None:
        if path.exists() and not path.is_dir():
            raise UsageError(f"{out} is a file whose suffix is of no format", "name a folder, or a file with a suffix")
        rows = chosen or [named(name) for name in DEFAULT_FORMATS]
        return [
            Output(path if format.one_each else path / f"{FOLDER_STEM}{format.suffixes[0]}", format) for format in rows
        ]
    if len(chosen) > 1 or (chosen and not path.name.lower().endswith(chosen[0].suffixes)):
        asked = ",".join(format.name for format in chosen)
        raise UsageError(f"{out} is a name for {suffixed.name}, but --to says {asked}", "change one of the two")
    format = chosen[0] if chosen else suffixed
    if format.writer is None:
        raise UsageError(f"{format.name} cannot be written, and {out} is a name for it", "choose another suffix")
    return [Output(path, format)]


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
    Without a `report` the first thing that a format cannot hold is an error.
    """
    report = Unforgiving() if report is None else report
    outputs = plan_outputs(path, [format] if format else None)
    with _written(outputs, options or WriteOptions(), report) as put:
        for document in documents:
            put(document)


class _OneEach:
    """The writer of a format that holds one document a file: OUT itself, or a file in it for each, named by its id."""

    def __init__(
        self,
        output: Output,
        options: WriteOptions,
        report: Report,
        new: Callable[[Path], BinaryIO],
        forget: Callable[[Path], None],
    ) -> None:
        assert output.path is not None
        self.path, self.format = output.path, output.format
        self.is_folder = by_suffix(output.path.name) is None or output.path.is_dir()
        self.options, self.report, self.new, self.forget = options, report, new, forget
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
            with self.new(path) as file:
                writer = self.format.writer(file, self.options, self.report)
                writer.write(document)
                writer.close()
        except DataError:
            self.forget(path)
            raise
        # a format of two files a document (brat) hands over what goes into the other one
        for suffix, content in getattr(writer, "beside", {}).items():
            with self.new(path.with_name(path.name.removesuffix(path.suffix) + suffix)) as file:
                file.write(content)

    def close(self) -> None:
        """All files are written already."""


def _parts(document: Document) -> list[str]:
    """The document's id as parts of a path. Raises `DataError` for one that would lead out of the folder."""
    parts = (document.id or "").split("/")
    if any(part in ("", ".", "..") or any(c in part for c in "\0\\:") for part in parts):
        what = f"the id {document.id!r} is no name for a file"
        raise DataError(
            what, "give the document another id, or write to a format with all in one file", document.source
        )
    return parts


class _Put(NamedTuple):
    """Documents to all outputs, each with what it can hold."""

    writers: list[tuple[Writer, Format]]
    changes: Changes
    report: Report

    def __call__(self, document: Document) -> None:
        for writer, format in self.writers:
            own = document
            if format.on_tokens:
                own = align(own, self.changes.on_misaligned, self.report)
            if format.is_flat:
                own = flatten(own, self.changes.on_overlap, self.report)
            count = self.report.written[format.name]
            before = copy.deepcopy(count) if self.report.keep_going else count
            count.add(own)
            try:
                writer.write(own)
            except DataError as error:
                before.documents += before is not count  # the loss takes it away again
                self.report.written[format.name] = before
                self.report.fail(error, format.name)


@contextmanager
def _written(
    outputs: Sequence[Output], options: WriteOptions, report: Report, changes: Changes | None = None
) -> Iterator[_Put]:
    """Writers for all outputs; their files take their names together, when the block ends well."""
    changes = changes or Changes()
    made: list[Path] = []
    temporary: list[tuple[Path, Path]] = []

    def new(path: Path) -> BinaryIO:
        number, name = _temporary(path, made)
        temporary.append((name, path))
        return os.fdopen(number, "wb")

    def forget(path: Path) -> None:
        for entry in [entry for entry in temporary[-2:] if entry[1] == path]:
            entry[0].unlink(missing_ok=True)
            temporary.remove(entry)

    try:
        with ExitStack() as stack:
            writers: list[tuple[Writer, Format]] = []
            for path, format in outputs:
                assert format.writer is not None
                report.written.setdefault(format.name, Count())
                if path is None:
                    writer = format.writer(sys.stdout.buffer, options, report)
                elif format.one_each:
                    writer = _OneEach(Output(path, format), options, report, new, forget)
                else:
                    own = replace(options, as_array=path.suffix.lower() == ".json")
                    writer = format.writer(stack.enter_context(new(path)), own, report)
                writers.append((writer, format))
            yield _Put(writers, changes, report)
            for writer, _ in writers:
                writer.close()
        for name, path in temporary:
            _put_in_place(name, path)
        temporary.clear()
        made.clear()
    except OSError as error:
        where = Place(str(error.filename or outputs[0].path or STANDARD))
        raise DataError(f"cannot be written: {error.strerror or error}", "", where) from None
    finally:
        _clear(temporary, made, report)


def _clear(temporary: list[tuple[Path, Path]], made: list[Path], report: Report) -> None:
    """Take away what was begun and not ended."""
    if temporary:
        report.written.clear()
    for name, _ in temporary:
        name.unlink(missing_ok=True)
    for folder in reversed(made):
        with suppress(OSError):
            folder.rmdir()


def _temporary(path: Path, made: list[Path]) -> tuple[int, Path]:
    """A new file beside `path`, open, and its name. Folders that had to be made are added to `made`."""
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
    _make_folders(path.parent, made)
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    return number, Path(name)


def _put_in_place(temporary: Path, path: Path) -> None:
    """Give a whole file its name, with the rights that a new file has. A link stays one."""
    mask = os.umask(0)
    os.umask(mask)
    temporary.chmod(0o666 & ~mask)
    os.replace(temporary, path.resolve() if path.is_symlink() else path)


def write_report(report: Report, path: Path) -> None:
    """Write the balance as JSON, whole or not at all. Raises `DataError` where it cannot be written."""
    made: list[Path] = []
    try:
        number, name = _temporary(path, made)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(report.as_dict(), file, ensure_ascii=False, indent=2)
            file.write("\n")
        _put_in_place(name, path)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror}", "", Place(str(path))) from None


def _make_folders(folder: Path, made: list[Path]) -> None:
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    made += reversed(missing)


# Both


def convert(
    inputs: Sequence[str | Path],
    out: str | Path,
    *,
    from_format: str | None = None,
    to: Sequence[str] | None = None,
    read_options: ReadOptions | None = None,
    write_options: WriteOptions | None = None,
    changes: Changes | None = None,
    limit: int | None = None,
    strict: bool = False,
    report: Report | None = None,
    report_file: Path | None = None,
    watch: Callable[[Sequence[Input]], Iterable[Input]] | None = None,
) -> Report:
    """Read all inputs and write them to OUT, in one pass. The report says what became of everything.

    `changes` says what to change on the way. With `report.keep_going` a document that cannot be read or written is a
    loss, and the rest is converted. With `strict`, anything lost is a `DataError` and OUT is left as it was.
    `report_file`: where to write the report, too, even after an error in the data. `watch` is given the inputs and
    returns an iterator over them, which looks on as they are taken (a progress bar).
    """
    report = Report() if report is None else report
    outputs = plan_outputs(out, to)
    folder = Path(out) if str(out) != STANDARD else None
    found = find_inputs(inputs, format=from_format, report=report, leave_out=folder)
    _keep_apart(found, outputs, report_file)
    sources: Iterable[Input] = watch(found) if watch else found
    changes = changes or Changes()
    write_options = replace(write_options or WriteOptions(), overlaps=changes.on_overlap == "keep")
    documents = _changed_documents(sources, read_options or ReadOptions(), changes, report)
    try:
        with _written(outputs, write_options, report, changes) as put:
            for document in islice(documents, limit):
                put(document)
            if strict:
                _refuse_losses(report)
    finally:
        if report_file:
            write_report(report, report_file)
    return report


def _changed_documents(
    items: Iterable[Input], options: ReadOptions, changes: Changes, report: Report
) -> Iterator[Document]:
    """The documents of all inputs, with the labels and tokens that were asked for."""
    relabels = bool(changes.labels) or changes.keep is not None or changes.drop is not None
    for item in items:
        try:
            for document in read_input(item, options, report):
                if relabels:
                    document = relabel(document, changes.labels, changes.keep, changes.drop, report)
                yield with_tokens(document, changes.tokenizer) if changes.tokenizer else document
        except DataError as error:
            report.fail(error)


def write_into(
    inputs: Sequence[str | Path],
    markup: str | Path,
    out: str | Path,
    *,
    from_format: str | None = None,
    options: ReadOptions | None = None,
    strict: bool = False,
    report: Report | None = None,
    report_file: Path | None = None,
) -> Report:
    """Write the entities of documents into the bracketed markup that they were read from, which else stays as it is.

    `markup` is a file or a folder, whose files are matched by id; so is OUT. A file whose document is not among
    the inputs is not written, and told as skipped. Raises `DataError` for a document that no file matches.
    """
    report = Report() if report is None else report
    options = options or ReadOptions()
    found = find_inputs(inputs, format=from_format, report=report)
    files = {item.source.id: item for item in find_inputs([markup], format=UNMARKED, report=report)}
    is_folder = Path(markup).is_dir()
    outputs: list[Output] = [Output(Path(out), named(UNMARKED))]
    _keep_apart(found, outputs, report_file)
    count = report.written.setdefault(UNMARKED, Count())
    made: list[Path] = []
    temporary: list[tuple[Path, Path]] = []
    done: set[str] = set()
    try:
        documents = [doc for item in found for doc in read_input(item, ReadOptions(encoding="utf-8"), report)]
        for document in documents:
            item = files.get(document.id or "")
            if item is None and not is_folder and len(documents) == 1:
                [item] = files.values()
            if item is None or item.path is None:
                what = f"no file of {markup} is the markup of document {document.id}"
                raise DataError(what, "files and documents are matched by their ids", document.source)
            if item.source.id in done:
                raise DataError(f"document {document.id} comes twice", "keep one of the two", document.source)
            done.add(item.source.id)
            target = Path(out, item.source.origin) if is_folder else Path(out)
            if target.exists() and target.samefile(item.path):
                raise DataError("this markup is the output", "write to another place", Place(str(target)))
            count.add(document)
            changed = _changed(document, item, options, report)
            number, name = _temporary(target, made)
            temporary.append((name, target))
            with os.fdopen(number, "wb") as file:
                file.write(changed)
        if strict:
            _refuse_losses(report)
        for name, target in temporary:
            _put_in_place(name, target)
        temporary.clear()
        made.clear()
        report.skipped += [(item.source.file, "no document for it") for id, item in files.items() if id not in done]
    finally:
        _clear(temporary, made, report)
        if report_file:
            write_report(report, report_file)
    return report


def _changed(document: Document, item: Input, options: ReadOptions, report: Report) -> bytes:
    """The bytes of a file of markup, with the document's entities in it."""
    from .formats.brackets import into

    with _open(item) as file:
        data = file.read()
    text = decode(data, item.source, options.encoding, keep_mark=True)
    if text.encode(options.encoding) != data:
        what = f"this file's bytes are not what {options.encoding} would write"
        raise DataError(what, "convert it to UTF-8 first", Place(item.source.file))
    changed = into(document, text, options=options, file=item.source.file, report=report)
    return changed.encode(options.encoding)


def _refuse_losses(report: Report) -> None:
    """Raise the first loss of the report, if there is one, as a `DataError`."""
    if report.lost:
        loss = report.lost[0]
        more = f", and {len(report.lost) - 1} more" if len(report.lost) > 1 else ""
        what = f"lost {loss.kind} {loss.text!r}: {loss.reason}{more}"
        raise DataError(what, "nothing was written; without --strict it would have been", Place(loss.place))


def _keep_apart(inputs: Sequence[Input], outputs: Sequence[Output], report_file: Path | None) -> None:
    """Raise where an output would replace an input (`DataError`) or the report another file (`UsageError`)."""
    targets = {output.path.resolve() for output in outputs if output.path}
    if report_file:
        if report_file.resolve() in targets:
            raise UsageError(f"{report_file}: the report would replace an output", "give it another name")
        targets.add(report_file.resolve())
    for item in inputs:
        if item.path and item.path.resolve() in targets:
            raise DataError("this input is one of the outputs", "write to another place", Place(item.source.file))
