"""Which grown children leave their parents' household for one of their own in town, and which go back to it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import uniform
from abm.people.lots import drawn, nobody
from abm.people.population import TOWN, Households, Persons, Rows
from abm.people.roll import Roll

Array = NDArray[np.float64]
LEAVES_FROM, LEAVES_TO = 18, 49  # ages at which somebody leaves home alone; an assumption
GOES_BACK_TO = 64  # age to which somebody who lives alone may go back to the mother; an assumption
OLD_PARENT = 75  # years: from here on a parent may need care, and a child at home is held


class HomeMoves(NamedTuple):
    """One year's probabilities of moving within town."""

    leave: Array  # [2 sexes, 101]: out of the parents' household
    held: float  # what is left of it where the mother is old
    back: Array  # [2 (mother under 75, old)]: of people alone, to their mother's household
    institution: Array  # [2 (alone, with others), 101]: of unpartnered elders, into an institution
    joining: Array  # [2 (alone, a couple by the wife's age), 101]: of elders, to a child in town


@rule
def may_leave_home(persons: Persons, i: int) -> bool:
    """Whether person i is an unmarried adult without children who lives with the mother."""
    if persons.place[i] != 1 or persons.civil[i] == 1 or persons.parity[i] > 0:
        return False
    if persons.age[i] < LEAVES_FROM or persons.age[i] > LEAVES_TO:
        return False
    m = persons.mother[i]
    return bool(m >= 0 and persons.place[m] == 1 and persons.household[m] == persons.household[i])


@rule
def leaving_home_probability(persons: Persons, by_age: Array, held: float, i: int) -> float:
    """The probability that person i leaves the mother's household within the year; an old mother holds her child."""
    chance = by_age[persons.sex[i], persons.age[i]]
    return float(chance * held if persons.age[persons.mother[i]] >= OLD_PARENT else chance)


@kernel
def home_leavers(
    persons: Persons, households: Households, roll: Roll, by_age: Array, held: float, stream: np.uint64
) -> Rows:
    """Unmarried adults without children who leave their mother's household for one of their own in town (rows).

    `by_age` [2, 101] are yearly probabilities, `held` what is left of them where the mother is old.
    """
    likeliest = nobody()
    likeliest[TOWN, 0, :, LEAVES_FROM : LEAVES_TO + 1] = by_age[:, LEAVES_FROM : LEAVES_TO + 1] * max(held, 1.0)
    asked = drawn(persons, roll.n, likeliest, stream)
    rows = np.empty(len(asked), np.int64)
    k = 0
    for i in asked:
        chosen = may_leave_home(persons, i)
        if chosen and uniform(stream, persons.key[i]) < leaving_home_probability(persons, by_age, held, i):
            rows[k] = i
            k += 1
    return rows[:k].copy()


@rule
def may_go_back(persons: Persons, households: Households, i: int) -> bool:
    """Whether person i lives alone, unmarried, and the mother has a private household in town."""
    if persons.place[i] != 1 or persons.age[i] < LEAVES_FROM or persons.age[i] > GOES_BACK_TO:
        return False
    home, m = persons.household[i], persons.mother[i]
    if persons.civil[i] == 1 or m < 0 or persons.place[m] != 1:
        return False
    alone = households.size[home] == 1 and households.kind[home] == 1
    return bool(alone and households.kind[persons.household[m]] == 1)


@rule
def going_back_probability(persons: Persons, back: Array, i: int) -> float:
    """The probability that person i goes back to the mother within the year, by whether she is old."""
    return float(back[1 if persons.age[persons.mother[i]] >= OLD_PARENT else 0])


@kernel
def home_comers(
    persons: Persons, households: Households, roll: Roll, back: NDArray[np.float64], stream: np.uint64
) -> tuple[Rows, Rows]:
    """(rows, households): people alone who go back to their mother, sooner where she is old: `back` [2 (younger, 75+)].

    Yearly probabilities; the household is the mother's.
    """
    likeliest = nobody()
    likeliest[TOWN, 0, :, LEAVES_FROM : GOES_BACK_TO + 1] = back.max()
    asked = drawn(persons, roll.n, likeliest, stream)
    rows, homes = np.empty(len(asked), np.int64), np.empty(len(asked), np.int64)
    k = 0
    for i in asked:
        chosen = may_go_back(persons, households, i)
        if chosen and uniform(stream, persons.key[i]) < going_back_probability(persons, back, i):
            rows[k], homes[k] = i, persons.household[persons.mother[i]]
            k += 1
    return rows[:k].copy(), homes[:k].copy()
