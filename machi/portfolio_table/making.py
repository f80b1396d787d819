"""From a result with a full factorial to the table of all its portfolios."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationError

from abm.errors import InputError
from machi.analysis.paired import OUTCOME, cube, sampled
from machi.portfolio_table.file import COST, PREFIX, SUMS, Header, PortfolioTable, compact
from machi.questions.design import EVERYTHING
from machi.questions.samples import masks_of
from machi.store import read_manifest, read_table

Floats = NDArray[np.float64]
FACTORIAL, FRACTION, LEFT_OUT = "factorial", "fraction", "leave_one_out"


def table_of(folder: Path) -> PortfolioTable:
    """The table of a result folder whose experiment ran every portfolio (InputError where it did not)."""
    manifest = read_manifest(folder)
    asked = manifest.get("config", {}).get(FACTORIAL)
    if not asked:
        raise InputError(f"{folder}: it holds no run of every portfolio; name a result of a [factorial] experiment.")
    runs, strengths = read_table(folder, "runs.parquet"), read_table(folder, "strengths.parquet")
    keys = list(manifest["config"]["packages"])
    combined = keys[: asked["packages"]]  # all of them where the experiment names no number
    rows = runs[runs["design"] == FACTORIAL]
    none, added = {}, {}
    start, end = int(manifest["start"]), int(manifest["end"])
    for name, column in columns_of(runs, start, end):
        values = _by_mask(folder, runs, strengths, keys, combined, column)
        none[name] = float(values[0].mean())
        added[name] = compact((values - values[0]).mean(axis=1))
    found, repeated = chance(runs, strengths, keys, {column: name for name, column in columns_of(runs, start, end)})
    header = _header(folder, manifest, combined, rows, none).model_copy(
        update={"chance": found, "chance_seeds": repeated}
    )
    return PortfolioTable(header, added)


def columns_of(runs: pd.DataFrame, start: int, end: int) -> list[tuple[str, str]]:
    """The table's columns and where they stand in `runs`: every fifth year, the horizon, sums and cost."""
    years = [int(name.removeprefix(PREFIX)) for name in runs.columns if str(name).startswith(PREFIX)]
    inside = sorted(year for year in years if start <= year < end)
    stocks = [(f"{PREFIX}{year}", f"{PREFIX}{year}") for year in inside]
    return [*stocks, (f"{PREFIX}{end}", "population"), *((name, name) for name in (*SUMS, COST))]


def _by_mask(
    folder: Path, runs: pd.DataFrame, strengths: pd.DataFrame, keys: list[str], combined: list[str], column: str
) -> Floats:
    """One outcome of every portfolio, float64[2^packages, seeds] in order of masks, all finite."""
    if column not in runs.columns:
        raise InputError(f"{folder}: runs.parquet has no `{column}`, which older results lack; run it again.")
    x, values = sampled(runs, strengths, FACTORIAL, keys, column)
    order = np.argsort(masks_of(x), kind="stable")
    if not np.array_equal(masks_of(x)[order], np.arange(1 << len(combined))):
        raise InputError(f"{folder}: strengths.parquet does not hold every portfolio of {' '.join(combined)}.")
    if not np.isfinite(values).all():
        raise InputError(f"{folder}: `{column}` has no number in some runs; run the experiment again with --fresh.")
    return values[order]


def chance(
    runs: pd.DataFrame, strengths: pd.DataFrame, keys: list[str], columns: Mapping[str, str]
) -> tuple[dict[str, float | None], int]:
    """The variance of one seed's paired difference for each person that it adds, by column, and the most seeds of it.

    Variances over the seeds of differences against no policy (full and fractional factorial) and against all (one left
    out), summed by their degrees of freedom over the people that these add at the horizon (means over the seeds), of
    designs of the same share of people and two seeds or more; None where no design tells it. A few seeds tell one
    package's variance badly, all of them together the one rate well. `columns` says under which name each of the runs'
    columns is told; cost varies with no seed.
    """
    fractions = runs.loc[runs["design"] == FACTORIAL, "fraction"].unique()
    alike = runs[runs["fraction"].isin(fractions)]
    added = _differences(alike, strengths, keys, OUTCOME)
    people = sum(float(np.abs(one.mean(axis=1)).sum()) * (one.shape[1] - 1) for one in added)
    found: dict[str, float | None] = {}
    for column, name in columns.items():
        if name != COST:
            gained = _differences(alike, strengths, keys, column)
            squares = sum(float(((one - one.mean(axis=1, keepdims=True)) ** 2).sum()) for one in gained)
            found[name] = squares / people if people else None
    return found, max((one.shape[1] for one in added), default=0)


def _differences(runs: pd.DataFrame, strengths: pd.DataFrame, keys: list[str], column: str) -> list[Floats]:
    """Paired differences float64[portfolios, seeds] of every design that has two seeds or more."""
    found = []
    for design in (FACTORIAL, FRACTION):
        if (runs["design"] == design).any():
            x, values = sampled(runs, strengths, design, keys, column)
            bare = ~x.any(axis=1)
            if bare.any():
                found.append(values[~bare] - values[bare])
    rows = runs[runs["design"] == LEFT_OUT]
    if len(rows):
        labels, values = cube(rows, ["arm", "replication"], column)
        whole = np.array([arm == EVERYTHING for arm in labels[0]])
        found.append(values[whole] - values[~whole])
    return [one for one in found if one.size and one.shape[1] > 1]


def _header(
    folder: Path, manifest: Mapping[str, Any], combined: list[str], rows: pd.DataFrame, none: dict[str, float]
) -> Header:
    """What the table was made of but its chance, out of the manifest (InputError for a result of before it said so)."""
    prints, simulator = manifest.get("fingerprints", {}), manifest.get("simulator", {})
    try:
        return Header(
            town=manifest["town"]["key"],
            scenario=manifest["scenario"],
            basis=manifest["basis"],
            run_time=manifest["config"]["run_time"],
            start=manifest["start"],
            end=manifest["end"],
            result=manifest["name"],
            packages=tuple(combined),
            seeds=tuple(sorted({int(seed) for seed in rows["seed"]})),
            fraction=float(rows["fraction"].iloc[0]),
            fingerprints={name: prints[name] for name in ("town", "policies", "experiment")},
            code=simulator["code"],
            context=simulator["context"],
            none=none,
            chance={},
        )
    except (KeyError, ValidationError) as error:
        raise InputError(
            f"{folder}: its manifest does not tell what it was made of ({error}); run it again."
        ) from error
