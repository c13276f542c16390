"""The usual markup, read all at once: what `markup` and `detokenize` make of a file of the tagger's, many times faster.

They look at every word and at every gap. Most gaps need no look: both words beside them were never split off, so the
space was there. Here the edges of all words are found at once, as columns; only the words that may have been split off
and the brackets of entities are looked at; and offsets are running sums. What the rows of `rules` say of two words is
kept, as it is asked over and over. Whatever is not usual (a bracket of the text, a character reference, white space
other than spaces and line ends, another form of the markup, an error) is not read here: then `read` returns None, and
the plain way reads it, or says what is wrong. A test holds the one to the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from itertools import compress, pairwise, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .detokenize import LEFT_OVER, rules_between
from .document import Document, Known, Span, Tokens
from .errors import Place
from .gaps import PROFILES, TREEBANK, Context, Gap
from .html import DECLARATION, TAG, UNSEEN, Break, cut_of, cuts
from .markup import KNOWN_LABELS
from .options import ReadOptions
from .rules import Rule, When

PROFILE = PROFILES["cogcomp"]
MARKS = (PROFILE.split_off | {"."}) - {"[", "]"}
FIRST_LETTERS = frozenset(word[0] for word in MARKS) | {"[", "]"}
QUOTES_AND_BRACKETS = frozenset('"(){}[]')
TREEBANK_SIGNS = ("n'", "``", "RB-")
"""One of these is in each word of `TREEBANK`; their last characters are rare, which is what Python looks for."""
MAY_BE_LOOKED_AT = np.array([chr(code) in FIRST_LETTERS for code in range(256)])
"""Whether a word that begins with a character may be split off or a bracket; the last item is for all further ones."""
KEPT = 1 << 16
"""So many decisions are kept of a word, at most."""

Numbers = NDArray[np.int64]


def read(text: str, options: ReadOptions, id: str | None, file: str) -> Document | None:
    """The document that a file of markup is, or None where it is not of the usual kind. It is not checked again."""
    if options.originals or options.repairs or options.places or options.layout != "flow":
        return None
    if options.profile not in (None, PROFILE.name):
        return None
    brackets = text.count("[")
    if not brackets or brackets != text.count("]") or brackets != text.count("  ]") or not _is_printable(text):
        return None
    clean = _without_html(text)
    if clean is None:
        return None
    words = clean.split()
    if options.profile is None and any(sign in clean for sign in TREEBANK_SIGNS) and not TREEBANK.isdisjoint(words):
        return None
    lengths, looked_at, single_quoted, breaks = _columns(clean)
    known = KNOWN_LABELS if options.labels is None else frozenset(options.labels)
    entities = _entities(words, looked_at, breaks, known, brackets)
    if entities is None:
        return None
    keep = np.ones(len(words), bool)
    keep[entities.opening] = keep[entities.closing] = False
    numbers = keep.cumsum() - keep  # of each word, or of the one after a bracket, when brackets are gone
    words, lengths = list(compress(words, keep.tobytes())), lengths[keep]
    beginning = dict(zip(numbers[list(breaks)].tolist(), breaks.values(), strict=True))
    firsts, stops = numbers[entities.opening], numbers[entities.closing]
    marks = numbers[entities.marks].tolist()
    joins = _joins(_Context(words, marks, entities.marked, beginning, numbers[single_quoted].tolist()))
    spaces = [" "] * len(words)
    for number in joins:
        spaces[number] = ""
    paragraphs = [number for number, gap in beginning.items() if gap is Gap.PARAGRAPH]
    for number in paragraphs:
        spaces[number] = "\n\n"
    widths = lengths + 1
    widths[joins] -= 1
    widths[paragraphs] += 1
    spaces[0], widths[0] = "", lengths[0]
    pieces = [""] * (2 * len(words))
    pieces[::2], pieces[1::2] = spaces, words
    ends = widths.cumsum()
    starts = ends - lengths
    edges = zip(starts[firsts].tolist(), ends[stops - 1].tolist(), entities.labels, strict=True)
    spans = tuple(map(tuple.__new__, repeat(Span), edges))  # as Span._make, but in C
    tokens = Tokens(_column(starts), _column(ends), _column(_sentences(words, spaces, beginning, firsts, stops)))
    made = Known("".join(pieces), spans, tokens, words, spaces, (firsts.tolist(), stops.tolist()))
    return Document.unchecked(made, id=id, source=Place(file))


def _column(numbers: Numbers) -> memoryview:
    return numbers.data.cast("B").cast("q").toreadonly()


# HTML


def _without_html(text: str) -> str | None:
    """The text as its reader sees it, with an empty line where a paragraph begins; None where it is not the usual."""
    clean: str | None = text
    is_odd = REFERENCE.search(text) or COMMENT.search(text)
    if is_odd or "<" in text:
        clean = None if is_odd else _cut(text)
        clean = _cut_slowly(text) if clean is None else clean
    if clean is not None and "¶" in clean:
        clean = None if "¶¶" in clean else clean.replace("¶", "\n\n¶")
    return clean


REFERENCE = re.compile("&(?:#|[A-Za-z][A-Za-z0-9]+ ?;)")
"""What may be a character reference: the beginning of one by number, or the whole of one by name."""
COMMENT = re.compile(DECLARATION.pattern, re.IGNORECASE)
ANGLES = re.compile("<[^<>]*>")
HIDDEN = bytes(code for code in range(256) if code != 10 and not chr(code).isprintable())


def _is_printable(text: str) -> bool:
    """Whether there are no characters but line ends and those that Python would print."""
    try:
        data = text.encode("latin-1")  # as most text can be, whose bytes are looked through many times as fast
    except UnicodeEncodeError:
        return text.replace("\n", "").isprintable()
    return len(data.translate(None, HIDDEN)) == len(data)


def _cut(text: str) -> str | None:
    """The text without tags, of one without references and comments; None where a tag is not told by itself."""
    pieces: list[str] = []
    at = 0
    for found in ANGLES.finditer(text):
        gap = GAPS[found.group()]
        if gap is None:
            return None
        if gap == "<":
            continue
        piece = text[at : found.start()]
        if _ends_opening(piece):
            return None
        pieces += (piece, gap)
        at = found.end()
    return "".join([*pieces, text[at:]])


SHOWN = {Break.NONE: "", Break.SPACE: " ", Break.PARAGRAPH: "\n\n"}
"""What stands in the place of what is cut."""


class _Gaps(dict[str, str | None]):
    """What stands in the place of a tag, by its text from ``<`` to the first ``>``: ``<`` where it is none and stays.

    None where what follows it tells, or it has a bracket or a line end in it, or the text after it is not seen.
    """

    def __missing__(self, tag: str) -> str | None:
        if len(self) == KEPT:
            self.clear()
        gap: str | None = "<"
        if found := TAG.match(tag):
            cut = cut_of(found)
            if found["name"].lower() in UNSEEN or not WHOLE.fullmatch(tag) or not NO_MARKS.isdisjoint(tag):
                gap = None
            elif cut:
                gap = SHOWN[cut.gap]
        elif '"' in tag or "'" in tag:
            gap = None
        self[tag] = gap
        return gap


GAPS = _Gaps()
NO_MARKS = frozenset("[]\n")
WHOLE = re.compile("<[^<>\"']*(?:(?:\"[^\"<>]*\"|'[^'<>]*')[^<>\"']*)*>")
"""A tag whose quotes pair before the first ``>``, so that it ends there whatever follows."""


def _ends_opening(piece: str) -> bool:
    """Whether a text ends inside the opening bracket of an entity."""
    return piece != "" and not piece[-1].isspace() and "[" in piece.rsplit(None, 1)[-1]


def _cut_slowly(text: str) -> str | None:
    """The text without its HTML; None where a reference stands for something, or a bracket or line end is cut."""
    pieces: list[str] = []
    at = paragraphs = 0
    for cut in cuts(text):
        if cut.reads:
            return None
        pieces.append(text[at : cut.start])
        if _ends_opening(pieces[-1]):
            return None
        pieces.append(SHOWN[cut.gap])
        paragraphs += cut.gap == Break.PARAGRAPH
        at = cut.end
    clean = "".join([*pieces, text[at:]])
    is_usual = clean.count("\n") == text.count("\n") + 2 * paragraphs
    return clean if is_usual and all(clean.count(sign) == text.count(sign) for sign in ("[", "]", "  ]")) else None


# Words and brackets


def _columns(clean: str) -> tuple[Numbers, Numbers, Numbers, dict[int, Gap]]:
    """The lengths of all words; the numbers of those that may have been split off or be brackets, and of those that end
    with a single quote; and of those that begin a line, what stands before them.
    """
    padded = f" {clean} "
    chars: NDArray[np.unsignedinteger]
    try:
        chars = np.frombuffer(padded.encode("latin-1"), np.uint8)
    except UnicodeEncodeError:
        chars = np.frombuffer(padded.encode("utf-32-le"), np.dtype("<u4"))
    white = chars <= 32  # no control characters are left but line ends
    edges = np.flatnonzero(white[1:] != white[:-1])
    edges += 1
    starts, ends = edges[::2], edges[1::2]
    first = chars[starts]
    looked_at = np.flatnonzero(MAY_BE_LOOKED_AT[first if first.itemsize == 1 else np.minimum(first, 255)])
    line, paragraph = Gap.LINE, Gap.PARAGRAPH
    breaks = {0: paragraph}
    for number in starts.searchsorted(np.flatnonzero(chars == 10)).tolist():
        breaks[number] = paragraph if number in breaks else line  # two line ends
    breaks.pop(len(starts), None)
    return ends - starts, looked_at, np.flatnonzero(chars[ends - 1] == ord("'")), breaks


class Entities(NamedTuple):
    """The entities of markup: the numbers of the words that open and close them, and their labels; and all words that
    may have been split off, ascending.
    """

    opening: list[int]
    closing: list[int]
    labels: list[str]
    marks: list[int]
    marked: list[str]


def _entities(
    words: Sequence[str], looked_at: Numbers, breaks: Mapping[int, Gap], labels: frozenset[str], expected: int
) -> Entities | None:
    """The entities. None unless all brackets are those of entities, with a word in between, on a line each."""
    opening = _openings(labels)
    found = Entities([], [], [], [], [])
    opens, closes, named, marks, marked = found
    for number in looked_at.tolist():
        word = words[number]
        if word in MARKS:
            marks.append(number)
            marked.append(word)
        elif word == "]":
            closes.append(number)
        elif word in opening:
            opens.append(number)
            named.append(opening[word])
    if not len(opens) == len(closes) == expected:
        return None
    first, last = np.array(opens, np.int64), np.array(closes, np.int64)
    lines = np.array(list(breaks))
    wrong = np.count_nonzero(last - first < 2) + np.count_nonzero(first[1:] < last[:-1])
    wrong += np.count_nonzero(lines.searchsorted(first, "right") != lines.searchsorted(last, "right"))
    return None if wrong else found


@cache
def _openings(labels: frozenset[str]) -> Mapping[str, str]:
    """What opens an entity, and its label."""
    return {f"[{label}": label for label in labels}


# Spaces

Rows = tuple[tuple[When | None, bool], ...]
Decided = bool | Rows
"""Whether two words join, or what the rows ask that have to be asked, in their order, and what they decide."""


class _Context(Context):
    """A context that knows the words that were split off, or maybe so, by number, and need not look at the others."""

    def __init__(
        self,
        words: list[str],
        marks: Sequence[int],
        marked: Sequence[str],
        breaks: Mapping[int, Gap],
        single_quoted: Sequence[int],
    ) -> None:
        gaps: list[Gap] = [Gap.SPACE] * len(words)
        for number, gap in breaks.items():
            gaps[number] = gap
        super().__init__(words, gaps, PROFILE)
        self.marks, self.marked, self.breaks = marks, marked, breaks
        self.single_quoted = single_quoted

    @cached_property
    def looked_at(self) -> Iterable[int]:
        """Quotes and brackets, and what begins a line."""
        pairs = map(QUOTES_AND_BRACKETS.__contains__, self.marked)
        return sorted({*self.breaks, *compress(self.marks, pairs)})


def _joins(context: _Context) -> list[int]:
    """The words before which there is no space, ascending."""
    words, breaks, gaps, paragraph = context.words, context.breaks, context.gaps, Gap.PARAGRAPH
    is_mark = [
        word != "." or number + 1 in breaks or context.is_own_stop(number)
        for number, word in zip(context.marks, context.marked, strict=True)
    ]
    marks, marked = list(compress(context.marks, is_mark)), list(compress(context.marked, is_mark))
    before, after = _tables()
    joins: list[int] = []
    last = len(words) - 1
    beside = -1  # the number of the word before which the gap is decided by two that were split off
    for number, word, following in zip(marks, marked, [*marks[1:], -1], strict=False):
        if number and gaps[number] is not paragraph:
            left = words[number - 1]
            decided = _between(left, word, left, word) if beside == number else before[word][left]
            if decided is True or (decided and _asked(decided, context, number)):
                joins.append(number)
        if number < last:
            beside = number + 1
            if beside != following and gaps[beside] is not paragraph:
                decided = after[word][words[beside]]
                if decided is True or (decided and _asked(decided, context, beside)):
                    joins.append(beside)
    return joins


def _asked(rows: Rows, context: Context, at: int) -> bool:
    for when, join in rows:
        if when is None or when(context, at):
            return join
    return False


class _Beside(dict[str, Decided]):
    """What is decided of the gap between a word that was split off, on its `left` or `right`, and any other word."""

    def __init__(self, left: str | None, right: str | None) -> None:
        super().__init__()
        self.left, self.right = left, right

    def __missing__(self, word: str) -> Decided:
        if len(self) == KEPT:
            self.clear()
        decided = self[word] = _decided(self.left, self.right, self.left or word, self.right or word)
        return decided


@cache
def _tables() -> tuple[Mapping[str, _Beside], Mapping[str, _Beside]]:
    """For each word that was split off, what is decided of the gaps before it and after it."""
    return {word: _Beside(None, word) for word in MARKS}, {word: _Beside(word, None) for word in MARKS}


def _decided(left: str | None, right: str | None, before: str, after: str) -> Decided:
    """What the rows for two split-off words (None: another) decide between the words `before` and `after`."""
    rules: list[Rule] = []
    for rule in rules_between(left, right):
        if rule.near is None or rule.near(before, after):
            rules.append(rule)
            if rule.when is None:
                break
    ways = {rule.join for rule in rules} | (set() if rules and rules[-1].when is None else {False})
    return ways.pop() if len(ways) == 1 else tuple((rule.when, rule.join) for rule in rules)


_between = cache(_decided)


def _sentences(
    words: Sequence[str], spaces: Sequence[str], breaks: Mapping[int, Gap], firsts: Numbers, stops: Numbers
) -> Numbers:
    """The words that begin a sentence, as `detokenize` has it: the first of a line, behind closing marks that lean
    left, where it does not lean left itself and is not inside an entity.
    """
    found = []
    for number, until in pairwise([*breaks, len(words)]):
        while number < until and number and not spaces[number] and words[number] in LEFT_OVER:
            number += 1
        if number < until and (spaces[number] or not number):
            found.append(number)
    begins = np.array(found, np.int64)
    at = firsts.searchsorted(begins) - 1  # the last entity that begins before
    return begins[(at < 0) | (begins >= stops[at])]
