"""What must be true of a town in every year; checked each year of every run, and never switched off."""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, step
from abm.people.lots import AGES, BLOCK, Classes
from abm.people.population import Codes, Counts, Households, Persons, Population

STATES = 6  # of a row as it is counted
GONE_CELL = 5 * 2 * AGES
COUNTS = 4  # kept side by side
Stocks = tuple[Counts, Counts, Counts, Counts]  # residents, away, employed, unemployed: [2, 101] by sex and age

_PROBLEMS = (
    "",
    "a resident has no living household",
    "somebody away has a household",
    "a partner does not point back",
    "partners do not share the married state or place",
    "a household's size is not the number of its members",
    "a child is older than its mother",
    "somebody under 15 works or is married",
)


class BrokenInvariantError(AssertionError):
    """The simulation has produced an impossible town: a mistake in Machi itself, never the user's."""


@kernel
def take_stock(persons: Persons, n: int, stocks: Stocks) -> None:
    """Count everybody into `stocks` by sex and age: residents, natives away, employed and unemployed residents."""
    population, away, employed, unemployed = stocks
    seen, cells = np.zeros((COUNTS, STATES * 2 * AGES), np.int32), np.empty(BLOCK, np.uint16)
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        cells[last - first :] = GONE_CELL
        find_cells(cells, persons.place[first:last], persons.work[first:last], persons.origin[first:last],
                   persons.sex[first:last], persons.age[first:last])  # fmt: skip
        count(seen, cells)
    by_state = seen.sum(axis=0).reshape((STATES, 2, AGES))[:, :, : population.shape[1]]
    population += by_state[0] + by_state[1] + by_state[2]
    employed += by_state[1]
    unemployed += by_state[2]
    away += by_state[3]


@kernel
def find_cells(cells: Classes, place: Codes, work: Codes, origin: Codes, sex: Codes, age: Codes) -> None:
    """Where each row is counted, by state, sex and age: without work, employed, unemployed; away: native, other; gone.

    Sums of products instead of conditions, which would keep the loop from becoming vector instructions.
    """
    for k in range(len(place)):
        here = np.int16(work[k] >= 3) + np.int16(2) * np.int16(work[k] == 2)
        there = np.int16(3) + np.int16(origin[k] != 0)
        state = np.int16(place[k] == 1) * here + np.int16(place[k] == 2) * there + np.int16(place[k] == 0) * np.int16(5)
        years = min(max(np.int16(age[k]), np.int16(0)), np.int16(100))
        cells[k] = (state * np.int16(2) + np.int16(sex[k])) * np.int16(AGES) + years


@kernel
def count(seen: NDArray[np.int32], cells: Classes) -> None:
    """Add a block of cells to `seen` [COUNTS, cells], the counts to be added up.

    Neighbours are mostly of one cell: if there were one count, each would have to wait for the one before.
    """
    for k in range(0, len(cells), COUNTS):
        for one in range(COUNTS):
            seen[one, cells[k + one]] += np.int32(1)


@kernel
def everything_fits(persons: Persons, households: Households, n: int, homes: int) -> bool:
    """Whether every invariant holds; one short pass for each, which costs half of asking all of everybody in turn.

    False only means that `first_problem` has to look.
    """
    bad = False
    for i in range(n):
        place, age = persons.place[i], persons.age[i]
        bad |= (place == 1) != (persons.household[i] >= 0)
        bad |= (place != 0) & (age < 15) & ((persons.work[i] >= 3) | (persons.civil[i] != 0))
    for i in range(n):
        j, place = persons.partner[i], persons.place[i]
        mate = np.uint32(j if j >= 0 else i)
        fits = (persons.partner[mate] == i) & (persons.civil[i] == 1)
        fits &= (persons.place[mate] == place) & (persons.sex[mate] != persons.sex[i])
        bad |= (j >= 0) & (place != 0) & (not fits)
    bounds = np.full(n + 1, 127, np.int8)  # ages that children must be below, by the mother's row; the first: no mother
    for i in range(n):
        bounds[i + 1] = persons.age[i] if persons.place[i] != 0 else np.int8(127)
    for i in range(n):
        younger = (bounds[np.uint32(persons.mother[i] + 1)] <= persons.age[i]) & (persons.age[i] < 100)
        bad |= younger & (persons.place[i] != 0)
    members = np.zeros(homes + 1, np.int32)  # the first: no household in town
    for i in range(n):
        members[np.uint32(persons.household[i] + 1)] += 1
    for h in range(homes):
        kind, some = households.kind[h], members[h + 1]
        bad |= (some != households.size[h]) | ((kind != 2) & ((some > 0) != (kind > 0)))
    return not bad


