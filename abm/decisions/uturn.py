"""Those away: who comes home (U-turn), and who marries there.

Return falls with years away, with a partner from elsewhere and with children at school; it rises with a mother in
town, with last year's vacancies, and for those who could keep an employer elsewhere by working remotely.
"""

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.decisions.migration import SCHOOL_AGE, SUREST_RETURN, Moves
from abm.draws import uniform
from abm.people.lots import A_LITTLE_MORE, drawn, nobody
from abm.people.population import AWAY, Codes, Listed, Persons, Rows
from abm.people.roll import Roll

Array = NDArray[np.float64]
Marks = NDArray[np.uint8]  # 0 or 1 a row


@kernel
def parents_of_pupils(persons: Persons, roll: Roll) -> Marks:
    """Who lives away with a child at school: 1 for its mother and father (uint8[roll.n])."""
    marks = np.zeros(roll.n, np.uint8)
    for i in roll.young_away:
        if persons.place[i] == 2 and persons.age[i] >= SCHOOL_AGE:
            for parent in (persons.mother[i], persons.father[i]):
                if parent >= 0 and persons.place[parent] == 2:
                    marks[parent] = 1
    return marks


@rule
def ties(persons: Persons, moves: Moves, pupils: Marks, remote: np.uint64, i: int) -> float:
    """Relative risk of return of person i: mother in town, partner, children at school, work that is not bound."""
    m, j = persons.mother[i], persons.partner[i]
    kin = 1 if m >= 0 and persons.place[m] == 1 else 0
    partner = 0 if j < 0 else (1 if persons.origin[j] == 0 else 2)
    risk = moves.return_tie[kin, partner]
    if pupils[i] != 0:
        risk *= moves.return_pupils[0]
    share = moves.remote_away[min(persons.age[i], 100)]
    if share > 0 and persons.work[i] >= 3 and uniform(remote, persons.key[i]) < share:
        risk *= moves.return_remote[0]
    return risk


@rule
def uturn_probability(persons: Persons, moves: Moves, pupils: Marks, remote: np.uint64, i: int) -> float:
    """The probability that person i, who grew up here and lives away, returns within the year.

    `pupils` marks those with children at school, `remote` is the stream of everybody's own threshold of remote work.
    """
    age = min(persons.age[i], 100)
    chance = moves.uturn[persons.sex[i], age, persons.tenure[i]] * ties(persons, moves, pupils, remote, i)
    return min(chance + moves.return_extra[age], SUREST_RETURN)


@rule
def likeliest_return(persons: Persons, moves: Moves, most: float, i: int) -> float:
    """A probability of return that person i does not exceed, `most` being the highest relative risk by ties."""
    age = min(persons.age[i], 100)
    chance = moves.uturn[persons.sex[i], age, persons.tenure[i]] * most
    return (chance + moves.return_extra[age]) * A_LITTLE_MORE


@kernel
def mean_tie(persons: Persons, roll: Roll, moves: Moves) -> float:
    """Mean relative risk by ties of those away, each weighted by the return probability of her or his years away."""
    pupils, weighted, weight = parents_of_pupils(persons, roll), 0.0, 0.0
    for i in roll.away:
        if persons.place[i] == 2 and persons.origin[i] == 0 and persons.age[i] >= 18:
            chance = moves.uturn[persons.sex[i], min(persons.age[i], 100), persons.tenure[i]]
            weighted += chance * ties(persons, moves, pupils, np.uint64(0), i)
            weight += chance
    return weighted / weight if weight > 0 else 1.0


@kernel
def perhaps_returning(persons: Persons, n: int, moves: Moves, stream: np.uint64) -> Listed:
    """Adults away who grew up here and whose draw is below a bound of their own probability of return."""
    most = moves.return_tie.max() * max(moves.return_pupils[0], 1.0) * max(moves.return_remote[0], 1.0)
    likeliest = nobody()
    for sex in range(2):
        for age in range(18, moves.uturn.shape[1]):
            chance = (moves.uturn[sex, age].max() * most + moves.return_extra[age]) * A_LITTLE_MORE
            likeliest[AWAY, :, sex, age] = chance
    rows = drawn(persons, n, likeliest, stream)
    found = 0
    for i in rows:
        rows[found] = i
        native = persons.origin[i] == 0
        found += native & (uniform(stream, persons.key[i]) < likeliest_return(persons, moves, most, i))
    return rows[:found]


