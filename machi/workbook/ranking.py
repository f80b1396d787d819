"""The sheets of a result's ranking: both intervals, grades, cost; and what packages bring that run as planned only."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from machi.workbook.book import HUNDREDTH, PEOPLE, SHARE, SIGNED, TENTH, Cell, Figure, Line, Sheet, text, title
from machi.workbook.wording import words

FORMS = {"p_top3": SHARE, "total_index": HUNDREDTH, "people_per_100_million_yen": TENTH, "cost_million_yen": PEOPLE}
NAME = "name"
RANKED = (
    "rank_mu", "package", NAME, "grade", "mu", "mu_low", "mu_high", "effect", "effect_mc_low", "effect_mc_high",
    "effect_low", "effect_high", "rank_alone", "p_top3", "total_index", "cost_million_yen",
    "people_per_100_million_yen",
)  # fmt: skip
PLANNED = ("rank_alone", "package", NAME, "effect", "effect_mc_low", "effect_mc_high", "cost_million_yen")
WHOLE = ("rank_mu", "rank_alone")
WORDS = {"rank_mu": "rank"}
WIDTHS = {NAME: 44.0, "package": 8.0, "rank_mu": 6.0, "grade": 8.0}
COLUMN = 11.0


def ranking_sheet(ranking: pd.DataFrame, heading: str, lang: str) -> Sheet:
    """Packages in the order of mu."""
    said = words(lang)
    about = [said["ranking_mu"], said["ranking_read"], said["ranking_grades"]]
    return _sheet(said["ranking_sheet"], heading, about, _named(ranking, ranking, lang), RANKED, lang)


def plan_sheet(plan: pd.DataFrame, ranking: pd.DataFrame, heading: str, lang: str) -> Sheet:
    """Packages in the order of their effect alone, as planned."""
    said = words(lang)
    ordered = _named(plan, ranking, lang).sort_values("rank_alone", kind="stable")
    return _sheet(said["plan_sheet"], heading, [said["ranking_read"]], ordered, PLANNED, lang)


def _named(table: pd.DataFrame, ranking: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The table with each package's name in the language."""
    names: Mapping[Any, Any] = dict(zip(ranking["package"], ranking[f"name_{lang}"], strict=True))
    return table.assign(**{NAME: [str(names.get(key, "")) for key in table["package"]]})


def _sheet(
    name: str, heading: str, about: Sequence[str], table: pd.DataFrame, columns: Sequence[str], lang: str
) -> Sheet:
    said = words(lang)
    lines = [title(heading), *text(*about), Line("head", tuple(said[WORDS.get(key, key)] for key in columns))]
    top = len(lines)
    for _, row in table.iterrows():
        lines.append(Line("plain", tuple(_cell(key, row[key]) for key in columns)))
    return Sheet(name, lines, [WIDTHS.get(key, COLUMN) for key in columns], (top, columns.index(NAME) + 1))


def _cell(key: str, value: Any) -> Cell:
    """A field of the ranking: ranks whole, people with signs, all else in its own form."""
    if key in WHOLE and pd.notna(value):
        return int(value)
    if isinstance(value, str):
        return value
    return Figure(float(value), FORMS.get(key, SIGNED))
