"""Whether the ranking would stand in another future: the page's table of the packages' effects by scenario."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from machi.store import read_manifest
from machi.words import room_words

from .findings import ALL, NONE
from .numerals import DASH, Speech, hundreds, plain_tens, tens, two_decimals
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


def scenario_words() -> dict[str, dict[str, str]]:
    """The words of this table by language."""
    return room_words(__package__, "scenarios.toml")


def scenario_tables(result: Result, speech: Speech, lang: str) -> dict[str, Table]:
    """Effects, and ranks with regret, at the headline's run-time; empty where the result has none."""
    found = _read(result)
    if found is None:
        return {}
    scenarios, over = found
    words, names, end = scenario_words()[lang], _names(result, lang), result.manifest.end
    labels = {row.package: f"{row.package} {getattr(row, f'name_{lang}')}" for row in lines(result.ranking)}
    labels |= {NONE: words["none"], ALL: words["all"]}
    cells = {(row.scenario, row.arm): row for row in lines(scenarios)}
    effects, ranks = [], []
    for row in _ordered(scenarios, over):
        label = Cell(labels.get(row.arm, row.arm), heading=True)
        short = Cell(words["no_policy"], heading=True) if row.arm == NONE else label
        each = [cells[name, row.arm] for name in names]
        effects.append((label, *(_effect(one, speech) for one in each)))
        ranks.append((short, *(_rank(one, words) for one in each), *_over(row, speech)))
    columns = (words["column_arm"], *names.values())
    more = (words["column_regret"], words["column_met"])[: 2 if over["futures_met"].notna().any() else 1]
    size = len(columns) + len(more)
    return {
        "scenarios": Table("scenarios", words["table"].format(end=end), columns, tuple(effects)),
        "scenarios_ranks": Table(
            "scenarios_ranks", words["ranks"], (*columns, *more), tuple(row[:size] for row in ranks)
        ),
    }


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


def _effect(one: Any, speech: Speech) -> Cell:
    """People gained in a scenario; for no policy the population itself."""
    if one.arm == NONE:
        return figure(one.population, hundreds)
    return figure(one.effect, tens, f"[{speech.range(one.low, one.high, tens)}]")


def _rank(one: Any, words: Words) -> Cell:
    """The place among its rivals in a scenario; a dash for who has none."""
    interval = words["rank_interval"].format(low=f"{one.rank_low:g}", high=f"{one.rank_high:g}")
    return figure(one.rank, lambda rank: f"{rank:g}", interval) if math.isfinite(one.rank) else Cell(DASH)


def _over(row: Any, speech: Speech) -> tuple[Cell, Cell]:
    """The largest regret, and the share of futures in which the vision is met."""
    interval = f"[{speech.range(row.low, row.high, plain_tens)}]" if math.isfinite(row.max_regret) else ""
    return figure(row.max_regret, plain_tens, interval), figure(row.futures_met, speech.percent)


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
