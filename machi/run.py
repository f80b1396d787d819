"""Carries out a table of runs, in this process or in several; results depend on neither number nor order.

Workers load the town once, from the files that the driver kept. Tasks carry descriptions of runs, no columns.
"""

import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pandas as pd

from abm.errors import InputError
from machi.design import ALTERED, STRUCTURE, Run
from machi.outcomes import outcomes, pyramids, series
from machi.package import Package
from machi.portfolio import Theta, levers_by_year

if TYPE_CHECKING:
    from abm.doubted import Doubts
    from abm.outputs import Outputs
    from machi.altered import Alterations

PYRAMID_ARMS = ("none", "all")
CHUNK_OF_WHOLE_TOWNS = 0.4  # a task holds runs that add up to about this many whole towns: big runs go alone
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class FailedRuns(Exception):  # noqa: N818
    """Some runs did not end; the message says how many, which was the first, and why."""


class RunResult(NamedTuple):
    """What one run leaves: outcomes of the whole town and, for whole arms, its series and pyramids."""

    outcomes: dict[str, float]
    series: pd.DataFrame | None
    pyramids: pd.DataFrame | None


class Answer(NamedTuple):
    """A run by its place in the table, with its result or with what went wrong."""

    place: int
    result: RunResult | None
    problem: str


Simulation = Callable[[Run], RunResult]


class Workbench(Protocol):
    """Everything that a worker needs, small enough to be sent; opened once in each worker."""

    def open(self) -> Simulation:
        """Load what runs start from and return the function that carries one out."""


@dataclass(frozen=True)
class TownBench:
    """The workbench of one experiment: kept files, packages and draws of the uncertain parameters."""

    reference: Path
    foundings: tuple[tuple[float, Path], ...]
    packages: tuple[Package, ...]
    central: Theta
    thetas: tuple[Theta, ...]
    doubts: "Doubts | None"
    start: int
    end: int
    alterations: "Alterations | None" = None
    drawn_effects: bool = False  # of packages, where structure is drawn

    def open(self) -> Simulation:
        """Load the reference arm and the foundings."""
        from abm.alignment import load_reference
        from abm.doubted import doubted
        from abm.founding_store import load_founding
        from abm.simulation import simulate
        from machi.altered import Builder, levers_in

        reference = load_reference(self.reference)
        foundings = {fraction: load_founding(path) for fraction, path in self.foundings}
        builder = Builder(self.alterations) if self.alterations is not None else None

        def carry_out(run: Run) -> RunResult:
            if builder is not None and run.design in ALTERED:
                founding, arm = builder.of(run)
            else:
                founding, arm = foundings[run.fraction], reference
                if self.doubts is not None and run.theta >= 0:
                    arm = doubted(reference, self.doubts, run.theta)
            began = time.perf_counter()  # founding and alignment of an altered town are not the run's
            paths = self.levers(run)
            outputs = simulate(founding, arm, levers_in(run, paths.array), run.seed)
            cost = float(paths.cost_million_yen.sum())
            return read_off(run, outputs, cost, time.perf_counter() - began)

        return carry_out

    def levers(self, run: Run) -> Any:
        """The levers and the cost of a run's portfolio, by year."""
        strengths = dict(zip((package.key for package in self.packages), run.strengths, strict=True))
        central = run.theta < 0 or (run.design == STRUCTURE and not self.drawn_effects)
        theta = self.central if central else self.thetas[run.theta]
        return levers_by_year(self.packages, strengths, theta, run.run_time, self.start, self.end)


def read_off(run: Run, outputs: "Outputs", cost: float, seconds: float) -> RunResult:
    """The result of a run; only `alone` runs keep their years, only `none` and `all` their ages."""
    found = {**outcomes(outputs), "cost_million_yen": cost, "seconds": seconds}
    shown = run.design == "alone"
    ages = shown and run.arm in PYRAMID_ARMS
    return RunResult(found, series(outputs) if shown else None, pyramids(outputs) if ages else None)


def carry_out_all(
    table: Sequence[Run], bench: Workbench, workers: int, done: Callable[[Run], None] = lambda run: None
) -> list[RunResult]:
    """Carry out every run; results stand in the table's order.

    `done` is called once per ended run. Raises FailedRuns after all have been tried if any failed; on Ctrl-C
    the workers are ended and KeyboardInterrupt goes on.
    """
    answers: list[Answer | None] = [None] * len(table)
    source = _in_this_process if workers == 1 else _in_workers
    for answer in source(table, bench, workers):
        answers[answer.place] = answer
        done(table[answer.place])
    failed = [answer for answer in answers if answer is not None and answer.result is None]
    if failed:
        first = table[failed[0].place]
        raise FailedRuns(
            f"{len(failed)} of {len(table)} runs failed; the first was {first.design} {first.arm}, "
            f"replication {first.replication}: {failed[0].problem}"
        )
    return [answer.result for answer in answers if answer is not None and answer.result is not None]


