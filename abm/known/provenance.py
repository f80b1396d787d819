"""What every rule rests on: its factors, their values and ranges, where they come from and what kind of evidence it is.

Nothing is written down twice: values, ranges and sources are read from the files that the rules read. The table of
ODD.md, the command `machi rules` and the page are made of it.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from abm.known.behaviour import Shape, read_behaviour, read_founding
from abm.reading.sources import Source, read_assumptions, read_sources


class Factor(NamedTuple):
    """One factor of a rule; `low` and `high` are empty where no range is given."""

    rule: str
    name_en: str
    name_ja: str
    value: str
    low: str
    high: str
    status: str  # city, prefecture, nation, literature, calibrated or assumed
    source: str
    place: str  # file and field
    section: str = ""  # whose reason `source` is, where a figure has none of its own


# The rules in the order in which a year meets them: key, English, Japanese, the file that holds it.
RULES: Mapping[str, tuple[str, str, str]] = {
    "founding": ("Founding the town", "町の作成", "founding/found.py"),
    "employment": ("Work", "就業", "decisions/employment.py"),
    "marriage": ("Marriage and divorce", "結婚・離婚", "decisions/marriage.py"),
    "homes": ("Homes and elders", "世帯・高齢者", "decisions/elders.py"),
    "childbirth": ("Childbirth", "出生", "decisions/childbirth.py"),
    "leaving": ("Leaving", "転出", "decisions/leaving.py"),
    "return": ("Return and arrivals", "Uターン・転入", "decisions/uturn.py"),
    "mortality": ("Mortality", "死亡", "decisions/mortality.py"),
    "rates": ("Levels and rates of a scenario", "シナリオの率", "forecast/futures.py"),
}
SECTION_RULES = {
    "marriage": "marriage", "matchmaking": "marriage", "divorce": "marriage", "childbirth": "childbirth",
    "leaving": "leaving", "return": "return", "arrivals": "return", "home": "homes", "work": "employment",
    "pull": "leaving", "elders": "homes", "estimation": "rates",
}  # fmt: skip
NATION, PREFECTURE = "nation", "prefecture"
# fmt: off
# Tables of a town and of towns/japan: the rule that reads each first, what it gives, and whose figures they are.
TOWN_TABLES = {
    "population.csv": ("founding", "residents by sex and age", "男女・年齢別人口"),
    "households.csv": ("founding", "households and who lives alone", "世帯数・単独世帯"),
    "work.csv": ("employment", "employed and unemployed", "就業者・失業者"),
    "industries.csv": ("employment", "employed by sector", "産業別就業者"),
    "vital.csv": ("rates", "births, deaths, marriages, divorces and moves", "出生・死亡・婚姻・離婚・移動"),
    "register_population.csv": ("rates", "the register's residents", "住民基本台帳人口"),
}
JAPAN_TABLES = {
    "asfr.csv": ("childbirth", NATION, "fertility by age: shape", "年齢別出生率の形"),
    "births_by_mother_age.csv": ("childbirth", PREFECTURE, "births by age of mother: pattern against the nation's",
                                 "母の年齢別出生の全国に対する型"),
    "births_by_order.csv": ("childbirth", NATION, "births by order", "出生順位別割合"),
    "births_by_order_age.csv": ("childbirth", NATION, "births by order and age", "出生順位・年齢別出生率"),
    "first_marriage_hazard.csv": ("marriage", PREFECTURE, "first marriage by sex and age", "初婚ハザード"),
    "first_marriage_rate.csv": ("marriage", NATION, "first marriages counted: their decline with age",
                                "初婚率（40歳からの低下）"),
    "remarriage.csv": ("marriage", NATION, "remarriage by sex and age", "再婚率"),
    "marital_status.csv": ("founding", PREFECTURE, "civil status by sex and age", "配偶関係"),
    "oldest_old.csv": ("founding", NATION, "ages of those over 90", "90歳以上の年齢構成"),
    "employed.csv": ("employment", PREFECTURE, "employment by sex and age", "就業率"),
    "prefecture_work.csv": ("employment", PREFECTURE, "kinds of work, commuting, vacancies", "地位・通勤・求人"),
    "prefecture_households.csv": ("founding", PREFECTURE, "lone parents, institutions", "ひとり親・施設・高齢単身"),
    "prefecture_series.csv": ("rates", PREFECTURE, "births, deaths, marriages", "出生・死亡・婚姻の推移"),
    "movers.csv": ("leaving", NATION, "moves by age: profile", "年齢別移動率の形"),
    "mortality.csv": ("mortality", NATION, "death rates by sex and age", "死亡率"),
    "life_expectancy_path.csv": ("mortality", NATION, "life expectancy to come", "平均寿命の仮定"),
    "tfr_path.csv": ("rates", NATION, "fertility to come", "合計出生率の仮定"),
    "population.csv": ("rates", PREFECTURE, "censuses since 1980", "国勢調査人口（1980年以降）"),
    "register_population.csv": ("rates", PREFECTURE, "the register's residents", "住民基本台帳人口"),
    "vital.csv": ("rates", PREFECTURE, "births, deaths and moves", "出生・死亡・移動"),
    "official_projection.csv": ("rates", PREFECTURE, "projection of 2018 (check)", "社人研2018年推計（確認用）"),
}
# fmt: on


def factors(japan: Path, town: Path) -> list[Factor]:
    """Every factor of every rule, from towns/japan and one town's folder, in the order of RULES.

    Raises InputError where one of the files cannot be read.
    """
    found = [*_tables(town, japan), *_shapes(japan), *_assumptions(japan)]
    order = list(RULES)
    return sorted(found, key=lambda one: order.index(one.rule))  # stable: as in the files within a rule


def _tables(town: Path, japan: Path) -> Iterator[Factor]:
    sources = {"city": read_sources(town), "japan": read_sources(japan)}
    for name, (rule, en, ja) in TOWN_TABLES.items():
        if (town / name).is_file():
            yield Factor(rule, en, ja, "table", "", "", "city", _credit(town / name, sources["city"]), name)
    for name, (rule, status, en, ja) in JAPAN_TABLES.items():
        credit = _credit(japan / name, sources["japan"])
        yield Factor(rule, en, ja, "table", "", "", status, credit, f"japan/{name}")


def _credit(path: Path, sources: Mapping[str, Source]) -> str:
    """Statistics and years of the sources that a table's rows name."""
    with path.open(encoding="utf-8", newline="") as file:
        named = dict.fromkeys(row["source"] for row in csv.DictReader(file) if row.get("source") in sources)
    return "; ".join(dict.fromkeys(f"{sources[key].statistic}, {sources[key].year}" for key in named))


