"""Who studies, works, looks for work or does neither at the start, in which sector and kind of work, and
where.
"""

from typing import NamedTuple

import numpy as np

from abm.founding.base import Base
from abm.founding.census import AGES, group_of, scaled, split_group_rates
from abm.founding.kinship import FIRST
from abm.known.assumed import Assumed
from abm.known.japan import Japan
from abm.known.town import Town
from abm.people.apportionment import (
    Floats,
    Integers,
    Lot,
    Lots,
    Mask,
    largest_remainders,
    lowest,
    lowest_by_cell,
    waiting_times,
)
from abm.people.population import (
    FEMALE,
    IN_TOWN,
    MALE,
    NONREGULAR,
    OUT_COMMUTER,
    OUTSIDE,
    REGULAR,
    REMOTE,
    SECTORS,
    SELF_EMPLOYED,
    STUDENT,
    UNEMPLOYED,
)

YOUNGEST_WORKER, SCHOOL_ENDS = 16, 22
INDUSTRIES = {  # the census's industries in the model's sectors; everything else is "services"
    "primary": ("agriculture_forestry", "fishery"),
    "manufacturing": ("manufacturing",),
    "construction": ("mining", "construction"),
    "ict": ("ict", "professional"),
    "trade": ("trade", "real_estate", "hospitality"),
    "health": ("health",),
}
THIRDS = (("primary",), ("manufacturing", "construction"), ("ict", "trade", "health", "services"))
UNCLASSIFIED = "unclassified"


class Jobs(NamedTuple):
    """work, sector and workplace of persons, as in `Persons`."""

    work: Integers
    sector: Integers
    workplace: Integers


class Workers(NamedTuple):
    """Who they are: age, sex, is the mother of a child under 3, is kept from work (in an institution), and
    lots.
    """

    age: Integers
    sex: Integers
    mother_of_infant: Mask
    kept: Mask
    lots: Lots


def sector_shares(industries: dict[str, float]) -> Floats:
    """Shares of the seven sectors in a table of industries, float64[7]."""
    named = {name for names in INDUSTRIES.values() for name in names} | {UNCLASSIFIED}
    shares = [sum(industries.get(name, 0.0) for name in INDUSTRIES.get(sector, ())) for sector in SECTORS]
    shares[SECTORS.index("services")] = sum(v for name, v in industries.items() if name not in named)
    return np.array(shares) / sum(shares)


def sector_totals(town: Town, employed: Floats) -> Floats:
    """Employed residents by sector in the real town, float64[7], from those of the three sectors.

    The three sectors exactly; within them the mean of the shares of the town's establishments
    (which leave out most public employers) and of the prefecture's employed residents.
    """
    shares = (sector_shares(dict(town.industry_employees)) + sector_shares(dict(town.japan.industry_employed))) / 2
    totals = np.zeros(len(SECTORS))
    for third, persons in zip(THIRDS, employed, strict=True):
        places = [SECTORS.index(name) for name in third]
        totals[places] = shares[places] / shares[places].sum() * persons
    return totals


def employment_rates(japan: Japan, people: Integers, totals: Integers, about: Assumed) -> Floats:
    """Employed per resident by sex and single age, [2, 101], that give the totals by sex.

    The prefecture's rates are moved by the same odds at every age, no group by more than `most_deviation`.
    """
    persons = people.astype(np.float64)
    groups = japan.employed_rate.shape[1]
    group = group_of(FIRST, groups)
    in_group = np.stack([persons[:, group == g].sum(axis=1) for g in range(groups)], axis=1)
    base = np.clip(japan.employed_rate, 1e-6, 1 - 1e-6)
    odds = base / (1 - base)
    moved = base.copy()
    for sex in range(2):
        low, high = -8.0, 8.0
        for _ in range(60):
            factor = np.exp((low + high) / 2)
            shifted = odds[sex] * factor / (1 + odds[sex] * factor)
            moved[sex] = np.clip(shifted, base[sex] - about.most_deviation, base[sex] + about.most_deviation)
            if (moved[sex] * in_group[sex]).sum() > totals[sex]:
                high = (low + high) / 2
            else:
                low = (low + high) / 2
        moved[sex] = np.clip(moved[sex], 0.0, 1.0)
    rates = split_group_rates(moved, persons, FIRST)
    shape = np.array(about.employed_15_to_19)
    young = slice(FIRST, FIRST + len(shape))
    expected = (shape * persons[:, young]).sum(axis=1)
    wanted = moved[:, 0] * persons[:, young].sum(axis=1)
    rates[:, young] = shape * (wanted / np.maximum(expected, 1e-9))[:, None]
    return np.clip(rates, 0.0, 1.0)


