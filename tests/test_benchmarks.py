"""The measurements themselves: what they measure is a town in balance, and their figures are sound."""

from typing import TYPE_CHECKING

import numpy as np

from abm.founding.copies import side_by_side
from abm.levers import neutral
from abm.simulation import simulate
from benchmarks.memory import peak_growth
from benchmarks.pairing import interval, variance_ratio
from benchmarks.plain_machi import live_plain_years, without_away
from benchmarks.plain_mesa import MARRIED, PlainTown
from benchmarks.plain_plan import PlainPlan
from benchmarks.plain_speed import events_of_machi, events_of_plain, ns_of_machi, ns_of_plain, ns_of_same_rules
from benchmarks.plain_tables import tables_of
from benchmarks.scaling import costs

if TYPE_CHECKING:
    from conftest import Small


def test_plain_mesa_balances_its_people_and_keeps_homes_and_couples_together(small: "Small") -> None:
    """The plain model asserts its balance each year; here its links are followed as well."""
    tables = tables_of(small.reference, small.founding.fraction)
    town = PlainTown(tables, small.founding.population, 1)
    assert len(town.agents) == len(small.founding.population.residents)
    for _ in range(3):
        before = len(town.agents)
        town.step()
        assert len(town.agents) == before + town.births + town.arrived - town.left - town.deaths
    for one in town.agents:
        assert one in one.home.members
        if one.partner is not None:
            assert one.partner.partner is one
            assert one.civil == MARRIED
    town.remove_all_agents()


def test_plain_mesa_lives_at_the_pace_of_the_reference_arm(small: "Small") -> None:
    """Events of all years agree with a run of Machi where the rules are the same: within five standard errors."""
    tables = tables_of(small.reference, small.founding.fraction)
    town = PlainTown(tables, small.founding.population, 1)
    for _ in range(tables.years):
        town.step()
    plain = town.datacollector.get_model_vars_dataframe().sum()
    record = simulate(small.founding, small.reference, neutral(tables.years), 1)
    town.remove_all_agents()
    for name, counted in (("births", record.births), ("deaths", record.deaths), ("left", record.moves_out)):
        here, there = float(plain[name]), float(counted.sum())
        # People who return from the away come on top of Machi's town only: 5 % more of everything at most.
        assert abs(here - there) < 5 * np.sqrt(here + there) + 0.05 * there, name
    assert plain["arrived"] == sum(len(rows) for rows in tables.arrivals)


def test_machi_by_the_plain_rules_lives_them_and_no_others(small: "Small") -> None:
    """Nobody is away, returns or marries out of town; the same people arrive; the balance is asserted every year."""
    tables = tables_of(small.reference, small.founding.fraction)
    founding = without_away(small.founding)
    assert len(founding.population.residents) == founding.population.n == len(small.founding.population.residents)
    record = live_plain_years(founding, PlainPlan(small.reference, founding.fraction), 1)
    assert not record.away.any() and not record.returns.any() and not record.outside.any()
    assert record.moves_in.sum(axis=(1, 2)).tolist() == [len(rows) for rows in tables.arrivals]
    assert record.divorces.any()


def test_machi_by_the_plain_rules_does_the_same_work_as_plain_mesa(small: "Small") -> None:
    """Births, deaths, marriages and leavers of all years agree within four standard errors."""
    tables, seeds = tables_of(small.reference, small.founding.fraction), range(1, 4)
    plan, residents = PlainPlan(small.reference, small.founding.fraction), without_away(small.founding)
    here = sum(events_of_plain(tables, small.founding, seed, tables.years) for seed in seeds)
    there = sum(events_of_machi(residents, plan, seed, tables.years) for seed in seeds)
    assert (here > 0).all()
    assert (abs(here - there) < 4 * np.sqrt(2 * (here + there))).all()  # families leave together: twos as one event


def test_costs_are_finite_for_a_town_and_for_copies_of_it(small: "Small") -> None:
    """Time is above 0 and memory, where it can be measured, at least that of the run's own copy of the columns."""
    foundings = [small.founding, side_by_side(small.founding, 2)]
    one, two = costs(foundings, small.reference, rounds=1)
    assert two.residents == 2 * one.residents
    for cost in (one, two):
        assert 0 < cost.ns < np.inf
        assert 36 < cost.town < 300
        assert cost.run is None or np.isfinite(cost.run)


def test_time_per_person_year_is_finite(small: "Small") -> None:
    """All sides of the comparison give a figure above 0."""
    tables = tables_of(small.reference, small.founding.fraction)
    assert 0 < ns_of_plain(tables, small.founding, 1) < np.inf
    assert 0 < ns_of_machi(small.founding, small.reference, 1) < np.inf
    plan = PlainPlan(small.reference, small.founding.fraction)
    assert 0 < ns_of_same_rules(without_away(small.founding), plan, 1) < np.inf


def test_memory_grows_with_what_is_allocated() -> None:
    """Twenty megabytes that are written to are seen, where the system tells."""
    grown = peak_growth(lambda: np.ones(20 << 20, np.uint8))
    assert grown is None or 18 << 20 < grown < 40 << 20


def test_variance_ratio_is_one_without_common_numbers_and_large_with_them() -> None:
    """Independent arms give about 1, arms that differ by little noise a large ratio, and the interval holds it."""
    random = np.random.default_rng(3)
    none, other = random.normal(size=(2, 400))
    assert 0.75 < variance_ratio(other, none) < 1.35  # five standard errors of sqrt(2 / 400) each side
    some = none + 5 + 0.1 * random.normal(size=400)
    ratio = variance_ratio(some, none)
    low, high = interval(some, none, 200)
    assert 120 < ratio < 320
    assert low < ratio < high
