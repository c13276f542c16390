from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.document import TokenSpan
from converters.schemes import SCHEMES, TagError, decode, encode

SPANS = [TokenSpan(0, 1, "X"), TokenSpan(1, 3, "X"), TokenSpan(4, 7, "Y")]


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        ("BIO", "B-X B-X I-X O B-Y I-Y I-Y"),
        ("IOB1", "I-X B-X I-X O I-Y I-Y I-Y"),
        ("BIOES", "S-X B-X E-X O B-Y I-Y E-Y"),
        ("BILOU", "U-X B-X L-X O B-Y I-Y L-Y"),
    ],
)
def test_a_scheme_writes_and_reads(scheme: str, tags: str) -> None:
    assert encode(SPANS, 7, SCHEMES[scheme]) == tags.split()
    assert decode(tags.split(), SCHEMES[scheme]) == SPANS


def test_io_runs_neighbours_together() -> None:
    assert encode(SPANS, 7, SCHEMES["IO"]) == "I-X I-X I-X O I-Y I-Y I-Y".split()
    assert decode("I-X I-X I-X O I-Y".split(), SCHEMES["IO"]) == [TokenSpan(0, 3, "X"), TokenSpan(4, 5, "Y")]


@pytest.mark.parametrize(
    ("scheme", "tags", "number", "message"),
    [
        ("BIO", "O I-X", 1, "tag 'I-X' continues nothing"),
        ("BIO", "B-X I-Y", 1, "tag 'I-Y' continues nothing"),
        ("BIO", "S-X", 0, "tag 'S-X' is not one of BIO"),
        ("BIO", "B-", 0, "tag 'B-' has no label"),
        ("BIO", "B", 0, "tag 'B' has no label"),
        ("BIO", "O-X", 0, "tag 'O-X' is no tag"),
        ("BIO", "", 0, "tag '' is not one of BIO"),
        ("BIO", "o", 0, "tag 'o' is not one of BIO"),
        ("IOB1", "O B-X", 1, "tag 'B-X' begins an entity that touches none before it"),
        ("IOB1", "I-Y B-X", 1, "tag 'B-X' begins an entity that touches none before it"),
        ("BIOES", "B-X O", 1, "tag 'O' comes before entity X has ended"),
        ("BIOES", "B-X", 1, "tag 'O' comes before entity X has ended"),
        ("BIOES", "B-X S-X", 1, "tag 'S-X' comes before entity X has ended"),
        ("BIOES", "E-X", 0, "tag 'E-X' continues nothing"),
        ("BILOU", "U-X L-X", 1, "tag 'L-X' continues nothing"),
    ],
)
def test_a_tag_that_is_not_allowed_is_an_error(scheme: str, tags: str, number: int, message: str) -> None:
    with pytest.raises(TagError) as error:
        decode(tags.split(" "), SCHEMES[scheme])
    assert message in str(error.value)
    assert error.value.number == number


@st.composite
def spans(draw: st.DrawFn) -> tuple[list[TokenSpan], int]:
    found, at = [], 0
    for gap, length, label in draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from("AB")))):
        found.append(TokenSpan(at + gap, at + gap + length, label))
        at += gap + length
    return found, at + draw(st.integers(0, 2))


@given(spans(), st.sampled_from([scheme for scheme in SCHEMES.values() if scheme.marked != "never"]))
def test_what_is_written_is_read_back(made: tuple[list[TokenSpan], int], scheme: object) -> None:
    found, size = made
    assert decode(encode(found, size, scheme), scheme) == found  # type: ignore[arg-type]
