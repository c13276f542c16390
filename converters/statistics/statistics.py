"""What is in a corpus: how much of everything, how it is distributed, and which mentions bear which labels.

Documents are taken one at a time and none is kept. What is kept are counts (of mentions, by label, and of lengths), and
all else is derived from them, so the order of the documents makes no difference.

A *mention* is the text of an entity with its white space normalised, of a very long one its two ends; upper and lower
case differ. An entity's length in tokens is the number of tokens that it shares a character with, so one that does not
begin and end with a token has a length too. What is said of tokens is said of the documents that have tokens, what is
said of sentences of those whose sentences are marked. A share of nothing, a mean of nothing and a number that nobody
knows are None.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import nsmallest
from typing import Any, NamedTuple

from ..document import Document, normalised, quoted
from ..errors import counted
from ..tables import Table
from ..visible import shown

TOP = 10
"""How many of the most frequent mentions are told, unless a caller asks for others."""
BINS = 20
"""The most bins that a distribution is put into, besides one for its tail."""
UNKNOWN = "unknown"
LABEL_WIDTH = 24
"""Characters of a label that a table shows."""


class Bin(NamedTuple):
    """The values from `first` to `last`, both included, and how many there are."""

    first: int
    last: int
    size: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


class Distribution(Counter[int]):
    """How often each value occurs. Values are whole numbers, and none is negative."""

    @property
    def sum(self) -> int:
        """All values together."""
        return sum(value * count for value, count in self.items())

    @property
    def mean(self) -> float | None:
        """The arithmetic mean, None where there are no values."""
        return self.sum / self.total() if self else None

    @property
    def median(self) -> float | None:
        """The value in the middle, or half way between the two there; None where there are no values."""
        size = self.total()
        return (self.ranked((size - 1) // 2) + self.ranked(size // 2)) / 2 if size else None

    def ranked(self, rank: int) -> int:
        """The value at a place of their ascending order, from 0. Raises `IndexError` where there is none."""
        for value in sorted(self):
            rank -= self[value]
            if rank < 0:
                return value
        raise IndexError("there are not so many values")

    def bins(self, most: int = BINS) -> list[Bin]:
        """The values in no more than `most` bins of one width (1, 2 or 5 times a power of ten), in ascending order.

        Where a hundredth of the values or less would make the bins wider, these go into one more bin at the end.
        """
        if not self:
            return []
        low, high = min(self), max(self)
        if high - low >= most:
            tail = self.ranked((self.total() * 99 - 1) // 100)
            width = next(w for w in round_numbers() if tail // w - low // w < most)
        else:
            tail, width = high, 1
        start = low // width * width
        size = (tail - start) // width + 1
        counts = [0] * (size + 1)
        for value, count in self.items():
            counts[min((value - start) // width, size)] += count
        found = [Bin(start + k * width, start + (k + 1) * width - 1, counts[k]) for k in range(size)]
        return found + ([Bin(found[-1].last + 1, high, counts[size])] if counts[size] else [])

    def as_dict(self) -> dict[str, Any]:
        """The distribution in short, as JSON has it."""
        least, most = (min(self), max(self)) if self else (None, None)
        return {"count": self.total(), "min": least, "mean": self.mean, "median": self.median, "max": most}

    def in_full(self) -> dict[str, Any]:
        """The same with how often each value occurs."""
        return self.as_dict() | {"counts": {str(value): self[value] for value in sorted(self)}}


def round_numbers() -> Iterator[int]:
    """1, 2 and 5, and these times the powers of ten."""
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


class Mention(NamedTuple):
    """A mention, how many entities read so, and how many of them bear each label, the most frequent first."""

    text: str
    spans: int
    labels: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """The mention as JSON has it."""
        return {"mention": self.text, "spans": self.spans, "labels": dict(self.labels)}


@dataclass
class LabelStatistics:
    """The entities of one label.

    `mentions`: how many entities read so. `tokens`, `characters`: how many entities are so long; those of documents
    without tokens are in the second alone. `documents`: how many have such an entity. `inside`: how many tokens share a
    character with such an entity, each counted once.
    """

    mentions: Counter[str] = field(default_factory=Counter)
    tokens: Distribution = field(default_factory=Distribution)
    characters: Distribution = field(default_factory=Distribution)
    documents: int = 0
    inside: int = 0

    @property
    def spans(self) -> int:
        """How many entities there are."""
        return self.characters.total()

    def top(self, most: int = TOP) -> list[tuple[str, int]]:
        """The most frequent mentions and how many entities read so; the same number in the order of the texts."""
        return _most_frequent(self.mentions, most)


@dataclass(frozen=True)
class Mentions:
    """All mentions: how many entities read so (`spans`), and how many labels these bear (`labels`)."""

    spans: Counter[str]
    labels: Counter[str]
    of_label: Mapping[str, LabelStatistics]

    @cached_property
    def ambiguous(self) -> list[str]:
        """The mentions that occur with more than one label."""
        return [text for text, count in self.labels.items() if count > 1]

    @property
    def ambiguous_spans(self) -> int:
        """How many entities read like one that bears another label."""
        return sum(self.spans[text] for text in self.ambiguous)

    @property
    def labels_per_mention(self) -> float | None:
        """With how many labels a mention occurs, in the mean."""
        return _share(self.labels.total(), len(self.labels))

    def top(self, most: int = TOP) -> list[Mention]:
        """The most frequent of all."""
        return self._with_labels(_most_frequent(self.spans, most))

    def top_ambiguous(self, most: int = TOP) -> list[Mention]:
        """The most frequent of those with more than one label."""
        found = Counter({text: self.spans[text] for text in self.ambiguous})
        return self._with_labels(_most_frequent(found, most))

    def _with_labels(self, chosen: Sequence[tuple[str, int]]) -> list[Mention]:
        """These mentions, and how many of them bear each label."""
        labels: dict[str, Counter[str]] = {text: Counter() for text, _ in chosen}
        for label, of in self.of_label.items():
            for text in labels if len(labels) < len(of.mentions) else of.mentions:
                if text in labels and text in of.mentions:
                    labels[text][label] = of.mentions[text]
        return [Mention(text, self.spans[text], dict(_most_frequent(of, len(of)))) for text, of in labels.items()]


@dataclass
class Statistics:
    """The counts of a corpus.

    `characters`, `tokens`, `sentences`, `spans`: how many documents have so many of them; a document without tokens, or
    without marks of sentences, is in none of these two. `overlapping`: documents in which two entities share a
    character. `inside`: tokens that share a character with an entity, each counted once.
    """

    characters: Distribution = field(default_factory=Distribution)
    tokens: Distribution = field(default_factory=Distribution)
    sentences: Distribution = field(default_factory=Distribution)
    spans: Distribution = field(default_factory=Distribution)
    overlapping: int = 0
    inside: int = 0
    of_label: dict[str, LabelStatistics] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Statistics of {counted(self.documents, 'document')}, {counted(self.spans.sum, 'span')}>"

    def add(self, document: Document) -> None:
        """Count one document more."""
        text, tokens = document.text, document.tokens
        self.characters[len(text)] += 1
        self.spans[len(document.spans)] += 1
        self.overlapping += not document.is_flat
        if tokens is not None:
            self.tokens[len(tokens)] += 1
            if tokens.sentences is not None:
                self.sentences[len(tokens.sentences)] += 1
        reached = 0
        reached_by: dict[str, int] = {}
        for start, end, label in document.spans:  # by their starts, so each reaches from where those before it ended
            of = self.of_label.get(label)
            if of is None:
                of = self.of_label[label] = LabelStatistics()
            of.documents += label not in reached_by
            of.mentions[normalised(quoted(text, start, end))] += 1
            of.characters[end - start] += 1
            before = reached_by.get(label, 0)
            reached_by[label] = before
            if tokens is not None:
                first, stop = bisect_right(tokens.ends, start), bisect_left(tokens.starts, end)
                of.tokens[stop - first] += 1
                of.inside += max(0, stop - max(first, before))
                self.inside += max(0, stop - max(first, reached))
                reached_by[label] = max(before, stop)
                reached = max(reached, stop)

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return self.spans.total()

    def known(self, of: Distribution) -> int | None:
        """All sentences or tokens, None where no document knows of them."""
        return of.sum if of or not self.documents else None

    @property
    def labels(self) -> dict[str, LabelStatistics]:
        """The labels, the most frequent first, and those that are as frequent by name."""
        return dict(sorted(self.of_label.items(), key=lambda item: (-item[1].spans, item[0])))

    @property
    def unit(self) -> str:
        """What the lengths of entities are told in: tokens, or characters where no document has tokens."""
        return "tokens" if self.tokens else "characters"

    def lengths(self, unit: str) -> Distribution:
        """How many entities are so long, in tokens or characters."""
        found = Distribution()
        for of in self.of_label.values():
            found.update(getattr(of, unit))
        return found

    def mentions(self) -> Mentions:
        """The mentions of all labels. They are put together anew on every call."""
        spans: Counter[str] = Counter()
        labels: Counter[str] = Counter()
        for of in self.of_label.values():
            spans.update(of.mentions)
            labels.update(of.mentions.keys())
        return Mentions(spans, labels, self.of_label)

    def as_dict(self, top: int = TOP) -> dict[str, Any]:
        """The statistics as ``stats --json`` prints them, with the `top` most frequent mentions of each kind."""
        mentions, spans, tokens = self.mentions(), self.spans.sum, self.tokens.sum
        documents = self.documents
        return {
            "documents": documents,
            "without_entities": self.spans[0],
            "with_overlap": self.overlapping,
            "without_tokens": documents - self.tokens.total(),
            "without_sentences": documents - self.sentences.total(),
            "sentences": self.known(self.sentences),
            "tokens": self.known(self.tokens),
            "characters": self.characters.sum,
            "spans": spans,
            "mentions": len(mentions.spans),
            "share_of_tokens": _share(self.inside, tokens),
            "labels": {
                label: {
                    "spans": of.spans,
                    "share": _share(of.spans, spans),
                    "mentions": len(of.mentions),
                    "documents": of.documents,
                    "share_of_tokens": _share(of.inside, tokens),
                    "length": {"tokens": of.tokens.as_dict(), "characters": of.characters.as_dict()},
                    "top": [{"mention": text, "spans": count} for text, count in of.top(top)],
                }
                for label, of in self.labels.items()
            },
            "length": {unit: self.lengths(unit).in_full() for unit in ("tokens", "characters")},
            "per_document": {
                name: getattr(self, name).in_full() for name in ("sentences", "tokens", "characters", "spans")
            },
            "top": [mention.as_dict() for mention in mentions.top(top)],
            "ambiguity": {
                "mentions": len(mentions.ambiguous),
                "share_of_mentions": _share(len(mentions.ambiguous), len(mentions.spans)),
                "spans": mentions.ambiguous_spans,
                "share_of_spans": _share(mentions.ambiguous_spans, spans),
                "labels_per_mention": mentions.labels_per_mention,
                "top": [mention.as_dict() for mention in mentions.top_ambiguous(top)],
            },
        }


def statistics(documents: Iterable[Document]) -> Statistics:
    """Count what is in the documents, which are taken one at a time."""
    found = Statistics()
    for document in documents:
        found.add(document)
    return found


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _most_frequent(counts: Mapping[str, int], most: int) -> list[tuple[str, int]]:
    return nsmallest(most, counts.items(), key=lambda item: (-item[1], item[0]))


# ---- to be read by people


def tables(statistics: Statistics, top: int = TOP) -> Iterator[Table]:
    """The statistics as tables, with the `top` most frequent mentions of each kind."""
    mentions = statistics.mentions()
    yield _overview(statistics)
    yield _labels(statistics, mentions)
    if lengths := statistics.lengths(statistics.unit):
        table = Table(f"Entities by length in {statistics.unit}", ["", "spans", "share"])
        table.rows += [
            [str(of), f"{of.size:,}", percent(_share(of.size, lengths.total()))] for of in lengths.bins() if of.size
        ]
        yield table
    if mentions.spans:
        table = Table("Ambiguity", ["", "mentions", "share", "spans", "share"])
        several = len(mentions.ambiguous)
        for name, count, spans in (
            ("with one label", len(mentions.spans) - several, statistics.spans.sum - mentions.ambiguous_spans),
            ("with more than one", several, mentions.ambiguous_spans),
        ):
            shares = percent(_share(count, len(mentions.spans))), percent(_share(spans, statistics.spans.sum))
            table.rows.append([name, f"{count:,}", shares[0], f"{spans:,}", shares[1]])
        table.rows.append(["labels per mention", number(mentions.labels_per_mention), "", "", ""])
        yield table
    yield from _top("Ambiguous mentions", mentions.top_ambiguous(top))
    yield from _top("Most frequent mentions", mentions.top(top))
    for label, of in statistics.labels.items():
        table = Table(f"Most frequent mentions of {shown(label)}", ["", "spans", "share"])
        table.rows += [[shown(text), f"{count:,}", percent(_share(count, of.spans))] for text, count in of.top(top)]
        if table.rows:
            yield table


def _overview(statistics: Statistics) -> Table:
    table = Table("Corpus, in all and by document", ["", "total", "min", "median", "mean", "max"])
    documents = statistics.documents
    of_documents = {
        "documents": documents,
        "  without entities": statistics.spans[0],
        "  with entities that overlap": statistics.overlapping,
        "  without tokens": documents - statistics.tokens.total(),
        "  without marks of sentences": documents - statistics.sentences.total(),
    }
    table.rows += [[name, f"{n:,}", "", "", "", ""] for name, n in of_documents.items() if n or name == "documents"]
    for name in ("sentences", "tokens", "characters", "spans"):
        of: Distribution = getattr(statistics, name)
        total = statistics.known(of)
        numbers = [of.median, of.mean]
        ends = [min(of), max(of)] if of else [None, None]
        cells = [number(ends[0]), *map(number, numbers), number(ends[1])] if of else [""] * 4
        table.rows.append([name, UNKNOWN if total is None else f"{total:,}", *cells])
    return table


def _labels(statistics: Statistics, mentions: Mentions) -> Table:
    unit, tokens, spans = statistics.unit, statistics.tokens.sum, statistics.spans.sum
    title = f"By label; mean, median and longest in {unit}"
    share = ["of tokens"] if statistics.tokens else []
    table = Table(title, ["", "spans", "share", "mentions", "documents", "mean", "median", "longest", *share])

    def row(name: str, mentions: int, documents: int, lengths: Distribution, count: int, inside: int) -> None:
        cells = [f"{count:,}", percent(_share(count, spans)), f"{mentions:,}", f"{documents:,}"]
        cells += [number(lengths.mean), number(lengths.median), number(max(lengths, default=None))]
        table.rows.append([name, *cells, *([percent(_share(inside, tokens))] if share else [])])

    for label, of in statistics.labels.items():
        row(shown(label, LABEL_WIDTH), len(of.mentions), of.documents, getattr(of, unit), of.spans, of.inside)
    with_spans = statistics.documents - statistics.spans[0]
    row("all", len(mentions.spans), with_spans, statistics.lengths(unit), spans, statistics.inside)
    return table


def _top(title: str, mentions: list[Mention]) -> Iterator[Table]:
    if mentions:
        table = Table(title, ["", "spans", "labels"])
        for mention in mentions:
            labels = [f"{shown(label, LABEL_WIDTH)} {count:,}" for label, count in mention.labels.items()]
            told = ", ".join(labels if len(labels) <= 4 else [*labels[:3], f"{len(labels) - 3:,} more"])
            table.rows.append([shown(mention.text), f"{mention.spans:,}", told])
        yield table


def number(value: float | None) -> str:
    """A number as tables show it: whole ones and halves as such, others with two decimals."""
    if value is None:
        return ""
    return f"{value:,.2f}" if value * 2 % 1 else f"{value:,.{int(value % 1 > 0)}f}"


def percent(share: float | None) -> str:
    """A share as tables show it."""
    return "" if share is None else f"{100 * share:.1f}%"
