"""What other scenarios do to the answer: ranks in each, agreement, regret, and the futures in which a vision is met.

People are residents at the horizon. Within a scenario arms are paired by seed, and seeds are the same in all scenarios.
The doubt of chance is carried on by draws from the multivariate t distribution that the seeds' differences give, so
that each effect's marginal interval is the usual Student one and ranks, agreement and regret stand on the same draws.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from machi.analysis.ablation import reversed_pairs
from machi.analysis.concordance import kendall_tau, kendall_w, ranks_of
from machi.analysis.paired import COST, OUTCOME, REFERENCE, cube, estimate
from machi.analysis.sensitivity import RESAMPLES, TAILS
from machi.questions.config import Experiment
from machi.questions.design import ALL_BUT, CENTRAL, EVERYTHING, SCENARIOS, scenario_arms

Floats = NDArray[np.float64]
PACKAGE, ONE_LEFT_OUT, PORTFOLIO = "package", "all_but_one", "portfolio"
RIVALS = (PACKAGE, ONE_LEFT_OUT, PORTFOLIO)  # kinds of arms among which one is chosen
BY_SCENARIO = [
    "scenario", "run_time", "arm", "kind", "population", "effect", "low", "high", "rank", "rank_low", "rank_high",
    "regret", "regret_low", "regret_high", "met", COST, "seeds",
]  # fmt: skip
OVER = [
    "run_time", "arm", "kind", "max_regret", "low", "high", "worst_scenario", "chance_least", "rank_best", "rank_worst",
    "futures_met", "futures", "futures_met_drawn", "futures_drawn", COST,
]  # fmt: skip


class Crossing(NamedTuple):
    """Tables by file name, and what the page says in sentences."""

    tables: dict[str, pd.DataFrame]
    notes: dict[str, Any]


class _Cell(NamedTuple):
    """One run-time: who was run in every scenario, and what came out."""

    arms: list[str]  # without the reference arm
    effects: Floats  # [scenarios, arms, seeds], against no policy under the same seed
    people: Floats  # [scenarios, 1 + arms, seeds], the reference arm first
    cost: Floats  # [arms]
    drawn: Floats  # [draws of chance, scenarios, arms], the effects

    def shown(self, main: bool) -> list[tuple[int, str]]:
        """Places and names of the arms that have rows: the reference arm (-1) stands with the headline's run-time."""
        return [*([(-1, REFERENCE)] if main else []), *enumerate(self.arms)]

    def of_kind(self, kind: str, kinds: Mapping[str, str]) -> list[int]:
        """Places of the arms of a kind."""
        return [place for place, arm in enumerate(self.arms) if kinds[arm] == kind]


def crossing(experiment: Experiment, runs: pd.DataFrame, vision: float | None) -> Crossing:
    """The answers of the design `scenarios`; `vision` are the residents at the horizon that the city hopes for.

    Tables: `scenarios.csv`, a row for each scenario, run-time and arm; `regret.csv`, a row for each run-time and arm
    over all scenarios. Raises InputError where a run is missing.
    """
    asked = experiment.scenarios
    if asked is None:
        return Crossing({}, {})
    names = [experiment.scenario, *asked.also]
    rows = runs[runs["design"] == SCENARIOS]
    central, drawn = rows[rows["theta"] == CENTRAL], rows[rows["theta"] != CENTRAL]
    kinds = kinds_of(experiment)
    met = _met_when_drawn(drawn, names, kinds, vision)
    by_scenario, over, said = [], [], {}
    for run_time in asked.run_times:
        cell = _cell(central, run_time, names, [arm for arm in kinds if arm != REFERENCE], experiment.seed)
        ranks = {kind: ranked(cell.effects.mean(axis=2), cell.drawn, cell.of_kind(kind, kinds)) for kind in RIVALS}
        main = run_time == experiment.run_time
        by_scenario += _scenario_rows(run_time, names, cell, kinds, ranks, vision, main)
        over += _rows_over(run_time, names, cell, kinds, ranks, vision, met if main else {}, main)
        said[run_time] = _agreement(names, cell, cell.of_kind(PACKAGE, kinds))
    notes = {"own": experiment.scenario, "keys": names, "vision": vision, "run_times": said}
    settings = {name: getattr(asked, name) for name in ("replications", "fraction", "draws", "prior", "rates")}
    tables = {"scenarios.csv": pd.DataFrame(by_scenario)[BY_SCENARIO], "regret.csv": pd.DataFrame(over)[OVER]}
    return Crossing(tables, {**notes, **settings})


