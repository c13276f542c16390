"""Documents to look at: all of the text, every entity once with its label, and nothing that a terminal would obey."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from plain import spans_in
from strategies import documents
from typer.testing import CliRunner, Result

from converters import Document, Span, write
from converters.cli import app
from converters.errors import Place
from converters.tables import columns
from converters.view import Colours, lines, page, visible

ROOT = Path(__file__).parent.parent


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["view", *arguments])


def body(document: Document, **settings: object) -> str:
    """What stands under the heading, without the indent."""
    shown = list(lines(document, **settings))  # type: ignore[arg-type]
    return "\n".join(line.removeprefix("    ") for line in shown[shown.index("") + 1 : -1])


@given(documents())
def test_colours_and_marks_add_to_the_text_and_take_nothing_away(document: Document) -> None:
    coloured = body(document, colours=Colours())
    without = re.sub(r"\x1b\[[\d;]*;1m [^\x1b]*\x1b\[0m", "", coloured)  # the labels
    without = re.sub(r"\x1b\[[\d;]*m", "", without)
    assert without.split() == visible(document.text).split()
    labels = re.findall(r";1m (?P<label>[^\x1b]+)\x1b\[0m", coloured)
    assert sorted(labels) == sorted(span.label for span in document.spans)


@given(documents().flatmap(lambda d: spans_in(d.text).map(lambda spans: Document(d.text, spans, id="x"))))
def test_every_entity_is_marked_once_whether_they_nest_or_cross(document: Document) -> None:
    shown = body(document)
    closings = re.findall(r"(?<!\\)[⁰¹²³⁴-⁹]*\]\((?P<label>(?:\\.|[^)\\])+)\)", shown)
    assert sorted(closings) == sorted(span.label for span in document.spans)
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\[", shown)) == len(document.spans)


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("New York Times", [(0, 14, "ORG"), (4, 8, "LOC")], "[New [York](LOC) Times](ORG)"),
        ("New York Times", [(0, 8, "LOC"), (4, 14, "ORG")], "[¹New [²York¹](LOC) Times²](ORG)"),
        ("New York", [(0, 8, "LOC"), (0, 8, "ORG")], "[[New York](ORG)](LOC)"),
        ("a [b] \\c", [(0, 1, "X")], r"[a](X) \[b\] \\c"),
        ("a b", [(0, 1, "X)(Y")], r"[a](X\)(Y) b"),
        ("one\n\ntwo", [(0, 8, "X")], "[one\n\ntwo](X)"),
    ],
)
def test_marks(text: str, spans: list[tuple[int, int, str]], expected: str) -> None:
    assert body(Document(text, tuple(Span(*span) for span in spans))) == expected


def test_lines_are_no_wider_than_the_terminal_and_lose_nothing() -> None:
    text = "word " * 40 + "x" * 70 + " 東京は日本の首都です。" * 6 + "\tend"
    document = Document(text, (Span(0, 9, "A"), Span(200, 270, "B")), id="d")
    for width in (20, 40, 80):
        shown = list(lines(document, width=width))
        assert all(columns(line.replace("\t", " " * 8)) <= width for line in shown)
        plain = "".join(shown[shown.index("") + 1 :]).replace("[", "").replace("](A)", "").replace("](B)", "")
        assert "".join(plain.split()) == "".join(text.split())


def test_the_heading_tells_where_and_how_many() -> None:
    document = Document("a b c", (Span(0, 1, "X"), Span(2, 3, "Y"), Span(4, 5, "X")), id="d/1", source=Place("f", 3))
    assert list(lines(document))[:3] == ["document  d/1", "source    f:3", "entities  3  X 2  Y 1"]


# What data may do to a terminal or a browser

HOSTILE = "a\x1b[31mred\x07 \x9b2J \u202eevil\u2069 \x00 <script>alert(1)</script> &amp; \u200b."


def test_no_character_of_the_data_acts_on_the_terminal() -> None:
    document = Document(HOSTILE, (Span(0, 9, "<b>\u202e"),), id="\x1b]0;title\x07", source=Place("\x1bf"))
    for colours in (None, Colours()):
        shown = "\n".join(lines(document, colours=colours))
        left = re.sub(r"\x1b\[[\d;]*m", "", shown) if colours else shown
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]", left)
        assert "␇ <U+009B>2J <U+202E>evil<U+2069> ␀" in left
        assert left.startswith("document  ␛]0;title␇\nsource    ␛f\n")


@pytest.mark.parametrize("is_flat", [True, False])
def test_nothing_of_the_data_is_html(is_flat: bool) -> None:
    spans = [Span(0, 9, "<img src=x onerror=alert(1)>")] + [Span(2, 13, '"><i>')] * (not is_flat)
    html = "".join(page([Document(HOSTILE, tuple(spans), id="<u>id</u>", source=Place("<s>"))]))
    for tag in ("<script", "<img", "<i>", "<u>", "<s>"):
        assert tag not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "default-src 'none'" in html
    assert not re.search(r"https?://|src=|@import|url\(", html.replace("&lt;img src=x", ""))


def test_the_page_shows_every_entity(seed: Document) -> None:
    html = "".join(page([seed, Document("", id="empty"), Document("a b", (Span(0, 3, "X"), Span(0, 1, "Y")), id="n")]))
    assert html.count("<mark") == 159
    assert html.count('class="label"') == 2
    assert html.count("<article") == 3


def test_a_label_has_one_colour_and_another_label_another_one() -> None:
    colours = Colours()
    assert len({colours[f"L{n}"] for n in range(14)}) == 14
    again = Colours()
    assert [again[f"L{n}"] for n in range(14)] == [colours[f"L{n}"] for n in range(14)]
    assert colours["PER"] == colours["person"] == colours["PERSON"]


# The command


def test_it_prints_marks_where_there_is_no_terminal(cables: Path) -> None:
    done = run(str(cables))
    assert done.exit_code == 0
    assert done.stdout.count("](") == 159
    assert "\x1b" not in done.stdout
    assert run(str(cables), "--color", "always").stdout.count("\x1b[48") > 159


def test_one_document_of_many(tmp_path: Path) -> None:
    write([Document(f"text {n}", id=f"d{n}") for n in range(5)], tmp_path / "a.jsonl")
    done = run(str(tmp_path / "a.jsonl"), "--id", "d3")
    assert "text 3" in done.stdout
    assert "text 2" not in done.stdout
    done = run(str(tmp_path / "a.jsonl"), "--id", "d9")
    assert done.exit_code == 1
    assert "no document has the id 'd9'" in done.stderr


def test_mistakes(cables: Path, tmp_path: Path) -> None:
    assert run(str(cables), "--color", "blue").exit_code == 2
    assert run(str(tmp_path / "none.txt")).exit_code == 1


def test_a_page_is_written_when_it_is_whole(cables: Path, tmp_path: Path) -> None:
    assert run(str(cables), "--html", str(tmp_path / "a.html")).exit_code == 0
    assert (tmp_path / "a.html").read_text(encoding="utf-8").endswith("</html>\n")
    (tmp_path / "bad.txt").write_text("[LOC x", encoding="utf-8")
    assert run(str(tmp_path / "bad.txt"), "--html", str(tmp_path / "b.html")).exit_code == 1
    assert not (tmp_path / "b.html").exists()


def on_a_terminal(*arguments: str, **environment: str) -> tuple[str, int]:
    """What the command writes to a terminal, and its exit status."""
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "PAGER", "LESS")}
    master, slave = pty.openpty()
    call = [sys.executable, "-m", "converters", "view", *arguments]
    process = subprocess.Popen(
        call, cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, env=env | {"TERM": "xterm-256color"} | environment
    )
    os.close(slave)
    found = b""
    while True:
        try:
            piece = os.read(master, 1 << 16)
        except OSError:
            break
        if not piece:
            break
        found += piece
    os.close(master)
    return found.decode("utf-8", "replace"), process.wait()


def test_a_terminal_has_colours_and_a_pager(cables: Path, tmp_path: Path) -> None:
    pager = f'{sys.executable} -c \'import sys; open("{tmp_path}/paged", "w").write(sys.stdin.read())\''
    _, status = on_a_terminal(str(cables), PAGER=pager)
    assert status == 0
    assert (tmp_path / "paged").read_text(encoding="utf-8").count("\x1b[48") > 159
    shown, status = on_a_terminal(str(cables), PAGER="head -n 1")  # who quits has seen enough
    assert (status, "Traceback" in shown) == (0, False)
    shown, status = on_a_terminal(str(cables), "--no-pager", NO_COLOR="1")
    assert status == 0
    assert "[Moscow](LOC)" in shown
    shown, status = on_a_terminal(str(cables), PAGER="no-such-pager-anywhere")
    assert status == 2
    assert "the pager 'no-such-pager-anywhere' is not there" in shown


def test_a_closed_pipe_is_no_error(cables: Path) -> None:
    command = f"{sys.executable} -m converters view {cables} {cables} {cables} | head -n 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("document ")
    assert done.stderr == ""
    assert done.returncode == 0
