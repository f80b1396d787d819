"""Who lives with whom from year to year: leaving home, going back, old parents, and the households that result."""

import numpy as np
from conftest import END, START, Small
from lived_town import levers, years_of

from abm.decisions.elders import moving_elders
from abm.decisions.leaving_home import (
    home_comers,
    home_leavers,
    leaving_home_probability,
    may_go_back,
    may_leave_home,
)
from abm.known.town import Town
from abm.levels.home_levels import at_home_base, going_back_base, joining_base
from abm.people.invariants import check_links
from abm.people.population import PRIVATE
from abm.people.roll import roll_of
from abm.simulation import town_at_start
from machi.validation.home_checks import home_checks, homes_of_town, three_generations
from machi.validation.work_checks import filled_slots, job_checks, work_checks

NEVER, SURE = np.zeros((2, 101)), np.ones((2, 101))


def test_who_leaves_home_lives_with_the_mother_and_has_no_family(small: Small) -> None:
    people = small.founding.population
    persons, n = people.persons, people.n
    word = np.uint64(5)
    rows = home_leavers(persons, people.households, roll_of(persons, n), SURE, 1.0, word)
    assert len(rows) > 100
    assert (persons.household[persons.mother[rows]] == persons.household[rows]).all()
    assert (persons.parity[rows] == 0).all() and persons.age[rows].min() >= 18 and persons.age[rows].max() <= 49
    assert rows.tolist() == [i for i in range(n) if may_leave_home(persons, i)]
    assert len(home_leavers(persons, people.households, roll_of(persons, n), NEVER, 1.0, word)) == 0


def test_an_old_mother_holds_her_child(small: Small) -> None:
    people = small.founding.population
    persons = people.persons
    rows = home_leavers(persons, people.households, roll_of(persons, people.n), SURE, 1.0, np.uint64(5))
    old = persons.age[persons.mother[rows]] >= 75
    assert old.any() and not old.all()
    held = home_leavers(persons, people.households, roll_of(persons, people.n), SURE, 0.0, np.uint64(5))
    assert set(held.tolist()) == set(rows[~old].tolist())
    one = int(rows[old][0])
    assert leaving_home_probability(persons, SURE, 0.4, one) == 0.4


def test_people_alone_go_back_to_their_mothers(small: Small) -> None:
    people = small.founding.population
    persons, homes, n = people.persons, people.households, people.n
    rows, to = home_comers(persons, homes, roll_of(persons, n), np.ones(2), np.uint64(5))
    assert len(rows) > 10
    assert rows.tolist() == [i for i in range(n) if may_go_back(persons, homes, i)]
    assert (homes.size[persons.household[rows]] == 1).all()
    assert np.array_equal(to, persons.household[persons.mother[rows]])
    assert (homes.kind[to] == PRIVATE).all()
    few, _ = home_comers(persons, homes, roll_of(persons, n), np.array([0.0, 1.0]), np.uint64(5))
    assert set(few.tolist()) == set(rows[persons.age[persons.mother[rows]] >= 75].tolist())


def test_old_parents_join_a_child_in_town(small: Small) -> None:
    """Elders alone join any child of theirs; a couple moves as two, and only to a child who lives with a partner."""
    people = small.founding.population
    persons, homes, n = people.persons, people.households, people.n
    rows, to = moving_elders(persons, homes, roll_of(persons, n), NEVER, SURE, np.uint64(5))
    assert len(rows) > 20 and (persons.age[rows] >= 65).any() and (to >= 0).all()
    pairs = persons.partner[rows] >= 0
    assert pairs.any()
    assert set(persons.partner[rows[pairs]].tolist()) == set(rows[pairs].tolist())
    there = {int(home) for home in to}
    children = [i for i in range(n) if int(persons.household[i]) in there and persons.place[i] == 1]
    parents = {int(persons.mother[i]) for i in children} | {int(persons.father[i]) for i in children}
    assert all(int(i) in parents or int(persons.partner[i]) in parents for i in rows)


def test_generations_move_together_ever_more_rarely(town: Town) -> None:
    joining, back = joining_base(town, 45), going_back_base(town, 45)
    assert (np.diff(joining.sum(axis=(1, 2))) < 0).all() and (np.diff(back.sum(axis=1)) < 0).all()
    assert (joining[:, 0, 75:] >= joining[:, 0, :1]).all() and (joining[:, 1] <= joining[:, 0]).all()
    assert (at_home_base(town) >= 0).all() and at_home_base(town).max() < 0.1


def test_homes_stay_whole_while_people_move_together(small: Small) -> None:
    for town, _ in years_of(*small, levers(4), 3):
        check_links(town.population, town.year)


def test_the_same_seed_gives_the_same_homes(small: Small) -> None:
    """Every draw of a home is keyed on the person: two runs of the same seed agree in every household."""
    (one, _), (other, _) = ([*years_of(*small, levers(3), 4)][-1] for _ in range(2))
    n = one.population.n
    assert np.array_equal(one.population.persons.household[:n], other.population.persons.household[:n])


# The printed checks


def test_home_checks_speak_of_every_five_years(small: Small) -> None:
    rows = home_checks(*small)
    assert len({row.key for row in rows}) == len(rows)
    assert f"single_{START + 5}" in {row.key for row in rows}
    assert all(np.isfinite(row.simulated) and row.low <= row.high and row.label_ja and row.source for row in rows)
    start = homes_of_town(town_at_start(*small, 1))
    assert 25 < start.single < 40 and 2.2 < start.size < 2.7 and start.three_generations < start.beyond_nuclear


def test_three_generations_are_counted(small: Small) -> None:
    people = small.founding.population
    persons = type(people.persons)._make(column[: people.n] for column in people.persons)
    count = 0
    members: dict[int, list[int]] = {}
    for i in people.residents.tolist():
        members.setdefault(int(persons.household[i]), []).append(i)
    for rows in members.values():
        inside = set(rows)
        with_parent = {i for i in rows if {int(persons.mother[i]), int(persons.father[i])} & inside}
        count += any({int(persons.mother[i]), int(persons.father[i])} & with_parent for i in rows)
    assert three_generations(persons) == count


def test_work_checks_look_at_the_same_market_twice(small: Small) -> None:
    rows = {row.key: row for row in work_checks(*small)}
    assert rows["leavers"].met and rows["job_changers"].met  # of 3,000 workers, standard error 0.4 points
    assert rows["unemployed"].simulated > 1.5
    assert END - START == 8


def test_lasting_slots_are_filled_by_somebody(small: Small) -> None:
    """The shares of the job check sum to 1 in every town; how many come is judged at 1:1 by the benchmark."""
    (filled,) = filled_slots(*small, (5000.0,), (1, 2))
    assert abs(sum(filled[:7]) - 1) < 1e-9
    assert filled.commuters > 0.05 and filled.residents > 0 and filled.jobless > 1.5
    rows = job_checks(*small, seeds=(1,))
    assert (
        abs(sum(row.simulated for row in rows if row.key.startswith("slots_") and row.source.startswith("rep")) - 1)
        < 1e-9
    )
