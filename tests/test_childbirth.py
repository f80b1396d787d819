"""Who has a child: the cohort behind the table, both partners' work, and births that a programme moves forward."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from conftest import Small
from hypothesis import given, settings
from hypothesis import strategies as st
from lived_town import levers, lived

from abm.decisions.childbirth import Births, birth_probability, course_parity, course_probability, extra_births, mothers
from abm.draws import Decision, stream
from abm.known.hazards import births_at
from abm.known.town import Town as TownData
from abm.levels.birth_levels import (
    Unions,
    another_child,
    births_by_age_and_order,
    course_of,
    fourth_share,
    unions_of,
)
from abm.people.population import AWAY, FEMALE, MARRIED, REGULAR, TOWN, Persons, Population
from abm.people.roll import roll_of

ORDERS = ("first", "second", "third")
YEARS = 8


@pytest.fixture(scope="module")
def unions(town: TownData, small: Small) -> Unions:
    return unions_of(town, small.reference.divorces)


@pytest.fixture
def people(small: Small) -> Population:
    """A copy that a test may write into."""
    return small.founding.population.copy()


@pytest.fixture
def wife(people: Population) -> int:
    """A wife of 30 with her husband in town."""
    persons, rows = people.persons, people.residents
    found = (persons.sex[rows] == FEMALE) & (persons.civil[rows] == MARRIED) & (persons.partner[rows] >= 0)
    return int(rows[found & (persons.age[rows] == 30)][0])


def born_of(reference_births: Births, factor: float = 1.0, moved: float = 0.0) -> Births:
    """The year's table under a programme that acts on every order of birth."""
    lever = reference_births.lever.copy()
    lever[0] *= factor
    return reference_births._replace(lever=lever, moved=np.full(4, moved))


# The cohort behind the table


@pytest.mark.parametrize("level", [1.0, 1.07])
def test_the_cohort_has_the_births_of_its_prefecture_by_age_and_order(
    town: TownData, unions: Unions, level: float
) -> None:
    """Within unions, from 23 on, where enough are married: each order within 1 %."""
    outside = 0.02
    course = course_of(town.japan, unions, town.japan.behaviour["childbirth"], outside, level)
    wanted = births_by_age_and_order(town.japan) * (1 - outside) * level
    born = np.column_stack([course.born[:, :2], course.born[:, 2:].sum(axis=1)])
    assert np.allclose(born[23:50], wanted[23:50], rtol=0.01, atol=1e-6)
    later = course.born[:, 2:].sum(axis=0)
    assert later[1] / later.sum() == pytest.approx(fourth_share(town.japan), abs=0.002)


def test_who_bears_younger_has_the_nations_orders_sooner(town: TownData) -> None:
    """Shares of first, second and later births of all ages are the nation's; at each age fewer are first births."""
    japan = town.japan
    nation = replace(japan, own_asfr=japan.asfr)
    own, wanted = births_by_age_and_order(japan), births_by_age_and_order(nation)
    assert own.sum() == pytest.approx(wanted.sum(), rel=1e-3)
    assert own.sum(axis=0) == pytest.approx(wanted.sum(axis=0), rel=0.01)
    at_30 = [one[28:33, 0].sum() / one[28:33].sum() for one in (own, wanted)]
    assert at_30[0] < at_30[1]


def test_those_who_live_elsewhere_have_the_births_of_the_nation(town: TownData, small: Small) -> None:
    """Table x level away, over table x level of the base year's fertility in town: the nation's births over ours."""
    level, japan = small.reference.births.level, town.japan
    ages = slice(16, 48)
    ratio = births_at(japan, lead=0.5, national=True)[ages] / births_at(japan, lead=0.5)[ages]
    fertility = small.reference.rates.birth[0].sum() / births_at(japan, lead=0.5).sum()
    assert level[0] == pytest.approx(np.ones(101))
    assert level[1, ages] * fertility == pytest.approx(ratio)