@step
def look_over(persons: Persons, households: Households, n: int, homes: int, stocks: Stocks) -> bool:
    """Take stock, and see whether everything fits."""
    take_stock(persons, n, stocks)
    return everything_fits(persons, households, n, homes)


@kernel
def first_problem(persons: Persons, households: Households, n: int, homes: int) -> tuple[int, int]:
    """The number of the first broken invariant (0 for none) and its row."""
    members = np.zeros(homes, np.int32)
    for i in range(n):
        place, home = persons.place[i], persons.household[i]
        if place == 0:
            continue
        if place == 1:
            if home < 0 or households.kind[home] == 0:
                return 1, i
            members[home] += 1
        elif home >= 0:
            return 2, i
        j = persons.partner[i]
        if j >= 0:
            if persons.partner[j] != i:
                return 3, i
            if persons.civil[i] != 1 or persons.place[j] != place or persons.sex[j] == persons.sex[i]:
                return 4, i
        m = persons.mother[i]
        if m >= 0 and persons.place[m] != 0 and persons.age[m] <= persons.age[i] < 100:
            return 6, i
        if persons.age[i] < 15 and (persons.work[i] >= 3 or persons.civil[i] != 0):
            return 7, i
    for h in range(homes):
        ended = households.kind[h] != 2 and (members[h] > 0) != (households.kind[h] > 0)
        if members[h] != households.size[h] or ended:
            return 5, h
    return 0, 0


def check_links(population: Population, year: int, stocks: Stocks | None = None) -> None:
    """Count the stocks at the stock date of `year` into four arrays [2, 101], if given.

    Raises BrokenInvariantError if people and households do not fit together.
    """
    people, homes = population, int(population.counts[1])
    nothing = np.zeros((2, 101), np.int64)
    if look_over(people.persons, people.households, people.n, homes, stocks or (nothing, nothing, nothing, nothing)):
        return
    problem, row = first_problem(people.persons, people.households, people.n, homes)
    if problem:
        raise BrokenInvariantError(f"{year}: {_PROBLEMS[problem]} (row {row}).")


@kernel
def conserved(before: Counts, after: Counts, births: int, moves_in: Counts, moves_out: Counts, deaths: Counts) -> bool:
    """Whether everybody [2, 101] at the end is somebody of the start, a year older, or has come; nobody is missing."""
    older = np.zeros_like(before)
    oldest = before.shape[1] - 1
    for sex in range(2):
        for age in range(oldest + 1):
            left = before[sex, age] + moves_in[sex, age] - moves_out[sex, age] - deaths[sex, age]
            older[sex, min(age + 1, oldest)] += left
    as_told = after[:, :2].sum() == older[:, :2].sum() + births
    for sex in range(2):
        for age in range(2, oldest + 1):
            as_told &= after[sex, age] == older[sex, age]
    return bool(as_told)


def check_conservation(
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    births: int,
    moves_in: NDArray[np.int64],
    moves_out: NDArray[np.int64],
    deaths: NDArray[np.int64],
    year: int,
) -> None:
    """start + births + in - deaths - out = end by sex and age [2, 101], everybody one year older.

    Newborns count as age -1 until the end of the year: their flows stand at age 0 together with those of age 0, so
    ages 0 and 1 of the end are compared as a sum over both sexes with births.
    """
    if not conserved(before, after, births, moves_in, moves_out, deaths):
        raise BrokenInvariantError(
            f"{year}: people appeared or vanished: start + births + in - deaths - out is not the end."
        )
