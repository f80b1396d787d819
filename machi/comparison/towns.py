"""Towns side by side as figures: censuses, register, reference projection and vision, per resident."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.errors import InputError
from machi.comparison.asked import PER_COST, Asked, cost_of, gained, of_year, paths, read_asked
from machi.comparison.pairing import NOTHING, Difference, alone, by_year
from machi.places import Places
from machi.report.findings import ALL, NONE

if TYPE_CHECKING:
    from abm.known.area import Area, Flow

Floats = NDArray[np.float64]
THOUSAND, INDEX, MILLION = 1000.0, 100.0, 1e6
REFERENCE, VISION = "baseline", "vision"
BROAD_AGES = ((0, 14), (15, 64), (65, 74), (75, 100))
GROUPS = 19  # five-year ages to 90 and over
EVENTS = ("births", "deaths", "moves_net")
FEWEST, MOST = 2, 8  # towns on one page: more panels cannot be read


class Course(NamedTuple):
    """A cohort projection: names of its scenario, stocks [Y + 1, 2, 101] and events by year."""

    names: tuple[str, str]
    start: int
    people: Floats
    events: Mapping[str, Floats]

    @property
    def years(self) -> list[int]:
        """The years of the stocks."""
        return list(range(self.start, self.start + len(self.people)))

    def total(self, year: int) -> float:
        """Residents of a year; NaN outside."""
        return float(self.people[year - self.start].sum()) if year in self.years else float("nan")

    def rates(self, event: str) -> Floats:
        """Events of each year per 1,000 residents, the mean of both its stocks."""
        totals = self.people.sum(axis=(1, 2))
        return np.asarray(self.events[event] * THOUSAND / ((totals[:-1] + totals[1:]) / 2), dtype=np.float64)

    def groups(self, year: int) -> Floats:
        """Residents by sex and five-year age per 1,000 residents, float64[2, 19]."""
        people = self.people[year - self.start]
        edges = [*range(0, 5 * GROUPS, 5)]
        return np.asarray(np.add.reduceat(people, edges, axis=1) * THOUSAND / people.sum(), dtype=np.float64)

    def shares(self, year: int) -> list[float]:
        """Shares of the broad ages."""
        people = self.people[year - self.start].sum(axis=0)
        return [float(people[low : high + 1].sum() / people.sum()) for low, high in BROAD_AGES]


class TownFigures(NamedTuple):
    """One town: censuses (year, residents), rates of the register by event (year, per 1,000), and its courses."""

    key: str
    names: tuple[str, str]
    base: float  # residents in the census of the base year: the index is 100 there
    censuses: dict[int, float]
    register: dict[str, pd.DataFrame]
    reference: Course
    vision: Course | None

    def indexed(self, people: float) -> float:
        """Residents as an index."""
        return INDEX * people / self.base


class Brought(NamedTuple):
    """What all packages of a result bring per resident; people are per 1,000 residents of the first year."""

    asked: Asked
    run_time: str
    course: pd.DataFrame  # year, value, low, high
    effect: Difference  # in the common year
    per_cost: Difference  # people per 100 million yen at the result's own horizon
    yen: float  # a resident of the first year and a year


class Towns(NamedTuple):
    """Towns side by side, with results of some of them."""

    towns: list[TownFigures]
    base_year: int
    end: int
    brought: dict[str, Brought]  # by town
    year: int  # in which effects are told: the last that the page and all results reach


def read_towns(places: Places, names: Sequence[str], end: int | None, results: Sequence[str]) -> Towns:
    """Read and project the towns (InputError for one that cannot be; all that can be found without names)."""
    chosen = list(dict.fromkeys(names or places.towns()))
    if not FEWEST <= len(chosen) <= MOST:
        raise InputError(f"towns: {len(chosen)} town(s) to compare; name {FEWEST} to {MOST} of them.")
    areas = {name: _area(places, name) for name in chosen}
    shared = set.intersection(*(set(_censuses(area)) for area in areas.values()))
    if not shared:
        raise InputError(f"towns: {', '.join(chosen)} have no census year in common; name others.")
    base = max(shared)
    last = end if end is not None else min(_scenario_end(places, name, REFERENCE) for name in chosen)
    if last <= base:
        raise InputError(f"--end: {last} does not lie after the census of {base}; give a later year.")
    towns = [_town(places, name, areas[name], base, last) for name in chosen]
    read = [_read_result(places, name) for name in results]
    for one in read:
        if one.manifest.town.key not in {town.key for town in towns}:
            raise InputError(f"--result: {one.folder} is of {one.manifest.town.key}, which is not on this page.")
    if len({one.manifest.town.key for one in read}) < len(read):
        raise InputError("--result: two results are of the same town; put them side by side with `machi compare`.")
    year = min([last, *(one.manifest.end for one in read)])
    return Towns(towns, base, last, {one.manifest.town.key: _brought(one, year) for one in read}, year)


def _read_result(places: Places, name: str) -> Asked:
    one = read_asked(places, [name], every_year=True)[0]
    if not (one.series["arm"] == ALL).any():
        raise InputError(f"--result: {one.folder} has no arm of all packages; give a result that has [alone].")
    return one


def _area(places: Places, name: str) -> "Area":
    from abm.known.setting import read_setting

    return read_setting(places.town_dir(name), places.japan_dir()).area


def _censuses(area: "Area") -> dict[int, float]:
    return {int(stock.day): float(stock.people.sum()) for stock in area.census}


def _scenario_end(places: Places, name: str, scenario: str) -> int:
    from abm.known.scenario import read_scenario

    return read_scenario(places.scenario_path(name, scenario)).end


def _town(places: Places, name: str, area: "Area", base: int, end: int) -> TownFigures:
    censuses = _censuses(area)
    visions = sorted(key for key in places.scenarios(name) if key.rstrip("0123456789") == VISION)
    # The last one is the one that the city adopted, as the manifest's gap has it.
    vision = _course(places, name, visions[-1], end) if visions else None
    return TownFigures(
        area.key, (area.name_ja, area.name_en), censuses[base], censuses,
        {event: _register(area, event) for event in EVENTS}, _course(places, name, REFERENCE, end), vision,
    )  # fmt: skip


def _course(places: Places, name: str, scenario: str, end: int) -> Course:
    """The annual cohort projection of a scenario on its own basis."""
    from machi.runs.projection import project_annually, read_future

    future = read_future(places, name, scenario, "census", None, end)
    found = project_annually(future)
    events = {
        "births": found.births.sum(axis=1), "deaths": found.deaths.sum(axis=(1, 2)),
        "moves_net": found.net_moves.sum(axis=(1, 2)),
    }  # fmt: skip
    return Course((future.scenario.name_ja, future.scenario.name_en), future.start, found.people, events)


def _register(area: "Area", event: str) -> pd.DataFrame:
    """Events of the register per 1,000 residents of the same register, by the middle of each period.

    All residents where they are counted, before that the Japanese; empty where the town has no register.
    """
    rows: list[tuple[float, float]] = []
    for nationality in ("total", "japanese"):
        stocks = area.register.get(nationality, ())
        first = min((at for at, _ in rows), default=np.inf)
        for flow in area.flows.get(nationality, ()):
            middle = (flow.start + flow.end) / 2
            count = _count(flow, event)
            if stocks and middle < first - 0.5 and count is not None:
                people = np.interp(middle, [stock.day for stock in stocks], [stock.people.sum() for stock in stocks])
                rows.append((middle, THOUSAND * count / flow.years / float(people)))
    return pd.DataFrame(sorted(rows), columns=["year", "value"])


def _count(flow: "Flow", event: str) -> float | None:
    """Events of a flow; net moves with what the office corrected, as the register counts them."""
    return flow.events.get("social" if event == "moves_net" else event)


def _brought(one: Asked, year: int) -> Brought:
    run_time = one.run_times[0]
    people = gained(one, ALL, run_time)
    residents = float(of_year(paths(one, NONE, run_time), one.manifest.start).mean())
    scaled = people * (THOUSAND / residents)
    end, million = one.manifest.end, cost_of(one, ALL, run_time)
    effect, own = (alone(of_year(table, at)) if at in table.index else NOTHING
                   for table, at in ((scaled, year), (people, end)))  # fmt: skip
    per = PER_COST / million if million > 0 else float("nan")
    per_cost = Difference(own.value * per, own.low * per, own.high * per, True)
    yen = million * MILLION / residents / (end - one.manifest.start)
    return Brought(one, run_time, by_year(scaled * 0, scaled, True), effect, per_cost, yen)
