"""A town's calibration: its own counts, its reference arm over the years in which they were counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from abm.errors import InputError
from abm.levels.calibrated import KEYS
from machi.calibration.fit import Bench, Fit, Fitting
from machi.calibration.moments import MOMENTS, Observed, counted, stated
from machi.places import suggestion
from machi.runs.groundwork import Ground

if TYPE_CHECKING:
    from abm.founding.found import Founding

# The moments that speak of each factor: without --factor those are calibrated of which one is known.
SPEAKS_OF = {
    "marriage": ("marriages",), "childbirth": ("births",), "leaving": ("moves_out",),
    "uturn": ("returns", "away_20_49"),
}  # fmt: skip


def calibrate(
    ground: Ground, years: int, fraction: float, seeds: Sequence[int], keys: Sequence[str] | None = None,
    targets: Mapping[str, float] | None = None, threads: int = 1, done: Callable[[], None] = lambda: None,
) -> Fit:  # fmt: skip
    """The factors that make the first `years` of a town's reference arm meet what was counted in them.

    `targets` are moments that the user states for the whole town; `keys` are the factors, by default those that the
    known moments speak of. Raises InputError for a factor or moment that there is not, and where nothing was counted.
    """
    for key in keys or ():
        if key not in KEYS:
            raise InputError(f"--factor: there is no factor `{key}`; {suggestion(key, KEYS)}")
    short = over(ground, years)
    founding = short.founding(fraction)
    observed = observations(short, years, founding, targets or {})
    chosen = keys or [key for key in KEYS if any(one in observed for one in SPEAKS_OF[key])]
    bench = Bench(founding, short.reference(), threads)
    ordered = [observed[moment.key] for moment in MOMENTS if moment.key in observed]
    return Fitting(bench, chosen, ordered, seeds, done).fit()


def over(ground: Ground, years: int) -> Ground:
    """The same ground, ending after so many years (InputError where the scenario is shorter)."""
    if not 1 <= years <= ground.end - ground.start:
        raise InputError(f"--years: {years} is not within 1 to {ground.end - ground.start}, the years of the scenario.")
    return replace(ground, end=ground.start + years)


def observations(ground: Ground, years: int, founding: "Founding", targets: Mapping[str, float]) -> dict[str, Observed]:
    """What is known of the moments; what is stated goes before what vital.csv counts (InputError where nothing is)."""
    from abm.founding.base import launch_stock
    from abm.known.town import read_town

    day = launch_stock(ground.town, ground.basis, ground.start).day
    # A launch in the past is founded on what was known then; what came of it was counted later.
    area = read_town(ground.town_dir, ground.places.japan_dir()).setting.area
    residents = len(founding.population.residents) / founding.fraction
    found = {**counted(area, day, years, MOMENTS), **stated(targets, residents)}
    if not found:
        raise InputError(
            f"{ground.town_dir / 'vital.csv'}: nothing is counted from {day:.2f} to {day + years:.2f}; give an earlier "
            "--start, or state counts with --target."
        )
    return found
