"""Who leaves: families, singles and evacuees who go home out of town, young adults out of their parents' home.

The one who decides is an adult without a partner in the household, or the wife of a couple for both; minors go with
the parent they live with. Foreign residents and reconstruction workers have yearly probabilities of their own.
"""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.decisions.migration import (
    ALONE,
    ALONE_FROM,
    COUPLE,
    GOING_HOME,
    LIKELIEST,
    NOBODY_DECIDES,
    SCHOOL_AGE,
    WAITING,
    WITH_OTHERS,
    WITH_PRESCHOOL,
    WITH_PUPILS,
    Moves,
)
from abm.draws import uniform
from abm.people.lots import A_LITTLE_MORE, BLOCK, Marks, collect
from abm.people.population import Codes, Households, Listed, Persons, Rows
from abm.people.roll import Roll

Array = NDArray[np.float64]


@kernel
def kinds_of_home(
    persons: Persons, households: Households, roll: Roll, homes_in_use: int, moves: Moves, stream: np.uint64
) -> Codes:
    """What each household is to somebody who thinks of leaving (int8[households]).

    WITH_OTHERS unless somebody under 18 lives there (WITH_PRESCHOOL, or WITH_PUPILS where one is at school) or nobody
    else does (ALONE). Evacuees' households have one draw for all years, keyed on their eldest: a share of them is
    WAITING to go home and GOING_HOME in one year; meanwhile they do not leave otherwise.
    """
    homes = np.zeros(homes_in_use, np.int8)
    without_minors(homes, households.kind[:homes_in_use], households.size[:homes_in_use])
    for i in roll.minors:
        if persons.place[i] == 1:
            h = np.uint32(persons.household[i])
            with_them = np.int8(WITH_PUPILS if persons.age[i] >= SCHOOL_AGE else WITH_PRESCHOOL)
            homes[h] = with_them if homes[h] < WITH_PUPILS else homes[h]
    if moves.homecoming[2] > moves.homecoming[0]:
        evacuees_wait(persons, evacuees(persons, roll.n), homes, moves, stream)
    return homes


@kernel
def without_minors(homes: Codes, kind: Codes, size: NDArray[np.int32]) -> None:
    """NOBODY_DECIDES, ALONE or WITH_OTHERS for every household, written as a sum so that it becomes vectors."""
    for h in range(len(homes)):
        refuge, single = np.int8(kind[h] == 2), np.int8(size[h] == 1)
        homes[h] = refuge * np.int8(NOBODY_DECIDES) + (np.int8(1) - refuge) * single * np.int8(ALONE)


@kernel
def evacuees(persons: Persons, n: int) -> Listed:
    """Rows of the evacuees in town (uint32)."""
    rows, k, marks = np.empty(n, np.uint32), 0, np.zeros(BLOCK, np.uint8)
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        mark_evacuees(marks, persons.place[first:last], persons.origin[first:last])
        k = collect(rows, k, marks, first, last - first)
    return rows[:k]


@kernel
def mark_evacuees(marks: Marks, place: Codes, origin: Codes) -> None:
    """Mark the evacuees in town."""
    for k in range(len(place)):
        marks[k] = (origin[k] == 4) & (place[k] == 1)


@kernel
def evacuees_wait(persons: Persons, rows: Listed, homes: Codes, moves: Moves, stream: np.uint64) -> None:
    """Write WAITING and GOING_HOME into `homes` of the evacuees in `rows`, by the draw of each home's eldest."""
    eldest = np.full(len(homes), -1, np.int32)
    for i in rows:
        h = persons.household[i]
        e = eldest[h]
        older = e < 0 or persons.age[i] > persons.age[e]
        if older or (persons.age[i] == persons.age[e] and persons.key[i] > persons.key[e]):
            eldest[h] = i
    for i in rows:
        h = persons.household[i]
        if eldest[h] != i:
            continue
        u = uniform(stream, persons.key[i])
        if moves.homecoming[0] <= u < moves.homecoming[1]:
            homes[h] = GOING_HOME
        elif moves.homecoming[1] <= u < moves.homecoming[2]:
            homes[h] = WAITING


@rule
def homecoming_probability(persons: Persons, moves: Moves, i: int) -> float:
    """The probability that evacuee i, who has not gone home yet, does so this year: the same draw, still open."""
    if persons.place[i] != 1 or persons.origin[i] != 4 or moves.homecoming[0] >= 1.0:
        return 0.0
    return (moves.homecoming[1] - moves.homecoming[0]) / (1.0 - moves.homecoming[0])


