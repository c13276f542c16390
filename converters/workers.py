"""Work that is divided among processes: in this one, in several of this machine, or on a cluster.

Each way takes a function and tasks, and gives the results in the order of the tasks, whoever is done first. The
function is `work(settings, task, at)`, an iterator of results; `at` is told which input of the task is being read.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import multiprocessing
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, TypeVar

from .errors import DataError, NerconvError, Place, UsageError
from .shards import At, Settings, Task

Result = TypeVar("Result")
Work = Callable[[Settings, Task, At | None], Iterator[Result]]

METHOD = "fork" if sys.platform.startswith("linux") else "spawn"
"""How processes are begun: as copies of this one, which begin warm, where that is safe; else anew."""

AHEAD = 4
"""How many tasks a worker may be ahead of the one whose results are next, so that few are kept in memory."""


class Workers(Protocol):
    """Those who do the work."""

    def run(self, work: Work[Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """The results of all tasks, in their order. Raises the error of the first task that fails, by their order."""


class Alone:
    """This process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def run(self, work: Work[Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """One task after another."""
        for task in tasks:
            yield from work(self.settings, task, None)


def in_turn(ready: Iterator[tuple[int, Any]], results: dict[int, Any]) -> Iterator[Any]:
    """What `ready` gives by number, in the order of the numbers, from 0 on; an error in its turn is raised.

    `results` holds what is not yet its turn; whoever makes `ready` may look at it.
    """
    turn = 0
    for number, result in ready:
        results[number] = result
        while turn in results:
            found = results.pop(turn)
            turn += 1
            if isinstance(found, BaseException):
                raise found
            yield from found


class Processes:
    """Processes of this machine."""

    def __init__(self, settings: Settings, jobs: int) -> None:
        context: Any = multiprocessing.get_context(METHOD)
        self.at = context.RawArray("q", jobs)
        self.connections: list[Connection] = []
        self.processes: list[Any] = []
        for number in range(jobs):
            here, there = context.Pipe()
            others = [*self.connections, here] if METHOD == "fork" else []
            process = context.Process(target=_serve, args=(settings, there, self.at, number, others), daemon=True)
            with _deaf(), warnings.catch_warnings():
                # Python 3.12 warns of forks beside threads; those of NumPy's BLAS are idle and hold no lock
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
            there.close()
            self.connections.append(here)
            self.processes.append(process)

    def run(self, work: Work[Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Each task goes to the next process that is free."""
        results: dict[int, Any] = {}
        return in_turn(self._ready(work, tasks, results), results)

    def _ready(self, work: Work[Any], tasks: Iterable[Task], results: dict[int, Any]) -> Iterator[tuple[int, Any]]:
        waiting = enumerate(tasks)
        running: dict[Connection, tuple[int, Task]] = {}
        idle = list(self.connections)
        while True:
            while idle and len(results) < AHEAD * len(self.connections) and (following := next(waiting, None)):
                connection = idle.pop(0)
                number = self.connections.index(connection)
                self.at[number] = 0
                try:
                    connection.send((work, following[1]))
                except OSError:
                    yield following[0], self._crash(number, following[1])
                    return
                running[connection] = following
            if not running:
                return
            ready: list[Any] = wait(list(running))
            for connection in ready:
                place, task = running.pop(connection)
                try:
                    result = connection.recv()
                    idle.append(connection)
                except (EOFError, OSError):  # it may have died amid what it said
                    result = self._crash(self.connections.index(connection), task)
                yield place, result

    def _crash(self, number: int, task: Task) -> DataError:
        process = self.processes[number]
        process.join()
        code = process.exitcode or 0
        how = signal.Signals(-code).name if code < 0 else f"status {code}"
        what = f"the process that read this file died ({how})"
        todo = "was there too little memory? leave the file out, or try it alone; --resume goes on"
        return DataError(what, todo, Place(task.items[self.at[number]].source.file))

    def close(self) -> None:
        """End all processes, at once, whatever they are doing."""
        for connection in self.connections:
            connection.close()
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()


def _serve(settings: Settings, connection: Connection, at: Any, number: int, others: list[Connection]) -> None:
    """What each process does: a task after another, until there is no one to ask for them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was begun is cleared away
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as `_deaf` says; where processes begin anew they forget it
    for other in others:
        other.close()
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            work, task = connection.recv()
            result: Any
            try:
                result = list(work(settings, task, lambda place: at.__setitem__(number, place)))
            except NerconvError as error:
                result = error
            except Exception as error:
                what, todo = f"{type(error).__name__}: {error}", "this is a fault of nerconv, please report it"
                result = DataError(what, todo, Place(task.items[at[number]].source.file))
            connection.send(result)


class Cluster:
    """The workers of a Dask scheduler, which need the same version of nerconv, and the files under the same names."""

    def __init__(self, settings: Settings, client: Any) -> None:
        self.client = client
        # in a list: of a tuple each field would be scattered by itself
        [self.settings] = client.scatter([settings], broadcast=True, hash=False)

    def run(self, work: Work[Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Each task goes to the scheduler, which gives it to another worker where one is lost."""
        results: dict[int, Any] = {}
        return in_turn(self._ready(work, tasks, results), results)

    def _ready(self, work: Work[Any], tasks: Iterable[Task], results: dict[int, Any]) -> Iterator[tuple[int, Any]]:
        distributed: Any = import_module("distributed")
        waiting = enumerate(tasks)
        running: dict[Any, tuple[int, Task]] = {}
        done = distributed.as_completed()
        while True:
            most = AHEAD * max(1, sum(self.client.nthreads().values()))
            while len(running) + len(results) < most and (following := next(waiting, None)):
                future = self.client.submit(_listed, work, self.settings, following[1], pure=False)
                running[future] = following
                done.add(future)
            if not running:
                return
            future = next(done)
            number, task = running.pop(future)
            error = future.exception()
            if isinstance(error, distributed.KilledWorker):
                first, last = task.items[0].source.file, task.items[-1].source.file
                what = f"several workers died over this file or one of those up to {last}"
                error = DataError(what, "was there too little memory?", Place(first))
            elif error is not None and not isinstance(error, NerconvError):
                what, todo = f"{type(error).__name__}: {error}", "have all workers the same nerconv and files?"
                error = DataError(what, todo, Place(task.items[0].source.file))
            yield number, error or future.result()


def _listed(work: Work[Any], settings: Settings, task: Task) -> list[Any]:
    return list(work(settings, task, None))


@contextmanager
def processes(settings: Settings, jobs: int) -> Iterator[Processes]:
    """Processes, ended when the block does."""
    made = Processes(settings, jobs)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def cluster(settings: Settings, address: str, jobs: int | None) -> Iterator[Cluster]:
    """The cluster at an address, or for ``local`` one of `jobs` processes of this machine.

    Raises `UsageError` where Dask is not installed or no scheduler answers.
    """
    dask: Any
    distributed: Any
    try:
        dask, distributed = import_module("dask"), import_module("distributed")
    except ImportError:
        raise UsageError("--dask needs dask.distributed", "pip install 'nerconv[dask]'") from None
    for name in ("distributed", "distributed.client"):  # a lost worker is no news; what fails is told as ours
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if address == "local":
        count = jobs or multiprocessing.cpu_count()
        with dask.config.set({"distributed.worker.multiprocessing-method": METHOD}):
            with _deaf():
                local = distributed.LocalCluster(
                    n_workers=count, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL
                )
            with local, distributed.Client(local) as client:
                yield Cluster(settings, client)
        return
    if jobs:
        raise UsageError("-j means nothing on a cluster that runs already", "leave it off")
    client, why = None, ""
    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        why = str(error)
    if client is None:
        # what was begun of a client is closed where it is collected: in the beginning of another, that waits for ever
        gc.collect()
        raise UsageError(f"no Dask scheduler answers at {address!r}: {why}", "for example tcp://host:8786")
    with client:
        yield Cluster(settings, client)


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes that are begun here do not hear a Ctrl-C, which goes to the whole group: the first one ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def workers(settings: Settings, jobs: int | None, dask: str | None) -> AbstractContextManager[Workers]:
    """Those who do the work: a cluster, several processes, or this one."""
    if dask:
        return cluster(settings, dask, jobs)
    if jobs and jobs > 1:
        return processes(settings, jobs)
    return contextlib.nullcontext(Alone(settings))
