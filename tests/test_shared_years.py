"""The years before policy, lived once for all arms of a replication: nobody can tell that they were."""

import numpy as np
import pytest
from conftest import END, START, Small
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lived_town import levers

from abm import simulation
from abm.errors import InputError
from abm.levers import LEVERS
from abm.people.outputs import Outputs
from abm.simulation import CommonYears, simulate

YEARS = END - START
HIGH = levers(YEARS, **{lever.key: lever.high for lever in LEVERS})


def from_year(first: int) -> np.ndarray:
    """Every lever at its height from a year on; none before, and none at all if that is the end."""
    return np.concatenate([levers(first), HIGH[first:]])


def same(one: Outputs, other: Outputs) -> bool:
    """Whether two records hold the same bytes."""
    return all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in zip(one, other, strict=True))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arms=st.lists(st.tuples(st.integers(0, YEARS), st.integers(1, 3)), min_size=2, max_size=5))
def test_an_arm_taken_up_leaves_the_bytes_of_one_lived_from_the_start(
    small: Small, arms: list[tuple[int, int]]
) -> None:
    """In whatever order arms and seeds come, and wherever levers first move."""
    common = CommonYears()
    for first, seed in arms:
        array = from_year(first)
        alone = simulate(small.founding, small.reference, array, seed)
        assert same(simulate(small.founding, small.reference, array, seed, common), alone)


def test_common_years_are_lived_once(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    lived: list[int] = []
    year = simulation.live_a_year
    monkeypatch.setattr(simulation, "live_a_year", lambda town, *rest: (lived.append(town.y), year(town, *rest)))
    common, first = CommonYears(), YEARS - 2
    for array in (from_year(first), levers(YEARS), from_year(YEARS - 1)):
        simulate(small.founding, small.reference, array, 1, common)
    assert lived == [*range(YEARS), *range(first, YEARS), *range(first, YEARS)]


def test_only_the_newest_towns_are_kept(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    begin = simulation.begin
    monkeypatch.setattr(simulation, "begin", lambda *asked: (begun.append(asked[-1]), begin(*asked))[1])
    common = CommonYears(most=2)
    for seed in (1, 2, 1, 3, 1, 2):
        common.begin(small.founding, small.reference, from_year(2), seed)
    assert begun == [1, 2, 3, 2]


def test_another_town_of_the_same_seed_has_years_of_its_own(small: Small) -> None:
    common, other = CommonYears(), small.reference._replace(away_marriage=0 * small.reference.away_marriage)
    array = from_year(2)
    simulate(small.founding, small.reference, array, 1, common)
    alone = simulate(small.founding, other, array, 1)
    assert same(simulate(small.founding, other, array, 1, common), alone)
    assert not same(simulate(small.founding, small.reference, array, 1), alone)


@pytest.mark.parametrize(("array", "seed"), [(HIGH[1:], 1), (2 * HIGH + 1, 1), (HIGH, 0)])
def test_bad_input_is_refused_as_ever(small: Small, array: np.ndarray, seed: int) -> None:
    common = CommonYears()
    simulate(small.founding, small.reference, from_year(2), 1, common)
    with pytest.raises(InputError):
        simulate(small.founding, small.reference, array, seed, common)
