"""What designs other than each package alone say of the packages: one figure a package with its 90 % interval."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from machi.analysis.paired import COST
from machi.store import read_table

FRONT = "frontier.csv"


class Column(NamedTuple):
    """Where a reading stands: file, figure, and what bounds it: two columns, or one with the half-width."""

    file: str
    value: str
    low: str
    high: str = ""
    design: str = ""  # of a file with figures of several designs, the one of this reading


# Every place of a reading; the first that a result has is taken.
READINGS: dict[str, tuple[Column, ...]] = {
    "mu": (Column("ranking.csv", "mu", "mu_low", "mu_high"), Column("morris.csv", "mu", "mu_low", "mu_high")),
    "left_out": (Column("leave_one_out.csv", "people_lost", "low", "high"),),
    "shapley_factorial": (Column("shapley.csv", "value", "low", "high", "factorial"),),
    "shapley_fraction": (Column("shapley.csv", "value", "low", "high", "fraction"),),
    "total": (
        Column("ranking.csv", "total_index", "total_index_low", "total_index_high"),
        Column("sobol.csv", "ST", "ST_low", "ST_high"),
    ),
    "efast": (Column("efast.csv", "ST", "ST_conf"),),
    "pawn": (Column("pawn.csv", "median", "median_low", "median_high"),),
    "delta": (Column("delta.csv", "delta", "delta_conf"),),
    "agents": (Column("ablation.csv", "agents", "agents_low", "agents_high"),),
}
SHARES = ("total", "efast", "pawn", "delta")  # these count no people
SHAPLEY = ("shapley_factorial", "shapley_fraction")  # of every portfolio, and of a fraction of them
OF_ITSELF = ("agents",)  # these say the same of a package whichever others were asked about


def reading_tables(folder: Path, files: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """The readings of a result by name: package as index; value, low, high."""
    found = {}
    for name, places in READINGS.items():
        tables = (_read(folder, column) for column in places if column.file in files)
        table = next((one for one in tables if one is not None), None)
        if table is not None:
            found[name] = table
    return found


def _read(folder: Path, column: Column) -> pd.DataFrame | None:
    """One reading; None where its columns are not there or hold no figure."""
    table = read_table(folder, column.file)
    wanted = [name for name in (column.value, column.low, column.high) if name]
    if not {"package", *wanted, *(["design"] if column.design else [])} <= set(table.columns):
        return None
    if column.design:
        table = table[table["design"] == column.design]
    figures = table[wanted].to_numpy(dtype=np.float64)
    if not np.isfinite(figures[:, 0]).any():
        return None
    half = figures[:, 1] if not column.high else None
    low, high = figures[:, 1:].T if half is None else (figures[:, 0] - half, figures[:, 0] + half)
    keys = pd.Index(table["package"].astype(str), name="package")
    return pd.DataFrame({"value": figures[:, 0], "low": low, "high": high}, index=keys)


def front_of(folder: Path, files: Mapping[str, str]) -> pd.DataFrame | None:
    """The portfolios that none other beats in cost and people, the cheapest first; None where none were simulated."""
    table = read_table(folder, FRONT) if FRONT in files else pd.DataFrame()
    whole = {"portfolio", COST, "people", "low", "high"} <= set(table.columns) and len(table) > 0
    return table.sort_values(COST) if whole else None
