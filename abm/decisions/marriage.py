"""Who searches, who meets whom, who parts: a two-sex market of as many rounds as there are circles.

In each round every searcher looks through one of her or his groups, and the best mutually acceptable pairs of that
group form, best first. One keyed draw per pair decides whether the two accept each other; the margin ranks them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.decisions.acquaintances import MATCHMAKING, N_CIRCLES, Circles, group_of
from abm.draws import pair_key, uniform
from abm.people.lots import A_LITTLE_MORE, drawn, nobody
from abm.people.population import TOWN, Flags, Households, Persons, Rows
from abm.people.roll import Roll

Array = NDArray[np.float64]


class Search(NamedTuple):
    """One year's search hazards, as probabilities, and what makes two people accept each other."""

    by_age: Array  # [2 sexes, 2 (never married, widowed or divorced), 101 ages], aligned and levered
    by_work: Array  # [2 sexes, 6 kinds of work]: odds turned relative risk
    acceptance: Array  # [41]: probability that a pair is acceptable by husband's minus wife's age, -20 .. +20
    homogamy: Array  # [6, 6]: factor on acceptance by his and her kind of work
    matchmaking: Array  # [1]: share of the searchers who also take part in matchmaking
    outside: Array  # [2 sexes]: probability that a searcher who met nobody in town marries somebody from elsewhere
    moves_in: Array  # [1]: share of these marriages whose partner moves in; in the others the resident moves out
    gaps: Array  # [41]: cumulative shares of husband's minus wife's age, -20 .. +20, of these marriages


class Pairs(NamedTuple):
    """What a year's market has come to."""

    men: Rows
    women: Rows  # beside the men
    introduced: int  # how many of the pairs, the last ones, matchmaking has made
    alone: Rows  # searchers who met nobody


class Divorces(NamedTuple):
    """One year's divorce probabilities of wives in town."""

    by_age: Array  # [101] of the wife
    by_husband: Array  # [6]: relative risk by the husband's kind of work


@rule
def search_probability(persons: Persons, search: Search, i: int) -> float:
    """The probability that person i looks for a partner this year."""
    before = 0 if persons.civil[i] == 0 else 1
    return search.by_age[persons.sex[i], before, persons.age[i]] * search.by_work[persons.sex[i], persons.work[i]]


@rule
def may_search(persons: Persons, households: Households, i: int) -> bool:
    """Whether person i is on the marriage market: unmarried, 16 or older, in a private household in town."""
    if persons.place[i] != 1 or persons.civil[i] == 1 or persons.age[i] < 16:
        return False
    return households.kind[persons.household[i]] == 1


@kernel
def searchers(persons: Persons, households: Households, roll: Roll, search: Search, stream: np.uint64) -> Rows:
    """Rows of the unmarried in private households who search this year."""
    likeliest = nobody()
    for sex in range(2):
        for age in range(search.by_age.shape[2]):
            most = max(search.by_age[sex, 0, age], search.by_age[sex, 1, age])
            likeliest[TOWN, 0, sex, age] = most * search.by_work[sex].max() * A_LITTLE_MORE
    asked = drawn(persons, roll.n, likeliest, stream)
    rows = np.empty(len(asked), np.int64)
    k = 0
    for i in asked:
        chosen = uniform(stream, persons.key[i]) < search_probability(persons, search, i)
        if chosen and may_search(persons, households, i):
            rows[k] = i
            k += 1
    return rows[:k].copy()


@kernel
def participants(persons: Persons, rows: Rows, search: Search, stream: np.uint64) -> Flags:
    """Which of the searchers in `rows` take part in matchmaking (bool)."""
    out = np.zeros(len(rows), np.bool_)
    for k in range(len(rows)):
        out[k] = uniform(stream, persons.key[rows[k]]) < search.matchmaking[0]
    return out


@rule
def margin(persons: Persons, search: Search, man: int, woman: int, stream: np.uint64) -> float:
    """By how much a pair accepts each other (negative: it does not); children of one living mother never do.

    The link to a mother is asked for only while she lives: later it may or may not be there still.
    """
    m = persons.mother[man]
    if m >= 0 and m == persons.mother[woman] and persons.place[m] != 0:
        return -1.0
    if persons.mother[man] == woman or persons.father[woman] == man:
        return -1.0
    gap = min(max(np.int64(persons.age[man]) - np.int64(persons.age[woman]), -20), 20)
    by_gap = search.acceptance[gap + 20]  # type: ignore[operator]  # min() of NumPy numbers
    chance = by_gap * search.homogamy[persons.work[man], persons.work[woman]]
    return chance - uniform(stream, pair_key(persons.key[man], persons.key[woman]))


@kernel
def one_round(
    persons: Persons,
    circles: Circles,
    circle: int,
    year: int,
    rows: Rows,
    free: Flags,
    search: Search,
    stream: np.uint64,
    husbands: Rows,
    wives: Rows,
    found: int,
) -> int:
    """One round in one circle: pairs are written into `husbands` and `wives` from position `found` on.

    `free[k]` says whether `rows[k]` is still looking; returns the new number of pairs.
    """
    groups, size = np.empty(len(rows), np.int64), np.zeros(circles.total[circle] + 1, np.int32)
    for k in range(len(rows)):
        if free[k]:
            groups[k] = group_of(persons, circles, circle, year, rows[k])
            size[groups[k] + 1] += 1
    last = np.cumsum(size)  # where each group's members end once all have found their place
    members = np.empty(last[-1], np.int64)
    for k in range(len(rows)):
        if free[k]:
            members[last[groups[k]]] = k
            last[groups[k]] += 1
    start = 0
    for stop in last:
        if stop > start + 1:
            found = pair_group(persons, rows, free, members[start:stop], search, stream, husbands, wives, found)
        start = stop
    return found


