"""The town of a result, ready to be lived again under any strengths of its packages; what was lived is kept."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from machi.places import Places, suggestion
from machi.policy.package import Package, read_packages
from machi.policy.portfolio import LeverPaths, RunTime, Theta, levers_by_year
from machi.runs.groundwork import Ground, read_ground

if TYPE_CHECKING:
    from abm.founding.found import Founding
    from abm.levels.reference import Reference
    from abm.simulation import CommonYears

SHARES = {"tenth": 0.1, "whole": 1.0}  # what a visitor may choose: one resident in ten, or everybody
KEPT_TOWNS = 4  # an assumption: the seeds usually asked for, 20 MB each with everybody in it
KEPT_COURSES = 512  # an assumption: an afternoon of questions, about a megabyte
FLOWS = ("births", "moves_net", "marriages")

Floats = NDArray[np.float64]
EachYear = Callable[[], None]  # called before every year; what it raises ends the run


class Course(NamedTuple):
    """What one run leaves, on the scale of the whole town: residents [Y + 1], flows by year [Y]."""

    population: Floats
    births: Floats
    moves_net: Floats
    marriages: Floats


@dataclass
class Bench:
    """A town between two stock dates, the people founded and the reference arm; only one thread may work at it."""

    ground: Ground
    packages: tuple[Package, ...]
    theta: Theta
    run_time: RunTime
    founding: Callable[[float], "Founding"]
    reference: "Reference"
    title: tuple[str, str] = ("", "")  # of the result, ja and en
    changed: tuple[str, ...] = ()  # parts in which the present differs from the result: town, policies, code
    _foundings: dict[float, "Founding"] = field(default_factory=dict)
    _courses: OrderedDict[tuple[float, int, bytes], Course] = field(default_factory=OrderedDict)
    _common: "CommonYears | None" = None

    @property
    def years(self) -> int:
        """How many years a run lives."""
        return self.ground.end - self.ground.start

    def paths(self, strengths: Mapping[str, float]) -> LeverPaths:
        """The levers and the cost of a portfolio by year, at central effect sizes."""
        return levers_by_year(
            self.packages, strengths, self.theta, self.run_time, self.ground.start, self.ground.end
        )  # fmt: skip

    def founded(self, share: float) -> "Founding":
        """The people at a share, read or founded once."""
        if share not in self._foundings:
            self._foundings[share] = self.founding(share)
        return self._foundings[share]

    def is_kept(self, share: float, array: Floats, seed: int) -> bool:
        """Whether this very run has been lived already."""
        return (share, seed, array.tobytes()) in self._courses

    def lived(self, share: float, array: Floats, seed: int, each_year: EachYear = lambda: None) -> Course:
        """The course of one run under levers float64[Y, levers], lived or remembered; as `abm.simulation.simulate`."""
        from abm.simulation import CommonYears, FixedPlan
        from abm.year import live_a_year
        from machi.runs.outcomes import total_by_year

        key = (share, seed, array.tobytes())
        if key in self._courses:
            self._courses.move_to_end(key)
            return self._courses[key]
        self._common = self._common or CommonYears(KEPT_TOWNS)
        town, record = self._common.begin(self.founded(share), self.reference, array, seed)
        plan = FixedPlan(self.reference, array)
        for _ in range(town.y):
            each_year()
        while town.y < self.years:
            each_year()
            live_a_year(town, plan, record)
        moves = total_by_year(record, "moves_in") - total_by_year(record, "moves_out")
        births, marriages = (total_by_year(record, name) for name in ("births", "marriages"))
        self._courses[key] = Course(total_by_year(record, "population"), births, moves, marriages)
        while len(self._courses) > KEPT_COURSES:
            self._courses.popitem(last=False)
        return self._courses[key]


def bench_of(places: Places, folder: Path, say: Callable[[str], None] = lambda _: None) -> Bench:
    """The bench of a result folder: its town, scenario, years and packages as they are now.

    Raises InputError for a folder that is no result, whose files have changed, or whose town, scenario or packages
    are not there any more. `say` is told what takes long.
    """
    from machi.account.folder import verified_files
    from machi.policy.priors import central
    from machi.policy.shared import read_shared
    from machi.store import MANIFEST, read_manifest

    manifest = read_manifest(folder)
    verified_files(folder, manifest)
    asked = _asked(folder / MANIFEST, manifest)
    ground = read_ground(
        places, asked["town"], asked["scenario"], asked["basis"], asked["start"], asked["end"]
    )  # fmt: skip
    policies = places.package_dir(asked["town"])
    known = {package.key: package for package in read_packages(policies)}
    lost = [key for key in asked["packages"] if key not in known]
    if lost:
        raise InputError(f"{folder / MANIFEST}: there is no package `{lost[0]}` any more; {suggestion(lost[0], known)}")
    packages, shared = tuple(known[key] for key in asked["packages"]), read_shared(policies.parent / "shared.toml")
    say("founding")
    founding = {SHARES["tenth"]: ground.founding(SHARES["tenth"])}
    say("alignment")
    reference = ground.reference()
    bench = Bench(
        ground, packages, central(packages, shared), asked["run_time"], ground.founding, reference,
        (asked["title_ja"], asked["title_en"]), tuple(changed(manifest, ground, packages, policies)), founding,
    )  # fmt: skip
    bench.lived(SHARES["tenth"], bench.paths({}).array, 1)
    return bench


def changed(manifest: Mapping[str, Any], ground: Ground, packages: tuple[Package, ...], policies: Path) -> list[str]:
    """The parts in which the present town, packages or code are not those that a result was made of."""
    from machi.runs.runkey import simulating_code
    from machi.store import fingerprint

    files = [*(policies / f"{package.key}.toml" for package in packages), policies.parent / "shared.toml"]
    now = {"town": ground.fingerprint, "policies": fingerprint(files), "code": simulating_code()}
    prints, simulator = manifest.get("fingerprints"), manifest.get("simulator")
    then = {**(prints if isinstance(prints, dict) else {}), "code": None}
    then |= simulator if isinstance(simulator, dict) else {}
    return [part for part, mark in now.items() if then.get(part) != mark]


def _asked(path: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What a manifest's experiment asked (InputError where it does not tell)."""
    config = manifest.get("config")
    town = manifest.get("town")
    told: dict[str, Any] = {"scenario": manifest.get("scenario"), "basis": manifest.get("basis")}
    told |= {"start": manifest.get("start"), "end": manifest.get("end")}
    told |= {name: config.get(name) for name in ("packages", "run_time")} if isinstance(config, dict) else {}
    told["town"] = town.get("key") if isinstance(town, dict) else None
    if isinstance(config, dict) and isinstance(config.get("town"), str):
        told["town"] = config["town"]  # a name or a path, as the experiment has it
    kinds = {"town": str, "scenario": str, "basis": str, "start": int, "end": int, "packages": list, "run_time": str}
    for name, kind in kinds.items():
        if not isinstance(told.get(name), kind):
            raise InputError(f"{path}: `{name}` is missing; make the result again with `machi run`.")
    titles = {name: str(manifest.get(name) or manifest.get("name") or "") for name in ("title_ja", "title_en")}
    return told | titles
