"""The year, top to bottom: a reader follows a person through it without turning back.

Each step asks its plan for the year's table, then who is concerned, makes room for those to come, and lets it happen.
"""

import numpy as np

from abm.decisions.employment import Jobs
from abm.living_town import Plan, Town
from abm.people import housing
from abm.people.invariants import check_conservation, check_links
from abm.people.outputs import Outputs, flows_of
from abm.people.roll import roll_of
from abm.steps.childbirth import bear, bearing_of_year
from abm.steps.end_of_year import die_of_year, grow_older
from abm.steps.homes import move_within, movers_within
from abm.steps.migration import move_across, movers_across
from abm.steps.partnership import HomeShares, part_and_marry, unions_of_year
from abm.steps.work import change_work


def live_a_year(town: Town, plan: Plan, record: Outputs) -> None:
    """One year of everybody's life: work, partnership, childbirth, moves, deaths, ageing, and what is recorded."""
    y, town.roll = town.y, roll_of(town.population.persons, town.population.n)
    work(town, plan)
    partnership(town, plan, record)
    living_together(town, plan)
    childbirth(town, plan, record)
    migration(town, plan, record)
    mortality(town, plan, record)
    ageing(town, plan)
    town.y += 1
    town.known = town.labour
    record_stocks(town, record)
    check_conservation(record.population[y], record.population[y + 1], int(record.births[y].sum()), record.moves_in[y],
                       record.moves_out[y], record.deaths[y], town.year - 1)  # fmt: skip


def work(town: Town, plan: Plan) -> None:
    """Who finds, loses and changes work; then slots, commuters and vacancies of the year."""
    town.hiring = plan.jobs(town)
    filled = change_work(town.population.persons, town.roll, town.hiring, town.streams)
    _, town.labour = plan.slots(town, filled / town.fraction)


def partnership(town: Town, plan: Plan, record: Outputs) -> None:
    """Who divorces; who searches, meets and marries, in town or somebody from elsewhere; who marries away."""
    people, arm, search = town.population, plan.reference, plan.search(town)
    tables = arm.divorces, search, arm.away_marriage
    unions = unions_of_year(people.persons, people.households, town.circles, town.roll, town.year, tables,
                            int(arm.numbers.away_gap[0]), town.streams)  # fmt: skip
    plan.met(town, unions.pairs, search)
    come, go = len(unions.beyond.come), len(unions.beyond.go)
    record.introduced[town.y], record.outside[town.y] = unions.pairs.introduced, (come, go)
    people.reserve(come + go + len(unions.away), len(unions.pairs.men) + come + len(unions.wives))
    shares = HomeShares(float(arm.numbers.joins_parents[0]), float(arm.numbers.divorced_to_parents[0]))
    town.roll = part_and_marry(people.persons, people.households, people.counts, town.roll, town.year, unions, shares,
                               hiring(town, plan), town.streams, flows_of(record, town.y))  # fmt: skip


def living_together(town: Town, plan: Plan) -> None:
    """Who leaves the parents' home within town or goes back; which elders move to an institution or to a child."""
    people = town.population
    moving = movers_within(people.persons, people.households, town.roll, plan.homes(town), town.streams)
    people.reserve(0, len(moving.out) + 1)
    move_within(people.persons, people.households, people.counts, moving)


def childbirth(town: Town, plan: Plan, record: Outputs) -> None:
    """Who has a child, in town and away."""
    people, lots = town.population, town.streams
    bearing = bearing_of_year(people.persons, town.roll, people.n, plan.births(town), lots)
    people.reserve(len(bearing.mothers), 0)
    male_share = float(plan.reference.numbers.male_share[0])
    town.roll = bear(people.persons, people.households, people.counts, town.roll, bearing, male_share, lots,
                     flows_of(record, town.y))  # fmt: skip


def migration(town: Town, plan: Plan, record: Outputs) -> None:
    """Who leaves (families, singles, evacuees going home), who returns, who arrives from elsewhere."""
    people, moves, lots = town.population, plan.moves(town), town.streams
    left, returned = plan.expectations()
    movers = movers_across(people.persons, people.households, people.counts, town.roll, moves, lots, left,
                           returned)  # fmt: skip
    newcomers, keys = plan.arrivals(town, left, returned)
    people.reserve(len(newcomers.age), len(newcomers.age) + len(movers.coming))
    move_across(people.persons, people.households, people.counts, movers, newcomers, keys, moves.to_parents,
                  hiring(town, plan), lots, flows_of(record, town.y))  # fmt: skip


def hiring(town: Town, plan: Plan) -> Jobs:
    """The year's work table: returners and those who marry in come to a job in the sectors that hire."""
    return town.hiring or plan.jobs(town)


def mortality(town: Town, plan: Plan, record: Outputs) -> None:
    """Who dies; partners are widowed."""
    people, flows = town.population, flows_of(record, town.y)
    die_of_year(people.persons, people.households, people.n, plan.deaths(town), town.streams, flows)


def ageing(town: Town, plan: Plan) -> None:
    """Everybody a year older; minors left alone join a parent or a home; rows of the gone are dropped."""
    people, away_to = town.population, int(plan.reference.numbers.away_to[0])
    lonely, takes = grow_older(people.persons, people.households, people.counts, away_to)
    if len(lonely):
        people.reserve(0, 1)
        housing.shelter(people.persons, people.households, people.counts, lonely, takes)
    people.compact()


def record_stocks(town: Town, record: Outputs) -> None:
    """Stocks at the stock date that begins the present year; the town's links are checked on the same look."""
    people, y = town.population, town.y
    stocks = record.population[y], record.away[y], record.employed[y], record.unemployed[y]
    check_links(people, town.year, stocks)
    record.households[y] = np.count_nonzero(people.households.kind[: people.counts[1]])
    record.vacancies[y] = max(town.labour.vacancies.sum(), 0.0)
