from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from converters.document import Document

# How long an example takes says nothing about the code on a machine that others share. The same examples are drawn in
# every run, so that a change is judged by what it does and not by luck: `--hypothesis-profile=random` looks for more.
settings.register_profile("nerconv", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None)
settings.load_profile("nerconv")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the golden files anew; read them before committing")
    parser.addoption("--kills", type=int, default=5, help="how often a conversion is killed, at random moments")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kill" in metafunc.fixturenames:
        metafunc.parametrize("kill", range(metafunc.config.getoption("--kills")))


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))


ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def cables() -> Path:
    return ROOT / "data" / "cables"


@pytest.fixture(scope="session")
def seed(cables: Path) -> Document:
    from converters import read

    [document] = read(cables)
    return document
