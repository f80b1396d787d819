"""A founding on the residents' register: its people, with households and work of the last census scaled to them."""

import numpy as np

from abm.founding.base import Base, census_base, foreign_residents
from abm.founding.census import AGES, GROUP
from abm.founding.jobs import employment_rates, unemployed_weights
from abm.known.area import Stock
from abm.known.assumed import Assumed
from abm.known.hazards import death_rates_at
from abm.known.stocks import single_stock
from abm.known.town import Town
from abm.people.apportionment import Floats, Integers, largest_remainders
from abm.people.population import OLDEST

ADULT, OLD, OLDER = 18, 65, 75


def register_base(town: Town, stock: Stock, about: Assumed) -> Base:
    """The register of a day; nobody in it is an evacuee, whose registration stayed at home."""
    census = census_base(town, about)
    people = whole_people(town, stock)
    rates = employment_rates(town.japan, census.people, census.employed, about)
    employed = _grown(census.employed, rates, census.people, people)
    unemployed = _grown(census.unemployed, unemployed_weights(about), census.people, people)
    return Base(
        basis="register",
        day=stock.day,
        people=people,
        households=_households(census, people),
        employed=employed,
        unemployed=unemployed,
        sectors=census.sectors * (employed.sum() / census.employed.sum()),
        evacuees=0.0,
        foreign=foreign_residents(town, stock.day, people, about),
        builders=0.0,  # those in the register have moved here like others
        scaled=True,
    )


def whole_people(town: Town, stock: Stock) -> Integers:
    """The stock's people by sex and single age, int64[2, 101]: its age groups and each sex's total are exact."""
    exact = single_stock(stock, town.setting.prefecture, death_rates_at(town.setting.schedules, stock.day))
    people = np.zeros((2, AGES), dtype=np.int64)
    starts = range(0, min(stock.open_age, OLDEST) + 1, GROUP)
    for sex in range(2):
        counted = stock.people[sex, : len(starts)]
        groups = largest_remainders(counted, round(float(counted.sum())))
        for start, persons in zip(starts, groups, strict=True):
            end = AGES if start == stock.open_age else start + GROUP
            people[sex, start:end] = largest_remainders(exact[sex, start:end], int(persons))
    return people


def _grown(counts: Integers, rates: Floats, before: Integers, now: Integers) -> Integers:
    """Counts by sex of the census, changed as the rates by age (float64[2, 101]) say for the people of now."""
    change = (rates * now).sum(axis=1) / np.maximum((rates * before).sum(axis=1), 1e-9)
    return np.asarray(np.rint(counts * change), dtype=np.int64)


def _households(census: Base, now: Integers) -> dict[str, float]:
    """The census's household totals at the same number per person of the ages that they are made of.

    Elderly households go with people of 65 and over, other people alone with those of 18-64, other nuclear families
    with those below 65, the rest with everybody, and residents of institutions with those of 75 and over.
    """
    before, h = census.people, census.households

    def change(first: int, last: int = AGES) -> float:
        return float(now[:, first:last].sum() / before[:, first:last].sum())

    old = change(OLD)
    single = h["elderly_single"] * old + (h["single"] - h["elderly_single"]) * change(ADULT, OLD)
    nuclear = h["elderly_couple"] * old + (h["nuclear"] - h["elderly_couple"]) * change(0, OLD)
    general = single + nuclear + (h["general"] - h["single"] - h["nuclear"]) * change(0)
    inside = (float(before.sum()) - h["members"]) * change(OLDER)
    return {
        "all": general + (h["all"] - h["general"]) * change(OLDER),
        "general": general,
        "members": float(now.sum()) - inside,
        "single": single,
        "nuclear": nuclear,
        "elderly_couple": h["elderly_couple"] * old,
        "elderly_single": h["elderly_single"] * old,
    }
