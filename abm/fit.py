"""How well a founded town meets the figures it was founded on: one row a figure, by what the figure rests
on.
"""

from typing import NamedTuple

import numpy as np

from abm.apportionment import Floats, Integers, Mask
from abm.assumed import Assumed
from abm.census import AGES, group_of
from abm.household_types import household_types
from abm.jobs import THIRDS
from abm.kinship import FIRST, YOUNGEST_ADULT
from abm.population import (
    AWAY,
    EVACUEE,
    FEMALE,
    INSTITUTION,
    MALE,
    MARRIED,
    NATIVE,
    NEVER,
    NONREGULAR,
    OUT_COMMUTER,
    PRIVATE,
    SECTORS,
    SELF_EMPLOYED,
    TOWN,
    UNEMPLOYED,
    Households,
    Persons,
)
from abm.town import Town

CITY, PREFECTURE, NATION, ASSUMED = "city data", "prefecture borrowed", "nation borrowed", "assumed"
LABELS = {
    "population": "総人口", "men": "男", "women": "女", "age_sex_cells": "年齢×性別（セルの最大差）",
    "households": "世帯総数", "general_households": "一般世帯", "single_households": "単独世帯",
    "nuclear_households": "核家族世帯", "elderly_couples": "高齢夫婦のみの世帯",
    "elderly_singles": "高齢単身世帯", "institution_residents": "施設等の世帯人員",
    "employed_men": "就業者（男）", "employed_women": "就業者（女）", "unemployed_men": "完全失業者（男）",
    "unemployed_women": "完全失業者（女）", "primary": "第1次産業", "secondary": "第2次産業",
    "tertiary": "第3次産業", "evacuees": "避難者", "elderly_single_men": "高齢単身者に占める男性",
    "never_married_men": "未婚率（男15歳以上）", "married_men": "有配偶率（男15歳以上）",
    "never_married_women": "未婚率（女15歳以上）", "married_women": "有配偶率（女15歳以上）",
    "civil_worst_men": "配偶関係（男・セルの最大差）", "civil_worst_women": "配偶関係（女・セルの最大差）",
    "employed_rate_men": "就業率（男15歳以上）", "employed_rate_women": "就業率（女15歳以上）",
    "employed_worst_men": "就業率（男・セルの最大差）", "employed_worst_women": "就業率（女・セルの最大差）",
    "out_commuters_men": "市外通勤率（男）", "out_commuters_women": "市外通勤率（女）",
    "self_employed": "自営業主・家族従業者の割合", "nonregular": "非正規の割合（雇用者）",
    "lone_mothers": "母子世帯（20歳未満の子）", "vacancies": "欠員（有効求人）",
    "first_births": "第1子の割合（5歳未満）",
    "second_births": "第2子の割合（5歳未満）", "nonregular_men_20_39": "非正規の割合（男20〜39歳）",
    "non_natives": "町で育っていない住民", "age_gap": "夫婦の年齢差（歳）",
    "completed_parity": "完結出生児数（50歳以上）",
    "outside_union": "未婚の母の子の割合", "away_20_49": "町外の出身者（20〜49歳）",
}  # fmt: skip
COUNT, SHARE, YEARS = "persons or households", "share", "number"


class FitRow(NamedTuple):
    """One figure: what was wanted and what was founded (real-town scale).

    deviation and tolerance are relative for counts and differences for shares and means; `ok` also allows one
    simulated person. Tolerance inf: shown, not required.
    """

    item: str
    label_ja: str
    group: str
    unit: str
    target: float
    simulated: float
    deviation: float
    tolerance: float
    ok: bool


class Fit:
    """Collects rows; counts are divided by the fraction."""

    def __init__(self, fraction: float) -> None:
        self.fraction = fraction
        self.rows: list[FitRow] = []

    def chance(self, persons: float) -> float:
        """What is added to the tolerance of a share among so many simulated persons (0 at 1:1)."""
        return 0.0 if self.fraction == 1 else float(1.5 / np.sqrt(max(persons, 1.0)))

    def count(self, item: str, group: str, target: float, simulated: float, tolerance: float) -> None:
        """A number of simulated persons or households against one of the real town."""
        real = float(simulated) / self.fraction
        deviation = real / target - 1 if target else real
        ok = abs(deviation) <= tolerance or abs(real - target) * self.fraction <= 1
        self._add(item, group, COUNT, target, real, deviation, tolerance, ok)

    def share(
        self, item: str, group: str, target: float, simulated: float, tolerance: float, unit: str = SHARE
    ) -> None:
        """A share or a mean."""
        deviation = simulated - target
        self._add(item, group, unit, target, simulated, deviation, tolerance, abs(deviation) <= tolerance)

    def _add(
        self,
        item: str,
        group: str,
        unit: str,
        target: float,
        simulated: float,
        deviation: float,
        tolerance: float,
        ok: bool,
    ) -> None:
        numbers = (float(target), float(simulated), float(deviation), float(tolerance))
        self.rows.append(FitRow(item, LABELS[item], group, unit, *numbers, bool(ok)))


