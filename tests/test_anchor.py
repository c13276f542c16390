from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from promises import anchors_hold
from strategies import WORDS

from converters.anchor import Anchors, Mismatch, anchor


def slices(words: str | Sequence[str], text: str, html: bool = True) -> list[str | None]:
    """What the text has for each word."""
    found = anchor(words.split() if isinstance(words, str) else words, text, html=html)
    return [place and text[slice(*place)] for place in found.places]


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        # white space
        ("Venezuela 's first", "  Venezuela's\n\nfirst ", "Venezuela|'s|first"),
        ("SECRET", "S E C\nR E T", "S E C\nR E T"),
        ("S E C R E T", "SECRET", "S|E|C|R|E|T"),
        (["New York", "is"], "New York is", "New York|is"),
        ("New York", "New\u00a0York", "New|York"),
        # what the tagger replaced
        ("I 'm", "I`m", "I|`m"),
        ('" x " "', "''x`` “", "''|x|``|“"),
        ("( { a } )", "-LRB--LCB-a-RCB- -RRB-", "-LRB-|-LCB-|a|-RCB-|-RRB-"),
        ("a -- b -- c", "a&MD;b &md; c", "a|&MD;|b|&md;|c"),
        ("a b", "a&HT;b", "a|b"),
        # typographic characters, either way round
        ('" Bob \'s "', "“Bob’s”", "“|Bob|’s|”"),
        ("“ Bob ’s „ « ´", '"Bob\'s" " \'', '"|Bob|\'s|"|"|\''),
        ("a -- b - c – d", "a — b – c - d", "a|—|b|–|c|-|d"),
        ("a--b -- --", "a—b — —", "a—b|—|—"),
        ("-- -", "---", "--|-"),
        ("---- x", "——\nx", "——|x"),
        ("wait ...", "wait…", "wait|…"),
        ("wait…", "wait...", "wait..."),
        ("office", "oﬃce", "oﬃce"),
        ("œuvre", "oeuvre", "oeuvre"),
        ("Venezuela", "Vene\u00adzue\u200bla", "Vene\u00adzue\u200bla"),
        ("Vene\u00adzuela x", "Venezuela\u00ad x", "Venezuela|x"),
        (["\u200b", "\u200bx\u200b"], "\u200b \u200bx\u200b", "\u200b|\u200bx\u200b"),
        (unicodedata.normalize("NFD", "Chávez é"), "Chávez é", "Chávez|é"),
        ("Chávez é", unicodedata.normalize("NFD", "Chávez é"), unicodedata.normalize("NFD", "Chávez|é")),
        # what an encoding lost
        ("FARC ? s", "FARC’s", "FARC|’|s"),
        ("EUR/FO ? IAN", "EUR/FO – IAN", "EUR/FO|–|IAN"),
        ("Ch?vez caf\ufffd", "Chávez café", "Chávez|café"),
        ("Ch?vez ?", "Ch\ufffdvez ?", "Ch\ufffdvez|?"),
        # references
        ("AT&T", "AT&amp;T", "AT&amp;T"),
        ("AT&amp;T", "AT&amp;T", "AT&amp;T"),
        ("AT&amp ; T", "AT&amp;T", "AT&amp|;|T"),
        ("AT&amp;T", "AT&T", "AT&T"),
        ("A & lt ; B", "A&lt;B", "A|&|lt|;|B"),
        ("A < B", "A&lt;B", "A|&lt;|B"),
        ("A &#39 ; s", "A&#39;s", "A|&#39|;|s"),
        ("A 's", "A&#8217;s", "A|&#8217;s"),
        ("&lt ; b", "&amp;lt; b", "&amp;lt|;|b"),
        ("café b", "caf&eacute; b", "caf&eacute;|b"),
        ("a b c", "a&#x000A;b&nbsp;c", "a|b|c"),
        # HTML
        ("Hugo Chavez .", "<p>Hugo <b>Chavez</b><!-- sic -->.", "Hugo|Chavez|."),
        ("Venezuela 's", "Ven<b>ezuela</b>’s", "Ven<b>ezuela|’s"),
        ("ETTC", "<a href='/tag/ETTC_0.html'>ETTC</a>", "ETTC"),
        ("<b>x</b> y", "<b>x</b> y", "<b>x</b>|y"),
        ("<b> x </b> y", "<b>x</b> y", "<b>|x|</b>|y"),
        ("<a href= 's tate.html'>x</a>", "<a href='state.html'>x</a>", "<a|href=|'s|tate.html'>x</a>"),
        ("<script> f </script> x", "<script>f</script>x", "<script>|f|</script>|x"),
        ("x < y <3", "x < y <3", "x|<|y|<3"),
        # scripts without spaces
        ("東京 は", "東京タワーは", "東京|は"),
    ],
)
def test_every_word_is_found(words: str | list[str], text: str, expected: str) -> None:
    assert slices(words, text) == expected.split("|")


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        ("the cat sat", "the car sat", ["the", None, "sat"]),
        ("the cat sat", "the cats sat", ["the", None, "sat"]),
        ("the cat sat", "the ct sat", ["the", None, "sat"]),
        ("a dog", "apple dog", [None, "dog"]),
        ("foo bar baz", "foo baz", ["foo", None, "baz"]),
        ("foo baz", "foo bar baz", ["foo", "baz"]),
        ("X Paris Y", "P Paris Q", [None, "Paris", None]),
        ("cafe x", "café x", [None, "x"]),
        ("caf? x", "cafe x", [None, "x"]),
        ("title x", "<a title=x>y</a> x", [None, "x"]),
        ("lt x", "&lt; x", [None, "x"]),
        ("x <b> y", "x y", ["x", None, "y"]),
        (["", " ", "x"], "  x ", [None, None, "x"]),
        ("x", "", [None]),
        ("", "x", []),
        ("x2", "x²", [None]),
        ("' '", '"', [None, None]),
    ],
)
def test_words_are_placed_whole_or_not_at_all(words: str | list[str], text: str, expected: list[str | None]) -> None:
    assert slices(words, text) == expected


