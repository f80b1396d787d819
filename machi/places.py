"""Where towns, policies, experiments and results are looked for; the only module that knows a path."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePath

from abm.errors import InputError

MARKER = "machi.toml"
PORTFOLIOS = "portfolios.parquet"
INDICATORS = "kpi.csv"
LONGEST_NAME = 100  # characters of an experiment's name, which becomes a folder's; by choice
NOT_IN_NAMES = '<>:"|?*'  # no system's folders may hold all of these


def built_in() -> Path:
    """The folder of the built-in towns, policies and experiments: inside a wheel, else the checkout."""
    packed = Path(__file__).parent / "builtin"
    return packed if packed.is_dir() else Path(__file__).parent.parent


def suggestion(name: str, known: Iterable[str]) -> str:
    """What to write instead of an unknown name, as the end of a sentence: the nearest, or what exists."""
    names = sorted(set(known))
    near = get_close_matches(name, names, n=1)
    return f"did you mean `{near[0]}`?" if near else f"there are {', '.join(names) or 'none'}."


@dataclass(frozen=True)
class Places:
    """A workspace and the built-in folder behind it: names are looked up in this order, a path is a path."""

    workspace: Path
    built_in: Path

    def _roots(self) -> list[Path]:
        return list(dict.fromkeys((self.workspace, self.built_in)))

    def _found(self, below: str, is_there: Callable[[Path], bool]) -> Path | None:
        """The first root / below that is there, or None."""
        return next((root / below for root in self._roots() if is_there(root / below)), None)

    def _known(self, pattern: str) -> list[Path]:
        return [path for root in self._roots() for path in sorted(root.glob(pattern))]

    def towns(self) -> dict[str, Path]:
        """Every town's folder by its name, the workspace's first (the nation `japan` is no town)."""
        found: dict[str, Path] = {}
        for path in self._known("towns/*/town.toml"):
            found.setdefault(path.parent.name, path.parent)
        return found

    def town_dir(self, town: str) -> Path:
        """The folder of a town given by name or path (InputError when there is none)."""
        if _is_path(town):
            if _is_there(Path(town) / "town.toml"):
                return Path(town)
            raise InputError(f"town: {town} holds no town.toml; give a town's name or its folder.")
        known = self.towns()
        if town not in known:
            raise InputError(f"town: there is no town `{town}`; {suggestion(town, known)}")
        return known[town]

    def japan_dir(self) -> Path:
        """The folder of the national tables."""
        found = self._found("towns/japan", Path.is_dir)
        if found is None:
            raise InputError("towns/japan: the national tables are missing; put the folder back.")
        return found

    def scenarios(self, town: str) -> dict[str, Path]:
        """Every scenario file of a town by its name: its folder's, the built-in town's, then those for every town."""
        found: dict[str, Path] = {}
        folder = self.town_dir(town)
        shared = self._found("towns/japan", Path.is_dir)
        for place in (folder, self.built_in / "towns" / folder.name, *([shared] if shared else [])):
            for path in sorted(place.glob("scenarios/*.toml")):
                found.setdefault(path.stem, path)
        return found

    def scenario_path(self, town: str, scenario: str) -> Path:
        """The file of a scenario given by name or path (InputError when there is none)."""
        if _is_path(scenario):
            if _is_there(Path(scenario)):
                return Path(scenario)
            raise InputError(f"scenario: there is no file {scenario}; give a scenario's name or its file.")
        known = self.scenarios(town)
        if scenario not in known:
            raise InputError(f"scenario: {town} has no scenario `{scenario}`; {suggestion(scenario, known)}")
        return known[scenario]

    def package_dir(self, town: str) -> Path:
        """The folder of a town's packages (InputError when there is none).

        A folder that holds only a table of portfolios hides no built-in packages.
        """
        name = self.town_dir(town).name
        found = self._found(f"policies/{name}", _holds_packages)
        if found is None:
            raise InputError(f"policies/{name}: the town has no packages; add a folder with one TOML each.")
        return found

    def kpi_path(self, town: str) -> Path:
        """The file of a town's printed indicators, the workspace's first (InputError when there is none)."""
        name = self.town_dir(town).name
        found = self._found(f"policies/{name}/{INDICATORS}", Path.is_file)
        if found is None:
            raise InputError(f"policies/{name}/{INDICATORS}: the town has no printed indicators; add the file.")
        return found

    def portfolios(self, town: str) -> dict[str, Path]:
        """Every portfolio of a town that has a name, by that name, the workspace's first."""
        found: dict[str, Path] = {}
        for path in self._known(f"policies/{self.town_dir(town).name}/portfolios/*.toml"):
            found.setdefault(path.stem, path)
        return found

    def portfolio_path(self, town: str, portfolio: str) -> Path:
        """The file of a portfolio given by name or path (InputError when there is none)."""
        if _is_path(portfolio):
            if _is_there(Path(portfolio)):
                return Path(portfolio)
            raise InputError(f"portfolio: there is no file {portfolio}; give a portfolio's name or its file.")
        known = self.portfolios(town)
        if portfolio not in known:
            raise InputError(f"portfolio: {town} has no portfolio `{portfolio}`; {suggestion(portfolio, known)}")
        return known[portfolio]

    def portfolio_table(self, town: str) -> Path | None:
        """The stored table of every portfolio of a town, the workspace's first; None where there is none."""
        return self._found(f"policies/{town}/{PORTFOLIOS}", Path.is_file)

    def own_portfolio_table(self, town: str) -> Path:
        """Where the workspace keeps its own table of every portfolio of a town (it may not exist yet)."""
        return self.workspace / "policies" / town / PORTFOLIOS

    def experiments(self) -> dict[str, Path]:
        """Every experiment file by its name, the workspace's first."""
        found: dict[str, Path] = {}
        for path in self._known("experiments/*.toml"):
            found.setdefault(path.stem, path)
        return found

    def experiment_path(self, experiment: str) -> Path:
        """The file of an experiment given by name or path (InputError when there is none, or its name is no name)."""
        _check_name(experiment)
        if _is_path(experiment):
            if _is_there(Path(experiment)):
                return Path(experiment)
            raise InputError(f"experiment: there is no file {experiment}; give a name or a TOML file.")
        known = self.experiments()
        if experiment not in known:
            raise InputError(f"experiment: there is no experiment `{experiment}`; {suggestion(experiment, known)}")
        return known[experiment]

    def results(self) -> Path:
        """The folder that holds every result of the workspace (it may not exist yet)."""
        return self.workspace / "results"

    def results_dir(self, name: str) -> Path:
        """The folder of one experiment's result (it may not exist yet)."""
        return self.results() / name

    def runs_dir(self, name: str) -> Path:
        """Where the runs of one experiment are kept as they end."""
        return self.results() / ".runs" / name

    def cache_dir(self) -> Path:
        """Where foundings and alignments are kept between commands; it can be removed at any time."""
        return self.results() / ".cache"


