"""The command that looks for what is doubtful in annotated data."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from ..visible import on_one_line, shown
from .completion import findings
from .reading import Inputs, Reading, reads
from .terminal import print_json, print_table, say_losses, split_all, tell, working

if TYPE_CHECKING:
    from ..check import Finding
    from ..document import Document


@reads
def check(
    reading: Reading,
    inputs: Inputs,
    ignore: Annotated[
        list[str] | None, typer.Option(**findings(), help="Findings that are not wanted; may be given again.")
    ] = None,
    lang: Annotated[str, typer.Option(metavar="CODE", help="The language of the texts.")] = "en",
    tokenizer: Annotated[
        str | None, typer.Option(metavar="LANG|PIPELINE", help="Whose tokens entities must fit. (default: --lang)")
    ] = None,
    parts: Annotated[bool, typer.Option("--parts", help="Each IN is a part of a split, whatever its name.")] = False,
    show: Annotated[int, typer.Option(min=0, metavar="N", help="How many findings of a name to list.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print all findings as JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are errors: exit with 1.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress bar, no losses.")] = False,
) -> None:
    """Look for what is doubtful: entities of a wrong form, annotations that contradict each other, texts that come
    twice, splits that leak.

    Example: nerconv check data/cables
    """
    from ..balance import Report
    from ..check import check as run
    from ..check.parts import parts_of
    from ..errors import counted

    report = Report()
    documents = list(reading.documents(inputs, report, places=True, quiet=quiet))
    with working(f"looking for what is doubtful in {counted(len(documents), 'document')}", quiet=quiet):
        found = run(
            documents,
            parts=parts_of(documents, inputs, is_each=parts),
            lang=lang,
            tokenizer=tokenizer,
            ignore=split_all(ignore),
        )
    if as_json:
        print_json([finding.as_dict() for finding in found])
    else:
        _print(found, show, documents)
    if not quiet:
        say_losses(report)
    if any(finding.severity == "error" or (strict and finding.severity == "warning") for finding in found):
        raise typer.Exit(1)


def _print(found: list[Finding], most: int, documents: list[Document]) -> None:
    """The findings a line each, in the order of their places, and how many there are of each name."""
    from ..errors import counted

    told: Counter[str] = Counter()
    for finding in found:
        told[finding.name] += 1
        if told[finding.name] <= most:
            tell(on_one_line(str(finding)))
            if finding.span is not None:
                tell(f"    {shown(finding.context, 160)}")
    rows = [("", "finding", "", "")]
    from ..check import KINDS

    for name, kind in KINDS.items():
        if n := told[name]:
            rest = f"{n - most:,} not shown: --show N, --json" if n > most else ""
            rows.append((kind.severity, name, f"{n:,}", rest))
    if len(rows) > 1:
        tell("")
        print_table(rows[1:])
    else:
        entities = sum(len(document.spans) for document in documents)
        what = f"{entities:,} {'entity' if entities == 1 else 'entities'}"
        tell(f"nothing found in {counted(len(documents), 'document')} with {what}")
