"""Whose work changes in a year: most people's draws change nothing, and are told before the household is looked at."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.decisions.employment import (
    CHANGE,
    FINDING,
    LEAVING,
    N_SECTORS,
    REMOTELY,
    TURN,
    WIVES_FROM,
    WIVES_TO,
    Jobs,
    at_work,
    filled_slots,
    lifted,
    slot,
    without_work,
)
from abm.draws import Decision, Streams, Words, uniform
from abm.people.lots import A_LITTLE_MORE
from abm.people.population import Codes, Listed, Persons, Rows
from abm.people.roll import Roll

Array = NDArray[np.float64]


class Limits(NamedTuple):
    """Draws of change by which somebody's work stays as it is, whatever the household: [6, 2, 101] by work."""

    low: Array  # from here on a draw neither finds nor loses work
    high: Array  # and up to here it begins no search, gives none up and changes no job


@kernel
def limits_of(jobs: Jobs) -> Limits:
    """The year's limits; students have none once they may leave school, since their year hangs on that too."""
    low, high = np.ones((6, *jobs.seek.shape)), np.ones((6, *jobs.seek.shape))
    for sex in range(2):
        for age in range(jobs.seek.shape[1]):
            wife = sex == 1 and WIVES_FROM <= age < WIVES_TO
            finding = leaving = 1.0
            if wife:
                finding = jobs.earner_level[FINDING, age] * max(jobs.earner[FINDING].max(), 1.0) * A_LITTLE_MORE
                leaving = jobs.earner_level[LEAVING, age] * max(jobs.earner[LEAVING].max(), 1.0) * A_LITTLE_MORE
                leaving *= max(jobs.remote_mother[0], 1.0)
            low[0, sex, age] = 1.0 if jobs.leave_school[age] > 0 else 0.0
            for work in range(1, 3):
                low[work, sex, age] = jobs.find[sex, age, work] * finding
            for work in range(3, 6):
                low[work, sex, age] = jobs.lose[work - 3, sex, age] * leaving
            high[1, sex, age], high[2, sex, age] = 1.0 - jobs.begin[sex, age], 1.0 - jobs.give_up[0]
            high[3:5, sex, age] = 1.0 - jobs.change[0]
    return Limits(low, high)


@kernel
def perhaps_changing(persons: Persons, roll: Roll, jobs: Jobs, streams: Words) -> Listed:
    """Residents whose draws may change their work; of the others only employees draw more than once."""
    limits = limits_of(jobs)
    rows, settled = np.empty(len(roll.grown), np.uint32), np.empty(len(roll.grown), np.uint32)
    k = employees = 0
    for i in roll.grown:
        now, sex, age = np.uint64(persons.work[i]), np.uint64(persons.sex[i]), np.uint64(persons.age[i])
        u = uniform(streams[CHANGE], persons.key[i])
        some = (u < limits.low[now, sex, age]) | (u > limits.high[now, sex, age])
        employee = (now == 3) | (now == 4)
        rows[k] = settled[employees] = i
        k += some | (now == 5) & (persons.workplace[i] == 2)
        employees += employee & (not some)
    anywhere = bool(jobs.remote.max() > 0)
    for i in settled[:employees]:
        rows[k] = i
        k += not same_job(persons, jobs, i, anywhere, streams)
    return rows[:k]


@rule
def same_job(persons: Persons, jobs: Jobs, i: int, anywhere: bool, streams: Words) -> bool:
    """Whether employee i, who neither leaves nor changes the job, has the same kind of work at the same place.

    `anywhere` says whether there is remote work at any age.
    """
    now, sex, age = persons.work[i], np.uint64(persons.sex[i]), np.uint64(persons.age[i])
    place = persons.workplace[i]
    newly_here = (persons.tenure[i] == 0) & (place == 0)
    lifted_up = (now == 3) & (jobs.upgraded[sex, age] > 0)
    turn = uniform(streams[TURN], persons.key[i])
    another = jobs.to_regular[sex, age] if now == 3 else jobs.to_nonregular[sex, age]
    turned = (turn < another) | (turn > 1.0 - jobs.starts[sex, age])
    remote = anywhere and uniform(streams[REMOTELY], persons.key[i]) < jobs.remote[age]
    return bool((not newly_here) & (not lifted_up) & (not turned) & (remote == (place == 2)))


@kernel
def work_streams(lots: Streams) -> Words:
    """The streams of a year's work in the order in which its rules take them.

    Change of state, sector, kind of work, workplace, school; two that do not depend on the year (regular work and
    remote work: a person's own thresholds); change of kind.
    """
    return np.array([
        lots.year[Decision.WORK], lots.year[Decision.SECTOR], lots.year[Decision.KIND_OF_WORK],
        lots.year[Decision.WORKPLACE], lots.year[Decision.SCHOOL], lots.ever[Decision.REGULAR],
        lots.ever[Decision.REMOTE], lots.year[Decision.CHANGE_OF_KIND],
    ])  # fmt: skip


@kernel
def work_changes(persons: Persons, roll: Roll, jobs: Jobs, streams: Words) -> tuple[Rows, Codes, Codes, Codes, Array]:
    """Rows whose work changes this year with their new work, sector and workplace (int8), and the slots then filled.

    Only people in town; filled slots are those of residents who work in town, by sector (float64[7]).
    """
    asked = perhaps_changing(persons, roll, jobs, streams)
    rows = np.empty(len(asked), np.int64)
    work, sector, place = np.empty(len(asked), np.int8), np.empty(len(asked), np.int8), np.empty(len(asked), np.int8)
    filled = filled_slots(persons, roll.grown)
    k = 0
    for i in asked:
        now, u = persons.work[i], uniform(streams[CHANGE], persons.key[i])
        if now >= 3:
            new, new_sector, new_place = at_work(persons, jobs, i, u, streams)
        else:
            new, new_sector, new_place = without_work(persons, jobs, i, u, streams)
        if new >= 3:
            new, new_place = lifted(persons, jobs, i, new, new_place, streams)
        if new != now or new_sector != persons.sector[i] or new_place != persons.workplace[i]:
            filled[slot(now, persons.workplace[i], persons.sector[i])] -= 1.0
            filled[slot(new, new_place, new_sector)] += 1.0
            rows[k], work[k], sector[k], place[k] = i, new, new_sector, new_place
            k += 1
    return rows[:k].copy(), work[:k].copy(), sector[:k].copy(), place[:k].copy(), filled[:N_SECTORS].copy()
