"""Reading bracketed markup: which form it has, where its entities are, and the words with what stands between them.

The grammar is told in `formats/brackets.py`, whose reader, writers and way back stand on this module.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, chain
from typing import NamedTuple

import regex

from .balance import Repair, Report
from .errors import DataError, Lines, NerconvError, UsageError, shorten
from .gaps import Gap
from .html import Break, Cut, cuts
from .label_names import nearest
from .options import ReadOptions

KNOWN_LABELS = frozenset(
    # the two models of the tagger: CoNLL-2003's labels and OntoNotes 5's
    "PER ORG LOC MISC "
    "PERSON NORP FAC GPE PRODUCT EVENT WORK_OF_ART LAW LANGUAGE "
    "DATE TIME PERCENT MONEY QUANTITY ORDINAL CARDINAL".split()
)


class Form(NamedTuple):
    """One way of writing the markup.

    `closing` finds what closes an entity. `profile` says how the text outside the entities was tokenized, None
    where it is as it was. Where `strict`, whatever opens and closes like an entity is one.
    """

    name: str
    closing: str
    profile: str | None
    strict: bool
    example: str


FILE = Form("brackets", r"(?<=[ \t]{2})\]", "cogcomp", True, "[LOC Venezuela  ]")
LINE = Form("brackets-line", r"(?<=\S)\]", "cogcomp-line", True, "[LOC Venezuela]")
INLINE = Form("brackets-inline", r"(?<=[ \t])\] ?", None, False, "[LOC Venezuela ]")
TASK = Form("brackets-task", r"(?<=[ \t])\]", "ptb", False, "[LOC Venezuela ]")

ANY_LABEL = "[A-Z][A-Z0-9_-]*"
LEFT = "bracket left in the text, as its label is not among --labels"
"""The repair that tells of what opens like an entity and is none."""


# Which form


def detect(text: str, options: ReadOptions) -> Form:
    """The form in which `text` is written, by what closes its entities and by how the rest is spaced."""
    known = dict.fromkeys((FILE, LINE, TASK), 0)
    unknown = dict(known)
    labels = _known(options)
    signs = 0  # of a text that no tokenizer has been through, less those of one that has been through one
    openings = list(regex.finditer(_opening(options) + r"|(?P<line>\n)", text))
    for opening, following in zip(openings, [*openings, None][1:], strict=True):
        if opening["line"]:
            continue
        until = following.start() if following else len(text)
        closing = text.find("  ]", opening.end() - 1, until)
        closing = closing + 2 if closing >= 0 else _first_closing(text, opening.end(), until)
        if closing < 0:
            continue
        before = text[closing - 2 : closing]
        form = FILE if before.isspace() else TASK if before[-1].isspace() else LINE
        if _is_known(opening["label"], labels):
            known[form] += 1
            signs += _signs_around(text[max(opening.start() - 1, 0) : opening.start()], text[closing + 1 : closing + 4])
        else:
            unknown[form] += 1
    tokenized = signs + len(UNTOUCHED.findall(text)) <= len(TOKENIZED.findall(text))
    if known[FILE] or (unknown[FILE] and not any(known.values())):
        return FILE
    if (known[LINE] and known[LINE] >= known[TASK]) or (unknown[LINE] and tokenized and not any(known.values())):
        return LINE
    if known[TASK]:
        return TASK if tokenized else INLINE
    return FILE if tokenized else INLINE


# The tagger leaves none of the characters that it pads beside a letter.
TOKENIZED = regex.compile(r"(?<!\S)(?<!\s\]\s)[,;?!()\"](?!\S)|(?<!\S)(?<!\s\]\s)\.(?=\s*$)", regex.MULTILINE)
UNTOUCHED = regex.compile(
    r"(?<=[\w.])[;?!)\"](?!\S)|(?<=\w),(?!\S)|(?<!\S)[(\"](?=\w)|(?<=\w)\.(?=\s*$)", regex.MULTILINE
)


def _signs_around(before: str, after: str) -> int:
    """How strongly what stands around an entity says that form C wrote it, or, below 0, that the text is tokenized.

    After the closing form C puts one space of its own: a word that had a space before it has two, and what stood
    close to the entity stays in one piece. Before the opening it puts none.
    """
    signs = int(bool(before) and not before.isspace())
    if after[:2].isspace() and len(after[:2]) == 2 and after[1] != "\n":
        return signs + 1
    if after[:1] == " " and after[1:2].isalnum():
        return signs - 2
    return signs + bool(regex.fullmatch(r" [,;:.?!)\"'’”]{2}", after))


def _opening(options: ReadOptions) -> str:
    """The pattern of what an entity may open with, its label known or not."""
    # those of the usual kind need not be named, and there may be very many
    unusual = [label for label in {*(options.labels or ())} - {"any"} if not regex.fullmatch(ANY_LABEL, label)]
    own = sorted(map(regex.escape, unusual), key=lambda label: (-len(label), label))
    return rf"(?P<opening>\[(?P<label>{'|'.join([*own, ANY_LABEL])})[ \t])"


def _known(options: ReadOptions) -> Set[str]:
    """The labels that an entity may have."""
    return KNOWN_LABELS if options.labels is None else frozenset(options.labels)


def _is_known(label: str, known: Set[str]) -> bool:
    return label in known or "any" in known


def _first_closing(text: str, at: int, end: int) -> int:
    """The first ``]`` that no ``[`` after `at` has opened, or -1."""
    depth = 0
    for bracket in regex.finditer(r"[\[\]]", text, pos=at, endpos=end):
        if bracket[0] == "[":
            depth += 1
        elif depth:
            depth -= 1
        else:
            return int(bracket.start())
    return -1


# Reading

BLANK = " \t\r\n\f\v"
"""What separates words. Other white space (a no-break space) may be inside one."""
WORD = regex.compile(rf"[^{BLANK}]+")
SEEN = regex.compile(r"\S")
# What the tagger would have split off a word that it has not tokenized
SPLIT_OFF = regex.compile(r"((?<![0-9]),|,(?![0-9])|[\"\[\](){}?!;]|'(?:s|d|m|ve)(?!\w))")
PILCROW = regex.compile(r"(?<=[^¶])(?=¶)")


class Mark(NamedTuple):
    """An entity in the markup: where it opens and closes (characters, half-open) and its label."""

    open: tuple[int, int]
    close: tuple[int, int]
    label: str


class Entity(NamedTuple):
    """An entity in words, half-open, and its mark."""

    first: int
    stop: int
    mark: Mark


class Markup(NamedTuple):
    """Bracketed markup, read: its words, what stands before each, and where each was read.

    `where[i]`: the range of word ``i`` in `text`, characters, half-open. `kept`: white space that is the original's,
    by word. `lines` finds the line and column of a character.
    """

    text: str
    form: Form
    words: list[str]
    gaps: list[Gap]
    where: list[tuple[int, int]]
    kept: dict[int, str]
    entities: list[Entity]
    lines: Lines


def parse(text: str, options: ReadOptions, form: Form | None, file: str, report: Report) -> Markup:
    """Read bracketed markup. The form is found out from the text where it is not given.

    Raises `DataError` with line and column for an entity that is not closed, holds another, is empty, or has an
    unknown label. An entity that has no words outside HTML tags is lost, which `report` is told.
    """
    return _Reading(text, options, form or detect(text, options), Lines(text, file), report).read()


Pair = tuple["regex.Match[str]", "regex.Match[str]"]
"""What opens in the text and what closes it."""


@dataclass
class _Reading:
    """Markup being read: the words so far, and what stands before each."""

    text: str
    options: ReadOptions
    form: Form
    lines: Lines
    report: Report
    words: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    where: list[tuple[int, int]] = field(default_factory=list)
    kept: dict[int, str] = field(default_factory=dict)
    entities: list[Entity] = field(default_factory=list)
    # what stands before the word that is being read
    space: list[str] = field(default_factory=list)
    has_cut: bool = False
    ends_paragraph: bool = False
    after_reference: bool = False
    # and the word itself: its pieces, and where each was read
    pieces: list[tuple[str, int, int]] = field(default_factory=list)
    is_reference: bool = False  # it ends in a character reference whose ";" the tagger padded
    opened: int | None = None  # the first word of the entity it is in
    meant: dict[str, str | None] = field(default_factory=dict)

    @cached_property
    def labels(self) -> Set[str]:
        """The labels that an entity may have."""
        return _known(self.options)

    def read(self) -> Markup:
        """Go through the markup once: text, HTML, and the two ends of each entity, as they come."""
        text = self.text
        events: list[tuple[int, int, Cut | Mark]] = [(cut.start, cut.end, cut) for cut in cuts(text)]
        for mark in self._marks():
            events += [(*mark.open, mark), (*mark.close, mark)]
        events.sort(key=lambda event: event[0])
        at = 0
        for start, end, event in events:
            self._read_text(at, start)
            if isinstance(event, Cut):
                self._read_cut(event)
            elif start == event.open[0]:
                self._end_word()
                self.opened = len(self.words)
            else:
                self._close(event)
            at = max(at, end)
        self._read_text(at, len(text))
        self._end_word()
        return Markup(text, self.form, self.words, self.gaps, self.where, self.kept, self.entities, self.lines)

    def _read_text(self, start: int, end: int) -> None:
        """Read text between two other things. A word that touches `end` may go on after it."""
        text, at = self.text, start
        is_usual = self.form is not INLINE and "¶" not in text[start:end]
        while at < end:
            if is_usual and text[at] == " " and not (self.pieces or self.space or self.has_cut or self.after_reference):
                at, is_usual = self._read_words(at, end)
            found = WORD.search(text, at, end)
            if found is None:
                self._end_word()
                self.space.append(text[at:end])
                return
            begin, stop = found.span()
            if begin > at:
                self._end_word()
                self.space.append(text[at:begin])
            self.pieces.append((found[0], begin, stop))
            self.is_reference = False
            at = stop
            if stop < end:
                self._end_word()

    def _read_words(self, at: int, end: int) -> tuple[int, bool]:
        """Read words with one space before each, up to the line's end, all at once: the usual case, without detours.

        Returns where the last of them ends, and whether it is worth to try again before `end`.
        """
        text = self.text
        line = text.find("\n", at, end)
        stop = end if line < 0 else line
        piece = text[at:stop].rstrip(" ")
        words = piece.split(" ")
        del words[0]  # what is before the first space
        if not piece.isprintable() or "" in words:
            return at, False  # white space of another kind, or more of it
        if line < 0 and words and at + len(piece) == end:
            words.pop()
        edges = list(accumulate(map(len, words), lambda edge, size: edge + size + 1, initial=at))
        self.where += zip((edge + 1 for edge in edges), edges[1:], strict=False)
        self.words += words
        self.gaps += [Gap.SPACE] * len(words)
        return edges[-1], True

    def _read_cut(self, cut: Cut) -> None:
        self.has_cut = True
        if cut.gap:
            self._end_word()
            self.space.append(" ")
            self.ends_paragraph |= cut.gap == Break.PARAGRAPH
        if cut.reads:
            self.pieces.append((cut.reads, cut.start, cut.end))
            self.is_reference = cut.padded

    def _close(self, mark: Mark) -> None:
        self._end_word()
        first, self.opened = self.opened, None
        if first is not None and first < len(self.words):
            self.entities.append(Entity(first, len(self.words), mark))
        else:
            place = self.lines.place(mark.open[0])
            mention = shorten(self.text[mark.open[1] : mark.close[0]])
            self.report.lose("span", place, mention, "no text of it is left outside HTML tags", label=mark.label)

    def _end_word(self) -> None:
        """Put down the word that was being read, if there is one."""
        if not self.pieces:
            return
        pieces, self.pieces = self.pieces, []
        whole = "".join(text for text, _, _ in pieces)
        word = whole.strip()
        if not word:
            self.space.append(whole)
            return
        at = whole.index(word)
        self.space.append(whole[:at])
        edges = list(accumulate((len(text) for text, _, _ in pieces), initial=0))
        for part in PILCROW.split(word):
            self.ends_paragraph |= part[0] == "¶"
            for text in SPLIT_OFF.split(part) if self.form is INLINE and self.opened is None else [part]:
                if text.strip():
                    begin = at + text.index(text.strip())
                    self._put(text.strip(), _range(pieces, edges, begin, begin + len(text.strip())))
                at += len(text)
        self.space = [whole[at:]] if at < len(whole) else []
        self.after_reference = self.is_reference
        self.is_reference = False

    def _put(self, word: str, where: tuple[int, int]) -> None:
        space = "".join(self.space).replace("\r\n", "\n")
        lines = space.count("\n")
        if self.ends_paragraph:
            gap = Gap.PARAGRAPH
        elif not space:
            gap = Gap.ATTACHED
        elif self.form is INLINE and (self.opened is None or self.opened == len(self.words)):
            gap = Gap.KEPT_LINE if lines else Gap.KEPT
            # the white space on both sides of a tag is one
            self.kept[len(self.words)] = ("\n" if lines else " ") if self.has_cut else space
        elif lines:
            gap = Gap.PARAGRAPH if lines > 1 else Gap.LINE
        else:
            gap = Gap.REFERENCE if self.after_reference else Gap.SPACE
        self.gaps.append(gap)
        self.words.append(word)
        self.where.append(where)
        self.space, self.has_cut, self.ends_paragraph, self.after_reference = [], False, False, False

    # Entities

    def _marks(self) -> list[Mark]:
        """The entities of the markup, in order. They do not overlap.

        Brackets pair as they do in any text, line by line. In the strict forms an entity's closing looks unlike a
        bracket of the text, so it closes the nearest opening, and one that a bracket of the text closes was text
        (``[LOCAL ]``). In the others it closes the bracket that was opened last, whichever that was. What opens like
        an entity and was text all the same is left there with a word about it.
        """
        pattern = f"{_opening(self.options)}|(?P<closing>{self.form.closing})"
        pattern += r"|(?P<bracket>\[)|(?P<literal>\])|(?P<line>\n)"
        strict = self.form.strict
        marks: list[Mark] = []
        stack: list[regex.Match[str]] = []  # the brackets that are open, of entities and of the text
        closed: dict[regex.Match[str], regex.Match[str]] = {}  # of those: the first closing of a bracket inside it
        text_like: list[Pair] = []  # openings that a bracket of the text has closed
        for event in chain(regex.finditer(pattern, self.text), [None]):
            kind = event.lastgroup if event else "line"
            if event is None or kind == "line":
                for opening in filter(self._may_open, stack):
                    if opening not in closed:
                        self._check_unclosed(opening)
                    else:  # the brackets of the text inside it do not pair
                        self._add(marks, opening, closed[opening])
                self._leave(text_like)
                stack, closed, text_like = [], {}, []
            elif kind == "opening" or (kind == "bracket" and not (strict and self._touches_word(event))):
                if closed and self._may_open(event):
                    self._add(marks, *closed.popitem())
                    stack = []
                stack.append(event)
            elif kind == "closing" and strict:
                is_bracket = False
                while stack and not self._may_open(stack[-1]):
                    is_bracket = bool(stack.pop())
                if stack or text_like:
                    self._add(marks, stack.pop() if stack else text_like.pop()[0], event)
                elif self.form is FILE and not is_bracket:
                    what = "an entity is closed here, but none is open"
                    raise self._error(event.start(), what, "one opens with [, a label in capitals, and a space")
                self._leave(text_like)
                text_like = []
            elif kind in ("closing", "literal") and stack:
                opening = stack.pop()
                if kind == "closing" and self._may_open(opening):
                    closed.pop(opening, None)
                    self._add(marks, opening, event)
                elif self._may_open(opening):
                    if strict:
                        self._check_form(opening, event)
                        text_like.append((opening, event))
                    else:
                        stack.append(opening)
                elif kind == "closing":
                    if opening.lastgroup == "opening":
                        self._leave([(opening, event)])
                    if stack and self._may_open(stack[-1]):
                        closed.setdefault(stack[-1], event)
        return marks

    def _may_open(self, event: regex.Match[str]) -> bool:
        """Whether a bracket may open an entity; in the strict forms one with an unknown label too, an error then."""
        return event.lastgroup == "opening" and (self.form.strict or _is_known(event["label"], self.labels))

    def _touches_word(self, event: regex.Match[str]) -> bool:
        return not self.text[event.end() : event.end() + 1].isspace()  # the tagger pads a bracket of the text

    def _add(self, marks: list[Mark], opening: regex.Match[str], closing: regex.Match[str]) -> None:
        label = opening["label"]
        if marks and opening.start() < marks[-1].open[0]:
            what = f"bracket in a bracket: [{marks[-1].label} opens inside the entity [{label}"
            todo = "entities do not nest in this format; close the outer one first"
            raise self._error(marks[-1].open[0], what, todo)
        if not _is_known(label, self.labels):
            raise self._unknown(opening)
        if not self.text[opening.end() : closing.start()].strip():
            what = f"the entity {self.text[opening.start() : closing.end()].strip()} is empty"
            raise self._error(opening.start(), what, "put its words in, or take it out")
        start = closing.start() - (self.form is INLINE)
        marks.append(Mark(opening.span(), (start, closing.end()), label))

    def _leave(self, pairs: Iterable[Pair]) -> None:
        """Leave brackets in the text that open like entities.

        Prose has none that open beside a word in capitals and close apart from one. So it is an error where the label
        is known, or looks like one that is, and told where it is another.
        """
        for opening, closing in pairs:
            label = opening["label"]
            if not SEEN.search(self.text, opening.end(), closing.start()):  # of brackets in brackets a slice is long
                continue
            if _is_known(label, self.labels):
                raise self._other_form(opening, TASK)
            if self._meant(label):
                raise self._unknown(opening)
            self.report.repairs.append(Repair(LEFT, str(self.lines.place(opening.start())), label))

    def _check_form(self, opening: regex.Match[str], closing: regex.Match[str]) -> None:
        """Raise for an entity of the other strict form: the tagger does not close a bracket of the text like that."""
        before = self.text[max(closing.start() - 2, opening.end() - 1) : closing.start()]
        is_other = not before[-1:].isspace() if self.form is FILE else len(before) > 1 and before.isspace()
        if is_other and _is_known(opening["label"], self.labels) and self.text[opening.end() : closing.start()].strip():
            raise self._other_form(opening, LINE if self.form is FILE else FILE)

    def _other_form(self, opening: regex.Match[str], other: Form) -> DataError:
        what = f"this entity is closed as in {other.example}, and the others as in {self.form.example}"
        return self._error(opening.start(), what, "close them all alike")

    def _unknown(self, opening: regex.Match[str]) -> NerconvError:
        label = opening["label"]
        what, meant = f"unknown label {label}", self._meant(label)
        typo = next((own for own in self.options.labels or () if nearest(own, {label: 1})), None)
        if typo and not meant:
            place = self.lines.place(opening.start())
            return UsageError(what, f"did you mean {label} where --labels says {typo}?", place)
        todo = f"--labels any takes every label, --labels {label},... those that it names"
        return self._error(opening.start(), what, f"did you mean {meant}? {todo}" if meant else todo)

    def _meant(self, label: str) -> str | None:
        """The known label that one looks like which is not known."""
        if label not in self.meant:
            self.meant[label] = nearest(label, dict.fromkeys(self.labels, 1))
        return self.meant[label]

    def _check_unclosed(self, opening: regex.Match[str]) -> None:
        if _is_known(opening["label"], self.labels):
            what = f"unclosed bracket: the entity that opens with [{opening['label']} is not closed on its line"
            raise self._error(opening.start(), what, f"close it as in {self.form.example}")

    def _error(self, offset: int, what: str, todo: str) -> DataError:
        return DataError(what, todo, self.lines.place(offset))


def _range(pieces: Sequence[tuple[str, int, int]], edges: Sequence[int], begin: int, end: int) -> tuple[int, int]:
    """Where in the markup the characters `begin` to `end` of a word made of `pieces` were read; `edges`: where these
    begin and end in it.

    A piece is as long in the markup as in the word, or it is a character reference, which is taken whole.
    """
    one, other = bisect_right(edges, begin) - 1, bisect_left(edges, end) - 1
    text, first, stop = pieces[one]
    if stop - first == len(text):
        first += begin - edges[one]
    text, start, last = pieces[other]
    if last - start == len(text):
        last = start + end - edges[other]
    return first, last
