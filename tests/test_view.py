"""Documents to look at: all of the text, every entity once with its label, and nothing that a terminal would obey."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plain import spans_in
from spacy.displacy.render import SpanRenderer
from strategies import documents
from typer.testing import CliRunner, Result

from converters import Document, Span, write
from converters.cli import app
from converters.errors import Place
from converters.tables import columns
from converters.view import Colours, _stacked, arrange, lines, page
from converters.visible import visible

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


NASTY = st.text(
    st.sampled_from([*"ab12[]()\\²³<>&\"'", *"  \n\n\n\t\r", "東", "京", "\x1b", "\u202e", "\0", "\x1f", "é"])
)


@st.composite
def overlapping(draw: st.DrawFn) -> Document:
    """Entities that nest and cross, in texts full of what marks and HTML are made of."""
    text = draw(NASTY)
    spans = [
        span._replace(label=draw(st.sampled_from(["A", "B", "x)(y", "]\\", "²", "<i>&", "a b"])))
        for span in draw(spans_in(text))
    ]
    return Document(text, tuple(spans), id="x")


def read_marks(shown: str) -> tuple[str, list[Span]]:
    """The text and the entities that marks tell of."""
    text, found = "", []
    opened: list[tuple[str, int]] = []
    pattern = r"\\(?P<own>.)|\[(?P<opens>[⁰¹²³⁴-⁹]*)|(?P<closes>[⁰¹²³⁴-⁹]*)\]\((?P<label>(?:\\.|[^)\\])*)\)|(?P<text>.)"
    for mark in re.finditer(pattern, shown, re.DOTALL):
        if mark["opens"] is not None:
            opened.append((mark["opens"], len(text)))
        elif mark["closes"] is not None:
            place = max(n for n, (number, _) in enumerate(opened) if number == mark["closes"])
            _, start = opened.pop(place)
            found.append(Span(start, len(text), re.sub(r"\\(.)", r"\1", mark["label"])))
        else:
            text += mark["own"] or mark["text"]
    assert opened == []
    return text, found


def named(document: Document) -> Document:
    """The document with names for hidden characters in its text."""
    text = document.text

    def moved(offset: int) -> int:
        return len(visible(text[:offset]))

    spans = tuple(Span(moved(start), moved(end), label) for start, end, label in document.spans)
    return Document(visible(text), spans)


@given(overlapping())
def test_marks_can_be_read_back_and_say_what_the_document_says(document: Document) -> None:
    text, spans = read_marks(body(document))
    assert text == named(document).text
    assert sorted(spans) == sorted(named(document).spans)


@given(overlapping())
def test_in_colours_every_entity_has_its_label_once_whether_they_nest_or_cross(document: Document) -> None:
    shown = body(document, colours=Colours())
    bold = re.findall(r"\x1b\[[\d;]*;1m([^\x1b]*)\x1b\[0m", shown)
    plain = re.sub(r"\x1b\[[\d;]*;1m[^\x1b]*\x1b\[0m", "", shown)
    assert re.sub(r"\x1b\[[\d;]*m", "", plain) == visible(document.text)
    told = Counter("".join(bold))
    for span in document.spans:
        told.subtract(f" {span.label}")
    assert set(+told) <= set("[]⁰¹²³⁴⁵⁶⁷⁸⁹")
    assert not -told
    assert told["["] == told["]"]


@given(overlapping())
def test_entities_cross_where_either_has_a_character_that_the_other_has_not(document: Document) -> None:
    spans = document.spans
    _, sharing, crossing = arrange(spans)
    pairs = [(a, b) for a, b in combinations(range(len(spans)), 2) if spans[b].start < spans[a].end]
    assert sharing == {k for pair in pairs for k in pair}
    crossed = [(a, b) for a, b in pairs if spans[a].start < spans[b].start and spans[a].end < spans[b].end]
    assert crossing == {k for pair in crossed for k in pair}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4), st.sampled_from("AB")), max_size=8))
def test_bars_stand_in_the_rows_that_displacy_would_give_them(made: list[tuple[int, int, str]]) -> None:
    def spans() -> list[dict[str, Any]]:
        return [{"start_token": start, "end_token": start + size, "label": label} for start, size, label in made]

    tokens = list("abcdefghij")
    wanted = SpanRenderer._assemble_per_token_info(tokens, spans())
    found = _stacked(tokens, spans())
    keys = ("label", "is_start", "render_slot", "kb_link")
    assert [token["text"] for token in found] == tokens
    for one, other in zip(found, wanted, strict=True):
        assert [{key: entity[key] for key in keys} for entity in one["entities"]] == other["entities"]


@given(overlapping(), st.integers(6, 30), st.booleans())
def test_wrapping_changes_white_space_alone(document: Document, width: int, is_coloured: bool) -> None:
    colours = Colours() if is_coloured else None

    def letters(shown: str) -> str:
        return "".join(re.sub(r"\x1b\[[\d;]*m", "", shown).split())

    wrapped = body(document, width=width, colours=colours)
    assert letters(wrapped) == letters(body(document, colours=colours))
    for line in wrapped.split("\n"):
        plain = re.sub(r"\x1b\[[\d;]*m", "", line)
        assert columns(plain.replace("\t", "")) <= width - 4
        assert line.count("\x1b[0m") * 2 == line.count("\x1b")  # what begins on a line ends there


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("New York Times", [(0, 14, "ORG"), (4, 8, "LOC")], "[New [York](LOC) Times](ORG)"),
        ("New York Times", [(0, 8, "LOC"), (4, 14, "ORG")], "[¹New [²York¹](LOC) Times²](ORG)"),
        ("New York", [(0, 8, "LOC"), (0, 8, "ORG")], "[[New York](ORG)](LOC)"),
        ("a [b] \\c", [(0, 1, "X")], r"[a](X) \[b\] \\c"),
        ("a² b²", [(0, 2, "X")], r"[a\²](X) b\²"),
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


def test_what_is_hidden_is_named_and_nothing_else_changes() -> None:
    everything = [chr(code) for code in range(sys.maxunicode + 1)]
    named = {character for character in everything if visible(character) != character}
    assert named >= {c for c in everything if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")} - set("\t\n")
    turning = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    assert named >= {c for c in everything if unicodedata.bidirectional(c) in turning}
    assert not any(unicodedata.category(c)[0] in "LMNPS" for c in named)
    assert not named & set("\t\n \u200c\u200d")
    assert len({visible(character) for character in named}) == len(named)
    assert [visible(c) for c in "\x1b\x7f\x9b\u202e"] == ["␛", "␡", "<U+009B>", "<U+202E>"]


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


class Texts(HTMLParser):
    """What a page says of each document: its text, and the labels in it; and all tags and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.labels = "", list[str]()
        self.tags, self.attributes = set[str](), set[str]()
        self.within: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.tags.add(tag)
        self.attributes.update(given)
        if tag == "br":
            self.text += "\n"
        elif tag != "meta":
            self.within.append(given.get("class") or tag)

    def handle_endtag(self, tag: str) -> None:
        self.within.pop()

    def handle_data(self, data: str) -> None:
        if not {"entities", "spans"} & set(self.within):
            return
        if self.within[-1] == "label" or self.within[-2:] == ["mark", "span"]:
            self.labels.append(data)
        else:
            self.text += data


