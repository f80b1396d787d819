"""A portfolio: packages with strengths become levers by year, and what that costs.

Strength s acts on a multiplier as m^s, on an amount or percentage points as s x amount, on a probability
through its log-odds x s; the cost is s x cost. Effects on one lever multiply, with saturation where packages
share the target.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS, check, neutral
from machi.policy.package import Effect, Measure, Package, effect_id
from machi.policy.shared import Shared
from machi.policy.terms import Amount, Dose, Factor, Floats, Retention, Years, advance, course

RunTime = Literal["plan", "sustained"]
BIRTH_ORDERS = ("first", "second", "third")
MOVED_FORWARD = [LEVER_INDEX[f"moved_forward_{order}"] for order in BIRTH_ORDERS]
BIRTHS_OF = {"childbirth": slice(None)} | {f"childbirth_{one}": slice(k, k + 1) for k, one in enumerate(BIRTH_ORDERS)}
MULTIPLIERS = [column for column, lever in enumerate(LEVERS) if lever.kind == "multiplier"]
LOW, HIGH = (np.array([[getattr(lever, bound)] for lever in LEVERS]) for bound in ("low", "high"))
KEPT = 4  # of what portfolios have in common: those of a sweep are asked for one after another, in two run-times


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
    first = min([start, *(package.run_times.first_year for package in packages)])
    size = 1.0 if town_population is None else town_population / theta.shared.combination.reference_population
    evidence = _evidence(packages, theta, run_time, (first, end), size)  # slots pile up even before `start`
    active = _active(strengths)
    shown = slice(start - first, None)
    return LeverPaths(evidence.levers(active).T[shown].copy(), evidence.cost(active)[shown])


def vacancy_pull(theta: Theta) -> float:
    """The lever vacancy_pull of a draw: its net movers per slot over the calibrated (central) ones."""
    key = "net_movers_per_slot"
    return theta.parameters[key] / theta.shared.parameter(key).central


def slot_flows(
    packages: Sequence[Package],
    strengths: Mapping[str, float],
    theta: Theta,
    run_time: RunTime,
    years: Years,
    size: float = 1.0,
) -> Floats:
    """New slots a year before attrition, by lever: float64[n_years, len(LEVERS)]."""
    active = _active(strengths)
    return _Evidence(packages, theta, run_time, years, size).flows(active).T


def _active(strengths: Mapping[str, float]) -> dict[str, float]:
    return {key: strength for key, strength in strengths.items() if strength > 0.0}


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


class _Evidence:
    """What portfolios of the same packages, draw and years have in common; `strengths` are of active packages only.

    Arrays are float64[len(LEVERS), n_years]. What rows add is added up in the order of the packages.
    """

    def __init__(self, packages: Sequence[Package], theta: Theta, run_time: RunTime, years: Years, size: float) -> None:
        self.theta, self.rules = theta, theta.shared.combination
        self.neutral, self.pull = neutral(len(years)).T.copy(), vacancy_pull(theta)
        self.factors: list[Factor] = []
        self.amounts: list[Amount] = []
        self.slots: list[Amount] = []
        self.retentions: list[Retention] = []
        self.costs: list[tuple[str, float, NDArray[np.bool_]]] = []
        self.size = size
        for package in packages:
            begins, last = package.run_times.first_year, package.run_times.plan_last_year
            ends = last if run_time == "plan" else None
            paid = (years >= begins) & (years <= (years if ends is None else ends))
            self.costs.append((package.key, theta.cost[package.key], paid))
            for measure, effect in _rows(package, theta):
                self._take(package, measure, effect, years, ends)

    def _take(self, package: Package, measure: Measure, effect: Effect, years: Years, ends: int | None) -> None:
        """Reckon all of a row that strengths do not change."""
        theta, begins = self.theta, package.run_times.first_year
        if effect.shared is not None:
            parameter = theta.shared.parameter(effect.shared)
            if parameter.kind == "probability" and parameter.moves is not None:
                # retention belongs to people who came, so it stays
                lasting = course(effect, begins, None, years)
                value, column = theta.parameters[effect.shared], LEVER_INDEX[parameter.moves]
                self.retentions.append(Retention(package.key, column, value, lasting))
            return
        dose = Dose(package.key, measure.dose_scale, measure.coverage, effect.target_share)
        value, column = theta.effects[effect_id(package, measure, effect)], LEVER_INDEX[effect.moved.key]
        standing = level = course(effect, begins, ends, years)
        if effect.kind == "multiplier":
            timing = theta.parameters[measure.tempo_share] if measure.tempo_share is not None else 0.0
            if measure.tempo_share is not None and effect.moves in self.rules.tempo_levers:
                forward = advance(effect, begins, ends, years, self.rules.tempo_years)
                standing = (1.0 - timing) * level + timing * forward
            births = BIRTHS_OF.get(effect.moved.key)
            self.factors.append(Factor(dose, column, float(np.log(value)), standing, births, level, timing))
        elif effect.kind in ("amount", "share"):
            scale = self.size if effect.kind == "amount" else 1.0
            times = float(np.prod([theta.parameters[key] for key in effect.times]))
            spill = None
            if effect.spill_to is not None and effect.spill_share is not None:
                spill = LEVER_INDEX[effect.spill_to], theta.parameters[effect.spill_share]
            kept = self.slots if effect.flows else self.amounts
            kept.append(Amount(dose, column, value, scale, times, level, spill))

    def levers(self, strengths: Mapping[str, float]) -> Floats:
        """The levers of a portfolio, within their bounds."""
        array = self.neutral.copy()
        self._multiply(array, strengths)
        for column, new, _ in self._new(self.amounts, strengths):
            array[column] += new
        self._open_slots(array, strengths)
        self._keep(array, strengths)
        np.clip(array, LOW, HIGH, out=array)
        if np.isnan(array).any():  # all else lies within the bounds now
            check(array.T)
        return array

    def cost(self, strengths: Mapping[str, float]) -> Floats:
        """What a portfolio costs, in million yen: float64[n_years]."""
        cost = np.zeros(self.neutral.shape[1])
        for package, price, paid in self.costs:
            if package in strengths:
                cost += strengths[package] * self.size * price * paid
        return cost

    def flows(self, strengths: Mapping[str, float]) -> Floats:
        """New slots a year before attrition."""
        flows = np.zeros_like(self.neutral)
        for column, new, spill in self._new(self.slots, strengths):
            flows[column] += new
            if spill is not None:
                flows[spill[0]] += new * spill[1]
        return flows

    def _new(
        self, amounts: Sequence[Amount], strengths: Mapping[str, float]
    ) -> Iterator[tuple[int, Floats, tuple[int, float] | None]]:
        """Amounts a year and percentage points at some strengths."""
        for row in amounts:
            if row.dose.package in strengths:
                most = row.dose.at(strengths) * row.value * row.scale * row.times
                yield row.column, most * row.course, row.spill

    def _multiply(self, array: Floats, strengths: Mapping[str, float]) -> None:
        """Multipliers: log-effects are summed by lever, bent where the target is shared, and written.

        Which births are moved forward is settled in the town, mother by mother; a lever only says the share.
        """
        logs, births = np.zeros_like(array), np.zeros((2, len(BIRTH_ORDERS), array.shape[1]))  # all, moved forward
        of_lever = list(logs)
        for row in self.factors:
            if row.dose.package not in strengths:
                continue
            log = row.dose.at(strengths) * row.log
            of_lever[row.column] += log * row.standing
            if row.births is not None and log > 0.0:  # a row that lowers births moves none forward
                more = log * row.course
                births[0, row.births] += more
                births[1, row.births] += more * row.timing
        cap = float(np.log(self.rules.saturation_cap))
        for key in self.rules.saturating_levers:
            of_lever[LEVER_INDEX[key]][:] = cap * np.tanh(of_lever[LEVER_INDEX[key]] / cap)
        array[MULTIPLIERS] *= np.exp(logs[MULTIPLIERS])
        array[MOVED_FORWARD] = np.where(births[0] > 0, births[1] / np.maximum(births[0], 1e-12), 0.0)

    def _open_slots(self, array: Floats, strengths: Mapping[str, float]) -> None:
        """Slots: flows add up to a stock that loses a share each year; where one stands, the drawn pull acts."""
        left, flows = 1.0 - self.theta.parameters["slot_attrition"], self.flows(strengths)
        for column in np.flatnonzero(flows.any(axis=1)).tolist():
            more: list[float] = flows[column].tolist()
            stock = np.array(list(accumulate(more, lambda before, new: before * left + new)))
            array[column] += stock
            array[LEVER_INDEX["vacancy_pull"], stock != 0.0] = self.pull

    def _keep(self, array: Floats, strengths: Mapping[str, float]) -> None:
        """Retention: log-odds move from neutral by strength."""
        weights = np.zeros_like(array)
        for row in self.retentions:
            if row.package not in strengths:
                continue
            weight = np.maximum(weights[row.column], strengths[row.package] * row.course)
            weights[row.column] = weight
            before = LEVERS[row.column].neutral
            odds = np.log(before / (1.0 - before))
            moved = odds + weight * (np.log(row.value / (1.0 - row.value)) - odds)
            here = (weight > 0.0) & (row.value != before)
            array[row.column] = np.where(here, 1.0 / (1.0 + np.exp(-moved)), before)


def _rows(package: Package, theta: Theta) -> Iterator[tuple[Measure, Effect]]:
    """The modelled rows of a package, without the measures that the draw says do nothing."""
    for measure in package.measures:
        spiked = f"{package.key}/{measure.key}" in theta.spiked
        for effect in measure.effects:
            if effect.modelled and not (spiked and effect.shared is None):
                yield measure, effect


_recent: deque[tuple[tuple[object, ...], _Evidence, Sequence[Package]]] = deque(maxlen=KEPT)


def _evidence(
    packages: Sequence[Package], theta: Theta, run_time: RunTime, span: tuple[int, int], size: float
) -> _Evidence:
    """The evidence of the very same packages and draw, reckoned once; a draw's figures may be written over."""
    figures = (tuple(drawn.values()) for drawn in (theta.effects, theta.cost, theta.parameters))
    asked = (*map(id, packages), id(theta), *figures, theta.spiked, run_time, span, size)
    for known, evidence, _ in tuple(_recent):
        if known == asked:
            return evidence
    made = _Evidence(packages, theta, run_time, np.arange(*span, dtype=np.int64), size)
    _recent.append((asked, made, tuple(packages)))  # what is held keeps its id
    return made
