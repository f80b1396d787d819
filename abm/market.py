"""The marriage market's levels on the reference arm: how many search, and how many find somebody from elsewhere.

Both are solved on trial markets, independent ones on the present town, so that the residents who marry follow the
nuptiality path and a set share of their marriages is with somebody from elsewhere. Who finds a partner depends on who
else is there, so that some ages would succeed more often than others: before the first year searching is spread over
ages until those who marry have the ages of the borrowed hazards.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.decisions.marriage import Search, couples, searchers
from abm.decisions.outside import ADULT
from abm.draws import Decision, stream
from abm.levels.by_age import per_age
from abm.levels.reference import Numbers
from abm.living_town import Town
from abm.people.population import MARRIED, NEVER, Population
from abm.people.roll import roll_of

Array = NDArray[np.float64]
_TRIALS = 6  # independent markets by which a year's levels are solved
_SOLVED_EVERY = 5  # years: the levels are kept in between, so that the noise of single markets does not enter them
_PASSES = 8  # of the first year's search level: each searcher more makes the market denser
_LIKELIEST = 0.95
_SPREAD_PASSES = 8  # of searching over ages
_CAUTION = 0.7  # of a correction that is made at once: ages answer each other
_MOST = 3.0  # by which searching at an age may be raised or lowered in all
_AGES = np.minimum(np.arange(101) // 5, 13)  # five-year groups to 65 and over


class Trial(NamedTuple):
    """Means of several trial markets."""

    pairs: float
    searchers: float
    alone: Array  # [2, 101]: grown searchers by sex and age who met nobody
    met: Array  # [2, 101]: who married within the town, by sex and age


@dataclass
class Market:
    """The levels as they are solved year by year.

    `search` are the base hazards, `hazard` [2 sexes, 2 (never married, married before), 101] the marriage
    probabilities at level 1, `path` [Y] the scenario's nuptiality, `share` that of marriages with somebody from
    elsewhere, `counts_weight` that of counted marriages in the level, against the hazards of the cohorts.
    """

    search: Search
    hazard: Array
    path: Array
    share: float
    counts_weight: float
    level: float = 1.0
    nuptiality: float = 1.0
    outside: Array = field(default_factory=lambda: np.zeros(2))
    spread: Array = field(default_factory=lambda: np.ones((2, 101)))

    def target(self, people: Population, y: int) -> float:
        """Women who marry in a year, by their hazards at the town's level, on the scenario's path of nuptiality."""
        return float(self._by_age(people)[1].sum()) * self.nuptiality * float(self.path[y])

    def _by_age(self, people: Population) -> Array:
        """Unmarried residents who marry by the hazards at level 1, by sex and age, float64[2, 101]."""
        persons, rows = people.persons, people.residents
        free = rows[persons.civil[rows] != MARRIED]
        sex, age = persons.sex[free].astype(np.int64), np.clip(persons.age[free], 0, 100).astype(np.int64)
        again = (persons.civil[free] != NEVER).astype(np.int64)
        counts = np.bincount(sex * 101 + age, self.hazard[sex, again, age], minlength=202)
        return np.asarray(counts.reshape(2, 101), dtype=np.float64)

    def open(self, town: Town, counted: float, numbers: Numbers) -> None:
        """Spread searching over ages, and find the levels of the first year; kept in `numbers` for the town.

        The marriages `counted` in the town and those that the hazards of cohorts ask for seldom agree: the level lies
        between them.
        """
        by_hazards = self.target(town.population, 0) / self.path[0]
        wanted = by_hazards ** (1 - self.counts_weight) * counted**self.counts_weight
        self.nuptiality = wanted / self.target(town.population, 0)
        for number in range(_SPREAD_PASSES + _PASSES):
            trial = self.trial(town)
            self.level *= (self._in_town(wanted) / max(trial.pairs, 1.0)) ** 0.9
            if number < _SPREAD_PASSES:
                self._open_outside(trial, wanted)
                self._spread(town.population, trial)
        self._open_outside(trial, wanted)
        numbers.base_marriages[0] = wanted / town.fraction
        numbers.base_searchers[0] = trial.searchers / town.fraction

    def _spread(self, people: Population, trial: Trial) -> None:
        """Move searching to the ages that marry less than their hazards ask for, each sex by itself."""
        wed = trial.met + trial.alone * self.outside[:, None]
        asked = self._by_age(people)
        for sex in range(2):
            found, aim = np.bincount(_AGES, wed[sex]), np.bincount(_AGES, asked[sex])
            ratio = (aim / aim.sum() + 1e-4) / (found / max(found.sum(), 1.0) + 1e-4)
            centres = np.append(np.arange(2.5, 65.0, 5.0), 80.0)
            self.spread[sex] *= np.interp(np.arange(101) + 0.5, centres, np.clip(ratio, 0.5, 2.0) ** _CAUTION)
        self.spread = np.clip(self.spread, 1 / _MOST, _MOST)

    @property
    def searching(self) -> Search:
        """The base hazards of searching, spread over ages."""
        return self.search._replace(by_age=np.minimum(self.search.by_age * self.spread[:, None], _LIKELIEST))

    def solve(self, town: Town, target: float) -> None:
        """The levels of the present year, solved anew every few years."""
        if town.y % _SOLVED_EVERY == 0:
            trial = self.trial(town)
            self.level *= self._in_town(target) / max(trial.pairs, 1.0)
            self._open_outside(trial, target)

    def trial(self, town: Town) -> Trial:
        """Independent markets on the present town, at the present level."""
        people = town.population
        persons, roll, pairs, looked = people.persons, roll_of(people.persons, people.n), 0, 0
        alone, met_by_age = np.zeros((2, 101)), np.zeros((2, 101))
        base = self.searching
        search = base._replace(by_age=np.minimum(base.by_age * self.level, _LIKELIEST))
        for number in range(_TRIALS):
            word = stream(1000 + number, Decision.SEARCH, town.year)
            looking = searchers(persons, people.households, roll, search, word)
            lots = (stream(1000 + number, Decision.PAIR, town.year), np.uint64(0))
            met = couples(persons, town.circles, town.year, looking, search, lots)
            pairs, looked = pairs + len(met.men), looked + len(looking)
            alone += per_age(persons, met.alone[persons.age[met.alone] >= ADULT])
            met_by_age += per_age(persons, np.concatenate([met.men, met.women]))
        return Trial(pairs / _TRIALS, looked / _TRIALS, alone / _TRIALS, met_by_age / _TRIALS)

    def _in_town(self, wanted: float) -> float:
        """Marriages of two residents: as many women as men marry out, so that each such marriage counts a half."""
        return wanted * (1 - self.share) / (1 - self.share / 2)

    def _open_outside(self, trial: Trial, wanted: float) -> None:
        """Equally many women and men marry somebody from elsewhere."""
        each = wanted * (self.share / 2) / (1 - self.share / 2)
        self.outside = np.minimum(each / np.maximum(trial.alone.sum(axis=1), 1e-9), _LIKELIEST)
