"""What every run of a town starts from: the town, its scenario, the people founded and the reference arm.

Foundings and alignments are kept between commands, under names that hold the fingerprint of all they depend
on; a file that cannot be read is made again, and where nothing can be kept everything still works. What takes long is
made aside, and kept by the thread that asks, so that Ctrl-C ends it at once and leaves nothing half-written.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from abm.errors import InputError
from machi.places import Places
from machi.runs.aside import aside
from machi.store import fingerprint, fingerprint_of

if TYPE_CHECKING:
    from abm.forecast.future import Future
    from abm.founding.found import Founding
    from abm.known.area import Stock
    from abm.known.scenario import Basis, Scenario
    from abm.known.town import Town
    from abm.levels.doubted import Doubts
    from abm.levels.reference import Reference

FOUNDING_SEED = 1  # one town for all replications: seeds differ in what happens, not in who is there
KEPT_FILES = 60  # an assumption: enough for a few towns and fractions side by side, or for all scenarios of a town

_Kept = TypeVar("_Kept")


@dataclass(frozen=True)
class Ground:
    """A town in a scenario, from `start` to `end`, ready to be simulated."""

    places: Places
    town_dir: Path
    scenario_path: Path
    town: "Town"
    scenario: "Scenario"
    basis: str
    start: int
    end: int
    fingerprint: str  # changes with the town's figures, the nation's and the scenario

    def founding_path(self, fraction: float) -> Path:
        """Where the people founded at a fraction are kept."""
        return self._kept("founding", [self.basis, self.start, fraction, FOUNDING_SEED])

    def reference_path(self) -> Path:
        """Where the factors of the reference arm are kept."""
        return self._kept("reference", [self.basis, self.start, self.end])

    def founding(self, fraction: float) -> "Founding":
        """The town's people at a fraction, founded or read."""
        from abm.founding.found import found
        from abm.founding.founding_store import load_founding, save_founding

        return kept(
            self.founding_path(fraction),
            load_founding,
            save_founding,
            lambda: aside(partial(found, self.town, self.basis, fraction, FOUNDING_SEED, self.start)),
        )

    def reference(self) -> "Reference":
        """The reference arm's factors, solved or read."""
        from abm.alignment import align, load_reference, save_reference

        return kept(
            self.reference_path(),
            load_reference,
            save_reference,
            lambda: aside(partial(align, self.town, self.scenario, self.start, self.end, self.founding(1.0))),
        )

    def doubts(self, draws: int, seed: int) -> "Doubts":
        """Draws of what is uncertain about the rates, numbers 1 to `draws`; the same for every arm."""
        from abm.forecast.doubt import doubt_of, draw
        from abm.forecast.future import launch_of, start_people
        from abm.levels.doubted import doubts_of

        future = self.future()
        drawn = draw(doubt_of(launch_of(future)), self.end - self.start, np.arange(1, draws + 1), seed)
        return doubts_of(drawn, self.town.japan.behaviour["estimation"], start_people(future))

    def future(self) -> "Future":
        """The town's future in the scenario, of which the reference arm's rates are made."""
        from abm.forecast.future import future_of

        return future_of(self.town.setting, self.scenario, checked_basis(self.basis), self.start, self.end)

    def _kept(self, what: str, on: list[object]) -> Path:
        key = fingerprint_of([self.fingerprint, code_fingerprint(), *on])
        return self.places.cache_dir() / f"{what}-{self.town.key}-{key}.npz"


@cache
def code_fingerprint() -> str:
    """The fingerprint of the town's code as this process found it (sources may be edited while it runs)."""
    from abm.compiled import source_fingerprint

    return source_fingerprint()


def kept(
    path: Path, load: Callable[[Path], _Kept], save: Callable[[_Kept, Path], None], make: Callable[[], _Kept]
) -> _Kept:
    """Read what is kept under a path; where that fails make it, and keep it if it can be written there."""
    if path.is_file():
        try:
            found = load(path)
            with suppress(OSError):
                path.touch()  # what is used is not old
            return found
        except Exception:  # whatever a damaged file leads to, it can be made again
            path.unlink(missing_ok=True)
    made = make()
    # numpy adds .npz to names without it, so the temporary name ends in it too
    part = path.with_name(f".part-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(made, part)
        part.replace(path)
        _forget_old(path.parent)
    except OSError:
        pass
    finally:
        part.unlink(missing_ok=True) if path.parent.is_dir() else None
    return made


def _forget_old(folder: Path) -> None:
    """Remove all but the newest files: those of edited code and data are never read again."""
    newest_first = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in newest_first[KEPT_FILES:]:
        path.unlink(missing_ok=True)


def read_ground(
    places: Places,
    town: str,
    scenario: str,
    basis: str | None = None,
    start: int | None = None,
    end: int | None = None,
) -> Ground:
    """Read and check a town in a scenario; basis and end are the scenario's own, start the newest base.

    A start before the newest base is a launch in the past: the town is then read as it was known at that time. A
    scenario that estimates its rates does so on what was known with the base.
    """
    from abm.founding.base import launch_stock
    from abm.known.scenario import read_scenario
    from abm.known.setting import read_setting
    from abm.known.town import read_town

    town_dir = places.town_dir(town)
    path = places.scenario_path(town, scenario)
    read, future = read_town(town_dir, places.japan_dir()), read_scenario(path)
    chosen = basis or future.basis
    if chosen not in read.bases:
        raise InputError(f"basis: {read.key} has no basis `{chosen}`; choose from {', '.join(read.bases)}.")
    stock = launch_stock(read, chosen, start)
    first, last = int(stock.day), future.end if end is None else end
    if last <= first:
        raise InputError(f"end: the horizon {last} is not after the base {first}; give a later year.")
    if stock is not read.setting.area.stocks(chosen)[-1]:
        read = _as_known(places, town_dir, stock)
    elif future.is_estimated:  # rates of what was known with the base, as in `machi cohort`; its structure came later
        read = replace(read, setting=read_setting(town_dir, places.japan_dir(), stock.known_from))
    data = fingerprint([town_dir, places.japan_dir(), path])
    return Ground(places, town_dir, path, read, future, chosen, first, last, data)


def _as_known(places: Places, town_dir: Path, stock: "Stock") -> "Town":
    """The town with what was known when a stock of the past became known, so that nothing later is used."""
    from abm.known.town import read_town

    try:
        return read_town(town_dir, places.japan_dir(), stock.known_from)
    except InputError as error:
        raise InputError(
            f"start: {town_dir.name} cannot be founded in {int(stock.day)}: {str(error).rstrip('.')} "
            f"(information of {stock.known_from}); use `machi cohort`."
        ) from error


def checked_basis(basis: str) -> "Basis":
    """One of the two bases, or InputError."""
    if basis == "census":
        return "census"
    if basis == "register":
        return "register"
    raise InputError(f"--basis: there is no basis `{basis}`; give census or register.")
