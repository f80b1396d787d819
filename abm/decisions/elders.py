"""Which elders give up a household of their own: into an institution, or to a child in town.

An old parent alone is a tie: a child in town takes the parent in (or moves in: the household is the same), sooner from
75 on. Old couples come to live with a married child more rarely; both become rarer as three generations do.
"""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import uniform
from abm.people.lots import A_LITTLE_MORE, drawn, nobody
from abm.people.population import TOWN, Households, Links, Persons, Rows
from abm.people.roll import Roll

Array = NDArray[np.float64]
ALONE, COUPLE = 0, 1  # rows of `joining`
OLD = 65  # years on the stock date from which somebody counts as an elder


@rule
def living_alone(persons: Persons, households: Households, i: int) -> int:
    """0 for an elder alone, 1 for the wife of an old couple by themselves, -1 otherwise."""
    home = persons.household[i]
    if households.size[home] == 1:
        return ALONE
    j = persons.partner[i]
    if households.size[home] == 2 and persons.sex[i] == 1 and j >= 0 and persons.household[j] == home:
        return COUPLE
    return -1


@rule
def may_move_as_elder(persons: Persons, households: Households, i: int) -> bool:
    """Whether person i is 65 or older and in a private household in town."""
    return bool(persons.place[i] == 1 and persons.age[i] >= OLD and households.kind[persons.household[i]] == 1)


@rule
def entering_probability(persons: Persons, institution: Array, by_themselves: int, i: int) -> float:
    """The probability that elder i enters an institution within the year, by `living_alone`."""
    return float(institution[0 if by_themselves == ALONE else 1, persons.age[i]])


@rule
def joining_probability(persons: Persons, joining: Array, by_themselves: int, i: int) -> float:
    """The probability that elder i (of a couple the wife) moves to a child, if one is in town, by `living_alone`."""
    return float(joining[by_themselves, persons.age[i]]) if by_themselves >= 0 else 0.0


@kernel
def moving_elders(
    persons: Persons, households: Households, roll: Roll, institution: Array, joining: Array, stream: np.uint64
) -> tuple[Rows, Rows]:
    """(rows, households): elders of 65 and over who move this year; -1 stands for an institution.

    `institution` [2 (alone, with others), 101] and `joining` [2 (alone, a couple by the wife's age), 101] are yearly
    probabilities by age; joining needs a child in town. One draw decides both: the institution at its lower end, the
    child next to it.
    """
    likeliest = nobody()
    for age in range(OLD, institution.shape[1]):
        likeliest[TOWN, :, :, age] = (institution[:, age].max() + max(joining[:, age].max(), 0.0)) * A_LITTLE_MORE
    wishes = np.zeros(roll.n, np.uint8)
    asked = drawn(persons, roll.n, likeliest, stream)
    rows, homes = np.empty(2 * len(asked), np.int64), np.empty(2 * len(asked), np.int64)
    k = 0
    for i in asked:
        if not may_move_as_elder(persons, households, i):
            continue
        by_themselves = living_alone(persons, households, i)
        enter = entering_probability(persons, institution, by_themselves, i)
        u = uniform(stream, persons.key[i])
        if u < enter and persons.partner[i] < 0:
            rows[k], homes[k] = i, -1
            k += 1
        elif enter <= u < enter + joining_probability(persons, joining, by_themselves, i):
            wishes[i] = 1 + by_themselves
    child = children_of_elders(persons, households, roll, wishes)
    for i in asked:
        if wishes[i] != 0 and child[i] >= 0:
            rows[k], homes[k] = i, persons.household[child[i]]
            k += 1
            if wishes[i] == 1 + COUPLE:
                rows[k], homes[k] = persons.partner[i], persons.household[child[i]]
                k += 1
    return rows[:k].copy(), homes[:k].copy()


@kernel
def children_of_elders(persons: Persons, households: Households, roll: Roll, wishes: NDArray[np.uint8]) -> Links:
    """For every elder with a wish one grown child in a private household in town (row, int32[roll.n], -1 without).

    A couple (wish 2) joins a child who lives with a partner. Of several children it is the one with the smallest key,
    so that the order of rows does not matter.
    """
    child = np.full(roll.n, -1, np.int32)
    asked, of_row = np.empty(len(roll.grown), np.uint32), np.zeros(roll.n + 1, np.uint8)
    of_row[1:] = wishes  # after the wish of nobody, whom those without a parent link point to
    k = 0
    for i in roll.grown:
        asked[k] = i
        k += (of_row[np.uint32(persons.mother[i] + 1)] | of_row[np.uint32(persons.father[i] + 1)]) != 0
    for i in asked[:k]:
        if persons.place[i] != 1 or persons.age[i] < 25:
            continue
        home, j = persons.household[i], persons.partner[i]
        if households.kind[home] != 1:
            continue
        paired = j >= 0 and persons.household[j] == home
        for parent in (persons.mother[i], persons.father[i]):
            wish = of_row[parent + 1]
            if wish == 0 or (wish == 2 and not paired):
                continue
            if child[parent] < 0 or persons.key[i] < persons.key[child[parent]]:
                child[parent] = i
    return child
