"""Agreement between annotators of the same texts: how much of it, how much of that is chance, and where there is none.

Three measures, each with its literature:

- *F1* of entities with the same start, end and label, for each two annotators. It is the same whoever of them counts as
  gold, and needs no number of things that nobody annotated; so it is the one to prefer for entities. Hripcsak and
  Rothschild, Agreement, the F-measure, and reliability in information retrieval, JAMIA 12 (2005).
- *Cohen's kappa* on tokens, for each two annotators: (observed - expected) / (1 - expected), where what is expected
  comes from how often each of the two uses each category. Cohen, A coefficient of agreement for nominal scales, 1960;
  its mean over pairs is Light's kappa (1971). Most tokens bear no entity, which makes it high, so it is told for the
  tokens that at least one of the two annotated as well, which makes it low: nobody agrees on O there.
- *Krippendorff's alpha*, nominal, on tokens, for all annotators at once, some of whom may lack a document.
  Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011.

The category of a token is the label of the entity that shares a character with it, O where none does, and where several
labels do, all of them as one category. Two entities that touch are not told from one there; F1 does that.

What has no value is None: F1 where nobody annotated anything; kappa and alpha where only one category was used, so that
all of the agreement is expected by chance, or where there are no tokens; a mean where none of its parts has one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations
from typing import Any, Literal, NamedTuple

import numpy as np

from .. import __version__
from ..document import Document, Tokens
from ..errors import DataError, Place, UsageError, counted
from ..scripts import WORD_OR_SIGN
from ..tokenize import with_tokens
from .corpus import Corpus, Ints, Mentions, Pairing, by_id, side_by_side
from .evaluation import ErrorKind, Settings, System
from .matching import members
from .tags import Mask

Kind = Literal["label", "boundary", "both", "only_a", "only_b"]
KINDS: dict[ErrorKind, Kind] = {
    "label": "label",
    "boundary": "boundary",
    "both": "both",
    "missed": "only_a",
    "spurious": "only_b",
}
"""How two annotators differ, by what it would be if the first were gold."""
MISSING = -1
"""The category of a token of a document that an annotator lacks."""
WORDS = "words"
"""What tokens are called that nobody gave."""


class Marked(NamedTuple):
    """An entity as one annotator has it: half-open, in characters of the text that is compared, with its label and
    text, and where it stands in that annotator's file."""

    start: int
    end: int
    label: str
    text: str
    place: Place | None


class Disagreement(NamedTuple):
    """An entity that two annotators have in two ways, or that one of them has alone: its document's id, what differs,
    the entity of each, and the text around."""

    document: str
    kind: Kind
    a: Marked | None
    b: Marked | None
    context: str


class LabelAgreement(NamedTuple):
    """The agreement of two annotators on one label: F1 of its entities, kappa of whether a token bears it or not, and
    how many entities of it each has."""

    f1: float | None
    kappa: float | None
    a: int
    b: int


def cohen_kappa(a: Ints, b: Ints) -> float | None:
    """Cohen's kappa of the categories, from 0 on, that two annotators give to the same units.

    None where there are no units, or both use one and the same category throughout. Source: Cohen 1960.
    """
    size = max(int(side.max(initial=0)) for side in (a, b)) + 1
    return _kappa(int((a == b).sum()), *(np.bincount(side, minlength=size).tolist() for side in (a, b)))


def _kappa(agreed: int, a: Sequence[int], b: Sequence[int]) -> float | None:
    """Kappa of how many units agree, and how often each of the two uses each category."""
    size = sum(a)
    expected = sum(one * other for one, other in zip(a, b, strict=True))  # times size squared, as all here: exact
    rest = size * size - expected
    return (size * agreed - expected) / rest if rest else None


def krippendorff_alpha(values: Ints) -> float | None:
    """Krippendorff's alpha, nominal, of categories from 0 on: ``(annotators, units)``, `MISSING` where there is none.

    Units with fewer than two values take no part. None where fewer than two categories are left.
    Source: Krippendorff 2011, section C: alpha = 1 - (n - 1) sum(o_ck) / sum(n_c n_k), both over all c other than k.
    The coincidence o_ck counts the ordered pairs of a c and a k in a unit, divided by how many values the unit has less
    one; n_c counts the values c, and n all. Only how many coincidences there are off the diagonal matters.
    """
    counts = (values != MISSING).sum(0)
    values, counts = values[:, counts > 1], counts[counts > 1]
    differing = np.zeros(len(counts), np.int64)
    for a, b in combinations(values, 2):
        differing += (a != b) & (a != MISSING) & (b != MISSING)
    observed = sum(2 * int(differing[counts == m].sum()) / (m - 1) for m in np.unique(counts).tolist())
    totals = np.bincount(values[values != MISSING]).tolist()
    n = sum(totals)
    expected = n * n - sum(total * total for total in totals)
    return 1 - (n - 1) * observed / expected if expected else None


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of those that have a value, None where none has."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


