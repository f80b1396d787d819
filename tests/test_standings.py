"""The readings of a package side by side: figures, ranks and ties agree, and nothing of a stale table is shown."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from synthetic_portfolios import RATE, made_up_table
from synthetic_result import seal, write_result
from test_chooser import page_with
from test_report import Page

from machi.report.agreement import standing_notes, standing_table
from machi.report.edition import read_words
from machi.report.numerals import Speech
from machi.report.reading import Result, read_result
from machi.report.standings import (
    ALONE,
    LEFT_OUT,
    MU,
    SHAPLEY,
    VARIANCE,
    Reading,
    agreed,
    opposites,
    overlap,
    readings,
)
from machi.store import read_manifest

WORDS = read_words()
ENGLISH = Speech(WORDS["en"]["between"], WORDS["en"]["percent"])
TABLE = made_up_table()
EVERYTHING = 4095


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_result(tmp_path_factory.mktemp("standings") / "result")


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    return read_result(folder)


@pytest.fixture(scope="module")
def content(folder: Path) -> dict[str, Any]:
    return read_manifest(folder)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(page_with(tmp_path_factory.mktemp("page"), TABLE))


def notes(result: Result, found: list[Reading], table: Any = None) -> dict[str, str]:
    return standing_notes(result, found, table, WORDS["en"], ENGLISH)


def of(key: str, *values: float, half: float = 1.0) -> Reading:
    figures = np.array(values)
    return Reading(key, figures, figures - half, figures + half)


def test_the_table_says_what_is_lost_and_what_each_deserves(result: Result, content: dict[str, Any]) -> None:
    found = {one.key: one for one in readings(result, TABLE, content)}
    people, keys = TABLE.columns["population_2060"].astype(float), list(result.ranking["package"])
    assert list(found) == [MU, ALONE, LEFT_OUT, SHAPLEY, VARIANCE]
    for place, key in enumerate(keys):
        without = EVERYTHING ^ 1 << TABLE.header.packages.index(key)
        assert found[LEFT_OUT].value[place] == people[EVERYTHING] - people[without]
    assert found[SHAPLEY].value.sum() == pytest.approx(people[EVERYTHING])
    for key, varies in ((LEFT_OUT, RATE), (SHAPLEY, RATE / 2)):  # wider the larger the effect
        half = 1.645 * np.sqrt(varies * np.abs(found[key].value))
        assert (found[key].high - found[key].value) == pytest.approx(half, rel=1e-3)
    told = notes(result, list(found.values()), TABLE)["standings_note"]
    assert (
        "differ by package" in told and "under 6 seeds" in told and "0.7 times" in told and "One deviation" not in told
    )
    assert np.array_equal(found[ALONE].value, result.ranking["effect"])


def test_cells_of_the_page_are_those_figures_with_their_ranks(
    page: Page, result: Result, content: dict[str, Any]
) -> None:
    found = readings(result, TABLE, content)
    for lang in ("ja", "en"):
        head, *rows, sums = page.tables[f"standings_{lang}"]
        assert len(head) == 1 + 2 * 4 + 1  # chance outweighs the variance shares: they have no ranks
        for place, row in enumerate(rows):
            assert row[0][0].startswith(result.ranking["package"][place])
            shown = [float(value or "nan") for _, value in row[1:]]
            assert shown[::2] == pytest.approx([one.value[place] for one in found])
            assert shown[1::2] == [one.ranks[place] for one in found[:4]]
        assert float(sums[7][1] or "nan") == pytest.approx(TABLE.columns["population_2060"][EVERYTHING])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (made_up_table(code="0"), "is stale"),
        (made_up_table(5), "does not hold all packages"),
        (None, "no table of all"),
    ],
)
def test_no_other_table_is_shown_and_the_reason_is_told(
    result: Result, content: dict[str, Any], table: Any, said: str
) -> None:
    found = readings(result, table, content)
    assert [one.key for one in found] == [MU, ALONE, VARIANCE]
    told = notes(result, found, table)
    assert said in told["standings_note"] and "seed(s)" not in told["standings_note"]
    assert "Shapley" not in told["standings_lead"] + told["standings_agreement"] + told["standings_overlap"]


def test_the_page_shows_nothing_of_a_stale_table(tmp_path: Path) -> None:
    text = page_with(tmp_path, made_up_table(run_time="plan"))
    assert len(Page(text).tables["standings_en"][0]) == 1 + 2 * 2 + 1
    assert "保存されている全組み合わせの表が古いため、示していません" in text


def test_designs_of_the_result_itself_come_before_the_table(folder: Path, tmp_path: Path) -> None:
    own, content = write_result(tmp_path / "own"), read_manifest(folder)
    keys = pd.read_csv(own / "ranking.csv")["package"][::-1]
    figures = {"package": keys, "low": 1.0, "high": 3.0}
    pd.DataFrame({**figures, "people_lost": np.arange(12.0)}).to_csv(own / "leave_one_out.csv", index=False)
    one = pd.DataFrame({**figures, "value": np.arange(12.0), "design": "fraction"})
    both = pd.concat([one.assign(design="factorial", value=5.0, low=np.nan), one])
    both.to_csv(own / "shapley.csv", index=False)
    seal(own, {name: part for name, part in content.items() if name != "files"})
    found = {one.key: one for one in readings(read_result(own), TABLE, read_manifest(own))}
    for key in (LEFT_OUT, SHAPLEY):
        assert found[key].value.tolist() == list(range(11, -1, -1)) and not found[key].is_stored


def test_a_table_without_repeated_runs_tells_no_ties(result: Result, content: dict[str, Any]) -> None:
    bare = made_up_table(chance=dict.fromkeys(TABLE.header.chance))
    found = readings(result, bare, content)
    assert np.isnan(found[2].low).all() and not found[2].ahead.any() and agreed(found[:4]) == 0
    told = notes(result, found, bare)
    assert "no interval of chance is known" in told["standings_note"]
    assert "cannot be told, as no interval" in told["standings_overlap"] and told["standings_strength"] == ""
    assert told["standings_agreement"].endswith(
        "Not in this count, for want of an interval of chance: left out, Shapley."
    )
    shown = standing_table(result, found, WORDS["en"], ENGLISH, "en")
    assert shown is not None and {row[5].small for row in shown.rows} == {""}


@settings(deadline=None)
@given(
    arrays(np.float64, 6, elements=st.integers(-1000, 1000).map(float)),
    arrays(np.float64, 6, elements=st.integers(0, 300).map(float)),
)
def test_ranks_and_the_places_left_open_agree_with_the_figures(value: Any, half: Any) -> None:
    reading = Reading(MU, value, value - half, value + half)
    ahead = reading.ahead
    assert not (ahead & ahead.T).any() and not ahead.diagonal().any()
    for rank, (first, last) in zip(reading.ranks, reading.places, strict=True):
        assert first <= rank <= last
    for one, other in zip(*np.nonzero(ahead), strict=True):
        assert reading.ranks[one] < reading.ranks[other] and value[one] - half[one] > value[other]
    exact = reading._replace(low=value, high=value)
    assert np.array_equal(exact.ahead, value[:, None] > value)


def test_only_what_chance_does_not_explain_is_called_opposite() -> None:
    one, other = of(MU, 10.0, 5.0, 0.0), of(ALONE, 5.0, 10.0, 0.0)
    (found,) = opposites([one, other])
    assert (found.one, found.other, found.ahead, found.behind) == (0, 1, MU, ALONE) and agreed([one, other]) == 2
    wide = of(ALONE, 5.0, 10.0, 0.0, half=4.0)
    assert opposites([one, wide]) == [] and agreed([one, wide]) == 1


def test_sentences_name_who_overlaps_who_helps_and_who_is_told_apart(result: Result) -> None:
    keys, lost, shares = result.ranking["package"], result.ranking["effect"].to_numpy(), np.arange(12.0, 0.0, -1.0)
    alone = Reading(ALONE, lost, lost - 10, lost + 10)
    moved = lost + np.where(np.arange(12) == 1, -100.0, np.where(np.arange(12) == 4, 100.0, 0.0))
    left = Reading(LEFT_OUT, moved, moved - 10, moved + 10)
    order = Reading(MU, shares, shares - 0.1, shares + 0.1)
    told = notes(result, [order, alone, left])
    assert f"Of {keys[1]}, more is brought alone" in told["standings_overlap"]
    assert f"Of {keys[4]}, more is lost when left out" in told["standings_overlap"]
    assert keys[0] in told["standings_strength"] and "may overlap with others" in told["standings_strength"]
    turned = Reading(MU, -lost, -lost - 1, -lost + 1)
    told = notes(result, [turned, alone])
    assert "do not rank the packages alike (Kendall's W 0.00" in told["standings_agreement"]
    assert "Beyond chance, these change places: P06 and " in told["standings_moves"]


def test_what_all_bring_is_compared_with_the_sum_of_each_under_the_same_seeds(
    result: Result, content: dict[str, Any]
) -> None:
    found = overlap(result)
    assert found is not None and found.every - found.summed == pytest.approx(found.difference.mean)
    runs = result.runs
    assert runs is not None
    mean = runs[runs["design"] == "alone"].groupby("arm")["population"].mean()
    assert found.every == pytest.approx(mean["all"] - mean["none"])
    assert found.summed == pytest.approx(mean.drop(["all", "none"]).sum() - 12 * mean["none"])
    told = notes(result, readings(result, None, content))["standings_overlap"]
    assert (
        "fewer" in told and "overlap" in told and re.search(r"[\d,]+ fewer \(90 % interval of chance [\d,]+ to", told)
    )
    assert overlap(result._replace(runs=None)) is None
