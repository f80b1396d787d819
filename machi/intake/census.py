"""The census: people by sex and five-year age group, as e-Stat hands it out (CSV or Excel)."""

from collections import defaultdict

from abm.errors import InputError
from machi.intake.cells import FEMALE, MALE, TOTAL, UNKNOWN, AgeGroup, years_in
from machi.intake.crosstab import Crosstab, figures
from machi.intake.tidy import Reading, Tidy, age_rows, by_age, census_known, five_year_groups, opened_at, summed

SOURCE = "census_population"
OPEN_AGE, EVERY = 90, 5
SAYS_YEAR = ("国勢調査", "調査年", "実施年")

Cells = list[tuple[AgeGroup, str]]


def read_census(table: Crosstab, code: str, said: int | None) -> Reading:
    """The censuses of a municipality in one table; `said` is the year where the table does not say it.

    Ages of 90 and over are one group; an unknown-age cell that is withheld counts as what the total leaves.
    """
    cells: dict[tuple[int, str], Cells] = defaultdict(list)
    printed = said or _year_in(table.title)
    for figure in figures(table, code):
        year = figure.year or printed
        if year is None:
            raise InputError(f"{table.path} does not say of which census it is; write --census {table.path.name}=2015.")
        cells[year, figure.sex].append((figure.age, figure.cell))
    years = tuple(sorted({year for year, sex in cells if sex in (MALE, FEMALE)}))
    if not years:
        raise InputError(f"{table.path} has no people by sex and age; give the table by sex and five-year age group.")
    rows: list[Tidy] = []
    for year in years:
        if year % EVERY:
            raise InputError(f"{table.path}: there was no census in {year}; give a census table.")
        totals = 0
        for sex in (MALE, FEMALE):
            found = _rows(table, year, sex, cells[year, sex])
            totals += int(found[0]["persons"])
            rows += found
        _compare(table, year, totals, cells.get((year, "T"), []))
    return Reading(table.path, "census", years, {"population": rows})


def _year_in(title: tuple[str, ...]) -> int | None:
    """The census year that the lines above a table name."""
    lines = [line for line in title if any(word in line for word in SAYS_YEAR)] or list(title)
    found = [year for line in [*lines, *title] for year in years_in(line) if year % EVERY == 0]
    return found[0] if found else None


def _rows(table: Crosstab, year: int, sex: str, cells: Cells) -> list[Tidy]:
    """The rows of one census and sex: total, age groups, unknown ages."""
    what = f"census {year}, sex {sex}"
    found = by_age(table.path, what, cells)
    groups = opened_at(table.path, what, five_year_groups(table.path, what, found), OPEN_AGE)
    total, unknown = found.get(TOTAL), found.get(UNKNOWN)
    if total is not None and unknown is None:
        unknown = total - sum(groups.values())
        if unknown < 0 or (unknown and UNKNOWN not in found):
            summed(table.path, what, groups, found)
    total = summed(table.path, what, groups, {**found, UNKNOWN: unknown})
    about: Tidy = {"source": SOURCE, "known_from": census_known(year).isoformat()}
    rows = age_rows(groups, total, year=year, sex=sex, **about)
    return [*rows, {**about, "year": year, "sex": sex, "age_from": "unknown", "age_to": "", "persons": unknown or 0}]


def _compare(table: Crosstab, year: int, totals: int, both: Cells) -> None:
    """Men and women must make up the printed total of both."""
    printed = by_age(table.path, f"census {year}, both sexes", both).get(TOTAL)
    if printed is not None and printed != totals:
        raise InputError(
            f"{table.path}: men and women of {year} sum to {totals} but the total is {printed}; correct the file."
        )
