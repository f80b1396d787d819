"""What a question's runs say: differences under the same seeds, with and without; in figures and in both languages."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from machi.analysis.paired import Estimate, estimate
from machi.report.numerals import DASH, Form, Speech, hundreds, tens, two_digits
from machi.serving.asked import Question
from machi.serving.bench import FLOWS, Bench, Course, Floats
from machi.serving.words import LANGS, speech_of, words_of

EVERY = 5  # years between the rows of the table


class Pair(NamedTuple):
    """The two arms of one seed."""

    without: Course
    with_packages: Course


def answer(bench: Bench, question: Question, pairs: Sequence[Pair], cost: Floats) -> dict[str, Any]:
    """The answer from the seeds so far: figures by year for the drawing, and what each language prints."""
    start, place = bench.ground.start, question.year - bench.ground.start
    each = np.array([one.with_packages.population - one.without.population for one in pairs])
    whole = [estimate(np.ascontiguousarray(column)) for column in each.T]
    sums = {
        name: estimate(np.array([_summed(one.with_packages, name, place) - _summed(one.without, name, place)
                                 for one in pairs]))
        for name in FLOWS
    }  # fmt: skip
    paid = float(cost[:place].sum())
    without = np.mean([one.without.population for one in pairs], axis=0)
    told = _Told(bench, question, len(pairs), whole, sums, paid, without)
    return {
        "seeds": len(pairs),
        "years": list(range(start, bench.ground.end + 1)),
        "year": question.year,
        "mean": _rounded([one.mean for one in whole]),
        "low": _rounded([one.low for one in whole]) if len(pairs) > 1 else None,
        "high": _rounded([one.high for one in whole]) if len(pairs) > 1 else None,
        "each": [_rounded(row) for row in each],
        **{lang: _said(told, lang) for lang in LANGS},
    }


class _Told(NamedTuple):
    """The figures of an answer."""

    bench: Bench
    question: Question
    seeds: int
    people: list[Estimate]  # by stock
    sums: dict[str, Estimate]  # from the start to the year
    cost: float  # million yen from the start to the year
    without: Floats


def _summed(course: Course, name: str, years: int) -> float:
    flow: Floats = getattr(course, name)
    return float(flow[:years].sum())


def _rounded(values: Sequence[float] | Floats) -> list[float]:
    return [round(float(value), 1) for value in values]


def _said(told: _Told, lang: str) -> dict[str, Any]:
    """One language's sentences, figures (text and range, exact value) and rows."""
    words, speech, year = words_of(lang), speech_of(lang), told.question.year
    place = year - told.bench.ground.start
    gained = told.people[place]
    kind = "headline_none" if not told.question.strengths else "headline_one" if told.seeds == 1 else "headline"
    filled = {
        "portfolio": _portfolio(told, words), "year": year, "people": tens(gained.mean), "seeds": told.seeds,
        "range": speech.range(gained.low, gained.high, tens), "total": hundreds(float(told.without[place])),
    }  # fmt: skip
    return {
        "headline": words[kind].format(**filled),
        "figures": _figures(told, lang),
        "line": words["line"].format(start=told.bench.ground.start, end=told.bench.ground.end,
                                     year=year, people=tens(gained.mean)),
        "rows": _rows(told, speech),
    }  # fmt: skip


def _portfolio(told: _Told, words: dict[str, str]) -> str:
    """`P03 + P06 (0.5)`, or all of them at full strength."""
    chosen = told.question.strengths
    if len(chosen) == len(told.bench.packages) > 2 and all(value == 1.0 for _, value in chosen):
        return words["all_packages"].format(count=len(chosen))
    return " + ".join(key if value == 1.0 else f"{key} ({value:g})" for key, value in chosen)


def _figures(told: _Told, lang: str) -> dict[str, dict[str, Any]]:
    words, speech = words_of(lang), speech_of(lang)
    place = told.question.year - told.bench.ground.start
    gained, none = told.people[place], float(told.without[place])

    def figure(one: Estimate, unit: str = "count", form: Form = tens) -> dict[str, Any]:
        spread = speech.range(one.low, one.high, form) if math.isfinite(one.low) and told.question.strengths else ""
        if not math.isfinite(one.mean):
            return {"text": DASH, "range": "", "value": None}
        return {"text": words[unit].format(people=form(one.mean)), "range": spread, "value": one.mean}

    totals = words["totals"].format(none=hundreds(none), total=hundreds(none + gained.mean))
    paid = words["cost"].format(cost=two_digits(told.cost / float(words["cost_unit"])))
    found = {"people": figure(gained), **{name: figure(told.sums[name]) for name in ("births", "moves_net")}}
    found["people"]["range"] = words["and"].join(part for part in (found["people"]["range"], totals) if part)
    found["marriages"] = figure(told.sums["marriages"], "couples")
    found["cost"] = {"text": paid, "range": "", "value": told.cost}
    per_cost = [100 * value / told.cost if told.cost else math.nan for value in gained[:5]]
    per = Estimate(per_cost[0], per_cost[1], per_cost[2], per_cost[3], per_cost[4], gained.n)
    found["efficiency"] = figure(per, form=two_digits)
    return found


def _rows(told: _Told, speech: Speech) -> list[list[str]]:
    """Every fifth year: year, without, with, difference and its range."""
    start = told.bench.ground.start
    last = len(told.people) - 1
    rows = []
    for place in sorted({*range(-start % EVERY, last + 1, EVERY), last}):
        one, none = told.people[place], float(told.without[place])
        known = math.isfinite(one.low) and bool(told.question.strengths)
        spread = speech.range(one.low, one.high, tens) if known else ""
        rows.append([str(start + place), hundreds(none), hundreds(none + one.mean), tens(one.mean), spread])
    return rows
