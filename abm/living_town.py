"""A town in the middle of a run, and what a year takes its tables from."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from abm.decisions.acquaintances import Circles
from abm.decisions.childbirth import Births
from abm.decisions.employment import Jobs, Labour
from abm.decisions.leaving_home import HomeMoves
from abm.decisions.marriage import Pairs, Search
from abm.decisions.migration import Moves
from abm.decisions.mortality import Deaths
from abm.draws import Decision, Streams, streams_of_year
from abm.levels.reference import Reference
from abm.people.population import Arrivals, Population
from abm.people.roll import Roll, roll_of

Array = NDArray[np.float64]


@dataclass
class Town:
    """A town in the middle of a run."""

    population: Population
    circles: Circles
    labour: Labour
    fraction: float
    seed: int
    start: int
    y: int = 0  # simulated years so far
    hiring: Jobs | None = None  # this year's work table, for those who come later in the year
    roll: Roll = field(init=False)  # this year's, kept up while people marry in, are born and move out to marry
    known: Labour = field(init=False)  # the labour market of the last stock date: what everybody acts on this year

    def __post_init__(self) -> None:
        self.known = self.labour
        self.roll = roll_of(self.population.persons, self.population.n)

    @property
    def year(self) -> int:
        """The stock date's year at which the present year begins."""
        return self.start + self.y

    @property
    def streams(self) -> Streams:
        """The streams of all decisions in this year, and of what is drawn once and for all years."""
        return streams_of_year(self.seed, self.year)

    def stream(self, decision: Decision, every_year: bool = True) -> np.uint64:
        """The stream of a decision in this year; a person's own thresholds are drawn once and for all years."""
        return np.uint64((self.streams.year if every_year else self.streams.ever)[decision])


class Plan(Protocol):
    """Where a year takes its tables from: the fixed reference arm, or the alignment that solves it."""

    reference: Reference

    def jobs(self, town: Town) -> Jobs:
        """Work, with last year's vacancies."""

    def search(self, town: Town) -> Search:
        """Partner search."""

    def met(self, town: Town, pairs: Pairs, search: Search) -> None:
        """Told who pairs and which searchers met nobody, before any of them marries somebody from elsewhere."""

    def homes(self, town: Town) -> HomeMoves:
        """Moves within town."""

    def births(self, town: Town) -> Births:
        """Childbirth."""

    def moves(self, town: Town) -> Moves:
        """Leaving and return."""

    def deaths(self, town: Town) -> Deaths:
        """Mortality."""

    def arrivals(self, town: Town, left: Array, returned: Array) -> tuple[Arrivals, NDArray[np.uint64]]:
        """Newcomers and their keys, given who is expected to leave and to return [2, 102]."""

    def slots(self, town: Town, filled: Array) -> tuple[Array, Labour]:
        """Slots, and the labour market after the year's hiring."""

    def expectations(self) -> tuple[Array, Array]:
        """Empty arrays, or [2, 102] ones (newborns first) into which expected leavers and returners are counted."""