def unemployed_weights(about: Assumed) -> Floats:
    """Relative chance of being unemployed by single age, float64[101]."""
    band = np.searchsorted(np.array(about.unemployed_ages), np.arange(AGES), side="right") - 1
    return np.where(band >= 0, np.array(about.unemployed_profile)[band], 0.0)


def _labour(
    who: Workers, people: Integers, rates: Floats, employed: Integers, unemployed: Integers, about: Assumed
) -> Integers:
    """STUDENT, OUTSIDE, UNEMPLOYED or REGULAR (any work) of everybody; the totals by sex are exact."""
    age, sex, lots = who.age, who.sex, who.lots
    work = np.where(age < YOUNGEST_WORKER, STUDENT, OUTSIDE)
    student = np.zeros(AGES)
    student[YOUNGEST_WORKER : SCHOOL_ENDS + 1] = about.student_16_to_22
    work[(lots.of(Lot.STUDENT) < student[age]) & ~who.kept] = STUDENT
    weight = np.where(who.mother_of_infant, about.mother_of_infant, 1.0)
    race = waiting_times(lots.of(Lot.EMPLOYED), weight)
    profile = unemployed_weights(about)
    for s in (MALE, FEMALE):
        can = (sex == s) & (work == OUTSIDE) & ~who.kept
        there = np.bincount(age[can], minlength=AGES)
        wanted = _within(rates[s] * people[s], there, int(employed[s]))
        work[lowest_by_cell(race, np.where(can, age, -1), wanted)] = REGULAR
        can &= work == OUTSIDE
        there = np.bincount(age[can], minlength=AGES)
        wanted = _within(profile * people[s], there, int(unemployed[s]))
        work[lowest_by_cell(lots.of(Lot.UNEMPLOYED), np.where(can, age, -1), wanted)] = UNEMPLOYED
    return work


def _within(weights: Floats, there: Integers, total: int) -> Integers:
    """Whole numbers by age that sum to the total, in proportion to the weights, nowhere more than are
    there.
    """
    wanted = np.minimum(largest_remainders(weights, total), there)
    for _ in range(20):
        missing = total - int(wanted.sum())
        if missing <= 0:
            break
        open_ages = np.where(there > wanted, weights + 1e-9, 0.0)
        wanted = np.minimum(wanted + largest_remainders(open_ages, missing), there)
    return wanted


