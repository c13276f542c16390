"""What stands between two words: how tokenizers put spaces there, and how quotes and brackets pair across them.

A tokenizer put spaces around some words; which ones is a known, finite list, its `Profile`. Whether a gap beside
one of those had a space in the original is for `rules` to say, whose rows look at a `Context`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple


class Gap(IntEnum):
    """What stands before a word in the source."""

    ATTACHED = 0  # nothing: the two belong together
    SPACE = 1  # white space, the tokenizer's or the original's
    LINE = 2  # the same, and a sentence ends
    PARAGRAPH = 3  # a paragraph ends
    REFERENCE = 4  # white space after a character reference, whose ";" was padded
    KEPT = 5  # white space of the original, to be kept as it is
    KEPT_LINE = 6  # the same, with a line break in it


class Profile(NamedTuple):
    """The words that a tokenizer split off, and so may have put spaces around."""

    name: str
    split_off: frozenset[str]
    stops: str  # which full stops are its own: "line" those that end a line, "any" all that stand alone


_SHARED = [*',";?![](){}', "'s", "'d", "'m", "'ve"]

PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        # https://github.com/CogComp/cogcomp-nlp, PlainTextReader.normalizeText
        Profile("cogcomp", frozenset([*_SHARED, "'nt"]), "line"),
        # the same tagger where it writes no line ends: any lone full stop may have ended a sentence
        Profile("cogcomp-line", frozenset([*_SHARED, "'nt"]), "any"),
        # the Penn Treebank's rules, https://www.cis.upenn.edu/~treebank/tokenizer.sed
        Profile(
            "ptb",
            frozenset(_SHARED)
            | set("n't 'll 're 'S 'D 'M 'VE 'LL 'RE N'T : ... % $ # `` '' ' ` -- na ta".split())
            | set("-LRB- -RRB- -LSB- -RSB- -LCB- -RCB-".split()),
            "any",
        ),
        Profile("whitespace", frozenset(), ""),
    )
}


def detect_profile(words: Sequence[str]) -> str:
    """The profile of tokenized text without line ends of its own: the Treebank's where a word shows it."""
    return "ptb" if any(word in TREEBANK for word in words) else "cogcomp"


TREEBANK = frozenset(["n't", "``", "-LRB-", "-RRB-"])


class Context:
    """The words and what stands before each of them; rules look at it by the number of the right-hand word."""

    def __init__(self, words: Sequence[str], gaps: Sequence[Gap], profile: Profile) -> None:
        self.words = words
        self.gaps = gaps
        self.profile = profile
        self.size = len(words)

        self.opens_single: dict[int, bool] = {}
        """What `rules` has found of a 's, 'd, 'm or 've, by number: whether it opens a single quote."""

    @cached_property
    def looked_at(self) -> Iterable[int]:
        """The words that quotes and brackets are looked for among, ascending; those that begin a paragraph are too."""
        return range(self.size)

    def word(self, number: int) -> str:
        """The word of that number, "" before the first and after the last."""
        return self.words[number] if 0 <= number < self.size else ""

    def ends_line(self, number: int) -> bool:
        """Whether the word is the last of its line."""
        return number + 1 >= self.size or self.gaps[number + 1] in (Gap.LINE, Gap.PARAGRAPH)

    def is_own_stop(self, number: int) -> bool:
        """Whether the word is a full stop that the tokenizer split off."""
        if self.words[number] != ".":
            return False
        if self.profile.stops == "line":
            if number + 1 < self.size and self.gaps[number + 1] is Gap.SPACE and self.words[number + 1] != '"':
                return False  # as most
            # the tagger puts a lone quote that its splitter left over back on the line before
            return self.ends_line(number) or (self.words[number + 1] == '"' and self.ends_line(number + 1))
        return self.profile.stops == "any"

    def is_mouth(self, number: int) -> bool:
        """Whether a round bracket is certainly the mouth of a smiley: right after eyes that stand alone."""
        eyes, before = self.word(number - 1), self.word(number - 2)
        if self.words[number] not in ("(", ")"):
            return False
        return eyes in (":", ":-", ":'", ";-", "=-", ":^") or (
            eyes == ";" and self.words[number] == ")" and before not in ("(", "")
        )

    @cached_property
    def single_quoted(self) -> Sequence[int]:
        """The words that end with a straight single quote, by number, ascending."""
        return [number for number, word in enumerate(self.words) if word[-1] == "'"]

    @cached_property
    def opens(self) -> Mapping[int, bool]:
        """Straight double quotes, by number: whether each opens."""
        return pair_quotes(self)

    @cached_property
    def single_opens(self) -> Mapping[int, bool]:
        """The Treebank's single quotes, by number: whether each opens. One after an s is a possessive."""
        found: dict[int, bool] = {}
        is_open = False
        for number, word in enumerate(self.words):
            if self.gaps[number] == Gap.PARAGRAPH:
                is_open = False
            if word == "`":
                found[number] = is_open = True
            elif word == "'":
                closes = is_open or self.word(number - 1)[-1:] in ("s", "S") or self.ends_line(number)
                found[number] = not closes
                is_open = not closes
        return found

    @cached_property
    def partner(self) -> Mapping[int, int]:
        """Brackets that have one, and the number of it."""
        found: dict[int, int] = {}
        open_ones: dict[str, list[int]] = {")": [], "]": [], "}": []}
        closing = {"(": ")", "[": "]", "{": "}"}
        for number in self.looked_at:
            word = self.words[number]
            if self.gaps[number] is Gap.PARAGRAPH:
                for stack in open_ones.values():
                    stack.clear()
            if word not in closing and word not in open_ones:
                continue
            if self.is_mouth(number):
                continue
            if word in closing:
                open_ones[closing[word]].append(number)
            elif open_ones.get(word):
                other = open_ones[word].pop()
                found[other], found[number] = number, other
        return found


