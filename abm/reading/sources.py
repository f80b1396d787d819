"""Where figures come from: sources, named assumptions and the day on which something became known."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from abm.errors import InputError

# Every named assumption that a rule reads: one that is misspelt, or that nothing reads, is noticed.
ASSUMPTIONS = (
    "nonregular_share_men_20_39",
    "nonregular_marriage_odds",
    "nonregular_divorce_odds",
    "uturn_lifetime",
    "uturn_lifetime_heavy_loss",
    "uturn_heavy_loss_from",
    "non_native_share",
    "births_outside_union",
    "partner_age_gap_mean",
    "sex_ratio_at_birth",
    "search_success",
    "leaving_18_to_22",
    "remote_birth_multiplier",
    "builders_per_surplus_man",
)


@dataclass(frozen=True)
class Source:
    """Where a figure comes from: statistic, table, year, publisher, the credit line and the terms of use."""

    key: str
    statistic: str
    statistic_ja: str
    table: str
    year: str
    publisher: str
    credit: str
    terms: str
    retrieved_from: str


@dataclass(frozen=True)
class Assumption:
    """A named quantity that no table gives: who reads it, its value, the range that can be defended, and why."""

    key: str
    rule: str
    status: str
    value: float
    low: float
    high: float
    unit: str
    meaning_en: str
    meaning_ja: str
    why: str


def read_toml(path: Path) -> dict[str, Any]:
    """The TOML file as a dict; raises InputError where it is missing or not TOML."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise InputError(f"{path} cannot be read; put the file there (see towns/README.md).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}; correct the line it names.") from error


def day(path: Path, where: str, text: object) -> date:
    """The ISO date in the field known_from; raises InputError naming file and place."""
    try:
        return text if isinstance(text, date) else date.fromisoformat(str(text))
    except ValueError as error:
        raise InputError(
            f"{path}, {where}: known_from is {str(text)!r}; write the day it became known, YYYY-MM-DD."
        ) from error


def read_sources(folder: Path) -> dict[str, Source]:
    """The sources of a folder by key, from its sources.toml."""
    path = folder / "sources.toml"
    names = [f.name for f in fields(Source) if f.name != "key"]
    sources = {}
    for key, entry in read_toml(path).items():
        for name in names:
            if not isinstance(entry, dict) or not isinstance(entry.get(name), str) or not entry[name].strip():
                raise InputError(f"{path}, [{key}]: the field {name} is missing or empty; write it as text.")
        sources[key] = Source(key=key, **{name: entry[name] for name in names})
    return sources


def read_assumptions(folder: Path) -> dict[str, Assumption]:
    """The named assumptions of a folder, from its assumptions.toml; low <= value <= high holds.

    Raises InputError for one that no rule reads.
    """
    path = folder / "assumptions.toml"
    assumptions = {}
    for key, entry in read_toml(path).items():
        if key not in ASSUMPTIONS:
            near = get_close_matches(key, ASSUMPTIONS, n=1)
            hint = f"did you mean {near[0]}?" if near else "remove it."
            raise InputError(f"{path}, [{key}]: no rule reads this assumption; {hint}")
        table = entry if isinstance(entry, dict) else {}
        for name in ("rule", "status", "unit", "meaning_en", "meaning_ja", "why"):
            if not isinstance(table.get(name), str):
                raise InputError(f"{path}, [{key}]: the field {name} is missing; write it as text.")
        assumption = Assumption(
            key=key,
            rule=table["rule"],
            status=table["status"],
            value=toml_number(path, f"[{key}]", table, "value"),
            low=toml_number(path, f"[{key}]", table, "low"),
            high=toml_number(path, f"[{key}]", table, "high"),
            unit=table["unit"],
            meaning_en=table["meaning_en"],
            meaning_ja=table["meaning_ja"],
            why=table["why"],
        )
        if not assumption.low <= assumption.value <= assumption.high:
            raise InputError(f"{path}, [{key}]: value lies outside low to high; correct one of the three.")
        assumptions[key] = assumption
    return assumptions


def toml_number(path: Path, where: str, table: Mapping[str, Any], name: str) -> float:
    """The finite number in a field of a TOML table."""
    value = table.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(f"{path}, {where}: the field {name} is not a finite number; write a number.")
    return float(value)
