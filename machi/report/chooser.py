"""The chooser of portfolios: the stored table as the page carries it, and its words; a stale table is called stale."""

import base64
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from machi.analysis.frontier import pareto_front
from machi.portfolio_table.currency import has_other_libraries, outdated
from machi.portfolio_table.file import COST, PREFIX, SUMS, Header, PortfolioTable
from machi.portfolio_table.spread import half_width
from machi.portfolio_table.spread import horizon as horizon_of

from .findings import gaps
from .reading import Result
from .tables import Words

SAY = "chooser_say_"  # words that begin so are sentences that the script fills


class Stored(NamedTuple):
    """What both languages look up: a description as JSON, and all figures by column, little-endian int32 in base64."""

    table: str
    values: str


class Chooser(NamedTuple):
    """The section in one language; `stale` is the one sentence that stands where the table is out of date."""

    stale: str
    lead: str
    packages: list[tuple[str, str, str]]  # key, name, grade in the order of bits
    rows: list[tuple[str, str]]  # key of a figure, its label
    years: list[int]
    says: str  # sentences that the script fills, as JSON
    doubt: str  # what the ranges are, and what they are not
    notes: list[str]


def stored(result: Result, table: PortfolioTable, manifest: Mapping[str, Any]) -> Stored | None:
    """The figures that the page carries; None where the table is out of date."""
    if outdated(table.header, manifest):
        return None
    header, horizon = table.header, horizon_of(table.header)
    names = [*(f"{PREFIX}{year}" for year in table.years), *SUMS, COST]
    cost, people = (table.columns[name].astype(np.float64) for name in (COST, horizon))
    gap = gaps(result.manifest).get(header.end, math.nan)
    least = header.chance.get(horizon) or 1.0
    halves = [half_width(header, name, least) for name in names]
    described = {
        "packages": header.packages,
        "years": table.years,
        "columns": names,
        "none": [round(header.none[name]) for name in names],
        # Half of a 90 % interval of chance: times the root of the people at the horizon, of these at least so many.
        "half": [None if half is None else round(float(half) / math.sqrt(least), 4) for half in halves],
        "least": least,
        "front": pareto_front(cost, people).tolist(),
        "gap": gap if math.isfinite(gap) and gap > 0 else None,
    }
    return Stored(json.dumps(described), encoded([table.columns[name] for name in names]))


def encoded(columns: list[Any]) -> str:
    """Columns one after the other as little-endian int32, rounded to whole people and million yen, in base64."""
    whole = [np.rint(np.asarray(one, dtype=np.float64)).astype("<i4").tobytes() for one in columns]
    return base64.b64encode(b"".join(whole)).decode("ascii")


def chooser(
    result: Result, table: PortfolioTable | None, manifest: Mapping[str, Any], words: Words, lang: str
) -> Chooser | None:
    """The section in one language; None where there is no table for the town."""
    if table is None:
        return None
    header = table.header
    other = outdated(header, manifest)
    if other:
        parts: Any = words["chooser_parts"]
        what = words["and"].join(parts[part] for part in other)
        stale = words["chooser_stale"].format(parts=what, result=header.result)
        return Chooser(stale, "", [], [], [], "", "", [])
    filled = {
        "count": len(header.packages), "portfolios": f"{1 << len(header.packages):,d}", "start": header.start,
        "end": header.end, "seeds": len(header.seeds), "share": f"{header.fraction:.0%}".replace("%", words["percent"]),
    }  # fmt: skip
    filled["run_time"] = words[f"chooser_{header.run_time}"].format(**filled)
    named = {package.key: package for package in result.manifest.packages}
    known = header.chance.get(f"{PREFIX}{header.end}") is not None
    notes = ["chooser_note_chance" if known else "chooser_note_no_chance", "chooser_note_front"]
    notes += ["chooser_note_libraries"] if has_other_libraries(header, manifest) else []
    gap = gaps(result.manifest).get(header.end, math.nan)
    rows = ["people", *(["share"] if math.isfinite(gap) and gap > 0 else []), *SUMS, "cost", "efficiency"]
    return Chooser(
        stale="",
        lead=words["chooser_lead"].format(**filled),
        packages=[(key, getattr(named[key], f"name_{lang}"), named[key].grade) for key in header.packages],
        rows=[(row, words[f"chooser_row_{row}"].format(**filled)) for row in rows],
        years=table.years,
        says=json.dumps(_says(header, words), ensure_ascii=False),
        doubt=words["chooser_note_evidence" if known else "chooser_note_evidence_bare"],
        notes=[words[note].format(**filled) for note in notes],
    )


def _says(header: Header, words: Words) -> dict[str, str]:
    """The sentences that the script fills, by name; what holds for the whole table is filled already."""
    said = {name.removeprefix(SAY): text for name, text in words.items() if name.startswith(SAY)}
    for blank, value in (("{start}", header.start), ("{end}", header.end)):
        said = {name: text.replace(blank, str(value)) for name, text in said.items()}
    return said | {"percent": words["percent"]}
