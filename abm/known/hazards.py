"""Schedules by single year of age, made from the published five-year tables of a town and its nation.

Ages are completed years at the stock date; a flow of year Y at age x happens to those aged x on the stock date of Y.
Arrays end with age 110 for death (rows of the oldest) and 100 elsewhere (100 and over).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from abm.known.behaviour import Behaviour
from abm.known.nation import Schedules
from abm.known.town import Town

Array = NDArray[np.float64]
AGES = 101
OLDEST = 110
_IMPROVEMENT_KEPT = (
    0.5  # of the past improvement of mortality goes on; assumption (a half met the deaths of 2006-14 best)
)
_SMOOTHED_OVER = 15  # ages of the running mean over past improvements; assumption
_NEONATAL_SHARE = 0.85  # share of infant deaths before the first stock date; assumption (most are in the first weeks)


def hazard_to_probability(hazard: Array | float) -> Array | float:
    """The probability of at least one event in a year at a constant hazard per person-year."""
    probability: Array | float = -np.expm1(-np.asarray(hazard))
    return probability


def single_age_mx(mx: Array, ages: tuple[int, ...]) -> Array:
    """Death rates by single age 0..110 (float64[2, 111]) from abridged rates at starting `ages` (0, 1, 5, ..., 100)."""
    starts = np.array(ages, dtype=float)
    widths = np.append(np.diff(starts), 5.0)
    middles = starts + widths / 2
    singles = np.arange(OLDEST + 1) + 0.5
    smooth = np.empty((2, OLDEST + 1))
    for sex in range(2):
        smooth[sex] = np.exp(PchipInterpolator(middles, np.log(mx[sex]), extrapolate=True)(np.clip(singles, 0.5, 105)))
    return smooth


def death_probability(mx: Array) -> Array:
    """Probability of dying within the year, float64[2, 112]: index 0 for the year's newborns, x + 1 for age x.

    Somebody aged x on the stock date is on average x + 1/2 years old: half of the year runs at the rate of age x,
    half at that of x + 1.
    """
    q = np.empty((2, OLDEST + 2))
    q[:, 0] = -np.expm1(-_NEONATAL_SHARE * mx[:, 0])
    after = np.concatenate([mx[:, 1:], mx[:, -1:]], axis=1)
    before = mx.copy()
    before[:, 0] *= 2 * (1 - _NEONATAL_SHARE)
    q[:, 1:] = -np.expm1(-(before + after) / 2)
    return q


def life_expectancy(mx: Array) -> Array:
    """Life expectancy at birth by sex (float64[2]) of single-age rates."""
    survivors = np.exp(-np.concatenate([np.zeros((2, 1)), np.cumsum(mx, axis=1)], axis=1))
    lived: Array = ((survivors[:, :-1] + survivors[:, 1:]) / 2).sum(axis=1)
    return lived


@lru_cache(maxsize=4096)
def death_rates_at(schedules: Schedules, when: float) -> Array:
    """The nation's death rates by sex and single age at a time in years, float64[2, 111].

    Log-linear between the middles of the periods that are known. From the first date of the official path of life
    expectancy on, where that is known, the newest rates by one factor a sex that meets the path (linear between its
    dates, constant after the last); else a half of the improvement of the last ten years goes on, smoothed over ages.
    """
    rates = _death_rates(schedules, when)
    rates.flags.writeable = False
    return rates


def _death_rates(schedules: Schedules, when: float) -> Array:
    path = schedules.life_expectancy_path
    rates = _log_rates(schedules)
    middles = np.array(schedules.mx_periods) + 2.5
    if path is not None and when >= path[0][0]:
        target = np.array([np.interp(when - 0.5, path[0], path[1][:, sex]) for sex in range(2)])
        return _rates_with_life_expectancy(np.exp(rates[-1]), target)
    if when > middles[-1]:
        return np.asarray(np.exp(rates[-1] + _IMPROVEMENT_KEPT * _improvement(rates, middles) * (when - middles[-1])))
    after = int(np.clip(np.searchsorted(middles, when), 1, len(middles) - 1)) if len(middles) > 1 else 0
    if after == 0 or when <= middles[0]:
        return np.asarray(np.exp(rates[0]))
    share = (when - middles[after - 1]) / (middles[after] - middles[after - 1])
    return np.asarray(np.exp((1 - share) * rates[after - 1] + share * rates[after]))


@lru_cache(maxsize=64)
def _log_rates(schedules: Schedules) -> Array:
    """Logs of the single-age death rates of every period, float64[periods, 2, 111]."""
    ages = tuple(int(age) for age in schedules.mx_ages)
    return np.log([single_age_mx(mx, ages) for mx in schedules.mx])


def _improvement(logs: Array, middles: Array) -> Array:
    """Change of the log death rates a year over the last two steps of the table, a running mean over ages."""
    if len(logs) == 1:
        return np.zeros_like(logs[0])
    first = max(len(logs) - 3, 0)
    change = (logs[-1] - logs[first]) / (middles[-1] - middles[first])
    kernel = np.ones(_SMOOTHED_OVER) / _SMOOTHED_OVER
    padded = np.pad(change, ((0, 0), (_SMOOTHED_OVER // 2, _SMOOTHED_OVER // 2)), mode="edge")
    return np.stack([np.convolve(row, kernel, mode="valid") for row in padded])


def mortality_path(schedules: Schedules, years: Array, level: float | Array = 1.0) -> Array:
    """Death probabilities by simulated year, float64[Y, 2, 112]: the nation's rates of each year times `level`.

    years: the beginning of each year (their middle sets the rates).
    """
    levels = np.broadcast_to(level, len(years))
    return np.stack([
        death_probability(death_rates_at(schedules, float(year) + 0.5) * one)
        for year, one in zip(years, levels, strict=True)
    ])  # fmt: skip


def _rates_with_life_expectancy(mx: Array, target: Array) -> Array:
    """`mx` times the factor by sex that gives the `target` life expectancy (bisection on the log factor)."""
    low, high = np.full(2, -1.5), np.full(2, 1.5)
    for _ in range(40):
        middle = (low + high) / 2
        long_lived = life_expectancy(mx * np.exp(middle)[:, None]) > target
        low = np.where(long_lived, middle, low)
        high = np.where(long_lived, high, middle)
    return np.asarray(mx * np.exp((low + high) / 2)[:, None])


def annual_net_rates(net_5y: Array, survival: Array, first_share: float = 2 / 3) -> Array:
    """Net-migration rates a year by single age, float64[2, 101], that reproduce the five-year rates [2, 18].

    Among all annual rates whose log-sums over each cohort's five years give log(1 + NM / S), the one is taken whose
    departure from two spikes of leaving (after school at 18 and at 22, two thirds and one third) has the least squared
    roughness. Who leaves in March at 18 is 17 or 18 at the census date before, so each spike lies on two ages.
    """
    penalty, solver = _least_roughness()
    ages = len(penalty)
    out = np.zeros((2, AGES))
    for sex in range(2):
        logs = np.log1p(net_5y[sex] / survival[sex])
        spikes = np.zeros(ages)
        loss = min(0.0, logs[2] + logs[3])
        spikes[[17, 18]], spikes[[21, 22]] = first_share * loss / 2, (1 - first_share) * loss / 2
        right = np.concatenate([penalty @ spikes, logs])
        out[sex, :ages] = np.expm1((solver @ right)[:ages])
        out[sex, ages:] = out[sex, ages - 1]
    return out


@lru_cache(maxsize=1)
def _least_roughness() -> tuple[Array, Array]:
    """The penalty on second differences over 95 ages, and the inverse of the system that holds 18 cohorts' sums."""
    ages, groups = 95, 18
    rows = np.zeros((groups, ages))
    for g in range(groups):
        for x in range(5 * g, 5 * g + 5):
            rows[g, x : x + 5] += 0.2
    second = np.diff(np.eye(ages), n=2, axis=0)
    penalty = second.T @ second + 1e-6 * np.eye(ages)
    return penalty, np.linalg.inv(np.block([[penalty, rows.T], [rows, np.zeros((groups, groups))]]))


