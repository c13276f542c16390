"""A whole command as its user meets it: how long it takes, how much memory, how long it is silent, and what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent


class Watched(NamedTuple):
    """What became of a command with its processes.

    `seconds`, `cpu`: how long it took, and of processors; `memory`: megabytes at most, of the process that took most;
    `silence`: the longest time, in seconds, in which it wrote nothing to standard error; `told`: the end of that.
    """

    status: int
    seconds: float
    cpu: float
    memory: float
    silence: float
    told: str


def watched(
    *arguments: str, out: Path | None = None, most: float | None = None, environment: Mapping[str, str] | None = None
) -> Watched:
    """Run ``nerconv`` with its standard output in a file, and no more memory for each process than `most` gigabytes."""
    call = [sys.executable, "-c", WATCHER, str(out or os.devnull), str(most or 0)]
    call += [sys.executable, "-m", "converters", *arguments]
    own = os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {})
    return Watched(*json.loads(subprocess.run(call, stdout=subprocess.PIPE, check=True, env=own).stdout))


WATCHER = """
import json, resource, subprocess, sys, time
out, most, *call = sys.argv[1:]
limit = int(float(most) * 1e9)
limited = (lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))) if limit else None
begin = last = time.perf_counter()
silence, told = 0.0, b""
with open(out, "wb") as file:
    process = subprocess.Popen(call, stdout=file, stderr=subprocess.PIPE, preexec_fn=limited)
    while True:
        piece = process.stderr.read1(1 << 16)
        now = time.perf_counter()
        silence, last, told = max(silence, now - last), now, (told + piece)[-100_000:]
        if not piece:
            break
    status = process.wait()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds, cpu = time.perf_counter() - begin, used.ru_utime + used.ru_stime
print(json.dumps([status, seconds, cpu, used.ru_maxrss / 1024, silence, told.decode("utf-8", "replace")]))
"""
"""By a process that is small itself: of a process never less memory is told than of the one that began it."""
