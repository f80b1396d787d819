"""Runs that a search asks for: levers by year under every seed, read at once and kept, so that none is done twice."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from machi.seeking.target import Target

if TYPE_CHECKING:
    from abm.people.outputs import Outputs

Floats = NDArray[np.float64]
Live = Callable[[Floats, int], "Outputs"]  # levers by year and a seed to what happens

BEARING = slice(15, 50)  # ages of mothers, as fertility rates are published
WOMEN = 1


class Reading(NamedTuple):
    """What is read off a run: `reach` is the target's indicator (negative where little is wanted), the rest are means.

    `movers` are moves in minus moves out a year, `fertility` the total fertility rate, both from the first year of
    policy on.
    """

    reach: float
    movers: float
    fertility: float


class Trials:
    """Carries runs out in threads: the compiled year releases the interpreter lock."""

    def __init__(self, live: Live, target: Target, seeds: Sequence[int], first: int, threads: int) -> None:
        self.live, self.target, self.seeds = live, target, tuple(seeds)
        self.first, self.threads = first, threads  # the first year of policy
        self._kept: dict[tuple[bytes, int], Reading] = {}

    @property
    def runs(self) -> int:
        """How many runs were carried out."""
        return len(self._kept)

    def of(self, arrays: Sequence[Floats]) -> list[list[Reading]]:
        """The readings of each array of levers under every seed."""
        flat = self.each([array for array in arrays for _ in self.seeds], list(self.seeds) * len(arrays))
        size = len(self.seeds)
        return [flat[place * size : (place + 1) * size] for place in range(len(arrays))]

    def each(self, arrays: Sequence[Floats], seeds: Sequence[int]) -> list[Reading]:
        """The reading of each array of levers under a seed of its own."""
        names = [(array.tobytes(), seed) for array, seed in zip(arrays, seeds, strict=True)]
        wanted = {name: array for name, array in zip(names, arrays, strict=True) if name not in self._kept}
        with ThreadPoolExecutor(max(1, min(self.threads, len(wanted)))) as pool:
            found = pool.map(lambda item: self._read(self.live(item[1], item[0][1])), wanted.items())
            for name, reading in zip(wanted, found, strict=True):
                self._kept[name] = reading
        return [self._kept[name] for name in names]

    def _read(self, outputs: "Outputs") -> Reading:
        since = slice(self.first - outputs.start, None)
        moves = outputs.moves_in[since].sum() - outputs.moves_out[since].sum()
        years = len(outputs.moves_in[since])
        reach = self.target.read(outputs) * self.target.indicator.wanted
        return Reading(reach, float(moves) / outputs.fraction / years, fertility(outputs, since))


def fertility(outputs: "Outputs", years: slice) -> float:
    """The total fertility rate of some years together: births by mothers' age over women-years of that age, summed."""
    women = np.asarray(outputs.population[:, WOMEN], dtype=np.float64)
    lived = ((women[:-1] + women[1:]) / 2.0)[years].sum(axis=0)[BEARING]
    births = np.asarray(outputs.births[years], dtype=np.float64).sum(axis=0)[BEARING]
    return float(np.divide(births, lived, out=np.zeros_like(births), where=lived > 0).sum())


def reaches(readings: Sequence[Reading]) -> Floats:
    """The target's indicator by seed."""
    return np.array([one.reach for one in readings], dtype=np.float64)
