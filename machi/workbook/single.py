"""The workbook of one arm: what `machi simulate` and `machi cohort` write where the file ends in .xlsx."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from machi.runs.outcomes import total_by_year
from machi.workbook.ages import GROUPS, STEP, People, people_of
from machi.workbook.book import Sheet, write_book
from machi.workbook.people import people_sheet
from machi.workbook.wording import words
from machi.workbook.yearly import INDICATORS, yearly_sheet

if TYPE_CHECKING:
    from abm.people.outputs import Outputs
    from machi.runs.projection import Projected

ENDING = ".xlsx"
OF_PROJECTION = ("population", "births", "deaths", "moves_net")

Floats = NDArray[np.float64]


def is_workbook(path: Path) -> bool:
    """Whether a file is to be a workbook; InputError for the older form of Excel, which is not written."""
    if path.suffix.lower() == ".xls":
        raise InputError(f"--out: {path} would be of Excel's old form; name a file that ends in .xlsx or .csv.")
    return path.suffix.lower() == ENDING


def write_simulated(path: Path, outputs: Sequence["Outputs"], town: str, about: str, lang: str) -> None:
    """Write the mean of an arm's replications: residents by age, and yearly totals."""
    said, start = words(lang), outputs[0].start
    single = [np.asarray(one.population, dtype=np.float64) / one.fraction for one in outputs]
    people = people_of(single, start, outputs[0].end)
    named = [name for name in INDICATORS if name != "moves_net"]
    yearly = {name: np.mean([total_by_year(one, name) for one in outputs], axis=0) for name in named}
    told = [about, said["mean_of"].format(seeds=len(outputs))]
    write_book(path, _sheets(people, yearly, start, town, told, lang), lang)


def write_projected(path: Path, one: "Projected", town: str, about: str, lang: str) -> None:
    """Write a cohort projection: residents by age and, in the annual form, yearly totals."""
    told = [about, words(lang)["projected"]]
    population = np.asarray(one.tables["population"], dtype=np.float64)
    if one.step == STEP:
        years = tuple(one.start + STEP * row for row in range(len(population)))
        write_book(path, _sheets(People(years, population[..., :GROUPS]), {}, one.start, town, told, lang), lang)
        return
    people = people_of([population], one.start, one.start + len(population) - 1)
    yearly = {name: _totals(one.tables[name]) for name in OF_PROJECTION if name in one.tables}
    write_book(path, _sheets(people, yearly, one.start, town, told, lang), lang)


def _totals(table: Floats) -> Floats:
    """Sums over sex and age by year."""
    totals: Floats = np.asarray(table, dtype=np.float64).reshape(len(table), -1).sum(axis=1)
    return totals


def _sheets(
    people: People, yearly: Mapping[str, Floats], start: int, town: str, about: Sequence[str], lang: str
) -> list[Sheet]:
    said = words(lang)
    arm = said["arm_one"]
    made = [people_sheet(arm, said["people_title"].format(town=town, arm="").rstrip(" -　"), about, people, lang)]
    if yearly:
        heading = said["years_title"].format(town=town)
        made.append(yearly_sheet(heading, about, start, {arm: yearly}, lang))
    return made
