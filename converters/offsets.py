"""Entities as other tools tell them: offsets that count one unit or another, perhaps with the text that is meant.

Offsets are half-open. Python, spaCy, Prodigy and brat count characters (Unicode code points); JavaScript, and
annotation tools that hand its offsets on, count UTF-16 units, of which a character above U+FFFF has two.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .balance import Repair, Report
from .document import MOST_QUOTED, Span, long_blanks, quoted, without_blanks
from .errors import DataError, Place, shorten
from .records import At

Unit = Literal["char", "utf16"]
UNITS: Mapping[Unit, str] = {"char": "characters", "utf16": "UTF-16 units"}

SPACE = re.compile(r"\s*")  # `re` and not `regex`: its \s is exactly str.isspace
SPACES = re.compile(r"\s+")
Positions = Mapping[int, int] | range
"""The character, by its number, that each offset of some unit stands for."""


def _counts_alike(text: str) -> bool:
    """Whether a text has as many UTF-16 units as characters: none is above U+FFFF."""
    return text.isascii() or max(text, default="") <= "\uffff"


def to_utf16(text: str, offsets: Sequence[int]) -> list[int]:
    """Offsets in characters as offsets in UTF-16 units."""
    if _counts_alike(text):
        return list(offsets)
    wide = [at for at, character in enumerate(text) if character > "\uffff"]
    return [offset + bisect_left(wide, offset) for offset in offsets]


def span_offsets(text: str, spans: Iterable[Span], unit: Unit) -> list[tuple[int, int]]:
    """The starts and ends of spans, in a unit."""
    edges = [offset for span in spans for offset in span[:2]]
    if unit == "utf16":
        edges = to_utf16(text, edges)
    return list(zip(edges[::2], edges[1::2], strict=True))


def positions(text: str, unit: Unit) -> Positions:
    """The characters that the offsets of a unit stand for, the end of the text among them."""
    characters = range(len(text) + 1)
    if unit == "char" or _counts_alike(text):
        return characters
    return {offset: at for at, offset in enumerate(to_utf16(text, characters))}


class Told(NamedTuple):
    """An entity, or another stretch of text, as a source tells of it: where it stands there, its offsets in a unit
    that may not be known, what it says that it covers (None where it does not), its label, and what else there is."""

    at: At
    start: int
    end: int
    mention: str | None = None
    label: str = ""
    attributes: Mapping[str, Any] = {}
    or_else: str | None = None
    """Another reading of the mention."""

    def place(self, known: Positions) -> tuple[int, int] | None:
        """Its offsets in characters, None where they are empty or none of the text's."""
        if self.start not in known or self.end not in known or self.start >= self.end:
            return None
        return known[self.start], known[self.end]

    def fits(self, text: str, known: Positions) -> bool:
        """Whether it covers what it says, white space being as good as any other."""
        found = self.place(known)
        if found is None or self.mention is None:
            return found is not None
        start, end = found
        says = [says for says in (self.mention, self.or_else) if says is not None]
        if any(len(mention) == end - start and text.startswith(mention, start) for mention in says):
            return True
        return _folded(text, start, end) in (_folded(mention, 0, len(mention)) for mention in says)


def _folded(text: str, start: int, end: int) -> str:
    """A stretch of the text with any white space as one space."""
    if end - start < MOST_QUOTED:
        return SPACES.sub(" ", text[start:end])
    known = long_blanks(text)  # of which there may be one in very many entities
    pieces: list[str] = []
    for number in range(bisect_right(known.ends, start), bisect_left(known.starts, end)):
        pieces += (text[start : known.starts[number]], " ")
        start = min(known.ends[number], end)
    return SPACES.sub(" ", "".join([*pieces, text[start:end]]))


def choose_unit(text: str, told: Sequence[Told], asked: Unit | None, report: Report, *, likely: Unit = "char") -> Unit:
    """The unit that offsets into a text count: the one asked for, else the one in which all cover what they say.

    Where both do so, differently, or neither does, it is the `likely` one. The balance tells where it is the other,
    and where it is UTF-16 units by likelihood alone.
    """
    if asked or not told or _counts_alike(text):
        return asked or likely
    other: Unit = "char" if likely == "utf16" else "utf16"
    one, two = positions(text, likely), positions(text, other)
    fits = [all(item.fits(text, known) for item in told) for known in (one, two)]
    shows = any(item.mention is not None for item in told)
    place = str(told[0].at.record.place)
    if fits == [False, True] and (shows or likely != "char"):
        why = "as the mentions show" if shows else "in the other unit they fit nowhere"
        report.repairs.append(Repair("offset unit", place, f"{UNITS[other]}, {why}"))
        return other
    if fits == [True, True] and likely != "char" and any(item.place(one) != item.place(two) for item in told):
        report.repairs.append(Repair("offset unit", place, f"{UNITS[likely]} taken, the text does not tell"))
    return likely


