"""The books of a year: people only come and go as recorded, and households and links hold in every year."""

import numpy as np
import pytest
from conftest import END, START, Small
from every_lever import ARMS, YEARS
from lived_town import alive, levers, years_of
from numpy.typing import NDArray

from abm.people import invariants
from abm.people.invariants import BrokenInvariantError, check_conservation, check_links
from abm.people.population import FEMALE, INSTITUTION, MARRIED, TOWN, Population
from abm.simulation import simulate


@ARMS
def test_people_only_come_and_go_as_recorded(small: Small, arm: NDArray[np.float64]) -> None:
    """start + births + in - deaths - out = end, by sex and age; ages 0 and 1 together, as newborns move too."""
    record = simulate(*small, arm, 3)
    for y in range(YEARS):
        stayed = record.population[y] + record.moves_in[y] - record.moves_out[y] - record.deaths[y]
        after = record.population[y + 1]
        assert np.array_equal(after[:, 2:100], stayed[:, 1:99])
        assert np.array_equal(after[:, 100], stayed[:, 99] + stayed[:, 100])
        assert after[:, :2].sum() == stayed[:, 0].sum() + record.births[y].sum()
        assert after.sum() == stayed.sum() + record.births[y].sum()
    assert (record.returns <= record.moves_in).all()
    assert (record.employed + record.unemployed <= record.population).all()
    assert record.employed[:, :, :15].sum() == 0
    assert record.births[:, :15].sum() == record.births[:, 50:].sum() == 0
    assert all((np.asarray(array) >= 0).all() for array in record)


@ARMS
def test_households_partition_the_residents(small: Small, arm: NDArray[np.float64]) -> None:
    for town, record in years_of(*small, arm, 2):
        people = town.population
        persons, households = people.persons, people.households
        homes = int(people.counts[1])
        assert record.population[town.y].sum() == len(people.residents)
        at_home = persons.household[people.residents]
        assert at_home.min() >= 0
        members = np.bincount(at_home, minlength=homes)
        assert np.array_equal(members, households.size[:homes])
        assert np.array_equal(members > 0, households.kind[:homes] > 0)
        assert record.households[town.y] == np.count_nonzero(members)
        away = alive(people)[1]
        away = away[persons.place[away] != TOWN]
        assert (persons.household[away] == -1).all()


@ARMS
def test_partners_are_each_others(small: Small, arm: NDArray[np.float64]) -> None:
    for town, _ in years_of(*small, arm, 2):
        persons, rows = alive(town.population)
        rows = rows[persons.partner[rows] >= 0]
        mate = persons.partner[rows]
        assert np.array_equal(persons.partner[mate], rows)
        assert (persons.civil[rows] == MARRIED).all()
        assert np.array_equal(persons.place[mate], persons.place[rows])
        assert (persons.sex[mate] != persons.sex[rows]).all()
        assert persons.age[rows].min() >= 16


@ARMS
def test_nobody_lives_twice(small: Small, arm: NDArray[np.float64]) -> None:
    """Keys are unique among the living, and who is gone for good never comes back under the same key."""
    gone: set[int] = set()
    before: set[int] = set()
    for town, _ in years_of(*small, arm, 4):
        persons, rows = alive(town.population)
        now = set(persons.key[rows].tolist())
        assert len(now) == len(rows)
        assert not now & gone
        gone |= before - now
        before = now


@ARMS
def test_no_minor_is_left_alone(small: Small, arm: NDArray[np.float64]) -> None:
    """At every stock date each minor in a private household has somebody grown up there."""
    for town, _ in years_of(*small, arm, 5):
        people = town.population
        persons, rows = people.persons, people.residents
        adults = np.bincount(persons.household[rows[persons.age[rows] >= 18]], minlength=int(people.counts[1]))
        minors = rows[persons.age[rows] < 18]
        private = people.households.kind[persons.household[minors]] != INSTITUTION
        assert (adults[persons.household[minors[private]]] > 0).all()


def test_broken_books_are_noticed() -> None:
    nobody = np.zeros((2, 101), dtype=np.int64)
    somebody = nobody.copy()
    somebody[0, 30] = 1
    check_conservation(nobody, nobody, 0, nobody, nobody, nobody, 2015)
    for after, births in ((somebody, 0), (nobody, 1)):
        with pytest.raises(BrokenInvariantError, match="2015"):
            check_conservation(nobody, after, births, nobody, nobody, nobody, 2015)


@pytest.mark.parametrize("wrong", ["partner", "household", "size", "mother", "working child"])
def test_broken_links_are_noticed(small: Small, wrong: str) -> None:
    people = small.founding.population.copy()
    persons, rows = people.persons, people.residents
    check_links(people, START)
    wife = rows[(persons.partner[rows] >= 0) & (persons.sex[rows] == FEMALE)][0]
    if wrong == "partner":
        persons.partner[persons.partner[wife]] = -1
    elif wrong == "household":
        persons.household[wife] = -1
    elif wrong == "size":
        people.households.size[persons.household[wife]] += 1
    elif wrong == "mother":
        persons.mother[persons.mother[rows[persons.mother[rows] >= 0][0]]] = wife
        child = rows[persons.mother[rows] >= 0][0]
        persons.age[persons.mother[child]] = persons.age[child]
    else:
        persons.work[rows[persons.age[rows] < 10][0]] = 4
    with pytest.raises(BrokenInvariantError):
        check_links(people, START)


def test_the_books_are_checked_in_every_year_of_every_run(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    from abm import year

    seen: list[int] = []

    def noted(people: Population, of: int, stocks: invariants.Stocks | None = None) -> None:
        seen.append(of)
        invariants.check_links(people, of, stocks)

    monkeypatch.setattr(year, "check_links", noted)
    simulate(*small, levers(YEARS), 1)
    assert seen == list(range(START, END + 1))
