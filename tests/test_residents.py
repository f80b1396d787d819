"""Who lives in the town: dependency, ages and households of the page are those of the result's own tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_result import write_result

from machi.report.edition import read_words
from machi.report.reading import Result, read_result
from machi.report.residents import AGED, HOMES, LATE, SIZE, YOUNG, middle_age, resident_table, residents

WORDS = read_words()["en"]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return read_result(write_result(tmp_path_factory.mktemp("residents") / "result"))


def with_homes(result: Result) -> Result:
    """The result with a household to every two people in each of its runs."""
    people = result.series[result.series["indicator"] == "population"]
    homes = people.assign(indicator="households", value=people["value"] / 2)
    return result._replace(series=pd.concat([result.series, homes], ignore_index=True))


def test_dependency_is_counted_from_the_pyramids(result: Result) -> None:
    table = result.pyramids
    assert table is not None
    found = {(one.year, one.arm): one.figures for one in residents(result)}
    assert list(found) == [(2015, "none"), (2040, "none"), (2040, "all"), (2060, "none"), (2060, "all")]
    for (year, arm), figures in found.items():
        ages = table[(table["year"] == year) & (table["arm"] == arm)].groupby("age")["value"].sum()
        working = ages.loc[15:64].sum()
        assert figures[YOUNG] == pytest.approx([100 * ages.loc[:14].sum() / working])
        assert figures[AGED] == pytest.approx([100 * ages.loc[65:].sum() / working])
        assert figures[LATE] == pytest.approx([100 * ages.loc[75:].sum() / ages.sum()])


def test_only_what_the_result_holds_is_a_column(result: Result) -> None:
    bare, whole = resident_table(result, WORDS), resident_table(with_homes(result), WORDS)
    assert bare is not None and whole is not None
    assert [name for name in whole.columns if name not in bare.columns] == ["Households", "Residents per household"]
    first = residents(with_homes(result))[0].figures
    assert first[SIZE] == pytest.approx(2.0, rel=1e-3) and len(first[HOMES]) == 1
    assert resident_table(result._replace(pyramids=None), WORDS) is None


def test_differences_are_paired_and_carry_their_doubt(result: Result) -> None:
    table = result.pyramids
    assert table is not None
    again = table.assign(replication=2, value=table["value"] * np.where(table["age"] < 15, 1.1, 1.0))
    twice = resident_table(result._replace(pyramids=pd.concat([table, again])), WORDS)
    once = resident_table(result, WORDS)
    assert once is not None and twice is not None
    assert all("±" not in cell.small for row in once.rows for cell in row)
    assert "±" in twice.rows[2][1].small and twice.rows[1][1].small == ""


@settings(deadline=None)
@given(st.lists(st.integers(0, 50), min_size=2, max_size=100).filter(lambda one: sum(one) > 0))
def test_half_of_the_people_are_younger_than_the_middle_age(people: list[int]) -> None:
    counts = np.array(people, dtype=float)
    middle = middle_age(np.arange(float(len(counts))), counts)
    whole = int(middle)
    younger = counts[:whole].sum() + (middle - whole) * (counts[whole] if whole < len(counts) else 0.0)
    assert younger == pytest.approx(counts.sum() / 2)