class Pair:
    """The agreement of two annotators, `a` and `b` by their names, on the documents that both have."""

    def __init__(self, agreement: Agreement, first: int, second: int) -> None:
        corpus = agreement.corpus
        self.a, self.b = corpus.names[first], corpus.names[second]
        self._agreement = agreement
        self._numbers = [first, second]
        self._documents: Mask = agreement.has[first] & agreement.has[second]
        gold, predicted = (self._mentions(corpus, number) for number in self._numbers)
        corpus = replace(corpus, gold=gold, systems=[predicted], names=[self.b], has_tokens=[True])
        self.system = System(corpus, 0, Settings())
        """The second annotator, scored as if the first were gold."""

    def __repr__(self) -> str:
        return f"<Pair {self.a} - {self.b}: {counted(self.documents, 'document')}>"

    def _mentions(self, corpus: Corpus, number: int) -> Mentions:
        mentions = corpus.systems[number]
        kept = self._documents[corpus.document_of(mentions.starts)]
        return Mentions(*(column[kept] for column in mentions))

    @property
    def documents(self) -> int:
        """How many documents both have."""
        return int(self._documents.sum())

    @cached_property
    def _categories(self) -> Ints:
        """The category of each token of these documents: ``(2, tokens)``."""
        categories = self._agreement.categories[self._numbers]
        return categories[:, (categories != MISSING).all(0)]

    @property
    def tokens(self) -> int:
        """How many tokens are in these documents."""
        return self._categories.shape[1]

    @property
    def f1(self) -> float | None:
        """F1 of entities with the same start, end and label."""
        return self.system.micro.f1

    @property
    def boundary_f1(self) -> float | None:
        """F1 of entities with the same start and end."""
        return self.system.boundary.f1

    @cached_property
    def kappa(self) -> float | None:
        """Cohen's kappa on all tokens."""
        a, b = self._categories
        return cohen_kappa(a, b)

    @cached_property
    def kappa_annotated(self) -> float | None:
        """Cohen's kappa on the tokens that are not O for both."""
        a, b = self._categories[:, self._categories.any(0)]
        return cohen_kappa(a, b)

    @cached_property
    def labels(self) -> dict[str, LabelAgreement]:
        """The agreement on each label."""
        corpus, found = self.system.corpus, {}
        size = max(len(corpus.labels), 1)
        a, b = (corpus.token_labels(mentions) for mentions in (self.system.gold, self.system.predicted))
        columns = (np.bincount(keys % size, minlength=size).tolist() for keys in (a[members(a, b)], a, b))
        for (label, score), both, of_a, of_b in zip(self.system.labels.items(), *columns, strict=False):
            n = self.tokens
            kappa = _kappa(n - of_a - of_b + 2 * both, [of_a, n - of_a], [of_b, n - of_b])
            found[label] = LabelAgreement(score.f1, kappa, score.support, score.tp + score.fp)
        return found

    def kinds(self) -> dict[Kind, int]:
        """How many disagreements there are of each kind."""
        counts = self.system.kinds()
        return {kind: counts[error] for error, kind in KINDS.items()}

    @cached_property
    def disagreements(self) -> list[Disagreement]:
        """Every disagreement, in the order of the text. Entities are paired one to one, as errors of a tagger are."""
        corpus, found = self.system.corpus, []
        firsts = [np.searchsorted(m.starts, corpus.bases).tolist() for m in (self.system.gold, self.system.predicted)]
        texts = corpus.texts or ()
        for error, numbers in zip(self.system.errors, self.system.pairs, strict=True):
            marked: list[Marked | None] = []
            for side, span in enumerate((error.gold, error.predicted)):
                number = numbers[side]
                if span is None or number is None:
                    marked.append(None)
                    continue
                own = self._agreement.sides[self._numbers[side]][error.document]
                assert own is not None
                # white space moves no entity before another one: it has the same number in its own document
                start = own.spans[number - firsts[side][error.document]].start
                marked.append(Marked(*span, texts[error.document][span.start : span.end], own.place(start)))
            a, b = marked
            found.append(Disagreement(corpus.ids[error.document], KINDS[error.kind], a, b, error.context))
        return found

    def lines(self) -> Iterator[str]:
        """Every disagreement on a line, with its place."""
        for document, kind, a, b, context in self.disagreements:
            marked = [(name, own) for name, own in ((self.a, a), (self.b, b)) if own]
            parts = [f"{name} {own.label} {own.text!r} at {own.start}:{own.end}" for name, own in marked]
            what = f"only in {marked[0][0]}" if len(marked) == 1 else kind
            yield f"{marked[0][1].place or '-'}: document {document!r}: {what}: {', '.join(parts)}, in {context!r}"

    def as_dict(self) -> dict[str, Any]:
        """The agreement of the two as JSON has it."""

        def marked(own: Marked | None) -> Any:
            return None if own is None else own._asdict() | {"place": None if own.place is None else str(own.place)}

        return {
            "a": self.a,
            "b": self.b,
            "documents": self.documents,
            "tokens": self.tokens,
            **{name: getattr(self, name) for name in MEASURES},
            "labels": {label: agreement._asdict() for label, agreement in self.labels.items()},
            "kinds": self.kinds(),
            "disagreements": [d._asdict() | {"a": marked(d.a), "b": marked(d.b)} for d in self.disagreements],
        }


