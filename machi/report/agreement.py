"""The readings side by side in one language: the table, how far they agree, and why they differ, out of the figures."""

from itertools import combinations
from typing import Any

import numpy as np

from machi.analysis.concordance import kendall_w, spearman
from machi.portfolio_table.file import PortfolioTable
from machi.portfolio_table.spread import OF_SHAPLEY, deviation, horizon, left_out

from .findings import headline_run_time, noise_share
from .numerals import Speech, plain_tens, tens, two_decimals
from .reading import Result
from .standings import (
    ALONE,
    LEFT_OUT,
    MU,
    SHAPLEY,
    VARIANCE,
    Opposite,
    Reading,
    agreed,
    beyond,
    opposites,
    overlap,
    why_not_whole,
)
from .tables import Cell, Table, Words, figure, lines, package_cell

ALIKE, LARGELY = 0.9, 0.7  # Kendall's W from which orders are called almost, and largely, alike: by choice
MOVED = 2.0  # places from which a change of rank is told, by choice
NAMED = 3  # packages at most whose changes are told
ONE_IN = 0.10  # of comparisons without a difference, the share that 90 % intervals call settled


def standing_table(result: Result, found: list[Reading], words: Words, speech: Speech, lang: str) -> Table | None:
    """Packages in the order of the ranking; each reading with its interval, its rank and the ranks left open."""
    if len(result.ranking) < 2:
        return None
    rows = [
        (package_cell(row, lang), *(cell for one in found for cell in _cells(one, place, words, speech)))
        for place, row in enumerate(lines(result.ranking))
    ]
    sums = [part for one in found for part in _sum(one)]
    rows.append((Cell(words["standings_sum"], heading=True), *sums))
    columns = [words["column_package"]]
    for one in found:
        columns += [words[f"column_reading_{one.key}"], *([words["column_rank_short"]] if one.orders else [])]
    run_time = words[f"said_{headline_run_time(result.manifest)}"]
    filled = {"count": len(result.ranking), "end": result.manifest.end, "run_time": run_time}
    named = tuple(column.format(**filled) for column in columns)
    return Table("standings", words["standings_table"].format(**filled), named, tuple(rows))


def _cells(reading: Reading, place: int, words: Words, speech: Speech) -> tuple[Cell, ...]:
    form = two_decimals if reading.key == VARIANCE else tens
    low, high = reading.low[place], reading.high[place]
    bounds = f"[{speech.range(low, high, form)}]" if np.isfinite([low, high]).all() else ""
    value = figure(float(reading.value[place]), form, bounds)
    if not reading.orders:
        return (value,)
    rank, (first, last) = float(reading.ranks[place]), reading.places[place]
    is_open = first < last and reading.is_judged
    open_ranks = f"{first}{words['between_ranks']}{last}" if is_open else ""
    return value, figure(rank, _plain, open_ranks)


def _sum(reading: Reading) -> tuple[Cell, ...]:
    """Shares of a variance may count a common part twice: their sum is no figure of its own."""
    sum_cell = Cell("") if reading.key == VARIANCE else figure(float(reading.value.sum()), tens)
    return (sum_cell, Cell("")) if reading.orders else (sum_cell,)


def _plain(value: float) -> str:
    return f"{value:g}"


def standing_notes(
    result: Result, found: list[Reading], table: PortfolioTable | None, words: Words, speech: Speech
) -> dict[str, str]:  # fmt: skip
    """The sentences before and after the table."""
    if len(result.ranking) < 2:
        return {}
    count = len(result.ranking)
    lead = words["semicolon"].join(words[f"reading_is_{one.key}"].format(count=count) for one in found)
    people = [one for one in found if one.key != VARIANCE]
    return {
        "standings_lead": words["standings_lead"].format(readings=lead),
        "standings_agreement": _agreement(people, words),
        "standings_moves": _moves(result, people, words),
        "standings_overlap": _overlap(result, people, words, speech),
        "standings_strength": _strength(result, people, words, speech),
        "standings_note": words["sentence_gap"].join(_note(result, found, table, words, speech)),
    }


