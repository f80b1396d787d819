"""What a town's past says about its rates: levels and pooled windows known at a launch, shrunk and damped.

Nothing later than the launch enters: stocks and flows must lie before it, and the tables must have been read with the
day on which the launch's own stock became known.
"""

from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.area import Area, Flow, Stock
from abm.behaviour import Shape
from abm.errors import InputError
from abm.hazards import annual_net_rates, births_at, death_rates_at
from abm.nation import Schedules
from abm.net_migration import settled, survival_to_80, window_rates
from abm.setting import Setting
from abm.stocks import AGES, known_flows, single_stock, stock_on

Array = NDArray[np.float64]
STEP = 5.0  # years: the length of every window


class Estimate(NamedTuple):
    """What is known at a launch, for an area on a basis."""

    day: float
    people: Array  # [2, 101] residents at the launch
    net: Array  # [2, 101] net migrants per resident a year
    tfr: float
    tfr_change: float  # of its log in the first year; it fades from year to year
    mortality: float  # level against the nation's rates


class Launch(NamedTuple):
    """An area at a launch with what it is compared with; register figures of one nationality."""

    setting: Setting
    basis: str
    nationality: str
    day: float

    @property
    def shape(self) -> Shape:
        """The estimation's named assumptions."""
        return self.setting.behaviour["estimation"]

    @property
    def schedules(self) -> Schedules:
        """The nation's schedules."""
        return self.setting.schedules

    def of(self, area: Area) -> "Launch":
        """The same launch of another area (the prefecture, the nation)."""
        return self._replace(setting=replace(self.setting, area=area, prefecture=self.setting.nation))


def estimate(launch: Launch) -> Estimate:
    """The rates that the past up to the launch suggests.

    Raises InputError where the basis has no stock on that day or no window of five years lies before it.
    """
    stock = launch_stock(launch)
    rates = death_rates_at(launch.schedules, launch.day)
    level = mortality_level(launch)
    people = single_stock(stock, launch.setting.prefecture, rates * level)
    tfr, change = fertility(launch)
    net = net_rates(launch, people, rates * level, stock.people.sum())
    return Estimate(launch.day, people, net, tfr, change, level)


def launch_stock(launch: Launch) -> Stock:
    """The stock of the launch's day."""
    area = launch.setting.area
    stock = stock_on(area.stocks(launch.basis, launch.nationality), launch.day)
    if stock is None:
        raise InputError(
            f"{area.key}: the {launch.basis} has no stock on the day {launch.day:.2f}; give another start."
        )
    return stock


def _flows(launch: Launch, years: float, area: Area | None = None) -> list[Flow]:
    """The register's flows that end within the last `years` years before the launch; none is longer than a year."""
    flows = (area or launch.setting.area).flows.get(launch.nationality, ())
    return known_flows(flows, launch.day, launch.day - years - 1.0)


def _residents(launch: Launch, area: Area, when: float) -> Stock | None:
    """The register around a time, or its nearest stock up to two years away."""
    stocks = [stock for stock in area.stocks("register", launch.nationality) if stock.day <= launch.day]
    found = stock_on(stocks, when)
    if found is None and stocks:
        nearest = min(stocks, key=lambda stock: abs(stock.day - when))
        return nearest if abs(nearest.day - when) <= 2 else None
    return found


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
    for flow in _flows(launch, launch.shape["level_years"], area):
        middle = (flow.start + flow.end) / 2
        stock = _residents(launch, area, middle)
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
    schedule = births_at(launch.schedules)
    nation = _fertility_levels(launch, launch.setting.nation, schedule)
    own = _fertility_levels(launch, launch.setting.area, schedule)
    above = _fertility_levels(launch, launch.setting.prefecture, schedule)
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
    for flow in _flows(launch, launch.shape["level_years"], area):
        middle = (flow.start + flow.end) / 2
        stock = _residents(launch, area, middle)
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


