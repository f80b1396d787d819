"""First-marriage hazards by age: the prefecture's cohorts, then the nation's, then as vital statistics count them."""

from dataclasses import replace

import numpy as np
import pytest

from abm.known.hazards import first_marriage_schedule
from abm.known.town import Town

FORTY = 5  # group of the cohort of 40-44


def cohorts(schedule: np.ndarray, sex: int) -> np.ndarray:
    """Mean hazards over the ages that the cohorts 15-19 .. 55-59 live through in five years, [9]."""
    starts = 15 + 5 * np.arange(9)[:, None, None] + np.arange(5)[:, None] + np.arange(5)
    return np.asarray(schedule[sex][starts].mean(axis=(1, 2)))


@pytest.mark.parametrize("sex", [0, 1])
def test_hazards_past_40_fall_as_vital_statistics_count_them(town: Town, sex: int) -> None:
    """From the cohort before on, within what the smooth curve and the least hazard allow."""
    counted = town.japan.first_marriage_hazard_counted[sex]
    found = cohorts(first_marriage_schedule(town), sex)
    for group in (FORTY, FORTY + 1):
        assert found[group] / found[FORTY - 1] == pytest.approx(counted[group] / counted[FORTY - 1], rel=0.1)


@pytest.mark.parametrize("sex", [0, 1])
def test_younger_hazards_are_the_cohorts_own(town: Town, sex: int) -> None:
    """Counts of older ages change nothing below 35."""
    japan = town.japan
    twice = replace(town, japan=replace(japan, first_marriage_hazard_counted=japan.first_marriage_hazard_counted**1.2))
    found, other = (cohorts(first_marriage_schedule(one), sex) for one in (town, twice))
    np.testing.assert_allclose(found[1:4], japan.first_marriage_hazard[sex, 1:4], rtol=0.02)
    np.testing.assert_allclose(found[1:4], other[1:4], rtol=0.02)


def test_the_censuses_alone_see_too_many_late_marriages(town: Town) -> None:
    """Their hazards over the counted ones: nearly one ratio below 40, growing with age from there."""
    japan = town.japan
    ratio = japan.first_marriage_hazard_national / japan.first_marriage_hazard_counted
    assert (ratio[:, 1:FORTY].max(axis=1) / ratio[:, 1:FORTY].min(axis=1) < 1.5).all()
    assert (np.diff(ratio[:, FORTY - 1 :], axis=1) > 0).all() and (ratio[:, -1] > 5).all()
