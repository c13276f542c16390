"""What a command does when the system lets it down: full disks, closed streams, files that are not to be had.

Each time: a message that names the file, exit status 1, no traceback, and nothing lost or half-written.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from converters import DataError, Report, read
from converters.finding import find_inputs
from converters.inputs import read_all
from converters.options import ReadOptions

ROOT = Path(__file__).parent.parent
IS_ROOT = os.name == "posix" and os.geteuid() == 0
pytestmark = pytest.mark.skipif(os.name == "nt", reason="these are faults of POSIX systems")

DENIED = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search,-fowner"]
"""Root as far as names go, but without its right to read and write whatever it likes."""


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "converters", *map(str, arguments)]


def run(call: Sequence[str], *, ahead: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command, in a shell with redirections (`ahead`) where there are any."""
    if "/dev/full" in ahead and not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    if ahead:
        call = ["bash", "-c", f'"$@" {ahead}; exit ${{PIPESTATUS[0]}}', "bash", *call]
    environment = {name: value for name, value in os.environ.items() if name != "NERCONV_TRACEBACK"}
    return subprocess.run(call, capture_output=True, text=True, env=environment | {"PYTHONPATH": str(ROOT)})


def denied(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command that may do no more than the rights of files say."""
    if IS_ROOT and not shutil.which("setpriv"):
        pytest.skip("root may do everything here")
    return run([*(DENIED if IS_ROOT else ()), *command(*arguments)])


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for 600 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if not IS_ROOT or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder]).returncode:
        pytest.skip("no file system can be mounted")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def archive(tmp_path: Path, cables: Path) -> Path:
    """Thirty documents, which as JSON are 4 MB."""
    folder = tmp_path / "archive"
    folder.mkdir()
    [seed] = cables.glob("*.txt")
    for number in range(30):
        shutil.copy(seed, folder / f"{number:02}.txt")
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# standard streams

DATA = str(ROOT / "data" / "cables")
PRINTING = [
    ["convert", DATA, "--to", "jsonl", "-o", "-", "-q"],
    ["formats"],
    ["formats", "conll"],
    ["explain", "a ."],
    ["check", DATA, "-q"],
    ["stats", DATA],
    ["view", DATA],
    ["evaluate", DATA, DATA, "--json"],
    ["--help"],
]


@pytest.mark.parametrize("call", PRINTING, ids=" ".join)
def test_standard_output_that_is_full_is_an_error(call: list[str]) -> None:
    done = run(command(*call), ahead="> /dev/full")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr


@pytest.mark.parametrize("call", PRINTING[:3], ids=" ".join)
def test_standard_output_that_is_closed_is_an_error(call: list[str]) -> None:
    done = run(command(*call), ahead=">&-")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "cannot be written: Bad file descriptor" in done.stderr or "standard output: Bad file" in done.stderr


@pytest.mark.parametrize("call", PRINTING, ids=" ".join)
def test_whoever_has_seen_enough_is_told_nothing(call: list[str]) -> None:
    done = run(command(*call), ahead="| head -c 1 > /dev/null")
    assert done.stderr == ""


def test_standard_input_that_is_closed_is_an_error() -> None:
    done = run(command("convert", "-", "--to", "jsonl", "-o", "-"), ahead="<&-")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "-: cannot be read: Bad file descriptor\n")


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full", "<&- >&- 2>&-"])
def test_messages_that_nobody_can_read_are_not_in_the_way(closed: str, tmp_path: Path) -> None:
    run(command("convert", DATA, "-o", tmp_path / "expected.jsonl"))
    run(command("convert", DATA, "-o", tmp_path / "made.jsonl"), ahead=closed)
    assert (tmp_path / "made.jsonl").read_bytes() == (tmp_path / "expected.jsonl").read_bytes()


# no room


@pytest.mark.parametrize("name", ["out.jsonl", "out", "out.spacy"])
def test_a_full_disk_leaves_what_was_there(archive: Path, small: Path, name: str) -> None:
    run(command("convert", DATA, "-o", small / name, "-q"))
    before = files(small)
    assert before
    (small / "filling").write_bytes(bytes(300_000))
    done = run(command("convert", archive, "-o", small / name, "-q"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"{small / name}")
    assert done.stderr.endswith(": cannot be written: No space left on device\n")
    assert {path: data for path, data in files(small).items() if path != "filling"} == before


@pytest.mark.parametrize("more", [[], ["-j", "2"]], ids=["one process", "two"])
def test_on_a_full_disk_whole_shards_stay_and_there_is_a_way_on(
    archive: Path, small: Path, tmp_path: Path, more: list[str]
) -> None:
    asked = ["--shard-size", "2", "--to", "jsonl,brackets", "-q", *more]
    run(command("convert", archive, "-o", tmp_path / "expected", *asked))
    expected = files(tmp_path / "expected")
    done = run(command("convert", archive, "-o", small, *asked))
    assert done.returncode == 1
    assert ": cannot be written: No space left on device\n" in done.stderr
    made = files(small)
    assert "part-00000.jsonl" in made or more  # of two that are made at a time neither may have room
    assert [name for name in made if not name.startswith(".") and made[name] != expected[name]] == []
    assert [name for name in made if name.endswith(".tmp")] == []
    subprocess.run(["mount", "-o", "remount,size=20m", small], check=True)
    assert run(command("convert", archive, "-o", small, *asked, "--resume")).returncode == 0
    assert files(small) == expected


# files that change


def test_a_file_that_is_written_to_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "growing.conll"
    path.write_text("a O\n\n-DOCSTART- O\n\nb O\n")
    documents = read(path)
    assert next(documents).text == "a"
    with path.open("a") as file:
        file.write("\n-DOCSTART- O\n\nc O\n")
    with pytest.raises(DataError, match=r"growing\.conll: this file was changed while it was read"):
        list(documents)


def test_a_file_that_is_read_to_its_end_may_change_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("a O\n")
    assert [document.text for document in read(path)] == ["a"]
    path.write_text("b O\n")
    assert [document.text for document in read(path)] == ["b"]


def test_a_pipe_is_read(tmp_path: Path) -> None:
    call = f"{sys.executable} -m converters convert <(printf 'a O\\n') --from conll --to conll -o -"
    done = run(["bash", "-c", call])
    assert (done.returncode, done.stdout) == (0, "-DOCSTART- -X- O O\n\na\tO\n\n")


def test_a_file_that_vanishes_is_named(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.conll").write_text("a O\n")
    found = find_inputs([tmp_path], report=Report())
    (tmp_path / "b.conll").unlink()
    report = Report(keep_going=True)
    assert [document.id for document in read_all(found, ReadOptions(), report)] == ["a", "c"]
    assert [str(failure) for failure in report.failures] == [
        f"{tmp_path / 'b.conll'}: cannot be read: No such file or directory"
    ]


# rights


def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    for name in ("in/a.conll", "secret/b.conll"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("a O\n")
    (tmp_path / "in/a.conll").chmod(0)
    (tmp_path / "secret").chmod(0)
    out = tmp_path / "out.jsonl"
    for path, named in [("in/a.conll",) * 2, ("in", "in/a.conll"), ("secret",) * 2, ("secret/b.conll",) * 2]:
        done = denied("convert", tmp_path / path, "-o", out)
        assert (done.returncode, done.stderr) == (1, f"{tmp_path / named}: cannot be read: Permission denied\n")
    for option in ("--map", "--source"):
        done = denied("convert", DATA, "-o", out, option, tmp_path / "secret" / "b.conll")
        assert (done.returncode, done.stderr) == (1, f"{tmp_path}/secret/b.conll: cannot be read: Permission denied\n")
    done = denied("convert", DATA, "-o", out, "--source", tmp_path / "secret")
    assert (done.returncode, done.stderr) == (1, f"{tmp_path}/secret: cannot be read: Permission denied\n")
    assert not out.exists()
    (tmp_path / "secret").chmod(0o700)


@pytest.mark.parametrize(
    "call",
    [
        ["convert", DATA, "-o", "{}"],
        ["convert", DATA, "-o", "{}/out.jsonl"],
        ["convert", DATA, "-o", "{}/new/out.jsonl"],
        ["convert", DATA, "-o", "{}", "-j", "2"],
        ["convert", DATA, "-o", "{}", "--resume"],
        ["convert", DATA, "-o", "{}/../ok.jsonl", "--report", "{}/report.json"],
        ["stats", DATA, "--html", "{}/page.html"],
        ["view", DATA, "--html", "{}/page.html"],
        ["evaluate", DATA, DATA, "--html", "{}/page.html"],
        ["split", "{}/../three", "-o", "{}/new"],
        ["prepare", "{}/../three", "-o", "{}/new"],
    ],
    ids=lambda call: " ".join(call).replace(DATA, "IN"),
)
def test_where_nothing_may_be_written_nothing_is(tmp_path: Path, call: list[str]) -> None:
    (tmp_path / "three").mkdir()
    for name in ("one went away", "two stayed here", "three came later"):
        (tmp_path / "three" / f"{name}.txt").write_text(f"[PER {name}  ] . \n" * 3)
    target = tmp_path / "read only"
    target.mkdir(mode=0o500)
    done = denied(*(part.format(target) for part in call))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"{target}" in done.stderr
    assert ": cannot be written: Permission denied" in done.stderr
    assert list(target.iterdir()) == []


# links


def test_links_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, reason in [("gone", "No such file or directory"), ("loop", "Too many levels of symbolic links")]:
        link = tmp_path / "in" / f"{name}.conll"
        link.symlink_to(f"{name}.conll" if name == "loop" else "nowhere")
        done = run(command("convert", tmp_path / "in", "-o", tmp_path / "out.jsonl"))
        assert (done.returncode, done.stderr) == (1, f"{link}: cannot be read: {reason}\n")
        done = run(command("convert", link, "-o", tmp_path / "out.jsonl"))
        assert (done.returncode, done.stderr) == (1, f"{link}: there is no such file (look at the spelling)\n")
        link.unlink()


def test_folders_that_hold_themselves_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("a O\n")
    (tmp_path / "again").symlink_to(".")
    os.mkfifo(tmp_path / "pipe.conll")
    report = Report()
    assert [item.origin for item in find_inputs([tmp_path], report=report)] == ["a.conll"]
    assert {Path(path).name: reason for path, reason in report.skipped} == {
        "again": "a link to a folder",
        "pipe.conll": "a pipe or a device",
    }


def test_an_output_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    link = tmp_path / "out.jsonl"
    link.symlink_to(tmp_path / "far" / "there.jsonl")
    assert run(command("convert", DATA, "-o", link, "-q")).returncode == 0
    assert link.is_symlink()
    assert (tmp_path / "far" / "there.jsonl").stat().st_size > 100_000
    link.unlink()
    link.symlink_to(link)
    done = run(command("convert", DATA, "-o", link, "-q"))
    assert (done.returncode, done.stderr) == (1, f"{link}: cannot be written: Too many levels of symbolic links\n")
    assert link.is_symlink()


def test_shards_that_are_taken_away_are_no_others(tmp_path: Path) -> None:
    """A link among the shards of an earlier run leads to what is not nerconv's."""
    call = ["convert", DATA, "-o", str(tmp_path / "out"), "--shard-size", "1", "--to", "brackets", "-q"]
    assert run(command(*call)).returncode == 0
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "precious.txt").write_text("months of work")
    (tmp_path / "out" / "part-00001").symlink_to(tmp_path / "own")
    assert run(command(*call)).returncode == 0
    assert (tmp_path / "own" / "precious.txt").read_text() == "months of work"


