"""The sheet of where a result comes from: citation, conditions, statistics with their credits, printed figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from machi.workbook.book import Figure, Line, Sheet, text, title
from machi.workbook.wording import pick, words

PRINTED = "#,##0.##"


def source_sheet(manifest: Mapping[str, Any], cited: str, about: Sequence[str], made: Mapping[str, str], lang: str) -> Sheet:
    """The sheet; `made` are further conditions by the key of their words."""
    said = words(lang)
    lines = [title(said["source_title"]), Line("head", (said["cite_head"], "", "", "")), *text(cited), Line("text", ())]
    lines.append(Line("head", (said["made_head"], "", "", "")))
    lines += [Line("plain", (said[key], value, "", "")) for key, value in {**_made(manifest, said, lang), **made}.items()]
    lines += [*text(*about), Line("text", ())]
    names = ("sources_head", "source_statistic", "source_credit", "source_terms")
    lines.append(Line("head", tuple(said[name] for name in names)))
    for one in manifest.get("sources", []):
        statistic = pick(lang, one.get("statistic_ja", ""), one.get("statistic", ""))
        cells = (one.get("key", ""), f"{statistic} {one.get('year', '')}".strip(), one.get("credit", ""), one.get("terms", ""))
        lines.append(Line("plain", tuple(str(cell) for cell in cells)))
    lines += [Line("text", ()), Line("head", (said["published_head"], said["year"], said["published_value"], said["source_key"]))]
    for one in manifest.get("published", []):
        label = pick(lang, str(one.get("label_ja", "")), str(one.get("indicator", ""))) if lang == "ja" else str(one.get("indicator", ""))
        lines.append(Line("plain", (label, int(one["year"]), Figure(float(one["value"]), "General"), str(one.get("source", "")))))
    return Sheet(said["source_sheet"], lines, [30, 44, 44, 44])


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
        "made_basis": str(manifest.get("basis", "")),
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
