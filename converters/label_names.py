"""Names of labels: when one looks like another one misspelt, or means the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

PREFIX = re.compile(r"[BIOESLUM][-_](?=.)")
"""What is left of a tag in a label that was taken from a column of tags."""
JOINTS = re.compile(r"[-_.:/ ]+")
"""What stands between the words of a label."""
RARE = 3
"""How many times as often the other label comes than one with a letter too many, too few, or changed places."""
RARE_CHANGED = 20
"""The same for one with another letter: HEIGHT and WEIGHT are labels, both."""
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


def nearest(label: str, known: Mapping[str, int]) -> str | None:
    """The label that was meant, of those that come so many times, where this one comes never; None if none is near."""
    own = keys(label)
    for other in sorted(known, key=lambda other: (-known[other], other)):
        if plain(other) in own or is_typo(label, other, 0, known[other], ()):
            return other
    return None


def is_typo(label: str, other: str, n: int, n_other: int, shared: Collection[str]) -> bool:
    """Whether `label`, `n` times, is `other`, `n_other` times, misspelt, or another name for it.

    They differ in one word. A word that is known, or that other labels have as well, is what it is.
    """
    one, two = words(label), words(other)
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
    return n_other >= (RARE_CHANGED if is_changed else RARE) * n and is_one_edit(a, b)


def words(label: str) -> list[str]:
    """The words of a label, without case."""
    return JOINTS.split(label.casefold())


def plain(label: str) -> str:
    """The label without case and without what stands between its words."""
    return "".join(words(label)) or label


def keys(label: str) -> tuple[str, str]:
    """The label as `plain` has it, and without the prefix of a tag: one that has the same is the same."""
    return plain(label), plain(PREFIX.sub("", label, count=1))


def is_one_edit(one: str, two: str) -> bool:
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
