"""Base table of childbirth: national marital fertility by age, parity and years since marriage or the last birth."""

import numpy as np
from numpy.typing import NDArray

from abm.childbirth import Births
from abm.hazards import AGES, fertility_schedule, marital_fertility_schedule
from abm.population import MARRIED, Persons
from abm.town import Town

Array = NDArray[np.float64]


def births_base(town: Town, persons: Persons, residents: NDArray[np.int64]) -> Births:
    """Birth probabilities by union, age, parity and wait: national marital fertility, split by order of birth.

    The share of births of each order at an age over the share of wives with that parity in the founded town gives the
    relative risk of the parity; the wait's relative risks have a mean of 1 over the wives of an age and parity.
    """
    japan, shape = town.japan, town.japan.behaviour["childbirth"]
    women = residents[(persons.sex[residents] == 1) & (persons.age[residents] >= 15) & (persons.age[residents] < 50)]
    wives = women[persons.civil[women] == MARRIED]
    parity = np.minimum(persons.parity[wives], 2).astype(np.int64)
    group = (persons.age[wives] // 5 - 3).astype(np.int64)
    have = np.bincount(group * 3 + parity, minlength=21).reshape(7, 3) + 3.0
    have = have / have.sum(axis=1, keepdims=True)
    risk = np.clip(japan.birth_order_share / have, 0.05, 6.0)
    by_wait = np.stack([shape.array("first_by_wait"), shape.array("later_by_wait")])
    wait = np.minimum(persons.waiting[wives] + 1, by_wait.shape[1] - 1).astype(np.int64)
    marital = marital_fertility_schedule(town)
    mother = np.minimum(parity, 1)
    cell = group * 2 + mother
    waits = np.bincount(cell, by_wait[mother, wait], minlength=14) / np.maximum(np.bincount(cell, minlength=14), 1)
    waits = np.clip(waits.reshape(7, 2), 0.1, None)[:, [0, 1, 1]]
    by_age = np.zeros((2, 2, AGES, 3))
    ages = np.arange(15, 50)
    by_age[:, 1, ages] = marital[ages, None] * (risk / waits)[ages // 5 - 3]
    inside = (by_age[0, 1, persons.age[wives], parity] * by_wait[mother, wait]).sum()
    outside = women[persons.civil[women] != MARRIED]
    shape_outside = fertility_schedule(japan)  # marital fertility is highest in the teens, and few are married then
    share = japan.assumptions["births_outside_union"].value
    level = share / (1 - share) * inside / (shape_outside[persons.age[outside]]).sum()
    by_age[:, 0] = (shape_outside * level)[None, :, None]
    by_work = np.array([1.0, 1.0, japan.assumptions["remote_birth_multiplier"].value])
    return Births(by_age, by_wait, by_work)
