"""Results to be compared: their manifests and tables, every byte verified, and what each asked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationError

from abm.errors import InputError
from machi.account.folder import result_folder, verified_files
from machi.analysis.paired import COST
from machi.comparison.arms import arm_runs, years_of
from machi.comparison.readings import reading_tables
from machi.places import Places
from machi.report.findings import ALL, NONE
from machi.report.reading import RANKING_COLUMNS, SERIES_COLUMNS, Manifest
from machi.store import MANIFEST, read_manifest, read_table

Floats = NDArray[np.float64]
LETTERS = "ABC"
RUN_TIMES = ("sustained", "plan")
PER_COST = 100.0  # people per 100 million yen
SERIES, RUNS, RANKING, STRENGTHS = "series.parquet", "runs.parquet", "ranking.csv", "strengths.parquet"
PEOPLE = "population"


class Asked(NamedTuple):
    """One result: what it is called here, its manifest (whole, and as pages read it) and its tables."""

    letter: str
    folder: Path
    content: dict[str, Any]
    manifest: Manifest
    series: pd.DataFrame  # of each year, else of each fifth year out of the runs; empty without a reference arm
    runs: pd.DataFrame | None  # those of arms, from [alone] where the result has it
    ranking: pd.DataFrame | None
    readings: Mapping[str, pd.DataFrame]  # what the other designs say of each package
    seeds: Mapping[int, int]  # the seed of each replication; empty where it was not kept

    @property
    def yearly(self) -> bool:
        """Whether the result kept every year of its arms."""
        return SERIES in self.content["files"]

    @property
    def years(self) -> set[int]:
        """The years in which the reference arm's residents are known."""
        return set(self.series.loc[self.series["arm"] == NONE, "year"])

    @property
    def packages(self) -> list[str]:
        """The keys of all packages that were asked about, whether or not one was simulated alone."""
        return [package.key for package in self.manifest.packages]

    def arms(self, run_time: str, year: int) -> set[str]:
        """The arms whose residents of a year are known under a run-time."""
        rows = self.series[(self.series["run_time"] == run_time) & (self.series["year"] == year)]
        return set(rows.loc[rows["indicator"] == PEOPLE, "arm"])

    @property
    def designs(self) -> list[str]:
        """The designs that were run."""
        return list(self.content["runs"]) if isinstance(self.content.get("runs"), dict) else []

    @property
    def headline(self) -> str:
        """The run-time of which the ranking speaks."""
        return str(self.content.get("config", {}).get("run_time", RUN_TIMES[0]))

    @property
    def run_times(self) -> list[str]:
        """Under which run-times there are arms with a policy, the headline's first."""
        found = set(self.series.loc[self.series["arm"] != NONE, "run_time"])
        return sorted((name for name in RUN_TIMES if name in found), key=lambda name: name != self.headline)

    def name(self, lang: str) -> str:
        """The title of the result, else its name."""
        return getattr(self.manifest, f"title_{lang}") or self.manifest.name

    def town(self, lang: str) -> str:
        """The town's name."""
        return str(getattr(self.manifest.town, f"name_{lang}"))


def read_asked(places: Places, names: Sequence[str], every_year: bool = False) -> tuple[Asked, ...]:
    """Read two or three results by name or path (InputError naming the first that cannot be compared).

    With `every_year` a result that did not keep its years is refused.
    """
    folders = [result_folder(places, name) for name in names]
    return tuple(_read(letter, folder, every_year) for letter, folder in zip(LETTERS, folders, strict=False))


def _read(letter: str, folder: Path, every_year: bool) -> Asked:
    content = read_manifest(folder)
    verified_files(folder, content)
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        first = ".".join(str(step) for step in error.errors()[0]["loc"])
        raise InputError(
            f"{folder / MANIFEST}: it has no usable field `{first}`; name a result of `machi run`."
        ) from error
    files = content["files"]
    if every_year and SERIES not in files:
        raise InputError(f"{folder}: it has no {SERIES}; put towns side by side by experiments that have [alone].")
    runs = _arms(folder, manifest, files)
    ranking = _table(folder, RANKING, RANKING_COLUMNS) if RANKING in files else None
    series = _years(folder, manifest, runs, files)
    seeds = _seeds(manifest, series, runs)
    return Asked(letter, folder, content, manifest, series, runs, ranking, reading_tables(folder, files), seeds)


def _arms(folder: Path, manifest: Manifest, files: Mapping[str, str]) -> pd.DataFrame | None:
    """The runs of arms: those of [alone], else those that other designs hold."""
    if RUNS not in files:
        return None
    runs = _table(folder, RUNS, ["design", "run_time", "arm", "replication"])
    if SERIES in files:
        return runs[runs["design"] == "alone"]
    strengths = _table(folder, STRENGTHS, ["design", "sample"]) if STRENGTHS in files else None
    return arm_runs(runs, strengths, [package.key for package in manifest.packages], manifest.scenario)


