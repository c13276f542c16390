"""Documents made up by hypothesis: words of every kind, spacing of every kind, entities on them or not."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from converters.document import Document, Span, Tokens

WORD_CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"])
WORDS = st.one_of(
    st.sampled_from([*"\"'.,;:?![](){}<>&-", "'s", "--", "...", "the", "Moscow", "U.S.", "[LOC", "&lt", "¶1"]),
    st.text(WORD_CHARACTERS, min_size=1, max_size=8),
    st.just("New\u00a0York"),
)
SPACES = st.sampled_from(["", " ", " ", " ", "  ", "\n", "\n\n", " \n", "\t", "\u00a0", "\u2028 "])
LABELS = st.sampled_from(["PER", "LOC", "ORG", "MISC", "WORK_OF_ART", "B-X", "Größe"])
IDS = ["a", "b/c", "é", "7", "a/b-1", "x_2"]


@st.composite
def documents(
    draw: st.DrawFn,
    spaces: st.SearchStrategy[str] = SPACES,
    words: st.SearchStrategy[str] = WORDS,
    labels: st.SearchStrategy[str] = LABELS,
    min_size: int = 0,
) -> Document:
    """A flat document whose entities sit on tokens and whose sentences do not begin inside one."""
    drawn = draw(st.lists(words, min_size=min_size, max_size=12))
    after = [draw(spaces) for _ in drawn[1:]] + [""] * bool(drawn)
    starts, at = [], 0
    for word, space in zip(drawn, after, strict=True):
        starts.append(at)
        at += len(word) + len(space)
    text = "".join(word + space for word, space in zip(drawn, after, strict=True))
    spans, inside = [], set()
    first = draw(st.integers(0, 3))
    while first < len(drawn):
        stop = min(first + draw(st.integers(1, 3)), len(drawn))
        spans.append(Span(starts[first], starts[stop - 1] + len(drawn[stop - 1]), draw(labels)))
        inside.update(range(first + 1, stop))
        first = stop + draw(st.integers(0, 3))
    begins = [k for k in range(len(drawn)) if k == 0 or (k not in inside and draw(st.booleans()))]
    tokens = Tokens.make(starts, [s + len(w) for s, w in zip(starts, drawn, strict=True)], begins)
    return Document(text, tuple(spans), tokens, id=draw(st.sampled_from(IDS)))


@st.composite
def corpora(
    draw: st.DrawFn,
    one: st.SearchStrategy[Document] | None = None,
    min_size: int = 0,
    max_size: int = 3,
) -> list[Document]:
    """Documents that can stand in one file: each has an id of its own."""
    assert max_size <= len(IDS)
    made = draw(st.lists(documents() if one is None else one, min_size=min_size, max_size=max_size))
    ids = draw(st.permutations(IDS))
    return [replace(document, id=id) for document, id in zip(made, ids[: len(made)], strict=True)]
