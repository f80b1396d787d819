"""The names that a policy may move: unit, kind, do-nothing value, bounds and meaning, in one table.

An array of levers is float64[n_years, len(LEVERS)]: one row per simulated year, columns as in `LEVERS`.
Amounts speak of the whole town (persons, households, slots); the simulation scales them by its fraction.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError

Kind = Literal["multiplier", "amount", "share", "probability"]


@dataclass(frozen=True)
class Lever:
    """One quantity that a policy may move.

    `kind` says how strength acts: a multiplier as m^s, an amount as s x amount, a share (percentage points)
    as s x points, a probability through its log-odds. `neutral` is the value that does nothing.
    """

    key: str
    unit: str
    kind: Kind
    neutral: float
    low: float
    high: float
    meaning_en: str
    meaning_ja: str


def _multiplier(key: str, low: float, high: float, meaning_en: str, meaning_ja: str) -> Lever:
    """A factor on a hazard or on a count of arrivals; 1 does nothing."""
    return Lever(key, "x", "multiplier", 1.0, low, high, meaning_en, meaning_ja)


def _amount(key: str, unit: str, high: float, meaning_en: str, meaning_ja: str) -> Lever:
    """A count that comes on top of the reference arm; 0 does nothing."""
    return Lever(key, unit, "amount", 0.0, 0.0, high, meaning_en, meaning_ja)


def _slots(sector: str, meaning_en: str, meaning_ja: str) -> Lever:
    """The stock of extra slots of one sector that exist in a year (not the flow of new ones)."""
    return _amount(f"slots_{sector}", "slots", 50_000.0, f"extra slots in existence: {meaning_en}", meaning_ja)


def _points(key: str, meaning_en: str, meaning_ja: str) -> Lever:
    """Percentage points on top of the reference arm's share; 0 does nothing."""
    return Lever(key, "pp", "share", 0.0, 0.0, 20.0, meaning_en, meaning_ja)


def _share(key: str, meaning_en: str, meaning_ja: str) -> Lever:
    """A share of what another lever does; alone it does nothing."""
    return Lever(key, "share", "share", 0.0, 0.0, 1.0, meaning_en, meaning_ja)


def _retention(key: str, neutral: float, meaning_en: str, meaning_ja: str) -> Lever:
    """A five-year probability of staying; it concerns only people who came through a lever."""
    return Lever(key, "probability", "probability", neutral, 0.05, 1.0, meaning_en, meaning_ja)


