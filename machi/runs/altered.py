"""Towns other than the one of the tables: under a draw of structure, or without market, network and vacancies.

Each is founded and aligned anew, on the people that its runs simulate, in the worker that carries them out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.known.structure import StructuralParameter, draw_figures, drawn, structural_parameters
from abm.levers import LEVER_INDEX, LEVERS
from machi.places import Places
from machi.questions.design import AGENTS, CENTRAL, NO_MARKET, STRUCTURE, Run
from machi.runs.groundwork import FOUNDING_SEED, Ground, read_ground

if TYPE_CHECKING:
    from abm.founding.found import Founding
    from abm.levels.reference import Reference

Floats = NDArray[np.float64]
Figures = Mapping[str, float]
Alteration = tuple[str, int]  # design, draw
BOUNDLESS = 1e6
DRAWN_WITH_EFFECTS = ("pull.elasticity",)  # the shared net movers per slot are the same doubt in other words

# One group of acquaintances in which everybody accepts everybody, so that marriages are hazards with random mates; and
# neither work nor moves answer to vacancies.
WITHOUT_MARKET: Figures = {
    "marriage.group_size": BOUNDLESS,
    "marriage.gap_sd": BOUNDLESS,
    "marriage.acceptance": 1.0,
    "marriage.homogamy": 1.0,
    "work.matching": 0.0,
    "pull.elasticity": 0.0,
}


class AlteredTown(NamedTuple):
    """What runs in an altered town start from."""

    founding: "Founding"
    reference: "Reference"


@dataclass(frozen=True)
class Alterations:
    """Where the town is read, and which of its figures each draw of a design replaces."""

    places: Places
    town: Path
    scenario: Path
    basis: str
    start: int
    end: int
    figures: Mapping[Alteration, Figures]
    data: str  # the fingerprint of the town's tables, the nation's and the scenario

    def read(self) -> Ground:
        """The unaltered ground."""
        return read_ground(self.places, str(self.town), str(self.scenario), self.basis, self.start, self.end)


class Builder:
    """Founds and aligns altered towns, and keeps the last one: the runs of a draw come one after another."""

    def __init__(self, alterations: Alterations) -> None:
        self.alterations, self.ground = alterations, alterations.read()
        self.last: tuple[Alteration, float, AlteredTown] | None = None

    def of(self, run: Run) -> AlteredTown:
        """The town in which a run takes place."""
        wanted = (run.design, run.theta)
        if self.last is not None and self.last[:2] == (wanted, run.fraction):
            return self.last[2]
        made = altered(self.ground, self.alterations.figures[wanted], run.fraction)
        self.last = (wanted, run.fraction, made)
        return made


def altered(ground: Ground, figures: Figures, fraction: float) -> AlteredTown:
    """People founded, and the reference arm aligned on them, where some borrowed figures are others."""
    from abm.alignment import align
    from abm.founding.found import found

    town = drawn(ground.town, figures)
    founding = found(town, ground.basis, fraction, FOUNDING_SEED, ground.start)
    return AlteredTown(founding, align(town, ground.scenario, ground.start, ground.end, founding))


def levers_in(run: Run, levers: Floats) -> Floats:
    """The levers of a run as its town can carry them.

    Without a market there is no circle in which matchmaking could bring people together: its marriages are searches.
    Nor do vacancies reach anybody, so that extra slots stay without effect.
    """
    if run.design != NO_MARKET:
        return levers
    search, circle = LEVER_INDEX["marriage_search"], LEVER_INDEX["matchmaking"]
    moved = levers.copy()
    moved[:, search] = np.minimum(levers[:, search] * levers[:, circle], LEVERS[search].high)
    for column, lever in enumerate(LEVERS):
        if column == circle or lever.key.startswith("slots_"):
            moved[:, column] = lever.neutral
    return moved


def alterations_of(
    ground: Ground, seed: int, draws: int, effects_drawn: bool = False, ablated: bool = False
) -> Alterations:
    """The altered towns of so many draws of structure, and of an ablation."""
    parameters = structure_drawn(ground, effects_drawn)
    figures: dict[Alteration, Figures] = {
        (STRUCTURE, number): draw_figures(parameters, number, seed) for number in range(draws)
    }
    if ablated:
        figures |= {(AGENTS, CENTRAL): {}, (NO_MARKET, CENTRAL): WITHOUT_MARKET}
    town, scenario = ground.town_dir.resolve(), ground.scenario_path.resolve()
    return Alterations(
        ground.places, town, scenario, ground.basis, ground.start, ground.end, figures, ground.fingerprint
    )


def structure_drawn(ground: Ground, effects_drawn: bool) -> tuple[StructuralParameter, ...]:
    """The structural parameters of a town; beside drawn effect sizes without those that these draw already."""
    found = structural_parameters(ground.town)
    return tuple(one for one in found if not (effects_drawn and one.name in DRAWN_WITH_EFFECTS))
