"""Carries out a table of runs: what the store holds is not repeated, what ends is kept at once.

Results depend on neither the number of workers nor the order; a run that fails is told and stops nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

from abm.errors import InputError
from machi.questions.design import Run
from machi.runs.aside import aside
from machi.runs.run import RunResult, Simulation, chunks
from machi.runs.runstore import SUCCEEDED, Ended, RunStore, as_ended

DIED = "its worker process ended twice, perhaps for want of memory"
NAMED = 10  # failed runs that are named one by one

Task = Sequence[tuple[int, Run]]  # runs with their places
Answered = Iterator[tuple[int, RunResult | None, str]]


class Hands(NamedTuple):
    """Who carries runs out: this process alone (1 worker), so many workers here, or the cluster of a scheduler."""

    workers: int = 1
    scheduler: str | None = None


class Workbench(Protocol):
    """Everything that a worker needs, small enough to be sent; opened once in each worker."""

    def open(self) -> Simulation:
        """Load what runs start from and return the function that carries one out."""

    def key(self, run: Run) -> str:
        """What the run's result depends on, as one name."""


class FailedRuns(Exception):  # noqa: N818
    """Some runs did not end well; the message names them and says why."""


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


def missing(table: Sequence[Run], bench: Workbench, store: RunStore) -> list[int]:
    """Places of the runs to carry out: the first of each name that has not succeeded yet."""
    keys = [bench.key(run) for run in table]
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    return sorted(place for key, place in first.items() if not _is_kept(store, key))


def kept(table: Sequence[Run], bench: Workbench, store: RunStore) -> int:
    """How many runs of a table the store holds already."""
    return sum(_is_kept(store, bench.key(run)) for run in table)


def _is_kept(store: RunStore, key: str) -> bool:
    return key in store.runs and store.runs[key].status == SUCCEEDED


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
    source = _here if hands.workers == 1 and hands.scheduler is None else _spread
    wanted = [(place, table[place]) for place in missing(table, bench, store)]
    for place, result, problem in source(wanted, bench, hands):
        store.add(as_ended(bench.key(table[place]), problem, *(result or ({},))))
        done(table[place])
    ended = [store.runs[bench.key(run)] for run in table]
    failed = [(run, one.problem) for run, one in zip(table, ended, strict=True) if one.status != SUCCEEDED]
    if failed:
        raise FailedRuns(_named(failed, len(table)))
    return [as_result(one) for one in ended]


def _named(failed: Sequence[tuple[Run, str]], of: int) -> str:
    """The failed runs and their problems, in one sentence."""
    named = [f"{run.design} {run.arm}, replication {run.replication} ({problem})" for run, problem in failed[:NAMED]]
    more = f"; and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
    text = f"{len(failed)} of {of} runs failed: {'; '.join(named)}{more}"
    return " ".join(text.split())


def as_result(one: Ended) -> RunResult:
    """What a run left, out of the store."""
    import pandas as pd

    tables = (None if columns is None else pd.DataFrame(columns) for columns in (one.series, one.pyramids))
    return RunResult(one.outcomes, *tables)


def _tasks(runs: Task) -> list[Task]:
    return [[(runs[position][0], run) for position, run in task] for task in chunks([run for _, run in runs])]


def _here(runs: Task, bench: Workbench, hands: Hands) -> Answered:
    answer = Answerer(bench)
    for task in _tasks(runs):
        for one in task:
            yield from aside(partial(answer, [one]))


def _spread(runs: Task, bench: Workbench, hands: Hands) -> Answered:
    if not runs:
        return
    from machi.runs.spread import cluster, spread  # Dask takes a second to load: only who needs it waits

    with cluster(hands.workers, hands.scheduler) as client:
        answers: list[Any] | None
        for task, answers in spread(client, _tasks(runs), Answerer(bench)):
            yield from answers if answers is not None else [(place, None, DIED) for place, _ in task]
