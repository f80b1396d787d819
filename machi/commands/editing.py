"""Commands for those who edit packages, scenarios and experiments: schema, check, explain, init."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.session import asked_places, asked_screen

if TYPE_CHECKING:
    pass

FOUND_WRONG = 2


def schema(
    out: Annotated[Path, typer.Option("--out", help="folder for the schemas / 出力フォルダ")] = Path("schemas"),
) -> None:
    """Write JSON schemas for editors / エディタの入力補完用に JSON スキーマを書き出す"""
    from machi.forms import FORMS, schema_of
    from machi.store import make_folder, write_json

    screen = asked_screen()
    make_folder(out)
    for kind in FORMS:
        write_json(out, f"{kind}.schema.json", schema_of(kind))
    screen.say("schemas", folder=out, names=", ".join(f"{kind}.schema.json" for kind in FORMS))


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="files or folders (default: the workspace) / 確認対象")
    ] = None,
) -> None:
    """Check packages, scenarios, experiments and towns / 施策・シナリオ・実験・自治体のファイルを確認する"""
    from machi.forms import checked, files_below

    screen, places = asked_screen(), asked_places()
    files = [file for path in paths or [places.workspace] for file in files_below(path)]
    if not files:
        raise InputError(
            f"{(paths or [places.workspace])[0]}: there is nothing to check here; name a TOML file or a folder."
        )
    wrong = 0
    for file in files:
        problem = checked(places, file)
        if problem:
            wrong += 1
            screen.note("check_wrong", problem=problem)
    screen.say("check_done", files=len(files), wrong=wrong)
    if wrong:
        raise typer.Exit(FOUND_WRONG)


def explain(
    package: Annotated[str, typer.Argument(help="a package's key, P06 / 施策パッケージの記号")],
    town: Annotated[str, typer.Option("--town", help="a town's name or folder / 自治体")] = "iwaki",
    result: Annotated[
        str | None, typer.Option("--result", help="what it did in this result (default: the newest) / 対象の結果")
    ] = None,
) -> None:
    """Explain one package: measures, evidence, cost, what it did last time / 施策の内容・根拠・費用・前回の結果"""
    from machi.places import suggestion
    from machi.policy.package import read_packages

    screen, places = asked_screen(), asked_places()
    known = {one.key: one for one in read_packages(places.package_dir(town))}
    if package not in known:
        raise InputError(f"package: {town} has no package `{package}`; {suggestion(package, known)}")
    from machi.explanation import cost_line, effect_rows, head_rows, last_result, measure_rows, named_result

    one = known[package]
    last = named_result(screen, places, result, package) if result else last_result(screen, places, town, package)
    screen.table(f"{one.key} {screen.named(one.name_ja, one.name_en)}", ["", ""], head_rows(screen, one))
    columns = [screen.word(key) for key in ("measure", "dose", "coverage")]
    screen.table(screen.word("measures"), columns, measure_rows(screen, one))
    columns = [screen.word(key) for key in ("measure", "lever", "range", "grade", "timing", "citation")]
    screen.table(screen.word("evidence_rows"), columns, effect_rows(screen, one))
    screen.out.print(cost_line(screen, one))
    screen.out.print(last)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="a new or empty folder / 新しい作業フォルダ")],
    town: Annotated[str, typer.Option("--town", help="the town to begin with / 対象の自治体")] = "iwaki",
) -> None:
    """Lay out a workspace with a town's packages and an experiment / 作業フォルダを用意する"""
    from machi.workspace import lay_out

    screen, places = asked_screen(), asked_places()
    written = lay_out(places, folder, town)
    screen.say("laid_out", folder=folder, files=len(written), experiment=written[-1].stem)
