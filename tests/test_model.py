"""The Mesa model lives the very run that `simulate` lives; its households are windows that explain themselves."""

import warnings

import numpy as np
import pytest
from modelled_town import Small, lived

from abm.decisions.childbirth import birth_probability, mothers
from abm.decisions.elders import moving_elders
from abm.decisions.job_changes import work_changes, work_streams
from abm.decisions.leaving import decides, leavers
from abm.decisions.leaving_home import home_comers, home_leavers
from abm.decisions.marriage import searchers, the_divorcing
from abm.decisions.mortality import the_dying
from abm.draws import Decision, uniforms
from abm.errors import InputError
from abm.followed.outlook import outlook_of
from abm.levers import LEVER_INDEX, neutral
from abm.model import Household, TownModel
from abm.people.household_types import household_types
from abm.people.members import eldest, household_type, rows_by_home
from abm.people.outputs import Outputs
from abm.people.population import EVACUEE, FEMALE, NONREGULAR, PRIVATE, STUDENT
from abm.people.population import TOWN as IN_TOWN
from abm.people.roll import roll_of
from abm.simulation import simulate


def same_bytes(one: Outputs, other: Outputs) -> bool:
    return all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in zip(one, other, strict=True))


# One run


def test_the_model_lives_the_run_that_simulate_lives(small: Small) -> None:
    levers = neutral(8)
    levers[:, LEVER_INDEX["childbirth"]] = 1.2
    levers[2:, LEVER_INDEX["uturn"]] = 1.5
    for seed, moved in ((1, None), (7, levers)):
        with TownModel(*small, moved, seed=seed) as model:
            model.run_model()
        assert same_bytes(model.outputs, simulate(*small, neutral(8) if moved is None else moved, seed))


def test_following_changes_nothing(small: Small) -> None:
    with lived(small, follow=0) as alone, lived(small, follow=50) as followed, lived(small, follow=10**9) as everybody:
        assert len(alone.agents) == 0
        assert len(followed.agents) == 50
        assert len(everybody.agents) > 2000
        assert same_bytes(alone.outputs, followed.outputs)
        assert same_bytes(alone.outputs, everybody.outputs)


def test_looking_changes_nothing(small: Small) -> None:
    with TownModel(*small, follow=5) as model:
        while model.running:
            for household in model.agents:
                assert household.outlook() or household.whereabouts != "in town"
            model.step()
    assert same_bytes(model.outputs, simulate(*small, neutral(8), 1))


