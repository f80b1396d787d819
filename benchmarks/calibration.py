"""Do calibration's 90 % intervals cover? Known factors of a synthetic town, recovered from one run of other seeds.

A trial takes a small town (one resident in twenty) as the whole truth: its factors are drawn, one run under a seed of
its own is what its register counted, and the calibration sees nothing else. Each factor's interval should hold the
truth in about nine trials of ten (80-98 % of 50 trials).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from abm.alignment import align
from abm.founding.found import found
from benchmarks.town import Iwaki
from machi.calibration.fit import Bench, Fit, Fitting
from machi.calibration.moments import BY_KEY, Observed, simulated

TRIALS, FRACTION, YEARS, SEEDS = 50, 0.05, 3, 12
KEYS, COUNTED = ("marriage", "childbirth", "leaving", "uturn"), ("marriages", "births", "moves_out", "returns")
WIDEST = 0.25  # of the log of a true factor
TRUTHS = 900_000  # seeds of truths begin here, far from the calibration's own


class Trial(NamedTuple):
    """True factors, the fit, and whether each interval holds the truth."""

    truth: dict[str, float]
    fit: Fit
    covered: dict[str, bool]


def trial(bench: Bench, number: int, seeds: int = SEEDS) -> Trial:
    """One town with factors of its own, counted once, and its calibration."""
    logs = np.random.default_rng(number).uniform(-WIDEST, WIDEST, len(KEYS))
    moments = [BY_KEY[key] for key in COUNTED]
    rates, counts = simulated(bench.lived(KEYS, logs, [TRUTHS + number])[0], moments)
    observed = [Observed(*one, "synthetic") for one in zip(moments, rates.tolist(), counts.tolist(), strict=True)]
    fit = Fitting(bench, KEYS, observed, [1000 * number + r for r in range(1, seeds + 1)]).fit()
    truth = dict(zip(KEYS, np.exp(logs).tolist(), strict=True))
    return Trial(truth, fit, {one.key: one.low <= truth[one.key] <= one.high for one in fit.factors})


def small_bench(iwaki: Iwaki, fraction: float = FRACTION, threads: int = 2) -> Bench:
    """A part of Iwaki, aligned on itself, as a town of its own."""
    founding = found(iwaki.town, "census", fraction)
    start = iwaki.scenario.start
    return Bench(founding, align(iwaki.town, iwaki.scenario, start, start + YEARS, founding), threads)


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """How often the intervals hold the truth, by factor and in all, and how wide they are."""
    bench = small_bench(iwaki)
    trials = [trial(bench, number) for number in range(1, TRIALS + 1)]
    for place, key in enumerate(KEYS):
        held = sum(one.covered[key] for one in trials)
        width = np.median([one.fit.factors[place].high / one.fit.factors[place].low for one in trials])
        bias = np.mean([np.log(one.fit.factors[place].value / one.truth[key]) for one in trials])
        error = np.std([np.log(one.fit.factors[place].value / one.truth[key]) for one in trials], ddof=1)
        yield (f"{key}: intervals that hold the truth (wanted 80-98 %)", f"{held} of {TRIALS} ({held / TRIALS:.0%})")
        yield (f"{key}: median ratio of its ends; mean log error (s.e.)",
               f"{width:.3f}; {bias:+.4f} ({error / np.sqrt(TRIALS):.4f})")  # fmt: skip
    held = sum(sum(one.covered.values()) for one in trials)
    yield ("all factors", f"{held} of {TRIALS * len(KEYS)} ({held / TRIALS / len(KEYS):.0%})")
    yield ("converged", f"{sum(one.fit.converged for one in trials)} of {TRIALS}")
