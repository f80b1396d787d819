"""A made-up result folder with every table of a real one, for tests of the page; it holds no finding."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from synthetic_manifest import END, START, made_up_manifest

YEARS = np.arange(START, END + 1)
REPLICATIONS = 6
# key, Japanese name, English name, grade, goal, KPI, yearly cost low and high (million yen), people in 2060
_TABLE = """
P01|グローバル人財育成PJ|Global human-resource development|D|1|学力調査の正答率|60|250|900
P02|いわき総活躍PJ|Participation & diversity|D|1|外国人を雇用している事業者数|20|120|1100
P03|結婚・出産・子育てPJ|Marriage, birth, child-rearing|C|1|婚姻率|250|2000|1350
P04|医療・ヘルスケアPJ|Medical & health care|D|1|10万人あたり医師数|100|800|240
P05|スマートシティ推進PJ|Smart city|D|2|先端技術を活用したプロジェクト数|100|900|430
P06|リビングシフトPJ|Living shift (U/I-turn)|C|2|移住実績|30|300|1600
P07|地域ストック活用PJ|Use of local stock|D|2|空き家バンク成約実績|10|150|380
P08|いわきブランディングプロモーションPJ|Branding & promotion|D|2|関連商品の累計売上額|20|200|210
P09|文化・スポーツのまちづくりPJ|Culture & sports|D|2|市外からの合宿リピート率|50|500|120
P10|次世代産業・サービス育成PJ|Next-generation industry & services|C|3|本社機能移転等事業者数|100|1500|820
P11|稼げる農林水産業PJ|Profitable primary sector|D|3|認定農業者数|50|400|95
P12|起業家支援・地域企業力アップPJ|Entrepreneurs & local firms|D|3|起業件数|50|400|310
"""
PACKAGES: list[tuple[str, str, str, str, str, str, float, float, float]] = [
    (key, ja, en, grade, goal, kpi, float(low), float(high), float(people))
    for key, ja, en, grade, goal, kpi, low, high, people in (row.split("|") for row in _TABLE.split("\n") if row)
]
RANKING = [
    "package", "name_ja", "name_en", "grade", "mu", "mu_low", "mu_high", "rank_mu", "mu_star", "sigma",
    "effect", "effect_mc_low", "effect_mc_high", "effect_low", "effect_high", "rank_alone", "p_top3",
    "total_index", "total_index_low", "total_index_high", "cost_million_yen", "people_per_100_million_yen",
]  # fmt: skip


def write_result(folder: Path, *, sobol: bool = True, plan: bool = True, name_en: str | None = None) -> Path:
    """Write a result folder and return it.

    Without `sobol` the total indices are empty, without `plan` that table has no row; `name_en` replaces the
    first package's English name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    packages = [list(row) for row in PACKAGES]
    if name_en is not None:
        packages[0][2] = name_en
    ranking = _ranking(packages, rng, sobol)
    ranking.to_csv(folder / "ranking.csv", index=False, lineterminator="\n")
    _plan(ranking, plan).to_csv(folder / "ranking_plan.csv", index=False, lineterminator="\n")
    _series(rng).to_parquet(folder / "series.parquet", index=False)
    _pyramids().to_parquet(folder / "pyramids.parquet", index=False)
    runs = _runs(ranking, rng)
    runs.to_parquet(folder / "runs.parquet", index=False)
    summary = runs.groupby(["arm", "run_time"])["population"].agg(["mean", "count"]).reset_index()
    summary.to_csv(folder / "summary.csv", index=False, lineterminator="\n")
    for name, table in yardsticks().items():
        table.to_csv(folder / name, index=False, lineterminator="\n")
    tree = {"morris": {"trajectories": 20}, "sobol": {"noise_share": 0.37} if sobol else {}}
    (folder / "sensitivity.json").write_text(json.dumps(tree), encoding="utf-8", newline="\n")
    seal(folder, made_up_manifest(packages, sobol))
    return folder


def yardsticks() -> dict[str, pd.DataFrame]:
    """What stands beside the simulation: printed figures, a national projection, past forecasts and a fan."""
    printed: dict[str, object] = {
        "label_ja": "基準推計", "scenario": "baseline", "year": 2060, "printed": 173000.0, "five_year": 176076.0,
        "annual": 177700.0, "low": 176500.0, "high": 178900.0, "met": True, "fitted": "帰還 0.4 / return 0.4",
    }  # fmt: skip
    official = {"year": 2045, "official": 52994.0, "ours": 52934.0, "difference": -0.0011, "misplaced": 0.0166}
    past: dict[str, object] = {
        "basis": "register", "method": "hamilton_perry", "launches": 9, "cases": 13, "total_error": 0.0124,
        "bias": 0.01, "wape": 0.0296, "ages_0_4_error": 0.065, "inside_cells": np.nan, "inside_total": np.nan,
    }  # fmt: skip
    years = np.arange(START, END + 1)
    fan = {"year": years, "low": 350_000 - 5_000 * (years - START), "high": 350_000 - 2_500 * (years - START)}
    return {
        "yardstick.csv": pd.DataFrame([printed]),
        "official.csv": pd.DataFrame([official]),
        "hindcast.csv": pd.DataFrame([past]),
        "fan.csv": pd.DataFrame(fan),
    }


