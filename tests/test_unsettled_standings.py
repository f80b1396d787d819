"""Readings side by side where something is missing: no interval, another table, another share of the residents."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from synthetic_portfolios import made_up_table
from synthetic_result import seal, write_result

from machi.report.agreement import standing_notes
from machi.report.edition import read_words
from machi.report.numerals import Speech
from machi.report.reading import Result, read_result
from machi.report.standings import ALONE, LEFT_OUT, MU, SHAPLEY, Reading, readings, why_not_whole
from machi.store import read_manifest

WORDS = read_words()["en"]
COUNT = 12
STEPS = np.arange(COUNT, dtype=np.float64) * 100


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return read_result(write_result(tmp_path_factory.mktemp("unsettled") / "result"))


def told(result: Result, *found: Reading, table: Any = None) -> dict[str, str]:
    return standing_notes(result, list(found), table, WORDS, Speech(WORDS["between"], WORDS["percent"]))


def of(key: str, value: Any, half: float, **more: Any) -> Reading:
    return Reading(key, value, value - half, value + half, **more)


def test_pairs_are_counted_only_by_readings_with_intervals(result: Result) -> None:
    sure = [of(MU, STEPS, 1), of(ALONE, STEPS, 1)]
    found = told(result, *sure, of(SHAPLEY, STEPS[::-1], np.nan))
    assert "Of 66 pairs of packages, 66 stand in the same order" in found["standings_agreement"]
    assert found["standings_agreement"].endswith("for want of an interval of chance: Shapley.")
    assert "Whether changes by Shapley are beyond chance cannot be told" in found["standings_moves"]
    assert "chance alone may do that" not in found["standings_moves"]
    assert "No repeated runs, so that no interval of chance is known: Shapley." in found["standings_note"]
    found = told(result, sure[0], of(ALONE, STEPS, np.nan))
    assert "cannot be told: no interval of chance is known of alone." in found["standings_agreement"]
    assert "66" not in found["standings_agreement"] and found["standings_moves"].startswith("No package")
    found = told(result, *sure)
    assert "want of an interval" not in found["standings_agreement"] and "known: " not in found["standings_note"]


def test_changes_of_rank_between_readings_with_intervals_stay_explained(result: Result) -> None:
    wide = [of(MU, STEPS, 5000), of(ALONE, STEPS[::-1], 5000)]
    found = told(result, *wide, of(SHAPLEY, STEPS, np.nan))
    assert found["standings_moves"].endswith("chance alone may do that.")


def test_pairs_beyond_those_named_are_counted(result: Result) -> None:
    found = told(result, of(MU, STEPS, 1), of(ALONE, STEPS[::-1], 1))
    assert found["standings_moves"].endswith(", and 63 more.")
    few = STEPS.copy()
    few[[0, 1]] = few[[1, 0]]
    found = told(result, of(MU, STEPS, 1), of(ALONE, few, 1))
    assert "Beyond chance, these change places" in found["standings_moves"] and ", and " not in found["standings_moves"]


def test_only_against_shapley_values_is_it_the_strength_alone(result: Result) -> None:
    mu, full = of(MU, STEPS, 1), STEPS + 50
    assert (
        "the effect may not be in proportion"
        in told(result, mu, of(ALONE, full, 1), of(SHAPLEY, full, 1))["standings_strength"]
    )
    against = told(result, mu, of(ALONE, full, 1))["standings_strength"]
    assert "overlap with others or help them" in against and "in proportion" not in against


@pytest.mark.parametrize(("mine", "full", "is_said"), [(0.05, 1.0, True), (0.05, 0.05, False), (0.05, np.nan, False)])
def test_shares_of_the_residents_matter_only_where_they_differ(
    result: Result, mine: float, full: float, is_said: bool
) -> None:
    found = told(
        result, of(MU, STEPS, 1, fraction=mine), of(ALONE, STEPS, 1, fraction=1.0),
        of(SHAPLEY, STEPS + 50, 1, fraction=full),
    )["standings_strength"]  # fmt: skip
    assert ("different shares of the residents (μ 5.0 %, Shapley 100 %)" in found) is is_said


def test_readings_carry_the_share_of_the_residents_of_their_own_runs(result: Result) -> None:
    content = read_manifest(result.folder)
    content["config"] |= {"morris": {"fraction": 0.05}, "alone": {"fraction": 1.0}, "factorial": None}
    found = {one.key: one.fraction for one in readings(result, made_up_table(fraction=0.2), content)}
    assert (found[MU], found[ALONE], found[LEFT_OUT], found[SHAPLEY]) == (0.05, 1.0, 0.2, 0.2)


def test_a_table_of_more_packages_is_not_called_stale(result: Result) -> None:
    some = result._replace(ranking=result.ranking.head(5))
    table = made_up_table()
    content = read_manifest(result.folder)
    content["packages"] = [one for one in content["packages"] if one["key"] in set(some.ranking["package"])]
    found = readings(some, table, content)
    assert [one.key for one in found][:2] == [MU, ALONE] and LEFT_OUT not in {one.key for one in found}
    note = told(some, *found, table=table)["standings_note"]
    assert "also combines packages that this result does not rank" in note and "stale" not in note
    assert why_not_whole(result, None) == "absent" and why_not_whole(result, made_up_table(5)) == "partial"
    assert why_not_whole(result, made_up_table(code="0")) == "stale"


def test_a_stored_reading_with_intervals_comes_before_an_own_one_without(result: Result, tmp_path: Path) -> None:
    own, content = write_result(tmp_path / "own"), read_manifest(result.folder)
    keys = pd.read_csv(own / "ranking.csv")["package"]
    bare = {"package": keys, "value": STEPS, "design": "factorial", "low": np.nan, "high": np.nan}
    pd.DataFrame(bare).to_csv(own / "shapley.csv", index=False)
    seal(own, {name: part for name, part in content.items() if name != "files"})
    mine, content = read_result(own), read_manifest(own)

    def shapley(table: Any) -> Reading:
        return next(one for one in readings(mine, table, content) if one.key == SHAPLEY)

    assert shapley(made_up_table()).is_stored and shapley(made_up_table()).is_judged
    unknown = made_up_table()
    unknown = made_up_table(chance=dict.fromkeys(unknown.header.chance))
    assert not shapley(unknown).is_stored and not shapley(None).is_stored
    found = readings(mine, None, content)
    assert "is known: Shapley." in told(mine, *found)["standings_note"]
