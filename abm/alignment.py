"""Factors that make the reference arm meet its scenario: solved once in a policy-free pass, then fixed in every arm.

In each year, in this order: searches so that marriages follow the nuptiality path; births within unions so that
fertility follows its path, by the mother's age; out-moves as rates; then arrivals as counts that close the balance of
net migration by sex and age. Everything that leaves or happens to people in town stays a rate on those at risk.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from abm.decisions.acquaintances import cut_circles
from abm.decisions.arrivals import assemble, joined, joined_units, units_of
from abm.decisions.childbirth import Births, expected_births
from abm.decisions.coming import of_year
from abm.decisions.employment import N_SECTORS, Jobs, Labour, filled_slots
from abm.decisions.leaving import kinds_of_home
from abm.decisions.leaving_home import HomeMoves
from abm.decisions.marriage import Pairs, Search, children_of
from abm.decisions.migration import Moves, aligned, families_aligned
from abm.decisions.mortality import Deaths
from abm.decisions.outside import expect_weddings
from abm.draws import Decision, stream
from abm.errors import InputError
from abm.forecast.cohort import project
from abm.forecast.future import future_of
from abm.forecast.futures import scenario_rates
from abm.forecast.rates import Rates
from abm.founding.copies import copies_to_align, side_by_side
from abm.founding.found import Founding, found
from abm.known.hazards import AGES
from abm.known.scenario import Scenario
from abm.known.town import Town as TownData
from abm.levels import by_age, marriage_levels, reference
from abm.levels.move_levels import foreign_moves, grouped, leaving_factors, states_of_arrivals
from abm.levels.reference import Reference, named
from abm.levels.unaligned import unaligned
from abm.levers import neutral
from abm.living_town import Town
from abm.market import Market
from abm.people.outputs import blank
from abm.people.population import EVACUEE, Arrivals, Codes, Population
from abm.people.roll import roll_of
from abm.reading.stored import flattened, load_arrays, rebuilt, save_arrays
from abm.year import live_a_year, record_stocks

Array = NDArray[np.float64]
_MOST_BIRTHS = 4.0  # largest factor on births: in the pass of a small town an age may have no wife at all
_AGE_GROUPS = np.clip(np.arange(AGES) // 5 - 3, 0, 6)  # mothers' five-year groups 15-19 .. 45-49


def align(
    town: TownData, scenario: Scenario, start: int, end: int, founding: Founding | None = None, seed: int = 1
) -> Reference:
    """Solve the reference arm of a scenario on the whole town (1:1 unless a founding is given).

    A small town at 1:1 is lived through in several copies at once, so that factors do not follow the chance of a few
    births. They hold for any fraction. Raises what `found` and `scenario_rates` raise, or InputError for another year.
    """
    founding = founding or found(town, scenario.basis, start=start)
    if founding.start != start:
        raise InputError(f"start: the founding of {town.key} is of {founding.start}, not {start}; found it anew.")
    rates = scenario_rates(future_of(town.setting, scenario, founding.basis, start, end))
    pass_ = Aligner(town, scenario, side_by_side(founding, copies_to_align(founding)), rates, seed)
    pass_.run()
    return pass_.reference


@dataclass
class Aligner:
    """The plan of a year that solves each table before it is used, and stores what it solved."""

    town: TownData
    scenario: Scenario
    founding: Founding
    rates: Rates
    seed: int
    reference: Reference = field(init=False)
    market: Market = field(init=False)
    states: Array = field(init=False)  # civil states of those who come, by sex and age
    women: Array = field(init=False)  # by age on the stock date that begins the year

    def run(self) -> None:
        """Live the policy-free years once."""
        population = self.founding.population.copy()
        labour = Labour(self.founding.vacancies.copy(), self.founding.in_commuters.copy())
        circles = cut_circles(population.persons, population.n, self.founding.start,
                              int(self.town.japan.behaviour["marriage"]["group_size"]))  # fmt: skip
        year = Town(population, circles, labour, self.founding.fraction, self.seed, int(self.rates.years[0]))
        self.reference, self.out = unaligned(self.town, self.rates, population)
        self.wed_in, self.wed_out = np.zeros((2, AGES + 1)), np.zeros((2, AGES + 1))
        arm = self.reference
        leaving = self._fit_leaving(population, arm.moves, self.rates.net[0], 4, families_aligned)
        moves = families_aligned(arm.moves, leaving)
        self.reference = arm._replace(moves=moves)
        self.states = states_of_arrivals(self.town, population, moves, self._homes(population, moves))
        self.levers = named(neutral(1)[0])
        self._open_market(year, labour)
        self.twin = self._twin(population)
        record = blank(year.start, int(self.rates.years[-1]) + 1, self.founding.fraction)
        record_stocks(year, record)
        self.tables: list[Arrivals] = []
        for _ in self.rates.years:
            live_a_year(year, self, record)
        sizes = np.cumsum([0] + [len(table.age) for table in self.tables])
        self.reference.targets[:, 3] = record.population[1:].sum(axis=(1, 2)) / self.founding.fraction
        units = [units_of(table, int(y)) for table, y in zip(self.tables, self.rates.years, strict=True)]
        numbers = np.cumsum([0] + [len(unit.first) for unit in units])
        self.reference = self.reference._replace(
            arrivals=joined(self.tables), arrivals_from=sizes, units=joined_units(units), units_from=numbers
        )

    def _twin(self, population: Population) -> Array:
        """The cohort projection of the founded people by stock date, float64[Y + 1, 2, 101]."""
        persons, rows = population.persons, population.residents
        fled = float(np.count_nonzero(persons.origin[rows] == EVACUEE))
        return project(by_age.per_age(persons, rows), self.rates, fled, self.reference.numbers.male_share[0]).people

    def _fit_leaving(
        self, population: Population, moves: Moves, net: Array, passes: int, scaled: Callable[[Moves, Array], Moves]
    ) -> Array:
        """Factors on leaving by sex and age, see `move_levels.leaving_factors`."""
        persons, rows = population.persons, population.residents
        people = by_age.per_age(persons, rows[persons.age[rows] >= 0])
        wed, homes = (self.wed_in[:, 1:], self.wed_out[:, 1:]), self._homes(population, moves)
        return leaving_factors(population, moves, homes, (people * self.out, people * net), wed, passes, scaled)

    def _homes(self, population: Population, moves: Moves) -> Codes:
        """What each household is to somebody who thinks of leaving."""
        fixed = stream(self.seed, Decision.EVACUEE_HOME, 0)
        roll = roll_of(population.persons, population.n)
        return kinds_of_home(population.persons, population.households, roll, int(population.counts[1]), moves, fixed)

    def _open_market(self, year: Town, labour: Labour) -> None:
        """Slots of the first date, and the search level that makes the first year's marriages meet their target."""
        people = year.population
        filled = filled_slots(people.persons, year.roll.grown)[:N_SECTORS] / year.fraction
        self.reference.slots[0] = filled + labour.in_commuters + labour.vacancies
        self.reference.vacancies[0] = labour.vacancies
        self.reference.in_commuters[0] = labour.in_commuters
        self.vacancy_rate = labour.vacancies / self.reference.slots[0]
        self.filled = float(filled.sum())
        shape, arm = self.town.japan.behaviour["marriage"], self.reference
        self.market = Market(arm.search, arm.away_marriage, self.rates.nuptiality, shape["outside_share"],
                             shape["counts_weight"])  # fmt: skip
        counted = marriage_levels.events_per_resident(self.town, "marriages") * len(people.residents)
        self.market.open(year, counted, arm.numbers)
        self.reference = arm._replace(search=self.market.searching)

    # The plan of a year: each table is solved on the present town, stored, and handed out.

    def jobs(self, town: Town) -> Jobs:
        return reference.jobs_in(self.reference, town.y, town.known, self.levers)

    def search(self, town: Town) -> Search:
        self.women = by_age.per_age(town.population.persons, town.population.residents)[1]  # before any marry out
        target = self.market.target(town.population, town.y)
        self.market.solve(town, target)
        self.reference.search_factor[town.y] = self.market.level
        self.reference.outside[town.y] = self.market.outside
        self.reference.targets[town.y, 0] = target / town.fraction
        return reference.search_in(self.reference, town.y, self.levers)

    def homes(self, town: Town) -> HomeMoves:
        return reference.home_moves_in(self.reference, town.y)

    def met(self, town: Town, pairs: Pairs, search: Search) -> None:
        """Expected moves by marriage: arrivals and leaving are solved beside them."""
        persons, rows = town.population.persons, pairs.alone
        children, first = children_of(persons, roll_of(persons, town.population.n), rows, rows)
        self.wed_in, self.wed_out = np.zeros((2, AGES + 1)), np.zeros((2, AGES + 1))
        expect_weddings(persons, rows, children, first, search, self.wed_in, self.wed_out)

    def births(self, town: Town) -> Births:
        people = town.population
        expected = expected_births(people.persons, people.n, self.reference.births)
        target = self.women * self.rates.birth[town.y]
        wanted, free = np.bincount(_AGE_GROUPS, target), np.bincount(_AGE_GROUPS, expected)
        group = wanted / np.maximum(free, 1e-9)
        self.reference.birth_factor[town.y] = np.minimum(group, _MOST_BIRTHS)[_AGE_GROUPS]
        if town.y == 0:
            self.reference.base_births[:] = wanted.sum() / max(free.sum(), 1e-9), *group
        self.reference.targets[town.y, 1] = target.sum() / town.fraction
        return reference.births_in(self.reference, town.y, self.levers)

    def moves(self, town: Town) -> Moves:
        free = reference.moves_in(self.reference, town.y, town.known, self.levers, 1.0)
        factor = self._fit_leaving(town.population, free, self.rates.net[town.y], 2, aligned)
        self.reference.leave_factor[town.y] = factor
        return reference.moves_in(self.reference, town.y, town.known, self.levers, 1.0)

    def deaths(self, town: Town) -> Deaths:
        return reference.deaths_in(self.reference, town.y, self.levers)

    def expectations(self) -> tuple[Array, Array]:
        return np.zeros((2, AGES + 1)), np.zeros((2, AGES + 1))

    def arrivals(self, town: Town, left: Array, returned: Array) -> tuple[Arrivals, NDArray[np.uint64]]:
        """Arrivals by count: net rate x people (evacuees still to go home apart) + expected out - expected back.

        Both out and back are by marriage too.

        Both are of the cohort projection's people, so that the counts do not follow the chance of this pass. The
        year's newborns have no net migration: as many come as leave with their mothers.
        """
        people = town.population
        rows = people.residents
        rows = rows[people.persons.age[rows] >= 0]
        here = by_age.per_age(people.persons, rows)
        net = here * self.rates.net[town.y]
        home = self.rates.evacuees_home
        gone = home[: town.y].sum()
        to_go = (self.rates.evacuees_share[0] - gone) / max(1 - gone, 1e-9)
        evacuees = rows[people.persons.origin[rows] == EVACUEE]
        net -= by_age.per_age(people.persons, evacuees) * to_go * self.rates.net[town.y]
        chance = np.clip(grouped(self.twin[town.y]) / np.maximum(grouped(here), 1.0), 0.5, 2.0)
        left, returned = left + self.wed_out, returned + self.wed_in
        wanted = left - returned
        wanted[:, 1:] = (net + left[:, 1:]) * chance - returned[:, 1:]
        wanted /= town.fraction
        counts = _whole(np.maximum(wanted, 0.0), wanted)
        self.reference.floored[town.y] = -np.minimum(wanted, 0.0).sum()
        self.reference.targets[town.y, 2] = (net * chance).sum() / town.fraction
        jobs = self.reference.jobs
        shape, foreign = self.town.japan.behaviour["arrivals"], foreign_moves(self.town).arriving
        table = assemble(counts, town.year, shape, self.states, jobs.newcomers, jobs.sector.mean(axis=0), foreign)
        self.tables.append(table)
        return of_year(table, units_of(table, town.year), town.year, town.fraction, town.seed, self.levers)

    def slots(self, town: Town, filled: Array) -> tuple[Array, Labour]:
        """Slots and in-commuters follow the workforce at the base's vacancy rate by sector.

        Otherwise ageing alone would open vacancies without limit and draw people in.
        """
        ref, y = self.reference, town.y
        commuters = town.labour.in_commuters * (filled.sum() / max(self.filled, 1.0))
        self.filled = float(filled.sum())
        ref.in_commuters[y + 1] = commuters
        ref.vacancies[y + 1] = (filled + commuters) * self.vacancy_rate / (1 - self.vacancy_rate)
        ref.slots[y + 1] = filled + commuters + ref.vacancies[y + 1]
        return ref.slots[y + 1], Labour(ref.vacancies[y + 1].copy(), commuters)


