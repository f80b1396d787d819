"""Carries out a table of runs: what the store holds is not repeated, what ends is kept at once.

Results depend on neither the number of workers nor the order; a run that fails is told and stops nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from abm.errors import InputError
from machi.design import Run
from machi.run import RunResult, Simulation, chunks
from machi.runstore import SUCCEEDED, Ended, RunStore, as_ended
from machi.spread import Task, cluster, spread

DIED = "its worker process ended twice, perhaps for want of memory"


class Hands(NamedTuple):
    """Who carries runs out: this process alone (1 worker), so many workers here, or the cluster of a scheduler."""

    workers: int = 1
    scheduler: str | None = None


class Workbench(Protocol):
    """Everything that a worker needs, small enough to be sent; opened once in each worker."""

    def open(self) -> Simulation:
        """Load what runs start from and return the function that carries one out."""

    def key(self, run: Run) -> str:
        """What the run's result depends on, as one name: 64 hex digits."""


class FailedRuns(Exception):  # noqa: N818
    """Some runs did not end; the message says how many, which was the first, and why."""


class Answerer:
    """Carries out tasks at a bench, which it opens when the first one comes; goes to every worker."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self._simulation: Simulation | None = None

    def __call__(self, task: Task) -> list[tuple[int, RunResult | None, str]]:
        """Place, result and problem of every run of a task; what goes wrong in one is told, the others go on."""
        return [(place, *self._carried_out(run)) for place, run in task]

    def _carried_out(self, run: Run) -> tuple[RunResult | None, str]:
        try:
            if self._simulation is None:
                self._simulation = self.bench.open()
            return self._simulation(run), ""
        except InputError as error:
            return None, str(error)
        except Exception as error:
            return None, f"{type(error).__name__}: {error}"


def missing(table: Sequence[Run], keys: Sequence[str], store: RunStore) -> list[int]:
    """Places of the runs to carry out: the first of each key that has not succeeded yet."""
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    return sorted(place for key, place in first.items() if key not in store.runs or store.runs[key].status != SUCCEEDED)


def carry_out(
    table: Sequence[Run],
    bench: Workbench,
    store: RunStore,
    hands: Hands,
    done: Callable[[Run], None] = lambda run: None,
) -> list[RunResult]:
    """Carry out every run that the store lacks, keep it there, and return all results in the table's order.

    `done` is called for each run as it ends. Raises FailedRuns once all have been tried, if any failed.
    """
    keys = [bench.key(run) for run in table]
    wanted = missing(table, keys, store)
    source = _here if hands.workers == 1 and hands.scheduler is None else _spread
    for place, result, problem in source([(place, table[place]) for place in wanted], bench, hands):
        store.add(as_ended(keys[place], problem, *(result or ({},))))
        done(table[place])
    ended = [store.runs[key] for key in keys]
    failed = [place for place, one in enumerate(ended) if one.status != SUCCEEDED]
    if failed:
        first = table[failed[0]]
        raise FailedRuns(
            f"{len(failed)} of {len(table)} runs failed; the first was {first.design} {first.arm}, "
            f"replication {first.replication}: {ended[failed[0]].problem}"
        )
    return [as_result(one) for one in ended]


def as_result(one: Ended) -> RunResult:
    """What a run left, out of the store."""
    import pandas as pd

    tables = (None if columns is None else pd.DataFrame(columns) for columns in (one.series, one.pyramids))
    return RunResult(one.outcomes, *tables)


Answered = Iterator[tuple[int, RunResult | None, str]]


def _here(runs: Task, bench: Workbench, hands: Hands) -> Answered:
    answer = Answerer(bench)
    for task in chunks([run for _, run in runs]):
        yield from answer([(runs[position][0], run) for position, run in task])


def _spread(runs: Task, bench: Workbench, hands: Hands) -> Answered:
    if not runs:
        return
    tasks = [[(runs[position][0], run) for position, run in task] for task in chunks([run for _, run in runs])]
    with cluster(hands.workers, hands.scheduler) as client:
        for task, answers in spread(client, tasks, Answerer(bench)):
            yield from answers if answers is not None else [(place, None, DIED) for place, _ in task]
