"""Files to documents: telling the formats of inputs, and reading them."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from .balance import Repair, Report
from .document import Document
from .errors import DataError, Place, UsageError, system_errors
from .finding import STANDARD, UNMARKED, Input, find_inputs, single
from .formats import DEFAULTS, INSTEAD, Format, by_content, by_suffix, default_formats, formats, named
from .labels import check_markup, check_names, relabel
from .options import Changes, ReadOptions, given
from .source import decode, unpacked
from .tokenize import with_tokens


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
    Labels and tokens are those of the data: `with_tokens` of `converters.tokenize` gives a document the tokens of a
    tokenizer, and `convert` takes `Changes` of both. Raises `DataError` for data that cannot be read, `UsageError` for
    a format that does not exist; an option that an error names is a field of `ReadOptions` or `Changes`.
    """
    options = given(options, ReadOptions)
    report = Report(raises=True) if report is None else report
    for item in find_inputs([os.fspath(path)], format=format, report=report):
        yield from read_input(item, options, report)


def read_input(
    item: Input, options: ReadOptions, report: Report, at: Callable[[int], None] | None = None
) -> Iterator[Document]:
    """The documents of one file, counted in the report. `at` is told after each how many bytes have been read."""
    with opened(item) as file:
        position = _position(file)
        format, file = _format_of(item, file, options)
        if not format.is_markup and (options.repairs or options.originals):
            asked = "--repair" if options.repairs else "--source"
            raise UsageError(f"{asked} is for bracketed markup, and {item.source.file} is {format.name}", "")
        if options.originals and options.originals.path is None and not options.text_field:
            raise UsageError("--source-field alone names a field beside the markup's", "name that with --text-field")
        assert format.reader is not None
        report.formats.add(format.name)
        for number, document in enumerate(format.reader(file, item.source, options, report), 1):
            if document.id is None:
                id = item.source.id if number == 1 else f"{item.source.id}#{number}"
                document = document.identified(id, is_own=False)
            report.read.add(document)
            if not document.text:
                report.repairs.append(Repair("document without text", str(document.source or ""), document.id or ""))
            if at:
                at(position())
            yield document


def _position(file: BinaryIO) -> Callable[[], int]:
    """How many bytes have been read, of a packed file before they are unpacked; 0 where nobody can tell."""
    if not file.seekable():
        return lambda: 0
    return file.fileobj.tell if isinstance(file, gzip.GzipFile) and file.fileobj else file.tell


def _format_of(item: Input, file: BinaryIO, options: ReadOptions) -> tuple[Format, BinaryIO]:
    """The format of a file, by its name and its content, and the file from its beginning."""
    format = named(item.format) if item.format else None
    variants = _variants(format) if format else {}
    if format and variants:
        file, beginning = _peek(file)
        format = by_content(beginning, variants) or format
    elif format is None:
        file, beginning = _peek(file)
        named_by = by_suffix(item.origin)
        is_plain = named_by is not None and named_by.name == UNMARKED  # a .txt is markup, or a default in disguise
        found = by_content(beginning, default_formats() if is_plain else None)
        if found and is_plain:
            found = by_content(beginning, _variants(found)) or found
        has_suffix = "." in os.path.basename(item.origin)[1:]
        if found is None and named_by is None and has_suffix and b"[" not in beginning:
            what = "neither its name nor its content tells a format"
            first = INSTEAD.get(item.origin.rpartition(".")[2].lower(), "nerconv formats lists them")
            raise DataError(what, f"name it with --from; {first}", Place(item.source.file))
        format = found or named_by or named(UNMARKED)
    if options.text_field and not format.is_markup:
        format = named(UNMARKED)
    return format, file


def ids_in(item: Input, options: ReadOptions, *, keep_going: bool) -> list[str]:
    """The ids of the documents of a file, as `read_steps` gives them, a file's own id where there is no document.

    A file of markup is one document, and need not be read. Raises `DataError`, unless `keep_going`.
    """
    if item.path and not options.text_field:
        try:
            with opened(item) as file:
                format, _ = _format_of(item, file, options)
        except DataError:
            if not keep_going:
                raise
            return [item.source.id]
        if format.is_markup and format.one_each:
            return [item.source.id]
    steps = read_steps([item], options, keep_going=keep_going)
    return [step.document.id or "" if step.document else item.source.id for step in steps]


def read_all(
    items: Sequence[Input],
    options: ReadOptions,
    report: Report,
    changes: Changes | None = None,
    watch: Watch | None = None,
) -> Iterator[Document]:
    """The documents of all inputs, each under an id of its own, with the labels and tokens that were asked for.

    A file that cannot be read is a failure for the report. `watch` is told of each document.
    """
    changes, ids = changes or Changes(), Ids()
    all_sizes = sizes(items) if watch else [0] * len(items)
    total, before = sum(all_sizes), 0

    def at(position: int) -> None:
        assert watch
        watch(Progress(report.read.documents, before + position, total, len(report.failures)))

    for item, size in zip(items, all_sizes, strict=True):
        try:
            for document in read_input(item, options, report, at if watch else None):
                new = changed(document, ids, changes, report)
                if new is not None:
                    yield new
        except DataError as error:
            report.fail(error)
        before += size


