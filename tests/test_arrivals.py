"""Who comes from elsewhere: whole families of the scenario's counts, the same people in every run and arm."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from conftest import END, START, Small
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lived_town import levers
from numpy.typing import NDArray

from abm.decisions.arrivals import Arrivals, assemble
from abm.known.town import Town
from abm.levers import LEVERS
from abm.people.population import DIVORCED, FARMER, FEMALE, FOREIGN, INCOMER, MALE, MARRIED, NEVER, RECRUITED, SUPPORTED
from abm.simulation import FixedPlan, town_at_start

YEARS = END - START
NOBODY = np.zeros((0, 0))
Coming = tuple[Arrivals, NDArray[np.uint64]]


def coming(small: Small, seed: int = 1, fraction: float = 1.0, year: int = 0, **values: float) -> Coming:
    """Who arrives in a year of a run, and their keys."""
    town = town_at_start(*small, seed)
    town.y, town.fraction = year, fraction
    return FixedPlan(small.reference, levers(YEARS, **values)).arrivals(town, NOBODY, NOBODY)


def by_key(arrived: Coming) -> dict[int, tuple[int, ...]]:
    """Each newcomer's columns by key, apart from the numbers of the unit."""
    table, keys = arrived
    columns = [column.tolist() for name, column in table._asdict().items() if name not in ("unit", "place_in_unit")]
    return {key: row for key, *row in zip(keys.tolist(), *columns, strict=True)}  # type: ignore[misc]


def units(table: Arrivals) -> list[slice]:
    """The rows of each unit in the order in which they arrive."""
    first = np.flatnonzero(table.place_in_unit == 0)
    return [slice(a, b) for a, b in pairwise([*first, len(table.age)])]


def put_together(town: Town, counts: NDArray[np.int64], year: int = 2015) -> Arrivals:
    """Arrivals of given counts [2, 102] (newborns first) in Iwaki's shape."""
    return assemble(counts, year, town.japan.behaviour["arrivals"], civil_states(town), np.full((2, 101), 0.7),
                    np.linspace(1 / 7, 1, 7))  # fmt: skip


