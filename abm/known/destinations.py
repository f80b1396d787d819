"""How moves across a prefecture's border divide among destinations: named assumptions, each with its range."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.errors import InputError
from abm.reading.sources import read_toml, toml_number

BEYOND = ("centre", "tokyo_area", "elsewhere")  # destinations beyond the prefecture's border
_ANY = "00"  # stands in for prefectures without an entry
_TEXTS = ("centre_ja", "centre_en", "why_ja", "why_en")
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Share:
    """A share of the moves across the border with the range that can be defended."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Destinations:
    """What lies beyond a prefecture's border: the regional centre's names, the shares (they sum to 1), and why."""

    centre_ja: str
    centre_en: str
    why_ja: str
    why_en: str
    shares: Mapping[str, Share]


def read_destinations(folder: Path, prefecture: str) -> Destinations:
    """The destinations of a prefecture (two-digit code) from destinations.toml in a folder such as towns/japan.

    Raises InputError, one sentence, where a field is missing, a share lies outside its range or 0 to 1, or the shares
    do not sum to one.
    """
    path = folder / "destinations.toml"
    entries = read_toml(path)
    code = prefecture if prefecture in entries else _ANY
    entry = entries.get(code)
    if not isinstance(entry, dict):
        raise InputError(f"{path}: there is neither [{prefecture}] nor [{_ANY}]; add one of them.")
    for name in _TEXTS:
        if not isinstance(entry.get(name), str) or not entry[name]:
            raise InputError(f"{path}, [{code}]: the field {name} is missing or not text; write it in quotes.")
    shares = {name: _share(path, code, name, entry.get(name)) for name in BEYOND}
    total = math.fsum(share.value for share in shares.values())
    if abs(total - 1.0) > _ROUNDING:
        raise InputError(f"{path}, [{code}]: the shares sum to {total:.4g}, not to one; correct their values.")
    return Destinations(**{name: entry[name] for name in _TEXTS}, shares=shares)


def _share(path: Path, code: str, name: str, table: Any) -> Share:
    """One share with its range."""
    where = f"[{code}.{name}]"
    given = table if isinstance(table, dict) else {}
    share = Share(*(toml_number(path, where, given, field) for field in ("value", "low", "high")))
    if not 0.0 <= share.low <= share.value <= share.high <= 1.0:
        raise InputError(f"{path}, {where}: 0 <= low <= value <= high <= 1 does not hold; correct the three.")
    return share