def test_every_probability_is_possible(town: TownData, unions: Unions) -> None:
    course = course_of(town.japan, unions, town.japan.behaviour["childbirth"], 0.02)
    chance = course.by_age[1][:, :, None] * course.by_wait[[0, 1, 1, 1]].transpose(1, 0, 2)
    assert (chance >= 0).all() and chance.max() <= 0.6 + 1e-9
    assert (course.by_age[:, :15] == 0).all() and (course.by_age[:, 50:] == 0).all()
    another = another_child(course, unions)
    assert (another >= 0).all() and (another <= 1).all()
    assert another[27, 0, 1] > 0.8 > another[27, 2, 3] > another[40, 2, 3]


def test_brides_who_expect_a_child_have_it_soon(town: TownData, unions: Unions) -> None:
    """Young mothers mostly conceived before the wedding: births of the first year weigh more than at 32."""
    course = course_of(town.japan, unions, town.japan.behaviour["childbirth"], 0.02)
    early = course.by_wait[0, :, :2].sum(axis=1) / course.by_wait[0, :, 2:5].sum(axis=1)
    assert early[19] > early[24] > early[32]


@settings(deadline=None, max_examples=15)
@given(share=st.floats(0.0, 0.9), early=st.floats(0.2, 0.8))
def test_births_conceived_before_the_wedding_change_no_total(share: float, early: float) -> None:
    from abm.levels.birth_levels import _first_by_wait

    childless = np.linspace(1.0, 0.1, 17)
    shape = np.linspace(1.5, 0.1, 17)
    risk = _first_by_wait(shape, childless, 1.0, share, early)
    assert (risk * childless).sum() == pytest.approx(childless.sum())


# The rule of one woman


def test_work_of_both_partners_bears_on_births(people: Population, small: Small, wife: int) -> None:
    persons, births = people.persons, small.reference.births
    chances = {}
    for name, hers, his in (("secure", REGULAR, REGULAR), ("hers", 3, REGULAR), ("his", REGULAR, 3), ("none", 4, 2)):
        persons.work[wife], persons.work[persons.partner[wife]] = hers, his
        chances[name] = course_probability(persons, births, wife)
    assert chances["secure"] > chances["hers"] > 0 and chances["secure"] > chances["his"] > chances["none"] > 0


def test_more_jobs_for_women_do_not_cut_births(small: Small) -> None:
    """Regular and non-regular work balance: a wife drawn from those at work has the risk of one without (2 %)."""
    births, persons = small.reference.births, small.founding.population.persons
    rows = small.founding.population.residents
    wives = rows[(persons.sex[rows] == FEMALE) & (persons.civil[rows] == MARRIED) & (persons.age[rows] < 45)]
    at_work = wives[np.isin(persons.work[wives], (3, 4))]
    assert births.by_work[persons.work[at_work]].mean() == pytest.approx(births.by_work[1], rel=0.05)


def test_a_child_moved_forward_stands_for_the_next_of_her_course(people: Population, small: Small, wife: int) -> None:
    """A mother's course goes on as if the child had not come; where it was moved forward, none comes meanwhile."""
    persons, births = people.persons, small.reference.births
    persons.parity[wife], persons.waiting[wife], persons.ahead[wife] = 1, 3, 0
    before = course_probability(persons, births, wife)
    persons.parity[wife], persons.ahead[wife] = 2, 2
    assert course_parity(persons, wife) == 1 and birth_probability(persons, births, wife) == before
    persons.ahead[wife] = 1
    assert course_probability(persons, births, wife) == before
    assert birth_probability(persons, births, wife) == 0.0


