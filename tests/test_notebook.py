"""The notebook face: light to import, tidy tables, paired effects, and one sentence for what cannot be used."""

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from imagined_town import ImaginedBench
from scipy import stats
from synthetic_result import write_result

import machi
from machi import experiment
from machi.notebook.result import UNITS, Result

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("machi", *(f"machi.notebook.{name}" for name in ("arms", "catalogue", "question", "result", "tables")))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty workspace that holds one result."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "machi.toml").touch()
    write_result(folder / "results" / "twelve_packages")
    return folder


@pytest.fixture(scope="module")
def result(workspace: Path) -> Result:
    """Three years of one in a hundred people, with two packages."""
    asked = {"P03": 1.0, "P06": 0.5}
    return machi.simulate("iwaki", packages=asked, seeds=[1, 2, 5], fraction=0.01, end=2018, workspace=workspace)


def test_importing_is_light() -> None:
    """Nothing heavy is loaded by the import itself, nor by asking for the error."""
    heavy = "numpy", "pandas", "numba", "scipy", "pydantic", "mesa", "typer", "matplotlib"
    line = f"import machi, sys; machi.InputError; dir(machi); print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_documented() -> None:
    for name in machi.__all__:
        assert getattr(machi, name).__doc__ and name in dir(machi)
        assert f"`{name}" in (machi.__doc__ or "")
    with pytest.raises(AttributeError, match="simulat"):
        machi.simulat  # noqa: B018


@pytest.mark.parametrize("room", ROOMS)
def test_the_examples_of_the_docstrings_run(room: str, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace)
    found = doctest.testmod(importlib.import_module(room))
    assert found.failed == 0 and found.attempted >= 2


def test_years_are_tidy(result: Result) -> None:
    table = result.years
    assert list(table.columns) == ["arm", "replication", "year", "measure", "value", "unit"]
    assert result.arms == ("none", "P03+P06=0.5") and set(table["arm"]) == set(result.arms)
    assert set(table["replication"]) == {1, 2, 5} and set(table["measure"]) == set(UNITS)
    assert not table.duplicated(["arm", "replication", "year", "measure"]).any() and table["value"].notna().all()
    last = table.groupby("measure")["year"].max()
    assert last["population"] == 2018 and last["births"] == 2017
    first = table[(table["measure"] == "population") & (table["year"] == 2015)]["value"]
    assert np.allclose(first, 350_237, rtol=0.01)  # the census, at any fraction
    cost = table[table["measure"] == "cost"].groupby("arm")["value"].sum()
    assert cost["none"] == 0.0


def test_ages_add_up_to_years(result: Result) -> None:
    ages = result.ages
    assert set(ages["sex"]) == {"M", "F", "T"} and ages["age"].max() == 100
    keys = ["arm", "replication", "year", "measure"]
    sums = ages.groupby(keys)["value"].sum()
    totals = result.years.set_index(keys)["value"]
    for measure, persons in (("population", 1.0), ("births", 1.0), ("deaths", 1.0), ("marriages", 2.0)):
        both = pd.concat([sums, totals * persons], axis=1, keys=["ages", "years"]).xs(measure, level="measure").dropna()
        assert len(both) >= 18 and np.allclose(both["ages"], both["years"])


def test_effects_are_paired_by_seed(result: Result) -> None:
    table = result.effects("population").set_index("year")
    assert table.loc[2015, ["mean", "low", "high"]].tolist() == [0.0, 0.0, 0.0]  # the same town on the first day
    years = result.years.query("measure == 'population' and year == 2018").pivot(index="replication", columns="arm")
    paired = (years["value"]["P03+P06=0.5"] - years["value"]["none"]).to_numpy()
    half = stats.t.ppf(0.95, 2) * paired.std(ddof=1) / np.sqrt(3)
    row = table.loc[2018]
    assert row["mean"] == pytest.approx(paired.mean()) and row["high"] - row["mean"] == pytest.approx(half)
    assert row["n"] == 3 and row["unit"] == "persons"
    assert set(result.effects()["measure"]) == set(UNITS)


