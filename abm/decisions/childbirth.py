"""Who has a child: by the mother's age, parity and years since marriage or the last birth, and the couple's work.

A programme's extra births are of two kinds. Some are on top: they would never have come, so the mother's course of life
goes on as if they had not. The others are moved forward: the next birth of her course is already here when its time
comes, and is missing then. `ahead` keeps both apart.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import uniform
from abm.people.lots import A_LITTLE_MORE, drawn, nobody
from abm.people.population import Codes, Persons, Rows
from abm.people.roll import Roll

Array = NDArray[np.float64]
FIRST_AGE, LAST_AGE = 15, 49
WAITS = 17  # this year's newlyweds, then 0, 1, ... 15 and more years since marriage or the last birth
PARITIES = 4  # 0, 1, 2, 3 and more children
MOST_AHEAD = 2 * 12  # of the mark `ahead`: twelve children on top


class Births(NamedTuple):
    """One year's birth probabilities: the product of look-ups."""

    level: Array  # [2 places, 101 ages]: alignment factor in town, 1 away
    by_age: Array  # [2 (outside, within a union), 101 ages, 4 parities]
    by_wait: Array  # [2 (childless, mothers), 101 ages, WAITS]: within unions, mean 1 over those at risk
    by_work: Array  # [6]: wives, by their own work
    by_husband: Array  # [7]: wives, by the husband's work, the last where he is not here
    by_workplace: Array  # [3]: 1, 1, remote work's relative risk
    another: Array  # [101 ages, 4 parities, WAITS]: probability that a wife will have another child, at level 1
    lever: Array  # [2 places, 4 parities]: what programmes do
    moved: Array  # [4 parities]: share of the programmes' extra births that are births moved forward


@rule
def course_parity(persons: Persons, i: int) -> int:
    """Children that woman i would have by now without any programme."""
    return persons.parity[i] - (persons.ahead[i] >> 1) - (persons.ahead[i] & 1)


@rule
def course_probability(persons: Persons, births: Births, i: int) -> float:
    """The probability that the course of woman i brings a birth within the year, programmes apart."""
    parity = min(max(course_parity(persons, i), 0), 3)
    age = persons.age[i]
    chance = births.level[persons.place[i] - 1, age] * births.by_workplace[persons.workplace[i]]
    if persons.civil[i] != 1:
        return chance * births.by_age[0, age, parity]
    husband = persons.partner[i]
    his = persons.work[husband] if husband >= 0 else 6
    chance *= births.by_age[1, age, parity] * births.by_work[persons.work[i]] * births.by_husband[his]
    return chance * births.by_wait[min(parity, 1), age, min(max(persons.waiting[i] + 1, 0), 16)]


@rule
def birth_probability(persons: Persons, births: Births, i: int) -> float:
    """The probability that woman i has a child within the year: none while the next of her course is already here."""
    if persons.ahead[i] & 1:
        return 0.0
    parity = min(max(course_parity(persons, i), 0), 3)
    return course_probability(persons, births, i) * births.lever[persons.place[i] - 1, parity]


@rule
def may_give_birth(persons: Persons, i: int) -> bool:
    """Whether person i is at risk: a woman of 15 to 49, in town or away."""
    return persons.place[i] != 0 and persons.sex[i] == 1 and 15 <= persons.age[i] <= 49


@kernel
def likeliest_births(births: Births) -> Array:
    """Birth probabilities that no woman exceeds, the same in town and away, as `drawn` asks for them."""
    most = nobody()
    works = births.by_work.max() * births.by_husband.max()
    for age in range(FIRST_AGE, LAST_AGE + 1):
        level = max(births.level[0, age] * births.lever[0].max(), births.level[1, age] * births.lever[1].max())
        level *= births.by_workplace.max() * A_LITTLE_MORE
        most[1:, 0, 1, age] = level * births.by_age[0, age].max()
        most[1:, 1, 1, age] = level * works * births.by_age[1, age].max() * births.by_wait[:, age].max()
    return most


