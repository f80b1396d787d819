"""Stocks between their dates, opened to the oldest ages and split into single years of age."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from abm.known.area import Area, Flow, Stock

Array = NDArray[np.float64]
AGES = 101
GROUP = 5
CLOSED = 16  # five-year groups below 80, the open age that every register has
SAME_DAY = 1e-6  # years


def stock_on(stocks: Sequence[Stock], day: float) -> Stock | None:
    """The stock of a day, linear between the two around it (of their common open age); None outside all of them."""
    for before, after in pairwise(stocks):
        if before.day - SAME_DAY <= day <= after.day + SAME_DAY:
            share = float(np.clip((day - before.day) / (after.day - before.day), 0.0, 1.0))
            if share < SAME_DAY:
                return before
            if share > 1 - SAME_DAY:
                return after
            top = min(before.open_age, after.open_age)
            people = (1 - share) * closed_at(before, top) + share * closed_at(after, top)
            return Stock(day, people, top, max(before.known_from, after.known_from))
    return stocks[0] if len(stocks) == 1 and abs(stocks[0].day - day) < SAME_DAY else None


def closed_at(stock: Stock, open_age: int) -> Array:
    """The people of a stock with everybody of that age and over in one group, float64[2, 21]."""
    top = open_age // GROUP
    people = stock.people.copy()
    people[:, top] = stock.people[:, top:].sum(axis=1)
    people[:, top + 1 :] = 0.0
    return people


def to_80(people: Array) -> Array:
    """Five-year groups to 75-79 and the open group of 80 and over, float64[..., 2, 17], from [..., 2, 17 or more]."""
    return np.concatenate([people[..., :CLOSED], people[..., CLOSED:].sum(axis=-1, keepdims=True)], axis=-1)


def single_stock(stock: Stock, like: Area, mx: Array) -> Array:
    """A stock in single years of age, float64[2, 101]: smooth within groups, sums kept.

    Groups above the open age are shared out as in the newest census of the area `like` by then; from 90 on people
    thin out as the death rates mx [2, 111] have it.
    """
    groups = _opened(stock, like)
    out = np.zeros((2, AGES))
    edges = np.arange(0, 91, GROUP, dtype=float)
    alive = np.exp(-np.cumsum(mx[:, 90:AGES], axis=1))
    for sex in range(2):
        running = np.concatenate([[0.0], np.cumsum(groups[sex, :18])])
        out[sex, :90] = np.diff(PchipInterpolator(edges, running)(np.arange(91.0)))
        if stock.open_age > 90:
            for g, ages in enumerate((slice(90, 95), slice(95, 100), slice(100, 101))):
                inside = alive[sex, ages.start - 90 : ages.stop - 90]
                out[sex, ages] = stock.people[sex, 18 + g] * inside / inside.sum()
        else:
            out[sex, 90:] = groups[sex, 18] * alive[sex] / alive[sex].sum()
    return out


def _opened(stock: Stock, like: Area) -> Array:
    """Five-year groups to 90 and over, float64[2, 19]."""
    top = stock.open_age // GROUP
    groups = np.zeros((2, 19))
    groups[:, :top] = stock.people[:, : min(top, 19)][:, :19]
    if top >= 18:
        groups[:, 18] = stock.people[:, 18:].sum(axis=1)
        return groups
    groups[:, top:] = stock.people[:, top : top + 1] * _shares_above(like, top, stock.day)
    return groups


def _shares_above(like: Area, top: int, day: float) -> Array:
    """How those of the groups from `top` on share out at a time, float64[2, 19 - top].

    The logs of the shares run straight on through the two newest censuses before (the oldest become more everywhere);
    as in the only one where a second is missing.
    """
    known = [census for census in like.census if census.day <= day][-2:] or list(like.census[:1])
    shares = [one.people[:, top:19] / one.people[:, top:19].sum(axis=1, keepdims=True) for one in known]
    if len(known) == 1:
        return np.asarray(shares[0])
    ahead = (day - known[0].day) / (known[1].day - known[0].day)
    logs = (1 - ahead) * np.log(shares[0]) + ahead * np.log(shares[1])
    return np.asarray(np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True))


def known_flows(flows: Sequence[Flow], until: float, since: float = -np.inf) -> list[Flow]:
    """The flows that lie between two days, oldest first."""
    return [flow for flow in flows if flow.start >= since - SAME_DAY and flow.end <= until + SAME_DAY]
