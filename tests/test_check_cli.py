"""The command `nerconv check`: what it prints, and the status it exits with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from converters.check import KINDS
from converters.cli import app

BRACKETS = "Embassy [LOC Moscow,  ] , please see [LOC the White House  ] .\nThen [PER his Aide  ] came to Paris .\n"


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def write(name: str, *records: tuple[str, list[tuple[int, int, str]]]) -> str:
    """A file of JSON Lines."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for text, spans in records:
            entities = [{"start": a, "end": b, "label": label} for a, b, label in spans]
            file.write(json.dumps({"text": text, "spans": entities}) + "\n")
    return name


def as_json(*arguments: object) -> list[dict[str, Any]]:
    found = json.loads(run(*arguments, "--json").stdout)
    assert isinstance(found, list)
    return found


def test_json_has_these_keys_and_the_text_to_the_letter(cables: Path) -> None:
    result = run(cables, "--json")
    found = json.loads(result.stdout)
    keys = ["name", "severity", "place", "document", "start", "end", "label", "text", "context", "message", "fix"]
    assert all(list(finding) == keys for finding in found)
    points = next(finding for finding in found if finding["text"] == "Points.")
    assert points["name"] == "punctuation"
    assert points["severity"] == "warning"
    assert points["place"].endswith("000_645314542638c154.txt:59:18")
    assert "End Talking Points. ¶9. (SBU)" in points["context"]
    assert points["fix"] == {
        "start": points["start"],
        "end": points["end"] - 1,
        "label": "LOC",
        "text": "Points",
    }
    assert {finding["name"] for finding in found} <= set(KINDS)
    assert all(finding["severity"] == KINDS[finding["name"]].severity for finding in found)


