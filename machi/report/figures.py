"""The page's figures: drawn once per language, kept as SVG and PNG, and made fit to stand inside the page."""

import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib_fontja  # noqa: F401  (registers the Japanese font that it brings along)
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .findings import (
    ALL,
    NONE,
    PLAN,
    SUSTAINED,
    Gain,
    gains_of_all,
    headline_run_time,
    published,
    trend,
    with_gap,
)
from .reading import Result

# One ink that follows the page's text, and hues that keep a contrast of 3:1 on white and on near-black.
INK, BLUE, ORANGE, GREEN = "#1a1a1b", "#2f7fc1", "#cf6a12", "#2e8b63"
STYLE: Any = {
    "font.family": "IPAexGothic", "font.size": 11.0, "svg.fonttype": "path", "svg.hashsalt": "machi",
    "axes.edgecolor": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "text.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 11.0, "legend.frameon": False,
    "axes.titleweight": "normal", "axes.unicode_minus": True, "legend.fontsize": 10.0, "hatch.linewidth": 0.5,
}  # fmt: skip
PNG_DPI = 150
LABEL_LENGTH = 30  # characters of a package's name beside a bar; the table has the whole name
Words = Mapping[str, str]
Makers = Mapping[str, Callable[[Result, Words, str], Figure | None]]


class Drawing(NamedTuple):
    """One figure: its name and the SVG as it stands inside the page."""

    name: str
    svg: str


def draw_all(result: Result, words: Words, lang: str, folder: Path, makers: Makers) -> dict[str, Drawing]:
    """Draw what the folder has tables for, by name; writes <name>_<lang>.svg and .png into `folder`."""
    folder.mkdir(exist_ok=True)
    drawn = {}
    with mpl.rc_context(STYLE):
        for name, make in makers.items():
            figure = make(result, words, lang)
            if figure is not None:
                drawn[name] = _keep(figure, f"{name}_{lang}", folder)
    return drawn


def _keep(figure: Figure, name: str, folder: Path) -> Drawing:
    """Write one figure as SVG (transparent) and PNG (white); neither holds a date."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8", newline="")
    figure.savefig(folder / f"{name}.png", dpi=PNG_DPI, facecolor="white", metadata={"Software": None})
    return Drawing(name, embedded(svg, name))


def embedded(svg: str, name: str) -> str:
    """An SVG for use inside the page: own ids, no style attribute (the page's policy forbids it), no address.

    The ink becomes `currentColor`, so that a figure follows the light or dark page.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg).replace("xlink:href", "href")
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg))
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'href="#', f'href="#{name}-', svg)
    svg = svg.replace("url(#", f"url(#{name}-")
    svg = re.sub(r' style="([^"]*)"', _attributes, svg)
    svg = svg.replace(INK, "currentColor").replace(' version="1.1"', "")
    return re.sub(r"\s*\n\s*", "\n", svg).strip()


def _attributes(style: re.Match[str]) -> str:
    """The declarations of a style attribute as presentation attributes."""
    pairs = (part.split(":", 1) for part in style.group(1).split(";") if ":" in part)
    return "".join(f' {key.strip()}="{value.strip()}"' for key, value in pairs)


def trend_figure(result: Result, words: Words, lang: str) -> Figure:
    """Residents by year in the reference arm and with all packages, beside what the city has published."""
    figure = Figure(figsize=(9.6, 4.3), layout="constrained")
    gains = with_gap(gains_of_all(result))
    panels = figure.subplots(1, 2, width_ratios=[1.9, 1]) if gains else [figure.subplots()]
    left = panels[0]
    scale, digits = (1e4, 1) if lang == "ja" else (1e3, 0)
    run_time = headline_run_time(result.manifest)
    reference, everything = trend(result, NONE), trend(result, ALL, run_time)
    left.fill_between(
        reference["year"], reference["low"] / scale, reference["high"] / scale, color=BLUE, alpha=0.3, lw=0
    )
    if result.fan is not None:
        left.fill_between(
            result.fan["year"], result.fan["low"] / scale, result.fan["high"] / scale, color=BLUE, alpha=0.13, lw=0,
            label=words["figure_fan"],
        )  # fmt: skip
    left.plot(reference["year"], reference["mean"] / scale, color=BLUE, lw=2, label=words["figure_reference"])
    if not everything.empty:
        left.plot(
            everything["year"], everything["mean"] / scale, color=ORANGE, lw=1.8, ls=(0, (4, 2)),
            label=words["figure_all"].format(run_time=words[f"said_{run_time}"]),
        )  # fmt: skip
    baseline, vision = published(result.manifest)
    for path, marker, colour, key, above in (
        (baseline, "o", INK, "figure_baseline", False),
        (vision, "D", GREEN, "figure_vision", True),
    ):
        if path:
            years, values = list(path), [value / scale for value in path.values()]
            left.plot(years, values, marker, color=colour, ms=6, mfc="none", mew=1.6, label=words[key], zorder=5)
            for year, value in zip(years, values, strict=True):
                # The line falls from left to right: above-right of a point and below-left of it is empty.
                left.annotate(
                    f"{value:.{digits}f}", (year, value), xytext=(0, 9 if above else -18),
                    textcoords="offset points",
                    ha="center" if above else "right", fontsize=10,
                )  # fmt: skip
    left.set_ylim(0, None)
    left.set_xlim(result.manifest.start - 1, result.manifest.end + 2)
    left.set_ylabel(words["figure_population_axis"])
    left.set_xlabel(words["figure_year_axis"])
    left.yaxis.grid(True, color=INK, alpha=0.15)
    left.legend(loc="lower left")
    if gains:
        _gap_bars(panels[1], gains, words)
    return figure


