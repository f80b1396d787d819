"""SSDSE-A of the statistics centre: households, work, employees, births and marriages of every municipality."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from abm.errors import InputError
from machi.intake.cells import BOTH, FEMALE, MALE, cell_text, year_label
from machi.intake.codes import rows_with_code
from machi.intake.sheets import Sheet
from machi.intake.tidy import Reading, Tidy, census_known, economic_known, vital_known, whole, work_known

CODE = re.compile(r"[A-L][0-9]{4,6}")
FEWEST_CODES = 10
HOUSEHOLDS = {
    "all": ("A7101", "総世帯数"),
    "general": ("A710101", "一般世帯数"),
    "members": ("A710201", "一般世帯人員数"),
    "single": ("A810105", "単独世帯数"),
    "nuclear": ("A810102", "核家族世帯数"),
    "elderly_couple": ("A8201", "高齢夫婦のみの世帯数"),
    "elderly_single": ("A8301", "高齢単身世帯数"),
}
WORK = {
    ("employed", MALE): ("F110201", "就業者数"),
    ("employed", FEMALE): ("F110202", "就業者数"),
    ("unemployed", MALE): ("F110701", "完全失業者数"),
    ("unemployed", FEMALE): ("F110702", "完全失業者数"),
    ("outside_labour", MALE): ("F110801", "非労働力人口"),
    ("outside_labour", FEMALE): ("F110802", "非労働力人口"),
    ("primary", BOTH): ("F2201", "第1次産業就業者数"),
    ("secondary", BOTH): ("F2211", "第2次産業就業者数"),
    ("tertiary", BOTH): ("F2221", "第3次産業就業者数"),
}
VITAL = {
    "marriages": ("A9101", "婚姻件数"),
    "divorces": ("A9201", "離婚件数"),
    "births_printed": ("A4101", "出生数（人口動態統計）"),
}
EMPLOYEES = re.compile(r"従業者(?:総)?数(\(民営\))?(?:\((.*)\))?")
INDUSTRIES = {
    "total": "全産業",
    "agriculture_forestry": "農業，林業",
    "fishery": "漁業",
    "mining": "鉱業，採石業，砂利採取業",
    "construction": "建設業",
    "manufacturing": "製造業",
    "utilities": "電気・ガス・熱供給・水道業",
    "ict": "情報通信業",
    "transport": "運輸業，郵便業",
    "trade": "卸売業，小売業",
    "finance": "金融業，保険業",
    "real_estate": "不動産業，物品賃貸業",
    "professional": "学術研究，専門・技術サービス業",
    "hospitality": "宿泊業，飲食サービス業",
    "personal_services": "生活関連サービス業，娯楽業",
    "education": "教育，学習支援業",
    "health": "医療，福祉",
    "compound_services": "複合サービス事業",
    "other_services": "サービス業（他に分類されないもの）",
    "government": "公務（他に分類されるものを除く）",
}
NAMED = {cell_text(name): industry for industry, name in INDUSTRIES.items()}
NAMED_TOTAL = cell_text(INDUSTRIES["total"])
Key = TypeVar("Key")


def is_ssdse(sheet: Sheet) -> bool:
    """Whether one of the first rows holds SSDSE's item codes."""
    return any(sum(CODE.fullmatch(cell) is not None for cell in row) >= FEWEST_CODES for row in sheet.rows[:5])


