"""The reference arm as data: base tables, scenario, factors and counts that every run of a town shares.

`Reference` is solved once by `abm/alignment.py` and then fixed: a run takes each year's tables from it, applies the
levers of that year, and never aligns anything again (aligning a policy arm would erase the effect that is asked for).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.decisions.arrivals import Units
from abm.decisions.childbirth import Births, births_of_year
from abm.decisions.employment import Jobs, Labour, jobs_of_year
from abm.decisions.leaving_home import HomeMoves
from abm.decisions.marriage import Divorces, Search
from abm.decisions.migration import Moves, leaving_of_year, return_of_year
from abm.decisions.mortality import Deaths, deaths_of_year
from abm.forecast.rates import Rates
from abm.levers import LEVERS
from abm.people.population import BUILDER, FARMER, RECRUITED, SUPPORTED, Arrivals

Array = NDArray[np.float64]
_RETENTION_YEARS = 5  # retention levers are probabilities of staying five years


class Numbers(NamedTuple):
    """Single figures that the year needs (float64[1] each, so that they are saved like every other array)."""

    male_share: Array  # of births
    joins_parents: Array  # share of couples who begin with his parents
    participation: Array  # base share of women 25-44 in work
    matching: Array  # elasticity of finding work to vacancies
    commuting: Array  # share of extra vacancies that in-commuters fill a year
    elasticity: Array  # of leaving and return to vacancies
    marriages_per_participant: Array  # matchmaking: extra marriages per searcher who takes part
    base_marriages: Array  # of the first year
    base_searchers: Array  # of the first year
    away_gap: Array  # years between husband and wife of couples who form away
    held_by_parent: Array  # what is left of leaving home where the mother is old
    divorced_to_parents: Array  # share of divorcing husbands who return to their mother's household
    away_to: Array  # age to which people away are followed
    group_size: Array  # adults per group of acquaintances


class Reference(NamedTuple):
    """Everything that a run needs beside its founding, its levers and its seed."""

    rates: Rates
    jobs: Jobs
    search: Search
    divorces: Divorces
    births: Births
    moves: Moves
    away_marriage: Array  # [2, 2, 101] marriage probabilities of those away
    away_death: Array  # [Y, 2, 112]
    home: Array  # [2, 101] leaving the parents' household within town
    going_back: Array  # [Y, 2 (mother under 75, old)] people alone who go back to their mother's household
    joining: Array  # [Y, 2 (alone, couples), 101] elders who come to live with a child in town
    institution: Array  # [2 (alone, with others), 101] entry of unpartnered elders into an institution
    numbers: Numbers
    search_factor: Array  # [Y]
    outside: Array  # [Y, 2] probability that a searcher who met nobody marries somebody from elsewhere
    birth_factor: Array  # [Y, 101]
    base_births: Array  # [8] the first year's births wanted over those of the base tables: all ages, 15-19 .. 45-49
    leave_factor: Array  # [Y, 2, 101]
    leaving: Array  # [2, 101] gross out-moves per resident a year to which leaving is fitted
    slots: Array  # [Y + 1, 7]
    vacancies: Array  # [Y + 1, 7] the reference arm's own
    in_commuters: Array  # [Y + 1, 7]
    arrivals: Arrivals
    arrivals_from: NDArray[np.int64]  # [Y + 1] first row of each year in `arrivals`
    units: Units
    units_from: NDArray[np.int64]  # [Y + 1] first unit of each year in `units`
    floored: Array  # [Y] arrivals that would have been negative and were set to 0
    targets: Array  # [Y, 4] marriages, births, net migration, population at the end: what alignment aimed at


_SLOTS = tuple(lever.key for lever in LEVERS if lever.key.startswith("slots_"))


def named(levers: Array) -> dict[str, float]:
    """One year's row of levers by name."""
    return {lever.key: float(value) for lever, value in zip(LEVERS, levers, strict=True)}


def tightness(reference: Reference, y: int, labour: Labour) -> float:
    """Last year's vacancies over the reference arm's of the same date, at least 0.2 and at most 5."""
    usual = float(reference.vacancies[y].sum())
    return min(max(float(labour.vacancies.sum()) / max(usual, 1.0), 0.2), 5.0)


