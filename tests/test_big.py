"""Big inputs are read, or refused in a line: some rows of `benchmarks/big.py`, small, to see that it still says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BIG = Path(__file__).parent / "benchmarks" / "big.py"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "rows", "count", "options"),
    [
        ("gigabyte", "array|CoNLL, one", 2, []),
        ("line", "^brat|^conll, a long (tag|label)", 6, []),
        ("line", "number that is too large|a tag with a long", 2, ["--scale", "0.05", "--most", "0.6"]),
        ("entities", "^nested, (xml|check)", 4, []),
        ("files", "shards|evaluate$", 3, []),
    ],
)
def test_they_are(part: str, rows: str, count: int, options: list[str]) -> None:
    call = [sys.executable, str(BIG), part, "--only", rows, "--scale", "0.0002", *options]
    done = subprocess.run(call, capture_output=True, text=True, env={"PYTHONPATH": str(BIG.parent.parent.parent)})
    lines = done.stdout.splitlines()
    assert lines[-1:] == ["all are as they should be"], done.stdout + done.stderr
    assert len(lines) == count + 3