def test_the_run_ends_where_the_reference_arm_ends(small: Small) -> None:
    with TownModel(*small, follow=3) as model:
        for _ in range(8):
            assert model.running
            model.step()
        assert not model.running
        with pytest.raises(RuntimeError, match="2023"):
            model.step()
        with pytest.raises(InputError, match="2023"):
            next(iter(model.agents_by_type[Household])).outlook()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"levers": neutral(7)}, "7 years"),
        ({"levers": neutral(8) * 100}, "give a number"),
        ({"seed": 0}, "seed"),
        ({"follow": -1}, "follow"),
    ],
)
def test_bad_arguments_are_refused(small: Small, arguments: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        TownModel(*small, **arguments)  # type: ignore[arg-type]


def test_mesa_has_nothing_to_complain_about(small: Small) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with lived(small, years=2, follow=10) as model:
            model.datacollector.get_model_vars_dataframe()


def test_reporters_speak_of_the_whole_town(small: Small) -> None:
    with lived(small, follow=0) as model:
        table, record = model.datacollector.get_model_vars_dataframe(), model.outputs
    assert table["year"].tolist() == list(range(2015, 2024))
    assert table["population"].tolist() == (record.population.sum(axis=(1, 2)) / 0.02).tolist()
    assert table["vacancies"].tolist() == record.vacancies.tolist()
    assert table["births"].tolist()[1:] == (record.births.sum(axis=1) / 0.02).tolist()
    assert np.isnan(table["births"].tolist()[0])  # no year has ended yet
    change = table["births"] - table["deaths"] + table["moves_in"] - table["moves_out"]
    assert np.allclose(table["population"].diff()[1:], change[1:])


# Households


def test_the_panel_is_the_same_in_every_arm(small: Small) -> None:
    levers = neutral(8)
    levers[:, LEVER_INDEX["marriage_search"]] = 1.5
    with TownModel(*small, follow=40) as one, TownModel(*small, levers, follow=40) as other:
        assert [h.key for h in one.agents] == [h.key for h in other.agents]
        assert len({h.key for h in one.agents}) == 40


def test_a_larger_panel_holds_the_smaller_one(small: Small) -> None:
    with TownModel(*small, follow=10) as few, TownModel(*small, follow=30) as many:
        assert {h.key for h in few.agents} < {h.key for h in many.agents}


def test_types_agree_with_the_census_of_households(small: Small) -> None:
    people = small[0].population
    types = household_types(people.persons, people.households)
    rows = rows_by_home(people, list(range(int(people.counts[1]))))
    kinds = np.array([household_type(people, rows[home]) for home in range(int(people.counts[1]))])
    n = len(kinds)
    assert np.array_equal(kinds == "single", types.single[:n])
    nuclear = np.isin(kinds, ("couple", "couple with children", "one parent with children"))
    assert np.array_equal(nuclear, types.nuclear[:n])
    assert set(kinds.tolist()) >= {"three generations", "other", "institution"}


def test_a_window_shows_the_people_of_its_household(small: Small) -> None:
    with TownModel(*small, follow=0) as model:
        people = model.town.population
        row = next(i for i in people.residents if people.persons.partner[i] >= 0 and people.persons.sex[i] == FEMALE)
        home = model.household(int(people.persons.key[row]))
        assert home is model.household(home.key)
        assert len(home.members) == people.households.size[people.persons.household[row]]
        (wife,) = (person for person in home.members if person.key == home.key)
        assert (wife.sex, wife.civil, wife.age) == ("female", "married", int(people.persons.age[row]))
        assert [p.age for p in home.members] == sorted((p.age for p in home.members), reverse=True)
        assert {one.key for one in home.outlook()} == {p.key for p in home.members if p.age >= 18}


def test_a_window_on_nobody_is_refused(small: Small) -> None:
    with TownModel(*small, follow=0) as model:
        for key in (-1, 5, 2**64):
            with pytest.raises(InputError, match="key of a resident"):
                model.household(key)


def test_windows_see_what_happens_to_everybody(small: Small) -> None:
    """With every private household followed, what the windows saw and what is recorded is one story."""
    with TownModel(*small, follow=10**9) as model:
        model.run_model()
        people, record = model.town.population, model.outputs
        here = set(people.persons.key[: people.n][people.persons.place[: people.n] == IN_TOWN].tolist())
        seen = [event for home in model.agents for event in home.history]
        for home in model.agents:
            assert (home.key in here) == (home.whereabouts == "in town") == (home.type is not None)
            assert home.whereabouts == "in town" or home.members == ()
            assert home.key in {p.key for p in home.members} or home.whereabouts != "in town"
        babies = {p.key for home in model.agents for p in home.members if p.age == 0}
    happened = {event.happening for event in seen}
    assert happened == {"born", "died", "left town", "returned", "joined", "parted", "married", "widowed", "divorced",
                        "found work", "left work"}  # fmt: skip
    died = {event.key for event in seen if event.happening == "died"}
    assert not died & here
    assert 0.5 * record.deaths.sum() < len(died) <= record.deaths.sum()  # institutions and newcomers are not followed
    assert babies == {event.key for event in seen if event.happening == "born" and event.year == 2022} != set()


def test_the_dead_of_the_first_year_are_named(small: Small) -> None:
    """Who dies while at home is seen as dead, and who leaves as gone, though the row says neither."""
    with lived(small, years=1, follow=10**9) as model:
        fates = {event.key: event.happening for home in model.agents for event in home.history}
    with TownModel(*small, follow=0) as model:
        people = model.town.population
        chosen = np.flatnonzero(people.households.kind[people.persons.household[people.residents]] == PRIVATE)
        keys = set(people.persons.key[people.residents[chosen]].tolist())
        model.step()
        dying = keys & model.plan.died
    assert {key for key, what in fates.items() if what == "died"} == dying


# One row = all rows


def test_outlook_is_the_rule_that_the_kernels_loop_over(small: Small) -> None:
    """For every adult in town: those whom the kernels select are those whose draw lies below the outlook's number."""
    with lived(small, years=3, follow=0) as model:
        town, tables = model.town, model.tables
    people = town.population
    persons, homes, n = people.persons, people.households, people.n
    roll = roll_of(persons, n)
    adults = people.residents[persons.age[people.residents] >= 18]
    told = [outlook_of(persons, homes, tables, int(i)) for i in adults]

    def below(decision: Decision, name: str) -> set[int]:
        lots = uniforms(town.stream(decision), persons.key[adults])
        return set(adults[lots < np.array([getattr(one, name) for one in told])].tolist())

    def grown(rows: np.ndarray) -> set[int]:
        return set(rows.tolist()) & set(adults.tolist())

    assert below(Decision.SEARCH, "searching") == grown(
        searchers(persons, homes, roll, tables.search, town.stream(Decision.SEARCH))
    )
    assert below(Decision.BIRTH, "birth") == grown(mothers(persons, roll, tables.births, town.stream(Decision.BIRTH)))
    assert below(Decision.DEATH, "dying") == grown(the_dying(persons, n, tables.deaths, town.stream(Decision.DEATH)))
    wives = {i for i in below(Decision.DIVORCE, "divorce") if persons.sex[i] == FEMALE}
    assert wives == grown(the_divorcing(persons, roll, tables.divorces, town.stream(Decision.DIVORCE)))
    deciding = {int(i) for i in adults if decides(persons, tables.homes, int(i))}
    going = leavers(persons, roll, tables.moves, tables.homes, town.stream(Decision.LEAVE), np.zeros((0, 0)))
    assert below(Decision.LEAVE, "leaving") & deciding == grown(going) & deciding
    assert sum(one.searching > 0 for one in told) > 100 and sum(one.leaving > 0 for one in told) > 1000


def test_outlook_on_work_is_the_rule_that_the_kernel_loops_over(small: Small) -> None:
    with lived(small, years=2, follow=0) as model:
        town, tables = model.town, model.tables
    people = town.population
    persons = people.persons
    lots = work_streams(town.streams)
    rows, work, *_ = work_changes(persons, roll_of(persons, people.n), tables.jobs, lots)
    after = dict(zip(rows.tolist(), work.tolist(), strict=True))
    adults = people.residents[persons.age[people.residents] >= 18]
    draw = uniforms(lots[0], persons.key[adults])
    for i, u in zip(adults.tolist(), draw, strict=True):
        told = outlook_of(persons, people.households, tables, i)
        works = after.get(i, int(persons.work[i])) >= NONREGULAR
        if persons.work[i] >= NONREGULAR:
            assert works == (u >= told.losing_work) and told.finding_work == 0
        elif persons.work[i] != STUDENT:  # students draw twice: for school and for a job
            assert works == (u < told.finding_work) and told.losing_work == 0
        else:
            assert not works or u < told.finding_work / max(tables.jobs.leave_school[persons.age[i]], 1e-9)


def test_outlook_on_homes_is_the_rule_that_the_kernels_loop_over(small: Small) -> None:
    with lived(small, years=1, follow=0) as model:
        town, tables = model.town, model.tables
    people, within = town.population, tables.within_town
    persons, homes, roll = people.persons, people.households, roll_of(people.persons, people.n)
    adults = people.residents[persons.age[people.residents] >= 18].tolist()
    told = {i: outlook_of(persons, homes, tables, i) for i in adults}
    lots = {decision: dict(zip(adults, uniforms(town.stream(decision), persons.key[adults]).tolist(), strict=True))
            for decision in (Decision.LEAVE_HOME, Decision.BACK_HOME, Decision.ELDER)}  # fmt: skip
    out = home_leavers(persons, homes, roll, within.leave, within.held, town.stream(Decision.LEAVE_HOME))
    assert set(out.tolist()) == {i for i in adults if lots[Decision.LEAVE_HOME][i] < told[i].leaving_home}
    back, _ = home_comers(persons, homes, roll, within.back, town.stream(Decision.BACK_HOME))
    assert set(back.tolist()) == {i for i in adults if lots[Decision.BACK_HOME][i] < told[i].going_back}
    elders, to = moving_elders(persons, homes, roll, within.institution, within.joining, town.stream(Decision.ELDER))
    draw = lots[Decision.ELDER]
    assert set(elders[to < 0].tolist()) == {i for i in adults if draw[i] < told[i].institution}
    # The wife's draw decides for an old couple; a draw below the probability of an institution does not join.
    joined = {i for i in elders[to >= 0].tolist() if persons.partner[i] < 0}
    alone = {i for i in adults if persons.partner[i] < 0 and told[i].joining_child > 0}
    assert joined == {i for i in alone if 0 <= draw[i] - told[i].institution < told[i].joining_child}
    pairs = {i for i in elders[to >= 0].tolist() if persons.partner[i] >= 0}
    assert all(told[i].joining_child == told[int(persons.partner[i])].joining_child > 0 for i in pairs)
    assert len(out) + len(back) + len(joined) > 20 and len(alone) > 100


def test_outlook_tells_evacuees_when_they_may_go_home(small: Small) -> None:
    with lived(small, years=1, follow=0) as model:
        town, tables = model.town, model.tables
    people = town.population
    persons = people.persons
    told = {int(i): outlook_of(persons, people.households, tables, int(i)) for i in people.residents
            if persons.age[i] >= 18}  # fmt: skip
    assert {i for i in told if told[i].homecoming > 0} == {i for i in told if persons.origin[i] == EVACUEE}
    before, now, _ = tables.moves.homecoming
    assert {told[i].homecoming for i in told if persons.origin[i] == EVACUEE} == {(now - before) / (1 - before)}


def test_rules_answer_python_with_a_plain_number(small: Small) -> None:
    with TownModel(*small, follow=0) as model:
        people = model.town.population
        row = next(int(i) for i in people.residents if people.persons.sex[i] == FEMALE and people.persons.age[i] == 30)
        assert isinstance(birth_probability(people.persons, model.tables.births, row), float)


# The end of a model


def test_eldest_names_one_member_of_every_household(small: Small) -> None:
    people = small[0].population
    rows = eldest(people, PRIVATE)
    homes = people.persons.household[rows]
    assert len(set(homes.tolist())) == len(rows) == np.count_nonzero(people.households.kind == PRIVATE)
    for row, members in zip(rows.tolist(), rows_by_home(people, homes.tolist()).values(), strict=True):
        assert members[0] == row
