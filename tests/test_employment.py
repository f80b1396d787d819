"""Work: rules of one row, second earners, kinds of work, and a labour market that stays as it was founded."""

import numpy as np
import pytest
from conftest import START, Small
from hypothesis import given, settings
from hypothesis import strategies as st
from lived_town import levers, years_of

from abm.decisions.employment import (
    FINDING,
    LEAVING,
    Labour,
    care_at_home,
    finds_work,
    jobs_of_year,
    labour_after,
    leaves_work,
    second_earner,
    sooner,
    workplace,
)
from abm.decisions.job_changes import work_changes, work_streams
from abm.draws import Decision
from abm.founding.found import found
from abm.known.town import Town
from abm.levels.reference import named
from abm.levels.work_levels import earner_risks, flows_of, profile_of, second_earners
from abm.levers import neutral
from abm.living_town import Town as Living
from abm.people.population import FEMALE, MALE, NONREGULAR, OUT_COMMUTER, REGULAR, SELF_EMPLOYED, TOWN, UNEMPLOYED
from abm.people.roll import roll_of
from abm.simulation import FixedPlan, town_at_start

YEARS = 8
NOTHING = named(neutral(1)[0])


@pytest.fixture(scope="module")
def living(small: Small) -> Living:
    return town_at_start(*small, 1)


def wives(town: Living) -> np.ndarray:
    """Rows of wives of 25-44 who live with their husbands."""
    persons, rows = town.population.persons, town.population.residents
    rows = rows[(persons.sex[rows] == FEMALE) & (persons.age[rows] >= 25) & (persons.age[rows] < 45)]
    mate = persons.partner[rows]
    return rows[(mate >= 0) & (persons.household[np.maximum(mate, 0)] == persons.household[rows])]


# A wife's work follows her household


def test_only_women_of_working_mothers_age_are_second_earners(small: Small, living: Living) -> None:
    persons, rows = living.population.persons, living.population.residents
    others = rows[(persons.sex[rows] == MALE) | (persons.age[rows] < 25) | (persons.age[rows] >= 45)]
    for way in (FINDING, LEAVING):
        assert (second_earners(persons, others, small.reference.jobs, way) == 1).all()


def test_the_household_leaves_the_mean_of_the_founded_women_as_it_is(small: Small, living: Living) -> None:
    """By five-year age the mean relative risk of those at risk is 1."""
    persons, rows = living.population.persons, living.population.residents
    women = rows[(persons.sex[rows] == FEMALE) & (persons.age[rows] >= 25) & (persons.age[rows] < 45)]
    working = persons.work[women] >= NONREGULAR
    for way, of in ((FINDING, women[~working]), (LEAVING, women[working])):
        risks, group = second_earners(persons, of, small.reference.jobs, way), persons.age[of] // 5
        for one in np.unique(group):
            assert risks[group == one].mean() == pytest.approx(1.0)


def test_small_children_hold_at_home_and_a_grandmother_helps(town: Town) -> None:
    risks = earner_risks(town.japan.behaviour["work"])
    none, small_child, near, home, newborn = risks[:, :5, 0].T
    assert small_child[FINDING] < near[FINDING] < home[FINDING] < none[FINDING] == 1
    assert small_child[LEAVING] > near[LEAVING] > home[LEAVING] > none[LEAVING] == 1
    assert newborn[LEAVING] > small_child[LEAVING]
    assert (risks[FINDING, :, 1] >= risks[FINDING, :, 0]).all()  # the husband has no work: she rather looks for it
    assert (risks[LEAVING, :, 1] <= risks[LEAVING, :, 0]).all()


