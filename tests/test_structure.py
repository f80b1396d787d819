"""Structural parameters: draws stay in their ranges, the central town is the town, a known dependence is found."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.errors import InputError
from abm.known.structure import as_table, draw_figures, drawn, structural_parameters
from abm.known.town import Town, read_town
from abm.reading.sources import ASSUMPTIONS, read_assumptions
from machi.analysis.concordance import kendall_tau, kendall_w, ranks_of, spearman
from machi.analysis.dependence import chance_bound, dependence

ROOT = Path(__file__).resolve().parent.parent
KEYS = ("A", "B", "C", "D")
DRAWS = 60


@cache
def town() -> Town:
    """Iwaki as shipped."""
    return read_town(ROOT / "towns/iwaki", ROOT / "towns/japan")


def test_every_range_of_both_files_is_a_structural_parameter() -> None:
    names = {one.name for one in structural_parameters(town())}
    assert {"pull.elasticity", "marriage.acceptance", "assumptions.search_success"} <= names
    assert not any(name.startswith("estimation.") for name in names)
    ranged = sum(len(shape.ranges) for shape in town().japan.behaviour.values())
    assert len(names) == ranged + len(town().japan.assumptions)
    for one in structural_parameters(town()):
        assert one.en and one.ja and one.source and one.low < one.high


@settings(deadline=None, max_examples=25)
@given(number=st.integers(0, 10_000), seed=st.integers(1, 2**31 - 1))
def test_a_drawn_town_keeps_every_value_inside_its_range(number: int, seed: int) -> None:
    parameters = structural_parameters(town())
    other = drawn(town(), draw_figures(parameters, number, seed))
    for one in structural_parameters(other):
        assert one.low <= one.value <= one.high, one.name
    assert other.setting.behaviour is other.japan.behaviour and other.setting.assumptions is other.japan.assumptions


def test_a_draw_depends_on_its_number_and_name_only() -> None:
    parameters = structural_parameters(town())
    whole = draw_figures(parameters, 7, 3)
    assert draw_figures(reversed(parameters), 7, 3) == whole
    assert draw_figures(parameters[5:9], 7, 3).items() <= whole.items()
    assert draw_figures(parameters, 8, 3) != whole and draw_figures(parameters, 7, 4) != whole
    assert as_table(parameters, 8, 3)[:, 7].tolist() == [whole[one.name] for one in parameters]


def test_draws_have_their_median_at_the_value() -> None:
    """The share of draws below the value is one half: 4 standard errors of 400 draws are 0.1."""
    parameters = structural_parameters(town())
    below = (as_table(parameters, 400, 11) < np.array([[one.value] for one in parameters])).mean(axis=1)
    inside = [k for k, one in enumerate(parameters) if one.low < one.value < one.high]
    assert np.abs(below[inside] - 0.5).max() < 0.1


def test_the_central_draw_is_the_town_itself() -> None:
    central = {one.name: one.value for one in structural_parameters(town())}
    assert drawn(town(), {}) is town()
    other = drawn(town(), central)
    assert other.japan.assumptions == town().japan.assumptions
    for name, shape in town().japan.behaviour.items():
        assert dict(other.japan.behaviour[name]._fields) == dict(shape._fields)


def test_the_central_town_is_founded_and_aligned_to_the_bit() -> None:
    from abm.alignment import align
    from abm.founding.found import found
    from abm.known.scenario import read_scenario
    from abm.reading.stored import flattened

    scenario = read_scenario(ROOT / "towns/iwaki/scenarios/baseline.toml")
    central = drawn(town(), {one.name: one.value for one in structural_parameters(town())})
    arms = [align(one, scenario, 2015, 2017, found(one, fraction=0.01)) for one in (town(), central)]
    one, other = (flattened(arm) for arm in arms)
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(("number", "seed"), [(-1, 1), (0, 0)])
def test_a_negative_draw_and_a_seed_below_one_are_refused(number: int, seed: int) -> None:
    with pytest.raises(InputError, match="structure: draw"):
        draw_figures(structural_parameters(town()), number, seed)


def test_a_figure_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match=r"pull\.elastisity"):
        drawn(town(), {"pull.elastisity": 0.1})


def test_an_assumption_that_no_rule_reads_gets_one_sentence(tmp_path: Path) -> None:
    text = (ROOT / "towns/japan/assumptions.toml").read_text(encoding="utf-8")
    (tmp_path / "assumptions.toml").write_text(text.replace("[search_success]", "[search_sucess]"), encoding="utf-8")
    with pytest.raises(InputError, match=r"search_sucess.*no rule reads.*search_success") as error:
        read_assumptions(tmp_path)
    assert "\n" not in str(error.value)


def test_every_listed_assumption_is_read_by_a_rule() -> None:
    """A rule reads it by name, or the founding's `Assumed` has a field of this name."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "abm").rglob("*.py") if path.stem != "sources")
    assert [key for key in ASSUMPTIONS if f'"{key}"' not in code and f"about.{key}" not in code] == []
    assert set(read_assumptions(ROOT / "towns/japan")) == set(ASSUMPTIONS)


