"""The pictures of a hindcast: totals with the fan of each launch, and errors by method and age."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from machi.report.figures import BLUE, GREEN, INK, ORANGE, PNG_DPI, STYLE

from .course import STARTS
from .judging import AGENTS, CONSTANT, HAMILTON_PERRY, METHODS, TREND
from .tables import horizon_of

Words = Mapping[str, str]
LINES = {
    TREND: (BLUE, "-", "o"),
    HAMILTON_PERRY: (ORANGE, (0, (5, 2)), "s"),
    CONSTANT: (GREEN, (0, (2, 1.5)), "^"),
    AGENTS: (INK, "-", "D"),
}
PANEL = (4.7, 3.0)  # inches
THOUSAND = 1e3


def keep(figure: Figure, name: str, words: Words, title: str, folder: Path) -> None:
    """Give a figure its title and sources and write it as SVG and PNG without a date."""
    figure.suptitle(title, x=0.01, ha="left", fontsize=13)
    figure.supxlabel(words["sources"], x=0.01, ha="left", fontsize=7.5)
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
    figure.savefig(folder / f"{name}.png", dpi=PNG_DPI, facecolor="white", metadata={"Software": None})


def draw_totals(
    fans: pd.DataFrame, observed: pd.DataFrame, names: Mapping[str, str], basis: str, words: Words
) -> Figure:
    """Observed residents of each area and what was forecast from each launch (one basis).

    fans: columns area, launch, day, forecast, low, high; observed: area, day, people; names: title by area.
    """
    areas = [area for area in names if (fans["area"] == area).any()]
    columns = min(2, len(areas))
    rows = -(-len(areas) // columns)
    figure = Figure(figsize=(PANEL[0] * columns, PANEL[1] * rows + 1.2), layout="constrained")
    panels = np.atleast_1d(np.array(figure.subplots(rows, columns))).ravel()
    for axes, area in zip(panels, areas, strict=False):
        _fans_of(axes, fans[fans["area"] == area], observed[observed["area"] == area], words)
        axes.set_title(names[area], loc="left")
    for axes in panels[len(areas) :]:
        axes.set_visible(False)
    panels[0].legend(loc="lower left")  # residents decline: the corner is empty
    return figure


def _fans_of(axes: Axes, fans: pd.DataFrame, observed: pd.DataFrame, words: Words) -> None:
    """One panel: each launch's fan, its central line from a point on the observed line, and what was observed."""
    for number, (_, fan) in enumerate(fans.groupby("launch")):
        days = fan["day"].to_numpy()
        first = number == 0
        axes.fill_between(
            days, fan["low"] / THOUSAND, fan["high"] / THOUSAND, color=BLUE, alpha=0.10, lw=0,
            label=words["fan"] if first else None,
        )  # fmt: skip
        axes.plot(
            days, fan["forecast"] / THOUSAND, color=BLUE, lw=1.0, alpha=0.8, label=words["forecast"] if first else None
        )
    since = fans["day"].min() - 5.1
    there = observed[observed["day"] >= since]
    axes.plot(there["day"], there["people"] / THOUSAND, "o-", color=INK, ms=3, lw=1.3, label=words["observed"])
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set_xlabel(words["axis_year"])
    axes.set_ylabel(words["axis_people"])
    axes.yaxis.grid(True, color=INK, alpha=0.15)


def draw_errors(cells: pd.DataFrame, words: Words) -> Figure:
    """Mean absolute error of each age group, both sexes together, by method: a panel a basis and horizon.

    cells: columns area, basis, launch, end, years, method, age_from, forecast, actual.
    """
    keys = ["basis", "horizon", "method", "age_from"]
    both = cells.assign(horizon=[horizon_of(one) for one in cells["years"]])
    both = both.groupby([*keys, "area", "launch", "end"])[["forecast", "actual"]].sum()
    both["error"] = 100 * (both["forecast"] / both["actual"] - 1).abs()
    means = both.groupby(keys)["error"].mean()
    bases = list(dict.fromkeys(cells["basis"]))
    horizons = sorted(set(means.index.get_level_values("horizon")), key=float)
    figure = Figure(figsize=(PANEL[0] * len(horizons), PANEL[1] * len(bases) + 1.2), layout="constrained")
    panels = np.array(figure.subplots(len(bases), len(horizons), sharex=True, sharey=True, squeeze=False))
    for row, basis in zip(panels, bases, strict=True):
        for axes, horizon in zip(row, horizons, strict=True):
            _errors_of(axes, means, basis, horizon, words)
    panels[0, 0].set_ylim(0, None)  # shared by all, so only when all are drawn
    panels[0, 0].legend(loc="upper right")
    return figure


def _errors_of(axes: Axes, means: "pd.Series[float]", basis: str, horizon: str, words: Words) -> None:
    index = means.index
    for method in METHODS:
        here = means[
            (index.get_level_values("basis") == basis)
            & (index.get_level_values("horizon") == horizon)
            & (index.get_level_values("method") == method)
        ]
        if len(here):
            colour, line, mark = LINES[method]
            axes.plot(
                np.arange(len(STARTS)), here.to_numpy(), ls=line, marker=mark, ms=4, color=colour, lw=1.6,
                label=words[method],
            )  # fmt: skip
    axes.set_xticks(np.arange(0, len(STARTS), 4), [_age(start) for start in STARTS[::4]])
    ahead = words["ahead" if horizon in ("5", "10") else "ahead_exact"].format(years=horizon)
    axes.set_title(f"{words[basis]}, {ahead}", loc="left")
    axes.set_xlabel(words["axis_age"])
    axes.set_ylabel(words["axis_error"])
    axes.yaxis.grid(True, color=INK, alpha=0.15)


def _age(start: int) -> str:
    return f"{start}+" if start == STARTS[-1] else f"{start}–{start + 4}"


def draw_all(
    tables: Mapping[str, pd.DataFrame],
    names: Mapping[str, Mapping[str, str]],
    words: Mapping[str, Words],
    folder: Path,
    bases: Sequence[str],
) -> None:
    """Draw everything in every language: totals_<basis>_<lang> and errors_<lang>, SVG and PNG.

    tables: fans, observed, cells (with years); names: by language, the areas' titles in order.
    """
    with mpl.rc_context(STYLE):
        for lang, said in words.items():
            for basis in bases:
                fans, observed = (tables[name][tables[name]["basis"] == basis] for name in ("fans", "observed"))
                if len(fans):
                    figure = draw_totals(fans, observed, names[lang], basis, said)
                    title = said["figure_totals"].format(basis=said[basis])
                    keep(figure, f"totals_{basis}_{lang}", said, title, folder)
            keep(draw_errors(tables["cells"], said), f"errors_{lang}", said, said["figure_errors"], folder)