@kernel
def pair_group(
    persons: Persons,
    rows: Rows,
    free: Flags,
    members: Rows,
    search: Search,
    stream: np.uint64,
    husbands: Rows,
    wives: Rows,
    found: int,
) -> int:
    """The best acceptable pairs among the `members` (positions in `rows`) of one group form, best first."""
    size = len(members)
    best = np.empty(size * size // 4 + 1)
    man = np.empty(size * size // 4 + 1, np.int64)
    woman = np.empty(size * size // 4 + 1, np.int64)
    pairs = 0
    for a in range(size):
        if persons.sex[rows[members[a]]] != 0:
            continue
        for b in range(size):
            if persons.sex[rows[members[b]]] != 1:
                continue
            m = margin(persons, search, rows[members[a]], rows[members[b]], stream)
            if m > 0:
                best[pairs], man[pairs], woman[pairs] = -m, members[a], members[b]
                pairs += 1
    order = np.argsort(best[:pairs])
    for p in order:
        if free[man[p]] and free[woman[p]]:
            free[man[p]] = False
            free[woman[p]] = False
            husbands[found] = rows[man[p]]
            wives[found] = rows[woman[p]]
            found += 1
    return found


@kernel
def couples(
    persons: Persons, circles: Circles, year: int, rows: Rows, search: Search, streams: tuple[np.uint64, np.uint64]
) -> Pairs:
    """All pairs that form among the searchers `rows`, and who of these stays alone.

    `streams` are the streams of the pair draws and of taking part in matchmaking. Matchmaking adds one more circle
    for its participants after the others, and nothing else.
    """
    free = np.ones(len(rows), np.bool_)
    husbands, wives = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    found = 0
    for circle in range(N_CIRCLES):
        found = one_round(persons, circles, circle, year, rows, free, search, streams[0], husbands, wives, found)
    known = found
    if search.matchmaking[0] > 0:
        members = free & participants(persons, rows, search, streams[1])
        others = free & ~members
        found = one_round(
            persons, circles, MATCHMAKING, year, rows, members, search, streams[0], husbands, wives, found
        )
        free = members | others
    return Pairs(husbands[:found], wives[:found], found - known, rows[free])


@rule
def divorce_probability(persons: Persons, divorces: Divorces, i: int) -> float:
    """The probability that wife i and her husband divorce within the year."""
    man = persons.partner[i]
    return divorces.by_age[persons.age[i]] * divorces.by_husband[persons.work[man]]


@rule
def may_divorce(persons: Persons, i: int) -> bool:
    """Whether person i decides about a divorce: a wife in town whose husband lives in town."""
    return persons.place[i] == 1 and persons.sex[i] == 1 and persons.partner[i] >= 0


@kernel
def the_divorcing(persons: Persons, roll: Roll, divorces: Divorces, stream: np.uint64) -> Rows:
    """Rows of the wives in town whose marriages end in divorce this year."""
    likeliest = nobody()  # whatever the husband's work: no look-up for most wives
    likeliest[TOWN, 1, 1, :101] = divorces.by_age * divorces.by_husband.max() * A_LITTLE_MORE
    asked = drawn(persons, roll.n, likeliest, stream)
    rows = np.empty(len(asked), np.int64)
    k = 0
    for i in asked:
        if may_divorce(persons, i) and uniform(stream, persons.key[i]) < divorce_probability(persons, divorces, i):
            rows[k] = i
            k += 1
    return rows[:k].copy()


@kernel
def children_of(persons: Persons, roll: Roll, husbands: Rows, wives: Rows) -> tuple[Rows, Rows]:
    """Minors who live with a newly wed without a partner so far: (children sorted by couple, start per couple)."""
    couple = np.full(len(persons.key), -1, np.int32)
    for k in range(len(wives)):
        couple[husbands[k]] = k
        couple[wives[k]] = k
    child = np.empty(30 * len(wives) + 1, np.int64)
    of = np.empty(30 * len(wives) + 1, np.int64)
    m = 0
    for i in roll.minors:
        if persons.place[i] != 1:
            continue
        mother, father = persons.mother[i], persons.father[i]
        home = persons.household[i]
        k = -1
        if mother >= 0 and couple[mother] >= 0 and persons.household[mother] == home:
            k = couple[mother]
        elif father >= 0 and couple[father] >= 0 and persons.household[father] == home:
            k = couple[father]
        if k >= 0:
            child[m], of[m] = i, k
            m += 1
    order = np.argsort(of[:m], kind="mergesort")
    start = np.zeros(len(wives) + 1, np.int64)
    for c in range(m):
        start[of[c] + 1] += 1
    for k in range(len(wives)):
        start[k + 1] += start[k]
    return child[:m][order], start
