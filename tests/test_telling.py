"""A household told in words: both languages, the chance and what moved it, and the command."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from conftest import FOLLOWED_YEARS as YEARS
from conftest import ROOT, Small

from abm.errors import InputError
from abm.followed.attribution import CHANCES
from abm.followed.happenings import Kind
from abm.followed.life import VACANCIES, Chance, Life, live
from abm.levers import LEVERS, neutral
from abm.people.population import MARRIED, TOWN
from machi.arm import Arm
from machi.commands import follow as follow_command
from machi.commands.follow import follow, story
from machi.households.follow import Bench, Shift, chosen, compare, households
from machi.households.telling import Teller, follow_words


def leaves(table: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def test_both_languages_say_the_same() -> None:
    ja, en = (dict(leaves(follow_words()[lang])) for lang in ("ja", "en"))
    assert set(ja) == set(en)
    for key, text in ja.items():
        if isinstance(text, str):
            assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", en[key])), key
        else:
            assert len(text) == len(en[key])


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_household_can_be_told(bench: Bench, followed: list[Life], lang: str) -> None:
    teller = Teller(lang)
    for life in followed:
        lines = [line.plain for line in teller.lines(life, None)] + teller.home(life, life.homes[1])
        assert all(line and "{" not in line for line in lines if line)
    told = compare(bench, Arm({"P03": 1.0}), chosen(bench, Arm(), touched=False))
    text = story(teller, bench, Arm({"P03": 1.0}), 0.02, told, "chosen")
    assert str(told.key) in text and text.count("|---|---|---|---|") == 1 and "{" not in text


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_chance_and_variety_has_words(followed: list[Life], lang: str) -> None:
    words = follow_words()[lang]
    named = {name for names in CHANCES.values() for name in names}
    assert named == set(words["probability"])
    for kind, variety in CHANCES:
        if kind == Kind.MARRIED and variety not in ("", "away"):
            assert variety in words["how"]["married"]
        elif kind == Kind.MOVED_HOME:
            assert f"moved_{variety}" in words["kind"]
        elif kind in (Kind.CHANGED_WORK, Kind.LEFT_TOWN) and variety:
            assert f"{kind.name.partition('_')[0].lower()}_{variety}" in words["kind"]
    assert {lever.unit.partition("/")[0] for lever in LEVERS} == set(words["unit"])
    assert {one.variety for life in followed for one in life.told if one.kind == Kind.MARRIED} <= {
        *words["how"]["married"], "", "away"}  # fmt: skip


def test_matchmaking_and_what_decided_are_told(bench: Bench) -> None:
    told = compare(bench, Arm({"P03": 1.0}), chosen(bench, Arm(), touched=False))
    wedding = next(one for one in told.plain.told if one.kind == Kind.MARRIED and one.place == TOWN and one.chance)
    chance, cause = Chance("searching", 0.081, ()), "P03/matchmaking"
    listed = Chance("matchmaking", 0.02, ((cause, 0.02),), (cause,))
    wedding = wedding._replace(chance=chance, variety="matchmaking", beside=(listed,))
    life = told.plain._replace(told=(wedding,))
    (line,) = Teller("ja").lines(life, None)
    assert line.plain.endswith(
        "が結婚支援で出会い結婚（その年に相手を探す確率 8.1％；結婚支援に参加する確率 2.0％、"
        "P03（結婚支援による出会い）により+2.0ポイント、これがなければ起きなかった）"
    )
    (line,) = Teller("en").lines(life, None)
    assert "married somebody met through matchmaking (chance of looking for a partner that year 8.1 %; " in line.plain
    assert line.plain.endswith("+2.0 points, without which it would not have happened)")
    slots = Chance("searching", 0.081, ((VACANCIES, 0.01),))
    (line,) = Teller("en").lines(life._replace(told=(wedding._replace(chance=slots, beside=()),)), None,
                                 (Shift("P06/slots_ict", 2020, 2030, 0.0, 50.0),))  # fmt: skip
    assert "vacancies that policy changed (P06) +1.0 points" in line.plain


def test_a_wedding_is_told_with_its_chance_and_what_moved_it(bench: Bench) -> None:
    told = compare(bench, Arm({"P03": 1.0}), chosen(bench, Arm(), touched=False))
    wedding = next(one for one in told.plain.told if one.kind == Kind.MARRIED and one.place == TOWN and one.chance)
    chance = Chance("searching", 0.081, (("P03/marriage_search", 0.001), ("P03/childbirth", 1e-6)))
    life = told.plain._replace(told=(wedding._replace(chance=chance, variety="", beside=()),))
    (line,) = Teller("ja").lines(life, None)
    assert line.plain.endswith("が結婚（その年に相手を探す確率 8.1％、P03（未婚者の結婚相手探し）により+0.10ポイント）")
    (line,) = Teller("en").lines(life, None)
    assert "married (chance of looking for a partner that year 8.1 %; P03 [search hazard of" in line.plain


def test_relations_are_told_from_the_one_who_was_asked_for(small: Small) -> None:
    people = small.founding.population
    persons = people.persons
    for row in people.residents.tolist():
        mother, mate = int(persons.mother[row]), int(persons.partner[row])
        if mother >= 0 and persons.household[mother] == persons.household[row] and persons.civil[row] != MARRIED:
            break
    life = live(*small, neutral(YEARS), 1, int(persons.key[row]))
    assert life.people[int(persons.key[row])].path == () and mate < 0
    assert life.people[int(persons.key[mother])].path == (("mother", 1),)
    teller = Teller("en")
    assert teller.path((("daughter", 1), ("husband", 1))) == "eldest daughter's husband"
    assert teller.path((("son", 7),)) == "son no. 7" and teller.path(()) == "the person"
    assert Teller("ja").path((("younger brother", 2), ("son", 2))) == "2人目の弟の次男"
    labels = [person.path for person in life.people.values()]
    assert len(labels) == len(set(labels))


# Bad input


@pytest.mark.parametrize("key", [-1, 5, 2**64])
def test_a_wrong_key_is_refused(small: Small, key: int) -> None:
    with pytest.raises(InputError, match=f"--household: .* {key} .*key of a resident"):
        live(*small, neutral(YEARS), 1, key)


@pytest.fixture
def command(small: Small, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The command as the command line calls it, on a small town."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("machi.runs.groundwork.Ground.founding", lambda self, fraction: small.founding)
    monkeypatch.setattr("machi.runs.groundwork.Ground.reference", lambda self: small.reference)
    app = typer.Typer()
    app.command()(follow_command.follow)
    return lambda *words: app(["iwaki", "--scenario", "baseline", "--end", "2023", *words], standalone_mode=False)


def test_the_command_writes_a_story_and_prints_the_reach(command: Any, tmp_path: Path, capfd: Any) -> None:
    file = tmp_path / "a" / "s.md"
    command("--fraction", "0.02", "--package", "P03=1.0", "--reach", "--lang", "ja", "--out", str(file))
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# いわき市のある世帯、2015年から2023年まで") and "施策あり（P03=1）" in text
    shown = capfd.readouterr().out
    assert "P03=1" in shown and "s.md" in shown


def test_the_command_lists_households_that_it_can_follow(command: Any, small: Small, capfd: Any) -> None:
    command("--fraction", "0.02", "--households", "3", "--lang", "en")
    shown = capfd.readouterr().out
    keys = [str(one.key) for one in households(small.founding, 1, 3)]
    assert all(key in shown for key in keys) and "Members" in shown
    command("--fraction", "0.02", "--household", keys[0], "--lever", "childbirth=1.2", "--from-year", "2018",
            "--lang", "en")  # fmt: skip
    told = capfd.readouterr().out
    assert "set by hand [births at every parity]: from 2018 on" in told and "With policy (childbirth=1.2)" in told


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--household", "5"), "key of a resident"),
        (("--fraction", "0"), "--fraction"),
        (("--package", "P3=1"), "P03"),
        (("--lang", "fr"), "ja or en"),
        (("--out", "."), "folder"),
        (("--touched",), "--touched"),
        (("--lever", "childbirths=1.1"), "childbirth"),
        (("--lever", "childbirth=9"), "childbirth"),
        (("--from-year", "2018"), "--from-year"),
        (("--lever", "childbirth=1.1", "--from-year", "1990"), "--from-year"),
    ],
)
def test_bad_input_gets_one_sentence(command: Any, words: tuple[str, ...], named: str) -> None:
    with pytest.raises(InputError, match=named):
        command(*words)
    assert follow.__doc__ and "/" in follow.__doc__
