"""A result's tables for the office: an Excel workbook, CSV that Excel reads (UTF-8 with BOM), Parquet, and figures."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from machi.account.citation import citation, read_citation
from machi.account.folder import verified_files
from machi.analysis.paired import REFERENCE
from machi.cells import harmless_table
from machi.kpi.arms import ALL, SERIES
from machi.kpi.telling import COLUMNS
from machi.places import Places
from machi.store import make_folder, read_manifest, read_table, written
from machi.workbook.book import Sheet, write_book
from machi.workbook.gathering import Gathered, gather, run_time_of
from machi.workbook.indicators import kpi_sheet
from machi.workbook.origin import source_sheet
from machi.workbook.people import people_sheet, people_table
from machi.workbook.ranking import plan_sheet, ranking_sheet
from machi.workbook.wording import pick, words
from machi.workbook.yearly import difference, yearly_means, yearly_sheet

Format = Literal["xlsx", "csv", "parquet"]
FORMATS: tuple[Format, ...] = ("xlsx", "csv", "parquet")
FIGURES = "figures"
RANKING, PLAN = "ranking.csv", "ranking_plan.csv"
BOM = "utf-8-sig"


def export(
    places: Places, folder: Path, out: Path, formats: Sequence[Format], lang: str, stored: bool,
    living: Callable[[int], None],
) -> tuple[list[Path], Gathered]:  # fmt: skip
    """Write a result's tables below `out`; gives the files written (InputError for what is no whole result)."""
    manifest = read_manifest(folder)
    names = [path.name for path in verified_files(folder, manifest)]
    make_folder(out)
    found = gather(places, folder, manifest, lang, stored, living)
    files = []
    if "xlsx" in formats:
        files.append(out / f"{folder.resolve().name}.xlsx")
        write_book(files[0], sheets(places, folder, manifest, found, lang), lang)
    tables = {Path(name).stem: read_table(folder, name) for name in names if name.endswith((".csv", ".parquet"))}
    if found.people:
        tables["population_by_age"] = people_table(found.people)
    if found.told is not None:
        tables["kpi"] = found.told.table
    for ending in (one for one in formats if one != "xlsx"):
        make_folder(out / ending)
        for name, table in tables.items():
            files.append(out / ending / f"{name}.{ending}")
            write_for_office(files[-1], table)
    return [*files, *_figures(folder, out)], found


def write_for_office(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV with a BOM and no text that a spreadsheet would carry out, or as Parquet, by its ending."""
    with written(path) as part:
        if path.suffix == ".csv":
            harmless_table(table).to_csv(part, index=False, encoding=BOM, lineterminator="\r\n")
        elif len(table.columns) == len(COLUMNS) and path.stem == "kpi":
            table.set_axis(list(COLUMNS), axis=1).to_parquet(part, index=False, engine="pyarrow")
        else:
            table.to_parquet(part, index=False, engine="pyarrow")


def _figures(folder: Path, out: Path) -> list[Path]:
    """The result's figures, each as SVG and PNG, copied."""
    found = sorted(path for path in (folder / FIGURES).glob("*") if path.suffix in (".svg", ".png"))
    if found:
        make_folder(out / FIGURES)
    copies = []
    for path in found:
        copies.append(out / FIGURES / path.name)
        with written(copies[-1]) as part:
            shutil.copyfile(path, part)
    return copies


def sheets(places: Places, folder: Path, manifest: Mapping[str, Any], found: Gathered, lang: str) -> list[Sheet]:
    """The sheets of a result's workbook."""
    said = words(lang)
    if manifest.get("quick"):
        warned = found.told and found.told._replace(head=[said["quick_note"], *found.told.head])
        found = found._replace(ages=f"{said['quick_note']} {found.ages}", told=warned)
    made = [*_people_sheets(manifest, found, lang), *_yearly(folder, manifest, lang)]
    town, end = _town(manifest, lang), manifest.get("end")
    if RANKING in manifest["files"]:
        ranking, run_time = read_table(folder, RANKING), said[run_time_of(manifest)]
        heading = said["ranking_title"].format(town=town, end=end, run_time=run_time)
        heading += f" {said['quick_note']}" if manifest.get("quick") else ""
        made.append(ranking_sheet(ranking, heading, lang))
        plan = read_table(folder, PLAN) if PLAN in manifest["files"] else ranking.iloc[:0]
        if len(plan):
            made.append(plan_sheet(plan, ranking, said["plan_title"].format(town=town, end=end), lang))
    if found.told is not None:
        made.append(kpi_sheet(found.told, said["kpi_sheet"], lang))
    cited = citation(folder, read_citation(places.built_in), lang)
    return [*made, source_sheet(manifest, cited, [found.ages] if found.ages else [], found.made, lang)]


def _town(manifest: Mapping[str, Any], lang: str) -> str:
    town = manifest.get("town", {})
    return pick(lang, str(town.get("name_ja", "")), str(town.get("name_en", "")))


def _people_sheets(manifest: Mapping[str, Any], found: Gathered, lang: str) -> list[Sheet]:
    """Both arms and their difference."""
    said, people = words(lang), found.people
    if not people:
        return []
    arms = {"none": people[REFERENCE], "all": people[ALL], "difference": people[ALL].minus(people[REFERENCE])}
    made = []
    for key, one in arms.items():
        arm = said[f"arm_{key}"]
        heading = said["people_title"].format(town=_town(manifest, lang), arm=arm)
        made.append(people_sheet(arm, heading, [found.ages], one, lang, is_difference=key == "difference"))
    return made


def _yearly(folder: Path, manifest: Mapping[str, Any], lang: str) -> list[Sheet]:
    """Yearly totals of both arms as the result keeps them."""
    if SERIES not in manifest["files"]:
        return []
    said, table = words(lang), read_table(folder, SERIES)
    run_time = run_time_of(manifest)
    none, policy = (yearly_means(table, run_time, arm) for arm in (REFERENCE, ALL))
    if not none or not policy:
        return []
    seeds = table.loc[table["arm"] == REFERENCE, "replication"].nunique()
    heading = said["years_title"].format(town=_town(manifest, lang))
    about = [*([said["quick_note"]] if manifest.get("quick") else []), said["mean_of"].format(seeds=seeds)]
    arms = {said["arm_none"]: none, said["arm_all"]: policy, said["arm_difference"]: difference(policy, none)}
    return [yearly_sheet(heading, about, int(manifest["start"]), arms, lang, signed=[said["arm_difference"]])]
