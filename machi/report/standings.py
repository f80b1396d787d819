"""The readings of a package's worth: what each says, in which order, and how far chance lets it tell packages apart."""

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from machi.analysis.attribution import shapley
from machi.analysis.concordance import ranks_of
from machi.analysis.paired import OUTCOME, Estimate, alone_differences, estimate
from machi.analysis.sensitivity import NOISE_LIMIT
from machi.portfolio_table.currency import outdated
from machi.portfolio_table.file import PortfolioTable
from machi.portfolio_table.spread import OF_SHAPLEY, half_width, horizon, left_out

from .findings import ALL, NONE, headline_run_time, noise_share
from .reading import Result

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

MU, ALONE, LEFT_OUT, SHAPLEY, VARIANCE = "mu", "alone", "left_out", "shapley", "variance"
READINGS = (MU, ALONE, LEFT_OUT, SHAPLEY, VARIANCE)  # in the order of the columns


class Reading(NamedTuple):
    """One figure a package with its 90 % interval (NaN where there is none), in the order of the ranking.

    `fraction` is the share of the residents that its runs simulate, NaN where it is not told.
    """

    key: str
    value: Floats
    low: Floats
    high: Floats
    is_stored: bool = False  # taken from the stored table of portfolios
    orders: bool = True  # False where chance outweighs what it tells, so that it orders nothing
    fraction: float = math.nan

    @property
    def is_judged(self) -> bool:
        """Whether every package has an interval, so that chance can be told from a difference."""
        return bool(np.isfinite([self.low, self.high]).all())

    @property
    def ranks(self) -> Floats:
        """1 for the largest figure."""
        return ranks_of(self.value)

    @property
    def ahead(self) -> Booleans:
        """Whether package i exceeds package j beyond chance, bool[n, n]; False where an interval is missing."""
        return beyond(self.value[:, None], self.low[:, None], self.value[None, :], self.high[None, :])

    @property
    def places(self) -> list[tuple[int, int]]:
        """The first and the last rank that chance leaves open to each package."""
        ahead = self.ahead
        return [(1 + int(ahead[:, i].sum()), len(ahead) - int(ahead[i].sum())) for i in range(len(ahead))]


def beyond(one: Floats, one_low: Floats, other: Floats, other_high: Floats) -> Booleans:
    """Whether one figure exceeds another beyond chance, by their own 90 % intervals.

    The lower limit of the difference lies above zero (Zou & Donner 2008, Statistics in Medicine 27:1693-1702), as if
    the two were unrelated: usually too wide, as both are compared with one reference arm. False where a bound is NaN.
    """
    with np.errstate(invalid="ignore"):
        return np.asarray(one - other > np.hypot(one - one_low, other_high - other), dtype=np.bool_)


def readings(result: Result, table: PortfolioTable | None, manifest: Mapping[str, Any]) -> list[Reading]:
    """What the result says, and where it lacks a reading, what a current table of all its packages adds.

    A reading of the table also takes the place of the result's own that has no interval, where it has one itself.
    """
    ranking, config = result.ranking, manifest.get("config") or {}
    found = {
        MU: _of_columns(MU, ranking, "mu", "mu_low", "mu_high")._replace(fraction=_fraction(config, "morris")),
        ALONE: _of_columns(ALONE, ranking, "effect", "effect_mc_low", "effect_mc_high")._replace(
            fraction=_fraction(config, "alone")
        ),
    }
    found |= _own(result, config)
    if table is not None and is_whole(result, table, manifest):
        for one in _stored(result, table):
            if one.key not in found or (one.is_judged and not found[one.key].is_judged):
                found[one.key] = one
    if ranking["total_index"].notna().all():
        shares = _of_columns(VARIANCE, ranking, "total_index", "total_index_low", "total_index_high")
        found[VARIANCE] = shares._replace(orders=not noise_share(result) > NOISE_LIMIT)
    return [found[key] for key in READINGS if key in found]


def is_whole(result: Result, table: PortfolioTable, manifest: Mapping[str, Any]) -> bool:
    """Whether a stored table is current for a result and combines exactly the packages that it ranks."""
    return not outdated(table.header, manifest) and set(table.header.packages) == set(result.ranking["package"])