MEASURES = ("f1", "boundary_f1", "kappa", "kappa_annotated")
"""What each pair has and has a mean."""


@dataclass(frozen=True)
class Agreement:
    """The agreement of all annotators.

    `corpus`: the documents that at least two annotators have, and the entities of each annotator in them. `sides`: the
    same documents as each annotator has them, None where one lacks it. `alone`: how many documents each has that no
    other one has; these are not compared. `token_sources`: in how many documents the tokens are whose.
    """

    corpus: Corpus
    sides: Sequence[Sequence[Document | None]]
    alone: Sequence[int]
    token_sources: Mapping[str, int]

    def __repr__(self) -> str:
        return f"<Agreement of {', '.join(self.names)}, {counted(len(self.corpus.ids), 'document')}>"

    @property
    def names(self) -> Sequence[str]:
        """The annotators, in the order in which they were given."""
        return self.corpus.names

    @cached_property
    def has(self) -> Mask:
        """Whether an annotator has a document: ``(annotators, documents)``."""
        return np.array([[document is not None for document in side] for side in self.sides])

    @cached_property
    def categories(self) -> Ints:
        """The category of each token: ``(annotators, tokens)``, 0 for O, `MISSING` where there is no such document."""
        corpus = self.corpus
        assert corpus.tokens is not None
        documents = corpus.document_of(corpus.tokens[0])
        size = len(corpus.labels)
        joined: dict[tuple[int, ...], int] = {}
        found = np.zeros((len(self.names), len(documents)), np.int64)
        for row, has, mentions in zip(found, self.has, corpus.systems, strict=True):
            keys = corpus.token_labels(mentions)
            tokens, labels = np.divmod(keys, max(size, 1))
            row[tokens] = labels + 1
            several: dict[int, list[int]] = {}
            is_shared = np.zeros(len(keys) + 1, bool)
            is_shared[1:-1] = tokens[1:] == tokens[:-1]
            for at in np.flatnonzero(is_shared[1:] | is_shared[:-1]).tolist():
                several.setdefault(int(tokens[at]), []).append(int(labels[at]))
            for token, those in several.items():
                row[token] = joined.setdefault(tuple(those), size + 1 + len(joined))
            row[~has[documents]] = MISSING
        return found

    @cached_property
    def alpha(self) -> float | None:
        """Krippendorff's alpha on tokens, nominal, of all annotators."""
        return krippendorff_alpha(self.categories)

    @cached_property
    def pairs(self) -> list[Pair]:
        """Each two annotators, in their order; also those that have no document in common."""
        return [Pair(self, a, b) for a, b in combinations(range(len(self.names)), 2)]

    @cached_property
    def means(self) -> dict[str, float | None]:
        """The mean over pairs of each measure. Pairs without a value are left out."""
        return {name: mean(getattr(pair, name) for pair in self.pairs) for name in MEASURES}

    @cached_property
    def labels(self) -> dict[str, dict[str, float | None]]:
        """The mean over pairs of F1 and kappa of each label. Pairs without a value are left out."""
        return {
            label: {name: mean(getattr(pair.labels[label], name) for pair in self.pairs) for name in ("f1", "kappa")}
            for label in self.corpus.labels
        }

    @property
    def counts(self) -> dict[str, list[int]]:
        """How many entities of each label each annotator has."""
        size = len(self.corpus.labels)
        columns = (np.bincount(mentions.labels, minlength=size).tolist() for mentions in self.corpus.systems)
        return dict(zip(self.corpus.labels, map(list, zip(*columns, strict=True)), strict=True))

    @property
    def signature(self) -> str:
        """How the numbers came about."""
        version = ".".join(__version__.split(".")[:2])
        parts = [f"nerconv {version}", "match exact", "unit char", f"annotators {len(self.names)}"]
        parts += [f"docs {len(self.corpus.ids)}", f"tokens {' + '.join(self.token_sources)}"]
        return " | ".join(parts)

    def lines(self) -> Iterator[str]:
        """Every disagreement of each two annotators on a line, with its place."""
        return chain.from_iterable(pair.lines() for pair in self.pairs)

    def as_dict(self) -> dict[str, Any]:
        """The agreement as ``--json`` prints it."""
        entities = [len(mentions.starts) for mentions in self.corpus.systems]
        columns = zip(self.names, self.has.sum(1).tolist(), self.alone, entities, strict=True)
        names = ("name", "documents", "alone", "entities")
        return {
            "signature": self.signature,
            "annotators": [dict(zip(names, row, strict=True)) for row in columns],
            "documents": len(self.corpus.ids),
            "paired_by": self.corpus.pairing,
            "tokens": self.categories.shape[1],
            "token_sources": dict(self.token_sources),
            "alpha": self.alpha,
            "mean": {**self.means, "labels": self.labels},
            "pairs": [pair.as_dict() for pair in self.pairs],
        }