def check_asked(options: ReadOptions, changes: Changes, report: Report) -> None:
    """Raise `UsageError` for what was asked of all that has been read and concerns none of it: a label that is
    misspelt, options of markup where there is none.
    """
    check_names(changes, report.read.labels)
    if report.formats:
        check_markup(options, any(named(name).is_markup for name in report.formats), report)


class Progress(NamedTuple):
    """How far a conversion is: documents read, bytes of inputs that were read and all there are, and failures."""

    documents: int
    size: int
    total: int
    errors: int


Watch = Callable[[Progress], None]


def sizes(items: Iterable[Input]) -> list[int]:
    """The sizes of inputs in bytes, 0 where they are not known."""
    found = []
    for item in items:
        try:
            found.append(os.stat(item.file).st_size if item.path else 0)
        except OSError:
            found.append(0)
    return found


Taken = tuple[int, int]
"""Of an id: the number of the shard whose document took it, and the number that the next document with this id gets."""


class Ids:
    """The ids of documents, in their order. Those of two exports may have the same; then the later one gets another.

    `taken`: the ids that are taken; `shard`: the one that is being made; `met`: those ids that its documents would have
    had, if earlier shards had not taken them, as they were when the first of its documents met them.
    """

    def __init__(self, taken: Mapping[str, Taken] | None = None, shard: int = 0) -> None:
        self.taken = dict(taken or {})
        self.begin(shard)

    def begin(self, shard: int) -> None:
        """Begin another shard."""
        self.shard = shard
        self.met: dict[str, Taken] = {}

    def new(self, own: str) -> str:
        """The id that a document gets whose own one this is."""
        id, first = own, self.taken.get(own)
        if first:
            shard, number = self._meet(own, first)
            while known := self.taken.get(id := f"{own}#{number}"):
                self._meet(id, known)
                number += 1
            self.taken[own] = shard, number + 1
        self.taken[id] = self.shard, 2
        return id

    def _meet(self, id: str, taken: Taken) -> Taken:
        if taken[0] < self.shard:
            self.met.setdefault(id, taken)
        return taken


def changed(document: Document, ids: Ids, changes: Changes, report: Report) -> Document | None:
    """The document under an id of its own, with the labels and tokens that were asked for, or None where it cannot have
    them, which the report is told.
    """
    own = document.id or ""
    id = ids.new(own)
    if id != own:
        report.repairs.append(Repair("id made unique", str(document.source or ""), f"{own} is {id}"))
        document = document.identified(id, is_own=document.has_own_id)
    try:
        if changes.labels or changes.keep is not None or changes.drop is not None:
            document = relabel(document, changes.labels, changes.keep, changes.drop, report)
        return with_tokens(document, changes.tokenizer) if changes.tokenizer else document
    except DataError as error:
        report.read.documents -= 1  # it has been counted, and is again as what has failed
        report.fail(error)
        return None


class Step(NamedTuple):
    """A document, None for a file without one; the file, the document's number in it, from 0, and what was told while
    it was read.
    """

    document: Document | None
    item: Input
    number: int
    report: Report


def read_steps(items: Iterable[Input], options: ReadOptions, *, keep_going: bool) -> Iterator[Step]:
    """The documents of all inputs, each with a report of its own.

    What is told after the last document of a file belongs to that one. Each file has a step at least, so that how
    many there are of those whose format holds one document is known before they are read. Raises `DataError`, unless
    `keep_going`.
    """
    told = Report(keep_going=keep_going)
    for item in items:
        documents = read_input(item, options, told)
        last = Step(None, item, 0, Report())
        while True:
            try:
                document = next(documents, None)
            except DataError as error:
                told.fail(error)
                document = None
            report = told.take()
            if document is None:
                last.report.merge(report)
                yield last
                break
            if last.document is None:
                last = Step(document, item, 0, report)
            else:
                yield last
                last = Step(document, item, last.number + 1, report)


def _variants(format: Format) -> dict[str, Format]:
    """The formats that are read under the name of this one too."""
    if format.name not in DEFAULTS:
        return {}
    return {name: other for name, other in formats().items() if other.variant_of == format.name}


@contextmanager
def opened(item: Input) -> Iterator[BinaryIO]:
    """The bytes of a file, or of standard input, as `unpacked` gives them."""
    if item.path is None:
        with system_errors("read", STANDARD):
            yield sys.stdin.buffer
    else:
        with unpacked(item.path, item.source.file) as file:
            yield file


def _peek(file: BinaryIO) -> tuple[BinaryIO, bytes]:
    """The file from its beginning, and its first bytes."""
    beginning = file.read(1 << 20)  # the first record of most JSON files, whole
    if file.seekable():
        file.seek(0)
        return file, beginning
    return BytesIO(beginning + file.read()), beginning


def read_text(path: Path, encoding: str) -> str:
    """The text of one file of markup. Raises `DataError` where there is none or it is of another encoding, and
    `UsageError` for a file of another format.
    """
    item = single(path, named(UNMARKED))
    with opened(item) as file:
        data = file.read()
    format = by_content(data[: 1 << 20], default_formats()) or by_suffix(path.name)
    if format and not format.is_markup and not format.is_shy:
        raise UsageError(f"bracketed markup has gaps to explain, and {path} is {format.name}", "name a file of markup")
    return decode(data, item.source, encoding)
