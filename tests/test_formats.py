"""The registry: a module that is put into the folder is a format, and needs nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import converters
from converters import Report, read
from converters.formats import DEFAULTS, by_suffix, default_formats, formats, specification

PACKAGE = Path(converters.__file__).parent
TOY = '''"""A toy: the text of a document in capitals."""

from ..document import Document
from . import Format


def read(file, source, options, report):
    yield Document(file.read().decode().lower(), id=source.id)


class Writer:
    def __init__(self, file, options, report):
        self.file = file

    def write(self, document):
        self.file.write(document.text.upper().encode())

    def close(self):
        pass


FORMATS = [Format("toy", (".toy",), read, Writer, "capitals", holds=frozenset({"spacing", "ids"}))]
'''


def test_a_format_takes_one_file_and_nothing_else(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "converters", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "converters" / "formats" / "toy.py").write_text(TOY, encoding="utf-8")
    (tmp_path / "a.toy").write_text("ROME", encoding="utf-8")

    def nerconv(*arguments: str) -> str:
        call = [sys.executable, "-m", "converters", *arguments]
        return subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    nerconv("convert", "a.toy", "-o", "b.jsonl")
    assert '"text": "rome"' in (tmp_path / "b.jsonl").read_text(encoding="utf-8")
    nerconv("convert", "b.jsonl", "-o", "c.toy")
    assert (tmp_path / "c.toy").read_text(encoding="utf-8") == "ROME"
    assert any(line.startswith("toy ") for line in nerconv("formats").splitlines())
    assert "A toy: the text of a document in capitals." in nerconv("formats", "toy").splitlines()


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
