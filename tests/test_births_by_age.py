"""Births by the mother's age: the nation's level at the prefecture's age pattern."""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.errors import InputError
from abm.known.nation import age_pattern
from abm.known.setting import read_prefecture

JAPAN = ROOT / "towns" / "japan"


@pytest.mark.parametrize("code", ["03", "07", "08"])
def test_a_prefecture_moves_births_between_ages_and_makes_none(code: str) -> None:
    """Totals of every period are the nation's; mothers of the three prefectures are younger than the nation's."""
    schedules = read_prefecture(JAPAN, code).schedules
    np.testing.assert_allclose(schedules.own_asfr.sum(axis=1), schedules.asfr.sum(axis=1))
    middle = np.arange(12.5, 53)[::5]
    ages = [(rates * middle).sum(axis=1) / rates.sum(axis=1) for rates in (schedules.own_asfr, schedules.asfr)]
    assert (ages[0] < ages[1]).all()


@settings(deadline=None, max_examples=20)
@given(rates=st.lists(st.floats(1e-4, 0.2), min_size=7, max_size=7), level=st.floats(0.5, 2.0))
def test_the_pattern_of_births_knows_no_level(rates: list[float], level: float) -> None:
    one = np.array(rates)
    nation = np.array([0.005, 0.03, 0.08, 0.1, 0.05, 0.01, 0.001])
    np.testing.assert_allclose(age_pattern(one * level, nation), age_pattern(one, nation))
    np.testing.assert_allclose(age_pattern(nation * level, nation), 1.0)


def test_without_a_table_births_follow_the_nation(tmp_path: Path) -> None:
    """Before births by age were known, for the nation itself, and for an area of which the table says nothing."""
    assert read_prefecture(JAPAN, "00").schedules.own_asfr == pytest.approx(read_prefecture(JAPAN, "00").schedules.asfr)
    folder = tmp_path / "japan"
    shutil.copytree(JAPAN, folder)
    table = folder / "births_by_mother_age.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("07,")]
    table.write_text("\n".join(kept) + "\n", encoding="utf-8")
    silent = read_prefecture(folder, "07").schedules
    np.testing.assert_array_equal(silent.own_asfr, silent.asfr)


def test_only_patterns_that_were_known_enter() -> None:
    """A launch of 2001 sees the patterns of 1995 and 2000, which are those of its newest period too."""
    early, late = (read_prefecture(JAPAN, "07", day).schedules for day in (date(2001, 12, 31), None))
    periods = len(early.own_asfr)
    assert 0 < periods < len(late.own_asfr)
    np.testing.assert_allclose(early.own_asfr, late.own_asfr[:periods])


def test_an_age_without_births_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "japan"
    shutil.copytree(JAPAN, folder)
    table = folder / "births_by_mother_age.csv"
    text = table.read_text(encoding="utf-8")
    line = next(row for row in text.splitlines() if row.startswith("07,2005,45,"))
    table.write_text(text.replace(line, ",".join([*line.split(",")[:4], "0", *line.split(",")[5:]])), encoding="utf-8")
    with pytest.raises(InputError, match="area 07 has an age without births in 2005"):
        read_prefecture(folder, "07")
