"""The pictures in the README, made anew from real output: python tests/pictures.py

A terminal session as SVG, by rich, and the page of an evaluation as PNG, by a browser (chromium).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from made_corpus import write_corpus
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / ".github" / "pictures"
WIDTH = 96
SESSION = [
    "nerconv convert data/cables -o corpus",
    'nerconv explain "said , [LOC Venezuela  ] \'s . \\""',
    "nerconv view corpus/corpus.spacy --color always --no-pager | sed -n '5,12p'",
]


def run(command: str, cwd: Path) -> str:
    """What a command prints, both streams as a terminal shows them."""
    environment = os.environ | {"COLUMNS": str(WIDTH), "PYTHONPATH": str(ROOT)}
    call = command.replace("nerconv", f"{sys.executable} -m converters", 1)
    done = subprocess.run(
        call, shell=True, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.stdout


def draw_session(folder: Path) -> None:
    """Draw the session in a terminal's window."""
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    for command in SESSION:
        console.print(Text(f"$ {command}", style="bold"))
        console.print(Text.from_ansi(run(command, folder)))
    drawn = console.export_svg(title="nerconv", theme=DIMMED_MONOKAI, unique_id="nerconv")
    drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)  # nothing is fetched from elsewhere
    (PICTURES / "session.svg").write_text(drawn, encoding="utf-8")


def draw_evaluation(folder: Path) -> None:
    """Draw the page of an evaluation, as a browser shows it."""
    write_corpus(folder / "gold", 30)
    run("nerconv convert gold -o gold.jsonl", folder)
    # a tagger that takes some persons for organisations, and some organisations for places
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if number % 3 == 0:
            line = line.replace('"label": "PER"', '"label": "ORG"', 2)
        if number % 4 == 0:
            line = line.replace('"label": "ORG"', '"label": "LOC"', 1)
        lines[number] = line
    (folder / "worse.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run("nerconv evaluate gold.jsonl worse.jsonl --html evaluation.html", folder)
    switches = "headless=new no-sandbox disable-gpu hide-scrollbars disable-background-networking no-first-run".split()
    picture = f"--screenshot={PICTURES / 'evaluation.png'}"
    call = ["chromium", *(f"--{switch}" for switch in switches), "--window-size=1280,1000", picture]
    subprocess.run([*call, f"--user-data-dir={folder / 'profile'}", (folder / "evaluation.html").as_uri()], check=True)


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").symlink_to(ROOT / "data")
        draw_session(folder)
        draw_evaluation(folder)
