"""The balance of a conversion: what went in, what came out, and each thing that did not make it.

A loss is never silent. With a `Report` it is written down and the work goes on; where a function is given
none, the first loss is raised as a `DataError`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from .document import Document, Span
from .errors import DataError, Place

Kind = Literal["document", "token", "span", "field"]


@dataclass(frozen=True)
class Loss:
    """Something that was read and will not be written: its kind, place, text, and why; `count` of them."""

    kind: Kind
    place: str
    text: str
    reason: str
    count: int = 1


@dataclass(frozen=True)
class Repair:
    """A change that was made to the data on the way, by name."""

    name: str
    place: str
    text: str


@dataclass
class Count:
    """Documents, tokens and spans, and the spans of each label."""

    documents: int = 0
    tokens: int = 0
    spans: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    def add(self, document: Document) -> None:
        """Count one document more."""
        self.documents += 1
        self.tokens += 0 if document.tokens is None else len(document.tokens)
        for span in document.spans:
            self.add_span(span)

    def add_span(self, span: Span) -> None:
        """Count one entity more."""
        self.spans += 1
        self.labels[span.label] += 1

    def lose(self, loss: Loss, label: str | None) -> None:
        """Take out again what a loss says was not written."""
        if loss.kind == "span":
            self.spans -= loss.count
            if label is not None:
                self.labels[label] -= loss.count
        elif loss.kind == "token":
            self.tokens -= loss.count
        elif loss.kind == "document":
            self.documents -= loss.count

    def as_dict(self) -> dict[str, Any]:
        """The counts as JSON has them, labels by name, those without spans left out."""
        labels = {label: n for label, n in sorted(self.labels.items()) if n}
        return {"documents": self.documents, "tokens": self.tokens, "spans": self.spans, "labels": labels}


@dataclass
class Report:
    """Everything a person must know of a conversion that is over.

    With `keep_going` a document that cannot be read or written is a loss, and no error. With `raises` the first loss
    is an error: that is the report that is used where a caller gives none. `formats`: those that were read.
    """

    read: Count = field(default_factory=Count)
    written: dict[str, Count] = field(default_factory=dict)
    lost: list[Loss] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    formats: set[str] = field(default_factory=set, compare=False)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    keep_going: bool = False
    raises: bool = False
    failures: list[DataError] = field(default_factory=list)

    def fail(self, error: DataError, output: str | None = None) -> None:
        """A document cannot be read or written: with `keep_going` that is a loss, else the error is raised."""
        if not self.keep_going:
            raise error
        self.failures.append(error)
        self.lose("document", error.place, "", error.what, output=output)

    def lose(
        self,
        kind: Kind,
        place: Place | str | None,
        text: str,
        reason: str,
        *,
        count: int = 1,
        label: str | None = None,
        output: str | None = None,
        by_nature: bool = False,
    ) -> None:
        """Write a loss down.

        A reader's loss counts as read: `label` is what a lost span bore. A writer names its `output`,
        and what was lost there is taken from what that output holds. `by_nature`: that output never holds any of these,
        and whoever chose it knew; so it is no error even where losses are.
        """
        if self.raises and not by_nature:
            at = place if isinstance(place, Place) or place is None else Place(place)
            raise DataError(f"lost {kind} {text!r}: {reason}", "give a report to go on without it", at)
        where = "" if place is None else str(place)
        loss = Loss(kind, where, text, reason if output is None else f"{output}: {reason}", count)
        self.lost.append(loss)
        if output is not None:
            self.written[output].lose(loss, label)
        elif kind == "span":
            self.read.spans += count
            if label is not None:
                self.read.labels[label] += count
        elif kind == "token":
            self.read.tokens += count
        elif kind == "document":
            self.read.documents += count

    def repair_counts(self) -> dict[str, int]:
        """How often each repair was made; where all of a name read the same, that is told too."""
        texts: dict[str, set[str]] = {}
        for repair in self.repairs:
            texts.setdefault(repair.name, set()).add(repair.text)
        names = {name: f"{name}: {next(iter(found))}" if len(found) == 1 else name for name, found in texts.items()}
        return dict(Counter(names[repair.name] for repair in self.repairs))

    def as_dict(self) -> dict[str, Any]:
        """The report as ``--report`` writes it."""
        return {
            "in": self.read.as_dict(),
            "out": {name: count.as_dict() for name, count in self.written.items()},
            "lost": [asdict(loss) for loss in self.lost],
            "repairs": [asdict(repair) for repair in self.repairs],
            "skipped": [{"path": path, "reason": reason} for path, reason in self.skipped],
        }
