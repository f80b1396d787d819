"""Figures that a city has printed: they are compared with, never fed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from abm.errors import InputError
from abm.reading.sources import Source, day, read_sources, read_toml, toml_number


@dataclass(frozen=True)
class PublishedFigure:
    """A figure that the city has printed; it is compared with, never fed in."""

    indicator: str
    year: int
    value: float
    unit: str
    source: str
    label_ja: str = ""


def read_published(town_dir: Path, known_by: date | None = None) -> tuple[PublishedFigure, ...]:
    """The published figures of a town.toml that were known by a day, in its order.

    Raises InputError naming file, entry and field for a figure without source, date, unit or number.
    """
    path = town_dir / "town.toml"
    sources = read_sources(town_dir)
    published = []
    for k, entry in enumerate(read_toml(path).get("published", []), start=1):
        where = f"[[published]] number {k}"
        if not _known(path, where, entry, sources, known_by):
            continue
        for name in ("indicator", "unit"):
            if not isinstance(entry.get(name), str):
                raise InputError(f"{path}, {where}: the field {name} is not text; write it in quotes.")
        published.append(
            PublishedFigure(
                indicator=entry["indicator"],
                year=int(toml_number(path, where, entry, "year")),
                value=toml_number(path, where, entry, "value"),
                unit=entry["unit"],
                source=entry["source"],
                label_ja=str(entry.get("label_ja", "")),
            )
        )
    return tuple(published)


def _known(path: Path, where: str, entry: object, sources: Mapping[str, Source], known_by: date | None) -> bool:
    """Whether an entry was known by the day; its source must be described."""
    if not isinstance(entry, dict):
        raise InputError(f"{path}, {where}: write it as a table with source and known_from.")
    if entry.get("source") not in sources:
        unknown = f"{path}, {where}: source {entry.get('source')!r} is not in sources.toml"
        raise InputError(f"{unknown}; describe it there.")
    return day(path, where, entry.get("known_from", "")) <= (known_by or date.max)
