"""Which package moves the town's population: effects, intervals, ranks, ties and what the sum reaches."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from machi.analysis.paired import (
    COST,
    EARLY,
    OUTCOME,
    Estimate,
    alone_differences,
    alone_values,
    estimate,
    finite_outcomes,
    has_predictive_arm,
    headline_run_time,
    predictive_differences,
    sampled,
)
from machi.analysis.predictive import (
    RandomEffects,
    greater_probabilities,
    rank_probabilities,
    tied_pairs,
    without_noise,
)
from machi.analysis.sensitivity import TAILS, Morris, Sobol, checked_seed, morris_effects, sobol_indices
from machi.analysis.trees import by_package, morris_tree, plain, sobol_tree
from machi.questions.design import EVERYTHING

Floats = NDArray[np.float64]

EARLY_YEAR = 2030  # the nearer year of the published vision
PER_COST = 100.0  # people per 100 million yen (1 oku yen)
SHARP = 0.05  # a standard error of 5 % of the effect: the precision that is asked of each package
PODIUM = 3
PLAN = "plan"
RANKING_PLAN = ("package", "effect", "effect_mc_low", "effect_mc_high", "rank_alone", COST)


@dataclass(frozen=True)
class RankingResult:
    """The answer of an experiment: tables for CSV, two trees for JSON (None where a figure is undefined)."""

    ranking: pd.DataFrame
    ranking_plan: pd.DataFrame
    summary: pd.DataFrame
    sensitivity: dict[str, Any]
    notes: dict[str, Any]


class _Findings(NamedTuple):
    """What the four designs say, packages in the order of `keys`."""

    keys: list[str]
    alone: list[Estimate]
    cost: Floats  # million yen, start to horizon
    predictive: list[RandomEffects]
    everything: RandomEffects | None
    morris: Morris
    sobol: Sobol

    @property
    def draws(self) -> Floats:
        """Effects without noise, float64[packages, draws]."""
        return np.stack([effect.draws for effect in self.predictive])


def rank(
    runs: pd.DataFrame,
    strengths: pd.DataFrame,
    packages_meta: list[dict[str, Any]],
    seed: int,
    horizon_gap: dict[Any, float] | None = None,
    horizon: int | None = None,
) -> RankingResult:
    """Rank the packages by Morris' mu, with paired effects, predictive intervals and Sobol indices beside it.

    `runs` and `strengths` are the tables of a result folder, rows in any order; `packages_meta` holds key,
    name_ja, name_en and grade of each package; `horizon_gap` maps a year to the people missing to the
    published vision; `horizon` is the last year (default: that of the gap). Raises `InputError` where
    an outcome is not finite, arms do not share their replications, or a sample is missing.
    """
    checked_seed(seed)
    outcomes = finite_outcomes(runs)
    run_time = headline_run_time(runs)
    found = _findings(runs, strengths, [str(meta["key"]) for meta in packages_meta], run_time, seed)
    gap = {int(year): float(people) for year, people in (horizon_gap or {}).items()}
    last = horizon if horizon is not None else max(gap, default=None)
    years = {str(last) if last is not None else "horizon": OUTCOME}
    if EARLY in outcomes and last != EARLY_YEAR:
        years = {str(EARLY_YEAR): EARLY, **years}
    notes = {"run_time": run_time, **_precision(found), **_sums(runs, run_time, found, years, gap)}
    return RankingResult(
        _ranking(packages_meta, found),
        _ranking_plan(runs, found.keys),
        _summary(runs, outcomes),
        plain(_sensitivity(found)),
        plain(notes),
    )


def _findings(runs: pd.DataFrame, strengths: pd.DataFrame, keys: list[str], run_time: str, seed: int) -> _Findings:
    whole = [EVERYTHING] if has_predictive_arm(runs, EVERYTHING) else []
    differences = predictive_differences(runs, run_time, [*keys, *whole], OUTCOME)
    predictive = [without_noise(one) for one in differences]
    return _Findings(
        keys,
        [estimate(one) for one in alone_differences(runs, run_time, keys, OUTCOME)],
        alone_values(runs, run_time, keys, COST)[1:].mean(axis=1),
        predictive[: len(keys)],
        predictive[-1] if whole else None,
        morris_effects(*sampled(runs, strengths, "morris", keys, OUTCOME), seed),
        sobol_indices(*sampled(runs, strengths, "sobol", keys, OUTCOME), seed),
    )


def ranks(values: Sequence[float] | Floats) -> list[int]:
    """Rank 1 for the largest value; equal values keep their order."""
    order = np.argsort(-np.asarray(values, dtype=np.float64), kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(1, len(order) + 1)
    return [int(rank) for rank in place]


def _ranking(packages_meta: list[dict[str, Any]], found: _Findings) -> pd.DataFrame:
    """The headline table, one row per package, sorted by rank_mu."""
    effect = np.array([one.mean for one in found.alone])
    low, high = np.percentile(found.draws, TAILS, axis=1)
    columns: dict[str, Any] = {"package": found.keys}
    columns |= {name: [str(meta[name]) for meta in packages_meta] for name in ("name_ja", "name_en", "grade")}
    columns |= {"mu": found.morris.mu, "mu_low": found.morris.mu_low, "mu_high": found.morris.mu_high}
    columns |= {"rank_mu": ranks(found.morris.mu), "mu_star": found.morris.mu_star}
    columns |= {"sigma": found.morris.sigma}
    columns |= {"effect": effect, "effect_mc_low": [one.low for one in found.alone]}
    columns |= {"effect_mc_high": [one.high for one in found.alone], "effect_low": low, "effect_high": high}
    columns |= {"rank_alone": ranks(effect)}
    columns |= {"p_top3": rank_probabilities(found.draws)[:, :PODIUM].sum(axis=1)}
    columns |= {"total_index": found.sobol.total_index, "total_index_low": found.sobol.total_index_low}
    columns |= {"total_index_high": found.sobol.total_index_high, COST: found.cost}
    columns |= {"people_per_100_million_yen": _over(effect, found.cost) * PER_COST}
    return pd.DataFrame(columns).sort_values("rank_mu", ignore_index=True)


def _ranking_plan(runs: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The alone-readings of the run-time `plan`, sorted by rank_alone; empty where it was not run."""
    if not ((runs["design"] == "alone") & (runs["run_time"] == PLAN)).any():
        return pd.DataFrame({name: [] for name in RANKING_PLAN})
    effects = [estimate(one) for one in alone_differences(runs, PLAN, keys, OUTCOME)]
    mean = [one.mean for one in effects]
    columns = (
        keys, mean, [one.low for one in effects], [one.high for one in effects], ranks(mean),
        alone_values(runs, PLAN, keys, COST)[1:].mean(axis=1),
    )  # fmt: skip
    table = pd.DataFrame(dict(zip(RANKING_PLAN, columns, strict=True)))
    return table.sort_values("rank_alone", ignore_index=True)


