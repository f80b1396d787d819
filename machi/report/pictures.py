"""The appendix's figures: where people go, whom they know, whom they marry, who leaves and returns, and work."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import FuncFormatter

from .figures import BLUE, GREEN, INK, ORANGE, Words, thousands
from .observed import (
    CIRCLES,
    SECTORS,
    Period,
    Place,
    by_age,
    by_sector,
    men_per_woman,
    periods,
    places,
)
from .reading import Result

PURPLE, GOLD, GREY = (
    "#8a63b8",
    "#9c7a00",
    "#7d8590",
)  # two more hues and a quiet one, of the same contrast on light and dark
SEX_COLOURS = {"M": BLUE, "F": ORANGE}
SEX_MARKS = {"M": (BLUE, "s"), "F": (ORANGE, "o")}
CIRCLE_COLOURS = dict(zip(CIRCLES, (GREEN, GOLD, GREY, PURPLE), strict=True))
PLACES = {"prefecture": (-2.0, 0.75), "centre": (-2.0, -0.75), "tokyo_area": (2.0, 0.75), "elsewhere": (2.0, -0.75)}
MARKET_TOP, MOVERS_TOP = 70, 85  # ages at which the panels end
RATIO_AGES = range(20, 50, 5)


def region_figure(result: Result, words: Words, lang: str) -> Figure | None:
    """The town in the middle, arrows to and from its destinations, as wide as the flows."""
    if result.region is None:
        return None
    figure = Figure(figsize=(9.6, 4.0), layout="constrained")
    axes = figure.subplots()
    found = places(result, lang)
    most = max(max(place.leaving, place.arriving) for place in found) or 1.0
    named: Any = words["place_status"]
    for place in found:
        _both_ways(axes, place, most)
        x, y = PLACES[place.key]
        label = f"{place.name}\n{named[place.status]}"
        axes.text(x * 1.06, y, label, ha="right" if x < 0 else "left", va="center")
    town = getattr(result.manifest.town, f"name_{lang}")
    axes.text(0, 0, town, ha="center", va="center", fontsize=14)
    handles = [
        Line2D([], [], color=colour, lw=3, label=f"{words[key]}（{words['people_a_year']}）" if lang == "ja"
               else f"{words[key]} ({words['people_a_year']})")
        for key, colour in (("column_leaving", ORANGE), ("column_arriving", BLUE))
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    axes.set_xlim(-3.4, 3.4)
    axes.set_ylim(-1.15, 1.15)
    axes.set_axis_off()
    return figure


def _both_ways(axes: Axes, place: Place, most: float) -> None:
    """Leaving and arriving as two bent arrows beside each other, their figures on them."""
    end = np.array(PLACES[place.key])
    along = end / np.hypot(*end)
    # One arrow bends over the line between the two places, the other under it.
    up = np.array([-along[1], along[0]]) * (1 if end[0] > 0 else -1)
    for sign, value, colour, outward in ((1, place.leaving, ORANGE, True), (-1, place.arriving, BLUE, False)):
        near, far = along * 0.62 + up * 0.09 * sign, end - along * 0.02 + up * 0.09 * sign
        start, stop = (near, far) if outward else (far, near)
        axes.add_patch(FancyArrowPatch(
            tuple(start), tuple(stop), arrowstyle="-|>", mutation_scale=13, color=colour, shrinkA=0, shrinkB=0,
            lw=0.8 + 5.0 * value / most, ls="-" if place.status == "prefecture" else (0, (3, 1.2)),
        ))  # fmt: skip
        x, y = (near + far) / 2 + up * 0.14 * sign
        axes.text(x, y, thousands(value), ha="center", va="center", fontsize=10)


def network_figure(result: Result, words: Words, lang: str) -> Figure | None:
    """The sampled persons where the springs put them, ties coloured by circle."""
    people, ties = result.acquainted, result.ties
    if people is None or ties is None:
        return None
    figure = Figure(figsize=(9.6, 6.4), layout="constrained")
    axes = figure.subplots()
    where = people.set_index("person")[["x", "y"]]
    middle = set(people.loc[people["centre"] > 0, "person"])
    of_middle = ties["one"].isin(middle) | ties["other"].isin(middle)
    named: Any = words["circles"]
    for circle in CIRCLES:
        for chosen, width, strength in ((~of_middle, 0.5, 0.35), (of_middle, 1.1, 0.9)):
            lines = ties[(ties["circle"] == circle) & chosen]
            ends = [where.loc[lines[end]].to_numpy() for end in ("one", "other")]
            # One line with gaps for them all: one element of the page.
            path = np.stack([*ends, np.full((len(lines), 2), np.nan)], axis=1).reshape(-1, 2)
            axes.plot(*path.T, color=CIRCLE_COLOURS[circle], lw=width, alpha=strength, zorder=1)
    for sex, (colour, marker) in SEX_MARKS.items():
        rows = people[people["sex"] == sex]
        axes.plot(rows["x"], rows["y"], marker, color=colour, ms=5, ls="", zorder=2)
        numbered = rows[rows["centre"] > 0]
        axes.plot(numbered["x"], numbered["y"], marker, color=colour, mec=INK, mew=1.8, ms=17, ls="", zorder=3)
    for x, y, number in people.loc[people["centre"] > 0, ["x", "y", "centre"]].itertuples(index=False):
        axes.text(x, y, str(number), ha="center", va="center_baseline", color="white", zorder=4)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_axis_off()
    handles = [Line2D([], [], color=CIRCLE_COLOURS[circle], lw=2.5, label=named[circle]) for circle in CIRCLES]
    handles += [
        Line2D([], [], color=colour, marker=marker, ls="", label=words[key])
        for (colour, marker), key in zip(SEX_MARKS.values(), ("male", "female"), strict=True)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure


def market_figure(result: Result, words: Words, lang: str) -> Figure | None:
    """The unmarried, the searchers and those who marry by age, and the ratio of the sexes."""
    if result.behaviour is None:
        return None
    figure = Figure(figsize=(9.6, 3.9), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    found = periods(result)
    for sex, key in (("M", "male"), ("F", "female")):
        colour = SEX_COLOURS[sex]
        for period, width in _first_and_last(found):
            people = by_age(result, "market", "unmarried", sex, period).loc[:MARKET_TOP]
            left.plot(people.index, people, color=colour, lw=width, label=words[key] if period == found[0] else None)
        looking = by_age(result, "market", "searchers", sex, found[0]).loc[:MARKET_TOP]
        wed = by_age(result, "market", "marriages", sex, found[0]).loc[:MARKET_TOP]
        middle.plot(looking.index, looking, color=colour, lw=1.6, label=f"{words[key]}: {words['searchers']}")
        middle.plot(wed.index, wed, color=colour, lw=1.4, ls=":", label=f"{words[key]}: {words['marriages']}")
    _ratios(right, result, found, words)
    for axes, key in ((left, "market_unmarried"), (middle, "market_flow"), (right, "market_ratio")):
        axes.set_title(words[key])
        axes.set_xlabel(words["figure_age_axis"])
        axes.set_ylim(0, None)
        axes.yaxis.grid(True, color=INK, alpha=0.15)
        axes.legend(fontsize=9)
    for axes in (left, middle):
        axes.yaxis.set_major_formatter(FuncFormatter(thousands))
    return figure


def _ratios(axes: Axes, result: Result, found: Sequence[Period], words: Words) -> None:
    """Never-married men per woman by five-year age group."""
    centres = [age + 2 for age in RATIO_AGES]
    for period, width in _first_and_last(found):
        values = [men_per_woman(result, period, (age, age + 4)) for age in RATIO_AGES]
        axes.plot(centres, values, "o-", color=GREEN, lw=width, ms=3 + width, label=period_name(period, words))
    axes.axhline(1, color=INK, lw=0.8, ls=":")


def movers_figure(result: Result, words: Words, lang: str) -> Figure | None:
    """Leavers, returners and other arrivals by age, men and women beside each other."""
    if result.behaviour is None:
        return None
    figure = Figure(figsize=(9.6, 3.9), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    found = periods(result)
    for axes, sex, key in zip(panels, "MF", ("male", "female"), strict=True):
        for item, colour in (("leavers", ORANGE), ("returners", GREEN), ("newcomers", BLUE)):
            for period, width in _first_and_last(found):
                people = by_age(result, "movers", item, sex, period).loc[:MOVERS_TOP]
                axes.plot(people.index, people, color=colour, lw=width, label=words[item] if width > 1 else None)
        axes.set_title(words[key])
        axes.set_xlabel(words["figure_age_axis"])
        axes.yaxis.grid(True, color=INK, alpha=0.15)
        axes.yaxis.set_major_formatter(FuncFormatter(thousands))
    panels[0].set_ylim(0, None)
    panels[0].set_ylabel(words["people_a_year"])
    panels[1].legend()
    return figure


def sectors_figure(result: Result, words: Words, lang: str) -> Figure | None:
    """Slots in town and who fills them, and the flows of work, by sector in the first period."""
    if result.behaviour is None:
        return None
    table = by_sector(result, periods(result)[0])
    figure = Figure(figsize=(9.6, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    stocks = [("here", 1, BLUE), ("in_commuters", 1, GREEN), ("vacancies", 1, ORANGE), ("out_commuters", -1, GREY)]
    flows = [("hired", 1, BLUE), ("came", 1, GREEN), ("left", -1, ORANGE), ("went", -1, PURPLE), ("died", -1, GREY)]
    for axes, bars, key in ((left, stocks, "sectors_stock_axis"), (right, flows, "sectors_flow_axis")):
        base = {1: np.zeros(len(SECTORS)), -1: np.zeros(len(SECTORS))}
        for item, sign, colour in bars:
            width = table[item].clip(lower=0).to_numpy() * sign
            axes.barh(SECTORS, width, 0.66, left=base[sign], color=colour, label=words[f"column_{item}"])
            base[sign] = base[sign] + width
        axes.axvline(0, color=INK, lw=0.8)
        axes.xaxis.grid(True, color=INK, alpha=0.15)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: thousands(abs(value))))
        axes.set_xlabel(words[key])
        axes.tick_params(axis="y", length=0)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
    named: Any = words["sectors"]
    left.set_yticks(range(len(SECTORS)), [named[sector] for sector in SECTORS])
    left.invert_yaxis()
    return figure


def period_name(period: Period, words: Words) -> str:
    """A period in words."""
    return words["period"].format(first=period[0], last=period[1])


def _first_and_last(found: Sequence[Period]) -> list[tuple[Period, float]]:
    """The first period with a thick line, the last one, if there is another, with a thin one."""
    return [(found[0], 2.0), *([(found[-1], 0.8)] if len(found) > 1 else [])]


APPENDIX = {
    "region": region_figure,
    "network": network_figure,
    "market": market_figure,
    "movers": movers_figure,
    "sectors": sectors_figure,
}