def kinds_of(experiment: Experiment) -> dict[str, str]:
    """What each crossed arm is: none, package, all, all_but_one or portfolio."""
    plain = {REFERENCE: REFERENCE, EVERYTHING: EVERYTHING, **dict.fromkeys(experiment.packages, PACKAGE)}
    return {
        arm: plain.get(arm, ONE_LEFT_OUT if arm.startswith(ALL_BUT) else PORTFOLIO) for arm in scenario_arms(experiment)
    }


def _cell(central: pd.DataFrame, run_time: str, names: list[str], arms: list[str], seed: int) -> _Cell:
    own = central[(central["run_time"] == run_time) | (central["arm"] == REFERENCE)]
    people, cost = (_ordered(own, names, [REFERENCE, *arms], "replication", what) for what in (OUTCOME, COST))
    effects = people[:, 1:] - people[:, :1]
    return _Cell(arms, effects, people, cost[0, 1:].mean(axis=1), chance(effects, seed))


def _ordered(rows: pd.DataFrame, names: list[str], arms: list[str], by: str, outcome: str) -> Floats:
    """An outcome as [scenarios, arms, replications or draws], scenarios and arms in the order that is asked for."""
    labels, values = cube(rows, ["scenario", "arm", by], outcome)
    places = [labels[0].index(name) for name in names], [labels[1].index(arm) for arm in arms]
    return np.asarray(values[np.ix_(*places)], dtype=np.float64)


def chance(effects: Floats, seed: int, draws: int = RESAMPLES) -> Floats:
    """Draws of mean effects [draws, ...] from effects [..., n] of common seeds: multivariate t, n - 1 degrees."""
    n = effects.shape[-1]
    rng = np.random.default_rng(seed)
    normal, scale = rng.standard_normal((draws, n)), np.sqrt(rng.chisquare(n - 1, draws) / (n - 1))
    weights = normal / scale[:, None] / np.sqrt(n * (n - 1))
    centre = effects.mean(axis=-1)
    spread = np.tensordot(weights, effects - centre[..., None], axes=([1], [effects.ndim - 1]))
    return np.asarray(centre + spread, dtype=np.float64)


class Ranked(NamedTuple):
    """Ranks and regret of rivals, each with its draws of chance; empty places for arms that have no rivals."""

    places: list[int]
    rank: Floats  # [scenarios, rivals]
    rank_drawn: Floats  # [draws, scenarios, rivals]
    regret: Floats
    regret_drawn: Floats


def ranked(effects: Floats, drawn: Floats, places: list[int]) -> Ranked:
    """Rank (1 is the largest effect) and regret, the people forgone against the best rival of the same scenario."""
    mine, of_chance = effects[:, places], drawn[:, :, places]
    if not places:
        return Ranked(places, mine, of_chance, mine, of_chance)
    ranks = [ranks_of(np.moveaxis(one, -1, 0)) for one in (mine, of_chance)]
    regrets = [one.max(axis=-1, keepdims=True) - one for one in (mine, of_chance)]
    return Ranked(places, np.moveaxis(ranks[0], 0, -1), np.moveaxis(ranks[1], 0, -1), regrets[0], regrets[1])


def bounds(point: Floats, drawn: Floats) -> tuple[Floats, Floats]:
    """90 % percentiles over the first axis, widened to hold the point: the maximum of draws lies higher."""
    low, high = np.percentile(drawn, TAILS, axis=0, method="inverted_cdf")
    return np.minimum(low, point), np.maximum(high, point)


