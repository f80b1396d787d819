"""Who is drawn: everybody of a column draws at once against a bound by class, so that few lives need a look.

Each loop here does one thing to neighbouring rows, so it becomes vector instructions: eight keys are hashed at a time.
Over listed rows, or with a second thing to do, it does not, and a draw costs four times as much. Draws and bounds are
compared at 24 bits, the one rounded down, the other up: who is drawn by the full draw is drawn here, too.
"""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel
from abm.draws import Words, bits
from abm.people.population import Codes, Listed, Persons

Array = NDArray[np.float64]
Bounds = NDArray[np.float32]
Marks = NDArray[np.uint8]  # 0 or 1 a row
Classes = NDArray[np.uint16]  # a row's place in a flattened table of bounds

BLOCK = 2048  # rows at a time: what is known of them stays in the fastest cache
AGES = 128  # ages of a class: 0 .. 100, and last this year's newborns, whose age of -1 counts from the end
NEWBORN = AGES - 1
A_LITTLE_MORE = 1.0 + 1e-9  # above a bound: products in another order differ in their last digit
_UP = 1.0 + 1e-6  # a bound in single precision is not below itself
_S40 = np.uint64(40)
_TWO24 = np.float32(1.0 / (1 << 24))
STEP = 1e-6  # more than 24 bits leave open: what a draw must be above is taken so much lower


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
    bounds = rounded_up(likeliest.ravel())
    lots, classes, hits = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.uint16), np.zeros(BLOCK, np.uint8)
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        m = last - first
        draw_lots(lots[:m], stream, persons.key[first:last])
        classify(classes[:m], persons.place[first:last], persons.civil[first:last], persons.sex[first:last],
                 persons.age[first:last])  # fmt: skip
        below(hits[:m], lots[:m], bounds, classes[:m])
        k = collect(rows, k, hits, first, m)
    return rows[:k].copy()


@kernel
def rounded_up(bounds: Array) -> Bounds:
    """Bounds in single precision, never below what they were."""
    return (bounds * _UP).astype(np.float32)


@kernel
def draw_lots(lots: Bounds, stream: np.uint64, keys: Words) -> None:
    """The first 24 bits of each key's draw."""
    for k in range(len(lots)):
        lots[k] = np.float32(bits(stream, keys[k]) >> _S40) * _TWO24


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

    Returns the next position. Eight marks at a time are passed over where none is set.
    """
    eights = hits.view(np.uint64)
    for eight in range((m + 7) // 8):
        if eights[eight] != 0:
            for mark in range(8 * eight, min(8 * eight + 8, m)):
                if hits[mark] != 0:
                    rows[k] = first + mark
                    k += 1
    return k
