"""The long CSV of `machi simulate`: one row per replication, year, indicator, sex and age.

Rows are sorted: numbers as numbers, words by alphabet, the row `all` after the ages. Values speak of the
whole town.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from machi.outcomes import OF_WHOLE_TOWN
from machi.store import make_folder, written

if TYPE_CHECKING:
    from abm.outputs import Outputs

HEADER = "replication,year,indicator,sex,age,value"
BY_SEX_AND_AGE = (
    "population", "away", "deaths", "marriages", "divorces", "moves_in", "moves_out", "returns", "employed",
    "unemployed",
)  # fmt: skip
BY_AGE = ("births",)  # by the mother's age, both sexes of the child together
TOTALS = ("households", "vacancies")
DECIMALS = 6


def figure(value: float) -> str:
    """A value as text: whole numbers without decimals, others with up to six."""
    text = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _block(counts: np.ndarray, fraction: float) -> list[tuple[str, str, float]]:
    """One indicator in one year: (sex, age, value), sexes F, M, T, ages ascending and then `all`."""
    if counts.ndim == 0:
        return [("T", "all", float(counts) / fraction)]
    if counts.ndim == 1:
        return _ages("T", counts, fraction)
    total = ("T", "all", float(counts.sum()) / fraction)
    return [*_ages("F", counts[1], fraction), *_ages("M", counts[0], fraction), total]


def _ages(sex: str, counts: np.ndarray, fraction: float) -> list[tuple[str, str, float]]:
    """One sex: its ages and their sum."""
    rows = [(sex, str(age), value) for age, value in enumerate((counts / fraction).tolist())]
    return [*rows, (sex, "all", float(counts.sum()) / fraction)]


def lines(outputs: "Outputs", replication: int) -> Iterator[str]:
    """The sorted rows of one replication, without line ends; flows have no row in the last year."""
    names = sorted((*BY_SEX_AND_AGE, *BY_AGE, *TOTALS))
    tables = {name: np.asarray(getattr(outputs, name)) for name in names}
    for year in range(outputs.start, outputs.end + 1):
        for indicator, table in tables.items():
            row = year - outputs.start
            if row >= len(table):
                continue
            scale = 1.0 if indicator in OF_WHOLE_TOWN else outputs.fraction
            for sex, age, value in _block(table[row], scale):
                yield f"{replication},{year},{indicator},{sex},{age},{figure(value)}"


def write_long_table(path: Path, replications: Iterable["Outputs"]) -> None:
    """Write the outputs of replications 1, 2, ... as UTF-8 CSV with LF, whole or not at all."""
    make_folder(path.parent)
    with written(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(HEADER + "\n")
        for replication, outputs in enumerate(replications, start=1):
            file.writelines(f"{line}\n" for line in lines(outputs, replication))
