"""The long CSV of `machi simulate`: one row per replication, year, indicator, sex and age.

Rows are sorted: numbers as numbers, words by alphabet, the row `all` after the ages. Values speak of the
whole town.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from machi.runs.outcomes import OF_WHOLE_TOWN
from machi.store import make_folder, written

if TYPE_CHECKING:
    from abm.people.outputs import Outputs

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


def _block(counts: np.ndarray, fraction: float, names: Sequence[str] | None = None) -> list[tuple[str, str, float]]:
    """One indicator in one year: (sex, age, value), sexes F, M, T, ages ascending and then `all`."""
    if counts.ndim == 0:
        return [("T", "all", float(counts) / fraction)]
    if counts.ndim == 1:
        return _ages("T", counts, fraction, names)
    total = ("T", "all", float(counts.sum()) / fraction)
    return [*_ages("F", counts[1], fraction, names), *_ages("M", counts[0], fraction, names), total]


def _ages(sex: str, counts: np.ndarray, fraction: float, names: Sequence[str] | None) -> list[tuple[str, str, float]]:
    """One sex: its ages (or named age groups) and their sum."""
    ages = names or [str(age) for age in range(len(counts))]
    rows = [(sex, age, value) for age, value in zip(ages, (counts / fraction).tolist(), strict=True)]
    return [*rows, (sex, "all", float(counts.sum()) / fraction)]


def lines(outputs: "Outputs", replication: int) -> Iterator[str]:
    """The sorted rows of one replication, without line ends; flows have no row in the last year."""
    names = sorted((*BY_SEX_AND_AGE, *BY_AGE, *TOTALS))
    tables = {name: np.asarray(getattr(outputs, name)) for name in names}
    scales = {name: 1.0 if name in OF_WHOLE_TOWN else outputs.fraction for name in names}
    return table_lines(replication, outputs.start, 1, tables, None, scales)


def table_lines(
    replication: int,
    start: int,
    step: int,
    tables: Mapping[str, np.ndarray],
    names: Sequence[str] | None = None,
    scales: Mapping[str, float] | None = None,
) -> Iterator[str]:
    """The rows of tables by indicator whose first axis counts dates or years from the start, sorted by year."""
    for row in range(max(len(table) for table in tables.values())):
        for indicator, table in sorted(tables.items()):
            if row >= len(table):
                continue
            scale = scales[indicator] if scales else 1.0
            for sex, age, value in _block(table[row], scale, names):
                yield f"{replication},{start + step * row},{indicator},{sex},{age},{figure(value)}"


def write_lines(path: Path, rows: Iterable[str]) -> None:
    """Write rows of the long table as UTF-8 CSV with LF, whole or not at all."""
    make_folder(path.parent)
    with written(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(HEADER + "\n")
        file.writelines(f"{row}\n" for row in rows)


def write_long_table(path: Path, replications: Iterable["Outputs"]) -> None:
    """Write the outputs of replications 1, 2, ... as one long table."""
    write_lines(path, (row for number, one in enumerate(replications, start=1) for row in lines(one, number)))
