"""A town carried back to the census before its newest, for checks of what has happened since."""

from dataclasses import replace

import numpy as np
import pytest

from abm.errors import InputError
from abm.founding.earlier_town import earlier_town
from abm.founding.fit import SCALED
from abm.founding.found import found
from abm.known.town import Town


def test_the_town_of_the_census_before_can_be_founded(town: Town) -> None:
    """Its people are those counted; households and work are called estimates in the fit table."""
    earlier = earlier_town(town)
    founding = found(earlier, fraction=0.02)
    assert founding.start == 2010 and earlier.census_years[-1] == 2010
    counted = town.census_total[town.census_years.index(2010)].sum()
    assert len(founding.population.residents) == round(counted * 0.02)
    assert {row.group for row in founding.fit if row.item in ("general_households", "single_households")} == {SCALED}


def test_households_and_work_follow_the_prefecture(town: Town) -> None:
    """From 2010 to 2015 one-person households rose, the unemployed halved, and the totals still fit together."""
    earlier = earlier_town(town)
    alone = [one.households["single"] / one.households["general"] for one in (earlier, town)]
    assert alone[0] < alone[1]
    assert 1.3 < earlier.unemployed.sum() / town.unemployed.sum() < 2.0
    assert earlier.sector_employed.sum() == pytest.approx(earlier.employed.sum())
    home = earlier.households
    assert home["single"] + home["nuclear"] <= home["general"] <= home["all"]
    assert (earlier.employed + earlier.unemployed < earlier.census_total[-1]).all()


def test_the_town_itself_is_not_changed(town: Town) -> None:
    before = (town.census_years, town.households, town.employed.copy())
    earlier_town(town)
    assert before[:2] == (town.census_years, town.households) and np.array_equal(before[2], town.employed)


def test_a_prefecture_without_the_census_before_is_refused(town: Town) -> None:
    with pytest.raises(InputError, match="2010"):
        earlier_town(replace(town, japan=replace(town.japan, households_2010={})))
