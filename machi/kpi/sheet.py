"""The KPI sheet: printed indicators and targets beside both arms, their paired difference, and whether it is enough."""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from machi.analysis.paired import Estimate, estimate
from machi.kpi.arms import Arms
from machi.kpi.measures import MEASURES, Measure, is_simulated
from machi.kpi.targets import Target

Verdict = Literal["met", "missed", "open", "no_target", "not_modelled", "not_simulated"]
Floats = NDArray[np.float64]
NOTHING = Estimate(math.nan, math.nan, math.nan, math.nan, math.nan, 0)


class Row(NamedTuple):
    """One printed indicator beside the simulation: means with 90 % intervals of chance over the seeds.

    `at_base` is the reference arm in the base's own years: how far the model is from what was observed. `verdict`
    judges the arm with every package, `verdict_none` the reference arm.
    """

    target: Target
    at_base: Estimate
    none: Estimate
    all: Estimate
    difference: Estimate
    verdict_none: Verdict
    verdict: Verdict


def sheet_of(rows: Sequence[Target], arms: Arms) -> list[Row]:
    """Every printed indicator in its order."""
    return [_row(one, arms) for one in rows]


def _row(target: Target, arms: Arms) -> Row:
    if not target.measured_by:
        return Row(target, NOTHING, NOTHING, NOTHING, NOTHING, "not_modelled", "not_modelled")
    measure = MEASURES[target.measured_by]
    base = _values(measure, arms, target.base_first, target.base_last)
    at_base = NOTHING if base is None else estimate(base[0])
    first, last = _years(target, measure, arms)
    found = _values(measure, arms, first, last)
    if found is None:
        return Row(target, at_base, NOTHING, NOTHING, NOTHING, "not_simulated", "not_simulated")
    none, policy = found
    added = policy - none
    judged = (none - none, added) if measure.added else (none, policy)
    return Row(target, at_base, estimate(none), estimate(policy), estimate(added),
               _verdict(target, estimate(judged[0])), _verdict(target, estimate(judged[1])))  # fmt: skip


def _years(target: Target, measure: Measure, arms: Arms) -> tuple[int | None, int | None]:
    """The target's years; where none is printed, the last that the arms tell of, and none of a change between two."""
    if target.target_first is not None and target.target_last is not None:
        return target.target_first, target.target_last
    if measure.kind == "interval":
        return None, None
    last = arms.end - int(measure.kind == "flow")
    return last, last


def _values(measure: Measure, arms: Arms, first: int | None, last: int | None) -> tuple[Floats, Floats] | None:
    """The indicator by seed in both arms; None for years that are not simulated."""
    if first is None or last is None or not is_simulated(measure, first, last, arms.start, arms.end):
        return None
    none, policy = (np.array([measure.read(one, first, last) for one in arm]) for arm in (arms.none, arms.all))
    return none, policy


def _verdict(target: Target, found: Estimate) -> Verdict:
    """Whether a target is met; open where the interval of chance holds it, or one seed gives no interval."""
    if target.target is None:
        return "no_target"
    if math.isnan(found.low):
        return "open"
    low, high = found.low, found.high
    if target.aim == "most":
        low, high, wanted = -high, -low, -target.target
    else:
        wanted = target.target
    return "met" if low >= wanted else "missed" if high < wanted else "open"