@kernel
def returners(
    persons: Persons, roll: Roll, moves: Moves, stream: np.uint64, remote: np.uint64, expected: Array
) -> tuple[Rows, Rows]:
    """(rows, leaders): everybody of the away who returns this year, each beside the one who decided.

    Of a couple of two natives the wife decides for both; `remote` is the stream of remote work's thresholds. Expected
    returns, followers included, are added to `expected` [2, 102] when it is not empty (index 0 the year's newborns,
    x + 1 age x).
    """
    leader, pupils = np.full(roll.n, -1, np.int32), parents_of_pupils(persons, roll)
    rows = np.empty(len(roll.away), np.int64)
    k = 0
    for i in perhaps_returning(persons, roll.n, moves, stream):
        if not may_return(persons, i):
            continue
        if uniform(stream, persons.key[i]) < uturn_probability(persons, moves, pupils, remote, i):
            j = persons.partner[i]
            leader[i], rows[k] = i, i
            k += 1
            if j >= 0:
                leader[j], rows[k] = i, j
                k += 1
    for i in roll.young_away:
        guide = guide_of(persons, i)
        if guide >= 0 and leader[guide] >= 0 and leader[i] < 0 and persons.place[i] == 2:
            leader[i], rows[k] = leader[guide], i
            k += 1
    if len(expected) > 0:
        expect_returners(persons, roll, moves, pupils, remote, expected)
    # leaders first, by key: a mother and her grown child may both come back, and rows must not decide who is first
    rows = rows[:k][np.argsort(persons.key[rows[:k]], kind="mergesort")]
    leaders = leader[rows].astype(np.int64)
    first = np.argsort(np.where(rows == leaders, 0, 1), kind="mergesort")
    return rows[first], leaders[first]


@rule
def may_return(persons: Persons, i: int) -> bool:
    """Whether person i of the away decides about return: an adult who grew up here, of a couple of two the wife."""
    if persons.place[i] != 2 or persons.origin[i] != 0 or persons.age[i] < 18:
        return False
    j = persons.partner[i]
    return bool(j < 0 or persons.origin[j] != 0 or persons.sex[i] == 1)


@rule
def guide_of(persons: Persons, i: int) -> int:
    """The parent whom minor i of the away follows (row), -1 without: the mother, or the father where she is not."""
    m, f = persons.mother[i], persons.father[i]
    if m >= 0 and persons.place[m] == 2:
        return m
    return f if f >= 0 and persons.place[f] == 2 else -1


@kernel
def expect_returners(
    persons: Persons, roll: Roll, moves: Moves, pupils: Marks, remote: np.uint64, expected: Array
) -> None:
    """Add everybody's probability of return to `expected` [2, 102], minors with the parent they follow."""
    chance = np.zeros(roll.n)
    for i in roll.away:
        if may_return(persons, i):
            chance[i] = uturn_probability(persons, moves, pupils, remote, i)
            if persons.partner[i] >= 0:
                chance[persons.partner[i]] = chance[i]
    for i in roll.away:
        if persons.place[i] == 2:
            if persons.age[i] < 18 and guide_of(persons, i) >= 0:
                chance[i] = chance[guide_of(persons, i)]
            expected[persons.sex[i], min(persons.age[i], 100) + 1] += chance[i]


@rule
def may_marry_away(persons: Persons, i: int) -> bool:
    """Whether person i is an unmarried adult away who grew up here."""
    return bool(persons.place[i] == 2 and persons.origin[i] == 0 and persons.civil[i] != 1 and persons.age[i] >= 18)


@rule
def marrying_away_probability(persons: Persons, by_age: Array, i: int) -> float:
    """The probability that person i marries away, by `by_age` [2 sexes, 2 (never married, married before), 101]."""
    return by_age[persons.sex[i], 0 if persons.civil[i] == 0 else 1, min(persons.age[i], 100)]


@kernel
def newly_wed_away(persons: Persons, roll: Roll, by_age: Array, gap: int, stream: np.uint64) -> tuple[Rows, Codes]:
    """Natives away who marry somebody from elsewhere this year, with the partner's age (rows, int8 ages)."""
    likeliest = nobody()
    for sex in range(2):
        likeliest[AWAY, 0, sex, :101] = np.maximum(by_age[sex, 0], by_age[sex, 1])
    asked = drawn(persons, roll.n, likeliest, stream)
    rows, ages = np.empty(len(asked), np.int64), np.empty(len(asked), np.int8)
    k = 0
    for i in asked:
        if may_marry_away(persons, i):
            u = uniform(stream, persons.key[i])
            p = marrying_away_probability(persons, by_age, i)
            if u < p:
                other = persons.age[i] + (gap if persons.sex[i] == 1 else -gap) + np.int64(6.0 * (u / p - 0.5))
                rows[k], ages[k] = i, min(max(other, 18), 100)
                k += 1
    return rows[:k].copy(), ages[:k].copy()
