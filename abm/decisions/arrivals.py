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
    FOREIGN,
    INCOMER,
    MARRIED,
    NEVER,
    WIDOWED,
    Arrivals,
)

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
SINGLE, FAMILY = 0, 1
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
    counts: Integers, year: int, shape: Shape, unmarried: Array, at_work: Array, sectors: Array, foreign: float = 0.0
) -> Arrivals:
    """Put a year's arrivals [2, 102] (index 0 the year's newborns, x + 1 age x) together into units.

    `unmarried` [2, 101, 3] are the shares never married, widowed, divorced among the unmarried; `at_work` [2, 101]
    the share in work; `sectors` [7] cumulative shares of work; `foreign` the share of all who are foreign: they come as
    singles of working age. Draws are keyed on year and running number, not on the
    replication: the arrivals are the same people in every run.
    """
    people = [np.repeat(np.arange(-1, 101), counts[sex]) for sex in range(2)]
    women, men, children = _adults(people[1]), _adults(people[0]), _children(people)
    units: list[list[tuple[int, int, int]]] = []  # (age, sex, role) of each member
    in_couple = _couples(women, men, year, shape)
    for wife, husband in in_couple:
        units.append([(int(women[wife]), 1, 0), (int(men[husband]), 0, 1)])
    paired_women, paired_men = {w for w, _ in in_couple}, {m for _, m in in_couple}
    units += [[(int(age), 1, 0)] for k, age in enumerate(women) if k not in paired_women]
    units += [[(int(age), 0, 0)] for k, age in enumerate(men) if k not in paired_men]
    _place_children(units, children, len(in_couple), year, shape)
    table = _as_table(units, year, shape, unmarried, at_work, sectors)
    return table._replace(origin=_with_foreign(table, year, foreign)) if foreign > 0 else table


def _adults(ages: Integers) -> Integers:
    return ages[ages >= 18]


def _children(people: list[Integers]) -> list[tuple[int, int]]:
    """(age, sex) of the minors, oldest first."""
    minors = [(int(age), sex) for sex in range(2) for age in people[sex] if age < 18]
    return sorted(minors, reverse=True)


def _lots(year: int, number: int, salt: int) -> Array:
    """`number` draws of a year for one purpose (`salt`)."""
    word = stream(1, Decision.ARRIVAL, year)
    return uniforms(word, keys_of(ARRIVAL_KEYS + 100 + salt, year, np.arange(number)))


def _couples(women: Integers, men: Integers, year: int, shape: Shape) -> list[tuple[int, int]]:
    """Positions of wives and husbands who arrive together: by rank of age among those old enough."""
    share = np.where((women >= 25) & (women < 45), shape["couple_share"], shape["couple_share"] / 2)
    share = np.where(women < 22, 0.05, share)
    wives = np.flatnonzero(_lots(year, len(women), 1) < share)
    able = np.flatnonzero(men >= 23)
    number = min(len(wives), len(able))
    if number == 0:
        return []
    wives = wives[:number][np.argsort(women[wives[:number]], kind="stable")]
    able = able[np.argsort(men[able], kind="stable")]
    husbands = able[np.searchsorted(men[able], np.clip(women[wives] + 1, 23, None)).clip(0, len(able) - 1)]
    taken: set[int] = set()
    pairs = []
    for wife, husband in zip(wives, husbands, strict=True):
        position = int(np.flatnonzero(able == husband)[0])
        while position < len(able) and int(able[position]) in taken:
            position += 1
        if position < len(able):
            taken.add(int(able[position]))
            pairs.append((int(wife), int(able[position])))
    return pairs