def test_plain_text_has_no_html() -> None:
    assert slices("a <b>b</b> &lt;", "a <b>b</b> &lt;", html=False) == ["a", "<b>b</b>", "&lt;"]
    assert slices("a b <", "a <b>b</b> &lt;", html=False) == ["a", "b", "<"]
    assert slices("< (", "&lt; -LRB-", html=False) == [None, "-LRB-"]


def test_repeated_words_go_by_order() -> None:
    places = anchor("the cat the dog a cat".split(), "the dog a cat").places
    assert places[3:] == [(4, 7), (8, 9), (10, 13)]
    assert sum(place is None for place in places) == 2
    words = "! ! !".split()
    assert anchor(words, "! ! !").places == [(0, 1), (2, 3), (4, 5)]


def test_a_word_stands_where_its_neighbours_do() -> None:
    text = "Chavez spoke. Then, as the crowd cheered, Chavez left for Caracas."
    words = "the crowd cheered , Chavez left for Caracas .".split()
    assert anchor(words, text).places[4] == (42, 48)


def test_mismatches_tell_what_stands_instead() -> None:
    found = anchor("the cat sat on a mat".split(), "the <i>dog</i> sat on mat")
    assert found.mismatches == [Mismatch(1, 2, 4, 14), Mismatch(4, 5, 21, 21)]


def test_a_dropped_paragraph_disturbs_nothing() -> None:
    paragraphs = [f"Paragraph {n} says , as the {n - 1} before it , nothing new .".split() for n in range(40)]
    words = [word for paragraph in paragraphs for word in paragraph]
    size = len(paragraphs[0])
    text = "\n".join(" ".join(p) for n, p in enumerate(paragraphs) if n not in (3, 20, 21))
    found = anchor(words, text)
    assert [(m.first, m.stop) for m in found.mismatches] == [(3 * size, 4 * size), (20 * size, 22 * size)]
    found = anchor(
        [word for n, p in enumerate(paragraphs) if n != 7 for word in p], "\n".join(map(" ".join, paragraphs))
    )
    assert not found.mismatches


def test_differences_lie_where_sentences_end() -> None:
    """One and the same difference may be anywhere from one sentence's first word to its last."""
    words = "So it was .\nSo it ended .\nSo it goes .".split()
    found = anchor(words, "So it was.\nSo it goes.")
    assert [(m.first, m.stop) for m in found.mismatches] == [(4, 8)]
    text = "So it was.\nSo it ended.\n<p>So it goes."
    places = anchor("So it was . So it goes .".split(), text).places
    assert [place and place[0] for place in places] == [0, 3, 6, 9, 27, 30, 33, 37]


