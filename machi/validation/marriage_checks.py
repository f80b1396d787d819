"""Checks of marriage: its level in each town, how the market answers to who is in it, and who comes from elsewhere."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from machi.places import Places
from machi.runs.groundwork import Ground
from machi.validation.check import Check

if TYPE_CHECKING:
    from abm.founding.found import Founding
    from abm.known.behaviour import Range
    from abm.levels.reference import Reference
    from abm.people.outputs import Outputs

TOPIC = "marriage"
SEEDS = (1, 2, 3)
MARKETS = 20  # trial markets of one year, averaged
YEARS = (2016, 2017, 2018)  # of the vital statistics that set the level
LEVEL_START, LEVEL_YEARS, LEVEL_SEEDS = 2017, 2, 8
DOSE = 1.01  # of matchmaking: the central effect of P03
EITHER_SEX = {"women": (1,), "men": (0,)}
WORDS = {"women": ("unmarried women", "未婚女性"), "men": ("unmarried men", "未婚男性")}


def level_check(places: Places, town: str) -> Check:
    """Marriages a year in the register town of 2017 against the city's own of 2016-18, within a tenth.

    The level is set on these years; 2017 is the first register that became known after the census with its households.
    """
    from abm.alignment import align
    from abm.founding.found import found
    from abm.known.scenario import read_scenario
    from abm.known.town import read_town

    read, end = read_town(places.town_dir(town), places.japan_dir()), LEVEL_START + LEVEL_YEARS
    flows = read.setting.area.flows.get("japanese", ())
    counted = [flow.events["marriages"] for flow in flows if "marriages" in flow.events and int(flow.start) in YEARS]
    target = float(np.mean(counted))
    founding = found(read, "register", start=LEVEL_START)
    arm = align(read, read_scenario(places.scenario_path(town, "trend")), LEVEL_START, end, founding)
    runs = _runs(founding, arm, {}, range(1, LEVEL_SEEDS + 1))
    wed = float(np.mean([run.marriages.sum() / 2 / LEVEL_YEARS for run in runs]))
    return Check(
        TOPIC, f"marriages_2016_18_{town}", f"marriages a year of 2016-18, {read.name_en}",
        f"2016〜18年の年間婚姻件数（{read.name_ja}）", target, 0.9 * target, 1.1 * target, wed,
        "vital statistics of the city, Japanese residents", "city",
    )  # fmt: skip


def market_checks(ground: Ground) -> Iterator[Check]:
    """The first year's market of a town as it is, with more of either sex, and doubled."""
    from abm.founding.copies import side_by_side
    from machi.validation.market_trial import Trials

    founding, arm = ground.founding(1.0), ground.reference()
    trials = Trials(founding, arm, MARKETS)
    base = trials.of(())
    assumed = ground.town.japan.assumptions
    success, gap = assumed["search_success"], assumed["partner_age_gap_mean"]
    yield _row("success", "searchers who marry within the year", "結婚相手を探した人のうち1年以内に結婚した割合",
               (success.value, success.low, success.high), base.success, success.why, "assumed")  # fmt: skip
    more = {name: trials.of(sexes).young / base.young - 1 for name, sexes in EITHER_SEX.items()}
    why = "two-sex market: the scarcer sex limits it, but not alone"
    for name, change in more.items():
        en, ja = WORDS[name]
        yield _row(f"bite_{name}", f"marriages at 20-34 with 10 % more {en} of these ages",
                   f"20〜34歳の{ja}が1割多いときの同年齢の婚姻の変化",
                   (0.05, 0.03, 0.07), change, why, "assumed")  # fmt: skip
    yield _row("bite_both", "marriages at 20-34 with 10 % more of both", "男女とも1割多いときの同年齢の婚姻の変化",
               (0.10, 0.09, 0.11), trials.of((0, 1)).young / base.young - 1, why, "assumed")  # fmt: skip
    twice = Trials(side_by_side(founding, 2), arm, MARKETS // 2).of(())
    yield _row("homogeneity", "marriages per person in a doubled town over those in the town",
               "2倍の町での1人あたり婚姻の比", (1.0, 0.98, 1.02), twice.marriages / 2 / base.marriages,
               "market of groups: their number grows with the town, their size does not", "assumed")  # fmt: skip
    yield _row("age_gap", "husband's minus wife's age at marriage", "婚姻時の夫婦の年齢差",
               (gap.value, gap.low - 0.5, gap.high + 0.5), base.gap, gap.why, "nation")  # fmt: skip
    yield from _ages(ground, base.first_ages)


def _ages(ground: Ground, simulated: tuple[float, float]) -> Iterator[Check]:
    """Mean ages at first marriage against the prefecture's of the newest year before the start, within a year."""
    series = ground.town.setting.yearly[ground.town.setting.prefecture.key]
    for sex, en, ja, age in (("men", "men", "男性", simulated[0]), ("women", "women", "女性", simulated[1])):
        known = series.get(f"first_marriage_age_{sex}", {})
        if known:
            target = known[max(known)]
            yield _row(f"first_marriage_age_{sex}", f"mean age at first marriage, {en}", f"平均初婚年齢（{ja}）",
                       (target, target - 1, target + 1), age, "vital statistics by prefecture",
                       "prefecture")  # fmt: skip


def run_checks(ground: Ground) -> Iterator[Check]:
    """Runs of some years: partners from elsewhere, and what matchmaking makes at the dose of P03."""
    own = ground.town.japan.behaviour["marriage"].ranges["outside_share"]
    target = ground.town.japan.behaviour["marriage"]["outside_share"]
    plain, matched = (
        _runs(ground.founding(1.0), ground.reference(), levers, SEEDS) for levers in ({}, {"matchmaking": DOSE})
    )
    outside, all_of = (float(np.mean([f(run) for run in plain])) for f in (_outside, _marriages))
    yield _row("outside_share", own.en, own.ja, (target, own.low, own.high), outside / all_of, _why(own), own.status)
    made = float(np.mean([run.introduced.sum() for run in matched]) / np.mean([_marriages(run) for run in matched]))
    yield _row("matchmaking_share", "share of marriages that matchmaking makes at the dose of P03",
               "結婚支援（P03の規模）による婚姻の割合", (0.01, 0.005, 0.02), made,
               "centres' statistics: Ehime, Okayama, Kochi; 7,749 couples in 47 prefectures", "literature")  # fmt: skip


def _why(own: "Range") -> str:
    return own.source or "assumed; the range is for sensitivity"


def _outside(run: "Outputs") -> float:
    return float(run.outside.sum())


def _marriages(run: "Outputs") -> float:
    """Marriages of residents: two residents each, but for those with somebody from elsewhere."""
    return float((run.marriages.sum() + run.outside.sum()) / 2)


def _runs(founding: "Founding", arm: "Reference", values: dict[str, float], seeds: Iterable[int]) -> list["Outputs"]:
    """Runs of several seeds with levers held from the first year on."""
    from abm.levers import LEVER_INDEX, neutral
    from abm.simulation import simulate

    levers = neutral(len(arm.rates.years))
    for key, value in values.items():
        levers[:, LEVER_INDEX[key]] = value
    return [simulate(founding, arm, levers, seed) for seed in seeds]


def _row(
    key: str, en: str, ja: str, bounds: tuple[float, float, float], simulated: float, source: str, status: str
) -> Check:
    target, low, high = bounds
    return Check(TOPIC, key, en, ja, target, low, high, float(simulated), source, status)
