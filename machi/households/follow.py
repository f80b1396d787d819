"""One household under two arms, what had moved its chances, and how many people a package reaches at all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.levers import LEVERS
from machi.arm import Arm, levers_of
from machi.runs.groundwork import Ground

if TYPE_CHECKING:
    import pandas as pd

    from abm.followed.happenings import Happenings
    from abm.followed.life import Life, Told
    from abm.founding.found import Founding
    from abm.levels.reference import Reference
    from abm.people.members import Member

Floats = NDArray[np.float64]
_IDENTITY = ["year", "kind", "place", "key", "detail"]  # what makes two events of two runs the same
# What the reach is told by, beside the whole; the names of kinds in `abm.followed.happenings.Kind`.
GROUPS = {
    "births": ("BORN",),
    "deaths": ("DIED",),
    "marriages": ("MARRIED", "DIVORCED"),
    "moves": ("LEFT_TOWN", "RETURNED", "ARRIVED", "MOVED_HOME"),
    "work": ("FOUND_WORK", "LOST_WORK", "CHANGED_WORK", "LEFT_SCHOOL", "GAVE_UP", "BEGAN_LOOKING"),
}


@dataclass(frozen=True)
class Bench:
    """A town that is ready to be lived, at a fraction and with one seed."""

    ground: Ground
    founding: "Founding"
    reference: "Reference"
    seed: int

    def levers(self, arm: Arm) -> Floats:
        """The levers of an arm at the packages' central values."""
        return levers_of(self.ground, arm, 1, self.seed, uncertain=False)[0]

    def happened(self, arm: Arm) -> "Happenings":
        """Everything that happens to everybody under an arm."""
        from abm.followed.life import live

        return live(self.founding, self.reference, self.levers(arm), self.seed, everybody=True).happened


class Shift(NamedTuple):
    """What one package, or a lever set by hand, moves: a lever in the year in which it moves it most."""

    cause: str  # see `causes`
    first: int  # the first year in which the lever is moved
    year: int
    without: float  # the arm's lever without this cause in that year
    value: float


class Compared(NamedTuple):
    """A household's life without policy, and under an arm where one was asked for."""

    key: int
    plain: "Life"
    policy: "Life | None"
    shifts: tuple[Shift, ...] = ()


class Reach(NamedTuple):
    """Persons with any changed event, and by group of events, among all who ever lived in town in either arm."""

    package: str
    persons: int
    changed: int
    groups: dict[str, int]
    seconds: float = 0.0  # of living the arm and comparing it

    @property
    def share(self) -> float:
        """The share of persons with any changed event."""
        return self.changed / max(self.persons, 1)


def bench_of(ground: Ground, fraction: float, seed: int) -> Bench:
    """Found the town at a fraction and solve its reference arm (or read both)."""
    return Bench(ground, ground.founding(fraction), ground.reference(), seed)


def chosen(bench: Bench, arm: Arm, touched: bool) -> int:
    """The key of somebody young with a wedding or a child ahead; with `touched`, of one that the arm changes.

    Raises InputError where the arm touches nobody so young.
    """
    from abm.followed.happenings import Kind
    from abm.followed.life import eventful, somebody

    plain = bench.happened(Arm())
    if not touched:
        return somebody(bench.founding, bench.seed, eventful(plain))
    apart = differing(plain, bench.happened(arm))
    weddings_and_births = apart["kind"].isin([int(Kind.MARRIED), int(Kind.HAD_CHILD)])
    keys = apart.loc[weddings_and_births, "key"].to_numpy(dtype=np.uint64)
    key = somebody(bench.founding, bench.seed, keys)
    if key not in keys:
        raise InputError("--touched: the packages change no wedding and no birth of anybody now in the twenties.")
    return key


def compare(bench: Bench, arm: Arm, key: int) -> Compared:
    """Follow the household of a resident without policy and, if the arm has any, with it."""
    from abm.followed.life import live

    plain = live(bench.founding, bench.reference, bench.levers(Arm()), bench.seed, key)
    if not arm.strengths and not arm.levers:
        return Compared(key, plain, None)
    array = bench.levers(arm)
    without = causes(bench, arm, array)
    policy = live(bench.founding, bench.reference, array, bench.seed, key, without, plain.labour)
    return Compared(key, plain, policy, shifts(bench, arm, array))


def causes(bench: Bench, arm: Arm, array: Floats) -> dict[str, Floats]:
    """By "package/lever" ("/lever" if set by hand): the arm's levers with that lever as it would be without that cause.

    Levers on slots are left out: they act through vacancies, which are a cause of their own.
    """
    return {cause: less for cause, (_, less) in _without(bench, arm, array).items() if not is_of_slots(cause)}


def is_of_slots(cause: str) -> bool:
    """Whether a cause acts through vacancies."""
    return cause.partition("/")[2].startswith("slots_")


