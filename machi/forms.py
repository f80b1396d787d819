"""Every kind of file that a planner edits: its form, its JSON schema, and a check in one sentence."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from abm.errors import InputError
from abm.known.scenario import Scenario, read_scenario
from abm.reading.toml_lines import line_of
from machi.places import Places
from machi.policy.package import Package, read_package
from machi.policy.portfolio_file import NamedPortfolio, read_portfolio
from machi.questions.config import Experiment, read_experiment

Kind = Literal["package", "portfolio", "experiment", "scenario"]
FORMS: Mapping[Kind, type[BaseModel]] = {
    "package": Package,
    "portfolio": NamedPortfolio,
    "experiment": Experiment,
    "scenario": Scenario,
}
LARGEST = 1_000_000  # bytes: no file of these kinds comes near it (an assumption)


def schema_of(kind: Kind) -> dict[str, Any]:
    """The JSON schema of one kind of file, fields under the names that stand in the TOML."""
    made = FORMS[kind].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def kind_of(path: Path) -> Kind | Literal["town"] | None:
    """What a TOML file is, by the fields that only its kind has; None where it is none of ours.

    Raises InputError where it is too large, cannot be read or is no TOML.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path}: the file has over {LARGEST // 1_000_000} MB; no file of Machi is that large.")
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the file cannot be read ({error}); give a readable TOML file.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: this is not TOML ({error}); mend the line.") from error
    if path.name == "town.toml":
        return "town"
    if path.parent.name == "scenarios" or {"fertility", "migration"} <= table.keys():
        return "scenario"
    if path.parent.name == "portfolios" or "strengths" in table:
        return "portfolio"
    if path.parent.name == "experiments" or {"packages", "run_time"} <= table.keys():
        return "experiment"
    if "measure" in table or "cost_million_yen_per_year" in table or path.parent.parent.name == "policies":
        return "package"
    return None


def files_below(path: Path) -> list[Path]:
    """The TOML files to check at or below a path, results left out (InputError where the path is not there)."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(f"{path}: there is no such file or folder; give one that exists.")
    found = [file for part in ("towns", "policies", "experiments") for file in sorted((path / part).rglob("*.toml"))]
    return found or sorted(path.glob("*.toml"))


def checked(places: Places, path: Path) -> str:
    """What is wrong with a file, as one sentence; empty where it can be used or is none of ours."""
    try:
        match kind_of(path):
            case "package":
                read_package(path)
            case "portfolio":
                _portfolio_of_a_town(places, path)
            case "experiment":
                _names_exist(places, path, read_experiment(path))
            case "scenario":
                read_scenario(path)
            case "town":
                from abm.known.town import read_town

                read_town(path.parent, places.japan_dir())
    except InputError as error:
        return str(error)
    return ""


def _portfolio_of_a_town(places: Places, path: Path) -> None:
    """Read a portfolio where it stands; InputError where that is no town's folder, or it is wrong."""
    town = path.resolve().parent.parent.name
    try:
        places.package_dir(town)
    except InputError as error:
        raise InputError(f"{path}: a portfolio stands in policies/TOWN/portfolios ({error}); move it there.") from error
    read_portfolio(places, path, town)


def _names_exist(places: Places, path: Path, experiment: Experiment) -> None:
    """Refuse an experiment that names a town, scenario or package that is not there (InputError)."""
    from machi.places import suggestion

    text = path.read_text(encoding="utf-8")
    try:
        places.scenario_path(experiment.town, experiment.scenario)
        known = [file.stem for file in places.package_dir(experiment.town).glob("*.toml")]
    except InputError as error:
        field = str(error).partition(":")[0]  # town or scenario
        raise InputError(f"{path}, line {line_of(text, (field,))}: {error}") from error
    for key in experiment.packages:
        if key not in known:
            line = line_of(text, ("packages",))
            raise InputError(f"{path}, line {line}: packages: there is no `{key}`; {suggestion(key, known)}")