@given(overlapping() | documents())
@example(Document("a b\nc d\n", (Span(0, 3, "X"), Span(2, 3, "Y"), Span(4, 5, "X"), Span(4, 7, "Y"))))
def test_the_page_has_the_text_to_the_letter_and_every_label_once(document: Document) -> None:
    html = "".join(page([replace(document, source=Place('<b a="'))]))
    found = Texts(html)
    assert found.within == []
    assert found.text == visible(document.text)
    assert sorted(found.labels) == sorted(span.label for span in document.spans)
    assert found.tags <= set("html head meta title style body article h1 p span div mark br".split())
    assert found.attributes <= {"charset", "http-equiv", "content", "name", "class", "style"}
    assert html.index("Content-Security-Policy") < html.index("<title")


def test_bars_of_entities_that_cross_stand_in_rows_of_their_own() -> None:
    crossing = Document("a b c d", (Span(0, 5, "X"), Span(2, 7, "Y"), Span(4, 5, "Z")))
    rows = re.findall(r'class="label"[^>]*grid-row: (\d+)">(\w)', "".join(page([crossing])))
    assert rows == [("2", "X"), ("3", "Y"), ("4", "Z")]


def test_entities_deeper_than_can_be_looked_at_have_labels_and_no_bars() -> None:
    html = "".join(page([Document("x " * 200, tuple(Span(2 * n, 399 - 2 * n, "A") for n in range(100)))]))
    assert html.count(">A</span>") == 40
    assert html.count(">A …</span>") == 60
    assert max(token.count('class="bar"') for token in html.split('class="token"')) == 40 + 1


def test_many_entities_in_one_that_spans_many_lines() -> None:
    size = 500
    spans = [Span(0, 2 * size - 1, "ALL"), *(Span(2 * n, 2 * n + 1, "ONE") for n in range(size))]
    found = Texts("".join(page([Document("a\n" * size, tuple(spans))])))
    assert (found.text, len(found.labels)) == ("a\n" * size, size + 1)


