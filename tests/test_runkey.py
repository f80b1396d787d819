"""A run's name: it changes with all that decides the run's bytes, and with nothing else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from abm.errors import InputError
from abm.forecast.doubt import Draws
from abm.levels.doubted import Doubts
from machi.policy.package import read_packages
from machi.policy.priors import central, draw_thetas
from machi.policy.shared import read_shared
from machi.questions.config import read_experiment
from machi.questions.design import Run, runs
from machi.runs.run import TownBench

ROOT = Path(__file__).resolve().parent.parent
EXPERIMENT = read_experiment(ROOT / "experiments/twelve_packages.toml").resolved(quick=True)
TABLE = runs(EXPERIMENT)


@pytest.fixture(scope="module")
def bench() -> TownBench:
    """The bench of the quick experiment; its files are only named."""
    packages = read_packages(ROOT / "policies/iwaki")
    shared = read_shared(ROOT / "policies/shared.toml")
    draws = Draws(np.ones((4, 45)), np.ones((4, 45)), np.arange(180.0).reshape(4, 45), np.zeros((4, 2, 101)))
    return TownBench(
        reference=Path("reference-1.npz"),
        foundings=tuple((one, Path(f"founding-{one}.npz")) for one in EXPERIMENT.fractions()),
        packages=packages,
        central=central(packages, shared),
        thetas=tuple(draw_thetas(packages, shared, 4, 1)),
        doubts=Doubts(draws, np.ones(101)),
        start=2015,
        end=2060,
    )


def first(design: str, arm: str) -> Run:
    return next(run for run in TABLE if (run.design, run.arm) == (design, arm))


def test_the_same_run_has_one_name_whatever_asks_for_it(bench: TownBench) -> None:
    run = first("morris", "m0000")
    other = run._replace(design="sobol", arm="s0007", sample=7, replication=9)
    assert bench.key(run) == bench.key(other) == replace(bench).key(run)
    nothing = tuple(0.0 for _ in run.strengths)
    assert bench.key(run._replace(strengths=nothing)) == bench.key(run._replace(strengths=nothing, run_time="plan"))


def test_whatever_decides_a_run_changes_its_name(bench: TownBench) -> None:
    run = first("predictive", "P03")
    fraction = next(one for one in EXPERIMENT.fractions())
    names = {bench.key(other) for other in (
        run, run._replace(seed=run.seed + 1), run._replace(theta=1), run._replace(theta=-1),
        run._replace(strengths=tuple(0.5 * one for one in run.strengths)), run._replace(run_time="plan"),
        run._replace(design="alone"), run._replace(design="alone", arm="all"),
    )}  # fmt: skip
    names |= {other.key(run) for other in (
        replace(bench, end=2059), replace(bench, context="other code"), replace(bench, doubts=None),
        replace(bench, reference=Path("reference-2.npz")),
        replace(bench, foundings=((fraction, Path("founding-of-others.npz")),)),
    )}  # fmt: skip
    assert len(names) == 13


def test_a_draw_of_rates_is_named_by_its_numbers(bench: TownBench) -> None:
    run = first("predictive", "P03")
    assert bench.doubts is not None
    draws, moves = bench.doubts.draws, bench.doubts.moves
    other = replace(bench, doubts=Doubts(draws._replace(births=draws.births * 1.01), moves))
    same = replace(bench, doubts=Doubts(draws._replace(births=draws.births.copy()), moves))
    assert other.key(run) != bench.key(run) == same.key(run)


def test_a_worker_with_other_code_refuses(bench: TownBench) -> None:
    with pytest.raises(InputError, match="install the same everywhere"):
        replace(bench, context="older code").open()