def fit_table(
    town: Town,
    people: Integers,
    persons: Persons,
    households: Households,
    fraction: float,
    vacancies: Floats,
    about: Assumed,
) -> tuple[FitRow, ...]:
    """All rows; people[2, 101] are those of the real town, persons and households the founded ones."""
    fit = Fit(fraction)
    here = persons.place == TOWN
    residents = Persons(*(column[here] for column in persons))
    cells = np.zeros((2, AGES), dtype=np.int64)
    np.add.at(cells, (residents.sex, residents.age), 1)
    _city(fit, town, people, cells, persons, residents, households)
    _prefecture(fit, town, cells, persons, residents, households, vacancies)
    _assumptions(fit, town, persons, residents, about)
    return tuple(fit.rows)


def _city(
    fit: Fit,
    town: Town,
    people: Integers,
    cells: Integers,
    persons: Persons,
    residents: Persons,
    households: Households,
) -> None:
    """Constraints (1) to (3): the city's own figures."""
    fit.count("population", CITY, people.sum(), cells.sum(), 0.0)
    for sex, item in ((MALE, "men"), (FEMALE, "women")):
        fit.count(item, CITY, people[sex].sum(), cells[sex].sum(), 0.0)
    worst = np.abs(cells - people * fit.fraction).max()
    fit.share("age_sex_cells", CITY, 0.0, worst, 0.0 if fit.fraction == 1 else 1.0, YEARS)
    aim, types = town.households, household_types(persons, households)
    private = households.kind == PRIVATE
    institutions = households.kind == INSTITUTION
    fit.count("households", CITY, aim["all"], (private | institutions).sum(), 0.005)
    fit.count("general_households", CITY, aim["general"], private.sum(), 0.005)
    fit.count("single_households", CITY, aim["single"], types.single.sum(), 0.005)
    fit.count("nuclear_households", CITY, aim["nuclear"], types.nuclear.sum(), 0.005)
    fit.count("elderly_couples", CITY, aim["elderly_couple"], types.elderly_couple.sum(), 0.005)
    fit.count("elderly_singles", CITY, aim["elderly_single"], types.elderly_single.sum(), 0.005)
    outside = people.sum() - aim["members"]
    fit.count("institution_residents", CITY, outside, households.size[institutions].sum(), 0.005)
    employed = residents.sector >= 0
    for sex, name in ((MALE, "men"), (FEMALE, "women")):
        of_sex = residents.sex == sex
        fit.count(f"employed_{name}", CITY, town.employed[sex], (employed & of_sex).sum(), 0.01)
        fit.count(
            f"unemployed_{name}",
            CITY,
            town.unemployed[sex],
            ((residents.work == UNEMPLOYED) & of_sex).sum(),
            0.01,
        )
    for item, names, target in zip(("primary", "secondary", "tertiary"), THIRDS, town.sector_employed, strict=True):
        places = [SECTORS.index(name) for name in names]
        fit.count(item, CITY, target, np.isin(residents.sector, places).sum(), 0.01)
    fit.count("evacuees", CITY, town.evacuees, (residents.origin == EVACUEE).sum(), 0.01)


def _grouped(values: Integers, groups: int) -> Integers:
    """Sums over the adult age groups, [2, groups] of [2, 101]."""
    group = group_of(FIRST, groups)
    return np.stack([values[:, group == g].sum(axis=1) for g in range(groups)], axis=1)


def _cells_where(residents: Persons, chosen: Mask) -> Integers:
    """Residents for whom `chosen` holds, by sex and single age."""
    cells = np.zeros((2, AGES), dtype=np.int64)
    np.add.at(cells, (residents.sex[chosen], residents.age[chosen]), 1)
    return cells


