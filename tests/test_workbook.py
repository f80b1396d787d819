"""Tables for the office: they add up, come back as they were written, and say where they come from."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from command_line import command
from finished_result import resealed
from made_up_outputs import made_up_outputs
from synthetic_result import seal, write_result

from abm.errors import InputError
from machi.kpi.arms import Arms, Question, farthest
from machi.places import find_places
from machi.report import write_report
from machi.runs.projection import Projected
from machi.store import read_manifest
from machi.workbook.ages import GROUPS, People, by_fives, columns_of, people_of
from machi.workbook.export import export
from machi.workbook.people import people_table
from machi.workbook.single import write_projected, write_simulated

BOM = b"\xef\xbb\xbf"


def rows_of(path: Path, sheet: str) -> dict[str, list[Any]]:
    """The first row of each label of a sheet: label and the figures behind it."""
    found: dict[str, list[Any]] = {}
    for row in openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True):
        found.setdefault(str(row[0]), list(row[1:]))
    return found


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up result."""
    return write_result(tmp_path_factory.mktemp("results") / "one")


def exported(result: Path, out: Path, lang: str = "ja") -> list[Path]:
    files, _ = export(find_places(), result, out, ["xlsx", "csv", "parquet"], lang, True, lambda seeds: None)
    return files


@pytest.mark.parametrize("fraction", [1.0, 0.1])
def test_five_year_ages_add_up_to_the_simulated_population(fraction: float) -> None:
    outputs = [made_up_outputs(seed, fraction=fraction) for seed in (1, 2, 3)]
    people = people_of([one.population / one.fraction for one in outputs], 2015, 2030)
    assert people.years == (2015, 2020, 2025, 2030) and people.groups.shape == (4, 2, GROUPS)
    for at, year in enumerate(people.years):
        counted = sum(int(one.population[year - 2015].sum()) for one in outputs)
        assert round(people.groups[at].sum() * len(outputs) * fraction, 6) == counted
    np.testing.assert_array_equal(people.of("total"), people.of("male") + people.of("female"))


def test_the_last_group_is_of_90_and_over() -> None:
    single = np.zeros(101)
    single[[0, 4, 5, 89, 90, 100]] = [1, 2, 4, 8, 16, 32]
    groups = by_fives(single)
    assert (groups[0], groups[1], groups[17], groups[18]) == (3, 4, 8, 48) and groups.sum() == 63


def test_a_base_between_two_fives_keeps_its_column() -> None:
    assert columns_of(2019, 2043) == (2019, 2020, 2025, 2030, 2035, 2040, 2043)


def test_a_simulated_workbook_holds_the_counts(tmp_path: Path) -> None:
    one = made_up_outputs(4)
    write_simulated(tmp_path / "a.xlsx", [one], "笠間市", "条件", "ja")
    rows = rows_of(tmp_path / "a.xlsx", "人口")
    assert rows["年齢"] == ["2015年", "2020年", "2025年", "2030年"]
    assert rows["総数"] == [one.population[year].sum() for year in (0, 5, 10, 15)]
    groups = [rows[f"{age}～{age + 4}歳"] for age in range(0, 90, 5)] + [rows["90歳以上"]]
    assert np.sum(groups, axis=0).tolist() == rows["総数"]
    broad = [rows[name] for name in ("年少人口（0～14歳）", "生産年齢人口（15～64歳）", "老年人口（65歳以上）")]
    assert np.sum(broad, axis=0).tolist() == rows["総数"]
    years = openpyxl.load_workbook(tmp_path / "a.xlsx")["年次の主な指標"]
    lines = [row for row in years.iter_rows(values_only=True) if isinstance(row[0], int)]
    assert [row[0] for row in lines] == list(range(2015, 2031))
    assert lines[3][2] == one.births[3].sum() and lines[-1][2] is None


def test_a_five_year_projection_is_written_as_it_is(tmp_path: Path) -> None:
    people = np.random.default_rng(1).uniform(10, 500, (4, 2, GROUPS))
    write_projected(tmp_path / "p.xlsx", Projected(2015, 5, {"population": people}), "Kasama", "about", "en")
    rows = rows_of(tmp_path / "p.xlsx", "Population")
    assert rows["Age"] == ["2015", "2020", "2025", "2030"]
    np.testing.assert_allclose(np.array(rows["Total"], dtype=float), people.sum(axis=(1, 2)))


