"""The roll of a year: who is a minor, grown or away as the year begins, so that no decision asks everybody.

The lists are of whom a decision may concern: each rule still asks its own conditions, since people move, die and marry
within the year.
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import kernel, step
from abm.people.lots import BLOCK, Marks, collect_many
from abm.people.population import Codes, Listed, Persons, Rows


class Roll(NamedTuple):
    """Person rows (uint32) by what they were when the roll was taken; somebody may be on several lists.

    Ascending, but for those who moved out since: `renewed` puts them behind.
    """

    n: int  # person rows looked at
    minors: Listed  # residents under 18
    grown: Listed  # residents from 15 on
    away: Listed  # everybody away
    young_away: Listed  # of these, those under 18
    sheets: tuple[Listed, Listed, Listed, Listed]  # what the four lists are written on, with room behind them


@step
def roll_of(persons: Persons, n: int) -> Roll:
    """Take the roll of the first `n` rows."""
    return listed(persons, 0, n)


@kernel
def listed(persons: Persons, first: int, n: int) -> Roll:
    """The roll of rows first..n-1; a block of rows at a time is marked, then each list takes the rows marked for it."""
    room = n - first + 8
    minors, grown = np.empty(room, np.uint32), np.empty(room, np.uint32)
    away, young_away = np.empty(room, np.uint32), np.empty(room, np.uint32)
    marks = np.empty(BLOCK, np.uint8)
    m = g = a = y = 0
    for start in range(first, n, BLOCK):
        stop = min(start + BLOCK, n)
        marks[stop - start :] = 0
        place, age = persons.place[start:stop], persons.age[start:stop]
        mark(marks, place, 1, age, -1, 17)
        m = collect_many(minors, m, marks, start)
        mark(marks, place, 1, age, 15, 127)
        g = collect_many(grown, g, marks, start)
        mark(marks, place, 2, age, -1, 127)
        a = collect_many(away, a, marks, start)
        mark(marks, place, 2, age, -1, 17)
        y = collect_many(young_away, y, marks, start)
    return Roll(n, minors[:m], grown[:g], away[:a], young_away[:y], (minors, grown, away, young_away))


@kernel
def mark(marks: Marks, place: Codes, where: int, age: Codes, youngest: int, oldest: int) -> None:
    """Mark who is in a place at the ages youngest..oldest."""
    here, low, high = np.int8(where), np.int8(youngest), np.int8(oldest)
    for k in range(len(place)):
        marks[k] = (place[k] == here) & (age[k] >= low) & (age[k] <= high)


@kernel
def renewed(roll: Roll, persons: Persons, n: int, moved_out: Rows) -> Roll:
    """The roll with the rows that are new since it was taken, and with those of `moved_out` who are away now.

    They are written behind the lists of `roll`, which itself stays what it was but cannot be renewed a second time.
    """
    late = listed(persons, roll.n, n)
    out = moved_out[persons.place[moved_out] == 2].astype(np.uint32)
    gone, young = np.append(out, late.away), np.append(out[persons.age[out] < 18], late.young_away)
    minors = continued(roll.sheets[0], len(roll.minors), late.minors)
    grown = continued(roll.sheets[1], len(roll.grown), late.grown)
    away = continued(roll.sheets[2], len(roll.away), gone)
    young_away = continued(roll.sheets[3], len(roll.young_away), young)
    return Roll(n, minors[: len(roll.minors) + len(late.minors)], grown[: len(roll.grown) + len(late.grown)],
                away[: len(roll.away) + len(gone)], young_away[: len(roll.young_away) + len(young)],
                (minors, grown, away, young_away))  # fmt: skip


@kernel
def continued(sheet: Listed, written: int, more: Listed) -> Listed:
    """The sheet with more rows behind those that are `written`; a longer one where they have no room."""
    if written + len(more) > len(sheet):
        sheet = np.append(sheet[:written], np.empty(2 * len(more), np.uint32))
    sheet[written : written + len(more)] = more
    return sheet
