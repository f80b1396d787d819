"""`machi new`: what it writes its own readers take, what is there is never written over, and nothing half is left."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from command_line import command, stand_in
from conftest import ROOT
from downloads import CODE, census_csv
from hypothesis import given
from hypothesis import strategies as st
from synthetic_result import write_result
from typer.testing import CliRunner, Result

from abm.errors import InputError
from machi.cli import app
from machi.drafting.answers import read_key, read_text
from machi.drafting.experiment import designs
from machi.drafting.measure import is_relative
from machi.drafting.package import next_key
from machi.drafting.text import line
from machi.experiment import read_plan
from machi.forms import checked, files_below
from machi.places import find_places
from machi.policy.package import read_package
from machi.policy.portfolio_file import strengths_of, with_portfolio

EVIDENCE = "iwaki/P06/migration_centre/family_inmig"
TAKEN = f'lever = "arrivals_families", evidence = "{EVIDENCE}"'
Call = Callable[..., tuple[int, str, str]]
DESK = ("new", "package", "P13", "--town", "iwaki", "--yes", "--name-ja", "相談", "--cost-low", 20, "--cost-high", 60)


@pytest.fixture
def machi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    return command(tmp_path, monkeypatch, capfd)


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command with answers typed in."""
    stand_in(tmp_path, monkeypatch)
    return lambda words, *answers: CliRunner().invoke(app, words, input="\n".join([*answers, ""]))


def everything_is_sound(folder: Path) -> bool:
    return [problem for file in files_below(folder) if (problem := checked(find_places(folder), file))] == []


def test_a_package_that_takes_evidence_over_keeps_figures_grade_and_source(machi: Call, tmp_path: Path) -> None:
    code, told, _ = machi(*DESK, "--measure", TAKEN)
    assert code == 0 and "P13.toml" in told
    ours = read_package(tmp_path / "policies/iwaki/P13.toml")
    theirs = read_package(ROOT / "policies/iwaki/P06.toml").measures[0].effects[0]
    (effect,) = ours.measures[0].effects
    same = {"low", "central", "high", "grade", "citation", "citation_status", "lag_years", "assumed", "moves"}
    assert effect.model_dump(include=same) == theirs.model_dump(include=same)
    assert EVIDENCE in effect.note and ours.grade == "C"


def test_a_package_alone_would_hide_the_others_so_they_come_along(machi: Call, tmp_path: Path) -> None:
    machi(*DESK, "--measure", TAKEN)
    keys = {path.stem for path in find_places(tmp_path).package_dir("iwaki").glob("*.toml")}
    assert keys == {f"P{number:02d}" for number in range(1, 14)}
    assert everything_is_sound(tmp_path) and (tmp_path / "policies/shared.toml").is_file()
    code, told, _ = machi("packages", "iwaki")
    assert code == 0 and "P13" in told and "P01" in told


def test_figures_without_a_source_are_assumptions_of_the_worst_grade(machi: Call, tmp_path: Path) -> None:
    own = 'lever = "uturn", low = 1.0, central = 1.05, high = 1.1'
    assert machi(*DESK, "--measure", own)[0] == 0
    package = read_package(tmp_path / "policies/iwaki/P13.toml")
    (effect,) = package.measures[0].effects
    assert (effect.grade, effect.citation, package.grade) == ("D", "expert assumption", "D")
    assert {"low", "central", "high", "lag_years", "target_share"} <= set(effect.assumed)
    assert package.cost_million_yen_per_year.status == "expert assumption"


def test_amounts_of_another_town_are_scaled_by_residents(machi: Call, tmp_path: Path) -> None:
    taken = 'lever = "slots_ict", evidence = "iwaki/P05/ict_offices/vacancies_ICT"'
    words = ["--yes", "--name-ja", "x", "--cost-low", 1, "--cost-high", 2, "--measure", taken]
    assert machi("new", "package", "--town", "kasama", *words)[0] == 0
    (measure,) = read_package(tmp_path / "policies/kasama/K4.toml").measures
    assert (measure.dose, measure.dose_of_evidence) == (76739.0, 340000.0) and "dose" in measure.assumed


