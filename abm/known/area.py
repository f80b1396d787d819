"""Stocks and flows of an area (a town, a prefecture or the nation), with the day on which each became known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from abm.errors import InputError
from abm.reading.tables import CENSUS_AGES, SEXES, Floats, Table, sealed, spread_unknown

Read = Callable[..., Table]
LOWEST_OPEN_AGE = 80  # of a register: everything is compared in groups to 80 and over
NATIONALITIES = ("japanese", "total")
EVENTS = ("births", "deaths", "moves_in", "moves_out", "social", "marriages", "divorces", "births_printed")
REGISTER_AGES = tuple(range(0, 101, 5))
CENSUS_DAY = (10, 1)
CENSUS_OPEN_AGE = CENSUS_AGES[-1]


@dataclass(frozen=True, eq=False)
class Stock:
    """People on one day, float64[2, 21] by sex and five-year group to 100 and over; empty above the open group."""

    day: float  # in years: 2015.75 is 1 October 2015
    people: Floats
    open_age: int
    known_from: date


@dataclass(frozen=True, eq=False)
class Flow:
    """Events from one day to another, in years; a kind of event that no table gives is not there."""

    start: float
    end: float
    events: Mapping[str, float]
    known_from: date

    @property
    def years(self) -> float:
        """Length of the period in years."""
        return self.end - self.start


@dataclass(frozen=True)
class Disturbed:
    """A time whose migration is no guide to other times (a disaster); windows over it count `weight` as much."""

    start: float
    end: float
    weight: float


@dataclass(frozen=True, eq=False)
class Area:
    """One area's stocks and flows, oldest first; register and flows by nationality (japanese or total)."""

    key: str
    name_ja: str
    name_en: str
    census: tuple[Stock, ...]
    register: Mapping[str, tuple[Stock, ...]]
    flows: Mapping[str, tuple[Flow, ...]]
    official: Mapping[int, Floats] = field(default_factory=dict)  # projected year -> [2, 19]
    evacuees: float = 0.0  # who fled to the area and are counted by the census of one year
    evacuees_year: int = 0
    disturbed: tuple[Disturbed, ...] = ()

    def stocks(self, basis: str, nationality: str = "total") -> tuple[Stock, ...]:
        """The stocks of a basis (census or register), oldest first."""
        return self.census if basis == "census" else self.register.get(nationality, ())

    def fled_in(self, year: int) -> float:
        """Evacuees among the people whom the census of a year counts."""
        return self.evacuees if year == self.evacuees_year else 0.0

    def is_disturbed(self, start: float, end: float) -> bool:
        """Whether a disturbed time touches these years."""
        return any(min(time.end, end) > max(time.start, start) for time in self.disturbed)


def in_years(day: date) -> float:
    """A day as a year with its fraction (quarters exact for the days that statistics use)."""
    return day.year + (day.month - 1) / 12 + (day.day - 1) / 365


def stock_day(day: date) -> float:
    """The day of a stock: that of its last moment, so that 31 March is the beginning of April."""
    return round((in_years(day) + (1 / 365 if day.day > 28 else 0.0)) * 12) / 12


