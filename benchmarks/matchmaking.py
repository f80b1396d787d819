"""Matchmaking's yield: extra marriages that a centre makes against those that its dose speaks of.

`marriages_per_participant` in `behaviour.toml` was set on this check: asked for +1 %, the market makes about +1 %.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.town import Iwaki

SEEDS = (1, 2, 3)
YEARS = 5


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """Extra marriages a year in the first five years per dose."""
    base = float(iwaki.reference.numbers.base_marriages[0])
    for dose in (1.01, 1.03, 1.10):
        more = []
        for seed in SEEDS:
            none, some = iwaki.run(seed), iwaki.run(seed, matchmaking=dose)
            more.append((some.marriages - none.marriages)[:YEARS].sum() / 2 / YEARS)
        error = np.std(more, ddof=1) / np.sqrt(len(SEEDS))
        yield (
            f"dose x{dose}: marriages a year more (asked for {(dose - 1) * base:.0f})",
            f"{np.mean(more):.1f} +- {error:.1f}",
        )
