"""Tidy tables: CSV read strictly, every figure with a source and the day on which it became known."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.reading.sources import day

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
SEXES = ("M", "F")
CENSUS_AGES = tuple(range(0, 91, 5))


def sealed(values: Any) -> Floats:
    """A read-only float64 array of the values."""
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def sealed_counts(values: Any) -> Integers:
    """A read-only int64 array of the values, which are whole numbers."""
    array = np.array(values, dtype=np.int64)
    array.flags.writeable = False
    return array


@dataclass(frozen=True)
class Row:
    """One line of a table: its line number in the file, its texts and its numbers."""

    line: int
    texts: Mapping[str, str]
    numbers: Mapping[str, float]


class Table:
    """Rows of one tidy CSV, already checked; asked for by the text of their columns."""

    def __init__(self, path: Path, rows: Sequence[Row], known_by: date | None) -> None:
        self.path = path
        self.rows = rows
        self.known_by = known_by

    def where(self, **texts: object) -> "Table":
        """The rows whose columns hold exactly these texts."""
        wanted = {name: str(text) for name, text in texts.items()}
        rows = [row for row in self.rows if all(row.texts[n] == t for n, t in wanted.items())]
        return Table(self.path, rows, self.known_by)

    def texts(self, field: str) -> list[str]:
        """The different texts of a column, in the order of the file."""
        return list(dict.fromkeys(row.texts[field] for row in self.rows))

    def years(self, field: str = "year") -> list[int]:
        """The different years of a column, sorted; raises InputError where there is none."""
        for row in self.rows:
            if not row.texts[field].isdecimal():
                wrong = f"{self.path}, row {row.line}: {field} is {row.texts[field]!r}"
                raise InputError(f"{wrong}; write a year such as 2015.")
        if not self.rows:
            raise self.missing("any year")
        return sorted({int(text) for text in self.texts(field)})

    def missing(self, what: str) -> InputError:
        """The error for a row that is needed and not there."""
        known = f" known by {self.known_by}" if self.known_by else ""
        return InputError(f"{self.path} has no row for {what}{known}; add it with its source and known_from.")

    def value(self, field: str, **texts: object) -> float:
        """The number in the one row that these texts name."""
        found = self.where(**texts).rows
        what = ", ".join(f"{name} {text}" for name, text in texts.items())
        if not found:
            raise self.missing(what)
        if len(found) > 1:
            raise InputError(f"{self.path}, row {found[1].line}: {what} stands twice; remove one row.")
        return found[0].numbers[field]

    def ages(self, field: str, starts: Sequence[int], open_group: bool, **texts: object) -> list[float]:
        """The numbers of the age groups that begin at these ages, in order; the last may be open.

        Raises InputError for a missing or doubled age group and for an age_to that leaves a gap or overlap.
        """
        found = self.where(**texts)
        what = "".join(f", {name} {text}" for name, text in texts.items())
        values = []
        for k, start in enumerate(starts):
            last = k == len(starts) - 1
            width = starts[k] - starts[k - 1] if last else starts[k + 1] - start
            end = "" if last and open_group else str(start + width - 1)
            rows = [row for row in found.rows if row.texts["age_from"] == str(start)]
            if not rows:
                raise self.missing(f"the age group {start}{'-' + end if end else ' and over'}{what}")
            if len(rows) > 1:
                twice = f"{self.path}, row {rows[1].line}: age_from {start}{what} stands twice"
                raise InputError(f"{twice}; remove one row.")
            if rows[0].texts["age_to"] != end:
                raise InputError(
                    f"{self.path}, row {rows[0].line}: age_to is {rows[0].texts['age_to']!r} where "
                    f"{end or 'nothing (open group)'!s} is expected; correct the age group."
                )
            values.append(rows[0].numbers[field])
        return values


def _number(path: Path, line: int, field: str, text: str, signed: bool) -> float:
    """The finite number in a cell, not negative unless signed."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{path}, row {line}: {field} is {text!r}, not a finite number; write the figure.")
    if value < 0 and not signed:
        raise InputError(f"{path}, row {line}: {field} is negative ({text}); write a figure of 0 or more.")
    return value