def births_at(schedules: Schedules, when: float | None = None, lead: float = 0.0, national: bool = False) -> Array:
    """Births per woman a year by single age, float64[101], of women in the middle of the year.

    The nation's level at the prefecture's age pattern, or the nation's own. The schedule of the period that holds the
    time (the nearest one outside the table; the newest without a time). With a lead of half a year: by age at the
    stock date from which the year runs.
    """
    asfr = schedules.asfr if national else schedules.own_asfr
    periods = np.array(schedules.mx_periods)
    held = len(periods) - 1 if when is None else int(np.clip(np.searchsorted(periods, when, "right") - 1, 0, None))
    edges = np.arange(10, 56, 5, dtype=float)
    smooth = PchipInterpolator(edges, np.concatenate([[0.0], np.cumsum(5 * asfr[held])]))
    ages = np.arange(AGES)
    return np.asarray(smooth(np.clip(ages + 1 + lead, 10, 55)) - smooth(np.clip(ages + lead, 10, 55)))


def fertility_schedule(schedules: Schedules, national: bool = False) -> Array:
    """Births per woman by single age at the stock date, float64[101], scaled to 1.

    The nation's newest shape at the prefecture's age pattern, or the nation's own.
    """
    # a woman aged x at the stock date spends half of the year at x and half at x + 1
    births = births_at(schedules, lead=0.5, national=national)
    return np.asarray(births / births.sum())


