"""What the designs of portfolios answer, in tables: who is missed, who deserves what, what a budget buys.

People are residents at the horizon; every figure is of runs paired by seed, with a 90 % interval over seeds where there
are two or more.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from machi.analysis.attribution import attribution, pairs, shapley
from machi.analysis.frontier import best_within, pareto_front
from machi.analysis.paired import COST, OUTCOME, Estimate, cube, estimate, finite_outcomes, sampled
from machi.questions.config import Experiment
from machi.questions.design import EVERYTHING
from machi.questions.samples import masks_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
BUDGETS = 20  # steps from nothing to the cost of all packages in the table of budgets, by choice
ATTRIBUTED = ["design", "package", "value", "low", "high", "seeds", "lack_of_fit"]
TOGETHER = ["design", "one", "other", "value", "low", "high", "seeds"]


def answers(experiment: Experiment, runs: pd.DataFrame, strengths: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables of the designs that were asked for, by file name (InputError naming a run that has no number)."""
    finite_outcomes(runs)
    keys, asked = list(experiment.packages), experiment
    found: dict[str, pd.DataFrame] = {}
    if asked.leave_one_out is not None:
        found["leave_one_out.csv"] = left_out(runs, keys)
    if asked.grid is not None:
        found["grid.csv"] = by_strength(*_portfolios(runs, strengths, "grid", keys), keys)
    whole = [asked.combined(one) if one is not None else 0 for one in (asked.factorial, asked.fraction)]
    parts = []
    if asked.factorial is not None:
        x, y, _ = _portfolios(runs, strengths, "factorial", keys)
        parts.append(of_factorial(y[np.argsort(masks_of(x))], keys[: whole[0]]))
    if asked.fraction is not None:
        x, y, _ = _portfolios(runs, strengths, "fraction", keys)
        parts.append(of_fraction(masks_of(x), y, keys[: whole[1]]))
    if parts:
        found["shapley.csv"] = pd.concat([own for own, _ in parts], ignore_index=True)
        found["interactions.csv"] = pd.concat([together for _, together in parts], ignore_index=True)
        design = "factorial" if asked.factorial is not None else "fraction"
        found |= fronts(*_portfolios(runs, strengths, design, keys), keys)
    return found | _indices(experiment, runs, strengths, keys)


def _indices(
    experiment: Experiment, runs: pd.DataFrame, strengths: pd.DataFrame, keys: list[str]
) -> dict[str, pd.DataFrame]:
    """The tables of eFAST, PAWN and delta."""
    from machi.analysis.indices import efast, moment_free, pawn_indices

    found = {}
    if experiment.efast is not None:
        x, y = sampled(runs, strengths, "efast", keys, OUTCOME)
        found["efast.csv"] = efast(keys, x, y, experiment.seed)
    if experiment.given_data is not None:
        x, y = sampled(runs, strengths, "given_data", keys, OUTCOME)
        found["pawn.csv"] = pawn_indices(keys, x, y, experiment.seed)
        found["delta.csv"] = moment_free(keys, x, y, experiment.seed)
    return found


def _portfolios(
    runs: pd.DataFrame, strengths: pd.DataFrame, design: str, keys: list[str]
) -> tuple[Floats, Floats, Floats]:
    """Strengths [portfolios, packages], people [portfolios, seeds] and cost [portfolios] of a design."""
    x, people = sampled(runs, strengths, design, keys, OUTCOME)
    return x, people, sampled(runs, strengths, design, keys, COST)[1][:, 0]


