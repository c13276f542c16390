"""The options that say how inputs are read, the same for every command that reads documents."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..options import Changes, ReadOptions, WriteOptions
from .completion import choice, profiles, readable, repairs
from .terminal import errors, one_of, progress, split

if TYPE_CHECKING:
    from ..balance import Report
    from ..document import Document

Inputs = Annotated[list[str], typer.Argument(metavar="IN", help="Files, folders, glob patterns, or - .")]

option = partial(typer.Option, rich_help_panel="Reading")
"""An option of the group that is about reading."""
rare = partial(typer.Option, rich_help_panel="Reading, more")
"""One of those that few need."""
fitting = partial(typer.Option, rich_help_panel="Writing")
"""An option of the group that is about writing."""


class Reading(NamedTuple):
    """What the options about reading, and those about writing where there are any, ask for."""

    format: str | None
    options: ReadOptions
    changes: Changes
    limit: int | None
    writing: WriteOptions

    def documents(
        self, inputs: Sequence[str], report: Report, *, places: bool = False, quiet: bool = False
    ) -> Iterator[Document]:
        """The documents of all inputs, with the labels and tokens that were asked for, and with `places` where
        everything stands in its file; under a progress bar, unless `quiet`.
        """
        from itertools import islice

        from ..finding import find_inputs
        from ..inputs import check_asked, read_all

        found = find_inputs(inputs, format=self.format, report=report)
        options = replace(self.options, places=places)
        with progress(quiet=quiet) as watch:
            yield from islice(read_all(found, options, report, self.changes, watch), self.limit)
        check_asked(self.options, self.changes, report)


def _reading(
    from_format: Annotated[
        str | None,
        option(
            "--from", **readable(), help="Format of the inputs, if their names do not tell; nerconv formats lists all."
        ),
    ] = None,
    labels: Annotated[
        str | None,
        option(metavar="LABEL,...", help="Labels of bracketed markup, or any. (default: the tagger's own)"),
    ] = None,
    profile: Annotated[
        str | None,
        option(
            **profiles(), help="How the text was tokenized: cogcomp, cogcomp-line, ptb, whitespace. (default: detected)"
        ),
    ] = None,
    repair: Annotated[
        str | None,
        option(**repairs(), help="Mend the text of markup: apostrophe, url, hyphen, or all."),
    ] = None,
    source: Annotated[
        str | None,
        option(metavar="ORIGINAL", help="The text that markup was made from: a file, a folder, or JSON Lines."),
    ] = None,
    source_field: Annotated[
        str | None, rare(metavar="NAME", help="The field of JSON Lines that holds the original.")
    ] = None,
    text_field: Annotated[
        str | None, rare(metavar="NAME", help="The field that holds the markup, where IN is JSON Lines.")
    ] = None,
    layout: Annotated[
        str, rare(**choice("flow|sentences"), help="What comes between sentences: a space, or a new line.")
    ] = "flow",
    in_columns: Annotated[
        str | None, rare(metavar="NAME,...", help="Columns of CoNLL input. (default: found out)")
    ] = None,
    repair_tags: Annotated[
        str | None,
        rare(
            **choice("conlleval|discard"),
            help="An I- that continues nothing begins an entity, or is none. (default: an error)",
        ),
    ] = None,
    discontinuous: Annotated[
        str, rare(**choice("error|split|cover"), help="What becomes of entities in several pieces, as brat has them.")
    ] = "error",
    spans_key: Annotated[str, rare(metavar="NAME", help="Span group of a DocBin, beside its entities.")] = "sc",
    in_offset_unit: Annotated[
        str | None, rare(**choice("char|utf16"), help="What offsets in the input count. (default: found out)")
    ] = None,
    encoding: Annotated[str, option(metavar="NAME", help="Encoding of the inputs.")] = "utf-8",
) -> tuple[str | None, ReadOptions]:
    from ..errors import UsageError
    from ..originals import Originals

    if repair and (source or source_field):
        raise UsageError("--repair changes the text, and --source keeps it", "leave one of the two off")
    return from_format, ReadOptions(
        encoding=encoding,
        labels=split(labels),
        profile=profile,
        repairs=split(repair) or (),
        layout=one_of("--layout", layout, ("flow", "sentences")),
        columns=split(in_columns),
        originals=Originals(source, source_field, encoding) if source or source_field else None,
        text_field=text_field,
        repair_tags=one_of("--repair-tags", repair_tags, (None, "conlleval", "discard")),
        offset_unit=one_of("--in-offset-unit", in_offset_unit, (None, "char", "utf16")),
        discontinuous=one_of("--discontinuous", discontinuous, ("error", "split", "cover")),
        spans_key=spans_key,
    )


def _selection(
    label_map: Annotated[
        str | None,
        option(
            "--map", metavar="FILE|A=B,...", help="New names for labels; or ontonotes-to-conll, conll-to-ontonotes."
        ),
    ] = None,
    keep: Annotated[str | None, option(metavar="LABEL,...", help="Keep these labels alone.")] = None,
    drop: Annotated[str | None, option(metavar="LABEL,...", help="Leave these labels out.")] = None,
    limit: Annotated[int | None, option(min=0, metavar="N", help="Stop after N documents.")] = None,
) -> tuple[Changes, int | None]:
    from ..labels import read_map

    return Changes(labels=read_map(label_map) if label_map else {}, keep=split(keep), drop=split(drop)), limit


def _fitting(
    on_misaligned: Annotated[
        str,
        fitting(
            **choice("report|drop|expand|contract|error", "HOW"),
            help="What becomes of entities that do not begin and end with a token: report, drop, expand, contract, "
            "error.",
        ),
    ] = "report",
    on_overlap: Annotated[
        str,
        fitting(
            **choice("error|longest|first|keep", "HOW"),
            help="What becomes of entities that overlap, in a flat format: error, longest, first, keep.",
        ),
    ] = "error",
    tokenizer: Annotated[
        str | None, fitting(metavar="LANG|PIPELINE", help="Tokens for documents that have none.")
    ] = None,
) -> dict[str, Any]:
    return {
        "on_misaligned": one_of("--on-misaligned", on_misaligned, ("report", "drop", "expand", "contract", "error")),
        "on_overlap": one_of("--on-overlap", on_overlap, ("error", "longest", "first", "keep")),
        "tokenizer": tokenizer,
    }


def _writing(
    columns: Annotated[
        str, fitting(metavar="NAME,...", help="Columns of CoNLL output: word, space, ner.")
    ] = "word,ner",
    comments: Annotated[bool, fitting("--comments", help="Ids in CoNLL output, as lines # id = ID.")] = False,
    tokens: Annotated[bool, fitting("--tokens/--no-tokens", help="Tokens in JSONL output.")] = True,
    lang: Annotated[str, fitting(metavar="CODE", help="Language of the DocBin's vocabulary.")] = "en",
    offset_unit: Annotated[
        str | None, fitting(**choice("char|utf16"), help="What offsets in the output count. (default: the format's)")
    ] = None,
) -> WriteOptions:
    return WriteOptions(
        columns=split(columns) or (),
        comments=comments,
        lang=lang,
        tokens=tokens,
        offset_unit=one_of("--offset-unit", offset_unit, (None, "char", "utf16")),
    )


def reads(
    command: Callable[..., None], *, selects: bool = True, fits: bool = False, writes: bool = False
) -> Callable[..., None]:
    """The command with the options about reading, which it is given as `reading`; errors become messages.

    With `selects` also those that rename labels, keep or drop them, and stop after some documents; with `fits` those
    that put entities on tokens; with `writes` those that say how documents are written.
    """
    ways: list[tuple[Callable[..., Any], bool]]
    ways = [(_reading, True), (_selection, selects), (_fitting, fits), (_writing, writes)]
    taken = {way: inspect.signature(way, eval_str=True).parameters for way, wanted in ways if wanted}
    own = inspect.signature(command, eval_str=True).parameters
    parameters = [p for name, p in own.items() if name != "reading"]
    parameters += [p for group in taken.values() for p in group.values()]

    @wraps(command)
    def run(**given: Any) -> None:
        with errors():
            made = {way: way(**{name: given.pop(name) for name in group}) for way, group in taken.items()}
            format, options = made[_reading]
            changes, limit = made.get(_selection, (Changes(), None))
            changes = replace(changes, **made.get(_fitting, {}))
            writing = replace(made.get(_writing, WriteOptions()), spans_key=options.spans_key)
            command(reading=Reading(format, options, changes, limit, writing), **given)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer asks for it
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run
