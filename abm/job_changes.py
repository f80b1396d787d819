"""Whose work changes in a year: most people's draws change nothing, and are told before the household is looked at."""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import Words, uniform
from abm.employment import (
    CHANGE,
    FINDING,
    LEAVING,
    N_SECTORS,
    REMOTELY,
    TURN,
    WIVES_FROM,
    WIVES_TO,
    Jobs,
    another_kind,
    at_work,
    lifted,
    own_business,
    without_work,
)
from abm.population import Codes, Persons, Rows
from abm.roll import A_LITTLE_MORE, Roll

Array = NDArray[np.float64]


@kernel
def surest_moves(jobs: Jobs) -> Array:
    """What nobody's draw of change has to be below, whatever the household, to lose or find work: [6, 2, 101] by work.

    Of students 1: their year hangs on school too.
    """
    out = np.ones((6, *jobs.seek.shape))
    for sex in range(2):
        for age in range(jobs.seek.shape[1]):
            wife = sex == 1 and WIVES_FROM <= age < WIVES_TO
            finding = leaving = 1.0
            if wife:
                finding = jobs.earner_level[FINDING, age] * max(jobs.earner[FINDING].max(), 1.0) * A_LITTLE_MORE
                leaving = jobs.earner_level[LEAVING, age] * max(jobs.earner[LEAVING].max(), 1.0) * A_LITTLE_MORE
                leaving *= max(jobs.remote_mother[0], 1.0)
            for work in range(1, 3):
                out[work, sex, age] = jobs.find[sex, age, work] * finding
            for work in range(3, 6):
                out[work, sex, age] = jobs.lose[work - 3, sex, age] * leaving
    return out


@rule
def stays_put(persons: Persons, jobs: Jobs, i: int, u: float, streams: Words) -> bool:
    """Whether person i, whose draw `u` is above every chance of losing or finding work, goes on as in the last year."""
    now, sex, age, place = persons.work[i], persons.sex[i], persons.age[i], persons.workplace[i]
    if now == 1:
        return bool(u <= 1.0 - jobs.begin[sex, age])
    if now == 2:
        return bool(u <= 1.0 - jobs.give_up[0])
    if now == 5:
        return bool(place != 2)
    settled = (u <= 1.0 - jobs.change[0]) & ((persons.tenure[i] != 0) | (place != 0))
    settled &= (now == 4) | (jobs.upgraded[sex, age] <= 0)
    remote = jobs.remote[age] > 0 and uniform(streams[REMOTELY], persons.key[i]) < jobs.remote[age]
    turn = uniform(streams[TURN], persons.key[i])
    turned = (turn < another_kind(persons, jobs, i)) | (turn > 1.0 - own_business(persons, jobs, i))
    return bool(settled & (remote == (place == 2)) & (not turned))


@kernel
def work_changes(persons: Persons, roll: Roll, jobs: Jobs, streams: Words) -> tuple[Rows, Codes, Codes, Codes, Array]:
    """Rows whose work changes this year with their new work, sector and workplace (int8), and the slots then filled.

    Only people in town; filled slots are those of residents who work in town, by sector (float64[7]).

    `streams`: change of state, sector, kind of work, workplace, school; two that do not depend on the year (regular
    work and remote work: a person's own thresholds); change of kind.
    """
    n = len(roll.grown)
    rows = np.empty(n, np.int64)
    work, sector, place = np.empty(n, np.int8), np.empty(n, np.int8), np.empty(n, np.int8)
    filled = np.zeros(N_SECTORS)
    surest = surest_moves(jobs)
    k = 0
    for i in roll.grown:
        now = persons.work[i]
        u = uniform(streams[CHANGE], persons.key[i])
        if u >= surest[now, persons.sex[i], persons.age[i]] and stays_put(persons, jobs, i, u, streams):
            if now >= 3 and persons.workplace[i] == 0 and persons.sector[i] >= 0:
                filled[persons.sector[i]] += 1.0
            continue
        if now >= 3:
            new, new_sector, new_place = at_work(persons, jobs, i, u, streams)
        else:
            new, new_sector, new_place = without_work(persons, jobs, i, u, streams)
        if new >= 3:
            new, new_place = lifted(persons, jobs, i, new, new_place, streams)
            if new_place == 0 and new_sector >= 0:
                filled[new_sector] += 1.0
        if new != now or new_sector != persons.sector[i] or new_place != persons.workplace[i]:
            rows[k], work[k], sector[k], place[k] = i, new, new_sector, new_place
            k += 1
    return rows[:k].copy(), work[:k].copy(), sector[:k].copy(), place[:k].copy(), filled
