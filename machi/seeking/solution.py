"""From a target to its answer: the cheapest portfolio, verified, or how far from it everything is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from machi.analysis.paired import Estimate, estimate
from machi.places import suggestion
from machi.policy.package import Package, read_packages
from machi.policy.portfolio import RunTime, levers_by_year
from machi.policy.priors import central
from machi.policy.shared import Shared, read_shared
from machi.runs.groundwork import Ground
from machi.seeking.equivalents import KNOBS, STRENGTH, Equivalent, equivalent
from machi.seeking.known import Known
from machi.seeking.search import Answer, cheapest
from machi.seeking.target import Target
from machi.seeking.trials import Trials, reaches

Floats = NDArray[np.float64]
NOTHING = "none"  # the portfolio without packages


@dataclass(frozen=True)
class Policies:
    """The packages that may be combined, as levers by year and costs from the start to the target's year."""

    packages: Sequence[Package]
    shared: Shared
    run_time: RunTime
    start: int
    end: int

    @property
    def keys(self) -> tuple[str, ...]:
        """The packages' names; bit k of a portfolio's mask is the k-th."""
        return tuple(package.key for package in self.packages)

    @property
    def first_row(self) -> int:
        """The first year of policy, counted from the start: equivalents act from it on, as packages do."""
        first = min(package.run_times.first_year for package in self.packages)
        return min(max(first - self.start, 0), self.end - self.start - 1)

    def levers(self, mask: int) -> Floats:
        """The levers of a portfolio by year, at central values."""
        return self._paths(mask)[0]

    def cost(self, mask: int) -> float:
        """Its cost from the start to the target's year, million yen, not discounted."""
        return float(self._paths(mask)[1].sum())

    def named(self, mask: int) -> str:
        """A portfolio's packages."""
        return " ".join(key for place, key in enumerate(self.keys) if mask >> place & 1) or NOTHING

    def mask(self, keys: Sequence[str]) -> int:
        """The portfolio of some packages."""
        return sum(1 << self.keys.index(key) for key in keys)

    def _paths(self, mask: int) -> tuple[Floats, Floats]:
        strengths = {key: 1.0 for place, key in enumerate(self.keys) if mask >> place & 1}
        theta = central(tuple(self.packages), self.shared)
        paths = levers_by_year(self.packages, strengths, theta, self.run_time, self.start, self.end)
        return paths.array, np.asarray(paths.cost_million_yen, dtype=np.float64)


class Portfolio(NamedTuple):
    """One simulated portfolio: what it reaches, and what it adds to no policy under the same seeds."""

    mask: int
    name: str
    cost: float
    reached: Estimate
    gained: Estimate


class Solution(NamedTuple):
    """The answer to a target: every portfolio that was simulated (cheapest first), the one found, and equivalents.

    `beside` each equivalent stands the portfolio with which it meets the target. `open` counts cheaper portfolios that
    were neither simulated nor excluded.
    """

    target: Target
    meets: bool
    found: Portfolio
    portfolios: list[Portfolio]
    equivalents: list[tuple[str, Equivalent]]
    open: int
    runs: int


def solve(target: Target, policies: Policies, trials: Trials, most: int, known: Known | None = None) -> Solution:
    """Search for the cheapest portfolio (or take the one that is known), and where none meets it solve equivalents."""

    def outcomes(masks: Sequence[int]) -> list[Floats]:
        return [reaches(one) for one in trials.of([policies.levers(mask) for mask in masks])]

    costs = np.array([policies.cost(1 << place) for place in range(len(policies.keys))])
    if known is None:
        answer = cheapest(costs, target.aim, outcomes, most)
    else:
        mask, whole = policies.mask(known.keys), (1 << len(policies.keys)) - 1
        masks = list(dict.fromkeys([0, mask, whole]))
        answer = Answer(mask, known.meets, dict(zip(masks, outcomes(masks), strict=True)), 0)
    told = {mask: _told(mask, policies, answer, target) for mask in answer.simulated}
    found = []
    if not answer.meets:
        row = policies.first_row
        for mask in dict.fromkeys([0, answer.mask]):
            base = policies.levers(mask)
            found += [(policies.named(mask), equivalent(knob, base, row, trials)) for knob in KNOBS]
        if answer.mask:
            best = answer.mask
            found.append((policies.named(best), equivalent(STRENGTH, policies.levers(best), row, trials)))
    listed = sorted(told.values(), key=lambda one: (one.cost, one.mask))
    return Solution(target, answer.meets, told[answer.mask], listed, found, answer.open, trials.runs)


def _told(mask: int, policies: Policies, answer: Answer, target: Target) -> Portfolio:
    values, none = answer.simulated[mask], answer.simulated[0]
    return Portfolio(
        mask, policies.named(mask), policies.cost(mask), as_told(estimate(values), target),
        as_told(estimate(values - none), target),
    )  # fmt: skip


def as_told(one: Estimate, target: Target) -> Estimate:
    """An estimate of what is reached, in the indicator's own sense (a share of which little is wanted is turned)."""
    if target.indicator.wanted > 0:
        return one
    return one._replace(mean=0.0 - one.mean, low=0.0 - one.high, high=0.0 - one.low)


def trials_in(
    ground: Ground, fraction: float, target: Target, policies: Policies, seeds: Sequence[int], threads: int
) -> Trials:
    """Runs in a town, founded at a fraction; its reference arm is solved where it is not kept."""
    from abm.simulation import simulate

    founding, reference = ground.founding(fraction), ground.reference()
    first = ground.start + policies.first_row
    return Trials(lambda array, seed: simulate(founding, reference, array, seed), target, seeds, first, threads)


def read_policies(ground: Ground, chosen: Sequence[str] | None, run_time: RunTime) -> Policies:
    """The packages of a town, or those of them that are named (InputError for one that there is not)."""
    folder = ground.places.package_dir(str(ground.town_dir))
    every = {package.key: package for package in read_packages(folder)}
    for key in chosen or ():
        if key not in every:
            raise InputError(f"--package: there is no package `{key}`; {suggestion(key, every)}")
    packages = [every[key] for key in dict.fromkeys(chosen or every)]
    return Policies(packages, read_shared(folder.parent / "shared.toml"), run_time, ground.start, ground.end)
