"""The sheet of yearly totals: one line a year, a block of columns for each arm."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from machi.workbook.book import PEOPLE, SIGNED, Figure, Line, Sheet, text, title
from machi.workbook.wording import words

Floats = NDArray[np.float64]
INDICATORS = (
    "population",
    "births",
    "deaths",
    "moves_in",
    "moves_out",
    "moves_net",
    "marriages",
    "households",
    "employed",
)

Yearly = Mapping[str, Floats]  # by indicator, from the first year on; flows are a year shorter


def yearly_means(series: pd.DataFrame, run_time: str, arm: str) -> dict[str, Floats]:
    """Means of a result's replications by indicator, from its `series` table."""
    mine = series[(series["arm"] == arm) & (series["run_time"] == run_time)]
    means = mine.groupby(["indicator", "year"])["value"].mean()
    present = set(means.index.get_level_values("indicator"))
    return {name: means.loc[name].sort_index().to_numpy(dtype=np.float64) for name in INDICATORS if name in present}


def difference(arm: Yearly, reference: Yearly) -> dict[str, Floats]:
    """What one arm has more than another, of the indicators that both have."""
    return {name: values - reference[name] for name, values in arm.items() if name in reference}


def yearly_sheet(
    heading: str, about: Sequence[str], start: int, arms: Mapping[str, Yearly], lang: str, signed: Sequence[str] = ()
) -> Sheet:
    """The sheet; the columns of the arms named in `signed` show signs."""
    said = words(lang)
    columns = [(arm, name) for arm, values in arms.items() for name in INDICATORS if name in values]
    lines = [title(heading), *text(*about, said["years_note"])]
    if len(arms) > 1:
        before = ["", *(arm for arm, _ in columns[:-1])]
        over = tuple(arm if arm != last else "" for (arm, _), last in zip(columns, before, strict=True))
        lines.append(Line("band", ("", *over)))
    lines.append(Line("head", (said["year"], *(said[name] for _, name in columns))))
    top = len(lines)
    years = max((len(values) for one in arms.values() for values in one.values()), default=0)
    for row in range(years):
        cells = [
            Figure(float(arms[arm][name][row]), SIGNED if arm in signed else PEOPLE)
            if row < len(arms[arm][name]) else None
            for arm, name in columns
        ]  # fmt: skip
        lines.append(Line("plain", (start + row, *cells)))
    return Sheet(said["years_sheet"], lines, [8, *(10.5 for _ in columns)], (top, 1))
