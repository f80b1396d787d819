"""A made-up table of all portfolios that fits the made-up result; it holds no finding."""

from pathlib import Path
from typing import Any

import numpy as np
from synthetic_manifest import END, START
from synthetic_result import PACKAGES

from machi.places import Places
from machi.portfolio_table.file import COST, PREFIX, SUMS, Header, PortfolioTable, compact, write
from machi.questions.samples import of_masks

YEARS = range(START, END + 1, 5)
RATE = 6.0  # variance of one seed's difference for each person
HALF_SATURATED = 30_000.0  # people at which portfolios bring half of the sum of their packages


def made_up_table(packages: int = 12, seeds: tuple[int, ...] = (11,), **changed: Any) -> PortfolioTable:
    """A table of the first packages of the made-up result; `changed` replaces fields of its header."""
    rng = np.random.default_rng(5)
    chosen = PACKAGES[:packages]
    ticked = of_masks(np.arange(1 << packages), packages)
    people = ticked @ np.array([row[8] for row in chosen])
    cost = ticked @ np.array([(row[6] * row[7]) ** 0.5 * 40 for row in chosen])
    at_end = people / (1 + people / HALF_SATURATED)
    grown = {year: ((year - START) / (END - START)) ** 1.4 for year in YEARS}
    columns = {
        f"{PREFIX}{year}": at_end * share + rng.normal(0, 60, len(people)) * share for year, share in grown.items()
    }
    columns |= {name: at_end * share for name, share in zip(SUMS, (0.25, 0.6, 0.1), strict=True)}
    columns[COST] = cost
    for name, values in columns.items():
        columns[name] = np.where(people > 0, np.round(values), 0.0) + (0.25 if name != COST and len(seeds) > 1 else 0.0)
        columns[name][0] = 0.0
    none = {name: 350_000.0 - 3_900 * (int(name[-4:]) - START) for name in columns if name.startswith(PREFIX)}
    fields: dict[str, Any] = {
        "town": "iwaki", "scenario": "baseline", "basis": "census", "run_time": "sustained", "start": START, "end": END,
        "result": "factorial", "packages": tuple(row[0] for row in chosen), "seeds": seeds, "fraction": 1.0,
        "fingerprints": {"town": "1a2b", "policies": "3c4d", "experiment": "d6e7"}, "code": "92a3", "context": "b4c5",
        "none": none | {"births": 64_000.0, "moves_net": -25_000.0, "marriages": 38_000.0, COST: 0.0},
        "chance": {f"{PREFIX}{year}": RATE * share for year, share in grown.items()} | dict.fromkeys(SUMS, 3.0),
        "chance_seeds": 6,
    }  # fmt: skip
    return PortfolioTable(Header(**(fields | changed)), {name: compact(values) for name, values in columns.items()})


def places_with(workspace: Path, table: PortfolioTable | None) -> Places:
    """A workspace that holds the table, and nothing built-in beside it."""
    places = Places(workspace, workspace)
    if table is not None:
        write(places.own_portfolio_table("iwaki"), table)
    return places
