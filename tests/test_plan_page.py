"""The page of a ranking as planned: nothing on it speaks of packages that are kept up."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from synthetic_result import seal, write_result
from test_report import Page

from machi.report import write_report
from machi.report.findings import gains_of_all, headline_run_time, origins
from machi.report.reading import Result, read_result
from machi.report.residents import residents
from machi.report.standings import overlap
from machi.store import read_manifest

PLAN = "plan"


def planned(folder: Path, keep: bool = False) -> Path:
    """The made-up result with the headline as planned; with `keep` its sustained runs stand beside, twice as strong."""
    write_result(folder)
    for name in ("runs.parquet", "series.parquet", "pyramids.parquet"):
        table = pd.read_parquet(folder / name)
        own = table[table["run_time"] == "sustained"].assign(run_time=PLAN)
        if keep and name == "runs.parquet":
            strong = table[table["arm"] != "none"]
            more = {"population": 2 * strong["population"], "moves_net": 2 * strong["moves_net"]}
            own = pd.concat([own, strong.assign(**more)])
        own.to_parquet(folder / name, index=False)
    content: dict[str, Any] = {key: part for key, part in read_manifest(folder).items() if key != "files"}
    content["notes"]["run_time"] = content["config"]["run_time"] = PLAN
    seal(folder, content)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planned(tmp_path_factory.mktemp("planned") / "result")


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    return read_result(folder)


def test_the_page_speaks_of_the_plan_only(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("machi.report.figures.draw_all", lambda *_: {})
        text = write_report(folder).read_text(encoding="utf-8")
    page = Page(text)
    assert "standings_ja" in page.tables and "run_times_ja" not in page.tables and "origins_en" in page.tables
    plain = re.sub(r"<[^>]+>", "", text)
    assert "「計画期間のみ」（計画どおり" in plain and "for “as planned”: packages end" in plain
    assert (
        "表2　政策パッケージの順位（計画期間のみ、2060年" in plain
        and "表2の2　測り方別の値と順位（計画期間のみ" in plain
    )
    assert (
        "Table 2b. The readings and their ranks (as planned" in plain and "together, ended with the plan, add" in plain
    )
    assert "2060年まで続け" not in plain and "kept up until" not in plain
    assert plain.lower().count("sustained") == 1  # the heading under which the absence of a comparison is told
    assert "This result holds no runs “as planned”" not in plain


def test_figures_of_the_plan_are_those_of_the_sustained_twin(result: Result, tmp_path: Path) -> None:
    twin = read_result(write_result(tmp_path / "twin"))
    assert (headline_run_time(result.manifest), headline_run_time(twin.manifest)) == (PLAN, "sustained")
    assert overlap(result) == overlap(twin) and origins(result) == origins(twin)
    assert len(residents(result)) == len(residents(twin)) == 5
    assert [one.year for one in gains_of_all(result)] == [one.year for one in gains_of_all(twin)]


def test_runs_of_another_run_time_are_not_summed_beside_the_headlines(result: Result, tmp_path: Path) -> None:
    both = read_result(planned(tmp_path / "both", keep=True))
    assert overlap(both) == overlap(result) and origins(both) == origins(result)
    assert both.runs is not None
    lacking = both.runs[(both.runs["run_time"] == "sustained") | (both.runs["arm"] == "none")]
    assert overlap(both._replace(runs=lacking)) is None
