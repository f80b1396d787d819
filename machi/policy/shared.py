"""What belongs to no package: parameters that all packages share, and the rules by which effects combine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from abm.errors import InputError
from abm.levers import LEVER_INDEX, Kind
from abm.reading.forms import Record, Text, Words, read_form
from machi.policy.package import (
    CitationStatus,
    Effect,
    Grade,
    Measure,
    Package,
    check_order,
    check_unique,
    effect_id,
)

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class Combination(Record):
    """How effects combine: saturation on shared targets, timing, and the town that the amounts speak of."""

    saturation_cap: Annotated[float, Field(gt=1.0)]
    saturating_levers: Words
    tempo_levers: Words
    tempo_years: Annotated[int, Field(ge=0)]
    reference_population: Annotated[float, Field(gt=0.0)]

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in (*self.saturating_levers, *self.tempo_levers):
            if name not in LEVER_INDEX:
                raise ValueError(f"there is no lever `{name}`; `machi levers` lists them")
        return self


class NullSpike(Record):
    """The chance that a measure has no effect at all, by its worst grade."""

    A: Probability
    B: Probability
    C: Probability
    D: Probability

    def of(self, grade: Grade) -> float:
        """The chance for one grade."""
        return {"A": self.A, "B": self.B, "C": self.C, "D": self.D}[grade]


class Priors(Record):
    """What the draws of uncertain quantities need besides the ranges themselves."""

    measure_correlation: Probability
    measure_correlation_low: Probability
    measure_correlation_high: Probability
    equal_width_low: Annotated[float, Field(ge=0.0)]
    equal_width_high: Annotated[float, Field(ge=0.0)]
    null_spike: NullSpike

    @model_validator(mode="after")
    def _ranged(self) -> Self:
        check_order(self.measure_correlation_low, self.measure_correlation, self.measure_correlation_high)
        check_order(self.equal_width_low, self.equal_width_low, self.equal_width_high)
        return self


class SharedParameter(Record):
    """One uncertain quantity that no package owns; `bound_low` and `bound_high` clip its draws."""

    key: Text
    name_ja: Text
    name_en: Text
    kind: Kind
    unit: Text
    low: float
    central: float
    high: float
    bound_low: float
    bound_high: float
    grade: Grade
    citation: Text
    citation_status: CitationStatus
    modelled: bool
    moves: str | None = None
    reason: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        check_order(self.low, self.central, self.high)
        if not self.bound_low <= self.low <= self.high <= self.bound_high:
            raise ValueError("low and high must lie within bound_low and bound_high")
        if self.kind == "multiplier" and self.low <= 0.0:
            raise ValueError("a multiplier must be above 0")
        if self.moves is not None and self.moves not in LEVER_INDEX:
            raise ValueError(f"there is no lever `{self.moves}`; `machi levers` lists them")
        if not self.modelled and not self.reason:
            raise ValueError("a parameter that is not modelled needs a `reason`")
        return self


class Shared(Record):
    """The whole of shared.toml."""

    combination: Combination
    priors: Priors
    parameters: tuple[SharedParameter, ...] = Field(alias="parameter", min_length=1, strict=False)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        keys = [parameter.key for parameter in self.parameters]
        check_unique("parameter", keys)
        for key in ("net_movers_per_slot", "slot_attrition"):
            if key not in keys:
                raise ValueError(f"the parameter `{key}` is missing; every portfolio needs it")
        return self

    def parameter(self, key: str) -> SharedParameter:
        """The parameter of that name (KeyError where there is none; `check_shared` comes first)."""
        return {parameter.key: parameter for parameter in self.parameters}[key]


def read_shared(path: Path) -> Shared:
    """Read shared.toml (InputError names file, field and remedy)."""
    return read_form(path, Shared)


def check_shared(packages: Sequence[Package], shared: Shared) -> None:
    """Refuse packages that name an unknown shared parameter or state another range (InputError)."""
    known = {parameter.key: parameter for parameter in shared.parameters if parameter.modelled}
    for package in packages:
        for measure in package.measures:
            for effect in measure.effects:
                where = f"{package.key}.toml: {effect_id(package, measure, effect)}"
                for name in _named(measure, effect):
                    if name not in known:
                        raise InputError(f"{where}: shared.toml has no parameter `{name}`; add it or correct it.")
                if effect.modelled and effect.shared is not None:
                    parameter = known[effect.shared]
                    stated = (effect.low, effect.central, effect.high)
                    if stated != (parameter.low, parameter.central, parameter.high):
                        raise InputError(f"{where}: shared.toml states another range; make both the same.")


def _named(measure: Measure, effect: Effect) -> tuple[str, ...]:
    """The shared parameters that one row of evidence uses."""
    single = (measure.tempo_share, effect.shared, effect.spill_share)
    return (*effect.times, *(name for name in single if name is not None))
