"""One origin judged: every method's forecast beside what came."""

from typing import NamedTuple

import numpy as np

from abm.known.area import Area
from abm.known.scenario import Scenario
from abm.known.stocks import to_80

from .course import Array, Course
from .flows import actual_events
from .forecasts import Fan, trend
from .origins import HORIZONS, NEAR, Origin
from .rivals import constant_course, hamilton_perry_course
from .scores import inside, interval_score, relative_width, total_error, wape

TREND, HAMILTON_PERRY, CONSTANT, AGENTS = "trend", "hamilton_perry", "constant", "agents"
METHODS = (TREND, HAMILTON_PERRY, CONSTANT, AGENTS)
PLAIN = (HAMILTON_PERRY, CONSTANT)


class Row(NamedTuple):
    """One figure of the long table; errors are shares, signed (forecast over actual, minus 1)."""

    area: str
    basis: str
    launch: int
    end: int
    years: float
    method: str
    measure: str
    value: float


class Cells(NamedTuple):
    """Forecast and actual people of one end by sex and group, [2, 17]; intervals [2, 2, 17] of the trend only."""

    area: str
    basis: str
    launch: int
    end: int
    method: str
    forecast: Array
    actual: Array
    interval: Array | None


class Fanned(NamedTuple):
    """The trend's totals by year after a launch, with the ends of their intervals [2, Y + 1]."""

    area: str
    basis: str
    launch_day: float
    years: Array
    totals: Array
    interval: Array


class Judged(NamedTuple):
    """All that one origin gives; reasons say which method could not be made."""

    rows: tuple[Row, ...]
    cells: tuple[Cells, ...]
    fan: Fanned
    reasons: tuple[str, ...] = ()


class Task(NamedTuple):
    """What judging one origin takes."""

    origin: Origin
    scenario: Scenario
    draws: int
    seed: int


def judge(task: Task, area: Area, extra: dict[str, Course] | None = None) -> Judged:
    """Forecast from one origin with what was known then and compare with the stocks of `area`, known today.

    extra: courses of further methods. Raises InputError where the past before the launch is too short.
    """
    origin = task.origin
    setting = origin.subject.read(origin.launch.known_from)
    course, fan = trend(origin, setting, task.scenario, task.draws, task.seed)
    courses = {
        TREND: course,
        HAMILTON_PERRY: hamilton_perry_course(origin, setting),
        CONSTANT: constant_course(origin, setting),
        **(extra or {}),
    }
    rows: list[Row] = []
    cells: list[Cells] = []
    for place, end in enumerate(origin.ends):
        actual, horizon = to_80(end.people), origin.horizon(end)
        change = float(end.people.sum() - origin.launch.people.sum())
        events = actual_events(area, origin, end.day, change)
        key = (origin.subject.key, origin.basis, origin.year, int(end.day))
        for method, one in courses.items():
            forecast = one.at(horizon)
            found = errors(forecast, actual) | event_errors(one.events(horizon), events, origin)
            if method == TREND:
                found |= honesty(fan, place, actual)
            rows += [Row(*key, round(horizon, 4), method, measure, value) for measure, value in found.items()]
            cells.append(Cells(*key, method, forecast, actual, fan.cells[:, place] if method == TREND else None))
    shown = int(np.ceil(max(*HORIZONS, *(origin.horizon(end) - NEAR for end in origin.ends)))) + 1
    totals = course.groups.sum(axis=(1, 2))[:shown]
    fan_of_totals = fan.totals[:, :shown]
    fanned = Fanned(origin.subject.key, origin.basis, origin.launch.day, course.years[:shown], totals, fan_of_totals)
    return Judged(tuple(rows), tuple(cells), fanned)


def errors(forecast: Array, actual: Array) -> dict[str, float]:
    """Errors of people by sex and group [2, 17]."""
    return {
        "total_error": total_error(forecast, actual),
        "wape": wape(forecast, actual),
        "ages_0_4_error": total_error(forecast[:, 0], actual[:, 0]),
    }


def event_errors(forecast: dict[str, float], actual: dict[str, float], origin: Origin) -> dict[str, float]:
    """Errors of births and deaths over the actual number, of net moves over the residents of the launch."""
    residents = float(origin.launch.people.sum())
    scale = {name: residents if name == "net_moves" else count for name, count in actual.items()}
    return {
        f"{name}_error": (forecast[name] - count) / scale[name]
        for name, count in actual.items()
        if name in forecast and scale[name] > 0
    }


def honesty(fan: Fan, place: int, actual: Array) -> dict[str, float]:
    """What the intervals of one end are worth."""
    (low, high), total = fan.cells[:, place], np.array([actual.sum()])
    total_low, total_high = fan.at_ends[0, place : place + 1], fan.at_ends[1, place : place + 1]
    return {
        "interval_score_total": interval_score(total_low, total_high, total),
        "interval_score_cells": interval_score(low, high, actual),
        "inside_total": float(inside(total_low, total_high, total)[0]),
        "inside_cells": float(inside(low, high, actual).mean()),
        "width_total": relative_width(total_low, total_high, total),
        "width_cells": relative_width(low, high, actual),
    }
