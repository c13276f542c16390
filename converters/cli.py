"""The command line: what was asked for goes to the library, and what the library says goes to the terminal.

Only this module prints and only it exits. It imports the library inside the commands, so that ``--help`` waits
for nothing. Exit status: 0 done, 1 the data is at fault, 2 the command is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from .balance import Loss, Report
    from .inputs import Input

STANDARD = "-"

app = typer.Typer(
    name="nerconv",
    help="Named-entity annotations between formats, with exact offsets and nothing lost in silence.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        from . import __version__

        typer.echo(f"nerconv {__version__}")
        raise typer.Exit


@app.command()
def convert(
    inputs: Annotated[list[str], typer.Argument(metavar="IN...", help="Files, folders, glob patterns, or - .")],
    out: Annotated[
        str,
        typer.Option("-o", "--out", metavar="OUT", help="A file with a known suffix, a folder, or - ."),
    ],
    from_format: Annotated[
        str | None, typer.Option("--from", metavar="FORMAT", help="Format of the inputs, if their names do not say.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FORMAT,...", help="Formats to write. (default: spacy,conll,jsonl)")
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(metavar="LABEL,...", help="Labels of bracketed markup, or any. (default: the tagger's own)"),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="How the text was tokenized: cogcomp, ptb, whitespace. (default: detected)"),
    ] = None,
    repair: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help="Mend the text of markup: apostrophe, url, hyphen, or all."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="ORIGINAL", help="The text that markup was made from: a file, a folder, or JSON Lines."),
    ] = None,
    source_field: Annotated[
        str | None, typer.Option(metavar="NAME", help="The field of JSON Lines that holds the original.")
    ] = None,
    text_field: Annotated[
        str | None, typer.Option(metavar="NAME", help="The field that holds the markup, where IN is JSON Lines.")
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(metavar="MARKUP", help="Write the entities into this markup, and change no more."),
    ] = None,
    layout: Annotated[
        str, typer.Option(metavar="flow|sentences", help="Between sentences: a space, or a new line.")
    ] = "flow",
    columns: Annotated[
        str, typer.Option(metavar="NAME,...", help="Columns of CoNLL output: word, space, ner.")
    ] = "word,ner",
    comments: Annotated[bool, typer.Option("--comments", help="Ids in CoNLL output, as lines # id = ID.")] = False,
    tokens: Annotated[bool, typer.Option("--tokens/--no-tokens", help="Tokens in JSONL output.")] = True,
    lang: Annotated[str, typer.Option(metavar="CODE", help="Language of the DocBin's vocabulary.")] = "en",
    encoding: Annotated[str, typer.Option(metavar="NAME", help="Encoding of the inputs.")] = "utf-8",
    in_columns: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Columns of CoNLL input. (default: found out)")
    ] = None,
    repair_tags: Annotated[
        str | None,
        typer.Option(metavar="conlleval|discard", help="An I- that continues nothing: begins an entity, or is none."),
    ] = None,
    label_map: Annotated[
        str | None, typer.Option("--map", metavar="FILE|A=B,...", help="New names for labels, or a preset.")
    ] = None,
    keep: Annotated[str | None, typer.Option(metavar="LABEL,...", help="Keep these labels alone.")] = None,
    drop: Annotated[str | None, typer.Option(metavar="LABEL,...", help="Leave these labels out.")] = None,
    on_misaligned: Annotated[
        str,
        typer.Option(metavar="report|drop|expand|contract|error", help="Entities that do not sit on tokens."),
    ] = "report",
    on_overlap: Annotated[
        str, typer.Option(metavar="error|longest|first|keep", help="Entities that overlap, in a flat format.")
    ] = "error",
    discontinuous: Annotated[
        str, typer.Option(metavar="error|split|cover", help="Entities in several pieces (brat).")
    ] = "error",
    tokenizer: Annotated[
        str | None, typer.Option(metavar="LANG|PIPELINE", help="Tokens for documents that have none.")
    ] = None,
    spans_key: Annotated[str, typer.Option(metavar="NAME", help="Span group of a DocBin.")] = "sc",
    in_offset_unit: Annotated[
        str | None, typer.Option(metavar="char|utf16", help="What offsets in the input count. (default: found out)")
    ] = None,
    offset_unit: Annotated[
        str | None, typer.Option(metavar="char|utf16", help="What offsets in the output count. (default: the format's)")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=0, metavar="N", help="Stop after N documents.")] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the balance to FILE, as JSON.")] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Report documents in error, convert the rest, exit with 1.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Anything lost is an error, and nothing is written.")
    ] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No balance, no progress.")] = False,
) -> None:
    """Convert annotated text from one format into others, with a balance of what went in and came out.

    nerconv convert data/cables -o corpus
    """
    with _errors():
        from .balance import Report
        from .errors import UsageError
        from .labels import read_map
        from .options import Changes, ReadOptions, WriteOptions
        from .originals import Originals
        from .pipeline import convert as run
        from .pipeline import write_into

        if repair and (source or source_field):
            raise UsageError("--repair changes the text, and --source keeps it", "leave one of the two off")
        balance = Report(keep_going=keep_going)
        read_options = ReadOptions(
            encoding=encoding,
            labels=_split(labels),
            profile=profile,
            repairs=_repairs(repair),
            layout=_one_of("--layout", layout, ("flow", "sentences")),
            columns=_split(in_columns),
            originals=Originals(source, source_field, encoding) if source or source_field else None,
            text_field=text_field,
            repair_tags=_one_of("--repair-tags", repair_tags, (None, "conlleval", "discard")),
            offset_unit=_one_of("--in-offset-unit", in_offset_unit, (None, "char", "utf16")),
            discontinuous=_one_of("--discontinuous", discontinuous, ("error", "split", "cover")),
            spans_key=spans_key,
        )
        changes = Changes(
            labels=read_map(label_map) if label_map else {},
            keep=_split(keep),
            drop=_split(drop),
            on_misaligned=_one_of("--on-misaligned", on_misaligned, ("report", "drop", "expand", "contract", "error")),
            on_overlap=_one_of("--on-overlap", on_overlap, ("error", "longest", "first", "keep")),
            tokenizer=tokenizer,
        )
        if into:
            for name, value in {
                "--to": to,
                "--repair": repair,
                "--source": source or source_field,
                "--text-field": text_field,
                "--limit": limit is not None,
            }.items():
                if value:
                    raise UsageError(f"{name} means nothing with --into, which changes entities alone", "leave it off")
            write_into(
                inputs,
                into,
                out,
                from_format=from_format,
                options=read_options,
                strict=strict,
                report=balance,
                report_file=report,
            )
        else:
            run(
                inputs,
                out,
                from_format=from_format,
                to=_split(to),
                read_options=read_options,
                write_options=WriteOptions(
                    columns=_split(columns) or (),
                    comments=comments,
                    lang=lang,
                    tokens=tokens,
                    offset_unit=_one_of("--offset-unit", offset_unit, (None, "char", "utf16")),
                    spans_key=spans_key,
                ),
                changes=changes,
                limit=limit,
                strict=strict,
                report=balance,
                report_file=report,
                watch=None if quiet or not sys.stderr.isatty() else _progress,
            )
        if not quiet:
            _print_balance(balance)
        for failure in balance.failures:
            typer.echo(str(failure), err=True)
        if balance.failures:
            raise typer.Exit(1)


@app.command()
def explain(
    words: Annotated[list[str] | None, typer.Argument(metavar="WORDS...", help="Tokenized text, or markup.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="PATH", help="A file of markup instead.")] = None,
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="As in convert.")] = None,
    repair: Annotated[str | None, typer.Option(metavar="NAME,...", help="As in convert.")] = None,
    labels: Annotated[str | None, typer.Option(metavar="LABEL,...", help="As in convert.")] = None,
    encoding: Annotated[str, typer.Option(metavar="NAME", help="As in convert.")] = "utf-8",
    as_json: Annotated[bool, typer.Option("--json", help="Write the steps as JSON.")] = False,
) -> None:
    """Tell for each gap between two words whether they join, and the rule that decided it.

    nerconv explain 'He said , " Yes . "'
    """
    with _errors():
        from .errors import UsageError
        from .formats.brackets import explain as run
        from .inputs import read_text
        from .options import ReadOptions

        if (file is None) == (not words):
            raise UsageError("nothing to explain, or two things", "give words, or --file and a path")
        text = " ".join(words or ()) if file is None else read_text(file, encoding)
        options = ReadOptions(encoding=encoding, labels=_split(labels), profile=profile, repairs=_repairs(repair))
        steps = run(text, options=options, file=STANDARD if file is None else str(file))
        if as_json:
            import json

            typer.echo(json.dumps([step._asdict() for step in steps], ensure_ascii=False, indent=1))
        else:
            rows = [(*step[:2], "join" if step.join else "space", *step[3:]) for step in steps]
            _print_table([("left", "right", "", "rule", "reason"), *rows])


@app.command()
def evaluate(
    gold: Annotated[str, typer.Argument(metavar="GOLD", help="The gold annotations: a file, a folder, a pattern.")],
    predicted: Annotated[
        list[str] | None, typer.Argument(metavar="PRED...", help="The same texts as each tagger annotates them.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(metavar="PIPELINE", help="A spaCy pipeline to run over the gold texts.")
    ] = None,
    from_format: Annotated[str | None, typer.Option("--from", metavar="FORMAT", help="Format of GOLD.")] = None,
    predicted_format: Annotated[
        str | None, typer.Option("--pred-from", metavar="FORMAT", help="Format of PRED. (default: that of --from)")
    ] = None,
    label_map: Annotated[
        str | None, typer.Option("--map", metavar="FILE|A=B,...", help="New names for labels, or a preset.")
    ] = None,
    train: Annotated[
        str | None, typer.Option(metavar="FILE", help="Training data, for scores by seen and unseen mention.")
    ] = None,
    bootstrap: Annotated[int, typer.Option(min=0, metavar="N", help="Samples for intervals and p-values.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the samples.")] = 0,
    undefined: Annotated[
        str, typer.Option(metavar="omit|zero|one", help="What a score without a value counts.")
    ] = "omit",
    conlleval: Annotated[bool, typer.Option("--conlleval", help="Print the conlleval script's report.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables in Markdown.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page to look at it all.")] = None,
    errors: Annotated[bool, typer.Option("--errors", help="List every error after the tables.")] = False,
    labels: Annotated[str | None, typer.Option(metavar="LABEL,...", help="As in convert.")] = None,
    in_columns: Annotated[str | None, typer.Option(metavar="NAME,...", help="As in convert.")] = None,
    repair_tags: Annotated[str | None, typer.Option(metavar="conlleval|discard", help="As in convert.")] = None,
    encoding: Annotated[str, typer.Option(metavar="NAME", help="As in convert.")] = "utf-8",
) -> None:
    """Score taggers on gold annotations: how good they are, how sure that is, and where they go wrong.

    nerconv evaluate gold.conll predicted.jsonl
    """
    with _errors():
        from .balance import Report
        from .errors import UsageError
        from .labels import read_map
        from .options import ReadOptions
        from .scoring import score

        if not predicted and not model:
            raise UsageError("nothing to evaluate", "name files of predictions, or a pipeline with --model")
        if sum((conlleval, as_json, markdown)) > 1:
            raise UsageError("--conlleval, --json and --markdown exclude each other", "choose one")
        balance = Report()
        result = score(
            gold,
            predicted or [],
            models=model or [],
            formats=(from_format, predicted_format or from_format),
            options=ReadOptions(
                encoding=encoding,
                labels=_split(labels),
                columns=_split(in_columns),
                repair_tags=_one_of("--repair-tags", repair_tags, (None, "conlleval", "discard")),
            ),
            names=read_map(label_map) if label_map else {},
            notes=(f"map {label_map}",) if label_map else (),
            train=train,
            samples=bootstrap,
            seed=seed,
            undefined=_one_of("--undefined", undefined, ("omit", "zero", "one")),
            report=balance,
        )
        if html:
            result.write_page(html)
        if conlleval:
            reports = [result.evaluation.conlleval(number) for number in range(len(result.evaluation.systems))]
            typer.echo("".join(reports), nl=False)
        elif as_json:
            import json

            typer.echo(json.dumps(result.evaluation.as_dict(), ensure_ascii=False, indent=1))
        else:
            from .evaluation.tables import as_markdown, as_text

            typer.echo((as_markdown if markdown else as_text)(result.evaluation), nl=False)
        if errors:
            for line in result.errors():
                typer.echo(line, err=as_json or conlleval)  # what reads those would stumble over it
        _say_each([_loss(loss) for loss in balance.lost], 50)


@app.command("formats")
def list_formats(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A format, to read its specification.")] = None,
) -> None:
    """List the formats, or tell one: an example, what it cannot hold, where it comes from.

    nerconv formats conll
    """
    with _errors():
        from .formats import formats, specification

        if name:
            typer.echo(specification(name))
            return
        rows: list[Sequence[str]] = [("name", "suffixes", "read", "written", "what it is")]
        for format in formats().values():
            can = ["yes" if ability else "" for ability in (format.reader, format.writer)]
            rows.append((format.name, " ".join(format.suffixes), *can, format.summary))
        _print_table(rows)


Choice = TypeVar("Choice")


def _one_of(option: str, value: object, choices: tuple[Choice, ...]) -> Choice:
    """The value, which is one of the choices. Raises `UsageError` that names them."""
    from .errors import UsageError

    for choice in choices:
        if value == choice:
            return choice
    known = ", ".join(str(choice) for choice in choices if choice is not None)
    raise UsageError(f"unknown {option.lstrip('-').replace('-', ' ')} {value!r}", f"{option} takes {known}")


def _repairs(names: str | None) -> tuple[str, ...]:
    from .rules import REPAIRS

    return tuple(REPAIRS) if names == "all" else _split(names) or ()


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    """Columns one under another; the last is not filled up."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]
        typer.echo("  ".join(cells).rstrip())


