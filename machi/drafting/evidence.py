"""The evidence that there is: rows of any town's packages that move a lever, to be taken over with their figures."""

from collections.abc import Sequence
from typing import NamedTuple

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS, Lever
from machi.console import Screen
from machi.places import Places, suggestion
from machi.policy.package import Effect, Measure, Package, effect_id, read_packages
from machi.policy.shared import Shared, read_shared

PART = "share"  # the unit of levers that say what part of another lever's effect is timing


class Evidence(NamedTuple):
    """One modelled row of evidence and where it stands."""

    town: str
    package: Package
    measure: Measure
    effect: Effect

    @property
    def key(self) -> str:
        """The name under which it is taken over: town/package/measure/lever."""
        return f"{self.town}/{effect_id(self.package, self.measure, self.effect)}"


def shared_of(places: Places, town: str) -> Shared:
    """What a town's packages share, the built-in where the town has no packages yet."""
    try:
        return read_shared(places.package_dir(town).parent / "shared.toml")
    except InputError:
        return read_shared(places.built_in / "policies" / "shared.toml")


def movable(shared: Shared) -> list[Lever]:
    """The levers that a measure may move: not those that a shared parameter sets, nor parts of others."""
    set_elsewhere = {parameter.moves for parameter in shared.parameters}
    return [
        lever
        for lever in LEVERS
        if lever.kind != "probability" and lever.unit != PART and lever.key not in set_elsewhere
    ]


def evidence_on(places: Places, lever: str, town: str | None = None) -> list[Evidence]:
    """Every row that moves a lever, the town's own first (InputError where there is no such lever)."""
    if lever not in LEVER_INDEX:
        raise InputError(f"lever: there is no lever `{lever}`; {suggestion(lever, LEVER_INDEX)}")
    found: list[Evidence] = []
    for name in sorted(places.towns(), key=lambda each: (each != town, each != "iwaki", each)):
        try:
            folder = places.package_dir(name)
        except InputError:
            continue
        for package in read_packages(folder):
            for measure in package.measures:
                rows = [one for one in measure.effects if one.modelled and one.moves == lever]
                found += [Evidence(name, package, measure, row) for row in rows]
    return found


def distinct(rows: Sequence[Evidence]) -> list[Evidence]:
    """Rows to choose from: the first of those that state the same figures from the same source."""
    chosen: dict[tuple[float, float, float, str, str], Evidence] = {}
    for row in rows:
        one = row.effect
        chosen.setdefault((one.low, one.central, one.high, one.citation, one.target), row)
    return list(chosen.values())


def show_evidence(screen: Screen, rows: Sequence[Evidence]) -> None:
    """Print rows of evidence: number, key, measure, figures, grade and source."""
    lines = [
        (
            f"{number:>2} {row.key}",
            screen.named(row.measure.name_ja, row.measure.name_en),
            f"{row.effect.central:g} [{row.effect.low:g}, {row.effect.high:g}] {row.effect.unit}",
            row.effect.grade,
            f"{row.effect.citation} ({row.effect.citation_status})",
        )
        for number, row in enumerate(rows, start=1)
    ]
    columns = [screen.word(key) for key in ("key", "measure", "range", "grade", "source")]
    screen.table(screen.word("evidence_rows"), columns, lines)