def _prefecture(
    fit: Fit,
    town: Town,
    cells: Integers,
    persons: Persons,
    residents: Persons,
    households: Households,
    vacancies: Floats,
) -> None:
    """Constraint (4) and the other figures that are borrowed from the prefecture."""
    japan = town.japan
    groups = japan.employed_rate.shape[1]
    there = _grouped(cells, groups)
    civil = [_grouped(_cells_where(residents, residents.civil == state), groups) for state in range(4)]
    states = np.stack(civil, axis=-1)
    employed = residents.sector >= 0
    at_work = _grouped(_cells_where(residents, employed), groups)
    for sex, name in ((MALE, "men"), (FEMALE, "women")):
        whole = 0.0 if fit.fraction == 1 else 2.0 / max(there[sex].min(), 1)  # persons of a sample are whole
        most = 0.05 + whole
        weight = there[sex] / max(there[sex].sum(), 1)
        for state, item in ((NEVER, "never_married"), (MARRIED, "married")):
            target = (japan.civil_share[sex, :, state] * weight).sum()
            share = states[sex, :, state].sum() / max(there[sex].sum(), 1)
            fit.share(f"{item}_{name}", PREFECTURE, target, share, 0.06 * target)
        gaps = states[sex] / np.maximum(there[sex], 1)[:, None] - japan.civil_share[sex]
        fit.share(f"civil_worst_{name}", PREFECTURE, 0.0, np.abs(gaps).max(), most)
        target = (japan.employed_rate[sex] * weight).sum()
        rate = at_work[sex].sum() / max(there[sex].sum(), 1)
        fit.share(f"employed_rate_{name}", PREFECTURE, target, rate, 0.06 * target)
        gaps = at_work[sex] / np.maximum(there[sex], 1) - japan.employed_rate[sex]
        fit.share(f"employed_worst_{name}", PREFECTURE, 0.0, np.abs(gaps).max(), most)
        of_sex = employed & (residents.sex == sex)
        out = (of_sex & (residents.workplace == OUT_COMMUTER)).sum() / max(of_sex.sum(), 1)
        fit.share(f"out_commuters_{name}", PREFECTURE, japan.out_commuter_share[sex], out, 0.01)
    own = (residents.work == SELF_EMPLOYED).sum() / max(employed.sum(), 1)
    fit.share("self_employed", PREFECTURE, japan.self_employed_share, own, 0.01)
    employees = employed & (residents.work != SELF_EMPLOYED)
    part = (residents.work == NONREGULAR).sum() / max(employees.sum(), 1)
    officers = japan.work["employees"] / (japan.work["employees"] + japan.work["officers"])
    fit.share(
        "nonregular",
        PREFECTURE,
        japan.nonregular_share_employees * officers,
        part,
        0.02 + fit.chance(employees.sum()),
    )
    types = household_types(persons, households)
    alone = types.elderly_single[residents.household]
    men = (alone & (residents.sex == MALE)).sum() / max(alone.sum(), 1)
    fit.share("elderly_single_men", PREFECTURE, japan.elderly_single_share_male, men, 0.03)
    lone = japan.lone_mother_households / japan.households["general_households"] * town.households["general"]
    chance = 2 * fit.chance(lone * fit.fraction)  # no constraint holds it in a sample
    fit.count("lone_mothers", PREFECTURE, lone, types.lone_mother.sum(), 0.25 + chance)
    fit.count("vacancies", PREFECTURE, japan.vacancies * town.employed.sum() / japan.employed_total,
              vacancies.sum() * fit.fraction, 0.01)  # fmt: skip


def _assumptions(fit: Fit, town: Town, persons: Persons, residents: Persons, about: Assumed) -> None:
    """What rests on the nation's tables and on named assumptions."""
    order = _birth_order(residents, persons)
    young = (residents.age < 5) & (order > 0)
    births = town.japan.births_by_order
    for rank, item in ((1, "first_births"), (2, "second_births")):
        fit.share(
            item,
            NATION,
            births[str(rank)],
            (order[young] == rank).sum() / max(young.sum(), 1),
            0.08 + fit.chance(young.sum()),
        )
    men = (residents.sex == MALE) & (residents.age >= 20) & (residents.age < 40) & (residents.sector >= 0)
    part = (residents.work[men] == NONREGULAR).sum() / max(men.sum(), 1)
    fit.share("nonregular_men_20_39", ASSUMED, about.nonregular_share_men_20_39, part, 0.02 + fit.chance(men.sum()))
    here = residents.origin != EVACUEE
    outside = (here & (residents.origin != NATIVE)).sum() / max(here.sum(), 1)
    fit.share("non_natives", ASSUMED, about.non_native_share, outside, 0.01)
    husbands = (residents.sex == MALE) & (residents.partner >= 0)
    gap = residents.age[husbands].astype(np.float64) - persons.age[residents.partner[husbands]]
    fit.share("age_gap", ASSUMED, about.partner_age_gap_mean, gap.mean() if len(gap) else 0.0, 0.5, YEARS)
    past = (residents.sex == FEMALE) & (residents.age >= 50)
    parity = residents.parity[past].mean() if past.any() else 0.0
    fit.share("completed_parity", ASSUMED, about.completed_parity, parity, 0.1, YEARS)
    minors = (residents.age < YOUNGEST_ADULT) & (residents.mother >= 0)
    never = persons.civil[residents.mother[minors]] == NEVER
    fit.share(
        "outside_union",
        ASSUMED,
        about.births_outside_union,
        never.mean() if minors.any() else 0.0,
        0.01 + fit.chance(minors.sum()),
    )
    away = (persons.place == AWAY) & (persons.origin == NATIVE) & (persons.age >= 20) & (persons.age < 50)
    low, high = 39000, 53000  # what the census cohorts of Iwaki leave room for
    size = town.census_total[-1].sum() / about.foreign_of
    fit.count("away_20_49", ASSUMED, size * (low + high) / 2, away.sum(), (high - low) / (high + low))


def _birth_order(residents: Persons, persons: Persons) -> Integers:
    """The order of birth of each resident among the children that are linked to the same mother (0: no
    mother).
    """
    rows = np.flatnonzero(residents.mother >= 0)
    rows = rows[np.lexsort((-residents.age[rows].astype(np.int64), residents.mother[rows]))]
    mother = residents.mother[rows]
    new = np.concatenate([[True], mother[1:] != mother[:-1]]) if len(rows) else np.zeros(0, dtype=np.bool_)
    place = np.arange(len(rows))
    order = np.zeros(len(residents.key), dtype=np.int64)
    order[rows] = place - np.maximum.accumulate(np.where(new, place, 0)) + 1
    return order
