"""What a result folder holds, read and checked before anything is drawn."""

import json
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

# The store's error is taken from the store: the report has no door to abm.
from machi.store import MANIFEST, InputError, read_manifest, verify  # type: ignore[attr-defined]

RANKING_COLUMNS = [
    "package", "name_ja", "name_en", "grade", "mu", "mu_low", "mu_high", "rank_mu", "mu_star", "sigma",
    "effect", "effect_mc_low", "effect_mc_high", "effect_low", "effect_high", "rank_alone", "p_top3",
    "total_index", "total_index_low", "total_index_high", "cost_million_yen", "people_per_100_million_yen",
]  # fmt: skip
PLAN_COLUMNS = ["package", "effect", "effect_mc_low", "effect_mc_high", "rank_alone", "cost_million_yen"]
OFFICIAL_COLUMNS = ["year", "official", "ours", "difference", "misplaced"]
LEFT_OUT_COLUMNS = ["package", "people_lost", "low", "high"]
SHAPLEY_COLUMNS = ["design", "package", "value", "low", "high"]
HINDCAST_COLUMNS = ["basis", "method", "cases", "total_error", "wape", "ages_0_4_error", "inside_cells", "inside_total"]
YARDSTICK_COLUMNS = ["label_ja", "scenario", "year", "printed", "five_year", "annual", "low", "high", "met", "fitted"]
RUN_COLUMNS = ["design", "run_time", "arm", "replication", "population", "moves_net"]
SERIES_COLUMNS = ["run_time", "arm", "replication", "year", "indicator", "value"]
PYRAMID_COLUMNS = ["run_time", "arm", "replication", "year", "sex", "age", "value"]
BEHAVIOUR_COLUMNS = ["picture", "item", "sex", "age", "sector", "first", "last", "value", "source"]
ACQUAINTED_COLUMNS = ["person", "sex", "age", "centre", "acquaintances", "x", "y", "year"]
REGION_COLUMNS = [
    "arm", "direction", "destination", "name_ja", "name_en", "share", "share_low", "share_high", "status", "persons",
    "low", "high", "replications", "source", "why_ja",
]  # fmt: skip
TEXT_COLUMNS = {"package", "name_ja", "name_en", "grade"}


class _Part(BaseModel):
    """A part of the manifest; fields that the page does not print are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Town(_Part):
    """The town's names."""

    key: str
    name_ja: str
    name_en: str


class Citation(_Part):
    """A source of evidence, and how far it was read."""

    text: str
    status: str = "unverified"


def _as_text(value: Any) -> Any:
    """A record of a row in words (the page lists rows, it does not interpret them)."""
    if isinstance(value, dict):
        return ": ".join(str(part) for part in value.values() if part not in (None, ""))
    return value


Line = Annotated[str, BeforeValidator(_as_text)]


class Measure(_Part):
    """A named part of a package with its evidence."""

    key: str
    name_ja: str
    name_en: str
    grade: str = "D"
    citations: tuple[Citation, ...] = ()
    assumed: tuple[Line, ...] = ()
    not_modelled: tuple[Line, ...] = ()


class Package(_Part):
    """A policy package: names, grade, aims, yearly cost (million yen) and measures."""

    key: str
    name_ja: str
    name_en: str
    grade: str
    goal_ja: str = ""
    kpi_ja: str = ""
    cost_low: float | None = None
    cost_high: float | None = None
    measures: tuple[Measure, ...] = ()


class Published(_Part):
    """A figure that the city itself printed."""

    indicator: str
    year: int
    value: float
    source: str = ""
    label_ja: str = ""


class Source(_Part):
    """Where figures come from, and on whose terms."""

    key: str
    statistic: str = ""
    statistic_ja: str = ""
    publisher: str = ""
    credit: str = ""
    terms: str = ""


class Manifest(_Part):
    """What was run, on what, with what; `notes` and the other tables are optional."""

    name: str
    title_ja: str = ""
    title_en: str = ""
    town: Town
    scenario: str = ""
    scenario_ja: str = ""
    scenario_en: str = ""
    basis: str = ""
    quick: bool = False
    fingerprint: str = ""
    start: int
    end: int
    versions: dict[str, Any] = Field(default_factory=dict)
    fingerprints: dict[str, Any] = Field(default_factory=dict)
    seeds: Any = None
    timings: dict[str, Any] = Field(default_factory=dict)
    runs: Any = None
    published: tuple[Published, ...] = ()
    packages: tuple[Package, ...]
    notes: dict[str, Any] = Field(default_factory=dict)
    sources: tuple[Source, ...] = ()


