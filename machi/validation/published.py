"""The figures that a city has printed beside our projections of the same scenarios, and what hangs on choices."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from machi.places import Places
from machi.runs.projection import project_annually, read_future

if TYPE_CHECKING:
    from abm.forecast.future import Future
    from abm.known.published import PublishedFigure
    from abm.known.scenario import Scenario

Floats = NDArray[np.float64]
RETURN_SHARES = (0.3, 0.4, 0.5)  # the range within which a share of returning evacuees meets Iwaki's print (assumption)
SHIFTS = (-5, 5)  # years by which the end of a recovery is moved to show what hangs on it (assumption)
TOLERANCE = 0.02
PERSONS = "persons"
UPPER_BOUND = "baseline_below"  # "falls below": an upper bound, not a point
RATIO = "working_age_per_75_and_over"


class Comparison(NamedTuple):
    """One printed figure and ours: both forms, and the lowest and highest annual one over what could be chosen."""

    town: str
    name_ja: str
    name_en: str
    label_ja: str
    scenario: str
    year: int
    printed: float
    five_year: float
    annual: float
    low: float
    high: float
    met: bool
    is_upper_bound: bool
    fitted: str


def comparisons(places: Places, town: str) -> list[Comparison]:
    """Every printed figure of a town that one of its scenarios projects, in the order of its town.toml."""
    return [row for figure, scenario in figures(places, town) for row in _compared(places, town, figure, scenario)]


def figures(places: Places, town: str) -> Iterator[tuple["PublishedFigure", str]]:
    """The printed figures that a scenario of the same name speaks of, with the scenario's name.

    Raises InputError where such a figure is not of persons.
    """
    from abm.known.published import read_published

    known = places.scenarios(town)
    for figure in read_published(places.town_dir(town)):
        if figure.indicator in {*known, UPPER_BOUND} and figure.unit != PERSONS:
            wrong = f"{places.town_dir(town) / 'town.toml'}: the unit of {figure.indicator} {figure.year}"
            raise InputError(f"{wrong} is {figure.unit!r}; write {PERSONS}.")
        if figure.indicator in known:
            yield figure, figure.indicator
        elif figure.indicator == UPPER_BOUND or figure.indicator.startswith(RATIO):
            yield figure, "baseline"


def _compared(places: Places, town: str, figure: "PublishedFigure", scenario: str) -> Iterator[Comparison]:
    future = read_future(places, town, scenario, "census", None, None)
    if not future.start <= figure.year <= future.end:
        return
    annual = _annual(future, figure)
    ranges = [annual, *(_annual(future._replace(scenario=one), figure) for one in variants(future.scenario))]
    five = _five_year(future, figure)
    area = future.setting.area
    yield Comparison(
        town, area.name_ja, area.name_en, figure.label_ja, scenario, figure.year, figure.value, five, annual,
        min(ranges), max(ranges), _met(figure, five, annual), figure.indicator == UPPER_BOUND,
        future.scenario.fitted,
    )  # fmt: skip


def _met(figure: "PublishedFigure", five: float, annual: float) -> bool:
    """Whether the five-year form, which the cities use, meets the figure (within 2 %, an upper bound, one decimal)."""
    if figure.indicator == UPPER_BOUND:
        return max(five, annual) < figure.value
    if figure.indicator.startswith(RATIO):
        return abs(five - figure.value) <= 0.1  # printed truncated to one decimal
    return abs(five / figure.value - 1) <= TOLERANCE


def _annual(future: "Future", figure: "PublishedFigure") -> float:
    people = project_annually(future).people[figure.year - future.start]
    if figure.indicator.startswith(RATIO):
        return float(people[:, 15:65].sum() / people[:, 75:].sum())
    return float(people.sum())


def _five_year(future: "Future", figure: "PublishedFigure") -> float:
    from abm.forecast.worksheet import STEP, project_by_fives

    beyond = -(future.end - future.start) % STEP  # the last step of the form must reach the figure's year
    sheet = project_by_fives(future._replace(end=future.end + beyond))
    if figure.indicator.startswith(RATIO):
        working, old = sheet.people[:, :, 3:13].sum(axis=(1, 2)), sheet.people[:, :, 15:].sum(axis=(1, 2))
        return float(np.interp(figure.year, sheet.years, working / old))
    return float(np.interp(figure.year, sheet.years, sheet.people.sum(axis=(1, 2))))


def variants(scenario: "Scenario") -> list["Scenario"]:
    """The scenario with other choices: shares of evacuees who go home, and ends of the recovery of migration.

    Sigma, the share of a change in fertility that comes through marriage, is not among them: births meet the same
    path with any, so that no total depends on it.
    """
    found = []
    if scenario.evacuees is not None:
        for share in RETURN_SHARES:
            evacuees = scenario.evacuees.model_copy(update={"return_share": share})
            found.append(scenario.model_copy(update={"evacuees": evacuees}))
    stones = scenario.migration.milestones
    for shift in SHIFTS if stones else ():
        moved = stones[-1].model_copy(update={"year": stones[-1].year + shift})
        before = [one for one in stones[:-1] if one.year < moved.year]
        if moved.year > scenario.start:
            migration = scenario.migration.model_copy(update={"milestones": (*before, moved)})
            found.append(scenario.model_copy(update={"migration": migration}))
    return found
