"""A scenario: what the city does not control. Read from one TOML file, checked, and turned into rates by year."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.hazards import (
    AGES,
    annual_net_rates,
    fertility_schedule,
    intercensal_net_rates,
    mortality_path,
    survival_5y,
)
from abm.sources import read_toml
from abm.town import Town

Array = NDArray[np.float64]

_FIELDS: dict[str, dict[str, type[Any]]] = {
    "": {"key": str, "name_ja": str, "name_en": str, "source": str, "basis": str, "start": int, "end": int},
    "fertility": {"path": str, "level": str, "marriage_share": float},
    "nuptiality": {"level": str},
    "migration": {"intervals": list, "pool": bool},
    "evacuees": {"return_share": float, "return_by": int},
}


# Fields that have one meaning so far; others are to come with further scenarios.
_WORDS = {("fertility", "path"): "national", ("fertility", "level"): "births", ("nuptiality", "level"): "marriages"}


@dataclass(frozen=True)
class Scenario:
    """One future that the city does not control; it never includes policy."""

    key: str
    name_ja: str
    name_en: str
    source: str
    basis: str
    start: int
    end: int
    marriage_share: float
    intervals: tuple[int, ...]
    evacuees_return_share: float
    evacuees_return_by: int


class Rates(NamedTuple):
    """Rates by simulated year (Y of them), sex and single age at the stock date."""

    years: NDArray[np.int64]  # [Y]
    death: Array  # [Y, 2, 112] probability, index 0 the newborns, x + 1 age x
    birth: Array  # [Y, 101] births per woman
    net: Array  # [Y, 2, 101] net migrants per resident at the start of the year
    evacuees_home: Array  # [Y] share of all evacuees who go home in the year
    evacuees_share: Array  # [1] share of all evacuees who ever go home, whatever the horizon


def read_scenario(path: Path) -> Scenario:
    """Read and check a scenario's TOML file.

    Raises InputError naming file and field for a missing file, unknown, missing or wrongly typed fields, shares
    outside [0, 1], and an end that is not after the start.
    """
    flat = _checked(path.name, read_toml(path))
    if flat[("", "end")] <= flat[("", "start")]:
        raise InputError(f"{path.name}: end must be later than start; give a later end.")
    return Scenario(
        key=flat[("", "key")], name_ja=flat[("", "name_ja")], name_en=flat[("", "name_en")],
        source=flat[("", "source")], basis=flat[("", "basis")], start=flat[("", "start")], end=flat[("", "end")],
        marriage_share=flat[("fertility", "marriage_share")],
        intervals=tuple(flat[("migration", "intervals")]),
        evacuees_return_share=flat[("evacuees", "return_share")],
        evacuees_return_by=flat[("evacuees", "return_by")],
    )  # fmt: skip


def _checked(name: str, raw: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """The fields of a scenario by (section, field), every one present, known and of its type."""
    flat: dict[tuple[str, str], Any] = {}
    known = {(section, field): kind for section, fields in _FIELDS.items() for field, kind in fields.items()}
    for section, value in raw.items():
        if isinstance(value, dict):
            flat.update({(section, field): item for field, item in value.items()})
        else:
            flat[("", section)] = value
    for section, field in flat:
        if (section, field) not in known:
            near = get_close_matches(field, [f for s, f in known if s == section], n=1)
            hint = f"did you mean {near[0]}?" if near else "remove it."
            raise InputError(f"{name}: unknown field {f'{section}.' if section else ''}{field}; {hint}")
    for (section, field), kind in known.items():
        label = f"{f'{section}.' if section else ''}{field}"
        if (section, field) not in flat:
            raise InputError(f"{name}: field {label} is missing; add it.")
        value = flat[(section, field)]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = flat[(section, field)] = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InputError(f"{name}: field {label} must be of type {kind.__name__}; correct it.")
        if kind is float and not (np.isfinite(value) and 0 <= value <= (1 if "share" in field else 100)):
            raise InputError(f"{name}: field {label} is {value}, outside its bounds; correct it.")
    for place, allowed in _WORDS.items():
        if flat[place] != allowed:
            raise InputError(f"{name}: field {'.'.join(place)} is {flat[place]!r}; write {allowed!r}.")
    intervals = flat[("migration", "intervals")]
    if not intervals or not all(isinstance(year, int) and not isinstance(year, bool) for year in intervals):
        raise InputError(f"{name}: field migration.intervals must list census years such as 2005; correct it.")
    if flat[("migration", "pool")]:
        raise InputError(f"{name}: field migration.pool must be false; the national pool is not modelled yet.")
    return flat


def scenario_rates(town: Town, scenario: Scenario, start: int, end: int) -> Rates:
    """The rates of every simulated year start .. end - 1 in a scenario (the reference arm's targets)."""
    years = np.arange(start, end, dtype=np.int64)
    for launch in scenario.intervals:
        if launch not in town.census_years or launch + 5 not in town.census_years:
            raise InputError(f"scenario {scenario.key}: migration.intervals {launch} has no census pair; correct it.")
    net_5y = intercensal_net_rates(town, scenario.intervals).mean(axis=0)
    annual = annual_net_rates(net_5y, survival_5y(town, -1, town.census_years[-1]))
    return Rates(
        years=years,
        death=mortality_path(town, years),
        birth=fertility_path(town, years)[:, None] * fertility_schedule(town)[None, :],
        net=np.broadcast_to(annual, (len(years), 2, AGES)).copy(),
        evacuees_home=_homecoming(scenario, years),
        evacuees_share=np.array([scenario.evacuees_return_share]),
    )


def fertility_path(town: Town, years: NDArray[np.int64]) -> Array:
    """Total fertility of the town by year: the national path times the town's level.

    The level is what the register's births of 2015-18 say about its women (the fertility multiplier), against the
    national path of the same years.
    """
    path_years, path = town.japan.tfr_path
    pooled = np.mean(np.interp(np.arange(2015, 2019) + 0.5, path_years, path))
    level = town.fertility_multiplier * town.japan.tfr[-1] / pooled
    return np.asarray(np.interp(years + 0.5, path_years, path) * level)


def _homecoming(scenario: Scenario, years: NDArray[np.int64]) -> Array:
    """Share of all evacuees going home in each year: `return_share`, evenly until `return_by`."""
    span = scenario.evacuees_return_by - 2015
    inside = (years >= 2015) & (years < scenario.evacuees_return_by)
    return np.where(inside, scenario.evacuees_return_share / max(span, 1), 0.0)
