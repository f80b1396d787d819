"""The real thing, small: Iwaki over three years, two packages, every design."""

from pathlib import Path

import pandas as pd
import pytest

from machi import cli, session
from machi.store import read_manifest, read_table

ROOT = Path(__file__).resolve().parent.parent

END = 2018
QUESTION = f"""
schema = 1
title_en = "Two packages, three years"
title_ja = "2施策、3年間"
town = "iwaki"
basis = "census"
scenario = "baseline"
packages = ["P06", "P10"]
start = 2015
end = {END}
run_time = "sustained"
seed = 1
[alone]
replications = 2
fraction = 0.01
run_times = ["sustained", "plan"]
[predictive]
draws = 2
replications = 2
fraction = 0.005
prior = "evidence"
rates = true
[morris]
trajectories = 2
levels = 4
fraction = 0.005
seeds = 2
[sobol]
n = 2
fraction = 0.005
seeds = 2
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that keeps the short alignment for all tests of this file."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "machi.toml").touch()
    (folder / "experiments").mkdir()
    (folder / "experiments" / "small.toml").write_text(QUESTION, encoding="utf-8")
    return folder


@pytest.fixture
def machi(workspace: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Call the command in the workspace and return its exit code."""
    monkeypatch.chdir(workspace)
    monkeypatch.setattr(session, "_asked", {"lang": None, "workspace": None})

    def call(*words: object) -> int:
        monkeypatch.setattr("sys.argv", ["machi", *(str(word) for word in words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(str(ended.value.code))

    return call


def test_one_process_and_two_give_the_same_result(machi, workspace: Path) -> None:  # type: ignore[no-untyped-def]
    folder = workspace / "results/small"
    assert machi("run", "small", "--workers", 1) == 0
    assert (folder / "report.html").is_file()
    timings = read_manifest(folder)["timings"]
    assert {"founding", "alignment", "set_up", "runs", "analysis", "report"} <= set(timings)
    tables = ("ranking.csv", "ranking_plan.csv", "summary.csv", "series.parquet", "pyramids.parquet")
    first = {name: (folder / name).read_bytes() for name in tables}
    runs = read_table(folder, "runs.parquet").drop(columns="seconds")
    assert machi("run", "small", "--workers", 2, "--fresh") == 0
    assert {name: (folder / name).read_bytes() for name in tables} == first
    pd.testing.assert_frame_equal(runs, read_table(folder, "runs.parquet").drop(columns="seconds"))


def simulated(machi, path: Path, *words: object) -> bytes:  # type: ignore[no-untyped-def]
    """The CSV of a small simulation."""
    base = ("simulate", "iwaki", "--scenario", "baseline", "--end", END, "--fraction", 0.01, "--out", path)
    assert machi(*base, *words) == 0
    return path.read_bytes()


def test_no_policy_is_no_difference_and_policy_is_one(machi, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.csv"
    nothing = simulated(machi, path)
    assert nothing == simulated(machi, path, "--package", "P03=0", "--lever", "childbirth=1")
    assert nothing != simulated(machi, path, "--lever", "childbirth=1.5")
    later = simulated(machi, path, "--lever", "childbirth=1.5", "--from-year", 2017)
    begin = nothing.index(b"\n1,2018")
    assert nothing[: nothing.index(b"\n1,2017,births")] == later[: nothing.index(b"\n1,2017,births")]
    assert nothing[begin:] != later[begin:]


def test_replications_do_not_depend_on_how_many(machi, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.csv"
    two = simulated(machi, path, "--replications", 2, "--seed", 5)
    one = simulated(machi, path, "--seed", 5)
    assert two.startswith(one)
    assert simulated(machi, path, "--seed", 6).replace(b"\n1,", b"\n2,").split(b"\n", 1)[1] in two
