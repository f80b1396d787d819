"""The command `machi compare`: results, or portfolios of one town, side by side in the terminal and on a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.session import asked_places, asked_screen

if TYPE_CHECKING:
    from machi.comparison.page import Edition
    from machi.console import Screen
    from machi.places import Places

MOST = 3  # side by side: more cannot be read
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.html", help="the page to write / 書き出すページ")
]


def compare(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="A B [C]",
            help="results by name or folder, or portfolios as iwaki:P03+P06 / 結果の名前・フォルダ、または組み合わせ",
        ),
    ],
    out: OutOption = None,
) -> None:
    """Put two or three results, or portfolios of one town, side by side / 2～3の結果や施策の組み合わせを並べて比べる

    A portfolio is TOWN:P03+P06 (or TOWN:all, TOWN:none), looked up in the stored table of every portfolio.
    """
    screen, places = asked_screen(), asked_places()
    if not 2 <= len(names) <= MOST:
        raise InputError(f"compare: {len(names)} name(s) given; give two or three results, or portfolios of one town.")
    portfolios = [":" in name and not Path(name).is_dir() for name in names]
    if any(portfolios) and not all(portfolios):
        raise InputError("compare: results and portfolios do not stand side by side; give names of one kind.")
    show(screen, _portfolio_editions(places, names) if all(portfolios) else _editions(places, names), out)


def _editions(places: "Places", names: Sequence[str]) -> "list[Edition]":
    from machi.comparison.asked import read_asked
    from machi.comparison.page import LANGS
    from machi.comparison.side import side_by_side
    from machi.comparison.story import edit
    from machi.store import MANIFEST

    towns = [name for name in names if name in places.towns() and not (places.results_dir(name) / MANIFEST).is_file()]
    if towns:
        raise InputError(
            f"compare: {towns[0]} is a town and no result; put towns side by side with `machi towns {' '.join(names)}`."
        )
    side = side_by_side(read_asked(places, names))
    return [edit(side, lang) for lang in LANGS]


def _portfolio_editions(places: "Places", names: Sequence[str]) -> "list[Edition]":
    from machi.comparison.page import LANGS
    from machi.comparison.portfolios import edit, read_chosen

    chosen = read_chosen(places, names)
    return [edit(chosen, lang) for lang in LANGS]


def show(screen: "Screen", editions: "Sequence[Edition]", out: Path | None) -> None:
    """Print an edition's headline and tables in the user's language, and write the page where one is asked for."""
    from rich.text import Text

    from machi.comparison.page import tables_of, write_page

    if out is not None and out.is_dir():
        raise InputError(f"--out: {out} is a folder; name an HTML file in it.")
    edition = next(one for one in editions if one.lang == screen.lang)
    screen.out.print(Text(edition.title))
    screen.out.print(Text(edition.subtitle))
    for sentence in edition.headline:
        screen.out.print(Text(sentence))
    for section in edition.sections:
        if section.boxed:  # what may not be compared comes before any figure
            screen.out.print(Text(f"\n{section.title}"))
            for part in section.parts:
                for sentence in getattr(part, "sentences", None) or [getattr(part, "words", "")]:
                    screen.out.print(Text(f"  {sentence}"))
    for table in tables_of(edition):
        rows = [[f"{cell.text} {cell.small}".strip() or cell.grade for cell in row] for row in table.rows]
        screen.out.print()
        screen.table(table.caption, table.columns, rows)
    if out is not None:
        write_page(out, editions)
        screen.say("page", page=out)