def test_absolute_doses_of_another_town_go_with_its_residents(machi: Call, tmp_path: Path) -> None:
    """100 childcare places of Iwaki are a fifth of that in Kasama; a dose of one's own meets the scaled evidence."""
    words = ["--yes", "--name-ja", "x", "--cost-low", 1, "--cost-high", 2]
    taken = 'lever = "childbirth_first", evidence = "iwaki/P03/childcare/birth_hazard_p0"'
    neuvola = taken.replace("childcare", "neuvola")
    given = ("--measure", taken, "--measure", f"{taken}, dose = 30.0", "--measure", neuvola)
    assert machi("new", "package", "--town", "kasama", *words, *given)[0] == 0
    file = tmp_path / "policies/kasama/K4.toml"
    scaled, own, relative = read_package(file).measures
    assert (scaled.dose, scaled.dose_of_evidence) == (22.57, 158.0) and "dose" in scaled.assumed
    assert (own.dose, own.dose_of_evidence) == (30.0, 158.0) and own.assumed[-1] == "dose_of_evidence"
    assert (relative.dose, relative.dose_of_evidence) == (1.0, 1.0)
    comments = [row for row in file.read_text(encoding="utf-8").splitlines() if row.startswith("# dose")]
    assert len(comments) == 2 and all("100 and 700 childcare places x 76,739 / 340,000" in row for row in comments)


