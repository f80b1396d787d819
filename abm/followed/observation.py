"""A run that is looked at: the marriage market, work by sector and a sample of the acquaintances.

The year asks its plan for a table before each decision; at these moments the columns are read, never written. Other
runs know nothing of it and cost nothing.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.decisions.acquaintances import N_CIRCLES, SCHOOL, Circles, groups_of, to_networkx
from abm.decisions.employment import Jobs, Labour
from abm.decisions.marriage import Search, searchers
from abm.decisions.mortality import Deaths, the_dying
from abm.draws import Decision
from abm.followed.happenings import Look, look
from abm.founding.found import Founding
from abm.levels.reference import Reference
from abm.living_town import Town
from abm.people.outputs import Outputs, tally
from abm.people.population import (
    IN_TOWN,
    MARRIED,
    NEVER,
    OUT_COMMUTER,
    PRIVATE,
    REMOTE,
    SECTORS,
    TOWN,
    Flags,
    Population,
    Rows,
)
from abm.people.roll import roll_of
from abm.simulation import FixedPlan, begin
from abm.year import live_a_year

if TYPE_CHECKING:
    import networkx

Array = NDArray[np.float64]
ADULT, SETTLED = 18, 49  # ages by which groups are cut, see `acquaintances.cut_circles`
YOUNG = (25, 34)  # ages of the person with whom the sample of the acquaintances begins; a choice of the picture
SHOWN = 6  # acquaintances of each circle that the sample shows; a choice of the picture
APART, RING = 3.0, 0.36  # of the picture: between persons in the middle, and of a ring, beside 1 from person to ring


class Market(NamedTuple):
    """The marriage market as each year's search begins: counts of simulated persons, int64[Y, 2 sexes, 101 ages]."""

    never_married: NDArray[np.int64]  # in town
    unmarried: NDArray[np.int64]  # who may search: unmarried, 16 or older, in a private household in town
    searchers: NDArray[np.int64]  # who do search this year


class Work(NamedTuple):
    """Work by sector, whole town, float64[Y, 7]: stocks after the year's hiring, flows of the year."""

    here: Array  # jobs of residents in town
    out_commuters: Array  # residents who work in another municipality
    remote: Array  # residents who work for an employer elsewhere
    in_commuters: Array
    vacancies: Array  # below 0 where a sector has more workers than slots
    slots: Array  # here + in_commuters + vacancies
    hired: Array  # residents who take up a job, those who change from another included
    left: Array  # residents who leave a job, those who change to another included
    came: Array  # newcomers and returners who arrive with a job
    went: Array  # people who leave town and had one
    died: Array  # people who die and had one


class Observation(NamedTuple):
    """One run of the reference arm or another, looked at."""

    outputs: Outputs
    market: Market
    work: Work
    acquaintances: "networkx.Graph"  # see `sample`
    sampled: int  # the year of the sample


@dataclass
class ObservedPlan(FixedPlan):
    """The plan of a run whose town is looked at; the sample is taken in the year number `sample_at`."""

    sample_at: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        years = len(self.levers)
        self.market = Market._make(np.zeros((years, 2, 101), np.int64) for _ in Market._fields)
        self.work = Work._make(np.zeros((years, len(SECTORS))) for _ in Work._fields)
        self.acquaintances: networkx.Graph | None = None
        self._before: Look | None = None

    def jobs(self, town: Town) -> Jobs:
        """The year begins."""
        self._before = look(town.population)
        return super().jobs(town)

    def slots(self, town: Town, filled: Array) -> tuple[Array, Labour]:
        """Work has been found and lost; the labour market is about to be settled."""
        slots, labour = super().slots(town, filled)
        people, y = town.population, town.y
        persons, before = people.persons, self._look()
        n, scale = before.n, 1.0 / town.fraction
        lives = persons.place[:n] == TOWN
        other = (persons.sector[:n] != before.sector) | (persons.workplace[:n] != before.workplace)
        self.work.hired[y] = by_sector(persons.sector[:n], lives & other) * scale
        self.work.left[y] = by_sector(before.sector, lives & other) * scale
        for name, where in (("here", IN_TOWN), ("out_commuters", OUT_COMMUTER), ("remote", REMOTE)):
            working = lives & (persons.workplace[:n] == where)
            getattr(self.work, name)[y] = by_sector(persons.sector[:n], working) * scale
        self.work.in_commuters[y], self.work.vacancies[y] = labour.in_commuters, labour.vacancies
        self.work.slots[y] = slots
        return slots, labour

    def search(self, town: Town) -> Search:
        """Partnership is about to be decided: the market, with the searchers that the year itself will find."""
        people, table = town.population, super().search(town)
        persons, homes, n = people.persons, people.households, people.n
        here = persons.place[:n] == TOWN
        tally(persons, np.flatnonzero(here & (persons.civil[:n] == NEVER)), self.market.never_married[town.y])
        private = homes.kind[persons.household[:n]] == PRIVATE
        may = here & (persons.civil[:n] != MARRIED) & (persons.age[:n] >= 16) & private
        tally(persons, np.flatnonzero(may), self.market.unmarried[town.y])
        looking = searchers(persons, homes, roll_of(persons, n), table, town.stream(Decision.SEARCH))
        tally(persons, looking, self.market.searchers[town.y])
        if town.y == self.sample_at:
            self.acquaintances = sample(people, town.circles, town.year)
        self._before = look(people)  # from here on people move: to marry, alone, with their families
        return table

    def deaths(self, town: Town) -> Deaths:
        """People have left, returned and arrived; who dies is decided by the same kernel with the same draws."""
        people, y, before = town.population, town.y, self._look()
        persons, n, scale = people.persons, people.n, 1.0 / town.fraction
        lived = np.zeros(n, bool)
        lived[: before.n] = before.place == TOWN
        lives = persons.place[:n] == TOWN
        self.work.went[y] = by_sector(before.sector, (lived & ~lives)[: before.n]) * scale
        self.work.came[y] = by_sector(persons.sector[:n], lives & ~lived) * scale
        table = super().deaths(town)
        dying = the_dying(persons, n, table, town.stream(Decision.DEATH))
        dying = dying[persons.place[dying] == TOWN]
        self.work.died[y] = by_sector(persons.sector[dying], np.ones(len(dying), bool)) * scale
        return table

    def _look(self) -> Look:
        assert self._before is not None, "the year asks for its work table first"
        return self._before


