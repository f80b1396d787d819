"""The ranking of a made-up town whose right answer is known."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from abm.errors import InputError
from machi.analysis.ranking import RankingResult, rank
from machi.questions.samples import problem

KEYS = ["P01", "P02", "P03", "P04"]
EFFECTS = np.array([500.0, 2000.0, -300.0, 520.0])  # P04 and P01 cannot be told apart
START, GAP = 170_000.0, 47_000.0
META = [
    {"key": key, "name_ja": f"施策{key}", "name_en": f"Package {key}", "grade": grade}
    for key, grade in zip(KEYS, "BCDC", strict=True)
]
HEADER = (
    "package,name_ja,name_en,grade,mu,mu_low,mu_high,rank_mu,mu_star,sigma,effect,effect_mc_low,effect_mc_high,"
    "effect_low,effect_high,rank_alone,p_top3,total_index,total_index_low,total_index_high,cost_million_yen,"
    "people_per_100_million_yen"
)


def made_up_town(noise: float = 20.0, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Runs and strengths in which strength s adds s times an effect, with noise and a town's luck."""
    from SALib.sample import morris, sobol

    rng = np.random.default_rng(seed)
    arms = {"none": np.zeros(4), **{key: np.eye(4)[i] for i, key in enumerate(KEYS)}, "all": np.ones(4)}
    luck = rng.normal(0.0, 300.0, 1000)
    rows: list[dict[str, object]] = []

    def run(
        design: str, time: str, arm: str, sample: int, theta: int, seed: int, s: np.ndarray, size: np.ndarray
    ) -> None:
        people = START + luck[seed] + float(s @ size) + (rng.normal(0.0, noise) if (s * size).any() else 0.0)
        rows.append({
            "design": design, "run_time": time, "arm": arm, "sample": sample, "theta": theta,
            "replication": seed, "fraction": 1.0, "population": people, "births": people / 100.0,
            "population_2030": START * 1.5 + luck[seed] + float(s @ size) / 4.0,
            "cost_million_yen": float(s @ np.array([100.0, 1000.0, 50.0, 0.0])), "seconds": rng.random(),
        })  # fmt: skip

    for replication in range(1, 7):
        for arm, s in arms.items():
            run("alone", "sustained", arm, -1, -1, replication, s, EFFECTS)
            if arm != "none":
                run("alone", "plan", arm, -1, -1, replication, s, EFFECTS[::-1] / 10.0)
    for theta in range(60):
        size = EFFECTS * rng.uniform(0.5, 1.5, 4)
        size[2] = 0.0 if theta % 4 == 0 else size[2]
        for replication in (1 + 2 * theta, 2 + 2 * theta):
            for arm, s in arms.items():
                run("predictive", "sustained", arm, -1, theta, replication, s, size)
    designs = {
        "morris": morris.sample(problem(tuple(KEYS)), 20, seed=1),
        "sobol": sobol.sample(problem(tuple(KEYS)), 32, calc_second_order=False, seed=1),
    }
    for name, sample in designs.items():
        for i, s in enumerate(sample):
            for replication in range(1, 5):
                run(name, "sustained", f"{name[0]}{i:04d}", i, -1, replication, s, EFFECTS)
    strengths = pd.concat([
        pd.DataFrame(sample, columns=KEYS).assign(design=name, sample=range(len(sample)))
        for name, sample in designs.items()
    ])  # fmt: skip
    return pd.DataFrame(rows), strengths


@pytest.fixture(scope="module")
def town() -> tuple[pd.DataFrame, pd.DataFrame]:
    return made_up_town()


@pytest.fixture(scope="module")
def result(town: tuple[pd.DataFrame, pd.DataFrame]) -> RankingResult:
    return rank(*town, META, seed=1, horizon_gap={2030: 8000, 2060: GAP})


