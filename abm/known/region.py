"""The town among its destinations: a small graph whose edge weights are yearly flows of people.

How many moves stay within the prefecture is counted, for the prefecture as a whole; how the others divide among the
regional centre, the Tokyo area and elsewhere is assumed (towns/japan/destinations.toml). Every edge says which it is.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from abm.errors import InputError
from abm.known.area import Area, Flow
from abm.known.destinations import BEYOND
from abm.known.town import Town

if TYPE_CHECKING:
    import networkx

PREFECTURE = "prefecture"
DESTINATIONS = (PREFECTURE, *BEYOND)
YEARS = 3  # the newest years that are pooled: one year's moves of a small town are few; a convention
COUNTED, ASSUMED = "prefecture", "assumed"  # status of a share: the prefecture's count, or an assumption
_NATIONALITY = "japanese"  # the only moves that both tables count
_NAMES = {
    PREFECTURE: ("{ja}のほかの市町村", "rest of {en}"),
    "tokyo_area": ("東京圏（1都3県）", "Tokyo area"),
    "elsewhere": ("その他（国外を含む）", "elsewhere (abroad included)"),
}


class Within(NamedTuple):
    """Shares of the moves between municipalities that stay within the prefecture, and the years pooled."""

    leaving: float
    arriving: float
    first: int
    last: int


def region(town: Town) -> "networkx.DiGraph":
    """The town and its four destinations; an edge's `weight` is the town's own register, persons a year.

    Nodes carry `name_ja` and `name_en`, the town is the graph's `town`. Edges carry `share` with `low` and `high` (of
    all leavers, or of all arrivals), and `status`: the prefecture's count, or an assumption. Raises InputError where
    the register of town or prefecture gives no moves.
    """
    import networkx

    within, beyond = share_within(town), town.japan.destinations
    flows = _newest(town.setting.area)
    graph = networkx.DiGraph(
        town=town.key, first=within.first, last=within.last, why_ja=beyond.why_ja, why_en=beyond.why_en
    )
    graph.add_node(town.key, name_ja=town.name_ja, name_en=town.name_en)
    for name in DESTINATIONS:
        ja, en = _NAMES.get(name, (beyond.centre_ja, beyond.centre_en))
        filled = {"ja": town.prefecture_ja, "en": town.prefecture_en}
        graph.add_node(name, name_ja=ja.format(**filled), name_en=en.format(**filled))
    for item, inside, ends in (
        ("moves_out", within.leaving, lambda name: (town.key, name)),
        ("moves_in", within.arriving, lambda name: (name, town.key)),
    ):
        moved = sum(flow.events[item] for flow in flows) / sum(flow.years for flow in flows)
        graph.add_edge(*ends(PREFECTURE), weight=moved * inside, share=inside, low=inside, high=inside, status=COUNTED)
        for name in BEYOND:
            share, rest = beyond.shares[name], 1.0 - inside
            graph.add_edge(*ends(name), weight=moved * rest * share.value, share=rest * share.value,
                           low=rest * share.low, high=rest * share.high, status=ASSUMED)  # fmt: skip
    return graph


def spread(graph: "networkx.DiGraph", leavers: float, arrivals: float) -> "networkx.DiGraph":
    """The same graph with other people's moves on its edges: `leavers` and `arrivals` divided by the shares.

    The town's gain from a destination is that destination's loss: the graph has nobody else. Raises InputError where
    the shares of either direction do not sum to one.
    """
    spread_out = graph.copy()
    town = graph.graph["town"]
    for moved, edges in ((leavers, list(graph.out_edges(town))), (arrivals, list(graph.in_edges(town)))):
        total = sum(graph.edges[edge]["share"] for edge in edges)
        if abs(total - 1.0) > 1e-9:
            raise InputError(f"region: the shares of {town}'s moves sum to {total:.4g}, not to one; correct them.")
        for edge in edges:
            spread_out.edges[edge]["weight"] = moved * graph.edges[edge]["share"]
    return spread_out


def balance(graph: "networkx.DiGraph", node: str) -> float:
    """What a node gains from all the others, persons a year."""
    gained = sum(weight for _, _, weight in graph.in_edges(node, data="weight"))
    return float(gained - sum(weight for _, _, weight in graph.out_edges(node, data="weight")))


def share_within(town: Town) -> Within:
    """The prefecture's moves that do not cross its border, of all moves between municipalities, newest years pooled.

    All moves are those of the register of the prefecture's municipalities, moves across the border those of the report
    on internal migration, both of Japanese.
    """
    area, crossing = town.setting.prefecture, town.setting.yearly.get(town.japan.prefecture, {})
    across_out, across_in = crossing.get("moves_out", {}), crossing.get("moves_in", {})
    years = [flow for flow in _moves(area) if int(flow.start) in across_out and int(flow.start) in across_in][-YEARS:]
    if not years:
        raise InputError(
            f"towns/japan/vital.csv: the register of area {area.key} gives no year of moves that "
            "prefecture_series.csv gives too; add the rows."
        )
    first, last = int(years[0].start), int(years[-1].start)
    leaving = sum(across_out[int(flow.start)] for flow in years) / sum(flow.events["moves_out"] for flow in years)
    arriving = sum(across_in[int(flow.start)] for flow in years) / sum(flow.events["moves_in"] for flow in years)
    if not (leaving <= 1.0 and arriving <= 1.0):
        raise InputError(
            f"towns/japan/prefecture_series.csv: more people cross the border of area {area.key} in {first}-{last} "
            "than its register says have moved at all; correct moves_in and moves_out."
        )
    return Within(1.0 - leaving, 1.0 - arriving, first, last)


def _newest(area: Area) -> list[Flow]:
    """The town's newest flows with both directions."""
    flows = list(_moves(area))[-YEARS:]
    if not flows:
        raise InputError(f"{area.key}/vital.csv: there is no period with moves_in and moves_out; add the rows.")
    return flows


def _moves(area: Area) -> Iterator[Flow]:
    """Flows of an area that give both directions, oldest first."""
    for flow in area.flows.get(_NATIONALITY, ()):
        if {"moves_in", "moves_out"} <= set(flow.events):
            yield flow
