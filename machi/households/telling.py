"""A household's years in words, Japanese or English, from what a run has told of its people."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from abm.levers import LEVER_INDEX, LEVERS
from machi.households.follow import Household, Row, Shift, is_of_slots, side_by_side
from machi.words import room_words

if TYPE_CHECKING:
    from abm.followed.life import Chance, Life, Told
    from abm.people.family import Home, Path, Person
    from abm.people.members import Member

_TOGETHER = ("LEFT_TOWN", "RETURNED", "MOVED_HOME", "DIVORCED")  # told in one sentence of all who did it
_WORK = ("student", "outside", "unemployed", "non-regular", "regular", "self-employed")  # by the number of the column
_WORKPLACE = ("", "out_commuter", "remote")
_MOVED = ("", "alone", "with_others", "institution")
_RETIRING = 60  # from this age on leaving work for the life outside the labour force is told as retiring; an assumption
_SHOWN = 0.005  # percentage points: a smaller change of a chance is not told


class Line(NamedTuple):
    """One sentence for a year in each arm, empty where it did not happen there."""

    year: int
    plain: str
    policy: str
    is_same: bool


def follow_words() -> dict[str, dict[str, Any]]:
    """The words of both languages."""
    return room_words(__package__, "follow.toml")


class Teller:
    """Puts what happened into the words of one language."""

    def __init__(self, lang: str) -> None:
        self.words: Mapping[str, Any] = follow_words()[lang]
        self.is_japanese = lang == "ja"
        self.slots: tuple[str, ...] = ()  # the causes behind changed vacancies, see `Shift`

    def say(self, key: str, /, **values: object) -> str:
        """A sentence with its values."""
        return str(self.words[key]).format(**values)

    def path(self, path: "Path") -> str:
        """Who somebody is to the person at the centre: "eldest daughter's husband"."""
        if not path:
            return str(self.words["relation"]["self"])
        return str(self.words["path_join"]).join(self._step(*step) for step in path)

    def _step(self, relation: str, number: int) -> str:
        names = self.words["relation"]
        by_age = names.get(f"{relation}s", ())
        if number <= len(by_age):
            return str(by_age[number - 1])
        name = str(names[relation.replace(" ", "_")])
        return name if number == 1 else self.say("numbered", number=number, relation=name)

    def who(self, person: "Person", age: int) -> str:
        """A person with her or his age; the year's newborns are 0."""
        return self.say("person", path=self.path(person.path), age=max(age, 0))

    def job(self, code: int) -> str:
        """A job, or the state of somebody without one."""
        from abm.followed.happenings import work_of
        from abm.people.population import SECTORS

        work, sector, workplace = work_of(code)
        name = self.words["work"][_WORK[work]]
        if sector < 0:
            return str(name)
        beside = self.words["workplace"].get(_WORKPLACE[workplace], "")
        return self.say("job", work=name, sector=self.words["sector"][SECTORS[sector]]) + str(beside)

    def event(self, life: "Life", group: Sequence["Told"]) -> str:
        """The sentence of one event, or of one that several people share."""
        group = sorted(group, key=lambda each: (len(life.people[each.key].path), -each.age))
        one = group[0]
        who = str(self.words["and_join"]).join(self.who(life.people[each.key], each.age) for each in group)
        child = self.path(life.people[one.detail].path) if one.kind.name == "HAD_CHILD" else ""
        name = _sentence(one)
        job = work = ""
        if name == "found_work" or name.startswith("changed_"):
            job = self.job(one.detail)
        elif name == "lost_work":
            work = self.job(one.detail)
        elif name == "returned" and len(group) == 1 and one.age >= 18:
            job = self.words["kind"]["returned_job"].format(job=self.job(one.detail))
        how = self.words["how"].get(one.kind.name.lower(), {}).get(one.variety, "")
        text = str(self.words["kind"][name]).format(who=who, child=child, job=job, work=work, how=how)
        teller = next((each for each in group if each.chance is not None), None)
        if teller is None or teller.chance is None:
            return text
        told = str(self.words["chance_join"]).join(self.chance(each) for each in (teller.chance, *teller.beside))
        return self.say("chances", text=text, chances=told)

    def chance(self, chance: "Chance") -> str:
        """A probability, and by how many percentage points each cause had moved it."""
        join = str(self.words["cause_join"])
        causes = [join + self.say("cause_decided" if cause in chance.decided and by > 0 else "cause",
                                  cause=self.cause(cause), points=_figure(100 * by, "+"))
                  for cause, by in chance.moved if abs(100 * by) >= _SHOWN]  # fmt: skip
        percent, name = _figure(100 * chance.probability), self.words["probability"][chance.of]
        return self.say("chance", name=name, percent=percent, causes="".join(causes))

    def cause(self, cause: str) -> str:
        """What moved a chance: a package through a lever, a lever set by hand, or vacancies and who changed them."""
        package, slash, lever = cause.partition("/")
        if not slash:
            named = str(self.words["list_join"]).join(dict.fromkeys(one.partition("/")[0] for one in self.slots))
            return self.say("cause_vacancies_of", packages=named) if named else self.say("cause_vacancies")
        moved = LEVERS[LEVER_INDEX[lever]]
        meaning = moved.meaning_ja if self.is_japanese else moved.meaning_en
        return self.say("cause_lever", package=package or self.say("by_hand"), lever=meaning)

    def shift(self, shift: Shift) -> str:
        """What a package, or a lever set by hand, moves."""
        unit = LEVERS[LEVER_INDEX[shift.cause.partition("/")[2]]].unit
        unit = str(self.words["unit"].get(unit.partition("/")[0], ""))
        return self.say("shift", cause=self.cause(shift.cause), first=shift.first, year=shift.year,
                        without=f"{shift.without:.4g}", value=f"{shift.value:.4g}", unit=unit)  # fmt: skip

    def household(self, one: Household) -> tuple[str, str, int, str]:
        """(key, type, size, who) of a household that one could follow."""
        who = [self.say("member_short", sex=self.words["sex"][each.sex], age=each.age) for each in one.members]
        kind = str(self.words["home"][one.type.replace(" ", "_")])
        return str(one.key), kind, len(who), str(self.words["list_join"]).join(who)

    def lines(self, plain: "Life", policy: "Life | None", shifts: Sequence[Shift] = ()) -> list[Line]:
        """All events of a household in the order of years, those of both arms beside each other."""
        rows = side_by_side(plain.told, policy.told if policy else ())
        self.slots = tuple(one.cause for one in shifts if is_of_slots(one.cause))
        found = []
        for group in grouped(rows):
            ours = [row.plain for row in group if row.plain is not None]
            theirs = [row.policy for row in group if row.policy is not None]
            texts = self.event(plain, ours) if ours else "", self.event(policy, theirs) if policy and theirs else ""
            found.append(Line(group[0].year, *texts, group[0].is_same))
        return found

    def home(self, life: "Life", home: "Home") -> list[str]:
        """Who lives together on a stock date."""
        if home.type is None:
            return [self._whereabouts(life, home)]
        lines = [str(self.words["home"][home.type.replace(" ", "_")]), ""]
        return [*lines, *(f"- {self._member(life, one)}" for one in home.members)]

    def _whereabouts(self, life: "Life", home: "Home") -> str:
        from abm.people.population import AWAY

        if home.place == AWAY:
            return self.say("away")
        centre = {key for key, person in life.people.items() if not person.path}
        died = any(one.key in centre and one.kind.name == "DIED" for one in life.told)
        return self.say("died" if died else "gone")

    def _member(self, life: "Life", one: "Member") -> str:
        person = life.people.get(one.key)
        name = self.path(person.path if person else (("co-resident", 1),))
        work = self.words["work"]["outside" if one.work.startswith("outside") else one.work]
        if one.sector:
            work = self.say("job", work=work, sector=self.words["sector"][one.sector])
        who = self.say("person", path=name, age=one.age)
        civil = self.words["civil"][one.civil.replace(" ", "_")]
        return self.say("member", who=who, sex=self.words["sex"][one.sex], civil=civil, work=work)


