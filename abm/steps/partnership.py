"""The year's unions: who divorces, meets and marries, and the homes that end and begin with it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, step
from abm.decisions.acquaintances import Circles
from abm.decisions.employment import Jobs
from abm.decisions.marriage import Divorces, Pairs, Search, children_of, couples, searchers, the_divorcing
from abm.decisions.newcomers import work_of_coming
from abm.decisions.outside import Weddings, wed_elsewhere
from abm.decisions.uturn import newly_wed_away
from abm.draws import Decision, Streams, uniforms
from abm.people import unions
from abm.people.outputs import Flows, tally
from abm.people.population import MALE, MARRIED, Codes, Counts, Households, Persons, Rows, by_key
from abm.people.roll import Roll, renewed
from abm.people.verbs import leave, set_work

Array = NDArray[np.float64]


class Unions(NamedTuple):
    """What a year brings to couples; rows of persons."""

    wives: Rows  # who divorce, in the order of their keys
    husbands: Rows  # theirs, beside them
    pairs: Pairs  # who marry in town
    beyond: Weddings  # who marry somebody from elsewhere
    away: Rows  # natives away who marry there
    away_age: Codes  # their partners' ages


class HomeShares(NamedTuple):
    """Where couples and the divorced go to live."""

    with_parents: float  # of couples, who begin with his parents
    back_to_parents: float  # of divorcing husbands, who return to their mother's household


@step
def unions_of_year(
    persons: Persons,
    households: Households,
    circles: Circles,
    roll: Roll,
    year: int,
    tables: tuple[Divorces, Search, Array],
    gap: int,
    lots: Streams,
) -> Unions:
    """Who divorces; who searches, meets and marries, in town or somebody from elsewhere; who marries away.

    `tables` are those of divorces, of searching, and of marriages away [2, 2, 101], whose wives are `gap` years younger
    than their husbands.
    """
    divorces, search, by_age = tables
    wives = the_divorcing(persons, roll, divorces, lots.year[Decision.DIVORCE])
    wives = wives[by_key(persons, wives)]
    looking = searchers(persons, households, roll, search, lots.year[Decision.SEARCH])
    draws = (lots.year[Decision.PAIR], lots.year[Decision.MATCHMAKING])
    pairs = couples(persons, circles, year, looking, search, draws)
    beyond = wed_elsewhere(persons, pairs.alone, search, lots)
    away, ages = newly_wed_away(persons, roll, by_age, gap, lots.year[Decision.AWAY_MARRIAGE])
    return Unions(wives, persons.partner[wives].astype(np.int64), pairs, beyond, away, ages)


@step
def part_and_marry(
    persons: Persons,
    households: Households,
    counts: Counts,
    roll: Roll,
    year: int,
    of: Unions,
    shares: HomeShares,
    jobs: Jobs,
    lots: Streams,
    flows: Flows,
) -> Roll:
    """Couples part and marry, and people, children included, move with it, into town and out of it; the roll after."""
    count_unions(persons, of, flows)
    men, women = with_newcomers(persons, counts, of, year, jobs, lots, flows)
    beside = np.concatenate((of.husbands, men, of.beyond.go)), np.concatenate((of.wives, women, of.beyond.go))
    children, first = children_of(persons, roll, beside[0], beside[1])
    ended = len(of.wives)
    back = uniforms(lots.year[Decision.DIVORCED_HOME], persons.key[of.wives]) < shares.back_to_parents
    unions.part(persons, households, counts, of.wives, back, children, first[: ended + 1])
    joining = uniforms(lots.year[Decision.HOME_OF_COUPLE], persons.key[women]) < shares.with_parents
    unions.pair(persons, households, counts, men, women, children, first[ended:], joining)
    gone = move_out(persons, households, counts, of.beyond, children[first[ended + len(men)] :], flows)
    unions.marry_away(persons, counts, of.away, of.away_age)
    return renewed(roll, persons, counts[0], gone)


@kernel
def count_unions(persons: Persons, of: Unions, flows: Flows) -> None:
    """Count the year's divorces and marriages by sex and age."""
    for rows in (of.husbands, of.wives):
        tally(persons, rows, flows.divorces)
    for rows in (of.pairs.men, of.pairs.women, of.beyond.come, of.beyond.go):
        tally(persons, rows, flows.marriages)


@kernel
def with_newcomers(
    persons: Persons, counts: Counts, of: Unions, year: int, jobs: Jobs, lots: Streams, flows: Flows
) -> tuple[Rows, Rows]:
    """Partners from elsewhere move in and look for work: husbands and wives of all couples who will live in town."""
    newcomers = unions.marry_in(persons, counts, of.beyond.come, of.beyond.come_age, year)
    tally(persons, newcomers, flows.moves_in)
    rows, work, sector, place = work_of_coming(persons, newcomers, jobs, lots)
    set_work(persons, rows, work, sector, place)
    his = persons.sex[of.beyond.come] == MALE
    men = np.concatenate((of.pairs.men, np.where(his, of.beyond.come, newcomers)))
    return men, np.concatenate((of.pairs.women, np.where(his, newcomers, of.beyond.come)))


@kernel
def move_out(
    persons: Persons, households: Households, counts: Counts, beyond: Weddings, children: Rows, flows: Flows
) -> Rows:
    """Residents who marry out of town leave it with the children who live with them; who they are."""
    gone = np.concatenate((beyond.go, children[persons.civil[children] != MARRIED]))
    tally(persons, gone, flows.moves_out)
    leave(persons, households, gone)
    unions.marry_out(persons, counts, beyond.go, beyond.go_age)
    return gone
