"""The designs that ask whether the ranking would stand elsewhere: draws of structure, the ablation, other scenarios."""

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from abm.known.structure import as_table
from machi.analysis.ablation import ablation, twin_effects, twin_of_ground
from machi.analysis.dependence import dependence
from machi.analysis.scenarios import crossing
from machi.analysis.trees import plain
from machi.manifest import vision
from machi.policy.portfolio import levers_by_year
from machi.policy.priors import central
from machi.questions.design import arms
from machi.runs.altered import structure_drawn

if TYPE_CHECKING:
    from machi.experiment import Plan

NET_MOVERS = "net_movers_per_slot"


class Robustness(NamedTuple):
    """Tables by file name, and notes by design; empty where none of these designs was asked for."""

    tables: dict[str, pd.DataFrame]
    notes: dict[str, Any]


def robustness(plan: "Plan", runs: pd.DataFrame) -> Robustness:
    """Analyse what was run of the designs `structure`, `ablation` and `scenarios`."""
    tables: dict[str, pd.DataFrame] = {}
    notes: dict[str, Any] = {}
    experiment, seed = plan.experiment, plan.experiment.seed
    keys = [package.key for package in plan.packages]
    structure = experiment.structure
    if structure is not None:
        drawn = structure_drawn(plan.ground, structure.effects == "drawn")
        values = as_table(drawn, structure.draws, seed)
        found = dependence(runs, experiment.run_time, keys, drawn, values, seed)
        tables["structure.csv"] = found.table
        notes["structure"] = plain({**found.notes, **structure.model_dump(exclude={"assumed"})})
    if experiment.ablation is not None:
        meta = [package.model_dump(include={"key", "name_ja", "name_en"}) for package in plan.packages]
        compared = ablation(runs, meta, _twin(plan, experiment.ablation.fraction))
        tables["ablation.csv"] = compared.table
        notes["ablation"] = plain({**compared.notes, "fraction": experiment.ablation.fraction})
    if experiment.scenarios is not None:
        found_there = crossing(experiment, runs, vision(plan.ground.town).get(plan.ground.end))
        tables |= found_there.tables
        futures = {name: ground.scenario for name, ground in plan.scenarios.items()}
        named = {name: {"name_ja": one.name_ja, "name_en": one.name_en} for name, one in futures.items()}
        notes["scenarios"] = plain({**found_there.notes, "names": named})
    return Robustness(tables, notes)


def _twin(plan: "Plan", fraction: float) -> dict[str, float]:
    """The effects of each package in the twin."""
    ground, packages = plan.ground, plan.packages
    theta = central(packages, plan.shared)
    twin = twin_of_ground(ground, fraction, plan.shared.parameter(NET_MOVERS).central)
    when = plan.experiment.run_time
    keys = tuple(package.key for package in packages)
    levers = {
        arm: levers_by_year(packages, dict(zip(keys, of, strict=True)), theta, when, ground.start, ground.end).array
        for arm, of in arms(keys).items()
    }
    return twin_effects(twin, levers)
