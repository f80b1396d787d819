"""The agents against the cohort twin: exact in a plain world, and the aligned reference arm beside it.

In the plain world nobody moves and every woman of an age bears alike, so that deaths, births and ageing of the agents
must agree with the twin up to chance: 36 cells (sex, five-year age) on 9 dates, 200 runs at 1:10, feedbacks off. The
largest |z| must stay below 3.8 (Bonferroni, 324 cells at 5 %) and chi-square above 0.001 on every date. The mean
z of an age over both sexes and all dates has a standard error of 0.24 if they were independent, more because cohorts
share mothers: another 200 seeds move it by as much, so it is held to 1. The reference arm, with all feedbacks, must
stay within 1 % in total.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from abm.decisions.arrivals import joined, joined_units
from abm.decisions.childbirth import FIRST_AGE, LAST_AGE
from abm.forecast.cohort import project
from abm.forecast.rates import Rates
from abm.founding.found import Founding, found
from abm.levels.by_age import per_age
from abm.levels.reference import Reference
from abm.levers import neutral
from abm.people.outputs import Outputs
from abm.people.population import NATIVE
from abm.simulation import simulate
from benchmarks.town import Iwaki

Array = NDArray[np.float64]
GROUPS = np.minimum(np.arange(101) // 5, 17)
RUNS, FRACTION, EVERY = 200, 0.1, 5
BOUND, CHANCE, DRIFT = 3.8, 0.001, 1.0
ALIKE = ("by_wait", "by_work", "by_husband", "by_workplace")  # tables of childbirth that tell women of an age apart


class Agreement(NamedTuple):
    """z [dates, 2, 18] of the runs' mean against the twin, with what the bounds speak of."""

    z: Array
    largest: float
    least_p: float
    drift: float  # the largest mean z of an age


def plain_rates(rates: Rates) -> Rates:
    """The rates of a world in which nobody moves and women of 15 to 49 bear."""
    birth = rates.birth.copy()
    birth[:, :FIRST_AGE] = birth[:, LAST_AGE + 1 :] = 0.0
    still = np.zeros(len(rates.years))
    return rates._replace(birth=birth, net=np.zeros_like(rates.net), evacuees_home=still, evacuees_share=np.zeros(1))


def plain_world(founding: Founding, reference: Reference) -> tuple[Founding, Reference]:
    """The same town and arm with births by age alone, and without moves, arrivals and people who come and go."""
    rates, births = plain_rates(reference.rates), reference.births
    by_age = np.broadcast_to(rates.birth[0][:, None], births.by_age.shape).copy()
    years = len(rates.years)
    factor = rates.birth / np.maximum(rates.birth[0], 1e-12)
    arm = reference._replace(
        rates=rates,
        births=births._replace(by_age=by_age, **{name: np.ones_like(getattr(births, name)) for name in ALIKE}),
        birth_factor=factor,
        outside=np.zeros_like(reference.outside),
        moves=reference.moves._replace(leave=np.zeros_like(reference.moves.leave),
                                       uturn=np.zeros_like(reference.moves.uturn)),
        arrivals=joined([]), arrivals_from=np.zeros(years + 1, np.int64),
        units=joined_units([]), units_from=np.zeros(years + 1, np.int64),
    )  # fmt: skip
    people = founding.population.copy()
    people.persons.origin[: people.n] = NATIVE
    return replace(founding, population=people), arm


def agreement(founding: Founding, arm: Reference, runs: Sequence[Outputs], dates: Sequence[int]) -> Agreement:
    """How far the mean of the runs lies from the twin, in standard errors from the runs' own variance."""
    people = founding.population
    start = per_age(people.persons, people.residents)
    twin = project(start, arm.rates, 0.0, float(arm.numbers.male_share[0])).people
    expected = np.stack([[np.bincount(GROUPS, twin[date, sex]) for sex in range(2)] for date in dates])
    counted = np.stack([
        [[np.bincount(GROUPS, run.population[date, sex]) for sex in range(2)] for date in dates] for run in runs
    ]).astype(float)  # fmt: skip
    error = counted.std(axis=0, ddof=1) / np.sqrt(len(runs))
    z = (counted.mean(axis=0) - expected) / np.maximum(error, 1e-9)
    z[(error == 0) & (counted[0] == np.round(expected))] = 0.0
    least = min(float(chi2.sf((one**2).sum(), one.size)) for one in z)
    return Agreement(z, float(np.abs(z).max()), least, float(np.abs(z.mean(axis=(0, 1))).max()))


def lives(founding: Founding, arm: Reference, seeds: Sequence[int]) -> list[Outputs]:
    """Runs of several seeds without any policy."""
    array = neutral(len(arm.rates.years))
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda seed: simulate(founding, arm, array, seed), seeds))


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """The plain world at full size, then the reference arm's largest distance in total."""
    founding = found(iwaki.town, fraction=FRACTION)
    people, arm = plain_world(founding, iwaki.reference)
    dates = range(EVERY, len(arm.rates.years) + 1, EVERY)
    seen = agreement(people, arm, lives(people, arm, range(1, RUNS + 1)), dates)
    plain = f"plain world, {RUNS} runs at 1:10"
    yield f"{plain}: largest |z| of {seen.z.size} cells (bound {BOUND})", f"{seen.largest:.2f}"
    yield f"least p of chi-square over the dates (bound {CHANCE})", f"{seen.least_p:.3f}"
    yield f"largest mean z of an age (bound {DRIFT})", f"{seen.drift:.2f}"
    home = iwaki.people.population
    male = float(iwaki.reference.numbers.male_share[0])
    twin = project(per_age(home.persons, home.residents), iwaki.reference.rates,
                   iwaki.town.setting.area.evacuees, male).people.sum(axis=(1, 2))  # fmt: skip
    runs = lives(iwaki.people, iwaki.reference, (1, 2, 3))
    totals = np.mean([run.population.sum(axis=(1, 2)) for run in runs], axis=0)
    off = totals / twin - 1
    yield "reference arm, 3 runs at 1:1: largest distance in total (bound 1 %)", f"{100 * np.abs(off).max():.2f} %"
    yield "the same in 2060", f"{100 * off[-1]:+.2f} %"
