"""The reference arm before alignment: base tables of a founded town in a scenario, every factor still 1."""

import numpy as np
from numpy.typing import NDArray

from abm.decisions.arrivals import joined, joined_units
from abm.forecast.rates import Rates
from abm.known.hazards import AGES, mortality_path
from abm.known.town import Town
from abm.levels import birth_levels, by_age, home_levels, marriage_levels, move_levels, work_levels
from abm.levels.reference import Numbers, Reference
from abm.people.population import SECTORS, Population

Array = NDArray[np.float64]


def unaligned(town: Town, rates: Rates, population: Population) -> tuple[Reference, Array]:
    """Base tables on the founded population, and the gross out-rates [2, 101] that leaving is fitted to."""
    years, sectors = len(rates.years), len(SECTORS)
    persons, residents = population.persons, population.residents
    jobs, participation = work_levels.jobs_base(town, persons, residents)
    out = move_levels.gross_out_rates(town, rates.net[0], by_age.per_age(persons, residents))
    search = marriage_levels.search_base(town)
    divorces = marriage_levels.divorces_base(town, persons, residents)
    away_death = mortality_path(town.japan, rates.begins)  # those away die at national rates
    reference = Reference(
        rates=rates,
        jobs=jobs,
        search=search,
        divorces=divorces,
        births=birth_levels.births_base(town, persons, residents, divorces, float(rates.birth[0].sum())),
        moves=move_levels.tied(move_levels.moves_base(town, out, lifetime_return(town)), persons, population.n),
        away_marriage=search.by_age * town.japan.assumptions["search_success"].value,
        away_death=away_death,
        home=home_levels.at_home_base(town),
        going_back=home_levels.going_back_base(town, years),
        joining=home_levels.joining_base(town, years),
        institution=home_levels.institution_base(town, persons, population.households, rates.death[0]),
        numbers=_numbers(town, participation),
        search_factor=np.ones(years),
        outside=np.zeros((years, 2)),
        birth_factor=np.ones((years, AGES)),
        base_births=np.ones(8),
        leave_factor=np.ones((years, 2, AGES)),
        leaving=out,
        slots=np.zeros((years + 1, sectors)),
        vacancies=np.zeros((years + 1, sectors)),
        in_commuters=np.zeros((years + 1, sectors)),
        arrivals=joined([]),
        arrivals_from=np.zeros(years + 1, np.int64),
        units=joined_units([]),
        units_from=np.zeros(years + 1, np.int64),
        floored=np.zeros(years),
        targets=np.zeros((years, 4)),
    )
    return reference, out


def _numbers(town: Town, participation: float) -> Numbers:
    """Single figures of the year, from the named assumptions and shapes of behaviour."""
    assumed, shape = town.japan.assumptions, town.japan.behaviour
    boys = assumed["sex_ratio_at_birth"].value
    figures = {
        "male_share": boys / (1 + boys),
        "joins_parents": shape["marriage"]["joins_parents"],
        "participation": participation,
        "matching": shape["work"]["matching"],
        "commuting": shape["work"]["commuters_fill"],
        "elasticity": shape["pull"]["elasticity"],
        "marriages_per_participant": shape["matchmaking"]["marriages_per_participant"],
        "base_marriages": 1.0,
        "base_searchers": 1.0,
        "away_gap": shape["marriage"]["away_gap"],
        "held_by_parent": shape["home"]["held_by_parent"],
        "divorced_to_parents": shape["elders"]["divorced_to_parents"],
        "away_to": shape["return"]["followed_to"],
        "group_size": shape["marriage"]["group_size"],
    }
    return Numbers(**{name: np.array([value], dtype=float) for name, value in figures.items()})


def lifetime_return(town: Town) -> float:
    """Lifetime return of leavers: lower where the cohort's net loss from 10-14 to 20-24 is heavy."""
    assumed, census, years = town.japan.assumptions, town.census, town.census_years
    grown, young = census[-1][:, 4].sum(), census[years.index(years[-1] - 10)][:, 2].sum()
    heavy = 1 - grown / young > assumed["uturn_heavy_loss_from"].value
    return assumed["uturn_lifetime_heavy_loss" if heavy else "uturn_lifetime"].value
