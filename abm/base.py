"""What a town is founded on: its people, households and work on one day, as counted, at the scale of the real town."""

from collections.abc import Mapping
from typing import NamedTuple

from abm.apportionment import Floats, Integers
from abm.area import Stock
from abm.assumed import Assumed
from abm.census import single_years
from abm.errors import InputError
from abm.scenario import Basis
from abm.stocks import SAME_DAY
from abm.town import BASES, Town


class Base(NamedTuple):
    """The figures of a founding; sex axis 0 = male, 1 = female."""

    basis: Basis
    day: float  # of the stock, in years: 2015.75 is 1 October 2015
    people: Integers  # [2, 101]
    households: Mapping[str, float]  # as in `Town.households`
    employed: Integers  # [2]
    unemployed: Integers  # [2]
    sectors: Floats  # [3] employed of the primary, secondary and tertiary sector
    evacuees: float  # counted by the census only
    foreign: float  # residents
    scaled: bool  # households and work are those of the census, scaled to the people of another day

    @property
    def start(self) -> int:
        """The year of the stock."""
        return int(self.day)


def launch_stock(town: Town, basis: str, start: int | None) -> Stock:
    """The stock of a basis in a year (default: its newest) on which the town can be founded; else InputError.

    Households and work are known from the newest census only, so a launch must not lie before that became known.
    """
    if basis not in BASES:
        raise InputError(f"basis: there is no basis {basis!r}; choose from {', '.join(town.bases)}.")
    area = town.setting.area
    stocks = area.stocks(basis)
    years = ", ".join(str(int(stock.day)) for stock in stocks)
    if not stocks:
        raise InputError(f"basis: {town.key} has no {basis} of all residents; add its table or give another basis.")
    found = [stock for stock in stocks if start is None or int(stock.day) == start]
    if not found:
        raise InputError(f"start: the {basis} of {town.key} has no stock of {start}; there are {years}.")
    stock, census = found[-1], area.census[-1]
    if stock.known_from < census.known_from:
        raise InputError(
            f"start: {town.key} cannot be founded in {int(stock.day)}: households and work are known of the census of "
            f"{int(census.day)} only, which came out later; use `machi cohort`."
        )
    return stock


def census_base(town: Town, about: Assumed) -> Base:
    """The newest census."""
    day = town.setting.area.census[-1].day
    people = single_years(town.japan, town.census[-1], town.census_total[-1])
    return Base(
        basis="census",
        day=day,
        people=people,
        households=town.households,
        employed=town.employed,
        unemployed=town.unemployed,
        sectors=town.sector_employed,
        evacuees=town.setting.area.evacuees,
        foreign=foreign_residents(town, day, float(people.sum()), about),
        scaled=False,
    )


def foreign_residents(town: Town, day: float, people: float, about: Assumed) -> float:
    """Foreign residents among so many people: the share of the register nearest to a day, else the assumed one."""
    area = town.setting.area
    shares = {}
    for japanese in area.stocks("register", "japanese"):
        for total in area.stocks("register"):
            if abs(total.day - japanese.day) < SAME_DAY:
                shares[abs(total.day - day)] = 1 - float(japanese.people.sum() / total.people.sum())
    return people * (shares[min(shares)] if shares else about.foreign / about.foreign_of)
