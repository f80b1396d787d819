"""Iwaki in its baseline scenario, founded and aligned once for all measurements."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from abm.alignment import align
from abm.founding.found import Founding, found
from abm.known.scenario import Scenario, read_scenario
from abm.known.town import Town, read_town
from abm.levels.reference import Reference
from abm.levers import LEVER_INDEX, neutral
from abm.people.outputs import Outputs
from abm.simulation import simulate

Array = NDArray[np.float64]
END = 2060


class Iwaki:
    """The town, its people at 1:1 and its reference arm; each is made when it is first asked for."""

    def __init__(self, towns: Path) -> None:
        self.towns = towns

    @cached_property
    def town(self) -> Town:
        """The town's figures."""
        return read_town(self.towns / "iwaki", self.towns / "japan")

    @cached_property
    def scenario(self) -> Scenario:
        """The do-nothing projection of the city."""
        return read_scenario(self.towns / "iwaki" / "scenarios" / "baseline.toml")

    @cached_property
    def people(self) -> Founding:
        """Everybody, one person per resident."""
        return found(self.town)

    @cached_property
    def reference(self) -> Reference:
        """The reference arm to 2060."""
        return align(self.town, self.scenario, self.scenario.start, END, self.people)

    def run(
        self, seed: int, arm: Reference | None = None, founding: Founding | None = None, **levers: float
    ) -> Outputs:
        """One run with levers held from the first year on."""
        arm = arm or self.reference
        array = neutral(len(arm.rates.years))
        for key, value in levers.items():
            array[:, LEVER_INDEX[key]] = value
        return simulate(founding or self.people, arm, array, seed)


def residents(outputs: Outputs, year: int) -> float:
    """Residents of the whole town at the stock date of a year."""
    return float(outputs.population[year - outputs.start].sum() / outputs.fraction)


def median_of(measured: Callable[[], float], times: int = 5) -> str:
    """Median, least and greatest of several measurements, as text."""
    values = sorted(measured() for _ in range(times))
    return f"{values[len(values) // 2]:.3f}  ({values[0]:.3f} to {values[-1]:.3f}, n = {times})"
