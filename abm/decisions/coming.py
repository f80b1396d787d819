"""Who comes in a year of a run: policies thin the reference arm's table, repeat units of it, or add donors."""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel
from abm.decisions.arrivals import ARRIVAL_KEYS, FAMILY, SINGLE, Units
from abm.draws import Decision, keys_of, stream, uniforms
from abm.people.population import FARMER, INCOMER, RECRUITED, SUPPORTED, Arrivals

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
_ON_ARRIVALS = (  # levers that change who comes, with their do-nothing values
    ("arrivals_families", 1), ("arrivals_singles", 1),
    ("settlers_families", 0), ("foreign_arrivals", 0), ("settlers_primary", 0),
)  # fmt: skip
_COPY = 1 << 40  # further copies of a row get keys from here on


def of_year(
    table: Arrivals, units: Units, year: int, fraction: float, seed: int, levers: dict[str, float]
) -> tuple[Arrivals, NDArray[np.uint64]]:
    """The rows that arrive in a year of a run, and their keys.

    At a fraction below 1 every 1/fraction-th unit comes (systematic, random start); above 1, in so many copies of the
    town, each comes so often. Multipliers on families and
    singles repeat units by one keyed draw each (a higher lever never loses a unit), and those who come only thanks to
    it are supported movers; amounts add donors from the year's own units.
    """
    number = len(units.first)
    if number == 0:
        return table, np.empty(0, np.uint64)
    start = float(uniforms(stream(seed, Decision.ARRIVAL, year), units.key[:1])[0])
    copies = _copies(number, fraction, start)
    if all(levers[lever] == neutral for lever, neutral in _ON_ARRIVALS):
        return _taken(table, year, [_rows_of(units, *_repeated(copies), len(table.age), 0)], (INCOMER,))
    parts, origins = [], [INCOMER]
    if levers["arrivals_families"] != 1 or levers["arrivals_singles"] != 1:
        lots = uniforms(stream(seed, Decision.MORE_ARRIVALS, year), units.key)
        extra = _moved(units, copies, lots, levers["arrivals_families"], levers["arrivals_singles"], fraction)
        parts.append(_rows_of(units, *_repeated(extra), len(table.age), _COPY))
        origins.append(SUPPORTED)
    parts.insert(0, _rows_of(units, *_repeated(copies), len(table.age), 0))
    amounts = (
        ("settlers_families", FAMILY, 0, 60, SUPPORTED, 2),
        ("foreign_arrivals", SINGLE, 20, 40, RECRUITED, 3),
        ("settlers_primary", SINGLE, 20, 50, FARMER, 4),
    )
    for lever, kind, youngest, below, origin, copy in amounts:
        if levers[lever] > 0:
            able = (units.kind == kind) & (units.lead_age >= youngest) & (units.lead_age < below)
            donors = _donors(np.flatnonzero(able), levers[lever] * fraction, seed, year, copy)
            parts.append(_rows_of(units, donors, np.arange(len(donors)), len(table.age), copy * _COPY))
            origins.append(origin)
    return _taken(table, year, parts, tuple(origins))


@kernel
def _copies(number: int, fraction: float, start: float) -> Integers:
    """How often each of `number` units comes: systematic, from a random start."""
    copies = np.empty(number, np.int64)
    before = np.floor(start)
    for unit in range(number):
        after = np.floor((unit + 1) * fraction + start)
        copies[unit] = np.int64(after - before)
        before = after
    return copies


@kernel
def _moved(units: Units, copies: Integers, lots: Array, families: float, singles: float, fraction: float) -> Integers:
    """How often each unit comes on top, by levers on families and singles; those who stay away leave `copies`."""
    extra = np.zeros(len(copies), np.int64)
    for unit in range(len(copies)):
        age, moved = units.lead_age[unit], 1.0
        if units.kind[unit] == FAMILY and 25 <= age < 45:
            moved = families
        if units.kind[unit] == SINGLE and 20 <= age < 40:
            moved = singles
        if lots[unit] < 1 - moved:
            copies[unit] = 0
        extra[unit] = np.int64(np.floor(max(moved - 1, 0.0) * fraction + 1 - lots[unit]))
    return extra


@kernel
def _repeated(copies: Integers) -> tuple[Integers, Integers]:
    """Each unit as often as it comes, and how often it has stood there before."""
    chosen, again = np.empty(copies.sum(), np.int64), np.empty(copies.sum(), np.int64)
    k = 0
    for unit in range(len(copies)):
        for time in range(copies[unit]):
            chosen[k], again[k] = unit, time
            k += 1
    return chosen, again


def _donors(able: Integers, amount: float, seed: int, year: int, copy: int) -> Integers:
    """Units to repeat for an amount a year; the fractional part is decided by one keyed draw."""
    word = stream(seed, Decision.FRACTION, year)
    whole = int(amount + float(uniforms(word, keys_of(copy, year, np.zeros(1)))[0]))
    if len(able) == 0:
        return able
    lots = uniforms(stream(1, Decision.FRACTION, year), keys_of(copy + 50, year, np.arange(whole)))
    return able[(lots * len(able)).astype(np.int64)]


def _taken(
    table: Arrivals, year: int, parts: list[tuple[Integers, Integers]], origins: tuple[int, ...]
) -> tuple[Arrivals, NDArray[np.uint64]]:
    """The arriving rows with their keys: parts of (rows, numbers), each with the origin of the grown.

    A person's key depends on year, row and repetition only, so that a stronger policy adds people and renames nobody.
    """
    rows = np.concatenate([part for part, _ in parts]) if len(parts) > 1 else parts[0][0]
    numbers = np.concatenate([part for _, part in parts]) if len(parts) > 1 else parts[0][1]
    taken = Arrivals._make(column.take(rows) for column in table)
    first = len(parts[0][0])
    for (some, _), origin in zip(parts[1:], origins[1:], strict=True):
        part = slice(first, first + len(some))
        taken.origin[part] = np.where(taken.role[part] < 2, origin, INCOMER)
        first += len(some)
    return taken, keys_of(ARRIVAL_KEYS, year, numbers)


@kernel
def _rows_of(
    units: Units, chosen: Integers, again: Integers, rows_of_year: int, offset: int
) -> tuple[Integers, Integers]:
    """The rows of the `chosen` units and their numbers: each repetition of a unit counts on by `rows_of_year`."""
    total = 0
    for unit in chosen:
        total += units.size[unit]
    rows, numbers = np.empty(total, np.int64), np.empty(total, np.int64)
    k = 0
    for c in range(len(chosen)):
        for member in range(units.size[chosen[c]]):
            rows[k] = units.first[chosen[c]] + member
            numbers[k] = rows[k] + again[c] * rows_of_year + offset
            k += 1
    return rows, numbers