class Edition:
    """One edition's figures of a municipality by item code, with their years and names."""

    def __init__(self, sheet: Sheet, code: str) -> None:
        self.path = sheet.path
        head = next(k for k, row in enumerate(sheet.rows) if sum(map(bool, map(CODE.fullmatch, row))) >= FEWEST_CODES)
        codes, years, names = sheet.rows[head : head + 3]
        body = sheet.rows[head + 3 :]
        found = rows_with_code((row[0] for row in body), code)
        if not found:
            raise InputError(f"{self.path} has no row with the code {code}; give SSDSE-A of all municipalities.")
        self.row = body[found[0]]
        self.name_ja = self.row[2] if len(self.row) > 2 else ""
        self.at = {item: k for k, item in enumerate(codes) if CODE.fullmatch(item)}
        self.years = {item: self._year(years[k], item) for item, k in self.at.items()}
        self.names = {item: names[k] for item, k in self.at.items()}

    def _year(self, cell: str, item: str) -> int:
        year = year_label(cell)
        if year is None:
            raise InputError(f"{self.path}: the year of {item} is {cell!r}; give SSDSE-A with its three header lines.")
        return year

    def value(self, item: str) -> int | None:
        """The figure of an item, None where the edition does not have it or withholds it."""
        return whole(self.path, item, self.row[self.at[item]]) if item in self.at else None


def read_ssdse(sheet: Sheet, code: str) -> Reading:
    """Households, work, vital events and employees of a municipality; a table with an item missing is left out.

    Raises InputError where the municipality or every table is missing.
    """
    edition = Edition(sheet, code)
    rows: dict[str, list[Tidy]] = {
        "households": _all_or_none(
            edition, HOUSEHOLDS, census_known, "census_households",
            lambda item, name, count: {"item": item, "item_ja": name, "households": count},
        ),
        "work": _all_or_none(
            edition, WORK, work_known, "census_work",
            lambda key, name, count: {"item": key[0], "item_ja": name, "sex": key[1], "persons": count},
        ),
        "industries": _industries(edition),
        "vital": _vital(edition),
    }  # fmt: skip
    rows = {table: found for table, found in rows.items() if found}
    if not rows:
        raise InputError(f"{edition.path} has none of the items on households, work, industries and marriages.")
    years = tuple(sorted({int(row["year"]) for found in rows.values() for row in found}))
    return Reading(edition.path, "ssdse", years, rows, edition.name_ja)


def _all_or_none(
    edition: Edition,
    items: Mapping[Key, tuple[str, str]],
    known: Callable[[int], date],
    source: str,
    row: Callable[[Key, str, int], Tidy],
) -> list[Tidy]:
    """The rows of a table of the census, or none where an item is missing or the items are of several years."""
    counts = {key: edition.value(code) for key, (code, _) in items.items()}
    years = {edition.years[code] for code, _ in items.values() if code in edition.years}
    if len(years) != 1:
        return []
    year = years.pop()
    about: Tidy = {"year": year, "source": source, "known_from": known(year).isoformat()}
    rows = [{**about, **row(key, items[key][1], count)} for key, count in counts.items() if count is not None]
    return rows if len(rows) == len(items) else []


def _vital(edition: Edition) -> list[Tidy]:
    """Marriages, divorces and births of the vital statistics (Japanese, calendar year)."""
    rows: list[Tidy] = []
    for item, (code, item_ja) in VITAL.items():
        count = edition.value(code)
        if count is not None:
            year = edition.years[code]
            rows.append({
                "year": year, "period_from": f"{year}-01-01", "period_to": f"{year}-12-31", "nationality": "japanese",
                "item": item, "item_ja": item_ja, "events": count,
                "source": "vital_statistics", "known_from": vital_known(year).isoformat(),
            })  # fmt: skip
    return rows


def _industries(edition: Edition) -> list[Tidy]:
    """Employees by industry, matched by the printed name, since item codes change from census to census."""
    rows: list[Tidy] = []
    for code, name in edition.names.items():
        match = EMPLOYEES.fullmatch(name)
        industry = NAMED.get(match[2] or NAMED_TOTAL) if match else None
        count = edition.value(code) if match and industry else None
        if match and industry and count is not None:
            year = edition.years[code]
            rows.append({
                "year": year, "ownership": "private" if match[1] else "all", "industry": industry,
                "industry_ja": INDUSTRIES[industry], "employees": count,
                "source": f"establishments_{year}", "known_from": economic_known(year).isoformat(),
            })  # fmt: skip
    return rows
