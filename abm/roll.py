"""The roll of a year: who is a minor, grown, old or away as the year begins, so that no decision asks everybody.

The lists are of whom a decision may concern: each rule still asks its own conditions, since people move, die and marry
within the year. They are in the order of rows, like everything that is made from them.
"""

from typing import NamedTuple

import numpy as np

from abm.compiled import kernel
from abm.population import Links, Persons, Rows

OLD = 65  # years on the stock date from which somebody is on the list of elders
A_LITTLE_MORE = 1.0 + 1e-9  # above a bound: products in another order differ in their last digit


class Roll(NamedTuple):
    """Person rows (int32, ascending) by what they were when the roll was taken; somebody may be on several lists."""

    n: int  # person rows looked at
    minors: Links  # residents under 18
    grown: Links  # residents from 15 on
    elders: Links  # residents from 65 on
    women: Links  # from 15 to 49, in town and away
    away: Links  # everybody away


@kernel
def roll_of(persons: Persons, n: int) -> Roll:
    """Take the roll of the first `n` rows."""
    return listed(persons, 0, n)


@kernel
def listed(persons: Persons, first: int, n: int) -> Roll:
    """The roll of rows first..n-1; written without branches, since who comes next is hard to foretell."""
    rows = n - first
    minors, grown, elders = np.empty(rows, np.int32), np.empty(rows, np.int32), np.empty(rows, np.int32)
    women, away = np.empty(rows, np.int32), np.empty(rows, np.int32)
    m = g = e = w = a = 0
    for i in range(first, n):
        age, here, there = persons.age[i], persons.place[i] == 1, persons.place[i] == 2
        minors[m] = grown[g] = elders[e] = women[w] = away[a] = i
        m += here & (age < 18)
        g += here & (age >= 15)
        e += here & (age >= OLD)
        w += (here | there) & (persons.sex[i] == 1) & (age >= 15) & (age <= 49)
        a += there
    return Roll(n, minors[:m], grown[:g], elders[:e], women[:w], away[:a])


@kernel
def renewed(roll: Roll, persons: Persons, n: int, moved_out: Rows) -> Roll:
    """The roll with the rows that are new since it was taken, and with those of `moved_out` who are away now."""
    late = listed(persons, roll.n, n)
    out = np.sort(moved_out[persons.place[moved_out] == 2])
    away = np.empty(len(roll.away) + len(out), np.int32)
    k = o = 0
    for i in roll.away:
        while o < len(out) and out[o] < i:
            away[k] = out[o]
            k, o = k + 1, o + 1
        away[k] = i
        k += 1
    for i in out[o:]:
        away[k] = i
        k += 1
    return Roll(n, np.append(roll.minors, late.minors), np.append(roll.grown, late.grown),
                np.append(roll.elders, late.elders), np.append(roll.women, late.women),
                np.append(away, late.away))  # fmt: skip
