"""The reference arm meets its scenario once and then stays as it is; it walks beside the cohort projection."""

import numpy as np
import pytest
from conftest import END, START, Small
from lived_town import digest, levers, lived, same

from abm.alignment import align, describe, load_reference, save_reference
from abm.errors import InputError
from abm.forecast.cohort import project
from abm.forecast.future import future_of
from abm.forecast.futures import scenario_rates
from abm.founding.found import found
from abm.known.scenario import Scenario
from abm.known.town import Town
from abm.levels.by_age import per_age
from abm.people.outputs import Outputs
from abm.simulation import simulate

YEARS = END - START
SEEDS = range(1, 13)


@pytest.fixture(scope="module")
def tenth(town: Town, scenario: Scenario) -> Small:
    """One resident in ten, where a year's births are counted by hundreds."""
    founding = found(town, "census", 0.1)
    return Small(founding, align(town, scenario, START, END, founding))


@pytest.fixture(scope="module")
def runs(tenth: Small) -> list[Outputs]:
    return [simulate(*tenth, levers(YEARS), seed) for seed in SEEDS]


def standard_error(counts: np.ndarray) -> float:
    """Of the mean over replications."""
    return float(np.std(counts, ddof=1) / np.sqrt(len(counts)))


# The scenario is met


def test_the_reference_arm_walks_beside_the_cohort_projection(town: Town, tenth: Small, runs: list[Outputs]) -> None:
    """Total within 1 % at every date, mean of 12 seeds (standard error 0.1 %), on the same rates."""
    rates, male = tenth.reference.rates, float(tenth.reference.numbers.male_share[0])
    twin = project(runs[0].population[0] / 0.1, rates, town.setting.area.evacuees, male).people.sum(axis=(1, 2))
    mean = np.mean([run.population.sum(axis=(1, 2)) for run in runs], axis=0) / 0.1
    assert mean[0] == twin[0]
    assert np.abs(mean / twin - 1).max() < 0.01


def test_broad_ages_walk_beside_the_cohort_projection(town: Town, tenth: Small, runs: list[Outputs]) -> None:
    """Children, young, middle and old people at the end within 4 %: no age pays for another.

    Of 4,000 to 12,000 simulated people in a group the standard error over 12 seeds is up to 0.5 %; the rest is what
    alignment itself saw of chance in its single pass.
    """
    rates, male = tenth.reference.rates, float(tenth.reference.numbers.male_share[0])
    twin = project(runs[0].population[0] / 0.1, rates, town.setting.area.evacuees, male).people[-1]
    mean = np.mean([run.population[-1] for run in runs], axis=0) / 0.1
    for ages in (slice(0, 15), slice(15, 40), slice(40, 65), slice(65, 101)):
        assert abs(mean[:, ages].sum() / twin[:, ages].sum() - 1) < 0.04


def test_births_of_the_first_year_meet_their_target(tenth: Small, runs: list[Outputs]) -> None:
    """Women at the start times the scenario's rates, within 4 standard errors, in total and around age 30."""
    founding, reference = tenth
    women = per_age(founding.population.persons, founding.population.residents)[1]
    for ages in (slice(0, 101), slice(25, 35)):
        births = np.array([run.births[0, ages].sum() for run in runs])
        target = (women * reference.rates.birth[0])[ages].sum()
        assert abs(births.mean() - target) < 4 * np.sqrt(target / len(runs))
    assert reference.targets[0, 1] == pytest.approx((women * reference.rates.birth[0]).sum() / 0.1)


def test_the_births_factor_of_the_base_year_shows_a_sound_founding(tenth: Small) -> None:
    """Births wanted over births without a factor, after the year's weddings, lie in 0.80-1.20 over all mothers.

    At 25-34, where most births are, so do they by age; of 75 births in a group the standard error is about 0.12.
    """
    reference = tenth.reference
    assert 0.80 <= reference.base_births[0] <= 1.20
    assert np.all((reference.base_births[3:5] > 0.80 - 0.12) & (reference.base_births[3:5] < 1.20 + 0.12))


def test_marriages_meet_their_target(tenth: Small, runs: list[Outputs]) -> None:
    """All years together within 5 % and 4 standard errors: the market may fail to pair, and is solved on trials."""
    marriages = np.array([run.marriages[:, 1].sum() for run in runs])
    target = tenth.reference.targets[:, 0].sum() * 0.1
    assert abs(marriages.mean() - target) < 0.05 * target + 4 * standard_error(marriages)


