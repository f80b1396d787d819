"""Common random numbers: variance of an effect with independent seeds over that with the same seed in both arms.

Measured at 1:10 (35,000 people) on the population after 45 years.
"""

from collections.abc import Iterator

import numpy as np

from abm.founding import found
from benchmarks.town import END, Iwaki, residents

SEEDS = range(1, 9)
POLICIES = (
    {"childbirth": 1.1},
    {"childbirth": 1.01},
    {"matchmaking": 1.1},
    {"leaving_18_24": 0.9},
    {"arrivals_families": 1.1},
)


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """Variance ratios by policy; eight seeds, so each ratio is known to a factor of about two."""
    founding = found(iwaki.town, fraction=0.1)
    none = np.array([residents(iwaki.run(seed, founding=founding), END) for seed in SEEDS])
    for policy in POLICIES:
        some = np.array([residents(iwaki.run(seed, None, founding, **policy), END) for seed in SEEDS])
        paired = np.var(some - none, ddof=1)
        independent = np.var(some, ddof=1) + np.var(none, ddof=1)
        name = ", ".join(f"{key} {value}" for key, value in policy.items())
        yield f"{name}: variance ratio (effect {np.mean(some - none):.0f})", f"{independent / paired:.0f}"