class Result(NamedTuple):
    """A result folder in memory; a table that the experiment did not ask for is None."""

    folder: Path
    manifest: Manifest
    ranking: pd.DataFrame
    series: pd.DataFrame
    pyramids: pd.DataFrame | None
    runs: pd.DataFrame | None
    plan: pd.DataFrame | None
    yardstick: pd.DataFrame | None
    official: pd.DataFrame | None
    hindcast: pd.DataFrame | None
    fan: pd.DataFrame | None
    behaviour: pd.DataFrame | None
    acquainted: pd.DataFrame | None
    ties: pd.DataFrame | None
    region: pd.DataFrame | None
    left_out: pd.DataFrame | None
    shapley: pd.DataFrame | None
    sensitivity: dict[str, Any]


def read_result(folder: Path) -> Result:
    """Read a result folder; InputError names the first file that is missing, damaged or incomplete."""
    content = read_manifest(folder)
    manifest = _manifest(folder / MANIFEST, content)
    ranking = _required(folder, "ranking.csv", RANKING_COLUMNS, content)
    _check_packages(folder / "ranking.csv", ranking, manifest)
    return Result(
        folder=folder,
        manifest=manifest,
        ranking=ranking.sort_values("rank_mu", kind="stable").reset_index(drop=True),
        series=_required(folder, "series.parquet", SERIES_COLUMNS, content),
        pyramids=_table(folder, "pyramids.parquet", PYRAMID_COLUMNS, content),
        runs=_table(folder, "runs.parquet", RUN_COLUMNS, content),
        plan=_table(folder, "ranking_plan.csv", PLAN_COLUMNS, content),
        yardstick=_table(folder, "yardstick.csv", YARDSTICK_COLUMNS, content),
        official=_table(folder, "official.csv", OFFICIAL_COLUMNS, content),
        hindcast=_table(folder, "hindcast.csv", HINDCAST_COLUMNS, content),
        fan=_table(folder, "fan.csv", ["year", "low", "high"], content),
        behaviour=_table(folder, "behaviour.parquet", BEHAVIOUR_COLUMNS, content),
        acquainted=_table(folder, "acquainted_persons.csv", ACQUAINTED_COLUMNS, content),
        ties=_table(folder, "acquaintances.csv", ["one", "other", "circle"], content),
        region=_table(folder, "region.csv", REGION_COLUMNS, content),
        left_out=_table(folder, "leave_one_out.csv", LEFT_OUT_COLUMNS, content),
        shapley=_table(folder, "shapley.csv", SHAPLEY_COLUMNS, content),
        sensitivity=_tree(folder, "sensitivity.json", content),
    )


def _manifest(path: Path, content: dict[str, Any]) -> Manifest:
    """The manifest with the fields that the page prints."""
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        raise InputError(
            f"{path}: the field `{field}` is not usable ({first['msg']}); run the experiment again."
        ) from error


def _tree(folder: Path, name: str, content: dict[str, Any]) -> dict[str, Any]:
    """A JSON object of the folder; empty where the experiment wrote none."""
    if name not in content["files"]:
        return {}
    path = verify(folder, name, content)
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: this is not readable JSON ({error}); run the experiment again.") from error
    if not isinstance(tree, dict):
        raise InputError(f"{path}: this is not a JSON object; run the experiment again.")
    return tree


def _required(folder: Path, name: str, columns: list[str], content: dict[str, Any]) -> pd.DataFrame:
    """A table without which there is no page."""
    table = _table(folder, name, columns, content)
    if table is None:
        raise InputError(f"{folder / name}: the table is missing or has no row; run the experiment again.")
    return table


def _table(folder: Path, name: str, columns: list[str], content: dict[str, Any]) -> pd.DataFrame | None:
    """One table with all its columns, its bytes verified; None where the experiment wrote no row of it."""
    if name not in content["files"]:
        return None
    path = verify(folder, name, content)
    try:
        if path.suffix == ".parquet":
            table = pd.read_parquet(path)
        else:
            table = pd.read_csv(path, encoding="utf-8", dtype=dict.fromkeys(TEXT_COLUMNS, str))
    except Exception as error:  # pyarrow and pandas raise many kinds for one fact: the file is damaged
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: the table cannot be read ({reason}); run the experiment again.") from error
    for column in columns:
        if column not in table.columns:
            raise InputError(f"{path}: the column `{column}` is missing; run the experiment again.")
    return None if table.empty else table


def _check_packages(path: Path, ranking: pd.DataFrame, manifest: Manifest) -> None:
    """Refuse a ranking whose figures are not figures or whose packages are not those of the manifest."""
    for column in RANKING_COLUMNS:
        if column not in TEXT_COLUMNS and not pd.api.types.is_numeric_dtype(ranking[column]):
            raise InputError(f"{path}: the column `{column}` holds text; run the experiment again.")
    for column in ("rank_mu", "mu", "effect"):
        if ranking[column].isna().any():
            raise InputError(f"{path}: the column `{column}` has an empty field; run the experiment again.")
    unknown = sorted(set(ranking["package"]) ^ {package.key for package in manifest.packages})
    if unknown:
        raise InputError(
            f"{path}: package `{unknown[0]}` stands either here or in {MANIFEST}, not in both; "
            "run the experiment again."
        )
