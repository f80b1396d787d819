"""The cohort twin under levers: births, net moves and deaths moved as far as rates by sex and age can carry a policy.

What the twin has no state for, it cannot carry: kinds of work (`regular_share`, `women_participation`, `remote_share`),
who is married (an extra marriage empties no pool), parity (a first birth opens no second), families (`leaving_families`
moves everybody of the age) and years since arrival (newcomers stay or leave at once, by their five-year retention).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.decisions.coming import of_year
from abm.forecast.cohort import project, waiting_to_go
from abm.forecast.rates import Rates
from abm.levels.reference import Reference, arrivals_of, named
from abm.levers import LEVERS
from abm.people.outputs import Outputs
from abm.people.population import FARMER, RECRUITED, SUPPORTED

Array = NDArray[np.float64]
AGES = 101
MARRIED_BIRTHS_OVER = 10  # years after an extra marriage over which its births are spread evenly; an assumption
MOVERS_BY_WORK = slice(18, 60)  # ages of those whom an extra slot keeps or brings
_ARRIVING = ("arrivals_families", "arrivals_singles", "settlers_families", "settlers_primary", "foreign_arrivals")
_KEPT = ((SUPPORTED, "supported_retention"), (RECRUITED, "foreign_retention"), (FARMER, "primary_retention"))


class Twin(NamedTuple):
    """A town's cohort projection without policy, and what its policy-free agents did, on the scale of the town."""

    start: Array  # [2, 101] residents
    reference: Reference  # its rates, gross out-rates and arrivals
    evacuees: float
    male_share: float
    order_share: Array  # [101, 3] of births by the mother's age: first, second, third and later
    returns: Array  # [Y, 2, 101]
    marriages: Array  # [Y] couples
    births_per_marriage: float
    movers_per_slot: float  # net movers that a lasting slot brings, where the pull is as calibrated


def twin_of(
    reference: Reference, start: Array, evacuees: float, order_share: Array, agents: Outputs, movers_per_slot: float
) -> Twin:
    """The twin of a reference arm; `agents` are one run without policy, `order_share` [7, 3] of ages 15-19 .. 45-49."""
    couples = agents.marriages.sum(axis=(1, 2)) / agents.fraction / 2
    births = agents.births.sum() / agents.fraction
    group = np.clip(np.arange(AGES) // 5 - 3, 0, len(order_share) - 1)
    return Twin(
        start, reference, evacuees, float(reference.numbers.male_share[0]), order_share[group],
        agents.returns / agents.fraction, couples, float(births / max(couples.sum(), 1.0)), movers_per_slot,
    )  # fmt: skip


def residents(twin: Twin, levers: Array) -> Array:
    """Residents on each stock date under `levers` [Y, levers], float64[Y + 1]; neutral levers change nothing."""
    rates = levered_rates(twin, levers)
    return np.asarray(project(twin.start, rates, twin.evacuees, twin.male_share).people.sum(axis=(1, 2)))


def levered_rates(twin: Twin, levers: Array) -> Rates:
    """The twin's rates under levers; counts become rates on the people of the projection without policy."""
    rates = twin.reference.rates
    usual = project(twin.start, rates, twin.evacuees, twin.male_share)
    movable = usual.people[:-1] - waiting_to_go(twin.start, rates, twin.evacuees)[:-1]
    by_year = [named(row) for row in levers]
    extra = extra_movers(twin, by_year, movable)
    wed = extra_marriage_births(twin, by_year) / np.maximum(usual.births.sum(axis=1), 1.0)
    birth = rates.birth * np.stack([_births_factor(twin, of) for of in by_year]) * (1 + wed)[:, None]
    death = rates.death.copy()
    for y, of in enumerate(by_year):
        death[y, :, 41:86] = np.minimum(death[y, :, 41:86] * of["mortality_40_84"], 1.0)
    return rates._replace(birth=birth, death=death, net=rates.net + extra / np.maximum(movable, 1.0))


def _births_factor(twin: Twin, levers: dict[str, float]) -> Array:
    """The factor on births by the mother's age, [101]: orders weighted by their shares."""
    orders = np.array([levers[f"childbirth_{order}"] for order in ("first", "second", "third")])
    return np.asarray(levers["childbirth"] * (1 + twin.order_share @ (orders - 1)))


def extra_marriage_births(twin: Twin, by_year: list[dict[str, float]]) -> Array:
    """Births a year of marriages that would not have been, float64[Y], at the town's births per marriage."""
    more = np.array([of["marriage_search"] - 1 for of in by_year]) * twin.marriages
    more += np.array([of["matchmaking"] - 1 for of in by_year]) * twin.marriages[0]
    spread = np.full(MARRIED_BIRTHS_OVER, twin.births_per_marriage / MARRIED_BIRTHS_OVER)
    return np.convolve(more, spread)[: len(more)]


def extra_movers(twin: Twin, by_year: list[dict[str, float]], people: Array) -> Array:
    """Net movers a year that levers add, float64[Y, 2, 101]: fewer leavers, more returners and arrivals, slots."""
    out = people * twin.reference.leaving
    extra = np.zeros_like(people)
    slots = np.zeros(len(by_year))
    for y, of in enumerate(by_year):
        leave = np.ones((2, AGES))
        leave[:, 17:25] *= of["leaving_18_24"]
        leave[1, 20:35] *= of["leaving_women_20_34"]
        leave[:, 25:45] *= of["leaving_families"]
        leave[:, :15] *= of["leaving_families"]  # children go with their parents
        extra[y] -= (leave - 1) * out[y]
        extra[y, :, 22:35] += (of["uturn"] - 1) * twin.returns[y, :, 22:35]
        extra[y, :, 22:30] += of["returnees_extra"] / (2 * 8)
        extra[y] += extra_arrivals(twin, y, of)
        slots[y] = of["vacancy_pull"] * sum(of[one.key] for one in LEVERS if one.key.startswith("slots_"))
    new = np.diff(slots, prepend=0.0) * twin.movers_per_slot
    ages = out[:, :, MOVERS_BY_WORK]
    extra[:, :, MOVERS_BY_WORK] += new[:, None, None] * ages / ages.sum(axis=(1, 2), keepdims=True)
    return extra


def extra_arrivals(twin: Twin, y: int, levers: dict[str, float]) -> Array:
    """Arrivals of year y beyond those of the reference arm who are still here five years later, float64[2, 101]."""
    usual = {one.key: one.neutral for one in LEVERS}
    moved = {key: levers[key] for key in _ARRIVING}
    if all(usual[key] == value for key, value in moved.items()):
        return np.zeros((2, AGES))
    table, units = arrivals_of(twin.reference, y)
    year = int(twin.reference.rates.years[y])
    counts = []
    for of in (usual, usual | moved):
        coming, _ = of_year(table, units, year, 1.0, 1, of)
        kept = np.ones(len(coming.age))
        for origin, lever in _KEPT:
            kept[coming.origin == origin] = levers[lever]
        age = np.clip(coming.age, 0, AGES - 1).astype(np.int64)  # the year's newborns come with their mothers
        place = coming.sex.astype(np.int64) * AGES + age
        counts.append(np.bincount(place, kept, minlength=2 * AGES).reshape(2, AGES))
    extra: Array = np.asarray(counts[1] - counts[0], dtype=np.float64)
    extra[:, :18] *= levers[
        "supported_retention"
    ]  # children carry no origin of their own; they stay with their parents
    return extra
