"""What one run is: a bench that opens a town, the function that carries a run out, and what a run leaves.

Workers load the town once, from the files that the driver kept. Tasks carry descriptions of runs, no columns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from abm.errors import InputError
from machi.policy.package import Package
from machi.policy.portfolio import LeverPaths, Theta, levers_by_year
from machi.questions.design import ALTERED, CENTRAL, NO_MARKET, STRUCTURE, Run
from machi.runs.outcomes import outcomes, pyramids, series
from machi.runs.runkey import altered_name, context, name_of, rates_name

if TYPE_CHECKING:
    from abm.levels.doubted import Doubts
    from abm.people.outputs import Outputs
    from machi.runs.altered import Alterations

PYRAMID_ARMS = ("none", "all")
CHUNK_OF_WHOLE_TOWNS = 0.4  # a task holds runs that add up to about this many whole towns: big runs go alone


class RunResult(NamedTuple):
    """What one run leaves: outcomes of the whole town and, for whole arms, its series and pyramids."""

    outcomes: dict[str, float]
    series: pd.DataFrame | None
    pyramids: pd.DataFrame | None


Simulation = Callable[[Run], RunResult]


@dataclass(frozen=True)
class TownBench:
    """The workbench of one experiment: kept files, packages and draws of the uncertain parameters.

    It is sent to workers, also of other machines: they need the same folders under the same paths, and the same code.
    """

    reference: Path
    foundings: tuple[tuple[float, Path], ...]
    packages: tuple[Package, ...]
    central: Theta
    thetas: tuple[Theta, ...]
    doubts: "Doubts | None"
    start: int
    end: int
    alterations: "Alterations | None" = None
    drawn_effects: bool = False  # of packages, where structure is drawn
    context: str = field(default_factory=context)  # the driver's code and libraries
    _names: dict[Any, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Workers need no names."""
        return {**self.__dict__, "_names": {}}

    def open(self) -> Simulation:
        """Load the reference arm and the foundings; InputError where this process has other code than the driver."""
        from abm.alignment import load_reference
        from abm.founding.founding_store import load_founding
        from abm.levels.doubted import doubted
        from abm.simulation import CommonYears, simulate
        from machi.runs.altered import Builder, levers_in

        if context() != self.context:
            raise InputError("workers: their code or libraries are not the driver's; install the same everywhere.")
        reference = load_reference(self.reference)
        foundings = {fraction: load_founding(path) for fraction, path in self.foundings}
        builder = Builder(self.alterations) if self.alterations is not None else None
        common = CommonYears()

        def carry_out(run: Run) -> RunResult:
            shared: CommonYears | None = common
            if builder is not None and run.design in ALTERED:
                founding, arm = builder.of(run)
            else:
                founding, arm = foundings[run.fraction], reference
                if self.doubts is not None and run.theta >= 0:  # rates of its own, so no year in common with another
                    arm, shared = doubted(reference, self.doubts, run.theta), None
            paths = self.levers(run)
            outputs = simulate(founding, arm, levers_in(run, paths.array), run.seed, shared)
            return read_off(run, outputs, float(paths.cost_million_yen.sum()))

        return carry_out

    def levers(self, run: Run) -> LeverPaths:
        """The levers and the cost of a run's portfolio, by year."""
        strengths = dict(zip((package.key for package in self.packages), run.strengths, strict=True))
        theta = self.central if self._effects(run) == CENTRAL else self.thetas[run.theta]
        return levers_by_year(self.packages, strengths, theta, run.run_time, self.start, self.end)

    def _effects(self, run: Run) -> int:
        """The draw of effect sizes under which a run stands."""
        return CENTRAL if run.theta < 0 or (run.design == STRUCTURE and not self.drawn_effects) else run.theta

    def key(self, run: Run) -> str:
        """What a run's result depends on, as one name: 64 hex digits.

        Names of levers, draws and towns are kept, so that thousands of runs are named in seconds.
        """
        levers = (run.strengths, run.run_time, self._effects(run), run.design == NO_MARKET)
        town = (run.design if run.design in ALTERED else "", run.theta, run.fraction)
        for asked, name in ((levers, self._levers_name), (town, self._town_name)):
            if asked not in self._names:
                self._names[asked] = name(run)
        when = f"{self.start} {self.end} {run.seed} {kept_parts(run)}"
        return name_of([self.context, self._names[town], self._names[levers], when])

    def _levers_name(self, run: Run) -> str:
        from machi.runs.altered import levers_in

        paths = self.levers(run)
        return name_of([levers_in(run, paths.array).tobytes(), float(paths.cost_million_yen.sum()).hex()])

    def _town_name(self, run: Run) -> str:
        """People and reference arm, which are kept under names that hold all they depend on, and drawn rates."""
        if run.design in ALTERED and self.alterations is not None:
            return name_of([altered_name(self.alterations, (run.design, run.theta)), float(run.fraction).hex()])
        rates = rates_name(self.doubts, run.theta) if self.doubts is not None and run.theta >= 0 else "central"
        return name_of([self.reference.stem, dict(self.foundings)[run.fraction].stem, rates])


def kept_parts(run: Run) -> tuple[bool, bool]:
    """Whether a run keeps its years and its ages; only `alone` runs do the one, only `none` and `all` the other."""
    shown = run.design == "alone"
    return shown, shown and run.arm in PYRAMID_ARMS


def read_off(run: Run, outputs: "Outputs", cost: float) -> RunResult:
    """The result of a run."""
    years, ages = kept_parts(run)
    found = {**outcomes(outputs), "cost_million_yen": cost}
    return RunResult(found, series(outputs) if years else None, pyramids(outputs) if ages else None)


def chunks(table: Sequence[Run]) -> list[list[tuple[int, Run]]]:
    """Tasks: runs that add up to about the same work, the largest runs first, those of one seed after each other.

    The runs of one altered town stay together, so that it is founded and aligned once.
    """

    def place(item: tuple[int, Run]) -> tuple[float, int, int]:
        number, run = item
        return -run.fraction, 0 if run.design in ALTERED else run.seed, number

    order = sorted(enumerate(table), key=place)
    tasks: list[list[tuple[int, Run]]] = []
    load, before = CHUNK_OF_WHOLE_TOWNS, None
    for item in order:
        run = item[1]
        town = (run.design, run.theta) if run.design in ALTERED else None
        full = load + run.fraction > CHUNK_OF_WHOLE_TOWNS
        if town != before or (full and town is None) or not tasks:
            tasks.append([])
            load = 0.0
        tasks[-1].append(item)
        load, before = load + run.fraction, town
    return tasks


def runs_table(table: Sequence[Run], results: Sequence[RunResult]) -> pd.DataFrame:
    """One row per run: what it was (without strengths) and its outcomes."""
    described = pd.DataFrame([run._asdict() for run in table]).drop(columns="strengths")
    return described.join(pd.DataFrame([result.outcomes for result in results]))


def years_table(table: Sequence[Run], results: Sequence[RunResult], part: str) -> pd.DataFrame:
    """The `series` or `pyramids` of all runs that have one, with run_time, arm and replication in front."""
    parts = []
    for run, result in zip(table, results, strict=True):
        frame: pd.DataFrame | None = getattr(result, part)
        if frame is not None:
            keys = {"run_time": run.run_time, "arm": run.arm, "replication": run.replication}
            parts.append(pd.DataFrame(keys, index=frame.index).join(frame))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
