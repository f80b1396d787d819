"""A followed household: nothing changes by being told, all that is told is true, and both languages say it."""

import re

import numpy as np
import pytest
from conftest import FOLLOWED_YEARS as YEARS
from conftest import POLICY, Small
from lived_town import digest, same

from abm.decisions.childbirth import Births, birth_probability
from abm.decisions.mortality import Deaths, death_probability
from abm.draws import Decision, stream, uniforms
from abm.errors import InputError
from abm.followed.attribution import CHANCES
from abm.followed.happenings import Happenings, Kind, work_code, work_of
from abm.followed.life import VACANCIES, Life, Told, ToldPlan, eventful, live, somebody
from abm.followed.outlook import outlook_of, tables_of_year
from abm.levers import neutral
from abm.living_town import Town
from abm.people.family import row_of
from abm.people.population import FEMALE, GONE, TOWN
from abm.simulation import FixedPlan, simulate, town_at_start
from machi.arm import Arm
from machi.households.follow import (
    Bench,
    causes,
    chosen,
    compare,
    households,
    is_of_slots,
    reach,
    reaches,
    shifts,
    side_by_side,
)

# Nothing changes


def test_a_followed_run_is_the_run_that_was_not_followed(small: Small, everybody: Life, followed: list[Life]) -> None:
    alone = simulate(*small, POLICY, 3)
    assert same(everybody.outputs, alone)
    assert all(same(life.outputs, alone) for life in followed)


def test_choosing_a_household_has_a_draw_of_its_own(small: Small, everybody: Life) -> None:
    before = digest(tuple(small.founding.population.persons))
    picked = {somebody(small.founding, seed, eventful(everybody.happened)) for seed in range(1, 9)}
    people = small.founding.population
    ages = [int(people.persons.age[row_of(people, key)]) for key in picked]
    assert len(picked) > 4 and all(20 <= age < 30 for age in ages)
    assert picked <= set(eventful(everybody.happened).tolist())
    assert digest(tuple(people.persons)) == before


# All that is told is true


def by_year(happened: Happenings, kind: Kind, years: int = YEARS) -> np.ndarray:
    """Events in town of a kind by year, sex and age, as they are recorded."""
    table = np.zeros((years, 2, 101), np.int64)
    rows = (happened.kind == kind) & (happened.place == TOWN)
    np.add.at(table, (happened.year[rows] - 2015, happened.sex[rows], np.clip(happened.age[rows], 0, 100)), 1)
    return table


def test_what_everybody_lives_is_what_is_recorded(everybody: Life) -> None:
    happened, record = everybody.happened, everybody.outputs
    assert np.array_equal(by_year(happened, Kind.HAD_CHILD)[:, FEMALE], record.births)
    assert np.array_equal(by_year(happened, Kind.DIED), record.deaths)
    assert np.array_equal(by_year(happened, Kind.MARRIED), record.marriages)
    assert np.array_equal(by_year(happened, Kind.DIVORCED), record.divorces)
    assert np.array_equal(by_year(happened, Kind.LEFT_TOWN), record.moves_out)
    returned = by_year(happened, Kind.RETURNED)
    assert np.array_equal(returned, record.returns)
    assert np.array_equal(returned + by_year(happened, Kind.ARRIVED), record.moves_in)
    assert by_year(happened, Kind.BORN).sum() == record.births.sum()


def test_work_tells_who_is_at_work(small: Small, everybody: Life) -> None:
    """Employment of the end is that of the start and all that was told since, for those who never moved or died."""
    code = np.array([[4, 2, 1], [5, 0, 0], [2, -1, 0]])
    assert [work_of(int(one)) for one in work_code(*code.T)] == [tuple(row) for row in code.tolist()]
    found = everybody.happened.kind == Kind.FOUND_WORK
    assert all(work_of(one)[0] >= 3 for one in everybody.happened.detail[found].tolist())
    lost = everybody.happened.kind == Kind.LOST_WORK
    assert all(work_of(one)[0] < 3 and work_of(one)[1] == -1 for one in everybody.happened.detail[lost].tolist())


def test_a_household_is_told_all_that_happens_to_it(everybody: Life, followed: list[Life]) -> None:
    rows = zip(*(column.tolist() for column in everybody.happened), strict=True)
    happened = {(year, kind, key, detail) for year, kind, _, _, _, key, detail in rows}
    for life in followed:
        told = {(one.year, int(one.kind), one.key, one.detail) for one in life.told}
        assert told <= happened and len(told) == len(life.told)
        first = {one.key for one in life.homes[0].members}
        assert {one for one in happened if one[2] in first and one[1] != Kind.BORN} <= told
        assert first <= set(life.people)
    kinds = {one.kind for life in followed for one in life.told}
    assert {Kind.MARRIED, Kind.HAD_CHILD, Kind.LEFT_TOWN, Kind.DIED, Kind.FOUND_WORK, Kind.LOST_WORK} <= kinds


