"""Who finds, loses and changes work; slots, vacancies and commuters.

Finding work follows last year's vacancies (a matching function); every job of a resident in town fills a slot, and so
do in-commuters; out-commuters and remote workers fill slots elsewhere. A wife's work follows that of her husband, her
small children and a grandmother who can look after them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import Words, uniform
from abm.people.population import Listed, Persons

Array = NDArray[np.float64]
N_SECTORS = 7
FIRST_AGE = 15
WIVES_FROM, WIVES_TO = 25, 45  # ages of second earners: those of the lever women_participation
SMALL_CHILD = 6  # years; school begins in the spring after the sixth birthday
HELPING_TO = 75  # age below which a grandmother looks after small children; an assumption
FINDING, LEAVING = 0, 1  # rows of `Jobs.earner`
CHANGE, SECTOR, KIND, PLACE, SCHOOL, UPGRADE, REMOTELY, TURN = range(8)  # streams, see `job_changes`


class Jobs(NamedTuple):
    """One year's work probabilities (levers and last year's vacancies are in them)."""

    leave_school: Array  # [101]
    lose: Array  # [3 (non-regular, regular, self-employed), 2 sexes, 101]: probability of losing or leaving a job
    seek: Array  # [2 sexes, 101]: share of those newly without work who are unemployed rather than outside
    begin: Array  # [2 sexes, 101]: people outside the labour force who begin to look for work
    find: Array  # [2 sexes, 101, 3 (student who leaves school, outside, unemployed)]
    give_up: Array  # [1]: probability that an unemployed person who finds nothing leaves the labour force
    change: Array  # [1]: probability that an employee changes jobs
    sector: Array  # [2 sexes, 7]: cumulative shares of hired employees by sector
    own_sector: Array  # [2 sexes, 7]: the same of those who become self-employed
    regular: Array  # [2 sexes, 101]: share of regular work among hired employees
    self_employed: Array  # [2 sexes, 101]: share of self-employment among those who come into work
    starts: Array  # [2 sexes, 101]: employees who start a business or take over a farm or shop
    to_regular: Array  # [2 sexes, 101]: non-regular employees who become regular
    to_nonregular: Array  # [2 sexes, 101]: regular employees who become non-regular (mostly re-hired at 60)
    out_commuter: Array  # [2 sexes]: share of employees outside farming who work outside the town
    upgraded: Array  # [2 sexes, 101]: share of the non-regular whom the regular-work lever lifts
    remote: Array  # [101]: share of the employed who work remotely for an employer elsewhere
    newcomers: Array  # [2 sexes, 101]: share of arrivals and returners who come to a job
    earner: Array  # [2 (finding, leaving), 7 (see `care_at_home`), 2 (husband at work, without work)]: relative risk
    earner_level: Array  # [2 (finding, leaving), 101]: makes the founded women's mean of it 1
    remote_mother: Array  # [1]: relative risk of leaving work of mothers of small children who work remotely


@rule
def care_at_home(persons: Persons, i: int, j: int) -> int:
    """What ties wife i of husband j to the home: 0 no child under 6; else 1, 2 or 3, with a newborn 4, 5 or 6.

    1 (4): no grandmother (hers or his) under 75 in town, 2 (5): one in town, 3 (6): one in the same household.
    """
    if persons.parity[i] == 0 or persons.waiting[i] >= SMALL_CHILD:
        return 0
    help_ = 1
    for grandmother in (persons.mother[i], persons.mother[j]):
        if grandmother >= 0 and persons.place[grandmother] == 1 and persons.age[grandmother] < HELPING_TO:
            help_ = max(help_, 3 if persons.household[grandmother] == persons.household[i] else 2)
    return help_ + 3 if persons.waiting[i] == 0 else help_


@rule
def second_earner(persons: Persons, jobs: Jobs, i: int, way: int) -> float:
    """Relative risk of finding (way 0) or leaving (way 1) work by the household: 1 but for women of 25-44."""
    age = persons.age[i]
    if persons.sex[i] != 1 or age < WIVES_FROM or age >= WIVES_TO:
        return 1.0
    level = jobs.earner_level[way, age]
    j = persons.partner[i]
    if j < 0 or persons.household[j] != persons.household[i]:
        return level
    care = care_at_home(persons, i, j)
    risk = level * jobs.earner[way, care, 0 if persons.work[j] >= 3 else 1]
    if way == LEAVING and care > 0 and persons.workplace[i] == 2:
        risk *= jobs.remote_mother[0]
    return risk


@rule
def leaves_work(persons: Persons, jobs: Jobs, i: int) -> float:
    """The probability that employed person i is without that job at the end of the year."""
    chance = jobs.lose[persons.work[i] - 3, persons.sex[i], persons.age[i]]
    return min(chance * second_earner(persons, jobs, i, LEAVING), 1.0)


@rule
def finds_work(persons: Persons, jobs: Jobs, i: int) -> float:
    """The probability that person i, without a job, finds one within the year (students: on leaving school)."""
    chance = jobs.find[persons.sex[i], persons.age[i], persons.work[i]]
    return min(chance * second_earner(persons, jobs, i, FINDING), 1.0)


@rule
def chosen(cumulative: Array, u: float) -> int:
    """The sector that a draw picks from cumulative shares [7]."""
    sector = 0
    while sector < N_SECTORS - 1 and u >= cumulative[sector]:
        sector += 1
    return sector


@rule
def workplace(jobs: Jobs, sex: int, work: int, sector: int, u: float) -> int:
    """In town (0) or outside (1): farmers and the self-employed work where they live."""
    return 1 if work != 5 and sector > 0 and u < jobs.out_commuter[sex] else 0


@rule
def hired(persons: Persons, jobs: Jobs, i: int, streams: Words) -> tuple[int, int, int]:
    """(work, sector, workplace) of somebody who comes into work."""
    sex, age, key = persons.sex[i], persons.age[i], persons.key[i]
    kind, u = uniform(streams[KIND], key), uniform(streams[SECTOR], key)
    own = jobs.self_employed[sex, age]
    if kind < own:
        return 5, chosen(jobs.own_sector[sex], u), 0
    work = 4 if kind - own < (1.0 - own) * jobs.regular[sex, age] else 3
    sector = chosen(jobs.sector[sex], u)
    return work, sector, workplace(jobs, sex, work, sector, uniform(streams[PLACE], key))


@rule
def own_business(persons: Persons, jobs: Jobs, i: int) -> float:
    """The probability that employee i who stays in work starts a business or takes over a farm or shop."""
    return jobs.starts[persons.sex[i], persons.age[i]]


@rule
def another_kind(persons: Persons, jobs: Jobs, i: int) -> float:
    """The probability that employee i who stays in work becomes regular, or of the regular non-regular."""
    table = jobs.to_regular if persons.work[i] == 3 else jobs.to_nonregular
    return table[persons.sex[i], persons.age[i]]


@rule
def kept_job(persons: Persons, jobs: Jobs, i: int, changes: bool, streams: Words) -> tuple[int, int, int]:
    """(work, sector, workplace) of an employee who stays in work: the same, another job, another kind or one's own.

    Who changes jobs keeps the kind of work but for the yearly chance of another. Newcomers of the last year choose
    their workplace.
    """
    sex, key = persons.sex[i], persons.key[i]
    work, sector, place = persons.work[i], persons.sector[i], persons.workplace[i]
    turn = uniform(streams[TURN], key)
    if turn > 1.0 - own_business(persons, jobs, i):
        return 5, chosen(jobs.own_sector[sex], uniform(streams[SECTOR], key)), 0
    if changes:
        sector = chosen(jobs.sector[sex], uniform(streams[SECTOR], key))
    if changes or (persons.tenure[i] == 0 and place == 0):
        place = workplace(jobs, sex, work, sector, uniform(streams[PLACE], key))
    if turn < another_kind(persons, jobs, i):
        work = 4 if work == 3 else 3
    return work, sector, place


@rule
def at_work(persons: Persons, jobs: Jobs, i: int, u: float, streams: Words) -> tuple[int, int, int]:
    """(work, sector, workplace) after the year of somebody who has work; `u` decides at its ends: leave, change."""
    loss = leaves_work(persons, jobs, i)
    if u < loss:
        return (2 if u < loss * jobs.seek[persons.sex[i], persons.age[i]] else 1), -1, 0
    if persons.work[i] == 5:
        return 5, persons.sector[i], persons.workplace[i]
    return kept_job(persons, jobs, i, u > 1.0 - jobs.change[0], streams)


@rule
def without_work(persons: Persons, jobs: Jobs, i: int, u: float, streams: Words) -> tuple[int, int, int]:
    """(work, sector, workplace) after the year of a student, an unemployed person or one outside the labour force."""
    now, sex, age = persons.work[i], persons.sex[i], persons.age[i]
    if now == 0 and uniform(streams[SCHOOL], persons.key[i]) >= jobs.leave_school[age]:
        return 0, -1, 0
    found = finds_work(persons, jobs, i)
    if u < found:
        return hired(persons, jobs, i, streams)
    if now == 0:
        return (2 if u >= 1.0 - (1.0 - found) * jobs.seek[sex, age] else 1), -1, 0
    if now == 1:
        return (2 if u > 1.0 - jobs.begin[sex, age] else 1), -1, 0
    return (1 if u > 1.0 - jobs.give_up[0] else 2), -1, 0


@rule
def lifted(persons: Persons, jobs: Jobs, i: int, work: int, place: int, streams: Words) -> tuple[int, int]:
    """(work, workplace) with what levers add: regular work and remote work, by a person's own fixed thresholds."""
    sex, age, key = persons.sex[i], persons.age[i], persons.key[i]
    upgraded = jobs.upgraded[sex, age]
    if work == 3 and upgraded > 0 and uniform(streams[UPGRADE], key) < upgraded:
        work = 4
    if work != 5 and jobs.remote[age] > 0 and uniform(streams[REMOTELY], key) < jobs.remote[age]:
        return work, 2
    return work, (0 if place == 2 else place)


