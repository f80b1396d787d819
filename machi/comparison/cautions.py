"""What may not be compared in results side by side."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from machi.comparison.asked import Asked, gained, of_year, paths
from machi.comparison.pairing import code_of
from machi.comparison.readings import OF_ITSELF, SHAPLEY
from machi.comparison.side import Side
from machi.report.findings import ALL, NONE

Caution = tuple[str, dict[str, str]]
SCENARIOS, SHARED = "scenarios", "policies/shared.toml"


def cautions(side: Side) -> list[Caution]:
    """What may not be compared: a sentence's key and what fills it."""
    pairs = [found for one in side.others for found in _of_pair(side, side.asked[0], one)]
    return [*pairs, *(found for one in side.asked for found in _of_result(side, one)), *_of_effects(side)]


def _of_pair(side: Side, first: Asked, one: Asked) -> list[Caution]:
    """What a later result is not asked as the first is."""
    pair = {"a": first.letter, "b": one.letter}
    ours, theirs = first.manifest, one.manifest
    found: list[Caution] = []
    if code_of(first) is None or code_of(first) != code_of(one):
        found.append(("caution_code", pair))
    if ours.town.key != theirs.town.key:
        found.append(("caution_town", pair))
    if ours.end != theirs.end:
        ends = {"a_end": str(ours.end), "b_end": str(theirs.end)}
        year = {"year": str(side.year)} if side.arms else {}
        found.append(("caution_horizon" if year else "caution_horizon_only", pair | ends | year))
    for name in ("basis", "start"):
        if getattr(ours, name) != getattr(theirs, name):
            found.append((f"caution_{name}", pair))
    return [*found, *(_of_one_town(side, first, one) if ours.town.key == theirs.town.key else [])]


def _of_one_town(side: Side, first: Asked, one: Asked) -> list[Caution]:
    """What two results of one town differ in: its figures, its packages, and of what the other designs speak."""
    pair = {"a": first.letter, "b": one.letter}
    found: list[Caution] = [("caution_data", pair)] if _other_data(first, one) else []
    found += [(key, pair | {"keys": keys}) for key, keys in _crosses(first, one)]
    changed = _changed_packages(first, one)
    found += [("caution_packages", pair | {"keys": keys}) for keys in changed]
    policies = [of.manifest.fingerprints.get("policies") for of in (first, one)]
    if not changed and first.packages == one.packages and policies[0] != policies[1]:
        found.append(("caution_policies", pair))
    only = sorted(set(first.packages) ^ set(one.packages))
    if only:
        found.append(("caution_only", pair | {"keys": ", ".join(only)}))
    if first.headline != one.headline and (side.readings or side.fronts):
        found.append(("caution_headline", {first.headline: first.letter, one.headline: one.letter}))
    games = [key for name in side.readings if name not in OF_ITSELF for key in _apart(first, one, name)]
    if games:
        found.append(("caution_sets", pair | {"keys": ", ".join(sorted(set(games)))}))
    shares = [{name for name in of.readings if name in SHAPLEY} for of in (first, one)]
    if all(shares) and not set.intersection(*shares):
        found.append(("caution_shapley", pair))
    return found


def _apart(first: Asked, one: Asked, reading: str) -> set[str]:
    """The packages of which a reading speaks in one of two results only."""
    return set(first.readings[reading].index) ^ set(one.readings[reading].index)


def _of_result(side: Side, one: Asked) -> list[Caution]:
    """What a single result does not tell."""
    told = {"a": one.letter}
    found: list[Caution] = [("caution_quick", told)] if one.manifest.quick else []
    if not side.has_reference:
        return found
    if not one.yearly:
        found.append(("caution_years", told))
    reference = paths(one, NONE, "")
    first = int(reference.index[0])
    if side.per_thousand and first != one.manifest.start:
        found.append(("caution_first_year", told | {"year": str(first), "start": str(one.manifest.start)}))
    if len(reference.columns) == 1:
        found.append(("caution_single", told))
    if side.run_time is None:
        return found
    known = one.arms(side.run_time, side.year)
    lacking = [key for key in one.packages if key not in known and not side.per_thousand]
    common = [key for key in lacking if all(key in other.packages for other in side.asked)]
    if common:
        found.append(("caution_not_alone", told | {"keys": ", ".join(common)}))
    if len(reference.columns) > 1:
        few = [arm for arm in side.arms if _pairs(side, one, arm) == 1]
        keys = [arm for arm in few if arm != ALL]
        found += [("caution_single_arms", told | {"keys": ", ".join(keys)})] if keys else []
        found += [("caution_single_all", told)] if ALL in few else []
    return found


def _pairs(side: Side, one: Asked, arm: str) -> int:
    """Under how many seeds an arm was simulated beside the case without policy until the common year."""
    both = gained(one, arm, side.run_time or "")
    return int(of_year(both, side.year).notna().sum()) if side.year in both.index else 0


def _of_effects(side: Side) -> list[Caution]:
    """Why effects, or some of them, are not compared at all."""
    if not side.has_reference:
        without = ", ".join(one.letter for one in side.asked if not one.years)
        return [("caution_reference", {"letters": without}) if without else ("caution_no_year", {})]
    if side.run_time is None:
        bare = ", ".join(one.letter for one in side.asked if not one.run_times)
        return [("caution_no_arms", {"letters": bare}) if bare else ("caution_run_time", {})]
    parts = ", ".join(one.letter for one in side.asked if ALL not in one.arms(side.run_time, side.year))
    return [("caution_whole", {"letters": parts})] if parts else []


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
    """Cautions on the scenarios that arms were crossed with: those of other content, those of one result only."""
    named = [_crossed(one) for one in (a, b)]
    if not all(named):
        return []
    files = [_files(one) for one in (a, b)]
    both = [name for name in named[0] if name in named[1]]
    only = sorted(set(named[0]) ^ set(named[1]))
    if all(files):
        changed = [name for name in both if files[0].get(_file(name)) != files[1].get(_file(name))]
    else:  # older manifests have one fingerprint of all of them only
        prints = [one.manifest.fingerprints.get(SCENARIOS) for one in (a, b)]
        changed = both if named[0] == named[1] and prints[0] != prints[1] else []
    told = {"caution_crossed": changed, "caution_crossed_only": only}
    return [(key, ", ".join(names)) for key, names in told.items() if names]


def _crossed(one: Asked) -> list[str]:
    """The scenarios that a result was crossed with, its own, which always is, first; none where it was not."""
    asked = one.content.get("config", {}).get(SCENARIOS)
    also = [str(name) for name in asked["also"]] if isinstance(asked, dict) and "also" in asked else []
    return [one.manifest.scenario, *also] if also else []


def _file(scenario: str) -> str:
    """A scenario's file as manifests name it, by folder and name."""
    path = PurePosixPath(scenario.replace("\\", "/"))
    return f"{path.parent.name}/{path.name}" if path.suffix else f"{SCENARIOS}/{scenario}.toml"


def _files(one: Asked) -> Mapping[str, Any]:
    """The digests of the files of data, empty where an older manifest has none."""
    files = one.content.get("data_files")
    return files if isinstance(files, dict) else {}
