"""From inputs to outputs in one pass, and back into the markup that documents were read from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from re import Pattern

from . import names
from .balance import Count, Report
from .document import Document
from .errors import DataError, NerconvError, Place, UsageError, system_errors
from .finding import STANDARD, UNMARKED, Input, Kept, find_inputs
from .formats import by_suffix, named
from .inputs import Watch, check_asked, opened, read_all, read_input
from .new_files import NewFiles, real
from .options import Changes, ReadOptions, WriteOptions, given, refuse_one
from .outputs import (
    Output,
    outputs_in,
    plan_outputs,
    refuse_packed,
    writable,
    write_report,
    written,
    written_sets,
)
from .source import as_path, decode


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
    shard_size: int | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    resume: bool = False,
    watch: Watch | None = None,
) -> Report:
    """Read all inputs and write them to OUT, in one pass. The report says what became of everything.

    `changes` says what to change on the way. With `report.keep_going` a document that cannot be read or written is a
    loss, and the rest is converted. With `strict`, anything lost is a `DataError` and OUT is left as it was.
    `report_file`: where to write the report, too, even after an error in the data.

    `shard_size`: so many documents go into a file, ``part-00000`` and so on, which are made one by one and stay where
    a later one fails. `jobs` makes them in so many processes, `dask` on a cluster, by the address of its scheduler, or
    ``local``; with either of them shards are made even if no size is given, of `SHARD_SIZE` documents. The bytes are
    the same in each case. `resume` goes on where an earlier conversion was stopped. `watch` is told of the progress.
    """
    refuse_one("inputs", inputs)
    refuse_one("to", to)
    report = Report() if report is None else report
    changes = given(changes, Changes)
    read_options, write_options = given(read_options, ReadOptions), given(write_options, WriteOptions)
    folder = Path(out) if str(out) != STANDARD else None
    is_sharded = bool(shard_size or jobs or dask or resume)
    outputs = plan_outputs(out, to)
    is_file = any(output.path == folder and not output.format.one_each for output in outputs)
    if is_sharded and (folder is None or is_file):
        raise UsageError(f"{out} is one file, and shards are several", "name a folder")
    found = find_inputs(inputs, format=from_format, report=report, leave_out=folder)
    kept = Kept(found, read_options.originals.paths if read_options.originals else ())
    divided = [output.path for output in outputs if output.path and output.divides]
    earlier = [names.SHARD] if is_sharded else [names.divisions(path.stem, path.suffix) for path in divided]
    if folder and earlier:
        _refuse_earlier(found, folder, earlier)
    _keep_apart(outputs, report_file, kept)
    with _reported(report, report_file):
        if is_sharded and folder:
            from .archive import SHARD_SIZE, Settings, convert_shards  # one file alone need not wait for it

            asked = tuple(output.format.name for output in outputs)
            settings = Settings(
                Path(os.path.abspath(folder)),
                asked,
                shard_size or SHARD_SIZE,
                read_options,
                write_options,
                changes,
                report.keep_going,
                strict,
            )
            convert_shards(found, settings, report, jobs=jobs, dask=dask, resume=resume, limit=limit, watch=watch)
            report.files = [folder / path.relative_to(settings.out) for path in report.files]  # as OUT was named
        else:
            documents = read_all(found, read_options, report, changes, watch)
            with written(outputs, write_options, report, changes, kept) as put:
                for document in islice(documents, limit):
                    put(document)
                check_asked(read_options, changes, report)
                if strict:
                    report.refuse_losses()
    return report


@contextmanager
def _reported(report: Report, file: Path | None) -> Iterator[None]:
    """Write the report to a file, if there is one, after an error too, which is then what is told."""
    try:
        yield
    except BaseException:
        with suppress(NerconvError):
            if file:
                write_report(report, file)
        raise
    if file:
        write_report(report, file)


def write_parts(
    parts: Mapping[str, Iterable[Document]],
    out: Path,
    *,
    to: Sequence[str] | None = None,
    options: WriteOptions | None = None,
    changes: Changes | None = None,
    strict: bool = False,
    report: Report,
) -> list[Path]:
    """Write each part of a split into a file of its name in a folder, a file for each format; all of them or none.

    `to`: the formats; None for the one that was read, as the report says, or ``jsonl`` where that is several or cannot
    be written. A name with a slash is in a folder of its own. Returns the files, or folders.
    """
    [read] = report.formats if len(report.formats) == 1 else ["jsonl"]
    rows = writable(to or [read if named(read).writer else "jsonl"])
    sets = [outputs_in(out / name.rpartition("/")[0], name.rpartition("/")[2], rows) for name in parts]
    with written_sets(sets, options or WriteOptions(), report, changes or Changes()) as puts:
        for put, documents in zip(puts, parts.values(), strict=True):
            for document in documents:
                put(document)
        if strict:
            report.refuse_losses()
    return [output.path for outputs in sets for output in outputs if output.path]


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
    files: dict[str, Input] = {}
    for item in find_inputs([markup], format=UNMARKED, report=report):
        if item.source.id in files:
            what = f"two files of markup for document {item.source.id}: this and {files[item.source.id].source.file}"
            raise DataError(what, "keep one of the two", Place(item.source.file))
        files[item.source.id] = item
    is_folder = Path(markup).is_dir()
    named_by = None if is_folder else by_suffix(Path(out).name)
    if not is_folder:
        refuse_packed(out)
    if named_by and not named_by.is_markup:
        raise UsageError(f"{out} is a name for {named_by.name}, and --into writes markup", "name a .txt file")
    only = next(iter(files.values())) if not is_folder else None
    outputs: list[Output] = [Output(Path(out), named(UNMARKED))]
    # the labels and the profile are those of the markup
    own = replace(options, encoding="utf-8", labels=None, profile=None, repairs=(), layout="flow")
    kept = Kept([*found, *files.values()])
    _keep_apart(outputs, report_file, kept)
    count = report.written.setdefault(UNMARKED, Count())
    done: set[str] = set()
    with _reported(report, report_file), report.uncounted():
        with system_errors("written", out), NewFiles(kept.check) as new:
            documents = [doc for item in found for doc in read_input(item, own, report)]
            for document in documents:
                its = files.get(document.id or "") or (only if len(documents) == 1 else None)
                if its is None or its.path is None:
                    what = f"no file of {markup} is the markup of document {document.id}"
                    raise DataError(what, "files and documents are matched by their ids", document.source)
                if its.source.id in done:
                    raise DataError(f"document {document.id} comes twice", "keep one of the two", document.source)
                done.add(its.source.id)
                target = Path(out, as_path(re.sub(r"(?i)\.gz$", "", its.source.origin))) if is_folder else Path(out)
                count.add(document)
                changed = _changed(document, its, options, report)
                with new.open(target) as file:
                    file.write(changed)
            if strict:
                report.refuse_losses()
            new.put_in_place()
            report.files += new.placed
        report.skipped += [(item.source.file, "no document for it") for id, item in files.items() if id not in done]
    return report


def _changed(document: Document, item: Input, options: ReadOptions, report: Report) -> bytes:
    """The bytes of a file of markup, with the document's entities in it."""
    from .formats.brackets import into

    with opened(item) as file:
        data = file.read()
    text = decode(data, item.source, options.encoding, keep_mark=True)
    if text.encode(options.encoding) != data:
        what = f"this file's bytes are not what {options.encoding} would write"
        raise DataError(what, "convert it to UTF-8 first", Place(item.source.file))
    changed = into(document, text, options=options, file=item.source.file, report=report)
    return changed.encode(options.encoding)


