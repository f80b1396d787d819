"""Who comes in a year of a run: policies thin the reference arm's table, repeat units of it, or add donors."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, step
from abm.decisions.arrivals import ARRIVAL_KEYS, FAMILY, SINGLE, Units
from abm.draws import (
    Decision,
    Streams,
    Words,
    entry_base,
    keys_in,
    numbered_key,
    stream,
    streams_of_year,
    uniform,
    uniforms,
)
from abm.people.population import FARMER, INCOMER, RECRUITED, SUPPORTED, Arrivals, Codes

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
_COPY = 1 << 40  # further copies of a row get keys from here on


class Policies(NamedTuple):
    """One year's levers on who comes: factors on families and singles, and families or people a year on top."""

    families: float
    singles: float
    settlers: float
    recruited: float
    farmers: float


class Coming(NamedTuple):
    """Rows of a year's table who come, each with a number of its own, and the origin of the grown."""

    rows: Integers
    numbers: Integers
    origin: Codes  # -1: that of the table


def of_year(
    table: Arrivals, units: Units, year: int, fraction: float, seed: int, levers: dict[str, float]
) -> tuple[Arrivals, Words]:
    """The rows that arrive in a year of a run, and their keys.

    At a fraction below 1 every 1/fraction-th unit comes (systematic, random start); above 1, in so many copies of the
    town, each comes so often. Multipliers on families and singles repeat units by one keyed draw each (a higher lever
    never loses a unit), and those who come only thanks to it are supported movers; amounts add donors from the year's
    own units.
    """
    policies = Policies(levers["arrivals_families"], levers["arrivals_singles"], levers["settlers_families"],
                        levers["foreign_arrivals"], levers["settlers_primary"])  # fmt: skip
    words = streams_of_year(seed, year), stream(1, Decision.FRACTION, year)
    return arriving(table, units, year, fraction, policies, *words)


@step
def arriving(
    table: Arrivals, units: Units, year: int, fraction: float, policies: Policies, lots: Streams, donor: np.uint64
) -> tuple[Arrivals, Words]:
    """See `of_year`; `donor` is the stream that picks donors, the same in every replication."""
    number, base = len(units.first), entry_base(np.uint64(ARRIVAL_KEYS), np.uint64(year))
    start = uniform(lots.year[Decision.ARRIVAL], units.key[0]) if number > 0 else 0.0
    copies, rows = _copies(number, fraction, start), len(table.age)
    if policies.families != 1 or policies.singles != 1:
        draws = uniforms(lots.year[Decision.MORE_ARRIVALS], units.key)
        extra = _moved(units, copies, draws, policies.families, policies.singles, fraction)  # some now stay away
        coming = _joined(_part(units, copies, rows, 0, -1), _part(units, extra, rows, _COPY, SUPPORTED))
    else:
        coming = _part(units, copies, rows, 0, -1)
    fractional = lots.year[Decision.FRACTION]
    for amount, kind, youngest, below, origin, copy in (
        (policies.settlers, FAMILY, 0, 60, SUPPORTED, 2),
        (policies.recruited, SINGLE, 20, 40, RECRUITED, 3),
        (policies.farmers, SINGLE, 20, 50, FARMER, 4),
    ):
        if amount > 0:
            able = np.flatnonzero((units.kind == kind) & (units.lead_age >= youngest) & (units.lead_age < below))
            donors = _donors(able, amount * fraction, year, copy, fractional, donor)
            more = _rows_of(units, donors, np.arange(len(donors)), rows, copy * _COPY)
            coming = _joined(coming, Coming(more[0], more[1], np.full(len(more[0]), np.int8(origin))))
    return _taken(table, coming), keys_in(base, coming.numbers.view(np.uint64))


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


@kernel
def _donors(able: Integers, amount: float, year: int, copy: int, fractional: np.uint64, donor: np.uint64) -> Integers:
    """Units to repeat for an amount a year; the fractional part is decided by one keyed draw."""
    first = numbered_key(entry_base(np.uint64(copy), np.uint64(year)), np.uint64(0))
    chosen = np.empty(int(amount + uniform(fractional, first)) if len(able) > 0 else 0, np.int64)
    base = entry_base(np.uint64(copy + 50), np.uint64(year))
    for k in range(len(chosen)):
        chosen[k] = able[int(uniform(donor, numbered_key(base, np.uint64(k))) * len(able))]
    return chosen


@kernel
def _part(units: Units, copies: Integers, rows_of_year: int, offset: int, origin: int) -> Coming:
    """Each unit as often as it comes."""
    chosen, again = _repeated(copies)
    rows, numbers = _rows_of(units, chosen, again, rows_of_year, offset)
    return Coming(rows, numbers, np.full(len(rows), np.int8(origin)))


@kernel
def _joined(one: Coming, more: Coming) -> Coming:
    """One after the other."""
    return Coming(np.concatenate((one.rows, more.rows)), np.concatenate((one.numbers, more.numbers)),
                  np.concatenate((one.origin, more.origin)))  # fmt: skip


@kernel
def _taken(table: Arrivals, coming: Coming) -> Arrivals:
    """The arriving rows. A child who comes thanks to a policy counts as an incomer, as every child does."""
    rows, origin = coming.rows, table.origin[coming.rows]
    for k in range(len(rows)):
        if coming.origin[k] >= 0:
            origin[k] = coming.origin[k] if table.role[rows[k]] < 2 else INCOMER
    return Arrivals(
        table.age[rows], table.sex[rows], origin, table.civil[rows], table.parity[rows], table.waiting[rows],
        table.work[rows], table.sector[rows], table.role[rows], table.place_in_unit[rows], table.unit[rows],
    )  # fmt: skip


@kernel
def _rows_of(
    units: Units, chosen: Integers, again: Integers, rows_of_year: int, offset: int
) -> tuple[Integers, Integers]:
    """The rows of the `chosen` units and their numbers: each repetition of a unit counts on by `rows_of_year`.

    A person's key depends on year and number only, so that a stronger policy adds people and renames nobody.
    """
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
