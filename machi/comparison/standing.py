"""Packages in results side by side: effects alone, changes of rank, and cost, in one language."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from machi.comparison.asked import Asked
from machi.comparison.drawing import BOTTOM, HEIGHT, RIGHT, TOP, WIDTH, Drawn, Picture, Span, span
from machi.comparison.page import Figure, Points, Section, Tabled
from machi.comparison.side import Ranks, Side, costs, effects, ranked
from machi.comparison.speech import KINDS, Voice, legend, whole
from machi.report.findings import ALL
from machi.report.numerals import two_decimals, two_digits
from machi.report.tables import Cell, Table, cost_cell, figure

ROW = 30  # height of a package in a picture of intervals
BESIDE = 0.25  # for names beside the slopes, of the space between the results
ABREAST = 7  # between the results of one package
BELOW = 32  # for the axis

Interval = tuple[float, float, float]  # value, low, high


def package_section(side: Side, voice: Voice) -> list[Section]:
    """Each package alone; none where there is no run-time in common."""
    title = voice.words["packages_title"]
    if side.run_time is None:
        return []
    if not side.packages:
        common = set.intersection(*(set(one.packages) for one in side.asked))
        key = "packages_none" if side.per_thousand or not common else "packages_not_alone"
        return [Section(title, [Points([voice.words[key]])])]
    found = effects(side, side.packages)
    drawn = {one.arm: [(of.value, of.low, of.high) for of in one.values] for one in found}
    wide = [_predictive(one, side) for one in side.asked]
    note = voice.words["packages_wide"] if any(wide) else ""
    rows = tuple(
        (name_cell(side, one.arm, voice), *(voice.cell(of) for of in (*one.values, *one.apart))) for one in found
    )
    first = side.asked[0].letter
    apart = [voice.say("column_apart", a=first, b=one.letter) for one in side.others]
    columns = (voice.words["column_package"], *(one.letter for one in side.asked), *apart)
    return [Section(title, [
        Figure([intervals(drawn, wide, voice.words["packages_alt"], whole)],
               voice.say("packages_caption", year=side.year), legend(side.asked, voice),
               voice.say("packages_note", wide=note, year=side.year, run_time=voice.words[side.run_time])),
        Tabled(Table("packages", voice.say("packages_table", year=side.year), columns, rows)),
    ])]  # fmt: skip


def name_cell(side: Side, arm: str, voice: Voice) -> Cell:
    """A package's key and name as the first result has it."""
    if arm == ALL:
        return Cell(voice.words["all_packages"], heading=True)
    package = next(one for one in side.asked[0].manifest.packages if one.key == arm)
    return Cell(f"{arm} {getattr(package, f'name_{voice.lang}')}", heading=True)


def _predictive(one: Asked, side: Side) -> Mapping[str, tuple[float, float]]:
    """Predictive intervals by package, which a ranking holds for its own horizon and headline run-time."""
    if one.ranking is None or side.run_time != one.headline:
        return {}
    table = one.ranking.set_index("package")[["effect_low", "effect_high"]]
    return {str(key): (float(low), float(high)) for key, low, high in table.itertuples()}


def intervals(
    rows: Mapping[str, Sequence[Interval]],
    wide: Sequence[Mapping[str, tuple[float, float]]],
    label: str,
    form: object,
) -> Drawn:
    """One row an arm, one dot with its interval a result; pale thick lines where a wider interval is known."""
    values = [value for of in rows.values() for one in of for value in one]
    values += [bound for of in wide for key in rows for bound in of.get(key, ())]
    height = TOP + ROW * len(rows) + BELOW
    picture = Picture(label, span(values, form), height=height)  # type: ignore[arg-type]
    for place, (arm, of) in enumerate(rows.items()):
        middle = TOP + ROW * (place + 0.5)
        picture.text(picture.left - 6, middle + 4, arm, "end", "strong")
        for number, (value, low, high) in enumerate(of):
            y = middle + ABREAST * (number - (len(of) - 1) / 2)
            if number < len(wide) and arm in wide[number]:
                picture.reach(*wide[number][arm], y, f"wide {KINDS[number]}")
            picture.reach(low, high, y, f"reach {KINDS[number]}")
            picture.dot(value, y, KINDS[number], 3.4)
    return picture.drawn()


def rank_section(side: Side, voice: Voice) -> list[Section]:
    """The slope picture, the table of ranks, and how well they agree."""
    found = ranked(side)
    if found is None:
        return []
    measure = voice.words["measure_mu"] if found.by_mu else voice.say("measure_alone", year=side.year)
    return [Section(voice.words["ranks_title"], [
        Points(agreement(side, found, voice)),
        Figure([slope(side, found, voice)], voice.words["ranks_caption"], (),
               voice.say("ranks_note", measure=measure)),
        Tabled(rank_table(side, found, voice, measure)),
    ])]  # fmt: skip


