"""Who is who in a followed household: each person's relation to the one who was asked for, step by step."""

from typing import NamedTuple

import numpy as np

from abm.errors import InputError
from abm.people.members import HouseholdType, Member, household_type, living_rows, member, rows_by_home
from abm.people.population import AWAY, FEMALE, GONE, TOWN, Population

Step = tuple[str, int]  # a relation, and for sons and daughters the number by age
Path = tuple[Step, ...]  # steps from the person who was asked for; () is that person
_SIBLINGS = {"son": "brother", "daughter": "sister"}  # with "elder " or "younger " before it
CO_RESIDENT = "co-resident"


class Person(NamedTuple):
    """One followed person."""

    path: Path
    sex: int
    married_in: bool  # came by marriage: followed until a divorce


class Home(NamedTuple):
    """Where the person who was asked for lives on a stock date, and with whom; no type and members unless in town."""

    year: int
    place: int
    type: HouseholdType | None
    members: tuple[Member, ...]


class Family:
    """The followed persons by key: a household's members, and later their children and spouses."""

    def __init__(self, people: Population, rows: list[int], row: int) -> None:
        """`rows` are the members of the household, `row` the one to whom all relations are told."""
        self.people: dict[int, Person] = {}
        keys = people.persons.key
        self._add(people, row, (), False)
        near = [row]
        while near:
            i = near.pop(0)
            path = self.people[int(keys[i])].path
            for j, step in _relatives(people, i, rows):
                if int(keys[j]) not in self.people:
                    self._add(people, j, _shortened((*path, step)), False)
                    near.append(j)
        for j in rows:
            if int(keys[j]) not in self.people:
                self._add(people, j, ((CO_RESIDENT, 1),), False)

    def wed(self, people: Population, key: int, spouse: int) -> None:
        """The person in row `spouse` has married the followed person with this key."""
        if int(people.persons.key[spouse]) not in self.people:
            step = _spouse(people, spouse)
            self._add(people, spouse, (*self.people[key].path, step), True)

    def born(self, people: Population, child: int) -> None:
        """The child in this row was born to a followed mother or father."""
        parents = [int(people.persons.key[i]) for i in _parents(people, child)]
        paths = [self.people[key].path for key in parents if key in self.people]
        self._add(people, child, _shortened((*min(paths, key=len), _child(people, child))), False)

    def parted(self, key: int) -> None:
        """A divorce: whoever came by marriage is followed no longer."""
        if self.people[key].married_in:
            del self.people[key]

    def _add(self, people: Population, i: int, path: Path, married_in: bool) -> None:
        """Add a person; of two with the same relation (a spouse's predecessor, a dead child) the later counts on."""
        taken = {person.path for person in self.people.values()}
        while path in taken:
            (relation, number) = path[-1]
            path = (*path[:-1], (relation, max(number, 1) + 1))
        self.people[int(people.persons.key[i])] = Person(path, int(people.persons.sex[i]), married_in)


def _parents(people: Population, i: int) -> list[int]:
    persons = people.persons
    return [int(j) for j in (persons.mother[i], persons.father[i]) if j >= 0]


def _spouse(people: Population, i: int) -> Step:
    return ("wife" if people.persons.sex[i] == FEMALE else "husband", 1)


def _child(people: Population, i: int) -> Step:
    """Son or daughter, and which by age among the living children of the same parents and sex."""
    persons, n = people.persons, people.n
    same = (persons.sex[:n] == persons.sex[i]) & (persons.place[:n] != GONE)
    same &= (persons.mother[:n] == persons.mother[i]) & (persons.father[:n] == persons.father[i])
    siblings = np.flatnonzero(same)
    order = siblings[np.lexsort((persons.key[siblings], -persons.age[siblings].astype(np.int64)))].tolist()
    return ("daughter" if persons.sex[i] == FEMALE else "son", order.index(i) + 1)


def _relatives(people: Population, i: int, rows: list[int]) -> list[tuple[int, Step]]:
    """Spouse, children, parents and siblings of person i among `rows`, each with the step that leads there."""
    persons = people.persons
    found = [(j, _spouse(people, j)) for j in rows if j == persons.partner[i]]
    found += [(j, _child(people, j)) for j in rows if i in _parents(people, j)]
    mine = _parents(people, i)
    found += [(j, ("mother" if persons.sex[j] == FEMALE else "father", 1)) for j in rows if j in mine]
    for j in rows:
        if j != i and set(_parents(people, j)) & set(mine):
            elder = (int(persons.age[j]), int(persons.key[j])) > (int(persons.age[i]), int(persons.key[i]))
            relation = _SIBLINGS[_child(people, j)[0]]
            found.append((j, (f"{'elder' if elder else 'younger'} {relation}", 1)))
    return found


def _shortened(path: Path) -> Path:
    """A parent's newborn is a younger sibling."""
    if len(path) >= 2 and path[-2][0] in ("mother", "father") and path[-1][0] in _SIBLINGS:
        return (*path[:-2], (f"younger {_SIBLINGS[path[-1][0]]}", 1))
    return path


def row_of(people: Population, key: int) -> int:
    """The row of the resident with this key; InputError where nobody in town has it."""
    row = living_rows(people, {key: -1}).get(key, -1) if 0 <= key < 2**64 else -1
    if row < 0 or people.persons.place[row] != TOWN:
        raise InputError(f"--household: nobody in town has the key {key} at the start; give the key of a resident.")
    return row


def home_of(people: Population, year: int, key: int) -> Home:
    """Where the person with this key lives now, and with whom."""
    row = living_rows(people, {key: -1}).get(key, -1)
    if row < 0 or people.persons.place[row] != TOWN:
        return Home(year, GONE if row < 0 else AWAY, None, ())
    home = int(people.persons.household[row])
    rows = rows_by_home(people, [home])[home]
    return Home(year, TOWN, household_type(people, rows), tuple(member(people, i) for i in rows))
