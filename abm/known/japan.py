"""Figures that a town borrows from its prefecture and the nation, read from one folder and frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from abm.known.behaviour import Behaviour, read_behaviour, read_founding
from abm.known.destinations import Destinations, read_destinations
from abm.known.nation import AGE, NATION, Read, Schedules, read_schedules
from abm.reading.sources import Assumption, Source, read_assumptions, read_sources
from abm.reading.tables import (
    CENSUS_AGES,
    Floats,
    Table,
    by_sex,
    items,
    read_table,
    sealed,
    spread_unknown,
)

CIVIL_STATES = ("never_married", "married", "widowed", "divorced")
ADULT_AGES = tuple(range(15, 86, 5))
MOVER_AGES = (*range(0, 46, 5), 65)
OLDEST_AGES = (90, 95, 100)
ORDERS = ("1", "2", "3+")
STRUCTURE_YEARS = (2010, 2015)  # censuses with civil states and work; the last is the base
PER_THOUSAND = 1000.0


@dataclass(frozen=True, eq=False)
class Japan(Schedules):
    """The nation's and one prefecture's figures; arrays read-only, sex axis 0 = male, 1 = female.

    Rates are per person-year. The prefecture's figures are those of `prefecture`; "national" ones say so.
    """

    prefecture: str
    # births per married woman, [years, 7] ages 15-19..45-49; shares of orders 1, 2, 3+ [7, 3]
    birth_order_share: Floats
    births_by_order: Mapping[str, float]
    # events of the prefecture by calendar year
    marriages: Mapping[int, float]
    divorces: Mapping[int, float]
    # hazards: first marriage [2, 9] ages 15-19..55-59; remarriage [2, 12] ages 15-19..65-69, 70+
    first_marriage_hazard: Floats
    first_marriage_hazard_national: Floats
    first_marriage_hazard_counted: Floats  # nation [2, 9]: of vital statistics, over the ages each cohort lived through
    remarriage_rate: Floats
    # movers between municipalities per resident, [11] ages 0-4..40-44, 45-64, 65+ (nation, both sexes); [0] before
    # they were known
    mover_rate: Floats
    # prefecture by sex and age: census [years, 2, 19]; civil states [2, 15, 4] and employed per resident
    # [2, 15] of ages 15-19..85+; shares of 90-94, 95-99, 100+ among 90 and over [2, 3]
    census_years: tuple[int, ...]
    census: Floats
    census_national: Floats
    civil_share: Floats
    civil_share_2010: Floats
    employed_rate: Floats
    employed_rate_2010: Floats
    open_age_share: Floats
    # prefecture's work, 2015
    regular_share_employees: float
    nonregular_share_employees: float
    self_employed_share: float
    out_commuter_share: Floats
    in_commuter_share: float
    employed_total: float
    vacancies: float
    applicants: float
    industry_employed: Mapping[str, float]
    work: Mapping[str, float]
    work_2010: Mapping[str, float]  # some items only; empty where the census before is not given
    # prefecture's households, 2015
    elderly_single_share_male: float
    lone_mother_households: float
    lone_father_households: float
    institution_members: float
    households: Mapping[str, float]
    destinations: Destinations  # beyond the prefecture's border
    households_2010: Mapping[str, float]
    assumptions: Mapping[str, Assumption]
    behaviour: Behaviour
    founding: Behaviour
    sources: Mapping[str, Source]


def _orders(table: Table) -> Floats:
    """Shares of first, second and later births by age of mother, [7, 3], each row summing to 1."""
    starts = tuple(range(15, 46, 5))
    births = np.array([table.ages("births_per_woman", starts, False, birth_order=o) for o in ORDERS]).T
    return sealed(births / births.sum(axis=1, keepdims=True))


def _remarriage(table: Table) -> Floats:
    """Remarriages per widowed or divorced person-year, [2, 12]; wives beyond the table go as men do."""
    starts = tuple(range(15, 71, 5))
    men = np.array(table.ages("remarriages_per_1000", starts, True, sex="M"))
    given = len(table.where(sex="F").rows)
    if not 0 < given <= len(starts):
        raise table.missing("sex F, age group 15-19 and those above it")
    wives = np.array(table.ages("remarriages_per_1000", starts[:given], given == len(starts), sex="F"))
    women = np.concatenate([wives, wives[-1] * men[given:] / men[given - 1]])
    return sealed(np.array([men, women]) / PER_THOUSAND)


def _first_marriage(table: Table, area: str) -> Floats:
    """Cohort hazards of first marriage, [2, 9]; tiny negative values at high ages become 0."""
    return sealed(np.maximum(0.0, by_sex(table, "annual_hazard", tuple(range(15, 56, 5)), False, area=area)))


def _counted_first_marriages(rates: Table, civil: Table) -> Floats:
    """First-marriage hazards that vital statistics count, [2, 9] of cohorts 15-19 .. 55-59 over five years (nation).

    First marriages per person over the never married per person of the census; a cohort spends half of its five years
    in the next age group.
    """
    starts = tuple(range(15, 61, 5))
    first = by_sex(rates, "first_marriages_per_1000", starts, False) / PER_THOUSAND
    hazard = first / _civil(civil, NATION, STRUCTURE_YEARS[0])[:, : len(starts), 0]
    return sealed((hazard[:, :-1] + hazard[:, 1:]) / 2)


def _civil(table: Table, area: str, year: int) -> Floats:
    """Shares of the four civil states by sex and age, [2, 15, 4], of persons whose state is known."""
    of = {"area": area, "year": str(year)}
    counts = [by_sex(table, "persons", ADULT_AGES, True, **of, status=state) for state in CIVIL_STATES]
    persons = np.stack(counts, axis=-1)
    return sealed(persons / persons.sum(axis=-1, keepdims=True))


def _employed_rate(table: Table, population: Floats, area: str, year: int) -> Floats:
    """Employed per resident by sex and age, [2, 15]; population[2, 19] with unknown ages spread."""
    adults = population[:, CENSUS_AGES.index(ADULT_AGES[0]) :]
    oldest = len(ADULT_AGES) - 1
    residents = np.concatenate([adults[:, :oldest], adults[:, oldest:].sum(axis=1, keepdims=True)], axis=1)
    workers = by_sex(table, "persons", ADULT_AGES, True, area=area, year=year)
    return sealed(np.minimum(1.0, workers / residents))


def _item(table: Table, values: Mapping[str, float], item: str) -> float:
    if item not in values:
        raise table.missing(f"item {item}")
    return values[item]


def _schedules(read: Read, prefecture: str) -> dict[str, Any]:
    """Schedules by age: mortality, births, marriage and moves."""
    by_order = read("births_by_order", ("year", "birth_order"), ("share",))
    marriages = read("first_marriage_hazard", ("area", "sex", *AGE), ("annual_hazard",), signed=("annual_hazard",))
    orders = read("births_by_order_age", ("birth_order", *AGE), ("births_per_woman",))
    movers = read("movers", AGE, ("movers_per_resident",))
    return {
        "birth_order_share": _orders(orders),
        "births_by_order": {o: by_order.value("share", birth_order=o) for o in by_order.texts("birth_order")},
        "first_marriage_hazard": _first_marriage(marriages, prefecture),
        "first_marriage_hazard_national": _first_marriage(marriages, NATION),
        "first_marriage_hazard_counted": _counted_first_marriages(
            read("first_marriage_rate", ("sex", *AGE), ("first_marriages_per_1000",)),
            read("marital_status", ("area", "year", "sex", "status", *AGE), ("persons",)),
        ),
        "remarriage_rate": _remarriage(read("remarriage", ("sex", *AGE), ("remarriages_per_1000",))),
        "mover_rate": sealed(movers.ages("movers_per_resident", MOVER_AGES, True) if movers.rows else []),
    }


def _events(table: Table, area: str, item: str) -> dict[int, float]:
    """The yearly events of an area."""
    rows = table.where(area=area, item=item)
    return {year: rows.value("value", year=year) for year in rows.years()} if rows.rows else {}


def _people(read: Read, prefecture: str) -> dict[str, Any]:
    """The prefecture's people by age and sex: census, civil states, work and the oldest."""
    keys = ("area", "year", "sex", *AGE)
    population = read("population", keys, ("persons",))
    years = tuple(population.where(area=prefecture).years())
    for year in STRUCTURE_YEARS:
        if year not in years:
            raise population.missing(f"area {prefecture}, year {year}")
    census, _ = spread_unknown(population, years, area=prefecture)
    national, _ = spread_unknown(population, years, area=NATION)
    civil = read("marital_status", (*keys, "status"), ("persons",))
    employed = read("employed", keys, ("persons",))
    before, base = STRUCTURE_YEARS
    old = read("oldest_old", keys, ("persons",))
    oldest = by_sex(old, "persons", OLDEST_AGES, True, area=prefecture, year=base)
    return {
        "census_years": years,
        "census": census,
        "census_national": national,
        "civil_share": _civil(civil, prefecture, base),
        "civil_share_2010": _civil(civil, prefecture, before),
        "employed_rate": _employed_rate(employed, census[years.index(base)], prefecture, base),
        "employed_rate_2010": _employed_rate(employed, census[years.index(before)], prefecture, before),
        "open_age_share": sealed(oldest / oldest.sum(axis=1, keepdims=True)),
    }


