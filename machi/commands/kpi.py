"""The command `machi kpi`: the indicators and targets that a city prints, beside what the simulation has of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from abm.errors import InputError
from machi.session import asked_language, asked_places

from .options import Basis, check_fraction

if TYPE_CHECKING:
    from machi.console import Screen
    from machi.kpi.arms import Arms, Question
    from machi.kpi.telling import Compared
    from machi.places import Places
    from machi.policy.portfolio import RunTime

SCENARIO, SEEDS = "baseline", 4


def kpi(
    name: Annotated[
        str, typer.Argument(metavar="TOWN|RESULT", help="a town, or a result's folder or name / 自治体か結果")
    ],
    scenario: Annotated[str | None, typer.Option("--scenario", help=f"default: {SCENARIO} / シナリオ")] = None,
    basis: Basis = None,
    fraction: Annotated[float | None, typer.Option("--fraction", help="share simulated (default: 1) / 抽出率")] = None,
    replications: Annotated[
        int | None, typer.Option("--replications", min=1, help=f"how many seeds (default: {SEEDS}) / 反復数")
    ] = None,
    run_time: Annotated[
        Literal["sustained", "plan"] | None, typer.Option("--run-time", help="how long packages run / 実施期間")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="write the sheet as .csv or .xlsx / 書き出すCSVかExcel")
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="ja or en / 言語")] = None,
) -> None:
    """Print a city's KPIs and targets beside the simulation / 市のKPI・目標値とシミュレーションを並べて示す"""
    from machi.console import Screen
    from machi.words import language

    screen, places = Screen(language(lang or asked_language())), asked_places()
    if out is not None and (out.is_dir() or out.suffix.lower() not in (".csv", ".xlsx")):
        raise InputError(f"--out: {out} is no file that ends in .csv or .xlsx; name one.")
    is_town = name in places.towns()
    options = {"--scenario": scenario, "--basis": basis, "--fraction": fraction, "--replications": replications,
               "--run-time": run_time}  # fmt: skip
    given = [option for option, value in options.items() if value is not None]
    if not is_town and given:
        raise InputError(f"{given[0]}: a result has its own conditions; leave it out, or name a town.")
    check_fraction(1.0 if fraction is None else fraction)
    if is_town:
        lasting = run_time or "sustained"
        question = _of_town(places, name, scenario or SCENARIO, basis, fraction, replications, lasting)
        _show(screen, places, _lived(screen, places, question), None, out)
        return
    arms, compared = _of_result(screen, places, name)
    _show(screen, places, arms, compared, out)


def _of_town(
    places: "Places", town: str, scenario: str, basis: str | None, fraction: float | None, replications: int | None,
    run_time: "RunTime",
) -> "Question":  # fmt: skip
    """The question of a town with all its packages, to the scenario's end."""
    from machi.kpi.arms import Question
    from machi.policy.package import read_packages

    keys = tuple(one.key for one in read_packages(places.package_dir(town)))
    seeds = tuple(range(1, (replications or SEEDS) + 1))
    return Question(town, scenario, basis, None, None, keys, seeds, fraction or 1.0, run_time)


def _of_result(screen: "Screen", places: "Places", name: str) -> "tuple[Arms, Compared]":
    """The two arms of a result lived again, and how far they are from what it keeps."""
    from machi.account.folder import result_folder, verified_files
    from machi.kpi.arms import asked_by, farthest
    from machi.kpi.telling import Compared
    from machi.places import suggestion
    from machi.store import MANIFEST, read_manifest

    try:
        folder = result_folder(places, name)
    except InputError as error:
        known = [*places.towns(), *(path.parent.name for path in places.results().glob(f"*/{MANIFEST}"))]
        raise InputError(f"kpi: there is neither a town nor a result `{name}`; {suggestion(name, known)}") from error
    manifest = read_manifest(folder)
    verified_files(folder, manifest)
    arms = _lived(screen, places, asked_by(folder, manifest))
    return arms, Compared(str(manifest.get("name", name)), farthest(folder, arms))


def _lived(screen: "Screen", places: "Places", question: "Question") -> "Arms":
    """Both arms, after a word on stderr."""
    from machi.kpi.arms import lived
    from machi.kpi.targets import read_targets
    from machi.kpi.telling import words

    read_targets(places, question.town)  # a slip is told before anything is simulated
    screen.side.print(words(screen.lang)["living"].format(seeds=len(question.seeds)), markup=False)
    return lived(places, question)


def _show(screen: "Screen", places: "Places", arms: "Arms", compared: "Compared | None", out: Path | None) -> None:
    """Print the sheet, and write it where asked."""
    from machi.kpi.sheet import sheet_of
    from machi.kpi.targets import read_targets
    from machi.kpi.telling import short_lines, words
    from machi.store import make_folder
    from machi.workbook.book import write_book
    from machi.workbook.export import write_for_office
    from machi.workbook.gathering import kpi_of
    from machi.workbook.indicators import kpi_sheet

    said = words(screen.lang)
    told = kpi_of(places, arms, screen.lang, compared)
    rows = sheet_of(read_targets(places, arms.asked.town).rows, arms)
    columns, lines = short_lines(rows, told, screen.lang)
    for sentence in told.head:
        screen.out.print(sentence, markup=False)
    screen.table(told.title, columns, lines)
    absent = told.table[[row.verdict == "not_modelled" for row in rows]]
    shown = [said[key] for key in ("package", "indicator", "note")]
    screen.table(said["not_modelled_list"], shown, absent[shown].to_numpy().tolist())
    if out is None:
        return
    make_folder(out.parent)
    if out.suffix.lower() == ".xlsx":
        write_book(out, [kpi_sheet(told, "KPI", screen.lang)], screen.lang)
    else:
        write_for_office(out, told.table)
    screen.out.print(said["written"].format(file=out, rows=len(rows), modelled=len(lines)), markup=False)
