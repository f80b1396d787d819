"""Base tables of work: the founded profile of students, employed and unemployed, kept by yearly transitions."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel
from abm.decisions.employment import FINDING, LEAVING, WIVES_FROM, WIVES_TO, Jobs, second_earner
from abm.known.behaviour import Shape
from abm.known.hazards import AGES
from abm.known.town import Town
from abm.levels.by_age import per_age, smooth
from abm.levels.work_kinds import kinds_base, profile_of_kinds
from abm.people.population import FEMALE, SECTORS, SELF_EMPLOYED, STUDENT, UNEMPLOYED, Persons

Array = NDArray[np.float64]
_MOST_LEAVING = 0.95
_MOST_FROM_SCHOOL, _MOST_FROM_OUTSIDE = 0.85, 0.6  # highest probabilities of finding work; assumptions
_STEPS = 40  # halvings by which the level of leaving work is found


class Profile(NamedTuple):
    """Residents by sex and age, and the shares that study, work and look for work, float64[2, 101] each."""

    people: Array
    student: Array
    employed: Array
    unemployed: Array

    @property
    def outside(self) -> Array:
        """The share outside the labour force, never quite nobody."""
        return np.maximum(1 - self.employed - self.student - self.unemployed, 0.02)


class Flows(NamedTuple):
    """Yearly transitions by sex and age that keep a profile, float64[2, 101] each (leave_school [101])."""

    leave_school: Array
    lose: Array  # of the employed
    find: Array  # [2, 101, 3 (student, outside, unemployed)]
    hires: Array  # per resident
    seek: Array
    begin: Array


def profile_of(persons: Persons, residents: NDArray[np.int64]) -> Profile:
    """The founded profile, the employed and the unemployed smoothed over ages."""
    work = persons.work[residents]
    people = np.maximum(per_age(persons, residents), 1.0)
    return Profile(
        people,
        np.minimum(per_age(persons, residents[work == STUDENT]) / people, 1.0),
        smooth(per_age(persons, residents[work > UNEMPLOYED]) / people, 25),
        smooth(per_age(persons, residents[work == UNEMPLOYED]) / people, 18),
    )


def flows_of(profile: Profile, shape: Shape) -> Flows:
    """Transitions that keep the profile: leaving at the survey's turnover, finding as fast as the profile then needs.

    The turnover holds for all employed together; where employment falls faster with age, more leave, and the rest of
    the employed accordingly fewer.
    """
    pooled, employed = profile.student.mean(axis=0), profile.employed
    leave_school = np.where(np.arange(AGES) < 15, 0.0, 1 - np.append(pooled[1:], 0.0) / np.maximum(pooled, 1e-9))
    leave_school = np.clip(np.where(pooled < 1e-6, 1.0, leave_school), 0.0, 1.0)
    after = np.concatenate([employed[:, 1:], employed[:, -1:]], axis=1)
    wanted = shape["unemployed_find"] * profile.unemployed
    workers = profile.people * employed
    low, high = 0.0, shape["leaves_a_year"]
    for _ in range(_STEPS):
        level = (low + high) / 2
        lose = np.full((2, AGES), level)
        need = after - employed * (1 - lose) - wanted
        lose = np.where(need < 0, np.minimum(lose - need / np.maximum(employed, 0.01), _MOST_LEAVING), lose)
        if (lose * workers).sum() > shape["leaves_a_year"] * workers.sum():
            high = level
        else:
            low = level
    leavers = profile.student * leave_school[None, :]
    from_school = np.clip(need, 0, _MOST_FROM_SCHOOL * leavers)
    find = np.zeros((2, AGES, 3))
    find[:, :, 0] = np.minimum(from_school / np.maximum(leavers, 1e-6), _MOST_FROM_SCHOOL)
    find[:, :, 1] = np.minimum(np.maximum(need - from_school, 0.0) / profile.outside, _MOST_FROM_OUTSIDE)
    find[:, :, 2] = shape["unemployed_find"]
    hires = leavers * find[:, :, 0] + profile.outside * find[:, :, 1] + wanted
    jobless = employed * lose + leavers * (1 - find[:, :, 0])
    return Flows(leave_school, lose, find, hires, *_seeking(profile, shape, jobless))


def _seeking(profile: Profile, shape: Shape, jobless: Array) -> tuple[Array, Array]:
    """(share of those without the job they left or hoped for who look for another, yearly share of the others who
    begin to look), float64[2, 101] each: whoever finds work or gives up is replaced, so that unemployment stays.

    `jobless` are those newly without work per resident. Not more than `seek_to_60` (`seek_after_60`) of them look.
    """
    unemployed = profile.unemployed
    after = np.concatenate([unemployed[:, 1:], unemployed[:, -1:]], axis=1)
    need = np.maximum(after - unemployed * (1 - shape["unemployed_find"] - shape["give_up"]), 0.0)
    most = np.where(np.arange(AGES) < 60, shape["seek_to_60"], shape["seek_after_60"])
    seek = np.minimum(need / np.maximum(jobless, 1e-9), most)
    return seek, np.clip((need - seek * jobless) / profile.outside, 0.0, 0.2)


def jobs_base(town: Town, persons: Persons, residents: NDArray[np.int64]) -> tuple[Jobs, float]:
    """Work transitions that keep the founded profile of work by sex and age, and the share of women 25-44 in work."""
    shape = town.japan.behaviour["work"]
    profile = profile_of(persons, residents)
    flows = flows_of(profile, shape)
    own, regular = profile_of_kinds(persons, residents)
    kinds = kinds_base(shape, profile.employed, own, regular, flows.lose, flows.hires)
    jobs = Jobs(
        leave_school=flows.leave_school,
        lose=kinds.lose,
        seek=flows.seek,
        begin=flows.begin,
        find=flows.find,
        give_up=np.array([shape["give_up"]]),
        change=np.array([_changes(shape, profile, own)]),
        **_sectors(persons, residents),
        regular=kinds.regular,
        self_employed=kinds.self_employed,
        starts=kinds.starts,
        to_regular=kinds.to_regular,
        to_nonregular=kinds.to_nonregular,
        upgraded=np.zeros((2, AGES)),
        remote=np.zeros(AGES),
        newcomers=_newcomers(profile, town.japan.behaviour["arrivals"]["working_share"]),
        earner=earner_risks(shape),
        earner_level=np.ones((2, AGES)),
        remote_mother=np.array([shape["remote_mother_leaves"]]),
    )
    women = slice(WIVES_FROM, WIVES_TO)
    employed, people = profile.employed[FEMALE, women], profile.people[FEMALE, women]
    level = earner_levels(persons, residents, jobs)
    return jobs._replace(earner_level=level), float((employed * people).sum() / people.sum())


def _changes(shape: Shape, profile: Profile, own: Array) -> float:
    """Yearly job changes per employee: the survey counts them per employed person, the self-employed included."""
    workers = profile.people * profile.employed
    return float(shape["changes_a_year"] * workers.sum() / (workers * (1 - own)).sum())


def _newcomers(profile: Profile, share: float) -> Array:
    """Shares of arrivals and returners who come to a job: the founded profile, at ages 18-59 with the mean `share`."""
    ages = slice(18, 60)
    people, employed = profile.people[:, ages], profile.employed[:, ages]
    level = share * people.sum() / (people * employed).sum()
    return np.asarray(np.minimum(profile.employed * level, _MOST_LEAVING))


def earner_risks(shape: Shape) -> Array:
    """Relative risks of a wife's finding and leaving work, float64[2, 7 (see `care_at_home`), 2 (husband's work)].

    A grandmother's help takes away a share of what a small child does.
    """
    help_ = np.array([0.0, shape["help_in_town"], shape["help_at_home"]])
    risks = np.ones((2, 7, 2))
    for way, small, newborn in ((FINDING, "small_child_finds", "small_child_finds"),
                                (LEAVING, "small_child_leaves", "newborn_leaves")):  # fmt: skip
        risks[way, 1:4] = (1 + (shape[small] - 1) * (1 - help_))[:, None]
        risks[way, 4:] = (1 + (shape[newborn] - 1) * (1 - help_))[:, None]
    risks[FINDING, :, 1] *= shape["husband_jobless_finds"]
    risks[LEAVING, :, 1] *= shape["husband_jobless_leaves"]
    return risks


def earner_levels(persons: Persons, residents: NDArray[np.int64], jobs: Jobs) -> Array:
    """Levels by which the household leaves the founded women's mean rates as they are, float64[2, 101]."""
    women = residents[persons.sex[residents] == FEMALE]
    working = persons.work[women] > UNEMPLOYED
    levels = np.ones((2, AGES))
    for way, rows in ((FINDING, women[~working]), (LEAVING, women[working])):
        age = np.minimum(persons.age[rows], AGES - 1).astype(np.int64)
        risks = second_earners(persons, rows, jobs, way)
        group, of_group = age // 5, np.arange(AGES) // 5
        mean = np.bincount(group, risks, AGES) / np.maximum(np.bincount(group, minlength=AGES), 1)
        levels[way] = 1 / np.where(mean[of_group] > 0, mean[of_group], 1.0)
    return levels


