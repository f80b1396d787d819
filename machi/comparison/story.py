"""The page of results side by side in one language: what was asked, the reference arms, all packages together."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from machi.account.difference import causes
from machi.comparison.asked import LETTERS, Asked, paths
from machi.comparison.cautions import cautions
from machi.comparison.designs import front_section, reading_section
from machi.comparison.drawing import Drawn, Picture, span
from machi.comparison.page import LANGS, Edition, Figure, Part, Points, Section, Tabled, Text
from machi.comparison.side import OUTCOMES, Side, effects, gained_by_year, reference_apart
from machi.comparison.speech import KINDS, Voice, all_words, called, legend, plain, signed_decimals, whole
from machi.comparison.standing import cost_section, package_section, rank_section
from machi.console import field_text
from machi.report.findings import ALL, NONE, trend
from machi.report.numerals import hundreds, tens
from machi.report.tables import Cell, Table, figure

UNFOLDED = 8  # sentences on what differs; a longer list is folded
STEP = 10  # years between the rows of the table of reference arms


def edit(side: Side, lang: str) -> Edition:
    """Everything that the page of a comparison says in one language."""
    voice = Voice(lang, all_words("words.toml")[lang], signed_decimals if side.per_thousand else tens)
    return Edition(
        lang=lang,
        other=next(other for other in LANGS if other != lang),
        words=voice.words,
        title=voice.say("title", towns=voice.listed(list(dict.fromkeys(one.town(lang) for one in side.asked)))),
        subtitle=voice.say("subtitle", names=voice.listed([called(one, voice) for one in side.asked])),
        headline=headline(side, voice),
        sections=[
            _caution_section(side, voice),
            _asked_section(side, voice),
            *_reference_section(side, voice),
            *_everything_section(side, voice),
            *package_section(side, voice),
            *rank_section(side, voice),
            *cost_section(side, voice),
            *reading_section(side, voice),
            *front_section(side, voice),
            Section(voice.words["limits_title"], [Points(voice.words["limits"])]),
        ],
    )


def unit(side: Side, voice: Voice) -> str:
    """What effects count."""
    return str(voice.words["unit_thousand" if side.per_thousand else "unit_people"])


def headline(side: Side, voice: Voice) -> list[str]:
    """The answer in sentences."""
    first = side.asked[0].letter
    answered = [voice.words[f"reading_{name}"] for name in side.readings]
    names = voice.listed([*answered, *([voice.words["front_title"]] if side.fronts else [])])
    if not side.has_reference:
        key = "headline_readings_years" if all(one.years for one in side.asked) else "headline_readings"
        return [voice.say(key, count=len(side.asked), names=names)]
    key = "headline_base" if side.arms else "headline_levels"
    said = [voice.say(key, count=len(side.asked), a=first, year=side.year)]
    said += [voice.say("headline_also", names=names)] if names and not side.arms else []
    for letter, why in side.unpaired.items():
        reasons = voice.listed([voice.words[f"reason_{name}"] for name in why])
        key = "headline_unpaired" if why else "headline_paired"
        said.append(voice.say(key, a=first, b=letter, reasons=reasons))
    for found in effects(side, [ALL] if side.is_whole else []):
        named = zip(side.asked, found.values, strict=True)
        counted = [
            voice.say("headline_all_part", letter=one.letter, value=voice.form(of.value), unit=unit(side, voice))
            for one, of in named
        ]
        said.append(voice.say("headline_all", year=side.year, values=voice.listed(counted)))
        for one, apart in zip(side.others, found.apart, strict=True):
            if not math.isfinite(apart.value):
                continue
            zero = (apart.value, apart.low, apart.high) == (0, 0, 0)
            interval = voice.speech.range(apart.low, apart.high, voice.form)
            filled = {"a": first, "b": one.letter, "value": voice.form(apart.value), "interval": interval}
            key = "headline_same" if zero else "headline_apart" if math.isfinite(apart.low) else "headline_apart_bare"
            said.append(voice.say(key, unit=unit(side, voice), **filled))
    return said


def _caution_section(side: Side, voice: Voice) -> Section:
    found = [voice.say(key, **values) for key, values in cautions(side)]
    parts = [Points(found)] if found else [Text(voice.words["cautions_none"])]
    return Section(voice.words["cautions_title"], parts, boxed=True)


def _asked_section(side: Side, voice: Voice) -> Section:
    """A table of what was asked, and in words what differs from the first result."""
    first = side.asked[0]
    told: list[Part] = [Tabled(asked_table(side, voice))]
    for one in side.others:
        topics = causes(first.folder, one.folder, voice.lang, (first.letter, one.letter))
        # Of another town everything that it consists of differs: what was set says enough.
        told_of = topics[:1] if one.manifest.town.key != first.manifest.town.key else topics
        sentences = [text for topic in told_of for text in topic.sentences] or [voice.words["differs_none"]]
        fold = voice.say("differs_fold", count=len(sentences)) if len(sentences) > UNFOLDED else ""
        told.append(Points(sentences, voice.say("differs_title", a=first.letter, b=one.letter), fold))
    return Section(voice.words["asked_title"], told)


def asked_table(side: Side, voice: Voice) -> Table:
    """One row an item, one column a result."""
    items = [_items(one, voice) for one in side.asked]
    rows = tuple(
        (Cell(voice.words[f"asked_{name}"], heading=True), *(Cell(of[name]) for of in items)) for name in items[0]
    )
    columns = (voice.words["asked_column"], *(one.letter for one in side.asked))
    return Table("asked", voice.words["asked_table"], columns, rows)


def _items(one: Asked, voice: Voice) -> dict[str, str]:
    manifest, lang, words = one.manifest, voice.lang, voice.words
    replications = one.series.loc[one.series["arm"] == NONE, "replication"].unique()
    seeds, count = sorted(one.seeds[each] for each in replications if each in one.seeds), len(replications)
    fractions: Any = one.content.get("fractions") or one.content.get("fraction") or ""
    return {
        "title_row": one.name(lang),
        "town": one.town(lang),
        "scenario": getattr(manifest, f"scenario_{lang}") or manifest.scenario,
        "basis": words.get(f"basis_{manifest.basis}", manifest.basis),
        "years": voice.say("years_value", start=manifest.start, end=manifest.end),
        "run_time": voice.words[one.headline],
        "packages": " ".join(one.packages),
        "designs": " ".join(one.designs) or "—",
        "seeds": _seeds_told(seeds, count, voice),
        "fraction": field_text(fractions),
        "code": str(one.content.get("simulator", {}).get("code") or manifest.fingerprints.get("code", "")),
        "made": str(manifest.fingerprints.get("policies", "")),
    }  # fmt: skip


def _seeds_told(seeds: Sequence[int], count: int, voice: Voice) -> str:
    """How many seeds the reference arm has, and which."""
    if len(seeds) > 1:
        return voice.say("seeds_value", count=count, first=seeds[0], last=seeds[-1])
    if seeds:
        return voice.say("seeds_single", seed=seeds[0])
    return voice.say("seeds_unknown", count=count) if count else "—"


def _reference_section(side: Side, voice: Voice) -> list[Section]:
    """The reference arms by year, and their differences from the first; none where a result has no such arm."""
    if not side.has_reference:
        return []
    apart = reference_apart(side)
    left = [_own_trend(one, side.scale(one)) for one in side.asked]
    form = voice.form if side.per_thousand else whole
    first = side.asked[0].letter
    heading = voice.words["reference_picture"] + (f" ({unit(side, voice)})" if side.per_thousand else "")
    pictures = [
        lines(left, voice.words["reference_alt"], whole, heading),
        lines(apart, voice.say("reference_alt_apart", a=first), form,
              voice.say("reference_apart", a=first, unit=unit(side, voice)), later=True),
    ]  # fmt: skip
    return [Section(voice.words["reference_title"], [
        Figure(pictures, voice.say("reference_caption", a=first), legend(side.asked, voice),
               voice.words["fan_note"]),
        Tabled(reference_table(side, apart, voice)),
    ])]  # fmt: skip


def _own_trend(one: Asked, scale: float) -> pd.DataFrame:
    """The reference arm with the range of one town's course, as the result's own page shows it."""
    found = trend(one, NONE)  # type: ignore[arg-type]  # it reads the series only
    scaled = found[["mean", "low", "high"]] * scale
    return pd.DataFrame({"year": found["year"], "value": scaled["mean"], "low": scaled["low"], "high": scaled["high"]})


def reference_table(side: Side, apart: Sequence[pd.DataFrame], voice: Voice) -> Table:
    """Reference arms and differences in every tenth year of the common ones, and the last."""
    levels = [paths(one, NONE, "").mean(axis=1) for one in side.asked]
    rows = []
    for year in spread(side.years):
        cells = [figure(float(level.get(year, float("nan"))), hundreds) for level in levels]
        rows.append((Cell(str(year), heading=True), *cells, *(_apart_cell(table, year, voice) for table in apart)))
    names = [voice.say("column_apart", a=side.asked[0].letter, b=one.letter) for one in side.others]
    columns = (voice.words["column_year"], *(one.letter for one in side.asked), *names)
    return Table("reference", voice.say("reference_table", unit=unit(side, voice)), columns, tuple(rows))


def spread(years: Sequence[int]) -> list[int]:
    """The first year, each that lies ten or more behind the one before it, and the last."""
    found: list[int] = []
    for year in years:
        if not found or year - found[-1] >= STEP or year == years[-1]:
            found.append(year)
    return found


def _apart_cell(table: pd.DataFrame, year: int, voice: Voice) -> Cell:
    here = table[table["year"] == year]
    if here.empty:
        return Cell("—")
    value, low, high = (float(here[name].iloc[0]) for name in ("value", "low", "high"))
    interval = voice.speech.range(low, high, voice.form)
    return figure(value, voice.form, f"[{interval}]" if low == low else "")


def lines(
    tables: Sequence[pd.DataFrame], label: str, form: Any, heading: str, later: bool = False, zero: bool = True
) -> Drawn:
    """Lines with bands by year; `later` where the first table is that of the second result."""
    values = [value for table in tables for name in ("value", "low", "high") for value in table[name]]
    years = [year for table in tables for year in table["year"]]
    across = span([], plain)._replace(low=min(years, default=0), high=max(years, default=1))
    picture = Picture(label, across, span(values, form, zero=zero), marks=year_marks(years))
    kinds = KINDS[int(later) :]
    for kind, table in zip(kinds, tables, strict=False):
        picture.band(list(table["year"]), list(table["low"]), list(table["high"]), kind)
    for kind, table in zip(kinds, tables, strict=False):
        picture.line(list(table["year"]), list(table["value"]), kind)
    return picture.drawn(heading)


def year_marks(years: Sequence[float]) -> list[float]:
    """The first year and those that ten divides, as far as they do not touch it."""
    if not years:
        return []
    first, last = int(min(years)), int(max(years))
    return [first, *(year for year in range(first + 5, last + 1) if year % STEP == 0)]


def _everything_section(side: Side, voice: Voice) -> list[Section]:
    """All packages together by year, and in the common year by outcome."""
    own, apart = gained_by_year(side)
    if not own:
        return []
    first = side.asked[0].letter
    pictures = [
        lines(own, voice.words["everything_alt"], voice.form if side.per_thousand else whole,
              f"{voice.words['everything_picture']} ({unit(side, voice)})"),
        lines(apart, voice.say("everything_alt_apart", a=first), voice.form if side.per_thousand else whole,
              voice.say("reference_apart", a=first, unit=unit(side, voice)), later=True),
    ]  # fmt: skip
    return [Section(voice.words["everything_title"], [
        Figure(pictures, voice.say("everything_caption", a=first), legend(side.asked, voice),
               voice.words["everything_note"]),
        Tabled(everything_table(side, voice)),
    ])]  # fmt: skip


def everything_table(side: Side, voice: Voice) -> Table:
    """What all packages bring until the common year, by outcome."""
    rows = []
    for outcome in OUTCOMES:
        name = voice.say(f"outcome_{outcome}", year=side.year, start=side.asked[0].manifest.start)
        for found in effects(side, [ALL], outcome):
            cells = [voice.cell(one) for one in (*found.values, *found.apart)]
            rows.append((Cell(name, heading=True), *cells))
    caption = voice.say("everything_table", year=side.year, unit=unit(side, voice))
    return Table("everything", caption, columns_with_apart(side, voice, "column_outcome"), tuple(rows))


def columns_with_apart(side: Side, voice: Voice, heading: str) -> tuple[str, ...]:
    """A heading, the letters of the results, and the later ones less the first."""
    first = side.asked[0].letter
    apart = [voice.say("column_apart", a=first, b=one.letter) for one in side.others]
    return (voice.words[heading], *LETTERS[: len(side.asked)], *apart)
