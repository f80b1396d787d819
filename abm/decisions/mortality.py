"""Who dies: by age and sex, the nation's schedule times the town's factor, improving along the official path."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import uniform
from abm.people.lots import NEWBORN, drawn, nobody
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
    likeliest = nobody()
    for place in range(1, 3):
        for sex in range(2):
            likeliest[place, :, sex, :101] = deaths.probability[place - 1, sex, 1:102]
            likeliest[place, :, sex, NEWBORN] = deaths.probability[place - 1, sex, 0]
    asked = drawn(persons, n, likeliest, stream)
    rows, k = np.empty(len(asked), np.int64), 0
    for i in asked:
        rows[k] = i
        k += uniform(stream, persons.key[i]) < death_probability(persons, deaths, i)
    return rows[:k].copy()
