"""Turning points: from the year on in which paired intervals part for good, and none where they do not."""

from pathlib import Path

import numpy as np
import pandas as pd
from imagined_town import ImaginedBench

from machi.analysis.turning import COLUMNS, turning_points
from machi.conduct import conduct
from machi.console import Screen
from machi.experiment import Prepared, read_plan
from machi.places import Places, built_in
from machi.runs.sweep import Hands
from machi.store import read_table

YEARS = range(2015, 2025)


def series(**effects: dict[int, float]) -> pd.DataFrame:
    """Years of arms whose effects from a year on are given, under chance that arms share but for a little."""
    rng, rows = np.random.default_rng(1), []
    shared = {(r, year): rng.normal(1000, 50) for r in (1, 2, 3, 4) for year in YEARS}
    for arm, effect in {"none": {}, **effects}.items():
        for (r, year), level in shared.items():
            begun = [each for start, each in effect.items() if year >= start]
            own = rng.normal(0, 1) if arm != "none" and begun else 0.0
            for indicator, scale in (("population", 1.0), ("births", 0.0)):
                value = level + scale * (begun[-1] + own if begun else 0.0)
                rows.append(("sustained", arm, r, year, indicator, value))
    return pd.DataFrame(rows, columns=["run_time", "arm", "replication", "year", "indicator", "value"])


def test_arms_part_from_the_year_in_which_they_stay_apart() -> None:
    found = turning_points(
        series(P01={2018: 30.0}, P02={}, P03={2017: 40.0, 2020: 0.0, 2022: -30.0}, all={2016: 60.0}),
        ["P01", "P02", "P03"],
    )
    years = found[found["indicator"] == "population"].set_index("arm")["turning_year"]
    assert list(found.columns) == COLUMNS and years["P01"] == 2018 and years["all"] == 2016
    assert pd.isna(years["P02"])  # nothing happens
    assert years["P03"] >= 2020  # what was gained is lost: only the loss stays
    assert found.loc[found["indicator"] == "births", "turning_year"].isna().all()
    last = found[(found["arm"] == "P03") & (found["indicator"] == "population")].iloc[0]
    assert last["last_year"] == 2024 and last["high"] < 0 and last["low"] <= last["difference"] <= last["high"]


def test_without_years_there_are_none() -> None:
    assert turning_points(pd.DataFrame(), ["P01"]).empty


def test_an_experiment_with_arms_alone_has_them(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    text = """
    schema = 1
    title_en = "Two alone"
    title_ja = "単独の2施策"
    town = "iwaki"
    basis = "census"
    scenario = "baseline"
    packages = ["P01", "P02"]
    start = 2015
    end = 2060
    run_time = "sustained"
    seed = 7
    alone = { replications = 3, fraction = 0.5, run_times = ["sustained", "plan"] }
    """
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "two.toml").write_text(text, encoding="utf-8")
    bench = ImaginedBench()
    monkeypatch.setattr("machi.experiment.prepare", lambda *_: Prepared(bench))
    plan = read_plan(Places(tmp_path, built_in()), "two")
    conduct(plan, Hands(), Screen("en"))
    table = read_table(plan.folder, "turning_points.csv")
    assert len(table) == 2 * 3 * 2 and set(table["run_time"]) == {"sustained", "plan"}
    residents = table[table["indicator"] == "population"]
    assert (residents["turning_year"] == 2015).all()  # the imagined town grows at once, by the same in every year
    assert (residents["difference"] == residents["low"]).all()
