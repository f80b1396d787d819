"""Tables of the designs of portfolios, in an imagined town in which every package's worth is known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from imagined_town import ImaginedBench

from abm.errors import InputError
from machi.analysis.answers import answers
from machi.questions.config import Experiment, read_experiment
from machi.questions.design import runs, strengths_table
from machi.runs.run import runs_table

ROOT = Path(__file__).resolve().parent.parent
DESIGNS = """
[leave_one_out]
replications = 2
fraction = 0.5
[factorial]
packages = 4
seeds = 2
fraction = 0.5
[fraction]
packages = 4
seeds = 3
fraction = 0.5
[grid]
levels = 3
replications = 2
fraction = 0.5
[efast]
n = 65
seeds = 1
fraction = 0.5
[given_data]
n = 100
seeds = 2
fraction = 0.5
"""
CELLS = 2 * 101  # sexes and ages, to each of which the imagined town adds ten people per package's number
WORTH = {f"P{k:02d}": 10 * k * CELLS / 0.5 for k in range(1, 13)}


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    text = (ROOT / "experiments/twelve_packages.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("experiments") / "portfolios.toml"
    path.write_text(text[: text.index("[alone]")] + DESIGNS, encoding="utf-8")
    return read_experiment(path)


@pytest.fixture(scope="module")
def tables(experiment: Experiment) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Runs and strengths of the imagined town."""
    table, simulation = runs(experiment), ImaginedBench().open()
    return runs_table(table, [simulation(run) for run in table]), strengths_table(table, experiment.packages)


@pytest.fixture(scope="module")
def found(experiment: Experiment, tables: tuple[pd.DataFrame, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("machi.analysis.indices.RESAMPLES", 5)  # only the widths of intervals rest on these
        patch.setattr("machi.analysis.indices.RESAMPLES_OF_DELTA", 2)
        return answers(experiment, *tables)


def test_what_is_left_out_is_missed_by_its_worth(found: dict[str, pd.DataFrame]) -> None:
    table = found["leave_one_out.csv"]
    assert list(table["package"]) == sorted(WORTH, reverse=True) and list(table["rank"]) == list(range(1, 13))
    for name in ("people_lost", "low", "high"):  # paired by seed, an imagined town has no chance in it
        assert np.allclose(table[name], [WORTH[key] for key in table["package"]])
    assert np.allclose(table["cost_million_yen"], 1.0)


@pytest.mark.parametrize("design", ["factorial", "fraction"])
def test_packages_that_only_add_deserve_their_worth(found: dict[str, pd.DataFrame], design: str) -> None:
    own = found["shapley.csv"].query("design == @design")
    assert list(own["package"]) == ["P04", "P03", "P02", "P01"]
    assert np.allclose(own[["value", "low", "high"]], [[WORTH[key]] * 3 for key in own["package"]])
    pairs = found["interactions.csv"].query("design == @design")
    assert len(pairs) == 6 and np.allclose(pairs[["value", "low", "high"]], 0, atol=1e-6)


def test_the_front_takes_the_best_first(found: dict[str, pd.DataFrame]) -> None:
    front, budgets = found["frontier.csv"], found["budgets.csv"]
    assert list(front["portfolio"]) == ["none", "P04", "P03 P04", "P02 P03 P04", "P01 P02 P03 P04"]
    assert (front["people"].diff().dropna() > 0).all() and list(front["cost_million_yen"]) == [0, 1, 2, 3, 4]
    assert (budgets["cost_million_yen"] <= budgets["budget_million_yen"]).all()
    assert budgets["portfolio"].iloc[0] == "none" and budgets["portfolio"].iloc[-1] == "P01 P02 P03 P04"


def test_half_the_strength_is_half_the_worth(found: dict[str, pd.DataFrame]) -> None:
    grid = found["grid.csv"].query("strength == 1.0")
    assert np.allclose(grid["people"], [WORTH[key] for key in grid["package"]])
    assert len(found["grid.csv"]) == 24 and set(found["grid.csv"]["seeds"]) == {2}


@pytest.mark.parametrize(("file", "figure"), [("efast.csv", "ST"), ("delta.csv", "delta"), ("pawn.csv", "median")])
def test_what_is_worth_most_matters_most(found: dict[str, pd.DataFrame], file: str, figure: str) -> None:
    table = found[file]
    assert set(table["package"]) == set(WORTH) and table[figure].is_monotonic_decreasing
    assert np.isfinite(table[figure]).all()
    dear = table["package"] > "P06"  # a hundred samples do not put neighbours in order, but halves
    assert table.loc[dear, figure].mean() > table.loc[~dear, figure].mean()


def test_a_run_without_a_number_is_named(experiment: Experiment, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table = tables[0].copy()
    table.loc[table.index[table["arm"] == "all_but_P05"][1], "population"] = float("nan")
    with pytest.raises(InputError, match="arm all_but_P05 of design leave_one_out, replication 2"):
        answers(experiment, table, tables[1])
