from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.balance import Repair, Report
from converters.document import LABEL_TODO, TokenSpan
from converters.errors import DataError, Place
from converters.schemes import SCHEMES, RepairMethod, Scheme, TagError, decode, detect, encode, mend, read_tags

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


BIO_TODO = (
    " (they look like B-PER, I-PER and O; a format's name tells another scheme, as conll-bioes; labels alone are "
    "conll-io)"
)


@pytest.mark.parametrize(
    ("scheme", "tags", "number", "message"),
    [
        (
            "BIO",
            "O I-X",
            1,
            "tag 'I-X' continues nothing (in BIO an entity begins with B-; --repair-tags conlleval begins one there)",
        ),
        (
            "BIO",
            "B-X I-Y",
            1,
            "tag 'I-Y' continues nothing (in BIO an entity begins with B-; --repair-tags conlleval begins one there)",
        ),
        ("BIO", "S-X", 0, "tag 'S-X' is not one of BIO" + BIO_TODO),
        ("BIO", "B-", 0, "tag 'B-' has no label"),
        ("BIO", "B", 0, "tag 'B' has no label"),
        ("BIO", "O-X", 0, "tag 'O-X' is no tag"),
        ("BIO", "B-X O-", 1, "tag 'O-' is no tag"),
        ("BIO", "", 0, "tag '' is not one of BIO" + BIO_TODO),
        ("BIO", "o", 0, "tag 'o' is not one of BIO" + BIO_TODO),
        ("IOB1", "O B-X", 1, "tag 'B-X' begins an entity that touches none before it (it should be I-)"),
        ("IOB1", "I-Y B-X", 1, "tag 'B-X' begins an entity that touches none before it (it should be I-)"),
        ("BIOES", "B-X O", 1, "tag 'O' comes before entity 'X' has ended (end it with E-)"),
        ("BIOES", "B-X", 1, "tag 'O' comes before entity 'X' has ended (end it with E-)"),
        ("BIOES", "B-X S-X", 1, "tag 'S-X' comes before entity 'X' has ended (end it with E-)"),
        ("BIOES", "E-X", 0, "tag 'E-X' continues nothing (in BIOES an entity begins with B-)"),
        ("BILOU", "U-X L-X", 1, "tag 'L-X' continues nothing (in BILOU an entity begins with B-)"),
    ],
)
def test_a_tag_that_is_not_allowed_is_an_error(scheme: str, tags: str, number: int, message: str) -> None:
    with pytest.raises(TagError) as error:
        decode(tags.split(" "), SCHEMES[scheme])
    assert str(error.value) == message
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


@given(spans(), st.sampled_from([scheme for scheme in SCHEMES.values() if scheme.marked != "never"]))
def test_valid_tags_show_their_scheme(made: tuple[list[TokenSpan], int], scheme: Scheme) -> None:
    found, size = made
    tags = encode(found, size, scheme)
    assert detect(tags) == (scheme if found else SCHEMES["BIO"])
    assert decode(tags, detect(tags)) == found


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        ("", "BIO"),
        ("O O", "BIO"),
        ("B-X I-X", "BIO"),
        ("O I-X", "IOB1"),
        ("I-X B-X", "IOB1"),
        ("I-X O B-X", "BIO"),  # valid in none
        ("B-X I-Y", "BIO"),  # valid in none
        ("S-X", "BIOES"),
        ("I-X E-X", "BIOES"),
        ("U-X", "BILOU"),
        ("B-X L-X S-X", "BIOES"),  # valid in none
        ("noun", "BIO"),
        ("B- I", "BIO"),
    ],
)
def test_tags_show_their_scheme(tags: str, scheme: str) -> None:
    assert detect(tags.split()).name == scheme


TAGS = st.lists(st.sampled_from("O B-X I-X B-Y I-Y B-X-Y I-X-Y".split()), min_size=1, max_size=12)


def repaired(tags: list[str], encoding: str, method: str) -> tuple[list[str], list[tuple[int, int, str]]]:
    """What SeqScore makes of the tags."""
    theirs = pytest.importorskip("seqscore.encoding").get_encoding(encoding)
    found = pytest.importorskip("seqscore.validation").validate_labels(tags, theirs, repair=method)
    labels = list(found.repaired_labels or tags)
    return labels, [(m.span.start, m.span.end, m.type) for m in theirs.decode_labels(labels)]


@given(TAGS, st.sampled_from(["conlleval", "discard"]))
def test_bio_is_repaired_as_seqscore_does(tags: list[str], method: RepairMethod) -> None:
    mended = mend(tags, SCHEMES["BIO"], method)
    assert (mended, decode(mended, SCHEMES["BIO"])) == repaired(tags, "BIO", method)


@given(TAGS)
def test_iob1_is_repaired_as_seqscore_does(tags: list[str]) -> None:
    mended = mend(tags, SCHEMES["IOB1"], "conlleval")
    assert (mended, decode(mended, SCHEMES["IOB1"])) == repaired(tags, "IOB", "conlleval")


@given(TAGS, st.sampled_from(sorted(SCHEMES)), st.sampled_from(["conlleval", "discard"]))
def test_only_what_is_broken_is_mended(tags: list[str], name: str, method: RepairMethod) -> None:
    try:
        decode(tags, SCHEMES[name])
    except TagError:
        return
    assert mend(tags, SCHEMES[name], method) == tags


@pytest.mark.parametrize(
    ("scheme", "method"),
    [("IOB1", "discard"), ("IO", "conlleval"), ("BIOES", "conlleval"), ("BILOU", "discard")],
)
def test_what_there_is_no_repair_for_is_left_as_it_is(scheme: str, method: RepairMethod) -> None:
    tags = "O B-X O I-X B-Y".split()
    assert mend(tags, SCHEMES[scheme], method) == tags


def test_a_tag_without_a_label_is_never_mended() -> None:
    for tags in (["O", "I-", "I"], ["B-X", "I-"]):
        assert mend(tags, SCHEMES["BIO"], "conlleval") == tags
    with pytest.raises(TagError, match="tag 'I-' has no label"):
        decode(["O", "I-"], SCHEMES["BIO"])


def test_what_is_read_is_placed_and_each_repair_is_told() -> None:
    tags, place = ["O", "I-X", "B-a\tb"], lambda number: Place("a.conll", number + 1, 7)
    report = Report()
    with pytest.raises(TagError) as error:
        read_tags(tags, SCHEMES["BIO"], None, place, report)
    assert str(error.value).startswith("a.conll:2:7: tag 'I-X' continues nothing")
    with pytest.raises(TagError, match=r"^a\.conll:1:7: tag 'O' comes before entity 'X' has ended"):  # at the last tag
        read_tags(["B-X"], SCHEMES["BIOES"], None, place, report)
    with pytest.raises(DataError) as no_label:
        read_tags(tags, SCHEMES["BIO"], "conlleval", place, report)
    assert str(no_label.value) == f"a.conll:3:7: 'a\\tb' is no label ({LABEL_TODO})"
    assert read_tags(tags[:2], SCHEMES["BIO"], "discard", lambda _: None, report) == []
    assert report.repairs == [
        Repair("tags conlleval", "a.conll:2:7", "I-X is B-X"),
        Repair("tags discard", "", "I-X is O"),
    ]
