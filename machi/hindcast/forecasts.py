"""Our own forecast from a launch: the trend projection, and the fan of its uncertain rates."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.forecast.cohort import project
from abm.forecast.doubt import doubt_of, draw, project_draws, with_chance
from abm.forecast.future import Future
from abm.forecast.futures import scenario_rates
from abm.forecast.launch import Launch, launch_stock
from abm.forecast.rates import Rates
from abm.forecast.vital_levels import mortality_level
from abm.known.hazards import death_rates_at
from abm.known.scenario import Basis, Scenario
from abm.known.setting import Setting
from abm.known.stocks import single_stock

from .course import SAME, Array, Course, between, course_of
from .origins import HORIZONS, NEAR, Origin

CHANCE = 40_014  # tells the chance of single lives from all other draws of the same seed
LEVEL = 0.90  # of every interval
# A forecast is always made for so many years, so that an end which is added later does not change its draws.
LONGEST = int(np.ceil(max(HORIZONS) + NEAR))


class Fan(NamedTuple):
    """Ends of the 90 % intervals (axis 0: low, high)."""

    totals: Array  # [2, Y + 1] by year after the launch
    at_ends: Array  # [2, ends]
    cells: Array  # [2, ends, 2, 17]


def launch_of(origin: Origin, setting: Setting) -> Launch:
    """The launch as estimation takes it; the setting must have been read with what was known then."""
    return Launch(setting, origin.basis, origin.nationality, origin.launch.day)


def years_of(origin: Origin) -> int:
    """How many years are projected."""
    return max(LONGEST, *(int(np.ceil(origin.horizon(end) - SAME)) for end in origin.ends))


def opening(launch: Launch) -> Array:
    """The residents of the launch in single years of age, [2, 101]."""
    rates = death_rates_at(launch.schedules, launch.day) * mortality_level(launch)
    return single_stock(launch_stock(launch), launch.setting.prefecture, rates)


def boys(setting: Setting) -> float:
    """Share of boys among the newborns."""
    ratio = setting.assumptions["sex_ratio_at_birth"].value
    return ratio / (1 + ratio)


def trend_rates(origin: Origin, setting: Setting, scenario: Scenario) -> Rates:
    """The trend scenario's rates from the launch on."""
    first = origin.year
    last = first + years_of(origin)
    return scenario_rates(
        Future(setting, scenario, _basis(origin.basis), first, last, origin.launch.day, origin.nationality)
    )


def _basis(basis: str) -> Basis:
    return "census" if basis == "census" else "register"


def trend(origin: Origin, setting: Setting, scenario: Scenario, draws: int, seed: int) -> tuple[Course, Fan]:
    """The projection that the trend scenario gives from a launch, and its fan from so many draws."""
    launch = launch_of(origin, setting)
    rates = trend_rates(origin, setting, scenario)
    people = opening(launch)
    course = course_of(project(people, rates, 0.0, boys(setting)))
    return course, fan_of(origin, launch, rates, people, draws, seed)


def fan_of(origin: Origin, launch: Launch, rates: Rates, people: Array, draws: int, seed: int) -> Fan:
    """The 90 % intervals of a projection: rates drawn anew, and for age groups the chance of single lives added."""
    years = len(rates.years)
    drawn = draw(doubt_of(launch), years, np.arange(1, draws + 1), seed)
    whole: NDArray[np.int64] = np.arange(years + 1, dtype=np.int64)
    fan = project_draws(people, rates, boys(launch.setting), drawn, launch.shape, whole)
    at_ends, cells = [], []
    for end in origin.ends:
        horizon = origin.horizon(end)
        groups = between(whole.astype(np.float64), np.moveaxis(fan.groups, 1, 0), horizon)
        rng = np.random.Generator(np.random.Philox(key=[CHANCE + seed, round(horizon * 12)]))
        groups = with_chance(groups, horizon, rates, launch.shape, rng)
        cells.append(interval(groups))
        at_ends.append(interval(groups.sum(axis=(1, 2))))
    return Fan(interval(fan.totals), np.stack(at_ends, axis=1), np.stack(cells, axis=1))


def interval(values: Array) -> Array:
    """Low and high ends of the central interval of draws [K, ...], [2, ...]."""
    tail = (1 - LEVEL) / 2
    return np.asarray(np.quantile(values, [tail, 1 - tail], axis=0))
