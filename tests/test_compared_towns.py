"""Towns side by side: the figures of censuses, register and projection, per resident and on one scale."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from command_line import command
from compared_results import comparable
from test_report import Page

from abm.errors import InputError
from abm.known.setting import read_setting
from machi.comparison.page import tables_of, write_page
from machi.comparison.town_story import edit
from machi.comparison.towns import EVENTS, Towns, read_towns
from machi.places import Places, built_in
from machi.runs.projection import projected, read_future

Call = Callable[..., tuple[int, str, str]]
TOWNS = ("kasama", "ninohe")
KASAMA = {"key": "kasama", "name_ja": "笠間市", "name_en": "Kasama"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("towns")


@pytest.fixture(scope="module")
def places(folder: Path) -> Places:
    return Places(folder, built_in())


@pytest.fixture(scope="module")
def both(places: Places, folder: Path) -> Towns:
    result = comparable(folder / "results" / "made_up", town=KASAMA)
    return read_towns(places, TOWNS, None, [str(result)])


def test_the_figures_are_those_of_census_and_cohort(both: Towns, places: Places) -> None:
    assert (both.base_year, both.end) == (2015, 2045)
    for town in both.towns:
        area = read_setting(places.town_dir(town.key), places.japan_dir()).area
        assert town.censuses == {int(stock.day): float(stock.people.sum()) for stock in area.census}
        assert town.indexed(town.base) == 100.0 and town.base == town.censuses[2015]
        future = read_future(places, town.key, "baseline", "census", None, 2045)
        people = projected(future, "annual").tables["population"]
        assert town.reference.total(2045) == pytest.approx(people[-1].sum())


def test_rates_and_ages_add_up(both: Towns) -> None:
    for town in both.towns:
        course = town.reference
        assert course.groups(2045).sum() == pytest.approx(1000) and sum(course.shares(2045)) == pytest.approx(1)
        totals = course.people.sum(axis=(1, 2))
        means = (totals[:-1] + totals[1:]) / 2000
        births, deaths, moves = (course.rates(event) * means for event in EVENTS)
        assert births - deaths + moves == pytest.approx(totals[1:] - totals[:-1], abs=1e-6)
        assert course.rates("moves_net")[0] == pytest.approx(course.events["moves_net"][0] / means[0])


def test_register_rates_are_counted_events_over_counted_residents(both: Towns) -> None:
    kasama = both.towns[0]
    births = kasama.register["births"].set_index(kasama.register["births"]["year"].astype(int))["value"]
    events = pd.read_csv(built_in() / "towns/kasama/vital.csv")
    row = events[(events["period_from"] == "2018-01-01") & (events["nationality"] == "total")]
    counted = float(row.loc[row["item"] == "births", "events"].iloc[0])
    stocks = pd.read_csv(built_in() / "towns/kasama/register_population.csv")
    stocks = stocks[(stocks["nationality"] == "total") & (stocks["age_from"] == "total")]
    residents = stocks.groupby("date")["persons"].sum()
    middle = residents[["2018-01-01", "2019-01-01"]].mean()
    assert births[2018] == pytest.approx(1000 * counted / middle, rel=1e-3)
    assert births.index.max() <= 2019 and births.index.is_unique


def test_a_town_without_a_vision_says_so(both: Towns) -> None:
    said = {town.key: town.vision is None for town in both.towns}
    assert said == {"kasama": True, "ninohe": False}
    headline = edit(both, "en").headline
    assert "no scenario of a vision" in headline[0] and "vision at" in headline[1]


def test_packages_are_counted_per_resident(both: Towns) -> None:
    one = both.brought["kasama"]
    stored = one.asked.series.query("indicator == 'population' and run_time == 'sustained'")
    of = stored[stored["year"] == both.year].pivot_table(index="replication", columns="arm", values="value")
    residents = stored.query("year == 2015 and arm == 'none'")["value"].mean()
    assert one.effect.value == pytest.approx(1000 * (of["all"] - of["none"]).mean() / residents)
    assert one.yen == pytest.approx(
        1e6 * one.asked.runs.query("arm == 'all'")["cost_million_yen"].mean() / residents / 45
    )


def test_the_page_is_one_file_in_two_languages(both: Towns, tmp_path: Path) -> None:
    pages = [edit(both, lang) for lang in ("ja", "en")]
    values = [[[cell.value for row in one.rows for cell in row] for one in tables_of(page)] for page in pages]
    assert values[0] == values[1] and len(values[0]) == 4
    write_page(tmp_path / "towns.html", pages)
    text = (tmp_path / "towns.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "://" not in text and not any("style" in one for _, one in page.elements)
    # Small multiples: three rows of panels, one panel a town, and the courses of the results.
    panels = [one for tag, one in page.elements if tag == "svg" and one.get("role") == "img"]
    assert len(panels) == 2 * (3 * len(TOWNS) + 1)


def test_towns_without_a_page_in_common_are_refused(
    places: Places, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    result = comparable(folder / "results" / "of_iwaki")
    with pytest.raises(InputError, match="not on this page"):
        read_towns(places, TOWNS, None, [str(result)])
    call = command(folder, monkeypatch, capfd)
    for words, said in (
        (["kasama"], "name 2 to 8"), (["kasama", "atlantis"], "no town `atlantis`"),
        (["kasama", "ninohe", "--end", "2010"], "later year"),
    ):  # fmt: skip
        code, _, problem = call("towns", *words)
        assert code == 2 and said in problem and len(problem.strip().splitlines()) == 1
    code, out, _ = call("towns")
    assert code == 0 and "Aizuwakamatsu" in out and "Table" not in out