def _gap_bars(axes: Axes, gains: list[Gain], words: Words) -> None:
    """The gap to the vision and what all packages add, side by side, by year."""
    places = np.arange(len(gains))
    gap = [gain.gap for gain in gains]
    axes.bar(places - 0.2, gap, 0.36, color="none", edgecolor=GREEN, lw=1.6, label=words["figure_gap"])
    values = [gain.effect.value for gain in gains]
    axes.bar(places + 0.2, values, 0.36, color=ORANGE, label=words["figure_all_effect"])
    for place, gain in zip(places, gains, strict=True):
        shown = gain.predictive if np.isfinite(gain.predictive.low) else gain.effect
        if np.isfinite(shown.low):
            axes.plot([place + 0.2] * 2, [shown.low, shown.high], color=INK, lw=1.6)
        top = max(gain.effect.value, shown.high if np.isfinite(shown.high) else 0)
        axes.annotate(_signed(gain.effect.value), (place + 0.2, top), (0, 4), textcoords="offset points", ha="center")
        axes.annotate(_signed(gain.gap), (place - 0.2, gain.gap), (0, 4), textcoords="offset points", ha="center")
    axes.set_xticks(places, [str(gain.year) for gain in gains])
    axes.axhline(0, color=INK, lw=0.8)
    axes.set_ylabel(words["figure_effect_axis_short"])
    axes.yaxis.set_major_formatter(FuncFormatter(thousands))
    axes.set_ylim(min(0, *values) * 1.1, max(*gap, *values) * 1.28)
    axes.legend(loc="upper left", handlelength=1.2)


def pyramid_figure(result: Result, words: Words, lang: str) -> Figure | None:
    """Residents by sex and single year of age, reference arm; the first year's outline stands behind."""
    table = result.pyramids
    if table is None:
        return None
    rows = table[(table["arm"] == NONE)]
    counts = rows.groupby(["year", "sex", "age"])["value"].sum()
    runs = rows.groupby("year")[["replication", "run_time"]].apply(lambda part: len(part.drop_duplicates()))
    years = sorted(rows["year"].unique())
    if not years:
        return None
    figure = Figure(figsize=(9.6, 4.4), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, len(years), sharex=True, sharey=True))
    ages = np.arange(int(rows["age"].max()) + 2)

    def sides(year: int) -> dict[str, np.ndarray[Any, Any]]:
        return {sex: counts.loc[year, sex].reindex(ages[:-1], fill_value=0).to_numpy() / runs[year] for sex in "MF"}

    first = sides(years[0])
    for panel, year in zip(panels, years, strict=True):
        now = sides(year)
        panel.stairs(-now["M"], ages, orientation="horizontal", fill=True, color=BLUE, alpha=0.85)
        panel.stairs(now["F"], ages, orientation="horizontal", fill=True, color=ORANGE, alpha=0.85)
        if year != years[0]:
            for sign, sex in ((-1, "M"), (1, "F")):
                panel.stairs(sign * first[sex], ages, orientation="horizontal", color=INK, lw=0.7)
        panel.set_title(words["figure_pyramid_title"].format(year=year))
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):,.0f}"))
        panel.xaxis.set_major_locator(MaxNLocator(5, symmetric=True))
        panel.text(0.02, 0.97, words["male"], transform=panel.transAxes, va="top")
        panel.text(0.98, 0.97, words["female"], transform=panel.transAxes, va="top", ha="right")
    panels[0].set_ylabel(words["figure_age_axis"])
    panels[0].set_ylim(0, ages[-1])
    figure.supxlabel(words["figure_pyramid_axis"], fontsize=11)
    return figure


