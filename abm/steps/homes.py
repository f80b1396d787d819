"""Moves within town: who leaves the parents' home or goes back to it, which elders give up their own."""

from typing import NamedTuple

from abm.compiled import step
from abm.decisions.elders import moving_elders
from abm.decisions.leaving_home import HomeMoves, home_comers, home_leavers
from abm.draws import Decision, Streams
from abm.people import housing
from abm.people.population import Counts, Households, Persons, Rows, by_key
from abm.people.roll import Roll


class Within(NamedTuple):
    """Who moves within town this year (rows of persons), and into which households (rows, -1 an institution)."""

    out: Rows  # of the parents' home
    back: Rows
    to_mother: Rows
    elders: Rows
    to: Rows


@step
def movers_within(persons: Persons, households: Households, roll: Roll, moves: HomeMoves, lots: Streams) -> Within:
    """Who leaves the parents' home within town or goes back; which elders move to an institution or to a child."""
    out = home_leavers(persons, households, roll, moves.leave, moves.held, lots.year[Decision.LEAVE_HOME])
    back, to_mother = home_comers(persons, households, roll, moves.back, lots.year[Decision.BACK_HOME])
    elders, to = moving_elders(persons, households, roll, moves.institution, moves.joining, lots.year[Decision.ELDER])
    first, then = by_key(persons, back), by_key(persons, elders)
    return Within(out, back[first], to_mother[first], elders[then], to[then])


@step
def move_within(persons: Persons, households: Households, counts: Counts, moving: Within) -> None:
    """They move, in this order."""
    housing.move_out(persons, households, counts, moving.out)
    housing.join(persons, households, moving.back, moving.to_mother)
    housing.settle_elders(persons, households, counts, moving.elders, moving.to)
