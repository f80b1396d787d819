"""A printed table of people by area, sex and age, however it is turned: ages, sexes and years in rows or columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from abm.errors import InputError
from machi.intake.cells import (
    BOTH,
    FEMALE,
    MALE,
    AgeGroup,
    age_label,
    cell_text,
    is_figure,
    sex_label,
    year_label,
)
from machi.intake.codes import rows_with_code
from machi.intake.sheets import Sheet

MOST_HEADER_ROWS = 8
LEAST_HEADER_CELLS = 3  # a note or a line such as `表題：` has fewer
FEWEST_AGES = 10
AREA_WORDS = ("団体", "地域", "市区町村", "都道府県", "area")
VALUE_WORDS = ("value", "値", "人口", "$")
YEAR_WORDS = ("時間軸", "年次", "調査年", "time")
NO_LABELS = ("コード", "code", "補助", "注記", "annotation", "単位", "unit")
WHOLE = ("総数", "全域", "国籍総数", "人口", "計")
RECALLED = ("再掲", "割合", "指数", "%")


class Figure(NamedTuple):
    """One cell of a table: its year (None where the table does not say), sex, age group and text."""

    year: int | None
    sex: str
    age: AgeGroup
    cell: str


@dataclass(frozen=True)
class Crosstab:
    """A sheet cut into what stands above, the parts of each column's header, and the rows below."""

    sheet: Sheet
    title: tuple[str, ...]
    header: tuple[tuple[str, ...], ...]
    body: tuple[tuple[str, ...], ...]

    @property
    def path(self) -> Path:
        """The file of the table."""
        return self.sheet.path

    def columns(self, *words: str) -> list[int]:
        """The columns in whose header one of the words stands."""
        return [c for c, parts in enumerate(self.header) if any(w in part for part in parts for w in words)]

    @cached_property
    def code_columns(self) -> list[int]:
        """The columns that may hold the areas' codes, the likeliest first."""
        codes = self.columns("コード", "code", "Code")
        named = [c for c in codes if any(w in part for part in self.header[c] for w in AREA_WORDS)]
        return [*named, *(c for c in codes if c not in named), *self.columns(*AREA_WORDS)]

    def rows_of(self, code: str) -> list[tuple[str, ...]]:
        """The rows of a municipality (InputError when there are none)."""
        for column in dict.fromkeys(self.code_columns):
            found = rows_with_code((row[column] for row in self.body), code)
            if found:
                return [self.body[k] for k in found]
        raise InputError(f"{self.path} has no row with the code {code}; give the table of all municipalities.")


def crosstab(sheet: Sheet) -> Crosstab | None:
    """The sheet as a cross table, or None where nothing looks like one."""
    first = next((k for k, row in enumerate(sheet.rows) if _is_data(row)), None)
    if first is None:
        return None
    top = first
    while top > max(0, first - MOST_HEADER_ROWS) and (
        len(_filled(sheet.rows[top - 1])) >= LEAST_HEADER_CELLS or top == first
    ):
        top -= 1
    lines = [row for row in sheet.rows[top:first] if len(_filled(row)) >= LEAST_HEADER_CELLS]
    title = tuple(cell for row in sheet.rows[:first] if row not in lines for cell in dict.fromkeys(row) if cell)
    parts = zip(*_carried(lines), strict=True) if lines else [() for _ in sheet.rows[first]]
    # Printed headings are spaced out (`総 数`) and broken over lines; no heading needs its blanks.
    header = tuple(tuple(dict.fromkeys(part.replace(" ", "") for part in column if part)) for column in parts)
    return Crosstab(sheet, title, header, sheet.rows[first:])


def _filled(row: Sequence[str]) -> set[str]:
    return {cell for cell in row if cell}


def _is_data(row: Sequence[str]) -> bool:
    """Whether a row holds at least two figures and no age groups."""
    figures = 0
    for cell in row:
        label = age_label(cell)
        if label is not None and label.kind == "group":
            return sum(map(is_figure, row)) >= 2 and len({a for a in map(age_label, row) if a}) < LEAST_HEADER_CELLS
        figures += is_figure(cell)
    return figures >= 2


