"""Base tables of marriage and divorce: borrowed hazards at the level of the town's own events."""

import numpy as np
from numpy.typing import NDArray

from abm.decisions.marriage import Divorces, Search
from abm.errors import InputError
from abm.known.hazards import first_marriage_schedule, hazard_to_probability, remarriage_schedule
from abm.known.stocks import stock_on
from abm.known.town import Town
from abm.people.population import MALE, Persons

Array = NDArray[np.float64]


def search_base(town: Town) -> Search:
    """Search probabilities by the prefecture's hazards, and who accepts whom; the level is aligned."""
    shape, assumed = town.japan.behaviour["marriage"], town.japan.assumptions
    first = hazard_to_probability(first_marriage_schedule(town) / assumed["search_success"].value)
    again = hazard_to_probability(remarriage_schedule(town) / assumed["search_success"].value)
    by_work = np.ones((2, 6))
    by_work[MALE, :3] = shape["without_work"]
    by_work[MALE, 3] = assumed["nonregular_marriage_odds"].value
    mean, spread = assumed["partner_age_gap_mean"].value, shape["gap_sd"]
    acceptance = shape["acceptance"] * _by_gap(mean + shape["gap_shift"], spread)
    regular = np.array([False, False, False, False, True, True])
    homogamy = np.where(regular[:, None] == regular[None, :], shape["homogamy"], 1.0)
    elsewhere = _by_gap(mean, spread)
    cumulative = np.cumsum(elsewhere) / elsewhere.sum()
    moves_in = np.array([shape["outside_moves_in"]])
    by_age = np.stack([first, again], axis=1)
    return Search(by_age, by_work, acceptance, homogamy, np.zeros(1), np.zeros(2), moves_in, cumulative)


def _by_gap(centre: float, spread: float) -> Array:
    """A bell over husband's minus wife's age, -20 .. +20, 1 at its centre."""
    return np.asarray(np.exp(-0.5 * ((np.arange(-20, 21) - centre) / spread) ** 2))


def divorces_base(town: Town, persons: Persons, residents: NDArray[np.int64]) -> Divorces:
    """Divorce probabilities of wives: the assumed shape at the level of the city's divorces of 2016-18.

    Divorces are of the registered population; the census town takes the rate per resident.
    """
    shape = town.japan.behaviour["divorce"]
    by_age = shape.curve("ages", "relative")
    by_husband = np.ones(6)
    by_husband[3] = town.japan.assumptions["nonregular_divorce_odds"].value
    wives = residents[(persons.sex[residents] == 1) & (persons.partner[residents] >= 0)]
    expected = (by_age[np.minimum(persons.age[wives], 100)] * by_husband[persons.work[persons.partner[wives]]]).sum()
    return Divorces(by_age * events_per_resident(town, "divorces") * len(residents) / expected, by_husband)


def events_per_resident(town: Town, item: str) -> float:
    """Marriages or divorces a year per registered Japanese resident, pooled over the newest three years that are known.

    The prefecture's where the town's are not known.
    """
    area, above = town.setting.area, town.setting.prefecture
    of_town = [(flow.start, flow.end, flow.events[item]) for flow in area.flows.get("japanese", ())
               if item in flow.events]  # fmt: skip
    series = {"marriages": town.japan.marriages, "divorces": town.japan.divorces}[item]
    of_prefecture = [(float(year), year + 1.0, number) for year, number in sorted(series.items())]
    for one, known in ((area, of_town), (above, of_prefecture)):
        stocks = one.stocks("register", "japanese")
        held = [(flow, stock_on(stocks, (flow[0] + flow[1]) / 2)) for flow in known]
        pooled = [(number, stock.people.sum() * (end - start)) for (start, end, number), stock in held if stock][-3:]
        if pooled:
            return float(sum(number for number, _ in pooled) / sum(people for _, people in pooled))
    raise InputError(f"{town.key}: vital.csv has no {item} of a year with a register; add them.")