def test_no_strength_is_no_difference(workspace: Path) -> None:
    nothing = machi.simulate("iwaki", packages={"P03": 0}, seeds=[4], fraction=0.01, end=2018, workspace=workspace)
    effects = nothing.effects()
    assert (effects["mean"] == 0.0).all() and effects["low"].isna().all()
    again = machi.simulate("iwaki", seeds=[4], fraction=0.01, end=2018, workspace=workspace)
    pd.testing.assert_frame_equal(again.years, nothing.years[nothing.years["arm"] == "none"])
    with pytest.raises(machi.InputError, match="give packages"):
        again.effects()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"town": "iwake"}, "iwaki"),
        ({"scenario": "base"}, "baseline"),
        ({"packages": ["P3"]}, "P03"),
        ({"packages": "P3"}, "P03"),
        ({"packages": ["P03", "P03"]}, "twice"),
        ({"packages": [["P03"]]}, "list of names"),
        ({"packages": {"P03": 1.5}}, "from 0 to 1"),
        ({"packages": {"P03": float("nan")}}, "from 0 to 1"),
        ({"packages": {"P03": "half"}}, "from 0 to 1"),
        ({"seeds": []}, "at least one"),
        ({"seeds": [1, 1]}, "only once"),
        ({"seeds": [0]}, "whole numbers"),
        ({"seeds": [1.5]}, "whole numbers"),
        ({"fraction": 0}, "above 0"),
        ({"fraction": float("nan")}, "above 0"),
        ({"fraction": "all"}, "above 0"),
        ({"run_time": "always", "packages": ["P03"]}, "sustained"),
        ({"end": 2015}, "later year"),
        ({"basis": "sensus"}, "census"),
        ({"workspace": "nowhere"}, "nowhere"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(workspace: Path, arguments: dict[str, object], named: str) -> None:
    asked = {"town": "iwaki", "fraction": 0.01, "end": 2018, "workspace": workspace, **arguments}
    with pytest.raises(machi.InputError, match=named) as refused:
        machi.simulate(**asked)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


def test_mesas_own_collector_reads_the_model(workspace: Path, result: Result) -> None:
    """Its own collector beside ours: the figures of `simulate`, and a row a household and year."""
    mesa = pytest.importorskip("mesa")
    young = mesa.DataCollector(
        model_reporters={
            "year": lambda model: model.town.year,
            "births": lambda model: model.outputs.births[model.town.y - 1].sum() / model.outputs.fraction,
        },
        agent_reporters={"whereabouts": "whereabouts", "members": lambda household: len(household.members)},
    )
    asked = {"P03": 1.0, "P06": 0.5}
    with machi.town_model(
        "iwaki", packages=asked, seed=5, follow=12, fraction=0.01, end=2018, workspace=workspace
    ) as model:
        while model.running:
            model.step()
            young.collect(model)
    totals, agents = young.get_model_vars_dataframe(), young.get_agent_vars_dataframe()
    years = result.years.query("arm == 'P03+P06=0.5' and replication == 5")
    assert totals["births"].tolist() == years[years["measure"] == "births"]["value"].tolist()
    assert totals["year"].tolist() == [2016, 2017, 2018] and len(agents) == 36
    assert (agents.loc[agents["whereabouts"] == "in town", "members"] >= 1).all()
    own = model.datacollector.get_model_vars_dataframe()
    assert own["population"].tolist() == years[years["measure"] == "population"]["value"].tolist()
    for arguments, named in (({"follow": 1.5}, "follow"), ({"seed": 0}, "seeds"), ({"packages": ["P3"]}, "P03")):
        with pytest.raises(machi.InputError, match=named):
            machi.town_model("iwaki", fraction=0.01, end=2018, workspace=workspace, **arguments)  # type: ignore[arg-type]


def test_lists_are_tables() -> None:
    towns = machi.towns(workspace=ROOT).set_index("town")
    assert towns.loc["iwaki", "name_ja"] == "いわき市" and "baseline" in towns.loc["ninohe", "scenarios"]
    packages = machi.packages("iwaki", workspace=ROOT)
    assert list(packages["package"][:2]) == ["P01", "P02"] and (packages["cost_low"] < packages["cost_high"]).all()
    with pytest.raises(machi.InputError, match="did you mean `ninohe`"):
        machi.packages("nonohe", workspace=ROOT)


def test_results_are_read_by_name_and_by_path(workspace: Path) -> None:
    results = machi.read_results("twelve_packages", workspace=workspace)
    assert {"runs", "series", "ranking"} <= set(results) and len(results["ranking"]) == 12
    assert results.trees["sensitivity"]["morris"] == {"trajectories": 20}
    by_path = machi.read_results(workspace / "results" / "twelve_packages")
    pd.testing.assert_frame_equal(results["runs"], by_path["runs"])
    with pytest.raises(machi.InputError, match="did you mean `ranking`"):
        results["rankings"]
    with pytest.raises(machi.InputError, match="did you mean `twelve_packages`"):
        machi.read_results("twelve_package", workspace=workspace)
    with pytest.raises(machi.InputError, match="manifest"):
        machi.read_results(workspace)


def test_changed_results_are_refused(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "small")
    (folder / "ranking.csv").write_bytes(b"package\nP01\n")
    with pytest.raises(machi.InputError, match="changed"):
        machi.read_results(folder)


def test_a_manifest_reaches_nothing_outside_its_folder(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "small")
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(text.replace('"runs.parquet"', '"../runs.parquet"'), encoding="utf-8")
    with pytest.raises(machi.InputError, match="no file of the folder"):
        machi.read_results(folder)


@pytest.fixture
def imagined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Experiments run in an imagined town, and the page is one word."""

    def prepare(*_: object) -> experiment.Prepared:
        return experiment.Prepared(ImaginedBench())  # type: ignore[arg-type]

    def report(folder: Path, **_: object) -> None:
        (folder / "report.html").write_text("page", encoding="utf-8")

    monkeypatch.setattr("machi.experiment.prepare", prepare)
    for tables in ("portrait", "yardsticks"):
        monkeypatch.setattr(f"machi.result.{tables}", lambda *_: {})
    monkeypatch.setattr("machi.report.write_report", report, raising=False)


def test_an_experiment_from_its_file_to_its_results(tmp_path: Path, imagined: None) -> None:
    (tmp_path / "machi.toml").touch()
    asked = machi.Experiment.load("twelve_packages", quick=True, workspace=tmp_path)
    assert asked.settings["morris"]["trajectories"] == 2 and asked.name == "twelve_packages"
    plan = asked.plan()
    assert {"alone", "predictive", "morris", "sobol"} == set(plan["design"])
    assert plan["runs"].sum() == int(repr(asked).split("; ")[1].split()[0].replace(",", ""))
    with pytest.raises(machi.InputError, match="no result yet"):
        _ = asked.results
    assert not asked.is_done
    results = asked.run(workers=1)
    assert asked.is_done and results["ranking"]["package"][0] == "P12"
    pd.testing.assert_frame_equal(asked.run(workers=1)["runs"], asked.results["runs"])
    whole = machi.Experiment.load("twelve_packages", workspace=tmp_path)
    with pytest.raises(machi.InputError, match="other settings"):
        _ = whole.results
    with pytest.raises(machi.InputError, match="workers"):
        asked.run(workers=0)
    with pytest.raises(machi.InputError, match="did you mean `twelve_packages`"):
        machi.Experiment.load("twelve_package", workspace=tmp_path)
