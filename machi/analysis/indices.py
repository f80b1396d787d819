"""SALib's other measures of which strengths matter: eFAST, and PAWN and delta from a Latin hypercube.

Strengths `x` are float64[samples, packages], outcomes `y` float64[samples, seeds] under the same seeds in every row.
All measures speak of the mean over seeds, in which the noise of few seeds remains; where it is the same in every sample
they are empty. Intervals are 90 %.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from SALib.analyze import delta, fast, pawn

from abm.errors import InputError
from machi.analysis.sensitivity import CONFIDENCE, TAILS, checked_seed
from machi.questions.samples import problem
from machi.questions.sections import HARMONICS

Floats = NDArray[np.float64]
RESAMPLES = 100  # an assumption: only the interval's width rests on it
RESAMPLES_OF_DELTA = 10  # each costs densities of every slice of every package; an assumption
NOTHING = float("nan")
SLICES = 10  # of each strength in PAWN, SALib's own default


def efast(keys: list[str], x: Floats, y: Floats, seed: int) -> pd.DataFrame:
    """First-order and total indices of Saltelli et al. 1999.

    The half-widths of their intervals are SALib's bootstrap, which its authors call indicative only (issue 649).
    """
    question, mean = _question(keys, x, y, seed)
    names = ("S1", "S1_conf", "ST", "ST_conf")
    if np.ptp(mean) == 0.0:
        return _table(keys, dict.fromkeys(names, NOTHING), "ST")
    with _silent():
        found = fast.analyze(question, mean, M=HARMONICS, num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=seed)
    return _table(keys, {name: found[name] for name in names}, "ST")


def moment_free(keys: list[str], x: Floats, y: Floats, seed: int) -> pd.DataFrame:
    """Borgonovo's delta and the first-order index of Plischke et al. 2013, with half-widths of their intervals."""
    question, mean = _question(keys, x, y, seed)
    names = ("delta", "delta_conf", "S1", "S1_conf")
    if np.ptp(mean) == 0.0:
        return _table(keys, dict.fromkeys(names, NOTHING), "delta")
    with _silent():  # it warns about forms of delta that a Latin hypercube has no use for
        found = delta.analyze(question, x, mean, num_resamples=RESAMPLES_OF_DELTA, conf_level=CONFIDENCE, seed=seed)
    own = "delta_raw" if "delta_raw" in found else "delta"  # its name from SALib 1.6 on, and before
    figures = (found[own], found[f"{own}_conf"], found["S1"], found["S1_conf"])
    return _table(keys, dict(zip(names, figures, strict=True)), "delta")


def pawn_indices(keys: list[str], x: Floats, y: Floats, seed: int) -> pd.DataFrame:
    """Pianosi & Wagener's PAWN: the distance of conditional from unconditional distributions, over slices.

    The interval of the median comes from resampled rows.
    """
    question, mean = _question(keys, x, y, seed)
    names = ("minimum", "mean", "median", "maximum", "CV")
    if np.ptp(mean) == 0.0:
        return _table(keys, dict.fromkeys((*names, "median_low", "median_high"), NOTHING), "median")
    found = pawn.analyze(question, x, mean, S=SLICES, seed=seed)
    rng = np.random.default_rng(seed)
    medians = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, len(x), len(x))
        medians.append(pawn.analyze(question, x[rows], mean[rows], S=SLICES, seed=seed)["median"])
    low, high = np.percentile(np.array(medians), TAILS, axis=0)
    columns = {name: found[name] for name in names}
    return _table(keys, {**columns, "median_low": low, "median_high": high}, "median")


@contextmanager
def _silent() -> Iterator[None]:
    """SALib's warnings are kept back, and its changes to how everybody's warnings look are undone."""
    look = warnings.formatwarning
    try:
        with warnings.catch_warnings(record=True):
            yield
    finally:
        warnings.formatwarning = look


def _question(keys: list[str], x: Floats, y: Floats, seed: int) -> tuple[dict[str, Any], Floats]:
    checked_seed(seed)
    if len(x) != len(y) or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("runs.parquet: an outcome or strength of a sampled design is missing or not finite;"
                         " run again with --fresh")  # fmt: skip
    return problem(tuple(keys)), np.asarray(y.mean(axis=1), dtype=np.float64)


def _table(keys: list[str], columns: dict[str, Any], by: str) -> pd.DataFrame:
    numbers = {name: np.broadcast_to(np.asarray(one, dtype=np.float64), len(keys)) for name, one in columns.items()}
    table = pd.DataFrame({"package": keys, **numbers})
    return table.sort_values(by, ascending=False, kind="stable", ignore_index=True)
