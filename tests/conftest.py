"""What many tests start from: the real town's data at a scale at which a run costs nothing."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from lived_town import levers
from served_town import small_bench

from abm.alignment import align
from abm.followed.life import Life, live
from abm.founding.found import Founding, found
from abm.known.scenario import Scenario, read_scenario
from abm.known.town import Town, read_town
from abm.levels.reference import Reference
from abm.levers import neutral
from abm.people.members import eldest
from abm.people.population import PRIVATE
from machi.households.follow import Bench
from machi.places import find_places
from machi.runs.groundwork import read_ground
from machi.serving.bench import Bench as ServedBench
from machi.serving.worker import Worker

ROOT = Path(__file__).resolve().parent.parent
if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # as under a shell's background job: tests of Ctrl-C need it heard
    signal.signal(signal.SIGINT, signal.default_int_handler)
START, END = 2015, 2023
FOLLOWED_YEARS = END - START
POLICY = levers(FOLLOWED_YEARS, childbirth=1.3, marriage_search=1.4, slots_trade=2000.0)


class Small(NamedTuple):
    """One resident in fifty (7,005 people), and the reference arm 2015-2023 solved on them."""

    founding: Founding
    reference: Reference


@pytest.fixture(scope="session")
def town() -> Town:
    """The data of Iwaki and of the nation."""
    return read_town(ROOT / "towns" / "iwaki", ROOT / "towns" / "japan")


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    """Iwaki's own do-nothing projection."""
    return read_scenario(ROOT / "towns" / "iwaki" / "scenarios" / "baseline.toml")


@pytest.fixture(scope="session")
def small(town: Town, scenario: Scenario) -> Small:
    """A small town ready to be simulated; tests must not write into it."""
    founding = found(town, "census", 0.02)
    return Small(founding, align(town, scenario, START, END, founding))


def keys_of_homes(small: Small, number: int) -> list[int]:
    """One member of each of `number` households."""
    people = small.founding.population
    rows = eldest(people, PRIVATE)
    keys: list[int] = people.persons.key[rows[:: len(rows) // number]].tolist()
    return keys[:number]


@pytest.fixture(scope="session")
def everybody(small: Small) -> Life:
    """All lives of the small town under a policy."""
    return live(*small, POLICY, 3, everybody=True)


@pytest.fixture(scope="session")
def followed(small: Small) -> list[Life]:
    """A hundred and fifty households under a policy, with what their chances would be without its levers."""
    without = {"births": levers(FOLLOWED_YEARS, marriage_search=1.4, slots_trade=2000.0)}
    usual = live(*small, neutral(FOLLOWED_YEARS), 3).labour
    return [live(*small, POLICY, 3, key, without, usual) for key in keys_of_homes(small, 150)]


@pytest.fixture(scope="session")
def bench(small: Small) -> Bench:
    """Where two arms of the small town are lived side by side."""
    ground = read_ground(find_places(start=ROOT), "iwaki", "baseline", end=2023)
    return Bench(ground, small.founding, small.reference, 1)


@pytest.fixture(scope="session")
def served(small: Small) -> ServedBench:
    """The small town under the twelve packages, as the local what-if lives it."""
    return small_bench(small)


@pytest.fixture
def worker(served: ServedBench) -> Iterator[Worker]:
    """A worker at it, who ends with the test."""
    made = Worker(served)
    yield made
    made.close()
