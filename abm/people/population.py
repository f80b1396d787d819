"""Persons and households as columns, owned with their row counts by `Population`.

A row is a person (or a household) while `place` (or `kind`) is not zero; rows of the dead and of those who left for
good are dropped when too many of them have gathered. All links between rows (partner, mother, father, household) are
row numbers, -1 where there is none; identity is the 64-bit `key`, which never changes.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, step
from abm.draws import Words

Rows = NDArray[np.int64]  # row numbers of persons or of households
Listed = NDArray[np.uint32]  # row numbers that a loop goes through: unsigned, so that none is counted from the end
Links = NDArray[np.int32]  # the same in a column, -1 where there is none
Codes = NDArray[np.int8]  # small whole numbers: ages, states, kinds
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]  # [2]: person rows and household rows in use

GONE, TOWN, AWAY = 0, 1, 2  # place
NATIVE, INCOMER, SUPPORTED, FOREIGN, EVACUEE, FARMER, RECRUITED, BUILDER = 0, 1, 2, 3, 4, 5, 6, 7  # origin
NEVER, MARRIED, WIDOWED, DIVORCED = 0, 1, 2, 3  # civil status
STUDENT, OUTSIDE, UNEMPLOYED, NONREGULAR, REGULAR, SELF_EMPLOYED = 0, 1, 2, 3, 4, 5  # work
IN_TOWN, OUT_COMMUTER, REMOTE = 0, 1, 2  # workplace
PRIVATE, INSTITUTION = 1, 2  # kind of household
SECTORS = ("primary", "manufacturing", "construction", "ict", "trade", "health", "services")
MALE, FEMALE = 0, 1
OLDEST = 100  # 100 and over stay together, as in the census tables
LONGEST = 60  # years are counted up to here in `tenure` and `waiting`


class Persons(NamedTuple):
    """One array per attribute, one row per person; the comments give type and unit."""

    key: Words  # identity
    age: Codes  # completed years at the last stock date; -1 for this year's newborns
    sex: Codes  # MALE or FEMALE
    place: Codes  # GONE, TOWN or AWAY
    origin: Codes  # NATIVE (grew up here), INCOMER, FOREIGN resident, EVACUEE, BUILDER (reconstruction worker);
    # brought by a policy: SUPPORTED mover, FARMER, RECRUITED foreign worker
    tenure: Codes  # years since the last move into or out of town
    civil: Codes  # NEVER, MARRIED, WIDOWED, DIVORCED
    partner: Links  # row; -1 also where the spouse lives elsewhere
    mother: Links  # row
    father: Links  # row
    household: Links  # row of Households; -1 away
    parity: Codes  # children ever born (women)
    waiting: Codes  # years since marriage or the last birth, whichever is later
    work: Codes  # STUDENT .. SELF_EMPLOYED
    sector: Codes  # index into SECTORS, -1 without work
    workplace: Codes  # IN_TOWN, OUT_COMMUTER, REMOTE (for an employer elsewhere)
    ahead: Codes  # twice the children on top of a mother's course, plus 1 while the next of it is already here


class Households(NamedTuple):
    """One row per household of the town."""

    size: NDArray[np.int32]  # members in town
    kind: Codes  # 0 (no such household), PRIVATE, INSTITUTION


class Arrivals(NamedTuple):
    """One row per arriving person, int8 columns; `unit` (int32) numbers the units of a year, contiguous."""

    age: Codes
    sex: Codes
    origin: Codes
    civil: Codes
    parity: Codes
    waiting: Codes
    work: Codes
    sector: Codes
    role: Codes  # 0 leads, 1 partner of the one who leads, 2 child
    place_in_unit: Codes
    unit: NDArray[np.int32]


@kernel
def by_key(persons: Persons, rows: Rows) -> Rows:
    """The order that sorts `rows` by their persons' keys (int64): verbs that answer each other carry them out in it.

    Who moves in with somebody who moves the same year meets her or him before or after; rows must not decide which.
    """
    return np.argsort(persons.key[rows], kind="mergesort")


PERSON_TYPES = (
    np.uint64, np.int8, np.int8, np.int8, np.int8, np.int8, np.int8, np.int32, np.int32, np.int32, np.int32,
    np.int8, np.int8, np.int8, np.int8, np.int8, np.int8,
)  # fmt: skip
HOUSEHOLD_TYPES = (np.int32, np.int8)
_AGES = 128  # room for the ages of one place and sex
_NO_LINK = {"partner": -1, "mother": -1, "father": -1, "household": -1, "sector": -1}


def empty_persons(rows: int) -> Persons:
    """`rows` blank person rows: nobody, no links."""
    return Persons(
        *(
            np.full(rows, _NO_LINK.get(name, 0), dtype=kind)
            for name, kind in zip(Persons._fields, PERSON_TYPES, strict=True)
        )
    )


def empty_households(rows: int) -> Households:
    """`rows` blank household rows."""
    return Households._make(np.zeros(rows, dtype=kind) for kind in HOUSEHOLD_TYPES)


class Population:
    """Everybody of a town and of its away, with spare rows for those to come.

    `counts` (int64[2]) holds the numbers of person and household rows in use; verbs advance it.
    """

    def __init__(self, persons: Persons, households: Households, spare: float = 0.12) -> None:
        self.counts = np.array([len(persons.key), len(households.size)], dtype=np.int64)
        self.persons = _grown_persons(persons, int(self.counts[0] * (1 + spare)) + 1000)
        self.households = _grown_households(households, int(self.counts[1] * (1 + spare)) + 1000)

    def copy(self) -> "Population":
        """An independent copy; runs never touch the founded population."""
        twin = object.__new__(Population)
        twin.counts = self.counts.copy()
        twin.persons = Persons._make(column.copy() for column in self.persons)
        twin.households = Households._make(column.copy() for column in self.households)
        return twin

    @property
    def n(self) -> int:
        """Person rows in use, the gone included."""
        return int(self.counts[0])

    @property
    def residents(self) -> Rows:
        """Row numbers of the people in town (int64)."""
        return np.flatnonzero(self.persons.place[: self.n] == TOWN)

    def reserve(self, persons: int, households: int) -> None:
        """Make sure that so many more rows can be used before the next verbs."""
        if self.n + persons > len(self.persons.key):
            self.persons = _grown_persons(self.persons, int((self.n + persons) * 1.1))
        if self.counts[1] + households > len(self.households.size):
            self.households = _grown_households(self.households, int((self.counts[1] + households) * 1.1))

    def compact(self, least_alive: float = 0.88) -> None:
        """Drop the rows of the gone when they are more than `1 - least_alive` of all rows; links follow."""
        alive = int(np.count_nonzero(self.persons.place[: self.n]))
        homes = int(np.count_nonzero(self.households.kind[: self.counts[1]]))
        if alive < least_alive * self.n or homes < least_alive * self.counts[1]:
            self.arrange()

    def arrange(self) -> None:
        """Drop the rows of the gone and put people of one place, sex and age together; links follow."""
        _arrange(self.persons, self.households, self.counts)


def _grown_persons(table: Persons, rows: int) -> Persons:
    grown = empty_persons(max(rows, len(table.key)))
    _fill(grown, table)
    return grown


def _grown_households(table: Households, rows: int) -> Households:
    grown = empty_households(max(rows, len(table.size)))
    _fill(grown, table)
    return grown


def _fill(grown: Iterable[NDArray[Any]], table: Iterable[NDArray[Any]]) -> None:
    """Write the columns of `table` into the first rows of longer ones."""
    for old, new in zip(table, grown, strict=True):
        new[: len(old)] = old


@kernel
def _by_class(persons: Persons, n: int) -> tuple[Listed, Links]:
    """Rows that stay, by place, sex and age (uint32), and the new row of each old one after a first -1 (int32[n + 1]).

    People of one class stand together, so that a loop over rows meets long stretches of the same answers.
    """
    quarter = (n + 3) // 4
    classes = np.zeros(4 * quarter, np.uint16)  # those beyond `n` are counted with the gone
    _find_classes(classes, persons.place[:n], persons.sex[:n], persons.age[:n])
    start, alive = _first_places(classes.reshape((4, quarter)))
    rows, new_row = np.empty(4 * quarter, np.uint32), np.empty(4 * quarter + 1, np.int32)
    new_row[0] = -1
    for k in range(quarter):
        for part in range(4):
            i = part * quarter + k
            at = start[classes[i], part]
            start[classes[i], part] = at + np.int32(1)
            rows[at] = i
            new_row[i + 1] = at
    for k in range(n + 1):
        new_row[k] = new_row[k] if new_row[k] < alive else np.int32(-1)
    return rows[:alive], new_row[: n + 1]


@kernel
def _find_classes(classes: NDArray[np.uint16], place: Codes, sex: Codes, age: Codes) -> None:
    """A number for the place, sex and age of each row; the gone come first."""
    for k in range(len(place)):
        years = max(np.int16(age[k]), np.int16(0))
        classes[k] = (np.int16(place[k]) * np.int16(2) + np.int16(sex[k])) * np.int16(_AGES) + years


@kernel
def _first_places(classes: NDArray[np.uint16]) -> tuple[Links, int]:
    """Where the rows of each class begin when they stand together, the gone last, and how many are not gone.

    `classes` are given in four parts, each with places of its own, int32[classes, 4]: neighbours are mostly of one
    class, and each would have to wait for the one before to be counted.
    """
    start = np.zeros((3 * 2 * _AGES, 4), np.int32)
    for k in range(classes.shape[1]):
        for part in range(4):
            start[classes[part, k], part] += np.int32(1)
    at, gone = np.int32(0), 2 * _AGES
    alive = int(start[gone:].sum())
    for kind in range(gone, gone + len(start)):
        for part in range(4):
            many = start[kind % len(start), part]
            start[kind % len(start), part] = at
            at += many
    return start, alive


@kernel
def _kept_rows(present: Codes, n: int) -> tuple[Listed, Links]:
    """Rows that stay, in order (uint32), and the new row of each old one after a first -1 (int32[n + 1])."""
    rows, new_row = np.empty(n, np.uint32), np.empty(n + 1, np.int32)
    new_row[0] = -1
    k = 0
    for i in range(n):
        stays = present[i] != 0
        rows[k] = i
        new_row[i + 1] = k if stays else -1
        k += stays
    return rows[:k], new_row


@kernel
def _take(column: NDArray[Any], rows: Listed) -> None:
    """Put the values of `rows` at the front of a column, in their order."""
    values = np.empty(len(rows), column.dtype)
    for k in range(len(rows)):
        values[k] = column[rows[k]]
    for k in range(len(rows)):  # as vectors, which an assignment to a slice is not
        column[k] = values[k]


@kernel
def _take_links(column: Links, rows: Listed, new_row: Links) -> None:
    """The same for links, which follow the rows they point to."""
    values = np.empty(len(rows), np.int32)
    for k in range(len(rows)):
        values[k] = new_row[np.uint32(column[rows[k]] + 1)]
    for k in range(len(rows)):
        column[k] = values[k]


@step
def _arrange(persons: Persons, households: Households, counts: Counts) -> None:
    """Move the living rows together, class by class, column by column, and renumber every link."""
    rows, new_row = _by_class(persons, counts[0])
    homes, new_home = _kept_rows(households.kind, counts[1])
    _take(persons.key, rows)
    for column in (persons.age, persons.sex, persons.place, persons.origin, persons.tenure, persons.civil,
                   persons.parity, persons.waiting, persons.work, persons.sector, persons.workplace,
                   persons.ahead):  # fmt: skip
        _take(column, rows)
    for links in (persons.partner, persons.mother, persons.father):
        _take_links(links, rows, new_row)
    _take_links(persons.household, rows, new_home)
    _take(households.size, homes)
    _take(households.kind, homes)
    persons.place[len(rows) : counts[0]] = 0
    households.kind[len(homes) : counts[1]] = 0
    households.size[len(homes) : counts[1]] = 0
    counts[0], counts[1] = len(rows), len(homes)
