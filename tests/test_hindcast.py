"""Hindcasts: what a forecast may know, what judges it, what is said of it, and which questions are refused."""

import csv
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.errors import InputError
from machi.commands.hindcast import run_hindcast
from machi.console import Screen
from machi.hindcast.inquiry import Inquiry, carry_out, inquire
from machi.hindcast.judging import METHODS, Judged
from machi.hindcast.origins import NEAR, Question
from machi.hindcast.result import findings
from machi.hindcast.tables import ALL, BOTH, TOWNS, horizon_of
from machi.hindcast.verdicts import agents_gain, verdicts
from machi.places import Places

ROOT = Path(__file__).resolve().parent.parent
TOWN = "ninohe"
DRAWS = 30
COUNTS = ("persons", "events", "value")
RATES = ("mx", "births_per_woman", "tfr", "years_at_birth")
Row = dict[str, str]


def nothing() -> None:
    """What is done after each origin: nothing."""


@pytest.fixture(scope="session")
def built_in() -> Places:
    return Places(ROOT, ROOT)


@pytest.fixture(scope="session")
def judged(built_in: Places) -> tuple[Inquiry, list[Judged]]:
    """Two launches of a town and a prefecture on the register and one on the census."""
    inquiry = inquire(built_in, [TOWN, "03"], Question())
    kept = tuple(
        one
        for one in inquiry.origins
        if (one.basis, one.year) in {("register", 2009), ("register", 2014), ("census", 2005)}
    )
    inquiry = inquiry._replace(origins=kept)
    return inquiry, carry_out(inquiry, DRAWS, False, nothing)


def rewritten(folder: Path, change: Callable[[Row], Row | None]) -> None:
    """Rewrite every table of a folder row by row; None drops a row."""
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            names, rows = list(reader.fieldnames or ()), [change(row) for row in reader]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(row for row in rows if row is not None)


def copied(folder: Path) -> Places:
    """A workspace with copies of one town and of the nation."""
    for name in (TOWN, "japan"):
        shutil.copytree(ROOT / "towns" / name, folder / "towns" / name)
    return Places(folder, ROOT)


def only(inquiry: Inquiry, basis: str, year: int) -> Inquiry:
    """The inquiry with one launch."""
    return inquiry._replace(origins=tuple(o for o in inquiry.origins if (o.basis, o.year) == (basis, year)))


def forecasts(found: list[Judged]) -> list[bytes]:
    """All that was forecast, as bytes."""
    arrays = [found[0].fan.totals, found[0].fan.interval]
    arrays += [one.forecast for one in found[0].cells]
    arrays += [one.interval for one in found[0].cells if one.interval is not None]
    return [np.ascontiguousarray(one).tobytes() for one in arrays]


@pytest.mark.parametrize(("basis", "year", "known"), [("register", 2010, "2010-08-31"), ("census", 2005, "2006-10-31")])
def test_nothing_that_became_known_later_changes_a_forecast(
    built_in: Places, tmp_path: Path, basis: str, year: int, known: str
) -> None:
    def changed_if_later(row: Row) -> Row:
        later = date.fromisoformat(row["known_from"]) > date.fromisoformat(known)
        for names, factor in ((COUNTS, 2.0), (RATES, 1.1)):
            for name in names:
                if later and row.get(name):
                    row[name] = str(factor * float(row[name]))
        return row

    before = only(inquire(built_in, [TOWN], Question()), basis, year)
    places = copied(tmp_path)
    for folder in (tmp_path / "towns" / TOWN, tmp_path / "towns" / "japan"):
        rewritten(folder, changed_if_later)
    after = only(inquire(places, [TOWN], Question()), basis, year)
    first, second = (carry_out(one, DRAWS, False, nothing) for one in (before, after))
    assert forecasts(first) == forecasts(second)
    assert any((a.actual != b.actual).any() for a, b in zip(first[0].cells, second[0].cells, strict=True))


