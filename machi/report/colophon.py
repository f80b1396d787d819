"""The back of the page in one language: packages with their evidence, limits, how to cite, sources."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .findings import grade_counts
from .numerals import Speech, two_digits
from .reading import Measure, Package, Result, Source
from .tables import Words


class MeasureText(NamedTuple):
    """A measure as it is listed."""

    name: str
    grade: str
    citations: list[tuple[str, str]]
    assumed: list[str]
    not_modelled: list[str]


class PackageText(NamedTuple):
    """A package as it is listed."""

    name: str
    grade: str
    goal: str
    kpi: str
    cost: str
    measures: list[MeasureText]


def package_text(package: Package, words: Words, lang: str) -> PackageText:
    cost = ""
    if package.cost_low is not None and package.cost_high is not None:
        low, high = (two_digits(value) for value in (package.cost_low, package.cost_high))
        cost = words["package_cost_value"].format(low=low, high=high)
    return PackageText(
        name=f"{package.key} {getattr(package, f'name_{lang}')}",
        grade=package.grade,
        goal=package.goal_ja,
        kpi=package.kpi_ja,
        cost=cost,
        measures=[_measure(measure, words, lang) for measure in package.measures],
    )


def _measure(measure: Measure, words: Words, lang: str) -> MeasureText:
    citations = [(one.text, named(words, "status", one.status)) for one in measure.citations]
    assumed = [_assumed_line(line, words) for line in measure.assumed]
    return MeasureText(
        name=getattr(measure, f"name_{lang}"),
        grade=measure.grade,
        citations=list(dict.fromkeys(citations)),
        assumed=list(dict.fromkeys(assumed)),
        not_modelled=list(measure.not_modelled),
    )


def _assumed_line(line: str, words: Words) -> str:
    """An assumed field, "row: field = value" or "field", with the field in words."""
    found = re.fullmatch(r"(.*: )?(\w+)( = .*)?", line)
    if found is None:
        return line
    row, field, value = (part or "" for part in found.groups())
    return f"{row}{named(words, 'fields', field)}{value}"


def limits(result: Result, words: Words, speech: Speech) -> list[str]:
    """What the result cannot say, in plain words."""
    manifest = result.manifest
    counts = grade_counts(manifest)
    named_ones = [measure for package in manifest.packages for measure in package.measures]
    measures = [measure for measure in named_ones if measure.grade]
    filled = {
        "measures": len(measures), "named": len(named_ones), "bare": len(named_ones) - len(measures),
        **{grade.lower(): count for grade, count in counts.items()},
        "d_share": speech.percent(counts["D"] / len(measures) if measures else math.nan),
        "not_modelled": sum(len(measure.not_modelled) for measure in measures), "start": manifest.start,
    }  # fmt: skip
    of_town: Any = words["town_limits"]
    bare = [words["limit_bare"]] if filled["bare"] else []
    return [text.format(**filled) for text in [*words["limits"], *bare, *of_town.get(manifest.town.key, [])]]


def cite(result: Result, words: Words, town: str) -> str:
    manifest = result.manifest
    filled = {"name": manifest.name, "town": town, "start": manifest.start, "end": manifest.end}
    version = manifest.versions.get("machi", "")
    return words["cite"].format(version=version, fingerprint=manifest.fingerprint, **filled)


def scenario_name(result: Result, words: Words, lang: str) -> str:
    """What the scenario's own file calls it: one town's `baseline` is its city's, another's the institute's."""
    manifest = result.manifest
    return str(getattr(manifest, f"scenario_{lang}") or named(words, "scenario", manifest.scenario))


def conditions(result: Result, words: Words, lang: str) -> list[tuple[str, str]]:
    """How the result was computed, line by line."""
    manifest = result.manifest
    # The page is written before its own time is known; without it the page can be made again to the byte.
    timings = {part: seconds for part, seconds in manifest.timings.items() if part != "report"}
    lines = [
        ("scenario", scenario_name(result, words, lang)),
        ("basis", named(words, "basis", manifest.basis)),
        ("runs", _flat(manifest.runs)),
        ("seeds", _flat(manifest.seeds)),
        ("timings", _flat(timings)),
        ("versions", _flat(manifest.versions)),
        ("fingerprints", _flat(manifest.fingerprints)),
    ]
    return [(words[f"row_{key}"], text) for key, text in lines if text]


def _flat(value: Any) -> str:
    """A small tree in one line."""
    if value in (None, {}, []):
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_flat(part)}" for key, part in value.items())
    if isinstance(value, float):
        return f"{value:,.1f}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def published_figures(result: Result, words: Words, lang: str) -> list[tuple[str, str]]:
    """The figures that the city printed, by source."""
    titles = {source.key: statistic(source, lang) for source in result.manifest.sources}
    listed: dict[str, list[str]] = {}
    for row in result.manifest.published:
        label = row.label_ja if lang == "ja" else ""  # a town's own word comes first
        label = label or named(words, "indicators", row.indicator).replace("_", " ")
        figure = f"{label} {row.year}: {row.value:,.10g}"
        listed.setdefault(titles.get(row.source, row.source), []).append(figure)
    return [(source, words["joint"].join(figures)) for source, figures in listed.items()]


def statistic(source: Source, lang: str) -> str:
    return str((source.statistic_ja if lang == "ja" else source.statistic) or source.statistic or source.key)


def terms(source: Source) -> str:
    return "; ".join(part for part in (source.credit or source.publisher, source.terms) if part)


def named(words: Words, table: str, key: str) -> str:
    """The word for a key, or the key."""
    names = words[table]
    return str(names.get(key, key)) if isinstance(names, Mapping) else key
