"""Tagging schemes: entities as a tag a token. A scheme is a row of data; reading is strict, and repair is explicit.

No sequence of tags with an entity in it is valid in two schemes that would read different entities from it (IO is
IOB1 without a B-), so that valid tags show their scheme.

Sources: Ramshaw and Marcus, Text Chunking using Transformation-Based Learning, 1995 (IOB1, here as CoNLL-2003
used it); Ratinov and Roth, CoNLL 2009 (BILOU); for repair https://www.clips.uantwerpen.be/conll2000/chunking/output.html
(conlleval) and https://github.com/bltlab/seqscore. BIO is also known as IOB2, BIOES as IOBES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain, pairwise
from typing import Literal, NamedTuple

from .balance import Repair, Report
from .document import LABEL_TODO, Document, TokenSpan, is_label
from .errors import DataError, Place

RepairMethod = Literal["conlleval", "discard"]
"""What to make of a tag that continues nothing: the beginning of an entity, as the conlleval script does, or none."""


class Scheme(NamedTuple):
    """The letters of an entity's first, inner, last and only token, and when the first has a letter of its own."""

    name: str
    first: str
    inner: str
    last: str
    only: str
    marked: Literal["always", "adjacent", "never"]
    """`adjacent`: only where it would else continue the entity before it."""

    @property
    def has_end(self) -> bool:
        """Whether an entity's last token has a letter of its own."""
        return self.last != self.inner


SCHEMES: Mapping[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        Scheme("BIO", "B", "I", "I", "B", "always"),
        Scheme("IOB1", "B", "I", "I", "B", "adjacent"),
        Scheme("IO", "I", "I", "I", "I", "never"),
        Scheme("BIOES", "B", "I", "E", "S", "always"),
        Scheme("BILOU", "B", "I", "L", "U", "always"),
    )
}

OTHERS = "; a format's name tells another scheme, as conll-bioes; labels alone are conll-io"
"""What else there is to do about a tag that is not of the scheme."""


PREFIXED = re.compile("[BIOESLU]-|[BIESLU]$")


class TagError(DataError):
    """A tag that its scheme does not allow there; `number` is the token's, from 0."""

    def __init__(self, number: int, what: str, todo: str) -> None:
        super().__init__(what, todo)
        self.number = number


def encode(spans: Iterable[TokenSpan], size: int, scheme: Scheme) -> list[str]:
    """The tags of `size` tokens in which `spans` are the entities, which are in order and do not overlap."""
    tags = ["O"] * size
    before: tuple[int, str] | None = None  # where the entity before stopped, and its label
    for first, stop, label in spans:
        adjacent = before == (first, label)
        letters = (
            [scheme.first, *[scheme.inner] * (stop - first - 2), scheme.last] if stop - first > 1 else [scheme.only]
        )
        if scheme.marked == "adjacent" and not adjacent:
            letters[0] = scheme.inner
        tags[first:stop] = [f"{letter}-{label}" for letter in letters]
        before = stop, label
    return tags


def by_sentence(
    document: Document, spans: Sequence[TokenSpan], output: str, report: Report
) -> Iterator[tuple[int, int, list[TokenSpan]]]:
    """The sentences as ranges of tokens, and the entities of each, counted from its first token.

    Sentences that an entity lies across are run together, and the report is told: tags end with their sentence.
    """
    inside = {number for span in spans for number in range(span.first + 1, span.stop)}
    first = at = 0
    for start, stop in document.sentence_ranges():
        if start in inside and document.tokens:
            word = document.text[document.tokens.starts[start] : document.tokens.ends[start]]
            report.lose("field", document.source, word, "a sentence begins inside an entity", output=output)
        if stop in inside:
            continue
        found = []
        while at < len(spans) and spans[at].first < stop:
            found.append(TokenSpan(spans[at].first - first, spans[at].stop - first, spans[at].label))
            at += 1
        yield first, stop, found
        first = stop


def detect(tags: Sequence[str]) -> Scheme:
    """The scheme of tags that are valid in one; where they are in none, the one that they look like most.

    The tags of several sentences are one sequence with an ``O`` between each two. BIO where there is no entity.
    """
    return detect_pairs(set(pairwise(chain(["O"], tags))))


def detect_pairs(pairs: Set[tuple[str, str]]) -> Scheme:
    """The same from the pairs of tags, each with the one before it."""
    letters = {tag[:2] for _, tag in pairs}
    if not letters.isdisjoint(("E-", "S-")):
        return SCHEMES["BIOES"]
    if not letters.isdisjoint(("L-", "U-")):
        return SCHEMES["BILOU"]
    # the letters of the tags that have nothing before them that they could continue
    opening = {tag[:2] for before, tag in pairs if tag != "O" and before[2:] != tag[2:]}
    return SCHEMES["IOB1" if opening == {"I-"} else "BIO"]