def main() -> None:
    """Run the command line."""
    app()


def _split(names: str | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(name.strip() for name in names.split(",") if name.strip())


@contextmanager
def _errors() -> Iterator[None]:
    """Errors of the library as messages and exit statuses."""
    from .errors import NerconvError, UsageError

    try:
        yield
    except NerconvError as error:
        typer.echo(str(error) if error.place else f"nerconv: {error}", err=True)
        raise typer.Exit(2 if isinstance(error, UsageError) else 1) from None


def _progress(inputs: Sequence[Input]) -> Iterable[Input]:
    from rich.console import Console
    from rich.progress import track

    return track(inputs, "Converting", console=Console(stderr=True), transient=True)


def _print_balance(report: Report) -> None:
    """The balance as a table. Plain text: rich would take longer to import than a small file to convert."""
    counts = {"read": report.read, **report.written}
    labels = sorted({label for count in counts.values() for label, n in count.labels.items() if n})
    rows = [["", *counts]]
    rows += [[name, *(f"{getattr(c, name):,}" for c in counts.values())] for name in ("documents", "tokens", "spans")]
    rows += [[f"  {label}", *(f"{c.labels[label]:,}" for c in counts.values())] for label in labels]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        _say("   ".join(cells).rstrip())
        if not number:
            _say("─" * len("   ".join(cells)))
    for repair, n in report.repair_counts().items():
        _say(f"{repair} ({n:,})")
    _say_each([f"skipped {path}: {reason}" for path, reason in report.skipped], 20)
    told = {(str(failure.place), failure.what) for failure in report.failures}  # as errors, at the end
    _say_each([_loss(loss) for loss in report.lost if (loss.place, loss.reason) not in told], 50)
    if not report.lost:
        _say("lost: nothing")


def _loss(loss: Loss) -> str:
    what = f"{loss.count:,} {loss.kind}s" if loss.count > 1 else loss.kind
    return f"lost {what}{f' {loss.text!r}' if loss.text else ''} at {loss.place}: {loss.reason}"


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _say_each(lines: Sequence[str], most: int) -> None:
    for line in lines[:most]:
        _say(line)
    if len(lines) > most:
        _say(f"and {len(lines) - most:,} more; --report FILE lists them all")


if __name__ == "__main__":
    main()
