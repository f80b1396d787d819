"""Checks of households in a simulated reference arm: single persons, several generations, institutions, size."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from abm.founding.found import Founding
from abm.levels.reference import Reference
from abm.levers import neutral
from abm.living_town import Town
from abm.people.household_types import household_types
from abm.people.population import INSTITUTION, PRIVATE, TOWN, Households, Persons
from abm.simulation import FixedPlan, begin
from abm.year import live_a_year
from machi.validation.check import Check

HOUSEHOLD = "household"
STEP = 5  # years between censuses
CENSUSES = "Censuses 1990-2015, Iwate, Fukushima, Ibaraki (SSDS)"
OWN = "founded town"


class Homes(NamedTuple):
    """Private households of a town on one date; shares in per cent."""

    single: float
    beyond_nuclear: float  # kin households beyond the nuclear family, and the few with non-kin
    three_generations: float
    size: float  # persons per household
    institution: float  # residents of institutions per 100 persons of 75 and over


def homes_of_town(town: Town) -> Homes:
    """The households of a town by type."""
    people = town.population
    persons = Persons._make(column[: people.n] for column in people.persons)
    homes = Households._make(column[: int(people.counts[1])] for column in people.households)
    types, private = household_types(persons, homes), homes.kind == PRIVATE
    number, rows = np.count_nonzero(private), np.flatnonzero(persons.place == TOWN)
    inside = np.count_nonzero(homes.kind[persons.household[rows]] == INSTITUTION)
    single, nuclear = np.count_nonzero(types.single), np.count_nonzero(types.nuclear)
    return Homes(
        100 * single / number,
        100 * (number - single - nuclear) / number,
        100 * three_generations(persons) / number,
        float(homes.size[private].sum() / number),
        100 * inside / max(int(np.count_nonzero(persons.age[rows] >= 75)), 1),
    )


def three_generations(persons: Persons) -> int:
    """How many households hold a grandparent, a parent and a child."""
    home, here = persons.household, persons.place == TOWN

    def with_parent(link: np.ndarray) -> np.ndarray:
        return np.asarray(here & (link >= 0) & (home[np.maximum(link, 0)] == home))

    links = (persons.mother, persons.father)
    child = with_parent(links[0]) | with_parent(links[1])
    grandchild = np.zeros(len(home), dtype=bool)
    for link in links:
        grandchild |= with_parent(link) & child[np.maximum(link, 0)]
    return len(np.unique(home[grandchild]))


def course_of_homes(founding: Founding, reference: Reference, seed: int = 1) -> Iterator[tuple[int, Homes]]:
    """Year and households of the reference arm at the start and every five years."""
    levers = neutral(len(reference.rates.years))
    town, record = begin(founding, reference, levers, seed)
    plan = FixedPlan(reference, levers)
    yield town.year, homes_of_town(town)
    for _ in reference.rates.years:
        live_a_year(town, plan, record)
        if town.y % STEP == 0:
            yield town.year, homes_of_town(town)


def home_checks(founding: Founding, reference: Reference, seed: int = 1) -> list[Check]:
    """Single-person households' rise in every five years, and the decline of several generations under one roof."""
    course = list(course_of_homes(founding, reference, seed))
    rows = [
        Check(HOUSEHOLD, f"single_{year}", f"rise of one-person households to {year}, points",
              f"{year}年までの5年間の単独世帯割合の上昇（ポイント）",
              2.6, 1.0, 4.0, now.single - then.single, CENSUSES, "prefecture")
        for (_, then), (year, now) in pairwise(course)
    ]  # fmt: skip
    (_, start), (_, later) = course[0], course[min(2, len(course) - 1)]
    (last, end) = course[-1]
    fives = max(min(2, len(course) - 1), 1)
    fall = 100 * ((later.beyond_nuclear / start.beyond_nuclear) ** (1 / fives) - 1)
    three = 100 * ((later.three_generations / max(start.three_generations, 1e-9)) ** (1 / fives) - 1)
    rows += [
        Check(HOUSEHOLD, "beyond_nuclear", "households beyond the nuclear family, change in five years, %",
              "核家族以外の世帯割合の5年間の変化（％）", -10.5, -18.0, -5.0, fall, CENSUSES, "prefecture"),
        Check(HOUSEHOLD, "three_generations", "three-generation households, change in five years, %",
              "三世代世帯割合の5年間の変化（％）", -10.5, -20.0, -3.0, three, CENSUSES, "prefecture"),
        Check(HOUSEHOLD, "institutions", f"residents of institutions per 100 aged 75 and over, {last}",
              f"75歳以上100人あたりの施設世帯人員（{last}年）", start.institution,
              0.6 * start.institution, 1.3 * start.institution, end.institution, OWN, "assumed"),
        Check(HOUSEHOLD, "size_change", "persons per household, change in five years, %", "世帯人員の5年間の変化（％）",
              -5.4, -8.0, -2.5, 100 * ((later.size / start.size) ** (1 / fives) - 1), CENSUSES, "prefecture"),
    ]  # fmt: skip
    return rows
