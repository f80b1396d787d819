"""The command line: says what it will do, does it, says where it is; heavy modules come when needed."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from abm.errors import InputError
from machi.hindcast_cli import hindcast
from machi.session import asked_language, asked_places, asked_screen, begin
from machi.town_cli import town_app
from machi.validation_cli import validate
from machi.words import language, words

USAGE, FAILED, INTERRUPTED = 2, 1, 130

app = typer.Typer(
    name="machi",
    help="A town, person by person, and the ranking of its policies / 一人ひとりの町と施策のランキング",
    add_completion=False,
    pretty_exceptions_enable=False,
)

Town = Annotated[str, typer.Argument(help="a town's name or folder / 自治体の名前またはフォルダ")]
ScenarioName = Annotated[str, typer.Option("--scenario", help="a scenario's name or file / シナリオ")]
Basis = Annotated[str | None, typer.Option("--basis", help="census or register / census か register")]
Start = Annotated[int | None, typer.Option("--start", help="the base year (default: the newest) / 基準年")]
End = Annotated[int | None, typer.Option("--end", help="the last stock (default: the scenario's) / 最終年")]
FractionOption = Annotated[
    float, typer.Option("--fraction", help="share of the people simulated, above 0 to 1 / 抽出率")
]


app.add_typer(town_app, name="town")
app.command()(validate)
app.command()(hindcast)


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    lang: Annotated[str | None, typer.Option("--lang", help="ja or en / 表示言語")] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", help="folder of towns/, policies/, results/ / 作業フォルダ")
    ] = None,
) -> None:
    """Keep what holds for every command."""
    begin(lang, workspace)
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command()
def run(
    file: Annotated[str, typer.Argument(help="an experiment's name or TOML file / 実験の名前またはファイル")],
    quick: Annotated[bool, typer.Option("--quick", help="few runs, same path / 簡易実行")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="run even if the result exists / 作り直す")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="plan, time and stop / 計画だけ表示")] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="processes (default: all cores) / プロセス数")
    ] = None,
) -> None:
    """Run an experiment and rank its packages / 実験を実行し、施策を順位付けする"""
    screen, places = asked_screen(), asked_places()
    from machi.experiment import Timings, cores, prepare, read_plan, write_result
    from machi.listings import show_plan, show_ranking
    from machi.run import carry_out_all

    plan = read_plan(places, file, quick)
    if not fresh and not dry_run and plan.is_done():
        screen.say("existing", folder=plan.folder)
        return
    timings, hands = Timings(), workers or cores()
    prepared = prepare(plan, timings, screen.note)
    show_plan(screen, plan, prepared, hands)
    if dry_run:
        screen.say("dry_run")
        return
    total = sum(prepared.seconds(one) for one in plan.table)
    with timings.part("runs"), screen.progress(len(plan.table), total) as advance:
        results = carry_out_all(plan.table, prepared.bench, hands, lambda one: advance(prepared.seconds(one)))
    screen.note("analysing")
    from machi.report import write_report

    ranking, problem = write_result(plan, results, timings, write_report)
    show_ranking(screen, ranking)
    screen.say("written", folder=plan.folder)
    if problem:
        screen.note("report_failed", problem=problem, folder=plan.folder)
        raise typer.Exit(FAILED)
    screen.say("page", page=plan.folder / "report.html")


@app.command()
def found(town: Town, basis: Basis = None, fraction: FractionOption = 1.0) -> None:
    """Found a town and print its fit table / 町の人口を作り、統計との一致を表示する"""
    from abm.founding import found as found_town
    from abm.town import read_town
    from machi.groundwork import FOUNDING_SEED

    screen, places = asked_screen(), asked_places()
    _check_fraction(fraction)
    read = read_town(places.town_dir(town), places.japan_dir())
    founding = found_town(read, basis or read.bases[0], fraction, FOUNDING_SEED)
    screen.records(screen.word("fit", town=screen.named(read.name_ja, read.name_en)), founding.fit)


@app.command()
def align(town: Town, scenario: ScenarioName, basis: Basis = None, start: Start = None, end: End = None) -> None:
    """Solve the reference arm, print its factors and warn of doubtful ones / 参照ケースの調整係数を求めて表示する"""
    from machi.groundwork import read_ground
    from machi.listings import show_factors

    screen = asked_screen()
    ground = read_ground(asked_places(), town, scenario, basis, start, end)
    name = screen.named(ground.town.name_ja, ground.town.name_en)
    show_factors(screen, screen.word("factors", town=name, scenario=scenario), ground.reference())


@app.command()
def towns() -> None:
    """List the towns / 自治体の一覧"""
    from machi.listings import show_towns

    show_towns(asked_screen(), asked_places())


@app.command()
def packages(
    town: Annotated[str | None, typer.Argument(help="a town's name (default: every town) / 自治体")] = None,
) -> None:
    """List policy packages / 施策パッケージの一覧"""
    from machi.listings import show_packages

    screen, places = asked_screen(), asked_places()
    for name in [town] if town else places.towns():
        show_packages(screen, places, name)


@app.command()
def levers() -> None:
    """List what a policy may move / 施策が動かせるレバーの一覧"""
    from machi.listings import show_levers

    show_levers(asked_screen())


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="a result folder / 結果フォルダ")],
) -> None:
    """Write the page of any result folder again / 結果フォルダのページを作り直す"""
    screen = asked_screen()
    from machi.report import write_report
    from machi.store import make_folder, read_manifest

    read_manifest(folder)
    make_folder(folder)
    write_report(folder)
    screen.say("page", page=folder / "report.html")


@app.command()
def simulate(
    town: Town,
    scenario: ScenarioName,
    out: Annotated[Path, typer.Option("--out", help="the CSV file to write / 出力CSV")],
    package: Annotated[
        list[str] | None, typer.Option("--package", help="a package and its strength, P03=1.0 / 施策と強度")
    ] = None,
    run_time: Annotated[
        Literal["sustained", "plan"], typer.Option("--run-time", help="how long packages run / 実施期間")
    ] = "sustained",
    lever: Annotated[
        list[str] | None, typer.Option("--lever", help="a lever by hand, childbirth=1.1 / レバーの値")
    ] = None,
    from_year: Annotated[
        int | None, typer.Option("--from-year", help="first year of --lever (default: the start) / 開始年")
    ] = None,
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
) -> None:
    """Simulate one arm and write every indicator as CSV / 一つの条件を計算し、指標をCSVに書き出す"""
    from machi.arm import Arm, assignments, levers_of, replicated
    from machi.experiment import cores
    from machi.groundwork import read_ground
    from machi.long_table import write_long_table
    from machi.store import make_folder

    screen = asked_screen()
    _check_fraction(fraction)
    if out.is_dir():
        raise InputError(f"--out: {out} is a folder; name a CSV file in it.")
    if from_year is not None and not lever:
        raise InputError("--from-year: there is no --lever for it to hold; add one or leave it out.")
    strengths, by_hand = assignments("--package", package or []), assignments("--lever", lever or [])
    arm = Arm(strengths, run_time, by_hand, from_year)
    ground = read_ground(asked_places(), town, scenario, basis, start, end)
    arrays = levers_of(ground, arm, replications, seed, uncertain)
    make_folder(out.parent)
    screen.note("founding")
    founding = ground.founding(fraction)
    screen.note("alignment")
    reference = ground.reference()
    with screen.progress(replications, float(replications)) as advance:
        doubts = ground.doubts(replications, seed) if uncertain else None
        outputs = replicated(founding, reference, arrays, seed, cores(), lambda: advance(1.0), doubts)
        write_long_table(out, outputs)
    screen.say("file", file=out, rows=replications)


@app.command()
def cohort(
    town: Town,
    scenario: ScenarioName,
    out: Annotated[Path, typer.Option("--out", help="the CSV file to write / 出力CSV")],
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
    from machi.projection import fan_of, projected, read_future, write_fan, write_projection

    screen = asked_screen()
    if out.is_dir():
        raise InputError(f"--out: {out} is a folder; name a CSV file in it.")
    if draws and form == "five-year":
        raise InputError("--draws: uncertain rates are drawn in the annual form only; leave --form out.")
    future = read_future(asked_places(), town, scenario, basis, start, end)
    one = projected(future, form)
    fan = fan_of(future, draws, seed) if draws else None
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
        beside = out.with_name(f"{out.stem}_fan{out.suffix}")
        write_fan(beside, future.start, fan.totals)
        screen.say("file", file=beside, rows=draws)


def _check_fraction(fraction: float) -> None:
    if not 0.0 < fraction <= 1.0:
        raise InputError(f"--fraction: {fraction:g} is no share; give a number above 0, up to 1.")


def _last_words(key: str, **values: object) -> None:
    """One sentence on stderr, in the user's language as far as it is known."""
    from machi.console import forgiving

    try:
        lang = language(asked_language())
    except InputError:
        lang = "en"
    print(words(key, lang, **values), file=forgiving(sys.stderr))


def _exit_code() -> int:
    """Carry out the command line and say in one sentence what went wrong, if anything did."""
    try:
        code = app(standalone_mode=False)
    except InputError as error:
        _last_words("error", message=str(error))
        return USAGE
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:
        usage = getattr(error, "format_message", None)  # typer's own errors: a wrong option or argument
        if usage is not None:
            _last_words("error", message=f"{usage()} (machi --help)")
            return USAGE
        if os.environ.get("MACHI_DEBUG"):
            raise
        failure = str(error).splitlines()[0] if str(error) else ""
        _last_words("unexpected", kind=type(error).__name__, message=failure)
        return FAILED
    if code == INTERRUPTED:
        _last_words("interrupted")
    return code if isinstance(code, int) else 0


def main() -> None:
    """The command `machi`: exit 0 done, 1 failed, 2 unusable input, 130 interrupted; no traceback."""
    sys.exit(_exit_code())


if __name__ == "__main__":
    main()
