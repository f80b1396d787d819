"""The steps in which the plain model's rules differ from the year's, compiled as `abm/steps` are."""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import step
from abm.decisions.acquaintances import LONG_TIE, SCHOOL, Circles
from abm.decisions.leaving import kinds_of_home, leavers
from abm.decisions.leaving_home import home_leavers
from abm.decisions.marriage import Divorces, Pairs, Search, one_round, searchers, the_divorcing
from abm.decisions.migration import Moves
from abm.decisions.outside import Weddings
from abm.draws import Decision, Streams, Words
from abm.people import verbs
from abm.people.outputs import Flows, tally
from abm.people.population import GONE, Arrivals, Counts, Households, Persons, Rows, by_key
from abm.people.roll import Roll
from abm.steps.partnership import Unions

Array = NDArray[np.float64]
HELD = 1.0  # an old mother keeps nobody at home


@step
def unions_of_year(
    persons: Persons,
    households: Households,
    circles: Circles,
    roll: Roll,
    year: int,
    divorces: Divorces,
    search: Search,
    lots: Streams,
) -> Unions:
    """Who divorces; who meets in school years, neighbourhood or by long ties, and marries: nobody knows colleagues."""
    wives = the_divorcing(persons, roll, divorces, lots.year[Decision.DIVORCE])
    wives = wives[by_key(persons, wives)]
    looking = searchers(persons, households, roll, search, lots.year[Decision.SEARCH])
    free, found, lot = np.ones(len(looking), np.bool_), 0, lots.year[Decision.PAIR]
    men, women = np.empty(len(looking), np.int64), np.empty(len(looking), np.int64)
    for circle in range(SCHOOL, LONG_TIE + 1):
        found = one_round(persons, circles, circle, year, looking, free, search, lot, men, women, found)
    nobody, ages = np.empty(0, np.int64), np.empty(0, np.int8)
    beyond = Weddings(nobody, ages, nobody, ages)
    pairs = Pairs(men[:found], women[:found], 0, nobody)
    return Unions(wives, persons.partner[wives].astype(np.int64), pairs, beyond, nobody, ages)


@step
def home_leavers_of_year(persons: Persons, households: Households, roll: Roll, by_age: Array, lots: Streams) -> Rows:
    """Who leaves the parents' home within town."""
    return home_leavers(persons, households, roll, by_age, HELD, lots.year[Decision.LEAVE_HOME])


@step
def leavers_of_year(
    persons: Persons, households: Households, counts: Counts, roll: Roll, moves: Moves, lots: Streams
) -> Rows:
    """Who leaves town, for good."""
    kinds = kinds_of_home(persons, households, roll, counts[1], moves, lots.ever[Decision.EVACUEE_HOME])
    return leavers(persons, roll, moves, kinds, lots.year[Decision.LEAVE], np.zeros((0, 0)))


@step
def move(
    persons: Persons,
    households: Households,
    counts: Counts,
    going: Rows,
    newcomers: Arrivals,
    keys: Words,
    flows: Flows,
) -> None:
    """They go, and the newcomers arrive."""
    tally(persons, going, flows.moves_out)
    verbs.leave(persons, households, going)
    persons.place[going] = GONE
    first = counts[0]
    verbs.arrive(persons, households, counts, newcomers, 0, len(newcomers.age), keys)
    tally(persons, np.arange(first, counts[0]), flows.moves_in)
