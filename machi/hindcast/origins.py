"""The launches of an area in the past and the later stocks that judge them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from abm.errors import InputError
from abm.known.area import Area, Stock
from abm.known.setting import NATION, Setting, read_prefecture, read_prefectures, read_setting
from machi.places import Places

BASES = ("register", "census")
HORIZONS = (5, 10)  # years
# A register that moves its day of the year (31 March until 2013, 1 January since) has stocks 4.75 and 9.75 years on.
NEAR = 0.3  # years
# Rolling origins begin here: earlier ones have fewer than three censuses, or no register, behind them (assumption).
FIRST_LAUNCH = {"register": 2006, "census": 1995}
JAPANESE = "japanese"


class Subject(NamedTuple):
    """An area that is forecast: a town with its folder, or a prefecture of towns/japan (folder None)."""

    key: str
    folder: Path | None
    japan: Path

    @property
    def is_town(self) -> bool:
        """Whether it is a town."""
        return self.folder is not None

    def read(self, known_by: date | None = None) -> Setting:
        """The area in its surroundings, with only those rows that were known by a day."""
        if self.folder is None:
            return read_prefecture(self.japan, self.key, known_by)
        return read_setting(self.folder, self.japan, known_by)


class Question(NamedTuple):
    """Which origins are asked for: bases, the register's nationality, and a launch or end year where one is named."""

    bases: tuple[str, ...] = BASES
    nationality: str = JAPANESE
    launch: int | None = None
    end: int | None = None


class Origin(NamedTuple):
    """One launch of one area on one basis, with the later stocks that judge it."""

    subject: Subject
    basis: str
    nationality: str  # of the register's stocks and flows
    launch: Stock
    ends: tuple[Stock, ...]

    @property
    def year(self) -> int:
        """The year of the launch."""
        return int(self.launch.day)

    def horizon(self, end: Stock) -> float:
        """Years from the launch to an end."""
        return end.day - self.launch.day


def subjects(places: Places, names: Sequence[str] = ()) -> list[Subject]:
    """The named towns and prefectures (two digits), else every town and every prefecture of towns/japan.

    Raises InputError for a town or prefecture that is not there.
    """
    japan = places.japan_dir()
    codes = [code for code in read_prefectures(japan) if code != NATION]
    found = []
    for name in dict.fromkeys(names or [*places.towns(), *codes]):
        if name.isdecimal():
            if name not in codes:
                raise InputError(f"town: there is no prefecture {name}; there are {', '.join(codes)}.")
            found.append(Subject(name, None, japan))
        else:
            folder = places.town_dir(name)
            found.append(Subject(folder.resolve().name, folder, japan))
    return found


def check_years(question: Question) -> None:
    """Raise InputError where the end does not lie after the launch."""
    launch, end = question.launch, question.end
    if launch is not None and end is not None and end <= launch:
        raise InputError(f"--end: {end} is not after the launch {launch}; give a later year.")


def origins(subject: Subject, area: Area, question: Question) -> list[Origin]:
    """The origins of an area, oldest first: every stock with others about 5 and 10 years later, or the pair asked for.

    area: all that is known today, since it judges. Raises InputError where a launch or end is asked for that no basis
    of the area has.
    """
    check_years(question)
    found = []
    for basis in question.bases:
        stocks = area.stocks(basis, question.nationality)
        nationality = question.nationality if basis == "register" else JAPANESE
        for launch in stocks:
            ends = tuple(end for end in stocks if _judges(launch, end, basis, question))
            if ends:
                found.append(Origin(subject, basis, nationality, launch, ends))
    if not found and (question.launch is not None or question.end is not None):
        raise InputError(_nothing(area, question))
    return found


def _judges(launch: Stock, end: Stock, basis: str, question: Question) -> bool:
    """Whether an end judges a launch: years that are asked for both, any span; else about 5 or 10 years."""
    if question.launch is not None and question.end is not None:
        return (int(launch.day), int(end.day)) == (question.launch, question.end)
    if question.launch is None and launch.day < FIRST_LAUNCH[basis]:
        return False
    if question.launch not in (None, int(launch.day)) or question.end not in (None, int(end.day)):
        return False
    return any(abs(end.day - launch.day - years) < NEAR for years in HORIZONS)


def _nothing(area: Area, question: Question) -> str:
    """Why nothing can be judged, and what can."""
    there, years = [], set()
    for basis in question.bases:
        of_basis = [int(stock.day) for stock in area.stocks(basis, question.nationality)]
        years |= set(of_basis)
        there.append(f"{basis} {', '.join(map(str, of_basis)) or 'none'}")
    stocks = f"{area.key} has stocks of {'; '.join(there)}"
    for option, year in (("--launch", question.launch), ("--end", question.end)):
        if year is not None and year not in years:
            return f"{option}: there is no stock of {year}; {stocks}."
    if question.launch is not None and question.end is not None:
        return f"--end: no basis has both {question.launch} and {question.end}; {stocks}."
    year, option = (question.launch, "--end") if question.launch is not None else (question.end, "--launch")
    return f"{option}: no stock lies 5 or 10 years from {year}; name the other year of the pair ({stocks})."