def why_not_whole(result: Result, table: PortfolioTable | None) -> str:
    """Why a stored table adds no reading: absent, lacking packages, of more packages, else of other make (stale)."""
    if table is None:
        return "absent"
    combined, ranked = set(table.header.packages), set(result.ranking["package"])
    return "partial" if ranked - combined else "wider" if combined - ranked else "stale"


def _fraction(config: Mapping[str, Any], design: str) -> float:
    """The share of the residents that a design simulates, NaN where the manifest does not tell."""
    value = (config.get(design) or {}).get("fraction")
    return float(value) if isinstance(value, int | float) else math.nan


def _of_columns(key: str, table: pd.DataFrame, *names: str) -> Reading:
    value, low, high = (table[name].to_numpy(dtype=np.float64) for name in names)
    return Reading(key, value, low, high)


def _own(result: Result, config: Mapping[str, Any]) -> dict[str, Reading]:
    """What the result's own designs say of every package that it ranks."""
    keys, found = list(result.ranking["package"]), {}
    for key, part, name in ((LEFT_OUT, result.left_out, "people_lost"), (SHAPLEY, _design(result.shapley), "value")):
        if part is not None and set(part["package"]) == set(keys):
            design = "leave_one_out" if key == LEFT_OUT else str(part["design"].iloc[0])
            read = _of_columns(key, part.set_index("package").loc[keys], name, "low", "high")
            found[key] = read._replace(fraction=_fraction(config, design))
    return found


def _design(shares: pd.DataFrame | None) -> pd.DataFrame | None:
    """The Shapley values of one design: the first that has intervals, else the first."""
    if shares is None:
        return None
    parts = [part for _, part in shares.groupby("design", sort=False)]
    return next((part for part in parts if part["low"].notna().all()), parts[0])


def _stored(result: Result, table: PortfolioTable) -> list[Reading]:
    """What the stored table says: both the loss when one is left out of all, and the Shapley values."""
    header = table.header
    column = horizon(header)
    bits = [header.packages.index(key) for key in result.ranking["package"]]
    shares = shapley(table.columns[column].astype(np.float64))
    found = []
    for key, value, varies in ((LEFT_OUT, left_out(table)[bits], 1.0), (SHAPLEY, shares[bits], OF_SHAPLEY)):
        width = half_width(header, column, value)
        half = np.nan if width is None else width * math.sqrt(varies)
        found.append(Reading(key, value, value - half, value + half, is_stored=True, fraction=header.fraction))
    return found


class Opposite(NamedTuple):
    """Package `one` is ahead of `other` by one reading and behind by another, both beyond chance."""

    one: int
    other: int
    ahead: str
    behind: str


def opposites(found: list[Reading]) -> list[Opposite]:
    """Pairs that two readings order in opposite ways beyond chance, the first two such readings of each."""
    made = []
    signs = [(reading.key, reading.ahead) for reading in found]
    for one, other in combinations(range(len(found[0].value)), 2):
        ahead = [key for key, wins in signs if wins[one, other]]
        behind = [key for key, wins in signs if wins[other, one]]
        if ahead and behind:
            made.append(Opposite(one, other, ahead[0], behind[0]))
    return made


def agreed(found: list[Reading]) -> int:
    """How many pairs stand in the same order beyond chance in every reading, all of which have intervals."""
    return int(np.logical_and.reduce([reading.ahead for reading in found]).sum())


class Overlap(NamedTuple):
    """What all bring, what each brings alone summed, and the difference of the two, paired by seed."""

    every: float
    summed: float
    difference: Estimate


def overlap(result: Result) -> Overlap | None:
    """All packages together against the sum of each alone, under the same seeds and the headline's run-time.

    None where the runs do not tell.
    """
    if result.runs is None:
        return None
    keys, run_time = list(result.ranking["package"]), headline_run_time(result.manifest)
    rows = result.runs[result.runs["design"] == "alone"]
    arms = set(rows.loc[rows["run_time"] == run_time, "arm"])
    if not {ALL, *keys} <= arms or NONE not in set(rows["arm"]):
        return None
    gained = alone_differences(result.runs, run_time, [*keys, ALL], OUTCOME)
    summed = gained[:-1].sum(axis=0)
    return Overlap(float(gained[-1].mean()), float(summed.mean()), estimate(gained[-1] - summed))
