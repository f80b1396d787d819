"""Which of the five kinds a downloaded file is, and its reading; a wrong file is named with its reason."""

from datetime import date
from pathlib import Path

from abm.errors import InputError
from machi.intake.cells import age_label
from machi.intake.census import read_census
from machi.intake.crosstab import Crosstab, crosstab
from machi.intake.projection import read_projection
from machi.intake.register import Said, read_register, stock_of
from machi.intake.sheets import Sheet, read_sheets
from machi.intake.ssdse import is_ssdse, read_ssdse
from machi.intake.tidy import Reading
from machi.intake.vital import read_vital

KINDS = {  # what each kind is called (ja, en)
    "census": ("国勢調査 男女・年齢5歳階級別人口", "census by sex and five-year age group"),
    "register": ("住民基本台帳 年齢階級別人口", "residents' register by sex and age"),
    "vital": ("住民基本台帳 人口動態", "residents' register, births, deaths and moves"),
    "ssdse": ("SSDSE-市区町村（SSDSE-A）", "SSDSE-A"),
    "projection": ("社人研 将来推計人口", "projection of the institute (IPSS)"),
}
NATIONALITIES = ("japanese", "total")
FEWEST_AGES = 10


def split_said(option: str, text: str) -> tuple[Path, Said]:
    """The file of an option and what the user says of it: `FILE`, `FILE=2015`, `FILE=2014-01-01,total`."""
    name, equals, rest = text.rpartition("=")
    if not equals or Path(text).exists():
        return Path(text), Said()
    day: date | None = None
    people: str | None = None
    for word in filter(None, rest.split(",")):
        if word in NATIONALITIES:
            people = word
            continue
        try:
            day = stock_of(int(word)) if len(word) == 4 else date.fromisoformat(word)
        except ValueError as error:
            wrong = f"--{option}: {word!r} after {name} is neither a year, a day nor japanese or total"
            raise InputError(f"{wrong}; write FILE=2014-01-01,total.") from error
    return Path(name), Said(day, people)


def kind_of(sheet: Sheet, table: Crosstab | None) -> str | None:
    """The kind of a sheet by what its header names, None where it is none of the five."""
    if is_ssdse(sheet):
        return "ssdse"
    if table is None:
        return None
    heads = [part for parts in table.header for part in parts]
    ages = len({age for age in map(age_label, heads) if age is not None and age.kind == "group"})
    if all(any(word in part for part in heads) for word in ("出生", "死亡", "転入")):
        return "vital"
    if any("団体コード" in part for part in heads):
        return "register" if ages >= FEWEST_AGES else None
    if any("市などの別" in part for part in heads) or (ages and any("推計" in line for line in table.title)):
        return "projection"
    rows = {cell for row in table.body[:500] for cell in row}
    in_rows = len({age for age in map(age_label, rows) if age is not None and age.kind == "group"})
    return "census" if max(ages, in_rows) >= FEWEST_AGES else None


def read_file(kind: str, path: Path, code: str, said: Said) -> Reading:
    """The reading of a file that a user calls a census, register, vital, ssdse or projection file.

    The first sheet of that kind that has the municipality is read; InputError, one sentence, where there is none.
    """
    sheets = [(sheet, crosstab(sheet)) for sheet in read_sheets(path)]
    kinds = [kind_of(sheet, table) for sheet, table in sheets]
    if kind not in kinds:
        other = next((found for found in kinds if found), None)
        if other:
            raise InputError(f"{path} is no {KINDS[kind][1]} but looks like {KINDS[other][1]}; give it with --{other}.")
        raise InputError(f"{path} is no {KINDS[kind][1]}: no header with its columns was found; give another file.")
    problem: InputError | None = None
    for (sheet, table), found in zip(sheets, kinds, strict=True):
        if found != kind:
            continue
        try:
            return _read(kind, sheet, table, code, said)
        except InputError as error:
            problem = problem or error
    raise problem or InputError(f"{path} could not be read as {KINDS[kind][1]}; give another file.")


def _read(kind: str, sheet: Sheet, table: Crosstab | None, code: str, said: Said) -> Reading:
    if kind == "ssdse" or table is None:
        return read_ssdse(sheet, code)
    if kind == "census":
        return read_census(table, code, said.day.year if said.day else None)
    if kind == "projection":
        return read_projection(table, code)
    return read_register(table, code, said) if kind == "register" else read_vital(table, code, said)
