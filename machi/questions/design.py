"""The table of runs that an experiment asks for."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from machi.policy.portfolio import RunTime
from machi.questions import samples
from machi.questions.config import Experiment
from machi.questions.fraction import BASE

NO_SAMPLE = -1
EVERYTHING = "all"  # the arm with every package at strength 1
CENTRAL = -1
STRUCTURE, AGENTS, NO_MARKET = "structure", "agents", "no_market"
SCENARIOS = "scenarios"
ALL_BUT = "all_but_"
ALTERED = (STRUCTURE, AGENTS, NO_MARKET)  # designs whose towns are founded and aligned anew, one for each draw


class Run(NamedTuple):
    """One arm with one seed.

    `sample` is the row of a sampled design or -1, `theta` the draw of what is uncertain or -1 (central),
    `replication` is 1 or more; the same replication (of the same draw) has the same `seed` in every arm.
    `strengths` holds one number in [0, 1] per package. `scenario` is what the file of the experiment calls it.
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
    scenario: str = ""


def arms(packages: tuple[str, ...]) -> dict[str, tuple[float, ...]]:
    """The strengths of the arms `none`, each package alone, and `all`."""
    single = {key: tuple(float(key == other) for other in packages) for key in packages}
    return {"none": tuple(0.0 for _ in packages), **single, EVERYTHING: tuple(1.0 for _ in packages)}


def all_but_one(packages: tuple[str, ...]) -> dict[str, tuple[float, ...]]:
    """The strengths of the arms that hold every package but one."""
    return {f"{ALL_BUT}{key}": tuple(float(key != other) for other in packages) for key in packages}


def alone_runs(experiment: Experiment) -> Iterator[Run]:
    """Arms x run-times x replications at central values; `none` has no run-time and runs once."""
    asked = experiment.alone
    if asked is None:
        return
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
    if asked is None:
        return
    for theta in range(asked.draws):
        for arm, strengths in arms(experiment.packages).items():
            for r in range(1, asked.replications + 1):
                seed = experiment.seed + theta * asked.replications + r
                when = experiment.run_time
                yield Run("predictive", when, arm, NO_SAMPLE, theta, r, seed, asked.fraction, strengths)


def leave_one_out_runs(experiment: Experiment) -> Iterator[Run]:
    """All packages, and all but one, under the same seeds."""
    asked = experiment.leave_one_out
    if asked is None:
        return
    everything = arms(experiment.packages)[EVERYTHING]
    for arm, strengths in {EVERYTHING: everything, **all_but_one(experiment.packages)}.items():
        for r in range(1, asked.replications + 1):
            seed, when = experiment.seed + r, experiment.run_time
            yield Run("leave_one_out", when, arm, NO_SAMPLE, CENTRAL, r, seed, asked.fraction, strengths)


def portfolios(experiment: Experiment) -> Iterator[tuple[str, str, NDArray[np.float64], int, float]]:
    """Designs that give portfolios: name, prefix of its arms, strengths [portfolios, packages], seeds and fraction."""
    asked = experiment
    if asked.morris is not None:
        yield "morris", "m", samples.morris_strengths(asked, asked.morris), asked.morris.seeds, asked.morris.fraction
    if asked.sobol is not None:
        yield "sobol", "s", samples.sobol_strengths(asked, asked.sobol), asked.sobol.seeds, asked.sobol.fraction
    if (full := asked.factorial) is not None:
        yield "factorial", "f", samples.factorial_strengths(asked, full), full.seeds, full.fraction
    if (part := asked.fraction) is not None:
        yield "fraction", "p", samples.fraction_strengths(asked, part), part.seeds, part.fraction
    if (grid := asked.grid) is not None:
        yield "grid", "g", samples.grid_strengths(asked, grid), grid.replications, grid.fraction
    if (efast := asked.efast) is not None:
        yield "efast", "e", samples.efast_strengths(asked, efast), efast.seeds, efast.fraction
    if (given := asked.given_data) is not None:
        yield "given_data", "d", samples.given_data_strengths(asked, given), given.seeds, given.fraction


def sampled_runs(experiment: Experiment) -> Iterator[Run]:
    """The portfolios of every design that gives some, each under the same few seeds."""
    for name, prefix, sample, seeds, fraction in portfolios(experiment):
        for row, strengths in enumerate(sample.tolist()):
            for r in range(1, seeds + 1):
                arm, seed, when = f"{prefix}{row:04d}", experiment.seed + r, experiment.run_time
                yield Run(name, when, arm, row, CENTRAL, r, seed, fraction, tuple(strengths))


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


