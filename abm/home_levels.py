"""Base tables of homes: who leaves the parents' household, which elders enter an institution."""

import numpy as np
from numpy.typing import NDArray

from abm.hazards import AGES
from abm.population import INSTITUTION, TOWN, Households, Persons
from abm.town import Town

Array = NDArray[np.float64]


def at_home_base(town: Town) -> Array:
    """Yearly probability of leaving the parents' household for one's own in town, float64[2, 101]."""
    shape = town.japan.behaviour["home"]
    return np.stack([shape.curve("ages", "men"), shape.curve("ages", "women")])


def institution_base(town: Town, persons: Persons, households: Households, death: Array) -> Array:
    """Yearly probability of entering an institution by living arrangement and age, float64[2, 101].

    The level lets the first year's entries replace the expected deaths of the elders who live there.
    """
    shape = town.japan.behaviour["elders"]
    by_age = np.where(np.arange(AGES) < 65, 0.0, shape.curve("ages", "relative"))
    elders = np.flatnonzero((persons.place == TOWN) & (persons.age >= 65))
    inside = households.kind[persons.household[elders]] == INSTITUTION
    age, sex = persons.age[elders].astype(np.int64), persons.sex[elders]
    leaving = death[sex, np.minimum(age, 100) + 1][inside].sum()
    free = ~inside & (persons.partner[elders] < 0)
    with_others = households.size[persons.household[elders]] > 1
    relative = by_age[np.minimum(age, 100)] * np.where(with_others, shape["with_others"], 1.0)
    level = leaving / relative[free].sum()
    entering: Array = np.minimum(np.stack([by_age, by_age * shape["with_others"]]) * level, 0.5)
    return entering
