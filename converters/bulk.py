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
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import compress, pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from .detokenize import LEFT_OVER, rules_between
from .document import Document, Span, Tokens
from .errors import Place
from .gaps import PROFILES, TREEBANK, Context, Gap
from .html import DECLARATION, TAG, UNSEEN, Break, cut_of, cuts
from .markup import KNOWN_LABELS
from .options import ReadOptions
from .rules import Rule

PROFILE = PROFILES["cogcomp"]
SPLIT_OFF = PROFILE.split_off | {"."}
FIRST_LETTERS = frozenset(word[0] for word in SPLIT_OFF) | {"[", "]"}
MAY_BE_LOOKED_AT = np.array([chr(code) in FIRST_LETTERS for code in range(128)] + [False])
"""Whether a word that begins with a character may be split off or a bracket; the last item is for all beyond ASCII."""
KEPT = 1 << 16
"""So many decisions are kept of a word, at most."""

Numbers = NDArray[np.int64]


def read(text: str, options: ReadOptions, id: str | None, file: str) -> Document | None:
    """The document that a file of markup is, or None where it is not of the usual kind. It is not checked again."""
    if options.originals or options.repairs or options.places or options.layout != "flow":
        return None
    if options.profile not in (None, PROFILE.name):
        return None
    clean = _without_html(text)
    if clean is None:
        return None
    words = clean.split()
    if options.profile is None and any(word in clean for word in TREEBANK) and not TREEBANK.isdisjoint(words):
        return None
    lengths, looked_at, breaks = _columns(clean)
    known = KNOWN_LABELS if options.labels is None else frozenset(options.labels)
    found = _without_brackets(words, looked_at, breaks, known, clean.count("["))
    if found is None:
        return None
    removed, breaks, entities, marked = found
    if sum(text.count(f"[{label} ") for label in {label for _, _, label in entities}) != len(entities):
        return None  # HTML stood inside the opening of one
    if removed:
        keep = np.ones(len(words), bool)
        keep[removed] = False
        words, lengths = list(compress(words, keep.tobytes())), lengths[keep]
    joins = _joins(words, marked, breaks)
    paragraphs = [number for number, gap in breaks.items() if gap == Gap.PARAGRAPH]
    pieces = [" "] * (2 * len(words))
    pieces[1::2] = words
    widths = lengths + 1
    for number in joins:
        pieces[2 * number] = ""
    for number in paragraphs:
        pieces[2 * number] = "\n\n"
    pieces[0] = ""
    widths[joins] -= 1
    widths[paragraphs] += 1
    widths[0] = lengths[0]
    ends = widths.cumsum()
    starts = ends - lengths
    spans: tuple[Span, ...] = ()
    if entities:
        firsts, stops, labels = zip(*entities, strict=True)
        edges = zip(starts[list(firsts)].tolist(), ends[np.array(stops) - 1].tolist(), labels, strict=True)
        spans = tuple(map(tuple.__new__, repeat(Span), edges))  # as Span._make, but in C
    tokens = Tokens(_column(starts), _column(ends), _column(_sentences(words, breaks, set(joins), entities)))
    return Document.unchecked("".join(pieces), spans, tokens, id=id, source=Place(file))


def _column(numbers: Numbers | list[int]) -> memoryview:
    return np.array(numbers, np.int64).data.cast("B").cast("q").toreadonly()


# HTML


def _without_html(text: str) -> str | None:
    """The text as its reader sees it, with an empty line where a paragraph begins; None where it is not the usual."""
    brackets = text.count("[")
    if not brackets or brackets != text.count("]") or brackets != text.count("  ]") or not _is_printable(text):
        return None
    clean: str | None = text
    if "<" in text or REFERENCE.search(text):
        clean = _cut(text) if not REFERENCE.search(text) and not COMMENT.search(text) else None
        clean = _cut_slowly(text) if clean is None else clean
        if clean is None or any(clean.count(sign) != brackets for sign in ("[", "]", "  ]")):
            return None
    assert clean is not None
    if "¶" in clean:
        if "¶¶" in clean:
            return None
        clean = clean.replace("¶", "\n\n¶")
    return clean


REFERENCE = re.compile("&(?:#|[A-Za-z][A-Za-z0-9]+ ?;)")
"""What may be a character reference: the beginning of one by number, or the whole of one by name."""
COMMENT = re.compile(DECLARATION.pattern, re.IGNORECASE)
ANGLES = re.compile("<[^<>]*>")
CONTROLS = bytes({*range(32), 127} - {10})
ASCII = bytes(range(128))


