"""Who leaves and comes home: ties, families, origins with flows of their own, and levers in their own units."""

import numpy as np
import pytest
from conftest import END, START, Small
from lived_town import levers, lived, years_of
from numpy.typing import NDArray

from abm.decisions.leaving import decides, expect_leavers, kinds_of_home, leavers, leaving_probability
from abm.decisions.migration import ALONE, COUPLE, WITH_OTHERS, WITH_PRESCHOOL, WITH_PUPILS, Moves
from abm.decisions.uturn import parents_of_pupils, returners, uturn_probability
from abm.draws import Decision, uniform
from abm.founding.base import builders, census_base, foreign_residents
from abm.founding.found import found
from abm.known.assumed import assumed
from abm.known.town import Town as TownData
from abm.levels.move_levels import foreign_moves, uturn_hazard
from abm.levels.unaligned import lifetime_return
from abm.living_town import Town
from abm.people.population import AWAY, BUILDER, FEMALE, FOREIGN, MALE, NATIVE, TOWN
from abm.people.roll import roll_of
from abm.simulation import FixedPlan, town_at_start, young_away

YEARS = END - START
NOBODY = np.zeros((0, 0))
NONE = np.uint64(0)


def start(small: Small, **values: float) -> tuple[Town, Moves]:
    """The small town at its start, and the first year's moving table under levers."""
    town = town_at_start(*small, 1)
    return town, FixedPlan(small.reference, levers(YEARS, **values)).moves(town)


def kinds(town: Town, moves: Moves) -> NDArray[np.int8]:
    people = town.population
    word = town.stream(Decision.EVACUEE_HOME, every_year=False)
    return kinds_of_home(
        people.persons, people.households, roll_of(people.persons, people.n), int(people.counts[1]), moves, word
    )


def expected_leavers(small: Small, **values: float) -> NDArray[np.float64]:
    """Expected leavers of the first year by sex and age, [2, 101]."""
    (town, moves), expected = start(small, **values), np.zeros((2, 102))
    people = town.population
    expect_leavers(people.persons, people.n, moves, kinds(town, moves), expected)
    return expected[:, 1:]


def expected_returns(small: Small, **values: float) -> NDArray[np.float64]:
    """Expected returns of the first year by sex and age, [2, 101]."""
    (town, moves), expected = start(small, **values), np.zeros((2, 102))
    remote = town.stream(Decision.REMOTE, every_year=False)
    returners(
        town.population.persons, roll_of(town.population.persons, town.population.n), moves, NONE, remote, expected
    )
    return expected[:, 1:]


# Who leaves


def test_a_household_is_what_its_members_make_it(small: Small) -> None:
    town, moves = start(small)
    persons, found_kinds = town.population.persons, kinds(town, moves)
    rows = town.population.residents
    for home in np.unique(persons.household[rows])[:2000]:
        ages = persons.age[rows[persons.household[rows] == home]]
        minors = ages[ages < 18]
        if found_kinds[home] <= WITH_PUPILS:
            wanted = WITH_OTHERS if len(ages) > 1 else ALONE
            if len(minors):
                wanted = WITH_PUPILS if minors.max() >= 6 else WITH_PRESCHOOL
            assert found_kinds[home] == wanted


def test_children_at_school_and_two_earners_hold_a_couple(small: Small) -> None:
    """The same couple, native and of the same tie, under each state of its household and work."""
    town, moves = start(small)
    persons, homes = town.population.persons, kinds(town, moves)
    wife = next(int(i) for i in town.population.residents
                if persons.sex[i] == FEMALE and 28 <= persons.age[i] < 45 and persons.origin[i] == NATIVE
                and persons.partner[i] >= 0 and persons.household[persons.partner[i]] == persons.household[i]
                and persons.origin[persons.partner[i]] == NATIVE and decides(persons, homes, int(i)))  # fmt: skip
    home, both = int(persons.household[wife]), (wife, int(persons.partner[wife]))

    def chance(kind: int, works: tuple[int, int]) -> float:
        homes[home] = kind
        for i, work in zip(both, works, strict=True):
            persons.work[i] = work
        return float(leaving_probability(persons, moves, homes, wife))

    outside, regular, jobless = 1, 4, 2
    one = chance(COUPLE, (outside, regular))
    assert chance(WITH_PUPILS, (outside, regular)) < chance(WITH_PRESCHOOL, (outside, regular)) < one
    assert chance(COUPLE, (regular, regular)) == pytest.approx(0.8 * one)
    assert chance(COUPLE, (outside, jobless)) > one  # lost work pushes


