"""Who finds, loses and changes work; slots, vacancies and commuters.

Finding work follows last year's vacancies (a matching function); every job of a resident in town fills a slot, and so
do in-commuters; out-commuters and remote workers fill slots elsewhere.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import Words, uniform
from abm.population import Codes, Persons, Rows

Array = NDArray[np.float64]
N_SECTORS = 7


class Jobs(NamedTuple):
    """One year's work probabilities (levers and last year's vacancies are in them)."""

    leave_school: Array  # [101]
    lose: Array  # [2 sexes, 101]: probability of losing or leaving a job
    seek: Array  # [101]: share of those without a job after losing it who are unemployed rather than outside
    find: Array  # [2 sexes, 101, 3 (student who leaves school, outside, unemployed)]
    give_up: Array  # [1]: probability that an unemployed person who finds nothing leaves the labour force
    change: Array  # [1]: probability of changing jobs
    sector: Array  # [2 sexes, 7]: cumulative shares of hires by sector
    regular: Array  # [2 sexes, 101]: share of regular work among hires
    self_employed: Array  # [7]: share of self-employment among hires of a sector
    out_commuter: Array  # [2 sexes]: share of hires that work outside the town
    upgraded: Array  # [2 sexes, 101]: share of the non-regular whom the regular-work lever lifts
    remote: Array  # [101]: share of the employed who work remotely for an employer elsewhere


@rule
def leaves_work(persons: Persons, jobs: Jobs, i: int) -> float:
    """The probability that employed person i is without that job at the end of the year."""
    return jobs.lose[persons.sex[i], persons.age[i]]


@rule
def finds_work(persons: Persons, jobs: Jobs, i: int) -> float:
    """The probability that person i, without a job, finds one within the year (students: on leaving school)."""
    return jobs.find[persons.sex[i], persons.age[i], persons.work[i]]


@rule
def hired(persons: Persons, jobs: Jobs, i: int, draws: Array) -> tuple[int, int, int]:
    """(work, sector, workplace) of a new job of person i; `draws` are three numbers in [0, 1)."""
    sex = persons.sex[i]
    sector = 0
    while sector < 6 and draws[0] >= jobs.sector[sex, sector]:
        sector += 1
    place = 1 if draws[2] < jobs.out_commuter[sex] else 0
    if draws[1] < jobs.self_employed[sector]:
        return 5, sector, 0
    kind = (draws[1] - jobs.self_employed[sector]) / (1.0 - jobs.self_employed[sector])
    return (4 if kind < jobs.regular[sex, persons.age[i]] else 3), sector, place


@kernel
def work_changes(persons: Persons, n: int, jobs: Jobs, streams: Words) -> tuple[Rows, Codes, Codes, Codes, Array]:
    """Rows whose work changes this year with their new work, sector and workplace (int8), and the slots then filled.

    Only people in town; filled slots are those of residents who work in town, by sector (float64[7]).

    `streams`: change of state, sector, kind of work, workplace, school, and two that do not depend on the year
    (regular work and remote work: a person's own thresholds).
    """
    rows = np.empty(n, np.int64)
    work, sector, place = np.empty(n, np.int8), np.empty(n, np.int8), np.empty(n, np.int8)
    draws = np.empty(3)
    filled = np.zeros(7)
    k = 0
    for i in range(n):
        age = persons.age[i]
        if persons.place[i] != 1 or age < 15:
            continue
        key = persons.key[i]
        now = persons.work[i]
        new, new_sector, new_place = now, persons.sector[i], persons.workplace[i]
        u = uniform(streams[0], key)
        hire = False
        if now >= 3:
            loss = leaves_work(persons, jobs, i)
            if u < loss:
                new = 2 if u < loss * jobs.seek[age] else 1
                new_sector, new_place = -1, 0
            elif u > 1.0 - jobs.change[0] and now != 5:
                hire = True
        elif now == 0:
            if uniform(streams[4], key) < jobs.leave_school[age]:
                hire = u < finds_work(persons, jobs, i)
                new = 2
        else:
            chance = finds_work(persons, jobs, i)
            hire = u < chance
            if not hire and now == 2 and u > 1.0 - jobs.give_up[0]:
                new = 1
        if hire:
            draws[0], draws[1], draws[2] = uniform(streams[1], key), uniform(streams[2], key), uniform(streams[3], key)
            new, new_sector, new_place = hired(persons, jobs, i, draws)
        if new >= 3:
            upgraded = jobs.upgraded[persons.sex[i], age]
            if new == 3 and upgraded > 0 and uniform(streams[5], key) < upgraded:
                new = 4
            remote = new != 5 and jobs.remote[age] > 0 and uniform(streams[6], key) < jobs.remote[age]
            if remote:
                new_place = 2
            elif new_place == 2:
                new_place = 0
            if new_place == 0 and new_sector >= 0:
                filled[new_sector] += 1.0
        if new != now or new_sector != persons.sector[i] or new_place != persons.workplace[i]:
            rows[k], work[k], sector[k], place[k] = i, new, new_sector, new_place
            k += 1
    return rows[:k].copy(), work[:k].copy(), sector[:k].copy(), place[:k].copy(), filled


@kernel
def filled_slots(persons: Persons, n: int) -> Array:
    """Slots in town filled by residents, by sector (float64[7])."""
    filled = np.zeros(7)
    for i in range(n):
        if persons.place[i] == 1 and persons.work[i] >= 3 and persons.workplace[i] == 0 and persons.sector[i] >= 0:
            filled[persons.sector[i]] += 1.0
    return filled


class Labour(NamedTuple):
    """The state of the labour market between two years, on the scale of the whole town."""

    vacancies: Array  # [7]; below 0 where a sector has more workers than slots
    in_commuters: Array  # [7]


def labour_after(filled: Array, slots: Array, before: Labour, usual: Labour, commuting: float) -> Labour:
    """Vacancies and in-commuters once residents have taken their jobs.

    `usual` is the reference arm's path of the same year: of vacancies beyond it (or missing from it) the share
    `commuting` is filled (or vacated) by in-commuters within a year.
    """
    extra = slots - filled - before.in_commuters - usual.vacancies
    in_commuters = np.maximum(before.in_commuters + commuting * extra, 0.0)
    return Labour(slots - filled - in_commuters, in_commuters)


def jobs_of_year(
    base: Jobs,
    tightness: float,
    sector_pull: Array,
    levers: dict[str, float],
    participation: float,
    matching: float,
    regular_ages: slice = slice(20, 40),
    women_ages: slice = slice(25, 45),
    remote_ages: slice = slice(20, 60),
) -> Jobs:
    """The year's table: base probabilities x tightness^matching, hires spread by vacancies, and the levers on work.

    `tightness` is last year's vacancies over the reference arm's; `sector_pull` [7] the same by sector;
    `participation` the base share of women 25-44 in work: the lever moves its odds through finding work.
    """
    find = base.find * tightness**matching
    if levers["women_participation"] > 0:
        raised = min(participation + levers["women_participation"] / 100, 0.98)
        odds = raised / (1 - raised) / (participation / (1 - participation))
        find[1, women_ages, 1:] *= odds
    shares = np.diff(base.sector, axis=1, prepend=0.0) * sector_pull
    cumulative = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    upgraded, remote = base.upgraded.copy(), base.remote.copy()
    if levers["regular_share"] > 0:
        missing = np.maximum(1 - base.regular[:, regular_ages], 0.01)
        upgraded[:, regular_ages] = np.minimum(levers["regular_share"] / 100 / missing, 1.0)
    remote[remote_ages] += levers["remote_share"] / 100
    return base._replace(find=np.minimum(find, 0.98), sector=cumulative, upgraded=upgraded, remote=remote)
