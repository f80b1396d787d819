"""A new package: its key, its measures and the text of its file."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from machi.drafting.measure import COMMENT, Table
from machi.drafting.text import line, table

COST = "[cost_million_yen_per_year]"
HEAD_COMMENTS = {"key": "the file's name", "kpi_to_lever": "how the KPI relates to a lever"}
COMMENTS = {
    "low": "the published range: 5, 50 and 95 % at the evidence's dose",
    "dose": "what strength 1 buys; the effect is scaled by dose / dose_of_evidence",
    "coverage": "the share of the target that the measure reaches",
    "target_share": "the share of the lever's population that the target makes up",
    "lag_years": "nothing, then linear to full over ramp_years; fade after the end",
    "main": "it carries the package's effect and counts for its grade",
    "citation_status": "read, abstract or press, from memory, unverified, expert assumption",
    "assumed": "fields that no source gives: they are printed as assumptions",
}
ORDER = (
    "lever", "target", "low", "central", "high", "unit", "direction", "grade", "citation", "citation_status",
    "lag_years", "ramp_years", "fade_years", "target_share", "modelled", "main", "moves", "times", "spill_to",
    "spill_share", "reason", "note", "assumed",
)  # fmt: skip


def next_key(keys: Iterable[str]) -> str:
    """The key after a town's last one, P13 after P12; P1 for a town without packages."""
    parts = [found for key in keys if (found := re.fullmatch(r"([A-Za-z_]+)(\d+)", key))]
    if not parts:
        return "P1"
    last = max(parts, key=lambda found: int(found[2]))
    return f"{last[1]}{int(last[2]) + 1:0{len(last[2])}d}"


def package_text(head: Table, cost: Table, run_times: Table, measures: Sequence[tuple[Table, Table]]) -> str:
    """The file of a package: the worst grade of its main rows is its own, every measure with its one row."""
    grade = max((row["grade"] for _, row in measures if row["main"]), default="D")
    lines = [
        "# Made by `machi new package`. The fields are told in policies/README.md; edit them as you like:",
        "# `machi check` names what is wrong.",
        *(line(key, value, HEAD_COMMENTS.get(key, "")) for key, value in head.items()),
        line("grade", grade, "the worst grade of the rows that are main"),
        *table(COST, cost, {"low": "what strength 1 costs in a year, as a range"}),
        *table("[run_times]", run_times, {"plan_last_year": "run as `sustained`, a package does not end"}),
    ]
    for measure, row in _keyed(measures):
        above = [f"# {measure.pop(COMMENT)}."] if COMMENT in measure else []
        blank, *rest = table("[[measure]]", _filled(measure), COMMENTS)
        lines += [blank, *above, *rest]
        lines += table("[[measure.effect]]", _filled({key: row[key] for key in ORDER if key in row}), COMMENTS)
    return "\n".join(lines) + "\n"


def _filled(fields: Table) -> Table:
    """Without what is empty."""
    return {key: value for key, value in fields.items() if not _is_empty(value)}


def _is_empty(value: Any) -> bool:
    return isinstance(value, str | list | tuple) and not value


def _keyed(measures: Sequence[tuple[Table, Table]]) -> list[tuple[Table, Table]]:
    """Every measure under a key of its own: the second of a name gets a 2."""
    used: list[str] = []
    keyed = []
    for measure, row in measures:
        used.append(measure["key"])
        times = used.count(measure["key"])
        keyed.append(({**measure, "key": measure["key"] if times == 1 else f"{measure['key']}_{times}"}, row))
    return keyed