def test_leavers_are_as_many_as_expected(small: Small) -> None:
    """Over 60 draws of the same town, within 4 standard errors of families of two (evacuees going home apart)."""
    town, moves = start(small)
    moves = moves._replace(homecoming=np.zeros(3))
    people, homes, expected = town.population, kinds(town, moves), np.zeros((2, 102))
    counts = [
        len(leavers(people.persons, roll_of(people.persons, people.n), moves, homes, np.uint64(word), NOBODY))
        for word in range(1, 61)
    ]
    expect_leavers(people.persons, people.n, moves, homes, expected)
    assert abs(np.mean(counts) - expected.sum()) < 4 * np.sqrt(2 * expected.sum() / len(counts))


# Who comes home


def test_ties_bring_people_home(small: Small) -> None:
    """One person away under each tie: mother in town, partner from here or elsewhere, child at school, remote work."""
    town, moves = start(small, remote_share=20.0)
    persons, n = town.population.persons, town.population.n
    one, other = (int(i) for i in np.flatnonzero(
        (persons.place[:n] == AWAY) & (persons.origin[:n] == NATIVE) & (persons.age[:n] == 27))[:2])  # fmt: skip
    mother, nobody = int(town.population.residents[0]), np.zeros(n, np.uint8)
    pupils = nobody.copy()
    pupils[one] = 1

    def chance(kin: int, partner: int, origin: int = NATIVE, marks: NDArray[np.uint8] = nobody, work: int = 1) -> float:
        persons.mother[one], persons.partner[one], persons.origin[other] = kin, partner, origin
        persons.work[one] = work
        word = next(np.uint64(w) for w in range(999) if (moves.remote_away[27] > 0) and below(np.uint64(w)))
        return float(uturn_probability(persons, moves, marks, word, one))

    def below(word: np.uint64) -> bool:
        return bool(uniform(word, persons.key[one]) < moves.remote_away[27])

    alone = chance(-1, -1)
    assert chance(mother, -1) > alone
    assert chance(-1, other) > alone > chance(-1, other, origin=1)
    assert chance(-1, -1, marks=pupils) < alone < chance(-1, -1, work=4)


def test_pupils_parents_are_marked(small: Small) -> None:
    persons, n = small.founding.population.persons, small.founding.population.n
    marks = parents_of_pupils(persons, roll_of(persons, n))
    away = persons.place[:n] == AWAY
    pupils = np.flatnonzero(away & (persons.age[:n] >= 6) & (persons.age[:n] < 18))
    parents = {int(p) for i in pupils for p in (persons.mother[i], persons.father[i]) if p >= 0 and away[p]}
    assert set(np.flatnonzero(marks).tolist()) == parents and parents


def test_ties_leave_the_level_of_return_where_it_was(town: TownData, small: Small) -> None:
    """Of the founded away as many return as by years away alone: the level is that of the lifetime return."""
    run, moves = start(small)
    persons, n = run.population.persons, run.population.n
    rows = np.flatnonzero((persons.place[:n] == AWAY) & (persons.origin[:n] == NATIVE) & (persons.age[:n] >= 18))
    pupils = parents_of_pupils(persons, roll_of(persons, n))
    hazard = uturn_hazard(town.japan.behaviour["return"], lifetime_return(town))
    base = hazard[persons.sex[rows], persons.age[rows], persons.tenure[rows]]
    tied = [float(uturn_probability(persons, moves, pupils, NONE, int(i))) for i in rows]
    assert sum(tied) == pytest.approx(base.sum(), rel=1e-3)


# Levers in their own units


def test_leaving_levers_are_multipliers_of_their_own_people(small: Small) -> None:
    """Nearly: couples of two ages and origins with flows of their own share in it less."""
    before = expected_leavers(small)
    young = expected_leavers(small, leaving_18_24=0.9)[:, 18:25].sum() / before[:, 18:25].sum()
    assert young == pytest.approx(0.9, abs=0.015)
    assert expected_leavers(small, leaving_families=0.5)[:, 25:45].sum() < before[:, 25:45].sum()


def test_family_levers_leave_those_alone_to_themselves(small: Small) -> None:
    (_, usual), (_, moved) = start(small), start(small, leaving_families=0.5)
    assert np.array_equal(moved.leave[:, :, :COUPLE], usual.leave[:, :, :COUPLE])
    assert np.allclose(moved.leave[:, 25:45, COUPLE:], 0.5 * usual.leave[:, 25:45, COUPLE:])


def test_return_levers_keep_their_units(small: Small) -> None:
    """A multiplier multiplies; extra returnees are so many persons a year, families included, whatever their ties."""
    before, town = expected_returns(small), town_at_start(*small, 1)
    more = expected_returns(small, uturn=1.2)
    assert more[:, 24:33].sum() / before[:, 24:33].sum() == pytest.approx(1.2, abs=0.01)
    extra = expected_returns(small, returnees_extra=100.0).sum() - before.sum()
    assert extra / town.fraction == pytest.approx(100.0, rel=0.1)
    assert young_away(town.population) > 0


