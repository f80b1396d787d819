"""Strengths become levers: nothing at zero, more with more, products, ends, stocks and costs."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS, check, neutral
from machi.policy.package import read_packages
from machi.policy.portfolio import LeverPaths, RunTime, Theta, levers_by_year, slot_flows
from machi.policy.priors import central, draw_thetas
from machi.policy.shared import read_shared
from machi.policy.terms import advance, course

POLICIES = Path(__file__).parents[1] / "policies"
PACKAGES = read_packages(POLICIES / "iwaki")
SHARED = read_shared(POLICIES / "shared.toml")
CENTRAL = central(PACKAGES, SHARED)
DRAWS = draw_thetas(PACKAGES, SHARED, 4, 7)
KEYS = [package.key for package in PACKAGES]
ALL = dict.fromkeys(KEYS, 1.0)
MULTIPLIERS = [column for column, lever in enumerate(LEVERS) if lever.kind == "multiplier"]

strengths = st.floats(0.0, 1.0)
thetas = st.sampled_from([CENTRAL, *DRAWS])
run_times: st.SearchStrategy[RunTime] = st.sampled_from(["plan", "sustained"])


def paths(given: dict[str, float], theta: Theta = CENTRAL, run_time: RunTime = "sustained") -> LeverPaths:
    return levers_by_year(PACKAGES, given, theta, run_time, 2015, 2060)


def lever(array: np.ndarray, key: str, year: int) -> float:
    return float(array[year - 2015, LEVER_INDEX[key]])


@settings(deadline=None)
@given(theta=thetas, run_time=run_times, some=st.sets(st.sampled_from(KEYS)))
def test_no_strength_changes_nothing_to_the_last_bit(theta: Theta, run_time: RunTime, some: set[str]) -> None:
    off = paths(dict.fromkeys(some, 0.0), theta, run_time)
    assert off.array.tobytes() == neutral(45).tobytes()
    assert not off.cost_million_yen.any()


@settings(deadline=None)
@given(key=st.sampled_from(KEYS), theta=thetas, run_time=run_times, pair=st.tuples(strengths, strengths))
def test_more_strength_moves_every_lever_further(
    key: str, theta: Theta, run_time: RunTime, pair: tuple[float, float]
) -> None:
    weak, strong = (paths({key: strength}, theta, run_time) for strength in sorted(pair))
    step = np.abs(strong.array - neutral(45)) - np.abs(weak.array - neutral(45))
    assert (step >= -1e-12).all()
    assert (strong.cost_million_yen >= weak.cost_million_yen).all()


@settings(deadline=None)
@given(left=st.sampled_from(KEYS), right=st.sampled_from(KEYS), pair=st.tuples(strengths, strengths))
def test_packages_multiply_and_saturate_only_where_effects_are_large(
    left: str, right: str, pair: tuple[float, float]
) -> None:
    if left == right:
        return
    both = paths({left: pair[0], right: pair[1]}).array[:, MULTIPLIERS]
    product = paths({left: pair[0]}).array[:, MULTIPLIERS] * paths({right: pair[1]}).array[:, MULTIPLIERS]
    assert np.allclose(both, product, rtol=6e-4)  # of effects of up to 7 percent together
    assert (np.abs(np.log(both)) <= np.abs(np.log(product)) + 1e-12).all()


def test_saturation_bends_towards_its_cap() -> None:
    strong = dict(CENTRAL.effects)
    for key in strong:
        if key.endswith("family_inmig"):
            strong[key] = 3.0
    theta = Theta(None, strong, frozenset(), CENTRAL.cost, CENTRAL.parameters, SHARED)
    assert 1.4 < lever(paths(ALL, theta).array, "arrivals_families", 2050) < 1.5


def test_a_small_effect_is_nearly_unchanged_by_saturation() -> None:
    assert lever(paths({"P06": 1.0}).array, "arrivals_families", 2050) == pytest.approx(1.04, abs=2e-4)


@settings(deadline=None)
@given(strength=strengths)
def test_strength_is_an_exponent_an_amount_a_logit_and_a_price(strength: float) -> None:
    array, cost = paths({"P03": strength, "P02": strength})
    assert lever(array, "matchmaking", 2050) == pytest.approx(1.01**strength)
    assert lever(array, "foreign_arrivals", 2050) == pytest.approx(40.0 * strength)
    drawn = DRAWS[0]
    kept = lever(paths({"P02": strength}, drawn).array, "foreign_retention", 2050)
    value = drawn.parameters["foreign_retention"]
    assert math.log(kept / (1 - kept)) == pytest.approx(strength * math.log(value / (1 - value)), abs=1e-9)
    assert cost[2050 - 2015] == pytest.approx(strength * (math.sqrt(250 * 2000) + math.sqrt(20 * 120)))


def test_all_job_rows_together_are_about_295_slots_a_year() -> None:
    flows = slot_flows(PACKAGES, ALL, CENTRAL, "sustained", np.arange(2021, 2060))
    assert flows[-1].sum() == pytest.approx(295.5)
    assert flows[-1].sum() * CENTRAL.parameters["net_movers_per_slot"] == pytest.approx(75, abs=2)
    assert flows[-1, LEVER_INDEX["slots_manufacturing"]] == pytest.approx(130)
    assert flows[-1, LEVER_INDEX["slots_services"]] == pytest.approx(39)


def test_slots_pile_up_and_are_lost_at_five_percent_a_year() -> None:
    array = paths({"P10": 1.0}, run_time="plan").array
    assert lever(array, "slots_manufacturing", 2022) == 0.0
    assert lever(array, "slots_manufacturing", 2023) == pytest.approx(130 / 4)
    assert lever(array, "slots_manufacturing", 2024) == pytest.approx(130 / 4 * 0.95 + 130 / 2)
    late = lever(array, "slots_manufacturing", 2041) / lever(array, "slots_manufacturing", 2040)
    assert late == pytest.approx(0.95)
    sustained = paths({"P10": 1.0}).array
    assert lever(sustained, "slots_manufacturing", 2059) > 3 * lever(array, "slots_manufacturing", 2059)


def test_slots_that_were_opened_before_the_start_are_there_at_the_start() -> None:
    late = levers_by_year(PACKAGES, ALL, CENTRAL, "sustained", 2030, 2060).array
    assert np.array_equal(late, paths(ALL).array[15:])


def test_the_plan_is_paid_five_years_and_sustained_to_the_horizon() -> None:
    both: list[tuple[RunTime, int]] = [("plan", 5), ("sustained", 39)]
    for run_time, years in both:
        cost = paths({"P01": 0.5}, run_time=run_time).cost_million_yen
        assert (cost > 0).sum() == years and cost[:6].sum() == 0.0
        assert cost.sum() == pytest.approx(0.5 * years * math.sqrt(60 * 250))


def test_lag_ramp_end_and_fade() -> None:
    row = PACKAGES[5].measures[0].effects[0]  # P06 families: one year of lag, three of ramp, five of fade
    level = course(row, 2021, 2025, np.arange(2021, 2033))
    third = 1 / 3
    assert np.allclose(level, [0, third, 2 * third, 1, 1, 1, 0.8, 0.6, 0.4, 0.2, 0, 0])
    assert np.allclose(course(row, 2021, None, np.arange(2040, 2043)), 1.0)


def test_pupils_of_the_plan_return_after_the_plan() -> None:
    array = paths({"P01": 1.0}, run_time="plan").array
    assert lever(array, "uturn", 2027) == 1.0
    assert lever(array, "uturn", 2030) > 1.005
    assert lever(array, "uturn", 2050) == 1.0


def test_a_wedding_grant_brings_weddings_forward_and_they_are_missing_afterwards() -> None:
    grant = next(measure for measure in PACKAGES[2].measures if measure.key == "birth_grant").effects[0]
    years = np.arange(2021, 2045)
    forward = advance(grant, 2021, 2025, years, 4)
    assert list(forward[:10]) == [0, 1, 1, 1, 1, 0, -1, -1, -1, -1]
    assert forward.sum() == 0.0
    assert advance(grant, 2021, None, years, 4).sum() == 4.0
    plan = paths({"P03": 1.0}, run_time="plan").array
    assert lever(plan, "marriage_search", 2025) > 1.0 > lever(plan, "marriage_search", 2029)


def test_the_share_of_births_moved_forward_is_the_mean_of_the_rows_by_their_effects() -> None:
    array = paths({"P03": 1.0}, run_time="plan").array
    shares = [lever(array, f"moved_forward_{order}", 2025) for order in ("first", "second", "third")]
    low, high = (CENTRAL.parameters[f"tempo_share_{kind}"] for kind in ("childcare", "cash"))
    assert all(0.0 < share < max(low, high) for share in shares)  # Neuvola has none, childcare little, cash a half
    assert lever(array, "childbirth_third", 2025) > 1.01 and lever(array, "childbirth_third", 2040) == 1.0
    assert lever(array, "moved_forward_third", 2040) == 0.0
    assert lever(paths({"P01": 1.0}).array, "moved_forward_first", 2030) == 0.0


def test_births_move_no_lever_below_its_course_when_a_programme_stops() -> None:
    """What is missing afterwards is missing mother by mother, in the town, and not through a second lever path."""
    array = paths({"P03": 1.0}, run_time="plan").array
    for order in ("first", "second", "third"):
        assert (array[:, LEVER_INDEX[f"childbirth_{order}"]] >= 1.0).all()


@settings(deadline=None)
@given(
    asked=st.lists(
        st.tuples(st.dictionaries(st.sampled_from(KEYS), strengths), thetas, run_times), min_size=2, max_size=6
    )
)
def test_a_portfolio_is_the_same_whatever_was_asked_for_before(
    asked: list[tuple[dict[str, float], Theta, RunTime]],
) -> None:
    together = [paths(*one) for one in asked]
    bytes_of = [(one.array.tobytes(), one.cost_million_yen.tobytes()) for one in together]
    for one in together:  # what was handed out belongs to whoever asked
        one.array[:] = one.cost_million_yen[:] = np.nan
    alone = [paths(given, replace(theta), run_time) for given, theta, run_time in reversed(asked)]
    assert [(one.array.tobytes(), one.cost_million_yen.tobytes()) for one in reversed(alone)] == bytes_of


def test_another_town_has_amounts_and_costs_of_its_size_but_the_same_multipliers() -> None:
    home = paths(ALL)
    small = levers_by_year(PACKAGES, ALL, CENTRAL, "sustained", 2015, 2060, town_population=34_000.0)
    amounts = [column for column, each in enumerate(LEVERS) if each.kind == "amount"]
    others = [column for column, each in enumerate(LEVERS) if each.kind != "amount"]
    assert np.allclose(small.array[:, amounts], home.array[:, amounts] / 10)
    assert np.array_equal(small.array[:, others], home.array[:, others])
    assert np.allclose(small.cost_million_yen, home.cost_million_yen / 10)


def test_the_pull_of_vacancies_is_drawn_only_where_extra_slots_exist() -> None:
    theta = DRAWS[1]
    column = LEVER_INDEX["vacancy_pull"]
    assert (paths({"P06": 1.0}, theta).array[:, column] == 1.0).all()
    array = paths({"P10": 1.0}, theta).array
    if "P10/job_creation" not in theta.spiked:
        assert array[-1, column] == pytest.approx(theta.parameters["net_movers_per_slot"] / 0.25)
    assert (array[:6, column] == 1.0).all()


def test_a_measure_without_effect_is_still_paid() -> None:
    spiked = frozenset(f"P10/{measure.key}" for measure in PACKAGES[9].measures)
    theta = Theta(0, CENTRAL.effects, spiked, CENTRAL.cost, CENTRAL.parameters, SHARED)
    array, cost = paths({"P10": 1.0}, theta)
    assert np.array_equal(array, neutral(45)) and cost.sum() > 0


def test_every_draw_of_the_full_portfolio_stays_within_the_levers_bounds() -> None:
    for theta in draw_thetas(PACKAGES, SHARED, 40, 3):
        check(paths(ALL, theta).array)


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_strength_outside_zero_and_one_is_refused(strength: float) -> None:
    with pytest.raises(InputError, match="strength of P03"):
        paths({"P03": strength})


def test_unknown_packages_run_times_years_and_sizes_are_refused() -> None:
    with pytest.raises(InputError, match="no package `P99`"):
        paths({"P99": 1.0})
    with pytest.raises(InputError, match="run_time"):
        levers_by_year(PACKAGES, ALL, CENTRAL, "forever", 2015, 2060)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="before the start"):
        levers_by_year(PACKAGES, ALL, CENTRAL, "plan", 2060, 2015)
    with pytest.raises(InputError, match="town_population"):
        levers_by_year(PACKAGES, ALL, CENTRAL, "plan", 2015, 2060, town_population=float("nan"))
