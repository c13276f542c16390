"""What each format cannot hold, and the balance that tells of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from converters import DataError, Document, Report, Span, Tokens, WriteOptions, convert, read, write
from converters.formats import formats
from converters.holding import ASPECTS, hold
from converters.options import Changes

CASES = Path(__file__).parent / "cases" / "balance.json"
RECORD = {
    "text": "Anna met\nIBM-men in New York.  Bye.",
    "tokens": [
        {"text": "Anna", "start": 0, "end": 4, "id": 0, "ws": True, "pos": "PROPN", "score": 0.5},
        {"text": "met", "start": 5, "end": 8, "id": 1, "ws": False, "pos": "VERB"},
        {"text": "\n", "start": 8, "end": 9, "id": 2, "ws": False},
        {"text": "IBM-men", "start": 9, "end": 16, "id": 3, "ws": True, "pos": "NOUN"},
        {"text": "in", "start": 17, "end": 19, "id": 4, "ws": True, "pos": "ADP"},
        {"text": "New", "start": 20, "end": 23, "id": 5, "ws": True, "pos": "PROPN"},
        {"text": "York", "start": 24, "end": 28, "id": 6, "ws": False, "pos": "PROPN"},
        {"text": ".", "start": 28, "end": 29, "id": 7, "ws": True, "pos": "PUNCT"},
        {"text": " ", "start": 30, "end": 31, "id": 8, "ws": False},
        {"text": "Bye", "start": 31, "end": 34, "id": 9, "ws": False, "pos": "INTJ"},
        {"text": ".", "start": 34, "end": 35, "id": 10, "ws": False, "pos": "PUNCT"},
    ],
    "spans": [
        {"start": 0, "end": 4, "label": "PER", "kb_id": "Wikidata:Q1", "sure": True},
        {"start": 9, "end": 12, "label": "ORG"},
        {"start": 20, "end": 28, "label": "LOC"},
        {"start": 24, "end": 28, "label": "LOC"},
    ],
    "sents": [{"start": 0, "end": 29}, {"start": 31, "end": 35}],
    "meta": {"id": "a7", "source": "s.txt", "topic": "news"},
    "answer": "accept",
}
"""A document with everything that a format may not hold."""


@pytest.mark.parametrize("names", [{1: "a", "1": "b"}, {None: "a", "null": "b"}, {1.5: "a", "1.5": "b"}])
@pytest.mark.parametrize("name", [name for name, format in formats().items() if format.writer])
def test_two_names_that_are_the_same_as_text_are_an_error(name: str, names: Any, tmp_path: Path) -> None:
    span, tokens, columns = Span(0, 1, "X"), Tokens.make([0], [1]), {"head": [[names]], "other": [1]}
    for aspect, document in [
        ("metadata", Document("a", (span,), tokens, id="a", meta=names)),
        ("metadata", Document("a", (span,), tokens, id="a", meta={"k": [{"k": names}]})),
        ("attributes", Document("a", (span,), tokens, {span: names}, id="a")),
        ("columns", Document("a", (span,), Tokens.make([0], [1], None, columns), id="a")),
    ]:
        out = tmp_path if formats()[name].one_each else tmp_path / "a"
        if aspect in formats()[name].holds:
            with pytest.raises(DataError, match=r"two names that both are '(1|null|1\.5)' as text \(rename one"):
                write([document], out, format=name, report=Report())
        else:
            write([document], out, format=name, report=Report())


@pytest.mark.parametrize("name", [name for name, format in formats().items() if "metadata" in format.holds])
def test_a_name_that_is_no_text_becomes_some(name: str, tmp_path: Path) -> None:
    names: Any = {1: "a", False: "b", "__record__": {3: "c"}}
    write([Document("a", (), Tokens.make([0], [1]), id="a", meta=names)], tmp_path / "a", format=name, report=Report())
    [back] = read(tmp_path / "a", format=name)
    assert (back.meta["1"], back.meta["false"]) == ("a", "b")


@pytest.mark.parametrize("name", [name for name, format in formats().items() if format.writer])
def test_the_balance_names_all_that_a_format_cannot_hold(
    name: str, tmp_path: Path, update: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.jsonl").write_text(json.dumps(RECORD), encoding="utf-8")
    out = Path("out") if formats()[name].one_each else Path(f"out{formats()[name].suffixes[0]}")
    report = convert(["in.jsonl"], out, to=[name], changes=Changes(on_overlap="first"))
    found = [f"lost {loss.kind} {loss.text!r} x {loss.count}: {loss.reason}" for loss in report.lost]
    found += [f"{repair.name}: {repair.text}" for repair in report.repairs]
    found.append(f"out: {json.dumps(report.written[name].as_dict())}")
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    if update:
        CASES.write_text(json.dumps(cases | {name: found}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    assert found == cases[name]


def test_nothing_is_taken_where_a_format_holds_everything() -> None:
    tokens = Tokens.make([0, 2], [1, 3], [0, 1], {"pos": ["N", "V"]})
    document = Document("a b", (Span(0, 1, "X"),), tokens, {Span(0, 1, "X"): {"id": "1"}}, id="a", meta={"n": 1})
    report = Report()
    assert hold(document, frozenset(ASPECTS), "x", report) is document
    assert not report.lost
    assert not report.repairs


def test_an_id_that_a_file_gave_is_not_missed() -> None:
    report = Report()
    hold(Document("a").identified("a", is_own=False), frozenset(), "x", report)
    assert not report.repairs
    hold(Document("a", id="a"), frozenset(), "x", report)
    assert [(repair.name, repair.text) for repair in report.repairs] == [("ids", "not kept by x")]


def test_what_the_choice_of_a_format_means_is_no_error_and_what_it_costs_besides_is(tmp_path: Path) -> None:
    tokens = Tokens.make([0, 2], [1, 3], [0, 1])
    write([Document("a b", (), tokens)], tmp_path / "a.json", format="label-studio")
    columns = Tokens.make([0], [1], None, {"pos": ["N"]})
    with pytest.raises(DataError, match="lost field 'pos': it holds no columns of tokens"):
        write([Document("a", (), columns)], tmp_path / "b.json", format="label-studio")


@pytest.mark.parametrize("name", [name for name, format in formats().items() if format.writer])
def test_no_field_of_the_data_takes_the_place_of_one_of_the_format(name: str, tmp_path: Path) -> None:
    """Attributes, columns and metadata that are called as what a format says of entities, tokens and documents."""
    entity = Span(0, 4, "PER")
    document = Document(
        "Anna met",
        (entity,),
        Tokens.make([0, 5], [4, 8], [0], dict.fromkeys(("id", "start", "text", "ws"), ("1", "2"))),
        {entity: {"label": "x", "start": "y", "text": "z", "token_end": "1"}},
        "a",
        None,
        {"id": "b"},
    )
    report = Report()
    write([document], f"{tmp_path / 'out'}/", format=name, report=report, options=WriteOptions(comments=True))
    [back] = read(tmp_path / "out", report=Report())
    assert (back.text, back.spans) == (document.text, document.spans)
    assert back.id == "a" or "ids" not in formats()[name].holds
    assert any("the document's own id is a" in loss.reason and loss.text == "id" for loss in report.lost)
    for kind, kept in [("start", back.attributes.get(entity, {})), ("ws", back.tokens.columns if back.tokens else {})]:
        assert kind in kept or any(kind in loss.text for loss in report.lost)


def test_fields_whose_names_are_no_text_are_told_all_the_same(tmp_path: Path) -> None:
    meta: dict[Any, object] = {1: 2, None: 3, "__x__": {4: 5}}
    report = Report()
    write([Document("a", (), Tokens.make([0], [1]), meta=meta)], tmp_path / "a.conll", report=report)
    assert ("1, None, 4", "conll: it holds no metadata") in [(loss.text, loss.reason) for loss in report.lost]
