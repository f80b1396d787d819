"""The town as a Mesa model: a life of steps, a record, reporters, and households as windows on rows.

Columns own the truth. Mesa gives the life of a model (`rng=`, `step`, `running`), `DataCollector`, and agents that are
households: a followed panel, or any household on request, each able to explain itself. Following changes nothing:
windows only read, and the panel is chosen from a stream of its own.
"""

from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

import mesa  # type: ignore[import-untyped,unused-ignore]
import numpy as np
from numpy.typing import NDArray

from abm.decisions.mortality import Deaths, the_dying
from abm.draws import Decision
from abm.errors import InputError
from abm.followed.outlook import Outlook, Tables, outlooks, tables_of_year
from abm.founding.found import Founding
from abm.levels.reference import Reference
from abm.levers import neutral
from abm.living_town import Town
from abm.people.members import (
    Event,
    Happening,
    HouseholdType,
    Member,
    events,
    household_type,
    living_rows,
    member,
    panel,
    rows_by_home,
)
from abm.people.outputs import Outputs
from abm.people.population import AWAY, TOWN, Population
from abm.reporters import REPORTERS
from abm.simulation import FixedPlan, begin
from abm.year import live_a_year

Whereabouts = Literal["in town", "away", "left town", "died"]


@dataclass
class WatchedPlan(FixedPlan):
    """The plan of a run that also notes who dies: a row that has gone does not say why."""

    died: set[int] = field(default_factory=set)  # keys

    def deaths(self, town: Town) -> Deaths:
        """Mortality, and a note of those who die; the same kernel with the same draws decides in the year."""
        table = super().deaths(town)
        people = town.population
        rows = the_dying(people.persons, people.n, table, town.stream(Decision.DEATH))
        self.died = set(people.persons.key[rows].tolist())
        return table


class Household(mesa.Agent):  # type: ignore[misc,type-arg,unused-ignore]
    """A window on the household of one person, who is known by a 64-bit key: rows move, keys never change.

    The window follows that person through marriages and moves, and says so when the person is away, has left town
    for good or has died. It holds no truth of its own except what it has seen (`history`).
    """

    model: "TownModel"

    def __init__(self, model: "TownModel", key: int, row: int) -> None:
        super().__init__(model)
        self.key = key
        self.whereabouts: Whereabouts = "in town"
        self.history: list[Event] = []
        self.row = row
        self.seen: dict[int, Member] = {}

    @property
    def rows(self) -> list[int]:
        """Rows of the members, eldest first; none unless the person is in town."""
        if self.whereabouts != "in town":
            return []
        people = self.model.town.population
        home = int(people.persons.household[self.row])
        return rows_by_home(people, [home])[home]

    @property
    def members(self) -> tuple[Member, ...]:
        """Who lives here on the present stock date, eldest first."""
        return tuple(member(self.model.town.population, i) for i in self.rows)

    @property
    def type(self) -> HouseholdType | None:
        """The census type of the household, None unless the person is in town."""
        rows = self.rows
        return household_type(self.model.town.population, rows) if rows else None

    def outlook(self) -> tuple[Outlook, ...]:
        """What may happen to each adult member within the coming year; raises InputError when no year is left."""
        return outlooks(self.model.town.population, self.model.tables, self.rows)

    def remove(self) -> None:
        """Close the window; the household lives on."""
        self.model.forget(self)
        super().remove()


