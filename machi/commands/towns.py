"""The command `machi towns`: the towns there are, and with them side by side a page on one scale."""

from typing import Annotated

import typer

from machi.commands.compare import OutOption, show
from machi.session import asked_places, asked_screen


def towns(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[TOWN]...", help="towns to compare (default: all) / 比べる自治体")
    ] = None,
    out: OutOption = None,
    result: Annotated[
        list[str] | None, typer.Option("--result", help="a result whose packages are shown / 施策の効果を示す結果")
    ] = None,
    end: Annotated[
        int | None, typer.Option("--end", help="the last year (default: the earliest scenario's) / 最終年")
    ] = None,
) -> None:
    """List the towns, or put them side by side per resident / 自治体の一覧、または住民あたりの比較"""
    screen, places = asked_screen(), asked_places()
    if not (names or out or result or end):
        from machi.listings import show_towns

        show_towns(screen, places)
        return
    from machi.comparison.page import LANGS
    from machi.comparison.town_story import edit
    from machi.comparison.towns import read_towns

    found = read_towns(places, names or [], end, result or [])
    show(screen, [edit(found, lang) for lang in LANGS], out)
