"""What may not be compared in results side by side."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from machi.comparison.asked import Asked
from machi.comparison.pairing import code_of
from machi.comparison.side import Side
from machi.report.findings import NONE

Caution = tuple[str, dict[str, str]]
SCENARIOS, SHARED = "scenarios", "policies/shared.toml"


def cautions(side: Side) -> list[Caution]:
    """What may not be compared: a sentence's key and what fills it."""
    first = side.asked[0]
    found: list[Caution] = []
    for one in side.others:
        pair = {"a": first.letter, "b": one.letter}
        ours, theirs = first.manifest, one.manifest
        same_town = ours.town.key == theirs.town.key
        if code_of(first) is None or code_of(first) != code_of(one):
            found.append(("caution_code", pair))
        if not same_town:
            found.append(("caution_town", pair))
        if ours.end != theirs.end:
            ends = {"a_end": str(ours.end), "b_end": str(theirs.end), "year": str(side.year)}
            found.append(("caution_horizon", pair | ends))
        for name in ("basis", "start"):
            if getattr(ours, name) != getattr(theirs, name):
                found.append((f"caution_{name}", pair))
        if same_town and _other_data(first, one):
            found.append(("caution_data", pair))
        found += [(key, pair | {"keys": keys}) for key, keys in _crosses(first, one)] if same_town else []
        changed = _changed_packages(first, one) if same_town else []
        found += [("caution_packages", pair | {"keys": keys}) for keys in changed]
        policies = [of.manifest.fingerprints.get("policies") for of in (first, one)]
        if same_town and not changed and first.packages == one.packages and policies[0] != policies[1]:
            found.append(("caution_policies", pair))
        only = sorted(set(first.packages) ^ set(one.packages))
        if same_town and only:
            found.append(("caution_only", pair | {"keys": ", ".join(only)}))
    found += [("caution_quick", {"a": one.letter}) for one in side.asked if one.manifest.quick]
    found += [("caution_years", {"a": one.letter}) for one in side.asked if side.has_reference and not one.yearly]
    found += [
        ("caution_single", {"a": one.letter})
        for one in side.asked
        if side.has_reference and _seeds_of_reference(one) == 1
    ]
    if not side.has_reference:
        without = ", ".join(one.letter for one in side.asked if not one.years)
        found.append(("caution_reference", {"letters": without}) if without else ("caution_no_year", {}))
    elif side.run_time is None:
        found.append(("caution_run_time", {}))
    return found


def _seeds_of_reference(one: Asked) -> int:
    return int(one.series.loc[one.series["arm"] == NONE, "replication"].nunique())


def _changed_packages(a: Asked, b: Asked) -> list[str]:
    """Packages of the same key and other content, joined in one text; none where all are the same."""
    files = [one.content.get("data_files") for one in (a, b)]
    both = [key for key in a.packages if key in b.packages]
    if all(isinstance(one, dict) for one in files):
        town = a.manifest.town.key
        changed = [key for key in both if len({one.get(f"{town}/{key}.toml") for one in files if one}) > 1]
    else:  # older manifests only describe their packages
        told = [{package["key"]: package for package in one.content["packages"]} for one in (a, b)]
        changed = [key for key in both if told[0].get(key) != told[1].get(key)]
    return [", ".join(changed)] if changed else []


def _other_data(a: Asked, b: Asked) -> bool:
    """Whether two results of one town rest on other figures than each other, their scenarios left aside."""
    if a.manifest.scenario == b.manifest.scenario:
        return bool(a.manifest.fingerprints.get("town") != b.manifest.fingerprints.get("town"))
    files = [_files(one) for one in (a, b)]
    policies = {f"{one.manifest.town.key}/{package.key}.toml" for one in (a, b) for package in one.manifest.packages}
    figures = [name for name in files[0] if PurePosixPath(name).parts[0] != SCENARIOS and name != SHARED]
    return any(files[0][name] != files[1].get(name, files[0][name]) for name in figures if name not in policies)


def _crosses(a: Asked, b: Asked) -> list[tuple[str, str]]:
    """Cautions on the other scenarios that arms were crossed with: those of other content, those of one result only."""
    named = [_crossed(one) for one in (a, b)]
    if not all(named):
        return []
    files = [_files(one) for one in (a, b)]
    both = [name for name in named[0] if name in named[1]]
    if all(files):
        changed = [name for name in both if files[0].get(_file(name)) != files[1].get(_file(name))]
    else:  # older manifests have one fingerprint of all of them only
        prints = [one.manifest.fingerprints.get(SCENARIOS) for one in (a, b)]
        changed = both if named[0] == named[1] and prints[0] != prints[1] else []
    only = sorted(set(named[0]) ^ set(named[1]))
    told = {"caution_crossed": changed, "caution_crossed_only": only}
    return [(key, ", ".join(names)) for key, names in told.items() if names]


def _crossed(one: Asked) -> list[str]:
    """The other scenarios that a result was crossed with."""
    asked = one.content.get("config", {}).get(SCENARIOS)
    return [str(name) for name in asked["also"]] if isinstance(asked, dict) and "also" in asked else []


def _file(scenario: str) -> str:
    """A scenario's file as manifests name it, by folder and name."""
    path = PurePosixPath(scenario.replace("\\", "/"))
    return f"{path.parent.name}/{path.name}" if path.suffix else f"{SCENARIOS}/{scenario}.toml"


def _files(one: Asked) -> Mapping[str, Any]:
    """The digests of the files of data, empty where an older manifest has none."""
    files = one.content.get("data_files")
    return files if isinstance(files, dict) else {}
