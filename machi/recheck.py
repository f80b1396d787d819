"""Whether the present code still gives the figures of a stored table: some of its portfolios, simulated again.

An edit that changes no figure makes the table's code another one. Simulating all portfolios again would take an hour;
these few hold every package alone, every package's absence and everything together, so a change shows in them.
"""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from machi import experiment as experiments
from machi.console import Screen
from machi.experiment import Plan, Timings, plan_of
from machi.places import Places
from machi.portfolio_table.file import PortfolioTable
from machi.portfolio_table.making import FACTORIAL, columns_of
from machi.questions.config import Experiment
from machi.questions.design import Run
from machi.runs.aside import aside
from machi.runs.run import runs_table
from machi.runs.runkey import context, simulating_code

REMEDY = "simulate every portfolio again and write the table with `machi portfolios RESULT --write`"


def portfolios_asked(packages: int) -> list[int]:
    """The masks that are simulated again: nothing, each package alone, everything, everything but one; in order."""
    every = (1 << packages) - 1
    alone = [1 << k for k in range(packages)]
    return sorted({0, every, *alone, *(every - one for one in alone)})


def rechecked(path: Path, table: PortfolioTable, places: Places, screen: Screen) -> PortfolioTable:
    """The table as one of the present code, since every portfolio that was simulated again came out the same.

    `path` is named in refusals. Raises InputError where town or packages are others than the table's, or where a
    figure differs.
    """
    header = table.header
    plan = _plan(path, table, places)
    for part in ("town", "policies"):
        if plan.fingerprints[part] != header.fingerprints[part]:
            raise InputError(f"{path}: its {part} had other data than today's; {REMEDY}.")
    masks = portfolios_asked(len(header.packages))
    chosen = [run for run in plan.table if run.sample in set(masks)]
    found = _simulated(plan, chosen, screen)
    if set(found) != set(table.columns):
        raise InputError(f"{path}: it has other columns than the code now makes; {REMEDY}.")
    for name, values in found.items():
        stored = table.columns[name][masks]
        differs = np.flatnonzero((values if stored.dtype.kind == "i" else values.astype(stored.dtype)) != stored)
        if len(differs):
            first = int(differs[0])
            mine = "+".join(key for k, key in enumerate(header.packages) if masks[first] >> k & 1)
            now, then = f"{values[first]:,.2f}", f"{stored[first]:,.2f}"
            raise InputError(f"{path}: {mine} now adds {now} to `{name}`, the table says {then}; {REMEDY}.")
    return table._replace(header=header.model_copy(update={"code": simulating_code(), "context": context()}))


def _plan(path: Path, table: PortfolioTable, places: Places) -> Plan:
    """The experiment of which the table was made, as far as its figures go (InputError where it can't be one)."""
    header = table.header
    first = header.seeds[0] - 1
    if header.seeds != tuple(range(first + 1, first + 1 + len(header.seeds))) or first < 1:
        raise InputError(f"{path}: its seeds do not follow one another; {REMEDY}.")
    experiment = Experiment.model_validate({
        "schema": 1, "title_en": header.result, "title_ja": header.result, "town": header.town, "basis": header.basis,
        "scenario": header.scenario, "packages": header.packages, "start": header.start, "end": header.end,
        "run_time": header.run_time, "seed": first,
        FACTORIAL: {"packages": len(header.packages), "seeds": len(header.seeds), "fraction": header.fraction},
    })  # fmt: skip
    return plan_of(places, experiment, path, places.results_dir(header.result))


def _simulated(plan: Plan, chosen: list[Run], screen: Screen) -> dict[str, NDArray[np.float64]]:
    """What each portfolio adds to none, mean over the seeds, by the table's columns, in order of masks."""
    carry_out = aside(experiments.prepare(plan, Timings(), screen.note).bench.open)
    results = []
    with screen.progress(len(chosen), float(len(chosen))) as advance:
        for run in chosen:
            results.append(aside(partial(carry_out, run)))
            advance(1.0)
    runs = runs_table(chosen, results)
    added = {}
    for name, column in columns_of(runs, plan.ground.start, plan.ground.end):
        values = runs.pivot(index="sample", columns="replication", values=column).to_numpy(np.float64)
        added[name] = (values - values[0]).mean(axis=1)
    return added