# The chance told is the rule's own
DECISIONS = {
    "searching": Decision.SEARCH, "birth": Decision.BIRTH, "dying": Decision.DEATH, "losing_work": Decision.WORK,
    "marrying_away": Decision.AWAY_MARRIAGE, "leaving_home": Decision.LEAVE_HOME, "going_back": Decision.BACK_HOME,
    "institution": Decision.ELDER,
}  # fmt: skip


def lot(decision: Decision, one: Told) -> float:
    """The draw of the person who is told of."""
    return float(uniforms(stream(3, decision, one.year), np.array([one.key], dtype=np.uint64))[0])


def chances_of(one: Told) -> tuple[str, ...]:
    return CHANCES.get((one.kind, one.variety)) or CHANCES[one.kind, ""]


class Asked(ToldPlan):
    """A plan that asks the rules of childbirth and death for everybody, with the tables of the year."""

    def births(self, town: Town) -> Births:
        table, persons = super().births(town), town.population.persons
        for i in np.flatnonzero((persons.place != GONE) & (persons.sex == FEMALE) & (persons.age >= 15)):
            ASKED[town.year, Kind.HAD_CHILD, int(persons.key[i])] = min(birth_probability(persons, table, i), 1.0)
        return table

    def deaths(self, town: Town) -> Deaths:
        table, persons = super().deaths(town), town.population.persons
        for i in np.flatnonzero(persons.place != GONE):
            ASKED[town.year, Kind.DIED, int(persons.key[i])] = death_probability(persons, table, i)
        return table


ASKED: dict[tuple[int, Kind, int], float] = {}


