"""An answer to a target as a reader sees it: tables and sentences on screen, every figure in one tidy table."""

from typing import TYPE_CHECKING

import pandas as pd

from machi.analysis.paired import COST, Estimate
from machi.seeking.equivalents import Equivalent
from machi.seeking.solution import NOTHING, Policies, Portfolio, Solution, as_told
from machi.seeking.target import Target
from machi.words import room_words

if TYPE_CHECKING:
    from machi.console import Screen
    from machi.runs.groundwork import Ground

PORTFOLIO, EQUIVALENT = "portfolio", "equivalent"


def sentence(lang: str, key: str, /, **values: object) -> str:
    """A sentence with its values; `lang` is ja or en."""
    return str(room_words(__package__)[lang][key].format(**values))


def verdict(reached: Estimate, target: Target) -> str:
    """`yes` where the whole interval meets the target, `mean` where its mean does, else `no`."""
    worst, sense = (reached.low, 1) if target.indicator.wanted > 0 else (reached.high, -1)
    if sense * worst >= sense * target.value:
        return "yes"
    return "mean" if sense * reached.mean >= sense * target.value else "no"


def show(screen: "Screen", solution: Solution, ground: "Ground", policies: Policies, seeds: int) -> None:
    """Print the portfolios that matter, the answer, and what equivalents there are."""
    lang, target = screen.lang, solution.target

    def word(key: str, **values: object) -> str:
        return sentence(lang, key, **values)

    title = word(
        "target", town=screen.named(ground.town.name_ja, ground.town.name_en), scenario=ground.scenario_path.stem,
        indicator=screen.named(target.indicator.ja, target.indicator.en), value=f"{target.value:,.10g}",
        year=target.year,
    )  # fmt: skip
    columns = [
        word("portfolio"), word("packages"), word("cost", start=ground.start, end=ground.end),
        word("reached", year=target.year), word("low"), word("high"), word("gained"), word("low"), word("high"),
        word("meets"),
    ]  # fmt: skip
    rows = [
        (
            word(name),
            one.name,
            one.cost,
            *one.reached[:3],
            *one.gained[:3],
            word(f"meets_{verdict(one.reached, target)}"),
        )
        for name, one in _named(solution, policies).items()
    ]
    screen.table(title, columns, rows)
    print(word("intervals", seeds=seeds))
    for text in _answer(solution, lang):
        print(text)
    if solution.equivalents:
        screen.table(
            word("equivalents", first=ground.start + policies.first_row),
            [word(key) for key in ("thing", "beside", "amount", "low", "high", "before")]
            + [word("reached", year=target.year), word("low"), word("high"), word("verdict")],
            [_row(beside, one, target, lang) for beside, one in solution.equivalents],
        )
    print(word("runs", runs=f"{solution.runs:,}"))


def _named(solution: Solution, policies: Policies) -> dict[str, Portfolio]:
    """The portfolios to be shown, by their part: none, the answer, all."""
    by_mask = {one.mask: one for one in solution.portfolios}
    whole = (1 << len(policies.keys)) - 1
    shown = {"reference": by_mask[0]}
    if solution.found.mask:
        shown["found" if solution.meets else "nearest"] = solution.found
    if whole != solution.found.mask:
        shown["everything"] = by_mask[whole]
    return shown


def _answer(solution: Solution, lang: str) -> list[str]:
    found, target = solution.found, solution.target
    if not solution.meets:
        missing = abs(target.value - found.reached.mean)
        return [sentence(lang, "none_answer", missing=f"{missing:,.10g}" if missing < 1 else f"{missing:,.1f}")]
    if found.name == NOTHING:
        return [sentence(lang, "nothing_answer")]
    told = [sentence(lang, "portfolio_answer", packages=found.name, cost=f"{found.cost:,.0f}")]
    if verdict(found.reached, target) == "no":
        told.append(sentence(lang, "not_verified"))
    if solution.open:
        told.append(sentence(lang, "open", open=f"{solution.open:,}"))
    return told


def _row(beside: str, one: Equivalent, target: Target, lang: str) -> tuple[object, ...]:
    reached = as_told(one.reached, target)
    told = sentence(lang, "beyond" if one.is_beyond else "solved", setting=f"{one.setting:g}")
    needed = (f"> {one.amount.mean:,.4g}", "", "") if one.is_beyond else tuple(f"{x:,.4g}" for x in one.amount[:3])
    return (sentence(lang, one.key), beside, *needed, f"{one.before:,.4g}", *reached[:3], told)


def table(solution: Solution, fraction: float) -> pd.DataFrame:
    """Every simulated portfolio and every equivalent, one row each.

    Columns: kind, name, beside, amount, low, high, before, setting, is_beyond (of equivalents), reached, gained with
    their intervals (90 % over seeds), cost, verdict, is_answer, seeds, fraction.
    """
    target, rows = solution.target, []
    shared = {"indicator": target.indicator.key, "year": target.year, "target": target.value, "fraction": fraction}
    for one in solution.portfolios:
        rows.append(
            shared | {"kind": PORTFOLIO, "name": one.name, COST: one.cost}
            | _interval("reached", one.reached) | _interval("gained", one.gained)
            | {"verdict": verdict(one.reached, target), "is_answer": solution.meets and one.mask == solution.found.mask}
        )  # fmt: skip
    for beside, found in solution.equivalents:
        reached = as_told(found.reached, target)
        rows.append(
            shared | {"kind": EQUIVALENT, "name": found.key, "beside": beside} | _interval("amount", found.amount)
            | {"before": found.before, "setting": found.setting, "is_beyond": found.is_beyond}
            | _interval("reached", reached) | {"verdict": verdict(reached, target)}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _interval(name: str, one: Estimate) -> dict[str, float]:
    return {name: one.mean, f"{name}_low": one.low, f"{name}_high": one.high, "seeds": one.n}
