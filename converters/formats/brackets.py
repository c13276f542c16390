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
from dataclasses import replace
from typing import BinaryIO, NamedTuple

from ..balance import Repair, Report, Unforgiving
from ..detokenize import Assembled, assemble
from ..document import Document, Span
from ..errors import Place, shorten
from ..markup import INLINE, LINE, Entity, Form, Markup, parse
from ..options import ReadOptions
from ..rules import PROFILES, REPAIRS, Context, Gap, detect_profile, is_lost_apostrophe
from ..source import Source, decode
from . import Format, Reader

ESCAPES = {
    "-LRB-": "(",
    "-RRB-": ")",
    "-LSB-": "[",
    "-RSB-": "]",
    "-LCB-": "{",
    "-RCB-": "}",
    "``": '"',
    "''": '"',
    "`": "'",
}
"""What the Penn Treebank's escapes stand for."""


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
    markup = parse(text.removeprefix("\ufeff"), options, form, file, report)
    if "apostrophe" in options.repairs:
        markup = _with_apostrophes(markup, report)
    made, _ = _assemble(markup, options, report)
    starts, ends = made.tokens.starts, made.tokens.ends
    spans = tuple(Span(starts[first], ends[stop - 1], mark.label) for first, stop, mark in markup.entities)
    return Document(made.text, spans, made.tokens, id=id, source=Place(file))


class Step(NamedTuple):
    """How a gap was decided: the words on its two sides, whether they join, and the rule and its reason."""

    left: str
    right: str
    join: bool
    rule: str
    reason: str


def explain(text: str, *, options: ReadOptions | None = None, file: str = "-") -> list[Step]:
    """Each gap of bracketed markup, in order, with the rule that decided it.

    The first word, and then for each step nothing (`join`) or white space and the right-hand word, make the text.
    """
    options = options or ReadOptions()
    report = Report()
    markup = parse(text.removeprefix("\ufeff"), options, None, file, report)
    if "apostrophe" in options.repairs:
        markup = _with_apostrophes(markup, report)
    made, words = _assemble(markup, options, report)
    pairs = zip(words, words[1:], made.rules[1:], strict=False)
    return [Step(left, right, rule.join, rule.name, rule.reason) for left, right, rule in pairs]


def _assemble(markup: Markup, options: ReadOptions, report: Report) -> tuple[Assembled, list[str]]:
    """The text of the markup, and its words as they read in it. Repairs are written down."""
    profile = options.profile or markup.form.profile or "cogcomp"
    if options.profile is None and detect_profile(markup.words) == "ptb":
        profile = "ptb"
    if profile == "cogcomp" and markup.form is LINE:
        profile = "cogcomp-line"
    words = markup.words
    if profile == "ptb":
        words = [ESCAPES.get(word) or word.replace("\\/", "/").replace("\\*", "*") for word in words]
        for number, word in enumerate(words):
            if word != markup.words[number]:
                place = markup.lines.place(markup.where[number][0])
                report.repairs.append(Repair("treebank escape", str(place), markup.words[number]))
    made = assemble(
        markup.words,
        markup.gaps,
        profile=profile,
        layout=options.layout,
        repairs=options.repairs,
        whole=[(entity.first, entity.stop) for entity in markup.entities],
        kept=markup.kept,
        spelled=words,
    )
    names = {rule.name: name for name, rule in REPAIRS.items() if rule and name in options.repairs}
    for number, rule in enumerate(made.rules):
        if rule.name in names:
            place = markup.lines.place(markup.where[number][0])
            report.repairs.append(Repair(names[rule.name], str(place), f"{words[number - 1]} {words[number]}"))
    return made, words


def _with_apostrophes(markup: Markup, report: Report) -> Markup:
    """The markup with each ``?`` that stands for an apostrophe made one, and one word with what follows it."""
    words: list[str] = []
    gaps: list[Gap] = []
    where: list[tuple[int, int]] = []
    kept: dict[int, str] = {}
    numbers: list[int] = []  # of each word of the markup: its number among the new ones
    context = Context(markup.words, markup.gaps, PROFILES["cogcomp"])
    for number, word in enumerate(markup.words):
        if words and words[-1] == "?" and markup.words[number - 1] == "?" and is_lost_apostrophe(context, number):
            place = markup.lines.place(where[-1][0])
            report.repairs.append(Repair("apostrophe", str(place), f"{words[-2]} ? {word}"))
            words[-1], gaps[-1], where[-1] = f"'{word}", Gap.ATTACHED, (where[-1][0], markup.where[number][1])
            kept.pop(len(words) - 1, None)
        else:
            if number in markup.kept:
                kept[len(words)] = markup.kept[number]
            words.append(word)
            gaps.append(markup.gaps[number])
            where.append(markup.where[number])
        numbers.append(len(words) - 1)
    entities = []
    for first, stop, mark in markup.entities:
        # an entity that ends between the ? and the s ends before them; one that begins there begins after them
        split = stop < len(numbers) and numbers[stop] == numbers[stop - 1]
        begins_inside = first > 0 and numbers[first] == numbers[first - 1]
        moved = Entity(numbers[first] + begins_inside, numbers[stop - 1] + (not split), mark)
        if moved.first < moved.stop:
            entities.append(moved)
        else:
            place = markup.lines.place(mark.open[0])
            mention = shorten(markup.text[mark.open[1] : mark.close[0]])
            report.lose("span", place, mention, "it is a piece of a repaired apostrophe", label=mark.label)
    return markup._replace(words=words, gaps=gaps, where=where, kept=kept, entities=entities)


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
