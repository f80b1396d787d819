"""How well rankings agree: mean ranks for ties, Spearman's and Kendall's coefficients."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def ranks_of(effects: Floats) -> Floats:
    """Ranks along the first axis, 1 for the largest effect, equal effects with their mean rank."""
    return np.asarray(stats.rankdata(-effects, axis=0), dtype=np.float64)


def standardised(values: Floats) -> Floats:
    """Ranks along the last axis with mean 0 and length 1 (all 0 where nothing varies): products are Spearman's rho."""
    centred = stats.rankdata(values, axis=-1)
    centred = centred - centred.mean(axis=-1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=-1, keepdims=True))
    return np.asarray(np.divide(centred, length, out=np.zeros_like(centred), where=length > 0))


def spearman(one: Floats, other: Floats) -> Floats:
    """Spearman's rho of every row of `one` [n, draws] with every row of `other` [m, draws], float64[n, m]."""
    return np.asarray(standardised(one) @ standardised(other).T, dtype=np.float64)


def kendall_w(ranks: Floats) -> float:
    """Kendall's coefficient of concordance of ranks [items, judges] with its correction for ties; 1 where all agree.

    NaN with fewer than two items or judges, or where no judge tells any two items apart.
    """
    items, judges = ranks.shape
    if items < 2 or judges < 2:
        return float("nan")
    sums = ranks.sum(axis=1)
    spread = float(((sums - sums.mean()) ** 2).sum())
    counts = [np.unique(column, return_counts=True)[1] for column in ranks.T]
    ties = float(sum(((count**3) - count).sum() for count in counts))
    most = judges**2 * (items**3 - items) - judges * ties
    return 12.0 * spread / most if most > 0 else float("nan")


def kendall_tau(one: Floats, other: Floats) -> Floats:
    """Kendall's tau-b of effects [..., items] with others of the same shape; NaN where one of them orders nothing."""
    first, second = np.triu_indices(one.shape[-1], 1)
    signs = [np.sign(of[..., first] - of[..., second]) for of in (one, other)]
    untied = [np.abs(of).sum(axis=-1) for of in signs]
    below = np.sqrt(untied[0] * untied[1])
    agreed = (signs[0] * signs[1]).sum(axis=-1)
    return np.asarray(np.divide(agreed, below, out=np.full_like(below, np.nan), where=below > 0))
