"""Draws of what we do not know: quantiles, correlation, null spikes, and what a draw depends on."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS, Kind
from machi.policy.package import effect_id, read_packages
from machi.policy.priors import Z_95, central, draw_thetas, split_normal
from machi.policy.shared import read_shared

POLICIES = Path(__file__).parents[1] / "policies"
PACKAGES = read_packages(POLICIES / "iwaki")
SHARED = read_shared(POLICIES / "shared.toml")
THETAS = draw_thetas(PACKAGES, SHARED, 1_500, 11)
ROWS = {effect_id(p, m, e): e for p in PACKAGES for m in p.measures for e in m.effects if e.modelled and e.moves}
GRADES = {f"{p.key}/{m.key}": m.worst_grade for p in PACKAGES for m in p.measures}


Range = tuple[float, float, float]


def in_order(low: float, first: float, second: float) -> Range:
    return low, low + first, low + first + second


sizes = st.floats(0.01, 100.0)
ranges = st.builds(in_order, sizes, st.floats(0.0, 100.0), st.floats(0.0, 100.0))


@settings(deadline=None)
@given(ends=ranges, multiplier=st.booleans())
def test_low_central_and_high_are_the_5_50_and_95_percent_quantiles(ends: Range, multiplier: bool) -> None:
    kind: Kind = "multiplier" if multiplier else "amount"
    drawn = [split_normal(normal, *ends, kind) for normal in (-Z_95, 0.0, Z_95)]
    assert drawn == pytest.approx(ends)


@settings(deadline=None)
@given(ends=ranges, pair=st.tuples(st.floats(-4, 4), st.floats(-4, 4)))
def test_a_larger_normal_never_gives_a_smaller_value(ends: Range, pair: tuple[float, float]) -> None:
    smaller, larger = (split_normal(normal, *ends, "multiplier") for normal in sorted(pair))
    assert smaller <= larger * (1 + 1e-12)


@pytest.mark.parametrize("key", sorted(ROWS))
def test_drawn_effects_keep_the_published_quantiles(key: str) -> None:
    row = ROWS[key]
    drawn = np.array([theta.effects[key] for theta in THETAS])
    for probability, expected in zip((0.05, 0.5, 0.95), (row.low, row.central, row.high), strict=True):
        below = np.mean(drawn <= expected + 1e-12), np.mean(drawn < expected - 1e-12)
        assert below[1] - 0.035 < probability < below[0] + 0.035
    lever = LEVERS[LEVER_INDEX[str(row.moves)]]
    assert drawn.min() >= lever.low and drawn.max() <= lever.high


def test_shared_parameters_and_costs_keep_their_quantiles() -> None:
    for parameter in SHARED.parameters:
        if parameter.modelled:
            drawn = [theta.parameters[parameter.key] for theta in THETAS]
            assert np.mean(np.array(drawn) <= parameter.central) == pytest.approx(0.5, abs=0.05)
            assert parameter.bound_low <= min(drawn) and max(drawn) <= parameter.bound_high
    for package in PACKAGES:
        costs = np.array([theta.cost[package.key] for theta in THETAS])
        cost = package.cost_million_yen_per_year
        assert np.mean(costs < cost.low) == pytest.approx(0.05, abs=0.025)
        assert np.median(costs) == pytest.approx(math.sqrt(cost.low * cost.high), rel=0.12)
        assert np.mean(costs > cost.high) == pytest.approx(0.05, abs=0.025)


def test_rows_of_a_measure_rise_together_and_measures_of_a_package_correlate_weakly() -> None:
    def rank(key: str) -> np.ndarray:
        return np.argsort(np.argsort([theta.effects[key] for theta in THETAS]))

    grant, child = rank("P03/birth_grant/birth_hazard_p1"), rank("P03/childcare/birth_hazard_p1")
    assert np.array_equal(grant, rank("P03/birth_grant/birth_hazard_p2plus"))
    assert 0.2 < np.corrcoef(grant, child)[0, 1] < 0.4
    assert abs(np.corrcoef(grant, rank("P06/migration_centre/family_inmig"))[0, 1]) < 0.08


def test_a_measure_works_in_all_its_rows_or_in_none_whatever_their_direction() -> None:
    slots = np.array([theta.effects["P04/health_jobs/vacancies_health"] for theta in THETAS])
    leaving = np.array([theta.effects["P04/care_security/outmig_25_44_families"] for theta in THETAS])
    assert np.corrcoef(np.argsort(np.argsort(slots)), np.argsort(np.argsort(leaving)))[0, 1] < -0.15


@pytest.mark.parametrize(("grade", "chance"), [("B", 0.1), ("C", 0.25), ("D", 0.5)])
def test_null_spikes_come_as_often_as_the_worst_grade_says(grade: str, chance: float) -> None:
    measures = [name for name, each in GRADES.items() if each == grade]
    share = np.mean([[name in theta.spiked for name in measures] for theta in THETAS])
    assert share == pytest.approx(chance, abs=0.02)


@settings(deadline=None)
@given(count=st.integers(1, 6), seed=st.integers(0, 2**32))
def test_a_draw_depends_on_its_number_only(count: int, seed: int) -> None:
    few = draw_thetas(PACKAGES[:2], SHARED, count, seed)
    assert few == draw_thetas(PACKAGES[:2], SHARED, 6, seed)[:count]


def test_a_draw_does_not_depend_on_which_other_packages_there_are() -> None:
    alone = draw_thetas(PACKAGES[4:5], SHARED, 5, 11)
    for one, every in zip(alone, THETAS, strict=False):
        assert one.parameters == every.parameters and one.cost["P05"] == every.cost["P05"]
        assert all(every.effects[key] == value for key, value in one.effects.items())
        assert one.spiked == {name for name in every.spiked if name.startswith("P05/")}


def test_another_seed_gives_other_draws() -> None:
    assert draw_thetas(PACKAGES, SHARED, 1, 1)[0].effects != draw_thetas(PACKAGES, SHARED, 1, 2)[0].effects


def test_equal_width_gives_every_effect_half_to_one_and_a_half_of_its_centre_and_no_spike() -> None:
    drawn = draw_thetas(PACKAGES, SHARED, 300, 5, "equal_width")
    assert not any(theta.spiked for theta in drawn)
    for key, row in ROWS.items():
        values = np.array([theta.effects[key] for theta in drawn])
        multiplier = LEVERS[LEVER_INDEX[str(row.moves)]].kind == "multiplier"
        factor = np.log(values) / np.log(row.central) if multiplier else values / row.central
        assert factor.min() >= 0.5 - 1e-9 and factor.max() <= 1.5 + 1e-9
        assert factor.mean() == pytest.approx(1.0, abs=0.06)


def test_central_values_are_the_evidence_s_own() -> None:
    theta = central(PACKAGES, SHARED)
    assert theta.effects == {key: row.central for key, row in ROWS.items()}
    assert not theta.spiked and theta.cost["P03"] == pytest.approx(math.sqrt(250 * 2000))


def test_an_unknown_prior_and_negative_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="prior"):
        draw_thetas(PACKAGES, SHARED, 1, 1, "guess")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="negative"):
        draw_thetas(PACKAGES, SHARED, 1, -1)
