"""Who deserves what of the sum: Shapley values over all portfolios, and from a fraction of them with its doubt.

A portfolio is a bit mask: bit k is set where package k is in it. The factorial of n packages is exact in design, one
seed's noise in it; the fraction has few portfolios and many seeds, so that main effects and pairs have intervals and
what they leave unexplained can be tested.
"""

from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from abm.errors import InputError
from machi.questions.fraction import bits

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TAIL = 0.95  # two-sided 90 %


def shapley(values: Floats) -> Floats:
    """Exact Shapley values, float64[n], of the values of all portfolios, float64[2^n] in order of their masks.

    Package k's is its mean marginal effect over all orders in which packages may come (Shapley 1953); they sum to the
    value of all minus that of none.
    """
    n = _packages(values)
    masks = np.arange(len(values))
    sizes = bits(masks, n).sum(axis=1)
    weight = np.array([1 / (n * comb(n - 1, s)) for s in range(n)])
    found = np.empty(n)
    for k in range(n):
        without = masks[masks >> k & 1 == 0]
        found[k] = (weight[sizes[without]] * (values[without | 1 << k] - values[without])).sum()
    return found


def pairs(values: Floats) -> Floats:
    """Shapley interaction of every pair, float64[n, n], symmetric, 0 on the diagonal (Grabisch & Roubens 1999).

    Negative: the two together bring less than each beside the others.
    """
    n = _packages(values)
    if n < 2:
        return np.zeros((n, n))
    masks = np.arange(len(values))
    sizes = bits(masks, n).sum(axis=1)
    weight = np.array([1 / ((n - 1) * comb(n - 2, s)) for s in range(n - 1)])
    found = np.zeros((n, n))
    for i, j in combinations(range(n), 2):
        without = masks[(masks >> i & 1 == 0) & (masks >> j & 1 == 0)]
        a, b = 1 << i, 1 << j
        both = values[without | a | b] - values[without | a] - values[without | b] + values[without]
        found[i, j] = found[j, i] = (weight[sizes[without]] * both).sum()
    return found


class Fit(NamedTuple):
    """Main effects and pairs fitted to each seed by itself; pairs in the order of `combinations`."""

    own: Floats  # [n, seeds]
    together: Floats  # [pairs, seeds]
    shapley: Floats  # [n, seeds] its own effect and half of its pairs
    left: Floats  # [m, seeds] what the fit leaves
    degrees: int  # of freedom that are left of one seed's portfolios

    def last(self) -> Floats:
        """What each package adds when all others are there, float64[n, seeds]: its own effect and all of its pairs."""
        return 2 * self.shapley - self.own

    def lacking(self) -> tuple[float, float]:
        """Mean squares of what means over seeds leave, and of the noise once seeds' own levels are taken out.

        What each seed's own fit leaves is looked at: effects that differ from seed to seed, alike in all portfolios
        that share them, are no measure of the noise between portfolios.
        """
        seeds, means = self.left.shape[1], self.left.mean(axis=1, keepdims=True)
        pure = ((self.left - means) ** 2).sum() / (self.degrees * (seeds - 1))
        return float(seeds * (means**2).sum() / self.degrees), float(pure)


def fit(masks: Integers, values: Floats, packages: int) -> Fit:
    """Least squares for portfolios int64[m] and values float64[m, seeds], seeds common to all portfolios."""
    ticked = bits(masks, packages).astype(float)
    first, second = np.triu_indices(packages, 1)
    design = np.column_stack([np.ones(len(masks)), ticked, ticked[:, first] * ticked[:, second]])
    fitted, *_ = np.linalg.lstsq(design, values, rcond=None)
    own, together = fitted[1 : 1 + packages], fitted[1 + packages :]
    share = own.copy()
    np.add.at(share, first, together / 2)
    np.add.at(share, second, together / 2)
    degrees = len(masks) - int(np.linalg.matrix_rank(design))
    return Fit(own, together, share, values - design @ fitted, degrees)


class Attribution(NamedTuple):
    """Effects out of a fraction with several seeds: estimates with 90 % intervals, and what they leave unexplained."""

    value: Floats  # [n] Shapley values of the fitted main effects and pairs
    low: Floats
    high: Floats
    pair: Floats  # [n, n] effect of two together beyond the sum of each
    pair_low: Floats
    pair_high: Floats
    lack_of_fit: float  # p: small where more than pairs is at work, nan where it cannot be told


def attribution(masks: Integers, values: Floats, packages: int) -> Attribution:
    """Shapley values and pairs from portfolios int64[m] and values float64[m, seeds], seeds common to all portfolios.

    The spread over seeds gives the intervals (t distribution). The test of lack of fit compares what the mean over
    seeds leaves with the noise that remains once seeds' own levels are taken out.
    """
    seeds = values.shape[1]
    if seeds < 2:
        raise InputError(f"seeds: {seeds} cannot tell noise from effect; give two or more.")
    fitted = fit(masks, values, packages)
    value, low, high = _interval(fitted.shapley)
    square = np.zeros((3, packages, packages))
    first, second = np.triu_indices(packages, 1)
    square[:, first, second] = square[:, second, first] = np.stack(_interval(fitted.together))
    return Attribution(value, low, high, square[0], square[1], square[2], _lack_of_fit(fitted))


def _lack_of_fit(fitted: Fit) -> float:
    """How likely so much is left of the means over seeds, had nothing but pairs been at work (p of an F test)."""
    if fitted.degrees <= 0:
        return float("nan")
    lacking, pure = fitted.lacking()
    rest = fitted.degrees * (fitted.left.shape[1] - 1)
    return float(stats.f.sf(lacking / pure, fitted.degrees, rest)) if pure > 0 else float("nan")


def _interval(by_seed: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean over seeds with its 90 % interval: (mean, low, high) of float64[k, seeds]."""
    seeds = by_seed.shape[1]
    mean = by_seed.mean(axis=1)
    half = stats.t.ppf(TAIL, seeds - 1) * by_seed.std(axis=1, ddof=1) / np.sqrt(seeds)
    return mean, mean - half, mean + half


def _packages(values: Floats) -> int:
    n = len(values).bit_length() - 1
    if len(values) != 1 << n or n < 1:
        raise InputError(f"portfolios: {len(values)} values are no full factorial; give 2^n of them.")
    return n
