"""`machi new package`: a policy package, its measures with lever, evidence and cost."""

from functools import partial
from typing import Annotated

import typer

from machi.commands.new_file import (
    BASELINE,
    En,
    Given,
    Ja,
    Key,
    TownName,
    Yes,
    packages_of,
    residents_of,
    say,
    town_asked,
    written,
)
from machi.session import asked_places, asked_screen


def package(
    key: Key = None,
    town: TownName = None,
    name_ja: Ja = None,
    name_en: En = None,
    goal: Annotated[Given, typer.Option("--goal", help="the strategy's goal / 総合戦略の基本目標")] = None,
    kpi: Annotated[Given, typer.Option("--kpi", help="its KPI with target / 重要業績評価指標")] = None,
    cost_low: Annotated[Given, typer.Option("--cost-low", help="million yen a year / 年間費用の下限（百万円）")] = None,
    cost_high: Annotated[
        Given, typer.Option("--cost-high", help="million yen a year / 年間費用の上限（百万円）")
    ] = None,
    cost_source: Annotated[Given, typer.Option("--cost-source", help="what the cost was built from / 積算根拠")] = None,
    cost_status: Annotated[Given, typer.Option("--cost-status", help="how that is known / 根拠の確認状況")] = None,
    first_year: Annotated[Given, typer.Option("--first-year", help="first year / 開始年")] = None,
    last_year: Annotated[Given, typer.Option("--last-year", help="last year of the plan / 計画の最終年")] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option("--measure", help='lever = "uturn", evidence = "iwaki/P06/..." (may be repeated) / 施策'),
    ] = None,
    yes: Yes = False,
) -> None:
    """Write a policy package: measures, levers, evidence, cost / 施策パッケージを作る

    Each measure either takes over a row of evidence with its figures, grade and source (`machi levers LEVER` lists
    them), or states low, central and high with source and grade; without a source it is an assumption of grade D.
    """
    from machi.drafting import answers as ask
    from machi.drafting.evidence import shared_of
    from machi.drafting.experiment import defaults
    from machi.drafting.interview import STATUSES, measures_of
    from machi.drafting.measure import ASSUMED_SOURCE, EXPERT, Surroundings
    from machi.drafting.package import next_key, package_text
    from machi.drafting.place import check_free, companions, put

    places = asked_places()
    answers = ask.Answers(asked_screen(), yes)
    name = town_asked(answers, places, town)
    known = packages_of(places, name)
    answers.say("package_intro", town=name)
    key = answers.ask("KEY", key, "key", ask.read_key, next_key(known))
    path = places.workspace / "policies" / name / f"{key}.toml"
    check_free(path)
    ja = answers.ask("--name-ja", name_ja, "name_ja", ask.read_text)
    head = {
        "key": key, "name_ja": ja, "name_en": answers.ask("--name-en", name_en, "name_en", ask.read_text, ja),
        "goal_ja": answers.ask("--goal", goal, "goal", ask.read_text, "記載なし"),
        "kpi_ja": answers.ask("--kpi", kpi, "kpi", ask.read_text, "記載なし"), "kpi_to_lever": "not stated",
    }  # fmt: skip
    least = answers.ask("--cost-low", cost_low, "cost_low", ask.read_positive)
    cost: dict[str, object] = {
        "low": least,
        "high": answers.ask("--cost-high", cost_high, "cost_high", ask.at_least(least, ask.read_positive)),
        "basis": answers.ask("--cost-source", cost_source, "cost_source", ask.read_text, ASSUMED_SOURCE),
    }
    if cost["basis"] == ASSUMED_SOURCE:
        cost |= {"basis": "assumed: no source is named", "status": EXPERT}
    else:
        status = ask.one_of(STATUSES)
        cost["status"] = answers.ask("--cost-status", cost_status, "cost_status", status, STATUSES[-1])
    first, last = next(iter(known.values()), (None, None))
    begins = answers.ask("--first-year", first_year, "first_year", ask.read_count, first)
    ends = answers.ask("--last-year", last_year, "last_year", ask.at_least(begins, ask.read_count), last)
    run_times = {"first_year": begins, "plan_last_year": ends}
    around = Surroundings(
        name, residents_of(places, name), shared_of(places, name), defaults(), partial(residents_of, places)
    )
    measures = measures_of(answers, places, measure or [], around)
    beside = companions(places, name)
    put(places, path, package_text(head, cost, run_times, measures), beside)
    if any(one.parent.name == name for one in beside):
        say(answers, "copied", folder=path.parent, town=name, count=len(beside))
    written(answers, path, "next_package", key=key, town=name, scenario=BASELINE)