def test_arrivals_close_the_balance_of_migration(town: Town, tenth: Small, runs: list[Outputs]) -> None:
    """Net migration of all years but for evacuees going home, within 4 standard errors and what one pass saw."""
    net = np.array([(run.moves_in - run.moves_out).sum() for run in runs])
    going_home = town.setting.area.evacuees * tenth.reference.rates.evacuees_home.sum() * 0.1
    target = tenth.reference.targets[:, 2].sum() * 0.1 - going_home
    one_pass = 4 * np.std(net, ddof=1)  # the arrivals answer the leavers of a single policy-free pass
    assert abs(net.mean() - target) < 4 * standard_error(net) + one_pass


def test_a_year_within_the_projection_adds_up(town: Town, scenario: Scenario) -> None:
    """The twin itself: without migration and births it only loses the dead, and nobody is younger than they can be."""
    rates = scenario_rates(future_of(town.setting, scenario, "census", START, END))
    nobody_moves = rates._replace(net=np.zeros_like(rates.net), evacuees_home=np.zeros(YEARS),
                                  birth=np.zeros_like(rates.birth))  # fmt: skip
    start = np.full((2, 101), 100.0)
    out = project(start, nobody_moves, 0.0, 0.5).people
    for y in range(YEARS):
        assert out[y + 1, :, : y + 1].sum() == 0
        assert out[y + 1].sum() == pytest.approx((out[y] * (1 - rates.death[y][:, 1:102])).sum())


# Solved once, then fixed


def test_every_factor_is_finite_and_possible(small: Small, tenth: Small) -> None:
    for reference in (small.reference, tenth.reference):
        for array in (reference.search_factor, reference.birth_factor, reference.leave_factor, reference.slots,
                      reference.vacancies, reference.in_commuters, reference.targets, reference.floored):  # fmt: skip
            assert np.isfinite(array).all()
        assert (reference.search_factor > 0).all() and (reference.search_factor < 10).all()
        assert (reference.birth_factor[:, 15:50] > 0).all() and (reference.birth_factor < 5).all()
        assert (reference.leave_factor >= 0).all()
        assert (reference.vacancies >= 0).all() and (reference.slots >= reference.vacancies).all()
        assert reference.arrivals_from[0] == 0 and reference.arrivals_from[-1] == len(reference.arrivals.age)
        assert (np.diff(reference.arrivals_from) > 0).all()


def test_the_factors_can_be_printed(small: Small) -> None:
    rows = describe(small.reference)
    assert [row["year"] for row in rows] == list(range(START, END))
    assert all(np.isfinite(list(row.values())).all() for row in rows)


def test_a_run_changes_neither_the_reference_arm_nor_the_founding(small: Small) -> None:
    people = small.founding.population

    def checksum() -> tuple[str, ...]:
        counts, vacancies = people.counts, small.founding.vacancies
        return tuple(digest(part) for part in (small.reference, people.persons, people.households, counts, vacancies))

    before = checksum()
    for arm in (levers(YEARS), levers(YEARS, childbirth=2.0, slots_health=9000, arrivals_families=3.0, uturn=3.0)):
        lever_bytes = arm.tobytes()
        simulate(*small, arm, 5)
        assert arm.tobytes() == lever_bytes
    assert checksum() == before


def test_alignment_gives_the_same_bytes_again(town: Town, scenario: Scenario, small: Small) -> None:
    before = digest(small.founding.population.persons)
    assert digest(align(town, scenario, START, END, small.founding)) == digest(small.reference)
    assert digest(small.founding.population.persons) == before


def test_the_years_before_do_not_depend_on_the_horizon(town: Town, scenario: Scenario, small: Small) -> None:
    """An arm solved to 2018 is the beginning of the one solved to 2023, and so are its runs."""
    short = align(town, scenario, START, 2018, small.founding)
    for name in ("search_factor", "birth_factor", "leave_factor", "floored", "targets"):
        assert np.array_equal(getattr(short, name), getattr(small.reference, name)[:3])
    record = simulate(small.founding, short, levers(3), 1)
    assert np.array_equal(record.population, lived(*small, levers(3), 1)[1].population)


def test_a_kept_reference_arm_lives_the_same_runs(small: Small, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "reference.npz"
    save_reference(small.reference, path)
    again = load_reference(path)
    assert digest(again) == digest(small.reference)
    assert same(simulate(*small, levers(YEARS), 1), simulate(small.founding, again, levers(YEARS), 1))


def test_a_basis_that_cannot_be_founded_is_refused(town: Town, scenario: Scenario) -> None:
    with pytest.raises(InputError, match="basis"):
        align(town, scenario.model_copy(update={"basis": "guess"}), START, END)
