"""Benches of several scenarios side by side: a run that is crossed with scenarios takes place on its scenario's own."""

from collections.abc import Mapping
from dataclasses import dataclass

from abm.errors import InputError
from machi.places import Places
from machi.questions.design import SCENARIOS, Run
from machi.runs.groundwork import Ground, read_ground
from machi.runs.run import RunResult, Simulation, TownBench


@dataclass(frozen=True)
class CrossedBench:
    """The experiment's own bench, and one for each scenario: each has a reference arm and people of its own.

    What a run's name holds is what its own bench names, so that runs are kept whatever they are crossed with.
    """

    own: TownBench
    by_scenario: Mapping[str, TownBench]

    def open(self) -> Simulation:
        """A simulation that opens the bench of a run when it comes, and keeps the last one: scenarios come in turn."""
        last: list[tuple[str, Simulation]] = []

        def carry_out(run: Run) -> RunResult:
            wanted = run.scenario if run.design == SCENARIOS else ""
            if not last or last[0][0] != wanted:
                last.clear()
                last.append((wanted, self.of(run).open()))
            return last[0][1](run)

        return carry_out

    def key(self, run: Run) -> str:
        """What a run's result depends on, as one name."""
        return self.of(run).key(run)

    def of(self, run: Run) -> TownBench:
        """The bench at which a run is carried out."""
        return self.by_scenario[run.scenario] if run.design == SCENARIOS else self.own


def read_grounds(places: Places, ground: Ground, town: str, own: str, also: tuple[str, ...]) -> dict[str, Ground]:
    """The town in each scenario by what the experiment calls it, its own first; the same basis, start and end."""
    found = {own: ground}
    for scenario in also:
        found[scenario] = read_ground(places, town, scenario, ground.basis, ground.start, ground.end)
    paths = [one.scenario_path.resolve() for one in found.values()]
    for place, path in enumerate(paths):
        if path in paths[:place]:
            twin = list(found)[paths.index(path)]
            raise InputError(
                f"scenarios.also: `{list(found)[place]}` is the same scenario as `{twin}`; name each once."
            )
    return found
