"""What a lever promises: nothing at neutral, its own outcome in its own direction, and the known winner wins."""

from collections.abc import Callable

import numpy as np
import pytest
from conftest import END, ROOT, START, Small
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lived_town import alive, levers, lived, same

from abm.decisions.childbirth import mothers
from abm.decisions.mortality import the_dying
from abm.decisions.uturn import returners
from abm.draws import Decision
from abm.levers import LEVER_INDEX, LEVERS
from abm.people.outputs import Outputs
from abm.people.population import FARMER, RECRUITED, SECTORS, SUPPORTED, TOWN
from abm.people.roll import roll_of
from abm.simulation import FixedPlan, simulate, town_at_start
from machi.policy.package import read_packages
from machi.policy.portfolio import levers_by_year
from machi.policy.priors import central
from machi.policy.shared import read_shared

YEARS = END - START
SEEDS = range(1, 9)
NO_POLICY = levers(YEARS)


@pytest.fixture(scope="module")
def without(small: Small) -> dict[int, Outputs]:
    """The reference arm in every replication."""
    return {seed: simulate(*small, NO_POLICY, seed) for seed in SEEDS}


# Zero policy = zero difference


def test_levers_at_neutral_are_no_policy(small: Small, without: dict[int, Outputs]) -> None:
    by_hand = np.tile([lever.neutral for lever in LEVERS], (YEARS, 1))
    assert same(simulate(*small, by_hand, 1), without[1])


def test_a_portfolio_without_strength_is_no_policy(small: Small, without: dict[int, Outputs]) -> None:
    packages, shared = read_packages(ROOT / "policies" / "iwaki"), read_shared(ROOT / "policies" / "shared.toml")
    theta = central(packages, shared)
    for strengths in ({}, dict.fromkeys((package.key for package in packages), 0.0)):
        arm = levers_by_year(packages, strengths, theta, "sustained", START, END)
        assert not arm.cost_million_yen.any()
        for seed in (1, 2):
            assert same(simulate(*small, arm.array, seed), without[seed])


def test_a_policy_of_later_years_leaves_the_years_before_alone(small: Small, without: dict[int, Outputs]) -> None:
    later = levers(YEARS, childbirth=1.5, uturn=2.0, mortality_40_84=0.8, slots_health=5000)
    later[:4] = NO_POLICY[:4]
    record = simulate(*small, later, 1)
    for name in ("births", "deaths", "moves_in", "moves_out", "marriages", "returns"):
        assert np.array_equal(getattr(record, name)[:4], getattr(without[1], name)[:4])
        assert not np.array_equal(getattr(record, name)[4:], getattr(without[1], name)[4:])
    assert np.array_equal(record.population[:5], without[1].population[:5])


def test_retention_concerns_only_those_who_came_through_a_lever(small: Small, without: dict[int, Outputs]) -> None:
    """Without a policy nobody is supported, a newcomer to farming or recruited abroad: keeping them changes nothing."""
    arm = levers(YEARS, supported_retention=1.0, foreign_retention=1.0, primary_retention=1.0)
    assert same(simulate(*small, arm, 1), without[1])


# Alignment does not undo policy


def test_doubled_childbirth_doubles_the_births_of_its_first_year(small: Small) -> None:
    """The extra births are as many as the births without policy, within 4 standard errors.

    With b births without policy, as many more are expected; the difference of both counts has variance 2 b.
    """
    once = twice = 0
    for seed in range(1, 41):
        once += int(lived(*small, levers(1), seed)[1].births[0].sum())
        twice += int(lived(*small, levers(1, childbirth=2.0), seed)[1].births[0].sum())
    assert abs((twice - once) - once) < 4 * np.sqrt(2 * once)


def test_more_childbirth_stays_more_to_the_end(small: Small, without: dict[int, Outputs]) -> None:
    """No year catches up by fewer births: each year's extra births over all replications are positive."""
    more = sum(simulate(*small, levers(YEARS, childbirth=1.5), seed).births.sum(axis=1) for seed in SEEDS)
    few = sum(record.births.sum(axis=1) for record in without.values())
    assert (more > few).all()


# Each lever moves its own outcome in the stated direction


def _marriages(record: Outputs) -> float:
    return float(record.marriages.sum())


def _births(record: Outputs) -> float:
    return float(record.births.sum())


def _arrivals(record: Outputs) -> float:
    return float(record.moves_in.sum() - record.returns.sum())


def _returns(record: Outputs) -> float:
    return float(record.returns.sum())


def _employed(record: Outputs) -> float:
    return float(record.employed.sum())


def _left(sex: slice, ages: slice) -> Callable[[Outputs], float]:
    return lambda record: float(record.moves_out[:, sex, ages].sum())


