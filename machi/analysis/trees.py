"""Findings as trees that JSON can hold: figures keyed by package, None where one is undefined."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from machi.analysis.sensitivity import Morris, Sobol

Floats = NDArray[np.float64]


def morris_tree(keys: list[str], morris: Morris) -> dict[str, Any]:
    """Elementary effects with their intervals and how they settled."""
    names = ("mu", "mu_low", "mu_high", "mu_star", "mu_star_conf", "sigma")
    return {
        **{name: by_package(keys, getattr(morris, name)) for name in names},
        "levels": morris.levels,
        "trajectories": morris.trajectories,
        "seeds": morris.seeds,
        "convergence": {n: by_package(keys, mu) for n, mu in morris.convergence.items()},
    }


def sobol_tree(keys: list[str], sobol: Sobol) -> dict[str, Any]:
    """`ST` by products of different seeds; `S1` and `salib` are SALib's of the seed means, noise left in."""
    names = {"ST": "total_index", "ST_low": "total_index_low", "ST_high": "total_index_high"}
    return {
        **{name: by_package(keys, getattr(sobol, field)) for name, field in names.items()},
        "S1": by_package(keys, sobol.salib["S1"]),
        "salib": {name: by_package(keys, values) for name, values in sobol.salib.items()},
        "total_variance": by_package(keys, sobol.total_variance),
        "variance": sobol.variance,
        "variance_seeds": sobol.variance_seeds,
        "noise_share": sobol.noise_share,
        "noise_share_seed_mean": sobol.noise_share_seed_mean,
        "noise_share_differences": by_package(keys, sobol.noise_share_differences),
        "too_noisy_to_rank": sobol.too_noisy_to_rank,
        "base_samples": sobol.base_samples,
        "seeds": sobol.seeds,
        "convergence": {n: by_package(keys, index) for n, index in sobol.convergence.items()},
    }


def by_package(keys: list[str], values: Floats) -> dict[str, float]:
    """A figure for each package, by key."""
    return dict(zip(keys, values.tolist(), strict=True))


def plain(tree: Any) -> Any:
    """A tree of what JSON can hold: text keys, Python numbers, None for what is not finite."""
    if isinstance(tree, dict):
        return {str(key): plain(value) for key, value in tree.items()}
    if isinstance(tree, np.ndarray | list | tuple):
        return [plain(value) for value in tree]
    if isinstance(tree, bool | np.bool_):
        return bool(tree)
    if isinstance(tree, np.integer):
        return int(tree)
    if isinstance(tree, float | np.floating):
        return float(tree) if math.isfinite(tree) else None
    return tree