def check(text: str, told: Sequence[Told], unit: Unit) -> list[tuple[int, int]]:
    """The offsets of stretches of text in characters.

    Raises `DataError` for the first that does not cover what it says; where all do so in the other unit, it tells how
    to read them.
    """
    known = positions(text, unit)
    found = []
    for item in told:
        if not item.fits(text, known):
            raise _misfit(text, item, told, unit, known)
        found.append((known[item.start], known[item.end]))
    return found


def _misfit(text: str, item: Told, told: Sequence[Told], unit: Unit, known: Positions) -> DataError:
    found = item.place(known)
    at = f"{item.start}:{item.end}"
    other: Unit = "char" if unit == "utf16" else "utf16"
    others = positions(text, other)
    if found is None:
        what = f"{item.at} at {at} is empty, or outside the text of {len(known) - 1} characters"
        if unit == "utf16":
            what = f"{item.at} at {at} is empty, inside a character, or outside the text of {max(known)} UTF-16 units"
        todo = f"offsets count {UNITS[unit]} from 0, and the end is the first one outside"
    else:
        there = text[slice(*found)]
        says, there = (part if len(part) < 60 else shorten(part) for part in (item.mention or "", there))
        what = f"{item.at} is {says!r}, but {at} of the text is {there!r}"
        todo = f"offsets count {UNITS[unit]}; mend the offsets or the text"
    if others != known and item.fits(text, others):
        todo = f"in {UNITS[other]} it would fit: --in-offset-unit {other}"
        if not all(one.fits(text, others) for one in told):
            todo = f"in {UNITS[other]} it would fit, but others would not; mend the offsets"
    return item.at.error(what, todo)


def entities(text: str, told: Sequence[Told], unit: Unit, report: Report) -> dict[Span, Mapping[str, Any]]:
    """The entities of a text and what else is known of each: those that are told, their outer white space left out.

    Two of the same place and label are one. Raises `DataError` for one that is empty, outside the text, not what it
    says it is, or white space alone.
    """
    found: dict[Span, Mapping[str, Any]] = {}
    for item, (start, end) in zip(told, check(text, told, unit), strict=True):
        start, end = trimmed(text, start, end, item.at, report)
        add_entity(found, Span(start, end, item.label), item.attributes, text, item.at.record.place, report)
    return found


def find_words(text: str, words: Iterable[tuple[int, str]], at: At) -> list[int]:
    """Where the words begin of which a text consists, with nothing but white space between them.

    A word comes with its number in the list `at`. Raises `DataError` where the text goes on with something else.
    """
    starts, end = [], 0
    for number, word in words:
        start = SPACE.match(text, end).end()  # type: ignore[union-attr]  # it matches everywhere
        if not text.startswith(word, start):
            goes_on = f"goes on with {shorten(text[start : start + 30])!r}" if start < len(text) else "ends there"
            what = f"{at / number} is {word!r}, but the text {goes_on}"
            raise (at / number).error(what, "take out the text, or the tokens")
        starts.append(start)
        end = start + len(word)
    return starts


def trimmed(text: str, start: int, end: int, at: At, report: Report) -> tuple[int, int]:
    """The offsets without white space at the edges, which the balance tells of."""
    inner = stripped(text, start, end, at.record.place, report)
    if inner is None:
        raise at.error(f"{at} at {start}:{end} is white space alone", "take it out")
    return inner


def stripped(text: str, start: int, end: int, place: Place | None, report: Report) -> tuple[int, int] | None:
    """The same of an entity that is read at a place; None where it is nothing but white space."""
    inner = without_blanks(text, start, end)
    if inner[0] == inner[1]:
        return None
    if inner != (start, end):
        report.repairs.append(Repair("trim white space", str(place), quoted(text, start, end)))
    return inner


def add_entity(
    found: dict[Span, Mapping[str, Any]],
    span: Span,
    attributes: Mapping[str, Any],
    text: str,
    place: Place | None,
    report: Report,
) -> None:
    """Put an entity among the others, or make it one with its twin, whose attributes come first."""
    twin = found.get(span)
    if twin is None:
        found[span] = attributes
        return
    report.repairs.append(Repair("merge twins", str(place or ""), quoted(text, span.start, span.end)))
    clash = [name for name, value in attributes.items() if name in twin and twin[name] != value]
    if clash:
        report.lose("field", place, ", ".join(clash), "two entities that are the same have another each")
    found[span] = {**attributes, **twin}
