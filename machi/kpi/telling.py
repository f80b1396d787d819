"""The KPI sheet in one language: its head, and a table with a line for each printed indicator."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from machi.analysis.paired import Estimate
from machi.kpi.arms import SAME, Arms
from machi.kpi.measures import MEASURES
from machi.kpi.sheet import Row
from machi.words import room_words

COLUMNS = (
    "package", "indicator", "unit", "base_years", "base", "at_base", "target_years", "target", "none", "all",
    "difference", "low", "high", "verdict_none", "verdict", "note", "source",
)  # fmt: skip
DASH = "–"


class Compared(NamedTuple):
    """The result whose question was asked anew, and by how many people its own totals differ (inf: unknown)."""

    name: str
    persons: float


class Told(NamedTuple):
    """A title, sentences on how to read it, and the table: figures as numbers (NaN for none), all else as text."""

    title: str
    head: list[str]
    table: pd.DataFrame
    decimals: list[int]  # of each line's figures

    @property
    def headings(self) -> list[str]:
        """The columns' names in the language."""
        return [str(name) for name in self.table.columns]


def words(lang: str) -> Mapping[str, str]:
    """The sheet's words in a language."""
    return room_words(__package__)[lang]


def tell(
    rows: Sequence[Row],
    arms: Arms,
    names: Mapping[str, str],
    scenario: str,
    sources: Mapping[str, str],
    lang: str,
    compared: Compared | None = None,
) -> Told:
    """The sheet; `names` are those of the town (key "") and of its packages, `sources` titles by key."""
    said = words(lang)
    asked = arms.asked
    about = said["about"].format(
        scenario=scenario, start=arms.start, end=arms.end, fraction=f"{asked.fraction:g}", seeds=len(asked.seeds),
        packages=" ".join(asked.packages), run_time=said[asked.run_time],
    )  # fmt: skip
    head = [about, said["read_interval"], said["read_base"], said["read_year"], *_sameness(said, compared)]
    lines = [_line(row, names, sources, said, lang) for row in rows]
    table = pd.DataFrame(lines, columns=[said[name] for name in COLUMNS])
    return Told(said["title"].format(town=names[""]), head, table, [decimals_of(row) for row in rows])


def _sameness(said: Mapping[str, str], compared: Compared | None) -> list[str]:
    """Whether the arms are the very runs of a result."""
    if compared is None:
        return []
    if math.isinf(compared.persons):
        return [said["unknown_same"].format(name=compared.name)]
    return [said["same" if compared.persons < SAME else "not_same"].format(**compared._asdict())]


def decimals_of(row: Row) -> int:
    """How many decimals a line's simulated figures are shown with."""
    return MEASURES[row.target.measured_by].decimals if row.target.measured_by else 0


def _line(
    row: Row, names: Mapping[str, str], sources: Mapping[str, str], said: Mapping[str, str], lang: str
) -> list[object]:
    one = row.target
    name, unit, note = ((one.name_ja, one.unit_ja, one.note_ja) if lang == "ja" else
                        (one.name_en, one.unit_en, one.note_en))  # fmt: skip
    package = f"{one.package} {names.get(one.package, '')}".strip() if one.package else said["whole"]
    return [
        package, name, unit,
        _years(said, one.base_first, one.base_last), _number(one.base), row.at_base.mean,
        _years(said, one.target_first, one.target_last), _number(one.target),
        row.none.mean, row.all.mean, row.difference.mean, row.difference.low, row.difference.high,
        said[f"v_{row.verdict_none}"], said[f"v_{row.verdict}"], note,
        f"{sources.get(one.source, one.source)} {one.place}",
    ]  # fmt: skip


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _years(said: Mapping[str, str], first: int | None, last: int | None) -> str:
    """One year, or the first and the last."""
    if first is None:
        return ""
    return str(first) if first == last else said["span"].format(first=first, last=last)


def short_lines(rows: Sequence[Row], told: Told, lang: str) -> tuple[list[str], list[list[str]]]:
    """The lines that the model has, for a terminal: columns and cells as text."""
    said = words(lang)
    columns = [said[name] for name in ("package", "indicator", "base", "at_base", "target", "none", "all",
                                       "difference", "verdict_none", "verdict")]  # fmt: skip
    lines = []
    for row, (_, line) in zip(rows, told.table.iterrows(), strict=True):
        if not row.target.measured_by:
            continue
        shown = decimals_of(row)
        one = row.target
        lines.append([
            one.package or said["whole"], str(line[said["indicator"]]),
            _printed(one.base, _years(said, one.base_first, one.base_last)), _shown(row.at_base.mean, shown),
            _printed(one.target, _years(said, one.target_first, one.target_last)),
            _shown(row.none.mean, shown), _shown(row.all.mean, shown), with_interval(row.difference, shown),
            said[f"v_{row.verdict_none}"], said[f"v_{row.verdict}"],
        ])  # fmt: skip
    return columns, lines


def _printed(value: float | None, years: str) -> str:
    """A printed figure with its years."""
    return f"{DASH} ({years})" if value is None and years else DASH if value is None else f"{value:,g} ({years})"


def _shown(value: float, decimals: int) -> str:
    return DASH if math.isnan(value) else f"{value:,.{decimals}f}"


def with_interval(one: Estimate, decimals: int) -> str:
    """A difference with its sign and its interval."""
    if math.isnan(one.mean):
        return DASH
    text = f"{one.mean:+,.{decimals}f}"
    return text if math.isnan(one.low) else f"{text} [{one.low:,.{decimals}f}, {one.high:,.{decimals}f}]"
