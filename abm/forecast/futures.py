"""A scenario turned into rates by year for a town, on a basis and from a launch."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.forecast.future import Future, launch_of
from abm.forecast.net_migration import intercensal_net_rates, survival_5y
from abm.forecast.pool import with_pool
from abm.forecast.rates import Rates
from abm.forecast.relative import relative_fertility, relative_mortality
from abm.forecast.trend import Estimate, estimate
from abm.forecast.vital_levels import marriage_trend
from abm.known.hazards import (
    annual_net_rates,
    births_at,
    fertility_schedule,
    mortality_path,
)
from abm.known.scenario import Cell, Fertility
from abm.known.setting import Setting

Array = NDArray[np.float64]
LEVEL_YEARS = 4.0  # of the register, over which the town's level is pooled where the official paths are used
PAST_YEARS = 5.0  # of the register's first flows, for the mortality of the past


def scenario_rates(future: Future) -> Rates:
    """The rates of every simulated year start .. end - 1 in a scenario (the reference arm's targets)."""
    setting, scenario, years = future.setting, future.scenario, future.years
    known = _estimate(future)
    tfr = fertility_path(future, known)
    mortality = relative_mortality(setting, *newest_years(setting)) if known is None else known.mortality
    shape = fertility_schedule(setting.schedules)
    net = _net_path(future, known)
    if scenario.migration.pool:
        net = with_pool(future, net)
    return Rates(
        years=years,
        begins=future.begins,
        death=mortality_path(setting.schedules, future.begins, mortality),
        birth=tfr[:, None] * shape[None, :],
        net=net,
        nuptiality=nuptiality_path(future, tfr),
        evacuees_home=homecoming(future),
        evacuees_share=np.array([_return_share(future)]),
    )


def _estimate(future: Future) -> Estimate | None:
    """What the past says, where the scenario asks for it."""
    return estimate(launch_of(future)) if future.scenario.is_estimated else None


def newest_years(setting: Setting) -> tuple[float, float]:
    """The newest whole years of the register over which levels are pooled."""
    flows = setting.area.flows.get("total", ())
    end = flows[-1].end if flows else 0.0
    return end - LEVEL_YEARS, end


def official(path: tuple[Array, Array] | None, future: Future) -> tuple[Array, Array]:
    """An official path, or InputError where it was not known at the launch."""
    if path is None:
        raise InputError(
            f"scenario {future.scenario.key}: no official path is known by {future.day:.2f}; use the scenario trend."
        )
    return path


def fertility_path(future: Future, known: Estimate | None = None) -> Array:
    """Total fertility of the town by simulated year, float64[Y]."""
    fertility = future.scenario.fertility
    middles = future.begins + 0.5
    if fertility.path == "trend":
        assert known is not None
        shape = future.setting.behaviour["estimation"]
        fading = np.cumsum(shape["trend_kept"] ** np.arange(len(middles)))
        return np.asarray(known.tfr * np.exp(known.tfr_change * (fading - 0.5)))
    national = _national_fertility(future, middles)
    if fertility.path == "targets":
        return _through_targets(future, fertility, national)
    if fertility.path == "recent_decline":
        return national * _recent_decline(future)
    return national


def _national_fertility(future: Future, middles: Array) -> Array:
    """The official path times the town's level.

    The level is what the register's births of its newest years say about its women, against the path of these years.
    """
    setting = future.setting
    path_years, path = official(setting.schedules.tfr_path, future)
    since, until = newest_years(setting)
    pooled = np.mean(np.interp(np.arange(since, until), path_years, path))
    level = relative_fertility(setting, since, until) * births_at(setting.schedules).sum() / pooled
    return np.asarray(np.interp(middles - 0.5, path_years, path) * level)


def _through_targets(future: Future, fertility: Fertility, national: Array) -> Array:
    """The national path until `from_year`, then linear through the targets, constant after the last."""
    first = fertility.from_year or future.start
    times = future.begins + 0.5
    leaves = float(np.interp(first + 0.5, times, national))
    years = np.array([first, *(one.year for one in fertility.targets)]) + 0.5
    past = [one.year for one in fertility.targets if one.year <= future.start]
    if past and (fertility.from_year is None or len(past) == len(fertility.targets)):
        where = f"scenario {future.scenario.key}: fertility target {past[-1]}"
        raise InputError(f"{where} is not after the start {future.start}; correct it.")
    path = np.interp(times, years, [leaves, *(one.tfr for one in fertility.targets)])
    return np.where(times < years[0], national, path)


def _recent_decline(future: Future) -> Array:
    """The change of the town's own births over its newest years, damped, as a factor by year; 1 if one had none."""
    shape = future.setting.behaviour["estimation"]
    since, until = newest_years(future.setting)
    years = np.arange(since, until)
    levels = [relative_fertility(future.setting, year, year + 1) for year in years]
    if min(levels) <= 0:
        return np.ones(len(future.years))
    slope = min(0.0, float(np.polyfit(years - years.mean(), np.log(levels), 1)[0]))
    fading = np.cumsum(shape["trend_kept"] ** np.arange(len(future.years)))
    return np.asarray(np.exp(slope * fading))


def nuptiality_path(future: Future, tfr: Array) -> Array:
    """Marriages' level by year, 1 in the first: fertility's change to the power sigma, and the prefecture's trend."""
    change = np.ones(len(tfr)) if tfr[0] <= 0 else (tfr / tfr[0]) ** future.scenario.marriage_share
    if future.scenario.nuptiality.path == "trend":
        shape = future.setting.behaviour["estimation"]
        fading = np.cumsum(shape["trend_kept"] ** np.arange(len(tfr)))
        slope = marriage_trend(future.setting, future.day) * shape["trend_share"]
        change = change * np.exp(slope * (fading - fading[0]))
    return np.asarray(change)


class Station(NamedTuple):
    """Net rates that the path of migration runs through at a time: of these census intervals, scaled."""

    when: float
    intervals: tuple[int, ...]
    scale: float
    cells: tuple[Cell, ...]


def stations(future: Future) -> list[Station]:
    """The scenario's start and its milestones; one in the year of the start holds from the first day on."""
    migration, scenario = future.scenario.migration, future.scenario
    offset = future.day - future.start
    found = [Station(scenario.start + offset, migration.intervals, 1.0, ())]
    for one in migration.milestones:
        if one.year == scenario.start:
            found.clear()
        found.append(Station(one.year + offset, one.intervals or migration.intervals, one.scale, one.cells))
    return found


def between(when: float, found: list[Station], rates: list[Array]) -> Array:
    """Rates at a time, linear between the stations and constant after the last."""
    place = float(np.interp(when, [one.when for one in found], np.arange(len(found))))
    before = int(place)
    after = min(before + 1, len(rates) - 1)
    return np.asarray((1 - place + before) * rates[before] + (place - before) * rates[after])


def five_year_rates(future: Future, station: Station) -> Array:
    """Five-year net rates of a station, float64[2, 18]: the mean of its intervals, scaled, some cells once more.

    Raises InputError where they would leave nobody of an age.
    """
    setting = future.setting
    level = past_mortality(setting)
    evacuees_out = future.scenario.evacuees is not None
    rates = intercensal_net_rates(setting, station.intervals, level, evacuees_out).mean(axis=0) * station.scale
    for cell in station.cells:
        sexes = {"M": slice(0, 1), "F": slice(1, 2), "both": slice(0, 2)}[cell.sex]
        rates[sexes, cell.age_from // 5 : (cell.age_to + 1) // 5] *= cell.scale
    emptied = np.argwhere(rates <= -newest_survival(setting))
    if len(emptied):
        year, age = round(station.when - future.day) + future.start, 5 * emptied[0, 1]
        where = f"scenario {future.scenario.key}: the rates of migration of {year}"
        raise InputError(f"{where} let more people of {age}-{age + 4} leave than there are; give a smaller scale.")
    return np.asarray(rates)


def newest_survival(setting: Setting) -> Array:
    """Five-year survival at the newest death rates, float64[2, 18], of the people of the newest census."""
    newest, period = setting.area.census[-1], len(setting.schedules.mx) - 1
    return survival_5y(setting.schedules, period, newest, past_mortality(setting))


def past_mortality(setting: Setting) -> float:
    """The town's deaths against the nation's rates in the register's first years: that of the censuses before."""
    flows = setting.area.flows.get("japanese", ())
    since = flows[0].end if flows else 0.0
    return relative_mortality(setting, since, since + PAST_YEARS, "japanese")


def _net_path(future: Future, known: Estimate | None) -> Array:
    """Net migrants per resident a year by simulated year, sex and single age, float64[Y, 2, 101]."""
    found, setting = stations(future), future.setting
    if known is not None and future.scenario.migration.rates == "trend":
        rates = [known.net * one.scale for one in found]
    else:
        survival = newest_survival(setting)
        rates = [annual_net_rates(five_year_rates(future, one), survival) for one in found]
    return np.stack([between(begin, found, rates) for begin in future.begins])


def _return_share(future: Future) -> float:
    """Share of the evacuees who ever go home; the register does not hold them."""
    asked = future.scenario.evacuees
    return asked.return_share if asked is not None and future.basis == "census" else 0.0


def homecoming(future: Future) -> Array:
    """Share of all evacuees going home in each year: `return_share`, evenly from the start until `return_by`."""
    asked = future.scenario.evacuees
    if asked is None:
        return np.zeros(len(future.years))
    inside = future.years < asked.return_by
    return np.where(inside, _return_share(future) / max(asked.return_by - future.start, 1), 0.0)
