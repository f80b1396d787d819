"""Who is drawn: everybody of a column draws at once against a bound by class, so that few lives need a look.

Each loop here does one thing to neighbouring rows, so it becomes vector instructions: eight keys are hashed at a time.
Over listed rows, or with a second thing to do, it does not, and a draw costs four times as much. Draws and bounds are
compared at 24 bits, the one rounded down, the other up: who is drawn by the full draw is drawn here, too.
"""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel
from abm.draws import Words, first_bits
from abm.people.population import Codes, Counts, Listed, Persons

Array = NDArray[np.float64]
Bounds = NDArray[np.float32]
Marks = NDArray[np.uint8]  # 0 or 1 a row
Classes = NDArray[np.uint16]  # a row's place in a flattened table of bounds

BLOCK = 1024  # rows at a time: what is known of them stays in the fastest cache
AGES = 128  # ages of a class: 0 .. 100, and last this year's newborns, whose age of -1 counts from the end
NEWBORN = AGES - 1
A_LITTLE_MORE = 1.0 + 1e-9  # above a bound: products in another order differ in their last digit
_ALL_EIGHT = np.uint64(0x0101010101010101)  # eight marks that are set, read as one number
_UP = 1.0 + 1e-6  # a bound in single precision is not below itself


@kernel
def nobody() -> Array:
    """Bounds of a decision that concerns nobody yet: [3 (gone, town, away), 2 (unmarried, married), 2 sexes, AGES]."""
    return np.zeros((3, 2, 2, AGES))


@kernel
def drawn(persons: Persons, n: int, likeliest: Array, stream: np.uint64) -> Listed:
    """Those of the first `n` rows whose draw is below `likeliest`, shaped as `nobody()` (uint32, ascending).

    With a bound that nobody's probability exceeds, only they need a look into their lives: most decisions ask here
    first.
    """
    rows, k = np.empty(n, np.uint32), 0
    bounds, concerned = rounded_up(likeliest.ravel()), concerned_below(likeliest)
    lots, classes, hits = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.uint16), np.zeros(BLOCK, np.uint8)
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        m = last - first
        if not anybody(concerned, persons.place[first:last], persons.sex[first:last], persons.age[first:last]):
            continue
        draw_lots(lots[:m], stream, persons.key[first:last])
        classify(classes[:m], persons.place[first:last], persons.civil[first:last], persons.sex[first:last],
                 persons.age[first:last])  # fmt: skip
        below(hits[:m], lots[:m], bounds, classes[:m])
        k = collect(rows, k, hits, first, m)
    return rows[:k].copy()


@kernel
def concerned_below(likeliest: Array) -> Counts:
    """At how many ages below one a decision may concern somebody (newborns first): int64[3, 2 sexes, AGES + 1]."""
    below = np.zeros((3, 2, AGES + 1), np.int64)
    for place in range(1, 3):
        for sex in range(2):
            for step in range(AGES):
                age = (step - 1) & NEWBORN  # -1, 0, 1, ..
                some = (likeliest[place, 0, sex, age] > 0) | (likeliest[place, 1, sex, age] > 0)
                below[place, sex, step + 1] = below[place, sex, step] + some
    return below


@kernel
def anybody(concerned: Counts, place: Codes, sex: Codes, age: Codes) -> bool:
    """Whether a decision may concern one of some rows, by their places and sexes and the least and greatest age.

    Rows of one place, sex and age stand together, so this passes over most rows that a decision does not ask.
    """
    youngest, oldest = np.int8(127), np.int8(-1)
    for k in range(len(age)):
        youngest, oldest = min(youngest, age[k]), max(oldest, age[k])
    nearest, farthest, men, women = np.int8(127), np.int8(0), np.int8(0), np.int8(0)
    for k in range(len(place)):
        nearest, farthest = min(nearest, place[k]), max(farthest, place[k])
    for k in range(len(sex)):
        men |= np.int8(1) - sex[k]
        women |= sex[k]
    some = 0
    for where in range(nearest, farthest + 1):
        for one in range(2):
            if (men if one == 0 else women) != 0:
                some += concerned[where, one, oldest + 2] - concerned[where, one, youngest + 1]
    return some > 0


@kernel
def rounded_up(bounds: Array) -> Bounds:
    """Bounds in single precision, never below what they were."""
    out = np.empty(len(bounds), np.float32)
    for k in range(len(bounds)):
        out[k] = bounds[k] * _UP
    return out


@kernel
def draw_lots(lots: Bounds, stream: np.uint64, keys: Words) -> None:
    """The first 24 bits of each key's draw."""
    for k in range(len(lots)):
        lots[k] = first_bits(stream, keys[k])


@kernel
def classify(classes: Classes, place: Codes, civil: Codes, sex: Codes, age: Codes) -> None:
    """Where in `nobody().ravel()` each row's bound stands."""
    for k in range(len(classes)):
        home = np.int16(place[k]) * np.int16(2) + np.int16(civil[k] == 1)
        classes[k] = (home * np.int16(2) + np.int16(sex[k])) * np.int16(AGES) + (np.int16(age[k]) & np.int16(NEWBORN))


@kernel
def below(hits: Marks, lots: Bounds, bounds: Bounds, classes: Classes) -> None:
    """Whether each draw is below the bound of its class."""
    for k in range(len(hits)):
        hits[k] = lots[k] < bounds[classes[k]]


@kernel
def collect(rows: Listed, k: int, hits: Marks, first: int, m: int) -> int:
    """Write the rows of the first `m` marks to `rows` from position k on, `first` being the first mark's row.

    Returns the next position. Where few are marked: eight at a time are passed over where none is.
    """
    eights = hits.view(np.uint64)
    for eight in range((m + 7) // 8):
        if eights[eight] != 0:
            for mark in range(8 * eight, min(8 * eight + 8, m)):
                if hits[mark] != 0:
                    rows[k] = first + mark
                    k += 1
    return k


@kernel
def collect_many(rows: Listed, k: int, marks: Marks, first: int) -> int:
    """The same of all marks (whole eights) where many are marked: eight rows are passed over or written at once.

    Where eight differ it is hard to foretell who comes next, so each is written and the position moves on or not.
    """
    eights, at = marks.view(np.uint64), np.uint64(k)  # unsigned: no place is counted from the end, so eight go at once
    for eight in range(np.uint64(len(eights))):
        row = np.uint32(first + 8 * eight)
        if eights[eight] == _ALL_EIGHT:
            for one in range(np.uint64(8)):
                rows[at + one] = row + np.uint32(one)
            at += np.uint64(8)
        elif eights[eight] != 0:
            for one in range(np.uint64(8)):
                rows[at] = row + np.uint32(one)
                at += np.uint64(marks[np.uint64(8) * eight + one])
    return int(at)
