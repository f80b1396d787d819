"""The institute's regional projection (社人研, 男女・年齢5歳階級別の推計結果, xls or xlsx)."""

from collections import defaultdict

from abm.errors import InputError
from machi.intake.cells import FEMALE, MALE, TOTAL, AgeGroup, number
from machi.intake.crosstab import Crosstab, figures
from machi.intake.tidy import PROJECTION_LAG, Reading, Tidy, age_rows, five_year_groups, opened_at, projection_known

OPEN_AGE = 90


def source_of(base: int) -> str:
    """The key of the projection that starts from a census."""
    return f"ipss{base + PROJECTION_LAG}"


def read_projection(table: Crosstab, code: str) -> Reading:
    """The projected people of a municipality; figures are rounded to persons, totals are the sum of the rounded ages.

    Raises InputError where ages and the printed total differ by more than rounding.
    """
    cells: dict[tuple[int, str], dict[AgeGroup, float | None]] = defaultdict(dict)
    for figure in figures(table, code):
        if figure.year is None:
            raise InputError(f"{table.path} has no column of years; give the projection of all municipalities.")
        try:
            cells[figure.year, figure.sex].setdefault(figure.age, number(figure.cell))
        except ValueError as error:
            wrong = f"{table.path}: {figure.cell!r} in {figure.year} is no figure"
            raise InputError(f"{wrong}; correct the cell.") from error
    years = tuple(sorted({year for year, sex in cells if sex in (MALE, FEMALE)}))
    if len(years) < 2:
        raise InputError(f"{table.path} has no projected years by sex; give the table by sex and five-year age group.")
    about: Tidy = {"source": source_of(years[0]), "known_from": projection_known(years[0]).isoformat()}
    rows: list[Tidy] = []
    for year in years:
        for sex in (MALE, FEMALE):
            what = f"the projection of {year}, sex {sex}"
            found = cells[year, sex]
            counts = {age: None if value is None else round(value) for age, value in found.items()}
            groups = opened_at(table.path, what, five_year_groups(table.path, what, counts), OPEN_AGE)
            total = found.get(TOTAL)
            if total is not None and abs(total - sum(groups.values())) > len(counts) / 2:
                summed = f"{table.path}: the ages of {what} sum to {sum(groups.values())}"
                raise InputError(f"{summed} but the total is {total:g}; correct the file.")
            rows += age_rows(groups, sum(groups.values()), year=year, sex=sex, **about)
    return Reading(table.path, "projection", years, {"official_projection": rows})
