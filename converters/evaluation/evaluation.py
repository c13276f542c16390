"""The evaluation of one or more systems on gold entities: counts are kept, everything else is derived when it is asked.

Matching is by character offsets, or by tokens where tags were given. *exact*: start, end and label are the same. For
errors and the confusion of labels, pairs are one to one: those with the same boundaries come first, then those that
share most.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import merge
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from .. import __version__
from ..document import Document, Span, normalised, quoted
from ..errors import DataError, UsageError, did_you_mean
from ..schemes import SCHEMES
from . import conlleval
from .corpus import Corpus, Ints, Mentions, gather
from .matching import MOST, members, semeval
from .resampling import Floats, f1, interval, p_value, resampled
from .scores import NUMBERS, Average, Interval, Score, SemEval, Undefined, as_dict, average, derived
from .tags import Mask, Numbering, TagReading, Tags, read, scheme_of

ErrorKind = Literal["missed", "spurious", "label", "boundary", "both"]
NOTHING = ""
"""What stands in the confusion of labels for no entity."""
AROUND = 30
"""Characters of context on both sides of an error."""
FREQUENCIES = ((0, "0"), (1, "1"), (5, "2-5"), (20, "6-20"), (10**18, "21+"))
"""The bins of how often a mention comes, by the highest number in each."""


class Error(NamedTuple):
    """A gold entity that was not found, a predicted one that is none, or both in one. Offsets are in the document."""

    document: int
    kind: ErrorKind
    gold: Span | None
    predicted: Span | None
    context: str


class Comparison(NamedTuple):
    """Two systems by their names, how much higher the second one's score is, and how likely that is by chance.

    The p-value is None where there are no samples.
    """

    a: str
    b: str
    metric: str
    difference: float | None
    p_value: float | None


@dataclass(frozen=True)
class Settings:
    """What an evaluation does besides counting.

    `samples`: of the bootstrap over documents, and of the randomization that compares systems; 0 for none. `seed`: of
    both. `undefined`: what a score without a value counts. `tags`, `notes`: for the signature. `train`: how often each
    mention comes in the training data, where they are known.
    """

    samples: int = 0
    seed: int = 0
    undefined: Undefined = "omit"
    unit: str = "char"
    tags: str = "strict"
    notes: tuple[str, ...] = ()
    train: Mapping[str, int] | None = None


class System:
    """The predictions of one system, scored."""

    def __init__(self, corpus: Corpus, number: int, settings: Settings) -> None:
        self.corpus = corpus
        self.number = number
        self.settings = settings
        self.name = corpus.names[number]
        self.gold = corpus.gold
        self.predicted = corpus.systems[number]

    def __repr__(self) -> str:
        return f"<System {self.name}: {self.micro}>"

    # Exact

    @cached_property
    def _bounds(self) -> tuple[Ints, Ints]:
        """A number for each gold and each predicted entity that tells its boundaries."""
        sides = self.gold, self.predicted
        longest = max(int((m.ends - m.starts).max(initial=0)) for m in sides) + 1
        return tuple(m.starts * longest + (m.ends - m.starts) for m in sides)  # type: ignore[return-value]

    @cached_property
    def _right(self) -> tuple[Mask, Mask]:
        """Which gold entities were found, and which predicted ones are right."""
        size = len(self.corpus.labels)
        ours, theirs = (b * size + m.labels for b, m in zip(self._bounds, (self.gold, self.predicted), strict=True))
        return members(ours, theirs), members(theirs, ours)

    def _counts(self, gold_groups: Ints, predicted_groups: Ints, size: int) -> Ints:
        """tp, fp and fn of each of so many groups that entities are in: ``(size, 3)``."""
        found, right = self._right
        columns = (gold_groups[found], predicted_groups[~right], gold_groups[~found])
        return np.stack([np.bincount(groups, minlength=size) for groups in columns], axis=-1)

    @cached_property
    def labels(self) -> dict[str, Score]:
        """The exact scores of each label."""
        counts = self._counts(self.gold.labels, self.predicted.labels, len(self.corpus.labels))
        return {label: Score(*row) for label, row in zip(self.corpus.labels, counts.tolist(), strict=True)}

    @cached_property
    def micro(self) -> Score:
        """The exact score of all entities."""
        return (
            Score(*(sum(values) for values in zip(*self.labels.values(), strict=True)))
            if self.labels
            else Score(0, 0, 0)
        )

    @cached_property
    def macro(self) -> Average:
        """The mean of the labels' scores."""
        return average(list(self.labels.values()), None, self.settings.undefined)

    @cached_property
    def weighted(self) -> Average:
        """The mean of the labels' scores, weighted by how many entities are gold."""
        scores = list(self.labels.values())
        return average(scores, [score.support for score in scores], self.settings.undefined)

    @cached_property
    def _documents(self) -> tuple[Ints, Ints]:
        """The documents that gold and predicted entities are in."""
        return self.corpus.document_of(self.gold.starts), self.corpus.document_of(self.predicted.starts)

    @cached_property
    def by_document(self) -> Ints:
        """The exact counts of each document: ``(documents, 3)``."""
        return self._counts(*self._documents, len(self.corpus.ids))

    # Boundaries and tokens

    @cached_property
    def _boundary_counts(self) -> Ints:
        """The counts of boundaries alone, of each document. Entities in one place count as one."""
        gold, predicted = (np.unique(bounds, return_index=True) for bounds in self._bounds)
        documents = self._documents[0][gold[1]], self._documents[1][predicted[1]]
        found, right = members(gold[0], predicted[0]), members(predicted[0], gold[0])
        return _tally(documents[0][found], documents[1][~right], documents[0][~found], len(self.corpus.ids))

    @cached_property
    def boundary(self) -> Score:
        """The score of boundaries alone, whatever the label."""
        return Score(*self._boundary_counts.sum(0).tolist())

    @cached_property
    def _token_counts(self) -> Ints | None:
        if self.corpus.tokens is None or not self.corpus.has_tokens[self.number]:
            return None
        gold, predicted = self.corpus.token_labels(self.gold), self.corpus.token_labels(self.predicted)
        size = max(len(self.corpus.labels), 1)
        found, right = members(gold, predicted), members(predicted, gold)
        starts = self.corpus.tokens[0]
        tp, fp, fn = (
            self.corpus.document_of(starts[keys // size]) for keys in (gold[found], predicted[~right], gold[~found])
        )
        return _tally(tp, fp, fn, len(self.corpus.ids))

    @cached_property
    def token(self) -> Score | None:
        """The score of labels on tokens, those of the gold side; None where a side has none."""
        return None if self._token_counts is None else Score(*self._token_counts.sum(0).tolist())

    # SemEval

    @cached_property
    def semeval(self) -> dict[str, SemEval]:
        """The four schemas of SemEval-2013, as `matching.semeval` has them."""
        return semeval(self.gold, self.predicted)

    # Where it goes wrong

    @cached_property
    def pairs(self) -> list[tuple[int | None, int | None, ErrorKind]]:
        """The entities that are not right, paired one to one: the number of the gold and of the predicted one."""
        found, right = self._right
        gold, predicted = (list(map(int, np.flatnonzero(~mask))) for mask in (found, right))
        bounds = self._bounds
        made: list[tuple[int | None, int | None, ErrorKind]] = []
        places: dict[int, deque[int]] = {}
        for number in gold:
            places.setdefault(int(bounds[0][number]), deque()).append(number)
        left = []
        for number in predicted:
            there = places.get(int(bounds[1][number]))
            if there:
                made.append((there.popleft(), number, "label"))
            else:
                left.append(number)
        taken = {pair[0] for pair in made}
        rest = [number for number in gold if number not in taken]
        shared = sorted(self._overlaps(rest, left))
        taken_predicted: set[int] = set()
        for _, one, other in shared:
            if one not in taken and other not in taken_predicted:
                taken.add(one)
                taken_predicted.add(other)
                made.append(
                    (one, other, "boundary" if self.gold.labels[one] == self.predicted.labels[other] else "both")
                )
        made += [(number, None, "missed") for number in rest if number not in taken]
        made += [(None, number, "spurious") for number in left if number not in taken_predicted]
        return sorted(made, key=self._where)

    def _where(self, pair: tuple[int | None, int | None, ErrorKind]) -> tuple[int, int]:
        one, other, _ = pair
        starts = [int(self.gold.starts[one])] if one is not None else []
        starts += [int(self.predicted.starts[other])] if other is not None else []
        return min(starts), one is None

    def _overlaps(self, gold: Sequence[int], predicted: Sequence[int]) -> Iterable[tuple[int, int, int]]:
        """The pairs that share characters: how many, negative, and their numbers.

        Of more than `MOST` of a side over one place those are looked at that begin last.
        """
        both = ((gold, self.gold), (predicted, self.predicted))
        sides = [(numbers, mentions.starts.tolist(), mentions.ends.tolist()) for numbers, mentions in both]
        begins = [
            [(starts[number], side, number) for number in numbers] for side, (numbers, starts, _) in enumerate(sides)
        ]
        within: list[list[tuple[int, int]]] = [[], []]  # the ends and numbers of those that are open, by side
        for start, side, number in merge(*begins):  # both are in the order of their starts
            end = sides[side][2][number]
            within = [[one for one in found if one[0] > start][-MOST:] for found in within]
            for other_end, other in within[1 - side]:
                yield -(min(end, other_end) - start), *((other, number) if side else (number, other))
            within[side].append((end, number))

    @cached_property
    def errors(self) -> list[Error]:
        """Every error, in the order of the text."""
        return [self._error(*pair) for pair in self.pairs]

    def _error(self, one: int | None, other: int | None, kind: ErrorKind) -> Error:
        spans = [
            None
            if number is None
            else (int(m.starts[number]), int(m.ends[number]), self.corpus.labels[m.labels[number]])
            for number, m in ((one, self.gold), (other, self.predicted))
        ]
        known = [span for span in spans if span]
        start, end = min(span[0] for span in known), max(span[1] for span in known)
        document = int(self.corpus.document_of(np.array([start]))[0])
        base = int(self.corpus.bases[document])
        context = ""
        if self.corpus.texts is not None:
            text = self.corpus.texts[document]
            context = normalised(quoted(text, max(start - base - AROUND, 0), end - base + AROUND))
        gold, predicted = (Span(s[0] - base, s[1] - base, s[2]) if s else None for s in spans)
        return Error(document, kind, gold, predicted, context)

    @cached_property
    def confusion(self) -> dict[str, dict[str, int]]:
        """How often each gold label was predicted as each; ``""`` stands for no entity."""
        counts: Counter[tuple[str, str]] = Counter()
        for label, score in self.labels.items():
            counts[label, label] += score.tp
        names = self.corpus.labels
        for one, other, _ in self.pairs:
            ours = NOTHING if one is None else names[self.gold.labels[one]]
            theirs = NOTHING if other is None else names[self.predicted.labels[other]]
            counts[ours, theirs] += 1
        found: dict[str, dict[str, int]] = {}
        for (ours, theirs), number in sorted(counts.items()):
            if number:
                found.setdefault(ours, {})[theirs] = number
        return found

    def kinds(self) -> dict[str, int]:
        """How many errors there are of each kind."""
        counts = Counter(kind for _, _, kind in self.pairs)
        return {kind: counts[kind] for kind in ("missed", "spurious", "label", "boundary", "both")}

    # By kind of mention

    @cached_property
    def _mentions(self) -> tuple[list[str], list[str]]:
        """The text of each gold and of each predicted entity, white space as one space; of a very long one the ends."""
        texts = self.corpus.text
        gold, predicted = (
            [normalised(texts(a, b)) for a, b in zip(m.starts.tolist(), m.ends.tolist(), strict=True)]
            for m in (self.gold, self.predicted)
        )
        return gold, predicted

    def _sizes(self, mentions: Mentions) -> list[int]:
        """How many words each entity has."""
        texts, found = self.corpus.texts or (), []
        words: tuple[int, list[int]] = (-1, [])  # a document, and where its words begin
        documents = self.corpus.document_of(mentions.starts)
        bases = self.corpus.bases[documents]
        columns = documents, mentions.starts - bases, mentions.ends - bases
        for number, start, end in zip(*(column.tolist() for column in columns), strict=True):
            if number != words[0]:
                words = number, [word.start() for word in re.finditer(r"\S+", texts[number])]
            found.append(bisect_left(words[1], end) - bisect_right(words[1], start) + 1)
        return found

    def groups(self) -> dict[str, tuple[list[Any], list[Any]]]:
        """The groups of gold and predicted entities: by length in words, by frequency, seen in training or not."""
        if self.corpus.texts is None:
            sizes = [(m.ends - m.starts).tolist() for m in (self.gold, self.predicted)]
            return {"length": (sizes[0], sizes[1])}
        gold, predicted = self._mentions
        train = self.settings.train
        known: Mapping[str, int] = Counter(gold) if train is None else train
        found: dict[str, tuple[list[Any], list[Any]]] = {
            "length": (self._sizes(self.gold), self._sizes(self.predicted)),
            "frequency": ([_bin(known.get(m, 0)) for m in gold], [_bin(known.get(m, 0)) for m in predicted]),
        }
        if train is not None:
            seen = [["seen" if m in train else "unseen" for m in side] for side in (gold, predicted)]
            found["seen"] = (seen[0], seen[1])
        return found

    @cached_property
    def by(self) -> dict[str, dict[Any, Ints]]:
        """The counts of each document, ``(documents, 3)``, by the groups of `groups`."""
        found: dict[str, dict[Any, Ints]] = {}
        size = len(self.corpus.ids)
        for name, (gold, predicted) in self.groups().items():
            order = [n for _, n in FREQUENCIES] if name == "frequency" else sorted({*gold, *predicted})
            if name == "seen":
                order = ["seen", "unseen"]
            number_of = {group: number for number, group in enumerate(order)}
            groups = [np.fromiter(map(number_of.__getitem__, side), np.int64, len(side)) for side in (gold, predicted)]
            counts = self._counts(
                groups[0] * size + self._documents[0], groups[1] * size + self._documents[1], len(order) * size
            ).reshape(len(order), size, 3)
            found[name] = {group: counts[number] for group, number in number_of.items() if counts[number].any()}
            if name == "seen":
                found[name] = {group: counts[number] for group, number in number_of.items()}
        return found

    # How sure

    @cached_property
    def intervals(self) -> dict[tuple[str, Any], Interval | None]:
        """The intervals of F1, by the name of the score and, of a label or group, its own."""
        size, samples = len(self.corpus.ids), self.settings.samples
        if not samples or size < 2:
            return {}
        labels = len(self.corpus.labels)
        keys: list[tuple[str, Any]] = [("boundary", None)]
        counts = [self._boundary_counts[:, None]]
        if self._token_counts is not None:
            keys.append(("token", None))
            counts.append(self._token_counts[:, None])
        for name, parts in self.by.items():
            for group, values in parts.items():
                keys.append((name, group))
                counts.append(values[:, None])
        gold, predicted = self._documents
        by_label = self._counts(
            gold * labels + self.gold.labels, predicted * labels + self.predicted.labels, size * labels
        )
        keys += [("label", label) for label in self.corpus.labels]
        counts.append(by_label.reshape(size, labels, 3))
        sums = resampled(np.concatenate(counts, axis=1), samples, self.settings.seed)
        found = {key: interval(self._counted(f1(sums[:, number]))) for number, key in enumerate(keys)}
        of_labels = sums[:, len(keys) - labels :]
        found["micro", None] = interval(self._counted(f1(of_labels.sum(1))))
        found |= {(name, None): interval(values) for name, values in self._averaged(of_labels).items()}
        return found

    def _averaged(self, counts: Floats) -> dict[str, Floats]:
        """The macro and the weighted F1 of counts ``(samples, labels, 3)``."""
        values = self._counted(f1(counts))
        is_there = ~np.isnan(values)
        support = counts[..., 0] + counts[..., 2]
        found = {}
        for name, weights in (("macro", np.ones_like(support)), ("weighted", support)):
            weights = weights * is_there
            with np.errstate(invalid="ignore"):
                found[name] = self._counted((np.nan_to_num(values) * weights).sum(1) / weights.sum(1))
        return found

    def _counted(self, values: Floats) -> Floats:
        """Scores with the number that those without a value count."""
        number = NUMBERS[self.settings.undefined]
        return values if number is None else np.nan_to_num(values, nan=number)

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON has it."""
        undefined, bars = self.settings.undefined, self.intervals

        def score(value: Score | Average | None, name: str, group: Any = None) -> Any:
            return as_dict(value, undefined, bars.get((name, group)))

        by = {name: {str(g): score(_total(c), name, g) for g, c in groups.items()} for name, groups in self.by.items()}
        seen = by.pop("seen", {"seen": None, "unseen": None})
        documents = zip(self.corpus.ids, self.by_document.tolist(), strict=True)
        ids = self.corpus.ids
        return {
            "name": self.name,
            "documents": len(self.corpus.ids),
            "exact": {
                "micro": score(self.micro, "micro"),
                "macro": score(self.macro, "macro"),
                "weighted": score(self.weighted, "weighted"),
                "labels": {label: score(value, "label", label) for label, value in self.labels.items()},
            },
            "semeval": {name: value._asdict() | derived(value, undefined) for name, value in self.semeval.items()},
            "boundary": score(self.boundary, "boundary"),
            "token": score(self.token, "token"),
            "by": seen | {"length": by.get("length", {}), "frequency": by.get("frequency", {})},
            "per_document": [{"id": id, "exact": as_dict(Score(*row), undefined)} for id, row in documents],
            "confusion": self.confusion,
            "errors": [
                {
                    "document": ids[error.document],
                    "kind": error.kind,
                    "gold": None if error.gold is None else list(error.gold),
                    "predicted": None if error.predicted is None else list(error.predicted),
                    "context": error.context,
                }
                for error in self.errors
            ],
        }


def _tally(right: Ints, spurious: Ints, missed: Ints, size: int) -> Ints:
    return np.stack([np.bincount(groups, minlength=size) for groups in (right, spurious, missed)], axis=-1)


def _total(counts: Ints) -> Score:
    return Score(*counts.sum(0).tolist())


def _bin(number: int) -> str:
    return next(name for most, name in FREQUENCIES if number <= most)


@dataclass(frozen=True)
class Evaluation:
    """The results of all systems on the same gold entities."""

    corpus: Corpus
    settings: Settings

    def __repr__(self) -> str:
        return f"<Evaluation {self.systems}: {self.signature}>"

    @cached_property
    def systems(self) -> list[System]:
        """The systems, in the order in which they were given."""
        return [System(self.corpus, number, self.settings) for number in range(len(self.corpus.names))]

    @property
    def signature(self) -> str:
        """How the numbers came about."""
        version = ".".join(__version__.split(".")[:2])
        settings = self.settings
        parts = [f"nerconv {version}", "match exact", f"unit {settings.unit}", f"tags {settings.tags}"]
        parts += [f"docs {len(self.corpus.ids)}", f"undefined {settings.undefined}", *settings.notes]
        return " | ".join(parts)

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """Each two systems, by the micro-averaged exact F1."""
        found = []
        for number, other in enumerate(self.systems):
            for one in self.systems[:number]:
                scores = [Score(*system.by_document.sum(0).tolist()).f1 for system in (one, other)]
                samples, seed = self.settings.samples, self.settings.seed
                chance = p_value(one.by_document, other.by_document, samples, seed) if samples else None
                difference = None if None in scores else scores[1] - scores[0]  # type: ignore[operator]
                found.append(Comparison(one.name, other.name, "exact micro f1", difference, chance))
        return found

    def as_dict(self) -> dict[str, Any]:
        """The evaluation as ``--json`` prints it."""
        return {
            "signature": self.signature,
            "systems": [system.as_dict() for system in self.systems],
            "comparisons": [comparison._asdict() for comparison in self.comparisons],
        }

    def conlleval(self, number: int = 0) -> str:
        """The report of the conlleval script for a system. Raises `DataError` where the tokens are not the same."""
        system = self.systems[number]
        return conlleval.report(self.corpus, number, system.micro, system.labels)


def evaluate(
    gold: Iterable[Document],
    predicted: Iterable[Document] | Mapping[str, Iterable[Document]],
    *,
    settings: Settings | None = None,
) -> Evaluation:
    """Score predicted documents, or those of several systems by name, on gold ones.

    Texts may differ in white space and in tokens. Raises `DataError` for texts that differ in more, and for a document
    without a partner on the other side.
    """
    sides = predicted if isinstance(predicted, Mapping) else {"predicted": predicted}
    gold = list(gold)
    systems = [(name, list(documents)) for name, documents in sides.items()]
    return Evaluation(gather(gold, systems), settings or Settings())


def evaluate_tags(
    gold: Sequence[Sequence[str]],
    predicted: Sequence[Sequence[str]],
    *,
    scheme: str | None = None,
    tags: TagReading = "strict",
    settings: Settings | None = None,
) -> Evaluation:
    """Score lists of tags, a list a sentence, where each sentence counts as a document and each token as a character.

    `scheme`: BIO, IOB1, IO, BIOES or BILOU, None for what the gold tags show. Raises `UsageError` for sentences of
    other lengths, and `DataError` (`TagError`) for tags that are not valid, unless `tags` says how to read them.
    """
    sizes = [len(sentence) for sentence in gold]
    if sizes != [len(sentence) for sentence in predicted]:
        raise UsageError("the two sides are not of the same sentences", "a sentence has as many tags on both sides")
    if scheme is not None and scheme not in SCHEMES:
        raise UsageError(f"unknown scheme {scheme!r}", did_you_mean(scheme, SCHEMES))
    if tags not in get_args(TagReading):
        raise UsageError(f"unknown reading of tags {tags!r}", did_you_mean(tags, get_args(TagReading)))
    ends = np.cumsum(np.array(sizes, np.int64) + 1)
    is_token = np.ones(int(ends[-1]) if sizes else 0, bool)
    is_token[ends - 1] = False
    numbering = Numbering()
    sides, columns = [], []
    chosen = SCHEMES[scheme] if scheme else None
    for name, given in (("gold", gold), ("predicted", predicted)):
        try:
            sides.append(Tags.make(given, is_token, numbering))
            chosen = chosen or scheme_of(sides[0], numbering)
            columns.append(read(sides[-1], chosen, tags, given))
        except DataError as error:
            error.what = f"{name} {error.what}"
            raise
    used = [n for n, count in enumerate(np.bincount(np.concatenate([m.labels for m in columns]))) if count]
    names = list(numbering.labels)
    labels = sorted(names[number] for number in used)
    ranks = np.zeros(len(names), np.int64)
    place_of = {label: place for place, label in enumerate(labels)}
    ranks[used] = [place_of[names[number]] for number in used]
    truth, found = (m._replace(labels=ranks[m.labels]) for m in columns)
    starts = np.flatnonzero(is_token)
    corpus = Corpus(
        [str(number) for number in range(1, len(sizes) + 1)],
        ends - np.array(sizes, np.int64) - 1,
        labels,
        ["predicted"],
        truth,
        [found],
        (starts, starts + 1),
        [True],
        [True],
        right_tags=[int((sides[0].numbers == sides[1].numbers)[is_token].sum())],
    )
    own = settings or Settings()
    return Evaluation(corpus, replace(own, unit="token", tags=tags))
