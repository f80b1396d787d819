"""The arms that a result ran in whatever designs it has: no policy, each package alone, all but one, all of them."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from machi.analysis.paired import OUTCOME, REFERENCE
from machi.questions.design import ALTERED, CENTRAL, all_but_one, arms

SAME_RUN = ["run_time", "arm", "replication"]
OF_YEAR = re.compile(rf"{OUTCOME}_(\d+)")


def arm_runs(runs: pd.DataFrame, strengths: pd.DataFrame | None, packages: Sequence[str], own: str) -> pd.DataFrame:
    """The runs of whole packages at central values in the result's own scenario `own`, by arm, each once.

    Under one seed, strengths and fraction decide a run, whichever design asked for it. Of several fractions it is the
    largest that has the reference arm. Empty where there is no reference arm.
    """
    central = runs[(runs.get("theta", CENTRAL) == CENTRAL) & ~runs["design"].isin(ALTERED)]
    if "scenario" in central.columns:
        central = central[central["scenario"].isin(["", own])]
    named = arms(tuple(packages)) | all_but_one(tuple(packages))
    rows = pd.concat([central[central["arm"].isin(named)], *_of_portfolios(central, strengths, packages)])
    if "fraction" in rows.columns:
        founded = rows.loc[rows["arm"] == REFERENCE, "fraction"]
        rows = rows[rows["fraction"] == founded.max()]
    rows = rows.drop_duplicates(SAME_RUN)
    return rows if (rows["arm"] == REFERENCE).any() else rows.iloc[:0]


def _of_portfolios(runs: pd.DataFrame, strengths: pd.DataFrame | None, packages: Sequence[str]) -> list[pd.DataFrame]:
    """Runs of sampled designs whose portfolio is an arm's, under that arm's name (two where it has two)."""
    if strengths is None or not {"design", "sample", *packages} <= set(strengths.columns):
        return []
    table = strengths[list(packages)].to_numpy(dtype=np.float64)
    found = []
    for arm, wanted in (arms(tuple(packages)) | all_but_one(tuple(packages))).items():
        same = strengths.loc[(table == np.array(wanted)).all(axis=1), ["design", "sample"]]
        found.append(runs.merge(same, on=["design", "sample"]).assign(arm=arm))
    return found


def years_of(runs: pd.DataFrame, end: int) -> pd.DataFrame:
    """Residents in the years that every run keeps, with the columns of `series.parquet`."""
    told = {int(found[1]): str(name) for name in runs.columns if (found := OF_YEAR.fullmatch(str(name)))}
    if OUTCOME in runs.columns:
        told[end] = OUTCOME
    parts = [runs[SAME_RUN].assign(year=year, value=runs[name]) for year, name in sorted(told.items()) if year <= end]
    years = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*SAME_RUN, "year", "value"])
    return years.assign(indicator=OUTCOME).dropna(subset="value")
