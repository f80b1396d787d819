"""The method of simulated moments on the reference arm, with common random numbers.

Factors theta (as logarithms) minimise g' W g, where g are the logs of simulated over observed rates, by Gauss-Newton.
The simulated rates are means over replications, whose seeds are the same at every theta: differences are then those of
theta and not of chance. With A = (J' W J)^-1 J' W the covariance is the sandwich A (C + S / n) A': C what the observed
counts vary by, S what a replication varies by, n replications (McFadden 1989, Econometrica 57:995-1026; Lee and Ingram
1991, J Econometrics 47:197-205). A count varies like Poisson's times the dispersion of the model's own events: families
move together, so that moves vary more than their number says, and who has just had a child has none for a while, so
that births vary less. A stock varies like Poisson's at least, since all replications begin with the same people.
"""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from abm.errors import InputError
from abm.levels.calibrated import LEAST, MOST, calibrated
from abm.levers import neutral
from machi.calibration.moments import Moment, Observed, simulated

if TYPE_CHECKING:
    from abm.founding.found import Founding
    from abm.levels.reference import Reference
    from abm.people.outputs import Outputs

Floats = NDArray[np.float64]
CONFIDENCE = 0.90
STEP = 0.1  # of a log factor, for slopes: wide against the grain of single events, narrow against curvature
LONGEST = 0.3  # of a log factor in one pass
PASSES = 8
ENOUGH = (
    0.2  # standard errors: a shorter step is the end. Chance parts runs of near factors, so that less means nothing
)
LEAST_DISPERSION = 0.05  # of few replications that happen to agree; an assumption
SINGULAR = 1e4  # condition number beyond which moments cannot tell factors apart


@dataclass(frozen=True)
class Bench:
    """A founded town and its reference arm over the years of the moments, lived under factors with common seeds."""

    founding: "Founding"
    reference: "Reference"
    threads: int = 1

    def lived(self, keys: Sequence[str], logs: Floats, seeds: Sequence[int]) -> "list[Outputs]":
        """One run a seed under factors exp(logs), without any policy."""
        from abm.simulation import simulate

        factors = {key: float(np.clip(math.exp(log), LEAST, MOST)) for key, log in zip(keys, logs, strict=True)}
        arm, levers = calibrated(self.reference, factors), neutral(len(self.reference.rates.years))
        with ThreadPoolExecutor(self.threads) as pool:  # the compiled year releases the interpreter lock
            return list(pool.map(lambda seed: simulate(self.founding, arm, levers, seed), seeds))


class Estimate(NamedTuple):
    """One factor with its 90 % interval and the standard error of its logarithm."""

    key: str
    value: float
    low: float
    high: float
    error: float
    at_bound: bool


class Met(NamedTuple):
    """One moment: observed, simulated without factors and with them, per resident."""

    observed: Observed
    before: float
    after: float
    dispersion: float


@dataclass(frozen=True)
class Fit:
    """The factors, how the moments are met, and how sure that is.

    `correlation` is float64[factors, factors]. `distance` is g' (C + S / n)^-1 g with `freedom` degrees (0 where there
    are as many factors as moments, so that all can be met). `passes` counts Gauss-Newton steps.
    """

    factors: tuple[Estimate, ...]
    moments: tuple[Met, ...]
    correlation: Floats
    distance: float
    freedom: int
    passes: int
    converged: bool

    @property
    def surprise(self) -> float:
        """The chance of a distance at least this large if the model were true; NaN without degrees of freedom."""
        return float(stats.chi2.sf(self.distance, self.freedom)) if self.freedom > 0 else math.nan


class _Look(NamedTuple):
    """What one theta gave: mean rates, and by replication the logs of rates and the numbers counted."""

    mean: Floats  # [moments]
    logs: Floats  # [replications, moments]
    counts: Floats  # [replications, moments]


