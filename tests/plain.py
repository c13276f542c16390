"""Things said plainly, for tests: tokens one at a time; annotations of the same texts, and counts by sets and loops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hypothesis import strategies as st
from strategies import corpora

from converters.document import Document, Spaced, Span, Tokens

Counts = tuple[int, int, int]
"""tp, fp, fn."""
Sides = tuple[list[Document], list[Document]]
LABELS = st.sampled_from(["A", "B", "Größe"])
GAPS = st.sampled_from(["", "", " ", "\n", "\u00a0", " \u2003", "\t\n "])


def letters_of(text: str) -> list[int]:
    return [at for at, character in enumerate(text) if not character.isspace()]


@st.composite
def spans_in(draw: st.DrawFn, text: str, like: Sequence[Span] = ()) -> tuple[Span, ...]:
    """Entities anywhere in a text, nested and overlapping ones too; many of them those that are given, or nearly."""
    letters = letters_of(text)
    if not letters:
        return ()
    found: list[Span] = []
    for span in like:
        what = draw(st.sampled_from(["same", "same", "other label", "other end", "none"]))
        if what == "same":
            found.append(span)
        elif what == "other label":
            found.append(span._replace(label=draw(LABELS)))
        elif what == "other end":
            found.append(span._replace(end=draw(st.sampled_from([at for at in letters if at >= span.start])) + 1))
    for first, size, label in draw(
        st.lists(st.tuples(st.integers(0, len(letters) - 1), st.integers(1, 6), LABELS), max_size=4)
    ):
        last = min(first + size, len(letters)) - 1
        found.append(Span(letters[first], letters[last] + 1, label))
    return tuple(found)


@st.composite
def sides(draw: st.DrawFn, min_size: int = 0, max_size: int = 4) -> Sides:
    """Gold and predicted documents."""
    gold, predicted = [], []
    for document in draw(corpora(min_size=min_size, max_size=max_size)):
        spans = draw(spans_in(document.text))
        gold.append(replace(document, spans=spans))
        predicted.append(replace(document, spans=draw(spans_in(document.text, spans))))
    return gold, predicted


@st.composite
def respaced(draw: st.DrawFn, document: Document) -> Document:
    """The document with other white space, between and inside words, and with no tokens."""
    letters = letters_of(document.text)
    text, place = draw(GAPS), {}
    for at in letters:
        place[at] = len(text)
        text += document.text[at] + draw(GAPS)
    spans = tuple(Span(place[a], place[b - 1] + 1, label) for a, b, label in document.spans)
    return replace(document, text=text, spans=spans, tokens=None, attributes={})


@st.composite
def padded(draw: st.DrawFn, document: Document) -> Document:
    """The document with white space before its text and after it, and entities anywhere."""
    before, after = draw(GAPS), draw(GAPS)
    text, size = before + document.text + after, len(before)
    tokens = document.tokens
    if tokens is not None:
        starts, ends = ([offset + size for offset in offsets] for offsets in (tokens.starts, tokens.ends))
        tokens = Tokens.make(starts, ends, tokens.sentences, tokens.columns)
    spans = tuple(Span(start + size, end + size, label) for start, end, label in document.spans)
    return replace(document, text=text, tokens=tokens, spans=draw(st.one_of(st.just(spans), spans_in(text, spans))))


def spaced(document: Document) -> Spaced:
    """The tokens with whitespace tokens among them."""
    text, made = document.text, Spaced([], [], [], [])
    assert document.tokens is not None

    def put(start: int, end: int) -> None:
        made.words.append(text[start:end])
        made.starts.append(start)
        made.spaces.append(False)

    at = 0
    for start, end in [*zip(document.tokens.starts, document.tokens.ends, strict=True), (len(text), len(text))]:
        if made.words and at < start and text[at] == " ":
            made.spaces[-1] = True
            at += 1
        if at < start:
            put(at, start)
        if start < end:
            made.numbers.append(len(made.words))
            put(start, end)
        at = end
    return made


def compared(pairs: Iterable[tuple[set[object], set[object]]]) -> Counts:
    """tp, fp and fn of the things on both sides of each document."""
    tp = fp = fn = 0
    for gold, predicted in pairs:
        tp += len(gold & predicted)
        fp += len(predicted - gold)
        fn += len(gold - predicted)
    return tp, fp, fn


def exact(gold: Sequence[Document], predicted: Sequence[Document], label: str | None = None) -> Counts:
    """The exact counts, of one label or of all."""

    def things(document: Document) -> set[object]:
        return {span for span in document.spans if label in (None, span.label)}

    return compared((things(a), things(b)) for a, b in zip(gold, predicted, strict=True))


def semeval(gold: Sequence[Span], predicted: Sequence[Span], schema: str) -> list[int]:
    """Correct, incorrect, partial, missed and spurious in one document; all entities in the order of the text."""
    golds, waiting, pairs = list(gold), [], []
    for span in predicted:
        same = [g for g in golds if (g == span if schema == "strict" else g[:2] == span[:2])]
        if same and schema != "type":
            golds.remove(same[0])
            pairs.append((same[0], span))
        else:
            waiting.append(span)
    spurious = 0
    for span in waiting:
        candidates = [g for g in golds if g.start < span.end and span.start < g.end]
        if schema == "type":
            own = [g for g in candidates if g.label == span.label]
            candidates = sorted(own, key=lambda g: abs(g.start - span.start) + abs(g.end - span.end)) or candidates
        if not candidates:
            spurious += 1
            continue
        golds.remove(candidates[0])
        pairs.append((candidates[0], span))
    right = sum(
        {"strict": g == p, "exact": g[:2] == p[:2], "partial": g[:2] == p[:2], "type": g.label == p.label}[schema]
        for g, p in pairs
    )
    wrong = len(pairs) - right
    return [right, *((0, wrong) if schema == "partial" else (wrong, 0)), len(golds), spurious]
