"""An experiment from its file to its result folder: plan, prepare, carry out, analyse, report."""

import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from abm.errors import InputError
from machi.places import Places, suggestion
from machi.policy.package import Package, read_packages
from machi.policy.priors import central, draw_thetas
from machi.policy.shared import Shared, read_shared
from machi.questions.config import Experiment, read_experiment
from machi.questions.design import ALTERED, Run, count_by_design, how_many, runs
from machi.runs.altered import alterations_of
from machi.runs.aside import aside
from machi.runs.crossing import CrossedBench, read_grounds
from machi.runs.groundwork import Ground, code_fingerprint, read_ground
from machi.runs.run import TownBench
from machi.store import (
    fingerprint,
    fingerprint_of,
    is_complete,
    make_folder,
)

LIBRARIES = ("machi", "numpy", "numba", "mesa", "SALib", "scipy", "pandas", "pyarrow", "networkx", "pydantic")
# Rooms whose code decides the figures of a result; in them, and beside them, what only shows, keeps or carries.
DECIDING_ROOMS = ("policy", "questions", "runs", "analysis")
ONLY_SHOW = (
    "__main__", "cli", "listings", "words", "console", "long_table", "places", "conduct", "recheck", "runstore",
    "spread", "sweep", "portfolio_file",
)  # fmt: skip
# Sizes of a result on disk, measured on the shipped experiment and rounded up: they are only announced.
BYTES_PER_RUN = 150
BYTES_PER_SERIES = 10_000
BYTES_OF_PAGE = 5_000_000

Kind = tuple[str, float, bool]


@dataclass(frozen=True)
class Plan:
    """Everything that an experiment will do, read and checked; nothing is simulated yet."""

    name: str
    folder: Path
    experiment: Experiment
    quick: bool
    ground: Ground
    packages: tuple[Package, ...]
    shared: Shared
    table: tuple[Run, ...]
    versions: dict[str, str]
    fingerprints: dict[str, str]
    scenarios: Mapping[str, Ground] = field(default_factory=dict)  # those that arms are crossed with, its own too

    @property
    def fingerprint(self) -> str:
        """Changes with anything that the result depends on."""
        return fingerprint_of(self.fingerprints)

    def is_done(self) -> bool:
        """Whether the folder already holds this very result, complete."""
        return is_complete(self.folder, self.fingerprint)

    def disk(self) -> int:
        """About how many bytes the result will take."""
        alone = count_by_design(list(self.table)).get("alone", 0)
        return len(self.table) * BYTES_PER_RUN + alone * BYTES_PER_SERIES + BYTES_OF_PAGE


