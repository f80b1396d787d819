"""All origins that are asked for, judged one after the other."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from abm.errors import InputError
from abm.known.area import Area
from abm.known.scenario import Scenario, read_scenario
from machi.places import Places

from .agents import agents_course
from .judging import AGENTS, Judged, Task, judge
from .origins import Origin, Question, Subject, check_years, origins, subjects

SCENARIO = "scenarios/trend.toml"  # of towns/japan: the same for every area
SEED = 1
WORTH_A_WORKER = 10  # origins: to start a process takes as long as to judge so many
DRAWS = 400  # of every fan: its ends are stable to a few percent of its width


class Inquiry(NamedTuple):
    """What is forecast and what judges it; areas hold all that is known today."""

    question: Question
    subjects: tuple[Subject, ...]
    areas: tuple[Area, ...]
    origins: tuple[Origin, ...]
    scenario: Scenario
    scenario_path: Path

    def area(self, key: str) -> Area:
        """The area of a subject."""
        return self.areas[[one.key for one in self.subjects].index(key)]

    def towns(self) -> list[str]:
        """The keys of the towns."""
        return [one.key for one in self.subjects if one.is_town]


def inquire(places: Places, names: Sequence[str], question: Question) -> Inquiry:
    """Read the areas and find their origins.

    Raises InputError for an unknown area, for years without a stock, and where no area has anything to judge by.
    """
    check_years(question)
    kept: list[Subject] = []
    areas: list[Area] = []
    found: list[Origin] = []
    problems: list[str] = []
    for one in subjects(places, names):
        area = one.read().area
        try:
            of_area = origins(one, area, question)
        except InputError as error:
            problems.append(str(error))
            continue
        if of_area:
            kept, areas, found = [*kept, one], [*areas, area], [*found, *of_area]
        else:
            problems.append(f"town: {one.key} has no two stocks 5 or 10 years apart; add a register or a census.")
    if problems and (names or not found):
        raise InputError(problems[0])
    path = places.japan_dir() / SCENARIO
    return Inquiry(question, tuple(kept), tuple(areas), tuple(found), read_scenario(path), path)


class Errand(NamedTuple):
    """One origin to be judged, by itself, in whichever process."""

    task: Task
    area: Area
    with_agents: bool


def carry_out(
    inquiry: Inquiry, draws: int, with_agents: bool, done: Callable[[], None], workers: int = 1, seed: int = SEED
) -> list[Judged]:
    """Judge every origin, in the order of the inquiry; `done` is called after each. Any number of workers gives the
    same figures.

    Raises InputError, naming the launch, where the past before it is too short.
    """
    errands = [
        Errand(Task(one, inquiry.scenario, draws, seed), inquiry.area(one.subject.key), with_agents)
        for one in inquiry.origins
    ]
    hands = min(workers, len(errands) // WORTH_A_WORKER)
    found = []
    for judged in _in_workers(errands, hands) if hands > 1 else map(run_errand, errands):
        found.append(judged)
        done()
    return found


def run_errand(errand: Errand) -> Judged:
    """Judge one origin, with the agents where they are asked for and can be founded."""
    origin, scenario = errand.task.origin, errand.task.scenario
    made, reason = agents_course(origin, scenario) if errand.with_agents else (None, "")
    try:
        judged = judge(errand.task, errand.area, {AGENTS: made} if made else None)
    except InputError as error:
        where = f"--launch: from {origin.year} ({origin.basis}, known on {origin.launch.known_from})"
        raise InputError(f"{where} nothing can be forecast: {error}") from error
    return judged._replace(reasons=(reason,) if reason else ())


def _in_workers(errands: Sequence[Errand], workers: int) -> Iterator[Judged]:
    """Judge in worker processes; Ctrl-C is heard by this one alone, which lets the others end."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_deaf_to_interrupts)
    try:
        yield from pool.map(run_errand, errands)
    finally:
        pool.shutdown(cancel_futures=True)


def _deaf_to_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
