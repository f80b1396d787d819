"""A year depends on nothing but who lives and chance, and hardly notices one person more."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import START, Small
from every_lever import ARMS, EVERYTHING, YEARS
from lived_town import alive, keys_alive, levers, lived, lives, one_more, reordered, same
from numpy.typing import NDArray

from abm.decisions.childbirth import birth_probability, may_give_birth, mothers
from abm.decisions.mortality import death_probability, the_dying
from abm.draws import Decision, uniform
from abm.founding.found import Founding, found
from abm.known.town import Town
from abm.people.invariants import check_links
from abm.people.outputs import Outputs
from abm.people.population import FEMALE, INSTITUTION, TOWN, Persons, Population
from abm.people.roll import renewed, roll_of
from abm.simulation import FixedPlan, simulate, town_at_start


@pytest.fixture(scope="module")
def reference_run(small: Small) -> Outputs:
    return simulate(*small, levers(YEARS), 1)


# Nothing but who lives and chance


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(small: Small, reference_run: Outputs) -> None:
    assert same(simulate(*small, levers(YEARS), 1), reference_run)
    assert not same(simulate(*small, levers(YEARS), 2), reference_run)


def test_threads_do_not_matter(small: Small) -> None:
    serial = [simulate(*small, arm, seed) for seed in (1, 2, 3) for arm in (levers(YEARS), EVERYTHING)]
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(simulate, *small, arm, seed) for seed in (1, 2, 3) for arm in (levers(YEARS), EVERYTHING)]
        together = [job.result() for job in jobs]
    assert all(same(one, other) for one, other in zip(serial, together, strict=True))


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
@ARMS
def test_the_order_of_rows_changes_nothing(small: Small, arm: NDArray[np.float64], seed: int) -> None:
    moved = reordered(small.founding, seed)
    check_links(moved.population, START)
    assert same(simulate(*small, arm, seed), simulate(moved, small.reference, arm, seed))


def test_the_order_of_rows_changes_nobodys_life(small: Small) -> None:
    straight, _ = lived(*small, levers(YEARS), 3)
    shuffled, _ = lived(reordered(small.founding, 9), small.reference, levers(YEARS), 3)
    assert lives(straight.population) == lives(shuffled.population)


def test_which_institution_comes_first_changes_nothing(small: Small) -> None:
    """A town of many small institutions: to which of them an elder moves must not hang on their rows."""
    split = institutions_of_two(small.founding)
    check_links(split.population, START)
    for seed in range(1, 5):
        straight = simulate(split, small.reference, levers(YEARS), seed)
        assert same(straight, simulate(reordered(split, seed), small.reference, levers(YEARS), seed))


def institutions_of_two(founding: Founding) -> Founding:
    """The same town with its institutional residents living two and two in institutions of their own."""
    from dataclasses import replace

    from abm.people.population import Households

    people = founding.population
    n, homes = (int(count) for count in people.counts)
    persons = Persons(*(column[:n].copy() for column in people.persons))
    size, kind = (column[:homes].copy() for column in people.households)
    home = np.maximum(persons.household, 0)
    inmates = np.flatnonzero((persons.place == TOWN) & (kind[home] == INSTITUTION))
    new = homes + np.arange(len(inmates)) // 2
    np.subtract.at(size, persons.household[inmates], 1)
    persons.household[inmates] = new
    kind[size == 0] = 0
    more = np.bincount(new - homes)
    households = Households(np.append(size, more).astype(np.int32), np.append(kind, np.full(len(more), INSTITUTION)))
    return replace(founding, population=Population(persons, households._replace(kind=households.kind.astype(np.int8))))


def test_dropping_the_rows_of_the_gone_changes_nothing(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    rare = simulate(*small, levers(YEARS), 2)
    often = Population.compact
    monkeypatch.setattr(Population, "compact", lambda people: often(people, least_alive=1.1))
    assert same(simulate(*small, levers(YEARS), 2), rare)
    monkeypatch.setattr(Population, "compact", lambda people: None)
    assert same(simulate(*small, levers(YEARS), 2), rare)


def test_spare_rows_do_not_matter(small: Small, reference_run: Outputs) -> None:
    """A town that must grow its columns on the way lives the same lives."""
    from dataclasses import replace

    people = small.founding.population
    n, homes = (int(count) for count in people.counts)
    persons = Persons(*(column[:n] for column in people.persons))
    households = people.households._replace(**{k: v[:homes] for k, v in people.households._asdict().items()})
    tight = Population(persons, households, spare=0.0)
    tight.persons = Persons(*(column[:n].copy() for column in tight.persons))
    tight.households = type(households)(*(column[:homes].copy() for column in tight.households))
    assert same(simulate(replace(small.founding, population=tight), small.reference, levers(YEARS), 1), reference_run)


# One row = all rows


def test_one_row_is_all_rows(small: Small) -> None:
    """The rules asked row by row from Python select the very rows that the loops return."""
    town, plan = town_at_start(*small, 1), FixedPlan(small.reference, levers(YEARS))
    people, births, deaths = town.population, plan.births(town), plan.deaths(town)
    persons, n = people.persons, people.n
    birth, death = town.stream(Decision.BIRTH), town.stream(Decision.DEATH)
    bearing = [i for i in range(n) if may_give_birth(persons, i)
               and uniform(birth, persons.key[i]) < birth_probability(persons, births, i)]  # fmt: skip
    assert bearing == mothers(persons, roll_of(persons, n), births, birth).tolist()
    dying = [i for i in range(n) if persons.place[i] != 0
             and uniform(death, persons.key[i]) < death_probability(persons, deaths, i)]  # fmt: skip
    assert dying == the_dying(persons, n, deaths, death).tolist()


# The minimally different world


@pytest.mark.parametrize(("seed", "sex"), [(1, 0), (2, 1), (3, 0), (4, 1)])
def test_one_person_more_changes_hardly_any_life(small: Small, seed: int, sex: int) -> None:
    """After 5 years fewer than 1 % of the people differ in anything (measured: at most 0.5 %), half of them in work.

    The one more may marry, be hired and so take a place from others: the market and vacancies are the only ways.
    """
    alone = lives(lived(*small, levers(5), seed)[0].population)
    more = lives(lived(one_more(small.founding, seed, sex), small.reference, levers(5), seed)[0].population)
    changed = sum(alone.get(key) != more.get(key) for key in alone.keys() | more.keys())
    assert 1 <= changed < 0.01 * len(alone)


def test_one_person_more_is_one_person_more_at_the_start(small: Small) -> None:
    more = one_more(small.founding, 1, FEMALE)
    check_links(more.population, START)
    assert len(more.population.residents) == len(small.founding.population.residents) + 1


def test_one_person_more_does_not_touch_chance_in_the_first_year(small: Small) -> None:
    """Births, deaths and moves of the first year come before the newcomer can matter to anybody else's.

    The marriage market is the exception: it meets within the year, so the newcomer's group may pair otherwise.
    """
    alone = lives(lived(*small, levers(1), 5)[0].population)
    more = lives(lived(one_more(small.founding, 3, FEMALE), small.reference, levers(1), 5)[0].population)
    shared = alone.keys() & more.keys()
    assert len(alone.keys() ^ more.keys()) <= 2
    assert sum(alone[key] != more[key] for key in shared) <= 6  # a pair re-formed here moves two or three others


def test_the_same_child_is_born_in_every_arm(small: Small) -> None:
    """Children of the same mother and order share key and sex in all arms; more childbirth loses none at once."""
    founders = keys_alive(small.founding.population)

    def children(arm: NDArray[np.float64]) -> dict[int, tuple[int, int]]:
        town, _ = lived(*small, arm, 6)
        persons, rows = alive(town.population)
        rows = rows[(persons.mother[rows] >= 0) & (persons.age[rows] < len(arm))]
        rows = rows[np.isin(persons.key[persons.mother[rows]], np.array(sorted(founders), dtype=np.uint64))]
        parents = persons.key[persons.mother[rows]].tolist()
        return dict(zip(persons.key[rows].tolist(), zip(parents, persons.sex[rows].tolist(), strict=True), strict=True))

    few, many = children(levers(YEARS)), children(levers(YEARS, childbirth=1.5))
    both = few.keys() & many.keys()
    assert all(few[key] == many[key] for key in both)
    assert len(both) > 0.7 * len(few)  # a child born earlier here may be another's elder there
    assert len(many) > 1.1 * len(few)  # children of the away are among them, whom no lever reaches
    first, more = children(levers(1)), children(levers(1, childbirth=1.5))
    assert first.items() <= more.items()


def test_a_run_may_begin_with_any_founding_of_the_town(town: Town, small: Small) -> None:
    """The reference arm belongs to the town, not to one founding: another scale and founding seed live under it."""
    other = found(town, "census", 0.01, seed=2)
    record = simulate(other, small.reference, levers(YEARS), 1)
    assert record.fraction == 0.01
    assert 0.9 < record.population[-1].sum() / other.fraction / (
        simulate(*small, levers(YEARS), 1).population[-1].sum() / small.founding.fraction
    ) < 1.1  # fmt: skip


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_renewed_roll_lists_whom_a_new_one_would(small: Small, share: float) -> None:
    people = town_at_start(*small, 3).population
    persons, n = people.persons, people.n
    before, now = roll_of(persons, int(share * n)), roll_of(persons, n)
    lists = [column.copy() for column in before[1:5]]
    after = renewed(before, persons, n, np.zeros(0, np.int64))
    assert after.n == n
    for was, is_now, new, kept in zip(before[1:5], after[1:5], now[1:5], lists, strict=True):
        assert np.array_equal(is_now, new)
        assert np.array_equal(was, kept)
