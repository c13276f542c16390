"""Where words stand in the text that they were cut from, so that their offsets into it are exact.

A tagger's words are not quite the text's: it dropped the white space and replaced characters, and the text may hold
HTML, typographic quotes, or whole paragraphs that the tagger never saw. So both sides are read as streams of
characters in which those differences are gone, and the streams are aligned. What is equal throughout costs one
comparison; for what differs, stretches that are found once on either side divide it, as in a patience diff
(https://bramcohen.livejournal.com/73318.html), and in between the nearest agreement counts. Every step looks at each
character a bounded number of times.

Words are placed whole or not at all: a wrong offset is worse than none. There are several ways to read a text
(``&lt;`` may stand for itself or for ``<``), so what one reading leaves open is tried with the next, looser one.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import regex

from .html import cuts

Place = tuple[int, int]


class Mismatch(NamedTuple):
    """Where words and text differ: ``words[first:stop]`` stand where ``text[start:end]`` is, which may be empty."""

    first: int
    stop: int
    start: int
    end: int


class Anchors(NamedTuple):
    """For each word its half-open range of characters in the text, None where its own characters are missing; and,
    in order, where words are missing. Text that has no words is no mismatch."""

    places: list[Place | None]
    mismatches: list[Mismatch]


class Reading(NamedTuple):
    """How words and text are read: with the HTML of either taken for what it stands for (`words_html`,
    `text_html`), with any run of dashes as one (`loose`), with ``?`` for any character outside ASCII (`wild`)."""

    words_html: bool
    text_html: bool
    loose: bool = False
    wild: bool = False


_HTML_READINGS = (
    Reading(True, True),
    Reading(False, False),  # words that are HTML themselves
    Reading(False, True),  # a reference whose "&" was itself one: &amp;lt; became &lt;
    Reading(True, True, loose=True),
    Reading(True, True, wild=True),
    Reading(False, True, wild=True),
)
_PLAIN_READINGS = (
    Reading(False, False),
    Reading(False, False, loose=True),
    Reading(False, False, wild=True),
)


def anchor(words: Sequence[str], text: str, *, html: bool = True) -> Anchors:
    """Where each of the words stands in `text`; without `html`, tags and references in it are text.

    Places ascend and do not overlap, and none begins or ends in white space.
    """
    places: list[Place | None] = [None] * len(words)
    for reading in _HTML_READINGS if html else _PLAIN_READINGS:
        for first, stop, start, end in _open(places, len(text)):
            part = text[start:end]
            if not part.strip():
                continue
            some = words[first:stop]
            # a reading that has nothing of its own to read finds nothing new
            if reading.words_html != reading.text_html or (html and not reading.text_html):
                if "&" not in part and "<" not in part:
                    continue
            elif reading.wild:
                if not any("?" in word or _LOST in word for word in some):
                    continue
            elif reading.loose and not any(_DASH.search(word) for word in some):
                continue
            if len(some) == 1 and some[0] == part.strip():
                start += len(part) - len(part.lstrip())
                places[first] = (start, start + len(some[0]))
                continue
            found = _align(some, part, reading)
            if html and not reading.text_html:
                _leave_tags_whole(found, part)
            for number, place in enumerate(found, first):
                if place:
                    places[number] = (place[0] + start, place[1] + start)
        if None not in places:
            break
    marked = html and ("<" in text or "&" in text) and _differ(places, text)
    _slide(places, words, _without_html(text) if marked else text)
    return Anchors(places, [_trimmed(gap, text) for gap in _open(places, len(text))])


def _open(places: Sequence[Place | None], size: int) -> list[Mismatch]:
    """The runs of words that have no place, each with the text between the places on its sides."""
    found: list[Mismatch] = []
    at, first = 0, -1
    for number, place in enumerate(places):
        if place is None:
            if first < 0:
                first = number
            continue
        if first >= 0:
            found.append(Mismatch(first, number, at, place[0]))
            first = -1
        at = place[1]
    if first >= 0:
        found.append(Mismatch(first, len(places), at, size))
    return found


def _trimmed(gap: Mismatch, text: str) -> Mismatch:
    part = text[gap.start : gap.end]
    if not part.strip():
        return gap._replace(end=gap.start)
    return gap._replace(start=gap.end - len(part.lstrip()), end=gap.start + len(part.rstrip()))


_REACH = 64
"""How many words a difference may slide."""


def _differ(places: Sequence[Place | None], text: str) -> bool:
    """Whether words are missing, or there is text between the places."""
    at = 0
    for place in places:
        if place is None or (place[0] > at and not text[at : place[0]].isspace()):
            return True
        at = place[1]
    return False


_BLANK = "\0"


def _without_html(text: str) -> str:
    """The text at the same offsets, with spaces for tags and blanks for references."""
    pieces, at = [], 0
    for start, end, reads in _html(text):
        pieces += [text[at:start], (_BLANK if reads.strip() else " ") * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def _slide(places: list[Place | None], words: Sequence[str], text: str) -> None:
    """Move differences to where a line or a sentence ends, if they may as well be there.

    Between ``A b. A c.`` and ``A c.`` either ``A b.`` or ``b. A`` is missing, and nobody means the second.
    """
    left = -1
    for right, place in enumerate(places):
        if place is None:
            continue
        if left >= 0 and (other := places[left]):
            between = bool(text[other[1] : place[0]].strip())
            if between != (right > left + 1):
                best, moves = _ending(other, place, words[left], text), []
                for step in (-1, 1):
                    passed: list[tuple[int, int, Place]] = []
                    for move in islice(_slides(places, words, text, (left, right), step), _REACH):
                        passed.append(move)
                        first = move[0] - (step < 0)
                        if not 0 <= first < len(places) - 1:
                            break
                        one, two = places[first], places[first + 1]
                        if one and two and (score := _ending(one, two, words[first], text)) > best:
                            best, moves = score, passed[:]
                for number, _, _ in moves:
                    places[number] = None
                for _, number, to in moves:
                    places[number] = to
        left = right


def _ending(one: Place, other: Place, word: str, text: str) -> int:
    """How much is at an end between two places that follow one another."""
    following = text[one[1] : other[0]]
    space = following[: len(following) - len(following.lstrip())]
    return 2 if "\n" in space else int(word.rstrip("'\"”’)]")[-1:] in (".", "!", "?", "。"))


def _slides(
    places: Sequence[Place | None], words: Sequence[str], text: str, gap: tuple[int, int], step: int
) -> Iterator[tuple[int, int, Place]]:
    """The words that a difference between those of `gap` can pass on its way to the left or right, one after the
    other, each with its new number and place."""
    left, right = gap
    missing = right - left - 1
    number, edge = (left, places[right]) if step < 0 else (right, places[left])
    while 0 <= number < len(places) and (place := places[number]) and edge:
        other = number - step * missing
        if missing:
            if words[number] != words[other]:
                return
            yield number, other, place
        else:
            size = place[1] - place[0]
            if step < 0:
                end = place[1] + len(text[place[1] : edge[0]].rstrip())
                edge = (end - size, end)
            else:
                start = place[0] - len(text[edge[1] : place[0]].lstrip())
                edge = (start, start + size)
            outer = text[max(edge[0] - 1, 0) : edge[0] + 1] if step < 0 else text[edge[1] - 1 : edge[1] + 1]
            if text[slice(*edge)] != text[slice(*place)] or _BLANK in text[slice(*edge)]:
                return
            if len(outer) == 2 and outer.isalnum():
                return
            yield number, other, edge
        number += step


def _leave_tags_whole(places: list[Place | None], text: str) -> None:
    """Take back the places in tags and references that are not covered from end to end: the word ``title`` does
    not stand in ``<a title=x>``."""
    found = [(number, place) for number, place in enumerate(places) if place]
    at = 0
    for cut in _html(text):
        while at < len(found) and found[at][1][1] <= cut[0]:
            at += 1
        last = at
        while last < len(found) and found[last][1][0] < cut[1]:
            last += 1
        if last > at and not (found[at][1][0] <= cut[0] and found[last - 1][1][1] >= cut[1]):
            for number, _ in found[at:last]:
                places[number] = None
            at = last


# Reading: a text as a stream of folded characters.

_LOST = "\ufffd"
_IGNORED = frozenset("\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff") | {
    chr(code) for block in (range(0x202A, 0x202F), range(0x2066, 0x206A), range(0xFE00, 0xFE10)) for code in block
}
"""Characters that nobody sees: soft hyphens, zero-width and direction marks, variation selectors."""

_HYPHENS = "-\u2010\u2011\u2212\ufe63\uff0d"
_RULES = "\u2012\u2013\u2014\u2015\ufe58"
_DASHES = _HYPHENS + _RULES
_SAME: dict[str, str] = {
    **dict.fromkeys("'`´‘’‚‛‹›′ʼ", "'"),
    # two single quotes are a double one, on either side
    **dict.fromkeys('"“”„‟«»″〝〞', "''"),
    # a reading that is not loose keeps "— —" and "--" apart
    **dict.fromkeys(_HYPHENS, "-"),
    **dict.fromkeys(_RULES, "\u2014"),
    **dict(zip("æœÆŒ", ("ae", "oe", "AE", "OE"), strict=True)),
}
_COMPATIBLE = frozenset("…‥") | {
    chr(code)
    for block in (range(0xFB00, 0xFB07), range(0x132, 0x134), range(0x1C4, 0x1CD), range(0x1F1, 0x1F4))
    for code in block
}
"""Ligatures and dots that are several characters."""

_DASH = re.compile(f"[{_DASHES}]|&(?:MD|md);|&[mn]dash;|&#")
_DASHED = re.compile(f"[{_DASHES}]+")
_ESCAPED = re.compile(r"-(?:[LR][RCS]B)-")
_ESCAPES = {"-LRB-": "(", "-RRB-": ")", "-LCB-": "{", "-RCB-": "}", "-LSB-": "[", "-RSB-": "]"}
_TAGGER = re.compile(r"&(?:MD|md|HT);")
_PIECE = re.compile(r"[!#-_a-~]+|[^\s!-~]+|[\"`]+")  # the first kind stands for itself
# Letters that a word does not end between, nor digits. Scripts that leave no spaces between words are not among them.
_UNBROKEN = regex.compile(
    r"(?V1)[[\p{L}\p{M}]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]{2,}|\p{N}{2,}"
)


class _Folding(dict[str, str]):
    """What stands for a character in a stream: nothing, itself, or what it shares with others."""

    def __missing__(self, character: str) -> str:
        if character in _IGNORED or character.isspace():
            folded = ""
        else:
            parts = _SAME.get(character) or unicodedata.normalize(
                "NFKD" if character in _COMPATIBLE else "NFD", character
            )
            folded = "".join(_SAME.get(c, c) for c in parts if not c.isspace())
        self[character] = folded
        return folded


class _WildFolding(_Folding):
    """The same, with one character for everything that an encoding may have lost, and for what it left instead."""

    def __missing__(self, character: str) -> str:
        if character == "?" or (character > "~" and _FOLDING[character]):
            self[character] = _LOST
        else:
            self[character] = _FOLDING[character]
        return self[character]


_FOLDING = _Folding()
_WILD = _WildFolding()


class _Stream(NamedTuple):
    """A text read: its folded characters, and for each the offset of what it was folded from, which is one
    character long unless `wide` has its end. `shapes`: the same characters, what may be lost as it stands in the
    text. `breaks`: where white space or HTML stands before a character."""

    characters: str
    shapes: str
    starts: array[int]
    wide: dict[int, int]
    breaks: list[int]

    def end(self, index: int) -> int:
        """Where in the text the folded character of that index ends."""
        start = self.starts[index]
        return self.wide.get(start, start + 1)

    def splits(self, index: int) -> bool:
        """Whether one character of the text was folded into those on both sides of that index."""
        return 0 < index < len(self.starts) and self.starts[index - 1] == self.starts[index]


def _html(text: str) -> Iterator[tuple[int, int, str]]:
    """The HTML in a text and what it reads, with the references that only the tagger knows."""
    own = ((m.start(), m.end(), "" if m[0] == "&HT;" else "--") for m in _TAGGER.finditer(text))
    known = ((cut.start, cut.end, cut.reads) for cut in cuts(text))
    return _merged(known, own)


def _merged(
    one: Iterator[tuple[int, int, str]], other: Iterator[tuple[int, int, str]]
) -> Iterator[tuple[int, int, str]]:
    """Both by their places, without those of `other` that overlap one before them."""
    a, b, at = next(one, None), next(other, None), 0
    while a or b:
        if b is None or (a is not None and a[0] <= b[0]):
            assert a is not None
            if a[0] >= at:
                yield a
                at = a[1]
            a = next(one, None)
        else:
            if b[0] >= at and (a is None or b[1] <= a[0]):
                yield b
                at = b[1]
            b = next(other, None)


def _read(text: str, *, html: bool, loose: bool, wild: bool) -> _Stream:
    folding: dict[str, str] = _WILD if wild else _FOLDING
    escapes = ((m.start(), m.end(), _ESCAPES[m[0]]) for m in _ESCAPED.finditer(text))
    replaced: Iterator[tuple[int, int, str]] = _merged(_html(text), escapes) if html else escapes
    if loose:
        replaced = _merged(replaced, ((m.start(), m.end(), "-") for m in _DASHED.finditer(text)))
    pieces: list[str] = []
    starts: array[int] = array("q")
    wide: dict[int, int] = {}
    breaks: list[int] = []
    size = at = 0  # `at`: the end of what stands directly before, -1 after HTML

    def read_plain(start: int, end: int) -> None:
        nonlocal size, at
        for match in _PIECE.finditer(text, start, end):
            begin, stop = match.span()
            if begin != at:
                breaks.append(size)
            at = stop
            piece = match[0]
            if "!" <= piece[0] <= "~" and piece[0] not in '"`' and not (wild and "?" in piece):
                pieces.append(piece)
                starts.extend(range(begin, stop))
                size += stop - begin
                continue
            for offset, character in enumerate(piece, begin):
                folded = folding[character]
                if folded:
                    pieces.append(folded)
                    starts.append(offset)
                    if len(folded) > 1:
                        starts.extend([offset] * (len(folded) - 1))
                    size += len(folded)

    before = 0
    for start, end, reads in replaced:
        read_plain(before, start)
        before = end
        folded = "".join(folding[c] for c in (_DASHED.sub("-", reads) if loose else reads))
        if folded:
            if start != at:
                breaks.append(size)
            pieces.append(folded)
            starts.extend([start] * len(folded))
            wide[start] = end
            size += len(folded)
            at = end
        else:
            at = -1
    read_plain(before, len(text))
    characters = "".join(pieces)
    # what may have been lost is a letter still, or none
    shapes = "".join(map(_shape, characters, (text[start] for start in starts))) if wild else characters
    return _Stream(characters, shapes, starts, wide, breaks)


def _shape(folded: str, character: str) -> str:
    return character if folded == _LOST else folded


# Alignment: places for words under one reading.


def _align(words: Sequence[str], text: str, reading: Reading) -> list[Place | None]:
    """The places of the words, as far as they are found when read so."""
    joined = " ".join(words)
    left = _read(joined, html=reading.words_html, loose=reading.loose, wild=reading.wild)
    right = _read(text, html=reading.text_html, loose=reading.loose, wild=reading.wild)
    edges: list[int] = [0]  # where in the stream each word begins and the one before it ends
    at = 0
    for word in words:
        at += len(word) + 1
        edges.append(bisect_left(left.starts, at - 1, edges[-1]))
    places: list[Place | None] = [None] * len(words)
    at = 0  # where the word begins in `joined`
    number = 0
    until = 0  # the end of the last place
    for a, b, length in _blocks(left, right, edges):
        while number < len(words) and edges[number] < a:
            at += len(words[number]) + 1
            number += 1
        while number < len(words) and edges[number + 1] <= a + length:
            word = words[number]
            begin, end = edges[number], edges[number + 1]
            here, at = at, at + len(word) + 1
            number += 1
            if begin == end or left.splits(begin) or left.splits(end):
                continue
            if left.starts[begin] != here or left.end(end - 1) != here + len(word):
                # what it begins or ends with was read as nothing: HTML is its own, the unseen is not
                last = left.end(end - 1)
                around = joined[here : left.starts[begin]] + joined[last : here + len(word)]
                if last > here + len(word) or any(_FOLDING[c] for c in around):
                    continue
            if begin and left.end(begin - 1) > here:
                continue
            first, stop = begin + b - a, end + b - a
            if right.splits(first) or right.splits(stop):
                continue
            if reading.wild and not _is_lost(left, joined, begin, end, right, text, first):
                continue
            start, last = right.starts[first], right.end(stop - 1)
            if word[0] in _IGNORED or word[-1] in _IGNORED:
                start, last = _with_unseen(word, text, start, last, until)
            places[number - 1] = (start, last)
            until = last
    _place_unseen(words, text, places)
    return places


def _is_lost(left: _Stream, joined: str, begin: int, end: int, right: _Stream, text: str, first: int) -> bool:
    """Whether the characters are equal after all, but for those that an encoding lost."""
    for index in range(begin, end):
        if left.characters[index] == _LOST:
            one = joined[left.starts[index]]
            if one in "?\ufffd":
                continue
            start = right.starts[index - begin + first]
            if _FOLDING[one] != _FOLDING[text[start]]:
                return False
    return True


def _with_unseen(word: str, text: str, start: int, end: int, until: int) -> Place:
    """The place with the unseen characters at the word's own edges, where the text has the same."""
    head = len(word) - len(word.lstrip("".join(_IGNORED)))
    tail = len(word) - len(word.rstrip("".join(_IGNORED)))
    if head and start - head >= until and text[start - head : start] == word[:head]:
        start -= head
    if tail and text[end : end + tail] == word[-tail:]:
        end += tail
    return start, end


