"""The official five-year form: what a city hall's worksheet makes of survival, net migration and child-woman ratios.

P[s, x + 5](t + 5) = P[s, x](t) (S + NM); children of 0-4 are the child-woman ratio times the women of 15-49, split by
the nation's sex ratio of 0-4. The ratio follows total fertility (Cabinet Office worksheet; IPSS projections of 2018).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.forecast.future import Future, fled
from abm.forecast.futures import between, fertility_path, five_year_rates, homecoming, newest_years, stations
from abm.forecast.net_migration import census_of, group_survival
from abm.forecast.relative import relative_mortality
from abm.known.hazards import death_rates_at

Array = NDArray[np.float64]
STEP = 5
GROUPS = 19
WOMEN = slice(3, 10)  # 15-19 .. 45-49


class Worksheet(NamedTuple):
    """Years [T] in steps of five, and the people in each, [T, 2, 19] (90 and over last)."""

    years: NDArray[np.int64]
    people: Array


def project_by_fives(future: Future) -> Worksheet:
    """The five-year projection of a scenario from a census.

    Raises InputError for the register (the form needs a census) and for a scenario that has no census rates.
    """
    setting, scenario = future.setting, future.scenario
    if future.basis != "census":
        raise InputError("form: the five-year form starts from a census; give --basis census or --form annual.")
    if scenario.migration.rates != "census" or scenario.migration.pool or scenario.fertility.path == "trend":
        raise InputError(f"form: the scenario {scenario.key} has no five-year form; give --form annual.")
    years = np.arange(future.start, future.end + 1, STEP, dtype=np.int64)
    people = np.zeros((len(years), 2, GROUPS))
    people[0] = _to_90(census_of(setting.area, future.start).people)
    ratios, boys = child_woman_ratios(future, people[0], years), boys_share(future)
    found = stations(future)
    rates = [five_year_rates(future, one) for one in found]
    level = relative_mortality(setting, *newest_years(setting))
    home = homecoming(future).cumsum()
    refuge = people[0] * fled(future) / people[0].sum()
    for t in range(1, len(years)):
        middle = future.day + STEP * (t - 0.5)
        survival = group_survival(death_rates_at(setting.schedules, middle) * level, people[t - 1])
        waiting = refuge * (home[-1] - (home[STEP * (t - 1) - 1] if t > 1 else 0.0))
        still = refuge * (home[-1] - home[min(STEP * t, len(home)) - 1])
        net = between(middle, found, rates)
        people[t, :, 1:] = _moved_on(people[t - 1] - waiting, survival + net) + _moved_on(still, survival)
        refuge = np.concatenate([np.zeros((2, 1)), _moved_on(refuge, survival)], axis=1)
        people[t, :, 0] = ratios[t] * people[t, 1, WOMEN].sum() * np.array([boys, 1 - boys])
    return Worksheet(years, people)


def _to_90(people: Array) -> Array:
    return np.concatenate([people[:, :18], people[:, 18:].sum(axis=1, keepdims=True)], axis=1)


def _moved_on(people: Array, factor: Array) -> Array:
    """Everybody one group older, times the factor [2, 18] (the last is of 85 and over), float64[2, 18]."""
    base = np.concatenate([people[:, :17], people[:, 17:].sum(axis=1, keepdims=True)], axis=1)
    return base * factor


def child_woman_ratios(future: Future, people: Array, years: NDArray[np.int64]) -> Array:
    """Children of 0-4 per woman of 15-49 in each year: that of the census, following total fertility.

    Children of 0-4 were born over the five years before, so the ratio of a year follows the mean fertility of these.
    """
    yearly = fertility_path(future)
    ratio = people[:, 0].sum() / people[1, WOMEN].sum()
    means = [yearly[max(year - future.start - STEP, 0) : max(year - future.start, 1)].mean() for year in years]
    return np.asarray(ratio * np.array(means) / means[0])


def boys_share(future: Future) -> float:
    """Boys among the nation's children of 0-4 in the newest census (one value for all municipalities)."""
    children = future.setting.nation.census[-1].people[:, 0]
    return float(children[0] / children.sum())
