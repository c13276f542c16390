"""Other locales, encodings, time zones, hash seeds, options of Python: the same bytes; `systems` tries more of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from systems import OWN, ROOT, STRICT, Setting, compare, content, differences, locale, outputs

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return outputs(tmp_path_factory.mktemp("plain"), Setting())


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting",
    [
        Setting({**ASCII, "PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, reverse=True, umask=0o077, encoding=OWN),
        Setting({"PYTHONIOENCODING": "cp1252", "PYTHONHASHSEED": "2"}, ("-OO", *STRICT), encoding="cp1252"),
        Setting({"TZ": "America/St_Johns"}, ("-O",), absolute=True),
    ],
    ids=["ascii", "cp1252", "elsewhere"],
)
def test_every_system_writes_the_same_bytes(tmp_path: Path, plain: dict[str, bytes], setting: Setting) -> None:
    assert len(plain) > 200
    assert differences(plain, outputs(tmp_path, setting), setting) == []


@pytest.mark.slow
def test_so_does_a_locale_of_eight_bits(tmp_path: Path, plain: dict[str, bytes]) -> None:
    variables = locale(tmp_path, "tr_TR", "ISO-8859-9")
    if variables is None:
        pytest.skip("this system cannot make the locale")
    setting = Setting(variables, encoding="iso-8859-9")
    assert differences(plain, outputs(tmp_path, setting), setting) == []


def test_digests_that_are_not_the_same_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(tmp_path / f"{number}.json") for number in range(3)]
    for file, digests in zip(files, [{"a": "1", "b": "2"}, {"b": "2", "a": "1"}, {"a": "0", "c": "3"}], strict=True):
        Path(file).write_text(json.dumps(digests), encoding="utf-8")
    assert compare(files[:2])
    assert not compare(files)
    assert capsys.readouterr().out.splitlines()[1:] == [f"{files[1]}: the same", f"{files[2]}: a, b, c"]


def test_what_libraries_and_systems_spell_otherwise_has_the_same_content(tmp_path: Path) -> None:
    assert content("a.spacy", zlib.compress(b"a" * 99, 1)) == content("a.spacy", zlib.compress(b"a" * 99, 9))
    assert content("a.json", rb'{"file": "in\\a.txt"}') == content("a.json", b'{"file": "in/a.txt"}')
    assert content("a.cfg", b"[a]\nx = 1e-08\n\n[a.b]\ny = [1,2]") == content(
        "a.cfg", b'[a]\nb = {"y": [1, 2]}\nx = 0.00000001'
    )
    assert content("a.cfg", b"[a]\nx = 1") != content("a.cfg", b"[a]\nx = 2")


@pytest.mark.parametrize("values", [["a"], ["a", "b"]])
def test_a_table_has_the_content_of_its_rows(tmp_path: Path, values: list[str]) -> None:
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    found = set()
    for compression in ("zstd", "none"):
        parquet.write_table(pa.table({"x": values}), tmp_path / "a.parquet", compression=compression)
        found.add(content("a.parquet", (tmp_path / "a.parquet").read_bytes()))
    [only] = found
    assert str(values).encode() in only


def nerconv(
    *arguments: str, cwd: Path, options: tuple[str, ...] = (), **variables: str
) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTHONUTF8": "1", **variables}
    call = [sys.executable, *options, "-m", "converters", *arguments]
    return subprocess.run(call, cwd=cwd, env=environment, capture_output=True)


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text")
def test_a_file_name_of_another_encoding(tmp_path: Path) -> None:
    """Its bytes are no UTF-8; what is beside it is found all the same, and so are files of that name."""
    folders = [tmp_path / name for name in ("brat", "tagged", "originals")]
    for folder in folders:
        folder.mkdir()
    (folders[0] / os.fsdecode(b"\xe9.txt")).write_bytes("Zoë".encode())
    (folders[0] / os.fsdecode(b"\xe9.ann")).write_bytes("T1\tPER 0 3\tZoë\n".encode())
    (folders[1] / os.fsdecode(b"\xe9.txt")).write_bytes("[PER Zoë  ] .".encode())
    (folders[2] / os.fsdecode(b"\xe9.txt")).write_bytes("Zoë.".encode())
    (folders[1] / os.fsdecode(b"\xe9.pdf")).write_bytes(b"")
    for variables in ({}, ASCII):
        for more in (["brat"], ["tagged", "--source", "originals"]):
            call = ["convert", *more, "-o", "out.jsonl", "--report", "report.json", "-q"]
            done = nerconv(*call, cwd=tmp_path, **variables)
            assert (done.returncode, done.stderr) == (0, b"")
            assert '"id": "\ufffd"' in (tmp_path / "out.jsonl").read_text(encoding="utf-8")
        assert "\ufffd.pdf" in (tmp_path / "report.json").read_text(encoding="utf-8")
    done = nerconv("evaluate", "tagged/" + os.fsdecode(b"\xe9.txt"), "tagged", "--json", cwd=tmp_path)
    assert done.returncode == 0
    done.stdout.decode()


def test_what_is_entered_into_markup_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ä.txt").write_text("[PER Zoë  ] . \n", encoding="utf-8")
    assert nerconv("convert", "in", "-o", "a.jsonl", "-q", cwd=tmp_path).returncode == 0
    done = nerconv("convert", "a.jsonl", "--into", "in", "-o", "out", cwd=tmp_path, **ASCII)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["ä.txt"]


def test_python_may_leave_docstrings_out(tmp_path: Path) -> None:
    for arguments in (["formats", "rasa"], ["--help"], ["convert", "--help"]):
        plain = nerconv(*arguments, cwd=tmp_path)
        assert len(plain.stdout) > 800
        assert nerconv(*arguments, cwd=tmp_path, options=("-OO",)).stdout == plain.stdout


def test_the_first_unknown_name_is_told_whatever_the_hash_seed(tmp_path: Path) -> None:
    for seed in "0123":
        done = nerconv("check", str(ROOT / "data"), "--ignore", "a,b,c,d,e,f,g", cwd=tmp_path, PYTHONHASHSEED=seed)
        assert done.stderr.startswith(b"nerconv: there is no finding 'a'")
