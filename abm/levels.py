"""Base tables of every decision: published shapes, levels that fit the founded town and its own counts."""

import numpy as np
from numpy.typing import NDArray

from abm.behaviour import Shape
from abm.childbirth import Births
from abm.employment import Jobs
from abm.errors import InputError
from abm.hazards import (
    AGES,
    fertility_schedule,
    first_marriage_schedule,
    hazard_to_probability,
    marital_fertility_schedule,
    mover_schedule,
    remarriage_schedule,
)
from abm.marriage import Divorces, Search
from abm.migration import ALONE_FROM, Moves
from abm.population import INSTITUTION, MALE, MARRIED, SECTORS, TOWN, Households, Persons
from abm.stocks import stock_on
from abm.town import Town

Array = NDArray[np.float64]
_GROUPS = np.minimum(np.arange(AGES) // 5, 18)


def per_age(persons: Persons, rows: NDArray[np.int64], weights: Array | None = None) -> Array:
    """People in `rows` by sex and single age, float64[2, 101]."""
    ages = np.minimum(persons.age[rows], AGES - 1).astype(np.int64)
    index = persons.sex[rows].astype(np.int64) * AGES + ages
    return np.bincount(index, weights, minlength=2 * AGES).reshape(2, AGES).astype(float)


def smooth(values: Array, from_age: int, width: int = 5) -> Array:
    """A running mean over ages from `from_age` on; below it the values stay as they are."""
    kernel = np.ones(width) / width
    padded = np.pad(values, ((0, 0), (width // 2, width // 2)), mode="edge")
    means = np.stack([np.convolve(row, kernel, mode="valid") for row in padded])
    return np.where(np.arange(values.shape[1]) >= from_age, means, values)


def jobs_base(town: Town, persons: Persons, residents: NDArray[np.int64]) -> tuple[Jobs, float]:
    """Work transitions that keep the founded profile of work by sex and age, and the share of women 25-44 in work.

    With the profile E(x) of employment, S(x) of students and U(x) of the unemployed, leaving work runs at the turnover
    of the employment status survey (more where E falls faster), and people outside find work as fast as the profile
    then needs.
    """
    shape = town.japan.behaviour["work"]
    work = persons.work[residents]
    people = np.maximum(per_age(persons, residents), 1.0)
    employed = smooth(per_age(persons, residents[work >= 3]) / people, 25)
    student = np.minimum(per_age(persons, residents[work == 0]) / people, 1.0)
    unemployed = smooth(per_age(persons, residents[work == 2]) / people, 18)
    pooled = student.mean(axis=0)
    leave_school = np.where(np.arange(AGES) < 15, 0.0, 1 - np.append(pooled[1:], 0.0) / np.maximum(pooled, 1e-9))
    leave_school = np.clip(np.where(pooled < 1e-6, 1.0, leave_school), 0.0, 1.0)
    after = np.concatenate([employed[:, 1:], employed[:, -1:]], axis=1)
    outside = np.maximum(1 - employed - student - unemployed, 0.02)
    wanted = shape["unemployed_find"] * unemployed
    leavers = student * leave_school[None, :]
    lose = np.full((2, AGES), shape["leaves_a_year"])
    need = after - employed * (1 - lose) - wanted
    lose = np.where(need < 0, np.minimum(lose - need / np.maximum(employed, 0.01), 0.95), lose)
    from_school = np.clip(need, 0, 0.85 * leavers)
    from_outside = np.maximum(need - from_school, 0.0)
    find = np.zeros((2, AGES, 3))
    find[:, :, 0] = np.minimum(from_school / np.maximum(leavers, 1e-6), 0.85)
    find[:, :, 1] = np.minimum(from_outside / outside, 0.6)
    find[:, :, 2] = shape["unemployed_find"]
    seek = np.where(np.arange(AGES) < 60, shape["seek_to_60"], shape["seek_after_60"])
    women = slice(25, 45)
    participation = float((employed[1, women] * people[1, women]).sum() / people[1, women].sum())
    jobs = Jobs(
        leave_school, lose, seek, find, np.array([shape["give_up"]]), np.array([shape["changes_a_year"]]),
        *_kinds(persons, residents, people), np.zeros((2, AGES)), np.zeros(AGES),
    )  # fmt: skip
    return jobs, participation


def _kinds(persons: Persons, residents: NDArray[np.int64], people: Array) -> tuple[Array, Array, Array, Array]:
    """Hires by sector (cumulative, by sex), regular work by age, self-employment by sector, out-commuting by sex."""
    workers = residents[persons.work[residents] >= 3]
    sex, sector = persons.sex[workers].astype(np.int64), np.maximum(persons.sector[workers], 0).astype(np.int64)
    by_sector = np.bincount(sex * len(SECTORS) + sector, minlength=2 * len(SECTORS)).reshape(2, len(SECTORS))
    cumulative = np.cumsum(by_sector / by_sector.sum(axis=1, keepdims=True), axis=1)
    employees = per_age(persons, workers[persons.work[workers] < 5])
    regular = per_age(persons, workers[persons.work[workers] == 4])
    share = np.stack(
        [np.bincount(_GROUPS, regular[s]) / np.maximum(np.bincount(_GROUPS, employees[s]), 1) for s in (0, 1)]
    )
    own = np.bincount(sector[persons.work[workers] == 5], minlength=len(SECTORS))
    self_employed = own / np.maximum(np.bincount(sector, minlength=len(SECTORS)), 1)
    commuters = np.array([np.mean(persons.workplace[workers[sex == s]] == 1) for s in (0, 1)])
    return cumulative, share[:, _GROUPS], np.minimum(self_employed, 0.95), commuters


def search_base(town: Town) -> Search:
    """Search probabilities by the prefecture's hazards, and who accepts whom; the level is aligned."""
    shape, assumed = town.japan.behaviour["marriage"], town.japan.assumptions
    first = hazard_to_probability(first_marriage_schedule(town) / assumed["search_success"].value)
    again = hazard_to_probability(remarriage_schedule(town) / assumed["search_success"].value)
    by_work = np.ones((2, 6))
    by_work[MALE, :3] = shape["without_work"]
    by_work[MALE, 3] = assumed["nonregular_marriage_odds"].value
    gaps = np.arange(-20, 21) - assumed["partner_age_gap_mean"].value
    acceptance = shape["acceptance"] * np.exp(-0.5 * (gaps / shape["gap_sd"]) ** 2)
    regular = np.array([False, False, False, False, True, True])
    homogamy = np.where(regular[:, None] == regular[None, :], shape["homogamy"], 1.0)
    return Search(np.stack([first, again], axis=1), by_work, acceptance, homogamy, np.zeros(1))


def divorces_base(town: Town, persons: Persons, residents: NDArray[np.int64]) -> Divorces:
    """Divorce probabilities of wives: the assumed shape at the level of the city's divorces of 2016-18.

    Divorces are of the registered population; the census town takes the rate per resident.
    """
    shape = town.japan.behaviour["divorce"]
    by_age = shape.curve("ages", "relative")
    by_husband = np.ones(6)
    by_husband[3] = town.japan.assumptions["nonregular_divorce_odds"].value
    wives = residents[(persons.sex[residents] == 1) & (persons.partner[residents] >= 0)]
    expected = (by_age[np.minimum(persons.age[wives], 100)] * by_husband[persons.work[persons.partner[wives]]]).sum()
    return Divorces(by_age * events_per_resident(town, "divorces") * len(residents) / expected, by_husband)


def events_per_resident(town: Town, item: str) -> float:
    """Marriages or divorces a year per registered Japanese resident, pooled over the newest three years that are known.

    The prefecture's where the town's are not known.
    """
    area, above = town.setting.area, town.setting.prefecture
    of_town = [(flow.start, flow.end, flow.events[item]) for flow in area.flows.get("japanese", ())
               if item in flow.events]  # fmt: skip
    series = {"marriages": town.japan.marriages, "divorces": town.japan.divorces}[item]
    of_prefecture = [(float(year), year + 1.0, number) for year, number in sorted(series.items())]
    for one, known in ((area, of_town), (above, of_prefecture)):
        stocks = one.stocks("register", "japanese")
        held = [(flow, stock_on(stocks, (flow[0] + flow[1]) / 2)) for flow in known]
        pooled = [(number, stock.people.sum() * (end - start)) for (start, end, number), stock in held if stock][-3:]
        if pooled:
            return float(sum(number for number, _ in pooled) / sum(people for _, people in pooled))
    raise InputError(f"{town.key}: vital.csv has no {item} of a year with a register; add them.")


def births_base(town: Town, persons: Persons, residents: NDArray[np.int64]) -> Births:
    """Birth probabilities by union, age, parity and wait: national marital fertility, split by order of birth.

    The share of births of each order at an age over the share of wives with that parity in the founded town gives the
    relative risk of the parity; the wait's relative risks have a mean of 1 over the wives of an age and parity.
    """
    japan, shape = town.japan, town.japan.behaviour["childbirth"]
    women = residents[(persons.sex[residents] == 1) & (persons.age[residents] >= 15) & (persons.age[residents] < 50)]
    wives = women[persons.civil[women] == MARRIED]
    parity = np.minimum(persons.parity[wives], 2).astype(np.int64)
    group = (persons.age[wives] // 5 - 3).astype(np.int64)
    have = np.bincount(group * 3 + parity, minlength=21).reshape(7, 3) + 3.0
    have = have / have.sum(axis=1, keepdims=True)
    risk = np.clip(japan.birth_order_share / have, 0.05, 6.0)
    by_wait = np.stack([shape.array("first_by_wait"), shape.array("later_by_wait")])
    wait = np.minimum(persons.waiting[wives] + 1, by_wait.shape[1] - 1).astype(np.int64)
    marital = marital_fertility_schedule(town)
    mother = np.minimum(parity, 1)
    cell = group * 2 + mother
    waits = np.bincount(cell, by_wait[mother, wait], minlength=14) / np.maximum(np.bincount(cell, minlength=14), 1)
    waits = np.clip(waits.reshape(7, 2), 0.1, None)[:, [0, 1, 1]]
    by_age = np.zeros((2, 2, AGES, 3))
    ages = np.arange(15, 50)
    by_age[:, 1, ages] = marital[ages, None] * (risk / waits)[ages // 5 - 3]
    inside = (by_age[0, 1, persons.age[wives], parity] * by_wait[mother, wait]).sum()
    outside = women[persons.civil[women] != MARRIED]
    shape_outside = fertility_schedule(japan)  # marital fertility is highest in the teens, and few are married then
    share = japan.assumptions["births_outside_union"].value
    level = share / (1 - share) * inside / (shape_outside[persons.age[outside]]).sum()
    by_age[:, 0] = (shape_outside * level)[None, :, None]
    by_work = np.array([1.0, 1.0, japan.assumptions["remote_birth_multiplier"].value])
    return Births(by_age, by_wait, by_work)


def gross_out_rates(town: Town, net: Array, people: Array) -> Array:
    """Out-moves per resident a year by sex and age, float64[2, 101]: (M - N) / 2, raked to the city's total.

    M is the national mover profile, twice over (every move is an out- and an in-move), N the net rate; M is raised
    where |N| is larger. The register's out-moves per resident (its newest
    five years) set the level on the people given [2, 101]; without any, the nation's level stands in.
    """
    profile = 2 * np.broadcast_to(mover_schedule(town), (2, AGES))
    moves, exposed = 0.0, 0.0
    for flow in town.setting.area.flows.get("total", ())[-5:]:
        stock = stock_on(town.setting.area.stocks("register"), flow.start)
        if stock is not None and "moves_out" in flow.events:
            moves, exposed = moves + flow.events["moves_out"], exposed + stock.people.sum() * flow.years

    def out(level: float) -> Array:
        gross = np.maximum(profile * level, np.abs(net))
        return np.asarray((gross - net) / 2)

    if not exposed:
        return out(1.0)
    target = moves / exposed * people.sum()
    low, high = 0.05, 3.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if (out(middle) * people).sum() < target else (low, middle)
    return out((low + high) / 2)


def moves_base(town: Town, out: Array, lifetime: float) -> Moves:
    """Relative risks of leaving by family, work and ties on the out-rates, and U-turn hazards by years away."""
    shape, back = town.japan.behaviour["leaving"], town.japan.behaviour["return"]
    family = np.array([shape["with_others"], shape["couple"], shape["with_minors"], shape["alone"]])
    leave = out[:, :, None] * family
    leave[:, :ALONE_FROM] = 0.0
    leave[:, ALONE_FROM:23] = out[:, ALONE_FROM:23, None]  # leaving after school is everybody's
    by_work = np.array([1.0, shape["outside"], shape["unemployed"], 1.0, 1.0, shape["self_employed"]])
    by_tie = np.array([[1.0, 1.0, shape["remote"]], [1.0, 1.0, shape["remote"]]])
    by_tie[1] *= shape["mother_in_town"]
    by_stay = np.stack([np.ones(11), shape.array("incomer_by_years")])
    to_parents = np.where(np.arange(AGES) < 30, back["to_parents"], 0.0)
    return Moves(
        leave, by_work, by_tie, by_stay, np.full(6, -1.0), uturn_hazard(back, lifetime), np.zeros(3), to_parents
    )


def uturn_hazard(shape: Shape, lifetime: float) -> Array:
    """Yearly return probabilities by sex, age and years away, float64[2, 101, 61].

    Their level is such that of those who leave at 18 and at 22 (two to one) and survive, `lifetime` return by the
    horizon age.
    """
    relative = np.full(61, shape["later"])
    given = shape.array("by_years_away")
    relative[: len(given)] = given
    horizon = int(shape["horizon_age"])

    def returned(level: float) -> float:
        stays = [np.prod(1 - np.minimum(level * relative[: horizon - age], 0.9)) for age in (18, 22)]
        return float(1 - (2 * stays[0] + stays[1]) / 3)

    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if returned(middle) < lifetime else (low, middle)
    hazard = np.minimum(relative * (low + high) / 2, 0.9)
    left_at = np.arange(AGES)[:, None] - np.arange(61)[None, :]
    of_age = np.where(left_at < shape["young_until"], 1.0, shape["older_leavers"]) * hazard
    return np.broadcast_to(of_age, (2, AGES, 61)).copy()


def unmarried_shares(town: Town) -> Array:
    """Never married, widowed and divorced among the unmarried by sex and age, float64[2, 101, 3] (prefecture)."""
    shares = town.japan.civil_share[:, :, [0, 2, 3]]
    shares = shares / shares.sum(axis=2, keepdims=True)
    group = np.clip(np.arange(AGES) // 5 - 3, 0, 14)
    return np.asarray(shares[:, group])


def at_home_base(town: Town) -> Array:
    """Yearly probability of leaving the parents' household for one's own in town, float64[2, 101]."""
    shape = town.japan.behaviour["home"]
    return np.stack([shape.curve("ages", "men"), shape.curve("ages", "women")])


def institution_base(town: Town, persons: Persons, households: Households, death: Array) -> Array:
    """Yearly probability of entering an institution by living arrangement and age, float64[2, 101].

    The level lets the first year's entries replace the expected deaths of the elders who live there.
    """
    shape = town.japan.behaviour["elders"]
    by_age = np.where(np.arange(AGES) < 65, 0.0, shape.curve("ages", "relative"))
    elders = np.flatnonzero((persons.place == TOWN) & (persons.age >= 65))
    inside = households.kind[persons.household[elders]] == INSTITUTION
    age, sex = persons.age[elders].astype(np.int64), persons.sex[elders]
    leaving = death[sex, np.minimum(age, 100) + 1][inside].sum()
    free = ~inside & (persons.partner[elders] < 0)
    with_others = households.size[persons.household[elders]] > 1
    relative = by_age[np.minimum(age, 100)] * np.where(with_others, shape["with_others"], 1.0)
    level = leaving / relative[free].sum()
    entering: Array = np.minimum(np.stack([by_age, by_age * shape["with_others"]]) * level, 0.5)
    return entering
