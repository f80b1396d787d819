"""The job check: what becomes of 1,300 lasting new slots, and of twice as many (MODEL: 0.15 to 0.35 residents a slot).

The elasticity of leaving and return to vacancies was set on this check (`behaviour.toml`, pull), then frozen.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.town import Iwaki

SLOTS = 1300
YEARS = 10
SEEDS = (1, 2, 3)


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """Shares of the new slots after ten years, paired over seeds, and the effect of twice the slots."""
    gains = {}
    for slots in (SLOTS, 2 * SLOTS):
        shares = []
        for seed in SEEDS:
            none, some = iwaki.run(seed), iwaki.run(seed, slots_manufacturing=slots)
            people = (some.population - none.population)[YEARS].sum(axis=0)
            employed = float((some.employed - none.employed)[YEARS].sum())
            idle = float((none.unemployed - some.unemployed)[YEARS].sum())
            movers = float(people[18:65].sum())
            open_ = float(some.vacancies[YEARS] - none.vacancies[YEARS])
            outside = employed - movers - idle
            rest = slots - employed - open_
            shares.append(np.array([movers, idle, outside, rest, open_]) / slots)
        mean, error = np.mean(shares, axis=0), np.std(shares, axis=0, ddof=1) / np.sqrt(len(SEEDS))
        names = ("residents 18-64 more", "unemployed fewer", "others into work", "in-commuters, job-changers", "open")
        for name, value, spread in zip(names, mean, error, strict=True):
            yield f"{slots} slots: {name} per slot after {YEARS} years", f"{value:.3f} +- {spread:.3f}"
        gains[slots] = mean[0] * slots
        jobless = some.unemployed[YEARS].sum() / (some.unemployed[YEARS].sum() + some.employed[YEARS].sum())
        yield f"{slots} slots: unemployment rate", f"{jobless:.3f}"
    yield "twice the slots give this many times the residents", f"{gains[2 * SLOTS] / gains[SLOTS]:.2f}"