def scenario_arms(experiment: Experiment) -> dict[str, tuple[float, ...]]:
    """The strengths of all arms that are crossed with scenarios."""
    asked, packages = experiment.scenarios, experiment.packages
    named = asked.combined(packages) if asked is not None else {}
    together = {name: tuple(float(key in of) for key in packages) for name, of in named.items()}
    return {**arms(packages), **all_but_one(packages), **together}


def scenario_runs(experiment: Experiment) -> Iterator[Run]:
    """Scenarios x run-times x arms x replications at central values, then scenarios x draws x arms.

    Seeds are the same in every scenario; `none` has no run-time and runs once; draws have seeds of their own.
    """
    asked = experiment.scenarios
    if asked is None:
        return
    every, main = scenario_arms(experiment), experiment.run_time
    for scenario in (experiment.scenario, *asked.also):
        for run_time in asked.run_times:
            for arm, strengths in every.items():
                for r in range(1, asked.replications + 1 if arm != "none" or run_time == main else 1):
                    seed, share = experiment.seed + r, asked.fraction
                    yield Run(SCENARIOS, run_time, arm, NO_SAMPLE, CENTRAL, r, seed, share, strengths, scenario)
        for theta in range(asked.draws):
            for arm, strengths in every.items():
                seed = experiment.seed + theta + 1
                yield Run(SCENARIOS, main, arm, NO_SAMPLE, theta, 1, seed, asked.fraction, strengths, scenario)


def same_as_reference(run: Run, experiment: Experiment) -> list[Run]:
    """The runs that need no simulation of their own: without policy, every run-time is the same."""
    if run.design != "alone" or run.arm != "none" or experiment.alone is None:
        return []
    return [run._replace(run_time=other) for other in experiment.alone.run_times if other != run.run_time]


def how_many(experiment: Experiment) -> int:
    """How many runs an experiment asks for, reckoned before any is drawn."""
    asked, packages = experiment, len(experiment.packages)
    every = packages + 2  # arms
    found = 0
    if (alone := asked.alone) is not None:
        found += (len(alone.run_times) * (every - 1) + 1) * alone.replications
    if (predictive := asked.predictive) is not None:
        found += every * predictive.draws * predictive.replications
    if (morris := asked.morris) is not None:
        found += morris.trajectories * (packages + 1) * morris.seeds
    if (sobol := asked.sobol) is not None:
        found += sobol.n * (packages + 2) * sobol.seeds
    if (left_out := asked.leave_one_out) is not None:
        found += (packages + 1) * left_out.replications
    if (full := asked.factorial) is not None:
        found += (1 << asked.combined(full)) * full.seeds
    if (part := asked.fraction) is not None:
        found += (1 << min(asked.combined(part), BASE)) * part.seeds
    if (grid := asked.grid) is not None:
        found += (1 + packages * (grid.levels - 1)) * grid.replications
    if (efast := asked.efast) is not None:
        found += efast.n * packages * efast.seeds
    if (given := asked.given_data) is not None:
        found += given.n * given.seeds
    if (structure := asked.structure) is not None:
        found += every * structure.draws * structure.seeds
    if (ablation := asked.ablation) is not None:
        found += 2 * every * ablation.replications
    if (crossed := asked.scenarios) is not None:
        policies = len(scenario_arms(asked)) - 1
        central = (len(crossed.run_times) * policies + 1) * crossed.replications
        found += (1 + len(crossed.also)) * (central + crossed.draws * (policies + 1))
    return found


def runs(experiment: Experiment) -> list[Run]:
    """Every run of the experiment; a run's place in the list is its key, whoever carries it out and when."""
    planned = (
        alone_runs, predictive_runs, leave_one_out_runs, sampled_runs, structure_runs, ablation_runs, scenario_runs,
    )  # fmt: skip
    every = (run for part in planned for run in part(experiment))
    return [run if run.scenario else run._replace(scenario=experiment.scenario) for run in every]


def count_by_design(table: list[Run]) -> dict[str, int]:
    """How many runs each design has, in the order of the table."""
    return dict(Counter(run.design for run in table))


def strengths_table(table: list[Run], packages: tuple[str, ...]) -> pd.DataFrame:
    """The sampled portfolios: design, sample, and one column per package with its strength."""
    rows = {(run.design, run.sample): run.strengths for run in table if run.sample != NO_SAMPLE}
    keys = pd.DataFrame(list(rows), columns=["design", "sample"])
    return keys.join(pd.DataFrame(list(rows.values()), columns=list(packages)))
