"""The commands on towns: `machi town add` makes a town folder from the files that a planner downloads."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.session import asked_places, asked_screen

if TYPE_CHECKING:
    from machi.console import Screen
    from machi.intake.folder import Identity
    from machi.intake.gaps import Gap
    from machi.intake.tidy import Reading
    from machi.places import Places

town_app = typer.Typer(help="Bring your own town / 自分の自治体を加える")

Files = list[str] | None
Census = Annotated[
    Files, typer.Option("--census", help="census by sex and age, FILE or FILE=2015 / 国勢調査 男女・年齢別")
]
Register = Annotated[
    Files, typer.Option("--register", help="residents by age, FILE or FILE=2014-01-01,total / 住基 年齢階級別人口")
]
Vital = Annotated[
    Files, typer.Option("--vital", help="births, deaths, moves, as --register / 住基 人口・世帯数・人口動態")
]
Ssdse = Annotated[Files, typer.Option("--ssdse", help="SSDSE-A (any editions) / SSDSE-市区町村")]
Projection = Annotated[Files, typer.Option("--projection", help="IPSS projection / 社人研 将来推計人口")]
NameJa = Annotated[str | None, typer.Option("--name-ja", help="default: as in the files / 日本語名")]
NameEn = Annotated[str | None, typer.Option("--name-en", help="default: NAME / 英語名")]
PREFECTURES = "prefectures.toml"  # the areas that have tables in towns/japan


@town_app.callback()
def town() -> None:
    """Bring your own town / 自分の自治体を加える"""


@town_app.command()
def add(
    name: Annotated[str, typer.Argument(help="the folder's name, as in shinmachi / フォルダ名（英小文字）")],
    code: Annotated[str, typer.Option("--code", help="municipal code, 5 or 6 digits / 団体コード")],
    census: Census = None,
    register: Register = None,
    vital: Vital = None,
    ssdse: Ssdse = None,
    projection: Projection = None,
    name_ja: NameJa = None,
    name_en: NameEn = None,
    prefecture: Annotated[
        str | None, typer.Option("--prefecture", help="two digits (default: of the code) / 都道府県コード")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace the tables of a town / 既存の表を置き換える")] = False,
) -> None:
    """Make a town from downloaded files / ダウンロードしたファイルから自治体のフォルダを作る

    Give --census, --register and --vital as often as there are files. CSV (Shift_JIS, UTF-8), xls and xlsx are read.
    Least: two censuses, or one with the register of two years five or more apart and the flows between. With
    SSDSE-A the town can also be founded person by person.
    """
    from machi.intake.codes import municipal_code
    from machi.intake.folder import check_key, check_place, gather, write_town
    from machi.intake.gaps import can_found, gaps

    screen, places = asked_screen(), asked_places()
    five = municipal_code(code)
    folder = places.workspace / "towns" / name
    check_key(name)
    check_place(folder, force)
    given = {"census": census, "register": register, "vital": vital, "ssdse": ssdse, "projection": projection}
    readings = list(_read(given, five))
    tables = gather(readings)
    identity = _identity(name, five, readings, (name_ja, name_en), prefecture or five[:2])
    names = (identity.prefecture_ja, identity.prefecture_en)
    write_town(folder, identity, tables, readings, force, lambda new: _proof(new, places, can_found(tables)))
    _show(screen, readings, gaps(tables, identity.prefecture, names, _areas(places.japan_dir())))
    screen.out.print(screen.named(f"書き込みました: {folder}", f"Written: {folder}"), markup=False)


def _read(given: dict[str, Files], code: str) -> "Iterable[Reading]":
    """The readings of all files, kind by kind (InputError for the first wrong one, or when there is no file)."""
    from machi.intake.kinds import read_file, split_said

    if not any(given.values()):
        raise InputError("No file is given: add two censuses (--census), or files for --register and --vital.")
    for kind, files in given.items():
        for text in files or ():
            path, said = split_said(kind, text)
            yield read_file(kind, path, code, said)


def _identity(
    key: str, code: str, readings: "Iterable[Reading]", names: tuple[str | None, str | None], prefecture: str
) -> "Identity":
    """What town.toml says of the town; the Japanese name is taken from the files where it is not given."""
    from machi.intake.folder import Identity
    from machi.intake.prefectures import prefecture_names

    of_prefecture = prefecture_names(prefecture)
    if of_prefecture is None:
        raise InputError(f"--prefecture: {prefecture!r} is no prefecture; write two digits from 01 to 47.")
    ja = names[0] or next((reading.name_ja for reading in readings if reading.name_ja), "")
    if not ja:
        raise InputError("--name-ja: no file says the town's Japanese name; write it.")
    en = names[1] or re.sub("_+", " ", key).title()
    return Identity(key, code, ja, en, prefecture, *of_prefecture)


def _areas(japan: Path) -> set[str]:
    """The codes of the areas that have tables of their own in towns/japan."""
    from abm.reading.sources import read_toml

    return set(read_toml(japan / PREFECTURES))


def _proof(folder: Path, places: "Places", whole: bool) -> None:
    """Read a new folder as the model will, for projecting and if `whole` for founding (InputError if unsound)."""
    from abm.known.setting import read_setting
    from abm.known.town import read_town

    try:
        read_setting(folder, places.japan_dir())
        if whole:
            read_town(folder, places.japan_dir())
    except InputError as error:  # the folder is still aside: say where it would have stood
        raise InputError(str(error).replace(str(folder), str(places.workspace / "towns" / folder.name))) from error


def _show(screen: "Screen", readings: "Iterable[Reading]", missing: "Iterable[Gap]") -> None:
    """Print what was read, what is missing and what stands in."""
    from machi.intake.kinds import KINDS

    of = screen.named
    rows = [[reading.path.name, of(*KINDS[reading.kind]), _span(reading.years), reading.count] for reading in readings]
    screen.table(
        of("読み込んだもの", "What was read"),
        [of("ファイル", "File"), of("種類", "Kind"), of("年", "Years"), of("行数", "Rows")],
        rows,
    )
    screen.table(
        of("足りないものと代わりに使うもの", "What is missing, and what stands in"),
        [of("足りないもの", "Missing"), of("代わり", "Stands in")],
        [[of(gap.missing_ja, gap.missing_en), of(gap.instead_ja, gap.instead_en)] for gap in missing],
    )


def _span(years: tuple[int, ...]) -> str:
    """Years as a text: each of a few, else the first and last."""
    return ", ".join(map(str, years)) if len(years) <= 3 else f"{years[0]}-{years[-1]} ({len(years)})"
