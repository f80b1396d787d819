"""The command `machi portfolios`: the table of every portfolio, which a town's pages look their ticks up in."""

from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.commands.account import ResultName
from machi.session import asked_places, asked_screen

if TYPE_CHECKING:
    from machi.portfolio_table.file import Header


def portfolios(
    result: ResultName,
    write: Annotated[
        bool, typer.Option("--write", help="keep it in policies/TOWN/portfolios.parquet / policies/ に保存する")
    ] = False,
) -> None:
    """Make the page's table of every portfolio of a factorial / 全組み合わせの表（ページのチェック欄用）を作る"""
    from machi.account.folder import result_folder
    from machi.aside import aside
    from machi.portfolio_table import file, making
    from machi.store import read_manifest

    screen, places = asked_screen(), asked_places()
    folder = result_folder(places, result)
    if write and read_manifest(folder).get("quick"):
        raise InputError(f"--write: {folder} is a trial (--quick); run the experiment whole before its table is kept.")
    table = aside(lambda: making.table_of(folder))
    header = table.header
    screen.say(
        "portfolios_made", count=1 << len(header.packages), packages=" ".join(header.packages),
        seeds=len(header.seeds), end=header.end, deviation=_deviation(header),
    )  # fmt: skip
    if not write:
        screen.say("portfolios_unwritten")
        return
    path = places.own_portfolio_table(header.town)
    file.write(path, table)
    screen.say("portfolios_written", file=path, kilobytes=f"{path.stat().st_size / 1e3:,.0f}")


def _deviation(header: "Header") -> str:
    value = header.chance.get(f"population_{header.end}")
    return "-" if value is None else f"{value:,.0f}"
