"""Two arms lived anew, person by person: no policy, and every package; of a town, or as a result's manifest tells."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.errors import InputError
from machi.analysis.paired import FILE, REFERENCE
from machi.notebook.arms import simulate
from machi.places import Places
from machi.runs.outcomes import total_by_year
from machi.store import MANIFEST, read_manifest, read_table

if TYPE_CHECKING:
    from abm.people.outputs import Outputs
    from machi.policy.portfolio import RunTime

ALL = "all"  # the arm with every package, as results name it
DESIGN = "alone"  # of the runs that keep their years
SERIES = "series.parquet"
SAME = 0.5  # persons: a total that differs by less is the same count

Floats = NDArray[np.float64]


class Question(NamedTuple):
    """What the two arms live in, and with which packages and seeds."""

    town: str
    scenario: str
    basis: str | None
    start: int | None
    end: int | None
    packages: tuple[str, ...]
    seeds: tuple[int, ...]
    fraction: float = 1.0
    run_time: "RunTime" = "sustained"


class Arms(NamedTuple):
    """What both arms left, replication by replication under the same seeds."""

    asked: Question
    none: tuple["Outputs", ...]
    all: tuple["Outputs", ...]

    @property
    def start(self) -> int:
        """The first stock date's year."""
        return self.none[0].start

    @property
    def end(self) -> int:
        """The last stock date's year."""
        return self.none[0].end

    def people(self, arm: str) -> list[Floats]:
        """Residents of the whole town by replication, each float64[Y + 1, 2, 101]."""
        outputs = self.none if arm == REFERENCE else self.all
        return [np.asarray(one.population, dtype=np.float64) / one.fraction for one in outputs]


def lived(places: Places, asked: Question) -> Arms:
    """Live both arms (InputError for what cannot be asked)."""
    result = simulate(
        asked.town, scenario=asked.scenario, packages=list(asked.packages), seeds=asked.seeds,
        fraction=asked.fraction, start=asked.start, end=asked.end, basis=asked.basis, run_time=asked.run_time,
        workspace=places.workspace,
    )  # fmt: skip
    none, policy = ([result.outputs[arm, seed] for seed in result.seeds] for arm in result.arms)
    return Arms(asked, tuple(none), tuple(policy))


def asked_by(folder: Path, manifest: Mapping[str, Any]) -> Question:
    """The question of a result about its two arms (InputError where it has no runs of each package alone)."""
    config = manifest.get("config")
    if not isinstance(config, dict) or FILE not in manifest["files"]:
        raise InputError(f"{folder / MANIFEST}: it holds no experiment; name the result of one (of `machi run`).")
    runs = read_table(folder, FILE)
    if "seed" not in runs.columns:
        raise InputError(f"{folder / FILE}: the column `seed` is missing; make the result again.")
    mine = runs[(runs["design"] == DESIGN) & (runs["arm"] == REFERENCE)]
    mine = mine.sort_values("replication").drop_duplicates("seed")  # the reference arm may stand there twice
    if mine.empty:
        raise InputError(f"{folder}: the experiment has no [alone] design; give it one and run it again.")
    try:
        return Question(
            str(config["town"]), str(config["scenario"]), config["basis"], int(manifest["start"]),
            int(manifest["end"]), tuple(config["packages"]), tuple(int(seed) for seed in mine["seed"]),
            float(mine["fraction"].iloc[0]), config["run_time"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{folder / MANIFEST}: config lacks {error}; make the result again.") from error


def farthest(folder: Path, arms: Arms) -> float:
    """Residents by which the arms differ from the result's own, in the year and replication where most (inf: unknown).

    Below `SAME` the arms are the very runs of the result.
    """
    if SERIES not in read_manifest(folder)["files"]:
        return float("inf")
    kept = read_table(folder, SERIES)
    kept = kept[(kept["indicator"] == "population") & (kept["run_time"] == arms.asked.run_time)]
    most = 0.0
    for name, outputs in ((REFERENCE, arms.none), (ALL, arms.all)):
        for number, one in enumerate(outputs, start=1):
            mine = kept[(kept["arm"] == name) & (kept["replication"] == number)].sort_values("year")
            again = total_by_year(one, "population")
            if len(mine) != len(again):
                return float("inf")
            most = max(most, float(np.abs(mine["value"].to_numpy(dtype=np.float64) - again).max()))
    return most


def kept_people(pyramids: pd.DataFrame, run_time: str, arm: str) -> tuple[Sequence[int], list[Floats]]:
    """The years of a result's own pyramids, and its residents by replication, each float64[years, 2, 101]."""
    mine = pyramids[(pyramids["arm"] == arm) & (pyramids["run_time"] == run_time)]
    years = sorted(int(year) for year in mine["year"].unique())
    found = []
    for _, one in mine.groupby("replication"):
        table = one.pivot_table(index=["year", "sex"], columns="age", values="value", aggfunc="sum")
        found.append(np.stack([table.loc[[(year, "M"), (year, "F")]].to_numpy(dtype=np.float64) for year in years]))
    return years, found
