"""Where spaces go: one decision for each gap between two words, and the text and offsets that follow.

The words are given and are never edited. A gap that touches no word which the tokenizer split off had its space in
the original and keeps it; the others are decided by the rows of `rules`. `decide` names the row that decided each
gap, and `assemble` does as they say, so that ``text[start:end] == word`` by construction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from .balance import Repair, Report
from .document import Tokens
from .errors import Place, UsageError
from .gaps import PROFILES, Context, Gap, Profile, detect_profile
from .options import Layout, ReadOptions
from .rules import ATTACHED, BREAK, KEPT, ORIGINAL, PADDED, REFERENCE_RULES, REPAIRS, RULES, Rule


def decide(words: Sequence[str], gaps: Sequence[Gap], profile: Profile, repairs: Sequence[Rule] = ()) -> list[Rule]:
    """The rule that decides each gap; item ``i`` is about the gap before word ``i`` (item 0 stands for none).

    `repairs` are rows that are asked before all others, of every gap that has white space.
    """
    context = Context(words, gaps, profile)
    split_off, rules = profile.split_off, _rules
    decided = [BREAK] * len(words)
    left_special = None
    for at, (word, gap) in enumerate(zip(words, gaps, strict=True)):
        special = word if word in split_off or (word == "." and context.is_own_stop(at)) else None
        if at == 0 or gap == Gap.PARAGRAPH:
            pass
        elif gap == Gap.ATTACHED:
            decided[at] = ATTACHED
        elif gap in (Gap.KEPT, Gap.KEPT_LINE):
            decided[at] = KEPT
        elif repairs and (repair := next((r for r in repairs if r.when and r.when(context, at)), None)):
            decided[at] = repair
        elif special is None and left_special is None and gap != Gap.REFERENCE:
            decided[at] = ORIGINAL
        else:
            for rule in (*(REFERENCE_RULES if gap == Gap.REFERENCE else ()), *rules(left_special, special)):
                if rule.when is None or rule.when(context, at):
                    decided[at] = rule
                    break
            else:
                decided[at] = PADDED
        left_special = special
    return decided


@cache
def _rules(left: str | None, right: str | None) -> tuple[Rule, ...]:
    """The rows that can apply between these two split-off words (None: any other word)."""
    return tuple(
        rule
        for rule in RULES
        if (rule.left is None or left in rule.left) and (rule.right is None or right in rule.right)
    )


class Assembled(NamedTuple):
    """A text made of words: where they stand in it, and the rule that decided the gap before each."""

    text: str
    tokens: Tokens
    rules: list[Rule]


def assemble(
    words: Sequence[str],
    gaps: Sequence[Gap],
    *,
    profile: str,
    layout: Layout = "flow",
    repairs: Sequence[str] = (),
    whole: Iterable[tuple[int, int]] = (),
    kept: Mapping[int, str] | None = None,
    spelled: Sequence[str] | None = None,
) -> Assembled:
    """The text that the words make, and where they stand in it.

    `gaps[i]` is what stood before word ``i``. `repairs`: the names of those to be made, of `REPAIRS`. `whole`:
    ranges of words, half-open and in order, in which no sentence begins. `kept`: the white space of `Gap.KEPT`
    gaps, by word. `spelled`: the words as they read, where that is not how they were given (``-LRB-``). Words are
    never changed: ``text[starts[i]:ends[i]]`` is word ``i``. Raises `UsageError` for a profile that there is not.
    """
    if profile not in PROFILES:
        raise UsageError(f"unknown profile {profile!r}", f"there are {', '.join(PROFILES)}")
    if unknown := [name for name in repairs if name not in REPAIRS]:
        raise UsageError(f"unknown repair {unknown[0]!r}", f"there are {', '.join(REPAIRS)}, and all")
    mending = [rule for name in repairs if (rule := REPAIRS[name])]
    decided = decide(words, gaps, PROFILES[profile], mending)
    sentences = _sentences(words, gaps, decided, whole)
    begins = set(sentences)
    between = " " if layout == "flow" else "\n"
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for number, (word, gap, rule) in enumerate(zip(spelled or words, gaps, decided, strict=True)):
        if number == 0 or rule.join:
            space = ""
        elif gap == Gap.PARAGRAPH:
            space = "\n\n"
        elif kept and number in kept:
            space = kept[number]
        else:
            space = between if number in begins else " "
        pieces += (space, word)
        starts.append(at + len(space))
        at += len(space) + len(word)
        ends.append(at)
    return Assembled("".join(pieces), Tokens.make(starts, ends, sentences), decided)


_LEFT_OVER = frozenset([*")]}\"'", "''", "”", "’", "»"])


def _sentences(
    words: Sequence[str], gaps: Sequence[Gap], decided: Sequence[Rule], whole: Iterable[tuple[int, int]]
) -> list[int]:
    """The words that begin a sentence: the first of each line and paragraph, but none inside a `whole` range.

    A closing quote or bracket that a sentence splitter has pushed to the next line goes with the sentence
    that it closes; where a line break is inside a word (``?`` in a URL), no sentence begins.
    """
    found: list[int] = []
    waiting = True
    ranges = iter(whole)
    first, stop = next(ranges, (len(words), len(words)))
    for number, gap in enumerate(gaps):
        while number >= stop and first < len(words):
            first, stop = next(ranges, (len(words), len(words)))
        if gap in (Gap.LINE, Gap.PARAGRAPH, Gap.KEPT_LINE) or number == 0:
            waiting = True
        if waiting:
            joins = number > 0 and decided[number].join
            if joins and words[number] in _LEFT_OVER:
                continue
            waiting = False
            if not joins and not first < number < stop:
                found.append(number)
    return found


def respaced(
    words: Sequence[str],
    options: ReadOptions,
    place: Place | None,
    report: Report,
    *,
    begins: Iterable[int] = (),
    profile: str | None = None,
) -> tuple[str, Tokens]:
    """A text for words of which no white space is known, as a person would have written it; the balance tells of it.

    `begins`: the words that begin a line. `profile`: how the text was tokenized, None to find it out.
    """
    gaps = [Gap.SPACE] * len(words)
    for number in begins:
        gaps[number] = Gap.LINE if number else Gap.SPACE
    chosen = options.profile or profile or detect_profile(words)
    text, tokens, _ = assemble(words, gaps, profile=chosen, layout=options.layout)
    report.repairs.append(Repair("spacing", str(place or ""), "reconstructed"))
    return text, tokens
