"""Every check of behaviour of one town: marriage, childbirth, the away, homes and work in the reference arm."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from machi.places import Places
from machi.runs.groundwork import read_ground
from machi.validation.check import Check

if TYPE_CHECKING:
    from machi.runs.groundwork import Ground

SCENARIO = "baseline"
MARKET_YEARS = 5
SAMPLE = 70_000  # people of the samples in which lives are followed: enough for shares, a few seconds each (assumption)
TOPICS = ("marriage", "childbirth", "away", "flows", "household", "work")


def behaviour_checks(places: Places, town: str, say: Callable[[str], None]) -> list[Check]:
    """The checks of a town, in the order of TOPICS; `say` is told what is looked at next."""
    ground = read_ground(places, town, SCENARIO)
    rows: list[Check] = []
    for name, look in (
        ("market", _market), ("history", _history), ("childbirth", _childbirth), ("away", _away),
        ("homes", _homes), ("work", _work),
    ):  # fmt: skip
        say(f"behaviour_{name}")
        rows += look(ground)
    return sorted(rows, key=lambda one: TOPICS.index(one.topic))


def _market(ground: "Ground") -> Iterator[Check]:
    from machi.validation.marriage_checks import level_check, market_checks, run_checks

    key = ground.town.key
    yield level_check(ground.places, key)
    near = read_ground(ground.places, key, SCENARIO, end=ground.start + MARKET_YEARS)
    yield from market_checks(near)
    yield from run_checks(near)


def _history(ground: "Ground") -> Iterator[Check]:
    from machi.validation.marriage_history import history_checks

    yield from history_checks(ground.places, ground.town.key)


def _sample(ground: "Ground") -> tuple[Any, Any]:
    """A founding of about SAMPLE people and the reference arm."""
    people = float(ground.town.census_total[-1].sum())
    return ground.founding(min(1.0, round(SAMPLE / people, 2))), ground.reference()


def _childbirth(ground: "Ground") -> Iterator[Check]:
    from machi.validation.birth_checks import birth_checks

    yield from birth_checks(ground.town.japan, *_sample(ground))


def _away(ground: "Ground") -> Iterator[Check]:
    from machi.validation.move_checks import move_checks

    yield from move_checks(ground.founding(1.0), ground.reference())


def _homes(ground: "Ground") -> Iterator[Check]:
    from machi.validation.home_checks import home_checks

    yield from home_checks(*_sample(ground))


def _work(ground: "Ground") -> Iterator[Check]:
    from machi.validation.work_checks import job_checks, work_checks

    yield from work_checks(*_sample(ground))
    yield from job_checks(ground.founding(1.0), ground.reference())
