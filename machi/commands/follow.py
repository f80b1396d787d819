"""The command `machi follow`: one household's years in words, under one arm or two, and the reach of packages."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.session import asked_language, asked_places

from .options import (
    Basis,
    End,
    FractionOption,
    FromYearOption,
    LeverOption,
    PackageOption,
    PortfolioOption,
    RunTimeOption,
    ScenarioName,
    Start,
    Town,
    check_fraction,
    check_from_year,
)

if TYPE_CHECKING:
    from abm.founding.found import Founding
    from machi.arm import Arm
    from machi.console import Screen
    from machi.households.follow import Bench, Compared
    from machi.households.telling import Teller


def follow(
    town: Town,
    scenario: ScenarioName,
    household: Annotated[
        int | None, typer.Option("--household", help="key of a resident (default: by lot) / 住民のキー（省略時は抽選）")
    ] = None,
    package: PackageOption = None,
    portfolio: PortfolioOption = None,
    run_time: RunTimeOption = "sustained",
    lever: LeverOption = None,
    from_year: FromYearOption = None,
    touched: Annotated[
        bool, typer.Option("--touched", help="choose among those whom the packages change / 施策で変わる人から選ぶ")
    ] = False,
    reach: Annotated[
        bool, typer.Option("--reach", help="also the share of people reached by each package / 施策が届く人の割合も")
    ] = False,
    households: Annotated[
        int | None,
        typer.Option("--households", min=1, help="list so many households to follow / 追跡できる世帯の一覧"),
    ] = None,
    fraction: FractionOption = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=1, help="the seed / 乱数の種")] = 1,
    basis: Basis = None,
    start: Start = None,
    end: End = None,
    lang: Annotated[str | None, typer.Option("--lang", help="ja or en / 言語")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="a Markdown file to write / 出力するMarkdown")] = None,
) -> None:
    """Tell one household's years in words, with and without packages / ある世帯の年月を言葉で語る"""
    from machi.arm import Arm, assignments
    from machi.console import Screen
    from machi.households.follow import bench_of, chosen, compare
    from machi.households.telling import Teller
    from machi.policy.portfolio_file import with_portfolio
    from machi.runs.groundwork import read_ground
    from machi.words import language

    screen = Screen(language(lang or asked_language()))
    check_fraction(fraction)
    if out is not None and out.is_dir():
        raise InputError(f"--out: {out} is a folder; name a Markdown file in it.")
    check_from_year(from_year, lever)
    strengths = with_portfolio(asked_places(), town, portfolio, assignments("--package", package or []))
    arm = Arm(strengths, run_time, assignments("--lever", lever or []), from_year)
    if touched and (household is not None or not _is_policy(arm)):
        raise InputError(
            "--touched: it chooses among those whom --package or --lever changes; give one and no --household."
        )
    ground = read_ground(asked_places(), town, scenario, basis, start, end)
    screen.note("founding")
    founding = ground.founding(fraction)
    if households is not None:
        show_households(screen, Teller(screen.lang), founding, seed, households)
        return
    screen.note("alignment")
    bench = bench_of(ground, fraction, seed)
    bench.levers(arm)  # a wrong package is said before anybody is followed
    teller = Teller(screen.lang)
    key = chosen(bench, arm, touched) if household is None else household
    why = "" if household is not None else "touched" if touched else "chosen"
    text = story(teller, bench, arm, fraction, compare(bench, arm, key), why)
    _give(screen, teller, text, out)
    if reach:
        show_reach(screen, teller, bench, arm)