def left_out(runs: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """People lost and money saved when one package is left out of all, most missed first."""
    rows = runs[runs["design"] == "leave_one_out"]
    labels, people = cube(rows, ["arm", "replication"], OUTCOME)
    cost = cube(rows, ["arm", "replication"], COST)[1]
    place = [labels[0].index(arm) for arm in (EVERYTHING, *(f"all_but_{key}" for key in keys))]
    lost = [estimate(people[place[0]] - people[one]) for one in place[1:]]
    saved = [float((cost[place[0]] - cost[one]).mean()) for one in place[1:]]
    table = pd.DataFrame({"package": keys, **_columns(lost), COST: saved})
    table = table.sort_values("value", ascending=False, kind="stable", ignore_index=True)
    return table.rename(columns={"value": "people_lost"}).assign(rank=np.arange(1, len(keys) + 1))


def by_strength(x: Floats, people: Floats, cost: Floats, keys: Sequence[str]) -> pd.DataFrame:
    """People gained by one package at each strength, against no policy under the same seeds."""
    rows = []
    for place in range(1, len(x)):
        package = int(np.argmax(x[place]))
        one = estimate(people[place] - people[0])
        rows.append((keys[package], x[place, package], one.mean, one.low, one.high, one.n, cost[place]))
    return pd.DataFrame(rows, columns=["package", "strength", "people", "low", "high", "seeds", COST])


def of_factorial(people: Floats, keys: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shapley values and interactions from the people of every portfolio, float64[2^n, seeds] in order of masks."""
    own = np.stack([shapley(one) for one in people.T], axis=1)
    together = np.stack([pairs(one) for one in people.T], axis=2)
    table = pd.DataFrame({"package": keys, **_columns([estimate(one) for one in own])})
    table = table.rename(columns={"n": "seeds"}).assign(design="factorial", lack_of_fit=np.nan)
    rows = []
    for i, j in combinations(range(len(keys)), 2):
        one = estimate(together[i, j])
        rows.append(("factorial", keys[i], keys[j], one.mean, one.low, one.high, one.n))
    return _ranked(table), pd.DataFrame(rows, columns=TOGETHER)


def of_fraction(masks: Integers, people: Floats, keys: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shapley values and pairs of the model that was fitted, and the p value of what they leave unexplained."""
    found, seeds = attribution(masks, people, len(keys)), people.shape[1]
    table = pd.DataFrame({"package": keys, "value": found.value, "low": found.low, "high": found.high})
    table = table.assign(design="fraction", seeds=seeds, lack_of_fit=found.lack_of_fit)
    rows = [
        ("fraction", keys[i], keys[j], found.pair[i, j], found.pair_low[i, j], found.pair_high[i, j], seeds)
        for i, j in combinations(range(len(keys)), 2)
    ]
    return _ranked(table), pd.DataFrame(rows, columns=TOGETHER)


def fronts(x: Floats, people: Floats, cost: Floats, keys: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The portfolios that none other beats in cost and people, and the best for each budget."""
    gained = people - people[int(np.flatnonzero(~x.any(axis=1))[0])]
    mean = gained.mean(axis=1)
    front = pareto_front(cost, mean)
    budgets = np.linspace(0.0, float(cost.max()), BUDGETS + 1)
    best = best_within(cost, mean, budgets)
    return {
        "frontier.csv": _described(front, x, gained, cost, keys),
        "budgets.csv": _described(best, x, gained, cost, keys).assign(budget_million_yen=budgets),
    }


def _described(places: Integers, x: Floats, gained: Floats, cost: Floats, keys: Sequence[str]) -> pd.DataFrame:
    """Portfolios by place: their packages, cost, and people gained."""
    names = [" ".join(key for key, one in zip(keys, x[place], strict=False) if one > 0) or "none" for place in places]
    table = pd.DataFrame({"portfolio": names, COST: cost[places]})
    return table.join(pd.DataFrame(_columns([estimate(gained[place]) for place in places]))).rename(
        columns={"value": "people", "n": "seeds"}
    )


def _columns(found: Sequence[Estimate]) -> dict[str, Any]:
    return {
        "value": [one.mean for one in found],
        "low": [one.low for one in found],
        "high": [one.high for one in found],
        "n": [one.n for one in found],
    }


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    return table[ATTRIBUTED].sort_values("value", ascending=False, kind="stable", ignore_index=True)