def _agreement(found: list[Reading], words: Words) -> str:
    """Kendall's W, the two readings that are least alike, and what the readings with intervals settle."""
    ranks = np.stack([one.ranks for one in found], axis=1)
    w = kendall_w(ranks)
    text = words["agree_" + ("high" if w >= ALIKE else "middle" if w >= LARGELY else "low")]
    pairs = list(combinations(range(len(found)), 2))
    rho = spearman(-ranks.T, -ranks.T)
    one, other = min(pairs, key=lambda pair: float(rho[pair]))
    least = words["agree_least"] if len(found) > 2 else ""
    filled: dict[str, Any] = {
        "w": two_decimals(w), "rho": two_decimals(float(rho[one, other])),
        "one": words[f"reading_{found[one].key}"], "other": words[f"reading_{found[other].key}"],
    }  # fmt: skip
    sentences = [text.format(least=least.format(**filled), **filled), *_settled(found, words)]
    return words["sentence_gap"].join(sentences)


def _settled(found: list[Reading], words: Words) -> list[str]:
    """How many pairs the readings with intervals order alike and in opposite ways; the others are named."""
    judged, rest = [one for one in found if one.is_judged], [one for one in found if not one.is_judged]
    names = _called(rest, words)
    if len(judged) < 2:
        return [words["agree_unknown"].format(readings=names)]
    packages = len(found[0].value)
    count, same, opposite = packages * (packages - 1) // 2, agreed(judged), len(opposites(judged))
    filled = {"pairs": count, "same": same, "opposite": opposite, "open": count - same - opposite}
    said = words["agree_pairs" if opposite else "agree_pairs_none"].format(**filled)
    return [said, *([words["agree_unjudged"].format(readings=names)] if rest else [])]


def _called(found: list[Reading], words: Words) -> str:
    return str(words["and"].join(words[f"reading_{one.key}"] for one in found))


def _moves(result: Result, found: list[Reading], words: Words) -> str:
    """The packages whose rank differs most between readings, and whether chance explains it."""
    keys, parts = list(result.ranking["package"]), []
    unjudged = set()  # places of readings without intervals that take part in a change told
    ranks = np.stack([one.ranks for one in found], axis=1)
    spans = ranks.max(axis=1) - ranks.min(axis=1)
    for place in np.argsort(-spans, kind="stable")[:NAMED]:
        if spans[place] >= MOVED:
            best, worst = int(ranks[place].argmin()), int(ranks[place].argmax())
            unjudged |= {at for at in (best, worst) if not found[at].is_judged}
            parts.append(words["moves_part"].format(
                package=keys[place], first=_plain(ranks[place, best]), last=_plain(ranks[place, worst]),
                one=words[f"reading_{found[best].key}"], other=words[f"reading_{found[worst].key}"],
            ))  # fmt: skip
    said = [words["moves" if parts else "moves_none"].format(parts=words["joint"].join(parts))]
    if crossed := opposites([one for one in found if one.is_judged]):
        said.append(_crossed(keys, crossed, words))
    elif parts and not unjudged:
        said.append(words["moves_chance"])
    if unjudged:
        said.append(words["moves_unknown"].format(readings=_called([found[at] for at in sorted(unjudged)], words)))
    return words["sentence_gap"].join(said)


def _crossed(keys: list[str], crossed: list[Opposite], words: Words) -> str:
    """The pairs that change places beyond chance: the first ones, and how many more there are."""
    parts = [
        words["moves_crossed"].format(
            one=keys[one.one], other=keys[one.other], ahead=words[f"reading_{one.ahead}"],
            behind=words[f"reading_{one.behind}"],
        )
        for one in crossed[:NAMED]
    ]  # fmt: skip
    more = len(crossed) - len(parts)
    rest = words["moves_more"].format(more=more) if more else ""
    return str(words["moves_beyond"].format(parts=words["joint"].join(parts) + rest))


