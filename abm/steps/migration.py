"""The year's moves into town and out of it: who leaves, who comes home, who arrives."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import step
from abm.decisions.employment import Jobs
from abm.decisions.leaving import kinds_of_home, leavers
from abm.decisions.migration import Moves
from abm.decisions.newcomers import work_of_coming
from abm.decisions.uturn import returners
from abm.draws import Decision, Streams, Words, uniforms
from abm.people import verbs
from abm.people.outputs import Flows, tally
from abm.people.population import Arrivals, Counts, Households, Persons, Rows
from abm.people.roll import Roll

Array = NDArray[np.float64]


class Movers(NamedTuple):
    """Who leaves town this year, and who comes home to it, each beside the one who decided; rows of persons."""

    going: Rows
    coming: Rows
    leaders: Rows


@step
def movers_across(
    persons: Persons,
    households: Households,
    counts: Counts,
    roll: Roll,
    moves: Moves,
    lots: Streams,
    left: Array,
    returned: Array,
) -> Movers:
    """Who leaves (families, singles, evacuees going home) and who returns.

    Expected leavers and returners are added to `left` and `returned` [2, 102] (newborns first) unless these are empty.
    """
    kinds = kinds_of_home(persons, households, roll, counts[1], moves, lots.ever[Decision.EVACUEE_HOME])
    going = leavers(persons, roll, moves, kinds, lots.year[Decision.LEAVE], left)
    uturn, remote = lots.year[Decision.UTURN], lots.ever[Decision.REMOTE]
    coming, leaders = returners(persons, roll, moves, uturn, remote, returned)
    return Movers(going, coming, leaders)


@step
def move_across(
    persons: Persons,
    households: Households,
    counts: Counts,
    movers: Movers,
    newcomers: Arrivals,
    keys: Words,
    to_parents: Array,
    jobs: Jobs,
    lots: Streams,
    flows: Flows,
) -> None:
    """They go, come home and look for work, and the `newcomers` with their `keys` arrive.

    `to_parents` [101] is the share of single returners who join a parent.
    """
    going, coming, leaders = movers
    tally(persons, going, flows.moves_out)
    verbs.leave(persons, households, going)
    tally(persons, coming, flows.returns)
    tally(persons, coming, flows.moves_in)
    draws = uniforms(lots.year[Decision.HOME_OF_RETURNER], persons.key[leaders])
    joins = (draws < to_parents[np.minimum(persons.age[leaders], 100)]) & (persons.partner[leaders] < 0)
    verbs.come_home(persons, households, counts, coming, leaders, joins)
    rows, work, sector, place = work_of_coming(persons, coming, jobs, lots)
    verbs.set_work(persons, rows, work, sector, place)
    first = counts[0]
    verbs.arrive(persons, households, counts, newcomers, 0, len(newcomers.age), keys)
    tally(persons, np.arange(first, counts[0]), flows.moves_in)
