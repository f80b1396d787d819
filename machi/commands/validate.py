"""The command `machi validate`: what is printed, what the nation projects and what the past says, beside ours."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from machi.session import asked_places, asked_screen
from machi.words import LANGUAGES

if TYPE_CHECKING:
    from machi.console import Screen
    from machi.places import Places

TOWNS = ("iwaki", "aizuwakamatsu", "kasama", "ninohe")


def validate(
    towns: Annotated[list[str] | None, typer.Argument(help="towns (default: all four) / 自治体（省略時は4市）")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="default: results/validation / 出力フォルダ")] = None,
    hindcasts: Annotated[
        bool, typer.Option("--hindcasts/--no-hindcasts", help="also judge past forecasts / 過去の予測の検証も行う")
    ] = True,
    behaviour: Annotated[
        bool, typer.Option("--behaviour", help="check how people behave, and nothing else / 行動の検証だけを行う")
    ] = False,
) -> None:
    """Compare with printed visions, the national projection and the past / 公表値・社人研推計・過去の実績と比べる"""
    if behaviour:
        run_behaviour(asked_screen(), asked_places(), towns or list(TOWNS), out)
        return
    run_validation(asked_screen(), asked_places(), towns or list(TOWNS), out, hindcasts)


def run_validation(screen: "Screen", places: "Places", towns: Sequence[str], out: Path | None, hindcasts: bool) -> None:
    """Print the tables, write them as CSV with one sheet of pictures, and judge hindcasts where asked."""
    import pandas as pd

    from machi.store import make_folder, write_table
    from machi.validation.figures import draw_validation, panel_of
    from machi.validation.influence import influence
    from machi.validation.official import official_rows
    from machi.validation.published import comparisons

    folder = out or places.results_dir("validation")
    printed = [row for town in towns for row in comparisons(places, town)]
    official = [row for town in towns for row in official_rows(places, town)]
    graded = [influence(places, town) for town in towns]
    panels = [panel_of(places, town, printed) for town in towns]
    make_folder(folder)
    tables: dict[str, list[Any]] = {"published": printed, "official": official, "influence": graded}
    for name, rows in tables.items():
        if rows:
            screen.records(screen.word(f"validation_{name}"), _shown(rows))
            write_table(folder, f"{name}.csv", pd.DataFrame([row._asdict() for row in rows]))
    for lang in LANGUAGES:
        draw_validation(panels, lang, folder)
    if hindcasts:
        from machi.commands.hindcast import judge

        judge(screen, places, towns, folder)
    screen.say("written", folder=folder)


def _shown(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows as the terminal shows them: shares as percent, long texts left to the files."""
    shown = []
    for row in rows:
        record = {
            key: value
            for key, value in row._asdict().items()
            if key not in ("fitted", "town", "status", "is_upper_bound")
        }
        for key in ("difference", "misplaced"):
            if key in record:
                record[key] = f"{100 * record[key]:+.2f} %"
        if "met" in record:
            record["met"] = "OK" if record["met"] else "-"
        shown.append(record)
    return shown


def run_behaviour(screen: "Screen", places: "Places", towns: Sequence[str], out: Path | None) -> None:
    """Check marriage, childbirth, moves, homes and work of each town; print, and write CSV and a picture."""
    import pandas as pd

    from machi.store import make_folder, write_table
    from machi.validation.behaviour import behaviour_checks
    from machi.validation.behaviour_figure import draw_checks

    folder = out or places.results_dir("validation")
    make_folder(folder)
    make_folder(places.cache_dir())
    for town in towns:
        checks = behaviour_checks(places, town, screen.note)
        key = places.town_dir(town).name
        rows = [
            (screen.named(one.label_ja, one.label_en), one.target, one.low, one.high, one.simulated,
             "OK" if one.met else "-", screen.word(f"status_{one.status}"), one.source)
            for one in checks
        ]  # fmt: skip
        columns = [
            screen.word(name) for name in ("check", "target", "low", "high", "simulated", "met", "status", "source")
        ]
        screen.table(
            screen.word("behaviour_checks", town=key, met=sum(one.met for one in checks), all=len(checks)),
            columns,
            rows,
        )
        table = pd.DataFrame([{**one._asdict(), "met": one.met} for one in checks])
        write_table(folder, f"behaviour_{key}.csv", table)
        for lang in LANGUAGES:
            draw_checks(checks, key, lang, folder, f"behaviour_{key}")
    screen.say("written", folder=folder)
