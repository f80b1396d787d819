"""The command `machi cohort`: the cohort projection of a scenario as CSV, with a fan where asked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from abm.errors import InputError
from machi.session import asked_places, asked_screen

from .options import Basis, End, ScenarioName, Start, Town

if TYPE_CHECKING:
    from abm.forecast.future import Future
    from machi.console import Screen
    from machi.runs.projection import Projected


def cohort(
    town: Town,
    scenario: ScenarioName,
    out: Annotated[Path, typer.Option("--out", help="the .csv or .xlsx to write / 出力CSV・Excel")],
    basis: Basis = None,
    start: Start = None,
    end: End = None,
    form: Annotated[
        Literal["annual", "five-year"],
        typer.Option("--form", help="annual (as the agents) or the official five-year form / 年次または公式の5年間隔"),
    ] = "annual",
    draws: Annotated[
        int, typer.Option("--draws", min=0, help="draws of uncertain rates, written beside as a fan / 不確実性の反復数")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", min=1, help="seed of the draws / 乱数の種")] = 1,
) -> None:
    """Project by cohorts, without agents, in the columns of simulate / コーホート要因法で推計しCSVに書き出す"""
    from machi.runs.projection import fan_of, projected, read_future, write_fan, write_projection
    from machi.workbook.single import is_workbook

    screen = asked_screen()
    if out.is_dir():
        raise InputError(f"--out: {out} is a folder; name a CSV file in it.")
    is_workbook(out)
    if draws and form == "five-year":
        raise InputError("--draws: uncertain rates are drawn in the annual form only; leave --form out.")
    future = read_future(asked_places(), town, scenario, basis, start, end)
    one = projected(future, form)
    fan = fan_of(future, draws, seed) if draws else None
    if is_workbook(out):
        _write_workbook(screen, future, out, one)
    else:
        write_projection(out, one)
    screen.say("file", file=out, rows=1)
    people = one.tables["population"]
    rows = [
        (one.start + one.step * t, round(float(people[t].sum())))
        for t in range(len(people))
        if t in (0, len(people) - 1) or (one.start + one.step * t) % 10 == 0
    ]
    name = screen.named(future.setting.area.name_ja, future.setting.area.name_en)
    screen.table(
        screen.word("residents", town=name, scenario=scenario), [screen.word("year"), screen.word("people")], rows
    )
    if fan is not None:
        beside = out.with_name(f"{out.stem}_fan{'.csv' if is_workbook(out) else out.suffix}")
        write_fan(beside, future.start, fan.totals)
        screen.say("file", file=beside, rows=draws)


def _write_workbook(screen: "Screen", future: "Future", out: Path, one: "Projected") -> None:
    """The projection as a workbook, with its conditions in words."""
    from machi.workbook.single import write_projected
    from machi.workbook.wording import words

    said, area, scenario = words(screen.lang), future.setting.area, future.scenario
    about = said["projected_about"].format(
        scenario=screen.named(scenario.name_ja, scenario.name_en), basis=said[f"basis_{future.basis}"]
    )
    write_projected(out, one, screen.named(area.name_ja, area.name_en), about, screen.lang)