def _years(folder: Path, manifest: Manifest, runs: pd.DataFrame | None, files: Mapping[str, str]) -> pd.DataFrame:
    if SERIES not in files:
        return pd.DataFrame(columns=SERIES_COLUMNS) if runs is None else years_of(runs, manifest.end)
    series = _table(folder, SERIES, SERIES_COLUMNS)
    if not (series["arm"] == NONE).any():
        raise InputError(f"{folder / SERIES}: it has no arm `{NONE}`; make the result again with --fresh.")
    return series


def _seeds(manifest: Manifest, series: pd.DataFrame, runs: pd.DataFrame | None) -> dict[int, int]:
    """The seed of each replication, from the runs, else as experiments count them from their own."""
    if runs is not None and "seed" in runs.columns:
        rows = runs[["replication", "seed"]].drop_duplicates("replication")
        return {int(replication): int(seed) for replication, seed in rows.itertuples(index=False)}
    first = manifest.seeds.get("experiment") if isinstance(manifest.seeds, Mapping) else None
    return {} if first is None else {int(one): int(first) + int(one) for one in series["replication"].unique()}


def _table(folder: Path, name: str, columns: Sequence[str]) -> pd.DataFrame:
    table = read_table(folder, name)
    for column in columns:
        if column not in table.columns:
            raise InputError(f"{folder / name}: the column `{column}` is missing; run the experiment again.")
    return table


def paths(asked: Asked, arm: str, run_time: str, indicator: str = PEOPLE) -> pd.DataFrame:
    """An indicator of an arm, year by seed; the reference arm has no policy, so any run-time of it serves."""
    rows = asked.series[(asked.series["indicator"] == indicator) & (asked.series["arm"] == arm)]
    chosen = rows[rows["run_time"] == run_time]
    if chosen.empty and arm == NONE:
        chosen = rows
    if chosen.empty:
        return pd.DataFrame(index=pd.Index([], name="year"), dtype=float)
    found = chosen.pivot_table(index="year", columns="replication", values="value").astype(float)
    return found.rename(columns=asked.seeds)


def gained(asked: Asked, arm: str, run_time: str) -> pd.DataFrame:
    """Residents of an arm less those of the reference arm under the same seed, year by seed; empty without the arm."""
    both = paths(asked, arm, run_time) - paths(asked, NONE, run_time)
    return both.dropna(axis=1, how="all").dropna(axis=0, how="all")


def sums(asked: Asked, arm: str, run_time: str, outcome: str, year: int) -> pd.Series:
    """People in a year, or events from the start until then, by seed; empty where they were not kept."""
    if outcome == PEOPLE:
        found = paths(asked, arm, run_time)
        return of_year(found, year) if year in found.index else pd.Series(dtype=float)
    if not asked.yearly:  # such a result keeps events as a sum until its horizon only
        return _of_runs(asked, arm, run_time, outcome) if year == asked.manifest.end else pd.Series(dtype=float)
    if outcome == "moves_net":
        return sums(asked, arm, run_time, "moves_in", year) - sums(asked, arm, run_time, "moves_out", year)
    events = paths(asked, arm, run_time, outcome)
    return events.loc[: year - 1].sum() if len(events.columns) else pd.Series(dtype=float)


def _of_runs(asked: Asked, arm: str, run_time: str, outcome: str) -> pd.Series:
    """An outcome of the runs themselves, by seed."""
    if asked.runs is None or outcome not in asked.runs.columns:
        return pd.Series(dtype=float)
    rows = asked.runs[asked.runs["arm"] == arm]
    own = rows[rows["run_time"] == run_time]
    chosen = rows if own.empty and arm == NONE else own
    return chosen.set_index("replication")[outcome].astype(float).rename(index=dict(asked.seeds))


def of_year(table: pd.DataFrame, year: int) -> pd.Series:
    """One year of a table year by seed."""
    return pd.Series(table.to_numpy()[table.index.get_loc(year)], index=table.columns)


def cost_of(asked: Asked, arm: str, run_time: str) -> float:
    """What an arm costs from start to the result's own horizon (million yen); NaN where it was not kept."""
    if asked.runs is not None and COST in asked.runs.columns:
        rows = asked.runs[asked.runs["run_time"] == run_time]
        costs = rows.loc[rows["arm"] == arm, COST]
        if len(costs):
            return float(costs.mean())
    of_ranking = asked.ranking if asked.ranking is not None and run_time == asked.headline else None
    if of_ranking is not None and arm != ALL:
        found = of_ranking.loc[of_ranking["package"] == arm, COST]
        return float(found.iloc[0]) if len(found) else float("nan")
    return float("nan")
