"""The command that carries out an experiment."""

from typing import Annotated

import typer

from abm.errors import InputError
from machi.session import asked_places, asked_screen

FAILED = 1
MOST_RUNS = 200_000  # without --max-runs: what a slip of the pen asks for is refused before it fills a disk


def run(
    file: Annotated[str, typer.Argument(help="an experiment's name or TOML file / 実験の名前またはファイル")],
    quick: Annotated[bool, typer.Option("--quick", help="few runs, same path / 簡易実行")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="repeat what is kept, too / 保存分も含めて作り直す")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="plan, time and stop / 計画だけ表示")] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="processes (default: all cores) / プロセス数")
    ] = None,
    serial: Annotated[bool, typer.Option("--serial", help="in this process only / このプロセスだけで実行")] = False,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="a Dask cluster, tcp://HOST:PORT / Dask のスケジューラ")
    ] = None,
    max_runs: Annotated[
        int, typer.Option("--max-runs", min=1, help="refuse experiments with more runs / 実行数の上限")
    ] = MOST_RUNS,
) -> None:
    """Run an experiment, going on where it was left / 実験を実行する（中断したところから再開）"""
    screen, places = asked_screen(), asked_places()
    from machi.experiment import cores, read_plan

    _one_way(workers, serial, scheduler)
    plan = read_plan(places, file, quick, max_runs)
    if not fresh and not dry_run and plan.is_done():
        screen.say("existing", folder=plan.folder)
        return
    from machi.conduct import conduct, rehearse
    from machi.runs.sweep import FailedRuns, Hands

    hands = Hands(1 if serial else workers or cores(), scheduler)
    if dry_run:
        rehearse(plan, hands, screen)
        screen.say("dry_run")
        return
    try:
        problem = conduct(plan, hands, screen, fresh)
    except FailedRuns as error:
        screen.note("failed_runs", problem=error)
        raise typer.Exit(FAILED) from error
    screen.say("written", folder=plan.folder)
    if problem:
        screen.note("report_failed", problem=problem, folder=plan.folder)
        raise typer.Exit(FAILED)
    if (plan.folder / "report.html").is_file():
        screen.say("page", page=plan.folder / "report.html")


def _one_way(workers: int | None, serial: bool, scheduler: str | None) -> None:
    """Refuse two answers to the question who carries the runs out (InputError)."""
    asked = [name for name, one in (("--workers", workers), ("--serial", serial), ("--scheduler", scheduler)) if one]
    if len(asked) > 1:
        raise InputError(f"{asked[0]}: it does not go with {asked[1]}; give one of them.")
    if scheduler is not None and "://" not in scheduler:
        raise InputError(f"--scheduler: `{scheduler}` is no address; write it like tcp://127.0.0.1:8786.")
