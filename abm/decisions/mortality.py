"""Who dies: by age and sex, the nation's schedule times the town's factor, improving along the official path."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import uniform
from abm.people.population import Persons, Rows

Array = NDArray[np.float64]
_FIRST_LEVERED, _END_LEVERED = 41, 86  # ages 40-84 in a table whose index 0 is the newborns


class Deaths(NamedTuple):
    """One year's probabilities of dying."""

    probability: Array  # [2 places (town, away), 2 sexes, 112]: index 0 newborns, x + 1 age x


@kernel
def deaths_of_year(death: Array, away: Array, mortality_40_84: float) -> Deaths:
    """The year's table from the town's and the nation's probabilities [2, 112] and the lever on ages 40-84."""
    probability = np.stack((death, away))
    for sex in range(2):
        for age in range(_FIRST_LEVERED, _END_LEVERED):
            probability[0, sex, age] = min(death[sex, age] * mortality_40_84, 1.0)
    return Deaths(probability)


@rule
def death_probability(persons: Persons, deaths: Deaths, i: int) -> float:
    """The probability that person i dies within the year."""
    return deaths.probability[persons.place[i] - 1, persons.sex[i], persons.age[i] + 1]


@kernel
def the_dying(persons: Persons, n: int, deaths: Deaths, stream: np.uint64) -> Rows:
    """Rows of those who die this year, in town and away."""
    chance = np.zeros((3, *deaths.probability.shape[1:]))  # by place, the gone included
    chance[1:] = deaths.probability
    rows = np.empty(n, np.uint32)
    k = 0
    for i in range(n):
        rows[k] = i
        place, sex, age = np.uint64(persons.place[i]), np.uint64(persons.sex[i]), np.uint64(persons.age[i] + 1)
        k += uniform(stream, persons.key[i]) < chance[place, sex, age]
    return rows[:k].astype(np.int64)
