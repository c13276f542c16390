"""Tagging schemes: entities as a tag a token. A scheme is a row of data; reading is strict.

Sources: Ramshaw and Marcus, Text Chunking using Transformation-Based Learning, 1995 (IOB1, here as CoNLL-2003
used it); Ratinov and Roth, CoNLL 2009 (BILOU). BIO is also known as IOB2, BIOES as IOBES or BMEWO.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from .document import TokenSpan
from .errors import DataError


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


class TagError(DataError):
    """A tag that its scheme does not allow there; `number` is the token's, from 0."""

    def __init__(self, number: int, what: str, todo: str) -> None:
        super().__init__(what, todo)
        self.number = number


def encode(spans: Iterable[TokenSpan], size: int, scheme: Scheme) -> list[str]:
    """The tags of `size` tokens in which `spans` are the entities, which are in order and do not overlap."""
    tags = ["O"] * size
    before = TokenSpan(0, -1, "")
    for span in spans:
        first, stop, label = span
        adjacent = before.stop == first and before.label == label
        letters = (
            [scheme.first, *[scheme.inner] * (stop - first - 2), scheme.last] if stop - first > 1 else [scheme.only]
        )
        if scheme.marked == "adjacent" and not adjacent:
            letters[0] = scheme.inner
        tags[first:stop] = [f"{letter}-{label}" for letter in letters]
        before = span
    return tags


def decode(tags: Sequence[str], scheme: Scheme) -> list[TokenSpan]:
    """The entities that the tags of one sentence stand for. Raises `TagError` for a tag that is not allowed."""
    spans: list[TokenSpan] = []
    first, label = 0, ""  # the entity that is open; a label is never empty
    for number, tag in enumerate([*tags, "O"]):
        letter, dash, name = tag.partition("-")
        if letter not in {"O", scheme.first, scheme.inner, scheme.last, scheme.only}:
            raise TagError(number, f"tag {tag!r} is not one of {scheme.name}", "name the scheme with the format")
        if bool(dash and name) != (letter != "O"):
            raise TagError(number, f"tag {tag!r} has no label" if letter != "O" else f"tag {tag!r} is no tag", "")
        continues = bool(label) and name == label and letter in (scheme.inner, scheme.last)
        begins = letter in (scheme.first, scheme.only) or (letter == scheme.inner and scheme.marked != "always")
        if scheme.marked != "always" and letter == scheme.first != scheme.inner and not (label and name == label):
            raise TagError(number, f"tag {tag!r} begins an entity that touches none before it", "it should be I-")
        if letter != "O" and not continues and not begins:
            what = f"tag {tag!r} continues nothing"
            raise TagError(number, what, f"in {scheme.name} an entity begins with {scheme.first}-")
        if continues:
            if scheme.has_end and letter == scheme.last:
                spans.append(TokenSpan(first, number + 1, label))
                label = ""
            continue
        if label:
            if scheme.has_end:
                raise TagError(
                    number, f"tag {tag!r} comes before entity {label} has ended", f"end it with {scheme.last}-"
                )
            spans.append(TokenSpan(first, number, label))
            label = ""
        if letter == scheme.only and scheme.has_end:
            spans.append(TokenSpan(number, number + 1, name))
        elif letter != "O":
            first, label = number, name
    return spans
