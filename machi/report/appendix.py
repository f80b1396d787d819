"""The appendix in one language: how people behave in the reference arm, in captions, tables and sentences."""

import math
from typing import Any, NamedTuple

from .numerals import DASH, Speech, two_decimals
from .observed import SECTORS, Period, Place, by_age, by_sector, men_per_woman, periods, places
from .pictures import period_name
from .reading import Result
from .tables import Cell, Table, Words, figure

SHOWN = 6  # acquaintances of each kind that the sample shows at most, as it was taken
YOUNG = slice(15, 24)
SECTOR_ITEMS = (
    "slots", "here", "in_commuters", "vacancies", "out_commuters", "remote", "hired", "left", "came", "went", "died",
)  # fmt: skip


class Appendix(NamedTuple):
    """What the appendix adds to an edition; everything is empty where the result has no tables for it."""

    captions: dict[str, tuple[str, str]]
    tables: dict[str, Table]
    sources: dict[str, str]
    notes: dict[str, str]


def appendix(result: Result, words: Words, speech: Speech, lang: str) -> Appendix:
    """The parts for which the folder has tables."""
    made = Appendix({}, {}, {}, {})
    if result.region is not None:
        _region(made, result, words, speech, lang)
    if result.behaviour is not None:
        _behaviour(made, result, words)
        if result.acquainted is not None and result.ties is not None:
            _network(made, result, words)
    return made


def whole(value: float) -> str:
    """People in units: the flows of a small town are few."""
    return f"{round(value):,d}".replace("-", "−") if math.isfinite(value) else DASH


def signed(value: float) -> str:
    """A balance with its sign."""
    if not math.isfinite(value):
        return DASH
    people = round(value)
    return f"{people:+,d}".replace("-", "−") if people else "0"


def _region(made: Appendix, result: Result, words: Words, speech: Speech, lang: str) -> None:
    """Flows by destination; what the town gains the others lose."""
    found, manifest = places(result, lang), result.manifest
    years = manifest.end - manifest.start
    leaving, arriving = (sum(getattr(place, name) for place in found) for name in ("leaving", "arriving"))
    filled = {"leaving": whole(leaving), "arriving": whole(arriving)}
    made.captions["region"] = (words["region_caption"], words["region_alt"].format(**filled))
    lead = words["region_lead"].format(
        start=manifest.start, end=manifest.end - 1, net=signed(arriving - leaving), **filled
    )
    gain = sum(place.policy for place in found) * years
    if math.isfinite(gain):
        lead += words["sentence_gap"] + words["region_all"].format(gain=signed(gain), loss=signed(-gain))
    table = result.region
    assert table is not None, "asked for only where the table is there"
    of_status = table.drop_duplicates("status").set_index("status")["source"]
    made.notes["region_lead"] = lead
    assumed = table[table["status"] == "assumed"]
    why = assumed["why_ja" if lang == "ja" else "source"].iloc[0] if len(assumed) else DASH
    made.notes["region_why"] = words["region_why"].format(why=why)
    counted = words["counted_years"].format(years=str(of_status.get("prefecture", "")).rsplit(" ", 1)[-1])
    own = words["source_region"].format(name=manifest.name, count=int(table["replications"].max()), first=counted)
    made.sources["region"] = words["source_line"].format(sources=own)
    made.tables["region"] = _region_table(found, years, words, speech)


def _region_table(found: list[Place], years: int, words: Words, speech: Speech) -> Table:
    named: Any = words["place_status"]
    rows = [
        (
            Cell(place.name, heading=True),
            Cell(named[place.status]),
            _ranged(place.share, place.share_low, place.share_high, speech.whole_percent, speech),
            _ranged(place.leaving, place.leaving_low, place.leaving_high, whole, speech),
            _ranged(place.arriving, place.arriving_low, place.arriving_high, whole, speech),
            *_balances(place.arriving - place.leaving, place.policy * years),
        )
        for place in found
    ]
    leaving, arriving = sum(place.leaving for place in found), sum(place.arriving for place in found)
    balances = _balances(arriving - leaving, sum(place.policy for place in found) * years)
    total = (Cell(words["region_total"], heading=True), Cell(""), Cell(speech.whole_percent(1.0)))
    rows.append((*total, figure(leaving, whole), figure(arriving, whole), *balances))
    names = ("destination", "status", "leaving_share", "leaving", "arriving", "town_gain", "their_gain",
             "town_policy", "their_policy")  # fmt: skip
    return Table("region", words["region_table"], tuple(words[f"column_{name}"] for name in names), tuple(rows))


def _balances(net: float, policy: float) -> tuple[Cell, Cell, Cell, Cell]:
    """The town's balance and that of the place, in the reference arm and as all packages change it."""
    return figure(net, signed), figure(-net, signed), figure(policy, signed), figure(-policy, signed)


