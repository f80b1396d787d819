"""A town folder written whole or not at all: built aside, then put in its place."""

import csv
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from abm.errors import InputError
from abm.reading.sources import read_toml
from machi.intake.credits import quoted, sources_toml
from machi.intake.gaps import Tables, bases_of, check_enough
from machi.intake.tidy import COLUMNS, MEASURES, Reading, Tidy

KEY = re.compile(r"[a-z][a-z0-9_]*")
RESERVED = ("japan",)
SCHEMA = 1
BY_HAND = ("evacuees", "published", "disturbed")  # what the files cannot give and a new folder would lose
KEPT = "scenarios"


@dataclass(frozen=True)
class Identity:
    """What town.toml says of a town: key, five-digit code, names, prefecture and its names."""

    key: str
    code: str
    name_ja: str
    name_en: str
    prefecture: str
    prefecture_ja: str
    prefecture_en: str


def check_key(key: str) -> None:
    """InputError where a name cannot be a town's folder."""
    if not KEY.fullmatch(key) or key in RESERVED:
        raise InputError(f"NAME: {key!r} is no name for a town; write small letters, digits and _, as in shinmachi.")


def check_place(folder: Path, force: bool) -> None:
    """InputError where a town stands already and may not be replaced."""
    if not folder.exists():
        return
    if not force:
        raise InputError(f"{folder} exists already; choose another NAME, or replace its tables with --force.")
    toml = read_toml(folder / "town.toml") if (folder / "town.toml").is_file() else {}
    lost = [name for name in BY_HAND if toml.get(name)]
    if lost:
        raise InputError(
            f"{folder / 'town.toml'} holds [{lost[0]}], which was written by hand and would be lost; move the folder "
            "away first."
        )


def gather(readings: Iterable[Reading]) -> dict[str, list[Tidy]]:
    """The rows of all files by table, in order, each once; InputError where two files contradict each other."""
    seen: dict[tuple[str, ...], tuple[Tidy, Path]] = {}
    for reading in readings:
        for table, rows in reading.rows.items():
            for row in rows:
                keys = [c for c in COLUMNS[table] if c not in MEASURES and not c.endswith("_ja")]
                place = (table, *(str(row[c]) for c in keys))
                first, path = seen.setdefault(place, (row, reading.path))
                measure = next(c for c in COLUMNS[table] if c in MEASURES)
                if first[measure] != row[measure]:
                    what = ", ".join(text for text in place if text)
                    differ = f"{reading.path} and {path} differ on {what} ({row[measure]} and {first[measure]})"
                    raise InputError(f"{differ}; leave one of them out.")
    tables: dict[str, list[Tidy]] = {}
    for (table, *_), (row, _path) in seen.items():
        tables.setdefault(table, []).append(row)
    for rows in tables.values():
        rows.sort(key=_order)  # stable: ages and items keep the order of their file
    return tables


def _order(row: Tidy) -> tuple[str, ...]:
    """Nationality, day or year, sex (men first)."""
    day = row.get("date") or row.get("period_from") or row["year"]
    sex = {"M": "0", "F": "1"}.get(str(row.get("sex", "")), "2")
    return (str(row.get("nationality", "")), str(day), sex if "age_from" in row else "")


def write_town(
    folder: Path,
    identity: Identity,
    tables: Tables,
    readings: Sequence[Reading],
    force: bool = False,
    proof: Callable[[Path], object] | None = None,
) -> None:
    """Write a town's folder; nothing is left behind, and an old folder stays, where anything fails.

    proof: reads the new folder before it is put in its place and raises InputError where it is not sound. An old
    folder's scenarios are kept. Raises InputError where the figures are too few or the place is taken.
    """
    check_key(identity.key)
    check_place(folder, force)
    check_enough(tables)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Not inside towns/: a half-built folder there could be taken for a town.
    with tempfile.TemporaryDirectory(prefix=".machi-town-", dir=folder.parent.parent) as aside:
        new, old = Path(aside) / identity.key, Path(aside) / "old"
        new.mkdir()
        _write(new, identity, tables, readings)
        if (folder / KEPT).is_dir():
            shutil.copytree(folder / KEPT, new / KEPT)
        if proof is not None:
            proof(new)
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except BaseException:
            if old.exists():
                old.rename(folder)
            raise


def _write(folder: Path, identity: Identity, tables: Tables, readings: Sequence[Reading]) -> None:
    """The files of a town's folder."""
    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            columns = [*COLUMNS[table], "source", "known_from"]
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows({column: row[column] for column in columns} for row in rows)
    _text(folder / "sources.toml", sources_toml(tables, readings))
    _text(folder / "town.toml", town_toml(identity, bases_of(tables)))


def _text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def town_toml(identity: Identity, bases: Sequence[str]) -> str:
    """The text of town.toml."""
    return "\n".join(
        [
            f"# {identity.name_en} ({identity.name_ja}): made by `machi town add` from downloaded files.",
            f"schema = {SCHEMA}",
            *(f"{name} = {quoted(text)}" for name, text in vars(identity).items()),
            f"bases = [{', '.join(map(quoted, bases))}]",
            "",
            "# Figures that the town itself has published go into [[published]] tables (see towns/README.md).",
            "",
        ]
    )
