"""What of a result goes into its workbook: residents by age of both arms, the KPI sheet, and how they were come by."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from abm.errors import InputError
from abm.known.scenario import read_scenario
from abm.known.town import Town, read_town
from machi.analysis.paired import REFERENCE
from machi.kpi.arms import ALL, SAME, Arms, asked_by, farthest, kept_people, lived
from machi.kpi.sheet import sheet_of
from machi.kpi.targets import read_targets
from machi.kpi.telling import Compared, Told, tell
from machi.places import Places
from machi.policy.package import read_packages
from machi.store import read_table
from machi.workbook.ages import People, by_fives, people_of
from machi.workbook.wording import pick, words

PYRAMIDS = "pyramids.parquet"
ARMS = (REFERENCE, ALL)


class Gathered(NamedTuple):
    """Residents by arm (none where the result has none), a sentence on them, and the KPI sheet or why there is none."""

    people: Mapping[str, People]
    ages: str
    told: Told | None
    no_kpi: str
    made: Mapping[str, str]  # seeds and fraction of the two arms


def gather(
    places: Places, folder: Path, manifest: Mapping[str, Any], lang: str, stored: bool, living: Callable[[int], None]
) -> Gathered:
    """Live both arms again where they are the result's own, else take what the result keeps of them.

    `living` is told the number of seeds before the simulation begins.
    """
    said = words(lang)
    arms, persons, why = None, float("inf"), said["why_asked"]
    if not stored:
        try:
            asked = asked_by(folder, manifest)
            living(len(asked.seeds))
            arms = lived(places, asked)
            persons = farthest(folder, arms)
            why = said["why_differs"].format(persons=persons)
        except InputError as error:
            why = said["why_refused"].format(problem=error)
    told, no_kpi = _kpi(places, manifest, arms, persons, lang, why)
    if arms is None:
        return Gathered(*_kept(folder, manifest, said, why), told, no_kpi, {})
    seeds = arms.asked.seeds
    made = {"made_seeds": " ".join(str(seed) for seed in seeds), "made_fraction": f"{arms.asked.fraction:g}"}
    if persons >= SAME:
        return Gathered(*_kept(folder, manifest, said, why), told, no_kpi, made)
    people = {arm: people_of(arms.people(arm), arms.start, arms.end) for arm in ARMS}
    about = f"{said['mean_of'].format(seeds=len(seeds))} {said['ages_same']}"
    return Gathered(people, about, told, no_kpi, made)


def run_time_of(manifest: Mapping[str, Any]) -> str:
    """How long the packages of the result's headline run."""
    return "plan" if manifest.get("config", {}).get("run_time") == "plan" else "sustained"


def _kept(
    folder: Path, manifest: Mapping[str, Any], said: Mapping[str, str], why: str
) -> tuple[dict[str, People], str]:
    """Residents of the years that the result itself keeps."""
    if PYRAMIDS not in manifest["files"]:
        return {}, why
    table, run_time = read_table(folder, PYRAMIDS), run_time_of(manifest)
    people: dict[str, People] = {}
    years: Sequence[int] = ()
    for arm in ARMS:
        years, found = kept_people(table, run_time, arm)
        people[arm] = People(tuple(years), by_fives(np.mean(found, axis=0)))
    return people, said["ages_kept"].format(years=", ".join(str(year) for year in years), why=why)


def _kpi(
    places: Places, manifest: Mapping[str, Any], arms: Arms | None, persons: float, lang: str, why: str
) -> tuple[Told | None, str]:
    """The KPI sheet, or why there is none."""
    if arms is None:
        return None, why
    try:
        return kpi_of(places, arms, lang, Compared(str(manifest.get("name", "")), persons)), ""
    except InputError as error:
        return None, str(error)


def kpi_of(places: Places, arms: Arms, lang: str, compared: Compared | None = None) -> Told:
    """The KPI sheet of two arms (InputError where the town has no printed indicators)."""
    asked = arms.asked
    rows = sheet_of(read_targets(places, asked.town).rows, arms)
    town = read_town(places.town_dir(asked.town), places.japan_dir())
    scenario = read_scenario(places.scenario_path(asked.town, asked.scenario))
    names = {"": pick(lang, town.name_ja, town.name_en)}
    names |= {one.key: pick(lang, one.name_ja, one.name_en) for one in read_packages(places.package_dir(asked.town))}
    said_scenario = pick(lang, scenario.name_ja, scenario.name_en)
    return tell(rows, arms, names, said_scenario, _titles(town, lang), lang, compared)


def _titles(town: Town, lang: str) -> dict[str, str]:
    """The title of each source of the town."""
    return {key: pick(lang, one.statistic_ja, one.statistic) for key, one in town.sources.items()}
