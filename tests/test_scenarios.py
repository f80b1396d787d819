"""Arms crossed with scenarios: what is run, under which name it is kept, and what follows for the ranking."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_result import PACKAGES, seal, write_result

from abm.errors import InputError
from machi.analysis.scenarios import bounds, chance, crossing, kinds_of
from machi.analysis.trees import plain
from machi.places import find_places
from machi.policy.package import read_packages
from machi.policy.priors import central
from machi.policy.shared import read_shared
from machi.questions.config import Experiment, read_experiment
from machi.questions.design import Run, how_many, runs
from machi.report import write_report
from machi.runs.crossing import CrossedBench, read_grounds
from machi.runs.groundwork import read_ground
from machi.runs.run import TownBench

ROOT = Path(__file__).resolve().parent.parent
TEXT = """
schema = 1
title_en = "Three packages in three futures"
title_ja = "3つの将来での3施策"
town = "iwaki"
basis = "census"
scenario = "baseline"
packages = ["P03", "P06", "P10"]
start = 2015
end = 2060
run_time = "sustained"
seed = 1
[scenarios]
also = ["trend", "vision2"]
run_times = ["sustained", "plan"]
replications = 3
fraction = 0.01
portfolios = ["P03+P06", "P06+P10"]
"""


def question(tmp_path: Path, text: str = TEXT) -> Experiment:
    """The experiment of a text."""
    path = tmp_path / "question.toml"
    path.write_text(text, encoding="utf-8")
    return read_experiment(path)


def table(experiment: Experiment, worth: dict[tuple[str, str], float], noise: float = 0.0) -> pd.DataFrame:
    """Runs in which each package adds its worth in a scenario (else 100), and levels differ between scenarios."""
    rng = np.random.default_rng(1)
    levels = {"baseline": 170_000.0, "trend": 150_000.0, "vision2": 219_900.0}
    rows = []
    for run in runs(experiment):
        gains = [worth.get((run.scenario, key), 100.0) for key in experiment.packages]
        people = levels[run.scenario] + float(np.dot(run.strengths, gains)) + 7.0 * run.seed
        people += noise * rng.normal() * (max(run.strengths) > 0.0)
        rows.append({**run._asdict(), "population": people, "cost_million_yen": sum(run.strengths)})
    return pd.DataFrame(rows).drop(columns="strengths")


def test_every_arm_is_run_in_every_scenario_under_the_same_seeds(tmp_path: Path) -> None:
    experiment = question(tmp_path, TEXT + "draws = 2\n")
    asked = runs(experiment)
    assert len(asked) == how_many(experiment) == 3 * ((2 * 9 + 1) * 3 + 2 * 10)
    by_scenario = {
        name: [run._replace(scenario="") for run in asked if run.scenario == name]
        for name in ("baseline", "trend", "vision2")
    }
    assert by_scenario["baseline"] == by_scenario["trend"] == by_scenario["vision2"]
    assert {run.run_time for run in asked if run.arm == "none"} == {"sustained"}
    together = next(run for run in asked if run.arm == "P03+P06")
    assert together.strengths == (1.0, 1.0, 0.0)


def test_other_designs_say_the_experiments_own_scenario() -> None:
    assert {run.scenario for run in runs(read_experiment(ROOT / "experiments/kasama.toml"))} == {"baseline"}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"trend", "vision2"', '"baseline"', "always run"),
        ('"trend", "vision2"', '"trend", "trend"', "each once"),
        ('"trend", "vision2"', "", "also"),
        ('["sustained", "plan"]', '["plan"]', "headline"),
        ("P03+P06", "P03+P99", "P99"),
        ("P03+P06", "P03", "two or more"),
        ("P03+P06", "P10+P06", "twice"),
        ("replications = 3", "replications = 1", "replications"),
        ("replications = 3", "replications = 3\ndraws = -1", "draws"),
    ],
)
def test_what_cannot_be_crossed_is_refused(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in TEXT
    with pytest.raises(InputError, match=named) as error:
        question(tmp_path, TEXT.replace(old, new, 1))
    assert "question.toml" in str(error.value) and "\n" not in str(error.value)


def test_a_scenario_under_two_names_is_refused() -> None:
    places = find_places(ROOT)
    ground = read_ground(places, "iwaki", "baseline", "census", 2015, 2020)
    path = str(ROOT / "towns/iwaki/scenarios/baseline.toml")
    with pytest.raises(InputError, match="same scenario"):
        read_grounds(places, ground, "iwaki", "baseline", (path,))
    with pytest.raises(InputError, match="no scenario `nowhere`"):
        read_grounds(places, ground, "iwaki", "baseline", ("nowhere",))


def test_a_run_is_named_by_its_scenarios_reference_arm() -> None:
    folder = ROOT / "policies"
    packages = read_packages(folder / "iwaki")[:1]
    theta = central(packages, read_shared(folder / "shared.toml"))
    own = TownBench(Path("own.npz"), ((0.1, Path("people.npz")),), packages, theta, (), None, 2015, 2060)
    other = replace(own, reference=Path("other.npz"))
    bench = CrossedBench(own, {"baseline": own, "trend": other})
    run = Run("scenarios", "sustained", "P01", -1, -1, 1, 2, 0.1, (1.0,), "baseline")
    moved = run._replace(scenario="trend")
    assert bench.key(run) == own.key(run) and bench.key(moved) == other.key(moved) != bench.key(run)
    assert bench.key(moved._replace(design="sobol")) == bench.key(run)


def test_ranks_agreement_and_regret_of_a_known_answer(tmp_path: Path) -> None:
    experiment = question(tmp_path)
    worth = {("baseline", "P03"): 300.0, ("trend", "P06"): 400.0, ("vision2", "P10"): 250.0}
    found = crossing(experiment, table(experiment, worth), vision=220_000.0)
    first = found.tables["scenarios.csv"].query("run_time == 'sustained'").set_index(["scenario", "arm"])
    assert first.loc[("baseline", "P03"), "effect"] == pytest.approx(300.0)
    assert first.loc[("trend", "P06"), ["rank", "rank_low", "rank_high"]].tolist() == [1.0, 1.0, 1.0]
    assert first.loc[("trend", "P03"), "rank"] == 2.5
    assert first.loc[("trend", "P03+P06"), "effect"] == pytest.approx(500.0)
    over = found.tables["regret.csv"].query("run_time == 'sustained'").set_index("arm")
    assert over.loc["P03", ["max_regret", "worst_scenario"]].tolist() == pytest.approx([300.0, "trend"])
    assert over.loc["P06", "max_regret"] == pytest.approx(200.0) and over.loc["P06", "chance_least"] == 1.0
    assert np.isnan(over.loc["all", "max_regret"]) and over.loc["P06", "rank_worst"] == 2.5
    assert over.loc["none", "futures_met"] == 0.0 and over.loc["none", "futures"] == 9
    assert over.loc["P10", "futures_met"] == pytest.approx(1 / 3)  # in vision2 under all three seeds
    said = found.notes["run_times"]["sustained"]
    assert said["first"] == {"baseline": "P03", "trend": "P06", "vision2": "P10"} and said["same_first"] == 0.0
    assert said["kendall_w"] == pytest.approx(0.0, abs=1e-12)
    assert ["P03", "P06"] in said["reversed"]["trend"]


def test_the_same_ranking_everywhere_agrees_and_leaves_no_regret(tmp_path: Path) -> None:
    experiment = question(tmp_path)
    worth = {
        (name, key): gain for name in ("baseline", "trend", "vision2") for key, gain in (("P03", 300.0), ("P06", 200.0))
    }
    found = crossing(experiment, table(experiment, worth, noise=1.0), vision=None)
    said = found.notes["run_times"]["plan"]
    assert said["kendall_w"] == said["kendall_w_low"] == pytest.approx(1.0) and said["same_first"] == 1.0
    over = found.tables["regret.csv"].set_index(["run_time", "arm"])
    assert over.loc[("plan", "P03"), ["max_regret", "high"]].tolist() == [0.0, 0.0]
    assert over["futures_met"].isna().all()


def test_drawn_futures_are_counted_apart(tmp_path: Path) -> None:
    experiment = question(tmp_path, TEXT + "draws = 4\n")
    found = crossing(experiment, table(experiment, {("vision2", "P10"): 250.0}), vision=220_000.0)
    over = found.tables["regret.csv"].query("run_time == 'sustained'").set_index("arm")
    assert over.loc["P10", "futures_drawn"] == 12 and over.loc["P10", "futures_met_drawn"] == pytest.approx(1 / 3)
    plan = found.tables["regret.csv"].query("run_time == 'plan'")
    assert (plan["futures_drawn"] == 0).all() and plan["futures_met_drawn"].isna().all()


def test_a_missing_run_is_named(tmp_path: Path) -> None:
    experiment = question(tmp_path)
    rows = table(experiment, {})
    lost = rows[~((rows["scenario"] == "trend") & (rows["arm"] == "P06") & (rows["replication"] == 2))]
    with pytest.raises(InputError, match="trend"):
        crossing(experiment, lost, vision=None)


@settings(deadline=None, max_examples=20)
@given(n=st.integers(2, 8), spread=st.floats(0.1, 1e4))
def test_draws_of_chance_have_the_interval_of_student(n: int, spread: float) -> None:
    from machi.analysis.paired import estimate

    effects = np.random.default_rng(n).normal(5.0, spread, (1, 1, n))
    low, high = np.percentile(chance(effects, 3, 40_000)[:, 0, 0], (5.0, 95.0))
    one = estimate(effects[0, 0])
    assert (low - one.mean) / (one.low - one.mean) == pytest.approx(1.0, abs=0.1)  # about three standard errors
    assert (high - one.mean) / (one.high - one.mean) == pytest.approx(1.0, abs=0.1)


def test_bounds_hold_the_point() -> None:
    low, high = bounds(np.array([0.0, 9.0]), np.array([[1.0, 1.0], [2.0, 2.0]]))
    assert low.tolist() == [0.0, 1.0] and high.tolist() == [2.0, 9.0]


def made_up(folder: Path) -> Path:
    """A result folder with the tables of scenarios, of made-up runs."""
    write_result(folder)
    keys = [row[0] for row in PACKAGES]
    text = TEXT.replace('["P03", "P06", "P10"]', json.dumps(keys)).replace("P03+P06", f"{keys[0]}+{keys[1]}")
    experiment = question(folder.parent, text.replace("P06+P10", f"{keys[0]}+{keys[2]}"))
    worth = {(name, key): 500.0 - 20.0 * k for name in ("baseline", "trend") for k, key in enumerate(keys)}
    found = crossing(experiment, table(experiment, worth, noise=5.0), vision=220_000.0)
    for name, one in found.tables.items():
        one.to_csv(folder / name, index=False)
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    names = {"baseline": ("基準推計", "Baseline"), "trend": ("趨勢", "Trend"), "vision2": ("展望", "<b>Vision</b>")}
    told = {key: {"name_ja": ja, "name_en": en} for key, (ja, en) in names.items()}
    content["notes"]["scenarios"] = plain({**found.notes, "names": told})
    seal(folder, content)
    return folder


def test_the_page_sets_the_futures_side_by_side(tmp_path: Path) -> None:
    text = write_report(made_up(tmp_path / "result")).read_text(encoding="utf-8")
    assert text.count('data-table="scenarios"') == 2 and text.count('data-table="scenarios_ranks"') == 2
    assert "Would the ranking change in another future?" in text and "将来の想定が違っても順位は同じか" in text
    assert "<b>Vision</b>" not in text and "&lt;b&gt;Vision" in text


def test_both_languages_have_the_same_words() -> None:
    words = tomllib.loads((ROOT / "machi/report/scenarios.toml").read_text(encoding="utf-8"))
    assert words["ja"].keys() == words["en"].keys()


def test_every_arm_has_a_kind(tmp_path: Path) -> None:
    kinds = kinds_of(question(tmp_path))
    assert kinds["none"] == "none" and kinds["all_but_P03"] == "all_but_one" and kinds["P06+P10"] == "portfolio"
