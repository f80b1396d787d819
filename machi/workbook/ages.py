"""People by sex and five-year age group, as the appendices of population visions (人口ビジョン) print them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GROUPS = 19  # 0-4 .. 85-89, 90 and over
WIDTH = 5
STEP = 5  # years between the columns
SEXES = ("total", "male", "female")


class Broad(NamedTuple):
    """A broad age group: its key among the words, its first and (excluded) last five-year group."""

    key: str
    first: int
    last: int


BROAD = (Broad("children", 0, 3), Broad("working", 3, 13), Broad("aged", 13, GROUPS), Broad("oldest", 15, GROUPS))


class People(NamedTuple):
    """Residents of one arm: years [T], and [T, 2 sexes, 19 groups] on the scale of the whole town, male first."""

    years: tuple[int, ...]
    groups: Floats

    def of(self, sex: str) -> Floats:
        """Both sexes together or one of them, float64[T, 19]."""
        return np.asarray(self.groups.sum(axis=1) if sex == "total" else self.groups[:, SEXES.index(sex) - 1])

    def minus(self, other: "People") -> "People":
        """The difference to another arm of the same years."""
        return People(self.years, self.groups - other.groups)


def by_fives(single: Floats) -> Floats:
    """Five-year groups, [..., 19], of single years of age, [..., 91 or more]; the last holds 90 and over."""
    return np.add.reduceat(np.asarray(single, dtype=np.float64), np.arange(GROUPS) * WIDTH, axis=-1)


def columns_of(start: int, end: int) -> tuple[int, ...]:
    """The years that are printed: the first, the last, and between them those that five divides."""
    return tuple(sorted({start, end, *(year for year in range(start, end + 1) if year % STEP == 0)}))


def people_of(single: Sequence[Floats], start: int, end: int) -> People:
    """The mean of replications, each [Y + 1, 2, 101] by single year of age from `start` to `end`."""
    years = columns_of(start, end)
    rows = [year - start for year in years]
    kept = np.stack([np.asarray(one, dtype=np.float64)[rows] for one in single])
    return People(years, by_fives(kept).sum(axis=0) / len(single))


def broad_sums(groups: Floats) -> dict[str, Floats]:
    """Residents of the broad groups by key, [T] each, of [T, 19]."""
    return {one.key: groups[:, one.first : one.last].sum(axis=1) for one in BROAD}
