"""Time per person-year and memory per resident from 10,000 to 1,000,000 people, the away included (goal growth 1.5).

Below the real size the town is a sample of itself, above it lives several times side by side.
"""

import time
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from abm.founding.copies import side_by_side
from abm.founding.found import Founding, found
from abm.levels.reference import Reference
from abm.levers import neutral
from abm.people.outputs import Outputs
from abm.simulation import simulate
from benchmarks.memory import NOT_AVAILABLE, peak_growth
from benchmarks.town import Iwaki

SIZES = (10_000, 35_000, 350_000, 1_000_000)
ROUNDS = 3


class Cost(NamedTuple):
    """What a run of so many residents (at the start) costs."""

    residents: int
    ns: float  # CPU time per person-year of residents
    run: float | None  # bytes at the peak of a run beyond those before it, per resident; None where not measurable
    town: float  # bytes of the founded town itself, people away and spare rows included, per resident


def founding_of(iwaki: Iwaki, size: int) -> Founding:
    """Iwaki with about so many residents: a sample below 1:1, whole copies above."""
    share = size / len(iwaki.people.population.residents)
    if share < 0.95:
        return found(iwaki.town, fraction=share)
    return side_by_side(iwaki.people, round(share))


def person_years(record: Outputs) -> float:
    """Years lived by simulated residents, each counted on the stock date on which it begins."""
    return float(record.population[:-1].sum())


def costs(foundings: list[Founding], arm: Reference, rounds: int = ROUNDS) -> list[Cost]:
    """Medians of CPU time over rounds in which every size runs once, so that a busy moment meets all of them."""
    levers = neutral(len(arm.rates.years))
    spent: list[list[float]] = [[] for _ in foundings]
    for seed in range(1, rounds + 1):
        for founding, times in zip(foundings, spent, strict=True):
            began = time.process_time()
            record = simulate(founding, arm, levers, seed)
            times.append((time.process_time() - began) / person_years(record) * 1e9)
    return [_cost(founding, arm, median(times)) for founding, times in zip(foundings, spent, strict=True)]


def _cost(founding: Founding, arm: Reference, ns: float) -> Cost:
    """Time is given; memory is measured in one more run."""
    people = founding.population
    residents, levers = len(people.residents), neutral(len(arm.rates.years))
    risen = peak_growth(lambda: simulate(founding, arm, levers, 1))
    town = sum(column.nbytes for table in (people.persons, people.households) for column in table)
    return Cost(residents, ns, None if risen is None else risen / residents, town / residents)


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """Nanoseconds per person-year and bytes per resident by size, and how much the dearest size costs more."""
    arm = iwaki.reference
    simulate(found(iwaki.town, fraction=0.01), arm, neutral(len(arm.rates.years)), 1)  # compiles what is not yet
    seen = costs([founding_of(iwaki, size) for size in SIZES], arm)
    for cost in seen:
        yield f"{cost.residents:,} people: ns per person-year, median of {ROUNDS}", f"{cost.ns:.0f}"
        run = NOT_AVAILABLE if cost.run is None else f"{cost.run:.0f}"
        yield f"{cost.residents:,} people: bytes per resident at the peak of a run (goal 150)", run
        yield f"{cost.residents:,} people: bytes per resident of the founded town itself", f"{cost.town:.0f}"
    yield "ns per person-year, the largest town over the smallest (goal 1.5)", f"{seen[-1].ns / seen[0].ns:.2f}"
    dearest, cheapest = max(cost.ns for cost in seen), min(cost.ns for cost in seen)
    yield "the dearest size over the cheapest", f"{dearest / cheapest:.2f}"
