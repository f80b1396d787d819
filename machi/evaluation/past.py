"""A town on a day of its register, with rates that say only what was known then, and what the register counted since.

Households, civil states and work are those of the newest census, of which nothing older is in a town's tables: they
came to be known after most launches, the rates did not.
"""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from abm.errors import InputError
from abm.known.area import Area, Stock
from abm.known.scenario import read_scenario
from abm.known.setting import read_setting
from abm.known.stocks import SAME_DAY
from abm.known.town import read_town
from machi.hindcast.flows import counted
from machi.places import Places
from machi.runs.groundwork import Ground
from machi.store import fingerprint, fingerprint_of

BASIS, NATIONALITY = "register", "total"  # a founding holds all residents
JAPANESE = "japanese"  # of whom vital statistics count marriages
SCENARIO = "trend"
RESIDENTS, BIRTHS, DEATHS, NET_MOVES, MARRIAGES = "population", "births", "deaths", "net_moves", "marriages"
FLOWS = (BIRTHS, DEATHS, NET_MOVES, MARRIAGES)

Figure = tuple[str, int, int]  # what, first year, last year; residents of 1 January have one year


class Past(NamedTuple):
    """The ground of the launch, and the counted figures of the years after it."""

    ground: Ground
    launch: Stock
    counted: dict[Figure, float]


def past_of(places: Places, town: str, launch: int, end: int | None = None) -> Past:
    """The town at a launch, up to `end` (default: its newest register).

    Raises InputError where the register has no stock of these years on 1 January, or no births and deaths in between.
    """
    folder, japan = places.town_dir(town), places.japan_dir()
    full = read_town(folder, japan)
    if BASIS not in full.bases:
        raise InputError(f"{folder / 'town.toml'}: {full.key} has no register; add its residents and flows.")
    area = full.setting.area
    stocks = _stocks(area)
    last = max(stocks, default=0) if end is None else end
    if last <= launch:
        raise InputError(f"--end: {last} is not after the launch {launch}; give a later year of the register.")
    gaps = [year for year in range(launch, last + 1) if year not in stocks]
    if gaps:
        option, there = ("--end" if gaps[0] > launch else "--launch"), ", ".join(map(str, sorted(stocks)))
        raise InputError(
            f"{option}: {folder / 'register_population.csv'} holds no residents of 1 January {gaps[0]}; "
            f"choose from {there}."
        )
    began = stocks[launch]
    known = replace(full, setting=read_setting(folder, japan, began.known_from))
    path = places.scenario_path(town, SCENARIO)
    data = fingerprint_of([fingerprint([folder, japan, path]), str(began.known_from)])
    ground = Ground(places, folder, path, known, read_scenario(path), BASIS, launch, last, data)
    return Past(ground, began, _counted(folder, area, stocks, launch, last))


def _stocks(area: Area) -> dict[int, Stock]:
    """The register's stocks of 1 January by year."""
    stocks = area.stocks(BASIS, NATIONALITY)
    return {round(stock.day): stock for stock in stocks if abs(stock.day - round(stock.day)) < SAME_DAY}


def _counted(folder: Path, area: Area, stocks: dict[int, Stock], launch: int, end: int) -> dict[Figure, float]:
    """Every figure that was counted; net moves are what the residents changed by beyond births and deaths."""
    found: dict[Figure, float] = {}
    for year in range(launch, end):
        of_year = [counted(area.flows.get(NATIONALITY, ()), item, year, year + 1) for item in (BIRTHS, DEATHS)]
        if of_year[0] is None or of_year[1] is None:
            raise InputError(f"{folder / 'vital.csv'}: births or deaths of {year} are missing; add them.")
        births, deaths = float(of_year[0]), float(of_year[1])
        before, after = (float(stocks[one].people.sum()) for one in (year, year + 1))
        found[RESIDENTS, year + 1, year + 1] = after
        found |= {(BIRTHS, year, year): births, (DEATHS, year, year): deaths}
        found[NET_MOVES, year, year] = after - before - births + deaths
        wed = counted(area.flows.get(JAPANESE, ()), MARRIAGES, year, year + 1)
        if wed is not None:
            found[MARRIAGES, year, year] = wed
    return found | _sums(found)


def _sums(found: dict[Figure, float]) -> dict[Figure, float]:
    """Each flow over all years that are counted, where these are several in a row."""
    sums: dict[Figure, float] = {}
    for item in FLOWS:
        years = sorted(first for what, first, _ in found if what == item)
        if len(years) > 1 and years[-1] - years[0] == len(years) - 1:
            sums[item, years[0], years[-1]] = sum(found[item, year, year] for year in years)
    return sums
