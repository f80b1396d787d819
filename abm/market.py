"""The marriage market's levels on the reference arm: how many search, and how many find somebody from elsewhere.

Both are solved on trial markets, independent ones on the present town, so that the residents who marry follow the
nuptiality path and a set share of their marriages is with somebody from elsewhere.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.draws import Decision, stream
from abm.marriage import Search, couples, searchers
from abm.outside import ADULT
from abm.population import Population
from abm.reference import Numbers
from abm.year import Town

Array = NDArray[np.float64]
_TRIALS = 6  # independent markets by which a year's levels are solved
_SOLVED_EVERY = 5  # years: the levels are kept in between, so that the noise of single markets does not enter them
_PASSES = 8  # of the first year's search level: each searcher more makes the market denser
_LIKELIEST = 0.95


class Trial(NamedTuple):
    """Means of several trial markets."""

    pairs: float
    searchers: float
    alone: Array  # [2]: grown searchers by sex who met nobody


@dataclass
class Market:
    """The levels as they are solved year by year.

    `search` are the base hazards, `hazard` [2 (never married, married before), 101] the marriage probabilities of
    women at level 1, `path` [Y] the scenario's nuptiality, `share` that of marriages with somebody from elsewhere.
    """

    search: Search
    hazard: Array
    path: Array
    share: float
    level: float = 1.0
    nuptiality: float = 1.0
    outside: Array = field(default_factory=lambda: np.zeros(2))

    def target(self, people: Population, y: int) -> float:
        """Women who marry in a year, by their hazards at the town's level, on the scenario's path of nuptiality."""
        persons, rows = people.persons, people.residents
        free = rows[(persons.sex[rows] == 1) & (persons.civil[rows] != 1)]
        again = (persons.civil[free] != 0).astype(np.int64)
        hazard = self.hazard[again, np.minimum(persons.age[free], 100)]
        return float(hazard.sum()) * self.nuptiality * float(self.path[y])

    def open(self, town: Town, wanted: float, numbers: Numbers) -> None:
        """The levels with which the first year's marriages are as many as `wanted`; kept in `numbers` for the town."""
        self.nuptiality = wanted / self.target(town.population, 0)
        for _ in range(_PASSES):
            trial = self.trial(town)
            self.level *= (self._in_town(wanted) / max(trial.pairs, 1.0)) ** 0.9
        self._open_outside(trial, wanted)
        numbers.base_marriages[0] = wanted / town.fraction
        numbers.base_searchers[0] = trial.searchers / town.fraction

    def solve(self, town: Town, target: float) -> None:
        """The levels of the present year, solved anew every few years."""
        if town.y % _SOLVED_EVERY == 0:
            trial = self.trial(town)
            self.level *= self._in_town(target) / max(trial.pairs, 1.0)
            self._open_outside(trial, target)

    def trial(self, town: Town) -> Trial:
        """Independent markets on the present town, at the present level."""
        people = town.population
        persons, pairs, looked, alone = people.persons, 0, 0, np.zeros(2)
        by_age = np.minimum(self.search.by_age * self.level, _LIKELIEST)
        search = self.search._replace(by_age=by_age)
        for number in range(_TRIALS):
            word = stream(1000 + number, Decision.SEARCH, town.year)
            looking = searchers(persons, people.households, people.n, search, word)
            lots = (stream(1000 + number, Decision.PAIR, town.year), np.uint64(0))
            met = couples(persons, town.circles, town.year, looking, search, lots)
            grown = met.alone[persons.age[met.alone] >= ADULT]
            pairs, looked = pairs + len(met.men), looked + len(looking)
            alone += np.bincount(persons.sex[grown], minlength=2)
        return Trial(pairs / _TRIALS, looked / _TRIALS, alone / _TRIALS)

    def _in_town(self, wanted: float) -> float:
        """Marriages of two residents: as many women as men marry out, so that each such marriage counts a half."""
        return wanted * (1 - self.share) / (1 - self.share / 2)

    def _open_outside(self, trial: Trial, wanted: float) -> None:
        """Equally many women and men marry somebody from elsewhere."""
        each = wanted * (self.share / 2) / (1 - self.share / 2)
        self.outside = np.minimum(each / np.maximum(trial.alone, 1e-9), _LIKELIEST)
