"""A town as data: its folder read, checked and frozen, with what it borrows from prefecture and nation."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from abm.errors import InputError
from abm.known.area import Read
from abm.known.japan import Japan, read_japan
from abm.known.published import PublishedFigure, read_published
from abm.known.setting import TOWN_TEXTS, Setting, borrowed_code, check_fields, read_setting, reader
from abm.reading.sources import Assumption, Source, read_toml
from abm.reading.tables import (
    SEXES,
    Floats,
    Integers,
    Table,
    sealed,
    sealed_counts,
    spread_unknown,
)

__all__ = ["Assumption", "Japan", "PublishedFigure", "Source", "Town", "read_town"]

HOUSEHOLD_ITEMS = ("all", "general", "members", "single", "nuclear", "elderly_couple", "elderly_single")
SECTORS = ("primary", "secondary", "tertiary")
BASES = ("census", "register")


@dataclass(frozen=True, eq=False)
class Town:
    """A town's own figures; arrays read-only, sex axis 0 = male, 1 = female, five-year age groups from 0-4.

    census [years, 2, 19] (to 90 and over, unknown ages spread within sex); census_total int64 [years, 2], as
    printed. Register stocks and flows stand in `setting`, with those of prefecture and nation.
    """

    key: str
    code: str
    name_ja: str
    name_en: str
    prefecture: str
    prefecture_ja: str
    prefecture_en: str
    bases: tuple[str, ...]
    census_years: tuple[int, ...]
    census: Floats
    census_total: Integers
    households: Mapping[str, int]
    employed: Integers
    unemployed: Integers
    outside_labour: Integers
    sector_employed: Floats
    industry_employees: Mapping[str, float]
    setting: Setting
    published: tuple[PublishedFigure, ...]
    tfr_printed: Mapping[int, float]
    sources: Mapping[str, Source]
    japan: Japan
    carried_back: bool = False  # households and work are estimates, see `earlier_town`


def _names(path: Path, toml: Mapping[str, Any]) -> dict[str, Any]:
    """The names, codes and bases of town.toml."""
    check_fields(path, toml)
    for name in TOWN_TEXTS:
        if not isinstance(toml.get(name), str) or not toml[name]:
            raise InputError(f"{path}: the field {name} is missing or not text; write it in quotes.")
    bases = toml.get("bases")
    if not isinstance(bases, list) or not bases or any(base not in BASES for base in bases):
        raise InputError(f"{path}: the field bases must list one or both of {', '.join(BASES)}; correct it.")
    return {**{name: toml[name] for name in TOWN_TEXTS}, "bases": tuple(bases)}


def _households(table: Table, year: int, residents: int) -> dict[str, int]:
    """The household totals of the census year, which must fit into one another and into the population."""
    found = {item: round(table.value("households", year=year, item=item)) for item in HOUSEHOLD_ITEMS}
    limits = (
        ("general", found["all"], "all"),
        ("members", residents, "the census population"),
        ("single", found["general"], "general"),
        ("nuclear", found["general"] - found["single"], "general minus single"),
        ("elderly_couple", found["nuclear"], "nuclear"),
        ("elderly_single", found["single"], "single"),
    )
    for item, limit, name in limits:
        if found[item] > limit:
            raise InputError(
                f"{table.path}: {item} of {year} is {found[item]}, more than {name} ({limit}); correct it."
            )
    return found


def _work(table: Table, year: int, residents: Integers) -> dict[str, Any]:
    """Labour states by sex, and the employed of the three sectors with the unknown spread."""
    states = {
        item: sealed_counts([table.value("persons", year=year, item=item, sex=sex) for sex in SEXES])
        for item in ("employed", "unemployed", "outside_labour")
    }
    if (sum(states.values(), np.zeros(len(SEXES), dtype=np.int64)) > residents).any():
        raise InputError(f"{table.path}: the three labour states of {year} exceed the residents; correct them.")
    sectors = np.array([table.value("persons", year=year, item=sector, sex="T") for sector in SECTORS])
    employed = states["employed"].sum()
    if not 0 < sectors.sum() <= employed:
        raise InputError(
            f"{table.path}: the three sectors of {year} sum to {sectors.sum():.0f}, not to the {employed} "
            "employed or a little less; correct them."
        )
    return {**states, "sector_employed": sealed(sectors * (employed / sectors.sum()))}


def _industries(table: Table) -> dict[str, float]:
    """Employees by industry, each from the newest year that gives it (2016 private, else 2014 all)."""
    found: dict[str, float] = {}
    for year in table.years():
        rows = table.where(year=year)
        of_year = {name: rows.value("employees", industry=name) for name in rows.texts("industry")}
        total = of_year.pop("total", math.inf)
        if sum(of_year.values()) > total:
            raise InputError(f"{table.path}: the industries of {year} exceed their total; correct the rows.")
        found |= of_year
    return found


def _own_figures(read: Read) -> dict[str, Any]:
    """Everything that the town's own tables give."""
    age = ("age_from", "age_to")
    population = read("population", ("year", "sex", *age), ("persons",))
    years = tuple(population.years())
    census, total = spread_unknown(population, years)
    newest = years[-1]
    households = read("households", ("year", "item"), ("households",))
    return {
        "census_years": years,
        "census": census,
        "census_total": total,
        "households": _households(households, newest, int(total[-1].sum())),
        **_work(read("work", ("year", "item", "sex"), ("persons",)), newest, total[-1]),
        "industry_employees": _industries(read("industries", ("year", "industry"), ("employees",))),
    }


def read_town(town_dir: Path, japan_dir: Path, known_by: date | None = None) -> Town:
    """The town of a folder such as towns/iwaki with what it borrows from japan_dir.

    known_by keeps only rows known by that day. Raises InputError, one sentence naming file, row or field and
    remedy, where a table, column, age group or source is missing, a figure is negative or not a number, or
    totals disagree.
    """
    path = town_dir / "town.toml"
    toml = read_toml(path)
    names = _names(path, toml)
    read, sources = reader(town_dir, known_by)
    published = read_published(town_dir, known_by)

    return Town(
        **names,
        published=published,
        tfr_printed={figure.year: figure.value for figure in published if figure.indicator == "tfr"},
        **_own_figures(read),
        setting=read_setting(town_dir, japan_dir, known_by),
        sources=sources,
        japan=read_japan(japan_dir, borrowed_code(japan_dir, names["prefecture"]), known_by),
    )
