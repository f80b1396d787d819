"""The page's tables in one language; a cell with a figure carries the exact one beside the rounded one."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from . import numerals
from .findings import (
    ALL,
    NONE,
    SUSTAINED,
    Gain,
    Origin,
    gains_of_all,
    gaps,
    headline_run_time,
    origins,
    published,
    ties,
    trend,
)
from .numerals import DASH, Speech, hundreds, tens, two_digits
from .reading import Result

Words = Mapping[str, str]
YEN = 100.0  # million yen in 1 oku yen
PODIUM = 3  # the places of the column "chance of the top 3"


class Cell(NamedTuple):
    """A cell: its text, a second line, the exact figure, and whether it is a figure, a heading or a grade."""

    text: str
    small: str = ""
    value: float | None = None
    title: str = ""
    heading: bool = False
    grade: str = ""


class Table(NamedTuple):
    """A captioned table; the first column heads its row."""

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def figure(value: float, form: numerals.Form, small: str = "", title: str = "") -> Cell:
    """A cell with a figure."""
    return Cell(form(value), small, value if math.isfinite(value) else None, title)


def lines(table: pd.DataFrame) -> list[Any]:
    """The rows of a table, columns as attributes."""
    return list(table.itertuples())


def trend_table(result: Result, words: Words, speech: Speech) -> Table:
    """The reference arm at the start, in published years and at the end, beside the city's own figures."""
    path = trend(result, NONE).set_index("year")
    baseline, vision = published(result.manifest)
    gains = {gain.year: gain for gain in gains_of_all(result)}
    gap = gaps(result.manifest)
    manifest = result.manifest
    years = sorted({manifest.start, manifest.end, *baseline, *vision} & set(path.index))
    rows = []
    for year in years:
        here: Any = path.loc[year]
        rows.append((
            Cell(str(year), heading=True),
            figure(here["mean"], hundreds, band(here["low"], here["high"], speech)),
            figure(baseline.get(year, math.nan), hundreds),
            figure(here["mean"] - baseline.get(year, math.nan), numerals.signed_hundreds),
            figure(vision.get(year, math.nan), hundreds),
            figure(gap.get(year, math.nan), tens),
            *_gain_cells(gains.get(year), words, speech),
        ))  # fmt: skip
    names = ("year", "reference", "baseline", "off", "vision", "gap", "all_effect", "share")
    kind = kind_of(gains.get(manifest.end), words)
    columns = tuple(words[f"column_{name}"].format(kind=kind) for name in names)
    return _without_empty_columns(Table("trend", words["trend_table"], columns, tuple(rows)))


def _without_empty_columns(table: Table) -> Table:
    """Without the columns that hold no figure at all: not every city prints a projection and a vision."""
    kept = [place for place in range(len(table.columns)) if any(row[place].text != DASH for row in table.rows)]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return table._replace(columns=tuple(table.columns[place] for place in kept), rows=rows)


def band(low: float, high: float, speech: Speech) -> str:
    """The range from chance; the first year has none."""
    return _bracketed(speech.range(low, high, hundreds)) if high > low else ""


def kind_of(gain: Gain | None, words: Words) -> str:
    """The name of the interval that is shown for all packages together."""
    drawn = gain is not None and math.isfinite(gain.predictive.low)
    return words["kind_predictive" if drawn else "kind_mc"]


def _gain_cells(gain: Gain | None, words: Words, speech: Speech) -> tuple[Cell, Cell]:
    """The effect of all packages with its interval, and its share of the gap."""
    if gain is None:
        return Cell(DASH), Cell(DASH)
    shown = shown_interval(gain)
    effect = figure(gain.effect.value, tens, _bracketed(speech.range(*shown, tens)))
    share = gain.effect.value / gain.gap if gain.gap else math.nan
    shares = [bound / gain.gap if gain.gap else math.nan for bound in shown]
    return effect, Cell(speech.percent(share), _bracketed(speech.range(shares[0], shares[1], speech.percent)))


def shown_interval(gain: Gain) -> tuple[float, float]:
    """The predictive interval where there is one, else that of the computation."""
    chosen = gain.predictive if math.isfinite(gain.predictive.low) else gain.effect
    return chosen.low, chosen.high


def _bracketed(text: str) -> str:
    return "" if text == DASH else f"[{text}]"


def package_cell(row: Any, lang: str) -> Cell:
    """A package's key and name, heading its row."""
    return Cell(f"{row.package} {getattr(row, f'name_{lang}')}", heading=True)


def cost_cell(value: float, words: Words) -> Cell:
    """A cost with two significant digits; the title has the million yen."""
    rounded = two_digits(value)
    text = words["cost_cell"].format(oku=two_digits(value / YEN), million=rounded)
    exact = words["cost_title"].format(value=f"{value:,.0f}") if math.isfinite(value) else ""
    return Cell(text if math.isfinite(value) else DASH, "", value if math.isfinite(value) else None, exact)


