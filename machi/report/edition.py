"""One language's edition of the page: its sentences, filled from the result folder."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from machi.portfolio_table.file import PortfolioTable
from machi.words import room_words

from . import tables, yardsticks
from .agreement import standing_notes, standing_table
from .appendix import appendix
from .chooser import Chooser
from .colophon import (
    PackageText,
    cite,
    conditions,
    limits,
    named,
    package_text,
    published_figures,
    scenario_name,
    statistic,
    terms,
)
from .figures import Drawing
from .findings import (
    NONE,
    YARDSTICKS,
    gains_of_all,
    introduced,
    noise_share,
    published,
    range_of,
    ties,
    trend,
    with_gap,
)
from .numerals import Speech, hundreds, plain_tens, tens, two_decimals, two_digits
from .reading import Result
from .residents import resident_table
from .robustness import robustness_notes, robustness_tables
from .standings import NOISE_LIMIT, readings
from .tables import Table, Words


class Edition(NamedTuple):
    """Everything that the template prints in one language."""

    lang: str
    other: str | None
    words: Words
    title: str
    subtitle: str
    warning: str
    headline: list[str]
    assumed: list[str]
    beyond: list[str]
    figures: dict[str, Drawing]
    captions: dict[str, tuple[str, str]]  # figure -> caption, text alternative
    tables: dict[str, Table]
    sources_of_figures: dict[str, str]
    notes: dict[str, str]
    packages: list[PackageText]
    limits: list[str]
    cite: str
    command: str
    conditions: list[tuple[str, str]]
    published: list[tuple[str, str]]
    sources: list[tuple[str, str]]
    chooser: Chooser | None


def read_words() -> dict[str, dict[str, Any]]:
    """The page's words by language; the sub-table `more`, further files are parts of the flat list."""
    files = ("words.toml", "appendix.toml", "chooser.toml", "story.toml")
    words, more, ticks, story = (room_words(__package__, name) for name in files)
    return {
        lang: {**table, **table["more"], **more[lang], **ticks[lang], **story[lang]} for lang, table in words.items()
    }


def edit(
    result: Result,
    words: Words,
    lang: str,
    other: str | None,
    figures: dict[str, Drawing],
    chosen: Chooser | None = None,
    table: PortfolioTable | None = None,
    content: Mapping[str, Any] | None = None,
) -> Edition:
    """Fill one language's words from the result folder, its manifest's `content` and the town's table of portfolios."""
    manifest = result.manifest
    found = readings(result, table, content or {})
    speech = Speech(words["between"], words["percent"])
    brackets = Speech(words["between_in_tables"], words["percent"])
    town = getattr(manifest.town, f"name_{lang}")
    name = getattr(manifest, f"title_{lang}") or manifest.name
    made = {
        "trend": tables.trend_table(result, words, brackets),
        "yardstick": yardsticks.yardstick_table(result, words, brackets, lang),
        "official": yardsticks.official_table(result, words, brackets),
        "hindcast": yardsticks.hindcast_table(result, words, brackets),
        "ranking": tables.ranking_table(result, words, brackets, lang),
        "residents": resident_table(result, words),
        "standings": standing_table(result, found, words, brackets, lang),
        "sobol": tables.sobol_table(result, words, brackets, lang),
        "run_times": tables.run_time_table(result, words, brackets, lang),
        "origins": tables.origin_table(result, words, lang),
        "precision": tables.precision_table(result, words, lang),
        **robustness_tables(result, brackets, lang),
    }
    back = appendix(result, words, brackets, lang)
    return Edition(
        lang=lang,
        other=other,
        words=words,
        title=words["title"].format(town=town),
        subtitle=words["subtitle"].format(name=name, start=manifest.start, end=manifest.end),
        warning=words["quick"] if manifest.quick else "",
        headline=headline(result, words, speech, town),
        assumed=_assumed(result, words, lang),
        beyond=_beyond(result, words),
        figures=figures,
        captions={**_captions(result, words), **back.captions},
        tables={**{key: table for key, table in made.items() if table is not None}, **back.tables},
        sources_of_figures={**_sources_of_figures(result, words, lang), **back.sources},
        notes={
            **_notes(result, words, speech, lang),
            **standing_notes(result, found, table, content or {}, words, speech),
            **robustness_notes(result, speech, lang),
            **back.notes,
        },
        packages=[package_text(package, words, lang) for package in manifest.packages],
        limits=limits(result, words, speech),
        cite=cite(result, words, town),
        command=f"machi run {manifest.name}",
        conditions=conditions(result, words, lang),
        published=published_figures(result, words, lang),
        sources=[(statistic(source, lang), terms(source)) for source in manifest.sources],
        chooser=chosen,
    )


