"""A tagger's bracketed markup: ``[LOC Venezuela  ] 's first``, tokenized, often wrapped in HTML.

This is what the Illinois (CogComp) named-entity tagger writes. A file is a document; there are no ids, no
escapes and no nesting. The text was tokenized before it was tagged, so most spaces beside punctuation are the
tagger's own, and HTML is damaged in the same way. Three of its writers are in use, and one more form in print:

    A  file writer     a sentence a line:  The [ORG U.S. Navy  ] sails . \\n     two spaces before the closing
    B  line tagger     one line:           The [ORG U.S. Navy] sails .         none
    C  annotation job  text as it was:     The [ORG U.S. Navy ]  sails.        one, and one after it
    -  shared task     tokenized:          The [ORG U.S. Navy ] sails .        one

Which of them wrote a file is seen from the file. An entity is ``[``, a label, a space, words, and its form's own
closing on the same line. Any other bracket is text. In forms A and B, what opens like an entity and is closed like
one but has no known label is an error; known are the tagger's two sets of labels (PER ORG LOC MISC, and the 18 of
OntoNotes) or those that ``--labels`` names. Whatever else opens like an entity in A and B, and what is closed like
one in the others, is an error too where its label is known or looks like one that is (``[PERS Bob ]``); with another
label it is text, and the balance says so. Tags and comments of HTML are taken out, character references decoded;
``<p>``, ``<br>`` and their like, and the paragraph mark ``¶``, begin a paragraph.

Cannot hold: offsets, nested or overlapping entities, ids, metadata.

Sources: Ratinov and Roth, Design Challenges and Misconceptions in Named Entity Recognition, CoNLL 2009;
https://github.com/CogComp/cogcomp-nlp/tree/master/ner (NETagPlain, PlainTextReader).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import BinaryIO, NamedTuple

from ..align import fit_to_tokens
from ..balance import Repair, Report
from ..detokenize import Assembled, assemble
from ..document import Document, Span, Tokens, TokenSpan
from ..errors import DataError, Lines, Place, Places, shorten
from ..gaps import PROFILES, Context, Gap, detect_profile
from ..holding import Aspect, tell_remade
from ..html import cuts
from ..markup import ANY_LABEL, FILE, INLINE, KNOWN_LABELS, LINE, Entity, Form, Markup, parse
from ..options import ReadOptions, WriteOptions
from ..originals import record_id, text_of
from ..reading import read_each
from ..records import At, Record, json_records, places_of_text
from ..rules import REPAIRS, is_lost_apostrophe
from ..source import Source, decode, with_ids
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
    report = Report(raises=True) if report is None else report
    text = text.removeprefix("\ufeff")
    if form is None and is_worth_it(len(text)):
        from .. import bulk

        if document := bulk.read(text, options, id, file):
            return document
    markup = parse(text, options, form, file, report)
    if "apostrophe" in options.repairs:
        markup = _with_apostrophes(markup, report)
    if options.originals and id is not None:
        return _on_original(markup, options.originals(id), options, id, report)
    made, _ = _assemble(markup, options, report)
    starts, ends = made.tokens.starts, made.tokens.ends
    spans = tuple(Span(starts[first], ends[stop - 1], mark.label) for first, stop, mark in markup.entities)
    places = _places(markup, starts, range(len(starts))) if options.places else None
    return Document(made.text, spans, made.tokens, id=id, source=Place(file), places=places)


AT_ONCE = 100_000
"""Characters that the plain way reads while NumPy is imported."""
read_so_far = 0


def is_worth_it(size: int) -> bool:
    """Whether markup of so many characters, after all that was read before, is worth an import of NumPy."""
    global read_so_far
    read_so_far += size
    return read_so_far > AT_ONCE or "numpy" in sys.modules


def _places(markup: Markup, starts: Iterable[int], numbers: Iterable[int]) -> Places:
    """Where the words with these numbers, which begin at `starts` in the text, stand in the markup."""
    found = (markup.lines.place(markup.where[number][0]) for number in numbers)
    return Places.make(markup.lines.file, starts, ((place.line or 1, place.column or 1) for place in found))


def _on_original(markup: Markup, original: str, options: ReadOptions, id: str, report: Report) -> Document:
    """The markup's words and entities where they stand in the text that it was made from.

    What only the original has becomes tokens of its own, a stretch without white space each.
    """
    from ..anchor import anchor  # it takes a while to import, and few need it

    words, file = markup.words, markup.lines.file
    places, mismatches = anchor(words, original)
    for first, stop, start, end in mismatches:
        there = f"the original has {shorten(original[start:end])!r} there, at {start}:{end}"
        place = markup.lines.place(markup.where[first][0])
        report.lose("token", place, shorten(" ".join(words[first:stop])), there, count=stop - first)
    spans = []
    for first, stop, mark in markup.entities:
        inside = places[first:stop]
        begin, end_place = inside[0], inside[-1]
        if begin and end_place and all(inside):
            spans.append(Span(begin[0], end_place[1], mark.label))
        else:
            place = markup.lines.place(mark.open[0])
            mention = shorten(" ".join(words[first:stop]))
            report.lose("span", place, mention, "its words are not in the original", label=mark.label)
    made, _ = _assemble(markup, options, Report())
    begins = _next_placed(places, made.tokens.sentences or ())
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[int] = []
    at = 0
    for number, found in enumerate([*places, (len(original), len(original))]):
        if found is None:
            continue
        for piece in re.finditer(r"\S+", original[at : found[0]]):
            starts.append(at + piece.start())
            ends.append(at + piece.end())
        if number < len(places):
            if number in begins:
                sentences.append(len(starts) if sentences else 0)
            starts.append(found[0])
            ends.append(found[1])
            at = found[1]
    tokens = Tokens.make(starts, ends, sentences or [0] * bool(starts))
    placed = {number: found[0] for number, found in enumerate(places) if found}
    stands = _places(markup, placed.values(), placed) if options.places else None
    return Document(original, tuple(spans), tokens, id=id, source=Place(file), places=stands)


def _next_placed(places: Sequence[tuple[int, int] | None], numbers: Iterable[int]) -> set[int]:
    """For each word of `numbers`, itself or the next one that has a place."""
    wanted, found, waiting = set(numbers), set(), False
    for number, place in enumerate(places):
        waiting = waiting or number in wanted
        if waiting and place:
            found.add(number)
            waiting = False
    return found


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


def _profile(markup: Markup, options: ReadOptions) -> str:
    """Whose spacing the markup has: what was asked for, what its words tell, or what its form does."""
    profile = options.profile or markup.form.profile or "cogcomp"
    if options.profile is None and detect_profile(markup.words) == "ptb":
        profile = "ptb"
    return "cogcomp-line" if profile == "cogcomp" and markup.form is LINE else profile


def _spelled(words: Sequence[str]) -> list[str]:
    """Words of the Penn Treebank's kind as they read, without its escapes."""
    return [ESCAPES.get(word) or word.replace("\\/", "/").replace("\\*", "*") for word in words]


