"""What other designs say of the packages in results side by side, and what a budget buys, in one language."""

import numpy as np
import pandas as pd

from machi.analysis.concordance import kendall_w, ranks_of
from machi.analysis.paired import COST
from machi.comparison.page import Figure, Part, Points, Section, Tabled
from machi.comparison.readings import SHARES
from machi.comparison.side import Side, dearest
from machi.comparison.speech import Voice, legend, plain, whole
from machi.comparison.standing import cost_words, intervals, name_cell
from machi.report.numerals import DASH, tens, two_decimals
from machi.report.tables import Cell, Table, cost_cell, figure

FIRST_TABLE, FIRST_FIGURE = 7, 6  # after those of effects, ranks and cost
STEPS = 10  # budgets from nothing to what the cheapest of the results' dearest portfolios costs, by choice


def reading_section(side: Side, voice: Voice) -> list[Section]:
    """Each design that all results have, package by package; none where they have none in common."""
    parts: list[Part] = []
    for place, name in enumerate(side.readings):
        parts += _reading(side, name, place, voice)
    return [Section(voice.words["readings_title"], [Points(voice.words["readings_notes"]), *parts])] if parts else []


def _reading(side: Side, name: str, place: int, voice: Voice) -> list[Part]:
    tables, what = common(side, name), voice.words[f"reading_{name}"]
    share = name in SHARES
    drawn = {key: [tuple(table.loc[key]) for table in tables] for key in tables[0].index}
    number = place + FIRST_TABLE
    caption = voice.say("reading_caption", number=place + FIRST_FIGURE, reading=what)
    alt = voice.say("reading_alt", number=number, reading=what)
    parts: list[Part] = [Figure([intervals(drawn, (), alt, plain if share else whole)], caption,
                                legend(side.asked, voice))]  # fmt: skip
    if len(drawn) > 1:
        ranks = np.stack([ranks_of(table["value"].to_numpy(dtype=np.float64)) for table in tables], axis=1)
        said = voice.say("ranks_w", value=two_decimals(kendall_w(ranks)))
        parts.append(Points([said]))
    return [*parts, Tabled(_table(side, name, voice.say("reading_table", number=number, reading=what), tables, voice))]


def common(side: Side, name: str) -> list[pd.DataFrame]:
    """A reading in each result, of the packages that all of them have, in the order of the first's manifest."""
    tables = [one.readings[name] for one in side.asked]
    known = [package.key for package in side.asked[0].manifest.packages]
    keys = [key for key in known if all(key in table.index for table in tables)]
    return [table.loc[keys] for table in tables]


def _table(side: Side, name: str, caption: str, tables: list[pd.DataFrame], voice: Voice) -> Table:
    """Figures with their own intervals, and ranks; a difference has no interval, for the runs are not paired here."""
    form = two_decimals if name in SHARES else tens
    ranks = [ranks_of(table["value"].to_numpy(dtype=np.float64)) for table in tables]
    rows = []
    for row, key in enumerate(tables[0].index):
        cells = []
        for table, of in zip(tables, ranks, strict=True):
            value, low, high = table.loc[key, ["value", "low", "high"]].tolist()
            small = f"[{voice.speech.range(low, high, form)}]" if low == low else ""
            cells += [figure(value, form, small), Cell(f"{of[row]:g}", value=float(of[row]))]
        rows.append((name_cell(side, key, voice), *cells))
    heads = [voice.say(f"column_{what}", letter=one.letter) for one in side.asked for what in ("value", "rank")]
    return Table(f"reading_{name}", caption, (voice.words["column_package"], *heads), tuple(rows))


def front_section(side: Side, voice: Voice) -> list[Section]:
    """The best portfolio for a budget in each result; none where one has no portfolios, or towns differ."""
    if not side.fronts:
        return []
    rows = []
    for budget in np.linspace(0.0, dearest(side.fronts), STEPS + 1)[1:]:
        cells = [cell for front in side.fronts for cell in _best(front, float(budget), voice)]
        rows.append((cost_cell(float(budget), cost_words(voice)), *cells))
    heads = [voice.say(f"column_{what}", letter=one.letter) for one in side.asked for what in ("portfolio", "people")]
    number = FIRST_TABLE + len(side.readings)
    caption = voice.say("front_table", number=number)
    table = Table("fronts", caption, (voice.words["column_budget"], *heads), tuple(rows))
    return [Section(voice.words["front_title"], [Points([voice.words["front_note"], *_spans(side, voice)]),
                                                 Tabled(table)])]  # fmt: skip


def _spans(side: Side, voice: Voice) -> list[str]:
    """That the costs are those of other years or another run-time, where they are."""
    spans = [(one.manifest.start, one.manifest.end, one.headline) for one in side.asked]
    if len(set(spans)) == 1:
        return []
    told = [
        voice.say("front_span_part", letter=one.letter, start=start, end=end, run_time=voice.words[run_time])
        for one, (start, end, run_time) in zip(side.asked, spans, strict=True)
    ]
    return [voice.say("front_span", spans=voice.listed(told))]


def _best(front: pd.DataFrame, budget: float, voice: Voice) -> list[Cell]:
    """The portfolio with the most people that a budget pays for, and its people; dashes where it pays for none."""
    paid = front[front[COST] <= budget]
    if paid.empty:
        return [Cell(DASH), Cell(DASH)]
    best = paid.iloc[-1]
    named = voice.words["front_none"] if best["portfolio"] == "none" else best["portfolio"]
    return [Cell(str(named)), _people(best, voice)]


def _people(row: pd.Series, voice: Voice) -> Cell:
    low, high = float(row["low"]), float(row["high"])
    return figure(float(row["people"]), tens, f"[{voice.speech.range(low, high, tens)}]" if low == low else "")