def headline(result: Result, words: Words, speech: Speech, town: str) -> list[str]:
    """The answer in sentences: the trend, what all packages reach of the gap, and whether that is enough."""
    sentences = [words["headline_trend"].format(town=town, parts=_trend_parts(result, words, speech))]
    gains = gains_of_all(result)
    count, end = len(result.ranking), result.manifest.end
    for gain in reversed(gains):
        low, high = tables.shown_interval(gain)
        filled = {
            "count": count, "end": end, "year": gain.year, "value": plain_tens(gain.effect.value),
            "kind": tables.kind_of(gain, words), "interval": speech.range(low, high, plain_tens),
        }  # fmt: skip
        if not math.isfinite(gain.gap) or gain.gap <= 0:
            sentences.append(words["headline_all_no_gap"].format(**filled))
            continue
        filled |= {"gap": plain_tens(gain.gap), "share": speech.percent(gain.effect.value / gain.gap)}
        filled["shares"] = speech.range(low / gain.gap, high / gain.gap, speech.percent)
        if gain is not gains[-1]:
            sentences.append(words["headline_year"].format(**filled))
            continue
        sentences.append(words["headline_all"].format(**filled))
        sentences.append(words[f"verdict_{_verdict(gain.effect.value, low, high, gain.gap)}"])
    return sentences


def _verdict(value: float, low: float, high: float, gap: float) -> str:
    """Whether the gap is closed: yes, no, or open."""
    low, high = (bound if math.isfinite(bound) else value for bound in (low, high))
    return "yes" if low >= gap else "no" if high < gap else "open"


def _trend_parts(result: Result, words: Words, speech: Speech) -> str:
    path = trend(result, NONE).set_index("year")
    baseline, vision = published(result.manifest)
    parts = []
    for year in sorted({*(baseline or vision), result.manifest.end} & set(path.index)):
        here: Any = path.loc[year]
        beside = words["headline_beside_baseline"].format(value=hundreds(baseline[year])) if year in baseline else ""
        beside_vision = words["headline_beside_vision" if year in baseline else "headline_vision_only"]
        beside += beside_vision.format(value=hundreds(vision[year])) if year in vision else ""
        interval = speech.range(here["low"], here["high"], hundreds)
        filled = {"year": year, "value": hundreds(here["mean"]), "interval": interval, "beside": beside}
        parts.append(words["headline_trend_part"].format(**filled))
    return words["and"].join(parts)


def _beyond(result: Result, words: Words) -> list[str]:
    """What the gap would take, where the packages do not close it."""
    gains = gains_of_all(result)
    if not gains or not 0 < gains[-1].effect.value < gains[-1].gap:
        return []
    times = two_digits(gains[-1].gap / gains[-1].effect.value)
    filled = {"year": gains[-1].year, "count": len(result.ranking), "times": times}
    rates = [row for row in result.manifest.published if row.indicator == "vision_tfr"]
    conditions = [words["would_reach_tfr"].format(year=row.year, value=two_decimals(row.value)) for row in rates[:1]]
    return [words["would_reach"].format(**filled), *conditions]


def _assumed(result: Result, words: Words, lang: str) -> list[str]:
    """What is assumed at the margin."""
    manifest = result.manifest
    pull = range_of(manifest.notes.get("net_movers_per_slot"))
    text = two_decimals(pull.value)
    if math.isfinite(pull.low):
        text += f" [{two_decimals(pull.low)}, {two_decimals(pull.high)}]"
    known = math.isfinite(pull.value)
    return [
        words["assumed_pull"].format(value=text) if known else words["assumed_pull_unknown"],
        words["assumed_run_time"].format(end=manifest.end),
        words["assumed_scenario"].format(scenario=scenario_name(result, words, lang)),
        words["assumed_interval"],
        words["assumed_strength"],
    ]