def grouped(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows that one sentence tells: the same year, kind and arms, for kinds that families share, at one chance."""
    groups: list[list[Row]] = []
    for row in rows:
        mate = next((group for group in groups if _shared(group[0], row) and _one_chance([*group, row])), None)
        if mate is None:
            groups.append([row])
        else:
            mate.append(row)
    return groups


def _shared(one: Row, other: Row) -> bool:
    """Whether two rows may be told in one sentence, but for their chances."""
    if one.is_same != other.is_same:
        return False
    for a, b in ((one.plain, other.plain), (one.policy, other.policy)):
        if (a is None) != (b is None):
            return False
        if a and b and (a.year != b.year or a.kind != b.kind or a.kind.name not in _TOGETHER):
            return False
        if a and b and (a.variety != b.variety or (a.kind.name == "MOVED_HOME" and a.detail != b.detail)):
            return False
        if a and b and a.kind.name == "DIVORCED" and a.detail != b.key:
            return False
    return True


def _one_chance(group: Sequence[Row]) -> bool:
    """Whether at most one chance stands behind the rows in either arm."""
    for told in ([row.plain for row in group], [row.policy for row in group]):
        if len({one.chance for one in told if one is not None and one.chance is not None}) > 1:
            return False
    return True


def _sentence(one: "Told") -> str:
    """The key of the sentence that tells an event."""
    from abm.followed.happenings import work_of
    from abm.people.population import AWAY, OUTSIDE

    name = one.kind.name.lower()
    if name == "moved_home":
        return f"moved_{one.variety or _MOVED[one.detail]}"
    if one.variety and name in ("changed_work", "left_town"):
        return name.partition("_")[0] + f"_{one.variety}"
    if name == "lost_work" and one.age >= _RETIRING and work_of(one.detail)[0] == OUTSIDE:
        return "retired"
    return f"{name}_away" if one.place == AWAY and name in ("married", "had_child", "birth_due", "died") else name


def _figure(percent: float, sign: str = "") -> str:
    """A percentage: one decimal, more where that would say nothing."""
    digits = 1 if abs(percent) >= 0.95 else 2 if abs(percent) >= 0.095 else 3
    return format(percent, f"{sign}.{digits}f")
