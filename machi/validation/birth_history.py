"""What a lived town says about childbirth: births by order and age, and the births that follow each marriage."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.decisions.childbirth import Births, mothers
from abm.draws import Decision
from abm.founding.found import Founding
from abm.levels.reference import Reference
from abm.levers import LEVER_INDEX, neutral
from abm.living_town import Town
from abm.people.population import FEMALE, MARRIED, TOWN
from abm.people.roll import roll_of
from abm.simulation import FixedPlan, begin, simulate
from abm.year import live_a_year

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
ORDERS = 4  # 1, 2, 3, 4 and later
DURATIONS = 35  # years of a marriage within which births fall
SETTLED = 20  # years after which births moved forward have been missed


class BirthHistory(NamedTuple):
    """Counts of one run in the simulated town (not scaled)."""

    births: Counts  # [Y, 101 ages of the mother, 4 orders, 2 (outside, within a union)] in town
    away: Counts  # [Y] births of women away
    marriages: Counts  # [Y] of women in town
    wed: Counts  # [35] women by years since their latest marriage of the run, in town and away
    born: Counts  # [35] their births
    wives: Counts  # [Y, 101, 5] wives in town by age and parity 0, 1, 2, 3, 4 and more


@dataclass
class BirthWatch(FixedPlan):
    """The plan of a run that notes who is about to have a child; the same kernel decides in the year."""

    births_seen: list[Counts] = field(default_factory=list)
    away_seen: list[int] = field(default_factory=list)
    marriages_seen: list[int] = field(default_factory=list)
    wives_seen: list[Counts] = field(default_factory=list)
    wed: Counts = field(default_factory=lambda: np.zeros(DURATIONS, np.int64))
    born: Counts = field(default_factory=lambda: np.zeros(DURATIONS, np.int64))
    wedding: dict[int, int] = field(default_factory=dict)  # by key of the wife, the year of her latest marriage

    def births(self, town: Town) -> Births:
        """The year's table, and a note of the year's weddings and births."""
        table = super().births(town)
        people, year = town.population, town.year
        persons, n = people.persons, people.n
        women = np.flatnonzero((persons.place[:n] != 0) & (persons.sex[:n] == FEMALE))
        here = persons.place[women] == TOWN
        wives = persons.civil[women] == MARRIED
        new = women[here & wives & (persons.waiting[women] == -1)]  # nobody else's clock is at -1 before the births
        self.wedding |= dict.fromkeys(persons.key[new].tolist(), year)
        self.marriages_seen.append(len(new))
        row = women[here & wives]
        cell = persons.age[row].astype(np.int64) * 5 + np.minimum(persons.parity[row], 4)
        self.wives_seen.append(np.bincount(cell, minlength=505).reshape(101, 5))
        bearing = mothers(persons, roll_of(persons, n), table, town.stream(Decision.BIRTH))
        self._follow(persons.key[women].tolist(), set(persons.key[bearing].tolist()), year)
        row = bearing[persons.place[bearing] == TOWN]
        self.away_seen.append(len(bearing) - len(row))
        order, union = np.minimum(persons.parity[row], ORDERS - 1), persons.civil[row] == MARRIED
        cell = (persons.age[row].astype(np.int64) * ORDERS + order) * 2 + union
        self.births_seen.append(np.bincount(cell, minlength=101 * ORDERS * 2).reshape(101, ORDERS, 2))
        return table

    def _follow(self, present: list[int], bearing: set[int], year: int) -> None:
        """Add the year to the durations of the run's marriages."""
        for key in self.wedding.keys() & set(present):
            duration = year - self.wedding[key]
            if duration < DURATIONS:
                self.wed[duration] += 1
                self.born[duration] += key in bearing


def birth_history(founding: Founding, arm: Reference, levers: Array, seed: int) -> BirthHistory:
    """Live a run and count its births, weddings and wives."""
    town, record = begin(founding, arm, levers, seed)
    plan = BirthWatch(arm, levers)
    for _ in arm.rates.years:
        live_a_year(town, plan, record)
    return BirthHistory(
        np.array(plan.births_seen), np.array(plan.away_seen), np.array(plan.marriages_seen), plan.wed, plan.born,
        np.array(plan.wives_seen),
    )  # fmt: skip


def births_per_marriage(histories: list[BirthHistory]) -> float:
    """Births that follow a marriage of the run: the sum over its years of births per woman still followed."""
    wed, born = (sum(getattr(one, name) for one in histories) for name in ("wed", "born"))
    rates: Array = np.asarray(born, float) / np.maximum(wed, 1)
    return float(rates[np.asarray(wed) > 0].sum())


def births_per_additional_marriage(founding: Founding, arm: Reference, seeds: range, years: int) -> tuple[float, float]:
    """Extra births over extra marriages when people search 10 % more for the first `years`, and its standard error.

    Paired runs to the end of the arm, births in town and away; the error is that of a ratio of means over the seeds.
    """
    more = neutral(len(arm.rates.years))
    more[:years, LEVER_INDEX["marriage_search"]] = 1.1
    gains = []
    for seed in seeds:
        base, other = (birth_history(founding, arm, levers, seed) for levers in (neutral(len(more)), more))
        born = [one.births.sum() + one.away.sum() for one in (base, other)]
        gains.append((float(born[1] - born[0]), float(other.marriages.sum() - base.marriages.sum())))
    births, marriages = np.array(gains).T
    ratio = float(births.sum() / max(marriages.sum(), 1.0))
    error = float(np.std(births - ratio * marriages, ddof=1) / np.sqrt(len(births)) / max(marriages.mean(), 1e-9))
    return ratio, error


class Course(NamedTuple):
    """Births of a programme of some years against the reference arm, float64[Y] in percent, means over the seeds."""

    percent: Array
    first: Array  # [seeds] extra births in the years of the programme, did they all come on top
    dip: Array  # [seeds] extra births in the five years after its end
    lasting: Array  # [seeds] extra births until all has been paid back, before the children of these have children


def programme(founding: Founding, arm: Reference, seeds: range, factor: float, share: float, years: int) -> Course:
    """What a programme does that multiplies birth hazards for some years, with a share of births moved forward."""
    levers = neutral(len(arm.rates.years))
    levers[:years, LEVER_INDEX["childbirth"]] = factor
    on_top = levers.copy()
    for order in ("first", "second", "third"):
        levers[:years, LEVER_INDEX[f"moved_forward_{order}"]] = share
    births = np.array([[_births(founding, arm, array, seed) for seed in seeds]
                       for array in (neutral(len(levers)), levers, on_top)])  # fmt: skip
    gain = births[1] - births[0]
    percent = 100 * gain.sum(axis=0) / births[0].sum(axis=0)
    first = (births[2] - births[0])[:, :years].sum(axis=1)
    return Course(percent, first, gain[:, years : years + 5].sum(axis=1), gain[:, :SETTLED].sum(axis=1))


def _births(founding: Founding, arm: Reference, levers: Array, seed: int) -> Array:
    """Births in town by year of one run, float64[Y]."""
    births: Array = simulate(founding, arm, levers, seed).births.sum(axis=1).astype(float)
    return births