@kernel
def second_earners(persons: Persons, rows: NDArray[np.int64], jobs: Jobs, way: int) -> Array:
    """`second_earner` of the persons in `rows`."""
    risks = np.empty(len(rows))
    for k in range(len(rows)):
        risks[k] = second_earner(persons, jobs, rows[k], way)
    return risks


def _sectors(persons: Persons, residents: NDArray[np.int64]) -> dict[str, Array]:
    """Cumulative shares of sectors by sex, of employees and of the self-employed, and out-commuting by sex."""
    workers = residents[persons.work[residents] > UNEMPLOYED]
    own = persons.work[workers] == SELF_EMPLOYED
    sector, sex = np.maximum(persons.sector[workers], 0).astype(np.int64), persons.sex[workers].astype(np.int64)
    cumulative = []
    for which in (~own, own):
        counts = np.bincount(sex[which] * len(SECTORS) + sector[which], minlength=2 * len(SECTORS)) + 1e-6
        shares = counts.reshape(2, len(SECTORS))
        cumulative.append(np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1))
    able = ~own & (sector > 0)
    out = [np.mean(persons.workplace[workers[able & (sex == s)]] == 1) for s in (0, 1)]
    return {"sector": cumulative[0], "own_sector": cumulative[1], "out_commuter": np.nan_to_num(np.array(out))}
