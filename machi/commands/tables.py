"""The command `machi tables`: a result's tables as an Excel workbook, CSV for Excel and Parquet."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from machi.commands.account import ResultName
from machi.session import asked_language, asked_places

if TYPE_CHECKING:
    from machi.workbook.export import Format


def tables(
    result: ResultName,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="the folder to write / 書き出すフォルダ")],
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="xlsx, csv or parquet (default: all) / 形式（省略時はすべて）")
    ] = None,
    stored: Annotated[
        bool,
        typer.Option("--stored", help="simulate nothing; ages of the years kept only / 計算せず保存された年だけ"),
    ] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="ja or en / 言語")] = None,
) -> None:
    """Write a result's tables for Excel and others / 結果の表を Excel・CSV・Parquet で書き出す"""
    from machi.account.folder import result_folder
    from machi.console import Screen
    from machi.words import language
    from machi.workbook.export import FIGURES, export
    from machi.workbook.wording import words

    screen, places = Screen(language(lang or asked_language())), asked_places()
    wanted, said = _formats(formats), words(screen.lang)

    def living(seeds: int) -> None:
        screen.side.print(said["living"].format(seeds=seeds), markup=False)

    folder = result_folder(places, result)
    files, found = export(places, folder, out, wanted, screen.lang, stored, living)
    screen.out.print(said["written"].format(folder=out, files=len(files)), markup=False)
    if found.ages:
        screen.side.print(found.ages, markup=False)
    if found.told is None:
        screen.side.print(said["kpi_absent"].format(problem=found.no_kpi), markup=False)
    if not any(file.parent.name == FIGURES for file in files):
        screen.side.print(said["figures_absent"].format(folder=folder), markup=False)


def _formats(asked: list[str] | None) -> "list[Format]":
    """The formats that were asked for, each once (InputError for one that there is not)."""
    from abm.errors import InputError
    from machi.places import suggestion
    from machi.workbook.export import FORMATS

    for name in asked or []:
        if name not in FORMATS:
            raise InputError(f"--format: there is no format `{name}`; {suggestion(name, FORMATS)}")
    return [one for one in FORMATS if not asked or one in asked]