def mend(tags: Sequence[str], scheme: Scheme, method: RepairMethod) -> list[str]:
    """The tags with the sequence repaired: the same as SeqScore makes of them, item by item.

    BIO: an ``I-`` that continues nothing becomes ``B-`` (``conlleval``) or ``O`` (``discard``). IOB1: a ``B-`` that
    touches no entity of its label becomes ``I-`` (``conlleval``). Other tags and other schemes are left as they are.
    """
    stray, right = (scheme.inner, scheme.first) if scheme.marked == "always" else (scheme.first, scheme.inner)
    if scheme.has_end or scheme.marked == "never" or (scheme.marked == "adjacent" and method == "discard"):
        return list(tags)
    mended: list[str] = []
    before = ""  # the label of the tag before
    for tag in tags:
        letter, _, label = tag.partition("-")
        if letter == stray and label and label != before:
            tag = f"{right}-{label}" if method == "conlleval" else "O"
        mended.append(tag)
        before = tag.partition("-")[2]
    return mended


def is_bare(tags: Iterable[str]) -> bool:
    """Whether all tags but ``O`` are labels alone, which is IO without its letter."""
    return not any(PREFIXED.match(tag) for tag in tags)


def from_bare(tags: Iterable[str]) -> list[str]:
    """Labels alone as tags of IO. What does not begin with a letter is left as it is, and no tag."""
    return [f"I-{tag}" if tag != "O" and tag[:1].isalpha() else tag for tag in tags]


def decode(tags: Sequence[str], scheme: Scheme) -> list[TokenSpan]:
    """The entities that the tags of one sentence stand for. Raises `TagError` for a tag that is not allowed."""
    spans: list[TokenSpan] = []
    first, label = 0, ""  # the entity that is open; a label is never empty
    for number, tag in enumerate([*tags, "O"]):
        letter, _, name = tag.partition("-")
        if letter not in {"O", scheme.first, scheme.inner, scheme.last, scheme.only}:
            looks = dict.fromkeys(f"{own}-PER" for own in (scheme.first, scheme.inner, scheme.last, scheme.only))
            todo = f"they look like {', '.join(looks)} and O{OTHERS}"
            raise TagError(number, f"tag {tag!r} is not one of {scheme.name}", todo)
        if tag != "O" and (letter == "O" or not name):
            raise TagError(number, f"tag {tag!r} has no label" if letter != "O" else f"tag {tag!r} is no tag", "")
        continues = name == label and letter in (scheme.inner, scheme.last)
        begins = letter in (scheme.first, scheme.only) or scheme.marked != "always"
        if scheme.marked != "always" and letter == scheme.first != scheme.inner and name != label:
            raise TagError(number, f"tag {tag!r} begins an entity that touches none before it", "it should be I-")
        if letter != "O" and not continues and not begins:
            what = f"tag {tag!r} continues nothing"
            hint = "" if scheme.has_end else "; --repair-tags conlleval begins one there"
            raise TagError(number, what, f"in {scheme.name} an entity begins with {scheme.first}-{hint}")
        if continues:
            if scheme.has_end and letter == scheme.last:
                spans.append(TokenSpan(first, number + 1, label))
                label = ""
            continue
        if label:
            if scheme.has_end:
                raise TagError(
                    number, f"tag {tag!r} comes before entity {label!r} has ended", f"end it with {scheme.last}-"
                )
            spans.append(TokenSpan(first, number, label))
            label = ""
        if letter == scheme.only and scheme.has_end:
            spans.append(TokenSpan(number, number + 1, name))
        elif letter != "O":
            first, label = number, name
    return spans


def read_tags(
    tags: Sequence[str],
    scheme: Scheme,
    repair: RepairMethod | None,
    place: Callable[[int], Place | None],
    report: Report,
    *,
    decoder: Callable[[Sequence[str]], list[TokenSpan]] | None = None,
) -> list[TokenSpan]:
    """The entities that the tags of one sentence stand for, each repair of a tag being told.

    `place` says where the tag of a number stands. `decoder` reads the tags where their scheme is not known; `scheme` is
    then that of repairs. Raises `TagError`, with a place, for a tag that is not allowed, and `DataError` for a label
    that is none.
    """
    if repair:
        mended = mend(tags, scheme, repair)
        for number, (old, new) in enumerate(zip(tags, mended, strict=True)):
            if old != new:
                report.repairs.append(Repair(f"tags {repair}", str(place(number) or ""), f"{old} is {new}"))
        tags = mended
    try:
        spans = decoder(tags) if decoder else decode(tags, scheme)
    except TagError as error:
        error.place = place(min(error.number, len(tags) - 1))
        raise
    for first, _, label in spans:
        if not is_label(label):
            raise DataError(f"{label!r} is no label", LABEL_TODO, place(first))
    return spans