def test_a_later_stock_in_the_folder_is_judged_without_touching_code(built_in: Places, tmp_path: Path) -> None:
    places = copied(tmp_path)
    rewritten(tmp_path / "towns" / TOWN, lambda row: row if row["known_from"] <= "2016-12-31" else None)
    question = Question(bases=("register",))
    young, grown = inquire(places, [TOWN], question), inquire(built_in, [TOWN], question)
    assert {one.year for one in young.origins} == set(range(2006, 2012))
    assert {one.year for one in grown.origins} == set(range(2006, 2015))
    first, second = (carry_out(only(one, "register", 2008), DRAWS, False, nothing) for one in (young, grown))
    assert [one.end for one in first[0].rows if one.measure == "wape" and one.method == "trend"] == [2013]
    assert [one.end for one in second[0].rows if one.measure == "wape" and one.method == "trend"] == [2013, 2018]
    kept = [row for row in second[0].rows if row.end == 2013]
    assert kept == list(first[0].rows)


def test_default_origins_are_five_or_ten_years_from_a_later_stock(built_in: Places) -> None:
    found = inquire(built_in, [TOWN, "07"], Question()).origins
    assert {one.subject.key for one in found} == {TOWN, "07"}
    for one in found:
        assert all(min(abs(one.horizon(end) - years) for years in (5, 10)) < NEAR for end in one.ends)
    census = {one.year: [int(end.day) for end in one.ends] for one in found if one.basis == "census"}
    assert census == {1995: [2000, 2005], 2000: [2005, 2010], 2005: [2010, 2015], 2010: [2015]}


def test_any_pair_of_years_can_be_asked_for(built_in: Places) -> None:
    found = inquire(built_in, [TOWN], Question(launch=2012, end=2015)).origins
    assert [(one.basis, one.year, [int(end.day) for end in one.ends]) for one in found] == [("register", 2012, [2015])]
    assert horizon_of(found[0].horizon(found[0].ends[0])) == "2.75"


