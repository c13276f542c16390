"""Annotations compared over a corpus: other labels elsewhere, annotated here and not there, other boundaries."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import Document, Span
from converters.check import Finding, check
from converters.check.mentions import _touching, _wider


def document(marked: str, id: str = "d") -> Document:
    """A document from text in which ``[LOC Moscow]`` is an entity."""
    text, spans = "", []
    for number, piece in enumerate(marked.split("[")):
        if not number:
            text = piece
            continue
        inside, _, rest = piece.partition("]")
        label, _, mention = inside.partition(" ")
        spans.append(Span(len(text), len(text) + len(mention), label))
        text += mention + rest
    return Document(text, tuple(spans), id=id)


def found(name: str, *marked: str) -> list[Finding]:
    documents = [document(text, f"d{number}") for number, text in enumerate(marked, 1)]
    return [finding for finding in check(documents) if finding.name == name]


def told(name: str, *marked: str) -> list[tuple[str | None, str, str, str | None]]:
    """The findings of a name, each as document, label, text, and what it should be."""
    return [(f.document.id, f.label, f.text, f.fixed) for f in found(name, *marked)]


def test_a_mention_with_several_labels_with_counts_and_places() -> None:
    [finding] = found("label-conflict", "in [LOC Moscow] and [LOC Moscow]", "[ORG Moscow] said")
    assert (finding.document.id, finding.label, finding.text) == ("d2", "ORG", "Moscow")
    assert finding.message == "is LOC 2 times (d1, d1), ORG 1 time (d2)"
    assert finding.fixed == "LOC Moscow"


def test_of_labels_that_are_as_frequent_none_is_right() -> None:
    [finding] = found("label-conflict", "in [LOC Moscow]", "[ORG Moscow] said")
    assert (finding.label, finding.fixed) == ("ORG", None)


def test_of_many_places_a_few_are_named() -> None:
    [finding] = found("label-conflict", *["in [LOC Moscow]"] * 5, "[ORG Moscow] said")
    assert finding.message == "is LOC 5 times (d1, d2, d3 and 2 more), ORG 1 time (d6)"


def test_white_space_is_no_difference_and_case_is() -> None:
    assert told("label-conflict", "[LOC New York]", "[ORG New\nYork]") == [("d2", "ORG", "New\nYork", None)]
    assert told("label-conflict", "[LOC US]", "[PER us]") == []


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (["in [LOC Moscow] and Moscow"], ["Moscow"]),
        (["in [LOC New York]", "from New\n York here"], ["New\n York"]),
        (["in [LOC York]", "in [LOC New York]"], []),  # inside an entity
        (["in [LOC York]", "in Yorkshire"], []),
        (["in [LOC York]", "in york"], []),
        (["in [LOC York]", "www.York.com, a@York.org, me@York, my_York"], []),
        (["in [LOC York]", "in York."], ["York"]),
        (["it is [NUM 3]", "it is 3.5"], []),
        (["in [LOC 北京]", "他在北京市"], ["北京"]),
        (["at [ORG NHK]", "彼はNHKで"], ["NHK"]),
        (["at [ORG サーバー]", "このサーバー内"], ["サーバー"]),
        (["at [LOC ไทย]", "ประเทศไทย"], ["ไทย"]),
        (["in [LOC U.S.]", "the U. S. is"], []),
        (["[LOC New York] and [LOC York]", "New York"], ["New York"]),  # the longest
        (["[X " + " ".join("abcdefghijklm") + "]", " ".join("abcdefghijklm")], []),  # too long to be looked for
    ],
)
def test_what_is_annotated_elsewhere(marked: list[str], expected: list[str]) -> None:
    assert [f.text for f in found("unannotated", *marked)] == expected


def test_what_is_annotated_elsewhere_has_a_fix_and_tells_where() -> None:
    [finding] = found("unannotated", "in [LOC Moscow]", "in [LOC Moscow] by Moscow")
    assert (finding.document.id, finding.span, finding.label, finding.fixed) == ("d2", (13, 19), "LOC", "Moscow")
    assert finding.message == "is annotated 2 times elsewhere (d1, d2), and not here"


def test_what_is_mostly_not_annotated_is_told_where_it_is() -> None:
    texts = ["[PER May] said", "in May and May", "by May"]
    assert found("unannotated", *texts) == []
    [finding] = found("rarely-annotated", *texts)
    assert (finding.document.id, finding.text) == ("d1", "May")
    assert finding.message == "is annotated 1 time, and not 3 times (d2, d2, d3)"


def test_neighbours_that_are_one_entity_elsewhere() -> None:
    texts = ["the [MISC Igla-S MANPADS] are", "[MISC Igla-S MANPADS]", "hundred [MISC Igla-S] [ORG MANPADS] ."]
    [finding] = found("split-mention", *texts)
    assert (finding.document.id, finding.text, finding.fixed) == ("d3", "Igla-S MANPADS", "Igla-S MANPADS")
    assert finding.message == "is one entity 2 times elsewhere (d1, d2), and here MISC 'Igla-S', ORG 'MANPADS'"
    assert finding.fix == Span(8, 22, "MISC")


def test_what_is_one_entity_here_and_neighbours_mostly() -> None:
    texts = ["the [MISC Igla-S MANPADS] are", *["[MISC Igla-S] [ORG MANPADS] ."] * 2]
    [finding] = found("split-mention", *texts)
    assert (finding.document.id, finding.text) == ("d1", "Igla-S MANPADS")
    assert "annotated 2 times (d2, d3), as MISC 'Igla-S', ORG 'MANPADS'" in finding.message


def test_a_piece_of_what_is_one_entity_elsewhere() -> None:
    texts = ["[ORG Bank of China] is", "[ORG Bank] of China"]
    assert told("boundary-conflict", *texts) == [("d2", "ORG", "Bank", "Bank of China")]
    assert told("unannotated", *texts) == []
    crossing = ["[ORG Bank of China] is", "the Bank of [LOC China Tower]"]
    assert told("boundary-conflict", *crossing) == [("d2", "LOC", "China Tower", "ORG Bank of China")]


def test_the_seed(seed: Document) -> None:
    about = {"label-conflict", "unannotated", "rarely-annotated", "split-mention", "boundary-conflict"}
    assert [(f.name, f.text) for f in check([seed]) if f.name in about] == [
        ("unannotated", "RUSSIA"),
        ("split-mention", "Igla-S MANPADS"),
    ]


SPANS = st.lists(st.tuples(st.integers(0, 18), st.integers(1, 8), st.sampled_from("XY")), max_size=8)


@given(SPANS, st.integers(0, 18), st.integers(1, 8))
def test_entities_that_touch_a_stretch_are_those_that_share_text_with_it(
    drawn: Sequence[tuple[int, int, str]], start: int, size: int
) -> None:
    from itertools import accumulate

    spans = Document("x" * 30, tuple(Span(a, a + n, label) for a, n, label in drawn)).spans
    end = start + size
    touching = _touching(spans, [span.start for span in spans], list(accumulate(spans, _wider)), start, end)
    plainly = [span for span in spans if span.start < end and span.end > start]
    assert set(touching) <= set(plainly)
    assert [span for span in touching if span.start >= start] == [span for span in plainly if span.start >= start]
    assert max((s.end for s in touching), default=0) == max((s.end for s in plainly), default=0)
    assert bool(touching) == bool(plainly)


def test_of_very_many_labels_a_message_names_the_most_frequent() -> None:
    document = Document("Oslo", tuple(Span(0, 4, f"L{number:02}") for number in range(13)), id="a")
    found = [finding for finding in check([document]) if finding.name == "label-conflict"]
    assert len(found) == 12
    [message] = {finding.message for finding in found}
    assert message.startswith("is L00 1 time (a), L01 1 time")
    assert message.endswith("L09 1 time (a) and 3 labels more")


def test_of_an_endless_entity_its_length_alone_is_told() -> None:
    text = ", the" * 401
    document = Document(text, (Span(0, len(text), "ORG"),), id="a")
    assert [str(finding.message) for finding in check([document])] == ["is 2,005 characters long: is its end right?"]
