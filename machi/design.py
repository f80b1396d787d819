"""The table of runs that an experiment asks for; SALib draws the sampled portfolios."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from machi.config import Experiment, Morris, Sobol
from machi.portfolio import RunTime

NO_SAMPLE = -1
CENTRAL = -1
STRUCTURE, AGENTS, NO_MARKET = "structure", "agents", "no_market"
ALTERED = (STRUCTURE, AGENTS, NO_MARKET)  # designs whose towns are founded and aligned anew, one for each draw


class Run(NamedTuple):
    """One arm with one seed.

    `sample` is the row of a sampled design or -1, `theta` the draw of what is uncertain or -1 (central),
    `replication` is 1 or more; the same replication (of the same draw) has the same `seed` in every arm.
    `strengths` holds one number in [0, 1] per package.
    """

    design: str
    run_time: RunTime
    arm: str
    sample: int
    theta: int
    replication: int
    seed: int
    fraction: float
    strengths: tuple[float, ...]


def arms(packages: tuple[str, ...]) -> dict[str, tuple[float, ...]]:
    """The strengths of the arms `none`, each package alone, and `all`."""
    single = {key: tuple(float(key == other) for other in packages) for key in packages}
    return {"none": tuple(0.0 for _ in packages), **single, "all": tuple(1.0 for _ in packages)}


def problem(packages: tuple[str, ...]) -> dict[str, Any]:
    """SALib's words for design D: one strength in [0, 1] per package."""
    return {"num_vars": len(packages), "names": list(packages), "bounds": [[0.0, 1.0]] * len(packages)}


def morris_strengths(experiment: Experiment) -> NDArray[np.float64]:
    """The portfolios of Morris' trajectories: float64[trajectories x (packages + 1), packages]."""
    from SALib.sample import morris

    asked = experiment.morris
    sample: NDArray[np.float64] = morris.sample(
        problem(experiment.packages), asked.trajectories, num_levels=asked.levels, seed=experiment.seed
    )
    return sample


def sobol_strengths(experiment: Experiment) -> NDArray[np.float64]:
    """The portfolios of Saltelli's design without second order: float64[n x (packages + 2), packages]."""
    from SALib.sample import sobol

    sample: NDArray[np.float64] = sobol.sample(
        problem(experiment.packages), experiment.sobol.n, calc_second_order=False, seed=experiment.seed
    )
    return sample


def alone_runs(experiment: Experiment) -> Iterator[Run]:
    """Arms x run-times x replications at central values; `none` has no run-time and runs once."""
    asked = experiment.alone
    for run_time in asked.run_times:
        for arm, strengths in arms(experiment.packages).items():
            if arm == "none" and run_time != experiment.run_time:
                continue
            for r in range(1, asked.replications + 1):
                seed = experiment.seed + r
                yield Run("alone", run_time, arm, NO_SAMPLE, CENTRAL, r, seed, asked.fraction, strengths)


def predictive_runs(experiment: Experiment) -> Iterator[Run]:
    """Arms x draws x replications; every draw has seeds of its own, so that draws share no noise."""
    asked = experiment.predictive
    for theta in range(asked.draws):
        for arm, strengths in arms(experiment.packages).items():
            for r in range(1, asked.replications + 1):
                seed = experiment.seed + theta * asked.replications + r
                when = experiment.run_time
                yield Run("predictive", when, arm, NO_SAMPLE, theta, r, seed, asked.fraction, strengths)


def sampled_runs(experiment: Experiment) -> Iterator[Run]:
    """The sampled portfolios of Morris and Sobol, each under the same few seeds."""
    designs: tuple[tuple[str, Morris | Sobol, NDArray[np.float64]], ...] = (
        ("morris", experiment.morris, morris_strengths(experiment)),
        ("sobol", experiment.sobol, sobol_strengths(experiment)),
    )
    for name, asked, sample in designs:
        for row, strengths in enumerate(sample.tolist()):
            for r in range(1, asked.seeds + 1):
                arm, seed, when = f"{name[0]}{row:04d}", experiment.seed + r, experiment.run_time
                yield Run(name, when, arm, row, CENTRAL, r, seed, asked.fraction, tuple(strengths))


def structure_runs(experiment: Experiment) -> Iterator[Run]:
    """Arms x draws of structure x seeds of each draw's own."""
    asked = experiment.structure
    if asked is None:
        return
    for theta in range(asked.draws):
        for arm, strengths in arms(experiment.packages).items():
            for r in range(1, asked.seeds + 1):
                seed, when = experiment.seed + theta * asked.seeds + r, experiment.run_time
                yield Run(STRUCTURE, when, arm, NO_SAMPLE, theta, r, seed, asked.fraction, strengths)


def ablation_runs(experiment: Experiment) -> Iterator[Run]:
    """Arms x replications at central values in the two models that have people, under the same seeds."""
    asked = experiment.ablation
    if asked is None:
        return
    for design in (AGENTS, NO_MARKET):
        for arm, strengths in arms(experiment.packages).items():
            for r in range(1, asked.replications + 1):
                seed, when = experiment.seed + r, experiment.run_time
                yield Run(design, when, arm, NO_SAMPLE, CENTRAL, r, seed, asked.fraction, strengths)


def same_as_reference(run: Run, experiment: Experiment) -> list[Run]:
    """The runs that need no simulation of their own: without policy, every run-time is the same."""
    if run.design != "alone" or run.arm != "none":
        return []
    return [run._replace(run_time=other) for other in experiment.alone.run_times if other != run.run_time]


def how_many(experiment: Experiment) -> int:
    """How many runs an experiment asks for, reckoned before any is drawn."""
    packages = len(experiment.packages)
    arms_of_each = packages + 2
    asked = experiment
    alone = len(asked.alone.run_times) * arms_of_each - len(asked.alone.run_times) + 1
    found = alone * asked.alone.replications
    found += arms_of_each * asked.predictive.draws * asked.predictive.replications
    found += asked.morris.trajectories * (packages + 1) * asked.morris.seeds
    found += asked.sobol.n * (packages + 2) * asked.sobol.seeds
    if asked.structure is not None:
        found += arms_of_each * asked.structure.draws * asked.structure.seeds
    if asked.ablation is not None:
        found += 2 * arms_of_each * asked.ablation.replications
    return found


def runs(experiment: Experiment) -> list[Run]:
    """Every run of the experiment; a run's place in the list is its key, whoever carries it out and when."""
    planned = (alone_runs, predictive_runs, sampled_runs, structure_runs, ablation_runs)
    return [run for part in planned for run in part(experiment)]


def count_by_design(table: list[Run]) -> dict[str, int]:
    """How many runs each design has, in the order of the table."""
    return dict(Counter(run.design for run in table))


def strengths_table(table: list[Run], packages: tuple[str, ...]) -> pd.DataFrame:
    """The sampled portfolios: design, sample, and one column per package with its strength."""
    rows = {(run.design, run.sample): run.strengths for run in table if run.sample != NO_SAMPLE}
    keys = pd.DataFrame(list(rows), columns=["design", "sample"])
    return keys.join(pd.DataFrame(list(rows.values()), columns=list(packages)))
