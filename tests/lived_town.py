"""A town that is lived year by year in a test: who lives how, the same town in another order, and one person more."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from abm.draws import keys_of
from abm.founding.found import Founding
from abm.levels.reference import Reference
from abm.levers import LEVER_INDEX, neutral
from abm.living_town import Town
from abm.people.outputs import Outputs, blank
from abm.people.population import NATIVE, PERSON_TYPES, PRIVATE, REGULAR, TOWN, Households, Persons, Population
from abm.simulation import FixedPlan, town_at_start
from abm.year import live_a_year, record_stocks

LINKS = ("partner", "mother", "father")


def levers(years: int, **values: float) -> NDArray[np.float64]:
    """The do-nothing levers with some of them set in every year."""
    array = neutral(years)
    for key, value in values.items():
        array[:, LEVER_INDEX[key]] = value
    return array


def years_of(
    founding: Founding, reference: Reference, array: NDArray[np.float64], seed: int
) -> Iterator[tuple[Town, Outputs]]:
    """The town at its start and after every year for which there are levers, with what is recorded so far."""
    town, plan = town_at_start(founding, reference, seed), FixedPlan(reference, array)
    record = blank(town.start, town.start + len(array), founding.fraction)
    record_stocks(town, record)
    yield town, record
    for _ in array:
        live_a_year(town, plan, record)
        yield town, record


def lived(founding: Founding, reference: Reference, array: NDArray[np.float64], seed: int) -> tuple[Town, Outputs]:
    """The town after all years for which there are levers."""
    *_, last = years_of(founding, reference, array, seed)
    return last


def alive(population: Population) -> tuple[Persons, NDArray[np.int64]]:
    """The columns in use, and the rows of everybody in town or away."""
    persons = Persons(*(column[: population.n] for column in population.persons))
    return persons, np.flatnonzero(persons.place)


def keys_alive(population: Population) -> set[int]:
    """The keys of everybody in town or away."""
    persons, rows = alive(population)
    return set(persons.key[rows].tolist())


def lives(population: Population) -> dict[int, tuple[int, ...]]:
    """What each key's person is: age, sex, place, origin, civil status, parity, work, sector, workplace, partner."""
    persons, rows = alive(population)
    mate = persons.partner[rows]
    partner = np.where(mate >= 0, persons.key[np.maximum(mate, 0)], np.uint64(0))
    columns = [
        getattr(persons, name)[rows]
        for name in ("age", "sex", "place", "origin", "civil", "parity", "work", "sector", "workplace")
    ]
    table = zip(persons.key[rows].tolist(), *(column.tolist() for column in (*columns, partner)), strict=True)
    return {key: tuple(life) for key, *life in table}


def reordered(founding: Founding, seed: int) -> Founding:
    """The same people and households with their rows in another order, links renumbered."""
    rng, people = np.random.default_rng(seed), founding.population
    n, homes = (int(count) for count in people.counts)
    order, order_of_homes = rng.permutation(n), rng.permutation(homes)
    row, home = np.argsort(order), np.argsort(order_of_homes)
    columns = []
    for name, column, kind in zip(Persons._fields, people.persons, PERSON_TYPES, strict=True):
        moved = column[:n][order]
        new = row if name in LINKS else home
        if name in (*LINKS, "household"):
            moved = np.where(moved >= 0, new[np.maximum(moved, 0)], -1)
        columns.append(moved.astype(kind))
    households = Households(*(column[:homes][order_of_homes] for column in people.households))
    return replace(founding, population=Population(Persons(*columns), households))


def one_more(founding: Founding, number: int, sex: int) -> Founding:
    """The same town with one more person: 30 years old, native, alone, in regular work in trade."""
    people = founding.population
    n, homes = (int(count) for count in people.counts)
    new = {name: 0 for name in Persons._fields} | {name: -1 for name in LINKS}
    new |= {"age": 30, "sex": sex, "place": TOWN, "origin": NATIVE, "tenure": 30, "household": homes, "waiting": 10,
            "work": REGULAR, "sector": 4}  # fmt: skip
    new["key"] = keys_of(1, 99, np.array([number]))[0]
    persons = Persons(*(
        np.append(column[:n], np.array(new[name], dtype=column.dtype))
        for name, column in zip(Persons._fields, people.persons, strict=True)
    ))  # fmt: skip
    households = Households(np.append(people.households.size[:homes], np.int32(1)),
                            np.append(people.households.kind[:homes], np.int8(PRIVATE)))  # fmt: skip
    return replace(founding, population=Population(persons, households))


def same(one: Outputs, other: Outputs) -> bool:
    """Whether two records are equal to the byte."""
    return digest(one) == digest(other)


def digest(value: object) -> str:
    """A checksum of (nested) tuples of arrays and numbers."""
    if isinstance(value, tuple):
        return hashlib.sha256("".join(digest(item) for item in value).encode()).hexdigest()
    array = np.ascontiguousarray(value)
    return hashlib.sha256(f"{array.dtype}{array.shape}".encode() + array.tobytes()).hexdigest()