def _ranged(value: float, low: float, high: float, form: Any, speech: Speech) -> Cell:
    """A figure with its range below it, where there is one."""
    wide = math.isfinite(low) and math.isfinite(high) and high > low
    return figure(value, form, f"[{speech.range(low, high, form)}]" if wide else "")


def _behaviour(made: Appendix, result: Result, words: Words) -> None:
    """The marriage market, movers and work of the observed run."""
    found, table = periods(result), result.behaviour
    assert table is not None, "asked for only where the table is there"
    first, last = (period_name(period, words) for period in (found[0], found[-1]))
    men, women = (by_age(result, "movers", "leavers", sex, found[0]) for sex in "MF")
    leavers = men + women
    filled = {
        "first": first, "last": last, "period": first, "peak": leavers.index[int(leavers.to_numpy().argmax())],
        "ratio_first": two_decimals(men_per_woman(result, found[0])),
        "ratio_last": two_decimals(men_per_woman(result, found[-1])),
    }  # fmt: skip
    seed = words["seed_word"].format(seed=str(table["source"].iloc[0]).rsplit(" ", 1)[-1])
    own = words["source_observed"].format(name=result.manifest.name, seed=seed)
    for name in ("market", "movers", "sectors", "network"):
        made.sources[name] = words["source_line"].format(sources=own)
    for name in ("market", "movers", "sectors"):
        made.captions[name] = (words[f"{name}_caption"].format(**filled), words[f"{name}_alt"].format(**filled))
        made.notes[name] = words[f"{name}_note"].format(**filled)
    made.tables["market"] = _market_table(result, found, words)
    made.tables["movers"] = _movers_table(result, found, words)
    made.tables["sectors"] = _sectors_table(result, found[0], words)


def _market_table(result: Result, found: list[Period], words: Words) -> Table:
    rows = []
    for period in found:
        people = {
            (item, sex): float(by_age(result, "market", item, sex, period).sum())
            for item in ("unmarried", "searchers", "marriages")
            for sex in "MF"
        }
        rows.append((
            Cell(period_name(period, words), heading=True),
            *(figure(people[item, sex], whole) for item in ("unmarried", "searchers") for sex in "MF"),
            figure((people["marriages", "M"] + people["marriages", "F"]) / 2, whole),
            figure(men_per_woman(result, period), two_decimals),
        ))  # fmt: skip
    names = ("period", "unmarried_men", "unmarried_women", "searching_men", "searching_women", "couples", "ratio")
    return Table("market", words["market_table"], tuple(words[f"column_{name}"] for name in names), tuple(rows))


def _movers_table(result: Result, found: list[Period], words: Words) -> Table:
    rows = []
    for period in found:
        ages = {(item, sex): by_age(result, "movers", item, sex, period)
                for item in ("leavers", "returners", "newcomers") for sex in "MF"}  # fmt: skip
        gone, back, new = (
            float(ages[item, "M"].sum() + ages[item, "F"].sum()) for item in ("leavers", "returners", "newcomers")
        )
        young = float(sum(ages["leavers", sex].loc[YOUNG].sum() for sex in "MF"))
        values = (gone, young, float(ages["leavers", "F"].sum()), back, new)
        cells = [figure(value, whole) for value in values]
        rows.append((Cell(period_name(period, words), heading=True), *cells, figure(back + new - gone, signed)))
    names = ("period", "leavers", "leavers_young", "leavers_women", "returners", "newcomers", "movers_net")
    return Table("movers", words["movers_table"], tuple(words[f"column_{name}"] for name in names), tuple(rows))


def _sectors_table(result: Result, period: Period, words: Words) -> Table:
    table, named = by_sector(result, period), words["sectors"]
    names: Any = named
    rows = [
        (Cell(names[sector], heading=True), *(figure(float(table.loc[sector, item]), whole) for item in SECTOR_ITEMS))  # type: ignore[arg-type]
        for sector in SECTORS
    ]
    rows.append((Cell(words["region_total"], heading=True),
                 *(figure(float(table[item].sum()), whole) for item in SECTOR_ITEMS)))  # fmt: skip
    columns = tuple(words[f"column_{name}"] for name in ("sector", *SECTOR_ITEMS))
    caption = words["sectors_table"].format(period=period_name(period, words))
    return Table("sectors", caption, columns, tuple(rows))


def _network(made: Appendix, result: Result, words: Words) -> None:
    """The sample of the acquaintances in words."""
    people, ties = result.acquainted, result.ties
    assert people is not None and ties is not None, "asked for only where the tables are there"
    middle = people[people["centre"] > 0].sort_values("centre")
    filled = {
        "count": len(middle), "year": int(people["year"].iloc[0]), "nodes": len(people),
        "edges": len(ties[["one", "other"]].drop_duplicates()), "shown": SHOWN,
        "counts": words["and"].join(f"{count:,d}" for count in middle["acquaintances"]),
    }  # fmt: skip
    made.captions["network"] = (words["network_caption"].format(**filled), words["network_alt"].format(**filled))
    made.notes["network"] = words["network_note"].format(**filled)
