"""The plain methods that a forecast must beat: Hamilton-Perry, and the newest rates held constant."""

from dataclasses import replace

import numpy as np

from abm.forecast.cohort import project
from abm.forecast.launch import Launch
from abm.forecast.net_migration import survival_to_80
from abm.forecast.rates import Rates
from abm.forecast.vital_levels import fertility, mortality_level
from abm.forecast.windows import windows
from abm.known.area import Area
from abm.known.behaviour import Shape
from abm.known.hazards import AGES, annual_net_rates, death_probability, death_rates_at, fertility_schedule
from abm.known.setting import Setting
from abm.known.stocks import CLOSED, GROUP, stock_on, to_80

from .course import SAME, Array, Course, course_of
from .forecasts import boys, launch_of, opening, years_of
from .origins import Origin

NEWEST_YEARS = 0.5  # so that one period of the register, the newest, sets the levels
MOTHERS = slice(15 // GROUP, 50 // GROUP)  # groups of women whose children of 0-4 are counted
KEPT = ("window_half_life", "census_weight")  # assumptions that the windows ask for; only the newest window is used


def ratios(before: Array, after: Array) -> tuple[Array, Array]:
    """Cohort change ratios [2, 16], and children of 0-4 by sex per woman of 15-49 [2].

    before, after: people [2, 17] five years apart. The last ratio is of everybody of 75 and over into 80 and over.
    """
    return after[:, 1:] / _starters(before), after[:, 0] / after[1, MOTHERS].sum()


def _starters(people: Array) -> Array:
    """People by the 16 groups at the start of five years; those of 75 and over together."""
    oldest = people[:, CLOSED - 1 :].sum(axis=1, keepdims=True)
    return np.concatenate([people[:, : CLOSED - 1], oldest], axis=1)


def hamilton_perry(people: Array, change: Array, children: Array, steps: int) -> Array:
    """People [2, 17] carried on by constant ratios, [steps + 1, 2, 17], five years a step."""
    found = [people]
    for _ in range(steps):
        older = _starters(found[-1]) * change
        following = np.concatenate([np.zeros((2, 1)), older], axis=1)
        following[:, 0] = children * following[1, MOTHERS].sum()
        found.append(following)
    return np.array(found)


def hamilton_perry_course(origin: Origin, setting: Setting) -> Course:
    """Hamilton-Perry from a launch: the ratios of its last five years, of the last two censuses where it has none."""
    change, children = ratios(*_last_five_years(setting.area, origin))
    steps = int(np.ceil(years_of(origin) / GROUP))
    groups = hamilton_perry(to_80(origin.launch.people), change, children, steps)
    return Course(np.arange(steps + 1.0) * GROUP, groups, None, None, None)


def _last_five_years(area: Area, origin: Origin) -> tuple[Array, Array]:
    """People five years before the launch and at it; of the newest two censuses where the basis is too young."""
    launch = origin.launch
    stocks = [one for one in area.stocks(origin.basis, origin.nationality) if one.day <= launch.day + SAME]
    before = stock_on(stocks, launch.day - GROUP)
    if before is not None:
        return to_80(before.people), to_80(launch.people)
    earlier, later = [one for one in area.census if one.day <= launch.day + SAME][-2:]
    return to_80(earlier.people), to_80(later.people)


def constant_course(origin: Origin, setting: Setting) -> Course:
    """The newest rates of the area held constant: nothing pooled, shrunk, damped or raked."""
    plain = replace(setting, behaviour={**setting.behaviour, "estimation": _plain(setting.behaviour["estimation"])})
    launch = launch_of(origin, plain)
    people = opening(launch)
    return course_of(project(people, constant_rates(launch, people, years_of(origin)), 0.0, boys(setting)))


def _plain(shape: Shape) -> Shape:
    """The estimation's assumptions without shrinking and trends, and with the newest period's levels only."""
    fields = {"status": shape.status, "why": shape.why, **{key: shape[key] for key in KEPT}}
    return Shape(
        shape.name, shape.path, {**fields, "prior_events": 0.0, "trend_share": 0.0, "level_years": NEWEST_YEARS}
    )


def constant_rates(launch: Launch, people: Array, years: int) -> Rates:
    """Net rates of the newest window, mortality and fertility of the newest period, the same in every year."""
    deaths = death_rates_at(launch.schedules, launch.day) * mortality_level(launch)
    births = fertility(launch)[0] * fertility_schedule(launch.schedules)
    survival = survival_to_80(people, deaths)
    newest = max(windows(launch), key=lambda one: (one.end, one.weight)).rates
    bounded = np.maximum(newest, -0.9 * survival)  # as the trend's: nobody leaves who is not there
    opened = [np.concatenate([one[:, :-1], np.repeat(one[:, -1:], 3, axis=1)], axis=1) for one in (bounded, survival)]
    yearly = np.arange(years, dtype=np.int64)
    return Rates(
        years=int(launch.day) + yearly,
        begins=np.asarray(launch.day + yearly, dtype=np.float64),
        death=np.broadcast_to(death_probability(deaths), (years, 2, AGES + 11)),
        birth=np.broadcast_to(births, (years, AGES)),
        net=np.broadcast_to(annual_net_rates(opened[0], opened[1]), (years, 2, AGES)),
        nuptiality=np.ones(years),
        evacuees_home=np.zeros(years),
        evacuees_share=np.zeros(1),
    )
