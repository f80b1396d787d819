"""Morris and Sobol with noisy repeated runs, against functions whose answer is known."""

import numpy as np
import pytest
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample

from abm.errors import InputError
from machi.analysis.sensitivity import Floats, elementary_effects, morris_effects, sobol_indices
from machi.questions.samples import problem

PACKAGES = tuple(f"P{number:02d}" for number in range(1, 6))
COEFFICIENTS = np.array([300.0, -120.0, 0.0, 45.0, 7.5])
G_WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0])


def morris_design(trajectories: int = 20, levels: int = 4) -> Floats:
    return np.asarray(morris_sample.sample(problem(PACKAGES), trajectories, num_levels=levels, seed=3))


def sobol_design(n: int = 256, packages: tuple[str, ...] = PACKAGES, seed: int = 5) -> Floats:
    return np.asarray(sobol_sample.sample(problem(packages), n, calc_second_order=False, seed=seed))


def g_function(x: Floats) -> Floats:
    """Sobol's G function, whose indices are known in closed form (Saltelli et al. 2010)."""
    return np.asarray(np.prod((np.abs(4.0 * x - 2.0) + G_WEIGHTS) / (1.0 + G_WEIGHTS), axis=1))


def g_total_indices() -> tuple[Floats, float]:
    alone = 1.0 / (3.0 * (1.0 + G_WEIGHTS) ** 2)
    variance = float(np.prod(1.0 + alone) - 1.0)
    return np.asarray(alone * np.prod(1.0 + alone) / (1.0 + alone) / variance), variance


def with_seeds(outcome: Floats, seeds: int, noise: float, stream: int = 11) -> Floats:
    """The same outcome under several common seeds: a lift shared by all samples, and noise of each run."""
    rng = np.random.default_rng(stream)
    lift = rng.normal(0.0, 5.0 * noise, seeds)
    return np.asarray(outcome[:, None] + lift + rng.normal(0.0, noise, (len(outcome), seeds)))


@pytest.mark.parametrize("levels", [4, 6])
def test_morris_returns_the_coefficients_of_a_linear_town(levels: int) -> None:
    x = morris_design(levels=levels)
    found = morris_effects(x, np.repeat((x @ COEFFICIENTS)[:, None], 4, axis=1), seed=1)
    for values in (found.mu, found.mu_low, found.mu_high):
        np.testing.assert_allclose(values, COEFFICIENTS, atol=1e-9)
    np.testing.assert_allclose(found.mu_star, np.abs(COEFFICIENTS), atol=1e-9)
    np.testing.assert_allclose(found.sigma, 0.0, atol=1e-9)
    assert (found.levels, found.trajectories, found.seeds) == (levels, 20, 4)


def test_the_mean_of_all_elementary_effects_is_salibs_mu() -> None:
    x = morris_design()
    y = with_seeds(g_function(x), 4, 0.1)
    found = morris_effects(x, y, seed=1)
    np.testing.assert_allclose(elementary_effects(x, y).mean(axis=(0, 1)), found.mu, atol=1e-12)
    np.testing.assert_allclose(found.convergence[20], found.mu, atol=1e-12)
    assert sorted(found.convergence) == [5, 10, 20]
    assert (found.mu_low <= found.mu).all() and (found.mu <= found.mu_high).all()


def test_a_seed_that_lifts_every_portfolio_does_not_move_mu() -> None:
    x = morris_design()
    y = np.repeat((x @ COEFFICIENTS)[:, None], 3, axis=1) + np.array([0.0, 5000.0, -800.0])
    np.testing.assert_allclose(morris_effects(x, y, seed=1).mu, COEFFICIENTS, atol=1e-8)


def test_the_morris_interval_covers_the_truth_about_nine_times_in_ten() -> None:
    x = morris_design()
    rng = np.random.default_rng(4)
    covered = []
    for _ in range(60):
        y = (x @ COEFFICIENTS)[:, None] + rng.normal(0.0, 40.0, (len(x), 4))
        found = morris_effects(x, y, seed=1, resamples=200)
        covered.append((found.mu_low <= COEFFICIENTS) & (found.mu_high >= COEFFICIENTS))
    assert 0.85 <= np.mean(covered) <= 1.0


def test_sobol_finds_the_indices_of_the_g_function_through_noise() -> None:
    """The mean over independent designs stands within four standard errors of the closed form."""
    truth, variance = g_total_indices()
    found = []
    for stream in range(12):
        x = sobol_design(seed=100 + stream)
        found.append(sobol_indices(x, with_seeds(g_function(x), 4, 0.3, stream), seed=1, resamples=50))
    for values, expected in (
        (np.array([one.total_variance for one in found]), truth * variance),
        (np.array([one.total_index for one in found]), truth),
    ):
        error = values.std(axis=0, ddof=1) / np.sqrt(len(found))
        assert (np.abs(values.mean(axis=0) - expected) < 4.0 * error + 0.005).all()
    assert abs(np.mean([one.variance for one in found]) / variance - 1.0) < 0.1
    assert all((one.total_index_low <= one.total_index_high).all() for one in found)


