"""Which family units and further kin share a roof: one unit by itself is nuclear, more is "other"."""

from typing import NamedTuple

import numpy as np

from abm.people.apportionment import Floats, Integers, Lot, Lots, Mask, lowest


class Roofs(NamedTuple):
    """Family units before they are put under roofs.

    By resident: age, mother, unit (-1: none), core (partners and lone parents of units), joiner (in no
    unit). By unit, couples first: head (the wife or lone parent), by_themselves (stays alone), shared (must
    not stay alone), minors (has children under 18).
    """

    age: Integers
    mother: Integers
    unit: Integers
    head: Integers
    core: Mask
    joiner: Mask
    by_themselves: Mask
    shared: Mask
    minors: Mask
    couples: int


def _kin_pairs(roofs: Roofs, second: Mask, can_host: Mask) -> tuple[Integers, Integers]:
    """Guests and host units that are mother and child: guest row (a second unit's head or a joiner), host
    unit.
    """
    unit, mother = roofs.unit, roofs.mother
    head_of_second = np.zeros(len(unit), dtype=np.bool_)
    head_of_second[roofs.head[second]] = True
    child = np.flatnonzero((mother >= 0) & roofs.core)
    above = mother[child]
    down = (roofs.joiner | head_of_second)[above] & can_host[unit[child]]
    up = head_of_second[child] & roofs.core[above] & can_host[np.maximum(unit[above], 0)]
    guests = np.concatenate([above[down], child[up]])
    hosts = np.concatenate([unit[child[down]], unit[above[up]]])
    return guests, hosts


def _one_to_one(guests: Integers, hosts: Integers, lot: Floats, most: int) -> tuple[Integers, Integers]:
    """At most one host a guest and one guest a host, in the order of the guests' lots."""
    order = np.argsort(lot[guests], kind="stable")
    guests, hosts = guests[order], hosts[order]
    first = np.sort(np.unique(guests, return_index=True)[1])
    guests, hosts = guests[first], hosts[first]
    first = np.sort(np.unique(hosts, return_index=True)[1])[:most]
    return guests[first], hosts[first]


def _second_units(roofs: Roofs, count: int, lots: Lots) -> Mask:
    """Units that live under another's roof: elderly couples first, then lone parents, then any."""
    lone = np.arange(len(roofs.head)) >= roofs.couples
    rank = np.where(roofs.shared, 0.0, np.where(lone, 1.0, 2.0)) + 0.5 * (
        (roofs.mother[roofs.head] < 0) | ~roofs.minors
    )
    score = lots.of(Lot.SECOND_UNIT)[roofs.head] + rank
    second = np.zeros(len(roofs.head), dtype=np.bool_)
    second[lowest(score, ~roofs.by_themselves, count)] = True
    return second


def under_one_roof(roofs: Roofs, nuclear: int, others: int, lots: Lots, elder_gap: int) -> Integers:
    """A roof number for every member of a unit and every joiner (-1 for the rest).

    `nuclear` units stay by themselves and `others` roofs hold more than that; every roof holds at least one
    unit where there are enough units, else two joiners.
    """
    units = len(roofs.head)
    beyond = max(units - nuclear, 0)
    second = _second_units(roofs, max(beyond - others, 0), lots)
    number = min(beyond, others) if units > nuclear else 0
    can_host = ~roofs.by_themselves & ~second
    guests, hosts = _one_to_one(*_kin_pairs(roofs, second, can_host), lots.of(Lot.KIN_HOST), number)
    host = np.zeros(units, dtype=np.bool_)
    host[hosts] = True
    must = roofs.shared & ~second & ~host
    score = lots.of(Lot.HOST)[roofs.head] + 0.5 * (np.abs(roofs.age[roofs.head] - 47) > 15) - 2.0 * must
    host[lowest(score, can_host & ~host, number - int(host.sum()))] = True
    roof_of_guest = np.full(len(roofs.age), -1, dtype=np.int64)
    roof_of_guest[guests] = hosts
    unhoused = roofs.joiner.copy()
    unhoused[roofs.head[second]] = True
    unhoused[guests] = False
    roof = np.arange(units)
    waiting = host.copy()
    waiting[hosts] = False
    _strangers(roofs, unhoused, np.flatnonzero(waiting), np.flatnonzero(host), roof_of_guest, lots, elder_gap)
    left = np.flatnonzero(unhoused & (roof_of_guest < 0))
    if number < others or len(left):
        roof_of_guest[left] = units + np.arange(len(left)) % max(others - number, 1)
    heads = roofs.head[second]
    roof[second] = roof_of_guest[heads]
    placed = np.where(roofs.unit >= 0, roof[np.maximum(roofs.unit, 0)], np.where(roofs.joiner, roof_of_guest, -1))
    used = np.unique(placed[placed >= 0])
    return np.where(placed >= 0, np.searchsorted(used, placed), -1)


def _strangers(
    roofs: Roofs,
    unhoused: Mask,
    waiting: Integers,
    hosts: Integers,
    roof_of_guest: Integers,
    lots: Lots,
    elder_gap: int,
) -> None:
    """Guests without kin among the hosts: first one for each waiting host, then the rest, by rank of ages."""
    rows = np.flatnonzero(unhoused)
    lot = lots.of(Lot.JOINER)[rows]
    is_unit = roofs.unit[rows] >= 0
    order = np.argsort(np.where(is_unit, lot - 1.0, lot), kind="stable")
    pairs_of_joiners = 0 if len(hosts) else len(rows)
    rows = rows[order][: len(rows) - pairs_of_joiners]
    now, later = rows[: len(waiting)], rows[len(waiting) :]
    _by_rank(roofs, now, waiting, roof_of_guest, elder_gap)
    for start in range(0, len(later), max(len(hosts), 1)):
        batch = later[start : start + len(hosts)]
        lots_of_hosts = lots.of(Lot.HOST)[roofs.head[hosts]]
        some = np.sort(hosts[np.argsort(lots_of_hosts, kind="stable")[: len(batch)]])
        _by_rank(roofs, batch, some, roof_of_guest, elder_gap)


def _by_rank(roofs: Roofs, guests: Integers, hosts: Integers, roof_of_guest: Integers, elder_gap: int) -> None:
    """Guests to hosts one to one: elders to heads a generation younger, younger guests to older heads."""
    age = roofs.age[guests]
    wanted = np.where(age >= 55, age - elder_gap, age + elder_gap)
    guests = guests[np.argsort(wanted, kind="stable")]
    hosts = hosts[np.argsort(roofs.age[roofs.head[hosts]], kind="stable")]
    roof_of_guest[guests[: len(hosts)]] = hosts[: len(guests)]
