"""Machi: a town simulated person by person, and the ranking of its policy packages.

The public API, for notebooks and scripts; everything else may change between versions:

- `simulate(town, packages=…, seeds=…)` lives a town with and without a portfolio: a `Result` of tidy tables.
- `Experiment.load(name)` reads an experiment file: its `settings`, `plan()`, `run()` and `results`.
- `read_results(folder)` reads any result folder, every byte verified: `Results`, tables by name.
- `town_model(town)` is one run as a Mesa model, for `mesa.DataCollector` and SolaraViz.
- `towns()` and `packages(town)` list what there is.
- `InputError` is what is raised for an input that cannot be used: one sentence that names the remedy.

    >>> import machi
    >>> result = machi.simulate("iwaki", packages=["P03"], fraction=0.01, end=2018)
    >>> result.effects("births")["year"].tolist()
    [2015, 2016, 2017]

Importing this costs nothing: a name loads what it needs when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abm.errors import InputError as InputError
    from machi.notebook.arms import simulate as simulate
    from machi.notebook.arms import town_model as town_model
    from machi.notebook.catalogue import packages as packages
    from machi.notebook.catalogue import towns as towns
    from machi.notebook.question import Experiment as Experiment
    from machi.notebook.result import Result as Result
    from machi.notebook.tables import Results as Results
    from machi.notebook.tables import read_results as read_results

__version__ = "0.1.0"

_ROOMS = {
    "InputError": "abm.errors",
    "Experiment": "machi.notebook.question",
    "Result": "machi.notebook.result",
    "Results": "machi.notebook.tables",
    "packages": "machi.notebook.catalogue",
    "read_results": "machi.notebook.tables",
    "simulate": "machi.notebook.arms",
    "town_model": "machi.notebook.arms",
    "towns": "machi.notebook.catalogue",
}
__all__ = [
    "Experiment",
    "InputError",
    "Result",
    "Results",
    "packages",
    "read_results",
    "simulate",
    "town_model",
    "towns",
]


def __getattr__(name: str) -> object:
    """A public name, loaded when it is first asked for."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'machi' has no attribute {name!r}")
    found: object = getattr(import_module(_ROOMS[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