def read_area(
    read: Read, key: str, names: tuple[str, str], of: Mapping[str, str], withheld: float = 0.0, **more: object
) -> Area:
    """An area's census, register and flows from the tables of one folder (`of` names its rows there).

    withheld: the share of a register's people that may be missing in its ages (small counts that a prefecture does
    not disclose); what is missing is spread over the ages. A town's ages must sum to its total.
    """
    age = ("age_from", "age_to")
    keys = (*of, "year", "sex", *age)
    official = read("official_projection", keys, ("persons",), optional=True).where(**of)
    return Area(
        key=key, name_ja=names[0], name_en=names[1],
        census=census_stocks(read("population", keys, ("persons",)).where(**of)),
        register=register_stocks(
            read("register_population", (*of, "year", "date", "nationality", "sex", *age), ("persons",),
                 optional=True).where(**of),
            withheld,
        ),
        flows=register_flows(
            read("vital", (*of, "period_from", "period_to", "nationality", "item"), ("events",),
                 signed=("events",), optional=True).where(**of)
        ),
        official={year: projected(official, year) for year in official.years()} if official.rows else {},
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def census_stocks(table: Table) -> tuple[Stock, ...]:
    """The censuses of an area, unknown ages spread within sex."""
    years = tuple(table.years())
    persons, _ = spread_unknown(table, years)
    stocks = []
    for year, groups in zip(years, persons, strict=True):
        people = np.zeros((len(SEXES), len(REGISTER_AGES)))
        people[:, : len(CENSUS_AGES)] = groups
        rows = table.where(year=year).rows
        known = max(date.fromisoformat(row.texts["known_from"]) for row in rows)
        stocks.append(Stock(stock_day(date(year, *CENSUS_DAY)), sealed(people), CENSUS_OPEN_AGE, known))
    return tuple(stocks)


def register_stocks(table: Table, withheld: float) -> dict[str, tuple[Stock, ...]]:
    """The register's stocks by nationality; ages must sum to the printed total."""
    found: dict[str, tuple[Stock, ...]] = {}
    for nationality in table.texts("nationality"):
        _one_of(table, "nationality", nationality, NATIONALITIES)
        rows = table.where(nationality=nationality)
        found[nationality] = tuple(
            sorted((_stock(rows, day, withheld) for day in rows.texts("date")), key=lambda s: s.day)
        )
    return found


def _stock(table: Table, day: str, withheld: float) -> Stock:
    """The register of one day."""
    rows, when = table.where(date=day), stock_day(_date(table, "date", day))
    ages = [int(text) for text in rows.texts("age_from") if text.isdecimal()]
    top = max(ages, default=0)
    if top < LOWEST_OPEN_AGE:
        low = f"{table.path}: the oldest age group of {day} begins at {top}"
        raise InputError(f"{low}; give five-year groups to {LOWEST_OPEN_AGE} and over.")
    starts = tuple(age for age in REGISTER_AGES if age <= top)
    people = np.zeros((len(SEXES), len(REGISTER_AGES)))
    for s, sex in enumerate(SEXES):
        people[s, : len(starts)] = rows.ages("persons", starts, True, date=day, sex=sex)
        total = rows.value("persons", date=day, sex=sex, age_from="total")
        missing = total - people[s].sum()
        if not 0 <= missing <= withheld * total:
            raise InputError(
                f"{table.path}: ages of {day}, sex {sex} sum to {people[s].sum():.0f} but the total is "
                f"{total:.0f}; correct the rows of this date."
            )
        people[s] *= total / people[s].sum() if missing else 1.0
    return Stock(when, sealed(people), top, _known(rows))


def register_flows(table: Table) -> dict[str, tuple[Flow, ...]]:
    """Events by nationality and period, oldest first."""
    found: dict[str, list[Flow]] = {}
    for row in table.rows:
        _one_of(table, "item", row.texts["item"], EVENTS)
    for nationality in table.texts("nationality"):
        _one_of(table, "nationality", nationality, NATIONALITIES)
        rows = table.where(nationality=nationality)
        for first in rows.texts("period_from"):
            found.setdefault(nationality, []).extend(_flows_from(rows.where(period_from=first), first))
    return {key: tuple(sorted(flows, key=lambda f: f.start)) for key, flows in found.items()}


def _flows_from(table: Table, first: str) -> list[Flow]:
    """The periods that begin on one day (one, unless a table changes from fiscal to calendar years)."""
    flows = []
    for last in table.texts("period_to"):
        rows = table.where(period_to=last)
        events = {item: rows.value("events", item=item) for item in rows.texts("item")}
        start = stock_day(_date(table, "period_from", first))
        end = stock_day(_date(table, "period_to", last))
        for item, number in events.items():
            if number < 0 and item != "social":
                raise InputError(f"{table.path}: {item} from {first} is negative; write a figure of 0 or more.")
        if end <= start:
            raise InputError(f"{table.path}: period_to {last} is not after period_from {first}; correct the period.")
        flows.append(Flow(start, end, events, _known(rows)))
    return flows


def projected(table: Table, year: int) -> Floats:
    """An official projection's people of a year, [2, 19]; ages must sum to the printed total."""
    people = np.array([table.ages("persons", CENSUS_AGES, True, year=year, sex=sex) for sex in SEXES])
    for s, sex in enumerate(SEXES):
        total = table.value("persons", year=year, sex=sex, age_from="total")
        if abs(people[s].sum() - total) > 1:
            summed = f"{table.path}: ages of {year}, sex {sex} sum to {people[s].sum():.0f}"
            raise InputError(f"{summed}, not to {total:.0f}; correct them.")
    return sealed(people)


def _known(table: Table) -> date:
    return max(date.fromisoformat(row.texts["known_from"]) for row in table.rows)


def _date(table: Table, name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{table.path}: {name} is {text!r}; write a day such as 2015-01-01.") from error


def _one_of(table: Table, name: str, text: str, allowed: Sequence[str]) -> None:
    if text not in allowed:
        raise InputError(f"{table.path}: the {name} {text} is unknown; use one of {', '.join(allowed)}.")


def read_disturbed(path: Path, entries: object) -> tuple[Disturbed, ...]:
    """The times that town.toml or prefectures.toml calls disturbed."""
    if not isinstance(entries, list):
        raise InputError(f"{path}: disturbed is not a list of tables; write [[disturbed]] with two brackets.")
    found = []
    for k, entry in enumerate(entries, start=1):
        where = f"{path}, [[disturbed]] number {k}"
        if not isinstance(entry, dict) or not all(type(entry.get(name)) is date for name in ("from", "to")):
            raise InputError(f"{where}: from and to are not days; write them as YYYY-MM-DD without quotes.")
        weight = entry.get("weight")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
            raise InputError(f"{where}: weight is {weight!r}; write a share from 0 to 1.")
        if entry["to"] <= entry["from"]:
            raise InputError(f"{where}: to is not after from; correct the days.")
        found.append(Disturbed(stock_day(entry["from"]), stock_day(entry["to"]), float(weight)))
    return tuple(found)
