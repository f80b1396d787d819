"""Made-up results that can be put side by side: years of every package alone, seeds and costs; they hold no finding."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from finished_result import resealed
from synthetic_manifest import END, START
from synthetic_result import PACKAGES, YEARS, write_result

SEEDS = 6
FIRST_SEED = 40


def comparable(folder: Path, *, factor: float = 1.0, noise: int = 3, **changed: Any) -> Path:
    """A result whose packages bring `factor` times what the made-up one says; `changed` replaces manifest parts."""
    write_result(folder)
    _series(factor, noise).to_parquet(folder / "series.parquet", index=False)
    runs = pd.read_parquet(folder / "runs.parquet")
    cost = {row[0]: (row[6] * row[7]) ** 0.5 * 40 for row in PACKAGES}
    cost |= {"none": 0.0, "all": sum(cost.values())}
    runs = runs.assign(cost_million_yen=runs["arm"].map(cost), seed=runs["replication"] + FIRST_SEED)
    runs.to_parquet(folder / "runs.parquet", index=False)
    resealed(folder, **{"seeds": {"experiment": FIRST_SEED, "founding": 1}, "name": folder.name, **changed})
    return folder


def _series(factor: float, noise: int) -> pd.DataFrame:
    """Residents and events of each arm by seed: a common walk, and what the arm adds to it."""
    rng = np.random.default_rng(noise)
    gains = {"none": 0.0, **{row[0]: factor * row[8] for row in PACKAGES}}
    gains["all"] = sum(gains.values())
    parts = []
    for replication in range(1, SEEDS + 1):
        walk = np.cumsum(rng.normal(0, 300, len(YEARS))) * (YEARS > START)
        for arm, gain in gains.items():
            own = rng.normal(0, 20) if gain else 0.0
            people = np.round(350_000 - 4_000 * (YEARS - START) + walk + (gain + own) * (YEARS - START) / (END - START))
            for indicator, values in (
                ("population", people), ("births", people[:-1] // 150), ("marriages", people[:-1] // 220),
                ("moves_in", people[:-1] // 30), ("moves_out", people[:-1] // 28),
            ):  # fmt: skip
                parts.append(pd.DataFrame({
                    "run_time": "sustained", "arm": arm, "replication": replication, "year": YEARS[: len(values)],
                    "indicator": indicator, "value": values,
                }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)
