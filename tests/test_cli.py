"""The command line: exit codes, one sentence for a wrong input, both languages, a whole experiment."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from command_line import command, stand_in
from imagined_town import ImaginedBench, outputs

from machi import experiment
from machi.cli import FAILED, INTERRUPTED, USAGE
from machi.runs.long_table import HEADER, figure, write_long_table
from machi.store import read_manifest, read_table
from machi.words import LANGUAGES, WORDS, language

RANKING = (
    "package,name_ja,name_en,grade,mu,mu_low,mu_high,rank_mu,mu_star,sigma,effect,effect_mc_low,effect_mc_high,"
    "effect_low,effect_high,rank_alone,p_top3,total_index,total_index_low,total_index_high,cost_million_yen,"
    "people_per_100_million_yen"
)


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace, English, nothing left of another command's options."""
    stand_in(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def machi(workspace: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Call the command in this process: (exit code, stdout, stderr)."""
    return command(workspace, monkeypatch, capfd)


SIMULATE = ("simulate", "iwaki", "--scenario", "baseline", "--out", "x.csv")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (("simulate", "iwake", "--scenario", "baseline", "--out", "x.csv"), "iwaki"),
        (("simulate", "iwaki", "--scenario", "base", "--out", "x.csv"), "baseline"),
        (("simulate", "iwaki", "--scenario", "baseline"), "--out"),
        ((*SIMULATE, "--package", "P3=1"), "P03"),
        ((*SIMULATE, "--package", "P03=1.5"), "P03"),
        ((*SIMULATE, "--package", "P03=-0.1"), "P03"),
        ((*SIMULATE, "--package", "P03=nan"), "P03"),
        ((*SIMULATE, "--package", "P03"), "P03"),
        ((*SIMULATE, "--package", "P03=1", "--package", "P03=1"), "twice"),
        ((*SIMULATE, "--lever", "childbrith=1.1"), "childbirth"),
        ((*SIMULATE, "--lever", "childbirth=9"), "childbirth"),
        ((*SIMULATE, "--lever", "childbirth=nan"), "childbirth"),
        ((*SIMULATE, "--lever", "childbirth=1.1", "--from-year", "2070"), "--from-year"),
        ((*SIMULATE, "--from-year", "2030"), "--lever"),
        ((*SIMULATE, "--run-time", "never"), "--run-time"),
        ((*SIMULATE, "--end", "2015"), "end"),
        ((*SIMULATE, "--end", "1999"), "end"),
        ((*SIMULATE, "--start", "2010"), "2015"),
        ((*SIMULATE, "--basis", "sensus"), "basis"),
        ((*SIMULATE, "--fraction", "0"), "--fraction"),
        ((*SIMULATE, "--fraction", "1.5"), "--fraction"),
        ((*SIMULATE, "--fraction", "nan"), "--fraction"),
        ((*SIMULATE, "--replications", "0"), "--replications"),
        ((*SIMULATE, "--seed", "0"), "--seed"),
        ((*SIMULATE[:-1], "."), "--out"),
        (("run", "twelve_package"), "twelve_packages"),
        (("run", "nowhere.toml"), "nowhere.toml"),
        (("run", "twelve_packages", "--workers", "0"), "--workers"),
        (("run", "twelve_packages", "--workers", "2", "--serial"), "--serial"),
        (("run", "twelve_packages", "--scheduler", "nowhere"), "tcp://"),
        (("run", "twelve_packages", "--max-runs", "0"), "--max-runs"),
        (("run", "twelve_packages", "--max-runs", "100"), "--max-runs 4"),
        (("report", "nowhere"), "manifest.json"),
        (("packages", "atlantis"), "iwaki"),
        (("found", "atlantis"), "iwaki"),
        (("--lang", "fr", "towns"), "ja or en"),
        (("--workspace", "nowhere", "towns"), "--workspace"),
        (("dance",), "dance"),
        (("towns", "--loud"), "--loud"),
    ],
)
def test_a_wrong_input_is_one_sentence_and_exit_2(machi, line: tuple[str, ...], named: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = machi(*line)
    assert code == USAGE and out == ""
    assert named in err and err.startswith("Error: ") and err.count("\n") == 1
    assert "Traceback" not in err and not Path("x.csv").exists()


def test_the_language_is_the_users(machi, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    assert "いわき市" in machi("--lang", "ja", "towns")[1]
    assert "Iwaki" in machi("--lang", "en", "towns")[1]
    assert machi("--lang", "ja", "run", "nothing")[2].startswith("エラー: ")
    for name in ("MACHI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert language(None) == "ja"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert language(None) == "en"
    monkeypatch.setenv("MACHI_LANG", "ja")
    assert language(None) == "ja" and language("en") == "en"


def test_every_sentence_stands_in_both_languages() -> None:
    assert all(len(pair) == len(LANGUAGES) and all(pair) for pair in WORDS.values())
    fields = [[sorted(part for part in text.split("{")[1:]) for text in pair] for pair in WORDS.values()]
    for english, japanese in fields:
        assert [part.split("}")[0] for part in english] == [part.split("}")[0] for part in japanese]


def test_lists_are_printed(machi) -> None:  # type: ignore[no-untyped-def]
    assert "childbirth" in machi("levers")[1]
    code, out, _ = machi("packages")
    assert code == 0 and "P01" in out and "P12" in out
    code, out, _ = machi()
    assert code == 0 and all(name in out for name in ("run", "found", "simulate", "report"))


@pytest.mark.parametrize("encoding", ["cp932", "ascii", "utf-8"])
def test_any_encoding_can_be_printed(encoding: str, tmp_path: Path) -> None:
    for lang in LANGUAGES:
        line = [sys.executable, "-m", "machi", "--lang", lang, "towns"]
        environment = {"PYTHONIOENCODING": encoding, "PATH": "", "SYSTEMROOT": ""}
        done = subprocess.run(line, capture_output=True, cwd=tmp_path, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        assert b"iwaki" in done.stdout
        done.stdout.decode(encoding)


def test_an_interrupt_ends_with_130_and_nothing_half_written(  # type: ignore[no-untyped-def]
    machi, monkeypatch: pytest.MonkeyPatch, workspace: Path
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("machi.experiment.prepare", interrupted)
    code, _, err = machi("run", "twelve_packages", "--quick")
    assert code == INTERRUPTED and "Traceback" not in err
    assert list(workspace.rglob("*.*")) == [workspace / "machi.toml"]


def test_a_fault_of_ours_is_no_traceback(machi, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    def broken(*_: object) -> None:
        raise ZeroDivisionError("nobody")

    monkeypatch.setattr("machi.experiment.read_plan", broken)
    code, _, err = machi("run", "twelve_packages")
    assert code == FAILED and "ZeroDivisionError: nobody" in err and err.count("\n") == 1


@pytest.fixture
def imagined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Experiments run in an imagined town, and the page is one word."""

    def prepare(*_: object) -> experiment.Prepared:
        return experiment.Prepared(ImaginedBench())  # type: ignore[arg-type]

    def write_report(folder: Path, **_: object) -> None:
        (folder / "report.html").write_text("page", encoding="utf-8")

    monkeypatch.setattr("machi.experiment.prepare", prepare)
    monkeypatch.setattr("machi.result.portrait", lambda *_: {})
    monkeypatch.setattr("machi.report.write_report", write_report, raising=False)


def test_an_experiment_to_its_end(machi, imagined: None, workspace: Path) -> None:  # type: ignore[no-untyped-def]
    line = ("run", "twelve_packages", "--quick", "--workers", "1")
    code, out, _ = machi(*line, "--dry-run")
    assert code == 0 and "morris" in out and not (workspace / "results").exists()

    code, out, _ = machi(*line)
    folder = workspace / "results/twelve_packages"
    assert code == 0 and "P12" in out and str(folder) in out.replace("\n", "")
    assert {path.name for path in folder.parent.iterdir()} == {"twelve_packages", ".runs"}
    manifest = read_manifest(folder)
    parts = "name title_ja title_en town scenario basis start end config versions fingerprints seeds timings"
    assert {*parts.split(), "runs", "published", "packages", "notes"} <= set(manifest)
    assert manifest["notes"]["gap"] == {"2030": 8000, "2060": 47000}
    assert {"analysis", "runs", "report"} <= set(manifest["timings"])
    assert (folder / "ranking.csv").read_text(encoding="utf-8").splitlines()[0] == RANKING
    ranking = read_table(folder, "ranking.csv")
    assert list(ranking["rank_mu"]) == sorted(ranking["rank_mu"])
    assert ranking["package"][0] == "P12"  # the imagined town's packages are worth their number

    before = (folder / "runs.parquet").stat().st_mtime_ns
    code, out, _ = machi(*line)
    assert code == 0 and "already" in out and str(folder) in out.replace("\n", "")
    assert (folder / "runs.parquet").stat().st_mtime_ns == before
    first = read_table(folder, "runs.parquet")
    assert machi(*line, "--fresh")[0] == 0
    assert (folder / "runs.parquet").stat().st_mtime_ns > before
    pd.testing.assert_frame_equal(first, read_table(folder, "runs.parquet"))


def test_a_page_that_fails_does_not_cost_the_runs(  # type: ignore[no-untyped-def]
    machi, imagined: None, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(folder: Path, **_: object) -> None:
        raise ZeroDivisionError("no ink")

    monkeypatch.setattr("machi.report.write_report", broken, raising=False)
    code, _, err = machi("run", "twelve_packages", "--quick", "--workers", "1")
    assert code == FAILED and "no ink" in err and "Traceback" not in err
    assert len(read_table(workspace / "results/twelve_packages", "ranking.csv")) == 12


def test_a_result_folder_that_cannot_be_made(machi, imagined: None, workspace: Path) -> None:  # type: ignore[no-untyped-def]
    (workspace / "results").touch()
    code, _, err = machi("run", "twelve_packages", "--quick", "--workers", "1")
    assert code == USAGE and "results" in err and "Traceback" not in err


def test_the_long_table_is_what_it_says(tmp_path: Path) -> None:
    records = [outputs(seed, fraction=0.3, end=2018) for seed in (1, 2)]
    path = tmp_path / "deep" / "x.csv"
    write_long_table(path, iter(records))
    data = path.read_bytes()
    assert not data.startswith(b"\xef") and b"\r" not in data and data.endswith(b"\n")
    table = pd.read_csv(path, dtype={"age": str})
    assert ",".join(table.columns) == HEADER
    place = table["age"].map(lambda age: 101 if age == "all" else int(age))
    keys = table.assign(age=place)[["replication", "year", "indicator", "sex", "age"]]
    assert keys.equals(keys.sort_values(list(keys.columns), ignore_index=True))
    assert not keys.duplicated().any()
    years = table.groupby("indicator")["year"].agg(["min", "max"])
    assert (years["min"] == 2015).all()
    stocks = ["population", "away", "households", "employed", "unemployed", "vacancies"]
    assert (years.loc[stocks, "max"] == 2018).all() and (years.drop(stocks)["max"] == 2017).all()
    assert set(table.loc[table["indicator"] == "births", "sex"]) == {"T"}
    rows = table[(table["replication"] == 2) & (table["year"] == 2016)]
    one = rows.set_index(["indicator", "sex", "age"])["value"]
    assert one["population", "F", "30"] == pytest.approx(records[1].population[1, 1, 30] / 0.3, abs=1e-6)
    assert one["population", "T", "all"] == pytest.approx(records[1].population[1].sum() / 0.3, abs=1e-6)
    assert one["deaths", "M", "all"] == pytest.approx(records[1].deaths[1, 0].sum() / 0.3, abs=1e-6)
    assert one["vacancies", "T", "all"] == records[1].vacancies[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.0, "0"), (3.0, "3"), (3 / 0.05, "60"), (10 / 3, "3.333333"), (1e7, "10000000")],
)
def test_whole_numbers_have_no_decimals(value: float, text: str) -> None:
    assert figure(value) == text


def test_an_interrupted_table_leaves_nothing(tmp_path: Path) -> None:
    def replications():  # type: ignore[no-untyped-def]
        yield outputs(end=2016)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_long_table(tmp_path / "x.csv", replications())
    assert list(tmp_path.glob("*.csv*")) == []


def test_the_manifest_is_plain_json(machi, imagined: None, workspace: Path) -> None:  # type: ignore[no-untyped-def]
    assert machi("run", "twelve_packages", "--quick", "--workers", "1")[0] == 0
    text = (workspace / "results/twelve_packages/manifest.json").read_text(encoding="utf-8")
    assert json.loads(text)["config"]["morris"]["trajectories"] == 2
    assert "NaN" not in text and str(workspace) not in text
