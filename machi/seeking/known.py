"""Portfolios that a result has simulated already, all of them: the cheapest is looked up, not searched for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from abm.errors import InputError
from machi.analysis.frontier import cheapest_reaching
from machi.analysis.paired import COST, OUTCOME, finite_outcomes, sampled
from machi.seeking.target import Target
from machi.store import read_manifest, read_table

DESIGN = "factorial"


class Known(NamedTuple):
    """The cheapest portfolio of a result that meets the target, or the one that comes nearest; how many there are."""

    keys: tuple[str, ...]
    meets: bool
    portfolios: int
    seeds: int


def settings_of(folder: Path, asked: Mapping[str, object]) -> Mapping[str, Any]:
    """The settings of a result that holds every portfolio (InputError where it does not, or others were asked for).

    `asked` are settings that were given, None where they were not.
    """
    manifest = read_manifest(folder)
    config = manifest.get("config")
    if not isinstance(config, dict) or config.get(DESIGN) is None:
        raise InputError(f"--result: {folder} holds no [factorial], all portfolios; name one that does, or leave it.")
    settings = {**config, "town": manifest["town"]["key"], "start": manifest["start"], "end": manifest["end"]}
    for name, value in asked.items():
        if value is not None and value != settings[name]:
            raise InputError(f"--result: {folder} is of {name} `{settings[name]}`, not `{value}`; ask for one of them.")
    return settings


def looked_up(folder: Path, settings: Mapping[str, Any], target: Target) -> Known:
    """The answer of a result's runs (InputError where its horizon tells nothing of the target)."""
    end = settings["end"]
    if target.indicator.key != OUTCOME or target.year != end:
        raise InputError(f"--result: {folder} tells of population@{end} only; ask for that, or leave --result out.")
    runs, strengths = read_table(folder, "runs.parquet"), read_table(folder, "strengths.parquet")
    finite_outcomes(runs)
    keys = [str(key) for key in settings["packages"]]
    x, people = sampled(runs, strengths, DESIGN, keys, OUTCOME)
    cost = sampled(runs, strengths, DESIGN, keys, COST)[1][:, 0]
    mean = people.mean(axis=1)
    place = cheapest_reaching(cost, mean, target.value)
    best = place if place >= 0 else int(np.argmax(mean))
    inside = tuple(key for key, one in zip(keys, x[best], strict=True) if one > 0)
    return Known(inside, place >= 0, len(mean), people.shape[1])