def read_table(
    folder: Path,
    name: str,
    keys: Sequence[str],
    numbers: Sequence[str],
    sources: Iterable[str],
    known_by: date | None,
    signed: Sequence[str] = (),
    optional: bool = False,
) -> Table:
    """The table `name`.csv of a folder, checked row by row.

    keys and numbers: columns that must exist; numbers are finite, and not negative unless also in signed.
    Rows known only after known_by are dropped; an optional table that is not there has no rows. Raises InputError
    with file, row, field and remedy.
    """
    path = folder / f"{name}.csv"
    if optional and not path.is_file():
        return Table(path, [], known_by)
    known_sources = set(sources)
    rows: list[Row] = []
    for line, cells in _lines(path, [*keys, *numbers, "source", "known_from"]):
        if cells["source"] not in known_sources:
            raise InputError(
                f"{path}, row {line}: source {cells['source']!r} is not in sources.toml; describe it there."
            )
        known_from = day(path, f"row {line}", cells["known_from"])
        figures = {n: _number(path, line, n, cells[n], n in signed) for n in numbers}
        if known_by is None or known_from <= known_by:
            rows.append(Row(line, cells, figures))
    return Table(path, rows, known_by)


def _lines(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Line number and cells of every row of a CSV that has these columns."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            for column in columns:
                if column not in (reader.fieldnames or ()):
                    raise InputError(f"{path} has no column {column}; add it to the header and to every row.")
            lines = [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise InputError(f"{path} cannot be read; put the table there (see towns/README.md).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not a UTF-8 CSV file; save it as UTF-8 with commas.") from error
    for line, row in lines:
        if None in row or None in row.values():
            raise InputError(f"{path}, row {line}: there are not as many cells as columns; correct the row.")
    return lines


def spread_unknown(table: Table, years: tuple[int, ...], **texts: str) -> tuple[Floats, Integers]:
    """Census persons by year, sex and age, unknown ages spread within sex, and the printed totals.

    Returns [years, 2, 19] and int64 [years, 2]; raises InputError where ages and unknown miss the total.
    """
    persons = np.zeros((len(years), len(SEXES), len(CENSUS_AGES)))
    totals = np.zeros((len(years), len(SEXES)), dtype=np.int64)
    for y, year in enumerate(years):
        for s, sex in enumerate(SEXES):
            of = {**texts, "year": str(year), "sex": sex}
            known = np.array(table.ages("persons", CENSUS_AGES, True, **of))
            if not known.any():
                raise table.missing(f"anybody of a known age in year {year}, sex {sex}")
            unknown = table.value("persons", age_from="unknown", **of)
            total = table.value("persons", age_from="total", **of)
            if known.sum() + unknown != total:
                raise InputError(
                    f"{table.path}: ages and unknown of year {year}, sex {sex} sum to "
                    f"{known.sum() + unknown:.0f} but the total is {total:.0f}; correct these rows."
                )
            persons[y, s] = known * (total / known.sum())
            totals[y, s] = round(total)
    return sealed(persons), sealed_counts(totals)


def items(table: Table, **texts: object) -> dict[str, float]:
    """The values of a table with the columns item and value, by item."""
    rows = table.where(**texts)
    if not rows.rows:
        raise table.missing(", ".join(f"{name} {text}" for name, text in texts.items()))
    return {item: rows.value("value", item=item) for item in rows.texts("item")}


def by_sex(table: Table, field: str, starts: tuple[int, ...], open_group: bool, **texts: object) -> Floats:
    """The numbers of a table by sex and age group, [2, groups]."""
    return np.array([table.ages(field, starts, open_group, sex=sex, **texts) for sex in SEXES])
