"""`machi town add`: from downloaded files to a town folder that the model reads, whole or not at all."""

from pathlib import Path

import downloads
import pytest
from downloads import CODE, SIX, rows_of
from test_intake import EVENTS, TITLE
from typer.testing import CliRunner, Result

from abm.errors import InputError
from machi.commands.town import town_app
from machi.intake.credits import sources_toml
from machi.intake.folder import KEY
from machi.intake.gaps import check_enough


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace in which the command is called, in English."""
    (tmp_path / "machi.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MACHI_LANG", "en")
    return tmp_path


def add(*options: object, name: str = "shinmachi", code: str = CODE) -> Result:
    """The command with these options."""
    return CliRunner().invoke(town_app, ["add", name, "--code", code, *map(str, options)])


def censuses(folder: Path, *years: str) -> list[object]:
    """Census files of these years as options."""
    files = [downloads.census_csv(folder / f"census{year}.csv", year) for year in years]
    return [option for file in files for option in ("--census", file)]


def everything(folder: Path) -> list[object]:
    """One file of each kind as options."""
    return [
        *censuses(folder, "2010", "2015"),
        "--register", downloads.register_xls(folder / "1404ssnen.xls", "2014-01-01", "total"),
        "--register", downloads.register_xlsx(folder / "19.xlsx", "2019-01-01", TITLE),
        "--vital", downloads.vital_xlsx(folder / "vital.xlsx", TITLE, EVENTS),
        "--ssdse", downloads.ssdse_csv(folder / "SSDSE-A-2020.csv"),
        "--projection", downloads.projection_xlsx(folder / "suikei_kekka.xlsx"),
    ]  # fmt: skip


def sentence(result: Result) -> str:
    """The sentence with which a command refused."""
    assert isinstance(result.exception, InputError), result.output
    return str(result.exception)


def bare(folder: Path, table: str, **texts: str) -> list[tuple[str, ...]]:
    """A table's rows in order, without the source."""
    return [tuple(v for k, v in row.items() if k != "source") for row in rows_of(table, folder, **texts)]


def test_files_become_the_tables_of_the_shipped_town(workspace: Path) -> None:
    result = add(*everything(workspace), code=SIX)
    assert result.exception is None, result.exception
    town = workspace / "towns" / "shinmachi"
    for table in ("households", "work", "industries", "official_projection"):
        assert sorted(bare(town, table)) == sorted(bare(downloads.NINOHE, table))
    for year in ("2010", "2015"):
        ours, theirs = (bare(folder, "population", year=year) for folder in (town, downloads.NINOHE))
        assert sorted(ours) == sorted(theirs)
    for date in ("2014-01-01", "2019-01-01"):
        of = {"date": date, "nationality": "total"}
        assert bare(town, "register_population", **of) == bare(downloads.NINOHE, "register_population", **of)
    text = (town / "town.toml").read_text(encoding="utf-8")
    assert 'name_ja = "二戸市"' in text and 'prefecture_en = "Iwate"' in text and '"census", "register"' in text
    assert not list(workspace.glob(".machi-town-*"))
    assert "1404ssnen.xls" in result.output and "civil status" in result.output and "Iwate" in result.output


def test_the_model_reads_the_folder(workspace: Path) -> None:
    from abm.known.town import read_town

    assert add(*everything(workspace)).exception is None
    town = read_town(workspace / "towns" / "shinmachi", downloads.TOWNS / "japan")
    shipped = read_town(downloads.NINOHE, downloads.TOWNS / "japan")
    assert (town.census[-1] == shipped.census[-1]).all()
    assert town.households == shipped.households and town.industry_employees == shipped.industry_employees


def test_two_censuses_are_enough_to_project(workspace: Path) -> None:
    result = add(*censuses(workspace, "2010", "2015"), "--name-ja", "新町")
    assert result.exception is None, result.exception
    assert "needs SSDSE-A" in result.output
    assert not (workspace / "towns" / "shinmachi" / "work.csv").exists()