def test_a_text_that_runs_from_right_to_left_does_so_on_the_page() -> None:
    html = "".join(page([Document("1 ירושלים", (Span(2, 9, "LOC"),)), Document("Jerusalem")]))
    assert re.findall(r"direction: (\w+)", html) == ["rtl", "ltr"]


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
    assert "no document has the id 'd9' (the headings of nerconv view tell the ids)" in done.stderr
    done = run(str(tmp_path / "a.jsonl"), "--id", "d33")
    assert "no document has the id 'd33' (did you mean d3? the headings" in done.stderr


def test_mistakes(cables: Path, tmp_path: Path) -> None:
    assert run(str(cables), "--color", "blue").exit_code == 2
    assert run(str(tmp_path / "none.txt")).exit_code == 1


def test_a_page_is_written_when_it_is_whole(cables: Path, tmp_path: Path) -> None:
    assert run(str(cables), "--html", str(tmp_path / "a.html")).exit_code == 0
    assert (tmp_path / "a.html").read_text(encoding="utf-8").endswith("</html>\n")
    (tmp_path / "bad.txt").write_text("[LOC x", encoding="utf-8")
    assert run(str(tmp_path / "bad.txt"), "--html", str(tmp_path / "b.html")).exit_code == 1
    assert not (tmp_path / "b.html").exists()


def test_no_documents_are_nothing_to_show(cables: Path) -> None:
    done = run(str(cables), "--limit", "0")
    assert (done.exit_code, done.stdout) == (0, "")


def test_a_later_error_leaves_what_was_shown_before_it(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "good"}\n{"text": 7}\n', encoding="utf-8")
    done = run(str(tmp_path / "a.jsonl"))
    assert done.exit_code == 1
    assert "    good\n" in done.stdout
    assert "a.jsonl:2" in done.stderr


def test_lines_are_as_wide_as_the_terminal_and_elsewhere_as_the_text_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write([Document("word " * 50 + "end", id="d")], tmp_path / "a.jsonl")
    monkeypatch.delenv("COLUMNS", raising=False)
    assert "    " + "word " * 50 + "end\n" in run(str(tmp_path / "a.jsonl")).stdout
    monkeypatch.setenv("COLUMNS", "24")
    assert "\n    word word word word\n" in run(str(tmp_path / "a.jsonl")).stdout


def test_what_the_output_cannot_encode_is_shown_all_the_same(tmp_path: Path) -> None:
    write([Document("Größe 東", id="d")], tmp_path / "a.jsonl")
    done = subprocess.run(
        [sys.executable, "-m", "converters", "view", str(tmp_path / "a.jsonl")],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
        capture_output=True,
    )
    assert done.stdout.endswith("    Größe \\u6771\n\n".encode("latin-1"))
    assert (done.stderr, done.returncode) == (b"", 0)


def on_a_terminal(*arguments: str, **environment: str) -> tuple[str, int]:
    """What the command writes to a terminal, and its exit status."""
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "PAGER", "LESS")}
    pty = pytest.importorskip("pty", reason="there are terminals of another kind")
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


@pytest.mark.parametrize("environment", [{"PAGER": ""}, {"PAGER": "cat"}, {"TERM": "dumb", "PAGER": "false"}])
def test_where_no_pager_is_wanted_or_can_work_there_is_none(cables: Path, environment: dict[str, str]) -> None:
    shown, status = on_a_terminal(str(cables), **environment)
    assert status == 0
    assert shown.startswith("document")
    assert ("\x1b" in shown) == (environment.get("TERM") != "dumb")


def test_less_is_asked_to_show_colours(cables: Path) -> None:
    for own, expected in ({}, "FRX"), ({"LESS": "-S"}, "-R -S"):
        shown, status = on_a_terminal(str(cables), PAGER='cat > /dev/null; echo "LESS is $LESS"', **own)
        assert status == 0
        assert f"LESS is {expected}" in shown


def test_a_file_that_is_not_there_opens_no_pager() -> None:
    shown, status = on_a_terminal("none.txt", PAGER="echo paged")
    assert status == 1
    assert "there is no such file" in shown
    assert "paged" not in shown


def test_the_first_page_waits_for_nothing_after_it(tmp_path: Path) -> None:
    record = '{"text": "Anna met Bo in Oslo.", "spans": [{"start": 0, "end": 4, "label": "PER"}]}\n'
    (tmp_path / "a.jsonl").write_text(record * 20_000 + '{"text": 7}\n', encoding="utf-8")
    shown, status = on_a_terminal(str(tmp_path / "a.jsonl"), PAGER="head -n 1")
    assert (shown.count("document"), status) == (1, 0)
    shown, status = on_a_terminal(str(tmp_path / "a.jsonl"), PAGER="cat > /dev/null")  # who reads to the end is told
    assert ("a.jsonl:20001" in shown, status) == (True, 1)


def test_a_closed_pipe_is_no_error(cables: Path) -> None:
    command = f"{sys.executable} -m converters view {cables} {cables} {cables} | head -n 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("document ")
    assert done.stderr == ""
    assert done.returncode == 0
