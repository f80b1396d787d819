"""What may happen to one person within the coming year: the same rules that the kernels call, with the same tables.

An outlook speaks of the state in which the year begins. What the year itself changes first (a wedding before a birth,
a lost job before a move) is not foreseen.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.decisions.childbirth import Births
from abm.decisions.employment import Jobs
from abm.decisions.leaving import kinds_of_home
from abm.decisions.leaving_home import HomeMoves
from abm.decisions.marriage import Divorces, Search
from abm.decisions.migration import Moves
from abm.decisions.mortality import Deaths
from abm.draws import Decision
from abm.followed import chances
from abm.living_town import Plan, Town
from abm.people.population import TOWN, Households, Persons, Population
from abm.people.roll import roll_of

_ADULT = 18  # years; the outlook of minors is that of the parent they live with


class Tables(NamedTuple):
    """Every table of the coming year, as its kernels get them, and what each household is to those who may leave."""

    jobs: Jobs
    search: Search
    divorces: Divorces
    within_town: HomeMoves
    births: Births
    moves: Moves
    deaths: Deaths
    homes: NDArray[np.int8]  # [households], see `leaving.kinds_of_home`
    rows: int  # rows of persons in use


class Outlook(NamedTuple):
    """The probabilities of one adult resident for the coming year, each 0 where the person is not at risk."""

    key: int  # of the person
    searching: float  # looks for a partner
    outside: float  # marries somebody from elsewhere, once the search in town has found nobody
    divorce: float  # the couple divorces
    leaving_home: float  # leaves the mother's household for one of her or his own
    going_back: float  # goes back to it
    institution: float  # an elder enters an institution
    joining_child: float  # an elder, or an old couple, moves to a child in town
    birth: float  # has a child
    moved_forward: float  # has a child whom a programme moves forward from later years
    birth_due: float  # the next child of her course would come now: it is already here
    leaving: float  # the family leaves town; 0 for evacuees who wait to go home, since that is settled once for all
    homecoming: float  # an evacuee's household goes home
    finding_work: float  # of those without work; of students, on leaving school
    losing_work: float  # loses or leaves the present job, retires
    another_job: float  # of employees
    own_business: float  # an employee starts a business or takes over a farm or shop
    another_kind: float  # a non-regular employee becomes regular, a regular one non-regular
    dying: float


def tables_of_year(town: Town, plan: Plan) -> Tables:
    """The tables of the year that the town is about to live."""
    people, moves = town.population, plan.moves(town)
    roll = roll_of(people.persons, people.n)
    homes = kinds_of_home(people.persons, people.households, roll, int(people.counts[1]), moves,
                          town.stream(Decision.EVACUEE_HOME, every_year=False))  # fmt: skip
    return Tables(plan.jobs(town), plan.search(town), plan.reference.divorces, plan.homes(town), plan.births(town),
                  moves, plan.deaths(town), homes, people.n)  # fmt: skip


def outlooks(people: Population, tables: Tables, rows: list[int]) -> tuple[Outlook, ...]:
    """The outlooks of the adult residents among `rows`."""
    persons, homes = people.persons, people.households
    return tuple(outlook_of(persons, homes, tables, i) for i in rows
                 if persons.place[i] == TOWN and persons.age[i] >= _ADULT)  # fmt: skip


def outlook_of(persons: Persons, homes: Households, tables: Tables, i: int) -> Outlook:
    """The outlook of the resident in row `i`, 18 or older."""
    finding, losing = chances.chances_of_work(persons, tables.jobs, i)
    within = tables.within_town
    return Outlook(
        key=int(persons.key[i]),
        searching=chances.chance_of_searching(persons, homes, tables.search, i),
        outside=chances.chance_of_outside(persons, homes, tables.search, i),
        divorce=chances.chance_of_divorce(persons, tables.divorces, i),
        leaving_home=chances.chance_of_leaving_home(persons, within, i),
        going_back=chances.chance_of_going_back(persons, homes, within, i),
        institution=chances.chance_of_institution(persons, homes, within, i),
        joining_child=chances.chance_of_joining(persons, homes, tables.rows, within, i),
        birth=chances.chance_of_birth(persons, tables.births, i),
        moved_forward=chances.chance_of_forward(persons, tables.births, i),
        birth_due=chances.chance_of_due(persons, tables.births, i),
        leaving=chances.chance_of_leaving(persons, tables.moves, tables.homes, i),
        homecoming=chances.chance_of_homecoming(persons, tables.moves, i),
        finding_work=finding,
        losing_work=losing,
        another_job=chances.chance_of_another_job(persons, tables.jobs, i),
        own_business=chances.chance_of_own_business(persons, tables.jobs, i),
        another_kind=chances.chance_of_another_kind(persons, tables.jobs, i),
        dying=chances.chance_of_dying(persons, tables.deaths, i),
    )
