"""Machi living the rules of `plain_mesa.py` and no others, so that both may be timed at the same work.

The steps are those of `abm/year.py`, narrowed where a step lives more: nobody works or meets colleagues, whoever leaves
is gone, nobody marries out of town, and nobody goes back to the parents or, being old, gives up a home. Stocks by sex
and age, links and the balance of people are counted and checked every year as in a run; plain Mesa checks a total.
"""

from dataclasses import replace

from abm.founding.found import Founding
from abm.living_town import Town
from abm.people import housing
from abm.people.invariants import check_conservation
from abm.people.outputs import Outputs, flows_of
from abm.people.population import AWAY, GONE
from abm.people.roll import roll_of
from abm.simulation import begin
from abm.steps.partnership import HomeShares, part_and_marry
from abm.year import ageing, childbirth, mortality, record_stocks
from benchmarks import plain_steps
from benchmarks.plain_plan import PlainPlan


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
    y, town.roll = town.y, roll_of(town.population.persons, town.population.n)
    partnership(town, plan, record)
    leaving_home(town, plan)
    childbirth(town, plan, record)
    migration(town, plan, record)
    mortality(town, plan, record)
    ageing(town, plan)
    town.y += 1
    record_stocks(town, record)
    check_conservation(record.population[y], record.population[y + 1], int(record.births[y].sum()), record.moves_in[y],
                       record.moves_out[y], record.deaths[y], town.year - 1)  # fmt: skip


def partnership(town: Town, plan: PlainPlan, record: Outputs) -> None:
    """Who divorces; who searches, meets and marries in town."""
    people, arm = town.population, plan.reference
    unions = plain_steps.unions_of_year(people.persons, people.households, town.circles, town.roll, town.year,
                                        arm.divorces, plan.search(town), town.streams)  # fmt: skip
    people.reserve(0, len(unions.pairs.men) + len(unions.wives))
    shares = HomeShares(float(arm.numbers.joins_parents[0]), float(arm.numbers.divorced_to_parents[0]))
    town.roll = part_and_marry(people.persons, people.households, people.counts, town.roll, town.year, unions, shares,
                               arm.jobs, town.streams, flows_of(record, town.y))  # fmt: skip


def leaving_home(town: Town, plan: PlainPlan) -> None:
    """Who leaves the parents' home within town."""
    people = town.population
    rows = plain_steps.home_leavers_of_year(people.persons, people.households, town.roll, plan.reference.home,
                                            town.streams)  # fmt: skip
    people.reserve(0, len(rows) + 1)
    housing.move_out(people.persons, people.households, people.counts, rows)


def migration(town: Town, plan: PlainPlan, record: Outputs) -> None:
    """Who leaves for good and who arrives from elsewhere."""
    people, moves = town.population, plan.moves(town)
    going = plain_steps.leavers_of_year(people.persons, people.households, people.counts, town.roll, moves,
                                        town.streams)  # fmt: skip
    newcomers, keys = plan.arrivals(town, *plan.expectations())
    people.reserve(len(newcomers.age), len(newcomers.age))
    plain_steps.move(people.persons, people.households, people.counts, going, newcomers, keys,
                     flows_of(record, town.y))  # fmt: skip
