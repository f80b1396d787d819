"""The verbs of who lives where: grown children move out, elders move in, minors left alone find a home."""

import numpy as np

from abm.compiled import kernel
from abm.people.lots import BLOCK, Marks, collect
from abm.people.population import Codes, Counts, Households, Persons, Rows
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
def lonely_minors(persons: Persons, households: Households, n: int, adults: Marks) -> tuple[Rows, Rows]:
    """Minors in private households without an adult, and the household that takes each (-1: an institution).

    `adults` marks the households with an adult, as `grow_older` tells them.
    """
    rows, k, marks = np.empty(n, np.uint32), 0, np.zeros(BLOCK, np.uint8)
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        mark_minors(marks, persons.place[first:last], persons.age[first:last])
        k = collect(rows, k, marks, first, last - first)
    lonely = 0
    for i in rows[:k]:
        rows[lonely] = i
        home = np.uint32(persons.household[i])
        lonely += (adults[home] == 0) & (households.kind[home] == 1)
    takes = np.full(lonely, -1, np.int64)
    for k in range(lonely):
        for parent in (persons.father[rows[k]], persons.mother[rows[k]]):
            if parent >= 0 and persons.place[parent] == 1 and adults[persons.household[parent]] != 0:
                takes[k] = persons.household[parent]
    return rows[:lonely].astype(np.int64), takes


@kernel
def mark_minors(marks: Marks, place: Codes, age: Codes) -> None:
    """Mark residents under 18."""
    for k in range(len(place)):
        marks[k] = (place[k] == 1) & (age[k] < 18)


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
