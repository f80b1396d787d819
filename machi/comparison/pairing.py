"""Whether the seeds of two results pair, and differences with 90 % intervals in either case."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from machi.analysis.paired import Estimate, estimate
from machi.comparison.asked import Asked, of_year
from machi.report.findings import UPPER

STREAM = "splitmix"  # of results from before the manifest told


class Difference(NamedTuple):
    """A mean difference with its 90 % interval of chance, and whether the seeds were paired."""

    value: float
    low: float
    high: float
    paired: bool


NOTHING = Difference(math.nan, math.nan, math.nan, False)


def hindrances(a: Asked, b: Asked) -> list[str]:
    """Why the seeds of two results do not pair; none where they do.

    What is not told counts as other, unless all tables of the two are the same to the byte.
    """
    ours, theirs = _conditions(a), _conditions(b)
    alike = a.content["files"] == b.content["files"]
    found = [
        name for name, value in ours.items() if value != theirs[name] or (value is None and not alike)
    ]  # fmt: skip
    common = set(a.seeds.values()) & set(b.seeds.values())
    enough = len(common) >= max(1, min(2, len(a.seeds), len(b.seeds)))  # a single pair of many has no interval
    return found if found or alike or enough else ["seeds"]


def _conditions(one: Asked) -> dict[str, Any]:
    """All on which it depends that the same seed means the same chance, in the order in which a reader is told."""
    seeds = one.manifest.seeds if isinstance(one.manifest.seeds, Mapping) else {}
    fractions = set() if one.runs is None else set(one.runs.get("fraction", []))
    return {
        "town": one.manifest.town.key, "basis": one.manifest.basis, "start": one.manifest.start,
        "fraction": tuple(sorted(fractions)), "founding": seeds.get("founding", 1),
        "stream": seeds.get("stream", STREAM), "code": code_of(one),
    }  # fmt: skip


def code_of(one: Asked) -> str | None:
    """The fingerprint of the sources that decide a run, else that of code and libraries; None where neither is told."""
    code = one.content.get("simulator", {}).get("code") or one.manifest.fingerprints.get("code")
    return None if code is None else str(code)


def difference(a: pd.Series, b: pd.Series, paired: bool) -> Difference:
    """The mean of b less that of a, values by seed: by pairs, else with Welch's interval of two samples.

    Without two seeds there is no interval (NaN); without a value no difference.
    """
    if paired:
        both = (b - a).dropna().to_numpy(dtype=np.float64)
        return _of(estimate(both), True) if len(both) else NOTHING
    left, right = (one.dropna().to_numpy(dtype=np.float64) for one in (a, b))
    if not len(left) or not len(right):
        return NOTHING
    value = float(right.mean() - left.mean())
    if min(len(left), len(right)) < 2:
        return Difference(value, math.nan, math.nan, False)
    shares = [float(one.var(ddof=1)) / len(one) for one in (left, right)]
    error = math.sqrt(sum(shares))
    if error == 0.0:
        return Difference(value, value, value, False)
    # As parts of a whole, so that tiny variances do not vanish when squared.
    parts = [share / sum(shares) for share in shares]
    degrees = 1 / sum(part**2 / (len(of) - 1) for part, of in zip(parts, (left, right), strict=True))
    half = float(stats.t.ppf(UPPER, degrees)) * error
    return Difference(value, value - half, value + half, False)


def alone(values: pd.Series) -> Difference:
    """A mean over seeds with its interval (NaN for a single one)."""
    found = values.dropna().to_numpy(dtype=np.float64)
    return _of(estimate(found), True) if len(found) else NOTHING


def by_year(a: pd.DataFrame, b: pd.DataFrame, paired: bool) -> pd.DataFrame:
    """Differences of two tables year by seed in the years of both: year, value, low, high."""
    years = [year for year in a.index if year in b.index]
    rows = [(year, *difference(of_year(a, year), of_year(b, year), paired)[:3]) for year in years]
    return pd.DataFrame(rows, columns=["year", "value", "low", "high"])


def _of(one: Estimate, paired: bool) -> Difference:
    return Difference(one.mean, one.low, one.high, paired)
