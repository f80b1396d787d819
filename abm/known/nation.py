"""The nation's schedules and official paths, and the age pattern of births of the prefecture that is looked at."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from abm.errors import InputError
from abm.reading.tables import SEXES, Floats, Integers, Table, by_sex, sealed, sealed_counts

LIFE_TABLE_AGES = (0, 1, *range(5, 101, 5))
AGE = ("age_from", "age_to")
NATION = "00"
MOTHERS = tuple(range(15, 46, 5))
MIDDLE = 2.5  # years from the beginning of a period of the schedules to its middle

Read = Callable[..., Table]
Path = tuple[Floats, Floats]  # (years, values by year)


@dataclass(frozen=True, eq=False)
class Schedules:
    """What is known of the nation's deaths and births by age; arrays read-only, rates per person-year.

    UN estimates: mx [periods, 2, 22] at mx_ages 0, 1, 5..100 (sex axis 0 = male); asfr [periods, 9] of ages 10-14 ..
    50-54, and own_asfr the same at the prefecture's age pattern, with the nation's totals; tfr [periods]. IPSS 2017
    medium paths: total fertility, and life expectancy [years, 2]; None before they were known.
    """

    mx_periods: tuple[int, ...]
    mx_ages: Integers
    mx: Floats
    asfr: Floats
    own_asfr: Floats
    tfr: Floats
    tfr_path: Path | None
    life_expectancy_path: Path | None


def _periods(table: Table) -> tuple[int, ...]:
    return tuple(table.years("period_from"))


def _asfr(table: Table) -> tuple[Floats, Floats]:
    """National births per woman by period and age, and their total fertility rates."""
    starts = tuple(range(10, 51, 5))
    rates = np.array([table.ages("births_per_woman", starts, False, period_from=p) for p in _periods(table)])
    tfr = [table.value("births_per_woman", period_from=p, age_from="total") for p in _periods(table)]
    width = starts[1] - starts[0]
    if not np.allclose(rates.sum(axis=1) * width, tfr, rtol=0.01):
        raise InputError(f"{table.path}: the age rows do not sum to their period's total; correct them.")
    return sealed(rates), sealed(tfr)


def age_pattern(rates: Floats, national: Floats) -> Floats:
    """A prefecture's share of births at each age over the nation's, [9] of ages 10-14 .. 50-54, of rates [7] each.

    Births from 40 on are few in one prefecture's year, so one figure stands for all of them; those under 15 and from
    50 on go with their neighbours.
    """
    own, nation = rates / rates.sum(), national / national.sum()
    late = own[5:].sum() / nation[5:].sum()
    young = own[:5] / nation[:5]
    return np.concatenate([young[:1], young, [late, late, late]])


def _mothers(table: Table, area: str, year: int) -> Floats:
    """Births per woman of ages 15-19 .. 45-49 in an area, [7]; InputError where an age has none."""
    rates = np.array(table.ages("births_per_woman", MOTHERS, False, area=area, year=year))
    if not (rates > 0).all():
        raise InputError(f"{table.path}: area {area} has an age without births in {year}; give a figure above 0.")
    return rates


def _own_asfr(table: Table, code: str, periods: tuple[int, ...], asfr: Floats) -> Floats:
    """The nation's rates at a prefecture's age pattern, scaled to the nation's total of each period.

    The pattern is linear between the years of the table and constant before and after; the nation's own where the
    table knows nothing of the prefecture.
    """
    known = table.where(area=code)
    if not known.rows:
        return asfr
    found = [age_pattern(_mothers(table, code, year), _mothers(table, NATION, year)) for year in known.years()]
    middles = np.array(periods) + MIDDLE
    pattern = np.stack([np.interp(middles, known.years(), one) for one in np.array(found).T], axis=1)
    shaped = asfr * pattern
    return sealed(shaped * (asfr.sum(axis=1) / shaped.sum(axis=1))[:, None])


def _fertility_path(table: Table) -> Path | None:
    if not table.rows:
        return None
    return sealed(table.years()), sealed([table.value("tfr", year=year) for year in table.years()])


def _life_path(table: Table) -> Path | None:
    if not table.rows:
        return None
    lives = [[table.value("years_at_birth", year=year, sex=sex) for sex in SEXES] for year in table.years()]
    return sealed(table.years()), sealed(lives)


def read_schedules(read: Read, code: str) -> Schedules:
    """The schedules of a prefecture from mortality, asfr, births_by_mother_age, tfr_path and life_expectancy_path."""
    deaths = read("mortality", ("period_from", "period_to", "sex", *AGE), ("mx",))
    births = read("asfr", ("period_from", "period_to", *AGE), ("births_per_woman",))
    asfr, tfr = _asfr(births)
    mothers = read("births_by_mother_age", ("area", "year", *AGE), ("births_per_woman",), optional=True)
    return Schedules(
        mx_periods=_periods(deaths),
        mx_ages=sealed_counts(LIFE_TABLE_AGES),
        mx=sealed([by_sex(deaths, "mx", LIFE_TABLE_AGES, True, period_from=p) for p in _periods(deaths)]),
        asfr=asfr,
        own_asfr=_own_asfr(mothers, code, _periods(births), asfr),
        tfr=tfr,
        tfr_path=_fertility_path(read("tfr_path", ("year",), ("tfr",))),
        life_expectancy_path=_life_path(read("life_expectancy_path", ("year", "sex"), ("years_at_birth",))),
    )