_LEAST_HAZARD = 5e-4  # a year: below it a cohort's change is noise (an assumption)
_FITTING_PASSES = 20  # far more than the curve needs to meet the cohorts


def first_marriage_schedule(town: Town) -> Array:
    """First-marriage hazards a year of the never married by sex and single age, float64[2, 101].

    A smooth curve whose means over the ages that each cohort lived through in 2010-15 are the prefecture's cohort
    hazards; from `nation_from` on they are the nation's at the prefecture's ratio of the five years before. From
    `counted_from` on the nation's decline with age as vital statistics count it.
    """
    shape = town.japan.behaviour["marriage"]
    known = np.maximum(town.japan.first_marriage_hazard, _LEAST_HAZARD)
    nation = np.maximum(town.japan.first_marriage_hazard_national, _LEAST_HAZARD)
    group = np.arange(known.shape[1])
    own, counted = (int(shape[key]) // 5 - 3 for key in ("nation_from", "counted_from"))
    counts = town.japan.first_marriage_hazard_counted
    joined = nation[:, counted - 1 : counted] * counts / counts[:, counted - 1 : counted]
    nation = np.where(group < counted, nation, np.maximum(joined, _LEAST_HAZARD))
    hazard = nation * (known / nation)[:, np.minimum(group, own - 1)]
    knots = np.concatenate([[15.5], np.arange(20.0, 61.0, 5.0), [70.0]])
    lived = 15 + 5 * group[:, None, None] + np.arange(5)[:, None] + np.arange(5)  # ages at the start of each year
    out = np.zeros((2, AGES))
    for sex in range(2):
        at = hazard[sex].copy()
        for _ in range(_FITTING_PASSES):
            curve = PchipInterpolator(knots, np.concatenate([[0.0], at, [1e-4]]))
            out[sex] = np.maximum(curve(np.clip(np.arange(AGES) + 1.0, 15.5, 70.0)), 0.0)
            at *= hazard[sex] / out[sex][lived].mean(axis=(1, 2))
        out[sex, :16] = 0.0
        out[sex, 75:] = 0.0
    return out


def remarriage_schedule(town: Town) -> Array:
    """Remarriage rates a year of the widowed and divorced by sex and single age, float64[2, 101] (nation, 2005)."""
    rate = town.japan.remarriage_rate
    knots = np.concatenate([np.arange(17.5, 70.0, 5.0), [80.0]])
    out = np.zeros((2, AGES))
    for sex in range(2):
        out[sex] = np.maximum(PchipInterpolator(knots, rate[sex])(np.clip(np.arange(AGES) + 1.0, 17.5, 80.0)), 0.0)
        out[sex, :16] = 0.0
        out[sex, 85:] = 0.0
    return out


def mover_schedule(town: Town) -> Array:
    """National inter-municipal movers per resident a year by single age, float64[101]: the shape of gross flows.

    Before the national table was known, the assumed shape.
    """
    if not len(town.japan.mover_rate):
        return mover_rates(town.japan.behaviour)
    rate = town.japan.mover_rate  # 0-4, 5-9, ..., 40-44, 45-64, 65+
    knots = np.concatenate([np.arange(2.5, 43.0, 5.0), [55.0, 80.0]])
    smooth = PchipInterpolator(knots, rate)(np.clip(np.arange(AGES) + 0.5, 2.5, 80.0))
    return np.asarray(np.maximum(smooth, 1e-4))


def mover_rates(behaviour: Behaviour) -> Array:
    """Moves between municipalities per resident a year by single age, float64[101]: in- or out-moves, assumed shape."""
    return behaviour["estimation"].curve("mover_ages", "movers") / 100.0
