"""A result made again: the same to the byte, or what differs, named; the result itself is never touched."""

import sys
from pathlib import Path

import pytest
from imagined_town import ImaginedBench

from machi import cli, experiment, session
from machi.cli import FAILED, USAGE
from machi.store import MANIFEST, read_manifest, sealed, write_json

EXPERIMENT = """
schema = 1
title_en = "Who is missed?"
title_ja = "抜けると困るのは？"
town = "iwaki"
basis = "census"
scenario = "baseline"
packages = ["P01", "P02", "P03"]
start = 2015
end = 2060
run_time = "sustained"
seed = 7
alone = { replications = 2, fraction = 0.5, run_times = ["sustained"] }
leave_one_out = { replications = 3, fraction = 0.5 }
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with the result of an experiment in an imagined town."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MACHI_LANG", "en")
    monkeypatch.setattr(session, "_asked", {"lang": None, "workspace": None})
    (tmp_path / "machi.toml").touch()
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "tiny.toml").write_text(EXPERIMENT, encoding="utf-8")
    live_with(monkeypatch, ImaginedBench())
    assert machi("run", "tiny", "--serial") == 0
    return tmp_path


def live_with(monkeypatch: pytest.MonkeyPatch, bench: ImaginedBench) -> None:
    """Have experiments run in an imagined town."""

    def prepare(*_: object) -> experiment.Prepared:
        return experiment.Prepared(bench)  # type: ignore[arg-type]

    monkeypatch.setattr("machi.experiment.prepare", prepare)


def machi(*words: str) -> int:
    """The exit code of the command in this process."""
    kept = sys.argv
    sys.argv = ["machi", *words]
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        sys.argv = kept
    return int(str(ended.value.code))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def change_manifest(folder: Path, **parts: dict[str, str]) -> None:
    """Change fields of parts of the manifest, as if it had been written so."""
    manifest = read_manifest(folder)
    for part, fields in parts.items():
        manifest[part] |= fields
    write_json(folder, MANIFEST, sealed(manifest))


def test_the_same_result_is_made_again(workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    results = workspace / "results"
    before = contents(results)
    change_manifest(results / "tiny", timings={"runs": "1e9"})  # timings are no result
    changed = contents(results)
    capfd.readouterr()
    assert machi("reproduce", "results/tiny", "--workers", "1") == 0
    out = capfd.readouterr().out
    assert "Same: all" in out and f" {len(read_manifest(results / 'tiny')['files'])} tables" in out
    assert contents(results) == changed and before.keys() == changed.keys()


def test_a_flipped_bit_is_told_as_such(workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = workspace / "results" / "tiny" / "runs.parquet"
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    table.write_bytes(data)
    (table.parent / "leave_one_out.csv").unlink()
    before = contents(workspace)
    assert machi("reproduce", "tiny", "--workers", "1") == FAILED
    out = capfd.readouterr().out
    assert "runs.parquet: it has changed since it was written" in out and "leave_one_out.csv: it is missing" in out
    assert contents(workspace) == before and "alone.csv" not in out


def test_a_flipped_bit_of_the_manifest_is_refused(workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Also where it would be another question: the seed is 6 instead of 7."""
    path = workspace / "results" / "tiny" / MANIFEST
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"seed": 7', b'"seed": 6'))
    assert path.read_bytes() != data
    assert machi("reproduce", "tiny") == USAGE
    assert "manifest.json: it has changed since it was written" in capfd.readouterr().err
    assert machi("run", "tiny", "--serial") == 0  # makes it again, from the runs that are kept
    assert read_manifest(path.parent)["config"]["seed"] == 7


def test_another_result_is_told_and_kept(
    workspace: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    live_with(monkeypatch, ImaginedBench(end=2059))
    before = contents(workspace / "results" / "tiny")
    assert machi("--lang", "ja", "reproduce", "tiny", "--workers", "1") == FAILED
    out = capfd.readouterr().out
    assert "runs.parquet: 作り直すと別の" in out and "strengths" not in out
    assert contents(workspace / "results" / "tiny") == before
    (kept,) = (workspace / "results" / ".reproduced").glob("*/tiny/manifest.json")
    assert read_manifest(kept.parent)["name"] == "tiny" and not list(kept.parent.parent.glob(".runs"))


@pytest.mark.parametrize(
    ("part", "fields", "named"),
    [
        ("fingerprints", {"code": "0"}, "code"),
        ("fingerprints", {"town": "0"}, "data (town)"),
        ("seeds", {"stream": "philox"}, "random stream (philox)"),
        ("config", {"seed": "many"}, "config.seed"),
        ("config", {"packages": ["P99"]}, "P99"),
    ],
)
def test_what_is_not_as_it_was_is_refused_by_name(
    workspace: Path, part: str, fields: dict[str, str], named: str, capfd: pytest.CaptureFixture[str]
) -> None:
    change_manifest(workspace / "results" / "tiny", **{part: fields})
    assert machi("reproduce", "tiny") == USAGE
    err = capfd.readouterr().err
    assert named in err and err.count("\n") == 1
    if part == "fingerprints":
        assert machi("reproduce", "tiny", "--workers", "1", "--anyway") == 0
        assert f"Note: {named}" in capfd.readouterr().err


def test_libraries_are_named_with_their_versions(workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    change_manifest(workspace / "results" / "tiny", versions={"numpy": "1.26.0"}, fingerprints={"code": "0"})
    assert machi("reproduce", "tiny") == USAGE
    assert "libraries (numpy 1.26.0)" in capfd.readouterr().err


def test_what_is_no_result_of_an_experiment(workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert machi("reproduce", "tinny") == USAGE
    assert "`tiny`" in capfd.readouterr().err
    (workspace / "other").mkdir()
    (workspace / "other" / MANIFEST).write_text('{"kind": "hindcast", "files": {}}', encoding="utf-8")
    assert machi("reproduce", "other") == USAGE
    assert "no experiment" in capfd.readouterr().err
