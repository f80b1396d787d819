"""How sure are we: effects under joint draws of what is not known, with the computer's own noise removed.

Paired differences are float64[packages, draws, replications]: package alone minus none, same draw theta, same
replication.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TIE = (0.2, 0.8)  # two packages tie when P(i > j) lies in here, by convention of the project


class RandomEffects(NamedTuple):
    """One package's draws without noise, and the two variances that they were made from."""

    draws: Floats  # float64[draws]
    within: float  # variance of a paired difference between replications of one draw
    between: float  # variance of the effect between draws
    null_share: float  # share of draws in which the package changed nothing at all
    noise_removed: bool


def without_noise(differences: Floats) -> RandomEffects:
    """The effect in each draw, its spread freed of Monte Carlo noise by one-way random effects.

    `differences` is float64[draws, replications]. With K draws of n replications, MSW the mean square within
    draws and MSB that between draws, within = MSW and between = max(0, (MSB - MSW) / n) (Searle, Casella and
    McCulloch 1992, Variance Components, chapter 3). Each draw's mean is pulled to the grand mean by
    sqrt(target / (MSB / n)), target = between + MSB / (n K): the draws then spread by the between variance
    plus the error of the grand mean itself (Higgins, Thompson and Spiegelhalter 2009, JRSS A 172:137-159).
    Without the second term a package whose spread drowns in noise would get an interval of no width. The
    centre stays the mean over draws, which need not be the effect at central values.
    A draw in which nothing changed in any replication is a null effect, known without noise: it stays at 0.
    With one replication a draw noise cannot be told from spread and is not removed (intervals too wide).
    """
    n = differences.shape[1]
    null = (differences == 0.0).all(axis=1)
    active = differences[~null]
    draws = np.zeros(len(differences))
    share = float(null.mean())
    means = active.mean(axis=1)
    draws[~null] = means
    if len(active) < 2 or n < 2:
        return RandomEffects(draws, 0.0, _variance(means), share, n >= 2)
    observed = _variance(means)  # MSB / n
    within = float(active.var(axis=1, ddof=1).mean())
    between = max(0.0, observed - within / n)
    target = min(observed, between + observed / len(active))
    pull = np.sqrt(target / observed) if observed > 0.0 else 0.0
    draws[~null] = means.mean() + pull * (means - means.mean())
    return RandomEffects(draws, within, between, share, True)


def _variance(values: Floats) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def rank_probabilities(draws: Floats) -> Floats:
    """P(package i has rank j + 1), float64[packages, packages], from draws float64[packages, draws].

    Equal effects share their ranks evenly, so that the order of the packages decides nothing.
    """
    size = len(draws)
    ahead = (draws[None] > draws[:, None]).sum(axis=1)  # [packages, draws]: how many are strictly better
    equal = (draws[None] == draws[:, None]).sum(axis=1)  # itself included
    place = np.arange(size)[:, None, None]
    held = (place >= ahead) & (place < ahead + equal)
    return np.asarray((held / equal).mean(axis=2).T, dtype=np.float64)


def greater_probabilities(draws: Floats) -> Floats:
    """P(package i > package j), float64[packages, packages]; equal effects count one half, diagonal 0.5."""
    over = (draws[:, None] > draws[None]).mean(axis=2)
    even = (draws[:, None] == draws[None]).mean(axis=2)
    return np.asarray(over + even / 2.0, dtype=np.float64)


def tied_pairs(greater: Floats) -> list[tuple[int, int]]:
    """Pairs i < j that the evidence cannot put in order."""
    rows, columns = np.triu_indices(len(greater), 1)
    tied = (greater[rows, columns] >= TIE[0]) & (greater[rows, columns] <= TIE[1])
    return [(int(i), int(j)) for i, j in zip(rows[tied], columns[tied], strict=True)]
