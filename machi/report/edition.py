"""One language's edition of the page: its sentences, filled from the result folder."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from machi.analysis.sensitivity import NOISE_LIMIT
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
    statistic,
    terms,
)
from .figures import Drawing
from .findings import (
    NONE,
    SUSTAINED,
    YARDSTICKS,
    gains_of_all,
    headline_run_time,
    introduced,
    noise_share,
    ties,
    trend,
    with_gap,
)
from .lead import assumed, beyond, headline
from .numerals import Speech, hundreds, tens
from .reading import Result
from .residents import resident_table
from .robustness import robustness_notes, robustness_tables
from .standings import Reading, readings
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
    manifest, found = result.manifest, readings(result, table, content or {})
    speech = Speech(words["between"], words["percent"])
    brackets = Speech(words["between_in_tables"], words["percent"])
    town = getattr(manifest.town, f"name_{lang}")
    name = getattr(manifest, f"title_{lang}") or manifest.name
    back = appendix(result, words, brackets, lang)
    return Edition(
        lang=lang,
        other=other,
        words=words,
        title=words["title"].format(town=town),
        subtitle=words["subtitle"].format(name=name, start=manifest.start, end=manifest.end),
        warning=words["quick"] if manifest.quick else "",
        headline=headline(result, words, speech, town),
        assumed=assumed(result, words, lang),
        beyond=beyond(result, words),
        figures=figures,
        captions={**_captions(result, words), **back.captions},
        tables={**_tables(result, found, words, brackets, lang), **back.tables},
        sources_of_figures={**_sources_of_figures(result, words, lang), **back.sources},
        notes={
            **_notes(result, words, speech, lang),
            **standing_notes(result, found, table, words, speech),
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


def _tables(result: Result, found: list[Reading], words: Words, speech: Speech, lang: str) -> dict[str, Table]:
    """The tables of the story by name, without those that the result does not hold."""
    made = {
        "trend": tables.trend_table(result, words, speech),
        "yardstick": yardsticks.yardstick_table(result, words, speech, lang),
        "official": yardsticks.official_table(result, words, speech),
        "hindcast": yardsticks.hindcast_table(result, words, speech),
        "ranking": tables.ranking_table(result, words, speech, lang),
        "residents": resident_table(result, words),
        "standings": standing_table(result, found, words, speech, lang),
        "sobol": tables.sobol_table(result, words, speech, lang),
        "run_times": tables.run_time_table(result, words, speech, lang),
        "origins": tables.origin_table(result, words, lang),
        "precision": tables.precision_table(result, words, lang),
        **robustness_tables(result, speech, lang),
    }
    return {name: table for name, table in made.items() if table is not None}


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
        "run_time": words[f"said_{headline_run_time(manifest)}"],
    }  # fmt: skip
    alone = "" if with_gap(gains_of_all(result)) else "_alone"  # without a gap to a vision there is one panel
    names = {"trend": f"trend{alone}", "pyramids": "pyramid", "ranking": "ranking", "run_times": "run_time"}
    return {figure: (words[f"{key}_caption"], words[f"{key}_alt"].format(**filled)) for figure, key in names.items()}


def _notes(result: Result, words: Words, speech: Speech, lang: str) -> dict[str, str]:
    """Sentences of single sections that hold figures."""
    manifest = result.manifest
    gains = gains_of_all(result)
    partners, run_time = ties(result), headline_run_time(manifest)
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
        **robustness_notes(result, speech, lang),
        "run_time_absent": words["run_time_absent" if run_time == SUSTAINED else "run_time_plan_only"],
        "noisy": words["sobol_noisy" if noise > NOISE_LIMIT else "sobol_quiet"] if math.isfinite(noise) else "",
    }
    origin = tables.origin_of_all(result)
    if origin is not None:
        filled = {name: tens(getattr(origin, name)) for name in ("effect", "migration", "natural")}
        notes["origin"] = words["origin_all"].format(end=manifest.end, **filled)
    notes["introduced"] = "".join(
        words["introduced"].format(
            package=one.package,
            a_year=f"{one.a_year:.0f}",
            share=speech.percent(one.share),
            run_time=words[f"said_{run_time}"],
        )
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
