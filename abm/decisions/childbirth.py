"""Who has a child: by the mother's age, parity and years since marriage or the last birth, and the couple's work.

A programme's extra births are of two kinds. Some are on top: they would never have come, so the mother's course of life
goes on as if they had not. The others are moved forward: the next birth of her course is already here when its time
comes, and is missing then. `ahead` keeps both apart.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, rule
from abm.draws import uniform, uniforms
from abm.people.population import Persons, Rows
from abm.people.roll import A_LITTLE_MORE, Roll, drawn

Array = NDArray[np.float64]
FIRST_AGE, LAST_AGE = 15, 49
WAITS = 17  # this year's newlyweds, then 0, 1, ... 15 and more years since marriage or the last birth
PARITIES = 4  # 0, 1, 2, 3 and more children


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
    """Birth probabilities that no woman exceeds, in town or away, as `drawn` asks for them: [2, 2, 101]."""
    most = np.zeros((2, 2, births.level.shape[1]))
    works = births.by_work.max() * births.by_husband.max()
    for age in range(FIRST_AGE, LAST_AGE + 1):
        level = max(births.level[0, age] * births.lever[0].max(), births.level[1, age] * births.lever[1].max())
        level *= births.by_workplace.max() * A_LITTLE_MORE
        most[0, 1, age] = level * births.by_age[0, age].max()
        most[1, 1, age] = level * works * births.by_age[1, age].max() * births.by_wait[:, age].max()
    return most


@kernel
def mothers(persons: Persons, roll: Roll, births: Births, stream: np.uint64) -> Rows:
    """Rows of the women who have a child this year, in town and away."""
    rows = np.empty(len(roll.women), np.int64)
    k = 0
    for i in drawn(persons, roll.women, likeliest_births(births), stream):
        if may_give_birth(persons, i) and uniform(stream, persons.key[i]) < birth_probability(persons, births, i):
            rows[k] = i
            k += 1
    return rows[:k].copy()


@kernel
def within_course(persons: Persons, rows: Rows, births: Births, stream: np.uint64) -> NDArray[np.bool_]:
    """Which of the women in `rows` come to a birth of their own course this year (bool)."""
    out = np.zeros(len(rows), np.bool_)
    for k in range(len(rows)):
        i = rows[k]
        if may_give_birth(persons, i):
            out[k] = uniform(stream, persons.key[i]) < course_probability(persons, births, i)
    return out


@kernel
def chance_of_another(persons: Persons, rows: Rows, births: Births) -> Array:
    """The probability that the course of each woman in `rows` still brings a birth, float64[len(rows)]."""
    out = np.empty(len(rows))
    for k in range(len(rows)):
        i = rows[k]
        parity = min(max(course_parity(persons, i), 0), 3)
        never = 1 - births.another[persons.age[i], parity, min(max(persons.waiting[i] + 1, 0), 16)]
        out[k] = 1 - never ** births.level[persons.place[i] - 1, persons.age[i]]
    return out


def share_moved_forward(persons: Persons, rows: Rows, births: Births) -> Array:
    """The probability that an extra birth of each woman in `rows` is one moved forward, float64[len(rows)]."""
    parity = np.clip(persons.parity[rows] - (persons.ahead[rows] >> 1), 0, PARITIES - 1)
    return np.asarray(np.minimum(births.moved[parity] / np.maximum(chance_of_another(persons, rows, births), 1e-9), 1))


class Extra(NamedTuple):
    """What a programme changed this year: rows of women, with what each one's mark and clock are to be."""

    rows: Rows
    ahead: NDArray[np.int8]
    waiting: NDArray[np.int8]


def extra_births(
    persons: Persons, n: int, bearing: Rows, births: Births, stream: np.uint64, timing: np.uint64
) -> Extra:
    """Marks and clocks of the women whom programmes concern, to be written once the year's children are born.

    `bearing`: who has a child this year. Of the births that no course would have brought, as many are moved forward as
    make the shares `moved` come true, given that not every mother would have had another child. Where a birth that was
    moved forward falls due, its mark is lifted and the clock starts as if it had come now.
    """
    owing = np.flatnonzero(persons.ahead[:n] & 1)
    if len(owing) == 0 and births.lever.max() <= 1:
        return Extra(bearing[:0], persons.ahead[:0], persons.waiting[:0])
    due = owing[within_course(persons, owing, births, stream)] if len(owing) else owing
    extra = bearing[~within_course(persons, bearing, births, stream)] if births.lever.max() > 1 else bearing[:0]
    share = share_moved_forward(persons, extra, births)
    mark = np.where(uniforms(timing, persons.key[extra]) < share, 1, 2).astype(np.int8)
    mark = np.minimum(persons.ahead[extra] + mark, 2 * 12).astype(np.int8)
    lifted = (persons.ahead[due] - 1).astype(np.int8)
    now = np.full(len(due), -1, np.int8)  # the year's ageing makes it 0, as after a birth
    return Extra(
        np.concatenate([extra, due]), np.concatenate([mark, lifted]), np.concatenate([persons.waiting[extra], now])
    )


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
