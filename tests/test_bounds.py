"""Bounds by which a decision is told before it is looked into: they change none, whatever the levers are."""

from collections.abc import Iterator

import numpy as np
import pytest
from conftest import END, START, Small
from lived_town import lived

from abm.decisions.childbirth import birth_probability, may_give_birth, mothers
from abm.decisions.employment import at_work, lifted, without_work
from abm.decisions.job_changes import work_changes, work_streams
from abm.decisions.leaving import decides, kinds_of_home, leavers, leaving_probability
from abm.decisions.leaving_home import going_back_probability, home_comers, may_go_back
from abm.decisions.marriage import divorce_probability, may_divorce, the_divorcing
from abm.decisions.migration import Moves
from abm.decisions.uturn import parents_of_pupils, returners, uturn_probability
from abm.draws import Decision, uniforms
from abm.levers import LEVERS, neutral
from abm.living_town import Town
from abm.people.population import NATIVE
from abm.people.roll import Roll, roll_of
from abm.simulation import FixedPlan

YEARS = END - START
NOTHING = np.zeros((0, 0))
LEVELS = {
    "neutral": neutral(YEARS),
    "low": np.tile([lever.low for lever in LEVERS], (YEARS, 1)),
    "high": np.tile([lever.high for lever in LEVERS], (YEARS, 1)),
}


@pytest.fixture(params=LEVELS)
def year(request: pytest.FixtureRequest, small: Small) -> tuple[Town, FixedPlan, Roll]:
    """A town after a year of everyday life, a plan with all levers at one end, and the roll."""
    town, _ = lived(*small, neutral(1), 3)
    people = town.population
    return town, FixedPlan(small.reference, LEVELS[request.param]), roll_of(people.persons, people.n)


def rows(town: Town) -> Iterator[int]:
    """Everybody who is not gone."""
    return (i for i in range(town.population.n) if town.population.persons.place[i] != 0)


def draws(town: Town, decision: Decision) -> np.ndarray:
    return uniforms(town.stream(decision), town.population.persons.key[: town.population.n])


def test_births_and_divorces_are_those_of_their_rules(year: tuple[Town, FixedPlan, Roll], small: Small) -> None:
    town, plan, roll = year
    persons, births, lot = town.population.persons, plan.births(town), draws(town, Decision.BIRTH)
    wanted = {i for i in rows(town) if may_give_birth(persons, i) and lot[i] < birth_probability(persons, births, i)}
    assert set(mothers(persons, roll, births, town.stream(Decision.BIRTH)).tolist()) == wanted and wanted
    divorces, lot = small.reference.divorces, draws(town, Decision.DIVORCE)
    wanted = {i for i in rows(town) if may_divorce(persons, i) and lot[i] < divorce_probability(persons, divorces, i)}
    assert set(the_divorcing(persons, roll, divorces, town.stream(Decision.DIVORCE)).tolist()) == wanted and wanted


def moves_of(town: Town, plan: FixedPlan, sure: bool) -> Moves:
    """The year's moves, as they are or so much likelier that many people meet the caps."""
    moves = plan.moves(town)
    return moves._replace(leave=moves.leave * 8, uturn=moves.uturn * 8) if sure else moves


@pytest.mark.parametrize("sure", [False, True], ids=["as aligned", "eight times"])
def test_leavers_and_returners_are_those_of_their_rules(year: tuple[Town, FixedPlan, Roll], sure: bool) -> None:
    town, plan, roll = year
    people, moves = town.population, moves_of(town, plan, sure)
    persons, homes = people.persons, people.households
    fixed, remote = town.stream(Decision.EVACUEE_HOME, False), town.stream(Decision.REMOTE, False)
    kinds = kinds_of_home(persons, homes, roll, int(people.counts[1]), moves, fixed)
    lot = draws(town, Decision.LEAVE)
    # under 18 one may leave by oneself and also follow a parent
    deciding = {i for i in rows(town) if persons.age[i] >= 18 and decides(persons, kinds, i)}
    wanted = {i for i in deciding if lot[i] < leaving_probability(persons, moves, kinds, i)}
    going = leavers(persons, roll, moves, kinds, town.stream(Decision.LEAVE), NOTHING)
    assert set(going.tolist()) & deciding == wanted and wanted
    pupils, lot = parents_of_pupils(persons, roll), draws(town, Decision.UTURN)
    wanted = {
        i for i in rows(town)
        if persons.place[i] == 2 and persons.origin[i] == NATIVE and persons.age[i] >= 18
        and not (persons.partner[i] >= 0 and persons.origin[persons.partner[i]] == NATIVE and persons.sex[i] == 0)
        and lot[i] < uturn_probability(persons, moves, pupils, remote, i)
    }  # fmt: skip
    _, leaders = returners(persons, roll, moves, town.stream(Decision.UTURN), remote, NOTHING)
    assert set(leaders.tolist()) == wanted and wanted


def test_who_goes_back_home_is_the_rules_word(year: tuple[Town, FixedPlan, Roll]) -> None:
    town, plan, roll = year
    persons, homes, back = town.population.persons, town.population.households, plan.homes(town).back
    lot = draws(town, Decision.BACK_HOME)
    wanted = {i for i in rows(town)
              if may_go_back(persons, homes, i) and lot[i] < going_back_probability(persons, back, i)}  # fmt: skip
    found, _ = home_comers(persons, homes, roll, back, town.stream(Decision.BACK_HOME))
    assert set(found.tolist()) == wanted


def test_changes_of_work_are_those_of_the_rules(year: tuple[Town, FixedPlan, Roll]) -> None:
    """Everybody's year of work by its rules, one after the other, beside the loop that passes most people over."""
    town, plan, roll = year
    persons, jobs, streams = town.population.persons, plan.jobs(town), work_streams(town.streams)
    lot, wanted = uniforms(streams[0], persons.key[: town.population.n]), {}
    for i in roll.grown.tolist():
        now = int(persons.work[i])
        work, sector, place = (at_work if now >= 3 else without_work)(persons, jobs, i, lot[i], streams)
        if work >= 3:
            work, place = lifted(persons, jobs, i, work, place, streams)
        if (work, sector, place) != (now, persons.sector[i], persons.workplace[i]):
            wanted[i] = (work, sector, place)
    changed = work_changes(persons, roll, jobs, streams)[:4]
    assert {row: tuple(new) for row, *new in zip(*(c.tolist() for c in changed), strict=True)} == wanted and wanted
