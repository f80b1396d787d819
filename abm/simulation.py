"""One run: a founded town, its reference arm, levers by year and a seed give the record of its years."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from abm.compiled import kernel, step
from abm.decisions.acquaintances import cut_circles
from abm.decisions.childbirth import Births
from abm.decisions.coming import of_year
from abm.decisions.employment import Jobs, Labour, labour_after
from abm.decisions.leaving_home import HomeMoves
from abm.decisions.marriage import Pairs, Search
from abm.decisions.migration import Moves
from abm.decisions.mortality import Deaths
from abm.errors import InputError
from abm.founding.found import Founding
from abm.levels import reference
from abm.levels.reference import Reference, arrivals_of, named
from abm.levers import check, neutral
from abm.living_town import Town
from abm.people.lots import Marks, collect
from abm.people.outputs import Outputs, blank
from abm.people.population import AWAY, NATIVE, Arrivals, Codes, Persons, Population
from abm.year import live_a_year, record_stocks

Array = NDArray[np.float64]
LARGEST_KEPT = (32 << 20) - 8192  # bytes: just below the most that glibc keeps; other C libraries take no notice


@dataclass
class FixedPlan:
    """The plan of a year in a run: the reference arm's tables with the year's levers; nothing is solved."""

    reference: Reference
    levers: Array

    def __post_init__(self) -> None:
        self._levers = [named(row) for row in self.levers]

    def now(self, town: Town) -> dict[str, float]:
        """The levers of the present year by name."""
        return self._levers[town.y]

    def jobs(self, town: Town) -> Jobs:
        return reference.jobs_in(self.reference, town.y, town.known, self.now(town))

    def search(self, town: Town) -> Search:
        return reference.search_in(self.reference, town.y, self.now(town))

    def met(self, town: Town, pairs: Pairs, search: Search) -> None:
        """A run expects nothing: it lives."""

    def homes(self, town: Town) -> HomeMoves:
        return reference.home_moves_in(self.reference, town.y)

    def births(self, town: Town) -> Births:
        return reference.births_in(self.reference, town.y, self.now(town))

    def moves(self, town: Town) -> Moves:
        levers = self.now(town)
        young = young_away(town.population) / town.fraction if levers["returnees_extra"] > 0 else 1.0
        return reference.moves_in(self.reference, town.y, town.known, levers, young)

    def deaths(self, town: Town) -> Deaths:
        return reference.deaths_in(self.reference, town.y, self.now(town))

    def expectations(self) -> tuple[Array, Array]:
        return np.zeros((0, 0)), np.zeros((0, 0))

    def arrivals(self, town: Town, left: Array, returned: Array) -> tuple[Arrivals, NDArray[np.uint64]]:
        table, units = arrivals_of(self.reference, town.y)
        return of_year(table, units, town.year, town.fraction, town.seed, self.now(town))

    def slots(self, town: Town, filled: Array) -> tuple[Array, Labour]:
        slots = reference.slots_in(self.reference, town.y, self.now(town))
        usual = Labour(self.reference.vacancies[town.y + 1], self.reference.in_commuters[town.y + 1])
        drift = usual.in_commuters - self.reference.in_commuters[town.y]
        before = town.labour._replace(in_commuters=town.labour.in_commuters + drift)
        return slots, labour_after(filled, slots, before, usual, float(self.reference.numbers.commuting[0]))


@cache
def keep_freed_memory() -> None:
    """Let the C library keep what a year frees: its limit follows the largest block given back so far, of which this
    makes one (never touched, so it costs nothing). Otherwise a year's lists are handed back and asked for again each
    time, a tenth of a whole town's run.
    """
    np.empty(LARGEST_KEPT, np.uint8)


def town_at_start(founding: Founding, arm: Reference, seed: int) -> Town:
    """A fresh town for one run; the founding itself is never touched."""
    population = founding.population.copy()
    circles = cut_circles(population.persons, population.n, founding.start,
                          int(arm.numbers.group_size[0]))  # fmt: skip
    labour = Labour(arm.vacancies[0].copy(), arm.in_commuters[0].copy())
    return Town(population, circles, labour, founding.fraction, seed, int(arm.rates.years[0]))


def checked(arm: Reference, levers: Array, seed: int) -> None:
    """Raise InputError for levers of the wrong shape or outside their bounds and for a seed below 1."""
    check(levers)
    if levers.shape[0] != len(arm.rates.years):
        raise InputError(
            f"levers: {levers.shape[0]} years are given for {len(arm.rates.years)} simulated ones; give one row a year."
        )
    if seed < 1:
        raise InputError(f"seed: {seed} is below 1; give a whole number from 1 on.")


def begin(founding: Founding, arm: Reference, levers: Array, seed: int) -> tuple[Town, Outputs]:
    """A checked start: the town on its first stock date, and a record that holds this date's stocks.

    Raises what `checked` raises.
    """
    keep_freed_memory()
    checked(arm, levers, seed)
    town = town_at_start(founding, arm, seed)
    record = blank(town.start, int(arm.rates.years[-1]) + 1, founding.fraction)
    record_stocks(town, record)
    return town, record


class CommonYears:
    """The years before any lever moves, which all arms of a replication have in common: lived once, then taken up.

    Of the newest `most` towns it keeps what they were when a lever first moved, each about the size of a founding. An
    arm that is taken up there leaves the same bytes as one that is lived from the start. For one thread at a time.
    """

    def __init__(self, most: int = 2) -> None:
        self.most = most
        self._kept: OrderedDict[tuple[int, int, int], tuple[Founding, Reference, Town, Outputs]] = OrderedDict()

    def begin(self, founding: Founding, arm: Reference, levers: Array, seed: int) -> tuple[Town, Outputs]:
        """The town at the year in which a lever first moves, or earlier, and its record so far; else as `begin`."""
        checked(arm, levers, seed)
        moved = np.flatnonzero((levers != neutral(len(levers))).any(axis=1))
        key, first = (id(founding), id(arm), seed), int(moved[0]) if len(moved) else len(levers)
        if key in self._kept and self._kept[key][2].y <= first:
            self._kept.move_to_end(key)
            return branched(*self._kept[key][2:])
        town, record = begin(founding, arm, levers, seed)
        if 0 < first < len(levers):  # the arm without policy does not tell when the others part from it
            live_until(first, town, FixedPlan(arm, levers), record)
            self._kept[key] = (founding, arm, *branched(town, record))  # named by objects that are kept alive with it
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return town, record


def branched(town: Town, record: Outputs) -> tuple[Town, Outputs]:
    """An independent copy of a town at a stock date and of its record; what is never written to is shared."""
    columns = (part.copy() if isinstance(part, np.ndarray) else part for part in record)
    return replace(town, population=town.population.copy()), Outputs._make(columns)


def live_until(y: int, town: Town, plan: FixedPlan, record: Outputs) -> None:
    """Live the years before the one of number `y`."""
    while town.y < y:
        live_a_year(town, plan, record)


def simulate(
    founding: Founding, arm: Reference, levers: Array, seed: int, common: CommonYears | None = None
) -> Outputs:
    """Live all years of the reference arm's span under `levers` (float64[Y, levers], neutral() for none).

    The same founding, reference, levers and seed give the same bytes, with `common` years of other arms or without.
    Raises what `begin` raises.
    """
    town, record = (begin if common is None else common.begin)(founding, arm, levers, seed)
    live_until(len(levers), town, FixedPlan(arm, levers), record)
    return record


def young_away(population: Population) -> int:
    """People in families away whose native is 22 to 29: those who come along when extra returnees are won."""
    return count_young_away(population.persons, population.n)


@step
def count_young_away(persons: Persons, n: int) -> int:
    """Natives of 22 to 29 away among the first `n` rows, with partners and minors, each person once."""
    young, minors = np.zeros(n // 8 * 8 + 8, np.uint8), np.zeros(n // 8 * 8 + 8, np.uint8)  # whole eights
    mark_young(young, persons.place[:n], persons.origin[:n], persons.age[:n])
    mark_minors_away(minors, persons.place[:n], persons.age[:n])
    along, rows = young.copy(), np.empty(n, np.uint32)
    for i in rows[: collect(rows, 0, young, 0, n)]:
        if persons.partner[i] >= 0:
            along[persons.partner[i]] = 1
    for i in rows[: collect(rows, 0, minors, 0, n)]:
        for parent in (persons.mother[i], persons.father[i]):
            along[i] |= parent >= 0 and young[parent] != 0
    return int(np.count_nonzero(along))


@kernel
def mark_young(marks: Marks, place: Codes, origin: Codes, age: Codes) -> None:
    """Mark natives of 22 to 29 away."""
    for k in range(len(place)):
        marks[k] = (place[k] == AWAY) & (origin[k] == NATIVE) & (age[k] >= 22) & (age[k] < 30)


@kernel
def mark_minors_away(marks: Marks, place: Codes, age: Codes) -> None:
    """Mark those under 18 away."""
    for k in range(len(place)):
        marks[k] = (place[k] == AWAY) & (age[k] < 18)
