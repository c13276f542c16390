"""No input takes time that is more than linear: each row of the table of worst cases, small and eight times as large.

Only the proportion is looked at, so it holds on a machine that is slow or busy. `benchmarks/worst.py` measures the rows
at sizes at which they take a while.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from benchmarks.worst import ROWS, Row, cpu, reads

from converters.check.form import HOLDS_MARK, IS_MARK
from converters.html import cuts
from converters.rules import _is_url

FACTOR = 8
MOST = 3 * FACTOR
"""Time that is linear grows by `FACTOR`, and by its square if it is not."""
LEAST = 0.001
"""Seconds that are nothing."""


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.attacks}: {row.name}".encode("unicode_escape").decode())
def test_time_is_linear(row: Row) -> None:
    sizes = [row.size // 2, row.size // 2 * FACTOR]
    for _ in range(3):
        small, large = cpu(row, sizes, 1)
        if large <= MOST * max(small, LEAST):
            return
    pytest.fail(f"{small:.4f} s at {sizes[0]:,}, {large:.4f} s at {sizes[1]:,}")


MILLIONS = 5_000_000
"""Of repetitions of a group, so many that regex raises MemoryError if it remembers each."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "run",
    [
        lambda: list(cuts("<a " + "x" * MILLIONS + ">")),
        lambda: list(cuts("<a " + "''" * MILLIONS + ">")),
        lambda: list(cuts("<a" + " [A" * MILLIONS + " b=c>")),
        lambda: _is_url("a." * MILLIONS),
        lambda: IS_MARK.fullmatch("S" + "//SI" * MILLIONS),
        lambda: HOLDS_MARK.search("(S" + "//SI" * MILLIONS + ")"),
        lambda: reads("xml")(b"<a " + b"b=c " * MILLIONS),
        lambda: reads("conll")(b"a\t" + b"\\s" * 3 * MILLIONS + b"\tO\n"),
    ],
    ids="a-tag quotes brackets host mark marks attributes spaces".split(),
)
def test_millions_of_repetitions_do_not_take_all_memory(run: Callable[[], object]) -> None:
    run()
