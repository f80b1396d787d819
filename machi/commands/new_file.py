"""What the commands of `machi new` share: their options, the town that is asked about, what they say at the end."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError

if TYPE_CHECKING:
    from machi.drafting.answers import Answers
    from machi.places import Places

BASELINE = "baseline"
Given = str | None
TownName = Annotated[str | None, typer.Option("--town", help="a town's name / 自治体")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="ask nothing, take the defaults / 質問せず既定値を使う")]
Key = Annotated[str | None, typer.Argument(help="the file's name without .toml / ファイル名（.toml を除く）")]
Ja = Annotated[Given, typer.Option("--name-ja", help="name in Japanese / 日本語の名称")]
En = Annotated[Given, typer.Option("--name-en", help="name in English / 英語の名称")]


def town_asked(answers: "Answers", places: "Places", town: str | None) -> str:
    """The town that is asked about: the only one of the workspace's, where there is one, by default."""
    from machi.drafting.answers import one_of

    known = places.towns()
    mine = [name for name in known if (places.workspace / "policies" / name).is_dir()]
    default = mine[0] if len(mine) == 1 else "iwaki"
    return answers.ask("--town", town, "town", one_of(known), default, known=", ".join(known))


def packages_of(places: "Places", town: str) -> dict[str, tuple[str, str]]:
    """The keys of a town's packages with first year and last year of the plan; none for a town without packages."""
    from machi.policy.package import read_packages

    try:
        folder = places.package_dir(town)
    except InputError:
        return {}
    times = {one.key: one.run_times for one in read_packages(folder)}
    return {key: (str(one.first_year), str(one.plan_last_year)) for key, one in times.items()}


def residents_of(places: "Places", town: str) -> float:
    """The residents of a town in its newest census."""
    from abm.known.town import read_town

    return float(read_town(places.town_dir(town), places.japan_dir()).census_total[-1].sum())


def newest_base(places: "Places", town: str, scenario: str, basis: str) -> int:
    """The newest base that a town can be founded on."""
    from machi.runs.groundwork import read_ground

    return read_ground(places, town, scenario, basis).start


def say(answers: "Answers", key: str, /, **values: object) -> None:
    """Print a sentence, with or without questions."""
    from machi.drafting.answers import sentence

    answers.screen.out.print(sentence(answers.screen.lang, key, **values), markup=False)


def written(answers: "Answers", path: Path, following: str, /, **values: object) -> None:
    say(answers, "written", file=path)
    say(answers, following, **values)
