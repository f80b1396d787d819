"""The verb of time passing: everybody a year older, and people away followed no longer than it matters."""

import numpy as np

from abm.compiled import kernel, rule
from abm.population import Members, Persons


@rule
def forget(persons: Persons, i: int) -> None:
    """Person i of the away is followed no longer."""
    persons.place[i] = 0
    j = persons.partner[i]
    if j >= 0:
        persons.partner[j] = -1
        persons.partner[i] = -1


@kernel
def grow_older(persons: Persons, n: int, homes: int, followed_to: int) -> tuple[Members, Members]:
    """A year passes for everybody: age, years since the last move, years since marriage or the last birth.

    Returns adults and minors by household (int16[homes]), for those who may have been left alone.

    Of the away, children who did not grow up here are dropped when they come of age (they are nobody's natives), and
    everybody past the age `followed_to`: hardly anybody comes home so late.
    """
    adults, minors = np.zeros(homes, np.int16), np.zeros(homes, np.int16)
    for i in range(n):
        if persons.place[i] == 0:
            continue
        persons.age[i] = min(persons.age[i] + 1, 100)
        persons.tenure[i] = min(persons.tenure[i] + 1, 60)
        persons.waiting[i] = min(persons.waiting[i] + 1, 60)
        if persons.place[i] == 1:
            if persons.age[i] >= 18:
                adults[persons.household[i]] += 1
            else:
                minors[persons.household[i]] += 1
        elif persons.age[i] > followed_to:
            forget(persons, i)
    for i in range(n):  # after all who are too old: whether somebody is a stranger must not hang on the order of rows
        if persons.place[i] == 2 and persons.origin[i] != 0 and persons.age[i] >= 18:
            j = persons.partner[i]
            if j < 0 or persons.origin[j] != 0:
                forget(persons, i)
    return adults, minors
