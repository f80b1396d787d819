"""One arm on request: strengths and levers as words, and levers set by hand on top of packages."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.errors import InputError
from abm.known.structure import draw_figures, structural_parameters
from abm.levers import LEVER_INDEX, LEVERS, neutral
from abm.simulation import simulate
from machi.arm import Arm, assignments, levers_of, move_by_hand, restructured
from machi.places import find_places
from machi.runs.altered import altered
from machi.runs.groundwork import Ground, read_ground

ROOT = Path(__file__).resolve().parent.parent
START, END = 2015, 2030


@pytest.fixture(scope="module")
def ground() -> Ground:
    return read_ground(find_places(start=ROOT), "iwaki", "baseline", None, None, END)


def test_words_become_a_table() -> None:
    assert assignments("--package", ["P03=1.0", "P01=.5"]) == {"P03": 1.0, "P01": 0.5}
    assert assignments("--package", []) == {}


@pytest.mark.parametrize("word", ["P03", "=1", "P03=", "P03=much", "P03=inf", "P03=nan", "P03=1=2"])
def test_what_is_no_assignment_is_refused(word: str) -> None:
    with pytest.raises(InputError, match="--package"):
        assignments("--package", [word])


def test_a_lever_holds_from_its_year_on() -> None:
    arm = Arm(levers={"childbirth": 1.1, "returnees_extra": 50.0, "supported_retention": 0.7}, from_year=2020)
    moved = move_by_hand(neutral(END - START), arm, START)
    assert np.array_equal(moved[:5], neutral(5))
    assert (moved[5:, LEVER_INDEX["childbirth"]] == 1.1).all()
    assert (moved[5:, LEVER_INDEX["returnees_extra"]] == 50.0).all()
    assert (moved[5:, LEVER_INDEX["supported_retention"]] == 0.7).all()
    untouched = [column for column, lever in enumerate(LEVERS) if lever.key not in arm.levers]
    assert np.array_equal(moved[:, untouched], neutral(END - START)[:, untouched])


def test_a_lever_comes_on_top_of_packages(ground: Ground) -> None:
    packages = Arm({"P03": 1.0})
    both = Arm({"P03": 1.0}, levers={"childbirth": 1.1})
    column = LEVER_INDEX["childbirth"]
    (alone,), (together,) = (levers_of(ground, arm, 1, 1, False) for arm in (packages, both))
    assert np.allclose(together[:, column], alone[:, column] * 1.1)


@given(year=st.integers(1900, 2100))
def test_only_simulated_years_are_taken(year: int) -> None:
    arm = Arm(levers={"childbirth": 1.1}, from_year=year)
    if START <= year < END:
        assert (move_by_hand(neutral(END - START), arm, START) != neutral(END - START)).sum() == END - year
    else:
        with pytest.raises(InputError, match="--from-year"):
            move_by_hand(neutral(END - START), arm, START)


def test_replications_share_central_values_and_differ_when_uncertain(ground: Ground) -> None:
    arm = Arm({"P10": 1.0, "P03": 1.0})
    central = levers_of(ground, arm, 3, 1, False)
    assert all(np.array_equal(central[0], other) for other in central)
    drawn = levers_of(ground, arm, 3, 1, True)
    assert not np.array_equal(drawn[0], drawn[1])
    assert np.array_equal(drawn[0], levers_of(ground, arm, 1, 1, True)[0])  # whatever the number


def test_no_policy_is_neutral(ground: Ground) -> None:
    for arm in (Arm(), Arm({"P03": 0.0})):
        assert np.array_equal(levers_of(ground, arm, 1, 1, True)[0], neutral(END - START))


def test_each_replication_lives_in_a_town_of_its_own_structure() -> None:
    """A null arm is the plain run of the altered town to the byte, whatever else is asked for beside it."""
    near = read_ground(find_places(start=ROOT), "iwaki", "baseline", None, None, START + 2)
    null = neutral(2)
    one, two = restructured(near, 0.01, [null, null], 5)
    figures = draw_figures(structural_parameters(near.town), 1, 5)
    town = altered(near, figures, 0.01)
    same = simulate(town.founding, town.reference, null, 6)
    assert all(np.array_equal(found, wanted) for found, wanted in zip(two, same, strict=True))
    assert not np.array_equal(one.population, two.population)