# Straight double quotes. Nothing about one of them tells whether it opens or closes, so all those of a paragraph are
# decided together: the sequence of readings with the lowest cost, where a quote that opens inside another or
# closes none costs something, and so does one that its neighbours speak against. One pass, no look back.

_UNPAIRED = 2.0  # a quotation over several paragraphs, an inch mark
_AGAINST = 3.0  # the neighbours all but rule it out
_DOUBTFUL = 1.0  # the neighbours speak against it

OPENERS = "([{“‘«‹„‚¿¡"
CLOSERS = ")]}”’»›"
ENDS_NOTHING = frozenset(
    # articles, prepositions, conjunctions and possessives: no quotation ends in one, and none carries a clitic
    "a an the of in on at to for with by from into as than and or but nor if because is are was were be been its "
    "his my your our their her this these those so-called called titled entitled named dubbed termed".split()
)


def pair_quotes(context: Context) -> dict[int, bool]:
    """For each straight double quote of the text, by number: whether it opens."""
    found: dict[int, bool] = {}
    paragraph: list[int] = []
    for number in context.looked_at:
        if paragraph and context.gaps[number] is Gap.PARAGRAPH:
            _pair(context, paragraph, found)
            paragraph = []
        if context.words[number] == '"':
            paragraph.append(number)
    _pair(context, paragraph, found)
    return found


def _pair(context: Context, quotes: Sequence[int], found: dict[int, bool]) -> None:
    outside, inside = 0.0, float("inf")  # the lowest costs of being there after the quotes so far
    came: list[tuple[bool, bool]] = []  # for each quote: whether it opens on the best way to outside, to inside
    before: list[tuple[bool, bool]] = []  # and whether that way was inside before it
    for number in quotes:
        opening, closing = _quote_costs(context, number)
        to_inside = (outside + opening, inside + opening + _UNPAIRED)
        to_outside = (inside + closing, outside + closing + _UNPAIRED)
        before.append((to_outside[0] <= to_outside[1], to_inside[1] < to_inside[0]))
        came.append((False, True))
        outside, inside = min(to_outside), min(to_inside)
    is_inside = inside + _UNPAIRED < outside
    for position in range(len(quotes) - 1, -1, -1):
        found[quotes[position]] = came[position][is_inside]
        is_inside = before[position][is_inside]


def _quote_costs(context: Context, number: int) -> tuple[float, float]:
    """What it costs to read the quote as opening, and as closing."""
    left, right = context.word(number - 1), context.word(number + 1)
    opening = closing = 0.0
    starts_line = context.gaps[number] in (Gap.LINE, Gap.PARAGRAPH) or number == 0
    if context.ends_line(number) or right[0] in ",;:?!" or right[0] in CLOSERS or right == "." or right in ("'s", "'d"):
        opening += _AGAINST
    elif starts_line and right[0].islower():
        opening += _DOUBTFUL
    if (
        number == 0
        or context.gaps[number] == Gap.PARAGRAPH
        or left[-1] in OPENERS
        or left[-1] in ":="
        or (left.lower() in ENDS_NOTHING and context.word(number - 2) != '"')
    ):
        closing += _AGAINST
    elif left.lower() in ENDS_NOTHING:
        closing += _DOUBTFUL  # a scare quote of one word: a big "if"
    elif not starts_line and left[-1] in ".?!":
        opening += _DOUBTFUL
    return opening, closing
