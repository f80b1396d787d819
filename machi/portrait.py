"""How people behave in the reference arm: one run at 1:1 that is looked at, and the flows to and from elsewhere.

The tables stand in the result folder beside the outcomes; the page's appendix is drawn from them.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from machi.runs.groundwork import Ground

if TYPE_CHECKING:
    import networkx

    from abm.followed.observation import Observation

PERIODS = (0, 5, 15)  # years after the start at which a period begins; the last one ends at the horizon
SAMPLE_AT = 5  # years after the start: people have met by the rules of the run, not only by those of the founding
SEXES = ("M", "F")
ARMS = ("none", "all")
CIRCLES = ("work", "school", "neighbourhood", "long_tie")
UPPER = 0.95  # of a 90 % interval
MARKET_AGES = slice(16, 81)  # from the lowest age of the search on
STOCKS = ("never_married", "unmarried", "here", "out_commuters", "remote", "in_commuters", "vacancies", "slots")
COLUMNS = ("picture", "item", "sex", "age", "sector", "first", "last", "value", "unit", "source")


def portrait(ground: Ground, seed: int, series: pd.DataFrame, run_time: str) -> dict[str, pd.DataFrame]:
    """The appendix's tables by file name, from a run of the reference arm with this seed and the arms' `series`."""
    from abm.followed.observation import observe
    from abm.levers import neutral

    observed = observe(ground.founding(1.0), ground.reference(), neutral(ground.end - ground.start), seed, SAMPLE_AT)
    persons, ties = acquaintances(observed)
    return {
        "behaviour.parquet": behaviour(observed, seed),
        "acquainted_persons.csv": persons,
        "acquaintances.csv": ties,
        "region.csv": region_flows(ground, series, run_time),
    }


def behaviour(observed: "Observation", seed: int) -> pd.DataFrame:
    """Counts of the run by period: marriage market and movers by sex and age, work by sector.

    Stocks are means of the period's years, flows means a year; `first` and `last` are the period's years.
    """
    start, end = observed.outputs.start, observed.outputs.end
    rows = [row for period in periods(end - start) for row in _rows(observed, period)]
    table = pd.DataFrame(rows, columns=[*COLUMNS[:5], "begin", "stop", "value"])
    table["first"], table["last"] = start + table.pop("begin"), start + table.pop("stop") - 1
    jobs = {"slots", "vacancies"}
    nouns = table["item"].map(lambda item: "jobs" if item in jobs else "persons")
    table["unit"] = np.where(table["item"].isin(STOCKS), nouns, nouns + " a year")
    table["source"] = f"reference arm, one run at 1:1, seed {seed}"
    return table[list(COLUMNS)]


def periods(years: int) -> list[tuple[int, int]]:
    """The periods of a run as year numbers, (first, one after the last)."""
    begins = [begin for begin in PERIODS if begin < years]
    return list(zip(begins, [*begins[1:], years], strict=True))


def _rows(observed: "Observation", period: tuple[int, int]) -> Iterator[tuple[Any, ...]]:
    """One period's rows: picture, item, sex, age, sector, begin, stop, value."""
    from abm.people.population import SECTORS

    years, out = slice(*period), observed.outputs
    by_age: dict[tuple[str, str], NDArray[Any]] = {
        **{("market", item): counts for item, counts in observed.market._asdict().items()},
        ("market", "marriages"): out.marriages,
        ("movers", "leavers"): out.moves_out,
        ("movers", "returners"): out.returns,
        ("movers", "newcomers"): out.moves_in - out.returns,
    }
    for (picture, item), counts in by_age.items():
        ages = range(101)[MARKET_AGES] if picture == "market" else range(101)
        mean = counts[years].mean(axis=0) / out.fraction
        for sex, values in zip(SEXES, mean, strict=True):
            yield from ((picture, item, sex, age, "", *period, round(float(values[age]), 3)) for age in ages)
    for item, flows in observed.work._asdict().items():
        for sector, value in zip(SECTORS, flows[years].mean(axis=0), strict=True):
            yield ("work", item, "", -1, sector, *period, round(float(value), 3))


