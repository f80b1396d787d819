"""The table of runs as arrays of paired differences: the same replication and the same draw in both arms."""

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from abm.errors import InputError
from machi.analysis.sensitivity import CONFIDENCE

Floats = NDArray[np.float64]

FILE = "runs.parquet"
REFERENCE = "none"  # the arm without policy
OUTCOME = "population"  # residents at the horizon: what the ranking is about
EARLY = "population_2030"
COST = "cost_million_yen"
OUTCOMES = (
    OUTCOME, "births", "women_20_39", "workers_per_75", "person_years", EARLY, "moves_net", "marriages", COST,
)  # fmt: skip


class Estimate(NamedTuple):
    """A mean with its 90 % Student-t interval, standard error and deviation (NaN for a single value)."""

    mean: float
    low: float
    high: float
    error: float
    deviation: float
    n: int


def estimate(values: Floats) -> Estimate:
    """The mean of independent replications, float64[n]."""
    n, mean = len(values), float(values.mean())
    if n < 2:
        return Estimate(mean, math.nan, math.nan, math.nan, math.nan, n)
    deviation = float(values.std(ddof=1))
    error = deviation / math.sqrt(n)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2.0, n - 1)) * error
    return Estimate(mean, mean - half, mean + half, error, deviation, n)


def finite_outcomes(runs: pd.DataFrame) -> list[str]:
    """Names of the table's outcomes, all finite.

    `population_2030` may be empty as a whole (a horizon before 2030). Raises `InputError` otherwise.
    """
    present = [name for name in OUTCOMES if name in runs.columns]
    if EARLY in present and runs[EARLY].isna().all():
        present.remove(EARLY)
    for name in (OUTCOME, COST):
        if name not in present:
            raise InputError(f"{FILE}: the column `{name}` is missing; run again with --fresh")
    for name in present:
        bad = ~np.isfinite(runs[name].to_numpy(dtype=np.float64))
        if bad.any():
            run = runs.iloc[int(bad.argmax())]
            raise InputError(
                f"{FILE}: `{name}` is not finite in {int(bad.sum())} runs, first in arm {run['arm']} of"
                f" design {run['design']}, replication {run['replication']}; run again with --fresh"
            )
    return present


def headline_run_time(runs: pd.DataFrame) -> str:
    """The run-time under which the portfolios were sampled: that of the headline."""
    found = sorted(set(runs.loc[runs["design"] == "morris", "run_time"]))
    if len(found) != 1:
        raise InputError(f"{FILE}: design `morris` has {len(found)} run-times and needs one; run again with --fresh")
    return str(found[0])


def cube(rows: pd.DataFrame, axes: list[str], outcome: str) -> tuple[list[list[Any]], Floats]:
    """A table of runs as an array with one axis per column of `axes`, and the sorted labels of each axis.

    Raises `InputError` where a cell is empty or filled twice: arms are compared under common replications.
    """
    if rows.empty:
        raise InputError(f"{FILE}: a design of the ranking has no runs; run again with --fresh")
    coded = [np.unique(rows[axis].to_numpy(), return_inverse=True) for axis in axes]
    labels = [found.tolist() for found, _ in coded]
    shape = tuple(len(found) for found in labels)
    flat = np.ravel_multi_index([place for _, place in coded], shape)
    count = np.bincount(flat, minlength=math.prod(shape))
    if (count != 1).any():
        first = int((count != 1).argmax())
        at = np.unravel_index(first, shape)
        cell = ", ".join(f"{axis} {found[int(i)]}" for axis, found, i in zip(axes, labels, at, strict=True))
        state = "missing" if count[first] == 0 else "there more than once"
        raise InputError(
            f"{FILE}: the run of {cell} is {state}; every arm needs the same replications, run again with --fresh"
        )
    values = np.empty(math.prod(shape))
    values[flat] = rows[outcome].to_numpy(dtype=np.float64)
    return labels, values.reshape(shape)


def alone_values(runs: pd.DataFrame, run_time: str, wanted: list[str], outcome: str) -> Floats:
    """Outcomes of the arms at central values, float64[1 + arms, replications], the reference arm first.

    The reference arm holds no policy, so that where a run-time lacks it another's is the very same run.
    """
    rows = runs[runs["design"] == "alone"]
    own = rows[rows["run_time"] == run_time]
    if not (own["arm"] == REFERENCE).any():
        own = pd.concat([own, rows[rows["arm"] == REFERENCE]])
    labels, values = cube(own, ["arm", "replication"], outcome)
    return values[_places(labels[0], [REFERENCE, *wanted], "alone")]


def alone_differences(runs: pd.DataFrame, run_time: str, wanted: list[str], outcome: str) -> Floats:
    """Arm minus none at central values, float64[arms, replications]."""
    values = alone_values(runs, run_time, wanted, outcome)
    return np.asarray(values[1:] - values[0], dtype=np.float64)


def predictive_differences(
    runs: pd.DataFrame, run_time: str, wanted: list[str], outcome: str, design: str = "predictive"
) -> Floats:
    """Arm minus none under the same draw and replication, float64[arms, draws, replications].

    A draw may have replications of its own, as long as all its arms share them.
    """
    rows = runs[(runs["design"] == design) & (runs["run_time"] == run_time)]
    place = rows.groupby("theta")["replication"].rank(method="dense").astype(int)
    labels, values = cube(rows.assign(replication=place), ["arm", "theta", "replication"], outcome)
    found = _places(labels[0], [REFERENCE, *wanted], design)
    return np.asarray(values[found[1:]] - values[found[0]], dtype=np.float64)


def has_predictive_arm(runs: pd.DataFrame, arm: str) -> bool:
    """Whether an arm was also run under the draws."""
    return bool(((runs["design"] == "predictive") & (runs["arm"] == arm)).any())


def sampled(
    runs: pd.DataFrame, strengths: pd.DataFrame, design: str, packages: list[str], outcome: str
) -> tuple[Floats, Floats]:
    """Strengths [samples, packages] and outcomes [samples, seeds] of a SALib design, in its order."""
    lost = [name for name in ("design", "sample", *packages) if name not in strengths.columns]
    if lost:
        raise InputError(f"strengths.parquet: the column `{lost[0]}` is missing; run again with --fresh")
    drawn = strengths[strengths["design"] == design].sort_values("sample", kind="stable")
    labels, y = cube(runs[runs["design"] == design], ["sample", "replication"], outcome)
    wanted = drawn["sample"].tolist()
    whole = list(range(max([*wanted, *labels[0]]) + 1))
    for file, present in ((FILE, labels[0]), ("strengths.parquet", wanted)):
        if present != whole:
            odd = sorted(set(whole) - set(present))
            fault = f"lacks sample {odd[0]}" if odd else "holds a sample twice"
            raise InputError(f"{file}: design `{design}` {fault}; run again with --fresh")
    return drawn[packages].to_numpy(dtype=np.float64), y


def _places(labels: list[Any], wanted: list[str], design: str) -> list[int]:
    for arm in wanted:
        if arm not in labels:
            raise InputError(f"{FILE}: design `{design}` has no arm `{arm}`; run again with --fresh")
    return [labels.index(arm) for arm in wanted]