def test_a_prefecture_without_tables_is_stood_in_for_by_the_nation(workspace: Path) -> None:
    result = add(*censuses(workspace, "2010", "2015"), "--name-ja", "新町", "--prefecture", "13")
    assert result.exception is None, result.exception
    assert "no tables of Tokyo here" in result.output


def test_too_little_is_refused_and_leaves_nothing(workspace: Path) -> None:
    assert "too few" in sentence(add(*censuses(workspace, "2015"), "--name-ja", "新町"))
    assert "No file" in sentence(add())
    assert "--name-ja" in sentence(add(*censuses(workspace, "2010", "2015")))
    register = downloads.register_xlsx(workspace / "19.xlsx", "2019-01-01", TITLE)
    assert "no census" in sentence(add("--register", register))
    assert not (workspace / "towns").exists() or not list((workspace / "towns").iterdir())
    assert not list(workspace.glob(".machi-town-*"))


def test_what_the_model_refuses_is_not_left_behind(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path, japan: Path) -> None:
        raise InputError(f"{folder / 'population.csv'} is wrong; correct it.")

    monkeypatch.setattr("abm.known.setting.read_setting", refuse)
    said = sentence(add(*censuses(workspace, "2010", "2015"), "--name-ja", "新町"))
    assert said.startswith(str(workspace / "towns" / "shinmachi"))
    assert not (workspace / "towns" / "shinmachi").exists() and not list(workspace.glob(".machi-town-*"))


def test_a_town_is_replaced_only_when_asked_and_keeps_its_scenarios(workspace: Path) -> None:
    files = [*censuses(workspace, "2010", "2015"), "--name-ja", "新町"]
    assert add(*files).exception is None
    town = workspace / "towns" / "shinmachi"
    (town / "scenarios").mkdir()
    (town / "scenarios" / "own.toml").write_text("", encoding="utf-8")
    assert "--force" in sentence(add(*files))
    assert add(*files, "--name-en", "Newtown", "--force").exception is None
    assert (town / "scenarios" / "own.toml").is_file()
    path = town / "town.toml"
    text = path.read_text(encoding="utf-8")
    assert 'name_en = "Newtown"' in text
    path.write_text(text + '[[published]]\nindicator = "vision"\n', encoding="utf-8")
    assert "written by hand" in sentence(add(*files, "--force"))


def test_files_that_contradict_each_other_are_named(workspace: Path) -> None:
    one = downloads.vital_xlsx(workspace / "one.xlsx", TITLE, EVENTS)
    two = downloads.vital_xlsx(workspace / "two.xlsx", TITLE, {**EVENTS, "moves_in": 1})
    said = sentence(add(*censuses(workspace, "2010", "2015"), "--vital", one, "--vital", two))
    assert "one.xlsx" in said and "two.xlsx" in said and "moves_in" in said


@pytest.mark.parametrize("name", ["japan", "Shinmachi", "a/b", "新町", "1st"])
def test_a_name_that_is_no_folder_is_refused(workspace: Path, name: str) -> None:
    assert not KEY.fullmatch(name) or name == "japan"
    assert "NAME" in sentence(add(*censuses(workspace, "2015"), name=name))


def test_register_and_flows_can_stand_for_the_second_census() -> None:
    stocks = [{"year": year, "nationality": "total"} for year in (2014, 2019)]
    flows = [{"year": 2015, "nationality": "total", "item": "social"}]
    check_enough({"population": [{"year": 2015}], "register_population": stocks, "vital": flows})
    with pytest.raises(InputError, match="too few"):
        check_enough({"population": [{"year": 2015}], "register_population": stocks})


def test_every_source_is_described() -> None:
    rows = [{"source": source, "year": 2015} for source in ("ipss2018", "establishments_2016", "vital_statistics")]
    from machi.intake.tidy import Reading

    text = sources_toml({"vital": rows}, [Reading(Path("a.csv"), "ssdse", (2015,), {"vital": rows})])
    assert "[ipss2018]" in text and "Economic Census" in text and "downloaded by the user: a.csv" in text
