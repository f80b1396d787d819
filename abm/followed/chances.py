"""The probability of each event for one person: the very rules that the kernels call, with the year's own tables."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from abm.decisions.childbirth import (
    Births,
    birth_probability,
    course_probability,
    may_give_birth,
    share_moved_forward,
)
from abm.decisions.elders import (
    COUPLE,
    children_of_elders,
    entering_probability,
    joining_probability,
    living_alone,
    may_move_as_elder,
)
from abm.decisions.employment import Jobs, another_kind, finds_work, leaves_work, own_business
from abm.decisions.leaving import decides, homecoming_probability, leaving_probability
from abm.decisions.leaving_home import (
    HomeMoves,
    going_back_probability,
    leaving_home_probability,
    may_go_back,
    may_leave_home,
)
from abm.decisions.marriage import Divorces, Search, divorce_probability, may_divorce, may_search, search_probability
from abm.decisions.migration import Moves
from abm.decisions.mortality import Deaths, death_probability
from abm.decisions.outside import outside_probability
from abm.decisions.uturn import marrying_away_probability, may_marry_away
from abm.people.population import (
    FEMALE,
    NONREGULAR,
    OUTSIDE,
    SELF_EMPLOYED,
    STUDENT,
    UNEMPLOYED,
    Codes,
    Households,
    Persons,
)
from abm.people.roll import roll_of

Array = NDArray[np.float64]

# Work


def chances_of_work(persons: Persons, jobs: Jobs, i: int) -> tuple[float, float]:
    """(finding, losing): exactly one of them concerns a person."""
    if persons.work[i] >= NONREGULAR:
        return 0.0, _capped(leaves_work(persons, jobs, i))
    finding = _capped(finds_work(persons, jobs, i))
    if persons.work[i] == STUDENT:
        finding *= chance_of_school_ending(persons, jobs, i)
    return finding, 0.0


def chance_of_finding(persons: Persons, jobs: Jobs, i: int) -> float:
    """0 for those at work."""
    return chances_of_work(persons, jobs, i)[0]


def chance_of_losing(persons: Persons, jobs: Jobs, i: int) -> float:
    """Retirement included; 0 for those without work."""
    return chances_of_work(persons, jobs, i)[1]


def chance_of_another_job(persons: Persons, jobs: Jobs, i: int) -> float:
    """Of employees: the yearly draw decides at its other end, so that what loss takes is missing here."""
    return min(float(jobs.change[0]), 1 - chance_of_losing(persons, jobs, i)) if _employee(persons, i) else 0.0


def chance_of_own_business(persons: Persons, jobs: Jobs, i: int) -> float:
    """Of employees who stay in work."""
    if not _employee(persons, i):
        return 0.0
    return _capped(own_business(persons, jobs, i)) * (1 - chance_of_losing(persons, jobs, i))


def chance_of_another_kind(persons: Persons, jobs: Jobs, i: int) -> float:
    """Of employees who stay in work: regular work for the non-regular, non-regular work for the regular."""
    if not _employee(persons, i):
        return 0.0
    return _capped(another_kind(persons, jobs, i)) * (1 - chance_of_losing(persons, jobs, i))


def chance_of_upgrading(persons: Persons, jobs: Jobs, i: int) -> float:
    """The share of non-regular employees of this age and sex whom programmes lift into regular work."""
    return float(jobs.upgraded[persons.sex[i], persons.age[i]]) if persons.work[i] == NONREGULAR else 0.0


def chance_of_remote_work(persons: Persons, jobs: Jobs, i: int) -> float:
    """The share of those at work of this age who work remotely for an employer elsewhere."""
    return float(jobs.remote[persons.age[i]]) if NONREGULAR <= persons.work[i] != SELF_EMPLOYED else 0.0


def chance_of_school_ending(persons: Persons, jobs: Jobs, i: int) -> float:
    """Of students, with or without a job afterwards."""
    return _capped(float(jobs.leave_school[persons.age[i]])) if persons.work[i] == STUDENT else 0.0


def chance_of_idling(persons: Persons, jobs: Jobs, i: int) -> float:
    """Of students: to leave school without a job."""
    return chance_of_school_ending(persons, jobs, i) - chance_of_finding(persons, jobs, i) * _is(persons, i, STUDENT)


def chance_of_giving_up(persons: Persons, jobs: Jobs, i: int) -> float:
    """Of the unemployed who find nothing: to look for work no longer."""
    left = 1 - chance_of_finding(persons, jobs, i)
    return min(float(jobs.give_up[0]), left) * _is(persons, i, UNEMPLOYED)


def chance_of_beginning(persons: Persons, jobs: Jobs, i: int) -> float:
    """Of those outside the labour force: to begin to look for work."""
    left = 1 - chance_of_finding(persons, jobs, i)
    return min(float(jobs.begin[persons.sex[i], persons.age[i]]), left) * _is(persons, i, OUTSIDE)


WORK: Final[dict[str, Callable[[Persons, Jobs, int], float]]] = {
    "finding_work": chance_of_finding,
    "losing_work": chance_of_losing,
    "another_job": chance_of_another_job,
    "own_business": chance_of_own_business,
    "another_kind": chance_of_another_kind,
    "upgrading": chance_of_upgrading,
    "remote_work": chance_of_remote_work,
    "idling": chance_of_idling,
    "giving_up": chance_of_giving_up,
    "beginning": chance_of_beginning,
}  # by name


def _is(persons: Persons, i: int, work: int) -> float:
    return 1.0 if persons.work[i] == work else 0.0


def _employee(persons: Persons, i: int) -> bool:
    return bool(NONREGULAR <= persons.work[i] < SELF_EMPLOYED)


# Partners


def chance_of_searching(persons: Persons, homes: Households, search: Search, i: int) -> float:
    """0 for the married and in institutions."""
    return _capped(search_probability(persons, search, i)) if may_search(persons, homes, i) else 0.0


def chance_of_outside(persons: Persons, homes: Households, search: Search, i: int) -> float:
    """Of somebody who searches and meets nobody in town: to marry somebody from elsewhere."""
    return _capped(outside_probability(persons, search, i)) if may_search(persons, homes, i) else 0.0


def chance_of_matchmaking(search: Search) -> float:
    """The share of searchers who take part in matchmaking."""
    return float(search.matchmaking[0])


def chance_of_marrying_away(persons: Persons, by_age: Array, i: int) -> float:
    """0 in town."""
    return _capped(marrying_away_probability(persons, by_age, i)) if may_marry_away(persons, i) else 0.0


def chance_of_divorce(persons: Persons, divorces: Divorces, i: int) -> float:
    """A couple's probability is the wife's; 0 where the spouse is not in town."""
    wife = i if persons.sex[i] == FEMALE else int(persons.partner[i])
    return _capped(divorce_probability(persons, divorces, wife)) if wife >= 0 and may_divorce(persons, wife) else 0.0


# Homes


def chance_of_leaving_home(persons: Persons, moves: HomeMoves, i: int) -> float:
    """Of unmarried adults without children who live with their mother."""
    return _capped(leaving_home_probability(persons, moves.leave, moves.held, i)) if may_leave_home(persons, i) else 0.0


def chance_of_going_back(persons: Persons, homes: Households, moves: HomeMoves, i: int) -> float:
    """Of people alone whose mother lives in town."""
    return _capped(going_back_probability(persons, moves.back, i)) if may_go_back(persons, homes, i) else 0.0


def chance_of_institution(persons: Persons, homes: Households, moves: HomeMoves, i: int) -> float:
    """Of elders without a partner."""
    if persons.partner[i] >= 0 or not may_move_as_elder(persons, homes, i):
        return 0.0
    return _capped(entering_probability(persons, moves.institution, living_alone(persons, homes, i), i))


def chance_of_joining(persons: Persons, homes: Households, n: int, moves: HomeMoves, i: int) -> float:
    """Of elders by themselves, with a child in town who can take them in; of a couple, as the wife decides."""
    if not may_move_as_elder(persons, homes, i):
        return 0.0
    alone, mate = living_alone(persons, homes, i), int(persons.partner[i])
    if alone < 0 and mate >= 0 and may_move_as_elder(persons, homes, mate):
        together = persons.household[i] == persons.household[mate]
        i, alone = mate, COUPLE if together and living_alone(persons, homes, mate) == COUPLE else -1
    if alone < 0:
        return 0.0
    wishes = np.zeros(n, np.uint8)
    wishes[i] = 1 + alone
    if children_of_elders(persons, homes, roll_of(persons, n), wishes)[i] < 0:
        return 0.0
    left = 1 - float(entering_probability(persons, moves.institution, alone, i))
    return min(float(joining_probability(persons, moves.joining, alone, i)), left)


# Children


def chance_of_birth(persons: Persons, births: Births, i: int) -> float:
    """0 for men, outside the ages of childbearing, and while a birth that was moved forward is not yet due."""
    return _capped(birth_probability(persons, births, i)) if may_give_birth(persons, i) else 0.0


def chance_of_forward(persons: Persons, births: Births, i: int) -> float:
    """A birth that a programme moves forward from later years; 0 without a programme."""
    if not may_give_birth(persons, i):
        return 0.0
    extra = chance_of_birth(persons, births, i) - _capped(course_probability(persons, births, i))
    return extra * float(share_moved_forward(persons, births, i)) if extra > 0 else 0.0


def chance_of_due(persons: Persons, births: Births, i: int) -> float:
    """That the birth which was moved forward falls due, and is missing; 0 for all others."""
    if not may_give_birth(persons, i) or not persons.ahead[i] & 1:
        return 0.0
    return _capped(course_probability(persons, births, i))


BIRTHS: Final[dict[str, Callable[[Persons, Births, int], float]]] = {
    "birth": chance_of_birth,
    "moved_forward": chance_of_forward,
    "birth_due": chance_of_due,
}  # by name

# Moves and death


def chance_of_leaving(persons: Persons, moves: Moves, kinds: Codes, i: int) -> float:
    """A couple's probability is that of the one who decides for both; 0 in institutions."""
    one = i if decides(persons, kinds, i) else int(persons.partner[i])
    if one < 0 or not decides(persons, kinds, one):
        return 0.0
    return _capped(leaving_probability(persons, moves, kinds, one))


def chance_of_homecoming(persons: Persons, moves: Moves, i: int) -> float:
    """Of evacuees in town."""
    return _capped(homecoming_probability(persons, moves, i))


def chance_of_dying(persons: Persons, deaths: Deaths, i: int) -> float:
    """By place, age and sex."""
    return _capped(death_probability(persons, deaths, i))


def _capped(chance: float) -> float:
    """A probability: a product of factors may pass 1, which acts like 1."""
    return min(float(chance), 1.0)
