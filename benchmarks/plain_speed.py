"""The same births, deaths, marriages and moves written as plain Mesa agents, against Machi (goal 70 times).

One `mesa.Agent` a person, as Mesa's documentation teaches, on the tables of the reference arm. Machi is timed twice: by
the same rules (`plain_machi.py`, like for like), and living the whole year with work, circles of colleagues, elders,
people away and their return, which the plain model leaves out: the ratio to that is the cautious one.
"""

import time
from collections.abc import Iterator
from statistics import median

import numpy as np

from abm.founding.found import Founding, found
from abm.levels.reference import Reference
from abm.levers import neutral
from abm.people.outputs import Outputs
from abm.simulation import Array, simulate
from benchmarks.plain_machi import live_plain_years, without_away
from benchmarks.plain_mesa import PlainTown
from benchmarks.plain_plan import PlainPlan
from benchmarks.plain_tables import Tables, tables_of
from benchmarks.town import Iwaki

SIZES = ((10_000, 5), (35_000, 3))  # people, rounds
GOAL = {10_000: " (goal 70)"}
COUNTED = ("births", "deaths", "marriages", "leavers")
COUNTED_YEARS, COUNTED_SEEDS = 10, 3


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
    return _ns(time.process_time() - began, record)


def ns_of_same_rules(residents: Founding, plan: PlainPlan, seed: int) -> float:
    """Nanoseconds of CPU time per person-year of Machi by the plain model's rules, `residents` being without away."""
    began = time.process_time()
    record = live_plain_years(residents, plan, seed)
    return _ns(time.process_time() - began, record)


def _ns(spent: float, record: Outputs) -> float:
    return spent / float(record.population[:-1].sum()) * 1e9


def events_of_plain(tables: Tables, founding: Founding, seed: int, years: int) -> Array:
    """Births, deaths, marriages and leavers of the plain model's first `years` (float64[4])."""
    model = PlainTown(tables, founding.population, seed)
    for _ in range(years):
        model.step()
    seen = model.datacollector.get_model_vars_dataframe()
    model.remove_all_agents()
    return np.array([float(seen[name].sum()) for name in ("births", "deaths", "weddings", "left")])


def events_of_machi(residents: Founding, plan: PlainPlan, seed: int, years: int) -> Array:
    """The same of Machi by the plain model's rules."""
    record = live_plain_years(residents, plan, seed)
    flows = (record.births, record.deaths, record.marriages, record.moves_out)
    return np.array([float(flow[:years].sum()) for flow in flows]) / (1, 1, 2, 1)  # both of a couple are counted


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """What happens in a year and its nanoseconds per person, by size of the town."""
    people = len(iwaki.people.population.residents)
    for size, rounds in SIZES:
        founding = found(iwaki.town, fraction=size / people)
        sides = tables_of(iwaki.reference, founding.fraction), PlainPlan(iwaki.reference, founding.fraction)
        for label, value in (*events(founding, *sides), *times(founding, *sides, iwaki.reference, rounds, size)):
            yield f"{size:,} people: {label}", value


def events(founding: Founding, tables: Tables, plan: PlainPlan) -> Iterator[tuple[str, str]]:
    """What happens in a year on both sides, so that a reader sees that they do the same work."""
    residents, seeds = without_away(founding), range(1, COUNTED_SEEDS + 1)
    here = np.mean([events_of_plain(tables, founding, seed, COUNTED_YEARS) for seed in seeds], axis=0)
    there = np.mean([events_of_machi(residents, plan, seed, COUNTED_YEARS) for seed in seeds], axis=0)
    for name, mesa, machi in zip(COUNTED, here / COUNTED_YEARS, there / COUNTED_YEARS, strict=True):
        value = f"{mesa:,.1f} and {machi:,.1f}  ({COUNTED_YEARS} years of {COUNTED_SEEDS} seeds)"
        yield f"{name} a year, plain Mesa and Machi", value


def times(
    founding: Founding, tables: Tables, plan: PlainPlan, arm: Reference, rounds: int, size: int
) -> Iterator[tuple[str, str]]:
    """Times of all three in turns, their medians, and how many times plain Mesa's is each of Machi's."""
    residents = without_away(founding)
    ns_of_machi(founding, arm, 1)  # whatever is not compiled yet
    ns_of_same_rules(residents, plan, 1)
    mesa, whole, same = [], [], []
    for seed in range(1, rounds + 1):
        mesa.append(ns_of_plain(tables, founding, seed))
        whole.append(ns_of_machi(founding, arm, seed))
        same.append(ns_of_same_rules(residents, plan, seed))
    for name, spent, goal in (("plain Mesa", mesa, ""), ("Machi, the whole year", whole, ""),
                              ("Machi, the same rules", same, GOAL.get(size, ""))):  # fmt: skip
        value = f"{median(spent):,.0f}  ({min(spent):,.0f} to {max(spent):,.0f}, n = {rounds})"
        if spent is not mesa:
            value += f"; plain Mesa takes {median(mesa) / median(spent):.0f} times as long{goal}"
        yield f"{name}, ns per person-year", value
