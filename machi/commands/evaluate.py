"""The command `machi evaluate`: what was counted since a launch, against the town without policy."""

from pathlib import Path
from typing import Annotated

import typer

from abm.errors import InputError
from machi.session import asked_places, asked_screen

from .options import FractionOption, Town, check_fraction

LAUNCH = 2015  # cities' first strategies began in its fiscal year


def evaluate(
    town: Town,
    launch: Annotated[int, typer.Option("--launch", help="year of the register to start from / 開始年")] = LAUNCH,
    end: Annotated[
        int | None, typer.Option("--end", help="compare up to this year (default: the newest register) / 比較の最終年")
    ] = None,
    replications: Annotated[
        int, typer.Option("--replications", min=2, help="runs at central rates, for chance / 偶然の幅の反復数")
    ] = 20,
    draws: Annotated[
        int, typer.Option("--draws", min=20, help="runs with drawn rates, for doubt / 不確かさの反復数")
    ] = 100,
    fraction: FractionOption = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=1, help="the first seed / 乱数の種")] = 1,
    out: Annotated[Path | None, typer.Option("--out", help="also write the table as CSV / 表をCSVにも書く")] = None,
) -> None:
    """Set what was counted beside the town without policy / 実績を「施策なし」の計算と比べる（事後評価）"""
    from machi.evaluation.comparison import compared, lived
    from machi.evaluation.past import past_of
    from machi.evaluation.telling import sentence, show
    from machi.experiment import cores
    from machi.store import make_folder, write_table

    screen = asked_screen()
    check_fraction(fraction)
    if out is not None and (out.suffix != ".csv" or out.is_dir()):
        raise InputError(f"--out: {out} is no CSV file; name one that ends in .csv.")
    past = past_of(asked_places(), town, launch, end)
    screen.note("founding")
    past.ground.founding(fraction)
    screen.note("alignment")
    past.ground.reference()
    with screen.progress(replications + draws, float(replications + draws)) as advance:
        central, drawn = lived(past, replications, draws, fraction, seed, cores(), lambda: advance(1.0))
    table = compared(list(past.counted), list(past.counted.values()), central, drawn, fraction)
    show(screen, past, table, fraction)
    if out is not None:
        make_folder(out.parent)
        write_table(out.parent, out.name, table)
        screen.out.print(sentence(screen.lang, "saved", file=out), markup=False, highlight=False)