def _carried(lines: Sequence[Sequence[str]]) -> list[list[str]]:
    """Header lines in which a blank takes its left neighbour's text, as long as they share all lines above."""
    carried: list[list[str]] = []
    for k, line in enumerate(lines):
        row = list(line)
        last = k == len(lines) - 1
        for c in range(1, len(row)):
            if not row[c] and not last and all(above[c] == above[c - 1] for above in carried):
                row[c] = row[c - 1]
        carried.append(row)
    return carried


def figures(table: Crosstab, code: str) -> Iterator[Figure]:
    """Every figure of a municipality with its year, sex and age; raises InputError where the rows are not clear."""
    rows = table.rows_of(code)
    width = len(table.header)
    values = [{row[c] for row in rows} for c in range(width)]
    sexes = next((c for c in range(width) if {MALE, FEMALE} <= set(map(sex_label, values[c]))), None)
    ages = next((c for c in range(width) if _ages_in(values[c]) >= FEWEST_AGES), None)
    year = next((c for c in table.columns(*YEAR_WORDS, "年") if _is_year_column(table, c, values[c])), None)
    wanted = _figure_columns(table, ages is not None, values)
    labels = {c for c in (sexes, ages, year) if c is not None}
    rows = _whole(table, rows, [c for c in range(width) if c not in labels | set(wanted)])
    for row in rows:
        for c, (of_year, of_sex, of_age) in wanted.items():
            sex = sex_label(row[sexes]) if sexes is not None else of_sex
            age = age_label(row[ages]) if ages is not None else of_age
            when = year_label(row[year]) if year is not None else of_year
            if sex is not None and age is not None:
                yield Figure(when, sex, age, row[c])


def _ages_in(cells: set[str]) -> int:
    return len({age for age in map(age_label, cells) if age is not None and age.kind == "group"})


def _is_year_column(table: Crosstab, column: int, cells: set[str]) -> bool:
    named = any(part == "年" or any(w in part for w in YEAR_WORDS) for part in table.header[column])
    coded = any(w in part for part in table.header[column] for w in ("コード", "code"))
    return named and not coded and all(year_label(cell) is not None for cell in cells)


def _figure_columns(
    table: Crosstab, ages_in_rows: bool, values: Sequence[set[str]]
) -> dict[int, tuple[int | None, str | None, AgeGroup | None]]:
    """The columns of figures and what their headers say of year, sex and age."""
    found: dict[int, tuple[int | None, str | None, AgeGroup | None]] = {}
    for c, parts in enumerate(table.header):
        if any(word in part for part in parts for word in (*RECALLED, *NO_LABELS)) or not parts:
            continue
        named = [sex_label(part) for part in parts]
        sex = next((s for s in named if s in (MALE, FEMALE)), BOTH if BOTH in named else None)
        age = next((a for a in map(age_label, reversed(parts)) if a is not None), None)
        year = next((y for y in map(year_label, parts) if y is not None), None)
        valued = any(cell_text(part).lower().startswith(VALUE_WORDS) for part in parts)
        counted = (sex or year or valued) and any(map(is_figure, values[c])) if ages_in_rows else age
        if counted:
            found[c] = (year, sex, age)
    return found


def _whole(table: Crosstab, rows: list[tuple[str, ...]], columns: Sequence[int]) -> list[tuple[str, ...]]:
    """The rows that stand for the whole wherever a further label divides the municipality."""
    for c in columns:
        cells = {row[c] for row in rows}
        coded = any(word in part for part in table.header[c] for word in NO_LABELS)
        if len(cells) < 2 or coded or all(is_figure(cell) or not cell for cell in cells):
            continue
        whole = next((w for mark in WHOLE for w in sorted(cells) if w == mark or w.startswith(mark + "(")), None)
        if whole is None:
            name = " ".join(table.header[c]) or f"column {c + 1}"
            raise InputError(f"{table.path} divides the municipality by {name}; download it with one of them only.")
        rows = [row for row in rows if row[c] == whole]
    return rows
