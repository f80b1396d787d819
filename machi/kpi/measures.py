"""What the simulation has of a printed indicator, read off a run by the city's definition as far as it prints one."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from abm.people.outputs import Outputs

Floats = NDArray[np.float64]
Read = Callable[["Outputs", int, int], float]
# Of one date; of flows in the years first .. last, each from the date of its stock on; from one date to another.
Kind = Literal["stock", "flow", "interval"]

WORKING = slice(15, 65)
LONGEST = 15  # years of a cohort's change: those who are 15 at its end were born at its beginning
PERCENT, PER_THOUSAND = 100.0, 1000.0


class Measure(NamedTuple):
    """An indicator of a run; the comparison with the target is of its level, or of what the packages add to it."""

    key: str
    kind: Kind
    read: Read
    decimals: int = 0
    added: bool = False


def _people(outputs: "Outputs", year: int) -> Floats:
    """Residents on a date, [2, 101]."""
    return np.asarray(outputs.population[year - outputs.start], dtype=np.float64) / outputs.fraction


def _flow(outputs: "Outputs", name: str, first: int, last: int) -> Floats:
    """A flow's yearly counts, [years, ...]."""
    counts = np.asarray(getattr(outputs, name), dtype=np.float64)[first - outputs.start : last + 1 - outputs.start]
    return np.asarray(counts / outputs.fraction)


def _population(outputs: "Outputs", first: int, last: int) -> float:
    return float(_people(outputs, last).sum())


def _births(outputs: "Outputs", first: int, last: int) -> float:
    return float(_flow(outputs, "births", first, last).sum()) / (last + 1 - first)


def _living(outputs: "Outputs", year: int) -> Floats:
    """Residents in the middle of a year, [2, 101]: the mean of the dates at both ends."""
    return (_people(outputs, year) + _people(outputs, year + 1)) / 2


def _tfr(outputs: "Outputs", first: int, last: int) -> float:
    """Children per woman: births by the mother's age over women of that age, mean of the years."""
    rates = []
    for row, births in enumerate(_flow(outputs, "births", first, last)):
        women = _living(outputs, first + row)[1]
        rates.append(float((births[women > 0] / women[women > 0]).sum()))
    return float(np.mean(rates))


def _marriage_rate(outputs: "Outputs", first: int, last: int) -> float:
    """Couples a year (half of the residents who marry) per 1,000 residents."""
    people = sum(float(_living(outputs, year).sum()) for year in range(first, last + 1))
    return float(_flow(outputs, "marriages", first, last).sum()) / 2 / people * PER_THOUSAND


def _net_moves(outputs: "Outputs", first: int, last: int) -> Floats:
    """Moves in less moves out, [years, 2, 101]."""
    return _flow(outputs, "moves_in", first, last) - _flow(outputs, "moves_out", first, last)


def _social_change(outputs: "Outputs", first: int, last: int) -> float:
    return float(_net_moves(outputs, first, last).sum()) / (last + 1 - first)


def _social_change_share(outputs: "Outputs", first: int, last: int) -> float:
    """Net moves of all the years in percent of the residents at their beginning."""
    return float(_net_moves(outputs, first, last).sum()) / float(_people(outputs, first).sum()) * PERCENT


def _net_rate_20_40(outputs: "Outputs", first: int, last: int) -> float:
    """Net moves of people aged 20 to 40 in percent of these people a year."""
    people = sum(float(_living(outputs, year)[:, 20:41].sum()) for year in range(first, last + 1))
    return float(_net_moves(outputs, first, last)[:, :, 20:41].sum()) / people * PERCENT


def _cohort_change(outputs: "Outputs", first: int, last: int, ages: tuple[int, int]) -> float:
    """People of these ages at the later date less the same cohorts at the earlier one, deaths among them included."""
    low, high, years = *ages, last - first
    before = _people(outputs, first)[:, low - years : high + 1 - years].sum()
    return float(_people(outputs, last)[:, low : high + 1].sum() - before)


def _net_out_15_24(outputs: "Outputs", first: int, last: int) -> float:
    return -_cohort_change(outputs, first, last, (15, 24))


def _net_in_25_29(outputs: "Outputs", first: int, last: int) -> float:
    return _cohort_change(outputs, first, last, (25, 29))


def _working_age_change(outputs: "Outputs", first: int, last: int) -> float:
    """Percent by which residents aged 15 to 64 change."""
    before, after = (float(_people(outputs, year)[:, WORKING].sum()) for year in (first, last))
    return (after / before - 1) * PERCENT


def _moves_in(outputs: "Outputs", first: int, last: int) -> float:
    return float(_flow(outputs, "moves_in", first, last).sum())


MEASURES: Mapping[str, Measure] = {
    one.key: one
    for one in (
        Measure("population", "stock", _population),
        Measure("births", "flow", _births),
        Measure("tfr", "flow", _tfr, 2),
        Measure("marriage_rate", "flow", _marriage_rate, 2),
        Measure("social_change", "flow", _social_change),
        Measure("social_change_share", "flow", _social_change_share, 2),
        Measure("net_rate_20_40", "flow", _net_rate_20_40, 2),
        Measure("net_out_15_24", "interval", _net_out_15_24),
        Measure("net_in_25_29", "interval", _net_in_25_29),
        Measure("working_age_change", "interval", _working_age_change, 2),
        Measure("moves_in", "flow", _moves_in, added=True),
    )
}


def last_stock(measure: Measure, last: int) -> int:
    """The last stock that must be simulated for an indicator of these years."""
    return last + int(measure.kind == "flow")


def is_simulated(measure: Measure, first: int, last: int, start: int, end: int) -> bool:
    """Whether a run from `start` to `end` tells of these years."""
    return start <= first and last_stock(measure, last) <= end