def _overlap(result: Result, found: list[Reading], words: Words, speech: Speech) -> str:
    """Whether packages take from each other or help each other, as a whole and one by one."""
    parts = []
    whole = overlap(result)
    if whole is not None and np.isfinite(whole.difference.low):
        gap = whole.difference
        kind = "less" if gap.high < 0 else "more" if gap.low > 0 else "open"
        size = abs(gap.mean) if kind != "open" else gap.mean
        low, high = (-gap.high, -gap.low) if kind == "less" else (gap.low, gap.high)
        form = tens if kind == "open" else plain_tens
        parts.append(words[f"overlap_{kind}"].format(
            sum=tens(whole.summed), all=tens(whole.every), gap=form(size), interval=speech.range(low, high, form)
        ))  # fmt: skip
    by_key = {one.key: one for one in found}
    if LEFT_OUT in by_key:
        alone, lost = by_key[ALONE], by_key[LEFT_OUT]
        substitutes = _names(result, beyond(alone.value, alone.low, lost.value, lost.high), words)
        complements = _names(result, beyond(lost.value, lost.low, alone.value, alone.high), words)
        if substitutes:
            parts.append(words["overlap_substitutes"].format(names=substitutes))
        if complements:
            parts.append(words["overlap_complements"].format(names=complements))
        if not substitutes and not complements:
            known = lost.is_judged and alone.is_judged
            parts.append(words["overlap_none" if known else "overlap_unknown"])
    return words["sentence_gap"].join(parts)


def _names(result: Result, chosen: Any, words: Words) -> str:
    return words["joint"].join(key for key, one in zip(result.ranking["package"], chosen, strict=True) if one)


def _strength(result: Result, found: list[Reading], words: Words, speech: Speech) -> str:
    """Whether μ, over partial strengths, lies apart from Shapley values at full strength (else from alone).

    Were effects in proportion to strengths, μ would be the Shapley value, yet alone only where packages do not overlap.
    """
    by_key = {one.key: one for one in found}
    mu, full = by_key[MU], by_key.get(SHAPLEY, by_key[ALONE])
    apart = beyond(mu.value, mu.low, full.value, full.high) | beyond(full.value, full.low, mu.value, mu.high)
    other = words[f"reading_{full.key}"]
    if not apart.any():
        return words["strength_same"].format(other=other) if mu.is_judged and full.is_judged else ""
    parts = [
        words["strength_part"].format(package=key, mu=tens(mu.value[at]), other=other, full=tens(full.value[at]))
        for at, key in enumerate(result.ranking["package"])
        if apart[at]
    ]
    shares = {"share": speech.percent(mu.fraction), "other": other, "full": speech.percent(full.fraction)}
    is_scaled = np.isfinite([mu.fraction, full.fraction]).all() and mu.fraction != full.fraction
    small = words["strength_small"].format(**shares) if is_scaled else ""
    said = words["strength_apart" if full.key == SHAPLEY else "strength_apart_alone"]
    return str(said.format(other=other, parts=words["joint"].join(parts), small=small))


def _note(
    result: Result, found: list[Reading], table: PortfolioTable | None, words: Words, speech: Speech
) -> list[str]:  # fmt: skip
    """How to read ranks and intervals, where figures come from, and what is missing for want of a current table."""
    parts = [words["standings_note_ranks"].format(share=speech.percent(ONE_IN))]
    stored = [one for one in found if one.is_stored]
    if table is not None and stored:
        header = table.header
        known = deviation(header, horizon(header), left_out(table))
        filled = {
            "readings": _called(stored, words),
            "seeds": len(header.seeds), "share": speech.percent(header.fraction),
        }  # fmt: skip
        if known is None:
            parts.append(words["standings_note_bare"].format(**filled))
        else:
            filled |= {"repeated": header.chance_seeds, "least": f"{known.min():.0f}", "most": f"{known.max():.0f}"}
            parts.append(words["standings_note_stored"].format(**filled))
        if known is not None and any(one.key == SHAPLEY for one in stored):
            parts.append(words["standings_note_shapley"].format(ratio=f"{OF_SHAPLEY**0.5:.1f}"))
    if bare := [one for one in found if not one.is_stored and one.key != VARIANCE and not one.is_judged]:
        parts.append(words["standings_note_unknown"].format(readings=_called(bare, words)))
    keys = {one.key for one in found}
    missing = [words[f"reading_{key}"] for key in (LEFT_OUT, SHAPLEY) if key not in keys]
    if missing:
        why = words[f"standings_table_{why_not_whole(result, table)}"]
        filled_missing = {"readings": words["and"].join(missing), "why": why}
        parts.append(words["standings_note_missing"].format(**filled_missing))
    if any(not one.orders for one in found):
        parts.append(words["standings_note_noisy"].format(value=speech.percent(noise_share(result))))
    return [*parts, words["standings_note_evidence"]]
