"""The README is run: its commands, its Python, and the promises that it shares with other files."""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from pictures import PICTURES, SESSION, run
from typer.main import get_command

from converters.check import KINDS
from converters.cli import app
from converters.formats import formats

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return tmp_path


@pytest.mark.parametrize("block", SHELL)
def test_commands_print_what_the_readme_says(block: str, checkout: Path) -> None:
    env = os.environ | {"COLUMNS": "100", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = entry.partition("\n")
        program, *arguments = shlex.split(command)
        assert program == "nerconv"
        call = [sys.executable, "-m", "converters", *arguments]
        done = subprocess.run(call, cwd=checkout, env=env, capture_output=True, text=True, encoding="utf-8")
        shown = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
        assert [line for line in shown if line] == [line.rstrip() for line in expected.splitlines() if line.strip()]


@pytest.mark.skipif(os.name == "nt", reason="there is no sed")
def test_the_picture_of_a_session_shows_what_commands_print(checkout: Path) -> None:
    drawn = (PICTURES / "session.svg").read_text(encoding="utf-8")
    told = "".join(unescape("".join(re.findall(r"<text [^>]*>([^<]*)", drawn))).split())
    for command in SESSION:
        assert "".join(command.split()) in told
        for line in re.sub("\x1b[^m]*m", "", run(command, checkout)).splitlines():
            assert "".join(line.split()) in told


def test_python_examples_are_true(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    blocks = "\n".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(blocks, {}, "README.md", "README.md", 0)
    assert len(test.examples) > 4
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0


def keys(value: object) -> set[str]:
    """All names of fields in JSON."""
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


LABELS = {"LOC", "MISC", "ORG", "PER"}
SCHEMAS = {"strict", "exact", "partial", "type"}
KINDS_OF_DISAGREEMENT = {"label", "boundary", "both", "only_a", "only_b"}


@pytest.mark.parametrize(
    ("mark", "command", "others"),
    [
        (
            '"comparisons"',
            "evaluate data/cables tagged.conll ben.conll --train data/cables --json",
            {"", *LABELS, *SCHEMAS},
        ),
        ('"token_sources"', "agree data/cables tagged.conll --json", {*LABELS, *KINDS_OF_DISAGREEMENT, "of cables"}),
        ('"severity"', "check data/cables --json", set()),
        ('"ambiguity"', "stats data/cables --json", {*LABELS, "count", "min", "mean", "median", "max", "counts"}),
    ],
)
def test_the_fields_of_json_are_told(mark: str, command: str, others: set[str], checkout: Path) -> None:
    def nerconv(command: str) -> str:
        call = [sys.executable, "-m", "converters", *command.split()]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(call, cwd=checkout, env=env, capture_output=True, encoding="utf-8").stdout

    for name, change in (("tagged", "MISC=ORG"), ("ben", "LOC=PER")):
        nerconv(f"convert data/cables -o {name}.conll --map {change} -q")
    [block] = [found for found in re.findall(r"```text\n(.*?)```", README, re.DOTALL) if mark in found]
    told = set(re.findall(r'"(\w+)"', block))
    found = keys(json.loads(nerconv(command)))
    assert told <= found
    assert {name for name in found - told - others if not re.match("[0-9]", name)} == set()


def test_the_docstring_of_the_package_is_true() -> None:
    import converters

    assert doctest.testmod(converters).failed == 0


def test_every_command_and_option_is_told() -> None:
    command = get_command(app)
    for name, sub in command.commands.items():  # type: ignore[attr-defined]
        assert f"nerconv {name}" in README
        for parameter in sub.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert f"`{option}" in README, f"{option} of {name} is not in the README"


def test_the_table_of_formats_is_that_of_the_command() -> None:
    ways = {True: "yes", False: ""}
    expected = [
        f"| `{format.name}` | {' '.join(f'`{suffix}`' for suffix in format.suffixes)} "
        f"| {ways[format.reader is not None]} | {ways[format.writer is not None]} | {format.summary} |"
        for format in formats().values()
    ]
    found = [line for line in README.splitlines() if line.startswith("| `") and line.count("|") == 6]
    missing = [line for line in expected if line not in found]
    stray = [line for line in found if line not in expected]
    assert not missing, "add to the table of formats in README.md: " + "\n".join(missing)
    assert not stray, "take out of the table of formats in README.md: " + "\n".join(stray)
    assert found == expected, "order the table of formats in README.md as its modules are: " + "\n".join(expected)


def test_the_table_of_findings_is_that_of_the_check() -> None:
    expected = [f"| `{name}` | {kind.severity} | {kind.summary} |" for name, kind in KINDS.items()]
    assert [
        line for line in README.splitlines() if re.match(r"\| `[a-z-]+` \| (error|warning|note) \|", line)
    ] == expected


def test_ci_runs_the_readmes_test_command() -> None:
    [command] = re.findall(r"^python3 -m venv .*pytest$", README, re.MULTILINE)
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_nothing_stands_at_the_top_that_does_not_belong_there() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not in a git checkout")
    top = {line.split("/")[0] for line in done.stdout.splitlines()}
    plain = {name for name in top if not name.startswith(".")}
    assert plain == {"LICENSE", "README.md", "converters", "data", "pyproject.toml", "tests"}
