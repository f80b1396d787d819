"""Every check of behaviour on one sheet: the range that is called met, and where the simulated figure lies in it."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from machi.console import field_text
from machi.report.figures import BLUE, INK, ORANGE, PNG_DPI, STYLE
from machi.validation.check import Check
from machi.words import room_words

BEYOND = 1.6  # a figure far outside is drawn at this many half ranges, with an arrow


def draw_checks(checks: Sequence[Check], town: str, lang: str, folder: Path, name: str) -> Path:
    """Draw the checks of a town as SVG and PNG under `name`; returns the PNG's path."""
    words = room_words(__package__)[lang]
    rows = _rows(checks)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.6, 0.27 * (rows[-1] + 1) + 1.2), layout="constrained")
        axes = figure.subplots()
        axes.axvspan(-1, 1, color=BLUE, alpha=0.13, lw=0)
        axes.axvline(0, color=INK, lw=0.6, alpha=0.4)
        for row, one, before in zip(rows, checks, (None, *checks), strict=False):
            _mark(axes, row, one)
            if before is None or before.topic != one.topic:
                axes.text(-BEYOND, row - 1, words["topics"][one.topic], fontsize=9, color=BLUE, va="center")
            said = f"{field_text(one.simulated)}  [{field_text(one.low)}, {field_text(one.high)}]"
            axes.text(BEYOND + 0.1, row, said, fontsize=7, va="center")
        labels = [one.label_ja if lang == "ja" else one.label_en for one in checks]
        axes.set_yticks(rows, labels, fontsize=7.5)
        axes.set_ylim(rows[-1] + 0.8, -0.6)
        axes.set_xlim(-BEYOND - 0.05, BEYOND + 0.05)
        axes.set_xticks([-1, 0, 1], [words["least"], words["middle"], words["most"]])
        axes.tick_params(axis="y", length=0)
        met = sum(one.met for one in checks)
        figure.suptitle(words["checks"].format(town=town, met=met, all=len(checks)), x=0.01, ha="left", fontsize=9)
        path = folder / f"{name}_{lang}.png"
        figure.savefig(path, dpi=PNG_DPI, facecolor="white", bbox_inches="tight", metadata={"Software": None})
        figure.savefig(path.with_suffix(".svg"), bbox_inches="tight", metadata={"Date": None, "Creator": None})
    return path


def _rows(checks: Sequence[Check]) -> list[int]:
    """The row of each check; a topic's first one leaves a row for the topic's name."""
    rows: list[int] = []
    for number, one in enumerate(checks):
        is_new = number == 0 or checks[number - 1].topic != one.topic
        rows.append((rows[-1] if rows else -1) + (2 if is_new else 1))
    return rows


def place(check: Check) -> float:
    """Where a simulated figure lies: -1 at the low end of its range, 1 at the high end, cut at `BEYOND`."""
    half = (check.high - check.low) / 2
    if not np.isfinite(check.simulated) or half <= 0:
        return BEYOND
    return float(np.clip((check.simulated - check.low) / half - 1, -BEYOND, BEYOND))


def _mark(axes: mpl.axes.Axes, row: int, check: Check) -> None:
    at = place(check)
    shape = "o" if abs(at) < BEYOND else (">" if at > 0 else "<")
    axes.plot(at, row, shape, color=BLUE if check.met else ORANGE, ms=5.5)
    if np.isfinite(check.target) and check.high > check.low:
        goal = (check.target - check.low) / ((check.high - check.low) / 2) - 1
        axes.plot(np.clip(goal, -1, 1), row, "|", color=INK, ms=9, mew=1.2)
