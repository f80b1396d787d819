"""Who leaves, who returns, who arrives: families, singles, evacuees, the away and newcomers.

The one who decides is an adult without a partner in the household, or the wife of a couple for both; minors go with
the parent they live with. Arrivals are counts fixed on the reference arm; everything that leaves is a rate.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import uniform
from abm.population import Codes, Households, Persons, Rows

Array = NDArray[np.float64]
WITH_OTHERS, COUPLE, WITH_MINORS, ALONE = 0, 1, 2, 3  # columns of `Moves.leave`
WAITING, GOING_HOME = 4, 5  # evacuees' households
NOBODY_DECIDES = 6  # institutions
LIKELIEST = 0.5  # no family's yearly probability of leaving is higher; an assumption that also spares most look-ups
# From this age on the stock date somebody may leave alone: compulsory school ends within the year that follows.
ALONE_FROM = 15


class Moves(NamedTuple):
    """One year's moving probabilities, levered and pulled by last year's vacancies."""

    leave: Array  # [2 sexes, 101 ages, 4 (with others, couple, with minors, alone)]
    by_work: Array  # [6]: relative risk by work
    by_tie: Array  # [2 (no mother in town, mother in town), 3 workplaces]: relative risk
    by_stay: Array  # [2 (grew up here, came later), 11 years since arrival]: relative risk
    short_stay: Array  # [6 origins]: yearly probability of leaving in the first five years, -1 where by_stay rules
    uturn: Array  # [2 sexes, 101 ages, 61 years away]: yearly probability of return of those who grew up here
    homecoming: Array  # [3]: evacuee households with a fixed draw in [0, 1) of it go home this year, in [1, 2) later
    to_parents: Array  # [101]: share of single returners who join a parent's household


@kernel
def kinds_of_home(
    persons: Persons, households: Households, n: int, homes_in_use: int, moves: Moves, stream: np.uint64
) -> Codes:
    """What each household is to somebody who thinks of leaving (int8[households]).

    WITH_OTHERS unless somebody under 18 lives there (WITH_MINORS) or nobody else does (ALONE). Evacuees' households
    have one draw for all years, keyed on their eldest: a share of them is WAITING to go home and GOING_HOME in one
    year; meanwhile they do not leave otherwise.
    """
    homes = np.zeros(homes_in_use, np.int8)
    for h in range(homes_in_use):
        if households.kind[h] == 2:
            homes[h] = NOBODY_DECIDES
        elif households.size[h] == 1:
            homes[h] = ALONE
    for i in range(n):
        if persons.place[i] == 1 and persons.age[i] < 18 and homes[persons.household[i]] != NOBODY_DECIDES:
            homes[persons.household[i]] = WITH_MINORS
    if moves.homecoming[2] > moves.homecoming[0]:
        eldest = np.full(homes_in_use, -1, np.int32)
        for i in range(n):
            if persons.place[i] == 1 and persons.origin[i] == 4:
                h = persons.household[i]
                e = eldest[h]
                older = e < 0 or persons.age[i] > persons.age[e]
                if older or (persons.age[i] == persons.age[e] and persons.key[i] > persons.key[e]):
                    eldest[h] = i
        for h in range(homes_in_use):
            if eldest[h] >= 0:
                u = uniform(stream, persons.key[eldest[h]])
                if moves.homecoming[0] <= u < moves.homecoming[1]:
                    homes[h] = GOING_HOME
                elif moves.homecoming[1] <= u < moves.homecoming[2]:
                    homes[h] = WAITING
    return homes


@rule
def leaving_probability(persons: Persons, moves: Moves, homes: Codes, i: int) -> float:
    """The probability that the family of person i leaves town within the year (for a couple: the mean of both)."""
    j = persons.partner[i]
    together = j >= 0 and persons.household[j] == persons.household[i]
    family = homes[persons.household[i]]
    if together and family != WITH_MINORS:
        family = COUPLE
    if family == WITH_MINORS and not together and not has_minors(persons, i):
        family = WITH_OTHERS
    chance = one_leaves(persons, moves, family, i)
    if together:
        chance = 0.5 * (chance + one_leaves(persons, moves, family, j))
    return chance


@rule
def has_minors(persons: Persons, i: int) -> bool:
    """Whether an adult without a partner may be taken for the parent of the household's minors."""
    return persons.civil[i] != 0 or persons.parity[i] > 0


