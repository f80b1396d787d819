"""How strongly births and moves bear on a town's future (影響度): ratios of the handbook's simulations, graded."""

from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from abm.errors import InputError
from abm.reading.forms import Record, Text, read_form
from machi.places import Places
from machi.runs.projection import read_future

Limits = Annotated[tuple[float, ...], Field(strict=False, min_length=4, max_length=4)]


class Grades(Record):
    """The year of the ratios and the four limits between five grades, in percent."""

    schema_: Literal[1] = Field(alias="schema")
    year: int
    natural: Limits
    social: Limits
    status: Text

    @model_validator(mode="after")
    def _rising(self) -> Self:
        for name in ("natural", "social"):
            limits = getattr(self, name)
            if list(limits) != sorted(set(limits)):
                raise ValueError(f"`{name}` must rise from limit to limit; correct it")
        return self


class Influence(NamedTuple):
    """A town's two ratios in percent and their grades from 1 (weak) to 5 (strong)."""

    town: str
    name_ja: str
    name_en: str
    year: int
    natural: float
    natural_grade: int
    social: float
    social_grade: int
    status: str


def influence(places: Places, town: str) -> Influence:
    """Simulation 1 over Pattern 1 (natural) and Simulation 2 over Simulation 1 (social) in the five-year form."""
    path: Path = places.japan_dir() / "influence.toml"
    grades = read_form(path, Grades)
    people = [_residents(places, town, name, grades.year, path) for name in ("pattern1", "simulation1", "simulation2")]
    natural, social = 100 * people[1] / people[0], 100 * people[2] / people[1]
    area = read_future(places, town, "pattern1", "census", None, None).setting.area
    return Influence(
        town, area.name_ja, area.name_en, grades.year,
        natural, graded(natural, grades.natural), social, graded(social, grades.social), grades.status,
    )  # fmt: skip


def graded(ratio: float, limits: tuple[float, ...]) -> int:
    """The grade of a ratio: 1 below the first limit, one more at or above each."""
    return 1 + sum(ratio >= limit for limit in limits)


def _residents(places: Places, town: str, scenario: str, year: int, path: Path) -> float:
    from abm.forecast.worksheet import project_by_fives

    future = read_future(places, town, scenario, "census", None, None)
    if not future.start < year:
        raise InputError(f"{path}: year is {year}, not after the census of {future.start}; give a later year.")
    sheet = project_by_fives(future._replace(end=max(year + 4, future.end)))
    return float(np.interp(year, sheet.years, sheet.people.sum(axis=(1, 2))))
