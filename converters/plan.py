"""Which documents go into which shard, before any is made, so that several processes can make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .finding import Input
from .inputs import Ids, Taken, ids_in
from .shards import At, Settings, Task, watched


def scan(settings: Settings, task: Task, at: At | None = None) -> Iterator[list[str]]:
    """The ids of the documents of each input of a task. Raises `DataError`."""
    for item in watched(task, at):
        yield ids_in(item, settings.read, keep_going=settings.keep_going)


class Planned(NamedTuple):
    """A shard that is to be made: of which inputs, by number, the documents `first` to `stop`; and which of their ids
    earlier shards have taken.
    """

    pieces: list[tuple[int, int, int]]
    met: Mapping[str, Taken]


def plan(settings: Settings, found: Iterable[Sequence[str]]) -> list[Planned]:
    """The shards to make, by the ids of the documents of each input."""
    shards: list[Planned] = []
    ids, position = Ids(), 0
    for place, own_ids in enumerate(found):
        for number, own in enumerate(own_ids):
            if position % settings.size == 0:
                ids.begin(len(shards))
                shards.append(Planned([], ids.met))
            pieces = shards[-1].pieces
            if pieces and pieces[-1][0] == place:
                pieces[-1] = (place, pieces[-1][1], number + 1)
            else:
                pieces.append((place, number, number + 1))
            ids.new(own)
            position += 1
    return shards


def tasks_of(shards: Sequence[Planned], wanted: Iterable[int], items: Sequence[Input]) -> Iterator[Task]:
    """Tasks for the wanted shards, by number, ascending.

    A shard is a task, unless it begins in the middle of a file, which has to be read up to there. Then it goes with the
    one before it, until these have twice as many documents as would be read in vain. So no more than one and a half
    times as many are read as there are.
    """
    group: list[int] = []
    documents = 0
    for number in wanted:
        _, first, _ = shards[number].pieces[0]
        if group and (number != group[-1] + 1 or documents >= 2 * first):
            yield _task(shards, group, items)
            group, documents = [], 0
        group.append(number)
        documents += sum(stop - first for _, first, stop in shards[number].pieces)
    if group:
        yield _task(shards, group, items)


def _task(shards: Sequence[Planned], group: Sequence[int], items: Sequence[Input]) -> Task:
    first, last = shards[group[0]], shards[group[-1]]
    # of those that several of them meet, as they were when the first one did
    met = (item for number in reversed(group) for item in shards[number].met.items())
    taken = {id: known for id, known in met if known[0] < group[0]}
    own = items[first.pieces[0][0] : last.pieces[-1][0] + 1]
    return Task(group[0], own, first.pieces[0][1], len(group), taken)
