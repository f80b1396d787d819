"""Which portfolios are worth their cost: the Pareto front, the best for a budget, and regret over scenarios."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def pareto_front(cost: Floats, people: Floats) -> Integers:
    """Places of the portfolios that none other beats in both cost and people, the cheapest first."""
    _alike(cost, people)
    order = np.lexsort((-people, cost))
    best, front = -np.inf, []
    for place in order:
        if people[place] > best:
            best = people[place]
            front.append(int(place))
    return np.array(front, dtype=np.int64)


def best_within(cost: Floats, people: Floats, budgets: Floats) -> Integers:
    """For each budget the place of the portfolio with most people that it can pay, -1 where it can pay none."""
    front = pareto_front(cost, people)
    last = np.searchsorted(cost[front], budgets, side="right") - 1
    return np.where(last >= 0, front[np.maximum(last, 0)], -1)


class Regret(NamedTuple):
    """How a portfolio fares over scenarios."""

    worst: Floats  # [portfolios] the most people that it lacks to the best of a scenario, over scenarios
    robust: Floats  # [portfolios] share of scenarios in which it reaches the target
    best: int  # the portfolio whose worst regret is least


def regret(people: Floats, target: float | None = None) -> Regret:
    """Min-max regret (Savage 1951) and robustness of portfolios: `people` is float64[portfolios, scenarios]."""
    if people.ndim != 2 or not people.size:
        raise InputError("scenarios: give the people of every portfolio in one scenario or more.")
    lacking = people.max(axis=0) - people
    worst = lacking.max(axis=1)
    reached = people >= target if target is not None else np.zeros_like(people, dtype=bool)
    return Regret(worst, reached.mean(axis=1), int(np.argmin(worst)))


def cheapest_reaching(cost: Floats, people: Floats, target: float) -> int:
    """The place of the cheapest portfolio with at least so many people, -1 where none reaches them."""
    _alike(cost, people)
    able = np.flatnonzero(people >= target)
    return int(able[np.lexsort((-people[able], cost[able]))[0]]) if len(able) else -1


def turning_point(years: Integers, low: Floats, high: Floats) -> int | None:
    """The first year from which an interval of a difference [low, high] by year stays on one side of 0; else None."""
    apart = (low > 0) | (high < 0)
    if not apart.size or not apart[-1]:
        return None
    return int(years[len(apart) - int(np.argmin(apart[::-1]))]) if not apart.all() else int(years[0])


def _alike(cost: Floats, people: Floats) -> None:
    for name, values in (("cost", cost), ("people", people)):
        if not np.isfinite(values).all():
            place = int(np.flatnonzero(~np.isfinite(values))[0])
            raise InputError(f"{name}: portfolio {place} has no number; run it again before portfolios are compared.")
    if cost.shape != people.shape:
        raise InputError("portfolios: cost and people must be given for the same portfolios.")
