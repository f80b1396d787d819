"""Results without [alone] side by side: effects out of other designs' runs, common readings, refusals."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import command
from compared_results import FIRST_SEED, SEEDS, comparable
from finished_result import resealed
from synthetic_manifest import END
from synthetic_result import PACKAGES
from test_comparison import beside, table

from abm.errors import InputError
from machi.comparison.asked import read_asked
from machi.comparison.cautions import cautions
from machi.comparison.page import tables_of
from machi.comparison.side import effects, reference_apart
from machi.comparison.story import edit
from machi.places import Places

Call = Callable[..., tuple[int, str, str]]
KEYS = [row[0] for row in PACKAGES]
SHAPLEY = {"P01": 900.0, "P02": 1100.0}
OWN_TABLES = ("series.parquet", "ranking.csv", "ranking_plan.csv", "strengths.parquet", "runs.parquet")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return comparable(tmp_path_factory.mktemp("results") / "first")


def without_years(first: Path, name: str, tables: dict[str, pd.DataFrame], **changed: object) -> Path:
    """A result of the same town whose designs left these tables only."""
    made = Path(shutil.copytree(first, first.with_name(name)))
    for own in OWN_TABLES:
        (made / own).unlink(missing_ok=True)
    for file, content in tables.items():
        path = made / file
        content.to_parquet(path, index=False) if path.suffix == ".parquet" else content.to_csv(path, index=False)
    resealed(made, name=name, runs=changed.pop("runs", {}), **changed)
    return made


@pytest.fixture(scope="module")
def factorial(first: Path) -> Path:
    """Every portfolio of two packages under the same seeds, out of the years of the first result."""
    years = pd.read_parquet(first / "series.parquet").query("indicator == 'population'")
    people = years.pivot_table(index=["replication", "year"], columns="arm", values="value")
    people = people.assign(both=people["P01"] + people["P02"] - people["none"])
    arms = ["none", "P01", "P02", "both"]
    rows = [
        {"design": "factorial", "run_time": "sustained", "arm": f"f{sample:04d}", "sample": sample, "theta": -1,
         "replication": replication, "seed": FIRST_SEED + replication,
         "fraction": 1.0, "population": people.loc[(replication, END), arm],
         "cost_million_yen": 100.0 * sample,
         **{f"population_{year}": people.loc[(replication, year), arm] for year in range(2015, END + 1, 5)}}
        for sample, arm in enumerate(arms) for replication in range(1, SEEDS + 1)
    ]  # fmt: skip
    strengths = pd.DataFrame(0.0, index=range(4), columns=KEYS)
    strengths["P01"], strengths["P02"] = [0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]
    shares = pd.DataFrame({"design": "factorial", "package": list(SHAPLEY), "value": list(SHAPLEY.values())})
    shares = shares.assign(low=np.nan, high=np.nan)
    front = pd.DataFrame({"portfolio": ["none", "P01", "P01 P02"], "cost_million_yen": [0.0, 100.0, 300.0],
                          "people": [0.0, 900.0, 2000.0], "low": np.nan, "high": np.nan})  # fmt: skip
    return without_years(first, "factorial", {
        "runs.parquet": pd.DataFrame(rows), "shapley.csv": shares, "frontier.csv": front,
        "strengths.parquet": strengths.assign(design="factorial", sample=range(4)),
    }, runs={"factorial": 4 * SEEDS})  # fmt: skip


def test_single_packages_of_a_factorial_are_those_of_alone(first: Path, factorial: Path) -> None:
    """The same seeds and packages: whichever design asked for the runs, effects pair and differ by exactly zero."""
    side = beside(first, factorial)
    assert side.packages == ["P01", "P02"] and side.year == END and not side.unpaired["B"]
    for found in effects(side, side.packages):
        assert found.apart[0] == (0.0, 0.0, 0.0, True)
    (apart,) = reference_apart(side)
    assert list(apart["year"]) == list(range(2015, END + 1, 5)) and (apart["value"] == 0).all()
    assert ("caution_years", {"a": "B"}) in cautions(side)
    assert [cell.value for cell in table(side, "packages").rows[0][1:3]] == [
        effects(side, ["P01"])[0].values[0].value
    ] * 2


def test_common_readings_stand_side_by_side(first: Path, factorial: Path) -> None:
    other = Path(shutil.copytree(factorial, factorial.with_name("other_factorial")))
    shares = pd.DataFrame({"design": "factorial", "package": ["P02", "P01"], "value": [800.0, 950.0]})
    shares.assign(low=np.nan, high=np.nan).to_csv(other / "shapley.csv", index=False)
    resealed(other)
    side = beside(factorial, other)
    assert side.readings == ("shapley_factorial",)
    rows = {
        row[0].text.split()[0]: [cell.value for cell in row[1:]]
        for row in table(side, "reading_shapley_factorial").rows
    }
    assert rows == {"P01": [900.0, 2.0, 950.0, 1.0], "P02": [1100.0, 1.0, 800.0, 2.0]}
    best = table(side, "fronts").rows
    assert [row[1].text for row in (best[0], best[-1])] == ["none", "P01 P02"]
    names = [[one.name for one in tables_of(edit(side, lang))] for lang in ("ja", "en")]
    assert names[0] == names[1] and {"reading_shapley_factorial", "fronts"} <= set(names[0])


def test_results_without_a_reference_arm_compare_what_both_tell(first: Path) -> None:
    made = [
        without_years(first, f"sobol{n}", {
            "sobol.csv": pd.DataFrame({"package": KEYS, "ST": np.arange(12.0) * n, "ST_low": 0.0, "ST_high": 12.0 * n})
        }) for n in (1, 2)
    ]  # fmt: skip
    side = beside(*made)
    assert side.readings == ("total",) and not side.has_reference
    assert [one.name for one in tables_of(edit(side, "en"))] == ["asked", "reading_total"]
    assert "total index" in edit(side, "en").headline[0]
    assert "caution_reference" in [key for key, _ in cautions(side)]


def test_nothing_in_common_is_one_sentence(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    call: Call = command(tmp_path, monkeypatch, capfd)
    grid = pd.DataFrame({"package": KEYS, "ST": 1.0, "ST_conf": 0.1})
    efast = without_years(first, "efast", {"efast.csv": grid}, runs={"efast": 10})
    lost = pd.DataFrame({"package": KEYS, "people_lost": 1.0, "low": 0.0, "high": 2.0})
    left_out = without_years(first, "left_out", {"leave_one_out.csv": lost}, runs={"leave_one_out": 10})
    code, _, problem = call("compare", efast, left_out)
    assert code == 2 and "nothing in common (efast: efast; left_out: leave_one_out)" in problem
    assert len(problem.strip().splitlines()) == 1


def test_towns_side_by_side_need_every_year(factorial: Path) -> None:
    with pytest.raises(InputError, match=r"no series\.parquet"):
        read_asked(Places(factorial.parent, factorial.parent), [str(factorial)], every_year=True)