def _summary(runs: pd.DataFrame, outcomes: list[str]) -> pd.DataFrame:
    """Mean and 90 % Monte Carlo interval of every outcome by arm and run-time, at central values."""
    rows = []
    alone = runs[runs["design"] == "alone"].sort_values("replication", kind="stable")
    for labels, group in alone.groupby(["arm", "run_time"], sort=True):
        arm, run_time = labels if isinstance(labels, tuple) else (labels, "")
        for outcome in outcomes:
            one = estimate(group[outcome].to_numpy(dtype=np.float64))
            rows.append((arm, run_time, outcome, one.mean, one.low, one.high, one.n))
    return pd.DataFrame(rows, columns=["arm", "run_time", "outcome", "mean", "mc_low", "mc_high", "n"])


def replications_needed(effect: Estimate) -> tuple[int | None, str | None]:
    """Paired replications for a standard error of 5 % of the effect, or None and the reason."""
    if math.isnan(effect.deviation):
        return None, "one replication says nothing about the error"
    if effect.mean == 0.0:
        return None, "the effect is zero"
    return max(1, math.ceil((effect.deviation / (SHARP * abs(effect.mean))) ** 2)), None


def _precision(found: _Findings) -> dict[str, Any]:
    """How far the figures carry: replications for 5 %, ties, noise."""
    needed = {key: replications_needed(one) for key, one in zip(found.keys, found.alone, strict=True)}
    sobol = found.sobol
    return {
        "replications": found.alone[0].n,
        "replications_for_5_percent": {key: n for key, (n, _) in needed.items()},
        "replications_reason": {key: reason for key, (_, reason) in needed.items() if reason},
        "standard_error": {key: one.error for key, one in zip(found.keys, found.alone, strict=True)},
        "ties": _ties(found),
        "noise_share": sobol.noise_share,
        "noise_share_seed_mean": sobol.noise_share_seed_mean,
        "noise_share_differences": by_package(found.keys, sobol.noise_share_differences),
        "too_noisy_to_rank": sobol.too_noisy_to_rank,
    }


