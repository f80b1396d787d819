"""The reference arm under a draw of what is uncertain about its rates: the same draw in every arm of a replication.

Births and deaths are multiplied. What is added to net moves is taken from leaving, which acts on the arm's own people;
arrivals stay the stored counts. Levers come on top, as they do on the central arm.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.forecast.doubt import Draws
from abm.known.behaviour import Shape
from abm.levels.reference import Reference

Array = NDArray[np.float64]
LEAST, MOST = 0.1, 3.0  # bounds of the factor on leaving, so that no draw empties or closes an age; an assumption
RARELY = 1e-4  # out-moves per resident below which an age's leaving is not moved


class Doubts(NamedTuple):
    """Draws of rates, and the net moves by age [101] that one more net move per resident stands for."""

    draws: Draws
    moves: Array

    def __len__(self) -> int:
        return len(self.draws.births)


def doubts_of(draws: Draws, shape: Shape, people: Array) -> Doubts:
    """Draws for a town of these people [2, 101]: its net total is spread in the shape of moves by age."""
    moves = shape.curve("mover_ages", "movers")
    return Doubts(draws, moves * people.sum() / (people * moves).sum())


def doubted(reference: Reference, doubts: Doubts, k: int) -> Reference:
    """The reference arm under draw k (0 the first); the stored arm is not touched."""
    draws, rates = doubts.draws, reference.rates
    years = len(rates.years)
    added = draws.level[k, :years, None, None] * doubts.moves + draws.cells[k]
    leaving = np.maximum(reference.leaving, RARELY)
    fewer = np.where(reference.leaving > RARELY, np.clip(1 - added / leaving, LEAST, MOST), 1.0)
    death = np.minimum(rates.death * draws.deaths[k, :years, None, None], 1.0)
    return reference._replace(
        rates=rates._replace(death=death, birth=rates.birth * draws.births[k, :years, None]),
        birth_factor=reference.birth_factor * draws.births[k, :years, None],
        leave_factor=reference.leave_factor * fewer,
    )