def seal(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest with the sha256 of every table, as it was before it held its own."""
    names = sorted(path.name for path in folder.iterdir() if path.suffix in {".csv", ".parquet", ".json"})
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names if name != "manifest.json"
    }
    told = {name: value for name, value in manifest.items() if name != "files"}
    text = json.dumps({**told, "files": files}, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8", newline="\n")


def _ranking(packages: list[list[Any]], rng: np.random.Generator, sobol: bool) -> pd.DataFrame:
    rows = []
    for key, ja, en, grade, _goal, _kpi, low, high, people in packages:
        effect = people + rng.normal(0, 12)
        mu = people * 0.93 + rng.normal(0, 10)
        cost = (low * high) ** 0.5 * 40
        index = (people / 1600) ** 2 * 0.4 if sobol else np.nan
        rows.append(
            [
                key,
                ja,
                en,
                grade,
                mu,
                mu - 90,
                mu + 90,
                0,
                abs(mu) + 15,
                140.0,
                effect,
                effect - 45,
                effect + 45,
                -0.04 * people,
                2.4 * people,
                0,
                0.0,
                index,
                index - 0.2,
                index + 0.25,
                cost,
                effect / cost * 100,
            ]
        )
    table = pd.DataFrame(rows, columns=RANKING)
    table["rank_mu"] = table["mu"].rank(ascending=False).astype(int)
    table["rank_alone"] = table["effect"].rank(ascending=False).astype(int)
    table["p_top3"] = np.round(np.clip(table["effect"] / 1900, 0, 1) ** 2, 4)
    return table.sort_values("rank_mu", ignore_index=True)


def _plan(ranking: pd.DataFrame, present: bool) -> pd.DataFrame:
    columns = ["package", "effect", "effect_mc_low", "effect_mc_high", "rank_alone", "cost_million_yen"]
    table = ranking[columns].copy()
    if not present:
        return table.iloc[:0]
    table["effect"] *= np.where(table["package"].isin(["P10", "P05"]), 0.3, 0.09)
    table["effect_mc_low"], table["effect_mc_high"] = table["effect"] - 40, table["effect"] + 40
    table["cost_million_yen"] /= 8
    table["rank_alone"] = table["effect"].rank(ascending=False).astype(int)
    return table


def _trend() -> np.ndarray[Any, Any]:
    """Residents from 350,237 through 292,400 in 2030 to 174,100 in 2060."""
    return np.interp(YEARS, [2015, 2020, 2030, 2040, 2050, 2060], [350237, 333000, 292400, 252600, 212500, 174100])


def _growth(total: float) -> np.ndarray[Any, Any]:
    return total * np.clip((YEARS - 2021) / (END - 2021), 0, 1) ** 1.1


def _series(rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for replication in range(1, REPLICATIONS + 1):
        walk = np.cumsum(rng.normal(0, 45, len(YEARS))) * (YEARS > START)
        arms = [
            ("none", "sustained", 0.0),
            ("all", "sustained", 6400.0),
            ("all", "plan", 700.0),
            ("none", "plan", 0.0),
        ]
        for arm, run_time, gain in arms:
            value = np.round(_trend() + walk + _growth(gain + rng.normal(0, 40) * (arm == "all")))
            parts.append(
                pd.DataFrame(
                    {
                        "run_time": run_time,
                        "arm": arm,
                        "replication": replication,
                        "year": YEARS,
                        "indicator": "population",
                        "value": value,
                    }
                )
            )
            births = np.round(value * 0.0065)[:-1]
            parts.append(
                pd.DataFrame(
                    {
                        "run_time": run_time,
                        "arm": arm,
                        "replication": replication,
                        "year": YEARS[:-1],
                        "indicator": "births",
                        "value": births,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _pyramids() -> pd.DataFrame:
    ages = np.arange(101)
    rows = []
    for year, total in ((2015, 350237), (2040, 252600), (2060, 174100)):
        shift = year - 2015
        bumps = np.exp(-(((ages - 66 - shift) / 7) ** 2)) + 0.8 * np.exp(-(((ages - 42 - shift) / 7) ** 2))
        base = 0.75 - 0.006 * shift * np.clip((60 - ages) / 60, 0, 1) + 0.7 * bumps
        for sex, far in (("M", 82), ("F", 88)):
            shape = np.clip(base, 0.05, None) / (1 + np.exp((ages - far) / 5))
            for arm, more in (("none", 1.0), ("all", 1.03)):
                value = shape / shape.sum() * total / 2 * more
                rows.append(
                    pd.DataFrame(
                        {
                            "run_time": "sustained",
                            "arm": arm,
                            "replication": 1,
                            "year": year,
                            "sex": sex,
                            "age": ages,
                            "value": np.round(value),
                        }
                    )
                )
    return pd.concat(rows, ignore_index=True)


def _runs(ranking: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    effects = {"none": 0.0, "all": 6400.0} | dict(zip(ranking["package"], ranking["effect"], strict=True))
    rows = []
    for arm, effect in effects.items():
        for replication in range(1, REPLICATIONS + 1):
            people = 174100 + 60 * replication + effect + (rng.normal(0, 30) if effect else 0)
            moved = -62000 + effect * (0.15 if arm == "P03" else 0.75)
            rows.append(("alone", "sustained", arm, -1, -1, replication, 1.0, people, 292400 + effect / 5, moved))
        for theta in range(8):
            people = 174000 + effect * rng.uniform(0, 2)
            rows.append(("predictive", "sustained", arm, -1, theta, 1, 0.05, people, 292400.0, -62000.0))
    names = ["design", "run_time", "arm", "sample", "theta", "replication", "fraction"]
    return pd.DataFrame(rows, columns=[*names, "population", "population_2030", "moves_net"])