def _place_unseen(words: Sequence[str], text: str, places: list[Place | None]) -> None:
    """Words of nothing but unseen characters stand directly between the places on their sides, or nowhere."""
    limits = [len(text)] * len(words)
    for number in range(len(words) - 2, -1, -1):
        following = places[number + 1]
        limits[number] = following[0] if following else limits[number + 1]
    until = start = 0
    for number, word in enumerate(words):
        place = places[number]
        if place:
            until = place[1]
        elif word and all(c in _IGNORED for c in word):
            start = max(start, until)
            while text[start : start + 1].isspace():
                start += 1
            if text.startswith(word, start) and start + len(word) <= limits[number]:
                places[number] = (start, start + len(word))
                until = start + len(word)


Block = tuple[int, int, int]
Region = tuple[int, int, int, int]  # from and to on the left, from and to on the right
_Chain = tuple[Block, Any]  # a block and the chain before it, or None

_UNIQUE = (48, 24, 12, 12)
"""How many characters must agree to divide what differs, in one round after the other."""
_NEAREST = (24, 6, 3)
"""And how many to go on after a difference."""
_NO_CHANCE = 16
"""So many characters of whole words agree by no chance, even where the text goes on without a space."""
_SMALL = 2048
"""What is small enough to look at every pair of equal words: so many words times places for them."""


