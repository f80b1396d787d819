"""A run that is told: what happens to everybody or to one household, and how likely it was by the run's own rules.

The year asks its plan for a table before each decision; at these moments a plan can look at the columns, so that
the year itself knows nothing of being watched and costs nothing when nobody is. Watching only reads.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from abm import happenings
from abm.childbirth import Births
from abm.draws import Decision, stream, uniforms
from abm.employment import Jobs, Labour
from abm.errors import InputError
from abm.family import Family, Home, Person, home_of, row_of
from abm.founding import Founding
from abm.happenings import Happenings, Kind, Look, joined, look
from abm.leaving import kinds_of_home
from abm.marriage import Search
from abm.members import living_rows, rows_by_home
from abm.migration import Moves
from abm.mortality import Deaths, the_dying
from abm.outlook import (
    chance_of_birth,
    chance_of_divorce,
    chance_of_dying,
    chance_of_leaving,
    chance_of_searching,
    chances_of_work,
)
from abm.outputs import Outputs
from abm.population import AWAY, GONE, MARRIED, PRIVATE, TOWN, Codes
from abm.reference import Reference
from abm.simulation import FixedPlan, begin
from abm.uturn import parents_of_pupils, returners, uturn_probability
from abm.year import Town, live_a_year

Array = NDArray[np.float64]
T = TypeVar("T")
VACANCIES = "vacancies"  # the cause that is last year's labour market, as far as it differs from the usual one
_YOUNG = range(20, 30)  # ages from which somebody is chosen who has much ahead; an assumption
_FELT = 1e-9  # a change of probability below it is rounding


class Chance(NamedTuple):
    """How likely an event was in its year, and by how much each cause had moved that."""

    probability: float
    moved: tuple[tuple[str, float], ...]  # (cause, probability minus that without the cause), zeros left out


class Told(NamedTuple):
    """One event of a followed person."""

    year: int
    kind: Kind
    place: int
    age: int
    key: int
    detail: int
    chance: Chance | None  # None for what no single probability decides, and for minors who go with a parent


class Life(NamedTuple):
    """One run, told."""

    outputs: Outputs
    happened: Happenings  # of everybody; empty unless asked for
    told: tuple[Told, ...]
    people: dict[int, Person]  # followed persons by key, those included who are followed no longer
    homes: tuple[Home, ...]  # at the start and at the end
    labour: tuple[Labour, ...]  # what everybody acted on, year by year


@dataclass
class ToldPlan(FixedPlan):
    """The plan of a run that notes what happens.

    `family` are those whose chances are told (None: nobody's), `without` the levers as they would be without each
    cause, `usual` the labour market of each year in the reference arm (empty: it is no cause), and `everybody` says
    whether all events are kept.
    """

    family: Family | None = None
    without: Mapping[str, Array] = field(default_factory=dict)
    usual: Sequence[Labour] = ()
    everybody: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.happened: list[Happenings] = []
        self.told: list[Told] = []
        self.labour: list[Labour] = []
        self.people: dict[int, Person] = dict(self.family.people) if self.family else {}
        self._others = {cause: FixedPlan(self.reference, levers) for cause, levers in self.without.items()}
        self._rows: dict[int, int] = {key: -1 for key in self.people}
        self._chances: dict[tuple[Kind, int], Chance] = {}
        self._before: Look | None = None

    def jobs(self, town: Town) -> Jobs:
        """The year begins: rows may have moved since the last."""
        people, table = town.population, super().jobs(town)
        self.labour.append(town.known)
        followed = self.family.people if self.family else {}
        self._rows = living_rows(people, {key: self._rows.get(key, -1) for key in followed})
        self._chances = {}
        self._before = look(people)
        workers = [i for i in self._rows.values() if people.persons.place[i] == TOWN and people.persons.age[i] >= 15]
        self._weigh(Kind.FOUND_WORK, town, FixedPlan.jobs, table,
                    lambda jobs, i: chances_of_work(people.persons, jobs, i)[0], workers)  # fmt: skip
        self._weigh(Kind.LOST_WORK, town, FixedPlan.jobs, table,
                    lambda jobs, i: chances_of_work(people.persons, jobs, i)[1], workers)  # fmt: skip
        return table

    def slots(self, town: Town, filled: Array) -> tuple[Array, Labour]:
        """Work has been found and lost."""
        self._note(town, happenings.changes_of_work(town.population, town.year, self._last_look()))
        return super().slots(town, filled)

    def search(self, town: Town) -> Search:
        """Partnership is about to be decided; divorces hang on the same state."""
        people, table = town.population, super().search(town)
        persons, homes = people.persons, people.households
        self._before = look(people)
        rows = list(self._rows.values())
        self._weigh(Kind.MARRIED, town, FixedPlan.search, table,
                    lambda search, i: chance_of_searching(persons, homes, search, i), rows)  # fmt: skip
        wives = [i for i in rows if persons.civil[i] == MARRIED]
        self._weigh(Kind.DIVORCED, town, lambda plan, _: plan.reference.divorces, self.reference.divorces,
                    lambda divorces, i: chance_of_divorce(persons, divorces, i), wives)  # fmt: skip
        return table

    def births(self, town: Town) -> Births:
        """Couples have formed and parted, and people have moved within town."""
        people = town.population
        self._note(town, happenings.changes_of_home(people, town.year, self._last_look()))
        self._note(town, happenings.moves(people, town.year, self._last_look()))  # of those who married elsewhere
        table = super().births(town)
        self._before = look(people)
        rows = list(self._rows.values())
        self._weigh(Kind.HAD_CHILD, town, FixedPlan.births, table,
                    lambda births, i: chance_of_birth(people.persons, births, i), rows)  # fmt: skip
        return table

    def moves(self, town: Town) -> Moves:
        """Children have been born; who leaves and returns is about to be decided."""
        people = town.population
        self._note(town, happenings.births(people, town.year, self._last_look().n))
        table = super().moves(town)
        self._before = look(people)
        if self._rows:
            self._weigh_moves(town, table)
        return table

    def deaths(self, town: Town) -> Deaths:
        """People have left, returned and arrived; who dies is decided by the same kernel with the same draws."""
        people = town.population
        self._note(town, happenings.moves(people, town.year, self._last_look()))
        table = super().deaths(town)
        living = [i for i in self._rows.values() if people.persons.place[i] != GONE]
        self._weigh(Kind.DIED, town, FixedPlan.deaths, table,
                    lambda deaths, i: chance_of_dying(people.persons, deaths, i), living)  # fmt: skip
        dying = the_dying(people.persons, people.n, table, town.stream(Decision.DEATH))
        self._note(town, happenings.deaths(people, town.year, dying))
        return table

    def _last_look(self) -> Look:
        assert self._before is not None, "the year asks for its work table first"
        return self._before

    def _weigh_moves(self, town: Town, table: Moves) -> None:
        """The chances of leaving, as a family, and of return, by whoever decides about it."""
        people = town.population
        persons, n = people.persons, people.n
        kinds = kinds_now(town, table)
        adults = [i for i in self._rows.values() if persons.place[i] == TOWN and persons.age[i] >= 15]
        self._weigh(Kind.LEFT_TOWN, town, FixedPlan.moves, table,
                    lambda moves, i: chance_of_leaving(persons, moves, kinds, i), adults)  # fmt: skip
        if any(persons.place[i] == AWAY for i in self._rows.values()):
            remote, pupils = town.stream(Decision.REMOTE, every_year=False), parents_of_pupils(persons, n)
            rows, leaders = returners(persons, n, table, town.stream(Decision.UTURN), remote, np.zeros((0, 0)))
            leader = dict(zip(rows.tolist(), leaders.tolist(), strict=True))
            self._weigh(Kind.RETURNED, town, FixedPlan.moves, table,
                        lambda moves, i: float(uturn_probability(persons, moves, pupils, remote, leader[i])),
                        [i for i in self._rows.values() if i in leader])  # fmt: skip

    def _weigh(
        self,
        kind: Kind,
        town: Town,
        decision: Callable[[FixedPlan, Town], T],
        table: T,
        rule: Callable[[T, int], float],
        rows: list[int],
    ) -> None:
        """Keep the chances of those in `rows` who are at risk: by the year's own table, and without each cause."""
        if not rows:
            return
        others = [(cause, decision(plan, town)) for cause, plan in self._others.items()]
        if self.usual:
            calm = copy(town)
            calm.known = self.usual[town.y]
            others.append((VACANCIES, decision(FixedPlan(self.reference, self.levers), calm)))
        for i in rows:
            chance = rule(table, i)
            if chance <= 0.0:
                continue
            moved = ((cause, chance - rule(other, i)) for cause, other in others)
            felt = tuple((cause, change) for cause, change in moved if abs(change) > _FELT)
            self._chances[kind, int(town.population.persons.key[i])] = Chance(chance, felt)

    def _note(self, town: Town, new: Happenings) -> None:
        """Keep what has happened, and let the family grow and part."""
        if self.everybody:
            self.happened.append(new)
        if self.family is None:
            return
        family, persons = self.family, town.population.persons
        mine = np.isin(new.key, np.array(list(family.people), dtype=np.uint64)) & (new.kind != Kind.BORN)
        for at in np.flatnonzero(mine).tolist():
            year, code, place, _, age, key, detail = (int(column[at]) for column in new)
            kind = Kind(code)
            if key not in family.people:
                continue  # parted a moment ago
            self.told.append(Told(year, kind, place, age, key, detail, self._chances.get((kind, key))))
            if kind == Kind.MARRIED and persons.partner[self._rows[key]] >= 0:
                family.wed(town.population, key, int(persons.partner[self._rows[key]]))
            elif kind == Kind.HAD_CHILD and detail not in family.people:
                family.born(town.population, int(np.flatnonzero(persons.key[: town.population.n] == detail)[0]))
            elif kind == Kind.DIVORCED:
                family.parted(key)
                family.parted(detail) if detail in family.people else None
        fresh = {key: -1 for key in family.people if key not in self._rows}
        self._rows |= living_rows(town.population, fresh)
        self.people |= family.people


def kinds_now(town: Town, table: Moves) -> Codes:
    """What each household is to somebody who thinks of leaving, as the year itself asks it."""
    people = town.population
    fixed = town.stream(Decision.EVACUEE_HOME, every_year=False)
    return kinds_of_home(people.persons, people.households, people.n, int(people.counts[1]), table, fixed)


def eventful(happened: Happenings) -> NDArray[np.uint64]:
    """The keys of all who marry or have a child in a run."""
    return happened.key[np.isin(happened.kind, (Kind.MARRIED, Kind.HAD_CHILD))]


def somebody(founding: Founding, seed: int, among: NDArray[np.uint64]) -> int:
    """The key of a resident in her or his twenties in a private household, by a draw of its own.

    It is somebody `among` these keys, where any of them is so young. Raises InputError where nobody in town is.
    """
    people = founding.population
    persons, rows = people.persons, people.residents
    rows = rows[np.isin(persons.age[rows], _YOUNG) & (people.households.kind[persons.household[rows]] == PRIVATE)]
    if len(rows) == 0:
        raise InputError("--household: nobody in town is in the twenties; give the key of a resident.")
    with_more = rows[np.isin(persons.key[rows], among)]
    keys = persons.key[with_more if len(with_more) else rows]
    return int(keys[np.argmin(uniforms(stream(seed, Decision.FOLLOWED, 0), keys))])


def live(
    founding: Founding,
    reference: Reference,
    levers: Array,
    seed: int,
    key: int | None = None,
    without: Mapping[str, Array] | None = None,
    usual: Sequence[Labour] = (),
    everybody: bool = False,
) -> Life:
    """The run of `simulate`, told: of the household of the resident `key`, and of `everybody` if asked for.

    `without` and `usual` name the causes whose share in a chance is told, see `ToldPlan`. Raises InputError as
    `begin` does, and for a key that no resident has.
    """
    town, record = begin(founding, reference, levers, seed)
    people, family, homes = town.population, None, []
    if key is not None:
        row = row_of(people, key)
        home = int(people.persons.household[row])
        family = Family(people, rows_by_home(people, [home])[home], row)
        homes.append(home_of(people, town.year, key))
    plan = ToldPlan(reference, levers, family, without or {}, usual, everybody)
    for _ in reference.rates.years:
        live_a_year(town, plan, record)
    if key is not None:
        homes.append(home_of(people, town.year, key))
    return Life(record, joined(plan.happened), tuple(plan.told), plan.people, tuple(homes), tuple(plan.labour))
