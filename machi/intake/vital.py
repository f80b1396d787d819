"""The register's flows: births, deaths and moves of one year (人口・世帯数・人口動態, xls or xlsx)."""

from datetime import date, timedelta

from abm.errors import InputError
from machi.intake.crosstab import Crosstab
from machi.intake.register import FIRST_JANUARY, Said, day_and_people, municipality
from machi.intake.tidy import Reading, Tidy, flows_known, whole

SOURCE = "register_flows"
ITEMS_JA = {
    "births": "出生者数",
    "deaths": "死亡者数",
    "moves_in": "転入者数",
    "moves_out": "転出者数",
    "social": "社会増減数",
}
PARTS = ("国内", "国外")
RATE = ("率", "割合")


def period_of(day: date) -> tuple[date, date]:
    """The year whose flows are printed with the stock of a day: it ends on the day (31 March) or the day before."""
    if day.year < FIRST_JANUARY:
        return date(day.year - 1, 4, 1), day
    return date(day.year - 1, 1, 1), day - timedelta(days=1)


def read_vital(table: Crosstab, code: str, said: Said) -> Reading:
    """The flows of a municipality in the year before the file's stock; births minus deaths must be what is printed."""
    day, people = day_and_people(table, said)
    first, last = period_of(day)
    row = table.rows_of(code)[0]

    def value(words: str) -> int | None:
        column = _column(table, words)
        if column is None:
            return _sum_of_parts(table, row, words)
        return whole(table.path, words, row[column])

    rows: list[Tidy] = []
    events: dict[str, int] = {}
    for item, item_ja in ITEMS_JA.items():
        count = value(item_ja.removesuffix("者数").removesuffix("数"))
        if count is None:
            raise InputError(f"{table.path} has no figure of {item_ja} for {code}; give the file with 人口動態.")
        events[item] = count
        rows.append({
            "year": first.year, "period_from": first.isoformat(), "period_to": last.isoformat(),
            "nationality": people, "item": item, "item_ja": item_ja, "events": count,
            "source": SOURCE, "known_from": flows_known(last).isoformat(),
        })  # fmt: skip
    natural = value("自然増減")
    if natural is not None and natural != events["births"] - events["deaths"]:
        made = events["births"] - events["deaths"]
        raise InputError(f"{table.path}: births minus deaths are {made} but 自然増減数 is {natural}; correct the file.")
    return Reading(table.path, "vital", (first.year,), {"vital": rows}, municipality(table, code))


def _candidates(table: Crosstab, word: str) -> list[int]:
    """The columns of a kind of event, without rates; those that begin with its name go before the others."""
    found = [c for c in table.columns(word) if not any(r in part for part in table.header[c] for r in RATE)]
    first = [c for c in found if any(part.startswith(word) for part in table.header[c])]
    return first or found


def _column(table: Crosstab, word: str) -> int | None:
    """The column of an event's total: the one marked 計, else the only one that is no part (国内, 国外)."""
    columns = [c for c in _candidates(table, word) if not any(p in part for part in table.header[c] for p in PARTS)]
    totals = [c for c in columns if any(part.rstrip(")").endswith("計") for part in table.header[c])]
    found = totals or columns
    return found[0] if found else None


def _sum_of_parts(table: Crosstab, row: tuple[str, ...], word: str) -> int | None:
    """An event's total from within the country and from abroad, None where the table has neither."""
    parts = [whole(table.path, word, row[c]) for c in _candidates(table, word)]
    counts = [part for part in parts if part is not None]
    return sum(counts) if counts and len(counts) == len(parts) else None
