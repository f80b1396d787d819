"""A portfolio: packages with strengths become levers by year, and what that costs.

Strength s acts on a multiplier as m^s, on an amount or percentage points as s x amount, on a probability
through its log-odds x s; the cost is s x cost. Effects on one lever multiply, with saturation where packages
share the target.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS, check, neutral
from machi.policy.package import Effect, Measure, Package, effect_id
from machi.policy.shared import Shared

RunTime = Literal["plan", "sustained"]
BIRTH_ORDERS = ("first", "second", "third")
Floats = NDArray[np.float64]
Years = NDArray[np.int64]


@dataclass(frozen=True)
class Theta:
    """One draw of everything uncertain (or its central values).

    `effects` is keyed by row (package/measure/lever) and speaks of the evidence's dose; `spiked` holds the
    measures (package/measure) without any effect in this draw; `cost` is in million yen a year at strength 1.
    """

    number: int | None
    effects: Mapping[str, float]
    spiked: frozenset[str]
    cost: Mapping[str, float]
    parameters: Mapping[str, float]
    shared: Shared


class LeverPaths(NamedTuple):
    """Levers float64[n_years, len(LEVERS)] and cost float64[n_years] in million yen (not discounted)."""

    array: Floats
    cost_million_yen: Floats


class _Row(NamedTuple):
    """One modelled row of evidence of an active package, ready to be added up."""

    package: Package
    measure: Measure
    effect: Effect
    value: float
    strength: float


def levers_by_year(
    packages: Sequence[Package],
    strengths: Mapping[str, float],
    theta: Theta,
    run_time: RunTime,
    start: int,
    end: int,
    town_population: float | None = None,
) -> LeverPaths:
    """The levers of the simulated years start ... end-1 and their cost, for packages at the given strengths.

    Packages without a strength are off. `town_population` scales amounts and costs for a town that the
    packages were not written for; None is their own town. A row of year Y acts from the stock of Y on.
    """
    _check(packages, strengths, run_time, start, end, town_population)
    active = [package for package in packages if strengths.get(package.key, 0.0) > 0.0]
    first = min([start, *(package.run_times.first_year for package in active)])
    years = np.arange(first, end, dtype=np.int64)  # slots pile up from the first year, even before `start`
    size = 1.0 if town_population is None else town_population / theta.shared.combination.reference_population
    array = neutral(len(years))
    rows = list(_rows(active, strengths, theta))
    _multiply(array, rows, theta, run_time, years)
    _add(array, rows, theta, run_time, years, size)
    _open_slots(array, rows, theta, run_time, years, size)
    _keep(array, rows, theta, years)
    array = np.clip(array, [lever.low for lever in LEVERS], [lever.high for lever in LEVERS])
    check(array)
    cost = np.zeros(len(years))
    for package in active:
        running = _running(package, run_time, years)
        cost += strengths[package.key] * size * theta.cost[package.key] * running
    shown = years >= start
    return LeverPaths(array[shown], cost[shown])


def vacancy_pull(theta: Theta) -> float:
    """The lever vacancy_pull of a draw: its net movers per slot over the calibrated (central) ones."""
    key = "net_movers_per_slot"
    return theta.parameters[key] / theta.shared.parameter(key).central


def course(effect: Effect, first_year: int, last_year: int | None, years: Years) -> Floats:
    """How much of a row's full effect stands in each year, in [0, 1].

    Nothing for `lag_years`, then linear to full over `ramp_years`. What was paid for in the last year still
    comes after its lag; then the effect fades linearly over `fade_years`. `last_year` None: it does not end.
    """
    begins = first_year + effect.lag_years
    level = np.clip((years - begins + 1) / effect.ramp_years, 0.0, 1.0)
    if last_year is None:
        return level
    stops = last_year + effect.lag_years
    reached = min((stops - begins + 1) / effect.ramp_years, 1.0)
    left = np.clip(1.0 - (years - stops) / max(effect.fade_years, 1), 0.0, 1.0) if effect.fade_years else 0.0
    return np.where(years <= stops, level, reached * left)


def advance(effect: Effect, first_year: int, last_year: int | None, years: Years, tempo_years: int) -> Floats:
    """The timing part of a row in each year, in [-1, 1]: events brought forward, and missing afterwards.

    It stands until `tempo_years` after full effect (the mean age stays lower, so no dip follows while the
    measure goes on); when the measure stops, the same years come back with the opposite sign.
    """
    begins = first_year + effect.lag_years
    expires = begins + effect.ramp_years - 1 + tempo_years
    forward = np.where(years < expires, course(effect, first_year, None, years), 0.0)
    if last_year is None:
        return forward
    stops = min(last_year + effect.lag_years, expires - 1)
    forward = np.where(years <= stops, forward, 0.0)
    since = years - (last_year + effect.lag_years) - 1
    mirrored = np.clip((since + 1) / effect.ramp_years, 0.0, 1.0)
    return forward - np.where((since >= 0) & (since <= stops - begins), mirrored, 0.0)


def _check(
    packages: Sequence[Package],
    strengths: Mapping[str, float],
    run_time: str,
    start: int,
    end: int,
    town_population: float | None,
) -> None:
    """Refuse strengths, run-times, years and populations that cannot be used (InputError)."""
    known = [package.key for package in packages]
    for key, strength in strengths.items():
        if key not in known:
            raise InputError(f"portfolio: there is no package `{key}`; choose from {', '.join(known)}.")
        if not 0.0 <= strength <= 1.0:
            raise InputError(f"portfolio: the strength of {key} is {strength:g}; give a number from 0 to 1.")
    if run_time not in get_args(RunTime):
        raise InputError(f"portfolio: run_time is `{run_time}`; write `plan` or `sustained`.")
    if end < start:
        raise InputError(f"portfolio: the end {end} is before the start {start}; give a later end.")
    if town_population is not None and not 0.0 < town_population < float("inf"):
        raise InputError(f"portfolio: town_population is {town_population:g}; give the number of residents.")


def _rows(active: Sequence[Package], strengths: Mapping[str, float], theta: Theta) -> Iterator[_Row]:
    """The modelled rows of the active packages, without the measures that the draw says do nothing."""
    for package in active:
        for measure in package.measures:
            spiked = f"{package.key}/{measure.key}" in theta.spiked
            for effect in measure.effects:
                if not effect.modelled or (spiked and effect.shared is None):
                    continue
                own = effect.shared is None
                key = effect_id(package, measure, effect) if own else str(effect.shared)
                value = theta.effects[key] if own else theta.parameters[key]
                yield _Row(package, measure, effect, value, strengths[package.key])


def _last_year(package: Package, run_time: RunTime) -> int | None:
    return package.run_times.plan_last_year if run_time == "plan" else None


def _running(package: Package, run_time: RunTime, years: Years) -> NDArray[np.bool_]:
    """The years in which a package is paid for."""
    last = _last_year(package, run_time)
    return (years >= package.run_times.first_year) & (years <= (years if last is None else last))


def _dose(row: _Row) -> float:
    """Strength x dose x coverage x the target's share of the lever's population."""
    return row.strength * row.measure.dose_scale * row.measure.coverage * row.effect.target_share


def _course(row: _Row, run_time: RunTime, years: Years) -> Floats:
    return course(row.effect, row.package.run_times.first_year, _last_year(row.package, run_time), years)


def _multiply(array: Floats, rows: Sequence[_Row], theta: Theta, run_time: RunTime, years: Years) -> None:
    """Multipliers: log-effects are summed by lever, bent where the target is shared, and written."""
    rules = theta.shared.combination
    logs, births = np.zeros_like(array), np.zeros((2, len(years), len(BIRTH_ORDERS)))
    for row in rows:
        if row.effect.shared is not None or row.effect.kind != "multiplier":
            continue
        standing = _course(row, run_time, years)
        births += _more_births(row, theta, standing)
        if row.measure.tempo_share is not None and row.effect.moves in rules.tempo_levers:
            timing = theta.parameters[row.measure.tempo_share]
            last = _last_year(row.package, run_time)
            forward = advance(row.effect, row.package.run_times.first_year, last, years, rules.tempo_years)
            standing = (1.0 - timing) * standing + timing * forward
        logs[:, LEVER_INDEX[row.effect.moved.key]] += _dose(row) * np.log(row.value) * standing
    cap = float(np.log(rules.saturation_cap))
    for key in rules.saturating_levers:
        column = LEVER_INDEX[key]
        logs[:, column] = cap * np.tanh(logs[:, column] / cap)
    for column, lever in enumerate(LEVERS):
        if lever.kind == "multiplier":
            array[:, column] *= np.exp(logs[:, column])
    for k, order in enumerate(BIRTH_ORDERS):
        column = LEVER_INDEX[f"moved_forward_{order}"]
        array[:, column] = np.where(births[0, :, k] > 0, births[1, :, k] / np.maximum(births[0, :, k], 1e-12), 0.0)


def _more_births(row: _Row, theta: Theta, standing: Floats) -> Floats:
    """A row's part in births by order (log), float64[2 (all, moved forward), years, 3]; none where it lowers them.

    Which births are moved forward is settled in the town, mother by mother; a lever only says the share.
    """
    lever, more = row.effect.moved.key, max(_dose(row) * float(np.log(row.value)), 0.0) * standing
    timing = theta.parameters[row.measure.tempo_share] if row.measure.tempo_share is not None else 0.0
    moves = np.array([lever in ("childbirth", f"childbirth_{order}") for order in BIRTH_ORDERS])
    of_order = more[:, None] * moves[None, :]
    return np.stack([of_order, of_order * timing])


def _amount(row: _Row, theta: Theta, size: float) -> float:
    """An amount (persons, households or slots a year) or percentage points at full effect."""
    scale = size if row.effect.kind == "amount" else 1.0
    return _dose(row) * row.value * scale * float(np.prod([theta.parameters[key] for key in row.effect.times]))


def _add(array: Floats, rows: Sequence[_Row], theta: Theta, run_time: RunTime, years: Years, size: float) -> None:
    """Amounts a year and percentage points: they add up."""
    for row in rows:
        if row.effect.shared is None and row.effect.kind in ("amount", "share") and not row.effect.flows:
            column = LEVER_INDEX[row.effect.moved.key]
            array[:, column] += _amount(row, theta, size) * _course(row, run_time, years)


def slot_flows(
    packages: Sequence[Package],
    strengths: Mapping[str, float],
    theta: Theta,
    run_time: RunTime,
    years: Years,
    size: float = 1.0,
) -> Floats:
    """New slots a year before attrition, by lever: float64[n_years, len(LEVERS)]."""
    active = [package for package in packages if strengths.get(package.key, 0.0) > 0.0]
    return _flows(list(_rows(active, strengths, theta)), theta, run_time, years, size)


def _flows(rows: Sequence[_Row], theta: Theta, run_time: RunTime, years: Years, size: float) -> Floats:
    flows = np.zeros((len(years), len(LEVERS)))
    for row in rows:
        if row.effect.shared is None and row.effect.flows:
            new = _amount(row, theta, size) * _course(row, run_time, years)
            flows[:, LEVER_INDEX[row.effect.moved.key]] += new
            if row.effect.spill_to is not None and row.effect.spill_share is not None:
                flows[:, LEVER_INDEX[row.effect.spill_to]] += new * theta.parameters[row.effect.spill_share]
    return flows


def _open_slots(
    array: Floats, rows: Sequence[_Row], theta: Theta, run_time: RunTime, years: Years, size: float
) -> None:
    """Slots: flows add up to a stock that loses a share each year; where one stands, the drawn pull acts."""
    flows = _flows(rows, theta, run_time, years, size)
    stock = np.zeros(len(LEVERS))
    for index in range(len(years)):
        stock = stock * (1.0 - theta.parameters["slot_attrition"]) + flows[index]
        array[index] += stock
        if stock.any():
            array[index, LEVER_INDEX["vacancy_pull"]] = vacancy_pull(theta)


def _keep(array: Floats, rows: Sequence[_Row], theta: Theta, years: Years) -> None:
    """Retention: log-odds move from neutral by strength; it belongs to people who came, so it stays."""
    weights = np.zeros_like(array)
    for row in rows:
        if row.effect.shared is None:
            continue
        parameter = theta.shared.parameter(row.effect.shared)
        if parameter.kind != "probability" or parameter.moves is None:
            continue
        column = LEVER_INDEX[parameter.moves]
        lasting = course(row.effect, row.package.run_times.first_year, None, years)
        weights[:, column] = np.maximum(weights[:, column], row.strength * lasting)
        before = LEVERS[column].neutral
        odds = np.log(before / (1.0 - before))
        moved = odds + weights[:, column] * (np.log(row.value / (1.0 - row.value)) - odds)
        here = (weights[:, column] > 0.0) & (row.value != before)
        array[:, column] = np.where(here, 1.0 / (1.0 + np.exp(-moved)), before)