BOTH, WOMEN = slice(0, 2), slice(1, 2)
DIRECTIONS: list[tuple[str, float, Callable[[Outputs], float], int]] = [
    ("marriage_search", 1.5, _marriages, 1),
    ("marriage_search", 0.5, _marriages, -1),
    ("matchmaking", 1.2, _marriages, 1),
    ("childbirth", 1.5, _births, 1),
    ("childbirth", 0.5, _births, -1),
    ("childbirth_first", 1.5, _births, 1),
    ("childbirth_second", 1.5, _births, 1),
    ("childbirth_third", 1.5, _births, 1),
    ("leaving_18_24", 0.5, _left(BOTH, slice(18, 25)), -1),
    ("leaving_18_24", 1.5, _left(BOTH, slice(18, 25)), 1),
    ("leaving_women_20_34", 0.5, _left(WOMEN, slice(20, 35)), -1),
    ("leaving_families", 0.5, _left(BOTH, slice(25, 45)), -1),
    ("uturn", 2.0, _returns, 1),
    ("uturn", 0.5, _returns, -1),
    ("returnees_extra", 500.0, _returns, 1),
    ("arrivals_families", 2.0, _arrivals, 1),
    ("arrivals_families", 0.5, _arrivals, -1),
    ("arrivals_singles", 2.0, _arrivals, 1),
    ("settlers_families", 300.0, _arrivals, 1),
    ("settlers_primary", 300.0, _arrivals, 1),
    ("foreign_arrivals", 300.0, _arrivals, 1),
    *[(f"slots_{sector}", 20_000.0, _employed, 1) for sector in SECTORS],
    *[(f"slots_{sector}", 20_000.0, lambda record: float(record.vacancies.sum()), 1) for sector in SECTORS],
    ("regular_share", 20.0, _marriages, 1),
    ("women_participation", 20.0, lambda record: float(record.employed[:, 1, 25:45].sum()), 1),
    ("remote_share", 20.0, _left(BOTH, slice(20, 60)), -1),
    ("mortality_40_84", 0.8, lambda record: float(record.deaths[:, :, 40:85].sum()), -1),
    ("mortality_40_84", 1.2, lambda record: float(record.deaths[:, :, 40:85].sum()), 1),
]
TOGETHER = {  # levers that act only on what another lever brings: (the other, its value, own value, outcome, direction)
    "supported_retention": ("settlers_families", 300.0, 1.0, 1),
    "foreign_retention": ("foreign_arrivals", 1000.0, 1.0, 1),
    "primary_retention": ("settlers_primary", 300.0, 1.0, 1),
    "vacancy_pull": ("slots_services", 20_000.0, 3.0, 1),
    **{f"moved_forward_{order}": (f"childbirth_{order}", 1.9, 1.0, -1) for order in ("first", "second", "third")},
}


def test_no_lever_is_forgotten_below() -> None:
    assert {key for key, *_ in DIRECTIONS} | TOGETHER.keys() == set(LEVER_INDEX)


@pytest.mark.parametrize(("key", "value", "outcome", "sign"), DIRECTIONS,
                         ids=[f"{key} {value:g}" for key, value, *_ in DIRECTIONS])  # fmt: skip
def test_a_lever_moves_its_outcome(
    small: Small, without: dict[int, Outputs], key: str, value: float, outcome: Callable[[Outputs], float], sign: int
) -> None:
    """Paired over common seeds: the mean difference lies 2.5 standard errors on the stated side of zero."""
    arm = levers(YEARS, **{key: value})
    moved = np.array([outcome(simulate(*small, arm, seed)) - outcome(without[seed]) for seed in SEEDS])
    assert sign * moved.mean() > 2.5 * moved.std(ddof=1) / np.sqrt(len(SEEDS))


@pytest.mark.parametrize("key", TOGETHER)
def test_a_lever_moves_what_another_lever_brings(small: Small, key: str) -> None:
    other, amount, value, sign = TOGETHER[key]
    moved = []
    for seed in SEEDS:
        usual = simulate(*small, levers(YEARS, **{other: amount}), seed)
        kept = simulate(*small, levers(YEARS, **{other: amount, key: value}), seed)
        moved.append(int(kept.population[-1].sum() - usual.population[-1].sum()))
    assert sign * np.mean(moved) > 2.5 * np.std(moved, ddof=1) / np.sqrt(len(SEEDS))


