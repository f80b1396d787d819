"""A launch: an area on a day, with what it is compared with and what lies before it."""

from dataclasses import replace
from typing import NamedTuple

from abm.errors import InputError
from abm.known.area import Area, Flow, Stock
from abm.known.behaviour import Shape
from abm.known.nation import Schedules
from abm.known.setting import Setting
from abm.known.stocks import known_flows, stock_on

STEP = 5.0  # years: the length of every window


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


def launch_stock(launch: Launch) -> Stock:
    """The stock of the launch's day."""
    area = launch.setting.area
    stock = stock_on(area.stocks(launch.basis, launch.nationality), launch.day)
    if stock is None:
        raise InputError(
            f"{area.key}: the {launch.basis} has no stock on the day {launch.day:.2f}; give another start."
        )
    return stock


def flows_before(launch: Launch, years: float, area: Area | None = None) -> list[Flow]:
    """The register's flows that end within the last `years` years before the launch; none is longer than a year."""
    flows = (area or launch.setting.area).flows.get(launch.nationality, ())
    return known_flows(flows, launch.day, launch.day - years - 1.0)


def residents_around(launch: Launch, area: Area, when: float) -> Stock | None:
    """The register around a time, or its nearest stock up to two years away."""
    stocks = [stock for stock in area.stocks("register", launch.nationality) if stock.day <= launch.day]
    found = stock_on(stocks, when)
    if found is None and stocks:
        nearest = min(stocks, key=lambda stock: abs(stock.day - when))
        return nearest if abs(nearest.day - when) <= 2 else None
    return found
