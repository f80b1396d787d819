"""What must be true of a town in every year; checked each year of every run, and never switched off."""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel
from abm.people.population import Counts, Households, Persons, Population

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
    ages = population.shape[1]
    seen = np.zeros((6, 2 * ages), np.int64)  # without work, employed, unemployed; away: native, other; gone
    for i in range(n):
        place, work = persons.place[i], persons.work[i]
        here = np.int64(work >= 3) + 2 * np.int64(work == 2)
        there = (3 + np.int64(persons.origin[i] != 0)) if place == 2 else 5
        seen[here if place == 1 else there, np.int64(persons.sex[i]) * ages + min(max(persons.age[i], 0), 100)] += 1
    for sex in range(2):
        for age in range(ages):
            cell = sex * ages + age
            population[sex, age] += seen[0, cell] + seen[1, cell] + seen[2, cell]
            employed[sex, age] += seen[1, cell]
            unemployed[sex, age] += seen[2, cell]
            away[sex, age] += seen[3, cell]


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
    for i in range(n):
        m, age = persons.mother[i], persons.age[i]
        parent = np.uint32(max(m, np.int32(0)))
        younger = (persons.age[parent] <= age) & (age < 100)
        bad |= (m >= 0) & (persons.place[parent] != 0) & younger & (persons.place[i] != 0)
    members = np.zeros(homes + 1, np.int32)  # the first: no household in town
    for i in range(n):
        members[np.uint32(persons.household[i] + 1)] += 1
    for h in range(homes):
        kind, some = households.kind[h], members[h + 1]
        bad |= (some != households.size[h]) | ((kind != 2) & ((some > 0) != (kind > 0)))
    return not bad


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
    if stocks is not None:
        take_stock(people.persons, people.n, stocks)
    if everything_fits(people.persons, people.households, people.n, homes):
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
