"""What happens to people within a year, read from their columns before and after each of the year's decisions.

Rows keep their numbers within a year and new ones come last, so that two looks at the columns tell who changed. The
kernels know nothing of it.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.draws import Words
from abm.people.population import (
    AWAY,
    DIVORCED,
    GONE,
    INSTITUTION,
    MARRIED,
    NONREGULAR,
    OUTSIDE,
    SECTORS,
    STUDENT,
    TOWN,
    Codes,
    Links,
    Population,
    Rows,
)

ALONE, WITH_OTHERS, IN_INSTITUTION = 1, 2, 3  # detail of a move within town
_KINDS_OF_WORK = 8  # more than there are, so that work, sector and workplace go into one number
_SECTORS = len(SECTORS) + 1


class Kind(IntEnum):
    """What may happen to a person; the comment says what `detail` holds."""

    FOUND_WORK = 0  # the new work, see `work_code`
    LOST_WORK = 1  # the state after it
    CHANGED_WORK = 2  # the new work
    LEFT_SCHOOL = 3  # without a job: the state after it
    GAVE_UP = 4  # looks for work no longer: the state after it
    BEGAN_LOOKING = 5  # from outside the labour force: the state after it
    MARRIED = 6  # the partner's key
    DIVORCED = 7  # the former partner's key
    MOVED_HOME = 8  # ALONE, WITH_OTHERS or IN_INSTITUTION
    HAD_CHILD = 9  # the child's key
    BORN = 10  # the mother's key
    BIRTH_DUE = 11  # a birth that a programme moved forward would have come now: 0
    LEFT_TOWN = 12  # AWAY, or GONE for good
    RETURNED = 13  # the work that was found, see `work_code`
    ARRIVED = 14  # 0
    DIED = 15  # 0


class Happenings(NamedTuple):
    """Events of a run, one row each."""

    year: NDArray[np.int16]
    kind: Codes
    place: Codes  # TOWN or AWAY: where it happened, or from where somebody left
    sex: Codes
    age: Codes  # on the stock date that begins the year; -1 for its newborns
    key: Words
    detail: Words


TYPES = (np.int16, np.int8, np.int8, np.int8, np.int8, np.uint64, np.uint64)


class Look(NamedTuple):
    """Copies of the columns that decisions change, and how many rows of persons there were."""

    n: int
    place: Codes
    civil: Codes
    partner: Links
    household: Links
    work: Codes
    sector: Codes
    workplace: Codes
    ahead: Codes


def look(people: Population) -> Look:
    """The columns as they are now."""
    persons, n = people.persons, people.n
    return Look(n, *(getattr(persons, name)[:n].copy() for name in Look._fields[1:]))


def joined(parts: Sequence[Happenings]) -> Happenings:
    """Several lists of events as one."""
    if not parts:
        return Happenings._make(np.empty(0, kind) for kind in TYPES)
    return Happenings._make(np.concatenate(list(column)) for column in zip(*parts, strict=True))


def work_code(work: NDArray[np.int64], sector: NDArray[np.int64], workplace: NDArray[np.int64]) -> NDArray[np.int64]:
    """Work, sector and workplace in one number."""
    return work + _KINDS_OF_WORK * (sector + 1 + _SECTORS * workplace)


def work_of(code: int) -> tuple[int, int, int]:
    """(work, sector, workplace) of such a number; sector -1 without work."""
    rest, work = divmod(code, _KINDS_OF_WORK)
    workplace, sector = divmod(rest, _SECTORS)
    return work, sector - 1, workplace


def _rows(
    people: Population, year: int, rows: Rows, kind: Kind | Codes, detail: NDArray[np.int64] | Words | int
) -> Happenings:
    """Events of the persons in `rows`."""
    persons = people.persons
    columns: list[NDArray[Any]] = [np.full(len(rows), year), np.broadcast_to(kind, rows.shape)]
    columns += [column[rows] for column in (persons.place, persons.sex, persons.age, persons.key)]
    columns.append(np.broadcast_to(np.asarray(detail), rows.shape))
    return Happenings._make(column.astype(one) for column, one in zip(columns, TYPES, strict=True))


def _keys(people: Population, links: Links) -> Words:
    """The keys of linked persons, 0 where there is no link."""
    found: Words = np.where(links >= 0, people.persons.key[np.maximum(links, 0)], np.uint64(0))
    return found


def _present_work(people: Population, rows: Rows) -> NDArray[np.int64]:
    persons = people.persons
    return work_code(*(getattr(persons, name)[rows].astype(np.int64) for name in ("work", "sector", "workplace")))


def changes_of_work(people: Population, year: int, before: Look) -> Happenings:
    """Who found, lost and changed work, who left school without a job, who gave up or began looking."""
    persons, n = people.persons, before.n
    now = persons.work[:n]
    other_job = (persons.sector[:n] != before.sector) | (persons.workplace[:n] != before.workplace)
    rows = np.flatnonzero((now != before.work) | other_job)
    works, worked = now[rows] >= NONREGULAR, before.work[rows] >= NONREGULAR
    idle = np.where(before.work[rows] == STUDENT, Kind.LEFT_SCHOOL,
                    np.where(before.work[rows] == OUTSIDE, Kind.BEGAN_LOOKING, Kind.GAVE_UP))  # fmt: skip
    kind = np.where(works & worked, Kind.CHANGED_WORK, np.where(works, Kind.FOUND_WORK, np.where(worked, Kind.LOST_WORK,
                    idle)))  # fmt: skip
    return _rows(people, year, rows, kind.astype(np.int8), _present_work(people, rows))


def changes_of_home(people: Population, year: int, before: Look) -> Happenings:
    """Who married, who divorced, and who moved within town for another reason."""
    persons, homes, n = people.persons, people.households, before.n
    civil = persons.civil[:n]
    wed = np.flatnonzero((before.civil != MARRIED) & (civil == MARRIED) & (before.place != GONE))
    parted = np.flatnonzero((before.civil == MARRIED) & (civil == DIVORCED) & (before.place != GONE))
    stayed = (before.place == TOWN) & (persons.place[:n] == TOWN)
    moved = stayed & (persons.household[:n] != before.household)
    moved[wed] = moved[parted] = False
    rows = np.flatnonzero(moved)
    home = persons.household[rows]
    where = np.where(homes.kind[home] == INSTITUTION, IN_INSTITUTION,
                     np.where(homes.size[home] == 1, ALONE, WITH_OTHERS))  # fmt: skip
    mates, former = _keys(people, persons.partner[wed]), _keys(people, before.partner[parted])
    married = _rows(people, year, wed, Kind.MARRIED, mates)._replace(place=before.place[wed])  # some marry out of town
    return joined([married, _rows(people, year, parted, Kind.DIVORCED, former),
                   _rows(people, year, rows, Kind.MOVED_HOME, where)])  # fmt: skip


def births(people: Population, year: int, before: Look) -> Happenings:
    """The newborns, who came after all other rows, their mothers, and the women whose next child is here already."""
    children = np.arange(before.n, people.n)
    due = np.flatnonzero((before.ahead & 1) & ~people.persons.ahead[: before.n])
    mothers = people.persons.mother[children].astype(np.int64)
    keys = people.persons.key
    return joined([_rows(people, year, mothers, Kind.HAD_CHILD, keys[children]),
                   _rows(people, year, children, Kind.BORN, keys[mothers]),
                   _rows(people, year, due, Kind.BIRTH_DUE, 0)])  # fmt: skip


def moves(people: Population, year: int, before: Look) -> Happenings:
    """Who left town (for the away or for good), who returned, and who arrived from elsewhere."""
    persons, n = people.persons, before.n
    place = persons.place[:n]
    left = np.flatnonzero((before.place == TOWN) & (place != TOWN))
    home = np.flatnonzero((before.place == AWAY) & (place == TOWN))
    going = _rows(people, year, left, Kind.LEFT_TOWN, place[left].astype(np.int64))
    going = going._replace(place=np.full(len(left), TOWN, np.int8))
    new = n + np.flatnonzero(persons.place[n : people.n] == TOWN)
    return joined([going, _rows(people, year, home, Kind.RETURNED, _present_work(people, home)),
                   _rows(people, year, new, Kind.ARRIVED, 0)])  # fmt: skip


def deaths(people: Population, year: int, dying: Rows) -> Happenings:
    """The deaths of the persons in `dying`, who are still there."""
    return _rows(people, year, dying, Kind.DIED, 0)
