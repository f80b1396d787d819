"""Base tables of work: the founded profile of students, employed and unemployed, kept by yearly transitions."""

import numpy as np
from numpy.typing import NDArray

from abm.employment import Jobs
from abm.hazards import AGES
from abm.levels import per_age, smooth
from abm.population import SECTORS, Persons
from abm.town import Town

Array = NDArray[np.float64]
_GROUPS = np.minimum(np.arange(AGES) // 5, 18)


def jobs_base(town: Town, persons: Persons, residents: NDArray[np.int64]) -> tuple[Jobs, float]:
    """Work transitions that keep the founded profile of work by sex and age, and the share of women 25-44 in work.

    With the profile E(x) of employment, S(x) of students and U(x) of the unemployed, leaving work runs at the turnover
    of the employment status survey (more where E falls faster), and people outside find work as fast as the profile
    then needs.
    """
    shape = town.japan.behaviour["work"]
    work = persons.work[residents]
    people = np.maximum(per_age(persons, residents), 1.0)
    employed = smooth(per_age(persons, residents[work >= 3]) / people, 25)
    student = np.minimum(per_age(persons, residents[work == 0]) / people, 1.0)
    unemployed = smooth(per_age(persons, residents[work == 2]) / people, 18)
    pooled = student.mean(axis=0)
    leave_school = np.where(np.arange(AGES) < 15, 0.0, 1 - np.append(pooled[1:], 0.0) / np.maximum(pooled, 1e-9))
    leave_school = np.clip(np.where(pooled < 1e-6, 1.0, leave_school), 0.0, 1.0)
    after = np.concatenate([employed[:, 1:], employed[:, -1:]], axis=1)
    outside = np.maximum(1 - employed - student - unemployed, 0.02)
    wanted = shape["unemployed_find"] * unemployed
    leavers = student * leave_school[None, :]
    lose = np.full((2, AGES), shape["leaves_a_year"])
    need = after - employed * (1 - lose) - wanted
    lose = np.where(need < 0, np.minimum(lose - need / np.maximum(employed, 0.01), 0.95), lose)
    from_school = np.clip(need, 0, 0.85 * leavers)
    from_outside = np.maximum(need - from_school, 0.0)
    find = np.zeros((2, AGES, 3))
    find[:, :, 0] = np.minimum(from_school / np.maximum(leavers, 1e-6), 0.85)
    find[:, :, 1] = np.minimum(from_outside / outside, 0.6)
    find[:, :, 2] = shape["unemployed_find"]
    seek = np.where(np.arange(AGES) < 60, shape["seek_to_60"], shape["seek_after_60"])
    women = slice(25, 45)
    participation = float((employed[1, women] * people[1, women]).sum() / people[1, women].sum())
    jobs = Jobs(
        leave_school, lose, seek, find, np.array([shape["give_up"]]), np.array([shape["changes_a_year"]]),
        *_kinds(persons, residents, people), np.zeros((2, AGES)), np.zeros(AGES),
    )  # fmt: skip
    return jobs, participation


def _kinds(persons: Persons, residents: NDArray[np.int64], people: Array) -> tuple[Array, Array, Array, Array]:
    """Hires by sector (cumulative, by sex), regular work by age, self-employment by sector, out-commuting by sex."""
    workers = residents[persons.work[residents] >= 3]
    sex, sector = persons.sex[workers].astype(np.int64), np.maximum(persons.sector[workers], 0).astype(np.int64)
    by_sector = np.bincount(sex * len(SECTORS) + sector, minlength=2 * len(SECTORS)).reshape(2, len(SECTORS))
    cumulative = np.cumsum(by_sector / by_sector.sum(axis=1, keepdims=True), axis=1)
    employees = per_age(persons, workers[persons.work[workers] < 5])
    regular = per_age(persons, workers[persons.work[workers] == 4])
    share = np.stack(
        [np.bincount(_GROUPS, regular[s]) / np.maximum(np.bincount(_GROUPS, employees[s]), 1) for s in (0, 1)]
    )
    own = np.bincount(sector[persons.work[workers] == 5], minlength=len(SECTORS))
    self_employed = own / np.maximum(np.bincount(sector, minlength=len(SECTORS)), 1)
    commuters = np.array([np.mean(persons.workplace[workers[sex == s]] == 1) for s in (0, 1)])
    return cumulative, share[:, _GROUPS], np.minimum(self_employed, 0.95), commuters