class Window(NamedTuple):
    """Net-migration rates of five years that end on a day, [2, 16], and how much they count."""

    end: float
    rates: Array
    weight: float


def windows(launch: Launch) -> list[Window]:
    """Five-year windows before the launch: every yearly one of the register, and those between censuses.

    A window counts half as much for every `window_half_life` years that it lies back; one between censuses counts
    `census_weight` of one of the register where both are there; a time that is called disturbed counts less.
    """
    area = launch.setting.area
    register = [one for one in area.stocks("register", launch.nationality) if one.day <= launch.day + 1e-6]
    found = []
    back = 0.0
    while register and launch.basis == "register":
        start, end = stock_on(register, launch.day - STEP - back), stock_on(register, launch.day - back)
        if start is None or end is None:
            break
        found.append(_window(launch, start, end.people, end.day, 1.0))
        back += 1.0
    census = [one for one in area.census if one.day <= launch.day + 1e-6]
    share = launch.shape["census_weight"] if found else 1.0
    for start, end in pairwise(census):
        if abs(end.day - start.day - STEP) < 0.01:
            before, after = settled(area, start), settled(area, end)
            found.append(_window(launch, before, after.people, end.day, share))
    if not found:
        raise InputError(
            f"{area.key}: no two stocks five years apart lie before {launch.day:.2f}; add an earlier census."
        )
    return found


def _window(launch: Launch, start: Stock, end: Array, day: float, share: float) -> Window:
    rates = death_rates_at(launch.schedules, day - STEP / 2) * mortality_level(launch)
    weight = share * 0.5 ** ((launch.day - day) / launch.shape["window_half_life"])
    for time in launch.setting.area.disturbed:
        if min(time.end, day) > max(time.start, day - STEP):
            weight *= time.weight
    setting = launch.setting
    return Window(day, window_rates(setting.area.key, start, end, setting.prefecture, rates), weight)


def pooled(found: list[Window]) -> Array:
    """The weighted mean of windows, [2, 16]."""
    return np.asarray(sum(one.rates * one.weight for one in found) / sum(one.weight for one in found))


def net_rates(launch: Launch, people: Array, mx: Array, residents: float) -> Array:
    """Net migrants per resident a year by sex and single age, [2, 101].

    Pooled windows of the area, shrunk towards its prefecture's where few people live, then moved by a shift in the
    shape of moves by age so that the net total is that of the register's newest years.
    """
    rates = pooled(windows(launch))
    if launch.setting.prefecture is not launch.setting.nation:
        weight = launch.shape["pooled_people"] / (launch.shape["pooled_people"] + residents)
        rates = (1 - weight) * rates + weight * pooled(windows(launch.of(launch.setting.prefecture)))
    survival = np.maximum(survival_to_80(people, mx), 0.05)
    opened = [np.concatenate([one[:, :-1], np.repeat(one[:, -1:], 3, axis=1)], axis=1) for one in (rates, survival)]
    annual = annual_net_rates(np.maximum(opened[0], -0.9 * opened[1]), opened[1])
    observed = observed_net(launch)
    if observed is None:
        return annual
    shift = observed * float(people.sum()) - float((people * annual).sum())
    moves = np.broadcast_to(launch.shape.curve("mover_ages", "movers"), (2, AGES))
    return np.asarray(annual + shift * moves / float((people * moves).sum()))


def observed_net(launch: Launch) -> float | None:
    """Net moves per resident a year of the register's flows, newer years counting more; None without flows."""
    found, weights = 0.0, 0.0
    for flow in _flows(launch, 100.0):
        if launch.setting.area.is_disturbed(flow.start, flow.end):
            continue
        stock = _residents(launch, launch.setting.area, (flow.start + flow.end) / 2)
        if stock is not None and "social" in flow.events:
            weight = 0.5 ** ((launch.day - flow.end) / launch.shape["flow_half_life"])
            found += weight * flow.events["social"] / (flow.years * stock.people.sum())
            weights += weight
    return found / weights if weights else None


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