@dataclass
class Timings:
    """Seconds by part of the work, in the order in which they were done."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Write down how long the block takes."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - began, 3)


class Prepared(NamedTuple):
    """A bench to work at, and the seconds that a run of each kind takes on one core (none before they are measured).

    What runs have in common is spread over them: a town that is altered, and the years before any lever moves.
    """

    bench: TownBench | CrossedBench
    seconds_by_kind: Mapping[Kind, float] = MappingProxyType({})

    def seconds(self, run: Run) -> float:
        """The seconds that a run is expected to take, 0 where runs of its kind were not measured."""
        return self.seconds_by_kind.get(kind(run), 0.0)

    def expected(self, table: Sequence[Run], workers: int) -> float:
        """The seconds that a table of runs is expected to take."""
        return sum(self.seconds(run) for run in table) / min(workers, cores())


def kind(run: Run) -> Kind:
    """Runs of a kind take about as long: those of one altered design; else of one fraction, with draws or without."""
    return (run.design, 0.0, False) if run.design in ALTERED else ("", run.fraction, run.theta >= 0)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_plan(places: Places, file: str, quick: bool = False, max_runs: int | None = None) -> Plan:
    """Read an experiment and all it names (InputError for what cannot be used, or for more runs than `max_runs`)."""
    path = places.experiment_path(file)
    experiment = read_experiment(path).resolved(quick)
    asked = how_many(experiment)
    if max_runs is not None and asked > max_runs:
        raise InputError(f"{path}: it asks for {asked:,} runs; ask for fewer, or give --max-runs {asked}.")
    return plan_of(places, experiment, path, places.results_dir(path.stem), quick)


def plan_of(places: Places, experiment: Experiment, path: Path, result: Path, quick: bool = False) -> Plan:
    """Read all that a resolved experiment names; `path` is where it stands, `result` the folder it will fill."""
    ground = read_ground(
        places, experiment.town, experiment.scenario, experiment.basis, experiment.start, experiment.end
    )
    crossed = experiment.scenarios
    also = crossed.also if crossed is not None else ()
    scenarios = read_grounds(places, ground, experiment.town, experiment.scenario, also) if also else {}
    folder = places.package_dir(experiment.town)
    packages = _chosen(path, read_packages(folder), experiment.packages)
    shared_path = folder.parent / "shared.toml"
    versions = {"python": platform.python_version(), **{name.lower(): version(name) for name in LIBRARIES}}
    fingerprints = {
        "town": ground.fingerprint,
        "policies": fingerprint([*(folder / f"{package.key}.toml" for package in packages), shared_path]),
        "experiment": fingerprint_of(experiment.model_dump(mode="json")),
        "code": fingerprint_of([code_fingerprint(), fingerprint(_deciding_modules()), versions]),
    }
    if also:
        fingerprints["scenarios"] = fingerprint_of([one.fingerprint for one in scenarios.values()])
    return Plan(
        result.name, result, experiment, quick, ground, packages,
        read_shared(shared_path), tuple(runs(experiment)), versions, fingerprints, scenarios,
    )  # fmt: skip


def _deciding_modules() -> list[Path]:
    """The modules beside this one and in DECIDING_ROOMS that a figure depends on; those that only show are left out."""
    here = Path(__file__).parent
    modules = [path for folder in (here, *(here / room for room in DECIDING_ROOMS)) for path in folder.glob("*.py")]
    return [path for path in sorted(modules) if path.stem not in ONLY_SHOW]


def _chosen(path: Path, known: tuple[Package, ...], keys: tuple[str, ...]) -> tuple[Package, ...]:
    """The packages that the experiment names, in its order."""
    by_key = {package.key: package for package in known}
    for key in keys:
        if key not in by_key:
            raise InputError(f"{path}: packages: there is no `{key}`; {suggestion(key, by_key)}")
    return tuple(by_key[key] for key in keys)


def prepare(plan: Plan, timings: Timings, say: Callable[[str], None]) -> Prepared:
    """Found the town and solve the reference arm, where they are not kept; nothing is timed yet."""
    make_folder(plan.folder.parent)
    make_folder(plan.ground.places.cache_dir())
    say("founding")
    with timings.part("founding"):
        for fraction in plan.experiment.fractions():
            plan.ground.founding(fraction)
        for ground, fraction in _crossed(plan):
            ground.founding(fraction)
    say("alignment")
    with timings.part("alignment"):
        plan.ground.reference()
        for ground, _ in _crossed(plan):
            ground.reference()
    return Prepared(aside(partial(workbench, plan)))


def _crossed(plan: Plan) -> list[tuple[Ground, float]]:
    """The grounds of other scenarios, and the fraction at which each is founded."""
    asked = plan.experiment.scenarios
    return [(one, asked.fraction) for one in plan.scenarios.values() if one is not plan.ground] if asked else []


def workbench(plan: Plan) -> TownBench | CrossedBench:
    """What the workers will load."""
    own = _own_bench(plan)
    return CrossedBench(own, scenario_benches(plan)) if plan.scenarios else own


def scenario_benches(plan: Plan) -> dict[str, TownBench]:
    """The bench of each scenario that arms are crossed with: its own people, reference arm and draws of rates."""
    asked, seed = plan.experiment.scenarios, plan.experiment.seed
    if asked is None:
        return {}
    thetas = tuple(draw_thetas(plan.packages, plan.shared, asked.draws, seed, asked.prior))
    return {
        name: TownBench(
            reference=ground.reference_path(),
            foundings=((asked.fraction, ground.founding_path(asked.fraction)),),
            packages=plan.packages,
            central=central(plan.packages, plan.shared),
            thetas=thetas,
            doubts=ground.doubts(asked.draws, seed) if asked.draws and asked.rates else None,
            start=ground.start,
            end=ground.end,
        )
        for name, ground in plan.scenarios.items()
    }


def _own_bench(plan: Plan) -> TownBench:
    """The bench of the experiment's own scenario."""
    asked, structure = plan.experiment.predictive, plan.experiment.structure
    ground, seed = plan.ground, plan.experiment.seed
    drawn_effects = structure is not None and structure.effects == "drawn"
    draws = asked.draws if asked is not None else 0
    effects = max(draws, structure.draws if structure is not None and drawn_effects else 0)
    prior = asked.prior if asked is not None else "evidence"
    thetas = draw_thetas(plan.packages, plan.shared, effects, seed, prior)
    ablated = plan.experiment.ablation is not None
    altered = alterations_of(ground, seed, structure.draws if structure is not None else 0, drawn_effects, ablated)
    return TownBench(
        reference=ground.reference_path(),
        foundings=tuple((one, ground.founding_path(one)) for one in plan.experiment.fractions()),
        packages=plan.packages,
        central=central(plan.packages, plan.shared),
        thetas=tuple(thetas),
        doubts=ground.doubts(draws, seed) if asked is not None and asked.rates else None,
        start=ground.start,
        end=ground.end,
        alterations=altered if altered.figures else None,
        drawn_effects=drawn_effects,
    )


def measured(prepared: Prepared, table: Sequence[Run]) -> Prepared:
    """Time runs of each kind in a table, after one small run that compiles (workers then find the code kept).

    Where runs have a town or a seed in common, one is timed twice: the second time finds made what they share.
    """
    if not table:
        return prepared
    by_kind: dict[Kind, list[Run]] = {}
    for run in table:
        by_kind.setdefault(kind(run), []).append(run)
    carry_out = aside(prepared.bench.open)

    def taken(run: Run) -> float:
        began = time.perf_counter()
        aside(partial(carry_out, run))
        return time.perf_counter() - began

    def on_average(alike: Sequence[Run]) -> float:
        run = max(alike, key=lambda one: sum(one.strengths))  # most policy begins where all others are taken up
        first = taken(run)
        begun = len({one.theta if one.design in ALTERED else (one.scenario, one.seed) for one in alike})
        if begun == len(alike):
            return first
        later = taken(run)
        return later + max(first - later, 0.0) * begun / len(alike)

    usual = [run for run in table if run.design not in ALTERED]
    if usual:
        small = min(usual, key=lambda run: (run.fraction, -sum(run.strengths)))
        taken(small._replace(seed=small.seed + 1))  # of another seed, so that no year of it is taken up below
    return prepared._replace(seconds_by_kind={name: on_average(by_kind[name]) for name in sorted(by_kind)})
