"""The real thing, small: Iwaki over three years, two packages, every design."""

import shutil
from functools import partial
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from command_line import exit_code

from machi import session
from machi.store import MANIFEST, TABLE_ENDINGS, read_manifest

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

    return partial(exit_code, monkeypatch)


def test_one_process_and_two_give_the_same_result(machi, workspace: Path) -> None:  # type: ignore[no-untyped-def]
    folder = workspace / "results/small"
    assert machi("run", "small", "--workers", 1) == 0
    assert (folder / "report.html").is_file()
    timings = read_manifest(folder)["timings"]
    assert {"founding", "alignment", "set_up", "runs", "analysis", "report"} <= set(timings)
    first = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in TABLE_ENDINGS}
    kept = {path.name: path.read_bytes() for path in (workspace / "results/.runs/small").glob("*.*")}
    assert machi("run", "small", "--workers", 2, "--fresh") == 0
    assert set(first) > {"runs.parquet", "ranking.csv", "series.parquet", "pyramids.parquet"}
    for name, data in first.items():
        assert name == MANIFEST or (folder / name).read_bytes() == data, name
    assert {path.name: path.read_bytes() for path in (workspace / "results/.runs/small").glob("*.*")} == kept


def test_what_is_kept_is_not_run_again(machi, workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    """With the result gone and one part of the kept runs damaged, that part alone is run again, to the same bytes."""
    assert machi("run", "small", "--serial") == 0
    folder, kept = workspace / "results/small", workspace / "results/.runs/small"
    runs, parts = (folder / "runs.parquet").read_bytes(), sorted(kept.glob("runs-*.parquet"))
    before = {path.name: path.read_bytes() for path in parts}
    shutil.rmtree(folder)
    data = bytearray(before[parts[0].name])
    data[len(data) // 2] ^= 4
    parts[0].write_bytes(bytes(data))
    lost = len(pd.read_parquet(BytesIO(before[parts[0].name])))
    capfd.readouterr()
    assert machi("--lang", "en", "run", "small", "--serial") == 0
    out, err = capfd.readouterr()
    assert f"{lost} are to be done" in out and "1 place(s) among the kept runs were damaged" in err
    assert (folder / "runs.parquet").read_bytes() == runs
    assert {path.name: path.read_bytes() for path in kept.glob("runs-*.parquet")} == before


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
