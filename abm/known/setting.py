"""An area in its surroundings: its own stocks and flows, its prefecture's and the nation's, and the schedules.

This is all that a cohort projection needs; founding people takes a `Town`, which knows households and work as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from abm.errors import InputError
from abm.known.area import Area, Read, read_area, read_disturbed
from abm.known.behaviour import Behaviour, read_behaviour
from abm.known.nation import Schedules, read_schedules
from abm.reading.sources import Assumption, Source, day, read_assumptions, read_sources, read_toml, toml_number
from abm.reading.tables import Table, read_table

NATION = "00"
SCHEMA = 1
TOWN_TEXTS = ("key", "code", "name_ja", "name_en", "prefecture", "prefecture_ja", "prefecture_en")
TOWN_FIELDS = {"schema", "bases", "evacuees", "disturbed", "published", *TOWN_TEXTS}
WITHHELD = 0.005  # of a prefecture's or the nation's register: ages of a few foreigners are not disclosed

Series = Mapping[str, Mapping[int, float]]  # item -> calendar year -> value


@dataclass(frozen=True, eq=False)
class Setting:
    """An area, the prefecture and the nation that it is compared with, and what is known of the nation's schedules.

    `prefecture` is the nation where towns/japan has no tables of the prefecture, and for a prefecture itself;
    `yearly` holds what is counted by calendar year in the areas of towns/japan (births, marriages ...), by area key.
    """

    area: Area
    prefecture: Area
    nation: Area
    yearly: Mapping[str, Series]
    schedules: Schedules
    assumptions: Mapping[str, Assumption]
    behaviour: Behaviour


def reader(folder: Path, known_by: date | None) -> tuple[Read, dict[str, Source]]:
    """A function that reads a table of the folder, and the folder's sources."""
    sources = read_sources(folder)

    def read(name: str, keys: tuple[str, ...], numbers: tuple[str, ...], **how: Any) -> Table:
        return read_table(folder, name, keys, numbers, sources, known_by, **how)

    return read, sources


def check_fields(path: Path, toml: Mapping[str, Any]) -> None:
    """InputError where a town.toml is of another schema or holds a field that there is not."""
    if toml.get("schema") != SCHEMA:
        raise InputError(f"{path}: schema is {toml.get('schema')!r}; write schema = {SCHEMA}.")
    for name in toml:
        if name not in TOWN_FIELDS:
            raise InputError(f"{path}: the field {name} is unknown; remove it or correct its spelling.")


def read_prefectures(japan_dir: Path) -> dict[str, dict[str, Any]]:
    """Names and disturbed times of the areas in towns/japan by two-digit code."""
    path = japan_dir / "prefectures.toml"
    entries = read_toml(path)
    for code, entry in entries.items():
        for name in ("name_ja", "name_en"):
            if not isinstance(entry, dict) or not isinstance(entry.get(name), str):
                raise InputError(f"{path}, [{code}]: the field {name} is missing or not text; write it in quotes.")
    if NATION not in entries:
        raise InputError(f"{path}: the nation, [{NATION}], is missing; add it with name_ja and name_en.")
    return entries


def borrowed_code(japan_dir: Path, prefecture: str) -> str:
    """The area that stands in for a prefecture: itself where its tables are there, else the nation."""
    return prefecture if prefecture in read_prefectures(japan_dir) else NATION


def _area_of(japan_dir: Path, read: Read, code: str) -> Area:
    entry = read_prefectures(japan_dir)[code]
    disturbed = read_disturbed(japan_dir / "prefectures.toml", entry.get("disturbed", []))
    names = (entry["name_ja"], entry["name_en"])
    return read_area(read, code, names, {"area": code}, WITHHELD, disturbed=disturbed)


def read_setting(town_dir: Path, japan_dir: Path, known_by: date | None = None) -> Setting:
    """A town of a folder such as towns/iwaki in its surroundings; known_by keeps only rows known by that day.

    Raises InputError, one sentence naming file, row or field and remedy, where a table or source is missing, a
    figure is negative or not a number, or totals disagree.
    """
    path = town_dir / "town.toml"
    toml = read_toml(path)
    check_fields(path, toml)
    for name in ("key", "name_ja", "name_en", "prefecture"):
        if not isinstance(toml.get(name), str):
            raise InputError(f"{path}: the field {name} is missing or not text; write it in quotes.")
    read, _ = reader(town_dir, known_by)
    area = read_area(
        read, toml["key"], (toml["name_ja"], toml["name_en"]), {},
        **read_evacuees(path, toml, known_by),
        disturbed=read_disturbed(path, toml.get("disturbed", [])),
    )  # fmt: skip
    return _setting(area, japan_dir, borrowed_code(japan_dir, toml["prefecture"]), known_by)


def read_prefecture(japan_dir: Path, code: str, known_by: date | None = None) -> Setting:
    """A prefecture of towns/japan in its surroundings (the nation stands in for what is above it)."""
    if code not in read_prefectures(japan_dir):
        raise InputError(f"{japan_dir / 'prefectures.toml'}: there is no area {code}; add it with its tables.")
    return _setting(None, japan_dir, code, known_by)


def _setting(area: Area | None, japan_dir: Path, code: str, known_by: date | None) -> Setting:
    read, _ = reader(japan_dir, known_by)
    nation = _area_of(japan_dir, read, NATION)
    own = nation if code == NATION else _area_of(japan_dir, read, code)
    return Setting(
        area=own if area is None else area,
        prefecture=nation if area is None else own,
        nation=nation,
        yearly={key: _yearly(read, key) for key in {code, NATION}},
        schedules=read_schedules(read, code),
        assumptions=read_assumptions(japan_dir),
        behaviour=read_behaviour(japan_dir),
    )


def _yearly(read: Read, code: str) -> dict[str, dict[int, float]]:
    """The yearly counts of an area of towns/japan: item -> year -> value."""
    rows = read("prefecture_series", ("area", "year", "item"), ("value",), optional=True).where(area=code)
    found: dict[str, dict[int, float]] = {}
    for row in rows.rows:
        found.setdefault(row.texts["item"], {})[int(row.texts["year"])] = row.numbers["value"]
    return found


def read_evacuees(path: Path, toml: Mapping[str, Any], known_by: date | None) -> dict[str, Any]:
    """Those who fled here and are counted by the census of a year; nobody before it was known or without the table."""
    entry = toml.get("evacuees")
    if entry is None:
        return {}
    if not isinstance(entry, dict):
        raise InputError(f"{path}, [evacuees]: write it as a table with persons, source and known_from.")
    persons = toml_number(path, "[evacuees]", entry, "persons")
    if persons < 0:
        raise InputError(f"{path}, [evacuees]: persons is negative; write 0 or more.")
    known = day(path, "[evacuees]", entry.get("known_from", ""))
    year = int(toml_number(path, "[evacuees]", entry, "year"))
    return {"evacuees": persons, "evacuees_year": year} if known <= (known_by or date.max) else {}