def test_remote_work_brings_back_who_could_work_so(small: Small) -> None:
    none, some = expected_returns(small), expected_returns(small, remote_share=10.0)
    gain = some.sum() / none.sum() - 1
    assert 0 < gain < 0.1 * 0.5  # a tenth of them at most, each half again as likely


# Foreign residents and reconstruction workers


def test_foreign_moves_are_all_moves_minus_those_of_the_japanese(town: TownData) -> None:
    area = town.setting.area
    total, japanese = area.flows["total"][-5:], area.flows["japanese"][-5:]
    came = sum(t.events["moves_in"] - j.events["moves_in"] for t, j in zip(total, japanese, strict=True))
    moves = foreign_moves(town)
    assert moves.arriving == pytest.approx(came / sum(t.events["moves_in"] for t in total))
    assert 0.1 < moves.leaving < 0.35


def test_foreign_residents_have_the_registers_ages_and_sexes(town: TownData, small: Small) -> None:
    """Within the sampling of whole persons; minors stand for adults."""
    persons, rows = small.founding.population.persons, small.founding.population.residents
    foreign = rows[persons.origin[rows] == FOREIGN]
    register = town.setting.area.stocks("register")
    day = min((stock.day for stock in register), key=lambda day: abs(day - 2015.75))
    total = next(stock.people for stock in register if stock.day == day)
    japanese = next(s.people for s in town.setting.area.stocks("register", "japanese") if s.day == day)
    women = float((total - japanese)[1].sum() / (total - japanese).sum())
    share = float((persons.sex[foreign] == FEMALE).mean())
    assert abs(share - women) < 4 * np.sqrt(women * (1 - women) / len(foreign))
    assert persons.age[foreign].min() >= 20


def test_reconstruction_workers_are_men_of_a_town_with_evacuees(town: TownData) -> None:
    about = assumed(town.japan)
    base = census_base(town, about)
    assert 300 < base.builders < 3000
    fewer = about._replace(builders_per_surplus_man=0.5)
    assert builders(town, base.day, base.people, fewer) == pytest.approx(0.5 * base.builders)
    assert foreign_residents(town, base.day, base.people, about).sum() == pytest.approx(base.foreign.sum())
    founding = found(town, "census", 0.1)
    persons, rows = founding.population.persons, founding.population.residents
    there = rows[persons.origin[rows] == BUILDER]
    assert len(there) == round(base.builders * 0.1) and (persons.sex[there] == MALE).all()
    on_register = found(town, "register", 0.02).population
    assert not (on_register.persons.origin[on_register.residents] == BUILDER).any()


def test_origins_with_flows_of_their_own_are_likelier_to_leave(small: Small) -> None:
    town, moves = start(small)
    persons, homes = town.population.persons, kinds(town, moves)
    rows = [int(i) for i in town.population.residents if 20 <= persons.age[i] < 60 and decides(persons, homes, int(i))]
    chance = {origin: np.mean([leaving_probability(persons, moves, homes, i) for i in rows
                               if persons.origin[i] == origin]) for origin in (NATIVE, FOREIGN, BUILDER)}  # fmt: skip
    assert chance[FOREIGN] > 3 * chance[NATIVE] and chance[BUILDER] > chance[NATIVE]


def test_reconstruction_ends(small: Small) -> None:
    """The yearly probability of leaving rises to certainty in the year of the end."""
    years = [FixedPlan(small.reference, levers(YEARS)).moves(town) for town, _ in
             years_of(*small, levers(YEARS - 1), 1)]  # fmt: skip
    chances = [moves.own[BUILDER] for moves in years]
    assert chances == sorted(chances) and chances[0] == pytest.approx(0.1)


def test_foreign_newcomers_are_the_registers_share_and_alone(town: TownData, small: Small) -> None:
    """Within 4 standard errors of the counts of all years."""
    table, share = small.reference.arrivals, foreign_moves(town).arriving
    foreign = table.origin == FOREIGN
    assert abs(foreign.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(foreign))
    assert (table.role[foreign] == 0).all()


def test_everybody_who_leaves_in_a_year_is_counted_once(small: Small) -> None:
    """Origins with flows of their own leave within the aligned total: residents follow the aligned arm."""
    ends = [lived(*small, levers(YEARS), seed)[1].population[-1].sum() / small.founding.fraction for seed in (1, 2, 3)]
    assert np.mean(ends) == pytest.approx(small.reference.targets[-1, 3], rel=0.02)
    town, _ = lived(*small, levers(YEARS), 1)
    persons, n = town.population.persons, town.population.n
    assert (persons.origin[:n][persons.place[:n] == TOWN] == BUILDER).sum() <= 14
