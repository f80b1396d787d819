"""Levers and seeds that cannot be meant are refused by name, before anything is simulated."""

import numpy as np
import pytest
from conftest import END, START, Small
from lived_town import levers, lived
from numpy.typing import NDArray

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS, neutral
from abm.simulation import simulate

YEARS = END - START
NO_POLICY = levers(YEARS)


@pytest.mark.parametrize("key", LEVER_INDEX)
def test_a_lever_out_of_bounds_is_refused_by_name(small: Small, key: str) -> None:
    lever = LEVERS[LEVER_INDEX[key]]
    for wrong in (lever.low - 0.01, lever.high * 1.01 + 0.01, np.nan, np.inf, -np.inf):
        arm = levers(YEARS)
        arm[2, LEVER_INDEX[key]] = wrong
        with pytest.raises(InputError, match=rf"levers: {key} is .* row 2"):
            simulate(*small, arm, 1)
    for right in (lever.low, lever.high):
        arm = levers(1, **{key: right})
        assert lived(*small, arm, 1)[1].population[1].sum() > 0


@pytest.mark.parametrize(
    "arm",
    [neutral(YEARS - 1), neutral(YEARS + 1), neutral(0), neutral(YEARS)[:, :-1], neutral(YEARS).ravel(),
     neutral(YEARS)[None]],
    ids=["a year short", "a year long", "empty", "a lever short", "flat", "three dimensions"],
)  # fmt: skip
def test_levers_of_a_wrong_shape_are_refused(small: Small, arm: NDArray[np.float64]) -> None:
    with pytest.raises(InputError, match="levers"):
        simulate(*small, arm, 1)


@pytest.mark.parametrize("seed", [0, -1])
def test_a_seed_below_one_is_refused(small: Small, seed: int) -> None:
    with pytest.raises(InputError, match="seed"):
        simulate(*small, NO_POLICY, seed)
