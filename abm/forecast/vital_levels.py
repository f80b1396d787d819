"""Levels of mortality, fertility and marriage that the years before a launch show, shrunk towards the prefecture's."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.forecast.launch import STEP, Launch, flows_before, residents_around
from abm.known.area import Area
from abm.known.hazards import births_at, death_rates_at
from abm.known.setting import Setting
from abm.known.stocks import AGES, single_stock, stock_on

Array = NDArray[np.float64]


def mortality_level(launch: Launch) -> float:
    """Deaths of the last years over those expected at the nation's rates, shrunk towards the prefecture's level."""
    own, prior = _deaths(launch, launch.setting.area), _deaths(launch, launch.setting.prefecture)
    above = prior[0] / prior[1] if prior[1] else 1.0
    if not own[1]:
        return above
    return float(np.exp(_shrunk(own[0], own[0] / own[1], above, launch.shape["prior_events"])))


def _shrunk(events: float, own: float, above: float, prior: float) -> float:
    """The log of a level that so many events tell, shrunk towards the one above; that one where there were none."""
    if not events:
        return float(np.log(above))
    weight = events / (events + prior)
    return float(weight * np.log(own) + (1 - weight) * np.log(above))


def _deaths(launch: Launch, area: Area) -> tuple[float, float]:
    """Deaths of the last years, and those expected at the nation's rates."""
    actual, expected = 0.0, 0.0
    like = launch.setting.prefecture
    for flow in flows_before(launch, launch.shape["level_years"], area):
        middle = (flow.start + flow.end) / 2
        stock = residents_around(launch, area, middle)
        if stock is not None and "deaths" in flow.events and not area.is_disturbed(flow.start, flow.end):
            rates = death_rates_at(launch.schedules, middle)
            actual += flow.events["deaths"]
            expected += float((single_stock(stock, like, rates) * rates[:, :AGES]).sum() * flow.years)
    return actual, expected


def fertility(launch: Launch) -> tuple[float, float]:
    """Total fertility at the launch, and the change of its log in the first year.

    The nation's level of its newest years, times the area's level relative to it, which is shrunk towards the
    prefecture's by the number of births. The change is the nation's over its newest years, damped.
    """
    setting = launch.setting
    schedule = births_at(launch.schedules)
    nation, own, above = (
        _fertility_levels(launch, area, births_at(launch.schedules, national=area is setting.nation))
        for area in (setting.nation, setting.area, setting.prefecture)
    )
    level = _level(nation)
    births = sum(one.births for one in own)
    relative = _shrunk(births, _relative(own, nation), _relative(above, nation), launch.shape["prior_events"])
    years = np.array([one.when for one in nation])
    change = 0.0
    if len(nation) > 2:
        change = float(np.polyfit(years - years.mean(), np.log([one.births / one.expected for one in nation]), 1)[0])
    return float(np.exp(relative) * level * schedule.sum()), change * launch.shape["trend_share"]


class Children(NamedTuple):
    """Births of a period and those expected of its women at the nation's schedule."""

    when: float
    births: float
    expected: float


def _fertility_levels(launch: Launch, area: Area, schedule: Array) -> list[Children]:
    """Births against expectation by period: of the register's flows, else of the children that a census counts."""
    found = []
    like = launch.setting.prefecture
    for flow in flows_before(launch, launch.shape["level_years"], area):
        middle = (flow.start + flow.end) / 2
        stock = residents_around(launch, area, middle)
        if stock is not None and "births" in flow.events and not area.is_disturbed(flow.start, flow.end):
            women = single_stock(stock, like, death_rates_at(launch.schedules, middle))[1]
            expected = float((women * schedule).sum() * flow.years)
            found.append(Children(middle, flow.events["births"], expected))
    return found or _yearly_births(launch, area, schedule) or _counted_children(launch, area, schedule)


def _yearly_births(launch: Launch, area: Area, schedule: Array) -> list[Children]:
    """Births of calendar years in a prefecture or the nation against those expected of the women of its censuses."""
    found = []
    for year, births in sorted(launch.setting.yearly.get(area.key, {}).get("births", {}).items()):
        middle = year + 0.5
        stock = stock_on([one for one in area.census if one.day <= launch.day + 1e-6], middle)
        if stock is not None and launch.day - launch.shape["level_years"] <= year + 1.0 <= launch.day:
            women = single_stock(stock, area, death_rates_at(launch.schedules, middle))[1]
            found.append(Children(middle, births, float((women * schedule).sum())))
    return found


def _counted_children(launch: Launch, area: Area, schedule: Array) -> list[Children]:
    """Children of 0-4 in the newest census against those expected of the women of the five years before."""
    stocks = [stock for stock in area.census if stock.day <= launch.day]
    if not stocks:
        raise InputError(f"{area.key}: neither births nor a census are known by {launch.day:.2f}; give a later start.")
    stock, rates = stocks[-1], death_rates_at(launch.schedules, stocks[-1].day - STEP / 2)
    women = single_stock(stock, launch.setting.prefecture, rates)[1]
    earlier = (np.roll(schedule, 2) + np.roll(schedule, 3)) / 2  # the women were two to three years younger
    alive = float(np.exp(-rates[:, 0].mean()))
    children = float(stock.people[:, 0].sum()) / alive
    return [Children(stock.day - STEP / 2, children, float((women * earlier).sum() * STEP))]


def _level(periods: list[Children]) -> float:
    return sum(one.births for one in periods) / sum(one.expected for one in periods)


def _relative(own: list[Children], nation: list[Children]) -> float:
    """An area's births over those expected at the nation's level of the same times."""
    levels = [one.births / one.expected for one in nation]
    times = [one.when for one in nation]
    expected = sum(one.expected * float(np.interp(one.when, times, levels)) for one in own)
    return sum(one.births for one in own) / expected


def marriage_trend(setting: Setting, day: float) -> float:
    """Yearly change of the log of the prefecture's marriages per person of 20-39, over ten years before a day.

    People are those of its censuses, linear in between and after the last as before; 0 where too little is known.
    """
    marriages = setting.yearly.get(setting.prefecture.key, {}).get("marriages", {})
    years = np.array([year for year in sorted(marriages) if day - 10 <= year and year + 1.0 <= day])
    census = [one for one in setting.prefecture.census if one.day <= day]
    if len(years) < 5 or len(census) < 2:
        return 0.0
    young = [one.people[:, 4:8].sum() for one in census]
    people = np.interp(years + 0.5, [one.day for one in census], young)
    logs = np.log([marriages[int(year)] for year in years] / people)
    return float(np.polyfit(years - years.mean(), logs, 1)[0])
