"""`machi new package|portfolio|experiment|town`: asks questions and writes a valid, commented file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.commands.new_file import (
    BASELINE,
    En,
    Given,
    Ja,
    Key,
    TownName,
    Yes,
    newest_base,
    packages_of,
    say,
    town_asked,
    written,
)
from machi.commands.new_package import package
from machi.commands.town import Census, NameEn, NameJa, Projection, Register, Ssdse, Vital, add
from machi.session import asked_places, asked_screen

if TYPE_CHECKING:
    from machi.drafting.answers import Answers

RANKING, ALL = "ranking", "all"

new_app = typer.Typer(help="Write a new file by answering questions / 質問に答えて新しいファイルを作る")


@new_app.callback()
def new() -> None:
    """Write a new file by answering questions; every answer is also an option / 質問に答えて新しいファイルを作る"""


new_app.command()(package)


@new_app.command()
def portfolio(
    name: Key = None,
    town: TownName = None,
    name_ja: Ja = None,
    name_en: En = None,
    note: Annotated[Given, typer.Option("--note", help="note / 備考")] = None,
    package: Annotated[
        list[str] | None, typer.Option("--package", help="P03=1.0 (may be repeated) / 施策パッケージと強度")
    ] = None,
    yes: Yes = False,
) -> None:
    """Write a portfolio: packages with strengths under a name / 施策の組み合わせに名前を付けて保存する"""
    from machi.arm import assignments
    from machi.drafting import answers as ask
    from machi.drafting.place import check_free, put
    from machi.drafting.portfolio import portfolio_text

    places = asked_places()
    answers = ask.Answers(asked_screen(), yes)
    of = town_asked(answers, places, town)
    answers.say("portfolio_intro", town=of)
    name = answers.ask("NAME", name, "name", ask.read_key)
    path = places.workspace / "policies" / of / "portfolios" / f"{name}.toml"
    check_free(path)

    def read(text: str) -> dict[str, float]:
        strengths = assignments("--package", text.replace(",", " ").split())
        for key, strength in strengths.items():
            ask.one_of(packages_of(places, of))(key)
            if not 0.0 < strength <= 1.0:
                raise InputError(f"the strength of {key} is {strength:g}; give a number above 0, up to 1.")
        if not strengths:
            raise InputError("the answer is empty; name one or more, as in P03=1.0.")
        return strengths

    strengths = answers.ask("--package", " ".join(package) if package else None, "packages_of_portfolio", read)
    ja = answers.ask("--name-ja", name_ja, "name_ja", ask.read_text, "＋".join(strengths))
    en = answers.ask("--name-en", name_en, "name_en", ask.read_text, " + ".join(strengths))
    said = answers.ask("--note", note, "note", ask.read_any_text, "")
    put(places, path, portfolio_text(of, name, (ja, en), said, strengths))
    written(answers, path, "next_portfolio", name=name, town=of, scenario=BASELINE)


@new_app.command()
def experiment(
    name: Key = None,
    town: TownName = None,
    title_ja: Annotated[Given, typer.Option("--title-ja", help="the question in Japanese / 問い（日本語）")] = None,
    title_en: Annotated[Given, typer.Option("--title-en", help="the question in English / 問い（英語）")] = None,
    basis: Annotated[Given, typer.Option("--basis", help="census or register / census か register")] = None,
    scenario: Annotated[Given, typer.Option("--scenario", help="a scenario's name / シナリオ")] = None,
    packages: Annotated[Given, typer.Option("--packages", help="P03,P06 or all / 施策パッケージ")] = None,
    end: Annotated[Given, typer.Option("--end", help="the last year / 目標年")] = None,
    run_time: Annotated[Given, typer.Option("--run-time", help="sustained or plan / 実施期間")] = None,
    designs: Annotated[Given, typer.Option("--designs", help="ranking, or alone,factorial,... / 計算の種類")] = None,
    seed: Annotated[Given, typer.Option("--seed", help="the first seed / 乱数の種")] = None,
    yes: Yes = False,
) -> None:
    """Write an experiment: town, packages, horizon, designs / 実験を作る"""
    from abm.known.scenario import read_scenario
    from abm.known.town import read_town
    from machi.drafting import answers as ask
    from machi.drafting import experiment as draft
    from machi.drafting.place import check_free, put
    from machi.questions.config import RANKED

    places = asked_places()
    answers = ask.Answers(asked_screen(), yes)
    of = town_asked(answers, places, town)
    read, known = read_town(places.town_dir(of), places.japan_dir()), list(packages_of(places, of))
    answers.say("experiment_intro", town=of)
    name = answers.ask("NAME", name, "name", ask.read_key)
    path = places.workspace / "experiments" / f"{name}.toml"
    check_free(path)
    futures = list(places.scenarios(of))
    chosen = answers.ask("--scenario", scenario, "scenario", ask.one_of(futures), BASELINE, known=", ".join(futures))
    future = read_scenario(places.scenario_path(of, chosen))
    bases = ", ".join(read.bases)
    base = answers.ask("--basis", basis, "basis", ask.one_of(read.bases), future.basis, known=bases)
    picked = answers.ask("--packages", packages, "packages", ask.several_of([*known, ALL]), ALL, known=", ".join(known))
    picked = known if ALL in picked else picked
    horizon = answers.ask("--end", end, "end", ask.read_count, str(future.end))
    when = answers.ask("--run-time", run_time, "run_time", ask.one_of(("sustained", "plan")), "sustained")
    others = [one for one in draft.designs() if one not in RANKED]
    answers.say("designs_intro", known=", ".join(others))
    wanted = answers.ask("--designs", designs, "designs", ask.several_of([RANKING, *draft.designs()]), RANKING)
    asked_designs = [one for one in draft.designs() if one in wanted or (RANKING in wanted and one in RANKED)]
    names = (read.name_ja, read.name_en)
    asked = {
        "name": name,
        "title_en": answers.ask(
            "--title-en", title_en, "title_en", ask.read_text,
            f"What do {len(picked)} package(s) do to the population of {names[1]} by {horizon}?",
        ),
        "title_ja": answers.ask(
            "--title-ja", title_ja, "title_ja", ask.read_text,
            f"{names[0]}の{len(picked)}の施策パッケージは{horizon}年の人口をどれだけ変えるか",
        ),
        "town": of, "basis": base, "scenario": chosen, "packages": picked,
        "start": newest_base(places, of, chosen, base), "end": horizon, "run_time": when,
        "seed": answers.ask("--seed", seed, "seed", ask.read_count, "1"),
    }  # fmt: skip
    put(places, path, draft.experiment_text(asked, asked_designs, float(read.census_total[-1].sum())))
    written(answers, path, "next_experiment", name=name)


@new_app.command()
def town(
    name: Annotated[str | None, typer.Argument(help="the folder's name, as in shinmachi / フォルダ名")] = None,
    code: Annotated[Given, typer.Option("--code", help="municipal code, 5 or 6 digits / 団体コード")] = None,
    census: Census = None,
    register: Register = None,
    vital: Vital = None,
    ssdse: Ssdse = None,
    projection: Projection = None,
    name_ja: NameJa = None,
    name_en: NameEn = None,
    yes: Yes = False,
) -> None:
    """Make a town from downloaded files, asking for each / ダウンロードした統計から自治体を作る"""
    from machi.drafting import answers as ask
    from machi.intake.codes import municipal_code
    from machi.intake.folder import check_key, check_place

    places = asked_places()
    answers = ask.Answers(asked_screen(), yes)
    answers.say("town_intro")

    def read_town_key(text: str) -> str:
        check_key(text)
        check_place(places.workspace / "towns" / text, False)
        return text

    name = answers.ask("NAME", name, "town_key", read_town_key)
    five = answers.ask("--code", code, "code", municipal_code)
    kinds = {"census": census, "register": register, "vital": vital, "ssdse": ssdse, "projection": projection}
    if not any(kinds.values()):
        kinds = {kind: _files(answers, kind) for kind in kinds}
    ja = answers.ask("--name-ja", name_ja, "town_name_ja", ask.read_any_text, "") or None
    add(name, five, name_ja=ja, name_en=name_en, prefecture=None, force=False, **kinds)
    say(answers, "next_town", town=name)


def _files(answers: "Answers", kind: str) -> list[str]:
    """The files of one kind, asked for until the answer is empty."""
    from machi.drafting.answers import read_any_text

    found: list[str] = []
    while True:
        file = answers.ask(f"--{kind}", None, kind, _there(read_any_text), "")
        if not file:
            return found
        found.append(file)


def _there(read: Callable[[str], str]) -> Callable[[str], str]:
    """A reader of a file's name that wants the file to be there; FILE=DETAIL names FILE."""

    def read_file(text: str) -> str:
        file = read(text)
        if file and not (Path(file).is_file() or Path(file.rpartition("=")[0]).is_file()):
            raise InputError(f"{file}: there is no such file; give its path.")
        return file

    return read_file
