"""What stands in a result's manifest: the question, the town, versions, fingerprints, packages and notes."""

import re
from typing import TYPE_CHECKING, Any

from machi.design import count_by_design
from machi.groundwork import FOUNDING_SEED
from machi.package import Package, assumed_fields

if TYPE_CHECKING:
    from abm.town import Town
    from machi.experiment import Plan


def gap(town: "Town") -> dict[int, float]:
    """People missing between the do-nothing projection and the vision that the city prints, by year."""
    figures = [figure for figure in town.published if figure.unit == "persons"]
    baseline = {figure.year: figure.value for figure in figures if figure.indicator == "baseline"}
    visions = sorted(figure.indicator for figure in figures if re.fullmatch(r"vision\d*", figure.indicator))
    wanted = [figure for figure in figures if visions and figure.indicator == visions[-1]]
    return {figure.year: figure.value - baseline[figure.year] for figure in wanted if figure.year in baseline}


def manifest(plan: "Plan", notes: dict[str, Any], seconds: dict[str, float]) -> dict[str, Any]:
    """Everything that is needed to understand the result and to make it again."""
    experiment, town = plan.experiment, plan.ground.town
    return {
        "name": plan.name,
        "title_ja": experiment.title_ja,
        "title_en": experiment.title_en,
        "town": {"key": town.key, "name_ja": town.name_ja, "name_en": town.name_en},
        "scenario": experiment.scenario,
        "basis": experiment.basis,
        "start": plan.ground.start,
        "end": plan.ground.end,
        "fractions": experiment.fractions(),
        "quick": plan.quick,
        "config": experiment.model_dump(mode="json", by_alias=True, exclude={"quick", "assumed"}),
        "versions": plan.versions,
        "fingerprint": plan.fingerprint,
        "fingerprints": plan.fingerprints,
        "seeds": {"experiment": experiment.seed, "founding": FOUNDING_SEED},
        "timings": seconds,
        "runs": count_by_design(list(plan.table)),
        "published": [
            {"indicator": one.indicator, "year": one.year, "value": one.value, "source": one.source}
            for one in town.published
        ],
        "packages": [_described(package) for package in plan.packages],
        "notes": {
            "net_movers_per_slot": plan.shared.parameter("net_movers_per_slot").central,
            "gap": gap(town),
            "prior": experiment.predictive.prior,
            **notes,
        },
    }


def _described(package: Package) -> dict[str, Any]:
    """One package as the page tells it."""
    assumed = assumed_fields([package])
    cost = package.cost_million_yen_per_year
    return {
        "key": package.key,
        "name_ja": package.name_ja,
        "name_en": package.name_en,
        "grade": package.grade,
        "goal_ja": package.goal_ja,
        "kpi_ja": package.kpi_ja,
        "cost_low": cost.low,
        "cost_high": cost.high,
        "measures": [
            {
                "key": measure.key,
                "name_ja": measure.name_ja,
                "name_en": measure.name_en,
                "grade": measure.worst_grade,
                "citations": [{"text": row.citation, "status": row.citation_status} for row in measure.effects],
                "assumed": [
                    f"{one.row}: {one.field} = {one.value}".removeprefix(": ")
                    for one in assumed
                    if one.measure == measure.key
                ],
                "not_modelled": [f"{row.lever}: {row.reason}" for row in measure.effects if not row.modelled],
            }
            for measure in package.measures
        ],
    }