@pytest.mark.parametrize(
    ("names", "question", "said"),
    [
        (["atlantis"], Question(), "no town `atlantis`"),
        (["99"], Question(), "no prefecture 99"),
        ([TOWN], Question(launch=2003), "--launch: there is no stock of 2003"),
        ([], Question(launch=2003), "--launch: there is no stock of 2003"),
        ([TOWN], Question(launch=2014, end=2010), "--end: 2010 is not after the launch 2014"),
        ([TOWN], Question(launch=2010, end=2031), "--end: there is no stock of 2031"),
        ([TOWN], Question(launch=2019), "no stock lies 5 or 10 years from 2019"),
        ([TOWN], Question(("register",), launch=2006, end=1995), "--end: 1995 is not after"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    built_in: Places, names: list[str], question: Question, said: str
) -> None:
    with pytest.raises(InputError) as error:
        inquire(built_in, names, question)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_launch_before_the_first_data_is_refused_by_name(built_in: Places) -> None:
    inquiry = inquire(built_in, [TOWN], Question(("census",), launch=1980, end=1990))
    with pytest.raises(InputError, match=r"--launch: from 1980 \(census, known on 1981-12-31\)"):
        carry_out(inquiry, DRAWS, False, nothing)


def test_every_method_is_judged_on_the_same_people(judged: tuple[Inquiry, list[Judged]]) -> None:
    for one in judged[1]:
        ends = {(cells.method, cells.end) for cells in one.cells}
        assert {method for method, _ in ends} == set(METHODS) - {"agents"}
        by_end: dict[int, bytes] = {}
        for cells in one.cells:
            assert by_end.setdefault(cells.end, cells.actual.tobytes()) == cells.actual.tobytes()
            assert (cells.forecast > 0).all()
            if cells.interval is not None:
                assert (cells.interval[0] < cells.interval[1]).all()


def test_tables_hold_every_figure_once_and_their_means(judged: tuple[Inquiry, list[Judged]]) -> None:
    inquiry, found = judged[0], findings(*judged)
    keys = ["area", "basis", "launch", "end", "method", "measure"]
    assert not found.long.duplicated(keys).any()
    assert list(found.long.columns) == [*keys[:4], "years", *keys[4:], "value"]
    assert np.isfinite(found.long["value"]).all()
    wape = found.long[(found.long["measure"] == "wape") & (found.long["method"] == "trend")]
    means = found.means[(found.means["method"] == "trend") & (found.means["area"] == ALL)].set_index("basis")
    assert means.loc[BOTH, "wape"] == pytest.approx(wape["value"].mean())
    assert means.loc[BOTH, "cases"] == len(wape) == sum(len(one.ends) for one in inquiry.origins)
    assert means.loc[BOTH, "launches"] == 3
    assert set(found.means["area"]) == {TOWN, "03", TOWNS, ALL}
    assert found.coverage["share"].between(0, 1).all()


def test_births_and_deaths_are_judged_where_the_register_covers_the_span(
    judged: tuple[Inquiry, list[Judged]],
) -> None:
    rows = {(row.basis, row.launch, row.end, row.measure) for one in judged[1] for row in one.rows}
    assert ("register", 2009, 2014, "births_error") in rows
    assert ("census", 2005, 2010, "deaths_error") in rows
    perry = {row.measure for one in judged[1] for row in one.rows if row.method == "hamilton_perry"}
    assert perry == {"total_error", "wape", "ages_0_4_error"}


def test_a_single_launch_is_shown_but_not_judged(judged: tuple[Inquiry, list[Judged]]) -> None:
    found = findings(*judged)
    by_basis = {basis: [one for one in found.verdicts if one.basis == basis] for basis in ("register", "census", BOTH)}
    assert [(one.aim, one.reached) for one in by_basis["census"]] == [("single", None)]
    assert {one.aim for one in by_basis["register"]} == {"towns", "pooled", "coverage", "ages_0_4"}
    assert all(one.reached is not None for one in by_basis[BOTH])


@pytest.mark.parametrize(("trend", "beaten"), [(0.010, True), (0.025, False)])
def test_a_town_is_won_only_where_both_plain_methods_are_beaten(trend: float, beaten: bool) -> None:
    errors = {"trend": trend, "hamilton_perry": 0.02, "constant": 0.03}
    means = pd.DataFrame(
        [
            {"basis": "register", "area": area, "method": method, "launches": 2, "wape": error, "total_error": error,
             "ages_0_4_error": error}
            for area in ("a", TOWNS, ALL) for method, error in errors.items()
        ]
    )  # fmt: skip
    covered = pd.DataFrame(
        [{"basis": "register", "horizon": ALL, "kind": kind, "share": 0.9, "low": 0.8, "high": 1.0, "number": 9}
         for kind in ("cells", "total")]
    )  # fmt: skip
    reached = {one.aim: one.reached for one in verdicts(means, covered, ["a"])}
    assert reached == {"towns": beaten, "pooled": beaten, "coverage": True, "ages_0_4": beaten}


def test_the_gain_of_the_agents_is_a_difference_of_absolute_errors() -> None:
    key = {"area": "a", "basis": "register", "launch": 2014, "end": 2019, "years": 5.0}
    rows = [{**key, "method": m, "measure": "total_error", "value": v} for m, v in (("trend", -0.02), ("agents", 0.03))]
    assert agents_gain(pd.DataFrame(rows))["gain"].tolist() == pytest.approx([0.01])
    assert agents_gain(pd.DataFrame(rows[:1])).empty


def test_agents_that_cannot_be_founded_are_named_with_the_reason(built_in: Places) -> None:
    inquiry = inquire(built_in, [TOWN, "03"], Question(("census",), launch=2010))
    found = carry_out(inquiry, DRAWS, True, nothing)
    reasons = [reason for one in found for reason in one.reasons]
    assert len(reasons) == 2 and any("prefecture" in reason for reason in reasons)


def test_the_command_prints_and_writes_a_whole_folder(
    built_in: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "judged"
    question = Question(("register",), launch=2013, end=2018)
    for lang in ("ja", "en"):  # the second replaces the first
        run_hindcast(Screen(lang), built_in, [TOWN], question, DRAWS, False, folder, 1)
    out = capsys.readouterr().out
    assert "判定しません" in out and "nothing is judged by it" in out
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["config"]["areas"] == [TOWN] and manifest["origins"][0]["known_by"] == "2013-08-31"
    assert {"hindcast.csv", "cells.csv", "summary.csv", "coverage.csv"} <= set(manifest["files"])
    names = {path.name for path in (folder / "figures").iterdir()}
    assert {f"errors_{lang}.{kind}" for lang in ("ja", "en") for kind in ("svg", "png")} <= names


def test_a_folder_with_other_files_is_not_replaced(built_in: Places, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(InputError, match="would be replaced"):
        run_hindcast(Screen("en"), built_in, [TOWN], Question(), DRAWS, False, tmp_path, 1)
    assert (tmp_path / "letter.txt").is_file()