def _scenario_rows(
    run_time: str, names: list[str], cell: _Cell, kinds: Mapping[str, str], ranks: Mapping[str, Ranked],
    vision: float | None, main: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    rows: list[dict[str, Any]] = []
    limits = {kind: (bounds(of.rank, of.rank_drawn), bounds(of.regret, of.regret_drawn))
              for kind, of in ranks.items() if of.places}  # fmt: skip
    for s, scenario in enumerate(names):
        for at, arm in cell.shown(main):
            one = estimate(cell.effects[s, at] if at >= 0 else np.zeros(cell.effects.shape[2]))
            row: dict[str, Any] = {"scenario": scenario, "run_time": run_time, "arm": arm, "kind": kinds[arm]}
            row |= {"population": cell.people[s, at + 1].mean(), "effect": one.mean, "low": one.low, "high": one.high}
            of = ranks.get(kinds[arm])
            if of is not None:
                i = of.places.index(at)
                (rank_low, rank_high), (low, high) = limits[kinds[arm]]
                row |= {"rank": of.rank[s, i], "rank_low": rank_low[s, i], "rank_high": rank_high[s, i]}
                row |= {"regret": of.regret[s, i], "regret_low": low[s, i], "regret_high": high[s, i]}
            row |= {"met": _share(cell.people[s, at + 1], vision), COST: cell.cost[at] if at >= 0 else 0.0}
            rows.append({**row, "seeds": one.n})
    return rows


def _rows_over(
    run_time: str, names: list[str], cell: _Cell, kinds: Mapping[str, str], ranks: Mapping[str, Ranked],
    vision: float | None, met: Mapping[str, tuple[float, int]], main: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """For each arm: its largest regret over scenarios, its best and worst rank, and where the vision is met."""
    rows = []
    worst = {kind: _largest_regret(of) for kind, of in ranks.items() if of.places}
    for at, arm in cell.shown(main):
        row: dict[str, Any] = {"run_time": run_time, "arm": arm, "kind": kinds[arm]}
        of = ranks.get(kinds[arm])
        if of is not None:
            i, (most, low, high, least) = of.places.index(at), worst[kinds[arm]]
            row |= {"max_regret": most[i], "low": low[i], "high": high[i], "chance_least": least[i]}
            row |= {"worst_scenario": names[int(of.regret[:, i].argmax())] if most[i] > 0.0 else ""}
            row |= {"rank_best": of.rank[:, i].min(), "rank_worst": of.rank[:, i].max()}
        people = cell.people[:, at + 1]
        row |= {"futures_met": _share(people, vision), "futures": people.size}
        share, futures = met.get(arm, (np.nan, 0))
        row |= {"futures_met_drawn": share, "futures_drawn": futures, COST: cell.cost[at] if at >= 0 else 0.0}
        rows.append(row)
    return rows


def _largest_regret(of: Ranked) -> tuple[Floats, Floats, Floats, Floats]:
    """The largest regret over scenarios with its interval, and how often chance gives the least of all rivals."""
    most, drawn = of.regret.max(axis=0), of.regret_drawn.max(axis=1)
    least = drawn == drawn.min(axis=1, keepdims=True)
    return most, *bounds(most, drawn), (least / least.sum(axis=1, keepdims=True)).mean(axis=0)


def _share(people: Floats, vision: float | None) -> float:
    return float("nan") if vision is None else float((people >= vision).mean())


def _met_when_drawn(
    drawn: pd.DataFrame, names: list[str], kinds: Mapping[str, str], vision: float | None
) -> dict[str, tuple[float, int]]:
    """By arm the share of scenarios x draws in which the vision is met, and how many these are."""
    if not len(drawn) or vision is None:
        return {}
    people = _ordered(drawn, names, list(kinds), "theta", OUTCOME)
    return {arm: (_share(people[:, place], vision), people[:, place].size) for place, arm in enumerate(kinds)}


def _agreement(names: list[str], cell: _Cell, places: Sequence[int]) -> dict[str, Any]:
    """How far the packages' rankings agree over scenarios, and which pairs change places beyond chance."""
    means, keys = cell.effects[:, places].mean(axis=2), [cell.arms[place] for place in places]
    samples = cell.effects[:, places]
    drawn = cell.drawn[:, :, places]
    point = kendall_w(ranks_of(means.T))
    of_chance = np.array([kendall_w(ranks_of(one.T)) for one in drawn])
    defined = of_chance[np.isfinite(of_chance)]
    low, high = bounds(np.array(point), defined) if len(defined) else (np.nan, np.nan)
    first = drawn.argmax(axis=2)
    return {
        "kendall_w": point,
        "kendall_w_low": float(low),
        "kendall_w_high": float(high),
        "tau": {name: float(kendall_tau(means[0], mean)) for name, mean in zip(names[1:], means[1:], strict=True)},
        "reversed": {
            name: reversed_pairs(keys, samples[0], other) for name, other in zip(names[1:], samples[1:], strict=True)
        },
        "first": {name: keys[int(mean.argmax())] for name, mean in zip(names, means, strict=True)},
        "same_first": float((first == first[:, :1]).all(axis=1).mean()),
        "pairs": len(keys) * (len(keys) - 1) // 2,
    }
