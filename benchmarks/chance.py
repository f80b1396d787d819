"""Chance as the stored table of portfolios tells it, against the seeds of `machi run fraction`, which must have ended.

The table holds one seed; how far chance reaches in its figures is reckoned from a rate
(`machi/portfolio_table/spread.py`). Here each seed of the fraction stands for the table's: does the 90 % range around
what it says hold the mean of all?
"""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from benchmarks.town import Iwaki
from machi.analysis.attribution import TAIL, attribution, fit
from machi.analysis.paired import sampled
from machi.portfolio_table.file import COST, PortfolioTable, read
from machi.portfolio_table.spread import OF_SHAPLEY, deviation, horizon
from machi.questions.samples import masks_of
from machi.store import read_table

Array = NDArray[np.float64]
ROOT = Path(__file__).parent.parent
RESULT, TABLE = ROOT / "results" / "fraction", ROOT / "policies" / "iwaki" / "portfolios.parquet"
NORMAL = float(stats.norm.ppf(TAIL))


def held(shown: Array, half: Array) -> float:
    """Percent of figures [things, seeds] whose range of `half` on either side holds the mean over the seeds."""
    return float(100 * np.mean(np.abs(shown - shown.mean(axis=1, keepdims=True)) < half))


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """Coverage of portfolios, of pairs of them and of Shapley values; deviations by package; what pairs leave out."""
    if not RESULT.is_dir():
        yield "nothing to compare with", "run `machi run fraction` first (about an hour)"
        return
    table = read(TABLE)
    keys = list(table.header.packages)
    runs, strengths = (read_table(RESULT, name) for name in ("runs.parquet", "strengths.parquet"))
    x, people = sampled(runs, strengths, "fraction", keys, "population")
    masks = masks_of(x)
    yield from _of_portfolios(table, runs, strengths, masks)
    yield "90 % range of two portfolios' difference holds the mean", f"{_of_pairs(table, masks, people):.1f} %"
    yield from _of_packages(table, masks, people)


def _of_portfolios(
    table: PortfolioTable, runs: pd.DataFrame, strengths: pd.DataFrame, masks: NDArray[np.int64]
) -> Iterator[tuple[str, str]]:
    """Differences from none, column by column."""
    keys = list(table.header.packages)
    none = int(np.flatnonzero(masks == 0)[0])
    gained: dict[str, Array] = {}
    for column in table.columns:
        outcome = "population" if column == horizon(table.header) else column
        if outcome in runs.columns and column != COST:
            values = sampled(runs, strengths, "fraction", keys, outcome)[1]
            gained[column] = np.delete(values - values[none], none, axis=0)
    at_end = gained[horizon(table.header)]
    for column, shown in gained.items():
        one = deviation(table.header, column, at_end)
        if one is not None and shown.any():  # nothing acts before the first year of policy
            text = f"90 % range of {len(shown)} portfolios' {column} holds the mean of {shown.shape[1]} seeds"
            yield text, f"{held(shown, NORMAL * one):.1f} %"


def _of_pairs(table: PortfolioTable, masks: NDArray[np.int64], people: Array) -> float:
    """Percent of differences between two portfolios, under every seed, whose range holds their mean."""
    column = horizon(table.header)
    variance = np.square(np.asarray(deviation(table.header, column, table.columns[column])))
    first, second = np.array(list(combinations(range(len(masks)), 2))).T
    one, other = masks[first], masks[second]
    only = (one & ~other, other & ~one)
    half = NORMAL * np.sqrt(sum(np.where(mask > 0, variance[mask], 0.0) for mask in only))
    return held(people[first] - people[second], np.asarray(half)[:, None])


def _of_packages(table: PortfolioTable, masks: NDArray[np.int64], people: Array) -> Iterator[tuple[str, str]]:
    """Shapley values of single seeds, and what the fit behind them leaves."""
    column, fitted = horizon(table.header), fit(masks, people, len(table.header.packages))
    shown = fitted.shapley
    used = np.asarray(deviation(table.header, column, shown)) * OF_SHAPLEY**0.5
    by_package = np.abs(shown - shown.mean(axis=1, keepdims=True)) < NORMAL * used
    counts = by_package.sum(axis=1)
    text = f"{100 * by_package.mean():.1f} %  ({counts.min()} to {counts.max()} of {shown.shape[1]} by package)"
    yield "90 % range of one seed's Shapley value holds the mean", text
    mean = shown.mean(axis=1)
    at_mean = np.asarray(deviation(table.header, column, mean)) * OF_SHAPLEY**0.5
    for k in np.argsort(-mean):
        name = f"{table.header.packages[k]} ({mean[k]:,.0f} people): deviation of one seed's Shapley value, used | seen"
        yield name, f"{at_mean[k]:.0f} | {shown[k].std(ddof=1):.0f}"
    alone, last = fitted.own, fitted.last()
    root = [float(np.sqrt(np.mean(one.var(axis=1, ddof=1)))) for one in (alone, last)]
    together = np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(alone, last, strict=True)])
    yield "deviation of what a package adds alone | last, root mean square", f"{root[0]:.0f} | {root[1]:.0f} people"
    yield "correlation of the two over the seeds, mean over the packages", f"{together:.2f}"
    lacking, pure = fitted.lacking()
    missed = np.sqrt(max(lacking - pure, 0.0) / shown.shape[1])
    p = attribution(masks, people, len(table.header.packages)).lack_of_fit
    yield "lack of fit: p, and what pairs miss of a portfolio", f"{p:.3f}, {missed:.1f} people"
