"""The commands that convert, and those that tell of formats and of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ..options import WriteOptions
from .completion import profiles, readable, repairs, writable
from .reading import Inputs, Reading, reads
from .terminal import errors, print_balance, print_json, print_table, progress, say, split, tell

many = partial(typer.Option, rich_help_panel="Archives")
"""An option of the group that is about very many documents."""


@partial(reads, fits=True, writes=True)
def convert(
    reading: Reading,
    inputs: Inputs,
    out: Annotated[
        str,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT",
            show_default=False,
            help="A file with a known suffix, as x.conll, a folder, or - for standard output. Must be given.",
        ),
    ] = "",
    to: Annotated[
        str | None,
        typer.Option(
            "--to", **writable(), help="Formats to write; nerconv formats lists all. (default: spacy,conll,jsonl)"
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(metavar="MARKUP", help="Write the entities into this markup, and change no more."),
    ] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the balance to FILE, as JSON.")] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Report documents in error, convert the rest, exit with 1.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Anything lost is an error, and nothing is written.")
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No balance, no progress.")] = False,
    shard_size: Annotated[
        int | None, many("--shard-size", min=1, metavar="N", help="Files of N documents each: part-00000 and so on.")
    ] = None,
    jobs: Annotated[int | None, many("-j", "--jobs", min=1, metavar="N", help="Make shards in N processes.")] = None,
    dask: Annotated[str | None, many(metavar="ADDRESS|local", help="Make shards on a Dask cluster.")] = None,
    resume: Annotated[bool, many("--resume", help="Go on where an earlier run was stopped.")] = False,
) -> None:
    """Convert annotated text from one format into others, with a balance of what went in and came out.

    Example: nerconv convert data/cables -o corpus
    """
    from ..balance import Report
    from ..errors import UsageError
    from ..pipeline import convert as run
    from ..pipeline import write_into

    if not out:
        raise UsageError("no output is named", "with -o: a file as x.conll, a folder, or - for standard output")
    balance = Report(keep_going=keep_going)
    if into:
        options, writing, usual = reading.options, reading.writing, WriteOptions()
        for name, value in {
            "--to": to,
            "--profile": options.profile,
            "--layout": options.layout != "flow",
            "--repair": options.repairs,
            "--source": options.originals,
            "--text-field": options.text_field,
            "--limit": reading.limit is not None,
            "--map": reading.changes.labels,
            "--keep": reading.changes.keep,
            "--drop": reading.changes.drop,
            "--on-misaligned": reading.changes.on_misaligned != "report",
            "--on-overlap": reading.changes.on_overlap != "error",
            "--tokenizer": reading.changes.tokenizer,
            "--columns": writing.columns != usual.columns,
            "--comments": writing.comments,
            "--no-tokens": not writing.tokens,
            "--lang": writing.lang != usual.lang,
            "--offset-unit": writing.offset_unit,
            "--keep-going": keep_going,
            "--shard-size": shard_size,
            "--jobs": jobs,
            "--dask": dask,
            "--resume": resume,
        }.items():
            if value:
                raise UsageError(f"{name} means nothing with --into, which changes entities alone", "leave it off")
        write_into(
            inputs,
            into,
            out,
            from_format=reading.format,
            options=options,
            strict=strict,
            report=balance,
            report_file=report,
        )
    else:
        with progress(quiet=quiet) as watch:
            run(
                inputs,
                out,
                from_format=reading.format,
                to=split(to),
                read_options=reading.options,
                write_options=reading.writing,
                changes=reading.changes,
                limit=reading.limit,
                strict=strict,
                report=balance,
                report_file=report,
                shard_size=shard_size,
                jobs=jobs,
                dask=dask,
                resume=resume,
                watch=watch,
            )
    if not quiet:
        print_balance(balance)
    for failure in balance.failures:
        say(str(failure))
    if balance.failures:
        raise typer.Exit(1)


def explain(
    words: Annotated[list[str] | None, typer.Argument(metavar="WORDS", help="Tokenized text, or markup.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="PATH", help="A file of markup instead.")] = None,
    profile: Annotated[str | None, typer.Option(**profiles(), help="As in convert.")] = None,
    repair: Annotated[str | None, typer.Option(**repairs(), help="As in convert.")] = None,
    labels: Annotated[str | None, typer.Option(metavar="LABEL,...", help="As in convert.")] = None,
    encoding: Annotated[str, typer.Option(metavar="NAME", help="As in convert.")] = "utf-8",
    as_json: Annotated[bool, typer.Option("--json", help="Write the steps as JSON.")] = False,
) -> None:
    """Tell for each gap between two words whether they join, and the rule that decided it.

    Example: nerconv explain 'He said , " Yes . "'
    """
    with errors():
        from ..errors import UsageError
        from ..formats.brackets import explain as run
        from ..inputs import read_text
        from ..options import ReadOptions

        if file is None and not words:
            raise UsageError("nothing to explain", "give words, or --file and a path")
        if file and words:
            raise UsageError("words and --file exclude each other", "leave one of the two off")
        text = " ".join(words or ()) if file is None else read_text(file, encoding)
        options = ReadOptions(encoding=encoding, labels=split(labels), profile=profile, repairs=split(repair) or ())
        steps = run(text, options=options, file="-" if file is None else str(file))
        if words and not steps:
            todo = f"to explain a file: --file {words[0]}" if Path(words[0]).is_file() else "give two words or more"
            raise UsageError("one word has no gaps", todo)
        if as_json:
            print_json([step._asdict() for step in steps])
        else:
            rows = [(*step[:2], "join" if step.join else "space", *step[3:]) for step in steps]
            print_table([("left", "right", "", "rule", "reason"), *rows])


def list_formats(
    name: Annotated[str | None, typer.Argument(**readable("NAME"), help="A format, to read its specification.")] = None,
) -> None:
    """List the formats, or tell one: an example, what it cannot hold, where it comes from.

    Example: nerconv formats conll
    """
    with errors():
        from ..formats import formats, specification

        if name:
            tell(specification(name))
            return
        rows: list[Sequence[str]] = [("name", "suffixes", "read", "written", "what it is")]
        for format in formats().values():
            can = ["yes" if ability else "" for ability in (format.reader, format.writer)]
            rows.append((format.name, " ".join(format.suffixes), *can, format.summary))
        print_table(rows)