def ranking_table(result: Result, words: Words, speech: Speech, lang: str) -> Table:
    """The headline ranking, sorted by the rank of mu."""
    partners = ties(result)
    rows = []
    for row in lines(result.ranking):
        rows.append((
            package_cell(row, lang),
            Cell(str(int(row.rank_mu)), value=float(row.rank_mu)),
            Cell(row.grade, grade=row.grade),
            figure(row.mu, tens, _bracketed(speech.range(row.mu_low, row.mu_high, tens))),
            figure(row.effect, tens, _bracketed(speech.range(row.effect_low, row.effect_high, tens))),
            Cell("", speech.range(row.effect_mc_low, row.effect_mc_high, tens)),
            figure(row.rank_alone, _whole),
            figure(row.p_top3, speech.whole_percent),
            Cell(words["joint"].join(partners.get(row.package, [])) or words["no_ties"]),
            cost_cell(row.cost_million_yen, words),
            figure(row.people_per_100_million_yen, two_digits),
        ))  # fmt: skip
    names = (
        "package", "rank", "grade", "mu", "effect", "mc", "rank_alone", "top3", "ties", "cost", "efficiency",
    )  # fmt: skip
    run_time = words[f"said_{headline_run_time(result.manifest)}"]
    filled = {"start": result.manifest.start, "end": result.manifest.end, "run_time": run_time}
    columns = tuple(words[f"column_{name}"].format(**filled) for name in names)
    table = Table("ranking", words["ranking_table"].format(**filled), columns, tuple(rows))
    return table if len(rows) > PODIUM else _without_column(table, names.index("top3"))


def _without_column(table: Table, place: int) -> Table:
    """Without one column: among three packages each is of the top three for certain."""
    rows = tuple((*row[:place], *row[place + 1 :]) for row in table.rows)
    return table._replace(columns=(*table.columns[:place], *table.columns[place + 1 :]), rows=rows)


def _whole(value: float) -> str:
    return f"{value:,.0f}" if math.isfinite(value) else DASH


def sobol_table(result: Result, words: Words, speech: Speech, lang: str) -> Table | None:
    """Total indices by package; None where there are none."""
    if result.ranking["total_index"].isna().all():
        return None
    rows = []
    for row in lines(result.ranking):
        interval = speech.range(row.total_index_low, row.total_index_high, numerals.two_decimals)
        rows.append((package_cell(row, lang), figure(row.total_index, numerals.two_decimals), Cell(interval)))
    columns = tuple(words[f"column_{name}"] for name in ("package", "index", "interval"))
    return Table("sobol", words["sobol_table"], columns, tuple(rows))


def run_time_table(result: Result, words: Words, speech: Speech, lang: str) -> Table | None:
    """The effect alone, kept to the horizon and as planned, side by side; None where the ranking is not the former."""
    if result.plan is None or headline_run_time(result.manifest) != SUSTAINED:
        return None
    both = result.ranking.merge(result.plan, on="package", suffixes=("", "_plan"))
    rows = []
    for row in lines(both):
        cells = [package_cell(row, lang)]
        for suffix in ("", "_plan"):
            value, low, high, rank, cost = (
                float(getattr(row, f"{name}{suffix}"))
                for name in ("effect", "effect_mc_low", "effect_mc_high", "rank_alone", "cost_million_yen")
            )
            cells += [
                figure(rank, _whole),
                figure(value, tens, _bracketed(speech.range(low, high, tens))),
                cost_cell(cost, words),
            ]
        rows.append(tuple(cells))
    end = result.manifest.end
    parts = [words["column_rank_short"], words["column_effect_mc"], words["column_cost_short"]]
    columns = [words["column_package"]]
    for run_time in ("sustained", "plan"):
        columns += [f"{words[f'run_time_{run_time}_short']}: {part}" for part in parts]
    return Table("run_times", words["run_time_table"].format(end=end), tuple(columns), tuple(rows))


def origin_table(result: Result, words: Words, lang: str) -> Table | None:
    """City effect, moves, births less deaths, by package and for all together."""
    found = origins(result)
    if not found:
        return None
    names = {row.package: package_cell(row, lang) for row in lines(result.ranking)}
    names[ALL] = Cell(words["all_packages"], heading=True)
    rows = [_origin_row(names[origin.arm], origin) for origin in found]
    columns = tuple(words[f"column_{name}"] for name in ("package", "city", "migration", "natural"))
    return Table("origins", words["origin_table"].format(end=result.manifest.end), columns, tuple(rows))


def _origin_row(name: Cell, origin: Origin) -> tuple[Cell, ...]:
    return (name, *(figure(value, tens) for value in (origin.effect, origin.migration, origin.natural)))


def precision_table(result: Result, words: Words, lang: str) -> Table:
    """Replications needed, and Morris' mu* and sigma."""
    needed = result.manifest.notes.get("replications_for_5_percent") or {}
    rows = []
    for row in lines(result.ranking):
        count = needed.get(row.package)
        replications = figure(float(count), _whole) if isinstance(count, int | float) else Cell(DASH)
        rows.append((
            package_cell(row, lang), figure(row.mu_star, numerals.plain_tens),
            figure(row.sigma, numerals.plain_tens), replications,
        ))  # fmt: skip
    names = ("package", "mu_star", "sigma", "replications")
    return Table("precision", words["precision_table"], tuple(words[f"column_{n}"] for n in names), tuple(rows))


def origin_of_all(result: Result) -> Origin | None:
    """Where the people of all packages together come from."""
    return next((origin for origin in origins(result) if origin.arm == ALL), None)
