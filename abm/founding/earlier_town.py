"""A town as it was at the census before its newest: for checks of what has happened since, never for forecasts.

Its people are those of that census. Households and work of the time are not in its tables: they are the newest
census's, carried back as the prefecture's figures per resident have changed. The fit table calls them estimates.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from abm.errors import InputError
from abm.known.japan import STRUCTURE_YEARS
from abm.known.town import Town
from abm.reading.tables import Floats, Integers

# the town's items and the prefecture's of the same meaning
_HOUSEHOLDS = {
    "general": "general_households", "members": "household_members", "single": "single_households",
    "nuclear": "nuclear_households", "elderly_couple": "elderly_couples", "elderly_single": "elderly_singles",
}  # fmt: skip
_SECTORS = ("primary", "secondary", "tertiary")


def earlier_town(town: Town) -> Town:
    """The town of the census before: its people, civil states and work by age of that time, estimates for the rest.

    Raises InputError where the town or the prefecture has no figures of that census.
    """
    year = STRUCTURE_YEARS[0]
    if year not in town.census_years or not (town.japan.households_2010 and town.japan.work_2010):
        raise InputError(
            f"start: {town.key} has no census of {year} with the prefecture's households and work; add it."
        )
    last = town.census_years.index(year) + 1
    grown = float(town.census_total[last - 1].sum() / town.census_total[-1].sum())
    employed, unemployed, sectors = _work(town, grown)
    area = town.setting.area
    return replace(
        town,
        census_years=town.census_years[:last],
        census=town.census[:last],
        census_total=town.census_total[:last],
        households=_households(town, grown),
        employed=employed,
        unemployed=unemployed,
        sector_employed=sectors,
        setting=replace(town.setting, area=replace(area, census=area.census[:last], evacuees=area.fled_in(year))),
        japan=replace(town.japan, civil_share=town.japan.civil_share_2010,
                      employed_rate=town.japan.employed_rate_2010),
        carried_back=True,
    )  # fmt: skip


def _changes(town: Town, before: Mapping[str, float], now: Mapping[str, float], names: tuple[str, ...]) -> list[float]:
    """The prefecture's figures per resident of the census before over those of the newest."""
    japan = town.japan
    people = [float(japan.census[japan.census_years.index(year)].sum()) for year in STRUCTURE_YEARS]
    missing = [name for name in names if not before.get(name) or not now.get(name)]
    if missing:
        raise InputError(f"{town.key}: the prefecture has no {missing[0]} of {STRUCTURE_YEARS[0]}; add it.")
    return [before[name] / people[0] / (now[name] / people[1]) for name in names]


def _households(town: Town, grown: float) -> dict[str, int]:
    """Household totals; institutions (by definition counted anew in between) keep their number per household."""
    names = tuple(_HOUSEHOLDS.values())
    changes = _changes(town, town.japan.households_2010, town.japan.households, names)
    found = {own: town.households[own] * grown * by for own, by in zip(_HOUSEHOLDS, changes, strict=True)}
    found["members"] = min(found["members"], float(town.census_total[-1].sum()) * grown)
    found["all"] = found["general"] * town.households["all"] / town.households["general"]
    return {item: round(value) for item, value in found.items()}


def _work(town: Town, grown: float) -> tuple[Integers, Integers, Floats]:
    """Employed and unemployed by sex, and the employed of the three sectors."""
    before, now = town.japan.work_2010, town.japan.work
    men, women, jobless = _changes(town, before, now, ("employed_men", "employed_women", "unemployed"))
    employed = np.rint(town.employed * grown * np.array([men, women])).astype(np.int64)
    sectors = town.sector_employed * np.array(_changes(town, before, now, _SECTORS))
    unemployed = np.rint(town.unemployed * grown * jobless).astype(np.int64)
    return employed, unemployed, sectors * employed.sum() / sectors.sum()
