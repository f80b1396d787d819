"""The portfolios of each design that samples strengths; SALib draws those that are drawn."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from machi.questions.config import Experiment
from machi.questions.fraction import fraction_masks
from machi.questions.sections import HARMONICS, Efast, Factorial, FractionalFactorial, GivenData, Grid, Morris, Sobol

Strengths = NDArray[np.float64]  # [portfolios, packages]


def problem(packages: tuple[str, ...]) -> dict[str, Any]:
    """SALib's words for design D: one strength in [0, 1] per package."""
    return {"num_vars": len(packages), "names": list(packages), "bounds": [[0.0, 1.0]] * len(packages)}


def morris_strengths(experiment: Experiment, asked: Morris) -> Strengths:
    """The portfolios of Morris' trajectories: float64[trajectories x (packages + 1), packages]."""
    from SALib.sample import morris

    sample: Strengths = morris.sample(
        problem(experiment.packages), asked.trajectories, num_levels=asked.levels, seed=experiment.seed
    )
    return sample


def sobol_strengths(experiment: Experiment, asked: Sobol) -> Strengths:
    """The portfolios of Saltelli's design without second order: float64[n x (packages + 2), packages]."""
    from SALib.sample import sobol

    sample: Strengths = sobol.sample(
        problem(experiment.packages), asked.n, calc_second_order=False, seed=experiment.seed
    )
    return sample


def efast_strengths(experiment: Experiment, asked: Efast) -> Strengths:
    """The portfolios of eFAST's curves, one for each package: float64[n x packages, packages]."""
    from SALib.sample import fast_sampler

    sample: Strengths = fast_sampler.sample(problem(experiment.packages), asked.n, M=HARMONICS, seed=experiment.seed)
    return np.clip(sample, 0.0, 1.0)


def given_data_strengths(experiment: Experiment, asked: GivenData) -> Strengths:
    """The portfolios of a Latin hypercube: float64[n, packages]."""
    from SALib.sample import latin

    sample: Strengths = latin.sample(problem(experiment.packages), asked.n, seed=experiment.seed)
    return sample


def factorial_strengths(experiment: Experiment, asked: Factorial) -> Strengths:
    """Every portfolio in the order of its bit mask: float64[2^k, packages]."""
    return of_masks(np.arange(1 << experiment.combined(asked), dtype=np.int64), len(experiment.packages))


def fraction_strengths(experiment: Experiment, asked: FractionalFactorial) -> Strengths:
    """The portfolios of the fraction: float64[portfolios, packages]."""
    return of_masks(fraction_masks(experiment.combined(asked)), len(experiment.packages))


def grid_strengths(experiment: Experiment, asked: Grid) -> Strengths:
    """No policy, then each package at its levels above 0: float64[1 + packages x (levels - 1), packages]."""
    above = np.linspace(0.0, 1.0, asked.levels)[1:]
    single = np.eye(len(experiment.packages))
    return np.vstack([np.zeros((1, len(single))), *(one * above[:, None] for one in single)])


def of_masks(masks: NDArray[np.int64], packages: int) -> Strengths:
    """Strengths 0 or 1 of portfolios given as bit masks; bit k is package k."""
    return (masks[:, None] >> np.arange(packages) & 1).astype(np.float64)


def masks_of(strengths: Strengths) -> NDArray[np.int64]:
    """The bit masks of portfolios whose strengths are 0 or 1."""
    return np.asarray((strengths > 0.5) @ (1 << np.arange(strengths.shape[1])), dtype=np.int64)
