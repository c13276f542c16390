"""Documents divided into the parts that a tagger is trained, tuned and tested on, and into folds.

What belongs together is never divided: near duplicates, and documents with the same value of a field. Of the groups
that this makes each goes to the part where it is missed most: the parts are to have their share of documents and of
the entities of every label, by the least sum of squared deviations over what is expected (chi-square), first one group
after another, then by moving single groups for as long as that makes it better. The idea is that of iterative
stratification (Sechidis, Tsoumakas and Vlahavas, On the Stratification of Multi-Label Data, 2011).

All numbers are integers and the order of groups is that of a hash of their content and the seed, so the same documents
are divided alike on every machine, in whatever order they come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from hashlib import blake2b
from itertools import chain
from math import lcm
from typing import Any

import regex

from ..document import Document
from ..duplicates import groups, joined
from ..errors import DataError, UsageError, counted, did_you_mean
from ..tables import Table

RATIOS: Mapping[str, int] = {"train": 80, "dev": 10, "test": 10}
DOCUMENTS = ""
"""The name under which documents are counted, beside the labels of their entities."""

PRECISION = 1 << 40
ROUNDS = 8
"""How often all groups are asked whether they had better be in another part."""

Counts = Mapping[str, int]

LEAKING = "Divided by sentence: the parts share documents, so scores on them are better than they will be on new texts."
"""What must be said where sentences are divided, not documents."""


def read_ratios(text: str, needed: Sequence[str] = ()) -> dict[str, int]:
    """Ratios as ``80,10,10`` (train, dev, test), ``80,20`` (train, test), or with names, ``train=80,held-out=20``.

    Numbers may be decimals; what counts is their proportion. Raises `UsageError` for anything else, and where a part
    that is `needed` is not among them.
    """
    items = [item.strip() for item in text.split(",")]
    two = ("train", "dev" if "dev" in needed else "test")
    names: Sequence[str] = {2: two, 3: ("train", "dev", "test")}.get(len(items), ())
    pairs = [item.partition("=") for item in items]
    if all(equals for _, equals, _ in pairs):
        names, items = [name.strip() for name, _, _ in pairs], [value for _, _, value in pairs]
    todo = "as in 80,10,10 for train, dev and test, 80,20 for train and test, or train=70,dev=10,test=20"
    try:
        ratios = [Fraction(item.strip()) for item in items if not regex.search("[eE]", item)]  # 1e9999 has no end
    except (ValueError, ZeroDivisionError):
        ratios = []
    fine = len(ratios) == len(names) > 1 and len({*names}) == len(names) and min(ratios, default=0) > 0
    if not fine or any(not regex.fullmatch(r"[\w.-]+", name) or name.startswith(".") for name in names):
        raise UsageError(f"{text!r} are no ratios", todo)
    if missing := [name for name in needed if name not in names]:
        raise UsageError(f"{text!r} makes no part {missing[0]}", todo)
    whole = lcm(*(ratio.denominator for ratio in ratios))
    return {name: int(ratio * whole) for name, ratio in zip(names, ratios, strict=True)}


def split(
    documents: Sequence[Document],
    ratios: Mapping[str, int] = RATIOS,
    *,
    seed: int = 0,
    group_by: str | None = None,
) -> dict[str, list[Document]]:
    """The documents of each part, sorted by id.

    `ratios`: for each part its share, in whole numbers of any sum. `group_by`: a field of the metadata, with dots
    between the names of nested ones; documents with the same value stay together, and so do near duplicates. Every
    part has a document. Raises `DataError` where there are too few groups for that, or a document lacks the field.
    """
    together = groups([document.text for document in documents])
    if group_by:
        together = joined(together, _numbers([_field(document, group_by) for document in documents]))
    members: dict[int, list[int]] = {}
    for number, first in enumerate(together):
        members.setdefault(first, []).append(number)
    if len(members) < len(ratios):
        raise _too_few(documents, ratios, len(members), group_by)
    keys = [_key(document) for document in documents]  # of equal ones each has its place by number
    order = sorted(members.values(), key=lambda group: _hash(str(seed).encode(), *sorted(keys[n] for n in group)))
    counts = [_counts(documents[number] for number in group) for group in order]
    places = assign(counts, list(ratios.values()))
    parts: dict[str, list[int]] = {name: [] for name in ratios}
    names = list(ratios)
    for group, place in zip(order, places, strict=True):
        parts[names[place]] += group
    return {
        name: [documents[n] for n in sorted(numbers, key=lambda n: (_natural(documents[n].id), keys[n]))]
        for name, numbers in parts.items()
    }


def folds(documents: Sequence[Document], k: int, *, seed: int = 0, group_by: str | None = None) -> list[list[Document]]:
    """The documents in `k` parts of the same size, for cross-validation. As `split` else."""
    if k < 2:
        raise UsageError(f"{k} folds", "it takes two or more")
    return list(split(documents, {f"fold-{n}": 1 for n in range(1, k + 1)}, seed=seed, group_by=group_by).values())


def training_sets(folds: Sequence[Sequence[Document]]) -> dict[str, list[Document]]:
    """For each fold what is trained on, all the others, and what is tested on, by the names of their files."""
    whole = sorted(chain(*folds), key=lambda document: (_natural(document.id), _key(document)))
    sets: dict[str, list[Document]] = {}
    for number, test in enumerate(folds, 1):
        tested = set(map(id, test))
        sets[f"fold-{number}/train"] = [document for document in whole if id(document) not in tested]
        sets[f"fold-{number}/test"] = list(test)
    return sets


def missed(parts: Mapping[str, Sequence[Document]], ratios: Mapping[str, int]) -> str:
    """What to say where a part has got far more or fewer documents than it was to have; empty where none has."""
    whole, asked = sum(map(len, parts.values())), sum(ratios.values())
    percents = {name: (100 * len(parts[name]) / whole, 100 * ratio / asked) for name, ratio in ratios.items()}
    name, (has, wanted) = max(percents.items(), key=lambda item: abs(item[1][0] - item[1][1]))
    if abs(has - wanted) <= FAR:
        return ""
    why = "there are too few documents, or too many that stay together"
    return f"{name} has {has:.0f}% of the documents and was to have {wanted:.0f}%: {why}"


FAR = 10
"""How many hundredths of all documents a part may have more or fewer than its share without a word."""


def shares(parts: Mapping[str, Sequence[Document]]) -> Table:
    """How many documents and entities, and of each label, the parts have, and which share of all that is."""
    counts = {name: _counts(documents) for name, documents in parts.items()}
    totals: Counter[str] = Counter()
    for count in counts.values():
        totals.update(count)
    table = Table("", ["", *parts])
    for name in [DOCUMENTS, *sorted(totals.keys() - {DOCUMENTS})]:
        cells = [f"{count[name]:,}  {100 * count[name] / totals[name]:5.1f}%" for count in counts.values()]
        table.rows.append([name or "documents", *cells])
    return table


def assign(groups: Sequence[Counts], ratios: Sequence[int]) -> list[int]:
    """The part of each group, so that every part has about its share of all that is counted, and none is empty.

    `groups`: what each of them counts, by name. There are no fewer of them than parts. They are taken in their order.
    """
    totals: Counter[str] = Counter()
    for group in groups:
        totals.update(group)
    whole = sum(ratios)
    # what a deviation costs, and how much is expected, both in whole numbers
    weights = {DOCUMENTS: len(totals)}  # documents weigh as much as all labels together
    costs = [{name: weights.get(name, 1) * PRECISION // (ratio * n) for name, n in totals.items()} for ratio in ratios]
    expected = [{name: ratio * n for name, n in totals.items()} for ratio in ratios]
    held: list[Counter[str]] = [Counter() for _ in ratios]
    members = [0] * len(ratios)

    def change(part: int, group: Counts, sign: int) -> int:
        """By how much the sum of squares grows where a group is put into a part (1) or taken out (-1)."""
        here, cost, aim = held[part], costs[part], expected[part]
        return sum(
            n * (sign * 2 * (whole * here[name] - aim[name]) + whole * n) * cost[name] for name, n in group.items()
        )

    def move(group: Counts, part: int, sign: int) -> None:
        members[part] += sign
        for name, n in group.items():
            held[part][name] += sign * n

    places = []
    parts = range(len(ratios))
    for group in groups:
        best = min(parts, key=lambda part: (change(part, group, 1), part))
        places.append(best)
        move(group, best, 1)
    for part in parts:
        if members[part] == 0:
            free = [n for n, place in enumerate(places) if members[place] > 1]
            taken = min(free, key=lambda n: (change(places[n], groups[n], -1) + change(part, groups[n], 1), n))
            move(groups[taken], places[taken], -1)
            move(groups[taken], part, 1)
            places[taken] = part
    for _ in range(ROUNDS):
        moved = False
        for number, group in enumerate(groups):
            old = places[number]
            if members[old] == 1:
                continue
            gain = change(old, group, -1)
            best = min((p for p in parts if p != old), key=lambda part: (change(part, group, 1), part))
            if gain + change(best, group, 1) < 0:
                move(group, old, -1)
                move(group, best, 1)
                places[number], moved = best, True
        if not moved:
            break
    return places


def _counts(documents: Iterable[Document]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for document in documents:
        counts[DOCUMENTS] += 1
        for span in document.spans:
            counts[span.label] += 1
    return counts


def _field(document: Document, name: str) -> str:
    value: Any = {"id": document.id, **document.meta}
    for step in name.split("."):
        if not isinstance(value, Mapping) or step not in value:
            known = sorted(_names(document.meta))
            what = f"document {document.id} has no field {name!r} to group by"
            raise DataError(what, did_you_mean(name, known) if known else "it has no metadata", document.source)
        value = value[step]
    return repr(value)


def _names(fields: Mapping[Any, Any]) -> Iterator[str]:
    """The names of all fields, those of fields in fields behind a dot."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in _names(value))
        else:
            yield str(name)