def acquaintances(observed: "Observation") -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sample of the acquaintances: its persons, numbered from 1, with their places, and the ties among them."""
    graph = observed.acquaintances
    number = {row: k for k, row in enumerate(graph.nodes, start=1)}
    persons = [
        (number[row], SEXES[node["sex"]], node["age"], node["centre"], node["acquaintances"],
         round(node["x"], 4), round(node["y"], 4), observed.sampled)
        for row, node in graph.nodes(data=True)
    ]  # fmt: skip
    ties = [
        (number[one], number[other], CIRCLES[circle])
        for one, other, circles in graph.edges(data="circles")
        for circle in circles
    ]
    names = ["person", "sex", "age", "centre", "acquaintances", "x", "y", "year"]
    return pd.DataFrame(persons, columns=names), pd.DataFrame(ties, columns=["one", "other", "circle"])


def region_flows(ground: Ground, series: pd.DataFrame, run_time: str) -> pd.DataFrame:
    """Leavers and arrivals of the reference arm and of all packages together, spread over the region's graph.

    Persons a year, means over years and replications; `low` and `high` join the 90 % range of one run's chance (NaN
    for one replication) with the range of an assumed share.
    """
    from abm.known.region import region, spread

    graph = region(ground.town)
    parts: list[dict[str, Any]] = []
    for arm in ARMS:
        moved = [yearly(series, arm, run_time, indicator) for indicator in ("moves_out", "moves_in")]
        if all(len(values) for values in moved):
            means = [float(values.mean()) for values in moved]
            parts += _edges(spread(graph, *means), arm, dict(zip(("leaving", "arriving"), moved, strict=True)))
    table = pd.DataFrame(parts)
    counted = f"register of the prefecture's municipalities and internal migration {graph.graph['first']}-"
    sources = {"prefecture": counted + str(graph.graph["last"]), "assumed": graph.graph["why_en"]}
    why = table["status"].map({"prefecture": "", "assumed": graph.graph["why_ja"]})
    return table.assign(unit="persons a year", source=table["status"].map(sources), why_ja=why)


def yearly(series: pd.DataFrame, arm: str, run_time: str, indicator: str) -> NDArray[np.float64]:
    """The mean of a flow over the years, one per replication; empty where the series has no such arm."""
    rows = series[(series["arm"] == arm) & (series["run_time"] == run_time) & (series["indicator"] == indicator)]
    return rows.groupby("replication")["value"].mean().to_numpy(np.float64)


def _edges(graph: "networkx.DiGraph", arm: str, moved: dict[str, NDArray[np.float64]]) -> Iterator[dict[str, Any]]:
    """One row per edge."""
    town = graph.graph["town"]
    for one, other, edge in graph.edges(data=True):
        direction, place = ("leaving", other) if one == town else ("arriving", one)
        low, high = chance(moved[direction])
        yield {
            "arm": arm, "direction": direction, "destination": place,
            "name_ja": graph.nodes[place]["name_ja"], "name_en": graph.nodes[place]["name_en"],
            "share": edge["share"], "share_low": edge["low"], "share_high": edge["high"], "status": edge["status"],
            "persons": edge["weight"], "low": low * edge["low"], "high": high * edge["high"],
            "replications": len(moved[direction]),
        }  # fmt: skip


def chance(values: NDArray[np.float64]) -> tuple[float, float]:
    """Student's 90 % interval for one further run; NaN for a single one."""
    n = len(values)
    if n < 2:
        return float("nan"), float("nan")
    half = float(values.std(ddof=1) * stats.t.ppf(UPPER, n - 1) * np.sqrt(1 + 1 / n))
    return float(values.mean()) - half, float(values.mean()) + half
