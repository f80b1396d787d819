"""Who knows whom: circles cut into groups of bounded size; two people who share a group are acquainted.

A circle is a way of knowing people: work (the sector), school (three neighbouring birth cohorts), the neighbourhood
(an anonymous cell) and long ties (anywhere in town). A keyed hash of person and circle picks the group; the number of
groups is fixed at founding, so that one more person disturbs one group of each circle.
"""

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import Decision, bits, stream

if TYPE_CHECKING:
    import networkx

from abm.people.population import SECTORS, TOWN, Persons, Rows

WORK, SCHOOL, NEIGHBOURHOOD, LONG_TIE, MATCHMAKING = 0, 1, 2, 3, 4
N_CIRCLES = 4
COHORT_CLASSES = 64
SCHOOL_BAND = 3  # birth cohorts that share a school (senior and junior years)


class Circles(NamedTuple):
    """How the circles are cut; constant from founding on."""

    first: NDArray[np.int64]  # [5 circles, 64 classes]: number of the first group of a class
    groups: NDArray[np.int64]  # [5 circles, 64 classes]: how many groups the class has, at least 1
    streams: NDArray[np.uint64]  # [5]: stream of the hash of each circle
    total: NDArray[np.int64]  # [5]: groups of each circle


@rule
def class_of(persons: Persons, circle: int, year: int, i: int) -> int | np.int64:
    """The class of person i within a circle: sector (7 without work), band of birth cohorts, or the whole town."""
    if circle == 0:
        return persons.sector[i] if persons.sector[i] >= 0 else 7
    if circle == 1:
        return ((year - np.int64(persons.age[i])) // SCHOOL_BAND) % COHORT_CLASSES
    return 0


@rule
def group_of(persons: Persons, circles: Circles, circle: int, year: int, i: int) -> int:
    """The number of person i's group in a circle."""
    c = class_of(persons, circle, year, i)
    spread = bits(circles.streams[circle], persons.key[i]) % np.uint64(circles.groups[circle, c])
    return circles.first[circle, c] + np.int64(spread)


@kernel
def groups_of(persons: Persons, circles: Circles, circle: int, year: int, rows: Rows) -> NDArray[np.int64]:
    """Group numbers of the persons in `rows` (int64)."""
    out = np.empty(len(rows), np.int64)
    for k in range(len(rows)):
        out[k] = group_of(persons, circles, circle, year, rows[k])
    return out


def cut_circles(persons: Persons, n: int, year: int, size: int) -> Circles:
    """Cut the circles for the founded town so that groups of adults 18-49 have about `size` members.

    Cohorts not yet grown up at founding get as many groups as the mean of the grown ones.
    """
    adult = (persons.place[:n] == TOWN) & (persons.age[:n] >= 18) & (persons.age[:n] <= 49)
    ages, sectors = persons.age[:n][adult].astype(np.int64), persons.sector[:n][adult].astype(np.int64)
    counts = np.zeros((5, COHORT_CLASSES))
    counts[WORK, : len(SECTORS) + 1] = np.bincount(np.where(sectors >= 0, sectors, 7), minlength=8)
    school = np.bincount(((year - ages) // SCHOOL_BAND) % COHORT_CLASSES, minlength=COHORT_CLASSES)
    grown = school > 0
    mean = school[grown].mean() if grown.any() else 1.0
    counts[SCHOOL] = np.where(grown & (school > mean / 2), school, mean)
    counts[NEIGHBOURHOOD, 0] = counts[LONG_TIE, 0] = len(ages)
    counts[MATCHMAKING, 0] = 0  # one list: a centre can introduce any two of its members
    groups = np.maximum(np.rint(counts / size), 1).astype(np.int64)
    first = np.cumsum(groups, axis=1) - groups
    streams = np.array([stream(1, Decision.CIRCLE, circle) for circle in range(5)], dtype=np.uint64)
    return Circles(first, groups, streams, groups.sum(axis=1))


def to_networkx(persons: Persons, circles: Circles, rows: NDArray[np.int64], year: int) -> "networkx.Graph":
    """The acquaintances among `rows` as a graph: the projection of who is in which group, without matchmaking.

    Nodes are row numbers with `key`, `sex` and `age`; an edge carries the `circles` it comes from. Meant for some
    thousands of rows: a person is acquainted with everybody of four groups.
    """
    import networkx

    graph = networkx.Graph()
    for i in rows.tolist():
        graph.add_node(i, key=int(persons.key[i]), sex=int(persons.sex[i]), age=int(persons.age[i]))
    for circle in range(N_CIRCLES):
        groups = groups_of(persons, circles, circle, year, rows)
        order = np.argsort(groups, kind="stable")
        for members in np.split(rows[order], np.flatnonzero(np.diff(groups[order])) + 1):
            for one, other in combinations(members.tolist(), 2):
                known = graph.edges[one, other]["circles"] if graph.has_edge(one, other) else ()
                graph.add_edge(one, other, circles=(*known, circle))
    return graph
