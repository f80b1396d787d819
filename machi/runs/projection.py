"""The cohort projection of a town in a scenario: annual (the agents' twin) or in the official five-year form."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from machi.places import Places
from machi.runs.groundwork import checked_basis
from machi.runs.long_table import table_lines, write_lines
from machi.store import make_folder, written

if TYPE_CHECKING:
    from abm.forecast.cohort import Projection
    from abm.forecast.doubt import Fan
    from abm.forecast.future import Future
    from abm.known.setting import Setting

Form = Literal["annual", "five-year"]
Floats = NDArray[np.float64]
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BATCH = 2000  # draws projected at once, so that memory stays small


class Projected(NamedTuple):
    """Tables by indicator, in the layout of `machi simulate`: the first axis counts dates or years from the start."""

    start: int
    step: int
    tables: Mapping[str, Floats]


def read_future(
    places: Places, town: str, scenario: str, basis: str | None, start: int | None, end: int | None
) -> "Future":
    """A town in a scenario from a launch: by default the scenario's start, on another basis than its own the newest.

    Where the scenario estimates a trend, what became known after the launch's own stock is not read. Raises
    InputError for a basis, start or end that cannot be, in one sentence.
    """
    from abm.forecast.future import future_of
    from abm.known.scenario import read_scenario

    future = read_scenario(places.scenario_path(town, scenario))
    read = partial(_setting, places.town_dir(town), places.japan_dir())
    chosen = checked_basis(basis or future.basis)
    setting = read()
    stocks = setting.area.stocks(chosen)
    if not stocks:
        raise InputError(f"--basis: {setting.area.key} has no {chosen} stock; add its table or give the other basis.")
    usual = future.start if chosen == future.basis else int(stocks[-1].day)
    first = usual if start is None else start
    launched = next((stock for stock in stocks if int(stock.day) == first), None)
    if future.is_estimated and launched is not None:
        setting = read(known_by=launched.known_from)
    return future_of(setting, future, chosen, first, future.end if end is None else end)


def _setting(town_dir: Path, japan_dir: Path, known_by: date | None = None) -> "Setting":
    """A town in its surroundings, kept in memory until a file of either folder changes."""
    files = sorted(path for folder in (town_dir, japan_dir) for path in folder.glob("*.*"))
    return _kept_setting(town_dir, japan_dir, known_by, tuple(path.stat().st_mtime_ns for path in files))


@lru_cache(maxsize=64)
def _kept_setting(town_dir: Path, japan_dir: Path, known_by: date | None, _changed: tuple[int, ...]) -> "Setting":
    from abm.known.setting import read_setting

    return read_setting(town_dir, japan_dir, known_by)


def project_annually(future: "Future") -> "Projection":
    """The annual single-age projection of a future: what the agents' reference arm is aligned to."""
    from abm.forecast.cohort import project
    from abm.forecast.future import fled, start_people
    from abm.forecast.futures import scenario_rates

    boys = future.setting.assumptions["sex_ratio_at_birth"].value
    return project(start_people(future), scenario_rates(future), fled(future), boys / (1 + boys))


def projected(future: "Future", form: Form) -> Projected:
    """A future projected in one of the two forms."""
    if form == "five-year":
        from abm.forecast.worksheet import project_by_fives

        sheet = project_by_fives(future)
        return Projected(future.start, 5, {"population": sheet.people})
    found = project_annually(future)
    tables = {"births": found.births, "deaths": found.deaths, "moves_net": found.net_moves, "population": found.people}
    return Projected(future.start, 1, tables)


def write_projection(path: Path, one: Projected) -> None:
    """Write a projection as the long CSV of `machi simulate`, replication 0; ages of the five-year form are groups."""
    names = [f"{5 * g}-{5 * g + 4}" for g in range(18)] + ["90+"] if one.step == 5 else None
    rows: Iterator[str] = table_lines(0, one.start, one.step, one.tables, names)
    write_lines(path, rows)


def fan_of(future: "Future", draws: int, seed: int) -> "Fan":
    """Residents by year under draws of what is uncertain about rates: totals [draws, Y + 1]."""
    from abm.forecast.doubt import Fan, doubt_of, draw, project_draws
    from abm.forecast.future import fled, launch_of, start_people
    from abm.forecast.futures import scenario_rates

    rates, people = scenario_rates(future), start_people(future)
    doubt, shape = doubt_of(launch_of(future)), future.setting.behaviour["estimation"]
    boys = future.setting.assumptions["sex_ratio_at_birth"].value
    totals = []
    nothing = np.zeros(0, dtype=np.int64)
    for first in range(1, draws + 1, BATCH):
        numbers = np.arange(first, min(first + BATCH, draws + 1))
        some = draw(doubt, len(rates.years), numbers, seed)
        totals.append(project_draws(people, rates, boys / (1 + boys), some, shape, nothing, fled(future)).totals)
    return Fan(np.concatenate(totals), np.zeros((draws, 0, 2, 17)))


def write_fan(path: Path, start: int, totals: Floats) -> None:
    """Write the quantiles of residents by year: year, quantile, value."""
    make_folder(path.parent)
    with written(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.write("year,quantile,population\n")
        for y, row in enumerate(np.quantile(totals, QUANTILES, axis=0).T):
            file.writelines(f"{start + y},{q},{value:.1f}\n" for q, value in zip(QUANTILES, row, strict=True))
