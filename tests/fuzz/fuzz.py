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
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = ROOT / "converters"
sys.path[:0] = [str(HERE), str(HERE.parent), str(ROOT)]

from corpora import LARGEST, MOST_BYTES, MOST_FILES, Input, dictionary, load, save, seeds  # noqa: E402  # beside this file

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


def work_on(names: Sequence[str], work: Path, until: float, arguments: Sequence[str]) -> None:
    """Fuzz targets in this process, until a time. Where they are several, the first byte of an input chooses one."""
    import atheris

    with atheris.instrument_imports(include=["converters"]):
        import targets
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", module=r"(spacy|thinc|weasel|confection|click|typer|pydantic).*")

    def one(data: bytes) -> None:
        name = names[0]
        if len(names) > 1:
            name, data = names[data[0] % len(names) if data else 0], data[1:]
        try:
            targets.run(name, data)
        except Exception as error:
            keep(work / name, data, error)

    for name in names:
        for path in (work / name).glob("finding-[A-Z]*"):
            if path.suffix == ".txt":
                continue
            with suppress(Exception):
                targets.run(name, path.read_bytes())
                path.unlink()  # it is mended
                path.with_name(path.name + ".txt").unlink()
    left = f"-max_total_time={max(int(until - time.time()), 1)}"
    atheris.Setup([sys.argv[0], left, *arguments], one)
    atheris.Fuzz()


def keep(folder: Path, data: bytes, error: BaseException) -> None:
    """Write a finding down: the shortest input of those that end in the same error at the same place."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if str(ROOT) in f.filename]
    at = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-2:]]
    name = re.sub(r"\W+", "-", f"{type(error).__name__} {' '.join(at)}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"finding-{name}"
    if not path.exists() or path.stat().st_size > len(data):
        path.write_bytes(data)
        path.with_name(path.name + ".txt").write_text(
            "".join(traceback.format_exception(error)), encoding="utf-8", errors="replace"
        )


# All of them


def fuzz(names: Sequence[str], seconds: float, work: Path) -> Row:
    """Fuzz a target for so long, from what is kept, what was found earlier, and the seeds; or several targets
    together, from what is kept."""
    began = time.time()
    several = len(names) > 1
    work.mkdir(parents=True, exist_ok=True)
    folder = work / ("together" if several else names[0])
    corpus = Path(tempfile.mkdtemp(dir=work)) if several else folder / "corpus"
    for name in (folder, corpus, *(work / name for name in names)):
        Path(name).mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        for data in [bytes([number]) + item.data for item in load(name)] if several else seeds(name):
            (corpus / hashlib.sha1(data).hexdigest()).write_bytes(data)
    words = folder / f"{corpus.name}.dict"
    words.write_text("".join(dict.fromkeys("".join(map(dictionary, names)).splitlines(True))), encoding="utf-8")
    command = [sys.executable, __file__, "--one", *names, "--work", str(work), "--until", str(began + seconds), "--"]
    command += [f"-timeout={SLOWEST}", "-rss_limit_mb=2048", f"-max_len={LARGEST + several}"]
    command += [f"-dict={words}"] * bool(words.stat().st_size)  # it takes no empty one
    command += [f"-artifact_prefix={folder}/finding-", "-print_final_stats=1", "-reload=0", str(corpus)]
    runs = features = size = 0
    while not runs or time.time() < began + seconds - 1:  # a crash of the process ends it before
        environment = os.environ | {"PYTHONHASHSEED": "0"}
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment)
        (folder / f"{corpus.name}.log").write_text(done.stderr, encoding="utf-8")
        steps = re.findall(r"^#(\d+)\t.* ft: (\d+) corp: (\d+)", done.stderr, re.MULTILINE)
        if not steps:
            raise SystemExit(f"{done.stderr[-3000:]}\n{', '.join(names)}: the fuzzer did not begin")
        runs += int(steps[-1][0])
        features, size = max([features, *(int(step[1]) for step in steps)]), int(steps[-1][2])
    if several:
        shutil.rmtree(corpus)
    found = [
        path for name in {folder.name, *names} for path in (work / name).glob("finding-*") if path.suffix != ".txt"
    ]
    label = f"{len(names)} targets" if several else names[0]
    return Row(label, time.time() - began, runs, features, size, sum(path.suffix != ".txt" for path in found))


def minimize(target: str, work: Path) -> None:
    """Choose of all inputs those to keep: the findings, and the few that together reach the most."""
    import targets

    folder = work / target
    known = load(target)
    kept = [item for item in known if item.was]
    reached: dict[bytes, set[Any]] = {}
    for data in {item.data for item in known} | {path.read_bytes() for path in (folder / "corpus").glob("*")}:
        try:
            reached[data] = arcs(targets, target, data)
        except Exception as error:  # a finding that is not yet mended
            keep(folder, data, error)
    so_far: set[Any] = set()
    for item in kept:
        so_far.update(arcs(targets, target, item.data))
    chosen: list[bytes] = []
    while reached and len(chosen) < MOST_FILES:
        for data in [data for data, steps in reached.items() if steps <= so_far]:
            del reached[data]
        if not reached:
            break
        best = max(reached, key=lambda data: (len(reached[data] - so_far) / (len(data) + 400), data))
        new = reached.pop(best)
        if sum(map(len, chosen)) + len(best) <= MOST_BYTES:
            chosen.append(best)
            so_far |= new
    save(target, [*kept, *(Input(data) for data in chosen)])
    print(f"{target}: {len(chosen)} inputs, {sum(map(len, chosen)):,} bytes, {len(kept)} findings")


def arcs(targets: Any, target: str, data: bytes) -> set[tuple[Any, int, int]]:
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
    return found


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
        "--work", type=Path, default=Path(tempfile.gettempdir()) / "nerconv-fuzz", help="where inputs and findings go"
    )
    parser.add_argument("--minimize", action="store_true", help="choose the inputs to keep, and fuzz no more")
    parser.add_argument("--one", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--until", type=float, help=argparse.SUPPRESS)
    at = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    own = parser.parse_args(sys.argv[1:at])
    if own.one:
        work_on(own.one, own.work, own.until, sys.argv[at + 1 :])
        return 0
    import targets

    names = own.targets or list(targets.TARGETS)
    if unknown := set(names) - set(targets.TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}: there are {', '.join(targets.TARGETS)}")
    if not find_spec("atheris"):
        parser.error("the fuzzer is not there: pip install '.[fuzz]', on Linux")
    if own.minimize:
        for name in names:
            minimize(name, own.work)
        return 0
    seconds = own.together or own.seconds
    groups = [names[first :: own.jobs] for first in range(own.jobs)] if own.together else [[name] for name in names]
    rows = []
    with ThreadPoolExecutor(own.jobs) as pool:
        for row in pool.map(lambda group: fuzz(group, seconds, own.work), filter(None, groups)):
            rows.append(row)
            print(told([row]).split("\n")[1], file=sys.stderr, flush=True)
    print(told(rows))
    for path in sorted(own.work.glob("*/finding-*")):
        if path.parent.name in (*names, "together") and path.suffix != ".txt":
            trace = path.with_name(f"{path.name}.txt")
            last = trace.read_text(encoding="utf-8").strip().split("\n")[-1] if trace.exists() else "see the log there"
            print(f"{path.parent.name}: {last[:200]}\n    {path}")
    return int(any(row.findings for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