def chunks(table: Sequence[Run]) -> list[list[tuple[int, Run]]]:
    """Tasks: consecutive runs that add up to about the same work, the largest runs first.

    The runs of one altered town stay together, so that it is founded and aligned once.
    """
    order = sorted(enumerate(table), key=lambda item: (-item[1].fraction, item[0]))
    tasks: list[list[tuple[int, Run]]] = []
    load, before = CHUNK_OF_WHOLE_TOWNS, None
    for item in order:
        run = item[1]
        town = (run.design, run.theta) if run.design in ALTERED else None
        full = load + run.fraction > CHUNK_OF_WHOLE_TOWNS
        if town != before or (full and town is None) or not tasks:
            tasks.append([])
            load = 0.0
        tasks[-1].append(item)
        load, before = load + run.fraction, town
    return tasks


def _answers(task: list[tuple[int, Run]], simulation: Simulation) -> list[Answer]:
    """Carry out one task; what goes wrong in a run is told, and the others go on."""
    answers = []
    for index, run in task:
        try:
            answers.append(Answer(index, simulation(run), ""))
        except InputError as error:
            answers.append(Answer(index, None, str(error)))
        except Exception as error:
            answers.append(Answer(index, None, f"{type(error).__name__}: {error}"))
    return answers


def _in_this_process(table: Sequence[Run], bench: Workbench, workers: int) -> Iterator[Answer]:
    simulation = bench.open()
    for task in chunks(table):
        yield from _answers(task, simulation)


def _in_workers(table: Sequence[Run], bench: Workbench, workers: int) -> Iterator[Answer]:
    """Spread tasks over worker processes; only a few wait in the queue, so that Ctrl-C ends at once."""
    tasks = iter(chunks(table))
    with _pool(bench, workers) as pool:
        waiting: set[Future[list[Answer]]] = set()
        try:
            with _workers_deaf_to_interrupts():
                for _, task in zip(range(2 * workers), tasks, strict=False):
                    waiting.add(pool.submit(_worker_answers, task))
            while waiting:
                ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ended:
                    following = next(tasks, None)
                    if following is not None:
                        waiting.add(pool.submit(_worker_answers, following))
                    yield from future.result()
        except BrokenProcessPool as error:
            raise FailedRuns(
                "a worker process ended unexpectedly, perhaps for want of memory; try --workers 1."
            ) from error


@contextmanager
def _pool(bench: Workbench, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Worker processes, spawned; they are ended at once when the block is left by an exception."""
    others = set(multiprocessing.active_children())
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_open, initargs=(bench,))
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        for child in set(multiprocessing.active_children()) - others:
            child.kill()
        pool.shutdown(cancel_futures=True)  # the pool's own thread buries them: nobody else may wait for them
        raise
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _workers_deaf_to_interrupts() -> Iterator[None]:
    """Processes started inside ignore Ctrl-C: the driver alone hears it and ends them."""
    try:
        heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not the main thread: signals cannot be set there
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)


_opened: Simulation | Exception | None = None


def _open(bench: Workbench) -> None:
    """Open the workbench once in a worker; what goes wrong is told when the first task asks for it."""
    global _opened
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _opened = bench.open()
        gc.freeze()  # what the bench has loaded stays: the collector need not look through it again
    except Exception as error:
        _opened = error


def _worker_answers(task: list[tuple[int, Run]]) -> list[Answer]:
    if _opened is None or isinstance(_opened, Exception):
        return [Answer(index, None, f"the worker could not start ({_opened})") for index, _ in task]
    return _answers(task, _opened)


def runs_table(table: Sequence[Run], results: Sequence[RunResult]) -> pd.DataFrame:
    """One row per run: what it was (without strengths) and its outcomes."""
    described = pd.DataFrame([run._asdict() for run in table]).drop(columns="strengths")
    return described.join(pd.DataFrame([result.outcomes for result in results]))


def years_table(table: Sequence[Run], results: Sequence[RunResult], part: str) -> pd.DataFrame:
    """The `series` or `pyramids` of all runs that have one, with run_time, arm and replication in front."""
    parts = []
    for run, result in zip(table, results, strict=True):
        frame: pd.DataFrame | None = getattr(result, part)
        if frame is not None:
            keys = {"run_time": run.run_time, "arm": run.arm, "replication": run.replication}
            parts.append(pd.DataFrame(keys, index=frame.index).join(frame))
    return pd.concat(parts, ignore_index=True)
