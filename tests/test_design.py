"""The table of runs: which arms, which seeds, how many."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from machi.config import Experiment, read_experiment
from machi.design import (
    arms,
    count_by_design,
    morris_strengths,
    runs,
    same_as_reference,
    sobol_strengths,
    strengths_table,
)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return read_experiment(ROOT / "experiments/twelve_packages.toml").resolved(quick=False)


def test_arms_are_none_each_alone_and_all() -> None:
    table = arms(("P01", "P02"))
    assert table == {"none": (0, 0), "P01": (1, 0), "P02": (0, 1), "all": (1, 1)}


def test_counts_by_design(experiment: Experiment) -> None:
    # 12 packages + all under two run-times, none once; 14 arms per draw; r (k + 1) and N (k + 2) samples
    assert count_by_design(runs(experiment)) == {
        "alone": (2 * 13 + 1) * 6,
        "predictive": 14 * 60 * 2,
        "morris": 20 * 13 * 4,
        "sobol": 32 * 14 * 4,
    }


def test_no_run_stands_twice(experiment: Experiment) -> None:
    table = runs(experiment)
    keys = Counter(run._replace(fraction=0.0, strengths=()) for run in table)
    assert max(keys.values()) == 1
    assert all(len(run.strengths) == 12 and all(0 <= s <= 1 for s in run.strengths) for run in table)


def test_the_same_replication_has_the_same_seed_in_every_arm(experiment: Experiment) -> None:
    seeds: dict[tuple[str, int, int], set[int]] = {}
    for run in runs(experiment):
        seeds.setdefault((run.design, run.theta, run.replication), set()).add(run.seed)
    assert all(len(found) == 1 for found in seeds.values())
    drawn = [next(iter(found)) for (design, _, _), found in seeds.items() if design == "predictive"]
    assert len(set(drawn)) == len(drawn)  # no draw shares its noise with another


def test_none_stands_for_every_run_time(experiment: Experiment) -> None:
    twins = [twin for run in runs(experiment) for twin in same_as_reference(run, experiment)]
    assert {(twin.arm, twin.run_time) for twin in twins} == {("none", "plan")}
    assert len(twins) == experiment.alone.replications


def test_designs_are_reproducible_and_follow_the_seed(experiment: Experiment) -> None:
    other = experiment.model_copy(update={"seed": experiment.seed + 1})
    for strengths in (morris_strengths, sobol_strengths):
        assert np.array_equal(strengths(experiment), strengths(experiment))
        assert not np.array_equal(strengths(experiment), strengths(other))


def test_morris_moves_one_package_at_a_time(experiment: Experiment) -> None:
    sample = morris_strengths(experiment).reshape(20, 13, 12)
    assert ((np.diff(sample, axis=1) != 0).sum(axis=2) == 1).all()


def test_strengths_have_one_row_per_sample(experiment: Experiment) -> None:
    table = strengths_table(runs(experiment), experiment.packages)
    assert list(table.columns) == ["design", "sample", *experiment.packages]
    assert len(table) == 20 * 13 + 32 * 14
    morris = table[table["design"] == "morris"]
    assert np.array_equal(morris[list(experiment.packages)].to_numpy(), morris_strengths(experiment))
