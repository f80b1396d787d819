"""Every design beside the ranking's, in the real town, small: the same bytes from one process and from two workers."""

from pathlib import Path

import pytest

from machi import cli, session
from machi.store import MANIFEST, read_manifest, read_table

QUESTION = """
schema = 1
title_en = "Two packages, four years"
title_ja = "2施策、4年間"
town = "iwaki"
basis = "census"
scenario = "baseline"
packages = ["P06", "P10"]
start = 2015
end = 2019
run_time = "sustained"
seed = 1
[leave_one_out]
replications = 2
fraction = 0.005
[factorial]
seeds = 1
fraction = 0.005
[fraction]
seeds = 2
fraction = 0.005
[grid]
levels = 3
replications = 2
fraction = 0.005
[sobol]
n = 2
seeds = 2
fraction = 0.005
[structure]
draws = 2
seeds = 2
fraction = 0.005
effects = "central"
[ablation]
replications = 2
fraction = 0.005
[scenarios]
also = ["closed"]
run_times = ["sustained"]
replications = 2
fraction = 0.005
draws = 1
"""
TABLES = {
    "leave_one_out.csv", "shapley.csv", "interactions.csv", "frontier.csv", "budgets.csv", "grid.csv", "sobol.csv",
    "structure.csv", "ablation.csv", "scenarios.csv", "regret.csv", "runs.parquet", "strengths.parquet",
}  # fmt: skip


def test_every_design_from_one_process_and_from_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(session, "_asked", {"lang": None, "workspace": None})
    for name in ("machi.toml", "experiments/one.toml", "experiments/two.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(QUESTION if "experiments" in name else "", encoding="utf-8")
    for name, hands in (("one", ["--serial"]), ("two", ["--workers", "2"])):
        monkeypatch.setattr("sys.argv", ["machi", "run", name, *hands])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
    one, two = tmp_path / "results/one", tmp_path / "results/two"
    assert {path.name for path in one.iterdir()} >= TABLES and not (one / "report.html").exists()
    for path in one.iterdir():
        assert path.name == MANIFEST or path.read_bytes() == (two / path.name).read_bytes(), path.name
    parts = [
        sorted(path.name for path in (tmp_path / "results/.runs" / name).glob("runs-*")) for name in ("one", "two")
    ]
    assert parts[0] == parts[1]  # names hold the sha256 of the bytes
    assert read_manifest(one)["runs"]["factorial"] == 4
    every = read_table(one, "runs.parquet").query("design == 'scenarios' and arm == 'none'")
    people = every.groupby("scenario")["population"].mean()
    assert people["closed"] != people["baseline"]  # each scenario has a reference arm of its own
    assert set(read_table(one, "runs.parquet").query("design != 'scenarios'")["scenario"]) == {"baseline"}
    assert "scenarios/closed.toml" in read_manifest(one)["data_files"]
    shared = read_table(one, "shapley.csv").query("design == 'factorial'")
    runs = read_table(one, "runs.parquet").query("design == 'factorial'").set_index("sample")["population"]
    assert shared["value"].sum() == pytest.approx(runs[3] - runs[0])