def story(teller: "Teller", bench: "Bench", arm: "Arm", fraction: float, told: "Compared", why: str) -> str:
    """The whole story as Markdown; `why` names the sentence that says how the household was chosen, if it was."""
    ground = bench.ground
    name = ground.town.name_ja if teller.is_japanese else ground.town.name_en
    lines = [
        "# " + teller.say("title", town=name, start=ground.start, end=ground.end, scenario=ground.scenario_path.stem),
        "",
        teller.say("about", key=told.key, basis=teller.words["basis"][ground.basis], fraction=f"{fraction:g}",
                   seed=bench.seed),
    ]  # fmt: skip
    lines += ["", teller.say(why)] if why else []
    if told.shifts:
        lines += ["", "## " + teller.say("shifts"), "", *(f"- {teller.shift(one)}" for one in told.shifts)]
    first, last = told.plain.homes
    lines += ["", "## " + teller.say("start", year=first.year), "", *teller.home(told.plain, first)]
    lines += ["", "## " + teller.say("events"), "", *_events(teller, arm, told)]
    lines += ["", "## " + teller.say("end", year=last.year), ""]
    if told.policy is None:
        lines += teller.home(told.plain, last)
    else:
        lines += ["### " + teller.say("column_plain"), "", *teller.home(told.plain, last), ""]
        lines += ["### " + teller.say("column_policy", arm=_name(arm)), ""]
        lines += teller.home(told.policy, told.policy.homes[1])
    return "\n".join(lines) + "\n"


def _name(arm: "Arm") -> str:
    return ", ".join(f"{key}={value:g}" for key, value in (*arm.strengths.items(), *arm.levers.items()))


def _is_policy(arm: "Arm") -> bool:
    return bool(arm.strengths or arm.levers)


def _events(teller: "Teller", arm: "Arm", told: "Compared") -> list[str]:
    """A list of sentences by year; with a policy a table of both arms, and how many events differ."""
    rows = teller.lines(told.plain, told.policy, told.shifts)
    if not rows:
        return [teller.say("nothing")]
    if told.policy is None:
        return ["- " + teller.say("event", year=row.year, text=row.plain) for row in rows]
    heads = [teller.say("column_year"), teller.say("column_plain"), teller.say("column_policy", arm=_name(arm)),
             teller.say("column_differs")]  # fmt: skip
    table = ["| " + " | ".join(heads) + " |", "|---|---|---|---|"]
    differing = [row for row in rows if not row.is_same]
    for row in rows:
        mark = "" if row.is_same else f"**{teller.say('differs')}**"
        table.append(f"| {row.year} | {row.plain or '—'} | {row.policy or '—'} | {mark} |")
    if not differing:
        return [*table, "", teller.say("summary_same")]
    parts = [teller.say("summary", rows=len(rows), differing=len(differing)),
             teller.say("summary_first", year=differing[0].year)]  # fmt: skip
    return [*table, "", ("" if teller.is_japanese else " ").join(parts)]


def _give(screen: "Screen", teller: "Teller", text: str, out: Path | None) -> None:
    """Print the story, or write it."""
    from machi.store import make_folder

    if out is None:
        screen.out.print(text, markup=False)
        return
    make_folder(out.parent)
    out.write_text(text, encoding="utf-8", newline="\n")
    screen.out.print(teller.say("written", file=out), markup=False)


def show_households(screen: "Screen", teller: "Teller", founding: "Founding", seed: int, number: int) -> None:
    """Print so many households that one could follow, with the key of the eldest member."""
    from machi.households.follow import households

    title = teller.say("households_title", year=founding.start, fraction=f"{founding.fraction:g}", seed=seed)
    columns = [teller.say(f"households_{name}") for name in ("key", "type", "size", "who")]
    screen.table(title, columns, [teller.household(one) for one in households(founding, seed, number)])


def show_reach(screen: "Screen", teller: "Teller", bench: "Bench", arm: "Arm") -> None:
    """Print the reach of the given arm, or of each package of the town alone at strength 1."""
    from machi.arm import Arm
    from machi.households.follow import GROUPS, reaches
    from machi.policy.package import read_packages

    packages = read_packages(bench.ground.places.package_dir(bench.ground.town.key))
    arms = [(_name(arm), arm)]
    if not _is_policy(arm):
        arms = [(one.key, Arm({one.key: 1.0}, arm.run_time)) for one in packages]
    with screen.progress(len(arms), float(len(arms))) as advance:
        found = reaches(bench, arms, lambda: advance(1.0))
    columns = [teller.say(f"reach_{name}") for name in ("package", "persons", "changed", "share")]
    columns += [*(teller.words["groups"][group] for group in GROUPS), teller.say("reach_seconds")]
    rows = [(one.package, one.persons, one.changed, f"{100 * one.share:.2f}", *one.groups.values(),
             f"{one.seconds:.1f}") for one in found]  # fmt: skip
    screen.table(teller.say("reach_title"), columns, rows)