def observe(founding: Founding, reference: Reference, levers: Array, seed: int, sample_at: int = 0) -> Observation:
    """The run of `simulate`, looked at; the acquaintances are sampled in the year number `sample_at` (0 the first).

    Raises what `begin` raises.
    """
    town, record = begin(founding, reference, levers, seed)
    plan = ObservedPlan(reference, levers, min(sample_at, len(levers) - 1))
    for _ in reference.rates.years:
        live_a_year(town, plan, record)
    assert plan.acquaintances is not None, "every year asks for its search table"
    return Observation(record, plan.market, plan.work, plan.acquaintances, record.start + plan.sample_at)


def by_sector(sector: NDArray[np.int8], chosen: Flags) -> Array:
    """The chosen rows with work, by sector (float64[7])."""
    found = sector[chosen & (sector >= 0)]
    return np.bincount(found, minlength=len(SECTORS)).astype(np.float64)


def sample(people: Population, circles: Circles, year: int) -> "networkx.Graph":
    """A few acquaintances around some persons who know each other, of the adults 18 to 49.

    The first is the 25- to 34-year-old with work whose key is smallest (keys are hashes: as good as a draw), the
    others her or his first acquaintance in each circle but school. Shown are up to `SHOWN` acquaintances of each
    circle and all ties among them; `acquaintances` of such a person counts them all. Nodes carry `centre` (0 for the
    others) and places `x`, `y`. The graph is empty where nobody is so young and works.
    """
    import networkx

    persons, n = people.persons, people.n
    adult = (persons.place[:n] == TOWN) & (persons.age[:n] >= ADULT) & (persons.age[:n] <= SETTLED)
    rows = np.flatnonzero(adult)
    rows = rows[np.argsort(persons.key[rows])]
    start = rows[(persons.sector[rows] >= 0) & (persons.age[rows] >= YOUNG[0]) & (persons.age[rows] <= YOUNG[1])]
    if not len(start):
        return networkx.Graph()
    groups = np.array([groups_of(persons, circles, circle, year, rows) for circle in range(N_CIRCLES)])
    first = known_by(rows, groups, int(start[0]))
    others = [int(found[0]) for circle, found in enumerate(first) if circle != SCHOOL and len(found)]
    centres = list(dict.fromkeys([int(start[0]), *others]))
    known = [known_by(rows, groups, person) for person in centres]
    places = _places(centres, known)
    graph = to_networkx(persons, circles, np.array(sorted(places)), year)
    for row, (x, y) in places.items():
        graph.nodes[row].update(centre=0, acquaintances=0, x=x, y=y)
    for number, (person, found) in enumerate(zip(centres, known, strict=True), start=1):
        graph.nodes[person].update(centre=number, acquaintances=len(np.unique(np.concatenate(found))))
    return graph


def known_by(rows: Rows, groups: NDArray[np.int64], person: int) -> list[Rows]:
    """The rows that share the person's group, by circle, in the order of `rows`."""
    at = int(np.flatnonzero(rows == person)[0])
    return [rows[(group == group[at]) & (rows != person)] for group in groups]


def _places(centres: list[int], known: list[list[Rows]]) -> dict[int, tuple[float, float]]:
    """Where the picture puts everybody: the first in the middle, the others around, each amid four rings."""
    middle = {person: _on_ring((0.0, 0.0), APART * (k > 0), k, len(centres) - 1) for k, person in enumerate(centres)}
    places = dict(middle)
    for person, found in zip(centres, known, strict=True):
        for circle, rows in enumerate(found):
            ring = _on_ring(middle[person], 1.0, circle + 0.5, len(found))
            for k, row in enumerate(rows[:SHOWN].tolist()):
                places.setdefault(row, _on_ring(ring, RING, k, SHOWN))
    return places


def _on_ring(centre: tuple[float, float], radius: float, step: float, steps: int) -> tuple[float, float]:
    """The place after so many of the equal steps around a centre, from the top on."""
    angle = 2 * math.pi * step / max(steps, 1)
    return centre[0] + radius * math.sin(angle), centre[1] + radius * math.cos(angle)
