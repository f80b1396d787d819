"""A town several times side by side: the same people under other keys, who live other lives."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from abm.draws import keys_of
from abm.founding.found import Founding
from abm.people.population import Households, Persons, Population

LINKS = ("partner", "mother", "father")
ALIGNED_PEOPLE = 200_000  # simulated at least in an alignment; an assumption: eight towns of 27,000 are averaged
_COPY_KEYS = 4  # kind of entry in `keys_of`; 1 are the founders, 2 the arrivals


def copies_to_align(founding: Founding) -> int:
    """How many copies of a founded town are lived through when it is aligned: one of a sample."""
    people = len(founding.population.residents)
    return int(np.ceil(ALIGNED_PEOPLE / people)) if founding.fraction == 1 else 1


def side_by_side(founding: Founding, number: int) -> Founding:
    """So many copies of a founded town in one; its fraction is as many times as large, figures of the town stay."""
    if number <= 1:
        return founding
    people = founding.population
    n, homes = (int(count) for count in people.counts)
    columns = {name: np.tile(column[:n], number) for name, column in people.persons._asdict().items()}
    copy = np.repeat(np.arange(number), n)
    for name, rows in (*((link, n) for link in LINKS), ("household", homes)):
        columns[name] = _moved(columns[name], copy * rows)
    others = copy > 0
    columns["key"][others] = keys_of(_COPY_KEYS, founding.seed, np.flatnonzero(others))
    persons = Persons(**columns)
    households = Households._make(np.tile(column[:homes], number) for column in people.households)
    return replace(founding, population=Population(persons, households), fraction=founding.fraction * number)


def _moved(link: NDArray[np.int32], by: NDArray[np.int64]) -> NDArray[np.int32]:
    """Row numbers moved on; -1 (no link) stays."""
    return np.where(link >= 0, link + by, -1).astype(link.dtype)
