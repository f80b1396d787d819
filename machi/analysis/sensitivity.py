"""SALib's side of the ranking: Morris elementary effects and Sobol total indices of repeated, noisy runs.

Strengths `x` are float64[samples, packages] in [0, 1] in the row order of SALib's sampler; outcomes `y` are
float64[samples, seeds], the same seeds in every row. Intervals are 90 % percentiles over resamples of rows
and of seeds, both with replacement (the pigeonhole bootstrap, which errs on the wide side where rows and
seeds interact: Owen 2007, Annals of Applied Statistics 1:386-411; with few seeds it misses a part of what
whole seeds shift).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from SALib.analyze import morris, sobol

from abm.errors import InputError
from machi.questions.samples import problem

Floats = NDArray[np.float64]

CONFIDENCE = 0.90  # every interval of the ranking, by convention of the project
TAILS = (50.0 * (1.0 - CONFIDENCE), 50.0 * (1.0 + CONFIDENCE))  # percentiles
RESAMPLES = 1000  # an assumption: the Monte Carlo error of a bound is then well below the bound's own width
NOISE_LIMIT = 0.10  # noise share above which total indices are called too noisy to rank by, by convention


class Morris(NamedTuple):
    """Elementary effects, outcome per unit of strength; each array float64[packages]."""

    mu: Floats
    mu_low: Floats
    mu_high: Floats
    mu_star: Floats
    mu_star_conf: Floats
    sigma: Floats
    levels: int
    trajectories: int
    seeds: int
    convergence: dict[int, Floats]  # trajectories used -> mu


class Sobol(NamedTuple):
    """Indices of the seed-averaged outcome, float64[packages]; NaN where no variance is left to share."""

    total_index: Floats
    total_index_low: Floats
    total_index_high: Floats
    total_variance: Floats  # numerators, in squared units of the outcome
    variance: float
    variance_seeds: float  # within a sample, across seeds
    noise_share: float  # of one run's outcome
    noise_share_seed_mean: float  # of the outcome averaged over the seeds
    noise_share_differences: Floats  # of one run's paired difference f(A) - f(AB_k)
    too_noisy_to_rank: bool
    salib: dict[str, Floats]  # S1, S1_conf, ST, ST_conf of the seed means, noise not removed
    base_samples: int
    seeds: int
    convergence: dict[int, Floats]  # base samples used -> total_index


def checked_seed(seed: int) -> int:
    """The seed of an analysis, at least 1: SALib takes 0 for no seed and is then not reproducible."""
    if seed < 1:
        raise InputError(f"the analysis seed is {seed}, not 1 or more; write `seed = 1` in the experiment")
    return seed


def elementary_effects(x: Floats, y: Floats) -> Floats:
    """Change of the outcome per unit of strength, float64[trajectories, seeds, packages] (Morris 1991).

    Raises `InputError` where the rows of `x` are not whole trajectories that move one package at a time.
    """
    size = x.shape[1] + 1
    if len(x) == 0 or len(x) % size:
        raise InputError(f"strengths.parquet: the Morris design has {len(x)} rows, not a multiple of {size};"
                         " a sample is missing, run again with --fresh")  # fmt: skip
    steps = np.diff(x.reshape(-1, size, x.shape[1]), axis=1)
    moved = np.abs(steps) > np.finfo(np.float64).eps
    if not (moved.sum(axis=1) == 1).all() or not (moved.sum(axis=2) == 1).all():
        raise InputError("strengths.parquet: a Morris trajectory does not move one package at a time;"
                         " keep the rows in the order of the sampler")  # fmt: skip
    rise = np.diff(y.reshape(-1, size, y.shape[1]), axis=1) / steps.sum(axis=2)[:, :, None]
    return np.asarray(np.einsum("tsk,tsr->trk", moved.astype(np.float64), rise), dtype=np.float64)


def morris_effects(x: Floats, y: Floats, seed: int, resamples: int = RESAMPLES) -> Morris:
    """Morris' mean elementary effect, signed, with an interval over trajectories and seeds.

    mu, mu_star and sigma are SALib's, of the outcome averaged over the common seeds.
    """
    _refuse(x, y, "morris")
    checked_seed(seed)
    effects = elementary_effects(x, y)
    levels = _levels(x)
    found = morris.analyze(
        _question(x.shape[1]), x, y.mean(axis=1), num_resamples=resamples, conf_level=CONFIDENCE,
        num_levels=levels, seed=seed,
    )  # fmt: skip
    column = {k: np.asarray(found[k], dtype=np.float64) for k in ("mu", "mu_star", "mu_star_conf", "sigma")}
    rng = np.random.default_rng(seed)
    trajectories, seeds = effects.shape[:2]
    rows = _shares(rng, trajectories, resamples)
    by_seed = (rows @ effects.reshape(trajectories, -1)).reshape(resamples, seeds, -1)
    means = np.einsum("br,brk->bk", _shares(rng, seeds, resamples), by_seed)
    low, high = np.percentile(means, TAILS, axis=0)
    return Morris(
        column["mu"], low, high, column["mu_star"], column["mu_star_conf"], column["sigma"], levels,
        trajectories, seeds, {n: effects[:n].mean(axis=(0, 1)) for n in _growing(trajectories)},
    )  # fmt: skip


def sobol_indices(x: Floats, y: Floats, seed: int, resamples: int = RESAMPLES) -> Sobol:
    """Sobol total indices of the seed-averaged outcome, by products of different seeds so that noise cancels.

    Jansen's form (Jansen 1999, Computer Physics Communications 117:35-43) with the square replaced by
    (f(A, r) - f(AB_k, r)) (f(A, r') - f(AB_k, r')) averaged over pairs of seeds r != r', over twice the
    covariance across samples of f(., r) and f(., r'): both are free of the noise that seeds do not share.
    A seed that lifts every sample alike cancels. Raises `InputError` below two seeds.
    """
    _refuse(x, y, "sobol")
    checked_seed(seed)
    packages, seeds = x.shape[1], y.shape[1]
    if seeds < 2:
        raise InputError("runs.parquet: the Sobol design has one common seed; give it 2 or more so that"
                         " noise can be told from effect")  # fmt: skip
    differences, base = _sobol_blocks(x, y)
    equal = np.full((1, seeds), 1.0 / seeds)
    n = len(base)
    top, variance = _total(differences, base, np.full((1, n), 1.0 / n), equal)
    rng = np.random.default_rng(seed)
    apart = _shares(rng, seeds, resamples)
    # A resample that drew one seed only has no pair of different seeds: it takes all seeds alike.
    apart[apart.max(axis=1) == 1.0] = equal
    tops, variances = _total(differences, base, _shares(rng, n, resamples), apart)
    low, high = _bounds(_ratio(tops, variances))
    noise = _noise(y, differences, float(variance[0]))
    return Sobol(
        _ratio(top, variance)[0], low, high, top[0], float(variance[0]), noise.within, noise.run, noise.mean,
        noise.differences, bool(variance[0] <= 0.0 or noise.run > NOISE_LIMIT),
        _salib_indices(packages, y.mean(axis=1), seed, resamples), n, seeds,
        {m: _ratio(*_total(differences[:m], base[:m], np.full((1, m), 1.0 / m), equal))[0]
         for m in _growing(n)},
    )  # fmt: skip


def _question(packages: int) -> dict[str, Any]:
    return problem(tuple(f"x{k}" for k in range(packages)))


def _refuse(x: Floats, y: Floats, design: str) -> None:
    """Refuse what SALib would take silently: a single NaN makes it answer zero for every package."""
    if len(x) != len(y):
        raise InputError(f"runs.parquet: {len(y)} samples of design `{design}` were run but strengths.parquet"
                         f" has {len(x)}; run again with --fresh")  # fmt: skip
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError(f"runs.parquet: an outcome or strength of design `{design}` is not finite;"
                         " run again with --fresh")  # fmt: skip


def _levels(x: Floats) -> int:
    """Levels of Morris' grid, read off the step L / (2 (L - 1)) so that sampler and analysis agree."""
    steps = np.abs(np.diff(x[: x.shape[1] + 1], axis=0))
    delta = float(steps.max())
    levels = round(2.0 * delta / (2.0 * delta - 1.0)) if delta > 0.5 else 0
    everywhere = np.abs(np.diff(x.reshape(-1, x.shape[1] + 1, x.shape[1]), axis=1)).max(axis=2)
    if levels < 2 or not np.allclose(everywhere, levels / (2.0 * (levels - 1.0))):
        raise InputError("strengths.parquet: the steps of the Morris design are not those of SALib's grid;"
                         " draw it with SALib.sample.morris")  # fmt: skip
    return int(levels)


def _sobol_blocks(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Differences f(A) - f(AB_k) [n, packages, seeds] and outcomes of A and B [n, 2, seeds].

    SALib's order without second order is A, AB_1 ... AB_D, B per base sample; AB_k is A with B's column k.
    """
    packages = x.shape[1]
    size = packages + 2
    wrong = len(x) == 0 or len(x) % size > 0
    if not wrong:
        blocks = x.reshape(-1, size, packages)
        swapped = np.eye(packages, dtype=bool)[None]
        wrong = not np.array_equal(blocks[:, 1:-1], np.where(swapped, blocks[:, -1:], blocks[:, :1]))
    if wrong:
        raise InputError("strengths.parquet: the Sobol design is not complete blocks of A, AB_1 ... AB_D, B;"
                         " a sample is missing, run again with --fresh")  # fmt: skip
    runs = y.reshape(-1, size, y.shape[1])
    return runs[:, :1] - runs[:, 1:-1], runs[:, [0, -1]]


def _total(differences: Floats, base: Floats, rows: Floats, seeds: Floats) -> tuple[Floats, Floats]:
    """Total variances [resamples, packages] and variances [resamples] for shares of rows and of seeds."""
    n, packages, r = differences.shape
    pairs = np.einsum("br,bs->brs", seeds, seeds) * (1.0 - np.eye(r))
    pairs /= pairs.sum(axis=(1, 2), keepdims=True)
    products = np.einsum("nkr,nks->nkrs", differences, differences).reshape(n, -1)
    top = np.einsum("bkrs,brs->bk", (rows @ products).reshape(-1, packages, r, r), pairs) / 2.0
    centred = base - base.mean(axis=(0, 1))  # each seed by its own mean: a common lift is no effect
    squares = (rows @ (np.einsum("nar,nas->nrs", centred, centred) / 2.0).reshape(n, -1)).reshape(-1, r, r)
    means = rows @ centred.mean(axis=1)
    covariance = (squares - np.einsum("br,bs->brs", means, means)) * (2 * n / (2 * n - 1))
    return top, np.einsum("brs,brs->b", covariance, pairs)


def _ratio(top: Floats, variance: Floats) -> Floats:
    """Indices, NaN where noise left no positive variance."""
    below = np.where(variance > 0.0, variance, np.nan)
    return np.asarray(top / below[:, None], dtype=np.float64)


def _bounds(indices: Floats) -> tuple[Floats, Floats]:
    """5 and 95 % of the resamples; NaN where so many lack a variance that the tails themselves are lost."""
    defined = indices[np.isfinite(indices).all(axis=1)]
    if len(defined) < CONFIDENCE * len(indices):
        lost = np.full(indices.shape[1], np.nan)
        return lost, lost.copy()
    low, high = np.percentile(defined, TAILS, axis=0)
    return low, high


class _Noise(NamedTuple):
    within: float
    run: float
    mean: float
    differences: Floats


def _noise(y: Floats, differences: Floats, variance: float) -> _Noise:
    """Variance across seeds in a sample, and its share of the whole for a run, a seed mean, a difference."""
    within = float(y.var(axis=1, ddof=1).mean())
    kept = max(variance, 0.0)
    seeds = y.shape[1]
    noise = differences.var(axis=2, ddof=1).mean(axis=0)
    square = (differences**2).mean(axis=(0, 2))  # without an effect the difference is 0
    share = np.divide(noise, square, out=np.zeros_like(noise), where=square > 0.0)
    return _Noise(within, _part(within, kept), _part(within / seeds, kept), np.minimum(share, 1.0))


def _part(noise: float, signal: float) -> float:
    whole = noise + signal
    return noise / whole if whole > 0.0 else 0.0


def _salib_indices(packages: int, mean: Floats, seed: int, resamples: int) -> dict[str, Floats]:
    """SALib's own S1 and ST of the seed means, for comparison (NaN where all outcomes are equal)."""
    keys = ("S1", "S1_conf", "ST", "ST_conf")
    if np.ptp(mean) == 0.0:
        return {k: np.full(packages, np.nan) for k in keys}
    found = sobol.analyze(
        _question(packages), mean, calc_second_order=False, num_resamples=resamples,
        conf_level=CONFIDENCE, seed=seed,
    )  # fmt: skip
    return {k: np.asarray(found[k], dtype=np.float64) for k in keys}


def _shares(rng: np.random.Generator, size: int, resamples: int) -> Floats:
    """How often each of `size` rows is drawn in a bootstrap resample, as shares [resamples, size]."""
    counts = rng.multinomial(size, np.full(size, 1.0 / size), size=resamples)
    return np.asarray(counts, dtype=np.float64) / size


def _growing(size: int) -> list[int]:
    """A quarter, a half and all of the rows (at least two), for convergence."""
    return sorted({n for n in (size // 4, size // 2) if n >= 2} | {size})