def _is_printable(text: str) -> bool:
    """Whether there are no characters but line ends and those that Python would print."""
    data = text.encode("utf-8", "surrogatepass")
    if len(data.translate(None, CONTROLS)) < len(data):
        return False
    return text.isascii() or data.translate(None, ASCII).decode("utf-8", "surrogatepass").isprintable()


def _cut(text: str) -> str | None:
    """The text without tags, of one without references and comments; None where a tag is not told by itself."""
    pieces: list[str] = []
    at = paragraphs = 0
    for found in ANGLES.finditer(text):
        gap = GAPS[found.group()]
        if gap is None:
            return None
        if gap == "<":
            continue
        pieces += (text[at : found.start()], gap)
        paragraphs += gap == "\n\n"
        at = found.end()
    clean = "".join([*pieces, text[at:]])
    return clean if clean.count("\n") == text.count("\n") + 2 * paragraphs else None


class _Gaps(dict[str, str | None]):
    """What stands in the place of a tag, by its text from ``<`` to the first ``>``: ``<`` where it is none and stays.

    None where what follows it tells, or what it contains is not seen.
    """

    def __missing__(self, tag: str) -> str | None:
        if len(self) == KEPT:
            self.clear()
        gap: str | None = "<"
        if found := TAG.match(tag):
            cut = cut_of(found)
            if found["name"].lower() in UNSEEN or not WHOLE.fullmatch(tag):
                gap = None
            elif cut:
                gap = {Break.NONE: "", Break.SPACE: " ", Break.PARAGRAPH: "\n\n"}[cut.gap]
        elif '"' in tag or "'" in tag:
            gap = None
        self[tag] = gap
        return gap


GAPS = _Gaps()
WHOLE = re.compile("<[^<>\"']*>|<(?:[^<>\"']|\"[^\"<>]*\"|'[^'<>]*')*>")
"""A tag whose quotes pair before the first ``>``, so that it ends there whatever follows."""


def _cut_slowly(text: str) -> str | None:
    """The text without its HTML; None where a reference stands for something, or a line ends in what is cut."""
    pieces: list[str] = []
    at = paragraphs = 0
    for cut in cuts(text):
        if cut.reads:
            return None
        pieces.append(text[at : cut.start])
        if cut.gap:
            pieces.append("\n\n" if cut.gap == Break.PARAGRAPH else " ")
            paragraphs += cut.gap == Break.PARAGRAPH
        at = cut.end
    clean = "".join([*pieces, text[at:]])
    return clean if clean.count("\n") == text.count("\n") + 2 * paragraphs else None


# Words and brackets


def _columns(clean: str) -> tuple[Numbers, list[int], dict[int, Gap]]:
    """The lengths of all words; the numbers of those that may have been split off or be brackets; and of those that
    begin a line, what stands before them.
    """
    padded = f" {clean} "
    if padded.isascii():
        chars: NDArray[np.unsignedinteger] = np.frombuffer(padded.encode("ascii"), np.uint8)
    else:
        chars = np.frombuffer(padded.encode("utf-32-le"), np.dtype("<u4"))
    white = chars <= 32  # no control characters are left but line ends
    edges = np.flatnonzero(white[1:] != white[:-1])
    edges += 1
    starts = edges[::2]
    looked_at = np.flatnonzero(MAY_BE_LOOKED_AT[np.minimum(chars[starts], 128)])
    breaks = {0: True}  # whether a paragraph begins
    for number in starts.searchsorted(np.flatnonzero(chars == 10)).tolist():
        breaks[number] = number in breaks  # two line ends
    breaks.pop(len(starts), None)
    gaps = {number: Gap.PARAGRAPH if is_paragraph else Gap.LINE for number, is_paragraph in breaks.items()}
    return edges[1::2] - starts, looked_at.tolist(), gaps


Marked = list[tuple[int, str]]
"""The words that were split off, or may have been, by number, ascending."""


