"""Cells as offices print them: full-width digits, thousands separators, marks for zero and for what is withheld."""

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

ZERO = frozenset("-‐‑‒–—―−ー─")
WITHHELD = frozenset({"", "x", "χ", "*", "**", "***", "..", "...", "・・", "・・・"})
NEGATIVE = "-−–‐△▲"
NUMBER = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
DASHES = str.maketrans(dict.fromkeys("~〜∼‐‑‒–—―−ー─", "-"))
ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
YEAR = rf"(?:({'|'.join(ERAS)})\s*(元|[0-9]{{1,2}})|((?:18|19|20)[0-9]{{2}}))\s*年"
DAY = re.compile(YEAR + r"\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*日(?!\s*(?:から|より|まで|-|~|〜))")
YEAR_ONLY = re.compile(YEAR)
MALE, FEMALE, BOTH = "M", "F", "T"
SEXES = {"男": MALE, "男性": MALE, "男子": MALE, "女": FEMALE, "女性": FEMALE, "女子": FEMALE}
SEXES |= dict.fromkeys(("計", "総数", "男女計", "男女総数", "総数(男女別)", "総数(男女)", "男女合計"), BOTH)
TOTALS = frozenset({"計", "総数", "総計", "合計", "年齢総数", "総数(年齢)", "総数(計)", "全年齢", "人口総数"})
BETWEEN = re.compile(r"([0-9]{1,3})歳?-([0-9]{1,3})歳?")
ABOVE = re.compile(r"([0-9]{1,3})歳?(?:以上|-)")
OPEN = -1  # the end of an open age group


class AgeGroup(NamedTuple):
    """`group` from start to end (OPEN: and over), or `total` or `unknown` without ages."""

    kind: str
    start: int = OPEN
    end: int = OPEN


TOTAL, UNKNOWN = AgeGroup("total"), AgeGroup("unknown")


def cell_text(value: object) -> str:
    """A cell's text: NFKC (full-width to half), no control characters, one blank between words."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _normal(str(value))


@lru_cache(maxsize=1 << 16)
def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def number(text: str) -> float | None:
    """The figure in a cell: `-` is 0, `x`, `***`, `…` and blanks are None (withheld or not counted).

    Raises ValueError for anything else, such as thousands separators at wrong places.
    """
    plain = cell_text(text)
    if plain in ZERO:
        return 0.0
    if plain.lower() in WITHHELD:
        return None
    sign = -1.0 if plain[0] in NEGATIVE else 1.0
    digits = plain[1:] if sign < 0 or plain[0] == "+" else plain
    if not NUMBER.fullmatch(digits):
        raise ValueError(f"{plain!r} is not a figure")
    return sign * float(digits.replace(",", ""))


def is_figure(text: str) -> bool:
    """Whether a cell holds digits that are a number (marks for zero or withheld are not)."""
    try:
        return text not in ZERO and number(text) is not None
    except ValueError:
        return False


def age_label(text: str) -> AgeGroup | None:
    """The age group that a label names (`０－４歳【人】`, `95歳～`, `総数（年齢）`, `年齢「不詳」`), else None."""
    plain = re.sub(r"[\[【(]人[\]】)]|\s", "", cell_text(text)).translate(DASHES)
    if plain in TOTALS:
        return TOTAL
    if "不詳" in plain and len(plain) < 10:
        return UNKNOWN
    if between := BETWEEN.fullmatch(plain):
        return AgeGroup("group", int(between[1]), int(between[2]))
    above = ABOVE.fullmatch(plain)
    return AgeGroup("group", int(above[1])) if above else None


def sex_label(text: str) -> str | None:
    """M, F or T (both) where a label names a sex, else None."""
    return SEXES.get(cell_text(text).replace(" ", ""))


def _year(era: str | None, of_era: str | None, western: str | None) -> int:
    if western:
        return int(western)
    return ERAS[era or ""] + (1 if of_era == "元" else int(of_era or 0))


def years_in(text: str) -> list[int]:
    """Every year that a text names with 年, western or of an era, in order."""
    return [_year(m[1], m[2], m[3]) for m in YEAR_ONLY.finditer(cell_text(text))]


def year_label(text: str) -> int | None:
    """The year that a whole label is (`2015年`, `平成27年`, `2015`, `2015年10月1日`), else None."""
    plain = cell_text(text)
    if re.fullmatch(r"(?:18|19|20)[0-9]{2}(?:年度?)?", plain):
        return int(plain[:4])
    found = YEAR_ONLY.match(plain)
    return _year(found[1], found[2], found[3]) if found else None


def days_in(text: str) -> list[date]:
    """Every day that a text names and that begins or ends no period, in order."""
    found = []
    for m in DAY.finditer(cell_text(text)):
        try:
            found.append(date(_year(m[1], m[2], m[3]), int(m[4]), int(m[5])))
        except ValueError:
            continue
    return found
