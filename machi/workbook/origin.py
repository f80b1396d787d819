"""The sheet of where a result comes from: citation, conditions, statistics with their credits, printed figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from machi.workbook.book import Figure, Line, Sheet, text, title
from machi.workbook.wording import pick, words

PRINTED = "General"
EMPTY = Line("text", ())


def source_sheet(
    manifest: Mapping[str, Any], cited: str, about: Sequence[str], made: Mapping[str, str], lang: str
) -> Sheet:
    """The sheet; `made` are further conditions by the key of their words."""
    said = words(lang)
    lines = [title(said["source_title"]), Line("head", (said["cite_head"], "", "", "")), *text(cited), EMPTY]
    lines.append(Line("head", (said["made_head"], "", "", "")))
    conditions = {**_made(manifest, said, lang), **made}
    lines += [Line("plain", (said[key], value, "", "")) for key, value in conditions.items()]
    lines += [*text(*about), EMPTY, *_statistics(manifest, said, lang), EMPTY, *_printed(manifest, said, lang)]
    return Sheet(said["source_sheet"], lines, [30, 44, 44, 44])


def _statistics(manifest: Mapping[str, Any], said: Mapping[str, str], lang: str) -> list[Line]:
    """Every statistic that the result rests on, with its credit and terms."""
    names = ("sources_head", "source_statistic", "source_credit", "source_terms")
    lines = [Line("head", tuple(said[name] for name in names))]
    for one in manifest.get("sources", []):
        statistic = pick(lang, one.get("statistic_ja", ""), one.get("statistic", ""))
        named = f"{statistic} {one.get('year', '')}".strip()
        cells = (one.get("key", ""), named, one.get("credit", ""), one.get("terms", ""))
        lines.append(Line("plain", tuple(str(cell) for cell in cells)))
    return lines


def _printed(manifest: Mapping[str, Any], said: Mapping[str, str], lang: str) -> list[Line]:
    """The figures that the city itself has printed."""
    names = ("published_head", "year", "published_value", "source_key")
    lines = [Line("head", tuple(said[name] for name in names))]
    for one in manifest.get("published", []):
        key = str(one.get("indicator", ""))
        label = pick(lang, str(one.get("label_ja", "")), key)
        cells = (label, int(one["year"]), Figure(float(one["value"]), PRINTED), str(one.get("source", "")))
        lines.append(Line("plain", cells))
    return lines


def _made(manifest: Mapping[str, Any], said: Mapping[str, str], lang: str) -> dict[str, str]:
    """What the manifest says of the conditions, by the key of its words."""
    town, config = manifest.get("town", {}), manifest.get("config", {})
    versions = ", ".join(f"{name} {version}" for name, version in manifest.get("versions", {}).items())
    return {
        "made_result": str(manifest.get("name", "")),
        "made_title": pick(lang, str(manifest.get("title_ja", "")), str(manifest.get("title_en", ""))),
        "made_town": pick(lang, str(town.get("name_ja", "")), str(town.get("name_en", ""))),
        "made_scenario": pick(lang, str(manifest.get("scenario_ja", "")), str(manifest.get("scenario_en", "")))
        or str(manifest.get("scenario", "")),
        "made_basis": said.get(f"basis_{manifest.get('basis')}", str(manifest.get("basis", ""))),
        "made_years": f"{manifest.get('start')}–{manifest.get('end')}",
        "made_run_time": said.get(str(config.get("run_time", "")), str(config.get("run_time", ""))),
        "made_packages": " ".join(str(key) for key in config.get("packages", [])),
        "made_seed": str(manifest.get("seeds", {}).get("experiment", "")),
        "made_stream": str(manifest.get("seeds", {}).get("stream", "")),
        "made_quick": said["quick" if manifest.get("quick") else "not_quick"],
        "made_fingerprint": str(manifest.get("fingerprint", "")),
        "made_code": versions,
        "made_command": f"machi reproduce {manifest.get('name', '')}",
    }
