"""The command line: says what it will do, does it, says where it is; heavy modules come when needed."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from abm.errors import InputError
from machi.commands.account import cite, diff, export, reproduce
from machi.commands.calibrate import calibrate
from machi.commands.cohort import cohort
from machi.commands.compare import compare
from machi.commands.editing import check, explain, init, schema
from machi.commands.evaluate import evaluate
from machi.commands.follow import follow
from machi.commands.hindcast import hindcast
from machi.commands.kpi import kpi
from machi.commands.new import new_app
from machi.commands.portfolios import portfolios
from machi.commands.reference import align, found
from machi.commands.rules import rules
from machi.commands.run import run
from machi.commands.serve import serve
from machi.commands.simulate import simulate
from machi.commands.solve import solve
from machi.commands.tables import tables
from machi.commands.town import town_app
from machi.commands.towns import towns
from machi.commands.validate import validate
from machi.runs.aside import leave
from machi.session import asked_language, asked_places, asked_screen, begin
from machi.words import language, words

USAGE, FAILED, INTERRUPTED = 2, 1, 130

app = typer.Typer(
    name="machi",
    help="A town, person by person, and the ranking of its policies / 一人ひとりの町と施策のランキング",
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(town_app, name="town")
app.add_typer(new_app, name="new")
COMMANDS = (
    run, found, align, simulate, cohort, follow, validate, hindcast, evaluate, rules, calibrate, schema, check,
    explain, init, diff, compare, cite, export, reproduce, solve, portfolios, towns, tables, kpi, serve,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    lang: Annotated[str | None, typer.Option("--lang", help="ja or en / 表示言語")] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", help="folder of towns/, policies/, results/ / 作業フォルダ")
    ] = None,
    stream: Annotated[
        str | None, typer.Option("--stream", help="splitmix or philox, the reference (default: MACHI_STREAM) / 乱数")
    ] = None,
) -> None:
    """Keep what holds for every command."""
    begin(lang, workspace, stream)
    if context.invoked_subcommand is None:
        print(context.get_help())


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
def levers(
    lever: Annotated[
        str | None, typer.Argument(help="list the evidence that moves it / このレバーの根拠を表示")
    ] = None,
) -> None:
    """List what a policy may move, or the evidence on one lever / 施策が動かせるレバー、またはその根拠の一覧"""
    from machi.listings import show_levers

    screen = asked_screen()
    if lever is None:
        show_levers(screen)
        return
    from machi.drafting.evidence import distinct, evidence_on, show_evidence

    show_evidence(screen, distinct(evidence_on(asked_places(), lever)))


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
    write_report(folder, places=asked_places())
    screen.say("page", page=folder / "report.html")


def _last_words(key: str, **values: object) -> None:
    """One sentence on stderr, in the user's language as far as it is known."""
    from machi.console import forgiving

    try:
        lang = language(asked_language())
    except InputError:
        lang = "en"
    shown = {name: _on_one_line(value) for name, value in values.items()}
    print(words(key, lang, **shown), file=forgiving(sys.stderr))


def _on_one_line(value: object) -> str:
    """A value as text; what would break the line or steer the terminal is shown as Python writes it."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in str(value))


def _fault(error: Exception) -> int:
    """A fault of the program's own, in one sentence; with MACHI_DEBUG the whole of it."""
    if os.environ.get("MACHI_DEBUG"):
        raise error
    failure = str(error).splitlines()[0] if str(error) else ""
    _last_words("unexpected", kind=type(error).__name__, message=failure)
    return FAILED


def _exit_code() -> int:
    """Carry out the command line and say in one sentence what went wrong, if anything did."""
    try:
        code = app(standalone_mode=False)
    except InputError as error:
        _last_words("error", message=str(error))
        return USAGE
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except SystemError as error:
        if not isinstance(error.__cause__, KeyboardInterrupt):  # compiled code hands Ctrl-C on like this
            return _fault(error)
        code = INTERRUPTED
    except Exception as error:
        usage = getattr(error, "format_message", None)  # typer's own errors: a wrong option or argument
        if usage is not None:
            _last_words("error", message=f"{usage()} (machi --help)")
            return USAGE
        return _fault(error)
    if code == INTERRUPTED:
        _last_words("interrupted")
    return code if isinstance(code, int) else 0


def main() -> None:
    """The command `machi`: exit 0 done, 1 failed, 2 unusable input, 130 interrupted; no traceback."""
    leave(_exit_code())


if __name__ == "__main__":
    main()
