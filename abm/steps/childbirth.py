"""The year's births: who bears a child, and what becomes of mothers' courses and clocks."""

from typing import NamedTuple

from abm.compiled import step
from abm.decisions.childbirth import Births, Extra, extra_births, mothers
from abm.draws import Decision, Streams
from abm.people.ageing import keep_course
from abm.people.outputs import Flows
from abm.people.population import TOWN, Counts, Households, Persons, Rows
from abm.people.roll import Roll, renewed
from abm.people.verbs import born


class Bearing(NamedTuple):
    """Who has a child this year (rows of women), in town and away, and what programmes changed."""

    mothers: Rows
    extra: Extra


@step
def bearing_of_year(persons: Persons, roll: Roll, n: int, births: Births, lots: Streams) -> Bearing:
    """Who has a child."""
    bearing = mothers(persons, roll, births, lots.year[Decision.BIRTH])
    timing = lots.year[Decision.BIRTH_TIMING]
    return Bearing(bearing, extra_births(persons, n, bearing, births, lots.year[Decision.BIRTH], timing))


@step
def bear(
    persons: Persons,
    households: Households,
    counts: Counts,
    roll: Roll,
    of: Bearing,
    male_share: float,
    lots: Streams,
    flows: Flows,
) -> Roll:
    """The children are born, in town and away; the roll with them."""
    for i in of.mothers:
        if persons.place[i] == TOWN:
            flows.births[persons.age[i]] += 1
    born(persons, households, counts, of.mothers, lots.ever[Decision.SEX_AT_BIRTH], male_share)
    keep_course(persons, of.extra.rows, of.extra.ahead, of.extra.waiting)
    return renewed(roll, persons, counts[0], of.mothers[:0])