def _shapes(japan: Path) -> Iterator[Factor]:
    for shape in read_behaviour(japan).values():
        yield from _figures(shape, SECTION_RULES[shape.name], "behaviour.toml")
    for shape in read_founding(japan).values():
        yield from _figures(shape, "founding", "founding.toml")


def _figures(shape: Shape, rule: str, file: str) -> Iterator[Factor]:
    for key in shape:
        place, known, plain = f"{file}: {shape.name}.{key}", shape.ranges.get(key), key.replace("_", " ")
        en, ja, low, high = (
            (known.en, known.ja, f"{known.low:g}", f"{known.high:g}") if known else (plain, plain, "", "")
        )
        status, source = (known.status, known.source) if known else (shape.status, "")
        section = "" if source else f"{file}: {shape.name}"
        yield Factor(rule, en, ja, _text(shape, key), low, high, status, source or shape.why, place, section)


def _text(shape: Shape, key: str) -> str:
    """A figure as text; of a list its ends."""
    values = shape.figures(key)
    return f"{values[0]:g}" if len(values) == 1 else f"{len(values)} values, {min(values):g} to {max(values):g}"


def _assumptions(japan: Path) -> Iterator[Factor]:
    for key, one in read_assumptions(japan).items():
        yield Factor(
            one.rule, one.meaning_en.rstrip("."), one.meaning_ja, f"{one.value:g}", f"{one.low:g}", f"{one.high:g}",
            one.status, one.why, f"assumptions.toml: {key}",
        )  # fmt: skip


def as_markdown(rows: list[Factor]) -> str:
    """The provenance table of ODD.md: a table for each rule, and below it the reasons that several figures share."""
    parts = []
    for rule, (en, _, file) in RULES.items():
        mine = [row for row in rows if row.rule == rule]
        parts += [f"**{en}** (`{file}`)", "", "| factor | value | range | status | source | where |"]
        parts += ["|---|---|---|---|---|---|"]
        for row in mine:
            bounds, source = f"{row.low} – {row.high}" if row.low else "", "see below" if row.section else row.source
            parts.append(f"| {row.name_en} | {row.value} | {bounds} | {row.status} | {source} | `{row.place}` |")
        shared = {row.section: row.source for row in mine if row.section}
        parts += ["", *(f"- `{section}`: {why}" for section, why in shared.items()), ""]
    return "\n".join(parts).replace("\n\n\n", "\n\n").strip()
