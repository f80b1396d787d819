"""How far one thing alone would have to go to meet a target: births, moves, settling households, or strengths.

Each is solved by bisection on levers of the simulation, by seed: under common random numbers more of a lever never
undoes an event, so that what a run reaches grows with it.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.levers import LEVER_INDEX, LEVERS
from machi.analysis.paired import Estimate, estimate
from machi.policy.portfolio import BIRTH_ORDERS
from machi.seeking.trials import Reading, Trials, reaches

Floats = NDArray[np.float64]

STRONGEST = 10.0  # times a portfolio's own strength: what lies beyond is no policy any more (assumption)
HALVINGS = 10  # a thousandth of a lever's range: far below the chance in a run
AS_THEY_ARE = (*(f"moved_forward_{order}" for order in BIRTH_ORDERS), "vacancy_pull")


class Knob(NamedTuple):
    """One thing to be turned: where it does nothing, how far it goes, how it moves levers, what it is told as."""

    key: str
    levers: tuple[str, ...]
    neutral: float
    high: float
    told: Callable[[float, Reading, Reading], float]  # setting, reading there, reading without it


class Equivalent(NamedTuple):
    """How much of it meets the target beside a portfolio, by seed; verified at the mean setting.

    `is_beyond` where even the highest setting does not: then the amount and what is reached are those of that setting.
    """

    key: str
    amount: Estimate
    before: float  # the same amount without it, mean over seeds
    setting: float
    reached: Estimate
    is_beyond: bool


KNOBS = (
    Knob("fertility", ("childbirth",), 1.0, LEVERS[LEVER_INDEX["childbirth"]].high,
         lambda setting, there, without: there.fertility),
    Knob("movers", ("arrivals_families", "arrivals_singles"), 1.0, LEVERS[LEVER_INDEX["arrivals_families"]].high,
         lambda setting, there, without: there.movers - without.movers),
    Knob("settlers", ("settlers_families",), 0.0, LEVERS[LEVER_INDEX["settlers_families"]].high,
         lambda setting, there, without: setting),
)  # fmt: skip
STRENGTH = Knob("strength", (), 1.0, STRONGEST, lambda setting, there, without: setting)


def turned(base: Floats, knob: Knob, setting: float, row: int) -> Floats:
    """Levers by year with a knob at a setting from a year's row on, within the levers' bounds."""
    if not knob.levers:
        return strengthened(base, setting)
    moved = base.copy()
    for key in knob.levers:
        column = LEVER_INDEX[key]
        if LEVERS[column].kind == "multiplier":
            moved[row:, column] *= setting
        else:
            moved[row:, column] += setting
    moved = _bounded(moved)
    if "childbirth" in knob.levers:
        _keep_moved_forward(base, moved)
    return moved


def _keep_moved_forward(base: Floats, moved: Floats) -> None:
    """Births that come on top are not moved forward: as many are as a portfolio moves by itself."""
    everyone = LEVER_INDEX["childbirth"]
    for order in BIRTH_ORDERS:
        own, share = LEVER_INDEX[f"childbirth_{order}"], LEVER_INDEX[f"moved_forward_{order}"]
        before = np.maximum(base[:, everyone] * base[:, own] - 1.0, 0.0)  # extra births per birth
        after = np.maximum(moved[:, everyone] * moved[:, own] - 1.0, 0.0)
        moved[:, share] *= np.divide(before, after, out=np.ones_like(after), where=after > before)


def strengthened(base: Floats, strength: float) -> Floats:
    """The levers of a portfolio that is so many times as strong, within the levers' bounds.

    As strength acts in a portfolio: multipliers m^s, amounts and points s x amount, probabilities through log-odds.
    """
    moved = base.copy()
    for column, lever in enumerate(LEVERS):
        if lever.key in AS_THEY_ARE:
            continue
        values = base[:, column]
        match lever.kind:
            case "multiplier":
                moved[:, column] = values**strength
            case "amount" | "share":
                moved[:, column] = values * strength
            case "probability":
                odds = _log_odds(values) - _log_odds(np.float64(lever.neutral))
                stronger = 1.0 / (1.0 + np.exp(-(_log_odds(np.float64(lever.neutral)) + strength * odds)))
                moved[:, column] = np.where(values == lever.neutral, values, stronger)
    return _bounded(moved)


def _log_odds(probability: Floats | np.float64) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(probability) - np.log1p(-probability), dtype=np.float64)


def _bounded(array: Floats) -> Floats:
    return np.clip(array, [lever.low for lever in LEVERS], [lever.high for lever in LEVERS])


def equivalent(knob: Knob, base: Floats, row: int, trials: Trials) -> Equivalent:
    """Solve one knob beside the levers of a portfolio; `row` is the first year in which it is turned.

    Every seed is asked for the same gain, what the portfolio's mean lacks: the amount's interval is of paired gains,
    and the chance in the level stands in the interval of what is reached.
    """
    aim, seeds = trials.target.aim, trials.seeds
    without, most = trials.of([base, turned(base, knob, knob.high, row)])
    high = np.full(len(seeds), knob.high)
    if reaches(most).mean() < aim:
        return _told(knob, high, most, without, most, True)
    low = np.full(len(seeds), knob.neutral)
    wanted = reaches(without) + max(aim - float(reaches(without).mean()), 0.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        there = trials.each([turned(base, knob, float(one), row) for one in middle], seeds)
        enough = reaches(there) >= wanted
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    solved = trials.each([turned(base, knob, float(one), row) for one in high], seeds)
    (verified,) = trials.of([turned(base, knob, float(high.mean()), row)])
    return _told(knob, high, solved, without, verified, False)


def _told(
    knob: Knob, settings: Floats, solved: list[Reading], without: list[Reading], verified: list[Reading], beyond: bool
) -> Equivalent:
    amounts = [knob.told(float(s), one, w) for s, one, w in zip(settings, solved, without, strict=True)]
    before = [knob.told(knob.neutral, w, w) for w in without]
    return Equivalent(
        knob.key, estimate(np.array(amounts)), float(np.mean(before)), float(settings.mean()),
        estimate(reaches(verified)), beyond,
    )  # fmt: skip
