"""The command `machi solve`: the cheapest portfolio that meets a target, or how far everything is from it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from abm.errors import InputError
from machi.session import asked_places, asked_screen

from .options import Basis, FractionOption, Start, Town, check_fraction

if TYPE_CHECKING:
    from machi.policy.portfolio import RunTime
    from machi.runs.groundwork import Ground
    from machi.seeking.known import Known
    from machi.seeking.target import Target

BASELINE = "baseline"


def solve(
    town: Town,
    target: Annotated[str, typer.Option("--target", help="INDICATOR=VALUE@YEAR, population=220000@2060 / 目標")],
    result: Annotated[
        str | None, typer.Option("--result", help="a result that holds every portfolio / 全組み合わせの結果")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="a scenario's name or file (default: baseline) / シナリオ")
    ] = None,
    package: Annotated[
        list[str] | None, typer.Option("--package", help="combine only these (default: all) / 対象の施策")
    ] = None,
    run_time: Annotated[
        Literal["sustained", "plan"] | None, typer.Option("--run-time", help="how long packages run / 実施期間")
    ] = None,
    basis: Basis = None,
    start: Start = None,
    seeds: Annotated[int, typer.Option("--seeds", min=2, help="seeds of each portfolio / 乱数の種の数")] = 2,
    seed: Annotated[int, typer.Option("--seed", min=1, help="the first seed / 最初の種")] = 1,
    fraction: FractionOption = 0.1,
    most: Annotated[
        int, typer.Option("--most", min=1, help="simulate at most so many / 計算する組み合わせの上限")
    ] = 200,
    out: Annotated[Path | None, typer.Option("--out", help="write every figure to this CSV / 書き出すCSV")] = None,
) -> None:
    """Find the cheapest portfolio that meets a target / 目標を満たす最小費用の組み合わせを探す"""
    from machi.experiment import cores
    from machi.seeking.solution import read_policies, trials_in
    from machi.seeking.solution import solve as solved
    from machi.seeking.target import read_target
    from machi.seeking.telling import sentence, show, table
    from machi.store import make_folder, write_table

    screen = asked_screen()
    check_fraction(fraction)
    asked = read_target(target)
    if out is not None and (out.is_dir() or out.suffix != ".csv"):
        raise InputError(f"--out: {out} is no CSV file; name one that ends in .csv.")
    if result is not None and package:
        raise InputError("--package: a result has its own packages; leave --package or --result out.")
    ground, known, keys, when = _asked(asked, town, result, scenario, basis, start, run_time)
    policies = read_policies(ground, keys or package, when)
    told = {"fraction": f"{fraction:g}", "seeds": seeds}
    if known is not None:
        told |= {"result": result, "portfolios": f"{known.portfolios:,}", "seeds": known.seeds}
    print(sentence(screen.lang, "searching" if known is None else "looked_up", **told), file=sys.stderr)
    trials = trials_in(ground, fraction, asked, policies, range(seed, seed + seeds), cores())
    solution = solved(asked, policies, trials, most, known)
    show(screen, solution, ground, policies, seeds)
    if out is not None:
        make_folder(out.parent)
        write_table(out.parent, out.name, table(solution, fraction))
        print(sentence(screen.lang, "saved", file=out))


def _asked(
    target: "Target",
    town: str,
    result: str | None,
    scenario: str | None,
    basis: str | None,
    start: int | None,
    run_time: "RunTime | None",
) -> "tuple[Ground, Known | None, list[str] | None, RunTime]":
    """The town up to the target's year, the answer of a result (where one is named) with its packages and run-time."""
    from machi.account.folder import result_folder
    from machi.runs.groundwork import read_ground
    from machi.seeking.known import looked_up, settings_of
    from machi.seeking.target import check_year

    places = asked_places()
    horizon = read_ground(places, town, scenario or BASELINE, basis, start)
    if result is None:
        check_year(target, horizon.start, horizon.end)
        ground = read_ground(places, town, scenario or BASELINE, basis, start, target.end)
        return ground, None, None, run_time or "sustained"
    folder = result_folder(places, result)
    given = {"town": horizon.town.key, "scenario": scenario, "basis": basis, "start": start, "run_time": run_time}
    settings = settings_of(folder, given)
    known = looked_up(folder, settings, target)
    ground = read_ground(places, town, settings["scenario"], settings["basis"], settings["start"], settings["end"])
    return ground, known, [str(key) for key in settings["packages"]], settings["run_time"]
