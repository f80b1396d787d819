"""What the page says in figures: the trend, what packages reach of the gap, where the people come from."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from .reading import Manifest, Result

SUSTAINED, PLAN = "sustained", "plan"
NONE, ALL = "none", "all"
UPPER = 0.95  # every interval on the page is a 90 % interval
BASELINES, VISIONS = ("baseline", "trend"), ("vision2", "vision", "vision1")  # the first one printed is shown
YARDSTICKS = {*BASELINES, *VISIONS}


class Estimate(NamedTuple):
    """A figure with its interval; low and high are NaN where the folder has no interval."""

    value: float
    low: float
    high: float


class Gain(NamedTuple):
    """People of an arm minus the reference arm in a year, with both intervals, and the gap to the vision."""

    year: int
    effect: Estimate  # interval: 90 % Monte Carlo (chance only)
    predictive: Estimate  # interval: 90 % predictive (uncertain evidence)
    gap: float


class Origin(NamedTuple):
    """An effect at the horizon split into net migration and births less deaths (persons)."""

    arm: str
    effect: float
    migration: float
    natural: float


def headline_run_time(manifest: Manifest) -> str:
    """The run-time that the headline ranking speaks of; results that do not note it are of `sustained`."""
    noted = manifest.notes.get("run_time")
    return noted if noted in (SUSTAINED, PLAN) else SUSTAINED


def trend(result: Result, arm: str, run_time: str = SUSTAINED) -> pd.DataFrame:
    """Residents by year: mean over replications and the 90 % range of a single town's chance.

    Columns year, mean, low, high (persons); empty where the folder has no such arm. With one replication the
    range is NaN. The range is Student's prediction interval for one further replication.
    """
    paths = _population(result, arm, run_time)
    n = paths.shape[1]
    mean = paths.mean(axis=1)
    spread = paths.std(axis=1, ddof=1) if n > 1 else mean * np.nan
    half = spread * (stats.t.ppf(UPPER, n - 1) if n > 1 else np.nan) * np.sqrt(1 + 1 / max(n, 1))
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half}).reset_index(names="year")


def difference(result: Result, arm: str, run_time: str = SUSTAINED) -> pd.DataFrame:
    """Residents of an arm minus the reference arm, paired by replication.

    Columns year, mean, low, high (persons, 90 % Monte Carlo interval of the mean).
    """
    gain = (_population(result, arm, run_time) - _population(result, NONE, run_time)).dropna(axis=1)
    n = gain.shape[1]
    mean = gain.mean(axis=1)
    error = gain.std(axis=1, ddof=1) / np.sqrt(n) if n > 1 else mean * np.nan
    half = error * (stats.t.ppf(UPPER, n - 1) if n > 1 else np.nan)
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half}).reset_index(names="year")


def _population(result: Result, arm: str, run_time: str) -> pd.DataFrame:
    """Residents, year by replication; the reference arm has no policy, so any run-time of it serves."""
    series = result.series
    rows = series[(series["indicator"] == "population") & (series["arm"] == arm)]
    chosen = rows[rows["run_time"] == run_time]
    if chosen.empty and arm == NONE:
        chosen = rows
    if chosen.empty:
        return pd.DataFrame(index=pd.Index([], name="year"), dtype=float)
    return chosen.pivot_table(index="year", columns="replication", values="value").astype(float)


def published(manifest: Manifest) -> tuple[dict[int, float], dict[int, float]]:
    """The city's own baseline and its vision by year (persons), between start and end."""

    def path(indicators: tuple[str, ...]) -> dict[int, float]:
        for indicator in indicators:
            rows = [row for row in manifest.published if row.indicator == indicator]
            found = {row.year: row.value for row in rows if manifest.start <= row.year <= manifest.end}
            if found:
                return found
        return {}

    return path(BASELINES), path(VISIONS)


def gaps(manifest: Manifest) -> dict[int, float]:
    """The vision minus the baseline by year, as the manifest notes it, else from the published figures."""
    noted = manifest.notes.get("gap")
    if isinstance(noted, Mapping):
        return {int(year): float(value) for year, value in noted.items() if isinstance(value, int | float)}
    baseline, vision = published(manifest)
    return {year: vision[year] - baseline[year] for year in sorted(baseline) if year in vision}


