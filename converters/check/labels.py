"""Labels that look like another one misspelt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from ..document import Document, Span
from ..errors import counted
from .findings import Finding

PREFIX = re.compile(r"[BIOESLUM][-_](?=.)")
"""What is left of a tag in a label that was taken from a column of tags."""
JOINTS = re.compile(r"[-_.:/ ]+")
"""What stands between the words of a label."""
RARE = 3
"""How many times as often the other label comes than one with a letter too many, too few, or changed places."""
RARE_CHANGED = 20
"""The same for one with another letter: HEIGHT and WEIGHT are labels, both."""
MOST = 500
"""How many labels are compared letter by letter. More are no labels, but notes or ids, and any two would be."""

SYNONYMS = [
    frozenset(names.split())
    for names in (
        "per pers person persons",
        "loc location locations",
        "org orga organization organisation organizations organisations",
        "misc miscellaneous",
        "prod product products",
        "evt event events",
        "fac facility",
        "lang language",
    )
]
"""Labels that mean the same, of which a corpus has one."""

KNOWN = frozenset(
    """
    account ade adr age amount animal app art award bic book building car card cardinal case cause cell chemical
    city class clause code company component corp corporation country county course court cw date day device
    disease district dna dob doctor dosage dose drug duration email eve event evt fac facility family fax finding
    food form frequency fur gae game gender gene geo gpe group grp height hospital iban id instrument ipv4 ipv6
    landform language law line loc location mac material metal method metric misc modifier money month motive
    movie mrk name nat nationality nom norp number obj object ordinal org organ organism organization ort other
    pain patient pay per percent person pet phone pin place plane plant play position pro problem process prod
    product profession protein prs quantity rate reason religion rna role room route scene score set sex ship song
    source species ssn star state station status statute store str strain street strength substance symptom system
    task team test text tim time title tme town train trait treatment tree type unit url veh vehicle war wea
    weapon weight wrk year zip
    """.split()
)
"""Words that labels of published corpora are made of, so that one is not another misspelt."""


def typos(documents: Sequence[Document]) -> Iterator[Finding]:
    """Labels that are another, more frequent label but for case, punctuation, a tag's prefix, or one letter."""
    counts = Counter(span.label for document in documents for span in document.spans)
    order = sorted(counts, key=lambda label: (-counts[label], label))
    words = Counter(word for label in counts for word in set(_words(label)))
    shared = {word for word, n in words.items() if n > 1}
    same: dict[str, str] = {}
    meant: dict[str, str] = {}
    for at, label in enumerate(order):
        keys = _plain(label), _plain(PREFIX.sub("", label, count=1))
        other = same.get(keys[0]) or same.get(keys[1])
        if other is None and len(order) <= MOST:
            close = (o for o in order[:at] if o not in meant and _is_typo(label, o, counts[label], counts[o], shared))
            other = next(close, None)
        if other is not None:
            meant[label] = other
        else:
            same |= dict.fromkeys(keys, label)
    told: set[str] = set()
    for document in documents if meant else ():
        for start, end, label in document.spans:
            if label in meant and label not in told:
                told.add(label)
                other = meant[label]
                times = f"{counted(counts[label], 'time')}, {other!r} {counted(counts[other], 'time')}"
                message = f"the label {label!r} comes {times}: is it the same?"
                yield Finding("label-typo", document, (start, end), label, message, Span(start, end, other))


def _is_typo(label: str, other: str, n: int, n_other: int, shared: Collection[str]) -> bool:
    """Whether `label`, `n` times, is `other`, `n_other` times, misspelt, or another name for it.

    They differ in one word. A word that is known, or that other labels have as well, is what it is.
    """
    one, two = _words(label), _words(other)
    if len(one) != len(two):
        return False
    pairs = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    if len(pairs) != 1:
        return False
    [(a, b)] = pairs
    if any({a, b} <= names for names in SYNONYMS):
        return True
    if a in KNOWN or a in shared or min(len(a), len(b)) < 3 or a.rstrip("0123456789") == b.rstrip("0123456789"):
        return False
    is_changed = len(a) == len(b) and sorted(a) != sorted(b)
    return n_other >= (RARE_CHANGED if is_changed else RARE) * n and _is_one_edit(a, b)


def _words(label: str) -> list[str]:
    return JOINTS.split(label.casefold())


def _plain(label: str) -> str:
    """The label without case and without what stands between its words."""
    return "".join(_words(label)) or label


def _is_one_edit(one: str, two: str) -> bool:
    """Whether two texts differ by one letter put in, left out, put for another, or by two neighbours that changed
    places (Damerau 1964).
    """
    if len(one) > len(two):
        one, two = two, one
    same = next((at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), len(one))
    rest, other = one[same:], two[same:]
    if len(one) < len(two):
        return rest == other[1:]
    return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
