"""What the commands share: lists and choices among their options, errors as messages, and reports as lines."""

from __future__ import annotations

import codecs
import os
import shutil
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import typer

from ..errors import counted, shorten
from ..tables import Table, columns
from ..visible import on_one_line, visible

if TYPE_CHECKING:
    from ..balance import Loss, Report
    from ..inputs import Progress, Watch

Choice = TypeVar("Choice")


def stand_in_for_closed_streams() -> None:
    """Open what takes the place of standard streams that are closed, so that no file that is opened later does.

    Reading and writing there fails, but for messages, which nobody wanted.
    """
    for number, name, flags in ((0, "stdin", os.O_WRONLY), (1, "stdout", os.O_RDONLY), (2, "stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            found = os.open(os.devnull, flags)
            if found != number:
                os.dup2(found, number)
                os.close(found)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


def write_alike_everywhere() -> None:
    """Let the standard streams take every character and end lines with a line feed, whatever system this is.

    What the terminal's encoding has not is written as Python's escapes. ASCII is what Python says where no encoding was
    named at all, and UTF-8 is meant there.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            encoding = "utf-8" if codecs.lookup(stream.encoding).name == "ascii" else None
            stream.reconfigure(encoding=encoding, errors="backslashreplace", newline="\n")


def finish(stream: TextIO) -> None:
    """Write what a stream still holds. Raises `OSError`; then the rest goes nowhere, so that Python ends in peace."""
    try:
        stream.flush()
    except OSError:
        discard(stream)
        raise


def discard(stream: TextIO) -> None:
    """Let what a stream still holds, and Python writes when it ends, go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def errors() -> Iterator[None]:
    """Errors of the library as messages and exit statuses."""
    from ..errors import ClosedError, NerconvError, UsageError

    try:
        yield
    except ClosedError:
        raise typer.Exit(1) from None
    except NerconvError as error:
        say(str(error) if error.place else f"nerconv: {error}")
        raise typer.Exit(2 if isinstance(error, UsageError) else 1) from None


def split(names: str | None) -> tuple[str, ...] | None:
    """The items of a list with commas between, None where none was given."""
    return None if names is None else tuple(name.strip() for name in names.split(",") if name.strip())


def split_all(lists: Sequence[str] | None) -> list[str]:
    """The items of all lists of an option that may be given again, each once."""
    return list(dict.fromkeys(name for names in lists or () for name in split(names) or ()))


def one_of(option: str, value: object, choices: tuple[Choice, ...]) -> Choice:
    """The value, which is one of the choices. Raises `UsageError` that names them."""
    from ..errors import UsageError, did_you_mean

    for choice in choices:
        if value == choice:
            return choice
    known = did_you_mean(str(value), [str(choice) for choice in choices if choice is not None])
    raise UsageError(f"{option} does not take {value!r}", known)


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Watch | None]:
    """Who shows how far the work is, on standard error: a bar on a terminal, elsewhere a line now and then.

    Nothing is shown, and rich is not imported, of work that is done in a moment.
    """
    if quiet:
        yield None
        return
    began = time.monotonic()
    told = began + (EVERY_SECONDS if not sys.stderr.isatty() else SHORTLY)
    with ExitStack() as stack:
        show: Callable[[Progress, str], None] | None = None

        def watch(at: Progress) -> None:
            nonlocal told, show
            now = time.monotonic()
            if now < told:
                return
            if show is None:
                show = _bar(stack) if sys.stderr.isatty() else lambda _, line: say(line)
            show(at, how_far(at, now - began))
            told = now + (0.1 if sys.stderr.isatty() else EVERY_SECONDS)

        yield watch


EVERY_SECONDS = 10
"""How often a line tells of progress where there is no terminal."""
SHORTLY = 0.7
"""After how many seconds a terminal shows that something is being done."""


def _bar(stack: ExitStack) -> Callable[[Progress, str], None]:
    from rich import progress as rich
    from rich.console import Console

    console = Console(stderr=True)
    bar = stack.enter_context(
        rich.Progress(rich.BarColumn(20), rich.TextColumn("{task.description}"), console=console, transient=True)
    )
    task = bar.add_task("")
    return lambda at, line: bar.update(task, total=at.total or None, completed=at.size, description=line)


@contextmanager
def working(what: str, *, quiet: bool = False) -> Iterator[None]:
    """Tell on standard error what is being done as long as it is, where nobody counts how far it is: beside a spinner
    on a terminal, elsewhere a line now and then. Nothing is shown of what is done in a moment.
    """
    over = Event()
    teller = Thread(target=_tell_of_work, args=(what, over), daemon=True)
    if not quiet:
        teller.start()
    try:
        yield
    finally:
        over.set()
        if not quiet:
            teller.join()


def _tell_of_work(what: str, over: Event) -> None:
    began = time.monotonic()
    if sys.stderr.isatty():
        if not over.wait(SHORTLY):
            from rich.console import Console

            with Console(stderr=True).status(what):
                over.wait()
    else:
        while not over.wait(EVERY_SECONDS):
            say(f"{what}, {clock(time.monotonic() - began)}")


def clock(seconds: float) -> str:
    """Seconds as hours, minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def how_far(at: Progress, seconds: float) -> str:
    """A progress as a line: documents, megabytes, rate, time left, errors."""
    done, total = at.size / 1e6, at.total / 1e6
    parts = [counted(at.documents, "document")]
    if at.total:
        parts += [f"{done:,.1f} of {total:,.1f} MB", f"{done / max(seconds, 0.001):,.1f} MB/s"]
    if 0 < at.size < at.total:
        parts.append(f"{clock(seconds * (at.total - at.size) / at.size)} left")
    parts.append(counted(at.errors, "error"))
    return ", ".join(parts)


def print_json(value: Any) -> None:
    """Data on standard output: in UTF-8, as JSON is, but on a terminal in what that shows."""
    import json
    import re

    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    is_utf8 = codecs.lookup(sys.stdout.encoding).name == "utf-8"

    def escaped(found: re.Match[str]) -> str:
        return f"\\u{ord(found.group()):04x}"

    text = json.dumps(value, ensure_ascii=not is_utf8, indent=1)
    typer.echo(re.sub("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", escaped, text))


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Columns one under another; the last is not filled up, and on a terminal goes on below where it is too long."""
    rows = [[on_one_line(cell) for cell in row] for row in rows]
    widths = [max(columns(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    before = sum(widths) + 2 * len(widths)
    room = room_of(sys.stdout) - before
    for row in rows:
        cells = [cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=False)]
        first, *more = (textwrap.wrap(row[-1], room) if room >= LEAST_ROOM else []) or [row[-1]]
        tell("  ".join([*cells, first]).rstrip())
        for line in more:
            tell(" " * before + line)


def room_of(stream: TextIO) -> int:
    """How many columns a terminal has, 0 where it is none."""
    return shutil.get_terminal_size().columns if stream.isatty() else 0


LEAST_ROOM = 20
"""How many columns of a terminal are worth folding into."""


def print_balance(report: Report) -> None:
    """The balance as a table. Plain text: rich would take longer to import than a small file to convert."""
    counts = {"read": report.read, **report.written}
    labels = sorted({label for count in counts.values() for label, n in count.labels.items() if n})
    table = Table("", ["", *counts])
    for name in ("documents", "tokens", "spans"):
        table.rows.append([name, *(f"{getattr(c, name):,}" for c in counts.values())])
    for label in labels[:MOST_LABELS]:
        table.rows.append([f"  {on_one_line(label)}", *(f"{c.labels[label]:,}" for c in counts.values())])
    say_text(table.as_text(room_of(sys.stderr)))
    if len(labels) > MOST_LABELS:
        say(f"and {len(labels) - MOST_LABELS:,} more labels; convert --report FILE lists them all")
    say_written(report)
    for repair, n in report.repair_counts().items():
        say(f"{repair} ({n:,})")
    say_each([f"skipped {path}: {reason}" for path, reason in report.skipped], 20)
    told = {(str(failure.place), failure.what) for failure in report.failures}  # as errors, at the end
    say_lost(lost for lost in report.lost if (lost.place, lost.reason) not in told)
    if not report.lost:
        say("lost: nothing")


MOST_LABELS = 200
"""Of the balance; a table of more is no balance but a list."""


def say_written(report: Report) -> None:
    """Which files were written, of many only how many and in which folder; and what else there is to say of the run."""
    if len(report.files) > MOST_FILES:
        folder = os.path.commonpath([path.parent for path in report.files])
        say(f"written: {os.path.join(folder, '')} ({counted(len(report.files), 'file')})")
    elif report.files:
        say(f"written: {', '.join(map(str, report.files))}")
    for note in report.notes:
        say(note)


MOST_FILES = 4
"""How many files are named one by one."""


def say_lost(losses: Iterable[Loss]) -> None:
    """What was lost, each kind of it with its first place."""
    from ..balance import alike

    lines = []
    for lost, places in alike(losses):
        what = f"{lost.count:,} {lost.kind}s" if lost.count > 1 else lost.kind
        where = f"{lost.place} and {counted(places - 1, 'other place')}" if places > 1 else lost.place
        lines.append(f"lost {what}{f' {shorten(lost.text, 200)!r}' if lost.text else ''} at {where}: {lost.reason}")
    say_each(lines, 50)


def say_losses(report: Report) -> None:
    """What was not read where the rest was, and why."""
    say_each([f"skipped {path}: {reason}" for path, reason in report.skipped], 20)
    say_lost(report.lost)


def tell(text: str, *, end: str = "\n") -> None:
    """What was asked for, on standard output, with nothing in it that a terminal would obey."""
    typer.echo(visible(text) + end, nl=False)


def say(line: str) -> None:
    """What else there is to say, a line on standard error."""
    typer.echo(on_one_line(line), err=True)


def say_text(text: str) -> None:
    """Several lines on standard error."""
    for line in text.split("\n"):
        say(line)


def say_each(lines: Sequence[str], most: int) -> None:
    """Lines on standard error, no more than `most` of them."""
    for line in lines[:most]:
        say(line)
    if len(lines) > most:
        say(f"and {len(lines) - most:,} more; convert --report FILE lists them all")
