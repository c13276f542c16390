"""Where spaces go: one decision for each gap between two words, and the text and offsets that follow.

The words are given and are never edited. A gap that touches no word which the tokenizer split off had its space in
the original and keeps it; the others are decided by the rows of `rules`. `decide` names the row that decided each
gap, and `assemble` does as they say, so that ``text[start:end] == word`` by construction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from .balance import RESPACED, Repair, Report
from .document import Tokens
from .errors import Place, UsageError, did_you_mean
from .gaps import PROFILES, Context, Gap, Profile, detect_profile
from .options import Layout, ReadOptions
from .rules import ATTACHED, BREAK, KEPT, ORIGINAL, PADDED, REFERENCE_RULES, REPAIRS, RULES, Rule


def decide(words: Sequence[str], gaps: Sequence[Gap], profile: Profile, repairs: Sequence[Rule] = ()) -> list[Rule]:
    """The rule that decides each gap; item ``i`` is about the gap before word ``i`` (item 0 stands for none).

    `repairs` are rows that are asked before all others, of every gap that has white space.
    """
    context = Context(words, gaps, profile)
    decided = [_BY_GAP[gap] for gap in gaps]
    specials = {  # the words that were split off, by number
        at: word
        for at, word in enumerate(words)
        if word in profile.split_off or (word == "." and context.is_own_stop(at))
    }
    if repairs:
        for at, rule in enumerate(decided):
            if at and rule is ORIGINAL and (repair := next((r for r in repairs if r.applies(context, at)), None)):
                decided[at] = repair
    # most gaps touch no such word and are decided; the others are those before and after one, and after a reference
    for at in sorted({*specials, *(at + 1 for at in specials), *_references(gaps)}):
        if not 0 < at < len(words) or decided[at] is not ORIGINAL:
            continue
        known = rules_between(specials.get(at - 1), specials.get(at))
        for rule in (*(REFERENCE_RULES if gaps[at] == Gap.REFERENCE else ()), *known):
            if rule.applies(context, at):
                decided[at] = rule
                break
        else:
            decided[at] = PADDED
    if decided:
        decided[0] = BREAK
    return decided


_BY_GAP = {
    **dict.fromkeys([Gap.SPACE, Gap.LINE, Gap.REFERENCE], ORIGINAL),
    Gap.PARAGRAPH: BREAK,
    Gap.ATTACHED: ATTACHED,
    Gap.KEPT: KEPT,
    Gap.KEPT_LINE: KEPT,
}
"""What decides a gap of each kind, unless a word beside it was split off or a character reference stands before it."""


def _references(gaps: Sequence[Gap]) -> list[int]:
    return [at for at, gap in enumerate(gaps) if gap == Gap.REFERENCE] if Gap.REFERENCE in gaps else []


@cache
def rules_between(left: str | None, right: str | None) -> tuple[Rule, ...]:
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
        raise UsageError(f"unknown profile {profile!r}", did_you_mean(profile, PROFILES))
    if unknown := [name for name in repairs if name not in REPAIRS]:
        raise UsageError(f"unknown repair {unknown[0]!r}", did_you_mean(unknown[0], [*REPAIRS, "all"]))
    mending = [rule for name in repairs if (rule := REPAIRS[name])]
    decided = decide(words, gaps, PROFILES[profile], mending)
    sentences = _sentences(words, gaps, decided, whole)
    spaces = ["" if rule.join else "\n\n" if rule is BREAK else " " for rule in decided]
    for number, space in (kept or {}).items():
        if decided[number] is KEPT:
            spaces[number] = space
    if layout != "flow":
        for number in sentences:
            if decided[number] is not BREAK and number not in (kept or {}):
                spaces[number] = "\n"
    text, starts, ends = laid_out(spaces, spelled or words)
    return Assembled(text, Tokens.make(starts, ends, sentences), decided)


def laid_out(spaces: Sequence[str], words: Sequence[str]) -> tuple[str, list[int], list[int]]:
    """The text that words make, each with what stands before it (nothing before the first), and where they begin and
    end in it, half-open: a running sum.
    """
    pieces = [""] * (2 * len(words))
    pieces[::2], pieces[1::2] = spaces, words
    if pieces:
        pieces[0] = ""
    edges = list(accumulate(map(len, pieces)))  # where each space and each word ends
    return "".join(pieces), edges[::2], edges[1::2]


LEFT_OVER = frozenset([*")]}\"'", "''", "”", "’", "»"])
"""Closing quotes and brackets, which a sentence splitter leaves at the beginning of the next line."""


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
        while number >= stop:
            first, stop = next(ranges, (len(words), len(words)))
        if gap in (Gap.LINE, Gap.PARAGRAPH, Gap.KEPT_LINE):
            waiting = True
        if waiting:
            joins = decided[number].join
            if joins and words[number] in LEFT_OVER:
                continue
            waiting = False
            if not joins and number <= first:
                found.append(number)
    return found


def respaced(
    words: Sequence[str],
    options: ReadOptions,
    place: Place | None,
    report: Report,
    *,
    begins: Collection[int] = (),
    profile: str | None = None,
) -> tuple[str, Tokens]:
    """A text for words of which no white space is known, as a person would have written it; the balance tells of it.

    `begins`: the words that begin a line. `profile`: how the text was tokenized, None to find it out.
    """
    gaps = [Gap.SPACE] * len(words)
    for number in begins:
        gaps[number] = Gap.LINE
    chosen = options.profile or profile
    if not chosen:
        chosen = detect_profile(words)
        if chosen == "cogcomp" and not any(begins):  # no line end tells which full stops end a sentence
            chosen = "cogcomp-line"
    text, tokens, _ = assemble(words, gaps, profile=chosen, layout=options.layout)
    report.repairs.append(Repair(RESPACED, str(place or ""), "reconstructed"))
    return text, tokens
