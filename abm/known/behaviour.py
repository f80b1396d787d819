"""Shapes of behaviour without a table: read from `behaviour.toml`, each with its status and reason."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.known.behaviour_fields import ABOVE_ZERO, FOUNDING, SECTIONS, SHARES
from abm.reading.sources import read_toml

Array = NDArray[np.float64]
STATUSES = ("literature", "prefecture", "nation", "assumed", "calibrated")


@dataclass(frozen=True)
class Range:
    """What may be defended for one figure, its name in both languages, and where it comes from."""

    low: float
    high: float
    en: str
    ja: str
    status: str
    source: str


class Shape(Mapping[str, float]):
    """One section's numbers by name; lists are read as arrays through `array`, ranges stand in `ranges`."""

    def __init__(self, name: str, path: Path, fields: Mapping[str, object]) -> None:
        self.name, self.path = name, path
        self.status, self.why = str(fields["status"]), str(fields["why"])
        own = {key: value for key, value in fields.items() if key not in ("status", "why")}
        self._fields = {key: value["value"] if isinstance(value, dict) else value for key, value in own.items()}
        self.ranges = {key: _range(self, key, value) for key, value in own.items() if isinstance(value, dict)}

    def with_figures(self, figures: Mapping[str, float]) -> "Shape":
        """The same section with some of its figures replaced (InputError for one that it does not have)."""
        for key in figures:
            if key not in self._fields:
                raise InputError(f"{self.path}: {self.name}.{key} is no figure of this section; correct its name.")
        other = copy(self)
        other._fields = {**self._fields, **figures}
        return other

    def __getitem__(self, key: str) -> float:
        if key not in self._fields:
            raise InputError(f"{self.path}: {self.name}.{key} is missing; add it with its reason.")
        value = self._fields[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{self.path}: {self.name}.{key} must be one number; correct it.")
        return float(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def figures(self, key: str) -> list[float]:
        """A figure, or a list of them, as a list."""
        value = self._fields[key]
        return list(self.array(key)) if isinstance(value, list) else [self[key]]

    def array(self, key: str) -> Array:
        """A list of the section as float64."""
        if not isinstance(self._fields.get(key), list):
            raise InputError(f"{self.path}: {self.name}.{key} must be a list of numbers; correct it.")
        return np.array(self._fields[key], dtype=np.float64)

    def curve(self, ages: str, values: str, size: int = 101) -> Array:
        """Linear interpolation of a list over single ages 0..size - 1, constant beyond its ends.

        Raises InputError where the ages do not rise or are not as many as the values.
        """
        at, of = self.array(ages), self.array(values)
        if len(at) != len(of) or (np.diff(at) <= 0).any():
            raise InputError(f"{self.path}: {self.name}.{ages} must rise, one age for each of {values}; correct it.")
        curve: Array = np.interp(np.arange(size) + 0.5, at, of)
        return curve


Behaviour = Mapping[str, Shape]


def _refuse_other_fields(path: Path, name: str, fields: Mapping[str, object], of: Iterable[str]) -> None:
    """Raise InputError for a field of the section that is unknown or missing."""
    known = {*of, "status", "why"}
    for field in fields:
        if field not in known:
            near = get_close_matches(field, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "remove it."
            raise InputError(f"{path}: {name}.{field} is unknown; {hint}")
    for field in known:
        if field not in fields:
            raise InputError(f"{path}: {name}.{field} is missing; add it with its reason.")


def _sound(value: object) -> bool:
    """Whether a field is a number, or a list of numbers, finite and not negative."""
    if isinstance(value, dict):
        return all(_sound(value.get(key)) and not isinstance(value[key], list) for key in ("value", "low", "high"))
    numbers: list[Any] = value if isinstance(value, list) else [value]
    if not numbers or any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
        return False
    return bool(np.all(np.isfinite(numbers)) and min(numbers) >= 0)


def _range(shape: Shape, key: str, field: Mapping[str, Any]) -> Range:
    """The range of one figure; raises InputError where it is incomplete, or the value outside."""
    where = f"{shape.path}: {shape.name}.{key}"
    for name in field:
        if name not in ("value", "low", "high", "en", "ja", "status", "source"):
            raise InputError(f"{where} has the unknown field {name}; use value, low, high, en, ja, status, source.")
    for name in ("en", "ja"):
        if not isinstance(field.get(name), str) or not field[name].strip():
            raise InputError(f"{where} has a range and needs its name as {name}; add it as text.")
    low, value, high = (float(field[name]) for name in ("low", "value", "high"))
    if not low <= value <= high:
        raise InputError(f"{where} is {value:g}, outside its bounds {low:g} to {high:g}; correct one of the three.")
    status = str(field.get("status", shape.status))
    if status not in STATUSES:
        raise InputError(f"{where} has the status {status!r}; use one of {', '.join(STATUSES)}.")
    source = str(field.get("source", "")).strip()
    if status != "assumed" and not source:
        raise InputError(f"{where} is called {status} and names no source; add source, or call it assumed.")
    return Range(low, high, field["en"], field["ja"], status, source)


def read_behaviour(folder: Path) -> Behaviour:
    """The sections of `behaviour.toml` in a folder such as towns/japan: what the rules of the year read."""
    return _read_shapes(folder / "behaviour.toml", SECTIONS)


def read_founding(folder: Path) -> Behaviour:
    """The sections of `founding.toml` in a folder such as towns/japan: what only the founding reads."""
    return _read_shapes(folder / "founding.toml", FOUNDING)


def _read_shapes(path: Path, known: Mapping[str, tuple[str, ...]]) -> Behaviour:
    """The sections of a file of shapes.

    Raises InputError for a missing file or section, a status that is none, and figures that are negative, not
    finite or outside their bounds.
    """
    raw = read_toml(path)
    sections = {}
    for name, of in known.items():
        fields = raw.get(name)
        if not isinstance(fields, dict) or fields.get("status") not in STATUSES or "why" not in fields:
            raise InputError(f"{path}: section [{name}] needs status (one of {', '.join(STATUSES)}) and why; add them.")
        _refuse_other_fields(path, name, fields, of)
        for key, value in fields.items():
            if key not in ("status", "why") and not _sound(value):
                kind = "a number (or a list of numbers), finite and not negative"
                raise InputError(f"{path}: {name}.{key} must be {kind}; correct it.")
            if fields["status"] == "calibrated" and key not in ("status", "why") and not isinstance(value, dict):
                raise InputError(f"{path}: {name}.{key} is calibrated and names no source; give low, high and source.")
            value = value["value"] if isinstance(value, dict) else value
            if key in ABOVE_ZERO.get(name, ()) and value == 0:
                raise InputError(f"{path}: {name}.{key} must be above 0; correct it.")
            if key in SHARES.get(name, ()) and not (isinstance(value, int | float) and value <= 1):
                raise InputError(f"{path}: {name}.{key} must be a share from 0 to 1; correct it.")
        sections[name] = Shape(name, path, fields)
    unknown = [name for name in raw if name not in (*known, "schema")]
    if unknown:
        raise InputError(f"{path}: section [{unknown[0]}] is unknown; remove it or correct its spelling.")
    return MappingProxyType(sections)
