"""What is told of matchmaking, partners from elsewhere, births moved forward and evacuees, with chance and cause."""

import numpy as np
from conftest import FOLLOWED_YEARS as YEARS
from conftest import Small
from lived_town import levers

from abm.followed.happenings import Kind
from abm.followed.life import live
from abm.levers import neutral
from abm.people.population import EVACUEE


def is_resident(small: Small, key: int) -> bool:
    people = small.founding.population
    return bool(np.isin(people.persons.key[people.residents], np.uint64(key)).any())


def test_couples_from_matchmaking_name_it_and_its_cause(small: Small) -> None:
    policy = levers(YEARS, matchmaking=1.2)
    happened = live(*small, policy, 3, everybody=True)
    keys = happened.happened.key[happened.happened.kind == Kind.MARRIED]
    lives = [live(*small, policy, 3, int(key), {"M/matchmaking": neutral(YEARS)}) for key in keys[:90]
             if is_resident(small, int(key))]  # fmt: skip
    weddings = [one for life in lives for one in life.told if one.kind == Kind.MARRIED]
    met = [one for one in weddings if one.variety == "matchmaking"]
    assert 0 < len(met) < len(weddings) and happened.outputs.introduced.sum() > 0
    for one in met:
        (joined,) = one.beside
        assert joined.of == "matchmaking" and joined.decided == ("M/matchmaking",)
        assert joined.moved == (("M/matchmaking", joined.probability),) and 0 < joined.probability <= 1
    elsewhere = [one for one in weddings if one.variety in ("moves_in", "moves_out")]
    assert elsewhere and all([each.of for each in one.beside] == ["outside"] for one in elsewhere)


def test_a_birth_moved_forward_is_told_and_is_missing_later(small: Small) -> None:
    forward = dict.fromkeys(("moved_forward_first", "moved_forward_second", "moved_forward_third"), 1.0)
    policy = levers(YEARS, childbirth=1.8, **forward)
    happened = live(*small, policy, 3, everybody=True).happened
    due = [int(key) for key in happened.key[happened.kind == Kind.BIRTH_DUE] if is_resident(small, int(key))]
    assert due
    for key in due[:10]:
        told = [one for one in live(*small, policy, 3, key, {"B/childbirth": neutral(YEARS)}).told if one.key == key]
        (missing, *_) = [one for one in told if one.kind == Kind.BIRTH_DUE]
        early = [one for one in told if one.variety == "moved_forward" and one.year <= missing.year]
        assert missing.chance is not None and missing.chance.of == "birth_due" and missing.chance.probability > 0
        assert early and [chance.of for chance in early[-1].beside] == ["moved_forward"]
        assert early[-1].chance is not None and early[-1].chance.decided == ("B/childbirth",)
        assert early[-1].beside[0].probability < early[-1].chance.probability


def test_evacuees_are_told_when_they_go_home(small: Small) -> None:
    people = small.founding.population
    persons = people.persons
    fled = people.residents[persons.origin[people.residents] == EVACUEE]
    lives = [live(*small, neutral(YEARS), 3, int(persons.key[i])) for i in fled[:40]]
    going = [one for life in lives for one in life.told if one.variety == "homecoming"]
    chances = [one.chance for one in going if one.chance is not None]
    assert chances and all(chance.of == "homecoming" and 0 < chance.probability < 1 for chance in chances)
