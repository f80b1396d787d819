"""The people of a past launch lived through as agents, where the town can be founded on that day."""

from typing import TYPE_CHECKING

import numpy as np

from abm.errors import InputError
from abm.known.scenario import Scenario

from .course import SAME, Array, Course, by_group
from .origins import Origin

if TYPE_CHECKING:
    from abm.founding.found import Founding
    from abm.known.town import Town

REPLICATIONS = 8  # averaged, so that chance is small beside the errors (an assumption)
FOUNDING_SEED = 1


def agents_course(origin: Origin, scenario: Scenario) -> tuple[Course | None, str]:
    """The mean course of the agents' runs from a launch in the trend scenario, or None and the reason.

    Founding takes the register of all residents, and households and work that were known at the launch; so most
    launches of the past have none.
    """
    from abm.founding.found import found
    from abm.known.town import read_town

    where = f"{origin.subject.key}, {origin.basis} {origin.year}"
    if origin.subject.folder is None:
        return None, f"{where}: a prefecture is not founded."
    if origin.basis == "register" and origin.nationality != "total":
        return None, f"{where}: a founding holds all residents; ask for --nationality total."
    try:
        town = read_town(origin.subject.folder, origin.subject.japan, origin.launch.known_from)
        founding = found(town, origin.basis, 1.0, FOUNDING_SEED, start=origin.year)
    except InputError as error:
        return None, f"{where}: {error}"
    return lived_course(origin, scenario, town, founding), ""


def lived_course(origin: Origin, scenario: Scenario, town: "Town", founding: "Founding") -> Course:
    """The mean of several runs without any policy, as a course."""
    from abm.alignment import align
    from abm.levers import neutral
    from abm.simulation import simulate

    years = max(int(np.ceil(origin.horizon(end) - SAME)) for end in origin.ends)
    reference = align(town, scenario, origin.year, origin.year + years, founding)
    runs = [simulate(founding, reference, neutral(years), seed) for seed in range(1, REPLICATIONS + 1)]
    people = np.mean([run.population / run.fraction for run in runs], axis=0)

    def counted(yearly: list[Array]) -> Array:
        mean = np.mean([one.reshape(years, -1).sum(axis=1) for one in yearly], axis=0)
        return np.concatenate([[0.0], np.cumsum(mean)])

    return Course(
        np.arange(years + 1.0),
        by_group(people),
        counted([run.births / run.fraction for run in runs]),
        counted([run.deaths / run.fraction for run in runs]),
        counted([(run.moves_in - run.moves_out) / run.fraction for run in runs]),
    )
