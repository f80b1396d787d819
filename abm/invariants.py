"""What must be true of a town in every year; checked each year of every run, and never switched off."""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel
from abm.population import Counts, Households, Persons, Population

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
def take_stock(persons: Persons, households: Households, n: int, homes: int, stocks: Stocks) -> tuple[int, int]:
    """Count everybody into `stocks`; returns the number of the first broken invariant (0 for none) and its row.

    One look over the town does both: residents partition into households and links fit together, and residents,
    people away who grew up here, employed and unemployed residents are counted by sex and age ([2, 101] each).
    """
    population, away, employed, unemployed = stocks
    members = np.zeros(homes, np.int32)
    for i in range(n):
        place, home = persons.place[i], persons.household[i]
        if place == 0:
            continue
        sex, age = persons.sex[i], min(max(persons.age[i], 0), 100)
        if place == 1:
            if home < 0 or households.kind[home] == 0:
                return 1, i
            members[home] += 1
            population[sex, age] += 1
            if persons.work[i] >= 3:
                employed[sex, age] += 1
            elif persons.work[i] == 2:
                unemployed[sex, age] += 1
        elif home >= 0:
            return 2, i
        elif persons.origin[i] == 0:
            away[sex, age] += 1
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
    counted = stocks or (_no_count(), _no_count(), _no_count(), _no_count())
    problem, row = take_stock(people.persons, people.households, people.n, homes, counted)
    if problem:
        raise BrokenInvariantError(f"{year}: {_PROBLEMS[problem]} (row {row}).")


def _no_count() -> Counts:
    return np.zeros((2, 101), dtype=np.int64)


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
    change = before + moves_in - moves_out - deaths
    older = np.zeros_like(change)
    older[:, 1:] = change[:, :-1]
    older[:, -1] += change[:, -1]
    young = after[:, :2].sum() == older[:, :2].sum() + births
    if not young or not np.array_equal(after[:, 2:], older[:, 2:]):
        raise BrokenInvariantError(
            f"{year}: people appeared or vanished: start + births + in - deaths - out is not the end."
        )