LEVERS: Final[tuple[Lever, ...]] = (
    _multiplier("marriage_search", 0.5, 2.0, "search hazard of the unmarried", "未婚者の結婚相手探し"),
    _multiplier(
        "matchmaking",
        1.0,
        1.3,
        "marriages that matchmaking would make, relative to the base year's; one more circle",
        "結婚支援による出会い",
    ),
    _multiplier("childbirth", 0.5, 2.0, "births at every parity", "出生（全体）"),
    _multiplier("childbirth_first", 0.5, 2.0, "first births (parity 0)", "第1子の出生"),
    _multiplier("childbirth_second", 0.5, 2.0, "second births (parity 1)", "第2子の出生"),
    _multiplier("childbirth_third", 0.5, 2.0, "third and later births (parity 2+)", "第3子以降の出生"),
    _share(
        "moved_forward_first", "programmes' extra first births that are moved forward", "施策による第1子のうち前倒し分"
    ),
    _share(
        "moved_forward_second",
        "programmes' extra second births that are moved forward",
        "施策による第2子のうち前倒し分",
    ),
    _share(
        "moved_forward_third",
        "programmes' extra later births that are moved forward",
        "施策による第3子以降のうち前倒し分",
    ),
    _multiplier("leaving_18_24", 0.5, 1.5, "leaving of residents aged 18-24", "18〜24歳の転出"),
    _multiplier("leaving_women_20_34", 0.5, 1.5, "leaving of women aged 20-34", "20〜34歳女性の転出"),
    _multiplier(
        "leaving_families",
        0.5,
        1.5,
        "leaving of households of people aged 25-44 with partner or children",
        "子育て世代（25〜44歳）世帯の転出",
    ),
    _multiplier("uturn", 0.5, 3.0, "return hazard of natives away, aged 22-34", "22〜34歳出身者のUターン"),
    _amount("returnees_extra", "persons/yr", 1_000.0, "extra returnees aged 22-29", "追加のUターン者（22〜29歳）"),
    _multiplier("arrivals_families", 0.5, 3.0, "arrivals of family households, heads 25-44", "家族世帯の転入"),
    _multiplier("arrivals_singles", 0.5, 3.0, "arrivals of singles aged 20-39", "20〜39歳単身者の転入"),
    _amount(
        "settlers_families",
        "households/yr",
        500.0,
        "extra family households that settle (vacant-house bank)",
        "空き家バンク等による定住世帯",
    ),
    _amount(
        "settlers_primary",
        "persons/yr",
        500.0,
        "newcomers from outside to farming, forestry and fishery",
        "市外からの農林水産業の新規就業者",
    ),
    _amount(
        "foreign_arrivals",
        "persons/yr",
        2_000.0,
        "extra foreign workers aged 20-39",
        "外国人労働者の追加転入",
    ),
    _retention(
        "supported_retention",
        0.6,
        "a supported in-mover is still here after 5 years",
        "支援移住者の5年定着率",
    ),
    _retention("foreign_retention", 0.5, "a foreign in-mover is still here after 5 years", "外国人転入者の5年定着率"),
    _retention(
        "primary_retention",
        0.65,
        "a newcomer to the primary sector is still here after 5 years",
        "新規就農者等の5年定着率",
    ),
    _slots("primary", "farming, forestry, fishery", "追加の雇用枠（農林水産業）"),
    _slots("manufacturing", "manufacturing and energy", "追加の雇用枠（製造業・エネルギー）"),
    _slots("construction", "construction", "追加の雇用枠（建設業）"),
    _slots("ict", "ICT and professional", "追加の雇用枠（情報通信・専門サービス）"),
    _slots("trade", "trade and hospitality", "追加の雇用枠（卸小売・宿泊飲食）"),
    _slots("health", "health and care", "追加の雇用枠（医療・福祉）"),
    _slots("services", "other services", "追加の雇用枠（その他サービス）"),
    _multiplier(
        "vacancy_pull",
        0.0,
        3.0,
        "the shared elasticity from vacancies to leaving and return, relative to its calibration",
        "求人が転出入に与える弾力性",
    ),
    _points("regular_share", "share of employed people aged 20-39 in regular work", "20〜39歳の正規雇用割合"),
    _points("women_participation", "share of women aged 25-44 in work", "25〜44歳女性の就業割合"),
    _points(
        "remote_share",
        "share of employed people aged 20-59 working remotely for an employer elsewhere",
        "市外企業に遠隔勤務する割合（20〜59歳）",
    ),
    _multiplier("mortality_40_84", 0.8, 1.2, "probability of dying at ages 40-84", "40〜84歳の死亡確率"),
)

LEVER_INDEX: Final[dict[str, int]] = {lever.key: column for column, lever in enumerate(LEVERS)}


def neutral(n_years: int) -> NDArray[np.float64]:
    """The levers that do nothing: float64[n_years, len(LEVERS)]."""
    if n_years < 0:
        raise InputError(f"levers: {n_years} years were asked for; give the last year after the first.")
    return np.tile(np.array([lever.neutral for lever in LEVERS], dtype=np.float64), (n_years, 1))


def check(array: NDArray[np.float64]) -> None:
    """Refuse levers of a wrong shape, that are not numbers, or that lie outside their bounds (InputError)."""
    if array.ndim != 2 or array.shape[1] != len(LEVERS):
        raise InputError(f"levers: the array has shape {array.shape}; give one row per year and {len(LEVERS)} columns.")
    for column, lever in enumerate(LEVERS):
        values = array[:, column]
        wrong = ~((values >= lever.low) & (values <= lever.high))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise InputError(
                f"levers: {lever.key} is {values[row]:g} in year row {row}; "
                f"give a number from {lever.low:g} to {lever.high:g} ({lever.unit})."
            )
