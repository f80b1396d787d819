"""A run that is told: what happens to everybody or to one household, and how likely it was by the run's own rules.

The year asks its plan for a table before each decision; at these moments a plan can look at the columns, so that
the year itself knows nothing of being watched and costs nothing when nobody is. Watching only reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.decisions.childbirth import Births
from abm.decisions.employment import Jobs, Labour
from abm.decisions.leaving import decides
from abm.decisions.leaving_home import HomeMoves
from abm.decisions.marriage import Pairs, Search
from abm.decisions.migration import Moves
from abm.decisions.mortality import Deaths, the_dying
from abm.decisions.uturn import parents_of_pupils, returners, uturn_probability
from abm.draws import Decision, stream, uniforms
from abm.errors import InputError
from abm.followed import chances, happenings, varieties
from abm.followed.attribution import VACANCIES, Attribution, Chance
from abm.followed.happenings import Happenings, Kind, Look, joined, look
from abm.followed.varieties import kinds_now
from abm.founding.found import Founding
from abm.levels.reference import Reference
from abm.living_town import Town
from abm.people.family import Family, Home, Person, home_of, row_of
from abm.people.members import living_rows, rows_by_home
from abm.people.outputs import Outputs
from abm.people.population import AWAY, GONE, MARRIED, PRIVATE, TOWN
from abm.people.roll import roll_of
from abm.simulation import FixedPlan, begin
from abm.year import live_a_year

__all__ = ["VACANCIES", "Chance", "Life", "Told", "ToldPlan", "eventful", "live", "somebody"]

Array = NDArray[np.float64]
_YOUNG = range(20, 30)  # ages from which somebody is chosen who has much ahead; an assumption


class Told(NamedTuple):
    """One event of a followed person."""

    year: int
    kind: Kind
    place: int
    age: int
    key: int
    detail: int
    chance: Chance | None  # None for what no single probability decides, and for minors who go with a parent
    variety: str = ""  # of the kind, see `varieties`
    beside: tuple[Chance, ...] = ()  # chances of what else had to come true


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
        self._scales = Attribution(self.reference, self.levers, self.without, self.usual)
        self._rows: dict[int, int] = {key: -1 for key in self.people}
        self._varieties: dict[tuple[Kind, int], str] = {}  # of the year's events by row
        self._before: Look | None = None

    def jobs(self, town: Town) -> Jobs:
        """The year begins: rows may have moved since the last."""
        people, table = town.population, super().jobs(town)
        persons = people.persons
        self.labour.append(town.known)
        followed = self.family.people if self.family else {}
        self._rows = living_rows(people, {key: self._rows.get(key, -1) for key in followed})
        self._scales.weighed, self._varieties = {}, {}
        self._before = look(people)
        rules = {name: lambda jobs, i, rule=rule: rule(persons, jobs, i) for name, rule in chances.WORK.items()}
        workers = [i for i in self._rows.values() if persons.place[i] == TOWN and persons.age[i] >= 15]
        self._scales.weigh(town, FixedPlan.jobs, table, rules, workers)
        return table

    def slots(self, town: Town, filled: Array) -> tuple[Array, Labour]:
        """Work has been found and lost."""
        people, before = town.population, self._last_look()
        self._varieties |= varieties.of_work(people, before, list(self._rows.values()))
        self._note(town, happenings.changes_of_work(people, town.year, before))
        return super().slots(town, filled)

    def search(self, town: Town) -> Search:
        """Partnership is about to be decided; divorces hang on the same state."""
        people, table = town.population, super().search(town)
        persons, homes, weigh = people.persons, people.households, self._scales.weigh
        self._before = look(people)
        rows = list(self._rows.values())
        searching = {"searching": lambda search, i: chances.chance_of_searching(persons, homes, search, i)}
        weigh(town, FixedPlan.search, table, searching, rows)
        divorce = {"divorce": lambda divorces, i: chances.chance_of_divorce(persons, divorces, i)}
        wives = [i for i in rows if persons.civil[i] == MARRIED]
        weigh(town, lambda plan, _: plan.reference.divorces, self.reference.divorces, divorce, wives)
        away = {"marrying_away": lambda by_age, i: chances.chance_of_marrying_away(persons, by_age, i)}
        weigh(town, lambda plan, _: plan.reference.away_marriage, self.reference.away_marriage, away, rows)
        return table

    def met(self, town: Town, pairs: Pairs, search: Search) -> None:
        """Who met whom, and where; who met nobody may still marry somebody from elsewhere."""
        people = town.population
        persons, homes, followed = people.persons, people.households, set(self._rows.values())
        if not followed:
            return
        self._varieties |= varieties.of_pairs(town, pairs, followed)
        introduced = [i for i in followed if self._varieties.get((Kind.MARRIED, i)) == "matchmaking"]
        listed = {"matchmaking": lambda table, _: chances.chance_of_matchmaking(table)}
        self._scales.weigh(town, FixedPlan.search, search, listed, introduced)
        alone = [i for i in pairs.alone.tolist() if i in followed]
        outside = {"outside": lambda table, i: chances.chance_of_outside(persons, homes, table, i)}
        self._scales.weigh(town, FixedPlan.search, search, outside, alone)

    def homes(self, town: Town) -> HomeMoves:
        """Couples have formed and parted; who moves within town is decided by the same kernels with the same draws."""
        people, table = town.population, super().homes(town)
        persons, homes, n = people.persons, people.households, people.n
        rows = list(self._rows.values())
        if rows:
            self._varieties |= varieties.of_weddings(people, self._last_look(), rows, self._varieties)
            self._varieties |= varieties.of_homes(town, table, rows)
        rules = {
            "leaving_home": lambda moves, i: chances.chance_of_leaving_home(persons, moves, i),
            "going_back": lambda moves, i: chances.chance_of_going_back(persons, homes, moves, i),
            "institution": lambda moves, i: chances.chance_of_institution(persons, homes, moves, i),
            "joining_child": lambda moves, i: chances.chance_of_joining(persons, homes, n, moves, i),
        }
        self._scales.weigh(town, FixedPlan.homes, table, rules, rows)
        return table

    def births(self, town: Town) -> Births:
        """Couples have formed and parted, and people have moved within town."""
        people = town.population
        persons = people.persons
        self._note(town, happenings.changes_of_home(people, town.year, self._last_look()))
        self._note(town, happenings.moves(people, town.year, self._last_look()))  # of those who married elsewhere
        table = super().births(town)
        self._before = look(people)
        rules = {name: lambda births, i, rule=rule: rule(persons, births, i) for name, rule in chances.BIRTHS.items()}
        self._scales.weigh(town, FixedPlan.births, table, rules, list(self._rows.values()))
        return table

    def moves(self, town: Town) -> Moves:
        """Children have been born; who leaves and returns is about to be decided."""
        people, before = town.population, self._last_look()
        mothers = [i for i in self._rows.values() if i < before.n]
        self._varieties |= varieties.of_births(people, before, mothers)
        self._note(town, happenings.births(people, town.year, before))
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
        dying_of = {"dying": lambda deaths, i: chances.chance_of_dying(people.persons, deaths, i)}
        self._scales.weigh(town, FixedPlan.deaths, table, dying_of, living)
        dying = the_dying(people.persons, people.n, table, town.stream(Decision.DEATH))
        self._note(town, happenings.deaths(people, town.year, dying))
        return table

    def _last_look(self) -> Look:
        assert self._before is not None, "the year asks for its work table first"
        return self._before

    def _weigh_moves(self, town: Town, table: Moves) -> None:
        """The chances of leaving, as a family, and of return, by whoever decides about it."""
        people = town.population
        persons, roll, weigh = people.persons, roll_of(people.persons, people.n), self._scales.weigh
        kinds = kinds_now(town, table)
        self._varieties |= varieties.of_leaving(people, kinds, list(self._rows.values()))
        adults = [i for i in self._rows.values() if persons.place[i] == TOWN and persons.age[i] >= 15]
        weigh(town, FixedPlan.moves, table,
              {"leaving": lambda moves, i: chances.chance_of_leaving(persons, moves, kinds, i),
               "homecoming": lambda moves, i: chances.chance_of_homecoming(persons, moves, i)}, adults,
              lambda i: i if decides(persons, kinds, i) else int(persons.partner[i]))  # fmt: skip
        if any(persons.place[i] == AWAY for i in self._rows.values()):
            remote, pupils = town.stream(Decision.REMOTE, every_year=False), parents_of_pupils(persons, roll)
            rows, leaders = returners(persons, roll, table, town.stream(Decision.UTURN), remote, np.zeros((0, 0)))
            leader = dict(zip(rows.tolist(), leaders.tolist(), strict=True))
            weigh(town, FixedPlan.moves, table,
                  {"returning": lambda moves, i: float(uturn_probability(persons, moves, pupils, remote, leader[i]))},
                  [i for i in self._rows.values() if i in leader], leader.__getitem__)  # fmt: skip

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
            variety = self._varieties.get((kind, self._rows.get(key, -1)), "")
            found = self._scales.chances(kind, variety, key)
            chance, beside = (found[0] if found else None), tuple(found[1:])
            self.told.append(Told(year, kind, place, age, key, detail, chance, variety, beside))
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
