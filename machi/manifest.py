"""What stands in a result's manifest: the question, the town, versions, fingerprints, packages and notes."""

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from abm.generator import generator
from machi.policy.package import BareMeasure, Package, assumed_fields
from machi.questions.design import count_by_design
from machi.runs.groundwork import FOUNDING_SEED
from machi.runs.runkey import context, simulating_code
from machi.store import file_digest

if TYPE_CHECKING:
    from abm.known.town import Town
    from abm.reading.sources import Source
    from machi.experiment import Plan
    from machi.policy.shared import SharedParameter


def gap(town: "Town") -> dict[int, float]:
    """People missing between the do-nothing projection and the vision that the city prints, by year."""
    figures = [figure for figure in town.published if figure.unit == "persons"]
    baseline = {figure.year: figure.value for figure in figures if figure.indicator == "baseline"}
    return {year: value - baseline[year] for year, value in vision(town).items() if year in baseline}


def vision(town: "Town") -> dict[int, float]:
    """Residents in the vision that the city prints (the last where it prints several), by year; empty without one."""
    figures = [figure for figure in town.published if figure.unit == "persons"]
    visions = sorted(figure.indicator for figure in figures if re.fullmatch(r"vision\d*", figure.indicator))
    return {figure.year: figure.value for figure in figures if visions and figure.indicator == visions[-1]}


def manifest(plan: "Plan", notes: dict[str, Any], seconds: dict[str, float]) -> dict[str, Any]:
    """Everything that is needed to understand the result and to make it again."""
    experiment, town = plan.experiment, plan.ground.town
    return {
        "name": plan.name,
        "title_ja": experiment.title_ja,
        "title_en": experiment.title_en,
        "town": {"key": town.key, "name_ja": town.name_ja, "name_en": town.name_en},
        "scenario": experiment.scenario,
        "scenario_ja": plan.ground.scenario.name_ja,
        "scenario_en": plan.ground.scenario.name_en,
        "basis": experiment.basis,
        "start": plan.ground.start,
        "end": plan.ground.end,
        "fractions": experiment.fractions(),
        "quick": plan.quick,
        "config": experiment.model_dump(mode="json", by_alias=True, exclude={"quick", "assumed"}),
        "versions": plan.versions,
        "fingerprint": plan.fingerprint,
        "fingerprints": plan.fingerprints,
        "simulator": {"code": simulating_code(), "context": context()},
        "data_files": data_files(plan),
        "seeds": {"experiment": experiment.seed, "founding": FOUNDING_SEED, "stream": generator()},
        "timings": seconds,
        "runs": count_by_design(list(plan.table)),
        "published": [
            {
                "indicator": one.indicator,
                "label_ja": one.label_ja,
                "year": one.year,
                "value": one.value,
                "source": one.source,
            }
            for one in town.published
        ],
        "sources": [_cited(key, source) for key, source in {**town.japan.sources, **town.sources}.items()],
        "packages": [_described(package) for package in plan.packages],
        "notes": {
            "net_movers_per_slot": _range(plan.shared.parameter("net_movers_per_slot")),
            "gap": gap(town),
            "prior": experiment.predictive.prior if experiment.predictive is not None else None,
            **notes,
        },
    }


def data_files(plan: "Plan") -> dict[str, str]:
    """The sha256 of every file of data that the result rests on, by its folder and name."""
    ground = plan.ground
    folder = ground.places.package_dir(plan.experiment.town)
    policies = [*(folder / f"{package.key}.toml" for package in plan.packages), folder.parent / "shared.toml"]
    figures = [path for place in (ground.town_dir, ground.places.japan_dir()) for path in place.glob("*.*")]
    others = [one.scenario_path for one in plan.scenarios.values() if one is not ground]
    files = [*figures, ground.scenario_path, *others, *policies]
    return {f"{path.parent.name}/{path.name}": file_digest(path) for path in sorted(files) if path.is_file()}


def _range(parameter: "SharedParameter") -> dict[str, float]:
    """A shared parameter's central value with its range."""
    return {"low": parameter.low, "central": parameter.central, "high": parameter.high}


def _cited(key: str, source: "Source") -> dict[str, Any]:
    """A source as the page credits it."""
    return asdict(source) | {"key": key}


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
        ]
        + [_bare(measure) for measure in package.bare_measures],
    }


def _bare(measure: BareMeasure) -> dict[str, Any]:
    """A measure without evidence as the page tells it: no grade, no citation, and why it has no effect."""
    return {**measure.model_dump(exclude={"reason", "assumed"}), "grade": "", "not_modelled": [measure.reason]}
