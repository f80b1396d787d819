"""Each town's past, its scenarios with the trend's fan, and the figures that are printed, on one sheet."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from machi.places import Places
from machi.report.figures import BLUE, GREEN, INK, ORANGE, PNG_DPI, STYLE
from machi.runs.projection import fan_of, project_annually, read_future
from machi.validation.published import Comparison
from machi.words import room_words

Floats = NDArray[np.float64]
DRAWS = 400  # of the trend's fan: enough for its 5 and 95 % (an assumption)
VISIONS = ("vision2", "vision")


class Panel(NamedTuple):
    """What one town's panel shows; years and residents of each line."""

    name_ja: str
    name_en: str
    censuses: tuple[Floats, Floats]
    baseline: tuple[Floats, Floats]
    vision: tuple[Floats, Floats] | None
    trend: tuple[Floats, Floats, Floats, Floats]  # years, 5 %, central, 95 %
    official: tuple[Floats, Floats] | None
    printed: Sequence[Comparison]


def panel_of(places: Places, town: str, printed: Sequence[Comparison]) -> Panel:
    """Project what a town's panel shows."""
    read = partial(read_future, places, town, basis="census", start=None, end=None)

    def line(scenario: str) -> tuple[Floats, Floats]:
        future = read(scenario=scenario)
        people = project_annually(future).people.sum(axis=(1, 2))
        return future.start + np.arange(len(people), dtype=float), people

    trend = read(scenario="trend")
    totals = fan_of(trend, DRAWS, 1).totals
    low, high = np.quantile(totals, (0.05, 0.95), axis=0)
    years, central = line("trend")
    area = read(scenario="baseline").setting.area
    vision = next((name for name in VISIONS if name in places.scenarios(town)), None)
    years_there = np.array(list(area.official), dtype=float)
    people_there = np.array([people.sum() for people in area.official.values()])
    return Panel(
        area.name_ja,
        area.name_en,
        (np.array([stock.day - 0.75 for stock in area.census]), np.array([s.people.sum() for s in area.census])),
        line("baseline"),
        line(vision) if vision else None,
        (years, low, central, high),
        (years_there, people_there) if area.official else None,
        [one for one in printed if one.town == town and one.printed > 1000],
    )


def draw_validation(panels: Sequence[Panel], lang: str, folder: Path) -> Path:
    """Draw the sheet as SVG and PNG; returns the PNG's path."""
    words = room_words(__package__)[lang]
    with mpl.rc_context(STYLE):
        columns = min(2, len(panels))
        rows = -(-len(panels) // columns)
        figure = Figure(figsize=(5.2 * columns, 3.5 * rows + 0.9), layout="constrained")
        axes = np.atleast_1d(np.array(figure.subplots(rows, columns))).ravel()
        for one, panel in zip(axes, panels, strict=False):
            _draw(one, panel, words, lang)
        for one in axes[len(panels) :]:
            one.set_visible(False)
        found = {
            label: handle
            for one in axes[: len(panels)]
            for handle, label in zip(*one.get_legend_handles_labels(), strict=True)
        }
        figure.legend(found.values(), found.keys(), loc="outside lower center", ncols=4)
        figure.suptitle(words["sources"], fontsize=7.5, x=0.01, ha="left")  # above: a legend outside takes the foot
        path = folder / f"validation_{lang}.png"
        figure.savefig(path, dpi=PNG_DPI, facecolor="white", bbox_inches="tight", metadata={"Software": None})
        figure.savefig(folder / f"validation_{lang}.svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    return path


def _draw(axes: Axes, panel: Panel, words: Mapping[str, str], lang: str) -> None:
    scale = 1e4 if lang == "ja" else 1e3
    years, low, central, high = panel.trend
    axes.fill_between(years, low / scale, high / scale, color=BLUE, alpha=0.2, lw=0, label=words["fan"])
    axes.plot(years, central / scale, color=BLUE, lw=1.6, label=words["trend"])
    axes.plot(panel.baseline[0], panel.baseline[1] / scale, color=INK, lw=1.4, ls=(0, (5, 2)), label=words["baseline"])
    if panel.vision:
        axes.plot(panel.vision[0], panel.vision[1] / scale, color=GREEN, lw=1.4, ls=(0, (3, 2)), label=words["vision"])
    axes.plot(panel.censuses[0], panel.censuses[1] / scale, "o-", color=INK, ms=3.5, lw=1, label=words["census"])
    if panel.official:
        axes.plot(
            panel.official[0], panel.official[1] / scale, "s", color=ORANGE, ms=4, mfc="none", label=words["official"]
        )
    for one in panel.printed:
        mark, key = ("v", "bound") if one.is_upper_bound else ("D", "printed")
        axes.plot(
            one.year, one.printed / scale, mark, color=ORANGE, ms=6, mfc="none", mew=1.5, zorder=5, label=words[key]
        )  # fmt: skip
    axes.set_title(panel.name_ja if lang == "ja" else panel.name_en, loc="left")
    axes.set_ylim(0, None)
    axes.set_ylabel(words["axis"])
    axes.yaxis.grid(True, color=INK, alpha=0.15)
