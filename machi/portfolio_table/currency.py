"""Whether a stored table of portfolios speaks of the very town, packages and code that a result was made of."""

from collections.abc import Mapping
from typing import Any

from machi.portfolio_table.file import Header

# What a table may be made of otherwise, in the order in which a reader is told.
PARTS = ("town", "policies", "scenario", "basis", "run_time", "years", "code")


def outdated(header: Header, manifest: Mapping[str, Any]) -> list[str]:
    """The parts in which a table is of other make than a result, by its manifest; none where it is current.

    What a manifest does not tell counts as other: a table that cannot be checked is not shown as current.
    """
    prints, config = manifest.get("fingerprints", {}), manifest.get("config", {})
    theirs = {
        "town": (header.town, header.fingerprints.get("town")),
        "policies": header.fingerprints.get("policies"),
        "scenario": header.scenario,
        "basis": header.basis,
        "run_time": header.run_time,
        "years": (header.start, header.end),
        "code": header.code,
    }
    ours = {
        "town": (manifest.get("town", {}).get("key"), prints.get("town")),
        "policies": prints.get("policies"),
        "scenario": manifest.get("scenario"),
        "basis": manifest.get("basis"),
        "run_time": config.get("run_time"),
        "years": (manifest.get("start"), manifest.get("end")),
        "code": manifest.get("simulator", {}).get("code"),
    }
    known = {package.get("key") for package in manifest.get("packages", ())}
    return [
        part
        for part in PARTS
        if theirs[part] is None
        or theirs[part] != ours[part]
        or (part == "policies" and not known.issuperset(header.packages))
    ]


def has_other_libraries(header: Header, manifest: Mapping[str, Any]) -> bool:
    """Whether the same code ran on other libraries or another kind of processor, so that single runs may differ."""
    return bool(header.context != manifest.get("simulator", {}).get("context"))
