"""The cohort-component twin: the annual single-age projection on exactly the agents' rates and order of events."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.forecast.rates import Rates

Array = NDArray[np.float64]
AGES = 101


class Projection(NamedTuple):
    """Residents on each stock date [Y + 1, 2, 101], and the events of each year by sex and age at its start.

    births [Y, 101] by the mother's age; deaths [Y, 2, 101] (those of the year's newborns under age 0); net moves
    [Y, 2, 101], evacuees going home included.
    """

    people: Array
    births: Array
    deaths: Array
    net_moves: Array


def project(start: Array, rates: Rates, evacuees: float, male_share: float) -> Projection:
    """Project residents at the start [2, 101] through all years of the rates.

    Order as in the year of the agents: births to the women at the start, net migration of everybody who is not an
    evacuee going home, deaths, ageing. `evacuees` of the start have the age and sex of the town; a share of them goes
    home in each year. Newborns do not migrate in their first weeks.
    """
    years = len(rates.years)
    people = np.zeros((years + 1, 2, AGES))
    births, deaths, moves = np.zeros((years, AGES)), np.zeros((years, 2, AGES)), np.zeros((years, 2, AGES))
    people[0] = start
    waiting = waiting_to_go(start, rates, evacuees)
    for y in range(years):
        here = waiting[y] * (1 - going(rates, y))
        own = (people[y] - waiting[y]) * (1 + rates.net[y])
        births[y] = people[y, 1] * rates.birth[y]
        moves[y] = own + here - people[y]
        newborn = births[y].sum() * np.array([male_share, 1 - male_share])
        deaths[y] = (own + here) * rates.death[y][:, 1:102]
        people[y + 1] = older(own + here - deaths[y])
        people[y + 1, :, 0] += newborn * (1 - rates.death[y][:, 0])
        deaths[y, :, 0] += newborn * rates.death[y][:, 0]
    return Projection(people, births, deaths, moves)


def going(rates: Rates, y: int) -> float:
    """Share of the evacuees still waiting to go home who do so in the year of index y."""
    left = float(rates.evacuees_share[0] - rates.evacuees_home[:y].sum())
    return min(float(rates.evacuees_home[y]) / left, 1.0) if left > 1e-9 else 0.0


def waiting_to_go(start: Array, rates: Rates, evacuees: float) -> Array:
    """Evacuees who will go home and have not yet, on each date, float64[Y + 1, 2, 101]; they have no other moves."""
    out = np.zeros((len(rates.years) + 1, 2, AGES))
    out[0] = start * evacuees / start.sum() * rates.evacuees_share[0]
    for y in range(len(rates.years)):
        out[y + 1] = older(out[y] * (1 - going(rates, y)) * (1 - rates.death[y][:, 1:102]))
    return out


def older(people: Array) -> Array:
    """Everybody one year older; 100 and over stay together."""
    out = np.zeros_like(people)
    out[..., 1:] = people[..., :-1]
    out[..., -1] += people[..., -1]
    return out
