"""How likely what is told was by the year's own rules, by how much each cause had moved that, and what it decided."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from abm.decisions.employment import Labour
from abm.draws import Decision, uniforms
from abm.followed.happenings import Kind
from abm.levels.reference import Reference
from abm.living_town import Town
from abm.people.population import STUDENT
from abm.simulation import FixedPlan

Array = NDArray[np.float64]
T = TypeVar("T")
VACANCIES = "vacancies"  # the cause that is last year's labour market, as far as it differs from the usual one
_FELT = 1e-9  # a change of probability below it is rounding

# By kind, and by kind and variety where one has chances of its own: the chance of it, then those told beside.
CHANCES: Final[dict[tuple[Kind, str], tuple[str, ...]]] = {
    (Kind.FOUND_WORK, ""): ("finding_work",),
    (Kind.LOST_WORK, ""): ("losing_work",),
    (Kind.CHANGED_WORK, "another_job"): ("another_job",),
    (Kind.CHANGED_WORK, "own_business"): ("own_business",),
    (Kind.CHANGED_WORK, "to_regular"): ("another_kind", "upgrading"),
    (Kind.CHANGED_WORK, "to_nonregular"): ("another_kind",),
    (Kind.CHANGED_WORK, "remote"): ("remote_work",),
    (Kind.LEFT_SCHOOL, ""): ("idling",),
    (Kind.GAVE_UP, ""): ("giving_up",),
    (Kind.BEGAN_LOOKING, ""): ("beginning",),
    (Kind.MARRIED, ""): ("searching",),
    (Kind.MARRIED, "matchmaking"): ("searching", "matchmaking"),
    (Kind.MARRIED, "moves_in"): ("searching", "outside"),
    (Kind.MARRIED, "moves_out"): ("searching", "outside"),
    (Kind.MARRIED, "away"): ("marrying_away",),
    (Kind.DIVORCED, ""): ("divorce",),
    (Kind.MOVED_HOME, "leaving_home"): ("leaving_home",),
    (Kind.MOVED_HOME, "going_back"): ("going_back",),
    (Kind.MOVED_HOME, "institution"): ("institution",),
    (Kind.MOVED_HOME, "joining_child"): ("joining_child",),
    (Kind.HAD_CHILD, ""): ("birth",),
    (Kind.HAD_CHILD, "moved_forward"): ("birth", "moved_forward"),
    (Kind.BIRTH_DUE, ""): ("birth_due",),
    (Kind.LEFT_TOWN, ""): ("leaving",),
    (Kind.LEFT_TOWN, "homecoming"): ("homecoming",),
    (Kind.LEFT_TOWN, "to_partner"): (),
    (Kind.LEFT_TOWN, "with_parent"): (),
    (Kind.RETURNED, ""): ("returning",),
    (Kind.DIED, ""): ("dying",),
}
# Chances that one draw of the year decides by its lower end: what a cause added can be seen to have been needed.
LOTS: Final = {
    "finding_work": Decision.WORK,
    "losing_work": Decision.WORK,
    "searching": Decision.SEARCH,
    "matchmaking": Decision.MATCHMAKING,
    "outside": Decision.OUTSIDE_PARTNER,
    "birth": Decision.BIRTH,
    "leaving": Decision.LEAVE,
    "returning": Decision.UTURN,
    "dying": Decision.DEATH,
}


class Chance(NamedTuple):
    """How likely something was in its year, and by how much each cause had moved that."""

    of: str  # what it is the chance of: a name of `CHANCES`
    probability: float
    moved: tuple[tuple[str, float], ...]  # (cause, probability minus that without the cause), zeros left out
    decided: tuple[str, ...] = ()  # the causes without any one of which the year's draw would have missed


@dataclass
class Attribution:
    """The chances of a year for those who are followed, weighed as the year takes each of its tables.

    `without` are the levers as they would be without each cause, `usual` the labour market of each year in the
    reference arm (empty: it is no cause).
    """

    reference: Reference
    levers: Array
    without: Mapping[str, Array]
    usual: Sequence[Labour]
    weighed: dict[tuple[str, int], Chance] = field(default_factory=dict)  # by name and key, of the present year

    def __post_init__(self) -> None:
        self.plain = FixedPlan(self.reference, self.levers)
        self.others = {cause: FixedPlan(self.reference, levers) for cause, levers in self.without.items()}

    def weigh(
        self,
        town: Town,
        decision: Callable[[FixedPlan, Town], T],
        table: T,
        rules: Mapping[str, Callable[[T, int], float]],
        rows: Sequence[int],
        decider: Callable[[int], int] = int,
    ) -> None:
        """Keep the chances by name of those in `rows` who are at risk: by the year's table, and without each cause.

        `decider` is the row whose draw counts for a row.
        """
        if not rows:
            return
        others = [(cause, decision(plan, town)) for cause, plan in self.others.items()]
        if self.usual:
            calm = copy(town)
            calm.known = self.usual[town.y]
            others.append((VACANCIES, decision(self.plain, calm)))
        persons = town.population.persons
        for name, rule in rules.items():
            for i in rows:
                chance = rule(table, i)
                if chance <= 0.0:
                    continue
                without = [(cause, rule(other, i)) for cause, other in others]
                felt = tuple((cause, chance - less) for cause, less in without if abs(chance - less) > _FELT)
                lot = _lot(town, name, decider(i)) if felt else None
                decided = tuple(cause for cause, less in without if lot is not None and less <= lot < chance)
                self.weighed[name, int(persons.key[i])] = Chance(name, chance, felt, decided)

    def chances(self, kind: Kind, variety: str, key: int) -> list[Chance]:
        """The chance of what has happened, and those told beside it; empty where no single probability decides."""
        names = CHANCES.get((kind, variety), CHANCES.get((kind, ""), ()))
        return [self.weighed[name, key] for name in names if (name, key) in self.weighed]


def _lot(town: Town, name: str, i: int) -> float | None:
    """The draw of person i that decides about a chance, None where it is not a single one."""
    persons = town.population.persons
    if name not in LOTS or (name == "finding_work" and persons.work[i] == STUDENT):
        return None
    return float(uniforms(town.stream(LOTS[name]), persons.key[i : i + 1])[0])
