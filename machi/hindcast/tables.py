"""The tables of a hindcast: every figure, means by area and pooled, and the coverage of the intervals."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from abm.known.area import Area

from .course import STARTS
from .judging import METHODS, TREND, Cells, Fanned, Judged
from .origins import HORIZONS, NEAR
from .scores import Flags, inside, pooled_share

TOWNS, ALL, BOTH = "towns", "all", "both"
OPEN_AGE = int(STARTS[-1])
KEYS = ["basis", "area", "method"]


def long_table(judged: Sequence[Judged]) -> pd.DataFrame:
    """One row a figure: area, basis, launch, end, years between them, method, measure, value."""
    return pd.DataFrame([row for one in judged for row in one.rows])


def cells_table(judged: Sequence[Judged]) -> pd.DataFrame:
    """One row an age group of one sex: forecast and actual persons, and the trend's 90 % interval."""
    return pd.concat([_cells(cells) for one in judged for cells in one.cells], ignore_index=True)


def _cells(cells: Cells) -> pd.DataFrame:
    low, high = (cells.interval[0], cells.interval[1]) if cells.interval is not None else (None, None)
    groups = len(STARTS)
    ends = [str(start + 4) if start < OPEN_AGE else "" for start in STARTS]
    return pd.DataFrame(
        {
            "area": cells.area, "basis": cells.basis, "launch": cells.launch, "end": cells.end,
            "method": cells.method,
            "sex": np.repeat(["M", "F"], groups), "age_from": np.tile(STARTS, 2), "age_to": ends * 2,
            "forecast": cells.forecast.ravel().round(2), "actual": cells.actual.ravel().round(2),
            "low": np.nan if low is None else low.ravel().round(2),
            "high": np.nan if high is None else high.ravel().round(2),
        }
    )  # fmt: skip


def fans_table(judged: Sequence[Judged]) -> pd.DataFrame:
    """One row a launch and year after it: the trend's residents and their 90 % interval."""
    return pd.concat([_fan(one.fan) for one in judged], ignore_index=True)


def _fan(fan: Fanned) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area": fan.area, "basis": fan.basis, "launch": int(fan.launch_day),
            "day": (fan.launch_day + fan.years).round(4), "forecast": fan.totals.round(2),
            "low": fan.interval[0].round(2), "high": fan.interval[1].round(2),
        }
    )  # fmt: skip


def observed_table(areas: Iterable[Area], bases: Sequence[str], nationality: str) -> pd.DataFrame:
    """One row a stock: its day in years and its residents."""
    rows = [
        {"area": area.key, "basis": basis, "day": round(stock.day, 4), "people": round(float(stock.people.sum()), 2)}
        for area in areas
        for basis in bases
        for stock in area.stocks(basis, nationality)
    ]
    return pd.DataFrame(rows)


def scoped(table: pd.DataFrame, towns: Sequence[str]) -> pd.DataFrame:
    """The rows once for their own area, once for all towns and once for all areas; bases also together."""
    parts = [table, table[table["area"].isin(towns)].assign(area=TOWNS), table.assign(area=ALL)]
    found = pd.concat(parts, ignore_index=True)
    if found["basis"].nunique() > 1:
        found = pd.concat([found, found.assign(basis=BOTH)], ignore_index=True)
    return found


def summary(table: pd.DataFrame, towns: Sequence[str]) -> pd.DataFrame:
    """Means by basis, area (or towns, all) and method; errors are means of absolute values.

    bias is the mean of the signed total error; launches and cases say how many the means are of.
    """
    found = scoped(table.assign(origin=table["basis"] + table["launch"].astype(str)), towns)
    errors = found["measure"].str.endswith("_error") | (found["measure"] == "wape")
    sized = found.assign(value=found["value"].where(~errors, found["value"].abs()))
    means = sized.pivot_table(index=KEYS, columns="measure", values="value", aggfunc="mean")
    totals = found[found["measure"] == "total_error"].groupby(KEYS)
    means.insert(0, "bias", totals["value"].mean())
    means.insert(0, "cases", totals.size())
    means.insert(0, "launches", totals["origin"].nunique())
    order = {name: place for place, name in enumerate([*dict.fromkeys(table["area"]), TOWNS, ALL, *METHODS])}
    # by basis first; register, census and both in the order in which they came
    order |= {basis: place for place, basis in enumerate([*dict.fromkeys(table["basis"]), BOTH])}
    return means.sort_index(key=lambda level: level.map(order)).reset_index()


def coverage(cells: pd.DataFrame, long: pd.DataFrame) -> pd.DataFrame:
    """The share of actual figures within the trend's 90 % intervals, pooled, with its block bootstrap (areas).

    By basis and together; by horizon (about 5, about 10 years, all); of age-sex cells and of totals.
    """
    of_trend = cells[cells["method"] == TREND]
    within = inside(*(of_trend[name].to_numpy(dtype=np.float64) for name in ("low", "high", "actual")))
    years = _years(long)
    one = of_trend.assign(flag=within)[["area", "basis", "launch", "end", "flag"]].merge(years)
    totals = long[long["measure"] == "inside_total"]
    other = totals.assign(flag=totals["value"] > 0)[["area", "basis", "launch", "end", "flag"]].merge(years)
    rows = []
    for basis in [*dict.fromkeys(long["basis"]), *([BOTH] if long["basis"].nunique() > 1 else [])]:
        for horizon in [*sorted(set(years["horizon"]), key=float), ALL]:
            for kind, flags in (("cells", one), ("total", other)):
                kept = flags[(flags["basis"] == basis) | (basis == BOTH)]
                kept = kept[(kept["horizon"] == horizon) | (horizon == ALL)]
                blocks: list[Flags] = [group.to_numpy() for _, group in kept.groupby("area", sort=False)["flag"]]
                if blocks:
                    rows.append({"basis": basis, "horizon": horizon, "kind": kind, **pooled_share(blocks)._asdict()})
    return pd.DataFrame(rows)


def _years(long: pd.DataFrame) -> pd.DataFrame:
    """The horizon of every launch and end: the round one that it stands for, else its years."""
    years = long[["area", "basis", "launch", "end", "years"]].drop_duplicates()
    return years.assign(horizon=[horizon_of(one) for one in years["years"]]).drop(columns="years")


def horizon_of(years: float) -> str:
    """The name of a horizon: 5 or 10 where it is about that, else its years."""
    return next((str(one) for one in HORIZONS if abs(years - one) < NEAR), f"{years:g}")
