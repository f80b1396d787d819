"""Counted figures beside those of the town without policy, with the ranges of chance and of the forecast's doubt."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from abm.levers import neutral
from machi.analysis.sensitivity import CONFIDENCE, TAILS
from machi.arm import replicated
from machi.runs.aside import aside
from machi.runs.outcomes import series

from .past import FLOWS, MARRIAGES, NET_MOVES, RESIDENTS, Figure, Past

if TYPE_CHECKING:
    from abm.people.outputs import Outputs

Floats = NDArray[np.float64]
CHANCE, DOUBT, BEYOND, UNKNOWN = "within_chance", "within_doubt", "beyond_doubt", "beyond_chance"
NOT_DRAWN = (MARRIAGES,)  # of whose rates the forecast's doubt says nothing
COLUMNS = [
    "measure", "first", "last", "counted", "simulated", "chance_low", "chance_high", "low", "high", "gap", "verdict",
]  # fmt: skip


def lived(
    past: Past, replications: int, draws: int, fraction: float, seed: int, threads: int, done: Callable[[], None]
) -> tuple[Floats, Floats]:
    """Every counted figure in runs without policy: [replications, figures] at central rates, [draws, figures] drawn.

    The drawn runs have a seed and a draw of births, deaths and moves of their own, so that they hold both doubts.
    """
    ground, figures = past.ground, list(past.counted)
    founding, reference = ground.founding(fraction), ground.reference()
    doubts = aside(partial(ground.doubts, draws, seed))
    nothing = neutral(ground.end - ground.start)

    def read(count: int, first: int, doubted: bool) -> Floats:
        runs = replicated(founding, reference, [nothing] * count, first, threads, done, doubts if doubted else None)
        return np.array([[values[one] for one in figures] for values in map(_figures, runs)])

    return read(replications, seed, False), read(draws, seed + replications, True)


def _figures(outputs: "Outputs") -> dict[Figure, float]:
    """All figures of a run, on the scale of the whole town."""
    table = series(outputs)
    keys = zip(table["indicator"].tolist(), table["year"].tolist(), strict=True)
    by_year: dict[tuple[str, int], float] = dict(zip(keys, table["value"].tolist(), strict=True))
    found: dict[Figure, float] = {}
    for year in range(outputs.start, outputs.end):
        found[RESIDENTS, year + 1, year + 1] = by_year["population", year + 1]
        for item in FLOWS:
            if item == NET_MOVES:
                found[item, year, year] = by_year["moves_in", year] - by_year["moves_out", year]
            else:
                found[item, year, year] = by_year[item, year]
    for item in FLOWS:
        for first in range(outputs.start, outputs.end):
            running = 0.0
            for last in range(first, outputs.end):
                running += found[item, last, last]
                found[item, first, last] = running
    return found


def compared(
    figures: Sequence[Figure], counted: Sequence[float], central: Floats, drawn: Floats, fraction: float = 1.0
) -> pd.DataFrame:
    """One row a figure; `gap` is counted less simulated, and `verdict` says within which range the counted one lies.

    The range of chance is the 90 % prediction interval of one more whole town at central rates (Student): a count of a
    sample, put on the scale of the town, varies by 1 / `fraction` of it. That of doubt holds one more drawn run in 90 %
    of cases (Weibull's plotting positions; of a sample its own chance, too), and the range of chance. Marriages have
    none (NaN): their rates are not drawn.
    """
    n = len(central)
    mean = central.mean(axis=0)
    factor = float(stats.t.ppf(0.5 + CONFIDENCE / 2.0, n - 1)) * np.sqrt(fraction + 1.0 / n)
    half = factor * central.std(axis=0, ddof=1)
    low, high = np.percentile(drawn, TAILS, axis=0, method="weibull")
    low, high = np.minimum(low, mean - half), np.maximum(high, mean + half)
    actual = np.asarray(counted, dtype=np.float64)
    verdict = np.where(
        np.abs(actual - mean) <= half, CHANCE, np.where((actual >= low) & (actual <= high), DOUBT, BEYOND)
    )
    undrawn = np.array([measure in NOT_DRAWN for measure, *_ in figures])
    low, high = (np.where(undrawn, np.nan, one) for one in (low, high))
    verdict = np.where(undrawn & (verdict != CHANCE), UNKNOWN, verdict)
    table = pd.DataFrame(list(figures), columns=["measure", "first", "last"])
    table = table.assign(
        counted=actual, simulated=mean, chance_low=mean - half, chance_high=mean + half, low=low, high=high,
        gap=actual - mean, verdict=verdict,
    )  # fmt: skip
    order = {name: place for place, name in enumerate((RESIDENTS, *FLOWS))}
    table = table.assign(place=table["measure"].map(order), span=table["last"] - table["first"])
    return table.sort_values(["place", "span", "first"], kind="stable", ignore_index=True)[COLUMNS]


def summed(table: pd.DataFrame) -> pd.DataFrame:
    """The figures that are spoken of: residents in the last year, and each flow over all its years."""
    spans = table["last"] - table["first"]
    longest = spans == spans.groupby(table["measure"]).transform("max")
    newest = table["last"] == table.groupby("measure")["last"].transform("max")
    return table[longest & newest]
