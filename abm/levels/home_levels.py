"""Base tables of homes: who leaves the parents' household, which elders enter an institution."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from abm.decisions.leaving_home import OLD_PARENT
from abm.known.hazards import AGES
from abm.known.town import Town
from abm.people.population import INSTITUTION, TOWN, Households, Persons

Array = NDArray[np.float64]
_PREFECTURE_ITEMS = ("general_households", "single_households", "elderly_singles")


def at_home_base(town: Town) -> Array:
    """Yearly probability of leaving the parents' household for one's own in town, float64[2, 101].

    The rates hold for a town that has as many people under 65 living alone as its prefecture; where fewer do, fewer
    leave.
    """
    shape = town.japan.behaviour["home"]
    return np.stack([shape.curve("ages", "men"), shape.curve("ages", "women")]) * _alone_here(town)


def _alone_here(town: Town) -> float:
    """How common living alone under 65 is in town, against the prefecture."""
    return _younger_singles(town.households) / _younger_singles(town.japan.households)


def _younger_singles(households: Mapping[str, float]) -> float:
    """One-person households under 65 of all general households."""
    names = ("general", "single", "elderly_single") if "general" in households else _PREFECTURE_ITEMS
    general, single, elderly = (households[name] for name in names)
    return float((single - elderly) / general)


def going_back_base(town: Town, years: int) -> Array:
    """Yearly probability of people alone to go back to their mother, float64[Y, 2 (under 75, old)].

    More go back where fewer live alone than in the prefecture, and fewer from year to year, as `joining_base` falls.
    """
    shape = town.japan.behaviour["home"]
    level = np.array([shape["goes_back"], shape["goes_back_to_old"]]) / _alone_here(town)
    return np.asarray(_falling(town, years)[:, None] * np.minimum(level, 1.0))


def joining_base(town: Town, years: int) -> Array:
    """Yearly probability that elders come to live with a child in town, float64[Y, 2 (alone, couples), 101].

    It falls from year to year as the share of households beyond the nuclear family has in the prefectures.
    """
    shape = town.japan.behaviour["elders"]
    ages = np.arange(AGES)
    alone = np.where(ages < OLD_PARENT, shape["join_child"], shape["join_child_from_75"])
    couples = np.where(ages < OLD_PARENT, 0.0, shape["couples_join"])
    return np.asarray(_falling(town, years)[:, None, None] * np.stack([alone, couples]))


def _falling(town: Town, years: int) -> Array:
    """How common it still is, by year, that generations move together, float64[Y]."""
    return np.asarray((1 - town.japan.behaviour["elders"]["joining_falls"]) ** np.arange(years))


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
