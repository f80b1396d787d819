"""The census's types of household, read from who lives together and how they are related."""

from typing import NamedTuple

import numpy as np

from abm.people.apportionment import Mask
from abm.people.population import FEMALE, MARRIED, PRIVATE, TOWN, Households, Persons


class HouseholdTypes(NamedTuple):
    """Which household rows are of which census type, bool[h]; lone mothers with children all under 20."""

    single: Mask
    nuclear: Mask
    elderly_couple: Mask
    elderly_single: Mask
    lone_mother: Mask


def household_types(persons: Persons, households: Households) -> HouseholdTypes:
    """The census type of every household, read from who lives in it and how they are related."""
    here = np.flatnonzero(persons.place == TOWN)
    home, age, sex = persons.household[here], persons.age[here].astype(np.int64), persons.sex[here]
    rows = len(households.size)
    private = households.kind == PRIVATE
    parent = np.full(len(here), -1, dtype=np.int64)
    for link in (persons.father[here], persons.mother[here]):
        with_them = (link >= 0) & (persons.household[np.maximum(link, 0)] == home)
        parent[with_them] = link[with_them]
    partner = persons.partner[here]
    paired = (partner >= 0) & (persons.household[np.maximum(partner, 0)] == home)
    has_child = np.bincount(parent[parent >= 0], minlength=len(persons.key))[here] > 0
    child = (parent >= 0) & ~paired & ~has_child
    adults = np.bincount(home[~child], minlength=rows)
    pairs = np.bincount(home[paired], minlength=rows) // 2
    single = private & (households.size == 1)
    couple = (pairs == 1) & (adults == 2)
    lone = (pairs == 0) & (adults == 1) & (households.size > 1)
    old = (age >= 65) | ((age >= 60) & (sex == FEMALE))
    all_old = np.bincount(home[old], minlength=rows) == households.size
    head = home[(age >= 65) & ~child]
    elderly_single = single & (np.bincount(head, minlength=rows) == 1)
    grown = np.bincount(home[child & (age >= 20)], minlength=rows) > 0
    mother = np.bincount(home[~child & (sex == FEMALE) & (persons.civil[here] != MARRIED)], minlength=rows) == 1
    return HouseholdTypes(
        single, private & (couple | lone), private & couple & (households.size == 2) & all_old,
        elderly_single,
        private & lone & ~grown & mother,
    )  # fmt: skip