def synthetic_runs(values: np.ndarray, noise: float, seed: int = 1) -> pd.DataFrame:
    """Runs in which A's effect rises with the first parameter past those of B, C and D, which do not move."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    effects = {
        "A": 200.0 * values[0],
        "B": np.full(DRAWS, 150.0),
        "C": np.full(DRAWS, 100.0),
        "D": np.full(DRAWS, 50.0),
    }
    for theta in range(DRAWS):
        for r in (1, 2):
            base = 1000.0 + rng.normal() * 50
            cell = {"design": "structure", "run_time": "sustained", "theta": theta, "replication": r}
            rows.append({**cell, "arm": "none", "population": base})
            for key in KEYS:
                here = base + effects[key][theta] + noise * rng.normal()
                rows.append({**cell, "arm": key, "population": here})
    return pd.DataFrame(rows)


def parameters_of(number: int) -> Any:
    """Some real parameters whose values the synthetic draws replace."""
    return structural_parameters(town())[:number]


def test_a_known_dependence_is_found_and_nothing_else() -> None:
    rng = np.random.default_rng(5)
    values = rng.uniform(0.0, 1.0, (8, DRAWS))
    found = dependence(synthetic_runs(values, 5.0), "sustained", KEYS, parameters_of(8), values, 3)
    first = parameters_of(8)[0].name
    assert found.notes["depends_on"] == [first]
    row = found.table[(found.table["package"] == "A") & (found.table["parameter"] == first)].iloc[0]
    assert row["rho_rank_low"] > 0.8 and row["rho_effect"] > 0.9 and bool(row["depends"])
    assert row["rank_low_third"] > row["rank_high_third"] and row["effect_low_third"] < row["effect_high_third"]
    assert 0.3 < found.notes["kendall_w"] < 1.0 and found.notes["draws"] == DRAWS


def test_without_any_dependence_chance_alone_names_nothing() -> None:
    """The bound holds the family: of ten such tables about one may name a parameter."""
    rng = np.random.default_rng(9)
    named = 0
    for trial in range(4):
        values = rng.uniform(0.0, 1.0, (8, DRAWS))
        runs = synthetic_runs(np.full((1, DRAWS), 0.6), 40.0, trial)
        named += bool(dependence(runs, "sustained", KEYS, parameters_of(8), values, 3).notes["depends_on"])
    assert named <= 2


def test_the_bound_falls_with_draws() -> None:
    rng = np.random.default_rng(2)
    bounds = []
    for draws in (12, 100):
        effects, values = rng.normal(size=(4, draws)), rng.normal(size=(10, draws))
        bounds.append(chance_bound(ranks_of(effects), values, np.random.default_rng(1)))
    assert 0.0 < bounds[1] < bounds[0] <= 1.0


def test_coefficients_are_those_of_the_textbook() -> None:
    from scipy import stats

    rng = np.random.default_rng(4)
    one, other = rng.normal(size=(3, 20)), rng.normal(size=(2, 20)).round(1)
    for i in range(3):
        for j in range(2):
            assert spearman(one, other)[i, j] == pytest.approx(stats.spearmanr(one[i], other[j]).statistic)
    assert spearman(np.ones((1, 5)), np.arange(5.0)[None])[0, 0] == 0.0
    agreed = np.tile(ranks_of(np.array([3.0, 9.0, 1.0]))[:, None], 4)
    assert agreed[:, 0].tolist() == [2.0, 1.0, 3.0] and kendall_w(agreed) == pytest.approx(1.0)
    opposed = np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]])
    assert kendall_w(opposed) == pytest.approx(0.0) and kendall_tau(opposed[:, 0], opposed[:, 1]) == -1.0
    tied = rng.integers(0, 4, (2, 12)).astype(float)
    assert kendall_tau(tied[0], tied[1]) == pytest.approx(stats.kendalltau(tied[0], tied[1]).statistic)
