"""Who lives in the town: dependency, the oldest, the middle age and households, without and with all packages."""

import math
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from machi.analysis.paired import Estimate, estimate

from .findings import ALL, NONE, headline_run_time
from .numerals import decimals, hundreds, plain_tens, signed_decimals, tens
from .reading import Result
from .tables import Cell, Table, Words, figure

Floats = NDArray[np.float64]

CHILDREN, OLD, OLDEST = 15, 65, 75  # ages at which a group ends or begins, as official statistics draw them
YOUNG, AGED, LATE, MIDDLE, HOMES, SIZE = "young", "aged", "late", "middle", "homes", "size"
FIGURES = (YOUNG, AGED, LATE, MIDDLE, HOMES, SIZE)
DIGITS = {YOUNG: 1, AGED: 1, LATE: 1, MIDDLE: 1, SIZE: 2}
PERCENT = 100.0


class Residents(NamedTuple):
    """One arm in one year: its figures by name, float64[replications]."""

    year: int
    arm: str
    figures: dict[str, Floats]


def residents(result: Result) -> list[Residents]:
    """Both arms in the years whose pyramids were kept; they are one in the first year, which is told once."""
    if result.pyramids is None:
        return []
    found = []
    for year in sorted(int(one) for one in result.pyramids["year"].unique()):
        for arm in (NONE, ALL) if year > result.manifest.start else (NONE,):
            ages = _by_age(result, arm, year)
            if len(ages):
                found.append(Residents(year, arm, _figures(result, arm, year, ages)))
    return found


def _by_age(result: Result, arm: str, year: int) -> pd.DataFrame:
    """People by replication (rows) and single year of age (columns)."""
    table = result.pyramids
    assert table is not None, "asked for only where the table is there"
    rows = _of_arm(result, table[table["year"] == year], arm)
    return rows.pivot_table(index="replication", columns="age", values="value", aggfunc="sum", fill_value=0.0)


def _of_arm(result: Result, table: pd.DataFrame, arm: str) -> pd.DataFrame:
    """An arm under the headline's run-time; the reference arm has no policy, so any one run-time of it serves."""
    rows = table[table["arm"] == arm]
    chosen = rows[rows["run_time"] == headline_run_time(result.manifest)]
    if chosen.empty and arm == NONE and len(rows):
        chosen = rows[rows["run_time"] == rows["run_time"].iloc[0]]
    return chosen


def _figures(result: Result, arm: str, year: int, ages: pd.DataFrame) -> dict[str, Floats]:
    age, people = ages.columns.to_numpy(dtype=np.float64), ages.to_numpy(dtype=np.float64)
    whole = people.sum(axis=1)
    working = people[:, (age >= CHILDREN) & (age < OLD)].sum(axis=1)
    found = {
        YOUNG: PERCENT * people[:, age < CHILDREN].sum(axis=1) / working,
        AGED: PERCENT * people[:, age >= OLD].sum(axis=1) / working,
        LATE: PERCENT * people[:, age >= OLDEST].sum(axis=1) / whole,
        MIDDLE: np.array([middle_age(age, row) for row in people]),
    }
    series = _of_arm(result, result.series[result.series["year"] == year], arm)
    homes = series[series["indicator"] == "households"].set_index("replication")["value"].reindex(ages.index)
    if homes.notna().all():
        found[HOMES] = homes.to_numpy(dtype=np.float64)
        found[SIZE] = whole / found[HOMES]
    return found


def middle_age(ages: Floats, people: Floats) -> float:
    """The age that half of the residents have not reached, their birthdays spread evenly over the year."""
    summed = np.cumsum(people)
    half = summed[-1] / 2
    place = int(np.searchsorted(summed, half))
    return float(ages[place] + (half - (summed[place] - people[place])) / people[place])


def resident_table(result: Result, words: Words) -> Table | None:
    """A row a year and arm; with all packages the difference stands below each figure, paired by replication."""
    found = residents(result)
    if not found:
        return None
    shown = [name for name in FIGURES if all(name in one.figures for one in found)]
    reference = {one.year: one.figures for one in found if one.arm == NONE}
    rows = []
    for one in found:
        cells = [Cell(words[f"residents_{one.arm}"].format(year=one.year), heading=True)]
        for name in shown:
            mine, theirs = one.figures[name], reference.get(one.year, {}).get(name)
            paired = one.arm == ALL and theirs is not None and len(theirs) == len(mine)
            below = _difference(estimate(mine - theirs), name) if paired and theirs is not None else ""
            cells.append(
                figure(float(mine.mean()), hundreds if name == HOMES else partial(decimals, digits=DIGITS[name]), below)
            )
        rows.append(tuple(cells))
    columns = (words["column_year_arm"], *(words[f"column_{name}"] for name in shown))
    return Table("residents", words["residents_table"], columns, tuple(rows))


def _difference(gap: Estimate, name: str) -> str:
    """A difference with one digit more, as chance drops out of it, and half of its interval where there is one."""
    half = (gap.high - gap.low) / 2
    if name == HOMES:
        return f"{tens(gap.mean)} ±{plain_tens(half)}" if math.isfinite(half) else tens(gap.mean)
    digits = DIGITS[name] + 1
    text = signed_decimals(gap.mean, digits)
    return f"{text} ±{decimals(half, digits)}" if math.isfinite(half) else text