@rule
def one_leaves(persons: Persons, moves: Moves, family: int, i: int) -> float:
    """The leaving probability of one adult by sex, age and family, work, ties and years since arrival."""
    m = persons.mother[i]
    kin = 1 if m >= 0 and persons.place[m] == 1 else 0
    chance = (
        moves.leave[persons.sex[i], persons.age[i], family]
        * moves.by_work[persons.work[i]]
        * moves.by_tie[kin, persons.workplace[i]]
        * moves.by_stay[0 if persons.origin[i] == 0 else 1, min(persons.tenure[i], 10)]
    )
    if persons.tenure[i] < 5 and moves.short_stay[persons.origin[i]] >= 0:
        return moves.short_stay[persons.origin[i]]  # those whom a policy brought: their retention says it all
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
def leavers(
    persons: Persons, households: Households, n: int, moves: Moves, homes: Codes, stream: np.uint64, expected: Array
) -> Rows:
    """Rows of all who leave town this year, followers and evacuees who go home included.

    Expected leavers (evacuees apart), followers included, are added to `expected` [2, 102] when it is not empty: index
    0 the year's newborns, x + 1 age x.
    """
    going = np.zeros(n, np.uint8)
    for i in range(n):
        if not decides(persons, homes, i):
            continue
        u = uniform(stream, persons.key[i])
        if u < LIKELIEST and u < leaving_probability(persons, moves, homes, i):
            going[i] = 1
            j = persons.partner[i]
            if j >= 0 and persons.household[j] == persons.household[i]:
                going[j] = 1
    if len(expected) > 0:
        expect_leavers(persons, households, n, moves, homes, expected)
    going_home = moves.homecoming[1] > moves.homecoming[0]
    rows = np.empty(n, np.int64)
    k = 0
    for i in range(n):
        if persons.place[i] != 1:
            continue
        if going_home and persons.origin[i] == 4 and homes[persons.household[i]] == GOING_HOME:
            going[i] = 1
        elif persons.age[i] < 18 and going[i] == 0:
            going[i] = follows(persons, going, i)
            if going[i] != 0 and len(expected) > 0 and homes[persons.household[i]] == GOING_HOME:
                expected[persons.sex[i], min(persons.age[i], 100) + 1] += 1.0  # a child of evacuees, born here
        if going[i] != 0:
            rows[k] = i
            k += 1
    return rows[:k].copy()


@rule
def follows(persons: Persons, going: NDArray[np.uint8], i: int) -> np.uint8:
    """What becomes of minor i: the state of the mother, or of the father where the mother does not live with it."""
    for parent in (persons.mother[i], persons.father[i]):
        if parent >= 0 and persons.place[parent] == 1 and persons.household[parent] == persons.household[i]:
            return going[parent]
    return np.uint8(0)


@kernel
def expect_leavers(
    persons: Persons, households: Households, n: int, moves: Moves, homes: Codes, expected: Array
) -> None:
    """Add everybody's probability of leaving to `expected` [2, 102], minors with the parent they live with."""
    chance = np.zeros(n)
    for i in range(n):
        if decides(persons, homes, i):
            chance[i] = leaving_probability(persons, moves, homes, i)
            j = persons.partner[i]
            if j >= 0 and persons.household[j] == persons.household[i]:
                chance[j] = chance[i]
    for i in range(n):
        if persons.place[i] != 1:
            continue
        if persons.age[i] < 18:
            for parent in (persons.mother[i], persons.father[i]):
                if parent >= 0 and persons.place[parent] == 1 and persons.household[parent] == persons.household[i]:
                    chance[i] += (1.0 - chance[i]) * chance[parent]
                    break
        expected[persons.sex[i], min(persons.age[i], 100) + 1] += chance[i]


