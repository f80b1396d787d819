"""Who grew up here and who came: evacuees, foreign residents and other incomers, and the years since they
came.
"""

from typing import NamedTuple

import numpy as np

from abm.apportionment import Floats, Integers, Lot, Lots, Mask, lowest, lowest_by_cell
from abm.assumed import Assumed
from abm.census import AGES
from abm.population import EVACUEE, FOREIGN, INCOMER, LONGEST, NATIVE

FOREIGN_AGES = (20, 50)


class Origins(NamedTuple):
    """origin and tenure of the residents, as in `Persons`."""

    origin: Integers
    tenure: Integers


def non_native_rate(people: Integers, evacuees: float, about: Assumed) -> Floats:
    """Share of non-natives among residents who are no evacuees, by single age, float64[101].

    It is 0 below the age from which incomers are looked for and one number from there on.
    """
    rate = np.zeros(AGES)
    by_age = people.sum(axis=0)
    grown = by_age[about.non_native_from :].sum()
    rate[about.non_native_from :] = min(1.0, about.non_native_share * by_age.sum() / max(grown, 1))
    return rate


def evacuee_households(household: Integers, size: Integers, private: Mask, lot: Floats, count: int) -> Mask:
    """Private households of evacuees, whole and in keyed order, as near to `count` persons as they come;
    bool[h].

    A household's lot is that of its first member, so that large ones are not chosen sooner.
    """
    first = lot[np.unique(household, return_index=True)[1]]
    order = np.argsort(np.where(private, first, 3.0), kind="stable")[: int(private.sum())]
    within = np.cumsum(size[order]) <= count
    chosen = np.zeros(len(size), dtype=np.bool_)
    chosen[order[within]] = True
    missing = count - int(size[chosen].sum())
    single = order[(size[order] == 1) & ~chosen[order]]
    chosen[single[:missing]] = True
    return chosen


def origins_of(
    age: Integers,
    linked: Mask,
    alone: Mask,
    evacuee: Mask,
    lots: Lots,
    rate: Floats,
    about: Assumed,
    foreign: int,
) -> Origins:
    """The origin of all residents; `linked` people have a parent in town, `alone` live in no family.

    `rate` is the share of non-natives among those who are no evacuees, by age; the foreign residents are
    among them.
    """
    origin = np.where(evacuee, EVACUEE, NATIVE)
    free = ~evacuee & ~linked
    of_age = (age >= FOREIGN_AGES[0]) & (age < FOREIGN_AGES[1])
    score = lots.of(Lot.FOREIGN) + ~alone
    origin[lowest(score, free & of_age, foreign)] = FOREIGN
    there = np.bincount(age[~evacuee], minlength=AGES)
    abroad = np.bincount(age[origin == FOREIGN], minlength=AGES)
    wanted = np.maximum(np.rint(rate * there).astype(np.int64) - abroad, 0)
    can = free & (origin == NATIVE) & (age >= about.non_native_from)
    origin[lowest_by_cell(lots.of(Lot.INCOMER), np.where(can, age, -1), wanted)] = INCOMER
    lot = lots.of(Lot.TENURE)
    years = np.floor(-np.log1p(-lot) * about.mean_tenure)
    tenure = np.select(
        [origin == INCOMER, origin == FOREIGN, origin == EVACUEE],
        [years, np.floor(lot * about.evacuee_tenure), np.full(len(age), about.evacuee_tenure)],
        default=age,
    )
    return Origins(origin, np.minimum(np.minimum(tenure, age), LONGEST).astype(np.int64))
