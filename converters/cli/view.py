"""The command that shows annotated documents, in the terminal or as a web page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from .completion import choice
from .reading import Inputs, Reading, reads
from .terminal import discard, one_of, say_losses, say_written

if TYPE_CHECKING:
    from ..document import Document


@reads
def view(
    reading: Reading,
    inputs: Inputs,
    ids: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="Show this document alone; may be given again.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a web page instead, rendered by spaCy's displaCy.")
    ] = None,
    color: Annotated[
        str, typer.Option(**choice("auto|always|never"), help="Colours, or marks in plain text.")
    ] = "auto",
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Do not page.")] = False,
) -> None:
    """Look at documents: the text, and in it the entities with their labels.

    Example: nerconv view data/cables
    """
    from ..balance import Report
    from ..view import Colours, lines, page

    when = one_of("--color", color, ("auto", "always", "never"))
    report = Report()
    documents = reading.documents(inputs, report, quiet=html is None)
    if ids:
        documents = _chosen(documents, ids)
    if html:
        from ..new_files import whole_file

        with whole_file(html) as file:
            for piece in page(documents):
                file.write(piece.encode())
        report.files.append(html)
    else:
        width = shutil.get_terminal_size((0, 0)).columns or None  # of what is no terminal nothing is known
        colours = Colours() if when == "always" or (when == "auto" and _takes_colours()) else None
        _show((lines(document, width=width, colours=colours) for document in documents), None if no_pager else _pager())
    say_written(report)
    say_losses(report)


def _chosen(documents: Iterable[Document], ids: list[str]) -> Iterator[Document]:
    """The documents with these ids; what comes after the last of them is not read."""
    from ..errors import DataError, did_you_mean

    left = dict.fromkeys(ids)
    met: list[str] = []
    for document in documents:
        met.append(document.id or "")
        if document.id in left:
            del left[document.id]
            yield document
            if not left:
                return
    id = next(iter(left))
    raise DataError(
        f"no document has the id {id!r}", did_you_mean(id, met, "the headings of nerconv view tell the ids")
    )


def _takes_colours() -> bool:
    """Whether standard output is a terminal that shows colours, and nobody asked for none (https://no-color.org)."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


def _pager() -> str | None:
    """The pager, as a command of the shell: that of $PAGER, or less; None where there is nothing to page.

    As git has it, where $PAGER is empty or ``cat`` that is none.
    """
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return None
    pager = os.environ.get("PAGER", "less" if shutil.which("less") else "").strip()
    return None if pager in ("", "cat") else pager


def _show(documents: Iterator[Iterator[str]], pager: str | None) -> None:
    """The lines of each document as soon as it is read. Who quits, or closes the output, has seen enough."""
    first = next(documents, None)
    if first is None:
        return  # and where the first document is in error, no pager opens to show nothing
    texts = ((f"{line}\n" for line in document) for document in chain([first], documents))
    if pager:
        _page(texts, pager)
        return
    try:
        _write(texts, sys.stdout)
    except BrokenPipeError:
        discard(sys.stdout)


def _page(texts: Iterable[Iterable[str]], pager: str) -> None:
    from ..errors import UsageError

    less = os.environ.get("LESS")
    process = subprocess.Popen(
        pager,
        shell=True,  # $PAGER may have options
        stdin=subprocess.PIPE,
        encoding=sys.stdout.encoding,
        errors="backslashreplace",
        env=os.environ | {"LESS": "FRX" if less is None else f"-R {less}", "LV": os.environ.get("LV", "-c")},
    )
    assert process.stdin is not None
    try:
        with suppress(BrokenPipeError, KeyboardInterrupt):
            _write(texts, process.stdin)
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()
        _wait(process)
    if process.returncode == NOT_FOUND:
        raise UsageError(f"the pager {pager!r} is not there", "set PAGER to another, or use --no-pager")


NOT_FOUND = 127
"""The exit status of a shell whose command does not exist."""


def _write(texts: Iterable[Iterable[str]], file: IO[str]) -> None:
    for lines in texts:
        file.writelines(lines)
        file.flush()


def _wait(process: subprocess.Popen[str]) -> None:
    """Wait until a pager ends. An interrupt is the pager's: it stops a search, and leaves the terminal in order."""
    while process.poll() is None:
        with suppress(KeyboardInterrupt):
            process.wait()
