"""How far a forecast was off, and how honest its intervals were; pure functions of arrays."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
ALPHA = 0.1  # what an interval of 90 % leaves outside
RESAMPLES = 2000  # of the block bootstrap: its ends are stable to about a point


def total_error(forecast: Array, actual: Array) -> float:
    """The error of the sum over the actual sum, signed."""
    return float(forecast.sum() / actual.sum() - 1)


def wape(forecast: Array, actual: Array) -> float:
    """The sum of absolute errors of all cells over the actual sum."""
    return float(np.abs(forecast - actual).sum() / actual.sum())


def interval_score(low: Array, high: Array, actual: Array, alpha: float = ALPHA) -> float:
    """The interval score (Gneiting and Raftery 2007), summed over cells and divided by the actual sum.

    The width, and 2 / alpha for every person by whom the actual figure lies outside; lower is better.
    """
    outside = np.maximum(low - actual, 0.0) + np.maximum(actual - high, 0.0)
    return float((high - low + 2 / alpha * outside).sum() / actual.sum())


def inside(low: Array, high: Array, actual: Array) -> Flags:
    """Which figures lie within their intervals."""
    return np.asarray((low <= actual) & (actual <= high))


def relative_width(low: Array, high: Array, actual: Array) -> float:
    """The mean over cells of the interval's width over the actual figure; cells without people are left out."""
    some = actual > 0
    return float(((high - low)[some] / actual[some]).mean()) if some.any() else float("nan")


class Share(NamedTuple):
    """A pooled share with the 90 % interval of its block bootstrap (nan where there is one block only)."""

    share: float
    low: float
    high: float
    number: int


def pooled_share(blocks: Sequence[Flags], seed: int = 1) -> Share:
    """The share of true flags in all blocks together; whole blocks are drawn again for the interval.

    A block holds everything of one area. Launches of one area follow each other by a year, share most of their span
    and the same surprises, and its ages move together; so neither cells nor launches are independent, areas nearly.
    With few blocks the interval is rough, and too narrow rather than too wide.
    """
    hits = np.array([np.count_nonzero(block) for block in blocks], dtype=np.float64)
    sizes = np.array([np.size(block) for block in blocks], dtype=np.float64)
    share, number = float(hits.sum() / sizes.sum()), int(sizes.sum())
    if len(blocks) < 2:
        return Share(share, float("nan"), float("nan"), number)
    drawn = np.random.default_rng(seed).integers(0, len(blocks), (RESAMPLES, len(blocks)))
    low, high = np.quantile(hits[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), [ALPHA / 2, 1 - ALPHA / 2])
    return Share(share, float(low), float(high), number)