class Fitting:
    """One calibration; `done` is called after every theta that was tried."""

    def __init__(
        self, bench: Bench, keys: Sequence[str], observed: Sequence[Observed], seeds: Sequence[int],
        done: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        if len(seeds) < 3:
            raise InputError(f"--seeds: {len(seeds)} replications tell no spread; give 3 or more.")
        if not keys or len(set(keys)) < len(keys):
            raise InputError("--factor: name at least one factor, and each once.")
        if len(observed) < len(keys):
            raise InputError(
                f"--factor: {len(keys)} factors cannot be told from {len(observed)} moments; leave some out, or state "
                "a count with --target."
            )
        self.bench, self.keys, self.observed, self.seeds, self.done = bench, tuple(keys), observed, tuple(seeds), done
        self.moments: list[Moment] = [one.moment for one in observed]
        self.target = np.log([one.rate for one in observed])

    def fit(self) -> Fit:
        """Solve for the factors (InputError where moments cannot tell them apart or nothing is counted in a run)."""
        theta = np.zeros(len(self.keys))
        look = first = self._look(theta)
        noise, weight = self._noise(look)
        gain = self._gain(self._slopes(theta), weight)  # elasticities hardly change on the way: renewed at the end only
        error = np.sqrt(np.diag(gain @ noise @ gain.T))
        nearest, converged, passes = (theta, look), False, 0
        while not converged and passes < PASSES:
            passes += 1
            step = np.clip(gain @ (self.target - np.log(look.mean)), -LONGEST, LONGEST)
            moved = np.clip(theta + step, math.log(LEAST), math.log(MOST))
            converged = bool((np.abs(moved - theta) < ENOUGH * error).all())
            theta, look = moved, self._look(moved)
            if self._distance(look, weight) <= self._distance(nearest[1], weight):
                nearest = theta, look
        theta, look = nearest
        noise, _ = self._noise(look)
        gain = self._gain(self._slopes(theta), weight)
        return self._told(theta, first, look, gain @ noise @ gain.T, noise, passes, converged)

    def _distance(self, look: _Look, weight: Floats) -> float:
        """g' W g."""
        left = np.log(look.mean) - self.target
        return float(left @ weight @ left)

    def _look(self, theta: Floats) -> _Look:
        """Live all replications under one theta."""
        pairs = [simulated(run, self.moments) for run in self.bench.lived(self.keys, theta, self.seeds)]
        rates, counts = (np.array(column) for column in zip(*pairs, strict=True))
        empty = (counts == 0).any(axis=0)
        if empty.any():
            name = self.moments[int(empty.argmax())].key
            raise InputError(f"--fraction: a run counts no {name} at all; take more of the people or more years.")
        self.done()
        return _Look(rates.mean(axis=0), np.log(rates), counts)

    def _slopes(self, theta: Floats) -> Floats:
        """How the logs of mean rates answer the log factors, float64[moments, factors], by central differences.

        At a bound of a factor the difference is one-sided.
        """
        columns = []
        for place in range(len(theta)):
            ends = []
            for sign in (1.0, -1.0):
                moved = theta.copy()
                moved[place] = np.clip(theta[place] + sign * STEP, math.log(LEAST), math.log(MOST))
                ends.append((moved[place], np.log(self._look(moved).mean)))
            columns.append((ends[0][1] - ends[1][1]) / (ends[0][0] - ends[1][0]))
        return np.column_stack(columns)

    def _noise(self, look: _Look) -> tuple[Floats, Floats]:
        """C + S / n of the logs, and its inverse."""
        spread = self._spread(look)
        size = np.sqrt(np.maximum(np.diag(spread), 1e-12))
        of_counts = np.sqrt(self._dispersion(look) / np.array([one.number for one in self.observed]))
        counts = spread / np.outer(size, size) * np.outer(of_counts, of_counts)
        noise = counts + spread / len(self.seeds)
        return noise, np.asarray(np.linalg.pinv(noise))

    def _spread(self, look: _Look) -> Floats:
        """The covariance of a replication's logs, its correlations pulled to none by moments over replications.

        A few replications tell correlations of several moments badly, and fewer than moments give no inverse.
        """
        number = len(self.moments)
        kept = 1.0 - number / (len(self.seeds) - 1 + number)
        spread = np.atleast_2d(np.cov(look.logs, rowvar=False))
        return np.where(np.eye(number, dtype=bool), spread, kept * spread)

    def _dispersion(self, look: _Look) -> Floats:
        """Variance over mean of the numbers counted in a replication; of a stock at least Poisson's 1."""
        times: Floats = look.logs.var(axis=0, ddof=1) * look.counts.mean(axis=0)
        least = [1.0 if moment.kind == "stock" else LEAST_DISPERSION for moment in self.moments]
        return np.maximum(times, least)

    def _gain(self, slopes: Floats, weight: Floats) -> Floats:
        """A = (J' W J)^-1 J' W, float64[factors, moments] (InputError where the moments cannot tell factors apart)."""
        known = slopes.T @ weight @ slopes
        size = np.sqrt(np.diag(known))
        if not (size > 0).all() or np.linalg.cond(known / np.outer(size, size)) > SINGULAR:
            names = ", ".join(self.keys)
            raise InputError(f"--factor: the moments cannot tell {names} apart; leave one out, or add a --target.")
        return np.asarray(np.linalg.solve(known, slopes.T @ weight))

    def _told(
        self, theta: Floats, first: _Look, last: _Look, covariance: Floats, noise: Floats, passes: int, converged: bool
    ) -> Fit:
        error = np.sqrt(np.diag(covariance))
        wide = float(stats.t.ppf(0.5 + CONFIDENCE / 2, len(self.seeds) - 1)) * error  # dispersions are estimated too
        at_bound = (theta <= math.log(LEAST)) | (theta >= math.log(MOST))
        factors = [
            Estimate(key, math.exp(log), math.exp(log - half), math.exp(log + half), float(one), bool(bound))
            for key, log, half, one, bound in zip(self.keys, theta, wide, error, at_bound, strict=True)
        ]
        dispersion = self._dispersion(last)
        moments = [
            Met(one, float(first.mean[j]), float(last.mean[j]), float(dispersion[j]))
            for j, one in enumerate(self.observed)
        ]
        distance = self._distance(last, np.asarray(np.linalg.pinv(noise)))
        return Fit(tuple(factors), tuple(moments), covariance / np.outer(error, error), distance,
                   len(self.observed) - len(self.keys), passes, converged)  # fmt: skip
