"""What one row of evidence adds to a portfolio whatever its strength, and how it comes, stands and goes by year."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from machi.policy.package import Effect

Floats = NDArray[np.float64]
Years = NDArray[np.int64]


class Dose(NamedTuple):
    """What a row's strength is multiplied by: dose, coverage and the target's share of the lever's population."""

    package: str
    scale: float
    coverage: float
    target_share: float

    def at(self, strengths: Mapping[str, float]) -> float:
        """At the strengths of the active packages."""
        return strengths[self.package] * self.scale * self.coverage * self.target_share


class Factor(NamedTuple):
    """A multiplier: its logarithm, when it stands, and which births it makes more of, a part moved forward."""

    dose: Dose
    column: int
    log: float
    standing: Floats
    births: slice | None
    course: Floats
    timing: float


class Amount(NamedTuple):
    """Persons, households or slots a year, or percentage points; `spill` are another lever and its share of them."""

    dose: Dose
    column: int
    value: float
    scale: float
    times: float
    course: Floats
    spill: tuple[int, float] | None


class Retention(NamedTuple):
    """A probability of staying that a package moves."""

    package: str
    column: int
    value: float
    course: Floats


def course(effect: Effect, first_year: int, last_year: int | None, years: Years) -> Floats:
    """How much of a row's full effect stands in each year, in [0, 1].

    Nothing for `lag_years`, then linear to full over `ramp_years`. What was paid for in the last year still
    comes after its lag; then the effect fades linearly over `fade_years`. `last_year` None: it does not end.
    """
    begins = first_year + effect.lag_years
    level = np.clip((years - begins + 1) / effect.ramp_years, 0.0, 1.0)
    if last_year is None:
        return level
    stops = last_year + effect.lag_years
    reached = min((stops - begins + 1) / effect.ramp_years, 1.0)
    left = np.clip(1.0 - (years - stops) / max(effect.fade_years, 1), 0.0, 1.0) if effect.fade_years else 0.0
    return np.where(years <= stops, level, reached * left)


def advance(effect: Effect, first_year: int, last_year: int | None, years: Years, tempo_years: int) -> Floats:
    """The timing part of a row in each year, in [-1, 1]: events brought forward, and missing afterwards.

    It stands until `tempo_years` after full effect (the mean age stays lower, so no dip follows while the
    measure goes on); when the measure stops, the same years come back with the opposite sign.
    """
    begins = first_year + effect.lag_years
    expires = begins + effect.ramp_years - 1 + tempo_years
    forward = np.where(years < expires, course(effect, first_year, None, years), 0.0)
    if last_year is None:
        return forward
    stops = min(last_year + effect.lag_years, expires - 1)
    forward = np.where(years <= stops, forward, 0.0)
    since = years - (last_year + effect.lag_years) - 1
    mirrored = np.clip((since + 1) / effect.ramp_years, 0.0, 1.0)
    return forward - np.where((since >= 0) & (since <= stops - begins), mirrored, 0.0)