# faults of our own


def test_a_fault_of_our_own_is_a_message_too(tmp_path: Path) -> None:
    """As where a library that is used has another version than it should."""
    (tmp_path / "sitecustomize.py").write_text(
        "import converters.formats.conll as c\nc.from_conll = None\n"
        "import converters.labels as l\ndef read_map(text): raise KeyError('x')\nl.read_map = read_map\n"
    )
    call = command("convert", DATA, "-o", str(tmp_path / "out.jsonl"), "--map", "A=B")
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run(call, capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("nerconv: KeyError: 'x' (this is a fault of nerconv; please report it")
    done = subprocess.run(call, capture_output=True, text=True, env=environment | {"NERCONV_TRACEBACK": "1"})
    assert "Traceback" in done.stderr


# files of the user's


@pytest.mark.parametrize(
    ("call", "precious"),
    [
        (["in", "-o", "in", "--to", "xml"], "in/a.xml"),
        (["brat/a.ann", "-o", "brat/a.txt", "--tokenizer", "en"], "brat/a.txt"),
        (["tagged", "--source", "original", "-o", "original", "--to", "brackets"], "original/t.txt"),
        (["tagged/t.txt", "-o", "new.jsonl", "--report", "tagged/t.txt"], "tagged/t.txt"),
        (["out/part-00000.jsonl", "-o", "out", "--shard-size", "1", "--to", "jsonl"], "out/part-00000.jsonl"),
        (["out/corpus-00000.spacy", "-o", "out", "--to", "spacy"], "out/corpus-00000.spacy"),
        (["in", "--into", "tagged", "-o", "tagged"], "tagged/a.txt"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_no_output_takes_the_place_of_what_is_read(tmp_path: Path, call: list[str], precious: str) -> None:
    content = {
        "in/a.xml": "<doc><!-- a comment --><PER>Bo</PER> left.</doc>",
        "in/t.xml": "<doc>Rome.</doc>",
        "brat/a.txt": "Bo left",
        "brat/a.ann": "T1\tPER 0 2\tBo\n",
        "original/t.txt": "Rome .",
        "tagged/t.txt": "[LOC Rome  ] . \n",
        "tagged/a.txt": "[PER Bo  ] left . \n",
    }
    put(tmp_path, content)
    assert nerconv(tmp_path, "tagged", "-o", "out", "--shard-size", "2", "--to", "jsonl", "-q").returncode == 0
    assert nerconv(tmp_path, "tagged", "-o", "out/corpus-00000.spacy", "-q").returncode == 0
    if "tagged" in call[:1] and "--source" in call:
        (tmp_path / "tagged/a.txt").unlink()
    before = files(tmp_path)
    done = nerconv(tmp_path, *call)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"{precious}: this ")
    assert files(tmp_path) == before


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def nerconv(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "converters", "convert", *arguments]
    return subprocess.run(call, capture_output=True, text=True, cwd=cwd, env=os.environ | {"PYTHONPATH": str(ROOT)})


def test_outputs_that_cannot_all_be_placed_are_not_placed_in_part(tmp_path: Path) -> None:
    ids = ["0", "a", "a.txt/b"]  # a file and a folder of one name
    (tmp_path / "in.jsonl").write_text("".join(f'{{"text": "x", "meta": {{"id": "{id}"}}}}\n' for id in ids))
    (tmp_path / "out").mkdir()
    (tmp_path / "out/0.txt").write_text("old")
    done = nerconv(tmp_path, "in.jsonl", "-o", "out", "--to", "brackets", "--tokenizer", "en", "-q")
    assert (done.returncode, done.stderr) == (1, "out/a.txt: cannot be written: Is a directory\n")
    assert files(tmp_path / "out") == {"0.txt": b"old"}
    (tmp_path / "out/corpus.spacy").mkdir()
    done = nerconv(tmp_path, "in.jsonl", "-o", "out", "--tokenizer", "en", "-q")
    assert (done.returncode, done.stderr) == (1, "out/corpus.spacy: cannot be written: Is a directory\n")
    assert files(tmp_path / "out") == {"0.txt": b"old"}


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    name = "a" * 249 + ".jsonl"
    assert nerconv(tmp_path, DATA, "-o", name, "-q").returncode == 0
    assert list(files(tmp_path)) == [name]


def test_the_report_is_told_apart_before_anything_is_done(tmp_path: Path) -> None:
    done = nerconv(tmp_path, DATA, "-o", "out.jsonl", "--report", ".")
    assert (done.returncode, done.stderr) == (
        2,
        "nerconv: .: the report is a file, and this is a folder (name a file in it)\n",
    )
    (tmp_path / "a.conll").write_text("a B-\n")
    done = nerconv(tmp_path, "a.conll", "-o", "out.jsonl", "--report", "a.conll/report.json")
    assert done.stderr.startswith("a.conll:1:3: ")  # what is wrong with the data is what is told


@pytest.mark.parametrize("more", [[], ["--shard-size", "1"]])
def test_whoever_goes_on_does_so_after_what_does_not_fit(tmp_path: Path, more: list[str]) -> None:
    """An entity within a token is an error where that was asked for, and with --keep-going of its document alone."""
    record = '{"text": "Bo x", "spans": [{"start": %d, "end": 2, "label": "PER"}], "meta": {"id": "%s"}}\n'
    (tmp_path / "in.jsonl").write_text("".join(record % (id == "b", id) for id in "abc"))
    call = ["in.jsonl", "-o", "out", "--to", "conll", "--tokenizer", "en", "--on-misaligned", "error", "--comments"]
    done = nerconv(tmp_path, *call, "--keep-going", *more)
    assert done.returncode == 1
    written = b"".join(data for name, data in sorted(files(tmp_path / "out").items()) if name.endswith(".conll"))
    assert [line for line in written.decode().splitlines() if line.startswith("# id")] == ["# id = a", "# id = c"]
    assert done.stderr.splitlines()[2].split() == ["documents", "3", "2"]


@pytest.mark.parametrize("changed", ["brat/a.txt", "original/t.txt"])
def test_what_else_is_read_counts_where_one_goes_on(tmp_path: Path, changed: str) -> None:
    content = {
        "brat/a.txt": "Bo left",
        "brat/a.ann": "T1\tPER 0 2\tBo\n",
        "original/t.txt": "Rome .",
        "tagged/t.txt": "[LOC Rome  ] . \n",
    }
    put(tmp_path, content)
    call = ["brat"] if "brat" in changed else ["tagged", "--source", "original"]
    for text in (None, "Bo went away" if "brat" in changed else "Rome  ."):
        if text:
            (tmp_path / changed).write_text(text)
        assert nerconv(tmp_path, *call, "-o", "out", "--to", "jsonl", "--resume", "-q").returncode == 0
    assert text
    assert text.encode() in files(tmp_path / "out")["part-00000.jsonl"]
