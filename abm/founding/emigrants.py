"""Those who grew up here and live elsewhere, with the families that they have there."""

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from abm.draws import keys_of
from abm.founding.base import Base
from abm.founding.census import AGES, GROUP, birth_rates, death_rates, scaled, single_years, split_group_rates
from abm.founding.jobs import Workers, kinds_of_work, sector_shares
from abm.founding.kinship import FIRST, YOUNGEST_ADULT, civil_states, mothers_alive
from abm.known.assumed import Assumed
from abm.known.town import Town
from abm.people.apportionment import Floats, Integers, Lot, Lots, Mask
from abm.people.population import (
    FEMALE,
    INCOMER,
    LONGEST,
    MALE,
    MARRIED,
    NATIVE,
    NEVER,
    OUTSIDE,
    STUDENT,
    UNEMPLOYED,
)

CHILDHOOD = 10  # lower end of the census group in which a cohort is counted as having grown up here
GAP_SD = 3.7  # years, spread of the age gap of couples; assumption, as in the town
UNEMPLOYED_SHARE = 0.04  # of the labour force away; assumption, the nation's level in 2015


class Residents(NamedTuple):
    """What the away are linked to: ages, sexes and links of the residents and whether they grew up or
    settled here.
    """

    age: Integers
    sex: Integers
    civil: Integers
    partner: Integers
    mother: Integers
    parity: Integers
    waiting: Integers
    settled: Mask


class Away(NamedTuple):
    """Columns of the away as in `Persons`; links are row numbers in which residents come first."""

    key: np.ndarray
    age: Integers
    sex: Integers
    origin: Integers
    tenure: Integers
    civil: Integers
    partner: Integers
    mother: Integers
    father: Integers
    parity: Integers
    waiting: Integers
    work: Integers
    sector: Integers