def _holds_packages(folder: Path) -> bool:
    """Whether there is a package; a folder that only keeps the table of portfolios does not hide the built-in ones."""
    return any(folder.glob("*.toml"))


def _check_name(experiment: str) -> None:
    """Refuse what cannot name a result's folder (InputError): the last step of a path without its ending counts."""
    name = PurePath(experiment.replace("\\", "/")).name.removesuffix(".toml")
    shown = "".join(one if one.isprintable() else "?" for one in experiment)[:LONGEST_NAME]
    if not all(one.isprintable() for one in experiment):
        raise InputError(f"experiment: `{shown}` holds characters that cannot be seen; leave them out.")
    if len(name) > LONGEST_NAME:
        raise InputError(f"experiment: `{shown}...` has {len(name)} characters; {LONGEST_NAME} are the most.")
    if any(unicodedata.east_asian_width(one) == "F" for one in name):
        plain = unicodedata.normalize("NFKC", name)
        raise InputError(f"experiment: `{shown}` is written in full-width letters; write `{plain}`.")
    if name.startswith(".") and name.strip("."):
        raise InputError(f"experiment: `{shown}` starts with a dot, as hidden files do; name it otherwise.")
    if any(one in NOT_IN_NAMES for one in name) or name != name.strip():
        raise InputError(f"experiment: `{shown}` holds spaces at its ends or one of {NOT_IN_NAMES}; name it otherwise.")


def _is_there(path: Path) -> bool:
    """Whether there is a file; a path that no system could hold is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_path(name: str) -> bool:
    """Whether a user's word is a path and not a name."""
    return name.endswith(".toml") or name in {".", ".."} or "/" in name or "\\" in name


def find_places(workspace: Path | None = None, start: Path | None = None) -> Places:
    """The places of the named workspace, else of the nearest folder at or above `start` with a machi.toml.

    Without one, `start` (the current folder) is the workspace. A named workspace must exist (InputError).
    """
    if workspace is not None:
        if not workspace.is_dir():
            raise InputError(f"--workspace: there is no folder {workspace}; make it or name another.")
        return Places(workspace.resolve(), built_in())
    here = (start or Path.cwd()).resolve()
    nearest = next((folder for folder in (here, *here.parents) if (folder / MARKER).is_file()), here)
    return Places(nearest, built_in())