def test_csv_begins_with_a_bom_and_comes_back(result: Path, tmp_path: Path) -> None:
    exported(result, tmp_path)
    path = tmp_path / "csv" / "ranking.csv"
    assert path.read_bytes().startswith(BOM)
    kept = pd.read_csv(result / "ranking.csv")
    pd.testing.assert_frame_equal(pd.read_csv(path, encoding="utf-8-sig"), kept)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "parquet" / "ranking.parquet"), kept)
    series = pd.read_parquet(result / "series.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "parquet" / "series.parquet"), series)


def test_the_workbook_has_both_arms_their_difference_the_ranking_and_its_sources(result: Path, tmp_path: Path) -> None:
    exported(result, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    assert book.sheetnames == [
        "施策なし", "全施策", "差（全施策－施策なし）", "年次の主な指標", "ランキング", "計画期間のみ", "出典と作り方",
    ]  # fmt: skip
    none, policy, difference = (rows_of(tmp_path / "one.xlsx", name)["総数"] for name in book.sheetnames[:3])
    np.testing.assert_allclose(np.subtract(policy, none), difference)
    pyramids = pd.read_parquet(result / "pyramids.parquet")
    mine = pyramids[(pyramids["arm"] == "all") & (pyramids["run_time"] == "sustained")]
    np.testing.assert_allclose(policy, mine.groupby(["year", "replication"])["value"].sum().groupby("year").mean())
    ranking = pd.read_csv(result / "ranking.csv")
    shown = [row for row in book["ランキング"].iter_rows(values_only=True) if isinstance(row[0], int)]
    assert [row[1] for row in shown] == ranking["package"].tolist()
    np.testing.assert_allclose([row[10] for row in shown], ranking["effect_low"])
    told = " ".join(str(cell.value) for row in book["出典と作り方"] for cell in row if cell.value)
    assert "0123456789abcdef" in told and "国勢調査" in told and "machi reproduce" in told


def test_names_from_data_are_carried_out_nowhere(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "bad", name_en='=HYPERLINK("http://x","y")')
    resealed(folder, title_en="@SUM(1)", sources=[{"key": "-x", "credit": "=1+1", "statistic": "+cmd"}])
    exported(folder, tmp_path / "out", "en")
    for page in openpyxl.load_workbook(tmp_path / "out" / "bad.xlsx"):
        for cell in (cell for row in page for cell in row):
            assert cell.data_type != "f" and not str(cell.value or "").startswith(("=", "@"))
    text = (tmp_path / "out" / "csv" / "ranking.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in text and ",=HYPERLINK" not in text and ',"=HYPERLINK' not in text


def test_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "one")
    data = bytearray((folder / "series.parquet").read_bytes())
    data[100] ^= 1
    (folder / "series.parquet").write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"series\.parquet: the file has changed"):
        exported(folder, tmp_path / "out")


def test_the_long_table_has_every_group_once(result: Path) -> None:
    people = People((2015, 2020), np.random.default_rng(3).uniform(0, 9, (2, 2, GROUPS)))
    table = people_table({"none": people})
    assert len(table) == 2 * 3 * GROUPS and not table.duplicated(["arm", "year", "sex", "age_from"]).any()
    both = table[table["sex"] == "T"].groupby("year")["persons"].sum()
    np.testing.assert_allclose(both, table[table["sex"] != "T"].groupby("year")["persons"].sum())
    assert table.loc[table["age_to"].isna(), "age_from"].unique().tolist() == [90]


def test_arms_are_the_result_s_own_only_where_every_total_is(tmp_path: Path) -> None:
    none, policy = (tuple(made_up_outputs(seed) for seed in seeds) for seeds in ((1, 2), (3, 4)))
    arms = Arms(Question("iwaki", "baseline", "census", 2015, 2030, ("P01",), (7, 8)), none, policy)
    rows = [
        {"run_time": "sustained", "arm": arm, "replication": number, "year": 2015 + row, "indicator": "population",
         "value": float(one.population[row].sum())}
        for arm, runs in (("none", none), ("all", policy)) for number, one in enumerate(runs, start=1)
        for row in range(16)
    ]  # fmt: skip
    for change, expected in ((0.0, 0.0), (3.0, 3.0)):
        rows[20]["value"] = float(rows[20]["value"]) + change  # type: ignore[arg-type]
        pd.DataFrame(rows).to_parquet(tmp_path / "series.parquet", index=False)
        seal(tmp_path, {})
        assert farthest(tmp_path, arms) == expected


@pytest.fixture
def machi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The command, from a folder of its own."""
    return command(tmp_path, monkeypatch, capfd)


def test_the_command_writes_what_is_asked_for(machi: Callable[..., Any], result: Path, tmp_path: Path) -> None:
    code, said, _ = machi("tables", result, "--out", tmp_path / "out", "--format", "csv", "--stored")
    assert code == 0 and str(tmp_path / "out") in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["csv"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["tables", "nowhere", "--out", "out"], "nowhere"),
        (["tables", "{result}", "--out", "out", "--format", "xls"], "--format"),
        (["tables", "{result}", "--out", "{result}/ranking.csv", "--stored"], "ranking.csv"),
        (["cohort", "kasama", "--scenario", "baseline", "--out", "a.xls"], "--out"),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence(
    machi: Callable[..., Any], result: Path, words: list[str], reason: str
) -> None:
    code, _, said = machi(*[word.replace("{result}", str(result)) for word in words])
    assert code == 2 and said.startswith("Error:") and reason in said and said.count("\n") == 1


def test_an_old_result_without_ages_says_so(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "old")
    (folder / "pyramids.parquet").unlink()
    manifest = read_manifest(folder)
    seal(folder, {key: value for key, value in manifest.items() if key != "files"})
    files, found = export(find_places(), folder, tmp_path / "out", ["xlsx"], "en", False, lambda seeds: None)
    assert not found.people and "cannot be simulated again" in found.ages and files[0].is_file()
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["name"]


def test_figures_leave_as_svg_and_as_png(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "drawn")
    write_report(folder, ("ja",))
    files = [path for path in exported(folder, tmp_path / "out") if path.parent.name == "figures"]
    stems = {ending: sorted(path.stem for path in files if path.suffix == ending) for ending in (".svg", ".png")}
    assert stems[".svg"] == stems[".png"] and "ranking_ja" in stems[".svg"]
    assert all(path.read_bytes() == (folder / "figures" / path.name).read_bytes() for path in files)
