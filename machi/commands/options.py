"""Arguments and options that several commands share."""

from typing import Annotated, Literal

import typer

from abm.errors import InputError

Town = Annotated[str, typer.Argument(help="a town's name or folder / 自治体の名前またはフォルダ")]
ScenarioName = Annotated[str, typer.Option("--scenario", help="a scenario's name or file / シナリオ")]
Basis = Annotated[str | None, typer.Option("--basis", help="census or register / census か register")]
Start = Annotated[int | None, typer.Option("--start", help="the base year (default: the newest) / 基準年")]
End = Annotated[int | None, typer.Option("--end", help="the last stock (default: the scenario's) / 最終年")]
FractionOption = Annotated[
    float, typer.Option("--fraction", help="share of the people simulated, above 0 to 1 / 抽出率")
]

PackageOption = Annotated[
    list[str] | None, typer.Option("--package", help="a package and its strength, P03=1.0 / 施策と強度")
]
PortfolioOption = Annotated[
    str | None,
    typer.Option("--portfolio", help="a portfolio that has a name (machi packages) / 名前を付けた組み合わせ"),
]
LeverOption = Annotated[list[str] | None, typer.Option("--lever", help="a lever by hand, childbirth=1.1 / レバーの値")]
FromYearOption = Annotated[
    int | None, typer.Option("--from-year", help="first year of --lever (default: the start) / 開始年")
]
RunTimeOption = Annotated[
    Literal["sustained", "plan"], typer.Option("--run-time", help="how long packages run / 実施期間")
]


def check_from_year(from_year: int | None, lever: list[str] | None) -> None:
    """Refuse a first year of levers where none is set by hand (InputError)."""
    if from_year is not None and not lever:
        raise InputError("--from-year: there is no --lever for it to hold; add one or leave it out.")


def check_fraction(fraction: float) -> None:
    """Refuse a share of the people that is none (InputError)."""
    if not 0.0 < fraction <= 1.0:
        raise InputError(f"--fraction: {fraction:g} is no share; give a number above 0, up to 1.")
