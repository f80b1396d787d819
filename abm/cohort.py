"""The cohort-component twin: the annual single-age projection on exactly the agents' rates and order of events."""

import numpy as np
from numpy.typing import NDArray

from abm.scenario import Rates

Array = NDArray[np.float64]


def project(start: Array, rates: Rates, evacuees: float, male_share: float) -> Array:
    """Residents by year, sex and single age, float64[Y + 1, 2, 101], from residents at the start [2, 101].

    Order as in the year of the agents: births to the women at the start, net migration of everybody who is not an
    evacuee going home, deaths, ageing. `evacuees` of the start have the age and sex of the town; a share of them goes
    home in each year. Newborns do not migrate in their first weeks.
    """
    years = len(rates.years)
    out = np.zeros((years + 1, 2, 101))
    out[0] = start
    waiting = start * evacuees / start.sum() * rates.evacuees_share[0]  # those who will go home
    gone = 0.0
    for y in range(years):
        own = out[y] - waiting
        births = (out[y, 1] * rates.birth[y]).sum()
        share_home = rates.evacuees_home[y] / max(rates.evacuees_share[0] - gone, 1e-12)
        gone += rates.evacuees_home[y]
        waiting = waiting * (1 - min(share_home, 1.0))
        stay = 1 - rates.death[y][:, 1:102]
        own = _older(own * (1 + rates.net[y]) * stay)
        waiting = _older(waiting * stay)
        newborn = births * np.array([male_share, 1 - male_share]) * (1 - rates.death[y][:, 0])
        out[y + 1] = own + waiting
        out[y + 1, :, 0] += newborn
    return out


def _older(people: Array) -> Array:
    """Everybody one year older; 100 and over stay together."""
    older = np.zeros_like(people)
    older[:, 1:] = people[:, :-1]
    older[:, -1] += people[:, -1]
    return older
