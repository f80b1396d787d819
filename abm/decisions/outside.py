"""Partners from elsewhere: who of those that met nobody in town marries out of it, whom, and which of the two moves."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.decisions.marriage import Search
from abm.draws import Decision, Streams, uniform
from abm.people.population import Codes, Persons, Rows, by_key

Array = NDArray[np.float64]
ADULT = 18  # years; nobody younger marries somebody from elsewhere


class Weddings(NamedTuple):
    """Marriages of residents with somebody from elsewhere."""

    come: Rows  # residents whose partner moves in
    come_age: Codes  # that partner's age
    go: Rows  # residents who move out to the partner
    go_age: Codes


@rule
def may_wed_elsewhere(persons: Persons, i: int) -> bool:
    """Whether a searcher who met nobody may marry somebody from elsewhere."""
    return bool(persons.age[i] >= ADULT)


@rule
def outside_probability(persons: Persons, search: Search, i: int) -> float:
    """The probability that person i, who searched and met nobody in town, marries somebody from elsewhere."""
    return search.outside[persons.sex[i]] if may_wed_elsewhere(persons, i) else 0.0


@rule
def age_of_partner(persons: Persons, i: int, gap: int) -> int:
    """The age of person i's partner, `gap` being husband's minus wife's age."""
    other = np.int64(persons.age[i]) + (gap if persons.sex[i] == 1 else -gap)
    return min(max(other, ADULT), 100)  # type: ignore[return-value]  # min() of NumPy numbers


@kernel
def wed_elsewhere(persons: Persons, alone: Rows, search: Search, lots: Streams) -> Weddings:
    """Which of the searchers `alone` marry somebody from elsewhere this year, in the order of their keys."""
    rows, ages, come = np.empty(len(alone), np.int64), np.empty(len(alone), np.int8), np.empty(len(alone), np.bool_)
    k = 0
    for i in alone[by_key(persons, alone)]:
        if uniform(lots.year[Decision.OUTSIDE_PARTNER], persons.key[i]) >= outside_probability(persons, search, i):
            continue
        u = uniform(lots.year[Decision.OUTSIDE_AGE], persons.key[i])
        gap = np.searchsorted(search.gaps, u, side="right") - 20
        rows[k], ages[k] = i, age_of_partner(persons, i, gap)  # type: ignore[arg-type]  # a NumPy number
        come[k] = uniform(lots.year[Decision.OUTSIDE_HOME], persons.key[i]) < search.moves_in[0]
        k += 1
    rows, ages, come = rows[:k], ages[:k], come[:k]
    return Weddings(rows[come], ages[come], rows[~come], ages[~come])


@kernel
def expect_weddings(
    persons: Persons, alone: Rows, children: Rows, first: Rows, search: Search, came: Array, left: Array
) -> None:
    """Add expected newcomers by marriage to `came`, residents and children who move out to `left` ([2, 102] each).

    Index 0 are the year's newborns, x + 1 age x; `children[first[k]:first[k + 1]]` live with `alone[k]`.
    """
    for k in range(len(alone)):
        i = alone[k]
        if not may_wed_elsewhere(persons, i):
            continue
        chance = outside_probability(persons, search, i)
        before = 0.0
        for g in range(len(search.gaps)):
            share = search.gaps[g] - before
            before = search.gaps[g]
            came[1 - persons.sex[i], age_of_partner(persons, i, g - 20) + 1] += chance * search.moves_in[0] * share
        going = chance * (1.0 - search.moves_in[0])
        left[persons.sex[i], min(persons.age[i], 100) + 1] += going
        for c in range(first[k], first[k + 1]):
            left[persons.sex[children[c]], min(persons.age[children[c]], 100) + 1] += going
