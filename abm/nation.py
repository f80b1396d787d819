"""The nation's schedules and official paths: death rates and births by age, life expectancy and fertility to come."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from abm.errors import InputError
from abm.tables import SEXES, Floats, Integers, Table, by_sex, sealed, sealed_counts

LIFE_TABLE_AGES = (0, 1, *range(5, 101, 5))
AGE = ("age_from", "age_to")

Read = Callable[..., Table]
Path = tuple[Floats, Floats]  # (years, values by year)


@dataclass(frozen=True, eq=False)
class Schedules:
    """What is known of the nation's deaths and births by age; arrays read-only, rates per person-year.

    UN estimates: mx [periods, 2, 22] at mx_ages 0, 1, 5..100 (sex axis 0 = male); asfr [periods, 9] of ages 10-14 ..
    50-54; tfr [periods]. IPSS 2017 medium paths: total fertility, and life expectancy [years, 2]; None before they
    were known.
    """

    mx_periods: tuple[int, ...]
    mx_ages: Integers
    mx: Floats
    asfr: Floats
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


def _fertility_path(table: Table) -> Path | None:
    if not table.rows:
        return None
    return sealed(table.years()), sealed([table.value("tfr", year=year) for year in table.years()])


def _life_path(table: Table) -> Path | None:
    if not table.rows:
        return None
    lives = [[table.value("years_at_birth", year=year, sex=sex) for sex in SEXES] for year in table.years()]
    return sealed(table.years()), sealed(lives)


def read_schedules(read: Read) -> Schedules:
    """The nation's schedules from the tables mortality, asfr, tfr_path and life_expectancy_path."""
    deaths = read("mortality", ("period_from", "period_to", "sex", *AGE), ("mx",))
    asfr, tfr = _asfr(read("asfr", ("period_from", "period_to", *AGE), ("births_per_woman",)))
    return Schedules(
        mx_periods=_periods(deaths),
        mx_ages=sealed_counts(LIFE_TABLE_AGES),
        mx=sealed([by_sex(deaths, "mx", LIFE_TABLE_AGES, True, period_from=p) for p in _periods(deaths)]),
        asfr=asfr,
        tfr=tfr,
        tfr_path=_fertility_path(read("tfr_path", ("year",), ("tfr",))),
        life_expectancy_path=_life_path(read("life_expectancy_path", ("year", "sex"), ("years_at_birth",))),
    )