@rule
def leaving_probability(persons: Persons, moves: Moves, homes: Codes, i: int) -> float:
    """The probability that the family of person i leaves town within the year (for a couple: the mean of both)."""
    j = persons.partner[i]
    together = j >= 0 and persons.household[j] == persons.household[i]
    family = homes[persons.household[i]]
    if together and family < COUPLE:
        family = COUPLE
    if family > COUPLE and not together and not has_minors(persons, i):
        family = WITH_OTHERS
    if not together:
        return one_leaves(persons, moves, family, 1.0, i)
    both = moves.two_earners[0] if persons.work[i] >= 3 and persons.work[j] >= 3 else 1.0
    return 0.5 * (one_leaves(persons, moves, family, both, i) + one_leaves(persons, moves, family, both, j))


@rule
def has_minors(persons: Persons, i: int) -> bool:
    """Whether an adult without a partner may be taken for the parent of the household's minors."""
    return persons.civil[i] != 0 or persons.parity[i] > 0


@rule
def one_leaves(persons: Persons, moves: Moves, family: int, both: float, i: int) -> float:
    """The leaving probability of one adult by sex, age and family, work, ties and years since arrival.

    `both` is the couple's relative risk. Those whom a policy brought have its retention for five years, foreign
    residents and reconstruction workers a probability of their own.
    """
    origin = persons.origin[i]
    if persons.tenure[i] < 5 and moves.short_stay[origin] >= 0:
        return moves.short_stay[origin]
    if moves.own[origin] >= 0:
        return min(moves.own[origin] * moves.own_factor[persons.sex[i], persons.age[i]], LIKELIEST)
    m = persons.mother[i]
    kin = 1 if m >= 0 and persons.place[m] == 1 else 0
    chance = (
        moves.leave[persons.sex[i], persons.age[i], family]
        * moves.by_work[persons.work[i]]
        * moves.by_tie[kin, persons.workplace[i]]
        * moves.by_stay[0 if origin == 0 else 1, min(persons.tenure[i], 10)]
        * both
    )
    return min(chance, LIKELIEST)


@rule
def decides(persons: Persons, homes: Codes, i: int) -> bool:
    """Whether person i decides about leaving: not a child, in a private household, of a couple the wife."""
    if persons.place[i] != 1 or persons.age[i] < ALONE_FROM:
        return False
    if homes[persons.household[i]] >= WAITING:
        return False
    j = persons.partner[i]
    return j < 0 or persons.sex[i] == 1 or persons.household[j] != persons.household[i]


@kernel
def leavers(persons: Persons, roll: Roll, moves: Moves, homes: Codes, stream: np.uint64, expected: Array) -> Rows:
    """Rows of all who leave town this year, followers and evacuees who go home included.

    Expected leavers (evacuees apart), followers included, are added to `expected` [2, 102] when it is not empty: index
    0 the year's newborns, x + 1 age x.
    """
    going = np.zeros(roll.n, np.uint8)
    for i in perhaps_leaving(persons, roll, moves, stream):
        if not decides(persons, homes, i):
            continue
        if uniform(stream, persons.key[i]) < leaving_probability(persons, moves, homes, i):
            going[i] = 1
            j = persons.partner[i]
            if j >= 0 and persons.household[j] == persons.household[i]:
                going[j] = 1
    if len(expected) > 0:
        expect_leavers(persons, roll.n, moves, homes, expected)
    if moves.homecoming[1] > moves.homecoming[0]:
        for i in evacuees(persons, roll.n):
            going[i] |= homes[persons.household[i]] == GOING_HOME
    children_go(persons, roll, homes, going, expected)
    return np.flatnonzero(going)


@kernel
def children_go(persons: Persons, roll: Roll, homes: Codes, going: NDArray[np.uint8], expected: Array) -> None:
    """Mark minors who follow a parent in `going`; evacuees' children, born here, are expected to when they do."""
    for i in roll.minors:
        m, f = persons.mother[i], persons.father[i]
        either = (m >= 0) & (going[max(m, 0)] != 0) | (f >= 0) & (going[max(f, 0)] != 0)
        if not either or persons.place[i] != 1 or going[i] != 0:
            continue
        going[i] = follows(persons, going, i)
        if going[i] != 0 and len(expected) > 0 and homes[persons.household[i]] == GOING_HOME:
            expected[persons.sex[i], min(persons.age[i], 100) + 1] += 1.0