def civil_states(town: Town) -> NDArray[np.float64]:
    """The prefecture's shares of civil states by sex and age [2, 101, 4]."""
    return np.asarray(town.japan.civil_share[:, np.clip(np.arange(101) // 5 - 3, 0, 14)])


# Counts become people


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scale=st.floats(0.0, 6.0), seed=st.integers(0, 10**6), year=st.integers(2015, 2059))
def test_every_counted_person_arrives_in_a_possible_unit(town: Town, scale: float, seed: int, year: int) -> None:
    counts = np.random.default_rng(seed).poisson(scale, (2, 102))
    table = put_together(town, counts, year)
    arrived = np.zeros((2, 102), dtype=np.int64)
    np.add.at(arrived, (table.sex.astype(int), table.age.astype(int) + 1), 1)
    assert np.array_equal(arrived[:, 19:], counts[:, 19:])
    assert (arrived <= counts).all()
    if counts[FEMALE, 37:].any():  # who leads is then old enough for every minor
        assert np.array_equal(arrived, counts)
    for rows in units(table):
        check_unit(table, rows)


def test_civil_states_are_those_asked_for(town: Town) -> None:
    """Of each sex and age as many are married as the shares say; the sex that has more of them comes without spouses.

    Four standard errors of the other states' draws, and one person of rounding for the married of a sex.
    """
    counts = np.zeros((2, 102), dtype=np.int64)
    counts[MALE, 31:41], counts[FEMALE, 31:41] = 400, 250
    table = put_together(town, counts)
    for sex, number in ((MALE, 4000), (FEMALE, 2500)):
        civil = table.civil[table.sex == sex]
        expected = civil_states(town)[sex, 30:40].mean(axis=0)
        assert abs(np.count_nonzero(civil == MARRIED) - number * expected[MARRIED]) <= 1
        assert abs((civil == NEVER).mean() - expected[NEVER]) < 4 * np.sqrt(expected[NEVER] / number)
    couples = np.count_nonzero(table.role == 1)
    assert couples == np.count_nonzero((table.sex == FEMALE) & (table.civil == MARRIED))
    gap = np.array(
        [int(table.age[rows][1]) - int(table.age[rows][0]) for rows in units(table) if rows.stop - rows.start > 1]
    )
    assert abs(gap.mean()) < 3


def check_unit(table: Arrivals, rows: slice) -> None:
    """One who leads, at most one partner of the other sex, children at least 18 years younger than who leads."""
    age, role, civil = table.age[rows].astype(int), table.role[rows], table.civil[rows]
    assert len(set(table.unit[rows].tolist())) == 1
    assert table.place_in_unit[rows].tolist() == list(range(len(age)))
    assert role[0] == 0 and age[0] >= 18 and (role[1:] > 0).all()
    assert np.count_nonzero(role == 1) <= 1
    if (role == 1).any():
        assert role[1] == 1 and {int(table.sex[rows][0]), int(table.sex[rows][1])} == {MALE, FEMALE}
        assert (civil[:2] == MARRIED).all() and age[1] >= 18
    assert (age[role == 2] < 18).all() and (age[0] - age[role == 2] >= 18).all()
    assert (civil[role == 2] == NEVER).all()
    if (role == 2).any() and table.sex[rows][0] == FEMALE:
        assert table.parity[rows][0] == np.count_nonzero(role == 2)
        assert civil[0] in (MARRIED, DIVORCED) or civil[0] != NEVER
    assert ((table.sector[rows] >= 0) == (table.work[rows] >= 3)).all()
    assert (table.work[rows][age < 16] == 0).all()


def test_nobody_arrives_where_nobody_is_counted(town: Town) -> None:
    assert len(put_together(town, np.zeros((2, 102), dtype=np.int64)).age) == 0


def test_the_reference_arms_units_are_possible(small: Small) -> None:
    for year in range(YEARS):
        table, keys = coming(small, year=year)
        first, last = small.reference.arrivals_from[year : year + 2]
        assert len(table.age) == len(keys) == last - first
        for rows in units(table):
            check_unit(table, rows)
        assert np.isin(table.origin, (INCOMER, FOREIGN)).all()


# The same people in every run


def test_the_same_people_come_in_every_replication(small: Small) -> None:
    assert by_key(coming(small, seed=1)) == by_key(coming(small, seed=99))


def test_keys_differ_between_people_and_years(small: Small) -> None:
    keys = [coming(small, year=year, settlers_families=100, foreign_arrivals=500, settlers_primary=100,
                   arrivals_families=2.7, arrivals_singles=3.0)[1] for year in range(YEARS)]  # fmt: skip
    together = np.concatenate(keys)
    assert len(np.unique(together)) == len(together)


@pytest.mark.parametrize("fraction", [0.02, 0.1, 0.5])
def test_a_fraction_of_the_units_comes(small: Small, fraction: float) -> None:
    """Every 1/fraction-th unit: the number is exact to one unit in each year, all units are as likely."""
    table, _ = coming(small)
    number, seen = len(units(table)), Counter[int]()
    for seed in range(1, 201):
        part, keys = coming(small, seed, fraction)
        assert abs(len(units(part)) - fraction * number) <= 1
        seen.update(keys[part.place_in_unit == 0].tolist())
    often = np.array([seen[key] for key in coming(small)[1][table.place_in_unit == 0].tolist()])
    assert abs(often.mean() / 200 - fraction) < 0.01
    assert np.abs(often - 200 * fraction).max() < 6 * np.sqrt(200 * fraction * (1 - fraction))


def test_copies_of_a_town_receive_each_unit_once_a_copy(small: Small) -> None:
    """Three copies: three times as many, all of them different people."""
    whole, keys = coming(small)
    three, others = coming(small, fraction=3.0)
    assert len(three.age) == 3 * len(whole.age) and set(keys.tolist()) < set(others.tolist())
    assert len(np.unique(others)) == len(others)


# Levers


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(low=st.floats(0.5, 3.0), high=st.floats(0.5, 3.0), fraction=st.floats(0.05, 1.0), seed=st.integers(1, 10**6))
@pytest.mark.parametrize("key", ["arrivals_families", "arrivals_singles"])
def test_a_stronger_multiplier_loses_nobody_and_renames_nobody(
    small: Small, key: str, low: float, high: float, fraction: float, seed: int
) -> None:
    low, high = sorted((low, high))
    few, many = (by_key(coming(small, seed, fraction, **{key: value})) for value in (low, high))
    assert few.items() <= many.items()


@pytest.mark.parametrize("key", ["settlers_families", "foreign_arrivals", "settlers_primary"])
@pytest.mark.parametrize("fraction", [0.02, 1.0])
def test_a_larger_amount_loses_nobody_and_renames_nobody(small: Small, key: str, fraction: float) -> None:
    before = by_key(coming(small, 3, fraction))
    for amount in (0.4, 10.0, 60.0, 300.0):
        now = by_key(coming(small, 3, fraction, **{key: amount}))
        assert before.items() <= now.items()
        before = now


@pytest.mark.parametrize(("key", "kind"), [("arrivals_families", (2, 99)), ("arrivals_singles", (1, 1))])
def test_a_multiplier_moves_its_own_kind_of_unit_and_ages_only(small: Small, key: str, kind: tuple[int, int]) -> None:
    """Doubling doubles the units of the kind; those who come only thanks to it are supported movers."""

    def counted(value: float) -> tuple[int, int]:
        table, _ = coming(small, **{key: value})
        low, high = (25, 45) if kind[0] == 2 else (20, 40)
        able = [kind[0] <= rows.stop - rows.start <= kind[1] and low <= table.age[rows.start] < high
                for rows in units(table)]  # fmt: skip
        return sum(able), len(able) - sum(able)

    few, others = counted(1.0)
    assert counted(2.0) == (2 * few, others)
    half = counted(0.5)
    assert half[1] == others
    assert abs(half[0] - few / 2) < 4 * np.sqrt(few / 4)
    table, _ = coming(small, **{key: 2.0})
    extra = table.origin == SUPPORTED
    assert np.count_nonzero(extra & (table.place_in_unit == 0)) == few
    assert (table.age[extra] >= 18).all()  # the children of supported movers are ordinary newcomers


@pytest.mark.parametrize(
    ("key", "origin", "ages"), [("foreign_arrivals", RECRUITED, (20, 40)), ("settlers_primary", FARMER, (20, 50)),
                                ("settlers_families", SUPPORTED, (18, 60))],
)  # fmt: skip
def test_an_amount_brings_so_many_units_of_its_kind(small: Small, key: str, origin: int, ages: tuple[int, int]) -> None:
    table, _ = coming(small, **{key: 120.0})
    leads = (table.place_in_unit == 0) & (table.origin == origin)
    assert np.count_nonzero(leads) == 120
    assert table.age[leads].min() >= ages[0] and table.age[leads].max() < ages[1]
    for rows in units(table):
        check_unit(table, rows)


def test_a_part_of_a_person_comes_in_as_many_runs(small: Small) -> None:
    """0.3 persons a year are one person in three runs of ten, within 4 standard errors."""
    runs = 600
    ordinary = len(coming(small)[1])
    came = sum(len(coming(small, seed, foreign_arrivals=0.3)[1]) - ordinary for seed in range(1, runs + 1))
    assert abs(came - 0.3 * runs) < 4 * np.sqrt(runs * 0.21)


@pytest.mark.parametrize("lever", [lever for lever in LEVERS if "arrivals" in lever.key or "settlers" in lever.key],
                         ids=lambda lever: lever.key)  # fmt: skip
def test_the_highest_lever_still_brings_possible_people(small: Small, lever) -> None:  # type: ignore[no-untyped-def]
    table, keys = coming(small, **{lever.key: lever.high})
    assert len(np.unique(keys)) == len(keys)
    for rows in units(table):
        check_unit(table, rows)
