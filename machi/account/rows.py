"""Two tables of results, compared row by row under what names a row."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# What names a row, in the tables that results hold; whatever of these a table has, as long as rows differ by it.
NAMES = (
    "kind", "design", "run_time", "arm", "sample", "theta", "replication", "seed", "fraction", "package", "other",
    "picture", "item", "destination", "direction", "scenario", "label_ja", "area", "basis", "method", "outcome",
    "indicator", "measure", "year", "first", "last", "sex", "age", "sector", "person", "centre",
)  # fmt: skip
TIMINGS = ("seconds",)  # how long a run took is no result

Labels = list[tuple[object, ...]]


class Largest(NamedTuple):
    """The figure that differs most: its column, what names its row, both values, and the column's largest size."""

    column: str
    row: dict[str, object]
    a: float
    b: float
    scale: float


class TextChange(NamedTuple):
    """The first entry of text that differs."""

    column: str
    row: dict[str, object]
    a: str
    b: str


class TableChange(NamedTuple):
    """How two tables differ; figures and texts are counted in the rows and columns that both have."""

    rows: tuple[int, int, int]  # of A, of B, of both
    only_a: list[str]  # columns
    only_b: list[str]
    figures: int
    rows_differing: int
    largest: Largest | None
    texts: int
    first_text: TextChange | None
    timings: bool  # whether seconds differ

    @property
    def is_none(self) -> bool:
        """Whether both hold the same values (timings apart)."""
        return len(set(self.rows)) == 1 and not (self.only_a or self.only_b or self.figures or self.texts)


def compared(a: pd.DataFrame, b: pd.DataFrame) -> TableChange:
    """Compare two tables; rows meet under their names, without any by their order.

    Empty figures (NaN) are the same as each other and differ from every number. The largest difference is the one
    that is largest against the largest size in its column, so that columns of different units can stand side by side.
    """
    shared = [name for name in a.columns if name in b.columns]
    names = _names(a, b, shared)
    counts = len(a), len(b)
    left, right = _aligned(a, b, names)
    differing = np.zeros(len(left), dtype=bool)
    figures = texts = 0
    largest, most, first, timings = None, -1.0, None, False
    for name in shared:
        if name in names:
            continue
        if not (_is_figure(left[name]) and _is_figure(right[name])):
            one, other = (table[name].astype(str).to_numpy(dtype=object) for table in (left, right))
            unequal = np.asarray(one != other, dtype=bool)
            texts += int(unequal.sum())
            if first is None and unequal.any():
                at = int(unequal.argmax())
                first = TextChange(name, _row(left, names, at), str(one[at]), str(other[at]))
            differing |= unequal
            continue
        x, y = (table[name].to_numpy(dtype=np.float64) for table in (left, right))
        unequal = ~((x == y) | (np.isnan(x) & np.isnan(y)))
        if name in TIMINGS:
            timings |= bool(unequal.any())
            continue
        figures += int(unequal.sum())
        differing |= unequal
        if unequal.any():
            scale = _largest_size(x, y)
            share = np.where(unequal, np.nan_to_num(np.abs(x - y), nan=np.inf, posinf=np.inf), -1.0) / scale
            at = int(share.argmax())
            if share[at] > most:
                most = float(share[at])
                largest = Largest(name, _row(left, names, at), float(x[at]), float(y[at]), scale)
    only_a = [name for name in a.columns if name not in shared and name not in TIMINGS]
    only_b = [name for name in b.columns if name not in shared and name not in TIMINGS]
    return TableChange((*counts, len(left)), only_a, only_b, figures, int(differing.sum()), largest, texts, first,
                       timings)  # fmt: skip


def _names(a: pd.DataFrame, b: pd.DataFrame, shared: list[str]) -> list[str]:
    """The columns that name a row in both tables; none where rows stay alike."""
    names = [name for name in shared if name in NAMES]
    alike = any(table.duplicated(names).any() for table in (a, b)) if names else True
    return [] if alike else names


def _aligned(a: pd.DataFrame, b: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that both tables have, in the same order."""
    if not names:
        both = min(len(a), len(b))
        return a.iloc[:both].reset_index(drop=True), b.iloc[:both].reset_index(drop=True)
    places = [table[names].astype(str).assign(**{f"place {side}": np.arange(len(table))})
              for side, table in (("a", a), ("b", b))]  # fmt: skip
    met = places[0].merge(places[1], on=names, how="inner")
    left = a.iloc[met["place a"].to_numpy()].reset_index(drop=True)
    return left, b.iloc[met["place b"].to_numpy()].reset_index(drop=True)


def _is_figure(column: "pd.Series[float]") -> bool:
    return bool(pd.api.types.is_numeric_dtype(column))


def _largest_size(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """The largest finite size in both columns, 1 where there is none."""
    sizes = np.abs(np.concatenate([x, y]))
    finite = sizes[np.isfinite(sizes)]
    return float(finite.max()) if len(finite) and finite.max() > 0 else 1.0


def _row(table: pd.DataFrame, names: list[str], at: int) -> dict[str, object]:
    """What names a row; its number (from 1) where nothing does."""
    if not names:
        return {"": at + 1}
    return {name: table[name].iloc[at] for name in names}
