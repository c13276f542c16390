"""A tagger's bracketed markup: ``[LOC Venezuela  ] 's first``, tokenized, often wrapped in HTML.

This is what the Illinois (CogComp) named-entity tagger writes. A file is a document; there are no ids, no
escapes and no nesting. The text was tokenized before it was tagged, so most spaces beside punctuation are the
tagger's own, and HTML is damaged in the same way. Three of its writers are in use, and one more form in print:

    A  file writer     a sentence a line:  The [ORG U.S. Navy  ] sails . \\n     two spaces before the closing
    B  line tagger     one line:           The [ORG U.S. Navy] sails .         none
    C  annotation job  text as it was:     The [ORG U.S. Navy ]  sails.        one, and one after it
    -  shared task     tokenized:          The [ORG U.S. Navy ] sails .        one

Which of them wrote a file is seen from the file. An entity is ``[``, a label, a space, words, and its form's
own closing on the same line. Any other bracket is text. In forms A and B, what opens like an entity and is closed
like one but has no known label is an error; known are the tagger's two sets of labels (PER ORG LOC MISC, and the
18 of OntoNotes) or those that ``--labels`` names. Tags and comments of HTML are taken out, character references
decoded; ``<p>``, ``<br>`` and their like, and the paragraph mark ``¶``, begin a paragraph.

Cannot hold: offsets, nested or overlapping entities, ids, metadata.

Sources: Ratinov and Roth, Design Challenges and Misconceptions in Named Entity Recognition, CoNLL 2009;
https://github.com/CogComp/cogcomp-nlp/tree/master/ner (NETagPlain, PlainTextReader).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO, NamedTuple

import regex

from ..balance import Report, Unforgiving
from ..detokenize import Gap, assemble
from ..document import Document, Span
from ..errors import DataError, Place, place_in, shorten
from ..html import Break, Cut, cuts
from ..options import ReadOptions
from ..source import Source, decode
from . import Format, Reader

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


def from_brackets(
    text: str,
    *,
    options: ReadOptions | None = None,
    form: Form | None = None,
    file: str = "-",
    id: str | None = None,
    report: Report | None = None,
) -> Document:
    """Read bracketed markup, a whole file's, as a document.

    `form` is found out from the text where it is not given. `file` is named in messages. Raises `DataError`
    with line and column for an entity that is not closed, holds another, is empty, or has an unknown label.
    Without a `report` an entity that is lost (inside an HTML tag) is an error too.
    """
    options = options or ReadOptions()
    report = Unforgiving() if report is None else report
    text = text.removeprefix("\ufeff")
    return _Reading(text, options, form or detect(text, options), file, report).document(id)


# Which form


def detect(text: str, options: ReadOptions) -> Form:
    """The form in which `text` is written, by what closes its entities and by how the rest is spaced."""
    known = dict.fromkeys((FILE, LINE, TASK), 0)
    unknown = dict(known)
    openings = list(regex.finditer(_opening(options) + r"|(?P<line>\n)", text))
    for opening, following in zip(openings, [*openings, None][1:], strict=True):
        if opening["line"]:
            continue
        closing = _first_closing(text, opening.end(), following.start() if following else len(text))
        if closing is None:
            continue
        before = text[closing - 2 : closing]
        form = FILE if before.isspace() else TASK if before[-1].isspace() else LINE
        (known if _is_known(opening["label"], options) else unknown)[form] += 1
    tokenized = _is_tokenized(text)
    if known[FILE] or (unknown[FILE] and not any(known.values())):
        return FILE
    if known[LINE] > known[TASK] or (unknown[LINE] and tokenized and not any(known.values())):
        return LINE
    if known[TASK]:
        return TASK if tokenized else INLINE
    return FILE if tokenized else INLINE


def _opening(options: ReadOptions) -> str:
    """The pattern of what an entity may open with, its label known or not."""
    own = sorted(map(regex.escape, options.labels or ()), key=len, reverse=True)
    return rf"(?P<opening>\[(?P<label>{'|'.join([*own, ANY_LABEL])})[ \t])"


def _is_known(label: str, options: ReadOptions) -> bool:
    if options.labels is None:
        return label in KNOWN_LABELS
    return "any" in options.labels or label in options.labels


def _first_closing(text: str, at: int, end: int) -> int | None:
    """The first ``]`` that no ``[`` after `at` has opened, or None."""
    depth = 0
    for bracket in regex.finditer(r"[\[\]]", text, pos=at, endpos=end):
        if bracket[0] == "[":
            depth += 1
        elif depth:
            depth -= 1
        else:
            return int(bracket.start())
    return None


# The tagger leaves none of the characters that it pads beside a letter. Brackets do not count: entities are made
# of them.
PADDED = regex.compile(r"(?<!\S)[,;?!()\"](?!\S)|(?<!\S)\.(?=\s*$)", regex.MULTILINE)
UNPADDED = regex.compile(
    r"(?<=[\w.])[;?!)\"](?!\S)|(?<=\w),(?!\S)|(?<!\S)[(\"](?=\w)|(?<=\w)\.(?=\s*$)", regex.MULTILINE
)
AFTER_ENTITY = regex.compile(r"\s\]\s[,;?!).]", regex.MULTILINE)


def _is_tokenized(text: str) -> bool:
    """Whether the text outside the entities has been through a tokenizer."""
    rest = AFTER_ENTITY.sub(" ", text)  # after an entity form C has a space of its own
    padded, unpadded = len(PADDED.findall(rest)), len(UNPADDED.findall(rest))
    if padded == unpadded:
        return not regex.search(r"\S\s\]\s\s+\w", text)
    return padded > unpadded


# Reading

BLANK = " \t\r\n\f\v"
"""What separates words. Other white space (a no-break space) may be inside one."""
WORD = regex.compile(rf"(?P<space>[{BLANK}]+)|[^{BLANK}]+")
# What the tagger would have split off a word that it has not tokenized
SPLIT_OFF = regex.compile(r"((?<![0-9]),|,(?![0-9])|[\"\[\](){}?!;]|'(?:s|d|m|ve)(?!\w))")
PILCROW = regex.compile(r"(?<=[^¶])(?=¶)")


class Mark(NamedTuple):
    """An entity in the markup: where it opens and closes (characters, half-open) and its label."""

    open: tuple[int, int]
    close: tuple[int, int]
    label: str


@dataclass
class _Reading:
    """One document being read: the words so far, and what stands before each."""

    text: str
    options: ReadOptions
    form: Form
    file: str
    report: Report
    words: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)  # before each word
    kept: dict[int, str] = field(default_factory=dict)  # white space that is the original's, by word
    entities: list[tuple[int, int, str]] = field(default_factory=list)  # in words, half-open
    # what stands before the word that is being read
    space: str = ""
    has_cut: bool = False
    ends_paragraph: bool = False
    after_reference: bool = False
    # and the word itself
    word: str = ""
    is_reference: bool = False  # it ends in a character reference whose ";" the tagger padded
    opened: int | None = None  # the first word of the entity it is in

    def document(self, id: str | None) -> Document:
        self._read()
        text, tokens = assemble(
            self.words,
            self.gaps,
            profile=self.options.profile or self.form.profile or "cogcomp",
            layout=self.options.layout,
            whole=[(first, stop) for first, stop, _ in self.entities],
            kept=self.kept,
        )
        spans = tuple(Span(tokens.starts[a], tokens.ends[b - 1], label) for a, b, label in self.entities)
        return Document(text, spans, tokens, id=id, source=Place(self.file))

    def _read(self) -> None:
        """Go through the markup once: text, HTML, and the two ends of each entity, as they come."""
        text = self.text
        events: list[tuple[int, int, Cut | Mark]] = [(cut.start, cut.end, cut) for cut in cuts(text)]
        for mark in self._marks():
            events += [(*mark.open, mark), (*mark.close, mark)]
        events.sort(key=lambda event: event[0])
        at = 0
        for start, end, event in events:
            self._read_text(text[at:start])
            if isinstance(event, Cut):
                self._read_cut(event)
            elif start == event.open[0]:
                self._end_word()
                self.opened = len(self.words)
            else:
                self._close(event)
            at = max(at, end)
        self._read_text(text[at:])
        self._end_word()

    def _read_text(self, text: str) -> None:
        for piece in WORD.finditer(text):
            if piece["space"]:
                self._end_word()
                self.space += piece[0]
            else:
                self.word += piece[0]
                self.is_reference = False

    def _read_cut(self, cut: Cut) -> None:
        self.has_cut = True
        if cut.gap:
            self._end_word()
            self.space += " "
            self.ends_paragraph |= cut.gap == Break.PARAGRAPH
        if cut.reads:
            self.word += cut.reads
            self.is_reference = cut.padded

    def _close(self, mark: Mark) -> None:
        self._end_word()
        first, self.opened = self.opened, None
        if first is not None and first < len(self.words):
            self.entities.append((first, len(self.words), mark.label))
        else:
            place = place_in(self.text, mark.open[0], self.file)
            mention = shorten(self.text[mark.open[1] : mark.close[0]])
            self.report.lose("span", place, mention, "no text of it is left outside HTML tags", label=mark.label)

    def _end_word(self) -> None:
        """Put down the word that was being read, if there is one."""
        word = self.word.strip()
        if not word:
            self.space += self.word
            self.word = ""
            return
        if self.word[0].isspace():
            self.space += " "
        for part in PILCROW.split(word):
            self.ends_paragraph |= part[0] == "¶"
            for piece in SPLIT_OFF.split(part) if self.form is INLINE and self.opened is None else [part]:
                if piece := piece.strip():
                    self._put(piece)
        self.space = " " if self.word[-1].isspace() else ""
        self.after_reference = self.is_reference
        self.word, self.is_reference = "", False

    def _put(self, word: str) -> None:
        gap = self._gap()
        if gap in (Gap.KEPT, Gap.KEPT_LINE):
            self.kept[len(self.words)] = self.space
        self.gaps.append(gap)
        self.words.append(word)
        self.space, self.has_cut, self.ends_paragraph, self.after_reference = "", False, False, False

    def _gap(self) -> Gap:
        lines = self.space.count("\n")
        if self.ends_paragraph:
            return Gap.PARAGRAPH
        if not self.space:
            return Gap.ATTACHED
        if self.form is INLINE and (self.opened is None or self.opened == len(self.words)):
            if self.has_cut:  # the white space on both sides of a tag is one
                self.space = "\n" if lines else " "
            return Gap.KEPT_LINE if lines else Gap.KEPT
        if lines:
            return Gap.PARAGRAPH if lines > 1 else Gap.LINE
        return Gap.REFERENCE if self.after_reference else Gap.SPACE

    # Entities

    def _marks(self) -> list[Mark]:
        """The entities of the markup, in order. They do not overlap."""
        anything = (
            rf"{_opening(self.options)}|(?P<closing>{self.form.closing})|(?P<bracket>\[)|(?P<literal>\])|(?P<line>\n)"
        )
        events = list(regex.finditer(anything, self.text))
        return self._strict_marks(events) if self.form.strict else self._balanced_marks(events)

    def _strict_marks(self, events: list[regex.Match[str]]) -> list[Mark]:
        """Entities of forms whose closing differs from a bracket of the text."""
        marks = []
        opened: regex.Match[str] | None = None
        depth = 0  # brackets of the text that are open
        is_text = False  # a bracket of the text closes what opened like an entity: "[LOCAL ]"
        for number, event in enumerate(events):
            match event.lastgroup:
                case "opening":
                    if opened and not is_text:
                        raise self._nested(opened, events[number:])
                    opened, depth, is_text = event, 0, False
                case "closing" if opened:
                    marks.append(self._mark(opened, event))
                    opened, depth = None, 0
                case "closing" if self.form is FILE and not depth:
                    what = "an entity is closed here, but none is open"
                    raise self._error(event.start(), what, "one opens with [, a label in capitals, and a space")
                case "bracket":
                    depth += self.text[event.end() : event.end() + 1].isspace()  # the tagger pads those of the text
                case "line":
                    if opened and not is_text:
                        self._check_unclosed(opened)
                    opened, depth = None, 0
                case _ if depth:
                    depth -= 1
                case _:
                    is_text = True
        if opened and not is_text:
            self._check_unclosed(opened)
        return marks

    def _balanced_marks(self, events: list[regex.Match[str]]) -> list[Mark]:
        """Entities of forms whose closing looks like a bracket of the text: it is the one that none inside opens."""
        marks = []
        opened: regex.Match[str] | None = None
        depth = 0
        first: regex.Match[str] | None = None  # the first closing, should the brackets of the text not pair
        for number, event in enumerate([*events, None]):
            kind = event.lastgroup if event else "line"
            if kind == "opening" and event and not _is_known(event["label"], self.options):
                kind = "bracket"
            if event and kind == "closing" and opened and not depth:
                marks.append(self._mark(opened, event))
                opened = first = None
            elif kind in ("opening", "line"):
                if opened and first:
                    marks.append(self._mark(opened, first))
                elif opened and event and kind == "opening":
                    raise self._nested(opened, events[number:])
                elif opened:
                    self._check_unclosed(opened)
                opened, depth, first = (event if kind == "opening" else None), 0, None
            elif kind == "bracket":
                depth += 1
            elif depth:
                depth -= 1
                first = first or (event if kind == "closing" else None)
        return marks

    def _mark(self, opening: regex.Match[str], closing: regex.Match[str]) -> Mark:
        label = opening["label"]
        if not _is_known(label, self.options):
            todo = f"name it with --labels {label},... or take every label with --labels any"
            raise self._error(opening.start(), f"unknown label {label}", todo)
        if not self.text[opening.end() : closing.start()].strip():
            what = f"the entity {self.text[opening.start() : closing.end()].strip()} is empty"
            raise self._error(opening.start(), what, "put its words in, or take it out")
        start = closing.start() - (self.form is INLINE)
        return Mark(opening.span(), (start, closing.end()), label)

    def _check_unclosed(self, opening: regex.Match[str]) -> None:
        if _is_known(opening["label"], self.options):
            what = f"unclosed bracket: the entity that opens with [{opening['label']} is not closed on its line"
            raise self._error(opening.start(), what, f"close it as in {self.form.example}")

    def _nested(self, outer: regex.Match[str], rest: list[regex.Match[str]]) -> DataError:
        inner = rest[0]
        following = [event.lastgroup for event in rest[1:] if event.lastgroup in ("opening", "closing", "line")][:2]
        if following == ["closing", "closing"]:
            what = f"bracket in a bracket: [{inner['label']} opens inside the entity [{outer['label']}"
            return self._error(inner.start(), what, "entities do not nest in this format; close the outer one first")
        what = f"unclosed bracket: the entity that opens with [{outer['label']} is not closed before the next one"
        return self._error(outer.start(), what, f"close it as in {self.form.example}")

    def _error(self, offset: int, what: str, todo: str) -> DataError:
        return DataError(what, todo, place_in(self.text, offset, self.file))


# The format


def _reader(form: Form | None) -> Reader:
    def read(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
        text = decode(file.read(), source, options.encoding)
        document = from_brackets(text, options=options, form=form, file=source.file, id=source.id, report=report)
        yield replace(document, meta={"source": source.origin})

    return read


FORMATS = [
    Format("brackets", (".txt",), _reader(None)),
    Format("brackets-line", (), _reader(LINE)),
    Format("brackets-inline", (), _reader(INLINE)),
]
