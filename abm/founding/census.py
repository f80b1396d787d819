"""The census as whole people in single years of age, and schedules read at single years."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from abm.known.hazards import single_age_mx
from abm.known.japan import Japan
from abm.people.apportionment import Floats, Integers, largest_remainders
from abm.people.population import OLDEST
from abm.reading.tables import CENSUS_AGES

GROUP = 5  # width of the census's age groups
AGES = OLDEST + 1


def death_rates(japan: Japan, year: int) -> Floats:
    """National deaths per person-year by sex and single age in a year, [2, 101].

    The schedule of the five-year period that holds the year, or of the nearest one outside the table.
    """
    return single_age_mx(japan.mx[_period(japan, year)], tuple(int(age) for age in japan.mx_ages))[:, :AGES]


def birth_rates(japan: Japan, year: int) -> Floats:
    """Births per woman by single age in a year, [101], linear between the middles of the age groups.

    The nation's level at the prefecture's age pattern.
    """
    middles = np.arange(len(japan.own_asfr[0])) * GROUP + 2 * GROUP + 2.0
    rates = japan.own_asfr[_period(japan, year)]
    return np.asarray(np.interp(np.arange(AGES), middles, rates, left=0.0, right=0.0), dtype=np.float64)


def _period(japan: Japan, year: int) -> int:
    return int(np.clip((year - japan.mx_periods[0]) // GROUP, 0, len(japan.mx_periods) - 1))


def split_group_rates(rates: Floats, persons: Floats, first: int) -> Floats:
    """Rates of five-year groups (the last open) at single ages, every group's mean kept; [2, 101] from [2,
    groups].

    A monotone curve through the middles of the groups, then scaled within each group by the persons[2, 101]
    in it.
    """
    groups = rates.shape[1]
    middles = first + GROUP * np.arange(groups) + (GROUP - 1) / 2
    ages = np.clip(np.arange(AGES), middles[0], middles[-1])
    curve = np.maximum(PchipInterpolator(middles, rates, axis=1)(ages), 0.0)
    group = group_of(first, groups)
    for g in range(groups):
        inside = group == g
        there = persons[:, inside].sum(axis=1)
        mean = (curve[:, inside] * persons[:, inside]).sum(axis=1) / np.maximum(there, 1.0)
        curve[:, inside] *= np.where(mean > 0, rates[:, g] / np.where(mean > 0, mean, 1.0), 0.0)[:, None]
    curve[:, group < 0] = 0.0
    return curve


def group_of(first: int, groups: int) -> Integers:
    """The five-year group of every single age, int64[101], -1 below `first`; the last group is open."""
    return np.maximum(np.minimum((np.arange(AGES) - first) // GROUP, groups - 1), -1)


def single_years(japan: Japan, groups: Floats, totals: Integers) -> Integers:
    """People by sex and single age 0..100 (int64[2, 101]) from the census's five-year groups [2, 19].

    Whole groups by largest remainders, so that each sex's total is exact; a monotone curve through the
    running sums splits the groups; 90+ is opened by the prefecture's shares and the mortality schedule.
    """
    last = CENSUS_AGES[-1]
    people = np.zeros((2, AGES), dtype=np.int64)
    survival = np.exp(-np.cumsum(death_rates(japan, 2015), axis=1))
    for sex in range(2):
        whole = largest_remainders(groups[sex], int(totals[sex]))
        running = np.concatenate([[0], np.cumsum(whole[:-1])])
        curve = np.diff(PchipInterpolator(np.array(CENSUS_AGES), running)(np.arange(last + 1)))
        for g, start in enumerate(CENSUS_AGES[:-1]):
            people[sex, start : start + GROUP] = largest_remainders(curve[start : start + GROUP], int(whole[g]))
        for start, persons in zip(
            range(last, AGES, GROUP),
            largest_remainders(japan.open_age_share[sex], int(whole[-1])),
            strict=True,
        ):
            end = min(start + GROUP, AGES)  # 100 and over stay together
            people[sex, start:end] = largest_remainders(survival[sex, start:end], int(persons))
    return people


def scaled(people: Integers, fraction: float) -> Integers:
    """A fraction of the people by sex and single age, in whole persons; the total is exact."""
    by_sex = largest_remainders(people.sum(axis=1).astype(np.float64), round(int(people.sum()) * fraction))
    return np.array([largest_remainders(people[s].astype(np.float64), int(by_sex[s])) for s in range(2)])