def _survival_since_childhood(town: Town, age: int, year: int) -> Floats:
    """Probability by sex that somebody who was 12 years old here is alive at `age` in `year` (nation)."""
    middle = CHILDHOOD + 2
    ages = np.arange(middle, age)
    rates = {(year - age + x) // GROUP: death_rates(town.japan, int(year - age + x)) for x in ages[::GROUP]}
    hazard = np.zeros(2)
    for x in ages:
        period = (year - age + int(x)) // GROUP
        hazard += rates.get(period, rates[max(rates)])[:, x]
    return np.exp(-hazard)


def stock(town: Town, base: Base, rate: Floats, about: Assumed) -> Integers:
    """The away who grew up here, by sex and single age, int64[2, 101], at the scale of the real town.

    Survivors of the children counted at 10-14 in each census minus the natives among the residents[2, 101]:
    without evacuees, and without the share `rate` of non-natives by age. Cohorts that were older at the
    first census take the share of the oldest that was seen as children.
    """
    grew_up = np.zeros((2, AGES))
    since = [round(base.day - census.day) for census in town.setting.area.census]  # whole years
    for y, years in enumerate(since):
        children = single_years(town.japan, town.census[y], town.census_total[y])[:, CHILDHOOD : CHILDHOOD + GROUP]
        now = CHILDHOOD + years
        if now + GROUP <= AGES:
            grew_up[:, now : now + GROUP] = children
    natives = base.people * (1 - base.evacuees / base.people.sum()) * (1 - rate)
    oldest_seen = CHILDHOOD + GROUP - 1 + since[0]
    left = np.zeros((2, AGES))
    for age in range(about.away_from, min(oldest_seen, about.away_to) + 1):
        survivors = grew_up[:, age] * _survival_since_childhood(town, age, base.start)
        left[:, age] = np.clip(survivors - natives[:, age], 0.0, about.ever_left * survivors)
    seen = slice(oldest_seen - GROUP + 1, oldest_seen + 1)
    per_native = left[:, seen].sum(axis=1) / natives[:, seen].sum(axis=1)
    older = slice(oldest_seen + 1, about.away_to + 1)
    left[:, older] = natives[:, older] * per_native[:, None]
    return np.rint(left).astype(np.int64)


def _donors(resident: Residents, age: Integers, lot: Floats) -> Integers:
    """For wives of these ages a married resident woman of the same (or the nearest) age each, -1 if there
    is none.
    """
    rows = np.flatnonzero((resident.sex == FEMALE) & (resident.partner >= 0))
    if len(rows) == 0:
        return np.full(len(age), -1, dtype=np.int64)
    rows = rows[np.argsort(resident.age[rows], kind="stable")]
    ages, first, number = np.unique(resident.age[rows], return_index=True, return_counts=True)
    nearest = np.argmin(np.abs(age[:, None] - ages[None, :]), axis=1) if len(age) else np.zeros(0, dtype=np.int64)
    picked: Integers = rows[first[nearest] + (lot * number[nearest]).astype(np.int64)]
    return picked


def _children_of(resident: Residents, donor: Integers) -> tuple[Integers, Integers]:
    """The children under 18 of the donors: which donor (place in the list) and age of each."""
    minors = np.flatnonzero((resident.mother >= 0) & (resident.age < YOUNGEST_ADULT))
    minors = minors[np.argsort(resident.mother[minors], kind="stable")]
    of = resident.mother[minors]
    low, high = np.searchsorted(of, donor), np.searchsorted(of, donor, side="right")
    number = high - low
    place = np.repeat(np.arange(len(donor)), number)
    offset = np.arange(len(place)) - np.repeat(np.cumsum(number) - number, number)
    return place, resident.age[minors[low[place] + offset]]


def _mothers_here(town: Town, year: int, resident: Residents, age: Integers, lots: Lots, about: Assumed) -> Integers:
    """The resident mother of each person away, -1 where she is dead or elsewhere or the person is too old
    to ask.
    """
    oldest = about.oldest_child
    alive = mothers_alive(town.japan, year, oldest) * about.away_mother_here
    asked = (age <= oldest) & (lots.of(Lot.AWAY_KIN) < alive[np.minimum(age, oldest)])
    women = np.flatnonzero((resident.sex == FEMALE) & (resident.parity > 0) & resident.settled)
    women = women[np.argsort(resident.age[women], kind="stable")]
    first = np.searchsorted(resident.age[women], np.arange(AGES + 1))
    there = np.diff(first)
    ages = np.arange(AGES)
    mother = np.full(len(age), -1, dtype=np.int64)
    by_age, which = lots.of(Lot.AWAY_MOTHER_AGE), lots.of(Lot.AWAY_MOTHER)
    for c in np.unique(age[asked]):
        birth = ages - int(c)
        fit = (birth >= about.youngest_mother) & (birth <= about.widest_gap)
        weight = np.where(fit, birth_rates(town.japan, year - int(c))[np.clip(birth, 0, AGES - 1)] * there, 0.0)
        if weight.sum() <= 0:
            continue
        rows = np.flatnonzero(asked & (age == c))
        m = np.minimum(np.searchsorted(np.cumsum(weight) / weight.sum(), by_age[rows], side="right"), AGES - 1)
        m = np.where(there[m] > 0, m, int(np.argmax(weight)))
        mother[rows] = women[first[m] + (which[rows] * there[m]).astype(np.int64)]
    return mother


def _work(town: Town, age: Integers, sex: Integers, lots: Lots, about: Assumed) -> tuple[Integers, Integers]:
    """Work and sector of the away: the prefecture's rates by age and sex, its industries, more students."""
    shares = sector_shares(dict(town.japan.industry_employed))
    rates = split_group_rates(town.japan.employed_rate, np.ones((2, AGES)), FIRST)
    student = np.zeros(AGES)
    student[:YOUNGEST_ADULT] = 1.0
    student[YOUNGEST_ADULT : YOUNGEST_ADULT + len(about.away_student_18_to_22)] = about.away_student_18_to_22
    lot = lots.of(Lot.AWAY_WORK)
    studies = lot < student[age]
    chance = student[age] + (1 - student[age]) * np.maximum(rates[sex, age], np.where(age < 23, rates[sex, 25], 0.0))
    employed = ~studies & (lot < chance)
    looks = ~studies & ~employed & (lot < chance * (1 + UNEMPLOYED_SHARE)) & (age < AGES - 35)
    sector = np.where(employed, np.searchsorted(np.cumsum(shares), lots.of(Lot.AWAY_SECTOR) * shares.sum()), -1)
    sector = np.minimum(sector, len(shares) - 1)
    nobody = np.zeros(len(age), dtype=np.bool_)
    kinds = kinds_of_work(town.japan, Workers(age, sex, nobody, nobody, lots), sector, about)
    work = np.where(employed, kinds, np.where(studies, STUDENT, np.where(looks, UNEMPLOYED, OUTSIDE)))
    return work, sector


class _Families(NamedTuple):
    """Families of the married away, by place in the list of all away (natives, partners, children).

    wife, husband, donor and other (the partner who is no native) by couple; couple and age by child.
    """

    married: Integers
    other: Integers
    other_age: Integers
    wife: Integers
    husband: Integers
    donor: Integers
    couple: Integers
    child_age: Integers


def _families(resident: Residents, age: Integers, sex: Integers, civil: Integers, lots: Lots, mean: float) -> _Families:
    """Partners and children under 18 of the married: as a resident couple with a wife of that age."""
    married = np.flatnonzero(civil == MARRIED)
    noise = ndtri(np.clip(lots.of(Lot.AWAY_GAP)[married], 1e-9, 1 - 1e-9))
    gap = np.rint(mean + GAP_SD * noise).astype(np.int64)
    female = sex[married] == FEMALE
    other_age = np.clip(age[married] + np.where(female, gap, -gap), YOUNGEST_ADULT, AGES - 1)
    other = len(age) + np.arange(len(married))
    wife, husband = np.where(female, married, other), np.where(female, other, married)
    wife_age = np.where(female, age[married], other_age)
    donor = _donors(resident, wife_age, lots.among(married).of(Lot.AWAY_DONOR))
    couple, child_age = _children_of(resident, donor)
    return _Families(married, other, other_age, wife, husband, donor, couple, child_age)


def _links(resident: Residents, away: _Families, natives: int, ages: Integers, nearest: int) -> tuple[Integers, ...]:
    """partner, mother, father, parity and waiting of all away; the natives' own mothers are left open."""
    n, first = len(ages), len(resident.age)
    partner, mother, father = (np.full(n, -1, dtype=np.int64) for _ in range(3))
    parity, waiting = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    partner[away.married], partner[away.other] = first + away.other, first + away.married
    child = slice(natives + len(away.married), n)
    husband = away.husband[away.couple]
    mother[child] = first + away.wife[away.couple]
    father[child] = np.where(ages[husband] - away.child_age >= nearest, first + husband, -1)
    has = away.donor >= 0
    parity[away.wife] = np.where(has, resident.parity[away.donor], 0)
    for rows in (away.married, away.other):
        waiting[rows] = np.where(has, resident.waiting[away.donor], 0)
    return partner, mother, father, parity, waiting


def _years_away(age: Integers, lot: Floats, about: Assumed) -> Integers:
    """Years since the natives left, at 18 or (one in three of those old enough) at 22."""
    school, college = about.away_from, about.away_from + 4
    early = (lot < about.leaving_18_to_22 / (1 + about.leaving_18_to_22)) | (age < college)
    return np.where(early, age - school, age - college)


def emigrants(
    town: Town, left: Integers, year: int, fraction: float, seed: int, resident: Residents, about: Assumed
) -> Away:
    """The away with their partners and children under 18; rows and keys run on after the residents'.

    left[2, 101]: natives away in the real town (see `stock`), of whom `fraction` is founded.
    """
    first = len(resident.age)
    counts = scaled(left, fraction)
    states = civil_states(town.japan, counts)
    sex, age, civil = (np.repeat(place, states.ravel()) for place in np.indices(states.shape).reshape(3, -1))
    natives = len(age)
    own = Lots(seed, keys_of(1, seed, np.arange(first, first + natives)))
    family = _families(resident, age, sex, civil, own, about.partner_age_gap_mean)
    couples, children = len(family.married), len(family.child_age)
    n = natives + couples + children
    lots = Lots(seed, keys_of(1, seed, np.arange(first, first + n)))
    boy = lots.of(Lot.AWAY_SEX)[natives + couples :] < about.boys
    ages = np.concatenate([age, family.other_age, family.child_age])
    sexes = np.concatenate([sex, 1 - sex[family.married], np.where(boy, MALE, FEMALE)])
    partner, mother, father, parity, waiting = _links(resident, family, natives, ages, about.youngest_mother)
    mother[:natives] = _mothers_here(town, year, resident, age, own, about)
    years = _years_away(age, own.of(Lot.AWAY_TENURE), about)
    of_couple = years[family.married]
    tenure = np.minimum(np.concatenate([years, of_couple, of_couple[family.couple]]), np.minimum(ages, LONGEST))
    work, sector = _work(town, ages, sexes, lots, about)
    origin = np.repeat([NATIVE, INCOMER], [natives, n - natives])
    civil = np.concatenate([civil, np.full(couples, MARRIED), np.full(children, NEVER)])
    return Away(lots.keys, ages, sexes, origin, tenure, civil, partner, mother, father, parity, waiting, work, sector)
