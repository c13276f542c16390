"""The commands about a corpus as a whole."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from .reading import Inputs, Reading, reads
from .terminal import print_json, room_of, say_losses, say_written, tell


@reads
def stats(
    reading: Reading,
    inputs: Inputs,
    top: Annotated[int, typer.Option(min=0, metavar="N", help="How many of the most frequent mentions to tell.")] = 10,
    tokenizer: Annotated[
        str | None, typer.Option(metavar="LANG|PIPELINE", help="Tokens for documents that have none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the statistics as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables in Markdown.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with plots.")] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress bar, no losses.")] = False,
) -> None:
    """Tell what is in a corpus: documents, tokens and entities, labels, lengths, and mentions with several labels.

    Example: nerconv stats data/cables
    """
    from ..balance import Report
    from ..errors import UsageError
    from ..statistics import statistics, tables

    if as_json and markdown:
        raise UsageError("--json and --markdown exclude each other", "choose one")
    balance = Report()
    reading = reading._replace(changes=replace(reading.changes, tokenizer=tokenizer))
    found = statistics(reading.documents(inputs, balance, quiet=quiet))
    if html:
        from ..new_files import whole_file
        from ..statistics.page import page

        with whole_file(html) as file:
            file.write(page(found, ", ".join(inputs), top).encode())
        balance.files.append(html)
    if as_json:
        print_json(found.as_dict(top))
    else:
        made = tables(found, top)
        tell("\n\n".join(table.as_markdown() if markdown else table.as_text(room_of(sys.stdout)) for table in made))
    if not quiet:
        say_written(balance)
        say_losses(balance)
