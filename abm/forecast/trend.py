"""What a town's past says about its rates: levels and pooled windows known at a launch, shrunk and damped.

Nothing later than the launch enters: stocks and flows must lie before it, and the tables must have been read with the
day on which the launch's own stock became known.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.forecast.launch import Launch, flows_before, launch_stock, residents_around
from abm.forecast.net_migration import survival_to_80
from abm.forecast.vital_levels import fertility, mortality_level
from abm.forecast.windows import pooled, windows
from abm.known.hazards import annual_net_rates, death_rates_at
from abm.known.stocks import AGES, single_stock

Array = NDArray[np.float64]


class Estimate(NamedTuple):
    """What is known at a launch, for an area on a basis."""

    day: float
    people: Array  # [2, 101] residents at the launch
    net: Array  # [2, 101] net migrants per resident a year
    tfr: float
    tfr_change: float  # of its log in the first year; it fades from year to year
    mortality: float  # level against the nation's rates


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
    for flow in flows_before(launch, 100.0):
        if launch.setting.area.is_disturbed(flow.start, flow.end):
            continue
        stock = residents_around(launch, launch.setting.area, (flow.start + flow.end) / 2)
        if stock is not None and "social" in flow.events:
            weight = 0.5 ** ((launch.day - flow.end) / launch.shape["flow_half_life"])
            found += weight * flow.events["social"] / (flow.years * stock.people.sum())
            weights += weight
    return found / weights if weights else None
