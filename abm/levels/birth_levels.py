"""Base table of childbirth: what births by age and order say about wives who marry as here.

A table of births per married woman mixes newlyweds with mothers of three. Instead a cohort of women is led from 15 to
49 through the prefecture's first marriages, divorces and remarriages; at each age the births of each order that the
nation counts, at the prefecture's age pattern, fall on the wives of the parity below, by the years since marriage or
the last birth. That gives
probabilities with which a town can live for decades: its births per marriage stay within those of the nation.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from abm.decisions.childbirth import FIRST_AGE, LAST_AGE, PARITIES, WAITS, Births
from abm.decisions.marriage import Divorces
from abm.known.behaviour import Shape
from abm.known.hazards import AGES, births_at, first_marriage_schedule, hazard_to_probability, remarriage_schedule
from abm.known.japan import Japan
from abm.known.town import Town
from abm.people.population import FEMALE, MARRIED, Persons

Array = NDArray[np.float64]
_MOST = 0.6  # of wives of an age, parity and wait have a child within a year; keeps tiny cells possible
_STEPS = 25  # bisections of the ratio of fourth to third births


class Unions(NamedTuple):
    """How the cohort's women marry, part and marry again, float64[101] probabilities a year."""

    first: Array
    again: Array
    parting: Array


class Course(NamedTuple):
    """Birth probabilities of the cohort: `Births.by_age`, `Births.by_wait`, and its births by age and order."""

    by_age: Array  # [2, 101, 4]
    by_wait: Array  # [2, 101, WAITS]
    born: Array  # [101, 4] births of order 1, 2, 3, 4+ within unions per woman of the cohort


def births_by_age_and_order(japan: Japan) -> Array:
    """Births per woman by single age at the stock date and order 1, 2, 3 and more, float64[101, 3].

    The nation's level at the prefecture's age pattern. Orders are the nation's at the same stage of childbearing, that
    is at the age by which as large a share of all births has come: who bears younger has second children younger too,
    and the orders of all births are the nation's.
    """
    nation, own = births_at(japan, lead=0.5, national=True), births_at(japan, lead=0.5)
    stage = [np.concatenate([[0.0], np.cumsum(births) / births.sum()]) for births in (nation, own)]
    orders = _national_orders(japan, nation)
    out = np.zeros_like(orders)
    for k in range(orders.shape[1]):
        come = np.concatenate([[0.0], np.cumsum(orders[:, k])])
        out[:, k] = np.diff(np.interp(stage[1], stage[0], come))
    return np.asarray(out / np.maximum(out.sum(axis=1, keepdims=True), 1e-12) * own[:, None])


def _national_orders(japan: Japan, total: Array) -> Array:
    """The nation's births per woman by single age and order, float64[101, 3], of its births by age."""
    share = np.concatenate([japan.birth_order_share[:1], japan.birth_order_share, japan.birth_order_share[-1:]])
    ages = np.arange(AGES)
    level = np.array([total[low : low + 5].sum() for low in range(10, 55, 5)])
    edges = np.arange(10, 56, 5, dtype=float)
    out = np.zeros((AGES, share.shape[1]))
    for k in range(share.shape[1]):
        smooth = PchipInterpolator(edges, np.concatenate([[0.0], np.cumsum(level * share[:, k])]))
        out[:, k] = np.maximum(smooth(np.clip(ages + 1.0, 10, 55)) - smooth(np.clip(ages * 1.0, 10, 55)), 0.0)
    return np.asarray(out / np.maximum(out.sum(axis=1, keepdims=True), 1e-12) * total[:, None])


def fourth_share(japan: Japan) -> float:
    """Share of fourth and later births among third and later ones (nation)."""
    orders = japan.births_by_order
    later = sum(value for order, value in orders.items() if order not in ("1", "2", "3"))
    return later / (later + orders["3"])


def course_of(japan: Japan, unions: Unions, shape: Shape, outside: float, level: float = 1.0) -> Course:
    """Birth probabilities by age, parity and wait under which the cohort has the births of its prefecture.

    Wives with three and more children have a fixed ratio to those with two, found so that fourth births are as many
    among later ones as in the nation. `outside`: share of births outside unions, at every age. `level`: the cohort's
    total fertility over the nation's.
    """
    wanted = births_by_age_and_order(japan) * level
    low, high = 0.05, 3.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        course = _lived(wanted, unions, shape, outside, middle)
        later = course.born[:, 2:].sum(axis=0)
        if later[1] / max(later.sum(), 1e-12) < fourth_share(japan):
            low = middle
        else:
            high = middle
    return course