def _assemble(markup: Markup, options: ReadOptions, report: Report) -> tuple[Assembled, list[str]]:
    """The text of the markup, and its words as they read in it. Repairs are written down."""
    profile = _profile(markup, options)
    words = _spelled(markup.words) if profile == "ptb" else markup.words
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


# The way back


def into(document: Document, text: str, *, options: ReadOptions, file: str, report: Report) -> str:
    """The markup `text` with the entities of `document`, and otherwise as it was, to the last character.

    The document may have been read from this markup in any layout, with repairs or onto an original, and may have
    lost its tokens: its text is aligned to the markup's words. An entity that does not begin and end with a word
    is left out and `report` is told; so is one whose words are not there. Entities of the markup whose words the
    document does not have stay as they are. Raises `DataError` for entities that overlap or a label that the
    markup cannot hold.
    """
    from ..anchor import anchor

    mark_of_order, text = text[: text.startswith("\ufeff")], text.removeprefix("\ufeff")
    markup = parse(text, options, None, file, Report())
    places, mismatches = anchor(markup.words, document.text, html=False)
    if mismatches:  # the text may be an original with HTML in it, which else is text
        places, _ = anchor(markup.words, document.text)
    _check_writable(document)
    first_at = {place[0]: number for number, place in enumerate(places) if place}
    last_at = {place[1]: number for number, place in enumerate(places) if place}
    wanted: dict[tuple[int, int], str] = {}
    for span in document.spans:
        first, last = first_at.get(span.start), last_at.get(span.end)
        if first is not None and last is not None:
            wanted[first, last + 1] = span.label
        else:
            mention, place = document.text[span.start : span.end], Place(file)
            report.lose("span", place, mention, "it does not begin and end with a word of the markup", label=span.label)
    edits: list[tuple[int, int, str]] = []  # a stretch of the markup, and what stands there instead
    entities = [(*words, label) for words, label in wanted.items()]  # that the changed markup should have
    close = CLOSINGS[markup.form.name]
    for first, stop, mark in markup.entities:
        label = wanted.pop((first, stop), None)
        if label is not None and label != mark.label:
            edits.append((mark.open[0] + 1, mark.open[1] - 1, label))
        elif label is None and any(places[first:stop]):
            # form C closes with two characters at a line's end, and with three elsewhere
            begin = mark.close[0] if markup.form is INLINE else mark.close[1] - len(close)
            edits += [(*mark.open, ""), (begin, mark.close[1], "")]
        elif label is None:
            entities.append((first, stop, mark.label))
    for (first, stop), label in wanted.items():
        begin, end = markup.where[first][0], markup.where[stop - 1][1]
        edits += [(begin, begin, f"[{label} "), (end, end, close)]
    pieces, at = [mark_of_order], 0
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], edit[1], edit[2] != close)):
        pieces += [text[at:start], new]
        at = end
    changed = "".join([*pieces, text[at:]])
    if edits:
        _check_change(markup, changed.removeprefix("\ufeff"), options, sorted(entities), file)
    return changed