@kernel
def likeliest_by_age(moves: Moves) -> Array:
    """What nobody's probability of leaving exceeds before work and stay, [2 sexes, 101], whatever home and ties."""
    above = moves.by_tie.max() * max(moves.two_earners[0], 1.0) * A_LITTLE_MORE
    most = np.empty(moves.leave.shape[:2])
    for sex in range(2):
        for age in range(moves.leave.shape[1]):
            most[sex, age] = moves.leave[sex, age].max() * above
    return most


@rule
def likeliest_leaving(persons: Persons, moves: Moves, most: Array, surest: float, i: int) -> float:
    """A probability of leaving by oneself that person i does not exceed; `surest` for whom origins have their own."""
    origin = np.uint64(persons.origin[i])
    stay = np.uint64(min(max(persons.tenure[i], np.int8(0)), np.int8(10)))  # -1: left this very year
    chance = most[np.uint64(persons.sex[i]), np.uint64(max(persons.age[i], np.int8(0)))]
    chance *= moves.by_work[np.uint64(persons.work[i])] * moves.by_stay[np.uint64(origin != 0), stay]
    special = (moves.own[origin] >= 0) | (moves.short_stay[origin] >= 0)
    return surest if special else min(chance, LIKELIEST)


@kernel
def perhaps_leaving(persons: Persons, roll: Roll, moves: Moves, stream: np.uint64) -> Listed:
    """Residents whose draw is below a bound of their own probability: the others need no look at home and ties.

    A wife's bound takes her husband to be as likely to leave as anybody; only below it is his looked up.
    """
    most, surest = likeliest_by_age(moves), max(LIKELIEST, moves.short_stay.max())
    rows = np.empty(len(roll.grown), np.uint32)
    k = 0
    for i in roll.grown:
        chance = likeliest_leaving(persons, moves, most, surest, i)
        wife = (persons.partner[i] >= 0) & (persons.sex[i] == 1)
        bound = 0.5 * (chance + surest) * A_LITTLE_MORE if wife else chance
        rows[k] = i
        k += uniform(stream, persons.key[i]) < bound
    found = 0
    for i in rows[:k]:
        j = persons.partner[i]
        chance = likeliest_leaving(persons, moves, most, surest, i)
        if j >= 0 and persons.sex[i] == 1:  # apart from her husband she decides by herself
            chance = max(chance, 0.5 * (chance + likeliest_leaving(persons, moves, most, surest, j)) * A_LITTLE_MORE)
        rows[found] = i
        found += uniform(stream, persons.key[i]) < chance
    return rows[:found]


@rule
def follows(persons: Persons, going: NDArray[np.uint8], i: int) -> np.uint8:
    """What becomes of minor i: the state of the mother, or of the father where the mother does not live with it."""
    for parent in (persons.mother[i], persons.father[i]):
        if parent >= 0 and persons.place[parent] == 1 and persons.household[parent] == persons.household[i]:
            return going[parent]
    return np.uint8(0)


@kernel
def expect_leavers(persons: Persons, n: int, moves: Moves, homes: Codes, expected: Array) -> None:
    """Add everybody's probability of leaving to `expected` [2, 102], minors with the parent they live with."""
    chance = chances_of_leaving(persons, n, moves, homes)
    for i in range(n):
        if persons.place[i] == 1:
            expected[persons.sex[i], min(persons.age[i], 100) + 1] += chance[i]


@kernel
def chances_of_leaving(persons: Persons, n: int, moves: Moves, homes: Codes) -> Array:
    """Everybody's probability of leaving within the year, float64[n], minors with the parent they live with."""
    chance = np.zeros(n)
    for i in range(n):
        if decides(persons, homes, i):
            chance[i] = leaving_probability(persons, moves, homes, i)
            j = persons.partner[i]
            if j >= 0 and persons.household[j] == persons.household[i]:
                chance[j] = chance[i]
    for i in range(n):
        if persons.place[i] == 1 and persons.age[i] < 18:
            for parent in (persons.mother[i], persons.father[i]):
                if parent >= 0 and persons.place[parent] == 1 and persons.household[parent] == persons.household[i]:
                    chance[i] += (1.0 - chance[i]) * chance[parent]
                    break
    return chance
