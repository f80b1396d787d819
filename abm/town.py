"""A town as data: its folder read, checked and frozen, with what it borrows from prefecture and nation."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from abm.errors import InputError
from abm.japan import Japan, Read, read_japan
from abm.sources import Assumption, Source, day, read_sources, read_toml, toml_number
from abm.tables import (
    CENSUS_AGES,
    SEXES,
    Floats,
    Integers,
    Table,
    read_table,
    sealed,
    sealed_counts,
    spread_unknown,
)

__all__ = ["Assumption", "Japan", "PublishedFigure", "Source", "Town", "read_town"]

REGISTER_AGES = tuple(range(0, 101, 5))
FLOWS = ("births", "deaths", "moves_in", "moves_out", "marriages", "divorces", "births_printed")
HOUSEHOLD_ITEMS = ("all", "general", "members", "single", "nuclear", "elderly_couple", "elderly_single")
SECTORS = ("primary", "secondary", "tertiary")
SCHEMA = 1
TOWN_TEXTS = ("key", "code", "name_ja", "name_en", "prefecture", "prefecture_ja", "prefecture_en")
TOWN_FIELDS = {"schema", "bases", "evacuees", "published", *TOWN_TEXTS}
BASES = ("census", "register")

Sources = Mapping[str, Source]


@dataclass(frozen=True)
class PublishedFigure:
    """A figure that the city has printed; it is compared with, never fed in."""

    indicator: str
    year: int
    value: float
    unit: str
    source: str
    label_ja: str = ""


@dataclass(frozen=True, eq=False)
class Town:
    """A town's own figures; arrays read-only, sex axis 0 = male, 1 = female, five-year age groups from 0-4.

    census [years, 2, 19] (to 90 and over, unknown ages spread within sex); census_total int64 [years, 2], as
    printed. register_population: year -> [2, 21] (to 100 and over) on 1 January; where register_open_age of
    the year is lower (80), all of that age and over stand in its group and the groups above hold 0.
    net_migration_5y [2, 18]: rates of those born within the five years, then of ages 0-4 .. 75-79 and 80 and
    over at the start. Flows of a year that no table gives are nan.
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
    register: Mapping[int, Mapping[str, float]]
    register_population: Mapping[int, Floats]
    register_open_age: Mapping[int, int]
    net_migration_5y: Floats
    net_migration_5y_counts: Floats
    evacuees: int
    published: tuple[PublishedFigure, ...]
    tfr_printed: Mapping[int, float]
    mortality_multiplier: float
    past_mortality_multiplier: float
    fertility_multiplier: float
    sources: Mapping[str, Source]
    japan: Japan


def _names(path: Path, toml: Mapping[str, Any]) -> dict[str, Any]:
    """The names, codes and bases of town.toml."""
    if toml.get("schema") != SCHEMA:
        raise InputError(f"{path}: schema is {toml.get('schema')!r}; write schema = {SCHEMA}.")
    for name in toml:
        if name not in TOWN_FIELDS:
            raise InputError(f"{path}: the field {name} is unknown; remove it or correct its spelling.")
    for name in TOWN_TEXTS:
        if not isinstance(toml.get(name), str) or not toml[name]:
            raise InputError(f"{path}: the field {name} is missing or not text; write it in quotes.")
    bases = toml.get("bases")
    if not isinstance(bases, list) or not bases or any(base not in BASES for base in bases):
        raise InputError(f"{path}: the field bases must list one or both of {', '.join(BASES)}; correct it.")
    return {**{name: toml[name] for name in TOWN_TEXTS}, "bases": tuple(bases)}


def _known(path: Path, where: str, entry: object, sources: Sources, known_by: date | None) -> bool:
    """Whether an entry of town.toml was known by the date; its source must be described."""
    if not isinstance(entry, dict):
        raise InputError(f"{path}, {where}: write it as a table with source and known_from.")
    if entry.get("source") not in sources:
        unknown = f"{path}, {where}: source {entry.get('source')!r} is not in sources.toml"
        raise InputError(f"{unknown}; describe it there.")
    return day(path, where, entry.get("known_from", "")) <= (known_by or date.max)


