"""Differences of pairs: noise told from spread, ranks and ties, and the intervals of means."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from machi.analysis.paired import Estimate, estimate
from machi.analysis.predictive import greater_probabilities, rank_probabilities, tied_pairs, without_noise
from machi.analysis.ranking import ranks, replications_needed


def test_random_effects_recover_the_spread_between_draws() -> None:
    """Noise four times as large as the spread of the evidence widens raw means, not the freed ones."""
    rng = np.random.default_rng(2)
    found, raw = [], []
    for _ in range(40):
        truth = rng.normal(100.0, 30.0, 60)
        differences = truth[:, None] + rng.normal(0.0, 60.0, (60, 4))
        found.append(without_noise(differences).draws)
        raw.append(differences.mean(axis=1))
    assert np.mean([one.var(ddof=1) for one in found]) == pytest.approx(900.0, rel=0.15)
    assert np.mean([one.var(ddof=1) for one in raw]) > 1500.0
    assert np.mean(found) == pytest.approx(100.0, abs=5.0)


def test_a_spread_that_drowns_in_noise_keeps_the_error_of_its_mean() -> None:
    rng = np.random.default_rng(3)
    spreads = [without_noise(rng.normal(10.0, 50.0, (60, 2))).draws.std(ddof=1) for _ in range(30)]
    assert min(spreads) > 0.0
    assert np.median(spreads) < 50.0 / math.sqrt(2.0)


def test_draws_without_any_effect_stay_at_zero() -> None:
    rng = np.random.default_rng(4)
    differences = rng.normal(200.0, 50.0, (40, 3))
    differences[::4] = 0.0
    found = without_noise(differences)
    assert (found.draws[::4] == 0.0).all() and found.null_share == 0.25
    assert found.draws.mean() == pytest.approx(differences.mean())


def test_one_replication_keeps_its_noise_and_says_so() -> None:
    differences = np.array([[10.0], [30.0], [20.0]])
    found = without_noise(differences)
    assert not found.noise_removed
    np.testing.assert_array_equal(found.draws, differences[:, 0])


@given(arrays(np.float64, (5, 9), elements=st.integers(-3, 3).map(float)))
def test_rank_and_order_probabilities_are_coherent(draws: np.ndarray) -> None:
    by_rank, greater = rank_probabilities(draws), greater_probabilities(draws)
    np.testing.assert_allclose(by_rank.sum(axis=0), 1.0)
    np.testing.assert_allclose(by_rank.sum(axis=1), 1.0)
    np.testing.assert_allclose(greater + greater.T, 1.0)
    expected = by_rank @ np.arange(1, 6)  # the mean rank is one plus the packages expected above
    np.testing.assert_allclose(expected, 1.0 + greater.sum(axis=0) - 0.5)


@given(arrays(np.float64, (12, 3), elements=st.floats(-1e4, 1e4, allow_subnormal=False)))
def test_freeing_of_noise_keeps_the_mean_and_the_order_and_never_widens(differences: np.ndarray) -> None:
    found = without_noise(differences)
    means = differences.mean(axis=1)
    assert found.draws.mean() == pytest.approx(means.mean(), abs=1e-6)
    assert found.draws.std() <= means.std() + 1e-6 or found.null_share > 0.0
    active = ~(differences == 0.0).all(axis=1)
    order = np.argsort(means[active], kind="stable")
    assert all(a <= b + 1e-6 for a, b in pairwise(found.draws[active][order]))


def test_ties_are_pairs_between_one_and_four_fifths() -> None:
    greater = np.array([[0.5, 0.8, 0.81], [0.2, 0.5, 0.5], [0.19, 0.5, 0.5]])
    assert tied_pairs(greater) == [(0, 1), (1, 2)]


def test_replications_follow_from_the_error_of_a_pair() -> None:
    one = Estimate(mean=100.0, low=0.0, high=0.0, error=0.0, deviation=50.0, n=6)
    assert replications_needed(one) == (100, None)  # 50 / sqrt(100) = 5 = 5 % of 100
    assert replications_needed(one._replace(mean=0.0))[0] is None
    assert replications_needed(estimate(np.array([3.0])))[0] is None


def test_the_interval_of_a_mean_is_students() -> None:
    one = estimate(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    assert one.high - one.mean == pytest.approx(2.015048 * one.error, rel=1e-6)  # t(0.95, 5)


def test_rank_one_is_the_largest_and_equal_values_keep_their_order() -> None:
    assert ranks([2.0, 5.0, 5.0, -1.0]) == [3, 1, 2, 4]