def _lived(wanted: Array, unions: Unions, shape: Shape, outside: float, ratio: float) -> Course:
    """The cohort's life with one ratio of fourth to third births."""
    waits = np.stack([shape.array("first_by_wait"), shape.array("later_by_wait")])
    before = shape.curve("conceived_ages", "conceived_before")
    early = shape["conceived_born_in_year"]
    by_age, by_wait = np.zeros((2, AGES, PARITIES)), np.ones((2, AGES, WAITS))
    born = np.zeros((AGES, PARITIES))
    never, parted = 1.0, np.zeros(PARITIES)
    wives = np.zeros((PARITIES, WAITS))
    for age in range(FIRST_AGE, LAST_AGE + 1):
        leaving, entering, again = wives * unions.parting[age], never * unions.first[age], parted * unions.again[age]
        wives -= leaving
        wives[:, 0] += again
        wives[0, 0] += entering
        never, parted = never - entering, parted - again + leaving.sum(axis=1)
        within = wanted[age] * (1 - outside)
        by_age[0, age] = wanted[age].sum() * outside / max(1 - wives.sum(), 1e-9)
        by_wait[0, age] = _first_by_wait(waits[0], wives[0], within[0], before[age], early)
        by_wait[1, age] = waits[1]
        weight = np.stack([wives[0] * by_wait[0, age], *(wives[k] * waits[1] for k in range(1, PARITIES))]).sum(axis=1)
        later = within[2] / max(weight[2] + ratio * weight[3], 1e-9)
        level = [within[0] / max(weight[0], 1e-9), within[1] / max(weight[1], 1e-9), later, later * ratio]
        at_most = _MOST / np.maximum(by_wait[[0, 1, 1, 1], age].max(axis=1), 1e-9)
        by_age[1, age] = np.minimum(level, at_most)
        chance = by_age[1, age][:, None] * by_wait[[0, 1, 1, 1], age]
        giving = wives * chance
        born[age] = giving.sum(axis=1)
        wives = wives - giving
        wives = np.concatenate([np.zeros((PARITIES, 1)), wives[:, :-2], wives[:, -2:].sum(axis=1, keepdims=True)], 1)
        wives[1:, 1] += born[age, :-1]
        wives[-1, 1] += born[age, -1]
    return Course(by_age, by_wait, born)


def _first_by_wait(shape: Array, childless: Array, births: float, before: float, early: float) -> Array:
    """Relative risks of a first birth by wait, float64[WAITS]: those conceived before the wedding come at once.

    A share `before` of first births is conceived before the wedding; of these a share `early` comes before the next
    stock date, the rest within the year after. The others follow `shape`.
    """
    ordinary = shape / max((childless * shape).sum(), 1e-12)
    hurried = np.zeros(WAITS)
    for wait, share in ((0, early), (1, 1 - early)):
        if childless[wait] > 0:
            hurried[wait] = share / childless[wait]
    hurried /= max((childless * hurried).sum(), 1e-12)
    mixed = (1 - before) * ordinary + before * hurried
    return mixed * childless.sum() if births > 0 and childless.sum() > 0 else np.ones(WAITS)


def another_child(course: Course, unions: Unions) -> Array:
    """Probability that a wife will have another child while the union lasts, float64[101, 4, WAITS]."""
    out = np.zeros((AGES + 1, PARITIES, WAITS))
    for age in range(LAST_AGE, FIRST_AGE - 1, -1):
        later = np.concatenate([out[age + 1][:, 1:], out[age + 1][:, -1:]], axis=1)
        chance = np.minimum(course.by_age[1, age][:, None] * course.by_wait[[0, 1, 1, 1], age], 1.0)
        out[age] = chance + (1 - chance) * later * (1 - unions.parting[min(age + 1, AGES - 1)])
    return out[:AGES]


def unions_of(town: Town, divorces: Divorces) -> Unions:
    """The prefecture's first marriages, the nation's remarriages of women, and the town's divorces."""
    first = hazard_to_probability(first_marriage_schedule(town)[FEMALE])
    again = hazard_to_probability(remarriage_schedule(town)[FEMALE])
    return Unions(np.asarray(first), np.asarray(again), divorces.by_age)


def births_base(
    town: Town, persons: Persons, residents: NDArray[np.int64], divorces: Divorces, fertility: float
) -> Births:
    """Birth probabilities by union, age, parity, wait and work, of a cohort with the town's total `fertility`.

    The relative risks of work have a mean of 1 over the founded wives of 20-44, since the table speaks of wives of
    every work. Those who live elsewhere have the nation's births by age.
    """
    japan, shape = town.japan, town.japan.behaviour["childbirth"]
    unions = unions_of(town, divorces)
    nation, own = births_at(japan, lead=0.5, national=True), births_at(japan, lead=0.5)
    level = fertility / nation.sum() if fertility > 0 else 1.0
    elsewhere = np.divide(nation, own * level, out=np.ones(AGES), where=own > 0)
    course = course_of(japan, unions, shape, japan.assumptions["births_outside_union"].value, level)
    by_work, by_husband = np.ones(6), np.ones(7)
    by_work[3], by_work[4] = shape["wife_nonregular"], shape["wife_regular"]
    by_husband[1:3], by_husband[3] = shape["husband_without_work"], shape["husband_nonregular"]
    age = persons.age[residents]
    wives = residents[(persons.sex[residents] == FEMALE) & (persons.civil[residents] == MARRIED) & (age < 45)]
    husband = persons.partner[wives]
    his = np.where(husband >= 0, persons.work[np.maximum(husband, 0)], 6)
    by_work /= max(float((by_work[persons.work[wives]] * by_husband[his]).mean()), 1e-9) if len(wives) else 1.0
    return Births(
        level=np.stack([np.ones(AGES), elsewhere]),
        by_age=course.by_age,
        by_wait=course.by_wait,
        by_work=by_work,
        by_husband=by_husband,
        by_workplace=np.array([1.0, 1.0, japan.assumptions["remote_birth_multiplier"].value]),
        another=another_child(course, unions),
        lever=np.ones((2, PARITIES)),
        moved=np.zeros(PARITIES),
    )