def _printed(path: Path, toml: Mapping[str, Any], sources: Sources, known_by: date | None) -> dict[str, Any]:
    """The city's evacuees and published figures."""
    refuge = toml.get("evacuees", {})
    evacuees = 0
    if refuge and _known(path, "[evacuees]", refuge, sources, known_by):
        evacuees = round(toml_number(path, "[evacuees]", refuge, "persons"))
        if evacuees < 0:
            raise InputError(f"{path}, [evacuees]: persons is negative; write 0 or more.")
    published = []
    for k, entry in enumerate(toml.get("published", []), start=1):
        where = f"[[published]] number {k}"
        if not _known(path, where, entry, sources, known_by):
            continue
        for name in ("indicator", "unit"):
            if not isinstance(entry.get(name), str):
                raise InputError(f"{path}, {where}: the field {name} is not text; write it in quotes.")
        published.append(
            PublishedFigure(
                indicator=entry["indicator"],
                year=int(toml_number(path, where, entry, "year")),
                value=toml_number(path, where, entry, "value"),
                unit=entry["unit"],
                source=entry["source"],
                label_ja=str(entry.get("label_ja", "")),
            )
        )
    tfr = {figure.year: figure.value for figure in published if figure.indicator == "tfr"}
    return {"evacuees": evacuees, "published": tuple(published), "tfr_printed": tfr}


def _register_population(table: Table) -> dict[str, Any]:
    """The register by year, sex and age, and the age at which each year's open group begins."""
    people: dict[int, Floats] = {}
    open_age: dict[int, int] = {}
    for year in table.years() if table.rows else []:
        rows = table.where(year=year)
        ages = [int(text) for text in rows.texts("age_from") if text.isdecimal()]
        top = max(ages, default=0)
        starts = tuple(age for age in REGISTER_AGES if age <= top)
        grid = np.zeros((len(SEXES), len(REGISTER_AGES)))
        for s, sex in enumerate(SEXES):
            grid[s, : len(starts)] = rows.ages("persons", starts, True, sex=sex)
            total = rows.value("persons", sex=sex, age_from="total")
            if grid[s].sum() != total:
                raise InputError(
                    f"{table.path}: ages of year {year}, sex {sex} sum to {grid[s].sum():.0f} but the "
                    f"total is {total:.0f}; correct the rows of this year."
                )
        people[year], open_age[year] = sealed(grid), top
    return {"register_population": people, "register_open_age": open_age}


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


def _flows(table: Table) -> dict[int, dict[str, float]]:
    """Register and vital events by calendar year; nan where a year has no figure."""
    flows: dict[int, dict[str, float]] = {}
    for item in table.texts("item"):
        if item not in FLOWS:
            raise InputError(f"{table.path}: the item {item} is unknown; use one of {', '.join(FLOWS)}.")
    for year in table.years() if table.rows else []:
        rows = table.where(year=year)
        given = rows.texts("item")
        flows[year] = {item: rows.value("events", item=item) if item in given else math.nan for item in FLOWS}
    return flows


def _net_migration(table: Table) -> dict[str, Floats]:
    """Residual net migration over five years by sex and age at the start: rates and persons."""
    starts = tuple(age for age in CENSUS_AGES if age <= 80)
    columns = {"net_migration_5y": "rate", "net_migration_5y_counts": "net_migrants"}
    return {
        name: sealed(
            [
                [table.value(column, sex=sex, age_from="birth"), *table.ages(column, starts, True, sex=sex)]
                for sex in SEXES
            ]
        )
        for name, column in columns.items()
    }


def _own_figures(read: Read) -> dict[str, Any]:
    """Everything that the town's own tables give."""
    age = ("age_from", "age_to")
    population = read("population", ("year", "sex", *age), ("persons",))
    years = tuple(population.years())
    census, total = spread_unknown(population, years)
    newest = years[-1]
    net = ("rate", "net_migrants")
    migration = read("net_migration_2014_2019", ("sex", *age), net, net)
    multipliers = read("multipliers", ("item",), ("multiplier",))
    households = read("households", ("year", "item"), ("households",))
    return {
        "census_years": years,
        "census": census,
        "census_total": total,
        "households": _households(households, newest, int(total[-1].sum())),
        **_work(read("work", ("year", "item", "sex"), ("persons",)), newest, total[-1]),
        "industry_employees": _industries(read("industries", ("year", "industry"), ("employees",))),
        "register": _flows(read("vital", ("year", "item"), ("events",))),
        **_register_population(read("register_population", ("year", "sex", *age), ("persons",))),
        **_net_migration(migration),
        "fertility_multiplier": multipliers.value("multiplier", item="fertility"),
        "mortality_multiplier": multipliers.value("multiplier", item="mortality"),
        "past_mortality_multiplier": multipliers.value("multiplier", item="mortality_past"),
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
    sources = read_sources(town_dir)

    def read(name: str, keys: Sequence[str], numbers: Sequence[str], signed: Sequence[str] = ()) -> Table:
        return read_table(town_dir, name, keys, numbers, sources, known_by, signed)

    return Town(
        **names,
        **_printed(path, toml, sources, known_by),
        **_own_figures(read),
        sources=sources,
        japan=read_japan(japan_dir, names["prefecture"], known_by),
    )
