"""Offsets that other tools count in one unit or another, and the entities that they are of."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LABELS, SPACES, documents

from converters import DataError, Document, Report, Span
from converters.errors import Place
from converters.offsets import (
    SPACE,
    UNITS,
    Told,
    Unit,
    _folded,
    add_entity,
    check,
    choose_unit,
    entities,
    find_words,
    positions,
    span_offsets,
    to_utf16,
    trimmed,
)
from converters.records import At, Record

UNIT: st.SearchStrategy[Unit] = st.sampled_from(["char", "utf16"])
WIDE = documents(words=st.sampled_from(["😀", "𝒳y", "a😀b", "Rome", "é", ".", "a"]), min_size=1)
"""Documents of which most have characters above U+FFFF."""
AT = At(Record(None, Place("a.jsonl", 3)))
TAKEN = "UTF-16 units taken, the text does not tell"


def told(
    text: str, spans: Sequence[Span], unit: Unit, mentions: bool = True, attributes: Mapping[str, Any] | None = None
) -> list[Told]:
    """The spans as a source tells of them."""
    return [
        Told(
            AT / "spans" / number,
            start,
            end,
            text[span.start : span.end] if mentions else None,
            span.label,
            attributes or {},
        )
        for number, (span, (start, end)) in enumerate(zip(spans, span_offsets(text, spans, unit), strict=True))
    ]


def repairs(report: Report) -> list[tuple[str, str, str]]:
    return [(repair.name, repair.place, repair.text) for repair in report.repairs]


# Counting


@given(st.text(st.characters(codec="utf-8")))
def test_utf16_units_are_those_of_utf16(text: str) -> None:
    offsets = list(range(len(text) + 1))
    units = [len(text[:offset].encode("utf-16-le")) // 2 for offset in offsets]
    assert to_utf16(text, offsets) == units
    assert dict(zip(units, offsets, strict=True)) == {unit: positions(text, "utf16")[unit] for unit in units}
    assert list(positions(text, "utf16")) == units
    assert list(positions(text, "char")) == offsets


@given(WIDE)
def test_the_offsets_of_spans(document: Document) -> None:
    text = document.text
    assert span_offsets(text, document.spans, "char") == [span[:2] for span in document.spans]
    stored = text.encode("utf-16-le")
    for span, (start, end) in zip(document.spans, span_offsets(text, document.spans, "utf16"), strict=True):
        assert stored[2 * start : 2 * end].decode("utf-16-le") == text[span.start : span.end]


def test_white_space_is_what_python_says() -> None:
    assert [c for c in map(chr, range(0x110000)) if bool(SPACE.fullmatch(c)) != c.isspace()] == []


# Finding the unit out


@given(WIDE, UNIT, UNIT)
def test_the_unit_is_found_out_from_mentions(document: Document, unit: Unit, likely: Unit) -> None:
    text = document.text
    # a wrong unit can give an entity its text by chance, but never all of the text
    spans = [*document.spans, Span(0, len(text), "ALL")]
    report = Report()
    found = choose_unit(text, told(text, spans, unit), None, report, likely=likely)
    is_wide = max(text) > "\uffff"
    assert found == (unit if is_wide else likely)
    is_told = is_wide and unit != likely
    said = [("offset unit", "a.jsonl:3", f"{UNITS[unit]}, as the mentions show")]
    assert repairs(report) == (said if is_told else [])
    assert entities(text, told(text, spans, unit), found, Report()) == {span: {} for span in spans}


@given(WIDE, UNIT, UNIT)
def test_a_unit_that_is_found_out_gives_all_their_mentions(document: Document, unit: Unit, likely: Unit) -> None:
    text = document.text
    items = told(text, document.spans, unit)
    found = choose_unit(text, items, None, Report(), likely=likely)
    known = positions(text, found)
    assert all(item.fits(text, known) for item in items)
    if found != unit and max(text) > "\uffff":  # both do it
        assert found == likely


@given(WIDE, UNIT, UNIT)
def test_without_mentions_the_likely_unit_is_taken_unless_it_cannot_be(
    document: Document, unit: Unit, likely: Unit
) -> None:
    text = document.text
    items = told(text, document.spans, unit, mentions=False)
    report = Report()
    one, two = positions(text, "char"), positions(text, "utf16")
    both = [(item.place(one), item.place(two)) for item in items]
    is_impossible = likely == "utf16" and any(b is None for _, b in both)
    assert choose_unit(text, items, None, report, likely=likely) == ("char" if is_impossible else likely)
    is_open = all(None not in places for places in both) and any(a != b for a, b in both)
    said = [("offset unit", "a.jsonl:3", TAKEN if is_open else "characters, in the other unit they fit nowhere")]
    assert repairs(report) == (said if likely == "utf16" and (is_open or is_impossible) else [])


@given(WIDE, UNIT, UNIT, UNIT)
def test_the_unit_that_is_asked_for_is_taken(document: Document, unit: Unit, asked: Unit, likely: Unit) -> None:
    report = Report()
    items = told(document.text, document.spans, unit)
    assert choose_unit(document.text, items, asked, report, likely=likely) == asked
    assert report.repairs == []


@pytest.mark.parametrize("mention", ["a", None])
def test_where_both_units_fit_the_likely_one_is_taken(mention: str | None) -> None:
    text = "a😀aa"
    same, other = Told(AT / 0, 0, 1, mention, "X"), Told(AT / 1, 3, 4, mention, "X")
    for likely, said in (("char", []), ("utf16", [("offset unit", "a.jsonl:3", TAKEN)])):
        report = Report()
        assert choose_unit(text, [same, other], None, report, likely=likely) == likely  # type: ignore[arg-type]
        assert repairs(report) == said
        report = Report()
        assert choose_unit(text, [same], None, report, likely=likely) == likely  # type: ignore[arg-type]
        assert report.repairs == []


def test_one_mention_is_enough_and_white_space_in_it_is_as_good_as_any() -> None:
    text = "😀 New\n York, Rome"
    mentions = [("New York", 3, 12), (None, 14, 18)]
    items = [Told(AT / "spans" / n, start, end, mention, "X") for n, (mention, start, end) in enumerate(mentions)]
    report = Report()
    assert choose_unit(text, items, None, report) == "utf16"
    assert repairs(report) == [("offset unit", "a.jsonl:3", "UTF-16 units, as the mentions show")]
    assert list(entities(text, items, "utf16", report)) == [(2, 11, "X"), (13, 17, "X")]
    escaped = [items[0]._replace(mention="New\\n York", or_else="New\n York")]  # as Label Studio writes it
    assert choose_unit(text, escaped, None, report) == "utf16"


def test_where_some_fit_one_unit_and_some_the_other_it_is_the_likely_one() -> None:
    text = "😀 Anna met IBM"
    items = [Told(AT / 0, 3, 7, "Anna", "X"), Told(AT / 1, 11, 14, "IBM", "X")]
    for likely in UNITS:
        report = Report()
        assert choose_unit(text, items, None, report, likely=likely) == likely
        assert report.repairs == []


# What does not fit


def located(text: str) -> At:
    """An entity in a record in which it has a column, 13."""
    line = json.dumps({"spans": [{}], "text": text}, ensure_ascii=False)
    return At(Record(json.loads(line), Place("a.jsonl", 3), line)) / "spans" / 0


OUTSIDE = {
    "char": "(offsets count characters from 0, and the end is the first one outside)",
    "utf16": "(offsets count UTF-16 units from 0, and the end is the first one outside)",
}


@pytest.mark.parametrize(
    ("text", "unit", "item", "message"),
    [
        ("ab", "char", (0, 3, None), f"at 0:3 is empty, or outside the text of 2 characters {OUTSIDE['char']}"),
        ("ab", "char", (-1, 1, None), f"at -1:1 is empty, or outside the text of 2 characters {OUTSIDE['char']}"),
        ("ab", "char", (1, 1, None), f"at 1:1 is empty, or outside the text of 2 characters {OUTSIDE['char']}"),
        ("ab", "char", (2, 1, "b"), f"at 2:1 is empty, or outside the text of 2 characters {OUTSIDE['char']}"),
        ("", "char", (0, 0, ""), f"at 0:0 is empty, or outside the text of 0 characters {OUTSIDE['char']}"),
        (
            "ab",
            "utf16",
            (0, 3, None),
            f"at 0:3 is empty, inside a character, or outside the text of 2 UTF-16 units {OUTSIDE['utf16']}",
        ),
        (
            "😀 b",
            "utf16",
            (2, 9, None),
            f"at 2:9 is empty, inside a character, or outside the text of 4 UTF-16 units {OUTSIDE['utf16']}",
        ),
        (
            "😀 b",
            "char",
            (3, 4, None),
            "at 3:4 is empty, or outside the text of 3 characters "
            "(in UTF-16 units it would fit: --in-offset-unit utf16)",
        ),
        (
            "😀 b",
            "utf16",
            (1, 3, None),
            "at 1:3 is empty, inside a character, or outside the text of 4 UTF-16 units "
            "(in characters it would fit: --in-offset-unit char)",
        ),
        (
            "a b",
            "char",
            (0, 1, "b"),
            "is 'b', but 0:1 of the text is 'a' (offsets count characters; mend the offsets or the text)",
        ),
        (
            "a b",
            "char",
            (1, 2, "b"),
            "is 'b', but 1:2 of the text is ' ' (offsets count characters; mend the offsets or the text)",
        ),
        (
            "😀 ab",
            "utf16",
            (2, 4, "x"),
            "is 'x', but 2:4 of the text is ' a' (offsets count UTF-16 units; mend the offsets or the text)",
        ),
        (
            "😀 ab",
            "char",
            (3, 4, "a"),
            "is 'a', but 3:4 of the text is 'b' (in UTF-16 units it would fit: --in-offset-unit utf16)",
        ),
        (
            "😀 ab",
            "utf16",
            (3, 4, "b"),
            "is 'b', but 3:4 of the text is 'a' (in characters it would fit: --in-offset-unit char)",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_a_hint(
    text: str, unit: Unit, item: tuple[int, int, str | None], message: str
) -> None:
    with pytest.raises(DataError) as error:
        check(text, [Told(located(text), *item)], unit)
    assert str(error.value) == f"a.jsonl:3:12: spans[0] {message}"


@given(WIDE, UNIT)
def test_what_fits_is_given_in_characters(document: Document, unit: Unit) -> None:
    items = told(document.text, document.spans, unit)
    assert check(document.text, items, unit) == [span[:2] for span in document.spans]


@given(WIDE, UNIT, st.integers(-2, 40), st.integers(-2, 40))
def test_any_offsets_are_an_entity_of_the_text_or_an_error(
    document: Document, unit: Unit, start: int, end: int
) -> None:
    text = document.text
    item = Told(AT, start, end, None, "X")
    place = item.place(positions(text, unit))
    if place is None or not text[slice(*place)].strip():
        with pytest.raises(DataError, match="is white space alone" if place else r"is empty, .*outside the text"):
            entities(text, [item], unit, Report())
    else:
        [(a, b, _)] = entities(text, [item], unit, Report())
        assert place[0] <= a < b <= place[1]
        assert text[a:b] == text[slice(*place)].strip()


# Entities


def test_white_space_at_the_edges_is_left_out_and_that_is_told() -> None:
    report = Report()
    assert trimmed("a \u00a0b\n ", 1, 6, AT, report) == (3, 4)
    assert trimmed("a b", 0, 3, AT, report) == (0, 3)
    assert repairs(report) == [("trim white space", "a.jsonl:3", " \u00a0b\n ")]
    with pytest.raises(DataError) as error:
        trimmed("a \n", 1, 3, located("a \n"), report)
    assert str(error.value) == "a.jsonl:3:12: spans[0] at 1:3 is white space alone (take it out)"


def test_twins_are_one_entity_and_that_is_told() -> None:
    text = "Rome Rome"
    items = [
        Told(AT / 0, 0, 4, None, "LOC", {"id": 1, "kb": "Q220"}),
        Told(AT / 1, 5, 9, None, "LOC", {"id": 2}),
        Told(AT / 2, 0, 5, "Rome ", "LOC", {"id": 1, "by": "me"}),
        Told(AT / 3, 0, 4, "Rome", "GPE", {"id": 4}),
        Told(AT / 4, 0, 4, "Rome", "LOC", {"id": 5, "kb": "Q1", "x": None}),
    ]
    report = Report()
    assert entities(text, items, "char", report) == {
        Span(0, 4, "LOC"): {"id": 1, "kb": "Q220", "by": "me", "x": None},
        Span(5, 9, "LOC"): {"id": 2},
        Span(0, 4, "GPE"): {"id": 4},
    }
    assert repairs(report) == [
        ("trim white space", "a.jsonl:3", "Rome "),
        ("merge twins", "a.jsonl:3", "Rome"),
        ("merge twins", "a.jsonl:3", "Rome"),
    ]
    assert [(loss.kind, loss.place, loss.text, loss.reason) for loss in report.lost] == [
        ("field", "a.jsonl:3", "id, kb", "two entities that are the same have another each")
    ]


@given(WIDE, st.data())
def test_entities_that_are_told_twice_are_read_once(document: Document, data: st.DataObject) -> None:
    twice = data.draw(st.permutations([*document.spans, *document.spans]))
    report = Report()
    found = entities(document.text, told(document.text, twice, "char", attributes={"a": 1}), "char", report)
    assert found == {span: {"a": 1} for span in document.spans}
    assert [repair.name for repair in report.repairs] == ["merge twins"] * len(document.spans)
    assert report.lost == []


def test_an_entity_is_put_among_the_others() -> None:
    found: dict[Span, Mapping[str, Any]] = {}
    report = Report()
    add_entity(found, Span(0, 1, "X"), {"a": 1}, "xy", None, report)
    add_entity(found, Span(0, 1, "Y"), {}, "xy", None, report)
    assert found == {Span(0, 1, "X"): {"a": 1}, Span(0, 1, "Y"): {}}
    assert report.repairs == []
    add_entity(found, Span(0, 1, "X"), {}, "xy", None, report)
    assert found[Span(0, 1, "X")] == {"a": 1}
    assert repairs(report) == [("merge twins", "", "x")]


@given(WIDE, LABELS)
def test_without_a_report_that_takes_it_a_clash_is_an_error(document: Document, label: str) -> None:
    whole = [Span(0, len(document.text), label)]
    items = [
        *told(document.text, whole, "char", attributes={"a": 1}),
        *told(document.text, whole, "char", attributes={"a": 2}),
    ]
    with pytest.raises(DataError, match=r"^a\.jsonl:3: lost field 'a': two entities that are the same have another"):
        entities(document.text, items, "char", Report(raises=True))


# Words


@given(documents(), SPACES, SPACES, st.integers(0, 5))
def test_words_are_found_in_their_text(document: Document, before: str, after: str, first: int) -> None:
    assert document.tokens is not None
    text = before + document.text + after
    found = find_words(text, enumerate(document.words, first), AT)
    assert found == [len(before) + start for start in document.tokens.starts]


@given(documents(min_size=1), st.data())
def test_a_word_that_the_text_does_not_have_is_told(document: Document, data: st.DataObject) -> None:
    words = document.words
    number = data.draw(st.integers(0, len(words) - 1))
    words[number] = "no such word"
    line = json.dumps({"tokens": words})
    at = At(Record(json.loads(line), Place("a.jsonl", 3), line)) / "tokens"
    with pytest.raises(DataError) as error:
        find_words(document.text, enumerate(words), at)
    column = line.index('"no such word"') + 1
    start = f"a.jsonl:3:{column}: tokens[{number}] is 'no such word', but the text goes on with "
    assert str(error.value).startswith(start)
    assert str(error.value).endswith(" (take out the text, or the tokens)")


def test_what_the_text_has_in_the_place_of_a_word_is_shown() -> None:
    at = AT / "tokens"
    with pytest.raises(DataError) as error:
        find_words("a  not\nthis, and what comes after it is left out", [(0, "a"), (3, "that")], at)
    assert str(error.value) == (
        "a.jsonl:3: tokens[3] is 'that', but the text goes on with 'not this, and what comes after' "
        "(take out the text, or the tokens)"
    )
    assert find_words("a b", [], at) == []


@pytest.mark.parametrize("text", ["a", "a \n", ""])
def test_a_text_that_ends_before_its_words_do_is_told(text: str) -> None:
    words = [(0, "a"), (1, "b")] if text else [(1, "b")]
    with pytest.raises(DataError) as error:
        find_words(text, words, AT / "tokens")
    assert str(error.value).startswith("a.jsonl:3: tokens[1] is 'b', but the text ends there")


@given(st.lists(st.sampled_from(["a", " " * 7, "\n\t" * 500, " ", "b\u00a0"]), min_size=1), st.data())
def test_white_space_is_folded_in_a_part_of_a_text(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert _folded(text, start, end) == re.sub(r"\s+", " ", text[start:end])