def _blocks(left: _Stream, right: _Stream, edges: Sequence[int]) -> list[Block]:
    """Where the streams agree, as ascending (from on the left, from on the right, length); each block holds whole
    words of the left and neither begins nor ends inside a word of the right."""
    if left.characters == right.characters:
        return [(0, 0, len(left.characters))]
    return _Differ(left, right, edges).blocks()


class _Differ:
    """Two streams, and where each may be cut."""

    def __init__(self, left: _Stream, right: _Stream, edges: Sequence[int]) -> None:
        self.left = left.characters
        self.right = right.characters
        self.left_cuts = bytearray(len(self.left) + 1)
        for edge in edges:
            self.left_cuts[edge] = 1
        self.right_cuts = bytearray(b"\1") * (len(self.right) + 1)
        for match in _UNBROKEN.finditer(right.shapes):
            start, end = match.span()
            self.right_cuts[start + 1 : end] = bytes(end - start - 1)
        for index in right.breaks:
            self.right_cuts[index] = 1

    def blocks(self) -> list[Block]:
        """Where the streams agree."""
        found: list[Block] = []
        regions = [(0, len(self.left), 0, len(self.right))]
        for size in _UNIQUE:
            regions = self._divide(regions, found, partial(self._unique, size))
        regions = self._divide(regions, found, partial(self._nearest, _NEAREST[0]))
        for region in regions:
            fine: list[Block] = []
            inner = self._divide([region], fine, partial(self._unique, 0))
            for size in _NEAREST[1:]:
                inner = self._divide(inner, fine, self._best)
                inner = self._divide(inner, fine, partial(self._nearest, size))
            self._divide(inner, fine, self._best)
            # in texts that have nothing to do with one another, a few short words agree all the same
            smaller = min(region[1] - region[0], region[3] - region[2])
            if smaller <= 40 or 5 * sum(length for _, _, length in fine) >= smaller:
                found += fine
        found.sort()
        return found

    def _divide(
        self, regions: list[Region], found: list[Block], anchors: Callable[[Region], Iterator[Block]]
    ) -> list[Region]:
        """The parts of the regions that do not agree; what agrees goes to `found`."""
        rest: list[Region] = []

        def leave(region: Region) -> None:
            if region[0] < region[1] and region[2] < region[3]:
                rest.append(region)

        for region in regions:
            trimmed = self._trim(region, found)
            a, a_end, b, b_end = trimmed
            if a == a_end or b == b_end:
                continue
            for one, other, length in anchors(trimmed):
                leave(self._trim((a, one, b, other), found))
                found.append((one, other, length))
                a, b = one + length, other + length
            leave(self._trim((a, a_end, b, b_end), found))
        return rest

    def _trim(self, region: Region, found: list[Block]) -> Region:
        """The region without what agrees at its two ends."""
        a, a_end, b, b_end = region
        length = self._forward(a, a_end, b, b_end)
        if length:
            found.append((a, b, length))
            a, b = a + length, b + length
        length = self._backward(a, a_end, b, b_end)
        if length:
            a_end, b_end = a_end - length, b_end - length
            found.append((a_end, b_end, length))
        return a, a_end, b, b_end

    def _forward(self, a: int, a_end: int, b: int, b_end: int) -> int:
        """How many characters agree from both starts on, in whole words."""
        left, right = self.left, self.right
        limit = min(a_end - a, b_end - b)
        same, step = 0, 16
        while (
            same < limit
            and left[a + same : a + min(same + step, limit)] == right[b + same : b + min(same + step, limit)]
        ):
            same, step = min(same + step, limit), step * 2
        step = min(step, limit - same)
        while step:  # somewhere in the next `step` characters they differ
            half = step // 2
            if half and left[a + same : a + same + half] == right[b + same : b + same + half]:
                same, step = same + half, step - half
            elif half:
                step = half
            else:
                break
        whole = same = max(self.left_cuts.rfind(1, a, a + same + 1) - a, 0)
        while same > 0 and not self.right_cuts[b + same]:
            same = max(self.left_cuts.rfind(1, a, a + same) - a, 0)
        return same if whole - same < _NO_CHANCE else whole

    def _backward(self, a: int, a_end: int, b: int, b_end: int) -> int:
        """How many characters agree before both ends, in whole words."""
        left, right = self.left, self.right
        limit = min(a_end - a, b_end - b)
        same, step = 0, 16
        while same < limit:
            more = min(step, limit - same)
            if left[a_end - same - more : a_end - same] != right[b_end - same - more : b_end - same]:
                step = more
                break
            same, step = same + more, step * 2
        else:
            step = 0
        while step > 1:
            half = step // 2
            if left[a_end - same - half : a_end - same] == right[b_end - same - half : b_end - same]:
                same, step = same + half, step - half
            else:
                step = half
        cut = self.left_cuts.find(1, a_end - same, a_end) if same else -1
        whole = same = a_end - cut if cut >= 0 else 0
        while same > 0 and not self.right_cuts[b_end - same]:
            cut = self.left_cuts.find(1, a_end - same + 1, a_end)
            same = a_end - cut if cut >= 0 else 0
        return same if whole - same < _NO_CHANCE else whole

    def _best(self, region: Region) -> Iterator[Block]:
        """The words of a small region that agree in the same order and have the most characters between them."""
        a, a_end, b, b_end = region
        left, right, cuts = self.left, self.right, self.right_cuts
        words = self.left_cuts.count(1, a, a_end)
        if words * cuts.count(1, b, b_end) > _SMALL or b_end - b > _SMALL:
            return
        ends: list[int] = [b]  # of the best chains so far, by where they end: the later, the better
        scores: list[int] = [0]
        chains: list[_Chain | None] = [None]
        before: dict[int, tuple[int, _Chain]] = {}  # those that end with the word before, by where
        while a < a_end:
            stop = self.left_cuts.find(1, a + 1, a_end)
            stop = stop if stop > 0 else a_end
            word, length = left[a:stop], stop - a
            here: dict[int, tuple[int, _Chain]] = {}
            at = right.rfind(word, b, b_end)
            while at >= 0:
                if cuts[at] and cuts[at + length]:
                    index = bisect_right(ends, at) - 1
                    score, chain = scores[index], chains[index]
                    if at in before and before[at][0] + 1 >= score:
                        score, chain = before[at][0] + 1, before[at][1]
                    score += 2 * length + 1
                    here[at + length] = score, ((a, at, length), chain)
                at = right.rfind(word, b, at + length - 1)
            for end, (score, chain) in here.items():
                index = bisect_right(ends, end)
                if scores[index - 1] >= score:
                    continue
                last = index
                while last < len(ends) and scores[last] <= score:
                    last += 1
                first = index - (ends[index - 1] == end)
                ends[first:last], scores[first:last], chains[first:last] = [end], [score], [chain]
            before, a = here, stop
        found: list[Block] = []
        best = chains[-1]
        while best:
            found.append(best[0])
            best = best[1]
        yield from reversed(found)

    def _unique(self, size: int, region: Region) -> Iterator[Block]:
        """What agrees around stretches of that size which occur once on either side, in the order of both."""
        a, a_end, b, b_end = region
        if a_end - a < size or b_end - b < size:
            return
        ours = _once(self.left, self.left_cuts, a, a_end, size)
        theirs = _once(self.right, self.right_cuts, b, b_end, size)
        pairs = [(at, other) for gram, at in ours.items() if at >= 0 and (other := theirs.get(gram, -1)) >= 0]
        pairs.sort()
        for one, other in _ascending(pairs):
            if one < a or other < b:
                continue
            length = self._forward(one, a_end, other, b_end)
            if length:
                back = self._backward(a, one, b, other)
                yield one - back, other - back, length + back
                a, b = one + length, other + length

    def _nearest(self, size: int, region: Region) -> Iterator[Block]:
        """What agrees again after each difference, the nearest first."""
        a, a_end, b, b_end = region
        left, right, left_cuts, right_cuts = self.left, self.right, self.left_cuts, self.right_cuts
        patience = 20 * (a_end - a + b_end - b) + 1000  # for long words that agree in part, over and over
        while a < a_end and b < b_end and patience > 0:
            ours: dict[str, int] = {}
            theirs: dict[str, int] = {}
            one, other = a, b
            length = 0
            while 0 <= one < a_end or 0 <= other < b_end:
                candidates = []
                if 0 <= one < a_end:
                    after = left_cuts.find(1, one + 1, a_end)
                    gram = left[one : one + size]
                    if ours.setdefault(gram, one) == one and gram in theirs:
                        candidates.append((one, theirs[gram]))
                    one = after
                if 0 <= other < b_end:
                    after = right_cuts.find(1, other + 1, b_end)
                    gram = right[other : other + size]
                    if theirs.setdefault(gram, other) == other and gram in ours:
                        candidates.append((ours[gram], other))
                    other = after
                for i, j in candidates:
                    length = self._forward(i, a_end, j, b_end)
                    if length:
                        break
                    after = left_cuts.find(1, i + 1, a_end)
                    patience -= (after if after > 0 else a_end) - i
                if length or patience <= 0:
                    break
            if not length:
                return
            yield i, j, length
            a, b = i + length, j + length


def _once(characters: str, cut: bytearray, start: int, end: int, size: int) -> dict[str, int]:
    """The stretches of that size that begin at a cut, with where they do, or -1 where they do so repeatedly; for
    size 0 those from one cut to the next."""
    found: dict[str, int] = {}
    at = cut.find(1, start, end - size + 1)
    while 0 <= at < end:
        after = cut.find(1, at + 1, end - size + 1)
        gram = characters[at : at + size if size else (after if after > 0 else end)]
        found[gram] = -1 if gram in found else at
        at = after
    return found


def _ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of the pairs, which ascend by their first, that ascends by their second too."""
    tops: list[int] = []  # the smallest second that ends a run of each length
    holders: list[int] = []
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        length = bisect_left(tops, second)
        before.append(holders[length - 1] if length else -1)
        if length == len(tops):
            tops.append(second)
            holders.append(index)
        else:
            tops[length], holders[length] = second, index
    run: list[tuple[int, int]] = []
    index = holders[-1] if holders else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]
