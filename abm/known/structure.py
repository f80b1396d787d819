"""What is uncertain about structure: the borrowed figures that have a range, and a town under a draw of them.

A structural parameter is a figure of `assumptions.toml` or `behaviour.toml` with low, value and high. A draw gives each
of them a value from a stream of its own, keyed by its name and the number of the draw, so that neither other parameters
nor their order, arms or packages change it.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from abm.draws import Decision, stream, uniforms
from abm.errors import InputError
from abm.known.behaviour import Behaviour
from abm.known.town import Town
from abm.reading.sources import Assumption

ASSUMPTIONS = "assumptions"  # the section of those that stand in assumptions.toml
LOW_AT, HIGH_AT = 0.05, 0.95  # what low and high are quantiles of, as for effect sizes

Figures = Mapping[str, float]  # by name, section.key


class StructuralParameter(NamedTuple):
    """A figure with the range that a reader may defend, its name in both languages, and where it comes from."""

    section: str
    key: str
    value: float
    low: float
    high: float
    en: str
    ja: str
    status: str
    source: str

    @property
    def name(self) -> str:
        """What draws and tables call it."""
        return f"{self.section}.{self.key}"


def structural_parameters(town: Town) -> tuple[StructuralParameter, ...]:
    """Every borrowed figure of a town that has a range, by name; a range without width is none."""
    found = [
        StructuralParameter(ASSUMPTIONS, key, one.value, one.low, one.high, one.meaning_en, one.meaning_ja, one.status,
                            one.why)
        for key, one in town.japan.assumptions.items()
    ]  # fmt: skip
    for section, shape in town.japan.behaviour.items():
        found += [
            StructuralParameter(section, key, shape[key], one.low, one.high, one.en, one.ja, one.status,
                                one.source or shape.why)
            for key, one in shape.ranges.items()
        ]  # fmt: skip
    return tuple(sorted((one for one in found if one.low < one.high), key=lambda one: one.name))


def draw_figures(parameters: Iterable[StructuralParameter], number: int, seed: int) -> dict[str, float]:
    """Draw `number` (0 the first) of every parameter, by name.

    Split-normal with its median at the value and 5 and 95 % at low and high, as effect sizes are drawn, but cut off
    there: beyond its bounds a rule may have no meaning. InputError for a negative number or a seed below 1.
    """
    if number < 0 or seed < 1:
        raise InputError(f"structure: draw {number} with seed {seed}; give a number from 0 and a seed from 1 on.")
    listed = list(parameters)
    keys = np.array([zlib.crc32(one.name.encode("utf-8")) for one in listed], dtype=np.uint64)
    lots = uniforms(stream(seed, Decision.STRUCTURE, number), keys)
    normals = ndtri(LOW_AT + (HIGH_AT - LOW_AT) * lots) / ndtri(HIGH_AT)
    return {one.name: _between(one, float(normal)) for one, normal in zip(listed, normals, strict=True)}


def _between(one: StructuralParameter, normal: float) -> float:
    """The value at a normal from -1 (low) over 0 (the value) to 1 (high)."""
    side = one.high - one.value if normal > 0 else one.value - one.low
    return min(max(one.value + side * normal, one.low), one.high)


def drawn(town: Town, figures: Figures) -> Town:
    """The town with some of its borrowed figures replaced, by name; without any it is the very same town.

    The cohort twin reads them from the setting, so they are replaced there as well. InputError for a name that is none.
    """
    if not figures:
        return town
    known = {one.name for one in structural_parameters(town)}
    for name in figures:
        if name not in known:
            raise InputError(f"structure: there is no figure with a range called {name}; choose from the town's own.")
    by_section: dict[str, dict[str, float]] = {}
    for name, value in figures.items():
        section, _, key = name.partition(".")
        by_section.setdefault(section, {})[key] = value
    assumed = by_section.pop(ASSUMPTIONS, {})
    assumptions = _assumptions(town.japan.assumptions, assumed)
    behaviour = _behaviour(town.japan.behaviour, by_section)
    return replace(
        town,
        japan=replace(town.japan, assumptions=assumptions, behaviour=behaviour),
        setting=replace(town.setting, assumptions=assumptions, behaviour=behaviour),
    )


def _assumptions(known: Mapping[str, Assumption], values: Figures) -> dict[str, Assumption]:
    return {key: replace(one, value=values.get(key, one.value)) for key, one in known.items()}


def _behaviour(known: Behaviour, values: Mapping[str, Figures]) -> Behaviour:
    return {name: shape.with_figures(values.get(name, {})) for name, shape in known.items()}


def as_table(parameters: Sequence[StructuralParameter], draws: int, seed: int) -> np.ndarray:
    """The values of draws 0 .. draws - 1, float64[parameters, draws]."""
    columns = [draw_figures(parameters, number, seed) for number in range(draws)]
    return np.array([[column[one.name] for column in columns] for one in parameters], dtype=np.float64)
