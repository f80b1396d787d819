"""Rows of the table that says how well a founded town meets the figures it was founded on."""

from typing import Any, NamedTuple

import numpy as np

Number = float | np.integer[Any]  # of real or simulated persons, households or years

CITY, SCALED = "city data", "city census, scaled"
PREFECTURE, NATION, ASSUMED = "prefecture borrowed", "nation borrowed", "assumed"
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

    def chance(self, persons: Number) -> float:
        """What is added to the tolerance of a share among so many simulated persons (0 at 1:1)."""
        return 0.0 if self.fraction == 1 else float(1.5 / np.sqrt(max(float(persons), 1.0)))

    def count(self, item: str, group: str, target: Number, simulated: Number, tolerance: float) -> None:
        """A number of simulated persons or households against one of the real town."""
        target, real = float(target), float(simulated) / self.fraction
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