def _whole(wanted: Array, signed: Array) -> NDArray[np.int64]:
    """Whole arrivals [2, 102] whose total is that of the signed figures: floors carried over to the next ages."""
    scale = max(signed.sum(), 0.0) / max(wanted.sum(), 1e-9)
    running = np.cumsum(np.concatenate([wanted[0], wanted[1]]) * scale)
    whole = np.floor(running + 0.5).astype(np.int64)
    return np.diff(whole, prepend=0).reshape(wanted.shape)


def save_reference(arm: Reference, path: Path) -> None:
    """Keep a solved reference arm in `path`."""
    save_arrays(flattened(arm), path)


def load_reference(path: Path) -> Reference:
    """The reference arm of `path`; raises DamagedFile where the file cannot be used."""
    arm: Reference = rebuilt(Reference, load_arrays(path))
    return arm


def describe(arm: Reference) -> list[dict[str, float]]:
    """The factors by year: searches, births by mother's age (15-19 .. 45-49), arrivals, floored arrivals, slots."""
    middle = [17, 22, 27, 32, 37, 42, 47]
    return [
        {
            "year": int(year), "search": float(arm.search_factor[y]), "marriages": float(arm.targets[y, 0]),
            "births": float(arm.targets[y, 1]), "net_migration": float(arm.targets[y, 2]),
            **{f"birth_{age - 2}": float(arm.birth_factor[y, age]) for age in middle},
            "leaving": float(arm.leave_factor[y, :, 18:65].mean()),
            "arrivals": float(arm.arrivals_from[y + 1] - arm.arrivals_from[y]), "floored": float(arm.floored[y]),
            "slots": float(arm.slots[y + 1].sum()), "vacancies": float(arm.vacancies[y + 1].sum()),
        }
        for y, year in enumerate(arm.rates.years)
    ]  # fmt: skip