def test_care_is_read_from_parity_waiting_and_grandmothers(small: Small) -> None:
    town = town_at_start(*small, 1)
    persons = town.population.persons
    wife = int(wives(town)[0])
    husband = int(persons.partner[wife])
    persons.parity[wife], persons.waiting[wife] = 1, 3
    persons.mother[wife] = persons.mother[husband] = -1
    assert care_at_home(persons, wife, husband) == 1
    rows = town.population.residents
    elder = int(rows[(persons.sex[rows] == FEMALE) & (persons.age[rows] >= 60) & (persons.age[rows] < 70)][0])
    persons.mother[husband] = elder
    assert care_at_home(persons, wife, husband) == 2
    persons.household[elder] = persons.household[wife]
    assert care_at_home(persons, wife, husband) == 3
    persons.waiting[wife] = 0
    assert care_at_home(persons, wife, husband) == 6
    persons.age[elder] = 80
    assert care_at_home(persons, wife, husband) == 4
    persons.waiting[wife] = 6
    assert care_at_home(persons, wife, husband) == 0


def test_remote_work_keeps_mothers_of_small_children(small: Small) -> None:
    town = town_at_start(*small, 1)
    persons, jobs = town.population.persons, small.reference.jobs
    wife = int(wives(town)[0])
    persons.parity[wife], persons.waiting[wife], persons.workplace[wife] = 1, 2, 0
    here = second_earner(persons, jobs, wife, LEAVING)
    persons.workplace[wife] = 2
    assert second_earner(persons, jobs, wife, LEAVING) == pytest.approx(here * jobs.remote_mother[0])


# The kernel and its rules


def test_who_keeps_work_changes_only_what_a_rule_says(small: Small, living: Living) -> None:
    """No wrong state comes out, the self-employed stay so or leave, and farmers and the self-employed stay in town."""
    persons, n = living.population.persons, living.population.n
    roll, lots = roll_of(persons, n), work_streams(living.streams)
    rows, work, sector, place, filled = work_changes(persons, roll, small.reference.jobs, lots)
    at_work = work >= NONREGULAR
    assert (work > 0).all() or (persons.work[rows[work == 0]] == 0).all()
    assert ((sector >= 0) == at_work).all()
    assert (place[(work == SELF_EMPLOYED) | (sector == 0)] != OUT_COMMUTER).all()
    was_own = persons.work[rows] == SELF_EMPLOYED
    assert set(np.unique(work[was_own])) <= {1, UNEMPLOYED}
    assert filled.sum() > 0 and (persons.place[rows] == TOWN).all() and (persons.age[rows] >= 15).all()


def test_regular_and_nonregular_work_both_change(small: Small, living: Living) -> None:
    persons, n = living.population.persons, living.population.n
    rows, work, *_ = work_changes(persons, roll_of(persons, n), small.reference.jobs, work_streams(living.streams))
    before = persons.work[rows]
    assert np.count_nonzero((before == NONREGULAR) & (work == REGULAR)) > 5
    assert np.count_nonzero((before == REGULAR) & (work == NONREGULAR)) > 5
    assert np.count_nonzero((before <= REGULAR) & (before >= NONREGULAR) & (work == SELF_EMPLOYED)) > 0


def test_the_stream_of_kinds_moves_nobody_into_or_out_of_work(small: Small, living: Living) -> None:
    persons, n = living.population.persons, living.population.n
    lots = work_streams(living.streams)
    other = lots.copy()
    other[-1] = living.stream(Decision.DEATH)
    states = []
    for streams in (lots, other):
        rows, work, *_ = work_changes(persons, roll_of(persons, n), small.reference.jobs, streams)
        after = persons.work[:n].copy()
        after[rows] = work
        states.append(after)
    assert ((states[0] >= NONREGULAR) == (states[1] >= NONREGULAR)).all()
    assert (states[0] != states[1]).any()


def test_chances_are_probabilities(small: Small, living: Living) -> None:
    persons, rows = living.population.persons, living.population.residents
    jobs = jobs_of_year(small.reference.jobs, 5.0, np.ones(7), NOTHING, 0.7, 0.4)
    for i in rows[persons.age[rows] >= 15][:500].tolist():
        chance = (leaves_work if persons.work[i] >= NONREGULAR else finds_work)(persons, jobs, i)
        assert 0 <= chance <= 1


