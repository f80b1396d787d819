"""Tidy rows as a town folder holds them, and the day on which each kind of figure became known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from abm.errors import InputError
from machi.intake.cells import OPEN, TOTAL, UNKNOWN, AgeGroup, number

Tidy = dict[str, str | int]
Group = tuple[int, int]  # first and last age; the last is OPEN in an open group

COLUMNS: dict[str, tuple[str, ...]] = {
    "population": ("year", "sex", "age_from", "age_to", "persons"),
    "register_population": ("year", "date", "nationality", "sex", "age_from", "age_to", "persons"),
    "vital": ("year", "period_from", "period_to", "nationality", "item", "item_ja", "events"),
    "households": ("year", "item", "item_ja", "households"),
    "work": ("year", "item", "item_ja", "sex", "persons"),
    "industries": ("year", "ownership", "industry", "industry_ja", "employees"),
    "official_projection": ("year", "sex", "age_from", "age_to", "persons"),
}
MEASURES = ("persons", "events", "households", "employees")
CENSUS_KNOWN = {2015: date(2016, 10, 26), 2010: date(2011, 10, 26), 2005: date(2006, 10, 31), 2000: date(2001, 10, 31)}
ECONOMIC_KNOWN = {2014: date(2015, 11, 30), 2016: date(2018, 6, 30)}
PROJECTION_KNOWN = {2015: date(2018, 3, 30)}
PROJECTION_LAG = 3  # years from the census at its base to the projection


@dataclass(frozen=True)
class Reading:
    """What one file gave: its kind, the years, the rows by table, and the name of the municipality if it says."""

    path: Path
    kind: str
    years: tuple[int, ...]
    rows: Mapping[str, list[Tidy]]
    name_ja: str = ""

    @property
    def count(self) -> int:
        """How many rows the file gave."""
        return sum(map(len, self.rows.values()))


def census_known(year: int) -> date:
    """When a census's people and households became known."""
    return CENSUS_KNOWN.get(year, date(year + 1, 12, 31))


def work_known(year: int) -> date:
    """When a census's work and industry became known."""
    return date(year + 2, 4, 30)


def stock_known(day: date) -> date:
    """When the register of a day became known."""
    return date(day.year, 7, 31) if (day.month, day.day) == (1, 1) else date(day.year, 8, 31)


def flows_known(last: date) -> date:
    """When the flows of a period that ends on a day became known."""
    return stock_known(last + timedelta(days=1)) if last.month == 12 else date(last.year, 8, 31)


def vital_known(year: int) -> date:
    """When the vital statistics of a year became known."""
    return date(year + 1, 9, 30)


def economic_known(year: int) -> date:
    """When an economic census became known."""
    return ECONOMIC_KNOWN.get(year, date(year + 2, 6, 30))


def projection_known(base: int) -> date:
    """When the projection from a census became known."""
    return PROJECTION_KNOWN.get(base, date(base + PROJECTION_LAG, 12, 31))


def whole(path: Path, what: str, cell: str) -> int | None:
    """The whole number in a cell, None where it is withheld; InputError where it is no number."""
    try:
        value = number(cell)
    except ValueError as error:
        raise InputError(f"{path}: {what} is {cell!r}, which is no figure; correct the cell.") from error
    if value is not None and value != round(value):
        raise InputError(f"{path}: {what} is {cell}, not a whole number; give the table of counts.")
    return None if value is None else round(value)


def five_year_groups(path: Path, what: str, figures: Mapping[AgeGroup, int | None]) -> dict[Group, int]:
    """The five-year groups from 0 without gap up to the open one, in order.

    Groups that overlap (15-64, single years) are left aside; InputError where one is missing or withheld.
    """
    groups: dict[Group, int] = {}
    start = 0
    while True:
        for end in (start + 4, OPEN):
            if AgeGroup("group", start, end) in figures:
                break
        else:
            raise InputError(f"{path}: {what} has no ages {start}-{start + 4}; give the table of five-year groups.")
        value = figures[AgeGroup("group", start, end)]
        if value is None:
            raise InputError(f"{path}: {what}, ages from {start}, is withheld; give a file that prints the figure.")
        groups[start, end] = value
        if end == OPEN:
            return groups
        start += 5


def opened_at(path: Path, what: str, groups: Mapping[Group, int], age: int) -> dict[Group, int]:
    """The groups with everybody of `age` and over in one open group (InputError where the table opens lower)."""
    if max(start for start, _ in groups) < age:
        raise InputError(f"{path}: {what} opens before {age}; give the table with ages to {age} and over.")
    below = {group: value for group, value in groups.items() if group[0] < age}
    return {**below, (age, OPEN): sum(value for group, value in groups.items() if group[0] >= age)}


def age_rows(groups: Mapping[Group, int], total: int, **texts: str | int) -> list[Tidy]:
    """A row of the total and one of each age group, with the texts of their other columns."""
    rows: list[Tidy] = [{**texts, "age_from": "total", "age_to": "", "persons": total}]
    for (start, end), persons in groups.items():
        rows.append({**texts, "age_from": start, "age_to": "" if end == OPEN else end, "persons": persons})
    return rows


def by_age(path: Path, what: str, cells: Iterable[tuple[AgeGroup, str]]) -> dict[AgeGroup, int | None]:
    """Figures by age group; InputError where an age stands twice with different figures."""
    found: dict[AgeGroup, int | None] = {}
    for age, cell in cells:
        label = f"{what}, {age.kind} {age.start if age.start >= 0 else ''}".rstrip()
        value = whole(path, label, cell)
        if age in found and found[age] != value:
            twice = f"{path}: {label} stands twice with different figures"
            raise InputError(f"{twice}; give a table of one kind of people.")
        found[age] = value
    return found


def summed(path: Path, what: str, groups: Mapping[Group, int], figures: Mapping[AgeGroup, int | None]) -> int:
    """The printed total, which ages and unknown ages must make up (InputError); the sum where none is printed."""
    total, unknown = figures.get(TOTAL), figures.get(UNKNOWN) or 0
    parts = sum(groups.values()) + unknown
    if total is not None and total != parts:
        raise InputError(f"{path}: the ages of {what} sum to {parts} but the total is {total}; correct the file.")
    return parts
