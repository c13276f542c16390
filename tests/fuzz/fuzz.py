"""Coverage-guided fuzzing by Atheris (libFuzzer), a process a target: ``pip install '.[fuzz]'``, then

    python tests/fuzz/fuzz.py                         all targets, ten minutes each
    python tests/fuzz/fuzz.py conll xml --seconds 60  these, a minute each
    python tests/fuzz/fuzz.py --together 60           all of them in a minute or so, together
    python tests/fuzz/fuzz.py --minimize              what was found, into the corpus that is kept

What was found stays in ``--work`` and is gone on with. A finding is written there as ``finding-...``, with the
traceback beside it, and fuzzing goes on; exit status 1 if there is any.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import gettempdir
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = ROOT / "converters"
sys.path[:0] = [str(HERE), str(ROOT)]

from corpora import LARGEST, Input, dictionary, load, save, seeds  # noqa: E402  # beside this file

MOST_FILES = 60
MOST_BYTES = 50_000
"""Of the inputs that are kept for a target."""
SLOWEST = 10
"""Seconds that an input may take."""


class Row(NamedTuple):
    """What came of fuzzing a target."""

    target: str
    seconds: float
    runs: int
    features: int
    corpus: int
    findings: int


# A process


def work_on(target: str, folder: Path, arguments: Sequence[str]) -> None:
    """Fuzz a target in this process, until libFuzzer ends it."""
    import atheris

    with atheris.instrument_imports(include=["converters"]):
        import targets
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", module=r"(spacy|thinc|weasel|confection|click|typer|pydantic).*")

    def one(data: bytes) -> None:
        try:
            targets.run(target, data)
        except Exception as error:
            keep(folder, data, error)

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


def keep(folder: Path, data: bytes, error: BaseException) -> None:
    """Write a finding down: the shortest input of those that end in the same error at the same place."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if str(ROOT) in f.filename]
    at = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-2:]]
    name = re.sub(r"\W+", "-", f"{type(error).__name__} {' '.join(at)}")
    path = folder / f"finding-{name}"
    if not path.exists() or path.stat().st_size > len(data):
        path.write_bytes(data)
        path.with_name(path.name + ".txt").write_text(
            "".join(traceback.format_exception(error)), encoding="utf-8", errors="replace"
        )


# All of them


def fuzz(target: str, seconds: float, work: Path) -> Row:
    """Fuzz a target for so long, from what is kept, what was found earlier, and the seeds."""
    folder = work / target
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for data in seeds(target):
        (corpus / hashlib.sha1(data).hexdigest()).write_bytes(data)
    words = folder / "dictionary"
    words.write_text(dictionary(target), encoding="utf-8")
    began, runs, features, size = time.monotonic(), 0, 0, 0
    while (left := seconds - (time.monotonic() - began)) > 1 or not runs:
        command = [
            sys.executable,
            __file__,
            "--one",
            target,
            "--work",
            str(folder),
            "--",
            f"-max_total_time={max(int(left), 1)}",
        ]
        command += [
            f"-timeout={SLOWEST}",
            "-rss_limit_mb=2048",
            f"-max_len={LARGEST}",
            f"-artifact_prefix={folder}/finding-",
        ]
        command += [f"-dict={words}"] * bool(words.stat().st_size) + ["-print_final_stats=1", "-reload=0", str(corpus)]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=os.environ | {"PYTHONHASHSEED": "0"}
        )
        (folder / "log.txt").write_text(done.stderr, encoding="utf-8")
        steps = re.findall(r"^#(\d+)\t.* ft: (\d+) corp: (\d+)", done.stderr, re.MULTILINE)
        ran = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
        runs += int(ran[1]) if ran else int(steps[-1][0]) if steps else 0
        features, size = max([features, *(int(step[1]) for step in steps)]), int(steps[-1][2]) if steps else size
        if done.returncode and not steps:
            print(done.stderr[-3000:], file=sys.stderr)
            raise SystemExit(f"{target}: the fuzzer did not begin")
    found = [path for path in folder.glob("finding-*") if path.suffix != ".txt"]
    return Row(target, time.monotonic() - began, runs, features, size, len(found))


