"""What is recorded of a run: stocks and flows by year, sex and single age, as counts of simulated persons."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel
from abm.people.population import Persons, Rows

Counts = NDArray[np.int64]


class Outputs(NamedTuple):
    """Counts of simulated persons (divide by `fraction` for the whole town); Y = end - start years.

    Stocks have Y + 1 entries, flows Y; by-age arrays are [years, 2 sexes, 101 ages], births [Y, 101] by the mother's
    age. `marriages` are residents who marry. `vacancies` speak of the whole town already.
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
    introduced: Counts  # [Y] marriages that matchmaking has made
    outside: Counts  # [Y, 2] marriages with somebody from elsewhere: the partner moved in, the resident moved out
    fraction: float
    start: int
    end: int


class Flows(NamedTuple):
    """One year's rows of the flows in `Outputs`, to be counted into: [2, 101] by sex and age, births [101]."""

    births: Counts
    deaths: Counts
    marriages: Counts
    divorces: Counts
    moves_in: Counts
    moves_out: Counts
    returns: Counts


def flows_of(record: Outputs, y: int) -> Flows:
    """The flows of year number `y`; counting into them counts into the record."""
    return Flows(record.births[y], record.deaths[y], record.marriages[y], record.divorces[y], record.moves_in[y],
                 record.moves_out[y], record.returns[y])  # fmt: skip


def blank(start: int, end: int, fraction: float) -> Outputs:
    """An empty record of the years start .. end."""
    years = end - start
    stock, flow = (years + 1, 2, 101), (years, 2, 101)
    return Outputs(
        population=np.zeros(stock, np.int64),
        away=np.zeros(stock, np.int64),
        employed=np.zeros(stock, np.int64),
        unemployed=np.zeros(stock, np.int64),
        households=np.zeros(years + 1, np.int64),
        vacancies=np.zeros(years + 1),
        births=np.zeros((years, 101), np.int64),
        deaths=np.zeros(flow, np.int64),
        marriages=np.zeros(flow, np.int64),
        divorces=np.zeros(flow, np.int64),
        moves_in=np.zeros(flow, np.int64),
        moves_out=np.zeros(flow, np.int64),
        returns=np.zeros(flow, np.int64),
        introduced=np.zeros(years, np.int64),
        outside=np.zeros((years, 2), np.int64),
        fraction=fraction,
        start=start,
        end=end,
    )


@kernel
def tally(persons: Persons, rows: Rows, out: Counts) -> None:
    """Count the persons in `rows` by sex and age into `out` [2, 101]; newborns count as age 0."""
    for i in rows:
        out[persons.sex[i], min(max(persons.age[i], 0), 100)] += 1
