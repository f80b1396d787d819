"""Which variety of its kind an event is: how a couple met, why somebody moves within town, what changed in a job.

Each function gives, by (kind, row), the names that the events of the present year will carry, should they happen.
"""

from collections.abc import Collection

from abm.decisions.acquaintances import LONG_TIE, NEIGHBOURHOOD, SCHOOL, group_of
from abm.decisions.acquaintances import WORK as AT_WORK
from abm.decisions.elders import moving_elders
from abm.decisions.leaving import kinds_of_home
from abm.decisions.leaving_home import HomeMoves, home_comers, home_leavers
from abm.decisions.marriage import Pairs
from abm.decisions.migration import GOING_HOME, Moves
from abm.draws import Decision
from abm.followed.happenings import Kind, Look
from abm.living_town import Town
from abm.people.population import AWAY, MARRIED, NONREGULAR, REMOTE, SELF_EMPLOYED, TOWN, Codes, Population
from abm.people.roll import roll_of

Varieties = dict[tuple[Kind, int], str]
_CIRCLES = {AT_WORK: "work", SCHOOL: "school", NEIGHBOURHOOD: "neighbourhood", LONG_TIE: "long_tie"}


def of_work(people: Population, before: Look, rows: Collection[int]) -> Varieties:
    """What has changed for those who were and are at work."""
    found: Varieties = {}
    persons = people.persons
    for i in rows:
        work, then = int(persons.work[i]), int(before.work[i])
        if min(work, then) < NONREGULAR:
            continue
        if persons.workplace[i] == REMOTE != before.workplace[i]:
            name = "remote"
        elif work != then:
            name = "own_business" if work == SELF_EMPLOYED else "to_nonregular" if work == NONREGULAR else "to_regular"
        else:
            name = "another_job" if persons.sector[i] != before.sector[i] or persons.tenure[i] > 0 else "workplace"
        found[Kind.CHANGED_WORK, i] = name
    return found


def of_pairs(town: Town, pairs: Pairs, rows: Collection[int]) -> Varieties:
    """The circle in which each pair formed: the first that both share, or matchmaking's."""
    found: Varieties = {}
    persons, known = town.population.persons, len(pairs.men) - pairs.introduced
    for at, (man, woman) in enumerate(zip(pairs.men.tolist(), pairs.women.tolist(), strict=True)):
        if man in rows or woman in rows:
            name = "matchmaking" if at >= known else _circle(town, man, woman)
            if name == "work" and persons.sector[man] < 0:
                name = "acquaintances"  # those without work are a circle too
            found[Kind.MARRIED, man] = found[Kind.MARRIED, woman] = name
    return found


def _circle(town: Town, man: int, woman: int) -> str:
    """The name of the first circle in which two people share a group."""
    persons, circles = town.population.persons, town.circles
    for circle, name in _CIRCLES.items():
        if group_of(persons, circles, circle, town.year, man) == group_of(persons, circles, circle, town.year, woman):
            return name
    return "acquaintances"


def of_weddings(people: Population, before: Look, rows: Collection[int], so_far: Varieties) -> Varieties:
    """Weddings with a partner from elsewhere, of residents and of those away, and who moves away for them."""
    found: Varieties = {}
    persons = people.persons
    for i in rows:
        if i >= before.n:
            continue
        left = before.place[i] == TOWN != persons.place[i]
        if left:
            found[Kind.LEFT_TOWN, i] = "to_partner" if persons.civil[i] == MARRIED else "with_parent"
        if before.civil[i] != MARRIED == persons.civil[i] and (Kind.MARRIED, i) not in so_far:
            found[Kind.MARRIED, i] = "away" if before.place[i] == AWAY else "moves_out" if left else "moves_in"
    return found


def of_homes(town: Town, moves: HomeMoves, rows: Collection[int]) -> Varieties:
    """Why people move within town this year: the same kernels with the same draws decide in the year."""
    people = town.population
    persons, homes, roll = people.persons, people.households, roll_of(people.persons, people.n)
    out = home_leavers(persons, homes, roll, moves.leave, moves.held, town.stream(Decision.LEAVE_HOME))
    back, _ = home_comers(persons, homes, roll, moves.back, town.stream(Decision.BACK_HOME))
    elders, where = moving_elders(persons, homes, roll, moves.institution, moves.joining, town.stream(Decision.ELDER))
    found = {i: "leaving_home" for i in out.tolist()} | {i: "going_back" for i in back.tolist()}
    for i, home in zip(elders.tolist(), where.tolist(), strict=True):
        found[i] = "institution" if home < 0 else "joining_child"
    return {(Kind.MOVED_HOME, i): found[i] for i in rows if i in found}


def of_births(people: Population, before: Look, rows: Collection[int]) -> Varieties:
    """Whether a birth of this year is one that a programme moved forward, or one on top of the mother's course."""
    steps = {i: int(people.persons.ahead[i]) - int(before.ahead[i]) for i in rows}
    names = {1: "moved_forward", 2: "on_top"}
    return {(Kind.HAD_CHILD, i): names[step] for i, step in steps.items() if step in names}


def of_leaving(people: Population, kinds: Codes, rows: Collection[int]) -> Varieties:
    """Evacuees' households that go home this year."""
    persons = people.persons
    return {(Kind.LEFT_TOWN, i): "homecoming" for i in rows
            if persons.place[i] == TOWN and kinds[persons.household[i]] == GOING_HOME}  # fmt: skip


def kinds_now(town: Town, table: Moves) -> Codes:
    """What each household is to somebody who thinks of leaving, as the year itself asks it."""
    people = town.population
    fixed = town.stream(Decision.EVACUEE_HOME, every_year=False)
    roll = roll_of(people.persons, people.n)
    return kinds_of_home(people.persons, people.households, roll, int(people.counts[1]), table, fixed)
