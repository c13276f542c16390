from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import Document, Report, Span
from converters.balance import Count, Loss, Repair, alike
from converters.errors import DataError, Place
from converters.outputs import write_report

WORDS = st.text(max_size=4)
PLACES = st.none() | st.builds(Place, st.text(min_size=1, max_size=3), st.none() | st.integers(1, 9))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    report = Report(keep_going=True)
    report.written = {name: Count() for name in draw(st.sets(st.sampled_from(["spacy", "jsonl"])))}
    for _ in range(draw(st.integers(0, 3))):
        document = Document("ab c", (Span(0, draw(st.integers(1, 2)), draw(st.sampled_from(["LOC", "PER"]))),))
        report.read.add(document)
        for count in report.written.values():
            count.add(document)
    for _ in range(draw(st.integers(0, 3))):
        output = draw(st.sampled_from([None, *report.written]))
        report.lose("span", draw(PLACES), draw(WORDS), draw(WORDS), label="LOC", output=output)
        report.repairs.append(Repair(draw(WORDS), draw(WORDS), draw(WORDS)))
    for _ in range(draw(st.integers(0, 2))):
        report.fail(DataError(draw(WORDS), draw(WORDS), draw(PLACES)))
    report.skipped = draw(st.lists(st.tuples(WORDS, WORDS), max_size=2))
    report.formats = draw(st.sets(st.sampled_from(["brackets", "jsonl"])))
    return report


def told(report: Report) -> tuple[object, ...]:
    """All that a report tells."""
    return report.as_record(), report.repair_counts(), [str(failure) for failure in report.failures]


@given(reports())
def test_a_report_survives_as_a_record(report: Report) -> None:
    record = json.loads(json.dumps(report.as_record()))
    assert told(Report.of_record(record, keep_going=True)) == told(report)


@given(reports())
def test_what_was_taken_out_of_a_report_is_no_longer_in_it(report: Report) -> None:
    before = told(report)
    taken = report.take()
    assert told(taken) == before
    assert told(report) == told(Report())
    assert (taken.keep_going, report.keep_going) == (True, True)
    report.merge(taken)
    assert told(report) == before


@given(reports(), reports())
def test_two_reports_make_one(one: Report, other: Report) -> None:
    both = Report()
    both.merge(one)
    both.merge(other)
    assert both.read.documents == one.read.documents + other.read.documents
    assert list(both.lost) == [*one.lost, *other.lost]
    assert list(both.repairs) == [*one.repairs, *other.repairs]
    assert both.failures == [*one.failures, *other.failures]
    for name in {*one.written, *other.written}:
        counts = [report.written.get(name, Count()) for report in (one, other)]
        assert both.written[name].spans == sum(count.spans for count in counts)
        assert both.written[name].labels["LOC"] == sum(count.labels["LOC"] for count in counts)


@given(reports())
def test_a_report_is_written_as_json_would_be(tmp_path_factory: object, report: Report) -> None:
    path = Path(tmp_path_factory.mktemp("report")) / "r.json"  # type: ignore[attr-defined]
    write_report(report, path)
    assert path.read_text(encoding="utf-8") == json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n"


def test_half_of_a_surrogate_pair_is_escaped(tmp_path: Path) -> None:
    report = Report(skipped=[("caf\udce9", "no format")])
    report.lose("field", "caf\udce9", "é \ud83d", "it is not carried")
    write_report(report, tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8")) == report.as_dict()


def test_what_a_format_never_holds_is_refused_by_strict_alone() -> None:
    report = Report(raises=True, written={"gliner": Count()})
    report.lose("field", Place("a.conll", 1), "2 sentences", "it holds none", output="gliner", by_nature=True)
    with pytest.raises(DataError, match=r"a\.conll:1: lost field '2 sentences': gliner: it holds none"):
        report.refuse_losses()
    with pytest.raises(DataError, match=r"b\.conll: lost field 'x': why"):
        report.lose("field", "b.conll", "x", "why")


def test_a_loss_without_a_place_is_refused_without_one() -> None:
    report = Report()
    report.lose("field", None, "page", "why")
    report.lose("field", Place("a.jsonl", 1), "page", "why")
    with pytest.raises(DataError, match=r"^lost field 'page': why, and 1 more \(nothing was written"):
        report.refuse_losses()


def test_losses_that_differ_in_the_place_alone_are_told_at_once() -> None:
    token = Loss("token", "a:1", "Rome fell", "conll: why", 2)
    span = Loss("span", "a:1", "Rome", "why")
    fields = [Loss("field", f"a:{number}", "author", "why") for number in (1, 2, 3)]
    other = Loss("field", "a:2", "page", "why")
    told = alike([span, *fields, token, span, other, Loss("token", "a:2", "No", "conll: why"), token])
    assert told == [
        (span, 1),
        (Loss("field", "a:1", "author", "why", 3), 3),
        (Loss("token", "a:1", "", "conll: why", 5), 3),
        (span, 1),
        (other, 1),
    ]


def test_repairs_are_told_with_their_texts_as_long_as_these_are_few() -> None:
    report = Report()
    for name, texts in (("ids", "xyx"), ("spacing", "s"), ("apostrophe", "abcda"), ("label dropped", "abcda")):
        report.repairs.extend(Repair(name, "", text) for text in texts)
    assert report.repair_counts() == {
        "ids: x": 2,
        "ids: y": 1,
        "spacing: s": 1,
        "apostrophe": 5,
        "label dropped: a": 2,
        "label dropped: b": 1,
        "label dropped: c": 1,
        "label dropped: d": 1,
    }
