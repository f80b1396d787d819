"""The command `machi portfolios`: the table of every portfolio, which a town's pages look their ticks up in."""

from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.session import asked_places, asked_screen

if TYPE_CHECKING:
    from machi.portfolio_table.file import PortfolioTable


def portfolios(
    result: Annotated[
        str | None, typer.Argument(help="a finished factorial, by name or folder / 全組み合わせの結果")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="keep it in policies/TOWN/portfolios.parquet / policies/ に保存する")
    ] = False,
    recheck: Annotated[
        str | None,
        typer.Option("--recheck", help="a TOWN: does the code still give its stored table? / 保存済みの表を再確認する"),
    ] = None,
) -> None:
    """Make the page's table of every portfolio of a factorial / 全組み合わせの表（ページのチェック欄用）を作る"""
    if (result is None) == (recheck is None):
        raise InputError("portfolios: name a RESULT to make a table of, or a town with --recheck TOWN; one of them.")
    if recheck is not None:
        if write:
            raise InputError("--write: it goes with a RESULT; --recheck keeps what it confirms by itself.")
        _recheck(recheck)
    elif result is not None:
        _make(result, write)


def _recheck(town: str) -> None:
    """Simulate some portfolios of a town's stored table again; where they are the same, it is of the present code."""
    from machi.portfolio_table.file import read, write
    from machi.recheck import portfolios_asked, rechecked

    screen, places = asked_screen(), asked_places()
    path = places.portfolio_table(town)
    if path is None:
        raise InputError(f"--recheck: `{town}` has no portfolios.parquet; make one of a [factorial] result.")
    confirmed = rechecked(path, read(path), places, screen)
    kept = places.own_portfolio_table(town)
    write(kept, confirmed)
    count = len(portfolios_asked(len(confirmed.header.packages))) * len(confirmed.header.seeds)
    screen.say("portfolios_confirmed", file=kept, count=count)


def _make(result: str, write: bool) -> None:
    """The table of a result that holds every portfolio, kept where `write` says so."""
    from machi.account.folder import result_folder
    from machi.portfolio_table import file, making
    from machi.runs.aside import aside
    from machi.store import read_manifest

    screen, places = asked_screen(), asked_places()
    folder = result_folder(places, result)
    if write and read_manifest(folder).get("quick"):
        raise InputError(f"--write: {folder} is a trial (--quick); run the experiment whole before its table is kept.")
    table = aside(lambda: making.table_of(folder))
    header, least, most = table.header, *_deviations(table)
    screen.say(
        "portfolios_made", count=1 << len(header.packages), packages=" ".join(header.packages),
        seeds=len(header.seeds), end=header.end, least=least, most=most,
    )  # fmt: skip
    if not write:
        screen.say("portfolios_unwritten")
        return
    path = places.own_portfolio_table(header.town)
    file.write(path, table)
    screen.say("portfolios_written", file=path, kilobytes=f"{path.stat().st_size / 1e3:,.0f}")


def _deviations(table: "PortfolioTable") -> tuple[str, str]:
    """The least and the largest deviation of one seed's difference, of what is lost when one package is left out."""
    from machi.portfolio_table.spread import deviation, horizon, left_out

    found = deviation(table.header, horizon(table.header), left_out(table))
    return ("-", "-") if found is None else (f"{found.min():,.0f}", f"{found.max():,.0f}")
