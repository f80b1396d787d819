"""The sheet of one arm's residents: 総数, 男, 女 by five-year ages, broad groups and their shares, years as columns."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from machi.workbook.ages import BROAD, GROUPS, SEXES, WIDTH, People, broad_sums
from machi.workbook.book import PEOPLE, SHARE, SIGNED, Figure, Kind, Line, Sheet, text, title
from machi.workbook.wording import words

Floats = NDArray[np.float64]
LABEL_WIDTH, YEAR_WIDTH = 30, 11


def group_name(said: Mapping[str, str], group: int) -> str:
    """A five-year group in words."""
    low = WIDTH * group
    return said["open_group"].format(low=low) if group == GROUPS - 1 else said["group"].format(low=low, high=low + 4)


def people_sheet(
    name: str, heading: str, about: Sequence[str], people: People, lang: str, is_difference: bool = False
) -> Sheet:
    """The sheet; a difference of two arms has signs and no shares."""
    said = words(lang)
    form = SIGNED if is_difference else PEOPLE
    years = [said["year_head"].format(year=year) for year in people.years]
    lines = [title(heading), *text(*about, said["rounding"])]
    lines.append(Line("head", (said["age"], *years)))
    top = len(lines)
    for sex in SEXES:
        lines.append(Line("band", (said[sex], *("" for _ in years))))
        lines += _block(said, people.of(sex), form, not is_difference)
    widths = [LABEL_WIDTH, *(YEAR_WIDTH for _ in years)]
    return Sheet(name, lines, widths, (top, 1), landscape=False, one_page=True)


def _block(said: Mapping[str, str], groups: Floats, form: str, with_shares: bool) -> list[Line]:
    """One sex: its total, its groups, the broad groups and, of both sexes as of each, their shares."""

    def line(name: str, values: Floats, shape: str = form, whole: bool = False, part: bool = False) -> Line:
        kind: Kind = "total" if whole else "part" if part else "plain"
        return Line(kind, (name, *(Figure(float(value), shape) for value in values)))

    total = groups.sum(axis=1)
    lines = [line(said["all_ages"], total, whole=True)]
    lines += [line(group_name(said, group), groups[:, group]) for group in range(GROUPS)]
    broad = broad_sums(groups)
    lines.append(Line("plain", (said["again"], *("" for _ in total))))
    lines += [line(said[one.key], broad[one.key], part=True) for one in BROAD]
    if with_shares:
        shares = {key: np.divide(values, total, out=np.full_like(total, np.nan), where=total > 0)
                  for key, values in broad.items()}  # fmt: skip
        lines.append(Line("plain", (said["shares"], *("" for _ in total))))
        lines += [line(said[one.key], shares[one.key], SHARE, part=True) for one in BROAD]
    return lines


def people_table(arms: Mapping[str, People]) -> pd.DataFrame:
    """The same figures as a long table: arm, year, sex (T, M, F), age_from, age_to (empty for 90 and over), persons."""
    parts = []
    for arm, people in arms.items():
        for sex, short in zip(SEXES, ("T", "M", "F"), strict=True):
            groups = people.of(sex)
            low = np.tile(np.arange(GROUPS) * WIDTH, len(people.years))
            parts.append(pd.DataFrame({
                "arm": arm, "year": np.repeat(np.array(people.years), GROUPS), "sex": short, "age_from": low,
                "age_to": pd.array([pd.NA if age == WIDTH * (GROUPS - 1) else age + WIDTH - 1 for age in low],
                                   dtype="Int64"),
                "persons": groups.ravel(),
            }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)
