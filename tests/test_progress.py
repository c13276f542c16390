"""How far a conversion is, as a person sees it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from converters import convert
from converters.cli import terminal
from converters.cli.terminal import how_far, print_table, progress, working
from converters.inputs import Progress
from converters.tables import Table


@pytest.mark.parametrize(
    ("at", "seconds", "line"),
    [
        (
            Progress(1200, 5_000_000, 20_000_000, 2),
            5,
            "1,200 documents, 5.0 of 20.0 MB, 1.0 MB/s, 0:00:15 left, 2 errors",
        ),
        (Progress(1, 1_000, 3_600_001_000, 0), 1, "1 document, 0.0 of 3,600.0 MB, 0.0 MB/s, 1000:00:00 left, 0 errors"),
        (Progress(3, 6_000_000, 6_000_000, 1), 3, "3 documents, 6.0 of 6.0 MB, 2.0 MB/s, 1 error"),
        (Progress(3, 0, 0, 0), 3, "3 documents, 0 errors"),  # standard input
    ],
)
def test_a_line(at: Progress, seconds: float, line: str) -> None:
    assert how_far(at, seconds) == line


@pytest.mark.parametrize("size", [None, 2])
def test_lines_now_and_then_where_there_is_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], size: int | None
) -> None:
    (tmp_path / "in").mkdir()
    for number in range(6):
        (tmp_path / "in" / f"{number}.txt").write_text("[LOC Rome  ] . \n", encoding="utf-8")
    for every in (0, 1000):
        monkeypatch.setattr(terminal, "EVERY_SECONDS", every)
        with progress() as watch:
            convert([tmp_path / "in"], tmp_path / f"out{every}", to=["jsonl"], shard_size=size, watch=watch)
    lines = capsys.readouterr().err.splitlines()
    counts = [line.split()[0] for line in lines]
    assert counts == (["0", "2", "4", "6"] if size else ["1", "2", "3", "4", "5", "6"])
    assert lines[-1].startswith("6 documents, 0.0 of 0.0 MB")


def test_quiet_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with progress(quiet=True) as watch:
        assert watch is None
    monkeypatch.setattr(terminal, "EVERY_SECONDS", 0)
    with working("comparing", quiet=True):
        pass
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("is_terminal", [False, True])
def test_work_that_takes_long_is_told_while_it_lasts(monkeypatch: pytest.MonkeyPatch, is_terminal: bool) -> None:
    pty = pytest.importorskip("pty", reason="there are terminals of another kind")
    ours, theirs = pty.openpty() if is_terminal else os.pipe()
    with open(theirs, "w", encoding="utf-8") as stderr:
        monkeypatch.setattr("sys.stderr", stderr)
        monkeypatch.setattr(terminal, "EVERY_SECONDS", 0.01)
        monkeypatch.setattr(terminal, "SHORTLY", 0)
        told = ""
        with working("comparing"):
            while "comparing" not in told:
                told += os.read(ours, 1000).decode()
        assert is_terminal or told.startswith("comparing, 0:00:00\n")
        monkeypatch.undo()
    os.close(ours)


def test_the_last_column_is_folded_to_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("name", "what it is"), ("brat", "standoff beside the text in a file of its own"), ("xml", "")]
    print_table(rows)
    assert capsys.readouterr().out.splitlines()[1] == "brat  standoff beside the text in a file of its own"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    print_table(rows)
    lines = ["name  what it is", "brat  standoff beside the text", "      in a file of its own", "xml"]
    assert capsys.readouterr().out.splitlines() == lines
    monkeypatch.setenv("COLUMNS", "25")  # too narrow to be worth it
    print_table(rows)
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_table_goes_on_below_where_a_terminal_is_too_narrow() -> None:
    table = Table("Confusion", ["", "LOC", "ORG", "missed"], [["LOC", "10", "2", "3"], ["ORG", "", "7", ""]])
    whole = ["Confusion", "      LOC   ORG   missed", "─" * 24, "LOC    10     2        3", "ORG           7"]
    assert table.as_text().splitlines() == table.as_text(24).splitlines() == whole
    below = ["", "      missed", "─" * 12, "LOC        3", "ORG"]
    assert table.as_text(23).splitlines() == [
        "Confusion",
        "      LOC   ORG",
        "─" * 15,
        "LOC    10     2",
        "ORG           7",
        *below,
    ]
    assert table.as_text(5).splitlines()[1::5] == ["      LOC", "      ORG", "      missed"]  # one column at least
