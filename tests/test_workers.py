"""Several processes, and a cluster: real ones, that are killed while they work."""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import converters.archive
from converters import Changes, DataError, ReadOptions, Report, UsageError, WriteOptions, convert, workers
from converters.finding import Input
from converters.names import JOURNAL, MANIFEST
from converters.shards import Settings, Task
from converters.workers import Alone, processes

ROOT = Path(__file__).parent.parent
SHARDS = ["--to", "spacy,jsonl", "--shard-size", "20", "-q"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 400 documents of varied length, half a second's work and more."""
    folder = tmp_path_factory.mktemp("archive")
    seed = next((ROOT / "data" / "cables").glob("*.txt")).read_text(encoding="utf-8")
    lines = [line for line in seed.splitlines() if line.strip()]
    for number in range(400):
        own = "\n".join(lines[number % 7 : 20 + number % 50])
        (folder / f"{number:03}.txt").write_text(f"{number} {own} \n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def expected(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one process writes in one go."""
    out = tmp_path_factory.mktemp("expected")
    run(archive, out).communicate()
    return content(out)


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(archive: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    call = [sys.executable, "-m", "converters", "convert", str(archive), "-o", str(out), *SHARDS, *more]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        call,
        text=True,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
        preexec_fn=heed_ctrl_c if os.name == "posix" else None,
    )


def heed_ctrl_c() -> None:
    """A shell's background jobs ignore a Ctrl-C, and so does all that they begin, such as tests and their commands."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(condition: Callable[[], object]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def is_there(group: int) -> bool:
    """Whether any process of a group lives."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def shards(out: Path, count: int) -> Callable[[], bool]:
    return lambda: len(list(out.glob("part-*.spacy"))) >= count


def check_whole(out: Path, expected: dict[str, bytes]) -> None:
    """Whatever has a final name is whole."""
    for name, data in content(out).items():
        if name not in (JOURNAL, MANIFEST) and not name.startswith("."):
            assert data == expected[name], name


def test_two_processes_write_what_one_does(archive: Path, tmp_path: Path, expected: dict[str, bytes]) -> None:
    done = run(archive, tmp_path / "out", "-j", "2")
    assert done.communicate()[1] == ""
    assert content(tmp_path / "out") == expected


def test_processes_that_begin_anew_write_it_too(
    archive: Path, tmp_path: Path, expected: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they do on macOS and Windows."""
    for module in (workers, converters.archive):
        monkeypatch.setattr(module, "METHOD", "spawn")
    convert([archive], tmp_path / "out", to=["spacy", "jsonl"], shard_size=20, jobs=2)
    assert content(tmp_path / "out") == expected


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there are no process groups")
def test_a_run_that_was_killed_can_be_gone_on_with(
    archive: Path, tmp_path: Path, expected: dict[str, bytes], kill: int
) -> None:
    killed = run(archive, tmp_path / "out", "-j", "2")
    wait_for(shards(tmp_path / "out", random.randrange(18)))
    time.sleep(random.uniform(0, 0.1))
    if random.random() < 0.5:
        killed.kill()  # the first process alone: the others end when no one asks them for more
    else:
        os.killpg(killed.pid, signal.SIGKILL)  # as where the power fails
    killed.communicate()
    wait_for(lambda: not is_there(killed.pid))
    check_whole(tmp_path / "out", expected)
    if MANIFEST in (left := content(tmp_path / "out")):  # which is written last: all was done
        assert left == expected
    assert run(archive, tmp_path / "out", "-j", "2", "--resume").communicate()[1] == ""
    assert content(tmp_path / "out") == expected


@pytest.mark.skipif(os.name == "nt", reason="there are no process groups")
@pytest.mark.parametrize("more", [[], ["-j", "2"], ["--dask", "local", "-j", "2"]])
def test_a_ctrl_c_stops_at_once_and_leaves_whole_files(
    archive: Path, tmp_path: Path, expected: dict[str, bytes], more: list[str]
) -> None:
    stopped = run(archive, tmp_path / "out", *more)
    wait_for(shards(tmp_path / "out", 1))
    os.killpg(stopped.pid, signal.SIGINT)
    assert stopped.communicate()[1] in ("", "\n", "Aborted.\n", "\nAborted.\n")
    assert stopped.returncode == 130
    wait_for(lambda: not is_there(stopped.pid))
    check_whole(tmp_path / "out", expected)
    assert not list((tmp_path / "out").glob(".part*"))
    assert MANIFEST not in content(tmp_path / "out")
    assert run(archive, tmp_path / "out", "--resume").communicate()[1] == ""
    assert content(tmp_path / "out") == expected


def deadly(settings: Settings, task: Task, at: Callable[[int], None] | None = None) -> Iterator[str]:
    """Tells the names of a task's inputs, but dies or fails over some of them."""
    for number, item in enumerate(task.items):
        assert at
        at(number)
        if item.file == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if item.file == "left":
            sys.exit(7)
        if item.file == "wrong":
            raise DataError("it is wrong", "mend it")
        if item.file == "a fault":
            raise ZeroDivisionError("a mistake")
        if item.file == "slow":
            time.sleep(0.3)
        yield item.file


def tasks(*names: str) -> Iterator[Task]:
    return (Task(n, [Input(part, part, None) for part in name.split("+")]) for n, name in enumerate(names))


def begin(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes be begun so, if this system can do it."""
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip("not on this system")
    monkeypatch.setattr(workers, "METHOD", method)


NOTHING = Settings(Path(), (), 1, ReadOptions(), WriteOptions(), Changes())


@pytest.mark.parametrize(("jobs", "method"), [(1, "fork"), (2, "fork"), (5, "fork"), (2, "spawn")])
def test_results_come_in_the_order_of_the_tasks(jobs: int, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(method, monkeypatch)
    names = ["slow", "b+c", "slow+d", *"efghijklmnopqrstuvwxyz"]
    with processes(NOTHING, jobs) as team:
        assert list(team.run(deadly, tasks(*names))) == [part for name in names for part in name.split("+")]
        assert list(team.run(deadly, tasks("a", "b"))) == ["a", "b"]
        assert list(team.run(deadly, tasks())) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("killed", r"killed: the process that read this file died \(SIGKILL\) \(was there too little memory"),
        ("left", r"left: the process that read this file died \(status 7\)"),
        ("wrong", r"it is wrong \(mend it\)"),
        ("a fault", r"a fault: ZeroDivisionError: a mistake \(this is a fault of nerconv"),
    ],
)
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_first_task_that_fails_is_told_and_names_its_file(
    name: str, message: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "killed" and os.name == "nt":
        pytest.skip("there is no SIGKILL")
    begin(method, monkeypatch)
    with processes(NOTHING, 2) as team:
        found = team.run(deadly, tasks("slow", "slow", f"a+{name}+b", "killed", "wrong", "z"))
        assert [next(found), next(found)] == ["slow", "slow"]
        with pytest.raises(DataError, match=message):
            next(found)


def test_alone_gives_results_as_they_come() -> None:
    def counting(settings: Settings, task: Task, at: object) -> Iterator[int]:
        yield task.first

    assert list(Alone(NOTHING).run(counting, tasks("a", "b"))) == [0, 1]


@pytest.mark.skipif(workers.METHOD != "fork", reason="processes begin anew")
def test_a_process_that_dies_over_a_document_names_its_file(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a conversion. The reader that dies is in all processes, as they are copies of this one."""
    from converters.formats import brackets

    first = os.getpid()
    original = brackets.from_brackets

    def reader(text: str, **given: object) -> object:
        if text.startswith("123 ") and os.getpid() != first:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(text, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(brackets, "from_brackets", reader)
    with pytest.raises(DataError, match=r"123\.txt: the process that read this file died \(SIGKILL\)"):
        convert([archive], tmp_path / "out", to=["jsonl"], shard_size=20, jobs=2)
    assert sorted(path.name for path in (tmp_path / "out").iterdir())[1:] == [f"part-0000{n}.jsonl" for n in range(6)]


# A cluster


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, Sequence[subprocess.Popen[bytes]]]]:
    """The address of a real scheduler, and its two workers."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "distributed.cli"]
    quiet = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    begun = [
        subprocess.Popen(
            [*command[:2], "distributed.cli.dask_scheduler", "--port", "0", "--scheduler-file", str(file), *local],
            **quiet,
        )
    ]
    try:
        wait_for(file.exists)
        for _ in range(2):
            worker = [*command[:2], "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1"]
            begun.append(subprocess.Popen([*worker, "--no-nanny", *local], **quiet))
        import json

        yield json.loads(file.read_text(encoding="utf-8"))["address"], begun[1:]
    finally:
        for process in begun:
            process.kill()
            process.wait()


def test_a_cluster_makes_the_same_bytes_even_if_a_worker_is_lost(
    archive: Path,
    tmp_path: Path,
    expected: dict[str, bytes],
    scheduler: tuple[str, Sequence[subprocess.Popen[bytes]]],
) -> None:
    address, team = scheduler
    done = run(archive, tmp_path / "out", "--dask", address)
    wait_for(shards(tmp_path / "out", 3))
    team[0].kill()
    assert done.communicate()[1] == ""
    assert done.returncode == 0
    assert content(tmp_path / "out") == expected


def test_a_local_cluster_makes_the_same_bytes(archive: Path, tmp_path: Path, expected: dict[str, bytes]) -> None:
    pytest.importorskip("distributed")
    done = run(archive, tmp_path / "out", "--dask", "local", "-j", "2")
    assert done.communicate()[1] == ""
    assert content(tmp_path / "out") == expected


def test_errors_of_a_cluster_are_those_of_one_process(archive: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("[LOC Rome  ] . \n", encoding="utf-8")
    (tmp_path / "in" / "b.txt").write_text("[LOC Rome . \n", encoding="utf-8")
    with pytest.raises(DataError, match=r"b\.txt:1:1: unclosed bracket"):
        convert([tmp_path / "in"], tmp_path / "out", to=["jsonl"], shard_size=1, dask="local", jobs=1)
    report = Report(keep_going=True)
    convert([tmp_path / "in"], tmp_path / "out", to=["jsonl"], shard_size=1, dask="local", jobs=1, report=report)
    assert [failure.what[:16] for failure in report.failures] == ["unclosed bracket"]


def test_nothing_is_left_of_a_client_that_no_scheduler_answered(archive: Path, tmp_path: Path) -> None:
    """It would be closed when it is collected, and if another is being made just then, wait for that for ever."""
    distributed = pytest.importorskip("distributed")
    gc.collect()
    gc.disable()
    try:
        with pytest.raises(UsageError, match="no Dask scheduler answers"):
            convert([archive], tmp_path / "out", dask="nowhere")
        assert not [item for item in gc.get_objects() if type(item) is distributed.Client and item.status != "closed"]
    finally:
        gc.enable()


def test_a_cluster_that_is_not_there(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    for address in ("tcp://127.0.0.1:9", "nowhere", "tcp://"):
        with pytest.raises(UsageError, match=r"no Dask scheduler answers.*for example tcp://host:8786"):
            convert([archive], tmp_path / "out", dask=address)
    with pytest.raises(UsageError, match="-j means nothing on a cluster"):
        convert([archive], tmp_path / "out", dask="tcp://127.0.0.1:9", jobs=2)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'nerconv\[dask\]'"):
        convert([archive], tmp_path / "out", dask="local")
    assert not (tmp_path / "out").exists()