@pytest.mark.parametrize(
    ("amount", "origin", "retention"),
    [("settlers_families", SUPPORTED, "supported_retention"), ("foreign_arrivals", RECRUITED, "foreign_retention"),
     ("settlers_primary", FARMER, "primary_retention")],
)  # fmt: skip
@pytest.mark.parametrize("share", [0.2, None, 0.9])
def test_five_years_on_the_stated_share_of_supported_movers_is_here(
    small: Small, amount: str, origin: int, retention: str, share: float | None
) -> None:
    """Of the adults who came in the first year, after five more; within 4 standard errors of a share of them.

    Families stay or go together, so the error is that of households of two adults. Deaths are few at these ages.
    """
    share = LEVERS[LEVER_INDEX[retention]].neutral if share is None else share
    arm = levers(6, **{amount: LEVERS[LEVER_INDEX[amount]].high, retention: share})
    came = stayed = 0
    for seed in (1, 2, 3, 4):
        town, _ = lived(*small, arm[:1], seed)
        persons, rows = alive(town.population)
        new = rows[(persons.origin[rows] == origin) & (persons.tenure[rows] == 0) & (persons.age[rows] >= 18)]
        newcomers = set(persons.key[new].tolist())
        town, _ = lived(*small, arm, seed)
        persons, rows = alive(town.population)
        here = set(persons.key[rows[persons.place[rows] == TOWN]].tolist())
        came, stayed = came + len(newcomers), stayed + len(newcomers & here)
    assert came > 20
    assert abs(stayed / came - share) < 4 * np.sqrt(2 * share * (1 - share) / came) + 0.02


@pytest.mark.parametrize("key", ["settlers_primary", "foreign_arrivals", "returnees_extra"])
def test_an_amount_is_that_many_persons_of_the_whole_town(small: Small, without: dict[int, Outputs], key: str) -> None:
    """500 a year are 10 a year in a town of one in fifty: in the first year within 10 % and 3 standard errors."""
    arm, wanted = levers(1, **{key: 500.0}), 500 * small.founding.fraction
    more = [int(lived(*small, arm, seed)[1].moves_in[0].sum() - without[seed].moves_in[0].sum()) for seed in SEEDS]
    assert abs(np.mean(more) - wanted) < 0.1 * wanted + 3 * np.std(more, ddof=1) / np.sqrt(len(SEEDS))


# Thresholds: more never undoes what happens anyway


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(low=st.floats(0.5, 2.0), high=st.floats(0.5, 2.0), seed=st.integers(1, 10**6))
def test_a_higher_hazard_never_undoes_an_event(small: Small, low: float, high: float, seed: int) -> None:
    """First-year mothers, returners and survivors under the weaker lever are among those under the stronger."""
    low, high = sorted((low, high))
    town = town_at_start(*small, seed)
    people = town.population
    roll = roll_of(people.persons, people.n)

    def under(value: float) -> tuple[set[int], set[int], set[int]]:
        dying = float(np.clip(value, 0.8, 1.2))
        plan = FixedPlan(small.reference, levers(YEARS, childbirth=value, uturn=value, mortality_40_84=dying))
        bearing = mothers(people.persons, roll, plan.births(town), town.stream(Decision.BIRTH))
        remote = town.stream(Decision.REMOTE, every_year=False)
        coming, _ = returners(people.persons, roll, plan.moves(town), town.stream(Decision.UTURN), remote,
                              np.zeros((0, 0)))  # fmt: skip
        dead = the_dying(people.persons, people.n, plan.deaths(town), town.stream(Decision.DEATH))
        return tuple(set(people.persons.key[rows].tolist()) for rows in (bearing, coming, dead))  # type: ignore[return-value]

    assert all(few <= many for few, many in zip(under(low), under(high), strict=True))


# A ranking whose order is known


def test_the_package_that_must_win_wins(small: Small, without: dict[int, Outputs]) -> None:
    """Imagined packages on a toy town: half as many births more, a twentieth more, one more job, and one that harms.

    Their paired effects on the population at the horizon have a known order, and in most replications one by one.
    """
    packages = {
        "many births": levers(YEARS, childbirth=1.5),
        "few births": levers(YEARS, childbirth=1.05),
        "one job": levers(YEARS, slots_services=1.0),
        "more leave": levers(YEARS, leaving_18_24=1.3),
    }
    effect = {
        name: np.array([
            int(simulate(*small, arm, seed).population[-1].sum() - without[seed].population[-1].sum())
            for seed in SEEDS
        ])
        for name, arm in packages.items()
    }  # fmt: skip
    assert sorted(effect, key=lambda name: -effect[name].mean()) == list(packages)
    assert (effect["many births"] > effect["few births"]).all()
    assert (effect["few births"] > effect["more leave"]).all()
    assert abs(effect["one job"].mean()) <= 2  # of 6,500 people; one slot is a fiftieth of a slot here
    assert effect["many births"].mean() == pytest.approx(10 * effect["few births"].mean(), rel=0.5)
