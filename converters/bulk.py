"""The usual markup, read all at once: what `markup` and `detokenize` make of a file of the tagger's, many times faster.

They look at every word and at every gap. Most gaps need no look: both words beside them were never split off, so the
space was there. Here a whole text is divided into words at once, only the words that were split off and the brackets of
entities are looked at, and offsets are running sums. Whatever is not usual (a bracket of the text, a character
reference, white space other than spaces and line ends, another form of the markup, an error) is not read here: then
`read` returns None, and the plain way reads it, or says what is wrong. A test holds the one to the other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

from .detokenize import LEFT_OVER, laid_out, rules_between
from .document import Document, Span, Tokens
from .errors import Place
from .gaps import PROFILES, TREEBANK, Context, Gap
from .html import Break, cuts
from .markup import ANY_LABEL, KNOWN_LABELS
from .options import ReadOptions
from .rules import Rule

PROFILE = PROFILES["cogcomp"]
OPENING = re.compile(rf"\[(?:{ANY_LABEL})[ \t]")
SPLIT_OFF = PROFILE.split_off | {"."}


def read(text: str, options: ReadOptions, id: str | None, file: str) -> Document | None:
    """The document that a file of markup is, or None where it is not of the usual kind. It is not checked again."""
    if options.originals or options.repairs or options.places or options.layout != "flow":
        return None
    if options.profile not in (None, PROFILE.name):
        return None
    clean = _without_html(text)
    if clean is None:
        return None
    known = KNOWN_LABELS if options.labels is None else frozenset(options.labels)
    words, breaks = _words(clean)
    found = _without_brackets(words, breaks, known, clean.count("["))
    if found is None or (options.profile is None and not TREEBANK.isdisjoint(found[0])):
        return None
    words, breaks, entities, marked = found
    gaps: list[Gap] = [Gap.SPACE] * len(words)
    for number, gap in breaks.items():
        gaps[number] = gap
    joins = _joins(words, gaps, marked, breaks)
    spaces = [" "] * len(words)
    for number, gap in breaks.items():
        if gap == Gap.PARAGRAPH:
            spaces[number] = "\n\n"
    for number in joins:
        spaces[number] = ""
    text, starts, ends = laid_out(spaces, words)
    spans = tuple(Span(starts[first], ends[stop - 1], label) for first, stop, label in entities)
    tokens = Tokens.make(starts, ends, _sentences(words, breaks, joins, entities))
    return Document.unchecked(text, spans, tokens, id=id, source=Place(file))


def _without_html(text: str) -> str | None:
    """The text as its reader sees it, with an empty line where a paragraph begins; None where it is not the usual."""
    brackets = text.count("[")
    if not brackets or brackets != text.count("]") or brackets != text.count("  ]"):
        return None
    if brackets != len(OPENING.findall(text)) or not text.replace("\n", "").isprintable():
        return None
    clean = text
    if "<" in text or "&" in text:
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
        pieces.append(text[at:])
        clean = "".join(pieces)
        counts = [(clean.count(sign), text.count(sign)) for sign in ("[", "]", "  ]")]
        if any(one != other for one, other in counts) or clean.count("\n") != text.count("\n") + 2 * paragraphs:
            return None
    if "¶" in clean:
        if "¶¶" in clean:
            return None
        clean = clean.replace("¶", "\n\n¶")
    return clean


def _words(clean: str) -> tuple[list[str], dict[int, Gap]]:
    """The words, and of those that begin a line what stands before them."""
    words: list[str] = []
    breaks: dict[int, Gap] = {}
    gap = Gap.PARAGRAPH
    for line in clean.split("\n"):
        found = line.split()
        if found:
            breaks[len(words)] = gap
            words += found
            gap = Gap.LINE
        else:
            gap = Gap.PARAGRAPH
    return words, breaks


Marked = list[tuple[int, str]]
"""The words that were split off, or may have been, by number, ascending."""


def _without_brackets(
    words: list[str], breaks: Mapping[int, Gap], labels: frozenset[str], expected: int
) -> tuple[list[str], dict[int, Gap], list[tuple[int, int, str]], Marked] | None:
    """The words without the brackets of the entities, which are in words then, half-open; None unless all brackets
    are those of entities, on a line each.
    """
    opening, looked_for = _looked_for(labels)
    kept: list[str] = []
    removed: list[int] = []  # the numbers of the brackets
    entities: list[tuple[int, int, str]] = []
    marked: Marked = []
    opened = -1
    label = ""
    at = 0
    for number, word in enumerate(words):
        if word not in looked_for:
            continue
        if word in opening:
            if opened >= 0:
                return None
            opened, label = number, opening[word]
        elif word == "]":
            if opened < 0 or number == opened + 1:
                return None
            if any(place in breaks for place in range(opened + 1, number + 1)):
                return None
            kept += words[at:opened]
            first = len(kept)
            kept += words[opened + 1 : number]
            entities.append((first, len(kept), label))
            removed += (opened, number)
            at, opened = number + 1, -1
        else:
            marked.append((number - len(removed) - (opened >= 0), word))
    if opened >= 0 or len(entities) != expected:
        return None
    kept += words[at:]
    if not removed:
        return kept, dict(breaks), entities, marked
    moved = {number - bisect_right(removed, number - 1): gap for number, gap in breaks.items()}
    if len(moved) != len(breaks) or max(moved, default=0) >= len(kept):
        return None
    return kept, moved, entities, marked


@cache
def _looked_for(labels: frozenset[str]) -> tuple[Mapping[str, str], frozenset[str]]:
    """What opens an entity, and its label; and all words that are looked at."""
    opening = {f"[{label}": label for label in labels}
    return opening, SPLIT_OFF | opening.keys() | {"]"}


def _joins(words: list[str], gaps: list[Gap], marked: Marked, breaks: Mapping[int, Gap]) -> set[int]:
    """The words before which there is no space."""
    context = Context(words, gaps, PROFILE)
    context.looked_at = sorted({*(number for number, _ in marked), *breaks})
    special = {n: word for n, word in marked if word != "." or context.is_own_stop(n)}
    joins: set[int] = set()
    for number, word in special.items():
        if number and gaps[number] != Gap.PARAGRAPH and _is_joined(context, number, special.get(number - 1), word):
            joins.add(number)
        after = number + 1
        is_plain = after < len(words) and after not in special and gaps[after] != Gap.PARAGRAPH
        if is_plain and _is_joined(context, after, word, None):
            joins.add(after)
    return joins


def _is_joined(context: Context, at: int, left: str | None, right: str | None) -> bool:
    decided, rules = _between(left, right)
    if decided is not None:
        return decided
    for rule in rules:
        if rule.applies(context, at):
            return rule.join
    return False


@cache
def _between(left: str | None, right: str | None) -> tuple[bool | None, Sequence[Rule]]:
    """What all rules decide that can apply between two words, None where they differ; and these rules."""
    rules: list[Rule] = []
    for rule in rules_between(left, right):
        rules.append(rule)
        if rule.when is None and rule.near is None:
            break
    always = bool(rules) and rules[-1].when is None and rules[-1].near is None
    joins = {rule.join for rule in rules} | (set() if always else {False})
    return (joins.pop() if len(joins) == 1 else None), rules


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