def _refuse_earlier(found: Sequence[Input], folder: Path, earlier: Sequence[Pattern[str]]) -> None:
    """Raise `DataError` for an input in the folder that is called as the outputs are which will be taken away there."""
    parents: dict[str, str] = {}
    own = str(real(folder))
    for item in found:
        if item.path:
            parent, name = os.path.split(item.file)
            if parent not in parents:
                parents[parent] = os.path.realpath(parent)
            first = os.path.relpath(os.path.join(parents[parent], name), own).split(os.sep)[0]
            if any(pattern.fullmatch(first) for pattern in earlier):
                what = "this input is an output of an earlier conversion, whose place the new one would take"
                raise DataError(what, "write to another place", Place(item.source.file))


def _keep_apart(outputs: Sequence[Output], report_file: Path | None, kept: Kept) -> None:
    """Raise where an output would replace an input (`DataError`) or the report another file (`UsageError`)."""
    targets = [output.path for output in outputs if output.path]
    if report_file:
        if real(report_file) in map(real, targets):
            raise UsageError(f"{report_file}: the report would replace an output", "give it another name")
        if report_file.is_dir():
            raise UsageError(f"{report_file}: the report is a file, and this is a folder", "name a file in it")
        targets.append(report_file)
    for path in targets:
        kept.check(path)
