"""The command `machi solve`: its answer in tables, the portfolios of a result, and one sentence for bad input."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from imagined_town import ImaginedBench, outputs
from numpy.typing import NDArray

from abm.errors import InputError
from abm.levers import neutral
from abm.people.outputs import Outputs
from machi import cli, session
from machi.account.folder import result_folder
from machi.analysis.paired import Estimate
from machi.cli import USAGE
from machi.places import Places, built_in
from machi.questions.config import Experiment
from machi.questions.design import runs, strengths_table
from machi.runs.run import runs_table
from machi.seeking.known import looked_up, settings_of
from machi.seeking.solution import Policies, read_policies, solve
from machi.seeking.target import Target, read_target
from machi.seeking.telling import table, verdict
from machi.seeking.trials import Trials
from machi.store import write_manifest, write_table

Floats = NDArray[np.float64]


# The whole


@pytest.fixture(scope="module")
def policies(bench) -> Policies:  # type: ignore[no-untyped-def]
    """Three of Iwaki's packages until 2023."""
    return read_policies(bench.ground, ["P03", "P06", "P02"], "sustained")


def at_once(array: Floats, seed: int) -> Outputs:
    """A town without chance in which childbirth, settlers and arrivals bring people."""
    record = outputs(seed, 0.0, 1.0, 2023)
    gain = array.sum() - neutral(len(array)).sum()
    record.population[-1, 0, 30] += round(10 * gain)
    return record


def test_an_answer_holds_what_was_simulated(policies: Policies) -> None:
    trials = Trials(at_once, read_target("population=2000@2023"), (1, 2), 2021, 1)
    assert np.isclose(policies.cost(0b111), sum(policies.cost(1 << place) for place in range(3)))
    solution = solve(trials.target, policies, trials, 50)
    assert solution.meets and solution.found.name == "none" and not solution.equivalents
    best = max(one.reached.mean for one in solve(_far(), policies, _trials(_far()), 50).portfolios)
    aim = read_target(f"population={best}@2023")
    solution = solve(aim, policies, _trials(aim), 50)
    rows = table(solution, 0.1)
    assert solution.meets and rows["is_answer"].sum() == 1
    assert rows.loc[rows["is_answer"], "reached"].item() == pytest.approx(best)
    assert list(rows["cost_million_yen"]) == sorted(rows["cost_million_yen"])


def test_where_none_meets_it_equivalents_are_told(policies: Policies) -> None:
    solution = solve(_far(), policies, _trials(_far()), 50)
    rows = table(solution, 0.1)
    assert not solution.meets and not rows["is_answer"].fillna(False).astype(bool).any()
    told = {(beside, one.key) for beside, one in solution.equivalents}
    best = solution.found.name
    knobs = ("fertility", "movers", "settlers")
    assert told == {("none", key) for key in knobs} | {(best, key) for key in (*knobs, "strength")}
    assert set(rows["kind"]) == {"portfolio", "equivalent"}


def test_a_share_that_shall_be_small() -> None:
    target = read_target("aged_share=30@2020")
    for mean, half, word in ((25.0, 2.0, "yes"), (29.5, 2.0, "mean"), (33.0, 2.0, "no")):
        assert verdict(Estimate(mean, mean - half, mean + half, 1.0, 1.0, 2), target) == word
    assert target.aim == -30


def _far() -> Target:
    return read_target("population=90000000@2023")


def _trials(target: Target) -> Trials:
    return Trials(at_once, target, (1, 2), 2021, 1)


# A result that holds every portfolio


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """Every portfolio of three packages, of which the k-th brings k and costs 1."""
    asked = Experiment.model_validate(
        {
            "schema": 1, "title_en": "All", "title_ja": "全部", "town": "iwaki", "basis": "census",
            "scenario": "baseline", "packages": ["P01", "P02", "P03"], "start": 2015, "end": 2060,
            "run_time": "sustained", "seed": 7, "factorial": {"seeds": 2, "fraction": 0.5},
        }
    )  # fmt: skip
    plan = runs(asked)
    simulation = ImaginedBench().open()
    folder = tmp_path / "results" / "all"
    folder.mkdir(parents=True)
    write_table(folder, "runs.parquet", runs_table(plan, [simulation(run) for run in plan]))
    write_table(folder, "strengths.parquet", strengths_table(plan, asked.packages))
    config = asked.model_dump(mode="json", by_alias=True, exclude={"quick", "assumed"})
    write_manifest(folder, {"config": config, "town": {"key": "iwaki"}, "start": 2015, "end": 2060})
    return folder


def test_the_cheapest_of_a_result_is_looked_up(result: Path) -> None:
    found = settings_of(result_folder(Places(result.parent.parent, built_in()), "all"), {"scenario": None})
    none = looked_up(result, found, read_target("population=1@2060"))
    assert none[:3] == ((), True, 8)
    people = pd.read_parquet(result / "runs.parquet").groupby("sample")["population"].mean().sort_values()
    third = looked_up(result, found, read_target(f"population={people.iloc[0] + 1}@2060"))
    assert third.meets and len(third.keys) == 1  # one package costs less than two
    most = looked_up(result, found, read_target(f"population={people.iloc[-1]}@2060"))
    beyond = looked_up(result, found, read_target(f"population={people.iloc[-1] + 1}@2060"))
    assert most.meets and not beyond.meets and most.keys == beyond.keys == ("P01", "P02", "P03")


def test_another_result_is_refused(result: Path) -> None:
    with pytest.raises(InputError, match="scenario `baseline`, not `closed`"):
        settings_of(result, {"scenario": "closed"})
    found = settings_of(result, {})
    for text in ("population=1@2040", "births=1@2050"):
        with pytest.raises(InputError, match="population@2060"):
            looked_up(result, found, read_target(text))


# The command


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (("iwaki", "--target", "popluation=1@2030"), "`population`"),
        (("iwaki", "--target", "population=1@2090"), "2060"),
        (("iwake", "--target", "population=1@2030"), "`iwaki`"),
        (("iwaki", "--target", "population=1@2030", "--package", "P3"), "`P03`"),
        (("iwaki", "--target", "population=1@2030", "--fraction", "0"), "--fraction"),
        (("iwaki", "--target", "population=1@2030", "--result", "twelve"), "no result `twelve`"),
        (("iwaki", "--target", "population=1@2030", "--out", "x.txt"), ".csv"),
        (("iwaki",), "--target"),
    ],
)
def test_one_sentence_for_what_cannot_be_asked(
    line: tuple[str, ...], named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MACHI_LANG", "en")
    monkeypatch.setattr(session, "_asked", {"lang": None, "workspace": None})
    monkeypatch.setattr(sys, "argv", ["machi", "solve", *line])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    err = capfd.readouterr().err
    assert ended.value.code == USAGE and named in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_command_answers(
    lang: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "_asked", {"lang": None, "workspace": None})
    monkeypatch.setattr("machi.runs.groundwork.Ground.founding", lambda *_: None)
    monkeypatch.setattr("machi.runs.groundwork.Ground.reference", lambda *_: None)
    monkeypatch.setattr("abm.simulation.simulate", lambda founding, arm, array, seed: at_once(array, seed))
    line = ["--lang", lang, "solve", "iwaki", "--target", "population=90000000@2023", "--out", "out.csv"]
    monkeypatch.setattr(sys, "argv", ["machi", *line])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capfd.readouterr().out
    assert ended.value.code == 0 and "P12" in out and ("no portfolio was found" in out) == (lang == "en")
    assert (pd.read_csv("out.csv")["kind"] == "equivalent").sum() == 7