def _before(table: Table, prefecture: str) -> dict[str, float]:
    """The items of the census before, as far as the table gives them."""
    rows = table.where(area=prefecture, year=STRUCTURE_YEARS[0])
    return items(rows) if rows.rows else {}


def _work(table: Table, prefecture: str) -> dict[str, Any]:
    """The prefecture's work: status, commuting, and the monthly mean of open positions and applicants."""
    work = items(table, area=prefecture, year=STRUCTURE_YEARS[-1])
    of = partial(_item, table, work)
    known = of("employees") + of("officers") + of("self_employed_and_family")
    leaving = np.array([of("out_commuters_men"), of("out_commuters_women")])
    staying = np.array([of("work_in_own_municipality_men"), of("work_in_own_municipality_women")])
    regular = of("regular_employees") / of("employees")
    months = 12
    industries = {k.removeprefix("industry_"): v for k, v in work.items() if k.startswith("industry_")}
    return {
        "regular_share_employees": regular,
        "nonregular_share_employees": 1.0 - regular,
        "self_employed_share": of("self_employed_and_family") / known,
        "out_commuter_share": sealed(leaving / (leaving + staying)),
        "in_commuter_share": of("in_commuters") / (of("in_commuters") + of("work_in_own_municipality")),
        "employed_total": of("employed"),
        "vacancies": of("open_positions_year") / months,
        "applicants": of("applicants_year") / months,
        "industry_employed": industries,
        "work": work,
        "work_2010": _before(table, prefecture),
    }


