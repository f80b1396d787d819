"""Which elders give up a household of their own: into an institution, or to a child in town."""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel
from abm.draws import uniform
from abm.population import Households, Links, Persons, Rows

Array = NDArray[np.float64]


@kernel
def moving_elders(
    persons: Persons, households: Households, n: int, institution: Array, join_child: float, stream: np.uint64
) -> tuple[Rows, Rows]:
    """(rows, households): elders of 65 and over who move this year; -1 stands for an institution.

    `institution` [2 (alone, with others), 101] are yearly probabilities by age; `join_child` that of an elder alone
    with a child in town. One draw decides both: the institution at its lower end, the child next to it.
    """
    wishes = np.zeros(n, np.uint8)
    rows, homes = np.empty(n, np.int64), np.empty(n, np.int64)
    k = 0
    for i in range(n):
        if persons.place[i] != 1 or persons.age[i] < 65:
            continue
        home = persons.household[i]
        if households.kind[home] != 1:
            continue
        alone = households.size[home] == 1
        enter = institution[0 if alone else 1, persons.age[i]]
        u = uniform(stream, persons.key[i])
        if u < enter and persons.partner[i] < 0:
            rows[k], homes[k] = i, -1
            k += 1
        elif alone and enter <= u < enter + join_child:
            wishes[i] = 1
    child = children_of_elders(persons, households, n, wishes)
    for i in range(n):
        if wishes[i] != 0 and child[i] >= 0:
            rows[k], homes[k] = i, persons.household[child[i]]
            k += 1
    return rows[:k].copy(), homes[:k].copy()


@kernel
def children_of_elders(persons: Persons, households: Households, n: int, wishes: NDArray[np.uint8]) -> Links:
    """For every elder with a wish one grown child in town who is not alone (row, int32[n], -1 without).

    Of several children it is the one with the smallest key, so that the order of rows does not matter.
    """
    child = np.full(n, -1, np.int32)
    for i in range(n):
        if persons.place[i] != 1 or persons.age[i] < 25:
            continue
        m, f = persons.mother[i], persons.father[i]
        if (m < 0 or wishes[m] == 0) and (f < 0 or wishes[f] == 0):
            continue
        for parent in (m, f):
            if parent < 0 or wishes[parent] == 0:
                continue
            home = persons.household[i]
            if households.kind[home] != 1 or households.size[home] < 2:
                continue
            if child[parent] < 0 or persons.key[i] < persons.key[child[parent]]:
                child[parent] = i
    return child
