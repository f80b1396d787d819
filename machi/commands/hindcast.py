"""The command `machi hindcast`: forecasts from the past with what was known then, and how far they missed."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from machi.session import asked_places, asked_screen

if TYPE_CHECKING:
    from machi.console import Screen
    from machi.hindcast.origins import Question
    from machi.places import Places

DRAWS = 400  # as machi.hindcast.inquiry has it, which is not loaded before it is needed


def hindcast(
    areas: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOWN]...", help="towns or prefectures such as 07 (default: all) / 自治体・都道府県コード"
        ),
    ] = None,
    basis: Annotated[
        Literal["register", "census", "both"], typer.Option("--basis", help="register, census or both / 基準")
    ] = "both",
    launch: Annotated[int | None, typer.Option("--launch", help="forecast from this year only / 予測開始年")] = None,
    end: Annotated[int | None, typer.Option("--end", help="judge by this year only / 検証年")] = None,
    nationality: Annotated[
        Literal["japanese", "total"], typer.Option("--nationality", help="residents of the register / 日本人か総人口か")
    ] = "japanese",
    draws: Annotated[int, typer.Option("--draws", min=20, help="draws of every fan / 予測区間の反復数")] = DRAWS,
    agents: Annotated[
        bool, typer.Option("--agents", help="also the agents, where the town can be founded / エージェントも計算")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="default: results/hindcast / 出力フォルダ")] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="processes (default: all cores) / プロセス数")
    ] = None,
) -> None:
    """Forecast from the past with what was known then, and judge it / 過去の時点からの予測を実績で検証する"""
    from machi.hindcast.origins import BASES, Question

    bases = BASES if basis == "both" else (basis,)
    question = Question(bases, nationality, launch, end)
    run_hindcast(asked_screen(), asked_places(), areas or [], question, draws, agents, out, workers)


def judge(screen: "Screen", places: "Places", towns: Sequence[str], folder: Path) -> None:
    """Hindcasts of the named towns and all prefectures, from every launch, written to `folder`/hindcast."""
    from machi.hindcast.origins import Question, subjects

    prefectures = [one.key for one in subjects(places) if not one.is_town]
    run_hindcast(screen, places, [*towns, *prefectures], Question(), DRAWS, False, folder / "hindcast")


def run_hindcast(
    screen: "Screen",
    places: "Places",
    names: Sequence[str],
    question: "Question",
    draws: int,
    agents: bool,
    out: Path | None,
    workers: int | None = None,
) -> None:
    """Carry out, print and write the hindcasts that are asked for (InputError for what cannot be)."""
    from machi.experiment import cores
    from machi.hindcast.inquiry import SEED, carry_out, inquire
    from machi.hindcast.printing import show
    from machi.hindcast.result import check_folder, findings, write_result
    from machi.store import make_folder

    folder = out or places.results_dir("hindcast")
    check_folder(folder)
    make_folder(folder.parent)
    began = time.perf_counter()
    inquiry = inquire(places, names, question)
    with screen.progress(len(inquiry.origins), float(len(inquiry.origins))) as advance:
        judged = carry_out(inquiry, draws, agents, lambda: advance(1.0), workers or cores())
    found = findings(inquiry, judged)
    seconds = {"judging": round(time.perf_counter() - began, 2)}
    show(screen, inquiry, found)
    write_result(folder, inquiry, found, {"draws": draws, "seed": SEED, "agents": agents}, seconds)
    screen.say("written", folder=folder)
