"""The arms in which a year is tried: without policy, and with every lever moved as far as it goes up."""

import pytest
from conftest import END, START
from lived_town import levers

from abm.levers import LEVERS

YEARS = END - START
# What breaks anywhere breaks here.
EVERYTHING = levers(YEARS, **{lever.key: lever.high for lever in LEVERS})
ARMS = pytest.mark.parametrize("arm", [levers(YEARS), EVERYTHING], ids=["no policy", "every lever at its height"])