def agreement(side: Side, found: Ranks, voice: Voice) -> list[str]:
    """How well the rankings agree, in sentences."""
    scenarios = {one.manifest.scenario for one in side.asked}
    said = [voice.say("ranks_w", value=two_decimals(found.concordance))]
    key = "ranks_same_scenario" if len(scenarios) == 1 else "ranks_scenarios"
    said.append(voice.say(key, count=len(scenarios)))
    if not found.turned:
        return [*said, voice.say("ranks_kept", pairs=found.pairs)]
    named = voice.listed([f"{one}–{other}" for one, other in found.surely])
    which = voice.say("ranks_which", names=named) if found.surely else ""
    turned = voice.say("ranks_turned", pairs=found.pairs, turned=len(found.turned), surely=len(found.surely),
                       which=which)  # fmt: skip
    return [*said, turned]


def slope(side: Side, found: Ranks, voice: Voice) -> Drawn:
    """Each package as a line through its ranks in the results."""
    count, results = found.ranks.shape
    height = TOP + 20 + 20 * count + (HEIGHT - BOTTOM)
    room = (results - 1) * BESIDE
    across = Span(-room, results - 1 + room, lambda at: side.asked[round(at)].letter)
    up = Span(-count - 0.5, -0.5, str)
    columns = list(range(results))
    picture = Picture(voice.words["ranks_alt"], across, height=height, marks=columns, left=WIDTH - RIGHT, ruled=False)
    picture.up = up
    for package, ranks in sorted(zip(found.packages, found.ranks, strict=True), key=lambda one: len(set(one[1])) > 1):
        picture.line(columns, [-rank for rank in ranks], "moved" if len(set(ranks)) > 1 else "still")
        for at, rank in zip(columns, ranks, strict=True):
            picture.dot(at, -rank, "past", 3)
        for at, anchor, away in ((0, "end", -8), (results - 1, "start", 8)):
            rank = ranks[at]
            picture.text(picture.x(at) + away, picture.y(-rank) + 4, f"{rank:g} {package}", anchor, "strong")
    return picture.drawn()


def rank_table(side: Side, found: Ranks, voice: Voice, measure: str) -> Table:
    """Ranks by result, their mean and the lowest, best mean first."""
    order = found.ranks.mean(axis=1).argsort(kind="stable")
    rows = []
    for place in order:
        ranks = found.ranks[place]
        cells = [Cell(f"{rank:g}", value=float(rank)) for rank in ranks]
        mean, worst = float(ranks.mean()), float(ranks.max())
        rows.append((name_cell(side, found.packages[place], voice), *cells, Cell(f"{mean:.1f}", value=mean),
                     Cell(f"{worst:g}", value=worst)))  # fmt: skip
    heads = [
        voice.say("column_scenario", letter=one.letter,
                  scenario=getattr(one.manifest, f"scenario_{voice.lang}") or one.manifest.scenario)
        for one in side.asked
    ]  # fmt: skip
    columns = (voice.words["column_package"], *heads, voice.words["column_mean_rank"], voice.words["column_worst_rank"])
    return Table("ranks", voice.say("ranks_table", measure=measure), columns, tuple(rows))


def cost_section(side: Side, voice: Voice) -> list[Section]:
    """Cost and people for it, at each result's own horizon."""
    if side.run_time is None:
        return []
    found = {arm: costs(side, arm) for arm in side.arms}
    if all(math.isnan(one.million) for of in found.values() for one in of):
        return []
    rows, words = [], cost_words(voice)
    for arm, of in found.items():
        cells = []
        for one in of:
            interval = voice.speech.range(one.low, one.high, two_digits)
            cells += [cost_cell(one.million, words),
                      figure(one.people, two_digits, f"[{interval}]" if math.isfinite(one.low) else "")]  # fmt: skip
        rows.append((name_cell(side, arm, voice), *cells))
    heads = [voice.say(f"column_{name}", letter=one.letter) for one in side.asked for name in ("cost", "per_cost")]
    columns = (voice.words["column_package"], *heads)
    drawn = {arm: [(one.people, one.low, one.high) for one in of] for arm, of in found.items()}
    differing = len({one.manifest.end for one in side.asked}) > 1
    return [Section(voice.words["cost_heading"], [
        *([Points([voice.words["cost_horizon"]])] if differing else []),
        Figure([intervals(_finite(drawn), (), voice.words["cost_alt"], whole)], voice.words["cost_caption"],
               legend(side.asked, voice), voice.words["cost_note"]),
        Tabled(Table("cost", voice.words["cost_table"], columns, tuple(rows))),
    ])]  # fmt: skip


def cost_words(voice: Voice) -> dict[str, str]:
    """How a cost stands in a cell: in the language's large unit with the million yen behind it."""
    return {name: str(voice.words[name]) for name in ("cost_cell", "cost_title")}


def _finite(rows: Mapping[str, Sequence[Interval]]) -> dict[str, Sequence[Interval]]:
    """Rows with a figure in some result."""
    return {arm: of for arm, of in rows.items() if not pd.isna([one[0] for one in of]).all()}
