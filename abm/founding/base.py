"""What a town is founded on: its people, households and work on one day, as counted, at the scale of the real town."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from abm.errors import InputError
from abm.founding.census import GROUP, single_years
from abm.known.area import Stock
from abm.known.assumed import Assumed
from abm.known.scenario import Basis
from abm.known.stocks import SAME_DAY
from abm.known.town import BASES, Town
from abm.people.apportionment import Floats, Integers

FOREIGN_AGES = (20, 50)  # where no register tells ages; an assumption
OPEN_AGE = 80  # of the oldest registers
BUILDER_AGES = (20, 60)


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
    foreign: Floats  # [2, 101] residents
    builders: float  # reconstruction workers among the men of working age
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
        foreign=foreign_residents(town, day, people, about),
        builders=builders(town, day, people, about),
        scaled=town.carried_back,
    )


def foreign_residents(town: Town, day: float, people: Integers, about: Assumed) -> Floats:
    """Foreign residents among these people, float64[2, 101]: their share of the register nearest to a day, by age.

    Without a register that tells them: the assumed share, at working ages.
    """
    area, pairs = town.setting.area, {}
    for japanese in area.stocks("register", "japanese"):
        for total in area.stocks("register"):
            if abs(total.day - japanese.day) < SAME_DAY:
                pairs[abs(total.day - day)] = (total.people, japanese.people)
    if not pairs:
        young = np.zeros(people.shape)
        young[:, FOREIGN_AGES[0] : FOREIGN_AGES[1]] = people[:, FOREIGN_AGES[0] : FOREIGN_AGES[1]]
        alone: Floats = young / young.sum() * people.sum() * about.foreign / about.foreign_of
        return alone
    everybody, natives = pairs[min(pairs)]
    counted = everybody - natives
    by_age = np.zeros(people.shape)
    for group in range(OPEN_AGE // GROUP + 1):
        ages = slice(group * GROUP, people.shape[1] if group * GROUP == OPEN_AGE else (group + 1) * GROUP)
        there = counted[:, group] if group * GROUP < OPEN_AGE else counted[:, group:].sum(axis=1)
        exact = people[:, ages]
        by_age[:, ages] = there[:, None] * exact / np.maximum(exact.sum(axis=1), 1)[:, None]
    return np.asarray(by_age * people.sum() / everybody.sum())


def builders(town: Town, day: float, people: Integers, about: Assumed) -> float:
    """Reconstruction workers whom a census has counted (persons): men 20-59 beyond the register's, women's excess off.

    Only where a disaster has brought evacuees, whose own excess of men is subtracted, and where a register of about
    the same time is there: registered families elsewhere are of both sexes, workers are men. The factor is assumed.
    """
    area = town.setting.area
    stocks = area.stocks("register")
    if area.evacuees <= 0 or not stocks or min(abs(stock.day - day) for stock in stocks) > 1:
        return 0.0
    first, last = BUILDER_AGES
    more_men = [float(np.subtract(*stock.people[:, first // GROUP : last // GROUP].sum(axis=1))) for stock in stocks]
    registered = np.interp(day, [stock.day for stock in stocks], more_men)
    counted = float(np.subtract(*people[:, first:last].sum(axis=1))) * (1 - area.evacuees / people.sum())
    return float(max(counted - float(registered), 0.0) * about.builders_per_surplus_man)
