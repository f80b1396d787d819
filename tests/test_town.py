"""A town's folder is read exactly, adds up, is frozen, and is refused with one sentence when it is broken."""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.errors import InputError
from abm.known.japan import read_japan
from abm.known.setting import read_setting
from abm.known.town import Town, read_town
from abm.reading.sources import read_sources

TOWNS = Path(__file__).parent.parent / "towns"
M, F = 0, 1


@pytest.fixture(scope="module")
def iwaki() -> Town:
    return read_town(TOWNS / "iwaki", TOWNS / "japan")


def copied(folder: Path) -> Path:
    """A copy of Iwaki and Japan (tables only) to break."""
    for name in ("iwaki", "japan"):
        (folder / name).mkdir()
        for path in (TOWNS / name).glob("*.*"):
            shutil.copy(path, folder / name / path.name)
    return folder


def refused(folder: Path, known_by: date | None = None) -> str:
    """The sentence with which the broken copy is refused."""
    with pytest.raises(InputError) as caught:
        read_town(folder / "iwaki", folder / "japan", known_by)
    return str(caught.value)


def edited(path: Path, text: str, instead: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert text in before
    path.write_text(before.replace(text, instead), encoding="utf-8", newline="\n")


def test_iwaki_has_its_printed_residents(iwaki: Town) -> None:
    assert iwaki.census_years == (1980, 1985, 1990, 1995, 2000, 2005, 2010, 2015)
    assert iwaki.census_total[-1].tolist() == [172829, 177408]
    assert iwaki.census_total[-1].sum() == 350237
    assert iwaki.census_total[0].sum() == 342074


def test_unknown_ages_are_spread_within_sex(iwaki: Town) -> None:
    assert iwaki.census.shape == (8, 2, 19)
    np.testing.assert_allclose(iwaki.census.sum(axis=2), iwaki.census_total, rtol=1e-12)
    assert iwaki.census[-1, M, 0] == pytest.approx(6537 * 172829 / (172829 - 3016))


def test_households_and_work_of_2015(iwaki: Town) -> None:
    assert iwaki.households["general"] == 140328
    assert iwaki.households["members"] == 341975
    assert iwaki.households["single"] == 44276
    assert iwaki.households["nuclear"] == 76050
    assert iwaki.employed.tolist() == [93821, 66330]
    assert iwaki.unemployed.sum() == 7679
    assert iwaki.sector_employed.sum() == pytest.approx(iwaki.employed.sum())


def test_register_closes_from_year_to_year() -> None:
    """Stocks, natural change and moves of the register are independent tables and must agree to the person."""
    for name in ("iwaki", "aizuwakamatsu", "kasama", "ninohe"):
        area = read_setting(TOWNS / name, TOWNS / "japan").area
        for nationality in ("japanese", "total"):
            stock = {round(one.day, 2): one.people.sum() for one in area.register[nationality]}
            inside = [(round(flow.start, 2), round(flow.end, 2), flow.events) for flow in area.flows[nationality]]
            closed = [one for one in inside if {one[0], one[1]} <= set(stock)]
            assert len(closed) == {"japanese": 12, "total": 5}[nationality]
            for start, end, events in closed:
                assert stock[end] - stock[start] == events["births"] - events["deaths"] + events["social"]


def test_the_register_of_iwaki(iwaki: Town) -> None:
    area = iwaki.setting.area
    stocks = {stock.day: stock for stock in area.register["total"]}
    assert stocks[2015.0].people.sum() == 333802
    assert (stocks[2014.0].open_age, stocks[2019.0].open_age) == (80, 100)
    assert area.register["japanese"][0].day == 2006.25  # 31 March 2006, at its end
    events = {flow.start: flow.events for flow in area.flows["japanese"]}
    assert events[2017.0]["marriages"] == 1424
    assert "marriages" not in events[2014.0]
    assert events[2015.0]["births_printed"] == 2422


def test_published_figures_keep_their_source(iwaki: Town) -> None:
    value = {(figure.indicator, figure.year): figure.value for figure in iwaki.published}
    assert value["baseline", 2030] == 292000
    assert value["baseline", 2060] == 173000
    assert value["vision2", 2060] == 220000
    assert iwaki.tfr_printed == {2014: 1.57, 2015: 1.51, 2016: 1.50, 2017: 1.52, 2018: 1.43}
    assert iwaki.setting.area.evacuees == 24000
    assert all(figure.source in iwaki.sources for figure in iwaki.published)


def test_borrowed_shares_are_shares(iwaki: Town) -> None:
    japan = iwaki.japan
    np.testing.assert_allclose(japan.civil_share.sum(axis=-1), 1.0)
    np.testing.assert_allclose(japan.birth_order_share.sum(axis=-1), 1.0)
    np.testing.assert_allclose(japan.open_age_share.sum(axis=-1), 1.0)
    assert sum(japan.births_by_order.values()) == pytest.approx(1.0, abs=1e-4)
    for rates in (japan.employed_rate, japan.out_commuter_share, japan.mover_rate):
        assert (rates > 0).all() and (rates < 1).all()
    assert 0 < japan.civil_share[F, 0, 1] < 0.02  # a few married women of 15-19: neither none nor the unknown


def test_borrowed_schedules_are_plausible(iwaki: Town) -> None:
    japan = iwaki.japan
    assert japan.mx.shape == (6, 2, 22) and japan.mx_periods[-1] == 2015
    assert (japan.mx[:, M, 10:] > japan.mx[:, F, 10:]).all()
    assert japan.asfr.shape == japan.own_asfr.shape == (6, 9)
    assert japan.tfr[-1] == pytest.approx(1.37, abs=0.01)
    assert (japan.first_marriage_hazard >= 0).all()
    assert japan.first_marriage_hazard.shape == (2, 9)
    assert japan.remarriage_rate.shape == (2, 12)
    assert (np.diff(japan.remarriage_rate[F, 7:]) < 0).all()
    assert japan.mover_rate.shape == (11,)


def test_life_expectancy_of_the_newest_period(iwaki: Town) -> None:
    """The national rates of 2015-2020 give about 81.0 years for men and 87.1 for women."""
    japan = iwaki.japan
    width = np.append(np.diff(japan.mx_ages), np.inf)
    for sex, expected in ((M, 81.0), (F, 87.1)):
        years, alive = 0.0, 1.0
        for mx, n in zip(japan.mx[-1, sex], width, strict=True):
            survivors = alive * np.exp(-mx * n)
            years += (alive - survivors) / mx
            alive = survivors
        assert years == pytest.approx(expected, abs=0.25)


def test_vacancies_of_the_town(iwaki: Town) -> None:
    vacancies = iwaki.japan.vacancies * iwaki.employed.sum() / iwaki.japan.employed_total
    assert vacancies == pytest.approx(5195, abs=5)


def test_assumptions_have_ranges(iwaki: Town) -> None:
    assumptions = iwaki.japan.assumptions
    assert assumptions["uturn_lifetime"].value == 0.44
    assert all(a.low <= a.value <= a.high and a.meaning_ja and a.why for a in assumptions.values())


def test_arrays_are_sealed(iwaki: Town) -> None:
    for owner in (iwaki, iwaki.japan):
        for name in owner.__dataclass_fields__:
            value = getattr(owner, name)
            assert not (isinstance(value, np.ndarray) and value.flags.writeable), name


def test_every_prefecture_reads() -> None:
    for prefecture in ("00", "03", "07", "08"):
        assert read_japan(TOWNS / "japan", prefecture).census.shape == (8, 2, 19)


def test_every_shipped_source_is_used_and_described() -> None:
    """No source stands in sources.toml that no figure names, and each has credit and terms."""
    for name in ("iwaki", "aizuwakamatsu", "kasama", "ninohe", "japan"):
        folder = TOWNS / name
        text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.csv"))
        text += (folder / "town.toml").read_text(encoding="utf-8") if name != "japan" else ""
        for key, source in read_sources(folder).items():
            assert key in text
            assert source.credit and source.terms


F35 = "2015,F,35,39,10047,census_population,2016-10-26\n"
# name of the break: file, text, what it becomes, words of the sentence
BREAKS = {
    "age group": ("iwaki/population.csv", F35, "", ("35-39", "sex F", "add")),
    "total": (
        "iwaki/population.csv",
        "M,total,,172829",
        "M,total,,172830",
        ("2015", "sex M", "172830", "correct"),
    ),
    "negative": ("iwaki/population.csv", "F,35,39,10047", "F,35,39,-10047", ("row", "persons", "negative")),
    "NaN": ("iwaki/population.csv", "F,35,39,10047", "F,35,39,nan", ("row", "persons", "finite")),
    "cells": ("iwaki/work.csv", "93821", "93,821", ("row", "columns", "correct")),
    "doubled": ("iwaki/population.csv", F35, F35 + F35, ("35", "twice", "remove")),
    "age_to": ("iwaki/population.csv", "2015,F,35,39,", "2015,F,35,40,", ("age_to", "39")),
    "year": ("iwaki/population.csv", "2015,F,35,39,", "20l5,F,35,39,", ("row", "year", "20l5")),
    "column": ("iwaki/households.csv", "item_ja,households", "item_ja,number", ("households", "add")),
    "source": ("iwaki/vital.csv", "vital_statistics", "hearsay", ("row", "hearsay", "sources.toml")),
    "known_from": ("iwaki/vital.csv", "2019-09-30", "", ("row", "known_from", "YYYY")),
    "item": ("iwaki/vital.csv", ",deaths,", ",death,", ("death", "unknown")),
    "register": (
        "iwaki/register_population.csv",
        "F,total,,164894",
        "F,total,,1",
        ("2019-01-01", "sex F", "correct"),
    ),
    "households": ("iwaki/households.csv", "44276", "144276", ("single", "correct")),
    "sectors": ("iwaki/work.csv", "99301", "199301", ("sectors", "correct")),
    "field": ("iwaki/town.toml", "name_en", "name_english", ("name_english",)),
    "toml": ("iwaki/town.toml", 'key = "iwaki"', "key = iwaki", ("TOML",)),
    "published": ("iwaki/town.toml", "value = 292000", "value = nan", ("published", "value")),
    "misspelt": ("iwaki/town.toml", "[evacuees]", "[evacuee]", ("evacuee", "spelling")),
    "brackets": ("iwaki/town.toml", "[[disturbed]]", "[disturbed]", ("disturbed", "two brackets")),
    "hour": ("iwaki/town.toml", "from = 2011-03-11", "from = 2011-03-11T00:00:00", ("disturbed", "YYYY-MM-DD")),
    "evacuees": ("iwaki/town.toml", "= 24000", "= -24000", ("evacuees", "negative")),
    "credit": ("iwaki/sources.toml", "credit = ", "credits = ", ("credit",)),
    "mortality": ("japan/mortality.csv", "2015,2020,M,100,,", "2015,2020,M,105,,", ("100 and over",)),
    "fertility": ("japan/asfr.csv", "2015,2020,30,34,0.", "2015,2020,30,34,1.", ("total",)),
    "range": ("japan/assumptions.toml", "value = 0.44", "value = 0.84", ("uturn_lifetime", "low")),
}


@pytest.mark.parametrize(("path", "text", "instead", "words"), BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_folder_gets_one_sentence(
    tmp_path: Path, path: str, text: str, instead: str, words: tuple[str, ...]
) -> None:
    folder = copied(tmp_path)
    edited(folder / path, text, instead)
    sentence = refused(folder)
    assert "\n" not in sentence and sentence.endswith(".")
    for word in (*words, Path(path).name if "japan" not in words else "japan"):
        assert word in sentence


@pytest.mark.parametrize(
    "path",
    [
        "iwaki/population.csv",
        "iwaki/town.toml",
        "iwaki/sources.toml",
        "japan/mortality.csv",
        "japan/assumptions.toml",
    ],
)
def test_a_missing_file_is_named(tmp_path: Path, path: str) -> None:
    folder = copied(tmp_path)
    (folder / path).unlink()
    sentence = refused(folder)
    assert Path(path).name in sentence and "towns/README.md" in sentence


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "iwaki" / "households.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("shift_jis"))
    assert "UTF-8" in refused(folder)


def test_rows_known_later_are_left_out() -> None:
    early = read_town(TOWNS / "iwaki", TOWNS / "japan", date(2020, 12, 31))
    assert not [f for f in early.published if f.indicator in ("baseline", "vision2")]
    assert early.tfr_printed[2018] == 1.43
    assert early.japan.mx_periods[-1] == 2010


def test_a_needed_row_known_later_is_refused() -> None:
    with pytest.raises(InputError, match=r"known by 2012-01-01.*\.$"):
        read_town(TOWNS / "iwaki", TOWNS / "japan", date(2012, 1, 1))


def test_evacuees_are_optional(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    path = folder / "iwaki" / "town.toml"
    text = path.read_text(encoding="utf-8")
    edited(path, text[text.index("[evacuees]") : text.index("[[published]]")], "")
    assert read_town(folder / "iwaki", folder / "japan").setting.area.evacuees == 0


@settings(max_examples=25, deadline=None)
@given(row=st.integers(1, 336), shift=st.integers(1, 10_000))
def test_no_figure_of_the_census_can_be_wrong_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, row: int, shift: int
) -> None:
    folder = copied(tmp_path_factory.mktemp("town"))
    path = folder / "iwaki" / "population.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[row].split(",")
    cells[4] = str(int(cells[4]) + shift)
    lines[row] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    assert "population.csv" in refused(folder)
