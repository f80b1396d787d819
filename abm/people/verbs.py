"""The verbs that change people and households: born, die, leave, come home, arrive, work; unions have their own module.

Each takes the columns, the row counts where it uses new rows, and the row numbers that a rule returned. Columns are
written only here, in `unions.py`, in `ageing.py` and in `population.py`; `abm/year.py` decides the order. All row lists
are int64 arrays.
"""

import numpy as np

from abm.compiled import kernel, rule
from abm.draws import Words, newborn_key, uniform
from abm.people.population import Arrivals, Codes, Counts, Flags, Households, Persons, Rows


@rule
def blank(persons: Persons, k: int) -> None:
    """Make row k a nobody without links: rows may hold what was there before the last compaction."""
    persons.partner[k] = -1
    persons.mother[k] = -1
    persons.father[k] = -1
    persons.household[k] = -1
    persons.civil[k] = 0
    persons.parity[k] = 0
    persons.waiting[k] = 0
    persons.tenure[k] = 0
    persons.origin[k] = 0
    persons.work[k] = 0
    persons.sector[k] = -1
    persons.workplace[k] = 0
    persons.ahead[k] = 0


@rule
def new_home(households: Households, counts: Counts, kind: int) -> int:
    """Open an empty household of a kind and return its row."""
    h = counts[1]
    households.size[h] = 0
    households.kind[h] = kind
    counts[1] = h + 1
    return h


@rule
def move_in(persons: Persons, households: Households, i: int, home: int) -> None:
    """Put person i into a household, leaving the present one; an emptied household ends, an institution stays."""
    old = persons.household[i]
    if old >= 0:
        households.size[old] -= 1
        if households.size[old] == 0 and households.kind[old] == 1:
            households.kind[old] = 0
    persons.household[i] = home
    if home >= 0:
        households.size[home] += 1


@rule
def stop_work(persons: Persons, i: int, work: int) -> None:
    """Person i is without a job from now on (work: STUDENT, OUTSIDE or UNEMPLOYED)."""
    persons.work[i] = work
    persons.sector[i] = -1
    persons.workplace[i] = 0


@kernel
def die(persons: Persons, households: Households, rows: Rows) -> None:
    """The persons in `rows` die; their partners are widowed."""
    for i in rows:
        j = persons.partner[i]
        if j >= 0:
            persons.partner[j] = -1
            persons.civil[j] = 2
        persons.partner[i] = -1
        move_in(persons, households, i, -1)
        persons.place[i] = 0


@kernel
def born(
    persons: Persons, households: Households, counts: Counts, mothers: Rows, sex_stream: np.uint64, male_share: float
) -> Rows:
    """Each woman in `mothers` has one child, who joins her household (or stays away with her); returns the rows."""
    children = np.empty(len(mothers), np.int64)
    for c in range(len(mothers)):
        m = mothers[c]
        k = counts[0]
        counts[0] = k + 1
        blank(persons, k)
        key = newborn_key(persons.key[m], np.uint64(persons.parity[m]))
        persons.key[k] = key
        persons.age[k] = -1
        persons.sex[k] = 0 if uniform(sex_stream, key) < male_share else 1
        persons.place[k] = persons.place[m]
        persons.origin[k] = 0 if persons.place[m] == 1 else 1
        persons.mother[k] = m
        persons.father[k] = persons.partner[m]
        persons.parity[m] = min(persons.parity[m] + 1, 12)
        persons.waiting[m] = -1  # the year's ageing makes it 0
        if persons.place[m] == 1:
            move_in(persons, households, k, persons.household[m])
        children[c] = k
    return children


@kernel
def leave(persons: Persons, households: Households, rows: Rows) -> None:
    """The persons in `rows` leave town; those who grew up here, their partners and minors stay as rows of the away.

    A spouse left behind keeps the civil status and becomes a spouse living apart (no partner row).
    """
    for i in rows:
        move_in(persons, households, i, -1)
        persons.place[i] = 2
        persons.tenure[i] = -1  # the year's ageing makes it 0
    for i in rows:
        j = persons.partner[i]
        if j >= 0 and persons.place[j] != 2:
            persons.partner[j] = -1
            persons.partner[i] = -1
    for young in range(2):  # the grown first: whether a minor stays on depends on them
        for i in rows:
            if (persons.age[i] < 18) != (young == 1):
                continue
            stay = persons.origin[i] == 0
            j = persons.partner[i]
            if j >= 0:
                stay = stay or persons.origin[j] == 0
            m, f = persons.mother[i], persons.father[i]
            if persons.age[i] < 18:
                stay = stay or (m >= 0 and persons.place[m] == 2) or (f >= 0 and persons.place[f] == 2)
            if not stay:
                persons.place[i] = 0
                if j >= 0:
                    persons.partner[j] = -1
                    persons.partner[i] = -1


@kernel
def come_home(
    persons: Persons, households: Households, counts: Counts, rows: Rows, leaders: Rows, to_parents: Flags
) -> None:
    """Units of the away return: `leaders[k]` is the row that decided for `rows[k]`; single young may join a parent.

    A unit opens a household of its own unless its leader's `to_parents` flag is set and the mother is in town.
    """
    for k in range(len(rows)):
        i, head = rows[k], leaders[k]
        home = persons.household[head] if head != i else -1
        if head == i:
            m = persons.mother[i]
            if to_parents[k] and m >= 0 and persons.place[m] == 1 and households.kind[persons.household[m]] == 1:
                home = persons.household[m]
            else:
                home = new_home(households, counts, 1)
        move_in(persons, households, i, home)
        persons.place[i] = 1
        persons.tenure[i] = -1


@kernel
def arrive(
    persons: Persons, households: Households, counts: Counts, arrivals: Arrivals, first: int, last: int, keys: Words
) -> None:
    """People from elsewhere move in: rows first..last-1 of the `arrivals` table, units contiguous, adults first."""
    for a in range(first, last):
        k = counts[0]
        counts[0] = k + 1
        blank(persons, k)
        lead = k - arrivals.place_in_unit[a]
        persons.key[k] = keys[a - first]
        persons.age[k] = arrivals.age[a]
        persons.sex[k] = arrivals.sex[a]
        persons.place[k] = 1
        persons.origin[k] = arrivals.origin[a]
        persons.tenure[k] = -1
        persons.civil[k] = arrivals.civil[a]
        persons.parity[k] = arrivals.parity[a]
        persons.waiting[k] = arrivals.waiting[a]
        persons.work[k] = arrivals.work[a]
        persons.sector[k] = arrivals.sector[a]
        if arrivals.role[a] == 1:  # the partner of the one who leads the unit
            persons.partner[k] = lead
            persons.partner[lead] = k
        if arrivals.role[a] == 2:  # a child of the unit
            mate = persons.partner[lead]
            if persons.sex[lead] == 1:
                persons.mother[k] = lead
                persons.father[k] = mate
            else:
                persons.father[k] = lead
                persons.mother[k] = mate
        home = new_home(households, counts, 1) if lead == k else persons.household[lead]
        move_in(persons, households, k, home)


@kernel
def set_work(persons: Persons, rows: Rows, work: Codes, sector: Codes, workplace: Codes) -> None:
    """Write new work, sector and workplace of the persons in `rows` (int8 arrays beside it)."""
    for k in range(len(rows)):
        i = rows[k]
        persons.work[i] = work[k]
        persons.sector[i] = sector[k]
        persons.workplace[i] = workplace[k]
