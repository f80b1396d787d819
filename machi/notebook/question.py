"""An experiment in a notebook: its settings, its plan, carrying it out, and its results."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm.errors import InputError
from machi.notebook.places import Folder, places_of
from machi.notebook.tables import Results, read_results

if TYPE_CHECKING:
    from machi.experiment import Plan


class Experiment:
    """One question as its TOML file asks it; made by `Experiment.load`."""

    def __init__(self, plan: "Plan") -> None:
        self._plan = plan

    @classmethod
    def load(cls, experiment: Folder, *, quick: bool = False, workspace: Folder | None = None) -> "Experiment":
        """Read an experiment by its name or path, with all that it names; nothing is simulated.

        With `quick` its quick numbers hold: the same path with few runs, no figure of it is worth quoting. Raises
        `InputError` for a file, field, town, scenario or package that cannot be used, with what to write instead.

            >>> import machi
            >>> experiment = machi.Experiment.load("twelve_packages", quick=True)
            >>> experiment.settings["town"], experiment.settings["end"]
            ('iwaki', 2060)
        """
        from machi.experiment import read_plan

        return cls(read_plan(places_of(workspace), str(experiment), quick))

    def __repr__(self) -> str:
        return f"<Experiment {self.name}: {self.settings['title_en']}; {len(self._plan.table):,} runs>"

    @property
    def name(self) -> str:
        """Its name, which its result folder has too."""
        return self._plan.name

    @property
    def folder(self) -> Path:
        """Where its result stands, or will stand."""
        return self._plan.folder

    @property
    def settings(self) -> dict[str, Any]:
        """The resolved settings, complete: no default hides outside them. Changing them changes nothing."""
        return self._plan.experiment.model_dump(mode="json", by_alias=True, exclude={"quick", "assumed"})

    @property
    def is_done(self) -> bool:
        """Whether the folder holds the result of these very settings, data, code and versions, whole."""
        return self._plan.is_done()

    def plan(self) -> pd.DataFrame:
        """The runs that it asks for, one row a design: design, run_time, runs, fraction, whole_towns.

        `whole_towns` is what the runs cost in towns simulated at 1:1.

            >>> import machi
            >>> plan = machi.Experiment.load("twelve_packages", quick=True).plan()
            >>> list(plan.columns)
            ['design', 'run_time', 'runs', 'fraction', 'whole_towns']
        """
        keys = ["design", "run_time", "fraction"]
        table = pd.DataFrame([(run.design, run.run_time, run.fraction) for run in self._plan.table], columns=keys)
        counted = table.groupby(keys, sort=False).size().rename("runs").reset_index()
        counted["whole_towns"] = counted["runs"] * counted["fraction"]
        return counted[["design", "run_time", "runs", "fraction", "whole_towns"]]

    def run(self, *, workers: int | None = None, fresh: bool = False) -> Results:
        """Carry it out as `machi run` does, and return its results; at once if they are there (unless `fresh`).

        Runs that were kept when another call was stopped are not repeated.

        `workers` is a number of processes (default: all cores; 1 for none beside this one). A script that asks for
        more than one must stand behind `if __name__ == "__main__":`, as for every Python program with processes.
        Raises `InputError` for a folder that cannot be written, and FailedRuns where a run did not end.

            >>> import machi
            >>> results = machi.Experiment.load("twelve_packages", quick=True).run()  # doctest: +SKIP
            >>> results["ranking"].head()                                             # doctest: +SKIP
        """
        if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
            raise InputError(f"workers: {workers!r} is no number of processes; give 1 or more.")
        if fresh or not self.is_done:
            carried_out(self._plan, workers, fresh)
        return self.results

    @property
    def results(self) -> Results:
        """The tables of its result, every byte verified; see `machi.read_results`.

        Raises `InputError` when there is none yet, or when it was made from other settings, data or code.
        """
        if not self.folder.is_dir():
            raise InputError(f"{self.folder}: `{self.name}` has no result yet; call run().")
        found = read_results(self.folder)
        if found.manifest.get("fingerprint") != self._plan.fingerprint:
            raise InputError(
                f"{self.folder}: it holds a result of other settings, data or code; call run(), or read it as it is "
                "with machi.read_results()."
            )
        return found


def carried_out(plan: "Plan", workers: int | None, fresh: bool) -> None:
    """What `machi run` does, told on the screen as there; the page's trouble is a warning."""
    import warnings

    from machi.conduct import conduct
    from machi.console import Screen
    from machi.experiment import cores
    from machi.runs.sweep import Hands
    from machi.words import language

    problem = conduct(plan, Hands(workers or cores()), Screen(language(None)), fresh)
    if problem:
        warnings.warn(f"The page could not be made ({problem}); the tables are whole.", stacklevel=3)
