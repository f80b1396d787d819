"""Who has a child: within unions by the mother's age, parity and years since marriage or the last birth."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import uniform
from abm.population import Persons, Rows

Array = NDArray[np.float64]
FIRST_AGE, LAST_AGE = 15, 49
WAITS = 17  # this year's newlyweds, then 0, 1, ... 15 and more years since marriage or the last birth


class Births(NamedTuple):
    """One year's birth probabilities: the product of three look-ups."""

    by_age: Array  # [2 places, 2 (outside, within a union), 101 ages, 3 parities 0, 1, 2+], aligned and levered
    by_wait: Array  # [2 (childless, mothers), WAITS], mean about 1 over those at risk
    by_work: Array  # [3 workplaces]: 1, 1, remote work's relative risk


@rule
def birth_probability(persons: Persons, births: Births, i: int) -> float:
    """The probability that woman i has a child within the year."""
    parity = min(persons.parity[i], 2)
    union = 1 if persons.civil[i] == 1 else 0
    return (
        births.by_age[persons.place[i] - 1, union, persons.age[i], parity]
        * births.by_wait[min(parity, 1), min(persons.waiting[i] + 1, 16)]
        * births.by_work[persons.workplace[i]]
    )


@rule
def may_give_birth(persons: Persons, i: int) -> bool:
    """Whether person i is at risk: a woman of 15 to 49, in town or away."""
    return persons.place[i] != 0 and persons.sex[i] == 1 and 15 <= persons.age[i] <= 49


@kernel
def mothers(persons: Persons, n: int, births: Births, stream: np.uint64) -> Rows:
    """Rows of the women who have a child this year, in town and away."""
    rows = np.empty(n, np.int64)
    k = 0
    for i in range(n):
        if may_give_birth(persons, i) and uniform(stream, persons.key[i]) < birth_probability(persons, births, i):
            rows[k] = i
            k += 1
    return rows[:k].copy()


@kernel
def expected_births(persons: Persons, n: int, births: Births) -> Array:
    """Expected births in town by the mother's age, float64[101]: what alignment compares with its target."""
    expected = np.zeros(101)
    for i in range(n):
        if persons.place[i] == 1 and may_give_birth(persons, i):
            expected[persons.age[i]] += min(birth_probability(persons, births, i), 1.0)
    return expected


def births_of_year(base: Births, factor: Array, levers: dict[str, float]) -> Births:
    """The year's table: base probabilities x alignment factor by age (town only) x levers by parity."""
    by_age = base.by_age.copy()
    by_age[0] *= factor[None, :, None]
    lever = levers["childbirth"] * np.array(
        [levers["childbirth_first"], levers["childbirth_second"], levers["childbirth_third"]]
    )
    by_age[0] *= lever
    return base._replace(by_age=by_age)
