"""The cheapest portfolio that meets a target: what packages do alone guides the search, simulations decide.

A portfolio is a mask: bit k is the package k, on at strength 1 or off. Costs add up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError

Floats = NDArray[np.float64]
Outcomes = Callable[[Sequence[int]], Sequence[Floats]]  # of masks: what each reaches, by seed

MOST_PACKAGES = 16  # 65,536 portfolios are listed at once; more would not fit the search, by choice
MOST_PORTFOLIOS = 200  # simulated ones, without another limit
SLACK_OF_INTERPLAY = 0.5  # of what all packages do together beyond their sum: how wrong the guide may be (assumption)


class Answer(NamedTuple):
    """The cheapest portfolio found that meets the target; where none does, the one that comes nearest.

    `open` is how many cheaper portfolios the guide did not exclude and were not simulated.
    """

    mask: int
    meets: bool
    simulated: dict[int, Floats]
    open: int


@dataclass
class Search:
    """A search under way: costs by package, the aim, and the portfolios simulated so far."""

    costs: Floats
    aim: float
    outcomes: Outcomes
    most: int = MOST_PORTFOLIOS
    simulated: dict[int, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.costs) > MOST_PACKAGES:
            raise InputError(f"packages: a search combines {MOST_PACKAGES} or fewer; name them with --package.")
        self.masks = np.arange(1 << len(self.costs), dtype=np.int64)
        self.inside = (self.masks[:, None] >> np.arange(len(self.costs))) & 1  # [portfolios, packages]
        self.cost = np.asarray(self.inside @ self.costs, dtype=np.float64)

    def look(self, masks: Sequence[int]) -> None:
        """Simulate those that have not been."""
        new = [mask for mask in dict.fromkeys(masks) if mask not in self.simulated]
        self.simulated.update(zip(new, self.outcomes(new), strict=True))

    def mean(self, mask: int) -> float:
        """What a simulated portfolio reaches, mean over seeds."""
        return float(self.simulated[mask].mean())

    def meeting(self) -> int | None:
        """The cheapest simulated portfolio that meets the aim; of several the one that reaches most."""
        able = [mask for mask in self.simulated if self.mean(mask) >= self.aim]
        return min(able, key=lambda mask: (self.cost[mask], -self.mean(mask))) if able else None

    def guide(self) -> Floats:
        """What each portfolio would reach if packages added up, bent so that all of them reach what they do."""
        packages, whole = len(self.costs), len(self.masks) - 1
        none = self.mean(0)
        alone = np.array([self.mean(1 << place) - none for place in range(packages)])
        summed = np.asarray(self.inside @ alone, dtype=np.float64)
        together = self.mean(whole) - none
        ratio = together / summed[-1] if summed[-1] > 0 and together > 0 else 1.0
        share = np.maximum(self.inside.sum(axis=1) - 1, 0) / max(packages - 1, 1)
        return np.asarray(none + summed * (1.0 + (ratio - 1.0) * share), dtype=np.float64)

    def slack(self, guide: Floats) -> float:
        """How far the guide may be off: as far as it has been seen to be, at least a part of the interplay."""
        missed = [abs(self.mean(mask) - guide[mask]) for mask in self.simulated]
        packages = len(self.costs)
        summed = sum(self.mean(1 << place) - self.mean(0) for place in range(packages))
        interplay = abs(summed - (self.mean(len(self.masks) - 1) - self.mean(0)))
        return float(max([*missed, SLACK_OF_INTERPLAY * interplay]))

    def climb(self) -> None:
        """From the best portfolio seen to neighbours with one package more or less, as long as one is better."""
        before = -1
        while len(self.simulated) < self.most and (best := max(self.simulated, key=self.mean)) != before:
            self.look([best ^ (1 << place) for place in range(len(self.costs))])
            before = best

    def first_meeting(self, guide: Floats) -> None:
        """Simulate portfolios that should meet the aim, the cheapest first, until one does."""
        order = np.lexsort((-guide, self.cost))
        for mask in order[guide[order] >= self.aim]:
            if len(self.simulated) >= self.most or self.meeting() is not None:
                return
            self.look([int(mask)])

    def cheaper(self, guide: Floats) -> list[int]:
        """Portfolios cheaper than the cheapest found that the guide does not exclude, not simulated yet."""
        found = self.meeting()
        if found is None:
            return []
        possible = (self.cost < self.cost[found]) & (guide + self.slack(guide) >= self.aim)
        order = self.masks[possible][np.argsort(self.cost[possible], kind="stable")]
        return [int(mask) for mask in order if int(mask) not in self.simulated]


def cheapest(costs: Floats, aim: float, outcomes: Outcomes, most: int = MOST_PORTFOLIOS) -> Answer:
    """Search for the cheapest portfolio whose mean over seeds is at least `aim`; `costs` is float64[packages].

    Packages alone, none and all are simulated first. Then those that by the guide meet the aim, the cheapest first;
    once one does, the cheaper ones that the guide's own errors leave possible. At most about `most` are simulated.
    """
    search = Search(np.asarray(costs, dtype=np.float64), aim, outcomes, most)
    packages = len(search.costs)
    search.look([0, *(1 << place for place in range(packages)), len(search.masks) - 1])
    if search.mean(0) >= aim:
        return Answer(0, True, search.simulated, 0)
    guide = search.guide()
    search.look([int(np.argmax(guide))])
    search.first_meeting(guide)
    if search.meeting() is None:
        search.climb()
    while (left := search.cheaper(guide)) and len(search.simulated) < most:
        search.look(left[:1])
    found = search.meeting()
    if found is None:
        return Answer(max(search.simulated, key=search.mean), False, search.simulated, 0)
    return Answer(found, True, search.simulated, len(left))
