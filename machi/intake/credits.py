"""The sources.toml of an added town: statistic, publisher, credit line and terms of every table that was read."""

import json
from collections.abc import Iterable, Mapping, Sequence

from machi.intake.tidy import Reading, Tidy

STATISTICS_BUREAU = "総務省統計局 (Statistics Bureau of Japan)"
INTERIOR = "総務省 (Ministry of Internal Affairs and Communications)"
STANDARD = "政府標準利用規約 (Government of Japan standard terms, compatible with CC BY 4.0)"
OF_SSDSE = f"original {STANDARD}; read in SSDSE-A, whose own terms the user has to look up"
REGISTER = "Basic Resident Register population, vital events and households"
REGISTER_JA = "住民基本台帳に基づく人口、人口動態及び世帯数"

# key: statistic, statistic_ja, table, publisher, terms
SOURCES: dict[str, tuple[str, str, str, str, str]] = {
    "census_population": (
        "Population Census", "国勢調査", "population by sex and five-year age group", STATISTICS_BUREAU, STANDARD,
    ),
    "register_population": (REGISTER, REGISTER_JA, "年齢階級別人口（市区町村別）", INTERIOR, STANDARD),
    "register_flows": (REGISTER, REGISTER_JA, "人口・世帯数・人口動態（市区町村別）", INTERIOR, STANDARD),
    "census_households": ("Population Census", "国勢調査", "人口等基本集計: households", STATISTICS_BUREAU, OF_SSDSE),
    "census_work": ("Population Census", "国勢調査", "就業状態等基本集計: labour force", STATISTICS_BUREAU, OF_SSDSE),
    "vital_statistics": (
        "Vital Statistics", "人口動態統計", "births, marriages and divorces by municipality",
        "厚生労働省 (Ministry of Health, Labour and Welfare)", OF_SSDSE,
    ),
    "establishments": (
        "Economic Census", "経済センサス", "従業者数 by industry", "総務省・経済産業省 (MIC and METI)", OF_SSDSE,
    ),
    "ipss": (
        "Regional population projections for Japan", "日本の地域別将来推計人口", "男女・年齢5歳階級別の推計結果",
        "国立社会保障・人口問題研究所 (IPSS)", "free use with a credit, as printed on the institute's site",
    ),
}  # fmt: skip


def sources_toml(tables: Mapping[str, Sequence[Tidy]], readings: Iterable[Reading]) -> str:
    """The text of sources.toml for these tables, with the names of the files that gave each source."""
    files: dict[str, list[str]] = {}
    for reading in readings:
        for rows in reading.rows.values():
            for source in dict.fromkeys(str(row["source"]) for row in rows):
                files.setdefault(source, []).append(reading.path.name)
    years: dict[str, set[int]] = {}
    for table in tables.values():
        for row in table:
            years.setdefault(str(row["source"]), set()).add(int(row["year"]))
    head = '# Where the figures of this folder come from; the key stands in the column "source" of every table.\n'
    return "\n".join([head, *(_entry(key, years[key], files[key]) for key in sorted(years))])


def _entry(key: str, years: set[int], files: Iterable[str]) -> str:
    """One source as a TOML table."""
    kind = key if key in SOURCES else key.rstrip("0123456789").rstrip("_")
    statistic, statistic_ja, table, publisher, terms = SOURCES[kind]
    edition = key.removeprefix("ipss") if kind == "ipss" else ""
    span = str(min(years)) if len(years) == 1 else f"{min(years)}-{max(years)}"
    fields = {
        "statistic": f"{statistic} {edition}".strip(),
        "statistic_ja": statistic_ja,
        "table": table,
        "year": edition or span,
        "publisher": publisher,
        "credit": f"「{statistic_ja}」（{publisher.split(' (')[0]}）を加工して作成",
        "terms": terms,
        "retrieved_from": "downloaded by the user: " + ", ".join(dict.fromkeys(files)),
    }
    return "\n".join([f"[{key}]", *(f"{name} = {quoted(text)}" for name, text in fields.items()), ""])


def quoted(text: str) -> str:
    """A text as a TOML basic string."""
    return json.dumps(text, ensure_ascii=False)
