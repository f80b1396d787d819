"""`policies/TOWN/kpi.csv`: the indicators that a city's strategy prints, with base, target, source and place."""

import csv
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from abm.errors import InputError
from machi.kpi.measures import LONGEST, MEASURES
from machi.places import Places, suggestion

LAST_OBSERVED = 2019  # what is printed as observed later is not used: those years are kept for judging forecasts


class Target(BaseModel):
    """One printed indicator: figures in its own unit, None where none is printed.

    `base` and `target` speak of the years first .. last (the same year twice for a single one); without a target its
    years say when the indicator is looked at. `measured_by` names what the simulation has of it, empty where it has
    nothing, and then the note says why.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    key: str = Field(pattern=r"^[A-Za-z0-9_]+$")
    package: str  # empty where the target is the whole strategy's
    name_ja: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    unit_ja: str
    unit_en: str
    base: float | None = Field(allow_inf_nan=False)
    base_first: int | None
    base_last: int | None
    target: float | None = Field(allow_inf_nan=False)
    target_first: int | None
    target_last: int | None
    aim: Literal["least", "most", ""]
    measured_by: str
    note_ja: str
    note_en: str
    source: str = Field(min_length=1)  # a key of the town's sources.toml
    place: str = Field(min_length=1)  # where in the document: its headings (the overviews print no page numbers)

    @model_validator(mode="after")
    def _hangs_together(self) -> "Target":
        for name in ("base", "target"):
            value, first, last = (getattr(self, f"{name}{part}") for part in ("", "_first", "_last"))
            if (first is None) != (last is None) or (value is not None and first is None):
                raise ValueError(f"{name}: give the figure with its first and its last year")
            if first is not None and first > last:
                raise ValueError(f"{name}_first: {first} is after {last}")
        if self.base_last is not None and self.base_last > LAST_OBSERVED:
            raise ValueError(f"base_last: observed figures end in {LAST_OBSERVED}")
        if self.measured_by:
            self._can_be_measured()
        elif not self.note_ja or not self.note_en:
            raise ValueError("note_ja, note_en: say why nothing in the simulation measures it")
        return self

    def _can_be_measured(self) -> None:
        if self.measured_by not in MEASURES:
            raise ValueError(f"measured_by: there is no `{self.measured_by}`; {suggestion(self.measured_by, MEASURES)}")
        if self.target is not None and not self.aim:
            raise ValueError("aim: say whether the target is the `least` or the `most`")
        interval = MEASURES[self.measured_by].kind == "interval"
        for part in ("base", "target") if interval else ():
            first, last = getattr(self, f"{part}_first"), getattr(self, f"{part}_last")
            if first is not None and not 0 < last - first <= LONGEST:
                raise ValueError(f"{part}_first: this indicator is a change over 1 to {LONGEST} years; give both years")


class Targets(NamedTuple):
    """The file, and its rows in its order."""

    path: Path
    rows: tuple[Target, ...]


def read_targets(places: Places, town: str) -> Targets:
    """The printed indicators of a town (InputError where it has no file, or a row cannot be used)."""
    path = places.kpi_path(town)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: the file cannot be read ({error}); save it as CSV in UTF-8.") from error
    rows = [_row(path, number, line) for number, line in enumerate(lines, start=2)]
    keys = [row.key for row in rows]
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(f"{path}: key: `{key}` stands there twice; name each indicator once.")
    return Targets(path, tuple(rows))


def _row(path: Path, number: int, line: dict[str | None, str | None]) -> Target:
    """One line of the file; empty cells of figures and years are None."""
    figures = ("base", "base_first", "base_last", "target", "target_first", "target_last")
    filled = {
        str(name): None if name in figures and not (value or "").strip() else value for name, value in line.items()
    }
    try:
        return Target.model_validate(filled)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{path}: row {number}: {where}{': ' if where else ''}{problem}; mend the cell.") from error
