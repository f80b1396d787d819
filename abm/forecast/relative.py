"""How an area's deaths and births compare with the nation's schedules."""

import numpy as np
from numpy.typing import NDArray

from abm.known.area import Area, Flow
from abm.known.hazards import AGES, births_at, death_rates_at
from abm.known.nation import Schedules
from abm.known.setting import Setting
from abm.known.stocks import known_flows, single_stock, stock_on

Array = NDArray[np.float64]


def expected_deaths(area: Area, like: Area, schedules: Schedules, flow: Flow, nationality: str) -> float | None:
    """Deaths of a period at the nation's rates; None where the register has no stock around its middle."""
    middle = (flow.start + flow.end) / 2
    stock = stock_on(area.register.get(nationality, ()), middle)
    if stock is None:
        return None
    rates = death_rates_at(schedules, middle)
    return float((single_stock(stock, like, rates) * rates[:, :AGES]).sum() * flow.years)


def _deaths_ratio(area: Area, like: Area, schedules: Schedules, since: float, until: float, nationality: str) -> float:
    """Actual over expected deaths; nan without figures."""
    actual, expected = 0.0, 0.0
    for flow in known_flows(area.flows.get(nationality, ()), until, since):
        if area.is_disturbed(flow.start, flow.end):
            continue
        at_rates = expected_deaths(area, like, schedules, flow, nationality)
        if at_rates is not None and "deaths" in flow.events:
            actual, expected = actual + flow.events["deaths"], expected + at_rates
    return actual / expected if expected > 0 else np.nan


def relative_mortality(setting: Setting, since: float, until: float, nationality: str = "total") -> float:
    """An area's deaths over those expected at the nation's rates, over the nation's own ratio by the same method.

    Without the division the nation's own deviation (of the schedule from the register's deaths) would count twice,
    since its level is set by the official path. 1 where no deaths or no register are known.
    """
    own = _deaths_ratio(setting.area, setting.prefecture, setting.schedules, since, until, nationality)
    nation = _deaths_ratio(setting.nation, setting.nation, setting.schedules, since, until, nationality)
    ratio = own / nation
    return float(ratio) if np.isfinite(ratio) else 1.0


def relative_fertility(setting: Setting, since: float, until: float, nationality: str = "total") -> float:
    """An area's births over those expected of its women, 1 where none are known.

    Expected: the nation's total fertility at the prefecture's age pattern.
    """
    actual, expected = 0.0, 0.0
    for flow in known_flows(setting.area.flows.get(nationality, ()), until, since):
        middle = (flow.start + flow.end) / 2
        stock = stock_on(setting.area.register.get(nationality, ()), middle)
        if stock is None or "births" not in flow.events:
            continue
        women = single_stock(stock, setting.prefecture, death_rates_at(setting.schedules, middle))[1]
        actual += flow.events["births"]
        expected += float((women * births_at(setting.schedules, middle)).sum() * flow.years)
    return actual / expected if expected > 0 else 1.0
