"""The balance of a conversion: what went in, what came out, and each thing that did not make it.

A loss is never silent. With a `Report` it is written down and the work goes on; where a function is given
none, the first loss is raised as a `DataError`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from .document import Document, Span
from .errors import DataError, Place
from .ledger import Ledger

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


def alike(losses: Iterable[Loss]) -> list[tuple[Loss, int]]:
    """Losses as a person is told of them, each with the number of its places: entities and documents one by one, fields
    of one name and tokens that are lost for one reason all at once, with the first place.
    """
    found: dict[object, tuple[Loss, int]] = {}
    for number, loss in enumerate(losses):
        is_one = loss.kind in ("span", "document")
        key = number if is_one else (loss.kind, loss.reason, loss.text if loss.kind == "field" else "")
        first, places = found.get(key, (loss, 0))
        if places:
            first = replace(first, text=loss.text if loss.kind == "field" else "", count=first.count + loss.count)
        found[key] = first, places + 1
    return list(found.values())


LABEL_DROPPED = "label dropped"
"""The repair that leaves out an entity, as was asked for by its label."""
RESPACED = "spacing"
"""The repair that makes a text of words of which no white space is known."""
FEW = 3
"""How many texts of a repair are told one by one."""


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
        self.spans += len(document.spans)
        self.labels.update(map(itemgetter(2), document.spans))

    def add_span(self, span: Span) -> None:
        """Count one entity more."""
        self.spans += 1
        self.labels[span.label] += 1

    @classmethod
    def of_dict(cls, counts: Mapping[str, Any]) -> Count:
        """The counts of which `as_dict` made this."""
        return cls(counts["documents"], counts["tokens"], counts["spans"], Counter(counts["labels"]))

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

    def merge(self, other: Count) -> None:
        """Count all that another has counted."""
        self.documents += other.documents
        self.tokens += other.tokens
        self.spans += other.spans
        self.labels.update(other.labels)

    def as_dict(self) -> dict[str, Any]:
        """The counts as JSON has them, labels by name, those without spans left out."""
        labels = {label: n for label, n in sorted(self.labels.items()) if n}
        return {"documents": self.documents, "tokens": self.tokens, "spans": self.spans, "labels": labels}


@dataclass
class Report:
    """Everything a person must know of a conversion that is over.

    With `keep_going` a document that cannot be read or written is a loss, and no error. With `raises` the first loss
    is an error: that is the report that is used where a caller gives none. `formats`: those that were read; `files`:
    those that were written; `notes`: what else there is to say of the run, a line each.
    """

    read: Count = field(default_factory=Count)
    written: dict[str, Count] = field(default_factory=dict)
    lost: Ledger[Loss] = field(default_factory=partial(Ledger, Loss))
    repairs: Ledger[Repair] = field(default_factory=partial(Ledger, Repair))
    formats: set[str] = field(default_factory=set, compare=False)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    keep_going: bool = False
    raises: bool = False
    failures: list[DataError] = field(default_factory=list)
    files: list[Path] = field(default_factory=list, compare=False)
    notes: list[str] = field(default_factory=list, compare=False)

    def fail(self, error: DataError, output: str | None = None) -> None:
        """A document cannot be read or written: with `keep_going` that is a loss, else the error is raised."""
        if not self.keep_going:
            raise error
        error.__traceback__ = error.__context__ = None  # they hold all that there was when it was raised
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
        and whoever chose it knew; so it is no error with `raises`. For `refuse_losses` (``--strict``) it is one still.
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

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """A block in which outputs are written: after an error in it nothing has been."""
        try:
            yield
        except BaseException:
            self.written.clear()
            raise

    def refuse_losses(self) -> None:
        """Raise the first loss, if there is one, of whatever nature, as a `DataError`."""
        if self.lost:
            loss = self.lost[0]
            more = f", and {len(self.lost) - 1} more" if len(self.lost) > 1 else ""
            what = f"lost {loss.kind} {loss.text!r}: {loss.reason}{more}"
            place = Place(loss.place) if loss.place else None
            raise DataError(what, "nothing was written; without --strict it would have been", place)

    def repair_counts(self) -> dict[str, int]:
        """How often each repair was made: by name and text where there are few texts, else by name. Each label that was
        dropped is told.
        """
        counts: Counter[str] = Counter()
        texts: dict[str, Counter[str]] = {}
        for repair in self.repairs:
            counts[repair.name] += 1
            own = texts.setdefault(repair.name, Counter())
            if len(own) <= FEW or repair.name == LABEL_DROPPED:
                own[repair.text] += 1
        found: dict[str, int] = {}
        for name, own in texts.items():
            is_each = len(own) <= FEW or name == LABEL_DROPPED
            found |= {f"{name}: {text}": n for text, n in own.items()} if is_each else {name: counts[name]}
        return found

    def take(self) -> Report:
        """All that has been told so far, in a report of its own; this one begins anew."""
        taken = Report(keep_going=self.keep_going, raises=self.raises)
        for name in (item.name for item in fields(Report)):
            mine = getattr(self, name)
            if not isinstance(mine, bool):
                setattr(self, name, getattr(taken, name))
                setattr(taken, name, mine)
        return taken

    def merge(self, other: Report) -> None:
        """Add all that another report tells, but for files and notes, which are the run's."""
        self.read.merge(other.read)
        for name, count in other.written.items():
            self.written.setdefault(name, Count()).merge(count)
        self.lost.extend(other.lost)
        self.repairs.extend(other.repairs)
        self.formats |= other.formats
        self.skipped += other.skipped
        self.failures += other.failures

    def sections(self) -> dict[str, Any]:
        """The report as ``--report`` writes it, but for the ledgers in it, which may be longer than memory holds."""
        return {
            "in": self.read.as_dict(),
            "out": {name: count.as_dict() for name, count in self.written.items()},
            "lost": self.lost,
            "repairs": self.repairs,
            "skipped": [{"path": path, "reason": reason} for path, reason in self.skipped],
        }

    def as_dict(self) -> dict[str, Any]:
        """The report as ``--report`` writes it."""
        return {
            name: [vars(entry) for entry in value] if isinstance(value, Ledger) else value
            for name, value in self.sections().items()
        }

    def as_record(self) -> dict[str, Any]:
        """All of the report as JSON has it, for `of_record`."""
        failures = [(error.what, error.todo, error.place) for error in self.failures]
        return {**self.as_dict(), "formats": sorted(self.formats), "failures": failures}

    @classmethod
    def of_record(cls, record: Mapping[str, Any], *, keep_going: bool = False) -> Report:
        """The report of which `as_record` made this. Raises `KeyError`, `TypeError` or `ValueError` for others."""
        return cls(
            read=Count.of_dict(record["in"]),
            written={name: Count.of_dict(count) for name, count in record["out"].items()},
            lost=Ledger(Loss, (Loss(**entry) for entry in record["lost"])),
            repairs=Ledger(Repair, (Repair(**entry) for entry in record["repairs"])),
            formats=set(record["formats"]),
            skipped=[(entry["path"], entry["reason"]) for entry in record["skipped"]],
            keep_going=keep_going,
            failures=[DataError(what, todo, place and Place(*place)) for what, todo, place in record["failures"]],
        )
