"""The verb of time passing: everybody a year older, and people away followed no longer than it matters."""

import numpy as np

from abm.compiled import kernel, rule
from abm.people.lots import BLOCK, Marks, collect
from abm.people.population import OLDEST, Codes, Listed, Persons, Rows


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
def grow_older(persons: Persons, n: int, homes: int, followed_to: int) -> Marks:
    """A year passes for everybody: age, years since the last move, years since marriage or the last birth.

    Returns marks by household (uint8[homes]) of those with an adult: minors elsewhere have been left alone.

    Of the away, children who did not grow up here are dropped when they come of age (they are nobody's natives), and
    everybody past the age `followed_to`: hardly anybody comes home so late.
    """
    for column, most in ((persons.age, 100), (persons.tenure, 60), (persons.waiting, 60)):
        for i in range(n):
            column[i] += np.int8((persons.place[i] != 0) & (column[i] < most))
    for i in away_over(persons, n, followed_to, -1):
        forget(persons, i)
    for i in away_over(persons, n, 17, 0):  # after all who are too old: who is a stranger must not hang on their order
        j = persons.partner[i]
        if j < 0 or persons.origin[j] != 0:
            forget(persons, i)
    return with_adults(persons, n, homes)


@kernel
def away_over(persons: Persons, n: int, age: int, native: int) -> Listed:
    """Rows of those away who are older than an age (uint32) and not of the origin `native`."""
    rows, k, marks = np.empty(n, np.uint32), 0, np.zeros(BLOCK, np.uint8)
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        mark_away(marks, persons.place[first:last], persons.age[first:last], persons.origin[first:last],
                  age, native)  # fmt: skip
        k = collect(rows, k, marks, first, last - first)
    return rows[:k]


@kernel
def mark_away(marks: Marks, place: Codes, age: Codes, origin: Codes, over: int, native: int) -> None:
    """Mark those of `away_over`."""
    most, not_this = np.int8(min(over, OLDEST)), np.int8(native)
    for k in range(len(place)):
        marks[k] = (place[k] == 2) & (age[k] > most) & (origin[k] != not_this)


@kernel
def with_adults(persons: Persons, n: int, homes: int) -> Marks:
    """Marks by household (uint8[homes]) of those with somebody of 18 or over."""
    adults = np.zeros(homes + 1, np.uint8)  # the first takes minors and those without a household in town
    for i in range(n):
        adults[np.uint32((persons.household[i] + 1) * np.int32(persons.age[i] >= 18))] = 1
    return adults[1:]
