"""The registry: a module that is put into the folder is a format, and needs nothing else."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import converters
import converters.formats
import converters.inputs
from converters import Document, Report, UsageError, read
from converters.errors import did_you_mean
from converters.formats import DEFAULTS, Format, by_suffix, default_formats, formats, named, specification
from converters.holding import ASPECTS

PACKAGE = Path(converters.__file__).parent
EXAMPLE = re.search(r"( {4}'''.*?\n {4}\]\n)", converters.formats.__doc__ or "", re.DOTALL)
HEADED = "0-4 LOC\n\nRome fell.\n"


def test_a_format_takes_one_file_and_nothing_else(tmp_path: Path) -> None:
    """The format is the example that the docstring of the formats gives to whoever adds one."""
    assert EXAMPLE
    shutil.copytree(PACKAGE, tmp_path / "converters", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "converters" / "formats" / "headed.py").write_text(dedent(EXAMPLE[0]), encoding="utf-8")
    (tmp_path / "a.headed").write_text(HEADED, encoding="utf-8")
    (tmp_path / "broken.headed").write_text("0-4 LOC\n0 4 LOC\n\nRome fell.", encoding="utf-8")

    def nerconv(*arguments: str, status: int = 0) -> str:
        call = [sys.executable, "-m", "converters", *arguments]
        done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == status
        return done.stderr if status else done.stdout

    nerconv("convert", "a.headed", "-o", "b.jsonl")
    [record] = map(json.loads, (tmp_path / "b.jsonl").read_text(encoding="utf-8").splitlines())
    assert (record["text"], record["meta"]["id"]) == ("Rome fell.\n", "a")
    assert [(span["start"], span["end"], span["label"]) for span in record["spans"]] == [(0, 4, "LOC")]
    nerconv("convert", "b.jsonl", "-o", "c", "--to", "headed")
    assert (tmp_path / "c" / "a.headed").read_bytes() == HEADED.encode()
    told = nerconv("convert", "broken.headed", "-o", "d.jsonl", status=1)
    assert told.startswith("broken.headed:2:1: '0 4 LOC' is no entity (write it as 0-4 LOC)")
    assert any(line.startswith("headed ") for line in nerconv("formats").splitlines())
    assert "holds: white space to the letter, ids, entities in entities" in nerconv("formats", "headed")


def test_the_format_to_begin_with_passes_the_checks() -> None:
    """Each thing in it that has a name of its own says what it is, as the linter wants it."""
    assert EXAMPLE
    module = ast.parse(dedent(EXAMPLE[0]))
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and not getattr(node, "name", "").startswith(
            "_"
        ):
            assert ast.get_docstring(node), getattr(node, "name", "the module")


def test_what_formats_hold_is_told_to_whoever_adds_one() -> None:
    told = re.findall(r"^ {4}([a-z]+)  ", converters.formats.__doc__ or "", re.MULTILINE)
    assert told == list(ASPECTS)


@pytest.mark.parametrize("name", ["text", "txt", "plain"])
def test_the_text_alone_is_no_format(name: str) -> None:
    with pytest.raises(UsageError, match=rf"^unknown format '{name}' \(the text alone is written by brat"):
        named(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("conlll", "unknown format 'conlll' (did you mean conll? nerconv formats lists all)"),
        ("zip", "unknown format 'zip' (nerconv formats lists all)"),
        ("JSONL", "(did you mean jsonl? nerconv formats lists all)"),
        ("bio", "(did you mean conll? nerconv formats lists all)"),
        ("iob2", "(did you mean conll? nerconv formats lists all)"),
        ("ann", "(did you mean brat? nerconv formats lists all)"),
        ("docbin", "(did you mean spacy? nerconv formats lists all)"),
        ("conll-2003", "(did you mean conll-iob1? nerconv formats lists all)"),
        ("prodigy", "(did you mean jsonl? nerconv formats lists all)"),
        ("html", "(HTML with entities in brackets is read as brackets; nerconv view --html writes a page)"),
        ("xlsx", "unknown format 'xlsx' (a spreadsheet's table is conll, tab-separated in a file .tsv)"),
    ],
)
def test_what_is_no_format_is_told_what_there_is_in_a_short_line(name: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        named(name)
    assert str(error.value).endswith(message)
    assert len(str(error.value)) <= 120


def test_documents_without_ids_are_called_by_the_files_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "x.spacy").write_bytes(b"")
    documents = [Document("one"), Document("two", id="own"), Document("three")]
    format = Format("three", (".spacy",), lambda *_: iter(documents))
    monkeypatch.setattr(converters.inputs, "named", lambda name: format)
    found = list(read(tmp_path / "x.spacy"))
    assert [(document.id, document.has_own_id) for document in found] == [("x", False), ("own", True), ("x#3", False)]


def test_the_defaults_are_formats_and_own_their_suffixes() -> None:
    assert set(default_formats()) == DEFAULTS
    for name, format in default_formats().items():
        assert formats()[name] is format
        assert by_suffix(f"x{format.suffixes[0]}") is format


@pytest.mark.parametrize("name", list(formats()))
def test_every_format_has_a_specification(name: str) -> None:
    assert len(specification(name).splitlines()) > 5


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("jsonl", '{"text": "Rome", "label": [[0, 4, "LOC"]]}\n'),
        ("jsonl", '[{"id": 1, "data": {"text": "Rome"}, "annotations": [{"result": [{"type": "labels", "value": '
         '{"start": 0, "end": 4, "labels": ["LOC"]}}]}]}]'),
        ("jsonl", '["Rome", {"entities": [[0, 4, "LOC"]]}]\n'),
        ("jsonl", '{"tokens": ["Rome"], "ner_tags": ["B-LOC"]}\n'),
        ("jsonl", '{"tokenized_text": ["Rome"], "ner": [[0, 0, "LOC"]]}\n'),
        ("jsonl", '{"text": "Rome", "spans": [{"start": 0, "end": 4, "label": "LOC"}]}\n'),
        ("conll", "O\t0\t0\tO\t-X-\t-DOCSTART-\tx\tx\t0\n\nB-LOC\t0\t0\tO\tNNP\tRome\tx\tx\t0\n"),
        ("conll", "Rome\tS-LOC\n"),
    ],
)  # fmt: skip
def test_the_name_of_a_family_finds_the_variant_out(format: str, content: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(content, encoding="utf-8")
    [document] = read(tmp_path / "a", format=format, report=Report())
    assert [(document.text[start:end], label) for start, end, label in document.spans] == [("Rome", "LOC")]


def test_few_names_are_all_told_beside_the_nearest_one() -> None:
    few, many = ["red", "green", "blue"], [f"colour {n}" for n in range(9)]
    assert did_you_mean("gren", few) == "did you mean green? there are red, green, blue"
    assert did_you_mean("colour9", many) == "did you mean colour 8?"
    assert did_you_mean("xyz", many, "look there") == "look there"
