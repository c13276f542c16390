"""The commands that make training data: a fair split, and all that it takes to train a tagger."""

from __future__ import annotations

import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from .completion import choice, findings, writable
from .reading import Inputs, Reading, reads
from .terminal import one_of, print_balance, print_json, room_of, say, say_text, split_all, working
from .terminal import split as items

Out = Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="The folder to write to.")]
Ratios = Annotated[str, typer.Option(metavar="N,N,N", help="The shares of train, dev and test.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Another seed is another split.")]
GroupBy = Annotated[str | None, typer.Option(metavar="FIELD", help="Keep documents together that have this in common.")]
SplitBy = Annotated[str, typer.Option(**choice("document|sentence"), help="What is divided. By sentence, parts leak.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No tables, no progress.")]


@partial(reads, fits=True, writes=True)
def split(
    reading: Reading,
    inputs: Inputs,
    out: Out,
    ratios: Ratios = "80,10,10",
    seed: Seed = 0,
    folds: Annotated[
        int | None, typer.Option(min=2, metavar="K", help="K folds instead, each with its own train and test.")
    ] = None,
    group_by: GroupBy = None,
    split_by: SplitBy = "document",
    to: Annotated[
        str | None, typer.Option("--to", **writable(), help="Formats to write. (default: that of the inputs)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print which document is in which part, as JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Anything lost is an error; nothing is written.")] = False,
    quiet: Quiet = False,
) -> None:
    """Divide documents into train, dev and test, by label and with near duplicates on one side.

    Example: nerconv split data/cables -o parts --split-by sentence --to jsonl
    """
    from ..balance import Report
    from ..errors import counted
    from ..pipeline import write_parts
    from ..sentences import by_sentence
    from ..training.split import LEAKING, missed, read_ratios, shares, training_sets
    from ..training.split import folds as divide
    from ..training.split import split as run

    balance = Report()
    whole = list(reading.documents(inputs, balance, quiet=quiet))
    if one_of("--split-by", split_by, ("document", "sentence")) == "sentence":
        whole = [piece for document in whole for piece in by_sentence(document)]
    wanted = {} if folds else read_ratios(ratios)
    with working(f"dividing {counted(len(whole), 'document')}", quiet=quiet):
        if folds:
            parts = training_sets(divide(whole, folds, seed=seed, group_by=group_by))
        else:
            parts = run(whole, wanted, seed=seed, group_by=group_by)
        write_parts(
            parts,
            out,
            to=items(to),
            options=reading.writing,
            changes=reading.changes,
            strict=strict,
            report=balance,
        )
    if as_json:
        print_json({name: [document.id for document in found] for name, found in parts.items()})
    if not quiet:
        print_balance(balance)
        say("")
        shown = {name: found for name, found in parts.items() if not folds or name.endswith("/test")}
        say_text(shares(shown).as_text(room_of(sys.stderr)))
        if not folds and (line := missed(parts, wanted)):
            say(line)
        if split_by == "sentence":
            say(LEAKING)


@partial(reads, fits=True)
def prepare(
    reading: Reading,
    inputs: Inputs,
    out: Out,
    ratios: Ratios = "80,10,10",
    seed: Seed = 0,
    group_by: GroupBy = None,
    split_by: SplitBy = "document",
    lang: Annotated[str, typer.Option(metavar="CODE", help="The language of the texts, and of the pipeline.")] = "en",
    ignore: Annotated[
        list[str] | None, typer.Option(**findings(), help="Findings that are not wanted, as in check.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Make a folder that spacy train takes as it is: parts, config, labels, and all doubts about the data on a page.

    Example: nerconv prepare data/cables -o project --split-by sentence
    """
    from ..balance import Report
    from ..errors import counted
    from ..training.prepare import prepare as run
    from ..training.split import LEAKING, missed, read_ratios, shares

    balance = Report()
    is_by_sentence = one_of("--split-by", split_by, ("document", "sentence")) == "sentence"
    documents = list(reading.documents(inputs, balance, places=True, quiet=quiet))
    wanted = read_ratios(ratios, needed=("train", "dev"))
    with working(f"preparing {counted(len(documents), 'document')}", quiet=quiet):
        made = run(
            documents,
            out,
            ratios=wanted,
            seed=seed,
            group_by=group_by,
            is_by_sentence=is_by_sentence,
            lang=lang,
            ignore=split_all(ignore),
            changes=reading.changes,
            report=balance,
        )
    if quiet:
        return
    print_balance(balance)
    say("")
    say_text(shares(made.parts).as_text(room_of(sys.stderr)))
    if line := missed(made.parts, wanted):
        say(line)
    if is_by_sentence:
        say(LEAKING)
    severities = Counter(finding.severity for finding in made.findings)
    counts = [counted(n, severity) for severity, n in severities.items()]
    say(f"found: {', '.join(counts) or 'nothing'}; {out / 'README.md'} tells of all")
    for line in made.unmet:
        say(f"too little: {line}")
    say("next:")
    for command in made.commands:
        say(f"  {command}")