def _check_change(
    before: Markup, changed: str, options: ReadOptions, entities: Sequence[tuple[int, int, str]], file: str
) -> None:
    """Read the changed markup again, and raise `DataError` where it no longer reads as it should."""
    more = tuple(sorted({*(options.labels or KNOWN_LABELS), *(label for _, _, label in entities)}))
    after = parse(changed, replace(options, labels=more), None, file, Report())  # in the form that a reader finds
    if not entities and not after.entities:  # how the rest is spaced tells it then, and words alone may be others
        after = parse(changed, replace(options, labels=more), before.form, file, Report())
    if after.words != before.words or [(first, stop, mark.label) for first, stop, mark in after.entities] != entities:
        what = "the changed entities cannot be written into this markup so that it reads back"
        raise DataError(what, "is an entity inside an HTML tag, or beside a bracket?", Place(file))


# Writing

CLOSINGS = {"brackets": "  ]", "brackets-line": "]", "brackets-inline": " ] ", "brackets-task": " ]"}
"""What closes an entity in each form."""

WRITABLE = re.compile(ANY_LABEL)


def _check_writable(document: Document) -> None:
    if clash := document.overlap():
        one, other = (f"{span.label} {shorten(document.text[span.start : span.end])!r}" for span in clash)
        what = f"entities {one} and {other} overlap, and brackets do not nest"
        raise DataError(what, "take one of them out", document.source)
    for span in document.spans:
        if not WRITABLE.fullmatch(span.label):
            what = f"brackets cannot hold the label {span.label!r}"
            raise DataError(what, "a label is in capitals, digits, - and _; rename it with --map", document.source)


