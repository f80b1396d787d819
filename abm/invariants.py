"""What must be true of a town in every year; checked each year of every run, and never switched off."""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel
from abm.population import Households, Persons, Population

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
def first_problem(persons: Persons, households: Households, n: int, homes: int) -> tuple[int, int]:
    """(number of the first broken invariant or 0, row): residents partition into households, links fit together."""
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


def check_links(population: Population, year: int) -> None:
    """Raise BrokenInvariantError if people and households do not fit together at the stock date of `year`."""
    problem, row = first_problem(population.persons, population.households, population.n, int(population.counts[1]))
    if problem:
        raise BrokenInvariantError(f"{year}: {_PROBLEMS[problem]} (row {row}).")


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
