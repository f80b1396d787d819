"""How far chance reaches in a stored table: by package and portfolio, wider the more people it adds.

The variance of one seed's difference is a rate times people: an effect is made of lives that took another turn, and
the more of them, the more chance there is in their sum. The header holds the rate of every column; the people are
always those at the horizon, since a column of its own may come near 0 where it varies all the same (net moves of a
package that brings children). The rate of the horizon is also the fewest people that are counted: below it an effect is
less than one of the clumps that it is made of.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from machi.analysis.attribution import TAIL
from machi.portfolio_table.file import COST, PREFIX, Header, PortfolioTable

# Variance of a Shapley value against that of a left-out effect as large. With main effects and pairs it is the mean of
# what a package adds alone and what it adds last; these two vary about alike and unrelated (experiments/fraction.toml).
OF_SHAPLEY = 0.5


def horizon(header: Header) -> str:
    """The column whose people tell how far chance reaches in all columns."""
    return f"{PREFIX}{header.end}"


def deviation(header: Header, column: str, people: ArrayLike) -> NDArray[np.float64] | None:
    """The deviation of one seed's difference that adds so many people at the horizon; None where it is not known."""
    rate, least = header.chance.get(column), header.chance.get(horizon(header))
    if rate is None or least is None:
        return None
    return np.sqrt(rate * np.maximum(np.abs(np.asarray(people, dtype=np.float64)), least))


def half_width(header: Header, column: str, people: ArrayLike) -> NDArray[np.float64] | None:
    """About half of the 90 % interval of the table's differences, means over its seeds; None where it is not known."""
    one = deviation(header, column, people)
    return None if one is None else float(stats.norm.ppf(TAIL)) * one / math.sqrt(len(header.seeds))


def half_apart(table: PortfolioTable, column: str, one: int, other: int = 0) -> float:
    """About half of the 90 % interval of one portfolio (a mask) less another: what only one of the two has is in it.

    What both have meets the same random numbers. Exactly 0 for the same portfolio and for cost, NaN where it is not
    known.
    """
    if column == COST:
        return 0.0
    people = table.columns[horizon(table.header)]
    alone = [mask for mask in (one & ~other, other & ~one) if mask]
    found = half_width(table.header, column, people[alone])
    if found is None:
        return math.nan if alone else 0.0
    return float(np.hypot.reduce(found))


def left_out(table: PortfolioTable) -> NDArray[np.float64]:
    """People lost at the horizon when one package is left out of all, float64[packages]."""
    people: NDArray[np.float64] = table.columns[horizon(table.header)].astype(np.float64)
    every = len(people) - 1
    without = [every ^ 1 << bit for bit in range(len(table.header.packages))]
    return np.asarray(people[every] - people[without], dtype=np.float64)
