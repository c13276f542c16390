"""An archive to shards: by whom each is made, what is there already, and the balance over all."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from .balance import Report
from .errors import DataError, NerconvError, Place, UsageError, counted, system_errors
from .finding import Input
from .inputs import Progress, Watch, check_asked, sizes
from .journal import Folder
from .plan import Planned, plan, scan, tasks_of
from .shards import Piece, Settings, Shard, Task, key_of, state_of, write_shards
from .workers import METHOD, Alone, Workers, workers

__all__ = ["SHARD_SIZE", "Settings", "convert_shards"]

SHARD_SIZE = 500
"""Documents a shard, where nobody says: some megabytes, a second or two of work."""

SCANNED = 256
"""Inputs a task, where their documents are counted."""

WARMING = 20
"""Documents that are made before there are several processes, so that all know the frequent words."""


def convert_shards(
    found: Sequence[Input],
    settings: Settings,
    report: Report,
    *,
    jobs: int | None = None,
    dask: str | None = None,
    resume: bool = False,
    limit: int | None = None,
    watch: Watch | None = None,
) -> None:
    """Write the documents of the inputs into shards in ``settings.out``, and the balance over all into the report.

    `jobs`: how many processes; `dask`: the address of a scheduler, or ``local``; `resume`: what an earlier run has made
    of the same stays. One file, standard input, and as many documents as a `limit` says, are for this process alone.
    Raises `DataError`; then the shards before the fault stay, unless the settings are strict.
    """
    folder = Folder(settings)
    with system_errors("read", settings.out):
        folder.check()
        if resume:
            folder.read()
    progress = _Told(found, watch)
    can_divide = limit is None and all(item.path for item in found) and (resume or len(found) > 1)
    if can_divide and METHOD == "fork" and (dask == "local" or (jobs or 1) > 1):
        _warm(found, settings)
    try:
        with (
            report.uncounted(),
            workers(settings, jobs, dask) if can_divide else nullcontext(Alone(settings)) as team,
            system_errors("written", settings.out),
        ):
            if can_divide and (resume or not isinstance(team, Alone)):
                made = _made(found, settings, folder, team)
            else:
                folder.begin()
                made = write_shards(settings, Task(0, found, limit=limit))
            for shard in made:
                if shard.number not in folder.shards:
                    folder.add(shard)
                report.merge(shard.report)
                progress(shard)
            check_asked(settings.read, settings.changes, report)
    except BaseException as error:
        # the workers have ended, and no file is open any more, which Windows would not remove
        with system_errors("written", settings.out):
            # what a wrong call has made is of no use to the right one
            folder.abandon(entirely=settings.strict or isinstance(error, UsageError))
        raise
    with system_errors("written", settings.out):
        folder.end(report)
    report.files += [folder.path / name for _, shard in sorted(folder.shards.items()) for name in shard.files]
    if resume:
        report.notes.append(f"resumed: {len(folder.kept)} of {counted(len(folder.shards), 'shard')} were there")


def _made(found: Sequence[Input], settings: Settings, folder: Folder, team: Workers) -> Iterator[Shard]:
    """All shards in their order: those that an earlier run has made, and the others by the team."""
    states = array("q", chain.from_iterable(map(state_of, found)))  # before anything is read
    scans = [Task(0, found[at : at + SCANNED]) for at in range(0, len(found), SCANNED)]
    shards = plan(settings, team.run(scan, scans))
    keys = [key_of(settings, list(_pieces(shard, found, states)), shard.met) for shard in shards]
    earlier = folder.shards
    kept = [n for n, key in enumerate(keys) if n in earlier and earlier[n].key == key and folder.is_whole(earlier[n])]
    folder.begin(kept)
    wanted = [number for number in range(len(shards)) if number not in folder.shards]
    new = team.run(write_shards, tasks_of(shards, wanted, found))
    for number in range(len(shards)):
        if number in folder.shards:
            yield folder.shards[number]._replace(report=folder.report_of(number))
            continue
        shard = next(new, None)
        if shard is None:
            _refuse_changes(shards[number:], found, states)
            place = Place(found[shards[number].pieces[0][0]].source.file)
            raise DataError("from here on there are fewer documents than were counted", "have all workers it?", place)
        if shard.key != keys[number]:
            _refuse_changes([shards[number]], found, states)
        yield shard


def _pieces(shard: Planned, found: Sequence[Input], states: Sequence[int]) -> Iterator[Piece]:
    """The pieces of files that a shard is to be made of, by the sizes and times of all files, one after the other."""
    for place, first, stop in shard.pieces:
        size, time = states[2 * place : 2 * place + 2]
        yield Piece(found[place].file, size, time, first, stop)


def _refuse_changes(shards: Iterable[Planned], found: Sequence[Input], states: Sequence[int]) -> None:
    """Raise `DataError` for a file that is not what it was; the workers of a cluster may have copies of other times."""
    for place in sorted({place for shard in shards for place, *_ in shard.pieces}):
        if state_of(found[place]) != tuple(states[2 * place : 2 * place + 2]):
            what = "this file was changed while it was converted"
            raise DataError(what, "when it is whole, go on with --resume", Place(found[place].source.file))


def _warm(found: Sequence[Input], settings: Settings) -> None:
    """Make a small shard for nothing: processes that are copies of this one need not import, nor look up, all that it
    takes.
    """
    with TemporaryDirectory() as folder, suppress(NerconvError):
        own = settings._replace(out=Path(folder), size=WARMING)
        for _ in write_shards(own, Task(0, found[:WARMING], shards=1)):
            pass


class _Told:
    """Tells a watch how far the work is, after each shard."""

    def __init__(self, found: Sequence[Input], watch: Watch | None) -> None:
        self.watch = watch
        self.progress = Progress(0, 0, sum(sizes(found)) if watch else 0, 0)
        if watch:
            watch(self.progress)

    def __call__(self, shard: Shard) -> None:
        documents, size, total, errors = self.progress
        documents, errors = documents + shard.report.read.documents, errors + len(shard.report.failures)
        self.progress = Progress(documents, size + shard.size, total, errors)
        if self.watch:
            self.watch(self.progress)
