"""The end of a year: who dies, and everybody a year older."""

from abm.compiled import step
from abm.decisions.mortality import Deaths, the_dying
from abm.draws import Decision, Streams
from abm.people import ageing
from abm.people.housing import lonely_minors
from abm.people.outputs import Flows, tally
from abm.people.population import TOWN, Counts, Households, Persons, Rows, by_key
from abm.people.verbs import die


@step
def die_of_year(persons: Persons, households: Households, n: int, deaths: Deaths, lots: Streams, flows: Flows) -> None:
    """Who dies; partners are widowed."""
    dying = the_dying(persons, n, deaths, lots.year[Decision.DEATH])
    tally(persons, dying[persons.place[dying] == TOWN], flows.deaths)
    die(persons, households, dying)


@step
def grow_older(persons: Persons, households: Households, counts: Counts, followed_to: int) -> tuple[Rows, Rows]:
    """Everybody a year older; minors whom this leaves alone, by key, and the household that takes each."""
    adults = ageing.grow_older(persons, counts[0], counts[1], followed_to)
    rows, homes = lonely_minors(persons, households, counts[0], adults)
    order = by_key(persons, rows)
    return rows[order], homes[order]
