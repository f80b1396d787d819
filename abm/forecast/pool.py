"""The national pool: in-moves that follow the nation's number of young people."""

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.forecast.cohort import project
from abm.forecast.future import Future
from abm.forecast.rates import Rates
from abm.known.hazards import AGES, births_at, death_rates_at, fertility_schedule, mortality_path, mover_rates
from abm.known.stocks import single_stock, stock_on

Array = NDArray[np.float64]
YOUNG = slice(15, 30)  # ages whose number in the nation the pool of movers follows


def with_pool(future: Future, net: Array) -> Array:
    """Net rates of which a share of the in-moves follows the nation's number of young people; out-moves stay.

    In-moves of an age are half of the gross moves (in and out, the assumed profile of moves twice) plus half of the
    net. `pool_share` of them follow: many who come return, or come from nearby, whatever the nation's numbers.
    """
    shape = future.setting.behaviour["estimation"]
    index = national_pool(future)
    arriving = np.maximum(mover_rates(future.setting.behaviour) + net / 2, 0.0)
    return np.asarray(net + shape["pool_share"] * arriving * (index[:, None, None] - 1.0))


def national_pool(future: Future) -> Array:
    """The nation's people of 15-29 in each year over those at the launch, float64[Y]: nobody enters or leaves it."""
    setting = future.setting
    stock = stock_on(setting.nation.stocks(future.basis, future.nationality), future.day)
    if stock is None:
        raise InputError(f"the nation has no {future.basis} stock of {future.start}; add it to towns/japan.")
    schedules = setting.schedules
    years = len(future.years)
    shape = fertility_schedule(schedules, national=True)
    if schedules.tfr_path is not None:
        tfr = np.interp(future.begins, *schedules.tfr_path)
    else:
        tfr = np.full(years, births_at(schedules, national=True).sum())
    rates = Rates(
        future.years, future.begins, mortality_path(schedules, future.begins),
        tfr[:, None] * shape[None, :], np.zeros((years, 2, AGES)), np.ones(years),
        np.zeros(years), np.zeros(1),
    )  # fmt: skip
    boys = setting.assumptions["sex_ratio_at_birth"].value
    first = single_stock(stock, setting.nation, death_rates_at(schedules, future.day))
    people = project(first, rates, 0.0, boys / (1 + boys)).people
    young = people[:-1, :, YOUNG].sum(axis=(1, 2))
    return np.asarray(young / young[0])
