"""Whole persons out of fractional figures, and keyed lots that decide who they are."""

from dataclasses import dataclass
from enum import IntEnum, auto

import numpy as np
from numpy.typing import NDArray

from abm.draws import Decision, stream, uniforms

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Lot(IntEnum):
    """The running numbers of the founding's draws (the `year` of Decision.FOUNDING); none is used twice."""

    TOGETHER = auto()
    HUSBAND_AGE = auto()
    WIFE_AGE = auto()
    CHILD_ORDER = auto()
    CHILD_LINK = auto()
    CHILD_KIND = auto()
    MOTHER = auto()
    LONE_PARENT = auto()
    UNION = auto()
    PARITY = auto()
    INSTITUTION = auto()
    ELDERLY_SINGLE = auto()
    SINGLE = auto()
    ELDERLY_COUPLE = auto()
    RELEASED = auto()
    SECOND_UNIT = auto()
    KIN_HOST = auto()
    HOST = auto()
    JOINER = auto()
    STUDENT = auto()
    EMPLOYED = auto()
    UNEMPLOYED = auto()
    PRIMARY = auto()
    SECTOR = auto()
    SELF_EMPLOYED = auto()
    NONREGULAR = auto()
    OUT_COMMUTER = auto()
    EVACUEE = auto()
    FOREIGN = auto()
    INCOMER = auto()
    TENURE = auto()
    AWAY_CIVIL = auto()
    AWAY_TENURE = auto()
    AWAY_GAP = auto()
    AWAY_DONOR = auto()
    AWAY_SEX = auto()
    AWAY_WORK = auto()
    AWAY_SECTOR = auto()
    AWAY_KIN = auto()
    AWAY_MOTHER_AGE = auto()
    AWAY_MOTHER = auto()


@dataclass(frozen=True)
class Lots:
    """The draws of a set of persons (uint64 keys) in a founding with this seed."""

    seed: int
    keys: np.ndarray

    def of(self, lot: Lot) -> Floats:
        """One uniform number in [0, 1) a person, float64[n]."""
        return uniforms(self.word(lot), self.keys)

    def word(self, lot: Lot) -> np.uint64:
        """The stream of a lot, for compiled loops."""
        return stream(self.seed, Decision.FOUNDING, int(lot))

    def among(self, rows: NDArray[np.integer]) -> "Lots":
        """The lots of some of these persons."""
        return Lots(self.seed, self.keys[rows])


def largest_remainders(weights: Floats, total: int) -> Integers:
    """Whole numbers (int64, the shape of `weights`) in proportion to the weights that sum to `total`; ties
    go first.
    """
    flat = np.asarray(weights, dtype=np.float64).ravel()
    if flat.sum() <= 0:
        return np.zeros(np.shape(weights), dtype=np.int64)
    exact = flat / flat.sum() * total
    whole = np.floor(exact + 1e-9).astype(np.int64)
    missing = int(total - whole.sum())
    if missing > 0:
        whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return np.asarray(whole.reshape(np.shape(weights)), dtype=np.int64)


def running_whole(values: Floats) -> Integers:
    """Whole numbers along the last axis whose running sums stay within a half of the exact ones."""
    whole: Integers = np.rint(np.cumsum(values, axis=-1) + 1e-9).astype(np.int64)
    before = np.concatenate([np.zeros_like(whole[..., :1]), whole[..., :-1]], axis=-1)
    return np.asarray(whole - before, dtype=np.int64)


def lowest(score: Floats, eligible: Mask, count: int) -> Integers:
    """The rows of the `count` eligible persons with the lowest scores (all of them where there are fewer)."""
    rows = np.flatnonzero(eligible)
    if count <= 0:
        return rows[:0]
    if count < len(rows):
        rows = rows[np.argsort(score[rows], kind="stable")[:count]]
    return rows


def lowest_by_cell(score: Floats, cell: Integers, wanted: Integers) -> Mask:
    """Whom of each cell: the `wanted[cell]` persons with the lowest scores; cell -1 is nobody's. bool[n]."""
    rows = np.flatnonzero(cell >= 0)
    rows = rows[np.lexsort((score[rows], cell[rows]))]
    sizes = np.bincount(cell[rows], minlength=len(wanted))
    first = np.cumsum(sizes) - sizes
    rank = np.arange(len(rows)) - first[cell[rows]]
    chosen = np.zeros(len(cell), dtype=np.bool_)
    chosen[rows[rank < wanted[cell[rows]]]] = True
    return chosen


def waiting_times(lot: Floats, weight: Floats) -> Floats:
    """Scores of a race: the lowest `k` are a draw without replacement with chances in proportion."""
    return -np.log1p(-lot) / np.maximum(weight, 1e-12)