def gains_of_all(result: Result) -> list[Gain]:
    """What all packages together add in each year that the city has published, last year last."""
    notes = result.manifest.notes
    paths = difference(result, ALL, headline_run_time(result.manifest)).set_index("year")
    gap = gaps(result.manifest)
    found = []
    for year in sorted(set(gap) | {result.manifest.end}):
        noted = _part(notes, "sum_of_all").get(str(year))
        bounds = _part(_part(notes, "sum_of_all_interval"), str(year))
        if isinstance(noted, int | float):
            effect = _estimate(noted, bounds.get("mc_low"), bounds.get("mc_high"))
        elif year in paths.index:
            effect = _estimate(*(paths.loc[year, name] for name in ("mean", "low", "high")))
        else:
            continue
        drawn = _estimate(effect.value, bounds.get("low"), bounds.get("high"))
        found.append(Gain(year, effect, drawn, gap.get(year, np.nan)))
    return found


def with_gap(gains: list[Gain]) -> list[Gain]:
    """The years in which the city prints both a projection and a vision (none in some towns)."""
    return [gain for gain in gains if np.isfinite(gain.gap)]


def _estimate(*figures: Any) -> Estimate:
    """Central, low and high; what is not a figure is NaN."""
    return Estimate(*(float(one) if isinstance(one, int | float) else float("nan") for one in figures))


def origins(result: Result) -> list[Origin]:
    """Where each package's people at the horizon come from: moves (a loss elsewhere), births less deaths."""
    runs = result.runs
    if runs is None:
        return []
    rows = runs[(runs["design"] == "alone") & (runs["run_time"] == headline_run_time(result.manifest))]
    table = {arm: part.set_index("replication") for arm, part in rows.groupby("arm")}
    if NONE not in table:
        return []
    found = []
    for arm in [*result.ranking["package"], ALL]:
        if arm in table:
            gain = (table[arm][["population", "moves_net"]] - table[NONE][["population", "moves_net"]]).mean()
            effect, moved = float(gain["population"]), float(gain["moves_net"])
            found.append(Origin(arm, effect, moved, effect - moved))
    return found


class Introduced(NamedTuple):
    """Marriages that matchmaking makes in a package's arm, a year from its first to the horizon."""

    package: str
    a_year: float
    share: float  # of all marriages of residents of these years


def introduced(result: Result) -> list[Introduced]:
    """What matchmaking makes in each package alone, where it makes anything (none in results that do not tell)."""
    series = result.series
    said = headline_run_time(result.manifest)
    rows = series[(series["run_time"] == said) & series["indicator"].isin(["introduced", "marriages"])]
    found = []
    for package in result.ranking["package"]:
        mine = rows[rows["arm"] == package].pivot_table(index="year", columns="indicator", values="value")
        if "introduced" in mine and (made := mine[mine["introduced"] > 0]).shape[0]:
            later = mine.loc[made.index[0] :]
            a_year = float(later["introduced"].mean())
            found.append(Introduced(package, a_year, a_year / float(later["marriages"].mean())))
    return found


def ties(result: Result) -> dict[str, list[str]]:
    """For each package those that the evidence cannot tell from it (P(i > j) between 0.2 and 0.8)."""
    noted = result.manifest.notes.get("ties")
    if noted is None:
        noted = _part(result.sensitivity, "predictive").get("ties", [])
    partners: dict[str, list[str]] = {package: [] for package in result.ranking["package"]}
    for pair in noted or []:
        for one in pair:
            partners.setdefault(one, []).extend(other for other in pair if other != one)
    return {one: sorted(set(others)) for one, others in partners.items()}


def noise_share(result: Result) -> float:
    """The share of the outcome's variance that is chance in the Sobol design (NaN where it was not run)."""
    for source in (_part(result.sensitivity, "sobol"), result.manifest.notes):
        value = source.get("noise_share")
        if isinstance(value, int | float):
            return float(value)
    return float("nan")


def range_of(value: Any) -> Estimate:
    """A noted figure as central, low, high, whichever way it is written (number, list or table)."""
    if isinstance(value, Mapping):
        return _estimate(*(value.get(name) for name in ("central", "low", "high")))
    if isinstance(value, list | tuple) and len(value) == 3:
        return _estimate(value[1], value[0], value[2])
    return _estimate(value, None, None)


def grade_counts(manifest: Manifest) -> dict[str, int]:
    """How many measures carry each grade (a measure without evidence carries none)."""
    grades = [measure.grade for package in manifest.packages for measure in package.measures]
    return {grade: grades.count(grade) for grade in "ABCD"}


def _part(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A table within a table, empty where it is absent."""
    part = table.get(key)
    return part if isinstance(part, Mapping) else {}
