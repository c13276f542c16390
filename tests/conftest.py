from __future__ import annotations

from pathlib import Path

import pytest

from converters.document import Document

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def cables() -> Path:
    return ROOT / "data" / "cables"


@pytest.fixture(scope="session")
def seed(cables: Path) -> Document:
    from converters import read

    [document] = read(cables)
    return document
