"""Tables of what stands beside the simulation: printed figures, the national projection and past forecasts."""

import math

from .numerals import Speech, hundreds, two_decimals
from .reading import Result
from .tables import Cell, Table, Words, band, figure, lines

SMALLEST_COUNT = 1000.0  # printed figures below this are ratios, not people


def yardstick_table(result: Result, words: Words, speech: Speech, lang: str) -> Table | None:
    """The city's printed figures beside the cohort projections of the same scenarios; None without any."""
    if result.yardstick is None:
        return None
    rows = []
    for row in lines(result.yardstick):
        is_count = row.printed > SMALLEST_COUNT
        form = hundreds if is_count else two_decimals
        verdict = ("met" if row.met else "missed") if is_count else ("met_ratio" if row.met else "missed_ratio")
        of = "" if is_count else words["of_ratio"]
        rows.append((
            Cell(row.label_ja if lang == "ja" else row.scenario + of, heading=True),
            Cell(str(row.year)),
            figure(row.printed, form),
            figure(row.five_year, form, speech.percent(row.five_year / row.printed - 1) if is_count else ""),
            figure(row.annual, form, band(row.low, row.high, speech) if is_count else ""),
            Cell(words[f"yardstick_{verdict}"]),
        ))  # fmt: skip
    names = ("figure", "year", "printed", "five_year", "annual", "within")
    columns = tuple(words[f"column_{name}"] for name in names)
    return Table("yardstick", words["yardstick_table"], columns, tuple(rows))


def fitted(result: Result, words: Words, lang: str) -> str:
    """What was chosen because a printed figure is then met, as a sentence; empty where nothing was."""
    if result.yardstick is None:
        return ""
    texts = dict.fromkeys(_half(row.fitted, lang) for row in lines(result.yardstick))
    chosen = words["joint"].join(text for text in texts if text)
    return words["yardstick_fitted"].format(chosen=chosen) if chosen else ""


def _half(text: object, lang: str) -> str:
    """The Japanese or the English half of a text `日本語 / English`; empty for a missing one."""
    if not isinstance(text, str):
        return ""
    japanese, _, english = text.partition(" / ")
    return japanese if lang == "ja" else english or japanese


def official_table(result: Result, words: Words, speech: Speech) -> Table | None:
    """The national projection of 2018 beside Pattern 1 in the five-year form; None for a town that it leaves out."""
    if result.official is None:
        return None
    rows = tuple(
        (
            Cell(str(row.year), heading=True),
            figure(row.official, hundreds),
            figure(row.ours, hundreds),
            figure(row.difference, speech.percent),
            figure(row.misplaced, speech.percent),
        )
        for row in lines(result.official)
    )
    names = ("year", "official", "pattern1", "difference", "misplaced")
    return Table("official", words["official_table"], tuple(words[f"column_{name}"] for name in names), rows)


def hindcast_table(result: Result, words: Words, speech: Speech) -> Table | None:
    """How past launches of the town were missed by our trend and by two plain methods; None without a past."""
    if result.hindcast is None:
        return None
    rows = []
    for row in lines(result.hindcast):
        shares = [row.total_error, row.wape, row.ages_0_4_error, row.inside_cells, row.inside_total]
        rows.append((
            Cell(f"{words[f'method_{row.method}']}{words[f'basis_{row.basis}']}", heading=True),
            Cell(str(row.cases)),
            *(figure(share, one_decimal) if math.isfinite(share) else Cell("–") for share in shares),
        ))  # fmt: skip
    names = ("method", "cases", "total_error", "wape", "ages_0_4", "inside_cells", "inside_total")
    return Table("hindcast", words["hindcast_table"], tuple(words[f"column_{name}"] for name in names), tuple(rows))


def one_decimal(share: float) -> str:
    """A share in percent with one decimal, such as 2.4 %."""
    return f"{100 * share:.1f} %"
