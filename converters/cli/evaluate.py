"""The commands that compare: taggers with gold annotations, and annotators with each other."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from .completion import choice, readable
from .reading import Reading, reads
from .terminal import one_of, print_json, room_of, say, say_losses, say_written, tell, working


@partial(reads, selects=False)
def evaluate(
    reading: Reading,
    gold: Annotated[str, typer.Argument(metavar="GOLD", help="The gold annotations: a file, a folder, a pattern.")],
    predicted: Annotated[
        list[str] | None, typer.Argument(metavar="PRED", help="The same texts as each tagger annotates them.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(metavar="PIPELINE", help="A spaCy pipeline to run over the gold texts.")
    ] = None,
    predicted_format: Annotated[
        str | None, typer.Option("--pred-from", **readable(), help="Format of PRED. (default: that of --from)")
    ] = None,
    label_map: Annotated[
        str | None,
        typer.Option(
            "--map", metavar="FILE|A=B,...", help="New names for labels; or ontonotes-to-conll, conll-to-ontonotes."
        ),
    ] = None,
    train: Annotated[
        str | None, typer.Option(metavar="FILE", help="Training data, for scores by seen and unseen mention.")
    ] = None,
    bootstrap: Annotated[int, typer.Option(min=0, metavar="N", help="Samples for intervals and p-values.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the samples.")] = 0,
    undefined: Annotated[
        str, typer.Option(**choice("omit|zero|one"), help="What a score without a value counts.")
    ] = "omit",
    conlleval: Annotated[bool, typer.Option("--conlleval", help="Print the conlleval script's report.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables in Markdown.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page to look at it all.")] = None,
    errors: Annotated[bool, typer.Option("--errors", help="List every error after the tables.")] = False,
) -> None:
    """Score taggers on gold annotations: how good they are, how sure that is, and where they go wrong.

    Example: nerconv evaluate data/cables data/cables
    """
    from ..balance import Report
    from ..errors import UsageError
    from ..evaluation.tables import as_markdown, as_text
    from ..labels import read_map
    from ..scoring import score

    if not predicted and not model:
        raise UsageError("nothing to evaluate", "name files of predictions, or a pipeline with --model")
    if sum((conlleval, as_json, markdown)) > 1:
        raise UsageError("--conlleval, --json and --markdown exclude each other", "choose one")
    balance = Report()
    with working("evaluating"):
        result = score(
            gold,
            predicted or [],
            models=model or [],
            formats=(reading.format, predicted_format or reading.format),
            options=reading.options,
            names=read_map(label_map) if label_map else {},
            notes=(f"map {label_map}",) if label_map else (),
            train=train,
            samples=bootstrap,
            seed=seed,
            undefined=one_of("--undefined", undefined, ("omit", "zero", "one")),
            report=balance,
        )
        found = result.evaluation
        if html:
            result.write_page(html)
            balance.files.append(html)
        if conlleval:
            shown: Any = "".join(found.conlleval(number) for number in range(len(found.systems)))
        elif as_json:
            shown = found.as_dict()
        else:
            shown = as_markdown(found) if markdown else as_text(found, room_of(sys.stdout))
    if as_json:
        print_json(shown)
    else:
        tell(shown, end="")
    if errors:
        for line in result.errors():
            (say if as_json or conlleval else tell)(line)  # what reads those would stumble over it
    say_written(balance)
    say_losses(balance)


@reads
def agree(
    reading: Reading,
    annotators: Annotated[
        list[str], typer.Argument(metavar="IN", help="Two or more: the same texts as each annotator has them.")
    ],
    tokenizer: Annotated[
        str | None, typer.Option(metavar="LANG|PIPELINE", help="Tokens for documents that have none. (default: words)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    disagreements: Annotated[
        bool, typer.Option("--disagreements", help="List every disagreement after the tables.")
    ] = False,
) -> None:
    """Tell how far annotators agree: F1 of their entities, Cohen's kappa and Krippendorff's alpha of their tokens.

    Example: nerconv agree data/cables data/cables
    """
    from ..balance import Report
    from ..errors import UsageError
    from ..evaluation.agreement import agree as run
    from ..evaluation.tables import agreement_as_text
    from ..scoring import own_names

    if len(annotators) < 2:
        raise UsageError("agreement is between two annotators or more", "name the annotations of each")
    balance = Report()
    places = as_json or disagreements
    sides = {
        name: list(reading.documents([path], balance, places=places))
        for name, path in zip(own_names(annotators), annotators, strict=True)
    }
    with working("comparing"):
        result = run(sides, tokenizer=tokenizer)
        shown: Any = result.as_dict() if as_json else agreement_as_text(result, room_of(sys.stdout))
    if as_json:
        print_json(shown)
    else:
        tell(shown, end="")
    for line in result.lines() if disagreements else ():
        (say if as_json else tell)(line)  # what reads that would stumble over it
    say_losses(balance)
