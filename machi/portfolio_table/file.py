"""`portfolios.parquet`: what every portfolio of a town brings, and what it was made of.

One row a portfolio in the order of bit masks, as differences against no policy under the same seeds. The header stands
in the file's own metadata with a digest of all figures, since Parquet alone would hand on flipped bits silently.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from abm.errors import InputError
from machi.store import make_folder, written

MASK, SEEDS, COST = "mask", "seeds", "cost_million_yen"
PREFIX = "population_"
SUMS = ("births", "moves_net", "marriages")  # from the start to the horizon
SCHEMA = 2  # 1 held one deviation a column
HEADER = b"machi"  # the key of the header in the file's metadata
MOST_PACKAGES = 16  # by choice: 65,536 rows

Figures = NDArray[np.int32] | NDArray[np.float32]


class Header(BaseModel):
    """What the table was made of, and what belongs to all of its rows."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    schema_: Literal[2] = Field(2, alias="schema")
    town: str = Field(pattern=r"^[\w-]+$")  # it names the folder
    scenario: str
    basis: str
    run_time: str
    start: int
    end: int
    result: str  # the experiment whose result it was made of
    packages: tuple[str, ...] = Field(min_length=1, max_length=MOST_PACKAGES)  # bit k of a mask is package k
    seeds: tuple[int, ...] = Field(min_length=1)
    fraction: float
    fingerprints: dict[str, str]  # town, policies, experiment
    code: str  # the sources that decide what a run leaves
    context: str  # these with the libraries and the kind of processor
    none: dict[str, float]  # the reference arm by column: absolute, mean over the seeds
    # By column: variance of one seed's difference for each person that it adds at the horizon (spread.py); None where
    # no design tells it. `chance_seeds` says under how many seeds these were read off, 0 where there were none.
    chance: dict[str, float | None]
    chance_seeds: int = Field(0, ge=0)
    digest: str = ""


class PortfolioTable(NamedTuple):
    """The header, and by column what each portfolio adds to the reference arm: [2^packages] in order of masks."""

    header: Header
    columns: dict[str, Figures]

    @property
    def years(self) -> list[int]:
        """The years whose population the table holds, in order."""
        return sorted(int(name.removeprefix(PREFIX)) for name in self.columns if name.startswith(PREFIX))


def compact(values: NDArray[np.float64]) -> Figures:
    """Figures as int32 where all are whole, else as float32."""
    whole = np.rint(values)
    if bool((whole == values).all()) and bool((np.abs(values) < np.iinfo(np.int32).max).all()):
        return whole.astype(np.int32)
    return values.astype(np.float32)


def write(path: Path, table: PortfolioTable) -> None:
    """Write the table; the same figures give the same bytes under the same pyarrow (InputError where it cannot be)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = 1 << len(table.header.packages)
    sealed = table.header.model_copy(update={"digest": digest(table)})
    masks = np.arange(count, dtype=np.int32)
    seeds = np.full(count, len(sealed.seeds), dtype=np.int32)
    content = pa.table({MASK: masks, **table.columns, SEEDS: seeds})
    text = json.dumps(sealed.model_dump(by_alias=True), ensure_ascii=False)
    make_folder(path.parent)
    with written(path) as part:
        pq.write_table(content.replace_schema_metadata({HEADER: text.encode()}), part, compression="zstd")


def read(path: Path) -> PortfolioTable:
    """The table of a file, every figure verified (InputError naming the file and what to do)."""
    import pyarrow.parquet as pq

    remedy = "remove it, or write it again with `machi portfolios RESULT --write`"
    try:
        content = pq.ParquetFile(path).read()
        text = (content.schema.metadata or {})[HEADER]
        schema = json.loads(text)["schema"]
        columns = {name: content[name].to_numpy() for name in content.column_names}
        header = Header.model_validate_json(text) if schema == SCHEMA else None
    except Exception as error:  # pyarrow raises many kinds for one fact: the file is damaged
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: it is no whole table of portfolios ({reason}); {remedy}.") from error
    if header is None:
        raise InputError(f"{path}: it has the form (schema) {schema}, this version of Machi reads {SCHEMA}; {remedy}.")
    masks = columns.pop(MASK, np.empty(0))
    columns.pop(SEEDS, None)
    table = PortfolioTable(header, columns)
    complete = np.array_equal(masks, np.arange(1 << len(header.packages)))
    if not complete or digest(table) != header.digest:
        raise InputError(f"{path}: it has changed since it was written; {remedy}.")
    return table


def digest(table: PortfolioTable) -> str:
    """The sha256 of the header and of every figure, in hex."""
    found = hashlib.sha256()
    header: Mapping[str, Any] = table.header.model_dump(by_alias=True, exclude={"digest"})
    found.update(json.dumps(header, sort_keys=True, ensure_ascii=False).encode())
    for name, values in table.columns.items():
        found.update(f"\n{name} {values.dtype.str} ".encode())
        found.update(np.ascontiguousarray(values).tobytes())
    return found.hexdigest()