def ranking_figure(result: Result, words: Words, lang: str) -> Figure:
    """Packages by rank: Morris' mean elementary effect, and the effect alone with both of its intervals."""
    table = result.ranking
    places = np.arange(len(table))
    figure = Figure(figsize=(9.6, 0.42 * len(table) + 1.5), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    left.hlines(places, table["mu_low"], table["mu_high"], color=BLUE, lw=2.2)
    left.plot(table["mu"], places, "o", color=BLUE, ms=6)
    left.set_title(words["figure_mu_title"])
    right.hlines(
        places, table["effect_low"], table["effect_high"], color=ORANGE, lw=7, alpha=0.45,
        label=words["figure_predictive"],
    )  # fmt: skip
    right.hlines(places, table["effect_mc_low"], table["effect_mc_high"], color=INK, lw=2.2, label=words["figure_mc"])
    right.plot(table["effect"], places, "|", color=INK, ms=11, mew=1.6, label=words["figure_central"])
    right.set_title(words["figure_alone_title"])
    _package_axis(left, table, lang)
    right.tick_params(axis="y", length=0)
    for axes in (left, right):
        axes.axvline(0, color=INK, lw=0.8)
        axes.xaxis.grid(True, color=INK, alpha=0.15)
        axes.xaxis.set_major_formatter(FuncFormatter(thousands))
        axes.set_xlabel(words["figure_effect_axis"].format(end=result.manifest.end))
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def run_time_figure(result: Result, words: Words, lang: str) -> Figure | None:
    """The effect of each package alone: kept to the horizon, and run as planned; None where not both are told."""
    if result.plan is None or headline_run_time(result.manifest) != SUSTAINED:
        return None
    table = result.ranking.merge(result.plan, on="package", suffixes=("", "_plan"))
    if table.empty:
        return None
    places = np.arange(len(table))
    figure = Figure(figsize=(9.6, 0.36 * len(table) + 1.4), layout="constrained")
    axes = figure.subplots()
    for name, suffix, colour, marker, shift in (
        (SUSTAINED, "", ORANGE, "o", -0.14),
        (PLAN, "_plan", BLUE, "s", 0.14),
    ):
        axes.hlines(
            places + shift,
            table[f"effect_mc_low{suffix}"],
            table[f"effect_mc_high{suffix}"],
            color=colour,
            lw=2,
        )
        axes.plot(
            table[f"effect{suffix}"], places + shift, marker, color=colour, ms=6,
            label=words[f"run_time_{name}"].format(end=result.manifest.end),
        )  # fmt: skip
    _package_axis(axes, table, lang)
    axes.axvline(0, color=INK, lw=0.8)
    axes.xaxis.grid(True, color=INK, alpha=0.15)
    axes.xaxis.set_major_formatter(FuncFormatter(thousands))
    axes.set_xlabel(words["figure_effect_axis"].format(end=result.manifest.end))
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _package_axis(axes: Axes, table: pd.DataFrame, lang: str) -> None:
    """Packages down the axis, the first rank on top."""
    labels = []
    for row in table.itertuples():
        name = str(getattr(row, f"name_{lang}"))
        if len(name) > LABEL_LENGTH:
            name = name[: LABEL_LENGTH - 1].rstrip() + "…"
        # A dollar sign in a name would start a formula.
        labels.append(f"{row.package} {name} [{row.grade}]".replace("$", r"\$"))
    axes.set_yticks(np.arange(len(table)), labels)
    axes.set_ylim(len(table) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def thousands(value: float, _: object = None) -> str:
    """An axis figure with thousands separators and a true minus."""
    return f"{value:,.0f}".replace("-", "−")


def _signed(value: float) -> str:
    """People in tens with a sign."""
    tens = round(value / 10) * 10
    return f"{tens:+,d}".replace("-", "−") if tens else "0"


ANSWER: Makers = {
    "trend": trend_figure,
    "pyramids": pyramid_figure,
    "ranking": ranking_figure,
    "run_times": run_time_figure,
}
