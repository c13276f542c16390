"""Markup read all at once is what the plain way reads, to the last offset; or it is left to the plain way."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from converters import Document, NerconvError, ReadOptions, Report, Tokens, bulk
from converters.formats.brackets import from_brackets
from converters.gaps import PROFILES

ORDINARY = "the Moscow state of Russia U.S. said and A/S 1.4 non- Ma Arkhangel k dun if big one 212 item f http://a.org/b".split()
MARKS = [*PROFILES["cogcomp"].split_off, ".", "...", ":", "--", "-", "–", "'", "''", "”", "“", "’s", "s", "t", "re"]
ENTITIES = [
    "[LOC Russia  ]",
    "[PER A. Smith  ]",
    "[ORG U.S. Steel  ]",
    "[MISC big, bad  ]",
    '[ORG " X "  ]',
    "[PER ,  ]",
]
ODD = [
    *[
        "[LOC Russia ]",
        "[LOC Russia]",
        "[LOC",
        "  ]",
        "]",
        "[XYZ a  ]",
        "[LOC  ]",
        "[sic]",
        "[ sic ]",
        "x[LOC y  ]",
        "[LOC y  ].",
        "[LOCAL ]",
    ],
    *[
        "<p>",
        "<br>",
        "</p>",
        "<a href='x'>",
        "</a>",
        "<b",
        "<!-- [LOC x  ] -->",
        "<i>",
        "&amp;",
        "&lt ;",
        "&",
        "&#182;",
        "<a title='[LOC x  ]'>",
    ],
    *["¶", "¶6", "¶¶", "a¶b", "\t", "\u00a0", "a\u00a0b", "\u2028", "\x1c", "\r", "\u200b", "é", "東京", "``", "n't"],
]
PIECES = st.one_of(
    st.sampled_from(ORDINARY),
    st.sampled_from(MARKS),
    st.sampled_from(ENTITIES),
    st.sampled_from(ODD),
    st.text(max_size=4),
)
USUAL = st.one_of(st.sampled_from(ORDINARY), st.sampled_from(MARKS), st.sampled_from(ENTITIES))
SPACES = st.sampled_from([" "] * 8 + ["  ", "\n", " \n", "\n\n", "\n \n", ""])
BETWEEN = st.sampled_from([" "] * 8 + ["\n", " \n", " \n\n"])
HTML = st.sampled_from(
    ["<a id='par6' href='#par6'>¶</a>6", "<p>", "<br/>", "<a href='/t'>ETTC</a>", "News & [ORG Agency  ]"]
)


def made(pieces: st.SearchStrategy[str], spaces: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.tuples(pieces, spaces), max_size=30).map(lambda pairs: "".join(a + b for a, b in pairs))


def plainly(text: str, options: ReadOptions) -> tuple[Document | None, Report]:
    """What the plain way makes of a text; None where it is in error."""
    report = Report()
    with patch.object(bulk, "read", return_value=None):
        try:
            return from_brackets(text, options=options, id="x", report=report), report
        except NerconvError:
            return None, report


def parts(document: Document) -> object:
    tokens = document.tokens
    assert isinstance(tokens, Tokens)
    columns = (list(tokens.starts), list(tokens.ends), list(tokens.sentences or ()), tokens.sentences is None)
    return document.text, document.spans, columns, document.id, document.source, document.meta, document.has_own_id


def check(text: str, options: ReadOptions) -> bool:
    """Hold the one way to the other; whether the text was read at once."""
    found = bulk.read(text, options, "x", "-")
    if found is None:
        return False
    expected, report = plainly(text, options)
    assert expected is not None
    assert parts(found) == parts(expected)
    assert not report.lost
    assert not report.repairs
    # it is as valid as one that is checked
    assert Document(found.text, found.spans, found.tokens) == found
    return True


OPTIONS = st.sampled_from(
    [ReadOptions(), ReadOptions(labels=("any",)), ReadOptions(labels=("LOC", "XYZ")), ReadOptions(profile="cogcomp")]
)


@settings(max_examples=1500)
@given(made(PIECES, SPACES), OPTIONS)
@example("[LOC x </a> ] <a> .", ReadOptions())
@example("[LOC<b> x  ] </b> .", ReadOptions())
@example("<script> [LOC x  ] </script> [LOC y  ] ", ReadOptions())
@example("[LOC x\n  ] y", ReadOptions())
@example("a [LOC b  ]\n. c", ReadOptions())
def test_hostile_markup(text: str, options: ReadOptions) -> None:
    check(text, options)


@settings(max_examples=1500)
@given(made(st.one_of(USUAL, USUAL, USUAL, HTML), BETWEEN))
def test_usual_markup(text: str) -> None:
    whole = f"{text} [LOC Russia  ] . \n"
    if not check(whole, ReadOptions()):
        # what is left to the plain way has a bracket of the text, or is in error
        words = whole.split()
        assert "[" in words or words.count("]") != whole.count("  ]") or plainly(whole, ReadOptions())[0] is None


def test_the_seed_and_all_cases_are_read_alike(cables: Path) -> None:
    [file] = cables.iterdir()
    assert check(file.read_text(encoding="utf-8"), ReadOptions())
    cases = (Path(__file__).parent / "cases" / "detokenize.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line) for line in cases if line.strip()]
    read = [check(f"{case['markup']} \n[LOC Russia  ] \n", ReadOptions()) for case in texts if "markup" in case]
    assert not read or sum(read) > len(read) / 2


@pytest.mark.parametrize(
    "options",
    [
        ReadOptions(places=True),
        ReadOptions(repairs=("url",)),
        ReadOptions(layout="sentences"),
        ReadOptions(profile="ptb"),
    ],
    ids=["places", "repairs", "layout", "profile"],
)
def test_what_it_does_not_do_is_left_to_the_plain_way(options: ReadOptions) -> None:
    text = "[LOC Russia  ] , \nhttp://a.org/b - print.html . \n"
    assert bulk.read(text, ReadOptions(), "x", "-") is not None
    assert bulk.read(text, options, "x", "-") is None
