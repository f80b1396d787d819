"""Who lives in a household, in words, and what has happened to them between two stock dates."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.draws import uniforms
from abm.people.population import GONE, INSTITUTION, NONREGULAR, PRIVATE, SECTORS, TOWN, Population

Rows = NDArray[np.int64]
HouseholdType = Literal[
    "single", "couple", "couple with children", "one parent with children", "three generations", "other", "institution"
]
Happening = Literal[
    "born", "died", "left town", "returned", "joined", "parted", "married", "widowed", "divorced", "found work",
    "left work",
]  # fmt: skip
_SEXES = ("male", "female")
_CIVIL = ("never married", "married", "widowed", "divorced")
_WORK = ("student", "outside the labour force", "unemployed", "non-regular", "regular", "self-employed")
_HAPPENING: dict[str, Happening] = {"married": "married", "widowed": "widowed", "divorced": "divorced"}


class Member(NamedTuple):
    """One person of a household on a stock date."""

    key: int
    age: int
    sex: str
    civil: str
    work: str
    sector: str  # empty without work
    parity: int  # children ever born (women)


class Event(NamedTuple):
    """What was seen of one person between the stock date of `year` and the next."""

    year: int
    happening: Happening
    key: int


def member(people: Population, i: int) -> Member:
    """The person in row `i` in words."""
    persons = people.persons
    sector = int(persons.sector[i])
    return Member(
        int(persons.key[i]), int(persons.age[i]), _SEXES[persons.sex[i]], _CIVIL[persons.civil[i]],
        _WORK[persons.work[i]], SECTORS[sector] if sector >= 0 else "", int(persons.parity[i]),
    )  # fmt: skip


def rows_by_home(people: Population, homes: list[int]) -> dict[int, list[int]]:
    """Rows of the residents of each household row in `homes`, eldest first, in one pass over the town."""
    persons, n = people.persons, people.n
    asked = np.zeros(int(people.counts[1]) + 1, dtype=bool)
    asked[np.array(homes, dtype=np.int64)] = True  # the spare last element is where household -1 points: nobody's
    rows = np.flatnonzero(asked[persons.household[:n]] & (persons.place[:n] == TOWN))
    rows = rows[np.lexsort((persons.key[rows], persons.age[rows]))[::-1]]
    found: dict[int, list[int]] = {home: [] for home in homes}
    for i in rows.tolist():
        found[int(persons.household[i])].append(i)
    return found


def living_rows(people: Population, last: Mapping[int, int]) -> dict[int, int]:
    """The present rows, by key, of those who are in town or away; the others are left out.

    `last` gives by key the row of the last look (-1 where it is not known): the whole town is searched only when a
    row has moved since.
    """
    if not last:
        return {}
    keys, rows = np.array(list(last), dtype=np.uint64), np.array(list(last.values()), dtype=np.int64)
    key = people.persons.key[: people.n]
    if rows.min() < 0 or rows.max() >= people.n or (key[rows] != keys).any():
        wanted = np.sort(keys)
        rows = np.flatnonzero(wanted[np.minimum(np.searchsorted(wanted, key), len(wanted) - 1)] == key)
    rows = rows[people.persons.place[rows] != GONE]
    return dict(zip(key[rows].tolist(), rows.tolist(), strict=True))


def eldest(people: Population, kind: int) -> Rows:
    """The row of the eldest member of every household of a kind (of equal ages, the one with the higher key)."""
    persons, rows = people.persons, people.residents
    rows = rows[people.households.kind[persons.household[rows]] == kind]
    rows = rows[np.lexsort((persons.key[rows], persons.age[rows], persons.household[rows]))]
    home = persons.household[rows]
    last: Rows = rows[np.append(home[1:] != home[:-1], True)] if len(rows) else rows
    return last


def panel(people: Population, lots: np.uint64, number: int) -> list[int]:
    """Rows of the eldest members of `number` private households, by the draws of the stream `lots`; a larger panel
    holds the smaller one.
    """
    rows = eldest(people, PRIVATE)
    first = np.argsort(uniforms(lots, people.persons.key[rows]), kind="stable")
    chosen: list[int] = rows[first[:number]].tolist()
    return chosen


def household_type(people: Population, rows: list[int]) -> HouseholdType:
    """The census type of the household whose members are `rows`, as `household_types` reads the whole town."""
    persons = people.persons
    if people.households.kind[persons.household[rows[0]]] == INSTITUTION:
        return "institution"
    if len(rows) == 1:
        return "single"
    inside = set(rows)
    parents = {i: {int(persons.mother[i]), int(persons.father[i])} & inside for i in rows}
    with_child = set().union(*parents.values())
    paired = {i for i in rows if int(persons.partner[i]) in inside}
    if any(parents[i] & {j for j in rows if parents[j]} for i in rows):
        return "three generations"
    children = [i for i in rows if parents[i] and i not in paired and i not in with_child]
    adults = len(rows) - len(children)
    if len(paired) == adults == 2:
        return "couple with children" if children else "couple"
    return "one parent with children" if not paired and adults == 1 else "other"


def events(
    year: int, then: Mapping[int, Member], now: Mapping[int, Member], fate: Mapping[int, Happening]
) -> list[Event]:
    """What has happened in a household between two looks at its members, by person.

    `fate` says of those who are no longer there whether they died, left town or parted; whoever it does not name
    is passed over.
    """
    seen = [Event(year, fate[key], key) for key in then if key not in now and key in fate]
    for key, person in now.items():
        if key not in then:
            seen.append(Event(year, "born" if person.age == 0 else "joined", key))
            continue
        before = then[key]
        if person.civil != before.civil and person.civil in _HAPPENING:
            seen.append(Event(year, _HAPPENING[person.civil], key))
        if (person.work in _WORK[NONREGULAR:]) != (before.work in _WORK[NONREGULAR:]):
            seen.append(Event(year, "left work" if before.work in _WORK[NONREGULAR:] else "found work", key))
    return seen
