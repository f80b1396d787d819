"""Whether the ranking would stand in another future: the page's table of the packages' effects by scenario."""

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from machi.store import read_manifest

from .findings import ALL, NONE
from .numerals import Speech, hundreds, plain_tens, tens, two_decimals
from .reading import Result, _table
from .tables import Cell, Table, Words, figure, lines

SCENARIO_COLUMNS = [
    "scenario", "run_time", "arm", "kind", "population", "effect", "low", "high", "rank", "rank_low", "rank_high",
]  # fmt: skip
REGRET_COLUMNS = [
    "run_time", "arm", "kind", "max_regret", "low", "high", "futures_met", "futures", "futures_met_drawn",
    "futures_drawn",
]  # fmt: skip
SHOWN_KINDS = ("package", "portfolio")


@cache
def scenario_words() -> dict[str, dict[str, str]]:
    """The words of this table by language."""
    return tomllib.loads(resources.files(__package__).joinpath("scenarios.toml").read_text(encoding="utf-8"))


def scenario_tables(result: Result, speech: Speech, lang: str) -> dict[str, Table]:
    """The table of the headline's run-time; empty where the result has none."""
    found = _read(result)
    if found is None:
        return {}
    scenarios, over = found
    words, names = scenario_words()[lang], _names(result, lang)
    labels = {row.package: f"{row.package} {getattr(row, f'name_{lang}')}" for row in lines(result.ranking)}
    labels |= {NONE: words["none"], ALL: words["all"]}
    cells = {(row.scenario, row.arm): row for row in lines(scenarios)}
    rows = [_row(labels.get(row.arm, row.arm), row, names, cells, words, speech) for row in _ordered(scenarios, over)]
    columns = [words["column_arm"], *names.values(), words["column_regret"]]
    if over["futures_met"].notna().any():
        columns.append(words["column_met"])
    rows = [row[: len(columns)] for row in rows]
    caption = words["table"].format(end=result.manifest.end)
    return {"scenarios": Table("scenarios", caption, tuple(columns), tuple(rows))}


def scenario_notes(result: Result, speech: Speech, lang: str) -> dict[str, str]:
    """Title, sentences and note of the table; empty where the result lacks it."""
    found, told = _read(result), result.manifest.notes.get("scenarios")
    if found is None or not isinstance(told, dict):
        return dict.fromkeys(("scenarios_title", "scenarios", "scenarios_note"), "")
    words = scenario_words()[lang]
    text = " " if lang == "en" else ""
    sentences = text.join(_sentences(result, found[1], told, words, speech, lang))
    return {"scenarios_title": words["title"], "scenarios": sentences, "scenarios_note": words["note"]}


def _read(result: Result) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Both tables at the headline's run-time."""
    content = read_manifest(result.folder)
    tables = [
        _table(result.folder, name, columns, content)
        for name, columns in (("scenarios.csv", SCENARIO_COLUMNS), ("regret.csv", REGRET_COLUMNS))
    ]
    if tables[0] is None or tables[1] is None:
        return None
    main = str(tables[0].loc[tables[0]["arm"] == NONE, "run_time"].iloc[0])
    scenarios, over = (one[one["run_time"] == main] for one in tables if one is not None)
    return scenarios, over


def _names(result: Result, lang: str) -> dict[str, str]:
    """What each scenario's own file calls it."""
    told = result.manifest.notes.get("scenarios") or {}
    named = told.get("names", {})
    return {key: str(named.get(key, {}).get(f"name_{lang}") or key) for key in told.get("keys", [])}


def _ordered(scenarios: pd.DataFrame, over: pd.DataFrame) -> list[Any]:
    """The arms that are shown: none, packages and portfolios by their rank in the own scenario, all."""
    first = scenarios[scenarios["scenario"] == scenarios["scenario"].iloc[0]].set_index("arm")["rank"]
    placed = over.assign(place=over["arm"].map(first))
    parts = [placed[placed["kind"] == NONE]]
    parts += [placed[placed["kind"] == kind].sort_values("place", kind="stable") for kind in SHOWN_KINDS]
    return lines(pd.concat([*parts, placed[placed["kind"] == ALL]]))


def _row(
    label: str, over: Any, names: Mapping[str, str], cells: Mapping[tuple[str, str], Any], words: Words, speech: Speech
) -> tuple[Cell, ...]:
    row = [Cell(label, heading=True)]
    for scenario in names:
        one = cells[scenario, over.arm]
        if over.arm == NONE:
            row.append(figure(one.population, hundreds))
            continue
        small = f"[{speech.range(one.low, one.high, tens)}]"
        if math.isfinite(one.rank):
            ranks = {name: f"{getattr(one, key):g}" for name, key in RANKS.items()}
            small += " " + words["rank"].format(**ranks)
        row.append(figure(one.effect, tens, small))
    interval = f"[{speech.range(over.low, over.high, plain_tens)}]" if math.isfinite(over.max_regret) else ""
    return *row, figure(over.max_regret, plain_tens, interval), figure(over.futures_met, speech.whole_percent)


RANKS = {"rank": "rank", "low": "rank_low", "high": "rank_high"}


def _sentences(
    result: Result, over: pd.DataFrame, told: Mapping[str, Any], words: Words, speech: Speech, lang: str
) -> list[str]:
    """How many futures, whether the ranking stands, which portfolio is robust, and where the vision is met."""
    names, end = _names(result, lang), result.manifest.end
    main = told["run_times"][str(over["run_time"].iloc[0])]
    asked = {name: told[name] for name in ("fraction", "replications")}
    found = [words["lead"].format(count=len(names), names=words["joint"].join(names.values()), **asked)]
    if main["kendall_w"] is not None:
        w = {name: two_decimals(_number(main[f"kendall_w{end}"])) for name, end in WS.items()}
        found.append(words["agreement"].format(**w))
        found.append(_first(main["first"], names, words))
        found.append(_reversed(main["reversed"], names, words, told["own"]))
    named = over[over["kind"] == "portfolio"]
    if len(named) > 1:
        best = min(lines(named), key=lambda row: float(row.max_regret))
        found.append(words["regret"].format(portfolio=best.arm, people=plain_tens(best.max_regret)))
    if told["vision"] is not None:
        found += _visions({row.arm: row for row in lines(over)}, float(told["vision"]), end, words, speech)
    return found


WS = {"w": "", "low": "_low", "high": "_high"}


def _first(first: Mapping[str, str], names: Mapping[str, str], words: Words) -> str:
    if len(set(first.values())) == 1:
        return words["same_first"].format(first=next(iter(first.values())))
    each = [words["first"].format(scenario=names[key], package=package) for key, package in first.items()]
    return words["other_first"].format(firsts=words["joint"].join(each))


def _reversed(pairs: Mapping[str, list[list[str]]], names: Mapping[str, str], words: Words, own: str) -> str:
    told = [
        words["pairs"].format(scenario=names[key], pairs=words["joint"].join("/".join(pair) for pair in found))
        for key, found in pairs.items()
        if found
    ]
    return words["reversed" if told else "not_reversed"].format(own=names[own], pairs="; ".join(told))


def _visions(over: Mapping[str, Any], vision: float, end: int, words: Words, speech: Speech) -> list[str]:
    found = []
    for key, suffix in (("vision", ""), ("vision_drawn", "_drawn")):
        futures = getattr(over[ALL], f"futures{suffix}")
        if futures:
            shares = {arm: speech.percent(getattr(over[arm], f"futures_met{suffix}")) for arm in (NONE, ALL)}
            found.append(words[key].format(end=end, vision=hundreds(vision), futures=futures, **shares))
    return found


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