def _place_children(
    units: list[list[tuple[int, int, int]]], children: list[tuple[int, int]], couples: int, year: int, shape: Shape
) -> None:
    """Give every arriving minor a unit: a couple or a lone parent 20 to 42 years older, few to each."""
    lots = _lots(year, 2 * len(children), 2)
    for c, (age, sex) in enumerate(children):
        with_couple = couples > 0 and lots[2 * c] < shape["children_with_couple"]
        pool = range(couples) if with_couple else range(couples, len(units))
        able = [u for u in pool if 20 <= units[u][0][0] - age <= 42 and len(units[u]) < 5 and
                (with_couple or units[u][0][1] == 1)]  # fmt: skip
        able = able or [u for u in range(len(units)) if units[u][0][0] - age >= 18]
        if able:
            units[able[int(lots[2 * c + 1] * len(able))]].append((age, sex, 2))


def _as_table(
    units: list[list[tuple[int, int, int]]], year: int, shape: Shape, unmarried: Array, at_work: Array, sectors: Array
) -> Arrivals:
    """Columns of the units' members, with civil status, parity and work."""
    rows = [(age, sex, role, k, u) for u, unit in enumerate(units) for k, (age, sex, role) in enumerate(unit)]
    if not rows:
        return joined([])
    age, sex, role, place, unit = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    n = len(rows)
    lots = [_lots(year, n, salt) for salt in range(3, 8)]
    coupled = np.isin(unit, unit[role == 1]) & (role < 2)
    single = _single_state(unmarried[sex, age], lots[0])
    civil = np.where(age < 18, NEVER, np.where(coupled, MARRIED, single))
    children = np.bincount(unit, weights=role == 2, minlength=len(units)).astype(np.int64)
    youngest = np.full(len(units), 60)
    np.minimum.at(youngest, unit, np.where(role == 2, age, 60))
    mother = (sex == 1) & (role < 2)
    parent = mother & (children[unit] > 0)
    civil = np.where(parent & (civil == NEVER), DIVORCED, civil)
    waiting = np.where(parent, youngest[unit], (lots[1] * np.clip(age - 24, 1, 20)).astype(np.int64))
    employed = (lots[2] < at_work[sex, age]) & (age >= 18)
    jobless = np.where(age < 16, 0, np.where((age < 22) & (lots[3] < 0.5), 0, np.where(lots[3] < 0.25, 2, 1)))
    work = np.where(employed, np.where(lots[3] < 0.7, 4, 3), jobless)
    sector = np.where(employed, np.searchsorted(sectors, lots[4], side="right").clip(0, 6), -1)
    columns = (age, sex, np.full(n, INCOMER), civil, np.where(parent, children[unit], 0), np.clip(waiting, -1, 60),
               work, sector, role, place, unit)  # fmt: skip
    return Arrivals(*(column.astype(kind) for column, kind in zip(columns, TYPES, strict=True)))


def _with_foreign(table: Arrivals, year: int, share: float) -> NDArray[np.int8]:
    """Origins in which a share of all rows, drawn from the singles of working age, is foreign (int8[n])."""
    alone = np.bincount(table.unit, minlength=1)[table.unit] == 1
    able = alone & (table.age >= FOREIGN_AGES[0]) & (table.age < FOREIGN_AGES[1])
    chance = min(share * len(able) / max(int(np.count_nonzero(able)), 1), 1.0)
    return np.where(able & (_lots(year, len(able), 8) < chance), FOREIGN, table.origin).astype(np.int8)


def _single_state(shares: Array, lots: Array) -> Integers:
    """Never married, widowed or divorced by one draw a person; `shares` [n, 3] in this order."""
    return np.where(lots < shares[:, 0], NEVER, np.where(lots < shares[:, 0] + shares[:, 1], WIDOWED, DIVORCED))


def units_of(table: Arrivals, year: int) -> Units:
    """Where the units of a year's table begin and what they are."""
    first = np.flatnonzero(np.diff(table.unit, prepend=-1))
    size = np.diff(np.append(first, len(table.unit)))
    keys = keys_of(ARRIVAL_KEYS, year, np.arange(len(first)))
    return Units(first, size, np.where(size > 1, FAMILY, SINGLE), table.age[first].astype(np.int64), keys)
