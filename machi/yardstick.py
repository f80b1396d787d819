"""What stands beside a simulation on its page: printed figures, the national projection, past forecasts, a fan."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from machi.runs.projection import fan_of
from machi.validation.official import official_rows
from machi.validation.published import comparisons

if TYPE_CHECKING:
    from machi.runs.groundwork import Ground

DRAWS = 400  # of the fan: its ends are stable to a few percent of its width
HINDCAST_DRAWS = 200
LOW, HIGH = 0.05, 0.95


def yardsticks(ground: "Ground") -> dict[str, pd.DataFrame]:
    """Tables by file name; one that would be empty is left out."""
    places, town = ground.places, str(ground.town_dir)
    found = {
        "yardstick.csv": pd.DataFrame([row._asdict() for row in comparisons(places, town)]),
        "official.csv": pd.DataFrame([row._asdict() for row in official_rows(places, town)]),
        "fan.csv": fan_table(ground),
        "hindcast.csv": hindcast_table(ground),
    }
    return {name: table for name, table in found.items() if not table.empty}


def fan_table(ground: "Ground") -> pd.DataFrame:
    """Residents by year in the reference arm's rates under draws of what is uncertain about them (cohorts, 90 %)."""
    totals = fan_of(ground.future(), DRAWS, 1).totals
    low, high = np.quantile(totals, (LOW, HIGH), axis=0)
    return pd.DataFrame({"year": ground.start + np.arange(len(low)), "low": low, "high": high})


def hindcast_table(ground: "Ground") -> pd.DataFrame:
    """How past launches of this town were missed, by basis and method; empty where it has no past to judge."""
    from abm.errors import InputError
    from machi.hindcast.inquiry import carry_out, inquire
    from machi.hindcast.origins import Question
    from machi.hindcast.result import findings

    try:
        inquiry = inquire(ground.places, [str(ground.town_dir)], Question())
    except InputError:
        return pd.DataFrame()
    judged = carry_out(inquiry, HINDCAST_DRAWS, False, lambda: None, 1)
    means = findings(inquiry, judged).means
    own = means[(means["area"] == ground.town.key) & (means["basis"] != "both")]
    kept = ["basis", "method", "launches", "cases", "total_error", "bias", "wape", "ages_0_4_error", "inside_cells",
            "inside_total"]  # fmt: skip
    return own[kept].reset_index(drop=True)
