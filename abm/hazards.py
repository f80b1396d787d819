"""Schedules by single year of age, made from the published five-year tables of a town and its nation.

Ages are completed years at the stock date; a flow of year Y at age x happens to those aged x on the stock date of Y.
Arrays end with age 110 for death (rows of the oldest) and 100 elsewhere (100 and over).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from abm.town import Town

Array = NDArray[np.float64]
AGES = 101
OLDEST = 110
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


def mortality_path(town: Town, years: NDArray[np.int64]) -> Array:
    """Death probabilities of the town, float64[Y, 2, 112]: national schedule on the official path x the town's factor.

    The newest national rates are raised or lowered by one factor a year and sex so that life expectancy follows the
    official path (linear between its dates, constant after the last).
    """
    japan = town.japan
    base = single_age_mx(japan.mx[-1], tuple(int(a) for a in japan.mx_ages))
    path_years, path = japan.life_expectancy_path
    out = np.empty((len(years), 2, OLDEST + 2))
    for y, year in enumerate(years):
        target = np.array([np.interp(year + 0.5, path_years, path[:, sex]) for sex in range(2)])
        out[y] = death_probability(_rates_with_life_expectancy(base, target) * town.mortality_multiplier)
    return out


def _rates_with_life_expectancy(mx: Array, target: Array) -> Array:
    """`mx` times the factor by sex that gives the `target` life expectancy (bisection on the log factor)."""
    low, high = np.full(2, -1.5), np.full(2, 1.5)
    for _ in range(40):
        middle = (low + high) / 2
        long_lived = life_expectancy(mx * np.exp(middle)[:, None]) > target
        low = np.where(long_lived, middle, low)
        high = np.where(long_lived, high, middle)
    return np.asarray(mx * np.exp((low + high) / 2)[:, None])


def survival_5y(town: Town, period: int, launch: int) -> Array:
    """Five-year survival in the calendar period of index `period`, float64[2, 18], of the census of year `launch`.

    Entry g is from group g to g + 1; the last is from 85-89 and 90+ together into 90+, weighted by that census
    (within 90+ as if stationary): an ageing town's oldest are younger than a stationary population's.
    """
    q = death_probability(single_age_mx(town.japan.mx[period], tuple(int(a) for a in town.japan.mx_ages))
                          * town.past_mortality_multiplier)  # fmt: skip
    stay = 1 - q[:, 1:]
    five = np.stack([np.prod(stay[:, a : a + 5], axis=1) for a in range(OLDEST - 5)], axis=1)
    groups = [five[:, 5 * g : 5 * g + 5].mean(axis=1) for g in range(18)]
    alive = np.cumprod(stay[:, 89 : OLDEST - 6], axis=1)
    oldest = (five[:, 90 : OLDEST - 5] * alive).sum(axis=1) / alive.sum(axis=1)
    people = town.census[town.census_years.index(launch)][:, 17:]
    open_group = (groups[17] * people[:, 0] + oldest * people[:, 1]) / people.sum(axis=1)
    return np.stack([*groups[:17], open_group], axis=1)


def intercensal_net_rates(town: Town, launches: tuple[int, ...], evacuees_out: bool = True) -> Array:
    """Net-migration rates over five years by the residual method, float64[launches, 2, 18] (P(t+5)/P(t) - S).

    Entry g is from group g to g + 1 (the last: 85+ to 90+). Evacuees are taken out of the 2015 census first, age and
    sex as the city, because their coming is not the town's own migration.
    """
    rates = []
    for launch in launches:
        before = town.census[town.census_years.index(launch)]
        after = town.census[town.census_years.index(launch + 5)].copy()
        if evacuees_out and launch + 5 == 2015:
            after *= 1 - town.evacuees / after.sum()
        start = np.concatenate([before[:, :17], before[:, 17:].sum(axis=1, keepdims=True)], axis=1)
        rates.append(after[:, 1:] / start - survival_5y(town, (launch - 1990) // 5, launch))
    return np.array(rates)


def annual_net_rates(net_5y: Array, survival: Array, first_share: float = 2 / 3) -> Array:
    """Net-migration rates a year by single age, float64[2, 101], that reproduce the five-year rates [2, 18].

    Among all annual rates whose log-sums over each cohort's five years give log(1 + NM / S), the one is taken whose
    departure from two spikes of leaving (after school at 18 and at 22, two thirds and one third) has the least squared
    roughness. Who leaves in March at 18 is 17 or 18 at the census date before, so each spike lies on two ages.
    """
    ages = 95
    rows = np.zeros((18, ages))
    for g in range(18):
        for x in range(5 * g, 5 * g + 5):
            rows[g, x : x + 5] += 0.2
    second = np.diff(np.eye(ages), n=2, axis=0)
    penalty = second.T @ second + 1e-6 * np.eye(ages)
    system = np.block([[penalty, rows.T], [rows, np.zeros((18, 18))]])
    out = np.zeros((2, AGES))
    for sex in range(2):
        logs = np.log1p(net_5y[sex] / survival[sex])
        spikes = np.zeros(ages)
        loss = min(0.0, logs[2] + logs[3])
        spikes[[17, 18]], spikes[[21, 22]] = first_share * loss / 2, (1 - first_share) * loss / 2
        right = np.concatenate([penalty @ spikes, logs])
        out[sex, :ages] = np.expm1(np.linalg.solve(system, right)[:ages])
        out[sex, ages:] = out[sex, ages - 1]
    return out


def single_ages(groups: Array) -> Array:
    """Five-year groups [2, 19] (90 and over last) split into single ages [2, 101], smooth, sums kept."""
    edges = np.append(np.arange(0, 91, 5), 101).astype(float)
    out = np.zeros((2, AGES))
    for sex in range(2):
        cumulative = np.concatenate([[0.0], np.cumsum(groups[sex])])
        out[sex] = np.diff(PchipInterpolator(edges, cumulative)(np.arange(AGES + 1.0)))
    return out


def fertility_schedule(town: Town) -> Array:
    """Births per woman a year by single age, float64[101], scaled to a total of 1: the newest national shape."""
    five_year = town.japan.asfr[-1]  # ages 10-14 .. 50-54
    edges = np.arange(10, 56, 5, dtype=float)
    cumulative = np.concatenate([[0.0], np.cumsum(5 * five_year)])
    smooth = PchipInterpolator(edges, cumulative)
    ages = np.arange(AGES)
    # a woman aged x at the stock date spends half of the year at x and half at x + 1
    total = smooth(np.clip(ages + 1.5, 10, 55)) - smooth(np.clip(ages + 0.5, 10, 55))
    return np.asarray(total / total.sum())


def first_marriage_schedule(town: Town) -> Array:
    """First-marriage hazards a year of the never married by sex and single age, float64[2, 101].

    The prefecture's cohort hazards of 2010-15 stand at the middle of the ages that the cohort lived through.
    """
    hazard = town.japan.first_marriage_hazard
    knots = np.concatenate([[15.5], np.arange(20.0, 61.0, 5.0), [70.0]])
    out = np.zeros((2, AGES))
    for sex in range(2):
        values = np.concatenate([[0.0], np.maximum(hazard[sex], 5e-4), [1e-4]])
        out[sex] = np.maximum(PchipInterpolator(knots, values)(np.clip(np.arange(AGES) + 1.0, 15.5, 70.0)), 0.0)
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


def marital_fertility_schedule(town: Town) -> Array:
    """Births per married woman a year by single age, float64[101] (nation, 2015)."""
    rate = town.japan.marital_fertility[-1]
    knots = np.concatenate([np.arange(17.5, 48.0, 5.0), [50.0]])
    values = np.concatenate([rate, [0.0]])
    out = np.zeros(AGES)
    ages = np.arange(15, 50)
    out[ages] = np.maximum(PchipInterpolator(knots, values)(np.clip(ages + 1.0, 17.5, 50.0)), 0.0)
    return out


def mover_schedule(town: Town) -> Array:
    """National inter-municipal movers per resident a year by single age, float64[101]: the shape of gross flows."""
    rate = town.japan.mover_rate  # 0-4, 5-9, ..., 40-44, 45-64, 65+
    knots = np.concatenate([np.arange(2.5, 43.0, 5.0), [55.0, 80.0]])
    smooth = PchipInterpolator(knots, rate)(np.clip(np.arange(AGES) + 0.5, 2.5, 80.0))
    return np.maximum(smooth, 1e-4)
