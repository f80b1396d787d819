"""A scenario: what the city does not control, read from one TOML file; `abm/forecast/futures.py` makes rates of it."""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from abm.errors import InputError
from abm.reading.forms import Record, Text, read_form

Basis = Literal["census", "register"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Year = Annotated[int, Field(ge=1980, le=2200)]
CensusYears = Annotated[tuple[int, ...], Field(strict=False)]


class FertilityTarget(Record):
    """Total fertility that is reached in a year."""

    year: Year
    tfr: Annotated[float, Field(gt=0.0, le=5.0)]


class Fertility(Record):
    """How total fertility goes on, and how much of a change comes through marriage.

    path: `national` (the official path at the town's level), `targets` (leaves the national path in the year
    `from_year` and runs linearly through `target`s, constant after the last), `recent_decline` (the change of the
    last years goes on, damped, below the national path) or `trend` (levels and damped trends of births up to the
    start).
    """

    path: Literal["national", "targets", "recent_decline", "trend"]
    marriage_share: Share
    from_year: Year | None = None
    targets: tuple[FertilityTarget, ...] = Field(default=(), alias="target", strict=False)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if (self.path == "targets") != bool(self.targets):
            raise ValueError('`target` tables belong to path = "targets", which needs one or more; correct the path')
        if self.from_year is not None and not self.targets:
            raise ValueError("`from_year` belongs to targets; remove it")
        _forward("target", ([self.from_year] if self.from_year else []) + [one.year for one in self.targets])
        return self


class Nuptiality(Record):
    """How marriages go on: at the `level` of the town's newest years, or on a damped `trend` of the prefecture's."""

    path: Literal["level", "trend"]


class Cell(Record):
    """Net-migration rates of some ages (at the start of five years) and sexes, times `scale`."""

    age_from: Annotated[int, Field(ge=0, le=85, multiple_of=5)]  # the last rate is of everybody of 85 and over
    age_to: Annotated[int, Field(ge=4, le=94)]
    scale: Annotated[float, Field(ge=-2.0, le=2.0)]
    sex: Literal["M", "F", "both"] = "both"

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if (self.age_to + 1) % 5 or self.age_to < self.age_from:
            raise ValueError("`age_to` must end a five-year group, such as 24, and not lie below `age_from`")
        return self


class Milestone(Record):
    """Net-migration rates that are reached in a year: of these census intervals, scaled, some ages more."""

    year: Year
    intervals: CensusYears | None = None
    scale: Annotated[float, Field(ge=-2.0, le=2.0)] = 1.0
    cells: tuple[Cell, ...] = Field(default=(), alias="cell", strict=False)


class Migration(Record):
    """How migration goes on: net rates of census intervals (mean over them), or the `trend` up to the start.

    Milestones are met in their year, linear in between and from the start on, constant after the last. With
    `pool`, in-moves follow the nation's people of 15-29.
    """

    rates: Literal["census", "trend"]
    pool: bool
    intervals: CensusYears = ()
    milestones: tuple[Milestone, ...] = Field(default=(), alias="milestone", strict=False)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if (self.rates == "census") != bool(self.intervals):
            raise ValueError('`intervals` (census years such as 2005) belong to rates = "census"; correct one')
        if any(one.intervals for one in self.milestones) and self.rates == "trend":
            raise ValueError('a milestone of rates = "trend" has no `intervals`; remove them')
        if any(one.cells for one in self.milestones) and self.rates == "trend":
            raise ValueError('a milestone of rates = "trend" has no `cell` tables; remove them')
        _forward("milestone", [one.year for one in self.milestones])
        return self


class Evacuees(Record):
    """Who fled to the town and is counted by the census: the share that goes home, evenly by a year."""

    return_share: Share
    return_by: Year


class Scenario(Record):
    """One future that the city does not control; it never includes policy.

    `fitted` says what was chosen because a printed figure is then met.
    """

    key: Text
    name_ja: Text
    name_en: Text
    source: Text
    fitted: str = ""
    basis: Basis
    start: Year
    end: Year
    fertility: Fertility
    nuptiality: Nuptiality
    migration: Migration
    evacuees: Evacuees | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"`end` is {self.end}, not after `start`, {self.start}; give a later end")
        for stone in self.migration.milestones:
            if stone.year < self.start:
                raise ValueError(f"milestone {stone.year} lies before `start`, {self.start}; give a later year")
        if self.evacuees is not None and self.evacuees.return_by <= self.start:
            by = self.evacuees.return_by
            raise ValueError(f"`return_by` of evacuees is {by}, not after `start`, {self.start}; give a later year")
        return self

    @property
    def is_estimated(self) -> bool:
        """Whether the past up to the start decides (a trend), so that nothing later may be known."""
        return "trend" in (self.fertility.path, self.migration.rates)

    @property
    def marriage_share(self) -> float:
        """Share of a change in fertility that comes through marriage (sigma)."""
        return self.fertility.marriage_share


def _forward(what: str, years: list[int]) -> None:
    """Refuse a path that does not run forward in time."""
    for before, after in pairwise(years):
        if after <= before:
            raise ValueError(f"`{what}` runs backwards: {after} stands after {before}; put the years in order")


def read_scenario(path: Path) -> Scenario:
    """Read and check a scenario's TOML file.

    Raises InputError naming file and field for a missing file, unknown, missing or wrongly typed fields, figures
    outside their bounds, a path that runs backwards in time and an end that is not after the start.
    """
    scenario = read_form(path, Scenario)
    if scenario.key != path.stem:
        raise InputError(f"{path}: key is `{scenario.key}`; give it the file's name, `{path.stem}`.")
    return scenario
