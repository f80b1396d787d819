"""What leaving and return share: one year's moving probabilities, and the household states that decide about them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel

Array = NDArray[np.float64]
WITH_OTHERS, ALONE, COUPLE, WITH_PRESCHOOL, WITH_PUPILS = 0, 1, 2, 3, 4  # columns of `Moves.leave`
WAITING, GOING_HOME = 5, 6  # evacuees' households
NOBODY_DECIDES = 7  # institutions
SCHOOL_AGE = 6  # completed years at which a child is at school, to 17
LIKELIEST = 0.5  # no family's yearly probability of leaving is higher; an assumption that also spares most look-ups
SUREST_RETURN = 0.9  # no yearly probability of return is higher; an assumption
SCHOOL_ENDS = 17  # who leaves in the spring after turning 18 is 17 or 18 on the stock date before
# From this age on the stock date somebody may leave alone: compulsory school ends within the year that follows.
ALONE_FROM = 15


class Moves(NamedTuple):
    """One year's moving probabilities, levered and pulled by last year's vacancies."""

    leave: Array  # [2 sexes, 101 ages, 5 (with others, alone, couple, with preschool children only, with pupils)]
    by_work: Array  # [6]: relative risk by work
    by_tie: Array  # [2 (no mother in town, mother in town), 3 workplaces]: relative risk
    by_stay: Array  # [2 (grew up here, came later), 11 years since arrival]: relative risk
    two_earners: Array  # [1]: relative risk of couples who both work
    own: Array  # [8 origins]: yearly probability of leaving whatever the family, -1 where the above rules
    own_factor: Array  # [2, 101]: alignment's factor on `own`, so that such leavers are among the aligned ones
    builders_until: Array  # [1]: year by which reconstruction workers have left
    short_stay: Array  # [8 origins]: yearly probability of leaving in the first five years, -1 where the above rules
    uturn: Array  # [2 sexes, 101 ages, 61 years away]: yearly probability of return of those who grew up here
    return_tie: Array  # [2 (no mother in town, mother in town), 3 (alone, partner from here, from elsewhere)]
    return_pupils: Array  # [1]: relative risk of return with a child at school
    return_remote: Array  # [1]: relative risk of return of those who could work remotely
    remote_away: Array  # [101]: share of those at work away who could work remotely
    return_extra: Array  # [101]: yearly probability that programmes add, whatever the ties
    homecoming: Array  # [3]: evacuee households with a fixed draw in [0, 1) of it go home this year, in [1, 2) later
    to_parents: Array  # [101]: share of single returners who join a parent's household


@kernel
def leaving_of_year(leave: Array, factor: Array, pull: float, young: float, women: float, families: float) -> Array:
    """The table `leave` times alignment's factor [2, 101] and levers, over the pull of vacancies at working ages.

    The levers: everybody of 18-24 (17 on the stock date before), women of 20-34, families of 25-44.
    """
    out = np.empty(leave.shape)
    for sex in range(2):
        for age in range(leave.shape[1]):
            for family in range(leave.shape[2]):
                chance = leave[sex, age, family] * factor[sex, age]
                if SCHOOL_ENDS <= age < 60:
                    chance /= pull
                if SCHOOL_ENDS <= age < 25:
                    chance *= young
                if sex == 1 and 20 <= age < 35:
                    chance *= women
                if family >= COUPLE and 25 <= age < 45:
                    chance *= families
                out[sex, age, family] = chance
    return out


@kernel
def return_of_year(uturn: Array, pull: float, young: float) -> Array:
    """The table `uturn` times the pull of vacancies at 18-59 and the lever on 22-34."""
    out = uturn.copy()
    for sex in range(2):
        for age in range(18, 60):
            for years in range(uturn.shape[2]):
                out[sex, age, years] *= pull
                if 22 <= age < 35:
                    out[sex, age, years] *= young
    return out


def aligned(moves: Moves, factor: Array) -> Moves:
    """The table with all leaving that is not a policy's retention times a factor by sex and age [2, 101]."""
    return families_aligned(moves, factor)._replace(own_factor=moves.own_factor * factor)


def families_aligned(moves: Moves, factor: Array) -> Moves:
    """The same with the origins' own probabilities of leaving held."""
    return moves._replace(leave=moves.leave * factor[:, :, None])