def _households(table: Table, prefecture: str) -> dict[str, Any]:
    """The prefecture's households by type."""
    households = items(table, area=prefecture, year=STRUCTURE_YEARS[-1])
    of = partial(_item, table, households)
    return {
        "elderly_single_share_male": of("elderly_singles_men") / of("elderly_singles"),
        "lone_mother_households": of("lone_mother_households"),
        "lone_father_households": of("lone_father_households"),
        "institution_members": of("institution_members"),
        "households": households,
        "households_2010": _before(table, prefecture),
    }


def read_japan(folder: Path, prefecture: str, known_by: date | None = None) -> Japan:
    """The borrowed figures of a prefecture (two-digit code) from a folder such as towns/japan.

    known_by drops rows that became known later; raises InputError where a needed figure is missing or wrong.
    """
    sources = read_sources(folder)

    def read(name: str, keys: Sequence[str], numbers: Sequence[str], **how: Any) -> Table:
        return read_table(folder, name, keys, numbers, sources, known_by, **how)

    schedules = read_schedules(read, prefecture)
    series = read("prefecture_series", ("area", "year", "item"), ("value",), optional=True)
    return Japan(
        prefecture=prefecture,
        marriages=_events(series, prefecture, "marriages"),
        divorces=_events(series, prefecture, "divorces"),
        destinations=read_destinations(folder, prefecture),
        assumptions=read_assumptions(folder),
        behaviour=read_behaviour(folder),
        founding=read_founding(folder),
        sources=sources,
        **{f.name: getattr(schedules, f.name) for f in fields(schedules)},
        **_schedules(read, prefecture),
        **_people(read, prefecture),
        **_work(read("prefecture_work", ("area", "year", "item"), ("value",)), prefecture),
        **_households(read("prefecture_households", ("area", "year", "item"), ("value",)), prefecture),
    )
