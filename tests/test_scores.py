"""Errors, interval scores and coverage as functions of arrays, Hamilton-Perry, and counting the register's flows."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from abm.known.area import Flow
from machi.hindcast.course import Course, between
from machi.hindcast.flows import counted
from machi.hindcast.rivals import hamilton_perry, ratios
from machi.hindcast.scores import inside, interval_score, pooled_share, relative_width, total_error, wape

SHAPE = (2, 17)
people = hnp.arrays(np.float64, SHAPE, elements=st.floats(1, 1e6))
shares = hnp.arrays(np.float64, SHAPE, elements=st.floats(0, 1))
scales = st.floats(0.01, 100)
KNOWN = date(2000, 1, 1)


@given(people)
def test_a_perfect_forecast_has_no_error(actual: np.ndarray) -> None:
    assert wape(actual, actual) == 0
    assert total_error(actual, actual) == 0
    assert interval_score(actual, actual, actual) == 0


@given(people, people, scales)
def test_errors_do_not_depend_on_the_size_of_the_town(forecast: np.ndarray, actual: np.ndarray, scale: float) -> None:
    assert wape(scale * forecast, scale * actual) == pytest.approx(wape(forecast, actual), abs=1e-9)
    assert total_error(scale * forecast, scale * actual) == pytest.approx(total_error(forecast, actual), abs=1e-9)
    low, high = np.minimum(forecast, actual) / 2, forecast
    scored = interval_score(low, high, actual)
    assert interval_score(scale * low, scale * high, scale * actual) == pytest.approx(scored, rel=1e-9)


@given(people, people)
def test_the_error_of_cells_is_never_below_that_of_their_sum(forecast: np.ndarray, actual: np.ndarray) -> None:
    assert wape(forecast, actual) >= abs(total_error(forecast, actual)) - 1e-9


@given(people, shares, people)
def test_the_interval_score_is_the_width_and_more_outside(
    low: np.ndarray, part: np.ndarray, actual: np.ndarray
) -> None:
    high = low * (1 + part)
    width = float((high - low).sum() / actual.sum())
    scored = interval_score(low, high, actual)
    assert scored >= width - 1e-12
    if inside(low, high, actual).all():
        assert scored == pytest.approx(width)
    else:
        assert scored > width


def test_a_miss_costs_twenty_times_its_size() -> None:
    assert interval_score(np.array([90.0]), np.array([95.0]), np.array([100.0])) == pytest.approx((5 + 20 * 5) / 100)


def test_width_leaves_out_cells_without_people() -> None:
    assert relative_width(np.array([0.0, 8.0]), np.array([1.0, 12.0]), np.array([0.0, 10.0])) == pytest.approx(0.4)


@given(st.lists(hnp.arrays(np.bool_, st.integers(1, 30)), min_size=1, max_size=8))
def test_coverage_is_a_share_and_its_interval_holds_shares(blocks: list[np.ndarray]) -> None:
    found = pooled_share(blocks)
    assert 0 <= found.share <= 1
    assert found.number == sum(block.size for block in blocks)
    if len(blocks) == 1:
        assert np.isnan(found.low) and np.isnan(found.high)
    else:
        assert 0 <= found.low <= found.high <= 1


def test_alike_blocks_leave_no_doubt_and_unlike_ones_much() -> None:
    half = np.array([True, False])
    alike = pooled_share([half] * 6)
    unlike = pooled_share([np.ones(2, bool)] * 3 + [np.zeros(2, bool)] * 3)
    assert alike.low == alike.high == alike.share == unlike.share == 0.5
    assert unlike.low < 0.3 and unlike.high > 0.7


@given(people, hnp.arrays(np.float64, (2, 16), elements=st.floats(0.5, 1.1)), st.floats(0.1, 0.5))
def test_hamilton_perry_repeats_a_population_of_constant_ratios(
    start: np.ndarray, change: np.ndarray, children: float
) -> None:
    per_woman = np.array([children, 0.95 * children])
    lived = hamilton_perry(start, change, per_woman, 4)
    seen, born = ratios(lived[0], lived[1])
    assert seen == pytest.approx(change) and born == pytest.approx(per_woman)
    assert hamilton_perry(lived[1], seen, born, 3) == pytest.approx(lived[1:], rel=1e-6)


@given(people, people, st.floats(0, 10))
def test_a_course_is_linear_between_its_dates(first: np.ndarray, last: np.ndarray, when: float) -> None:
    middle = (first + last) / 2
    found = between(np.array([0.0, 5.0, 10.0]), np.stack([first, middle, last]), when)
    assert found == pytest.approx(first + (last - first) * when / 10)


def test_a_course_ends() -> None:
    course = Course(np.array([0.0, 5.0]), np.ones((2, *SHAPE)), None, None, None)
    assert course.events(5) == {}
    with pytest.raises(ValueError, match="outside"):
        course.at(5.5)


def flow(start: float, end: float, births: float) -> Flow:
    """A period with births only."""
    return Flow(start, end, {"births": births}, KNOWN)


def test_months_that_two_periods_share_count_once() -> None:
    flows = [flow(2012.25, 2013.25, 100.0), flow(2013.0, 2014.0, 80.0)]
    assert counted(flows, "births", 2012.25, 2014.0) == pytest.approx(100 + 0.75 * 80)
    assert counted(flows, "births", 2012.75, 2013.25) == pytest.approx(50)


@pytest.mark.parametrize(("start", "end"), [(2012.0, 2014.0), (2012.25, 2015.0), (2016.0, 2017.0)])
def test_a_span_that_the_flows_do_not_cover_has_no_count(start: float, end: float) -> None:
    flows = [flow(2012.25, 2013.25, 100.0), flow(2013.25, 2014.0, 80.0)]
    assert counted(flows, "births", start, end) is None
    assert counted(flows, "deaths", 2012.25, 2014.0) is None


@given(st.floats(2010, 2013), st.floats(0.1, 2), st.floats(0.1, 2))
def test_counts_add_up_over_a_cut(start: float, first: float, second: float) -> None:
    flows = [flow(year, year + 1.0, 100.0 + year) for year in range(2010, 2018)]
    cut, end = start + first, start + first + second
    parts = [counted(flows, "births", start, cut), counted(flows, "births", cut, end)]
    whole = counted(flows, "births", start, end)
    assert whole is not None and None not in parts
    assert sum(part or 0.0 for part in parts) == pytest.approx(whole, rel=1e-4)
