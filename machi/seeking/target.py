"""A target as it is written on the command line: an indicator, the value that it shall have, and the year."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from machi.places import suggestion

if TYPE_CHECKING:
    from abm.people.outputs import Outputs

Floats = NDArray[np.float64]
Ages = tuple[int, int]  # first and last

ALL_AGES: Ages = (0, 100)
PERCENT = 100.0


class Indicator(NamedTuple):
    """What a target may speak of: residents of some ages, their share of all, or births a year.

    `wanted` is 1 where the target is the least that is asked for, -1 where it is the most.
    """

    key: str
    ja: str
    en: str
    ages: Ages = ALL_AGES
    is_share: bool = False
    is_flow: bool = False
    wanted: int = 1


INDICATORS: Mapping[str, Indicator] = {
    one.key: one
    for one in (
        Indicator("population", "人口", "residents"),
        Indicator("births", "年間出生数", "births a year", is_flow=True),
        Indicator("children", "年少人口（0〜14歳）", "residents aged 0-14", (0, 14)),
        Indicator("working_age", "生産年齢人口（15〜64歳）", "residents aged 15-64", (15, 64)),
        Indicator("aged_share", "高齢化率（65歳以上、％、上限）", "share of 65 and over (%, at most)", (65, 100), True,
                  wanted=-1),
    )
}  # fmt: skip


class Target(NamedTuple):
    """An indicator, its value on the scale of the whole town, and the year of its stock date (births: from it on)."""

    indicator: Indicator
    value: float
    year: int

    @property
    def end(self) -> int:
        """The last stock that must be simulated."""
        return self.year + int(self.indicator.is_flow)

    @property
    def aim(self) -> float:
        """The target as the least that is asked for of readings."""
        return self.value * self.indicator.wanted

    def read(self, outputs: "Outputs") -> float:
        """The indicator of a run in the target's year."""
        one, row = self.indicator, self.year - outputs.start
        if one.is_flow:
            return float(outputs.births[row].sum()) / outputs.fraction
        by_age = np.asarray(outputs.population[row], dtype=np.float64).sum(axis=0)
        people = float(by_age[one.ages[0] : one.ages[1] + 1].sum())
        return people / float(by_age.sum()) * PERCENT if one.is_share else people / outputs.fraction


def read_target(text: str) -> Target:
    """`population=220000@2060` as a target (InputError for what is none)."""
    name, equals, rest = text.partition("=")
    number, at, year = rest.partition("@")
    try:
        value, when = float(number), int(year)
    except ValueError:
        value, when = float("nan"), 0
    if not (name and equals and at) or not np.isfinite(value):
        raise InputError(f"--target: `{text}` is no INDICATOR=VALUE@YEAR; write it like population=220000@2060.")
    if name not in INDICATORS:
        raise InputError(f"--target: there is no indicator `{name}`; {suggestion(name, INDICATORS)}")
    indicator = INDICATORS[name]
    if value <= 0.0 or (indicator.is_share and value > PERCENT):
        raise InputError(f"--target: {name} cannot be {number}; give a number above 0{_most(indicator)}.")
    return Target(indicator, value, when)


def _most(indicator: Indicator) -> str:
    return f", up to {PERCENT:g}" if indicator.is_share else ""


def check_year(target: Target, start: int, end: int) -> None:
    """Refuse a year that a run from `start` to `end` does not tell of (InputError)."""
    last = end - int(target.indicator.is_flow)
    if not start < target.year <= last:
        raise InputError(
            f"--target: {target.year} is not simulated for {target.indicator.key}; give a year from {start + 1} "
            f"to {last}."
        )