@rule
def uturn_probability(persons: Persons, moves: Moves, i: int) -> float:
    """The probability that person i, who grew up here and lives away, returns within the year."""
    return moves.uturn[persons.sex[i], min(persons.age[i], 100), persons.tenure[i]]


@kernel
def returners(persons: Persons, n: int, moves: Moves, stream: np.uint64, expected: Array) -> tuple[Rows, Rows]:
    """(rows, leaders): everybody of the away who returns this year, each beside the one who decided.

    Of a couple of two natives the wife decides for both. Expected returns, followers included, are added to
    `expected` [2, 102] when it is not empty (index 0 the year's newborns, x + 1 age x).
    """
    leader = np.full(n, -1, np.int32)
    chance = np.zeros(n if len(expected) > 0 else 1)
    for i in range(n):
        if persons.place[i] != 2 or persons.origin[i] != 0 or persons.age[i] < 18:
            continue
        j = persons.partner[i]
        if j >= 0 and persons.origin[j] == 0 and persons.sex[i] == 0:
            continue
        p = uturn_probability(persons, moves, i)
        if len(expected) > 0:
            chance[i] = p
            if j >= 0:
                chance[j] = p
        if uniform(stream, persons.key[i]) < p:
            leader[i] = i
            if j >= 0:
                leader[j] = i
    rows, leaders = np.empty(n, np.int64), np.empty(n, np.int64)
    k = 0
    for i in range(n):
        if persons.place[i] != 2:
            continue
        if persons.age[i] < 18 and leader[i] < 0:
            m, f = persons.mother[i], persons.father[i]
            guide = m if m >= 0 and persons.place[m] == 2 else (f if f >= 0 and persons.place[f] == 2 else -1)
            if guide >= 0:
                leader[i] = leader[guide]
                if len(expected) > 0:
                    chance[i] = chance[guide]
        if len(expected) > 0:
            expected[persons.sex[i], min(persons.age[i], 100) + 1] += chance[i]
        if leader[i] >= 0:
            rows[k], leaders[k] = i, leader[i]
            k += 1
    first = np.argsort(np.where(rows[:k] == leaders[:k], 0, 1), kind="mergesort")
    return rows[:k][first], leaders[:k][first]


@kernel
def newly_wed_away(persons: Persons, n: int, by_age: Array, gap: int, stream: np.uint64) -> tuple[Rows, Codes]:
    """Natives away who marry somebody from elsewhere this year, with the partner's age (rows, int8 ages)."""
    rows, ages = np.empty(n, np.int64), np.empty(n, np.int8)
    k = 0
    for i in range(n):
        if persons.place[i] == 2 and persons.origin[i] == 0 and persons.civil[i] != 1 and persons.age[i] >= 18:
            u = uniform(stream, persons.key[i])
            p = by_age[persons.sex[i], 0 if persons.civil[i] == 0 else 1, min(persons.age[i], 100)]
            if u < p:
                other = persons.age[i] + (gap if persons.sex[i] == 1 else -gap) + np.int64(6.0 * (u / p - 0.5))
                rows[k], ages[k] = i, min(max(other, 18), 100)
                k += 1
    return rows[:k].copy(), ages[:k].copy()


@kernel
def home_leavers(persons: Persons, households: Households, n: int, by_age: Array, stream: np.uint64) -> Rows:
    """Unmarried adults without children who leave their parents' household for one of their own in town (rows)."""
    rows = np.empty(n, np.int64)
    k = 0
    for i in range(n):
        if persons.place[i] != 1 or persons.civil[i] == 1 or persons.parity[i] > 0:
            continue
        if persons.age[i] < 18 or persons.age[i] > 49:
            continue
        if uniform(stream, persons.key[i]) >= by_age[persons.sex[i], persons.age[i]]:
            continue
        m = persons.mother[i]
        if m >= 0 and persons.place[m] == 1 and persons.household[m] == persons.household[i]:
            rows[k] = i
            k += 1
    return rows[:k].copy()
