"""The same births, deaths, marriages and moves written as plain Mesa agents, against a run of Machi (goal 70 times).

One `mesa.Agent` a person, as Mesa's documentation teaches, on the tables of the reference arm. Machi's run lives the
whole year (work, circles of colleagues, elders, people away and their return); the plain model leaves these out.
"""

import time
from collections.abc import Iterator
from statistics import median

from abm.founding.found import Founding, found
from abm.levels.reference import Reference
from abm.levers import neutral
from abm.simulation import simulate
from benchmarks.plain_mesa import PlainTown
from benchmarks.plain_tables import Tables, tables_of
from benchmarks.town import Iwaki

SIZES = ((10_000, 5), (35_000, 3))  # people, rounds
GOAL = {10_000: "goal 70"}


def ns_of_plain(tables: Tables, founding: Founding, seed: int) -> float:
    """Nanoseconds of CPU time per person-year of the plain model."""
    model = PlainTown(tables, founding.population, seed)
    lived = 0
    began = time.process_time()
    for _ in range(tables.years):
        lived += len(model.agents)
        model.step()
    spent = time.process_time() - began
    model.remove_all_agents()
    return spent / lived * 1e9


def ns_of_machi(founding: Founding, arm: Reference, seed: int) -> float:
    """Nanoseconds of CPU time per person-year of a run of Machi; only those of residents count."""
    levers = neutral(len(arm.rates.years))
    began = time.process_time()
    record = simulate(founding, arm, levers, seed)
    spent = time.process_time() - began
    return spent / float(record.population[:-1].sum()) * 1e9


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """Nanoseconds per person-year of both in turns, medians and their ratio, by size of the town."""
    arm, people = iwaki.reference, len(iwaki.people.population.residents)
    for size, rounds in SIZES:
        founding = found(iwaki.town, fraction=size / people)
        tables = tables_of(arm, founding.fraction)
        ns_of_machi(founding, arm, 1)  # whatever is not compiled yet
        plain, machi = [], []
        for seed in range(1, rounds + 1):
            plain.append(ns_of_plain(tables, founding, seed))
            machi.append(ns_of_machi(founding, arm, seed))
        for name, spent in (("plain Mesa", plain), ("Machi", machi)):
            spread = f"({min(spent):,.0f} to {max(spent):,.0f}, n = {rounds})"
            yield f"{size:,} people: {name}, ns per person-year", f"{median(spent):,.0f}  {spread}"
        ratio = median(plain) / median(machi)
        goal = f" ({GOAL[size]})" if size in GOAL else ""
        yield f"{size:,} people: plain Mesa's time over Machi's, which does more{goal}", f"{ratio:.0f}"