def test_the_ranking_finds_the_known_order_and_sizes(result: RankingResult) -> None:
    table = result.ranking.set_index("package")
    assert ",".join(result.ranking.columns) == HEADER
    assert result.ranking["rank_mu"].tolist() == [1, 2, 3, 4]
    assert result.ranking["package"].iloc[0] == "P02" and result.ranking["package"].iloc[-1] == "P03"
    truth = pd.Series(EFFECTS, index=KEYS)
    for column in ("mu", "effect"):
        assert np.allclose(table[column], truth[table.index], atol=60.0)
    for name in ("mu", "effect_mc", "effect"):
        assert (table[f"{name}_low"] <= table[f"{name}_high"]).all()
    assert table.loc["P02", "rank_alone"] == 1 and table.loc["P02", "name_ja"] == "施策P02"
    share = EFFECTS**2 / (EFFECTS**2).sum()  # without interaction the total index is the share of variance
    assert np.allclose(table.loc[KEYS, "total_index"], share, atol=0.25)


def test_cost_is_that_of_the_package_and_free_packages_have_no_price(result: RankingResult) -> None:
    table = result.ranking.set_index("package")
    assert table.loc["P02", "cost_million_yen"] == 1000.0
    expected = table.loc["P02", "effect"] / 1000.0 * 100.0
    assert table.loc["P02", "people_per_100_million_yen"] == pytest.approx(expected)
    assert math.isnan(table.loc["P04", "people_per_100_million_yen"])


def test_the_predictive_interval_shows_the_evidence_not_the_computer(result: RankingResult) -> None:
    table = result.ranking.set_index("package")
    assert table.loc["P02", "effect_low"] == pytest.approx(1100.0, abs=150.0)  # 5 % of 2000 x U(0.5, 1.5)
    assert table.loc["P02", "effect_high"] == pytest.approx(2900.0, abs=150.0)
    assert table.loc["P03", "effect_high"] == 0.0  # one draw in four has no effect at all
    assert table.loc["P02", "p_top3"] == pytest.approx(1.0) and table.loc["P03", "p_top3"] < 0.1
    assert result.sensitivity["predictive"]["null_share"]["P03"] == pytest.approx(0.25)


def test_packages_that_cannot_be_put_in_order_are_ties(result: RankingResult) -> None:
    assert result.notes["ties"] == [["P01", "P04"]]
    for row in result.sensitivity["predictive"]["p_rank"]:
        assert sum(row) == pytest.approx(1.0)


def test_the_plan_is_ranked_beside_against_the_same_reference_arm(result: RankingResult) -> None:
    table = result.ranking_plan
    assert table.columns.tolist() == [
        "package", "effect", "effect_mc_low", "effect_mc_high", "rank_alone", "cost_million_yen",
    ]  # fmt: skip
    assert table["package"].iloc[0] == "P03" and table["rank_alone"].tolist() == [1, 2, 3, 4]
    assert np.allclose(table.set_index("package").loc[KEYS, "effect"], EFFECTS[::-1] / 10.0, atol=50.0)


def test_the_sum_of_all_stands_beside_the_gap(result: RankingResult) -> None:
    notes = result.notes
    assert notes["sum_of_all"]["2060"] == pytest.approx(EFFECTS.sum(), abs=60.0)
    assert notes["sum_of_all"]["2030"] == pytest.approx(EFFECTS.sum() / 4.0)
    assert notes["sum_of_alone"]["2030"] == pytest.approx(EFFECTS.sum() / 4.0)
    assert notes["gap"] == {"2030": 8000.0, "2060": GAP}
    reached = notes["reached_share"]["2060"]
    assert reached["share"] == pytest.approx(notes["sum_of_all"]["2060"] / GAP)
    assert reached["low"] < reached["share"] < reached["high"]


def test_the_summary_covers_arms_run_times_and_outcomes(result: RankingResult) -> None:
    assert result.summary.columns.tolist() == ["arm", "run_time", "outcome", "mean", "mc_low", "mc_high", "n"]
    assert len(result.summary) == (6 + 5) * 4 and (result.summary["n"] == 6).all()
    assert set(result.summary["outcome"]) == {"population", "births", "population_2030", "cost_million_yen"}


def test_trees_are_json_without_nan(result: RankingResult) -> None:
    for tree in (result.notes, result.sensitivity):
        assert json.loads(json.dumps(tree, allow_nan=False)) == tree
    assert result.notes["replications_for_5_percent"]["P02"] >= 1
    assert set(result.sensitivity["sobol"]["convergence"]) == {"8", "16", "32"}