def _raked(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """A table with these margins, by iterative proportional fitting."""
    for _ in range(50):
        table = table * (rows / table.sum(axis=1))[:, None]
        table = table * (columns / table.sum(axis=0))
    return table


def _sectors(who: Workers, employed: Mask, totals: Floats, about: Assumed) -> Integers:
    """A sector for every worker; the totals by sector are those given, scaled to the number of workers."""
    by_sex = np.bincount(who.sex[employed], minlength=2).astype(np.float64)
    women = np.array(about.women_by_sector)
    rows = totals * (by_sex.sum() / totals.sum())
    table = _raked(np.stack([rows * (1 - women), rows * women], axis=1), rows, np.maximum(by_sex, 1e-9))
    wanted = largest_remainders(rows, int(by_sex.sum()))
    female = np.minimum(largest_remainders(table[:, FEMALE], int(by_sex[FEMALE])), wanted)
    male = wanted - female
    sector = np.full(len(who.age), -1, dtype=np.int64)
    farming = np.array(about.primary_by_age)[np.searchsorted((FIRST, 30, 50, 65, 75), who.age, side="right") - 1]
    race = waiting_times(who.lots.of(Lot.PRIMARY), farming)
    for s, numbers in ((MALE, male), (FEMALE, female)):
        of_sex = employed & (who.sex == s)
        sector[lowest(race, of_sex, int(numbers[0]))] = 0
        rest = np.flatnonzero(of_sex & (sector < 0))
        rest = rest[np.argsort(who.lots.of(Lot.SECTOR)[rest], kind="stable")]
        others = np.repeat(np.arange(1, len(SECTORS)), numbers[1:])
        sector[rest[: len(others)]] = others[: len(rest)]
        sector[rest[len(others) :]] = len(SECTORS) - 1
    return sector


def kinds_of_work(japan: Japan, who: Workers, sector: Integers, about: Assumed) -> Integers:
    """SELF_EMPLOYED, REGULAR or NONREGULAR of those with a sector (OUTSIDE for the rest)."""
    employed = sector >= 0
    work = np.where(employed, REGULAR, OUTSIDE)
    primary = sector == 0
    lot = who.lots.of(Lot.SELF_EMPLOYED)
    own = round(japan.self_employed_share * int(employed.sum()))
    farmers = lowest(lot, primary, round(about.self_employed_primary * int(primary.sum())))
    work[farmers] = SELF_EMPLOYED
    band = np.maximum(np.searchsorted((FIRST, 30, 50, 65, 75), who.age, side="right") - 1, 0)
    race = waiting_times(lot, np.array(about.self_employed_by_age)[band])
    work[lowest(race, employed & ~primary, own - len(farmers))] = SELF_EMPLOYED
    employees = np.flatnonzero(work == REGULAR)
    # officers of companies are employees in the model and count as regular
    nonregular = (
        japan.nonregular_share_employees * japan.work["employees"] / (japan.work["employees"] + japan.work["officers"])
    )
    band = np.maximum(np.searchsorted((FIRST, 20, 40, 60, 65), who.age[employees], side="right") - 1, 0)
    men = np.array(about.nonregular_men)
    men[1] = about.nonregular_share_men_20_39
    female = who.sex[employees] == FEMALE
    number_of_men = men[band][~female].sum()
    # the share of men 20-39 is of all employed, the self-employed included
    young = ~female & (band == 1)
    all_young = employed & (who.sex == MALE) & (who.age >= 20) & (who.age < 40)
    chance = np.where(female, np.array(about.nonregular_women)[band], men[band])
    chance[young] *= int(all_young.sum()) / max(int(young.sum()), 1)
    wanted_women = nonregular * len(employees) - number_of_men
    chance[female] *= wanted_women / max(chance[female].sum(), 1e-9)
    part = who.lots.of(Lot.NONREGULAR)[employees] < np.clip(chance, 0.0, 0.95)
    work[employees[part]] = NONREGULAR
    return work


def _workplaces(japan: Japan, who: Workers, sector: Integers, work: Integers, about: Assumed) -> Integers:
    """IN_TOWN, OUT_COMMUTER or REMOTE; the prefecture's share of out-commuters by sex, farmers stay."""
    place = np.full(len(sector), IN_TOWN, dtype=np.int64)
    lot = who.lots.of(Lot.OUT_COMMUTER)
    for s in (MALE, FEMALE):
        employed = (sector >= 0) & (who.sex == s)
        out = round(japan.out_commuter_share[s] * int(employed.sum()))
        place[lowest(lot, employed & (sector > 0) & (work != SELF_EMPLOYED), out)] = OUT_COMMUTER
    remote = round(about.remote * int((sector >= 0).sum()))
    place[lowest(-lot, (sector > 0) & (place == IN_TOWN), remote)] = REMOTE
    return place


def jobs_of(town: Town, base: Base, who: Workers, fraction: float, about: Assumed) -> Jobs:
    """The work of all residents; employed and unemployed by sex and sectors as the base's figures x fraction."""
    people = scaled(base.people, fraction)
    employed = np.array([round(x * fraction) for x in base.employed])
    unemployed = np.array([round(x * fraction) for x in base.unemployed])
    rates = employment_rates(town.japan, people, employed, about)
    work = _labour(who, people, rates, employed, unemployed, about)
    sector = _sectors(who, work == REGULAR, sector_totals(town, base.sectors), about)
    kinds = kinds_of_work(town.japan, who, sector, about)
    work = np.where(sector >= 0, kinds, work)
    return Jobs(work, sector, _workplaces(town.japan, who, sector, work, about))