def test_farmers_and_the_self_employed_work_in_town(small: Small) -> None:
    jobs = small.reference.jobs
    assert workplace(jobs, MALE, REGULAR, 0, 0.0) == 0 and workplace(jobs, MALE, SELF_EMPLOYED, 3, 0.0) == 0
    assert workplace(jobs, MALE, REGULAR, 3, 0.0) == OUT_COMMUTER


@settings(deadline=None)
@given(st.floats(0.0, 1.0), st.floats(0.2, 5.0), st.floats(0.2, 5.0))
def test_a_faster_market_saturates(chance: float, slow: float, fast: float) -> None:
    slow, fast = sorted((slow, fast))
    low, high = sooner(np.array([chance]), slow)[0], sooner(np.array([chance]), fast)[0]
    assert 0 <= low <= high <= 1
    assert sooner(np.array([chance]), 1.0)[0] == pytest.approx(chance, abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.floats(0, 5000), min_size=7, max_size=7), st.lists(st.floats(0, 5000), min_size=7, max_size=7))
def test_slots_are_filled_vacant_or_commuted_to(filled: list[float], slots: list[float]) -> None:
    usual = Labour(np.full(7, 20.0), np.full(7, 100.0))
    after = labour_after(np.array(filled), np.array(slots), usual, usual, 0.12)
    assert np.allclose(after.vacancies + after.in_commuters + filled, slots)
    assert (after.in_commuters >= 0).all()


# The founded profile is kept


def test_transitions_carry_the_profile_from_age_to_age(town: Town) -> None:
    """Employment one age later is what stays and what is hired; hardly more leave than the survey counts (3.8 %).

    Where the profile falls with age, and where the unemployed who find work must be replaced, it asks for more.
    """
    people = found(town, "census", 0.2).population
    profile = profile_of(people.persons, people.residents)
    flows = flows_of(profile, town.japan.behaviour["work"])
    after = profile.employed * (1 - flows.lose) + flows.hires
    ages = slice(27, 60)
    off = np.abs(after[:, ages] - profile.employed[:, 28:61])
    assert np.quantile(off, 0.9) < 0.01
    workers = profile.people * profile.employed
    assert 0.03 < (flows.lose * workers).sum() / workers.sum() < 0.05


def test_the_labour_market_stays_as_founded(small: Small) -> None:
    """After 8 years within 4 points: a share of 500 to 2,800 people has a standard error of up to 2 points."""

    def shares(town: Living) -> np.ndarray:
        persons, rows = town.population.persons, town.population.residents
        work, age, sex = persons.work[rows], persons.age[rows], persons.sex[rows]
        at_work = work >= NONREGULAR
        prime = (age >= 25) & (age < 60)
        return np.array([
            at_work[prime & (sex == MALE)].mean(), at_work[prime & (sex == FEMALE)].mean(),
            (work[at_work] == SELF_EMPLOYED).mean(), (work[at_work] == REGULAR).mean(),
            (persons.workplace[rows][at_work] == OUT_COMMUTER).mean(),
            np.count_nonzero(work == UNEMPLOYED) / np.count_nonzero(work >= UNEMPLOYED),
        ])  # fmt: skip

    course = [shares(town) for town, _ in years_of(*small, levers(YEARS), 1)]
    assert np.abs(course[-1] - course[0]).max() < 0.04


def test_regular_work_follows_its_lever(small: Small) -> None:
    """+10 points ask for 10 more regular workers in a hundred of 20-39; half of them at least are seen."""

    def regular(points: float) -> float:
        *_, (town, _) = years_of(*small, levers(3, regular_share=points), 2)
        persons, rows = town.population.persons, town.population.residents
        young = rows[(persons.age[rows] >= 20) & (persons.age[rows] < 40) & (persons.work[rows] >= NONREGULAR)]
        return float((persons.work[young] == REGULAR).mean())

    assert 0.05 < regular(10.0) - regular(0.0) < 0.15


def test_a_year_asks_its_own_table(small: Small, living: Living) -> None:
    table = FixedPlan(small.reference, levers(YEARS)).jobs(living)
    assert living.year == START
    assert np.allclose(table.find, small.reference.jobs.find) and np.allclose(table.sector[:, -1], 1.0)