class BracketsWriter:
    """A document in forms A and B: a sentence a line, tokenized; an empty line between paragraphs."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report, form: Form) -> None:
        self.file = file
        self.report = report
        self.form = form

    def write(self, document: Document) -> None:
        """Write the document."""
        name = self.form.name
        spans = fit_to_tokens(document, name)
        _check_writable(document)
        words = document.words
        for first, stop, label in spans:
            words[first] = f"[{label} {words[first]}"
            words[stop - 1] += CLOSINGS[name]
        lines = [" ".join(words[first:stop]) for first, stop in _lines(document, spans)]
        end = " \n" if self.form is FILE else "\n"
        text = _marked(_escaped("".join(line + end for line in lines).replace(f"\n{end}", "\n\n")))
        _check_readable(text, self.form, document, self.report)
        self.file.write(text.encode())

    def close(self) -> None:
        """Nothing is left to be written."""


class InlineWriter:
    """A document in form C: its text as it is, entities in brackets, their words apart."""

    def __init__(self, file: BinaryIO, options: WriteOptions, report: Report) -> None:
        self.file = file
        self.report = report

    def write(self, document: Document) -> None:
        """Write the document."""
        spans = fit_to_tokens(document, INLINE.name)
        _check_writable(document)
        words = document.words
        text = _inline(document, [" ".join(words[first:stop]) for first, stop, _ in spans])
        if _text_of(text, document) != document.text:  # another tokenizer's words; the tagger would not have made them
            plain = _inline(document, [document.text[span.start : span.end] for span in document.spans])
            if _text_of(plain, document) == document.text:
                text = plain
            else:
                tell_remade("spacing", document, INLINE.name, self.report)
        _check_readable(text, INLINE, document, self.report)
        self.file.write(text.encode())

    def close(self) -> None:
        """Nothing is left to be written."""


def _inline(document: Document, mentions: Sequence[str]) -> str:
    """The text of the document in form C, with what is to stand in the brackets."""
    pieces, at = [], 0
    for span, mention in zip(document.spans, mentions, strict=True):
        pieces += [document.text[at : span.start], f"[{span.label} ", mention, " ] "]
        at = span.end
    return _marked(_escaped("".join([*pieces, document.text[at:]])))


def _marked(text: str) -> str:
    """The text of a file: what begins as a byte order mark does gets one, which is taken off again."""
    return "\ufeff" + text if text.startswith("\ufeff") else text


def _text_of(text: str, document: Document) -> str | None:
    """What markup in form C reads as, None where it cannot be read."""
    try:
        return from_brackets(text, options=_readable(document), form=INLINE, report=Report()).text
    except DataError:
        return None


def _readable(document: Document) -> ReadOptions:
    """The options with which the markup of a document can be read."""
    return ReadOptions(labels=tuple(sorted({span.label for span in document.spans} | KNOWN_LABELS)))


def _lines(document: Document, spans: Sequence[TokenSpan]) -> Iterator[tuple[int, int]]:
    """The sentences as ranges of tokens, an empty one between paragraphs; none ends inside an entity."""
    assert document.tokens is not None
    inside = {number for span in spans for number in range(span.first + 1, span.stop)}
    text, starts, ends = document.text, document.tokens.starts, document.tokens.ends
    begins = {first for first, _ in document.sentence_ranges()}
    first = 0
    for number in range(1, len(starts)):
        paragraph = text.count("\n", ends[number - 1], starts[number]) > 1
        if (paragraph or number in begins) and number not in inside:
            yield first, number
            if paragraph:
                yield number, number
            first = number
    if len(starts):
        yield first, len(starts)


def _escaped(text: str) -> str:
    """The markup with what would be read as HTML turned into references, so that it reads as it is written."""
    pieces, at = [], 0
    for cut in cuts(text):
        pieces += [text[at : cut.start], "&lt;" if text[cut.start] == "<" else "&amp;"]
        at = cut.start + 1
    return "".join([*pieces, text[at:]])


def _check_readable(text: str, form: Form, document: Document, report: Report) -> None:
    """Read the markup again. Raises `DataError` where it does not hold the document's words and entities."""
    options = _readable(document)
    own = None if form is FILE else form  # the reader of that name finds the form out, and may find another one
    try:
        markup = parse(text.removeprefix("\ufeff"), options, own, "", Report())
    except DataError as error:
        what = f"{form.name} cannot hold this document: {error.what}"
        raise DataError(what, "a word in it looks like markup", document.source) from None
    at, ends = 0, [0]
    for word in markup.words:
        at += len("".join(word.split()))
        ends.append(at)
    found = [(ends[first], ends[stop], mark.label) for first, stop, mark in markup.entities]
    plain = document.text
    letters = _letters(plain, document.spans)
    there = [(letters[start], letters[end], label) for start, end, label in document.spans]
    if found != there or "".join("".join(markup.words).split()) != "".join(plain.split()):
        what = f"{form.name} cannot hold this document so that it reads back"
        raise DataError(what, "a word in it looks like markup", document.source)
    if _profile(markup, options) == "ptb":
        pairs = zip(markup.words, _spelled(markup.words), strict=True)
        if escapes := ", ".join(dict.fromkeys(word for word, spelled in pairs if word != spelled)):
            reason = "on reading these are taken for the Penn Treebank's escapes of brackets and quotes"
            report.lose("field", document.source, escapes, reason, output=form.name, by_nature=True)
    if markup.words != document.words:
        reason = "words with white space or a paragraph mark in them are divided"
        if form is INLINE:
            reason = "tokens outside entities are not told apart where no white space is between them"
        report.lose("field", document.source, document.id or "", reason, output=form.name, by_nature=form is INLINE)
    elif form is not INLINE and document.tokens and document.tokens.sentences is not None:
        made, _ = _assemble(markup, options, Report())
        if moved := set(made.tokens.sentences or ()) ^ set(document.tokens.sentences):
            words = ", ".join(repr(document.words[number]) for number in sorted(moved)[:10])
            reason = "sentences begin elsewhere on reading: with a paragraph, not in an entity, not with a closing mark"
            report.lose("field", document.source, words, reason, output=form.name, by_nature=True)