@rule
def slot(work: int, workplace: int, sector: int) -> int:
    """The sector of the slot in town that a resident fills, N_SECTORS for none."""
    return sector if (work >= 3) & (workplace == 0) & (sector >= 0) else N_SECTORS


@kernel
def filled_slots(persons: Persons, rows: Listed) -> Array:
    """Slots in town that some residents fill, by sector, and how many of them fill none (float64[8])."""
    filled = np.zeros(N_SECTORS + 1, np.int64)
    for i in rows:
        filled[slot(persons.work[i], persons.workplace[i], persons.sector[i])] += 1
    return filled.astype(np.float64)


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


def sooner(chance: Array, speed: float) -> Array:
    """A yearly probability when its hazard runs at `speed`: it nears 1 but never passes it."""
    return np.asarray(1.0 - (1.0 - np.minimum(chance, 1.0)) ** speed)


def jobs_of_year(
    base: Jobs,
    tightness: float,
    sector_pull: Array,
    levers: dict[str, float],
    participation: float,
    matching: float,
    regular_ages: slice = slice(20, 40),
    women_ages: slice = slice(WIVES_FROM, WIVES_TO),
    remote_ages: slice = slice(20, 60),
) -> Jobs:
    """The year's table: hazards of work x tightness^matching, hires spread by vacancies, and the levers on work.

    `tightness` is last year's vacancies over the reference arm's; `sector_pull` [7] the same by sector;
    `participation` the base share of women 25-44 in work: the lever moves its odds through finding work. Finding work
    and regular work saturate: those who are nearly sure of a job gain little from one vacancy more. More people outside
    the labour force begin to look, and fewer of the unemployed give up.
    """
    speed = tightness**matching
    find = sooner(base.find, speed)
    if levers["women_participation"] > 0:
        raised = min(participation + levers["women_participation"] / 100, 0.98)
        odds = raised / (1 - raised) / (participation / (1 - participation))
        find[1, women_ages, 1:] *= odds
    shares = base.sector.copy()
    shares[:, 1:] -= base.sector[:, :-1]
    shares *= sector_pull
    cumulative = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    upgraded, remote = base.upgraded.copy(), base.remote.copy()
    if levers["regular_share"] > 0:
        missing = np.maximum(1 - base.regular[:, regular_ages], 0.01)
        upgraded[:, regular_ages] = np.minimum(levers["regular_share"] / 100 / missing, 1.0)
    remote[remote_ages] += levers["remote_share"] / 100
    return base._replace(
        find=np.minimum(find, 0.98), begin=sooner(base.begin, speed), give_up=base.give_up / speed,
        to_regular=sooner(base.to_regular, speed), sector=cumulative, upgraded=upgraded, remote=remote,
    )  # fmt: skip
