"""What a newcomer meets: help, examples that run, and what the shell completes."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from converters.cli import app

ROOT = Path(__file__).parent.parent
COMMANDS = {
    command.name or command.callback.__name__: command for command in app.registered_commands if command.callback
}


def nerconv(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "converters", *arguments],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80", "NO_COLOR": "1"} | environment,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a fresh clone has of what examples name."""
    folder = tmp_path_factory.mktemp("help")
    (folder / "data").symlink_to(ROOT / "data")
    return folder


def examples(help: str) -> list[str]:
    """The lines of a command's help that are commands."""
    return re.findall(r"^ *Example: (nerconv .*?)\s*$", help, flags=re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_each_command_runs(name: str, folder: Path) -> None:
    done = nerconv(name, "--help", cwd=folder)
    assert done.returncode == 0
    found = examples(done.stdout)
    assert found
    for example in found:
        assert example.split()[1] == name
        done = nerconv(*shlex.split(example)[1:], cwd=folder, PAGER="cat")
        # check tells of what it finds in the example by its exit status
        assert done.returncode == 0 or (name == "check" and done.returncode == 1), done.stderr
        assert done.stdout or done.stderr


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_speaks_of_values_and_not_of_types(name: str | None, folder: Path) -> None:
    text = nerconv(*([name] if name else []), "--help", cwd=folder).stdout
    assert not re.search(r"<[a-z]|TEXT|BOOLEAN|\.\.\.\.|\.\.\.}", text)
    if name and "{IN}" in text:
        assert f"Usage: nerconv {name} [OPTIONS] {{IN}}..." in text
    if name:
        for parameter in get_command(app).commands[name].params:  # type: ignore[attr-defined]
            assert (parameter.metavar or "") in text  # in 80 columns, too


def test_without_arguments_there_is_help(folder: Path) -> None:
    done = nerconv(cwd=folder)
    text = done.stdout + done.stderr
    for name in COMMANDS:
        assert f" {name} " in text
    assert "Example: nerconv convert data/cables -o corpus" in text
    assert "nerconv COMMAND --help" in " ".join(text.split())
    assert "texts that come twice, splits that leak." in " ".join(text.replace("│", "").split())
    assert done.returncode == 2


@pytest.mark.parametrize(("wrong", "right"), [("convrt", "convert"), ("evalute", "evaluate"), ("format", "formats")])
def test_a_mistyped_command_is_told_the_right_one(wrong: str, right: str, folder: Path) -> None:
    done = nerconv(wrong, cwd=folder)
    assert done.returncode == 2
    assert f"'{right}'" in done.stderr


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("nerconv conv", ["convert"]),
        ("nerconv convert --to spacy,js", ["spacy,jsonl"]),
        ("nerconv convert --from conllu", ["conllu"]),
        ("nerconv convert --lay", ["--layout"]),
        ("nerconv convert --layout ", ["flow", "sentences"]),
        ("nerconv convert --repair url,", ["url,apostrophe", "url,url", "url,hyphen", "url,all"]),
        ("nerconv explain --profile p", ["ptb"]),
        ("nerconv evaluate --undefined z", ["zero"]),
        ("nerconv check --ignore pron", ["pronoun"]),
        ("nerconv formats brackets-", ["brackets-line", "brackets-inline"]),
        ("nerconv convert dat", []),  # the shell's own way: files
    ],
)
def test_what_a_shell_completes(line: str, expected: list[str], folder: Path) -> None:
    done = nerconv(cwd=folder, _NERCONV_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(line.count(" ")))
    assert done.stdout.split() == expected


def test_a_shell_can_be_told(folder: Path) -> None:
    done = nerconv("--show-completion", "bash", cwd=folder)
    assert "complete -o default -F" in done.stdout
