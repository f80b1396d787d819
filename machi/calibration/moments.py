"""What is counted in a town and in a run of it alike: events and stocks per resident."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from machi.places import suggestion

if TYPE_CHECKING:
    from abm.known.area import Area
    from abm.people.outputs import Outputs

Floats = NDArray[np.float64]
NATIONALITIES = ("total", "japanese")  # of the register, the first that has the events
AWAY_AGES = slice(20, 50)


class Moment(NamedTuple):
    """One figure per resident: events a year, or a stock on the last date; `item` is its name in vital.csv."""

    key: str
    kind: Literal["events", "stock"]
    item: str
    en: str
    ja: str


MOMENTS = (
    Moment("marriages", "events", "marriages", "marriages a year", "婚姻数（年）"),
    Moment("births", "events", "births", "births a year", "出生数（年）"),
    Moment("moves_out", "events", "moves_out", "out-moves a year", "転出数（年）"),
    Moment("returns", "events", "", "returns a year", "帰還数（年）"),
    Moment("away_20_49", "stock", "", "people away aged 20-49", "市外にいる20〜49歳"),
)
BY_KEY = {moment.key: moment for moment in MOMENTS}
PERSONS_PER_EVENT = {"marriages": 2.0}  # a run counts the residents who marry, a register the couples


class Observed(NamedTuple):
    """A moment as it was counted: per resident (a year), the number counted in all, and where from."""

    moment: Moment
    rate: float
    number: float
    source: str


def simulated(outputs: "Outputs", moments: Sequence[Moment]) -> tuple[Floats, Floats]:
    """Rates per resident of a run and the numbers that they rest on, float64[moments] each."""
    people = outputs.population.sum(axis=(1, 2)).astype(np.float64)
    lived = float((people[:-1] + people[1:]).sum() / 2)
    rates, counts = [], []
    for moment in moments:
        if moment.kind == "stock":
            count = float(outputs.away[-1, :, AWAY_AGES].sum())
            rates.append(count / people[-1])
        else:
            count = float(getattr(outputs, moment.key).sum()) / PERSONS_PER_EVENT.get(moment.key, 1.0)
            rates.append(count / lived)
        counts.append(count)
    return np.array(rates), np.array(counts)


def counted(area: "Area", day: float, years: int, moments: Sequence[Moment]) -> dict[str, Observed]:
    """What the town's register counted in the years of a run that begins on `day`, by moment; some may be missing.

    A year counts where its middle lies in the run. Events are per registered resident, so that a town founded on the
    census takes the rates and not the counts.
    """
    from abm.known.stocks import stock_on

    found = {}
    for moment in moments:
        for nationality in NATIONALITIES if moment.item else ():
            flows = [flow for flow in area.flows.get(nationality, ())
                     if moment.item in flow.events and day <= (flow.start + flow.end) / 2 <= day + years]  # fmt: skip
            stocks = area.stocks("register", nationality)
            held = [(flow, stock_on(stocks, (flow.start + flow.end) / 2)) for flow in flows]
            pairs = [(flow, stock) for flow, stock in held if stock is not None]
            if pairs:
                count = sum(flow.events[moment.item] for flow, _ in pairs)
                lived = sum(float(stock.people.sum()) * flow.years for flow, stock in pairs)
                first, last = int(pairs[0][0].start), int(pairs[-1][0].start)
                source = f"vital.csv, {nationality}, {first}-{last}"
                found[moment.key] = Observed(moment, count / lived, count, source)
                break
    return found


def stated(targets: Mapping[str, float], residents: float) -> dict[str, Observed]:
    """Moments that the user states for the whole town: a year's events, or a stock; per resident at the base.

    InputError for a moment that there is not, or a number that is none.
    """
    found = {}
    for key, number in targets.items():
        if key not in BY_KEY:
            raise InputError(f"--target: there is no moment `{key}`; {suggestion(key, BY_KEY)}")
        if not (np.isfinite(number) and number > 0):
            raise InputError(f"--target: {key} is {number:g}; give a number above 0.")
        found[key] = Observed(BY_KEY[key], number / residents, number, "stated")
    return found
