"""The checks of moves: every row is complete, and what a lever promises is met on a small town."""

import numpy as np
import pytest
from conftest import Small

from machi.validation.check import Check
from machi.validation.move_checks import move_checks


@pytest.fixture(scope="module")
def rows(small: Small) -> dict[str, Check]:
    """The rows of the small town by key."""
    found = move_checks(*small)
    assert len({row.key for row in found}) == len(found)
    return {row.key: row for row in found}


def test_every_row_can_be_read_and_judged(rows: dict[str, Check]) -> None:
    for row in rows.values():
        assert row.low <= row.high and np.isfinite(row.simulated)
        assert row.label_en and row.label_ja and row.source and row.status
        assert np.isnan(row.target) or row.low <= row.target <= row.high
        assert row.met == (row.low <= row.simulated <= row.high)


@pytest.mark.parametrize("key", ["supported_retention", "foreign_retention", "primary_retention"])
def test_retention_is_the_levers_own(rows: dict[str, Check], key: str) -> None:
    assert rows[key].met


@pytest.mark.parametrize("key", ["stock", "ever_left"])
def test_the_away_are_as_many_as_the_construction_says(rows: dict[str, Check], key: str) -> None:
    assert rows[key].met


def test_a_short_arm_has_no_row_of_decades(rows: dict[str, Check]) -> None:
    assert "lifetime_return" not in rows and "returns" in rows


def test_foreign_residents_neither_vanish_nor_flood_the_town(rows: dict[str, Check]) -> None:
    assert 0.4 < rows["foreign_stock"].simulated < 2.5