def test_of_very_long_mentions_the_ends_are_told() -> None:
    """Which may lie over one another by the thousand."""
    size = 3_000
    spans = [{"start": k, "end": size - k, "label": "A"} for k in range(100)]
    Path("a.jsonl").write_text(json.dumps({"text": "x " * (size // 2), "spans": spans}), encoding="utf-8")
    found = as_json("a.jsonl")
    assert len(found) > 99
    assert max(len(finding["text"]) for finding in found) < 1_100
    assert max(len(finding["context"]) for finding in found) < 1_100


def test_findings_about_form_in_the_seed(cables: Path) -> None:
    form = {"punctuation", "determiner", "pronoun", "classification-mark", "paragraph-mark"}
    assert [f["text"] for f in as_json(cables) if f["name"] in form] == [
        "DECL:",
        "S/NF",
        "his Department",
        "S/NF",
        "Points.",
        "SBU",
    ]


def test_places_are_those_in_the_file() -> None:
    Path("a.txt").write_text(BRACKETS, encoding="utf-8")
    places = {f["text"]: f["place"] for f in as_json("a.txt", "--ignore", "no-entities,misaligned")}
    for text, place in places.items():
        file, line, column = place.split(":")
        assert file == "a.txt"
        assert BRACKETS.splitlines()[int(line) - 1][int(column) - 1 :].startswith(text)
    assert list(places) == ["Moscow,", "the White House", "his Aide"]


def test_a_line_for_each_and_a_table() -> None:
    Path("a.txt").write_text(BRACKETS, encoding="utf-8")
    result = run("a.txt", "--ignore", "misaligned")
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if line[:4] != "    "] == [
        "a.txt:1:14: warning: LOC 'Moscow,' ends with ',', which is not part of a name (fix: Moscow) [punctuation]",
        "a.txt:1:43: warning: LOC 'the White House' begins with the determiner 'the' (fix: White House) [determiner]",
        "a.txt:2:11: warning: PER 'his Aide' begins with the pronoun 'his' (fix: Aide) [pronoun]",
        "",
        "warning  punctuation  1",
        "warning  determiner   1",
        "warning  pronoun      1",
    ]


def test_exit_status() -> None:
    fine = write("fine.jsonl", ("He saw Moscow there.", [(7, 13, "LOC")]))
    doubtful = write("doubtful.jsonl", ("He saw his Moscow there.", [(7, 17, "LOC")]))
    wrong = write("wrong.jsonl", ("He saw Moscow there.", [(7, 13, "LOC"), (7, 10, "X")]))
    only_notes = write("notes.jsonl", ("He saw Moscow there.", []))
    assert run(fine).exit_code == 0
    assert run(fine).stdout == "nothing found in 1 document with 1 entity\n"
    assert run(fine, "--strict").exit_code == 0
    assert run(doubtful).exit_code == 0
    assert run(doubtful, "--strict").exit_code == 1
    assert run(only_notes, "--strict").exit_code == 0
    assert run(wrong).exit_code == 1
    assert run(wrong, "--json").exit_code == 1
    assert run(wrong, "--ignore", "overlapping", "--ignore", "misaligned,partial-word").exit_code == 0
    assert run("missing.jsonl").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ignore", "punctuatoin"], "there is no finding 'punctuatoin' (did you mean punctuation?)"),
        (["--ignore", "nonsense"], "there is no finding 'nonsense' (there are punctuation, determiner"),
        (["--tokenizer", "nonsense"], "spaCy has no language or pipeline 'nonsense'"),
    ],
)
def test_what_the_command_gets_wrong(arguments: list[str], message: str) -> None:
    result = run(write("a.jsonl", ("He saw Moscow.", [(7, 13, "LOC")])), *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_the_findings_listed_of_a_name_are_few_and_all_are_counted() -> None:
    name = write("a.jsonl", *((f"He saw Moscow{n}, there.", [(7, 14 + len(str(n)), "LOC")]) for n in range(30)))
    lines = run(name, "--show", "2", "--ignore", "misaligned").stdout.splitlines()
    assert [line.rpartition(" ")[2] for line in lines[:4]] == ["[punctuation]", "there."] * 2
    assert lines[1] == "    He saw Moscow0, there."
    assert lines[4:] == ["", "warning  punctuation  30  28 not shown: --show N, --json"]
    assert run(name, "--show", "0").stdout.splitlines()[0] == ""
    assert len(run(name).stdout.splitlines()) > len(lines) + 10
    assert len(as_json(name, "--show", "2", "--ignore", "misaligned")) == 30


def test_parts_by_name_and_by_input() -> None:
    text = "The minister said on Monday that talks will go on."
    one, two = write("train.jsonl", (text, [(21, 27, "DATE")])), write("test.jsonl", (text, [(21, 27, "DATE")]))
    assert [f["name"] for f in as_json(one, two)] == ["leaking-document", "seen-mentions"]
    assert run(one, two).exit_code == 1
    write("x/a.jsonl", (text, [(21, 27, "DATE")]))
    write("x/b.jsonl", (text, [(21, 27, "DATE")]))
    assert [f["name"] for f in as_json("x")] == ["duplicate"]
    assert [f["name"] for f in as_json("x/a.jsonl", "x/b.jsonl")] == ["duplicate"]
    [leak, seen] = as_json("x/a.jsonl", "x/b.jsonl", "--parts")
    assert leak["message"] == "in x/b.jsonl, has the text of a (x/a.jsonl:1), which is in x/a.jsonl"
    assert seen["message"].startswith("100% (1 of 1) of the entities of x/b.jsonl")


def test_labels_can_be_mapped_and_documents_limited_before() -> None:
    name = write("a.jsonl", ("He saw Moscow.", [(7, 13, "LOC")]), ("In Moscow here.", [(3, 9, "GPE")]))
    assert [f["name"] for f in as_json(name)] == ["label-conflict"]
    assert as_json(name, "--map", "GPE=LOC") == []
    assert as_json(name, "--limit", "1") == []


@pytest.mark.parametrize("content", ["", "\n"])
def test_files_without_documents(content: str) -> None:
    Path("a.conll").write_text(content, encoding="utf-8")
    result = run("a.conll", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == []


def test_nothing_in_the_data_reaches_the_terminal_as_a_command() -> None:
    evil = "\x1b[31mRed\x1b[0m\x9b5m\u202eTown"
    text = f"He saw {evil}, there and {evil} here."
    end = 7 + len(evil)
    write("a.jsonl", (text, [(7, end + 1, "LOC\u202e")]), (f"By {evil} now.", [(3, 3 + len(evil), "ORG")]))
    for arguments in (["a.jsonl"], ["a.jsonl", "--json"]):
        shown = run(*arguments).stdout
        assert "Red" in shown
        assert not set(shown) & {"\x1b", "\x9b", "\u202e"}
    assert as_json("a.jsonl", "--ignore", "misaligned")[0]["text"] == f"{evil},"


def test_a_long_mention_does_not_fill_the_terminal() -> None:
    name = write("a.jsonl", ("word " * 5000 + "end", [(0, 25_003, "X")]))
    result = run(name)
    assert "[long-mention]" in result.stdout
    assert max(map(len, result.stdout.splitlines())) < 300
    assert as_json(name)[0]["text"] == "word " * 100 + "..." + (" word" * 5000 + " end")[-500:]
