"""What may happen to one person within the coming year: the same rules that the kernels call, with the same tables.

An outlook speaks of the state in which the year begins. What the year itself changes first (a wedding before a birth,
a lost job before a move) is not foreseen.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.childbirth import Births, birth_probability, may_give_birth
from abm.draws import Decision
from abm.employment import Jobs, finds_work, leaves_work
from abm.leaving import decides, kinds_of_home, leaving_probability
from abm.marriage import Divorces, Search, divorce_probability, may_divorce, may_search, search_probability
from abm.migration import Moves
from abm.mortality import Deaths, death_probability
from abm.population import FEMALE, NONREGULAR, STUDENT, TOWN, Codes, Households, Persons, Population
from abm.year import Plan, Town

_ADULT = 18  # years; the outlook of minors is that of the parent they live with


class Tables(NamedTuple):
    """Every table of the coming year, as its kernels get them, and what each household is to those who may leave."""

    jobs: Jobs
    search: Search
    divorces: Divorces
    births: Births
    moves: Moves
    deaths: Deaths
    homes: NDArray[np.int8]  # [households], see `leaving.kinds_of_home`


class Outlook(NamedTuple):
    """The probabilities of one adult resident for the coming year, each 0 where the person is not at risk."""

    key: int  # of the person
    searching: float  # looks for a partner
    birth: float  # has a child
    divorce: float  # the couple divorces
    leaving: float  # the family leaves town; 0 for evacuees who wait to go home, since that is settled once for all
    finding_work: float  # of those without work; of students, on leaving school
    losing_work: float  # loses or leaves the present job
    dying: float


def tables_of_year(town: Town, plan: Plan) -> Tables:
    """The tables of the year that the town is about to live."""
    people, moves = town.population, plan.moves(town)
    homes = kinds_of_home(people.persons, people.households, people.n, int(people.counts[1]), moves,
                          town.stream(Decision.EVACUEE_HOME, every_year=False))  # fmt: skip
    return Tables(plan.jobs(town), plan.search(town), plan.reference.divorces, plan.births(town), moves,
                  plan.deaths(town), homes)  # fmt: skip


def outlooks(people: Population, tables: Tables, rows: list[int]) -> tuple[Outlook, ...]:
    """The outlooks of the adult residents among `rows`."""
    persons, homes = people.persons, people.households
    return tuple(outlook_of(persons, homes, tables, i) for i in rows
                 if persons.place[i] == TOWN and persons.age[i] >= _ADULT)  # fmt: skip


def outlook_of(persons: Persons, homes: Households, tables: Tables, i: int) -> Outlook:
    """The outlook of the resident in row `i`, 18 or older."""
    finding, losing = chances_of_work(persons, tables.jobs, i)
    return Outlook(
        key=int(persons.key[i]),
        searching=chance_of_searching(persons, homes, tables.search, i),
        birth=chance_of_birth(persons, tables.births, i),
        divorce=chance_of_divorce(persons, tables.divorces, i),
        leaving=chance_of_leaving(persons, tables.moves, tables.homes, i),
        finding_work=finding,
        losing_work=losing,
        dying=chance_of_dying(persons, tables.deaths, i),
    )


def chance_of_searching(persons: Persons, homes: Households, search: Search, i: int) -> float:
    """0 for the married and in institutions."""
    return _capped(search_probability(persons, search, i)) if may_search(persons, homes, i) else 0.0


def chance_of_birth(persons: Persons, births: Births, i: int) -> float:
    """0 for men and outside the ages of childbearing."""
    return _capped(birth_probability(persons, births, i)) if may_give_birth(persons, i) else 0.0


def chance_of_divorce(persons: Persons, divorces: Divorces, i: int) -> float:
    """A couple's probability is the wife's; 0 where the spouse is not in town."""
    wife = i if persons.sex[i] == FEMALE else int(persons.partner[i])
    return _capped(divorce_probability(persons, divorces, wife)) if wife >= 0 and may_divorce(persons, wife) else 0.0


def chance_of_leaving(persons: Persons, moves: Moves, kinds: Codes, i: int) -> float:
    """A couple's probability is that of the one who decides for both; 0 in institutions."""
    one = i if decides(persons, kinds, i) else int(persons.partner[i])
    if one < 0 or not decides(persons, kinds, one):
        return 0.0
    return _capped(leaving_probability(persons, moves, kinds, one))


def chance_of_dying(persons: Persons, deaths: Deaths, i: int) -> float:
    """By place, age and sex."""
    return _capped(death_probability(persons, deaths, i))


def chances_of_work(persons: Persons, jobs: Jobs, i: int) -> tuple[float, float]:
    """(finding, losing): exactly one of them concerns a person."""
    if persons.work[i] >= NONREGULAR:
        return 0.0, _capped(leaves_work(persons, jobs, i))
    finding = _capped(finds_work(persons, jobs, i))
    if persons.work[i] == STUDENT:
        finding *= _capped(float(jobs.leave_school[persons.age[i]]))
    return finding, 0.0


def _capped(chance: float) -> float:
    """A probability: a product of factors may pass 1, which acts like 1."""
    return min(float(chance), 1.0)
