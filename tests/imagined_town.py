"""A town that costs nothing to simulate, for tests of what stands around the simulation."""

import os
import time
from dataclasses import dataclass

import numpy as np

from abm.people.outputs import Outputs, blank
from machi.questions.design import Run
from machi.runs.run import RunResult, Simulation, read_off
from machi.store import fingerprint_of

START, END = 2015, 2060


def outputs(seed: int = 1, lift: float = 0.0, fraction: float = 0.5, end: int = END) -> Outputs:
    """Random counts that depend on the seed; `lift` is added to every count of residents."""
    rng = np.random.default_rng(seed)
    record = blank(START, end, fraction)
    for array in record[:-3]:
        array[...] = rng.integers(10, 20, array.shape)
    record.population[...] += round(lift)
    return record


@dataclass(frozen=True)
class ImaginedBench:
    """Answers at once; package k is worth k + 1. Some runs fail or end their process; it may be slow or not open."""

    fails: tuple[str, ...] = ()
    poison: tuple[str, ...] = ()
    seconds: float = 0.0
    closed: bool = False
    end: int = END

    def key(self, run: Run) -> str:
        """Sixteen digits of the run itself."""
        return fingerprint_of([*run])

    def open(self) -> Simulation:
        """Carry out runs without a town."""
        if self.closed:
            raise OSError("the founding cannot be read")

        def carry_out(run: Run) -> RunResult:
            if run.arm in self.fails:
                raise ZeroDivisionError("nobody lives here")
            if run.arm in self.poison:
                os._exit(9)
            time.sleep(self.seconds)
            lift = sum((place + 1) * strength for place, strength in enumerate(run.strengths))
            result = read_off(run, outputs(run.seed, 10 * lift, run.fraction, self.end), sum(run.strengths))
            return result

        return carry_out
