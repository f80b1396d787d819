"""A town in a scenario from a launch: what rates are made of, and who is there at the start."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.forecast.launch import Launch
from abm.known.hazards import death_rates_at
from abm.known.scenario import Basis, Scenario
from abm.known.setting import Setting
from abm.known.stocks import single_stock, stock_on

Array = NDArray[np.float64]


class Future(NamedTuple):
    """A town in a scenario from a launch: what rates are made of."""

    setting: Setting
    scenario: Scenario
    basis: Basis
    start: int
    end: int
    day: float
    nationality: str = "total"

    @property
    def years(self) -> NDArray[np.int64]:
        """Simulated years, each named by the stock from which it runs."""
        return np.arange(self.start, self.end, dtype=np.int64)

    @property
    def begins(self) -> Array:
        """The day on which each year begins, in years."""
        return np.asarray(self.day + self.years - self.start, dtype=np.float64)


def future_of(
    setting: Setting, scenario: Scenario, basis: Basis, start: int, end: int, nationality: str = "total"
) -> Future:
    """A checked future: the basis has a stock of the year `start`, and `end` lies after it (InputError)."""
    if end <= start:
        raise InputError(f"end: the horizon {end} is not after the start {start}; give a later year.")
    stocks = setting.area.stocks(basis, nationality)
    for stock in stocks:
        if int(stock.day) == start:
            return Future(setting, scenario, basis, start, end, stock.day, nationality)
    years = ", ".join(str(int(stock.day)) for stock in stocks) or "none"
    raise InputError(f"start: the {basis} of {setting.area.key} has no stock of {start}; there are {years}.")


def launch_of(future: Future) -> Launch:
    """The launch on which rates of the past are estimated.

    A census launch takes its levels from the register of Japanese residents, which is known for longer.
    """
    nationality = future.nationality if future.basis == "register" else "japanese"
    return Launch(future.setting, future.basis, nationality, future.day)


def start_people(future: Future) -> Array:
    """Residents at the launch by sex and single age, float64[2, 101]."""
    setting = future.setting
    stock = stock_on(setting.area.stocks(future.basis, future.nationality), future.day)
    assert stock is not None  # future_of has found it
    return single_stock(stock, setting.prefecture, death_rates_at(setting.schedules, future.day))


def fled(future: Future) -> float:
    """Evacuees among the residents at the launch whom the scenario follows (a matter of one census)."""
    asked = future.scenario.evacuees is not None and future.basis == "census"
    return future.setting.area.fled_in(future.start) if asked else 0.0