def jobs_in(reference: Reference, y: int, labour: Labour, levers: dict[str, float]) -> Jobs:
    """The year's work table: hires go where vacancies are."""
    pull = (np.maximum(labour.vacancies, 0.0) + 1) / (reference.vacancies[0] + 1)
    numbers = reference.numbers
    return jobs_of_year(
        reference.jobs, tightness(reference, y, labour), pull, levers,
        float(numbers.participation[0]), float(numbers.matching[0]),
    )  # fmt: skip


def search_in(reference: Reference, y: int, levers: dict[str, float]) -> Search:
    """The year's search table; matchmaking's extra marriages become a share of searchers who take part."""
    base, numbers = reference.search, reference.numbers
    factor = reference.search_factor[y] * levers["marriage_search"]
    extra = (levers["matchmaking"] - 1) * numbers.base_marriages[0]
    able = numbers.base_searchers[0] * numbers.marriages_per_participant[0]
    share = np.array([min(max(extra, 0.0) / max(able, 1e-9), 1.0)])
    by_age = np.minimum(base.by_age * factor, 0.95)
    return base._replace(by_age=by_age, matchmaking=share, outside=reference.outside[y])


def home_moves_in(reference: Reference, y: int) -> HomeMoves:
    """The year's moves within town; no lever moves them."""
    held = float(reference.numbers.held_by_parent[0])
    return HomeMoves(reference.home, held, reference.going_back[y], reference.institution, reference.joining[y])


def births_in(reference: Reference, y: int, levers: dict[str, float]) -> Births:
    """The year's birth table."""
    return births_of_year(reference.births, reference.birth_factor[y], levers)


def moves_in(reference: Reference, y: int, labour: Labour, levers: dict[str, float], away_young: float) -> Moves:
    """The year's moving table; `away_young` is the number of those away at 22-29 (whole town) for extra returnees.

    The one elasticity: leaving at 18-59 goes with tightness^-e, return with tightness^e.
    """
    base = reference.moves
    pull = tightness(reference, y, labour) ** (reference.numbers.elasticity[0] * levers["vacancy_pull"])
    factor = reference.leave_factor[y]
    leave = leaving_of_year(base.leave, factor, pull, levers["leaving_18_24"], levers["leaving_women_20_34"],
                            levers["leaving_families"])  # fmt: skip
    uturn = return_of_year(base.uturn, pull, levers["uturn"])
    extra, remote = np.zeros(uturn.shape[1]), reference.jobs.remote.copy()
    extra[22:30] = levers["returnees_extra"] / max(away_young, 1.0)
    remote[20:60] += levers["remote_share"] / 100
    stay = base.short_stay.copy()
    for origin, lever in (
        (SUPPORTED, "supported_retention"),
        (RECRUITED, "foreign_retention"),
        (FARMER, "primary_retention"),
    ):
        stay[origin] = 1 - levers[lever] ** (1 / _RETENTION_YEARS)
    home = np.cumsum(reference.rates.evacuees_home)
    window = np.array([home[y] - reference.rates.evacuees_home[y], home[y], reference.rates.evacuees_share[0]])
    own = base.own.copy()
    own[BUILDER] = 1 / max(base.builders_until[0] - reference.rates.years[y], 1.0)  # evenly until the end
    return base._replace(leave=leave, own_factor=base.own_factor * factor, uturn=uturn, short_stay=stay,
                         homecoming=window, own=own, return_extra=extra, remote_away=remote)  # fmt: skip


def deaths_in(reference: Reference, y: int, levers: dict[str, float]) -> Deaths:
    """The year's death table."""
    return deaths_of_year(reference.rates.death[y], reference.away_death[y], levers["mortality_40_84"])


def arrivals_of(reference: Reference, y: int) -> tuple[Arrivals, Units]:
    """The reference arm's arrivals of a year, with their units."""
    first, last = reference.arrivals_from[y : y + 2]
    unit, end = reference.units_from[y : y + 2]
    table = Arrivals._make(column[first:last] for column in reference.arrivals)
    return table, Units._make(column[unit:end] for column in reference.units)


def slots_in(reference: Reference, y: int, levers: dict[str, float]) -> Array:
    """Slots by sector at the end of year y: the reference arm's and what policy has added (float64[7])."""
    added = np.array([levers[key] for key in _SLOTS])
    return np.asarray(reference.slots[y + 1] + added)
