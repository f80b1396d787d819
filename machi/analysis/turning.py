"""Turning points: the year from which an arm is apart from no policy, by paired 90 % intervals over replications."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from machi.analysis.frontier import turning_point
from machi.analysis.paired import REFERENCE, cube, estimate
from machi.questions.design import EVERYTHING

INDICATORS = ("population", "births")
COLUMNS = ["run_time", "arm", "against", "indicator", "turning_year", "last_year", "difference", "low", "high", "n"]


def turning_points(series: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Each package, and all, against no policy: the first year from which the interval of the difference leaves out 0.

    `series` are the years of the arms that ran alone. `turning_year` is empty where the interval of the last year holds
    0; `difference`, `low` and `high` are of the last year. Replications are paired by seed.
    """
    rows = []
    for run_time in series["run_time"].unique() if len(series) else ():
        for indicator in INDICATORS:
            own = series[(series["run_time"] == run_time) & (series["indicator"] == indicator)]
            labels, values = cube(own, ["arm", "year", "replication"], "value")
            years = np.array(labels[1], dtype=np.int64)
            none = values[labels[0].index(REFERENCE)]
            for arm in (*keys, EVERYTHING):
                found = [estimate(one) for one in values[labels[0].index(arm)] - none]
                low, high = (np.array([getattr(one, end) for one in found]) for end in ("low", "high"))
                last = found[-1]
                year = turning_point(years, low, high)
                rows.append((run_time, arm, REFERENCE, indicator, year, int(years[-1]), last.mean, last.low, last.high,
                             last.n))  # fmt: skip
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"turning_year": "Int64"})
