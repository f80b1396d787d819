"""The marriage market of a town's first year, tried many times, as it is or with more unmarried people in it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from abm.founding.found import Founding
    from abm.levels.reference import Reference
    from abm.people.population import Persons

YOUNG = (20, 34)  # ages of whom there are more
ONE_IN = 10
_TWIN_KEYS = 99  # kind of entry of those who are there twice


class Trial(NamedTuple):
    """Means over the trial markets."""

    marriages: float  # residents who marry, halved
    young: float  # the same of residents of 20-34
    success: float  # residents who marry over searchers
    gap: float  # husband's minus wife's age, of residents who marry each other
    first_ages: tuple[float, float]  # mean exact ages at first marriage of men and women


@dataclass
class Trials:
    """Markets of the first year of a town in its reference arm."""

    founding: "Founding"
    arm: "Reference"
    number: int
    _twins: int = field(default=0, init=False)

    def of(self, more: tuple[int, ...]) -> Trial:
        """The market with one unmarried resident of 20-34 in ten of the sexes `more` there twice, under a new key."""
        from abm.decisions.marriage import couples, searchers
        from abm.decisions.outside import ADULT
        from abm.draws import Decision, stream
        from abm.levers import neutral
        from abm.people.population import NEVER
        from abm.people.roll import roll_of
        from abm.simulation import FixedPlan, town_at_start

        town = town_at_start(self.founding, self.arm, 1)
        search = FixedPlan(self.arm, neutral(len(self.arm.rates.years))).search(town)
        sums = np.zeros(9)
        for number in range(self.number):
            persons = self._with_twins(town.population.persons, town.population.n, more, number)
            word = stream(2000 + number, Decision.SEARCH, town.year)
            looking = searchers(persons, town.population.households, roll_of(persons, len(persons.key)), search, word)
            lots = (stream(2000 + number, Decision.PAIR, town.year), np.uint64(0))
            met = couples(persons, town.circles, town.year, looking, search, lots)
            grown = met.alone[persons.age[met.alone] >= ADULT]
            rows = np.concatenate([met.men, met.women, grown])
            chance = np.concatenate([np.ones(2 * len(met.men)), search.outside[persons.sex[grown]]])
            gaps = persons.age[met.men].astype(float) - persons.age[met.women]
            sums[:4] += np.array([chance.sum() / 2, len(looking), gaps.sum(), len(gaps)])
            sums[8] += chance[(persons.age[rows] >= YOUNG[0]) & (persons.age[rows] <= YOUNG[1])].sum() / 2
            for sex in range(2):
                first = chance * ((persons.sex[rows] == sex) & (persons.civil[rows] == NEVER))
                sums[4 + 2 * sex : 6 + 2 * sex] += (first * persons.age[rows]).sum(), first.sum()
        wed, looked = sums[:2] / self.number
        # ages are completed years on the stock date; a year's marriages lie half a year later in the mean
        ages = (float(sums[4] / sums[5]) + 1.0, float(sums[6] / sums[7]) + 1.0)
        return Trial(float(wed), float(sums[8]) / self.number, float(2 * wed / looked), float(sums[2] / sums[3]), ages)

    def _with_twins(self, persons: "Persons", n: int, more: tuple[int, ...], number: int) -> "Persons":
        from abm.draws import keys_of
        from abm.people.population import MARRIED, TOWN, Persons

        columns = Persons._make(column[:n] for column in persons)
        if not more:
            return columns
        able = (columns.place == TOWN) & (columns.civil != MARRIED) & np.isin(columns.sex, more)
        able &= (columns.age >= YOUNG[0]) & (columns.age <= YOUNG[1])
        rows = np.flatnonzero(able)[number % ONE_IN :: ONE_IN]
        larger = Persons._make(np.concatenate([column, column[rows]]) for column in columns)
        larger.key[n:] = keys_of(_TWIN_KEYS, number, np.arange(len(rows)))
        return larger
