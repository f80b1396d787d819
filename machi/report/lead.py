"""The first words of the page: the answer, what would close the gap, and what is assumed, in one language."""

import math
from typing import Any

from . import tables
from .colophon import scenario_name
from .findings import NONE, SUSTAINED, gains_of_all, headline_run_time, published, range_of, trend
from .numerals import Speech, hundreds, plain_tens, two_decimals, two_digits
from .reading import Result
from .tables import Words


def headline(result: Result, words: Words, speech: Speech, town: str) -> list[str]:
    """The answer in sentences: the trend, what all packages reach of the gap, and whether that is enough."""
    sentences = [words["headline_trend"].format(town=town, parts=_trend_parts(result, words, speech))]
    gains = gains_of_all(result)
    count, end = len(result.ranking), result.manifest.end
    until = words[f"until_{headline_run_time(result.manifest)}"].format(end=end)
    for gain in reversed(gains):
        low, high = tables.shown_interval(gain)
        filled = {
            "count": count, "until": until, "year": gain.year, "value": plain_tens(gain.effect.value),
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


def beyond(result: Result, words: Words) -> list[str]:
    """What the gap would take, where the packages do not close it."""
    gains = gains_of_all(result)
    if not gains or not 0 < gains[-1].effect.value < gains[-1].gap:
        return []
    times = two_digits(gains[-1].gap / gains[-1].effect.value)
    filled = {"year": gains[-1].year, "count": len(result.ranking), "times": times}
    rates = [row for row in result.manifest.published if row.indicator == "vision_tfr"]
    conditions = [words["would_reach_tfr"].format(year=row.year, value=two_decimals(row.value)) for row in rates[:1]]
    return [words["would_reach"].format(**filled), *conditions]


def assumed(result: Result, words: Words, lang: str) -> list[str]:
    """What is assumed at the margin."""
    manifest = result.manifest
    pull = range_of(manifest.notes.get("net_movers_per_slot"))
    text = two_decimals(pull.value)
    if math.isfinite(pull.low):
        text += f" [{two_decimals(pull.low)}, {two_decimals(pull.high)}]"
    known = math.isfinite(pull.value)
    return [
        words["assumed_pull"].format(value=text) if known else words["assumed_pull_unknown"],
        words["sentence_gap"].join(_run_time(result, words)),
        words["assumed_scenario"].format(scenario=scenario_name(result, words, lang)),
        words["assumed_interval"],
        words["assumed_strength"],
    ]


def _run_time(result: Result, words: Words) -> list[str]:
    """The run-time of the headline ranking, and where another stands beside it."""
    run_time, end = headline_run_time(result.manifest), result.manifest.end
    beside = run_time == SUSTAINED and result.plan is not None
    names = [f"assumed_{run_time}", *(["assumed_beside"] if beside else []), "assumed_matters"]
    return [words[name].format(end=end) for name in names]
