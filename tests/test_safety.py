"""Who may do what: data never runs as code, reaches the network, leads out of OUT, or steers a terminal."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from converters import DataError, Document, Report, Span, write
from converters.formats import formats

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "converters").rglob("*.py"))

WATCH = """
import sys
out = open(%r, "a", encoding="utf-8", errors="backslashreplace")
WRITING = 0x3  # O_WRONLY and O_RDWR
def watch(event, arguments):
    if event.startswith(("socket.", "pickle.", "subprocess.", "os.system", "os.exec", "os.spawn")):
        print(event, *arguments[:2], file=out, flush=True)
    elif event == "open" and isinstance(arguments[0], (str, bytes)) and arguments[2] & WRITING:
        print("write", repr(arguments[0]), file=out, flush=True)
    elif event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.truncate", "shutil.rmtree"):
        print("write", repr(arguments[1] if event == "os.rename" else arguments[0]), file=out, flush=True)
sys.addaudithook(watch)
"""

EVIL = "\x1b]0;owned\x07\x1b[2J\u202e\x9b31m"
"""What would rename a terminal's window, clear it, and turn the direction of writing."""

SCRIPT = "</script></textarea><img src=x onerror=alert(1)><script>alert(2)</script>&quot;'\""


def call_of(node: ast.Call) -> str:
    return ast.unparse(node.func)


def test_nothing_of_the_library_runs_data() -> None:
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
                found += [(path.name, m) for m in modules if m.split(".")[0] in {"pickle", "marshal", "shelve", "dill"}]
            if isinstance(node, ast.Call):
                name = call_of(node)
                if name in {"eval", "exec", "compile", "__import__", "os.system", "yaml.load", "yaml.unsafe_load"}:
                    found.append((path.name, name))
                if any(k.arg == "shell" for k in node.keywords):
                    found.append((path.name, "a shell"))
    assert found == [("view.py", "a shell")]  # that of $PAGER


def test_commands_touch_no_network_unpickle_nothing_and_write_to_out_alone(tmp_path: Path) -> None:
    """The events that Python's audit hooks tell of (PEP 578), of all commands over data that would do harm."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "tmp").mkdir()
    log = tmp_path / "log.txt"
    (tmp_path / "hook" / "sitecustomize.py").write_text(WATCH % str(log), encoding="utf-8")
    with (tmp_path / "in.jsonl").open("w", encoding="utf-8") as file:
        for number, id in enumerate(["../../etc/a", "/etc/b", "c", "~/d", "e/../../f", "$(touch g)"]):
            text = f"{number} Anna {SCRIPT} {EVIL} http://example.org/{number} <!ENTITY x SYSTEM 'http://example.org'>"
            spans = [{"start": 2, "end": 6, "label": "PER"}]
            file.write(
                json.dumps({"text": text, "spans": spans, "meta": {"id": id, "url": "http://example.org"}}) + "\n"
            )
    (tmp_path / "in.xml").write_text(
        '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d><PER>Bo</PER> &x;</d>'
    )
    calls = [
        "convert in.jsonl -o out/all --tokenizer en --to "
        + ",".join(n for n, f in formats().items() if f.writer and not f.one_each and n != "parquet"),
        "convert in.jsonl -o out/shards --tokenizer en --shard-size 2 -j 2 --to spacy,jsonl --report out/report.json",
        "convert in.jsonl -o out/brat --to brat",
        "convert in.jsonl -o out/xml --to xml",
        "convert in.xml -o out/x.jsonl",
        "convert out/all/corpus.spacy -o out/y.jsonl",
        "check in.jsonl",
        "stats in.jsonl --html out/stats.html",
        "view in.jsonl --html out/view.html",
        "view in.jsonl",
        "evaluate in.jsonl in.jsonl --html out/evaluation.html --errors",
        "agree in.jsonl in.jsonl --disagreements",
        "split in.jsonl -o out/split --tokenizer en --split-by sentence",
        "formats",
    ]
    environment = os.environ | {
        "PYTHONPATH": f"{tmp_path / 'hook'}{os.pathsep}{ROOT}",
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PAGER": "cat",
    }
    for call in calls:
        done = subprocess.run(
            [sys.executable, "-m", "converters", *call.split()],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr, call
        assert done.returncode in (0, 1), (call, done.stderr)
        shown = [c for c in done.stdout + done.stderr if unicodedata.category(c) == "Cc" and c != "\n"]
        assert shown == [], call
        assert "\u202e" not in done.stdout + done.stderr
    events = log.read_text(encoding="utf-8").splitlines()
    written = {ast.literal_eval(line.removeprefix("write ")) for line in events if line.startswith("write ")}
    assert any("out" in path for path in map(str, written))
    ours = [str(tmp_path / "out"), str(tmp_path / "tmp"), os.devnull, "/dev/shm", str(log)]
    strays = {
        path
        for path in map(os.fsdecode, written)
        if not os.path.abspath(os.path.join(tmp_path, path)).startswith(tuple(ours)) and not path.startswith("/proc")
    }
    assert strays == set()
    harmless = (
        "write ",
        "socket.__new__ <socket.socket fd=-1",
        "socket.bind <socket.socket fd=",  # urllib3, which spaCy imports, asks whether there is IPv6
        "pickle.find_class converters.",  # what our own processes send each other
        "pickle.find_class pathlib",
        "pickle.find_class collections Counter",
    )
    assert [line for line in events if not line.startswith(harmless)] == []
    assert all("('::1', 0)" in line for line in events if line.startswith("socket.bind"))
    assert {path.name for path in tmp_path.iterdir()} == {"hook", "tmp", "in.jsonl", "in.xml", "out", "log.txt"}


@pytest.mark.parametrize("format", [name for name, format in formats().items() if format.writer and format.one_each])
@pytest.mark.parametrize(
    "id",
    ["../a", "..", ".", "/etc/a", "a/../../b", "a//b", "a/", "", "a\0b", "a\\b", "C:a", "a/./b", "\ud800", "a" * 300],
)
def test_an_id_never_leads_out_of_the_folder(format: str, id: str, tmp_path: Path) -> None:
    document = Document("Bo", (Span(0, 2, "PER"),), id=id)
    with pytest.raises(DataError, match=r"is no name for a file .give the document another id"):
        write([document], tmp_path / "in" / "out", format=format, report=Report())
    assert list(tmp_path.iterdir()) == []
