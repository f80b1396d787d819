"""Windows of five years before a launch: what migration by age they show, and how much each counts."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.forecast.launch import STEP, Launch
from abm.forecast.net_migration import settled, window_rates
from abm.forecast.vital_levels import mortality_level
from abm.known.area import Stock
from abm.known.hazards import death_rates_at
from abm.known.stocks import stock_on

Array = NDArray[np.float64]


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
