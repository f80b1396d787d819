"""What a hindcast prints: means by area and method, coverage, verdicts, and what the agents add."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .inquiry import Inquiry
from .judging import TREND
from .result import Findings, names_of, words_of
from .tables import ALL, TOWNS
from .verdicts import LAUNCHES, Verdict

if TYPE_CHECKING:
    from machi.console import Screen

ERRORS = ("total_error", "wape", "ages_0_4_error", "births_error", "deaths_error", "net_moves_error")
WIDTHS = ("width_cells", "width_total", "interval_score_cells", "interval_score_total")
NONE = "–"


def show(screen: "Screen", inquiry: Inquiry, found: Findings) -> None:
    """Print the tables and verdicts of a hindcast in the screen's language."""
    words = words_of(screen.lang)
    names = {**names_of(inquiry, screen.lang), TOWNS: words[TOWNS], ALL: words[ALL]}
    for basis in dict.fromkeys(found.means["basis"]):
        _errors(screen, words, names, found.means[found.means["basis"] == basis], basis)
    _plain(screen, words["legend"])
    _plain(screen, words["chosen"])
    for basis in dict.fromkeys(found.coverage["basis"]):
        _coverage(screen, words, found, basis)
    _plain(screen, words["coverage_note"])
    if (found.means["launches"] < LAUNCHES).any():
        _plain(screen, words["single_areas"])
    for one in found.verdicts:
        _plain(screen, sentence(one, words))
    _agents(screen, words, names, found)


def _plain(screen: "Screen", text: str) -> None:
    screen.out.print(text, markup=False)


def percent(value: float, digits: int = 2) -> str:
    """A share as percent; a dash where there is none."""
    return f"{100 * value:.{digits}f}" if np.isfinite(value) else NONE


def _errors(screen: "Screen", words: dict[str, str], names: dict[str, str], means: pd.DataFrame, basis: str) -> None:
    title = words["summary"].format(basis=words[basis], launches=int(means["launches"].max()))
    columns = [words[key] for key in ("area", "method")]
    columns += [words[error_name(one)] for one in ERRORS]
    columns.insert(3, words["bias"])
    rows, before = [], ""
    for _, row in means.iterrows():
        area = names[row["area"]]
        figures = [percent(row[one]) if one in row else NONE for one in ERRORS]
        figures.insert(1, f"{100 * row['bias']:+.2f}")
        rows.append([area if area != before else "", words[row["method"]], *figures, int(row["cases"])])
        before = area
    screen.table(title, [*columns, words["cases"]], rows)


def error_name(measure: str) -> str:
    """The word for a measure of error."""
    return measure if measure == ERRORS[0] else measure.removesuffix("_error")


def _coverage(screen: "Screen", words: dict[str, str], found: Findings, basis: str) -> None:
    here = found.coverage[found.coverage["basis"] == basis]
    rows = []
    for horizon in dict.fromkeys(here["horizon"]):
        by_kind = here[here["horizon"] == horizon].set_index("kind")
        cells, total = by_kind.loc["cells"], by_kind.loc["total"]
        low, high = float(cells["low"]), float(cells["high"])
        between = f"{100 * low:.1f} – {100 * high:.1f}" if np.isfinite(low) else words["no_interval"]
        name = words[ALL] if horizon == ALL else horizon
        rows.append([name, percent(cells["share"], 1), between, percent(total["share"], 1)])
    columns = [words[one] for one in ("horizon", "cells", "cells_interval", "totals")]
    screen.table(words["coverage"].format(basis=words[basis]), columns, rows)
    means = found.means
    own = means[(means["basis"] == basis) & (means["area"] == ALL) & (means["method"] == TREND)]
    _plain(screen, words["widths"].format(**{one: percent(float(own[one].iloc[0]), 1) for one in WIDTHS}))


def sentence(verdict: Verdict, words: dict[str, str]) -> str:
    """A verdict in words."""
    alone = verdict.aim == "coverage" and not np.isfinite(verdict.figures["low"])
    said = words[f"verdict_{verdict.aim}{'_alone' if alone else ''}"].format(**verdict.figures)
    if verdict.reached is None:
        return f"{words[verdict.basis]}: {said}"
    mark = words["reached" if verdict.reached else "missed"]
    return words["verdict"].format(basis=words[verdict.basis], sentence=said, mark=mark)


def _agents(screen: "Screen", words: dict[str, str], names: dict[str, str], found: Findings) -> None:
    if len(found.gain):
        shown = found.gain[found.gain["measure"].isin(ERRORS)]
        table = shown.pivot_table(index=["basis", "area", "launch", "end"], columns="measure", values="gain")
        rows = [
            [names[str(key[1])], words[str(key[0])], key[2], key[3], *(f"{100 * row[one]:+.2f}" for one in ERRORS)]
            for key, row in zip(table.index, table.to_dict("records"), strict=True)
        ]
        errors = [words[error_name(one)] for one in ERRORS]
        columns = [*(words[one] for one in ("area", "basis", "launch", "end")), *errors]
        screen.table(words["gain"], columns, rows)
        total, wape = (float(table[one].mean()) for one in ERRORS[:2])
        launches = len(shown[["basis", "launch"]].drop_duplicates())
        key = "gain_some" if total < 0 and wape < 0 else "gain_none"
        key = key if launches >= LAUNCHES else "gain_shown"
        _plain(screen, words[key].format(cases=len(table), total=100 * total, wape=100 * wape))
    if found.reasons:
        _plain(screen, words["agents_missing"].format(count=len(found.reasons), example=found.reasons[0]))
