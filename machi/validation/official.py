"""The national projection of 2018 by sex and age beside ours, for towns that it covers."""

from typing import NamedTuple

import numpy as np

from machi.places import Places
from machi.runs.projection import read_future


class Official(NamedTuple):
    """One year: the national projection, Pattern 1 in the five-year form, and the misplaced share by sex and age."""

    town: str
    name_ja: str
    name_en: str
    year: int
    official: float
    ours: float
    difference: float
    misplaced: float


def official_rows(places: Places, town: str) -> list[Official]:
    """Every year of the national projection after the census; none where it leaves the town out.

    misplaced: sum over sex and five-year ages of |ours - official| over the official total (WAPE).
    """
    from abm.forecast.worksheet import project_by_fives

    future = read_future(places, town, "pattern1", "census", None, None)
    area = future.setting.area
    if not area.official:
        return []
    sheet = project_by_fives(future._replace(end=max(area.official)))
    rows = []
    for year, people in zip(sheet.years.tolist(), sheet.people, strict=True):
        if year > future.start and year in area.official:
            theirs = area.official[year]
            total, ours = float(theirs.sum()), float(people.sum())
            wape = float(np.abs(people - theirs).sum() / total)
            rows.append(Official(town, area.name_ja, area.name_en, year, total, ours, ours / total - 1, wape))
    return rows
