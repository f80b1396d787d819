"""Common random numbers: variance of an effect with independent seeds over that with the same seed in both arms.

Measured at 1:10 (35,000 people) on the population after 45 years. The ratio says how many times as many independent
runs would tell the effect as exactly; its interval resamples the seeds.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from abm.founding.found import found
from benchmarks.town import END, Iwaki, residents

SEEDS = range(1, 65)
FRACTION = 0.1
RESAMPLES = 2000
POLICIES: tuple[tuple[dict[str, float], str], ...] = (
    ({"childbirth": 1.1}, "goal 20"),
    ({"childbirth": 1.01}, "goal 70"),
    ({"matchmaking": 1.1}, "goal 10"),
    ({"matchmaking": 1.02}, "no goal"),
    ({"marriage_search": 1.1}, "no goal"),
    ({"leaving_18_24": 0.9}, "no goal"),
    ({"arrivals_families": 1.1}, "no goal"),
)

Array = NDArray[np.float64]


def variance_ratio(some: Array, none: Array) -> float:
    """Variance of the difference of two independent runs over that of runs with the same seeds, float64[runs] each."""
    return float((np.var(some, ddof=1) + np.var(none, ddof=1)) / max(float(np.var(some - none, ddof=1)), 1e-12))


def interval(some: Array, none: Array, resamples: int = RESAMPLES) -> tuple[float, float]:
    """The bounds that hold the middle 90 % of the ratios of resampled seeds (a bootstrap over pairs of runs)."""
    chosen = np.random.default_rng(1).integers(0, len(none), (resamples, len(none)))
    ratios = [variance_ratio(some[rows], none[rows]) for rows in chosen]
    low, high = np.quantile(ratios, (0.05, 0.95))
    return float(low), float(high)


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """Variance ratios by policy with their 90 % intervals, and each effect with its paired standard error."""
    founding = found(iwaki.town, fraction=FRACTION)
    none = np.array([residents(iwaki.run(seed, founding=founding), END) for seed in SEEDS])
    for policy, goal in POLICIES:
        some = np.array([residents(iwaki.run(seed, None, founding, **policy), END) for seed in SEEDS])
        low, high = interval(some, none)
        name = ", ".join(f"{key} {value}" for key, value in policy.items())
        effect, error = np.mean(some - none), np.std(some - none, ddof=1) / np.sqrt(len(SEEDS))
        yield (
            f"{name}: variance ratio ({goal}; effect {effect:,.0f} +- {error:,.0f})",
            f"{variance_ratio(some, none):.0f}  (90 %: {low:.0f} to {high:.0f}, n = {len(SEEDS)})",
        )
