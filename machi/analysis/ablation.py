"""What the people of a model are worth to a ranking: full agents, agents without market and network, and the twin.

All three have the same packages at central values and strength 1. Effects of the two models with people are paired by
seed, with 90 % intervals of chance; the twin is a cohort projection and has no chance in it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from machi.analysis.concordance import kendall_tau, kendall_w, ranks_of
from machi.analysis.paired import OUTCOME, Estimate, cube, estimate
from machi.questions.design import AGENTS, NO_MARKET

if TYPE_CHECKING:
    from abm.levered import Twin
    from machi.runs.groundwork import Ground

Floats = NDArray[np.float64]
TWIN = "twin"
MODELS = (AGENTS, NO_MARKET, TWIN)
FLOW_SEED = 1  # of the one run without policy from which the twin takes returns and marriages


class Ablation(NamedTuple):
    """The table `ablation.csv`, and what the page says in sentences."""

    table: pd.DataFrame
    notes: dict[str, Any]


def twin_of_ground(ground: "Ground", fraction: float, movers_per_slot: float) -> "Twin":
    """The twin of a ground's reference arm; one run without policy gives the flows that a projection does not have."""
    from abm.forecast.future import fled, start_people
    from abm.levered import twin_of
    from abm.levers import neutral
    from abm.simulation import simulate

    reference, future = ground.reference(), ground.future()
    agents = simulate(ground.founding(fraction), reference, neutral(ground.end - ground.start), FLOW_SEED)
    shares = ground.town.japan.birth_order_share
    return twin_of(reference, start_people(future), fled(future), shares, agents, movers_per_slot)


def twin_effects(twin: "Twin", levers: Mapping[str, Floats]) -> dict[str, float]:
    """Residents at the horizon under the levers of each arm minus those without."""
    from abm.levered import residents
    from abm.levers import neutral

    years = len(twin.reference.rates.years)
    usual = float(residents(twin, neutral(years))[-1])
    return {arm: float(residents(twin, one)[-1]) - usual for arm, one in levers.items()}


def ablation(runs: pd.DataFrame, meta: Sequence[Mapping[str, Any]], twin: Mapping[str, float]) -> Ablation:
    """The packages' effects and ranks in the three models, and how far their rankings agree."""
    keys = [str(one["key"]) for one in meta]
    differences = {design: paired_differences(runs, design, keys) for design in (AGENTS, NO_MARKET)}
    of_twin = np.array([twin[key] for key in keys])
    samples = {**differences, TWIN: of_twin[:, None]}
    columns: dict[str, Any] = {"package": keys}
    columns |= {name: [str(one[name]) for one in meta] for name in ("name_ja", "name_en")}
    for model, sample in samples.items():
        found = [estimate(one) for one in sample]
        columns |= _columns(model, found)
    table = pd.DataFrame(columns).sort_values("rank_agents", kind="stable", ignore_index=True)
    return Ablation(table, _notes(keys, samples))


def paired_differences(runs: pd.DataFrame, design: str, keys: Sequence[str]) -> Floats:
    """Arm minus none by seed, float64[packages, replications]; InputError where a run is missing."""
    labels, values = cube(runs[runs["design"] == design], ["arm", "replication"], OUTCOME)
    arms = [str(arm) for arm in labels[0]]
    usual = values[arms.index("none")]
    return np.stack([values[arms.index(key)] - usual for key in keys])


def _columns(model: str, found: Sequence[Estimate]) -> dict[str, Any]:
    """Effect, interval (none for the twin) and rank in one model."""
    mean = np.array([one.mean for one in found])
    interval = {} if model == TWIN else {
        f"{model}_low": [one.low for one in found], f"{model}_high": [one.high for one in found]}  # fmt: skip
    return {model: mean, **interval, f"rank_{model}": ranks_of(mean)}


def _notes(keys: Sequence[str], samples: Mapping[str, Floats]) -> dict[str, Any]:
    means = {model: sample.mean(axis=1) for model, sample in samples.items()}
    pairs = [(one, other) for i, one in enumerate(MODELS) for other in MODELS[i + 1 :]]
    swapped = {f"{one}-{other}": reversed_pairs(keys, samples[one], samples[other]) for one, other in pairs}
    return {
        "replications": samples[AGENTS].shape[1],
        "tau": {f"{one}-{other}": float(kendall_tau(means[one], means[other])) for one, other in pairs},
        "tau_interval": {f"{one}-{other}": list(_tau_interval(samples[one], samples[other])) for one, other in pairs},
        "kendall_w": kendall_w(np.stack([ranks_of(means[model]) for model in MODELS], axis=1)),
        "reversed": swapped,
        "same": not any(swapped.values()),
        "pairs": len(keys) * (len(keys) - 1) // 2,
    }


def reversed_pairs(keys: Sequence[str], one: Floats, other: Floats) -> list[list[str]]:
    """Pairs of packages that both models put in an order beyond chance, and in opposite ones."""
    found = []
    for i in range(len(keys)):
        for j in range(i + 1, len(keys)):
            signs = [_sign(estimate(sample[i] - sample[j])) for sample in (one, other)]
            if signs[0] * signs[1] < 0:
                found.append([keys[i], keys[j]])
    return found


def _sign(difference: Estimate) -> int:
    """The sign of a difference, 0 where chance may have made it; without replications there is no chance in it."""
    if difference.n < 2:
        return int(np.sign(difference.mean))
    return int(difference.low > 0) - int(difference.high < 0)


def _tau_interval(one: Floats, other: Floats) -> tuple[float, float]:
    """90 % percentiles of Kendall's tau over resampled replications."""
    from machi.analysis.sensitivity import RESAMPLES, TAILS

    rng = np.random.default_rng(FLOW_SEED)
    chosen = []
    for sample in (one, other):
        n = sample.shape[1]
        shares = rng.multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES) / n
        chosen.append(np.asarray(shares @ sample.T, dtype=np.float64))
    found = kendall_tau(chosen[0], chosen[1])
    if np.isnan(found).all():
        return float("nan"), float("nan")
    low, high = np.nanpercentile(found, TAILS)
    return float(low), float(high)
