"""A result made again from what its manifest tells, in a folder aside, and every table compared with the first."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from abm.errors import InputError
from abm.generator import generator
from machi import experiment as experiments
from machi.account.fields import changes
from machi.account.folder import named_files
from machi.account.speech import sentence
from machi.conduct import carried_out
from machi.experiment import Plan, Timings, plan_of
from machi.manifest import data_files
from machi.places import Places
from machi.questions.config import Experiment
from machi.result import write_result
from machi.runs.runstore import opened
from machi.runs.sweep import Hands
from machi.store import MANIFEST, file_digest, read_manifest

if TYPE_CHECKING:
    from machi.console import Screen

ASIDE = ".reproduced"  # below the results of the workspace
MOST_NAMED = 5  # files of data, or libraries, that a sentence names


class Reproduction(NamedTuple):
    """How many tables a result has, how those differ that are not the same, and where the new ones are kept.

    A table `differs`, is `damaged` or `gone` in the first result, is `both` damaged and different, was `not_made` or is
    `new`. The new result is kept only where its own tables are not those that the manifest names.
    """

    files: int
    differing: dict[str, str]
    kept: Path | None


def reproduced(places: Places, folder: Path, hands: Hands, screen: "Screen", anyway: bool = False) -> Reproduction:
    """Carry out again what a result's manifest tells, every run anew, and compare the sha256 of every table.

    The kept founding and reference arm are used, whose names hold all they depend on. Nothing in `folder` changes.
    Raises InputError where code, data or libraries are not those of the result, unless `anyway`, and FailedRuns.
    """
    manifest = read_manifest(folder)
    named_files(folder, manifest)
    aside = places.results() / ASIDE / str(os.getpid())
    plan = _plan(places, folder, manifest, aside / folder.resolve().name)
    apart = _apart(plan, manifest)
    if apart and not anyway:
        raise InputError(f"{folder}: it was made with other {apart}; put these back, or give --anyway.")
    if apart:
        screen.side.print(sentence(screen.lang, "reproduce_anyway", what=apart))
    try:
        _made(plan, aside / ".runs", hands, screen)
        found = _compared(folder, manifest, plan.folder)
    except BaseException:
        _removed(aside)
        raise
    if any(state in ("differs", "both", "not_made", "new") for state in found.values()):
        shutil.rmtree(aside / ".runs", ignore_errors=True)
        return Reproduction(len(manifest["files"]), found, plan.folder)
    _removed(aside)
    return Reproduction(len(manifest["files"]), found, None)


def _plan(places: Places, folder: Path, manifest: Mapping[str, Any], result: Path) -> Plan:
    """The plan of the manifest's own settings (InputError where it holds none that can be used)."""
    path = folder / MANIFEST
    if not isinstance(manifest.get("config"), dict) or not isinstance(manifest.get("fingerprints"), dict):
        raise InputError(f"{path}: it holds no experiment; name the result of one (of `machi run`).")
    try:
        experiment = Experiment.model_validate(manifest["config"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(["config", *(str(step) for step in first["loc"])])
        raise InputError(f"{path}: {where}: {first['msg']}; this version of Machi cannot run it.") from error
    return plan_of(places, experiment, path, result, bool(manifest.get("quick")))


def _apart(plan: Plan, manifest: Mapping[str, Any]) -> str:
    """What the result was made with that is not so now, in words; empty where all is the same."""
    then, found = manifest["fingerprints"], []
    data = [name for name in ("town", "policies", "scenarios") if then.get(name) != plan.fingerprints.get(name)]
    if data:
        files = [change.where for change in changes(manifest.get("data_files", {}), data_files(plan))]
        found.append(f"data ({_listed(files or data)})")
    stream = manifest.get("seeds", {}).get("stream", generator())
    if stream != generator():
        found.append(f"random stream ({stream})")
    if then.get("code") != plan.fingerprints["code"]:
        libraries = [f"{one.where} {one.a}" for one in changes(manifest.get("versions", {}), plan.versions)]
        found.append(f"libraries ({_listed(libraries)})" if libraries else "code")
    return " and ".join(found)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _made(plan: Plan, runs: Path, hands: Hands, screen: "Screen") -> None:
    """The tables of a plan, without a page: pages are drawn from them and are not compared."""
    timings = Timings()
    prepared = experiments.prepare(plan, timings, screen.note)
    with opened(runs) as store:
        results = carried_out(plan, prepared, store, hands, screen, timings)
    screen.note("analysing")
    write_result(plan, results, timings, lambda folder: None)


def _compared(folder: Path, manifest: Mapping[str, Any], fresh: Path) -> dict[str, str]:
    """How each table differs that is not the same in the folder, in its manifest, and in the fresh result."""
    told, made = manifest["files"], read_manifest(fresh)["files"]
    found: dict[str, str] = {}
    for name, digest in told.items():
        path = folder / name
        if name not in made:
            found[name] = "not_made"
            continue
        sound, again = path.is_file() and file_digest(path) == digest, made[name] == digest
        if not (sound and again):
            damaged = "damaged" if path.is_file() else "gone"
            found[name] = "differs" if sound else damaged if again else "both"
    return found | {name: "new" for name in made if name not in told}


def _removed(aside: Path) -> None:
    shutil.rmtree(aside, ignore_errors=True)
    if aside.parent.is_dir() and not any(aside.parent.iterdir()):
        aside.parent.rmdir()