def _letters(text: str, spans: Iterable[Span]) -> dict[int, int]:
    """How many characters that are no white space there are before each edge of the entities."""
    found: dict[int, int] = {}
    at = count = 0
    for edge in sorted({edge for span in spans for edge in span[:2]}):
        count += len("".join(text[at:edge].split()))
        at, found[edge] = edge, count
    return found


# The format


def _reader(form: Form | None) -> Reader:
    def read(file: BinaryIO, source: Source, options: ReadOptions, report: Report) -> Iterator[Document]:
        if options.text_field:
            return _read_records(file, source, options, form, report)

        def make(file: BinaryIO) -> Document:
            text = decode(file.read(), source, options.encoding, keep_mark=True)  # which goes there
            made = from_brackets(text, options=options, form=form, file=source.file, id=source.id, report=report)
            return made.identified(None)

        return read_each([file], source, report, make)

    return read


def _read_records(
    file: BinaryIO, source: Source, options: ReadOptions, form: Form | None, report: Report
) -> Iterator[Document]:
    """The documents of a JSON Lines file whose records hold markup in a field, and perhaps the original in another."""
    field, originals = options.text_field or "", options.originals

    def make(item: tuple[str, Record | DataError]) -> Document:
        made_up, found = item
        if isinstance(found, DataError):
            raise found
        record, place = found.value, found.place
        text = text_of(record, field, place)
        own = record_id(found)
        id = made_up if own is None else own
        used = {field, "id", "meta"}
        if originals and originals.path is None:
            originals.put(id, text_of(record, originals.field or "", place))
            used.add(originals.field or "")
        rest = {name: value for name, value in record.items() if name not in used}
        meta = {} if record.get("meta") is None else record["meta"]
        inner = dict(meta) if isinstance(meta, dict) else {"meta": meta}
        beside = inner.pop("id", None)
        clash = ["id"] * (beside is not None and str(beside) != own)
        clash += [name for name, value in inner.items() if rest.get(name, value) != value]
        if clash:
            report.lose("field", place, ", ".join(clash), "the record and its metadata have another each")
        rest |= inner
        made = from_brackets(text, options=options, form=form, file=str(place), id=id, report=report)
        if made.places:
            made = replace(made, places=_in_file(made.places, text, places_of_text(text, At(found) / field)))
        return made.identified(own, meta={"source": source.origin} | rest)

    records = json_records(file, source, options.encoding)
    return read_each(with_ids(records, source.id), source, report, make)


def _in_file(places: Places, markup: str, stands: Places) -> Places:
    """Places in a markup as places in the file where that is a string, whose characters stand at `stands`."""
    mark = markup.startswith("\ufeff")  # which no place counts
    starts = Lines(markup.removeprefix("\ufeff"), "").starts
    lines = zip(places.lines, places.columns, strict=True)
    found = (stands.at(starts[line - 1] + column - 1 + mark) for line, column in lines)
    return Places.make(stands.file, places.offsets, ((place.line or 1, place.column or 1) for place in found))


_format = partial(Format, suffixes=(".txt",), is_markup=True, one_each=True)
LINES: frozenset[Aspect] = frozenset({"tokens", "sentences", "ids"})

FORMATS = [
    _format(
        "brackets",
        reader=_reader(None),
        writer=partial(BracketsWriter, form=FILE),
        summary="words and entities in brackets, as the Illinois (CogComp) tagger writes them; all its forms are read",
        holds=LINES,
    ),
    _format(
        LINE.name,
        reader=_reader(LINE),
        writer=partial(BracketsWriter, form=LINE),
        summary="the same as its line tagger writes them: `[PER Mark McGwire] ,`",
        holds=LINES,
    ),
    _format(
        INLINE.name,
        reader=_reader(INLINE),
        writer=InlineWriter,
        summary="entities in brackets in a text that keeps its spaces: `[LOC Urbana ] -[LOC Champaign ] ,`",
        holds=frozenset({"spacing", "tokens", "ids"}),
    ),
]
