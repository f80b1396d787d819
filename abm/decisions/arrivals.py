"""Who comes from elsewhere: the reference arm's counts, put together into singles and families.

Arrivals are counts by year, sex and age, fixed on the reference arm; a table holds one row per person, units (a single
or a family) contiguous with the one who leads first.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.draws import Decision, keys_of, stream, uniforms
from abm.known.behaviour import Shape
from abm.people.population import (
    DIVORCED,
    FEMALE,
    FOREIGN,
    INCOMER,
    MALE,
    MARRIED,
    NEVER,
    WIDOWED,
    Arrivals,
)

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Unit = list[tuple[int, int, int, int]]  # age, sex, role and civil state of its members, the one who leads first
SINGLE, FAMILY = 0, 1
ADULT = 18  # years: nobody younger comes alone
FOREIGN_AGES = (20, 50)  # of foreign newcomers, who come alone; an assumption (nine of ten residents are adults)
ARRIVAL_KEYS = 2  # kind of entry in `keys_of`; 1 are the founders


class Units(NamedTuple):
    """The units of one year's table: first row, members, kind, age of the one who leads, and a key of their own."""

    first: Integers
    size: Integers
    kind: Integers
    lead_age: Integers
    key: NDArray[np.uint64]


TYPES = (*(np.int8,) * 10, np.int32)


def joined(tables: list[Arrivals]) -> Arrivals:
    """Several tables under each other."""
    columns = zip(*tables, strict=True) if tables else ([np.empty(0, kind)] for kind in TYPES)
    return Arrivals(*(np.concatenate(list(column)) for column in columns))


def joined_units(units: list[Units]) -> Units:
    """The units of several years one after the other, each counted from its own year's first row."""
    empty = (np.int64, np.int64, np.int64, np.int64, np.uint64)
    columns = zip(*units, strict=True) if units else ([np.empty(0, kind)] for kind in empty)
    return Units(*(np.concatenate(list(column)) for column in columns))


def assemble(
    counts: Integers, year: int, shape: Shape, states: Array, at_work: Array, sectors: Array, foreign: float = 0.0
) -> Arrivals:
    """Put a year's arrivals [2, 102] (index 0 the year's newborns, x + 1 age x) together into units.

    `states` [2, 101, 4] are the shares of civil states by sex and age, most married come as couples; `at_work` [2, 101]
    the share in work; `sectors` [7] cumulative shares of work; `foreign` the share of all who are foreign: they come as
    singles of working age. Draws are keyed on year and running number, not on the
    replication: the arrivals are the same people in every run.
    """
    people = [np.repeat(np.arange(-1, 101), counts[sex]) for sex in range(2)]
    grown = [ages[ages >= ADULT] for ages in people]
    civil = [_civil_states(ages, states[sex], year, sex) for sex, ages in enumerate(grown)]
    husbands, wives = _couples(civil, year)
    units: list[Unit] = [
        [(wife, FEMALE, 0, MARRIED), (husband, MALE, 1, MARRIED)]
        for wife, husband in zip(grown[FEMALE][wives].tolist(), grown[MALE][husbands].tolist(), strict=True)
    ]
    for sex, paired in ((FEMALE, wives), (MALE, husbands)):
        ages, of = np.delete(grown[sex], paired), np.delete(civil[sex], paired)
        units += [[(age, sex, 0, state)] for age, state in zip(ages.tolist(), of.tolist(), strict=True)]
    _place_children(units, _children(people), len(wives), year, shape)
    table = _as_table(units, year, at_work, sectors)
    return table._replace(origin=_with_foreign(table, year, foreign)) if foreign > 0 else table


def _children(people: list[Integers]) -> list[tuple[int, int]]:
    """(age, sex) of the minors, oldest first."""
    minors = [(int(age), sex) for sex in range(2) for age in people[sex] if age < ADULT]
    return sorted(minors, reverse=True)


def _lots(year: int, number: int, salt: int) -> Array:
    """`number` draws of a year for one purpose (`salt`)."""
    word = stream(1, Decision.ARRIVAL, year)
    return uniforms(word, keys_of(ARRIVAL_KEYS + 100 + salt, year, np.arange(number)))


def _civil_states(ages: Integers, states: Array, year: int, sex: int) -> Integers:
    """The civil state of each adult of a sex, by shares of states [101, 4]; the married exact in number."""
    married = states[ages, MARRIED]
    order = np.argsort(_lots(year, len(ages), sex) / np.maximum(married, 1e-9), kind="stable")
    among = states[ages][:, [NEVER, WIDOWED, DIVORCED]]
    bounds = np.cumsum(among, axis=1) / np.maximum(among.sum(axis=1, keepdims=True), 1e-12)
    lots = _lots(year, len(ages), 3 + sex)
    civil = np.where(lots < bounds[:, 0], NEVER, np.where(lots < bounds[:, 1], WIDOWED, DIVORCED))
    civil[order[: round(married.sum())]] = MARRIED
    return civil


