"""What is recorded of a run: stocks and flows by year, sex and single age, as counts of simulated persons."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel

Counts = NDArray[np.int64]


class Outputs(NamedTuple):
    """Counts of simulated persons (divide by `fraction` for the whole town); Y = end - start years.

    Stocks have Y + 1 entries, flows Y; by-age arrays are [years, 2 sexes, 101 ages], births [Y, 101] by the mother's
    age. `vacancies` speak of the whole town already.
    """

    population: Counts
    away: Counts
    employed: Counts
    unemployed: Counts
    households: Counts
    vacancies: NDArray[np.float64]
    births: Counts
    deaths: Counts
    marriages: Counts
    divorces: Counts
    moves_in: Counts
    moves_out: Counts
    returns: Counts
    fraction: float
    start: int
    end: int


def blank(start: int, end: int, fraction: float) -> Outputs:
    """An empty record of the years start .. end."""
    years = end - start
    stocks = [np.zeros((years + 1, 2, 101), np.int64) for _ in range(4)]
    flows = [np.zeros((years, 2, 101), np.int64) for _ in range(6)]
    births = np.zeros((years, 101), np.int64)
    households, vacancies = np.zeros(years + 1, np.int64), np.zeros(years + 1)
    return Outputs(*stocks, households, vacancies, births, *flows, fraction, start, end)


@kernel
def tally(persons, rows, out):  # type: ignore[no-untyped-def]
    """Count the persons in `rows` by sex and age into `out` [2, 101]; newborns count as age 0."""
    for i in rows:
        out[persons.sex[i], min(max(persons.age[i], 0), 100)] += 1


@kernel
def count_stocks(persons, n, population, away, employed, unemployed):  # type: ignore[no-untyped-def]
    """Residents, people away who grew up here, employed and unemployed residents by sex and age, into [2, 101] each."""
    for i in range(n):
        if persons.place[i] == 0:
            continue
        sex, age = persons.sex[i], min(persons.age[i], 100)
        if persons.place[i] == 2:
            if persons.origin[i] == 0:
                away[sex, age] += 1
            continue
        population[sex, age] += 1
        if persons.work[i] >= 3:
            employed[sex, age] += 1
        elif persons.work[i] == 2:
            unemployed[sex, age] += 1