def test_differences_do_not_slide_into_html() -> None:
    assert anchor("put & a".split(), "put&nbsp;&\na").places == [(0, 3), (9, 10), (11, 12)]
    assert anchor("put ; a".split(), "put;&amp;\na").places == [(0, 3), (3, 4), (10, 11)]


def test_texts_that_have_nothing_to_do_with_one_another() -> None:
    words = [f"a{n}" for n in range(2000)]
    words[1000] = "of"
    text = " ".join(f"of b{n}" for n in range(2000))
    assert not any(anchor(words, text).places[:900])
    assert anchor(words, "").mismatches == [Mismatch(0, 2000, 0, 0)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "text", "placed"),
    [
        (["a"] * 100_000, "a " * 100_000, 100_000),
        (["a"] * 100_000, "a" * 99_999 + "b", 99_999),
        (["<"] * 100_000, "<" * 100_000, 100_000),
        (["&", "lt"] * 50_000, "&lt" * 50_000, 100_000),
        (['"'] * 100_000, "''" * 100_000, 100_000),
        (["--"] * 50_000, "— " * 50_000, 50_000),
        (["?"] * 50_000, "é " * 50_000, 50_000),
        (["abc"] * 50_000, "def " * 50_000, 0),
        (["a" * 500 + "b"] * 200, "a" * 100_500, 0),
        (["it", "is", "so", "."] * 19_999, "it is so. " * 20_000, 79_996),
    ],
)
def test_repetition(words: list[str], text: str, placed: int) -> None:
    found = anchor(words, text)
    anchors_hold(words, text, found)
    assert sum(place is not None for place in found.places) == placed


SPACES = st.sampled_from(["", " ", " ", "  ", "\n", "\n\n", "\t", "\u00a0", "\u2028 "])
ANYTHING = st.lists(
    st.one_of(WORDS, st.text(max_size=6), st.sampled_from(["<b>", "</b>", "&amp;", "''", "—", "\u200b"]))
)


@given(st.data())
def test_words_are_found_in_what_they_make_up(data: st.DataObject) -> None:
    words = data.draw(st.lists(st.text(st.characters(categories=["L", "Nd", "P", "S"]), min_size=1, max_size=6)))
    text, expected = data.draw(SPACES), []
    for word in words:
        expected.append((len(text), len(text) + len(word)))
        text += word + data.draw(SPACES)
    found = anchor(words, text, html=False)
    assert found == Anchors(expected, [])


@given(ANYTHING, ANYTHING, st.booleans())
def test_what_holds_of_all_anchors(words: list[str], pieces: list[str], html: bool) -> None:
    for text in ("".join(pieces), " ".join(pieces), "".join(words), " ".join(words)):
        anchors_hold(words, text, anchor(words, text, html=html))


VOCABULARY = st.sampled_from("the cat sat on a mat , and . Paris is in France \" ( ) 's of".split())


@given(st.data())
def test_a_change_does_not_reach_far(data: st.DataObject) -> None:
    """Some words stand on one side only, in the middle; those around are found."""
    before = [f"alpha{n}" for n in range(8)]
    after = [f"omega{n}" for n in range(8)]
    middle = data.draw(st.lists(VOCABULARY, max_size=12))
    fate = data.draw(st.lists(st.sampled_from(["both", "both", "words", "text"]), min_size=12, max_size=12))
    ours = [word for word, side in zip(middle, fate, strict=False) if side != "text"]
    theirs = [word for word, side in zip(middle, fate, strict=False) if side != "words"]
    words = [*before, *ours, *after]
    text = " ".join([*before, *theirs, *after])
    found = anchor(words, text)
    anchors_hold(words, text, found)
    known = [place and text[slice(*place)] for place in found.places]
    assert known[:8] == before
    assert known[-8:] == after
    assert all(word == place for word, place in zip(words, known, strict=True) if place)
    if len(theirs) == len(middle) or len(ours) == len(middle):
        assert sum(place is not None for place in known) == 16 + min(len(ours), len(theirs))
