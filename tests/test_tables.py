"""Tables of names and numbers as text."""

from __future__ import annotations

import pytest

from converters.tables import WIDEST, Table, columns

TABLE = Table("Labels", ["", "read", "conll", "jsonl"], [["LOC", "64", "64", "64"], ["地名", "1", "1", "1"]])


def test_names_are_to_the_left_and_numbers_to_the_right() -> None:
    assert TABLE.as_text().splitlines() == [
        "Labels",
        "       read   conll   jsonl",
        "─" * 27,
        "LOC      64      64      64",
        "地名      1       1       1",
    ]
    assert TABLE.as_text(27) == TABLE.as_text()


def test_what_does_not_fit_goes_on_below() -> None:
    first, second = TABLE.as_text(26).split("\n\n")
    assert first.splitlines()[-2:] == ["LOC      64      64", "地名      1       1"]
    assert second.splitlines()[-2:] == ["LOC       64", "地名       1"]


@pytest.mark.parametrize("room", [1, 5, 11])
def test_a_column_of_numbers_is_there_however_little_room_there_is(room: int) -> None:
    assert [part.splitlines()[-2].split() for part in TABLE.as_text(room).split("\n\n")] == [["LOC", "64"]] * 3


def test_a_long_cell_is_told_by_its_ends() -> None:
    table = Table("", ["", "n"], [["x" * 1000, "1"]])
    assert all(
        columns(line) < WIDEST + 10 for text in (table.as_text(), table.as_markdown()) for line in text.split("\n")
    )
