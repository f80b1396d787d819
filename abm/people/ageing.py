"""The verb of time passing: everybody a year older, and people away followed no longer than it matters."""

import numpy as np

from abm.compiled import kernel, rule
from abm.people.population import Codes, Members, Persons, Rows


@rule
def forget(persons: Persons, i: int) -> None:
    """Person i of the away is followed no longer."""
    persons.place[i] = 0
    j = persons.partner[i]
    if j >= 0:
        persons.partner[j] = -1
        persons.partner[i] = -1


@kernel
def keep_course(persons: Persons, rows: Rows, ahead: Codes, waiting: Codes) -> None:
    """Clocks that a programme's births leave as they were (or start late), with the marks that tell of them."""
    for k in range(len(rows)):
        persons.ahead[rows[k]] = ahead[k]
        persons.waiting[rows[k]] = waiting[k]


@kernel
def grow_older(persons: Persons, n: int, homes: int, followed_to: int) -> tuple[Members, Members]:
    """A year passes for everybody: age, years since the last move, years since marriage or the last birth.

    Returns adults and minors by household (int16[homes]), for those who may have been left alone.

    Of the away, children who did not grow up here are dropped when they come of age (they are nobody's natives), and
    everybody past the age `followed_to`: hardly anybody comes home so late.
    """
    for column, most in ((persons.age, 100), (persons.tenure, 60), (persons.waiting, 60)):
        for i in range(n):
            column[i] += np.int8((persons.place[i] != 0) & (column[i] < most))
    adults, minors = np.zeros(homes + 1, np.int16), np.zeros(homes + 1, np.int16)  # the first: no household in town
    away = np.empty(n, np.uint32)
    k = 0
    for i in range(n):
        home, grown, here = np.uint32(persons.household[i] + 1), persons.age[i] >= 18, persons.place[i] == 1
        adults[home] += here & grown
        minors[home] += here & (not grown)
        away[k] = i
        k += (persons.place[i] == 2) & grown
    for i in away[:k]:
        if persons.age[i] > followed_to:
            forget(persons, i)
    for i in away[:k]:  # after all who are too old: whether somebody is a stranger must not hang on the order of rows
        if (persons.origin[i] != 0) & (persons.place[i] == 2):
            j = persons.partner[i]
            if j < 0 or persons.origin[j] != 0:
                forget(persons, i)
    return adults[1:], minors[1:]
