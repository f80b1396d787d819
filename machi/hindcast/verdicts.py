"""Whether a hindcast reaches what was aimed at; a single launch is shown but never judged."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from .judging import AGENTS, HAMILTON_PERRY, PLAIN, TREND
from .tables import ALL, TOWNS

LAUNCHES = 2  # fewer are not judged
COVERAGE = (0.80, 0.97)  # aimed at, of the 90 % intervals over all cells
TOWN_SHARE = 0.75  # of the towns in which both plain methods are to be beaten
BEATEN_IN = ("wape", "total_error")


class Verdict(NamedTuple):
    """One line: what was aimed at, whether it was reached (None: not judged), and the figures for its sentence."""

    basis: str
    aim: str
    reached: bool | None
    figures: dict[str, float]


def verdicts(means: pd.DataFrame, covered: pd.DataFrame, towns: Sequence[str]) -> list[Verdict]:
    """The verdicts of every basis, and of all together."""
    found = []
    for basis in dict.fromkeys(means["basis"]):
        of_basis = means[means["basis"] == basis]
        launches = int(of_basis.loc[of_basis["area"] == ALL, "launches"].max())
        if launches < LAUNCHES:
            found.append(Verdict(basis, "single", None, {"launches": float(launches)}))
            continue
        if towns:
            found.append(_beaten_in_towns(basis, of_basis, towns))
        found.append(_beaten_pooled(basis, of_basis))
        found.append(_covered(basis, covered))
        found.append(_children(basis, of_basis))
    return found


def _value(means: pd.DataFrame, area: str, method: str, measure: str) -> float:
    rows = means[(means["area"] == area) & (means["method"] == method)]
    return float(rows[measure].iloc[0])


def _beats(means: pd.DataFrame, area: str) -> bool:
    """Whether the trend has both lower errors than both plain methods."""
    return all(
        _value(means, area, TREND, measure) < _value(means, area, plain, measure)
        for plain in PLAIN
        for measure in BEATEN_IN
    )


def _beaten_in_towns(basis: str, means: pd.DataFrame, towns: Sequence[str]) -> Verdict:
    there = [town for town in towns if town in set(means["area"])]
    number = sum(_beats(means, town) for town in there)
    return Verdict(basis, "towns", number >= TOWN_SHARE * len(there), {"number": number, "of": len(there)})


def _beaten_pooled(basis: str, means: pd.DataFrame) -> Verdict:
    """Pooled over the towns and over all areas."""
    scopes = [scope for scope in (TOWNS, ALL) if scope in set(means["area"])]
    figures = {measure: 100 * _value(means, ALL, TREND, measure) for measure in BEATEN_IN}
    for plain in PLAIN:
        figures |= {f"{measure}_{plain}": 100 * _value(means, ALL, plain, measure) for measure in BEATEN_IN}
    return Verdict(basis, "pooled", all(_beats(means, scope) for scope in scopes), figures)


def _covered(basis: str, covered: pd.DataFrame) -> Verdict:
    here = covered[(covered["basis"] == basis) & (covered["horizon"] == ALL)].set_index("kind")
    figures = {name: float(here[name]["cells"]) for name in ("share", "low", "high")}
    figures["total"] = float(here["share"]["total"])
    share = figures["share"]
    return Verdict(basis, "coverage", COVERAGE[0] <= share <= COVERAGE[1], {k: 100 * v for k, v in figures.items()})


def _children(basis: str, means: pd.DataFrame) -> Verdict:
    own, other = (_value(means, ALL, method, "ages_0_4_error") for method in (TREND, HAMILTON_PERRY))
    return Verdict(basis, "ages_0_4", own < other, {"trend": 100 * own, "other": 100 * other})


def agents_gain(long: pd.DataFrame) -> pd.DataFrame:
    """Absolute errors of the agents minus those of the trend, by case (below zero: the agents were nearer)."""
    keys = ["area", "basis", "launch", "end", "measure"]
    errors = long[long["measure"].str.endswith("_error") | (long["measure"] == "wape")]
    sized = errors.assign(value=errors["value"].abs()).set_index([*keys, "method"])["value"].unstack("method")
    if AGENTS not in sized:
        return pd.DataFrame(columns=[*keys, "gain"])
    gain = (sized[AGENTS] - sized[TREND]).dropna().rename("gain")
    return gain.reset_index()
