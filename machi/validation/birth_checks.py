"""Checks of childbirth: births by order and age, births per marriage, the base year's level, births moved forward."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from machi.validation.check import Check

if TYPE_CHECKING:
    from abm.founding.found import Founding
    from abm.known.japan import Japan
    from abm.levels.reference import Reference
    from machi.validation.birth_history import BirthHistory

Array = NDArray[np.float64]
TOPIC = "childbirth"
SEEDS = range(1, 5)
TIMING_SEEDS = range(1, 13)
FIRST_YEARS = 5  # of the run, compared with the nation's tables
PROGRAMME = (1.03, 0.5, 5)  # factor on births, share moved forward, years: Spain's grant brought +3 %, then -6 %
SEARCHING_YEARS = 10  # in which people search more; the rest of the run shows the births
OLDER = slice(45, 50)
PER_MARRIAGE = (1.3, 2.1)  # completed births per marriage that are plausible
FACTORS = (0.8, 1.2)  # of the base year's births
ORDER_TEXT = {"1": ("first", "第1子"), "2": ("second", "第2子"), "3": ("third", "第3子"), "4+": ("later", "第4子以上")}


def birth_checks(japan: "Japan", founding: "Founding", arm: "Reference") -> list[Check]:
    """Every check of childbirth in one town."""
    from abm.levers import neutral
    from machi.validation.birth_history import birth_history

    runs = [birth_history(founding, arm, neutral(len(arm.rates.years)), seed) for seed in SEEDS]
    rows = [*order_checks(japan, runs), *age_checks(japan, founding, runs)]
    rows += [*marriage_checks(founding, arm, runs), *level_checks(arm), *timing_checks(founding, arm)]
    return rows


def order_checks(japan: "Japan", runs: "Sequence[BirthHistory]") -> list[Check]:
    """Births by order and outside unions in the first years, all ages."""
    births = np.sum([run.births[:FIRST_YEARS] for run in runs], axis=(0, 1, 2))  # [4 orders, 2]
    share, of = births.sum(axis=1) / births.sum(), japan.births_by_order
    target = {"1": of["1"], "2": of["2"], "3": of["3"], "4+": 1 - of["1"] - of["2"] - of["3"]}
    rows = [
        Check(TOPIC, f"births_of_order_{order.rstrip('+')}", f"share of {ORDER_TEXT[order][0]} births",
              f"出生に占める{ORDER_TEXT[order][1]}の割合", wanted, max(wanted - 0.05, 0.02), wanted + 0.05,
              float(share[k]), "vital statistics 2018, births by order", "nation")
        for k, (order, wanted) in enumerate(target.items())
    ]  # fmt: skip
    outside = japan.assumptions["births_outside_union"]
    rows.append(Check(TOPIC, "births_outside_union", "share of births outside unions", "婚外出生の割合",
                      outside.value, 0.01, 0.03, float(births[:, 0].sum() / births.sum()),
                      "vital statistics, about 2 %", "nation"))  # fmt: skip
    return rows


def age_checks(japan: "Japan", founding: "Founding", runs: "Sequence[BirthHistory]") -> list[Check]:
    """Ages at first births, and the share of first births at each age, in the first years."""
    from abm.levels.birth_levels import births_by_age_and_order
    from abm.levels.by_age import per_age

    wanted = births_by_age_and_order(japan)
    women = per_age(founding.population.persons, founding.population.residents)[1]
    births = np.mean([run.births[:FIRST_YEARS].sum(axis=(0, 3)) for run in runs], axis=0) / FIRST_YEARS
    rates = births / np.maximum(women, 1.0)[:, None]
    source = "nation's orders of 2009 at the same stage of childbearing, on the prefecture's births by age"
    rows = []
    for k, (order, japanese) in enumerate((("first", "第1子"), ("second", "第2子"))):
        target, here = _mean_age(wanted[:, k]), _mean_age(rates[:, k])
        rows.append(Check(TOPIC, f"mean_age_{order}_birth", f"mean age at {order} birth, years",
                          f"{japanese}出生時の母の平均年齢", target, target - 1.0, target + 1.0, here,
                          source, "prefecture"))  # fmt: skip
    for low in range(20, 45, 5):
        share = births[low : low + 5, 0].sum() / max(births[low : low + 5].sum(), 1e-9)
        target = float(wanted[low : low + 5, 0].sum() / wanted[low : low + 5].sum())
        rows.append(Check(TOPIC, f"first_births_at_{low}_{low + 4}", f"share of first births at {low}-{low + 4}",
                          f"{low}〜{low + 4}歳の出生に占める第1子の割合", target, target - 0.1, target + 0.1,
                          float(share), source, "prefecture"))  # fmt: skip
    return rows


def _mean_age(rates: Array) -> float:
    """Mean age at birth of rates by age at the stock date: births fall a year later on average, in exact years."""
    return float((rates * (np.arange(len(rates)) + 1.0)).sum() / max(rates.sum(), 1e-12))


def marriage_checks(founding: "Founding", arm: "Reference", runs: "Sequence[BirthHistory]") -> list[Check]:
    """Births that follow a marriage, and children of wives whose years of childbearing are over."""
    from machi.validation.birth_history import births_per_additional_marriage, births_per_marriage

    low, high = PER_MARRIAGE
    extra, _ = births_per_additional_marriage(founding, arm, SEEDS, SEARCHING_YEARS)
    wives = np.sum([run.wives[-FIRST_YEARS:, OLDER] for run in runs], axis=(0, 1, 2)).astype(float)
    parity = float((wives * np.arange(5)).sum() / wives.sum())
    source = "plausible range: the nation's births over marriages were 1.6 in 2015"
    return [
        Check(TOPIC, "births_per_marriage", "completed births per marriage", "1婚姻あたりの完結出生数", float("nan"),
              low, high, births_per_marriage(list(runs)), source, "nation"),
        Check(TOPIC, "births_per_additional_marriage", "births per additional marriage (search +10 %, paired)",
              "追加の1婚姻あたりの出生数（相手探し+10％、対比較）", float("nan"), low, high, extra, source, "nation"),
        Check(TOPIC, "completed_parity", "children of wives of 45-49 at the end", "45〜49歳の妻の出生児数（期末）",
              1.9, 1.6, 2.2, parity, "national cohorts born to 1965", "nation"),
    ]  # fmt: skip


def level_checks(arm: "Reference") -> list[Check]:
    """Births wanted over births without a factor: in the base year by age, and how far all of them drift."""
    low, high = FACTORS
    source = "the scenario's births over those of the base tables"
    rows = []
    for k, value in enumerate(arm.base_births):
        if k in (1, 7):  # 15-19 and 45-49: hardly any births
            continue
        ages = f"{5 * k + 10}-{5 * k + 14}" if k else "all ages"
        rows.append(Check(TOPIC, f"births_factor_{ages.replace('-', '_').replace(' ', '_')}",
                          f"births factor of the base year, {ages}",
                          f"基準年の出生係数（{ages.replace('-', '〜') + '歳' if k else '全年齢'}）",
                          1.0, low, high, float(value), source, "city"))  # fmt: skip
    middle = slice(25, 40)
    drift = float(arm.birth_factor[-FIRST_YEARS:, middle].mean() / arm.birth_factor[:FIRST_YEARS, middle].mean())
    rows.append(Check(TOPIC, "births_factor_drift", "births factor at 25-39, last five years over first",
                      "出生係数の変化（25〜39歳、末期／初期）", 1.0, low, high, drift,
                      source, "city"))  # fmt: skip
    return rows


def timing_checks(founding: "Founding", arm: "Reference") -> list[Check]:
    """A programme of five years, half of whose births are moved forward: the dip after it, and what lasts."""
    from machi.validation.birth_history import programme

    factor, share, years = PROGRAMME
    course = programme(founding, arm, TIMING_SEEDS, factor, share, years)
    lasting = float(course.lasting.sum() / course.first.sum())
    after = float(course.percent[years])
    return [
        Check(TOPIC, "births_after_a_programme", "births in the year after a +3 % programme ends, percent",
              "＋3％の施策が終わった翌年の出生（参照比％）", float("nan"), -6.0, -0.1, after,
              "González and Trommlerová: Spain, +3 % at the start and -6 % at the end", "literature"),
        Check(TOPIC, "lasting_births", "births of a programme that last, half moved forward",
              "施策による出生のうち残る割合（前倒し5割）", 1 - share, 0.35, 0.7, lasting,
              "one minus the tempo share; Quebec: completed +2.4 % of a rise of 9 %", "literature"),
    ]  # fmt: skip
