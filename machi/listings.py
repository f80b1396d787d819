"""The tables that commands print: towns, packages, levers, the planned runs and the ranking."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from abm.known.town import read_town
from abm.levers import LEVERS, Lever
from machi.console import Screen
from machi.places import Places
from machi.policy.package import package_table, read_packages
from machi.policy.portfolio_file import read_portfolio

if TYPE_CHECKING:
    import pandas as pd

    from abm.levels.reference import Reference
    from machi.experiment import Plan, Prepared
    from machi.questions.design import Run

SOUND_BIRTHS = (0.80, 1.20)  # births wanted at the base over those of the founded couples
WORTH_SAYING = 1.0  # person of the real town in a year: below it floors are rounding


def show_towns(screen: Screen, places: Places) -> None:
    """Print the towns that can be found."""
    rows = []
    for name, folder in places.towns().items():
        read = read_town(folder, places.japan_dir())
        called = screen.named(read.name_ja, read.name_en)
        prefecture = screen.named(read.prefecture_ja, read.prefecture_en)
        rows.append((name, called, prefecture, read.bases, tuple(places.scenarios(name))))
    columns = [screen.word(key) for key in ("key", "name", "prefecture", "bases", "scenarios")]
    screen.table(screen.word("towns"), columns, rows)


def show_packages(screen: Screen, places: Places, town: str) -> None:
    """Print the packages of one town."""
    rows = [
        (
            line.key,
            screen.named(line.name_ja, line.name_en),
            line.grade,
            line.measures,
            f"{line.cost_low:,.0f} - {line.cost_high:,.0f}",
            f"{line.rows_modelled} / {line.rows_not_modelled}",
        )
        for line in package_table(read_packages(places.package_dir(town)))
    ]
    columns = [screen.word(key) for key in ("key", "name", "grade", "measures", "cost_a_year", "rows")]
    screen.table(screen.word("packages", town=town), columns, rows)
    named = {name: read_portfolio(places, path, town) for name, path in places.portfolios(town).items()}
    if named:
        shown = [
            (name, screen.named(one.name_ja, one.name_en), [f"{key}={s:g}" for key, s in one.strengths.items()])
            for name, one in named.items()
        ]
        columns = [screen.word(key) for key in ("key", "name", "strengths")]
        screen.table(screen.word("named_portfolios", town=town), columns, shown)


def show_factors(screen: Screen, title: str, arm: "Reference") -> None:
    """Print the factors of a reference arm and, one sentence each, what is wrong with them."""
    from abm.alignment import describe

    screen.records(title, describe(arm))
    low, high = SOUND_BIRTHS
    bounds = {"year": int(arm.rates.years[0]), "low": low, "high": high}
    whole, *by_age = (float(factor) for factor in arm.base_births)
    if not low <= whole <= high:
        screen.note("births_factor", factor=whole, **bounds)
    outside = [
        f"{15 + 5 * g}-{19 + 5 * g}: {factor:.2f}" for g, factor in enumerate(by_age) if not low <= factor <= high
    ]
    if outside:
        screen.note("births_by_age", ages=", ".join(outside), **bounds)
    floored = {int(year): float(persons) for year, persons in zip(arm.rates.years, arm.floored, strict=True)}
    some = {year: persons for year, persons in floored.items() if persons >= WORTH_SAYING}
    if some:
        most = max(some, key=lambda year: some[year])
        screen.note(
            "floored", persons=sum(some.values()), count=len(some), all=len(floored), most=most, worst=some[most],
            years=spans(some),
        )  # fmt: skip


def spans(years: Iterable[int]) -> str:
    """Years in order as a text, neighbours joined: 2015-2018, 2020."""
    found: list[list[int]] = []
    for year in years:
        if found and year == found[-1][-1] + 1:
            found[-1] = [found[-1][0], year]
        else:
            found.append([year])
    return ", ".join("-".join(str(year) for year in span) for span in found)


def show_plan(screen: Screen, plan: "Plan", prepared: "Prepared", workers: int, left: Sequence["Run"]) -> None:
    """Print the planned runs by design, those left to do, the expected time and the disk."""
    from machi.questions.design import count_by_design

    by_design = {one.design: one for one in plan.table}
    to_do = count_by_design(list(left))
    rows = [
        (name, runs, to_do.get(name, 0), by_design[name].fraction, prepared.seconds(by_design[name]))
        for name, runs in count_by_design(list(plan.table)).items()
    ]
    title = screen.named(plan.experiment.title_ja, plan.experiment.title_en)
    columns = [screen.word(key) for key in ("design", "runs", "to_do", "fraction", "seconds_per_run")]
    screen.table(f"{screen.word('experiment')}: {title}", columns, rows)
    minutes, seconds = divmod(round(prepared.expected(left, workers)), 60)
    screen.say(
        "expected",
        minutes=screen.word("minutes", m=minutes, s=seconds),
        workers=workers,
        megabytes=max(1, plan.disk() // 1_000_000),
        folder=plan.folder,
    )
    if plan.quick:
        screen.say("quick")


def show_ranking(screen: Screen, ranking: "pd.DataFrame") -> None:
    """Print the ranking as the result folder has it."""
    rows = [
        (
            str(row["rank_mu"]),
            f"{row['package']} {screen.named(row['name_ja'], row['name_en'])}",
            row["grade"],
            f"{row['mu']:+,.0f} ({row['mu_low']:+,.0f} .. {row['mu_high']:+,.0f})",
            f"{row['effect']:+,.0f} ({row['effect_low']:+,.0f} .. {row['effect_high']:+,.0f})",
            f"{row['cost_million_yen']:,.0f}",
        )
        for row in ranking.to_dict("records")
    ]
    columns = [screen.word(key) for key in ("rank", "package", "grade", "mu", "effect", "cost")]
    screen.table(screen.word("ranking"), columns, rows)


def show_levers(screen: Screen, levers: Iterable[Lever] = LEVERS) -> None:
    """Print the names that a policy may move, all or some."""
    rows = [
        (
            lever.key,
            lever.unit,
            f"{lever.neutral:g}",
            f"{lever.low:g} .. {lever.high:g}",
            screen.named(lever.meaning_ja, lever.meaning_en),
        )
        for lever in levers
    ]
    columns = [screen.word(key) for key in ("key", "unit", "neutral", "bounds", "meaning")]
    screen.table(screen.word("levers"), columns, rows)
