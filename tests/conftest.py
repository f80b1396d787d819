"""What many tests start from: the real town's data at a scale at which a run costs nothing."""

from pathlib import Path
from typing import NamedTuple

import pytest

from abm.alignment import align
from abm.founding import Founding, found
from abm.reference import Reference
from abm.scenario import Scenario, read_scenario
from abm.town import Town, read_town

ROOT = Path(__file__).resolve().parent.parent
START, END = 2015, 2023


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