def agree(annotators: Mapping[str, Iterable[Document]], *, tokenizer: str | None = None) -> Agreement:
    """The agreement of annotators, by their names, on documents that they all or some of them annotated.

    Documents are paired by id where all have one of their own, or where each annotator shares an id with another one
    (ids that come of file names, in folders), else by order. Texts may differ in white space and tokens: offsets and
    tokens are those of the first annotator that has tokens for the document. Where none has, they are of the first that
    has the document, and its tokens those of `tokenizer`, a language or pipeline of spaCy, or words: runs of letters
    and digits, and every other character alone.

    Raises `UsageError` for fewer than two annotators; `DataError` for texts that differ in more, where two documents of
    one annotator have one id, where without ids one has more documents than another, and where no two annotators have
    a document in common.
    """
    names = list(annotators)
    if len(names) < 2:
        raise UsageError("agreement is between two annotators or more", "name the annotations of each")
    rows, pairing = _rows({name: list(documents) for name, documents in annotators.items()})
    compared = [row for row in rows if sum(document is not None for document in row) > 1]
    left = [row for row in rows if sum(document is not None for document in row) == 1]
    alone = [sum(row[number] is not None for row in left) for number in range(len(names))]
    if not compared:
        todo = "give them the same ids, or the same file names in a folder each" if pairing == "id" else ""
        raise DataError("no two annotators have a document in common", todo)
    references, whose = zip(*(_reference(row, names, tokenizer) for row in compared), strict=True)
    sides = list(zip(*compared, strict=True))
    return Agreement(side_by_side(references, names, sides, pairing), sides, alone, Counter(whose))


Row = tuple[Document | None, ...]


def _rows(annotators: Mapping[str, Sequence[Document]]) -> tuple[list[Row], Pairing]:
    """The documents that belong together, one of each annotator or None, and how they were found."""
    sides = list(annotators.values())
    ids = [{document.id for document in side} for side in sides]
    times = Counter(chain.from_iterable(ids))
    is_named = None not in times
    are_own = is_named and all(document.has_own_id for document in chain.from_iterable(sides))
    are_unique = all(len(own) == len(side) for own, side in zip(ids, sides, strict=True))
    if are_own or (is_named and are_unique and all(any(times[id] > 1 for id in own) for own in ids)):
        indexed = [by_id(side, f"documents of {name}") for name, side in annotators.items()]
        return [tuple(side.get(id) for side in indexed) for id in dict.fromkeys(chain.from_iterable(indexed))], "id"
    shortest, longest = (choose(annotators, key=lambda name: len(annotators[name])) for choose in (min, max))
    size = len(annotators[shortest])
    if size < len(annotators[longest]):
        extra = annotators[longest][size]
        what = f"{counted(len(annotators[longest]), 'document')} of {longest}, but {size} of {shortest}"
        todo = "without ids that annotators share they are paired by order"
        raise DataError(f"{what}; nothing there pairs with {extra.id!r}", todo, extra.source)
    return list(zip(*sides, strict=True)), "order"


def _reference(row: Row, names: Sequence[str], tokenizer: str | None) -> tuple[Document, str]:
    """The document whose text and tokens count, and whose tokens they are."""
    for name, document in zip(names, row, strict=True):
        if document is not None and document.tokens is not None:
            return document, f"of {name}"
    document = next(document for document in row if document is not None)
    if tokenizer:
        return with_tokens(document, tokenizer), f"of tokenizer {tokenizer}"
    return replace(document, tokens=Tokens.of(_words(document.text))), WORDS


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Where words are, half-open, in characters."""
    at = 0
    for piece in text.split():  # by what Python counts as white space, which is more than regex does
        at = text.index(piece, at)
        yield from ((at + word.start(), at + word.end()) for word in WORD_OR_SIGN.finditer(piece))
        at += len(piece)