def _numbers(values: Sequence[str]) -> list[int]:
    first: dict[str, int] = {}
    return [first.setdefault(value, number) for number, value in enumerate(values)]


def _too_few(documents: Sequence[Document], ratios: Counts, found: int, group_by: str | None) -> DataError:
    what = counted(len(documents), "document")
    needed = f"{len(ratios)} at least"
    if found < len(documents):
        kinds = f"near duplicates and those with the same {group_by}" if group_by else "near duplicates"
        what += f" in {counted(found, 'group')} ({kinds} stay together)"
        needed = f"{len(ratios)} groups at least"
    parts = ", ".join(ratios)
    return DataError(
        f"{what} cannot be divided into {parts}: it takes {needed}, one a part",
        "take fewer parts with --ratios, or divide documents themselves with --split-by sentence",
    )


def _key(document: Document) -> bytes:
    """What a document is, but for an id that was made from the place where it was read."""
    own = document.id if document.has_own_id else None
    return _hash(repr((own, document.text, [tuple(span) for span in document.spans])).encode())


def _hash(*parts: bytes) -> bytes:
    made = blake2b(digest_size=16)
    for part in parts:
        made.update(len(part).to_bytes(8, "little") + part)
    return made.digest()


def _natural(id: str | None) -> tuple[tuple[int, int, str], ...]:
    """An id as people sort them: a9 before a10."""
    pieces = regex.findall(r"[0-9]+|[^0-9]+", id or "")
    return tuple((0, len(p.lstrip("0")), p.lstrip("0")) if p[0] in "0123456789" else (1, 0, p) for p in pieces)