def test_sobol_without_noise_is_salibs_own_total_index() -> None:
    x = sobol_design()
    found = sobol_indices(x, np.repeat(g_function(x)[:, None], 3, axis=1), seed=1)
    np.testing.assert_allclose(found.total_index, found.salib["ST"], rtol=5e-3)  # n / (n - 1) in the variance
    assert found.noise_share == pytest.approx(0.0, abs=1e-12) and not found.too_noisy_to_rank
    np.testing.assert_allclose(found.noise_share_differences, 0.0, atol=1e-12)
    assert sorted(found.convergence) == [64, 128, 256]
    np.testing.assert_allclose(found.convergence[256], found.total_index)


def test_noise_alone_has_no_total_variance_where_salib_sees_one() -> None:
    """Products of different seeds average to nothing; squares of seed means take noise for effect."""
    x = sobol_design(64)
    rng = np.random.default_rng(8)
    found = [sobol_indices(x, rng.normal(0.0, 1.0, (len(x), 4)), seed=1, resamples=20) for _ in range(60)]
    tops = np.array([one.total_variance for one in found])
    error = tops.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(tops.mean(axis=0)) < 4.0 * error).all()
    assert all(one.too_noisy_to_rank for one in found)
    assert np.mean([one.salib["ST"] for one in found]) > 0.5
    assert np.mean([one.noise_share_differences for one in found]) == pytest.approx(1.0, abs=0.05)


def test_the_noise_share_is_the_share_of_a_runs_variance() -> None:
    x = sobol_design(512)
    rng = np.random.default_rng(9)
    y = (x @ COEFFICIENTS)[:, None] + rng.normal(0.0, 60.0, (len(x), 4))
    effect = float((COEFFICIENTS**2).sum() / 12.0)  # the variance of U(0, 1) is 1/12
    found = sobol_indices(x, y, seed=1, resamples=20)
    assert found.noise_share == pytest.approx(3600.0 / (3600.0 + effect), abs=0.03)
    assert found.noise_share_seed_mean == pytest.approx(900.0 / (900.0 + effect), abs=0.03)
    assert found.too_noisy_to_rank


def test_equal_outcomes_give_undefined_indices_and_a_warning_flag() -> None:
    x = sobol_design(8)
    found = sobol_indices(x, np.full((len(x), 2), 7.0), seed=1)
    assert np.isnan(found.total_index).all() and np.isnan(found.total_index_low).all()
    assert found.too_noisy_to_rank


def test_two_seeds_are_enough_and_one_is_refused() -> None:
    x = sobol_design(32)
    y = with_seeds(g_function(x), 2, 0.05)
    found = sobol_indices(x, y, seed=1)
    assert np.isfinite(found.total_index_low).all() and np.isfinite(found.total_index_high).all()
    with pytest.raises(InputError, match="2 or more"):
        sobol_indices(x, y[:, :1], seed=1)


def test_the_same_seed_gives_the_same_bytes() -> None:
    x, z = sobol_design(32), morris_design()
    y, w = with_seeds(g_function(x), 4, 0.2), with_seeds(g_function(z), 4, 0.2)
    for key in ("total_index", "total_index_low", "total_index_high"):
        pair = [getattr(sobol_indices(x, y, seed=2), key).tobytes() for _ in range(2)]
        assert pair[0] == pair[1]
    assert sobol_indices(x, y, seed=2).salib["ST_conf"].tobytes() == (
        sobol_indices(x, y, seed=2).salib["ST_conf"].tobytes()
    )
    for key in ("mu_low", "mu_star_conf"):
        pair = [getattr(morris_effects(z, w, seed=2), key).tobytes() for _ in range(2)]
        assert pair[0] == pair[1]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_outcome_that_is_not_finite_is_refused(bad: float) -> None:
    x, z = sobol_design(8), morris_design()
    y, w = with_seeds(g_function(x), 2, 0.1), with_seeds(g_function(z), 2, 0.1)
    y[3, 1] = w[3, 1] = bad
    with pytest.raises(InputError, match="not finite"):
        sobol_indices(x, y, seed=1)
    with pytest.raises(InputError, match="not finite"):
        morris_effects(z, w, seed=1)


def test_seed_zero_is_refused() -> None:
    x = morris_design()
    with pytest.raises(InputError, match="seed"):
        morris_effects(x, np.ones((len(x), 2)), seed=0)


def test_an_incomplete_or_shuffled_design_is_refused() -> None:
    x, z = sobol_design(8), morris_design()
    for rows in (slice(0, -1), slice(None, None, -1)):
        with pytest.raises(InputError, match="Sobol design is not complete"):
            sobol_indices(x[rows][: len(x)], np.ones((len(x[rows]), 2)), seed=1)
    shuffled = np.random.default_rng(1).permutation(len(z))
    for order in (np.arange(len(z) - 1), shuffled):
        with pytest.raises(InputError, match="Morris"):
            morris_effects(z[order], np.ones((len(order), 2)), seed=1)
