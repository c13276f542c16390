"""Evaluations and agreements as text: tables for the terminal, and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from ..tables import Table
from .agreement import MEASURES, Agreement
from .evaluation import Evaluation, System
from .matching import SCHEMAS
from .scores import NUMBERS, Average, Derived, Interval, Score, SemEval

UNDEFINED = "undefined"


def tables(evaluation: Evaluation) -> Iterator[Table]:
    """The tables of an evaluation."""
    for system in evaluation.systems:
        yield from _of_system(system)
    if evaluation.comparisons:
        table = Table("Compared, by micro F1", ["", "", "difference", "p"])
        for a, b, _, difference, p in evaluation.comparisons:
            shown = UNDEFINED if difference is None else f"{100 * difference:+.2f}"
            table.rows.append([a, f"to {b}", shown, "" if p is None else f"{p:.4f}"])
        yield table


def _of_system(system: System) -> Iterator[Table]:
    undefined = NUMBERS[system.settings.undefined]

    def percents(score: Derived) -> list[str]:
        values = (undefined if value is None else value for value in (score.precision, score.recall, score.f1))
        return [UNDEFINED if value is None else f"{100 * value:.2f}" for value in values]

    bars = system.intervals
    head = ["", "precision", "recall", "F1", *(["95% of F1"] if bars else []), "tp", "fp", "fn", "gold"]

    def row(name: str, score: Score | Average, interval: Interval | None) -> list[str]:
        bar = ["" if interval is None else f"{100 * interval[0]:.1f}-{100 * interval[1]:.1f}"] if bars else []
        counts = (
            [f"{n:,}" for n in (score.tp, score.fp, score.fn, score.support)] if isinstance(score, Score) else [""] * 4
        )
        return [name, *percents(score), *bar, *counts]

    table = Table(system.name, head)
    for label, score in system.labels.items():
        table.rows.append(row(label, score, bars.get(("label", label))))
    for name in ("micro", "macro", "weighted"):
        table.rows.append(row(name, getattr(system, name), bars.get((name, None))))
    table.rows.append(row("boundary", system.boundary, bars.get(("boundary", None))))
    if system.token is not None:
        table.rows.append(row("token", system.token, bars.get(("token", None))))
    yield table

    table = Table("SemEval-2013", ["", "precision", "recall", "F1", *(name[:3].upper() for name in SemEval._fields)])
    table.rows += [
        [name, *percents(system.semeval[name]), *(f"{n:,}" for n in system.semeval[name])] for name in SCHEMAS
    ]
    yield table

    errors = system.kinds()
    if any(errors.values()):
        table = Table("Errors", list(errors))
        table.rows.append([f"{n:,}" for n in errors.values()])
        yield table
        yield _confusion(system)
    for name, title in (
        ("seen", "By seen and unseen mention"),
        ("length", "By length in words"),
        ("frequency", "By frequency"),
    ):
        if groups := system.by.get(name):
            table = Table(title, head)
            for group, counts in groups.items():
                table.rows.append(row(str(group), Score(*counts.sum(0).tolist()), bars.get((name, group))))
            yield table


def _confusion(system: System) -> Table:
    found = system.confusion
    columns = sorted({theirs for row in found.values() for theirs in row if theirs})
    table = Table("Confusion: gold down, predicted across", ["", *columns, "missed"])
    for ours in [*sorted(name for name in found if name), ""]:
        if ours in found:
            cells = [f"{found[ours].get(theirs, 0):,}" for theirs in (*columns, "")]
            table.rows.append([ours or "spurious", *(cell if cell != "0" else "" for cell in cells)])
    return table


def as_text(evaluation: Evaluation, room: int = 0) -> str:
    """The tables for a terminal, in plain text; `room` is how many columns that has, 0 for any number."""
    parts = [f"{evaluation.signature}\ndocuments are paired by {evaluation.corpus.pairing}"]
    return "\n\n".join([*parts, *(table.as_text(room) for table in tables(evaluation))]) + "\n"


def as_markdown(evaluation: Evaluation) -> str:
    """The tables in Markdown."""
    parts = [f"`{evaluation.signature}`, documents paired by {evaluation.corpus.pairing}"]
    return "\n\n".join([*parts, *(table.as_markdown() for table in tables(evaluation))]) + "\n"


def _tables_of(agreement: Agreement) -> Iterator[Table]:
    """The tables of an agreement."""
    names = {id(pair): f"{pair.a} - {pair.b}" for pair in agreement.pairs}
    table = Table("Pairs", ["", "docs", "tokens", "F1", "boundary F1", "kappa", "kappa of annotated"])
    for pair in agreement.pairs:
        measures = [_shown(getattr(pair, name), name) for name in MEASURES]
        table.rows.append([names[id(pair)], f"{pair.documents:,}", f"{pair.tokens:,}", *measures])
    if len(agreement.pairs) > 1:
        table.rows.append(["mean", "", "", *(_shown(value, name) for name, value in agreement.means.items())])
    yield table
    if agreement.corpus.labels:
        title = "Labels, mean of pairs, and how many entities" if len(agreement.pairs) > 1 else "Labels"
        table = Table(title, ["", "F1", "kappa", *agreement.names])
        for (label, values), numbers in zip(agreement.labels.items(), agreement.counts.values(), strict=True):
            shown = [_shown(value, name) for name, value in values.items()]
            table.rows.append([label, *shown, *(f"{number:,}" for number in numbers)])
        yield table
    if any(any(pair.kinds().values()) for pair in agreement.pairs):
        table = Table("Disagreements", ["", "label", "boundary", "both", "only first", "only second"])
        for pair in agreement.pairs:
            table.rows.append([names[id(pair)], *(f"{number:,}" for number in pair.kinds().values())])
        yield table


def _shown(value: float | None, name: str = "") -> str:
    """A number for the terminal: F1 in percent, as scores of taggers are."""
    if value is None:
        return UNDEFINED
    return f"{100 * value:.2f}" if name.endswith("f1") else f"{value:.4f}"


def agreement_as_text(agreement: Agreement, room: int = 0) -> str:
    """The tables of an agreement for a terminal, in plain text; `room` is how many columns it has, 0 for any number."""
    compared, alone = len(agreement.corpus.ids), sum(agreement.alone)
    few = f", {alone:,} of one annotator alone {'is' if alone == 1 else 'are'} not" if alone else ""
    sources = agreement.token_sources
    tokens = [f"{name} ({number:,})" if len(sources) > 1 else name for name, number in sources.items()]
    parts = [
        f"{agreement.signature}\n"
        f"documents are paired by {agreement.corpus.pairing}: {compared:,} {'is' if compared == 1 else 'are'} "
        f"compared{few}; tokens are {', '.join(tokens)}"
    ]
    parts += [table.as_text(room) for table in _tables_of(agreement)]
    parts.append(f"Krippendorff's alpha, nominal, on tokens, of all annotators: {_shown(agreement.alpha)}")
    return "\n\n".join(parts) + "\n"