def _ties(found: _Findings) -> list[list[str]]:
    return [[found.keys[i], found.keys[j]] for i, j in tied_pairs(greater_probabilities(found.draws))]


def _sums(
    runs: pd.DataFrame, run_time: str, found: _Findings, years: dict[str, str], gap: dict[int, float]
) -> dict[str, Any]:
    """What all packages reach together, by year, beside the sum of each alone and the gap to the vision."""
    notes: dict[str, dict[str, Any]] = {
        "sum_of_all": {}, "sum_of_all_interval": {}, "sum_of_alone": {}, "reached_share": {},
    }  # fmt: skip
    for year, outcome in years.items():
        together = estimate(alone_differences(runs, run_time, [EVERYTHING], outcome)[0])
        interval = {"mc_low": together.low, "mc_high": together.high}
        if found.everything is not None:
            draws = found.everything.draws
            if outcome != OUTCOME:
                draws = without_noise(predictive_differences(runs, run_time, [EVERYTHING], outcome)[0]).draws
            interval |= dict(zip(("low", "high"), np.percentile(draws, TAILS).tolist(), strict=True))
        notes["sum_of_all"][year] = together.mean
        notes["sum_of_all_interval"][year] = interval
        alone = alone_differences(runs, run_time, found.keys, outcome)
        notes["sum_of_alone"][year] = float(alone.mean(axis=1).sum())
        missing = gap.get(int(year)) if year.isdigit() else None
        if missing:
            reached = {name: value / missing for name, value in interval.items()}
            notes["reached_share"][year] = {"share": together.mean / missing, **reached}
    return {**notes, "gap": {str(year): people for year, people in sorted(gap.items())}}


def _sensitivity(found: _Findings) -> dict[str, Any]:
    """The whole of the three sensitivity designs, keyed by package."""
    return {
        "packages": found.keys,
        "morris": morris_tree(found.keys, found.morris),
        "sobol": sobol_tree(found.keys, found.sobol),
        "predictive": _predictive_tree(found),
    }


def _predictive_tree(found: _Findings) -> dict[str, Any]:
    fields = {"sigma2_within": "within", "sigma2_between": "between", "null_share": "null_share"}
    return {
        **{name: {key: getattr(one, field) for key, one in zip(found.keys, found.predictive, strict=True)}
           for name, field in fields.items()},
        "draws": found.draws.shape[1],
        "noise_removed": all(one.noise_removed for one in found.predictive),
        "mean": by_package(found.keys, found.draws.mean(axis=1)),
        "p_rank": rank_probabilities(found.draws),
        "p_greater": greater_probabilities(found.draws),
        "ties": _ties(found),
    }  # fmt: skip


def _over(top: Floats, below: Floats) -> Floats:
    return np.divide(top, below, out=np.full_like(top, np.nan), where=below != 0.0)
