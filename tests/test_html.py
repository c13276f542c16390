from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.html import Break, cuts


def read(text: str) -> str:
    """The text with its HTML replaced: | for a paragraph, _ for a space."""
    pieces, at = [], 0
    for cut in cuts(text):
        pieces += [text[at : cut.start], {Break.PARAGRAPH: "|", Break.SPACE: "_"}.get(cut.gap, ""), cut.reads]
        at = cut.end
    return "".join([*pieces, text[at:]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<code><pre>S E C", "|S E C"),
        ("<a href='/tag/ETTC_0.html'>ETTC</a>", "ETTC"),
        ("<A HREF=x>y</A >", "y"),
        ("a<br>b<br/>c<BR />d", "a|b|c|d"),
        ("<p align=center>x</p>", "|x|"),
        ("<td>a</td><td>b</td>", "_a__b_"),
        ("<td nowrap>a</td><input disabled><hr noshade>", "_a_|"),
        ("<font color=red size=+1>x", "x"),
        # as the tagger leaves it
        ("<a href= 's tate.html'>x</a>", "x"),
        ('<a href= " state.html " class=x>y</a>', "y"),
        ("<a href='/ ? id=1'>x", "x"),
        ("<a href='/ ? \nid=1'>x", "x"),
        ('<img alt= " a > b " src=x>y', "y"),
        ("< ! -- a <b> c -->x", "x"),
        ("< ! DOCTYPE html>x", "x"),
        ("<!DOCTYPE html>x", "x"),
        ("<script>if (a < b) x ; </script>y", "y"),
        ("<STYLE type=x>a</STYLE>b", "b"),
        ("&lt ;b&gt ;", "<b>"),
        ("&lt;b&gt;", "<b>"),
        ("don&#39 ;t", "don't"),
        ("&#x000A;x", "_x"),
        ("a&nbsp ;b", "a_b"),
        ("&eacute;t&eacute ;", "été"),
        ("&#150 ;", "–"),
        ("&#59 ;", ";"),
    ],
)
def test_html_is_taken_out(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "x < y",
        "<3",
        "a <b and c> d",
        "<i and j>",
        "<someone@example.org>",
        "<webmas...@example.com>",
        "< File: TEXT.htm >",
        "<http://example.org/a?b=c>",
        "AT&T ; R&D ; Q&A",
        "<nonsense>",
        "<a href='x'",
        "<!-- never closed",
        "&nosuchname ;",
        "&#1 ;",
        "a & b ;",
        "</a b>",
        "for i<a ; i = 2 . \nThe city . \nx > y",
        "<b x = 5 and y > 3",
    ],
)
def test_text_stays(text: str) -> None:
    assert read(text) == text


def test_a_script_that_is_not_closed_loses_its_tag_alone() -> None:
    assert read("<script>all of this stays") == "all of this stays"


def test_a_padded_reference_is_told_from_a_whole_one() -> None:
    assert [cut.padded for cut in cuts("&lt ; &lt;")] == [True, False]


@given(st.text("<>/!-ab &;\"'= \n", max_size=40))
def test_cuts_are_in_order_and_inside_the_text(text: str) -> None:
    at = 0
    for cut in cuts(text):
        assert at <= cut.start < cut.end <= len(text)
        at = cut.end
