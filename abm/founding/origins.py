"""Who grew up here and who came: evacuees, foreign residents and other incomers, and the years since they
came.
"""

from typing import NamedTuple

import numpy as np

from abm.founding.base import BUILDER_AGES
from abm.founding.census import AGES
from abm.known.assumed import Assumed
from abm.people.apportionment import Floats, Integers, Lot, Lots, Mask, largest_remainders, lowest, lowest_by_cell
from abm.people.population import BUILDER, EVACUEE, FOREIGN, INCOMER, LONGEST, MALE, NATIVE

GROWN = 20  # years; foreign minors are not told from other newcomers' and stand for adults
WIVES_FROM = 30  # foreign women from this age on live in families as often as others; an assumption


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
    rate[about.non_native_from :] = min(1.0, about.non_native_share * float(by_age.sum()) / max(float(grown), 1.0))
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


def _foreign(age: Integers, sex: Integers, free: Mask, alone: Mask, lot: Floats, foreign: Floats) -> Mask:
    """Who is foreign, bool[n]: so many of each sex and age among the `free`, and others where there are too few."""
    grown = np.where(np.arange(AGES) >= GROWN, foreign, 0.0)
    wanted = largest_remainders(grown, round(float(foreign.sum()))).ravel()
    score = lot + (~alone & ((sex == MALE) | (age < WIVES_FROM)))
    chosen = lowest_by_cell(score, np.where(free & (age >= GROWN), sex * AGES + age, -1), wanted)
    missing = int(wanted.sum()) - int(chosen.sum())
    chosen[lowest(score, free & ~chosen & (age >= GROWN) & (age < 50), missing)] = True
    return chosen


def origins_of(
    age: Integers,
    sex: Integers,
    linked: Mask,
    alone: Mask,
    evacuee: Mask,
    lots: Lots,
    rate: Floats,
    about: Assumed,
    foreign: Floats,
    builders: int,
) -> Origins:
    """The origin of all residents; `linked` people have a parent in town, `alone` live in no family.

    `rate` is the share of non-natives among those who are no evacuees, by age; the foreign residents are
    among them, as many by sex and age as `foreign` [2, 101] says, and so many `builders`, men alone.
    """
    origin = np.where(evacuee, EVACUEE, NATIVE)
    free = ~evacuee & ~linked
    origin[_foreign(age, sex, free, alone, lots.of(Lot.FOREIGN), foreign)] = FOREIGN
    there = np.bincount(age[~evacuee], minlength=AGES)
    abroad = np.bincount(age[origin == FOREIGN], minlength=AGES)
    wanted = np.maximum(np.rint(rate * there).astype(np.int64) - abroad, 0)
    can = free & (origin == NATIVE) & (age >= about.non_native_from)
    origin[lowest_by_cell(lots.of(Lot.INCOMER), np.where(can, age, -1), wanted)] = INCOMER
    men = (origin == INCOMER) & (sex == MALE) & (age >= BUILDER_AGES[0]) & (age < BUILDER_AGES[1])
    origin[lowest(lots.of(Lot.FOREIGN) + ~alone, men, builders)] = BUILDER
    lot = lots.of(Lot.TENURE)
    years = np.floor(-np.log1p(-lot) * about.mean_tenure)
    tenure = np.select(
        [origin == INCOMER, (origin == FOREIGN) | (origin == BUILDER), origin == EVACUEE],
        [years, np.floor(lot * about.evacuee_tenure), np.full(len(age), about.evacuee_tenure)],
        default=age,
    )
    return Origins(origin, np.minimum(np.minimum(tenure, age), LONGEST).astype(np.int64))