@pytest.mark.parametrize(
    ("unit", "relative"),
    [
        ("couples/yr", False), ("business sites a year", False), ("business sites per year", False),
        ("shared offices", False), ("million yen/household", True), ("million yen/household/yr", True),
        ("1-5 million yen per household", True), ("%", True), ("hours a week", True),
        ("share of households", True), ("full coverage", True),
    ],
)  # fmt: skip
def test_what_no_towns_size_changes_is_told_by_the_unit(unit: str, relative: bool) -> None:
    assert is_relative(unit) == relative


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((*DESK,), "--measure: a package needs one"),
        ((*DESK, "--measure", 'lever = "uturn"'), "low: there is none"),
        ((*DESK, "--measure", 'lever = "uturn", low = 1, central = 1.1, high = 1.2, grade = "A"'), "needs a source"),
        ((*DESK, "--measure", 'lever = "uturn", low = 0.02, central = 1.1, high = 1.2'), "outside 0.5 to 3"),
        ((*DESK, "--measure", 'lever = "foreign_retention", low = 0.4, central = 0.5, high = 0.6'), "there is no"),
        ((*DESK, "--measure", 'lever = "uturn", evidence = "x"'), "machi levers uturn"),
        ((*DESK, "--measure", f'{TAKEN}, grade = "A"'), "it comes with the evidence"),
        ((*DESK, "--measure", 'lever = "uturn'), "this is not TOML"),
        ((*DESK, "--measure", 'lever = "uturn", size = 3'), "the fields are"),
        ((*DESK, "--measure", TAKEN, "--cost-high", "1"), "is below 20"),
        (("new", "package", "none", "--yes"), "is no key"),
        (("new", "package", "--yes"), "--name-ja: it has no default"),
        (("new", "portfolio", "p", "--yes", "--package", "P99=1"), "there is no `P99`"),
        (("new", "portfolio", "p", "--yes", "--package", "P03=1.5"), "above 0, up to 1"),
        (("new", "experiment", "../x", "--yes"), "is no key"),
        (("new", "experiment", "x", "--yes", "--designs", "alnoe"), "did you mean `alone`"),
        (("new", "experiment", "x", "--yes", "--end", "1999"), "`end` is 1999"),
        (("new", "town", "Town", "--yes"), "is no name for a town"),
        (("new", "town", "shinmachi", "--code", CODE, "--yes"), "No file is given"),
        (("simulate", "iwaki", "--scenario", "baseline", "--portfolio", "x", "--out", "x.csv"), "no portfolio `x`"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_leaves_nothing(
    machi: Call, tmp_path: Path, words: tuple[object, ...], sentence: str
) -> None:
    code, _, told = machi(*words)
    assert code == 2 and sentence in told and told.count("\n") == 1, told
    assert [path.name for path in tmp_path.iterdir()] == ["machi.toml"]


def test_nothing_is_written_over(machi: Call, tmp_path: Path) -> None:
    assert machi(*DESK, "--measure", TAKEN)[0] == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.toml")}
    code, _, told = machi(*DESK, "--measure", TAKEN)
    assert code == 2 and "is there already" in told
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.toml")} == before


def test_where_one_file_fails_none_is_left(machi: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "P13.toml":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    code, _, told = machi(*DESK, "--measure", TAKEN)
    assert code == 2 and "No space left" in told
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "machi.toml"]


def test_a_portfolio_has_a_name_and_moves_what_its_packages_move(machi: Call, tmp_path: Path) -> None:
    assert machi("new", "portfolio", "half", "--town", "iwaki", "--yes", "--package", "P06=0.5")[0] == 0
    assert everything_is_sound(tmp_path)
    run = ("simulate", "iwaki", "--scenario", "baseline", "--fraction", 0.005, "--end", 2023)
    assert machi(*run, "--portfolio", "half", "--out", "named.csv")[0] == 0
    assert machi(*run, "--package", "P06=0.5", "--out", "by_hand.csv")[0] == 0
    assert (tmp_path / "named.csv").read_bytes() == (tmp_path / "by_hand.csv").read_bytes()
    code, told, _ = machi("packages", "iwaki")
    assert code == 0 and "half" in told and "families" in told and "P12" in told


def test_a_named_portfolio_and_packages_by_hand_are_added_not_mixed_up() -> None:
    places = find_places(ROOT)
    assert strengths_of(places, "iwaki", "families") == {"P03": 1.0, "P06": 0.5}
    assert with_portfolio(places, "iwaki", "families", {"P10": 1.0}) == {"P03": 1.0, "P06": 0.5, "P10": 1.0}
    with pytest.raises(InputError, match="P03 stands in the portfolio families already"):
        with_portfolio(places, "iwaki", "families", {"P03": 0.5})


def test_a_portfolio_of_a_package_that_is_not_there_is_found_by_check(machi: Call, tmp_path: Path) -> None:
    machi("new", "portfolio", "half", "--town", "iwaki", "--yes", "--package", "P06=0.5")
    file = tmp_path / "policies/iwaki/portfolios/half.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("P06 =", "P66 ="), encoding="utf-8")
    code, _, told = machi("check")
    assert code == 2 and "there is no package `P66`" in told.replace("\n", "")


@pytest.mark.parametrize("town", ["iwaki", "aizuwakamatsu", "kasama", "ninohe"])
def test_an_experiment_of_every_design_can_be_planned(machi: Call, tmp_path: Path, town: str) -> None:
    words = ("--town", town, "--yes", "--designs", ",".join(designs()))
    assert machi("new", "experiment", "mine", *words)[0] == 0
    assert everything_is_sound(tmp_path)
    table = tomllib.loads((tmp_path / "experiments/mine.toml").read_text(encoding="utf-8"))
    assert table["morris"]["fraction"] == {"iwaki": 0.05, "aizuwakamatsu": 0.1, "kasama": 0.2, "ninohe": 0.5}[town]
    assert read_plan(find_places(tmp_path), "mine").table


def test_questions_are_asked_again_until_the_answer_can_be_used(asked: Callable[..., Result], tmp_path: Path) -> None:
    answers = (
        "iwaki", "", "移住相談", "", "", "", "abc", "20", "60", "", "", "",
        "arrivals_family", "arrivals_families", "99", "2", "", "", "0.5", "y",
        "slots_ict", "own", "ICT企業", "", "0", "5", "12", "市調査 2019", "", "C", "n",
    )  # fmt: skip
    result = asked(["--lang", "ja", "new", "package"], *answers)
    assert result.exit_code == 0, result.output
    assert "did you mean `arrivals_families`" in result.output and "`abc` is no number" in result.output
    package = read_package(tmp_path / "policies/iwaki/P13.toml")
    assert [one.dose for one in package.measures] == [0.5, 1.0]
    assert package.measures[1].effects[0].citation_status == "unverified"


def test_nobody_there_to_answer_is_said(asked: Callable[..., Result]) -> None:
    result = CliRunner().invoke(app, ["new", "portfolio", "p", "--town", "iwaki"], input="")
    assert isinstance(result.exception, InputError) and "nobody answers; give --package" in str(result.exception)


def test_a_town_is_made_by_answering(asked: Callable[..., Result], tmp_path: Path) -> None:
    files = [str(census_csv(tmp_path / f"{year}.csv", year)) for year in ("2010", "2015")]
    result = asked(["new", "town"], "shinmachi", CODE, "nowhere.csv", *files, "", "", "", "", "", "新町")
    assert result.exit_code == 0, result.output
    assert "there is no such file" in result.output
    assert (tmp_path / "towns/shinmachi/population.csv").is_file()
    assert "machi cohort shinmachi" in result.output


def test_explain_tells_what_a_package_did_in_a_result(machi: Call, tmp_path: Path) -> None:
    folder = write_result(tmp_path / "results" / "made_up")
    row = pd.read_csv(folder / "ranking.csv").set_index("package").loc["P01"]
    for words in (
        ("explain", "P01"),
        ("explain", "P01", "--result", "made_up"),
        ("explain", "P01", "--result", folder),
    ):
        code, told, _ = machi(*words)
        assert code == 0 and f"P01 alone brings {round(row['effect']):,}" in told and "Until the plan ends only" in told
        assert f"rank {row['rank_mu']} of 12" in told
    code, _, told = machi("explain", "K1", "--town", "kasama", "--result", "made_up")
    assert code == 2 and "ranks no package `K1`" in told
    assert machi("explain", "P01", "--result", "nowhere")[0] == 2


def test_evidence_that_a_town_has_borrowed_already_can_be_taken_from_where_it_stands(machi: Call) -> None:
    """Ninohe's own rows state the same figures; the names of both are known."""
    words = ("new", "package", "--town", "ninohe", "--yes", "--name-ja", "x", "--cost-low", 1, "--cost-high", 2)
    assert machi(*words, "--measure", TAKEN)[0] == 0


def test_evidence_on_a_lever_is_listed(machi: Call) -> None:
    code, told, _ = machi("levers", "arrivals_families")
    assert code == 0 and EVIDENCE in told
    assert machi("levers", "arrivals")[0] == 2


@given(st.text(max_size=60))
def test_any_text_that_is_taken_is_read_back_as_it_was(text: str) -> None:
    try:
        taken = read_text(text)
    except InputError:
        return
    assert tomllib.loads(line("name", taken, "a comment"))["name"] == text


@given(st.text(max_size=12))
def test_a_key_that_is_taken_can_be_a_file(text: str) -> None:
    try:
        key = read_key(text)
    except InputError:
        return
    assert key.isascii() and "/" not in key and not key.startswith(".")


@pytest.mark.parametrize(("keys", "after"), [((), "P1"), (("P01", "P12"), "P13"), (("K1", "K3"), "K4"), (("x",), "P1")])
def test_the_next_key_follows_the_last(keys: tuple[str, ...], after: str) -> None:
    assert next_key(keys) == after