def _without_brackets(
    words: Sequence[str], looked_at: Sequence[int], breaks: dict[int, Gap], labels: frozenset[str], expected: int
) -> tuple[list[int], dict[int, Gap], list[tuple[int, int, str]], Marked] | None:
    """The numbers of the brackets of entities; and, in numbers of the words without these, what stands before those that
    begin a line, the entities, half-open, and the words that were split off. None unless all brackets are those of
    entities, on a line each.
    """
    opening = _openings(labels)
    removed: list[int] = []
    entities: list[tuple[int, int, str]] = []
    marked: Marked = []
    opened, first, label = -1, 0, ""
    for number in looked_at:
        word = words[number]
        if word in SPLIT_OFF and word != "]":
            marked.append((number - len(removed), word))
        elif word == "]":
            if opened < 0 or number == opened + 1:
                return None
            entities.append((first, number - len(removed), label))
            removed.append(number)
            opened = -1
        elif word in opening:
            if opened >= 0:
                return None
            opened, first, label = number, number - len(removed), opening[word]
            removed.append(number)
    if opened >= 0 or len(entities) != expected:
        return None
    if not removed:
        return removed, breaks, entities, marked
    moved: dict[int, Gap] = {}
    for number, gap in breaks.items():
        before = bisect_right(removed, number - 1)
        if before % 2:  # it is inside an entity, or closes one
            return None
        moved[number - before] = gap
    if len(moved) != len(breaks) or max(moved, default=0) >= len(words) - len(removed):
        return None
    return removed, moved, entities, marked


@cache
def _openings(labels: frozenset[str]) -> Mapping[str, str]:
    """What opens an entity, and its label."""
    return {f"[{label}": label for label in labels}


# Spaces

Decided = bool | tuple[Rule, ...]
"""Whether two words join, or the rows that have to be asked, in their order."""


def _joins(words: list[str], marked: Marked, breaks: Mapping[int, Gap]) -> list[int]:
    """The words before which there is no space, ascending."""
    gaps: list[Gap] = [Gap.SPACE] * len(words)
    for number, gap in breaks.items():
        gaps[number] = gap
    context = Context(words, gaps, PROFILE)
    context.looked_at = sorted({*(number for number, _ in marked), *breaks})
    before, after = _tables()
    joins: list[int] = []

    def decide(decided: Decided, at: int) -> None:
        if decided is True or (decided is not False and _asked(decided, context, at)):
            joins.append(at)

    size = len(words)
    last, left = -1, ""  # the split-off word before, and its number
    for number, word in [*marked, (size + 1, "")]:
        if word == "." and number + 1 not in breaks and not context.is_own_stop(number):
            continue
        follows = last + 1
        if left and follows < number and follows < size and gaps[follows] is not Gap.PARAGRAPH:
            decided = after[left][words[follows]]
            if decided is not False:
                decide(decided, follows)
        if word and number and gaps[number] is not Gap.PARAGRAPH:
            decided = (
                _between(left, word, left, word) if left and follows == number else before[word][words[number - 1]]
            )
            if decided is True:
                joins.append(number)
            elif decided is not False:
                decide(decided, number)
        last, left = number, word
    return joins


def _asked(rules: tuple[Rule, ...], context: Context, at: int) -> bool:
    for rule in rules:
        if rule.when is None or rule.when(context, at):
            return rule.join
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
    return {word: _Beside(None, word) for word in SPLIT_OFF}, {word: _Beside(word, None) for word in SPLIT_OFF}


def _decided(left: str | None, right: str | None, before: str, after: str) -> Decided:
    """What the rows for two split-off words (None: another) decide between the words `before` and `after`."""
    rules: list[Rule] = []
    for rule in rules_between(left, right):
        if rule.near is None or rule.near(before, after):
            rules.append(rule)
            if rule.when is None:
                break
    ways = {rule.join for rule in rules} | (set() if rules and rules[-1].when is None else {False})
    return ways.pop() if len(ways) == 1 else tuple(rules)


_between = cache(_decided)


def _sentences(
    words: Sequence[str], breaks: Mapping[int, Gap], joins: set[int], entities: Sequence[tuple[int, int, str]]
) -> list[int]:
    """The words that begin a sentence, as `detokenize` has it: the first of a line, behind closing marks that lean
    left, where it does not lean left itself and is not inside an entity.
    """
    found = []
    begins = [*breaks, len(words)]
    for number, until in pairwise(begins):
        while number < until and number in joins and words[number] in LEFT_OVER:
            number += 1
        if number < until and number not in joins:
            found.append(number)
    if len(entities) and found:
        firsts = [first for first, _, _ in entities]
        return [n for n in found if not _is_inside(n, entities, firsts)]
    return found


def _is_inside(number: int, entities: Sequence[tuple[int, int, str]], firsts: Sequence[int]) -> bool:
    at = bisect_right(firsts, number) - 1
    return at >= 0 and entities[at][0] < number < entities[at][1]