def _captions(result: Result, words: Words) -> dict[str, tuple[str, str]]:
    """Caption and text alternative of every figure."""
    manifest = result.manifest
    path = trend(result, NONE)["mean"]
    years = [] if result.pyramids is None else sorted(int(year) for year in result.pyramids["year"].unique())
    filled: dict[str, Any] = {
        "start": manifest.start, "end": manifest.end, "count": len(result.ranking),
        "first": hundreds(path.iloc[0]) if len(path) else "",
        "last": hundreds(path.iloc[-1]) if len(path) else "",
        "years": words["and"].join(str(year) for year in years),
    }  # fmt: skip
    alone = "" if with_gap(gains_of_all(result)) else "_alone"  # without a gap to a vision there is one panel
    names = {"trend": f"trend{alone}", "pyramids": "pyramid", "ranking": "ranking", "run_times": "run_time"}
    return {figure: (words[f"{key}_caption"], words[f"{key}_alt"].format(**filled)) for figure, key in names.items()}


def _notes(result: Result, words: Words, speech: Speech, lang: str) -> dict[str, str]:
    """Sentences of single sections that hold figures."""
    manifest = result.manifest
    gains = gains_of_all(result)
    partners = ties(result)
    noise = noise_share(result)
    tied = sum(1 for package in result.ranking["package"] if partners.get(package))
    bars = words["trend_note_bars"].format(kind=tables.kind_of(gains[-1], words)) if with_gap(gains) else ""
    notes = {
        "trend": words["trend_note" if result.fan is None else "trend_note_fan"] + bars,
        "yardstick": " ".join([words["yardstick_note"], yardsticks.fitted(result, words, lang)]),
        "official": words["official_note"],
        "hindcast": words["hindcast_note"],
        "pyramids": words["pyramid_note"].format(start=manifest.start),
        "pyramid_shares": _pyramid_shares(result, words, speech),
        "ranking_lead": words["ranking_lead"].format(end=manifest.end),
        "ties": words["ranking_ties_all"].format(count=len(result.ranking), tied=tied),
        "noise": words["sobol_noise"].format(value=speech.percent(noise)) if math.isfinite(noise) else "",
        "origin": "",
        "noisy": words["sobol_noisy" if noise > NOISE_LIMIT else "sobol_quiet"] if math.isfinite(noise) else "",
    }
    origin = tables.origin_of_all(result)
    if origin is not None:
        filled = {name: tens(getattr(origin, name)) for name in ("effect", "migration", "natural")}
        notes["origin"] = words["origin_all"].format(end=manifest.end, **filled)
    notes["introduced"] = "".join(
        words["introduced"].format(package=one.package, a_year=f"{one.a_year:.0f}", share=speech.percent(one.share))
        for one in introduced(result)
    )
    return notes


def _pyramid_shares(result: Result, words: Words, speech: Speech) -> str:
    """The young and the oldest as shares of the reference arm's population."""
    if result.pyramids is None:
        return ""
    rows = result.pyramids[result.pyramids["arm"] == NONE]
    parts = []
    for year, people in rows.groupby("year"):
        whole = people["value"].sum()
        young = people.loc[people["age"] < 15, "value"].sum() / whole
        old = people.loc[people["age"] >= 75, "value"].sum() / whole
        filled = {"year": year, "young": speech.percent(young), "old": speech.percent(old)}
        parts.append(words["pyramid_share"].format(**filled))
    return words["pyramid_shares"].format(parts=words["joint"].join(parts))


def _sources_of_figures(result: Result, words: Words, lang: str) -> dict[str, str]:
    """The line under every figure; only the trend shows published figures."""
    manifest = result.manifest
    own = words["source_own"].format(name=manifest.name, basis=named(words, "basis", manifest.basis))
    lines = {name: [own] for name in ("pyramids", "ranking", "run_times")}
    shown = {row.source for row in manifest.published if row.indicator in YARDSTICKS}
    titles = {source.key: statistic(source, lang) for source in manifest.sources}
    listed = words["joint"].join(sorted(titles.get(name, name) for name in shown if name))
    lines["trend"] = [words["source_published"].format(sources=listed), own] if listed else [own]
    return {name: words["source_line"].format(sources=words["joint"].join(parts)) for name, parts in lines.items()}
