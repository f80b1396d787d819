"""The command `machi rules`: every factor of every rule, its value, range, status and source."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.session import asked_places, asked_screen

if TYPE_CHECKING:
    from abm.known.provenance import Factor

BEGIN, END = "<!-- provenance: begin (written by `machi rules --into ODD.md`) -->", "<!-- provenance: end -->"


def rules(
    town: Annotated[str, typer.Argument(help="a town's name or folder / 自治体の名前またはフォルダ")] = "iwaki",
    out: Annotated[Path | None, typer.Option("--out", help="also as CSV / CSV にも書く")] = None,
    into: Annotated[Path | None, typer.Option("--into", help="renew the table in ODD.md / ODD.md の表を更新")] = None,
) -> None:
    """List what each rule rests on: values, ranges, status, sources / 行動ルールの根拠（値・範囲・出典）の一覧"""
    from abm.known.provenance import RULES, as_markdown, factors

    screen, places = asked_screen(), asked_places()
    found = factors(places.japan_dir(), places.town_dir(town))
    if into is not None:
        renewed = with_table(into, as_markdown(found))
        into.write_text(renewed, encoding="utf-8", newline="\n")
    if out is not None:
        write_csv(found, out)
    columns = [screen.word(key) for key in ("factor", "value", "bounds", "status", "source")]
    for rule, (en, ja, _) in RULES.items():
        rows = [
            (screen.named(one.name_ja, one.name_en), one.value, f"{one.low} - {one.high}" if one.low else "",
             screen.word(f"status_{one.status}"), one.source)
            for one in found if one.rule == rule
        ]  # fmt: skip
        screen.table(screen.named(ja, en), columns, rows)


def with_table(path: Path, table: str) -> str:
    """The text of a document with the table between its two marks renewed (InputError without marks)."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--into: {path} cannot be read; name ODD.md of a checkout.") from error
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise InputError(f"--into: {path} lacks the marks of the provenance table; name ODD.md of a checkout.")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    return f"{head}{BEGIN}\n\n{table}\n\n{END}{tail}"


def write_csv(found: "list[Factor]", out: Path) -> None:
    """Write the factors as CSV (UTF-8 with a mark, for spreadsheets)."""
    import pandas as pd

    table = pd.DataFrame([one._asdict() for one in found])
    try:
        table.to_csv(out, index=False, encoding="utf-8-sig", lineterminator="\n")
    except OSError as error:
        raise InputError(f"--out: {out} cannot be written; name a file in a folder that exists.") from error
