"""Rates by simulated year: what a scenario makes of a town, for people and for the cohort twin alike."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Rates(NamedTuple):
    """Rates by simulated year (Y of them), sex and single age at the stock date."""

    years: NDArray[np.int64]  # [Y] the year of the stock from which each runs
    begins: Array  # [Y] the day on which each year begins, in years (2015.75 is 1 October 2015)
    death: Array  # [Y, 2, 112] probability, index 0 the newborns, x + 1 age x
    birth: Array  # [Y, 101] births per woman
    net: Array  # [Y, 2, 101] net migrants per resident at the start of the year
    nuptiality: Array  # [Y] marriages' level, 1 in the first year
    evacuees_home: Array  # [Y] share of all evacuees who go home in the year
    evacuees_share: Array  # [1] share of all evacuees who ever go home, whatever the horizon
