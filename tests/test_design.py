"""The table of runs: which arms, which seeds, how many."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from machi.questions.config import Experiment, read_experiment
from machi.questions.design import (
    arms,
    count_by_design,
    how_many,
    portfolios,
    runs,
    same_as_reference,
    strengths_table,
)

ROOT = Path(__file__).resolve().parent.parent


MORE = """
[leave_one_out]
replications = 2
fraction = 0.1
[factorial]
packages = 5
seeds = 1
fraction = 0.1
[fraction]
seeds = 2
fraction = 0.1
[grid]
levels = 3
replications = 2
fraction = 0.1
[efast]
n = 65
seeds = 1
fraction = 0.1
[given_data]
n = 50
seeds = 2
fraction = 0.1
"""


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    """The twelve packages with every other design of portfolios."""
    path = tmp_path_factory.mktemp("experiments") / "every.toml"
    text = (ROOT / "experiments/structure.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("[quick]", MORE + "[quick]"), encoding="utf-8")
    return read_experiment(path).resolved(quick=False)


def strengths_of(experiment: Experiment, design: str) -> np.ndarray:
    return next(strengths for name, _, strengths, _, _ in portfolios(experiment) if name == design)


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


def test_designs_are_reproducible_and_follow_the_seed(every: Experiment) -> None:
    experiment, other = every, every.model_copy(update={"seed": every.seed + 1})
    for design in ("morris", "sobol", "efast", "given_data"):
        first, again, others = (strengths_of(one, design) for one in (experiment, experiment, other))
        assert np.array_equal(first, again) and not np.array_equal(first, others)
        assert first.min() >= 0 and first.max() <= 1


def test_morris_moves_one_package_at_a_time(experiment: Experiment) -> None:
    sample = strengths_of(experiment, "morris").reshape(20, 13, 12)
    assert ((np.diff(sample, axis=1) != 0).sum(axis=2) == 1).all()


def test_strengths_have_one_row_per_sample(experiment: Experiment) -> None:
    table = strengths_table(runs(experiment), experiment.packages)
    assert list(table.columns) == ["design", "sample", *experiment.packages]
    assert len(table) == 20 * 13 + 32 * 14
    morris = table[table["design"] == "morris"]
    assert np.array_equal(morris[list(experiment.packages)].to_numpy(), strengths_of(experiment, "morris"))


def test_every_design_is_reckoned_before_it_is_drawn(every: Experiment) -> None:
    for path in (ROOT / "experiments").glob("*.toml"):
        for quick in (False, True):
            asked = read_experiment(path).resolved(quick)
            if not quick and how_many(asked) > 20_000:
                continue
            assert how_many(asked) == len(runs(asked)), path
    table = runs(every)
    assert how_many(every) == len(table)
    found = count_by_design(table)
    assert (found["leave_one_out"], found["factorial"], found["fraction"], found["grid"]) == (26, 32, 512, 50)
    assert (found["efast"], found["given_data"]) == (65 * 12, 100)
    keys = Counter(run._replace(fraction=0.0, strengths=()) for run in table)
    assert max(keys.values()) == 1 and all(0 <= one <= 1 for run in table for one in run.strengths)


def test_all_but_one_lack_just_that_one(every: Experiment) -> None:
    table = {run.arm: run.strengths for run in runs(every) if run.design == "leave_one_out"}
    assert sum(table["all"]) == 12 and set(table) == {"all"} | {f"all_but_{key}" for key in every.packages}
    for place, key in enumerate(every.packages):
        assert table[f"all_but_{key}"] == tuple(float(other != place) for other in range(12))


def test_the_factorial_of_five_holds_every_portfolio_of_these(every: Experiment) -> None:
    found = strengths_of(every, "factorial")
    assert len(np.unique(found, axis=0)) == 32 and not found[:, 5:].any() and set(np.unique(found)) == {0.0, 1.0}
    grid = strengths_of(every, "grid")
    assert not grid[0].any() and ((grid[1:] > 0).sum(axis=1) == 1).all() and set(np.unique(grid)) == {0, 0.5, 1}
