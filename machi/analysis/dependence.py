"""Which structural parameters the ranking of packages depends on, read off runs under draws of structure.

Effects are arm minus none under the same draw and seed, freed of Monte Carlo noise as predictive draws are. Spearman's
rho relates each parameter's value to each package's effect and to its place in the ranking (positive: it climbs).
Intervals are 90 % percentiles over resampled draws. Among hundreds of coefficients some are large by chance, so the
ranking is said to depend on a parameter only beyond a bound that the largest of all of them passes in one of ten
shuffles of the draws (a permutation test of the family: Westfall and Young 1993, Resampling-Based Multiple Testing).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.known.structure import StructuralParameter
from machi.analysis.concordance import kendall_w, ranks_of, spearman, standardised
from machi.analysis.paired import OUTCOME, predictive_differences
from machi.analysis.predictive import RandomEffects, without_noise
from machi.analysis.sensitivity import CONFIDENCE, RESAMPLES, TAILS
from machi.questions.design import STRUCTURE

Floats = NDArray[np.float64]
PODIUM = 3
THIRD = 3  # draws are compared where a parameter is in its lowest and in its highest third


class Dependence(NamedTuple):
    """The table `structure.csv`, and what the page says in sentences."""

    table: pd.DataFrame
    notes: dict[str, Any]


def dependence(
    runs: pd.DataFrame,
    run_time: str,
    keys: Sequence[str],
    parameters: Sequence[StructuralParameter],
    values: Floats,
    seed: int,
) -> Dependence:
    """How effects and ranks of the packages `keys` go with the parameters' `values` [parameters, draws]."""
    differences = predictive_differences(runs, run_time, list(keys), OUTCOME, STRUCTURE)
    effects = [without_noise(one) for one in differences]
    found = np.stack([one.draws for one in effects])
    ranks = ranks_of(found)
    with_effect, with_place = spearman(found, values), spearman(-ranks, values)
    rng = np.random.default_rng(seed)
    bounds = _bootstrap(found, values, rng)
    bound = chance_bound(ranks, values, rng)
    sure = (bounds[2] > 0) | (bounds[3] < 0)
    depends = sure & (np.abs(with_place) >= bound)
    thirds = [_by_thirds(of, values) for of in (found, ranks)]
    columns = {
        "rho_effect": with_effect, "rho_effect_low": bounds[0], "rho_effect_high": bounds[1],
        "rho_rank": with_place, "rho_rank_low": bounds[2], "rho_rank_high": bounds[3],
        "effect_low_third": thirds[0][0], "effect_high_third": thirds[0][1],
        "rank_low_third": thirds[1][0], "rank_high_third": thirds[1][1],
        "depends": depends,
    }  # fmt: skip
    table = _table(keys, parameters, columns)
    return Dependence(table, _notes(keys, parameters, effects, ranks, bound, depends))


def chance_bound(ranks: Floats, values: Floats, rng: np.random.Generator) -> float:
    """The |rho| that the largest of all coefficients passes in 10 % of shuffles of the draws."""
    places, drawn = standardised(-ranks), standardised(values)
    draws = values.shape[1]
    largest = [np.abs(places[:, rng.permutation(draws)] @ drawn.T).max() for _ in range(RESAMPLES)]
    return float(np.quantile(largest, CONFIDENCE))


def _bootstrap(effects: Floats, values: Floats, rng: np.random.Generator) -> Floats:
    """Low and high of rho with effects, then with places: float64[4, packages, parameters]."""
    draws = values.shape[1]
    found = np.empty((2, RESAMPLES, len(effects), len(values)))
    for b in range(RESAMPLES):
        chosen = rng.integers(0, draws, draws)
        some = effects[:, chosen]
        found[0, b] = spearman(some, values[:, chosen])
        found[1, b] = spearman(-ranks_of(some), values[:, chosen])
    low, high = np.percentile(found, TAILS, axis=1)
    return np.stack([low[0], high[0], low[1], high[1]])


def _by_thirds(of: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Means of `of` [packages, draws] where each parameter is in its lowest and its highest third."""
    order = np.argsort(values, axis=1, kind="stable")
    size = max(values.shape[1] // THIRD, 1)
    lowest = np.stack([of[:, row[:size]].mean(axis=1) for row in order], axis=1)
    highest = np.stack([of[:, row[-size:]].mean(axis=1) for row in order], axis=1)
    return lowest, highest


def _table(keys: Sequence[str], parameters: Sequence[StructuralParameter], columns: dict[str, Any]) -> pd.DataFrame:
    """One row per package and parameter."""
    described = pd.DataFrame(
        [
            (key, one.name, one.en, one.ja, one.value, one.low, one.high, one.status, one.source)
            for key in keys
            for one in parameters
        ],
        columns=["package", "parameter", "en", "ja", "value", "low", "high", "status", "source"],
    )
    return described.assign(**{name: np.asarray(values).ravel() for name, values in columns.items()})


def _notes(
    keys: Sequence[str],
    parameters: Sequence[StructuralParameter],
    effects: Sequence[RandomEffects],
    ranks: Floats,
    bound: float,
    depends: NDArray[np.bool_],
) -> dict[str, Any]:
    """Rank stability over the draws, and what the ranking depends on."""
    mean = np.array([one.draws.mean() for one in effects])
    podium = np.argsort(-mean, kind="stable")[:PODIUM]
    stays = np.sort(np.argsort(ranks, axis=0, kind="stable")[:PODIUM], axis=0) == np.sort(podium)[:, None]
    names = [one.name for one in parameters]
    return {
        "draws": ranks.shape[1],
        "parameters": len(parameters),
        "bound": bound,
        "kendall_w": kendall_w(ranks),
        "top3": [keys[i] for i in podium],
        "top3_share": float(stays.all(axis=0).mean()),
        "first_share": float((ranks[podium[0]] == 1).mean()),
        "effect": dict(zip(keys, mean.tolist(), strict=True)),
        "effect_sd_structure": {key: one.between**0.5 for key, one in zip(keys, effects, strict=True)},
        "effect_sd_chance": {key: one.within**0.5 for key, one in zip(keys, effects, strict=True)},
        "depends_on": [names[j] for j in np.flatnonzero(depends.any(axis=0))],
    }
