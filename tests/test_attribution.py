"""Attribution against known games, the fraction's resolution, and fronts that nobody beats."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from abm.errors import InputError
from machi.analysis.attribution import attribution, fit, pairs, shapley
from machi.analysis.frontier import best_within, cheapest_reaching, pareto_front, regret, turning_point
from machi.questions.fraction import GENERATORS, fraction_masks

WORTH = st.floats(-100, 100)


def bits(n: int) -> np.ndarray:
    return np.arange(1 << n)[:, None] >> np.arange(n) & 1


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, 32, elements=WORTH))
def test_shapley_values_share_out_everything(values: np.ndarray) -> None:
    found = shapley(values)
    assert found.sum() == pytest.approx(values[-1] - values[0], abs=1e-9)
    assert np.allclose(pairs(values), pairs(values).T)


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, 5, elements=WORTH))
def test_packages_that_only_add_get_what_they_add(worth: np.ndarray) -> None:
    values = bits(5) @ worth
    assert np.allclose(shapley(values), worth)
    assert np.allclose(pairs(values), 0, atol=1e-9)


def test_a_known_game() -> None:
    """Gloves: one left, two right; a pair is worth 1: Shapley 2/3, 1/6, 1/6."""
    one_left, right = bits(3)[:, 0], bits(3)[:, 1:].max(axis=1)
    assert np.allclose(shapley((one_left * right).astype(float)), [2 / 3, 1 / 6, 1 / 6])


def test_nobody_else_is_answered() -> None:
    for values in (np.zeros(3), np.zeros(1)):
        with pytest.raises(InputError, match="no full factorial"):
            shapley(values)


def test_the_fraction_mixes_up_no_main_effects_and_pairs() -> None:
    """Every word of the defining relation has six letters or more, and the columns are balanced and orthogonal."""
    words = [(1 << (8 + k)) | word for k, word in enumerate(GENERATORS)]
    for size in range(1, 5):
        for some in combinations(words, size):
            word = 0
            for one in some:
                word ^= one
            assert word.bit_count() >= 6
    for packages in (3, 8, 10, 12):
        masks = fraction_masks(packages)
        assert len(np.unique(masks)) == min(256, 1 << packages)
        signs = 2 * (masks[:, None] >> np.arange(packages) & 1) - 1
        columns = [*signs.T, *(signs[:, i] * signs[:, j] for i, j in combinations(range(packages), 2))]
        matrix = np.array(columns)
        assert (matrix @ matrix.T == len(masks) * np.eye(len(columns))).all()
    with pytest.raises(InputError, match="up to 12"):
        fraction_masks(13)


def imagined(higher: float, seeds: int = 16, noise: float = 3.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Masks, values [256, seeds] and the true Shapley values of twelve packages with pairs and some of three."""
    rng = np.random.default_rng(3)
    masks = fraction_masks(12)
    columns = (masks[:, None] >> np.arange(12) & 1).astype(float)
    own = np.linspace(1, 30, 12)
    pair = np.triu(rng.normal(0, 1, (12, 12)), 1)
    value = columns @ own + np.einsum("mi,ij,mj->m", columns, pair, columns)
    value += higher * columns[:, 0] * columns[:, 1] * columns[:, 2]
    truth = own + (pair + pair.T).sum(axis=1) / 2
    truth[:3] += higher / 3
    return masks, value[:, None] + rng.normal(0, 50, seeds) + rng.normal(0, noise, (256, seeds)), truth


def test_the_fraction_finds_effects_under_noise() -> None:
    """90 % intervals of twelve effects hold about eleven; seeds' common levels cost nothing."""
    masks, values, truth = imagined(0.0)
    found = attribution(masks, values, 12)
    assert np.abs(found.value - truth).max() < 4 * 3.0 * 2 / np.sqrt(256 * 16) * np.sqrt(12)
    assert ((found.low <= truth) & (truth <= found.high)).sum() >= 8
    assert found.lack_of_fit > 0.01
    assert (found.pair_low <= found.pair).all() and (found.pair <= found.pair_high).all()


def test_what_is_added_alone_and_last_is_told_apart() -> None:
    """Without noise, and with nothing beyond pairs, both are read off the portfolios themselves."""
    masks, values, truth = imagined(0.0, seeds=2, noise=0.0)
    found = fit(masks, values, 12)
    assert found.shapley == pytest.approx(np.column_stack([truth, truth]))
    every = np.arange(1 << 12)
    columns = (every[:, None] >> np.arange(12) & 1).astype(float)
    rebuilt = (
        columns @ found.own
        + np.stack([columns[:, i] * columns[:, j] for i, j in combinations(range(12), 2)], axis=1) @ found.together
    )
    all_but = [len(every) - 1 ^ 1 << k for k in range(12)]
    assert found.last() == pytest.approx(rebuilt[-1] - rebuilt[all_but])
    assert np.abs(found.left).max() < 1e-9


def test_more_than_pairs_is_noticed() -> None:
    masks, values, _ = imagined(20.0)
    assert attribution(masks, values, 12).lack_of_fit < 1e-6
    with pytest.raises(InputError, match="two or more"):
        attribution(masks, values[:, :1], 12)


def test_effects_that_differ_from_seed_to_seed_hide_no_lack_and_feign_none() -> None:
    """Under common random numbers every seed has effects of its own, alike in all portfolios that share them."""
    varied = np.random.default_rng(4).normal(0, 10, (12, 16))
    for higher, lowest, highest in ((0.0, 0.01, 1.0), (5.0, 0.0, 1e-6)):
        masks, values, _ = imagined(higher)
        own = (masks[:, None] >> np.arange(12) & 1).astype(float) @ varied
        assert lowest <= attribution(masks, values + own, 12).lack_of_fit <= highest


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, (20, 2), elements=st.floats(0, 10)), st.floats(0, 10))
def test_nobody_beats_the_front(points: np.ndarray, budget: float) -> None:
    cost, people = points.T
    front = pareto_front(cost, people)
    assert (np.diff(cost[front]) >= 0).all() and (np.diff(people[front]) > 0).all()
    for place in range(20):
        beaten = (cost[front] <= cost[place]) & (people[front] >= people[place])
        assert beaten.any()
    best = best_within(cost, people, np.array([budget]))[0]
    able = cost <= budget
    assert (best < 0) == (not able.any())
    if best >= 0:
        assert people[best] == people[able].max()
        assert cheapest_reaching(cost, people, people[best]) >= 0
    assert cheapest_reaching(cost, people, 11.0) == -1


def test_a_number_that_is_none_is_named() -> None:
    with pytest.raises(InputError, match="people: portfolio 2 has no number"):
        pareto_front(np.zeros(3), np.array([1.0, 2.0, np.nan]))


def test_regret_and_turning_points() -> None:
    people = np.array([[10.0, 10.0], [0.0, 30.0], [8.0, 25.0]])
    found = regret(people, 9.0)
    assert found.best == 2 and found.worst.tolist() == [20.0, 10.0, 5.0]
    assert found.robust.tolist() == [1.0, 0.5, 0.5]
    years = np.array([2020, 2021, 2022, 2023])
    assert turning_point(years, np.array([1.0, -1, 1, 2]), np.array([2.0, 1, 3, 4])) == 2022
    assert turning_point(years, np.array([1.0, 1, 1, -2]), np.array([2.0, 1, 3, 4])) is None
    assert turning_point(years, np.ones(4), np.ones(4) * 2) == 2020
