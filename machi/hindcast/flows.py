"""What the register counted between a launch and an end."""

from collections.abc import Sequence

from abm.known.area import Area, Flow
from abm.known.stocks import SAME_DAY

from .origins import JAPANESE, Origin


def counted(flows: Sequence[Flow], item: str, start: float, end: float) -> float | None:
    """The events of one kind from one day to another; None where the flows leave a gap.

    A period that lies partly within counts by its share of time, as does one of which the period before has told a
    part (the fiscal year 2012 and the calendar year 2013 share three months).
    """
    number, day = 0.0, start
    for flow in sorted(flows, key=lambda one: one.start):
        if item not in flow.events or flow.end <= day + SAME_DAY or day >= end - SAME_DAY:
            continue
        if flow.start > day + SAME_DAY:
            return None
        until = min(flow.end, end)
        number += flow.events[item] * (until - day) / flow.years
        day = until
    return number if day >= end - SAME_DAY else None


def actual_events(area: Area, origin: Origin, end_day: float, change: float) -> dict[str, float]:
    """Births, deaths and net moves of a span, as far as the register's flows cover it.

    Net moves are the change of the basis's own stock less births plus deaths: moves bunch in March, so a share of a
    year's would mislead. For a census they hold what the two counts missed as well, and the births and deaths are
    those of the register's Japanese residents.
    """
    flows = area.flows.get(origin.nationality if origin.basis == "register" else JAPANESE, ())
    births, deaths = (counted(flows, item, origin.launch.day, end_day) for item in ("births", "deaths"))
    if births is None or deaths is None:
        return {}
    return {"births": births, "deaths": deaths, "net_moves": change - births + deaths}