class TownModel(mesa.Model):  # type: ignore[misc,type-arg,unused-ignore]
    """One run of a town, a year a step; its `outputs` are to the byte those of `simulate`.

    `levers` is float64[years, levers], None for none; `follow` is the number of private households whose windows
    are open from the start. Close the model when done (or use it in a `with`): Mesa 3.3.1 keeps alive every model
    that had an agent. Raises InputError for levers, a seed or a number of followed households that cannot be used.
    """

    running: bool

    def __init__(
        self,
        founding: Founding,
        reference: Reference,
        levers: NDArray[np.float64] | None = None,
        seed: int = 1,
        follow: int = 200,
    ) -> None:
        levers = neutral(len(reference.rates.years)) if levers is None else levers
        if follow < 0:
            raise InputError(f"follow: {follow} households cannot be followed; give 0 or more.")
        town, outputs = begin(founding, reference, levers, seed)
        super().__init__(rng=seed)  # Mesa's own generators; no draw of the town comes from them
        self._town: Town | None = town
        self.plan = WatchedPlan(reference, levers)
        self.outputs: Outputs = outputs
        self._tables: Tables | None = None
        self._windows: dict[int, Household] = {}
        self._rows: dict[int, int] = {}  # by key, where everybody whom a window saw was at the last look
        lots = town.stream(Decision.FOLLOWED, every_year=False)
        self._open(panel(town.population, lots, follow))
        self.datacollector = mesa.DataCollector(model_reporters=dict(REPORTERS))
        self.datacollector.collect(self)

    @property
    def town(self) -> Town:
        """The town in the middle of its run; raises RuntimeError once the model is closed."""
        if self._town is None:
            raise RuntimeError("This model is closed: its outputs remain, its town does not.")
        return self._town

    @property
    def tables(self) -> Tables:
        """The tables of the coming year; raises InputError when no year is left."""
        if not self.running:
            raise InputError(f"outlook: the run ends in {self.outputs.end}; ask before the last step.")
        if self._tables is None:
            self._tables = tables_of_year(self.town, FixedPlan(self.plan.reference, self.plan.levers))
        return self._tables

    def household(self, key: int) -> Household:
        """The window on the household of the person with this key, followed from now on if it was not before.

        Raises InputError when no such person is in town.
        """
        if key not in self._windows:
            people = self.town.population
            row = living_rows(people, {key: -1}).get(key, -1) if 0 <= key < 2**64 else -1
            if row < 0 or people.persons.place[row] != TOWN:
                raise InputError(f"household: nobody in town has the key {key}; give the key of a resident.")
            self._open([row])
        return self._windows[key]

    def step(self) -> None:
        """Live one year; `running` turns False after the last. Raises RuntimeError when no year is left."""
        town = self.town
        if not self.running:
            raise RuntimeError(f"The run ended in {self.outputs.end}; make a new TownModel.")
        year = town.year
        live_a_year(town, self.plan, self.outputs)
        self._tables = None
        self._look(year)
        self.running = town.year < self.outputs.end
        self.datacollector.collect(self)

    def forget(self, household: Household) -> None:
        """Stop following a household."""
        self._windows.pop(household.key, None)

    def close(self) -> None:
        """Remove the windows, let the columns go and make Mesa forget this model; outputs and reports remain."""
        self.remove_all_agents()
        vars(mesa.Agent).get("_ids", {}).pop(self, None)  # Mesa 3.3.1: a class-level registry that holds every model
        self._town = self._tables = None
        self.running = False

    def __enter__(self) -> "TownModel":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, rows: list[int]) -> None:
        """Open a window on the household of each resident in `rows`."""
        people = self.town.population
        windows = [Household(self, int(people.persons.key[i]), i) for i in rows]
        self._windows |= {window.key: window for window in windows}
        for window, now in self._members(windows):
            window.seen = now

    def _members(self, windows: list[Household]) -> list[tuple[Household, dict[int, Member]]]:
        """Each window with its present members by key: none unless the person is in town."""
        people = self.town.population
        homes = {w.key: int(people.persons.household[w.row]) for w in windows if w.whereabouts == "in town"}
        rows = rows_by_home(people, sorted(set(homes.values())))
        found = []
        for window in windows:
            here = {int(people.persons.key[i]): i for i in rows[homes[window.key]]} if window.key in homes else {}
            self._rows |= here
            found.append((window, {key: member(people, i) for key, i in here.items()}))
        return found

    def _look(self, year: int) -> None:
        """Let every window see what the year has brought."""
        windows = [w for w in self._windows.values() if w.whereabouts in ("in town", "away")]
        people = self.town.population
        rows = living_rows(people, {key: self._rows.get(key, -1) for w in windows for key in (w.key, *w.seen)})
        self._rows = dict(rows)
        were_away = {window.key for window in windows if window.whereabouts == "away"}
        for window in windows:
            window.row = rows.get(window.key, -1)
            window.whereabouts = _whereabouts(people, window.row, window.key in self.plan.died)
        for window, now in self._members(windows):
            if window.key in were_away and window.whereabouts == "in town":
                window.history.append(Event(year, "returned", window.key))
                window.seen = {window.key: now[window.key]}
            elif window.key in were_away and window.whereabouts == "died":
                window.history.append(Event(year, "died", window.key))
            window.history += events(year, window.seen, now, _fates(people, rows, window, self.plan.died))
            window.seen = now


def _whereabouts(people: Population, row: int, died: bool) -> Whereabouts:
    if row < 0:
        return "died" if died else "left town"
    return "away" if people.persons.place[row] == AWAY else "in town"


def _fates(people: Population, rows: dict[int, int], window: Household, died: set[int]) -> dict[int, Happening]:
    """What became of those whom a window saw last time, should they be gone from the household.

    Survivors are passed over when the window's own person has died: it has closed.
    """
    fates: dict[int, Happening] = {}
    for key in window.seen:
        where = _whereabouts(people, rows.get(key, -1), key in died)
        if where == "died":
            fates[key] = "died"
        elif where != "in town":
            fates[key] = "left town"
        elif window.whereabouts != "died":
            fates[key] = "parted"
    return fates