def test_the_chance_told_is_the_rules_own(small: Small, followed: list[Life], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abm.followed.life.ToldPlan", Asked)
    ASKED.clear()
    live(*small, POLICY, 3)
    told = [one for life in followed for one in life.told if one.kind in (Kind.HAD_CHILD, Kind.DIED)]
    assert len(told) > 20
    for one in told:
        assert one.chance is not None and one.chance.probability == ASKED[one.year, one.kind, one.key]


def test_work_is_told_with_the_outlook_of_the_year(small: Small, followed: list[Life]) -> None:
    town = town_at_start(*small, seed=3)
    tables, people = tables_of_year(town, FixedPlan(small.reference, POLICY)), town.population
    told = [one for life in followed for one in life.told if one.year == 2015 and one.kind <= Kind.LOST_WORK]
    assert told
    for one in told:
        outlook = outlook_of(people.persons, people.households, tables, row_of(people, one.key))
        expected = outlook.finding_work if one.kind == Kind.FOUND_WORK else outlook.losing_work
        assert one.chance is not None and one.chance.probability == expected


def test_what_happened_had_its_draw_below_the_chance(followed: list[Life]) -> None:
    seen = set()
    for one in (one for life in followed for one in life.told if one.chance):
        assert one.chance and 0 < one.chance.probability <= 1 and one.chance.of == chances_of(one)[0]
        if one.chance.of in DECISIONS:
            assert lot(DECISIONS[one.chance.of], one) < one.chance.probability
            seen.add(one.chance.of)
    assert seen >= {"searching", "birth", "dying", "losing_work", "marrying_away", "leaving_home", "institution"}


def test_all_that_adults_live_has_a_chance(followed: list[Life]) -> None:
    """But for those who move along with others, and a workplace that newcomers to a job settle on."""
    bare = {(one.kind, one.variety) for life in followed for one in life.told if one.age >= 18 and one.chance is None}
    alone = {(Kind.MOVED_HOME, ""), (Kind.CHANGED_WORK, "workplace"), (Kind.ARRIVED, ""), (Kind.RETURNED, ""),
             (Kind.LEFT_TOWN, ""), (Kind.LEFT_TOWN, "to_partner"), (Kind.LEFT_TOWN, "with_parent")}  # fmt: skip
    assert bare <= alone
    kinds = {(one.kind, one.variety) for life in followed for one in life.told if one.chance}
    assert {(Kind.CHANGED_WORK, "another_job"), (Kind.CHANGED_WORK, "to_regular"), (Kind.MARRIED, "school")} <= kinds
    assert {(Kind.MOVED_HOME, "leaving_home"), (Kind.MOVED_HOME, "institution")} <= kinds


def test_a_cause_decided_what_would_not_have_happened_without_it(followed: list[Life]) -> None:
    seen = 0
    for one in (one for life in followed for one in life.told if one.chance and one.chance.of in DECISIONS):
        for cause, by in one.chance.moved if one.chance else ():
            u = lot(DECISIONS[one.chance.of], one)  # type: ignore[union-attr]
            needed = one.chance.probability - by <= u  # type: ignore[union-attr]
            assert (cause in one.chance.decided) == needed  # type: ignore[union-attr]
            seen += needed
    assert seen  # a few among a hundred and fifty households: that each of them is right is what counts


def test_what_moved_a_chance_is_told(followed: list[Life]) -> None:
    """A lever on births moves births by its factor and nothing else; slots move finding work through vacancies."""
    told = [one for life in followed for one in life.told if one.chance is not None]
    for one in told:
        moved = dict(one.chance.moved) if one.chance else {}
        if one.kind == Kind.HAD_CHILD and one.place == TOWN and one.chance:
            if one.chance.probability < 1:
                assert moved["births"] == pytest.approx(one.chance.probability * (1 - 1 / 1.3))
        else:
            assert "births" not in moved
    work = [dict(one.chance.moved) for one in told if one.chance and one.kind == Kind.FOUND_WORK and one.year > 2016]
    assert any(moved.get(VACANCIES, 0.0) > 0 for moved in work)


# Two arms, and the reach


def test_no_strength_reaches_nobody(bench: Bench) -> None:
    for found in reaches(bench, [("P03", Arm({"P03": 0.0})), ("nothing", Arm())]):
        assert found.changed == 0 and found.share == 0.0 and not any(found.groups.values())
        assert found.persons > 7000


def test_the_reach_counts_persons_whose_events_differ(small: Small, everybody: Life) -> None:
    people = small.founding.population
    residents = people.persons.key[people.residents]
    plain = live(*small, neutral(YEARS), 3, everybody=True).happened
    found = reach("policy", residents, plain, everybody.happened)
    assert 0 < found.changed < found.persons and found.groups["births"] > 0 and found.groups["work"] > 0
    assert max(found.groups.values()) <= found.changed <= sum(found.groups.values()) + found.persons
    again = reach("back", residents, everybody.happened, plain)
    assert again._replace(package="policy") == found
    assert reach("same", residents, plain, plain).changed == 0


def test_both_arms_stand_beside_each_other(bench: Bench) -> None:
    arm = Arm({"P03": 1.0, "P02": 0.5})
    told = compare(bench, arm, chosen(bench, arm, touched=False))
    assert told.policy is not None and told.plain.homes[0] == told.policy.homes[0]
    rows = side_by_side(told.plain.told, told.policy.told)
    assert [row.plain for row in rows if row.plain] and len([r for r in rows if r.policy]) == len(told.policy.told)
    assert len([row for row in rows if row.plain]) == len(told.plain.told)
    assert [(row.year, row.kind) for row in rows] == sorted((row.year, row.kind) for row in rows)
    slots = [one.cause for one in told.shifts if is_of_slots(one.cause)]
    named = causes(bench, arm, bench.levers(arm))
    assert set(named) | set(slots) == {one.cause for one in told.shifts}
    assert named and all(re.fullmatch(r"P0[23]/\w+", cause) and "slots_" not in cause for cause in named)


def test_somebody_whom_the_packages_touch_lives_two_lives(bench: Bench) -> None:
    arm = Arm(levers={"childbirth": 1.3, "marriage_search": 1.3})
    told = compare(bench, arm, chosen(bench, arm, touched=True))
    assert told.policy is not None
    apart = [row for row in side_by_side(told.plain.told, told.policy.told) if not row.is_same]
    assert any((row.plain or row.policy).key == told.key for row in apart)  # type: ignore[union-attr]
    with pytest.raises(InputError, match="--touched"):
        chosen(bench, Arm(), touched=True)


def test_a_lever_set_by_hand_is_a_cause_beside_the_packages(bench: Bench) -> None:
    arm = Arm({"P03": 1.0}, levers={"childbirth": 1.2, "slots_ict": 100.0}, from_year=2018)
    array = bench.levers(arm)
    named, moved = causes(bench, arm, array), {one.cause: one for one in shifts(bench, arm, array)}
    assert "/childbirth" in named and "/slots_ict" not in named and any(cause.startswith("P03/") for cause in named)
    assert moved["/childbirth"].first == 2018 and moved["/childbirth"].value == pytest.approx(1.2)
    assert moved["/slots_ict"].without == 0 and moved["/slots_ict"].value == 100


def test_households_that_one_could_follow(small: Small) -> None:
    few, more = households(small.founding, 1, 5), households(small.founding, 1, 40)
    assert more[:5] == few and len({one.key for one in more}) == 40
    for one in more:
        assert one.key == one.members[0].key and row_of(small.founding.population, one.key) >= 0
        assert (one.type == "single") == (len(one.members) == 1)


def test_the_farthest_reach_comes_first(bench: Bench) -> None:
    found = reaches(bench, [("no", Arm()), ("births", Arm(levers={"childbirth": 1.3}))])
    assert [one.package for one in found] == ["births", "no"] and all(one.seconds > 0 for one in found)
