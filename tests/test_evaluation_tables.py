"""The tables for a terminal and in Markdown."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from plain import Sides, sides

from converters.document import Document, Span
from converters.evaluation import Evaluation, evaluate
from converters.evaluation.evaluation import Settings
from converters.evaluation.tables import as_markdown, as_text

TEXT = "Bo met Rome"
ODD = [
    "a|b",
    "\U0001f600",
    "\u65e5\u672c\u8a9e",
    "*x*",
    "_y_",
    "`z`",
    "<b>",
    "[c](d)",
    "\\",
    "~s~",
    "&lt;",
    "B-X",
    "Größe",
]


def made(label: str = "PER", **settings: Any) -> Evaluation:
    gold = [
        Document(TEXT, (Span(0, 2, label), Span(7, 11, "LOC")), id="a"),
        Document(TEXT, (Span(0, 2, label),), id="b"),
    ]
    predicted = [
        Document(TEXT, (Span(0, 2, label), Span(7, 11, label)), id="a"),
        Document(TEXT, (Span(3, 6, "ORG"),), id="b"),
    ]
    return evaluate(gold, {"tagger": predicted}, settings=Settings(**settings))


def test_the_text() -> None:
    text = as_text(made(samples=50))
    lines = [line.split() for line in text.splitlines()]
    assert text.startswith("nerconv 0.1 | match exact | unit char | tags strict | docs 2 | undefined omit\n")
    assert lines[1] == ["documents", "are", "paired", "by", "id"]
    assert lines[4] == ["precision", "recall", "F1", "95%", "of", "F1", "tp", "fp", "fn", "gold"]
    assert lines[6][:4] == ["LOC", "undefined", "0.00", "0.00"]
    assert lines[6][-4:] == ["0", "0", "1", "1"]
    assert lines[7][:4] == ["ORG", "0.00", "undefined", "0.00"]
    assert lines[8][:4] == ["PER", "50.00", "50.00", "50.00"]
    assert lines[9][:4] == ["micro", "33.33", "33.33", "33.33"]
    assert ["strict", "33.33", "33.33", "33.33", "1", "1", "0", "1", "1"] in lines
    assert ["missed", "spurious", "label", "boundary", "both"] in lines
    assert ["1", "1", "1", "0", "0"] in lines
    assert "By length in words" in text
    assert "token" not in text  # there are no tokens
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize(("undefined", "shown"), [("omit", "undefined"), ("zero", "0.00"), ("one", "100.00")])
def test_what_a_score_without_a_value_is_shown_as(undefined: str, shown: str) -> None:
    [line] = [line for line in as_text(made(undefined=undefined)).splitlines() if line.startswith("LOC  ")][:1]
    assert line.split()[1] == shown


def test_without_samples_there_is_no_column_of_intervals() -> None:
    assert "95%" not in as_text(made())
    assert "95%" in as_text(made(samples=10))


def test_comparisons_are_shown() -> None:
    one = made().corpus
    gold = [
        Document(text, tuple(Span(*s) for s in spans))
        for text, spans in zip(one.texts or (), one.by_document(one.gold), strict=True)
    ]
    text = as_text(
        evaluate(gold, {"first": gold, "second": [Document(d.text) for d in gold]}, settings=Settings(samples=99))
    )
    assert "Compared, by micro F1" in text
    [line] = [line.split() for line in text.splitlines() if "to second" in line]
    assert line[:4] == ["first", "to", "second", "-100.00"]
    assert re.fullmatch(r"[01]\.\d{4}", line[4])


def width(text: str) -> int:
    """Columns on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


@pytest.mark.parametrize("label", ODD)
def test_columns_stand_one_under_another(label: str) -> None:
    lines = as_text(made(label)).splitlines()
    at = lines.index("tagger")
    rows = lines[at + 1 : lines.index("", at)]
    assert any(row.startswith(label) for row in rows)
    counted = [row for row in rows if row.split()[-1].isdigit() or row.endswith("gold")]
    assert len({width(row) for row in counted}) == 1


def cells(line: str) -> list[str]:
    """The cells of a row of a Markdown table as they are shown: with escapes and HTML's names of characters read."""
    parts = re.split(r"(?<!\\)(?:\\\\)*\|", line.strip())
    assert parts[0] == parts[-1] == ""
    read = re.compile(r"\\([!-/:-@\[-`{-~])|(&\w+;)|[*_`<>~]")
    return [read.sub(lambda m: m[1] or html.unescape(m[2] or ""), part.strip()) for part in parts[1:-1]]


@pytest.mark.parametrize("label", ODD)
def test_markdown_takes_any_label(label: str) -> None:
    markdown = as_markdown(made(label, samples=20))
    tables: list[list[list[str]]] = [[]]
    for line in markdown.splitlines():
        if line.startswith("|"):
            tables[-1].append(cells(line))
        elif tables[-1]:
            tables.append([])
    assert sum(map(bool, tables)) >= 5
    for table in filter(None, tables):
        assert {len(row) for row in table} == {len(table[0])}
        assert set(table[1]) <= {"---", "---:"}
    assert label in [row[0] for row in tables[0]]


@given(sides(max_size=2))
def test_every_evaluation_can_be_shown(both: Sides) -> None:
    evaluation = evaluate(*both, settings=Settings(samples=5))
    micro = evaluation.systems[0].micro
    for text in (as_text(evaluation), as_markdown(evaluation)):
        [line] = [line for line in text.splitlines() if re.match(r"(\| )?micro ", line)]
        numbers = [int(part) for part in line.replace("|", " ").split()[-4:]]
        assert numbers == [*micro, micro.support]
