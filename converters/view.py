"""Documents to look at: the entities in their text, as lines for a terminal and as a web page by spaCy's displaCy.

Nothing is left out and nothing is added that could be taken for the text. Entities that nest or cross are all marked,
each once and with its label. Characters that would act on a terminal or a browser, or that nobody would see, are
shown by name. This module prints nothing: it gives lines and pieces of HTML, as the documents come.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import chain, groupby, pairwise
from typing import Any, NamedTuple
from unicodedata import bidirectional
from zlib import crc32

from .document import Document, Span, TokenSpan
from .tables import columns
from .visible import HIDDEN, on_one_line, visible


def _shown(document: Document) -> tuple[str, list[Span]]:
    """The text and its entities, in the same order, with hidden characters made visible."""
    text, spans = document.text, document.spans
    edges = sorted({len(text), *(offset for span in spans for offset in span[:2])})
    if HIDDEN.search(text):
        moved, parts, at, size = {}, [], 0, 0
        for edge in edges:
            parts.append(visible(text[at:edge]))
            at, size = edge, size + len(parts[-1])
            moved[edge] = size
        text = "".join(parts)
        spans = tuple(Span(moved[start], moved[end], label) for start, end, label in spans)
    return text, [span._replace(label=visible(span.label)) for span in spans]


# ---- colours

DISPLACY = {
    "ORG": "#7aecec",
    "PRODUCT": "#bfeeb7",
    "GPE": "#feca74",
    "LOC": "#ff9561",
    "PERSON": "#aa9cfc",
    "NORP": "#c887fb",
    "FAC": "#9cc9cc",
    "EVENT": "#ffeb80",
    "LAW": "#ff8197",
    "LANGUAGE": "#ff8197",
    "WORK_OF_ART": "#f0d0ff",
    **dict.fromkeys(("DATE", "TIME"), "#bfe1d9"),
    **dict.fromkeys(("MONEY", "QUANTITY", "ORDINAL", "CARDINAL", "PERCENT"), "#e4e7d2"),
}
"""Source: DEFAULT_LABEL_COLORS in https://github.com/explosion/spaCy/blob/v3.8.0/spacy/displacy/render.py, which takes
longer to import than a first page to show."""

OTHERS = (
    "#d7ff87 #ffafd7 #87afff #ffd7af #5fd7af #d7d75f #d7afff #afd7ff #ffaf87 #87ff87 #d7afaf #afafd7 #ffff5f #87d7ff"
).split()
"""For all other labels: light, and the same on a terminal of 256 colours as on a page."""

LEVELS = (0, 95, 135, 175, 215, 255)
"""Of red, green and blue in the cube of a terminal of 256 colours, which begins at colour 16."""


class Colours(dict[str, str]):
    """A colour for each label, as ``#rrggbb``; black is read well on all of them.

    displaCy's own where it has one, as it does without regard to case. Another label has the colour that its name
    hashes to, or the next that is free when another label asked for that one before.
    """

    def __init__(self) -> None:
        super().__init__(DISPLACY, PER=DISPLACY["PERSON"], MISC=DISPLACY["EVENT"])
        self.free = set(OTHERS)

    def __missing__(self, label: str) -> str:
        name = label.upper()
        if name not in self:
            first = crc32(name.encode("utf-8", "replace")) % len(OTHERS)
            free = (colour for colour in OTHERS[first:] + OTHERS[:first] if colour in self.free)
            self[name] = next(free, OTHERS[first])
            self.free.discard(self[name])
        self[label] = self[name]
        return self[label]


def _of_256(colour: str) -> int:
    """The colour of a terminal of 256 that is nearest."""
    red, green, blue = (
        min(range(6), key=lambda n: (abs(LEVELS[n] - int(colour[k : k + 2], 16)), -n)) for k in (1, 3, 5)
    )
    return 16 + 36 * red + 6 * green + blue


# ---- a terminal

INDENT = 4
"""Columns before the text, so that no line of it can be taken for a heading."""

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

OWN = re.compile(r"[\[\]\\]|\A[⁰¹²³⁴-⁹]|[⁰¹²³⁴-⁹]\Z")
"""What of the text would be taken for a mark: brackets anywhere, raised digits at the edge of an entity."""

ATOMS = re.compile(
    "(?P<newline>\n)|(?P<space>[ \t\u3000]+)"
    "|(?P<ideograph>[\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"  # and kana: lines break there
    "|[^ \t\n\u3000\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)


class Piece(NamedTuple):
    """Something to show: text, or a mark that begins or ends an entity; and the label whose colour it has, if any."""

    text: str
    label: str | None = None
    kind: str = "text"


def lines(document: Document, *, width: int | None = None, colours: Colours | None = None) -> Iterator[str]:
    """A document for a terminal: a heading, an empty line, the text, an empty line; without line ends.

    `width`: columns to wrap to, None for lines as they are in the text. With `colours` an entity has its label's, and
    the label follows it. Without, entities are ``[Venezuela](LOC)``, and a backslash before what else could be taken
    for a mark leaves no doubt. Entities that share characters have brackets either way, and where two cross, both ends
    of each bear its number: ``[¹New [²York¹](LOC) Times²](ORG)``.
    """
    text, spans = _shown(document)
    paint = _painter(colours)
    heading = [("document", [Piece(on_one_line(document.id or "-"), None, "heading")])]
    if document.source is not None:
        heading.append(("source", [Piece(on_one_line(str(document.source)))]))
    counts = [(Piece("  "), Piece(f"{label} {n:,}", label, "mark")) for label, n in count(spans).items()]
    heading.append(("entities", [Piece(f"{len(spans):,}"), *chain.from_iterable(counts)]))
    indent = max(len(name) for name, _ in heading) + 2
    for name, pieces in heading:
        for number, line in enumerate(_wrapped(pieces, width, indent)):
            yield (" " * indent if number else name.ljust(indent)) + paint(line)
    yield ""
    for line in _wrapped(_pieces(text, spans, is_coloured=colours is not None), width, INDENT):
        yield " " * INDENT + paint(line) if line else ""
    yield ""


def count(spans: Iterable[Span]) -> dict[str, int]:
    """How many entities there are of each label, by label."""
    return dict(sorted(Counter(span.label for span in spans).items()))


def _pieces(text: str, spans: Sequence[Span], *, is_coloured: bool) -> Iterator[Piece]:
    """The text and the marks of its entities, in the order in which they stand."""
    edges, sharing, crossing = arrange(spans)
    numbers = {k: str(n).translate(RAISED) for n, k in enumerate(sorted(crossing), 1)}
    within = _Within()
    at = 0
    for offset, opens, k in [*edges, (len(text), True, -1)]:
        if at < offset:
            inner = within.last
            label = None if inner is None else spans[inner].label
            yield Piece(text[at:offset] if is_coloured else OWN.sub(r"\\\g<0>", text[at:offset]), label)
            at = offset
        if k < 0:
            return
        label = spans[k].label
        number = numbers.get(k, "")
        if opens:
            within.open(k)
            if not is_coloured or k in sharing:
                yield Piece(f"[{number}", label, "opening")
        else:
            within.close(k)
            if is_coloured:
                yield Piece(f" {label}{number}]" if k in sharing else f" {label}", label, "mark")
            else:
                told = re.sub(r"[)\\]", r"\\\g<0>", label)
                yield Piece(f"{number}]({told})", label, "mark")


def arrange(spans: Sequence[Span]) -> tuple[list[tuple[int, bool, int]], set[int], set[int]]:
    """Where entities open and close, as ``(offset, opens, number)`` in an order in which they nest if they can.

    `spans` are in the order of a document, and numbers are places there. Also the numbers of those that share a
    character with another, and of those that cross another: either has a character that the other has not.
    """
    found = [(span.start, 1, k) for k, span in enumerate(spans)] + [(span.end, 0, -k) for k, span in enumerate(spans)]
    edges = [(offset, bool(opens), abs(k)) for offset, opens, k in sorted(found)]
    sharing: set[int] = set()
    within = _Within()
    for _, opens, k in edges:
        if not opens:
            within.close(k)
        elif (outer := within.last) is not None:
            sharing.update((outer, k))
        if opens:
            within.open(k)
    backwards = ((offset, not opens, k) for offset, opens, k in reversed(edges))
    return edges, sharing, _crossed(edges) | _crossed(backwards)


def _crossed(edges: Iterable[tuple[int, bool, int]]) -> set[int]:
    """The entities that close while one is open that opened after them."""
    found: set[int] = set()
    within = _Within()
    for _, opens, k in edges:
        if opens:
            within.open(k)
            continue
        if within.last != k:
            found.add(k)
        within.close(k)
    return found


class _Within:
    """The entities that are open. Any may be closed, and the last is known without a look at the others."""

    def __init__(self) -> None:
        self.opened: list[int] = []
        self.closed: set[int] = set()

    def open(self, k: int) -> None:
        """One more."""
        self.opened.append(k)

    def close(self, k: int) -> None:
        """One less."""
        self.closed.add(k)

    @property
    def last(self) -> int | None:
        """The one that was opened last and is not closed, None where none is open."""
        while self.opened and self.opened[-1] in self.closed:
            self.closed.remove(self.opened.pop())
        return self.opened[-1] if self.opened else None


def _wrapped(pieces: Iterable[Piece], width: int | None, indent: int) -> Iterator[list[Piece]]:
    """The pieces in lines, which begin in column `indent` and end before column `width`.

    Lines break at white space, which then is left out, and before ideographs and kana; a mark stays with its entity.
    What is longer than a line is broken anywhere.
    """
    line: list[Piece] = []
    column = indent
    for gap, word in _words(pieces):
        if gap == NEWLINE:
            yield line
            line, column = [], indent
            continue
        after = _advance(column, gap + word)
        if width is None or after <= width:
            line += gap + word
            column = after
        elif (after := _advance(indent, word)) <= width:
            yield line
            line, column = word, after
        else:
            for character in [piece._replace(text=text) for piece in gap + word for text in piece.text]:
                if _advance(column, [character]) > width and column > indent:
                    yield line
                    line, column = [], indent
                line.append(character)
                column = _advance(column, [character])
    yield line


NEWLINE = [Piece("\n")]


def _words(pieces: Iterable[Piece]) -> Iterator[tuple[list[Piece], list[Piece]]]:
    """The pieces as white space and what no line breaks after it; a line break is white space by itself."""
    gap: list[Piece] = []
    word: list[Piece] = []
    for piece in pieces:
        if piece.kind != "text":
            word.append(piece)
            continue
        for found in ATOMS.finditer(piece.text):
            if word and (found["space"] or found["newline"] or (found["ideograph"] and word[-1].kind != "opening")):
                yield gap, word
                gap, word = [], []
            if found["newline"]:
                if gap:
                    yield gap, word
                yield NEWLINE, []
                gap = []
            else:
                (gap if found["space"] else word).append(piece._replace(text=found[0]))
    if gap or word:
        yield gap, word


def _advance(column: int, pieces: Iterable[Piece]) -> int:
    """The column after the pieces, from this one on."""
    for piece in pieces:
        for text in re.split("(\t)", piece.text):
            column += 8 - column % 8 if text == "\t" else columns(text)
    return column


def _painter(colours: Colours | None) -> Callable[[list[Piece]], str]:
    """What makes a line of its pieces: each run of one colour begins and ends on the line."""
    if colours is None:
        return lambda line: "".join(piece.text for piece in line)
    known = colours

    def style(piece: Piece) -> str:
        if piece.kind == "heading":
            return "1"
        if piece.label is None:
            return ""
        colour = _of_256(known[piece.label])
        return f"48;5;{colour};38;5;16" if piece.kind == "text" else f"48;5;{colour};38;5;16;1"

    def paint(line: list[Piece]) -> str:
        runs = [(codes, "".join(piece.text for piece in run)) for codes, run in groupby(line, key=style)]
        return "".join(f"\x1b[{codes}m{text}\x1b[0m" if codes else text for codes, text in runs)

    return paint


# ---- a page

HEAD = """\
<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Annotated documents</title>
<style>
body {
  margin: 0 auto; padding: 2rem; max-width: 60rem; background: #fff; color: #1c1e22;
  font: 16px/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", Helvetica, Arial, sans-serif;
}
article { margin-bottom: 4rem; content-visibility: auto; contain-intrinsic-size: auto 40rem; }
h1 { font-size: 1.25rem; margin: 0; overflow-wrap: anywhere; }
p { color: #565b64; font-size: .875rem; margin: .25rem 0 0; overflow-wrap: anywhere; }
p span { color: #000; font-weight: bold; padding: .1em .5em; margin-inline-end: .25em; border-radius: .35em; }
.entities, .spans { white-space: break-spaces; overflow-wrap: anywhere; margin-top: 1rem; }
.spans + .spans { margin-top: 0; }
.token { display: inline-grid; grid-template-rows: auto; grid-auto-rows: 1.05rem; padding-bottom: .5rem; }
.token { font-weight: bold; line-height: 1.75; }
.token > * { grid-column: 1; align-self: center; }
.bar { height: 4px; margin-inline: -1px; }
.label { justify-self: start; padding: 2px 3px; border-radius: 3px; font-size: .6em; line-height: 1; color: #000; }
.label { white-space: nowrap; }
mark { padding: .45em .6em; margin: 0 .25em; line-height: 1; border-radius: .35em; color: #000; }
mark { box-decoration-break: clone; -webkit-box-decoration-break: clone; }
mark span { font-size: .8em; font-weight: bold; vertical-align: middle; margin-inline-start: .5rem; }
mark, span { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
</style>
</head>
<body>
"""

TAIL = "</body>\n</html>\n"

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Nothing is loaded and nothing runs; displaCy's style is in attributes."""


ENT_TEMPLATE = '<mark style="background: {bg}">{text}<span>{label}</span></mark>'
"""displaCy's own is laid out over several lines, which would be seen, as all white space is."""

SPAN_TEMPLATE = {
    "span": '<span class="token"><span>{text}</span>{span_slices}{span_starts}</span>',
    "slice": '<span class="bar" style="background: {bg}; grid-row: {top_offset}"></span>',
    "start": '<span class="label" style="background: {bg}; grid-row: {top_offset}">{label}{kb_link}</span>',
}
"""displaCy's own lays bars out by their distance from the text, and where many entities cross, bars reach into the next
line, under words that they do not belong to. These are rows of a grid: an offset of 2 and steps of 1 number them."""


def page(documents: Iterable[Document]) -> Iterator[str]:
    """The pieces of a web page with the documents, to be written one after another, in UTF-8.

    displaCy renders the texts: in the style "ent", or "span" where entities share characters. Imports spaCy.
    """
    colours = Colours()
    yield HEAD.replace("{policy}", POLICY)
    for document in documents:
        text, spans = _shown(document)
        yield f"<article>\n<h1>{escape(on_one_line(document.id or '-'))}</h1>\n"
        if document.source is not None:
            yield f"<p>{escape(on_one_line(str(document.source)))}</p>\n"
        counts = [
            f'<span style="background: {colours[label]}">{escape(label)} {n:,}</span>'
            for label, n in count(spans).items()
        ]
        yield f"<p>{' '.join(counts) or 'no entities'}</p>\n"
        yield _rendered(text, spans, colours)
        yield "</article>\n"
    yield TAIL


def _rendered(text: str, spans: list[Span], colours: Colours) -> str:
    """What displaCy makes of a text and its entities. It escapes texts, but not labels."""
    from spacy import displacy
    from spacy.displacy.render import SpanRenderer

    class Renderer(SpanRenderer):
        _assemble_per_token_info = staticmethod(_stacked)  # displaCy's own looks at each entity for each token

    told = [span._replace(label=escape(span.label)) for span in spans]
    options: dict[str, Any] = {"colors": {escape(span.label): colours[span.label] for span in spans}}
    settings = {"direction": "rtl" if _runs_to_the_left(text) else "ltr"}
    if arrange(spans)[1]:
        options |= {"template": SPAN_TEMPLATE, "top_offset": 2, "top_offset_step": 1}
        parts = [
            {"tokens": tokens, "spans": [_in_tokens(span) for span in own], "settings": settings}
            for tokens, own in _token_lines(text, told)
        ]
        made = Renderer(options=options).render(parts).strip()
    else:
        options |= {"template": ENT_TEMPLATE}
        whole = {"text": text, "ents": [span._asdict() for span in told], "settings": settings}
        made = displacy.render(whole, style="ent", manual=True, options=options, jupyter=False)
    return made.replace(f"{UNSPACED} ", "").replace(SOLID, "") + "\n"


def _stacked(tokens: Sequence[str], spans: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What displaCy's span style shows at each token: the entities over it, each in the row below that of the one over
    it when it begins. One that is deeper than `ROWS` has no bar, only its label, where it begins.

    Source: SpanRenderer._assemble_per_token_info, in https://github.com/explosion/spaCy/blob/v3.8.0/spacy/displacy/render.py
    """
    spans = sorted(spans, key=lambda s: (s["start_token"], s["start_token"] - s["end_token"], s["label"]))
    closing: dict[int, list[int]] = {}
    for k, span in enumerate(spans):
        closing.setdefault(span["end_token"], []).append(k)
    within = _Within()
    slots: list[int] = []
    bars: list[dict[str, Any]] = []
    found = []
    for number, token in enumerate(tokens):
        for k in closing.get(number, ()):
            within.close(k)
        bars = [{**span, "is_start": False} for span in bars if span["end_token"] > number]
        labels: list[dict[str, Any]] = []
        while len(slots) < len(spans) and spans[len(slots)]["start_token"] == number:
            over, k = within.last, len(slots)
            slots.append(1 if over is None else slots[over] + 1)
            within.open(k)
            is_deep = slots[k] > ROWS
            shown = {**spans[k], "render_slot": slots[k], "is_start": True, "kb_link": " …" * is_deep}
            (labels if is_deep else bars).append(shown)
        found.append({"text": token, "entities": [*bars, *labels]})
    return found


ROWS = 40
"""Of bars below a text: more than a person can look at, and few enough for a browser."""

UNSPACED = "\x1f"
"""Ends a token after which displaCy's space is taken away again."""

SOLID = "\0"
"""Ends white space that has a bar below it, as displaCy gives words alone. No text has either: they are hidden."""


def _in_tokens(span: TokenSpan) -> dict[str, Any]:
    return {"start_token": span.first, "end_token": span.stop, "label": span.label}


WORDS = re.compile(r"\S+[^\S\n]*|[^\S\n]+|\n")


def _token_lines(text: str, spans: Sequence[Span]) -> Iterator[tuple[list[str], list[TokenSpan]]]:
    """The text as displaCy's tokens, a list a line, and the entities of each. An entity's lines stay together.

    Line by line because displaCy looks at each entity for each token.
    """
    start = first = number = reached = 0
    for end in [*(match.end() for match in re.finditer("\n", text)), len(text)]:
        while number < len(spans) and spans[number].start < end:
            reached = max(reached, spans[number].end)
            number += 1
        if reached <= end and start < end:
            yield _tokens(text, start, end, spans[first:number])
            start, first = end, number


def _tokens(text: str, start: int, end: int, spans: Sequence[Span]) -> tuple[list[str], list[TokenSpan]]:
    """A part of the text in pieces that no edge of an entity divides, and the entities in these.

    Within entities they are words, so that lines can break there. An edge is where it is, whatever a tokenizer thinks.
    """
    tokens: list[str] = []
    numbers = {}
    opened = Counter(span.start for span in spans)
    closed = Counter(span.end for span in spans)
    depth = 0
    for at, until in pairwise(sorted({start, end, *opened, *closed})):
        numbers[at] = len(tokens)
        depth += opened[at] - closed[at]
        if depth:
            words = WORDS.findall(text, at, until)
            tokens += [word + (UNSPACED if word == "\n" else SOLID if word.isspace() else "") for word in words]
        else:
            tokens.append(text[at:until] + UNSPACED)
    numbers[end] = len(tokens)
    return tokens, [TokenSpan(numbers[span.start], numbers[span.end], span.label) for span in spans]


def _runs_to_the_left(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left."""
    return next((kind != "L" for kind in map(bidirectional, text) if kind in ("L", "R", "AL")), False)
