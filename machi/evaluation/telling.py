"""An evaluation as a reader sees it: a table of every figure, and a sentence on each that counts."""

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from machi.words import room_words

from .comparison import summed
from .past import RESIDENTS, Past

if TYPE_CHECKING:
    from machi.console import Screen


def sentence(lang: str, key: str, /, **values: object) -> str:
    """A sentence with its values; `lang` is ja or en."""
    return str(room_words(__package__)[lang][key].format(**values))


def show(screen: "Screen", past: Past, table: pd.DataFrame, fraction: float) -> None:
    """Print the table, what the gaps may mean, and what they cannot."""
    lang, town = screen.lang, past.ground.town
    title = sentence(
        lang, "title", town=screen.named(town.name_ja, town.name_en), launch=past.ground.start, end=past.ground.end
    )
    names = ("measure", "years", "counted", "simulated", "chance", "doubt", "gap", "verdict")
    rows = []
    for row in table.itertuples():
        chance, doubt = _range(row.chance_low, row.chance_high), _range(row.low, row.high)
        rows.append((
            sentence(lang, str(row.measure)), years(row), f"{row.counted:,.0f}", f"{row.simulated:,.0f}", chance, doubt,
            f"{row.gap:+,.0f}", sentence(lang, str(row.verdict)),
        ))  # fmt: skip
    screen.table(title, [sentence(lang, name) for name in names], rows)
    screen.out.print(sentence(lang, "known", known=past.launch.known_from), markup=False, highlight=False)
    if fraction < 1.0:
        screen.out.print(sentence(lang, "sample", fraction=f"{fraction:g}"), markup=False, highlight=False)
    for row in summed(table).itertuples():
        screen.out.print(_said(lang, row), markup=False, highlight=False)
    screen.out.print(sentence(lang, "caution"), markup=False, highlight=False)


def _range(low: Any, high: Any) -> str:
    return f"{low:,.0f} .. {high:,.0f}" if math.isfinite(low) else "-"


def _said(lang: str, row: Any) -> str:
    """What the gap of one measure may mean."""
    numbers = {name: f"{getattr(row, name):,.0f}" for name in ("counted", "simulated", "low", "high")}
    measure = sentence(lang, str(row.measure))
    return sentence(lang, f"said_{row.verdict}", measure=measure, years=years(row), gap=f"{row.gap:+,.0f}", **numbers)


def years(row: Any) -> str:
    """The year, or the first and the last."""
    return str(row.last) if row.first == row.last or row.measure == RESIDENTS else f"{row.first}-{row.last}"
