"""Made-up outputs of runs that nobody has lived: any counts, of the right shapes."""

import numpy as np

from abm.people.outputs import Outputs, blank


def made_up_outputs(seed: int, start: int = 2015, end: int = 2030, fraction: float = 1.0) -> Outputs:
    """Random counts in every array, whole persons."""
    rng, one = np.random.default_rng(seed), blank(start, end, fraction)
    for counts in one:
        if isinstance(counts, np.ndarray):
            counts[...] = rng.integers(1, 300, counts.shape)
    return one