def _without(bench: Bench, arm: Arm, array: Floats) -> dict[str, tuple[int, Floats]]:
    """By cause: the column of its lever, and the arm's levers without it."""
    alone = {}
    for key in arm.strengths:
        others = {other: strength for other, strength in arm.strengths.items() if other != key}
        alone[key] = bench.levers(replace(arm, strengths=others))
    if arm.levers:
        alone[""] = bench.levers(replace(arm, levers={}, from_year=None))
    found = {}
    for key, less in alone.items():
        for column, lever in enumerate(LEVERS):
            if (array[:, column] != less[:, column]).any():
                changed = array.copy()
                changed[:, column] = less[:, column]
                found[f"{key}/{lever.key}"] = column, changed
    return found


def shifts(bench: Bench, arm: Arm, array: Floats) -> tuple[Shift, ...]:
    """What each package of an arm, and each lever set by hand, moves, slots included."""
    found = []
    for cause, (column, less) in _without(bench, arm, array).items():
        moved = np.abs(array[:, column] - less[:, column])
        y, first = int(np.argmax(moved)), int(np.flatnonzero(moved)[0])
        start = bench.ground.start
        found.append(Shift(cause, start + first, start + y, float(less[y, column]), float(array[y, column])))
    return tuple(found)


class Household(NamedTuple):
    """A household that one could follow: the key of its eldest member, its type, and its people, eldest first."""

    key: int
    type: str
    members: "tuple[Member, ...]"


def households(founding: "Founding", seed: int, number: int) -> list[Household]:
    """So many private households at the start, by lot; any member's key can be followed."""
    from abm.draws import Decision, stream
    from abm.people.members import household_type, member, panel, rows_by_home

    people = founding.population
    homes = [int(people.persons.household[i]) for i in panel(people, stream(seed, Decision.FOLLOWED, 0), number)]
    found = rows_by_home(people, homes)
    return [Household(int(people.persons.key[found[home][0]]), household_type(people, found[home]),
                      tuple(member(people, i) for i in found[home])) for home in homes]  # fmt: skip


class Row(NamedTuple):
    """One event beside the same person's event of that kind and year in the other arm; None where there is none."""

    year: int
    kind: int
    plain: "Told | None"
    policy: "Told | None"

    @property
    def is_same(self) -> bool:
        """Whether both arms tell the same, whatever the chance was."""
        return self.plain is not None and self.policy is not None and _identity(self.plain) == _identity(self.policy)


def side_by_side(plain: Sequence["Told"], policy: Sequence["Told"]) -> list[Row]:
    """Every event of either arm in the order of years and of the decisions within a year."""
    there = {_identity(one)[:3]: one for one in policy}
    rows = [Row(one.year, one.kind, one, there.pop(_identity(one)[:3], None)) for one in plain]
    rows += [Row(one.year, one.kind, None, one) for one in there.values()]
    return sorted(rows, key=lambda row: (row.year, row.kind))


def _identity(one: "Told") -> tuple[int, ...]:
    return one.year, int(one.kind), one.key, one.detail, one.place


def reaches(bench: Bench, arms: Iterable[tuple[str, Arm]], done: Callable[[], None] = lambda: None) -> list[Reach]:
    """The reach of each named arm, at the same seed as the reference arm's run, the farthest first."""
    people = bench.founding.population
    residents = people.persons.key[people.residents]
    plain = bench.happened(Arm())
    found = []
    for name, arm in arms:
        begin = perf_counter()
        one = reach(name, residents, plain, bench.happened(arm))
        found.append(one._replace(seconds=perf_counter() - begin))
        done()
    return sorted(found, key=lambda one: -one.share)


def differing(plain: "Happenings", policy: "Happenings") -> "pd.DataFrame":
    """The events of two runs that have no equal in the other one, with the columns of `_IDENTITY`."""
    import pandas as pd

    frames = [pd.DataFrame({name: getattr(run, name) for name in _IDENTITY}) for run in (plain, policy)]
    both = frames[0].merge(frames[1], how="outer", on=_IDENTITY, indicator=True)
    return both.loc[both["_merge"] != "both", _IDENTITY]


def reach(name: str, residents: NDArray[np.uint64], plain: "Happenings", policy: "Happenings") -> Reach:
    """Whose events differ between two runs, among the first residents and all who came or were born in either."""
    from abm.followed.happenings import Kind
    from abm.people.population import TOWN

    came = [Kind.BORN, Kind.RETURNED, Kind.ARRIVED]
    entered = [run.key[np.isin(run.kind, came) & (run.place == TOWN)] for run in (plain, policy)]
    persons = np.unique(np.concatenate([residents, *entered]))
    apart = differing(plain, policy)
    changed = apart[apart["key"].isin(persons)]

    def count(kinds: Iterable[int]) -> int:
        return int(changed.loc[changed["kind"].isin(list(kinds)), "key"].nunique())

    groups = {group: count(Kind[kind] for kind in kinds) for group, kinds in GROUPS.items()}
    return Reach(name, len(persons), int(changed["key"].nunique()), groups)
