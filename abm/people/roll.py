"""The roll of a year: who is a minor, grown, old or away as the year begins, so that no decision asks everybody.

The lists are of whom a decision may concern: each rule still asks its own conditions, since people move, die and marry
within the year.
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import kernel
from abm.people.population import Listed, Persons, Rows

OLD = 65  # years on the stock date from which somebody is on the list of elders


class Roll(NamedTuple):
    """Person rows (uint32) by what they were when the roll was taken; somebody may be on several lists.

    Ascending, but for those who moved out since: `renewed` puts them behind.
    """

    n: int  # person rows looked at
    minors: Listed  # residents under 18
    grown: Listed  # residents from 15 on
    elders: Listed  # residents from 65 on
    women: Listed  # from 15 to 49, in town and away
    away: Listed  # everybody away
    young_away: Listed  # of these, those under 18


@kernel
def roll_of(persons: Persons, n: int) -> Roll:
    """Take the roll of the first `n` rows."""
    return listed(persons, 0, n)


@kernel
def listed(persons: Persons, first: int, n: int) -> Roll:
    """The roll of rows first..n-1: by place first, then what is asked of a place from its list alone.

    Written without branches, since who comes next is hard to foretell.
    """
    rows = n - first
    minors, grown, away = np.empty(rows, np.uint32), np.empty(rows, np.uint32), np.empty(rows, np.uint32)
    m = g = a = 0
    for i in range(first, n):
        age, here = persons.age[i], persons.place[i] == 1
        minors[m] = grown[g] = away[a] = i
        m += here & (age < 18)
        g += here & (age >= 15)
        a += persons.place[i] == 2
    grown, away = grown[:g], away[:a]
    elders, young_away = np.empty(g, np.uint32), np.empty(a, np.uint32)
    women = np.empty(g + a, np.uint32)
    e = w = y = 0
    for one in grown:
        age = persons.age[one]
        elders[e] = women[w] = one
        e += age >= OLD
        w += (persons.sex[one] == 1) & (age <= 49)
    for one in away:
        age = persons.age[one]
        young_away[y] = women[w] = one
        y += age < 18
        w += (persons.sex[one] == 1) & (age >= 15) & (age <= 49)
    return Roll(n, minors[:m], grown, elders[:e], women[:w], away, young_away[:y])


@kernel
def renewed(roll: Roll, persons: Persons, n: int, moved_out: Rows) -> Roll:
    """The roll with the rows that are new since it was taken, and with those of `moved_out` who are away now."""
    late = listed(persons, roll.n, n)
    out = moved_out[persons.place[moved_out] == 2].astype(np.uint32)
    young = out[persons.age[out] < 18]
    return Roll(n, np.append(roll.minors, late.minors), np.append(roll.grown, late.grown),
                np.append(roll.elders, late.elders), np.append(roll.women, late.women),
                np.append(np.append(roll.away, out), late.away),
                np.append(np.append(roll.young_away, young), late.young_away))  # fmt: skip
