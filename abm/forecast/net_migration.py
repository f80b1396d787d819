"""Net-migration rates by the residual method: what a stock became beyond its survivors, from pairs of stocks."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.known.area import Area, Stock
from abm.known.hazards import OLDEST, death_probability, single_age_mx
from abm.known.nation import Schedules
from abm.known.setting import Setting
from abm.known.stocks import AGES, CLOSED, GROUP, single_stock, to_80
from abm.reading.tables import SEXES

Array = NDArray[np.float64]
OPEN = 18  # the census's open group, 90 and over


def census_of(area: Area, year: int) -> Stock:
    """The census of a year; raises InputError where the area has none."""
    for stock in area.census:
        if int(stock.day) == year:
            return stock
    years = ", ".join(str(int(stock.day)) for stock in area.census)
    raise InputError(f"{area.key}: there is no census of {year} among what is known ({years}); give one of these.")


def survival_5y(schedules: Schedules, period: int, stock: Stock, level: float) -> Array:
    """Five-year survival in the calendar period of index `period`, float64[2, 18], of a census.

    The nation's rates times `level`. Entry g is from group g to g + 1; the last is from 85-89 and 90+ together into
    90+, weighted by that census (within 90+ as if stationary): an ageing town's oldest are younger than a stationary
    population's.
    """
    mx = schedules.mx[int(np.clip(period, 0, len(schedules.mx) - 1))]
    return group_survival(single_age_mx(mx, tuple(int(a) for a in schedules.mx_ages)) * level, stock.people)


def group_survival(mx: Array, people: Array) -> Array:
    """Five-year survival by groups at death rates mx [2, 111], float64[2, 18]; people [2, 19+] weigh the open one."""
    stay = 1 - death_probability(mx)[:, 1:]
    five = _five_years(stay)
    groups = [five[:, GROUP * g : GROUP * g + GROUP].mean(axis=1) for g in range(OPEN)]
    alive = np.cumprod(stay[:, 89 : OLDEST - 6], axis=1)
    oldest = (five[:, 90 : OLDEST - 5] * alive).sum(axis=1) / alive.sum(axis=1)
    last, open_ = people[:, OPEN - 1], people[:, OPEN:].sum(axis=1)
    open_group = (groups[-1] * last + oldest * open_) / (last + open_)
    return np.stack([*groups[:-1], open_group], axis=1)


def _five_years(stay: Array) -> Array:
    """Probability of living on for five years by sex and age, from yearly ones [2, 111]."""
    return np.stack([np.prod(stay[:, age : age + GROUP], axis=1) for age in range(OLDEST - GROUP)], axis=1)


def intercensal_net_rates(setting: Setting, launches: tuple[int, ...], level: float, evacuees_out: bool) -> Array:
    """Net-migration rates over five years between censuses, float64[launches, 2, 18]: P(t + 5) / P(t) - S.

    Entry g is from group g to g + 1 (the last: 85+ to 90+). Those who fled to the town are taken out of a census
    that counts them, age and sex as the town, because their coming is not the town's own migration.
    """
    rates = []
    for launch in launches:
        before, last = census_of(setting.area, launch), census_of(setting.area, launch + 5)
        if evacuees_out:
            before, last = settled(setting.area, before), settled(setting.area, last)
        after = last.people
        start = np.concatenate(
            [before.people[:, : OPEN - 1], before.people[:, OPEN - 1 :].sum(axis=1, keepdims=True)], 1
        )
        _refuse_empty(setting.area.key, before.day, start)
        first = setting.schedules.mx_periods[0]
        survivors = survival_5y(setting.schedules, (launch - first) // GROUP, before, level)
        rates.append(after[:, 1 : OPEN + 1] / start - survivors)
    return np.array(rates)


def _refuse_empty(key: str, day: float, people: Array) -> None:
    """InputError, naming the area, where a group of people [2, groups] holds nobody."""
    empty = np.argwhere(people <= 0)
    if len(empty):
        sex, age = SEXES[empty[0, 0]], GROUP * empty[0, 1]
        raise InputError(
            f"{key}: the stock of {day:.2f} has nobody of sex {sex} in the age group from {age}, so no rate can be "
            "made of it; join the town with a neighbour."
        )


def settled(area: Area, stock: Stock) -> Stock:
    """A census without those who had fled to the area, taken out with the ages and sexes of all that it counts."""
    share = area.fled_in(int(stock.day)) / stock.people.sum()
    return replace(stock, people=stock.people * (1 - share)) if share else stock


def window_rates(key: str, start: Stock, end: Array, like: Area, mx: Array) -> Array:
    """Net-migration rates over five years to 80 and over, float64[2, 16], at the death rates mx [2, 111].

    Entry g is from group g to g + 1; the last is of everybody of 75 and over into 80 and over. end: people five
    years later in groups [2, 17 or more]. Raises InputError, naming the area `key`, where a group holds nobody.
    """
    people = to_80(start.people)
    base = np.concatenate([people[:, : CLOSED - 1], people[:, CLOSED - 1 :].sum(axis=1, keepdims=True)], axis=1)
    _refuse_empty(key, start.day, base)
    later = to_80(end)
    survival = survival_to_80(single_stock(start, like, mx), mx)
    return np.asarray(later[:, 1:] / base - survival)


def survival_to_80(singles: Array, mx: Array) -> Array:
    """Five-year survival by groups to 80 and over, float64[2, 16], of people in single ages [2, 101]."""
    five = _five_years(1 - death_probability(mx)[:, 1:])
    out = np.zeros((2, CLOSED))
    for g in range(CLOSED):
        ages = slice(GROUP * g, GROUP * g + GROUP) if g < CLOSED - 1 else slice(GROUP * g, AGES)
        out[:, g] = (singles[:, ages] * five[:, ages]).sum(axis=1) / singles[:, ages].sum(axis=1)
    return out
