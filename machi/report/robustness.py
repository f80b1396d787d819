"""Whether the ranking would stand elsewhere: the page's tables of structure, of the ablation and of scenarios."""

import math
from typing import Any

import pandas as pd

from machi.store import read_manifest
from machi.words import room_words

from . import numerals
from .numerals import Speech, tens, two_decimals, two_digits
from .reading import Result, _table
from .scenarios import scenario_notes, scenario_tables
from .tables import Cell, Table, Words, figure, lines, package_cell

STRUCTURE_COLUMNS = [
    "package", "parameter", "en", "ja", "value", "low", "high", "status", "source", "rho_rank", "rho_rank_low",
    "rho_rank_high", "rank_low_third", "rank_high_third", "depends",
]  # fmt: skip
MODELS = ("agents", "no_market", "twin")
SHOWN = 6  # parameters at least, those that move the ranking first
TITLES = ("structure_title", "ablation_title")


def robustness_words() -> dict[str, dict[str, str]]:
    """The words of these tables by language."""
    return room_words(__package__, "robustness.toml")


def robustness_tables(result: Result, speech: Speech, lang: str) -> dict[str, Table]:
    """The tables that the result has, by name."""
    words = robustness_words()[lang]
    found = {}
    structure = _read(result, "structure.csv", STRUCTURE_COLUMNS)
    if structure is not None:
        found["structure"] = _structure_table(structure, words, speech, lang)
    compared = _read(result, "ablation.csv", ["package", *MODELS, *(f"rank_{model}" for model in MODELS)])
    if compared is not None:
        found["ablation"] = _ablation_table(result, compared, words, speech, lang)
    return found | scenario_tables(result, speech, lang)


def robustness_notes(result: Result, speech: Speech, lang: str) -> dict[str, str]:
    """Titles, sentences and notes of these tables; empty where the result lacks them."""
    words = robustness_words()[lang]
    notes = dict.fromkeys((*TITLES, "structure", "structure_note", "ablation", "ablation_note"), "")
    structure, compared = (result.manifest.notes.get(name) for name in ("structure", "ablation"))
    if isinstance(structure, dict):
        notes["structure"] = _structure_sentences(result, structure, words, speech, lang)
        notes |= {name: words[name] for name in ("structure_title", "structure_note")}
    if isinstance(compared, dict):
        notes["ablation"] = f"{words['ablation_lead']} {_ablation_sentence(compared, words)}"
        notes |= {name: words[name] for name in ("ablation_title", "ablation_note")}
    return notes | scenario_notes(result, speech, lang)


def _read(result: Result, name: str, columns: list[str]) -> pd.DataFrame | None:
    return _table(result.folder, name, columns, read_manifest(result.folder))


def _structure_sentences(result: Result, notes: dict[str, Any], words: Words, speech: Speech, lang: str) -> str:
    """How many draws of what, how stable the ranking is, and what it depends on."""
    first = result.series[result.series["indicator"] == "population"].sort_values("year")["value"].iloc[0]
    names = {}
    table = _read(result, "structure.csv", STRUCTURE_COLUMNS)
    if table is not None:
        names = dict(zip(table["parameter"], table[lang], strict=True))
    filled = {
        **{name: notes[name] for name in ("parameters", "draws", "seeds", "fraction")},
        "people": two_digits(first * notes["fraction"]),
        "effects": words[f"structure_effects_{notes['effects']}"],
        "w": two_decimals(_number(notes["kendall_w"])),
        "top3": words["joint"].join(notes["top3"]),
        "share": speech.percent(notes["top3_share"]),
        "bound": two_decimals(notes["bound"]),
        "names": words["joint"].join(names.get(name, name) for name in notes["depends_on"]),
    }
    last = "structure_some" if notes["depends_on"] else "structure_none"
    return " ".join(words[name].format(**filled) for name in ("structure_lead", "structure_stability", last))


def _ablation_sentence(notes: dict[str, Any], words: Words) -> str:
    filled = {
        "pairs": notes["pairs"],
        "plain": len(notes["reversed"]["agents-no_market"]),
        "twin": len(notes["reversed"]["agents-twin"]),
        "tau_plain": two_decimals(_number(notes["tau"]["agents-no_market"])),
        "tau_twin": two_decimals(_number(notes["tau"]["agents-twin"])),
    }
    with_agents = filled["plain"] + filled["twin"]
    return words["ablation_differ" if with_agents else "ablation_same"].format(**filled)


def _number(value: float | None) -> float:
    """A noted figure, NaN where it is undefined."""
    return float("nan") if value is None else float(value)


def _structure_table(table: pd.DataFrame, words: Words, speech: Speech, lang: str) -> Table:
    """For each parameter the package whose place goes with it most; those that move the ranking, then the next."""
    strength = table["rho_rank"].abs()
    strongest = table.assign(strength=strength + table["depends"]).sort_values(
        "strength", ascending=False, kind="stable"
    )
    moved = strongest.drop_duplicates("parameter")
    shown = moved.head(max(SHOWN, int(moved["depends"].sum())))
    rows = []
    for row in lines(shown):
        interval = speech.range(row.rho_rank_low, row.rho_rank_high, numerals.two_decimals)
        thirds = f"{row.rank_low_third:.1f} → {row.rank_high_third:.1f}"
        rows.append((
            Cell(f"{getattr(row, lang)} ({row.parameter})", heading=True),
            Cell(f"{row.value:g} [{row.low:g}{speech.between}{row.high:g}]"),
            Cell(words[row.status], row.source),
            Cell(row.package),
            figure(row.rho_rank, numerals.two_decimals, f"[{interval}]"),
            Cell(thirds),
            Cell(words["yes" if row.depends else "no"]),
        ))  # fmt: skip
    names = ("parameter", "value", "status", "package", "rho", "thirds", "verdict")
    return Table("structure", words["structure_table"], tuple(words[f"column_{n}"] for n in names), tuple(rows))


def _ablation_table(result: Result, table: pd.DataFrame, words: Words, speech: Speech, lang: str) -> Table:
    """Effects and ranks of each package in the three models, in the order of the full agents."""
    rows = []
    for row in lines(table):
        cells = [package_cell(row, lang)]
        for model in MODELS:
            low, high = (float(getattr(row, f"{model}_{bound}", float("nan"))) for bound in ("low", "high"))
            interval = f"[{speech.range(low, high, tens)}]" if math.isfinite(low) else ""
            cells += [figure(getattr(row, model), tens, interval), figure(getattr(row, f"rank_{model}"), _rank)]
        rows.append(tuple(cells))
    columns = [words["column_name"]]
    for model in MODELS:
        columns += [words[f"column_{model}"], words["column_rank"]]
    notes = result.manifest.notes["ablation"]
    filled = {"end": result.manifest.end, "replications": notes["replications"], "fraction": notes["fraction"]}
    return Table("ablation", words["ablation_table"].format(**filled), tuple(columns), tuple(rows))


def _rank(value: float) -> str:
    """A rank; ties share a half."""
    return f"{value:g}"