def minimize(target: str, work: Path) -> None:
    """Choose of all inputs those to keep: the findings, and the few that together reach the most."""
    import targets

    folder = work / target
    kept = [item for item in load(target) if item.was]
    merged = folder / "merged"
    merged.mkdir(parents=True, exist_ok=True)
    for path in merged.iterdir():
        path.unlink()
    for item in load(target):
        (folder / "corpus").mkdir(exist_ok=True)
        (folder / "corpus" / hashlib.sha1(item.data).hexdigest()).write_bytes(item.data)
    command = [
        sys.executable,
        __file__,
        "--one",
        target,
        "--work",
        str(folder),
        "--",
        "-merge=1",
        f"-timeout={SLOWEST}",
    ]
    command += [f"-max_len={LARGEST}", str(merged), str(folder / "corpus")]
    subprocess.run(command, capture_output=True, check=True)
    reached: dict[bytes, set[Any]] = {}
    for path in merged.iterdir():
        data = path.read_bytes()
        try:
            reached[data] = set(arcs(targets, target, data))
        except Exception as error:  # a finding that is not yet mended
            keep(folder, data, error)
    so_far: set[Any] = set()
    for item in kept:
        so_far.update(arcs(targets, target, item.data))
    chosen: list[bytes] = []
    while reached and len(chosen) < MOST_FILES:
        best = max(reached, key=lambda data: (len(reached[data] - so_far) / (len(data) + 60), data))
        new = reached.pop(best) - so_far
        if not new:
            break
        if sum(map(len, chosen)) + len(best) <= MOST_BYTES:
            chosen.append(best)
            so_far |= new
    save(target, [*kept, *(Input(data) for data in chosen)])
    print(f"{target}: {len(chosen)} inputs, {sum(map(len, chosen)):,} bytes, {len(kept)} findings")


def arcs(targets: Any, target: str, data: bytes) -> Iterator[tuple[Any, int, int]]:
    """The steps from line to line that an input takes in the library."""
    found: set[tuple[Any, int, int]] = set()

    def trace(frame: Any, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(str(PACKAGE)):
            return None
        before = 0

        def local(frame: Any, event: str, _: Any) -> Any:
            nonlocal before
            if event == "line":
                found.add((frame.f_code, before, frame.f_lineno))
                before = frame.f_lineno
            return local

        return local

    sys.settrace(trace)
    try:
        targets.run(target, data)
    finally:
        sys.settrace(None)
    yield from found


def told(rows: Sequence[Row]) -> str:
    """The rows as a table."""
    cells = [("target", "seconds", "runs", "features", "corpus", "findings")]
    cells += [
        (r.target, f"{r.seconds:.0f}", f"{r.runs:,}", f"{r.features:,}", f"{r.corpus:,}", str(r.findings)) for r in rows
    ]
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
    return "\n".join(
        "  ".join(cell.rjust(w) if n else cell.ljust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=True)))
        for row in cells
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=float, default=600, help="for each target")
    parser.add_argument("--together", type=float, metavar="SECONDS", help="for all targets together")
    parser.add_argument("-j", "--jobs", type=int, default=len(os.sched_getaffinity(0)), help="targets at a time")
    parser.add_argument(
        "--work", type=Path, default=Path(gettempdir()) / "nerconv-fuzz", help="where inputs and findings go"
    )
    parser.add_argument("--minimize", action="store_true", help="choose the inputs to keep, and fuzz no more")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    own, more = parser.parse_known_args([a for a in sys.argv[1:] if a != "--"])
    if own.one:
        work_on(own.one, own.work, [*own.targets, *more])
        return 0
    import targets

    names = own.targets or list(targets.TARGETS)
    if unknown := set(names) - set(targets.TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}: there are {', '.join(targets.TARGETS)}")
    if own.minimize:
        for name in names:
            minimize(name, own.work)
        return 0
    seconds = own.together * own.jobs / len(names) if own.together else own.seconds
    rows = []
    with ThreadPoolExecutor(own.jobs) as pool:
        for row in pool.map(lambda name: fuzz(name, seconds, own.work), names):
            rows.append(row)
            print(told([row]).split("\n")[1], file=sys.stderr, flush=True)
    print(told(rows))
    for row in rows:
        for path in sorted((own.work / row.target).glob("finding-*.txt")):
            last = path.read_text(encoding="utf-8").strip().split("\n")[-1]
            print(f"{row.target}: {last[:200]}\n    {path}")
    return int(any(row.findings for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