@kernel
def mothers(persons: Persons, roll: Roll, births: Births, stream: np.uint64) -> Rows:
    """Rows of the women who have a child this year, in town and away."""
    asked = drawn(persons, roll.n, likeliest_births(births), stream)
    rows = np.empty(len(asked), np.int64)
    k = 0
    for i in asked:
        if may_give_birth(persons, i) and uniform(stream, persons.key[i]) < birth_probability(persons, births, i):
            rows[k] = i
            k += 1
    return rows[:k].copy()


@rule
def within_course(persons: Persons, births: Births, stream: np.uint64, i: int) -> bool:
    """Whether woman i comes to a birth of her own course this year."""
    return may_give_birth(persons, i) and uniform(stream, persons.key[i]) < course_probability(persons, births, i)


@rule
def chance_of_another(persons: Persons, births: Births, i: int) -> float:
    """The probability that the course of woman i still brings a birth."""
    parity = min(max(course_parity(persons, i), 0), 3)
    never = 1 - births.another[persons.age[i], parity, min(max(persons.waiting[i] + 1, 0), 16)]
    return float(1 - never ** births.level[persons.place[i] - 1, persons.age[i]])


@rule
def share_moved_forward(persons: Persons, births: Births, i: int) -> float:
    """The probability that an extra birth of woman i is one moved forward."""
    parity = min(max(persons.parity[i] - (persons.ahead[i] >> 1), 0), PARITIES - 1)
    return min(births.moved[parity] / max(chance_of_another(persons, births, i), 1e-9), 1.0)


class Extra(NamedTuple):
    """What a programme changed this year: rows of women, with what each one's mark and clock are to be."""

    rows: Rows
    ahead: Codes
    waiting: Codes


@kernel
def extra_births(
    persons: Persons, n: int, bearing: Rows, births: Births, stream: np.uint64, timing: np.uint64
) -> Extra:
    """Marks and clocks of the women whom programmes concern, to be written once the year's children are born.

    `bearing`: who has a child this year. Of the births that no course would have brought, as many are moved forward as
    make the shares `moved` come true, given that not every mother would have had another child. Where a birth that was
    moved forward falls due, its mark is lifted and the clock starts as if it had come now.
    """
    owing = 0
    for i in range(n):
        if persons.ahead[i] & 1:
            owing += 1
    most = owing + (len(bearing) if births.lever.max() > 1 else 0)
    rows, ahead, waiting = np.empty(most, np.int64), np.empty(most, np.int8), np.empty(most, np.int8)
    k = 0
    if births.lever.max() > 1:
        for i in bearing:
            if not within_course(persons, births, stream, i):
                forward = uniform(timing, persons.key[i]) < share_moved_forward(persons, births, i)
                rows[k], waiting[k] = i, persons.waiting[i]
                ahead[k] = min(persons.ahead[i] + (1 if forward else 2), MOST_AHEAD)
                k += 1
    for i in range(n if owing > 0 else 0):
        if persons.ahead[i] & 1 and within_course(persons, births, stream, i):
            rows[k], ahead[k] = i, persons.ahead[i] - 1
            waiting[k] = -1  # the year's ageing makes it 0, as after a birth
            k += 1
    return Extra(rows[:k], ahead[:k], waiting[:k])


@kernel
def expected_births(persons: Persons, n: int, births: Births) -> Array:
    """Expected births in town by the mother's age, float64[101]: what alignment compares with its target."""
    expected = np.zeros(101)
    for i in range(n):
        if persons.place[i] == 1 and may_give_birth(persons, i):
            expected[persons.age[i]] += min(birth_probability(persons, births, i), 1.0)
    return expected


def births_of_year(base: Births, factor: Array, levers: dict[str, float]) -> Births:
    """The year's table: base probabilities x alignment factor by age x levers by parity, both in town only."""
    orders = ("first", "second", "third", "third")
    level, lever = base.level.copy(), base.lever.copy()
    level[0] *= factor
    lever[0] *= levers["childbirth"] * np.array([levers[f"childbirth_{order}"] for order in orders])
    moved = np.array([levers[f"moved_forward_{order}"] for order in orders])
    return base._replace(level=level, lever=lever, moved=moved)
