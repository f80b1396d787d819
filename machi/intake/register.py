"""The residents' register: people by sex and five-year age group on one day (年齢階級別人口, xls or xlsx)."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from abm.errors import InputError
from machi.intake.cells import BOTH, FEMALE, MALE, AgeGroup, days_in, years_in
from machi.intake.crosstab import Crosstab, figures
from machi.intake.tidy import Reading, Tidy, age_rows, by_age, five_year_groups, stock_known, summed

SOURCE = "register_population"
FIRST_JANUARY, FOREIGNERS_IN = 2014, date(2012, 7, 9)  # stocks were of 31 March before; foreigners are residents since
EVERYBODY, INCLUDED = ("総計", "全住民"), "含"
MINISTRY = re.compile(r"([0-9]{2})[0-9]{2}([sng]?)s(?:nen|jin)")  # 1404ssnen: file 04 of 2014, everybody
LETTERS = {"s": "total", "n": "japanese", "g": "foreign"}
CENTURY = 90  # two-digit years from here on are of the 1900s


@dataclass(frozen=True)
class Said:
    """What a user says of a file that does not say it itself."""

    day: date | None = None
    nationality: str | None = None


def stock_of(year: int) -> date:
    """The day of the register of a year."""
    return date(year, 1, 1) if year >= FIRST_JANUARY else date(year, 3, 31)


def day_and_people(table: Crosstab, said: Said) -> tuple[date, str]:
    """The day of a register file and whose it is (japanese or total).

    Looked for in what the user said, in the lines above the table with the sheet's name, and in the ministry's own
    file names; InputError where none says it, and for files of foreign residents only.
    """
    lines = (*table.title, table.sheet.name)
    ministry = MINISTRY.fullmatch(table.path.stem.lower())
    day = said.day or _day_in((*lines, *_headings(table))) or (_day_named(ministry[1]) if ministry else None)
    if day is None:
        raise InputError(f"{table.path} does not say of which day it is; write {table.path.name}=2014-01-01.")
    people = said.nationality or ("japanese" if day < FOREIGNERS_IN else _people_in(lines))
    people = people or (LETTERS.get(ministry[2]) if ministry else None)
    if people is None:
        raise InputError(f"{table.path} does not say whose register it is; write {table.path.name}={day},total.")
    if people == "foreign":
        raise InputError(f"{table.path} counts foreign residents only; give the file 総計 or 日本人住民.")
    return day, people


def _people_in(lines: Sequence[str]) -> str | None:
    """Whose register the lines above a table name: `total` also where both peoples are named or are included."""
    foreign, japanese = (any(word in line for line in lines) for word in ("外国人", "日本人"))
    everybody = any(word in line for line in lines for word in EVERYBODY)
    included = any("外国人" in line and INCLUDED in line for line in lines)
    if everybody or included or (foreign and japanese):
        return "total"
    return "foreign" if foreign else "japanese" if japanese else None


def _headings(table: Crosstab) -> tuple[str, ...]:
    """The texts of the header that may name a day."""
    return tuple(dict.fromkeys(part for parts in table.header for part in parts if len(part) > 3))


def _day_in(lines: Sequence[str]) -> date | None:
    """The stock's day in the lines above a table: a printed day, else the only year that they name."""
    days = [day for line in lines for day in days_in(line) if day == stock_of(day.year)]
    if days:
        return max(days)
    years = {year for line in lines for year in years_in(line)}
    return stock_of(years.pop()) if len(years) == 1 else None


def _day_named(two_digits: str) -> date:
    year = int(two_digits)
    return stock_of(1900 + year if year >= CENTURY else 2000 + year)


def read_register(table: Crosstab, code: str, said: Said) -> Reading:
    """The register of a municipality on one day, with the open group that the file has (80 to 2014, then 100)."""
    day, people = day_and_people(table, said)
    cells: dict[str, list[tuple[AgeGroup, str]]] = defaultdict(list)
    for figure in figures(table, code):
        cells[figure.sex].append((figure.age, figure.cell))
    rows: list[Tidy] = []
    sums = dict.fromkeys((MALE, FEMALE, BOTH), 0)
    for sex in (MALE, FEMALE, BOTH):
        if sex not in cells and sex == BOTH:
            continue
        if sex not in cells:
            raise InputError(f"{table.path} has no row of sex {sex} for {code}; give the table by sex and age.")
        what = f"the register of {day}, sex {sex}"
        found = by_age(table.path, what, cells[sex])
        groups = five_year_groups(table.path, what, found)
        sums[sex] = summed(table.path, what, groups, found)
        about: Tidy = {"source": SOURCE, "known_from": stock_known(day).isoformat()}
        if sex != BOTH:
            texts = {"year": day.year, "date": day.isoformat(), "nationality": people, "sex": sex, **about}
            rows += age_rows(groups, sums[sex], **texts)
    if BOTH in cells and sums[MALE] + sums[FEMALE] != sums[BOTH]:
        wrong = f"{table.path}: men and women of {day} sum to {sums[MALE] + sums[FEMALE]}"
        raise InputError(f"{wrong} but the total is {sums[BOTH]}; correct the file.")
    return Reading(table.path, "register", (day.year,), {"register_population": rows}, municipality(table, code))


def municipality(table: Crosstab, code: str) -> str:
    """The name in the column 市区町村名, without the ministry's marks."""
    columns = [c for c in table.columns("市区町村") if not any("コード" in part for part in table.header[c])]
    names = [table.rows_of(code)[0][c].strip("* ") for c in columns]
    return next((name for name in names if name and not name.isdecimal()), "")
