"""Machi living the rules of `plain_mesa.py` and no others, so that both may be timed at the same work.

The steps are those of `abm/year.py`, narrowed where a step lives more: nobody works or meets colleagues, whoever leaves
is gone, nobody marries out of town, and nobody goes back to the parents or, being old, gives up a home. Stocks by sex
and age, links and the balance of people are counted and checked every year as in a run; plain Mesa checks a total.
"""

from dataclasses import replace

import numpy as np

from abm.decisions.leaving import kinds_of_home, leavers
from abm.decisions.leaving_home import home_leavers
from abm.decisions.marriage import Pairs, one_round, searchers, the_divorcing
from abm.decisions.outside import Weddings
from abm.draws import Decision
from abm.founding.found import Founding
from abm.living_town import Town
from abm.people import housing, verbs
from abm.people.invariants import check_conservation
from abm.people.outputs import Outputs, flows_of, tally
from abm.people.population import AWAY, GONE, Rows, by_key
from abm.people.roll import roll_of
from abm.simulation import begin
from abm.steps.partnership import Homes, Unions, end_and_begin
from abm.year import ageing, childbirth, mortality, record_stocks
from benchmarks.plain_plan import PlainPlan

CIRCLES = (1, 2, 3)  # school years, neighbourhood, long ties: the plain model knows no colleagues
HELD = 1.0  # an old mother keeps nobody at home


def without_away(founding: Founding) -> Founding:
    """The same founding with nobody away, and no link to them."""
    people = founding.population.copy()
    people.persons.place[people.persons.place == AWAY] = GONE
    people.arrange()
    return replace(founding, population=people)


def live_plain_years(founding: Founding, plan: PlainPlan, seed: int) -> Outputs:
    """Live all years of the plan by the plain rules from a founding `without_away`."""
    town, record = begin(founding, plan.reference, plan.levers, seed)
    for _ in plan.levers:
        live_a_plain_year(town, plan, record)
    return record


def live_a_plain_year(town: Town, plan: PlainPlan, record: Outputs) -> None:
    """One year of `live_a_year` without what the plain model leaves out."""
    y, before = town.y, record.population[town.y].copy()
    town.roll = roll_of(town.population.persons, town.population.n)
    partnership(town, plan, record)
    leaving_home(town, plan)
    childbirth(town, plan, record)
    migration(town, plan, record)
    mortality(town, plan, record)
    ageing(town, plan)
    town.y += 1
    record_stocks(town, record)
    check_conservation(before, record.population[y + 1], int(record.births[y].sum()), record.moves_in[y],
                       record.moves_out[y], record.deaths[y], town.year - 1)  # fmt: skip


def partnership(town: Town, plan: PlainPlan, record: Outputs) -> None:
    """Who divorces; who searches, meets and marries in town."""
    people, arm = town.population, plan.reference
    persons = people.persons
    parting = the_divorcing(persons, town.roll, arm.divorces, town.stream(Decision.DIVORCE))
    parting = parting[by_key(persons, parting)]
    men, women = meeting(town, plan)
    nobody, ages = np.empty(0, np.int64), np.empty(0, np.int8)
    unions = Unions(parting, persons.partner[parting].astype(np.int64), Pairs(men, women, 0, nobody),
                    Weddings(nobody, ages, nobody, ages), nobody, ages)  # fmt: skip
    people.reserve(0, len(men) + len(parting))
    homes = Homes(float(arm.numbers.joins_parents[0]), float(arm.numbers.divorced_to_parents[0]))
    town.roll = end_and_begin(persons, people.households, people.counts, town.roll, town.year, unions, homes, arm.jobs,
                              town.streams, flows_of(record, town.y))  # fmt: skip


def meeting(town: Town, plan: PlainPlan) -> tuple[Rows, Rows]:
    """Husbands and wives who find each other in one of the circles."""
    people, search, lot = town.population, plan.search(town), town.stream(Decision.PAIR)
    persons = people.persons
    looking = searchers(persons, people.households, town.roll, search, town.stream(Decision.SEARCH))
    free, found = np.ones(len(looking), dtype=np.bool_), 0
    men, women = np.empty(len(looking), np.int64), np.empty(len(looking), np.int64)
    for circle in CIRCLES:
        found = one_round(persons, town.circles, circle, town.year, looking, free, search, lot, men, women, found)
    return men[:found], women[:found]


def leaving_home(town: Town, plan: PlainPlan) -> None:
    """Who leaves the parents' home within town."""
    people, lot = town.population, town.stream(Decision.LEAVE_HOME)
    rows = home_leavers(people.persons, people.households, town.roll, plan.reference.home, HELD, lot)
    people.reserve(0, len(rows) + 1)
    housing.move_out(people.persons, people.households, people.counts, rows)


def migration(town: Town, plan: PlainPlan, record: Outputs) -> None:
    """Who leaves for good and who arrives from elsewhere."""
    people, moves, (left, returned) = town.population, plan.moves(town), plan.expectations()
    evacuees = town.stream(Decision.EVACUEE_HOME, every_year=False)
    kinds = kinds_of_home(people.persons, people.households, town.roll, int(people.counts[1]), moves, evacuees)
    going = leavers(people.persons, town.roll, moves, kinds, town.stream(Decision.LEAVE), left)
    newcomers, keys = plan.arrivals(town, left, returned)
    people.reserve(len(newcomers.age), len(newcomers.age))
    persons, homes, first = people.persons, people.households, people.n
    tally(persons, going, record.moves_out[town.y])
    verbs.leave(persons, homes, going)
    persons.place[going] = GONE
    verbs.arrive(persons, homes, people.counts, newcomers, 0, len(newcomers.age), keys)
    tally(persons, np.arange(first, people.n), record.moves_in[town.y])
