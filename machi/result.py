"""From the runs of an experiment to its result folder: analysed, written beside the old one and swapped in."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from machi.analysis.answers import answers
from machi.analysis.paired import (
    COST,
    OUTCOME,
    REFERENCE,
    alone_differences,
    alone_values,
    estimate,
    finite_outcomes,
    sampled,
)
from machi.analysis.ranking import rank
from machi.analysis.sensitivity import morris_effects, sobol_indices
from machi.analysis.trees import morris_tree, plain, sobol_tree
from machi.analysis.turning import turning_points
from machi.experiment import Plan, Timings
from machi.manifest import gap, manifest
from machi.portrait import portrait
from machi.questions.design import same_as_reference, strengths_table
from machi.robustness import robustness
from machi.runs.aside import aside
from machi.runs.run import RunResult, runs_table, years_table
from machi.store import built_aside, write_json, write_manifest, write_table
from machi.yardstick import yardsticks

Tables = dict[str, pd.DataFrame]


class Findings(NamedTuple):
    """What an experiment found: tables by file name, and trees for JSON; the ranking only where one was asked for."""

    tables: Tables
    sensitivity: dict[str, Any]
    notes: dict[str, Any]
    ranking: pd.DataFrame | None


def analyse(plan: Plan, results: Sequence[RunResult]) -> Findings:
    """Everything that the designs which were asked for answer (InputError naming a run without a number)."""
    table, found = list(plan.table), list(results)
    for run, result in zip(plan.table, results, strict=True):
        for twin in same_as_reference(run, plan.experiment):
            table.append(twin)
            found.append(result)
    runs, sampled_strengths = runs_table(table, found), strengths_table(table, plan.experiment.packages)
    years = {f"{part}.parquet": years_table(table, found, part) for part in ("series", "pyramids")}
    tables = {"runs.parquet": runs, "strengths.parquet": sampled_strengths, **years}
    tables |= answers(plan.experiment, runs, sampled_strengths)
    tables["turning_points.csv"] = turning_points(years["series.parquet"], plan.experiment.packages)
    others = robustness(plan, runs)
    tables |= others.tables
    own = _ranked(plan, runs, sampled_strengths) if plan.experiment.is_ranked else _unranked(plan, runs, tables)
    kept = {name: one for name, one in (tables | own.tables).items() if name == "ranking_plan.csv" or len(one)}
    return own._replace(tables=kept, notes={**own.notes, **others.notes})


def _ranked(plan: Plan, runs: pd.DataFrame, strengths: pd.DataFrame) -> Findings:
    """The ranking of the packages, and what stands beside it on its page."""
    meta = [package.model_dump(include={"key", "name_ja", "name_en", "grade"}) for package in plan.packages]
    seed, horizon = plan.experiment.seed, plan.ground.end
    found = rank(runs, strengths, meta, seed, gap(plan.ground.town), horizon)
    tables = yardsticks(plan.ground)
    tables |= {"summary.csv": found.summary, "ranking.csv": found.ranking, "ranking_plan.csv": found.ranking_plan}
    return Findings(tables, found.sensitivity, found.notes, found.ranking)


def _unranked(plan: Plan, runs: pd.DataFrame, tables: Tables) -> Findings:
    """What each design of the ranking says by itself."""
    asked, keys = plan.experiment, list(plan.experiment.packages)
    strengths, trees = tables["strengths.parquet"], {}
    own: Tables = {}
    if asked.morris is not None:
        x, y = sampled(runs, strengths, "morris", keys, OUTCOME)
        trees["morris"] = morris_tree(keys, morris_effects(x, y, asked.seed))
    if asked.sobol is not None:
        x, y = sampled(runs, strengths, "sobol", keys, OUTCOME)
        trees["sobol"] = sobol_tree(keys, sobol_indices(x, y, asked.seed))
    for design, tree in trees.items():
        figures = {
            name: values for name, values in tree.items() if isinstance(values, dict) and set(values) == set(keys)
        }
        own[f"{design}.csv"] = pd.DataFrame(
            {"package": keys} | {n: [v[key] for key in keys] for n, v in figures.items()}
        )
    if asked.alone is not None:
        own["alone.csv"] = pd.concat([alone_effects(runs, one, keys) for one in asked.alone.run_times])
    if len(runs):
        finite_outcomes(runs)
    return Findings(own, plain({"packages": keys, **trees}), {"run_time": asked.run_time}, None)


def alone_effects(runs: pd.DataFrame, run_time: str, keys: Sequence[str]) -> pd.DataFrame:
    """People gained by each package alone, paired by seed, with 90 % intervals of chance."""
    found = [estimate(one) for one in alone_differences(runs, run_time, list(keys), OUTCOME)]
    cost = alone_values(runs, run_time, list(keys), COST)[1:].mean(axis=1)
    table = pd.DataFrame([one._asdict() for one in found])[["mean", "low", "high", "n"]]
    return table.assign(package=keys, run_time=run_time, against=REFERENCE, **{COST: np.asarray(cost)})


def write_result(
    plan: Plan, results: Sequence[RunResult], timings: Timings, report: Callable[[Path], object]
) -> tuple[Findings, str]:
    """Analyse and write the result folder, built aside and swapped in; return what was found.

    A page is made of a ranking. One that cannot be made does not cost the runs: the folder is kept without it, and the
    reason is returned beside the findings (else an empty text).
    """
    with timings.part("analysis"):
        found = aside(partial(analyse, plan, results))
    if found.ranking is not None:
        with timings.part("portrait"):
            asked, years = plan.experiment, found.tables["series.parquet"]
            found.tables.update(aside(partial(portrait, plan.ground, asked.seed + 1, years, asked.run_time)))
    problem = ""
    with built_aside(plan.folder) as folder:
        for name, table in found.tables.items():
            write_table(folder, name, table)
        write_json(folder, "sensitivity.json", found.sensitivity)
        write_manifest(folder, manifest(plan, found.notes, timings.seconds))
        if found.ranking is not None:
            with timings.part("report"):
                try:
                    report(folder)
                except Exception as error:
                    problem = f"{type(error).__name__}: {error}"
            write_manifest(folder, manifest(plan, found.notes, timings.seconds))
    return found, problem
