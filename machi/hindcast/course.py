"""The course of a forecast: people by age and events since the launch, whichever method made it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.forecast.cohort import Projection
from abm.known.stocks import CLOSED, GROUP

Array = NDArray[np.float64]
GROUPS = CLOSED + 1
STARTS = np.arange(0, GROUPS * GROUP, GROUP)  # first ages of the 17 groups
SAME = 1e-6  # years


class Course(NamedTuple):
    """A forecast on its dates (T of them, T >= 2); births, deaths and net moves are counted from the launch on."""

    years: Array  # [T] after the launch, 0 first
    groups: Array  # [T, 2, 17] people by sex and 0-4 .. 75-79, 80 and over
    births: Array | None  # [T]; None where a method has no events
    deaths: Array | None
    net_moves: Array | None

    def at(self, horizon: float) -> Array:
        """People so many years after the launch, [2, 17], linear between the dates."""
        return between(self.years, self.groups, horizon)

    def events(self, horizon: float) -> dict[str, float]:
        """Births, deaths and net moves from the launch on; a method without events gives none."""
        counts = {"births": self.births, "deaths": self.deaths, "net_moves": self.net_moves}
        return {name: float(np.interp(horizon, self.years, one)) for name, one in counts.items() if one is not None}


def between(years: Array, values: Array, horizon: float) -> Array:
    """The values [T, ...] of ascending years at a time within them, linear in between."""
    if not years[0] - SAME <= horizon <= years[-1] + SAME:
        raise ValueError(f"{horizon} years lie outside {years[0]} .. {years[-1]}")
    before = int(np.clip(np.searchsorted(years, horizon + SAME, "right") - 1, 0, len(years) - 2))
    share = (horizon - years[before]) / (years[before + 1] - years[before])
    return np.asarray((1 - share) * values[before] + share * values[before + 1])


def by_group(people: Array) -> Array:
    """Single ages [..., 101] summed to the 17 groups [..., 17]."""
    return np.asarray(np.add.reduceat(people, STARTS, axis=-1))


def course_of(projection: Projection) -> Course:
    """The course of an annual projection by single age."""
    return Course(
        np.arange(len(projection.people), dtype=np.float64),
        by_group(projection.people),
        _counted(projection.births.sum(axis=1)),
        _counted(projection.deaths.sum(axis=(1, 2))),
        _counted(projection.net_moves.sum(axis=(1, 2))),
    )


def _counted(yearly: Array) -> Array:
    return np.concatenate([[0.0], np.cumsum(yearly)])