def test_same_seed_same_bytes_whatever_the_order_of_rows(
    town: tuple[pd.DataFrame, pd.DataFrame], result: RankingResult
) -> None:
    runs, strengths = town
    again = rank(
        runs.sample(frac=1.0, random_state=2), strengths.sample(frac=1.0, random_state=3), META, seed=1,
        horizon_gap={"2030": 8000, "2060": GAP},
    )  # fmt: skip
    for name in ("ranking", "ranking_plan", "summary"):
        assert getattr(again, name).to_csv() == getattr(result, name).to_csv()
    assert json.dumps(again.notes) == json.dumps(result.notes)
    assert json.dumps(again.sensitivity) == json.dumps(result.sensitivity)


def test_a_town_that_no_policy_moves_has_zero_everywhere() -> None:
    runs, strengths = made_up_town()
    runs["population"] = START
    found = rank(runs, strengths, META, seed=1)
    for column in ("mu", "effect", "effect_low", "effect_high"):
        assert (found.ranking[column] == 0.0).all()
    assert found.ranking["total_index"].isna().all() and found.notes["too_noisy_to_rank"]
    assert found.notes["replications_for_5_percent"]["P01"] is None
    assert found.notes["replications_reason"]["P01"] == "the effect is zero"


def test_a_horizon_before_2030_leaves_2030_out(town: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    runs, strengths = town
    found = rank(runs.assign(population_2030=np.nan), strengths, META, seed=1, horizon=2025)
    assert list(found.notes["sum_of_all"]) == ["2025"]


@pytest.mark.parametrize("design", ["alone", "predictive", "morris", "sobol"])
def test_a_lost_run_is_refused(town: tuple[pd.DataFrame, pd.DataFrame], design: str) -> None:
    runs, strengths = town
    lost = runs.index[(runs["design"] == design) & (runs["arm"] != "none")][7]
    with pytest.raises(InputError, match="replications") as caught:
        rank(runs.drop(index=lost), strengths, META, seed=1)
    assert "runs.parquet" in str(caught.value)


def test_a_run_there_twice_a_lost_arm_and_a_lost_design_are_refused(
    town: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    runs, strengths = town
    with pytest.raises(InputError, match="more than once"):
        rank(pd.concat([runs, runs.iloc[:1]]), strengths, META, seed=1)
    with pytest.raises(InputError, match="no arm `P03`"):
        rank(runs[runs["arm"] != "P03"], strengths, META, seed=1)
    for design in ("alone", "predictive", "morris", "sobol"):
        with pytest.raises(InputError, match=r"runs\.parquet"):
            rank(runs[runs["design"] != design], strengths, META, seed=1)


def test_a_lost_sample_is_refused(town: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    runs, strengths = town
    for design in ("morris", "sobol"):
        some = (runs["design"] == design) & (runs["sample"] == 3)
        with pytest.raises(InputError, match="sample 3"):
            rank(runs[~some], strengths, META, seed=1)
        drawn = (strengths["design"] == design) & (strengths["sample"] == 3)
        with pytest.raises(InputError, match="sample 3"):
            rank(runs, strengths[~drawn], META, seed=1)
        last = strengths.loc[strengths["design"] == design, "sample"].max()
        short = (runs["design"] == design) & (runs["sample"] == last)
        cut = (strengths["design"] == design) & (strengths["sample"] == last)
        with pytest.raises(InputError, match="sample is missing"):
            rank(runs[~short], strengths[~cut], META, seed=1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_outcome_that_is_not_finite_is_refused(town: tuple[pd.DataFrame, pd.DataFrame], bad: float) -> None:
    runs, strengths = town
    for column in ("population", "births", "population_2030"):
        broken = runs.copy()
        broken.loc[broken.index[40], column] = bad
        with pytest.raises(InputError, match=f"`{column}` is not finite"):
            rank(broken, strengths, META, seed=1)


def test_a_result_cannot_be_rewritten(result: RankingResult) -> None:
    with pytest.raises(AttributeError):
        result.notes = {}  # type: ignore[misc]
    assert replace(result, notes={}).notes == {}