def _couples(civil: list[Integers], year: int) -> list[Integers]:
    """Positions of the husbands and of their wives who arrive together, of civil states in the order of age.

    As many as there are married of the sex that has fewer of them: the others come without their spouse, as people do
    who are sent to a place for a while.
    """
    married = [np.flatnonzero(one == MARRIED) for one in civil]
    number = min(len(rows) for rows in married)
    drawn = [np.argsort(_lots(year, len(rows), 10 + sex), kind="stable")[:number] for sex, rows in enumerate(married)]
    return [rows[np.sort(some)] for rows, some in zip(married, drawn, strict=True)]


def _place_children(units: list[Unit], children: list[tuple[int, int]], couples: int, year: int, shape: Shape) -> None:
    """Give every arriving minor a unit: a couple or a lone mother 20 to 42 years older, few to each.

    A lone mother was married before, as far as there is one.
    """
    lots = _lots(year, 2 * len(children), 2)
    for c, (age, sex) in enumerate(children):
        with_couple = couples > 0 and lots[2 * c] < shape["children_with_couple"]
        pool = range(couples) if with_couple else range(couples, len(units))
        able = [u for u in pool if 20 <= units[u][0][0] - age <= 42 and len(units[u]) < 5 and
                units[u][0][1] == FEMALE]  # fmt: skip
        able = [u for u in able if units[u][0][3] != NEVER] or able
        able = able or [u for u in range(len(units)) if units[u][0][0] - age >= ADULT]
        if able:
            units[able[int(lots[2 * c + 1] * len(able))]].append((age, sex, 2, NEVER))


def _as_table(units: list[Unit], year: int, at_work: Array, sectors: Array) -> Arrivals:
    """Columns of the units' members, with parity and work."""
    rows = [(*member, k, u) for u, unit in enumerate(units) for k, member in enumerate(unit)]
    if not rows:
        return joined([])
    age, sex, role, civil, place, unit = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    n = len(rows)
    lots = [_lots(year, n, salt) for salt in range(5, 9)]
    children = np.bincount(unit, weights=role == 2, minlength=len(units)).astype(np.int64)
    youngest = np.full(len(units), 60)
    np.minimum.at(youngest, unit, np.where(role == 2, age, 60))
    mother = (sex == FEMALE) & (role < 2)
    parent = mother & (children[unit] > 0)
    civil = np.where(parent & (civil == NEVER), DIVORCED, civil)
    waiting = np.where(parent, youngest[unit], (lots[0] * np.clip(age - 24, 1, 20)).astype(np.int64))
    employed = (lots[1] < at_work[sex, age]) & (age >= ADULT)
    jobless = np.where(age < 16, 0, np.where((age < 22) & (lots[2] < 0.5), 0, np.where(lots[2] < 0.25, 2, 1)))
    work = np.where(employed, np.where(lots[2] < 0.7, 4, 3), jobless)
    sector = np.where(employed, np.searchsorted(sectors, lots[3], side="right").clip(0, 6), -1)
    columns = (age, sex, np.full(n, INCOMER), civil, np.where(parent, children[unit], 0), np.clip(waiting, -1, 60),
               work, sector, role, place, unit)  # fmt: skip
    return Arrivals(*(column.astype(kind) for column, kind in zip(columns, TYPES, strict=True)))


def _with_foreign(table: Arrivals, year: int, share: float) -> NDArray[np.int8]:
    """Origins in which a share of all rows, drawn from the singles of working age, is foreign (int8[n])."""
    alone = np.bincount(table.unit, minlength=1)[table.unit] == 1
    able = alone & (table.age >= FOREIGN_AGES[0]) & (table.age < FOREIGN_AGES[1])
    chance = min(share * len(able) / max(int(np.count_nonzero(able)), 1), 1.0)
    return np.where(able & (_lots(year, len(able), 9) < chance), FOREIGN, table.origin).astype(np.int8)


def units_of(table: Arrivals, year: int) -> Units:
    """Where the units of a year's table begin and what they are."""
    first = np.flatnonzero(np.diff(table.unit, prepend=-1))
    size = np.diff(np.append(first, len(table.unit)))
    keys = keys_of(ARRIVAL_KEYS, year, np.arange(len(first)))
    return Units(first, size, np.where(size > 1, FAMILY, SINGLE), table.age[first].astype(np.int64), keys)
