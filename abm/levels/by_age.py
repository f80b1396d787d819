"""People of a town by sex and age, and a running mean over ages: what the base tables are levelled on."""

import numpy as np
from numpy.typing import NDArray

from abm.known.hazards import AGES
from abm.people.population import Persons

Array = NDArray[np.float64]


def per_age(persons: Persons, rows: NDArray[np.int64], weights: Array | None = None) -> Array:
    """People in `rows` by sex and single age, float64[2, 101]."""
    ages = np.minimum(persons.age[rows], AGES - 1).astype(np.int64)
    index = persons.sex[rows].astype(np.int64) * AGES + ages
    return np.bincount(index, weights, minlength=2 * AGES).reshape(2, AGES).astype(float)


def smooth(values: Array, from_age: int, width: int = 5) -> Array:
    """A running mean over ages from `from_age` on; below it the values stay as they are."""
    kernel = np.ones(width) / width
    padded = np.pad(values, ((0, 0), (width // 2, width // 2)), mode="edge")
    means = np.stack([np.convolve(row, kernel, mode="valid") for row in padded])
    return np.where(np.arange(values.shape[1]) >= from_age, means, values)