@pytest.mark.parametrize("moved", [0.0, 0.4, 1.0])
def test_marks_go_only_to_mothers_whom_a_programme_reached(people: Population, small: Small, moved: float) -> None:
    persons, n = people.persons, people.n
    births, lot = born_of(small.reference.births, 1.5, moved), stream(3, Decision.BIRTH, 2015)
    timing = stream(3, Decision.BIRTH_TIMING, 2015)
    bearing = mothers(persons, roll_of(persons, n), births, lot)
    course = mothers(persons, roll_of(persons, n), small.reference.births, lot)
    extra = extra_births(persons, n, bearing, births, lot, timing)
    assert set(extra.rows.tolist()) == set(bearing.tolist()) - set(course.tolist())
    assert set(course.tolist()) <= set(bearing.tolist())  # a higher hazard never undoes a birth
    assert (persons.place[extra.rows] == TOWN).all()
    assert set(extra.ahead.tolist()) <= {1, 2}
    if moved == 0.0:
        assert (extra.ahead == 2).all()
    if moved == 1.0:  # all that can be: nearly every wife without a child has one later
        first = persons.parity[extra.rows] == 0
        assert (extra.ahead == 1).all() and first.any()


def test_a_mark_is_lifted_when_the_birth_falls_due(people: Population, small: Small) -> None:
    persons, n, lot = people.persons, people.n, stream(4, Decision.BIRTH, 2015)
    due = mothers(persons, roll_of(persons, n), small.reference.births, lot)
    due = due[persons.place[due] != AWAY]
    persons.parity[due] += 1
    persons.ahead[due] = 1
    bearing = mothers(persons, roll_of(persons, n), small.reference.births, lot)
    assert not set(due.tolist()) & set(bearing.tolist())
    extra = extra_births(persons, n, bearing, small.reference.births, lot, np.uint64(5))
    assert extra.rows.tolist() == due.tolist()
    assert (extra.ahead == 0).all() and (extra.waiting == -1).all()


# A town under a programme


@pytest.fixture(scope="module")
def births_under(small: Small) -> Callable[..., np.ndarray]:
    """Births by year and seed, int64[seeds, Y], of a town under a programme of four years."""

    def run(factor: float, moved: float) -> np.ndarray:
        array = levers(YEARS)
        some = levers(4, childbirth=factor, **{f"moved_forward_{order}": moved for order in ORDERS})
        array[:4] = some
        return np.array([lived(*small, array, seed)[1].births.sum(axis=1) for seed in range(1, 9)])

    return run


def test_moving_births_forward_does_nothing_without_a_programme(births_under: Callable[..., np.ndarray]) -> None:
    assert np.array_equal(births_under(1.0, 1.0), births_under(1.0, 0.0))


def test_births_dip_when_a_programme_stops_and_less_of_it_lasts(births_under: Callable[..., np.ndarray]) -> None:
    """Births x 1.5 for four years: all on top, or as many as can be moved forward (8 pairs of runs, z above 3)."""
    base, on_top, forward = births_under(1.0, 0.0), births_under(1.5, 0.0), births_under(1.5, 1.0)
    first_year = (forward - base)[:, 0]
    assert np.array_equal(first_year, (on_top - base)[:, 0]) and first_year.mean() > 0
    after = (forward - base)[:, 4:].sum(axis=1)
    assert after.mean() < -3 * after.std(ddof=1) / np.sqrt(len(after))
    still = (on_top - base)[:, 4:].sum(axis=1)
    assert still.mean() > -3 * still.std(ddof=1) / np.sqrt(len(still))
    lasting = (forward - base).sum(axis=1).sum() / (on_top - base).sum(axis=1).sum()
    assert 0.2 < lasting < 0.8  # some would have had none, some have left or are still to be missed


def test_the_marks_stay_within_what_a_woman_has(small: Small) -> None:
    town, _ = lived(*small, levers(YEARS, childbirth=2.0, **{f"moved_forward_{order}": 0.5 for order in ORDERS}), 2)
    persons = Persons(*(column[: town.population.n] for column in town.population.persons))
    marked = np.flatnonzero((persons.ahead > 0) & (persons.place > 0))
    assert len(marked) > 0 and (persons.sex[marked] == FEMALE).all()
    assert all(0 <= course_parity(persons, int(i)) < persons.parity[i] for i in marked)
