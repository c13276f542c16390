from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import DataError, Document, Report, Span, Tokens
from converters.align import align, fitted, flatten

TEXT = "New York-based firm"
TOKENS = Tokens.make([0, 4, 15], [3, 14, 19])
INSIDE = Span(0, 8, "LOC")  # "New York", whose second word is a piece of a token


def test_the_edges_that_fit() -> None:
    document = Document(TEXT, (INSIDE,), TOKENS)
    assert fitted(document, INSIDE, "expand") == Span(0, 14, "LOC")
    assert fitted(document, INSIDE, "contract") == Span(0, 3, "LOC")
    assert fitted(document, Span(5, 8, "X"), "contract") is None
    assert fitted(document, Span(5, 8, "X"), "expand") == Span(4, 14, "X")


@pytest.mark.parametrize(
    ("how", "spans", "repair"),
    [
        ("report", (), []),
        ("drop", (), ["misaligned dropped"]),
        ("expand", (Span(0, 14, "LOC"),), ["misaligned expanded"]),
        ("contract", (Span(0, 3, "LOC"),), ["misaligned contracted"]),
    ],
)
def test_misaligned_entities(how: str, spans: tuple[Span, ...], repair: list[str]) -> None:
    report = Report()
    document = Document(TEXT, (INSIDE,), TOKENS, {INSIDE: {"kb_id": "Q60"}})
    changed, left = align(document, how, report)  # type: ignore[arg-type]
    assert changed.spans == spans
    assert left == ([INSIDE] if how == "report" else [])
    assert [r.name for r in report.repairs] == repair
    assert list(changed.attributes.values()) == [{"kb_id": "Q60"}] * len(spans)


def test_misaligned_entities_as_an_error() -> None:
    with pytest.raises(DataError) as error:
        align(Document(TEXT, (INSIDE,), TOKENS), "error", Report())
    assert str(error.value) == (
        "entity LOC 'New York': 0:8 does not begin and end with a token; "
        "it is in 'New York-based', and 0:3 or 0:14 would fit"
    )


NESTED = Document("abcdef", (Span(0, 3, "A"), Span(2, 6, "B"), Span(4, 5, "C")))


@pytest.mark.parametrize(("how", "labels"), [("longest", "B"), ("first", "AC"), ("error", "ABC"), ("keep", "ABC")])
def test_overlapping_entities(how: str, labels: str) -> None:
    report = Report()
    changed = flatten(NESTED, how, report)  # type: ignore[arg-type]
    assert "".join(span.label for span in changed.spans) == labels
    assert len(report.repairs) == 3 - len(labels)


@given(st.sets(st.tuples(st.integers(0, 8), st.integers(1, 4)), max_size=8), st.sampled_from(["longest", "first"]))
def test_what_is_left_is_flat_and_nothing_more_would_fit(made: set[tuple[int, int]], how: str) -> None:
    document = Document("x" * 12, tuple(Span(start, start + size, "X") for start, size in made))
    changed = flatten(document, how, Report())  # type: ignore[arg-type]
    assert changed.is_flat
    for span in set(document.spans) - set(changed.spans):
        assert any(span.start < other.end and other.start < span.end for other in changed.spans)


def plainly_flat(document: Document, how: str, may_nest: bool) -> list[Span]:
    """What stays, by a comparison of each with all that stay before it."""

    def clash(one: Span, other: Span) -> bool:
        inside = [a.start <= b.start and b.end <= a.end for a, b in ((one, other), (other, one))]
        return one.start < other.end and other.start < one.end and not (may_nest and any(inside))

    taken: list[Span] = []
    by_length = sorted(document.spans, key=lambda span: (span.start - span.end, span.start))
    for span in by_length if how == "longest" else document.spans:
        if not any(clash(span, other) for other in taken):
            taken.append(span)
    return taken


@given(
    st.sets(st.tuples(st.integers(0, 12), st.integers(1, 8), st.sampled_from("AB")), max_size=12),
    st.sampled_from(["longest", "first"]),
    st.booleans(),
)
def test_what_stays_clashes_with_nothing_that_was_taken_before_it(
    made: set[tuple[int, int, str]], how: str, may_nest: bool
) -> None:
    document = Document("x" * 20, tuple(Span(start, start + size, label) for start, size, label in made))
    changed = flatten(document, how, Report(), may_nest=may_nest)  # type: ignore[arg-type]
    if document.is_flat:
        assert changed is document
    else:
        assert set(changed.spans) == set(plainly_flat(document, how, may_nest))


def test_what_two_entities_that_become_one_say_differently_is_told() -> None:
    first, second = Span(0, 3, "LOC"), Span(0, 2, "LOC")
    document = Document(
        TEXT, (first, second), TOKENS, {first: {"kb_id": "Q1", "a": 1}, second: {"kb_id": "Q2", "b": 2}}
    )
    report = Report()
    made, _ = align(document, "expand", report)
    assert dict(made.attributes) == {first: {"kb_id": "Q1", "a": 1, "b": 2}}
    assert [(loss.kind, loss.text) for loss in report.lost] == [("field", "kb_id")]
