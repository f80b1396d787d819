"""The verbs of who lives where: grown children move out, elders move in, minors left alone find a home."""

import numpy as np

from abm.compiled import kernel
from abm.people.population import Counts, Households, Members, Persons, Rows
from abm.people.verbs import move_in, new_home


@kernel
def move_out(persons: Persons, households: Households, counts: Counts, rows: Rows) -> None:
    """Each person in `rows` leaves the present household for one of her or his own."""
    for i in rows:
        move_in(persons, households, i, new_home(households, counts, 1))


@kernel
def join(persons: Persons, households: Households, rows: Rows, homes: Rows) -> None:
    """Each person in `rows` joins the household beside it, unless that has ended meanwhile."""
    for k in range(len(rows)):
        if households.kind[homes[k]] != 0 and persons.household[rows[k]] != homes[k]:
            move_in(persons, households, rows[k], homes[k])


@kernel
def settle_elders(persons: Persons, households: Households, counts: Counts, rows: Rows, homes: Rows) -> None:
    """Each elder in `rows` joins the household beside it; -1 stands for an institution, picked by the elder's key.

    A household that has ended meanwhile takes nobody. A town without an institution opens one.
    """
    refuges = np.flatnonzero(households.kind[: counts[1]] == 2)
    for k in range(len(rows)):
        i, home = rows[k], homes[k]
        if home < 0:
            if len(refuges) == 0:
                refuges = np.array([new_home(households, counts, 2)])
            home = refuges[np.int64(persons.key[i] % np.uint64(len(refuges)))]
        if households.kind[home] != 0 and persons.household[i] != home:
            move_in(persons, households, i, home)


@kernel
def lonely_minors(
    persons: Persons, households: Households, n: int, adults: Members, minors: Members
) -> tuple[Rows, Rows]:
    """Minors in private households without an adult, and the household that takes each (-1: an institution)."""
    lonely = 0
    for h in range(len(adults)):
        if minors[h] > 0 and adults[h] == 0 and households.kind[h] == 1:
            lonely += minors[h]
    rows, takes = np.empty(lonely, np.int64), np.empty(lonely, np.int64)
    if lonely == 0:
        return rows, takes
    young, found = np.empty(n, np.int32), 0
    for i in range(n):
        young[found] = i
        found += (persons.place[i] == 1) & (persons.age[i] < 18)
    k = 0
    for i in young[:found]:
        if households.kind[persons.household[i]] != 1 or adults[persons.household[i]] > 0:
            continue
        home = -1
        for parent in (persons.father[i], persons.mother[i]):
            if parent >= 0 and persons.place[parent] == 1 and adults[persons.household[parent]] > 0:
                home = persons.household[parent]
        rows[k], takes[k] = i, home
        k += 1
    return rows[:k].copy(), takes[:k].copy()


@kernel
def shelter(persons: Persons, households: Households, counts: Counts, rows: Rows, homes: Rows) -> None:
    """Minors left alone join the household beside them; those without kin the first institution (opened if none)."""
    refuges = np.flatnonzero(households.kind[: counts[1]] == 2)
    refuge = refuges[0] if len(refuges) > 0 else -1
    for k in range(len(rows)):
        home = homes[k]
        if home < 0:
            if refuge < 0:
                refuge = new_home(households, counts, 2)
            home = refuge
        move_in(persons, households, rows[k], home)
