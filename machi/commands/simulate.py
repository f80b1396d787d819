"""The command `machi simulate`: one arm, person by person, as CSV."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.runs.aside import aside
from machi.session import asked_places, asked_screen

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
    from abm.people.outputs import Outputs
    from machi.arm import Arm
    from machi.console import Screen
    from machi.runs.groundwork import Ground


def simulate(
    town: Town,
    scenario: ScenarioName,
    out: Annotated[Path, typer.Option("--out", help="the .csv or .xlsx to write / 出力CSV・Excel")],
    package: PackageOption = None,
    portfolio: PortfolioOption = None,
    run_time: RunTimeOption = "sustained",
    lever: LeverOption = None,
    from_year: FromYearOption = None,
    basis: Basis = None,
    start: Start = None,
    end: End = None,
    fraction: FractionOption = 1.0,
    replications: Annotated[int, typer.Option("--replications", min=1, help="how many seeds / 反復数")] = 1,
    seed: Annotated[int, typer.Option("--seed", min=1, help="the first seed / 乱数の種")] = 1,
    uncertain: Annotated[
        bool,
        typer.Option("--uncertain", help="draw uncertain rates and packages / 率と施策の不確実性を反映"),
    ] = False,
    uncertain_structure: Annotated[
        bool,
        typer.Option(
            "--uncertain-structure",
            help="draw structural parameters, found and align anew each time / 構造パラメータの不確実性を反映",
        ),
    ] = False,
    as_calibrated: Annotated[
        bool, typer.Option("--calibrated", help="with the factors of the town's calibration.toml / 較正係数を使う")
    ] = False,
) -> None:
    """Simulate one arm and write every indicator as CSV / 一つの条件を計算し、指標をCSVに書き出す"""
    from abm.levels.calibrated import calibrated
    from machi.arm import Arm, assignments, levers_of, replicated, restructured
    from machi.calibration.file import factors_of
    from machi.experiment import cores
    from machi.policy.portfolio_file import with_portfolio
    from machi.runs.groundwork import read_ground
    from machi.runs.long_table import write_long_table
    from machi.store import make_folder
    from machi.workbook.single import is_workbook

    screen, places = asked_screen(), asked_places()
    check_fraction(fraction)
    if out.is_dir():
        raise InputError(f"--out: {out} is a folder; name a CSV file in it.")
    as_workbook = is_workbook(out)
    check_from_year(from_year, lever)
    strengths = with_portfolio(places, town, portfolio, assignments("--package", package or []))
    by_hand = assignments("--lever", lever or [])
    arm = Arm(strengths, run_time, by_hand, from_year)
    ground = read_ground(places, town, scenario, basis, start, end)
    if as_calibrated and uncertain_structure:
        raise InputError("--calibrated: its factors are those of the town as it stands; drop --uncertain-structure.")
    factors = factors_of(ground) if as_calibrated else {}
    arrays = levers_of(ground, arm, replications, seed, uncertain)
    make_folder(out.parent)

    options = {"--uncertain": uncertain, "--uncertain-structure": uncertain_structure, "--calibrated": as_calibrated}
    said = [option for option, chosen in options.items() if chosen]

    def write(drawn: "Iterable[Outputs]") -> None:
        if as_workbook:
            _write_workbook(screen, ground, arm, fraction, seed, said, out, list(drawn))
        else:
            write_long_table(out, drawn)

    if uncertain_structure:
        with screen.progress(replications, float(replications)) as advance:
            drawn = restructured(ground, fraction, arrays, seed, lambda: advance(1.0), uncertain)
            write(drawn)
        screen.say("file", file=out, rows=replications)
        return
    screen.note("founding")
    founding = ground.founding(fraction)
    screen.note("alignment")
    reference = calibrated(ground.reference(), factors)
    with screen.progress(replications, float(replications)) as advance:
        doubts = aside(partial(ground.doubts, replications, seed)) if uncertain else None
        outputs = replicated(founding, reference, arrays, seed, cores(), lambda: advance(1.0), doubts)
        write(outputs)
    screen.say("file", file=out, rows=replications)


def _write_workbook(
    screen: "Screen", ground: "Ground", arm: "Arm", fraction: float, seed: int, options: "list[str]", out: Path,
    outputs: "list[Outputs]",
) -> None:  # fmt: skip
    """The arm as a workbook, with its conditions in words; `options` are those that make it another run."""
    from machi.workbook.single import write_simulated
    from machi.workbook.wording import words

    said, policy = words(screen.lang), []
    packages, levers = (
        " ".join(f"{key}={value:g}" for key, value in part.items()) for part in (arm.strengths, arm.levers)
    )
    if packages:
        policy.append(said["packages_of"].format(packages=packages, run_time=said[arm.run_time]))
    if levers:
        policy.append(said["levers_of"].format(levers=levers, year=arm.from_year or ground.start))
    about = said["simulated_about"].format(
        scenario=screen.named(ground.scenario.name_ja, ground.scenario.name_en), fraction=f"{fraction:g}", seed=seed,
        basis=said[f"basis_{ground.basis}"], arm="; ".join([*(policy or [said["no_package"]]), *options]),
    )  # fmt: skip
    write_simulated(out, outputs, screen.named(ground.town.name_ja, ground.town.name_en), about, screen.lang)
