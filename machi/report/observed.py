"""What the appendix's figures and tables share: counts of the observed run by period, and the region's flows."""

from typing import NamedTuple

import pandas as pd

from .findings import ALL, NONE
from .reading import Result
from .tables import lines

SECTORS = ("primary", "manufacturing", "construction", "ict", "trade", "health", "services")
DESTINATIONS = ("prefecture", "centre", "tokyo_area", "elsewhere")
CIRCLES = ("work", "school", "neighbourhood", "long_tie")
YOUNG_ADULTS = (20, 34)  # ages at which most marry; the convention of the published ratio

Period = tuple[int, int]  # first and last year


class Place(NamedTuple):
    """A destination with its flows in the reference arm, persons a year, and what all packages change."""

    key: str
    name: str
    status: str
    share: float
    share_low: float
    share_high: float
    leaving: float
    leaving_low: float
    leaving_high: float
    arriving: float
    arriving_low: float
    arriving_high: float
    policy: float  # the town's balance with this place, all packages less none, persons a year; NaN without them


def periods(result: Result) -> list[Period]:
    """The periods of the observed run."""
    assert result.behaviour is not None, "asked for only where the table is there"
    found = result.behaviour[["first", "last"]].drop_duplicates().sort_values("first")
    return [(int(first), int(last)) for first, last in found.itertuples(index=False)]


def counts(result: Result, picture: str, period: Period) -> pd.DataFrame:
    """The rows of one picture and period."""
    table = result.behaviour
    assert table is not None, "asked for only where the table is there"
    return table[(table["picture"] == picture) & (table["first"] == period[0])]


def by_age(result: Result, picture: str, item: str, sex: str, period: Period) -> pd.Series:
    """One count by age."""
    rows = counts(result, picture, period)
    return rows[(rows["item"] == item) & (rows["sex"] == sex)].set_index("age")["value"].sort_index()


def by_sector(result: Result, period: Period) -> pd.DataFrame:
    """Stocks and flows of work, one row per sector, one column per item."""
    table = counts(result, "work", period).pivot_table(index="sector", columns="item", values="value")
    return table.reindex(SECTORS)


def men_per_woman(result: Result, period: Period, ages: tuple[int, int] = YOUNG_ADULTS) -> float:
    """Never-married men per never-married woman of these ages; NaN where there is no such woman."""
    men, women = (by_age(result, "market", "never_married", sex, period).loc[slice(*ages)].sum() for sex in "MF")
    return float(men / women) if women else float("nan")


def places(result: Result, lang: str) -> list[Place]:
    """The region's destinations in their order."""
    table = result.region
    assert table is not None, "asked for only where the table is there"
    found = []
    for key in DESTINATIONS:
        rows = table[table["destination"] == key]
        edges = {(row.arm, row.direction): row for row in lines(rows)}
        out, back = edges[NONE, "leaving"], edges[NONE, "arriving"]
        policy = float("nan")
        if (ALL, "leaving") in edges:
            won, lost = edges[ALL, "arriving"], edges[ALL, "leaving"]
            policy = (won.persons - back.persons) - (lost.persons - out.persons)
        found.append(Place(
            key, str(getattr(out, f"name_{lang}")), str(out.status), out.share, out.share_low, out.share_high,
            out.persons, out.low, out.high, back.persons, back.low, back.high, policy,
        ))  # fmt: skip
    return found
